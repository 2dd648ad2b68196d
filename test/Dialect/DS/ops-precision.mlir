// RUN: ds-opt %s | ds-opt | FileCheck %s
// RUN: ds-opt %s -ds-decompose | FileCheck %s --check-prefix=PARTS
//
// Loss scales and rounding print what they parse.

// CHECK-LABEL: func @scale
// CHECK: ds.next_loss_scale %arg0, %arg1, %arg2 overflow %arg3 <initial = 1.600000e+01 : f64, window = 2, hysteresis = 1, consecutive = true, smallest = 1.000000e+00 : f64>
func.func @scale(%s: tensor<f64>, %h: tensor<f64>, %g: tensor<f64>, %o: tensor<f64>) -> tensor<f64> {
  %n:4 = ds.next_loss_scale %s, %h, %g overflow %o
      <initial = 16.0, window = 2, hysteresis = 1, consecutive = true, smallest = 1.0>
  return %n#0 : tensor<f64>
}

// CHECK-LABEL: func @round
// CHECK: ds.stochastic_round %arg0 key %arg1 at(%arg2, %arg3) from %arg4 : tensor<1536xf32> -> tensor<1536xbf16>
// PARTS-LABEL: func @round
// PARTS: %[[X:.+]] = ds.reshape %arg0 : tensor<1536xf32> -> tensor<3x512xf32>
// PARTS-NEXT: %[[Y:.+]] = ds.stochastic_round_rows %[[X]] key %arg1 at(%arg2, %arg3) from %arg4 : tensor<3x512xf32> -> tensor<3x512xbf16>
// PARTS-NEXT: ds.reshape %[[Y]] : tensor<3x512xbf16> -> tensor<1536xbf16>
func.func @round(%x: tensor<1536xf32>, %k: tensor<2xi32>, %seed: tensor<i64>, %step: tensor<i64>,
    %first: tensor<i64>) -> tensor<1536xbf16> {
  %y = ds.stochastic_round %x key %k at (%seed, %step) from %first : tensor<1536xf32> -> tensor<1536xbf16>
  return %y : tensor<1536xbf16>
}
