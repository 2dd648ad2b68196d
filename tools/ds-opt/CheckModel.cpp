//===- CheckModel.cpp - What a module must be to get a plan -------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "CheckModel.h"
#include "ds/Dialect/DS/DS.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/Support/JSON.h"

using namespace mlir;

namespace ds {

/// The line where brackets are nested so deeply that the parser would use up
/// its stack, or 0.
static size_t tooDeepLine(StringRef text) {
  constexpr int kDeepest = 256;
  int depth = 0;
  size_t line = 1;
  bool inString = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') {
      ++line;
      inString = false; // strings end with their line
    } else if (inString) {
      i += c == '\\';
      inString = c != '"';
    } else if (c == '"') {
      inString = true;
    } else if (text.substr(i).starts_with("//")) {
      i = std::min(text.find('\n', i), text.size()) - 1;
    } else if (StringRef("([{<").contains(c)) {
      if (++depth > kDeepest)
        return line;
    } else if (StringRef(")]}").contains(c) ||
               (c == '>' && i > 0 && text[i - 1] != '-')) {
      depth = std::max(depth - 1, 0);
    }
  }
  return 0;
}

/// The line of an `array<index: ...>`, on which MLIR's parser ends the process,
/// or 0.
static size_t indexArrayLine(StringRef text) {
  constexpr StringLiteral kWord = "array";
  for (size_t at = text.find(kWord); at != StringRef::npos;
       at = text.find(kWord, at + 1)) {
    StringRef rest = text.substr(at + kWord.size()).ltrim();
    if (rest.consume_front("<") && rest.ltrim().starts_with("index"))
      return 1 + text.take_front(at).count('\n');
  }
  return 0;
}

std::string whyNoModel(StringRef path, StringRef text) {
  const std::string later = "; its importer is not built yet";
  if (text.starts_with("ML\xefR"))
    return "is MLIR bytecode; expects text, as ds-opt prints it";
  if (path.ends_with(".onnx"))
    return "is an ONNX model" + later;
  if (text.starts_with("PK\x03\x04"))
    return (path.ends_with(".pt2") ? "is an exported PyTorch program"
                                   : "is a zip archive (PyTorch's format)") +
           later;
  if (text.size() > 9 && text[8] == '{' && text.take_front(8).contains('\0'))
    return "is a safetensors file: parameters without a program; load it into "
           "a plan's model with ds-run --load";
  if (text.contains('\0'))
    return "is not text; expects a module in the ds dialect, as ds-model "
           "writes it";
  size_t place = 0;
  if (!llvm::json::isUTF8(text, &place))
    return "is not UTF-8 text in line " +
           std::to_string(1 + text.take_front(place).count('\n'));
  if (size_t line = tooDeepLine(text))
    return "has more than 256 brackets in each other in line " +
           std::to_string(line) +
           "; expects a module in the ds dialect, as ds-model writes it";
  if (size_t line = indexArrayLine(text))
    return "has an array of 'index' in line " + std::to_string(line) +
           "; expects integers of i64";
  // An error shows its line: keep that readable.
  constexpr size_t kLongest = 1 << 20;
  size_t number = 1;
  for (StringRef rest = text; rest.size() > kLongest; ++number) {
    const size_t end = rest.take_front(kLongest + 1).find('\n');
    if (end == StringRef::npos)
      return "has more than " + std::to_string(kLongest) +
             " characters in line " + std::to_string(number) +
             "; expects a module in the ds dialect, as ds-model writes it";
    rest = rest.drop_front(end + 1);
  }
  return "";
}

/// Elements are counted in 64 bits and sized in bytes with room for sums.
static bool isHuge(RankedTensorType type) {
  constexpr int64_t kMost = int64_t{1} << 48;
  int64_t elements = 1;
  for (int64_t size : type.getShape()) {
    if (size <= 0)
      continue; // bound later, or no elements
    if (size > kMost / elements)
      return true;
    elements *= size;
  }
  return false;
}

static LogicalResult checkType(Location loc, Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor)
    return success();
  if (isHuge(tensor))
    return emitError(loc)
           << "expects tensors of at most 2^48 elements, but got " << type;
  if (llvm::is_contained(tensor.getShape(), 0))
    return emitError(loc) << "expects tensors with elements, but got " << type;
  Type element = tensor.getElementType();
  if (isa<FloatType>(element) && !element.isF32() && !isNarrow(element))
    return emitError(loc)
           << "expects floating-point tensors of f32, bf16 or f16, but got "
           << type;
  if (auto dims = dyn_cast_or_null<DimsAttr>(tensor.getEncoding()))
    for (StringAttr name : dims.getNames())
      if (name != "_" && name != "batch" && name != "seq")
        return emitError(loc)
               << "expects dimensions named 'batch' or 'seq', but got '"
               << name.getValue() << "' in " << type;
  if (!tensor.getEncoding() && !tensor.hasStaticShape())
    return emitError(loc)
           << "expects a name for every dynamic dimension, as in "
              "tensor<?x4xf32, #ds.dims<batch, _>>, but got "
           << type;
  return success();
}

static LogicalResult checkInputs(func::FuncOp loss) {
  llvm::StringSet<> names;
  for (BlockArgument argument : loss.getArguments()) {
    auto name =
        loss.getArgAttrOfType<StringAttr>(argument.getArgNumber(), "ds.name");
    if (name && name.getValue().empty())
      return emitError(argument.getLoc())
             << "expects 'ds.name' not to be empty";
    if (name && !names.insert(name.getValue()).second)
      return emitError(argument.getLoc())
             << "expects inputs of different names, but got '"
             << name.getValue() << "' twice";
    Attribute bound = loss.getArgAttr(argument.getArgNumber(), "ds.bound");
    auto number = dyn_cast_or_null<IntegerAttr>(bound);
    if (bound && (!number || number.getInt() < 1))
      return emitError(argument.getLoc())
             << "expects 'ds.bound' to be a positive integer, but got "
             << bound;
  }
  return success();
}

static LogicalResult checkLoss(ModuleOp module, func::FuncOp loss) {
  if (loss.isPrivate() || loss.isExternal())
    return loss.emitError("expects a public loss function with a body");
  for (auto other : module.getOps<func::FuncOp>())
    if (other != loss && other->hasAttr("ds.loss")) {
      InFlightDiagnostic error =
          other.emitError("expects one function marked 'ds.loss', but got @")
          << loss.getSymName() << " and @" << other.getSymName();
      return error;
    }
  if (loss.getNumResults() != 1 || !loss.getBody().hasOneBlock())
    return loss.emitError("expects the loss function to have one block and "
                          "one result");
  auto type = dyn_cast<RankedTensorType>(loss.getResultTypes()[0]);
  if (!type || type.getRank() != 0 || !isa<FloatType>(type.getElementType()))
    return loss.emitError(
               "expects the loss to be a floating-point scalar, but got ")
           << loss.getResultTypes()[0];
  return checkInputs(loss);
}

/// Such a parameter is legal, and dropped; somebody may have meant to use it.
static void warnOfUnread(ModuleOp module) {
  llvm::StringSet<> read;
  module.walk([&](ReadOp op) { read.insert(op.getState()); });
  for (auto parameter : module.getOps<ParameterOp>())
    if (parameter.getRole() == "parameter" &&
        !read.contains(parameter.getSymName()))
      mlir::emitWarning(parameter.getLoc())
          << "parameter '" << parameter.getSymName()
          << "' is read nowhere: the plan does not have it";
}

/// The plan carries it, and ds-run writes it beside the weights.
static LogicalResult checkConfig(ModuleOp module) {
  Attribute config = module->getAttr("ds.hf_config");
  auto text = dyn_cast_or_null<StringAttr>(config);
  auto isControl = [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; };
  if (config && (!text || text.size() > 1 << 20 ||
                 llvm::any_of(text.getValue(), isControl)))
    return module.emitError("expects 'ds.hf_config' to be the text of a "
                            "config.json, on one line and of at most 1 MiB");
  return success();
}

LogicalResult checkModel(ModuleOp module) {
  Attribute length = module->getAttr("ds.seq_len");
  auto number = dyn_cast_or_null<IntegerAttr>(length);
  if (length && (!number || number.getInt() < 1))
    return module.emitError(
               "expects 'ds.seq_len' to be a positive integer, but got ")
           << length;
  if (failed(checkConfig(module)) ||
      failed(checkLoss(module, findLoss(module))))
    return failure();
  for (auto parameter : module.getOps<ParameterOp>())
    if (failed(checkType(parameter.getLoc(), parameter.getType())))
      return failure();
  WalkResult walk = module.walk([](Operation *op) {
    for (Region &region : op->getRegions())
      for (BlockArgument argument : region.getArguments())
        if (failed(checkType(argument.getLoc(), argument.getType())))
          return WalkResult::interrupt();
    for (Type type : op->getResultTypes())
      if (failed(checkType(op->getLoc(), type)))
        return WalkResult::interrupt();
    return WalkResult::advance();
  });
  if (walk.wasInterrupted())
    return failure();
  warnOfUnread(module);
  return success();
}

bool hasSequence(ModuleOp module) {
  auto isSequence = [](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    auto dims =
        tensor ? dyn_cast_or_null<DimsAttr>(tensor.getEncoding()) : nullptr;
    return dims && llvm::any_of(dims.getNames(), [](StringAttr name) {
             return name.getValue() == "seq";
           });
  };
  return llvm::any_of(findLoss(module).getArgumentTypes(), isSequence);
}

} // namespace ds
