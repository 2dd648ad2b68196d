// RUN: ds-exec %s --rtol=2e-2 --before='ds-inline-blocks,ds-make-units{shards=$world},ds-cast-precision,ds-build-train{micro-batches=12 accumulation=f32 check-overflow}' --after='ds-inline-blocks,ds-make-units{shards=$world},ds-cast-precision,ds-build-train{micro-batches=12 accumulation=f32 check-overflow},ds-zero{world=$world stage=0},cse,canonicalize' | FileCheck %s
// RUN: ds-exec %s --rtol=2e-2 --before='ds-inline-blocks,ds-make-units{shards=$world},ds-cast-precision,ds-build-train{micro-batches=12 accumulation=f32 check-overflow}' --after='ds-inline-blocks,ds-make-units{shards=$world},ds-cast-precision,ds-build-train{micro-batches=12 accumulation=f32 check-overflow},ds-zero{world=$world stage=1},cse,canonicalize' | FileCheck %s
// RUN: ds-exec %s --rtol=2e-2 --before='ds-inline-blocks,ds-make-units{shards=$world},ds-cast-precision,ds-build-train{micro-batches=12 accumulation=f32 check-overflow}' --after='ds-inline-blocks,ds-make-units{shards=$world},ds-cast-precision,ds-build-train{micro-batches=12 accumulation=f32 check-overflow},ds-zero{world=$world stage=2},cse,canonicalize' | FileCheck %s
// RUN: ds-exec %s --rtol=2e-2 --before='ds-inline-blocks,ds-make-units{shards=$world},ds-cast-precision,ds-build-train{micro-batches=12 accumulation=f32 check-overflow}' --after='ds-inline-blocks,ds-make-units{shards=$world},ds-cast-precision,ds-build-train{micro-batches=12 accumulation=f32 check-overflow},ds-zero{world=$world stage=3},cse,canonicalize' | FileCheck %s
// RUN: ds-exec %s --rtol=2e-2 --before='ds-inline-blocks,ds-make-units{shards=$world},ds-cast-precision,ds-build-train{micro-batches=12 accumulation=f32 check-overflow}' --after='ds-inline-blocks,ds-make-units{shards=$world},ds-cast-precision,ds-build-train{micro-batches=12 accumulation=f32 check-overflow},ds-zero{world=$world stage=3},ds-remat-blocks,ds-block-loss,ds-remat-pointwise,ds-regather,cse,canonicalize' | FileCheck %s
// RUN: ds-exec %s --rtol=5e-2 --before='ds-inline-blocks,ds-make-units{shards=$world},ds-cast-precision,ds-build-train{micro-batches=12 accumulation=f32}' --after='ds-inline-blocks,ds-make-units{shards=$world},ds-cast-precision,ds-build-train{micro-batches=12 accumulation=f32},ds-zero{world=$world stage=2 communication=f32},ds-decompose,cse,canonicalize' | FileCheck %s
// RUN: ds-exec %s --rtol=5e-2 --before='ds-inline-blocks,ds-make-units{shards=$world},ds-cast-precision,ds-build-train{micro-batches=12 accumulation=bf16}' --after='ds-inline-blocks,ds-make-units{shards=$world},ds-cast-precision,ds-build-train{micro-batches=12 accumulation=bf16},ds-zero{world=$world stage=1 communication=f32},cse,canonicalize' | FileCheck %s
// RUN: ds-exec %s --rtol=5e-2 --before='ds-inline-blocks,ds-make-units{shards=$world},ds-cast-precision{compute=fp16},ds-build-train{micro-batches=12 accumulation=f32 loss-scale="#ds.loss_scale<initial = 64.0, window = 1, hysteresis = 2, consecutive = false, smallest = 1.0>"}' --after='ds-inline-blocks,ds-make-units{shards=$world},ds-cast-precision{compute=fp16},ds-build-train{micro-batches=12 accumulation=f32 loss-scale="#ds.loss_scale<initial = 64.0, window = 1, hysteresis = 2, consecutive = false, smallest = 1.0>"},ds-zero{world=$world stage=2},ds-decompose,cse,canonicalize' | FileCheck %s
// RUN: ds-exec %s --rtol=5e-2 --before='ds-inline-blocks,ds-make-units{shards=$world},ds-cast-precision{master=bf16},ds-build-train{micro-batches=12 accumulation=bf16 states=bf16 stochastic-rounding}' --after='ds-inline-blocks,ds-make-units{shards=$world},ds-cast-precision{master=bf16},ds-build-train{micro-batches=12 accumulation=bf16 states=bf16 stochastic-rounding},ds-zero{world=$world stage=0},cse,canonicalize' | FileCheck %s
// RUN: ds-exec %s --rtol=5e-2 --before='ds-inline-blocks,ds-make-units{shards=$world},ds-cast-precision{master=bf16},ds-build-train{micro-batches=12 accumulation=bf16 states=bf16 stochastic-rounding}' --after='ds-inline-blocks,ds-make-units{shards=$world},ds-cast-precision{master=bf16},ds-build-train{micro-batches=12 accumulation=bf16 states=bf16 stochastic-rounding},ds-zero{world=$world stage=2},cse,canonicalize' | FileCheck %s
// RUN: ds-exec %s --rtol=5e-2 --before='ds-inline-blocks,ds-make-units{shards=$world},ds-cast-precision{master=bf16},ds-build-train{micro-batches=12 accumulation=bf16 states=bf16 stochastic-rounding}' --after='ds-inline-blocks,ds-make-units{shards=$world},ds-cast-precision{master=bf16},ds-build-train{micro-batches=12 accumulation=bf16 states=bf16 stochastic-rounding},ds-zero{world=$world stage=3},cse,canonicalize' | FileCheck %s
// RUN: ds-exec %s --rtol=2e-2 --before='ds-inline-blocks,ds-make-units{shards=$world},ds-cast-precision{master=bf16},ds-build-train{micro-batches=12 accumulation=f32 states=f32}' --after='ds-inline-blocks,ds-make-units{shards=$world},ds-cast-precision{master=bf16},ds-build-train{micro-batches=12 accumulation=f32 states=f32},ds-zero{world=$world stage=1},cse,canonicalize' | FileCheck %s
//
// Two GPT blocks in 16 bits: two training steps are the same on 1 to 4 ranks and at every stage,
// but for what is rounded in another order: sums of gradients over ranks are 16-bit.  A bfloat16
// is off by up to 2^-9, sums of some by a few times that, and squares by twice as much.

// CHECK: world 1: equal: {{[3-6]}} results x 2 steps
// CHECK: world 2: equal: {{[3-6]}} results x 2 steps
// CHECK: world 3: equal: {{[3-6]}} results x 2 steps
// CHECK: world 4: equal: {{[3-6]}} results x 2 steps

ds.parameter @wte : tensor<11x6xf32> = #ds.normal<0.2>
ds.parameter @wpe : tensor<7x6xf32> = #ds.normal<0.2>
ds.parameter @h0.ln.w : tensor<6xf32> = #ds.fill<1.0>
ds.parameter @h0.ln.b : tensor<6xf32> = #ds.fill<0.0>
ds.parameter @h0.qkv : tensor<6x18xf32> = #ds.normal<0.2>
ds.parameter @h0.proj : tensor<6x6xf32> = #ds.normal<0.2>
ds.parameter @h1.ln.w : tensor<6xf32> = #ds.fill<1.0>
ds.parameter @h1.ln.b : tensor<6xf32> = #ds.fill<0.0>
ds.parameter @h1.qkv : tensor<6x18xf32> = #ds.normal<0.2>
ds.parameter @h1.proj : tensor<6x6xf32> = #ds.normal<0.2>

func.func private @block(%x: tensor<2x5x6xf32>, %w: tensor<6xf32>, %b: tensor<6xf32>,
    %qkv: tensor<6x18xf32>, %proj: tensor<6x6xf32>) -> tensor<2x5x6xf32> {
  %n = ds.layer_norm %x, %w, %b eps 1.0e-5 : tensor<2x5x6xf32>, tensor<6xf32>, tensor<6xf32>
  %h = ds.dot "bsk,kn->bsn" %n, %qkv : (tensor<2x5x6xf32>, tensor<6x18xf32>) -> tensor<2x5x18xf32>
  %q, %k, %v = ds.split %h : (tensor<2x5x18xf32>) -> (tensor<2x5x6xf32>, tensor<2x5x6xf32>, tensor<2x5x6xf32>)
  %q4 = ds.reshape %q : tensor<2x5x6xf32> -> tensor<2x5x2x3xf32>
  %k4 = ds.reshape %k : tensor<2x5x6xf32> -> tensor<2x5x2x3xf32>
  %v4 = ds.reshape %v : tensor<2x5x6xf32> -> tensor<2x5x2x3xf32>
  %a = ds.attention %q4, %k4, %v4 scale 0.57 {causal} : tensor<2x5x2x3xf32>, tensor<2x5x2x3xf32>, tensor<2x5x2x3xf32>
  %a3 = ds.reshape %a : tensor<2x5x2x3xf32> -> tensor<2x5x6xf32>
  %p = ds.dot "bsk,kn->bsn" %a3, %proj : (tensor<2x5x6xf32>, tensor<6x6xf32>) -> tensor<2x5x6xf32>
  %g = ds.gelu %p : tensor<2x5x6xf32>
  %r = ds.add %x, %g : tensor<2x5x6xf32>, tensor<2x5x6xf32>
  return %r : tensor<2x5x6xf32>
}
func.func @loss(%tokens: tensor<2x5xi32> {ds.bound = 11 : i64},
    %targets: tensor<2x5xi32> {ds.bound = 11 : i64}) -> tensor<f32> attributes {ds.loss} {
  %wte = ds.read @wte : tensor<11x6xf32>
  %wpe = ds.read @wpe : tensor<7x6xf32>
  %e = ds.embedding %wte, %tokens : (tensor<11x6xf32>, tensor<2x5xi32>) -> tensor<2x5x6xf32>
  %p = ds.take %wpe : tensor<7x6xf32> -> tensor<5x6xf32>
  %x = ds.add %e, %p : tensor<2x5x6xf32>, tensor<5x6xf32>
  %w0 = ds.read @h0.ln.w : tensor<6xf32>
  %b0 = ds.read @h0.ln.b : tensor<6xf32>
  %qkv0 = ds.read @h0.qkv : tensor<6x18xf32>
  %proj0 = ds.read @h0.proj : tensor<6x6xf32>
  %x1 = call @block(%x, %w0, %b0, %qkv0, %proj0)
      : (tensor<2x5x6xf32>, tensor<6xf32>, tensor<6xf32>, tensor<6x18xf32>, tensor<6x6xf32>)
      -> tensor<2x5x6xf32>
  %w1 = ds.read @h1.ln.w : tensor<6xf32>
  %b1 = ds.read @h1.ln.b : tensor<6xf32>
  %qkv1 = ds.read @h1.qkv : tensor<6x18xf32>
  %proj1 = ds.read @h1.proj : tensor<6x6xf32>
  %x2 = call @block(%x1, %w1, %b1, %qkv1, %proj1)
      : (tensor<2x5x6xf32>, tensor<6xf32>, tensor<6xf32>, tensor<6x18xf32>, tensor<6x6xf32>)
      -> tensor<2x5x6xf32>
  %logits = ds.dot "bsk,vk->bsv" %x2, %wte : (tensor<2x5x6xf32>, tensor<11x6xf32>) -> tensor<2x5x11xf32>
  %loss = ds.cross_entropy %logits, %targets : (tensor<2x5x11xf32>, tensor<2x5xi32>) -> tensor<f32>
  return %loss : tensor<f32>
}
