// RUN: ds-exec %s --before='ds-make-units{shards=$world},ds-build-train{micro-batches=12}' --after='ds-make-units{shards=$world},ds-build-train{micro-batches=12},ds-zero{world=$world stage=1},canonicalize,cse' | FileCheck %s
// RUN: ds-exec %s --before='ds-make-units{shards=$world},ds-build-train{micro-batches=12}' --after='ds-make-units{shards=$world},ds-build-train{micro-batches=12},ds-zero{world=$world stage=3},canonicalize,cse,ds-remat-blocks,ds-block-loss{rows=2 min-bytes=1},ds-remat-pointwise,ds-regather,canonicalize,cse,ds-schedule' | FileCheck %s
// RUN: ds-exec %s --before='ds-make-units{shards=$world},ds-build-train{micro-batches=12}' --after='ds-make-units{shards=$world},ds-build-train{micro-batches=12},ds-zero{world=$world stage=3},canonicalize,cse,ds-remat-pointwise,ds-regather,canonicalize,cse,ds-schedule,ds-decompose,cse,ds-fuse-kernels,ds-insert-copies' | FileCheck %s
//
// A recurrent network with a loss in the loop, whose parameters are shared by
// its rounds: two training steps are the same on 1 to 4 ranks after all passes.

// CHECK: world 1: equal: 3 results x 2 steps, 16 tensors
// CHECK: world 2: equal: 3 results x 2 steps, 16 tensors
// CHECK: world 3: equal: 3 results x 2 steps, 16 tensors
// CHECK: world 4: equal: 3 results x 2 steps, 16 tensors

ds.parameter @w : tensor<3x6xf32> = #ds.normal<0.5>
ds.parameter @u : tensor<6x6xf32> = #ds.normal<0.5>
ds.parameter @ln.w : tensor<6xf32> = #ds.fill<1.0>
ds.parameter @ln.b : tensor<6xf32> = #ds.fill<0.0>
ds.parameter @head : tensor<6x5xf32> = #ds.normal<0.5>

func.func @loss(%xs: tensor<7x2x3xf32>, %targets: tensor<7x2xi32> {ds.bound = 5}) -> tensor<f32> attributes {ds.loss} {
  %w = ds.read @w : tensor<3x6xf32>
  %u = ds.read @u : tensor<6x6xf32>
  %lw = ds.read @ln.w : tensor<6xf32>
  %lb = ds.read @ln.b : tensor<6xf32>
  %head = ds.read @head : tensor<6x5xf32>
  %h = ds.constant dense<0.0> : tensor<2x6xf32>
  %zero = ds.constant dense<0.0> : tensor<f32>
  %last, %sum = ds.scan 7 carry(%h, %zero) each(%xs, %targets) shared(%w, %u, %lw, %lb, %head)
      : (tensor<2x6xf32>, tensor<f32>, tensor<7x2x3xf32>, tensor<7x2xi32>, tensor<3x6xf32>, tensor<6x6xf32>,
         tensor<6xf32>, tensor<6xf32>, tensor<6x5xf32>) -> (tensor<2x6xf32>, tensor<f32>) {
  ^bb0(%i: tensor<i64>, %h0: tensor<2x6xf32>, %s0: tensor<f32>, %x: tensor<2x3xf32>, %t: tensor<2xi32>,
       %w0: tensor<3x6xf32>, %u0: tensor<6x6xf32>, %lw0: tensor<6xf32>, %lb0: tensor<6xf32>, %head0: tensor<6x5xf32>):
    %a = ds.dot "bk,kn->bn" %x, %w0 : (tensor<2x3xf32>, tensor<3x6xf32>) -> tensor<2x6xf32>
    %b = ds.dot "bk,kn->bn" %h0, %u0 : (tensor<2x6xf32>, tensor<6x6xf32>) -> tensor<2x6xf32>
    %c = ds.add %a, %b : tensor<2x6xf32>, tensor<2x6xf32>
    %n = ds.layer_norm %c, %lw0, %lb0 eps 1.0e-5 : tensor<2x6xf32>, tensor<6xf32>, tensor<6xf32>
    %h1 = ds.tanh %n : tensor<2x6xf32>
    %logits = ds.dot "bk,kn->bn" %h1, %head0 : (tensor<2x6xf32>, tensor<6x5xf32>) -> tensor<2x5xf32>
    %l = ds.cross_entropy %logits, %t : (tensor<2x5xf32>, tensor<2xi32>) -> tensor<f32>
    %s1 = ds.add %s0, %l : tensor<f32>, tensor<f32>
    ds.yield %h1, %s1 : tensor<2x6xf32>, tensor<f32>
  }
  %mean = ds.constant dense<0.142857> : tensor<f32>
  %0 = ds.mul %sum, %mean : tensor<f32>, tensor<f32>
  %1 = ds.sum %last {squares} : tensor<2x6xf32> -> tensor<f32>
  %2 = ds.add %0, %1 : tensor<f32>, tensor<f32>
  return %2 : tensor<f32>
}
