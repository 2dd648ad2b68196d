// RUN: ds-opt %s --ds-raise-attention --canonicalize --verify-diagnostics --split-input-file | FileCheck %s
//
// More spellings, and what is none: test/Pipelines/raising.test.

// CHECK: module attributes {ds.raised = {attention = 1 : i64}}
module {
  // CHECK: func.func @loss(%[[Q:.+]]: tensor<2x8x4x16xf32>, %[[K:.+]]: tensor<2x8x4x16xf32>, %[[V:.+]]: tensor
  // CHECK-NEXT: %[[Y:.+]] = ds.attention %[[Q]], %[[K]], %[[V]] scale 2.500000e-01 :
  // CHECK-NEXT: return %[[Y]]
  func.func @loss(%q: tensor<2x8x4x16xf32>, %k: tensor<2x8x4x16xf32>, %v: tensor<2x8x4x16xf32>)
      -> tensor<2x8x4x16xf32> attributes {ds.loss} {
    %s = ds.dot "bqhd,bkhd->bhqk" %q, %k : (tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>) -> tensor<2x4x8x8xf32>
    %p = ds.softmax %s scale 0.25 : tensor<2x4x8x8xf32>
    %y = ds.dot "bhqk,bkhd->bqhd" %p, %v : (tensor<2x4x8x8xf32>, tensor<2x8x4x16xf32>) -> tensor<2x8x4x16xf32>
    return %y : tensor<2x8x4x16xf32>
  }
}

// -----

// What is added to the scores is an input: all of them are held at once, and one is told.
// CHECK-NOT: ds.attention
module {
  func.func @loss(%q: tensor<2x8x4x16xf32>, %k: tensor<2x8x4x16xf32>, %v: tensor<2x8x4x16xf32>, %m: tensor<8x8xf32>)
      -> tensor<2x8x4x16xf32> attributes {ds.loss} {
    %s = ds.dot "bqhd,bkhd->bhqk" %q, %k : (tensor<2x8x4x16xf32>, tensor<2x8x4x16xf32>) -> tensor<2x4x8x8xf32>
    %a = ds.add %s, %m : tensor<2x4x8x8xf32>, tensor<8x8xf32>
    %p = ds.softmax %a scale 0.25 : tensor<2x4x8x8xf32>
    // expected-remark @below {{looks like attention, but its mask depends on more than positions; it stays as it is written}}
    %y = ds.dot "bhqk,bkhd->bqhd" %p, %v : (tensor<2x4x8x8xf32>, tensor<2x8x4x16xf32>) -> tensor<2x8x4x16xf32>
    return %y : tensor<2x8x4x16xf32>
  }
}

// -----

// As jax.nn.dot_product_attention has grouped heads, the group's letter first; and as many heads in a group as there
// are positions: only where the letters stand tells them apart.
// CHECK: module attributes {ds.raised = {attention = 1 : i64}}
module {
  // CHECK: func.func @loss(%[[Q:.+]]: tensor<2x4x3x4x16xf32>, %[[K:.+]]: tensor<2x4x3x16xf32>, %[[V:.+]]: tensor
  // CHECK-NEXT: %[[H:.+]] = ds.reshape %[[Q]] : tensor<2x4x3x4x16xf32> -> tensor<2x4x12x16xf32>
  // CHECK-NEXT: %[[Y:.+]] = ds.attention %[[H]], %[[K]], %[[V]] scale 2.500000e-01 :
  // CHECK-NEXT: %[[Z:.+]] = ds.reshape %[[Y]] : tensor<2x4x12x16xf32> -> tensor<2x4x3x4x16xf32>
  // CHECK-NEXT: return %[[Z]]
  func.func @loss(%q: tensor<2x4x3x4x16xf32>, %k: tensor<2x4x3x16xf32>, %v: tensor<2x4x3x16xf32>)
      -> tensor<2x4x3x4x16xf32> attributes {ds.loss} {
    %s = ds.dot "bqhgd,bkhd->gbhqk" %q, %k : (tensor<2x4x3x4x16xf32>, tensor<2x4x3x16xf32>) -> tensor<4x2x3x4x4xf32>
    %p = ds.softmax %s scale 0.25 : tensor<4x2x3x4x4xf32>
    %y = ds.dot "gbhqk,bkhd->bqhgd" %p, %v : (tensor<4x2x3x4x4xf32>, tensor<2x4x3x16xf32>) -> tensor<2x4x3x4x16xf32>
    return %y : tensor<2x4x3x4x16xf32>
  }
}
