// RUN: ds-opt %s -ds-insert-copies | FileCheck %s
//
// Views with gaps are copied once for all kernels; products take them as they
// lie, and rows have no gaps.

func.func private @k_gelu(%x: tensor<4x3xf32>) -> tensor<4x3xf32> attributes {ds.kernel} {
  %0 = ds.gelu %x : tensor<4x3xf32>
  return %0 : tensor<4x3xf32>
}
func.func private @k_neg(%x: tensor<12xf32>) -> tensor<12xf32> attributes {ds.kernel} {
  %0 = ds.neg %x : tensor<12xf32>
  return %0 : tensor<12xf32>
}

// CHECK-LABEL: func @columns
// CHECK: %[[W:.+]] = ds.window
// CHECK-NEXT: %[[C:.+]] = ds.copy %[[W]] : tensor<4x3xf32>
// CHECK-NEXT: ds.launch @k_gelu(%[[C]])
// CHECK-NEXT: ds.launch @k_gelu(%[[C]])
// CHECK-NEXT: ds.dot "mk,nk->mn" %[[W]], %[[W]]
func.func @columns(%x: tensor<4x8xf32>) -> (tensor<4x3xf32>, tensor<4x3xf32>, tensor<4x4xf32>) {
  %0 = ds.window %x dim 1 at 2 : tensor<4x8xf32> -> tensor<4x3xf32>
  %1 = ds.launch @k_gelu(%0) : (tensor<4x3xf32>) -> tensor<4x3xf32>
  %2 = ds.launch @k_gelu(%0) : (tensor<4x3xf32>) -> tensor<4x3xf32>
  %3 = ds.dot "mk,nk->mn" %0, %0 : (tensor<4x3xf32>, tensor<4x3xf32>) -> tensor<4x4xf32>
  return %1, %2, %3 : tensor<4x3xf32>, tensor<4x3xf32>, tensor<4x4xf32>
}

// CHECK-LABEL: func @behind_a_reshape
// CHECK: %[[R:.+]] = ds.reshape
// CHECK-NEXT: %[[C:.+]] = ds.copy %[[R]] : tensor<12xf32>
// CHECK-NEXT: ds.launch @k_neg(%[[C]])
func.func @behind_a_reshape(%x: tensor<4x8xf32>) -> tensor<12xf32> {
  %0:2 = ds.split %x : (tensor<4x8xf32>) -> (tensor<4x3xf32>, tensor<4x5xf32>)
  %1 = ds.reshape %0#0 : tensor<4x3xf32> -> tensor<12xf32>
  %2 = ds.launch @k_neg(%1) : (tensor<12xf32>) -> tensor<12xf32>
  return %2 : tensor<12xf32>
}

// CHECK-LABEL: func @rows
// CHECK-NOT: ds.copy
// CHECK: ds.launch
func.func @rows(%x: tensor<8x3xf32>) -> tensor<4x3xf32> {
  %0 = ds.window %x dim 0 at 2 : tensor<8x3xf32> -> tensor<4x3xf32>
  %1 = ds.launch @k_gelu(%0) : (tensor<4x3xf32>) -> tensor<4x3xf32>
  return %1 : tensor<4x3xf32>
}
