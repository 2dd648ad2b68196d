// RUN: ds-exec %s --check-gradients=exp,expm1,log,log1p,tanh,sigmoid,sqrt,rsqrt,cbrt,sin,cos,tan,erf,floor,ceil,round,round_away,abs,sign,gelu_erf,max,min,rem,atan2,pow,pow_of_numbers,select,cast,reduce_max,reduce_min,reduce_mul | FileCheck %s
//
// Gradients of elementwise ops and their reductions against finite differences, at odd sizes.  Results are weighted by
// an argument before they are summed, so that no gradient is uniform.  Positive operands are 0.1 + x^2.

// CHECK: gradients of @exp: 2 arguments
func.func @exp(%x: tensor<7xf64>, %w: tensor<7xf64>) -> tensor<f64> {
  %0 = ds.exp %x : tensor<7xf64>
  %1 = ds.mul %0, %w : tensor<7xf64>, tensor<7xf64>
  %2 = ds.sum %1 : tensor<7xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @expm1: 2 arguments
func.func @expm1(%x: tensor<7xf64>, %w: tensor<7xf64>) -> tensor<f64> {
  %0 = ds.expm1 %x : tensor<7xf64>
  %1 = ds.mul %0, %w : tensor<7xf64>, tensor<7xf64>
  %2 = ds.sum %1 : tensor<7xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @log: 2 arguments
func.func @log(%x: tensor<7xf64>, %w: tensor<7xf64>) -> tensor<f64> {
  %least = ds.constant dense<0.1> : tensor<f64>
  %square = ds.mul %x, %x : tensor<7xf64>, tensor<7xf64>
  %y = ds.add %square, %least : tensor<7xf64>, tensor<f64>
  %0 = ds.log %y : tensor<7xf64>
  %1 = ds.mul %0, %w : tensor<7xf64>, tensor<7xf64>
  %2 = ds.sum %1 : tensor<7xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @log1p: 2 arguments
func.func @log1p(%x: tensor<7xf64>, %w: tensor<7xf64>) -> tensor<f64> {
  %least = ds.constant dense<0.1> : tensor<f64>
  %square = ds.mul %x, %x : tensor<7xf64>, tensor<7xf64>
  %y = ds.add %square, %least : tensor<7xf64>, tensor<f64>
  %0 = ds.log1p %y : tensor<7xf64>
  %1 = ds.mul %0, %w : tensor<7xf64>, tensor<7xf64>
  %2 = ds.sum %1 : tensor<7xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @tanh: 2 arguments
func.func @tanh(%x: tensor<7xf64>, %w: tensor<7xf64>) -> tensor<f64> {
  %0 = ds.tanh %x : tensor<7xf64>
  %1 = ds.mul %0, %w : tensor<7xf64>, tensor<7xf64>
  %2 = ds.sum %1 : tensor<7xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @sigmoid: 2 arguments
func.func @sigmoid(%x: tensor<7xf64>, %w: tensor<7xf64>) -> tensor<f64> {
  %0 = ds.sigmoid %x : tensor<7xf64>
  %1 = ds.mul %0, %w : tensor<7xf64>, tensor<7xf64>
  %2 = ds.sum %1 : tensor<7xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @sqrt: 2 arguments
func.func @sqrt(%x: tensor<7xf64>, %w: tensor<7xf64>) -> tensor<f64> {
  %least = ds.constant dense<0.1> : tensor<f64>
  %square = ds.mul %x, %x : tensor<7xf64>, tensor<7xf64>
  %y = ds.add %square, %least : tensor<7xf64>, tensor<f64>
  %0 = ds.sqrt %y : tensor<7xf64>
  %1 = ds.mul %0, %w : tensor<7xf64>, tensor<7xf64>
  %2 = ds.sum %1 : tensor<7xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @rsqrt: 2 arguments
func.func @rsqrt(%x: tensor<7xf64>, %w: tensor<7xf64>) -> tensor<f64> {
  %least = ds.constant dense<0.1> : tensor<f64>
  %square = ds.mul %x, %x : tensor<7xf64>, tensor<7xf64>
  %y = ds.add %square, %least : tensor<7xf64>, tensor<f64>
  %0 = ds.rsqrt %y : tensor<7xf64>
  %1 = ds.mul %0, %w : tensor<7xf64>, tensor<7xf64>
  %2 = ds.sum %1 : tensor<7xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @cbrt: 2 arguments
func.func @cbrt(%x: tensor<7xf64>, %w: tensor<7xf64>) -> tensor<f64> {
  %least = ds.constant dense<0.1> : tensor<f64>
  %square = ds.mul %x, %x : tensor<7xf64>, tensor<7xf64>
  %y = ds.add %square, %least : tensor<7xf64>, tensor<f64>
  %0 = ds.cbrt %y : tensor<7xf64>
  %1 = ds.mul %0, %w : tensor<7xf64>, tensor<7xf64>
  %2 = ds.sum %1 : tensor<7xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @sin: 2 arguments
func.func @sin(%x: tensor<7xf64>, %w: tensor<7xf64>) -> tensor<f64> {
  %0 = ds.sin %x : tensor<7xf64>
  %1 = ds.mul %0, %w : tensor<7xf64>, tensor<7xf64>
  %2 = ds.sum %1 : tensor<7xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @cos: 2 arguments
func.func @cos(%x: tensor<7xf64>, %w: tensor<7xf64>) -> tensor<f64> {
  %0 = ds.cos %x : tensor<7xf64>
  %1 = ds.mul %0, %w : tensor<7xf64>, tensor<7xf64>
  %2 = ds.sum %1 : tensor<7xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @tan: 2 arguments
func.func @tan(%x: tensor<7xf64>, %w: tensor<7xf64>) -> tensor<f64> {
  %half = ds.constant dense<0.3> : tensor<f64>
  %y = ds.mul %x, %half : tensor<7xf64>, tensor<f64>
  %0 = ds.tan %y : tensor<7xf64>
  %1 = ds.mul %0, %w : tensor<7xf64>, tensor<7xf64>
  %2 = ds.sum %1 : tensor<7xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @erf: 2 arguments
func.func @erf(%x: tensor<7xf64>, %w: tensor<7xf64>) -> tensor<f64> {
  %0 = ds.erf %x : tensor<7xf64>
  %1 = ds.mul %0, %w : tensor<7xf64>, tensor<7xf64>
  %2 = ds.sum %1 : tensor<7xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @floor: 2 arguments
func.func @floor(%x: tensor<7xf64>, %w: tensor<7xf64>) -> tensor<f64> {
  %step = ds.floor %x : tensor<7xf64>
  %0 = ds.add %step, %x : tensor<7xf64>, tensor<7xf64>
  %1 = ds.mul %0, %w : tensor<7xf64>, tensor<7xf64>
  %2 = ds.sum %1 : tensor<7xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @ceil: 2 arguments
func.func @ceil(%x: tensor<7xf64>, %w: tensor<7xf64>) -> tensor<f64> {
  %step = ds.ceil %x : tensor<7xf64>
  %0 = ds.add %step, %x : tensor<7xf64>, tensor<7xf64>
  %1 = ds.mul %0, %w : tensor<7xf64>, tensor<7xf64>
  %2 = ds.sum %1 : tensor<7xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @round: 2 arguments
func.func @round(%x: tensor<7xf64>, %w: tensor<7xf64>) -> tensor<f64> {
  %step = ds.round %x : tensor<7xf64>
  %0 = ds.add %step, %x : tensor<7xf64>, tensor<7xf64>
  %1 = ds.mul %0, %w : tensor<7xf64>, tensor<7xf64>
  %2 = ds.sum %1 : tensor<7xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @round_away: 2 arguments
func.func @round_away(%x: tensor<7xf64>, %w: tensor<7xf64>) -> tensor<f64> {
  %step = ds.round_away %x : tensor<7xf64>
  %0 = ds.add %step, %x : tensor<7xf64>, tensor<7xf64>
  %1 = ds.mul %0, %w : tensor<7xf64>, tensor<7xf64>
  %2 = ds.sum %1 : tensor<7xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @abs: 2 arguments
func.func @abs(%x: tensor<7xf64>, %w: tensor<7xf64>) -> tensor<f64> {
  %0 = ds.abs %x : tensor<7xf64>
  %1 = ds.mul %0, %w : tensor<7xf64>, tensor<7xf64>
  %2 = ds.sum %1 : tensor<7xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @sign: 2 arguments
func.func @sign(%x: tensor<7xf64>, %w: tensor<7xf64>) -> tensor<f64> {
  %step = ds.sign %x : tensor<7xf64>
  %0 = ds.add %step, %x : tensor<7xf64>, tensor<7xf64>
  %1 = ds.mul %0, %w : tensor<7xf64>, tensor<7xf64>
  %2 = ds.sum %1 : tensor<7xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @gelu_erf: 2 arguments
func.func @gelu_erf(%x: tensor<7xf64>, %w: tensor<7xf64>) -> tensor<f64> {
  %0 = ds.gelu_erf %x : tensor<7xf64>
  %1 = ds.mul %0, %w : tensor<7xf64>, tensor<7xf64>
  %2 = ds.sum %1 : tensor<7xf64> -> tensor<f64>
  return %2 : tensor<f64>
}

// CHECK: gradients of @max: 4 arguments
func.func @max(%x: tensor<3x5xf64>, %y: tensor<5xf64>, %s: tensor<f64>, %w: tensor<3x5xf64>) -> tensor<f64> {
  %0 = ds.max %x, %y : tensor<3x5xf64>, tensor<5xf64>
  %1 = ds.max %0, %s : tensor<3x5xf64>, tensor<f64>
  %w0 = ds.mul %1, %w : tensor<3x5xf64>, tensor<3x5xf64>
  %sum = ds.sum %w0 : tensor<3x5xf64> -> tensor<f64>
  return %sum : tensor<f64>
}

// CHECK: gradients of @min: 4 arguments
func.func @min(%x: tensor<3x5xf64>, %y: tensor<5xf64>, %s: tensor<f64>, %w: tensor<3x5xf64>) -> tensor<f64> {
  %0 = ds.min %x, %y : tensor<3x5xf64>, tensor<5xf64>
  %1 = ds.min %0, %s : tensor<3x5xf64>, tensor<f64>
  %w0 = ds.mul %1, %w : tensor<3x5xf64>, tensor<3x5xf64>
  %sum = ds.sum %w0 : tensor<3x5xf64> -> tensor<f64>
  return %sum : tensor<f64>
}

// CHECK: gradients of @rem: 4 arguments
func.func @rem(%x: tensor<3x5xf64>, %y: tensor<5xf64>, %s: tensor<f64>, %w: tensor<3x5xf64>) -> tensor<f64> {
  %0 = ds.rem %x, %y : tensor<3x5xf64>, tensor<5xf64>
  %1 = ds.rem %0, %s : tensor<3x5xf64>, tensor<f64>
  %w0 = ds.mul %1, %w : tensor<3x5xf64>, tensor<3x5xf64>
  %sum = ds.sum %w0 : tensor<3x5xf64> -> tensor<f64>
  return %sum : tensor<f64>
}

// CHECK: gradients of @atan2: 4 arguments
func.func @atan2(%x: tensor<3x5xf64>, %y: tensor<5xf64>, %s: tensor<f64>, %w: tensor<3x5xf64>) -> tensor<f64> {
  %0 = ds.atan2 %x, %y : tensor<3x5xf64>, tensor<5xf64>
  %1 = ds.atan2 %0, %s : tensor<3x5xf64>, tensor<f64>
  %w0 = ds.mul %1, %w : tensor<3x5xf64>, tensor<3x5xf64>
  %sum = ds.sum %w0 : tensor<3x5xf64> -> tensor<f64>
  return %sum : tensor<f64>
}

// CHECK: gradients of @pow: 4 arguments
func.func @pow(%x: tensor<3x5xf64>, %y: tensor<5xf64>, %s: tensor<f64>, %w: tensor<3x5xf64>) -> tensor<f64> {
  %least = ds.constant dense<0.1> : tensor<f64>
  %square = ds.mul %x, %x : tensor<3x5xf64>, tensor<3x5xf64>
  %base = ds.add %square, %least : tensor<3x5xf64>, tensor<f64>
  %0 = ds.pow %base, %y : tensor<3x5xf64>, tensor<5xf64>
  %1 = ds.pow %0, %s : tensor<3x5xf64>, tensor<f64>
  %w0 = ds.mul %1, %w : tensor<3x5xf64>, tensor<3x5xf64>
  %sum = ds.sum %w0 : tensor<3x5xf64> -> tensor<f64>
  return %sum : tensor<f64>
}

// Also of negative numbers to a known power.
// CHECK: gradients of @pow_of_numbers: 2 arguments
func.func @pow_of_numbers(%x: tensor<3x5xf64>, %w: tensor<3x5xf64>) -> tensor<f64> {
  %three = ds.constant dense<3.0> : tensor<f64>
  %zero = ds.constant dense<0.0> : tensor<3x5xf64>
  %0 = ds.pow %x, %three : tensor<3x5xf64>, tensor<f64>
  %rest = ds.pow %x, %zero : tensor<3x5xf64>, tensor<3x5xf64>
  %1 = ds.add %0, %rest : tensor<3x5xf64>, tensor<3x5xf64>
  %w0 = ds.mul %1, %w : tensor<3x5xf64>, tensor<3x5xf64>
  %sum = ds.sum %w0 : tensor<3x5xf64> -> tensor<f64>
  return %sum : tensor<f64>
}

// CHECK: gradients of @select: 4 arguments
func.func @select(%x: tensor<3x5xf64>, %y: tensor<3x5xf64>, %s: tensor<f64>, %w: tensor<3x5xf64>) -> tensor<f64> {
  %0 = ds.compare "lt" %x, %s : tensor<3x5xf64>, tensor<f64> -> tensor<3x5xi1>
  %any = ds.compare "ne" %s, %s : tensor<f64>, tensor<f64> -> tensor<i1>
  %z = ds.mul %x, %y : tensor<3x5xf64>, tensor<3x5xf64>
  %2 = ds.select %0, %z, %y : tensor<3x5xi1>, tensor<3x5xf64>
  %1 = ds.select %any, %x, %2 : tensor<i1>, tensor<3x5xf64>
  %w0 = ds.mul %1, %w : tensor<3x5xf64>, tensor<3x5xf64>
  %sum = ds.sum %w0 : tensor<3x5xf64> -> tensor<f64>
  return %sum : tensor<f64>
}

// Through float32, which the interpreter does not round to, and integers, which have no gradient.
// CHECK: gradients of @cast: 2 arguments
func.func @cast(%x: tensor<3x5xf64>, %w: tensor<3x5xf64>) -> tensor<f64> {
  %0 = ds.cast %x : tensor<3x5xf64> -> tensor<3x5xf32>
  %y = ds.cast %0 : tensor<3x5xf32> -> tensor<3x5xf64>
  %whole = ds.cast %x : tensor<3x5xf64> -> tensor<3x5xi32>
  %z = ds.cast %whole : tensor<3x5xi32> -> tensor<3x5xf64>
  %1 = ds.mul %y, %z : tensor<3x5xf64>, tensor<3x5xf64>
  %w0 = ds.mul %1, %w : tensor<3x5xf64>, tensor<3x5xf64>
  %sum = ds.sum %w0 : tensor<3x5xf64> -> tensor<f64>
  return %sum : tensor<f64>
}

// CHECK: gradients of @reduce_max: 2 arguments
func.func @reduce_max(%x: tensor<3x5x2xf64>, %w: tensor<3xf64>) -> tensor<f64> {
  %0 = ds.reduce "max" %x : tensor<3x5x2xf64> -> tensor<3xf64>
  %all = ds.reduce "max" %x : tensor<3x5x2xf64> -> tensor<f64>
  %1 = ds.mul %0, %w : tensor<3xf64>, tensor<3xf64>
  %2 = ds.sum %1 : tensor<3xf64> -> tensor<f64>
  %3 = ds.add %2, %all : tensor<f64>, tensor<f64>
  return %3 : tensor<f64>
}

// CHECK: gradients of @reduce_min: 2 arguments
func.func @reduce_min(%x: tensor<3x5x2xf64>, %w: tensor<3xf64>) -> tensor<f64> {
  %0 = ds.reduce "min" %x : tensor<3x5x2xf64> -> tensor<3xf64>
  %all = ds.reduce "min" %x : tensor<3x5x2xf64> -> tensor<f64>
  %1 = ds.mul %0, %w : tensor<3xf64>, tensor<3xf64>
  %2 = ds.sum %1 : tensor<3xf64> -> tensor<f64>
  %3 = ds.add %2, %all : tensor<f64>, tensor<f64>
  return %3 : tensor<f64>
}

// CHECK: gradients of @reduce_mul: 2 arguments
func.func @reduce_mul(%x: tensor<3x5x2xf64>, %w: tensor<3xf64>) -> tensor<f64> {
  %0 = ds.reduce "mul" %x : tensor<3x5x2xf64> -> tensor<3xf64>
  %all = ds.reduce "mul" %x : tensor<3x5x2xf64> -> tensor<f64>
  %1 = ds.mul %0, %w : tensor<3xf64>, tensor<3xf64>
  %2 = ds.sum %1 : tensor<3xf64> -> tensor<f64>
  %3 = ds.add %2, %all : tensor<f64>, tensor<f64>
  return %3 : tensor<f64>
}
