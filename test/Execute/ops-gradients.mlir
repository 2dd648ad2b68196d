// RUN: ds-exec %s --check-gradients=add,sub,mul,div,neg,gelu,silu,dot_batch,dot_matrix,dot_heads,sum_leading,sum_trailing,sum_squares,broadcast,reshape,split,concat,take,pad,flat,reuse | FileCheck %s
// RUN: ds-exec %s --check-gradients=embedding,layer_norm,rms_norm,rotary,attention,attention_causal,attention_groups,softmax,softmax_causal,cross_entropy,block | FileCheck %s --check-prefix=LAYER
//
// Gradients of every differentiable op against finite differences, at odd
// sizes.  Results are weighted by an argument before they are summed, so that
// no gradient is uniform.

// CHECK: gradients of @add: 4 arguments
func.func @add(%x: tensor<3x5xf64>, %y: tensor<5xf64>, %s: tensor<f64>, %w: tensor<3x5xf64>) -> tensor<f64> {
  %0 = ds.add %x, %y : tensor<3x5xf64>, tensor<5xf64>
  %1 = ds.add %0, %s : tensor<3x5xf64>, tensor<f64>
  %2 = ds.mul %1, %w : tensor<3x5xf64>, tensor<3x5xf64>
  %3 = ds.sum %2 : tensor<3x5xf64> -> tensor<f64>
  return %3 : tensor<f64>
}

// CHECK: gradients of @sub: 4 arguments
func.func @sub(%x: tensor<3x5xf64>, %y: tensor<5xf64>, %s: tensor<f64>, %w: tensor<3x5xf64>) -> tensor<f64> {
  %0 = ds.sub %x, %y : tensor<3x5xf64>, tensor<5xf64>
  %1 = ds.sub %0, %s : tensor<3x5xf64>, tensor<f64>
  %2 = ds.mul %1, %w : tensor<3x5xf64>, tensor<3x5xf64>
  %3 = ds.sum %2 : tensor<3x5xf64> -> tensor<f64>
  return %3 : tensor<f64>
}

// CHECK: gradients of @mul: 4 arguments
func.func @mul(%x: tensor<2x3x5xf64>, %y: tensor<3x5xf64>, %s: tensor<f64>, %w: tensor<2x3x5xf64>) -> tensor<f64> {
  %0 = ds.mul %x, %y : tensor<2x3x5xf64>, tensor<3x5xf64>
  %1 = ds.mul %0, %s : tensor<2x3x5xf64>, tensor<f64>
  %2 = ds.mul %1, %w : tensor<2x3x5xf64>, tensor<2x3x5xf64>
  %3 = ds.sum %2 : tensor<2x3x5xf64> -> tensor<f64>
  return %3 : tensor<f64>
}

// The divisors are 1 + y^2, away from zero.
// CHECK: gradients of @div: 4 arguments
func.func @div(%x: tensor<3x5xf64>, %y: tensor<5xf64>, %s: tensor<f64>, %w: tensor<3x5xf64>) -> tensor<f64> {
  %one = ds.constant dense<1.0> : tensor<f64>
  %y2 = ds.mul %y, %y : tensor<5xf64>, tensor<5xf64>
  %y3 = ds.add %y2, %one : tensor<5xf64>, tensor<f64>
  %s2 = ds.mul %s, %s : tensor<f64>, tensor<f64>
  %s3 = ds.add %s2, %one : tensor<f64>, tensor<f64>
  %0 = ds.div %x, %y3 : tensor<3x5xf64>, tensor<5xf64>
  %1 = ds.div %0, %s3 : tensor<3x5xf64>, tensor<f64>
  %2 = ds.mul %1, %w : tensor<3x5xf64>, tensor<3x5xf64>
  %3 = ds.sum %2 : tensor<3x5xf64> -> tensor<f64>
  return %3 : tensor<f64>
}

// CHECK: gradients of @neg: 2 arguments
func.func @neg(%x: tensor<7xf64>, %w: tensor<7xf64>) -> tensor<f64> {
  %0 = ds.neg %x : tensor<7xf64>
  %1 = ds.mul %0, %w : tensor<7xf64>, tensor<7xf64>
  %2 = ds.sum %1 : tensor<7xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @gelu: 2 arguments
func.func @gelu(%x: tensor<7xf64>, %w: tensor<7xf64>) -> tensor<f64> {
  %0 = ds.gelu %x : tensor<7xf64>
  %1 = ds.mul %0, %w : tensor<7xf64>, tensor<7xf64>
  %2 = ds.sum %1 : tensor<7xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @silu: 2 arguments
func.func @silu(%x: tensor<7xf64>, %w: tensor<7xf64>) -> tensor<f64> {
  %0 = ds.silu %x : tensor<7xf64>
  %1 = ds.mul %0, %w : tensor<7xf64>, tensor<7xf64>
  %2 = ds.sum %1 : tensor<7xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @dot_batch: 3 arguments
func.func @dot_batch(%x: tensor<2x3x5xf64>, %y: tensor<5x7xf64>, %w: tensor<2x3x7xf64>) -> tensor<f64> {
  %0 = ds.dot "bsk,kn->bsn" %x, %y : (tensor<2x3x5xf64>, tensor<5x7xf64>) -> tensor<2x3x7xf64>
  %1 = ds.mul %0, %w : tensor<2x3x7xf64>, tensor<2x3x7xf64>
  %2 = ds.sum %1 : tensor<2x3x7xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @dot_matrix: 3 arguments
func.func @dot_matrix(%x: tensor<3x5xf64>, %y: tensor<7x5xf64>, %w: tensor<3x7xf64>) -> tensor<f64> {
  %0 = ds.dot "ik,jk->ij" %x, %y : (tensor<3x5xf64>, tensor<7x5xf64>) -> tensor<3x7xf64>
  %1 = ds.mul %0, %w : tensor<3x7xf64>, tensor<3x7xf64>
  %2 = ds.sum %1 : tensor<3x7xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @dot_heads: 3 arguments
func.func @dot_heads(%x: tensor<2x3x3x5xf64>, %y: tensor<2x7x3x5xf64>, %w: tensor<2x3x3x7xf64>) -> tensor<f64> {
  %0 = ds.dot "bqhd,bkhd->bhqk" %x, %y : (tensor<2x3x3x5xf64>, tensor<2x7x3x5xf64>) -> tensor<2x3x3x7xf64>
  %1 = ds.mul %0, %w : tensor<2x3x3x7xf64>, tensor<2x3x3x7xf64>
  %2 = ds.sum %1 : tensor<2x3x3x7xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @sum_leading: 2 arguments
func.func @sum_leading(%x: tensor<3x5xf64>, %w: tensor<5xf64>) -> tensor<f64> {
  %0 = ds.sum %x : tensor<3x5xf64> -> tensor<5xf64>
  %1 = ds.mul %0, %w : tensor<5xf64>, tensor<5xf64>
  %2 = ds.sum %1 : tensor<5xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @sum_trailing: 2 arguments
func.func @sum_trailing(%x: tensor<3x5x2xf64>, %w: tensor<3xf64>) -> tensor<f64> {
  %0 = ds.sum %x {trailing} : tensor<3x5x2xf64> -> tensor<3xf64>
  %1 = ds.mul %0, %w : tensor<3xf64>, tensor<3xf64>
  %2 = ds.sum %1 {trailing} : tensor<3xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @sum_squares: 2 arguments
func.func @sum_squares(%x: tensor<3x5xf64>, %w: tensor<3xf64>) -> tensor<f64> {
  %0 = ds.sum %x {squares, trailing} : tensor<3x5xf64> -> tensor<3xf64>
  %1 = ds.mul %0, %w : tensor<3xf64>, tensor<3xf64>
  %2 = ds.sum %1 : tensor<3xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @broadcast: 2 arguments
func.func @broadcast(%x: tensor<5xf64>, %w: tensor<3x5xf64>) -> tensor<f64> {
  %0 = ds.broadcast %x : tensor<5xf64> -> tensor<3x5xf64>
  %1 = ds.mul %0, %w : tensor<3x5xf64>, tensor<3x5xf64>
  %2 = ds.sum %1 : tensor<3x5xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @reshape: 2 arguments
func.func @reshape(%x: tensor<3x4xf64>, %w: tensor<2x6xf64>) -> tensor<f64> {
  %0 = ds.reshape %x : tensor<3x4xf64> -> tensor<2x6xf64>
  %1 = ds.mul %0, %w : tensor<2x6xf64>, tensor<2x6xf64>
  %2 = ds.sum %1 : tensor<2x6xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// One part is not used: its gradient is zero.
// CHECK: gradients of @split: 2 arguments
func.func @split(%x: tensor<3x7xf64>, %w: tensor<3x2xf64>) -> tensor<f64> {
  %0:3 = ds.split %x : (tensor<3x7xf64>) -> (tensor<3x2xf64>, tensor<3x3xf64>, tensor<3x2xf64>)
  %1 = ds.mul %0#0, %w : tensor<3x2xf64>, tensor<3x2xf64>
  %2 = ds.mul %1, %0#2 : tensor<3x2xf64>, tensor<3x2xf64>
  %3 = ds.sum %2 : tensor<3x2xf64> -> tensor<f64>
  return %3 : tensor<f64>
}

// CHECK: gradients of @concat: 3 arguments
func.func @concat(%x: tensor<3x2xf64>, %y: tensor<3x3xf64>, %w: tensor<3x5xf64>) -> tensor<f64> {
  %0 = ds.concat %x, %y : (tensor<3x2xf64>, tensor<3x3xf64>) -> tensor<3x5xf64>
  %1 = ds.mul %0, %w : tensor<3x5xf64>, tensor<3x5xf64>
  %2 = ds.sum %1 : tensor<3x5xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @take: 2 arguments
func.func @take(%x: tensor<5x3xf64>, %w: tensor<2x3xf64>) -> tensor<f64> {
  %0 = ds.take %x : tensor<5x3xf64> -> tensor<2x3xf64>
  %1 = ds.mul %0, %w : tensor<2x3xf64>, tensor<2x3xf64>
  %2 = ds.sum %1 : tensor<2x3xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @pad: 2 arguments
func.func @pad(%x: tensor<2x3xf64>, %w: tensor<5x3xf64>) -> tensor<f64> {
  %0 = ds.pad %x : tensor<2x3xf64> -> tensor<5x3xf64>
  %1 = ds.mul %0, %w : tensor<5x3xf64>, tensor<5x3xf64>
  %2 = ds.sum %1 : tensor<5x3xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @flat: 2 arguments
func.func @flat(%x: tensor<11xf64>, %w: tensor<2x3xf64>) -> tensor<f64> {
  %0:3 = ds.unflatten %x at [0, 3, 9] : (tensor<11xf64>) -> (tensor<3xf64>, tensor<2x3xf64>, tensor<1xf64>)
  %1 = ds.mul %0#1, %w : tensor<2x3xf64>, tensor<2x3xf64>
  %2 = ds.mul %1, %0#0 : tensor<2x3xf64>, tensor<3xf64>
  %3 = ds.sum %2 : tensor<2x3xf64> -> tensor<f64>
  return %3 : tensor<f64>
}

// Gradients of a value with several uses add up.
// CHECK: gradients of @reuse: 1 arguments
func.func @reuse(%x: tensor<3xf64>) -> tensor<f64> {
  %0 = ds.gelu %x : tensor<3xf64>
  %1 = ds.mul %0, %x : tensor<3xf64>, tensor<3xf64>
  %2 = ds.add %1, %0 : tensor<3xf64>, tensor<3xf64>
  %3 = ds.mul %2, %2 : tensor<3xf64>, tensor<3xf64>
  %4 = ds.sum %3 : tensor<3xf64> -> tensor<f64>
  return %4 : tensor<f64>
}

// LAYER: gradients of @embedding: 2 arguments
func.func @embedding(%x: tensor<5x3xf64>, %ids: tensor<2x7xi32> {ds.bound = 5 : i64},
    %w: tensor<2x7x3xf64>) -> tensor<f64> {
  %0 = ds.embedding %x, %ids : (tensor<5x3xf64>, tensor<2x7xi32>) -> tensor<2x7x3xf64>
  %1 = ds.mul %0, %w : tensor<2x7x3xf64>, tensor<2x7x3xf64>
  %2 = ds.sum %1 : tensor<2x7x3xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// LAYER: gradients of @layer_norm: 4 arguments
func.func @layer_norm(%x: tensor<2x3x7xf64>, %scale: tensor<7xf64>, %bias: tensor<7xf64>,
    %w: tensor<2x3x7xf64>) -> tensor<f64> {
  %0 = ds.layer_norm %x, %scale, %bias eps 1.0e-5 : tensor<2x3x7xf64>, tensor<7xf64>, tensor<7xf64>
  %1 = ds.mul %0, %w : tensor<2x3x7xf64>, tensor<2x3x7xf64>
  %2 = ds.sum %1 : tensor<2x3x7xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// LAYER: gradients of @rms_norm: 3 arguments
func.func @rms_norm(%x: tensor<2x3x7xf64>, %scale: tensor<7xf64>, %w: tensor<2x3x7xf64>) -> tensor<f64> {
  %0 = ds.rms_norm %x, %scale eps 1.0e-5 : tensor<2x3x7xf64>, tensor<7xf64>
  %1 = ds.mul %0, %w : tensor<2x3x7xf64>, tensor<2x3x7xf64>
  %2 = ds.sum %1 : tensor<2x3x7xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// LAYER: gradients of @rotary: 2 arguments
func.func @rotary(%x: tensor<2x3x3x6xf64>, %w: tensor<2x3x3x6xf64>) -> tensor<f64> {
  %cos = ds.rotary_table "cos" theta 10000.0 : tensor<5x3xf32>
  %sin = ds.rotary_table "sin" theta 10000.0 : tensor<5x3xf32>
  %0 = ds.rotary %x, %cos, %sin : tensor<2x3x3x6xf64>, tensor<5x3xf32>, tensor<5x3xf32>
  %1 = ds.mul %0, %w : tensor<2x3x3x6xf64>, tensor<2x3x3x6xf64>
  %2 = ds.sum %1 : tensor<2x3x3x6xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// LAYER: gradients of @attention: 4 arguments
func.func @attention(%q: tensor<2x5x3x3xf64>, %k: tensor<2x5x3x3xf64>, %v: tensor<2x5x3x3xf64>,
    %w: tensor<2x5x3x3xf64>) -> tensor<f64> {
  %0 = ds.attention %q, %k, %v scale 0.7 : tensor<2x5x3x3xf64>, tensor<2x5x3x3xf64>, tensor<2x5x3x3xf64>
  %1 = ds.mul %0, %w : tensor<2x5x3x3xf64>, tensor<2x5x3x3xf64>
  %2 = ds.sum %1 : tensor<2x5x3x3xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// LAYER: gradients of @attention_causal: 4 arguments
func.func @attention_causal(%q: tensor<2x5x3x3xf64>, %k: tensor<2x5x3x3xf64>,
    %v: tensor<2x5x3x3xf64>, %w: tensor<2x5x3x3xf64>) -> tensor<f64> {
  %0 = ds.attention %q, %k, %v scale 0.7 {causal} : tensor<2x5x3x3xf64>, tensor<2x5x3x3xf64>, tensor<2x5x3x3xf64>
  %1 = ds.mul %0, %w : tensor<2x5x3x3xf64>, tensor<2x5x3x3xf64>
  %2 = ds.sum %1 : tensor<2x5x3x3xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// Six query heads share two key heads.
// LAYER: gradients of @attention_groups: 4 arguments
func.func @attention_groups(%q: tensor<2x5x6x3xf64>, %k: tensor<2x5x2x3xf64>,
    %v: tensor<2x5x2x3xf64>, %w: tensor<2x5x6x3xf64>) -> tensor<f64> {
  %0 = ds.attention %q, %k, %v scale 0.7 {causal} : tensor<2x5x6x3xf64>, tensor<2x5x2x3xf64>, tensor<2x5x2x3xf64>
  %1 = ds.mul %0, %w : tensor<2x5x6x3xf64>, tensor<2x5x6x3xf64>
  %2 = ds.sum %1 : tensor<2x5x6x3xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// LAYER: gradients of @softmax: 2 arguments
func.func @softmax(%x: tensor<2x3x7xf64>, %w: tensor<2x3x7xf64>) -> tensor<f64> {
  %0 = ds.softmax %x scale 0.7 : tensor<2x3x7xf64>
  %1 = ds.mul %0, %w : tensor<2x3x7xf64>, tensor<2x3x7xf64>
  %2 = ds.sum %1 : tensor<2x3x7xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// LAYER: gradients of @softmax_causal: 2 arguments
func.func @softmax_causal(%x: tensor<2x3x5xf64>, %w: tensor<2x3x5xf64>) -> tensor<f64> {
  %0 = ds.softmax %x scale 1.5 {causal} : tensor<2x3x5xf64>
  %1 = ds.mul %0, %w : tensor<2x3x5xf64>, tensor<2x3x5xf64>
  %2 = ds.sum %1 : tensor<2x3x5xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// LAYER: gradients of @cross_entropy: 2 arguments
func.func @cross_entropy(%x: tensor<2x3x7xf64>, %t: tensor<2x3xi32> {ds.bound = 7 : i64},
    %w: tensor<f64>) -> tensor<f64> {
  %0 = ds.cross_entropy %x, %t : (tensor<2x3x7xf64>, tensor<2x3xi32>) -> tensor<f64>
  %1 = ds.mul %0, %w : tensor<f64>, tensor<f64>
  return %1 : tensor<f64>
}

// A small classifier: gradients through ops of every kind.
// LAYER: gradients of @block: 4 arguments
func.func @block(%table: tensor<5x3xf64>, %scale: tensor<3xf64>, %up: tensor<3x7xf64>,
    %head: tensor<5x7xf64>, %ids: tensor<2x3xi32> {ds.bound = 5 : i64},
    %t: tensor<2x3xi32> {ds.bound = 5 : i64}) -> tensor<f64> {
  %0 = ds.embedding %table, %ids : (tensor<5x3xf64>, tensor<2x3xi32>) -> tensor<2x3x3xf64>
  %1 = ds.rms_norm %0, %scale eps 1.0e-5 : tensor<2x3x3xf64>, tensor<3xf64>
  %2 = ds.dot "bsk,kn->bsn" %1, %up : (tensor<2x3x3xf64>, tensor<3x7xf64>) -> tensor<2x3x7xf64>
  %3 = ds.silu %2 : tensor<2x3x7xf64>
  %4 = ds.dot "bsn,vn->bsv" %3, %head : (tensor<2x3x7xf64>, tensor<5x7xf64>) -> tensor<2x3x5xf64>
  %5 = ds.cross_entropy %4, %t : (tensor<2x3x5xf64>, tensor<2x3xi32>) -> tensor<f64>
  return %5 : tensor<f64>
}
