//===- DSOpsIndex.td - Ops that move elements --------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every element of a result is an element of an operand, or a constant: which
// one follows from its position, or from indices that are operands.  Types are
// static.
//===----------------------------------------------------------------------===//
#ifndef DS_OPS_INDEX_TD
#define DS_OPS_INDEX_TD

// The starts of a window, one scalar for each dimension.
def DS_Starts : Variadic<0DTensorOf<[I32, I64]>>;

def DS_IndexDoc : OpDocGroup { let summary = "Places"; let description = "Ops that move elements to other places."; }
let opDocGroup = DS_IndexDoc in {

class DS_MoveOp<string mnemonic, list<Trait> traits = []> : DS_Op<mnemonic, !listconcat([Pure, Follows,
    DeclareOpInterfaceMethods<DS_EvaluableOpInterface>], traits)>;
class DS_MoveKernelOp<string mnemonic, list<Trait> traits = []> : DS_MoveOp<mnemonic, !listconcat([
    DeclareOpInterfaceMethods<DS_KernelOpInterface>], traits)>;
defvar Differentiable = DeclareOpInterfaceMethods<DS_DifferentiableOpInterface>;

def DS_TransposeOp : DS_MoveKernelOp<"transpose", [Differentiable]> {
  let summary = "Other order of the dimensions";
  let description = [{
    Dimension i of the result is dimension `dims[i]` of the input.  Moves bytes; a product wants
    other letters instead (`ds.dot`), and takes them where a transpose is all that feeds it.

    **Requires:** every dimension once in `dims`; a result of the sizes that follow.
    **Ensures:** result[i0, i1, ..] = input[j0, j1, ..] with j[dims[d]] = i[d].
    **Gradient:** `ds.transpose` back.

    ```mlir
    %y = ds.transpose %x dims [0, 2, 1] : tensor<4x256x768xf32> -> tensor<4x768x256xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, DenseI64ArrayAttr:$dims);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input `dims` $dims attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def DS_BroadcastOp : DS_MoveKernelOp<"broadcast", [Differentiable]> {
  let summary = "Repeats a tensor over dimensions that it has not";
  let description = [{
    Dimension i of the input is dimension `dims[i]` of the result, without `dims` its last ones:
    then this is the opposite of a column sum.  A dimension of size 1 is repeated, too.

    **Requires:** another dimension of the result for each of the input, of its size unless that is
    1; without `dims` an input whose shape is a suffix of the result's.
    **Ensures:** every new index holds the same elements.
    **Gradient:** `ds.sum` over the new dimensions.

    ```mlir
    %y = ds.broadcast %row : tensor<768xf32> -> tensor<4x256x768xf32>
    %z = ds.broadcast %mean dims [0, 1] : tensor<4x256xf32> -> tensor<4x256x768xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, OptionalAttr<DenseI64ArrayAttr>:$dims);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input (`dims` $dims^)? attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
  let builders = [OpBuilder<(ins "::mlir::Type":$result, "::mlir::Value":$input), [{
    build($_builder, $_state, result, input, ::mlir::DenseI64ArrayAttr());
  }]>];
  let extraClassDeclaration = [{
    /// The result's dimension for each of the input's.
    ::llvm::SmallVector<int64_t> getPlaces();
    ::llvm::FailureOr<::llvm::SmallVector<unsigned>> getRowOperands();
  }];
}

def DS_SliceOp : DS_MoveKernelOp<"slice", [Differentiable]> {
  let summary = "Every n-th element of a range of each dimension";
  let description = [{
    result[i0, i1, ..] = input[at[0] + i0 * by[0], ..].  Without `by` all strides are 1.  A range of
    one dimension without gaps is a `ds.window`, which costs nothing.

    **Requires:** an offset of at least 0 and a stride of at least 1 for each dimension; a last
    element inside the input.
    **Ensures:** the result's sizes say how many elements are taken.
    **Gradient:** `ds.pad`, with `by - 1` zeros between the elements.

    ```mlir
    %even = ds.slice %x at [0, 2] by [1, 2] : tensor<4x8xf32> -> tensor<4x3xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, DenseI64ArrayAttr:$at, OptionalAttr<DenseI64ArrayAttr>:$by);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input `at` $at (`by` $by^)? attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
  let extraClassDeclaration = [{
    /// The stride of a dimension.
    int64_t getStride(int64_t dim) { return getBy() ? (*getBy())[dim] : 1; }
  }];
}

def DS_PadOp : DS_MoveKernelOp<"pad", [Differentiable]> {
  let summary = "Elements in front of, between and behind a tensor's";
  let description = [{
    In each dimension `low` elements come first, `interior` ones between two of the input's, and as
    many behind as the result has room for.  A negative `low` drops elements, and so does a result
    that is too short for all of them.  Without `low` and `interior` there are none, without `value`
    it is 0: what `ds.take` needs as its gradient.  `value` is rounded to the element type.

    **Requires:** equal ranks and element types; `interior` of at least 0.
    **Ensures:** result[low + i * (interior + 1)] = input[i]; all others are `value`.
    **Gradient:** the gradient's elements at those places: `ds.slice`, or `ds.pad` where some were
    dropped.

    ```mlir
    %y = ds.pad %x low [0, 1] interior [0, 2] value 1.0 : tensor<4x3xf32> -> tensor<5x10xf32>
    %dwpe = ds.pad %dpos : tensor<256x768xf32> -> tensor<1024x768xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, OptionalAttr<DenseI64ArrayAttr>:$low,
                       OptionalAttr<DenseI64ArrayAttr>:$interior, OptionalAttr<F64Attr>:$value);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input (`low` $low^)? (`interior` $interior^)? (`value` $value^)? "
                       "attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
  let extraClassDeclaration = [{
    /// Elements in front of the first; negative: how many are dropped.
    int64_t getLowOf(int64_t dim) { return getLow() ? (*getLow())[dim] : 0; }
    /// How far two elements lie apart.
    int64_t getStep(int64_t dim) { return getInterior() ? (*getInterior())[dim] + 1 : 1; }
    double getFilling() { return getValue() ? getValue()->convertToDouble() : 0.0; }
  }];
  let builders = [OpBuilder<(ins "::mlir::Type":$result, "::mlir::Value":$input), [{
    build($_builder, $_state, result, input, ::mlir::DenseI64ArrayAttr(), ::mlir::DenseI64ArrayAttr(),
          ::mlir::FloatAttr());
  }]>];
}

def DS_ReverseOp : DS_MoveKernelOp<"reverse", [Differentiable,
    TypesMatchWith<"result has the input's type", "input", "result", "$_self">]> {
  let summary = "The other direction along some dimensions";
  let description = [{
    The last index of each of `dims` comes first.

    **Requires:** distinct dimensions of the input.
    **Ensures:** the input's type.
    **Gradient:** `ds.reverse` again.

    ```mlir
    %y = ds.reverse %x dims [1] : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, DenseI64ArrayAttr:$dims);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input `dims` $dims attr-dict `:` type($input)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def DS_IotaOp : DS_MoveKernelOp<"iota"> {
  let summary = "Each element's position along a dimension";
  let description = [{
    0, 1, 2, ... along `dim`, the same at all places of the other dimensions.  No memory is read; an
    op that uses it computes it where it needs it.

    **Requires:** a dimension of the result, whose elements are numbers.
    **Ensures:** element [i0, i1, ..] is i[dim].

    ```mlir
    %columns = ds.iota dim 1 : tensor<4x8xi32>
    ```
  }];
  let arguments = (ins I64Attr:$dim);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "`dim` $dim attr-dict `:` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def DS_DynamicSliceOp : DS_MoveKernelOp<"dynamic_slice", [Differentiable]> {
  let summary = "A window that begins where scalars say";
  let description = [{
    A start that would let the window leave the input counts as the nearest one that does not.

    **Requires:** a start for each dimension, all i32 or i64 scalars; no dimension longer than the
    input's; equal element types.
    **Ensures:** result[i0, i1, ..] = input[starts[0] + i0, ..].
    **Gradient:** `ds.dynamic_update` of zeros; starts have none.

    ```mlir
    %row = ds.dynamic_slice %x at (%i, %zero) : tensor<12x768xf32>, tensor<i32>, tensor<i32> -> tensor<1x768xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, DS_Starts:$starts);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input `at` `(` $starts `)` attr-dict `:` type($input) `,` type($starts) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def DS_DynamicUpdateOp : DS_MoveKernelOp<"dynamic_update", [Differentiable,
    TypesMatchWith<"result has the input's type", "input", "result", "$_self">]> {
  let summary = "A tensor with a window written anew";
  let description = [{
    A start that would let the window leave the input counts as the nearest one that does not.

    **Requires:** a start for each dimension, all i32 or i64 scalars; a part no longer than the
    input in any dimension; equal element types.
    **Ensures:** the part inside its window, the input elsewhere; the input is updated in place when
    it dies here.
    **Gradient:** `ds.dynamic_slice` for the part, the result's with zeros in the window for the
    input; starts have none.

    ```mlir
    %all = ds.dynamic_update %x, %row at (%i, %zero)
        : tensor<12x768xf32>, tensor<1x768xf32>, tensor<i32>, tensor<i32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$part, DS_Starts:$starts);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input `,` $part `at` `(` $starts `)` attr-dict `:` "
                       "type($input) `,` type($part) `,` type($starts)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def DS_GatherOp : DS_MoveKernelOp<"gather", [Differentiable]> {
  let summary = "Windows of a tensor, taken where indices say";
  let description = [{
    StableHLO's gather.  Each vector along dimension `vector` of the indices (their rank: each
    element) is a start, element k of it along dimension `map[k]` of the input; `sizes` is the
    window there.  A window's dimensions, without the `collapsed` ones and those of `batch`, are the
    dimensions `offset` of the result; its other dimensions are those of the indices.  Dimension
    `batch[i]` of the input is walked together with dimension `of[i]` of the indices.

    **Requires:** i32 or i64 indices; what StableHLO requires of the dimensions.
    **Ensures:** a start that would let its window leave the input counts as the nearest one that
    does not; with `drops` such a window is zeros.
    **Gradient:** `ds.scatter "add"` into zeros; indices have none.

    ```mlir
    %rows = ds.gather %x, %ids offset [1] collapsed [0] map [0] vector 1 sizes [1, 8]
        : (tensor<5x8xf32>, tensor<3x1xi32>) -> tensor<3x8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$indices, DenseI64ArrayAttr:$offset,
                       DenseI64ArrayAttr:$collapsed, DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$batch,
                       DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$of, DenseI64ArrayAttr:$map, I64Attr:$vector,
                       DenseI64ArrayAttr:$sizes, UnitAttr:$drops);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input `,` $indices `offset` $offset `collapsed` $collapsed (`batch` $batch^ `of` $of)? "
                       "`map` $map `vector` $vector `sizes` $sizes attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def DS_ScatterOp : DS_MoveOp<"scatter", [Differentiable,
    DeclareOpInterfaceMethods<DS_KernelOpInterface, ["getSummedOperands"]>,
    TypesMatchWith<"result has the input's type", "input", "result", "$_self">]> {
  let summary = "Windows combined into a tensor where indices say";
  let description = [{
    StableHLO's scatter, in the order of the indices: where two windows meet, the later one comes
    later.  Starts and windows are those of `ds.gather`; `window` are the dimensions of the updates
    that it calls `offset`, `inserted` those of the input that it calls collapsed.  Kinds are "add",
    "mul", "min", "max" and "set".

    **Requires:** i32 or i64 indices; input and updates of one element type; what StableHLO requires
    of the dimensions.
    **Ensures:** a window that would leave the input is left out; with `clamps` its start counts as
    the nearest one at which it does not.  The same bits whatever the threads.  The input is updated
    in place when it dies here.
    **Gradient:** that of the result goes to what it was made of: of "set" to the last update, of
    "min" and "max" in even shares to those that are the result, of "mul" by the other factors, which
    asks for updates that are not 0.  Indices have none.

    ```mlir
    %y = ds.scatter "add" %x, %ids, %rows window [1] inserted [0] map [0] vector 1
        : (tensor<5x8xf32>, tensor<3x1xi32>, tensor<3x8xf32>) -> tensor<5x8xf32>
    ```
  }];
  let arguments = (ins StrAttr:$kind, AnyRankedTensor:$input, AnyRankedTensor:$indices, AnyRankedTensor:$updates,
                       DenseI64ArrayAttr:$window, DenseI64ArrayAttr:$inserted,
                       DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$batch,
                       DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$of, DenseI64ArrayAttr:$map, I64Attr:$vector,
                       UnitAttr:$clamps);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$kind $input `,` $indices `,` $updates `window` $window `inserted` $inserted "
                       "(`batch` $batch^ `of` $of)? `map` $map `vector` $vector attr-dict `:` "
                       "functional-type(operands, results)";
  let hasVerifier = 1;
}

def DS_StridedCopyOp : DS_MoveKernelOp<"strided_copy", [
    TypesMatchWith<"result has the type of what is copied into", "into", "result", "$_self">]> {
  let summary = "Elements at even distances copied to others";
  let description = [{
    What a copy between two places of memory is on a GPU, where it is a kernel: made when a plan is
    emitted, since only then places are known.  Element i of `sizes` is at the sum of i_d from_d in the
    input, and goes to the sum of i_d to_d; the others are left as they are.

    **Requires:** tensors of rank 1 and of one element type; as many strides as sizes, of at least 0; every
    place inside; the dimensions of `to` from the outermost in, so that no two elements meet.
    **Ensures:** updates `into` in place.

    ```mlir
    %y = ds.strided_copy %x into %t sizes [4, 3] from [1, 4] to [3, 1] : tensor<12xf32>, tensor<12xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$into, DenseI64ArrayAttr:$sizes,
                       DenseI64ArrayAttr:$from, DenseI64ArrayAttr:$to);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input `into` $into `sizes` $sizes `from` $from `to` $to attr-dict `:` "
                       "type($input) `,` type($into)";
  let hasVerifier = 1;
}

def DS_CopyOp : DS_MoveOp<"copy", [
    TypesMatchWith<"result has the input's type", "input", "result", "$_self">]> {
  let summary = "The same tensor in storage of its own, without gaps";
  let description = [{
    Kernels and the library want elements that lie evenly; a view (`ds.window`, `ds.split`) may have
    gaps.  Lowering puts a copy between the two, so that one sees what it costs.

    **Requires:** a tensor.
    **Ensures:** its elements, row by row.

    ```mlir
    %keys = ds.window %k dim 1 at 0 : tensor<4x256x64xf32> -> tensor<4x128x64xf32>
    %even = ds.copy %keys : tensor<4x128x64xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}
}

#endif
