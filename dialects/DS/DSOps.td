//===- DSOps.td - All ops of the ds dialect ----------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#ifndef DS_OPS_TD
#define DS_OPS_TD

include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/IR/BuiltinAttributes.td"
include "DSBase.td"
include "DSAttrs.td"
include "DSInterfaces.td"
include "DSOpsState.td"
include "DSOpsView.td"
include "DSOpsElementwise.td"
include "DSOpsMath.td"
include "DSOpsConv.td"
include "DSOpsIndex.td"
include "DSOpsLoop.td"
include "DSOpsWindow.td"
include "DSOpsSort.td"
include "DSOpsNN.td"
include "DSOpsOptimizer.td"
include "DSOpsRandom.td"
include "DSOpsPrecision.td"
include "DSOpsComm.td"

#endif
