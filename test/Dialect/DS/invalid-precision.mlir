// RUN: ds-opt %s -split-input-file -verify-diagnostics
//
// What loss scales and rounding must be.

// expected-error @+2 {{expects positive loss scales, but got 0}}
func.func private @f() attributes {
  a = #ds.loss_scale<initial = 1.0, window = 1, hysteresis = 1, consecutive = true, smallest = 0.0>}

// -----

// expected-error @+2 {{expects positive loss scales, but got -2}}
func.func private @f() attributes {
  a = #ds.loss_scale<initial = -2.0, window = 1, hysteresis = 1, consecutive = true, smallest = 1.0>}

// -----

// expected-error @+2 {{expects a window of at least 0 and a hysteresis of at least 1, but got 5 and 0}}
func.func private @f() attributes {
  a = #ds.loss_scale<initial = 2.0, window = 5, hysteresis = 0, consecutive = true, smallest = 1.0>}

// -----

func.func @static(%x: tensor<f64>) {
  // expected-error @below {{'ds.next_loss_scale' op expects a window of at least 1, for a static scale has no next one}}
  %n:4 = ds.next_loss_scale %x, %x, %x overflow %x
      <initial = 16.0, window = 0, hysteresis = 1, consecutive = true, smallest = 1.0>
  return
}

// -----

func.func @rank(%x: tensor<2x8xf32>, %k: tensor<2xi32>, %i: tensor<i64>) {
  // expected-error @below {{'ds.stochastic_round' op expects an input of rank 1 and a result of its shape, but got 'tensor<2x8xf32>' and 'tensor<2x8xbf16>'}}
  %y = ds.stochastic_round %x key %k at (%i, %i) from %i : tensor<2x8xf32> -> tensor<2x8xbf16>
  return
}

// -----

func.func @shape(%x: tensor<2x8xf32>, %k: tensor<2xi32>, %i: tensor<i64>) {
  // expected-error @below {{'ds.stochastic_round_rows' op expects an input of rank 2 and a result of its shape, but got 'tensor<2x8xf32>' and 'tensor<8x2xbf16>'}}
  %y = ds.stochastic_round_rows %x key %k at (%i, %i) from %i : tensor<2x8xf32> -> tensor<8x2xbf16>
  return
}
