// RUN: ds-opt %s -pass-pipeline='builtin.module(ds-fuse-epilogues{gelu})' | FileCheck %s
// RUN: ds-opt %s -ds-fuse-epilogues | FileCheck %s --check-prefix=PLAIN
//
// Which kernels a product's library replaces, and which it leaves; without `gelu` only a bias.

!x = tensor<2x4x16xbf16>
!w = tensor<16x8xbf16>
!b = tensor<8xbf16>
!y = tensor<2x4x8xbf16>

// Kernels that nobody needs any more go, too.
// CHECK-NOT: @k_add_gelu_1
// PLAIN: func private @k_add_gelu_1
func.func private @k_add(%p: !y, %b: !b) -> !y attributes {ds.kernel} {
  %0 = ds.add %p, %b : !y, !b
  return %0 : !y
}
func.func private @k_add_gelu(%p: !y, %b: !b) -> (!y, !y) attributes {ds.kernel} {
  %0 = ds.add %p, %b : !y, !b
  %1 = ds.gelu %0 : !y
  return %0, %1 : !y, !y
}
func.func private @k_add_gelu_1(%p: !y, %b: !b) -> !y attributes {ds.kernel} {
  %0 = ds.add %p, %b : !y, !b
  %1 = ds.gelu %0 : !y
  return %1 : !y
}
func.func private @k_gelu_grad(%h: !y, %p: !y) -> !y attributes {ds.kernel} {
  %0 = ds.gelu_grad %h, %p : !y
  return %0 : !y
}
// CHECK: func private @k_add_add(
func.func private @k_add_add(%p: !y, %b: !b, %r: !y) -> !y attributes {ds.kernel} {
  %0 = ds.add %p, %b : !y, !b
  %1 = ds.add %0, %r : !y, !y
  return %1 : !y
}
func.func private @k_add_whole(%p: !y, %r: !y) -> !y attributes {ds.kernel} {
  %0 = ds.add %p, %r : !y, !y
  return %0 : !y
}

// The bias may be there later than the product is.
// CHECK-LABEL: func @bias
// CHECK-SAME: %[[X:.+]]: tensor<2x4x16xbf16>, %[[W:.+]]: tensor<16x8xbf16>, %[[U:.+]]: tensor<16xbf16>
// CHECK-NEXT: %[[B:.+]] = ds.unflatten %[[U]]
// CHECK-NEXT: %[[Y:.+]] = ds.dot_bias "bsk,kn->bsn" %[[X]], %[[W]], %[[B]] {ds.block = 0 : i64} : (tensor<2x4x16xbf16>, tensor<16x8xbf16>, tensor<8xbf16>) -> tensor<2x4x8xbf16>
// CHECK-NEXT: return %[[Y]]
// PLAIN-LABEL: func @bias
// PLAIN: ds.dot_bias
func.func @bias(%x: !x, %w: !w, %u: tensor<16xbf16>) -> !y {
  %0 = ds.dot "bsk,kn->bsn" %x, %w {ds.block = 0 : i64} : (!x, !w) -> !y
  %1 = ds.unflatten %u at [8] : (tensor<16xbf16>) -> !b
  %2 = ds.launch @k_add(%0, %1) : (!y, !b) -> !y
  return %2 : !y
}

// The operands are exchanged when the columns are those of the left one.
// CHECK-LABEL: func @exchanged
// CHECK-SAME: %[[X:.+]]: tensor<2x4x16xbf16>, %[[W:.+]]: tensor<8x16xbf16>
// CHECK: ds.dot_bias "bsk,nk->bsn" %[[X]], %[[W]], %{{.+}} :
func.func @exchanged(%x: !x, %w: tensor<8x16xbf16>, %b: !b) -> !y {
  %0 = ds.dot "nk,bsk->bsn" %w, %x : (tensor<8x16xbf16>, !x) -> !y
  %1 = ds.launch @k_add(%0, %b) : (!y, !b) -> !y
  return %1 : !y
}

// What the gradient needs is kept, and nothing else.
// CHECK-LABEL: func @gelu
// CHECK: %[[Y:.+]], %[[H:.+]] = ds.dot_bias "bsk,kn->bsn" %{{.+}}, %{{.+}}, %{{.+}} gelu : (tensor<2x4x16xbf16>, tensor<16x8xbf16>, tensor<8xbf16>) -> (tensor<2x4x8xbf16>, tensor<2x4x8xbf16>)
// CHECK-NEXT: %[[Z:.+]] = ds.dot_bias "bsk,kn->bsn" %{{.+}}, %{{.+}}, %{{.+}} gelu : (tensor<2x4x16xbf16>, tensor<16x8xbf16>, tensor<8xbf16>) -> tensor<2x4x8xbf16>
// CHECK-NEXT: return %[[H]], %[[Y]], %[[Z]]
// PLAIN-LABEL: func @gelu
// PLAIN-NEXT: ds.dot "bsk,kn->bsn"
// PLAIN-NEXT: ds.launch @k_add_gelu(
// PLAIN-NEXT: ds.dot "bsk,kn->bsn"
// PLAIN-NEXT: ds.launch @k_add_gelu_1(
func.func @gelu(%x: !x, %w: !w, %b: !b) -> (!y, !y, !y) {
  %0 = ds.dot "bsk,kn->bsn" %x, %w : (!x, !w) -> !y
  %1:2 = ds.launch @k_add_gelu(%0, %b) : (!y, !b) -> (!y, !y)
  %2 = ds.dot "bsk,kn->bsn" %x, %w : (!x, !w) -> !y
  %3 = ds.launch @k_add_gelu_1(%2, %b) : (!y, !b) -> !y
  return %1#0, %1#1, %3 : !y, !y, !y
}

// CHECK-LABEL: func @gelu_grad
// CHECK-SAME: %[[G:.+]]: tensor<2x4x16xbf16>, %[[W:.+]]: tensor<16x8xbf16>, %[[H:.+]]: tensor<2x4x8xbf16>
// CHECK-NEXT: %[[D:.+]] = ds.dot_gelu_grad "bsk,kn->bsn" %[[G]], %[[W]], %[[H]] {ds.backward} : (tensor<2x4x16xbf16>, tensor<16x8xbf16>, tensor<2x4x8xbf16>) -> tensor<2x4x8xbf16>
// CHECK-NEXT: return %[[D]]
// PLAIN-LABEL: func @gelu_grad
// PLAIN: ds.launch @k_gelu_grad(
func.func @gelu_grad(%g: !x, %w: !w, %h: !y) -> !y {
  %0 = ds.dot "bsk,kn->bsn" %g, %w {ds.backward} : (!x, !w) -> !y
  %1 = ds.launch @k_gelu_grad(%h, %0) : (!y, !y) -> !y
  return %1 : !y
}

// What is computed again behind the product waits for what it has become, which is where it was.
// CHECK-LABEL: func @order
// CHECK: %[[D:.+]] = ds.dot_gelu_grad
// CHECK-NEXT: ds.barrier %{{.+}} 0 after %[[D]]
// CHECK-NEXT: ds.launch @k_add_whole(
// CHECK-NEXT: return
func.func @order(%g: !x, %w: !w, %h: !y) -> (!y, !y) {
  %0 = ds.dot "bsk,kn->bsn" %g, %w : (!x, !w) -> !y
  %1 = ds.barrier %h 0 after %0 : !y : !y
  %2 = ds.launch @k_add_whole(%1, %1) : (!y, !y) -> !y
  %3 = ds.launch @k_gelu_grad(%h, %0) : (!y, !y) -> !y
  return %2, %3 : !y, !y
}

// The order of what GELU's slope is taken at depends on the product.
// CHECK-LABEL: func @order_of_other
// CHECK: ds.launch @k_gelu_grad(
func.func @order_of_other(%g: !x, %w: !w, %h: !y) -> !y {
  %0 = ds.dot "bsk,kn->bsn" %g, %w : (!x, !w) -> !y
  %1 = ds.barrier %h 0 after %0 : !y : !y
  %2 = ds.launch @k_gelu_grad(%1, %0) : (!y, !y) -> !y
  return %2 : !y
}

// The product is what GELU's slope is taken at.
// CHECK-LABEL: func @slope_at_product
// CHECK: ds.launch @k_gelu_grad(
func.func @slope_at_product(%x: !x, %w: !w, %g: !y) -> !y {
  %0 = ds.dot "bsk,kn->bsn" %x, %w : (!x, !w) -> !y
  %1 = ds.launch @k_gelu_grad(%0, %g) : (!y, !y) -> !y
  return %1 : !y
}

// A kernel that does more reads the product anyway.
// CHECK-LABEL: func @more
// CHECK: ds.launch @k_add_add(
func.func @more(%x: !x, %w: !w, %b: !b, %r: !y) -> !y {
  %0 = ds.dot "bsk,kn->bsn" %x, %w : (!x, !w) -> !y
  %1 = ds.launch @k_add_add(%0, %b, %r) : (!y, !b, !y) -> !y
  return %1 : !y
}

// What is added is no row.
// CHECK-LABEL: func @whole
// CHECK: ds.launch @k_add_whole(
func.func @whole(%x: !x, %w: !w, %r: !y) -> !y {
  %0 = ds.dot "bsk,kn->bsn" %x, %w : (!x, !w) -> !y
  %1 = ds.launch @k_add_whole(%0, %r) : (!y, !y) -> !y
  return %1 : !y
}

// Others need the product, too.
// CHECK-LABEL: func @twice
// CHECK: ds.launch @k_add(
func.func @twice(%x: !x, %w: !w, %b: !b) -> (!y, !y) {
  %0 = ds.dot "bsk,kn->bsn" %x, %w : (!x, !w) -> !y
  %1 = ds.launch @k_add(%0, %b) : (!y, !b) -> !y
  return %0, %1 : !y, !y
}

// A batch of matrices, and rows with gaps, are no one product.
// CHECK-LABEL: func @batch
// CHECK: ds.launch @k_add(
// CHECK: ds.launch @k_add(
func.func @batch(%x: !x, %w: tensor<2x16x8xbf16>, %b: !b, %z: tensor<2x5x16xbf16>, %v: !w) -> (!y, !y) {
  %0 = ds.dot "bsk,bkn->bsn" %x, %w : (!x, tensor<2x16x8xbf16>) -> !y
  %1 = ds.launch @k_add(%0, %b) : (!y, !b) -> !y
  %2 = ds.window %z dim 1 at 1 : tensor<2x5x16xbf16> -> !x
  %3 = ds.dot "bsk,kn->bsn" %2, %v : (!x, !w) -> !y
  %4 = ds.launch @k_add(%3, %b) : (!y, !b) -> !y
  return %1, %4 : !y, !y
}

!d = tensor<4x8xf64>
func.func private @k_add_f64(%p: !d, %b: tensor<8xf64>) -> !d attributes {ds.kernel} {
  %0 = ds.add %p, %b : !d, tensor<8xf64>
  return %0 : !d
}
!f = tensor<4x8xf32>
func.func private @k_add_gelu_f32(%p: !f, %b: tensor<8xf32>) -> !f attributes {ds.kernel} {
  %0 = ds.add %p, %b : !f, tensor<8xf32>
  %1 = ds.gelu %0 : !f
  return %1 : !f
}
!n = tensor<4x12xbf16>
func.func private @k_add_gelu_2(%p: !y, %b: !b) -> !y attributes {ds.kernel} {
  %0 = ds.add %p, %b : !y, !b
  %1 = ds.gelu %0 : !y
  return %1 : !y
}
func.func private @k_add_gelu_12(%p: !n, %b: tensor<12xbf16>) -> !n attributes {ds.kernel} {
  %0 = ds.add %p, %b : !n, tensor<12xbf16>
  %1 = ds.gelu %0 : !n
  return %1 : !n
}

// Neither float64, nor GELU in 32 bits or of rows that do not begin at 16 bytes.
// CHECK-LABEL: func @unsuited
// CHECK: ds.launch @k_add_f64(
// CHECK: ds.launch @k_add_gelu_f32(
// CHECK: ds.launch @k_add_gelu_12(
func.func @unsuited(%x: tensor<4x3xf64>, %w: tensor<3x8xf64>, %b: tensor<8xf64>, %y: tensor<4x3xf32>,
    %v: tensor<3x8xf32>, %c: tensor<8xf32>, %z: tensor<4x16xbf16>, %u: tensor<16x12xbf16>,
    %d: tensor<12xbf16>) -> (!d, !f, !n) {
  %0 = ds.dot "mk,kn->mn" %x, %w : (tensor<4x3xf64>, tensor<3x8xf64>) -> !d
  %1 = ds.launch @k_add_f64(%0, %b) : (!d, tensor<8xf64>) -> !d
  %2 = ds.dot "mk,kn->mn" %y, %v : (tensor<4x3xf32>, tensor<3x8xf32>) -> !f
  %3 = ds.launch @k_add_gelu_f32(%2, %c) : (!f, tensor<8xf32>) -> !f
  %4 = ds.dot "mk,kn->mn" %z, %u : (tensor<4x16xbf16>, tensor<16x12xbf16>) -> !n
  %5 = ds.launch @k_add_gelu_12(%4, %d) : (!n, tensor<12xbf16>) -> !n
  return %1, %3, %5 : !d, !f, !n
}

!o = tensor<4x1xf32>
func.func private @k_add_one(%p: !o, %b: tensor<1xf32>) -> !o attributes {ds.kernel} {
  %0 = ds.add %p, %b : !o, tensor<1xf32>
  return %0 : !o
}
func.func private @k_add_f32(%p: !f, %b: tensor<8xf32>) -> !f attributes {ds.kernel} {
  %0 = ds.add %p, %b : !f, tensor<8xf32>
  return %0 : !f
}

// Products of vectors: one column, or nothing to sum.
// CHECK-LABEL: func @vectors
// CHECK: ds.launch @k_add_one(
// CHECK: ds.launch @k_add_f32(
func.func @vectors(%x: tensor<4x3xf32>, %w: tensor<3x1xf32>, %b: tensor<1xf32>, %y: tensor<4xf32>, %z: tensor<8xf32>)
    -> (!o, !f) {
  %0 = ds.dot "mk,kn->mn" %x, %w : (tensor<4x3xf32>, tensor<3x1xf32>) -> !o
  %1 = ds.launch @k_add_one(%0, %b) : (!o, tensor<1xf32>) -> !o
  %2 = ds.dot "m,n->mn" %y, %z : (tensor<4xf32>, tensor<8xf32>) -> !f
  %3 = ds.launch @k_add_f32(%2, %z) : (!f, tensor<8xf32>) -> !f
  return %1, %3 : !o, !f
}

// Operands whose rows begin anywhere.
// CHECK-LABEL: func @odd_sum
// CHECK: ds.launch @k_add_gelu_2(
func.func @odd_sum(%x: tensor<2x4x3xbf16>, %w: tensor<3x8xbf16>, %b: !b) -> !y {
  %0 = ds.dot "bsk,kn->bsn" %x, %w : (tensor<2x4x3xbf16>, tensor<3x8xbf16>) -> !y
  %1 = ds.launch @k_add_gelu_2(%0, %b) : (!y, !b) -> !y
  return %1 : !y
}
