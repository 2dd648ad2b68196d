// RUN: ds-opt %s --ds-make-units='small-bytes=0 shards=2' | FileCheck %s
//
// What is trained, frozen, kept and changed have units apart, as have types; a read behind a write is what was written.

// In the order of first use.  Buffers are not padded: they are never cut.
// CHECK: ds.unit @{{.+}} "frozen" : tensor<2048xf32> {members =
// CHECK-SAME: [#ds.member<"table" at 0 : tensor<5x3xf32>
// CHECK-NEXT: ds.unit @{{.+}} "parameter" : tensor<2048xf32> {members =
// CHECK-SAME: [#ds.member<"w" at 0 : tensor<3xf32>
// CHECK-SAME: #ds.member<"b" at 3 : tensor<3xf32>
// CHECK-NEXT: ds.unit @[[STATS:.+]] "buffer" : tensor<6xf32> {members =
// CHECK-SAME: [#ds.member<"var" at 0 : tensor<3xf32>
// CHECK-SAME: #ds.member<"mean" at 3 : tensor<3xf32>
// CHECK-NEXT: ds.unit @[[COUNT:.+]] "buffer" : tensor<1xi32> {members = [#ds.member<"count" at 0 : tensor<i32>
// CHECK-NEXT: ds.unit @{{.+}} "buffer" : tensor<3xf32> {members =
// CHECK-SAME: [#ds.member<"scale" at 0 : tensor<3xf32>
// What nothing reads is kept all the same.
// CHECK-NEXT: ds.unit @{{.+}} "frozen" : tensor<2048xi32> {members = [#ds.member<"ids" at 0 : tensor<4xi32>
// CHECK-NOT: {{ds.unit|ds.parameter}}
ds.parameter @table : tensor<5x3xf32> = #ds.normal<0.02> {role = "frozen"}
ds.parameter @ids : tensor<4xi32> = #ds.fill<1.0> {role = "frozen"}
ds.parameter @w : tensor<3xf32> = #ds.fill<1.0>
ds.parameter @mean : tensor<3xf32> = #ds.fill<0.0> {role = "buffer"}
ds.parameter @var : tensor<3xf32> = #ds.fill<1.0> {role = "buffer"}
ds.parameter @scale : tensor<3xf32> = #ds.fill<1.0> {role = "buffer"}
ds.parameter @b : tensor<3xf32> = #ds.fill<0.0>
ds.parameter @count : tensor<i32> = #ds.fill<0.0> {role = "buffer"}

// CHECK-LABEL: func @loss
// CHECK-DAG: %[[M:.+]]:2 = ds.unflatten %{{.+}} at [0, 3] : (tensor<6xf32>) -> (tensor<3xf32>, tensor<3xf32>)
// CHECK-DAG: %[[C:.+]] = ds.unflatten %{{.+}} at [0] : (tensor<1xi32>) -> tensor<i32>
// CHECK: %[[MEAN:.+]] = ds.mul %[[M]]#1
// CHECK: %[[NEXT:.+]] = ds.add %[[C]]
// The second mean is made of the first new one.
// CHECK: %[[MEAN2:.+]] = ds.mul %[[MEAN]]
// CHECK: %[[FLAT:.+]] = ds.flatten %[[M]]#1, %[[MEAN2]] at [0, 3] : (tensor<3xf32>, tensor<3xf32>) -> tensor<6xf32>
// CHECK-NEXT: ds.write %[[FLAT]], @[[STATS]] : tensor<6xf32>
// CHECK-NEXT: %[[FLAT:.+]] = ds.flatten %[[NEXT]] at [0] : (tensor<i32>) -> tensor<1xi32>
// CHECK-NEXT: ds.write %[[FLAT]], @[[COUNT]] : tensor<1xi32>
// CHECK-NEXT: return
func.func @loss(%i: tensor<2xi32>) -> tensor<f32> attributes {ds.loss} {
  %half = ds.constant dense<0.5> : tensor<f32>
  %one = ds.constant dense<1> : tensor<i32>
  %t = ds.read @table : tensor<5x3xf32>
  %e = ds.embedding %t, %i : (tensor<5x3xf32>, tensor<2xi32>) -> tensor<2x3xf32>
  %w = ds.read @w : tensor<3xf32>
  %b = ds.read @b : tensor<3xf32>
  %m = ds.read @mean : tensor<3xf32>
  %v = ds.read @var : tensor<3xf32>
  %s = ds.read @scale : tensor<3xf32>
  %c = ds.read @count : tensor<i32>
  %0 = ds.mul %e, %w : tensor<2x3xf32>, tensor<3xf32>
  %1 = ds.mul %0, %v : tensor<2x3xf32>, tensor<3xf32>
  %2 = ds.add %1, %b : tensor<2x3xf32>, tensor<3xf32>
  %m1 = ds.mul %m, %half : tensor<3xf32>, tensor<f32>
  ds.write %m1, @mean : tensor<3xf32>
  %c1 = ds.add %c, %one : tensor<i32>, tensor<i32>
  ds.write %c1, @count : tensor<i32>
  // The old mean, read before the write.
  ds.write %m, @var : tensor<3xf32>
  %again = ds.read @mean : tensor<3xf32>
  %m2 = ds.mul %again, %half : tensor<3xf32>, tensor<f32>
  ds.write %m2, @mean : tensor<3xf32>
  %3 = ds.mul %2, %s : tensor<2x3xf32>, tensor<3xf32>
  %4 = ds.sum %3 : tensor<2x3xf32> -> tensor<f32>
  return %4 : tensor<f32>
}
