// RUN: ds-exec %s --print --entry=mask,other_step,other_sample,other_name,window | FileCheck %s
// RUN: ds-exec %s --after='ds-decompose,cse,ds-fuse-kernels' --worlds=1 --entry=mask,attention,attention_grad | FileCheck %s --check-prefix=SAME
// RUN: ds-exec %s --check-gradients=dropout,attention_loss | FileCheck %s --check-prefix=GRADIENT
//
// Masks, by a numpy that knows only the rule; what dropout decomposes into, in
// blocks of 128 queries; its gradients with the mask fixed.

// Elements 0 to 3 and 4 to 7 of samples 6 and 7: seed 9, step 5, micro-batch 3 of 2 samples.
// CHECK-LABEL: @mask
// CHECK-NEXT: result 0: {{\[\[}}0, 0, 0, 0, 0, 0, 2, 2], [0, 0, 0, 0, 2, 2, 2, 2]]
func.func @mask() -> tensor<2x8xf64> {
  %x = ds.constant dense<1.0> : tensor<2x8xf64>
  %seed = ds.constant dense<9> : tensor<i64>
  %step = ds.constant dense<5> : tensor<i64>
  %n = ds.constant dense<3> : tensor<i64>
  %0 = ds.dropout %x <"drop", 0.5> at (%seed, %step, %n) : tensor<2x8xf64>
  return %0 : tensor<2x8xf64>
}
// CHECK-LABEL: @other_step
// CHECK-NEXT: result 0: {{\[\[}}0, 0, 2, 0, 2, 2, 0, 0], [2, 2, 0, 0, 0, 2, 0, 2]]
func.func @other_step() -> tensor<2x8xf64> {
  %x = ds.constant dense<1.0> : tensor<2x8xf64>
  %seed = ds.constant dense<9> : tensor<i64>
  %step = ds.constant dense<4294967301> : tensor<i64>
  %n = ds.constant dense<3> : tensor<i64>
  %0 = ds.dropout %x <"drop", 0.5> at (%seed, %step, %n) : tensor<2x8xf64>
  return %0 : tensor<2x8xf64>
}
// Sample 6 alone, as micro-batch 6 of one sample, with another seed behind it.
// CHECK-LABEL: @other_sample
// CHECK-NEXT: result 0: {{\[\[}}0, 0, 0, 0, 0, 0, 2, 2]]
// CHECK-NEXT: result 1: {{\[\[}}2, 0, 0, 0, 0, 2, 2, 2]]
func.func @other_sample() -> (tensor<1x8xf64>, tensor<1x8xf64>) {
  %x = ds.constant dense<1.0> : tensor<1x8xf64>
  %seed = ds.constant dense<9> : tensor<i64>
  %high = ds.constant dense<4294967305> : tensor<i64>
  %step = ds.constant dense<5> : tensor<i64>
  %n = ds.constant dense<6> : tensor<i64>
  %0 = ds.dropout %x <"drop", 0.5> at (%seed, %step, %n) : tensor<1x8xf64>
  %1 = ds.dropout %x <"drop", 0.5> at (%high, %step, %n) : tensor<1x8xf64>
  return %0, %1 : tensor<1x8xf64>, tensor<1x8xf64>
}
// Without a place all is counted from 0.
// CHECK-LABEL: @other_name
// CHECK-NEXT: result 0: {{\[\[}}0, 0, 4, 4, 0, 0, 0, 0]]
// CHECK-NEXT: result 1: {{\[\[}}0, 4, 4, 0, 0, 4, 4, 0]]
func.func @other_name() -> (tensor<1x8xf64>, tensor<1x8xf64>) {
  %x = ds.constant dense<1.0> : tensor<1x8xf64>
  %0 = ds.dropout %x <"drop", 0.75> : tensor<1x8xf64>
  %1 = ds.dropout %x <"drop2", 0.75> : tensor<1x8xf64>
  return %0, %1 : tensor<1x8xf64>, tensor<1x8xf64>
}
// Rows 1 and 2 of a sample of 3 x 4 elements.
// CHECK-LABEL: @window
// CHECK-NEXT: result 0: {{\[\[\[}}2, 0, 2, 2], [2, 0, 0, 0], [2, 0, 2, 0]]]
// CHECK-NEXT: result 1: {{\[\[\[}}2, 0, 0, 0], [2, 0, 2, 0]]]
func.func @window() -> (tensor<1x3x4xf64>, tensor<1x2x4xf64>) {
  %x = ds.constant dense<1.0> : tensor<1x3x4xf64>
  %y = ds.constant dense<1.0> : tensor<1x2x4xf64>
  // The first 8 bytes of SHA-256("drop").
  %k = ds.constant dense<[-857141543, -761151754]> : tensor<2xi32>
  %zero = ds.constant dense<0> : tensor<i64>
  %0 = ds.dropout %x <"drop", 0.5> : tensor<1x3x4xf64>
  %1 = ds.dropout_rows %y key %k at (%zero, %zero, %zero) of [3, 4] from 4 probability 0.5 : tensor<1x2x4xf64>
  return %0, %1 : tensor<1x3x4xf64>, tensor<1x2x4xf64>
}

// SAME: @mask
// SAME-NEXT: world 1: equal: 1 results

// 300 positions: blocks of 128, 128 and 44 queries.
// SAME: @attention
// SAME-NEXT: world 1: equal: 2 results
func.func @attention(%q: tensor<2x300x4x2xf64>, %k: tensor<2x300x2x2xf64>, %v: tensor<2x300x2x2xf64>)
    -> (tensor<2x300x4x2xf64>, tensor<2x300x4x2xf64>) {
  %n = ds.constant dense<3> : tensor<i64>
  %0 = ds.attention %q, %k, %v scale 0.7 dropout <"attn", 0.3> at (%n, %n, %n) {causal}
      : tensor<2x300x4x2xf64>, tensor<2x300x2x2xf64>, tensor<2x300x2x2xf64>
  %1 = ds.attention %q, %k, %v scale 0.7 dropout <"attn", 0.3>
      : tensor<2x300x4x2xf64>, tensor<2x300x2x2xf64>, tensor<2x300x2x2xf64>
  return %0, %1 : tensor<2x300x4x2xf64>, tensor<2x300x4x2xf64>
}
// SAME: @attention_grad
// SAME-NEXT: world 1: equal: 3 results
func.func @attention_grad(%q: tensor<1x300x4x2xf64>, %k: tensor<1x300x2x2xf64>, %v: tensor<1x300x2x2xf64>,
    %g: tensor<1x300x4x2xf64>) -> (tensor<1x300x4x2xf64>, tensor<1x300x2x2xf64>, tensor<1x300x2x2xf64>) {
  %n = ds.constant dense<3> : tensor<i64>
  %0:3 = ds.attention_grad %q, %k, %v, %g scale 0.7 dropout <"attn", 0.3> at (%n, %n, %n) {causal}
      : tensor<1x300x4x2xf64>, tensor<1x300x2x2xf64>, tensor<1x300x2x2xf64>
  return %0#0, %0#1, %0#2 : tensor<1x300x4x2xf64>, tensor<1x300x2x2xf64>, tensor<1x300x2x2xf64>
}

// GRADIENT: gradients of @dropout: 2 arguments
func.func @dropout(%x: tensor<2x3x5xf64>, %w: tensor<2x3x5xf64>) -> tensor<f64> {
  %0 = ds.dropout %x <"drop", 0.4> : tensor<2x3x5xf64>
  %1 = ds.mul %0, %w : tensor<2x3x5xf64>, tensor<2x3x5xf64>
  %2 = ds.sum %1 : tensor<2x3x5xf64> -> tensor<f64>
  return %2 : tensor<f64>
}
// GRADIENT: gradients of @attention_loss: 4 arguments
func.func @attention_loss(%q: tensor<2x5x4x3xf64>, %k: tensor<2x5x2x3xf64>, %v: tensor<2x5x2x3xf64>,
    %w: tensor<2x5x4x3xf64>) -> tensor<f64> {
  %0 = ds.attention %q, %k, %v scale 0.7 dropout <"attn", 0.4> {causal}
      : tensor<2x5x4x3xf64>, tensor<2x5x2x3xf64>, tensor<2x5x2x3xf64>
  %1 = ds.mul %0, %w : tensor<2x5x4x3xf64>, tensor<2x5x4x3xf64>
  %2 = ds.sum %1 : tensor<2x5x4x3xf64> -> tensor<f64>
  return %2 : tensor<f64>
}
