// RUN: ds-opt %s -split-input-file -verify-diagnostics
//
// Each check of views says what it expects and what it got.

func.func @reshape_elements(%x: tensor<2x3xf32>) {
  // expected-error @below {{'ds.reshape' op expects as many elements as the input, but got 'tensor<2x3xf32>' and 'tensor<5xf32>'}}
  %0 = ds.reshape %x : tensor<2x3xf32> -> tensor<5xf32>
  return
}

// -----

// Found by the fuzzer: the product of the sizes overflowed.
func.func @reshape_huge(%x: tensor<2x6xf32>) {
  // expected-error @below {{'ds.reshape' op expects as many elements as the input, but got 'tensor<2x6xf32>' and 'tensor<9223372036854775807x4xf32>'}}
  %0 = ds.reshape %x : tensor<2x6xf32> -> tensor<9223372036854775807x4xf32>
  return
}

// -----

func.func @split_huge(%x: tensor<2xf32>) {
  // expected-error @below {{'ds.split' op expects parts of 'tensor<2xf32>' along the last dimension, but got 'tensor<9223372036854775807xf32>'}}
  %0:3 = ds.split %x : (tensor<2xf32>)
    -> (tensor<9223372036854775807xf32>, tensor<9223372036854775807xf32>, tensor<4xf32>)
  return
}

// -----

func.func @reshape_type(%x: tensor<2x3xf32>) {
  // expected-error @below {{'ds.reshape' op expects as many elements as the input, but got 'tensor<2x3xf32>' and 'tensor<6xf64>'}}
  %0 = ds.reshape %x : tensor<2x3xf32> -> tensor<6xf64>
  return
}

// -----

func.func @reshape_names(%x: tensor<?x3xf32, #ds.dims<batch, _>>) {
  // expected-error @below {{'ds.reshape' op expects as many elements as the input, but got 'tensor<?x3xf32, #ds.dims<batch, _>>' and 'tensor<?x3xf32, #ds.dims<seq, _>>'}}
  %0 = ds.reshape %x : tensor<?x3xf32, #ds.dims<batch, _>> -> tensor<?x3xf32, #ds.dims<seq, _>>
  return
}

// -----

func.func @split_sum(%x: tensor<2x6xf32>) {
  // expected-error @below {{'ds.split' op expects the parts' last dimensions to sum to 6, but got 5}}
  %0:2 = ds.split %x : (tensor<2x6xf32>) -> (tensor<2x2xf32>, tensor<2x3xf32>)
  return
}

// -----

func.func @split_rows(%x: tensor<2x6xf32>) {
  // expected-error @below {{'ds.split' op expects parts of 'tensor<2x6xf32>' along the last dimension, but got 'tensor<3x6xf32>'}}
  %0 = ds.split %x : (tensor<2x6xf32>) -> tensor<3x6xf32>
  return
}

// -----

func.func @split_element(%x: tensor<2x6xf32>) {
  // expected-error @below {{'ds.split' op expects parts of 'tensor<2x6xf32>' along the last dimension, but got 'tensor<2x6xf64>'}}
  %0 = ds.split %x : (tensor<2x6xf32>) -> tensor<2x6xf64>
  return
}

// -----

func.func @split_scalar(%x: tensor<f32>) {
  // expected-error @below {{'ds.split' op expects parts of 'tensor<f32>' along the last dimension, but got 'tensor<f32>'}}
  %0 = ds.split %x : (tensor<f32>) -> tensor<f32>
  return
}

// -----

func.func @concat_sum(%x: tensor<2x3xf32>) {
  // expected-error @below {{'ds.concat' op expects the parts' last dimensions to sum to 7, but got 6}}
  %0 = ds.concat %x, %x : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x7xf32>
  return
}

// -----

func.func @take_more(%x: tensor<3x4xf32>) {
  // expected-error @below {{'ds.take' op expects tensors that differ in the first dimension only, the longer one being 'tensor<3x4xf32>', but got 'tensor<5x4xf32>'}}
  %0 = ds.take %x : tensor<3x4xf32> -> tensor<5x4xf32>
  return
}

// -----

func.func @take_columns(%x: tensor<3x4xf32>) {
  // expected-error @below {{'ds.take' op expects tensors that differ in the first dimension only, the longer one being 'tensor<3x4xf32>', but got 'tensor<2x3xf32>'}}
  %0 = ds.take %x : tensor<3x4xf32> -> tensor<2x3xf32>
  return
}

// -----

func.func @window_beyond(%x: tensor<2x6xf32>) {
  // expected-error @below {{expects a range of dimension 1 of 'tensor<2x6xf32>', but got 'tensor<2x4xf32>' at 3}}
  %0 = ds.window %x dim 1 at 3 : tensor<2x6xf32> -> tensor<2x4xf32>
  return
}

// -----

func.func @window_elsewhere(%x: tensor<2x6xf32>) {
  // expected-error @below {{expects a range of dimension 2 of 'tensor<2x6xf32>', but got 'tensor<2x4xf32>' at 0}}
  %0 = ds.window %x dim 2 at 0 : tensor<2x6xf32> -> tensor<2x4xf32>
  return
}

// -----

func.func @stack_short(%x: tensor<2x3xf32>) {
  // expected-error @below {{expects parts that fill 'tensor<2x7xf32>', but got 6}}
  %0 = ds.stack %x, %x dim 1 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x7xf32>
  return
}

// -----

func.func @stack_long(%x: tensor<2x3xf32>) {
  // expected-error @below {{expects a range of dimension 1 of 'tensor<2x5xf32>', but got 'tensor<2x3xf32>' at 3}}
  %0 = ds.stack %x, %x dim 1 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x5xf32>
  return
}
