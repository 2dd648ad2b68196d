// RUN: ds-exec %s --before='ds-make-units{shards=$world},ds-build-train{micro-batches=12}' --after='ds-make-units{shards=$world},ds-build-train{micro-batches=12},ds-zero{world=$world stage=0},cse,canonicalize' | FileCheck %s
// RUN: ds-exec %s --before='ds-make-units{shards=$world},ds-build-train{micro-batches=12}' --after='ds-make-units{shards=$world},ds-build-train{micro-batches=12},ds-zero{world=$world stage=1},cse,canonicalize' | FileCheck %s
// RUN: ds-exec %s --before='ds-make-units{shards=$world},ds-build-train{micro-batches=12}' --after='ds-make-units{shards=$world},ds-build-train{micro-batches=12},ds-zero{world=$world stage=2},cse,canonicalize' | FileCheck %s
// RUN: ds-exec %s --before='ds-make-units{shards=$world},ds-build-train{micro-batches=12}' --after='ds-make-units{shards=$world},ds-build-train{micro-batches=12},ds-zero{world=$world stage=3},cse,canonicalize,ds-remat-pointwise,ds-regather,ds-schedule,cse,canonicalize,ds-decompose,ds-fuse-kernels' | FileCheck %s
// RUN: ds-exec %s --entry=loss --before= --after='ds-make-units{small-bytes=0}' | FileCheck %s --check-prefix=UNITS
//
// A frozen table, and buffers: a constant, running statistics, a counter, and integers that depend on data (and so are
// rank 0's).  They are the same on 1 to 4 ranks and at every stage.

// CHECK: world 1: equal: 3 results x 2 steps, 13 tensors
// CHECK: world 2: equal: 3 results x 2 steps, 13 tensors
// CHECK: world 3: equal: 3 results x 2 steps, 13 tensors
// CHECK: world 4: equal: 3 results x 2 steps, 13 tensors

// In the loss function itself a write is one, with units and without.
// UNITS: world 1: equal: 1 results x 2 steps, 8 tensors

ds.parameter @table : tensor<11x5xf32> = #ds.normal<0.5> {role = "frozen"}
ds.parameter @w : tensor<5x3xf32> = #ds.normal<0.5>
ds.parameter @b : tensor<3xf32> = #ds.fill<0.1>
ds.parameter @scale : tensor<5xf32> = #ds.normal<1.0> {role = "buffer"}
ds.parameter @mean : tensor<5xf32> = #ds.fill<0.0> {role = "buffer"}
ds.parameter @var : tensor<5xf32> = #ds.fill<1.0> {role = "buffer"}
ds.parameter @count : tensor<i32> = #ds.fill<3.0> {role = "buffer"}
ds.parameter @seen : tensor<2x4xi32> = #ds.fill<0.0> {role = "buffer"}

func.func @loss(%i: tensor<2x4xi32> {ds.bound = 11 : i64}, %y: tensor<2x4xi32> {ds.bound = 3 : i64})
    -> tensor<f32> attributes {ds.loss} {
  %old = ds.constant dense<0.9> : tensor<f32>
  %new = ds.constant dense<0.1> : tensor<f32>
  %eighth = ds.constant dense<0.125> : tensor<f32>
  %eps = ds.constant dense<1.0e-3> : tensor<f32>
  %one = ds.constant dense<1> : tensor<i32>
  %t = ds.read @table : tensor<11x5xf32>
  %w = ds.read @w : tensor<5x3xf32>
  %b = ds.read @b : tensor<3xf32>
  %s = ds.read @scale : tensor<5xf32>
  %m = ds.read @mean : tensor<5xf32>
  %v = ds.read @var : tensor<5xf32>
  %c = ds.read @count : tensor<i32>
  %n = ds.read @seen : tensor<2x4xi32>
  %e = ds.embedding %t, %i : (tensor<11x5xf32>, tensor<2x4xi32>) -> tensor<2x4x5xf32>
  %0 = ds.mul %e, %s : tensor<2x4x5xf32>, tensor<5xf32>
  %1 = ds.sum %0 : tensor<2x4x5xf32> -> tensor<5xf32>
  %bm = ds.mul %1, %eighth : tensor<5xf32>, tensor<f32>
  %2 = ds.sub %0, %bm : tensor<2x4x5xf32>, tensor<5xf32>
  %3 = ds.mul %2, %2 : tensor<2x4x5xf32>, tensor<2x4x5xf32>
  %4 = ds.sum %3 : tensor<2x4x5xf32> -> tensor<5xf32>
  %bv = ds.mul %4, %eighth : tensor<5xf32>, tensor<f32>
  %5 = ds.add %bv, %eps : tensor<5xf32>, tensor<f32>
  %6 = ds.rsqrt %5 : tensor<5xf32>
  %7 = ds.mul %2, %6 : tensor<2x4x5xf32>, tensor<5xf32>
  %8 = ds.sub %7, %m : tensor<2x4x5xf32>, tensor<5xf32>
  %9 = ds.dot "bsk,kn->bsn" %8, %w : (tensor<2x4x5xf32>, tensor<5x3xf32>) -> tensor<2x4x3xf32>
  %10 = ds.add %9, %b : tensor<2x4x3xf32>, tensor<3xf32>
  %11 = ds.cross_entropy %10, %y : (tensor<2x4x3xf32>, tensor<2x4xi32>) -> tensor<f32>
  %m0 = ds.mul %m, %old : tensor<5xf32>, tensor<f32>
  %m1 = ds.mul %bm, %new : tensor<5xf32>, tensor<f32>
  %m2 = ds.add %m0, %m1 : tensor<5xf32>, tensor<5xf32>
  %v0 = ds.mul %v, %old : tensor<5xf32>, tensor<f32>
  %v1 = ds.mul %bv, %new : tensor<5xf32>, tensor<f32>
  %v2 = ds.add %v0, %v1 : tensor<5xf32>, tensor<5xf32>
  %c1 = ds.add %c, %one : tensor<i32>, tensor<i32>
  %n1 = ds.add %n, %i : tensor<2x4xi32>, tensor<2x4xi32>
  ds.write %m2, @mean : tensor<5xf32>
  ds.write %v2, @var : tensor<5xf32>
  ds.write %c1, @count : tensor<i32>
  ds.write %n1, @seen : tensor<2x4xi32>
  return %11 : tensor<f32>
}
