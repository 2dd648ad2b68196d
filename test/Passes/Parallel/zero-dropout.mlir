// RUN: ds-opt %s --ds-zero='world=3 stage=0' | FileCheck %s
// RUN: ds-opt %s --ds-zero='world=1 stage=0' | FileCheck %s --check-prefix=ONE
//
// The number of a micro-batch is that of all ranks: rank r's first one of two
// is number 2 r.  What needs no number gets none.

// ONE-NOT: local_shard

// CHECK-LABEL: func.func @train
// CHECK: %[[FIRSTS:.+]] = ds.constant dense<[0, 2, 4]> : tensor<3xi64>
// CHECK: %[[SHARD:.+]] = ds.local_shard %[[FIRSTS]] over "dp" : tensor<3xi64> -> tensor<1xi64>
// CHECK: %[[FIRST:.+]] = ds.reshape %[[SHARD]] : tensor<1xi64> -> tensor<i64>
// CHECK: scf.for %[[I:[a-z0-9]+]] =
// CHECK: %[[HERE:.+]] = ds.index %[[I]]
// CHECK-NEXT: %[[N:.+]] = ds.add %[[HERE]], %[[FIRST]] : tensor<i64>, tensor<i64>
// CHECK: ds.micro_batch %{{.+}}[%[[I]]]
// CHECK: ds.dropout %{{.+}} <"drop", 1.000000e-01 : f64> at(%{{.+}}, %{{.+}}, %[[N]])
func.func @train(%x: tensor<6x2x4xf32>) -> tensor<f64> {
  %seed = ds.constant dense<7> : tensor<i64>
  %step = ds.constant dense<2> : tensor<i64>
  %zero = arith.constant 0 : index
  %six = arith.constant 6 : index
  %one = arith.constant 1 : index
  %none = ds.constant dense<0.0> : tensor<f64>
  %sum = scf.for %i = %zero to %six step %one iter_args(%acc = %none) -> tensor<f64> {
    %n = ds.index %i
    %b = ds.micro_batch %x[%i] : tensor<6x2x4xf32> -> tensor<2x4xf32>
    %d = ds.dropout %b <"drop", 0.1> at (%seed, %step, %n) : tensor<2x4xf32>
    %s = ds.sum %d : tensor<2x4xf32> -> tensor<f32>
    %w = ds.cast %s : tensor<f32> -> tensor<f64>
    %a = ds.add %acc, %w : tensor<f64>, tensor<f64>
    scf.yield %a : tensor<f64>
  } {ds.micro_batches}
  return %sum : tensor<f64>
}

// CHECK-LABEL: func.func @evaluate
// CHECK-NOT: local_shard
func.func @evaluate(%x: tensor<6x2x4xf32>) -> tensor<f64> {
  %zero = arith.constant 0 : index
  %six = arith.constant 6 : index
  %one = arith.constant 1 : index
  %none = ds.constant dense<0.0> : tensor<f64>
  %sum = scf.for %i = %zero to %six step %one iter_args(%acc = %none) -> tensor<f64> {
    %b = ds.micro_batch %x[%i] : tensor<6x2x4xf32> -> tensor<2x4xf32>
    %s = ds.sum %b : tensor<2x4xf32> -> tensor<f32>
    %w = ds.cast %s : tensor<f32> -> tensor<f64>
    %a = ds.add %acc, %w : tensor<f64>, tensor<f64>
    scf.yield %a : tensor<f64>
  } {ds.micro_batches}
  return %sum : tensor<f64>
}
