//===- StableHLOOps.td - The ops of StableHLO and CHLO -----*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#ifndef DS_STABLEHLO_OPS_TD
#define DS_STABLEHLO_OPS_TD

include "StableHLOBase.td"
include "StableHLOOpsElementwise.td"
include "StableHLOOpsShape.td"
include "StableHLOOpsMath.td"
include "StableHLOOpsRegion.td"

#endif
