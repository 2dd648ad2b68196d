//===- StableHLOOpsElementwise.td - Element by element -----*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#ifndef DS_STABLEHLO_OPS_ELEMENTWISE_TD
#define DS_STABLEHLO_OPS_ELEMENTWISE_TD

include "StableHLOBase.td"

def StableHLO_ElementwiseDoc : OpDocGroup {
  let summary = "Element by element";
  let description = "Functions of one, two or three elements.";
}
let opDocGroup = StableHLO_ElementwiseDoc in {

class StableHLO_UnaryOp<string mnemonic, string what, list<Trait> traits = [SameOperandsAndResultElementType]>
    : StableHLO_Op<mnemonic, !listconcat([Pure, SameOperandsAndResultShape], traits)> {
  let summary = what;
  let description = Text<what # ", element by element.", "a ranked tensor.", "a tensor of the same shape.",
      "%y = stablehlo." # mnemonic # " %x : tensor<4x8xf32>">.text;
  let arguments = (ins AnyRankedTensor:$operand);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$operand attr-dict `:` custom<SameTypes>(type($operand), type($result))";
}
// Functions that can be asked for a certain accuracy.
class StableHLO_FunctionOp<string mnemonic, string what> : StableHLO_UnaryOp<mnemonic, what> {
  let arguments = (ins AnyRankedTensor:$operand, OptionalAttr<StableHLO_AccuracyAttr>:$result_accuracy);
}

def StableHLO_AbsOp : StableHLO_UnaryOp<"abs", "Absolute value", []>;
def StableHLO_CbrtOp : StableHLO_FunctionOp<"cbrt", "Cube root">;
def StableHLO_CeilOp : StableHLO_UnaryOp<"ceil", "Rounds up">;
def StableHLO_ClzOp : StableHLO_UnaryOp<"count_leading_zeros", "Number of leading zero bits">;
def StableHLO_CosineOp : StableHLO_FunctionOp<"cosine", "Cosine">;
def StableHLO_ExpOp : StableHLO_FunctionOp<"exponential", "e to the power of x">;
def StableHLO_Expm1Op : StableHLO_FunctionOp<"exponential_minus_one", "e to the power of x, minus 1">;
def StableHLO_FloorOp : StableHLO_UnaryOp<"floor", "Rounds down">;
def StableHLO_ImagOp : StableHLO_UnaryOp<"imag", "Imaginary part", []>;
def StableHLO_LogOp : StableHLO_FunctionOp<"log", "Natural logarithm">;
def StableHLO_Log1pOp : StableHLO_FunctionOp<"log_plus_one", "Natural logarithm of 1 + x">;
def StableHLO_LogisticOp : StableHLO_FunctionOp<"logistic", "1 / (1 + e to the power of -x)">;
def StableHLO_NegOp : StableHLO_UnaryOp<"negate", "Negative">;
def StableHLO_NotOp : StableHLO_UnaryOp<"not", "Complement of bits or of a truth value">;
def StableHLO_PopcntOp : StableHLO_UnaryOp<"popcnt", "Number of bits that are set">;
def StableHLO_RealOp : StableHLO_UnaryOp<"real", "Real part", []>;
def StableHLO_RoundAfzOp : StableHLO_UnaryOp<"round_nearest_afz", "Rounds to nearest, halves away from zero">;
def StableHLO_RoundEvenOp : StableHLO_UnaryOp<"round_nearest_even", "Rounds to nearest, halves to even">;
def StableHLO_RsqrtOp : StableHLO_FunctionOp<"rsqrt", "1 over the square root">;
def StableHLO_SignOp : StableHLO_UnaryOp<"sign", "-1, 0 or 1">;
def StableHLO_SineOp : StableHLO_FunctionOp<"sine", "Sine">;
def StableHLO_SqrtOp : StableHLO_FunctionOp<"sqrt", "Square root">;
def StableHLO_TanOp : StableHLO_FunctionOp<"tan", "Tangent">;
def StableHLO_TanhOp : StableHLO_FunctionOp<"tanh", "Hyperbolic tangent">;

class StableHLO_ConversionOp<string mnemonic, string what, string ensures, list<Trait> traits, string types>
    : StableHLO_Op<mnemonic, !listconcat([Pure], traits)> {
  let summary = what;
  let description = Text<what # ", element by element.", "a ranked tensor.", ensures,
      "%y = stablehlo." # mnemonic # " %x : " # types>.text;
  let arguments = (ins AnyRankedTensor:$operand);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$operand attr-dict `:` custom<SameTypes>(type($operand), type($result))";
}
def StableHLO_ConvertOp : StableHLO_ConversionOp<"convert", "Converts to another element type",
    "floating point to integers rounds towards zero.", [SameOperandsAndResultShape],
    "(tensor<4xi32>) -> tensor<4xf32>">;
def StableHLO_BitcastOp : StableHLO_ConversionOp<"bitcast_convert", "Takes the same bits as another type",
    "the same bytes.", [], "(tensor<4xui32>) -> tensor<4xf32>">;
def StableHLO_IsFiniteOp : StableHLO_ConversionOp<"is_finite", "Whether x is neither infinite nor NaN",
    "truth values.", [SameOperandsAndResultShape], "(tensor<4xf32>) -> tensor<4xi1>">;

class StableHLO_BinaryOp<string mnemonic, string what>
    : StableHLO_Op<mnemonic, [Pure, SameOperandsAndResultShape, SameOperandsAndResultElementType]> {
  let summary = what;
  let description = Text<what # ", element by element.", "two tensors of one type.", "that type.",
      "%z = stablehlo." # mnemonic # " %x, %y : tensor<4x8xf32>">.text;
  let arguments = (ins AnyRankedTensor:$lhs, AnyRankedTensor:$rhs);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` custom<SameTypes>(type($lhs), type($rhs), type($result))";
}
def StableHLO_AddOp : StableHLO_BinaryOp<"add", "x + y; of truth values, or">;
def StableHLO_AndOp : StableHLO_BinaryOp<"and", "And of bits or truth values">;
def StableHLO_Atan2Op : StableHLO_BinaryOp<"atan2", "The angle of the point (y, x)">;
def StableHLO_DivOp : StableHLO_BinaryOp<"divide", "x / y; of integers, towards zero">;
def StableHLO_MaxOp : StableHLO_BinaryOp<"maximum", "The larger one; NaN if one is">;
def StableHLO_MinOp : StableHLO_BinaryOp<"minimum", "The smaller one; NaN if one is">;
def StableHLO_MulOp : StableHLO_BinaryOp<"multiply", "x * y; of truth values, and">;
def StableHLO_OrOp : StableHLO_BinaryOp<"or", "Or of bits or truth values">;
def StableHLO_PowOp : StableHLO_BinaryOp<"power", "x to the power of y">;
def StableHLO_RemOp : StableHLO_BinaryOp<"remainder", "Remainder with the sign of x">;
def StableHLO_ShiftLeftOp : StableHLO_BinaryOp<"shift_left", "x shifted left by y bits">;
def StableHLO_ShiftRightArithmeticOp
    : StableHLO_BinaryOp<"shift_right_arithmetic", "x shifted right, keeping its sign">;
def StableHLO_ShiftRightLogicalOp
    : StableHLO_BinaryOp<"shift_right_logical", "x shifted right, with zeros from left">;
def StableHLO_SubOp : StableHLO_BinaryOp<"subtract", "x - y">;
def StableHLO_XorOp : StableHLO_BinaryOp<"xor", "Exclusive or of bits or truth values">;

def StableHLO_ComplexOp : StableHLO_Op<"complex", [Pure, SameOperandsAndResultShape]> {
  let summary = "A complex number of its two parts";
  let description = Text<"Element by element.", "two tensors of one floating-point type.", "complex numbers of it.",
      "%z = stablehlo.complex %x, %y : tensor<4xcomplex<f32>>">.text;
  let arguments = (ins AnyRankedTensor:$lhs, AnyRankedTensor:$rhs);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` custom<ComplexTypes>(type($lhs), type($rhs), type($result))";
}

def StableHLO_CompareOp : StableHLO_Op<"compare", [Pure, SameOperandsElementType, SameOperandsAndResultShape]> {
  let summary = "Compares element by element";
  let description = Text<"`TOTALORDER` puts -NaN first and NaN last, and -0 before 0.",
      "two tensors of one type.", "truth values; with NaN only NE is true, but for `TOTALORDER`.",
      "%c = stablehlo.compare LT, %x, %y, FLOAT : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>">.text;
  let arguments = (ins AnyRankedTensor:$lhs, AnyRankedTensor:$rhs, StableHLO_DirectionAttr:$comparison_direction,
                       OptionalAttr<StableHLO_CompareTypeAttr>:$compare_type);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$comparison_direction `,` $lhs `,` $rhs (`,` $compare_type^)? attr-dict `:` "
                       "functional-type(operands, results)";
  let hasVerifier = 1;
}
def StableHLO_SelectOp : StableHLO_Op<"select", [Pure, AllTypesMatch<["on_true", "on_false", "result"]>]> {
  let summary = "One of two values, by a condition";
  let description = Text<"Element by element, or as a whole by a condition of rank 0.",
      "truth values of the values' shape or of rank 0; two values of one type.", "that type.",
      "%z = stablehlo.select %c, %x, %y : tensor<4xi1>, tensor<4xf32>">.text;
  let arguments = (ins AnyRankedTensor:$pred, AnyRankedTensor:$on_true, AnyRankedTensor:$on_false);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "operands attr-dict `:` custom<SelectTypes>(type($pred), type($on_true), type($on_false), "
                       "type($result))";
  let hasVerifier = 1;
}
def StableHLO_ClampOp : StableHLO_Op<"clamp", [Pure, SameOperandsElementType, AllTypesMatch<["operand", "result"]>]> {
  let summary = "Limits x to [min, max]";
  let description = Text<"min(max(x, min), max).", "limits of the operand's type, or of rank 0.", "the operand's type.",
      "%y = stablehlo.clamp %min, %x, %max : tensor<4xf32>">.text;
  let arguments = (ins AnyRankedTensor:$min, AnyRankedTensor:$operand, AnyRankedTensor:$max);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$min `,` $operand `,` $max attr-dict `:` custom<SameTypes>(type($min), type($operand), "
                       "type($max), type($result))";
  let hasVerifier = 1;
}
def StableHLO_ReducePrecisionOp : StableHLO_Op<"reduce_precision", [Pure, AllTypesMatch<["operand", "result"]>]> {
  let summary = "Rounds to fewer bits of exponent and mantissa";
  let description = Text<"The type stays: `e8m7` is a float32 with a bfloat16's values.",
      "a floating-point tensor.", "its type.",
      "%y = stablehlo.reduce_precision %x, format = e8m7 : tensor<4xf32>">.text;
  let arguments = (ins AnyRankedTensor:$operand, I32Attr:$exponent_bits, I32Attr:$mantissa_bits);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$operand `,` `format` `=` custom<Format>($exponent_bits, $mantissa_bits) attr-dict `:` "
                       "custom<SameTypes>(type($operand), type($result))";
}
}

//===----------------------------------------------------------------------===//
// CHLO
//===----------------------------------------------------------------------===//

def CHLO_Doc : OpDocGroup { let summary = "CHLO"; let description = "Functions that JAX leaves whole."; }
let opDocGroup = CHLO_Doc in {

class CHLO_UnaryOp<string mnemonic, string what>
    : CHLO_Op<mnemonic, [Pure, SameOperandsAndResultShape]> {
  let summary = what;
  let description = Text<what # ", element by element.", "a ranked tensor.", "a tensor of the same shape.",
      "%y = chlo." # mnemonic # " %x : tensor<4xf32> -> tensor<4xf32>">.text;
  let arguments = (ins AnyRankedTensor:$operand);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand) `->` type($result)";
}
def CHLO_AcosOp : CHLO_UnaryOp<"acos", "Inverse cosine">;
def CHLO_AcoshOp : CHLO_UnaryOp<"acosh", "Inverse hyperbolic cosine">;
def CHLO_AsinOp : CHLO_UnaryOp<"asin", "Inverse sine">;
def CHLO_AsinhOp : CHLO_UnaryOp<"asinh", "Inverse hyperbolic sine">;
def CHLO_AtanOp : CHLO_UnaryOp<"atan", "Inverse tangent">;
def CHLO_AtanhOp : CHLO_UnaryOp<"atanh", "Inverse hyperbolic tangent">;
def CHLO_BesselOp : CHLO_UnaryOp<"bessel_i1e", "Scaled modified Bessel function of order 1">;
def CHLO_CoshOp : CHLO_UnaryOp<"cosh", "Hyperbolic cosine">;
def CHLO_DigammaOp : CHLO_UnaryOp<"digamma", "Derivative of the logarithm of gamma">;
def CHLO_ErfOp : CHLO_UnaryOp<"erf", "Error function">;
def CHLO_ErfInvOp : CHLO_UnaryOp<"erf_inv", "Inverse of the error function">;
def CHLO_ErfcOp : CHLO_UnaryOp<"erfc", "1 minus the error function">;
def CHLO_IsInfOp : CHLO_UnaryOp<"is_inf", "Whether x is infinite">;
def CHLO_LgammaOp : CHLO_UnaryOp<"lgamma", "Logarithm of gamma">;
def CHLO_SinhOp : CHLO_UnaryOp<"sinh", "Hyperbolic sine">;
def CHLO_SquareOp : CHLO_UnaryOp<"square", "x times x">;
def CHLO_TanOp : CHLO_UnaryOp<"tan", "Tangent">;

class CHLO_BinaryOp<string mnemonic, string what> : CHLO_Op<mnemonic, [Pure]> {
  let summary = what;
  let description = Text<what # ", element by element.", "two ranked tensors.", "a ranked tensor.",
      "%z = chlo." # mnemonic # " %x, %y : tensor<4xf32>, tensor<4xf32> -> tensor<4xf32>">.text;
  let arguments = (ins AnyRankedTensor:$lhs, AnyRankedTensor:$rhs);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs) `->` type($result)";
}
def CHLO_NextAfterOp : CHLO_BinaryOp<"next_after", "The next number from x towards y">;
def CHLO_PolygammaOp : CHLO_BinaryOp<"polygamma", "Derivative of order x of digamma">;
def CHLO_ZetaOp : CHLO_BinaryOp<"zeta", "Hurwitz's zeta function">;

def CHLO_TopKOp : CHLO_Op<"top_k", [Pure]> {
  let summary = "The k largest elements of each row, and where they are";
  let description = Text<"Over the last dimension, the largest first.", "k of at most that dimension.",
      "values and 32-bit positions, equal values in order.",
      "%values, %indices = chlo.top_k(%x, k = 2) : tensor<3x4xf32> -> (tensor<3x2xf32>, tensor<3x2xi32>)">.text;
  let arguments = (ins AnyRankedTensor:$operand, I64Attr:$k);
  let results = (outs AnyRankedTensor:$values, AnyRankedTensor:$indices);
  let assemblyFormat = "`(` $operand `,` `k` `=` $k `)` attr-dict `:` type($operand) `->` "
                       "`(` type($values) `,` type($indices) `)`";
  let hasVerifier = 1;
}
}

#endif
