// RUN: ds-opt %s --ds-mark-blocks --split-input-file | FileCheck %s
//
// Layers of a model that is written out are found by what repeats, from where
// the least is handed over.

// Two residual layers.  The row of equal ops begins with the sum of the
// embeddings, which is like a residual sum, and ends with a norm: a layer that
// began there would be handed two tensors.  What no parameter decides is of no
// layer.
// CHECK: module attributes {ds.blocks = 2 : i64}
ds.parameter @a : tensor<4x8xf32> = #ds.normal<0.02>
ds.parameter @b : tensor<4x8xf32> = #ds.normal<0.02>
ds.parameter @w0 : tensor<8x8xf32> = #ds.normal<0.02>
ds.parameter @w1 : tensor<8x8xf32> = #ds.normal<0.02>
// CHECK-LABEL: func @loss
func.func @loss(%scale: tensor<4x8xf32>) -> tensor<f32> attributes {ds.loss} {
  %a = ds.read @a : tensor<4x8xf32>
  %b = ds.read @b : tensor<4x8xf32>
  %w0 = ds.read @w0 : tensor<8x8xf32>
  %w1 = ds.read @w1 : tensor<8x8xf32>
  // CHECK: ds.add %{{.*}}, %{{.*}} : tensor<4x8xf32>, tensor<4x8xf32>
  %x0 = ds.add %a, %b : tensor<4x8xf32>, tensor<4x8xf32>
  // CHECK-NEXT: ds.gelu %{{.*}} {ds.block = 0 : i64}
  %g0 = ds.gelu %x0 : tensor<4x8xf32>
  // CHECK-NEXT: ds.dot {{.*}} {ds.block = 0 : i64}
  %h0 = ds.dot "bk,kn->bn" %g0, %w0 : (tensor<4x8xf32>, tensor<8x8xf32>) -> tensor<4x8xf32>
  // CHECK-NEXT: ds.exp %{{.*}} : tensor<4x8xf32>
  %table = ds.exp %scale : tensor<4x8xf32>
  // CHECK-NEXT: ds.mul {{.*}} {ds.block = 0 : i64}
  %s0 = ds.mul %h0, %table : tensor<4x8xf32>, tensor<4x8xf32>
  // CHECK-NEXT: ds.add {{.*}} {ds.block = 0 : i64}
  %x1 = ds.add %x0, %s0 : tensor<4x8xf32>, tensor<4x8xf32>
  // CHECK-NEXT: ds.gelu %{{.*}} {ds.block = 1 : i64}
  %g1 = ds.gelu %x1 : tensor<4x8xf32>
  // CHECK-NEXT: ds.dot {{.*}} {ds.block = 1 : i64}
  %h1 = ds.dot "bk,kn->bn" %g1, %w1 : (tensor<4x8xf32>, tensor<8x8xf32>) -> tensor<4x8xf32>
  // CHECK-NEXT: ds.mul {{.*}} {ds.block = 1 : i64}
  %s1 = ds.mul %h1, %table : tensor<4x8xf32>, tensor<4x8xf32>
  // CHECK-NEXT: ds.add {{.*}} {ds.block = 1 : i64}
  %x2 = ds.add %x1, %s1 : tensor<4x8xf32>, tensor<4x8xf32>
  // CHECK-NEXT: ds.gelu %{{.*}} : tensor<4x8xf32>
  %y = ds.gelu %x2 : tensor<4x8xf32>
  // CHECK-NEXT: ds.sum %{{.*}} : tensor<4x8xf32>
  %loss = ds.sum %y : tensor<4x8xf32> -> tensor<f32>
  return %loss : tensor<f32>
}

// -----

// Layers of two kinds, as an encoder's and a decoder's, are numbered on.
// CHECK: module attributes {ds.blocks = 5 : i64}
ds.parameter @w0 : tensor<8x8xf32> = #ds.normal<0.02>
ds.parameter @w1 : tensor<8x8xf32> = #ds.normal<0.02>
ds.parameter @w2 : tensor<8x8xf32> = #ds.normal<0.02>
ds.parameter @w3 : tensor<8x8xf32> = #ds.normal<0.02>
ds.parameter @w4 : tensor<8x8xf32> = #ds.normal<0.02>
// CHECK-LABEL: func @loss
func.func @loss(%x: tensor<4x8xf32>) -> tensor<f32> attributes {ds.loss} {
  %w0 = ds.read @w0 : tensor<8x8xf32>
  %w1 = ds.read @w1 : tensor<8x8xf32>
  %w2 = ds.read @w2 : tensor<8x8xf32>
  %w3 = ds.read @w3 : tensor<8x8xf32>
  %w4 = ds.read @w4 : tensor<8x8xf32>
  // CHECK: ds.dot {{.*}} {ds.block = 0 : i64}
  // CHECK-NEXT: ds.gelu {{.*}} {ds.block = 0 : i64}
  // CHECK-NEXT: ds.exp {{.*}} {ds.block = 0 : i64}
  %0 = ds.dot "bk,kn->bn" %x, %w0 : (tensor<4x8xf32>, tensor<8x8xf32>) -> tensor<4x8xf32>
  %1 = ds.gelu %0 : tensor<4x8xf32>
  %2 = ds.exp %1 : tensor<4x8xf32>
  // CHECK-NEXT: ds.dot {{.*}} {ds.block = 1 : i64}
  // CHECK-NEXT: ds.gelu {{.*}} {ds.block = 1 : i64}
  // CHECK-NEXT: ds.exp {{.*}} {ds.block = 1 : i64}
  %3 = ds.dot "bk,kn->bn" %2, %w1 : (tensor<4x8xf32>, tensor<8x8xf32>) -> tensor<4x8xf32>
  %4 = ds.gelu %3 : tensor<4x8xf32>
  %5 = ds.exp %4 : tensor<4x8xf32>
  // CHECK-NEXT: ds.dot {{.*}} {ds.block = 2 : i64}
  // CHECK-NEXT: ds.gelu {{.*}} {ds.block = 2 : i64}
  // CHECK-NEXT: ds.exp {{.*}} {ds.block = 2 : i64}
  %6 = ds.dot "bk,kn->bn" %5, %w2 : (tensor<4x8xf32>, tensor<8x8xf32>) -> tensor<4x8xf32>
  %7 = ds.gelu %6 : tensor<4x8xf32>
  %8 = ds.exp %7 : tensor<4x8xf32>
  // CHECK-NEXT: ds.dot {{.*}} {ds.block = 3 : i64}
  // CHECK-NEXT: ds.sigmoid {{.*}} {ds.block = 3 : i64}
  // CHECK-NEXT: ds.sin {{.*}} {ds.block = 3 : i64}
  %9 = ds.dot "bk,kn->bn" %8, %w3 : (tensor<4x8xf32>, tensor<8x8xf32>) -> tensor<4x8xf32>
  %10 = ds.sigmoid %9 : tensor<4x8xf32>
  %11 = ds.sin %10 : tensor<4x8xf32>
  // CHECK-NEXT: ds.dot {{.*}} {ds.block = 4 : i64}
  // CHECK-NEXT: ds.sigmoid {{.*}} {ds.block = 4 : i64}
  // CHECK-NEXT: ds.sin {{.*}} {ds.block = 4 : i64}
  %12 = ds.dot "bk,kn->bn" %11, %w4 : (tensor<4x8xf32>, tensor<8x8xf32>) -> tensor<4x8xf32>
  %13 = ds.sigmoid %12 : tensor<4x8xf32>
  %14 = ds.sin %13 : tensor<4x8xf32>
  %loss = ds.sum %14 : tensor<4x8xf32> -> tensor<f32>
  return %loss : tensor<f32>
}

// -----

// Two ops are no layer, nor is what reads no parameter.
// CHECK-NOT: ds.block
ds.parameter @w : tensor<8xf32> = #ds.normal<0.02>
func.func @loss(%x: tensor<8xf32>) -> tensor<f32> attributes {ds.loss} {
  %w = ds.read @w : tensor<8xf32>
  %0 = ds.mul %x, %w : tensor<8xf32>, tensor<8xf32>
  %1 = ds.exp %0 : tensor<8xf32>
  %2 = ds.sin %1 : tensor<8xf32>
  %3 = ds.tanh %2 : tensor<8xf32>
  %4 = ds.exp %3 : tensor<8xf32>
  %5 = ds.sin %4 : tensor<8xf32>
  %6 = ds.tanh %5 : tensor<8xf32>
  %7 = ds.add %6, %w : tensor<8xf32>, tensor<8xf32>
  %8 = ds.add %7, %w : tensor<8xf32>, tensor<8xf32>
  %loss = ds.sum %8 : tensor<8xf32> -> tensor<f32>
  return %loss : tensor<f32>
}
