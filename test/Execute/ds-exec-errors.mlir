// RUN: not ds-exec %s --worlds=2 --entry=scales 2>&1 | FileCheck %s --check-prefix=RESULT
// RUN: not ds-exec %s --worlds=2 --entry=diverges 2>&1 | FileCheck %s --check-prefix=REPLICA
// RUN: not ds-exec %s --worlds=2 --entry=fills_padding 2>&1 | FileCheck %s --check-prefix=PADDING
// RUN: not ds-exec %s --worlds=1 --entry=unknown_op 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not ds-exec %s --worlds=1 --entry=dynamic 2>&1 | FileCheck %s --check-prefix=DYNAMIC
// RUN: not ds-exec %s --worlds=1 --entry=missing 2>&1 | FileCheck %s --check-prefix=MISSING
// RUN: not ds-exec %s --after= --check-gradients=cube 2>&1 | FileCheck %s --check-prefix=GRADIENT
//
// The judge must be able to say no.

ds.unit @u "parameter" : tensor<2xf64> {members = [
  #ds.member<"a" at 0 : tensor<1xf64> = #ds.fill<5.0 : f64>>]}

// RESULT: ds-exec-errors.mlir:[[#@LINE+1]]:1: error: step 0, result 0, rank 0, element 0: 6, but was 3 before
func.func @scales() -> tensor<1xf64> {
  %0 = ds.constant dense<3.0> : tensor<1xf64>
  %1 = ds.all_reduce %0 over "dp" : tensor<1xf64> -> tensor<1xf64>
  return %1 : tensor<1xf64>
}

// REPLICA: error: unit 'u' is replicated, but ranks 0 and 1 differ at element 0: 3 and 4
func.func @diverges() {
  %0 = ds.constant dense<[3.0, 0.0, 4.0, 0.0]> : tensor<4xf64>
  %1 = ds.local_shard %0 over "dp" : tensor<4xf64> -> tensor<2xf64>
  ds.write %1, @u : tensor<2xf64>
  return
}

// PADDING: error: unit 'u' has padding that is not zero at element 1
func.func @fills_padding() {
  %0 = ds.constant dense<3.0> : tensor<2xf64>
  ds.write %0, @u : tensor<2xf64>
  return
}

func.func @unknown_op() -> tensor<1xf64> {
  // UNKNOWN: ds-exec-errors.mlir:[[#@LINE+2]]:8: error: the interpreter does not know 'arith.negf'
  %0 = arith.constant dense<3.0> : tensor<1xf64>
  %1 = arith.negf %0 : tensor<1xf64>
  return %1 : tensor<1xf64>
}

// DYNAMIC: error: {{.*}}argument 0 has type 'tensor<?xf64, #ds.dims<batch>>'; bind dimensions first
func.func @dynamic(%x: tensor<?xf64, #ds.dims<batch>>) {
  return
}

// MISSING: error: has no function 'missing'

// GRADIENT: error: gradient of argument 0, element 0: {{.*}}, but finite differences give
func.func @cube(%x: tensor<f64>) -> tensor<f64> {
  %0 = ds.mul %x, %x : tensor<f64>, tensor<f64>
  %1 = ds.mul %0, %x : tensor<f64>, tensor<f64>
  return %1 : tensor<f64>
}
func.func @cube_grad(%x: tensor<f64>) -> (tensor<f64>, tensor<f64>) {
  %0 = ds.mul %x, %x : tensor<f64>, tensor<f64>
  %1 = ds.mul %0, %x : tensor<f64>, tensor<f64>
  return %1, %0 : tensor<f64>, tensor<f64>
}
