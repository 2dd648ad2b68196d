// RUN: ds-exec %s --before='ds-inline-blocks,ds-make-units{shards=$world},ds-build-train{micro-batches=12}' --after='ds-inline-blocks,ds-make-units{shards=$world},ds-build-train{micro-batches=12},ds-zero{world=$world stage=0},cse,canonicalize' | FileCheck %s
// RUN: ds-exec %s --before='ds-inline-blocks,ds-make-units{shards=$world},ds-build-train{micro-batches=12}' --after='ds-inline-blocks,ds-make-units{shards=$world},ds-build-train{micro-batches=12},ds-zero{world=$world stage=1},cse,canonicalize' | FileCheck %s
// RUN: ds-exec %s --before='ds-inline-blocks,ds-make-units{shards=$world},ds-build-train{micro-batches=12}' --after='ds-inline-blocks,ds-make-units{shards=$world},ds-build-train{micro-batches=12},ds-zero{world=$world stage=2},cse,canonicalize' | FileCheck %s
// RUN: ds-exec %s --before='ds-inline-blocks,ds-make-units{shards=$world},ds-build-train{micro-batches=12}' --after='ds-inline-blocks,ds-make-units{shards=$world},ds-build-train{micro-batches=12},ds-zero{world=$world stage=3},cse,canonicalize' | FileCheck %s
// RUN: ds-exec %s --before='ds-inline-blocks,ds-make-units{shards=$world},ds-build-train{micro-batches=12}' --after='ds-inline-blocks,ds-make-units{shards=$world},ds-build-train{micro-batches=12},ds-zero{world=$world stage=3},ds-remat-blocks,ds-regather,ds-schedule,cse,canonicalize' | FileCheck %s
// RUN: ds-exec %s --before='ds-inline-blocks,ds-make-units{shards=$world},ds-build-train{micro-batches=12}' --after='ds-inline-blocks,ds-make-units{shards=$world},ds-build-train{micro-batches=12},ds-zero{world=$world stage=2},ds-remat-blocks,ds-schedule,cse,canonicalize,ds-decompose,ds-fuse-kernels' | FileCheck %s
//
// Two Llama blocks of odd sizes: two training steps of 12 micro-batches are
// the same on 1 to 4 ranks and at every stage.

// CHECK: world 1: equal: 3 results x 2 steps, 64 tensors
// CHECK: world 2: equal: 3 results x 2 steps, 64 tensors
// CHECK: world 3: equal: 3 results x 2 steps, 64 tensors
// CHECK: world 4: equal: 3 results x 2 steps, 64 tensors

ds.parameter @embed : tensor<11x6xf32> = #ds.normal<0.2>
ds.parameter @layers.0.norm : tensor<6xf32> = #ds.fill<1.0>
ds.parameter @layers.0.q : tensor<12x6xf32> = #ds.normal<0.3>
ds.parameter @layers.0.k : tensor<4x6xf32> = #ds.normal<0.3>
ds.parameter @layers.0.v : tensor<4x6xf32> = #ds.normal<0.3>
ds.parameter @layers.0.o : tensor<6x12xf32> = #ds.normal<0.3>
ds.parameter @layers.0.post : tensor<6xf32> = #ds.fill<1.0>
ds.parameter @layers.0.gate : tensor<7x6xf32> = #ds.normal<0.3>
ds.parameter @layers.0.up : tensor<7x6xf32> = #ds.normal<0.3>
ds.parameter @layers.0.down : tensor<6x7xf32> = #ds.normal<0.3>
ds.parameter @layers.1.norm : tensor<6xf32> = #ds.fill<1.0>
ds.parameter @layers.1.q : tensor<12x6xf32> = #ds.normal<0.3>
ds.parameter @layers.1.k : tensor<4x6xf32> = #ds.normal<0.3>
ds.parameter @layers.1.v : tensor<4x6xf32> = #ds.normal<0.3>
ds.parameter @layers.1.o : tensor<6x12xf32> = #ds.normal<0.3>
ds.parameter @layers.1.post : tensor<6xf32> = #ds.fill<1.0>
ds.parameter @layers.1.gate : tensor<7x6xf32> = #ds.normal<0.3>
ds.parameter @layers.1.up : tensor<7x6xf32> = #ds.normal<0.3>
ds.parameter @layers.1.down : tensor<6x7xf32> = #ds.normal<0.3>
ds.parameter @norm : tensor<6xf32> = #ds.fill<1.0>
ds.parameter @head : tensor<11x6xf32> = #ds.normal<0.2>

// Three query heads share each key head.
func.func private @block(%x: tensor<2x5x6xf32>, %norm: tensor<6xf32>, %q: tensor<12x6xf32>,
    %k: tensor<4x6xf32>, %v: tensor<4x6xf32>, %o: tensor<6x12xf32>,
    %post: tensor<6xf32>, %gate: tensor<7x6xf32>, %up: tensor<7x6xf32>, %down: tensor<6x7xf32>) -> tensor<2x5x6xf32> {
  %n = ds.rms_norm %x, %norm eps 1.0e-5 : tensor<2x5x6xf32>, tensor<6xf32>
  %q2 = ds.dot "bsk,nk->bsn" %n, %q : (tensor<2x5x6xf32>, tensor<12x6xf32>) -> tensor<2x5x12xf32>
  %k2 = ds.dot "bsk,nk->bsn" %n, %k : (tensor<2x5x6xf32>, tensor<4x6xf32>) -> tensor<2x5x4xf32>
  %v2 = ds.dot "bsk,nk->bsn" %n, %v : (tensor<2x5x6xf32>, tensor<4x6xf32>) -> tensor<2x5x4xf32>
  %q3 = ds.reshape %q2 : tensor<2x5x12xf32> -> tensor<2x5x6x2xf32>
  %k3 = ds.reshape %k2 : tensor<2x5x4xf32> -> tensor<2x5x2x2xf32>
  %v3 = ds.reshape %v2 : tensor<2x5x4xf32> -> tensor<2x5x2x2xf32>
  %cos = ds.rotary_table "cos" theta 10000.0 : tensor<7x1xf32>
  %sin = ds.rotary_table "sin" theta 10000.0 : tensor<7x1xf32>
  %q4 = ds.rotary %q3, %cos, %sin : tensor<2x5x6x2xf32>, tensor<7x1xf32>, tensor<7x1xf32>
  %k4 = ds.rotary %k3, %cos, %sin : tensor<2x5x2x2xf32>, tensor<7x1xf32>, tensor<7x1xf32>
  %a = ds.attention %q4, %k4, %v3 scale 0.7 {causal} : tensor<2x5x6x2xf32>, tensor<2x5x2x2xf32>, tensor<2x5x2x2xf32>
  %a3 = ds.reshape %a : tensor<2x5x6x2xf32> -> tensor<2x5x12xf32>
  %p = ds.dot "bsk,nk->bsn" %a3, %o : (tensor<2x5x12xf32>, tensor<6x12xf32>) -> tensor<2x5x6xf32>
  %y = ds.add %x, %p : tensor<2x5x6xf32>, tensor<2x5x6xf32>
  %m = ds.rms_norm %y, %post eps 1.0e-5 : tensor<2x5x6xf32>, tensor<6xf32>
  %g = ds.dot "bsk,nk->bsn" %m, %gate : (tensor<2x5x6xf32>, tensor<7x6xf32>) -> tensor<2x5x7xf32>
  %u = ds.dot "bsk,nk->bsn" %m, %up : (tensor<2x5x6xf32>, tensor<7x6xf32>) -> tensor<2x5x7xf32>
  %s = ds.silu %g : tensor<2x5x7xf32>
  %h = ds.mul %s, %u : tensor<2x5x7xf32>, tensor<2x5x7xf32>
  %d = ds.dot "bsk,nk->bsn" %h, %down : (tensor<2x5x7xf32>, tensor<6x7xf32>) -> tensor<2x5x6xf32>
  %r = ds.add %y, %d : tensor<2x5x6xf32>, tensor<2x5x6xf32>
  return %r : tensor<2x5x6xf32>
}

func.func @loss(%tokens: tensor<2x5xi32> {ds.bound = 11 : i64},
    %targets: tensor<2x5xi32> {ds.bound = 11 : i64}) -> tensor<f32> attributes {ds.loss} {
  %embed = ds.read @embed : tensor<11x6xf32>
  %x0 = ds.embedding %embed, %tokens : (tensor<11x6xf32>, tensor<2x5xi32>) -> tensor<2x5x6xf32>
  %norm0 = ds.read @layers.0.norm : tensor<6xf32>
  %q0 = ds.read @layers.0.q : tensor<12x6xf32>
  %k0 = ds.read @layers.0.k : tensor<4x6xf32>
  %v0 = ds.read @layers.0.v : tensor<4x6xf32>
  %o0 = ds.read @layers.0.o : tensor<6x12xf32>
  %post0 = ds.read @layers.0.post : tensor<6xf32>
  %gate0 = ds.read @layers.0.gate : tensor<7x6xf32>
  %up0 = ds.read @layers.0.up : tensor<7x6xf32>
  %down0 = ds.read @layers.0.down : tensor<6x7xf32>
  %x1 = call @block(%x0, %norm0, %q0, %k0, %v0, %o0, %post0, %gate0, %up0, %down0)
    : (tensor<2x5x6xf32>, tensor<6xf32>, tensor<12x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>,
        tensor<6x12xf32>, tensor<6xf32>, tensor<7x6xf32>, tensor<7x6xf32>, tensor<6x7xf32>)
        -> tensor<2x5x6xf32>
  %norm1 = ds.read @layers.1.norm : tensor<6xf32>
  %q1 = ds.read @layers.1.q : tensor<12x6xf32>
  %k1 = ds.read @layers.1.k : tensor<4x6xf32>
  %v1 = ds.read @layers.1.v : tensor<4x6xf32>
  %o1 = ds.read @layers.1.o : tensor<6x12xf32>
  %post1 = ds.read @layers.1.post : tensor<6xf32>
  %gate1 = ds.read @layers.1.gate : tensor<7x6xf32>
  %up1 = ds.read @layers.1.up : tensor<7x6xf32>
  %down1 = ds.read @layers.1.down : tensor<6x7xf32>
  %x2 = call @block(%x1, %norm1, %q1, %k1, %v1, %o1, %post1, %gate1, %up1, %down1)
    : (tensor<2x5x6xf32>, tensor<6xf32>, tensor<12x6xf32>, tensor<4x6xf32>, tensor<4x6xf32>,
        tensor<6x12xf32>, tensor<6xf32>, tensor<7x6xf32>, tensor<7x6xf32>, tensor<6x7xf32>)
        -> tensor<2x5x6xf32>
  %norm = ds.read @norm : tensor<6xf32>
  %y = ds.rms_norm %x2, %norm eps 1.0e-5 : tensor<2x5x6xf32>, tensor<6xf32>
  %head = ds.read @head : tensor<11x6xf32>
  %logits = ds.dot "bsk,vk->bsv" %y, %head : (tensor<2x5x6xf32>, tensor<11x6xf32>) -> tensor<2x5x11xf32>
  %loss = ds.cross_entropy %logits, %targets : (tensor<2x5x11xf32>, tensor<2x5xi32>) -> tensor<f32>
  return %loss : tensor<f32>
}
