//===- DSOpsLoop.td - Loops and branches of the model ------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A loop that is too long to be written out stays one op from import to plan:
// its body sees nothing of the outside but its arguments, so that passes treat
// it like any other op, and walk into it where they look at blocks.
//===----------------------------------------------------------------------===//
#ifndef DS_OPS_LOOP_TD
#define DS_OPS_LOOP_TD

def DS_LoopDoc : OpDocGroup { let summary = "Loops"; let description = "Rounds of a body, and branches."; }
let opDocGroup = DS_LoopDoc in {

def DS_ScanOp : DS_Op<"scan", [Pure, IsolatedFromAbove, SingleBlock, AttrSizedOperandSegments]> {
  let summary = "Runs its body once for each entry of stacked tensors";
  let description = [{
    Round n of `rounds` works on entry i = n, with `reversed` on the last one first.  The body's
    arguments are i, the carried values as the round before left them (`carry`: as they are at
    first), entry i of each tensor of `each`, and the tensors of `shared` whole.  It yields the
    carried values of the next round, and then entries i of the stacked results.  The results are
    the last carried values and the stacked results.

    **Requires:** at least one round; static types; stacked tensors whose first dimension is
    `rounds`; a body of ops that only compute, the same in every round (no dropout).
    **Ensures:** every entry of a stacked result is written once.
    **Gradient:** a `ds.scan` in the other direction.  The forward one stacks the carried values
    that each round begins with; from these a round of the backward one computes its inner values
    again.  So memory is `rounds` times what is carried, whatever the body holds, and time one body
    more.  Gradients of shared tensors are summed in a carry.  The entry number has none.

    ```mlir
    %last, %all = ds.scan 400 carry(%h) each(%xs) shared(%w)
        : (tensor<2x8xf32>, tensor<400x2x8xf32>, tensor<8x8xf32>)
        -> (tensor<2x8xf32>, tensor<400x2x8xf32>) {
    ^bb0(%i: tensor<i64>, %h0: tensor<2x8xf32>, %x: tensor<2x8xf32>, %w0: tensor<8x8xf32>):
      %a = ds.dot "bk,kn->bn" %h0, %w0 : (tensor<2x8xf32>, tensor<8x8xf32>) -> tensor<2x8xf32>
      %b = ds.add %a, %x : tensor<2x8xf32>, tensor<2x8xf32>
      %h1 = ds.tanh %b : tensor<2x8xf32>
      ds.yield %h1, %h1 : tensor<2x8xf32>, tensor<2x8xf32>
    }
    ```
  }];
  let arguments = (ins I64Attr:$rounds, UnitAttr:$reversed, Variadic<AnyRankedTensor>:$carry,
                       Variadic<AnyRankedTensor>:$each, Variadic<AnyRankedTensor>:$shared);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $rounds (`reversed` $reversed^)? (`carry` `(` $carry^ `)`)? (`each` `(` $each^ `)`)?
    (`shared` `(` $shared^ `)`)? attr-dict `:` functional-type(operands, $results) $body
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let hasCanonicalizer = 1;
  let builders = [OpBuilder<(ins "int64_t":$rounds, "bool":$reversed, "::mlir::ValueRange":$carry,
    "::mlir::ValueRange":$each, "::mlir::ValueRange":$shared, "::mlir::TypeRange":$outputs)>];
  let extraClassDeclaration = [{
    /// The body's arguments by what they are.
    ::mlir::BlockArgument getEntryNumber() { return getBody().getArgument(0); }
    ::mlir::Block::BlockArgListType getCarryArgs() { return arguments(1, getCarry().size()); }
    ::mlir::Block::BlockArgListType getEachArgs() {
      return arguments(1 + getCarry().size(), getEach().size());
    }
    ::mlir::Block::BlockArgListType getSharedArgs() {
      return arguments(1 + getCarry().size() + getEach().size(), getShared().size());
    }
    /// The last carried values, and the results that are stacked.
    ::mlir::ResultRange getLasts() { return getResults().take_front(getCarry().size()); }
    ::mlir::ResultRange getStacks() { return getResults().drop_front(getCarry().size()); }
    /// What a round yields for them.
    ::mlir::OperandRange getNexts() { return yielded().take_front(getCarry().size()); }
    ::mlir::OperandRange getEntries() { return yielded().drop_front(getCarry().size()); }

    /// The type of `rounds` entries, and of one of them.
    static ::mlir::RankedTensorType stackOf(::mlir::Type entry, int64_t rounds);
    static ::mlir::RankedTensorType entryOf(::mlir::Type stack);

  private:
    ::mlir::Block::BlockArgListType arguments(size_t first, size_t count) {
      return getBody().getArguments().slice(first, count);
    }
    ::mlir::OperandRange yielded() { return getBody().front().getTerminator()->getOperands(); }

  public:
  }];
}

def DS_YieldOp : DS_Op<"yield", [Pure, Terminator, HasParent<"::ds::ScanOp">]> {
  let summary = "What a round gives";
  let description = [{
    Ends the body of `ds.scan`: the carried values of the next round, then one entry of each stacked
    result.

    **Requires:** the types that the scan expects.
    **Ensures:** values are passed on as if all at once: two carried ones may change places.

    ```mlir
    %all = ds.scan 400 each(%xs) : (tensor<400x8xf32>) -> tensor<400x8xf32> {
    ^bb0(%i: tensor<i64>, %x: tensor<8xf32>):
      %y = ds.tanh %x : tensor<8xf32>
      ds.yield %y : tensor<8xf32>
    }
    ```
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
}

def DS_GuardOp : DS_Op<"guard", [Pure, Follows, DeclareOpInterfaceMethods<DS_EvaluableOpInterface>,
    DeclareOpInterfaceMethods<DS_DifferentiableOpInterface>,
    TypesMatchWith<"result has the input's type", "input", "result", "$_self">]> {
  let summary = "An operand of a branch, which may be the one not taken";
  let description = [{
    The input itself.  Both branches of a choice are computed, and one is selected.  The gradient
    that the other one gives its operands need not be zero, but NaN: 0 times infinity.  This is
    where it is dropped.  Exists until `ds-build-train` has built gradients.

    **Requires:** a truth value of rank 0.
    **Ensures:** the input, whatever the condition.
    **Gradient:** the result's where the condition holds, else zeros.

    ```mlir
    %y = ds.guard %taken, %x : tensor<i1>, tensor<2x8xf32>
    ```
  }];
  let arguments = (ins 0DTensorOf<[I1]>:$condition, AnyRankedTensor:$input);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$condition `,` $input attr-dict `:` type($condition) `,` type($input)";
}
}

#endif
