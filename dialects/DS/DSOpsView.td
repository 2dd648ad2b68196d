//===- DSOpsView.td - Windows of tensors -------------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#ifndef DS_OPS_VIEW_TD
#define DS_OPS_VIEW_TD

def DS_ViewDoc : OpDocGroup { let summary = "Views"; let description = "Other shapes of the same bytes."; }
let opDocGroup = DS_ViewDoc in {

class DS_ViewOp<string mnemonic> : DS_Op<mnemonic, [Pure, Follows, DS_ViewOpInterface,
    DeclareOpInterfaceMethods<DS_DifferentiableOpInterface>,
    DeclareOpInterfaceMethods<DS_EvaluableOpInterface>]>;

def DS_ReshapeOp : DS_ViewOp<"reshape"> {
  let summary = "The same elements in row-major order under another shape";
  let description = [{
    Row-major order is kept; a dynamic dimension passes through under its name.
    A reshape to the same type folds, as does one of another.

    **Requires:** equal element types, equally many elements, and the same dimension names in
    the same order.
    **Ensures:** a view of the input.
    **Gradient:** `ds.reshape` back.

    ```mlir
    %heads = ds.reshape %x : tensor<2x8x64xf32> -> tensor<2x8x4x16xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def DS_SplitOp : DS_ViewOp<"split"> {
  let summary = "Cuts a tensor along its last dimension";
  let description = [{
    Part i is the columns behind those of the parts before it.

    **Requires:** parts that have all of the input's dimensions but the last, its element type,
    and last dimensions that sum to the input's.
    **Ensures:** views of the input, with its strides.
    **Gradient:** `ds.concat`; a part without gradient counts as zeros.

    ```mlir
    %q, %k, %v = ds.split %qkv : (tensor<2x8x48xf32>) -> (tensor<2x8x16xf32>, tensor<2x8x16xf32>, tensor<2x8x16xf32>)
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input);
  let results = (outs Variadic<AnyRankedTensor>:$parts);
  let assemblyFormat = "$input attr-dict `:` functional-type($input, $parts)";
  let hasVerifier = 1;
}

def DS_ConcatOp : DS_ViewOp<"concat"> {
  let summary = "Joins tensors along their last dimension";
  let description = [{
    The inverse of `ds.split`.

    **Requires:** parts that have all of the result's dimensions but the last, its element type,
    and last dimensions that sum to the result's.
    **Ensures:** operands are produced in place where they can be.
    **Gradient:** `ds.split`.

    ```mlir
    %x = ds.concat %a, %b : (tensor<2x4xf32>, tensor<2x6xf32>) -> tensor<2x10xf32>
    ```
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$parts);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$parts attr-dict `:` functional-type($parts, $result)";
  let hasVerifier = 1;
}

def DS_WindowOp : DS_ViewOp<"window"> {
  let summary = "A range of one dimension";
  let description = [{
    Keeps [at, at + n) of dimension `dim`, n being the result's size there: a
    block of an attention's queries, the keys that it sees.

    **Requires:** a range inside the input; equal element types and other sizes.
    **Ensures:** a view: no copy.
    **Gradient:** `ds.pad` with zeros in front and behind.

    ```mlir
    %keys = ds.window %k dim 1 at 0 : tensor<4x256x12x64xf32> -> tensor<4x128x12x64xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, I64Attr:$dim, I64Attr:$at);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input `dim` $dim `at` $at attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def DS_StackOp : DS_ViewOp<"stack"> {
  let summary = "Joins tensors along one dimension";
  let description = [{
    The inverse of cutting a tensor into `ds.window`s one after the other.

    **Requires:** equal element types and sizes but in `dim`, where they add up.
    **Ensures:** operands are produced in place where they can be.
    **Gradient:** a `ds.window` for each.

    ```mlir
    %out = ds.stack %a, %b dim 1 : (tensor<4x128x64xf32>, tensor<4x128x64xf32>) -> tensor<4x256x64xf32>
    ```
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$parts, I64Attr:$dim);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$parts `dim` $dim attr-dict `:` functional-type($parts, $result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def DS_TakeOp : DS_ViewOp<"take"> {
  let summary = "The first rows of a tensor";
  let description = [{
    Keeps [0, n) of the first dimension, n being the result's: the positions that
    a sequence has.  Taking everything folds.

    **Requires:** types that differ in the first dimension only, the result's being no longer.
    **Ensures:** a view of the input.
    **Gradient:** `ds.pad`.

    ```mlir
    %pos = ds.take %wpe : tensor<1024x768xf32> -> tensor<256x768xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}
}

#endif
