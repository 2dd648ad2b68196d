//===- DS.h - The ds dialect --------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Umbrella header: dialect, attributes, interfaces and ops.
//===--------------------------------------------------------------------===//
#ifndef DS_DIALECT_DS_DS_H
#define DS_DIALECT_DS_DS_H

#include "ds/Dialect/DS/Convolution.h"
#include "ds/Support/HostTensor.h"
#include "ds/Support/Schedule.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/IR/TensorEncoding.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/Hashing.h"
#include "llvm/ADT/bit.h"

namespace ds {

/// How generated code walks an op's iteration space.
enum class KernelKind {
  /// Each result element depends on the same element of every operand (or on
  /// a broadcast one): any walk is right.
  Elementwise,
  /// Each result element depends on where it stands and on elements at other
  /// places of operands, which must be in memory: any walk is right.
  Move,
  /// Each row is computed from its own rows of the operands; a row may reduce
  /// over its inner dimensions.
  Row,
  /// The leading dimensions are summed, the trailing ones are split.
  Column,
  /// Rows are combined into operand 0, in place, where code says: columns are
  /// split, rows run in order.
  Scatter,
  /// Elements of operand 0 are copied into the last one, in place: any walk is
  /// right.
  Copy
};

/// What becomes of an op's float32 tensors in a model that is computed in a
/// 16-bit type.  Whatever its class, it computes in float32 and rounds its
/// results once.
enum class PrecisionClass {
  /// Operands are cast to the 16-bit type, which is the results', too: products
  /// and lookups.
  Cast,
  /// Operands and results are float32: what makes errors larger, or adds many
  /// numbers.
  Keep,
  /// As soon as an operand with dimensions is 16-bit, all of those and the
  /// results are.
  Follow,
  /// Operands are what they come as; results stay what they are: sums, say,
  /// are float32.
  Any
};

/// What an update must know of the logical tensors in a flat unit.
enum class UpdateLayout {
  Elementwise,     ///< Nothing: any shard will do.
  ScalarPerTensor, ///< Which tensor a block of elements belongs to.
  WholeTensors     ///< Every element of a tensor at once.
};

/// Elements per block of a shard.  Sums of squares run over such blocks, and
/// where an update needs a scalar for each tensor, a block is of one tensor.
inline constexpr int64_t kBlockElements = 1024;

/// Attribute on ops that came from call number n of a repeated block.
inline constexpr llvm::StringLiteral kBlockAttr = "ds.block";
/// On an imported module: how many blocks were found.
inline constexpr llvm::StringLiteral kBlocksAttr = "ds.blocks";
/// Unit attribute on ops that belong to the backward pass.
inline constexpr llvm::StringLiteral kBackwardAttr = "ds.backward";
/// Unit attribute on a private function that `ds.launch` runs.
inline constexpr llvm::StringLiteral kKernelAttr = "ds.kernel";
/// Unit attribute on the forward function of an imported module.
inline constexpr llvm::StringLiteral kLossAttr = "ds.loss";
/// Attribute on an imported module: a dictionary of how often which fused op
/// was found in what was written out.
inline constexpr llvm::StringLiteral kRaisedAttr = "ds.raised";
/// On a unit of trained parameters: the #ds.optimizer of all of them.
inline constexpr llvm::StringLiteral kOptimizerAttr = "ds.optimizer";
/// Unit attribute on the loop over micro-batches.
inline constexpr llvm::StringLiteral kMicroBatchesAttr = "ds.micro_batches";

} // namespace ds

#include "ds/Dialect/DS/DSDialect.h.inc"

namespace ds {
/// Of ops that the plan has an instruction for, on scalars.
template <typename ConcreteOp>
class ScalarInstruction
    : public mlir::OpTrait::TraitBase<ConcreteOp, ScalarInstruction> {};

/// Of ops whose PrecisionOpInterface says the same of every instance.
template <PrecisionClass value> struct HasPrecision {
  template <typename ConcreteOp>
  struct Impl : mlir::OpTrait::TraitBase<ConcreteOp, Impl> {
    PrecisionClass getPrecisionClass() { return value; }
  };
};

/// Of products and convolutions, which a vendor's library computes.
template <typename ConcreteOp>
class LibraryProduct
    : public mlir::OpTrait::TraitBase<ConcreteOp, LibraryProduct> {};
} // namespace ds

namespace ds {
/// The letters of a product's operands and result: "bsk,kn->bsn".
struct ProductSpec {
  explicit ProductSpec(llvm::StringRef spec)
      : lhs(spec.split(',').first),
        rhs(spec.split(',').second.split("->").first),
        result(spec.split("->").second) {}
  llvm::StringRef lhs, rhs, result;
};

/// Whether a product is one of two matrices, transposed or not: rows, columns
/// and what is summed may each be several letters, side by side in one order.
bool isMatrixProduct(const ProductSpec &letters);

/// What a tensor is to an op that is computed by blocks of rows.
enum class RowRole {
  Whole, ///< Every block needs all of it.
  Rows,  ///< A block has its own rows of it.
  Sum,   ///< Blocks add up to it.
  Mean   ///< Made of one value per row, when all are there.
};

/// The roles of an op's operands and results; see RowBlockOpInterface.
struct RowRoles {
  llvm::SmallVector<RowRole> operands, results;
  int64_t rank = 0; ///< Leading dimensions that are rows.
};

/// For attributes, which are kept once for equal values.
inline llvm::hash_code hash_value(const Piece &piece) {
  auto bits = [](double value) {
    return llvm::bit_cast<uint64_t>(value + 0.0);
  };
  return llvm::hash_combine(piece.begin, piece.curve, bits(piece.from),
                            bits(piece.to), piece.steps, bits(piece.factor),
                            piece.stairs, piece.early);
}
} // namespace ds

#define GET_ATTRDEF_CLASSES
#include "ds/Dialect/DS/DSAttrs.h.inc"

#include "ds/Dialect/DS/DSInterfaces.h.inc"

#define GET_OP_CLASSES
#include "ds/Dialect/DS/DSOps.h.inc"

namespace ds {

/// The ranked tensor type of a value.
inline mlir::RankedTensorType tensorType(mlir::Value value) {
  return llvm::cast<mlir::RankedTensorType>(value.getType());
}

/// A float32 for each row of `type`, whose last dimension a row is; `type`
/// itself where that is no tensor with dimensions, which verifiers refuse.
inline mlir::Type rowStatisticType(mlir::Type type) {
  auto rows = llvm::dyn_cast<mlir::RankedTensorType>(type);
  if (!rows || rows.getRank() == 0)
    return type;
  return mlir::RankedTensorType::get(rows.getShape().drop_back(),
                                     mlir::Float32Type::get(type.getContext()));
}

/// The module's forward function, or null.
inline mlir::func::FuncOp findLoss(mlir::ModuleOp module) {
  for (auto function : module.getOps<mlir::func::FuncOp>())
    if (function->hasAttr(kLossAttr))
      return function;
  return {};
}

/// What OptimizerOpInterface's static methods say of an optimizer's op.
llvm::SmallVector<llvm::StringRef> stateNames(OptimizerAttr optimizer);
double initialState(OptimizerAttr optimizer);
UpdateLayout layoutOf(OptimizerAttr optimizer);

/// Whether the plan has an instruction for `op`, whose operands and result have
/// rank 0.  It computes in float64: of integers only what is exact there.
bool isScalarInstruction(mlir::Operation *op);

/// The key of a random stream: the first 8 bytes of SHA-256(name) as two
/// little-endian words.
std::array<uint32_t, 2> streamKey(llvm::StringRef name);

/// `type` with other elements.
inline mlir::RankedTensorType withElement(mlir::Type type, mlir::Type element) {
  auto tensor = llvm::cast<mlir::RankedTensorType>(type);
  return mlir::RankedTensorType::get(tensor.getShape(), element,
                                     tensor.getEncoding());
}

/// Bytes of a statically shaped tensor type.
inline int64_t byteSize(mlir::RankedTensorType type) {
  return type.getNumElements() *
         ((type.getElementType().getIntOrFloatBitWidth() + 7) / 8);
}

} // namespace ds

#endif // DS_DIALECT_DS_DS_H
