// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What tells that a step overflowed: the sum of the squares of the gradients, block by block and whole, and whether it
// is finite.  check-kernels puts a NaN and both infinities into the first, a middle and the last element of each.

func.func private @blocks_f32(%g: tensor<37x1024xf32>) -> tensor<37xf32> {
  %0 = ds.sum %g {squares, trailing} : tensor<37x1024xf32> -> tensor<37xf32>
  return %0 : tensor<37xf32>
}
func.func private @whole_f32(%g: tensor<1021xf32>) -> tensor<f64> {
  %0 = ds.sum %g {squares, trailing} : tensor<1021xf32> -> tensor<f64>
  return %0 : tensor<f64>
}
func.func private @each_f32(%g: tensor<1021xf32>) -> (tensor<1021xi1>, tensor<1021xf32>) {
  %0 = ds.is_finite %g : tensor<1021xf32> -> tensor<1021xi1>
  %1 = ds.add %g, %g : tensor<1021xf32>, tensor<1021xf32>
  return %0, %1 : tensor<1021xi1>, tensor<1021xf32>
}

func.func private @blocks_bf16(%g: tensor<37x1024xbf16>) -> tensor<37xf32> {
  %0 = ds.sum %g {squares, trailing} : tensor<37x1024xbf16> -> tensor<37xf32>
  return %0 : tensor<37xf32>
}
func.func private @whole_bf16(%g: tensor<1021xbf16>) -> tensor<f64> {
  %0 = ds.sum %g {squares, trailing} : tensor<1021xbf16> -> tensor<f64>
  return %0 : tensor<f64>
}
func.func private @each_bf16(%g: tensor<1021xbf16>) -> (tensor<1021xi1>, tensor<1021xbf16>) {
  %0 = ds.is_finite %g : tensor<1021xbf16> -> tensor<1021xi1>
  %1 = ds.add %g, %g : tensor<1021xbf16>, tensor<1021xbf16>
  return %0, %1 : tensor<1021xi1>, tensor<1021xbf16>
}

func.func private @blocks_f16(%g: tensor<37x1024xf16>) -> tensor<37xf32> {
  %0 = ds.sum %g {squares, trailing} : tensor<37x1024xf16> -> tensor<37xf32>
  return %0 : tensor<37xf32>
}
func.func private @whole_f16(%g: tensor<1021xf16>) -> tensor<f64> {
  %0 = ds.sum %g {squares, trailing} : tensor<1021xf16> -> tensor<f64>
  return %0 : tensor<f64>
}
func.func private @each_f16(%g: tensor<1021xf16>) -> (tensor<1021xi1>, tensor<1021xf16>) {
  %0 = ds.is_finite %g : tensor<1021xf16> -> tensor<1021xi1>
  %1 = ds.add %g, %g : tensor<1021xf16>, tensor<1021xf16>
  return %0, %1 : tensor<1021xi1>, tensor<1021xf16>
}

func.func private @total(%sums: tensor<37xf32>) -> tensor<f64> {
  %0 = ds.sum %sums {trailing} : tensor<37xf32> -> tensor<f64>
  return %0 : tensor<f64>
}
func.func private @is_finite(%norm: tensor<f64>) -> (tensor<i1>, tensor<f64>) {
  %0 = ds.is_finite %norm : tensor<f64> -> tensor<i1>
  %1 = ds.cast %0 : tensor<i1> -> tensor<f64>
  %2 = ds.add %norm, %1 : tensor<f64>, tensor<f64>
  return %0, %2 : tensor<i1>, tensor<f64>
}
