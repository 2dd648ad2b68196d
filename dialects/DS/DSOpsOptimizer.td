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

// What optimizers and the kernels of their elementwise parts share: tensors, the gradient among them the
// last, and what a step knows.  `momentum` takes the place of the attribute momentum or beta1, `clip_value`
// bounds the elements of the gradient, and where `skip` is not zero all stays as it is.  Element types may
// differ; then they are all written, operands first.  `more` results are no new value of an operand.
class DS_UpdateOp<string mnemonic, dag scalars, string words, dag attributes, string more, list<Trait> traits> :
    DS_LayerOp<mnemonic, !listconcat([KeepsWide, AttrSizedOperandSegments], traits)> {
  let arguments = !con((ins Variadic<AnyRankedTensor>:$tensors, DS_ScalarF64:$grad_scale), scalars,
                       (ins Optional<DS_ScalarF64>:$momentum_now, Optional<DS_ScalarF64>:$skip), attributes,
                       (ins OptionalAttr<F64Attr>:$clip_value));
  let results = (outs Variadic<AnyRankedTensor>:$updated);
  let assemblyFormat = "$tensors `scale` $grad_scale " # words # " (`momentum` $momentum_now^)? (`skip` $skip^)? "
                       "attr-dict `:` custom<UpdateTypes>(type($tensors), type($updated), ref($tensors), \""
                       # more # "\")";
  let hasVerifier = 1;
}
// Operands: the parameter, its states, the gradient, then float64 scalars; `step` counts updates from 1.
// Results: the new parameter and the new states, in the same order.
class DS_OptimizerOp<string mnemonic, dag attributes, list<Trait> traits = [DS_OptimizerOpInterface]> :
    DS_UpdateOp<mnemonic, (ins DS_ScalarF64:$lr, DS_ScalarF64:$step), "`lr` $lr `step` $step", attributes, "0",
    !listconcat([Decompose], traits)>;
class DS_UpdateKernelOp<string mnemonic, dag scalars, string words, dag attributes, string more = "0"> :
    DS_UpdateOp<mnemonic, scalars, words, attributes, more, [Kernel]>;

//===----------------------------------------------------------------------===//
// SGD, Adagrad, Lion
//===----------------------------------------------------------------------===//

def DS_SGDOp : DS_OptimizerOp<"sgd", (ins F64Attr:$momentum, F64Attr:$dampening, UnitAttr:$nesterov,
    F64Attr:$weight_decay)> {
  let summary = "One step of stochastic gradient descent";
  let description = [{
    g = grad * grad_scale + weight_decay p; b = momentum b + (1 - dampening) g, but b = g in the first step;
    p -= lr b, or with `nesterov` p -= lr (g + momentum b).  Without momentum there is no b and p -= lr g.

    **Requires:** parameter, momentum_buffer where momentum is not 0, and gradient of one shape; float64 scalars.
    **Ensures:** the new parameter and buffer, in place of their operands.

    ```mlir
    %p2, %b2 = ds.sgd %p, %b, %g scale %clip lr %lr step %step {
      momentum = 0.9 : f64, dampening = 0.0 : f64, nesterov, weight_decay = 0.0 : f64} : tensor<1024xf32>
    ```
  }];
  let extraClassDeclaration = [{
    static ::llvm::SmallVector<::llvm::StringRef> stateNames(::mlir::DictionaryAttr values);
  }];
}
def DS_SGDUpdateOp : DS_UpdateKernelOp<"sgd_update", (ins DS_ScalarF64:$lr, DS_ScalarF64:$gain),
    "`lr` $lr `gain` $gain", (ins F64Attr:$momentum, UnitAttr:$nesterov, F64Attr:$weight_decay)> {
  let summary = "The elementwise part of ds.sgd";
  let description = [{
    As `ds.sgd`, with b = momentum b + gain g.

    **Requires:** what `ds.sgd` does.
    **Ensures:** the new parameter and buffer, in place of their operands.

    ```mlir
    %p2, %b2 = ds.sgd_update %p, %b, %g scale %clip lr %lr gain %gain {
      momentum = 0.9 : f64, weight_decay = 0.0 : f64} : tensor<1024xf32>
    ```
  }];
}

def DS_AdagradOp : DS_OptimizerOp<"adagrad", (ins F64Attr:$lr_decay, F64Attr:$eps, F64Attr:$weight_decay,
    F64Attr:$initial_accumulator_value)> {
  let summary = "One Adagrad step";
  let description = [{
    g = grad * grad_scale + weight_decay p; s += g^2; p -= lr / (1 + (step-1) lr_decay) * g / (sqrt(s) + eps).
    The sums s begin at `initial_accumulator_value`.

    **Requires:** parameter, sum and gradient of one shape; float64 scalars.
    **Ensures:** the new parameter and sum, in place of their operands.

    ```mlir
    %p2, %s2 = ds.adagrad %p, %s, %g scale %clip lr %lr step %step {lr_decay = 0.0 : f64, eps = 1.0e-10 : f64,
      weight_decay = 0.0 : f64, initial_accumulator_value = 0.0 : f64} : tensor<1024xf32>
    ```
  }];
  let extraClassDeclaration = [{
    static ::llvm::SmallVector<::llvm::StringRef> stateNames(::mlir::DictionaryAttr) { return {"sum"}; }
    static double initialState(::mlir::DictionaryAttr values);
  }];
}
def DS_AdagradUpdateOp : DS_UpdateKernelOp<"adagrad_update", (ins DS_ScalarF64:$step_size),
    "`step_size` $step_size", (ins F64Attr:$eps, F64Attr:$weight_decay)> {
  let summary = "The elementwise part of ds.adagrad";
  let description = [{
    As `ds.adagrad`; `step_size` is the decayed learning rate.

    **Requires:** parameter, sum and gradient of one shape; float64 scalars.
    **Ensures:** the new parameter and sum, in place of their operands.

    ```mlir
    %p2, %s2 = ds.adagrad_update %p, %s, %g scale %clip step_size %size {
      eps = 1.0e-10 : f64, weight_decay = 0.0 : f64} : tensor<1024xf32>
    ```
  }];
}

def DS_LionOp : DS_OptimizerOp<"lion", (ins F64Attr:$beta1, F64Attr:$beta2, F64Attr:$weight_decay)> {
  let summary = "One Lion step";
  let description = [{
    g = grad * grad_scale; p -= lr (sign(beta1 m + (1-beta1) g) + weight_decay p); m = beta2 m + (1-beta2) g.

    **Requires:** parameter, exp_avg and gradient of one shape; float64 scalars.
    **Ensures:** the new parameter and average, in place of their operands.

    ```mlir
    %p2, %m2 = ds.lion %p, %m, %g scale %clip lr %lr step %step {
      beta1 = 0.9 : f64, beta2 = 0.99 : f64, weight_decay = 0.0 : f64} : tensor<1024xf32>
    ```
  }];
  let extraClassDeclaration = [{
    static ::llvm::SmallVector<::llvm::StringRef> stateNames(::mlir::DictionaryAttr) { return {"exp_avg"}; }
  }];
}
def DS_LionUpdateOp : DS_UpdateKernelOp<"lion_update", (ins DS_ScalarF64:$decay, DS_ScalarF64:$lr),
    "`decay` $decay `lr` $lr", (ins F64Attr:$beta1, F64Attr:$beta2)> {
  let summary = "The elementwise part of ds.lion";
  let description = [{
    As `ds.lion`, with p = decay p - lr sign(...).

    **Requires:** parameter, exp_avg and gradient of one shape; float64 scalars.
    **Ensures:** the new parameter and average, in place of their operands.

    ```mlir
    %p2, %m2 = ds.lion_update %p, %m, %g scale %clip decay %decay lr %lr {
      beta1 = 0.9 : f64, beta2 = 0.99 : f64} : tensor<1024xf32>
    ```
  }];
}

//===----------------------------------------------------------------------===//
// Adam
//===----------------------------------------------------------------------===//

class DS_AdamOptimizerOp<string mnemonic> : DS_OptimizerOp<mnemonic, (ins F64Attr:$beta1, F64Attr:$beta2, F64Attr:$eps,
    F64Attr:$weight_decay, DefaultValuedAttr<BoolAttr, "true">:$bias_correction)> {
  let extraClassDeclaration = [{
    static ::llvm::SmallVector<::llvm::StringRef> stateNames(::mlir::DictionaryAttr) {
      return {"exp_avg", "exp_avg_sq"};
    }
  }];
}
def DS_AdamOp : DS_AdamOptimizerOp<"adam"> {
  let summary = "One Adam step, with weight decay in the gradient";
  let description = [{
    g = grad * grad_scale + weight_decay p, then as `ds.adamw` without decay.

    **Requires:** parameter, exp_avg, exp_avg_sq and gradient of one shape; float64 scalars.
    **Ensures:** the new parameter and averages, in place of their operands.

    ```mlir
    %p2, %m2, %v2 = ds.adam %p, %m, %v, %g scale %clip lr %lr step %step {
      beta1 = 0.9 : f64, beta2 = 0.999 : f64, eps = 1.0e-8 : f64, weight_decay = 0.01 : f64} : tensor<1024xf32>
    ```
  }];
}
def DS_AdamWOp : DS_AdamOptimizerOp<"adamw"> {
  let summary = "One AdamW step with decoupled weight decay";
  let description = [{
    g = grad * grad_scale; p -= lr * weight_decay * p; m = beta1 m + (1-beta1) g;
    v = beta2 v + (1-beta2) g^2;
    p -= lr / (1-beta1^step) * m / (sqrt(v) / sqrt(1-beta2^step) + eps).
    With `bias_correction = false` both corrections are 1.

    **Requires:** parameter, exp_avg, exp_avg_sq and gradient of one shape; float64 scalars.
    **Ensures:** the new parameter and averages, in place of their operands.

    ```mlir
    %p2, %m2, %v2 = ds.adamw %p, %m, %v, %g scale %clip lr %lr step %step {
      beta1 = 0.9 : f64, beta2 = 0.95 : f64, eps = 1.0e-8 : f64, weight_decay = 0.1 : f64} : tensor<1024xf32>
    ```
  }];
}
def DS_AdamWUpdateOp : DS_UpdateKernelOp<"adamw_update", (ins DS_ScalarF64:$decay, DS_ScalarF64:$step_size,
    DS_ScalarF64:$correction), "`decay` $decay `step_size` $step_size `correction` $correction",
    (ins F64Attr:$beta1, F64Attr:$beta2, F64Attr:$eps, OptionalAttr<F64Attr>:$l2)> {
  let summary = "The elementwise part of ds.adam and ds.adamw";
  let description = [{
    g = grad * grad_scale + l2 p; p = p * decay; m = m + (1-beta1) (g - m);
    v = beta2 v + (1-beta2) g^2; p = p - step_size * m / (sqrt(v) / correction + eps).
    The scalars are what the optimizer computes once per step.

    **Requires:** parameter, exp_avg, exp_avg_sq and gradient of one shape; float64 scalars.
    **Ensures:** the new parameter and averages, in place of their operands.

    ```mlir
    %p2, %m2, %v2 = ds.adamw_update %p, %m, %v, %g scale %clip decay %decay step_size %size correction %c {
      beta1 = 0.9 : f64, beta2 = 0.95 : f64, eps = 1.0e-8 : f64} : tensor<1024xf32>
    ```
  }];
}

//===----------------------------------------------------------------------===//
// Lamb and Muon: what a tensor as a whole decides
//===----------------------------------------------------------------------===//

// Where the logical tensors of a flat unit are.  With `over` operands and results are this rank's of so
// many `shards` of the unit.
class DS_TensorOptimizerOp<string mnemonic, dag attributes> : DS_OptimizerOp<mnemonic, !con(attributes,
    (ins DenseI64ArrayAttr:$offsets, TypeArrayAttr:$types, OptionalAttr<StrAttr>:$over,
         DefaultValuedAttr<I64Attr, "1">:$shards)),
    [DeclareOpInterfaceMethods<DS_OptimizerOpInterface, ["setSharded"]>]>;

def DS_LambOp : DS_TensorOptimizerOp<"lamb", (ins F64Attr:$beta1, F64Attr:$beta2, F64Attr:$eps, F64Attr:$weight_decay,
    F64Attr:$max_coeff, F64Attr:$min_coeff, DefaultValuedAttr<BoolAttr, "true">:$bias_correction)> {
  let summary = "One Lamb step: Adam's direction, as long as each tensor is";
  let description = [{
    g, m and v as in `ds.adamw`; u = m / (1-beta1^step) / (sqrt(v) / sqrt(1-beta2^step) + eps) + weight_decay p.
    For each tensor r = |p| / |u|, not above `max_coeff` nor below `min_coeff`, or 1 where a norm is 0; p -= lr r u.

    **Requires:** flat parameter, exp_avg, exp_avg_sq and gradient of one shape; float64 scalars; tensors that
    begin at multiples of 1024 elements, which shards are made of, too.
    **Ensures:** the new parameter and averages, in place of their operands; the same for any number of shards.

    ```mlir
    %p2, %m2, %v2 = ds.lamb %p, %m, %v, %g scale %clip lr %lr step %step {beta1 = 0.9 : f64, beta2 = 0.999 : f64,
      eps = 1.0e-8 : f64, weight_decay = 0.0 : f64, max_coeff = 10.0 : f64, min_coeff = 0.01 : f64,
      offsets = array<i64: 0, 1024>, types = [tensor<8xf32>, tensor<16x8xf32>]} : tensor<2048xf32>
    ```
  }];
  let extraClassDeclaration = [{
    static ::ds::UpdateLayout layout() { return ::ds::UpdateLayout::ScalarPerTensor; }
  }];
}
def DS_LambDirectionOp : DS_UpdateKernelOp<"lamb_direction", (ins DS_ScalarF64:$correction1, DS_ScalarF64:$correction2),
    "`correction` $correction1 `,` $correction2",
    (ins F64Attr:$beta1, F64Attr:$beta2, F64Attr:$eps, F64Attr:$weight_decay)> {
  let summary = "The averages of ds.lamb, and the direction u";
  let description = [{
    u = m / correction1 / (sqrt(v) / correction2 + eps) + weight_decay p; 0 in a step that is skipped.

    **Requires:** parameter, exp_avg, exp_avg_sq and gradient of one shape; float64 scalars.
    **Ensures:** both averages, in place of their operands, and u.

    ```mlir
    %m2, %v2, %u = ds.lamb_direction %p, %m, %v, %g scale %clip correction %c1, %c2 {
      beta1 = 0.9 : f64, beta2 = 0.999 : f64, eps = 1.0e-8 : f64, weight_decay = 0.0 : f64} : tensor<1024xf32>
    ```
  }];
}
def DS_TrustRatioOp : DS_LayerOp<"trust_ratio", [KeepsWide, Kernel, AllTypesMatch<["weights", "updates", "result"]>]> {
  let summary = "How much longer a step of ds.lamb is than its direction";
  let description = [{
    r = sqrt(weights / updates), not above `max_coeff` nor below `min_coeff`; 1 where one of the two is 0.

    **Requires:** sums of squares, of one type.
    **Ensures:** that type.

    ```mlir
    %r = ds.trust_ratio %w, %u {max_coeff = 10.0 : f64, min_coeff = 0.01 : f64} : tensor<12xf64>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$weights, AnyRankedTensor:$updates, F64Attr:$max_coeff, F64Attr:$min_coeff);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$weights `,` $updates attr-dict `:` type($weights)";
}

def DS_MuonOp : DS_TensorOptimizerOp<"muon", (ins F64Attr:$momentum, UnitAttr:$nesterov, F64Attr:$weight_decay)> {
  let summary = "One Muon step: momentum, orthogonalized";
  let description = [{
    g = grad * grad_scale; b = momentum b + (1-momentum) g; u = b, or with `nesterov` momentum b + (1-momentum) g.
    For each matrix of r rows and c columns x = u / (|u| + 1e-7), then five times
    x = 3.4445 x + (-4.7750 x x^T + 2.0315 (x x^T)^2) x, and p = (1 - lr weight_decay) p - lr sqrt(max(1, r / c)) x.

    **Requires:** flat parameter, momentum_buffer and gradient of one shape; float64 scalars; `types` of rank 2.
    **Ensures:** the new parameter and buffer, in place of their operands; the same for any number of shards.

    ```mlir
    %p2, %b2 = ds.muon %p, %b, %g scale %clip lr %lr step %step {momentum = 0.95 : f64, nesterov,
      weight_decay = 0.0 : f64, offsets = array<i64: 0>, types = [tensor<16x8xf32>]} : tensor<1024xf32>
    ```
  }];
  let extraClassDeclaration = [{
    static ::ds::UpdateLayout layout() { return ::ds::UpdateLayout::WholeTensors; }
  }];
}
def DS_MuonDirectionOp : DS_UpdateKernelOp<"muon_direction", (ins), "", (ins F64Attr:$momentum, UnitAttr:$nesterov),
    "1"> {
  let summary = "The momentum of ds.muon, and the direction u";
  let description = [{
    As in `ds.muon`; u is 0 in a step that is skipped.

    **Requires:** momentum_buffer and gradient of one shape; float64 scalars.
    **Ensures:** the new buffer, in place of its operand, and u.

    ```mlir
    %b2, %u = ds.muon_direction %b, %g scale %clip {momentum = 0.95 : f64, nesterov} : tensor<1024xf32>
    ```
  }];
}
def DS_DescendOp : DS_LayerOp<"descend", [KeepsWide, Kernel, AttrSizedOperandSegments,
    TypesMatchWith<"result has the parameter's type", "parameter", "result", "$_self">]> {
  let summary = "A parameter, decayed, less a direction times a size";
  let description = [{
    p = decay p - size d, where `size` is one number or one for each row; p where `skip` is not zero.

    **Requires:** parameter and direction of one shape, and a size of its leading dimensions or of rank 0;
    float64 scalars.
    **Ensures:** the parameter's type, in place of its operand.

    ```mlir
    %p2 = ds.descend %p, %d by %size decay %decay : tensor<2x1024xf32>, tensor<2x1024xf32>, tensor<2xf64>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$parameter, AnyRankedTensor:$direction, AnyRankedTensor:$size,
                       Optional<DS_ScalarF64>:$decay, Optional<DS_ScalarF64>:$skip);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$parameter `,` $direction `by` $size (`decay` $decay^)? (`skip` $skip^)? "
                       "attr-dict `:` type($parameter) `,` type($direction) `,` type($size)";
  let extraClassDeclaration = [{ ::llvm::FailureOr<::llvm::SmallVector<unsigned>> getRowOperands(); }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Clipping
//===----------------------------------------------------------------------===//

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
