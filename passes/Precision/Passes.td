//===- Passes.td - Models in 16-bit numbers ----------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
include "mlir/Pass/PassBase.td"

def CastPrecisionPass : Pass<"ds-cast-precision", "::mlir::ModuleOp"> {
  let summary = "Computes the loss in a 16-bit type";
  let description = [{
    Parameters stay float32 units, the master weights.  The loss function casts each unit that
    it reads, whole, and its members become views of this working copy.  From there on every op
    says by `PrecisionOpInterface` what its operands and results are; casts stand where two ops
    disagree.  The loss, and what is written to buffers, keep their types.  Before differentiation,
    so that gradients of casts are casts: a unit's gradient is 16-bit until the last one.

    With `master` a 16-bit type the units themselves are of it.  Tensors of other types than
    float32 are left alone, and so is what `ds.scan` carries from round to round.

    **Requires:** the output of `ds-make-units`, and a type of 16 bits.
    **Ensures:** the same loss but for rounding.

    ```mlir
    %u = ds.read @u : tensor<1024xf32>
    %w = ds.unflatten %u at [0] : (tensor<1024xf32>) -> tensor<8x16xf32>
    %y = ds.dot "bk,kn->bn" %x, %w : (tensor<4x8xf32>, tensor<8x16xf32>) -> tensor<4x16xf32>
    // becomes
    %u = ds.read @u : tensor<1024xf32>
    %c = ds.cast %u : tensor<1024xf32> -> tensor<1024xbf16>
    %w = ds.unflatten %c at [0] : (tensor<1024xbf16>) -> tensor<8x16xbf16>
    %h = ds.cast %x : tensor<4x8xf32> -> tensor<4x8xbf16>
    %y = ds.dot "bk,kn->bn" %h, %w : (tensor<4x8xbf16>, tensor<8x16xbf16>) -> tensor<4x16xbf16>
    ```
  }];
  let options = [
    Option<"compute", "compute", "std::string", "\"bf16\"", "Of activations and working copies: bf16 or fp16">,
    Option<"master", "master", "std::string", "\"f32\"", "Of parameters: f32, or the type that is computed with">];
}

def PadClassesPass : Pass<"ds-pad-classes", "::mlir::ModuleOp"> {
  let summary = "Gives logits rows that tensor cores can read";
  let description = [{
    The number of classes is the length of the logits' rows and a dimension of all three products of
    the loss head, and a vocabulary may have any: 50257 entries, say.  Tensor cores want rows that
    begin at multiples of 16 bytes.  So weights get as many rows of zeros as are missing, and the
    loss is told how many `classes` there are; the gradient is zero in the others.  Before
    differentiation, so that the gradient's padding is dropped where the weights' was added.

    Rows of at least 64 become a multiple of 8 elements; of 64, a line of the cache, where that adds
    little.  Logits
    that are returned, or made by other ops than a product, casts, sums, products with a scalar or a
    row, tanh and reshapes, are left alone.

    **Requires:** static shapes.
    **Ensures:** the same loss and gradients, but for the order in which products are added up.

    ```mlir
    %y = ds.dot "rk,nk->rn" %x, %w : (tensor<8x16xbf16>, tensor<50257x16xbf16>) -> tensor<8x50257xbf16>
    %l = ds.cross_entropy %y, %t : (tensor<8x50257xbf16>, tensor<8xi32>) -> tensor<f32>
    // becomes
    %p = ds.pad %w : tensor<50257x16xbf16> -> tensor<50304x16xbf16>
    %y = ds.dot "rk,nk->rn" %x, %p : (tensor<8x16xbf16>, tensor<50304x16xbf16>) -> tensor<8x50304xbf16>
    %l = ds.cross_entropy %y, %t classes 50257 : (tensor<8x50304xbf16>, tensor<8xi32>) -> tensor<f32>
    ```
  }];
}
