// RUN: ds-opt %s --ds-build-train='micro-batches=4' --ds-zero='world=2 stage=1' --cse | FileCheck %s
// RUN: ds-opt %s --ds-build-train='micro-batches=4' --ds-zero='world=2 stage=3' --cse | FileCheck %s --check-prefixes=CHECK,ZERO3
//
// Frozen units are cut at stage 3 as others are; buffers never are, and ranks agree on what they become.

// ZERO3: ds.unit @t "frozen" : tensor<1024xf32> shards 2
// CHECK: ds.unit @mean "buffer" : tensor<3xf32> {
// CHECK: ds.unit @count "buffer" : tensor<1xi32> {
ds.unit @t "frozen" : tensor<2048xf32> {members = [#ds.member<"table" at 0 : tensor<3xf32> = #ds.fill<1.0>>]}
ds.unit @u "parameter" : tensor<2048xf32> {members = [#ds.member<"w" at 0 : tensor<3xf32> = #ds.fill<1.0>>]}
ds.unit @mean "buffer" : tensor<3xf32> {members = [#ds.member<"mean" at 0 : tensor<3xf32> = #ds.fill<0.0>>]}
ds.unit @count "buffer" : tensor<1xi32> {members = [#ds.member<"count" at 0 : tensor<1xi32> = #ds.fill<0.0>>]}
ds.unit @seen "buffer" : tensor<3xi32> {members = [#ds.member<"seen" at 0 : tensor<3xi32> = #ds.fill<0.0>>]}

// CHECK-LABEL: func @train(
// What integers are made of is gathered before the loop, too.
// ZERO3: %[[T:.+]] = ds.read @t : tensor<1024xf32>
// ZERO3: ds.all_gather %[[T]] over "dp" : tensor<1024xf32> -> tensor<2048xf32>
// CHECK: %[[COUNT:.+]] = ds.add %{{.+}} : tensor<1xi32>, tensor<1xi32>
// CHECK: %[[SEEN:.+]] = ds.add %{{.+}} : tensor<3xi32>, tensor<3xi32>
// CHECK: %[[R:.+]]:3 = scf.for
// ZERO3: ds.all_gather %{{.+}} over "dp" : tensor<1024xf32> -> tensor<2048xf32>
// CHECK: } {ds.micro_batches}
// CHECK: %[[SUM:.+]] = ds.all_reduce %[[R]]#2 over "dp" : tensor<3xf32> -> tensor<3xf32>
// CHECK: %[[MEAN:.+]] = ds.div %[[SUM]], %{{.+}}
// CHECK: ds.write %[[MEAN]], @mean
// A counter is the same everywhere; what depends on data is rank 0's.
// CHECK: ds.write %[[COUNT]], @count
// CHECK-NEXT: %[[ALL:.+]] = ds.all_gather %[[SEEN]] over "dp" : tensor<3xi32> -> tensor<6xi32>
// CHECK-NEXT: %[[FIRST:.+]] = ds.unflatten %[[ALL]] at [0] : (tensor<6xi32>) -> tensor<3xi32>
// CHECK-NEXT: ds.write %[[FIRST]], @seen
func.func @loss(%x: tensor<3xf32>) -> tensor<f32> attributes {ds.loss} {
  %one = ds.constant dense<1> : tensor<1xi32>
  %flat = ds.read @t : tensor<2048xf32>
  %t = ds.unflatten %flat at [0] : (tensor<2048xf32>) -> tensor<3xf32>
  %u = ds.read @u : tensor<2048xf32>
  %w = ds.unflatten %u at [0] : (tensor<2048xf32>) -> tensor<3xf32>
  %m = ds.read @mean : tensor<3xf32>
  %c = ds.read @count : tensor<1xi32>
  %s = ds.read @seen : tensor<3xi32>
  %0 = ds.mul %x, %t : tensor<3xf32>, tensor<3xf32>
  %1 = ds.mul %0, %w : tensor<3xf32>, tensor<3xf32>
  %2 = ds.sum %1 : tensor<3xf32> -> tensor<f32>
  %m1 = ds.add %m, %1 : tensor<3xf32>, tensor<3xf32>
  %c1 = ds.add %c, %one : tensor<1xi32>, tensor<1xi32>
  %i = ds.cast %0 : tensor<3xf32> -> tensor<3xi32>
  %s1 = ds.add %s, %i : tensor<3xi32>, tensor<3xi32>
  ds.write %m1, @mean : tensor<3xf32>
  ds.write %c1, @count : tensor<1xi32>
  ds.write %s1, @seen : tensor<3xi32>
  return %2 : tensor<f32>
}
