// RUN: ds-opt %s --ds-raise-norms --canonicalize --split-input-file | FileCheck %s
//
// More spellings, and what is none: test/Pipelines/raising.test.

// CHECK: module attributes {ds.raised = {rms_norm = 1 : i64}}
module {
  // CHECK: func.func @loss(%[[X:.+]]: tensor<4x8xf32>, %[[S:.+]]: tensor<8xf32>)
  // CHECK-NEXT: %[[Y:.+]] = ds.rms_norm %[[X]], %[[S]] eps 9.9999999999999995E-7
  // CHECK-NEXT: return %[[Y]]
  func.func @loss(%x: tensor<4x8xf32>, %scale: tensor<8xf32>) -> tensor<4x8xf32> attributes {ds.loss} {
    %n = ds.constant dense<8.0> : tensor<f64>
    %eps = ds.constant dense<1.0e-6> : tensor<f64>
    %s = ds.sum %x {squares, trailing} : tensor<4x8xf32> -> tensor<4xf32>
    %m = ds.div %s, %n : tensor<4xf32>, tensor<f64>
    %e = ds.add %m, %eps : tensor<4xf32>, tensor<f64>
    %r = ds.rsqrt %e : tensor<4xf32>
    %b = ds.broadcast %r dims [0] : tensor<4xf32> -> tensor<4x8xf32>
    %y = ds.mul %x, %b : tensor<4x8xf32>, tensor<4x8xf32>
    %z = ds.mul %y, %scale : tensor<4x8xf32>, tensor<8xf32>
    return %z : tensor<4x8xf32>
  }
}

// -----

// The mean is over 8, not over 7.
// CHECK-NOT: ds.raised
// CHECK-NOT: ds.rms_norm
module {
  func.func @loss(%x: tensor<4x8xf32>, %scale: tensor<8xf32>) -> tensor<4x8xf32> attributes {ds.loss} {
    %n = ds.constant dense<7.0> : tensor<f64>
    %eps = ds.constant dense<1.0e-6> : tensor<f64>
    %s = ds.sum %x {squares, trailing} : tensor<4x8xf32> -> tensor<4xf32>
    %m = ds.div %s, %n : tensor<4xf32>, tensor<f64>
    %e = ds.add %m, %eps : tensor<4xf32>, tensor<f64>
    %r = ds.rsqrt %e : tensor<4xf32>
    %b = ds.broadcast %r dims [0] : tensor<4xf32> -> tensor<4x8xf32>
    %y = ds.mul %x, %b : tensor<4x8xf32>, tensor<4x8xf32>
    %z = ds.mul %y, %scale : tensor<4x8xf32>, tensor<8xf32>
    return %z : tensor<4x8xf32>
  }
}

// -----

// The rows are read behind a reshape, and written without one: a batch of one, or one token of each.
// CHECK: module attributes {ds.raised = {rms_norm = 1 : i64}}
module {
  // CHECK: func.func @loss(%[[X:.+]]: tensor<4x1x8xf32>, %[[S:.+]]: tensor<8xf32>)
  // CHECK-NEXT: %[[Y:.+]] = ds.rms_norm %[[X]], %[[S]] eps 9.9999999999999995E-7 : tensor<4x1x8xf32>, tensor<8xf32>
  // CHECK-NEXT: %[[Z:.+]] = ds.reshape %[[Y]] : tensor<4x1x8xf32> -> tensor<4x8xf32>
  // CHECK-NEXT: return %[[Z]]
  func.func @loss(%token: tensor<4x1x8xf32>, %scale: tensor<8xf32>) -> tensor<4x8xf32> attributes {ds.loss} {
    %n = ds.constant dense<8.0> : tensor<f64>
    %eps = ds.constant dense<1.0e-6> : tensor<f64>
    %x = ds.reshape %token : tensor<4x1x8xf32> -> tensor<4x8xf32>
    %s = ds.sum %x {squares, trailing} : tensor<4x8xf32> -> tensor<4xf32>
    %m = ds.div %s, %n : tensor<4xf32>, tensor<f64>
    %e = ds.add %m, %eps : tensor<4xf32>, tensor<f64>
    %r = ds.rsqrt %e : tensor<4xf32>
    %b = ds.broadcast %r dims [0] : tensor<4xf32> -> tensor<4x8xf32>
    %y = ds.mul %x, %b : tensor<4x8xf32>, tensor<4x8xf32>
    %z = ds.mul %y, %scale : tensor<4x8xf32>, tensor<8xf32>
    return %z : tensor<4x8xf32>
  }
}
