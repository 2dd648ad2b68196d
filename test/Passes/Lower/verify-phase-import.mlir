// RUN: ds-opt %s --ds-verify-phase=phase=import | FileCheck %s
//
// Before lowering ops may be anything, and after import the loss is there.

// CHECK-LABEL: func @loss
// CHECK-NEXT: ds.gelu
// CHECK-NEXT: ds.cross_entropy
func.func @loss(%x: tensor<3x4xf32>, %t: tensor<3xi32>) -> tensor<f32> attributes {ds.loss} {
  %0 = ds.gelu %x : tensor<3x4xf32>
  %1 = ds.cross_entropy %0, %t : (tensor<3x4xf32>, tensor<3xi32>) -> tensor<f32>
  return %1 : tensor<f32>
}
