// RUN: ds-opt %s | ds-opt | FileCheck %s
//
// Elementwise ops print what they parse, of any rank and named dimensions.

// CHECK-LABEL: func @binary
func.func @binary(%x: tensor<2x3xf32>, %row: tensor<3xf32>, %s: tensor<f64>, %i: tensor<2x3xi32>, %j: tensor<i32>) {
  // CHECK: ds.rem %{{.+}}, %{{.+}} : tensor<2x3xf32>, tensor<3xf32>
  %0 = ds.rem %x, %row : tensor<2x3xf32>, tensor<3xf32>
  // CHECK: ds.max %{{.+}}, %{{.+}} : tensor<2x3xf32>, tensor<f64>
  %1 = ds.max %x, %s : tensor<2x3xf32>, tensor<f64>
  // CHECK: ds.min %{{.+}}, %{{.+}} unsigned : tensor<2x3xi32>, tensor<i32>
  %2 = ds.min %i, %j unsigned : tensor<2x3xi32>, tensor<i32>
  // CHECK: ds.pow %{{.+}}, %{{.+}} : tensor<2x3xf32>, tensor<2x3xf32>
  %3 = ds.pow %x, %x : tensor<2x3xf32>, tensor<2x3xf32>
  // CHECK: ds.atan2 %{{.+}}, %{{.+}} : tensor<2x3xf32>, tensor<3xf32>
  %4 = ds.atan2 %x, %row : tensor<2x3xf32>, tensor<3xf32>
  // CHECK: ds.add %{{.+}}, %{{.+}} : tensor<2x3xi32>, tensor<i32>
  %5 = ds.add %i, %j : tensor<2x3xi32>, tensor<i32>
  // CHECK: ds.div %{{.+}}, %{{.+}} unsigned {ds.block = 1 : i64} : tensor<2x3xi32>, tensor<i32>
  %6 = ds.div %i, %j unsigned {ds.block = 1 : i64} : tensor<2x3xi32>, tensor<i32>
  return
}

// CHECK-LABEL: func @logic
func.func @logic(%i: tensor<2x3xi32>, %j: tensor<i32>, %b: tensor<2x3xi1>, %c: tensor<3xi1>) {
  // CHECK: ds.and %{{.+}}, %{{.+}} : tensor<2x3xi1>, tensor<3xi1>
  %0 = ds.and %b, %c : tensor<2x3xi1>, tensor<3xi1>
  // CHECK: ds.or %{{.+}}, %{{.+}} : tensor<2x3xi32>, tensor<i32>
  %1 = ds.or %i, %j : tensor<2x3xi32>, tensor<i32>
  // CHECK: ds.xor %{{.+}}, %{{.+}} : tensor<2x3xi1>, tensor<2x3xi1>
  %2 = ds.xor %b, %b : tensor<2x3xi1>, tensor<2x3xi1>
  // CHECK: ds.shift_left %{{.+}}, %{{.+}} : tensor<2x3xi32>, tensor<i32>
  %3 = ds.shift_left %i, %j : tensor<2x3xi32>, tensor<i32>
  // CHECK: ds.shift_right %{{.+}}, %{{.+}} : tensor<2x3xi32>, tensor<i32>
  %4 = ds.shift_right %i, %j : tensor<2x3xi32>, tensor<i32>
  // CHECK: ds.shift_right %{{.+}}, %{{.+}} unsigned : tensor<2x3xi32>, tensor<i32>
  %5 = ds.shift_right %i, %j unsigned : tensor<2x3xi32>, tensor<i32>
  // CHECK: ds.not %{{.+}} : tensor<2x3xi1>
  %6 = ds.not %b : tensor<2x3xi1>
  // CHECK: ds.popcount %{{.+}} : tensor<2x3xi32>
  %7 = ds.popcount %i : tensor<2x3xi32>
  // CHECK: ds.count_leading_zeros %{{.+}} : tensor<2x3xi32>
  %8 = ds.count_leading_zeros %i : tensor<2x3xi32>
  return
}

// CHECK-LABEL: func @unary
func.func @unary(%x: tensor<?x3xf32, #ds.dims<batch, _>>, %n: tensor<5xi64>, %g: tensor<4xf32>) {
  // CHECK-COUNT-2: ds.neg
  %0 = ds.neg %x : tensor<?x3xf32, #ds.dims<batch, _>>
  %1 = ds.neg %n : tensor<5xi64>
  // CHECK-COUNT-2: ds.abs
  %2 = ds.abs %x : tensor<?x3xf32, #ds.dims<batch, _>>
  %3 = ds.abs %n : tensor<5xi64>
  // CHECK-COUNT-2: ds.sign
  %4 = ds.sign %x : tensor<?x3xf32, #ds.dims<batch, _>>
  %5 = ds.sign %n : tensor<5xi64>
  // CHECK: ds.exp %{{.+}} : tensor<?x3xf32, #ds.dims<batch, _>>
  %6 = ds.exp %x : tensor<?x3xf32, #ds.dims<batch, _>>
  // CHECK: ds.expm1
  %7 = ds.expm1 %6 : tensor<?x3xf32, #ds.dims<batch, _>>
  // CHECK: ds.log %
  %8 = ds.log %7 : tensor<?x3xf32, #ds.dims<batch, _>>
  // CHECK: ds.log1p
  %9 = ds.log1p %8 : tensor<?x3xf32, #ds.dims<batch, _>>
  // CHECK: ds.tanh
  %10 = ds.tanh %9 : tensor<?x3xf32, #ds.dims<batch, _>>
  // CHECK: ds.sigmoid
  %11 = ds.sigmoid %10 : tensor<?x3xf32, #ds.dims<batch, _>>
  // CHECK: ds.sqrt
  %12 = ds.sqrt %11 : tensor<?x3xf32, #ds.dims<batch, _>>
  // CHECK: ds.rsqrt
  %13 = ds.rsqrt %12 : tensor<?x3xf32, #ds.dims<batch, _>>
  // CHECK: ds.cbrt
  %14 = ds.cbrt %13 : tensor<?x3xf32, #ds.dims<batch, _>>
  // CHECK: ds.sin
  %15 = ds.sin %14 : tensor<?x3xf32, #ds.dims<batch, _>>
  // CHECK: ds.cos
  %16 = ds.cos %15 : tensor<?x3xf32, #ds.dims<batch, _>>
  // CHECK: ds.tan %
  %17 = ds.tan %16 : tensor<?x3xf32, #ds.dims<batch, _>>
  // CHECK: ds.erf
  %18 = ds.erf %17 : tensor<?x3xf32, #ds.dims<batch, _>>
  // CHECK: ds.floor
  %19 = ds.floor %18 : tensor<?x3xf32, #ds.dims<batch, _>>
  // CHECK: ds.ceil
  %20 = ds.ceil %19 : tensor<?x3xf32, #ds.dims<batch, _>>
  // CHECK: ds.round %
  %21 = ds.round %20 : tensor<?x3xf32, #ds.dims<batch, _>>
  // CHECK: ds.round_away
  %22 = ds.round_away %21 : tensor<?x3xf32, #ds.dims<batch, _>>
  // CHECK: ds.gelu_erf %{{.+}} : tensor<4xf32>
  %23 = ds.gelu_erf %g : tensor<4xf32>
  // CHECK: ds.gelu_erf_grad %{{.+}}, %{{.+}} : tensor<4xf32>
  %24 = ds.gelu_erf_grad %g, %23 : tensor<4xf32>
  return
}

// CHECK-LABEL: func @other_types
func.func @other_types(%x: tensor<?x3xf32, #ds.dims<batch, _>>, %s: tensor<i1>, %i: tensor<2x3xi32>,
                       %j: tensor<3xi32>) {
  // CHECK: ds.cast %{{.+}} : tensor<?x3xf32, #ds.dims<batch, _>> -> tensor<?x3xi1, #ds.dims<batch, _>>
  %0 = ds.cast %x : tensor<?x3xf32, #ds.dims<batch, _>> -> tensor<?x3xi1, #ds.dims<batch, _>>
  // CHECK: ds.cast %{{.+}} unsigned : tensor<2x3xi32> -> tensor<2x3xf64>
  %1 = ds.cast %i unsigned : tensor<2x3xi32> -> tensor<2x3xf64>
  // CHECK: ds.is_finite %{{.+}} : tensor<?x3xf32, #ds.dims<batch, _>> -> tensor<?x3xi1, #ds.dims<batch, _>>
  %2 = ds.is_finite %x : tensor<?x3xf32, #ds.dims<batch, _>> -> tensor<?x3xi1, #ds.dims<batch, _>>
  // CHECK: ds.compare "lt" %{{.+}}, %{{.+}} unsigned : tensor<2x3xi32>, tensor<3xi32> -> tensor<2x3xi1>
  %3 = ds.compare "lt" %i, %j unsigned : tensor<2x3xi32>, tensor<3xi32> -> tensor<2x3xi1>
  // CHECK: ds.select %{{.+}}, %{{.+}}, %{{.+}} : tensor<2x3xi1>, tensor<2x3xi32>
  %4 = ds.select %3, %i, %i : tensor<2x3xi1>, tensor<2x3xi32>
  // CHECK: ds.select %{{.+}}, %{{.+}}, %{{.+}} : tensor<i1>, tensor<2x3xi32>
  %5 = ds.select %s, %i, %i : tensor<i1>, tensor<2x3xi32>
  return
}

// CHECK-LABEL: func @reductions
func.func @reductions(%x: tensor<2x3x4xf32>, %g: tensor<2xf32>, %i: tensor<3x4xi32>,
                      %b: tensor<?x3xi1, #ds.dims<batch, _>>) {
  // CHECK: ds.reduce "max" %{{.+}} : tensor<2x3x4xf32> -> tensor<2xf32>
  %0 = ds.reduce "max" %x : tensor<2x3x4xf32> -> tensor<2xf32>
  // CHECK: ds.reduce_grad "max" %{{.+}}, %{{.+}} : tensor<2x3x4xf32>, tensor<2xf32>
  %5 = ds.reduce_grad "max" %x, %g : tensor<2x3x4xf32>, tensor<2xf32>
  // CHECK: ds.reduce "min" %{{.+}} unsigned : tensor<3x4xi32> -> tensor<i32>
  %1 = ds.reduce "min" %i unsigned : tensor<3x4xi32> -> tensor<i32>
  // CHECK: ds.reduce "and" %{{.+}} : tensor<?x3xi1, #ds.dims<batch, _>> -> tensor<?xi1, #ds.dims<batch>>
  %2 = ds.reduce "and" %b : tensor<?x3xi1, #ds.dims<batch, _>> -> tensor<?xi1, #ds.dims<batch>>
  // CHECK: ds.arg_reduce "max" %{{.+}} : tensor<2x3x4xf32> -> tensor<2x3xi32>
  %3 = ds.arg_reduce "max" %x : tensor<2x3x4xf32> -> tensor<2x3xi32>
  // CHECK: ds.arg_reduce "min" %{{.+}} unsigned : tensor<3x4xi32> -> tensor<3xi64>
  %4 = ds.arg_reduce "min" %i unsigned : tensor<3x4xi32> -> tensor<3xi64>
  return
}
