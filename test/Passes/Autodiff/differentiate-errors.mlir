// RUN: ds-opt %s --ds-differentiate -split-input-file -verify-diagnostics
//
// What has no gradient is named.

// expected-error @below {{expects a function '@f' of one block that returns one scalar}}
module {
}

// -----

// expected-error @below {{expects a function '@f' of one block that returns one scalar}}
module {
  func.func @f(%x: tensor<2xf64>) -> tensor<2xf64> {
    return %x : tensor<2xf64>
  }
}

// -----

// expected-error @below {{expects a function '@f' of one block that returns one scalar}}
module {
  func.func @f(%x: index) -> index {
    return %x : index
  }
}

// -----

func.func @f(%x: tensor<f64>) -> tensor<f64> {
  // expected-error @below {{'ds.silu_grad' op has no gradient, but the loss depends on it}}
  %0 = ds.silu_grad %x, %x : tensor<f64>
  return %0 : tensor<f64>
}

// -----

// The loss does not depend on the second op.
func.func @f(%x: tensor<f64>) -> tensor<f64> {
  %0 = ds.mul %x, %x : tensor<f64>, tensor<f64>
  %1 = ds.silu_grad %x, %x : tensor<f64>
  return %0 : tensor<f64>
}
