//===- DSOpsState.td - Persistent state and its windows ----*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#ifndef DS_OPS_STATE_TD
#define DS_OPS_STATE_TD

def DS_StateDoc : OpDocGroup { let summary = "State"; let description = "Named values that live over calls."; }
let opDocGroup = DS_StateDoc in {

def DS_ParameterOp : DS_Op<"parameter", [Symbol, HasParent<"::mlir::ModuleOp">]> {
  let summary = "Declares a tensor of the model that lives over steps";
  let description = [{
    The symbol is the name under which it is saved and loaded.  `role` is `parameter`
    for what is trained, `frozen` for parameters that are not, and `buffer` for what the
    forward pass may change: the loss function then holds a `ds.write` of the new value.
    Exists from import until `ds-make-units`, which lays parameters into units.

    **Requires:** a ranked, static tensor type, floating for a `parameter`; initial values
    `#ds.normal<std>` of floats or `#ds.fill<value>`; a place at the module's top.
    **Ensures:** the name is a symbol that `ds.read` can use.

    ```mlir
    ds.parameter @transformer.wte.weight : tensor<50257x768xf32> = #ds.normal<0.02>
    ds.parameter @bn.running_var : tensor<64xf32> = #ds.fill<1.0> {role = "buffer"}
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<AnyRankedTensor>:$type, AnyAttr:$init,
                       DefaultValuedStrAttr<StrAttr, "parameter">:$role);
  let assemblyFormat = "$sym_name `:` $type `=` $init attr-dict";
  let hasVerifier = 1;
}

def DS_UnitOp : DS_Op<"unit", [Symbol, HasParent<"::mlir::ModuleOp">]> {
  let summary = "Declares a flat persistent buffer that holds logical tensors";
  let description = [{
    `role` is that of the parameters inside (`parameter`, `frozen`, `buffer`), `optimizer`
    or `scalar`.  The type is what one rank
    holds; with `shards` > 1 rank r holds elements [r*n, (r+1)*n) of the whole,
    n being its size.  Members lie in the whole; elements that belong to none are
    padding and zero.  A scalar state is a rank-0 unit with one member.

    Exists from `ds-make-units` on; becomes persistent buffers of the plan.

    **Requires:** one of the five roles, a static type of rank 0 or 1, at least one shard;
    members of the unit's element type, ascending, disjoint and within the whole,
    with initial values `#ds.normal<std>` or `#ds.fill<value>`; `#ds.seed` in an
    int64 scalar.
    **Ensures:** the same state for every number of shards: a member has one offset.

    ```mlir
    ds.unit @u0 "parameter" : tensor<1024xf32> shards 2 {
      members = [#ds.member<"ln.weight" at 0 : tensor<8xf32> = #ds.fill<1.0>>]}
    ds.unit @step "scalar" : tensor<i64> {
      members = [#ds.member<"step" at 0 : tensor<i64> = #ds.fill<0.0>>]}
    ```
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
  let description = [{
    The value at this point of the function: a read after a `ds.write` of the same
    state sees what was written.  Of a sharded unit it is this rank's shard.

    **Requires:** a `ds.parameter` or `ds.unit` of this name and exactly this type.
    **Ensures:** the state is unchanged.

    ```mlir
    ds.parameter @ln.weight : tensor<8xf32> = #ds.fill<1.0>
    %w = ds.read @ln.weight : tensor<8xf32>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$state);
  let results = (outs AnyRankedTensor:$value);
  let assemblyFormat = "$state attr-dict `:` type($value)";
}

def DS_WriteOp : DS_Op<"write", [KeepsWide, DeclareOpInterfaceMethods<SymbolUserOpInterface>,
    MemoryEffects<[MemWrite]>]> {
  let summary = "Replaces the value of a unit, or of a buffer";
  let description = [{
    Later reads, in this call and the next ones, see the new value.  In a loss function
    it says what a forward pass makes of a buffer; `ds-build-train` says what a step of
    several micro-batches makes of it.

    **Requires:** a `ds.parameter` or `ds.unit` of this name and exactly the value's type.
    **Ensures:** every element of this rank's part is replaced.

    ```mlir
    ds.unit @step "scalar" : tensor<i64> {
      members = [#ds.member<"step" at 0 : tensor<i64> = #ds.fill<0.0>>]}
    ds.write %next, @step : tensor<i64>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$value, FlatSymbolRefAttr:$state);
  let assemblyFormat = "$value `,` $state attr-dict `:` type($value)";
}

def DS_UnflattenOp : DS_Op<"unflatten", [Pure, Follows, DS_ViewOpInterface,
    DeclareOpInterfaceMethods<DS_DifferentiableOpInterface>,
    DeclareOpInterfaceMethods<DS_EvaluableOpInterface>]> {
  let summary = "The logical tensors of a whole flat unit, as views";
  let description = [{
    Result i is elements [offsets[i], offsets[i] + its size) of `flat`, row-major.

    **Requires:** a static rank-1 `flat`; one offset per result; static results of its element
    type, ascending, disjoint and inside it.
    **Ensures:** no copy: results are windows of `flat`.
    **Gradient:** `ds.flatten` at the same offsets; a result without gradient leaves its
    part zero.

    ```mlir
    %scale, %bias = ds.unflatten %u at [0, 8] : (tensor<1024xf32>) -> (tensor<8xf32>, tensor<8xf32>)
    ```
  }];
  let arguments = (ins AnyRankedTensor:$flat, DenseI64ArrayAttr:$offsets);
  let results = (outs Variadic<AnyRankedTensor>:$tensors);
  let assemblyFormat = "$flat `at` $offsets attr-dict `:` functional-type($flat, $tensors)";
  let hasVerifier = 1;
}

def DS_FlattenOp : DS_Op<"flatten", [Pure, Follows, DS_ViewOpInterface,
    DeclareOpInterfaceMethods<DS_EvaluableOpInterface>]> {
  let summary = "Lays tensors into a flat unit; the rest is zero";
  let description = [{
    The inverse of `ds.unflatten`: tensor i becomes elements [offsets[i],
    offsets[i] + its size) of the result.

    **Requires:** a static rank-1 result; one offset per tensor; static tensors of its element
    type, ascending, disjoint and inside it.
    **Ensures:** elements of no tensor are zero.  Tensors are produced in place where they
    can be: no packing copy.

    ```mlir
    %flat = ds.flatten %dscale, %dbias at [0, 8] : (tensor<8xf32>, tensor<8xf32>) -> tensor<1024xf32>
    ```
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$tensors, DenseI64ArrayAttr:$offsets);
  let results = (outs AnyRankedTensor:$flat);
  let assemblyFormat = "$tensors `at` $offsets attr-dict `:` functional-type($tensors, $flat)";
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
}

def DS_BarrierOp : DS_Op<"barrier", [Pure, Follows,
    TypesMatchWith<"result has the value's type", "value", "result", "$_self">,
    DS_ViewOpInterface, DeclareOpInterfaceMethods<DS_EvaluableOpInterface>]> {
  let summary = "A value that no pass may merge with its operand";
  let description = [{
    The operand of a second copy (recomputed, gathered again) goes through a
    barrier, so that CSE cannot merge the copy with the first one.  `id` makes
    barriers distinct; `after` is a value that must exist first: the copy is
    made when it is needed, not earlier.

    **Requires:** an `id` of its own in the function, where two copies are to stay two (not
    verified).
    **Ensures:** the value itself; a view at run time.

    ```mlir
    %x2 = ds.barrier %x 0 after %grad : tensor<4x8xf32> : tensor<4x16xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$value, Optional<AnyRankedTensor>:$after, I64Attr:$id);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$value $id (`after` $after^ `:` type($after))? attr-dict `:` type($value)";
}

def DS_StopGradientOp : DS_Op<"stop_gradient", [Pure, Follows,
    TypesMatchWith<"result has the value's type", "value", "result", "$_self">,
    DeclareOpInterfaceMethods<DS_EvaluableOpInterface>]> {
  let summary = "A value that the gradient takes for a constant";
  let description = [{
    What `jax.lax.stop_gradient` and PyTorch's `detach` say.  Exists until
    `ds-build-train`, behind which there is no gradient to stop.

    **Requires:** a tensor.
    **Ensures:** the value itself; nothing that it depends on has a gradient through it.

    ```mlir
    %target = ds.stop_gradient %x : tensor<4x8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$value);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$value attr-dict `:` type($value)";
}

def DS_MicroBatchOp : DS_Op<"micro_batch", [Pure, Follows, DeclareOpInterfaceMethods<DS_EvaluableOpInterface>]> {
  let summary = "Entry `index` of the inputs staged for a step";
  let description = [{
    The inputs of all micro-batches of a step are stacked along a new first axis;
    this is one of them.

    **Requires:** inputs whose shape is the entry's behind one more dimension, of one element
    type; 0 <= index < that dimension (not verified).
    **Ensures:** a window of `inputs`.

    ```mlir
    %tokens = ds.micro_batch %all[%i] : tensor<4x2x8xi32> -> tensor<2x8xi32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$inputs, Index:$index);
  let results = (outs AnyRankedTensor:$entry);
  let assemblyFormat = "$inputs `[` $index `]` attr-dict `:` type($inputs) `->` type($entry)";
  let hasVerifier = 1;
}

def DS_IndexOp : DS_Op<"index", [Pure, DS_ViewOpInterface, DeclareOpInterfaceMethods<DS_EvaluableOpInterface>]> {
  let summary = "A loop's index as a scalar";
  let description = [{
    The number of a micro-batch, for what counts them.  `ds-zero` adds the
    number of the rank's first one.

    **Requires:** nothing more than an index.
    **Ensures:** an int64 scalar; a window of the loop's counter.  Constant indices fold.

    ```mlir
    %n = ds.index %i
    ```
  }];
  let arguments = (ins Index:$index);
  let results = (outs DS_ScalarI64:$result);
  let assemblyFormat = "$index attr-dict";
  let hasFolder = 1;
}

def DS_ConstantOp : DS_Op<"constant", [Pure, ConstantLike, AllTypesMatch<["value", "result"]>]> {
  let summary = "A tensor known at compile time";
  let description = [{
    Any elements attribute; splats are the usual case.

    **Requires:** a ranked tensor type, which is the value's.
    **Ensures:** the same value in every call.  Without gradient.

    ```mlir
    %ones = ds.constant dense<1.0> : tensor<8xf32>
    ```
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "attr-dict $value";
  let hasFolder = 1;
  let builders = [OpBuilder<(ins "::mlir::RankedTensorType":$type, "double":$value)>];
  let extraClassDeclaration = [{
    /// The value of every element, when all are equal; of i1 0 or 1.
    std::optional<double> getSplat();
    static std::optional<double> splatOf(::mlir::Attribute value);
    /// A tensor of equal elements, rounded to their type.
    static ::mlir::DenseElementsAttr splat(::mlir::RankedTensorType type, double value);
  }];
}
}

#endif
