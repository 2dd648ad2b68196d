// RUN: ds-opt %s -canonicalize -cse | FileCheck %s
//
// What folds, each with a twin that must not.

// CHECK-LABEL: func @reshapes_join
// CHECK-NEXT: %[[R:.+]] = ds.reshape %{{.+}} : tensor<2x6xf32> -> tensor<4x3xf32>
// CHECK-NEXT: return %[[R]]
func.func @reshapes_join(%x: tensor<2x6xf32>) -> tensor<4x3xf32> {
  %0 = ds.reshape %x : tensor<2x6xf32> -> tensor<12xf32>
  %1 = ds.reshape %0 : tensor<12xf32> -> tensor<4x3xf32>
  return %1 : tensor<4x3xf32>
}

// CHECK-LABEL: func @reshape_back(
// CHECK-SAME: %[[X:.+]]: tensor<2x6xf32>)
// CHECK-NEXT: return %[[X]]
func.func @reshape_back(%x: tensor<2x6xf32>) -> tensor<2x6xf32> {
  %0 = ds.reshape %x : tensor<2x6xf32> -> tensor<12xf32>
  %1 = ds.reshape %0 : tensor<12xf32> -> tensor<2x6xf32>
  return %1 : tensor<2x6xf32>
}

// CHECK-LABEL: func @reshape_of_others
// CHECK: ds.gelu
// CHECK: ds.reshape
func.func @reshape_of_others(%x: tensor<2x6xf32>) -> tensor<12xf32> {
  %0 = ds.gelu %x : tensor<2x6xf32>
  %1 = ds.reshape %0 : tensor<2x6xf32> -> tensor<12xf32>
  return %1 : tensor<12xf32>
}

// CHECK-LABEL: func @take_all(
// CHECK-SAME: %[[X:.+]]: tensor<2x6xf32>)
// CHECK-NEXT: return %[[X]]
func.func @take_all(%x: tensor<2x6xf32>) -> tensor<2x6xf32> {
  %0 = ds.take %x : tensor<2x6xf32> -> tensor<2x6xf32>
  return %0 : tensor<2x6xf32>
}

// CHECK-LABEL: func @take_some
// CHECK: ds.take
func.func @take_some(%x: tensor<2x6xf32>) -> tensor<1x6xf32> {
  %0 = ds.take %x : tensor<2x6xf32> -> tensor<1x6xf32>
  return %0 : tensor<1x6xf32>
}

// CHECK-LABEL: func @neutral(
// CHECK-SAME: %[[X:.+]]: tensor<2x6xf32>)
// CHECK-NEXT: return %[[X]]
func.func @neutral(%x: tensor<2x6xf32>) -> tensor<2x6xf32> {
  %zero = ds.constant dense<0.0> : tensor<6xf32>
  %one = ds.constant dense<1.0> : tensor<f32>
  %zeros = ds.constant dense<0.0> : tensor<2x6xf32>
  %ones = ds.constant dense<1.0> : tensor<2x6xf32>
  %0 = ds.add %x, %zero : tensor<2x6xf32>, tensor<6xf32>
  %1 = ds.mul %0, %one : tensor<2x6xf32>, tensor<f32>
  %2 = ds.add %zeros, %1 : tensor<2x6xf32>, tensor<2x6xf32>
  %3 = ds.mul %ones, %2 : tensor<2x6xf32>, tensor<2x6xf32>
  return %3 : tensor<2x6xf32>
}

// A broadcast operand has another type than the result.
// CHECK-LABEL: func @not_neutral
// CHECK: ds.add
// CHECK-NEXT: ds.mul
// CHECK: ds.add
func.func @not_neutral(%x: tensor<6xf32>) -> tensor<2x6xf32> {
  %zeros = ds.constant dense<0.0> : tensor<2x6xf32>
  %ones = ds.constant dense<1.0> : tensor<2x6xf32>
  %rows = ds.constant dense<[0.0, 0.0, 0.0, 0.0, 0.0, 1.0]> : tensor<6xf32>
  %0 = ds.add %zeros, %x : tensor<2x6xf32>, tensor<6xf32>
  %1 = ds.mul %ones, %x : tensor<2x6xf32>, tensor<6xf32>
  %2 = ds.sub %0, %1 : tensor<2x6xf32>, tensor<2x6xf32>
  %3 = ds.add %2, %rows : tensor<2x6xf32>, tensor<6xf32>
  return %3 : tensor<2x6xf32>
}

// Rows are added into the sum itself, on whichever side it stands.
// CHECK-LABEL: func @adds_into_table(
// CHECK-SAME: %[[T:[^:]+]]: tensor<5x4xf32>, %[[I:[^:]+]]: tensor<3xi32>, %[[G:[^:]+]]: tensor<3x4xf32>)
// CHECK-NEXT: %[[A:.+]] = ds.embedding_grad %[[T]], %[[I]], %[[G]] {ds.backward}
// CHECK-NEXT: %[[B:.+]] = ds.embedding_grad %[[A]], %[[I]], %[[G]]
// CHECK-NEXT: return %[[B]]
func.func @adds_into_table(%t: tensor<5x4xf32>, %i: tensor<3xi32>, %g: tensor<3x4xf32>) -> tensor<5x4xf32> {
  %zero = ds.constant dense<0.0> : tensor<5x4xf32>
  %0 = ds.embedding_grad %zero, %i, %g {ds.backward}
      : (tensor<5x4xf32>, tensor<3xi32>, tensor<3x4xf32>) -> tensor<5x4xf32>
  %1 = ds.add %t, %0 : tensor<5x4xf32>, tensor<5x4xf32>
  %2 = ds.embedding_grad %zero, %i, %g : (tensor<5x4xf32>, tensor<3xi32>, tensor<3x4xf32>) -> tensor<5x4xf32>
  %3 = ds.add %2, %1 : tensor<5x4xf32>, tensor<5x4xf32>
  return %3 : tensor<5x4xf32>
}

// The table is used elsewhere, too.
// CHECK-LABEL: func @table_with_two_uses
// CHECK: ds.embedding_grad
// CHECK: ds.add
func.func @table_with_two_uses(%t: tensor<5x4xf32>, %i: tensor<3xi32>, %g: tensor<3x4xf32>)
    -> (tensor<5x4xf32>, tensor<5x4xf32>) {
  %zero = ds.constant dense<0.0> : tensor<5x4xf32>
  %0 = ds.embedding_grad %zero, %i, %g : (tensor<5x4xf32>, tensor<3xi32>, tensor<3x4xf32>) -> tensor<5x4xf32>
  %1 = ds.add %t, %0 : tensor<5x4xf32>, tensor<5x4xf32>
  return %0, %1 : tensor<5x4xf32>, tensor<5x4xf32>
}

// The table is not zero.
// CHECK-LABEL: func @table_with_content
// CHECK: ds.embedding_grad
// CHECK: ds.add
func.func @table_with_content(%t: tensor<5x4xf32>, %i: tensor<3xi32>, %g: tensor<3x4xf32>) -> tensor<5x4xf32> {
  %0 = ds.embedding_grad %t, %i, %g : (tensor<5x4xf32>, tensor<3xi32>, tensor<3x4xf32>) -> tensor<5x4xf32>
  %1 = ds.add %t, %0 : tensor<5x4xf32>, tensor<5x4xf32>
  return %1 : tensor<5x4xf32>
}

// Equal tables are one; cos and sin, or two bases, are not.
// CHECK-LABEL: func @rotary_tables
// CHECK-DAG: %[[C:.+]] = ds.rotary_table "cos" theta 1.000000e+04
// CHECK-DAG: %[[S:.+]] = ds.rotary_table "sin" theta 1.000000e+04
// CHECK-DAG: %[[B:.+]] = ds.rotary_table "cos" theta 5.000000e+05
// CHECK: return %[[C]], %[[S]], %[[C]], %[[B]]
func.func @rotary_tables() -> (tensor<3x2xf32>, tensor<3x2xf32>, tensor<3x2xf32>, tensor<3x2xf32>) {
  %0 = ds.rotary_table "cos" theta 10000.0 : tensor<3x2xf32>
  %1 = ds.rotary_table "sin" theta 10000.0 : tensor<3x2xf32>
  %2 = ds.rotary_table "cos" theta 10000.0 : tensor<3x2xf32>
  %3 = ds.rotary_table "cos" theta 500000.0 : tensor<3x2xf32>
  return %0, %1, %2, %3 : tensor<3x2xf32>, tensor<3x2xf32>, tensor<3x2xf32>, tensor<3x2xf32>
}

// Barriers of different numbers stay apart; what nobody uses goes.
// CHECK-LABEL: func @barriers
// CHECK: %[[A:.+]] = ds.barrier %{{.+}} 0
// CHECK-NEXT: %[[B:.+]] = ds.barrier %{{.+}} 1
// CHECK-NEXT: return %[[A]], %[[B]]
func.func @barriers(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  %0 = ds.barrier %x 0 : tensor<2xf32>
  %1 = ds.barrier %x 1 : tensor<2xf32>
  %2 = ds.barrier %x 2 : tensor<2xf32>
  return %0, %1 : tensor<2xf32>, tensor<2xf32>
}
