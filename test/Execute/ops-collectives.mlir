// RUN: ds-exec %s --print --worlds=2 --entry=collectives,state,norm | FileCheck %s
// RUN: ds-exec %s --after=ds-decompose --print --worlds=2 --entry=collectives,state,norm | FileCheck %s
//
// What ranks exchange.  `local_shard` makes values that differ between ranks.

// CHECK-LABEL: @collectives
// CHECK-NEXT: rank 0 result 0: [1, 2]
// CHECK-NEXT: rank 1 result 0: [3, 4]
// CHECK-NEXT: rank 0 result 1: [1, 2, 3, 4]
// CHECK-NEXT: rank 1 result 1: [1, 2, 3, 4]
// CHECK-NEXT: rank 0 result 2: [4, 6]
// CHECK-NEXT: rank 1 result 2: [4, 6]
// CHECK-NEXT: rank 0 result 3: [4]
// CHECK-NEXT: rank 1 result 3: [6]
func.func @collectives() -> (tensor<2xf64>, tensor<4xf64>, tensor<2xf64>, tensor<1xf64>) {
  %a = ds.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf64>
  %0 = ds.local_shard %a over "dp" : tensor<4xf64> -> tensor<2xf64>
  %1 = ds.all_gather %0 over "dp" : tensor<2xf64> -> tensor<4xf64>
  %2 = ds.all_reduce %0 over "dp" : tensor<2xf64> -> tensor<2xf64>
  %3 = ds.reduce_scatter %0 over "dp" : tensor<2xf64> -> tensor<1xf64>
  return %0, %1, %2, %3 : tensor<2xf64>, tensor<4xf64>, tensor<2xf64>, tensor<1xf64>
}

ds.unit @u "parameter" : tensor<2xf64> shards 2 {members = [
  #ds.member<"a" at 0 : tensor<1xf64> = #ds.fill<5.0 : f64>>,
  #ds.member<"b" at 1 : tensor<2xf64> = #ds.fill<6.0 : f64>>]}

// Rank r holds elements [2r, 2r + 2) of the whole; the last one is padding.
// CHECK-LABEL: @state
// CHECK-NEXT: rank 0 result 0: [5, 6]
// CHECK-NEXT: rank 1 result 0: [6, 0]
// CHECK-NEXT: rank 0 result 1: [10, 12]
// CHECK-NEXT: rank 1 result 1: [12, 0]
func.func @state() -> (tensor<2xf64>, tensor<2xf64>) {
  %0 = ds.read @u : tensor<2xf64>
  %1 = ds.add %0, %0 : tensor<2xf64>, tensor<2xf64>
  ds.write %1, @u : tensor<2xf64>
  %2 = ds.read @u : tensor<2xf64>
  return %0, %2 : tensor<2xf64>, tensor<2xf64>
}

// CHECK-LABEL: @norm
// CHECK-NEXT: rank 0 result 0: 3
// CHECK-NEXT: rank 1 result 0: 4
// CHECK-NEXT: rank 0 result 1: 5
// CHECK-NEXT: rank 1 result 1: 5
func.func @norm() -> (tensor<f64>, tensor<f64>) {
  %a = ds.constant dense<[3.0, 4.0]> : tensor<2xf64>
  %s = ds.local_shard %a over "dp" : tensor<2xf64> -> tensor<1xf64>
  %0 = ds.grad_norm %s : tensor<1xf64>
  %1 = ds.grad_norm %s over "dp" : tensor<1xf64>
  return %0, %1 : tensor<f64>, tensor<f64>
}
