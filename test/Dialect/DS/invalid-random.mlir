// RUN: ds-opt %s -split-input-file -verify-diagnostics
//
// Each check of dropout says what it expects and what it got.

func.func @probability_one(%x: tensor<2x4xf32>) {
  // expected-error @below {{expects a dropout probability of at least 0 and below 1, but got 1.000000e+00}}
  %0 = ds.dropout %x <"d", 1.0> : tensor<2x4xf32>
  return
}

// -----

func.func @probability_negative(%x: tensor<2x4xf32>) {
  // expected-error @below {{expects a dropout probability of at least 0 and below 1, but got -1.000000e-01}}
  %0 = ds.dropout %x <"d", -0.1> : tensor<2x4xf32>
  return
}

// -----

func.func @probability_nan(%x: tensor<2x4xf32>) {
  // expected-error @below {{expects a dropout probability of at least 0 and below 1, but got nan}}
  %0 = ds.dropout %x <"d", 0x7FF8000000000000 : f64> : tensor<2x4xf32>
  return
}

// -----

func.func @no_name(%x: tensor<2x4xf32>) {
  // expected-error @below {{expects a dropout to have a name: its masks depend on it}}
  %0 = ds.dropout %x <"", 0.1> : tensor<2x4xf32>
  return
}

// -----

func.func @scalars(%x: tensor<2x4xf32>, %n: tensor<i64>) {
  // expected-error @below {{'ds.dropout' op expects seed, step and micro-batch behind 'at', but got 2 scalars}}
  %0 = ds.dropout %x <"d", 0.1> at (%n, %n) : tensor<2x4xf32>
  return
}

// -----

func.func @integers(%x: tensor<2x4xi32>) {
  // expected-error @below {{'ds.dropout' op expects floating samples [samples, ...], but got 'tensor<2x4xi32>'}}
  %0 = ds.dropout %x <"d", 0.1> : tensor<2x4xi32>
  return
}

// -----

func.func @no_samples(%x: tensor<f32>) {
  // expected-error @below {{'ds.dropout' op expects floating samples [samples, ...], but got 'tensor<f32>'}}
  %0 = ds.dropout %x <"d", 0.1> : tensor<f32>
  return
}

// -----

func.func @large(%x: tensor<2x131072x131073xf32>) {
  // expected-error @below {{'ds.dropout' op expects at most 2^34 elements per sample, but got 17180000256}}
  %0 = ds.dropout %x <"d", 0.1> : tensor<2x131072x131073xf32>
  return
}

// -----

func.func @attention_scalars(%q: tensor<2x5x4x3xf32>, %n: tensor<i64>) {
  // expected-error @below {{'ds.attention' op expects 0 scalars behind 'at' without dropout, but got 1}}
  %0 = ds.attention %q, %q, %q scale 0.5 at (%n) : tensor<2x5x4x3xf32>, tensor<2x5x4x3xf32>, tensor<2x5x4x3xf32>
  return
}

// -----

func.func @attention_counter(%q: tensor<2x5x4x3xf32>, %n: tensor<i64>) {
  // expected-error @below {{'ds.attention' op expects 3 scalars behind 'at' with dropout, but got 1}}
  %0 = ds.attention %q, %q, %q scale 0.5 dropout <"d", 0.1> at (%n)
      : tensor<2x5x4x3xf32>, tensor<2x5x4x3xf32>, tensor<2x5x4x3xf32>
  return
}

// -----

func.func @attention_large(%q: tensor<1x65536x5x2xf32>) {
  // expected-error @below {{'ds.attention' op expects at most 2^34 probabilities per sample to drop from, but got 5 heads of 65536 x 65536}}
  %0 = ds.attention %q, %q, %q scale 0.5 dropout <"d", 0.1>
      : tensor<1x65536x5x2xf32>, tensor<1x65536x5x2xf32>, tensor<1x65536x5x2xf32>
  return
}

// -----

func.func @rows_probability(%x: tensor<2x4xf32>, %k: tensor<2xi32>, %n: tensor<i64>) {
  // expected-error @below {{'ds.dropout_rows' op expects a dropout probability of at least 0 and below 1, but got 2.000000e+00}}
  %0 = ds.dropout_rows %x key %k at (%n, %n, %n) of [4] from 0 probability 2.0 : tensor<2x4xf32>
  return
}

// -----

func.func @rows_samples(%x: tensor<2xf32>, %k: tensor<2xi32>, %n: tensor<i64>) {
  // expected-error @below {{'ds.dropout_rows' op expects floating samples [samples, ...], but got 'tensor<2xf32>'}}
  %0 = ds.dropout_rows %x key %k at (%n, %n, %n) of [] from 0 probability 0.1 : tensor<2xf32>
  return
}

// -----

func.func @rows_rank(%x: tensor<2x3x4xf32>, %k: tensor<2xi32>, %n: tensor<i64>) {
  // expected-error @below {{'ds.dropout_rows' op expects a window of a sample of shape [12], but got 'tensor<2x3x4xf32>' from element 0}}
  %0 = ds.dropout_rows %x key %k at (%n, %n, %n) of [12] from 0 probability 0.1 : tensor<2x3x4xf32>
  return
}

// -----

func.func @rows_behind(%x: tensor<2x3x4xf32>, %k: tensor<2xi32>, %n: tensor<i64>) {
  // expected-error @below {{'ds.dropout_rows' op expects a window of a sample of shape [4, 4], but got 'tensor<2x3x4xf32>' from element 5}}
  %0 = ds.dropout_rows %x key %k at (%n, %n, %n) of [4, 4] from 5 probability 0.1 : tensor<2x3x4xf32>
  return
}

// -----

func.func @rows_key(%x: tensor<2x4xf32>, %k: tensor<3xi32>, %n: tensor<i64>) {
  // expected-note @above {{prior use here}}
  // expected-error @below {{use of value '%k' expects different type than prior uses: 'tensor<2xi32>' vs 'tensor<3xi32>'}}
  %0 = ds.dropout_rows %x key %k at (%n, %n, %n) of [4] from 0 probability 0.1 : tensor<2x4xf32>
  return
}

// -----

// expected-error @below {{'ds.unit' op expects #ds.seed to be the value of an int64 scalar, but got 'tensor<f32>'}}
ds.unit @seed "scalar" : tensor<f32> {members = [#ds.member<"seed" at 0 : tensor<f32> = #ds.seed>]}

// -----

// expected-error @below {{'ds.parameter' op expects initial values #ds.normal<std> or #ds.fill<value>, but got #ds.seed}}
ds.parameter @w : tensor<f32> = #ds.seed
