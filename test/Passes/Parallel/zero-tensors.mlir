// RUN: ds-opt %s --ds-zero='world=2 stage=1' | FileCheck %s
// RUN: ds-opt %s --ds-zero='world=2 stage=1' --ds-decompose --cse | FileCheck %s --check-prefix=PARTS
//
// Updates that must know of tensors are told that they see shards of them.  Lamb's norms are sums
// over the ranks, by a table of which tensor each block of the shard belongs to; of Muon's matrices
// every rank makes all, and keeps its shard.

ds.unit @a "parameter" : tensor<4096xf32> {members = [#ds.member<"a0" at 0 : tensor<5xf32> = #ds.fill<1.0>>,
                                                      #ds.member<"a1" at 1024 : tensor<2000xf32> = #ds.fill<1.0>>]}
ds.unit @a.exp_avg "optimizer" : tensor<4096xf32> {members = []}
ds.unit @a.exp_avg_sq "optimizer" : tensor<4096xf32> {members = []}
ds.unit @b "parameter" : tensor<2048xf32> {members = [#ds.member<"b0" at 0 : tensor<8x4xf32> = #ds.fill<1.0>>]}
ds.unit @b.momentum_buffer "optimizer" : tensor<2048xf32> {members = []}

func.func @train(%x: tensor<2x4096xf32>, %y: tensor<2x2048xf32>, %s: tensor<2xf64>) -> tensor<f64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = ds.constant dense<0.0> : tensor<f64>
  %za = ds.constant dense<0.0> : tensor<4096xf32>
  %zb = ds.constant dense<0.0> : tensor<2048xf32>
  %r:3 = scf.for %i = %c0 to %c2 step %c1 iter_args(%l = %zero, %ga = %za, %gb = %zb)
      -> (tensor<f64>, tensor<4096xf32>, tensor<2048xf32>) {
    %mx = ds.micro_batch %x[%i] : tensor<2x4096xf32> -> tensor<4096xf32>
    %my = ds.micro_batch %y[%i] : tensor<2x2048xf32> -> tensor<2048xf32>
    %na = ds.add %ga, %mx : tensor<4096xf32>, tensor<4096xf32>
    %nb = ds.add %gb, %my : tensor<2048xf32>, tensor<2048xf32>
    scf.yield %l, %na, %nb : tensor<f64>, tensor<4096xf32>, tensor<2048xf32>
  } {ds.micro_batches}
  %p = ds.read @a : tensor<4096xf32>
  %m = ds.read @a.exp_avg : tensor<4096xf32>
  %v = ds.read @a.exp_avg_sq : tensor<4096xf32>
  // CHECK: ds.lamb {{.+}} over = "dp", shards = 2 : i64, {{.+}} : tensor<2048xf32>
  // PARTS: %[[U:.+]]:3 = ds.lamb_direction
  // PARTS: %[[TABLE:.+]] = ds.constant dense<[0, 1, 1, 1]> : tensor<4xi32>
  // PARTS: %[[MINE:.+]] = ds.local_shard %[[TABLE]] over "dp" : tensor<4xi32> -> tensor<2xi32>
  // PARTS: %[[SUMS:.+]] = ds.embedding_grad %{{.+}}, %[[MINE]]
  // PARTS: ds.all_reduce %[[SUMS]] over "dp" : tensor<2x1xf64> -> tensor<2x1xf64>
  // PARTS: ds.trust_ratio
  // PARTS: ds.embedding %{{.+}}, %[[MINE]]
  // PARTS: ds.descend {{.+}} : tensor<2x1024xf32>, tensor<2x1024xf32>, tensor<2xf64>
  %0:3 = ds.lamb %p, %m, %v, %r#1 scale %zero lr %zero step %zero {beta1 = 0.9, beta2 = 0.999, eps = 1.0e-8,
    weight_decay = 0.0, max_coeff = 10.0, min_coeff = 0.01, offsets = array<i64: 0, 1024>,
    types = [tensor<5xf32>, tensor<2000xf32>]} : tensor<4096xf32>
  ds.write %0#0, @a : tensor<4096xf32>
  ds.write %0#1, @a.exp_avg : tensor<4096xf32>
  ds.write %0#2, @a.exp_avg_sq : tensor<4096xf32>
  %q = ds.read @b : tensor<2048xf32>
  %b = ds.read @b.momentum_buffer : tensor<2048xf32>
  // CHECK: ds.muon {{.+}} over = "dp", shards = 2 : i64, {{.+}} : tensor<1024xf32>
  // PARTS: ds.muon_direction
  // PARTS: %[[WHOLE:.+]] = ds.all_gather %{{.+}} over "dp" : tensor<1024xf32> -> tensor<2048xf32>
  // PARTS: ds.unflatten %[[WHOLE]] at [0] : (tensor<2048xf32>) -> tensor<8x4xf32>
  // The side with fewer rows is that of four columns.
  // PARTS: ds.dot "ki,kj->ij" {{.+}} -> tensor<4x4xf32>
  // PARTS: %[[MADE:.+]] = ds.flatten
  // PARTS: ds.local_shard %[[MADE]] over "dp" : tensor<2048xf32> -> tensor<1024xf32>
  // PARTS: ds.descend
  %1:2 = ds.muon %q, %b, %r#2 scale %zero lr %zero step %zero {momentum = 0.95, nesterov, weight_decay = 0.0,
    offsets = array<i64: 0>, types = [tensor<8x4xf32>]} : tensor<2048xf32>
  ds.write %1#0, @b : tensor<2048xf32>
  ds.write %1#1, @b.momentum_buffer : tensor<2048xf32>
  return %r#0 : tensor<f64>
}
