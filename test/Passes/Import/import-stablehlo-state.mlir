// RUN: ds-opt %s --ds-import-stablehlo -split-input-file | FileCheck %s
//
// What is not trained, and what the function returns besides its loss.

// Only states' results are written; the loss is the first other scalar.
// CHECK-LABEL: module @roles
// CHECK: ds.parameter @w : tensor<3xf32> = #ds.normal<2.000000e-02 : f64>{{$}}
// CHECK-NEXT: ds.parameter @table : tensor<3xf32> = #ds.normal<2.000000e-02 : f64> {role = "frozen"}
// CHECK-NEXT: ds.parameter @ids : tensor<3xi32> = #ds.fill<0.000000e+00 : f64> {role = "frozen"}
// CHECK-NEXT: ds.parameter @scale : tensor<3xf32> = #ds.fill<1.000000e+00 : f64> {role = "buffer"}
// CHECK-NEXT: ds.parameter @mean : tensor<f32> = #ds.fill<0.000000e+00 : f64> {role = "buffer"}
// CHECK-NEXT: ds.parameter @key : tensor<2xi32> = #ds.fill<0.000000e+00 : f64> {role = "buffer"}
// CHECK: func.func @loss(%[[X:.+]]: tensor<3xf32> {ds.name = "x"})
// CHECK-DAG: %[[MEAN:.+]] = ds.read @mean : tensor<f32>
// CHECK-DAG: %[[KEY:.+]] = ds.read @key : tensor<2xi32>
// CHECK: %[[NEXT:.+]] = ds.add %[[KEY]]
// CHECK: %[[NEW:.+]] = ds.add %[[MEAN]], %[[LOSS:.+]] : tensor<f32>, tensor<f32>
// CHECK-NEXT: ds.write %[[NEW]], @mean : tensor<f32>
// CHECK-NEXT: ds.write %[[NEXT]], @key : tensor<2xi32>
// CHECK-NEXT: return %[[LOSS]] : tensor<f32>
module @roles {
  func.func @main(%w: tensor<3xf32> {ds.kind = "parameter", ds.name = "w"},
                  %t: tensor<3xf32> {ds.kind = "parameter", ds.name = "table", ds.trainable = false},
                  %i: tensor<3xi32> {ds.kind = "parameter", ds.name = "ids", ds.trainable = false},
                  %s: tensor<3xf32> {ds.kind = "buffer", ds.name = "scale", ds.init = #ds.fill<1.0>},
                  %m: tensor<f32> {ds.kind = "state", ds.name = "mean", ds.result = 0},
                  %k: tensor<2xui32> {ds.kind = "state", ds.name = "key", ds.result = 2},
                  %x: tensor<3xf32> {ds.kind = "input", ds.name = "x"})
      -> (tensor<f32>, tensor<f32>, tensor<2xui32>) {
    %one = stablehlo.constant dense<1> : tensor<2xui32>
    %next = stablehlo.add %k, %one : tensor<2xui32>
    %0 = stablehlo.multiply %w, %t : tensor<3xf32>
    %1 = stablehlo.multiply %0, %s : tensor<3xf32>
    %loss = stablehlo.dot_general %1, %x, contracting_dims = [0] x [0]
        : (tensor<3xf32>, tensor<3xf32>) -> tensor<f32>
    %new = stablehlo.add %m, %loss : tensor<f32>
    return %new, %loss, %next : tensor<f32>, tensor<f32>, tensor<2xui32>
  }
}

// -----

// Each call of a function drops on its own; a scalar is a sample of one element.
// CHECK-LABEL: module @dropout
// CHECK: %[[A:.+]] = ds.dropout %{{.+}} <"d", 2.500000e-01 : f64> : tensor<4x3xf32>
// CHECK: %[[B:.+]] = ds.dropout %[[A]] <"d.1", 2.500000e-01 : f64> : tensor<4x3xf32>
// CHECK: ds.dropout %{{.+}} <"last", 5.000000e-01 : f64> : tensor<1xf32>
// CHECK-NEXT: ds.reshape %{{.+}} : tensor<1xf32> -> tensor<f32>
module @dropout {
  func.func private @drop(%x: tensor<4x3xf32>) -> tensor<4x3xf32> {
    %0 = stablehlo.custom_call @ds.dropout(%x) {ds.name = "d", ds.rate = 0.25} : (tensor<4x3xf32>) -> tensor<4x3xf32>
    return %0 : tensor<4x3xf32>
  }
  func.func @main(%w: tensor<4x3xf32> {ds.kind = "parameter", ds.name = "w"}) -> tensor<f32> {
    %0 = call @drop(%w) : (tensor<4x3xf32>) -> tensor<4x3xf32>
    %1 = call @drop(%0) : (tensor<4x3xf32>) -> tensor<4x3xf32>
    %2 = stablehlo.dot_general %1, %1, contracting_dims = [0, 1] x [0, 1]
        : (tensor<4x3xf32>, tensor<4x3xf32>) -> tensor<f32>
    %3 = stablehlo.custom_call @ds.dropout(%2) {ds.name = "last", ds.rate = 0.5} : (tensor<f32>) -> tensor<f32>
    return %3 : tensor<f32>
  }
}
