// RUN: ds-opt %s --ds-raise-cross-entropy --canonicalize | FileCheck %s
//
// More spellings, and what is none: test/Pipelines/raising.test.

// CHECK: module attributes {ds.raised = {cross_entropy = 1 : i64}}
module {
  // A sum is four times the mean.
  // CHECK: func.func @loss(%[[X:.+]]: tensor<4x8xf32>, %[[T:.+]]: tensor<4xi32>)
  // CHECK-NEXT: %[[N:.+]] = ds.constant dense<4.000000e+00> : tensor<f32>
  // CHECK-NEXT: %[[L:.+]] = ds.cross_entropy %[[X]], %[[T]]
  // CHECK-NEXT: %[[S:.+]] = ds.mul %[[L]], %[[N]]
  // CHECK-NEXT: return %[[S]]
  func.func @loss(%x: tensor<4x8xf32>, %t: tensor<4xi32>) -> tensor<f32> attributes {ds.loss} {
    %e = ds.exp %x : tensor<4x8xf32>
    %s = ds.sum %e {trailing} : tensor<4x8xf32> -> tensor<4xf32>
    %l = ds.log %s : tensor<4xf32>
    %i = ds.reshape %t : tensor<4xi32> -> tensor<4x1xi32>
    %p = ds.gather %x, %i offset [] collapsed [1] batch [0] of [0] map [1] vector 1 sizes [1, 1]
        : (tensor<4x8xf32>, tensor<4x1xi32>) -> tensor<4xf32>
    %r = ds.sub %l, %p : tensor<4xf32>, tensor<4xf32>
    %sum = ds.sum %r : tensor<4xf32> -> tensor<f32>
    return %sum : tensor<f32>
  }
}
