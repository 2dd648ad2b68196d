// RUN: ds-exec %s --check-gradients=llama | FileCheck %s
// RUN: ds-exec %s --check-gradients=llama \
// RUN:   --after='ds-differentiate{function=$function},cse,canonicalize' | FileCheck %s
// RUN: ds-exec %s --check-gradients=llama \
// RUN:   --after='ds-differentiate{function=$function},ds-remat-blocks,cse,ds-decompose,cse,ds-fuse-kernels' \
// RUN:   | FileCheck %s
//
// The gradient of a whole Llama block, two query heads on each key head, with
// embedding, head and loss against finite differences in float64, and again
// after lowering.

!x = tensor<2x3x6xf64>
!q = tensor<2x3x4x2xf64>
!k = tensor<2x3x2x2xf64>
!t = tensor<5x1xf64>

// CHECK: gradients of @llama: 11 arguments
func.func @llama(%ids: tensor<2x3xi32> {ds.bound = 5 : i64}, %targets: tensor<2x3xi32> {ds.bound = 5 : i64},
    %embed: tensor<5x6xf64>, %s1: tensor<6xf64>, %wq: tensor<8x6xf64>, %wk: tensor<4x6xf64>, %wv: tensor<4x6xf64>,
    %wo: tensor<6x8xf64>, %s2: tensor<6xf64>, %gate: tensor<7x6xf64>, %up: tensor<7x6xf64>,
    %down: tensor<6x7xf64>, %head: tensor<5x6xf64>) -> tensor<f64> {
  %x = ds.embedding %embed, %ids : (tensor<5x6xf64>, tensor<2x3xi32>) -> !x
  %n = ds.rms_norm %x, %s1 eps 1.0e-5 {ds.block = 0 : i64} : !x, tensor<6xf64>
  %q = ds.dot "bsk,nk->bsn" %n, %wq {ds.block = 0 : i64} : (!x, tensor<8x6xf64>) -> tensor<2x3x8xf64>
  %k = ds.dot "bsk,nk->bsn" %n, %wk {ds.block = 0 : i64} : (!x, tensor<4x6xf64>) -> tensor<2x3x4xf64>
  %v = ds.dot "bsk,nk->bsn" %n, %wv {ds.block = 0 : i64} : (!x, tensor<4x6xf64>) -> tensor<2x3x4xf64>
  %q4 = ds.reshape %q {ds.block = 0 : i64} : tensor<2x3x8xf64> -> !q
  %k4 = ds.reshape %k {ds.block = 0 : i64} : tensor<2x3x4xf64> -> !k
  %v4 = ds.reshape %v {ds.block = 0 : i64} : tensor<2x3x4xf64> -> !k
  %cos = ds.rotary_table "cos" theta 10000.0 {ds.block = 0 : i64} : !t
  %sin = ds.rotary_table "sin" theta 10000.0 {ds.block = 0 : i64} : !t
  %qr = ds.rotary %q4, %cos, %sin {ds.block = 0 : i64} : !q, !t, !t
  %kr = ds.rotary %k4, %cos, %sin {ds.block = 0 : i64} : !k, !t, !t
  %o4 = ds.attention %qr, %kr, %v4 scale 0.7 {causal, ds.block = 0 : i64} : !q, !k, !k
  %o = ds.reshape %o4 {ds.block = 0 : i64} : !q -> tensor<2x3x8xf64>
  %a = ds.dot "bsk,nk->bsn" %o, %wo {ds.block = 0 : i64} : (tensor<2x3x8xf64>, tensor<6x8xf64>) -> !x
  %y = ds.add %x, %a {ds.block = 0 : i64} : !x, !x
  %m = ds.rms_norm %y, %s2 eps 1.0e-5 {ds.block = 0 : i64} : !x, tensor<6xf64>
  %g = ds.dot "bsk,nk->bsn" %m, %gate {ds.block = 0 : i64} : (!x, tensor<7x6xf64>) -> tensor<2x3x7xf64>
  %u = ds.dot "bsk,nk->bsn" %m, %up {ds.block = 0 : i64} : (!x, tensor<7x6xf64>) -> tensor<2x3x7xf64>
  %s = ds.silu %g {ds.block = 0 : i64} : tensor<2x3x7xf64>
  %h = ds.mul %s, %u {ds.block = 0 : i64} : tensor<2x3x7xf64>, tensor<2x3x7xf64>
  %d = ds.dot "bsk,nk->bsn" %h, %down {ds.block = 0 : i64} : (tensor<2x3x7xf64>, tensor<6x7xf64>) -> !x
  %z = ds.add %y, %d {ds.block = 0 : i64} : !x, !x
  %l = ds.dot "bsk,vk->bsv" %z, %head : (!x, tensor<5x6xf64>) -> tensor<2x3x5xf64>
  %loss = ds.cross_entropy %l, %targets : (tensor<2x3x5xf64>, tensor<2x3xi32>) -> tensor<f64>
  return %loss : tensor<f64>
}
