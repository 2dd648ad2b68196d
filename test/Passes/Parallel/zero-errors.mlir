// RUN: ds-opt %s --ds-zero='world=2 stage=2' -split-input-file -verify-diagnostics
// RUN: not ds-opt %s --ds-zero='world=2 stage=4' -split-input-file 2>&1 \
// RUN:   | FileCheck %s --check-prefix=STAGE
// RUN: not ds-opt %s --ds-zero='world=0 stage=1' -split-input-file 2>&1 \
// RUN:   | FileCheck %s --check-prefix=WORLD
//
// What cannot be divided is refused with both numbers.

// STAGE: error: expects a stage from 0 to 3 and at least one rank, but got stage 4 and world 2
// WORLD: error: expects a stage from 0 to 3 and at least one rank, but got stage 1 and world 0

// expected-error @below {{'ds.unit' op expects elements that divide by the world, 2, but got 3 (use ds-make-units{shards=2})}}
ds.unit @u "parameter" : tensor<3xf32> {members = []}

// -----

func.func @train() -> tensor<f64> {
  %zero = ds.constant dense<0.0> : tensor<f64>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  // expected-error @below {{expects the world to divide the micro-batches of a step, but got world 2 and 3 micro-batches}}
  %r = scf.for %i = %c0 to %c3 step %c1 iter_args(%l = %zero) -> tensor<f64> {
    scf.yield %l : tensor<f64>
  } {ds.micro_batches}
  return %r : tensor<f64>
}

// -----

// Other loops are cut by nobody.
func.func @loop() -> tensor<f64> {
  %zero = ds.constant dense<0.0> : tensor<f64>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %r = scf.for %i = %c0 to %c3 step %c1 iter_args(%l = %zero) -> tensor<f64> {
    scf.yield %l : tensor<f64>
  }
  return %r : tensor<f64>
}
