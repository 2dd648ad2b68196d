//===- DSOpsSort.td - Orders of elements -------------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#ifndef DS_OPS_SORT_TD
#define DS_OPS_SORT_TD

def DS_SortDoc : OpDocGroup {
  let summary = "Orders";
  let description = "Where the elements of a row are when they are sorted.";
}
let opDocGroup = DS_SortDoc in {

def DS_ArgSortOp : DS_Op<"argsort", [Pure, AnyFloats, DeclareOpInterfaceMethods<DS_EvaluableOpInterface>]> {
  let summary = "Positions of a row's elements, sorted";
  let description = [{
    The first positions of each row (the last dimension) in ascending order of its elements, or with
    `descending` in descending order: as many as the result has, so that this is a top-k, too.  Sorted
    values, and whatever is sorted along with them, are a `ds.gather` at these positions, which has the
    gradient; keys of several tensors are sorted one after the other, the last key first.

    **Requires:** f32, f64, bf16, f16, i32 or i64 elements; a result of the input's dimensions, the last
    one of at most the input's; `unsigned` with integers only, `total` with floating-point ones only.
    **Ensures:** equal elements in the order of their positions, descending or not.  NaN is larger than
    all numbers, and -0 equal to 0; with `total` -0 is smaller than 0, and NaN with a sign smaller than
    all numbers.

    ```mlir
    %order = ds.argsort %x : tensor<4x8xf32> -> tensor<4x8xi32>
    %top = ds.argsort %x descending : tensor<4x8xf32> -> tensor<4x2xi32>
    ```
  }];
  let arguments = (ins RankedTensorOf<[F32, F64, BF16, F16, I32, I64]>:$input, UnitAttr:$descending,
                       UnitAttr:$is_unsigned, UnitAttr:$total);
  let results = (outs RankedTensorOf<[I32]>:$result);
  let assemblyFormat = "$input (`descending` $descending^)? (`unsigned` $is_unsigned^)? (`total` $total^)? attr-dict "
                       "`:` type($input) `->` type($result)";
  let hasVerifier = 1;
}
}

#endif
