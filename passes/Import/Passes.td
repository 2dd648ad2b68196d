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

def MakeUnitsPass : Pass<"ds-make-units", "::mlir::ModuleOp"> {
  let summary = "Lays the parameters into flat units";
  let description = [{
    State is flat: one unit is one buffer, one collective, one optimizer pass.
    Parameters are grouped in first-use order, one unit per repeated block;
    tables of `large-bytes` and more stand alone, units under `small-bytes`
    join the next one.  Units are padded with zeros to `shards` * 1024
    elements, so that every shard is whole blocks.

    **Requires:** `ds.parameter`s read in a function marked `ds.loss`.
    **Ensures:** parameters are `ds.unflatten` views of `ds.unit`s.

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
  let options = [Option<"signature", "signature", "std::string", "\"\"", "File that says what the arguments are">];
  let dependentDialects = ["::ds::DSDialect"];
}
