//===- StableHLOOpsShape.td - Elements that move -----------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#ifndef DS_STABLEHLO_OPS_SHAPE_TD
#define DS_STABLEHLO_OPS_SHAPE_TD

include "StableHLOBase.td"

def StableHLO_ShapeDoc : OpDocGroup {
  let summary = "Elements that move";
  let description = "Constants, and ops that copy elements to other places.";
}
let opDocGroup = StableHLO_ShapeDoc in {

def StableHLO_ConstantOp : StableHLO_Op<"constant", [Pure, AllTypesMatch<["value", "result"]>]> {
  let summary = "A tensor that is known";
  let description = Text<"Splats, lists, hexadecimal strings and `dense_resource`s.", "elements of a ranked tensor.",
      "the value's type.", "%c = stablehlo.constant dense<[1.0, 2.0]> : tensor<2xf32>">.text;
  let arguments = (ins ElementsAttr:$value);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "attr-dict $value";
}

class StableHLO_MoveOp<string mnemonic, string what, string requires, string example>
    : StableHLO_Op<mnemonic, [Pure, SameOperandsAndResultElementType]> {
  let summary = what;
  let description = Text<what # ".", requires, "the operand's elements.", example>.text;
  let results = (outs AnyRankedTensor:$result);
  let hasVerifier = 1;
}
def StableHLO_BroadcastInDimOp : StableHLO_MoveOp<"broadcast_in_dim", "Repeats a tensor over dimensions",
    "one distinct result dimension for each of the operand's, which has its size or 1.",
    "%y = stablehlo.broadcast_in_dim %x, dims = [1] : (tensor<8xf32>) -> tensor<4x8xf32>"> {
  let arguments = (ins AnyRankedTensor:$operand, DenseI64ArrayAttr:$broadcast_dimensions);
  let assemblyFormat = "$operand `,` `dims` `=` $broadcast_dimensions attr-dict `:` functional-type(operands, results)";
}
def StableHLO_ReshapeOp : StableHLO_MoveOp<"reshape", "The same elements in another shape",
    "as many elements as the result has.", "%y = stablehlo.reshape %x : (tensor<4x8xf32>) -> tensor<32xf32>"> {
  let arguments = (ins AnyRankedTensor:$operand);
  let assemblyFormat = "$operand attr-dict `:` functional-type(operands, results)";
}
def StableHLO_TransposeOp : StableHLO_MoveOp<"transpose", "Permutes the dimensions",
    "a permutation: result dimension i is the operand's dimension dims[i].",
    "%y = stablehlo.transpose %x, dims = [1, 0] : (tensor<4x8xf32>) -> tensor<8x4xf32>"> {
  let arguments = (ins AnyRankedTensor:$operand, DenseI64ArrayAttr:$permutation);
  let assemblyFormat = "$operand `,` `dims` `=` $permutation attr-dict `:` functional-type(operands, results)";
}
def StableHLO_SliceOp : StableHLO_MoveOp<"slice", "Every n-th element of a range of each dimension",
    "0 <= start <= limit <= size, strides of at least 1, as in [start:limit:stride].",
    "%y = stablehlo.slice %x [1:3, 0:8:2] : (tensor<4x8xf32>) -> tensor<2x4xf32>"> {
  let arguments = (ins AnyRankedTensor:$operand, DenseI64ArrayAttr:$start_indices, DenseI64ArrayAttr:$limit_indices,
                       DenseI64ArrayAttr:$strides);
  let assemblyFormat = "$operand custom<Ranges>($start_indices, $limit_indices, $strides) attr-dict `:` "
                       "functional-type(operands, results)";
}
def StableHLO_PadOp : StableHLO_MoveOp<"pad", "Adds a value around and between the elements",
    "a scalar value; negative low and high cut elements off, interior is at least 0.",
    "%y = stablehlo.pad %x, %v, low = [1], high = [2], interior = [0] : (tensor<4xf32>, tensor<f32>) "
    "-> tensor<7xf32>"> {
  let arguments = (ins AnyRankedTensor:$operand, AnyRankedTensor:$padding_value, DenseI64ArrayAttr:$edge_padding_low,
                       DenseI64ArrayAttr:$edge_padding_high, DenseI64ArrayAttr:$interior_padding);
  let assemblyFormat = "$operand `,` $padding_value `,` `low` `=` $edge_padding_low `,` `high` `=` $edge_padding_high "
                       "`,` `interior` `=` $interior_padding attr-dict `:` functional-type(operands, results)";
}
def StableHLO_ConcatenateOp : StableHLO_MoveOp<"concatenate", "Lays tensors side by side along a dimension",
    "shapes that are equal but for that dimension.",
    "%z = stablehlo.concatenate %x, %y, dim = 0 : (tensor<2x8xf32>, tensor<1x8xf32>) -> tensor<3x8xf32>"> {
  let arguments = (ins Variadic<AnyRankedTensor>:$inputs, I64Attr:$dimension);
  let assemblyFormat = "custom<OperandsThen>($inputs) `dim` `=` $dimension attr-dict `:` "
                       "functional-type(operands, results)";
}
def StableHLO_ReverseOp : StableHLO_MoveOp<"reverse", "Reverses the order along dimensions",
    "distinct dimensions.", "%y = stablehlo.reverse %x, dims = [0] : tensor<4x8xf32>"> {
  let arguments = (ins AnyRankedTensor:$operand, DenseI64ArrayAttr:$dimensions);
  let assemblyFormat = "$operand `,` `dims` `=` $dimensions attr-dict `:` custom<SameTypes>(type($operand), "
                       "type($result))";
}
def StableHLO_IotaOp : StableHLO_Op<"iota", [Pure]> {
  let summary = "Numbers from 0 along a dimension";
  let description = Text<"Every element is its index in that dimension.", "a dimension of the result.",
      "0, 1, 2, ...", "%i = stablehlo.iota dim = 1 : tensor<4x8xi32>">.text;
  let arguments = (ins I64Attr:$iota_dimension);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "`dim` `=` $iota_dimension attr-dict `:` type($result)";
  let hasVerifier = 1;
}
def StableHLO_DynamicSliceOp : StableHLO_Op<"dynamic_slice", [Pure]> {
  let summary = "A part of a tensor from computed indices on";
  let description = Text<"Indices are limited such that the part is inside.",
      "one integer scalar per dimension; sizes within the operand's.", "a tensor of these sizes.",
      "%y = stablehlo.dynamic_slice %x, %i, %j, sizes = [1, 8] : (tensor<4x8xf32>, tensor<i32>, tensor<i32>) "
      "-> tensor<1x8xf32>">.text;
  let arguments = (ins AnyRankedTensor:$operand, Variadic<AnyRankedTensor>:$start_indices,
                       DenseI64ArrayAttr:$slice_sizes);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$operand `,` custom<OperandsThen>($start_indices) `sizes` `=` $slice_sizes attr-dict `:` "
                       "functional-type(operands, results)";
  let hasVerifier = 1;
}
def StableHLO_DynamicUpdateSliceOp : StableHLO_Op<"dynamic_update_slice", [Pure,
    AllTypesMatch<["operand", "result"]>]> {
  let summary = "Replaces a part of a tensor from computed indices on";
  let description = Text<"Indices are limited such that the part is inside.",
      "one integer scalar per dimension; an update that is no larger than the operand.", "the operand's type.",
      "%y = stablehlo.dynamic_update_slice %x, %part, %i, %j : (tensor<4x8xf32>, tensor<1x8xf32>, tensor<i32>, "
      "tensor<i32>) -> tensor<4x8xf32>">.text;
  let arguments = (ins AnyRankedTensor:$operand, AnyRankedTensor:$update, Variadic<AnyRankedTensor>:$start_indices);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}
def StableHLO_GatherOp : StableHLO_Op<"gather", [Pure]> {
  let summary = "Slices of a tensor at computed places";
  let description = Text<"One slice for each index; places are limited such that a slice is inside.",
      "dimension numbers that fit each other.", "slices in the order of the indices.",
      "%y = \"stablehlo.gather\"(%x, %i) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], "
      "collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, slice_sizes = array<i64: 1, 8>}> : "
      "(tensor<4x8xf32>, tensor<3x1xi32>) -> tensor<3x8xf32>">.text;
  let arguments = (ins AnyRankedTensor:$operand, AnyRankedTensor:$start_indices,
                       StableHLO_GatherAttr:$dimension_numbers, DenseI64ArrayAttr:$slice_sizes,
                       OptionalAttr<BoolAttr>:$indices_are_sorted);
  let results = (outs AnyRankedTensor:$result);
  let hasVerifier = 1;
}
}

#endif
