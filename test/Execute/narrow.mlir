// RUN: ds-exec %s --after=ds-decompose --worlds=1 --steps=1 --rtol=0.01 --entry=attention,attention_grad | FileCheck %s --check-prefix=PARTS
// RUN: ds-exec %s --after='ds-decompose,cse,ds-widen-products,ds-widen-kernels,ds-fuse-kernels,ds-insert-copies' \
// RUN:   --worlds=1 --steps=1 --rtol=0.01 \
// RUN:   --entry=products,scores,sums_in_memory,attention,attention_grad,norms,losses | FileCheck %s --check-prefix=ALL
// RUN: ds-exec %s --print --entry=rounds,constants | FileCheck %s --check-prefix=PRINT
//
// Every value of 16 bits is rounded once, by the op that makes it; attention rounds inside, too, when it becomes parts.

// ALL-COUNT-7: world 1: equal
func.func @products(%x: tensor<4x8xbf16>, %w: tensor<8x3xbf16>, %h: tensor<4x8xf16>, %v: tensor<8x3xf16>)
    -> (tensor<4x3xbf16>, tensor<4x3xf32>, tensor<4x3xf16>, tensor<4x3xbf16>) {
  %0 = ds.dot "mk,kn->mn" %x, %w : (tensor<4x8xbf16>, tensor<8x3xbf16>) -> tensor<4x3xbf16>
  %1 = ds.dot "mk,kn->mn" %x, %w : (tensor<4x8xbf16>, tensor<8x3xbf16>) -> tensor<4x3xf32>
  %2 = ds.dot "mk,kn->mn" %h, %v : (tensor<4x8xf16>, tensor<8x3xf16>) -> tensor<4x3xf16>
  %3 = ds.dot_add %0, "mk,kn->mn" %x, %w : tensor<4x3xbf16>, tensor<4x8xbf16>, tensor<8x3xbf16>
  return %0, %1, %2, %3 : tensor<4x3xbf16>, tensor<4x3xf32>, tensor<4x3xf16>, tensor<4x3xbf16>
}

func.func @scores(%x: tensor<2x6x2x4xbf16>) -> (tensor<2x2x3x3xf32>, tensor<2x2x6x4xbf16>) {
  %q = ds.window %x dim 1 at 0 : tensor<2x6x2x4xbf16> -> tensor<2x3x2x4xbf16>
  %k = ds.window %x dim 1 at 3 : tensor<2x6x2x4xbf16> -> tensor<2x3x2x4xbf16>
  %0 = ds.dot "bshd,bthd->bhst" %q, %k : (tensor<2x3x2x4xbf16>, tensor<2x3x2x4xbf16>) -> tensor<2x2x3x3xf32>
  %p = ds.cast %0 : tensor<2x2x3x3xf32> -> tensor<2x2x3x3xbf16>
  %1 = ds.dot "bhst,bthd->bhsd" %p, %q : (tensor<2x2x3x3xbf16>, tensor<2x3x2x4xbf16>) -> tensor<2x2x3x4xbf16>
  %2 = ds.dot "bhst,bthd->bhsd" %p, %k : (tensor<2x2x3x3xbf16>, tensor<2x3x2x4xbf16>) -> tensor<2x2x3x4xbf16>
  %3 = ds.stack %1, %2 dim 2 : (tensor<2x2x3x4xbf16>, tensor<2x2x3x4xbf16>) -> tensor<2x2x6x4xbf16>
  return %0, %3 : tensor<2x2x3x3xf32>, tensor<2x2x6x4xbf16>
}

// Rows are added to several times: each alone would be rounded.
func.func @sums_in_memory(%ids: tensor<17xi32> {ds.bound = 5}, %g: tensor<17x3xbf16>, %t: tensor<5x3xbf16>,
    %x: tensor<31x3xf16>) -> (tensor<5x3xbf16>, tensor<31x3xf16>, tensor<31x3xf16>) {
  %0 = ds.embedding_grad %t, %ids, %g : (tensor<5x3xbf16>, tensor<17xi32>, tensor<17x3xbf16>) -> tensor<5x3xbf16>
  %1 = ds.cumulative "sum" %x dim 0 : tensor<31x3xf16>
  %2 = ds.cumulative "max" %x dim 0 reverse : tensor<31x3xf16>
  return %0, %1, %2 : tensor<5x3xbf16>, tensor<31x3xf16>, tensor<31x3xf16>
}

// PARTS: @attention
// PARTS-NEXT: world 1: equal: 2 results
// PARTS: @attention_grad
// PARTS-NEXT: world 1: equal: 3 results
func.func @attention(%q: tensor<2x130x4x3xbf16>, %k: tensor<2x130x2x3xbf16>, %v: tensor<2x130x2x3xbf16>,
    %h: tensor<2x5x2x3xf16>) -> (tensor<2x130x4x3xbf16>, tensor<2x5x2x3xf16>) {
  %0 = ds.attention %q, %k, %v scale 0.7 {causal}
      : tensor<2x130x4x3xbf16>, tensor<2x130x2x3xbf16>, tensor<2x130x2x3xbf16>
  %1 = ds.attention %h, %h, %h scale 0.7 : tensor<2x5x2x3xf16>, tensor<2x5x2x3xf16>, tensor<2x5x2x3xf16>
  return %0, %1 : tensor<2x130x4x3xbf16>, tensor<2x5x2x3xf16>
}
func.func @attention_grad(%q: tensor<1x130x2x3xbf16>, %k: tensor<1x130x1x3xbf16>, %v: tensor<1x130x1x3xbf16>,
    %g: tensor<1x130x2x3xbf16>) -> (tensor<1x130x2x3xbf16>, tensor<1x130x1x3xbf16>, tensor<1x130x1x3xbf16>) {
  %0:3 = ds.attention_grad %q, %k, %v, %g scale 0.7 {causal}
      : tensor<1x130x2x3xbf16>, tensor<1x130x1x3xbf16>, tensor<1x130x1x3xbf16>
  return %0#0, %0#1, %0#2 : tensor<1x130x2x3xbf16>, tensor<1x130x1x3xbf16>, tensor<1x130x1x3xbf16>
}

func.func @norms(%x: tensor<2x3x7xbf16>, %s: tensor<7xbf16>, %g: tensor<2x3x7xbf16>)
    -> (tensor<2x3x7xbf16>, tensor<2x3x7xbf16>, tensor<7xbf16>, tensor<7xbf16>, tensor<f64>) {
  %0 = ds.layer_norm %x, %s, %s eps 1.0e-5 : tensor<2x3x7xbf16>, tensor<7xbf16>, tensor<7xbf16>
  %1:3 = ds.layer_norm_grad %x, %s, %g eps 1.0e-5 : tensor<2x3x7xbf16>, tensor<7xbf16>
  %2 = ds.grad_norm %1#0, %1#1 : tensor<2x3x7xbf16>, tensor<7xbf16>
  return %0, %1#0, %1#1, %1#2, %2
      : tensor<2x3x7xbf16>, tensor<2x3x7xbf16>, tensor<7xbf16>, tensor<7xbf16>, tensor<f64>
}

func.func @losses(%x: tensor<6x7xbf16>, %t: tensor<6xi32> {ds.bound = 7}, %s: tensor<f32>)
    -> (tensor<f32>, tensor<6x7xbf16>) {
  %0 = ds.cross_entropy %x, %t : (tensor<6x7xbf16>, tensor<6xi32>) -> tensor<f32>
  %1 = ds.cross_entropy_grad %x, %t, %s : tensor<6x7xbf16>, tensor<6xi32>, tensor<f32>
  return %0, %1 : tensor<f32>, tensor<6x7xbf16>
}

// Ties go to the even number, what lies beyond the largest to infinity, and NaN stays.
// PRINT: @rounds
// PRINT-NEXT: result 0: [1, 1.00781, 1.01562, -1.01562, inf, -inf, nan, 5.00586e-08]
// PRINT-NEXT: result 1: [1.00391, 1.00391, 1.01172, -1.01172, inf, -inf, nan, 5.96046e-08]
func.func @rounds(%x: tensor<8xf32> {ds.value = dense<[1.00390625, 1.00390744, 1.01171875, -1.01171875, 3.4e38, -3.4e38,
    0x7FC00000, 5.0e-8]> : tensor<8xf32>}) -> (tensor<8xbf16>, tensor<8xf16>) {
  %0 = ds.cast %x : tensor<8xf32> -> tensor<8xbf16>
  %1 = ds.cast %x : tensor<8xf32> -> tensor<8xf16>
  return %0, %1 : tensor<8xbf16>, tensor<8xf16>
}

// PRINT: @constants
// PRINT-NEXT: result 0: 0.100098
func.func @constants() -> tensor<f32> {
  %0 = ds.constant dense<0.1> : tensor<bf16>
  %1 = ds.cast %0 : tensor<bf16> -> tensor<f32>
  return %1 : tensor<f32>
}
