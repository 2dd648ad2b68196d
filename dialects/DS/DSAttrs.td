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

def DS_ScheduleAttr : DS_Attr<"Schedule", "schedule"> {
  let summary = "A learning rate or a momentum as a function of the step";
  let description = [{
    Pieces, of which the last one that has begun says the value, and before that
    the first.  A piece says the values `after` one step; it moves from one value
    `to` another `in` so many steps, and stays there.  Without a curve it is one
    value.

    ```mlir
    #ds.schedule<after -1 : linear 0.0 to 0.001 in 100, after 100 : cosine 0.001 to 1.0e-05 in 900>
    #ds.schedule<after 0 : 0.001>
    ```
    With t = (step - after) / in, not below 0 nor above 1, and of n stairs t =
    floor(t n) / n, or ceil(t n) / n with `early`, the value is

    | curve | value |
    |---|---|
    | `linear` | from + (to - from) t |
    | `log` | from + (to - from) log(step - after + 1) / log(in) |
    | `cosine` | to + (from - to) (1 + cos(pi t)) / 2 |
    | `power`, `by` p | to + (from - to) (1 - t)^p |
    | `root` | from + (to - from) sqrt(t) |
    | `grow`, `by` f | from (1 + f t), for t above 1, too |
    | `shrink`, `by` f | from / (1 + f t), for t above 1, too |

    ```mlir
    #ds.schedule<after 0 : grow 0.001 in 2000 by 1.0 stairs 1>
    ```
    Values are at least 0; pieces begin one after the other; what has no end is
    the last.
  }];
  let parameters = (ins ArrayRefParameter<"::ds::Piece">:$pieces);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    static ScheduleAttr get(::mlir::MLIRContext *context, const Schedule &schedule) {
      return get(context, ::llvm::ArrayRef<Piece>(schedule.pieces));
    }
    Schedule getSchedule() const { return {{getPieces().begin(), getPieces().end()}}; }
  }];
}

def DS_OptimizerAttr : DS_Attr<"Optimizer", "optimizer"> {
  let summary = "How parameters are updated: an optimizer's op, before there is one";
  let description = [{
    The name of an optimizer's op and its attributes, whose meaning the op says.  The
    learning rate is the schedule's times `lr_scale`.

    ```mlir
    #ds.optimizer<"sgd" {dampening = 0.0, momentum = 0.9, weight_decay = 0.0}>
    #ds.optimizer<"lion" {beta1 = 0.9, beta2 = 0.99, weight_decay = 0.1} lr_scale 0.5>
    ```
  }];
  let parameters = (ins StringRefParameter<"the op's name">:$name, "::mlir::DictionaryAttr":$values,
                        OptionalParameter<"::mlir::FloatAttr">:$lr_scale);
  let assemblyFormat = "`<` $name $values (`lr_scale` $lr_scale^)? `>`";
  let genVerifyDecl = 1;
}

def DS_GroupAttr : DS_Attr<"Group", "group"> {
  let summary = "Parameters by their names, and how they are updated";
  let description = [{
    A parameter belongs to the first group with a pattern that matches its name;
    `*`, `?` and `[...]` are as in file names, and the pattern `auto` are all
    parameters of at most one dimension: norms and biases.  Without optimizer
    they are frozen.  Those that `optimizer` cannot update take `others`:
    parameters that are no matrices of hidden layers, of Muon.

    ```mlir
    #ds.group<["*.ln_*", "*.bias"], #ds.optimizer<"sgd" {dampening = 0.0, momentum = 0.9, weight_decay = 0.0}>>
    #ds.group<["transformer.wte.*"]>
    ```
  }];
  let parameters = (ins "::mlir::ArrayAttr":$patterns, OptionalParameter<"::ds::OptimizerAttr">:$optimizer,
                        OptionalParameter<"::ds::OptimizerAttr">:$others);
  let assemblyFormat = "`<` $patterns (`,` $optimizer^)? (`others` $others^)? `>`";
  let genVerifyDecl = 1;
}

def DS_MemberArrayAttr : TypedArrayAttrBase<DS_MemberAttr, "logical tensors of a unit">;

#endif
