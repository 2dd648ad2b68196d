// RUN: ds-opt %s -split-input-file -verify-diagnostics
//
// Each check of layers says what it expects and what it got.

func.func @embedding_table(%t: tensor<5xf32>, %i: tensor<3xi32>) {
  // expected-error @below {{'ds.embedding' op expects a table [rows, width], i32 ids [...] and a result [..., width], but got 'tensor<5xf32>', 'tensor<3xi32>' and 'tensor<3x5xf32>'}}
  %0 = ds.embedding %t, %i : (tensor<5xf32>, tensor<3xi32>) -> tensor<3x5xf32>
  return
}

// -----

func.func @embedding_ids(%t: tensor<5x4xf32>, %i: tensor<3xi64>) {
  // expected-error @below {{'ds.embedding' op expects a table [rows, width], i32 ids [...] and a result [..., width], but got 'tensor<5x4xf32>', 'tensor<3xi64>' and 'tensor<3x4xf32>'}}
  %0 = ds.embedding %t, %i : (tensor<5x4xf32>, tensor<3xi64>) -> tensor<3x4xf32>
  return
}

// -----

func.func @embedding_width(%t: tensor<5x4xf32>, %i: tensor<3xi32>) {
  // expected-error @below {{'ds.embedding' op expects a table [rows, width], i32 ids [...] and a result [..., width], but got 'tensor<5x4xf32>', 'tensor<3xi32>' and 'tensor<3x5xf32>'}}
  %0 = ds.embedding %t, %i : (tensor<5x4xf32>, tensor<3xi32>) -> tensor<3x5xf32>
  return
}

// -----

func.func @layer_norm_scale(%x: tensor<2x4xf32>, %s: tensor<2xf32>, %b: tensor<4xf32>) {
  // expected-error @below {{'ds.layer_norm' op expects 'scale' to have the input's last dimension, but got 'tensor<2xf32>' for input 'tensor<2x4xf32>'}}
  %0 = ds.layer_norm %x, %s, %b eps 1.0e-5 : tensor<2x4xf32>, tensor<2xf32>, tensor<4xf32>
  return
}

// -----

func.func @layer_norm_bias(%x: tensor<2x4xf32>, %s: tensor<4xf32>, %b: tensor<2x4xf32>) {
  // expected-error @below {{'ds.layer_norm' op expects 'bias' to have the input's last dimension, but got 'tensor<2x4xf32>' for input 'tensor<2x4xf32>'}}
  %0 = ds.layer_norm %x, %s, %b eps 1.0e-5 : tensor<2x4xf32>, tensor<4xf32>, tensor<2x4xf32>
  return
}

// -----

func.func @rms_norm_scalar(%x: tensor<f32>, %s: tensor<4xf32>) {
  // expected-error @below {{'ds.rms_norm' op expects 'scale' to have the input's last dimension, but got 'tensor<4xf32>' for input 'tensor<f32>'}}
  %0 = ds.rms_norm %x, %s eps 1.0e-5 : tensor<f32>, tensor<4xf32>
  return
}

// -----

func.func @rotary_half(%x: tensor<2x3x2x4xf32>, %t: tensor<3x4xf32>) {
  // expected-error @below {{'ds.rotary' op expects an input [batch, seq, heads, d] and tables [positions, d/2], but got 'tensor<2x3x2x4xf32>', 'tensor<3x4xf32>' and 'tensor<3x4xf32>'}}
  %0 = ds.rotary %x, %t, %t : tensor<2x3x2x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>
  return
}

// -----

func.func @rotary_tables(%x: tensor<2x3x2x4xf32>, %c: tensor<3x2xf32>, %s: tensor<4x2xf32>) {
  // expected-error @below {{'ds.rotary' op expects an input [batch, seq, heads, d] and tables [positions, d/2], but got 'tensor<2x3x2x4xf32>', 'tensor<3x2xf32>' and 'tensor<4x2xf32>'}}
  %0 = ds.rotary %x, %c, %s : tensor<2x3x2x4xf32>, tensor<3x2xf32>, tensor<4x2xf32>
  return
}

// -----

func.func @rotary_positions(%x: tensor<2x3x2x4xf32>, %t: tensor<2x2xf32>) {
  // expected-error @below {{'ds.rotary' op expects at least 3 positions in the tables, but got 2}}
  %0 = ds.rotary %x, %t, %t : tensor<2x3x2x4xf32>, tensor<2x2xf32>, tensor<2x2xf32>
  return
}

// -----

func.func @rotary_table_function() {
  // expected-error @below {{'ds.rotary_table' op expects function "cos" or "sin", a positive theta and a [positions, d/2] result}}
  %0 = ds.rotary_table "tan" theta 10000.0 : tensor<5x2xf32>
  return
}

// -----

func.func @rotary_table_frequencies() {
  // expected-error @below {{'ds.rotary_table' op expects a finite frequency for each of 2 pairs, but got 3}}
  %0 = ds.rotary_table "cos" theta 10000.0 frequencies [1.0, 0.5, 0.25] : tensor<5x2xf32>
  return
}

// -----

func.func @rotary_table_theta() {
  // expected-error @below {{'ds.rotary_table' op expects function "cos" or "sin", a positive theta and a [positions, d/2] result}}
  %0 = ds.rotary_table "cos" theta 0.0 : tensor<5x2xf32>
  return
}

// -----

func.func @attention_heads(%q: tensor<2x3x4x5xf32>, %k: tensor<2x3x3x5xf32>) {
  // expected-error @below {{'ds.attention' op expects query [batch, seq, heads, d] and key and value [batch, seq, kv_heads, d] with kv_heads dividing heads, but got 'tensor<2x3x4x5xf32>', 'tensor<2x3x3x5xf32>' and 'tensor<2x3x3x5xf32>'}}
  %0 = ds.attention %q, %k, %k scale 1.0 : tensor<2x3x4x5xf32>, tensor<2x3x3x5xf32>, tensor<2x3x3x5xf32>
  return
}

// -----

func.func @attention_value(%q: tensor<2x3x4x5xf32>, %v: tensor<2x3x2x5xf32>) {
  // expected-error @below {{'ds.attention' op expects query [batch, seq, heads, d] and key and value [batch, seq, kv_heads, d] with kv_heads dividing heads, but got 'tensor<2x3x4x5xf32>', 'tensor<2x3x4x5xf32>' and 'tensor<2x3x2x5xf32>'}}
  %0 = ds.attention %q, %q, %v scale 1.0 : tensor<2x3x4x5xf32>, tensor<2x3x4x5xf32>, tensor<2x3x2x5xf32>
  return
}

// -----

func.func @cross_entropy_rows(%x: tensor<3x4xf32>, %t: tensor<4xi32>) {
  // expected-error @below {{'ds.cross_entropy' op expects logits [..., classes] and i32 targets [...], but got 'tensor<3x4xf32>' and 'tensor<4xi32>'}}
  %0 = ds.cross_entropy %x, %t : (tensor<3x4xf32>, tensor<4xi32>) -> tensor<f32>
  return
}

// -----

func.func @cross_entropy_no_classes(%x: tensor<3x4xf32>, %t: tensor<3xi32>) {
  // expected-error @below {{'ds.cross_entropy' op expects from 1 to 4 classes, but got 0}}
  %0 = ds.cross_entropy %x, %t classes 0 : (tensor<3x4xf32>, tensor<3xi32>) -> tensor<f32>
  return
}

// -----

func.func @cross_entropy_rows_classes(%x: tensor<3x4xf32>, %t: tensor<3xi32>) {
  // expected-error @below {{'ds.cross_entropy_rows' op expects from 1 to 4 classes, but got 5}}
  %0 = ds.cross_entropy_rows %x, %t classes 5 : (tensor<3x4xf32>, tensor<3xi32>) -> tensor<3xf32>
  return
}

// -----

func.func @cross_entropy_grad_classes(%x: tensor<3x4xf32>, %t: tensor<3xi32>, %g: tensor<f32>) {
  // expected-error @below {{'ds.cross_entropy_grad' op expects from 1 to 4 classes, but got -1}}
  %0 = ds.cross_entropy_grad %x, %t, %g classes -1 : tensor<3x4xf32>, tensor<3xi32>, tensor<f32>
  return
}

// -----

func.func @cross_entropy_loss(%x: tensor<3x4xf32>, %t: tensor<3xi32>) {
  // expected-error @below {{'ds.cross_entropy' op expects a scalar loss, but got 'tensor<3xf32>'}}
  %0 = ds.cross_entropy %x, %t : (tensor<3x4xf32>, tensor<3xi32>) -> tensor<3xf32>
  return
}

// -----

func.func @embedding_element(%t: tensor<5x4xf64>, %i: tensor<3xi32>) {
  // expected-error @below {{'ds.embedding' op expects a table [rows, width], i32 ids [...] and a result [..., width], but got 'tensor<5x4xf64>', 'tensor<3xi32>' and 'tensor<3x4xf32>'}}
  %0 = ds.embedding %t, %i : (tensor<5x4xf64>, tensor<3xi32>) -> tensor<3x4xf32>
  return
}

// -----

func.func @attention_element(%q: tensor<2x3x4x5xf32>, %k: tensor<2x3x4x5xf64>) {
  // expected-error @below {{'ds.attention' op expects query [batch, seq, heads, d] and key and value [batch, seq, kv_heads, d] with kv_heads dividing heads, but got 'tensor<2x3x4x5xf32>', 'tensor<2x3x4x5xf64>' and 'tensor<2x3x4x5xf64>'}}
  %0 = ds.attention %q, %k, %k scale 1.0 : tensor<2x3x4x5xf32>, tensor<2x3x4x5xf64>, tensor<2x3x4x5xf64>
  return
}

// -----

func.func @softmax_rows(%x: tensor<5x4xf32>) {
  // expected-error @below {{expects causal rows of at least as many elements as there are rows, but got 'tensor<5x4xf32>'}}
  %0 = ds.softmax %x scale 1.0 {causal} : tensor<5x4xf32>
  return
}

// -----

func.func @softmax_scalar(%x: tensor<f32>) {
  // expected-error @below {{expects rows to sum over, but got 'tensor<f32>'}}
  %0 = ds.softmax %x scale 1.0 : tensor<f32>
  return
}

// -----

func.func @cross_entropy_grad_targets(%x: tensor<5x4xf32>, %t: tensor<4xi32>, %g: tensor<f32>) {
  // expected-error @below {{'ds.cross_entropy_grad' op expects logits [..., classes] and i32 targets [...], but got 'tensor<5x4xf32>' and 'tensor<4xi32>'}}
  %0 = ds.cross_entropy_grad %x, %t, %g : tensor<5x4xf32>, tensor<4xi32>, tensor<f32>
  return
}

// -----

func.func @cross_entropy_grad_rows(%x: tensor<5x4xf32>, %t: tensor<5xi32>, %g: tensor<f32>) {
  // expected-error @below {{'ds.cross_entropy_grad' op expects at least the logits' 5 rows, but got 4}}
  %0 = ds.cross_entropy_grad %x, %t, %g of 4 rows : tensor<5x4xf32>, tensor<5xi32>, tensor<f32>
  return
}

// -----

func.func @flash_attention_heads(%q: tensor<2x3x4x5xbf16>, %k: tensor<2x3x3x5xbf16>) {
  // expected-error @below {{'ds.flash_attention' op expects query [batch, seq, heads, d] and key and value [batch, seq, kv_heads, d] with kv_heads dividing heads, but got 'tensor<2x3x4x5xbf16>', 'tensor<2x3x3x5xbf16>' and 'tensor<2x3x3x5xbf16>'}}
  %0:2 = ds.flash_attention %q, %k, %k scale 1.0 : tensor<2x3x4x5xbf16>, tensor<2x3x3x5xbf16>
  return
}

// -----

func.func @flash_attention_grad_heads(%q: tensor<2x3x4x5xbf16>, %k: tensor<2x4x4x5xbf16>, %l: tensor<2x3x4xf32>) {
  // expected-error @below {{'ds.flash_attention_grad' op expects query [batch, seq, heads, d] and key and value [batch, seq, kv_heads, d] with kv_heads dividing heads, but got 'tensor<2x3x4x5xbf16>', 'tensor<2x4x4x5xbf16>' and 'tensor<2x4x4x5xbf16>'}}
  %0:3 = ds.flash_attention_grad %q, %k, %k, %q, %l, %l scale 1.0 : tensor<2x3x4x5xbf16>, tensor<2x4x4x5xbf16>
  return
}

// -----

func.func @flash_attention_scalar(%q: tensor<bf16>) {
  // expected-error @below {{'ds.flash_attention' op expects query [batch, seq, heads, d] and key and value}}
  %0:2 = ds.flash_attention %q, %q, %q scale 1.0 : tensor<bf16>, tensor<bf16>
  return
}
