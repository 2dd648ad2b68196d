//===- DSOpsPrecision.td - Loss scaling and rounding -------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#ifndef DS_OPS_PRECISION_TD
#define DS_OPS_PRECISION_TD

def DS_PrecisionDoc : OpDocGroup {
  let summary = "Precision";
  let description = "What 16-bit numbers need: loss scaling and rounding.";
}

def DS_LossScaleAttr : DS_Attr<"LossScale", "loss_scale"> {
  let summary = "The factor of a loss whose gradients are 16-bit";
  let description = [{
    With `window` 0 it is always `initial`.  Otherwise it begins there and is
    halved when gradients overflow, but not below `smallest`: the first
    `hysteresis` - 1 overflows only use that patience up.  When steps went well
    `window` times in a row, the next good one doubles it and restores the
    patience; with `consecutive` every good step restores it.

    ```mlir
    #ds.loss_scale<initial = 65536.0, window = 1000, hysteresis = 2, consecutive = false, smallest = 1.0>
    ```
  }];
  let parameters = (ins "::mlir::FloatAttr":$initial, "int64_t":$window, "int64_t":$hysteresis,
                        "bool":$consecutive, "::mlir::FloatAttr":$smallest);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{ /// Whether it changes.
    bool isDynamic() const { return getWindow() != 0; }
  }];
}

let opDocGroup = DS_PrecisionDoc in {

def DS_NextLossScaleOp : DS_LayerOp<"next_loss_scale", [Decompose]> {
  let summary = "The loss scale behind a step, by whether it overflowed";
  let description = [{
    `#ds.loss_scale` says what happens.  `good` counts good steps since the last
    overflow, and from 1 on when the scale was doubled; all state is float64, and
    exact.  `exhausted` is 1 when the step overflowed at the smallest scale with
    no patience left, else 0.

    **Requires:** an `overflow` of 0 or 1, a dynamic scale.
    **Ensures:** float64 scalars.  Exists until `ds-decompose`, which makes scalar arithmetic of
    it.

    ```mlir
    %s, %h, %g, %bad = ds.next_loss_scale %scale, %patience, %good overflow %skip
        <initial = 16.0, window = 2, hysteresis = 1, consecutive = false, smallest = 1.0>
    ```
  }];
  let arguments = (ins DS_ScalarF64:$scale, DS_ScalarF64:$patience, DS_ScalarF64:$good, DS_ScalarF64:$overflow,
                       DS_LossScaleAttr:$rule);
  let results = (outs DS_ScalarF64:$next, DS_ScalarF64:$new_patience, DS_ScalarF64:$new_good,
                      DS_ScalarF64:$exhausted);
  let assemblyFormat = "$scale `,` $patience `,` $good `overflow` $overflow $rule attr-dict";
  let hasVerifier = 1;
}

// What the two rounding ops compute, for a tensor of `rank` dimensions.
class DS_RoundingOp<string mnemonic, list<Trait> traits> : DS_LayerOp<mnemonic, !listconcat([KeepsWide], traits)> {
  let arguments = (ins RankedTensorOf<[F32]>:$input, DS_KeyType:$key, DS_ScalarI64:$seed, DS_ScalarI64:$step,
                       DS_ScalarI64:$first);
  let results = (outs RankedTensorOf<[BF16]>:$result);
  let assemblyFormat = "$input `key` $key `at` `(` $seed `,` $step `)` `from` $first attr-dict "
                       "`:` type($input) `->` type($result)";
  let hasVerifier = 1;
}
def DS_StochasticRoundOp : DS_RoundingOp<"stochastic_round", [Decompose]> {
  let summary = "Rounds to bfloat16, up or down at random";
  let description = [{
    Of the two bfloat16 numbers around x it is the one further from zero with the
    probability of how near x is to that one, so that the expectation is x.  Element i
    draws word i + `first` of the stream of `key`, `seed` and `step` as `#ds.dropout` counts,
    in sample 0: its bits do not depend on shards.

    **Requires:** a flat float32 tensor and a result of its shape.
    **Ensures:** bfloat16 numbers stay what they are, and so do infinities and NaN.

    ```mlir
    %k = ds.constant dense<[1, 2]> : tensor<2xi32>
    %y = ds.stochastic_round %x key %k at (%seed, %step) from %zero : tensor<1024xf32> -> tensor<1024xbf16>
    ```
  }];
}
def DS_StochasticRoundRowsOp : DS_RoundingOp<"stochastic_round_rows", [Kernel]> {
  let summary = "ds.stochastic_round of elements that stand in rows";
  let description = [{
    What `ds.stochastic_round` becomes: element (r, c) of [rows, n] is number r * n + c.

    **Requires:** a float32 tensor [rows, n] and a result of its shape.
    **Ensures:** as `ds.stochastic_round`.

    ```mlir
    %k = ds.constant dense<[1, 2]> : tensor<2xi32>
    %y = ds.stochastic_round_rows %x key %k at (%seed, %step) from %zero : tensor<2x512xf32> -> tensor<2x512xbf16>
    ```
  }];
}
}

#endif
