//===- StableHLOOpsMath.td - Products, random numbers, calls *- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#ifndef DS_STABLEHLO_OPS_MATH_TD
#define DS_STABLEHLO_OPS_MATH_TD

include "StableHLOBase.td"

def StableHLO_MathDoc : OpDocGroup {
  let summary = "Products, random numbers, calls";
  let description = "Ops that are more than elementwise.";
}
let opDocGroup = StableHLO_MathDoc in {

def StableHLO_DotGeneralOp : StableHLO_Op<"dot_general", [Pure]> {
  let summary = "A product of two tensors, summed over shared dimensions";
  let description = Text<"The result has the batch dimensions, then the left and the right operand's free ones.",
      "paired dimensions of equal size, each dimension in one role.", "a sum of products.",
      "%z = stablehlo.dot_general %x, %y, contracting_dims = [1] x [0], precision = [DEFAULT, DEFAULT] : "
      "(tensor<4x8xf32>, tensor<8x3xf32>) -> tensor<4x3xf32>">.text;
  let arguments = (ins AnyRankedTensor:$lhs, AnyRankedTensor:$rhs, StableHLO_DotAttr:$dot_dimension_numbers,
                       OptionalAttr<ArrayAttr>:$precision_config, OptionalAttr<StableHLO_DotAlgorithmAttr>:$algorithm);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$lhs `,` $rhs `,` custom<Product>($dot_dimension_numbers, $precision_config, "
                       "$algorithm) attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}
def StableHLO_ConvolutionOp : StableHLO_Op<"convolution", [Pure]> {
  let summary = "A convolution";
  let description = Text<"With strides, padding, dilation of both sides and groups.",
      "layouts of the operands' ranks.", "the result in its own layout.",
      "%z = stablehlo.convolution(%x, %k) dim_numbers = [b, f, 0]x[o, i, 0]->[b, f, 0], window = {stride = [1], "
      "pad = [[1, 1]]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<2x3x8xf32>, "
      "tensor<4x3x3xf32>) -> tensor<2x4x8xf32>">.text;
  let arguments = (ins AnyRankedTensor:$lhs, AnyRankedTensor:$rhs,
      OptionalAttr<DenseI64ArrayAttr>:$window_strides, OptionalAttr<I64ElementsAttr>:$padding,
      OptionalAttr<DenseI64ArrayAttr>:$lhs_dilation, OptionalAttr<DenseI64ArrayAttr>:$rhs_dilation,
      OptionalAttr<DenseBoolArrayAttr>:$window_reversal, StableHLO_ConvAttr:$dimension_numbers,
      I64Attr:$feature_group_count, I64Attr:$batch_group_count, OptionalAttr<ArrayAttr>:$precision_config);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "`(` operands `)` `dim_numbers` `=` custom<ConvLayouts>($dimension_numbers) `,` `window` `=` "
      "custom<Window>($window_strides, $padding, $lhs_dilation, $rhs_dilation, $window_reversal) attr-dict `:` "
      "functional-type(operands, results)";
  let hasVerifier = 1;
}
def StableHLO_FftOp : StableHLO_Op<"fft", [Pure]> {
  let summary = "A Fourier transform over the last dimensions";
  let description = Text<"Complex to complex, or from and to real numbers.", "one to three lengths.",
      "the transform.",
      "%z = stablehlo.fft %x, type = RFFT, length = [4] : (tensor<4xf32>) -> tensor<3xcomplex<f32>>">.text;
  let arguments = (ins AnyRankedTensor:$operand, StableHLO_FftTypeAttr:$fft_type, DenseI64ArrayAttr:$fft_length);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$operand `,` `type` `=` $fft_type `,` `length` `=` $fft_length attr-dict `:` "
                       "functional-type(operands, results)";
}
def StableHLO_RngBitsOp : StableHLO_Op<"rng_bit_generator", [Pure]> {
  let summary = "Random bits of a state, and the next state";
  let description = Text<"A function of the state.", "a state as the algorithm has it.", "uniform bits.",
      "%next, %bits = stablehlo.rng_bit_generator %state, algorithm = THREE_FRY : (tensor<2xui64>) -> "
      "(tensor<2xui64>, tensor<4xui32>)">.text;
  let arguments = (ins AnyRankedTensor:$initial_state, StableHLO_AlgorithmAttr:$rng_algorithm);
  let results = (outs AnyRankedTensor:$output_state, AnyRankedTensor:$output);
  let assemblyFormat = "$initial_state `,` `algorithm` `=` $rng_algorithm attr-dict `:` "
                       "functional-type(operands, results)";
}
def StableHLO_RngOp : StableHLO_Op<"rng"> {
  let summary = "Random numbers of no stated seed";
  let description = Text<"Uniform in [a, b), or normal with mean a and deviation b.", "two scalars and a shape.",
      "other numbers in every run.", "%z = stablehlo.rng %a, %b, %shape, distribution = UNIFORM : (tensor<f32>, "
      "tensor<f32>, tensor<1xi64>) -> tensor<4xf32>">.text;
  let arguments = (ins AnyRankedTensor:$a, AnyRankedTensor:$b, AnyRankedTensor:$shape,
                       StableHLO_DistributionAttr:$rng_distribution);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$a `,` $b `,` $shape `,` `distribution` `=` $rng_distribution attr-dict `:` "
                       "functional-type(operands, results)";
}
def StableHLO_CustomCallOp : StableHLO_Op<"custom_call"> {
  let summary = "A function that StableHLO does not define";
  let description = Text<"Its meaning is its name's: `Sharding` and its like are identities.", "a name.",
      "whatever the name promises.",
      "%y = stablehlo.custom_call @Sharding(%x) : (tensor<4xf32>) -> tensor<4xf32>">.text;
  let arguments = (ins Variadic<AnyType>:$inputs, StrAttr:$call_target_name, OptionalAttr<BoolAttr>:$has_side_effect,
      OptionalAttr<AnyAttr>:$backend_config, OptionalAttr<I32Attr>:$api_version,
      OptionalAttr<ArrayAttr>:$called_computations, OptionalAttr<ArrayAttr>:$operand_layouts,
      OptionalAttr<ArrayAttr>:$result_layouts, OptionalAttr<ArrayAttr>:$output_operand_aliases);
  let results = (outs Variadic<AnyType>);
  let assemblyFormat = "custom<Target>($call_target_name) `(` $inputs `)` attr-dict `:` "
                       "functional-type(operands, results)";
}
def StableHLO_CompositeOp : StableHLO_Op<"composite"> {
  let summary = "A named function, and what it is made of";
  let description = Text<"The same as a call of its decomposition.", "a function of the operands' types.",
      "that function's results.",
      "%y = stablehlo.composite \"my.op\" %x {decomposition = @my_op} : (tensor<4xf32>) -> tensor<4xf32>">.text;
  let arguments = (ins Variadic<AnyType>:$inputs, StrAttr:$name, OptionalAttr<DictionaryAttr>:$composite_attributes,
                       FlatSymbolRefAttr:$decomposition, OptionalAttr<I32Attr>:$version);
  let results = (outs Variadic<AnyType>);
  let assemblyFormat = "$name $inputs attr-dict `:` functional-type(operands, results)";
}
def StableHLO_BarrierOp : StableHLO_Op<"optimization_barrier", [Pure]> {
  let summary = "Values that are not optimized across";
  let description = Text<"What rematerialization hides its second copies behind.", "any values.", "the values.",
      "%a, %b = stablehlo.optimization_barrier %x, %y : tensor<4xf32>, tensor<2xi32>">.text;
  let arguments = (ins Variadic<AnyType>:$values);
  let results = (outs Variadic<AnyType>:$result);
  let assemblyFormat = "attr-dict ($values^ `:` custom<Pairwise>(type($values), type($result))) : (`(` `)`)?";
  let hasVerifier = 1;
}
}

#endif
