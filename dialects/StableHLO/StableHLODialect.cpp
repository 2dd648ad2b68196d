//===- StableHLODialect.cpp - Registration of StableHLO and CHLO --------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Dialect/StableHLO/StableHLO.h"

#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

#include "ds/Dialect/StableHLO/StableHLODialect.cpp.inc"

#include "ds/Dialect/StableHLO/CHLODialect.cpp.inc"

#define GET_OP_CLASSES
#include "ds/Dialect/StableHLO/CHLOOps.cpp.inc"

namespace ds {
namespace {

/// A dialect of which only attributes are met: facts for other compilers.
class ForeignDialect : public Dialect {
public:
  Attribute parseAttribute(DialectAsmParser &parser, Type type) const override {
    StringRef text = parser.getFullSymbolSpec();
    return OpaqueAttr::getChecked(
        [&] { return parser.emitError(parser.getNameLoc()); },
        StringAttr::get(getContext(), getNamespace()), text,
        type ? type : NoneType::get(getContext()));
  }

protected:
  ForeignDialect(StringRef name, MLIRContext *context, TypeID id)
      : Dialect(name, context, id) {
    allowUnknownOperations();
    allowUnknownTypes();
  }
};

struct MhloDialect : ForeignDialect {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(MhloDialect)
  explicit MhloDialect(MLIRContext *context)
      : ForeignDialect(getDialectNamespace(), context,
                       TypeID::get<MhloDialect>()) {}
  static StringRef getDialectNamespace() { return "mhlo"; }
};

struct SdyDialect : ForeignDialect {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(SdyDialect)
  explicit SdyDialect(MLIRContext *context)
      : ForeignDialect(getDialectNamespace(), context,
                       TypeID::get<SdyDialect>()) {}
  static StringRef getDialectNamespace() { return "sdy"; }
};

} // namespace

namespace stablehlo {
void StableHLODialect::initialize() {
  registerAttributes();
  addOperations<
#define GET_OP_LIST
#include "ds/Dialect/StableHLO/StableHLOOps.cpp.inc"
      >();
  allowUnknownOperations(); // the importer names them and their place
}
} // namespace stablehlo

namespace chlo {
void CHLODialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "ds/Dialect/StableHLO/CHLOOps.cpp.inc"
      >();
  allowUnknownOperations();
}

LogicalResult TopKOp::verify() {
  RankedTensorType operand = getOperand().getType();
  SmallVector<int64_t> shape(operand.getShape());
  const int64_t k = getK();
  if (shape.empty() || k < 0 ||
      (!ShapedType::isDynamic(shape.back()) && k > shape.back()))
    return emitOpError("expects k within the last dimension, but got ")
           << k << " of " << operand;
  shape.back() = k;
  if (failed(verifyCompatibleShapes(
          {RankedTensorType::get(shape, operand.getElementType()),
           getValues().getType(), getIndices().getType()})))
    return emitOpError("expects results of k elements a row, but got ")
           << getValues().getType() << " and " << getIndices().getType();
  return success();
}
} // namespace chlo

void registerStableHLO(DialectRegistry &registry) {
  registry.insert<stablehlo::StableHLODialect, chlo::CHLODialect, MhloDialect,
                  SdyDialect>();
}

} // namespace ds
