// RUN: ds-opt %s --ds-inline-blocks -split-input-file -verify-diagnostics
//
// What cannot be inlined is named at the call.

func.func private @declared(tensor<f32>) -> tensor<f32>
func.func @loss(%x: tensor<f32>) -> tensor<f32> attributes {ds.loss} {
  // expected-error @below {{'func.call' op expects a function with one block named '@declared'}}
  %0 = func.call @declared(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

func.func private @a(%x: tensor<f32>) -> tensor<f32> {
  // expected-error @below {{'func.call' op expects calls without recursion}}
  %0 = func.call @b(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @b(%x: tensor<f32>) -> tensor<f32> {
  %0 = func.call @a(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func @loss(%x: tensor<f32>) -> tensor<f32> attributes {ds.loss} {
  %0 = func.call @a(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

func.func @loss(%x: tensor<f32>) -> tensor<f32> attributes {ds.loss} {
  // expected-error @below {{'func.call' op expects calls without recursion}}
  %0 = func.call @loss(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

// Recursion elsewhere is nobody's business.
func.func @loss(%x: tensor<f32>) -> tensor<f32> attributes {ds.loss} {
  return %x : tensor<f32>
}
func.func private @unused(%x: tensor<f32>) -> tensor<f32> {
  %0 = func.call @unused(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
