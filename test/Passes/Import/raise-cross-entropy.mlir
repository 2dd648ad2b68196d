// RUN: ds-opt %s --ds-raise-cross-entropy --canonicalize --split-input-file | FileCheck %s
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

// -----

// A sum over a whole tensor, of which one element of each row is not 0; and rows that are numbered for it are read as
// the product has them.
// CHECK: module attributes {ds.raised = {cross_entropy = 1 : i64}}
module {
  // CHECK: func.func @loss(%[[X:.+]]: tensor<2x3x8xf32>, %[[T:.+]]: tensor<6xi32>)
  // CHECK: %[[I:.+]] = ds.reshape %[[T]] : tensor<6xi32> -> tensor<2x3xi32>
  // CHECK: ds.cross_entropy %[[X]], %[[I]] ignore -100 : (tensor<2x3x8xf32>, tensor<2x3xi32>)
  func.func @loss(%logits: tensor<2x3x8xf32>, %t: tensor<6xi32>) -> tensor<f32> attributes {ds.loss} {
    %zero = ds.constant dense<0.0> : tensor<f32>
    %x = ds.reshape %logits : tensor<2x3x8xf32> -> tensor<6x8xf32>
    %e = ds.exp %x : tensor<6x8xf32>
    %s = ds.sum %e {trailing} : tensor<6x8xf32> -> tensor<6xf32>
    %l = ds.log %s : tensor<6xf32>
    %b = ds.broadcast %l dims [0] : tensor<6xf32> -> tensor<6x8xf32>
    %d = ds.sub %b, %x : tensor<6x8xf32>, tensor<6x8xf32>
    %c = ds.iota dim 1 : tensor<6x8xi32>
    %i = ds.broadcast %t dims [0] : tensor<6xi32> -> tensor<6x8xi32>
    %m = ds.compare "eq" %c, %i : tensor<6x8xi32>, tensor<6x8xi32> -> tensor<6x8xi1>
    %o = ds.cast %m unsigned : tensor<6x8xi1> -> tensor<6x8xf32>
    %p = ds.mul %o, %d : tensor<6x8xf32>, tensor<6x8xf32>
    %sum = ds.sum %p : tensor<6x8xf32> -> tensor<f32>
    return %sum : tensor<f32>
  }
}

// -----

// Only some of the columns are summed.
// CHECK: module {
// CHECK-NOT: ds.cross_entropy
module {
  func.func @loss(%x: tensor<6x8xf32>, %w: tensor<8xf32>) -> tensor<f32> attributes {ds.loss} {
    %e = ds.exp %x : tensor<6x8xf32>
    %s = ds.sum %e {trailing} : tensor<6x8xf32> -> tensor<6xf32>
    %l = ds.log %s : tensor<6xf32>
    %b = ds.broadcast %l dims [0] : tensor<6xf32> -> tensor<6x8xf32>
    %d = ds.sub %b, %x : tensor<6x8xf32>, tensor<6x8xf32>
    %p = ds.mul %d, %w : tensor<6x8xf32>, tensor<8xf32>
    %sum = ds.sum %p : tensor<6x8xf32> -> tensor<f32>
    return %sum : tensor<f32>
  }
}
