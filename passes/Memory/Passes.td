//===- Passes.td - What is kept and what is made again -----*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
include "mlir/Pass/PassBase.td"

def RematBlocksPass : Pass<"ds-remat-blocks", "::mlir::ModuleOp"> {
  let summary = "Recomputes every block's activations in its backward pass";
  let description = [{
    Keeps only the inputs of each block (`ds.block`).  Before the first
    gradient op that needs an activation of block n, the ops that produce
    these activations are made again from the block's inputs, which go through
    `ds.barrier` so that no later pass merges both copies.

    **Requires:** gradient ops marked `ds.backward`.
    **Ensures:** no gradient op uses an activation from inside a forward block.

    ```mlir
    %h = ds.gelu %x {ds.block = 0 : i64}
    %d = ds.gelu_grad %h, %g {ds.backward}
    // becomes
    %x2 = ds.barrier %x 0 after %g : ...
    %h2 = ds.gelu %x2
    %d = ds.gelu_grad %h2, %g
    ```
  }];
}

def RematPointwisePass : Pass<"ds-remat-pointwise", "::mlir::ModuleOp"> {
  let summary = "Recomputes what one pass over kept activations gives";
  let description = [{
    The result of an element-wise or row op (an activation function, a norm)
    that a gradient op needs is made again just before it, where all operands
    are there anyway: parameters, or activations that a gradient op needs then
    or later.  It costs one pass over memory and no product; GPT-2 keeps a
    quarter less per block.

    **Requires:** gradient ops marked `ds.backward`.
    **Ensures:** no operand lives longer than before.

    ```mlir
    %h = ds.gelu %x
    %w = ds.dot "sk,sn->kn" %h, %g {ds.backward}
    %d = ds.gelu_grad %x, %g2 {ds.backward}
    // becomes
    %h = ds.gelu %x
    %x2 = ds.barrier %x 0 after %g : ...
    %h2 = ds.gelu %x2 {ds.backward}
    %w = ds.dot "sk,sn->kn" %h2, %g {ds.backward}
    %d = ds.gelu_grad %x, %g2 {ds.backward}
    ```
  }];
}

def RegatherPass : Pass<"ds-regather", "::mlir::ModuleOp"> {
  let summary = "Gathers sharded parameters anew for each cluster of uses";
  let description = [{
    ZeRO-3: a gathered unit lives from its gather to its last use.  Where
    another unit is used between two uses of a unit, the second use gets a
    gather of its own, behind a `ds.barrier`: the backward pass gathers again
    instead of keeping every parameter whole.

    **Requires:** one `ds.all_gather` per sharded unit and function.
    **Ensures:** between two uses of one gathered value no other gathered unit
    is used.

    ```mlir
    %u = ds.all_gather %s over "dp" ...
    // first use; uses of other units; then
    %b = ds.barrier %s 0 : ...
    %u2 = ds.all_gather %b over "dp" ...
    ```
  }];
}
