// RUN: ds-opt %s -split-input-file -verify-diagnostics
//
// Each check of elementwise ops and their reductions says what it expects and what it got.

func.func @pow_suffix(%x: tensor<2x3xf32>, %y: tensor<2xf32>) {
  // expected-error @below {{'ds.pow' op expects the right operand to have the left one's shape or a suffix of it, but got 'tensor<2x3xf32>' and 'tensor<2xf32>'}}
  %0 = ds.pow %x, %y : tensor<2x3xf32>, tensor<2xf32>
  return
}

// -----

func.func @max_types(%x: tensor<2xf32>, %y: tensor<i32>) {
  // expected-error @below {{'ds.max' op expects equal element types, but got 'tensor<2xf32>' and 'tensor<i32>'}}
  %0 = ds.max %x, %y : tensor<2xf32>, tensor<i32>
  return
}

// -----

func.func @min_sign(%x: tensor<2xf32>) {
  // expected-error @below {{'ds.min' op expects integers where 'unsigned' is, but got 'f32'}}
  %0 = ds.min %x, %x unsigned : tensor<2xf32>, tensor<2xf32>
  return
}

// -----

func.func @add_truth(%x: tensor<2xi1>) {
  // expected-error @below {{custom op 'ds.add' 'lhs' must be ranked tensor of floating-point or integer values, but got 'tensor<2xi1>'}}
  %0 = ds.add %x, %x : tensor<2xi1>, tensor<2xi1>
  return
}

// -----

func.func @exp_integer(%x: tensor<2xi32>) {
  // expected-error @below {{custom op 'ds.exp' 'input' must be ranked tensor of floating-point values, but got 'tensor<2xi32>'}}
  %0 = ds.exp %x : tensor<2xi32>
  return
}

// -----

func.func @abs_signed(%x: tensor<2xsi32>) {
  // expected-error @below {{custom op 'ds.abs' 'input' must be ranked tensor of floating-point or integer values, but got 'tensor<2xsi32>'}}
  %0 = ds.abs %x : tensor<2xsi32>
  return
}

// -----

func.func @and_float(%x: tensor<2xf32>) {
  // expected-error @below {{custom op 'ds.and' 'lhs' must be ranked tensor of integer or i1 values, but got 'tensor<2xf32>'}}
  %0 = ds.and %x, %x : tensor<2xf32>, tensor<2xf32>
  return
}

// -----

func.func @shift_truth(%x: tensor<2xi1>) {
  // expected-error @below {{custom op 'ds.shift_left' 'lhs' must be ranked tensor of integer values, but got 'tensor<2xi1>'}}
  %0 = ds.shift_left %x, %x : tensor<2xi1>, tensor<2xi1>
  return
}

// -----

func.func @cast_shape(%x: tensor<2x3xf32>) {
  // expected-error @below {{'ds.cast' op expects a result of the operand's shape, but got 'tensor<6xi32>' from 'tensor<2x3xf32>'}}
  %0 = ds.cast %x : tensor<2x3xf32> -> tensor<6xi32>
  return
}

// -----

func.func @cast_sign(%x: tensor<2xf32>) {
  // expected-error @below {{'ds.cast' op expects an integer type where 'unsigned' is, but got 'f32' and 'f64'}}
  %0 = ds.cast %x unsigned : tensor<2xf32> -> tensor<2xf64>
  return
}

// -----

func.func @is_finite_shape(%x: tensor<2xf32>) {
  // expected-error @below {{'ds.is_finite' op expects a result of the operand's shape, but got 'tensor<3xi1>' from 'tensor<2xf32>'}}
  %0 = ds.is_finite %x : tensor<2xf32> -> tensor<3xi1>
  return
}

// -----

func.func @compare_relation(%x: tensor<2xf32>) {
  // expected-error @below {{'ds.compare' op expects relation 'eq', 'ne', 'lt', 'le', 'gt' or 'ge', but got '<'}}
  %0 = ds.compare "<" %x, %x : tensor<2xf32>, tensor<2xf32> -> tensor<2xi1>
  return
}

// -----

func.func @compare_types(%x: tensor<2xf32>, %y: tensor<f64>) {
  // expected-error @below {{'ds.compare' op expects equal element types, but got 'tensor<2xf32>' and 'tensor<f64>'}}
  %0 = ds.compare "eq" %x, %y : tensor<2xf32>, tensor<f64> -> tensor<2xi1>
  return
}

// -----

func.func @compare_result(%x: tensor<2xf32>) {
  // expected-error @below {{'ds.compare' op expects a result of the operand's shape, but got 'tensor<i1>' from 'tensor<2xf32>'}}
  %0 = ds.compare "eq" %x, %x : tensor<2xf32>, tensor<2xf32> -> tensor<i1>
  return
}

// -----

func.func @compare_sign(%x: tensor<2xf32>) {
  // expected-error @below {{'ds.compare' op expects integers where 'unsigned' is, but got 'f32'}}
  %0 = ds.compare "eq" %x, %x unsigned : tensor<2xf32>, tensor<2xf32> -> tensor<2xi1>
  return
}

// -----

func.func @select_condition(%c: tensor<3xi1>, %x: tensor<2x3xf32>) {
  // expected-error @below {{'ds.select' op expects a condition of the result's shape or of rank 0, but got 'tensor<3xi1>' for 'tensor<2x3xf32>'}}
  %0 = ds.select %c, %x, %x : tensor<3xi1>, tensor<2x3xf32>
  return
}

// -----

func.func @select_types(%c: tensor<3xi1>, %x: tensor<3xf32>, %y: tensor<3xf64>) {
  // expected-error @below {{'ds.select' op failed to verify that all of {yes, no, result} have same type}}
  %0 = "ds.select"(%c, %x, %y) : (tensor<3xi1>, tensor<3xf32>, tensor<3xf64>) -> tensor<3xf32>
  return
}

// -----

func.func @reduce_kind(%x: tensor<2x3xf32>) {
  // expected-error @below {{'ds.reduce' op expects kind 'max', 'min', 'mul', 'and' or 'or', but got 'sum'}}
  %0 = ds.reduce "sum" %x : tensor<2x3xf32> -> tensor<2xf32>
  return
}

// -----

func.func @reduce_bits(%x: tensor<2x3xf32>) {
  // expected-error @below {{'ds.reduce' op expects integers or truth values for kind 'and', but got 'tensor<2x3xf32>'}}
  %0 = ds.reduce "and" %x : tensor<2x3xf32> -> tensor<2xf32>
  return
}

// -----

func.func @reduce_truth(%x: tensor<2x3xi1>) {
  // expected-error @below {{'ds.reduce' op expects numbers for kind 'mul', but got 'tensor<2x3xi1>'}}
  %0 = ds.reduce "mul" %x : tensor<2x3xi1> -> tensor<2xi1>
  return
}

// -----

func.func @reduce_shape(%x: tensor<2x3xf32>) {
  // expected-error @below {{'ds.reduce' op expects a result of the input's first dimensions, but got 'tensor<3xf32>' from 'tensor<2x3xf32>'}}
  %0 = ds.reduce "max" %x : tensor<2x3xf32> -> tensor<3xf32>
  return
}

// -----

func.func @reduce_nothing(%x: tensor<2xf32>) {
  // expected-error @below {{'ds.reduce' op expects a result of the input's first dimensions, but got 'tensor<2xf32>' from 'tensor<2xf32>'}}
  %0 = ds.reduce "max" %x : tensor<2xf32> -> tensor<2xf32>
  return
}

// -----

func.func @reduce_sign(%x: tensor<2xf32>) {
  // expected-error @below {{'ds.reduce' op expects integers where 'unsigned' is, but got 'f32'}}
  %0 = ds.reduce "max" %x unsigned : tensor<2xf32> -> tensor<f32>
  return
}

// -----

func.func @arg_reduce_kind(%x: tensor<2x3xf32>) {
  // expected-error @below {{'ds.arg_reduce' op expects kind 'max' or 'min', but got 'mul'}}
  %0 = ds.arg_reduce "mul" %x : tensor<2x3xf32> -> tensor<2xi32>
  return
}

// -----

func.func @arg_reduce_shape(%x: tensor<2x0xf32>) {
  // expected-error @below {{'ds.arg_reduce' op expects a result of the input's dimensions but the last, which is not empty, but got 'tensor<2xi32>' from 'tensor<2x0xf32>'}}
  %0 = ds.arg_reduce "max" %x : tensor<2x0xf32> -> tensor<2xi32>
  return
}

// -----

func.func @reduce_grad_kind(%x: tensor<2x3xf32>, %g: tensor<2xf32>) {
  // expected-error @below {{'ds.reduce_grad' op expects kind 'max', 'min' or 'mul', but got 'and'}}
  %0 = ds.reduce_grad "and" %x, %g : tensor<2x3xf32>, tensor<2xf32>
  return
}

// -----

func.func @reduce_grad_shape(%x: tensor<2x3xf32>, %g: tensor<3xf32>) {
  // expected-error @below {{'ds.reduce_grad' op expects a gradient of the input's first dimensions, but got 'tensor<3xf32>' for 'tensor<2x3xf32>'}}
  %0 = ds.reduce_grad "max" %x, %g : tensor<2x3xf32>, tensor<3xf32>
  return
}
