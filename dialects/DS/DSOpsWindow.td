//===- DSOpsWindow.td - Folds of windows and of prefixes ---*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What pooling and cumulative sums are made of.  Types are static.
//===----------------------------------------------------------------------===//
#ifndef DS_OPS_WINDOW_TD
#define DS_OPS_WINDOW_TD

defvar DS_WindowLists = (ins DenseI64ArrayAttr:$sizes, OptionalAttr<DenseI64ArrayAttr>:$by,
    OptionalAttr<DenseI64ArrayAttr>:$low, OptionalAttr<DenseI64ArrayAttr>:$interior,
    OptionalAttr<DenseI64ArrayAttr>:$apart);
defvar DS_WindowFormat = "`sizes` $sizes (`by` $by^)? (`low` $low^)? (`interior` $interior^)? (`apart` $apart^)? ";

def DS_WindowDoc : OpDocGroup {
  let summary = "Windows";
  let description = "Folds of the elements that lie in a window, or in front of one.";
}
let opDocGroup = DS_WindowDoc in {

// The elements of window o lie at o * by + k * apart for each k in [0, sizes) of the tensor that has `low` elements in
// front of its own and `interior` between two of them.
class DS_WindowsOp<string mnemonic, list<Trait> traits> : DS_Op<mnemonic, !listconcat([Pure,
    DeclareOpInterfaceMethods<DS_EvaluableOpInterface>, DeclareOpInterfaceMethods<DS_KernelOpInterface>], traits)> {
  let hasVerifier = 1;
}

def DS_ReduceWindowOp : DS_WindowsOp<"reduce_window", [Follows,
    DeclareOpInterfaceMethods<DS_DifferentiableOpInterface>]> {
  let summary = "Folds windows by sum, max, min or mul";
  let description = [{
    Window o has in each dimension `sizes` elements that lie `apart` from one another, the first at
    o * `by`, counted in the input with `low` places in front and `interior` ones between two of its
    elements.  Those places, and all behind the last element, are the kind's neutral element.  Without
    them `by` and `apart` are 1, `low` and `interior` 0; the result's sizes say how many windows there
    are.

    **Requires:** kind `sum`, `max`, `min` or `mul` of numbers; a number for each dimension in every
    list; `unsigned` with integers only.
    **Ensures:** NaN where a window has one; of windows without elements the neutral element.
    **Gradient:** of `sum` windows of the gradient; of `max` and `min` `ds.reduce_window_grad`, to the
    first element that is it; of `mul` products of the others.

    ```mlir
    %pooled = ds.reduce_window "max" %x sizes [1, 2] by [1, 2] : tensor<4x8xf32> -> tensor<4x4xf32>
    ```
  }];
  let arguments = !con((ins StrAttr:$kind, RankedTensorOf<[DS_Number]>:$input), DS_WindowLists,
                       (ins UnitAttr:$is_unsigned));
  let results = (outs RankedTensorOf<[DS_Number]>:$result);
  let assemblyFormat = !strconcat("$kind $input ", DS_WindowFormat,
      "(`unsigned` $is_unsigned^)? attr-dict `:` type($input) `->` type($result)");
}

def DS_ArgReduceWindowOp : DS_WindowsOp<"arg_reduce_window", [AnyFloats]> {
  let summary = "Which place of each window has its maximum or minimum";
  let description = [{
    Windows are those of `ds.reduce_window`.  The first place wins among equals, and the first NaN
    among all; places of a window are numbered row by row.

    **Requires:** kind `max` or `min`; what `ds.reduce_window` requires; less than 2^31 places.
    **Ensures:** a number in [0, product of `sizes`), or -1 for a window without elements.

    ```mlir
    %i = ds.arg_reduce_window "max" %x sizes [1, 2] by [1, 2] : tensor<4x8xf32> -> tensor<4x4xi32>
    ```
  }];
  let arguments = !con((ins StrAttr:$kind, RankedTensorOf<[DS_Number]>:$input), DS_WindowLists,
                       (ins UnitAttr:$is_unsigned));
  let results = (outs RankedTensorOf<[I32]>:$result);
  let assemblyFormat = !strconcat("$kind $input ", DS_WindowFormat,
      "(`unsigned` $is_unsigned^)? attr-dict `:` type($input) `->` type($result)");
}

def DS_ReduceWindowGradOp : DS_WindowsOp<"reduce_window_grad", [Follows]> {
  let summary = "Adds one number of each window to the element at its place";
  let description = [{
    The gradient of a maximum of windows: `places` is what `ds.arg_reduce_window` has for them.

    **Requires:** numbers of the windows and as many i32 places; what `ds.reduce_window` requires.
    **Ensures:** for each element of the input the sum over the windows that have it at their place;
    the same bits whatever the threads.  Without gradient of its own.

    ```mlir
    %dx = ds.reduce_window_grad %g, %i sizes [1, 2] by [1, 2] : (tensor<4x4xf32>, tensor<4x4xi32>) -> tensor<4x8xf32>
    ```
  }];
  let arguments = !con((ins RankedTensorOf<[DS_Number]>:$grad, RankedTensorOf<[I32]>:$places), DS_WindowLists);
  let results = (outs RankedTensorOf<[DS_Number]>:$result);
  let assemblyFormat = !strconcat("$grad `,` $places ", DS_WindowFormat,
      "attr-dict `:` functional-type(operands, results)");
}

def DS_CumulativeOp : DS_Op<"cumulative", [Pure, KeepsWide,
    DeclareOpInterfaceMethods<DS_DifferentiableOpInterface>,
    DeclareOpInterfaceMethods<DS_EvaluableOpInterface>,
    DeclareOpInterfaceMethods<DS_KernelOpInterface, ["getSummedOperands"]>,
    TypesMatchWith<"result has the input's type", "input", "result", "$_self">]> {
  let summary = "Folds what lies in front along a dimension";
  let description = [{
    y[0] = x[0] and y[t] = y[t - 1] combined with x[t], by `sum`, `mul`, `max`, `min` or `logsumexp`;
    with `reverse` from the last element on.  With factors a `sum` is y[t] = factor[t] * y[t - 1] + x[t].
    Takes one pass.

    **Requires:** a dimension of the input; numbers, floating-point ones for `logsumexp`; factors, of
    the input's type, for `sum` only.
    **Ensures:** NaN behind each NaN; the order of the elements, whatever the threads.  The input is
    overwritten when it dies here.
    **Gradient:** `ds.cumulative` the other way; of `max` and `min` to the first element that is it.

    ```mlir
    %y = ds.cumulative "sum" %x dim 1 : tensor<4x8xf32>
    %h = ds.cumulative "sum" %x times %a : tensor<4x8xf32> dim 0 reverse : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins StrAttr:$kind, RankedTensorOf<[DS_Number]>:$input,
                       Optional<RankedTensorOf<[DS_Number]>>:$factors, I64Attr:$dim, UnitAttr:$reverse);
  let results = (outs RankedTensorOf<[DS_Number]>:$result);
  let assemblyFormat = "$kind $input (`times` $factors^ `:` type($factors))? `dim` $dim (`reverse` $reverse^)? "
                       "attr-dict `:` type($input)";
  let hasVerifier = 1;
}
}

#endif
