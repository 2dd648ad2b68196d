// RUN: ds-exec %s --check-gradients=strided,dilated,depthwise,grouped,three,cut,wide,transposed,transposed_groups,of_the_kernel,of_the_kernels | FileCheck %s
//
// Convolutions, and the gradients that are ops of their own, against finite differences.

// Channels last; the last column of the kernel meets padding.
// CHECK: gradients of @strided: 3 arguments
func.func @strided(%a: tensor<2x5x4x2xf64>, %b: tensor<3x2x2x3xf64>, %w: tensor<2x3x3x3xf64>) -> tensor<f64> {
  %0 = ds.convolution "b01f,01io->b01f" %a, %b stride [2, 1] pad [1, 0] dilate [1, 1] groups 1
      : (tensor<2x5x4x2xf64>, tensor<3x2x2x3xf64>) -> tensor<2x3x3x3xf64>
  %1 = ds.mul %0, %w : tensor<2x3x3x3xf64>, tensor<2x3x3x3xf64>
  %2 = ds.sum %1 : tensor<2x3x3x3xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// Channels first.
// CHECK: gradients of @dilated: 3 arguments
func.func @dilated(%a: tensor<1x2x6x5xf64>, %b: tensor<2x2x2x3xf64>, %w: tensor<1x2x4x3xf64>) -> tensor<f64> {
  %0 = ds.convolution "bf01,oi01->bf01" %a, %b stride [1, 1] pad [0, 1] dilate [2, 2] groups 1
      : (tensor<1x2x6x5xf64>, tensor<2x2x2x3xf64>) -> tensor<1x2x4x3xf64>
  %1 = ds.mul %0, %w : tensor<1x2x4x3xf64>, tensor<1x2x4x3xf64>
  %2 = ds.sum %1 : tensor<1x2x4x3xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// Two kernels for each feature.
// CHECK: gradients of @depthwise: 3 arguments
func.func @depthwise(%a: tensor<2x5x3xf64>, %b: tensor<3x1x6xf64>, %w: tensor<2x5x6xf64>) -> tensor<f64> {
  %0 = ds.convolution "b0f,0io->b0f" %a, %b stride [1] pad [1] dilate [1] groups 3
      : (tensor<2x5x3xf64>, tensor<3x1x6xf64>) -> tensor<2x5x6xf64>
  %1 = ds.mul %0, %w : tensor<2x5x6xf64>, tensor<2x5x6xf64>
  %2 = ds.sum %1 : tensor<2x5x6xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// Batch and features anywhere, the result turned.
// CHECK: gradients of @grouped: 3 arguments
func.func @grouped(%a: tensor<4x3x4x2xf64>, %b: tensor<6x2x2x2xf64>, %w: tensor<2x2x2x6xf64>) -> tensor<f64> {
  %0 = ds.convolution "f01b,oi01->b10f" %a, %b stride [1, 2] pad [0, 0] dilate [1, 1] groups 2
      : (tensor<4x3x4x2xf64>, tensor<6x2x2x2xf64>) -> tensor<2x2x2x6xf64>
  %1 = ds.mul %0, %w : tensor<2x2x2x6xf64>, tensor<2x2x2x6xf64>
  %2 = ds.sum %1 : tensor<2x2x2x6xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// Three dimensions.
// CHECK: gradients of @three: 3 arguments
func.func @three(%a: tensor<1x1x3x4x3xf64>, %b: tensor<2x2x2x1x2xf64>, %w: tensor<1x2x2x2x2xf64>) -> tensor<f64> {
  %0 = ds.convolution "bf012,012io->bf012" %a, %b stride [1, 2, 1] pad [0, 0, 0] dilate [1, 1, 1] groups 1
      : (tensor<1x1x3x4x3xf64>, tensor<2x2x2x1x2xf64>) -> tensor<1x2x2x2x2xf64>
  %1 = ds.mul %0, %w : tensor<1x2x2x2x2xf64>, tensor<1x2x2x2x2xf64>
  %2 = ds.sum %1 : tensor<1x2x2x2x2xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// A negative edge in front, and one behind.
// CHECK: gradients of @cut: 3 arguments
func.func @cut(%a: tensor<1x7x2xf64>, %b: tensor<2x2x2xf64>, %w: tensor<1x2x2xf64>) -> tensor<f64> {
  %0 = ds.convolution "b0f,0io->b0f" %a, %b stride [2] pad [-2] dilate [1] groups 1
      : (tensor<1x7x2xf64>, tensor<2x2x2xf64>) -> tensor<1x2x2xf64>
  %1 = ds.mul %0, %w : tensor<1x2x2xf64>, tensor<1x2x2xf64>
  %2 = ds.sum %1 : tensor<1x2x2xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// Edges wider than the input.
// CHECK: gradients of @wide: 3 arguments
func.func @wide(%a: tensor<1x2x2xf64>, %b: tensor<2x2x2xf64>, %w: tensor<1x6x2xf64>) -> tensor<f64> {
  %0 = ds.convolution "b0f,0io->b0f" %a, %b stride [1] pad [3] dilate [3] groups 1
      : (tensor<1x2x2xf64>, tensor<2x2x2xf64>) -> tensor<1x6x2xf64>
  %1 = ds.mul %0, %w : tensor<1x6x2xf64>, tensor<1x6x2xf64>
  %2 = ds.sum %1 : tensor<1x6x2xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// Makes an image larger; what no result depends on stays 0.
// CHECK: gradients of @transposed: 3 arguments
func.func @transposed(%a: tensor<2x2x2x2xf64>, %b: tensor<3x2x3x2xf64>, %w: tensor<2x5x5x3xf64>) -> tensor<f64> {
  %0 = ds.convolution_grad_input "b01f,01io->b01f" %a, %b stride [2, 3] pad [0, 0] dilate [1, 1] groups 1
      : (tensor<2x2x2x2xf64>, tensor<3x2x3x2xf64>) -> tensor<2x5x5x3xf64>
  %1 = ds.mul %0, %w : tensor<2x5x5x3xf64>, tensor<2x5x5x3xf64>
  %2 = ds.sum %1 : tensor<2x5x5x3xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// And in groups.
// CHECK: gradients of @transposed_groups: 3 arguments
func.func @transposed_groups(%a: tensor<1x6x3xf64>, %b: tensor<2x6x4xf64>, %w: tensor<1x4x6xf64>) -> tensor<f64> {
  %0 = ds.convolution_grad_input "bf0,io0->bf0" %a, %b stride [2] pad [1] dilate [1] groups 2
      : (tensor<1x6x3xf64>, tensor<2x6x4xf64>) -> tensor<1x4x6xf64>
  %1 = ds.mul %0, %w : tensor<1x4x6xf64>, tensor<1x4x6xf64>
  %2 = ds.sum %1 : tensor<1x4x6xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// The gradient to the kernel as an op.
// CHECK: gradients of @of_the_kernel: 3 arguments
func.func @of_the_kernel(%a: tensor<2x4x4x2xf64>, %b: tensor<2x3x2x3xf64>, %w: tensor<2x2x2x3xf64>) -> tensor<f64> {
  %0 = ds.convolution_grad_weight "b01f,01io->b01f" %a, %b stride [1, 2] pad [0, 0] dilate [1, 1] groups 1
      : (tensor<2x4x4x2xf64>, tensor<2x3x2x3xf64>) -> tensor<2x2x2x3xf64>
  %1 = ds.mul %0, %w : tensor<2x2x2x3xf64>, tensor<2x2x2x3xf64>
  %2 = ds.sum %1 : tensor<2x2x2x3xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// And depthwise.
// CHECK: gradients of @of_the_kernels: 3 arguments
func.func @of_the_kernels(%a: tensor<2x4x5xf64>, %b: tensor<2x4x5xf64>, %w: tensor<4x1x3xf64>) -> tensor<f64> {
  %0 = ds.convolution_grad_weight "bf0,oi0->bf0" %a, %b stride [1] pad [1] dilate [1] groups 4
      : (tensor<2x4x5xf64>, tensor<2x4x5xf64>) -> tensor<4x1x3xf64>
  %1 = ds.mul %0, %w : tensor<4x1x3xf64>, tensor<4x1x3xf64>
  %2 = ds.sum %1 : tensor<4x1x3xf64> -> tensor<f64>
  return %2 : tensor<f64>
}
