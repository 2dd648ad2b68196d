//===- DSFolds.cpp - Constants and what folds ---------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "DSIntegers.h"
#include "DSShapes.h"

#include "mlir/IR/PatternMatch.h"

#include <cmath>

using namespace mlir;

namespace ds {

Operation *DSDialect::materializeConstant(OpBuilder &builder, Attribute value,
                                          Type type, Location loc) {
  auto elements = dyn_cast<ElementsAttr>(value);
  if (!elements || elements.getType() != type)
    return nullptr;
  return ConstantOp::create(builder, loc, type, elements);
}

void ConstantOp::build(OpBuilder &builder, OperationState &state,
                       RankedTensorType type, double value) {
  build(builder, state, type, splat(type, value));
}

DenseElementsAttr ConstantOp::splat(RankedTensorType type, double value) {
  Type element = type.getElementType();
  if (element.isInteger(1))
    return DenseElementsAttr::get(type, value != 0);
  if (isa<FloatType>(element))
    return DenseElementsAttr::get(type, FloatAttr::get(element, value));
  return DenseElementsAttr::get(
      type, IntegerAttr::get(element, static_cast<int64_t>(bits(value))));
}

std::optional<double> ConstantOp::splatOf(Attribute value) {
  auto dense = dyn_cast_or_null<DenseElementsAttr>(value);
  if (!dense || !dense.isSplat())
    return std::nullopt;
  if (isa<FloatType>(dense.getElementType()))
    return dense.getSplatValue<APFloat>().convertToDouble();
  const APInt element = dense.getSplatValue<APInt>();
  // Each as a double: side by side, both would be without sign.
  return element.getBitWidth() == 1
             ? static_cast<double>(element.getZExtValue())
             : static_cast<double>(element.getSExtValue());
}

std::optional<double> ConstantOp::getSplat() { return splatOf(getValue()); }

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }

OpFoldResult IndexOp::fold(FoldAdaptor adaptor) {
  auto index = dyn_cast_or_null<IntegerAttr>(adaptor.getIndex());
  if (!index)
    return {};
  return DenseElementsAttr::get(cast<ShapedType>(getType()), index.getInt());
}

std::vector<float> RotaryTableOp::getValues() {
  auto type = tensorType(getResult());
  int64_t positions = type.getDimSize(0), half = type.getDimSize(1);
  float theta = static_cast<float>(getTheta().convertToDouble());
  std::vector<float> values(positions * half);
  for (int64_t i = 0; i < half; ++i) {
    // float32 step by step, as torch computes 1 / theta ** (2i / d).
    float exponent = static_cast<float>(2 * i) / static_cast<float>(2 * half);
    float frequency = getFrequencies()
                          ? (*getFrequencies())[i]
                          : 1.0f / static_cast<float>(std::pow(
                                       static_cast<double>(theta), exponent));
    for (int64_t p = 0; p < positions; ++p) {
      double angle = static_cast<float>(p) * frequency;
      values[p * half + i] = static_cast<float>(
          getFunction() == "cos" ? std::cos(angle) : std::sin(angle));
    }
  }
  return values;
}

OpFoldResult ReshapeOp::fold(FoldAdaptor) {
  if (getInput().getType() == getResult().getType())
    return getInput();
  if (auto inner = getInput().getDefiningOp<ReshapeOp>()) {
    setOperand(inner.getInput());
    return getResult();
  }
  return {};
}

OpFoldResult TakeOp::fold(FoldAdaptor) {
  if (getInput().getType() == getResult().getType())
    return getInput();
  return {};
}

/// The value of every element of a constant operand.
static std::optional<double> splat(Value value) {
  auto constant = value.getDefiningOp<ConstantOp>();
  return constant ? constant.getSplat() : std::nullopt;
}

OpFoldResult AddOp::fold(FoldAdaptor) {
  if (splat(getRhs()) == 0.0)
    return getLhs();
  if (splat(getLhs()) == 0.0 && getRhs().getType() == getLhs().getType())
    return getRhs();
  return {};
}

namespace {
/// x + embedding_grad(0, ids, g) = embedding_grad(x, ids, g), and so with
/// ds.scatter: the rows are added where x lies, and no second table exists.  Of
/// 16 bits the sum is then rounded once, not twice: the table is worth that.
struct AddIntoTable : OpRewritePattern<AddOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(AddOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getLhs().getType() != op.getRhs().getType())
      return failure();
    for (auto [table, rows] : {std::pair(op.getLhs(), op.getRhs()),
                               std::pair(op.getRhs(), op.getLhs())}) {
      Operation *grad = rows.getDefiningOp();
      auto scatter = dyn_cast_or_null<ScatterOp>(grad);
      if (!grad ||
          !(isa<EmbeddingGradOp>(grad) ||
            (scatter && scatter.getKind() == "add")) ||
          !grad->hasOneUse() || splat(grad->getOperand(0)) != 0.0)
        continue;
      Operation *added = rewriter.clone(*grad);
      added->setOperand(0, table);
      rewriter.replaceOp(op, added);
      return success();
    }
    return failure();
  }
};
} // namespace

void AddOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                        MLIRContext *context) {
  patterns.add<AddIntoTable>(context);
  populateElementwisePatterns(patterns); // of all ops, once
}

OpFoldResult MulOp::fold(FoldAdaptor) {
  if (splat(getRhs()) == 1.0)
    return getLhs();
  if (splat(getLhs()) == 1.0 && getRhs().getType() == getLhs().getType())
    return getRhs();
  return {};
}

} // namespace ds
