//===- ds-model.cpp - Writes models of known families -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   ds-model gpt2-124m -o gpt2.mlir
//===--------------------------------------------------------------------===//

#include "../CommandLine.h"
#include "Model.h"

#include "mlir/IR/Verifier.h"
#include "mlir/Support/FileUtilities.h"
#include "llvm/Support/ToolOutputFile.h"

using namespace ds;

namespace {

int fail(int code, const std::string &message) {
  std::fprintf(stderr, "ds-model: error: %s\n", message.c_str());
  return code;
}

struct Options {
  std::string name, output = "-", hf;
  std::optional<int64_t> layers, width, heads, kvHeads, mlpWidth, vocab, seqLen;
  double dropout = 0;
};

/// The named shape with the flags' changes.  The MLP of a GPT-2 follows its
/// width, the key heads of a model with as many as heads follow these.
ModelShape shapeOf(const ModelShape &named, const Options &o) {
  ModelShape s = named;
  auto set = [](int64_t &field, std::optional<int64_t> value) {
    field = value.value_or(field);
  };
  bool follows = s.kvHeads == s.heads;
  set(s.layers, o.layers);
  set(s.width, o.width);
  set(s.heads, o.heads);
  if (follows)
    s.kvHeads = s.heads;
  set(s.kvHeads, o.kvHeads);
  if (o.width && !s.llama)
    s.mlpWidth = 4 * s.width;
  set(s.mlpWidth, o.mlpWidth);
  set(s.vocab, o.vocab);
  // Another shape is no longer the named model; another length is.
  if (o.layers || o.width || o.heads || o.kvHeads || o.mlpWidth || o.vocab)
    s.name = std::string(s.llama ? "llama" : "gpt2") + "-" +
             std::to_string(s.layers) + "x" + std::to_string(s.width);
  set(s.seqLen, o.seqLen);
  s.dropout = o.dropout;
  return s;
}

int write(const ModelShape &shape, const std::string &output) {
  mlir::MLIRContext context;
  context.loadDialect<DSDialect>();
  mlir::OwningOpRef<mlir::ModuleOp> module = buildModel(context, shape);
  if (failed(mlir::verify(*module)))
    return fail(70, "the model is malformed");
  std::string message;
  auto file = mlir::openOutputFile(output, &message);
  if (!file)
    return fail(1, message);
  module->print(file->os());
  file->os().flush();
  if (file->os().has_error()) {
    file->os().clear_error();
    return fail(1, "cannot write '" + output + "'");
  }
  file->keep();
  return 0;
}

} // namespace

int main(int argc, char **argv) {
  CLI::App app("Writes a model of a known family: forward pass and loss",
               "ds-model");
  Options o;
  std::vector<std::string> names;
  std::string list;
  for (const ModelShape &shape : namedModels()) {
    names.push_back(shape.name);
    list += (list.empty() ? "" : ", ") + shape.name;
  }
  app.add_option("model", o.name, "One of " + list);
  app.add_option("-o,--output", o.output,
                 "File to write; - is standard output");
  app.add_option("--layers", o.layers, "Number of blocks");
  app.add_option("--width", o.width, "Size of the residual stream");
  app.add_option("--heads", o.heads, "Query heads");
  app.add_option("--kv-heads", o.kvHeads, "Key and value heads");
  app.add_option("--mlp-width", o.mlpWidth, "Hidden size of the MLP");
  app.add_option("--vocab", o.vocab, "Vocabulary");
  app.add_option("--seq-len", o.seqLen, "Positions");
  app.add_option("--dropout", o.dropout,
                 "GPT-2: probability of dropping, in training");
  app.add_option("--hf", o.hf, "Not built yet");
  if (auto code = tools::parse(app, argc, argv))
    return *code;
  if (!o.hf.empty())
    return fail(2, "'--hf' is not built yet");
  if (o.name.empty())
    return fail(2, "expects a model: " + list);
  for (const ModelShape &named : namedModels())
    if (named.name == o.name) {
      ModelShape shape = shapeOf(named, o);
      if (auto why = checkShape(shape))
        return fail(2, *why);
      return write(shape, o.output);
    }
  return fail(2, "unknown model '" + o.name + "'" +
                     ds::rt::didYouMean(o.name, names) + "; known: " + list);
}
