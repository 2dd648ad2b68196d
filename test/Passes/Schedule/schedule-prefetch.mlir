// RUN: ds-opt %s --ds-schedule=prefetch=1 | FileCheck %s
//
// A gather begins where the unit before it is needed, in the order of need; what
// prepares it goes with it, and a barrier comes behind what is computed there.

!s = tensor<4xf32>
!x = tensor<8xf32>
ds.unit @a "parameter" : tensor<4xf32> shards 2 {members = []}
ds.unit @b "parameter" : tensor<4xf32> shards 2 {members = []}

// CHECK-LABEL: func @a_unit_early
// CHECK-NEXT: %[[SA:.+]] = ds.read @a
// CHECK-NEXT: %[[A:.+]] = ds.all_gather %[[SA]]
// CHECK-NEXT: %[[SB:.+]] = ds.read @b
// CHECK-NEXT: %[[B:.+]] = ds.all_gather %[[SB]]
// CHECK-NEXT: %[[Y:.+]] = ds.mul %{{.+}}, %[[A]]
// CHECK-NEXT: %[[AGAIN:.+]] = ds.barrier %[[SA]] 0 after %[[Y]] :
// CHECK-NEXT: %[[A2:.+]] = ds.all_gather %[[AGAIN]]
// CHECK-NEXT: %[[Z:.+]] = ds.mul %[[Y]], %[[B]]
// CHECK-NEXT: %[[G:.+]] = ds.gelu %[[Z]]
// CHECK-NEXT: ds.mul %[[G]], %[[A2]]
func.func @a_unit_early(%x: !x) -> !x {
  %sa = ds.read @a : !s
  %a = ds.all_gather %sa over "dp" : !s -> !x
  %0 = ds.mul %x, %a : !x, !x
  %sb = ds.read @b : !s
  %b = ds.all_gather %sb over "dp" : !s -> !x
  %1 = ds.mul %0, %b : !x, !x
  %2 = ds.gelu %1 : !x
  %again = ds.barrier %sa 0 after %2 : !x : !s
  %a2 = ds.all_gather %again over "dp" : !s -> !x
  %3 = ds.mul %2, %a2 : !x, !x
  return %3 : !x
}

// What is written before it is gathered stays behind the write.
// CHECK-LABEL: func @behind_the_write
// CHECK: ds.mul
// CHECK-NEXT: ds.write
// CHECK-NEXT: ds.read @b
// CHECK-NEXT: ds.all_gather
func.func @behind_the_write(%x: !x, %new: !s) -> !x {
  %sa = ds.read @a : !s
  %a = ds.all_gather %sa over "dp" : !s -> !x
  %0 = ds.mul %x, %a : !x, !x
  ds.write %new, @b : !s
  %sb = ds.read @b : !s
  %b = ds.all_gather %sb over "dp" : !s -> !x
  %1 = ds.mul %0, %b : !x, !x
  return %1 : !x
}
