//===- DSOpsNN.td - Layers and their gradients -------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Gradient ops recompute what a row needs (mean, variance, softmax) instead of
// keeping it: the row is in the cache anyway.
//===----------------------------------------------------------------------===//
#ifndef DS_OPS_NN_TD
#define DS_OPS_NN_TD

def DS_NNDoc : OpDocGroup { let summary = "Layers"; let description = "Neural-network ops and their gradients."; }
let opDocGroup = DS_NNDoc in {

class DS_LayerOp<string mnemonic, list<Trait> traits = []> : DS_Op<mnemonic, !listconcat([Pure,
    DeclareOpInterfaceMethods<DS_EvaluableOpInterface>], traits)>;
defvar Diff = DeclareOpInterfaceMethods<DS_DifferentiableOpInterface>;
defvar Kernel = DeclareOpInterfaceMethods<DS_KernelOpInterface>;
defvar Decompose = DeclareOpInterfaceMethods<DS_DecomposableOpInterface>;

def DS_EmbeddingOp : DS_LayerOp<"embedding", [Diff, Kernel]> {
  let summary = "Rows of a table: result[..., :] = table[ids[...], :]";
  let arguments = (ins AnyRankedTensor:$table, AnyRankedTensor:$ids);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$table `,` $ids attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}
def DS_EmbeddingGradOp : DS_LayerOp<"embedding_grad", [Kernel]> {
  let summary = "Adds gradient rows into a table: result = into; result[ids[...], :] += grad[..., :]";
  let description = [{
    In token order, so that the sum does not depend on threads.  Updates
    `into` in place when that dies here.
  }];
  let arguments = (ins AnyRankedTensor:$into, AnyRankedTensor:$ids, AnyRankedTensor:$grad);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$into `,` $ids `,` $grad attr-dict `:` functional-type(operands, results)";
}

def DS_LayerNormOp : DS_LayerOp<"layer_norm", [Diff, Kernel,
    TypesMatchWith<"result has the input's type", "input", "result", "$_self">]> {
  let summary = "(x - mean) / sqrt(variance + eps) * scale + bias over the last dimension";
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$scale, AnyRankedTensor:$bias, F64Attr:$eps);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input `,` $scale `,` $bias `eps` $eps attr-dict `:` type($input) `,` type($scale) `,` type($bias)";
  let hasVerifier = 1;
}
def DS_LayerNormGradOp : DS_LayerOp<"layer_norm_grad", [Decompose,
    TypesMatchWith<"dinput has the input's type", "input", "dinput", "$_self">,
    TypesMatchWith<"grad has the input's type", "input", "grad", "$_self">,
    TypesMatchWith<"dscale has the scale's type", "scale", "dscale", "$_self">,
    TypesMatchWith<"dbias has the scale's type", "scale", "dbias", "$_self">]> {
  let summary = "Gradients of ds.layer_norm in input, scale and bias";
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$scale, AnyRankedTensor:$grad, F64Attr:$eps);
  let results = (outs AnyRankedTensor:$dinput, AnyRankedTensor:$dscale, AnyRankedTensor:$dbias);
  let assemblyFormat = "$input `,` $scale `,` $grad `eps` $eps attr-dict `:` type($input) `,` type($scale)";
}
def DS_RmsNormOp : DS_LayerOp<"rms_norm", [Diff, Kernel,
    TypesMatchWith<"result has the input's type", "input", "result", "$_self">]> {
  let summary = "x / sqrt(mean(x^2) + eps) * scale over the last dimension";
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$scale, F64Attr:$eps);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input `,` $scale `eps` $eps attr-dict `:` type($input) `,` type($scale)";
  let hasVerifier = 1;
}
def DS_RmsNormGradOp : DS_LayerOp<"rms_norm_grad", [Decompose,
    TypesMatchWith<"dinput has the input's type", "input", "dinput", "$_self">,
    TypesMatchWith<"grad has the input's type", "input", "grad", "$_self">,
    TypesMatchWith<"dscale has the scale's type", "scale", "dscale", "$_self">]> {
  let summary = "Gradients of ds.rms_norm in input and scale";
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$scale, AnyRankedTensor:$grad, F64Attr:$eps);
  let results = (outs AnyRankedTensor:$dinput, AnyRankedTensor:$dscale);
  let assemblyFormat = "$input `,` $scale `,` $grad `eps` $eps attr-dict `:` type($input) `,` type($scale)";
}

// What the norm gradients decompose into.
def DS_NormStatsOp : DS_LayerOp<"norm_stats", [Kernel]> {
  let summary = "Mean and 1/sqrt(variance + eps) of each row; with `rms` mean 0 and 1/sqrt(mean(x^2) + eps)";
  let arguments = (ins AnyRankedTensor:$input, F64Attr:$eps, UnitAttr:$rms);
  let results = (outs AnyRankedTensor:$mean, AnyRankedTensor:$rstd);
  let assemblyFormat = "$input `eps` $eps attr-dict `:` type($input) `->` type($mean) `,` type($rstd)";
}
def DS_NormInputGradOp : DS_LayerOp<"norm_input_grad", [Kernel,
    TypesMatchWith<"result has the input's type", "input", "result", "$_self">]> {
  let summary = "Gradient of a norm in its input";
  let description = [{
    With h = (x - mean) * rstd and g = grad * scale:
    result = rstd * (g - mean(g) - h * mean(g * h)); with `rms` without mean(g).
  }];
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$scale, AnyRankedTensor:$grad,
                       AnyRankedTensor:$mean, AnyRankedTensor:$rstd, UnitAttr:$rms);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input `,` $scale `,` $grad `,` $mean `,` $rstd attr-dict `:` type($input) `,` type($scale) `,` type($grad) `,` type($mean) `,` type($rstd)";
}
def DS_NormalizeOp : DS_LayerOp<"normalize", [Kernel,
    TypesMatchWith<"result has the input's type", "input", "result", "$_self">]> {
  let summary = "(x - mean) * rstd with one mean and rstd per row";
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$mean, AnyRankedTensor:$rstd);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input `,` $mean `,` $rstd attr-dict `:` type($input) `,` type($mean) `,` type($rstd)";
}

def DS_RotaryOp : DS_LayerOp<"rotary", [Diff, Kernel,
    TypesMatchWith<"result has the input's type", "input", "result", "$_self">]> {
  let summary = "Rotates pairs (i, i + d/2) of each head by position * frequency_i";
  let description = [{
    Input [batch, seq, heads, d]; `cos` and `sin` are [positions, d/2]
    with positions >= seq.  With `inverse` the angle is negated: the gradient.
    result[i] = x[i] cos - x[i+d/2] sin; result[i+d/2] = x[i+d/2] cos + x[i] sin.
  }];
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$cos, AnyRankedTensor:$sin, UnitAttr:$inverse);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input `,` $cos `,` $sin attr-dict `:` type($input) `,` type($cos) `,` type($sin)";
  let hasVerifier = 1;
}
def DS_RotaryTableOp : DS_LayerOp<"rotary_table"> {
  let summary = "cos or sin of position * theta^(-2i/d), as [positions, d/2] constants";
  let description = [{
    In float32 steps as Hugging Face computes them, so that its weights behave
    the same.  `rotary_table "cos" theta 10000.0`.
  }];
  let arguments = (ins StrAttr:$function, F64Attr:$theta);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$function `theta` $theta attr-dict `:` type($result)";
  let hasVerifier = 1;
  let extraClassDeclaration = [{ /// The table's float32 values, row-major.
    std::vector<float> getValues(); }];
}

def DS_AttentionOp : DS_LayerOp<"attention", [Diff, Decompose,
    TypesMatchWith<"result has the query's type", "query", "result", "$_self">]> {
  let summary = "softmax(scale * q k^T) v per head";
  let description = [{
    query [batch, seq, heads, d]; key and value [batch, seq, kv_heads, d];
    query head h reads key head h / (heads / kv_heads).  With `causal`
    position s sees positions <= s.
  }];
  let arguments = (ins AnyRankedTensor:$query, AnyRankedTensor:$key, AnyRankedTensor:$value,
                       F64Attr:$scale, UnitAttr:$causal);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$query `,` $key `,` $value `scale` $scale attr-dict `:` type($query) `,` type($key) `,` type($value)";
  let hasVerifier = 1;
}
def DS_AttentionGradOp : DS_LayerOp<"attention_grad", [Decompose,
    TypesMatchWith<"grad has the query's type", "query", "grad", "$_self">,
    TypesMatchWith<"dquery has the query's type", "query", "dquery", "$_self">,
    TypesMatchWith<"dkey has the key's type", "key", "dkey", "$_self">,
    TypesMatchWith<"dvalue has the value's type", "value", "dvalue", "$_self">]> {
  let summary = "Gradients of ds.attention; the scores are computed again";
  let arguments = (ins AnyRankedTensor:$query, AnyRankedTensor:$key, AnyRankedTensor:$value,
                       AnyRankedTensor:$grad, F64Attr:$scale, UnitAttr:$causal);
  let results = (outs AnyRankedTensor:$dquery, AnyRankedTensor:$dkey, AnyRankedTensor:$dvalue);
  let assemblyFormat = "$query `,` $key `,` $value `,` $grad `scale` $scale attr-dict `:` type($query) `,` type($key) `,` type($value)";
}

def DS_SoftmaxOp : DS_LayerOp<"softmax", [Kernel,
    TypesMatchWith<"result has the input's type", "input", "result", "$_self">]> {
  let summary = "softmax(scale * x) over the last dimension";
  let description = [{
    Input [..., s, t]; with `causal` element t of row s counts only if t <= s,
    others are 0.
  }];
  let arguments = (ins AnyRankedTensor:$input, F64Attr:$scale, UnitAttr:$causal);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$input `scale` $scale attr-dict `:` type($input)";
}
def DS_SoftmaxGradOp : DS_LayerOp<"softmax_grad", [Kernel,
    TypesMatchWith<"grad has the result's type", "probabilities", "grad", "$_self">,
    TypesMatchWith<"result has the probabilities' type", "probabilities", "result", "$_self">]> {
  let summary = "scale * p * (grad - sum(p * grad)) over the last dimension";
  let arguments = (ins AnyRankedTensor:$probabilities, AnyRankedTensor:$grad, F64Attr:$scale);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$probabilities `,` $grad `scale` $scale attr-dict `:` type($probabilities)";
}

def DS_CrossEntropyOp : DS_LayerOp<"cross_entropy", [Diff, Decompose]> {
  let summary = "Mean over all rows of logsumexp(logits) - logits[target]";
  let arguments = (ins AnyRankedTensor:$logits, AnyRankedTensor:$targets);
  let results = (outs AnyRankedTensor:$loss);
  let assemblyFormat = "$logits `,` $targets attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}
def DS_CrossEntropyRowsOp : DS_LayerOp<"cross_entropy_rows", [Kernel]> {
  let summary = "logsumexp(logits) - logits[target] of each row";
  let arguments = (ins AnyRankedTensor:$logits, AnyRankedTensor:$targets);
  let results = (outs AnyRankedTensor:$losses);
  let assemblyFormat = "$logits `,` $targets attr-dict `:` functional-type(operands, results)";
}
def DS_CrossEntropyGradOp : DS_LayerOp<"cross_entropy_grad", [Kernel,
    TypesMatchWith<"result has the logits' type", "logits", "result", "$_self">]> {
  let summary = "Gradient of ds.cross_entropy in the logits";
  let description = "(softmax(logits) - onehot(target)) * grad / rows, `grad` being rank 0.";
  let arguments = (ins AnyRankedTensor:$logits, AnyRankedTensor:$targets, AnyRankedTensor:$grad);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$logits `,` $targets `,` $grad attr-dict `:` type($logits) `,` type($targets) `,` type($grad)";
}

def DS_AdamWOp : DS_LayerOp<"adamw", [Decompose,
    TypesMatchWith<"new_parameter has the parameter's type", "parameter", "new_parameter", "$_self">,
    TypesMatchWith<"new_exp_avg has the parameter's type", "parameter", "new_exp_avg", "$_self">,
    TypesMatchWith<"new_exp_avg_sq has the parameter's type", "parameter", "new_exp_avg_sq", "$_self">,
    TypesMatchWith<"exp_avg has the parameter's type", "parameter", "exp_avg", "$_self">,
    TypesMatchWith<"exp_avg_sq has the parameter's type", "parameter", "exp_avg_sq", "$_self">,
    TypesMatchWith<"grad has the parameter's type", "parameter", "grad", "$_self">]> {
  let summary = "One AdamW step with decoupled weight decay";
  let description = [{
    g = grad * grad_scale; p -= lr * weight_decay * p; m = beta1 m + (1-beta1) g;
    v = beta2 v + (1-beta2) g^2;
    p -= lr / (1-beta1^step) * m / (sqrt(v) / sqrt(1-beta2^step) + eps).
    `step` counts from 1; the scalars are float64.  Elementwise: any flat
    shard will do.  Updates its operands in place.
  }];
  let arguments = (ins AnyRankedTensor:$parameter, AnyRankedTensor:$exp_avg, AnyRankedTensor:$exp_avg_sq,
                       AnyRankedTensor:$grad, DS_ScalarF64:$grad_scale, DS_ScalarF64:$lr,
                       DS_ScalarF64:$step,
                       F64Attr:$beta1, F64Attr:$beta2, F64Attr:$eps, F64Attr:$weight_decay);
  let results = (outs AnyRankedTensor:$new_parameter, AnyRankedTensor:$new_exp_avg, AnyRankedTensor:$new_exp_avg_sq);
  let assemblyFormat = "$parameter `,` $exp_avg `,` $exp_avg_sq `,` $grad `scale` $grad_scale `lr` $lr `step` $step attr-dict `:` type($parameter)";
}
def DS_AdamWUpdateOp : DS_LayerOp<"adamw_update", [Kernel,
    TypesMatchWith<"new_parameter has the parameter's type", "parameter", "new_parameter", "$_self">,
    TypesMatchWith<"new_exp_avg has the parameter's type", "parameter", "new_exp_avg", "$_self">,
    TypesMatchWith<"new_exp_avg_sq has the parameter's type", "parameter", "new_exp_avg_sq", "$_self">,
    TypesMatchWith<"exp_avg has the parameter's type", "parameter", "exp_avg", "$_self">,
    TypesMatchWith<"exp_avg_sq has the parameter's type", "parameter", "exp_avg_sq", "$_self">,
    TypesMatchWith<"grad has the parameter's type", "parameter", "grad", "$_self">]> {
  let summary = "The elementwise part of ds.adamw";
  let description = [{
    g = grad * grad_scale; p = p * decay; m = m + (1-beta1) (g - m);
    v = beta2 v + (1-beta2) g^2; p = p - step_size * m / (sqrt(v) / correction + eps).
    All scalars rank-0 float64.
  }];
  let arguments = (ins AnyRankedTensor:$parameter, AnyRankedTensor:$exp_avg, AnyRankedTensor:$exp_avg_sq,
                       AnyRankedTensor:$grad, DS_ScalarF64:$grad_scale, DS_ScalarF64:$decay,
                       DS_ScalarF64:$step_size, DS_ScalarF64:$correction,
                       F64Attr:$beta1, F64Attr:$beta2, F64Attr:$eps);
  let results = (outs AnyRankedTensor:$new_parameter, AnyRankedTensor:$new_exp_avg, AnyRankedTensor:$new_exp_avg_sq);
  let assemblyFormat = "$parameter `,` $exp_avg `,` $exp_avg_sq `,` $grad `scale` $grad_scale `decay` $decay `step_size` $step_size `correction` $correction attr-dict `:` type($parameter)";
}
def DS_GradNormOp : DS_LayerOp<"grad_norm", [Decompose]> {
  let summary = "sqrt of the sum of squares of all operands, as a float64 scalar";
  let description = [{
    With `over` every rank holds a shard of each operand and the squares are
    summed over that axis, too.
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$grads, OptionalAttr<StrAttr>:$over);
  let results = (outs DS_ScalarF64:$norm);
  let assemblyFormat = "$grads (`over` $over^)? attr-dict `:` type($grads)";
}
}

#endif
