// RUN: ds-opt %s --ds-raise-splits --canonicalize --split-input-file | FileCheck %s

// CHECK: func.func @loss(%[[X:.+]]: tensor<4x8xf32>)
// CHECK-NEXT: %[[P:.+]]:2 = ds.split %[[X]] : (tensor<4x8xf32>) -> (tensor<4x2xf32>, tensor<4x6xf32>)
// CHECK-NEXT: return %[[P]]#1, %[[P]]#0
func.func @loss(%x: tensor<4x8xf32>) -> (tensor<4x6xf32>, tensor<4x2xf32>) attributes {ds.loss} {
  %b = ds.window %x dim 1 at 2 : tensor<4x8xf32> -> tensor<4x6xf32>
  %a = ds.window %x dim 1 at 0 : tensor<4x8xf32> -> tensor<4x2xf32>
  return %b, %a : tensor<4x6xf32>, tensor<4x2xf32>
}

// -----

// A column is left out, or taken twice, or the windows are of rows.
// CHECK-NOT: ds.split
func.func @loss(%x: tensor<4x8xf32>, %y: tensor<4x8xf32>, %z: tensor<4x8xf32>)
    -> (tensor<4x2xf32>, tensor<4x5xf32>, tensor<4x3xf32>, tensor<4x6xf32>, tensor<2x8xf32>, tensor<2x8xf32>)
    attributes {ds.loss} {
  %a = ds.window %x dim 1 at 0 : tensor<4x8xf32> -> tensor<4x2xf32>
  %b = ds.window %x dim 1 at 3 : tensor<4x8xf32> -> tensor<4x5xf32>
  %c = ds.window %y dim 1 at 0 : tensor<4x8xf32> -> tensor<4x3xf32>
  %d = ds.window %y dim 1 at 2 : tensor<4x8xf32> -> tensor<4x6xf32>
  %e = ds.window %z dim 0 at 0 : tensor<4x8xf32> -> tensor<2x8xf32>
  %f = ds.window %z dim 0 at 2 : tensor<4x8xf32> -> tensor<2x8xf32>
  return %a, %b, %c, %d, %e, %f : tensor<4x2xf32>, tensor<4x5xf32>, tensor<4x3xf32>, tensor<4x6xf32>,
                                  tensor<2x8xf32>, tensor<2x8xf32>
}
