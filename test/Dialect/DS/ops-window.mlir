// RUN: ds-opt %s | ds-opt | FileCheck %s
//
// Folds of windows and prefixes, orders and bits print as they are read.

// CHECK-LABEL: func @windows
func.func @windows(%x: tensor<4x8xf32>, %i: tensor<4x8xi32>) {
  // CHECK: ds.reduce_window "max" %{{.+}} sizes [1, 2] by [1, 2] : tensor<4x8xf32> -> tensor<4x4xf32>
  %0 = ds.reduce_window "max" %x sizes [1, 2] by [1, 2] : tensor<4x8xf32> -> tensor<4x4xf32>
  // CHECK: ds.reduce_window "sum" %{{.+}} sizes [2, 2] low [0, -1] interior [1, 0] apart [1, 3] : tensor<4x8xf32> -> tensor<6x6xf32>
  %1 = ds.reduce_window "sum" %x sizes [2, 2] low [0, -1] interior [1, 0] apart [1, 3]
      : tensor<4x8xf32> -> tensor<6x6xf32>
  // CHECK: ds.reduce_window "min" %{{.+}} sizes [1, 3] unsigned : tensor<4x8xi32> -> tensor<4x6xi32>
  %2 = ds.reduce_window "min" %i sizes [1, 3] unsigned : tensor<4x8xi32> -> tensor<4x6xi32>
  // CHECK: ds.arg_reduce_window "max" %{{.+}} sizes [1, 2] by [1, 2] : tensor<4x8xf32> -> tensor<4x4xi32>
  %3 = ds.arg_reduce_window "max" %x sizes [1, 2] by [1, 2] : tensor<4x8xf32> -> tensor<4x4xi32>
  // CHECK: ds.reduce_window_grad %{{.+}}, %{{.+}} sizes [1, 2] by [1, 2] : (tensor<4x4xf32>, tensor<4x4xi32>) -> tensor<4x8xf32>
  %4 = ds.reduce_window_grad %0, %3 sizes [1, 2] by [1, 2] : (tensor<4x4xf32>, tensor<4x4xi32>) -> tensor<4x8xf32>
  return
}

// CHECK-LABEL: func @prefixes
func.func @prefixes(%x: tensor<4x8xf32>, %a: tensor<4x8xf32>) {
  // CHECK: ds.cumulative "logsumexp" %{{.+}} dim 1 : tensor<4x8xf32>
  %0 = ds.cumulative "logsumexp" %x dim 1 : tensor<4x8xf32>
  // CHECK: ds.cumulative "sum" %{{.+}} times %{{.+}} : tensor<4x8xf32> dim 0 reverse : tensor<4x8xf32>
  %1 = ds.cumulative "sum" %x times %a : tensor<4x8xf32> dim 0 reverse : tensor<4x8xf32>
  return
}

// CHECK-LABEL: func @orders
func.func @orders(%x: tensor<4x8xf32>, %i: tensor<8xi64>) {
  // CHECK: ds.argsort %{{.+}} descending total : tensor<4x8xf32> -> tensor<4x2xi32>
  %0 = ds.argsort %x descending total : tensor<4x8xf32> -> tensor<4x2xi32>
  // CHECK: ds.argsort %{{.+}} unsigned : tensor<8xi64> -> tensor<8xi32>
  %1 = ds.argsort %i unsigned : tensor<8xi64> -> tensor<8xi32>
  return
}

// CHECK-LABEL: func @bits
func.func @bits(%x: tensor<4x8xf32>) {
  // CHECK: ds.erf_inv %{{.+}} : tensor<4x8xf32>
  %0 = ds.erf_inv %x : tensor<4x8xf32>
  // CHECK: ds.bitcast %{{.+}} : tensor<4x8xf32> -> tensor<4x8xi32>
  %1 = ds.bitcast %x : tensor<4x8xf32> -> tensor<4x8xi32>
  return
}
