// RUN: not ds-opt %s --ds-make-units="groups='[#ds.group<[\"*.wight\"]>]'" 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not ds-opt %s --ds-make-units="groups='[#ds.group<[\"w[\"]>]'" 2>&1 | FileCheck %s --check-prefix=GLOB
// RUN: not ds-opt %s --ds-make-units="groups='#ds.group<[\"*\"]>'" 2>&1 | FileCheck %s --check-prefix=ARRAY
// RUN: not ds-opt %s --ds-make-units="groups='[#ds.group<[\"*\"]>]'" 2>&1 | FileCheck %s --check-prefix=ALL
//
// Patterns that are none, that match nothing, or everything.

// NONE: error: expects a pattern that matches parameters, but got '*.wight'; the nearest name is 'h.weight'
// GLOB: error: expects a pattern of parameters' names, but got 'w[': invalid glob pattern, unmatched '['
// ARRAY: error: expects 'groups' to be an array of #ds.group, but got #ds.group<["*"]>
// ALL: error: expects a parameter that is trained, but the loss depends on frozen ones and buffers only
ds.parameter @h.weight : tensor<f32> = #ds.fill<1.0>
ds.parameter @h.bias : tensor<f32> = #ds.fill<1.0>
func.func @loss(%x: tensor<f32>) -> tensor<f32> attributes {ds.loss} {
  %w = ds.read @h.weight : tensor<f32>
  %b = ds.read @h.bias : tensor<f32>
  %0 = ds.add %w, %b : tensor<f32>, tensor<f32>
  return %0 : tensor<f32>
}
