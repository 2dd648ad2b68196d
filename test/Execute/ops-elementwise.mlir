// RUN: ds-exec %s --print --entry=floats,special,integers,unsigned,bits,choices,casts,folds,places,shares \
// RUN:   | FileCheck %s
//
// What elementwise ops and their reductions compute, by hand; NaN, infinity, ties and the ends of integers.

// CHECK-LABEL: @floats
// CHECK-NEXT: result 0: [0.082085, 0.367879, 1, 7.38906]
// CHECK-NEXT: result 1: [-0.917915, -0.632121, 0, 6.38906]
// CHECK-NEXT: result 2: [-0.986614, -0.761594, 0, 0.964028]
// CHECK-NEXT: result 3: [0.0758582, 0.268941, 0.5, 0.880797]
// CHECK-NEXT: result 4: [-0.598472, -0.841471, 0, 0.909297]
// CHECK-NEXT: result 5: [-0.999593, -0.842701, 0, 0.995322]
// CHECK-NEXT: result 6: [-3, -1, 0, 2]
// CHECK-NEXT: result 7: [-2, -1, 0, 2]
// CHECK-NEXT: result 8: [-2, -1, 0, 2]
// CHECK-NEXT: result 9: [-3, -1, 0, 2]
// CHECK-NEXT: result 10: [2.5, 1, 0, 2]
// CHECK-NEXT: result 11: [-1, -1, 0, 1]
func.func @floats() -> (tensor<4xf64>, tensor<4xf64>, tensor<4xf64>, tensor<4xf64>, tensor<4xf64>, tensor<4xf64>,
                        tensor<4xf64>, tensor<4xf64>, tensor<4xf64>, tensor<4xf64>, tensor<4xf64>, tensor<4xf64>) {
  %x = ds.constant dense<[-2.5, -1.0, 0.0, 2.0]> : tensor<4xf64>
  %0 = ds.exp %x : tensor<4xf64>
  %1 = ds.expm1 %x : tensor<4xf64>
  %2 = ds.tanh %x : tensor<4xf64>
  %3 = ds.sigmoid %x : tensor<4xf64>
  %4 = ds.sin %x : tensor<4xf64>
  %5 = ds.erf %x : tensor<4xf64>
  %6 = ds.floor %x : tensor<4xf64>
  %7 = ds.ceil %x : tensor<4xf64>
  %8 = ds.round %x : tensor<4xf64>
  %9 = ds.round_away %x : tensor<4xf64>
  %10 = ds.abs %x : tensor<4xf64>
  %11 = ds.sign %x : tensor<4xf64>
  return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11 : tensor<4xf64>, tensor<4xf64>, tensor<4xf64>,
    tensor<4xf64>, tensor<4xf64>, tensor<4xf64>, tensor<4xf64>, tensor<4xf64>, tensor<4xf64>, tensor<4xf64>,
    tensor<4xf64>,
    tensor<4xf64>
}

// x = NaN, -inf, inf, -0.5; torch.nn.functional.gelu at the end
// CHECK-LABEL: @special
// CHECK-NEXT: result 0: [nan, nan, inf, nan]
// CHECK-NEXT: result 1: [nan, -inf, inf, -0.793701]
// CHECK-NEXT: result 2: [nan, nan, 0, nan]
// CHECK-NEXT: result 3: [nan, -1, 1, -1]
// CHECK-NEXT: result 4: [nan, -1, inf, -0.5]
// CHECK-NEXT: result 5: [nan, -inf, -1, -1]
// CHECK-NEXT: result 6: [nan, nan, nan, -0.5]
// CHECK-NEXT: result 7: [nan, inf, inf, 0.25]
// CHECK-NEXT: result 8: [nan, -1.5708, 1.5708, -0.463648]
// CHECK-NEXT: result 9: [0, 0, 0, 1]
// CHECK-NEXT: result 10: [nan, nan, inf, -0.693147]
// CHECK-NEXT: result 11: [-0.158655, 0, 0.841345, 1.9545]
func.func @special() -> (tensor<4xf64>, tensor<4xf64>, tensor<4xf64>, tensor<4xf64>, tensor<4xf64>, tensor<4xf64>,
                         tensor<4xf64>, tensor<4xf64>, tensor<4xf64>, tensor<4xi1>, tensor<4xf64>, tensor<4xf64>) {
  %x = ds.constant dense<[0x7FF8000000000000, 0xFFF0000000000000, 0x7FF0000000000000, -0.5]> : tensor<4xf64>
  %minus = ds.constant dense<-1.0> : tensor<f64>
  %unit = ds.constant dense<1.0> : tensor<f64>
  %two = ds.constant dense<2.0> : tensor<f64>
  %0 = ds.sqrt %x : tensor<4xf64>
  %1 = ds.cbrt %x : tensor<4xf64>
  %2 = ds.rsqrt %x : tensor<4xf64>
  %3 = ds.sign %x : tensor<4xf64>
  %4 = ds.max %x, %minus : tensor<4xf64>, tensor<f64>
  %5 = ds.min %x, %minus : tensor<4xf64>, tensor<f64>
  %6 = ds.rem %x, %minus : tensor<4xf64>, tensor<f64>
  %7 = ds.pow %x, %two : tensor<4xf64>, tensor<f64>
  %8 = ds.atan2 %x, %unit : tensor<4xf64>, tensor<f64>
  %9 = ds.is_finite %x : tensor<4xf64> -> tensor<4xi1>
  %10 = ds.log1p %x : tensor<4xf64>
  %y = ds.constant dense<[-1.0, 0.0, 1.0, 2.0]> : tensor<4xf64>
  %11 = ds.gelu_erf %y : tensor<4xf64>
  return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11 : tensor<4xf64>, tensor<4xf64>, tensor<4xf64>,
    tensor<4xf64>, tensor<4xf64>, tensor<4xf64>, tensor<4xf64>, tensor<4xf64>, tensor<4xf64>, tensor<4xi1>,
    tensor<4xf64>,
    tensor<4xf64>
}

// i8 wraps around; division by zero gives all ones, and leaves the remainder.
// CHECK-LABEL: @integers
// CHECK-NEXT: result 0: [-127, 0, 6, 126]
// CHECK-NEXT: result 1: [125, -2, 8, -126]
// CHECK-NEXT: result 2: [-2, -1, -7, -128]
// CHECK-NEXT: result 3: [63, -1, -7, -128]
// CHECK-NEXT: result 4: [1, -1, 0, 0]
// CHECK-NEXT: result 5: [127, 1, 7, -1]
// CHECK-NEXT: result 6: [1, 1, 0, 0]
// CHECK-NEXT: result 7: [127, 1, 7, -128]
// CHECK-NEXT: result 8: [1, -1, 1, -1]
// CHECK-NEXT: result 9: [-127, 1, -7, -128]
func.func @integers() -> (tensor<4xi8>, tensor<4xi8>, tensor<4xi8>, tensor<4xi8>, tensor<4xi8>, tensor<4xi8>,
                          tensor<4xi8>, tensor<4xi8>, tensor<4xi8>, tensor<4xi8>) {
  %x = ds.constant dense<[127, -1, 7, -128]> : tensor<4xi8>
  %y = ds.constant dense<[2, 1, -1, -1]> : tensor<4xi8>
  %z = ds.constant dense<[2, 0, -1, -1]> : tensor<4xi8>
  %e = ds.constant dense<[0, 2, -1, -1]> : tensor<4xi8>
  %a = ds.constant dense<[2, 1, -1, -2]> : tensor<4xi8>
  %0 = ds.add %x, %a : tensor<4xi8>, tensor<4xi8>
  %1 = ds.sub %x, %a : tensor<4xi8>, tensor<4xi8>
  %2 = ds.mul %x, %y : tensor<4xi8>, tensor<4xi8>
  %3 = ds.div %x, %z : tensor<4xi8>, tensor<4xi8>
  %4 = ds.rem %x, %z : tensor<4xi8>, tensor<4xi8>
  %5 = ds.max %x, %y : tensor<4xi8>, tensor<4xi8>
  %6 = ds.pow %x, %e : tensor<4xi8>, tensor<4xi8>
  %7 = ds.abs %x : tensor<4xi8>
  %8 = ds.sign %x : tensor<4xi8>
  %9 = ds.neg %x : tensor<4xi8>
  return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9 : tensor<4xi8>, tensor<4xi8>, tensor<4xi8>, tensor<4xi8>, tensor<4xi8>,
    tensor<4xi8>, tensor<4xi8>, tensor<4xi8>, tensor<4xi8>, tensor<4xi8>
}

// 250 and -6 are the same bits.
// CHECK-LABEL: @unsigned
// CHECK-NEXT: result 0: [83, 3, -1]
// CHECK-NEXT: result 1: [1, 1, 5]
// CHECK-NEXT: result 2: [-6, 10, 5]
// CHECK-NEXT: result 3: [3, 3, 0]
// CHECK-NEXT: result 4: [0, 0, 0]
func.func @unsigned() -> (tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi1>) {
  %x = ds.constant dense<[-6, 10, 5]> : tensor<3xi8>
  %y = ds.constant dense<[3, 3, 0]> : tensor<3xi8>
  %0 = ds.div %x, %y unsigned : tensor<3xi8>, tensor<3xi8>
  %1 = ds.rem %x, %y unsigned : tensor<3xi8>, tensor<3xi8>
  %2 = ds.max %x, %y unsigned : tensor<3xi8>, tensor<3xi8>
  %3 = ds.min %x, %y unsigned : tensor<3xi8>, tensor<3xi8>
  %4 = ds.compare "lt" %x, %y unsigned : tensor<3xi8>, tensor<3xi8> -> tensor<3xi1>
  return %0, %1, %2, %3, %4 : tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi8>, tensor<3xi1>
}

// CHECK-LABEL: @bits
// CHECK-NEXT: result 0: [4, 4]
// CHECK-NEXT: result 1: [-1, 7]
// CHECK-NEXT: result 2: [-5, 3]
// CHECK-NEXT: result 3: [-2, -6]
// CHECK-NEXT: result 4: [-16, 0]
// CHECK-NEXT: result 5: [-1, 0]
// CHECK-NEXT: result 6: [15, 0]
// CHECK-NEXT: result 7: [8, 2]
// CHECK-NEXT: result 8: [0, 5]
// CHECK-NEXT: result 9: [1, 0]
func.func @bits() -> (tensor<2xi8>, tensor<2xi8>, tensor<2xi8>, tensor<2xi8>, tensor<2xi8>, tensor<2xi8>, tensor<2xi8>,
                      tensor<2xi8>, tensor<2xi8>, tensor<2xi1>) {
  %x = ds.constant dense<[-1, 5]> : tensor<2xi8>
  %y = ds.constant dense<[4, 6]> : tensor<2xi8>
  %n = ds.constant dense<[4, -1]> : tensor<2xi8>
  %m = ds.constant dense<[1, 5]> : tensor<2xi8>
  %0 = ds.and %x, %y : tensor<2xi8>, tensor<2xi8>
  %1 = ds.or %x, %y : tensor<2xi8>, tensor<2xi8>
  %2 = ds.xor %x, %y : tensor<2xi8>, tensor<2xi8>
  %3 = ds.not %m : tensor<2xi8>
  %4 = ds.shift_left %x, %n : tensor<2xi8>, tensor<2xi8>
  %5 = ds.shift_right %x, %n : tensor<2xi8>, tensor<2xi8>
  %6 = ds.shift_right %x, %n unsigned : tensor<2xi8>, tensor<2xi8>
  %7 = ds.popcount %x : tensor<2xi8>
  %8 = ds.count_leading_zeros %x : tensor<2xi8>
  %t = ds.constant dense<[false, true]> : tensor<2xi1>
  %9 = ds.not %t : tensor<2xi1>
  return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9 : tensor<2xi8>, tensor<2xi8>, tensor<2xi8>, tensor<2xi8>, tensor<2xi8>,
    tensor<2xi8>, tensor<2xi8>, tensor<2xi8>, tensor<2xi8>, tensor<2xi1>
}

// CHECK-LABEL: @choices
// CHECK-NEXT: result 0: [1, 0, 0]
// CHECK-NEXT: result 1: [0, 0, 1]
// CHECK-NEXT: result 2: [1, 20, 30]
// CHECK-NEXT: result 3: [10, 20, 30]
func.func @choices() -> (tensor<3xi1>, tensor<3xi1>, tensor<3xf64>, tensor<3xf64>) {
  %x = ds.constant dense<[1.0, 2.0, 0x7FF8000000000000]> : tensor<3xf64>
  %y = ds.constant dense<[10.0, 20.0, 30.0]> : tensor<3xf64>
  %two = ds.constant dense<2.0> : tensor<f64>
  %false = ds.constant dense<false> : tensor<i1>
  %0 = ds.compare "lt" %x, %two : tensor<3xf64>, tensor<f64> -> tensor<3xi1>
  %1 = ds.compare "ne" %x, %x : tensor<3xf64>, tensor<3xf64> -> tensor<3xi1>
  %2 = ds.select %0, %x, %y : tensor<3xi1>, tensor<3xf64>
  %3 = ds.select %false, %x, %y : tensor<i1>, tensor<3xf64>
  return %0, %1, %2, %3 : tensor<3xi1>, tensor<3xi1>, tensor<3xf64>, tensor<3xf64>
}

// CHECK-LABEL: @casts
// CHECK-NEXT: result 0: [-2, 127, 0, -128]
// CHECK-NEXT: result 1: [0, -1, 0, 0]
// CHECK-NEXT: result 2: [1, 1, 1, 1]
// CHECK-NEXT: result 3: [254, 127]
// CHECK-NEXT: result 4: [-2, 127]
// CHECK-NEXT: result 5: [1, 0]
func.func @casts() -> (tensor<4xi8>, tensor<4xi8>, tensor<4xi1>, tensor<2xf64>, tensor<2xi32>, tensor<2xf64>) {
  %x = ds.constant dense<[-2.7, 300.0, 0x7FF8000000000000, 0xFFF0000000000000]> : tensor<4xf64>
  %n = ds.constant dense<[-2, 127]> : tensor<2xi8>
  %t = ds.constant dense<[true, false]> : tensor<2xi1>
  %0 = ds.cast %x : tensor<4xf64> -> tensor<4xi8>
  %1 = ds.cast %x unsigned : tensor<4xf64> -> tensor<4xi8>
  %2 = ds.cast %x : tensor<4xf64> -> tensor<4xi1>
  %3 = ds.cast %n unsigned : tensor<2xi8> -> tensor<2xf64>
  %4 = ds.cast %n : tensor<2xi8> -> tensor<2xi32>
  %5 = ds.cast %t : tensor<2xi1> -> tensor<2xf64>
  return %0, %1, %2, %3, %4, %5 : tensor<4xi8>, tensor<4xi8>, tensor<4xi1>, tensor<2xf64>, tensor<2xi32>, tensor<2xf64>
}

// CHECK-LABEL: @folds
// CHECK-NEXT: result 0: [3, nan]
// CHECK-NEXT: result 1: -1
// CHECK-NEXT: result 2: [6, nan]
// CHECK-NEXT: result 3: [3, -1]
// CHECK-NEXT: result 4: [0, 1]
// CHECK-NEXT: result 5: [1, 1]
func.func @folds() -> (tensor<2xf64>, tensor<i8>, tensor<2xf64>, tensor<2xi8>, tensor<2xi1>, tensor<2xi1>) {
  %x = ds.constant dense<[[1.0, 3.0, 2.0], [0x7FF8000000000000, -1.0, 4.0]]> : tensor<2x3xf64>
  %n = ds.constant dense<[[1, 3, 2], [-1, -2, 4]]> : tensor<2x3xi8>
  %t = ds.constant dense<[[true, false, true], [true, true, true]]> : tensor<2x3xi1>
  %low = ds.constant dense<[-1, 0, 1]> : tensor<3xi8>
  %0 = ds.reduce "max" %x : tensor<2x3xf64> -> tensor<2xf64>
  %1 = ds.reduce "min" %low : tensor<3xi8> -> tensor<i8>
  %2 = ds.reduce "mul" %x : tensor<2x3xf64> -> tensor<2xf64>
  %3 = ds.reduce "max" %n unsigned : tensor<2x3xi8> -> tensor<2xi8>
  %4 = ds.reduce "and" %t : tensor<2x3xi1> -> tensor<2xi1>
  %5 = ds.reduce "or" %t : tensor<2x3xi1> -> tensor<2xi1>
  return %0, %1, %2, %3, %4, %5 : tensor<2xf64>, tensor<i8>, tensor<2xf64>, tensor<2xi8>, tensor<2xi1>, tensor<2xi1>
}

// The first of equal ones, and NaN before all.
// CHECK-LABEL: @places
// CHECK-NEXT: result 0: [1, 2]
// CHECK-NEXT: result 1: [0, 2]
// CHECK-NEXT: result 2: [0, 0]
func.func @places() -> (tensor<2xi32>, tensor<2xi64>, tensor<2xi32>) {
  %x = ds.constant dense<[[1.0, 3.0, 3.0], [1.0, -1.0, 0x7FF8000000000000]]> : tensor<2x3xf64>
  %n = ds.constant dense<[[-1, 3, 3], [-2, 0, 1]]> : tensor<2x3xi8>
  %0 = ds.arg_reduce "max" %x : tensor<2x3xf64> -> tensor<2xi32>
  %1 = ds.arg_reduce "min" %x : tensor<2x3xf64> -> tensor<2xi64>
  %2 = ds.arg_reduce "max" %n unsigned : tensor<2x3xi8> -> tensor<2xi32>
  return %0, %1, %2 : tensor<2xi32>, tensor<2xi64>, tensor<2xi32>
}

// A product's gradient without zeros, beside one and beside two.
// CHECK-LABEL: @shares
// CHECK-NEXT: result 0: {{\[\[}}60, 30, 20], [0, 120, 0], [0, 0, 0]]
// CHECK-NEXT: result 1: {{\[\[}}0, 0, 10], [10, 0, 10], [20, 0, 0]]
func.func @shares() -> (tensor<3x3xf64>, tensor<3x3xf64>) {
  %x = ds.constant dense<[[1.0, 2.0, 3.0], [2.0, 0.0, 3.0], [0.0, 1.0, 0.0]]> : tensor<3x3xf64>
  %y = ds.constant dense<[[1.0, 2.0, 3.0], [3.0, 0.0, 3.0], [0x7FF8000000000000, 1.0, 0.0]]> : tensor<3x3xf64>
  %g = ds.constant dense<[10.0, 20.0, 20.0]> : tensor<3xf64>
  %0 = ds.reduce_grad "mul" %x, %g : tensor<3x3xf64>, tensor<3xf64>
  %1 = ds.reduce_grad "max" %y, %g : tensor<3x3xf64>, tensor<3xf64>
  return %0, %1 : tensor<3x3xf64>, tensor<3x3xf64>
}
