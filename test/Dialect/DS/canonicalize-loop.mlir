// RUN: ds-opt %s -canonicalize -cse | FileCheck %s
//
// Values of loops that nobody needs go, with what only they need.

// A carried value without use, a stack without use, and what feeds them.
// CHECK-LABEL: func @unused(
// CHECK-SAME: %[[X:.+]]: tensor<2xf32>, %[[Y:.+]]: tensor<2xf32>, %[[S:.+]]: tensor<3x2xf32>)
// CHECK-NEXT: %[[R:.+]] = ds.scan 3 carry(%[[X]]) : (tensor<2xf32>) -> tensor<2xf32> {
// CHECK-NEXT: ^bb0(%{{.+}}: tensor<i64>, %[[A:.+]]: tensor<2xf32>):
// CHECK-NEXT: %[[B:.+]] = ds.exp %[[A]]
// CHECK-NEXT: ds.yield %[[B]]
// CHECK: return %[[R]]
func.func @unused(%x: tensor<2xf32>, %y: tensor<2xf32>, %s: tensor<3x2xf32>) -> tensor<2xf32> {
  %0, %1, %2 = ds.scan 3 carry(%x, %y) each(%s)
      : (tensor<2xf32>, tensor<2xf32>, tensor<3x2xf32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<3x2xf32>) {
  ^bb0(%i: tensor<i64>, %a: tensor<2xf32>, %b: tensor<2xf32>, %c: tensor<2xf32>):
    %d = ds.exp %a : tensor<2xf32>
    %e = ds.mul %b, %c : tensor<2xf32>, tensor<2xf32>
    ds.yield %d, %e, %e : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
  }
  return %0 : tensor<2xf32>
}

// A carried value that another one needs stays.
// CHECK-LABEL: func @needed_by_another(
// CHECK: ds.scan 3 carry(%{{.+}}, %{{.+}})
func.func @needed_by_another(%x: tensor<2xf32>, %y: tensor<2xf32>) -> tensor<2xf32> {
  %0, %1 = ds.scan 3 carry(%x, %y) : (tensor<2xf32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  ^bb0(%i: tensor<i64>, %a: tensor<2xf32>, %b: tensor<2xf32>):
    %d = ds.exp %b : tensor<2xf32>
    ds.yield %b, %d : tensor<2xf32>, tensor<2xf32>
  }
  return %0 : tensor<2xf32>
}

// What does not change is shared, once; constants come inside.
// CHECK-LABEL: func @invariant(
// CHECK-SAME: %[[X:.+]]: tensor<2xf32>, %[[Y:.+]]: tensor<2xf32>)
// CHECK-NEXT: %[[R:.+]] = ds.scan 3 carry(%[[X]]) shared(%[[Y]]) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32> {
// CHECK-NEXT: ^bb0(%{{.+}}: tensor<i64>, %[[A:.+]]: tensor<2xf32>, %[[B:.+]]: tensor<2xf32>):
// CHECK-NEXT: %[[TWO:.+]] = ds.constant dense<2.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[C:.+]] = ds.mul %[[A]], %[[B]]
// CHECK-NEXT: %[[D:.+]] = ds.add %[[C]], %[[B]]
// CHECK-NEXT: %[[E:.+]] = ds.sub %[[D]], %[[TWO]]
// CHECK-NEXT: ds.yield %[[E]]
// CHECK: return %[[R]], %[[Y]]
func.func @invariant(%x: tensor<2xf32>, %y: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  %two = ds.constant dense<2.0> : tensor<3x2xf32>
  %0, %1 = ds.scan 3 carry(%x, %y) each(%two) shared(%y)
      : (tensor<2xf32>, tensor<2xf32>, tensor<3x2xf32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  ^bb0(%i: tensor<i64>, %a: tensor<2xf32>, %b: tensor<2xf32>, %t: tensor<2xf32>, %s: tensor<2xf32>):
    %c = ds.mul %a, %b : tensor<2xf32>, tensor<2xf32>
    %d = ds.add %c, %s : tensor<2xf32>, tensor<2xf32>
    %e = ds.sub %d, %t : tensor<2xf32>, tensor<2xf32>
    ds.yield %e, %b : tensor<2xf32>, tensor<2xf32>
  }
  return %0, %1 : tensor<2xf32>, tensor<2xf32>
}

// CHECK-LABEL: func @dead(
// CHECK-NEXT: return
func.func @dead(%x: tensor<2xf32>) {
  %0 = ds.scan 3 carry(%x) : (tensor<2xf32>) -> tensor<2xf32> {
  ^bb0(%i: tensor<i64>, %a: tensor<2xf32>):
    %d = ds.exp %a : tensor<2xf32>
    ds.yield %d : tensor<2xf32>
  }
  return
}
