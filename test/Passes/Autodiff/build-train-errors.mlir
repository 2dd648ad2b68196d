// RUN: ds-opt %s --ds-build-train -split-input-file -verify-diagnostics
// RUN: not ds-opt %s --ds-build-train=micro-batches=0 -split-input-file 2>&1 \
// RUN:   | FileCheck %s --check-prefix=NONE
// RUN: not ds-opt %s --ds-build-train='micro-batches=2' -split-input-file 2>&1 | FileCheck %s --check-prefix=STEP
//
// What a loss must be.

// expected-error @below {{expects a function marked 'ds.loss'}}
module {
}

// -----

// expected-error @below {{expects the loss function to have one block and one result}}
func.func @loss() attributes {ds.loss} {
  return
}

// -----

// expected-error @below {{expects the loss to be a floating-point scalar, but got 'tensor<2xf32>'}}
func.func @loss(%x: tensor<2xf32>) -> tensor<2xf32> attributes {ds.loss} {
  return %x : tensor<2xf32>
}

// -----

// expected-error @below {{expects the loss to be a floating-point scalar, but got 'tensor<i32>'}}
func.func @loss(%x: tensor<i32>) -> tensor<i32> attributes {ds.loss} {
  return %x : tensor<i32>
}

// -----

// expected-error @below {{expects tensors of static shapes (run ds-bind-dims first), but got 'tensor<?xf32, #ds.dims<batch>>'}}
func.func @loss(%x: tensor<f32>, %y: tensor<?xf32, #ds.dims<batch>>) -> tensor<f32> attributes {ds.loss} {
  return %x : tensor<f32>
}

// -----

// expected-error @below {{expects tensors of static shapes (run ds-bind-dims first), but got 'index'}}
func.func @loss(%x: tensor<f32>, %y: index) -> tensor<f32> attributes {ds.loss} {
  return %x : tensor<f32>
}

// -----

// NONE: error: expects at least one micro-batch, but got 0
// expected-error @below {{expects units (run ds-make-units first)}}
func.func @loss(%x: tensor<f32>) -> tensor<f32> attributes {ds.loss} {
  return %x : tensor<f32>
}

// -----

ds.unit @w "buffer" : tensor<2xf32> {members = []}
// STEP: error: trains no parameter and holds its own update: a whole training step is one micro-batch on one rank, but this plan has 2; lower the loss function alone, and ds-opt adds gradient, optimizer and ranks
func.func @loss(%x: tensor<2xf32>) -> tensor<f32> attributes {ds.loss} {
  %0 = ds.read @w : tensor<2xf32>
  %1 = ds.sub %0, %x : tensor<2xf32>, tensor<2xf32>
  ds.write %1, @w : tensor<2xf32>
  %2 = ds.sum %0 : tensor<2xf32> -> tensor<f32>
  return %2 : tensor<f32>
}

// -----

ds.unit @u "parameter" : tensor<2xf32> {members = []}
func.func @loss() -> tensor<f32> attributes {ds.loss} {
  %u = ds.read @u : tensor<2xf32>
  %0 = ds.sum %u : tensor<2xf32> -> tensor<f32>
  // expected-error @below {{'ds.silu_grad' op has no gradient, but the loss depends on it}}
  %1 = ds.silu_grad %0, %0 : tensor<f32>
  return %1 : tensor<f32>
}

// -----

ds.unit @u "parameter" : tensor<4xf32> {members = [#ds.member<"w" at 0 : tensor<4xf32> = #ds.fill<1.0>>]}
func.func @loss(%x: tensor<2x4xf32>) -> tensor<f32> attributes {ds.loss} {
  %0 = ds.dropout %x <"drop", 0.1> : tensor<2x4xf32>
  // expected-error @below {{'ds.dropout' op expects a dropout name of its own, for equal names have equal masks, but got "drop" again}}
  %1 = ds.dropout %0 <"drop", 0.2> : tensor<2x4xf32>
  %2 = ds.sum %1 : tensor<2x4xf32> -> tensor<f32>
  return %2 : tensor<f32>
}
