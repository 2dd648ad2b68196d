//===- DSElementwise.cpp - Verifiers and folds of elementwise ops -------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "DSShapes.h"

#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

#include <cmath>

using namespace mlir;

namespace ds {

//===--------------------------------------------------------------------===//
// Verifiers
//===--------------------------------------------------------------------===//

LogicalResult verifySign(Operation *op, bool isUnsigned, Type element) {
  if (isUnsigned && !isa<IntegerType>(element))
    return op->emitOpError("expects integers where 'unsigned' is, but got ")
           << element;
  return success();
}

static LogicalResult verifyBinary(Operation *op, bool isUnsigned = false) {
  auto lhs = tensorType(op->getOperand(0)), rhs = tensorType(op->getOperand(1));
  if (!isPart(lhs, rhs, /*suffix=*/true))
    return op->emitOpError("expects the right operand to have the left one's "
                           "shape or a suffix of it, but got ")
           << lhs << " and " << rhs;
  const bool areFloats = isa<FloatType>(lhs.getElementType()) &&
                         isa<FloatType>(rhs.getElementType());
  if (lhs.getElementType() != rhs.getElementType() &&
      (rhs.getRank() != 0 || !areFloats))
    return op->emitOpError("expects equal element types, but got ")
           << lhs << " and " << rhs;
  return verifySign(op, isUnsigned, lhs.getElementType());
}

LogicalResult AddOp::verify() { return verifyBinary(*this); }
LogicalResult SubOp::verify() { return verifyBinary(*this); }
LogicalResult MulOp::verify() { return verifyBinary(*this); }
LogicalResult DivOp::verify() { return verifyBinary(*this, getIsUnsigned()); }
LogicalResult RemOp::verify() { return verifyBinary(*this, getIsUnsigned()); }
LogicalResult MaxOp::verify() { return verifyBinary(*this, getIsUnsigned()); }
LogicalResult MinOp::verify() { return verifyBinary(*this, getIsUnsigned()); }
LogicalResult PowOp::verify() { return verifyBinary(*this); }
LogicalResult Atan2Op::verify() { return verifyBinary(*this); }
LogicalResult AndOp::verify() { return verifyBinary(*this); }
LogicalResult OrOp::verify() { return verifyBinary(*this); }
LogicalResult XorOp::verify() { return verifyBinary(*this); }
LogicalResult ShiftLeftOp::verify() { return verifyBinary(*this); }
LogicalResult ShiftRightOp::verify() { return verifyBinary(*this); }

/// The result has the first operand's shape.
static LogicalResult verifyShape(Operation *op) {
  auto from = tensorType(op->getOperand(0)), to = tensorType(op->getResult(0));
  if (!sameShape(from, to))
    return op->emitOpError("expects a result of the operand's shape, but got ")
           << to << " from " << from;
  return success();
}

LogicalResult IsFiniteOp::verify() { return verifyShape(*this); }

LogicalResult CastOp::verify() {
  Type from = tensorType(getInput()).getElementType(),
       to = tensorType(getResult()).getElementType();
  if (getIsUnsigned() && isa<FloatType>(from) && isa<FloatType>(to))
    return emitOpError("expects an integer type where 'unsigned' is, but got ")
           << from << " and " << to;
  return verifyShape(*this);
}

LogicalResult BitcastOp::verify() {
  Type from = tensorType(getInput()).getElementType(),
       to = tensorType(getResult()).getElementType();
  if (from.getIntOrFloatBitWidth() != to.getIntOrFloatBitWidth())
    return emitOpError("expects elements of as many bits, but got ")
           << from << " and " << to;
  return verifyShape(*this);
}

LogicalResult CompareOp::verify() {
  static constexpr StringLiteral known[] = {"eq", "ne", "lt", "le", "gt", "ge"};
  if (!llvm::is_contained(known, getRelation()))
    return emitOpError("expects relation 'eq', 'ne', 'lt', 'le', 'gt' or 'ge', "
                       "but got '")
           << getRelation() << "'";
  if (tensorType(getLhs()).getElementType() !=
      tensorType(getRhs()).getElementType())
    return emitOpError("expects equal element types, but got ")
           << getLhs().getType() << " and " << getRhs().getType();
  if (failed(verifyBinary(*this, getIsUnsigned())))
    return failure();
  return verifyShape(*this);
}

LogicalResult SelectOp::verify() {
  auto condition = tensorType(getCondition()), type = tensorType(getResult());
  if (condition.getRank() != 0 && !sameShape(condition, type))
    return emitOpError("expects a condition of the result's shape or of rank "
                       "0, but got ")
           << condition << " for " << type;
  return success();
}

//===--------------------------------------------------------------------===//
// Scalars
//===--------------------------------------------------------------------===//

bool isScalarInstruction(Operation *op) {
  if (!op->hasTrait<ScalarInstruction>() || op->hasAttr("is_unsigned"))
    return false;
  auto isKnown = [](Type type) {
    auto tensor = cast<RankedTensorType>(type);
    Type element = tensor.getElementType();
    return tensor.getRank() == 0 &&
           (isa<FloatType>(element) || element.isInteger(32) ||
            element.isInteger(64));
  };
  return llvm::all_of(op->getOperandTypes(), isKnown) &&
         isKnown(op->getResult(0).getType()) &&
         (isa<FloatType>(getElementTypeOrSelf(op->getResult(0))) ||
          isa<AddOp, SubOp, MulOp>(op));
}

//===--------------------------------------------------------------------===//
// Folds
//===--------------------------------------------------------------------===//

/// Whether `value` is what the integer is, and not what float64 rounds it to.
static bool isExact(Type element, double value) {
  return isa<FloatType>(element) || std::abs(value) < 0x1p53;
}

/// What an op makes of operands whose elements are all alike, by its own
/// definition; nothing where that is not exact.
static OpFoldResult foldSplats(Operation *op, ArrayRef<Attribute> operands) {
  auto type = tensorType(op->getResult(0));
  if (!type.hasStaticShape() || type.getNumElements() == 0)
    return {};
  SmallVector<HostTensor> values;
  for (Attribute attribute : operands) {
    auto dense = dyn_cast_or_null<DenseElementsAttr>(attribute);
    std::optional<double> value = ConstantOp::splatOf(dense);
    if (!value || !isExact(dense.getElementType(), *value))
      return {};
    values.emplace_back(ArrayRef<int64_t>(), *value);
  }
  SmallVector<const HostTensor *> pointers;
  for (const HostTensor &value : values)
    pointers.push_back(&value);
  HostTensor result{ArrayRef<int64_t>()};
  cast<EvaluableOpInterface>(op).evaluate(pointers, result);
  if (!isExact(type.getElementType(), result.data[0]))
    return {};
  return ConstantOp::splat(type, result.data[0]);
}

/// Whether `to` has every number of `from`: the cast back undoes the cast.  The
/// other way round, numbers are rounded.
static bool hasAllOf(Type to, Type from) {
  return isNarrow(from) ? to.isF32() || to.isF64() : from.isF32() && to.isF64();
}

OpFoldResult CastOp::fold(FoldAdaptor adaptor) {
  if (getInput().getType() == getResult().getType())
    return getInput();
  if (auto first = getInput().getDefiningOp<CastOp>();
      first && first.getInput().getType() == getResult().getType() &&
      hasAllOf(getElementTypeOrSelf(getInput()),
               getElementTypeOrSelf(getResult())))
    return first.getInput();
  return foldSplats(*this, adaptor.getOperands());
}

OpFoldResult CompareOp::fold(FoldAdaptor adaptor) {
  return foldSplats(*this, adaptor.getOperands());
}

OpFoldResult SelectOp::fold(FoldAdaptor adaptor) {
  if (getYes() == getNo())
    return getYes();
  auto condition = dyn_cast_or_null<DenseElementsAttr>(adaptor.getCondition());
  if (condition && condition.isSplat())
    return condition.getSplatValue<bool>() ? getYes() : getNo();
  return foldSplats(*this, adaptor.getOperands());
}

//===--------------------------------------------------------------------===//
// Canonical forms
//===--------------------------------------------------------------------===//

namespace {
/// What `value` repeats over leading dimensions; null if nothing.
Value repeatedBy(OpBuilder &b, Value value) {
  auto type = tensorType(value);
  if (type.getRank() == 0)
    return {};
  if (auto constant = value.getDefiningOp<ConstantOp>()) {
    std::optional<double> number = constant.getSplat();
    auto scalar = RankedTensorType::get({}, type.getElementType());
    if (number && isExact(type.getElementType(), *number))
      return ConstantOp::create(b, constant.getLoc(), scalar, *number);
  }
  auto broadcast = value.getDefiningOp<BroadcastOp>();
  if (!broadcast || broadcast->hasAttr("dims") ||
      broadcast.getInput().getType() == type)
    return {};
  return broadcast.getInput();
}

/// A right operand that is repeated is taken as it was before; of ops that do
/// not mind the order, a left one goes right.
template <typename Op> struct RepeatedOperand : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;
  LogicalResult matchAndRewrite(Op op,
                                PatternRewriter &rewriter) const override {
    constexpr bool isCommutative =
        llvm::is_one_of<Op, AddOp, MulOp, MaxOp, MinOp, AndOp, OrOp,
                        XorOp>::value;
    Value lhs = op.getLhs(), rhs = op.getRhs();
    Value left = lhs, right = repeatedBy(rewriter, rhs);
    if (!right && isCommutative && lhs.getType() == rhs.getType()) {
      left = rhs;
      right = repeatedBy(rewriter, lhs);
    }
    if (!right)
      return failure();
    rewriter.modifyOpInPlace(op, [&] { op->setOperands({left, right}); });
    return success();
  }
};

/// Small powers are products.
struct PowerOfNumber : OpRewritePattern<PowOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(PowOp op,
                                PatternRewriter &rewriter) const override {
    auto exponent = op.getRhs().getDefiningOp<ConstantOp>();
    std::optional<double> number =
        exponent ? exponent.getSplat() : std::nullopt;
    Value x = op.getLhs();
    if (number != 1.0 && number != 2.0 && number != 3.0)
      return failure();
    Value power = x;
    for (int i = 1; i < *number; ++i) {
      auto times = MulOp::create(rewriter, op.getLoc(), op.getType(), power, x);
      times->setDiscardableAttrs(op->getDiscardableAttrDictionary());
      power = times;
    }
    rewriter.replaceOp(op, power);
    return success();
  }
};
} // namespace

void populateElementwisePatterns(RewritePatternSet &patterns) {
  patterns.add<
      RepeatedOperand<AddOp>, RepeatedOperand<SubOp>, RepeatedOperand<MulOp>,
      RepeatedOperand<DivOp>, RepeatedOperand<RemOp>, RepeatedOperand<MaxOp>,
      RepeatedOperand<MinOp>, RepeatedOperand<PowOp>, RepeatedOperand<Atan2Op>,
      RepeatedOperand<AndOp>, RepeatedOperand<OrOp>, RepeatedOperand<XorOp>,
      RepeatedOperand<ShiftLeftOp>, RepeatedOperand<ShiftRightOp>,
      RepeatedOperand<CompareOp>, PowerOfNumber>(patterns.getContext());
}

} // namespace ds
