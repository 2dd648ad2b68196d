//===- Passes.td - One program for many ranks --------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
include "mlir/Pass/PassBase.td"

def ZeroPass : Pass<"ds-zero", "::mlir::ModuleOp"> {
  let summary = "Splits a training step over data-parallel ranks, ZeRO 0-3";
  let description = [{
    The loop over micro-batches is cut evenly: rank r runs the r-th part, and
    where code asks for a micro-batch's number it stays that of all ranks.
    Stage 0 sums the gradients (all_reduce); stage 1 also shards optimizer
    state (reduce_scatter after the loop, all_gather of updated parameters);
    stage 2 reduces every micro-batch's gradients at once and keeps shards;
    stage 3 shards parameters, too, and gathers them where they are read.

    Where the loss reads a 16-bit copy of a unit, the float32 unit is the master: stages 1 and 2
    shard it as well, and gather copies of its shards once, before the loop; stage 3 gathers
    copies where they are read.  16-bit gradients are reduced as they are where a rank reduces
    those of single micro-batches, else in the type they are summed in; `communication` says
    another one.

    **Requires:** the output of `ds-build-train`, units padded to `world` shards.
    **Ensures:** the same losses and state as before, on `world` ranks.

    ```mlir
    %u = ds.read @u : tensor<2048xf32>
    // with world=2 stage=3 becomes
    %s = ds.read @u : tensor<1024xf32>
    %u = ds.all_gather %s over "dp" : tensor<1024xf32> -> tensor<2048xf32>
    ```
  }];
  let options = [
    Option<"world", "world", "int64_t", "1", "Number of ranks">,
    Option<"stage", "stage", "int64_t", "0", "ZeRO stage, 0 to 3">,
    Option<"communication", "communication", "std::string", "\"\"",
           "Type in which gradients are reduced: f32, bf16 or fp16; default: the one they have">];
}
