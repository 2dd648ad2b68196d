// RUN: ds-exec %s --after=ds-decompose --worlds=1 --entry=sgd,sgd_plain,sgd_bounded,adagrad,lion,lion_momentum,adam,adam_uncorrected,adamw_momentum,adamw_skipped,lamb,lamb_bounded,lamb_skipped,muon,muon_plain,muon_skipped | FileCheck %s
// RUN: ds-exec %s --after='ds-decompose,cse,ds-fuse-kernels' --worlds=1 --entry=sgd,sgd_plain,sgd_bounded,adagrad,lion,lion_momentum,adam,adam_uncorrected,adamw_momentum,adamw_skipped,lamb,lamb_bounded,lamb_skipped,muon,muon_plain,muon_skipped | FileCheck %s
//
// The parts of every optimizer compute what its own definition says, in step 3, with what it keeps
// from the arguments; second moments are squares.

// CHECK-LABEL: @sgd
// CHECK-NEXT: world 1: equal: 2 results
func.func @sgd(%p: tensor<11xf64>, %r: tensor<11xf64>, %g: tensor<11xf64>)
    -> (tensor<11xf64>, tensor<11xf64>) {
  %scale = ds.constant dense<0.3> : tensor<f64>
  %lr = ds.constant dense<0.01> : tensor<f64>
  %step = ds.constant dense<3.0> : tensor<f64>
  %0:2 = ds.sgd %p, %r, %g scale %scale lr %lr step %step
    {momentum = 0.9, dampening = 0.3, nesterov, weight_decay = 0.1} : tensor<11xf64>
  return %0#0, %0#1 : tensor<11xf64>, tensor<11xf64>
}

// CHECK-LABEL: @sgd_plain
// CHECK-NEXT: world 1: equal: 1 results
func.func @sgd_plain(%p: tensor<11xf64>, %g: tensor<11xf64>)
    -> (tensor<11xf64>) {
  %scale = ds.constant dense<0.3> : tensor<f64>
  %lr = ds.constant dense<0.01> : tensor<f64>
  %step = ds.constant dense<3.0> : tensor<f64>
  %0 = ds.sgd %p, %g scale %scale lr %lr step %step
    {momentum = 0.0, dampening = 0.0, weight_decay = 0.1} : tensor<11xf64>
  return %0 : tensor<11xf64>
}

// CHECK-LABEL: @sgd_bounded
// CHECK-NEXT: world 1: equal: 2 results
func.func @sgd_bounded(%p: tensor<11xf64>, %r: tensor<11xf64>, %g: tensor<11xf64>)
    -> (tensor<11xf64>, tensor<11xf64>) {
  %scale = ds.constant dense<0.3> : tensor<f64>
  %lr = ds.constant dense<0.01> : tensor<f64>
  %step = ds.constant dense<3.0> : tensor<f64>
  %0:2 = ds.sgd %p, %r, %g scale %scale lr %lr step %step
    {momentum = 0.9, dampening = 0.3, weight_decay = 0.1, clip_value = 0.1} : tensor<11xf64>
  return %0#0, %0#1 : tensor<11xf64>, tensor<11xf64>
}

// CHECK-LABEL: @adagrad
// CHECK-NEXT: world 1: equal: 2 results
func.func @adagrad(%p: tensor<11xf64>, %r: tensor<11xf64>, %g: tensor<11xf64>)
    -> (tensor<11xf64>, tensor<11xf64>) {
  %v = ds.mul %r, %r : tensor<11xf64>, tensor<11xf64>
  %scale = ds.constant dense<0.3> : tensor<f64>
  %lr = ds.constant dense<0.01> : tensor<f64>
  %step = ds.constant dense<3.0> : tensor<f64>
  %0:2 = ds.adagrad %p, %v, %g scale %scale lr %lr step %step
    {lr_decay = 0.1, eps = 1.0e-10, weight_decay = 0.1, initial_accumulator_value = 0.0} : tensor<11xf64>
  return %0#0, %0#1 : tensor<11xf64>, tensor<11xf64>
}

// CHECK-LABEL: @lion
// CHECK-NEXT: world 1: equal: 2 results
func.func @lion(%p: tensor<11xf64>, %r: tensor<11xf64>, %g: tensor<11xf64>)
    -> (tensor<11xf64>, tensor<11xf64>) {
  %scale = ds.constant dense<0.3> : tensor<f64>
  %lr = ds.constant dense<0.01> : tensor<f64>
  %step = ds.constant dense<3.0> : tensor<f64>
  %0:2 = ds.lion %p, %r, %g scale %scale lr %lr step %step
    {beta1 = 0.9, beta2 = 0.99, weight_decay = 0.1} : tensor<11xf64>
  return %0#0, %0#1 : tensor<11xf64>, tensor<11xf64>
}

// CHECK-LABEL: @lion_momentum
// CHECK-NEXT: world 1: equal: 2 results
func.func @lion_momentum(%p: tensor<11xf64>, %r: tensor<11xf64>, %g: tensor<11xf64>)
    -> (tensor<11xf64>, tensor<11xf64>) {
  %scale = ds.constant dense<0.3> : tensor<f64>
  %lr = ds.constant dense<0.01> : tensor<f64>
  %step = ds.constant dense<3.0> : tensor<f64>
  %0:2 = ds.lion %p, %r, %g scale %scale lr %lr step %step momentum %scale
    {beta1 = 0.9, beta2 = 0.99, weight_decay = 0.1} : tensor<11xf64>
  return %0#0, %0#1 : tensor<11xf64>, tensor<11xf64>
}

// CHECK-LABEL: @adam
// CHECK-NEXT: world 1: equal: 3 results
func.func @adam(%p: tensor<11xf64>, %m: tensor<11xf64>, %r: tensor<11xf64>, %g: tensor<11xf64>)
    -> (tensor<11xf64>, tensor<11xf64>, tensor<11xf64>) {
  %v = ds.mul %r, %r : tensor<11xf64>, tensor<11xf64>
  %scale = ds.constant dense<0.3> : tensor<f64>
  %lr = ds.constant dense<0.01> : tensor<f64>
  %step = ds.constant dense<3.0> : tensor<f64>
  %0:3 = ds.adam %p, %m, %v, %g scale %scale lr %lr step %step
    {beta1 = 0.9, beta2 = 0.95, eps = 1.0e-8, weight_decay = 0.1} : tensor<11xf64>
  return %0#0, %0#1, %0#2 : tensor<11xf64>, tensor<11xf64>, tensor<11xf64>
}

// CHECK-LABEL: @adam_uncorrected
// CHECK-NEXT: world 1: equal: 3 results
func.func @adam_uncorrected(%p: tensor<11xf64>, %m: tensor<11xf64>, %r: tensor<11xf64>, %g: tensor<11xf64>)
    -> (tensor<11xf64>, tensor<11xf64>, tensor<11xf64>) {
  %v = ds.mul %r, %r : tensor<11xf64>, tensor<11xf64>
  %scale = ds.constant dense<0.3> : tensor<f64>
  %lr = ds.constant dense<0.01> : tensor<f64>
  %step = ds.constant dense<3.0> : tensor<f64>
  %0:3 = ds.adam %p, %m, %v, %g scale %scale lr %lr step %step
    {beta1 = 0.9, beta2 = 0.95, eps = 1.0e-8, weight_decay = 0.0, bias_correction = false} : tensor<11xf64>
  return %0#0, %0#1, %0#2 : tensor<11xf64>, tensor<11xf64>, tensor<11xf64>
}

// CHECK-LABEL: @adamw_momentum
// CHECK-NEXT: world 1: equal: 3 results
func.func @adamw_momentum(%p: tensor<11xf64>, %m: tensor<11xf64>, %r: tensor<11xf64>, %g: tensor<11xf64>)
    -> (tensor<11xf64>, tensor<11xf64>, tensor<11xf64>) {
  %v = ds.mul %r, %r : tensor<11xf64>, tensor<11xf64>
  %scale = ds.constant dense<0.3> : tensor<f64>
  %lr = ds.constant dense<0.01> : tensor<f64>
  %step = ds.constant dense<3.0> : tensor<f64>
  %0:3 = ds.adamw %p, %m, %v, %g scale %scale lr %lr step %step momentum %scale
    {beta1 = 0.9, beta2 = 0.95, eps = 1.0e-8, weight_decay = 0.1, clip_value = 0.2} : tensor<11xf64>
  return %0#0, %0#1, %0#2 : tensor<11xf64>, tensor<11xf64>, tensor<11xf64>
}

// CHECK-LABEL: @adamw_skipped
// CHECK-NEXT: world 1: equal: 3 results
func.func @adamw_skipped(%p: tensor<11xf64>, %m: tensor<11xf64>, %r: tensor<11xf64>, %g: tensor<11xf64>)
    -> (tensor<11xf64>, tensor<11xf64>, tensor<11xf64>) {
  %v = ds.mul %r, %r : tensor<11xf64>, tensor<11xf64>
  %scale = ds.constant dense<0.3> : tensor<f64>
  %lr = ds.constant dense<0.01> : tensor<f64>
  %step = ds.constant dense<3.0> : tensor<f64>
  %0:3 = ds.adamw %p, %m, %v, %g scale %scale lr %lr step %step skip %scale
    {beta1 = 0.9, beta2 = 0.95, eps = 1.0e-8, weight_decay = 0.1} : tensor<11xf64>
  return %0#0, %0#1, %0#2 : tensor<11xf64>, tensor<11xf64>, tensor<11xf64>
}

// CHECK-LABEL: @lamb
// CHECK-NEXT: world 1: equal: 3 results
func.func @lamb(%p: tensor<3072xf64>, %m: tensor<3072xf64>, %r: tensor<3072xf64>, %g: tensor<3072xf64>)
    -> (tensor<3072xf64>, tensor<3072xf64>, tensor<3072xf64>) {
  %v = ds.mul %r, %r : tensor<3072xf64>, tensor<3072xf64>
  %scale = ds.constant dense<0.3> : tensor<f64>
  %lr = ds.constant dense<0.01> : tensor<f64>
  %step = ds.constant dense<3.0> : tensor<f64>
  %0:3 = ds.lamb %p, %m, %v, %g scale %scale lr %lr step %step
    {beta1 = 0.9, beta2 = 0.95, eps = 1.0e-6, weight_decay = 0.1, max_coeff = 10.0, min_coeff = 0.01,
     offsets = array<i64: 0, 2048>, types = [tensor<2048xf64>, tensor<32x32xf64>]} : tensor<3072xf64>
  return %0#0, %0#1, %0#2 : tensor<3072xf64>, tensor<3072xf64>, tensor<3072xf64>
}

// CHECK-LABEL: @lamb_bounded
// CHECK-NEXT: world 1: equal: 3 results
func.func @lamb_bounded(%p: tensor<3072xf64>, %m: tensor<3072xf64>, %r: tensor<3072xf64>, %g: tensor<3072xf64>)
    -> (tensor<3072xf64>, tensor<3072xf64>, tensor<3072xf64>) {
  %v = ds.mul %r, %r : tensor<3072xf64>, tensor<3072xf64>
  %scale = ds.constant dense<0.3> : tensor<f64>
  %lr = ds.constant dense<0.01> : tensor<f64>
  %step = ds.constant dense<3.0> : tensor<f64>
  %0:3 = ds.lamb %p, %m, %v, %g scale %scale lr %lr step %step momentum %scale
    {beta1 = 0.9, beta2 = 0.95, eps = 1.0e-6, weight_decay = 0.1, max_coeff = 0.3, min_coeff = 0.2,
     bias_correction = false, offsets = array<i64: 0, 2048>,
     types = [tensor<2048xf64>, tensor<32x32xf64>]} : tensor<3072xf64>
  return %0#0, %0#1, %0#2 : tensor<3072xf64>, tensor<3072xf64>, tensor<3072xf64>
}

// CHECK-LABEL: @lamb_skipped
// CHECK-NEXT: world 1: equal: 3 results
func.func @lamb_skipped(%p: tensor<3072xf64>, %m: tensor<3072xf64>, %r: tensor<3072xf64>, %g: tensor<3072xf64>)
    -> (tensor<3072xf64>, tensor<3072xf64>, tensor<3072xf64>) {
  %v = ds.mul %r, %r : tensor<3072xf64>, tensor<3072xf64>
  %scale = ds.constant dense<0.3> : tensor<f64>
  %lr = ds.constant dense<0.01> : tensor<f64>
  %step = ds.constant dense<3.0> : tensor<f64>
  %0:3 = ds.lamb %p, %m, %v, %g scale %scale lr %lr step %step skip %scale
    {beta1 = 0.9, beta2 = 0.95, eps = 1.0e-6, weight_decay = 0.1, max_coeff = 10.0, min_coeff = 0.01,
     offsets = array<i64: 0, 2048>, types = [tensor<2048xf64>, tensor<32x32xf64>]} : tensor<3072xf64>
  return %0#0, %0#1, %0#2 : tensor<3072xf64>, tensor<3072xf64>, tensor<3072xf64>
}

// CHECK-LABEL: @muon
// CHECK-NEXT: world 1: equal: 2 results
func.func @muon(%p: tensor<64xf64>, %r: tensor<64xf64>, %g: tensor<64xf64>)
    -> (tensor<64xf64>, tensor<64xf64>) {
  %scale = ds.constant dense<0.3> : tensor<f64>
  %lr = ds.constant dense<0.01> : tensor<f64>
  %step = ds.constant dense<3.0> : tensor<f64>
  %0:2 = ds.muon %p, %r, %g scale %scale lr %lr step %step
    {momentum = 0.95, nesterov, weight_decay = 0.1,
     offsets = array<i64: 0, 20>, types = [tensor<5x4xf64>, tensor<3x7xf64>]} : tensor<64xf64>
  return %0#0, %0#1 : tensor<64xf64>, tensor<64xf64>
}

// CHECK-LABEL: @muon_plain
// CHECK-NEXT: world 1: equal: 2 results
func.func @muon_plain(%p: tensor<64xf64>, %r: tensor<64xf64>, %g: tensor<64xf64>)
    -> (tensor<64xf64>, tensor<64xf64>) {
  %scale = ds.constant dense<0.3> : tensor<f64>
  %lr = ds.constant dense<0.01> : tensor<f64>
  %step = ds.constant dense<3.0> : tensor<f64>
  %0:2 = ds.muon %p, %r, %g scale %scale lr %lr step %step momentum %scale
    {momentum = 0.95, weight_decay = 0.0, clip_value = 0.2,
     offsets = array<i64: 0, 20>, types = [tensor<5x4xf64>, tensor<6x6xf64>]} : tensor<64xf64>
  return %0#0, %0#1 : tensor<64xf64>, tensor<64xf64>
}

// CHECK-LABEL: @muon_skipped
// CHECK-NEXT: world 1: equal: 2 results
func.func @muon_skipped(%p: tensor<64xf64>, %r: tensor<64xf64>, %g: tensor<64xf64>)
    -> (tensor<64xf64>, tensor<64xf64>) {
  %scale = ds.constant dense<0.3> : tensor<f64>
  %lr = ds.constant dense<0.01> : tensor<f64>
  %step = ds.constant dense<3.0> : tensor<f64>
  %0:2 = ds.muon %p, %r, %g scale %scale lr %lr step %step skip %scale
    {momentum = 0.95, nesterov, weight_decay = 0.1,
     offsets = array<i64: 0, 20>, types = [tensor<5x4xf64>, tensor<3x7xf64>]} : tensor<64xf64>
  return %0#0, %0#1 : tensor<64xf64>, tensor<64xf64>
}
