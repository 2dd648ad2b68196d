//===- DSOpsRandom.td - Dropout ----------------------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// #ds.dropout says what a mask is.
//===----------------------------------------------------------------------===//
#ifndef DS_OPS_RANDOM_TD
#define DS_OPS_RANDOM_TD

def DS_RandomDoc : OpDocGroup { let summary = "Dropout"; let description = "Masks that are computed, never stored."; }
let opDocGroup = DS_RandomDoc in {

def DS_DropoutOp : DS_LayerOp<"dropout", [Follows, DeclareOpInterfaceMethods<DS_DifferentiableOpInterface>,
    DeclareOpInterfaceMethods<DS_DecomposableOpInterface>, DeclareOpInterfaceMethods<DS_RandomOpInterface,
    ["withoutDropout"]>, TypesMatchWith<"result has the input's type", "input", "result", "$_self">]> {
  let summary = "Sets elements to zero at random and scales the others up";
  let description = [{
    `#ds.dropout` has the definition of the mask.  `at` gives seed, step and the
    number of the micro-batch within the step; without it all three are 0, so a
    loss function is a function.  `ds-build-train` adds it in @train and takes
    the op out of @evaluate.

    **Requires:** a floating input [samples, ...] with at most 2^34 elements per sample.
    **Ensures:** the input's type; with probability 0 it folds to the input.  NaN stays NaN
    where it is dropped.
    **Gradient:** the same dropout of the result's gradient.

    ```mlir
    %y = ds.dropout %x <"transformer.drop", 0.1> at (%seed, %step, %n) : tensor<4x256x768xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, Variadic<DS_ScalarI64>:$counter, DS_DropoutAttr:$dropout);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input $dropout (`at` `(` $counter^ `)`)? attr-dict `:` type($input)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def DS_DropoutRowsOp : DS_LayerOp<"dropout_rows", [Follows, DeclareOpInterfaceMethods<DS_KernelOpInterface>,
    TypesMatchWith<"result has the input's type", "input", "result", "$_self">]> {
  let summary = "Dropout of a part of each sample, by key";
  let description = [{
    What `ds.dropout` and attention's dropout become.  The name is an operand,
    so that equal layers share a kernel; the input may be a window of samples of shape
    `of` whose first element is number `from` of its sample.

    **Requires:** a floating input [samples, ...], a probability of at least 0 and below 1, and a
    window that lies inside of samples of at most 2^34 elements.
    **Ensures:** the input's type.

    ```mlir
    %k = ds.constant dense<[1, 2]> : tensor<2xi32>
    %y = ds.dropout_rows %x key %k at (%seed, %step, %n) of [256, 768] from 0 probability 0.1 : tensor<4x128x768xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, DS_KeyType:$key, DS_ScalarI64:$seed, DS_ScalarI64:$step,
                       DS_ScalarI64:$micro_batch, DenseI64ArrayAttr:$sample, I64Attr:$first, F64Attr:$probability);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input `key` $key `at` `(` $seed `,` $step `,` $micro_batch `)` `of` $sample `from` $first "
                       "`probability` $probability attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def DS_RandomWordOp : DS_Op<"random_word", [Pure]> {
  let summary = "The random word of one element";
  let description = [{
    Word element mod 4 of Philox4x32-10, as `#ds.dropout` counts.  Exists in the
    loops that `ds.dropout_rows` is lowered to: the code generator makes the
    words of a whole row at once.

    **Requires:** an element of at least 0 and below 2^34.
    **Ensures:** a function of its operands; no state.

    ```mlir
    %w = ds.random_word key %k0, %k1 at (%seed, %step) sample %i element %e
    ```
  }];
  let arguments = (ins I32:$key0, I32:$key1, I64:$seed, I64:$step, I64:$sample, I64:$element);
  let results = (outs I32:$word);
  let assemblyFormat = "`key` $key0 `,` $key1 `at` `(` $seed `,` $step `)` `sample` $sample `element` $element "
                       "attr-dict";
}
}

#endif
