// RUN: ds-exec %s --after=ds-decompose --worlds=1 --entry=round,special | FileCheck %s
//
// Rounding row by row draws the same words.

// CHECK-LABEL: @round
// CHECK-NEXT: world 1: equal: 2 results
func.func @round(%x: tensor<1536xf32>) -> (tensor<1536xbf16>, tensor<1536xbf16>) {
  %k = ds.constant dense<[7, -9]> : tensor<2xi32>
  %seed = ds.constant dense<8589934597> : tensor<i64>
  %step = ds.constant dense<3> : tensor<i64>
  %zero = ds.constant dense<0> : tensor<i64>
  %later = ds.constant dense<4099> : tensor<i64>
  %y = ds.stochastic_round %x key %k at (%seed, %step) from %zero : tensor<1536xf32> -> tensor<1536xbf16>
  %z = ds.stochastic_round %x key %k at (%seed, %step) from %later : tensor<1536xf32> -> tensor<1536xbf16>
  return %y, %z : tensor<1536xbf16>, tensor<1536xbf16>
}

// CHECK-LABEL: @special
// CHECK-NEXT: world 1: equal: 1 results
func.func @special() -> tensor<4xbf16> {
  %x = ds.constant dense<[0x7F800000, 0xFF800000, 1.5, 3.390625]> : tensor<4xf32>
  %k = ds.constant dense<[7, -9]> : tensor<2xi32>
  %i = ds.constant dense<3> : tensor<i64>
  %y = ds.stochastic_round %x key %k at (%i, %i) from %i : tensor<4xf32> -> tensor<4xbf16>
  return %y : tensor<4xbf16>
}
