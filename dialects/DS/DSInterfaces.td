//===- DSInterfaces.td - What an op knows about itself -----*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Passes ask ops through these interfaces and never switch over op names:
// adding an op touches its own files only.
//===----------------------------------------------------------------------===//
#ifndef DS_INTERFACES_TD
#define DS_INTERFACES_TD

include "mlir/IR/OpBase.td"

def DS_DifferentiableOpInterface : OpInterface<"DifferentiableOpInterface"> {
  let cppNamespace = "::ds";
  let description = [{ Answers: what is the vector-Jacobian product of this op? }];
  let methods = [InterfaceMethod<[{
      Builds the gradients of the operands from the gradients of the results.
      A null result gradient is zero; a null operand gradient means that the
      operand has none (integers, or all result gradients are null).
      `operandGrads` comes with one null entry per operand.  Operands may be
      used again in the gradient; results too.  Requires static shapes.
    }], "void", "buildVjp", (ins "::mlir::OpBuilder &":$builder,
      "::mlir::ValueRange":$resultGrads,
      "::llvm::MutableArrayRef<::mlir::Value>":$operandGrads)>];
}

def DS_EvaluableOpInterface : OpInterface<"EvaluableOpInterface"> {
  let cppNamespace = "::ds";
  let description = [{
    Answers: what does this op compute?  The slow and obvious definition that
    generated code is compared with; float64 throughout.  Whoever calls it rounds
    results of 16 bits to them, once.
  }];
  let methods = [InterfaceMethod<[{
      Computes the results of one rank.  `results` come with their shapes and
      zeros.
    }], "void", "evaluate", (ins "::llvm::ArrayRef<const ::ds::HostTensor *>":$operands,
      "::llvm::MutableArrayRef<::ds::HostTensor>":$results)>];
}

def DS_CollectiveOpInterface : OpInterface<"CollectiveOpInterface"> {
  let cppNamespace = "::ds";
  let description = [{
    Answers: what does this op compute over all ranks of its axis?  Not `Pure`:
    every rank must execute it.
  }];
  let methods = [InterfaceMethod<[{
      Computes every rank's result from every rank's operand.
    }], "void", "evaluateRanks", (ins "::llvm::ArrayRef<const ::ds::HostTensor *>":$operands,
      "::llvm::MutableArrayRef<::ds::HostTensor>":$results)>];
}

def DS_KernelOpInterface : OpInterface<"KernelOpInterface"> {
  let cppNamespace = "::ds";
  let description = [{
    Answers: how does generated code for this op run over its elements?
    Ops without this interface (products, collectives, views, state) never
    become part of a fused kernel.
  }];
  let methods = [
    InterfaceMethod<[{
      How the op walks its iteration space; see KernelKind.
    }], "::ds::KernelKind", "getKernelKind">,
    InterfaceMethod<[{
      The shape whose leading dimensions are split over threads: the op's
      whole iteration space, reduction dimensions included.
    }], "::llvm::SmallVector<int64_t>", "getIterationShape">,
    InterfaceMethod<[{
      Number of leading dimensions of the iteration shape that are rows: every
      result element depends on one row of each row-aligned operand.  For
      elementwise ops any smaller number of rows is right, too.
    }], "int64_t", "getRowRank">,
    InterfaceMethod<[{
      Writes the op as linalg.generic ops on tensors; `operands` are the
      lowered operands.  Scalar code is fastmath<nsz,arcp,contract,afn>, with
      reassoc where a row is folded: never assume away NaN or infinity, nor
      let them cancel.  A Scatter op gives three instead of its results: for
      each row whether it is inside (i1) and the place of its first column in
      the flat operand 0 (i64), and for each element the value, made by an op
      whose attribute `ds.combine` is "add", "mul", "min", "max" or "set".  A
      Copy op gives nothing and stays.
    }], "::mlir::LogicalResult", "lowerToLinalg", (ins "::mlir::OpBuilder &":$builder,
      "::mlir::ValueRange":$operands, "::llvm::SmallVectorImpl<::mlir::Value> &":$results)>,
    InterfaceMethod<[{
      Operands of the result's element type, when the op goes on computing with
      what it has stored of its result; none when it stores every element once,
      or what it stores again is exact.
    }], "::llvm::SmallVector<unsigned>", "getSummedOperands", (ins), "", [{ return {}; }]>,
    InterfaceMethod<[{
      Operands of an elementwise op with the first dimensions of its result: one
      element for each row.  All others have the last ones, and the op computes
      the same on any dimensions, as long as operands have theirs.  Failure
      where it does not.
    }], "::llvm::FailureOr<::llvm::SmallVector<unsigned>>", "getRowOperands", (ins), "", [{
      return ::llvm::SmallVector<unsigned>();
    }]>
  ];
}

def DS_FoldOpInterface : OpInterface<"FoldOpInterface"> {
  let cppNamespace = "::ds";
  let description = [{
    Answers: how is this fold of dimensions taken in parts?  A column sum folds
    the leading dimensions of its one operand, any other the trailing ones.  Parts
    are added up in another order than the whole; rounded is the whole alone.
  }];
  let methods = [InterfaceMethod<[{
      Folds `input`, which has the operand's elements or some of them, to `shape`.
    }], "::mlir::Value", "foldPart", (ins "::mlir::OpBuilder &":$builder, "::mlir::Value":$input,
      "::llvm::ArrayRef<int64_t>":$shape)>,
    InterfaceMethod<[{
      Folds what `foldPart` has made of all elements to the result.
    }], "::mlir::Value", "foldParts", (ins "::mlir::OpBuilder &":$builder, "::mlir::Value":$parts)>
  ];
}

def DS_DecomposableOpInterface : OpInterface<"DecomposableOpInterface"> {
  let cppNamespace = "::ds";
  let description = [{
    Answers: which simpler ds ops does this op consist of?  Used once, at the
    start of lowering, so that until then one op is one decision.
  }];
  let methods = [InterfaceMethod<[{
      Builds the replacement and returns its results.
    }], "::llvm::SmallVector<::mlir::Value>", "decompose", (ins "::mlir::OpBuilder &":$builder)>];
}

def DS_RowBlockOpInterface : OpInterface<"RowBlockOpInterface"> {
  let cppNamespace = "::ds";
  let description = [{
    Answers: what does this op compute of a block of rows?  A tensor's rows are
    its leading dimensions taken as one, so that a tensor too large to exist
    whole can pass through its producers and users a few rows at a time.
    Elementwise ops and column sums need not say it: their walk does.
  }];
  let methods = [
    InterfaceMethod<[{
      The part of each operand and result, when the leading `rank` dimensions
      of `rows`, one of them, are cut into blocks; failure when a block cannot
      be computed on its own.
    }], "::mlir::FailureOr<::ds::RowRoles>", "getRowRoles",
      (ins "::mlir::Value":$rows, "int64_t":$rank)>,
    InterfaceMethod<[{
      Computes one block.  Operands with the role `Rows` are [block, ...]: their
      rows as one dimension; so are results with that role, and `Mean` gives
      [block].  `sums` has, for each result with the role `Sum`, the sum over
      the blocks before, which this one is added to, or null in the first.
    }], "::llvm::SmallVector<::mlir::Value>", "buildRowBlock",
      (ins "::mlir::OpBuilder &":$builder, "const ::ds::RowRoles &":$roles,
      "::mlir::ValueRange":$operands, "::llvm::ArrayRef<::mlir::Value>":$sums)>,
    InterfaceMethod<[{
      The result with the role `Mean` from all rows, stacked.
    }], "::mlir::Value", "finishRows", (ins "::mlir::OpBuilder &":$builder, "::mlir::Value":$stacked),
      "", [{ llvm_unreachable("no result is a mean"); }]>
  ];
}

def DS_RandomOpInterface : OpInterface<"RandomOpInterface"> {
  let cppNamespace = "::ds";
  let description = [{
    Answers: does this op drop elements at random, and which?  `ds-build-train`
    tells it the place in the run when it trains, and takes it out elsewhere.
  }];
  let methods = [
    InterfaceMethod<"The dropout's name and probability; null: none.",
      "::ds::DropoutAttr", "getDropoutAttr">,
    InterfaceMethod<"Replaces name and probability.", "void", "setDropoutAttr", (ins "::ds::DropoutAttr":$dropout)>,
    InterfaceMethod<"Where masks are counted from: nothing, or seed, step and micro-batch.",
      "::mlir::MutableOperandRange", "getCounterMutable">,
    InterfaceMethod<[{
      Takes the dropout out and returns what then stands for the op's result:
      the result itself, or an operand.
    }], "::mlir::Value", "withoutDropout">
  ];
}

def DS_PrecisionOpInterface : OpInterface<"PrecisionOpInterface"> {
  let cppNamespace = "::ds";
  let description = [{
    Answers: which of this op's floats may be 16-bit ones when the model is
    computed in 16 bits?  Every op that takes tensors of floats says so.
  }];
  let methods = [InterfaceMethod<"What its operands and results become; see PrecisionClass.",
      "::ds::PrecisionClass", "getPrecisionClass">];
}
class DS_HasPrecision<string name> : ParamNativeOpTrait<"HasPrecision", "::ds::PrecisionClass::" # name> {
  let cppNamespace = "::ds";
}
class DS_Precision<string name> : TraitList<[DS_PrecisionOpInterface, DS_HasPrecision<name>]>;
// See PrecisionClass.
def Casts : DS_Precision<"Cast">;
def KeepsWide : DS_Precision<"Keep">;
def Follows : DS_Precision<"Follow">;
def AnyFloats : DS_Precision<"Any">;

def DS_OptimizerOpInterface : OpInterface<"OptimizerOpInterface"> {
  let cppNamespace = "::ds";
  let description = [{
    Answers: which state does this op update, from which gradient?  Operands are
    the parameter, its states, the gradient and then scalars; results the new
    parameter and the new states.  All of them have the parameter's shape.  The
    static methods speak for ops that are still to be built; `values` are their
    attributes, which `#ds.optimizer` holds.
  }];
  let methods = [
    InterfaceMethod<"What is trained.", "::mlir::OpOperand &", "getOldParameter", (ins), "",
      [{ return $_op->getOpOperand(0); }]>,
    InterfaceMethod<"What the optimizer keeps beside it.", "::mlir::MutableArrayRef<::mlir::OpOperand>",
      "getOldStates", (ins), "",
      [{ return $_op->getOpOperands().slice(1, $_op->getNumResults() - 1); }]>,
    InterfaceMethod<"The gradient.", "::mlir::OpOperand &", "getGradient", (ins), "",
      [{ return $_op->getOpOperand($_op->getNumResults()); }]>,
    InterfaceMethod<[{
      Operands and results are from now on this rank's of `count` shards of what
      they were.  Elementwise updates need not know.
    }], "void", "setSharded", (ins "::llvm::StringRef":$axis, "int64_t":$count), "",
      [{ return; }]>,
    StaticInterfaceMethod<"What the names of its states end in.",
      "::llvm::SmallVector<::llvm::StringRef>", "stateNames", (ins "::mlir::DictionaryAttr":$values)>,
    StaticInterfaceMethod<"The elements of its states before the first step.",
      "double", "initialState", (ins "::mlir::DictionaryAttr":$values), "", [{ return 0; }]>,
    StaticInterfaceMethod<"What it must know of the tensors in a unit.",
      "::ds::UpdateLayout", "layout", (ins), "", [{ return ::ds::UpdateLayout::Elementwise; }]>
  ];
}

def DS_ViewOpInterface : OpInterface<"ViewOpInterface"> {
  let cppNamespace = "::ds";
  let description = [{
    Marks ops whose results are windows of their operand's storage (`ds.reshape`,
    `ds.split`, `ds.unflatten`, ...) or whose operands can be written in place
    into the result's storage (`ds.concat`, `ds.flatten`): they cost nothing.
  }];
}

#endif
