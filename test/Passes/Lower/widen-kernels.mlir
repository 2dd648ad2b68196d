// RUN: ds-opt %s -ds-widen-kernels | FileCheck %s
//
// What is added up in memory is added up in float32: a table of zeros, one that was rounded just before, one that
// others need as it is; and what a kernel stores once, or exactly, stays.

// CHECK-LABEL: func @zeros
// CHECK: %[[Z:.+]] = ds.constant dense<0.000000e+00> : tensor<9x4xf32>
// CHECK-NEXT: %[[S:.+]] = ds.embedding_grad %[[Z]], %arg0, %arg1 {ds.backward} : (tensor<9x4xf32>, tensor<2xi32>, tensor<2x4xbf16>) -> tensor<9x4xf32>
// CHECK-NEXT: ds.cast %[[S]] {ds.backward} : tensor<9x4xf32> -> tensor<9x4xbf16>
func.func @zeros(%ids: tensor<2xi32>, %g: tensor<2x4xbf16>) -> tensor<9x4xbf16> {
  %0 = ds.constant dense<0.0> : tensor<9x4xbf16>
  %1 = ds.embedding_grad %0, %ids, %g {ds.backward}
      : (tensor<9x4xbf16>, tensor<2xi32>, tensor<2x4xbf16>) -> tensor<9x4xbf16>
  return %1 : tensor<9x4xbf16>
}

// CHECK-LABEL: func @rounded_before
// CHECK: ds.embedding_grad %arg2, %arg0, %arg1
func.func @rounded_before(%ids: tensor<2xi32>, %g: tensor<2x4xf16>, %sum: tensor<9x4xf32>) -> tensor<9x4xf16> {
  %0 = ds.cast %sum : tensor<9x4xf32> -> tensor<9x4xf16>
  %1 = ds.embedding_grad %0, %ids, %g : (tensor<9x4xf16>, tensor<2xi32>, tensor<2x4xf16>) -> tensor<9x4xf16>
  return %1 : tensor<9x4xf16>
}

// CHECK-LABEL: func @needed_as_it_is
// CHECK: %[[T:.+]] = ds.cast %arg2 : tensor<9x4xf32> -> tensor<9x4xbf16>
// CHECK: %[[W:.+]] = ds.cast %[[T]] : tensor<9x4xbf16> -> tensor<9x4xf32>
// CHECK: ds.embedding_grad %[[W]], %arg0, %arg1
func.func @needed_as_it_is(%ids: tensor<2xi32>, %g: tensor<2x4xbf16>, %sum: tensor<9x4xf32>)
    -> (tensor<9x4xbf16>, tensor<9x4xbf16>) {
  %0 = ds.cast %sum : tensor<9x4xf32> -> tensor<9x4xbf16>
  %1 = ds.embedding_grad %0, %ids, %g : (tensor<9x4xbf16>, tensor<2xi32>, tensor<2x4xbf16>) -> tensor<9x4xbf16>
  return %0, %1 : tensor<9x4xbf16>, tensor<9x4xbf16>
}

// CHECK-LABEL: func @along_a_dimension
// CHECK: ds.cumulative "sum" {{.*}} dim 0 : tensor<3x4xf32>
// CHECK: ds.cumulative "sum" {{.*}} times {{.*}} : tensor<3x4xf32> dim 0 : tensor<3x4xf32>
// CHECK: ds.cumulative "max" %arg0 dim 0 : tensor<3x4xbf16>
func.func @along_a_dimension(%x: tensor<3x4xbf16>)
    -> (tensor<3x4xbf16>, tensor<3x4xbf16>, tensor<3x4xbf16>) {
  %0 = ds.cumulative "sum" %x dim 0 : tensor<3x4xbf16>
  %1 = ds.cumulative "sum" %x times %x : tensor<3x4xbf16> dim 0 : tensor<3x4xbf16>
  %2 = ds.cumulative "max" %x dim 0 : tensor<3x4xbf16>
  return %0, %1, %2 : tensor<3x4xbf16>, tensor<3x4xbf16>, tensor<3x4xbf16>
}

// CHECK-LABEL: func @scattered
// CHECK: ds.scatter "add" {{.*}} : (tensor<5x8xf32>, tensor<3x1xi32>, tensor<3x8xf32>) -> tensor<5x8xf32>
// CHECK: ds.scatter "set" %arg0, %arg1, %arg2
func.func @scattered(%x: tensor<5x8xbf16>, %ids: tensor<3x1xi32>, %rows: tensor<3x8xbf16>)
    -> (tensor<5x8xbf16>, tensor<5x8xbf16>) {
  %0 = ds.scatter "add" %x, %ids, %rows window [1] inserted [0] map [0] vector 1
      : (tensor<5x8xbf16>, tensor<3x1xi32>, tensor<3x8xbf16>) -> tensor<5x8xbf16>
  %1 = ds.scatter "set" %x, %ids, %rows window [1] inserted [0] map [0] vector 1
      : (tensor<5x8xbf16>, tensor<3x1xi32>, tensor<3x8xbf16>) -> tensor<5x8xbf16>
  return %0, %1 : tensor<5x8xbf16>, tensor<5x8xbf16>
}

// CHECK-LABEL: func @stored_once
// CHECK-NEXT: ds.softmax
// CHECK-NEXT: ds.sum
func.func @stored_once(%x: tensor<3x4xbf16>) -> tensor<3xbf16> {
  %0 = ds.softmax %x scale 1.0 : tensor<3x4xbf16>
  %1 = ds.sum %0 {trailing} : tensor<3x4xbf16> -> tensor<3xbf16>
  return %1 : tensor<3xbf16>
}
