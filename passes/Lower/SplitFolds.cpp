//===- SplitFolds.cpp - Large folds in two kernels ----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A kernel folds a row in one block of a GPU, and a tile of columns in another
// one: a fold to few numbers keeps few of its processors busy.  Here it becomes
// many folds of a part each, and one of what they have left.  Both are folds as
// any other: a flat row [n] is seen as [parts, n / parts], the rows of a column
// sum [rows, columns] as [rows / parts, parts, columns].  Elementwise ops that
// feed nothing else are made anew on these dimensions, so that they still run
// inside the first kernel.  What does not divide is folded by itself and
// becomes one part more.
//===--------------------------------------------------------------------===//

#include "ds/Dialect/DS/DS.h"
#include "ds/Passes/Lower.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_SPLITFOLDSPASS
#include "ds/Passes/Lower.h.inc"

namespace {

// What is split depends on shapes alone, and so do the bits of the results: on
// no property of the machine.  Below these sizes a second launch takes longer
// than the few processors do.

/// Rows of this many elements, when they are fewer than that.
constexpr int64_t kLongRow = 1 << 17, kFewRows = 64;

/// Column sums of this many elements, when there are fewer columns than that.
constexpr int64_t kLargeSum = 1 << 22, kFewColumns = 1 << 17;

/// Elements of a part of a row: a warp has them in registers.
constexpr int64_t kPart = 1024;

/// Columns that the parts of a column sum have side by side, for a thousand
/// tiles of them, and rows that each adds up at least.  Types have no say: sums
/// of the same rows stay one kernel.
constexpr int64_t kManyColumns = 1 << 18, kLeastRows = 128;

int64_t count(ArrayRef<int64_t> shape) { return HostTensor::count(shape); }

//===--------------------------------------------------------------------===//
// Other dimensions
//===--------------------------------------------------------------------===//

/// Elements [at, at + count(sizes)) of the dimensions [begin, end) taken as
/// one, as dimensions `sizes`.
struct Regrouping {
  SmallVector<int64_t> shape; ///< Before.
  int64_t begin, end;
  int64_t at = 0;
  SmallVector<int64_t> sizes = {};

  int64_t total() const {
    return count(ArrayRef(shape).slice(begin, end - begin));
  }

  /// `type`, whose dimensions from `first` on are the regrouped ones.
  RankedTensorType apply(RankedTensorType type, int64_t first,
                         ArrayRef<int64_t> to) const {
    SmallVector<int64_t> dims(type.getShape().take_front(first));
    llvm::append_range(dims, to);
    llvm::append_range(dims, type.getShape().drop_front(first + end - begin));
    return RankedTensorType::get(dims, type.getElementType());
  }

  /// The first regrouped dimension of a tensor that has the first dimensions of
  /// `shape`, or the last ones; -1 where it has none of these, failure where
  /// some of them.
  FailureOr<int64_t> firstOf(RankedTensorType type, bool isLeading) const {
    const auto rank = static_cast<int64_t>(shape.size());
    const int64_t low = isLeading ? 0 : rank - type.getRank(),
                  high = isLeading ? type.getRank() : rank;
    if (high <= begin || low >= end)
      return -1;
    if (low > begin || high < end)
      return failure();
    return begin - low;
  }
};

/// A fold and how it is split.
struct Split {
  FoldOpInterface op;
  bool isColumn = false;
  Regrouping all = {{}, 0, 0};         ///< The dimensions that are folded.
  int64_t parts = 0, length = 0;       ///< And of what else is left: `rest`.
  SmallVector<int64_t> front;          ///< Or: the parts are these dimensions.
  llvm::SetVector<Operation *> inside; ///< Producers to be made anew.
  /// What these and the fold read: the first regrouped dimension, or -1.
  DenseMap<OpOperand *, int64_t> leaves;

  int64_t rest() const { return all.total() - parts * length; }
};

//===--------------------------------------------------------------------===//
// Decide
//===--------------------------------------------------------------------===//

bool isInKernel(const Split &split, Operation *op) {
  auto kernel = dyn_cast<KernelOpInterface>(op);
  return kernel && op->getBlock() == split.op->getBlock() &&
         kernel.getKernelKind() == KernelKind::Elementwise &&
         op->getNumResults() == 1 &&
         kernel.getIterationShape() == split.all.shape &&
         op->hasAttr(kBackwardAttr) == split.op->hasAttr(kBackwardAttr) &&
         llvm::all_of(op->getUsers(), [&](Operation *user) {
           return user == split.op || split.inside.contains(user);
         });
}

/// Finds the producers of a fold that ds-fuse-kernels would put into its
/// kernel: users before what they use.
void findProducers(Split &split) {
  SmallVector<Operation *> pending;
  auto push = [&](Operation *op) {
    for (Value operand : op->getOperands())
      if (Operation *def = operand.getDefiningOp();
          def && def->getBlock() == op->getBlock() &&
          !llvm::is_contained(pending, def))
        pending.push_back(def);
  };
  push(split.op);
  while (!pending.empty()) {
    auto *last = llvm::max_element(pending, [](Operation *a, Operation *b) {
      return a->isBeforeInBlock(b);
    });
    Operation *op = *last;
    pending.erase(last);
    if (!isInKernel(split, op))
      continue;
    split.inside.insert(op);
    push(op);
  }
}

/// Whether all that the parts read can have other dimensions.
bool findLeaves(Split &split) {
  auto addAll = [&](Operation *op, ArrayRef<unsigned> rowOperands) {
    return llvm::all_of(op->getOpOperands(), [&](OpOperand &operand) {
      if (split.inside.contains(operand.get().getDefiningOp()))
        return true;
      FailureOr<int64_t> first = split.all.firstOf(
          tensorType(operand.get()),
          llvm::is_contained(rowOperands, operand.getOperandNumber()));
      if (succeeded(first))
        split.leaves[&operand] = *first;
      return succeeded(first);
    });
  };
  return addAll(split.op, {}) && llvm::all_of(split.inside, [&](Operation *op) {
           auto rows = cast<KernelOpInterface>(op).getRowOperands();
           return succeeded(rows) && addAll(op, *rows);
         });
}

/// Whether leading dimensions are enough parts as they are.
bool splitAtDimension(Split &split) {
  ArrayRef<int64_t> shape = split.all.shape;
  constexpr int64_t kEnough = 256;
  for (int64_t k = split.all.begin + 1; k < split.all.end; ++k)
    if (count(shape.take_front(k)) >= kEnough) {
      split.front.assign(shape.begin(), shape.begin() + k);
      return count(shape.drop_front(k)) >= kEnough;
    }
  return false;
}

bool splitRows(Split &split) {
  ArrayRef<int64_t> shape = split.all.shape;
  const int64_t rows = count(shape.take_front(split.all.begin));
  const int64_t length = split.all.total();
  if (rows >= kFewRows || length < kLongRow)
    return false;
  if (splitAtDimension(split))
    return true;
  split.front.clear();
  split.length = kPart;
  for (int64_t size : {kPart, kPart / 4 * 3, kPart / 2})
    if (length % split.length)
      split.length = length % size ? kPart : size;
  split.parts = length / split.length;
  // What is left of several rows does not lie in one place.
  return rows == 1 || split.rest() == 0;
}

bool splitColumns(Split &split) {
  ArrayRef<int64_t> shape = split.all.shape;
  const int64_t rows = split.all.total();
  const int64_t columns = count(shape.drop_front(split.all.end));
  if (count(shape) < kLargeSum || columns >= kFewColumns)
    return false;
  // Powers of two: rows of parts are aligned as few columns are not.
  const auto wanted = static_cast<int64_t>(std::min(
      llvm::PowerOf2Ceil(static_cast<uint64_t>(kManyColumns / columns)),
      llvm::bit_floor(static_cast<uint64_t>(rows / kLeastRows))));
  if (wanted < 2)
    return false;
  split.parts = wanted;
  auto isEven = [&](int64_t parts) {
    constexpr int64_t kVector = 8; // elements in 16 bytes
    return rows % parts == 0 && parts * columns % kVector == 0;
  };
  for (int64_t near = 0; near < wanted && !isEven(split.parts); ++near)
    for (int64_t parts : {wanted + near, wanted - near / 2})
      if (isEven(parts))
        split.parts = parts;
  split.length = rows / split.parts;
  return true;
}

std::optional<Split> decide(FoldOpInterface op) {
  Split split;
  split.op = op;
  auto kernel = cast<KernelOpInterface>(op.getOperation());
  const SmallVector<int64_t> shape = kernel.getIterationShape();
  const int64_t rowRank = kernel.getRowRank();
  split.isColumn = kernel.getKernelKind() == KernelKind::Column;
  const auto rank = static_cast<int64_t>(shape.size());
  split.all = {shape, split.isColumn ? 0 : rowRank,
               split.isColumn ? rowRank : rank};
  // Products of parts would be rounded, or overflow, where the whole does not.
  auto fold = dyn_cast<ReduceOp>(op.getOperation());
  const bool isNarrowProduct =
      fold && fold.getKind() == "mul" &&
      (tensorType(fold.getInput()).getElementType().isF16() ||
       tensorType(fold.getInput()).getElementType().isBF16());
  if (count(shape) == 0 || isNarrowProduct ||
      !(split.isColumn ? splitColumns(split) : splitRows(split)))
    return std::nullopt;
  if (!split.front.empty())
    return split;
  findProducers(split);
  return findLeaves(split) ? std::optional(std::move(split)) : std::nullopt;
}

//===--------------------------------------------------------------------===//
// Apply
//===--------------------------------------------------------------------===//

class Rewriter {
public:
  explicit Rewriter(MLIRContext *context) : b(context) {}

  /// Makes the parts of a fold; what they are stands where the fold does.
  Value makeParts(Split &split) {
    b.setInsertionPoint(split.op);
    marks = split.op;
    if (!split.front.empty())
      return mark(split.op.foldPart(b, split.op->getOperand(0), split.front));
    const int64_t parts = split.parts, length = split.length;
    Value most = makePart(split, 0, parts, length);
    if (split.rest() == 0)
      return most;
    Value last = makePart(split, parts * length, 1, split.rest());
    const int64_t dim = split.isColumn ? 0 : split.all.begin;
    RankedTensorType type = tensorType(most);
    SmallVector<int64_t> shape(type.getShape());
    ++shape[dim];
    type = RankedTensorType::get(shape, type.getElementType());
    return mark(StackOp::create(b, split.op->getLoc(), type,
                                ValueRange{most, last}, dim));
  }

  /// Replaces a fold by that of its parts, behind `last`; returns it.
  FoldOpInterface finish(Split &split, Value parts, Operation *last) {
    b.setInsertionPointAfter(last);
    marks = split.op;
    Value whole = mark(split.op.foldParts(b, parts));
    split.op->getResult(0).replaceAllUsesWith(whole);
    return cast<FoldOpInterface>(whole.getDefiningOp());
  }

  void erase(Split &split) {
    split.op->erase();
    for (Operation *op : split.inside)
      op->erase();
  }

private:
  Value mark(Value made) {
    for (StringRef name : {kBlockAttr, kBackwardAttr})
      if (Attribute value = marks->getAttr(name))
        made.getDefiningOp()->setAttr(name, value);
    return made;
  }

  /// Of `parts` times `length` elements, or rows, from `at` on.
  Value makePart(Split &split, int64_t at, int64_t parts, int64_t length) {
    Regrouping to = split.all;
    to.at = at;
    to.sizes = {parts, length};
    if (split.isColumn)
      std::swap(to.sizes[0], to.sizes[1]);
    IRMapping map;
    SmallVector<Operation *> inside(split.inside.begin(), split.inside.end());
    llvm::sort(inside, [](Operation *a, Operation *b) {
      return a->isBeforeInBlock(b);
    });
    auto operandOf = [&](OpOperand &operand) {
      auto leaf = split.leaves.find(&operand);
      return leaf == split.leaves.end()
                 ? map.lookup(operand.get())
                 : regrouped(operand.get(), leaf->second, to);
    };
    for (Operation *op : inside) {
      SmallVector<Value> operands;
      for (OpOperand &operand : op->getOpOperands())
        operands.push_back(operandOf(operand));
      Operation *copy = b.clone(*op);
      copy->setOperands(operands);
      Value result = copy->getResult(0);
      result.setType(to.apply(tensorType(result), to.begin, to.sizes));
      map.map(op->getResult(0), result);
    }
    Value input = operandOf(split.op->getOpOperand(0));
    ArrayRef<int64_t> shape = tensorType(input).getShape();
    return mark(split.op.foldPart(
        b, input, split.isColumn ? shape.drop_front() : shape.drop_back()));
  }

  /// A view of an operand; one for all folds of a block, so that those of the
  /// same rows are seen to read the same.
  Value regrouped(Value leaf, int64_t first, const Regrouping &to) {
    if (first < 0)
      return leaf;
    Location loc = leaf.getLoc();
    RankedTensorType type = tensorType(leaf),
                     result = to.apply(type, first, to.sizes);
    auto constant = leaf.getDefiningOp<ConstantOp>();
    if (constant && constant.getSplat())
      return mark(ConstantOp::create(b, loc, result, *constant.getSplat()));
    Value &view = views[{b.getInsertionBlock(), leaf.getAsOpaquePointer(),
                         to.at, result.getAsOpaquePointer()}];
    if (view)
      return view;
    view = leaf;
    auto reshape = [&](RankedTensorType type) {
      if (type != view.getType())
        view = mark(ReshapeOp::create(b, loc, type, view));
    };
    const int64_t some = count(to.sizes);
    if (some != to.total()) {
      reshape(to.apply(type, first, {to.total()}));
      SmallVector<int64_t> shape(tensorType(view).getShape());
      shape[first] = some;
      view = mark(WindowOp::create(
          b, loc, RankedTensorType::get(shape, type.getElementType()), view,
          first, to.at));
    }
    reshape(result);
    return view;
  }

  OpBuilder b;
  Operation *marks = nullptr;
  std::map<std::tuple<Block *, const void *, int64_t, const void *>, Value>
      views; ///< By block, operand, place and type.
};

/// Folds of one block that stand side by side and read the same rows: their
/// first kernels become one when nothing comes in between.
using Run = std::vector<Split>;

bool readsSame(const Split &a, const Split &b) {
  return llvm::any_of(a.leaves, [&](const auto &leaf) {
    return llvm::any_of(b.leaves, [&](const auto &other) {
      return leaf.first->get() == other.first->get() && leaf.second >= 0;
    });
  });
}

bool isAlike(const Split &a, const Split &b) {
  return a.op->getBlock() == b.op->getBlock() && a.isColumn == b.isColumn &&
         a.all.shape == b.all.shape && a.parts == b.parts && readsSame(a, b);
}

/// Whether nothing up to `op` uses the results of a run.
bool areUnusedBefore(const Run &run, Operation *op) {
  return llvm::all_of(run, [&](const Split &split) {
    return llvm::all_of(split.op->getUsers(), [&](Operation *user) {
      Operation *here = op->getBlock()->findAncestorOpInBlock(*user);
      return here && op->isBeforeInBlock(here);
    });
  });
}

struct SplitFolds : impl::SplitFoldsPassBase<SplitFolds> {
  using SplitFoldsPassBase::SplitFoldsPassBase;

  void runOnOperation() override {
    std::vector<Run> runs;
    getOperation().walk([&](FoldOpInterface op) {
      std::optional<Split> split = decide(op);
      if (!split)
        return;
      if (!runs.empty() && isAlike(runs.back().back(), *split) &&
          areUnusedBefore(runs.back(), op))
        runs.back().push_back(std::move(*split));
      else
        runs.emplace_back().push_back(std::move(*split));
    });
    Rewriter rewriter(&getContext());
    for (Run &run : runs)
      apply(run, rewriter);
  }

  /// What many parts have left may be a long row again.
  void apply(Run &run, Rewriter &rewriter) {
    SmallVector<Value> parts;
    for (Split &split : run)
      parts.push_back(rewriter.makeParts(split));
    SmallVector<FoldOpInterface> finals;
    Operation *last = run.back().op;
    for (auto [split, part] : llvm::zip_equal(run, parts)) {
      finals.push_back(rewriter.finish(split, part, last));
      last = finals.back();
    }
    for (Split &split : run)
      rewriter.erase(split);
    for (FoldOpInterface final : finals)
      if (std::optional<Split> split = decide(final)) {
        Run again;
        again.push_back(std::move(*split));
        apply(again, rewriter);
      }
  }
};

} // namespace
} // namespace ds
