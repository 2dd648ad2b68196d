//===- KernelShape.cpp - Which ops form one kernel ----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A kernel has one Scatter or Copy op alone, or Column ops that sum the same
// leading dimensions, or Row ops with the same rows, and any elementwise ops
// and moves whose elements belong to those rows or columns.
//===--------------------------------------------------------------------===//

#include "ds/Codegen/KernelShape.h"
#include "ds/Dialect/DS/DS.h"

#include "llvm/ADT/SetVector.h"

#include <algorithm>

using namespace mlir;
using namespace ds;

static uint64_t count(ArrayRef<int64_t> shape) {
  return static_cast<uint64_t>(HostTensor::count(shape));
}

uint64_t KernelShape::items() const {
  switch (walk) {
  case KernelWalk::Flat:
  case KernelWalk::Copy:
    return count(shape);
  case KernelWalk::Row:
    return count(rows());
  case KernelWalk::Column:
  case KernelWalk::Scatter:
    return count(ArrayRef(shape).drop_front(rowRank));
  }
  llvm_unreachable("unknown walk");
}

uint64_t KernelShape::grain() const {
  constexpr uint64_t kPiece = 4096; // elements
  switch (walk) {
  case KernelWalk::Flat:
  case KernelWalk::Copy:
    return kPiece;
  case KernelWalk::Row:
    return std::max<uint64_t>(
        1, kPiece / std::max<uint64_t>(
                        1, count(ArrayRef(shape).drop_front(rowRank))));
  case KernelWalk::Column:
  case KernelWalk::Scatter:
    return 16; // one cache line of float32
  }
  llvm_unreachable("unknown walk");
}

namespace {

bool isSplat(Operation *op) {
  auto constant = dyn_cast<ConstantOp>(op);
  return constant && constant.getSplat();
}

bool startsWith(ArrayRef<int64_t> shape, ArrayRef<int64_t> prefix) {
  return shape.take_front(prefix.size()) == prefix;
}

bool endsWith(ArrayRef<int64_t> shape, ArrayRef<int64_t> suffix) {
  return shape.take_back(suffix.size()) == suffix;
}

/// Collects the ops by kind and checks how they fit together.
class Analysis {
public:
  explicit Analysis(ArrayRef<Operation *> ops) : ops(ops) {}

  FailureOr<KernelShape> run() {
    if (failed(collect()))
      return failure();
    if (!byKind[index(KernelKind::Scatter)].empty())
      return alone(KernelWalk::Scatter);
    if (!byKind[index(KernelKind::Copy)].empty())
      return alone(KernelWalk::Copy);
    if (!byKind[index(KernelKind::Column)].empty())
      return column();
    if (!byKind[index(KernelKind::Row)].empty())
      return row();
    return elementwise();
  }

private:
  static unsigned index(KernelKind kind) { return static_cast<unsigned>(kind); }

  LogicalResult collect() {
    for (Operation *op : ops) {
      if (isSplat(op))
        continue;
      auto kernel = dyn_cast<KernelOpInterface>(op);
      if (!kernel)
        return failure();
      for (Type type :
           llvm::concat<Type>(llvm::to_vector(op->getOperandTypes()),
                              llvm::to_vector(op->getResultTypes())))
        if (!cast<RankedTensorType>(type).hasStaticShape())
          return failure();
      // Elements at other places may not have been computed yet.
      if (kernel.getKernelKind() == KernelKind::Move &&
          llvm::any_of(op->getOperands(),
                       [&](Value v) { return inside.contains(v); }))
        return failure();
      kernels.push_back(kernel);
      byKind[index(kernel.getKernelKind())].push_back(kernel);
      for (Value result : op->getResults())
        inside.insert(result);
    }
    return success(!kernels.empty());
  }

  FailureOr<KernelShape> alone(KernelWalk walk) {
    if (kernels.size() != 1)
      return failure();
    return KernelShape{walk, kernels[0].getIterationShape(),
                       kernels[0].getRowRank()};
  }

  FailureOr<KernelShape> column() {
    if (!byKind[index(KernelKind::Row)].empty())
      return failure();
    KernelOpInterface first = byKind[index(KernelKind::Column)][0];
    KernelShape kernel{KernelWalk::Column, first.getIterationShape(),
                       first.getRowRank()};
    ArrayRef<int64_t> columns =
        ArrayRef(kernel.shape).drop_front(kernel.rowRank);
    DenseSet<Value> sums; // per column: complete only after the last row
    for (KernelOpInterface op : kernels) {
      SmallVector<int64_t> shape = op.getIterationShape();
      bool usesSum = llvm::any_of(op->getOperands(), [&](Value operand) {
        return sums.contains(operand);
      });
      if (op.getKernelKind() == KernelKind::Column) {
        if (usesSum || shape != kernel.shape ||
            op.getRowRank() != kernel.rowRank)
          return failure();
      } else if (usesSum) {
        if (ArrayRef(shape) != columns)
          return failure();
      } else if (shape.empty() || ArrayRef(shape) == kernel.rows()) {
        if (isStored(op))
          return failure();
      } else if (shape != kernel.shape) {
        return failure();
      }
      if (usesSum || op.getKernelKind() == KernelKind::Column)
        sums.insert(op->result_begin(), op->result_end());
    }
    return kernel;
  }

  FailureOr<KernelShape> row() {
    KernelShape kernel{KernelWalk::Row, {}, -1};
    for (KernelOpInterface op : byKind[index(KernelKind::Row)]) {
      SmallVector<int64_t> shape = op.getIterationShape();
      if (kernel.rowRank < 0)
        kernel = {KernelWalk::Row, shape, op.getRowRank()};
      if (op.getRowRank() != kernel.rowRank ||
          !startsWith(shape, kernel.rows()))
        return failure();
      widen(kernel, shape);
    }
    return aligned(kernel);
  }

  FailureOr<KernelShape> elementwise() {
    KernelShape kernel{KernelWalk::Flat, {}, 0};
    for (KernelOpInterface op : kernels)
      widen(kernel, op.getIterationShape());
    auto fits = [&](Type type) {
      ArrayRef<int64_t> shape = cast<RankedTensorType>(type).getShape();
      return shape.empty() || shape == ArrayRef(kernel.shape);
    };
    bool flat = llvm::all_of(kernels, [&](KernelOpInterface op) {
      // Of several dimensions, positions would be divided out of a counter.
      bool moves = op.getKernelKind() == KernelKind::Move;
      return (moves ? kernel.shape.size() <= 1
                    : llvm::all_of(op->getOperandTypes(), fits)) &&
             llvm::all_of(op->getResultTypes(), fits);
    });
    if (!flat) {
      kernel.walk = KernelWalk::Row;
      kernel.rowRank = std::max<int64_t>(kernel.shape.size(), 1) - 1;
    }
    return aligned(kernel);
  }

  /// Every op belongs to the rows; a smaller operand made inside is one value
  /// per row or one at all.
  FailureOr<KernelShape> aligned(KernelShape kernel) {
    for (KernelOpInterface op : kernels) {
      SmallVector<int64_t> shape = op.getIterationShape();
      if (shape.empty()) {
        if (kernel.items() > 1 && isStored(op))
          return failure();
        continue;
      }
      if (!startsWith(shape, kernel.rows()) ||
          (kernel.walk == KernelWalk::Flat && shape != kernel.shape))
        return failure();
      for (Value operand : op->getOperands()) {
        ArrayRef<int64_t> small = tensorType(operand).getShape();
        if (!inside.contains(operand) || small.empty() ||
            small.size() == shape.size())
          continue;
        bool suffix = op.getKernelKind() == KernelKind::Elementwise &&
                      endsWith(shape, small);
        if (suffix || small != kernel.rows())
          return failure();
      }
    }
    return kernel;
  }

  static void widen(KernelShape &kernel, ArrayRef<int64_t> shape) {
    if (count(shape) > count(kernel.shape) || kernel.shape.empty())
      kernel.shape.assign(shape.begin(), shape.end());
  }

  bool isStored(KernelOpInterface op) {
    return llvm::any_of(op->getUsers(), [&](Operation *user) {
      return !llvm::is_contained(ops, user);
    });
  }

  ArrayRef<Operation *> ops;
  SmallVector<KernelOpInterface> kernels;
  SmallVector<KernelOpInterface> byKind[6];
  DenseSet<Value> inside;
};

} // namespace

FailureOr<KernelShape> ds::analyzeKernel(ArrayRef<Operation *> ops) {
  return Analysis(ops).run();
}
