//===- KernelShape.h - Which ops form one kernel ------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The question that fusion asks: can these ops run as one loop nest, and how
// is its work cut?  Cheap: looks at types and interfaces only.
//===--------------------------------------------------------------------===//
#ifndef DS_CODEGEN_KERNELSHAPE_H
#define DS_CODEGEN_KERNELSHAPE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/LogicalResult.h"

namespace mlir {
class Operation;
} // namespace mlir

namespace ds {

/// How a kernel's work items are made.
enum class KernelWalk {
  Flat,    ///< Items are elements; every tensor has one shape or rank 0.
  Row,     ///< Items are rows, whole in one call.
  Column,  ///< Items are columns; all rows are summed for each.
  Scatter, ///< Items are columns of a table that rows are added into.
  Copy     ///< Items are elements, which lie anywhere.
};

/// The loop nest of a kernel.
struct KernelShape {
  KernelWalk walk = KernelWalk::Flat;
  /// The whole iteration space.
  llvm::SmallVector<int64_t> shape;
  /// Row: leading dimensions that make items.  Column, Scatter: leading
  /// dimensions that are summed.  Flat, Copy: 0.
  int64_t rowRank = 0;

  /// Number of work items.
  uint64_t items() const;
  /// Work is split at multiples of this many items: vectors stay whole, and a
  /// piece is worth a thread's while.
  uint64_t grain() const;
  llvm::ArrayRef<int64_t> rows() const {
    return llvm::ArrayRef(shape).take_front(rowRank);
  }
};

/// The shape of the kernel that `ops` form; failure when they cannot be one.
///
/// `ops` are in program order and closed: values that they produce for each
/// other are computed inside, all other operands are memory.  Constants with
/// one value for all elements may be among them.
llvm::FailureOr<KernelShape>
analyzeKernel(llvm::ArrayRef<mlir::Operation *> ops);

} // namespace ds

#endif // DS_CODEGEN_KERNELSHAPE_H
