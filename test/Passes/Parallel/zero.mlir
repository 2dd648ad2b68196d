// RUN: ds-opt %s --ds-zero='world=2 stage=0' | FileCheck %s --check-prefixes=CHECK,ZERO0
// RUN: ds-opt %s --ds-zero='world=2 stage=1' | FileCheck %s --check-prefixes=CHECK,ZERO1
// RUN: ds-opt %s --ds-zero='world=2 stage=2' | FileCheck %s --check-prefixes=CHECK,ZERO2
// RUN: ds-opt %s --ds-zero='world=2 stage=3' | FileCheck %s --check-prefixes=CHECK,ZERO3
// RUN: ds-opt %s --ds-zero='world=1 stage=3' | FileCheck %s --check-prefix=ONE
//
// What is a shard at each stage, which collectives that needs, and where they
// stand: inside the loop over micro-batches or behind it.

!u = tensor<2048xf32>
!s = tensor<f64>

// One rank holds everything: nothing changes but what the module says.
// ONE: module attributes {ds.world = 1 : i64, ds.zero_stage = 3 : i64}
// ONE-NOT: shards
// ONE-NOT: over "dp"

// CHECK: module attributes {ds.world = 2 : i64, ds.zero_stage = [[STAGE:[0-3]]] : i64}
// ZERO0: ds.unit @u "parameter" : tensor<2048xf32> {
// ZERO0: ds.unit @u.exp_avg "optimizer" : tensor<2048xf32> {
// ZERO1: ds.unit @u "parameter" : tensor<2048xf32> {
// ZERO1: ds.unit @u.exp_avg "optimizer" : tensor<1024xf32> shards 2
// ZERO2: ds.unit @u "parameter" : tensor<2048xf32> {
// ZERO2: ds.unit @u.exp_avg_sq "optimizer" : tensor<1024xf32> shards 2
// ZERO3: ds.unit @u "parameter" : tensor<1024xf32> shards 2
// ZERO3: ds.unit @u.exp_avg "optimizer" : tensor<1024xf32> shards 2
// Scalars are everywhere.
// CHECK: ds.unit @step "scalar" : tensor<i64> {
ds.unit @u "parameter" : !u {members = [#ds.member<"w" at 0 : tensor<1500xf32> = #ds.fill<1.0>>]}
ds.unit @u.exp_avg "optimizer" : !u {members = []}
ds.unit @u.exp_avg_sq "optimizer" : !u {members = []}
ds.unit @step "scalar" : tensor<i64> {members = []}

// Each rank gets half of the six micro-batches.
// CHECK-LABEL: func @train(%{{.+}}: tensor<3x5xf32> {ds.name = "x"})
// CHECK: %[[MINE:.+]] = arith.constant 3 : index
// CHECK: scf.for %{{.+}} = %{{.+}} to %[[MINE]] step
func.func @train(%xs: tensor<6x5xf32> {ds.name = "x"}) -> (!s, !s) {
  %lr = ds.constant dense<0.1> : !s
  %zero = ds.constant dense<0.0> : !s
  %zeros = ds.constant dense<0.0> : !u
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c6 = arith.constant 6 : index
  %r:2 = scf.for %i = %c0 to %c6 step %c1 iter_args(%l = %zero, %acc = %zeros) -> (!s, !u) {
    // Stage 3 gathers where parameters are read.
    // ZERO0: ds.read @u : tensor<2048xf32>
    // ZERO0-NOT: over "dp"
    // ZERO1: ds.read @u : tensor<2048xf32>
    // ZERO1-NOT: over "dp"
    // ZERO2: %[[P:.+]] = ds.read @u : tensor<2048xf32>
    // ZERO2-NEXT: ds.gelu_grad %[[P]]
    // ZERO3: %[[P:.+]] = ds.read @u : tensor<1024xf32>
    // ZERO3-NEXT: %[[W:.+]] = ds.all_gather %[[P]] over "dp" : tensor<1024xf32> -> tensor<2048xf32>
    // ZERO3-NEXT: ds.gelu_grad %[[W]]
    %p = ds.read @u : !u
    %g = ds.gelu_grad %p, %p : !u
    // Stages 2 and 3 keep the shard of the sum alone.
    // ZERO2: %[[G:.+]] = ds.reduce_scatter %{{.+}} over "dp" : tensor<2048xf32> -> tensor<1024xf32>
    // ZERO2: ds.add %{{.+}}, %[[G]] : tensor<1024xf32>, tensor<1024xf32>
    // ZERO3: %[[G:.+]] = ds.reduce_scatter %{{.+}} over "dp" : tensor<2048xf32> -> tensor<1024xf32>
    // ZERO3: ds.add %{{.+}}, %[[G]] : tensor<1024xf32>, tensor<1024xf32>
    %sum = ds.add %acc, %g : !u, !u
    %l2 = ds.add %l, %lr : !s, !s
    // CHECK: scf.yield
    scf.yield %l2, %sum : !s, !u
  // CHECK: } {ds.micro_batches}
  } {ds.micro_batches}
  // The loss is summed at every stage; the first two reduce gradients here.
  // ZERO0-DAG: ds.all_reduce %{{.+}} over "dp" : tensor<f64> -> tensor<f64>
  // ZERO0-DAG: %[[G:.+]] = ds.all_reduce %{{.+}} over "dp" : tensor<2048xf32> -> tensor<2048xf32>
  // ZERO1-DAG: ds.all_reduce %{{.+}} over "dp" : tensor<f64> -> tensor<f64>
  // ZERO1-DAG: %[[G:.+]] = ds.reduce_scatter %{{.+}} over "dp" : tensor<2048xf32> -> tensor<1024xf32>
  // ZERO2: ds.all_reduce %{{.+}} over "dp" : tensor<f64> -> tensor<f64>
  // ZERO3: ds.all_reduce %{{.+}} over "dp" : tensor<f64> -> tensor<f64>
  // Squares of shards are summed over the ranks, too.
  // ZERO0: ds.grad_norm %[[G]] : tensor<2048xf32>
  // ZERO1: ds.grad_norm %[[G]] over "dp" : tensor<1024xf32>
  // ZERO2: ds.grad_norm %{{.+}} over "dp" : tensor<1024xf32>
  // ZERO3: ds.grad_norm %{{.+}} over "dp" : tensor<1024xf32>
  %n = ds.grad_norm %r#1 : !u
  %p = ds.read @u : !u
  %m = ds.read @u.exp_avg : !u
  %v = ds.read @u.exp_avg_sq : !u
  // Each rank updates its shard; up to stage 2 the others need it whole.
  // ZERO0-NOT: {{ds.local_shard|ds.all_gather}}
  // ZERO0: ds.adamw {{.+}} : tensor<2048xf32>
  // ZERO0-NOT: {{ds.local_shard|ds.all_gather}}
  // ZERO1: %[[MY:.+]] = ds.local_shard %{{.+}} over "dp" : tensor<2048xf32> -> tensor<1024xf32>
  // ZERO1-NEXT: %[[NEW:.+]]:3 = ds.adamw %[[MY]], {{.+}} : tensor<1024xf32>
  // ZERO1-NEXT: %[[ALL:.+]] = ds.all_gather %[[NEW]]#0 over "dp" : tensor<1024xf32> -> tensor<2048xf32>
  // ZERO1-NEXT: ds.write %[[ALL]], @u : tensor<2048xf32>
  // ZERO2: ds.local_shard
  // ZERO2: ds.all_gather
  // ZERO2: ds.write %{{.+}}, @u : tensor<2048xf32>
  // ZERO2: ds.write %{{.+}}, @u.exp_avg : tensor<1024xf32>
  // ZERO3: ds.read @u : tensor<1024xf32>
  // ZERO3-NOT: {{ds.local_shard|ds.all_gather}}
  // ZERO3: ds.adamw {{.+}} : tensor<1024xf32>
  // ZERO3-NEXT: ds.write %{{.+}}, @u : tensor<1024xf32>
  %np, %nm, %nv = ds.adamw %p, %m, %v, %r#1 scale %lr lr %lr step %lr {beta1 = 0.9 : f64,
    beta2 = 0.95 : f64, eps = 1.0e-8 : f64, weight_decay = 0.1 : f64} : !u
  ds.write %np, @u : !u
  ds.write %nm, @u.exp_avg : !u
  ds.write %nv, @u.exp_avg_sq : !u
  return %r#0, %n : !s, !s
}

// A function without micro-batches belongs to no rank.
// CHECK-LABEL: func @helper(%{{.+}}: tensor<6x5xf32>)
func.func @helper(%x: tensor<6x5xf32>) -> tensor<6x5xf32> {
  return %x : tensor<6x5xf32>
}
