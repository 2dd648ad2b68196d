//===- GpuEmitter.h - A planned kernel as code of one thread ------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A thread evaluates a formula at a few neighbouring points at once.  Where a
// tensor's elements lie side by side there, they are one access: of 16 bytes,
// if the tensor is aligned so.
//===--------------------------------------------------------------------===//
#ifndef DS_LIB_CODEGEN_GPUEMITTER_H
#define DS_LIB_CODEGEN_GPUEMITTER_H

#include "FormulaEmitter.h"
#include "GpuShape.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace ds {

class GpuEmitter : FormulaEmitter {
public:
  GpuEmitter(mlir::func::FuncOp lowered, const KernelPlan &plan,
             const KernelRequest &request, mlir::ModuleOp module);

  /// Appends the kernel as the function `symbol`; returns its shape.
  GpuShape run(llvm::StringRef symbol);

private:
  using Index = Values;
  using Points = llvm::SmallVector<Index>;
  using Row = llvm::function_ref<void()>;

  //===------------------------------------------------------------------===//
  // Functions, GpuEmitter.cpp
  //===------------------------------------------------------------------===//

  void makeFunction(llvm::StringRef symbol);
  void addArguments(mlir::Block *entry);
  mlir::Value intrinsic(mlir::Type type, llvm::StringRef name,
                        mlir::ValueRange operands);
  mlir::Value special(llvm::StringRef name);
  mlir::Value isLess(mlir::Value x, mlir::Value y);
  mlir::Value remainder(mlir::Value x, int64_t y);
  mlir::Value quotient(mlir::Value x, int64_t y);
  /// Has several rounds of a loop in flight, whose points are so many; one
  /// round of it at a time, where that is 0.
  void unroll(mlir::scf::ForOp op, int64_t points);
  /// Runs code where a condition holds.
  void onlyIf(mlir::Value condition, Row code);
  void emitFlat();

  //===------------------------------------------------------------------===//
  // Neighbouring points, GpuPoints.cpp
  //===------------------------------------------------------------------===//

  /// The points of `sizes` from `counter` on, a multiple of their number,
  /// behind `front`.
  Points neighbours(llvm::ArrayRef<mlir::Value> front, mlir::Value counter,
                    llvm::ArrayRef<int64_t> sizes, int64_t count);
  /// Where an access at one of several points begins, and its number there;
  /// none where the elements do not lie side by side.
  struct Wide {
    Index base;
    int64_t lane, lanes;
  };
  std::optional<Wide> wideAt(const Memory &place,
                             llvm::ArrayRef<mlir::Value> index);
  mlir::Value loadFrom(mlir::Value tensor, const Memory &place,
                       llvm::ArrayRef<mlir::Value> index) override;
  struct Write {
    Memory place;
    Points at;
    Values values;
  };
  Write computed(mlir::Value tensor, const Memory &place,
                 llvm::ArrayRef<Index> points);
  void write(const Write &write);
  /// Computes and then writes what a phase stores at some points.
  void emitStores(const Phase &phase, llvm::ArrayRef<Index> points);

  //===------------------------------------------------------------------===//
  // Rows, GpuRows.cpp
  //===------------------------------------------------------------------===//

  void emitRows();
  void emitPhases();
  void placeKept();
  void emitPhase(const Phase &phase);
  Points pointsOf(const Phase &phase, mlir::Value unit, int64_t part);
  Values emitUnits(const Phase &phase, Values sums);
  Values emitLoop(const Phase &phase, int64_t part, Values sums,
                  mlir::Value lower, mlir::Value upper);
  Values emitCausal(const Phase &phase, Values sums);
  Values emitPoints(const Phase &phase, llvm::ArrayRef<Index> points,
                    Values sums);
  Values combineRow(const Phase &phase, Values sums);
  mlir::Value shuffled(mlir::Value value, int64_t distance);
  mlir::Value acrossWarp(mlir::linalg::GenericOp op, mlir::Value value,
                         int64_t threads);
  void syncRow();

  //===------------------------------------------------------------------===//
  // Columns, GpuColumns.cpp, scatters, GpuScatter.cpp, copies, GpuCopies.cpp
  //===------------------------------------------------------------------===//

  void emitColumns();
  Values acrossBlock(const Phase &rows, mlir::Value y, mlir::Value inBlock,
                     Values sums);
  Values addRows(const Phase &rows, mlir::Value y, mlir::Value first,
                 mlir::Value end);
  void finishColumns(const Phase &columns, llvm::ArrayRef<Index> points,
                     llvm::ArrayRef<mlir::linalg::GenericOp> reductions,
                     Values sums);

  void emitScatter();
  void scatterInOrder();
  void scatterRow(mlir::Value number, mlir::Value c);

  void emitCopy();
  void emitTiles(StridedCopyOp op, Transposed dims);

  /// Shared memory of the block, `elements` of a type.
  mlir::Value shared(mlir::Type type, int64_t elements);
  void syncBlock();

  const KernelRequest &request;
  mlir::ModuleOp module;
  GpuShape shape;
  mlir::LLVM::LLVMFuncOp function;
  mlir::Type i32, sharedPointerType;

  mlir::Value thread, block; ///< Numbers.
  mlir::Value lane, mask;    ///< Of a row's threads.
  Index row;                 ///< Positions of the current row.
  int64_t sharedBytes = 0;
  llvm::DenseMap<mlir::Value, int64_t> alignments; ///< Of pointers.
  llvm::DenseMap<mlir::Value, Memory> keptMemory;
  /// Positions that are the same but for their number among neighbours.
  /// Of positions that are parts of a counter: the last one, or another.
  enum class Step { Counter, Inner, Outer };
  struct Lane {
    mlir::Value base;
    int64_t lane, lanes;
    Step step;
  };
  llvm::DenseMap<mlir::Value, Lane> laneOf;
  std::map<std::vector<void *>, mlir::Value> vectors; ///< Loaded ones.
  /// Unrolled points, which all phases share, so that values do.
  std::map<std::vector<int64_t>, Points> unrolled;
  std::map<int64_t, mlir::Value> units;
};

} // namespace ds

#endif // DS_LIB_CODEGEN_GPUEMITTER_H
