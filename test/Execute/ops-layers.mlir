// RUN: ds-exec %s --print --entry=embedding,norms,rotary,attention,softmax,cross_entropy,adamw | FileCheck %s
//
// What layers and the optimizer compute, by hand.

// CHECK-LABEL: @embedding
// CHECK-NEXT: result 0: {{\[\[}}5, 6], [1, 2], [5, 6]]
// CHECK-NEXT: result 1: {{\[\[}}2, 3], [3, 4], [11, 13]]
func.func @embedding() -> (tensor<3x2xf64>, tensor<3x2xf64>) {
  %table = ds.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf64>
  %grad = ds.constant dense<[[2.0, 3.0], [1.0, 1.0], [4.0, 4.0]]> : tensor<3x2xf64>
  %ids = ds.constant dense<[2, 0, 2]> : tensor<3xi32>
  %0 = ds.embedding %table, %ids : (tensor<3x2xf64>, tensor<3xi32>) -> tensor<3x2xf64>
  %1 = ds.embedding_grad %table, %ids, %grad : (tensor<3x2xf64>, tensor<3xi32>, tensor<3x2xf64>) -> tensor<3x2xf64>
  return %0, %1 : tensor<3x2xf64>, tensor<3x2xf64>
}

// eps 1 makes variance 8 + eps = 9; mean(x^2) 24 + eps = 25.
// CHECK-LABEL: @norms
// CHECK-NEXT: result 0: {{\[\[}}-0.442809, 2.88562]]
// CHECK-NEXT: result 1: {{\[\[}}0.4, 2.6533]]
// CHECK-NEXT: result 2: [4]
// CHECK-NEXT: result 3: [0.333333]
// CHECK-NEXT: result 4: {{\[\[}}-1, 1]]
func.func @norms() -> (tensor<1x2xf64>, tensor<1x2xf64>, tensor<1xf64>, tensor<1xf64>, tensor<1x2xf64>) {
  // 4 -+ sqrt(8), and (2, sqrt(44)).
  %x = ds.constant dense<[[1.1715728752538097, 6.82842712474619]]> : tensor<1x2xf64>
  %y = ds.constant dense<[[2.0, 6.6332495807108]]> : tensor<1x2xf64>
  %scale = ds.constant dense<[1.0, 2.0]> : tensor<2xf64>
  %bias = ds.constant dense<[0.5, 1.0]> : tensor<2xf64>
  %0 = ds.layer_norm %x, %scale, %bias eps 1.0 : tensor<1x2xf64>, tensor<2xf64>, tensor<2xf64>
  %1 = ds.rms_norm %y, %scale eps 1.0 : tensor<1x2xf64>, tensor<2xf64>
  %mean, %rstd = ds.norm_stats %x eps 1.0 : tensor<1x2xf64> -> tensor<1xf64>, tensor<1xf64>
  %three = ds.constant dense<0.35355339059327373> : tensor<1xf64>
  %4 = ds.normalize %x, %mean, %three : tensor<1x2xf64>, tensor<1xf64>, tensor<1xf64>
  return %0, %1, %mean, %rstd, %4 : tensor<1x2xf64>, tensor<1x2xf64>, tensor<1xf64>, tensor<1xf64>, tensor<1x2xf64>
}

// Position 0 does not turn; at position 1 the one pair turns by 1 radian.
// CHECK-LABEL: @rotary
// CHECK-NEXT: result 0: {{\[\[\[\[}}1, 2]], {{\[\[}}-1.14264, 1.92208]]]]
// CHECK-NEXT: result 1: {{\[\[\[\[}}1, 2]], {{\[\[}}1, 2]]]]
func.func @rotary() -> (tensor<1x2x1x2xf64>, tensor<1x2x1x2xf64>) {
  %x = ds.constant dense<[[[[1.0, 2.0]], [[1.0, 2.0]]]]> : tensor<1x2x1x2xf64>
  %cos = ds.rotary_table "cos" theta 10000.0 : tensor<3x1xf32>
  %sin = ds.rotary_table "sin" theta 10000.0 : tensor<3x1xf32>
  %0 = ds.rotary %x, %cos, %sin : tensor<1x2x1x2xf64>, tensor<3x1xf32>, tensor<3x1xf32>
  %1 = ds.rotary %0, %cos, %sin {inverse} : tensor<1x2x1x2xf64>, tensor<3x1xf32>, tensor<3x1xf32>
  return %0, %1 : tensor<1x2x1x2xf64>, tensor<1x2x1x2xf64>
}

// Two query heads share one key head.  Scores of position 1: 0 and log 3 for
// head 0, 0 and 0 for head 1.
// CHECK-LABEL: @attention
// CHECK-NEXT: result 0: {{\[\[\[\[}}1], [1]], {{\[\[}}4], [3]]]]
// CHECK-NEXT: result 1: {{\[\[\[\[}}3], [3]], {{\[\[}}4], [3]]]]
func.func @attention() -> (tensor<1x2x2x1xf64>, tensor<1x2x2x1xf64>) {
  %q = ds.constant dense<[[[[0.0], [0.0]], [[1.0], [0.0]]]]> : tensor<1x2x2x1xf64>
  %k = ds.constant dense<[[[[0.0]], [[2.1972245773362196]]]]> : tensor<1x2x1x1xf64>
  %v = ds.constant dense<[[[[1.0]], [[5.0]]]]> : tensor<1x2x1x1xf64>
  %0 = ds.attention %q, %k, %v scale 0.5 {causal} : tensor<1x2x2x1xf64>, tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>
  %1 = ds.attention %q, %k, %v scale 0.5 : tensor<1x2x2x1xf64>, tensor<1x2x1x1xf64>, tensor<1x2x1x1xf64>
  return %0, %1 : tensor<1x2x2x1xf64>, tensor<1x2x2x1xf64>
}

// CHECK-LABEL: @softmax
// CHECK-NEXT: result 0: {{\[\[}}0.5, 0.5], [0.25, 0.75]]
// CHECK-NEXT: result 1: {{\[\[}}1, 0], [0.25, 0.75]]
// CHECK-NEXT: result 2: {{\[\[}}-0.125, 0.125], [-0.09375, 0.09375]]
func.func @softmax() -> (tensor<2x2xf64>, tensor<2x2xf64>, tensor<2x2xf64>) {
  %x = ds.constant dense<[[3.0, 3.0], [0.0, 2.1972245773362196]]> : tensor<2x2xf64>
  %g = ds.constant dense<[[0.0, 1.0], [0.0, 1.0]]> : tensor<2x2xf64>
  %0 = ds.softmax %x scale 0.5 : tensor<2x2xf64>
  %1 = ds.softmax %x scale 0.5 {causal} : tensor<2x2xf64>
  %2 = ds.softmax_grad %0, %g scale 0.5 : tensor<2x2xf64>
  return %0, %1, %2 : tensor<2x2xf64>, tensor<2x2xf64>, tensor<2x2xf64>
}

// log 2 and log(4/3); the mean of both is log(8/3) / 2.
// CHECK-LABEL: @cross_entropy
// CHECK-NEXT: result 0: 0.490415
// CHECK-NEXT: result 1: [0.693147, 0.287682]
// CHECK-NEXT: result 2: {{\[\[}}-0.5, 0.5], [0.25, -0.25]]
// Of 8 rows in all: a quarter.
// CHECK-NEXT: result 3: {{\[\[}}-0.125, 0.125], [0.0625, -0.0625]]
// The same with a third column that is no class, and NaN for a target there.
// CHECK-NEXT: result 4: 0.490415
// CHECK-NEXT: result 5: [0.693147, 0.287682]
// CHECK-NEXT: result 6: {{\[\[}}-0.5, 0.5, 0], [0.25, -0.25, 0]]
// CHECK-NEXT: result 7: nan
func.func @cross_entropy() -> (tensor<f64>, tensor<2xf64>, tensor<2x2xf64>, tensor<2x2xf64>,
    tensor<f64>, tensor<2xf64>, tensor<2x3xf64>, tensor<f64>) {
  %x = ds.constant dense<[[1.0, 1.0], [0.0, 1.0986122886681098]]> : tensor<2x2xf64>
  %t = ds.constant dense<[0, 1]> : tensor<2xi32>
  %two = ds.constant dense<2.0> : tensor<f64>
  %0 = ds.cross_entropy %x, %t : (tensor<2x2xf64>, tensor<2xi32>) -> tensor<f64>
  %1 = ds.cross_entropy_rows %x, %t : (tensor<2x2xf64>, tensor<2xi32>) -> tensor<2xf64>
  %2 = ds.cross_entropy_grad %x, %t, %two : tensor<2x2xf64>, tensor<2xi32>, tensor<f64>
  %3 = ds.cross_entropy_grad %x, %t, %two of 8 rows : tensor<2x2xf64>, tensor<2xi32>, tensor<f64>
  %p = ds.constant dense<[[1.0, 1.0, 9.0], [0.0, 1.0986122886681098, 7.0]]> : tensor<2x3xf64>
  %4 = ds.cross_entropy %p, %t classes 2 : (tensor<2x3xf64>, tensor<2xi32>) -> tensor<f64>
  %5 = ds.cross_entropy_rows %p, %t classes 2 : (tensor<2x3xf64>, tensor<2xi32>) -> tensor<2xf64>
  %6 = ds.cross_entropy_grad %p, %t, %two classes 2 : tensor<2x3xf64>, tensor<2xi32>, tensor<f64>
  %u = ds.constant dense<[0, 2]> : tensor<2xi32>
  %7 = ds.cross_entropy %p, %u classes 2 : (tensor<2x3xf64>, tensor<2xi32>) -> tensor<f64>
  return %0, %1, %2, %3, %4, %5, %6, %7 : tensor<f64>, tensor<2xf64>, tensor<2x2xf64>, tensor<2x2xf64>,
    tensor<f64>, tensor<2xf64>, tensor<2x3xf64>, tensor<f64>
}

// In step 1 the corrected moments are g = 1 and g^2 = 1: the update is
// -lr * sign(g) after a decay by 1 - lr * 0.5.
// CHECK-LABEL: @adamw
// CHECK-NEXT: result 0: [1.8, 3.9]
// CHECK-NEXT: result 1: [0.1, -0.1]
// CHECK-NEXT: result 2: [0.05, 0.05]
func.func @adamw() -> (tensor<2xf64>, tensor<2xf64>, tensor<2xf64>) {
  %p = ds.constant dense<[2.0, 4.0]> : tensor<2xf64>
  %zero = ds.constant dense<0.0> : tensor<2xf64>
  %g = ds.constant dense<[2.0, -2.0]> : tensor<2xf64>
  %half = ds.constant dense<0.5> : tensor<f64>
  %lr = ds.constant dense<0.1> : tensor<f64>
  %step = ds.constant dense<1.0> : tensor<f64>
  %0:3 = ds.adamw %p, %zero, %zero, %g scale %half lr %lr step %step
    {beta1 = 0.9 : f64, beta2 = 0.95 : f64, eps = 0.0 : f64, weight_decay = 0.5 : f64} : tensor<2xf64>
  return %0#0, %0#1, %0#2 : tensor<2xf64>, tensor<2xf64>, tensor<2xf64>
}
