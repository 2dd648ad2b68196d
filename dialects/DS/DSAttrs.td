//===- DSAttrs.td - Attributes of the ds dialect -----------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#ifndef DS_ATTRS_TD
#define DS_ATTRS_TD

include "DSBase.td"
include "mlir/IR/TensorEncoding.td"

class DS_Attr<string name, string attrMnemonic, list<Trait> traits = []>
    : AttrDef<DS_Dialect, name, traits> {
  let mnemonic = attrMnemonic;
}

def DS_DimsAttr : DS_Attr<"Dims", "dims", [
    DeclareAttrInterfaceMethods<VerifiableTensorEncoding>]> {
  let summary = "Names of the symbolic dimensions of a tensor type";
  let description = [{
    One entry per dimension: the name of a dynamic dimension, or `_` for a
    static one: `tensor<?x?x768xf32, #ds.dims<batch, seq, _>>`.  Equal names
    are equal sizes throughout the module.  `ds-bind-dims` replaces every such
    type by a static one and drops the encoding.
  }];
  let parameters = (ins ArrayRefParameter<"::mlir::StringAttr">:$names);
  let hasCustomAssemblyFormat = 1;
}

def DS_NormalAttr : DS_Attr<"Normal", "normal"> {
  let summary = "Initial values drawn from a normal distribution";
  let description = [{
    Element i is a function of (seed, parameter name, i), so that every
    sharding starts from the same bits: `#ds.normal<0.02>` has mean 0.
  }];
  let parameters = (ins "::mlir::FloatAttr":$std);
  let genVerifyDecl = 1;
  let assemblyFormat = "`<` $std `>`";
  let builders = [AttrBuilder<(ins "double":$std), [{
    return $_get($_ctxt, ::mlir::FloatAttr::get(::mlir::Float64Type::get($_ctxt), std));
  }]>];
}

def DS_ConstantInitAttr : DS_Attr<"ConstantInit", "fill"> {
  let summary = "One initial value for every element: `#ds.fill<1.0>`";
  let parameters = (ins "::mlir::FloatAttr":$value);
  let genVerifyDecl = 1;
  let assemblyFormat = "`<` $value `>`";
  let builders = [AttrBuilder<(ins "double":$value), [{
    return $_get($_ctxt, ::mlir::FloatAttr::get(::mlir::Float64Type::get($_ctxt), value));
  }]>];
}

def DS_SeedInitAttr : DS_Attr<"SeedInit", "seed"> {
  let summary = "The run's seed as an initial value: `#ds.seed`";
  let description = [{
    Of an int64 scalar.  It is state like any other: a run that goes on from a
    checkpoint goes on with the first run's seed.
  }];
}

def DS_DropoutAttr : DS_Attr<"Dropout", "dropout"> {
  let summary = "A dropout by name and probability: `#ds.dropout<\"drop\", 0.1>`";
  let description = [{
    The mask is a function of (seed, name, step, sample, element), so that it
    depends on nothing that is chosen about ranks, batches and memory, and is
    never stored.  With k = the first 8 bytes of SHA-256(name) as two
    little-endian words, element e of sample i in step s is kept when

        philox4x32(counter = (e / 4, i, lo32(s), hi32(s)),
                   key = (k0 ^ lo32(seed), k1 ^ hi32(seed)))[e mod 4] >= p 2^32

    and then multiplied by 1 / (1 - p), else by 0.  Samples count through the
    step, over all ranks and micro-batches; elements are row-major within a
    sample, fewer than 2^34.  In a repeated block a `*` in the name stands for
    the number of the block.
  }];
  let parameters = (ins "::mlir::StringAttr":$name, "::mlir::FloatAttr":$probability);
  let assemblyFormat = "`<` $name `,` $probability `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    double getP() const { return getProbability().getValueAsDouble(); }
    /// The first 8 bytes of SHA-256(name) as two little-endian words.
    std::array<uint32_t, 2> getKey() const;
  }];
}

def DS_MemberAttr : DS_Attr<"Member", "member"> {
  let summary = "A logical tensor inside a flat unit";
  let description = [{
    Elements [offset, offset + elements of type) of the unsharded unit hold
    the tensor `name`: `#ds.member<"wte" at 0 : tensor<16x8xf32> = #ds.normal<0.02>>`.
  }];
  let parameters = (ins "::mlir::StringAttr":$name, "int64_t":$offset,
                        "::mlir::RankedTensorType":$type, "::mlir::Attribute":$init);
  let assemblyFormat = "`<` $name `at` $offset `:` $type `=` $init `>`";
}

def DS_WarmupAttr : DS_Attr<"Warmup", "warmup"> {
  let summary = "How a learning rate rises to its peak";
  let description = [{
    In step s (from 0), with i = max(0, s + shift), the rate is
    from + (peak - from) * ramp, where ramp is min(1, i / steps) for shape
    "linear" and min(1, log(i + 1) / log(steps)) for "log" (steps >= 2).  With
    `zero_first` step 0 has rate 0.
  }];
  let parameters = (ins StringRefParameter<"linear or log">:$shape, "::mlir::FloatAttr":$from,
                        "int64_t":$steps, "int64_t":$shift,
                        DefaultValuedParameter<"bool", "false">:$zero_first);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def DS_DecayAttr : DS_Attr<"Decay", "decay"> {
  let summary = "How a learning rate falls from its peak";
  let description = [{
    After step `begin` the rate goes from the peak to `to` within `steps` steps,
    in a line ("linear") or half a cosine ("cosine"), and stays there.
  }];
  let parameters = (ins StringRefParameter<"linear or cosine">:$shape, "::mlir::FloatAttr":$to,
                        "int64_t":$begin, "int64_t":$steps);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def DS_ScheduleAttr : DS_Attr<"Schedule", "schedule"> {
  let summary = "The learning rate as a function of the step";
  let description = [{
    Warm-up to `peak`, the peak, then decay; without both it is constant:

    ```mlir
    #ds.schedule<peak = 0.001, warmup = <shape = "linear", from = 0.0, steps = 100, shift = 1>,
                 decay = <shape = "cosine", to = 1.0e-5, begin = 100, steps = 900>>
    ```
    The warm-up ends before the first step that decays: steps <= begin + 1 + shift.
  }];
  let parameters = (ins "::mlir::FloatAttr":$peak, OptionalParameter<"::ds::WarmupAttr">:$warmup,
                        OptionalParameter<"::ds::DecayAttr">:$decay);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The rate of step `step`, from 0.
    double rate(double step) const;
  }];
}

def DS_MemberArrayAttr : TypedArrayAttrBase<DS_MemberAttr, "logical tensors of a unit">;

#endif
