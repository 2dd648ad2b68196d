//===- Arguments.cpp - Parameters, buffers and inputs -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A module of JAX is a function of tensors: which of them are to be trained is
// not in it.  Attributes say it best, then a signature's file; the rule at the
// end knows how jax.jit flattens (params, batch).
//===--------------------------------------------------------------------===//

#include "Arguments.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;

namespace ds::hlo {
namespace {

constexpr StringLiteral kNameAttr = "ds.name", kKindAttr = "ds.kind",
                        kTrainableAttr = "ds.trainable", kInitAttr = "ds.init",
                        kResultAttr = "ds.result";

std::optional<Kind> kindOf(StringRef text) {
  return llvm::StringSwitch<std::optional<Kind>>(text)
      .Case("parameter", Kind::Parameter)
      .Case("buffer", Kind::Buffer)
      .Case("state", Kind::State)
      .Case("input", Kind::Input)
      .Default(std::nullopt);
}

/// The name that JAX gave an argument in its locations: "params['w'][0]".
StringRef pathOf(BlockArgument argument) {
  auto name = dyn_cast<NameLoc>(argument.getLoc());
  return name ? name.getName().getValue() : "";
}

/// "params['w'][0].scale" as "params.w.0.scale".
std::string dotted(StringRef path) {
  std::string name;
  for (char c : path) {
    const bool part = c != '[' && c != '.' && c != ']' && c != '\'' && c != '"';
    if (part)
      name += c;
    else if ((c == '[' || c == '.') && !name.empty())
      name += '.';
  }
  return name;
}

StringRef rootOf(StringRef path) {
  return path.take_until([](char c) { return c == '[' || c == '.'; });
}

//===--------------------------------------------------------------------===//
// The signature's file
//===--------------------------------------------------------------------===//

/// Reads one entry; the text of what is wrong with it, or nothing.
std::string readEntry(const llvm::json::Value &value, Argument &argument) {
  const llvm::json::Object *entry = value.getAsObject();
  if (!entry)
    return "expects an object";
  for (const auto &[key, field] : *entry)
    if (key != "name" && key != "kind" && key != "trainable" && key != "result")
      return "has the unknown key '" + key.str() +
             "'; expects name, kind, trainable and result";
  std::optional<StringRef> name = entry->getString("name");
  if (!name || name->empty())
    return "expects a 'name' that is a string";
  argument.name = name->str();
  std::optional<StringRef> word = entry->getString("kind");
  std::optional<Kind> kind = word ? kindOf(*word) : std::nullopt;
  if (!kind)
    return "expects a 'kind' of parameter, buffer, state or input, but got " +
           (word ? "'" + word->str() + "'" : std::string("none"));
  argument.kind = *kind;
  argument.trainable = argument.kind == Kind::Parameter;
  if (const llvm::json::Value *field = entry->get("trainable")) {
    std::optional<bool> trainable = field->getAsBoolean();
    if (!trainable)
      return "expects 'trainable' to be true or false";
    if (*trainable && argument.kind != Kind::Parameter)
      return "expects 'trainable' of a parameter only";
    argument.trainable = *trainable;
  }
  const llvm::json::Value *result = entry->get("result");
  if ((result != nullptr) != (argument.kind == Kind::State))
    return result ? "expects 'result' of a state only"
                  : "expects 'result', the number of the function's result "
                    "that is the state's new value";
  if (result) {
    std::optional<int64_t> number = result->getAsInteger();
    if (!number)
      return "expects 'result' to be an integer";
    argument.result = *number;
  }
  return "";
}

FailureOr<std::vector<Argument>> readSignature(func::FuncOp main,
                                               StringRef path) {
  auto bad = [&](const Twine &text) {
    return mlir::emitError(main.getLoc())
           << "signature '" << path << "' " << text.str();
  };
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return bad("cannot be read: " + buffer.getError().message());
  llvm::Expected<llvm::json::Value> json =
      llvm::json::parse((*buffer)->getBuffer());
  if (!json)
    return bad("is not JSON: " + llvm::toString(json.takeError()));
  const llvm::json::Object *object = json->getAsObject();
  const llvm::json::Array *entries =
      object ? object->getArray("arguments") : nullptr;
  if (!entries)
    return bad("expects an object with the list 'arguments'");
  if (entries->size() != main.getNumArguments())
    return bad("expects " + Twine(main.getNumArguments()) +
               " entries in 'arguments', one for each argument of @main, but "
               "got " +
               Twine(entries->size()));
  std::vector<Argument> arguments(entries->size());
  for (auto [i, entry] : llvm::enumerate(*entries))
    if (std::string why = readEntry(entry, arguments[i]); !why.empty())
      return bad("entry " + Twine(i) + " " + why);
  return arguments;
}

//===--------------------------------------------------------------------===//
// Attributes
//===--------------------------------------------------------------------===//

bool hasAttributes(func::FuncOp main) {
  for (unsigned i = 0; i < main.getNumArguments(); ++i)
    if (main.getArgAttr(i, kKindAttr))
      return true;
  return false;
}

FailureOr<std::vector<Argument>> readAttributes(func::FuncOp main) {
  std::vector<Argument> arguments(main.getNumArguments());
  for (auto [i, argument] : llvm::enumerate(arguments)) {
    Location loc = main.getArgument(i).getLoc();
    Attribute word = main.getArgAttr(i, kKindAttr);
    auto text = dyn_cast_or_null<StringAttr>(word);
    std::optional<Kind> kind = text ? kindOf(text.getValue()) : std::nullopt;
    if (!kind)
      return mlir::emitError(loc)
             << "expects 'ds.kind' of argument " << i
             << " to be \"parameter\", \"buffer\", \"state\" or \"input\", but "
                "got "
             << (word ? word : StringAttr::get(main.getContext()));
    argument.kind = *kind;
    argument.trainable = argument.kind == Kind::Parameter;
    if (Attribute name = main.getArgAttr(i, kNameAttr)) {
      auto string = dyn_cast<StringAttr>(name);
      if (!string || string.getValue().empty())
        return mlir::emitError(loc) << "expects 'ds.name' of argument " << i
                                    << " to be a string, but got " << name;
      argument.name = string.str();
    }
    if (Attribute trainable = main.getArgAttr(i, kTrainableAttr)) {
      auto truth = dyn_cast<BoolAttr>(trainable);
      if (!truth)
        return mlir::emitError(loc)
               << "expects 'ds.trainable' of argument " << i
               << " to be true or false, but got " << trainable;
      argument.trainable = truth.getValue();
    }
    Attribute result = main.getArgAttr(i, kResultAttr);
    auto number = dyn_cast_or_null<IntegerAttr>(result);
    if (argument.kind == Kind::State && !number)
      return mlir::emitError(loc)
             << "expects 'ds.result' of argument " << i
             << ", a state, to be the number of the result that is its new "
                "value, but got "
             << (result ? result : StringAttr::get(main.getContext()));
    if (argument.kind == Kind::State)
      argument.result = number.getInt();
    argument.init = main.getArgAttr(i, kInitAttr);
  }
  return arguments;
}

//===--------------------------------------------------------------------===//
// The rule
//===--------------------------------------------------------------------===//

/// How many arguments, from the first on, are parameters: without names those
/// before the batch, whose members are the last arguments with one leading
/// dimension; with names those of the function's first argument.
size_t countParameters(func::FuncOp main, std::string &rule) {
  Block::BlockArgListType arguments = main.getArguments();
  if (arguments.empty())
    return 0;
  StringRef root = rootOf(pathOf(arguments[0]));
  if (!root.empty() && llvm::any_of(arguments, [&](BlockArgument argument) {
        return rootOf(pathOf(argument)) != root;
      })) {
    rule = "the parts of the function's first argument, '" + root.str() +
           "', are parameters";
    size_t count = 0;
    while (count < arguments.size() && rootOf(pathOf(arguments[count])) == root)
      ++count;
    return count;
  }
  auto leading = [](BlockArgument argument) -> int64_t {
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    return type && type.getRank() > 0 ? type.getDimSize(0) : -1;
  };
  rule = "the last arguments, as far as they have one leading dimension, are "
         "inputs";
  size_t count = arguments.size();
  const int64_t batch = leading(arguments.back());
  while (count > 0 && leading(arguments[count - 1]) == batch)
    --count;
  return count;
}

std::vector<Argument> guess(func::FuncOp main) {
  std::vector<Argument> arguments(main.getNumArguments());
  std::string rule;
  const size_t count = countParameters(main, rule);
  std::string inputs;
  for (auto [i, argument] : llvm::enumerate(arguments)) {
    argument.kind = i < count ? Kind::Parameter : Kind::Input;
    argument.name = dotted(pathOf(main.getArgument(i)));
    if (argument.name.empty())
      argument.name = "arg" + std::to_string(i);
    if (i >= count)
      inputs += (inputs.empty() ? "" : ", ") + argument.name;
  }
  mlir::emitRemark(main.getLoc())
      << "of " << arguments.size() << " arguments " << count
      << " are parameters, and " << (inputs.empty() ? "none" : inputs)
      << " inputs: " << rule
      << "; say otherwise with --signature or the attribute 'ds.kind'";
  return arguments;
}

} // namespace

FailureOr<std::vector<Argument>> readArguments(func::FuncOp main,
                                               StringRef signature) {
  FailureOr<std::vector<Argument>> arguments =
      !signature.empty()    ? readSignature(main, signature)
      : hasAttributes(main) ? readAttributes(main)
                            : guess(main);
  if (failed(arguments))
    return failure();
  llvm::StringSet<> names;
  for (auto [i, argument] : llvm::enumerate(*arguments)) {
    if (argument.name.empty())
      argument.name = "arg" + std::to_string(i);
    if (!names.insert(argument.name).second)
      return mlir::emitError(main.getArgument(i).getLoc())
             << "expects arguments of different names, but got '"
             << argument.name << "' twice";
  }
  return arguments;
}

} // namespace ds::hlo
