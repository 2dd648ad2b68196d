// RUN: ds-opt %s -split-input-file -verify-diagnostics
//
// Each check of collectives and launches says what it expects and what it got.

func.func @all_gather_divides(%x: tensor<3xf32>) {
  // expected-error @below {{'ds.all_gather' op expects flat tensors whose shard divides the whole, but got shard 'tensor<3xf32>' of 'tensor<8xf32>'}}
  %0 = ds.all_gather %x over "dp" : tensor<3xf32> -> tensor<8xf32>
  return
}

// -----

func.func @reduce_scatter_flat(%x: tensor<2x4xf32>) {
  // expected-error @below {{'ds.reduce_scatter' op expects flat tensors whose shard divides the whole, but got shard 'tensor<4xf32>' of 'tensor<2x4xf32>'}}
  %0 = ds.reduce_scatter %x over "dp" : tensor<2x4xf32> -> tensor<4xf32>
  return
}

// -----

func.func @local_shard_element(%x: tensor<8xf32>) {
  // expected-error @below {{'ds.local_shard' op expects flat tensors whose shard divides the whole, but got shard 'tensor<4xf64>' of 'tensor<8xf32>'}}
  %0 = ds.local_shard %x over "dp" : tensor<8xf32> -> tensor<4xf64>
  return
}

// -----

func.func @all_reduce_type(%x: tensor<8xf32>) {
  // expected-error @below {{'ds.all_reduce' op expects the result to have the input's type, but got 'tensor<8xf32>' and 'tensor<4xf32>'}}
  %0 = ds.all_reduce %x over "dp" : tensor<8xf32> -> tensor<4xf32>
  return
}

// -----

func.func @launch_unknown(%x: tensor<8xf32>) {
  // expected-error @below {{'ds.launch' op expects a kernel function named @nothing}}
  %0 = ds.launch @nothing(%x) : (tensor<8xf32>) -> tensor<8xf32>
  return
}

// -----

// Any function is not a kernel: it must be marked.
func.func private @f(%x: tensor<8xf32>) -> tensor<8xf32> {
  return %x : tensor<8xf32>
}
func.func @launch_unmarked(%x: tensor<8xf32>) {
  // expected-error @below {{'ds.launch' op expects a kernel function named @f}}
  %0 = ds.launch @f(%x) : (tensor<8xf32>) -> tensor<8xf32>
  return
}

// -----

func.func private @k(%x: tensor<8xf32>) -> tensor<8xf32> attributes {ds.kernel} {
  return %x : tensor<8xf32>
}
func.func @launch_type(%x: tensor<4xf32>) {
  // expected-error @below {{'ds.launch' op expects the kernel's type '(tensor<8xf32>) -> tensor<8xf32>', but got '(tensor<4xf32>) -> tensor<4xf32>'}}
  %0 = ds.launch @k(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @adamw_type(%p: tensor<8xf32>, %g: tensor<4xf32>, %s: tensor<f64>) {
  // expected-error @below {{'ds.adamw' op expects floating-point tensors of one shape, but got 'tensor<8xf32>' and 'tensor<4xf32>'}}
  %0:3 = ds.adamw %p, %p, %p, %g scale %s lr %s step %s {beta1 = 0.9, beta2 = 0.9, eps = 0.1, weight_decay = 0.1}
    : tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<4xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>
  return
}
