// RUN: ds-opt %s | ds-opt | FileCheck %s
// RUN: ds-opt %s --canonicalize | FileCheck %s --check-prefix=FOLD
//
// Convolutions print what they parse; transposes in front and behind become other layouts.

// CHECK-LABEL: func @convolution
func.func @convolution(%x: tensor<4x32x32x3xf32>, %w: tensor<3x3x3x16xf32>) -> tensor<4x16x16x16xf32> {
  // CHECK: ds.convolution "b01f,01io->b01f" %{{.+}}, %{{.+}} stride [2, 2] pad [1, 1] dilate [1, 1] groups 1
  %0 = ds.convolution "b01f,01io->b01f" %x, %w stride [2, 2] pad [1, 1] dilate [1, 1] groups 1
      : (tensor<4x32x32x3xf32>, tensor<3x3x3x16xf32>) -> tensor<4x16x16x16xf32>
  return %0 : tensor<4x16x16x16xf32>
}

// Depthwise, of one dimension, with two features of each, for any batch.
// CHECK-LABEL: func @depthwise
func.func @depthwise(%x: tensor<?x3x9xf32, #ds.dims<batch, _, _>>, %w: tensor<6x1x2xf32>)
    -> tensor<?x6x8xf32, #ds.dims<batch, _, _>> {
  // CHECK: ds.convolution "bf0,oi0->bf0" %{{.+}}, %{{.+}} stride [1] pad [0] dilate [1] groups 3
  %0 = ds.convolution "bf0,oi0->bf0" %x, %w stride [1] pad [0] dilate [1] groups 3
      : (tensor<?x3x9xf32, #ds.dims<batch, _, _>>, tensor<6x1x2xf32>)
      -> tensor<?x6x8xf32, #ds.dims<batch, _, _>>
  return %0 : tensor<?x6x8xf32, #ds.dims<batch, _, _>>
}

// CHECK-LABEL: func @gradients
func.func @gradients(%x: tensor<2x4x5x6x7xf64>, %w: tensor<2x2x2x4x8xf64>, %dy: tensor<2x8x2x3x3xf64>)
    -> (tensor<2x4x5x6x7xf64>, tensor<2x2x2x4x8xf64>) {
  // CHECK: ds.convolution_grad_input "bf012,012io->bf012" %{{.+}}, %{{.+}} stride [2, 2, 2] pad [0, 0, -1] dilate [1, 1, 1] groups 1
  %0 = ds.convolution_grad_input "bf012,012io->bf012" %dy, %w stride [2, 2, 2] pad [0, 0, -1]
      dilate [1, 1, 1] groups 1 : (tensor<2x8x2x3x3xf64>, tensor<2x2x2x4x8xf64>) -> tensor<2x4x5x6x7xf64>
  // CHECK: ds.convolution_grad_weight "bf012,012io->bf012" %{{.+}}, %{{.+}} stride [2, 2, 2] pad [0, 0, -1] dilate [1, 1, 1] groups 1
  %1 = ds.convolution_grad_weight "bf012,012io->bf012" %x, %dy stride [2, 2, 2] pad [0, 0, -1]
      dilate [1, 1, 1] groups 1 : (tensor<2x4x5x6x7xf64>, tensor<2x8x2x3x3xf64>) -> tensor<2x2x2x4x8xf64>
  return %0, %1 : tensor<2x4x5x6x7xf64>, tensor<2x2x2x4x8xf64>
}

// FOLD-LABEL: func @transposed
// FOLD-SAME: %[[X:.+]]: tensor<2x8x9x3xf32>, %[[W:.+]]: tensor<3x3x3x4xf32>
func.func @transposed(%x: tensor<2x8x9x3xf32>, %w: tensor<3x3x3x4xf32>) -> tensor<2x6x7x4xf32> {
  %0 = ds.transpose %x dims [0, 3, 1, 2] : tensor<2x8x9x3xf32> -> tensor<2x3x8x9xf32>
  %1 = ds.transpose %w dims [3, 2, 0, 1] : tensor<3x3x3x4xf32> -> tensor<4x3x3x3xf32>
  %2 = ds.convolution "bf01,oi01->bf01" %0, %1 stride [1, 1] pad [0, 0] dilate [1, 1] groups 1
      : (tensor<2x3x8x9xf32>, tensor<4x3x3x3xf32>) -> tensor<2x4x6x7xf32>
  %3 = ds.transpose %2 dims [0, 2, 3, 1] : tensor<2x4x6x7xf32> -> tensor<2x6x7x4xf32>
  // FOLD-NEXT: %[[Y:.+]] = ds.convolution "b01f,01io->b01f" %[[X]], %[[W]] stride [1, 1] pad [0, 0]
  // FOLD-NEXT: return %[[Y]]
  return %3 : tensor<2x6x7x4xf32>
}

// What two ops use stays as it is for the other.
// FOLD-LABEL: func @used_twice
func.func @used_twice(%x: tensor<1x2x3xf32>, %dy: tensor<1x4x3xf32>) -> (tensor<4x2x1xf32>, tensor<2x4x1xf32>) {
  // FOLD: ds.convolution_grad_weight "bf0,oi0->bf0"
  %0 = ds.convolution_grad_weight "bf0,oi0->bf0" %x, %dy stride [1] pad [0] dilate [1] groups 1
      : (tensor<1x2x3xf32>, tensor<1x4x3xf32>) -> tensor<4x2x1xf32>
  // FOLD: ds.transpose
  %1 = ds.transpose %0 dims [1, 0, 2] : tensor<4x2x1xf32> -> tensor<2x4x1xf32>
  return %0, %1 : tensor<4x2x1xf32>, tensor<2x4x1xf32>
}
