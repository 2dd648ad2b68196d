// RUN: ds-opt %s --ds-build-train=micro-batches=4 | FileCheck %s
//
// @train counts its masks by seed, step and micro-batch, in the gradient as in
// the loss; @evaluate drops nothing.

// CHECK: ds.unit @step "scalar"
// CHECK: ds.unit @seed "scalar" : tensor<i64> {members = [#ds.member<"seed" at 0 : tensor<i64> = #ds.seed>]}
ds.unit @u "parameter" : tensor<12xf32> {members = [#ds.member<"w" at 0 : tensor<3x4xf32> = #ds.fill<1.0>>]}

// CHECK-LABEL: func.func @train
// CHECK: %[[SEED:.+]] = ds.read @seed
// CHECK: %[[STEP:.+]] = ds.read @step
// CHECK: scf.for %[[I:[a-z0-9]+]] =
// CHECK: %[[N:.+]] = ds.index %[[I]]
// CHECK: ds.dropout %{{.+}} <"drop", 1.000000e-01 : f64> at(%[[SEED]], %[[STEP]], %[[N]]) : tensor<2x3x4xf32>
// CHECK: ds.attention %{{.+}} dropout <"attn", 2.000000e-01 : f64> at(%[[SEED]], %[[STEP]], %[[N]])
// CHECK: ds.attention_grad %{{.+}} dropout <"attn", 2.000000e-01 : f64> at(%[[SEED]], %[[STEP]], %[[N]]) {causal, ds.backward}
// CHECK: ds.dropout %{{.+}} <"drop", 1.000000e-01 : f64> at(%[[SEED]], %[[STEP]], %[[N]]) {ds.backward} : tensor<2x3x4xf32>

// CHECK-LABEL: func.func @evaluate
// CHECK-NOT: ds.dropout
// CHECK-NOT: ds.read @seed
// CHECK: ds.attention %{{.+}}, %{{.+}}, %{{.+}} scale 1.000000e+00 {causal}
// CHECK-NOT: ds.dropout
func.func @loss(%x: tensor<2x3x4xf32>) -> tensor<f32> attributes {ds.loss} {
  %u = ds.read @u : tensor<12xf32>
  %w = ds.unflatten %u at [0] : (tensor<12xf32>) -> tensor<3x4xf32>
  %0 = ds.mul %x, %w : tensor<2x3x4xf32>, tensor<3x4xf32>
  %1 = ds.dropout %0 <"drop", 0.1> : tensor<2x3x4xf32>
  %2 = ds.reshape %1 : tensor<2x3x4xf32> -> tensor<2x3x2x2xf32>
  %3 = ds.attention %2, %2, %2 scale 1.0 dropout <"attn", 0.2> {causal}
      : tensor<2x3x2x2xf32>, tensor<2x3x2x2xf32>, tensor<2x3x2x2xf32>
  %4 = ds.sum %3 : tensor<2x3x2x2xf32> -> tensor<f32>
  return %4 : tensor<f32>
}
