// RUN: ds-opt %s --ds-regather | FileCheck %s
// RUN: ds-opt %s --ds-regather -cse -canonicalize | FileCheck %s
//
// A gathered unit lives for one run of uses; the next run gathers again.

!s = tensor<4xf32>
!u = tensor<8xf32>
!x = tensor<8xf32>

// CHECK-LABEL: func @second_cluster(
// CHECK-SAME: %[[S:[^:]+]]: tensor<4xf32>, %[[T:[^:]+]]: tensor<4xf32>
// CHECK: %[[G:.+]] = ds.all_gather %[[S]]
// CHECK: %[[U:.+]] = ds.unflatten %[[G]]
// CHECK: %[[H:.+]] = ds.all_gather %[[T]]
// CHECK: %[[V:.+]] = ds.unflatten %[[H]]
// Two uses in a row share one gather.
// CHECK: ds.mul %{{.+}}, %[[U]]
// CHECK: ds.add %{{.+}}, %[[U]]
// CHECK: %[[B:.+]] = ds.mul %{{.+}}, %[[V]]
// After another unit's use the first one is gathered again, not earlier than
// the value before it.
// CHECK-NEXT: %[[S2:.+]] = ds.barrier %[[S]] 8 after %[[B]]
// CHECK-NEXT: %[[G2:.+]] = ds.all_gather %[[S2]] over "dp"
// CHECK-NEXT: %[[U2:.+]] = ds.unflatten %[[G2]] at [0]
// CHECK-NEXT: ds.mul %[[B]], %[[U2]]
// CHECK-NOT: ds.all_gather
// CHECK: return
func.func @second_cluster(%s: !s, %t: !s, %x: !x) -> !x {
  %g = ds.all_gather %s over "dp" : !s -> !u
  %u = ds.unflatten %g at [0] : (!u) -> !u
  %h = ds.all_gather %t over "dp" : !s -> !u
  %v = ds.unflatten %h at [0] : (!u) -> !u
  %0 = ds.mul %x, %u : !x, !u
  %1 = ds.add %0, %u : !x, !u
  %2 = ds.mul %1, %v : !x, !u
  %3 = ds.mul %2, %u : !x, !u
  return %3 : !x
}

// What every rank holds whole needs no gather.
// CHECK-LABEL: func @whole_units
// CHECK-NOT: ds.barrier
// CHECK: return
func.func @whole_units(%a: !u, %b: !u, %x: !x) -> !x {
  %u = ds.unflatten %a at [0] : (!u) -> !u
  %v = ds.unflatten %b at [0] : (!u) -> !u
  %0 = ds.mul %x, %u : !x, !u
  %1 = ds.mul %0, %v : !x, !u
  %2 = ds.mul %1, %u : !x, !u
  return %2 : !x
}

// Numbers go on behind those of other passes, over the whole module.
// CHECK-LABEL: func @numbers
// CHECK: ds.barrier %{{.+}} 7
// CHECK: ds.barrier %{{.+}} 9 after
// CHECK: ds.barrier %{{.+}} 10 after
func.func @numbers(%s: !s, %t: !s, %x: !x) -> !x {
  %g = ds.all_gather %s over "dp" : !s -> !u
  %u = ds.unflatten %g at [0] : (!u) -> !u
  %h = ds.all_gather %t over "dp" : !s -> !u
  %v = ds.unflatten %h at [0] : (!u) -> !u
  %x7 = ds.barrier %x 7 : !x
  %0 = ds.mul %x7, %u : !x, !u
  %1 = ds.mul %0, %v : !x, !u
  %2 = ds.mul %1, %u : !x, !u
  %3 = ds.mul %2, %v : !x, !u
  return %3 : !x
}

// The 16-bit copy of a shard is made again, too: no copy lives until then.
// CHECK-LABEL: func.func @copies(
// CHECK-SAME: %[[S:[^:]+]]: tensor<4xf32>
// CHECK: ds.cast %[[S]] : tensor<4xf32> -> tensor<4xbf16>
// CHECK: %[[S2:.+]] = ds.barrier %[[S]] {{[0-9]+}} after
// CHECK-NEXT: %[[C2:.+]] = ds.cast %[[S2]] : tensor<4xf32> -> tensor<4xbf16>
// CHECK-NEXT: %[[G2:.+]] = ds.all_gather %[[C2]] over "dp" : tensor<4xbf16> -> tensor<8xbf16>
// CHECK-NEXT: ds.unflatten %[[G2]] at [0]
func.func @copies(%s: !s, %t: !s, %x: tensor<8xbf16>) -> tensor<8xbf16> {
  %c = ds.cast %s : !s -> tensor<4xbf16>
  %g = ds.all_gather %c over "dp" : tensor<4xbf16> -> tensor<8xbf16>
  %u = ds.unflatten %g at [0] : (tensor<8xbf16>) -> tensor<8xbf16>
  %d = ds.cast %t : !s -> tensor<4xbf16>
  %h = ds.all_gather %d over "dp" : tensor<4xbf16> -> tensor<8xbf16>
  %v = ds.unflatten %h at [0] : (tensor<8xbf16>) -> tensor<8xbf16>
  %0 = ds.mul %x, %u : tensor<8xbf16>, tensor<8xbf16>
  %1 = ds.mul %0, %v : tensor<8xbf16>, tensor<8xbf16>
  %2 = ds.mul %1, %u : tensor<8xbf16>, tensor<8xbf16>
  return %2 : tensor<8xbf16>
}
