// RUN: ds-opt %s -split-input-file -verify-diagnostics
//
// Each check of windows, prefixes, orders and bits says what it expects and what it got.

func.func @kind(%x: tensor<4x8xf32>, %i: tensor<4xi32>) {
  // expected-error @below {{'ds.reduce_window' op expects kind 'sum', 'max', 'min' or 'mul', but got 'and'}}
  %0 = ds.reduce_window "and" %x sizes [1, 2] : tensor<4x8xf32> -> tensor<4x7xf32>
  return
}

// -----

func.func @elements(%x: tensor<4x8xf32>, %i: tensor<4xi32>) {
  // expected-error @below {{'ds.reduce_window' op expects a result of the input's elements, but got 'tensor<4x7xf64>' from 'tensor<4x8xf32>'}}
  %0 = ds.reduce_window "sum" %x sizes [1, 2] : tensor<4x8xf32> -> tensor<4x7xf64>
  return
}

// -----

func.func @rank(%x: tensor<4x8xf32>, %i: tensor<4xi32>) {
  // expected-error @below {{'ds.reduce_window' op expects windows of the rank of what they are taken of, but got 'tensor<4xf32>' of 'tensor<4x8xf32>'}}
  %0 = ds.reduce_window "sum" %x sizes [1, 2] : tensor<4x8xf32> -> tensor<4xf32>
  return
}

// -----

func.func @list(%x: tensor<4x8xf32>, %i: tensor<4xi32>) {
  // expected-error @below {{'ds.reduce_window' op expects 'sizes' to have a number for each dimension of 'tensor<4x8xf32>', but got 1}}
  %0 = ds.reduce_window "sum" %x sizes [2] : tensor<4x8xf32> -> tensor<4x7xf32>
  return
}

// -----

func.func @nothing(%x: tensor<4x8xf32>, %i: tensor<4xi32>) {
  // expected-error @below {{'ds.reduce_window' op expects 'sizes' of at least 1 and below 2^31, but got 0}}
  %0 = ds.reduce_window "sum" %x sizes [1, 0] : tensor<4x8xf32> -> tensor<4x7xf32>
  return
}

// -----

func.func @stride(%x: tensor<4x8xf32>, %i: tensor<4xi32>) {
  // expected-error @below {{'ds.reduce_window' op expects 'by' of at least 1 and below 2^31, but got 0}}
  %0 = ds.reduce_window "sum" %x sizes [1, 2] by [1, 0] : tensor<4x8xf32> -> tensor<4x7xf32>
  return
}

// -----

func.func @far(%x: tensor<4x8xf32>, %i: tensor<4xi32>) {
  // expected-error @below {{'ds.reduce_window' op expects 'low' of at least -2147483647 and below 2^31, but got 9223372036854775807}}
  %0 = ds.reduce_window "sum" %x sizes [1, 2] low [0, 9223372036854775807] : tensor<4x8xf32> -> tensor<4x7xf32>
  return
}

// -----

func.func @gaps(%x: tensor<4x8xf32>, %i: tensor<4xi32>) {
  // expected-error @below {{'ds.reduce_window' op expects 'interior' of at least 0 and below 2^31, but got -1}}
  %0 = ds.reduce_window "sum" %x sizes [1, 2] interior [-1, 0] : tensor<4x8xf32> -> tensor<4x7xf32>
  return
}

// -----

func.func @apart(%x: tensor<4x8xf32>, %i: tensor<4xi32>) {
  // expected-error @below {{'ds.reduce_window' op expects 'apart' of at least 1 and below 2^31, but got -3}}
  %0 = ds.reduce_window "sum" %x sizes [1, 2] apart [1, -3] : tensor<4x8xf32> -> tensor<4x7xf32>
  return
}

// -----

func.func @large(%x: tensor<4x8xf32>, %i: tensor<4xi32>) {
  // expected-error @below {{'ds.reduce_window' op expects windows of less than 2^31 elements, but got sizes [65536, 65536]}}
  %0 = ds.reduce_window "sum" %x sizes [65536, 65536] : tensor<4x8xf32> -> tensor<4x7xf32>
  return
}

// -----

func.func @long(%x: tensor<4x8xf32>, %i: tensor<4xi32>) {
  // expected-error @below {{'ds.reduce_window' op expects dimensions below 2^31, but got 'tensor<4x4294967296xf32>'}}
  %0 = ds.reduce_window "sum" %x sizes [1, 1] : tensor<4x8xf32> -> tensor<4x4294967296xf32>
  return
}

// -----

func.func @sign(%x: tensor<4x8xf32>, %i: tensor<4xi32>) {
  // expected-error @below {{'ds.reduce_window' op expects integers where 'unsigned' is, but got 'f32'}}
  %0 = ds.reduce_window "max" %x sizes [1, 1] unsigned : tensor<4x8xf32> -> tensor<4x8xf32>
  return
}

// -----

func.func @arg_kind(%x: tensor<4x8xf32>, %i: tensor<4xi32>) {
  // expected-error @below {{'ds.arg_reduce_window' op expects kind 'max' or 'min', but got 'sum'}}
  %0 = ds.arg_reduce_window "sum" %x sizes [1, 2] : tensor<4x8xf32> -> tensor<4x7xi32>
  return
}

// -----

func.func @grad_places(%x: tensor<4x8xf32>, %i: tensor<4xi32>) {
  // expected-error @below {{'ds.reduce_window_grad' op expects a place for each window, but got 'tensor<4xi32>' for 'tensor<4x8xf32>'}}
  %0 = ds.reduce_window_grad %x, %i sizes [1, 2] : (tensor<4x8xf32>, tensor<4xi32>) -> tensor<4x9xf32>
  return
}

// -----

func.func @grad_elements(%x: tensor<4x8xf32>, %i: tensor<4xi32>) {
  // expected-error @below {{'ds.reduce_window_grad' op expects a result of the gradient's elements, but got 'tensor<4x9xf64>' from 'tensor<4x8xf32>'}}
  %0 = ds.reduce_window_grad %x, %i sizes [1, 2] : (tensor<4x8xf32>, tensor<4xi32>) -> tensor<4x9xf64>
  return
}

// -----

func.func @prefix_kind(%x: tensor<4x8xf32>, %i: tensor<4xi32>) {
  // expected-error @below {{'ds.cumulative' op expects kind 'sum', 'mul', 'max', 'min' or 'logsumexp', but got 'xor'}}
  %0 = ds.cumulative "xor" %x dim 0 : tensor<4x8xf32>
  return
}

// -----

func.func @prefix_dim(%x: tensor<4x8xf32>, %i: tensor<4xi32>) {
  // expected-error @below {{'ds.cumulative' op expects 'dim' to be a dimension of 'tensor<4x8xf32>', but got 2}}
  %0 = ds.cumulative "sum" %x dim 2 : tensor<4x8xf32>
  return
}

// -----

func.func @prefix_before(%x: tensor<4x8xf32>, %i: tensor<4xi32>) {
  // expected-error @below {{'ds.cumulative' op expects 'dim' to be a dimension of 'tensor<4x8xf32>', but got -1}}
  %0 = ds.cumulative "sum" %x dim -1 : tensor<4x8xf32>
  return
}

// -----

func.func @prefix_log(%x: tensor<4x8xf32>, %i: tensor<4xi32>) {
  // expected-error @below {{'ds.cumulative' op expects floating-point numbers for kind 'logsumexp', but got 'tensor<4xi32>'}}
  %0 = ds.cumulative "logsumexp" %i dim 0 : tensor<4xi32>
  return
}

// -----

func.func @prefix_factors(%x: tensor<4x8xf32>, %i: tensor<4xi32>) {
  // expected-error @below {{'ds.cumulative' op expects factors for kind 'sum' only, but got 'max'}}
  %0 = ds.cumulative "max" %x times %x : tensor<4x8xf32> dim 0 : tensor<4x8xf32>
  return
}

// -----

func.func @prefix_factor_type(%x: tensor<4x8xf32>, %i: tensor<4xi32>) {
  // expected-error @below {{'ds.cumulative' op expects factors of the input's type 'tensor<4x8xf32>', but got 'tensor<4xi32>'}}
  %0 = ds.cumulative "sum" %x times %i : tensor<4xi32> dim 0 : tensor<4x8xf32>
  return
}

// -----

func.func @order_shape(%x: tensor<4x8xf32>, %i: tensor<4xi32>) {
  // expected-error @below {{'ds.argsort' op expects a result of the input's dimensions, the last one of at most the input's, but got 'tensor<4x9xi32>' from 'tensor<4x8xf32>'}}
  %0 = ds.argsort %x : tensor<4x8xf32> -> tensor<4x9xi32>
  return
}

// -----

func.func @order_rank(%x: tensor<4x8xf32>, %i: tensor<4xi32>) {
  // expected-error @below {{'ds.argsort' op expects a result of the input's dimensions, the last one of at most the input's, but got 'tensor<8xi32>' from 'tensor<4x8xf32>'}}
  %0 = ds.argsort %x : tensor<4x8xf32> -> tensor<8xi32>
  return
}

// -----

func.func @order_sign(%x: tensor<4x8xf32>, %i: tensor<4xi32>) {
  // expected-error @below {{'ds.argsort' op expects integers where 'unsigned' is, but got 'f32'}}
  %0 = ds.argsort %x unsigned : tensor<4x8xf32> -> tensor<4x8xi32>
  return
}

// -----

func.func @order_total(%x: tensor<4x8xf32>, %i: tensor<4xi32>) {
  // expected-error @below {{'ds.argsort' op expects floating-point numbers where 'total' is, but got 'i32'}}
  %0 = ds.argsort %i total : tensor<4xi32> -> tensor<4xi32>
  return
}

// -----

func.func @bits_width(%x: tensor<4x8xf32>, %i: tensor<4xi32>) {
  // expected-error @below {{'ds.bitcast' op expects elements of as many bits, but got 'f32' and 'i64'}}
  %0 = ds.bitcast %x : tensor<4x8xf32> -> tensor<4x8xi64>
  return
}

// -----

func.func @bits_shape(%x: tensor<4x8xf32>, %i: tensor<4xi32>) {
  // expected-error @below {{'ds.bitcast' op expects a result of the operand's shape, but got 'tensor<8x4xi32>' from 'tensor<4x8xf32>'}}
  %0 = ds.bitcast %x : tensor<4x8xf32> -> tensor<8x4xi32>
  return
}
