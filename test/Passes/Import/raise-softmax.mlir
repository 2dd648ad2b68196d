// RUN: ds-opt %s --ds-raise-softmax --canonicalize --cse --split-input-file | FileCheck %s
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

// -----

// What is subtracted from each row, here a maximum of scores that lay otherwise, changes nothing.
// CHECK: module attributes {ds.raised = {softmax = 1 : i64}}
module {
  // CHECK: func.func @loss(%[[X:.+]]: tensor<2x4x8xf32>)
  // CHECK-NEXT: %[[T:.+]] = ds.transpose %[[X]] dims [1, 0, 2]
  // CHECK-NEXT: %[[Y:.+]] = ds.softmax %[[T]] scale 1.000000e+00
  // CHECK-NEXT: return %[[Y]]
  func.func @loss(%x: tensor<2x4x8xf32>) -> tensor<4x2x8xf32> attributes {ds.loss} {
    %m = ds.reduce "max" %x : tensor<2x4x8xf32> -> tensor<2x4xf32>
    %n = ds.transpose %m dims [1, 0] : tensor<2x4xf32> -> tensor<4x2xf32>
    %t = ds.transpose %x dims [1, 0, 2] : tensor<2x4x8xf32> -> tensor<4x2x8xf32>
    %r = ds.broadcast %n dims [0, 1] : tensor<4x2xf32> -> tensor<4x2x8xf32>
    %d = ds.sub %t, %r : tensor<4x2x8xf32>, tensor<4x2x8xf32>
    %e = ds.exp %d : tensor<4x2x8xf32>
    %s = ds.sum %e {trailing} : tensor<4x2x8xf32> -> tensor<4x2xf32>
    %b = ds.broadcast %s dims [0, 1] : tensor<4x2xf32> -> tensor<4x2x8xf32>
    %p = ds.div %e, %b : tensor<4x2x8xf32>, tensor<4x2x8xf32>
    return %p : tensor<4x2x8xf32>
  }
}

// -----

// What is subtracted from each column stays.
// CHECK: module attributes {ds.raised = {softmax = 1 : i64}}
module {
  // CHECK: %[[D:.+]] = ds.sub
  // CHECK-NEXT: ds.softmax %[[D]] scale 1.000000e+00
  func.func @loss(%x: tensor<8x8xf32>, %c: tensor<8xf32>) -> tensor<8x8xf32> attributes {ds.loss} {
    %r = ds.broadcast %c dims [1] : tensor<8xf32> -> tensor<8x8xf32>
    %d = ds.sub %x, %r : tensor<8x8xf32>, tensor<8x8xf32>
    %e = ds.exp %d : tensor<8x8xf32>
    %s = ds.sum %e {trailing} : tensor<8x8xf32> -> tensor<8xf32>
    %b = ds.broadcast %s dims [0] : tensor<8xf32> -> tensor<8x8xf32>
    %p = ds.div %e, %b : tensor<8x8xf32>, tensor<8x8xf32>
    return %p : tensor<8x8xf32>
  }
}
