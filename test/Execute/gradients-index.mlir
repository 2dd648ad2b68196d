// RUN: ds-exec %s --check-gradients=transpose,broadcast,broadcast_turned,slice,pad,pad_that_crops,reverse,window,stack | FileCheck %s
// RUN: ds-exec %s --check-gradients=dynamic_slice,dynamic_update,gather,gather_of_batches,gather_that_drops,scatter,scatter_of_windows,scatter_set,scatter_mul,scatter_max,scatter_min | FileCheck %s --check-prefix=PLACE
//
// Gradients of moves of elements against finite differences.  What they move
// is squared, and weighted where that says more, so that no gradient is
// uniform.

// CHECK: gradients of @transpose: 2 arguments
func.func @transpose(%x: tensor<2x3x5xf64>, %w: tensor<5x2x3xf64>) -> tensor<f64> {
  %0 = ds.transpose %x dims [2, 0, 1] : tensor<2x3x5xf64> -> tensor<5x2x3xf64>
  %1 = ds.mul %0, %w : tensor<5x2x3xf64>, tensor<5x2x3xf64>
  %2 = ds.sum %1 : tensor<5x2x3xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// In front, between, behind, and a dimension of size 1.
// CHECK: gradients of @broadcast: 2 arguments
func.func @broadcast(%x: tensor<3x1x5xf64>, %w: tensor<2x3x7x5x2xf64>) -> tensor<f64> {
  %0 = ds.broadcast %x dims [1, 2, 3] : tensor<3x1x5xf64> -> tensor<2x3x7x5x2xf64>
  %1 = ds.mul %0, %w : tensor<2x3x7x5x2xf64>, tensor<2x3x7x5x2xf64>
  %2 = ds.sum %1 : tensor<2x3x7x5x2xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @broadcast_turned: 3 arguments
func.func @broadcast_turned(%x: tensor<3x2xf64>, %y: tensor<1xf64>, %w: tensor<2x7x3xf64>) -> tensor<f64> {
  %0 = ds.broadcast %x dims [2, 0] : tensor<3x2xf64> -> tensor<2x7x3xf64>
  %1 = ds.broadcast %y dims [1] : tensor<1xf64> -> tensor<2x7x3xf64>
  %2 = ds.mul %0, %1 : tensor<2x7x3xf64>, tensor<2x7x3xf64>
  %3 = ds.mul %2, %w : tensor<2x7x3xf64>, tensor<2x7x3xf64>
  %4 = ds.sum %3 : tensor<2x7x3xf64> -> tensor<f64>
  return %4 : tensor<f64>
}

// CHECK: gradients of @slice: 1 arguments
func.func @slice(%x: tensor<4x8xf64>) -> tensor<f64> {
  %0 = ds.slice %x at [1, 2] by [1, 2] : tensor<4x8xf64> -> tensor<2x3xf64>
  %1 = ds.sum %0 {squares} : tensor<2x3xf64> -> tensor<f64>
  return %1 : tensor<f64>
}

// CHECK: gradients of @pad: 2 arguments
func.func @pad(%x: tensor<2x3xf64>, %w: tensor<4x9xf64>) -> tensor<f64> {
  %0 = ds.pad %x low [1, 2] interior [0, 1] value 2.0 : tensor<2x3xf64> -> tensor<4x9xf64>
  %1 = ds.mul %0, %w : tensor<4x9xf64>, tensor<4x9xf64>
  %2 = ds.sum %1 : tensor<4x9xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// Columns 0 and 4 are dropped; then everything is.
// CHECK: gradients of @pad_that_crops: 1 arguments
func.func @pad_that_crops(%x: tensor<2x5xf64>) -> tensor<f64> {
  %0 = ds.pad %x low [0, -2] interior [0, 2] : tensor<2x5xf64> -> tensor<3x10xf64>
  %1 = ds.sum %0 {squares} : tensor<3x10xf64> -> tensor<f64>
  %2 = ds.pad %x low [-2, 0] value 1.0 : tensor<2x5xf64> -> tensor<3x5xf64>
  %3 = ds.sum %2 {squares} : tensor<3x5xf64> -> tensor<f64>
  %4 = ds.add %1, %3 : tensor<f64>, tensor<f64>
  return %4 : tensor<f64>
}

// CHECK: gradients of @reverse: 2 arguments
func.func @reverse(%x: tensor<3x5xf64>, %w: tensor<3x5xf64>) -> tensor<f64> {
  %0 = ds.reverse %x dims [1] : tensor<3x5xf64>
  %1 = ds.mul %0, %w : tensor<3x5xf64>, tensor<3x5xf64>
  %2 = ds.sum %1 : tensor<3x5xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @window: 1 arguments
func.func @window(%x: tensor<3x7x2xf64>) -> tensor<f64> {
  %0 = ds.window %x dim 1 at 2 : tensor<3x7x2xf64> -> tensor<3x3x2xf64>
  %1 = ds.sum %0 {squares} : tensor<3x3x2xf64> -> tensor<f64>
  return %1 : tensor<f64>
}

// CHECK: gradients of @stack: 3 arguments
func.func @stack(%x: tensor<3x2x2xf64>, %y: tensor<3x1x2xf64>, %w: tensor<3x3x2xf64>) -> tensor<f64> {
  %0 = ds.stack %x, %y dim 1 : (tensor<3x2x2xf64>, tensor<3x1x2xf64>) -> tensor<3x3x2xf64>
  %1 = ds.mul %0, %w : tensor<3x3x2xf64>, tensor<3x3x2xf64>
  %2 = ds.sum %1 : tensor<3x3x2xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// PLACE: gradients of @dynamic_slice: 1 arguments
func.func @dynamic_slice(%x: tensor<4x8xf64>) -> tensor<f64> {
  %i = ds.constant dense<1> : tensor<i32>
  %j = ds.constant dense<9> : tensor<i32>
  %0 = ds.dynamic_slice %x at (%i, %j) : tensor<4x8xf64>, tensor<i32>, tensor<i32> -> tensor<2x3xf64>
  %1 = ds.sum %0 {squares} : tensor<2x3xf64> -> tensor<f64>
  return %1 : tensor<f64>
}

// PLACE: gradients of @dynamic_update: 3 arguments
func.func @dynamic_update(%x: tensor<4x8xf64>, %p: tensor<2x3xf64>, %w: tensor<4x8xf64>) -> tensor<f64> {
  %i = ds.constant dense<-1> : tensor<i32>
  %j = ds.constant dense<4> : tensor<i32>
  %0 = ds.dynamic_update %x, %p at (%i, %j) : tensor<4x8xf64>, tensor<2x3xf64>, tensor<i32>, tensor<i32>
  %1 = ds.mul %0, %w : tensor<4x8xf64>, tensor<4x8xf64>
  %2 = ds.sum %1 : tensor<4x8xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// One row twice; an index behind the last one.
// PLACE: gradients of @gather: 2 arguments
func.func @gather(%x: tensor<5x3xf64>, %w: tensor<4x3xf64>) -> tensor<f64> {
  %i = ds.constant dense<[[1], [4], [1], [7]]> : tensor<4x1xi32>
  %0 = ds.gather %x, %i offset [1] collapsed [0] map [0] vector 1 sizes [1, 3]
    : (tensor<5x3xf64>, tensor<4x1xi32>) -> tensor<4x3xf64>
  %1 = ds.mul %0, %w : tensor<4x3xf64>, tensor<4x3xf64>
  %2 = ds.sum %1 : tensor<4x3xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// PLACE: gradients of @gather_of_batches: 2 arguments
func.func @gather_of_batches(%x: tensor<2x5xf64>, %w: tensor<3x3x2xf64>) -> tensor<f64> {
  %i = ds.constant dense<[[0, 1], [1, 3], [0, 2]]> : tensor<3x2xi32>
  %0 = ds.gather %x, %i offset [1] collapsed [] batch [0] of [1] map [1] vector 2 sizes [1, 3]
    : (tensor<2x5xf64>, tensor<3x2xi32>) -> tensor<3x3x2xf64>
  %1 = ds.mul %0, %w : tensor<3x3x2xf64>, tensor<3x3x2xf64>
  %2 = ds.sum %1 : tensor<3x3x2xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// PLACE: gradients of @gather_that_drops: 2 arguments
func.func @gather_that_drops(%x: tensor<5x3xf64>, %w: tensor<2x3xf64>) -> tensor<f64> {
  %i = ds.constant dense<[1, 5]> : tensor<2xi32>
  %0 = ds.gather %x, %i offset [1] collapsed [0] map [0] vector 1 sizes [1, 3] {drops}
    : (tensor<5x3xf64>, tensor<2xi32>) -> tensor<2x3xf64>
  %1 = ds.mul %0, %w : tensor<2x3xf64>, tensor<2x3xf64>
  %2 = ds.sum %1 : tensor<2x3xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// PLACE: gradients of @scatter: 3 arguments
func.func @scatter(%x: tensor<3x5xf64>, %u: tensor<4x5xf64>, %w: tensor<3x5xf64>) -> tensor<f64> {
  %i = ds.constant dense<[2, 0, 2, 3]> : tensor<4xi32>
  %0 = ds.scatter "add" %x, %i, %u window [1] inserted [0] map [0] vector 1
    : (tensor<3x5xf64>, tensor<4xi32>, tensor<4x5xf64>) -> tensor<3x5xf64>
  %1 = ds.mul %0, %w : tensor<3x5xf64>, tensor<3x5xf64>
  %2 = ds.sum %1 : tensor<3x5xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// Windows that meet and one that would leave, which counts as the last one.
// PLACE: gradients of @scatter_of_windows: 3 arguments
func.func @scatter_of_windows(%x: tensor<6xf64>, %u: tensor<3x2xf64>, %w: tensor<6xf64>) -> tensor<f64> {
  %i = ds.constant dense<[[1], [2], [9]]> : tensor<3x1xi64>
  %0 = ds.scatter "add" %x, %i, %u window [1] inserted [] map [0] vector 1 {clamps}
    : (tensor<6xf64>, tensor<3x1xi64>, tensor<3x2xf64>) -> tensor<6xf64>
  %1 = ds.mul %0, %w : tensor<6xf64>, tensor<6xf64>
  %2 = ds.sum %1 : tensor<6xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// Row 2 comes twice, and one row is left out.
// PLACE: gradients of @scatter_set: 3 arguments
func.func @scatter_set(%x: tensor<4x5xf64>, %u: tensor<4x5xf64>, %w: tensor<4x5xf64>) -> tensor<f64> {
  %i = ds.constant dense<[2, 0, 2, 4]> : tensor<4xi32>
  %0 = ds.scatter "set" %x, %i, %u window [1] inserted [0] map [0] vector 1
    : (tensor<4x5xf64>, tensor<4xi32>, tensor<4x5xf64>) -> tensor<4x5xf64>
  %1 = ds.mul %0, %w : tensor<4x5xf64>, tensor<4x5xf64>
  %2 = ds.sum %1 : tensor<4x5xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// Factors are 1 + u^2, away from zero.
// PLACE: gradients of @scatter_mul: 3 arguments
func.func @scatter_mul(%x: tensor<4x5xf64>, %u: tensor<4x5xf64>, %w: tensor<4x5xf64>) -> tensor<f64> {
  %i = ds.constant dense<[2, 0, 2, 4]> : tensor<4xi32>
  %one = ds.constant dense<1.0> : tensor<f64>
  %u2 = ds.mul %u, %u : tensor<4x5xf64>, tensor<4x5xf64>
  %v = ds.add %u2, %one : tensor<4x5xf64>, tensor<f64>
  %0 = ds.scatter "mul" %x, %i, %v window [1] inserted [0] map [0] vector 1
    : (tensor<4x5xf64>, tensor<4xi32>, tensor<4x5xf64>) -> tensor<4x5xf64>
  %1 = ds.mul %0, %w : tensor<4x5xf64>, tensor<4x5xf64>
  %2 = ds.sum %1 : tensor<4x5xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// PLACE: gradients of @scatter_max: 3 arguments
func.func @scatter_max(%x: tensor<4x5xf64>, %u: tensor<4x5xf64>, %w: tensor<4x5xf64>) -> tensor<f64> {
  %i = ds.constant dense<[2, 0, 2, 4]> : tensor<4xi32>
  %0 = ds.scatter "max" %x, %i, %u window [1] inserted [0] map [0] vector 1
    : (tensor<4x5xf64>, tensor<4xi32>, tensor<4x5xf64>) -> tensor<4x5xf64>
  %1 = ds.mul %0, %w : tensor<4x5xf64>, tensor<4x5xf64>
  %2 = ds.sum %1 : tensor<4x5xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// PLACE: gradients of @scatter_min: 3 arguments
func.func @scatter_min(%x: tensor<4x5xf64>, %u: tensor<4x5xf64>, %w: tensor<4x5xf64>) -> tensor<f64> {
  %i = ds.constant dense<[2, 0, 2, 4]> : tensor<4xi32>
  %0 = ds.scatter "min" %x, %i, %u window [1] inserted [0] map [0] vector 1
    : (tensor<4x5xf64>, tensor<4xi32>, tensor<4x5xf64>) -> tensor<4x5xf64>
  %1 = ds.mul %0, %w : tensor<4x5xf64>, tensor<4x5xf64>
  %2 = ds.sum %1 : tensor<4x5xf64> -> tensor<f64>
  return %2 : tensor<f64>
}
