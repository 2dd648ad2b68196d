//===- DSOpsComm.td - Collectives and kernel launches ------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#ifndef DS_OPS_COMM_TD
#define DS_OPS_COMM_TD

def DS_CommDoc : OpDocGroup { let summary = "Collectives"; let description = "What ranks exchange."; }
let opDocGroup = DS_CommDoc in {

// Pure, since every rank runs the same program: what is removed or merged is
// so on all of them.
class DS_CollectiveOp<string mnemonic> : DS_Op<mnemonic, [Pure, Follows,
    DeclareOpInterfaceMethods<DS_CollectiveOpInterface>]> {
  let arguments = (ins AnyRankedTensor:$input, StrAttr:$axis);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input `over` $axis attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}
def DS_AllGatherOp : DS_CollectiveOp<"all_gather"> {
  let summary = "Joins the flat shards of all ranks, in rank order";
  let description = [{
    Rank r's shard becomes elements [r*n, (r+1)*n) of the result, n being its size.

    **Requires:** flat tensors of one element type; the shard's size divides the whole's, as many
    times as the axis has ranks.
    **Ensures:** the same value on every rank.

    ```mlir
    %whole = ds.all_gather %shard over "dp" : tensor<512xf32> -> tensor<1024xf32>
    ```
  }];
}
def DS_ReduceScatterOp : DS_CollectiveOp<"reduce_scatter"> {
  let summary = "Sums a flat tensor over all ranks and leaves each its shard";
  let description = [{
    Rank r keeps elements [r*n, (r+1)*n) of the sum, n being the result's size.

    **Requires:** flat tensors of one element type; the result's size divides the input's, as many
    times as the axis has ranks.
    **Ensures:** ranks are added in ascending order: the same bits in every run.

    ```mlir
    %shard = ds.reduce_scatter %grad over "dp" : tensor<1024xf32> -> tensor<512xf32>
    ```
  }];
}
def DS_AllReduceOp : DS_CollectiveOp<"all_reduce"> {
  let summary = "Sums a tensor over all ranks";
  let description = [{
    Of losses and norms, and of gradients that every rank keeps whole.

    **Requires:** a result of the input's type; any shape.
    **Ensures:** the same value on every rank; ranks are added in ascending order.

    ```mlir
    %sum = ds.all_reduce %loss over "dp" : tensor<f64> -> tensor<f64>
    ```
  }];
}
def DS_LocalShardOp : DS_CollectiveOp<"local_shard"> {
  let summary = "This rank's shard of a flat tensor that each rank has whole";
  let description = [{
    Rank r's is elements [r*n, (r+1)*n), n being the result's size.  Nothing is
    exchanged; the value differs by rank, so it is no plain view.

    **Requires:** flat tensors of one element type; the result's size divides the input's, as many
    times as the axis has ranks.
    **Ensures:** a window of the input.

    ```mlir
    %shard = ds.local_shard %whole over "dp" : tensor<1024xf32> -> tensor<512xf32>
    ```
  }];
}
}

def DS_LaunchOp : DS_Op<"launch", [DeclareOpInterfaceMethods<SymbolUserOpInterface>, Pure]> {
  let summary = "Runs a fused kernel: a private function of ds ops";
  let description = [{
    Made by `ds-fuse-kernels`; becomes one instruction, and the function native
    code inside the plan.

    **Requires:** a function of this name marked `ds.kernel`, with the operands' and results'
    types.
    **Ensures:** what calling the function gives.  Values inside the kernel need no memory.

    ```mlir
    func.func private @k0(%x: tensor<8xf32>) -> tensor<8xf32> attributes {ds.kernel} {
      %0 = ds.gelu %x : tensor<8xf32>
      return %0 : tensor<8xf32>
    }
    %y = ds.launch @k0(%x) : (tensor<8xf32>) -> tensor<8xf32>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, Variadic<AnyRankedTensor>:$inputs);
  let results = (outs Variadic<AnyRankedTensor>:$outputs);
  let assemblyFormat = "$kernel `(` $inputs `)` attr-dict `:` functional-type($inputs, $outputs)";
}

#endif
