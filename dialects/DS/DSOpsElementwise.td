//===- DSOpsElementwise.td - Element by element ------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Arithmetic on floating-point numbers and integers, logic, comparisons and
// what chooses by them.  Rank 0 is no special case, but for the plan, whose
// scalar instructions are some of these ops.
//===----------------------------------------------------------------------===//
#ifndef DS_OPS_ELEMENTWISE_TD
#define DS_OPS_ELEMENTWISE_TD

def DS_ElementwiseDoc : OpDocGroup {
  let summary = "Element by element";
  let description = [{
    Integers are signless: where the sign matters, they are signed, or `unsigned` as the op says.  They
    wrap around.  i1 is a truth value, not a number; in memory it is a byte of 0 or 1.
  }];
}
// What the descriptions of ops of two and of one operand share.
class DS_BinaryText<string mnemonic, string formula, string gradient, string more, string element = "f32"> {
  string text = formula # [{, element by element.  A right operand of fewer dimensions is repeated
    over the left one's leading dimensions.

    **Requires:** a right operand of the left one's shape or a suffix of it; equal element types, but
    of two floating-point types a scalar's (rank 0) may be the other.
    **Ensures:** the left operand's type}] # more # [{.
}] # !if(!empty(gradient), "", "    **Gradient:** " # gradient # [{; that of a repeated operand is summed to its shape.
}]) # [{
    ```mlir
    %z = ds.}] # mnemonic # " %x, %y : tensor<4x256x768x" # element # ">, tensor<768x" # element # [{>
    ```
  }];
}

class DS_UnaryText<string mnemonic, string formula, string gradient, string requires, string element = "f32"> {
  string text = formula # [{, element by element.

    **Requires:** }] # requires # [{.
    **Ensures:** the operand's type.
}] # !if(!empty(gradient), "", "    **Gradient:** " # gradient # ".\n") # [{
    ```mlir
    %y = ds.}] # mnemonic # " %x : tensor<4x256x3072x" # element # [{>
    ```
  }];
}
// Of rank 0, single instructions of the plan; see isScalarInstruction.
def DS_ScalarInstruction : NativeOpTrait<"ScalarInstruction"> { let cppNamespace = "::ds"; }

let opDocGroup = DS_ElementwiseDoc in {

class DS_ElementwiseOp<string mnemonic, list<Trait> traits = []> : DS_Op<mnemonic, !listconcat([Pure,
    DeclareOpInterfaceMethods<DS_DifferentiableOpInterface>,
    DeclareOpInterfaceMethods<DS_EvaluableOpInterface>,
    DeclareOpInterfaceMethods<DS_KernelOpInterface>], traits)>;

// Without gradient: of integers and truth values.
class DS_DiscreteOp<string mnemonic, list<Trait> traits = []> : DS_Op<mnemonic, !listconcat([Pure,
    DeclareOpInterfaceMethods<DS_EvaluableOpInterface>,
    DeclareOpInterfaceMethods<DS_KernelOpInterface>], traits)>;

//===----------------------------------------------------------------------===//
// Two operands
//===----------------------------------------------------------------------===//

defvar DS_LikeLeft = [TypesMatchWith<"result has the left operand's type", "lhs", "result", "$_self">];

// The result has the left operand's type.  The right operand has the same
// shape, or a suffix of it (broadcast over the leading dimensions), or rank 0.
class DS_BinaryOp<string mnemonic, string formula, string gradient, string more = "", Type number = DS_Number,
    list<Trait> traits = [DS_ScalarInstruction], Trait precision = Follows>
    : DS_ElementwiseOp<mnemonic, !listconcat([precision], DS_LikeLeft, traits)> {
  let description = DS_BinaryText<mnemonic, formula, gradient, more>.text;
  let arguments = (ins RankedTensorOf<[number]>:$lhs, RankedTensorOf<[number]>:$rhs);
  let results = (outs RankedTensorOf<[number]>:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs)";
  let hasVerifier = 1;
}
// With `unsigned`, integers have no sign.
class DS_SignedBinaryOp<string mnemonic, string formula, string gradient, string more,
    list<Trait> traits = [DS_ScalarInstruction]> :
    DS_BinaryOp<mnemonic, formula, gradient, more, DS_Number, traits> {
  let arguments = (ins RankedTensorOf<[DS_Number]>:$lhs, RankedTensorOf<[DS_Number]>:$rhs, UnitAttr:$is_unsigned);
  let assemblyFormat = "$lhs `,` $rhs (`unsigned` $is_unsigned^)? attr-dict `:` type($lhs) `,` type($rhs)";
}
class DS_LogicOp<string mnemonic, string formula, Type number, string more = ""> :
    DS_DiscreteOp<mnemonic, DS_LikeLeft> {
  let description = DS_BinaryText<mnemonic, formula, "", more, "i32">.text;
  let arguments = (ins RankedTensorOf<[number]>:$lhs, RankedTensorOf<[number]>:$rhs);
  let results = (outs RankedTensorOf<[number]>:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs)";
  let hasVerifier = 1;
}

def DS_AddOp : DS_BinaryOp<"add", "z = x + y", "the result's gradient for both"> {
  let summary = "Elementwise sum";
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}
def DS_SubOp : DS_BinaryOp<"sub", "z = x - y", "the result's gradient, negated for y"> {
  let summary = "Elementwise difference";
}
def DS_MulOp : DS_BinaryOp<"mul", "z = x * y", "the result's times the other operand"> {
  let summary = "Elementwise product";
  let hasFolder = 1;
}
def DS_DivOp : DS_SignedBinaryOp<"div", "z = x / y",
    "the result's divided by y, and times -z/y for y",
    "; integers are rounded towards zero, and divided by zero are all ones"> {
  let summary = "Elementwise quotient";
}
def DS_RemOp : DS_SignedBinaryOp<"rem", "z = x - y * trunc(x / y)",
    "the result's for x, and times -trunc(x / y) for y",
    " and x's sign; integers divided by zero remain whole", []> {
  let summary = "Elementwise remainder of division";
}
def DS_MaxOp : DS_SignedBinaryOp<"max", "z = x where x > y, else y",
    "the larger operand's; half of it to each of two equal ones, but nothing where the other one is a constant",
    "; NaN if an operand is NaN, so that no overflow is hidden"> {
  let summary = "Elementwise maximum";
}
def DS_MinOp : DS_SignedBinaryOp<"min", "z = x where x < y, else y",
    "the smaller operand's; half of it to each of two equal ones, but nothing where the other one is a constant",
    "; NaN if an operand is NaN, so that no overflow is hidden"> {
  let summary = "Elementwise minimum";
}
def DS_PowOp : DS_BinaryOp<"pow", "z = x ^ y",
    "the result's times y x^(y-1), and times z log(x) for y, which is 0 where x is",
    "; an integer to a negative power is 0, but for 1 and -1", precision = KeepsWide> {
  let summary = "Elementwise power";
}
def DS_Atan2Op : DS_BinaryOp<"atan2", "z = the angle of the point (y, x) in (-pi, pi]",
    "the result's times y / (x^2 + y^2), and times -x / (x^2 + y^2) for y", "", DS_Float, [], KeepsWide> {
  let summary = "Elementwise angle of points";
}
def DS_AndOp : DS_LogicOp<"and", "z = x & y", DS_Bits> { let summary = "Elementwise conjunction of bits"; }
def DS_OrOp : DS_LogicOp<"or", "z = x | y", DS_Bits> { let summary = "Elementwise disjunction of bits"; }
def DS_XorOp : DS_LogicOp<"xor", "z = x ^ y", DS_Bits> { let summary = "Elementwise exclusive or of bits"; }
def DS_ShiftLeftOp : DS_LogicOp<"shift_left", "z = x << y", DS_Int,
    "; a shift by no number below the width, taken as unsigned, leaves 0"> {
  let summary = "Elementwise shift of bits to the left";
}
def DS_ShiftRightOp : DS_LogicOp<"shift_right", "z = x >> y, which brings in the sign or with `unsigned` zeros", DS_Int,
    "; a shift by no number below the width, taken as unsigned, leaves what was brought in"> {
  let summary = "Elementwise shift of bits to the right";
  let arguments = (ins RankedTensorOf<[DS_Int]>:$lhs, RankedTensorOf<[DS_Int]>:$rhs, UnitAttr:$is_unsigned);
  let assemblyFormat = "$lhs `,` $rhs (`unsigned` $is_unsigned^)? attr-dict `:` type($lhs) `,` type($rhs)";
}

//===----------------------------------------------------------------------===//
// One operand
//===----------------------------------------------------------------------===//

defvar DS_LikeInput = [TypesMatchWith<"result has the operand's type", "input", "result", "$_self">];

class DS_UnaryOp<string mnemonic, string formula, string gradient, Type number = DS_Float,
    list<Trait> traits = [], Trait precision = Follows>
    : DS_ElementwiseOp<mnemonic, !listconcat([precision], DS_LikeInput, traits)> {
  let description = DS_UnaryText<mnemonic, formula, gradient, number.summary # " elements">.text;
  let arguments = (ins RankedTensorOf<[number]>:$input);
  let results = (outs RankedTensorOf<[number]>:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}
class DS_BitsOp<string mnemonic, string formula, Type number> : DS_DiscreteOp<mnemonic, DS_LikeInput> {
  let description = DS_UnaryText<mnemonic, formula, "", number.summary # " elements", "i32">.text;
  let arguments = (ins RankedTensorOf<[number]>:$input);
  let results = (outs RankedTensorOf<[number]>:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}

def DS_NegOp : DS_UnaryOp<"neg", "y = -x", "the result's, negated", DS_Number> { let summary = "Elementwise negation"; }
def DS_AbsOp : DS_UnaryOp<"abs", "y = x or -x, whichever is not negative", "the result's times the sign", DS_Number> {
  let summary = "Elementwise magnitude";
}
def DS_SignOp : DS_UnaryOp<"sign", "y = -1, 0 or 1, by the sign of x; NaN stays", "zero", DS_Number> {
  let summary = "Elementwise sign";
}
def DS_ExpOp : DS_UnaryOp<"exp", "y = e^x", "the result's times y", precision = KeepsWide> {
  let summary = "Elementwise exponential";
}
def DS_Expm1Op : DS_UnaryOp<"expm1", "y = e^x - 1, exact near 0", "the result's times y + 1", precision = KeepsWide> {
  let summary = "Elementwise exponential, less one";
}
def DS_LogOp : DS_UnaryOp<"log", "y = the natural logarithm of x; minus infinity for 0, NaN for negative x",
                          "the result's divided by x", DS_Float, [DS_ScalarInstruction], precision = KeepsWide> {
  let summary = "Elementwise natural logarithm";
}
def DS_Log1pOp : DS_UnaryOp<"log1p", "y = log(1 + x), exact near 0", "the result's divided by 1 + x",
                             precision = KeepsWide> {
  let summary = "Elementwise natural logarithm of 1 + x";
}
def DS_TanhOp : DS_UnaryOp<"tanh", "y = (e^x - e^-x) / (e^x + e^-x)", "the result's times 1 - y^2"> {
  let summary = "Elementwise hyperbolic tangent";
}
def DS_SigmoidOp : DS_UnaryOp<"sigmoid", "y = 1 / (1 + e^-x)", "the result's times y (1 - y)"> {
  let summary = "Elementwise logistic function";
}
def DS_SqrtOp : DS_UnaryOp<"sqrt", "y = the square root of x; NaN for negative x", "the result's divided by 2y",
                           DS_Float, [DS_ScalarInstruction]> {
  let summary = "Elementwise square root";
}
def DS_RsqrtOp : DS_UnaryOp<"rsqrt", "y = 1 / sqrt(x)", "the result's times -y^3 / 2", precision = KeepsWide> {
  let summary = "Elementwise reciprocal square root";
}
def DS_CbrtOp : DS_UnaryOp<"cbrt", "y = the real cube root of x", "the result's divided by 3y^2"> {
  let summary = "Elementwise cube root";
}
def DS_SinOp : DS_UnaryOp<"sin", "y = the sine of x, in radians", "the result's times cos(x)", precision = KeepsWide> {
  let summary = "Elementwise sine";
}
def DS_CosOp : DS_UnaryOp<"cos", "y = the cosine of x, in radians", "the result's times -sin(x)", DS_Float,
                          [DS_ScalarInstruction], precision = KeepsWide> {
  let summary = "Elementwise cosine";
}
def DS_TanOp : DS_UnaryOp<"tan", "y = the tangent of x, in radians", "the result's times 1 + y^2",
                           precision = KeepsWide> {
  let summary = "Elementwise tangent";
}
def DS_ErfOp : DS_UnaryOp<"erf", "y = 2/sqrt(pi) times the integral of e^(-t^2) from 0 to x",
                          "the result's times 2/sqrt(pi) e^(-x^2)"> {
  let summary = "Elementwise error function";
}
def DS_ErfInvOp : DS_UnaryOp<"erf_inv", "y = the number whose `ds.erf` is x; infinite at -1 and 1, NaN beyond",
                             "the result's times sqrt(pi)/2 e^(y^2)", precision = KeepsWide> {
  let summary = "Elementwise inverse of the error function";
}
def DS_FloorOp : DS_UnaryOp<"floor", "y = the largest integer not above x", "zero", DS_Float,
                            [DS_ScalarInstruction]> {
  let summary = "Elementwise rounding down";
}
def DS_CeilOp : DS_UnaryOp<"ceil", "y = the smallest integer not below x", "zero"> {
  let summary = "Elementwise rounding up";
}
def DS_RoundOp : DS_UnaryOp<"round", "y = the integer nearest to x, of two the even one", "zero"> {
  let summary = "Elementwise rounding, halves to even";
}
def DS_RoundAwayOp : DS_UnaryOp<"round_away", "y = the integer nearest to x, of two the one further from 0", "zero"> {
  let summary = "Elementwise rounding, halves away from zero";
}
def DS_GeluOp : DS_UnaryOp<"gelu", "GPT-2's approximation: y = 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))",
                           "`ds.gelu_grad`, from the input"> {
  let summary = "GELU by its tanh approximation";
}
def DS_GeluErfOp : DS_UnaryOp<"gelu_erf", "y = 0.5 x (1 + erf(x / sqrt(2)))", "`ds.gelu_erf_grad`, from the input"> {
  let summary = "GELU by its definition";
}
def DS_SiluOp : DS_UnaryOp<"silu", "y = x / (1 + exp(-x))", "`ds.silu_grad`, from the input"> {
  let summary = "SiLU, also called swish";
}
def DS_NotOp : DS_BitsOp<"not", "y = x with every bit turned", DS_Bits> { let summary = "Elementwise complement"; }
def DS_PopcountOp : DS_BitsOp<"popcount", "y = the number of bits of x that are 1", DS_Int> {
  let summary = "Elementwise number of ones";
}
def DS_CountLeadingZerosOp : DS_BitsOp<"count_leading_zeros", "y = the number of zeros in front of the first 1 of x",
                                       DS_Int> {
  let summary = "Elementwise number of leading zeros";
}

class DS_UnaryGradOp<string mnemonic, string function> : DS_Op<mnemonic, [Pure, Follows,
    DeclareOpInterfaceMethods<DS_EvaluableOpInterface>,
    DeclareOpInterfaceMethods<DS_KernelOpInterface>,
    TypesMatchWith<"grad has the input's type", "input", "grad", "$_self">,
    TypesMatchWith<"result has the input's type", "input", "result", "$_self">]> {
  let summary = "Gradient of ds." # function # " at `input`, times `grad`";
  let description = [{
    Computed from the input again; the function's result is not needed.

    **Requires:** input and gradient of one type.
    **Ensures:** that type.  Without gradient of its own.

    ```mlir
    %dx = ds.}] # mnemonic # [{ %x, %g : tensor<4x256x3072xf32>
    ```
  }];
  let arguments = (ins RankedTensorOf<[DS_Float]>:$input, RankedTensorOf<[DS_Float]>:$grad);
  let results = (outs RankedTensorOf<[DS_Float]>:$result);
  let assemblyFormat = "$input `,` $grad attr-dict `:` type($input)";
}
def DS_GeluGradOp : DS_UnaryGradOp<"gelu_grad", "gelu">;
def DS_GeluErfGradOp : DS_UnaryGradOp<"gelu_erf_grad", "gelu_erf">;
def DS_SiluGradOp : DS_UnaryGradOp<"silu_grad", "silu">;

//===----------------------------------------------------------------------===//
// Other element types
//===----------------------------------------------------------------------===//

def DS_BitcastOp : DS_DiscreteOp<"bitcast", [KeepsWide]> {
  let summary = "The bits of a tensor's elements as another type";
  let description = [{
    What random numbers are made with: bits of integers become those of a floating-point number.

    **Requires:** a result of the input's shape, whose elements have as many bits.
    **Ensures:** the same bits.

    ```mlir
    %x = ds.bitcast %bits : tensor<4xi32> -> tensor<4xf32>
    ```
  }];
  let arguments = (ins RankedTensorOf<[DS_Number]>:$input);
  let results = (outs RankedTensorOf<[DS_Number]>:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}
def DS_CastOp : DS_ElementwiseOp<"cast", [AnyFloats, DS_ScalarInstruction]> {
  let summary = "A tensor in another element type";
  let description = [{
    From integers to floating point, between widths, and back; to i1, whether an
    element is not zero.

    **Requires:** a result of the input's shape; `unsigned` where an integer is involved.
    **Ensures:** rounds to nearest; to integers, towards zero, the nearest one there is for numbers
    out of range, and 0 for NaN.  Integers of more bits are extended by the sign or with `unsigned` by
    zeros, of fewer keep their last bits.
    **Gradient:** the result's in the input's type; of integers none.

    ```mlir
    %s = ds.cast %step : tensor<i64> -> tensor<f64>
    ```
  }];
  let arguments = (ins RankedTensorOf<[DS_Element]>:$input, UnitAttr:$is_unsigned);
  let results = (outs RankedTensorOf<[DS_Element]>:$result);
  let assemblyFormat = "$input (`unsigned` $is_unsigned^)? attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def DS_IsFiniteOp : DS_DiscreteOp<"is_finite", [AnyFloats]> {
  let summary = "Whether elements are neither infinite nor NaN";
  let description = [{
    True for every number.

    **Requires:** a result of the input's shape.
    **Ensures:** truth values.

    ```mlir
    %ok = ds.is_finite %x : tensor<4x8xf32> -> tensor<4x8xi1>
    ```
  }];
  let arguments = (ins RankedTensorOf<[DS_Float]>:$input);
  let results = (outs RankedTensorOf<[I1]>:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def DS_CompareOp : DS_DiscreteOp<"compare", [KeepsWide]> {
  let summary = "Whether elements stand in a relation";
  let description = [{
    `eq`, `ne`, `lt`, `le`, `gt` or `ge`.  A right operand of fewer dimensions is
    repeated over the left one's leading dimensions.

    **Requires:** a right operand of the left one's shape or a suffix of it, and of its element type;
    a result of the left operand's shape; `unsigned` with integers only.
    **Ensures:** truth values; with NaN none but `ne` is true.

    ```mlir
    %c = ds.compare "lt" %x, %y : tensor<4x8xf32>, tensor<8xf32> -> tensor<4x8xi1>
    ```
  }];
  let arguments = (ins StrAttr:$relation, RankedTensorOf<[DS_Element]>:$lhs, RankedTensorOf<[DS_Element]>:$rhs,
                       UnitAttr:$is_unsigned);
  let results = (outs RankedTensorOf<[I1]>:$result);
  let assemblyFormat = [{
    $relation $lhs `,` $rhs (`unsigned` $is_unsigned^)? attr-dict `:` type($lhs) `,` type($rhs) `->` type($result)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def DS_SelectOp : DS_ElementwiseOp<"select", [Follows, AllTypesMatch<["yes", "no", "result"]>]> {
  let summary = "One of two elements, by a truth value";
  let description = [{
    z = x where the condition is true, else y.

    **Requires:** a condition of the result's shape or of rank 0.
    **Ensures:** elements that are not chosen do not matter, NaN neither.
    **Gradient:** the result's where the operand was chosen, else zero.

    ```mlir
    %z = ds.select %c, %x, %y : tensor<4x8xi1>, tensor<4x8xf32>
    ```
  }];
  let arguments = (ins RankedTensorOf<[I1]>:$condition, RankedTensorOf<[DS_Element]>:$yes,
                       RankedTensorOf<[DS_Element]>:$no);
  let results = (outs RankedTensorOf<[DS_Element]>:$result);
  let assemblyFormat = "$condition `,` $yes `,` $no attr-dict `:` type($condition) `,` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}
}

#endif
