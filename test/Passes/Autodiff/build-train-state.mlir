// RUN: ds-opt %s --ds-build-train='micro-batches=4' | FileCheck %s
// RUN: ds-opt %s --ds-build-train='micro-batches=1' --cse | FileCheck %s --check-prefix=ONE
//
// What is frozen has no gradient and no moments; buffers keep their values in the loop and are written behind it.

// CHECK: ds.unit @t "frozen"
// CHECK-NOT: @t.exp_avg
// CHECK: ds.unit @u.exp_avg "optimizer"
// CHECK-NOT: @mean.exp_avg
ds.unit @t "frozen" : tensor<1024xf32> {members = [#ds.member<"table" at 0 : tensor<5x3xf32> = #ds.fill<1.0>>]}
ds.unit @u "parameter" : tensor<1024xf32> {members = [#ds.member<"w" at 0 : tensor<3xf32> = #ds.fill<1.0>>]}
ds.unit @mean "buffer" : tensor<3xf32> {members = [#ds.member<"mean" at 0 : tensor<3xf32> = #ds.fill<0.0>>]}
ds.unit @count "buffer" : tensor<1xi32> {members = [#ds.member<"count" at 0 : tensor<i32> = #ds.fill<0.0>>]}
ds.unit @seen "buffer" : tensor<2xi32> {members = [#ds.member<"seen" at 0 : tensor<2xi32> = #ds.fill<0.0>>]}

// CHECK-LABEL: func @train(
// CHECK-SAME: %[[IDS:.+]]: tensor<4x2xi32>
// Integers are computed for the first micro-batch.
// CHECK: %[[FIRST:.+]] = ds.micro_batch %[[IDS]][%{{.+}}] : tensor<4x2xi32> -> tensor<2xi32>
// CHECK: %[[COUNT:.+]] = ds.flatten %{{.+}} at [0] : (tensor<i32>) -> tensor<1xi32>
// CHECK: %[[SEEN:.+]] = ds.add %{{.+}}, %[[FIRST]]
// CHECK: %[[R:.+]]:3 = scf.for
// CHECK-NOT: ds.write
// CHECK-NOT: ds.embedding_grad
// Of what is floating the loop has the sum.
// CHECK: %[[NEW:.+]] = ds.add %{{.+}}, %{{.+}} : tensor<3xf32>, tensor<3xf32>
// CHECK: %[[SUM:.+]] = ds.add %{{.+}}, %{{.+}} : tensor<3xf32>, tensor<3xf32>
// CHECK: scf.yield %{{.+}}, %{{.+}}, %[[SUM]] : tensor<f64>, tensor<1024xf32>, tensor<3xf32>
// The norm is of gradients alone.
// CHECK: ds.grad_norm %[[R]]#1 : tensor<1024xf32>
// CHECK-COUNT-1: ds.adamw
// CHECK-NOT: ds.adamw
// CHECK: ds.write %{{.+}}, @step
// CHECK: %[[FOUR:.+]] = ds.constant dense<4.000000e+00> : tensor<f32>
// CHECK: %[[MEAN:.+]] = ds.div %[[R]]#2, %[[FOUR]] : tensor<3xf32>, tensor<f32>
// CHECK: ds.write %[[MEAN]], @mean : tensor<3xf32>
// CHECK: ds.write %[[COUNT]], @count : tensor<1xi32>
// CHECK: ds.write %[[SEEN]], @seen : tensor<2xi32>
// CHECK: return

// One micro-batch's mean is its value.
// ONE-LABEL: func @train(
// ONE: %[[R:.+]]:3 = scf.for
// ONE-NOT: ds.div %[[R]]#2
// ONE: ds.write %[[R]]#2, @mean

// Evaluation changes nothing.
// CHECK-LABEL: func @evaluate(
// CHECK-NOT: ds.write
// CHECK: return
func.func @loss(%i: tensor<2xi32>) -> tensor<f32> attributes {ds.loss} {
  %one = ds.constant dense<1> : tensor<i32>
  %flat = ds.read @t : tensor<1024xf32>
  %t = ds.unflatten %flat at [0] : (tensor<1024xf32>) -> tensor<5x3xf32>
  %u = ds.read @u : tensor<1024xf32>
  %w = ds.unflatten %u at [0] : (tensor<1024xf32>) -> tensor<3xf32>
  %m = ds.read @mean : tensor<3xf32>
  %c = ds.read @count : tensor<1xi32>
  %n = ds.unflatten %c at [0] : (tensor<1xi32>) -> tensor<i32>
  %s = ds.read @seen : tensor<2xi32>
  %e = ds.embedding %t, %i : (tensor<5x3xf32>, tensor<2xi32>) -> tensor<2x3xf32>
  %0 = ds.mul %e, %w : tensor<2x3xf32>, tensor<3xf32>
  %1 = ds.add %0, %m : tensor<2x3xf32>, tensor<3xf32>
  %2 = ds.sum %1 : tensor<2x3xf32> -> tensor<f32>
  %m1 = ds.sum %0 : tensor<2x3xf32> -> tensor<3xf32>
  %m2 = ds.add %m, %m1 : tensor<3xf32>, tensor<3xf32>
  %n1 = ds.add %n, %one : tensor<i32>, tensor<i32>
  %c1 = ds.flatten %n1 at [0] : (tensor<i32>) -> tensor<1xi32>
  %s1 = ds.add %s, %i : tensor<2xi32>, tensor<2xi32>
  ds.write %m2, @mean : tensor<3xf32>
  ds.write %c1, @count : tensor<1xi32>
  ds.write %s1, @seen : tensor<2xi32>
  return %2 : tensor<f32>
}
