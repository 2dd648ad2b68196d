// RUN: ds-opt %s -split-input-file -verify-diagnostics
//
// Each check of a convolution says what it expects and what it got.

func.func @ranks(%x: tensor<2x3x8xf32>, %w: tensor<4x3x3x1xf32>) {
  // expected-error @below {{'stablehlo.convolution' op expects tensors of one rank, of 2 or more, but got 'tensor<4x3x3x1xf32>' as kernel}}
  %0 = stablehlo.convolution(%x, %w) dim_numbers = [b, f, 0]x[o, i, 0]->[b, f, 0],
    window = {stride = [1], pad = [[1, 1]]}
    {batch_group_count = 1 : i64, feature_group_count = 1 : i64}
    : (tensor<2x3x8xf32>, tensor<4x3x3x1xf32>) -> tensor<2x4x8xf32>
  return
}

// -----

func.func @layout(%x: tensor<2x3x8xf32>, %w: tensor<4x3x3xf32>) {
  // expected-error @below {{'stablehlo.convolution' op expects a layout of two features or batches and each spatial dimension for the input 'tensor<2x3x8xf32>'}}
  %0 = stablehlo.convolution(%x, %w) dim_numbers = [b, b, 0]x[o, i, 0]->[b, f, 0],
    window = {stride = [1], pad = [[1, 1]]}
    {batch_group_count = 1 : i64, feature_group_count = 1 : i64}
    : (tensor<2x3x8xf32>, tensor<4x3x3xf32>) -> tensor<2x4x8xf32>
  return
}

// -----

func.func @spatial(%x: tensor<2x3x8xf32>, %w: tensor<4x3x3xf32>) {
  // expected-error @below {{'stablehlo.convolution' op expects a layout of two features or batches and each spatial dimension for the result 'tensor<2x4x8xf32>'}}
  %0 = stablehlo.convolution(%x, %w) dim_numbers = [b, f, 0]x[o, i, 0]->[b, f, 7],
    window = {stride = [1], pad = [[1, 1]]}
    {batch_group_count = 1 : i64, feature_group_count = 1 : i64}
    : (tensor<2x3x8xf32>, tensor<4x3x3xf32>) -> tensor<2x4x8xf32>
  return
}

// -----

func.func @strides(%x: tensor<2x3x8xf32>, %w: tensor<4x3x3xf32>) {
  // expected-error @below {{'stablehlo.convolution' op expects 1 strides, but got 2}}
  %0 = stablehlo.convolution(%x, %w) dim_numbers = [b, f, 0]x[o, i, 0]->[b, f, 0],
    window = {stride = [1, 1], pad = [[1, 1]]}
    {batch_group_count = 1 : i64, feature_group_count = 1 : i64}
    : (tensor<2x3x8xf32>, tensor<4x3x3xf32>) -> tensor<2x4x8xf32>
  return
}

// -----

func.func @stride(%x: tensor<2x3x8xf32>, %w: tensor<4x3x3xf32>) {
  // expected-error @below {{'stablehlo.convolution' op expects strides from 1 to below 2^31, but got 0}}
  %0 = stablehlo.convolution(%x, %w) dim_numbers = [b, f, 0]x[o, i, 0]->[b, f, 0],
    window = {stride = [0], pad = [[1, 1]]}
    {batch_group_count = 1 : i64, feature_group_count = 1 : i64}
    : (tensor<2x3x8xf32>, tensor<4x3x3xf32>) -> tensor<2x4x8xf32>
  return
}

// -----

func.func @dilation(%x: tensor<2x3x8xf32>, %w: tensor<4x3x3xf32>) {
  // expected-error @below {{'stablehlo.convolution' op expects dilations of the input from 1 to below 2^31, but got 9223372036854775807}}
  %0 = stablehlo.convolution(%x, %w) dim_numbers = [b, f, 0]x[o, i, 0]->[b, f, 0],
    window = {pad = [[1, 1]], lhs_dilate = [9223372036854775807]}
    {batch_group_count = 1 : i64, feature_group_count = 1 : i64}
    : (tensor<2x3x8xf32>, tensor<4x3x3xf32>) -> tensor<2x4x8xf32>
  return
}

// -----

func.func @kernel_dilation(%x: tensor<2x3x8xf32>, %w: tensor<4x3x3xf32>) {
  // expected-error @below {{'stablehlo.convolution' op expects dilations of the kernel from 1 to below 2^31, but got -1}}
  %0 = stablehlo.convolution(%x, %w) dim_numbers = [b, f, 0]x[o, i, 0]->[b, f, 0],
    window = {pad = [[1, 1]], rhs_dilate = [-1]}
    {batch_group_count = 1 : i64, feature_group_count = 1 : i64}
    : (tensor<2x3x8xf32>, tensor<4x3x3xf32>) -> tensor<2x4x8xf32>
  return
}

// -----

func.func @reversal(%x: tensor<2x3x8xf32>, %w: tensor<4x3x3xf32>) {
  // expected-error @below {{'stablehlo.convolution' op expects 1 reversals, but got 2}}
  %0 = stablehlo.convolution(%x, %w) dim_numbers = [b, f, 0]x[o, i, 0]->[b, f, 0],
    window = {pad = [[1, 1]], reverse = [true, false]}
    {batch_group_count = 1 : i64, feature_group_count = 1 : i64}
    : (tensor<2x3x8xf32>, tensor<4x3x3xf32>) -> tensor<2x4x8xf32>
  return
}

// -----

func.func @edges(%x: tensor<2x3x8xf32>, %w: tensor<4x3x3xf32>) {
  // expected-error @below {{'stablehlo.convolution' op expects padding of two edges for each of 1 spatial dimensions, but got 'tensor<2x2xi64>'}}
  %0 = stablehlo.convolution(%x, %w) dim_numbers = [b, f, 0]x[o, i, 0]->[b, f, 0],
    window = {pad = [[1, 1], [1, 1]]}
    {batch_group_count = 1 : i64, feature_group_count = 1 : i64}
    : (tensor<2x3x8xf32>, tensor<4x3x3xf32>) -> tensor<2x4x8xf32>
  return
}

// -----

func.func @padding(%x: tensor<2x3x8xf32>, %w: tensor<4x3x3xf32>) {
  // expected-error @below {{'stablehlo.convolution' op expects padding below 2^31, but got 9223372036854775807}}
  %0 = stablehlo.convolution(%x, %w) dim_numbers = [b, f, 0]x[o, i, 0]->[b, f, 0],
    window = {pad = [[9223372036854775807, 1]]}
    {batch_group_count = 1 : i64, feature_group_count = 1 : i64}
    : (tensor<2x3x8xf32>, tensor<4x3x3xf32>) -> tensor<2x4x8xf32>
  return
}

// -----

func.func @groups(%x: tensor<2x3x8xf32>, %w: tensor<4x3x3xf32>) {
  // expected-error @below {{'stablehlo.convolution' op expects feature groups or batch groups, and at least one of each, but got 0 and 1}}
  %0 = stablehlo.convolution(%x, %w) dim_numbers = [b, f, 0]x[o, i, 0]->[b, f, 0],
    window = {stride = [1], pad = [[1, 1]]}
    {batch_group_count = 1 : i64, feature_group_count = 0 : i64}
    : (tensor<2x3x8xf32>, tensor<4x3x3xf32>) -> tensor<2x4x8xf32>
  return
}

// -----

func.func @both(%x: tensor<2x4x8xf32>, %w: tensor<4x2x3xf32>) {
  // expected-error @below {{'stablehlo.convolution' op expects feature groups or batch groups, and at least one of each, but got 2 and 2}}
  %0 = stablehlo.convolution(%x, %w) dim_numbers = [b, f, 0]x[o, i, 0]->[b, f, 0],
    window = {stride = [1], pad = [[1, 1]]}
    {batch_group_count = 2 : i64, feature_group_count = 2 : i64}
    : (tensor<2x4x8xf32>, tensor<4x2x3xf32>) -> tensor<1x4x8xf32>
  return
}

// -----

func.func @features(%x: tensor<2x3x8xf32>, %w: tensor<4x2x3xf32>) {
  // expected-error @below {{'stablehlo.convolution' op expects the input's features in 1 equal groups of 2, but got 3}}
  %0 = stablehlo.convolution(%x, %w) dim_numbers = [b, f, 0]x[o, i, 0]->[b, f, 0],
    window = {stride = [1], pad = [[1, 1]]}
    {batch_group_count = 1 : i64, feature_group_count = 1 : i64}
    : (tensor<2x3x8xf32>, tensor<4x2x3xf32>) -> tensor<2x4x8xf32>
  return
}

// -----

func.func @outputs(%x: tensor<2x4x8xf32>, %w: tensor<5x2x3xf32>) {
  // expected-error @below {{'stablehlo.convolution' op expects the kernel's output features in 2 equal groups, but got 5}}
  %0 = stablehlo.convolution(%x, %w) dim_numbers = [b, f, 0]x[o, i, 0]->[b, f, 0],
    window = {stride = [1], pad = [[1, 1]]}
    {batch_group_count = 1 : i64, feature_group_count = 2 : i64}
    : (tensor<2x4x8xf32>, tensor<5x2x3xf32>) -> tensor<2x5x8xf32>
  return
}

// -----

func.func @batches(%x: tensor<3x3x8xf32>, %w: tensor<4x3x3xf32>) {
  // expected-error @below {{'stablehlo.convolution' op expects the input's batch in 2 equal groups of 1, but got 3}}
  %0 = stablehlo.convolution(%x, %w) dim_numbers = [b, f, 0]x[o, i, 0]->[b, f, 0],
    window = {stride = [1], pad = [[1, 1]]}
    {batch_group_count = 2 : i64, feature_group_count = 1 : i64}
    : (tensor<3x3x8xf32>, tensor<4x3x3xf32>) -> tensor<1x4x8xf32>
  return
}

// -----

func.func @result(%x: tensor<2x3x8xf32>, %w: tensor<4x3x3xf32>) {
  // expected-error @below {{'stablehlo.convolution' op expects a result of shape [2, 4, 8], but got 'tensor<2x4x7xf32>'}}
  %0 = stablehlo.convolution(%x, %w) dim_numbers = [b, f, 0]x[o, i, 0]->[b, f, 0],
    window = {stride = [1], pad = [[1, 1]]}
    {batch_group_count = 1 : i64, feature_group_count = 1 : i64}
    : (tensor<2x3x8xf32>, tensor<4x3x3xf32>) -> tensor<2x4x7xf32>
  return
}

// -----

func.func @too_small(%x: tensor<2x3x1xf32>, %w: tensor<4x3x5xf32>) {
  // expected-error @below {{'stablehlo.convolution' op expects a result of shape [2, 4, 0], but got 'tensor<2x4x1xf32>'}}
  %0 = stablehlo.convolution(%x, %w) dim_numbers = [b, f, 0]x[o, i, 0]->[b, f, 0],
    window = {stride = [1], pad = [[1, 1]]}
    {batch_group_count = 1 : i64, feature_group_count = 1 : i64}
    : (tensor<2x3x1xf32>, tensor<4x3x5xf32>) -> tensor<2x4x1xf32>
  return
}
