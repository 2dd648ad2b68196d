//===- StableHLOAssembly.h - Pieces of StableHLO's spelling -------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_STABLEHLO_ASSEMBLY_H
#define DS_STABLEHLO_ASSEMBLY_H

#include "ds/Dialect/StableHLO/StableHLO.h"

#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/StringExtras.h"

namespace ds::stablehlo {

/// [1, 2, 3]
mlir::ParseResult parseList(mlir::AsmParser &parser,
                            llvm::SmallVectorImpl<int64_t> &list);
void printList(mlir::AsmPrinter &printer, llvm::ArrayRef<int64_t> list);

/// [b, 0, f]x[0, i, o]->[b, 0, f]
mlir::ParseResult parseConvLayouts(mlir::AsmParser &parser,
                                   ConvDimsAttr &layouts);
void printConvLayouts(mlir::AsmPrinter &printer, ConvDimsAttr layouts);

} // namespace ds::stablehlo

#endif // DS_STABLEHLO_ASSEMBLY_H
