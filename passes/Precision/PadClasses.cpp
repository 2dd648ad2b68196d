//===- PadClasses.cpp - Rows of logits that tensor cores can read -------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Dialect/DS/DS.h"
#include "ds/Passes/Precision.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_PADCLASSESPASS
#include "ds/Passes/Precision.h.inc"

namespace {

/// How long rows of `classes` become.  Few are not worth two more kernels.
int64_t paddedSize(int64_t classes) {
  if (classes < 64)
    return classes;
  const auto atLeast = static_cast<uint64_t>(classes);
  return static_cast<int64_t>(llvm::alignTo(atLeast, classes < 1024 ? 8 : 64));
}

RankedTensorType withLast(Value value, int64_t size) {
  RankedTensorType type = tensorType(value);
  SmallVector<int64_t> shape(type.getShape());
  shape.back() = size;
  return RankedTensorType::get(shape, type.getElementType());
}

/// Builds logits with longer rows beside those that are there.
class Padding {
public:
  Padding(Value logits, int64_t to)
      : classes(tensorType(logits).getShape().back()), to(to) {}

  /// Whether the ops that make `logits` are such that padding stays finite and
  /// nobody else sees it.
  bool isPossible(Value logits) const {
    Operation *op = logits.getDefiningOp();
    if (!op || !logits.hasOneUse() || tensorType(logits).getRank() == 0 ||
        tensorType(logits).getShape().back() != classes)
      return false;
    if (auto dot = dyn_cast<DotOp>(op)) {
      ProductSpec letters = dot.getLetters();
      return dot.getLhs() != dot.getRhs() &&
             letters.lhs.contains(letters.result.back()) !=
                 letters.rhs.contains(letters.result.back());
    }
    if (!isa<CastOp, AddOp, MulOp, TanhOp, ReshapeOp>(op))
      return false;
    return llvm::all_of(op->getOperands(), [&](Value operand) {
      return isSmall(op, operand) || isPossible(operand);
    });
  }

  Value build(Value logits) const {
    Operation *op = logits.getDefiningOp();
    OpBuilder b(op);
    IRMapping padded;
    auto dot = dyn_cast<DotOp>(op);
    for (Value operand : op->getOperands())
      padded.map(operand, dot                     ? factor(b, dot, operand)
                          : !isSmall(op, operand) ? build(operand)
                          : isRow(operand)        ? pad(b, op, operand, 0)
                                                  : operand);
    Operation *copy = b.clone(*op, padded);
    copy->getResult(0).setType(withLast(logits, to));
    return copy->getResult(0);
  }

private:
  bool isRow(Value operand) const {
    RankedTensorType type = tensorType(operand);
    return type.getRank() == 1 && type.getDimSize(0) == classes;
  }
  /// What is repeated over the logits: a scalar or a row.
  bool isSmall(Operation *op, Value operand) const {
    return !isa<ReshapeOp, CastOp, TanhOp>(op) &&
           (tensorType(operand).getRank() == 0 || isRow(operand)) &&
           tensorType(op->getResult(0)).getRank() > 1;
  }

  /// An operand of the product, padded if it has the classes.
  Value factor(OpBuilder &b, DotOp dot, Value operand) const {
    ProductSpec letters = dot.getLetters();
    StringRef own = operand == dot.getLhs() ? letters.lhs : letters.rhs;
    size_t place = own.find(letters.result.back());
    return place == StringRef::npos ? operand : pad(b, dot, operand, place);
  }

  Value pad(OpBuilder &b, Operation *like, Value value, size_t dim) const {
    RankedTensorType type = tensorType(value);
    SmallVector<int64_t> shape(type.getShape());
    shape[dim] = to;
    auto result = RankedTensorType::get(shape, type.getElementType());
    auto op = PadOp::create(b, like->getLoc(), result, value,
                            /*low=*/DenseI64ArrayAttr(),
                            /*interior=*/DenseI64ArrayAttr(),
                            /*value=*/FloatAttr());
    if (Attribute block = like->getAttr(kBlockAttr))
      op->setAttr(kBlockAttr, block);
    return op;
  }

  const int64_t classes, to;
};

struct PadClasses : impl::PadClassesPassBase<PadClasses> {
  using PadClassesPassBase::PadClassesPassBase;

  void runOnOperation() override {
    getOperation().walk([](CrossEntropyOp loss) {
      Value logits = loss.getLogits();
      const int64_t classes = tensorType(logits).getShape().back(),
                    to = paddedSize(classes);
      Padding padding(logits, to);
      if (loss.getClasses() || classes == to || !padding.isPossible(logits))
        return;
      loss.getLogitsMutable().assign(padding.build(logits));
      loss.setClasses(static_cast<uint64_t>(classes));
      eraseUnused(logits);
    });
  }

  /// Erases what makes `value`, as far as nothing else needs it.
  static void eraseUnused(Value value) {
    Operation *op = value.getDefiningOp();
    if (!op || !op->use_empty() || !isPure(op))
      return;
    SmallVector<Value> operands(op->getOperands());
    op->erase();
    for (Value operand : operands)
      eraseUnused(operand);
  }
};

} // namespace
} // namespace ds
