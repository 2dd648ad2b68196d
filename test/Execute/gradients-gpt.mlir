// RUN: ds-exec %s --check-gradients=gpt | FileCheck %s
// RUN: ds-exec %s --check-gradients=gpt \
// RUN:   --after='ds-differentiate{function=$function},cse,canonicalize' | FileCheck %s
// RUN: ds-exec %s --check-gradients=gpt \
// RUN:   --after='ds-differentiate{function=$function},ds-remat-blocks,cse,ds-decompose,cse,ds-fuse-kernels' \
// RUN:   | FileCheck %s
//
// The gradient of a whole GPT block with its embedding, tied head and loss
// against finite differences in float64, and again after lowering.

!x = tensor<2x3x4xf64>
!h = tensor<2x3x2x2xf64>

// CHECK: gradients of @gpt: 14 arguments
func.func @gpt(%ids: tensor<2x3xi32> {ds.bound = 5 : i64}, %targets: tensor<2x3xi32> {ds.bound = 5 : i64},
    %wte: tensor<5x4xf64>, %wpe: tensor<7x4xf64>,
    %s1: tensor<4xf64>, %b1: tensor<4xf64>, %qkv: tensor<4x12xf64>, %qkvb: tensor<12xf64>,
    %proj: tensor<4x4xf64>, %projb: tensor<4xf64>, %s2: tensor<4xf64>, %b2: tensor<4xf64>,
    %fc: tensor<4x7xf64>, %fcb: tensor<7xf64>, %out: tensor<7x4xf64>, %outb: tensor<4xf64>) -> tensor<f64> {
  %e = ds.embedding %wte, %ids : (tensor<5x4xf64>, tensor<2x3xi32>) -> !x
  %p = ds.take %wpe : tensor<7x4xf64> -> tensor<3x4xf64>
  %x = ds.add %e, %p : !x, tensor<3x4xf64>
  %n = ds.layer_norm %x, %s1, %b1 eps 1.0e-5 {ds.block = 0 : i64} : !x, tensor<4xf64>, tensor<4xf64>
  %a0 = ds.dot "bsk,kn->bsn" %n, %qkv {ds.block = 0 : i64} : (!x, tensor<4x12xf64>) -> tensor<2x3x12xf64>
  %a1 = ds.add %a0, %qkvb {ds.block = 0 : i64} : tensor<2x3x12xf64>, tensor<12xf64>
  %q, %k, %v = ds.split %a1 {ds.block = 0 : i64} : (tensor<2x3x12xf64>) -> (!x, !x, !x)
  %q4 = ds.reshape %q {ds.block = 0 : i64} : !x -> !h
  %k4 = ds.reshape %k {ds.block = 0 : i64} : !x -> !h
  %v4 = ds.reshape %v {ds.block = 0 : i64} : !x -> !h
  %o4 = ds.attention %q4, %k4, %v4 scale 0.7 {causal, ds.block = 0 : i64} : !h, !h, !h
  %o = ds.reshape %o4 {ds.block = 0 : i64} : !h -> !x
  %a2 = ds.dot "bsk,kn->bsn" %o, %proj {ds.block = 0 : i64} : (!x, tensor<4x4xf64>) -> !x
  %a3 = ds.add %a2, %projb {ds.block = 0 : i64} : !x, tensor<4xf64>
  %y = ds.add %x, %a3 {ds.block = 0 : i64} : !x, !x
  %m = ds.layer_norm %y, %s2, %b2 eps 1.0e-5 {ds.block = 0 : i64} : !x, tensor<4xf64>, tensor<4xf64>
  %f0 = ds.dot "bsk,kn->bsn" %m, %fc {ds.block = 0 : i64} : (!x, tensor<4x7xf64>) -> tensor<2x3x7xf64>
  %f1 = ds.add %f0, %fcb {ds.block = 0 : i64} : tensor<2x3x7xf64>, tensor<7xf64>
  %f2 = ds.gelu %f1 {ds.block = 0 : i64} : tensor<2x3x7xf64>
  %f3 = ds.dot "bsk,kn->bsn" %f2, %out {ds.block = 0 : i64} : (tensor<2x3x7xf64>, tensor<7x4xf64>) -> !x
  %f4 = ds.add %f3, %outb {ds.block = 0 : i64} : !x, tensor<4xf64>
  %z = ds.add %y, %f4 {ds.block = 0 : i64} : !x, !x
  %l = ds.dot "bsk,vk->bsv" %z, %wte : (!x, tensor<5x4xf64>) -> tensor<2x3x5xf64>
  %loss = ds.cross_entropy %l, %targets : (tensor<2x3x5xf64>, tensor<2x3xi32>) -> tensor<f64>
  return %loss : tensor<f64>
}
