//===- DSOpsView.td - Windows of tensors -------------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#ifndef DS_OPS_VIEW_TD
#define DS_OPS_VIEW_TD

def DS_ViewDoc : OpDocGroup { let summary = "Views"; let description = "Other shapes of the same bytes."; }
let opDocGroup = DS_ViewDoc in {

class DS_ViewOp<string mnemonic> : DS_Op<mnemonic, [Pure, DS_ViewOpInterface,
    DeclareOpInterfaceMethods<DS_DifferentiableOpInterface>,
    DeclareOpInterfaceMethods<DS_EvaluableOpInterface>]>;

def DS_ReshapeOp : DS_ViewOp<"reshape"> {
  let summary = "The same elements in row-major order under another shape";
  let arguments = (ins AnyRankedTensor:$input);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def DS_SplitOp : DS_ViewOp<"split"> {
  let summary = "Cuts a tensor along its last dimension";
  let arguments = (ins AnyRankedTensor:$input);
  let results = (outs Variadic<AnyRankedTensor>:$parts);
  let assemblyFormat = "$input attr-dict `:` functional-type($input, $parts)";
  let hasVerifier = 1;
}

def DS_ConcatOp : DS_ViewOp<"concat"> {
  let summary = "Joins tensors along their last dimension";
  let description = "Operands are produced in place where they can be.";
  let arguments = (ins Variadic<AnyRankedTensor>:$parts);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$parts attr-dict `:` functional-type($parts, $result)";
  let hasVerifier = 1;
}

def DS_TakeOp : DS_ViewOp<"take"> {
  let summary = "The first rows of a tensor";
  let description = [{
    Keeps [0, n) of the first dimension, n being the result's:
    `ds.take %wpe : tensor<1024x768xf32> -> tensor<256x768xf32>`.
  }];
  let arguments = (ins AnyRankedTensor:$input);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def DS_PadOp : DS_ViewOp<"pad"> {
  let summary = "Appends zero rows: the gradient of ds.take";
  let arguments = (ins AnyRankedTensor:$input);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}
}

#endif
