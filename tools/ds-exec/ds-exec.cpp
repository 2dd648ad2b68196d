//===- ds-exec.cpp - Executes ds modules on virtual ranks ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The judge of every transformation: runs a module before and after passes in
// the reference interpreter and compares.
//===--------------------------------------------------------------------===//

#include "../Diagnostics.h"
#include "ds/Dialect/StableHLO/StableHLO.h"
#include "ds/Interpreter/Compare.h"
#include "ds/Passes/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Support/ToolUtilities.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace ds;
namespace cl = llvm::cl;

static cl::OptionCategory category("ds-exec");
static cl::opt<std::string> file(cl::Positional, cl::desc("FILE"),
                                 cl::init("-"), cl::cat(category));
static cl::opt<std::string>
    beforePasses("before",
                 cl::desc("Pass pipeline of the program that is right"),
                 cl::cat(category));
static cl::opt<std::string> afterPasses(
    "after",
    cl::desc("Pass pipeline of the program that is checked; $world stands for "
             "the number of ranks, $function for the function"),
    cl::cat(category));
static cl::list<int64_t> worlds("worlds", cl::CommaSeparated,
                                cl::desc("Numbers of ranks (default 1,2,3,4)"),
                                cl::cat(category));
static cl::opt<int64_t> steps("steps", cl::desc("Calls of the entry"),
                              cl::init(2), cl::cat(category));
static cl::list<std::string>
    entries("entry", cl::CommaSeparated,
            cl::desc("Functions to run (default train)"), cl::cat(category));
static cl::opt<double> rtol("rtol", cl::desc("Allowed relative difference"),
                            cl::init(1e-9), cl::cat(category));
static cl::list<std::string> gradientsOf(
    "check-gradients", cl::CommaSeparated,
    cl::desc("Compare @<f>_grad with finite differences of @<f> instead, after "
             "--after (default ds-differentiate{function=$function})"),
    cl::value_desc("f,.."), cl::cat(category));
static cl::opt<bool>
    print("print", cl::desc("Print the results of one run after --after"),
          cl::cat(category));
static cl::opt<bool>
    split("split-input-file",
          cl::desc("Every part between lines of '// -----' is a module; a part "
                   "that fails has no results, and the others follow"),
          cl::cat(category));

static void replaceAll(std::string &text, StringRef from, StringRef to) {
  for (size_t at = 0;
       (at = text.find(from.data(), at, from.size())) != std::string::npos;
       at += to.size())
    text.replace(at, from.size(), to.data(), to.size());
}

/// A copy of `input` after a pipeline; null after an error.
static OwningOpRef<ModuleOp> transform(ModuleOp input, std::string pipeline,
                                       int64_t world, StringRef function) {
  replaceAll(pipeline, "$world", std::to_string(world));
  replaceAll(pipeline, "$function", function);
  OwningOpRef<ModuleOp> module(cast<ModuleOp>(input->clone()));
  PassManager pm(input.getContext());
  if (failed(applyPassManagerCLOptions(pm)) ||
      failed(parsePassPipeline(pipeline, pm)) || failed(pm.run(*module)))
    return {};
  return module;
}

static LogicalResult checkGradientsOf(ModuleOp input, StringRef function) {
  std::string pipeline = afterPasses.getNumOccurrences()
                             ? afterPasses.getValue()
                             : "ds-differentiate{function=$function}";
  auto module = transform(input, pipeline, 1, function);
  return module ? checkGradients(*module, function, llvm::outs()) : failure();
}

static LogicalResult printEntry(ModuleOp input, StringRef entry) {
  int64_t world = worlds.empty() ? 1 : worlds.front();
  auto module = transform(input, afterPasses, world, entry);
  return module ? printResults(*module, entry, world, llvm::outs()) : failure();
}

static LogicalResult compareEntry(ModuleOp input, StringRef entry) {
  auto before = transform(input, beforePasses, 1, entry);
  if (!before)
    return failure();
  SmallVector<int64_t> all(worlds.begin(), worlds.end());
  if (all.empty())
    all = {1, 2, 3, 4};
  CompareOptions options{entry.str(), steps, rtol};
  for (int64_t world : all) {
    auto after = transform(input, afterPasses, world, entry);
    if (!after ||
        failed(compare(*before, *after, world, options, llvm::outs())))
      return failure();
  }
  return success();
}

static LogicalResult execute(ModuleOp input) {
  SmallVector<std::string> names(entries.begin(), entries.end());
  if (!gradientsOf.empty())
    names.assign(gradientsOf.begin(), gradientsOf.end());
  else if (names.empty())
    names = {"train"};
  for (StringRef name : names) {
    if (print || (gradientsOf.empty() && names.size() > 1))
      llvm::outs() << "@" << name << "\n";
    auto run = !gradientsOf.empty() ? checkGradientsOf
               : print              ? printEntry
                                    : compareEntry;
    if (failed(run(input, name)))
      return failure();
  }
  return success();
}

int main(int argc, char **argv) {
  llvm::InitLLVM initialize(argc, argv);
  registerTransformsPasses();
  ds::registerAllPasses();
  registerPassManagerCLOptions();
  cl::HideUnrelatedOptions(category);
  if (!cl::ParseCommandLineOptions(
          argc, argv, "Executes ds modules on virtual ranks and compares.\n",
          &llvm::errs()))
    return 2;
  std::string message;
  auto input = openInputFile(file, &message);
  if (!input) {
    llvm::errs() << "ds-exec: error: " << message << "\n";
    return 1;
  }

  DialectRegistry registry;
  registry.insert<DSDialect, func::FuncDialect, scf::SCFDialect,
                  arith::ArithDialect>();
  registerStableHLO(registry);
  tools::improveDiagnostics(registry);
  MLIRContext context(registry);
  // The result must not depend on the order in which threads report errors.
  context.disableMultithreading();
  context.printOpOnDiagnostic(false);
  auto run = [&](std::unique_ptr<llvm::MemoryBuffer> part, raw_ostream &) {
    llvm::SourceMgr sources;
    sources.AddNewSourceBuffer(std::move(part), {});
    SourceMgrDiagnosticHandler handler(sources, &context);
    OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(sources, &context);
    return module ? execute(*module) : failure();
  };
  return failed(splitAndProcessBuffer(std::move(input), run, llvm::outs(),
                                      split ? kDefaultSplitMarker : "",
                                      kDefaultSplitMarker));
}
