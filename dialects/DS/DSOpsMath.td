//===- DSOpsMath.td - Products and reductions --------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#ifndef DS_OPS_MATH_TD
#define DS_OPS_MATH_TD

def DS_MathDoc : OpDocGroup {
  let summary = "Products and reductions";
  let description = "Tensors of other shapes: products, sums, repetition.";
}
// Computed by a vendor's library, of types that it has.
def DS_LibraryProduct : NativeOpTrait<"LibraryProduct"> { let cppNamespace = "::ds"; }

let opDocGroup = DS_MathDoc in {

def DS_DotOp : DS_Op<"dot", [Pure, Casts, DS_LibraryProduct,
    DeclareOpInterfaceMethods<DS_DifferentiableOpInterface>,
    DeclareOpInterfaceMethods<DS_EvaluableOpInterface>,
    DeclareOpInterfaceMethods<DS_RowBlockOpInterface>]> {
  let summary = "A product of two tensors, summed over shared indices";
  let description = [{
    `spec` names every dimension by a letter: `"bsk,kn->bsn"`.  A letter in
    both operands and the result is a batch, in both operands only is summed,
    in one operand and the result is free.

    **Requires:** one distinct lower-case letter per dimension; every letter in two or three of
    the tensors, with one size; equal element types, or two of 16 bits and a float32 result.
    **Ensures:** the sum of products, added up in float32 at least and rounded once; transposed and
    strided operands are handed to the library as they lie.
    **Gradient:** products again, with the letters moved: `"bsn,kn->bsk"` and
    `"bsk,bsn->kn"` for the example.

    ```mlir
    %y = ds.dot "bsk,kn->bsn" %x, %w : (tensor<4x256x768xf32>, tensor<768x2304xf32>) -> tensor<4x256x2304xf32>
    ```
  }];
  let arguments = (ins StrAttr:$spec, AnyRankedTensor:$lhs, AnyRankedTensor:$rhs);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$spec $lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
  let extraClassDeclaration = [{
    ::ds::ProductSpec getLetters() { return ::ds::ProductSpec(getSpec()); }
  }];
}

def DS_DotAddOp : DS_Op<"dot_add", [Pure, Casts, DS_LibraryProduct,
    DeclareOpInterfaceMethods<DS_EvaluableOpInterface>,
    TypesMatchWith<"result has the type of what is added to", "into", "result", "$_self">]> {
  let summary = "Adds a product to the first elements of a tensor";
  let description = [{
    The product is that of `ds.dot`; it may be shorter than `into` in any
    dimension, and is added to the elements from 0 on.  Sums over the blocks of
    an attention need no zeros and no second buffer.

    **Requires:** letters and types as `ds.dot` has them; a product that fits into `into`.
    **Ensures:** updates `into` in place when that dies here.

    ```mlir
    %dk = ds.dot_add %sum, "bst,bsd->btd" %ds, %q : tensor<4x256x64xf32>, tensor<4x128x128xf32>, tensor<4x128x64xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$into, StrAttr:$spec, AnyRankedTensor:$lhs, AnyRankedTensor:$rhs);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$into `,` $spec $lhs `,` $rhs attr-dict `:` type($into) `,` type($lhs) `,` type($rhs)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::ds::ProductSpec getLetters() { return ::ds::ProductSpec(getSpec()); }
  }];
}

// A product and what its library computes of each element before that is stored.
class DS_DotEpilogueOp<string mnemonic> : DS_Op<mnemonic, [Pure, Casts, DS_LibraryProduct,
    DeclareOpInterfaceMethods<DS_EvaluableOpInterface>]> {
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::ds::ProductSpec getLetters() { return ::ds::ProductSpec(getSpec()); }
  }];
}

def DS_DotBiasOp : DS_DotEpilogueOp<"dot_bias"> {
  let summary = "A product with a bias, and GELU of that";
  let description = [{
    What a library computes of a product's elements while it still has them in registers, its *epilogue*:
    adds a row, and with `gelu` takes `ds.gelu` of the sum, which a second result keeps for the gradient.
    Of 16-bit operands only what is stored is rounded: neither the product alone, nor what GELU sees.

    **Requires:** letters and types as `ds.dot` has them; a product of two matrices: rows, columns and what is
    summed are letters that stand side by side, in one order. A bias as long as a row of the result, of its
    element type. `preactivation` only with `gelu`, of the result's type.
    **Ensures:** one call of the library, on GPUs, where `ds-fuse-epilogues` makes it.

    ```mlir
    %y = ds.dot_bias "mk,kn->mn" %x, %w, %b : (tensor<4x8xf32>, tensor<8x3xf32>, tensor<3xf32>) -> tensor<4x3xf32>
    ```
  }];
  let arguments = (ins StrAttr:$spec, AnyRankedTensor:$lhs, AnyRankedTensor:$rhs, AnyRankedTensor:$bias,
                   UnitAttr:$gelu);
  let results = (outs AnyRankedTensor:$result, Optional<AnyRankedTensor>:$preactivation);
  let assemblyFormat = [{
    $spec $lhs `,` $rhs `,` $bias (`gelu` $gelu^)? attr-dict `:` functional-type(operands, results)
  }];
}

def DS_DotGeluGradOp : DS_DotEpilogueOp<"dot_gelu_grad"> {
  let summary = "A product times the slope of GELU";
  let description = [{
    `ds.gelu_grad` as a product's epilogue: each of its elements times the slope of `ds.gelu` at
    `preactivation`, what `ds.dot_bias` has kept. Of 16-bit operands only the result is rounded.

    **Requires:** letters and types as `ds.dot_bias` has them; `preactivation` of the result's type.
    **Ensures:** one call of the library, on GPUs, where `ds-fuse-epilogues` makes it.

    ```mlir
    %d = ds.dot_gelu_grad "mn,kn->mk" %g, %w, %h : (tensor<4x3xf32>, tensor<8x3xf32>, tensor<4x8xf32>)
      -> tensor<4x8xf32>
    ```
  }];
  let arguments = (ins StrAttr:$spec, AnyRankedTensor:$lhs, AnyRankedTensor:$rhs, AnyRankedTensor:$preactivation);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$spec $lhs `,` $rhs `,` $preactivation attr-dict `:` functional-type(operands, results)";
}

def DS_SumOp : DS_Op<"sum", [Pure, AnyFloats,
    DeclareOpInterfaceMethods<DS_DifferentiableOpInterface>,
    DeclareOpInterfaceMethods<DS_EvaluableOpInterface>,
    DeclareOpInterfaceMethods<DS_FoldOpInterface>,
    DeclareOpInterfaceMethods<DS_KernelOpInterface>]> {
  let summary = "Sums over leading or over trailing dimensions";
  let description = [{
    The result's shape is a suffix of the input's (the sum runs over the
    leading dimensions: a column sum) or, with `trailing`, a prefix.
    With `squares` the squares are summed.

    **Requires:** an input of higher rank than the result, which has its last (with `trailing`,
    first) dimensions.
    **Ensures:** the result may have a wider element type than the input.
    **Gradient:** `ds.broadcast`, or with `trailing` a `ds.dot` with ones; times twice the
    input with `squares`.

    ```mlir
    %dbias = ds.sum %grad : tensor<4x256x768xf32> -> tensor<768xf32>
    %norm2 = ds.sum %flat {squares, trailing} : tensor<8xf32> -> tensor<f64>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, UnitAttr:$trailing, UnitAttr:$squares);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def DS_ReduceOp : DS_Op<"reduce", [Pure, KeepsWide,
    DeclareOpInterfaceMethods<DS_DifferentiableOpInterface>,
    DeclareOpInterfaceMethods<DS_EvaluableOpInterface>,
    DeclareOpInterfaceMethods<DS_FoldOpInterface>,
    DeclareOpInterfaceMethods<DS_KernelOpInterface>]> {
  let summary = "Folds trailing dimensions by max, min, mul, and, or";
  let description = [{
    The result's shape is a prefix of the input's: what is behind it is folded.
    Sums are `ds.sum`.

    **Requires:** an input of higher rank than the result, which has its first dimensions and its
    element type; numbers for `max`, `min` and `mul`, integers or i1 for `and` and `or`; `unsigned`
    with integers only.
    **Ensures:** NaN where a row has one, for `max` and `min`; nothing to fold is the kind's neutral
    element.
    **Gradient:** `ds.reduce_grad`, from the input: of `max` and `min` shared evenly by the elements
    that are it, of `mul` times the others.

    ```mlir
    %m = ds.reduce "max" %x : tensor<4x8xf32> -> tensor<4xf32>
    ```
  }];
  let arguments = (ins StrAttr:$kind, RankedTensorOf<[DS_Element]>:$input, UnitAttr:$is_unsigned);
  let results = (outs RankedTensorOf<[DS_Element]>:$result);
  let assemblyFormat = "$kind $input (`unsigned` $is_unsigned^)? attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def DS_ReduceGradOp : DS_Op<"reduce_grad", [Pure, KeepsWide,
    DeclareOpInterfaceMethods<DS_EvaluableOpInterface>,
    DeclareOpInterfaceMethods<DS_KernelOpInterface>,
    TypesMatchWith<"result has the input's type", "input", "result", "$_self">]> {
  let summary = "Gradient of ds.reduce at `input`, times `grad`";
  let description = [{
    Computed from the input again: what was folded costs no memory until then.

    **Requires:** kind `max`, `min` or `mul` of floating-point numbers; a gradient of the input's
    first dimensions.
    **Ensures:** the input's type; of `max` and `min` equal shares for the elements that are it, NaN
    among them; of `mul` the row's product divided by the element, and where one element is 0 the others'
    product for that one.  Without gradient of its own.

    ```mlir
    %dx = ds.reduce_grad "max" %x, %g : tensor<4x8xf32>, tensor<4xf32>
    ```
  }];
  let arguments = (ins StrAttr:$kind, RankedTensorOf<[DS_Float]>:$input, RankedTensorOf<[DS_Float]>:$grad);
  let results = (outs RankedTensorOf<[DS_Float]>:$result);
  let assemblyFormat = "$kind $input `,` $grad attr-dict `:` type($input) `,` type($grad)";
  let hasVerifier = 1;
}

def DS_ArgReduceOp : DS_Op<"arg_reduce", [Pure, AnyFloats,
    DeclareOpInterfaceMethods<DS_EvaluableOpInterface>,
    DeclareOpInterfaceMethods<DS_KernelOpInterface>]> {
  let summary = "Where the last dimension has its maximum or minimum";
  let description = [{
    The first position wins among equals, and the first NaN among all.

    **Requires:** kind `max` or `min`; a result of the input's dimensions but the last, which is not
    empty; `unsigned` with integers only.
    **Ensures:** positions along the last dimension.

    ```mlir
    %i = ds.arg_reduce "max" %x : tensor<4x8xf32> -> tensor<4xi32>
    ```
  }];
  let arguments = (ins StrAttr:$kind, RankedTensorOf<[DS_Number]>:$input, UnitAttr:$is_unsigned);
  let results = (outs RankedTensorOf<[I32, I64]>:$result);
  let assemblyFormat = "$kind $input (`unsigned` $is_unsigned^)? attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}
}

#endif
