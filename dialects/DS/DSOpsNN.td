//===- DSOpsNN.td - Layers and their gradients -------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Gradient ops recompute what a row needs (mean, variance, softmax) instead of
// keeping it: the row is in the cache anyway.
//===----------------------------------------------------------------------===//
#ifndef DS_OPS_NN_TD
#define DS_OPS_NN_TD

class DS_LayerOp<string mnemonic, list<Trait> traits = []> : DS_Op<mnemonic, !listconcat([Pure,
    DeclareOpInterfaceMethods<DS_EvaluableOpInterface>], traits)>;
defvar Diff = DeclareOpInterfaceMethods<DS_DifferentiableOpInterface>;
defvar Kernel = DeclareOpInterfaceMethods<DS_KernelOpInterface>;
defvar Decompose = DeclareOpInterfaceMethods<DS_DecomposableOpInterface>;
defvar RowBlocks = DeclareOpInterfaceMethods<DS_RowBlockOpInterface>;

def DS_NNDoc : OpDocGroup { let summary = "Layers"; let description = "Neural-network ops and their gradients."; }
let opDocGroup = DS_NNDoc in {

def DS_EmbeddingOp : DS_LayerOp<"embedding", [Casts, Diff, Kernel]> {
  let summary = "Rows of a table: result[..., :] = table[ids[...], :]";
  let description = [{
    Looks tokens and positions up.  The width is the table's second dimension.

    **Requires:** a table [rows, width], i32 ids [...] and a result [..., width] of the table's
    element type.
    **Ensures:** an id outside [0, rows) gives a row of NaN: a loss then shows the fault.
    **Gradient:** `ds.embedding_grad` into zeros; ids have none.

    ```mlir
    %x = ds.embedding %wte, %tokens : (tensor<50257x768xf32>, tensor<4x256xi32>) -> tensor<4x256x768xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$table, AnyRankedTensor:$ids);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$table `,` $ids attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}
def DS_EmbeddingGradOp : DS_LayerOp<"embedding_grad", [
    Casts, DeclareOpInterfaceMethods<DS_KernelOpInterface, ["getSummedOperands"]>]> {
  let summary = "Adds gradient rows into a table";
  let description = [{
    result = into; result[ids[...], :] += grad[..., :], in token order, so that the
    sum does not depend on threads.

    **Requires:** `into` and the result of one type [rows, width], i32 ids [...], grad [..., width].
    **Ensures:** updates `into` in place when that dies here.

    ```mlir
    %d = ds.embedding_grad %zeros, %tokens, %g
        : (tensor<50257x768xf32>, tensor<4x256xi32>, tensor<4x256x768xf32>) -> tensor<50257x768xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$into, AnyRankedTensor:$ids, AnyRankedTensor:$grad);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$into `,` $ids `,` $grad attr-dict `:` functional-type(operands, results)";
}

def DS_LayerNormOp : DS_LayerOp<"layer_norm", [Follows, Diff, Kernel,
    TypesMatchWith<"result has the input's type", "input", "result", "$_self">]> {
  let summary = "Layer normalization over the last dimension";
  let description = [{
    (x - mean) / sqrt(variance + eps) * scale + bias for each row; the variance is divided by the row's length.

    **Requires:** an input of rank 1 or more; scale and bias of rank 1 with its last dimension.
    **Ensures:** the input's type; one pass over each row that is in the cache.
    **Gradient:** `ds.layer_norm_grad`, from the input: nothing else is kept.

    ```mlir
    %y = ds.layer_norm %x, %scale, %bias eps 1.0e-5 : tensor<4x256x768xf32>, tensor<768xf32>, tensor<768xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$scale, AnyRankedTensor:$bias, F64Attr:$eps);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input `,` $scale `,` $bias `eps` $eps "
                       "attr-dict `:` type($input) `,` type($scale) `,` type($bias)";
  let hasVerifier = 1;
}
def DS_LayerNormGradOp : DS_LayerOp<"layer_norm_grad", [Follows, Decompose,
    TypesMatchWith<"dinput has the input's type", "input", "dinput", "$_self">,
    TypesMatchWith<"grad has the input's type", "input", "grad", "$_self">,
    TypesMatchWith<"dscale has the scale's type", "scale", "dscale", "$_self">,
    TypesMatchWith<"dbias has the scale's type", "scale", "dbias", "$_self">]> {
  let summary = "Gradients of ds.layer_norm in input, scale and bias";
  let description = [{
    Mean and variance are computed again.

    **Requires:** operands as `ds.layer_norm` has them, and `grad` of the input's type.
    **Ensures:** `dinput` of the input's type, `dscale` and `dbias` of the scale's: sums over
    all rows.  `ds-decompose` makes parts of it.

    ```mlir
    %dx, %dscale, %dbias = ds.layer_norm_grad %x, %scale, %g eps 1.0e-5 : tensor<4x256x768xf32>, tensor<768xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$scale, AnyRankedTensor:$grad, F64Attr:$eps);
  let results = (outs AnyRankedTensor:$dinput, AnyRankedTensor:$dscale, AnyRankedTensor:$dbias);
  let assemblyFormat = "$input `,` $scale `,` $grad `eps` $eps attr-dict `:` type($input) `,` type($scale)";
}
def DS_RmsNormOp : DS_LayerOp<"rms_norm", [Follows, Diff, Kernel,
    TypesMatchWith<"result has the input's type", "input", "result", "$_self">]> {
  let summary = "x / sqrt(mean(x^2) + eps) * scale over the last dimension";
  let description = [{
    Llama's norm: no mean, no bias.

    **Requires:** an input of rank 1 or more; a scale of rank 1 with its last dimension.
    **Ensures:** the input's type.
    **Gradient:** `ds.rms_norm_grad`, from the input.

    ```mlir
    %y = ds.rms_norm %x, %scale eps 1.0e-5 : tensor<4x256x768xf32>, tensor<768xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$scale, F64Attr:$eps);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input `,` $scale `eps` $eps attr-dict `:` type($input) `,` type($scale)";
  let hasVerifier = 1;
}
def DS_RmsNormGradOp : DS_LayerOp<"rms_norm_grad", [Follows, Decompose,
    TypesMatchWith<"dinput has the input's type", "input", "dinput", "$_self">,
    TypesMatchWith<"grad has the input's type", "input", "grad", "$_self">,
    TypesMatchWith<"dscale has the scale's type", "scale", "dscale", "$_self">]> {
  let summary = "Gradients of ds.rms_norm in input and scale";
  let description = [{
    The mean of squares is computed again.

    **Requires:** operands as `ds.rms_norm` has them, and `grad` of the input's type.
    **Ensures:** `dinput` of the input's type, `dscale` of the scale's: a sum over all rows.
    `ds-decompose` makes parts of it.

    ```mlir
    %dx, %dscale = ds.rms_norm_grad %x, %scale, %g eps 1.0e-5 : tensor<4x256x768xf32>, tensor<768xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$scale, AnyRankedTensor:$grad, F64Attr:$eps);
  let results = (outs AnyRankedTensor:$dinput, AnyRankedTensor:$dscale);
  let assemblyFormat = "$input `,` $scale `,` $grad `eps` $eps attr-dict `:` type($input) `,` type($scale)";
}

// What the norm gradients decompose into.
def DS_NormStatsOp : DS_LayerOp<"norm_stats", [AnyFloats, Kernel]> {
  let summary = "Mean and 1/sqrt(variance + eps) of each row";
  let description = [{
    The first part of a norm's gradient.

    **Requires:** an input of rank 1 or more; results with all its dimensions but the last.
    **Ensures:** with `rms` the mean is 0 and rstd is 1/sqrt(mean(x^2) + eps).

    ```mlir
    %mean, %rstd = ds.norm_stats %x eps 1.0e-5 : tensor<4x768xf32> -> tensor<4xf32>, tensor<4xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, F64Attr:$eps, UnitAttr:$rms);
  let results = (outs AnyRankedTensor:$mean, AnyRankedTensor:$rstd);
  let assemblyFormat = "$input `eps` $eps attr-dict `:` type($input) `->` type($mean) `,` type($rstd)";
}
def DS_NormInputGradOp : DS_LayerOp<"norm_input_grad", [Follows, Kernel,
    TypesMatchWith<"result has the input's type", "input", "result", "$_self">]> {
  let summary = "Gradient of a norm in its input";
  let description = [{
    With h = (x - mean) * rstd and g = grad * scale:
    result = rstd * (g - mean(g) - h * mean(g * h)); with `rms` without mean(g).

    **Requires:** a scale of the rows' length, `grad` of the input's shape, and one mean and rstd
    per row, from `ds.norm_stats`.
    **Ensures:** the input's type; rows do not depend on each other.

    ```mlir
    %dx = ds.norm_input_grad %x, %scale, %g, %mean, %rstd
        : tensor<4x768xf32>, tensor<768xf32>, tensor<4x768xf32>, tensor<4xf32>, tensor<4xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$scale, AnyRankedTensor:$grad,
                       AnyRankedTensor:$mean, AnyRankedTensor:$rstd, UnitAttr:$rms);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input `,` $scale `,` $grad `,` $mean `,` $rstd "
                       "attr-dict `:` type($input) `,` type($scale) `,` type($grad) `,` type($mean) `,` type($rstd)";
}
def DS_NormalizeOp : DS_LayerOp<"normalize", [Follows, Kernel,
    TypesMatchWith<"result has the input's type", "input", "result", "$_self">]> {
  let summary = "(x - mean) * rstd with one mean and rstd per row";
  let description = [{
    What the gradient in the scale is multiplied with.

    **Requires:** one mean and rstd per row of the input, from `ds.norm_stats`.
    **Ensures:** the input's type.

    ```mlir
    %h = ds.normalize %x, %mean, %rstd : tensor<4x768xf32>, tensor<4xf32>, tensor<4xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$mean, AnyRankedTensor:$rstd);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input `,` $mean `,` $rstd attr-dict `:` type($input) `,` type($mean) `,` type($rstd)";
  let extraClassDeclaration = [{ ::llvm::FailureOr<::llvm::SmallVector<unsigned>> getRowOperands(); }];
}

def DS_RotaryOp : DS_LayerOp<"rotary", [Follows, Diff, Kernel,
    TypesMatchWith<"result has the input's type", "input", "result", "$_self">]> {
  let summary = "Rotates the pairs of each head by its position";
  let description = [{
    Pair (i, i + d/2) by the angle position * frequency_i:
    result[i] = x[i] cos - x[i+d/2] sin; result[i+d/2] = x[i+d/2] cos + x[i] sin,
    cos and sin being those of the row's position.  With `inverse` the angle is
    negated.

    **Requires:** an input [batch, seq, heads, d]; `cos` and `sin` of one type [positions, d/2]
    with positions >= seq.
    **Ensures:** the input's type and length: a rotation.
    **Gradient:** the rotation back: `inverse` turned over; tables have none.

    ```mlir
    %y = ds.rotary %x, %cos, %sin : tensor<2x8x4x16xf32>, tensor<32x8xf32>, tensor<32x8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$cos, AnyRankedTensor:$sin, UnitAttr:$inverse);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input `,` $cos `,` $sin attr-dict `:` type($input) `,` type($cos) `,` type($sin)";
  let hasVerifier = 1;
}
def DS_RotaryTableOp : DS_LayerOp<"rotary_table"> {
  let summary = "cos or sin of position * theta^(-2i/d), as a constant";
  let description = [{
    In float32 steps as Hugging Face computes them, so that its weights behave the same.  Scaled
    `frequencies` take the place of theta^(-2i/d).

    **Requires:** function "cos" or "sin", a positive theta, d/2 finite `frequencies` or none, and a
    result [positions, d/2].
    **Ensures:** a constant of the plan.  Without gradient.

    ```mlir
    %cos = ds.rotary_table "cos" theta 10000.0 : tensor<32x8xf32>
    ```
  }];
  let arguments = (ins StrAttr:$function, F64Attr:$theta, OptionalAttr<DenseF32ArrayAttr>:$frequencies);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$function `theta` $theta (`frequencies` $frequencies^)? attr-dict `:` type($result)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{ /// The table's float32 values, row-major.
    std::vector<float> getValues(); }];
}

def DS_AttentionOp : DS_LayerOp<"attention", [Casts, Diff, Decompose, DeclareOpInterfaceMethods<DS_RandomOpInterface,
    ["withoutDropout"]>,
    TypesMatchWith<"result has the query's type", "query", "result", "$_self">]> {
  let summary = "softmax(scale * q k^T) v per head";
  let description = [{
    Query head h reads key head h / (heads / kv_heads).  With `causal` position s
    sees positions <= s.  With `dropout` probabilities are dropped as by `ds.dropout`: element
    (h * seq + s) * seq + t is head h's at (s, t).

    **Requires:** query [batch, seq, heads, d]; key and value of one type [batch, seq, kv_heads,
    d]; kv_heads divides heads; equal element types.
    **Ensures:** the query's type.  One op until `ds-decompose`, so that one decision is about
    all of it; then blocks of 128 queries with the keys that they see, so that memory is linear
    in seq.
    **Gradient:** `ds.attention_grad`, from the operands.

    ```mlir
    %y = ds.attention %q, %k, %v scale 0.25 {causal} : tensor<2x8x4x16xf32>, tensor<2x8x2x16xf32>, tensor<2x8x2x16xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$query, AnyRankedTensor:$key, AnyRankedTensor:$value,
                       Variadic<DS_ScalarI64>:$counter, F64Attr:$scale, UnitAttr:$causal,
                       OptionalAttr<DS_DropoutAttr>:$dropout);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$query `,` $key `,` $value `scale` $scale (`dropout` $dropout^)? (`at` `(` $counter^ `)`)? "
                       "attr-dict `:` type($query) `,` type($key) `,` type($value)";
  let hasVerifier = 1;
}
def DS_AttentionGradOp : DS_LayerOp<"attention_grad", [Casts, Decompose,
    TypesMatchWith<"grad has the query's type", "query", "grad", "$_self">,
    TypesMatchWith<"dquery has the query's type", "query", "dquery", "$_self">,
    TypesMatchWith<"dkey has the key's type", "key", "dkey", "$_self">,
    TypesMatchWith<"dvalue has the value's type", "value", "dvalue", "$_self">]> {
  let summary = "Gradients of ds.attention; the scores are computed again";
  let description = [{
    Scores and probabilities are computed again rather than kept.

    **Requires:** operands as `ds.attention` has them, and `grad` of the query's type.
    **Ensures:** gradients of the operands' types; heads that share a key head are summed.

    ```mlir
    %dq, %dk, %dv = ds.attention_grad %q, %k, %v, %g scale 0.25 {causal}
        : tensor<2x8x4x16xf32>, tensor<2x8x2x16xf32>, tensor<2x8x2x16xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$query, AnyRankedTensor:$key, AnyRankedTensor:$value,
                       AnyRankedTensor:$grad, Variadic<DS_ScalarI64>:$counter, F64Attr:$scale, UnitAttr:$causal,
                       OptionalAttr<DS_DropoutAttr>:$dropout);
  let results = (outs AnyRankedTensor:$dquery, AnyRankedTensor:$dkey, AnyRankedTensor:$dvalue);
  let assemblyFormat = "$query `,` $key `,` $value `,` $grad `scale` $scale (`dropout` $dropout^)? "
                       "(`at` `(` $counter^ `)`)? "
                       "attr-dict `:` type($query) `,` type($key) `,` type($value)";
}

def DS_FlashAttentionOp : DS_LayerOp<"flash_attention", [
    TypesMatchWith<"value has the key's type", "key", "value", "$_self">,
    TypesMatchWith<"result has the query's type", "query", "result", "$_self">,
    TypesMatchWith<"logsumexp has a float32 for each row of the query", "query", "logsumexp",
                   "rowStatisticType($_self)">]> {
  let summary = "Attention as one kernel, and each row's log of sums";
  let description = [{
    What `ds-flash-attention` makes of `ds.attention` where the target has a kernel for all of it.  Nothing of
    the size of the scores is ever in memory: keys are taken tile by tile, and sums are scaled whenever a
    larger score comes (Dao et al., FlashAttention-2, 2023).  `logsumexp` is log(sum_t exp(scale * score_t)) over
    what a query sees, which is all that the gradient needs of the scores.

    **Requires:** operands as `ds.attention` has them.
    **Ensures:** `result` has the query's type, `logsumexp` is float32 [batch, seq, heads].

    ```mlir
    %y, %lse = ds.flash_attention %q, %k, %v scale 0.25 {causal} : tensor<2x8x4x16xbf16>, tensor<2x8x2x16xbf16>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$query, AnyRankedTensor:$key, AnyRankedTensor:$value, F64Attr:$scale,
                       UnitAttr:$causal);
  let results = (outs AnyRankedTensor:$result, AnyRankedTensor:$logsumexp);
  let assemblyFormat = "$query `,` $key `,` $value `scale` $scale attr-dict `:` type($query) `,` type($key)";
  let hasVerifier = 1;
}
def DS_FlashAttentionGradOp : DS_LayerOp<"flash_attention_grad", [
    TypesMatchWith<"value has the key's type", "key", "value", "$_self">,
    TypesMatchWith<"grad has the query's type", "query", "grad", "$_self">,
    TypesMatchWith<"logsumexp has a float32 for each row of the query", "query", "logsumexp",
                   "rowStatisticType($_self)">,
    TypesMatchWith<"delta has a float32 for each row of the query", "query", "delta", "rowStatisticType($_self)">,
    TypesMatchWith<"dquery has the query's type", "query", "dquery", "$_self">,
    TypesMatchWith<"dkey has the key's type", "key", "dkey", "$_self">,
    TypesMatchWith<"dvalue has the key's type", "key", "dvalue", "$_self">]> {
  let summary = "Gradients of ds.flash_attention, from its statistics";
  let description = [{
    Probabilities are computed again, exp(scale * score - logsumexp), tile by tile.  `delta` is the sum of
    result * grad over each row, which is the mean of the probabilities' gradients under them.

    **Requires:** operands as `ds.flash_attention` has them, `grad` of the query's type; `logsumexp` of the forward
    op and `delta` float32 [batch, seq, heads].
    **Ensures:** gradients of the operands' types; heads that share a key head are summed.

    ```mlir
    %dq, %dk, %dv = ds.flash_attention_grad %q, %k, %v, %g, %lse, %delta scale 0.25 {causal}
        : tensor<2x8x4x16xbf16>, tensor<2x8x2x16xbf16>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$query, AnyRankedTensor:$key, AnyRankedTensor:$value, AnyRankedTensor:$grad,
                       AnyRankedTensor:$logsumexp, AnyRankedTensor:$delta, F64Attr:$scale, UnitAttr:$causal);
  let results = (outs AnyRankedTensor:$dquery, AnyRankedTensor:$dkey, AnyRankedTensor:$dvalue);
  let assemblyFormat = "$query `,` $key `,` $value `,` $grad `,` $logsumexp `,` $delta `scale` $scale attr-dict `:` "
                       "type($query) `,` type($key)";
  let hasVerifier = 1;
}

def DS_SoftmaxOp : DS_LayerOp<"softmax", [Follows, Diff, Kernel,
    TypesMatchWith<"result has the input's type", "input", "result", "$_self">]> {
  let summary = "softmax(scale * x) over the last dimension";
  let description = [{
    A part of attention, on rows [..., s, t].  With `causal` the last row sees all
    elements and each one before it one less; what is not seen is 0.  The rows may
    be the last of more: a block of queries.

    **Requires:** an input of rank 1 or more, with `causal` of rank 2 or more and at least as
    wide as it has rows.
    **Ensures:** the input's type; each row sums to 1.  The row's maximum is subtracted first:
    no overflow.
    **Gradient:** `ds.softmax_grad`, from the result.

    ```mlir
    %p = ds.softmax %scores scale 0.25 {causal} : tensor<2x4x8x8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, F64Attr:$scale, UnitAttr:$causal);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input `scale` $scale attr-dict `:` type($input)";
  let hasVerifier = 1;
}
def DS_SoftmaxGradOp : DS_LayerOp<"softmax_grad", [Follows, Kernel,
    TypesMatchWith<"grad has the result's type", "probabilities", "grad", "$_self">,
    TypesMatchWith<"result has the probabilities' type", "probabilities", "result", "$_self">]> {
  let summary = "scale * p * (grad - sum(p * grad)) over the last dimension";
  let description = [{
    A part of attention's gradient, from the softmax's result.

    **Requires:** `probabilities` and `grad` of one type.
    **Ensures:** that type; 0 where the probability is 0.

    ```mlir
    %dscores = ds.softmax_grad %p, %g scale 0.25 : tensor<2x4x8x8xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$probabilities, AnyRankedTensor:$grad, F64Attr:$scale);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$probabilities `,` $grad `scale` $scale attr-dict `:` type($probabilities)";
}

def DS_CrossEntropyOp : DS_LayerOp<"cross_entropy", [AnyFloats, Diff, Decompose,
    DeclareOpInterfaceMethods<DS_RowBlockOpInterface, ["finishRows"]>]> {
  let summary = "Mean over all rows of logsumexp(logits) - logits[target]";
  let description = [{
    The loss of language models: rows are all but the last dimension.  A row whose target is
    `ignore` counts as 0, but counts: padding, say.  With `classes` only the first so many columns
    are classes; the others are padding, too, and not looked at.

    **Requires:** logits [..., classes], i32 targets [...] and a floating-point scalar as result;
    `classes` from 1 to the number of columns.
    **Ensures:** rows are added in float64; a target outside [0, classes) gives NaN.
    **Gradient:** `ds.cross_entropy_grad` in the logits; targets have none.

    ```mlir
    %loss = ds.cross_entropy %logits, %targets : (tensor<4x256x50257xf32>, tensor<4x256xi32>) -> tensor<f32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$logits, AnyRankedTensor:$targets, OptionalAttr<I64Attr>:$ignore,
                       OptionalAttr<I64Attr>:$classes);
  let results = (outs AnyRankedTensor:$loss);
  let assemblyFormat = "$logits `,` $targets (`ignore` $ignore^)? (`classes` $classes^)? attr-dict `:` "
                       "functional-type(operands, results)";
  let hasVerifier = 1;
}
def DS_CrossEntropyRowsOp : DS_LayerOp<"cross_entropy_rows", [AnyFloats, Kernel]> {
  let summary = "logsumexp(logits) - logits[target] of each row";
  let description = [{
    The part of `ds.cross_entropy` before the mean; 0 where the target is `ignore`.  `classes` as
    there.

    **Requires:** logits [..., classes], i32 targets [...], a result of the targets' shape.
    **Ensures:** the row's maximum is subtracted first: no overflow; a target outside
    [0, classes) gives NaN.

    ```mlir
    %rows = ds.cross_entropy_rows %logits, %targets : (tensor<4x256x50257xf32>, tensor<4x256xi32>) -> tensor<4x256xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$logits, AnyRankedTensor:$targets, OptionalAttr<I64Attr>:$ignore,
                       OptionalAttr<I64Attr>:$classes);
  let results = (outs AnyRankedTensor:$losses);
  let assemblyFormat = "$logits `,` $targets (`ignore` $ignore^)? (`classes` $classes^)? attr-dict `:` "
                       "functional-type(operands, results)";
  let hasVerifier = 1;
}
def DS_CrossEntropyGradOp : DS_LayerOp<"cross_entropy_grad", [AnyFloats, Kernel, RowBlocks,
    TypesMatchWith<"result has the logits' type", "logits", "result", "$_self">]> {
  let summary = "Gradient of ds.cross_entropy in the logits";
  let description = [{
    (softmax(logits) - onehot(target)) * grad / rows.  `rows` are those of the
    logits, unless an attribute says that these are a block of more.  0 where
    the target is `ignore`, and in columns that are not `classes`.

    **Requires:** logits [..., classes], i32 targets [...] and `grad`, the loss's, of rank 0;
    `rows` at least the logits' own.
    **Ensures:** the logits' type; in place when they die here.

    ```mlir
    %d = ds.cross_entropy_grad %logits, %targets, %g : tensor<4x256x50257xf32>, tensor<4x256xi32>, tensor<f32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$logits, AnyRankedTensor:$targets, AnyRankedTensor:$grad,
                       OptionalAttr<I64Attr>:$rows, OptionalAttr<I64Attr>:$ignore,
                       OptionalAttr<I64Attr>:$classes);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$logits `,` $targets `,` $grad (`of` $rows^ `rows`)? (`ignore` $ignore^)? "
                       "(`classes` $classes^)? attr-dict `:` type($logits) `,` type($targets) `,` type($grad)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{ /// What the mean divides by.
    int64_t getAllRows(); }];
}

def DS_ScheduleValueOp : DS_LayerOp<"schedule_value", [Decompose]> {
  let summary = "What a schedule says of a step: a rate or a momentum";
  let description = [{
    `step` counts from 0 and is state: a run that goes on from a checkpoint goes
    on with the schedule.  `#ds.schedule` has the formulas.

    **Requires:** an int64 scalar.
    **Ensures:** a float64 scalar; a constant schedule folds into a constant.
    Exists until `ds-decompose`, which makes scalar arithmetic of it.

    ```mlir
    %lr = ds.schedule_value %step <after 0 : linear 0.001 to 0.0 in 900> : tensor<i64>
    ```
  }];
  let arguments = (ins 0DTensorOf<[I64]>:$step, DS_ScheduleAttr:$schedule);
  let results = (outs DS_ScalarF64:$value);
  let assemblyFormat = "$step $schedule attr-dict `:` type($step)";
  let hasFolder = 1;
}
}

#endif
