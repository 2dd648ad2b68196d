// RUN: ds-opt %s -split-input-file -pass-pipeline='builtin.module(ds-pad-classes)' | FileCheck %s
//
// Which logits get longer rows, and what makes them.

// A table that is looked up, too, keeps its size there.
// CHECK-LABEL: func.func @tied
// CHECK-NEXT: %[[X:.+]] = ds.embedding %arg0, %arg1 : (tensor<50257x16xbf16>, tensor<4x8xi32>)
// CHECK-NEXT: %[[W:.+]] = ds.pad %arg0 : tensor<50257x16xbf16> -> tensor<50304x16xbf16>
// CHECK-NEXT: %[[Y:.+]] = ds.dot "bsk,nk->bsn" %[[X]], %[[W]] : (tensor<4x8x16xbf16>, tensor<50304x16xbf16>) -> tensor<4x8x50304xbf16>
// CHECK-NEXT: %[[L:.+]] = ds.cross_entropy %[[Y]], %arg1 classes 50257 : (tensor<4x8x50304xbf16>, tensor<4x8xi32>) -> tensor<f32>
// CHECK-NEXT: return %[[L]]
func.func @tied(%w: tensor<50257x16xbf16>, %t: tensor<4x8xi32>) -> tensor<f32> {
  %x = ds.embedding %w, %t : (tensor<50257x16xbf16>, tensor<4x8xi32>) -> tensor<4x8x16xbf16>
  %y = ds.dot "bsk,nk->bsn" %x, %w : (tensor<4x8x16xbf16>, tensor<50257x16xbf16>) -> tensor<4x8x50257xbf16>
  %l = ds.cross_entropy %y, %t : (tensor<4x8x50257xbf16>, tensor<4x8xi32>) -> tensor<f32>
  return %l : tensor<f32>
}

// -----

// A bias, a soft cap, another shape and a wider type; weights on the left, or the other way around.
// Few classes become a multiple of 8.
// CHECK-LABEL: func.func @between
// CHECK-NEXT: %[[W:.+]] = ds.pad %arg1 : tensor<16x65xbf16> -> tensor<16x72xbf16>
// CHECK-NEXT: %[[Y:.+]] = ds.dot "kn,rk->rn" %[[W]], %arg0 : (tensor<16x72xbf16>, tensor<8x16xbf16>) -> tensor<8x72xbf16>
// CHECK-NEXT: %[[B:.+]] = ds.pad %arg2 : tensor<65xbf16> -> tensor<72xbf16>
// CHECK-NEXT: %[[A:.+]] = ds.add %[[Y]], %[[B]] : tensor<8x72xbf16>, tensor<72xbf16>
// CHECK-NEXT: %[[M:.+]] = ds.mul %[[A]], %arg3 : tensor<8x72xbf16>, tensor<bf16>
// CHECK-NEXT: %[[H:.+]] = ds.tanh %[[M]] : tensor<8x72xbf16>
// CHECK-NEXT: %[[C:.+]] = ds.cast %[[H]] : tensor<8x72xbf16> -> tensor<8x72xf32>
// CHECK-NEXT: %[[R:.+]] = ds.reshape %[[C]] : tensor<8x72xf32> -> tensor<2x4x72xf32>
// CHECK-NEXT: ds.cross_entropy %[[R]], %arg4 ignore -1 classes 65 : (tensor<2x4x72xf32>, tensor<2x4xi32>) -> tensor<f32>
// CHECK-NEXT: return
func.func @between(%x: tensor<8x16xbf16>, %w: tensor<16x65xbf16>, %b: tensor<65xbf16>, %c: tensor<bf16>,
    %t: tensor<2x4xi32>) -> tensor<f32> {
  %y = ds.dot "kn,rk->rn" %w, %x : (tensor<16x65xbf16>, tensor<8x16xbf16>) -> tensor<8x65xbf16>
  %a = ds.add %y, %b : tensor<8x65xbf16>, tensor<65xbf16>
  %m = ds.mul %a, %c : tensor<8x65xbf16>, tensor<bf16>
  %h = ds.tanh %m : tensor<8x65xbf16>
  %f = ds.cast %h : tensor<8x65xbf16> -> tensor<8x65xf32>
  %r = ds.reshape %f : tensor<8x65xf32> -> tensor<2x4x65xf32>
  %l = ds.cross_entropy %r, %t ignore -1 : (tensor<2x4x65xf32>, tensor<2x4xi32>) -> tensor<f32>
  return %l : tensor<f32>
}

// -----

// Few classes.
// CHECK-LABEL: func.func @few
// CHECK-NOT: ds.pad
func.func @few(%x: tensor<8x16xf32>, %w: tensor<16x63xf32>, %t: tensor<8xi32>) -> tensor<f32> {
  %y = ds.dot "rk,kn->rn" %x, %w : (tensor<8x16xf32>, tensor<16x63xf32>) -> tensor<8x63xf32>
  %l = ds.cross_entropy %y, %t : (tensor<8x63xf32>, tensor<8xi32>) -> tensor<f32>
  return %l : tensor<f32>
}

// -----

// Nothing is missing; somebody else sees the logits; what makes them could be infinite; no product.
// CHECK-LABEL: func.func @left_alone
// CHECK-NOT: ds.pad
// CHECK-NOT: classes
func.func @left_alone(%x: tensor<8x16xf32>, %w: tensor<16x72xf32>, %v: tensor<16x65xf32>, %b: tensor<65xf32>,
    %t: tensor<8xi32>) -> (tensor<f32>, tensor<f32>, tensor<8x65xf32>, tensor<f32>, tensor<f32>) {
  %y0 = ds.dot "rk,kn->rn" %x, %w : (tensor<8x16xf32>, tensor<16x72xf32>) -> tensor<8x72xf32>
  %l0 = ds.cross_entropy %y0, %t : (tensor<8x72xf32>, tensor<8xi32>) -> tensor<f32>
  %y1 = ds.dot "rk,kn->rn" %x, %v : (tensor<8x16xf32>, tensor<16x65xf32>) -> tensor<8x65xf32>
  %l1 = ds.cross_entropy %y1, %t : (tensor<8x65xf32>, tensor<8xi32>) -> tensor<f32>
  %y2 = ds.dot "rk,kn->rn" %x, %v : (tensor<8x16xf32>, tensor<16x65xf32>) -> tensor<8x65xf32>
  %d2 = ds.div %y2, %b : tensor<8x65xf32>, tensor<65xf32>
  %l2 = ds.cross_entropy %d2, %t : (tensor<8x65xf32>, tensor<8xi32>) -> tensor<f32>
  %z = ds.add %y1, %b : tensor<8x65xf32>, tensor<65xf32>
  %l3 = ds.cross_entropy %z, %t : (tensor<8x65xf32>, tensor<8xi32>) -> tensor<f32>
  return %l0, %l1, %z, %l2, %l3 : tensor<f32>, tensor<f32>, tensor<8x65xf32>, tensor<f32>, tensor<f32>
}
