// RUN: ds-opt %s --ds-cast-precision -split-input-file -verify-diagnostics
// RUN: not ds-opt %s --ds-cast-precision=compute=f32 -split-input-file 2>&1 | FileCheck %s --check-prefix=COMPUTE
// RUN: not ds-opt %s --ds-cast-precision='compute=fp16 master=bf16' -split-input-file 2>&1 | FileCheck %s --check-prefix=MASTER
//
// What can be cast.

// expected-error @below {{expects a function marked 'ds.loss'}}
module {
}

// -----

// COMPUTE: error: expects to compute in bf16 or fp16, but got 'f32'
// MASTER: error: expects parameters in f32 or 'fp16', but got 'bf16'
module {
  // expected-error @below {{'ds.parameter' op expects units (run ds-make-units first)}}
  ds.parameter @p : tensor<f32> = #ds.fill<1.0>
  func.func @loss(%x: tensor<f32>) -> tensor<f32> attributes {ds.loss} {
    return %x : tensor<f32>
  }
}
