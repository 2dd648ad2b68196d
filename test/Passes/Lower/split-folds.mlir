// RUN: ds-opt %s --ds-split-folds --split-input-file | FileCheck %s
//
// Large folds to few numbers become many of parts and one of what they leave;
// what is in front of them comes along, and small ones stay.

// CHECK-LABEL: func @bias
// CHECK-NEXT: %[[V:.+]] = ds.reshape %arg0 {ds.backward, ds.block = 1 : i64} : tensor<64x1024x768xbf16> -> tensor<128x512x768xbf16>
// CHECK-NEXT: %[[P:.+]] = ds.sum %[[V]] {ds.backward, ds.block = 1 : i64} : tensor<128x512x768xbf16> -> tensor<512x768xf32>
// CHECK-NEXT: %[[S:.+]] = ds.sum %[[P]] {ds.backward, ds.block = 1 : i64} : tensor<512x768xf32> -> tensor<768xbf16>
// CHECK-NEXT: return %[[S]]
func.func @bias(%g: tensor<64x1024x768xbf16>) -> tensor<768xbf16> {
  %0 = ds.sum %g {ds.backward, ds.block = 1 : i64} : tensor<64x1024x768xbf16> -> tensor<768xbf16>
  return %0 : tensor<768xbf16>
}

// Few rows, or columns enough for all processors: nothing to gain.
// CHECK-LABEL: func @small_sums
// CHECK-NOT: ds.reshape
// CHECK: return
func.func @small_sums(%a: tensor<4096x768xbf16>, %b: tensor<64x200000xbf16>, %c: tensor<100000xf32>,
    %d: tensor<64x1048576xf32>) -> (tensor<768xbf16>, tensor<200000xbf16>, tensor<f64>, tensor<64xf32>) {
  %0 = ds.sum %a : tensor<4096x768xbf16> -> tensor<768xbf16>
  %1 = ds.sum %b : tensor<64x200000xbf16> -> tensor<200000xbf16>
  %2 = ds.sum %c {trailing} : tensor<100000xf32> -> tensor<f64>
  %3 = ds.sum %d {trailing} : tensor<64x1048576xf32> -> tensor<64xf32>
  return %0, %1, %2, %3 : tensor<768xbf16>, tensor<200000xbf16>, tensor<f64>, tensor<64xf32>
}

// Two sums of the same rows: their parts stand side by side, and so do their
// wholes; the second operand of a norm has rows, that of a product columns.
// CHECK-LABEL: func @norm_grads
// CHECK-NEXT: %[[X:.+]] = ds.reshape %arg0 : tensor<16x1024x2048xf32> -> tensor<128x128x2048xf32>
// CHECK-NEXT: %[[M:.+]] = ds.reshape %arg1 : tensor<16x1024xf32> -> tensor<128x128xf32>
// CHECK-NEXT: %[[R:.+]] = ds.reshape %arg2 : tensor<16x1024xf32> -> tensor<128x128xf32>
// CHECK-NEXT: %[[H:.+]] = ds.normalize %[[X]], %[[M]], %[[R]] : tensor<128x128x2048xf32>, tensor<128x128xf32>
// CHECK-NEXT: %[[W:.+]] = ds.mul %[[H]], %arg4 : tensor<128x128x2048xf32>, tensor<2048xf32>
// CHECK-NEXT: %[[G:.+]] = ds.reshape %arg3 : tensor<16x1024x2048xf32> -> tensor<128x128x2048xf32>
// CHECK-NEXT: %[[HG:.+]] = ds.mul %[[W]], %[[G]] : tensor<128x128x2048xf32>
// CHECK-NEXT: %[[P:.+]] = ds.sum %[[HG]] : tensor<128x128x2048xf32> -> tensor<128x2048xf32>
// CHECK-NEXT: %[[Q:.+]] = ds.sum %[[G]] : tensor<128x128x2048xf32> -> tensor<128x2048xf32>
// CHECK-NEXT: %[[S:.+]] = ds.sum %[[P]] : tensor<128x2048xf32> -> tensor<2048xf32>
// CHECK-NEXT: %[[B:.+]] = ds.sum %[[Q]] : tensor<128x2048xf32> -> tensor<2048xf32>
// CHECK-NEXT: return %[[S]], %[[B]]
func.func @norm_grads(%x: tensor<16x1024x2048xf32>, %m: tensor<16x1024xf32>, %r: tensor<16x1024xf32>,
    %g: tensor<16x1024x2048xf32>, %w: tensor<2048xf32>) -> (tensor<2048xf32>, tensor<2048xf32>) {
  %0 = ds.normalize %x, %m, %r : tensor<16x1024x2048xf32>, tensor<16x1024xf32>, tensor<16x1024xf32>
  %1 = ds.mul %0, %w : tensor<16x1024x2048xf32>, tensor<2048xf32>
  %2 = ds.mul %1, %g : tensor<16x1024x2048xf32>, tensor<16x1024x2048xf32>
  %3 = ds.sum %2 : tensor<16x1024x2048xf32> -> tensor<2048xf32>
  %4 = ds.sum %g : tensor<16x1024x2048xf32> -> tensor<2048xf32>
  return %3, %4 : tensor<2048xf32>, tensor<2048xf32>
}

// Rows that do not divide: what is left over is one part more.
// CHECK-LABEL: func @awkward_rows
// CHECK-NEXT: %[[W:.+]] = ds.window %arg0 dim 0 at 0 : tensor<100003x70xf32> -> tensor<99840x70xf32>
// CHECK-NEXT: %[[V:.+]] = ds.reshape %[[W]] : tensor<99840x70xf32> -> tensor<195x512x70xf32>
// CHECK-NEXT: %[[P:.+]] = ds.sum %[[V]] : tensor<195x512x70xf32> -> tensor<512x70xf32>
// CHECK-NEXT: %[[X:.+]] = ds.window %arg0 dim 0 at 99840 : tensor<100003x70xf32> -> tensor<163x70xf32>
// CHECK-NEXT: %[[Y:.+]] = ds.reshape %[[X]] : tensor<163x70xf32> -> tensor<163x1x70xf32>
// CHECK-NEXT: %[[Q:.+]] = ds.sum %[[Y]] : tensor<163x1x70xf32> -> tensor<1x70xf32>
// CHECK-NEXT: %[[A:.+]] = ds.stack %[[P]], %[[Q]] dim 0 : (tensor<512x70xf32>, tensor<1x70xf32>) -> tensor<513x70xf32>
// CHECK-NEXT: ds.sum %[[A]] : tensor<513x70xf32> -> tensor<70xf32>
func.func @awkward_rows(%g: tensor<100003x70xf32>) -> tensor<70xf32> {
  %0 = ds.sum %g : tensor<100003x70xf32> -> tensor<70xf32>
  return %0 : tensor<70xf32>
}

// A long row is folded in parts of 1024, and these again while they are many.
// CHECK-LABEL: func @loss_of_all
// CHECK-NEXT: %[[V:.+]] = ds.reshape %arg0 : tensor<268435456xf32> -> tensor<262144x1024xf32>
// CHECK-NEXT: %[[P:.+]] = ds.sum %[[V]] {squares, trailing} : tensor<262144x1024xf32> -> tensor<262144xf64>
// CHECK-NEXT: %[[W:.+]] = ds.reshape %[[P]] : tensor<262144xf64> -> tensor<256x1024xf64>
// CHECK-NEXT: %[[Q:.+]] = ds.sum %[[W]] {trailing} : tensor<256x1024xf64> -> tensor<256xf64>
// CHECK-NEXT: %[[S:.+]] = ds.sum %[[Q]] {trailing} : tensor<256xf64> -> tensor<f64>
// CHECK-NEXT: return %[[S]]
func.func @loss_of_all(%x: tensor<268435456xf32>) -> tensor<f64> {
  %0 = ds.sum %x {squares, trailing} : tensor<268435456xf32> -> tensor<f64>
  return %0 : tensor<f64>
}

// CHECK-LABEL: func @awkward_maximum
// CHECK: %[[W:.+]] = ds.window %arg0 dim 0 at 0 : tensor<131077xf32> -> tensor<131072xf32>
// CHECK-NEXT: %[[V:.+]] = ds.reshape %[[W]] : tensor<131072xf32> -> tensor<128x1024xf32>
// CHECK-NEXT: %[[C:.+]] = ds.constant dense<2.000000e+00> : tensor<128x1024xf32>
// CHECK-NEXT: %[[D:.+]] = ds.mul %[[V]], %[[C]]
// CHECK-NEXT: %[[P:.+]] = ds.reduce "max" %[[D]] : tensor<128x1024xf32> -> tensor<128xf32>
// CHECK-NEXT: %[[X:.+]] = ds.window %arg0 dim 0 at 131072 : tensor<131077xf32> -> tensor<5xf32>
// CHECK-NEXT: %[[Y:.+]] = ds.reshape %[[X]] : tensor<5xf32> -> tensor<1x5xf32>
// CHECK-NEXT: %[[E:.+]] = ds.constant dense<2.000000e+00> : tensor<1x5xf32>
// CHECK-NEXT: %[[F:.+]] = ds.mul %[[Y]], %[[E]]
// CHECK-NEXT: %[[Q:.+]] = ds.reduce "max" %[[F]] : tensor<1x5xf32> -> tensor<1xf32>
// CHECK-NEXT: %[[A:.+]] = ds.stack %[[P]], %[[Q]] dim 0 : (tensor<128xf32>, tensor<1xf32>) -> tensor<129xf32>
// CHECK-NEXT: ds.reduce "max" %[[A]] : tensor<129xf32> -> tensor<f32>
func.func @awkward_maximum(%x: tensor<131077xf32>) -> tensor<f32> {
  %c = ds.constant dense<2.0> : tensor<131077xf32>
  %0 = ds.mul %x, %c : tensor<131077xf32>, tensor<131077xf32>
  %1 = ds.reduce "max" %0 : tensor<131077xf32> -> tensor<f32>
  return %1 : tensor<f32>
}

// Dimensions that are parts as they are need no other ones.
// CHECK-LABEL: func @matrix
// CHECK-NEXT: %[[D:.+]] = ds.sub %arg0, %arg1
// CHECK-NEXT: %[[P:.+]] = ds.sum %[[D]] {squares, trailing} : tensor<500x1001xf32> -> tensor<500xf32>
// CHECK-NEXT: ds.sum %[[P]] {trailing} : tensor<500xf32> -> tensor<f32>
func.func @matrix(%x: tensor<500x1001xf32>, %y: tensor<1001xf32>) -> tensor<f32> {
  %0 = ds.sub %x, %y : tensor<500x1001xf32>, tensor<1001xf32>
  %1 = ds.sum %0 {squares} : tensor<500x1001xf32> -> tensor<f32>
  return %1 : tensor<f32>
}

// What others need, too, is in memory: the parts read it there.  So is what a
// diamond comes from, unless all of it is the fold's.
// CHECK-LABEL: func @shared
// CHECK-NEXT: %[[E:.+]] = ds.exp %arg0 : tensor<262144xf32>
// CHECK-NEXT: %[[V:.+]] = ds.reshape %[[E]] : tensor<262144xf32> -> tensor<256x1024xf32>
// CHECK-NEXT: %[[N:.+]] = ds.neg %[[V]] : tensor<256x1024xf32>
// CHECK-NEXT: %[[T:.+]] = ds.tanh %[[N]] : tensor<256x1024xf32>
// CHECK-NEXT: %[[M:.+]] = ds.mul %[[N]], %[[T]] : tensor<256x1024xf32>, tensor<256x1024xf32>
// CHECK-NEXT: %[[P:.+]] = ds.sum %[[M]] {trailing}
// CHECK-NEXT: %[[S:.+]] = ds.sum %[[P]] {trailing}
// CHECK-NEXT: return %[[E]], %[[S]]
func.func @shared(%x: tensor<262144xf32>) -> (tensor<262144xf32>, tensor<f32>) {
  %0 = ds.exp %x : tensor<262144xf32>
  %1 = ds.neg %0 : tensor<262144xf32>
  %2 = ds.tanh %1 : tensor<262144xf32>
  %3 = ds.mul %1, %2 : tensor<262144xf32>, tensor<262144xf32>
  %4 = ds.sum %3 {trailing} : tensor<262144xf32> -> tensor<f32>
  return %0, %4 : tensor<262144xf32>, tensor<f32>
}

// Positions that repeat along some of the summed dimensions only cannot be cut
// otherwise.
// CHECK-LABEL: func @repeated
// CHECK-NEXT: ds.mul
// CHECK-NEXT: ds.sum %{{.+}} : tensor<64x1024x96xf32> -> tensor<96xf32>
func.func @repeated(%x: tensor<64x1024x96xf32>, %y: tensor<1024x96xf32>) -> tensor<96xf32> {
  %0 = ds.mul %x, %y : tensor<64x1024x96xf32>, tensor<1024x96xf32>
  %1 = ds.sum %0 : tensor<64x1024x96xf32> -> tensor<96xf32>
  return %1 : tensor<96xf32>
}

// A sum that is used by what the next one sums: in this order.
// CHECK-LABEL: func @in_order
// CHECK: %[[M:.+]] = ds.sum %{{.+}} : tensor<{{[0-9]+}}x96xf32> -> tensor<96xf32>
// CHECK: ds.sub %{{.+}}, %[[M]]
// CHECK: ds.sum %{{.+}} : tensor<{{[0-9]+}}x96xf32> -> tensor<96xf32>
func.func @in_order(%x: tensor<65536x96xf32>) -> tensor<96xf32> {
  %0 = ds.sum %x : tensor<65536x96xf32> -> tensor<96xf32>
  %1 = ds.sub %x, %0 : tensor<65536x96xf32>, tensor<96xf32>
  %2 = ds.sum %1 : tensor<65536x96xf32> -> tensor<96xf32>
  return %2 : tensor<96xf32>
}

// -----

// A product of parts of 16 bits may be infinite where the whole is not.
// CHECK-LABEL: func @narrow_product
// CHECK-NEXT: ds.reduce "mul" %{{.+}} : tensor<8388608xf16> -> tensor<f16>
// CHECK-NEXT: return
func.func @narrow_product(%x: tensor<8388608xf16>) -> tensor<f16> {
  %0 = ds.reduce "mul" %x : tensor<8388608xf16> -> tensor<f16>
  return %0 : tensor<f16>
}
