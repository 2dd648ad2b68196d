//===- DSFoldsIndex.cpp - Moves of elements that need none --------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What keeps the order of the elements is a reshape; what a product or an
// elementwise op can read where it lies is read there.
//===--------------------------------------------------------------------===//

#include "ds/Dialect/DS/DS.h"

#include "mlir/IR/PatternMatch.h"

using namespace mlir;

namespace ds {
namespace {

/// One value for all elements of a constant, as a constant of `type`.
Attribute splatAs(Attribute constant, Type type) {
  auto dense = dyn_cast_or_null<DenseElementsAttr>(constant);
  if (!dense || !dense.isSplat())
    return {};
  return dense.resizeSplat(cast<ShapedType>(type));
}

bool isIdentity(ArrayRef<int64_t> dims) {
  return llvm::equal(dims, llvm::seq<int64_t>(0, dims.size()));
}

/// Replaces an op by one that is marked like it.
template <typename To, typename... Args>
To replace(PatternRewriter &rewriter, Operation *op, Args &&...args) {
  auto to =
      To::create(rewriter, op->getLoc(), op->getResult(0).getType(), args...);
  to->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  rewriter.replaceOp(op, to);
  return to;
}

//===--------------------------------------------------------------------===//
// Transposes
//===--------------------------------------------------------------------===//

/// Only dimensions of size 1 change places.
struct TransposeToReshape : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(TransposeOp op,
                                PatternRewriter &rewriter) const override {
    SmallVector<int64_t> moved;
    for (int64_t dim : op.getDims())
      if (tensorType(op.getInput()).getDimSize(dim) != 1)
        moved.push_back(dim);
    if (!llvm::is_sorted(moved))
      return failure();
    replace<ReshapeOp>(rewriter, op, op.getInput());
    return success();
  }
};

/// A product whose only user wants it transposed has other letters.
struct TransposeOfDot : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto dot = op.getInput().getDefiningOp<DotOp>();
    if (!dot || !dot->hasOneUse())
      return failure();
    ProductSpec letters = dot.getLetters();
    std::string result;
    for (int64_t dim : op.getDims())
      result.push_back(letters.result[dim]);
    rewriter.setInsertionPoint(dot);
    auto turned =
        DotOp::create(rewriter, dot.getLoc(), op.getType(),
                      (letters.lhs + "," + letters.rhs + "->" + result).str(),
                      dot.getLhs(), dot.getRhs());
    turned->setDiscardableAttrs(dot->getDiscardableAttrDictionary());
    rewriter.replaceOp(op, turned);
    return success();
  }
};

/// So has one that is scaled before.
struct TransposeOfScaledDot : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(TransposeOp op,
                                PatternRewriter &rewriter) const override {
    Operation *scaled = op.getInput().getDefiningOp();
    if (!isa_and_nonnull<MulOp, DivOp>(scaled) || !scaled->hasOneUse() ||
        tensorType(scaled->getOperand(1)).getRank() != 0)
      return failure();
    auto dot = scaled->getOperand(0).getDefiningOp<DotOp>();
    if (!dot || !dot->hasOneUse())
      return failure();
    Value turned = TransposeOp::create(rewriter, op.getLoc(), op.getType(), dot,
                                       op.getDimsAttr());
    Operation *again = rewriter.clone(*scaled);
    again->setOperand(0, turned);
    again->getResult(0).setType(op.getType());
    rewriter.replaceOp(op, again);
    return success();
  }
};

/// A product reads an operand that is transposed for it as it lies.
struct DotOfTranspose : OpRewritePattern<DotOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(DotOp op,
                                PatternRewriter &rewriter) const override {
    ProductSpec letters = op.getLetters();
    std::string lhs = letters.lhs.str(), rhs = letters.rhs.str();
    Value newLhs = untransposed(op.getLhs(), lhs);
    Value newRhs = untransposed(op.getRhs(), rhs);
    if (newLhs == op.getLhs() && newRhs == op.getRhs())
      return failure();
    replace<DotOp>(rewriter, op, lhs + "," + rhs + "->" + letters.result.str(),
                   newLhs, newRhs);
    return success();
  }

  static Value untransposed(Value value, std::string &letters) {
    auto transpose = value.getDefiningOp<TransposeOp>();
    if (!transpose)
      return value;
    std::string before(letters.size(), ' ');
    for (auto [letter, dim] : llvm::zip_equal(letters, transpose.getDims()))
      before[dim] = letter;
    letters = before;
    return transpose.getInput();
  }
};

//===--------------------------------------------------------------------===//
// Broadcasts
//===--------------------------------------------------------------------===//

/// Without dimensions of size 1, and without `dims` where the last ones are
/// meant; a reshape where nothing is repeated.
struct SimplerBroadcast : OpRewritePattern<BroadcastOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(BroadcastOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.getDims())
      return failure();
    auto in = tensorType(op.getInput()), out = tensorType(op.getResult());
    SmallVector<int64_t> places, sizes;
    for (auto [size, dim] : llvm::zip_equal(in.getShape(), *op.getDims()))
      if (size != 1) {
        places.push_back(dim);
        sizes.push_back(size);
      }
    if (llvm::is_sorted(places) && in.getNumElements() == out.getNumElements())
      return replace<ReshapeOp>(rewriter, op, op.getInput()), success();
    int64_t skip = out.getRank() - static_cast<int64_t>(places.size());
    bool isSuffix = llvm::equal(places, llvm::seq(skip, out.getRank()));
    if (!isSuffix && places.size() == op.getDims()->size())
      return failure();
    Value input = op.getInput();
    auto type = RankedTensorType::get(sizes, in.getElementType());
    if (type != in) {
      auto reshape = ReshapeOp::create(rewriter, op.getLoc(), type, input);
      reshape->setDiscardableAttrs(op->getDiscardableAttrDictionary());
      input = reshape;
    }
    replace<BroadcastOp>(rewriter, op, input,
                         isSuffix ? DenseI64ArrayAttr()
                                  : rewriter.getDenseI64ArrayAttr(places));
    return success();
  }
};

/// Elementwise ops repeat their right operand over leading dimensions
/// themselves.
struct BroadcastIntoBinary : OpRewritePattern<BroadcastOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(BroadcastOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getDims())
      return failure();
    bool changed = false;
    for (Operation *user : llvm::to_vector(op->getUsers())) {
      if (!isa<AddOp, SubOp, MulOp, DivOp, MaxOp, MinOp, PowOp>(user))
        continue;
      // Of two repeated operands the left one stays.
      bool swaps = user->getOperand(1) != op.getResult();
      if (swaps && (!isa<AddOp, MulOp>(user) ||
                    user->getOperand(1).getType() != op.getType()))
        continue;
      rewriter.modifyOpInPlace(user, [&] {
        if (swaps)
          user->setOperand(0, user->getOperand(1));
        user->setOperand(1, op.getInput());
      });
      changed = true;
    }
    return success(changed);
  }
};

//===--------------------------------------------------------------------===//
// Ranges
//===--------------------------------------------------------------------===//

/// A range of one dimension without gaps is a view: where it lies without gaps
/// itself, and where only products read it.
struct SliceToWindow : OpRewritePattern<SliceOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(SliceOp op,
                                PatternRewriter &rewriter) const override {
    auto in = tensorType(op.getInput()), out = tensorType(op.getResult());
    std::optional<int64_t> range;
    bool isEven = true; // all in front of the range is of size 1
    for (int64_t d = 0; d < in.getRank(); ++d) {
      if (in.getDimSize(d) == out.getDimSize(d)) {
        isEven &= range || in.getDimSize(d) == 1;
        continue;
      }
      if (range || (op.getStride(d) != 1 && out.getDimSize(d) != 1))
        return failure();
      range = d;
    }
    if (!range || (!isEven && !llvm::all_of(op->getUsers(),
                                            llvm::IsaPred<DotOp, DotAddOp>)))
      return failure();
    replace<WindowOp>(rewriter, op, op.getInput(), *range, op.getAt()[*range]);
    return success();
  }
};

/// A start that is known.
struct DynamicSliceToSlice : OpRewritePattern<DynamicSliceOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(DynamicSliceOp op,
                                PatternRewriter &rewriter) const override {
    auto in = tensorType(op.getInput()), out = tensorType(op.getResult());
    SmallVector<int64_t> at;
    for (auto [d, start] : llvm::enumerate(op.getStarts())) {
      int64_t last = in.getDimSize(d) - out.getDimSize(d);
      DenseIntElementsAttr value;
      if (last != 0 && !matchPattern(start, m_Constant(&value)))
        return failure();
      at.push_back(last == 0 ? 0
                             : std::clamp<int64_t>(
                                   value.getSplatValue<APInt>().getSExtValue(),
                                   0, last));
    }
    replace<SliceOp>(rewriter, op, op.getInput(), at, DenseI64ArrayAttr());
    return success();
  }
};

/// What a flat tensor does not hold is zero anyway.
struct FlattenWithoutPads : OpRewritePattern<FlattenOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(FlattenOp op,
                                PatternRewriter &rewriter) const override {
    SmallVector<Value> tensors;
    for (Value tensor : op.getTensors()) {
      auto pad = tensor.getDefiningOp<PadOp>();
      tensors.push_back(pad && addsRowsOfZeros(pad) ? pad.getInput() : tensor);
    }
    if (llvm::equal(tensors, op.getTensors()))
      return failure();
    rewriter.modifyOpInPlace(op,
                             [&] { op.getTensorsMutable().assign(tensors); });
    return success();
  }

  static bool addsRowsOfZeros(PadOp pad) {
    auto in = tensorType(pad.getInput()), out = tensorType(pad.getResult());
    for (int64_t d = 0; d < in.getRank(); ++d)
      if (pad.getLowOf(d) != 0 || pad.getStep(d) != 1 ||
          out.getDimSize(d) < in.getDimSize(d) ||
          (d > 0 && out.getDimSize(d) != in.getDimSize(d)))
        return false;
    return pad.getFilling() == 0.0;
  }
};

} // namespace

//===--------------------------------------------------------------------===//
// Folds
//===--------------------------------------------------------------------===//

OpFoldResult TransposeOp::fold(FoldAdaptor adaptor) {
  if (isIdentity(getDims()))
    return getInput();
  if (Attribute splat = splatAs(adaptor.getInput(), getType()))
    return splat;
  auto inner = getInput().getDefiningOp<TransposeOp>();
  if (!inner)
    return {};
  SmallVector<int64_t> dims;
  for (int64_t dim : getDims())
    dims.push_back(inner.getDims()[dim]);
  setDims(dims);
  setOperand(inner.getInput());
  return getResult();
}

OpFoldResult BroadcastOp::fold(FoldAdaptor adaptor) {
  if (getInput().getType() == getType() && isIdentity(getPlaces()))
    return getInput();
  if (!tensorType(getResult()).hasStaticShape())
    return {};
  return splatAs(adaptor.getInput(), getType());
}

OpFoldResult SliceOp::fold(FoldAdaptor adaptor) {
  if (getInput().getType() == getType())
    return getInput();
  return splatAs(adaptor.getInput(), getType());
}

OpFoldResult PadOp::fold(FoldAdaptor) {
  bool moves = false;
  for (int64_t d = 0, e = tensorType(getInput()).getRank(); d < e; ++d)
    moves |= getLowOf(d) != 0 || getStep(d) != 1;
  if (!moves && getInput().getType() == getType())
    return getInput();
  return {};
}

OpFoldResult ReverseOp::fold(FoldAdaptor adaptor) {
  auto type = tensorType(getInput());
  if (llvm::all_of(getDims(),
                   [&](int64_t d) { return type.getDimSize(d) == 1; }))
    return getInput();
  auto inner = getInput().getDefiningOp<ReverseOp>();
  if (inner && inner.getDims() == getDims())
    return inner.getInput();
  return splatAs(adaptor.getInput(), getType());
}

OpFoldResult IotaOp::fold(FoldAdaptor) {
  auto type = tensorType(getResult());
  if (type.getDimSize(getDim()) != 1)
    return {};
  return DenseElementsAttr::get(
      type, Builder(getContext()).getZeroAttr(type.getElementType()));
}

OpFoldResult DynamicSliceOp::fold(FoldAdaptor adaptor) {
  if (getInput().getType() == getType())
    return getInput();
  return splatAs(adaptor.getInput(), getType());
}

OpFoldResult DynamicUpdateOp::fold(FoldAdaptor) {
  return getPart().getType() == getType() ? OpFoldResult(getPart())
                                          : OpFoldResult();
}

OpFoldResult WindowOp::fold(FoldAdaptor) {
  return getInput().getType() == getType() ? OpFoldResult(getInput())
                                           : OpFoldResult();
}

OpFoldResult StackOp::fold(FoldAdaptor) {
  return getParts().size() == 1 ? OpFoldResult(getParts()[0]) : OpFoldResult();
}

void TransposeOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                              MLIRContext *context) {
  patterns.add<TransposeToReshape, TransposeOfDot, TransposeOfScaledDot>(
      context);
}

void BroadcastOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                              MLIRContext *context) {
  patterns.add<SimplerBroadcast, BroadcastIntoBinary>(context);
}

void SliceOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                          MLIRContext *context) {
  patterns.add<SliceToWindow>(context);
}

void DynamicSliceOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                                 MLIRContext *context) {
  patterns.add<DynamicSliceToSlice>(context);
}

void DotOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                        MLIRContext *context) {
  patterns.add<DotOfTranspose>(context);
}

void FlattenOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                            MLIRContext *context) {
  patterns.add<FlattenWithoutPads>(context);
}

} // namespace ds
