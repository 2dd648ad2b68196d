// RUN: ds-exec %s --after=ds-decompose --worlds=1 --entry=attention,attention_grad,layer_norm_grad,rms_norm_grad,cross_entropy,adamw,grad_norm,attention_blocks,attention_grad_blocks | FileCheck %s
//
// What ops decompose into computes what their own definition says.

// CHECK-LABEL: @attention
// CHECK-NEXT: world 1: equal: 2 results
func.func @attention(%q: tensor<2x5x6x3xf64>, %k: tensor<2x5x2x3xf64>, %v: tensor<2x5x2x3xf64>)
    -> (tensor<2x5x6x3xf64>, tensor<2x5x6x3xf64>) {
  %0 = ds.attention %q, %k, %v scale 0.7 {causal} : tensor<2x5x6x3xf64>, tensor<2x5x2x3xf64>, tensor<2x5x2x3xf64>
  %1 = ds.attention %q, %k, %v scale 0.7 : tensor<2x5x6x3xf64>, tensor<2x5x2x3xf64>, tensor<2x5x2x3xf64>
  return %0, %1 : tensor<2x5x6x3xf64>, tensor<2x5x6x3xf64>
}

// CHECK-LABEL: @attention_grad
// CHECK-NEXT: world 1: equal: 6 results
func.func @attention_grad(%q: tensor<2x5x6x3xf64>, %k: tensor<2x5x2x3xf64>,
    %v: tensor<2x5x2x3xf64>, %g: tensor<2x5x6x3xf64>)
    -> (tensor<2x5x6x3xf64>, tensor<2x5x2x3xf64>, tensor<2x5x2x3xf64>, tensor<2x5x6x3xf64>,
        tensor<2x5x2x3xf64>, tensor<2x5x2x3xf64>) {
  %0:3 = ds.attention_grad %q, %k, %v, %g scale 0.7 {causal}
      : tensor<2x5x6x3xf64>, tensor<2x5x2x3xf64>, tensor<2x5x2x3xf64>
  %1:3 = ds.attention_grad %q, %k, %v, %g scale 0.7 : tensor<2x5x6x3xf64>, tensor<2x5x2x3xf64>, tensor<2x5x2x3xf64>
  return %0#0, %0#1, %0#2, %1#0, %1#1, %1#2
      : tensor<2x5x6x3xf64>, tensor<2x5x2x3xf64>, tensor<2x5x2x3xf64>, tensor<2x5x6x3xf64>,
      tensor<2x5x2x3xf64>, tensor<2x5x2x3xf64>
}

// CHECK-LABEL: @layer_norm_grad
// CHECK-NEXT: world 1: equal: 3 results
func.func @layer_norm_grad(%x: tensor<2x3x7xf64>, %scale: tensor<7xf64>, %g: tensor<2x3x7xf64>)
    -> (tensor<2x3x7xf64>, tensor<7xf64>, tensor<7xf64>) {
  %0:3 = ds.layer_norm_grad %x, %scale, %g eps 1.0e-5 : tensor<2x3x7xf64>, tensor<7xf64>
  return %0#0, %0#1, %0#2 : tensor<2x3x7xf64>, tensor<7xf64>, tensor<7xf64>
}

// CHECK-LABEL: @rms_norm_grad
// CHECK-NEXT: world 1: equal: 2 results
func.func @rms_norm_grad(%x: tensor<2x3x7xf64>, %scale: tensor<7xf64>, %g: tensor<2x3x7xf64>)
    -> (tensor<2x3x7xf64>, tensor<7xf64>) {
  %0:2 = ds.rms_norm_grad %x, %scale, %g eps 1.0e-5 : tensor<2x3x7xf64>, tensor<7xf64>
  return %0#0, %0#1 : tensor<2x3x7xf64>, tensor<7xf64>
}

// CHECK-LABEL: @cross_entropy
// CHECK-NEXT: world 1: equal: 1 results
func.func @cross_entropy(%x: tensor<2x3x7xf64>, %t: tensor<2x3xi32> {ds.bound = 7 : i64}) -> tensor<f64> {
  %0 = ds.cross_entropy %x, %t : (tensor<2x3x7xf64>, tensor<2x3xi32>) -> tensor<f64>
  return %0 : tensor<f64>
}

// Step 3 with moments from the arguments (the second one is not negative).
// CHECK-LABEL: @adamw
// CHECK-NEXT: world 1: equal: 3 results
func.func @adamw(%p: tensor<11xf64>, %m: tensor<11xf64>, %r: tensor<11xf64>, %g: tensor<11xf64>)
    -> (tensor<11xf64>, tensor<11xf64>, tensor<11xf64>) {
  %v = ds.mul %r, %r : tensor<11xf64>, tensor<11xf64>
  %scale = ds.constant dense<0.3> : tensor<f64>
  %lr = ds.constant dense<0.01> : tensor<f64>
  %step = ds.constant dense<3.0> : tensor<f64>
  %0:3 = ds.adamw %p, %m, %v, %g scale %scale lr %lr step %step
    {beta1 = 0.9 : f64, beta2 = 0.95 : f64, eps = 1.0e-8 : f64, weight_decay = 0.1 : f64} : tensor<11xf64>
  return %0#0, %0#1, %0#2 : tensor<11xf64>, tensor<11xf64>, tensor<11xf64>
}

// CHECK-LABEL: @grad_norm
// CHECK-NEXT: world 1: equal: 1 results
func.func @grad_norm(%a: tensor<3x5xf64>, %b: tensor<7xf64>) -> tensor<f64> {
  %0 = ds.grad_norm %a, %b : tensor<3x5xf64>, tensor<7xf64>
  return %0 : tensor<f64>
}

// 300 positions: blocks of 128, 128 and 44 queries.
// CHECK-LABEL: @attention_blocks
// CHECK-NEXT: world 1: equal: 2 results x 2 steps
func.func @attention_blocks(%q: tensor<1x300x2x3xf64>, %k: tensor<1x300x1x3xf64>, %v: tensor<1x300x1x3xf64>)
    -> (tensor<1x300x2x3xf64>, tensor<1x300x2x3xf64>) {
  %0 = ds.attention %q, %k, %v scale 0.7 {causal} : tensor<1x300x2x3xf64>, tensor<1x300x1x3xf64>, tensor<1x300x1x3xf64>
  %1 = ds.attention %q, %k, %v scale 0.7 : tensor<1x300x2x3xf64>, tensor<1x300x1x3xf64>, tensor<1x300x1x3xf64>
  return %0, %1 : tensor<1x300x2x3xf64>, tensor<1x300x2x3xf64>
}

// CHECK-LABEL: @attention_grad_blocks
// CHECK-NEXT: world 1: equal: 6 results x 2 steps
func.func @attention_grad_blocks(%q: tensor<1x300x2x3xf64>, %k: tensor<1x300x1x3xf64>,
    %v: tensor<1x300x1x3xf64>, %g: tensor<1x300x2x3xf64>)
    -> (tensor<1x300x2x3xf64>, tensor<1x300x1x3xf64>, tensor<1x300x1x3xf64>,
        tensor<1x300x2x3xf64>, tensor<1x300x1x3xf64>, tensor<1x300x1x3xf64>) {
  %0:3 = ds.attention_grad %q, %k, %v, %g scale 0.7 {causal}
      : tensor<1x300x2x3xf64>, tensor<1x300x1x3xf64>, tensor<1x300x1x3xf64>
  %1:3 = ds.attention_grad %q, %k, %v, %g scale 0.7
      : tensor<1x300x2x3xf64>, tensor<1x300x1x3xf64>, tensor<1x300x1x3xf64>
  return %0#0, %0#1, %0#2, %1#0, %1#1, %1#2
      : tensor<1x300x2x3xf64>, tensor<1x300x1x3xf64>, tensor<1x300x1x3xf64>,
        tensor<1x300x2x3xf64>, tensor<1x300x1x3xf64>, tensor<1x300x1x3xf64>
}
