//===- KernelPlan.h - The phases of a kernel ----------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A row is computed in phases: loops over its inner dimensions.  A phase runs
// reductions, which later phases see as scalars, and stores results.
// Everything else is computed where it is used: again in each phase, unless it
// is in memory already or costs enough to be kept.
//===--------------------------------------------------------------------===//
#ifndef DS_LIB_CODEGEN_KERNELPLAN_H
#define DS_LIB_CODEGEN_KERNELPLAN_H

#include "ds/Codegen/Codegen.h"
#include "ds/Dialect/DS/DS.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

#include "llvm/ADT/MapVector.h"

namespace ds {

/// Causal loops end at a multiple of this.
constexpr int64_t kCausalBlock = 32;

/// Rows that a column kernel adds per visit of its accumulators, and columns
/// that it finishes before it goes on: they stay in the first-level cache.
constexpr int64_t kMaxRowBlock = 4, kColumnTile = 512;

struct Phase {
  llvm::SmallVector<int64_t> inner; ///< Sizes of the loops.
  llvm::SmallVector<mlir::linalg::GenericOp> reductions;
  llvm::SmallVector<unsigned> stores; ///< Numbers of the kernel's results.
  llvm::SmallVector<mlir::Value> kept;
  /// Loops that cannot be joined with the one before them: some tensor has
  /// one of the two dimensions only, or code uses the position.
  llvm::SmallVector<bool> cuts;
  int64_t segments = 1; ///< Equal parts that the innermost loop runs apart.
  /// Formulas marked `ds.causal` count only up to the row's last position.
  bool causal = false;
};

struct KernelPlan {
  KernelShape shape;
  /// Row and Flat: in order.  Column: over all rows, then over the columns.
  llvm::SmallVector<Phase, 4> phases;
  /// Values kept between phases: the result whose storage holds them until it
  /// is written, or -1 for the stack.
  llvm::MapVector<mlir::Value, int> kept;
  double flops = 0, bytes = 0;
};

/// Whether a value has random words, which are made row by row in front of the
/// phase that keeps them.
bool isRandomWords(mlir::Value value);

/// Whether code has a function such as exp, which costs as much as a dozen
/// additions.
bool isTranscendental(mlir::Operation *op);

/// A copy of the function, in no module, with its ops as linalg.generic.  A
/// scatter stays, and what it combines is returned behind its result; so does a
/// copy.
llvm::FailureOr<mlir::func::FuncOp> lowerToLoops(mlir::func::FuncOp function);

/// The results of a function made by lowerToLoops.
mlir::OperandRange returnedBy(mlir::func::FuncOp lowered);

/// The scatter of a function made by lowerToLoops; see KernelOpInterface.
struct Scatter {
  explicit Scatter(mlir::func::FuncOp lowered);
  mlir::Value into;           ///< An argument, which the result overwrites.
  mlir::Value isInside, base; ///< Of each row.
  mlir::Value values;         ///< Of each row and column.
  llvm::StringRef kind;       ///< "add", "mul", "min", "max" or "set".
};

/// The copy in a function made by lowerToLoops, null where it is none, and the
/// bytes that it writes.
StridedCopyOp copyIn(mlir::func::FuncOp lowered);
int64_t copiedBytes(mlir::func::FuncOp lowered);

/// Plans a function made by lowerToLoops; on failure `why` has the reason.
llvm::FailureOr<KernelPlan> planKernel(mlir::func::FuncOp lowered,
                                       const KernelShape &shape,
                                       const InPlace &inPlace,
                                       std::string &why);

/// A kernel ready to be emitted; erases its lowered function.
struct PreparedKernel {
  mlir::func::FuncOp lowered;
  KernelPlan plan;

  explicit PreparedKernel(mlir::func::FuncOp lowered) : lowered(lowered) {}
  PreparedKernel(PreparedKernel &&other)
      : lowered(std::exchange(other.lowered, nullptr)),
        plan(std::move(other.plan)) {}
  ~PreparedKernel() {
    if (lowered)
      lowered.erase();
  }
};

/// Lowers and plans; a plan that fails is reported if `report`.
llvm::FailureOr<PreparedKernel>
prepareKernel(mlir::func::FuncOp function, const InPlace &inPlace, bool report);

/// What is known of a kernel before its code.
KernelInfo describePlan(mlir::func::FuncOp function, const KernelPlan &plan);

/// What each phase of a planned kernel costs.
std::vector<KernelPass> costKernel(mlir::func::FuncOp lowered,
                                   const KernelPlan &plan,
                                   const InPlace &inPlace);

/// The shape of a whole function.
llvm::FailureOr<KernelShape> analyzeFunction(mlir::func::FuncOp function);

} // namespace ds

#endif // DS_LIB_CODEGEN_KERNELPLAN_H
