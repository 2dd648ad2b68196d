// RUN: ds-exec %s --check-gradients=sum,sum_of_gaps,max,min_of_parts,mul | FileCheck %s
// RUN: ds-exec %s --check-gradients=running_sum,running_sum_back,running_mul,running_max,running_min,running_log,recurrence | FileCheck %s --check-prefix=RUNS
// RUN: ds-exec %s --check-gradients=erf_inv | FileCheck %s --check-prefix=ERF
//
// Gradients of folds of windows and of prefixes against finite differences.

// CHECK: gradients of @sum: 2 arguments
func.func @sum(%x: tensor<5x8xf64>, %w: tensor<3x4xf64>) -> tensor<f64> {
  %0 = ds.reduce_window "sum" %x sizes [3, 2] by [2, 2] low [1, 0] : tensor<5x8xf64> -> tensor<3x4xf64>
  %1 = ds.mul %0, %w : tensor<3x4xf64>, tensor<3x4xf64>
  %2 = ds.sum %1 : tensor<3x4xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @sum_of_gaps: 2 arguments
func.func @sum_of_gaps(%x: tensor<4x3xf64>, %w: tensor<6x3xf64>) -> tensor<f64> {
  %0 = ds.reduce_window "sum" %x sizes [3, 2] by [1, 2] low [-1, 2] interior [2, 1] apart [2, 3]
      : tensor<4x3xf64> -> tensor<6x3xf64>
  %1 = ds.mul %0, %w : tensor<6x3xf64>, tensor<6x3xf64>
  %2 = ds.sum %1 : tensor<6x3xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// Windows that meet.
// CHECK: gradients of @max: 2 arguments
func.func @max(%x: tensor<5x7xf64>, %w: tensor<3x6xf64>) -> tensor<f64> {
  %0 = ds.reduce_window "max" %x sizes [3, 2] by [2, 1] low [1, 0] : tensor<5x7xf64> -> tensor<3x6xf64>
  %1 = ds.mul %0, %w : tensor<3x6xf64>, tensor<3x6xf64>
  %2 = ds.sum %1 : tensor<3x6xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @min_of_parts: 2 arguments
func.func @min_of_parts(%x: tensor<9xf64>, %w: tensor<4xf64>) -> tensor<f64> {
  %0 = ds.reduce_window "min" %x sizes [2] by [2] low [-1] interior [1] apart [3] : tensor<9xf64> -> tensor<4xf64>
  %1 = ds.mul %0, %w : tensor<4xf64>, tensor<4xf64>
  %2 = ds.sum %1 : tensor<4xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @mul: 2 arguments
func.func @mul(%x: tensor<3x4xf64>, %w: tensor<3x5xf64>) -> tensor<f64> {
  %0 = ds.reduce_window "mul" %x sizes [2, 2] low [0, 1] interior [0, 1] : tensor<3x4xf64> -> tensor<3x5xf64>
  %1 = ds.mul %0, %w : tensor<3x5xf64>, tensor<3x5xf64>
  %2 = ds.sum %1 : tensor<3x5xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// RUNS: gradients of @running_sum: 2 arguments
func.func @running_sum(%x: tensor<3x5x2xf64>, %w: tensor<3x5x2xf64>) -> tensor<f64> {
  %0 = ds.cumulative "sum" %x dim 1 : tensor<3x5x2xf64>
  %1 = ds.mul %0, %w : tensor<3x5x2xf64>, tensor<3x5x2xf64>
  %2 = ds.sum %1 : tensor<3x5x2xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// RUNS: gradients of @running_sum_back: 2 arguments
func.func @running_sum_back(%x: tensor<3x5xf64>, %w: tensor<3x5xf64>) -> tensor<f64> {
  %0 = ds.cumulative "sum" %x dim 1 reverse : tensor<3x5xf64>
  %1 = ds.mul %0, %w : tensor<3x5xf64>, tensor<3x5xf64>
  %2 = ds.sum %1 : tensor<3x5xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// RUNS: gradients of @running_mul: 2 arguments
func.func @running_mul(%x: tensor<3x4xf64>, %w: tensor<3x4xf64>) -> tensor<f64> {
  %0 = ds.cumulative "mul" %x dim 0 reverse : tensor<3x4xf64>
  %1 = ds.mul %0, %w : tensor<3x4xf64>, tensor<3x4xf64>
  %2 = ds.sum %1 : tensor<3x4xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// RUNS: gradients of @running_max: 2 arguments
func.func @running_max(%x: tensor<3x7x2xf64>, %w: tensor<3x7x2xf64>) -> tensor<f64> {
  %0 = ds.cumulative "max" %x dim 1 : tensor<3x7x2xf64>
  %1 = ds.mul %0, %w : tensor<3x7x2xf64>, tensor<3x7x2xf64>
  %2 = ds.sum %1 : tensor<3x7x2xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// RUNS: gradients of @running_min: 2 arguments
func.func @running_min(%x: tensor<9xf64>, %w: tensor<9xf64>) -> tensor<f64> {
  %0 = ds.cumulative "min" %x dim 0 reverse : tensor<9xf64>
  %1 = ds.mul %0, %w : tensor<9xf64>, tensor<9xf64>
  %2 = ds.sum %1 : tensor<9xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// RUNS: gradients of @running_log: 2 arguments
func.func @running_log(%x: tensor<4x3xf64>, %w: tensor<4x3xf64>) -> tensor<f64> {
  %0 = ds.cumulative "logsumexp" %x dim 0 : tensor<4x3xf64>
  %1 = ds.mul %0, %w : tensor<4x3xf64>, tensor<4x3xf64>
  %2 = ds.sum %1 : tensor<4x3xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// RUNS: gradients of @recurrence: 3 arguments
func.func @recurrence(%x: tensor<4x3xf64>, %a: tensor<4x3xf64>, %w: tensor<4x3xf64>) -> tensor<f64> {
  %0 = ds.cumulative "sum" %x times %a : tensor<4x3xf64> dim 0 reverse : tensor<4x3xf64>
  %1 = ds.mul %0, %w : tensor<4x3xf64>, tensor<4x3xf64>
  %2 = ds.sum %1 : tensor<4x3xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// ERF: gradients of @erf_inv: 1 arguments
func.func @erf_inv(%x: tensor<7xf64>) -> tensor<f64> {
  %0 = ds.tanh %x : tensor<7xf64>
  %1 = ds.erf_inv %0 : tensor<7xf64>
  %2 = ds.sum %1 {squares} : tensor<7xf64> -> tensor<f64>
  return %2 : tensor<f64>
}
