// RUN: ds-exec %s --print --entry=elementwise,broadcasts,activations,scalars,products,sums,repeats,control,blocks | FileCheck %s
//
// What arithmetic ops compute, by hand.

// CHECK-LABEL: @elementwise
// CHECK-NEXT: result 0: [5, 7, 9]
// CHECK-NEXT: result 1: [-3, -3, -3]
// CHECK-NEXT: result 2: [4, 10, 18]
// CHECK-NEXT: result 3: [0.25, 0.4, 0.5]
// CHECK-NEXT: result 4: [-1, -2, -3]
func.func @elementwise() -> (tensor<3xf64>, tensor<3xf64>, tensor<3xf64>, tensor<3xf64>, tensor<3xf64>) {
  %a = ds.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf64>
  %b = ds.constant dense<[4.0, 5.0, 6.0]> : tensor<3xf64>
  %0 = ds.add %a, %b : tensor<3xf64>, tensor<3xf64>
  %1 = ds.sub %a, %b : tensor<3xf64>, tensor<3xf64>
  %2 = ds.mul %a, %b : tensor<3xf64>, tensor<3xf64>
  %3 = ds.div %a, %b : tensor<3xf64>, tensor<3xf64>
  %4 = ds.neg %a : tensor<3xf64>
  return %0, %1, %2, %3, %4 : tensor<3xf64>, tensor<3xf64>, tensor<3xf64>, tensor<3xf64>, tensor<3xf64>
}

// The right operand repeats over leading dimensions; a scalar over all.
// CHECK-LABEL: @broadcasts
// CHECK-NEXT: result 0: {{\[\[}}11, 22, 33], [14, 25, 36]]
// CHECK-NEXT: result 1: {{\[\[}}0.5, 1, 1.5], [2, 2.5, 3]]
func.func @broadcasts() -> (tensor<2x3xf64>, tensor<2x3xf64>) {
  %a = ds.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf64>
  %b = ds.constant dense<[10.0, 20.0, 30.0]> : tensor<3xf64>
  %two = ds.constant dense<2.0> : tensor<f64>
  %0 = ds.add %a, %b : tensor<2x3xf64>, tensor<3xf64>
  %1 = ds.div %a, %two : tensor<2x3xf64>, tensor<f64>
  return %0, %1 : tensor<2x3xf64>, tensor<2x3xf64>
}

// torch.nn.functional.gelu(x, approximate="tanh"), silu(x)
// CHECK-LABEL: @activations
// CHECK-NEXT: result 0: [-0.158808, 0, 0.841192, 1.9546]
// CHECK-NEXT: result 1: [-0.268941, 0, 0.731059, 1.76159]
func.func @activations() -> (tensor<4xf64>, tensor<4xf64>) {
  %x = ds.constant dense<[-1.0, 0.0, 1.0, 2.0]> : tensor<4xf64>
  %0 = ds.gelu %x : tensor<4xf64>
  %1 = ds.silu %x : tensor<4xf64>
  return %0, %1 : tensor<4xf64>, tensor<4xf64>
}

// CHECK-LABEL: @scalars
// CHECK-NEXT: result 0: 8
// CHECK-NEXT: result 1: 2
// CHECK-NEXT: result 2: 1.41421
// CHECK-NEXT: result 3: 3
// CHECK-NEXT: result 4: nan
// CHECK-NEXT: result 5: 3
// CHECK-NEXT: result 6: nan
// CHECK-NEXT: result 7: 0.693147
// CHECK-NEXT: result 8: -0.416147
func.func @scalars() -> (tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>,
                         tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>) {
  %two = ds.constant dense<2.0> : tensor<f64>
  %three = ds.constant dense<3> : tensor<i64>
  %nan = ds.constant dense<0x7FF8000000000000> : tensor<f64>
  %3 = ds.cast %three : tensor<i64> -> tensor<f64>
  %0 = ds.pow %two, %3 : tensor<f64>, tensor<f64>
  %1 = ds.min %3, %two : tensor<f64>, tensor<f64>
  %2 = ds.sqrt %two : tensor<f64>
  %4 = ds.min %two, %nan : tensor<f64>, tensor<f64>
  %5 = ds.max %3, %two : tensor<f64>, tensor<f64>
  %6 = ds.max %two, %nan : tensor<f64>, tensor<f64>
  %7 = ds.log %two : tensor<f64>
  %8 = ds.cos %two : tensor<f64>
  return %0, %1, %2, %3, %4, %5, %6, %7, %8 : tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>,
    tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>
}

// Plain, transposed, and batched with a strided batch letter.
// CHECK-LABEL: @products
// CHECK-NEXT: result 0: {{\[\[}}1, 2, 5], [3, 4, 11]]
// CHECK-NEXT: result 1: {{\[\[}}10, 14], [14, 20]]
// CHECK-NEXT: result 2: {{\[\[}}1, 4], [9, 16]]
// CHECK-NEXT: result 3: [10, 20]
func.func @products() -> (tensor<2x3xf64>, tensor<2x2xf64>, tensor<2x2xf64>, tensor<2xf64>) {
  %a = ds.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf64>
  %b = ds.constant dense<[[1.0, 0.0, 1.0], [0.0, 1.0, 2.0]]> : tensor<2x3xf64>
  %0 = ds.dot "ik,kj->ij" %a, %b : (tensor<2x2xf64>, tensor<2x3xf64>) -> tensor<2x3xf64>
  %1 = ds.dot "ki,kj->ij" %a, %a : (tensor<2x2xf64>, tensor<2x2xf64>) -> tensor<2x2xf64>
  %2 = ds.dot "ij,ij->ij" %a, %a : (tensor<2x2xf64>, tensor<2x2xf64>) -> tensor<2x2xf64>
  %3 = ds.dot "ki,ki->i" %a, %a : (tensor<2x2xf64>, tensor<2x2xf64>) -> tensor<2xf64>
  return %0, %1, %2, %3 : tensor<2x3xf64>, tensor<2x2xf64>, tensor<2x2xf64>, tensor<2xf64>
}

// CHECK-LABEL: @sums
// CHECK-NEXT: result 0: [5, 7, 9]
// CHECK-NEXT: result 1: [6, 15]
// CHECK-NEXT: result 2: [14, 77]
// CHECK-NEXT: result 3: 21
func.func @sums() -> (tensor<3xf64>, tensor<2xf64>, tensor<2xf64>, tensor<f64>) {
  %a = ds.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf64>
  %0 = ds.sum %a : tensor<2x3xf64> -> tensor<3xf64>
  %1 = ds.sum %a {trailing} : tensor<2x3xf64> -> tensor<2xf64>
  %2 = ds.sum %a {trailing, squares} : tensor<2x3xf64> -> tensor<2xf64>
  %3 = ds.sum %a : tensor<2x3xf64> -> tensor<f64>
  return %0, %1, %2, %3 : tensor<3xf64>, tensor<2xf64>, tensor<2xf64>, tensor<f64>
}

// CHECK-LABEL: @repeats
// CHECK-NEXT: result 0: {{\[\[}}1, 2], [1, 2], [1, 2]]
func.func @repeats() -> tensor<3x2xf64> {
  %a = ds.constant dense<[1.0, 2.0]> : tensor<2xf64>
  %0 = ds.broadcast %a : tensor<2xf64> -> tensor<3x2xf64>
  return %0 : tensor<3x2xf64>
}

func.func private @twice(%x: tensor<f64>) -> tensor<f64> attributes {ds.kernel} {
  %0 = ds.add %x, %x : tensor<f64>, tensor<f64>
  return %0 : tensor<f64>
}

// Calls, launches and loops: 2 * (1 + 2 + 3), then 2^3.
// CHECK-LABEL: @control
// CHECK-NEXT: result 0: 12
// CHECK-NEXT: result 1: 8
func.func @control() -> (tensor<f64>, tensor<f64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %zero = ds.constant dense<0.0> : tensor<f64>
  %one = ds.constant dense<1.0> : tensor<f64>
  %inputs = ds.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf64>
  %sum, %power = scf.for %i = %c0 to %c3 step %c1
      iter_args(%s = %zero, %p = %one) -> (tensor<f64>, tensor<f64>) {
    %x = ds.micro_batch %inputs[%i] : tensor<3xf64> -> tensor<f64>
    %s1 = ds.add %s, %x : tensor<f64>, tensor<f64>
    %p1 = ds.launch @twice(%p) : (tensor<f64>) -> tensor<f64>
    scf.yield %s1, %p1 : tensor<f64>, tensor<f64>
  }
  %double = call @twice(%sum) : (tensor<f64>) -> tensor<f64>
  return %double, %power : tensor<f64>, tensor<f64>
}

// A product added to the first rows; windows of the second dimension, and back.
// CHECK-LABEL: @blocks
// CHECK-NEXT: result 0: {{\[\[}}18, 21], [39, 48], [1, 1]]
// CHECK-NEXT: result 1: {{\[\[}}3], [6]]
// CHECK-NEXT: result 2: {{\[\[}}1, 2, 3], [4, 5, 6]]
func.func @blocks() -> (tensor<3x2xf64>, tensor<2x1xf64>, tensor<2x3xf64>) {
  %ones = ds.constant dense<1.0> : tensor<3x2xf64>
  %a = ds.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf64>
  %b = ds.constant dense<[[2.0, 3.0], [0.0, 1.0], [5.0, 5.0]]> : tensor<3x2xf64>
  %0 = ds.dot_add %ones, "mk,kn->mn" %a, %b : tensor<3x2xf64>, tensor<2x3xf64>, tensor<3x2xf64>
  %l = ds.window %a dim 1 at 0 : tensor<2x3xf64> -> tensor<2x2xf64>
  %r = ds.window %a dim 1 at 2 : tensor<2x3xf64> -> tensor<2x1xf64>
  %2 = ds.stack %l, %r dim 1 : (tensor<2x2xf64>, tensor<2x1xf64>) -> tensor<2x3xf64>
  return %0, %r, %2 : tensor<3x2xf64>, tensor<2x1xf64>, tensor<2x3xf64>
}
