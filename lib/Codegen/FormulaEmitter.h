//===- FormulaEmitter.h - Elements of tensors as code -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Formulas are evaluated on demand at an index: a load, a scalar of the row,
// or the inlined body of a linalg.generic.  What depends on the row alone is
// computed once, in front of the loop.  Neighbouring dimensions run as one
// loop whose counter addresses tensors directly; single positions are derived
// from it only where code asks for them.
//===--------------------------------------------------------------------===//
#ifndef DS_LIB_CODEGEN_FORMULAEMITTER_H
#define DS_LIB_CODEGEN_FORMULAEMITTER_H

#include "KernelPlan.h"

#include "ds/Dialect/DS/DS.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

#include <map>
#include <optional>

namespace ds {

using Values = llvm::SmallVector<mlir::Value>;

/// Where a tensor lies; its first `skip` indices do not address it.
struct Memory {
  mlir::Value pointer;
  mlir::RankedTensorType type;
  int64_t skip = 0;
};

/// Positions that count through one loop together.
struct Joined {
  mlir::Value counter;
  Values parts;
  llvm::SmallVector<int64_t> sizes;
};

/// Where a row's random words are counted from.
struct RandomStream {
  /// From the operands of a ds.random_word.
  RandomStream(mlir::OpBuilder &b, mlir::Location loc,
               mlir::ValueRange operands);

  /// Words 0 and 1, and words 2 and 3 of a counter, side by side in an i64.
  std::pair<mlir::Value, mlir::Value>
  words(mlir::OpBuilder &b, mlir::Location loc, mlir::Value counter) const;

  /// The word of `element`, with 32-bit numbers.
  mlir::Value narrowWord(mlir::OpBuilder &b, mlir::Location loc) const;

  Values keys; ///< Two of each round.
  mlir::Value step, sample, element;
};

/// Elements of the buffer that a row's random words are made in.
int64_t randomWordsRoom(int64_t elements);

/// What the walks of all kernels are written with.
class FormulaEmitter {
protected:
  FormulaEmitter(mlir::func::FuncOp lowered, const KernelPlan &plan,
                 const InPlace &inPlace, unsigned vectorBits);
  virtual ~FormulaEmitter() = default;

  /// Pointers that a kernel takes: its arguments, and results that are not in
  /// place.
  unsigned countPointers();
  /// Tells where arguments and results lie, by the pointers that `entry` has.
  void bindPointers(mlir::Block *entry);
  Memory outputMemory(unsigned result);

  mlir::Value constant(int64_t value);
  mlir::Value add(mlir::Value x, mlir::Value y);
  mlir::Value multiply(mlir::Value x, int64_t y);

  /// A loop whose body turns the carried values into the next ones.
  Values
  loop(mlir::Value lower, mlir::Value upper, int64_t step,
       mlir::ValueRange carried,
       llvm::function_ref<Values(mlir::scf::ForOp, mlir::ValueRange)> body);
  /// Asks for the machine's vectors; `size` is the number of iterations, 0 if
  /// unknown.  LLVM's own choice is narrow where code divides.
  void annotate(mlir::scf::ForOp op, int64_t size);

  /// The positions that a counter through `sizes` stands for.
  Values split(mlir::Value counter, llvm::ArrayRef<int64_t> sizes);
  /// Positions that address a tensor, and the sizes that they run through.
  using Strides = llvm::SmallVector<std::pair<mlir::Value, int64_t>>;
  Strides stridesOf(const Memory &place, llvm::ArrayRef<mlir::Value> index);
  mlir::Value address(const Memory &place, llvm::ArrayRef<mlir::Value> index);
  mlir::Value element(mlir::Value pointer, mlir::Type type, mlir::Value offset);
  mlir::Value load(mlir::Value pointer, mlir::Type type);
  void store(mlir::Value value, mlir::Value pointer);
  /// What an element is in memory, and back.
  mlir::Type storedType(mlir::Type type);
  mlir::Value toStored(mlir::Value value);
  mlir::Value fromStored(mlir::Value value, mlir::Type type);
  mlir::Value stack(mlir::Type type, int64_t elements);

  /// An element of a tensor that lies at `place`.
  virtual mlir::Value loadFrom(mlir::Value tensor, const Memory &place,
                               llvm::ArrayRef<mlir::Value> index);
  /// An element of a tensor.
  mlir::Value evaluate(mlir::Value tensor, llvm::ArrayRef<mlir::Value> index);
  /// Compares positions that fit into 32 bits.
  mlir::Value compareShort(mlir::arith::CmpIPredicate predicate, mlir::Value x,
                           mlir::Value y);
  /// Copies the scalar code of `op` at one point of its loops; `carried` are
  /// the values so far of what it reduces into.
  Values inlineBody(mlir::linalg::GenericOp op, llvm::ArrayRef<mlir::Value> at,
                    mlir::ValueRange carried);
  /// Code for the word that a ds.random_word with these operands stands for.
  mlir::Value randomWord(mlir::ValueRange operands);
  /// Makes the words of [0, end) of a row of `op`, which has one
  /// ds.random_word, into `buffer`; returns where the first one lies.
  mlir::Value emitRandomWords(mlir::linalg::GenericOp op,
                              llvm::ArrayRef<mlir::Value> row,
                              mlir::Value buffer, mlir::Value end);
  /// Copies `count` neighbours of a copy's elements, from number `first` on, as
  /// one access; `output` is the memory of its result.
  void copyElements(StridedCopyOp op, mlir::Value output, mlir::Value first,
                    int64_t count);
  /// The sum of positions times strides.
  mlir::Value offsetOf(llvm::ArrayRef<mlir::Value> at,
                       llvm::ArrayRef<int64_t> strides);
  /// What a scatter of a kind makes of a place's element and a value.
  mlir::Value combine(llvm::StringRef kind, mlir::Value old, mlir::Value value);
  /// What a reduction starts from.
  mlir::Value initial(mlir::linalg::GenericOp op, unsigned result);

  mlir::func::FuncOp lowered;
  const KernelPlan &plan;
  const InPlace &inPlace;
  mlir::OperandRange returned;
  Values outputs; ///< Pointers by result.

  mlir::OpBuilder b;
  mlir::Location loc;
  mlir::Type pointerType, i64;
  bool isGpu = false; ///< Which has bfloat16, and no vectors of integers.

  using Memo = std::map<std::vector<void *>, mlir::Value>;
  mlir::Block *rowBlock = nullptr;      ///< Code of the current row.
  mlir::Operation *innerLoop = nullptr; ///< Outermost loop in it, if within.
  bool isUnseen = false;                ///< Behind what a causal row sees.
  Memo rowMemo, loopMemo;               ///< Elements computed already.
  llvm::DenseMap<mlir::Value, mlir::Value> scalars; ///< Finished reductions.
  llvm::DenseMap<mlir::Value, Memory> memory;       ///< Tensors to be loaded.

private:
  bool isInPlace(unsigned result);
  void keepScalar(mlir::scf::ForOp op);
  bool isOfRow(mlir::Value value);
  mlir::Value splat(ConstantOp op);
  mlir::Value counterOf(mlir::Value index);

  /// Set while a body is asked for its stream, not for code.
  std::optional<RandomStream> *rowStream = nullptr;
  unsigned vectorBits;
  llvm::DenseMap<mlir::Value, Joined> joined;        ///< By first part.
  llvm::DenseMap<mlir::Value, mlir::Value> counters; ///< Indices as i64.
};

} // namespace ds

#endif // DS_LIB_CODEGEN_FORMULAEMITTER_H
