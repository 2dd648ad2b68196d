//===- StableHLOOpsRegion.td - Loops, branches, reductions -*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#ifndef DS_STABLEHLO_OPS_REGION_TD
#define DS_STABLEHLO_OPS_REGION_TD

include "StableHLOBase.td"

def StableHLO_RegionDoc : OpDocGroup {
  let summary = "Loops, branches, reductions";
  let description = "Ops that run a region of others.";
}
let opDocGroup = StableHLO_RegionDoc in {

def StableHLO_ReturnOp : StableHLO_Op<"return", [Pure, Terminator]> {
  let summary = "The results of a region";
  let description = Text<"Ends every region of the dialect.", "the types that the region's op expects.",
      "the region's results.", [{
%y = "stablehlo.if"(%c) ({
  stablehlo.return %x : tensor<4xf32>
}, {
  stablehlo.return %z : tensor<4xf32>
}) : (tensor<i1>) -> tensor<4xf32>}]>.text;
  let arguments = (ins Variadic<AnyType>:$results);
  let assemblyFormat = "$results attr-dict (`:` type($results)^)?";
}

class StableHLO_RegionOp<string mnemonic, string what, string requires, string ensures, string example>
    : StableHLO_Op<mnemonic, [RecursiveMemoryEffects]> {
  let summary = what;
  let description = Text<what # ".", requires, ensures, example>.text;
  let results = (outs Variadic<AnyType>);
}
def StableHLO_ReduceOp : StableHLO_RegionOp<"reduce", "Combines all elements along dimensions",
    "one initial scalar per input; inputs of one shape; a function of two sets of scalars.",
    "the inputs' shape without these dimensions; the order of elements is not stated.",
    "%y = stablehlo.reduce(%x init: %zero) applies stablehlo.add across dimensions = [1] : (tensor<4x8xf32>, "
    "tensor<f32>) -> tensor<4xf32>"> {
  let arguments = (ins Variadic<AnyRankedTensor>:$inputs, Variadic<AnyRankedTensor>:$init_values,
                       DenseI64ArrayAttr:$dimensions);
  let traits = [SameVariadicOperandSize, RecursiveMemoryEffects];
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
}
def StableHLO_WhileOp : StableHLO_RegionOp<"while", "Runs a region while another one says so",
    "regions of the operands' types; a condition that returns one truth value.", "the last values.", [{
%n, %y = stablehlo.while(%i = %zero, %v = %x) : tensor<i32>, tensor<4xf32>
cond {
  %c = stablehlo.compare LT, %i, %limit, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
  stablehlo.return %c : tensor<i1>
} do {
  %w = stablehlo.tanh %v : tensor<4xf32>
  %k = stablehlo.add %i, %one : tensor<i32>
  stablehlo.return %k, %w : tensor<i32>, tensor<4xf32>
}
}]> {
  let arguments = (ins Variadic<AnyType>:$values);
  let regions = (region SizedRegion<1>:$cond, SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
}
def StableHLO_CaseOp : StableHLO_RegionOp<"case", "Runs the region of an index",
    "a 32-bit scalar; regions without arguments.", "the region's results; the last one's for other indices.", [{
%y = "stablehlo.case"(%i) ({
  stablehlo.return %x : tensor<4xf32>
}, {
  stablehlo.return %z : tensor<4xf32>
}) : (tensor<i32>) -> tensor<4xf32>}]> {
  let arguments = (ins AnyRankedTensor:$index);
  let regions = (region VariadicRegion<SizedRegion<1>>:$branches);
  let hasVerifier = 1;
}
def StableHLO_IfOp : StableHLO_RegionOp<"if", "Runs one of two regions",
    "a truth value; regions without arguments.", "the region's results.", [{
%y = "stablehlo.if"(%c) ({
  stablehlo.return %x : tensor<4xf32>
}, {
  stablehlo.return %z : tensor<4xf32>
}) : (tensor<i1>) -> tensor<4xf32>}]> {
  let arguments = (ins AnyRankedTensor:$pred);
  let regions = (region SizedRegion<1>:$on_true, SizedRegion<1>:$on_false);
  let hasVerifier = 1;
}
def StableHLO_ScatterOp : StableHLO_RegionOp<"scatter", "Combines updates into a tensor at computed places",
    "dimension numbers that fit each other; a function of an element and its update.",
    "the inputs' types; updates outside are dropped.", [{
%y = "stablehlo.scatter"(%x, %i, %u) <{scatter_dimension_numbers = #stablehlo.scatter<
    update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>}> ({
^bb0(%a: tensor<f32>, %b: tensor<f32>):
  %s = stablehlo.add %a, %b : tensor<f32>
  stablehlo.return %s : tensor<f32>
}) : (tensor<4x8xf32>, tensor<3x1xi32>, tensor<3x8xf32>) -> tensor<4x8xf32>}]> {
  let arguments = (ins Variadic<AnyRankedTensor>:$inputs, AnyRankedTensor:$scatter_indices,
      Variadic<AnyRankedTensor>:$updates, StableHLO_ScatterAttr:$scatter_dimension_numbers,
      OptionalAttr<BoolAttr>:$indices_are_sorted, OptionalAttr<BoolAttr>:$unique_indices);
  let traits = [SameVariadicOperandSize, RecursiveMemoryEffects];
  let regions = (region SizedRegion<1>:$update_computation);
  let hasVerifier = 1;
}
def StableHLO_SortOp : StableHLO_RegionOp<"sort", "Sorts along a dimension",
    "inputs of one shape; a comparison of two elements of each.", "the inputs' types.", [{
%y = "stablehlo.sort"(%x) <{dimension = 0 : i64, is_stable = true}> ({
^bb0(%a: tensor<f32>, %b: tensor<f32>):
  %c = stablehlo.compare LT, %a, %b, TOTALORDER : (tensor<f32>, tensor<f32>) -> tensor<i1>
  stablehlo.return %c : tensor<i1>
}) : (tensor<4xf32>) -> tensor<4xf32>}]> {
  let arguments = (ins Variadic<AnyRankedTensor>:$inputs, OptionalAttr<I64Attr>:$dimension,
                       OptionalAttr<BoolAttr>:$is_stable);
  let regions = (region SizedRegion<1>:$comparator);
  let hasVerifier = 1;
}
def StableHLO_ReduceWindowOp : StableHLO_RegionOp<"reduce_window", "Combines the elements of each window",
    "one entry per dimension in every list.", "one element per window.", [{
%y = "stablehlo.reduce_window"(%x, %zero) <{window_dimensions = array<i64: 2>, window_strides = array<i64: 2>}> ({
^bb0(%a: tensor<f32>, %b: tensor<f32>):
  %s = stablehlo.add %a, %b : tensor<f32>
  stablehlo.return %s : tensor<f32>
}) : (tensor<4xf32>, tensor<f32>) -> tensor<2xf32>}]> {
  let arguments = (ins Variadic<AnyRankedTensor>:$inputs, Variadic<AnyRankedTensor>:$init_values,
      DenseI64ArrayAttr:$window_dimensions, OptionalAttr<DenseI64ArrayAttr>:$window_strides,
      OptionalAttr<DenseI64ArrayAttr>:$base_dilations, OptionalAttr<DenseI64ArrayAttr>:$window_dilations,
      OptionalAttr<I64ElementsAttr>:$padding);
  let traits = [SameVariadicOperandSize, RecursiveMemoryEffects];
  let regions = (region SizedRegion<1>:$body);
  let hasVerifier = 1;
}
def StableHLO_SelectAndScatterOp : StableHLO_RegionOp<"select_and_scatter", "The gradient of a pooling",
    "a comparison that selects an element of each window, and a function that adds to it.", "the operand's type.", [{
%y = "stablehlo.select_and_scatter"(%x, %g, %zero) <{
    window_dimensions = array<i64: 2>, window_strides = array<i64: 2>}> ({
^bb0(%a: tensor<f32>, %b: tensor<f32>):
  %c = stablehlo.compare GE, %a, %b, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
  stablehlo.return %c : tensor<i1>
}, {
^bb0(%a: tensor<f32>, %b: tensor<f32>):
  %s = stablehlo.add %a, %b : tensor<f32>
  stablehlo.return %s : tensor<f32>
}) : (tensor<4xf32>, tensor<2xf32>, tensor<f32>) -> tensor<4xf32>}]> {
  let arguments = (ins AnyRankedTensor:$operand, AnyRankedTensor:$source, AnyRankedTensor:$init_value,
      OptionalAttr<DenseI64ArrayAttr>:$window_dimensions, OptionalAttr<DenseI64ArrayAttr>:$window_strides,
      OptionalAttr<I64ElementsAttr>:$padding);
  let regions = (region SizedRegion<1>:$select, SizedRegion<1>:$scatter);
  let hasVerifier = 1;
}
def StableHLO_AllReduceOp : StableHLO_RegionOp<"all_reduce", "Combines the values of all devices",
    "groups of devices; a function of two elements.", "the same value on every device of a group.", [{
%y = "stablehlo.all_reduce"(%x) <{replica_groups = dense<[[0, 1]]> : tensor<1x2xi64>}> ({
^bb0(%a: tensor<f32>, %b: tensor<f32>):
  %s = stablehlo.add %a, %b : tensor<f32>
  stablehlo.return %s : tensor<f32>
}) : (tensor<4xf32>) -> tensor<4xf32>}]> {
  let arguments = (ins Variadic<AnyRankedTensor>:$inputs, I64ElementsAttr:$replica_groups,
                       OptionalAttr<AnyAttr>:$channel_handle, OptionalAttr<UnitAttr>:$use_global_device_ids);
  let regions = (region SizedRegion<1>:$computation);
}
}

#endif
