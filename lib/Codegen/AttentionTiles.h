//===- AttentionTiles.h - How attention is cut for a GPU ----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_LIB_CODEGEN_ATTENTIONTILES_H
#define DS_LIB_CODEGEN_ATTENTIONTILES_H

#include "ds/Codegen/Attention.h"
#include "ds/Codegen/Codegen.h"

#include "llvm/Support/MathExtras.h"

namespace ds {

/// What some blocks of threads compute.  A block has positions of its own,
/// whose results stay in registers, and streams tiles of all other positions
/// through shared memory.
struct AttentionRole {
  /// Own positions are queries and tiles keys, or the other way around.
  bool ownsQueries;
  /// Result of the op that is a product with the score gradients, and with the
  /// probabilities; -1 for none.
  int byScores = -1, byWeights = -1;
  int64_t warps = 8,
          rowTiles = 1; ///< Each warp has so many times 16 own positions.
  int64_t tile = 64;    ///< Positions of a tile.
  int64_t blocks = 0;

  int64_t own() const { return warps * rowTiles * 16; }
};

/// All blocks of a kernel, role by role.
llvm::SmallVector<AttentionRole> rolesOf(const AttentionKernel &kernel);

/// Multiplications and additions of a role's matrix products.
double productFlops(const AttentionKernel &kernel, const AttentionRole &role);

/// What describeKernel says of one.
KernelInfo describeAttention(mlir::func::FuncOp function,
                             const AttentionKernel &kernel);

/// Appends the kernel as the function `symbol`; fails with a diagnostic.
llvm::FailureOr<GpuKernelInfo> emitAttention(const AttentionKernel &kernel,
                                             const KernelRequest &request,
                                             mlir::ModuleOp module,
                                             llvm::StringRef symbol);

} // namespace ds

#endif // DS_LIB_CODEGEN_ATTENTIONTILES_H
