// RUN: ds-opt %s -ds-widen-products | FileCheck %s --check-prefixes=CHECK,WIDE
// RUN: ds-opt %s -pass-pipeline='builtin.module(ds-widen-products{keep-bf16})' | FileCheck %s --check-prefixes=CHECK,KEEP
// RUN: ds-opt %s -pass-pipeline='builtin.module(ds-widen-products{keep-bf16 keep-f16})' | FileCheck %s --check-prefix=GPU
//
// Operands of 16 bits are cast once for the products of a layer and side, views of the cast tensor; products of
// bfloat16 stay where the machine has them, and those of float16 nowhere.

// CHECK-LABEL: func @shared
// WIDE: %[[X:.+]] = ds.cast %arg0 : tensor<4x8xbf16> -> tensor<4x8xf32>
// WIDE-NEXT: %[[V:.+]] = ds.cast %arg1 : tensor<8x3xbf16> -> tensor<8x3xf32>
// WIDE-NEXT: %[[P:.+]] = ds.dot "mk,kn->mn" %[[X]], %[[V]] {{.*}} -> tensor<4x3xf32>
// WIDE-NEXT: %[[R:.+]] = ds.cast %[[P]] : tensor<4x3xf32> -> tensor<4x3xbf16>
// WIDE-NEXT: %[[W:.+]] = ds.cast %arg2 : tensor<8x5xbf16> -> tensor<8x5xf32>
// WIDE-NEXT: %[[Q:.+]] = ds.dot "mk,kn->mn" %[[X]], %[[W]] {{.*}} -> tensor<4x5xf32>
// WIDE-NEXT: %[[Y:.+]] = ds.cast %arg0 {ds.backward} : tensor<4x8xbf16> -> tensor<4x8xf32>
// WIDE-NEXT: %[[G:.+]] = ds.cast %[[R]] {ds.backward} : tensor<4x3xbf16> -> tensor<4x3xf32>
// WIDE-NEXT: ds.dot "mk,mn->kn" %[[Y]], %[[G]] {ds.backward}
// KEEP-NOT: ds.cast
func.func @shared(%x: tensor<4x8xbf16>, %v: tensor<8x3xbf16>, %w: tensor<8x5xbf16>)
    -> (tensor<4x3xbf16>, tensor<4x5xf32>, tensor<8x3xbf16>) {
  %0 = ds.dot "mk,kn->mn" %x, %v : (tensor<4x8xbf16>, tensor<8x3xbf16>) -> tensor<4x3xbf16>
  %1 = ds.dot "mk,kn->mn" %x, %w : (tensor<4x8xbf16>, tensor<8x5xbf16>) -> tensor<4x5xf32>
  %2 = ds.dot "mk,mn->kn" %x, %0 {ds.backward} : (tensor<4x8xbf16>, tensor<4x3xbf16>) -> tensor<8x3xbf16>
  return %0, %1, %2 : tensor<4x3xbf16>, tensor<4x5xf32>, tensor<8x3xbf16>
}

// CHECK-LABEL: func @views
// WIDE: %[[X:.+]] = ds.cast %arg0 : tensor<4x8xbf16> -> tensor<4x8xf32>
// WIDE-NEXT: %[[W:.+]] = ds.window %[[X]] dim 1 at 2 : tensor<4x8xf32> -> tensor<4x3xf32>
// WIDE-NEXT: ds.dot "mk,nk->mn" %[[W]], %[[W]]
// KEEP-NOT: ds.cast
func.func @views(%x: tensor<4x8xbf16>) -> tensor<4x4xf32> {
  %0 = ds.window %x dim 1 at 2 : tensor<4x8xbf16> -> tensor<4x3xbf16>
  %1 = ds.dot "mk,nk->mn" %0, %0 : (tensor<4x3xbf16>, tensor<4x3xbf16>) -> tensor<4x4xf32>
  return %1 : tensor<4x4xf32>
}

// Blocks are written into the whole, which is rounded once.
// CHECK-LABEL: func @blocks
// WIDE: %[[A:.+]] = ds.dot "mk,kn->mn"
// WIDE: %[[B:.+]] = ds.dot "mk,kn->mn"
// WIDE-NEXT: %[[S:.+]] = ds.stack %[[A]], %[[B]] dim 0 : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<4x3xf32>
// WIDE-NEXT: %[[R:.+]] = ds.cast %[[S]] : tensor<4x3xf32> -> tensor<4x3xbf16>
// WIDE-NEXT: return %[[R]]
func.func @blocks(%x: tensor<2x8xbf16>, %y: tensor<2x8xbf16>, %w: tensor<8x3xbf16>) -> tensor<4x3xbf16> {
  %0 = ds.dot "mk,kn->mn" %x, %w : (tensor<2x8xbf16>, tensor<8x3xbf16>) -> tensor<2x3xbf16>
  %1 = ds.dot "mk,kn->mn" %y, %w : (tensor<2x8xbf16>, tensor<8x3xbf16>) -> tensor<2x3xbf16>
  %2 = ds.stack %0, %1 dim 0 : (tensor<2x3xbf16>, tensor<2x3xbf16>) -> tensor<4x3xbf16>
  return %2 : tensor<4x3xbf16>
}

// CHECK-LABEL: func @others
// GPU-LABEL: func @others
// GPU-NEXT: ds.dot "mk,kn->mn" %arg0, %arg1 : (tensor<4x8xf16>, tensor<8x3xf16>) -> tensor<4x3xf16>
// GPU-NEXT: ds.dot_add {{.*}} : tensor<4x3xf16>, tensor<4x8xf16>, tensor<8x3xf16>
// GPU-NEXT: ds.cast %arg2
// CHECK: ds.cast %arg0 : tensor<4x8xf16> -> tensor<4x8xf32>
// CHECK: ds.dot "mk,kn->mn" {{.*}} : (tensor<4x8xf32>, tensor<8x3xf32>) -> tensor<4x3xf32>
// CHECK: ds.dot_add {{.*}} : tensor<4x3xf32>, tensor<4x8xf32>, tensor<8x3xf32>
// CHECK: ds.convolution {{.*}} -> tensor<1x1x2x2xf32>
// CHECK-NEXT: ds.cast {{.*}} : tensor<1x1x2x2xf32> -> tensor<1x1x2x2xbf16>
func.func @others(%x: tensor<4x8xf16>, %w: tensor<8x3xf16>, %i: tensor<1x1x3x3xbf16>, %k: tensor<1x1x2x2xbf16>)
    -> (tensor<4x3xf16>, tensor<1x1x2x2xbf16>) {
  %0 = ds.dot "mk,kn->mn" %x, %w : (tensor<4x8xf16>, tensor<8x3xf16>) -> tensor<4x3xf16>
  %1 = ds.dot_add %0, "mk,kn->mn" %x, %w : tensor<4x3xf16>, tensor<4x8xf16>, tensor<8x3xf16>
  %2 = ds.convolution "bf01,oi01->bf01" %i, %k stride [1, 1] pad [0, 0] dilate [1, 1] groups 1
      : (tensor<1x1x3x3xbf16>, tensor<1x1x2x2xbf16>) -> tensor<1x1x2x2xbf16>
  return %1, %2 : tensor<4x3xf16>, tensor<1x1x2x2xbf16>
}
