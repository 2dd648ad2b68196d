//===- DSOpsMath.td - Elementwise ops, products, reductions *- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#ifndef DS_OPS_MATH_TD
#define DS_OPS_MATH_TD

def DS_MathDoc : OpDocGroup { let summary = "Arithmetic"; let description = "Elementwise ops, products and reductions."; }
let opDocGroup = DS_MathDoc in {

class DS_ElementwiseOp<string mnemonic, list<Trait> traits = []> : DS_Op<mnemonic, !listconcat([Pure,
    DeclareOpInterfaceMethods<DS_DifferentiableOpInterface>,
    DeclareOpInterfaceMethods<DS_EvaluableOpInterface>,
    DeclareOpInterfaceMethods<DS_KernelOpInterface>], traits)>;

// The result has the left operand's type.  The right operand has the same
// shape, or a suffix of it (broadcast over the leading dimensions), or rank 0.
class DS_BinaryOp<string mnemonic> : DS_ElementwiseOp<mnemonic, [
    TypesMatchWith<"result has the left operand's type", "lhs", "result", "$_self">]> {
  let arguments = (ins AnyRankedTensor:$lhs, AnyRankedTensor:$rhs);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` type($lhs) `,` type($rhs)";
  let hasVerifier = 1;
}
def DS_AddOp : DS_BinaryOp<"add"> { let summary = "Elementwise sum"; let hasFolder = 1; let hasCanonicalizer = 1; }
def DS_SubOp : DS_BinaryOp<"sub"> { let summary = "Elementwise difference"; }
def DS_MulOp : DS_BinaryOp<"mul"> { let summary = "Elementwise product"; let hasFolder = 1; }
def DS_DivOp : DS_BinaryOp<"div"> { let summary = "Elementwise quotient"; }

class DS_UnaryOp<string mnemonic> : DS_ElementwiseOp<mnemonic, [
    TypesMatchWith<"result has the operand's type", "input", "result", "$_self">]> {
  let arguments = (ins AnyRankedTensor:$input);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}
def DS_NegOp : DS_UnaryOp<"neg"> { let summary = "Elementwise negation"; }
def DS_GeluOp : DS_UnaryOp<"gelu"> {
  let summary = "0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))";
}
def DS_SiluOp : DS_UnaryOp<"silu"> { let summary = "x / (1 + exp(-x))"; }

class DS_UnaryGradOp<string mnemonic> : DS_Op<mnemonic, [Pure,
    DeclareOpInterfaceMethods<DS_EvaluableOpInterface>,
    DeclareOpInterfaceMethods<DS_KernelOpInterface>,
    TypesMatchWith<"grad has the input's type", "input", "grad", "$_self">,
    TypesMatchWith<"result has the input's type", "input", "result", "$_self">]> {
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$grad);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input `,` $grad attr-dict `:` type($input)";
}
def DS_GeluGradOp : DS_UnaryGradOp<"gelu_grad"> { let summary = "Gradient of ds.gelu at `input`, times `grad`"; }
def DS_SiluGradOp : DS_UnaryGradOp<"silu_grad"> { let summary = "Gradient of ds.silu at `input`, times `grad`"; }

// Scalars (rank 0) of any type: the state of schedules, loop counters, norms.
class DS_ScalarOp<string mnemonic> : DS_Op<mnemonic, [Pure, DeclareOpInterfaceMethods<DS_EvaluableOpInterface>]>;
def DS_PowOp : DS_ScalarOp<"pow"> {
  let summary = "base^exponent of two scalars";
  let arguments = (ins 0DTensorOf<[AnyFloat]>:$base, 0DTensorOf<[AnyFloat]>:$exponent);
  let results = (outs 0DTensorOf<[AnyFloat]>:$result);
  let assemblyFormat = "$base `,` $exponent attr-dict `:` functional-type(operands, results)";
}
def DS_MinOp : DS_ScalarOp<"min"> {
  let summary = "The smaller of two scalars; NaN if one is";
  let arguments = (ins 0DTensorOf<[AnyFloat]>:$lhs, 0DTensorOf<[AnyFloat]>:$rhs);
  let results = (outs 0DTensorOf<[AnyFloat]>:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
}
def DS_SqrtOp : DS_ScalarOp<"sqrt"> {
  let summary = "Square root of a scalar";
  let arguments = (ins 0DTensorOf<[AnyFloat]>:$input);
  let results = (outs 0DTensorOf<[AnyFloat]>:$result);
  let assemblyFormat = "$input attr-dict `:` functional-type(operands, results)";
}
def DS_CastOp : DS_ScalarOp<"cast"> {
  let summary = "A scalar in another element type";
  let arguments = (ins 0DTensorOf<[AnyFloat, AnyInteger]>:$input);
  let results = (outs 0DTensorOf<[AnyFloat, AnyInteger]>:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

def DS_DotOp : DS_Op<"dot", [Pure,
    DeclareOpInterfaceMethods<DS_DifferentiableOpInterface>,
    DeclareOpInterfaceMethods<DS_EvaluableOpInterface>]> {
  let summary = "A product of two tensors, summed over shared indices";
  let description = [{
    `spec` names every dimension by a letter: `"bsk,kn->bsn"`.  A letter in
    both operands and the result is a batch, in both operands only is summed,
    in one operand and the result is free; every letter of the result stands
    in an operand, and every operand letter stands in the other operand or
    the result.  Gradients are products again; transposed and strided
    operands are handed to the library as they lie.

    ```mlir
    %y = ds.dot "bsk,kn->bsn" %x, %w : (tensor<4x256x768xf32>, tensor<768x2304xf32>) -> tensor<4x256x2304xf32>
    ```
  }];
  let arguments = (ins StrAttr:$spec, AnyRankedTensor:$lhs, AnyRankedTensor:$rhs);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$spec $lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// The letters of each operand and of the result.
    ::llvm::StringRef getLhsDims();
    ::llvm::StringRef getRhsDims();
    ::llvm::StringRef getResultDims();
    /// 2 * the product of all index sizes.
    int64_t getFlops();
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
    With `squares` the squares are summed.  The result may have a wider
    element type than the input.
  }];
  let arguments = (ins AnyRankedTensor:$input, UnitAttr:$trailing, UnitAttr:$squares);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def DS_BroadcastOp : DS_ElementwiseOp<"broadcast"> {
  let summary = "Repeats a tensor over new leading dimensions";
  let arguments = (ins AnyRankedTensor:$input);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}
}

#endif
