// RUN: ds-exec %s --check-gradients=recurrence,backwards,changing_places,integers,nested,entry_number,map,unused,guarded | FileCheck %s
//
// Gradients of loops and branches against finite differences.

// What is carried, stacked and shared, and the carried value in the stack.
// CHECK: gradients of @recurrence: 4 arguments
func.func @recurrence(%h: tensor<2x3xf64>, %xs: tensor<5x2x3xf64>, %w: tensor<3x3xf64>,
    %v: tensor<5x2x3xf64>) -> tensor<f64> {
  %last, %all = ds.scan 5 carry(%h) each(%xs) shared(%w)
      : (tensor<2x3xf64>, tensor<5x2x3xf64>, tensor<3x3xf64>) -> (tensor<2x3xf64>, tensor<5x2x3xf64>) {
  ^bb0(%i: tensor<i64>, %h0: tensor<2x3xf64>, %x: tensor<2x3xf64>, %w0: tensor<3x3xf64>):
    %a = ds.dot "bk,kn->bn" %h0, %w0 : (tensor<2x3xf64>, tensor<3x3xf64>) -> tensor<2x3xf64>
    %b = ds.add %a, %x : tensor<2x3xf64>, tensor<2x3xf64>
    %h1 = ds.tanh %b : tensor<2x3xf64>
    %y = ds.mul %h1, %h0 : tensor<2x3xf64>, tensor<2x3xf64>
    ds.yield %h1, %y : tensor<2x3xf64>, tensor<2x3xf64>
  }
  %weighted = ds.mul %all, %v : tensor<5x2x3xf64>, tensor<5x2x3xf64>
  %0 = ds.sum %weighted : tensor<5x2x3xf64> -> tensor<f64>
  %1 = ds.sum %last {squares} : tensor<2x3xf64> -> tensor<f64>
  %2 = ds.add %0, %1 : tensor<f64>, tensor<f64>
  return %2 : tensor<f64>
}

// From the last entry on; only the stack is used.
// CHECK: gradients of @backwards: 3 arguments
func.func @backwards(%h: tensor<3xf64>, %xs: tensor<4x3xf64>, %v: tensor<4x3xf64>) -> tensor<f64> {
  %last, %all = ds.scan 4 reversed carry(%h) each(%xs)
      : (tensor<3xf64>, tensor<4x3xf64>) -> (tensor<3xf64>, tensor<4x3xf64>) {
  ^bb0(%i: tensor<i64>, %h0: tensor<3xf64>, %x: tensor<3xf64>):
    %a = ds.mul %h0, %x : tensor<3xf64>, tensor<3xf64>
    %b = ds.sin %a : tensor<3xf64>
    ds.yield %b, %a : tensor<3xf64>, tensor<3xf64>
  }
  %0 = ds.mul %all, %v : tensor<4x3xf64>, tensor<4x3xf64>
  %1 = ds.sum %0 : tensor<4x3xf64> -> tensor<f64>
  return %1 : tensor<f64>
}

// CHECK: gradients of @changing_places: 3 arguments
func.func @changing_places(%x: tensor<3xf64>, %y: tensor<3xf64>, %w: tensor<3xf64>) -> tensor<f64> {
  %a, %b = ds.scan 5 carry(%x, %y) : (tensor<3xf64>, tensor<3xf64>) -> (tensor<3xf64>, tensor<3xf64>) {
  ^bb0(%i: tensor<i64>, %x0: tensor<3xf64>, %y0: tensor<3xf64>):
    %z = ds.sin %x0 : tensor<3xf64>
    ds.yield %y0, %z : tensor<3xf64>, tensor<3xf64>
  }
  %0 = ds.mul %a, %w : tensor<3xf64>, tensor<3xf64>
  %1 = ds.add %0, %b : tensor<3xf64>, tensor<3xf64>
  %2 = ds.sum %1 {squares} : tensor<3xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// A carried integer that the body needs has no gradient, but is kept for it.
// CHECK: gradients of @integers: 1 arguments
func.func @integers(%x: tensor<6xf64>) -> tensor<f64> {
  %zero = ds.constant dense<0.0> : tensor<1xf64>
  %n = ds.constant dense<1> : tensor<i32>
  %a, %b = ds.scan 5 carry(%zero, %n) shared(%x)
      : (tensor<1xf64>, tensor<i32>, tensor<6xf64>) -> (tensor<1xf64>, tensor<i32>) {
  ^bb0(%i: tensor<i64>, %sum: tensor<1xf64>, %n0: tensor<i32>, %x0: tensor<6xf64>):
    %three = ds.constant dense<3> : tensor<i32>
    %seven = ds.constant dense<7> : tensor<i32>
    %at = ds.dynamic_slice %x0 at (%n0) : tensor<6xf64>, tensor<i32> -> tensor<1xf64>
    %squared = ds.mul %at, %at : tensor<1xf64>, tensor<1xf64>
    %next = ds.add %sum, %squared : tensor<1xf64>, tensor<1xf64>
    %m = ds.mul %n0, %three : tensor<i32>, tensor<i32>
    %n1 = ds.rem %m, %seven : tensor<i32>, tensor<i32>
    ds.yield %next, %n1 : tensor<1xf64>, tensor<i32>
  }
  %0 = ds.sum %a {squares} : tensor<1xf64> -> tensor<f64>
  return %0 : tensor<f64>
}

// CHECK: gradients of @nested: 3 arguments
func.func @nested(%h: tensor<2xf64>, %xs: tensor<3x4x2xf64>, %w: tensor<2xf64>) -> tensor<f64> {
  %last, %all = ds.scan 3 carry(%h) each(%xs) shared(%w)
      : (tensor<2xf64>, tensor<3x4x2xf64>, tensor<2xf64>) -> (tensor<2xf64>, tensor<3x4x2xf64>) {
  ^bb0(%i: tensor<i64>, %h0: tensor<2xf64>, %x: tensor<4x2xf64>, %w0: tensor<2xf64>):
    %a, %b = ds.scan 4 reversed carry(%h0) each(%x) shared(%w0)
        : (tensor<2xf64>, tensor<4x2xf64>, tensor<2xf64>) -> (tensor<2xf64>, tensor<4x2xf64>) {
    ^bb0(%j: tensor<i64>, %g: tensor<2xf64>, %y: tensor<2xf64>, %w1: tensor<2xf64>):
      %0 = ds.mul %g, %w1 : tensor<2xf64>, tensor<2xf64>
      %1 = ds.add %0, %y : tensor<2xf64>, tensor<2xf64>
      %2 = ds.tanh %1 : tensor<2xf64>
      ds.yield %2, %0 : tensor<2xf64>, tensor<2xf64>
    }
    ds.yield %a, %b : tensor<2xf64>, tensor<4x2xf64>
  }
  %0 = ds.sum %all {squares} : tensor<3x4x2xf64> -> tensor<f64>
  %1 = ds.sum %last : tensor<2xf64> -> tensor<f64>
  %2 = ds.add %0, %1 : tensor<f64>, tensor<f64>
  return %2 : tensor<f64>
}

// The entry's number counts down in a reversed loop.
// CHECK: gradients of @entry_number: 1 arguments
func.func @entry_number(%x: tensor<f64>) -> tensor<f64> {
  %0 = ds.scan 4 reversed carry(%x) : (tensor<f64>) -> tensor<f64> {
  ^bb0(%i: tensor<i64>, %x0: tensor<f64>):
    %n = ds.cast %i : tensor<i64> -> tensor<f64>
    %a = ds.add %x0, %n : tensor<f64>, tensor<f64>
    %b = ds.sin %a : tensor<f64>
    ds.yield %b : tensor<f64>
  }
  return %0 : tensor<f64>
}

// CHECK: gradients of @map: 2 arguments
func.func @map(%xs: tensor<4x3xf64>, %w: tensor<3xf64>) -> tensor<f64> {
  %0 = ds.scan 4 each(%xs) shared(%w) : (tensor<4x3xf64>, tensor<3xf64>) -> tensor<4xf64> {
  ^bb0(%i: tensor<i64>, %x: tensor<3xf64>, %w0: tensor<3xf64>):
    %a = ds.mul %x, %w0 : tensor<3xf64>, tensor<3xf64>
    %b = ds.sum %a {squares} : tensor<3xf64> -> tensor<f64>
    ds.yield %b : tensor<f64>
  }
  %1 = ds.sum %0 {squares} : tensor<4xf64> -> tensor<f64>
  return %1 : tensor<f64>
}

// What the loss does not depend on.
// CHECK: gradients of @unused: 3 arguments
func.func @unused(%x: tensor<3xf64>, %y: tensor<3xf64>, %ws: tensor<2x3xf64>) -> tensor<f64> {
  %a, %b, %c = ds.scan 2 carry(%x, %y) each(%ws)
      : (tensor<3xf64>, tensor<3xf64>, tensor<2x3xf64>) -> (tensor<3xf64>, tensor<3xf64>, tensor<2x3xf64>) {
  ^bb0(%i: tensor<i64>, %x0: tensor<3xf64>, %y0: tensor<3xf64>, %w: tensor<3xf64>):
    %x1 = ds.mul %x0, %x0 : tensor<3xf64>, tensor<3xf64>
    %y1 = ds.mul %y0, %w : tensor<3xf64>, tensor<3xf64>
    ds.yield %x1, %y1, %y1 : tensor<3xf64>, tensor<3xf64>, tensor<3xf64>
  }
  %0 = ds.sum %a : tensor<3xf64> -> tensor<f64>
  return %0 : tensor<f64>
}

// The gradient of the branch not taken is 0 / sqrt(0), which is NaN: the guard drops it, so
// that the one of the branch taken is left.
// CHECK: gradients of @guarded: 1 arguments
func.func @guarded(%x: tensor<3xf64>) -> tensor<f64> {
  %no = ds.constant dense<false> : tensor<i1>
  %yes = ds.constant dense<true> : tensor<i1>
  %nine = ds.constant dense<9.0> : tensor<f64>
  %0 = ds.guard %no, %x : tensor<i1>, tensor<3xf64>
  %1 = ds.guard %yes, %x : tensor<i1>, tensor<3xf64>
  %2 = ds.sub %0, %0 : tensor<3xf64>, tensor<3xf64>
  %3 = ds.sqrt %2 : tensor<3xf64>
  %4 = ds.sub %1, %nine : tensor<3xf64>, tensor<f64>
  %5 = ds.mul %4, %4 : tensor<3xf64>, tensor<3xf64>
  %6 = ds.select %no, %3, %5 : tensor<i1>, tensor<3xf64>
  %7 = ds.sum %6 : tensor<3xf64> -> tensor<f64>
  return %7 : tensor<f64>
}
