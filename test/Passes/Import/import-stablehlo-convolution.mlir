// RUN: ds-opt %s --ds-import-stablehlo --split-input-file 2>/dev/null | FileCheck %s
//
// A convolution of StableHLO becomes the op that computes it directly.

// Channels first or last, no copy of either.
// CHECK-LABEL: module @plain
// CHECK: %[[W:.+]] = ds.read @w
// CHECK-NEXT: ds.convolution "b01f,01io->b01f" %{{.+}}, %[[W]] stride [2, 1] pad [1, 0] dilate [1, 2] groups 1
// CHECK-SAME: (tensor<2x8x9x3xf32>, tensor<3x3x3x4xf32>) -> tensor<2x4x5x4xf32>
module @plain {
  func.func public @main(%w: tensor<3x3x3x4xf32> {ds.kind = "parameter", ds.name = "w"},
                         %x: tensor<2x8x9x3xf32> {ds.kind = "input", ds.name = "x"}) -> tensor<f32> {
    %y = stablehlo.convolution(%x, %w) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f],
      window = {stride = [2, 1], pad = [[1, 1], [0, 0]], rhs_dilate = [1, 2]}
      {batch_group_count = 1 : i64, feature_group_count = 1 : i64}
      : (tensor<2x8x9x3xf32>, tensor<3x3x3x4xf32>) -> tensor<2x4x5x4xf32>
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    %l = stablehlo.reduce(%y init: %zero) applies stablehlo.add across dimensions = [0, 1, 2, 3]
      : (tensor<2x4x5x4xf32>, tensor<f32>) -> tensor<f32>
    return %l : tensor<f32>
  }
}

// -----

// As PyTorch's front end writes a transposed convolution: nothing is reversed.
// CHECK-LABEL: module @transposed
// CHECK: %[[W:.+]] = ds.read @w
// CHECK-NEXT: ds.convolution_grad_input "bf01,oi01->bf01" %{{.+}}, %[[W]] stride [2, 2] pad [1, 1] dilate [1, 1] groups 1
// CHECK-SAME: (tensor<2x3x4x5xf32>, tensor<3x4x3x3xf32>) -> tensor<2x4x8x10xf32>
module @transposed {
  func.func public @main(%w: tensor<3x4x3x3xf32> {ds.kind = "parameter", ds.name = "w"},
                         %x: tensor<2x3x4x5xf32> {ds.kind = "input", ds.name = "x"}) -> tensor<f32> {
    %y = stablehlo.convolution(%x, %w) dim_numbers = [b, f, 0, 1]x[i, o, 0, 1]->[b, f, 0, 1],
      window = {stride = [1, 1], pad = [[1, 2], [1, 2]], lhs_dilate = [2, 2], reverse = [true, true]}
      {batch_group_count = 1 : i64, feature_group_count = 1 : i64}
      : (tensor<2x3x4x5xf32>, tensor<3x4x3x3xf32>) -> tensor<2x4x8x10xf32>
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    %l = stablehlo.reduce(%y init: %zero) applies stablehlo.add across dimensions = [0, 1, 2, 3]
      : (tensor<2x4x8x10xf32>, tensor<f32>) -> tensor<f32>
    return %l : tensor<f32>
  }
}

// -----

// Patches side by side are the rows of one product.
// CHECK-LABEL: module @patches
// CHECK: %[[W:.+]] = ds.read @w
// CHECK-NEXT: %[[S:.+]] = ds.reshape %{{.+}} : tensor<2x8x12x3xf32> -> tensor<2x2x4x3x4x3xf32>
// CHECK-NEXT: %[[T:.+]] = ds.transpose %[[S]] dims [0, 1, 3, 2, 4, 5]
// CHECK-NEXT: %[[X:.+]] = ds.reshape %[[T]] : tensor<2x2x3x4x4x3xf32> -> tensor<2x2x3x48xf32>
// CHECK-NEXT: %[[F:.+]] = ds.reshape %[[W]] : tensor<4x4x3x16xf32> -> tensor<48x16xf32>
// CHECK-NEXT: ds.dot "bpqr,ro->bpqo" %[[X]], %[[F]]
module @patches {
  func.func public @main(%w: tensor<4x4x3x16xf32> {ds.kind = "parameter", ds.name = "w"},
                         %x: tensor<2x8x12x3xf32> {ds.kind = "input", ds.name = "x"}) -> tensor<f32> {
    %y = stablehlo.convolution(%x, %w) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f],
      window = {stride = [4, 4], pad = [[0, 0], [0, 0]]}
      {batch_group_count = 1 : i64, feature_group_count = 1 : i64}
      : (tensor<2x8x12x3xf32>, tensor<4x4x3x16xf32>) -> tensor<2x2x3x16xf32>
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    %l = stablehlo.reduce(%y init: %zero) applies stablehlo.add across dimensions = [0, 1, 2, 3]
      : (tensor<2x2x3x16xf32>, tensor<f32>) -> tensor<f32>
    return %l : tensor<f32>
  }
}

// -----

// Kernels of one position are a product of features, wherever these lie.
// CHECK-LABEL: module @pointwise
// CHECK: ds.dot "bipq,oi->bopq"
module @pointwise {
  func.func public @main(%w: tensor<4x3x1x1xf32> {ds.kind = "parameter", ds.name = "w"},
                         %x: tensor<2x3x5x6xf32> {ds.kind = "input", ds.name = "x"}) -> tensor<f32> {
    %y = stablehlo.convolution(%x, %w) dim_numbers = [b, f, 0, 1]x[o, i, 0, 1]->[b, f, 0, 1],
      window = {stride = [1, 1], pad = [[0, 0], [0, 0]]}
      {batch_group_count = 1 : i64, feature_group_count = 1 : i64}
      : (tensor<2x3x5x6xf32>, tensor<4x3x1x1xf32>) -> tensor<2x4x5x6xf32>
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    %l = stablehlo.reduce(%y init: %zero) applies stablehlo.add across dimensions = [0, 1, 2, 3]
      : (tensor<2x4x5x6xf32>, tensor<f32>) -> tensor<f32>
    return %l : tensor<f32>
  }
}

// -----

// JAX's gradient to a kernel, features for batches: the op for it.
// CHECK-LABEL: module @gradient
// CHECK: ds.convolution_grad_weight "bf01,oi01->bf01" %{{.+}}, %{{.+}} stride [1, 1] pad [1, 1] dilate [1, 1] groups 1
// CHECK-SAME: (tensor<2x3x8x8xf32>, tensor<2x4x8x8xf32>) -> tensor<4x3x3x3xf32>
module @gradient {
  func.func public @main(%w: tensor<2x4x8x8xf32> {ds.kind = "parameter", ds.name = "w"},
                         %x: tensor<2x3x8x8xf32> {ds.kind = "input", ds.name = "x"}) -> tensor<f32> {
    %y = stablehlo.convolution(%x, %w) dim_numbers = [f, b, 0, 1]x[i, o, 0, 1]->[f, b, 0, 1],
      window = {stride = [1, 1], pad = [[1, 1], [1, 1]]}
      {batch_group_count = 1 : i64, feature_group_count = 1 : i64}
      : (tensor<2x3x8x8xf32>, tensor<2x4x8x8xf32>) -> tensor<4x3x3x3xf32>
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    %l = stablehlo.reduce(%y init: %zero) applies stablehlo.add across dimensions = [0, 1, 2, 3]
      : (tensor<4x3x3x3xf32>, tensor<f32>) -> tensor<f32>
    return %l : tensor<f32>
  }
}
