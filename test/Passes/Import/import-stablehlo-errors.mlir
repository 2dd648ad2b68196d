// RUN: ds-opt %s --ds-import-stablehlo --split-input-file --verify-diagnostics
//
// What cannot be imported is said at the op, or at the argument, with a remedy.

// expected-error @below {{expects a function @main of one block, as jax.jit(f).lower(...).as_text() prints it}}
module {
  func.func @other(%x: tensor<f32>) -> tensor<f32> {
    %0 = stablehlo.tanh %x : tensor<f32>
    return %0 : tensor<f32>
  }
}

// -----

// expected-error @below {{expects @main to return the loss, a floating-point scalar, but got 'tensor<4xf32>', 'tensor<i32>'}}
func.func @main(%x: tensor<4xf32> {ds.kind = "input"}, %n: tensor<i32> {ds.kind = "input"})
    -> (tensor<4xf32>, tensor<i32>) {
  return %x, %n : tensor<4xf32>, tensor<i32>
}

// -----

// expected-error @below {{@main returns a new value for each parameter: it is a whole training step; lower the loss function alone, and ds-opt adds gradient, optimizer and ranks, or say with --signature which arguments are of the kind 'state', to run it as it is on one rank}}
func.func @main(%w: tensor<4xf32> {ds.kind = "parameter"}, %l: tensor<f32> {ds.kind = "input"})
    -> (tensor<f32>, tensor<4xf32>) {
  return %l, %w : tensor<f32>, tensor<4xf32>
}

// -----

// expected-error @below {{expects arguments of static shapes, but got argument 0 of 'tensor<?x4xf32>'; lower the function for one batch size}}
func.func @main(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  return %x : tensor<?x4xf32>
}

// -----

// expected-error @below {{expects arguments that are tensors of f32, f64, bf16, f16, i1 or integers, but got argument 0 of 'tensor<4xcomplex<f32>>'}}
func.func @main(%x: tensor<4xcomplex<f32>>) -> tensor<4xcomplex<f32>> {
  return %x : tensor<4xcomplex<f32>>
}

// -----

// expected-error @below {{expects trained parameters of floating point, but got 'table' of 'tensor<4xi32>'; say that it is a buffer, or not trainable}}
func.func @main(%t: tensor<4xi32> {ds.kind = "parameter", ds.name = "table"}, %x: tensor<f32> {ds.kind = "input"})
    -> tensor<f32> {
  return %x : tensor<f32>
}

// -----

// What a state becomes is one of the results, of its own.

// expected-error @below {{expects 'ds.result' of argument 0, a state, to be the number of the result that is its new value, but got ""}}
func.func @main(%m: tensor<f32> {ds.kind = "state", ds.name = "m"}) -> (tensor<f32>, tensor<f32>) {
  return %m, %m : tensor<f32>, tensor<f32>
}

// -----

// expected-error @below {{expects the new value of 'm' among the results of @main, 0 to 1, but got result 2}}
func.func @main(%m: tensor<f32> {ds.kind = "state", ds.name = "m", ds.result = 2}) -> (tensor<f32>, tensor<f32>) {
  return %m, %m : tensor<f32>, tensor<f32>
}

// -----

// expected-error @below {{expects the new value of 'm' among the results of @main, 0 to 1, but got result -1}}
func.func @main(%m: tensor<f32> {ds.kind = "state", ds.name = "m", ds.result = -1}) -> (tensor<f32>, tensor<f32>) {
  return %m, %m : tensor<f32>, tensor<f32>
}

// -----

// expected-error @below {{expects the new value of 'm', result 0, to be of 'tensor<2xf32>' as the state is, but got 'tensor<f32>'}}
func.func @main(%m: tensor<2xf32> {ds.kind = "state", ds.name = "m", ds.result = 0},
                %x: tensor<f32> {ds.kind = "input"}) -> tensor<f32> {
  return %x : tensor<f32>
}

// -----

// expected-error @+2 {{expects one state for result 1, but got 'n' for it, too}}
func.func @main(%m: tensor<f32> {ds.kind = "state", ds.name = "m", ds.result = 1},
                %n: tensor<f32> {ds.kind = "state", ds.name = "n", ds.result = 1}) -> (tensor<f32>, tensor<f32>) {
  return %m, %m : tensor<f32>, tensor<f32>
}

// -----

// The loss is a result of its own.

// expected-error @below {{expects @main to return the loss, a floating-point scalar, but got 'tensor<f32>'}}
func.func @main(%m: tensor<f32> {ds.kind = "state", ds.name = "m", ds.result = 0}) -> tensor<f32> {
  return %m : tensor<f32>
}

// -----

// expected-error @+2 {{'stablehlo.custom_call' op expects 'ds.dropout' of a floating tensor, with a string 'ds.name' and a probability 'ds.rate' of f64}}
func.func @main(%x: tensor<4xf32> {ds.kind = "input"}) -> tensor<f32> {
  %0 = stablehlo.custom_call @ds.dropout(%x) {ds.name = "a"} : (tensor<4xf32>) -> tensor<4xf32>
  %1 = stablehlo.constant dense<0.0> : tensor<f32>
  return %1 : tensor<f32>
}

// -----

func.func @main(%x: tensor<4xf32> {ds.kind = "input"}) -> tensor<f32> {
  // expected-error @below {{'stablehlo.custom_call' op expects a dropout probability of at least 0 and below 1, but got 1.000000e+00}}
  %0 = stablehlo.custom_call @ds.dropout(%x) {ds.name = "a", ds.rate = 1.0} : (tensor<4xf32>) -> tensor<4xf32>
  %1 = stablehlo.constant dense<0.0> : tensor<f32>
  return %1 : tensor<f32>
}

// -----

// expected-error @below {{expects 'ds.kind' of argument 0 to be "parameter", "buffer", "state" or "input", but got "weight"}}
func.func @main(%m: tensor<4xf32> {ds.kind = "weight"}, %x: tensor<f32> {ds.kind = "input"}) -> tensor<f32> {
  return %x : tensor<f32>
}

// -----

// expected-error @below {{expects 'ds.kind' of argument 1 to be "parameter", "buffer", "state" or "input", but got ""}}
func.func @main(%m: tensor<4xf32> {ds.kind = "parameter"}, %x: tensor<f32>) -> tensor<f32> {
  return %x : tensor<f32>
}

// -----

// expected-error @below {{expects 'ds.name' of argument 0 to be a string, but got 7 : i64}}
func.func @main(%m: tensor<4xf32> {ds.kind = "parameter", ds.name = 7}, %x: tensor<f32> {ds.kind = "input"})
    -> tensor<f32> {
  return %x : tensor<f32>
}

// -----

// expected-error @below {{expects 'ds.trainable' of argument 0 to be true or false, but got 1 : i64}}
func.func @main(%m: tensor<4xf32> {ds.kind = "parameter", ds.trainable = 1}, %x: tensor<f32> {ds.kind = "input"})
    -> tensor<f32> {
  return %x : tensor<f32>
}

// -----

// expected-error @+2 {{expects arguments of different names, but got 'w' twice}}
func.func @main(%m: tensor<4xf32> {ds.kind = "parameter", ds.name = "w"},
                %x: tensor<f32> {ds.kind = "input", ds.name = "w"})
    -> tensor<f32> {
  return %x : tensor<f32>
}

// -----

// A parameter that the loss does not depend on, or only where gradients stop, is not trained, and said.

// expected-warning @below {{the loss does not depend on a, b, c, d: kept as loaded, not trained}}
module {
  func.func @main(%a: tensor<4xf32> {ds.kind = "parameter", ds.name = "a"},
                  %b: tensor<4xf32> {ds.kind = "parameter", ds.name = "b"},
                  %c: tensor<f32> {ds.kind = "parameter", ds.name = "c"},
                  %d: tensor<f32> {ds.kind = "parameter", ds.name = "d"},
                  %w: tensor<f32> {ds.kind = "parameter", ds.name = "w"}) -> tensor<f32> {
    %0 = stablehlo.add %a, %b : tensor<4xf32>
    %1 = stablehlo.custom_call @ds.stop_gradient(%c) : (tensor<f32>) -> tensor<f32>
    %2 = stablehlo.compare LT, %d, %w : (tensor<f32>, tensor<f32>) -> tensor<i1>
    %3 = stablehlo.select %2, %w, %1 : tensor<i1>, tensor<f32>
    return %3 : tensor<f32>
  }
}

// -----

func.func @main(%x: tensor<4xf32> {ds.kind = "input"}) -> tensor<f32> {
  // expected-error @below {{'stablehlo.fft' op has a result that ds has no type for: 'tensor<3xcomplex<f32>>'; expects static tensors of f32, f64, bf16, f16, i1 or integers of 8 to 64 bits}}
  %0 = stablehlo.fft %x, type = RFFT, length = [4] : (tensor<4xf32>) -> tensor<3xcomplex<f32>>
  %1 = stablehlo.constant dense<0.0> : tensor<f32>
  return %1 : tensor<f32>
}

// -----

func.func @main(%x: tensor<f32> {ds.kind = "input"}) -> tensor<f32> {
  // expected-error @below {{'chlo.lgamma' op cannot be imported yet; write this part of the model with other functions, or leave it out of the loss}}
  %0 = chlo.lgamma %x : tensor<f32> -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

func.func @main(%x: tensor<f32> {ds.kind = "input"}) -> tensor<f32> {
  // expected-error @below {{'stablehlo.new_op' op cannot be imported yet; write this part of the model with other functions, or leave it out of the loss}}
  %0 = "stablehlo.new_op"(%x) {what = 1 : i64} : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

func.func @main(%x: tensor<f32> {ds.kind = "input"}) -> tensor<f32> {
  // expected-error @below {{'stablehlo.custom_call' op calls 'lapack_spotrf_ffi', which ds-mlir does not know; write this part of the model with functions that lower to StableHLO's own ops}}
  %0 = stablehlo.custom_call @lapack_spotrf_ffi(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

func.func @main(%x: tensor<f32> {ds.kind = "input"}, %p: tensor<i1> {ds.kind = "input"}) -> tensor<f32> {
  // expected-error @below {{'stablehlo.while' op runs as often as computed values say, but a plan is fixed before it runs; expects a loop that counts, as lax.scan and lax.fori_loop with constant bounds; run the most rounds that it may need, and keep a round's values while the condition holds (jnp.where)}}
  %0:2 = stablehlo.while(%v = %x, %c = %p) : tensor<f32>, tensor<i1>
  cond {
    stablehlo.return %c : tensor<i1>
  } do {
    stablehlo.return %v, %c : tensor<f32>, tensor<i1>
  }
  return %0#0 : tensor<f32>
}

// -----

func.func @main(%x: tensor<f32> {ds.kind = "input"}) -> tensor<f32> {
  %p = stablehlo.constant dense<true> : tensor<i1>
  // expected-error @below {{'stablehlo.while' op runs for more than 256 rounds, and how many cannot be seen; expects a counter that is compared with a constant and grows by a constant}}
  %0:2 = stablehlo.while(%v = %x, %c = %p) : tensor<f32>, tensor<i1>
  cond {
    stablehlo.return %c : tensor<i1>
  } do {
    stablehlo.return %v, %c : tensor<f32>, tensor<i1>
  }
  return %0#0 : tensor<f32>
}

// -----

func.func @main(%x: tensor<f32> {ds.kind = "input"}) -> tensor<f32> {
  %0 = call @f(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @f(%x: tensor<f32>) -> tensor<f32> {
  // expected-error @below {{'func.call' op calls '@f' within itself; recursion cannot be imported}}
  %0 = call @f(%x) : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

func.func @main(%x: tensor<f32> {ds.kind = "input"}) -> tensor<f32> {
  // expected-error @below {{'stablehlo.composite' op expects the types of '@f', '(tensor<4xf32>) -> tensor<4xf32>'}}
  %0 = stablehlo.composite "f" %x {decomposition = @f} : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}
func.func private @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}

// -----

func.func @main(%x: tensor<f32> {ds.kind = "input"}) -> tensor<f32> {
  // expected-error @below {{'stablehlo.composite' op expects a function of one block named '@g'}}
  %0 = stablehlo.composite "f" %x {decomposition = @g} : (tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

func.func @main(%x: tensor<4xf32> {ds.kind = "input"}, %y: tensor<4xf32> {ds.kind = "input"}) -> tensor<f32> {
  %zero = stablehlo.constant dense<0.0> : tensor<f32>
  // expected-error @below {{'stablehlo.reduce' op reduces by a function that cannot be imported yet; expects add, multiply, maximum, minimum, and or or}}
  %0 = stablehlo.reduce(%x init: %zero) applies stablehlo.subtract across dimensions = [0]
      : (tensor<4xf32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// -----

func.func @main(%x: tensor<4xf32> {ds.kind = "input"}, %y: tensor<4xf32> {ds.kind = "input"}) -> tensor<f32> {
  %zero = stablehlo.constant dense<0.0> : tensor<f32>
  // expected-error @below {{'stablehlo.reduce' op reduces several tensors by a function that cannot be imported yet; expects argmax or argmin}}
  %0:2 = stablehlo.reduce(%x init: %zero), (%y init: %zero) across dimensions = [0]
      : (tensor<4xf32>, tensor<4xf32>, tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
    reducer(%a: tensor<f32>, %c: tensor<f32>) (%b: tensor<f32>, %d: tensor<f32>) {
      stablehlo.return %a, %b : tensor<f32>, tensor<f32>
    }
  return %0#0 : tensor<f32>
}

// -----

func.func @main(%x: tensor<2x2xf32> {ds.kind = "input"}) -> tensor<f32> {
  %0 = stablehlo.convert %x : (tensor<2x2xf32>) -> tensor<2x2xbf16>
  // expected-error @below {{'stablehlo.dot_general' op expects operands and result of one element type, but got 'tensor<2x2xbf16>', 'tensor<2x2xbf16>' and 'tensor<f32>'; convert the operands first}}
  %1 = stablehlo.dot_general %0, %0, contracting_dims = [0, 1] x [0, 1]
      : (tensor<2x2xbf16>, tensor<2x2xbf16>) -> tensor<f32>
  return %1 : tensor<f32>
}

// -----

func.func @main(%x: tensor<4xf32> {ds.kind = "input"}, %v: tensor<f32> {ds.kind = "input"}) -> tensor<f32> {
  // expected-error @below {{'stablehlo.pad' op expects a constant to pad with, but got one that is computed; pad with a constant and select}}
  %0 = stablehlo.pad %x, %v, low = [1], high = [0], interior = [0] : (tensor<4xf32>, tensor<f32>) -> tensor<5xf32>
  return %v : tensor<f32>
}

// -----

func.func @main(%x: tensor<4xf32> {ds.kind = "input"}, %v: tensor<f32> {ds.kind = "input"}) -> tensor<f32> {
  // expected-error @below {{'stablehlo.compare' op compares in total order, which cannot be imported yet; compare floating-point numbers as such}}
  %0 = stablehlo.compare LT, %x, %x, TOTALORDER : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  return %v : tensor<f32>
}

// -----

func.func @main(%x: tensor<f32> {ds.kind = "input"}) -> tensor<f32> {
  // expected-error @below {{'stablehlo.reduce_precision' op rounds to fewer bits, which cannot be imported yet}}
  %0 = stablehlo.reduce_precision %x, format = e8m7 : tensor<f32>
  return %0 : tensor<f32>
}

// -----

// expected-error @below {{expects arguments that are tensors of f32, f64, bf16, f16, i1 or integers, but got argument 0 of 'tensor<i0>'}}
func.func @main(%x: tensor<i0> {ds.kind = "input"}, %w: tensor<f32> {ds.kind = "parameter"}) -> tensor<f32> {
  return %w : tensor<f32>
}

// -----

// What the types of StableHLO's ops do not forbid, those of ds do.

func.func @main(%x: tensor<4xf32> {ds.kind = "parameter"}) -> tensor<f32> {
  %0 = stablehlo.constant dense<0.0> : tensor<f32>
  // expected-error @below {{'ds.reduce' op expects integers or truth values for kind 'and', but got 'tensor<4xf32>'}}
  %1 = stablehlo.reduce(%x init: %0) applies stablehlo.and across dimensions = [0]
      : (tensor<4xf32>, tensor<f32>) -> tensor<f32>
  return %1 : tensor<f32>
}
