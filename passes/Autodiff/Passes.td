//===- Passes.td - From a loss to a training step ----------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
include "mlir/Pass/PassBase.td"

def DifferentiatePass : Pass<"ds-differentiate", "::mlir::ModuleOp"> {
  let summary = "Adds the gradient of a scalar function";
  let description = [{
    For checks of single ops: `@f(args) -> scalar` gets a twin `@f_grad(args)`
    that returns the scalar and the gradient of every floating-point argument.

    **Requires:** one block, static shapes, differentiable ops, a rank-0 result.
    **Ensures:** `@f` is unchanged.

    ```mlir
    func.func @f(%x: tensor<3xf64>) -> tensor<f64>
    // adds
    func.func @f_grad(%x: tensor<3xf64>) -> (tensor<f64>, tensor<3xf64>)
    ```
  }];
  let options = [Option<"function", "function", "std::string", "\"f\"", "Name of the function">];
}

def BuildTrainPass : Pass<"ds-build-train", "::mlir::ModuleOp"> {
  let summary = "Turns the loss into @train and @evaluate";
  let description = [{
    `@train` is one optimizer step over `micro-batches` micro-batches: a loop
    that accumulates the mean loss and the mean gradients (reverse mode), the
    global norm, clipping by max_norm / (norm + 1e-6), the learning rate of
    @step, one update per unit, by its `ds.optimizer`.  It returns loss, gradient norm,
    learning rate and, where a schedule says it, the momentum.  `@evaluate` is the mean loss
    alone.  Both work on the same units.  Dropout gets its place in the run (seed, step,
    micro-batch) in @train and is taken out of @evaluate.  Frozen units have
    no gradient.  What the loss function writes to buffers, @train writes at its end: the mean
    over the micro-batches of what is floating, of integers what the first one makes.

    Gradients of 16-bit units are added up in `accumulation`.  With `check-overflow` a step whose
    norm is not finite changes no parameter and counts in @skipped_steps instead of in @step;
    with `loss-scale` the loss is multiplied by it before it is differentiated, and the update
    divides.  @train then also returns whether it skipped, the scale, and for a dynamic one whether
    that overflowed at its smallest value.  Updates compute in float32; 16-bit state is cast for
    them, and rounded behind them.

    **Requires:** a function marked `ds.loss` over units, with static shapes.  Writes stand at the
    function's top and last of all.
    **Ensures:** the loss function is gone; units of what optimizers keep and the
    scalar unit @step exist; where something is dropped @seed, too.

    ```mlir
    func.func @loss(%tokens: tensor<2x8xi32>, ...) -> tensor<f32> attributes {ds.loss}
    // becomes, with micro-batches=4
    func.func @train(%tokens: tensor<4x2x8xi32>, ...) -> (tensor<f64>, tensor<f64>, tensor<f64>)
    func.func @evaluate(%tokens: tensor<4x2x8xi32>, ...) -> tensor<f64>
    ```
  }];
  let options = [
    Option<"microBatches", "micro-batches", "int64_t", "1", "Micro-batches per step, over all ranks">,
    Option<"lr", "lr", "double", "3e-4", "Learning rate, when there is no schedule">,
    Option<"schedule", "schedule", "std::string", "\"\"", "Learning rate by the step: a #ds.schedule">,
    Option<"momentum", "momentum", "std::string", "\"\"",
           "Momentum or first beta by the step, in place of the optimizer's: a #ds.schedule">,
    Option<"optimizer", "optimizer", "std::string",
           "\"#ds.optimizer<\\\"adamw\\\" {beta1 = 0.9, beta2 = 0.95, eps = 1.0e-8, weight_decay = 0.1}>\"",
           "A #ds.optimizer, of units without one">,
    Option<"gradientFactor", "gradient-factor", "double", "1.0", "Of the mean gradient: the ranks, for their sum">,
    Option<"clipValue", "clip-value", "double", "0.0", "Elements of gradients are bounded by it; 0: not">,
    Option<"maxNorm", "max-norm", "double", "1.0", "Gradients are clipped to this global norm; 0: not">,
    Option<"accumulation", "accumulation", "std::string", "\"\"",
           "Type in which gradients are summed: f32, bf16 or fp16; default: the parameters'">,
    Option<"states", "states", "std::string", "\"\"",
           "Type of what the optimizer keeps; default: the parameters'">,
    Option<"stochasticRounding", "stochastic-rounding", "bool", "false", "Round new bf16 state up or down at random">,
    Option<"checkOverflow", "check-overflow", "bool", "false", "Skip steps whose gradients are not finite">,
    Option<"lossScale", "loss-scale", "std::string", "\"\"", "A #ds.loss_scale; steps that overflow are skipped">];
}
