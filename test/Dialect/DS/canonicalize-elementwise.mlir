// RUN: ds-opt %s -canonicalize -cse | FileCheck %s
//
// What elementwise ops fold to, each with a twin that must not.

!x = tensor<2x3xf32>
!i = tensor<2x3xi32>

// CHECK-LABEL: func @casts
// CHECK-SAME: %[[X:[^:]+]]: tensor<2x3xf32>
// CHECK-DAG: %[[A:.+]] = ds.constant dense<2> : tensor<2x3xi32>
// CHECK-DAG: %[[B:.+]] = ds.constant dense<true> : tensor<2x3xi1>
// CHECK: return %[[X]], %[[A]], %[[B]]
func.func @casts(%x: !x) -> (!x, !i, tensor<2x3xi1>) {
  %0 = ds.cast %x : !x -> !x
  %c = ds.constant dense<2.7> : !x
  %1 = ds.cast %c : !x -> !i
  %three = ds.constant dense<3.0> : tensor<f32>
  %2 = ds.compare "lt" %c, %three : !x, tensor<f32> -> tensor<2x3xi1>
  return %0, %1, %2 : !x, !i, tensor<2x3xi1>
}

// CHECK-LABEL: func @selects
// CHECK-SAME: %[[X:[^:]+]]: tensor<2x3xf32>, %[[Y:[^:]+]]: tensor<2x3xf32>
// CHECK-NEXT: return %[[X]], %[[Y]], %[[X]]
func.func @selects(%x: !x, %y: !x, %c: tensor<i1>) -> (!x, !x, !x) {
  %true = ds.constant dense<true> : tensor<2x3xi1>
  %false = ds.constant dense<false> : tensor<i1>
  %0 = ds.select %true, %x, %y : tensor<2x3xi1>, !x
  %1 = ds.select %false, %x, %y : tensor<i1>, !x
  %2 = ds.select %c, %x, %x : tensor<i1>, !x
  return %0, %1, %2 : !x, !x, !x
}

// 2^53 and more have no exact float64: what they make is left alone.
// CHECK-LABEL: func @inexact
// CHECK: ds.cast
func.func @inexact() -> tensor<f64> {
  %n = ds.constant dense<9007199254740993> : tensor<i64>
  %0 = ds.cast %n : tensor<i64> -> tensor<f64>
  return %0 : tensor<f64>
}

// What is repeated is an operand as it was; numbers are scalars, to the right where the order is free.
// CHECK-LABEL: func @repeated
// CHECK-SAME: %[[X:[^:]+]]: tensor<2x3xf32>, %[[R:[^:]+]]: tensor<3xf32>
// CHECK-DAG: %[[ONE:.+]] = ds.constant dense<1.000000e+00> : tensor<f32>
// CHECK-DAG: %[[FULL:.+]] = ds.constant dense<1.000000e+00> : tensor<2x3xf32>
// CHECK: %[[A:.+]] = ds.sub %[[X]], %[[R]] : tensor<2x3xf32>, tensor<3xf32>
// CHECK: %[[B:.+]] = ds.max %[[A]], %[[ONE]] : tensor<2x3xf32>, tensor<f32>
// CHECK: ds.sub %[[FULL]], %[[B]] : tensor<2x3xf32>, tensor<2x3xf32>
func.func @repeated(%x: !x, %row: tensor<3xf32>) -> !x {
  %rows = ds.broadcast %row : tensor<3xf32> -> !x
  %one = ds.constant dense<1.0> : !x
  %0 = ds.sub %x, %rows : !x, !x
  %1 = ds.max %one, %0 : !x, !x
  %2 = ds.sub %one, %1 : !x, !x
  return %2 : !x
}

// CHECK-LABEL: func @powers
// CHECK-SAME: %[[X:[^:]+]]: tensor<2x3xf32>
// CHECK: %[[S:.+]] = ds.mul %[[X]], %[[X]]
// CHECK: %[[C:.+]] = ds.mul %{{.+}}, %[[X]]
// CHECK: %[[P:.+]] = ds.pow %[[X]]
// CHECK: return %[[X]], %[[S]], %[[C]], %[[P]]
func.func @powers(%x: !x) -> (!x, !x, !x, !x) {
  %1 = ds.constant dense<1.0> : tensor<f32>
  %2 = ds.constant dense<2.0> : !x
  %3 = ds.constant dense<3.0> : tensor<f32>
  %half = ds.constant dense<0.5> : tensor<f32>
  %a = ds.pow %x, %1 : !x, tensor<f32>
  %b = ds.pow %x, %2 : !x, !x
  %c = ds.pow %x, %3 : !x, tensor<f32>
  %d = ds.pow %x, %half : !x, tensor<f32>
  return %a, %b, %c, %d : !x, !x, !x, !x
}

// A cast to more bits is undone by the cast back; one to fewer rounds.
// CHECK-LABEL: func @there_and_back
// CHECK-NEXT: %[[F:.+]] = ds.cast %arg1 : tensor<4xf32> -> tensor<4xbf16>
// CHECK-NEXT: %[[B:.+]] = ds.cast %[[F]] : tensor<4xbf16> -> tensor<4xf32>
// CHECK-NEXT: %[[H:.+]] = ds.cast %arg0 : tensor<4xbf16> -> tensor<4xf16>
// CHECK-NEXT: %[[G:.+]] = ds.cast %[[H]] : tensor<4xf16> -> tensor<4xbf16>
// CHECK-NEXT: return %arg0, %arg1, %[[B]], %[[G]]
func.func @there_and_back(%x: tensor<4xbf16>, %y: tensor<4xf32>)
    -> (tensor<4xbf16>, tensor<4xf32>, tensor<4xf32>, tensor<4xbf16>) {
  %0 = ds.cast %x : tensor<4xbf16> -> tensor<4xf32>
  %1 = ds.cast %0 : tensor<4xf32> -> tensor<4xbf16>
  %2 = ds.cast %y : tensor<4xf32> -> tensor<4xf64>
  %3 = ds.cast %2 : tensor<4xf64> -> tensor<4xf32>
  %4 = ds.cast %y : tensor<4xf32> -> tensor<4xbf16>
  %5 = ds.cast %4 : tensor<4xbf16> -> tensor<4xf32>
  %6 = ds.cast %x : tensor<4xbf16> -> tensor<4xf16>
  %7 = ds.cast %6 : tensor<4xf16> -> tensor<4xbf16>
  return %1, %3, %5, %7 : tensor<4xbf16>, tensor<4xf32>, tensor<4xf32>, tensor<4xbf16>
}
