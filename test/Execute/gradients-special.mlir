// RUN: ds-opt %s --ds-differentiate=function=ties | ds-exec - --print --entry=ties_grad | FileCheck %s --check-prefix=TIES
// RUN: ds-opt %s --ds-differentiate=function=relu | ds-exec - --print --entry=relu_grad | FileCheck %s --check-prefix=RELU
// RUN: ds-opt %s --ds-differentiate=function=rows | ds-exec - --print --entry=rows_grad | FileCheck %s --check-prefix=ROWS
//
// Gradients where functions have no derivative.  Arguments only say what is differentiated: they are scaled to nothing.

// Half to each of two equal ones.
// TIES: result 1: [1, 0.5, 0]
// TIES: result 2: [0, 0.5, 1]
func.func @ties(%dx: tensor<3xf64>, %dy: tensor<3xf64>) -> tensor<f64> {
  %none = ds.constant dense<1.0e-30> : tensor<f64>
  %0 = ds.constant dense<[3.0, 2.0, 1.0]> : tensor<3xf64>
  %1 = ds.constant dense<[2.0, 2.0, 2.0]> : tensor<3xf64>
  %2 = ds.mul %dx, %none : tensor<3xf64>, tensor<f64>
  %3 = ds.mul %dy, %none : tensor<3xf64>, tensor<f64>
  %x = ds.add %2, %0 : tensor<3xf64>, tensor<3xf64>
  %y = ds.add %3, %1 : tensor<3xf64>, tensor<3xf64>
  %z = ds.max %x, %y : tensor<3xf64>, tensor<3xf64>
  %w = ds.constant dense<1.0e30> : tensor<f64>
  %4 = ds.mul %z, %w : tensor<3xf64>, tensor<f64>
  %5 = ds.sum %4 : tensor<3xf64> -> tensor<f64>
  return %5 : tensor<f64>
}

// Nothing at a tie with a constant, on either side, however it is spelled.
// RELU: result 1: [2, 0, 0]
func.func @relu(%dx: tensor<3xf64>) -> tensor<f64> {
  %none = ds.constant dense<1.0e-30> : tensor<f64>
  %0 = ds.constant dense<[3.0, 0.0, -1.0]> : tensor<3xf64>
  %1 = ds.mul %dx, %none : tensor<3xf64>, tensor<f64>
  %x = ds.add %1, %0 : tensor<3xf64>, tensor<3xf64>
  %zero = ds.constant dense<0.0> : tensor<f64>
  %zeros = ds.broadcast %zero : tensor<f64> -> tensor<3xf64>
  %y = ds.max %x, %zero : tensor<3xf64>, tensor<f64>
  %z = ds.max %zeros, %x : tensor<3xf64>, tensor<3xf64>
  %2 = ds.add %y, %z : tensor<3xf64>, tensor<3xf64>
  %w = ds.constant dense<1.0e30> : tensor<f64>
  %3 = ds.mul %2, %w : tensor<3xf64>, tensor<f64>
  %4 = ds.sum %3 : tensor<3xf64> -> tensor<f64>
  return %4 : tensor<f64>
}

// Equal shares of a maximum.
// ROWS: result 1: {{\[\[}}0, 0.5, 0.5], [1, 0, 0]]
func.func @rows(%dx: tensor<2x3xf64>) -> tensor<f64> {
  %none = ds.constant dense<1.0e-30> : tensor<f64>
  %0 = ds.constant dense<[[1.0, 3.0, 3.0], [5.0, 2.0, 1.0]]> : tensor<2x3xf64>
  %1 = ds.mul %dx, %none : tensor<2x3xf64>, tensor<f64>
  %x = ds.add %1, %0 : tensor<2x3xf64>, tensor<2x3xf64>
  %2 = ds.reduce "max" %x : tensor<2x3xf64> -> tensor<2xf64>
  %w = ds.constant dense<1.0e30> : tensor<f64>
  %3 = ds.mul %2, %w : tensor<2xf64>, tensor<f64>
  %4 = ds.sum %3 : tensor<2xf64> -> tensor<f64>
  return %4 : tensor<f64>
}
