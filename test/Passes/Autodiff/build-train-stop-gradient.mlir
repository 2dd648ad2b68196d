// RUN: ds-opt %s --ds-differentiate=function=f | FileCheck %s --check-prefix=GRAD
// RUN: ds-opt %s --ds-build-train='micro-batches=2' | FileCheck %s --check-prefix=TRAIN
// RUN: ds-opt %s --canonicalize --cse | FileCheck %s --check-prefix=KEPT
//
// Nothing goes through a stop: of x * stop(x) the gradient is stop(x).  What is stopped alone has the gradient zero.

// Folding and CSE keep a stop apart from its operand.
// KEPT-LABEL: func.func @loss
// KEPT: %[[W:.+]] = ds.unflatten
// KEPT: %[[S:.+]] = ds.stop_gradient %[[W]]
// KEPT: ds.mul %[[W]], %[[S]]
ds.unit @u "parameter" : tensor<1024xf32> {members = [#ds.member<"w" at 0 : tensor<3xf32> = #ds.fill<1.0>>]}

// GRAD-LABEL: func @f_grad(
// GRAD-SAME: %[[X:[^:]+]]: tensor<3xf64>, %{{.+}}: tensor<3xf64>)
// GRAD-DAG: %[[STOP:.+]] = ds.stop_gradient %[[X]] : tensor<3xf64>
// GRAD-DAG: %[[G:.+]] = ds.broadcast %{{.+}} {ds.backward} : tensor<f64> -> tensor<3xf64>
// GRAD: %[[GX:.+]] = ds.mul %[[G]], %[[STOP]] {ds.backward}
// GRAD-NOT: ds.add %[[GX]]
// GRAD: %[[ZERO:.+]] = ds.constant dense<0.000000e+00> : tensor<3xf64>
// GRAD: return %{{.+}}, %[[GX]], %[[ZERO]]
func.func @f(%x: tensor<3xf64>, %y: tensor<3xf64>) -> tensor<f64> {
  %0 = ds.stop_gradient %x : tensor<3xf64>
  %1 = ds.mul %x, %0 : tensor<3xf64>, tensor<3xf64>
  %2 = ds.stop_gradient %y : tensor<3xf64>
  %3 = ds.add %1, %2 : tensor<3xf64>, tensor<3xf64>
  %4 = ds.sum %3 : tensor<3xf64> -> tensor<f64>
  return %4 : tensor<f64>
}

// Behind differentiation a stop is its operand, in both functions.
// TRAIN-LABEL: func.func @train
// TRAIN: %[[W:.+]] = ds.unflatten
// TRAIN-NOT: ds.stop_gradient
// TRAIN: ds.mul %[[W]], %[[W]]
// TRAIN-LABEL: func.func @evaluate
// TRAIN-NOT: ds.stop_gradient
// TRAIN: ds.mul
func.func @loss(%x: tensor<3xf32>) -> tensor<f32> attributes {ds.loss} {
  %u = ds.read @u : tensor<1024xf32>
  %w = ds.unflatten %u at [0] : (tensor<1024xf32>) -> tensor<3xf32>
  %s = ds.stop_gradient %w : tensor<3xf32>
  %0 = ds.mul %w, %s : tensor<3xf32>, tensor<3xf32>
  %1 = ds.mul %0, %x : tensor<3xf32>, tensor<3xf32>
  %2 = ds.sum %1 : tensor<3xf32> -> tensor<f32>
  return %2 : tensor<f32>
}
