// RUN: ds-exec %s --after=ds-split-folds --worlds=1 --steps=1 --entry=columns,rows | FileCheck %s
// RUN: ds-exec %s --after='ds-split-folds,ds-fuse-kernels{scalars},ds-insert-copies' --worlds=1 --steps=1 \
// RUN:   --entry=even_columns,rows | FileCheck %s --check-prefix=FUSED
//
// Folds in parts are what the whole ones are, of sizes that divide and that do not.

// CHECK-LABEL: @columns
// CHECK-NEXT: world 1: equal: 2 results
func.func @columns(%x: tensor<4x15001x71xf32>, %m: tensor<4x15001xf32>, %r: tensor<4x15001xf32>,
    %g: tensor<4x15001x71xf32>) -> (tensor<71xf32>, tensor<71xf32>) {
  %0 = ds.normalize %x, %m, %r : tensor<4x15001x71xf32>, tensor<4x15001xf32>, tensor<4x15001xf32>
  %1 = ds.mul %0, %g : tensor<4x15001x71xf32>, tensor<4x15001x71xf32>
  %2 = ds.sum %1 : tensor<4x15001x71xf32> -> tensor<71xf32>
  %3 = ds.sum %g : tensor<4x15001x71xf32> -> tensor<71xf32>
  return %2, %3 : tensor<71xf32>, tensor<71xf32>
}

// FUSED-LABEL: @even_columns
// FUSED-NEXT: world 1: equal: 1 results
func.func @even_columns(%x: tensor<3x20x1000x72xbf16>, %b: tensor<72xbf16>) -> tensor<72xbf16> {
  %0 = ds.add %x, %b : tensor<3x20x1000x72xbf16>, tensor<72xbf16>
  %1 = ds.sum %0 {squares} : tensor<3x20x1000x72xbf16> -> tensor<72xbf16>
  return %1 : tensor<72xbf16>
}

// CHECK-LABEL: @rows
// CHECK-NEXT: world 1: equal: 5 results
// FUSED: world 1: equal: 5 results
func.func @rows(%x: tensor<131077xf32>, %s: tensor<f32>, %y: tensor<3x196608xf32>, %z: tensor<300x601xf32>)
    -> (tensor<f32>, tensor<f32>, tensor<f64>, tensor<3xf32>, tensor<f32>) {
  %c = ds.constant dense<-2.0> : tensor<131077xf32>
  %0 = ds.mul %x, %c : tensor<131077xf32>, tensor<131077xf32>
  %1 = ds.add %0, %s : tensor<131077xf32>, tensor<f32>
  %2 = ds.reduce "max" %1 : tensor<131077xf32> -> tensor<f32>
  %3 = ds.reduce "min" %x : tensor<131077xf32> -> tensor<f32>
  %4 = ds.sum %x {squares, trailing} : tensor<131077xf32> -> tensor<f64>
  %5 = ds.sum %y {trailing} : tensor<3x196608xf32> -> tensor<3xf32>
  %6 = ds.sum %z : tensor<300x601xf32> -> tensor<f32>
  return %2, %3, %4, %5, %6 : tensor<f32>, tensor<f32>, tensor<f64>, tensor<3xf32>, tensor<f32>
}
