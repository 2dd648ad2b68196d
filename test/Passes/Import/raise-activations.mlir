// RUN: ds-opt %s --ds-raise-activations --canonicalize | FileCheck %s
//
// More spellings, and what is none: test/Pipelines/raising.test.

// CHECK: module attributes {ds.raised = {silu = 1 : i64}}
module {
  // CHECK: func.func @loss(%[[X:.+]]: tensor<4x8xf32>)
  // CHECK-NEXT: %[[Y:.+]] = ds.silu %[[X]]
  // CHECK-NEXT: return %[[Y]]
  func.func @loss(%x: tensor<4x8xf32>) -> tensor<4x8xf32> attributes {ds.loss} {
    %s = ds.sigmoid %x : tensor<4x8xf32>
    %y = ds.mul %s, %x : tensor<4x8xf32>, tensor<4x8xf32>
    return %y : tensor<4x8xf32>
  }
  // Only loss functions are looked at.
  // CHECK: func.func @other
  // CHECK-NEXT: ds.sigmoid
  func.func @other(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
    %s = ds.sigmoid %x : tensor<4x8xf32>
    %y = ds.mul %s, %x : tensor<4x8xf32>, tensor<4x8xf32>
    return %y : tensor<4x8xf32>
  }
}
