// RUN: ds-exec %s --print --entry=sum,dilated,max,places,grad,outside | FileCheck %s
// RUN: ds-exec %s --print --entry=prefixes,nan,order,top,total,erf_inv,bits | FileCheck %s --check-prefix=ORDER
//
// What folds of windows and prefixes are, and the order of elements.

// CHECK-LABEL: @sum
// CHECK-NEXT: result 0: {{\[\[}}3, 7], [11, 15]]
// CHECK-NEXT: result 1: {{\[\[}}1, 5, 4], [5, 13, 8]]
func.func @sum() -> (tensor<2x2xf64>, tensor<2x3xf64>) {
  %x = ds.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]> : tensor<2x4xf64>
  %0 = ds.reduce_window "sum" %x sizes [1, 2] by [1, 2] : tensor<2x4xf64> -> tensor<2x2xf64>
  %1 = ds.reduce_window "sum" %x sizes [1, 2] by [1, 2] low [0, 1] : tensor<2x4xf64> -> tensor<2x3xf64>
  return %0, %1 : tensor<2x2xf64>, tensor<2x3xf64>
}

// Gaps in the input, then in the window; places behind the end.
// CHECK-LABEL: @dilated
// CHECK-NEXT: result 0: [1, 2, 2, 3, 3]
// CHECK-NEXT: result 1: [4, 2, 3]
// CHECK-NEXT: result 2: [8, 15, 4, 5]
func.func @dilated() -> (tensor<5xf64>, tensor<3xf64>, tensor<4xf64>) {
  %x = ds.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf64>
  %y = ds.constant dense<[2.0, 3.0, 4.0, 5.0]> : tensor<4xf64>
  %0 = ds.reduce_window "sum" %x sizes [2] interior [1] : tensor<3xf64> -> tensor<5xf64>
  %1 = ds.reduce_window "sum" %x sizes [2] apart [2] : tensor<3xf64> -> tensor<3xf64>
  %2 = ds.reduce_window "mul" %y sizes [2] apart [2] : tensor<4xf64> -> tensor<4xf64>
  return %0, %1, %2 : tensor<5xf64>, tensor<3xf64>, tensor<4xf64>
}

// CHECK-LABEL: @max
// CHECK-NEXT: result 0: [3, nan, nan, 4]
// CHECK-NEXT: result 1: [1, nan, nan, -inf]
// CHECK-NEXT: result 2: [-1, -56]
func.func @max() -> (tensor<4xf64>, tensor<4xf64>, tensor<2xi8>) {
  %x = ds.constant dense<[1.0, 3.0, 0x7FF8000000000000, 4.0, 0xFFF0000000000000]> : tensor<5xf64>
  %i = ds.constant dense<[1, -1, 100, -56]> : tensor<4xi8>
  %0 = ds.reduce_window "max" %x sizes [2] : tensor<5xf64> -> tensor<4xf64>
  %1 = ds.reduce_window "min" %x sizes [2] : tensor<5xf64> -> tensor<4xf64>
  %2 = ds.reduce_window "max" %i sizes [2] by [2] unsigned : tensor<4xi8> -> tensor<2xi8>
  return %0, %1, %2 : tensor<4xf64>, tensor<4xf64>, tensor<2xi8>
}

// The first of equals, the first NaN, and nothing where there is no element.
// CHECK-LABEL: @places
// CHECK-NEXT: result 0: [0, 1, 1, 0, 0]
// CHECK-NEXT: result 1: {{\[\[}}2, 0], [0, 0]]
// CHECK-NEXT: result 2: [-1, 1, 0, -1]
func.func @places() -> (tensor<5xi32>, tensor<2x2xi32>, tensor<4xi32>) {
  %x = ds.constant dense<[1.0, 1.0, 3.0, 0x7FF8000000000000, 4.0]> : tensor<5xf64>
  %y = ds.constant dense<[[1.0, 5.0], [7.0, 2.0]]> : tensor<2x2xf64>
  %z = ds.constant dense<[1.0, 2.0]> : tensor<2xf64>
  %0 = ds.arg_reduce_window "max" %x sizes [2] : tensor<5xf64> -> tensor<5xi32>
  %1 = ds.arg_reduce_window "max" %y sizes [2, 2] low [0, 0] : tensor<2x2xf64> -> tensor<2x2xi32>
  %2 = ds.arg_reduce_window "min" %z sizes [2] by [2] low [3] : tensor<2xf64> -> tensor<4xi32>
  return %0, %1, %2 : tensor<5xi32>, tensor<2x2xi32>, tensor<4xi32>
}

// CHECK-LABEL: @grad
// CHECK-NEXT: result 0: [10, 0, 50, 0]
func.func @grad() -> tensor<4xf64> {
  %g = ds.constant dense<[10.0, 20.0, 30.0, 40.0]> : tensor<4xf64>
  %i = ds.constant dense<[0, 1, 0, -1]> : tensor<4xi32>
  %0 = ds.reduce_window_grad %g, %i sizes [2] : (tensor<4xf64>, tensor<4xi32>) -> tensor<4xf64>
  return %0 : tensor<4xf64>
}

// Windows that have no element at all.
// CHECK-LABEL: @outside
// CHECK-NEXT: result 0: [0, 0]
// CHECK-NEXT: result 1: [-inf, -inf]
func.func @outside() -> (tensor<2xf64>, tensor<2xf64>) {
  %x = ds.constant dense<[1.0, 2.0]> : tensor<2xf64>
  %0 = ds.reduce_window "sum" %x sizes [2] low [9] : tensor<2xf64> -> tensor<2xf64>
  %1 = ds.reduce_window "max" %x sizes [2] low [-9] : tensor<2xf64> -> tensor<2xf64>
  return %0, %1 : tensor<2xf64>, tensor<2xf64>
}

// ORDER-LABEL: @prefixes
// ORDER-NEXT: result 0: {{\[\[}}1, 3, 6], [4, 9, 15]]
// ORDER-NEXT: result 1: {{\[\[}}5, 7, 9], [4, 5, 6]]
// ORDER-NEXT: result 2: {{\[\[}}1, 2, 6], [4, 20, 120]]
// ORDER-NEXT: result 3: {{\[\[}}1, 2, 3], [6, 9, 12]]
func.func @prefixes() -> (tensor<2x3xf64>, tensor<2x3xf64>, tensor<2x3xi32>, tensor<2x3xf64>) {
  %x = ds.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf64>
  %i = ds.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>
  %a = ds.constant dense<2.0> : tensor<2x3xf64>
  %0 = ds.cumulative "sum" %x dim 1 : tensor<2x3xf64>
  %1 = ds.cumulative "sum" %x dim 0 reverse : tensor<2x3xf64>
  %2 = ds.cumulative "mul" %i dim 1 : tensor<2x3xi32>
  %3 = ds.cumulative "sum" %x times %a : tensor<2x3xf64> dim 0 : tensor<2x3xf64>
  return %0, %1, %2, %3 : tensor<2x3xf64>, tensor<2x3xf64>, tensor<2x3xi32>, tensor<2x3xf64>
}

// ORDER-LABEL: @nan
// ORDER-NEXT: result 0: [1, 1, nan, nan]
// ORDER-NEXT: result 1: [nan, nan, nan, inf]
// ORDER-NEXT: result 2: [1, inf, nan, nan]
func.func @nan() -> (tensor<4xf64>, tensor<4xf64>, tensor<4xf64>) {
  %x = ds.constant dense<[1.0, 0xFFF0000000000000, 0x7FF8000000000000, 0x7FF0000000000000]> : tensor<4xf64>
  %y = ds.constant dense<[1.0, 0x7FF0000000000000, 0x7FF8000000000000, 2.0]> : tensor<4xf64>
  %0 = ds.cumulative "max" %x dim 0 : tensor<4xf64>
  %1 = ds.cumulative "logsumexp" %x dim 0 reverse : tensor<4xf64>
  %2 = ds.cumulative "logsumexp" %y dim 0 : tensor<4xf64>
  return %0, %1, %2 : tensor<4xf64>, tensor<4xf64>, tensor<4xf64>
}

// Equal elements in order, either way; NaN is the largest.
// ORDER-LABEL: @order
// ORDER-NEXT: result 0: [4, 1, 3, 0, 5, 2]
// ORDER-NEXT: result 1: [2, 0, 5, 1, 3, 4]
// ORDER-NEXT: result 2: [2, 3, 0, 1]
// ORDER-NEXT: result 3: [0, 1, 2, 3]
func.func @order() -> (tensor<6xi32>, tensor<6xi32>, tensor<4xi32>, tensor<4xi32>) {
  %x = ds.constant dense<[2.0, 1.0, 0x7FF8000000000000, 1.0, 0xFFF0000000000000, 2.0]> : tensor<6xf64>
  %i = ds.constant dense<[0, 5, -7, -1]> : tensor<4xi32>
  %0 = ds.argsort %x : tensor<6xf64> -> tensor<6xi32>
  %1 = ds.argsort %x descending : tensor<6xf64> -> tensor<6xi32>
  %2 = ds.argsort %i : tensor<4xi32> -> tensor<4xi32>
  %3 = ds.argsort %i unsigned : tensor<4xi32> -> tensor<4xi32>
  return %0, %1, %2, %3 : tensor<6xi32>, tensor<6xi32>, tensor<4xi32>, tensor<4xi32>
}

// ORDER-LABEL: @top
// ORDER-NEXT: result 0: {{\[\[}}1, 3], [0, 1]]
func.func @top() -> tensor<2x2xi32> {
  %x = ds.constant dense<[[1.0, 4.0, 2.0, 4.0], [3.0, 3.0, 3.0, 3.0]]> : tensor<2x4xf64>
  %0 = ds.argsort %x descending : tensor<2x4xf64> -> tensor<2x2xi32>
  return %0 : tensor<2x2xi32>
}

// ORDER-LABEL: @total
// ORDER-NEXT: result 0: [0, 1, 2, 3]
// ORDER-NEXT: result 1: [3, 1, 0, 2]
func.func @total() -> (tensor<4xi32>, tensor<4xi32>) {
  %x = ds.constant dense<[0.0, -0.0, 0x7FF8000000000000, 0xFFF8000000000000]> : tensor<4xf64>
  %0 = ds.argsort %x : tensor<4xf64> -> tensor<4xi32>
  %1 = ds.argsort %x total : tensor<4xf64> -> tensor<4xi32>
  return %0, %1 : tensor<4xi32>, tensor<4xi32>
}

// ORDER-LABEL: @erf_inv
// ORDER-NEXT: result 0: [0, 0.476936, -0.476936, inf, -inf, nan]
func.func @erf_inv() -> tensor<6xf64> {
  %x = ds.constant dense<[0.0, 0.5, -0.5, 1.0, -1.0, 1.5]> : tensor<6xf64>
  %0 = ds.erf_inv %x : tensor<6xf64>
  return %0 : tensor<6xf64>
}

// ORDER-LABEL: @bits
// ORDER-NEXT: result 0: [1, -2]
// ORDER-NEXT: result 1: [1065353216, -1073741824]
func.func @bits() -> (tensor<2xf32>, tensor<2xi32>) {
  %i = ds.constant dense<[1065353216, -1073741824]> : tensor<2xi32>
  %0 = ds.bitcast %i : tensor<2xi32> -> tensor<2xf32>
  %1 = ds.bitcast %0 : tensor<2xf32> -> tensor<2xi32>
  return %0, %1 : tensor<2xf32>, tensor<2xi32>
}
