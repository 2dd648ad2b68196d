// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Conversions of 16-bit numbers, of every pattern: denormal numbers, ties, NaN, infinities, and what becomes them.
func.func private @from_bf16(%x: tensor<65536xbf16> {test.patterns}) -> (tensor<65536xf32>, tensor<65536xf64>) {
  %0 = ds.cast %x : tensor<65536xbf16> -> tensor<65536xf32>
  %1 = ds.cast %x : tensor<65536xbf16> -> tensor<65536xf64>
  return %0, %1 : tensor<65536xf32>, tensor<65536xf64>
}
func.func private @from_f16(%x: tensor<65536xf16> {test.patterns}) -> (tensor<65536xf32>, tensor<65536xf64>) {
  %0 = ds.cast %x : tensor<65536xf16> -> tensor<65536xf32>
  %1 = ds.cast %x : tensor<65536xf16> -> tensor<65536xf64>
  return %0, %1 : tensor<65536xf32>, tensor<65536xf64>
}
func.func private @between(%x: tensor<65536xf16> {test.patterns}, %y: tensor<65536xbf16> {test.patterns})
    -> (tensor<65536xbf16>, tensor<65536xf16>) {
  %0 = ds.cast %x : tensor<65536xf16> -> tensor<65536xbf16>
  %1 = ds.cast %y : tensor<65536xbf16> -> tensor<65536xf16>
  return %0, %1 : tensor<65536xbf16>, tensor<65536xf16>
}
func.func private @from_f32(%x: tensor<524288xf32> {test.patterns}) -> (tensor<524288xbf16>, tensor<524288xf16>) {
  %0 = ds.cast %x : tensor<524288xf32> -> tensor<524288xbf16>
  %1 = ds.cast %x : tensor<524288xf32> -> tensor<524288xf16>
  return %0, %1 : tensor<524288xbf16>, tensor<524288xf16>
}
// Not by way of the nearest float32, which may lie in the middle of two numbers of fewer bits.
func.func private @from_f64(%x: tensor<524288xf64> {test.patterns}) -> (tensor<524288xbf16>, tensor<524288xf16>) {
  %0 = ds.cast %x : tensor<524288xf64> -> tensor<524288xbf16>
  %1 = ds.cast %x : tensor<524288xf64> -> tensor<524288xf16>
  return %0, %1 : tensor<524288xbf16>, tensor<524288xf16>
}
// Rounded in registers as in memory: what follows computes with the rounded number.
func.func private @rounded_in_between(%x: tensor<524288xf32> {test.patterns})
    -> (tensor<524288xf32>, tensor<524288xf32>) {
  %0 = ds.cast %x : tensor<524288xf32> -> tensor<524288xbf16>
  %1 = ds.cast %0 : tensor<524288xbf16> -> tensor<524288xf32>
  %2 = ds.cast %x : tensor<524288xf32> -> tensor<524288xf16>
  %3 = ds.cast %2 : tensor<524288xf16> -> tensor<524288xf32>
  return %1, %3 : tensor<524288xf32>, tensor<524288xf32>
}
func.func private @sums(%x: tensor<65536xbf16> {test.patterns}, %y: tensor<65536xf16> {test.patterns})
    -> (tensor<65536xbf16>, tensor<65536xf16>) {
  %0 = ds.constant dense<1.5> : tensor<65536xbf16>
  %1 = ds.add %x, %0 : tensor<65536xbf16>, tensor<65536xbf16>
  %2 = ds.constant dense<1.5> : tensor<65536xf16>
  %3 = ds.add %y, %2 : tensor<65536xf16>, tensor<65536xf16>
  return %1, %3 : tensor<65536xbf16>, tensor<65536xf16>
}
// Rows whose last vector has one element: nothing is written behind it.
func.func private @tail_of_one(%x: tensor<13x9xbf16>, %y: tensor<9xbf16>, %i: tensor<13x9xi32> {test.bound = 100 : i64},
    %z: tensor<9xi32> {test.bound = 27 : i64}) -> (tensor<13x9xbf16>, tensor<13x9xi8>) {
  %0 = ds.atan2 %x, %y : tensor<13x9xbf16>, tensor<9xbf16>
  %1 = ds.add %i, %z : tensor<13x9xi32>, tensor<9xi32>
  %2 = ds.cast %1 : tensor<13x9xi32> -> tensor<13x9xi8>
  return %0, %2 : tensor<13x9xbf16>, tensor<13x9xi8>
}
