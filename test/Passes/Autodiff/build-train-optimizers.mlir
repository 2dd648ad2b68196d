// RUN: ds-opt %s --ds-build-train="clip-value=0.5 max-norm=0 gradient-factor=2 optimizer='#ds.optimizer<\"adagrad\" {lr_decay = 0.0, eps = 1.0e-10, weight_decay = 0.0, initial_accumulator_value = 0.1} lr_scale 0.5>'" | FileCheck %s
// RUN: not ds-opt %s --ds-build-train="optimizer=#ds.fill<1.0>" 2>&1 | FileCheck %s --check-prefix=KIND
// RUN: not ds-opt %s --ds-build-train="optimizer='#ds.optimizer<\"lion\" {beta1 = 0.9}>'" 2>&1 | FileCheck %s --check-prefix=VALUES
//
// A unit has its own optimizer or the pass's; states are declared with the optimizer's names and
// first values.

// KIND: error: expects 'optimizer' to be a #ds.optimizer, but got #ds.fill<1.000000e+00 : f64>
// VALUES: error: 'ds.lion' op requires attribute 'beta2'
#lamb = #ds.optimizer<"lamb" {beta1 = 0.9, beta2 = 0.99, eps = 1.0e-6, weight_decay = 0.0, max_coeff = 10.0,
  min_coeff = 0.01}>
// CHECK: ds.unit @u.sum "optimizer" : tensor<1024xf32> {members = [#ds.member<"w.sum" at 0 : tensor<3xf32> = #ds.fill<1.000000e-01 : f64>>]}
// CHECK: ds.unit @t.exp_avg "optimizer" : tensor<1024xf32> {members = [#ds.member<"b.exp_avg" at 0 : tensor<3xf32> = #ds.fill<0.000000e+00 : f64>>]}
// CHECK: ds.unit @t.exp_avg_sq
ds.unit @u "parameter" : tensor<1024xf32> {members = [#ds.member<"w" at 0 : tensor<3xf32> = #ds.fill<1.0>>]}
ds.unit @t "parameter" : tensor<1024xf32> {ds.optimizer = #lamb, members = [
  #ds.member<"b" at 0 : tensor<3xf32> = #ds.fill<1.0>>]}

// CHECK-LABEL: func @train(
// The loss's seed is the factor.
// CHECK: ds.constant dense<2.000000e+00> : tensor<f32>
// CHECK: %[[LR:.+]] = ds.schedule_value
// CHECK: %[[HALF:.+]] = ds.constant dense<5.000000e-01> : tensor<f64>
// CHECK: %[[SCALED:.+]] = ds.mul %[[LR]], %[[HALF]]
// CHECK: ds.adagrad {{.+}} lr %[[SCALED]] step {{.+}} {clip_value = 5.000000e-01 : f64, eps
// CHECK: ds.lamb {{.+}} lr %[[LR]] step {{.+}} offsets = array<i64: 0>, types = [tensor<3xf32>]
// CHECK: return %{{.+}}, %{{.+}}, %[[LR]]
func.func @loss(%x: tensor<3xf32> {ds.name = "x"}) -> tensor<f32> attributes {ds.loss} {
  %u = ds.read @u : tensor<1024xf32>
  %w = ds.unflatten %u at [0] : (tensor<1024xf32>) -> tensor<3xf32>
  %t = ds.read @t : tensor<1024xf32>
  %b = ds.unflatten %t at [0] : (tensor<1024xf32>) -> tensor<3xf32>
  %y = ds.mul %w, %x : tensor<3xf32>, tensor<3xf32>
  %z = ds.add %y, %b : tensor<3xf32>, tensor<3xf32>
  %loss = ds.sum %z : tensor<3xf32> -> tensor<f32>
  return %loss : tensor<f32>
}
