//===- ParameterGroups.cpp - Which optimizer a parameter has ------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ParameterGroups.h"

#include "mlir/AsmParser/AsmParser.h"
#include "llvm/Support/GlobPattern.h"

using namespace mlir;

namespace ds {
namespace {

/// All parameters of at most one dimension: norms and biases.
constexpr StringLiteral kAuto = "auto";

//===--------------------------------------------------------------------===//
// Names
//===--------------------------------------------------------------------===//

/// A group with its patterns compiled; of `auto` it is nothing.
struct Group {
  GroupAttr attr;
  SmallVector<std::optional<llvm::GlobPattern>> patterns;
};

bool matches(const std::optional<llvm::GlobPattern> &pattern,
             ParameterOp parameter) {
  if (pattern)
    return pattern->match(parameter.getSymName());
  return cast<RankedTensorType>(parameter.getType()).getRank() <= 1;
}

/// The parameter's name that `pattern` is most like.
StringRef nearestName(StringRef pattern, ArrayRef<ParameterOp> parameters) {
  StringRef nearest;
  unsigned least = ~0u;
  for (ParameterOp parameter : parameters) {
    const unsigned distance = parameter.getSymName().edit_distance(pattern);
    if (distance < least) {
      least = distance;
      nearest = parameter.getSymName();
    }
  }
  return nearest;
}

FailureOr<SmallVector<Group>> readGroups(func::FuncOp loss, StringRef text,
                                         ArrayRef<ParameterOp> parameters) {
  Attribute parsed = parseAttribute(text, loss.getContext());
  auto array = dyn_cast_or_null<ArrayAttr>(parsed);
  if (!array || !llvm::all_of(array, llvm::IsaPred<GroupAttr>)) {
    if (parsed)
      loss.emitError("expects 'groups' to be an array of #ds.group, but got ")
          << parsed;
    return failure();
  }
  SmallVector<Group> groups;
  for (auto attr : array.getAsRange<GroupAttr>()) {
    Group &group = groups.emplace_back(Group{attr, {}});
    for (auto name : attr.getPatterns().getAsValueRange<StringAttr>()) {
      auto &pattern = group.patterns.emplace_back();
      if (name != kAuto) {
        auto glob = llvm::GlobPattern::create(name);
        if (!glob)
          return loss.emitError("expects a pattern of parameters' names, but "
                                "got '")
                 << name << "': " << llvm::toString(glob.takeError());
        pattern = *glob;
      }
      if (llvm::none_of(parameters, [&](ParameterOp parameter) {
            return matches(pattern, parameter);
          }))
        return loss.emitError("expects a pattern that matches parameters, but "
                              "got '")
               << name << "'; the nearest name is '"
               << nearestName(name, parameters) << "'";
    }
  }
  return groups;
}

//===--------------------------------------------------------------------===//
// What Muon is for
//===--------------------------------------------------------------------===//

/// Whether the loss's logits are a product with `value`, which moves and sums
/// with others do not hide.
bool makesLogits(Value value, bool isProduct, int depth) {
  if (depth == 0)
    return false;
  return llvm::any_of(value.getUses(), [&](OpOperand &use) {
    Operation *user = use.getOwner();
    if (auto loss = dyn_cast<CrossEntropyOp>(user))
      return isProduct && loss.getLogits() == value;
    const bool product = isa<DotOp>(user);
    if (product == isProduct)
      return false;
    if (!product && !isa<ViewOpInterface, CastOp, AddOp>(user))
      return false;
    return makesLogits(user->getResult(0), isProduct || product, depth - 1);
  });
}

/// Whether something is multiplied by `value`, also in a loop.
bool isFactor(Value value) {
  return llvm::any_of(value.getUsers(), [](Operation *user) {
    return isa<DotOp, ScanOp>(user) ||
           (isa<ViewOpInterface, CastOp>(user) && isFactor(user->getResult(0)));
  });
}

/// Whether a parameter is a matrix of a hidden layer: a factor of products, no
/// table of embeddings or positions, and not what makes logits.
bool isHiddenMatrix(ParameterOp parameter, ArrayRef<ReadOp> reads) {
  const std::string name = parameter.getSymName().lower();
  if (cast<RankedTensorType>(parameter.getType()).getRank() != 2 ||
      StringRef(name).contains("embed") || StringRef(name).contains("lm_head"))
    return false;
  return llvm::all_of(reads, [](ReadOp read) {
    return isFactor(read.getValue()) &&
           llvm::none_of(read->getUsers(), llvm::IsaPred<EmbeddingOp>) &&
           !makesLogits(read.getValue(), /*isProduct=*/false, /*depth=*/6);
  });
}

} // namespace

LogicalResult assignOptimizers(func::FuncOp loss, StringRef text) {
  if (text.empty())
    return success();
  SmallVector<ParameterOp> parameters;
  for (auto parameter : loss->getParentOfType<ModuleOp>().getOps<ParameterOp>())
    if (parameter.getRole() != "buffer")
      parameters.push_back(parameter);
  if (parameters.empty())
    return success();
  FailureOr<SmallVector<Group>> groups = readGroups(loss, text, parameters);
  if (failed(groups))
    return failure();
  llvm::StringMap<SmallVector<ReadOp>> reads;
  loss.walk([&](ReadOp read) { reads[read.getState()].push_back(read); });
  for (ParameterOp parameter : parameters) {
    const Group *group = llvm::find_if(*groups, [&](const Group &each) {
      return llvm::any_of(each.patterns, [&](const auto &pattern) {
        return matches(pattern, parameter);
      });
    });
    if (parameter.getRole() != "parameter" || group == groups->end())
      continue;
    OptimizerAttr optimizer = group->attr.getOptimizer();
    if (group->attr.getOthers() &&
        !isHiddenMatrix(parameter, reads.lookup(parameter.getSymName())))
      optimizer = group->attr.getOthers();
    if (optimizer)
      parameter->setAttr(kOptimizerAttr, optimizer);
    else
      parameter.setRole("frozen");
  }
  return success();
}

} // namespace ds
