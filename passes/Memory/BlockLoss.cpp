//===- BlockLoss.cpp - The loss head a few rows at a time ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From a loss the search goes up and down over values that are as large as its
// operand: up to the product that makes them, down to the products and sums
// that use them up.  What it finds is computed block by block, so that no such
// value exists whole.
//===--------------------------------------------------------------------===//

#include "ds/Dialect/DS/DS.h"
#include "ds/Passes/Memory.h"

#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_BLOCKLOSSPASS
#include "ds/Passes/Memory.h.inc"

namespace {

/// The ops from the product that makes the logits to what is left of them.
struct Head {
  SmallVector<Operation *> ops; ///< In program order.
  DenseMap<Operation *, RowRoles> roles;
  SmallVector<Operation *> hoisted; ///< What `ops` need, from behind the first.
  int64_t rows = 0, rowBytes = 0;   ///< Of the logits.
};

//===--------------------------------------------------------------------===//
// Ops by blocks of rows
//===--------------------------------------------------------------------===//

/// Elementwise ops and column sums: their walk says enough.
FailureOr<RowRoles> rolesByWalk(KernelOpInterface op, Value rows,
                                int64_t rank) {
  ArrayRef<int64_t> shape = tensorType(rows).getShape();
  bool isSum = op.getKernelKind() == KernelKind::Column;
  if ((!isSum && op.getKernelKind() != KernelKind::Elementwise) ||
      (isSum && op.getRowRank() != rank) || op->getNumResults() != 1)
    return failure();
  RowRoles roles;
  roles.rank = rank;
  auto inner = static_cast<int64_t>(shape.size()) - rank;
  for (Value operand : op->getOperands()) {
    bool same = tensorType(operand).getShape() == shape;
    if (!same && tensorType(operand).getRank() > inner)
      return failure(); // repeated over some of the row dimensions only
    roles.operands.push_back(same ? RowRole::Rows : RowRole::Whole);
  }
  roles.results = {isSum ? RowRole::Sum : RowRole::Rows};
  if (!isSum && tensorType(op->getResult(0)).getShape() != shape)
    return failure();
  return roles;
}

FailureOr<RowRoles> rolesOf(Operation *op, Value rows, int64_t rank) {
  if (auto blocks = dyn_cast<RowBlockOpInterface>(op))
    return blocks.getRowRoles(rows, rank);
  if (auto kernel = dyn_cast<KernelOpInterface>(op))
    return rolesByWalk(kernel, rows, rank);
  return failure();
}

RankedTensorType withShape(RankedTensorType type, int64_t rows, int64_t drop) {
  SmallVector<int64_t> shape{rows};
  llvm::append_range(shape, type.getShape().drop_front(drop));
  return RankedTensorType::get(shape, type.getElementType());
}

SmallVector<Value> buildBlock(OpBuilder &b, Operation *op,
                              const RowRoles &roles, ValueRange operands,
                              ArrayRef<Value> sums, int64_t rows) {
  if (auto blocks = dyn_cast<RowBlockOpInterface>(op))
    return blocks.buildRowBlock(b, roles, operands, sums);
  Operation *copy = b.clone(*op);
  copy->setOperands(operands);
  Value result = copy->getResult(0);
  if (roles.results[0] == RowRole::Rows)
    result.setType(withShape(tensorType(result), rows, roles.rank));
  else // rounded when all blocks are there
    result.setType(RankedTensorType::get(
        tensorType(result).getShape(),
        wideElement(tensorType(result).getElementType())));
  if (roles.results[0] == RowRole::Sum && sums[0])
    result = AddOp::create(b, op->getLoc(), result.getType(), sums[0], result);
  return {result};
}

//===--------------------------------------------------------------------===//
// Decide
//===--------------------------------------------------------------------===//

class Search {
public:
  Search(Value logits, int64_t rank)
      : logits(logits), type(tensorType(logits)), rank(rank) {}

  /// Everything that makes or uses values like the logits; nothing when one of
  /// them must exist whole, or not all of it can stand in one place.
  std::optional<Head> run(Operation *loss) {
    if (!add(loss, logits) || !head.roles.count(logits.getDefiningOp()) ||
        type.getNumElements() == 0)
      return std::nullopt;
    llvm::sort(head.ops, [](Operation *a, Operation *b) {
      return a->isBeforeInBlock(b);
    });
    for (Operation *op : head.ops)
      if (!canBeCut(op))
        return std::nullopt;
    head.rows = 1;
    for (int64_t size : type.getShape().take_front(rank))
      head.rows *= size;
    head.rowBytes = byteSize(type) / head.rows;
    return std::move(head);
  }

private:
  bool isLarge(Value value) {
    return tensorType(value).getShape() == type.getShape();
  }
  /// Takes in `op`, which uses or makes `value`, the ops that make its large
  /// operands, and all users of its large results, which cannot stay outside.
  bool add(Operation *op, Value value) {
    if (head.roles.count(op))
      return true;
    FailureOr<RowRoles> roles = rolesOf(op, value, rank);
    if (failed(roles) || op->getBlock() != logits.getParentBlock())
      return false;
    head.ops.push_back(op);
    head.roles[op] = *roles;
    for (auto [result, role] :
         llvm::zip_equal(op->getResults(), roles->results))
      if (role == RowRole::Rows && isLarge(result) &&
          !llvm::all_of(result.getUsers(),
                        [&](Operation *user) { return add(user, result); }))
        return false;
    for (auto [operand, role] :
         llvm::zip_equal(op->getOperands(), roles->operands)) {
      Operation *maker = operand.getDefiningOp();
      // What another op makes whole, or the caller, is there anyway.
      if (role == RowRole::Rows && isLarge(operand) && maker &&
          succeeded(rolesOf(maker, operand, rank)) && !add(maker, operand))
        return false;
    }
    return true;
  }

  /// Whether a block of `op` needs nothing but blocks of the head's other ops,
  /// and what else it needs can exist before.
  bool canBeCut(Operation *op) {
    const RowRoles &uses = head.roles.find(op)->second;
    for (auto [operand, role] :
         llvm::zip_equal(op->getOperands(), uses.operands)) {
      auto made = head.roles.find(operand.getDefiningOp());
      if (made == head.roles.end()
              ? !hoist(operand.getDefiningOp())
              : role != RowRole::Rows ||
                    made->second.results[cast<OpResult>(operand)
                                             .getResultNumber()] !=
                        RowRole::Rows)
        return false;
    }
    return true;
  }

  /// Notes what must move so that `op`'s results exist before the head.
  bool hoist(Operation *op) {
    Operation *first = head.ops.front();
    if (!op || op->getBlock() != first->getBlock() ||
        op->isBeforeInBlock(first) || llvm::is_contained(head.hoisted, op))
      return true;
    if (head.roles.count(op) || !isPure(op) ||
        !llvm::all_of(op->getOperands(), [&](Value operand) {
          return hoist(operand.getDefiningOp());
        }))
      return false;
    head.hoisted.push_back(op);
    return true;
  }

  Value logits;
  RankedTensorType type;
  int64_t rank;
  Head head;
};

//===--------------------------------------------------------------------===//
// Apply
//===--------------------------------------------------------------------===//

class Rewriter {
public:
  explicit Rewriter(const Head &head) : head(head), b(head.ops.front()) {
    for (Operation *op : head.ops)
      if (Attribute mark = op->getAttr(kBackwardAttr))
        backward = mark;
  }

  void run(int64_t rowsPerBlock) {
    for (Operation *op : head.hoisted)
      op->moveBefore(head.ops.front());
    for (int64_t begin = 0; begin < head.rows; begin += rowsPerBlock)
      buildBlock(begin, std::min(rowsPerBlock, head.rows - begin));
    for (Operation *op : head.ops)
      for (auto [result, role] :
           llvm::zip_equal(op->getResults(), roles(op).results))
        if (llvm::any_of(result.getUses(), isOutside))
          result.replaceUsesWithIf(finish(op, result, role), isOutside);
    for (Operation *op : llvm::reverse(head.ops))
      op->erase();
  }

private:
  const RowRoles &roles(Operation *op) { return head.roles.find(op)->second; }

  void buildBlock(int64_t begin, int64_t rows) {
    DenseMap<Value, Value> here; // the block's rows of values
    for (Operation *op : head.ops) {
      SmallVector<Value> operands, before;
      for (auto [operand, role] :
           llvm::zip_equal(op->getOperands(), roles(op).operands)) {
        if (role == RowRole::Rows && !here.contains(operand))
          here[operand] = window(op, operand, begin, rows);
        operands.push_back(role == RowRole::Rows ? here[operand] : operand);
      }
      for (Value result : op->getResults())
        before.push_back(sums.lookup(result));
      Operation *last = b.getInsertionPoint()->getPrevNode();
      auto results = ::ds::buildBlock(b, op, roles(op), operands, before, rows);
      inherit(last, op);
      for (auto [result, part, role] :
           llvm::zip_equal(op->getResults(), results, roles(op).results)) {
        here[result] = part;
        if (role == RowRole::Sum)
          sums[result] = part;
        else
          parts[result].push_back(part);
      }
    }
  }

  /// Rows [begin, begin + rows) of a tensor from outside.
  Value window(Operation *op, Value tensor, int64_t begin, int64_t rows) {
    int64_t rank = roles(op).rank;
    RankedTensorType type = tensorType(tensor);
    Value &flat = flattened[tensor];
    if (!flat)
      flat = rank == 1
                 ? tensor
                 : ReshapeOp::create(b, op->getLoc(),
                                     withShape(type, head.rows, rank), tensor)
                       .getResult();
    return WindowOp::create(b, op->getLoc(), withShape(type, rows, rank), flat,
                            /*dim=*/0, begin);
  }

  /// What replaces `result` outside of the head.
  Value finish(Operation *op, Value result, RowRole role) {
    if (role == RowRole::Sum)
      return rounded(op, result);
    Operation *last = b.getInsertionPoint()->getPrevNode();
    RankedTensorType part = tensorType(parts[result].front());
    Value whole =
        StackOp::create(b, op->getLoc(), withShape(part, head.rows, 1),
                        parts[result], /*dim=*/0);
    if (role == RowRole::Mean)
      whole = cast<RowBlockOpInterface>(op).finishRows(b, whole);
    else if (roles(op).rank != 1)
      whole = ReshapeOp::create(b, op->getLoc(), result.getType(), whole);
    inherit(last, op);
    return whole;
  }

  /// The sum of all blocks as `result`'s type has it.
  Value rounded(Operation *op, Value result) {
    Value sum = sums[result];
    if (sum.getType() == result.getType())
      return sum;
    Operation *last = b.getInsertionPoint()->getPrevNode();
    Value cast = CastOp::create(b, op->getLoc(), result.getType(), sum);
    inherit(last, op);
    return cast;
  }

  /// Marks what was built behind `last` like `op`; with a gradient the head is
  /// all of the backward pass, which begins with it.
  void inherit(Operation *last, Operation *op) {
    Block::iterator it =
        last ? std::next(last->getIterator()) : b.getInsertionBlock()->begin();
    for (; it != b.getInsertionPoint(); ++it) {
      if (Attribute index = op->getAttr(kBlockAttr))
        it->setAttr(kBlockAttr, index);
      if (backward)
        it->setAttr(kBackwardAttr, backward);
    }
  }

  const Head &head;
  std::function<bool(OpOperand &)> isOutside = [this](OpOperand &use) {
    return !head.roles.count(use.getOwner());
  };
  OpBuilder b;
  Attribute backward;
  DenseMap<Value, Value> flattened, sums;
  DenseMap<Value, SmallVector<Value>> parts;
};

struct BlockLoss : impl::BlockLossPassBase<BlockLoss> {
  using BlockLossPassBase::BlockLossPassBase;

  void runOnOperation() override {
    SmallVector<RowBlockOpInterface> losses;
    getOperation().walk([&](RowBlockOpInterface op) {
      if (isLoss(op))
        losses.push_back(op);
    });
    DenseSet<Operation *> done;
    for (RowBlockOpInterface loss : losses) {
      if (done.contains(loss))
        continue; // another loss of the same logits
      Value logits = loss->getOperand(0);
      int64_t rank = tensorType(logits).getRank() - 1;
      std::optional<Head> head = Search(logits, rank).run(loss);
      if (!head)
        continue;
      int64_t size = rowsPerBlock(*head);
      if (size >= head->rows)
        continue;
      done.insert(head->ops.begin(), head->ops.end());
      Rewriter(*head).run(size);
    }
  }

  /// A scalar of all rows of its first operand.
  static bool isLoss(RowBlockOpInterface op) {
    Value logits = op->getOperand(0);
    auto roles = op.getRowRoles(logits, tensorType(logits).getRank() - 1);
    return succeeded(roles) && roles->results.front() == RowRole::Mean;
  }

  /// Even blocks, whose products are large enough for the library.
  int64_t rowsPerBlock(const Head &head) {
    auto ceil = [](int64_t a, int64_t b) { return (a + b - 1) / b; };
    int64_t most =
        std::max({int64_t{1}, int64_t{rows}, minBytes / head.rowBytes,
                  ceil(head.rows, std::max<int64_t>(maxBlocks, 1))});
    return ceil(head.rows, ceil(head.rows, most));
  }
};

} // namespace
} // namespace ds
