//===- DSOpsMath.td - Elementwise ops, products, reductions *- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#ifndef DS_OPS_MATH_TD
#define DS_OPS_MATH_TD

def DS_MathDoc : OpDocGroup {
  let summary = "Arithmetic";
  let description = "Elementwise ops, products and reductions.";
}
let opDocGroup = DS_MathDoc in {

class DS_ElementwiseOp<string mnemonic, list<Trait> traits = []> : DS_Op<mnemonic, !listconcat([Pure,
    DeclareOpInterfaceMethods<DS_DifferentiableOpInterface>,
    DeclareOpInterfaceMethods<DS_EvaluableOpInterface>,
    DeclareOpInterfaceMethods<DS_KernelOpInterface>], traits)>;

// The result has the left operand's type.  The right operand has the same
// shape, or a suffix of it (broadcast over the leading dimensions), or rank 0.
class DS_BinaryOp<string mnemonic, string formula, string gradient> : DS_ElementwiseOp<mnemonic, [
    TypesMatchWith<"result has the left operand's type", "lhs", "result", "$_self">]> {
  let description = formula # [{, element by element.  A right operand of fewer dimensions is repeated
    over the left one's leading dimensions.

    **Requires:** a right operand of the left one's shape or a suffix of it; equal element types, but
    a scalar (rank 0) may have another.
    **Ensures:** the left operand's type.
    **Gradient:** }] # gradient # [{; that of a repeated operand is summed to its shape.

    ```mlir
    %z = ds.}] # mnemonic # [{ %x, %y : tensor<4x256x768xf32>, tensor<768xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$lhs, AnyRankedTensor:$rhs);
  let results = (outs AnyRankedTensor:$result);
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
def DS_DivOp : DS_BinaryOp<"div", "z = x / y", "the result's divided by y, and times -z/y for y"> {
  let summary = "Elementwise quotient";
}

class DS_UnaryOp<string mnemonic, string formula, string gradient> : DS_ElementwiseOp<mnemonic, [
    TypesMatchWith<"result has the operand's type", "input", "result", "$_self">]> {
  let description = formula # [{, element by element.

    **Requires:** a ranked tensor.
    **Ensures:** the operand's type.
    **Gradient:** }] # gradient # [{.

    ```mlir
    %y = ds.}] # mnemonic # [{ %x : tensor<4x256x3072xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}
def DS_NegOp : DS_UnaryOp<"neg", "y = -x", "the result's, negated"> { let summary = "Elementwise negation"; }
def DS_GeluOp : DS_UnaryOp<"gelu", "GPT-2's approximation: y = 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))",
                           "`ds.gelu_grad`, from the input"> {
  let summary = "GELU by its tanh approximation";
}
def DS_SiluOp : DS_UnaryOp<"silu", "y = x / (1 + exp(-x))", "`ds.silu_grad`, from the input"> {
  let summary = "SiLU, also called swish";
}

class DS_UnaryGradOp<string mnemonic, string function> : DS_Op<mnemonic, [Pure,
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
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$grad);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input `,` $grad attr-dict `:` type($input)";
}
def DS_GeluGradOp : DS_UnaryGradOp<"gelu_grad", "gelu">;
def DS_SiluGradOp : DS_UnaryGradOp<"silu_grad", "silu">;

// Scalars (rank 0) of any type: the state of schedules, loop counters, norms.
class DS_ScalarOp<string mnemonic> : DS_Op<mnemonic, [Pure, DeclareOpInterfaceMethods<DS_EvaluableOpInterface>]>;
def DS_PowOp : DS_ScalarOp<"pow"> {
  let summary = "Power of two scalars";
  let description = [{
    Of schedules: `beta^step` of AdamW's bias correction.

    **Requires:** two floating-point scalars (rank 0).
    **Ensures:** a floating-point scalar; computed in float64.

    ```mlir
    %p = ds.pow %beta, %step : (tensor<f64>, tensor<f64>) -> tensor<f64>
    ```
  }];
  let arguments = (ins 0DTensorOf<[AnyFloat]>:$base, 0DTensorOf<[AnyFloat]>:$exponent);
  let results = (outs 0DTensorOf<[AnyFloat]>:$result);
  let assemblyFormat = "$base `,` $exponent attr-dict `:` functional-type(operands, results)";
}
def DS_MinOp : DS_ScalarOp<"min"> {
  let summary = "The smaller of two scalars";
  let description = [{
    Of clipping: the smaller of 1 and max_norm / norm.

    **Requires:** two floating-point scalars (rank 0).
    **Ensures:** NaN if an operand is NaN, so that no overflow is hidden.

    ```mlir
    %scale = ds.min %one, %ratio : (tensor<f64>, tensor<f64>) -> tensor<f64>
    ```
  }];
  let arguments = (ins 0DTensorOf<[AnyFloat]>:$lhs, 0DTensorOf<[AnyFloat]>:$rhs);
  let results = (outs 0DTensorOf<[AnyFloat]>:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
}
def DS_MaxOp : DS_ScalarOp<"max"> {
  let summary = "The larger of two scalars";
  let description = [{
    Of schedules: a decay that has ended stays at its end.

    **Requires:** two floating-point scalars (rank 0).
    **Ensures:** NaN if an operand is NaN, so that no overflow is hidden.

    ```mlir
    %left = ds.max %zero, %steps : (tensor<f64>, tensor<f64>) -> tensor<f64>
    ```
  }];
  let arguments = (ins 0DTensorOf<[AnyFloat]>:$lhs, 0DTensorOf<[AnyFloat]>:$rhs);
  let results = (outs 0DTensorOf<[AnyFloat]>:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
}
def DS_LogOp : DS_ScalarOp<"log"> {
  let summary = "Natural logarithm of a scalar";
  let description = [{
    Of schedules that warm up logarithmically.

    **Requires:** a floating-point scalar (rank 0).
    **Ensures:** minus infinity for 0, NaN for negative input; computed in float64.

    ```mlir
    %ramp = ds.log %step : (tensor<f64>) -> tensor<f64>
    ```
  }];
  let arguments = (ins 0DTensorOf<[AnyFloat]>:$input);
  let results = (outs 0DTensorOf<[AnyFloat]>:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}
def DS_CosOp : DS_ScalarOp<"cos"> {
  let summary = "Cosine of a scalar";
  let description = [{
    Of schedules that decay along half a cosine.

    **Requires:** a floating-point scalar (rank 0), in radians.
    **Ensures:** a floating-point scalar; computed in float64.

    ```mlir
    %wave = ds.cos %angle : (tensor<f64>) -> tensor<f64>
    ```
  }];
  let arguments = (ins 0DTensorOf<[AnyFloat]>:$input);
  let results = (outs 0DTensorOf<[AnyFloat]>:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}
def DS_SqrtOp : DS_ScalarOp<"sqrt"> {
  let summary = "Square root of a scalar";
  let description = [{
    Of norms and bias corrections.

    **Requires:** a floating-point scalar (rank 0).
    **Ensures:** NaN for negative input.

    ```mlir
    %norm = ds.sqrt %squares : (tensor<f64>) -> tensor<f64>
    ```
  }];
  let arguments = (ins 0DTensorOf<[AnyFloat]>:$input);
  let results = (outs 0DTensorOf<[AnyFloat]>:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}
def DS_CastOp : DS_ScalarOp<"cast"> {
  let summary = "A scalar in another element type";
  let description = [{
    From integers to floating point, between widths, and back.

    **Requires:** a floating-point or integer scalar (rank 0), and such a result.
    **Ensures:** rounds to nearest; to integers, towards zero.

    ```mlir
    %s = ds.cast %step : tensor<i64> -> tensor<f64>
    ```
  }];
  let arguments = (ins 0DTensorOf<[AnyFloat, AnyInteger]>:$input);
  let results = (outs 0DTensorOf<[AnyFloat, AnyInteger]>:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

def DS_DotOp : DS_Op<"dot", [Pure,
    DeclareOpInterfaceMethods<DS_DifferentiableOpInterface>,
    DeclareOpInterfaceMethods<DS_EvaluableOpInterface>,
    DeclareOpInterfaceMethods<DS_RowBlockOpInterface>]> {
  let summary = "A product of two tensors, summed over shared indices";
  let description = [{
    `spec` names every dimension by a letter: `"bsk,kn->bsn"`.  A letter in
    both operands and the result is a batch, in both operands only is summed,
    in one operand and the result is free.

    **Requires:** one distinct lower-case letter per dimension; every letter in two or three of
    the tensors, with one size; equal element types.
    **Ensures:** the sum of products; transposed and strided operands are handed to the
    library as they lie.
    **Gradient:** products again, with the letters moved: `"bsn,kn->bsk"` and
    `"bsk,bsn->kn"` for the example.

    ```mlir
    %y = ds.dot "bsk,kn->bsn" %x, %w : (tensor<4x256x768xf32>, tensor<768x2304xf32>) -> tensor<4x256x2304xf32>
    ```
  }];
  let arguments = (ins StrAttr:$spec, AnyRankedTensor:$lhs, AnyRankedTensor:$rhs);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$spec $lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::ds::ProductSpec getLetters() { return ::ds::ProductSpec(getSpec()); }
  }];
}

def DS_DotAddOp : DS_Op<"dot_add", [Pure, DeclareOpInterfaceMethods<DS_EvaluableOpInterface>,
    TypesMatchWith<"result has the type of what is added to", "into", "result", "$_self">]> {
  let summary = "Adds a product to the first elements of a tensor";
  let description = [{
    The product is that of `ds.dot`; it may be shorter than `into` in any
    dimension, and is added to the elements from 0 on.  Sums over the blocks of
    an attention need no zeros and no second buffer.

    **Requires:** letters as `ds.dot` has them; a product that fits into `into`.
    **Ensures:** updates `into` in place when that dies here.

    ```mlir
    %dk = ds.dot_add %sum, "bst,bsd->btd" %ds, %q : tensor<4x256x64xf32>, tensor<4x128x128xf32>, tensor<4x128x64xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$into, StrAttr:$spec, AnyRankedTensor:$lhs, AnyRankedTensor:$rhs);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$into `,` $spec $lhs `,` $rhs attr-dict `:` type($into) `,` type($lhs) `,` type($rhs)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::ds::ProductSpec getLetters() { return ::ds::ProductSpec(getSpec()); }
  }];
}

def DS_SumOp : DS_Op<"sum", [Pure,
    DeclareOpInterfaceMethods<DS_DifferentiableOpInterface>,
    DeclareOpInterfaceMethods<DS_EvaluableOpInterface>,
    DeclareOpInterfaceMethods<DS_KernelOpInterface>]> {
  let summary = "Sums over leading or over trailing dimensions";
  let description = [{
    The result's shape is a suffix of the input's (the sum runs over the
    leading dimensions: a column sum) or, with `trailing`, a prefix.
    With `squares` the squares are summed.

    **Requires:** an input of higher rank than the result, which has its last (with `trailing`,
    first) dimensions.
    **Ensures:** the result may have a wider element type than the input.
    **Gradient:** `ds.broadcast`, or with `trailing` a `ds.dot` with ones; times twice the
    input with `squares`.

    ```mlir
    %dbias = ds.sum %grad : tensor<4x256x768xf32> -> tensor<768xf32>
    %norm2 = ds.sum %flat {squares, trailing} : tensor<8xf32> -> tensor<f64>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, UnitAttr:$trailing, UnitAttr:$squares);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def DS_BroadcastOp : DS_ElementwiseOp<"broadcast"> {
  let summary = "Repeats a tensor over new leading dimensions";
  let description = [{
    The opposite of a column sum.

    **Requires:** an input whose shape is a suffix of the result's.
    **Ensures:** every new index holds the same elements.
    **Gradient:** `ds.sum` over the new dimensions.

    ```mlir
    %y = ds.broadcast %row : tensor<768xf32> -> tensor<4x256x768xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}
}

#endif
