//===- Passes.td - From a model to flat state --------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
include "mlir/Pass/PassBase.td"

def BindDimsPass : Pass<"ds-bind-dims", "::mlir::ModuleOp"> {
  let summary = "Gives the named dimensions of a model their sizes";
  let description = [{
    A model is written once for any batch and sequence; a plan has static
    shapes.  Replaces every `tensor<?x?xi32, #ds.dims<batch, seq>>` by a static
    type without encoding.

    **Requires:** every named dimension is `batch` or `seq`.
    **Ensures:** no dynamic dimension is left.

    ```mlir
    func.func @loss(%t: tensor<?x?xi32, #ds.dims<batch, seq>>)
    // with batch=2 seq=8:
    func.func @loss(%t: tensor<2x8xi32>)
    ```
  }];
  let options = [
    Option<"batch", "batch", "int64_t", "1", "Samples per micro-batch">,
    Option<"seq", "seq", "int64_t", "0", "Positions per sample; 0: the module's ds.seq_len">];
}

def InlineBlocksPass : Pass<"ds-inline-blocks", "::mlir::ModuleOp"> {
  let summary = "Inlines the repeated blocks and remembers them";
  let description = [{
    People read a block once; later passes see every layer.  Every op that
    comes from the n-th call of the loss function carries `ds.block = n`, by
    which rematerialization and units know the layers.  Ops are named after
    the parameters they use; a `*` in a dropout's name becomes n.

    **Requires:** calls of functions with one block and no recursion.
    **Ensures:** no `func.call` is left in functions marked `ds.loss`.

    ```mlir
    %y = call @block(%x, %w) : ...
    // becomes
    %y = ds.dot "bsk,kn->bsn" %x, %w {ds.block = 0 : i64} : ...
    ```
  }];
}

def MarkBlocksPass : Pass<"ds-mark-blocks", "::mlir::ModuleOp"> {
  let summary = "Finds the repeated blocks of a model that is written out";
  let description = [{
    Imported models have no block functions that `ds-inline-blocks` could
    remember.  Ops that depend on parameters are compared by name and types, in
    program order: what stands there twice or more without a gap, three ops or
    longer and reading parameters, is a row of equal blocks, and its ops get
    `ds.block = n`.  Of the places where a block can begin, the one is taken
    where the fewest bytes are handed from block to block.  It only marks:
    nothing depends on blocks being equal.

    **Requires:** static shapes; one block in each function marked `ds.loss`.
    **Ensures:** the program is the same; `ds.blocks` is their number.

    ```mlir
    %1 = ds.dot "bi,oi->bo" %x, %w0
    %2 = ds.add %1, %b0
    %3 = ds.relu %2
    %4 = ds.dot "bi,oi->bo" %3, %w1
    ...
    // becomes
    %1 = ds.dot "bi,oi->bo" %x, %w0 {ds.block = 0 : i64}
    %2 = ds.add %1, %b0 {ds.block = 0 : i64}
    %3 = ds.relu %2 {ds.block = 0 : i64}
    %4 = ds.dot "bi,oi->bo" %3, %w1 {ds.block = 1 : i64}
    ```
  }];
}

def MakeUnitsPass : Pass<"ds-make-units", "::mlir::ModuleOp"> {
  let summary = "Lays the parameters into flat units";
  let description = [{
    State is flat: one unit is one buffer, one collective, one optimizer pass.
    Parameters are grouped in first-use order, one unit per repeated block;
    tables of `large-bytes` and more stand alone, and without numbered blocks a
    unit is full at that size; units under `small-bytes` join the next one.
    Units are padded with zeros to `shards` * 1024 elements, so that every shard
    is whole blocks; units of buffers are not, for every rank has them whole.  Roles,
    types, optimizers, and buffers that change and that do not, have units apart.
    With `groups` a unit says which optimizer it has; where that needs a scalar for each
    tensor, tensors begin at multiples of 1024 elements.

    **Requires:** `ds.parameter`s read in a function marked `ds.loss`, one of them trained; writes
    of buffers only; patterns of `groups` that match names.
    **Ensures:** parameters are `ds.unflatten` views of `ds.unit`s; the new values of a unit of
    buffers are one `ds.write` at the function's end.

    ```mlir
    ds.parameter @a : tensor<8xf32> = #ds.fill<1.0>
    %a = ds.read @a : tensor<8xf32>
    // becomes
    ds.unit @a "parameter" : tensor<1024xf32> {members = [#ds.member<"a" at 0 : tensor<8xf32> = #ds.fill<1.0>>]}
    %u = ds.read @a : tensor<1024xf32>
    %a = ds.unflatten %u at [0] : (tensor<1024xf32>) -> tensor<8xf32>
    ```
  }];
  let options = [
    Option<"shards", "shards", "int64_t", "1", "Units can be cut into this many equal shards">,
    Option<"groups", "groups", "std::string", "\"\"", "Optimizers of parameters by name: an array of #ds.group">,
    Option<"smallBytes", "small-bytes", "int64_t", "-1",
           "Smaller units join the next one; -1: a 32nd of all parameters, at most 1 MiB">,
    Option<"largeBytes", "large-bytes", "int64_t", "33554432", "Parameters from this size on are units of their own">];
}

def ImportStablehloPass : Pass<"ds-import-stablehlo", "::mlir::ModuleOp"> {
  let summary = "Makes a loss function of a StableHLO module";
  let description = [{
    What JAX prints, and our exporters from PyTorch: a function @main of
    parameters and inputs.  Parameters become state, calls and short counted loops
    are written out, and every op becomes one of ds or a few.  What the arguments
    are is said by `ds.kind` and `ds.name` on them, by a signature's file, or by a
    rule that a remark prints.

    With `forward` nothing is state, and all results are kept, of any type: the function is @forward then.

    **Requires:** a function @main of static tensors that returns a floating-point scalar, the loss.
    **Ensures:** one function, marked `ds.loss`; no op of StableHLO is left.

    ```mlir
    func.func public @main(%w: tensor<8xf32> {ds.kind = "parameter", ds.name = "w"},
                           %x: tensor<8xf32> {ds.kind = "input", ds.name = "x"}) -> tensor<f32>
    // becomes
    ds.parameter @w : tensor<8xf32> = #ds.normal<0.02>
    func.func @loss(%x: tensor<8xf32> {ds.name = "x"}) -> tensor<f32> attributes {ds.loss}
    ```
  }];
  let options = [Option<"signature", "signature", "std::string", "\"\"", "File that says what the arguments are">,
                 Option<"forward", "forward", "bool", "false",
                        "Make @forward of all arguments and results, without parameters and loss">];
  let dependentDialects = ["::ds::DSDialect"];
}

// Raising: fused ops for what a model from elsewhere has written out.  What a
// subgraph computes decides, not its spelling: it is evaluated on a few rows.

def RaiseActivationsPass : Pass<"ds-raise-activations", "::mlir::ModuleOp"> {
  let summary = "Finds GELU, by tanh or erf, and SiLU among elementwise ops";
  let description = [{
    Importers write activation functions out in arithmetic.  One op has a fused
    gradient that keeps its input only.

    **Requires:** a function marked `ds.loss`, static shapes.
    **Ensures:** ops that agree with the function at all probed places, to a part in a million, are
    `ds.gelu`, `ds.gelu_erf` or `ds.silu`; the module's `ds.raised` counts them.

    ```mlir
    %s = ds.sigmoid %x : tensor<4x8xf32>
    %y = ds.mul %s, %x : tensor<4x8xf32>, tensor<4x8xf32>
    // becomes
    %y = ds.silu %x : tensor<4x8xf32>
    ```
  }];
}

def RaiseNormsPass : Pass<"ds-raise-norms", "::mlir::ModuleOp"> {
  let summary = "Finds layer norms and RMS norms over the last dimension";
  let description = [{
    With scale and bias or without, the variance computed in one pass or in two.

    **Requires:** a function marked `ds.loss`, static shapes.
    **Ensures:** ops that agree with a norm on rows of very different variances, so that `eps` is
    right, too, are `ds.layer_norm` or `ds.rms_norm`; the module's `ds.raised` counts them.

    ```mlir
    %s = ds.sum %x {squares, trailing} : tensor<4x8xf32> -> tensor<4xf32>
    // ... divided by 8, eps added, and so on, up to
    %z = ds.mul %y, %scale : tensor<4x8xf32>, tensor<8xf32>
    // becomes
    %z = ds.rms_norm %x, %scale eps 1.0e-6 : tensor<4x8xf32>, tensor<8xf32>
    ```
  }];
}

def RaiseSoftmaxPass : Pass<"ds-raise-softmax", "::mlir::ModuleOp"> {
  let summary = "Finds softmax over the last dimension";
  let description = [{
    With a factor on its input or without, the maximum subtracted or not.

    **Requires:** a function marked `ds.loss`, static shapes.
    **Ensures:** ops that agree with softmax(scale * x) are `ds.softmax`; the module's `ds.raised`
    counts them.

    ```mlir
    %e = ds.exp %x : tensor<4x8xf32>
    %s = ds.sum %e {trailing} : tensor<4x8xf32> -> tensor<4xf32>
    %b = ds.broadcast %s dims [0] : tensor<4xf32> -> tensor<4x8xf32>
    %p = ds.div %e, %b : tensor<4x8xf32>, tensor<4x8xf32>
    // becomes
    %p = ds.softmax %x scale 1.0 : tensor<4x8xf32>
    ```
  }];
}

def RaiseCrossEntropyPass : Pass<"ds-raise-cross-entropy", "::mlir::ModuleOp"> {
  let summary = "Finds the mean of logsumexp(logits) - logits[target]";
  let description = [{
    By a gather, or by a comparison with all classes; through log_softmax or not; also a multiple of
    the mean.

    **Requires:** a function marked `ds.loss`, static shapes, i32 targets.
    **Ensures:** scalars that sum such rows are `ds.cross_entropy`, times a constant where they are no
    mean; the module's `ds.raised` counts them.

    ```mlir
    %rows = ds.sub %logsumexp, %picked : tensor<4xf32>, tensor<4xf32>
    %sum = ds.sum %rows : tensor<4xf32> -> tensor<f32>
    %loss = ds.div %sum, %four : tensor<f32>, tensor<f32>
    // becomes
    %loss = ds.cross_entropy %logits, %targets : (tensor<4x8xf32>, tensor<4xi32>) -> tensor<f32>
    ```
  }];
}

def RaiseAttentionPass : Pass<"ds-raise-attention", "::mlir::ModuleOp"> {
  let summary = "Finds attention: two products around a softmax";
  let description = [{
    In any order of dimensions, with heads in one dimension or two (grouped queries), keys and values
    repeated or not, scales before or behind the product, and a mask that is causal or none, however
    it is written: the scores are evaluated on one head's whole plane.  Says by a remark why something
    that looks like attention is not, since it then holds all scores at once.

    **Requires:** a function marked `ds.loss`, static shapes; `ds-raise-softmax` before it.
    **Ensures:** such products are one `ds.attention`; the module's `ds.raised` counts them.

    ```mlir
    %s = ds.dot "bqhd,bkhd->bhqk" %q, %k : (tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>) -> tensor<2x4x8x8xf32>
    %p = ds.softmax %s scale 0.25 : tensor<2x4x8x8xf32>
    %y = ds.dot "bhqk,bkhd->bqhd" %p, %v : (tensor<2x4x8x8xf32>, tensor<2x8x4x16xf32>) -> tensor<2x8x4x16xf32>
    // becomes
    %y = ds.attention %q, %k, %v scale 0.25 : tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>
    ```
  }];
}

def RaiseEmbeddingPass : Pass<"ds-raise-embedding", "::mlir::ModuleOp"> {
  let summary = "Finds lookups of whole rows of a table";
  let description = [{
    A gather of rows by one index each.  Where the index is outside the table the gather takes the
    nearest row, and `ds.embedding` gives NaN, which a loss shows.

    **Requires:** a function marked `ds.loss`, static shapes, i32 indices.
    **Ensures:** such gathers are `ds.embedding`; the module's `ds.raised` counts them.

    ```mlir
    %rows = ds.gather %table, %ids offset [1] collapsed [0] map [0] vector 1 sizes [1, 8]
        : (tensor<5x8xf32>, tensor<3x1xi32>) -> tensor<3x8xf32>
    // becomes
    %flat = ds.reshape %ids : tensor<3x1xi32> -> tensor<3xi32>
    %rows = ds.embedding %table, %flat : (tensor<5x8xf32>, tensor<3xi32>) -> tensor<3x8xf32>
    ```
  }];
}

def RaiseSplitsPass : Pass<"ds-raise-splits", "::mlir::ModuleOp"> {
  let summary = "Finds windows that together are a whole tensor";
  let description = [{
    Queries, keys and values cut from one product's result, say.  The gradient of a split writes the
    parts' gradients side by side, where those of windows are padded and added.

    **Requires:** a function marked `ds.loss`, static shapes.
    **Ensures:** windows of the last dimension that leave nothing out and do not overlap are one
    `ds.split`.

    ```mlir
    %a = ds.window %x dim 1 at 0 : tensor<4x8xf32> -> tensor<4x2xf32>
    %b = ds.window %x dim 1 at 2 : tensor<4x8xf32> -> tensor<4x6xf32>
    // becomes
    %a, %b = ds.split %x : (tensor<4x8xf32>) -> (tensor<4x2xf32>, tensor<4x6xf32>)
    ```
  }];
}
