// RUN: ds-opt %s --ds-make-units=small-bytes=0 -split-input-file | FileCheck %s
//
// Units are named after what most of their parameters share, and never like
// something that exists or that later passes make.

// One block, whose parameters share `h`.
// CHECK: ds.unit @h "parameter"
// CHECK-SAME: "h.w"
// CHECK-SAME: "h.b"
ds.parameter @h.w : tensor<f32> = #ds.fill<1.0>
ds.parameter @h.b : tensor<f32> = #ds.fill<1.0>
func.func @loss() -> tensor<f32> attributes {ds.loss} {
  %0 = ds.read @h.w : tensor<f32>
  %1 = ds.read @h.b : tensor<f32>
  %2 = ds.add %0, %1 : tensor<f32>, tensor<f32>
  return %2 : tensor<f32>
}

// -----

// Nothing is shared.
// CHECK: ds.unit @unit "parameter"
ds.parameter @a : tensor<f32> = #ds.fill<1.0>
ds.parameter @b : tensor<f32> = #ds.fill<1.0>
func.func @loss() -> tensor<f32> attributes {ds.loss} {
  %0 = ds.read @a : tensor<f32>
  %1 = ds.read @b : tensor<f32>
  %2 = ds.add %0, %1 : tensor<f32>, tensor<f32>
  return %2 : tensor<f32>
}

// -----

// `loss` is a function.
// CHECK: ds.unit @loss_1 "parameter"
ds.parameter @loss.a : tensor<f32> = #ds.fill<1.0>
ds.parameter @loss.b : tensor<f32> = #ds.fill<1.0>
func.func @loss() -> tensor<f32> attributes {ds.loss} {
  %0 = ds.read @loss.a : tensor<f32>
  %1 = ds.read @loss.b : tensor<f32>
  %2 = ds.add %0, %1 : tensor<f32>, tensor<f32>
  return %2 : tensor<f32>
}

// -----

// `step` will be the counter of steps.
// CHECK: ds.unit @step_1 "parameter"
ds.parameter @step : tensor<f32> = #ds.fill<1.0>
func.func @loss() -> tensor<f32> attributes {ds.loss} {
  %0 = ds.read @step : tensor<f32>
  return %0 : tensor<f32>
}

// -----

// Element types do not mix.
// CHECK: ds.unit @a "parameter" : tensor<1024xf32>
// CHECK: ds.unit @b "parameter" : tensor<1024xf64>
ds.parameter @a : tensor<f32> = #ds.fill<1.0>
ds.parameter @b : tensor<f64> = #ds.fill<1.0>
func.func @loss() -> tensor<f32> attributes {ds.loss} {
  %0 = ds.read @a : tensor<f32>
  %1 = ds.read @b : tensor<f64>
  %2 = ds.add %0, %1 : tensor<f32>, tensor<f64>
  return %2 : tensor<f32>
}
