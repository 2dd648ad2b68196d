//===- GpuShape.h - How a kernel lies on a GPU --------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_LIB_CODEGEN_GPUSHAPE_H
#define DS_LIB_CODEGEN_GPUSHAPE_H

#include "KernelPlan.h"

namespace ds {

/// Threads that shuffle values among each other.
constexpr int64_t kWarp = 32;

/// Shared memory that every GPU gives a block without being asked.
constexpr int64_t kSharedBytes = 48 << 10;

/// Threads of a block, and what each does.
struct GpuShape {
  int64_t threads = 256;
  int64_t items = 1;  ///< Work items of a block.
  int64_t vector = 1; ///< Neighbouring elements of a thread, 1 to 8.
  /// Row: threads of a row, a power of two; the block where more than a warp.
  /// Column: threads side by side, the others take other rows.  Scatter: warps
  /// of the same columns, which take rows of different places.  Copy: a warp
  /// where tiles are transposed.
  int64_t group = 1;
  /// Row: each thread has a known number of elements, which it keeps.
  bool isUnrolled = false;
};

/// Chooses the shape of a kernel.
GpuShape shapeOnGpu(mlir::func::FuncOp lowered, const KernelPlan &plan);

/// The side of a tile that is transposed in shared memory.
constexpr int64_t kTile = 32;

/// The dimensions of a copy whose elements lie side by side: `across` where
/// they come from, `along` where they go, if these are two.
struct Transposed {
  unsigned across, along;
};
std::optional<Transposed> transposedBy(StridedCopyOp op);

/// The dimensions of a phase's loops that run as one, from the outermost in.
llvm::SmallVector<llvm::SmallVector<int64_t>> nestOf(const Phase &phase);

/// Equal parts of the innermost loop that are known to differ.
int64_t partsOf(const Phase &phase);

/// Neighbours that a thread takes at once in a phase: `most`, or as many as
/// divide the innermost loop's parts.
int64_t vectorOf(const Phase &phase, int64_t most);

/// Vectors in one part of a phase's loops.
int64_t unitsOf(const Phase &phase, int64_t vector);

/// What one partial result of a reduction and another one make, as the op that
/// a reduction applies says; null where it does not.
mlir::Value combinePartials(mlir::OpBuilder &b, mlir::linalg::GenericOp op,
                            mlir::Value first, mlir::Value second);
bool hasPartials(mlir::linalg::GenericOp op);

} // namespace ds

#endif // DS_LIB_CODEGEN_GPUSHAPE_H
