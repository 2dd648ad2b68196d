// RUN: ds-exec %s --before='ds-inline-blocks,ds-make-units{shards=$world},ds-build-train{micro-batches=12 clip-value=0.01}' --after='ds-inline-blocks,ds-make-units{shards=$world},ds-build-train{micro-batches=12 clip-value=0.01},ds-zero{world=$world stage=0},cse,canonicalize' | FileCheck %s
// RUN: ds-exec %s --before='ds-inline-blocks,ds-make-units{shards=$world},ds-build-train{micro-batches=12 clip-value=0.01}' --after='ds-inline-blocks,ds-make-units{shards=$world},ds-build-train{micro-batches=12 clip-value=0.01},ds-zero{world=$world stage=1},cse,canonicalize' | FileCheck %s
// RUN: ds-exec %s --before='ds-inline-blocks,ds-make-units{shards=$world},ds-build-train{micro-batches=12 clip-value=0.01}' --after='ds-inline-blocks,ds-make-units{shards=$world},ds-build-train{micro-batches=12 clip-value=0.01},ds-zero{world=$world stage=2},cse,canonicalize' | FileCheck %s
// RUN: ds-exec %s --before='ds-inline-blocks,ds-make-units{shards=$world},ds-build-train{micro-batches=12 clip-value=0.01}' --after='ds-inline-blocks,ds-make-units{shards=$world},ds-build-train{micro-batches=12 clip-value=0.01},ds-zero{world=$world stage=3},cse,canonicalize' | FileCheck %s
// RUN: ds-exec %s --before='ds-inline-blocks,ds-make-units{shards=$world},ds-build-train{micro-batches=12 clip-value=0.01}' --after='ds-inline-blocks,ds-make-units{shards=$world},ds-build-train{micro-batches=12 clip-value=0.01},ds-zero{world=$world stage=0},cse,canonicalize,ds-schedule,ds-decompose,cse,ds-fuse-kernels,ds-insert-copies' | FileCheck %s
// RUN: ds-exec %s --before='ds-inline-blocks,ds-make-units{shards=$world},ds-build-train{micro-batches=12 clip-value=0.01}' --after='ds-inline-blocks,ds-make-units{shards=$world},ds-build-train{micro-batches=12 clip-value=0.01},ds-zero{world=$world stage=3},cse,canonicalize,ds-schedule,ds-decompose,cse,ds-fuse-kernels,ds-insert-copies' | FileCheck %s
//
// Every optimizer in one model, a frozen parameter and a tied one: two training steps are the same
// on 1 to 4 ranks at every stage, where Lamb needs the norms of tensors that several ranks hold and
// Muon whole matrices; also after its parts have become kernels.

// CHECK: world 1: equal: 3 results x 2 steps, 22 tensors
// CHECK: world 2: equal: 3 results x 2 steps, 22 tensors
// CHECK: world 3: equal: 3 results x 2 steps, 22 tensors
// CHECK: world 4: equal: 3 results x 2 steps, 22 tensors

#sgd = #ds.optimizer<"sgd" {momentum = 0.9, dampening = 0.3, nesterov, weight_decay = 0.1} lr_scale 10.0>
#plain = #ds.optimizer<"sgd" {momentum = 0.0, dampening = 0.0, weight_decay = 0.1} lr_scale 10.0>
#adagrad = #ds.optimizer<"adagrad" {lr_decay = 0.1, eps = 1.0e-10, weight_decay = 0.1,
  initial_accumulator_value = 0.1}>
#lion = #ds.optimizer<"lion" {beta1 = 0.9, beta2 = 0.99, weight_decay = 0.1}>
#adam = #ds.optimizer<"adam" {beta1 = 0.9, beta2 = 0.99, eps = 1.0e-8, weight_decay = 0.1, bias_correction = false}>
#lamb = #ds.optimizer<"lamb" {beta1 = 0.9, beta2 = 0.99, eps = 1.0e-6, weight_decay = 0.1, max_coeff = 0.5,
  min_coeff = 0.01}>
#muon = #ds.optimizer<"muon" {momentum = 0.95, nesterov, weight_decay = 0.1}>

ds.parameter @wte : tensor<11x6xf32> = #ds.normal<0.2> {ds.optimizer = #adagrad}
ds.parameter @wpe : tensor<7x6xf32> = #ds.normal<0.2> {role = "frozen"}
ds.parameter @h0.ln.w : tensor<6xf32> = #ds.fill<1.0> {ds.optimizer = #sgd}
ds.parameter @h0.ln.b : tensor<6xf32> = #ds.fill<0.0> {ds.optimizer = #plain}
ds.parameter @h0.qkv : tensor<6x18xf32> = #ds.normal<0.2> {ds.optimizer = #lamb}
ds.parameter @h0.proj : tensor<6x6xf32> = #ds.normal<0.2> {ds.optimizer = #muon}
ds.parameter @h1.ln.w : tensor<6xf32> = #ds.fill<1.0> {ds.optimizer = #adam}
ds.parameter @h1.ln.b : tensor<6xf32> = #ds.fill<0.0> {ds.optimizer = #lion}
ds.parameter @h1.qkv : tensor<6x18xf32> = #ds.normal<0.2> {ds.optimizer = #muon}
ds.parameter @h1.proj : tensor<6x6xf32> = #ds.normal<0.2> {ds.optimizer = #lamb}

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
