//===- DSOpsComm.td - Collectives and kernel launches ------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#ifndef DS_OPS_COMM_TD
#define DS_OPS_COMM_TD

def DS_CommDoc : OpDocGroup { let summary = "Collectives"; let description = "What ranks exchange."; }
let opDocGroup = DS_CommDoc in {

// Pure, since every rank runs the same program: what is removed or merged is
// so on all of them.
class DS_CollectiveOp<string mnemonic> : DS_Op<mnemonic, [Pure,
    DeclareOpInterfaceMethods<DS_CollectiveOpInterface>]> {
  let arguments = (ins AnyRankedTensor:$input, StrAttr:$axis);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input `over` $axis attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}
def DS_AllGatherOp : DS_CollectiveOp<"all_gather"> {
  let summary = "Joins the flat shards of all ranks, in rank order";
}
def DS_ReduceScatterOp : DS_CollectiveOp<"reduce_scatter"> {
  let summary = "Sums a flat tensor over all ranks and leaves each its shard";
}
def DS_AllReduceOp : DS_CollectiveOp<"all_reduce"> {
  let summary = "Sums a tensor over all ranks";
}
def DS_LocalShardOp : DS_CollectiveOp<"local_shard"> {
  let summary = "This rank's shard of a flat tensor that every rank holds whole, as a view";
}
}

def DS_LaunchOp : DS_Op<"launch", [DeclareOpInterfaceMethods<SymbolUserOpInterface>, Pure]> {
  let summary = "Runs a fused kernel: a private function of ds ops";
  let arguments = (ins FlatSymbolRefAttr:$kernel, Variadic<AnyRankedTensor>:$inputs);
  let results = (outs Variadic<AnyRankedTensor>:$outputs);
  let assemblyFormat = "$kernel `(` $inputs `)` attr-dict `:` functional-type($inputs, $outputs)";
}

#endif
