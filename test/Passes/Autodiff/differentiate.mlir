// RUN: ds-opt %s --ds-differentiate=function=f | FileCheck %s
//
// A twin with gradients; the function itself stays as it is.

// CHECK-LABEL: func @f(
// CHECK-NEXT: ds.mul
// CHECK-NEXT: ds.sum
// CHECK-NEXT: return %{{.+}} : tensor<f64>

// Gradients of the floating-point arguments follow the scalar: %x is used
// twice, %unused not at all, and %ids has none.
// CHECK-LABEL: func @f_grad(
// CHECK-SAME: %[[X:[^:]+]]: tensor<3xf64>, %[[Y:[^:]+]]: tensor<f64>,
// CHECK-SAME: -> (tensor<f64>, tensor<3xf64>, tensor<f64>, tensor<2xf64>)
// CHECK-DAG: %[[L:.+]] = ds.sum %{{.+}} : tensor<3xf64> -> tensor<f64>
// CHECK-DAG: %[[SEED:.+]] = ds.constant dense<1.000000e+00> : tensor<f64>
// CHECK: %[[G:.+]] = ds.broadcast %[[SEED]] {ds.backward} : tensor<f64> -> tensor<3xf64>
// CHECK: %[[GX:.+]] = ds.mul %[[G]], %[[Y]] {ds.backward}
// CHECK: %[[GXY:.+]] = ds.mul %[[G]], %[[X]] {ds.backward}
// CHECK: %[[GY:.+]] = ds.sum %[[GXY]] {ds.backward} : tensor<3xf64> -> tensor<f64>
// CHECK: %[[ZERO:.+]] = ds.constant dense<0.000000e+00> : tensor<2xf64>
// CHECK: return %[[L]], %[[GX]], %[[GY]], %[[ZERO]]
func.func @f(%x: tensor<3xf64>, %y: tensor<f64>, %unused: tensor<2xf64>, %ids: tensor<2xi32>) -> tensor<f64> {
  %0 = ds.mul %x, %y : tensor<3xf64>, tensor<f64>
  %1 = ds.sum %0 : tensor<3xf64> -> tensor<f64>
  return %1 : tensor<f64>
}

// Another function has no twin.
// CHECK-LABEL: func @g(
// CHECK-NOT: @g_grad
func.func @g(%x: tensor<f64>) -> tensor<f64> {
  return %x : tensor<f64>
}
