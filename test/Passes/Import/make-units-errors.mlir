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
