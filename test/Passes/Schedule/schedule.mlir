// RUN: ds-opt %s --ds-schedule | FileCheck %s
//
// What only makes something available comes late, gradients go into their sum
// early, and constants lie where they are used.

!s = tensor<4xf32>
!x = tensor<8xf32>
ds.unit @u "parameter" : tensor<4xf32> shards 2 {members = []}

// CHECK-LABEL: func @late_gathers
// CHECK-NEXT: %[[Y:.+]] = ds.gelu
// CHECK-NEXT: %[[S:.+]] = ds.read @u
// CHECK-NEXT: %[[G:.+]] = ds.all_gather %[[S]]
// CHECK-NEXT: %[[W:.+]] = ds.unflatten %[[G]]
// CHECK-NEXT: ds.mul %[[Y]], %[[W]]
func.func @late_gathers(%x: !x) -> !x {
  %s = ds.read @u : !s
  %g = ds.all_gather %s over "dp" : !s -> !x
  %w = ds.unflatten %g at [0] : (!x) -> !x
  %0 = ds.gelu %x : !x
  %1 = ds.mul %0, %w : !x, !x
  return %1 : !x
}

// The 16-bit copy of a shard is made when it is gathered.
// CHECK-LABEL: func @late_copies
// CHECK-NEXT: %[[Y:.+]] = ds.gelu
// CHECK-NEXT: %[[S:.+]] = ds.read @u
// CHECK-NEXT: %[[C:.+]] = ds.cast %[[S]]
// CHECK-NEXT: ds.all_gather %[[C]]
func.func @late_copies(%x: tensor<8xbf16>) -> tensor<8xbf16> {
  %s = ds.read @u : !s
  %c = ds.cast %s : !s -> tensor<4xbf16>
  %g = ds.all_gather %c over "dp" : tensor<4xbf16> -> tensor<8xbf16>
  %0 = ds.gelu %x : tensor<8xbf16>
  %1 = ds.mul %0, %g : tensor<8xbf16>, tensor<8xbf16>
  return %1 : tensor<8xbf16>
}

// A read stays before the write of its state.
// CHECK-LABEL: func @read_before_write
// CHECK-NEXT: %[[S:.+]] = ds.read @u
// CHECK-NEXT: ds.write %{{.+}}, @u
// CHECK-NEXT: ds.neg %[[S]]
func.func @read_before_write(%x: !s) -> !s {
  %s = ds.read @u : !s
  ds.write %x, @u : !s
  %0 = ds.neg %s : !s
  return %0 : !s
}

// The sum of a gradient needs nothing that comes later.
// CHECK-LABEL: func @early_reductions
// CHECK: %[[D:.+]] = ds.neg
// CHECK-NEXT: %[[F:.+]] = ds.flatten %[[D]]
// CHECK-NEXT: %[[R:.+]] = ds.reduce_scatter %[[F]]
// CHECK-NEXT: %[[A:.+]] = ds.add %{{.+}}, %[[R]]
// CHECK-NEXT: ds.gelu
// CHECK-NEXT: ds.write
// CHECK-NEXT: scf.yield %[[A]]
func.func @early_reductions(%x: !x, %zero: !s, %n: index) -> !s {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%acc = %zero) -> !s {
    %d = ds.neg %x : !x
    %0 = ds.gelu %x : !x
    ds.write %zero, @u : !s
    %f = ds.flatten %d at [0] : (!x) -> !x
    %s = ds.reduce_scatter %f over "dp" : !x -> !s
    %a = ds.add %acc, %s : !s, !s
    scf.yield %a : !s
  }
  return %r : !s
}

// Other sums stay where they are.
// CHECK-LABEL: func @other_sums
// CHECK-NEXT: ds.gelu
// CHECK-NEXT: ds.add
func.func @other_sums(%x: !x, %y: !x) -> (!x, !x) {
  %0 = ds.gelu %x : !x
  %1 = ds.add %x, %y : !x, !x
  return %0, %1 : !x, !x
}

// Each use of a table of zeros has its own; what a loop starts from stays.
// CHECK-LABEL: func @local_constants
// CHECK: scf.for %{{.+}} iter_args(%[[ACC:.+]] = %{{.+}}) -> (tensor<8xf32>)
// CHECK-NEXT: %[[Z:.+]] = ds.constant dense<0.000000e+00> : tensor<2x4xf32>
// CHECK-NEXT: ds.embedding_grad %[[Z]]
func.func @local_constants(%ids: tensor<2xi32>, %g: tensor<2x4xf32>, %n: index) -> !x {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zeros = ds.constant dense<0.0> : !x
  %table = ds.constant dense<0.0> : tensor<2x4xf32>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%acc = %zeros) -> !x {
    %0 = ds.embedding_grad %table, %ids, %g : (tensor<2x4xf32>, tensor<2xi32>, tensor<2x4xf32>) -> tensor<2x4xf32>
    %1 = ds.reshape %0 : tensor<2x4xf32> -> !x
    %2 = ds.add %acc, %1 : !x, !x
    scf.yield %2 : !x
  }
  return %r : !x
}
