// RUN: ds-opt %s --ds-raise-activations --ds-raise-softmax --canonicalize --cse | FileCheck %s
//
// Layers in the body of a loop are found as elsewhere.

// CHECK: module attributes {ds.raised = {silu = 1 : i64, softmax = 1 : i64}}
module {
  // CHECK: ds.scan 9 carry(%{{.+}})
  // CHECK-NEXT: ^bb0(%{{.+}}: tensor<i64>, %[[X:.+]]: tensor<4x8xf32>):
  // CHECK-NEXT: %[[Y:.+]] = ds.silu %[[X]]
  // CHECK-NEXT: %[[Z:.+]] = ds.softmax %[[Y]]
  // CHECK-NEXT: ds.yield %[[Z]]
  func.func @loss(%x: tensor<4x8xf32>) -> tensor<4x8xf32> attributes {ds.loss} {
    %0 = ds.scan 9 carry(%x) : (tensor<4x8xf32>) -> tensor<4x8xf32> {
    ^bb0(%i: tensor<i64>, %y: tensor<4x8xf32>):
      %g = ds.sigmoid %y : tensor<4x8xf32>
      %a = ds.mul %y, %g : tensor<4x8xf32>, tensor<4x8xf32>
      %e = ds.exp %a : tensor<4x8xf32>
      %s = ds.sum %e {trailing} : tensor<4x8xf32> -> tensor<4xf32>
      %b = ds.broadcast %s dims [0] : tensor<4xf32> -> tensor<4x8xf32>
      %p = ds.div %e, %b : tensor<4x8xf32>, tensor<4x8xf32>
      ds.yield %p : tensor<4x8xf32>
    }
    return %0 : tensor<4x8xf32>
  }
}
