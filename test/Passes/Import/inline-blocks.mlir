// RUN: ds-opt %s --ds-inline-blocks -mlir-print-debuginfo -mlir-print-local-scope | FileCheck %s
//
// Calls of the loss are inlined; their ops know which call they come from and
// which layer they belong to.

ds.parameter @h.0.w : tensor<4xf32> = #ds.fill<1.0>
ds.parameter @h.1.w : tensor<4xf32> = #ds.fill<1.0>

// CHECK-NOT: @block
func.func private @block(%x: tensor<4xf32>, %w: tensor<4xf32>) -> tensor<4xf32> {
  %0 = ds.mul %x, %w : tensor<4xf32>, tensor<4xf32>
  %1 = func.call @inner(%0) : (tensor<4xf32>) -> tensor<4xf32>
  return %1 : tensor<4xf32>
}
// CHECK-NOT: @inner
func.func private @inner(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = ds.gelu %x : tensor<4xf32>
  %1 = ds.dropout %0 <"h.*.drop", 0.1> : tensor<4xf32>
  return %1 : tensor<4xf32>
}

// CHECK-LABEL: func @loss
func.func @loss(%x: tensor<4xf32>) -> tensor<f32> attributes {ds.loss} {
  // CHECK: %[[W0:.+]] = ds.read @h.0.w : tensor<4xf32> loc("h.0.w"(
  %w0 = ds.read @h.0.w : tensor<4xf32>
  // Calls in a block belong to that block.
  // CHECK: ds.mul %{{.+}}, %[[W0]] {ds.block = 0 : i64} : tensor<4xf32>, tensor<4xf32> loc("h.0"(
  // CHECK-NEXT: %[[G0:.+]] = ds.gelu %{{.+}} {ds.block = 0 : i64} : tensor<4xf32> loc("block0.gelu"(
  // Equal blocks drop by masks of their own.
  // CHECK-NEXT: %[[Y0:.+]] = ds.dropout %[[G0]] <"h.0.drop", 1.000000e-01 : f64> {ds.block = 0 : i64}
  %0 = func.call @block(%x, %w0) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  // CHECK: %[[W1:.+]] = ds.read @h.1.w
  %w1 = ds.read @h.1.w : tensor<4xf32>
  // CHECK: ds.mul %[[Y0]], %[[W1]] {ds.block = 1 : i64}
  // CHECK-NEXT: %[[G1:.+]] = ds.gelu %{{.+}} {ds.block = 1 : i64}
  // CHECK-NEXT: %[[Y1:.+]] = ds.dropout %[[G1]] <"h.1.drop", 1.000000e-01 : f64> {ds.block = 1 : i64}
  %1 = func.call @block(%0, %w1) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  // What stands outside of blocks has no number.
  // CHECK: ds.sum %[[Y1]] : tensor<4xf32> -> tensor<f32> loc("sum"(
  %2 = ds.sum %1 : tensor<4xf32> -> tensor<f32>
  return %2 : tensor<f32>
}

// Functions that are no loss keep their calls, and what they call stays.
// CHECK-LABEL: func private @helper
func.func private @helper(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
// CHECK-LABEL: func @keeps_calls
func.func @keeps_calls(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: call @helper
  %0 = func.call @helper(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
