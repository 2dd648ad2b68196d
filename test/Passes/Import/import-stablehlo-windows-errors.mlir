// RUN: ds-opt %s --ds-import-stablehlo --split-input-file --verify-diagnostics
//
// Windows, sorts and random bits that cannot be imported are named, with what could be done.

module {
  func.func @main(%w: tensor<4xf32> {ds.kind = "parameter", ds.name = "w"}) -> tensor<f32> {
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    // expected-error @below {{'stablehlo.reduce_window' op reduces windows by a function that cannot be imported yet; expects add, multiply, maximum or minimum of numbers}}
    %0 = "stablehlo.reduce_window"(%w, %zero) <{window_dimensions = array<i64: 2>}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %s = stablehlo.subtract %a, %b : tensor<f32>
      stablehlo.return %s : tensor<f32>
    }) : (tensor<4xf32>, tensor<f32>) -> tensor<3xf32>
    return %zero : tensor<f32>
  }
}

// -----

module {
  func.func @main(%w: tensor<4xf32> {ds.kind = "parameter", ds.name = "w"}) -> tensor<f32> {
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    %one = stablehlo.constant dense<1.0> : tensor<f32>
    // expected-error @below {{'stablehlo.reduce_window' op reduces windows from a value that is not the function's neutral element, which cannot be imported yet; combine with it afterwards}}
    %0 = "stablehlo.reduce_window"(%w, %one) <{window_dimensions = array<i64: 2>}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %s = stablehlo.add %a, %b : tensor<f32>
      stablehlo.return %s : tensor<f32>
    }) : (tensor<4xf32>, tensor<f32>) -> tensor<3xf32>
    return %zero : tensor<f32>
  }
}

// -----

module {
  func.func @main(%w: tensor<4xf32> {ds.kind = "parameter", ds.name = "w"}) -> tensor<f32> {
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    // expected-error @below {{'stablehlo.reduce_window' op expects 'window_dimensions' to have 1 numbers from 1 to 2^31 - 1, but got [2, 2]}}
    %0 = "stablehlo.reduce_window"(%w, %zero) <{window_dimensions = array<i64: 2, 2>}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %s = stablehlo.add %a, %b : tensor<f32>
      stablehlo.return %s : tensor<f32>
    }) : (tensor<4xf32>, tensor<f32>) -> tensor<3xf32>
    return %zero : tensor<f32>
  }
}

// -----

module {
  func.func @main(%w: tensor<4xf32> {ds.kind = "parameter", ds.name = "w"}) -> tensor<f32> {
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    // expected-error @below {{'stablehlo.reduce_window' op expects 'window_strides' to have 1 numbers from 1 to 2^31 - 1, but got [0]}}
    %0 = "stablehlo.reduce_window"(%w, %zero) <{window_dimensions = array<i64: 2>, window_strides = array<i64: 0>}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %s = stablehlo.add %a, %b : tensor<f32>
      stablehlo.return %s : tensor<f32>
    }) : (tensor<4xf32>, tensor<f32>) -> tensor<3xf32>
    return %zero : tensor<f32>
  }
}

// -----

module {
  func.func @main(%w: tensor<4xf32> {ds.kind = "parameter", ds.name = "w"}) -> tensor<f32> {
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    // expected-error @below {{'stablehlo.reduce_window' op expects 'padding' to have 2 numbers, but got 4}}
    %0 = "stablehlo.reduce_window"(%w, %zero)
        <{window_dimensions = array<i64: 2>, padding = dense<[[0, 0], [0, 0]]> : tensor<2x2xi64>}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %s = stablehlo.add %a, %b : tensor<f32>
      stablehlo.return %s : tensor<f32>
    }) : (tensor<4xf32>, tensor<f32>) -> tensor<3xf32>
    return %zero : tensor<f32>
  }
}

// -----

module {
  func.func @main(%w: tensor<4xf32> {ds.kind = "parameter", ds.name = "w"}) -> tensor<f32> {
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    // expected-error @below {{'stablehlo.reduce_window' op expects 'padding' below 2^31, but got -9223372036854775808}}
    %0 = "stablehlo.reduce_window"(%w, %zero)
        <{window_dimensions = array<i64: 2>, padding = dense<-9223372036854775808> : tensor<1x2xi64>}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %s = stablehlo.add %a, %b : tensor<f32>
      stablehlo.return %s : tensor<f32>
    }) : (tensor<4xf32>, tensor<f32>) -> tensor<3xf32>
    return %zero : tensor<f32>
  }
}

// -----

module {
  func.func @main(%w: tensor<4xf32> {ds.kind = "parameter", ds.name = "w"}) -> tensor<f32> {
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    // expected-error @below {{'stablehlo.reduce_window' op expects [3] windows, but got [4]}}
    %0 = "stablehlo.reduce_window"(%w, %zero) <{window_dimensions = array<i64: 2>}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %s = stablehlo.add %a, %b : tensor<f32>
      stablehlo.return %s : tensor<f32>
    }) : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
    return %zero : tensor<f32>
  }
}

// -----

module {
  func.func @main(%w: tensor<4xf32> {ds.kind = "parameter", ds.name = "w"}) -> tensor<f32> {
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    // expected-error @below {{'stablehlo.reduce_window' op reduces windows of several tensors, which cannot be imported; reduce one at a time}}
    %0:2 = "stablehlo.reduce_window"(%w, %w, %zero, %zero) <{window_dimensions = array<i64: 2>}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>, %c: tensor<f32>, %d: tensor<f32>):
      stablehlo.return %a, %b : tensor<f32>, tensor<f32>
    }) : (tensor<4xf32>, tensor<4xf32>, tensor<f32>, tensor<f32>) -> (tensor<3xf32>, tensor<3xf32>)
    return %zero : tensor<f32>
  }
}

// -----

module {
  func.func @main(%w: tensor<4xf32> {ds.kind = "parameter", ds.name = "w"}) -> tensor<f32> {
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    %g = stablehlo.slice %w [0:3] : (tensor<4xf32>) -> tensor<3xf32>
    // expected-error @below {{'stablehlo.select_and_scatter' op selects or scatters by a function that cannot be imported yet; expects compare GE or LE, and add}}
    %0 = "stablehlo.select_and_scatter"(%w, %g, %zero) <{window_dimensions = array<i64: 2>}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %s = stablehlo.compare GT, %a, %b, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
      stablehlo.return %s : tensor<i1>
    }, {
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %s = stablehlo.add %a, %b : tensor<f32>
      stablehlo.return %s : tensor<f32>
    }) : (tensor<4xf32>, tensor<3xf32>, tensor<f32>) -> tensor<4xf32>
    return %zero : tensor<f32>
  }
}

// -----

module {
  func.func @main(%w: tensor<4xf32> {ds.kind = "parameter", ds.name = "w"}) -> tensor<f32> {
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    // expected-error @below {{'stablehlo.sort' op sorts by a comparison that cannot be imported yet; expects LT or GT of one operand after the other, as jax.lax.sort prints it}}
    %0 = "stablehlo.sort"(%w) <{dimension = 0 : i64, is_stable = true}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %x = stablehlo.abs %a : tensor<f32>
      %y = stablehlo.abs %b : tensor<f32>
      %s = stablehlo.compare LT, %x, %y, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
      stablehlo.return %s : tensor<i1>
    }) : (tensor<4xf32>) -> tensor<4xf32>
    return %zero : tensor<f32>
  }
}

// -----

module {
  func.func @main(%w: tensor<4xf32> {ds.kind = "parameter", ds.name = "w"}) -> tensor<f32> {
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    // expected-error @below {{'stablehlo.sort' op expects 'dimension' to be one of 'tensor<4xf32>', but got 1}}
    %0 = "stablehlo.sort"(%w) <{dimension = 1 : i64, is_stable = true}> ({
    ^bb0(%a: tensor<f32>, %b: tensor<f32>):
      %s = stablehlo.compare LT, %a, %b, FLOAT : (tensor<f32>, tensor<f32>) -> tensor<i1>
      stablehlo.return %s : tensor<i1>
    }) : (tensor<4xf32>) -> tensor<4xf32>
    return %zero : tensor<f32>
  }
}

// -----

module {
  func.func @main(%w: tensor<4xf32> {ds.kind = "parameter", ds.name = "w"}) -> tensor<f32> {
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    %n = stablehlo.constant dense<4> : tensor<1xi64>
    // expected-error @below {{'stablehlo.rng' op gives other numbers in every run, which cannot be imported; take them from a key with jax.random, or from an argument}}
    %0 = stablehlo.rng %zero, %zero, %n, distribution = UNIFORM
        : (tensor<f32>, tensor<f32>, tensor<1xi64>) -> tensor<4xf32>
    return %zero : tensor<f32>
  }
}

// -----

module {
  func.func @main(%w: tensor<4xf32> {ds.kind = "parameter", ds.name = "w"}) -> tensor<f32> {
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    %k = stablehlo.constant dense<1> : tensor<3xui64>
    // expected-error @below {{'stablehlo.rng_bit_generator' op expects a state of 2 ui64 numbers, but got 'tensor<3xui64>'}}
    %0, %1 = stablehlo.rng_bit_generator %k, algorithm = THREE_FRY
        : (tensor<3xui64>) -> (tensor<3xui64>, tensor<4xui32>)
    return %zero : tensor<f32>
  }
}

// -----

module {
  func.func @main(%w: tensor<4xf32> {ds.kind = "parameter", ds.name = "w"}) -> tensor<f32> {
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    %k = stablehlo.constant dense<1> : tensor<2xui64>
    // expected-error @below {{'stablehlo.rng_bit_generator' op expects bits of 32- or 64-bit integers, but got 'tensor<4xui8>'; take more bits and shift}}
    %0, %1 = stablehlo.rng_bit_generator %k, algorithm = PHILOX : (tensor<2xui64>) -> (tensor<2xui64>, tensor<4xui8>)
    return %zero : tensor<f32>
  }
}

// -----

module {
  func.func @main(%w: tensor<4xf32> {ds.kind = "parameter", ds.name = "w"}) -> tensor<f32> {
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    // expected-error @below {{'stablehlo.bitcast_convert' op takes bits as a type of another width, which cannot be imported yet, but between integers of 32 and 64 bits}}
    %0 = stablehlo.bitcast_convert %w : (tensor<4xf32>) -> tensor<4x2xui16>
    return %zero : tensor<f32>
  }
}
