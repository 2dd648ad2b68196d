//===- Passes.td - Towards instructions --------------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
include "mlir/Pass/PassBase.td"

def DecomposePass : Pass<"ds-decompose", "::mlir::ModuleOp"> {
  let summary = "Replaces ops of several instructions by their parts";
  let description = [{
    Attention becomes products and a softmax, AdamW scalar arithmetic and one
    elementwise update, norm gradients rows and column sums.

    **Requires:** nothing.
    **Ensures:** no DecomposableOpInterface op is left.

    ```mlir
    %n = ds.grad_norm %g : tensor<8xf32>
    // becomes
    %s = ds.sum %g {squares, trailing} : tensor<8xf32> -> tensor<f64>
    %n = ds.sqrt %s : tensor<f64>
    ```
  }];
}

def WidenProductsPass : Pass<"ds-widen-products", "::mlir::ModuleOp"> {
  let summary = "Computes products of 16-bit operands in float32";
  let description = [{
    Libraries multiply float16 nowhere, and bfloat16 on some machines only.  Elsewhere operands are cast
    to float32, which are temporaries of the plan, and a 16-bit result is rounded by another cast.
    One cast of a tensor serves all products of a layer, on each side of the gradient: kept longer,
    it would take the room that 16 bits save.

    **Requires:** the output of `ds-decompose`.
    **Ensures:** no product or convolution has a 16-bit operand; with `keep-bf16` products of bfloat16 stay,
    and with `keep-f16` those of float16.

    ```mlir
    %y = ds.dot "mk,kn->mn" %x, %w : (tensor<4x8xbf16>, tensor<8x3xbf16>) -> tensor<4x3xbf16>
    // becomes
    %a = ds.cast %x : tensor<4x8xbf16> -> tensor<4x8xf32>
    %b = ds.cast %w : tensor<8x3xbf16> -> tensor<8x3xf32>
    %c = ds.dot "mk,kn->mn" %a, %b : (tensor<4x8xf32>, tensor<8x3xf32>) -> tensor<4x3xf32>
    %y = ds.cast %c : tensor<4x3xf32> -> tensor<4x3xbf16>
    ```
  }];
  let options = [Option<"keepBf16", "keep-bf16", "bool", "false", "The machine has products of bfloat16">,
                 Option<"keepF16", "keep-f16", "bool", "false", "The machine has products of float16">];
}

def WidenKernelsPass : Pass<"ds-widen-kernels", "::mlir::ModuleOp"> {
  let summary = "Adds up in float32 what kernels keep in memory meanwhile";
  let description = [{
    A kernel computes 16-bit numbers in float32 and rounds what it stores.  Ops that add rows into a
    table, or fold along a dimension, would store, and round, every step: they get a float32 table.
    A table that is rounded just before is taken as it was.

    **Requires:** the output of `ds-decompose`.
    **Ensures:** no op combines 16-bit numbers in memory.

    ```mlir
    %d = ds.embedding_grad %zeros, %ids, %g : (tensor<9x4xbf16>, tensor<2xi32>, tensor<2x4xbf16>) -> tensor<9x4xbf16>
    // becomes
    %z = ds.cast %zeros : tensor<9x4xbf16> -> tensor<9x4xf32>
    %s = ds.embedding_grad %z, %ids, %g : (tensor<9x4xf32>, tensor<2xi32>, tensor<2x4xbf16>) -> tensor<9x4xf32>
    %d = ds.cast %s : tensor<9x4xf32> -> tensor<9x4xbf16>
    ```
  }];
}

def SplitFoldsPass : Pass<"ds-split-folds", "::mlir::ModuleOp"> {
  let summary = "Folds much to few numbers in two kernels";
  let description = [{
    On a GPU one block of threads folds a row, and another one a tile of columns: a sum of a whole tensor or
    to the bias of a layer would keep one of its processors busy, or a few.  Such a fold becomes many that
    leave a part each, and one of the parts; elementwise ops in front run in the first kernel as before.
    What is split and into how many depends on shapes alone, and so do the bits of the result.

    **Requires:** the output of `ds-decompose`; before `ds-fuse-kernels`.
    **Ensures:** a fold to less than 64 rows has less than 131,072 elements of each, or parts of 1024; a
    column sum of 4,194,304 elements or more has 131,072 columns, or parts that have them side by side.
    Not where operands of what is in front repeat along some of the dimensions that are folded.

    ```mlir
    %bias = ds.sum %g : tensor<65536x768xbf16> -> tensor<768xbf16>
    // becomes
    %v = ds.reshape %g : tensor<65536x768xbf16> -> tensor<128x512x768xbf16>
    %p = ds.sum %v : tensor<128x512x768xbf16> -> tensor<512x768xf32>
    %bias = ds.sum %p : tensor<512x768xf32> -> tensor<768xbf16>
    ```
  }];
}

def FuseKernelsPass : Pass<"ds-fuse-kernels", "::mlir::ModuleOp"> {
  let summary = "Outlines chains of kernel ops into launched functions";
  let description = [{
    Producers and consumers that walk the same rows become one private function
    marked `ds.kernel`, so that what passes between them stays in registers.
    Equal functions are one.  Scalar arithmetic stays outside, as instructions
    of its own; with `scalars` it becomes kernels of one work item, as a GPU
    needs it, whose scalars the host does not see.  `ds.flash_attention` and its gradient are kernels of
    their own, with the splits and reshapes that they read through, and the concatenation of all gradients.

    **Requires:** the output of `ds-decompose`.
    **Ensures:** every KernelOpInterface op of positive rank, and all flash attention, is in a kernel.

    ```mlir
    %a = ds.add %x, %b ...
    %y = ds.gelu %a ...
    // becomes
    %a, %y = ds.launch @k0(%x, %b) : ...
    ```
  }];
  let options = [Option<"scalars", "scalars", "bool", "false", "Scalar arithmetic becomes kernels, too">];
}

def FuseEpiloguesPass : Pass<"ds-fuse-epilogues", "::mlir::ModuleOp"> {
  let summary = "Gives kernels behind products to the library";
  let description = [{
    A library that computes a product can add a bias to it, and take GELU or its gradient, while elements are
    still in registers. So a kernel that does nothing else, and is the only one to read the product, goes away,
    and with it one writing and reading of the product. A kernel that does more stays as it is: it would
    read and write as much as before. In 16 bits the product is no longer rounded in between.

    **Requires:** the output of `ds-fuse-kernels`; a target whose library has epilogues, and with `gelu` one that
    computes GELU in 16 bits no slower than a kernel of its own.
    **Ensures:** products of matrices without gaps, in 32 or 16 bits, have the epilogues that were kernels; GELU
    in 16 bits only, on rows of a multiple of 8 elements.

    ```mlir
    func.func private @k_add(%p: tensor<4x8xf32>, %b: tensor<8xf32>) -> tensor<4x8xf32> attributes {ds.kernel} { ... }
    %p = ds.dot "mk,kn->mn" %x, %w : (tensor<4x3xf32>, tensor<3x8xf32>) -> tensor<4x8xf32>
    %y = ds.launch @k_add(%p, %b) : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
    // becomes
    %y = ds.dot_bias "mk,kn->mn" %x, %w, %b : (tensor<4x3xf32>, tensor<3x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
    ```
  }];
  let options = [Option<"gelu", "gelu", "bool", "false", "The library's GELU of 16-bit numbers is fast">];
}

def InsertCopiesPass : Pass<"ds-insert-copies", "::mlir::ModuleOp"> {
  let summary = "Copies views with gaps that kernels read";
  let description = [{
    Generated code and collectives take tensors without gaps; products take
    them as they lie.  A range of columns is therefore copied once for all
    kernels that read it, and what that costs is in the program.

    **Requires:** the output of `ds-fuse-kernels`.
    **Ensures:** no kernel or collective reads a `ds.window` or a part of a `ds.split` with gaps.

    ```mlir
    %q = ds.window %x dim 1 at 2 : tensor<4x8xf32> -> tensor<4x3xf32>
    %y = ds.launch @k_gelu(%q) : (tensor<4x3xf32>) -> tensor<4x3xf32>
    // becomes
    %q = ds.window %x dim 1 at 2 : tensor<4x8xf32> -> tensor<4x3xf32>
    %even = ds.copy %q : tensor<4x3xf32>
    %y = ds.launch @k_gelu(%even) : (tensor<4x3xf32>) -> tensor<4x3xf32>
    ```
  }];
}

def VerifyPhasePass : Pass<"ds-verify-phase", "::mlir::ModuleOp"> {
  let summary = "Checks what a phase of the pipeline promises";
  let description = [{
    The gate after each phase: `import` leaves static shapes and no calls,
    `differentiate` entries and no loss function, `lower` only ops that become
    instructions.  What fails here is a bug of ours, named at the op.

    **Requires:** nothing.
    **Ensures:** the module is unchanged.

    ```mlir
    %y = ds.attention %q, %k, %v ...
    // with phase=lower is an error, "has no instruction after phase 'lower'", and stays
    %y = ds.attention %q, %k, %v ...
    ```
  }];
  let options = [Option<"phase", "phase", "std::string", "\"\"", "Name of the phase">];
}
