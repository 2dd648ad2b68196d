// RUN: ds-opt %s | ds-opt | FileCheck %s
//
// How optimizers and the parts that they consist of are written.

// CHECK: #ds.optimizer<"sgd" {dampening = 0.000000e+00 : f64, momentum = 9.000000e-01 : f64, weight_decay = 0.000000e+00 : f64} lr_scale 5.000000e-01 : f64>
// CHECK-SAME: #ds.group<["*.bias", "auto"], <"lion" {}> others <"adamw" {}>>
// CHECK-SAME: #ds.group<["wte"]>
module attributes {test.attributes = [
  #ds.optimizer<"sgd" {dampening = 0.0, momentum = 0.9, weight_decay = 0.0} lr_scale 0.5>,
  #ds.group<["*.bias", "auto"], #ds.optimizer<"lion" {}> others #ds.optimizer<"adamw" {}>>,
  #ds.group<["wte"]>]} {

func.func @elementwise(%p: tensor<8xf32>, %g: tensor<8xf32>, %s: tensor<f64>) {
  // CHECK: ds.sgd %{{.+}}, %{{.+}}, %{{.+}} scale %{{.+}} lr %{{.+}} step %{{.+}} {dampening = {{.+}}, momentum = {{.+}}, nesterov, weight_decay = {{.+}}} : tensor<8xf32>
  %0:2 = ds.sgd %p, %p, %g scale %s lr %s step %s
    {momentum = 0.9, dampening = 0.0, nesterov, weight_decay = 0.0} : tensor<8xf32>
  // Without momentum there is no buffer.
  // CHECK: = ds.sgd %{{.+}}, %{{.+}} scale %{{.+}} lr %{{.+}} step %{{.+}} skip %{{.+}} {clip_value = 5.000000e-01 : f64, dampening
  %1 = ds.sgd %p, %g scale %s lr %s step %s skip %s
    {momentum = 0.0, dampening = 0.0, weight_decay = 0.0, clip_value = 0.5} : tensor<8xf32>
  // CHECK: ds.sgd_update {{.+}} lr %{{.+}} gain %{{.+}} momentum %{{.+}} {momentum
  %2:2 = ds.sgd_update %p, %p, %g scale %s lr %s gain %s momentum %s
    {momentum = 0.9, weight_decay = 0.0} : tensor<8xf32>
  // CHECK: ds.adagrad {{.+}} : tensor<8xf32>
  %3:2 = ds.adagrad %p, %p, %g scale %s lr %s step %s
    {lr_decay = 0.0, eps = 1.0e-10, weight_decay = 0.0, initial_accumulator_value = 0.0} : tensor<8xf32>
  // CHECK: ds.adagrad_update {{.+}} step_size %{{.+}} {
  %4:2 = ds.adagrad_update %p, %p, %g scale %s step_size %s {eps = 1.0e-10, weight_decay = 0.0} : tensor<8xf32>
  // CHECK: ds.lion {{.+}} momentum %{{.+}} skip %{{.+}} {
  %5:2 = ds.lion %p, %p, %g scale %s lr %s step %s momentum %s skip %s
    {beta1 = 0.9, beta2 = 0.99, weight_decay = 0.0} : tensor<8xf32>
  // CHECK: ds.lion_update {{.+}} decay %{{.+}} lr %{{.+}} {
  %6:2 = ds.lion_update %p, %p, %g scale %s decay %s lr %s {beta1 = 0.9, beta2 = 0.99} : tensor<8xf32>
  // CHECK: ds.adam {{.+}} {beta1 = {{.+}}, bias_correction = false, {{.+}}} : tensor<8xf32>
  %7:3 = ds.adam %p, %p, %p, %g scale %s lr %s step %s
    {beta1 = 0.9, beta2 = 0.95, eps = 1.0e-8, weight_decay = 0.1, bias_correction = false} : tensor<8xf32>
  return
}

// Where types differ they are all written: operands, then results.
// CHECK-LABEL: @types
func.func @types(%p: tensor<8xbf16>, %m: tensor<8xf32>, %g: tensor<8xbf16>, %s: tensor<f64>) {
  // CHECK: ds.adamw {{.+}} : tensor<8xbf16>, tensor<8xf32>, tensor<8xf32>, tensor<8xbf16>, tensor<8xbf16>, tensor<8xf32>, tensor<8xf32>
  %0:3 = ds.adamw %p, %m, %m, %g scale %s lr %s step %s {beta1 = 0.9, beta2 = 0.95, eps = 1.0e-8, weight_decay = 0.1}
    : tensor<8xbf16>, tensor<8xf32>, tensor<8xf32>, tensor<8xbf16>, tensor<8xbf16>, tensor<8xf32>, tensor<8xf32>
  return
}

// CHECK-LABEL: @tensors
func.func @tensors(%p: tensor<2048xf32>, %g: tensor<2048xf32>, %s: tensor<f64>, %w: tensor<3xf64>) {
  // CHECK: ds.lamb {{.+}} offsets = array<i64: 0, 1024>{{.+}} types = [tensor<3xf32>, tensor<4x5xf32>]
  %0:3 = ds.lamb %p, %p, %p, %g scale %s lr %s step %s {beta1 = 0.9, beta2 = 0.999, eps = 1.0e-8, weight_decay = 0.0,
    max_coeff = 10.0, min_coeff = 0.01, offsets = array<i64: 0, 1024>,
    types = [tensor<3xf32>, tensor<4x5xf32>]} : tensor<2048xf32>
  // CHECK: ds.lamb_direction {{.+}} correction %{{.+}}, %{{.+}} {
  %1:3 = ds.lamb_direction %p, %p, %p, %g scale %s correction %s, %s
    {beta1 = 0.9, beta2 = 0.999, eps = 1.0e-8, weight_decay = 0.0} : tensor<2048xf32>
  // CHECK: ds.trust_ratio %{{.+}}, %{{.+}} {{{.+}}} : tensor<3xf64>
  %2 = ds.trust_ratio %w, %w {max_coeff = 10.0, min_coeff = 0.01} : tensor<3xf64>
  // CHECK: ds.muon {{.+}} over = "dp", shards = 4 : i64,
  %3:2 = ds.muon %p, %p, %g scale %s lr %s step %s {momentum = 0.95, nesterov, weight_decay = 0.0,
    offsets = array<i64: 0>, types = [tensor<64x128xf32>], over = "dp", shards = 4} : tensor<2048xf32>
  // CHECK: ds.muon_direction %{{.+}}, %{{.+}} scale %{{.+}} {momentum = {{.+}}} : tensor<2048xf32>
  %4:2 = ds.muon_direction %p, %g scale %s {momentum = 0.95} : tensor<2048xf32>
  // CHECK: ds.descend %{{.+}}, %{{.+}} by %{{.+}} decay %{{.+}} skip %{{.+}} : tensor<2048xf32>, tensor<2048xf32>, tensor<f64>
  %5 = ds.descend %p, %g by %s decay %s skip %s : tensor<2048xf32>, tensor<2048xf32>, tensor<f64>
  return
}
}
