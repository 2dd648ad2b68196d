// RUN: ds-opt %s | ds-opt | FileCheck %s
//
// Arithmetic prints what it parses.

// CHECK-LABEL: func @binary
func.func @binary(%x: tensor<2x3xf32>, %row: tensor<3xf32>, %s: tensor<f64>) -> tensor<2x3xf32> {
  // CHECK: ds.add %{{.+}}, %{{.+}} : tensor<2x3xf32>, tensor<2x3xf32>
  %0 = ds.add %x, %x : tensor<2x3xf32>, tensor<2x3xf32>
  // CHECK: ds.sub %{{.+}}, %{{.+}} : tensor<2x3xf32>, tensor<3xf32>
  %1 = ds.sub %0, %row : tensor<2x3xf32>, tensor<3xf32>
  // A scalar may have another type.
  // CHECK: ds.mul %{{.+}}, %{{.+}} : tensor<2x3xf32>, tensor<f64>
  %2 = ds.mul %1, %s : tensor<2x3xf32>, tensor<f64>
  // CHECK: ds.div %{{.+}}, %{{.+}} : tensor<2x3xf32>, tensor<f64>
  %3 = ds.div %2, %s : tensor<2x3xf32>, tensor<f64>
  return %3 : tensor<2x3xf32>
}

// CHECK-LABEL: func @unary
func.func @unary(%x: tensor<2x3xf32>, %g: tensor<2x3xf32>) {
  // CHECK: ds.neg %{{.+}} : tensor<2x3xf32>
  %0 = ds.neg %x : tensor<2x3xf32>
  // CHECK: ds.gelu %{{.+}} : tensor<2x3xf32>
  %1 = ds.gelu %x : tensor<2x3xf32>
  // CHECK: ds.silu %{{.+}} : tensor<2x3xf32>
  %2 = ds.silu %x : tensor<2x3xf32>
  // CHECK: ds.gelu_grad %{{.+}}, %{{.+}} : tensor<2x3xf32>
  %3 = ds.gelu_grad %x, %g : tensor<2x3xf32>
  // CHECK: ds.silu_grad %{{.+}}, %{{.+}} : tensor<2x3xf32>
  %4 = ds.silu_grad %x, %g : tensor<2x3xf32>
  return
}

// CHECK-LABEL: func @scalars
func.func @scalars(%x: tensor<f64>, %y: tensor<f64>, %n: tensor<i64>) {
  // CHECK: ds.pow %{{.+}}, %{{.+}} : tensor<f64>, tensor<f64>
  %0 = ds.pow %x, %y : tensor<f64>, tensor<f64>
  // CHECK: ds.min %{{.+}}, %{{.+}} : tensor<f64>, tensor<f64>
  %1 = ds.min %x, %y : tensor<f64>, tensor<f64>
  // CHECK: ds.sqrt %{{.+}} : tensor<f64>
  %2 = ds.sqrt %x : tensor<f64>
  // CHECK: ds.max %{{.+}}, %{{.+}} : tensor<f64>, tensor<f64>
  %4 = ds.max %x, %y : tensor<f64>, tensor<f64>
  // CHECK: ds.log %{{.+}} : tensor<f64>
  %5 = ds.log %x : tensor<f64>
  // CHECK: ds.cos %{{.+}} : tensor<f64>
  %6 = ds.cos %x : tensor<f64>
  // CHECK: ds.cast %{{.+}} : tensor<i64> -> tensor<f64>
  %3 = ds.cast %n : tensor<i64> -> tensor<f64>
  return
}

// CHECK-LABEL: func @dot
func.func @dot(%x: tensor<2x3x4xf32>, %w: tensor<4x5xf32>) -> tensor<2x3x5xf32> {
  // CHECK: ds.dot "bsk,kn->bsn" %{{.+}}, %{{.+}} : (tensor<2x3x4xf32>, tensor<4x5xf32>) -> tensor<2x3x5xf32>
  %0 = ds.dot "bsk,kn->bsn" %x, %w : (tensor<2x3x4xf32>, tensor<4x5xf32>) -> tensor<2x3x5xf32>
  return %0 : tensor<2x3x5xf32>
}

// CHECK-LABEL: func @sums
func.func @sums(%x: tensor<2x3x4xf32>, %row: tensor<4xf32>) {
  // CHECK: ds.sum %{{.+}} : tensor<2x3x4xf32> -> tensor<4xf32>
  %0 = ds.sum %x : tensor<2x3x4xf32> -> tensor<4xf32>
  // CHECK: ds.sum %{{.+}} {squares, trailing} : tensor<2x3x4xf32> -> tensor<2xf64>
  %1 = ds.sum %x {squares, trailing} : tensor<2x3x4xf32> -> tensor<2xf64>
  // CHECK: ds.broadcast %{{.+}} : tensor<4xf32> -> tensor<2x3x4xf32>
  %2 = ds.broadcast %row : tensor<4xf32> -> tensor<2x3x4xf32>
  return
}

// A product that is shorter than what it is added to.
// CHECK-LABEL: func @dot_add
func.func @dot_add(%sum: tensor<4x5xf32>, %a: tensor<3x2xf32>, %b: tensor<2x5xf32>) -> tensor<4x5xf32> {
  // CHECK: ds.dot_add %{{.+}}, "mk,kn->mn" %{{.+}}, %{{.+}} : tensor<4x5xf32>, tensor<3x2xf32>, tensor<2x5xf32>
  %0 = ds.dot_add %sum, "mk,kn->mn" %a, %b : tensor<4x5xf32>, tensor<3x2xf32>, tensor<2x5xf32>
  return %0 : tensor<4x5xf32>
}

!x = tensor<2x3x4xbf16>
!w = tensor<5x4xbf16>
!b = tensor<5xbf16>
!y = tensor<2x3x5xbf16>

// What a library does to a product's elements besides; rows may be several letters, and GELU's argument is kept or not.
// CHECK-LABEL: func @epilogues
func.func @epilogues(%x: !x, %w: !w, %b: !b, %h: !y) {
  // CHECK: ds.dot_bias "bsk,nk->bsn" %{{.+}}, %{{.+}}, %{{.+}} : ({{.*}}, tensor<5xbf16>) -> tensor<2x3x5xbf16>
  %0 = ds.dot_bias "bsk,nk->bsn" %x, %w, %b : (!x, !w, !b) -> !y
  // CHECK: ds.dot_bias {{.*}} gelu : ({{.*}}, tensor<5xbf16>) -> (tensor<2x3x5xbf16>, tensor<2x3x5xbf16>)
  %1:2 = ds.dot_bias "bsk,nk->bsn" %x, %w, %b gelu : (!x, !w, !b) -> (!y, !y)
  // CHECK: ds.dot_gelu_grad "bsk,nk->bsn" {{.*}} : ({{.*}}, tensor<2x3x5xbf16>) -> tensor<2x3x5xbf16>
  %2 = ds.dot_gelu_grad "bsk,nk->bsn" %x, %w, %h : (!x, !w, !y) -> !y
  return
}
