// RUN: ds-opt %s --ds-raise-embedding --canonicalize | FileCheck %s

// CHECK: module attributes {ds.raised = {embedding = 1 : i64}}
module {
  // CHECK: func.func @loss(%[[W:.+]]: tensor<5x8xf32>, %[[I:.+]]: tensor<3x1xi32>)
  // CHECK-NEXT: %[[F:.+]] = ds.reshape %[[I]] : tensor<3x1xi32> -> tensor<3xi32>
  // CHECK-NEXT: %[[R:.+]] = ds.embedding %[[W]], %[[F]]
  // Two rows at a time are no lookup.
  // CHECK-NEXT: %[[P:.+]] = ds.gather
  // CHECK-NEXT: return %[[R]], %[[P]]
  func.func @loss(%w: tensor<5x8xf32>, %i: tensor<3x1xi32>) -> (tensor<3x8xf32>, tensor<3x2x8xf32>)
      attributes {ds.loss} {
    %r = ds.gather %w, %i offset [1] collapsed [0] map [0] vector 1 sizes [1, 8]
        : (tensor<5x8xf32>, tensor<3x1xi32>) -> tensor<3x8xf32>
    %p = ds.gather %w, %i offset [1, 2] collapsed [] map [0] vector 1 sizes [2, 8]
        : (tensor<5x8xf32>, tensor<3x1xi32>) -> tensor<3x2x8xf32>
    return %r, %p : tensor<3x8xf32>, tensor<3x2x8xf32>
  }
}
