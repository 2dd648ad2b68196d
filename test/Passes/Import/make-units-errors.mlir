// RUN: ds-opt %s --ds-make-units -split-input-file -verify-diagnostics
// RUN: not ds-opt %s --ds-make-units=shards=0 -split-input-file 2>&1 \
// RUN:   | FileCheck %s --check-prefix=SHARDS
//
// A model must have a loss and parameters.

// expected-error @below {{expects a function marked 'ds.loss'}}
module {
  ds.parameter @p : tensor<f32> = #ds.fill<1.0>
}

// -----

// SHARDS: error: expects at least one shard, but got 0
module {
  // expected-error @below {{expects a model with parameters, but the loss reads none}}
  func.func @loss(%x: tensor<f32>) -> tensor<f32> attributes {ds.loss} {
    return %x : tensor<f32>
  }
}

// -----

// SHARDS: error: expects at least one shard, but got 0
module {
  ds.parameter @w : tensor<f32> = #ds.fill<1.0> {role = "frozen"}
  // expected-error @below {{expects a parameter that is trained, but the loss depends on frozen ones and buffers only}}
  func.func @loss(%x: tensor<f32>) -> tensor<f32> attributes {ds.loss} {
    %w = ds.read @w : tensor<f32>
    return %w : tensor<f32>
  }
}

// -----

module {
  ds.parameter @w : tensor<f32> = #ds.fill<1.0>
  func.func @loss(%x: tensor<f32>) -> tensor<f32> attributes {ds.loss} {
    %w = ds.read @w : tensor<f32>
    // expected-error @below {{expects a forward pass to change buffers only, but got 'w', which is of the role 'parameter'}}
    ds.write %x, @w : tensor<f32>
    return %w : tensor<f32>
  }
}
