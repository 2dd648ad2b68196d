// RUN: ds-opt %s --ds-raise-softmax --canonicalize --cse | FileCheck %s
//
// More spellings, and what is none: test/Pipelines/raising.test.

// CHECK: module attributes {ds.raised = {softmax = 1 : i64}}
module {
  // CHECK: func.func @loss(%[[X:.+]]: tensor<4x8xf32>)
  // CHECK-NEXT: %[[Y:.+]] = ds.softmax %[[X]] scale 3.000000e+00
  // CHECK-NEXT: return %[[Y]]
  func.func @loss(%x: tensor<4x8xf32>) -> tensor<4x8xf32> attributes {ds.loss} {
    %three = ds.constant dense<3.0> : tensor<f32>
    %t = ds.mul %x, %three : tensor<4x8xf32>, tensor<f32>
    %e = ds.exp %t : tensor<4x8xf32>
    %s = ds.sum %e {trailing} : tensor<4x8xf32> -> tensor<4xf32>
    %b = ds.broadcast %s dims [0] : tensor<4xf32> -> tensor<4x8xf32>
    %p = ds.div %e, %b : tensor<4x8xf32>, tensor<4x8xf32>
    return %p : tensor<4x8xf32>
  }
}
