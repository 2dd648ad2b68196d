//===- StableHLO.h - StableHLO and CHLO as they are written -------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Two dialects that are only read: modules of JAX and of our own exporters.
//===--------------------------------------------------------------------===//
#ifndef DS_DIALECT_STABLEHLO_STABLEHLO_H
#define DS_DIALECT_STABLEHLO_STABLEHLO_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "ds/Dialect/StableHLO/StableHLODialect.h.inc"

#include "ds/Dialect/StableHLO/CHLODialect.h.inc"

#include "ds/Dialect/StableHLO/StableHLOEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "ds/Dialect/StableHLO/StableHLOAttrs.h.inc"

#define GET_TYPEDEF_CLASSES
#include "ds/Dialect/StableHLO/StableHLOTypes.h.inc"

#define GET_OP_CLASSES
#include "ds/Dialect/StableHLO/StableHLOOps.h.inc"

#define GET_OP_CLASSES
#include "ds/Dialect/StableHLO/CHLOOps.h.inc"

namespace ds {

/// Registers what a module of JAX may be written in: `stablehlo`, `chlo`, and
/// `mhlo` and `sdy`, whose attributes are kept as text.
void registerStableHLO(mlir::DialectRegistry &registry);

} // namespace ds

#endif // DS_DIALECT_STABLEHLO_STABLEHLO_H
