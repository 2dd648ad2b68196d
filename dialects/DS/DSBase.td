//===- DSBase.td - The ds dialect and what its ops share ---*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#ifndef DS_BASE_TD
#define DS_BASE_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/CommonTypeConstraints.td"

def DS_Dialect : Dialect {
  let name = "ds";
  let cppNamespace = "::ds";
  let summary = "Dataflow graphs of distributed training steps";
  let description = [{
    Value-semantics tensors, named persistent state, and collectives.  One
    dialect carries a model from import (forward and loss only) through
    differentiation, partitioning, memory and schedule decisions down to the
    last step before code is generated; the reference interpreter can execute
    it at every point.

    - import:        `ds.parameter`, `ds.read`, math ops, `func.call`s of blocks
    - units:         `ds.unit` state, parameters as `ds.unflatten` views of it
    - differentiate: `@train` and `@evaluate`, `scf.for` over micro-batches,
                     gradient ops, `ds.adamw`, `ds.write`
    - parallel:      shards, `ds.all_gather`, `ds.reduce_scatter`, ...
    - memory:        second copies behind `ds.barrier`
    - lower:         `ds.launch` of fused kernels
  }];
  let useDefaultAttributePrinterParser = 1;
  let extraClassDeclaration = "void registerAttributes();";
  let hasConstantMaterializer = 1;
  let dependentDialects = ["::mlir::func::FuncDialect", "::mlir::scf::SCFDialect"];
}

class DS_Op<string mnemonic, list<Trait> traits = []> : Op<DS_Dialect, mnemonic, traits>;

// Elements of tensors.  Integers are signless; i1 is no number.
defvar DS_IntPred = Or<[I8.predicate, I16.predicate, I32.predicate, I64.predicate]>;
def DS_Float : Type<AnyFloat.predicate, "floating-point">;
def DS_Int : Type<DS_IntPred, "integer">;
def DS_Number : Type<Or<[AnyFloat.predicate, DS_IntPred]>, "floating-point or integer">;
def DS_Bits : Type<Or<[I1.predicate, DS_IntPred]>, "integer or i1">;
def DS_Element : Type<Or<[AnyFloat.predicate, I1.predicate, DS_IntPred]>, "floating-point, integer or i1">;

// A rank-0 float64 tensor: step sizes, norms, learning rates.
def DS_ScalarF64 : Type<0DTensorOf<[F64]>.predicate, "float64 scalar", "::mlir::RankedTensorType">,
    BuildableType<"::mlir::RankedTensorType::get({}, $_builder.getF64Type())">;

// A rank-0 int64 tensor: steps, seeds, numbers of micro-batches.
def DS_ScalarI64 : Type<0DTensorOf<[I64]>.predicate, "int64 scalar", "::mlir::RankedTensorType">,
    BuildableType<"::mlir::RankedTensorType::get({}, $_builder.getI64Type())">;

// Two 32-bit words: the key of a random stream.
def DS_KeyType : Type<And<[IsRankedTensorTypePred,
    CPred<"$_self == ::mlir::RankedTensorType::get({2}, ::mlir::IntegerType::get($_self.getContext(), 32))">]>,
    "two 32-bit words", "::mlir::RankedTensorType">,
    BuildableType<"::mlir::RankedTensorType::get({2}, $_builder.getI32Type())">;

#endif
