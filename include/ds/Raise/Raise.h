//===- Raise.h - What the raising passes share --------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_RAISE_RAISE_H
#define DS_RAISE_RAISE_H

#include "ds/Dialect/DS/DS.h"

#include <optional>
#include <vector>

namespace ds {

/// Whether the op computes each element from those at the same place.
inline bool isPointwise(mlir::Operation *op) {
  auto kernel = mlir::dyn_cast<KernelOpInterface>(op);
  return kernel && kernel.getKernelKind() == KernelKind::Elementwise &&
         op->getNumResults() == 1 && op->getNumOperands() > 0 &&
         !mlir::isa<BroadcastOp, RandomOpInterface>(op);
}

/// The module's loss functions: what raising looks at.
llvm::SmallVector<mlir::func::FuncOp> lossFunctions(mlir::ModuleOp module);

/// What an op's result is: a new value, its name for people, and the name of
/// what was raised before and goes with it.
struct Raised {
  mlir::Value value;
  llvm::StringRef what;
  llvm::StringRef instead = "";
};

/// Offers every op with one result, the last one first, so that a whole layer
/// norm is seen before the part of it that has no bias yet.  What `find` makes,
/// with a builder in front of the op, replaces the op's result and is counted
/// in the module's `ds.raised`; what nothing uses then goes.
void raiseBackwards(mlir::func::FuncOp function,
                    llvm::function_ref<std::optional<Raised>(mlir::OpBuilder &,
                                                             mlir::Operation *)>
                        find);

/// Says why something that looks like `what` is left as it is, at its place.
void tellNotRaised(mlir::Operation *op, llvm::StringRef what,
                   const llvm::Twine &why);

/// `count` numbers about 0, of magnitudes about 1; the same in every run.
std::vector<double> probeNumbers(int64_t count, uint64_t seed);

/// `value` with other dimensions of size 1, or as it is.
mlir::Value reshaped(mlir::OpBuilder &builder, mlir::Location loc,
                     mlir::Value value, llvm::ArrayRef<int64_t> shape);

/// A shape without dimensions of size 1, which say nothing.
llvm::SmallVector<int64_t> withoutOnes(llvm::ArrayRef<int64_t> shape);

/// What an op multiplies by a constant, or negates.
struct Scaled {
  double factor;
  mlir::Value value;
};
std::optional<Scaled> scaledBy(mlir::Operation *op);

/// All elements of a constant, row-major.
std::vector<double> constantElements(ConstantOp constant);

} // namespace ds

#endif // DS_RAISE_RAISE_H
