// RUN: ds-opt %s -split-input-file -verify-diagnostics
//
// What optimizers and the attributes that hold them refuse.

// expected-error @below {{expects the name of an optimizer's op, but got "adamm"}}
module attributes {test.optimizer = #ds.optimizer<"adamm" {}>} {}

// -----

// expected-error @below {{expects the name of an optimizer's op, but got "add"}}
module attributes {test.optimizer = #ds.optimizer<"add" {}>} {}

// -----

// expected-error @below {{expects a finite lr_scale of at least 0, but got -1}}
module attributes {test.optimizer = #ds.optimizer<"lion" {} lr_scale -1.0>} {}

// -----

// expected-error @below {{expects one pattern or more, but got []}}
module attributes {test.group = #ds.group<[]>} {}

// -----

func.func @sgd_buffer(%p: tensor<8xf32>, %g: tensor<8xf32>, %s: tensor<f64>) {
  // expected-error @below {{'ds.sgd' op expects 3 tensors (parameter, momentum_buffer, gradient), but got 2}}
  %0 = ds.sgd %p, %g scale %s lr %s step %s {momentum = 0.9, dampening = 0.0, weight_decay = 0.0} : tensor<8xf32>
  return
}

// -----

func.func @sgd_nesterov(%p: tensor<8xf32>, %g: tensor<8xf32>, %s: tensor<f64>) {
  // expected-error @below {{'ds.sgd' op expects a momentum where 'nesterov' is}}
  %0 = ds.sgd %p, %g scale %s lr %s step %s
    {momentum = 0.0, dampening = 0.0, nesterov, weight_decay = 0.0} : tensor<8xf32>
  return
}

// -----

func.func @adagrad_momentum(%p: tensor<8xf32>, %g: tensor<8xf32>, %s: tensor<f64>) {
  // expected-error @below {{'ds.adagrad' op expects no momentum, since it has none}}
  %0:2 = ds.adagrad %p, %p, %g scale %s lr %s step %s momentum %s
    {lr_decay = 0.0, eps = 1.0e-10, weight_decay = 0.0, initial_accumulator_value = 0.0} : tensor<8xf32>
  return
}

// -----

func.func @integers(%p: tensor<8xi32>, %s: tensor<f64>) {
  // expected-error @below {{'ds.lion' op expects floating-point tensors of one shape, but got 'tensor<8xi32>' and 'tensor<8xi32>'}}
  %0:2 = ds.lion %p, %p, %p scale %s lr %s step %s {beta1 = 0.9, beta2 = 0.99, weight_decay = 0.0} : tensor<8xi32>
  return
}

// -----

func.func @new_type(%p: tensor<8xbf16>, %g: tensor<8xf32>, %s: tensor<f64>) {
  // expected-error @below {{'ds.lion' op expects result 0 to have its operand's type 'tensor<8xbf16>', but got 'tensor<8xf32>'}}
  %0:2 = ds.lion %p, %g, %g scale %s lr %s step %s {beta1 = 0.9, beta2 = 0.99, weight_decay = 0.0}
    : tensor<8xbf16>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>
  return
}

// -----

func.func @count(%p: tensor<8xf32>, %s: tensor<f64>) {
  // expected-error @below {{expects one type, or those of 3 tensors and 2 results, but got 2}}
  %0:2 = ds.lion %p, %p, %p scale %s lr %s step %s {beta1 = 0.9, beta2 = 0.99, weight_decay = 0.0}
    : tensor<8xf32>, tensor<8xf32>
  return
}

// -----

func.func @lamb_blocks(%p: tensor<2048xf32>, %s: tensor<f64>) {
  // expected-error @below {{'ds.lamb' op expects a parameter of whole blocks of 1024 elements, at which its tensors begin, but got 'tensor<2048xf32>' with tensors at array<i64: 0, 8>}}
  %0:3 = ds.lamb %p, %p, %p, %p scale %s lr %s step %s {beta1 = 0.9, beta2 = 0.999, eps = 1.0e-8, weight_decay = 0.0,
    max_coeff = 10.0, min_coeff = 0.01, offsets = array<i64: 0, 8>,
    types = [tensor<8xf32>, tensor<8xf32>]} : tensor<2048xf32>
  return
}

// -----

func.func @lamb_none(%p: tensor<2048xf32>, %s: tensor<f64>) {
  // expected-error @below {{'ds.lamb' op expects a tensor in its unit}}
  %0:3 = ds.lamb %p, %p, %p, %p scale %s lr %s step %s {beta1 = 0.9, beta2 = 0.999, eps = 1.0e-8, weight_decay = 0.0,
    max_coeff = 10.0, min_coeff = 0.01, offsets = array<i64>, types = []} : tensor<2048xf32>
  return
}

// -----

func.func @muon_vector(%p: tensor<64xf32>, %s: tensor<f64>) {
  // expected-error @below {{'ds.muon' op expects matrices, but got 'tensor<8xf32>'}}
  %0:2 = ds.muon %p, %p, %p scale %s lr %s step %s {momentum = 0.95, weight_decay = 0.0, offsets = array<i64: 0>,
    types = [tensor<8xf32>]} : tensor<64xf32>
  return
}

// -----

func.func @muon_outside(%p: tensor<64xf32>, %s: tensor<f64>) {
  // expected-error @below {{'ds.muon' op expects ascending, disjoint tensors within 64 elements, but got tensor<8x8xf32> at 8}}
  %0:2 = ds.muon %p, %p, %p scale %s lr %s step %s {momentum = 0.95, weight_decay = 0.0, offsets = array<i64: 8>,
    types = [tensor<8x8xf32>]} : tensor<64xf32>
  return
}

// -----

func.func @muon_offsets(%p: tensor<64xf32>, %s: tensor<f64>) {
  // expected-error @below {{'ds.muon' op expects an offset for each type, but got 2 offsets and 1 types}}
  %0:2 = ds.muon %p, %p, %p scale %s lr %s step %s {momentum = 0.95, weight_decay = 0.0, offsets = array<i64: 0, 8>,
    types = [tensor<2x4xf32>]} : tensor<64xf32>
  return
}

// -----

func.func @muon_shape(%p: tensor<8x8xf32>, %s: tensor<f64>) {
  // expected-error @below {{'ds.muon' op expects a static flat parameter and at least one shard, but got 'tensor<8x8xf32>' and 1 shards}}
  %0:2 = ds.muon %p, %p, %p scale %s lr %s step %s {momentum = 0.95, weight_decay = 0.0, offsets = array<i64: 0>,
    types = [tensor<8x8xf32>]} : tensor<8x8xf32>
  return
}

// -----

func.func @descend_size(%p: tensor<2x8xf32>, %size: tensor<8xf32>) {
  // expected-error @below {{'ds.descend' op expects a direction of the parameter's shape and a size of its leading dimensions, but got 'tensor<2x8xf32>', 'tensor<2x8xf32>' and 'tensor<8xf32>'}}
  %0 = ds.descend %p, %p by %size : tensor<2x8xf32>, tensor<2x8xf32>, tensor<8xf32>
  return
}
