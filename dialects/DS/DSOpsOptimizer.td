//===- DSOpsOptimizer.td - How state is updated ------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An optimizer is one op until lowering, so that sharding decides about it once;
// `decompose` makes scalar arithmetic and one fused kernel of it.
//===----------------------------------------------------------------------===//
#ifndef DS_OPS_OPTIMIZER_TD
#define DS_OPS_OPTIMIZER_TD

def DS_OptimizerDoc : OpDocGroup { let summary = "Optimizers"; let description = "How state is updated."; }
let opDocGroup = DS_OptimizerDoc in {

// Operands: the parameter, its states, the gradient, then float64 scalars.
// Results: the new parameter and the new states, in the same order.
class DS_OptimizerOp<string mnemonic, list<Trait> traits = []> : DS_LayerOp<mnemonic, !listconcat([KeepsWide,
    Decompose, DS_OptimizerOpInterface], traits)>;

def DS_AdamWOp : DS_OptimizerOp<"adamw", [
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
    `step` counts from 1.  Where `skip` is not zero, all stays as it is.
    Elementwise: any flat shard will do.

    **Requires:** parameter, both averages and gradient of one type; float64 scalars.
    **Ensures:** three results of that type, in place of their operands.

    ```mlir
    %p2, %m2, %v2 = ds.adamw %p, %m, %v, %g scale %clip lr %lr step %step {
      beta1 = 0.9 : f64, beta2 = 0.95 : f64, eps = 1.0e-8 : f64, weight_decay = 0.1 : f64} : tensor<1024xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$parameter, AnyRankedTensor:$exp_avg, AnyRankedTensor:$exp_avg_sq,
                       AnyRankedTensor:$grad, DS_ScalarF64:$grad_scale, DS_ScalarF64:$lr,
                       DS_ScalarF64:$step, Optional<DS_ScalarF64>:$skip,
                       F64Attr:$beta1, F64Attr:$beta2, F64Attr:$eps, F64Attr:$weight_decay);
  let results = (outs AnyRankedTensor:$new_parameter, AnyRankedTensor:$new_exp_avg, AnyRankedTensor:$new_exp_avg_sq);
  let assemblyFormat = "$parameter `,` $exp_avg `,` $exp_avg_sq `,` $grad `scale` $grad_scale `lr` $lr `step` $step "
                       "(`skip` $skip^)? "
                       "attr-dict `:` type($parameter)";
}
def DS_AdamWUpdateOp : DS_LayerOp<"adamw_update", [KeepsWide, Kernel,
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
    The scalars are what `ds.adamw` computes once per step.

    **Requires:** parameter, both averages and gradient of one type; float64 scalars.
    **Ensures:** three results of that type, in place of their operands.

    ```mlir
    %p2, %m2, %v2 = ds.adamw_update %p, %m, %v, %g scale %clip decay %decay step_size %size correction %c {
      beta1 = 0.9 : f64, beta2 = 0.95 : f64, eps = 1.0e-8 : f64} : tensor<1024xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$parameter, AnyRankedTensor:$exp_avg, AnyRankedTensor:$exp_avg_sq,
                       AnyRankedTensor:$grad, DS_ScalarF64:$grad_scale, DS_ScalarF64:$decay,
                       DS_ScalarF64:$step_size, DS_ScalarF64:$correction, Optional<DS_ScalarF64>:$skip,
                       F64Attr:$beta1, F64Attr:$beta2, F64Attr:$eps);
  let results = (outs AnyRankedTensor:$new_parameter, AnyRankedTensor:$new_exp_avg, AnyRankedTensor:$new_exp_avg_sq);
  let assemblyFormat = "$parameter `,` $exp_avg `,` $exp_avg_sq `,` $grad `scale` $grad_scale "
                       "`decay` $decay `step_size` $step_size `correction` $correction (`skip` $skip^)? "
                       "attr-dict `:` type($parameter)";
}
def DS_GradNormOp : DS_LayerOp<"grad_norm", [AnyFloats, Decompose]> {
  let summary = "Global norm of gradients: sqrt of their sum of squares";
  let description = [{
    What gradients are clipped by.  With `over` every rank holds a shard of each
    operand and the squares are summed over that axis, too.

    **Requires:** one gradient or more, of any shape.
    **Ensures:** a float64 scalar, the same on every rank when shards are named.

    ```mlir
    %norm = ds.grad_norm %a, %b : tensor<1024xf32>, tensor<2048xf32>
    %whole = ds.grad_norm %shard over "dp" : tensor<512xf32>
    ```
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$grads, OptionalAttr<StrAttr>:$over);
  let results = (outs DS_ScalarF64:$norm);
  let assemblyFormat = "$grads (`over` $over^)? attr-dict `:` type($grads)";
}
}

#endif
