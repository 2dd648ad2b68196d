//===- Passes.td - What is kept and what is made again -----*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
include "mlir/Pass/PassBase.td"

def FlashAttentionPass : Pass<"ds-flash-attention", "::mlir::ModuleOp"> {
  let summary = "Makes attention one kernel that keeps a number a row";
  let description = [{
    For targets with a kernel for all of attention.  The forward op also returns the logarithm of each row's sum,
    and the gradient computes the scores again from it, tile by tile: instead of the operands of a
    softmax, result and logarithm live until then.  Attention that no kernel has (float32, dropout, odd heads),
    and gradients whose forward op is not there, stay for `ds-decompose`.

    First in its phase: what follows decides about the new op as about any other.

    **Requires:** static shapes.
    **Ensures:** no attention is left that `ds::hasFlashAttention` is true of, but gradients of such that are not in
    the same block.

    ```mlir
    %y = ds.attention %q, %k, %v scale 0.25 {causal} ...
    %dq, %dk, %dv = ds.attention_grad %q, %k, %v, %g scale 0.25 {causal} ...
    // becomes
    %y, %lse = ds.flash_attention %q, %k, %v scale 0.25 {causal} ...
    %p = ds.mul %wide_y, %wide_g ...
    %delta = ds.sum %p {trailing} ...
    %dq, %dk, %dv = ds.flash_attention_grad %q, %k, %v, %g, %lse, %delta scale 0.25 {causal} ...
    ```
  }];
}

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

def BlockLossPass : Pass<"ds-block-loss", "::mlir::ModuleOp"> {
  let summary = "Computes the loss head by blocks of rows";
  let description = [{
    Logits are a model's largest tensor, and only the loss, its gradient and the
    products around them use them.  These ops are computed for a few rows at a
    time, each block forward and backward: the gradient takes the place of the
    logits, the rows of the input's gradient are stacked, and the table's
    gradient adds up.  Nothing is computed twice.  What is not there, such as
    any gradient when evaluating, is left out; where logits are needed whole
    (returned, say), nothing changes.

    Last in its phase, so that all decisions before see one op; a pass of its
    own, since several ops are cut together.  Which ops can be cut they say
    themselves (`RowBlockOpInterface`).

    **Requires:** static shapes.
    **Ensures:** the same loss to the bit, but for a loss whose logits are not
    made by a product; no tensor of a head has as many rows as the logits had.

    ```mlir
    %l = ds.dot "rd,vd->rv" %x, %w ...
    %loss = ds.cross_entropy %l, %t ...
    // becomes, for each block (here the first)
    %x0 = ds.window %x dim 0 at 0 ...
    %l0 = ds.dot "rd,vd->rv" %x0, %w ...
    %rows0 = ds.cross_entropy_rows %l0, %t0 ...
    // and then
    %rows = ds.stack %rows0, %rows1 dim 0 ...
    %sum = ds.sum %rows {trailing} ...
    ```
  }];
  let options = [
    Option<"rows", "rows", "int64_t", "256", "Most rows of a block, unless what follows asks for more">,
    Option<"minBytes", "min-bytes", "int64_t", "16777216", "Blocks of this many bytes of logits are small enough">,
    Option<"maxBlocks", "max-blocks", "int64_t", "16", "Most blocks">
  ];
}
