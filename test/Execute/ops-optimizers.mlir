// RUN: ds-exec %s --print --entry=sgd_first,sgd_later,sgd_momentum_now,sgd_plain,sgd_skipped,adagrad,lion,adam,adam_uncorrected,lamb,muon | FileCheck %s
//
// What optimizers compute, by hand, in float64.

// The gradient is (1, -1) + 0.5 p = (2, 1).  The first step does not see the buffer, and is not dampened.
// CHECK-LABEL: @sgd_first
// CHECK-NEXT: result 0: [1.7, 3.85]
// CHECK-NEXT: result 1: [2, 1]
func.func @sgd_first() -> (tensor<2xf64>, tensor<2xf64>) {
  %p = ds.constant dense<[2.0, 4.0]> : tensor<2xf64>
  %b = ds.constant dense<[7.0, 7.0]> : tensor<2xf64>
  %g = ds.constant dense<[2.0, -2.0]> : tensor<2xf64>
  %scale = ds.constant dense<0.5> : tensor<f64>
  %lr = ds.constant dense<0.1> : tensor<f64>
  %step = ds.constant dense<1.0> : tensor<f64>
  %0:2 = ds.sgd %p, %b, %g scale %scale lr %lr step %step
    {momentum = 0.5, dampening = 0.25, nesterov, weight_decay = 0.5} : tensor<2xf64>
  return %0#0, %0#1 : tensor<2xf64>, tensor<2xf64>
}

// b = 0.5 * 4 + 0.75 g.
// CHECK-LABEL: @sgd_later
// CHECK-NEXT: result 0: [1.65, 3.725]
// CHECK-NEXT: result 1: [3.5, 2.75]
func.func @sgd_later() -> (tensor<2xf64>, tensor<2xf64>) {
  %p = ds.constant dense<[2.0, 4.0]> : tensor<2xf64>
  %b = ds.constant dense<[4.0, 4.0]> : tensor<2xf64>
  %g = ds.constant dense<[2.0, -2.0]> : tensor<2xf64>
  %scale = ds.constant dense<0.5> : tensor<f64>
  %lr = ds.constant dense<0.1> : tensor<f64>
  %step = ds.constant dense<2.0> : tensor<f64>
  %0:2 = ds.sgd %p, %b, %g scale %scale lr %lr step %step
    {momentum = 0.5, dampening = 0.25, weight_decay = 0.5} : tensor<2xf64>
  return %0#0, %0#1 : tensor<2xf64>, tensor<2xf64>
}

// The operand takes the place of the attribute.
// CHECK-LABEL: @sgd_momentum_now
// CHECK-NEXT: result 0: [1.75, 3.825]
// CHECK-NEXT: result 1: [2.5, 1.75]
func.func @sgd_momentum_now() -> (tensor<2xf64>, tensor<2xf64>) {
  %p = ds.constant dense<[2.0, 4.0]> : tensor<2xf64>
  %b = ds.constant dense<[4.0, 4.0]> : tensor<2xf64>
  %g = ds.constant dense<[2.0, -2.0]> : tensor<2xf64>
  %scale = ds.constant dense<0.5> : tensor<f64>
  %lr = ds.constant dense<0.1> : tensor<f64>
  %step = ds.constant dense<2.0> : tensor<f64>
  %momentum = ds.constant dense<0.25> : tensor<f64>
  %0:2 = ds.sgd %p, %b, %g scale %scale lr %lr step %step momentum %momentum
    {momentum = 0.5, dampening = 0.25, weight_decay = 0.5} : tensor<2xf64>
  return %0#0, %0#1 : tensor<2xf64>, tensor<2xf64>
}

// Bounded by 0.25.
// CHECK-LABEL: @sgd_plain
// CHECK-NEXT: result 0: [1.975, 4.025]
func.func @sgd_plain() -> (tensor<2xf64>) {
  %p = ds.constant dense<[2.0, 4.0]> : tensor<2xf64>
  %g = ds.constant dense<[2.0, -2.0]> : tensor<2xf64>
  %scale = ds.constant dense<0.5> : tensor<f64>
  %lr = ds.constant dense<0.1> : tensor<f64>
  %step = ds.constant dense<1.0> : tensor<f64>
  %0 = ds.sgd %p, %g scale %scale lr %lr step %step
    {momentum = 0.0, dampening = 0.0, weight_decay = 0.0, clip_value = 0.25} : tensor<2xf64>
  return %0 : tensor<2xf64>
}

// A gradient of NaN does nothing in a step that is skipped.
// CHECK-LABEL: @sgd_skipped
// CHECK-NEXT: result 0: [2, 4]
// CHECK-NEXT: result 1: [4, 5]
func.func @sgd_skipped() -> (tensor<2xf64>, tensor<2xf64>) {
  %p = ds.constant dense<[2.0, 4.0]> : tensor<2xf64>
  %b = ds.constant dense<[4.0, 5.0]> : tensor<2xf64>
  %g = ds.constant dense<0x7FF8000000000000> : tensor<2xf64>
  %scale = ds.constant dense<0.5> : tensor<f64>
  %lr = ds.constant dense<0.1> : tensor<f64>
  %step = ds.constant dense<2.0> : tensor<f64>
  %skip = ds.constant dense<1.0> : tensor<f64>
  %0:2 = ds.sgd %p, %b, %g scale %scale lr %lr step %step skip %skip
    {momentum = 0.5, dampening = 0.25, weight_decay = 0.5} : tensor<2xf64>
  return %0#0, %0#1 : tensor<2xf64>, tensor<2xf64>
}

// The sum is 3 + 1, the rate 0.1 / (1 + 2 * 0.5).
// CHECK-LABEL: @adagrad
// CHECK-NEXT: result 0: [1.975, 4.025]
// CHECK-NEXT: result 1: [4, 4]
func.func @adagrad() -> (tensor<2xf64>, tensor<2xf64>) {
  %p = ds.constant dense<[2.0, 4.0]> : tensor<2xf64>
  %s = ds.constant dense<[3.0, 3.0]> : tensor<2xf64>
  %g = ds.constant dense<[2.0, -2.0]> : tensor<2xf64>
  %scale = ds.constant dense<0.5> : tensor<f64>
  %lr = ds.constant dense<0.1> : tensor<f64>
  %step = ds.constant dense<3.0> : tensor<f64>
  %0:2 = ds.adagrad %p, %s, %g scale %scale lr %lr step %step
    {lr_decay = 0.5, eps = 0.0, weight_decay = 0.0, initial_accumulator_value = 0.0} : tensor<2xf64>
  return %0#0, %0#1 : tensor<2xf64>, tensor<2xf64>
}

// Signs of 0.5 m + 0.5 g = (-1.5, -0.5).
// CHECK-LABEL: @lion
// CHECK-NEXT: result 0: [2, 3.9]
// CHECK-NEXT: result 1: [-2.75, -0.25]
func.func @lion() -> (tensor<2xf64>, tensor<2xf64>) {
  %p = ds.constant dense<[2.0, 4.0]> : tensor<2xf64>
  %m = ds.constant dense<[-4.0, 0.0]> : tensor<2xf64>
  %g = ds.constant dense<[2.0, -2.0]> : tensor<2xf64>
  %scale = ds.constant dense<0.5> : tensor<f64>
  %lr = ds.constant dense<0.1> : tensor<f64>
  %step = ds.constant dense<1.0> : tensor<f64>
  %0:2 = ds.lion %p, %m, %g scale %scale lr %lr step %step
    {beta1 = 0.5, beta2 = 0.75, weight_decay = 0.5} : tensor<2xf64>
  return %0#0, %0#1 : tensor<2xf64>, tensor<2xf64>
}

// With the decay in the gradient it is (2, 1), and the first step its sign.
// CHECK-LABEL: @adam
// CHECK-NEXT: result 0: [1.9, 3.9]
// CHECK-NEXT: result 1: [0.2, 0.1]
// CHECK-NEXT: result 2: [0.2, 0.05]
func.func @adam() -> (tensor<2xf64>, tensor<2xf64>, tensor<2xf64>) {
  %p = ds.constant dense<[2.0, 4.0]> : tensor<2xf64>
  %m = ds.constant dense<[0.0, 0.0]> : tensor<2xf64>
  %v = ds.constant dense<[0.0, 0.0]> : tensor<2xf64>
  %g = ds.constant dense<[2.0, -2.0]> : tensor<2xf64>
  %scale = ds.constant dense<0.5> : tensor<f64>
  %lr = ds.constant dense<0.1> : tensor<f64>
  %step = ds.constant dense<1.0> : tensor<f64>
  %0:3 = ds.adam %p, %m, %v, %g scale %scale lr %lr step %step
    {beta1 = 0.9, beta2 = 0.95, eps = 0.0, weight_decay = 0.5} : tensor<2xf64>
  return %0#0, %0#1, %0#2 : tensor<2xf64>, tensor<2xf64>, tensor<2xf64>
}

// 0.1 g over sqrt(0.05 g^2).
// CHECK-LABEL: @adam_uncorrected
// CHECK-NEXT: result 0: [1.95528, 4.04472]
// CHECK-NEXT: result 1: [0.1, -0.1]
// CHECK-NEXT: result 2: [0.05, 0.05]
func.func @adam_uncorrected() -> (tensor<2xf64>, tensor<2xf64>, tensor<2xf64>) {
  %p = ds.constant dense<[2.0, 4.0]> : tensor<2xf64>
  %m = ds.constant dense<[0.0, 0.0]> : tensor<2xf64>
  %v = ds.constant dense<[0.0, 0.0]> : tensor<2xf64>
  %g = ds.constant dense<[2.0, -2.0]> : tensor<2xf64>
  %scale = ds.constant dense<0.5> : tensor<f64>
  %lr = ds.constant dense<0.1> : tensor<f64>
  %step = ds.constant dense<1.0> : tensor<f64>
  %0:3 = ds.adam %p, %m, %v, %g scale %scale lr %lr step %step
    {beta1 = 0.9, beta2 = 0.95, eps = 0.0, weight_decay = 0.0, bias_correction = false} : tensor<2xf64>
  return %0#0, %0#1, %0#2 : tensor<2xf64>, tensor<2xf64>, tensor<2xf64>
}

// Two tensors, (3, 4) and (0, 0), of which the second has no norm: its ratio is 1.  u = (1, -1) in the
// first step, so the first one's is 5 / sqrt(2), which is bounded by 2.
// CHECK-LABEL: @lamb
// CHECK-NEXT: result 0: [2.8, 4.2, -0.1, 0.1]
func.func @lamb() -> tensor<4xf64> {
  %p0 = ds.constant dense<[3.0, 4.0]> : tensor<2xf64>
  %p1 = ds.constant dense<0.0> : tensor<2xf64>
  %g0 = ds.constant dense<[2.0, -2.0]> : tensor<2xf64>
  %p = ds.flatten %p0, %p1 at [0, 1024] : (tensor<2xf64>, tensor<2xf64>) -> tensor<2048xf64>
  %g = ds.flatten %g0, %g0 at [0, 1024] : (tensor<2xf64>, tensor<2xf64>) -> tensor<2048xf64>
  %zero = ds.constant dense<0.0> : tensor<2048xf64>
  %scale = ds.constant dense<0.5> : tensor<f64>
  %lr = ds.constant dense<0.1> : tensor<f64>
  %step = ds.constant dense<1.0> : tensor<f64>
  %0:3 = ds.lamb %p, %zero, %zero, %g scale %scale lr %lr step %step
    {beta1 = 0.9, beta2 = 0.95, eps = 1.0e-12, weight_decay = 0.0, max_coeff = 2.0, min_coeff = 0.01,
     offsets = array<i64: 0, 1024>, types = [tensor<2xf64>, tensor<2xf64>]} : tensor<2048xf64>
  %1:2 = ds.unflatten %0#0 at [0, 1024] : (tensor<2048xf64>) -> (tensor<2xf64>, tensor<2xf64>)
  %2 = ds.concat %1#0, %1#1 : (tensor<2xf64>, tensor<2xf64>) -> tensor<4xf64>
  return %2 : tensor<4xf64>
}

// A column and a row of one direction keep it.  Their singular value goes through five rounds of
// 3.4445 x - 4.7750 x^3 + 2.0315 x^5 from 1; the column of two rows steps sqrt(2) as far.
// CHECK-LABEL: @muon
// CHECK-NEXT: result 0: [0.890905, 0.871207, 0.908214, 0.894285]
func.func @muon() -> tensor<4xf64> {
  %p0 = ds.constant dense<1.0> : tensor<2x1xf64>
  %p1 = ds.constant dense<1.0> : tensor<1x2xf64>
  %g0 = ds.constant dense<[[3.0], [4.0]]> : tensor<2x1xf64>
  %g1 = ds.constant dense<[[3.0, 4.0]]> : tensor<1x2xf64>
  %p = ds.flatten %p0, %p1 at [0, 2] : (tensor<2x1xf64>, tensor<1x2xf64>) -> tensor<4xf64>
  %g = ds.flatten %g0, %g1 at [0, 2] : (tensor<2x1xf64>, tensor<1x2xf64>) -> tensor<4xf64>
  %zero = ds.constant dense<0.0> : tensor<4xf64>
  %scale = ds.constant dense<0.5> : tensor<f64>
  %lr = ds.constant dense<0.1> : tensor<f64>
  %step = ds.constant dense<1.0> : tensor<f64>
  %0:2 = ds.muon %p, %zero, %g scale %scale lr %lr step %step {momentum = 0.95, nesterov, weight_decay = 0.5,
    offsets = array<i64: 0, 2>, types = [tensor<2x1xf64>, tensor<1x2xf64>]} : tensor<4xf64>
  return %0#0 : tensor<4xf64>
}
