// RUN: ds-exec %s --check-gradients=one_by_one,repeated_tokens,one_token_table,norms_of_one,norms_of_a_row,rotary_odd,vocabulary_of_one,prime_vocabulary,bert_attention,one_position,five_heads_one_key,nine_heads_three_keys,one_more_than_a_block,two_blocks_grouped,one_row,softmax_rows | FileCheck %s
// RUN: ds-exec %s --check-gradients=vocabulary_of_one,norms_of_one,norms_of_a_row,bert_attention,one_position,five_heads_one_key,nine_heads_three_keys,one_more_than_a_block,two_blocks_grouped,one_row,softmax_rows \
// RUN:   --after='ds-differentiate{function=$function},cse,ds-decompose,cse,canonicalize' | FileCheck %s --check-prefix=LOWERED
//
// Gradients against finite differences where sizes are awkward: one, primes,
// odd heads, key heads shared by 3 and 5, tokens that come again, sequences
// that are no multiple of attention's block of 128 queries; and again as the
// parts that ops are lowered to.

// CHECK: gradients of @one_by_one: 4 arguments
func.func @one_by_one(%x: tensor<1x1x1xf64>, %y: tensor<1x1xf64>, %b: tensor<1xf64>,
    %w: tensor<1x1x1xf64>) -> tensor<f64> {
  %0 = ds.dot "bsk,kn->bsn" %x, %y : (tensor<1x1x1xf64>, tensor<1x1xf64>) -> tensor<1x1x1xf64>
  %1 = ds.add %0, %b : tensor<1x1x1xf64>, tensor<1xf64>
  %2 = ds.gelu %1 : tensor<1x1x1xf64>
  %3 = ds.mul %2, %w : tensor<1x1x1xf64>, tensor<1x1x1xf64>
  %4 = ds.sum %3 : tensor<1x1x1xf64> -> tensor<f64>
  return %4 : tensor<f64>
}

// Row 1 is looked up five times, row 0 never.
// CHECK: gradients of @repeated_tokens: 2 arguments
func.func @repeated_tokens(%x: tensor<3x7xf64>, %w: tensor<2x3x7xf64>) -> tensor<f64> {
  %ids = ds.constant dense<[[1, 1, 2], [1, 1, 1]]> : tensor<2x3xi32>
  %0 = ds.embedding %x, %ids : (tensor<3x7xf64>, tensor<2x3xi32>) -> tensor<2x3x7xf64>
  %1 = ds.mul %0, %w : tensor<2x3x7xf64>, tensor<2x3x7xf64>
  %2 = ds.sum %1 : tensor<2x3x7xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @one_token_table: 2 arguments
func.func @one_token_table(%x: tensor<1x1xf64>, %w: tensor<13x1xf64>) -> tensor<f64> {
  %ids = ds.constant dense<0> : tensor<13xi32>
  %0 = ds.embedding %x, %ids : (tensor<1x1xf64>, tensor<13xi32>) -> tensor<13x1xf64>
  %1 = ds.mul %0, %w : tensor<13x1xf64>, tensor<13x1xf64>
  %2 = ds.sum %1 : tensor<13x1xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// Rows of one element: a layer norm of them is its bias.  The large eps keeps
// the curvature of rms_norm at 0 within reach of finite differences.
// CHECK: gradients of @norms_of_one: 5 arguments
// LOWERED: gradients of @vocabulary_of_one: 2 arguments
// LOWERED: gradients of @norms_of_one: 5 arguments
func.func @norms_of_one(%x: tensor<3x1xf64>, %s: tensor<1xf64>, %b: tensor<1xf64>, %t: tensor<1xf64>,
    %w: tensor<3x1xf64>) -> tensor<f64> {
  %0 = ds.layer_norm %x, %s, %b eps 0.1 : tensor<3x1xf64>, tensor<1xf64>, tensor<1xf64>
  %1 = ds.add %0, %x : tensor<3x1xf64>, tensor<3x1xf64>
  %2 = ds.rms_norm %1, %t eps 0.1 : tensor<3x1xf64>, tensor<1xf64>
  %3 = ds.mul %2, %w : tensor<3x1xf64>, tensor<3x1xf64>
  %4 = ds.sum %3 : tensor<3x1xf64> -> tensor<f64>
  return %4 : tensor<f64>
}

// CHECK: gradients of @norms_of_a_row: 5 arguments
// LOWERED: gradients of @norms_of_a_row: 5 arguments
func.func @norms_of_a_row(%x: tensor<97xf64>, %s: tensor<97xf64>, %b: tensor<97xf64>, %t: tensor<97xf64>,
    %w: tensor<97xf64>) -> tensor<f64> {
  %0 = ds.layer_norm %x, %s, %b eps 1.0e-5 : tensor<97xf64>, tensor<97xf64>, tensor<97xf64>
  %1 = ds.rms_norm %0, %t eps 1.0e-5 : tensor<97xf64>, tensor<97xf64>
  %2 = ds.mul %1, %w : tensor<97xf64>, tensor<97xf64>
  %3 = ds.sum %2 : tensor<97xf64> -> tensor<f64>
  return %3 : tensor<f64>
}

// Five heads of one pair, seven positions of a table of thirteen.
// CHECK: gradients of @rotary_odd: 2 arguments
func.func @rotary_odd(%x: tensor<1x7x5x2xf64>, %w: tensor<1x7x5x2xf64>) -> tensor<f64> {
  %cos = ds.rotary_table "cos" theta 10000.0 : tensor<13x1xf32>
  %sin = ds.rotary_table "sin" theta 10000.0 : tensor<13x1xf32>
  %0 = ds.rotary %x, %cos, %sin : tensor<1x7x5x2xf64>, tensor<13x1xf32>, tensor<13x1xf32>
  %1 = ds.rotary %0, %cos, %sin {inverse} : tensor<1x7x5x2xf64>, tensor<13x1xf32>, tensor<13x1xf32>
  %2 = ds.rotary %1, %cos, %sin : tensor<1x7x5x2xf64>, tensor<13x1xf32>, tensor<13x1xf32>
  %3 = ds.mul %2, %w : tensor<1x7x5x2xf64>, tensor<1x7x5x2xf64>
  %4 = ds.sum %3 : tensor<1x7x5x2xf64> -> tensor<f64>
  return %4 : tensor<f64>
}

// One class is certain: the loss is 0 whatever the logits are.
// CHECK: gradients of @vocabulary_of_one: 2 arguments
func.func @vocabulary_of_one(%x: tensor<5x1xf64>, %w: tensor<f64>) -> tensor<f64> {
  %t = ds.constant dense<0> : tensor<5xi32>
  %0 = ds.cross_entropy %x, %t : (tensor<5x1xf64>, tensor<5xi32>) -> tensor<f64>
  %1 = ds.add %0, %w : tensor<f64>, tensor<f64>
  return %1 : tensor<f64>
}

// CHECK: gradients of @prime_vocabulary: 1 arguments
func.func @prime_vocabulary(%x: tensor<1x3x97xf64>, %t: tensor<1x3xi32> {ds.bound = 97 : i64}) -> tensor<f64> {
  %0 = ds.cross_entropy %x, %t : (tensor<1x3x97xf64>, tensor<1x3xi32>) -> tensor<f64>
  return %0 : tensor<f64>
}

// CHECK: gradients of @bert_attention: 4 arguments
// LOWERED: gradients of @bert_attention: 4 arguments
func.func @bert_attention(%q: tensor<1x7x3x1xf64>, %k: tensor<1x7x3x1xf64>, %v: tensor<1x7x3x1xf64>,
    %w: tensor<1x7x3x1xf64>) -> tensor<f64> {
  %0 = ds.attention %q, %k, %v scale 0.7 : tensor<1x7x3x1xf64>, tensor<1x7x3x1xf64>, tensor<1x7x3x1xf64>
  %1 = ds.mul %0, %w : tensor<1x7x3x1xf64>, tensor<1x7x3x1xf64>
  %2 = ds.sum %1 : tensor<1x7x3x1xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// One position sees itself alone: the query does not matter.
// CHECK: gradients of @one_position: 4 arguments
// LOWERED: gradients of @one_position: 4 arguments
func.func @one_position(%q: tensor<3x1x3x7xf64>, %k: tensor<3x1x3x7xf64>, %v: tensor<3x1x3x7xf64>,
    %w: tensor<3x1x3x7xf64>) -> tensor<f64> {
  %0 = ds.attention %q, %k, %v scale 0.7 {causal} : tensor<3x1x3x7xf64>, tensor<3x1x3x7xf64>, tensor<3x1x3x7xf64>
  %1 = ds.mul %0, %w : tensor<3x1x3x7xf64>, tensor<3x1x3x7xf64>
  %2 = ds.sum %1 : tensor<3x1x3x7xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @five_heads_one_key: 4 arguments
// LOWERED: gradients of @five_heads_one_key: 4 arguments
func.func @five_heads_one_key(%q: tensor<2x5x5x3xf64>, %k: tensor<2x5x1x3xf64>, %v: tensor<2x5x1x3xf64>,
    %w: tensor<2x5x5x3xf64>) -> tensor<f64> {
  %0 = ds.attention %q, %k, %v scale 0.7 {causal} : tensor<2x5x5x3xf64>, tensor<2x5x1x3xf64>, tensor<2x5x1x3xf64>
  %1 = ds.mul %0, %w : tensor<2x5x5x3xf64>, tensor<2x5x5x3xf64>
  %2 = ds.sum %1 : tensor<2x5x5x3xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @nine_heads_three_keys: 4 arguments
// LOWERED: gradients of @nine_heads_three_keys: 4 arguments
func.func @nine_heads_three_keys(%q: tensor<1x3x9x2xf64>, %k: tensor<1x3x3x2xf64>, %v: tensor<1x3x3x2xf64>,
    %w: tensor<1x3x9x2xf64>) -> tensor<f64> {
  %0 = ds.attention %q, %k, %v scale 0.7 : tensor<1x3x9x2xf64>, tensor<1x3x3x2xf64>, tensor<1x3x3x2xf64>
  %1 = ds.mul %0, %w : tensor<1x3x9x2xf64>, tensor<1x3x9x2xf64>
  %2 = ds.sum %1 : tensor<1x3x9x2xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// 129 queries: the second block has one.
// CHECK: gradients of @one_more_than_a_block: 4 arguments
// LOWERED: gradients of @one_more_than_a_block: 4 arguments
func.func @one_more_than_a_block(%q: tensor<1x129x1x1xf64>, %k: tensor<1x129x1x1xf64>, %v: tensor<1x129x1x1xf64>,
    %w: tensor<1x129x1x1xf64>) -> tensor<f64> {
  %0 = ds.attention %q, %k, %v scale 0.7 {causal} : tensor<1x129x1x1xf64>, tensor<1x129x1x1xf64>, tensor<1x129x1x1xf64>
  %1 = ds.mul %0, %w : tensor<1x129x1x1xf64>, tensor<1x129x1x1xf64>
  %2 = ds.sum %1 : tensor<1x129x1x1xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @two_blocks_grouped: 4 arguments
// LOWERED: gradients of @two_blocks_grouped: 4 arguments
func.func @two_blocks_grouped(%q: tensor<1x131x3x1xf64>, %k: tensor<1x131x1x1xf64>, %v: tensor<1x131x1x1xf64>,
    %w: tensor<1x131x3x1xf64>) -> tensor<f64> {
  %0 = ds.attention %q, %k, %v scale 0.7 : tensor<1x131x3x1xf64>, tensor<1x131x1x1xf64>, tensor<1x131x1x1xf64>
  %1 = ds.mul %0, %w : tensor<1x131x3x1xf64>, tensor<1x131x3x1xf64>
  %2 = ds.sum %1 : tensor<1x131x3x1xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// One row, without a batch.
// CHECK: gradients of @one_row: 2 arguments
// LOWERED: gradients of @one_row: 2 arguments
func.func @one_row(%x: tensor<7xf64>, %w: tensor<f64>) -> tensor<f64> {
  %t = ds.constant dense<3> : tensor<i32>
  %0 = ds.cross_entropy %x, %t : (tensor<7xf64>, tensor<i32>) -> tensor<f64>
  %1 = ds.mul %0, %w : tensor<f64>, tensor<f64>
  return %1 : tensor<f64>
}

// Rows of a prime width, and of those that see only what is before them.
// CHECK: gradients of @softmax_rows: 2 arguments
// LOWERED: gradients of @softmax_rows: 2 arguments
func.func @softmax_rows(%x: tensor<2x5x7xf64>, %w: tensor<2x5x7xf64>) -> tensor<f64> {
  %0 = ds.softmax %x scale -1.25 : tensor<2x5x7xf64>
  %1 = ds.softmax %0 scale 3.0 {causal} : tensor<2x5x7xf64>
  %2 = ds.mul %1, %w : tensor<2x5x7xf64>, tensor<2x5x7xf64>
  %3 = ds.sum %2 : tensor<2x5x7xf64> -> tensor<f64>
  return %3 : tensor<f64>
}
