//===- WidenProducts.cpp - Products of 16 bits in float32 ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An operand is cast where it is used first; the products beside that, of the
// same layer and on the same side of the gradient, take what is there.  Views
// are taken of the cast tensor: what is cast has no gaps.
//===--------------------------------------------------------------------===//

#include "ds/Dialect/DS/DS.h"
#include "ds/Passes/Lower.h"

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_WIDENPRODUCTSPASS
#include "ds/Passes/Lower.h.inc"

namespace {

bool isNarrow(Type type) { return ::ds::isNarrow(getElementTypeOrSelf(type)); }

Type wide(Type type) {
  return RankedTensorType::get(cast<RankedTensorType>(type).getShape(),
                               Float32Type::get(type.getContext()));
}

class Widener {
public:
  explicit Widener(MLIRContext *context) : b(context) {}

  /// Replaces a product by one of float32.
  void widen(Operation *op) {
    b.setInsertionPoint(op);
    SmallVector<Value> operands;
    for (Value operand : op->getOperands())
      operands.push_back(isNarrow(operand.getType()) ? widened(operand, op)
                                                     : operand);
    op->setOperands(operands);
    Value result = op->getResult(0);
    if (!isNarrow(result.getType()))
      return;
    const Type narrow = result.getType();
    result.setType(wide(narrow));
    b.setInsertionPointAfter(op);
    Value rounded = mark(CastOp::create(b, op->getLoc(), narrow, result), op);
    result.replaceAllUsesExcept(rounded, rounded.getDefiningOp());
  }

  /// Parts that products leave in float32 are put together before they are
  /// rounded: each is written where it lies in the whole.
  void roundWhole(StackOp stack) {
    SmallVector<Value> parts;
    for (Value part : stack.getParts()) {
      auto cast = part.getDefiningOp<CastOp>();
      if (!cast || !part.hasOneUse() ||
          cast.getInput().getType() != wide(part.getType()) ||
          !cast.getInput().hasOneUse())
        return;
      parts.push_back(cast.getInput());
    }
    b.setInsertionPoint(stack);
    Value whole = mark(StackOp::create(b, stack.getLoc(), wide(stack.getType()),
                                       parts, stack.getDim()),
                       stack);
    Value rounded =
        mark(CastOp::create(b, stack.getLoc(), stack.getType(), whole), stack);
    SmallVector<Value> casts(stack.getParts());
    stack.replaceAllUsesWith(rounded);
    stack.erase();
    for (Value cast : casts)
      cast.getDefiningOp()->erase();
  }

private:
  /// What belongs together: layer and side of the gradient.
  using Key = std::tuple<Value, Block *, Attribute, Attribute>;

  Value widened(Value value, Operation *user) {
    const Key key{value, user->getBlock(), user->getAttr(kBlockAttr),
                  user->getAttr(kBackwardAttr)};
    if (Value known = made.lookup(key))
      return known;
    Value wider = isView(value, user)
                      ? ofView(cast<OpResult>(value), user)
                      : mark(CastOp::create(b, user->getLoc(),
                                            wide(value.getType()), value),
                             user);
    made[key] = wider; // only now: a view's operand was entered meanwhile
    return wider;
  }

  static bool isView(Value value, Operation *user) {
    Operation *op = value.getDefiningOp();
    return op && isa<ReshapeOp, WindowOp, SplitOp, TakeOp>(op) &&
           op->getBlock() == user->getBlock();
  }

  Value ofView(OpResult value, Operation *user) {
    Value whole = widened(value.getOwner()->getOperand(0), user);
    Operation *view = b.clone(*value.getOwner());
    view->setOperand(0, whole);
    for (Value result : view->getResults())
      result.setType(wide(result.getType()));
    return mark(view, user, value.getResultNumber());
  }

  Value mark(Operation *part, Operation *user, unsigned result = 0) {
    for (StringRef name : {kBlockAttr, kBackwardAttr}) {
      part->removeAttr(name);
      if (Attribute value = user->getAttr(name))
        part->setAttr(name, value);
    }
    return part->getResult(result);
  }

  OpBuilder b;
  llvm::DenseMap<Key, Value> made;
};

struct WidenProducts : impl::WidenProductsPassBase<WidenProducts> {
  using WidenProductsPassBase::WidenProductsPassBase;

  void runOnOperation() override {
    Widener widener(&getContext());
    SmallVector<Operation *> products;
    SmallVector<StackOp> stacks;
    getOperation().walk([&](Operation *op) {
      if (op->hasTrait<LibraryProduct>() && !isKept(op) &&
          (llvm::any_of(op->getOperandTypes(), isNarrow) ||
           llvm::any_of(op->getResultTypes(), isNarrow)))
        products.push_back(op);
      else if (auto stack = dyn_cast<StackOp>(op);
               stack && isNarrow(stack.getType()))
        stacks.push_back(stack);
    });
    for (Operation *product : products)
      widener.widen(product);
    for (StackOp stack : stacks)
      widener.roundWhole(stack);
  }

  /// Whether the machine multiplies such operands as they are.
  bool isKept(Operation *op) {
    auto isFine = [&](Type type) {
      const Type element = getElementTypeOrSelf(type);
      return element.isBF16() ? keepBf16 : element.isF16() ? keepF16 : true;
    };
    return isa<DotOp, DotAddOp>(op) &&
           llvm::all_of(op->getOperandTypes(), isFine);
  }
};

} // namespace
} // namespace ds
