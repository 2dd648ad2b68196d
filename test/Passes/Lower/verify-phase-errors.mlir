// RUN: ds-opt %s --ds-verify-phase=phase=lower -split-input-file -verify-diagnostics
//
// A broken promise is named at the op, with the phase.

// expected-error @below {{'func.func' op is still there after phase 'lower'}}
func.func @loss(%x: tensor<f32>) -> tensor<f32> attributes {ds.loss} {
  return %x : tensor<f32>
}

// -----

func.func @dynamic(%x: tensor<?xf32, #ds.dims<batch>>) -> tensor<?xf32, #ds.dims<batch>> {
  // expected-error @below {{'ds.neg' op has a dynamic shape after phase 'lower'}}
  %0 = ds.neg %x : tensor<?xf32, #ds.dims<batch>>
  return %0 : tensor<?xf32, #ds.dims<batch>>
}

// -----

func.func private @f(%x: tensor<f32>) -> tensor<f32>
func.func @call(%x: tensor<f32>) -> tensor<f32> {
  // expected-error @below {{'func.call' op is a call after phase 'lower'}}
  %0 = func.call @f(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

func.func @decomposable(%x: tensor<3x4xf32>, %t: tensor<3xi32>) -> tensor<f32> {
  // expected-error @below {{'ds.cross_entropy' op has no instruction after phase 'lower'}}
  %0 = ds.cross_entropy %x, %t : (tensor<3x4xf32>, tensor<3xi32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

func.func @not_fused(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @below {{'ds.gelu' op has no instruction after phase 'lower'}}
  %0 = ds.gelu %x : tensor<4xf32>
  return %0 : tensor<4xf32>
}
