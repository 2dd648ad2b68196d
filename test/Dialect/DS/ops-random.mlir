// RUN: ds-opt %s | ds-opt | FileCheck %s
// RUN: ds-opt %s -canonicalize | FileCheck %s --check-prefix=FOLD
//
// Dropout prints what it parses; with probability 0 it folds, and so does the
// number of a known micro-batch.

// CHECK: ds.unit @seed "scalar" : tensor<i64> {members = [#ds.member<"seed" at 0 : tensor<i64> = #ds.seed>]}
ds.unit @seed "scalar" : tensor<i64> {members = [#ds.member<"seed" at 0 : tensor<i64> = #ds.seed>]}

// CHECK-LABEL: func @dropout
// FOLD-LABEL: func @dropout(
func.func @dropout(%x: tensor<2x3x4xf32>, %step: tensor<i64>, %i: index) -> (tensor<2x3x4xf32>, tensor<2x3x4xf32>) {
  %seed = ds.read @seed : tensor<i64>
  // CHECK: %[[N:.+]] = ds.index %{{.+}}
  %n = ds.index %i
  // CHECK: ds.dropout %{{.+}} <"drop", 1.000000e-01 : f64> at(%{{.+}}, %{{.+}}, %[[N]]) : tensor<2x3x4xf32>
  // FOLD: %[[A:.+]] = ds.dropout
  %0 = ds.dropout %x <"drop", 0.1> at (%seed, %step, %n) : tensor<2x3x4xf32>
  // CHECK: ds.dropout %{{.+}} <"other", 5.000000e-01 : f64> : tensor<2x3x4xf32>
  // FOLD: %[[B:.+]] = ds.dropout %[[A]] <"other"
  %1 = ds.dropout %0 <"other", 0.5> : tensor<2x3x4xf32>
  // FOLD-NEXT: return %[[A]], %[[B]]
  %2 = ds.dropout %0 <"none", 0.0> : tensor<2x3x4xf32>
  return %2, %1 : tensor<2x3x4xf32>, tensor<2x3x4xf32>
}

// CHECK-LABEL: func @attention
func.func @attention(%q: tensor<2x5x4x3xf32>, %k: tensor<2x5x2x3xf32>, %g: tensor<2x5x4x3xf32>, %n: tensor<i64>) {
  // CHECK: ds.attention %{{.+}}, %{{.+}}, %{{.+}} scale 5.000000e-01 dropout <"attn", 1.000000e-01 : f64> at(%[[M:.+]], %[[M]], %[[M]]) {causal} :
  %0 = ds.attention %q, %k, %k scale 0.5 dropout <"attn", 0.1> at (%n, %n, %n) {causal}
      : tensor<2x5x4x3xf32>, tensor<2x5x2x3xf32>, tensor<2x5x2x3xf32>
  // CHECK: ds.attention %{{.+}}, %{{.+}}, %{{.+}} scale 5.000000e-01 dropout <"attn", 1.000000e-01 : f64> {causal} :
  %1 = ds.attention %q, %k, %k scale 0.5 dropout <"attn", 0.1> {causal}
      : tensor<2x5x4x3xf32>, tensor<2x5x2x3xf32>, tensor<2x5x2x3xf32>
  // CHECK: ds.attention_grad %{{.+}}, %{{.+}}, %{{.+}}, %{{.+}} scale 5.000000e-01 dropout <"attn", 1.000000e-01 : f64> at(
  %2:3 = ds.attention_grad %q, %k, %k, %g scale 0.5 dropout <"attn", 0.1> at (%n, %n, %n) {causal}
      : tensor<2x5x4x3xf32>, tensor<2x5x2x3xf32>, tensor<2x5x2x3xf32>
  return
}

// CHECK-LABEL: func @parts
func.func @parts(%x: tensor<2x3x4xf32>, %k: tensor<2xi32>, %n: tensor<i64>, %w: i32, %e: i64) {
  // CHECK: ds.dropout_rows %{{.+}} key %{{.+}} at(%{{.+}}, %{{.+}}, %{{.+}}) of [7, 6] from 12 probability 2.500000e-01 : tensor<2x3x4xf32>
  %0 = ds.dropout_rows %x key %k at (%n, %n, %n) of [7, 6] from 12 probability 0.25 : tensor<2x3x4xf32>
  // CHECK: ds.random_word key %{{.+}}, %{{.+}} at(%{{.+}}, %{{.+}}) sample %{{.+}} element %{{.+}}
  %1 = ds.random_word key %w, %w at (%e, %e) sample %e element %e
  return
}

// CHECK-LABEL: func @number
// FOLD-LABEL: func @number
func.func @number() -> tensor<i64> {
  %three = arith.constant 3 : index
  // CHECK: ds.index
  // FOLD: %[[THREE:.+]] = ds.constant dense<3> : tensor<i64>
  // FOLD-NEXT: return %[[THREE]]
  %n = ds.index %three
  return %n : tensor<i64>
}
