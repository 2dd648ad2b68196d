// RUN: ds-opt %s | ds-opt | FileCheck %s
//
// Loops and branches print what they parse.

// CHECK-LABEL: func @everything
func.func @everything(%h: tensor<2xf32>, %xs: tensor<5x2xf32>, %w: tensor<2xf32>) -> tensor<2xf32> {
  // CHECK: ds.scan 5 carry(%{{.+}}) each(%{{.+}}) shared(%{{.+}}) : (tensor<2xf32>, tensor<5x2xf32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<5x2xf32>) {
  // CHECK-NEXT: ^bb0(%{{.+}}: tensor<i64>, %[[H:.+]]: tensor<2xf32>, %[[X:.+]]: tensor<2xf32>, %[[W:.+]]: tensor<2xf32>):
  %0, %1 = ds.scan 5 carry(%h) each(%xs) shared(%w)
      : (tensor<2xf32>, tensor<5x2xf32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<5x2xf32>) {
  ^bb0(%i: tensor<i64>, %h0: tensor<2xf32>, %x: tensor<2xf32>, %w0: tensor<2xf32>):
    // CHECK: ds.mul %[[H]], %[[W]]
    %a = ds.mul %h0, %w0 : tensor<2xf32>, tensor<2xf32>
    %b = ds.add %a, %x : tensor<2xf32>, tensor<2xf32>
    // CHECK: ds.yield %{{.+}}, %{{.+}} : tensor<2xf32>, tensor<2xf32>
    ds.yield %b, %a : tensor<2xf32>, tensor<2xf32>
  }
  return %0 : tensor<2xf32>
}

// CHECK-LABEL: func @entries_alone
func.func @entries_alone(%xs: tensor<5xf32>) -> tensor<5xf32> {
  // CHECK: ds.scan 5 reversed each(%{{.+}}) : (tensor<5xf32>) -> tensor<5xf32> {
  %0 = ds.scan 5 reversed each(%xs) : (tensor<5xf32>) -> tensor<5xf32> {
  ^bb0(%i: tensor<i64>, %x: tensor<f32>):
    ds.yield %x : tensor<f32>
  }
  return %0 : tensor<5xf32>
}

// CHECK-LABEL: func @nothing
func.func @nothing() {
  // CHECK: ds.scan 1 : () -> () {
  ds.scan 1 : () -> () {
  ^bb0(%i: tensor<i64>):
    // CHECK: ds.yield
    ds.yield
  }
  return
}

// CHECK-LABEL: func @guard
func.func @guard(%c: tensor<i1>, %x: tensor<3xf32>) -> tensor<3xf32> {
  // CHECK: ds.guard %{{.+}}, %{{.+}} : tensor<i1>, tensor<3xf32>
  %0 = ds.guard %c, %x : tensor<i1>, tensor<3xf32>
  return %0 : tensor<3xf32>
}
