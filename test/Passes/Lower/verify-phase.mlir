// RUN: ds-opt %s --ds-verify-phase=phase=lower | FileCheck %s
//
// What is lowered passes and is left as it is: kernels hold any op, scalars,
// products and views are instructions.

// CHECK-LABEL: func private @k
// CHECK-NEXT: ds.gelu
func.func private @k(%x: tensor<2x4xf32>) -> tensor<2x4xf32> attributes {ds.kernel} {
  %0 = ds.gelu %x : tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}

// CHECK-LABEL: func @train
// CHECK-NEXT: ds.launch @k
// CHECK-NEXT: ds.dot
// CHECK-NEXT: ds.reshape
// CHECK-NEXT: ds.add
func.func @train(%x: tensor<2x4xf32>, %w: tensor<4x4xf32>, %s: tensor<f64>) -> (tensor<8xf32>, tensor<f64>) {
  %0 = ds.launch @k(%x) : (tensor<2x4xf32>) -> tensor<2x4xf32>
  %1 = ds.dot "ik,kj->ij" %0, %w : (tensor<2x4xf32>, tensor<4x4xf32>) -> tensor<2x4xf32>
  %2 = ds.reshape %1 : tensor<2x4xf32> -> tensor<8xf32>
  %3 = ds.add %s, %s : tensor<f64>, tensor<f64>
  return %2, %3 : tensor<8xf32>, tensor<f64>
}
