//===- DSOpsState.td - Persistent state and its windows ----*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#ifndef DS_OPS_STATE_TD
#define DS_OPS_STATE_TD

def DS_StateDoc : OpDocGroup { let summary = "State"; let description = "Named values that live over calls."; }
let opDocGroup = DS_StateDoc in {

def DS_ParameterOp : DS_Op<"parameter", [Symbol, HasParent<"::mlir::ModuleOp">]> {
  let summary = "Declares a trainable tensor of the model";
  let description = [{
    The symbol is the name under which the parameter is saved.

    ```mlir
    ds.parameter @transformer.wte.weight : tensor<50257x768xf32> = #ds.normal<0.02>
    ```
    Exists from import until `ds-make-units`.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<AnyRankedTensor>:$type, AnyAttr:$init);
  let assemblyFormat = "$sym_name `:` $type `=` $init attr-dict";
  let hasVerifier = 1;
}

def DS_UnitOp : DS_Op<"unit", [Symbol, HasParent<"::mlir::ModuleOp">]> {
  let summary = "Declares a flat persistent buffer that holds logical tensors";
  let description = [{
    `role` is `parameter`, `optimizer` or `scalar`.  The type is what one rank
    holds; with `shards` > 1 rank r holds elements [r*n, (r+1)*n) of the whole,
    n being its size.  Elements that belong to no member are padding and zero.

    ```mlir
    ds.unit @u0 "parameter" : tensor<1024xf32> shards 2 {
      members = [#ds.member<"ln.weight" at 0 : tensor<8xf32> = #ds.fill<1.0>>]}
    ```
    A scalar state is a rank-0 unit with one member: `@step : tensor<i64>`.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrAttr:$role, TypeAttrOf<AnyRankedTensor>:$type,
                       DefaultValuedAttr<I64Attr, "1">:$shards, DS_MemberArrayAttr:$members);
  let assemblyFormat = "$sym_name $role `:` $type (`shards` $shards^)? attr-dict";
  let hasVerifier = 1;
}

def DS_ReadOp : DS_Op<"read", [DeclareOpInterfaceMethods<SymbolUserOpInterface>,
    DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmResultNames"]>,
    MemoryEffects<[MemRead]>]> {
  let summary = "Reads a parameter or a unit";
  let arguments = (ins FlatSymbolRefAttr:$state);
  let results = (outs AnyRankedTensor:$value);
  let assemblyFormat = "$state attr-dict `:` type($value)";
}

def DS_WriteOp : DS_Op<"write", [DeclareOpInterfaceMethods<SymbolUserOpInterface>,
    MemoryEffects<[MemWrite]>]> {
  let summary = "Replaces the value of a unit";
  let arguments = (ins AnyRankedTensor:$value, FlatSymbolRefAttr:$state);
  let assemblyFormat = "$value `,` $state attr-dict `:` type($value)";
}

def DS_UnflattenOp : DS_Op<"unflatten", [Pure, DS_ViewOpInterface,
    DeclareOpInterfaceMethods<DS_DifferentiableOpInterface>,
    DeclareOpInterfaceMethods<DS_EvaluableOpInterface>]> {
  let summary = "The logical tensors of a whole flat unit, as views";
  let description = [{
    Result i is elements [offsets[i], offsets[i] + its size) of `flat`.
    The gradient is `ds.flatten`.
  }];
  let arguments = (ins AnyRankedTensor:$flat, DenseI64ArrayAttr:$offsets);
  let results = (outs Variadic<AnyRankedTensor>:$tensors);
  let assemblyFormat = "$flat `at` $offsets attr-dict `:` functional-type($flat, $tensors)";
  let hasVerifier = 1;
}

def DS_FlattenOp : DS_Op<"flatten", [Pure, DS_ViewOpInterface,
    DeclareOpInterfaceMethods<DS_EvaluableOpInterface>]> {
  let summary = "Lays tensors into a flat unit; the rest is zero";
  let description = "Operands are produced in place: no packing copy.";
  let arguments = (ins Variadic<AnyRankedTensor>:$tensors, DenseI64ArrayAttr:$offsets);
  let results = (outs AnyRankedTensor:$flat);
  let assemblyFormat = "$tensors `at` $offsets attr-dict `:` functional-type($tensors, $flat)";
  let hasVerifier = 1;
}

def DS_BarrierOp : DS_Op<"barrier", [Pure, TypesMatchWith<"result has the value's type", "value", "result", "$_self">,
    DS_ViewOpInterface, DeclareOpInterfaceMethods<DS_EvaluableOpInterface>]> {
  let summary = "A value that no pass may merge with its operand";
  let description = [{
    The operand of a second copy (recomputed, gathered again) goes through a
    barrier, so that CSE cannot merge the copy with the first one.  `id` makes
    barriers distinct; `after` is a value that must exist first: the copy is
    made when it is needed, not earlier.
  }];
  let arguments = (ins AnyRankedTensor:$value, Optional<AnyRankedTensor>:$after, I64Attr:$id);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$value $id (`after` $after^ `:` type($after))? attr-dict `:` type($value)";
}

def DS_MicroBatchOp : DS_Op<"micro_batch", [Pure, DeclareOpInterfaceMethods<DS_EvaluableOpInterface>]> {
  let summary = "Entry `index` of the inputs staged for a step";
  let arguments = (ins AnyRankedTensor:$inputs, Index:$index);
  let results = (outs AnyRankedTensor:$entry);
  let assemblyFormat = "$inputs `[` $index `]` attr-dict `:` type($inputs) `->` type($entry)";
  let hasVerifier = 1;
}

def DS_ConstantOp : DS_Op<"constant", [Pure, ConstantLike, AllTypesMatch<["value", "result"]>]> {
  let summary = "A tensor known at compile time";
  let arguments = (ins ElementsAttr:$value);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "attr-dict $value";
  let hasFolder = 1;
  let builders = [OpBuilder<(ins "::mlir::RankedTensorType":$type, "double":$value)>];
  let extraClassDeclaration = [{
    /// The value of every element, when all are equal.
    std::optional<double> getSplat();
  }];
}
}

#endif
