// RUN: ds-opt %s --ds-remat-blocks | FileCheck %s
// RUN: ds-opt %s --ds-remat-blocks -cse -canonicalize | FileCheck %s
//
// A gradient op gets activations of its block from a second copy, made from
// the block's inputs behind a barrier.  CSE must leave the copy.

!x = tensor<2x4xf32>

// CHECK-LABEL: func @recomputes_chain(
// CHECK-SAME: %[[X:[^:]+]]: tensor<2x4xf32>, %[[G:[^:]+]]: tensor<2x4xf32>)
// CHECK-NEXT: %[[A:.+]] = ds.gelu %[[X]] {ds.block = 0 : i64}
// CHECK-NEXT: %[[B:.+]] = ds.silu %[[A]] {ds.block = 0 : i64}
// CHECK-NEXT: %[[D:.+]] = ds.neg %[[G]] {ds.backward}
// The copy is made late: the barrier waits for the gradient before it.
// CHECK-NEXT: %[[X2:.+]] = ds.barrier %[[X]] 0 after %[[D]]
// CHECK-NEXT: %[[A2:.+]] = ds.gelu %[[X2]] {ds.backward, ds.block = 0 : i64}
// CHECK-NEXT: ds.silu_grad %[[A2]], %[[D]] {ds.backward, ds.block = 0 : i64}
// CHECK: return %[[B]]
func.func @recomputes_chain(%x: !x, %g: !x) -> (!x, !x) {
  %0 = ds.gelu %x {ds.block = 0 : i64} : !x
  %1 = ds.silu %0 {ds.block = 0 : i64} : !x
  %2 = ds.neg %g {ds.backward} : !x
  %3 = ds.silu_grad %0, %2 {ds.backward, ds.block = 0 : i64} : !x
  return %1, %3 : !x, !x
}

// The output of block 0 is the input of block 1: kept, not computed again.
// CHECK-LABEL: func @blocks_apart
// CHECK: %[[A:.+]] = ds.gelu %{{.+}} {ds.block = 0 : i64}
// CHECK: %[[A2:.+]] = ds.barrier %[[A]] [[N:[0-9]+]]
// CHECK-NEXT: %[[B2:.+]] = ds.gelu %[[A2]] {ds.backward, ds.block = 1 : i64}
// CHECK-NEXT: %[[D:.+]] = ds.silu_grad %[[B2]]
// CHECK: %[[X2:.+]] = ds.barrier %{{.+}} {{[0-9]+}} after %[[D]]
// CHECK-NEXT: %[[A3:.+]] = ds.gelu %[[X2]] {ds.backward, ds.block = 0 : i64}
// CHECK-NEXT: ds.silu_grad %[[A3]], %[[D]]
func.func @blocks_apart(%x: !x, %g: !x) -> (!x, !x) {
  %0 = ds.gelu %x {ds.block = 0 : i64} : !x
  %1 = ds.gelu %0 {ds.block = 1 : i64} : !x
  %2 = ds.silu %1 {ds.block = 1 : i64} : !x
  %3 = ds.silu_grad %1, %g {ds.backward, ds.block = 1 : i64} : !x
  %4 = ds.silu_grad %0, %3 {ds.backward, ds.block = 0 : i64} : !x
  return %2, %4 : !x, !x
}

// Parameters are read where they are needed anyway: no barrier.
ds.unit @u "parameter" : tensor<8xf32> {members = []}
// CHECK-LABEL: func @parameters_without_barrier
// CHECK: %[[W:.+]] = ds.unflatten
// CHECK: %[[X2:.+]] = ds.barrier %{{.+}} {{[0-9]+}} : tensor<2x4xf32>
// CHECK-NOT: ds.barrier
// CHECK: ds.mul %[[X2]], %[[W]] {ds.backward, ds.block = 0 : i64}
func.func @parameters_without_barrier(%x: !x, %g: !x) -> (!x, !x) {
  %u = ds.read @u : tensor<8xf32>
  %w = ds.unflatten %u at [0] : (tensor<8xf32>) -> !x
  %0 = ds.mul %x, %w {ds.block = 0 : i64} : !x, !x
  %1 = ds.gelu %0 {ds.block = 0 : i64} : !x
  %2 = ds.gelu_grad %0, %g {ds.backward, ds.block = 0 : i64} : !x
  return %1, %2 : !x, !x
}

// Outside of blocks everything is kept; a block's input is, too.
// CHECK-LABEL: func @keeps_the_rest
// CHECK-NOT: ds.barrier
func.func @keeps_the_rest(%x: !x, %g: !x) -> (!x, !x) {
  %0 = ds.gelu %x : !x
  %1 = ds.silu %0 {ds.block = 0 : i64} : !x
  %2 = ds.silu_grad %0, %g {ds.backward, ds.block = 0 : i64} : !x
  return %1, %2 : !x, !x
}
