//===- Importer.h - From StableHLO to ds, op by op ----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The loss function is built while @main is walked: calls and loops are walked
// where they stand, so that the result is one block.  Every topic of ops adds
// its handlers to one table.
//===--------------------------------------------------------------------===//
#ifndef DS_LIB_IMPORT_IMPORTER_H
#define DS_LIB_IMPORT_IMPORTER_H

#include "ds/Dialect/DS/DS.h"
#include "ds/Dialect/StableHLO/StableHLO.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

#include <functional>

namespace ds::hlo {

class Importer;
using Handler =
    std::function<mlir::LogicalResult(Importer &, mlir::Operation *)>;
using Handlers = llvm::StringMap<Handler>;

void addElementwise(Handlers &handlers);
void addMoves(Handlers &handlers);
void addPlaces(Handlers &handlers);
void addSums(Handlers &handlers);
void addControl(Handlers &handlers);
void addLoops(Handlers &handlers);
void addConvolutions(Handlers &handlers);
void addWindows(Handlers &handlers);
void addSorts(Handlers &handlers);
void addRandom(Handlers &handlers);

/// The ds type of a StableHLO type: the same shape, integers without sign.
/// Null for what ds has no type for.
mlir::RankedTensorType convertType(mlir::Type type);

/// Whether the elements are unsigned integers.
bool isUnsigned(mlir::Value value);

class Importer {
public:
  Importer(mlir::ModuleOp module, mlir::OpBuilder &builder);

  /// Walks a block whose arguments are defined; its terminator's operands are
  /// looked up by the caller.
  mlir::LogicalResult walk(mlir::Block &block);

  mlir::Value lookup(mlir::Value value) const { return values.lookup(value); }
  llvm::SmallVector<mlir::Value> lookup(mlir::ValueRange list) const {
    return llvm::map_to_vector(
        list, [&](mlir::Value value) { return values.lookup(value); });
  }
  /// Says what a value of the StableHLO module is in the new one; fails with an
  /// error when the types do not fit.
  mlir::LogicalResult define(mlir::Value value, mlir::Value made);

  /// Makes a ds op with one result, folded when it is small and known.
  mlir::Value make(llvm::StringRef name, mlir::Type result,
                   mlir::ValueRange operands,
                   llvm::ArrayRef<mlir::NamedAttribute> attributes = {});
  /// `make` for an elementwise op of two operands, where the right one may be
  /// what is repeated.
  mlir::Value makeBinary(llvm::StringRef name, mlir::Value lhs, mlir::Value rhs,
                         bool commutes,
                         llvm::ArrayRef<mlir::NamedAttribute> attributes = {},
                         mlir::Type result = {});
  mlir::Value constant(mlir::RankedTensorType type, double value);
  mlir::Value constant(mlir::DenseElementsAttr value);

  mlir::NamedAttribute named(llvm::StringRef name, llvm::StringRef text) {
    return builder.getNamedAttr(name, builder.getStringAttr(text));
  }
  mlir::NamedAttribute named(llvm::StringRef name, int64_t number) {
    return builder.getNamedAttr(name, builder.getI64IntegerAttr(number));
  }
  mlir::NamedAttribute named(llvm::StringRef name,
                             llvm::ArrayRef<int64_t> list) {
    return builder.getNamedAttr(name, builder.getDenseI64ArrayAttr(list));
  }
  mlir::NamedAttribute flag(llvm::StringRef name) {
    return builder.getNamedAttr(name, builder.getUnitAttr());
  }

  mlir::Value reshape(mlir::Value value, llvm::ArrayRef<int64_t> shape);
  /// The tensor of which `value` has the first dimensions as one, or null.
  static mlir::Value beforeMerging(mlir::Value value);
  mlir::Value transpose(mlir::Value value, llvm::ArrayRef<int64_t> dims);
  mlir::Value slice(mlir::Value value, llvm::ArrayRef<int64_t> starts,
                    llvm::ArrayRef<int64_t> sizes,
                    llvm::ArrayRef<int64_t> strides);

  /// Pairs of 32-bit words along the last dimension, the lower word first, as
  /// 64-bit integers, and back.
  mlir::Value joinWords(mlir::Value words);
  mlir::Value splitWords(mlir::Value whole);

  /// The elements of a value that is known, or null.
  static mlir::DenseElementsAttr known(mlir::Value value);
  /// The integer of a scalar that is known.
  static std::optional<int64_t> knownInteger(mlir::Value value);

  mlir::func::FuncOp function(llvm::StringRef name) const {
    return symbols.lookup<mlir::func::FuncOp>(name);
  }
  mlir::OpBuilder &getBuilder() { return builder; }

  /// `name`, with a number behind it where that was given before.
  std::string uniqueName(llvm::StringRef name);

  /// Calls that stand around the one being walked, for what recursion is.
  llvm::SmallVector<mlir::Operation *> calls;

private:
  /// Makes an op of a tensor and one that is repeated over its first
  /// dimensions.
  mlir::Value makeRepeated(llvm::StringRef name, mlir::Type result,
                           mlir::Value lhs, mlir::Value repeated,
                           llvm::ArrayRef<mlir::NamedAttribute> attributes);
  mlir::LogicalResult importOp(mlir::Operation *op);
  /// The value, or what is repeated in it if that has the last dimensions of
  /// `type`.
  mlir::Value shortest(mlir::Value value, mlir::RankedTensorType type);

  mlir::OpBuilder &builder;
  mlir::Location current; ///< Of the op that is being imported.
  mlir::SymbolTable symbols;
  Handlers handlers;
  llvm::DenseMap<mlir::Value, mlir::Value> values;
  llvm::StringSet<> names; ///< That uniqueName gave.
  /// Words, and the integers that were made of them.
  llvm::SmallVector<std::pair<mlir::Value, mlir::Value>> joined;
};

/// What a reduction's function is called in ds.
struct Reduction {
  llvm::StringLiteral kind;    ///< Of ds.reduce; "sum" is ds.sum.
  llvm::StringLiteral combine; ///< The elementwise op.
};

/// The function of a region that applies one op to its two arguments; of
/// `truths` or of numbers.
std::optional<Reduction> reductionOf(mlir::Block &block, bool truths);

/// Whether combining with `init` changes nothing.
bool isNeutral(llvm::StringRef kind, mlir::DenseElementsAttr init,
               bool isUnsigned);

/// Adds the handler of an op.
template <typename Op>
void add(Handlers &handlers, mlir::LogicalResult (*handler)(Importer &, Op)) {
  handlers[Op::getOperationName()] = [=](Importer &importer,
                                         mlir::Operation *op) {
    return handler(importer, mlir::cast<Op>(op));
  };
}

/// "[1, 2]", for messages.
std::string listText(llvm::ArrayRef<int64_t> list);

} // namespace ds::hlo

#endif // DS_LIB_IMPORT_IMPORTER_H
