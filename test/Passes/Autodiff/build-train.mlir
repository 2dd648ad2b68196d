// RUN: ds-opt %s --ds-build-train='micro-batches=4 lr=0.5' | FileCheck %s
// RUN: ds-opt %s --ds-build-train='micro-batches=4 max-norm=0' | FileCheck %s --check-prefix=FREE
//
// One step: a loop that sums loss and gradients, the norm, clipping, an update
// per unit; and the same loop without gradients.

// The moments have the unit's shape and start at zero, and so does the step.
// CHECK: ds.unit @u "parameter" : tensor<1024xf32>
// CHECK: ds.unit @v "parameter" : tensor<1024xf32>
// CHECK-NEXT: ds.unit @u.exp_avg "optimizer" : tensor<1024xf32>
// CHECK-SAME: #ds.member<"w.exp_avg" at 0 : tensor<3xf32> = #ds.fill<0.000000e+00 : f64>>
// CHECK-NEXT: ds.unit @u.exp_avg_sq "optimizer" : tensor<1024xf32>
// CHECK-NEXT: ds.unit @v.exp_avg "optimizer"
// CHECK-NEXT: ds.unit @v.exp_avg_sq "optimizer"
// CHECK-NEXT: ds.unit @step "scalar" : tensor<i64>
ds.unit @u "parameter" : tensor<1024xf32> {members = [
  #ds.member<"w" at 0 : tensor<3xf32> = #ds.fill<1.0>>]}
ds.unit @v "parameter" : tensor<1024xf32> {members = [
  #ds.member<"unused" at 0 : tensor<2xf32> = #ds.fill<1.0>>]}

// CHECK-LABEL: func @train(
// CHECK-SAME: %[[XS:[^:]+]]: tensor<4x3xf32> {ds.name = "x"})
// CHECK-SAME: -> (tensor<f64>, tensor<f64>, tensor<f64>)
// CHECK-DAG: %[[FOUR:.+]] = arith.constant 4 : index
// CHECK: %[[SUMS:.+]]:3 = scf.for %[[I:.+]] = %{{.+}} to %[[FOUR]] step %{{.+}} iter_args(
// CHECK-SAME: %[[LOSS:[^ ]+]] = %{{.+}}, %[[GU:[^ ]+]] = %{{.+}}, %[[GV:[^ ]+]] = %{{.+}})
// CHECK-NEXT: %[[X:.+]] = ds.micro_batch %[[XS]][%[[I]]] : tensor<4x3xf32> -> tensor<3xf32>
// The mean over micro-batches is in the seed.
// CHECK: %[[SEED:.+]] = ds.constant dense<2.500000e-01> : tensor<f32>
// CHECK: ds.broadcast %[[SEED]] {ds.backward}
// CHECK: %[[FLAT:.+]] = ds.flatten %{{.+}} at [0] {ds.backward} : (tensor<3xf32>) -> tensor<1024xf32>
// CHECK: %[[U1:.+]] = ds.add %[[GU]], %[[FLAT]]
// CHECK: %[[L1:.+]] = ds.add %[[LOSS]], %{{.+}} : tensor<f64>, tensor<f64>
// A unit that the loss does not use keeps its zero gradient.
// CHECK: scf.yield %[[L1]], %[[U1]], %[[GV]]
// CHECK: } {ds.micro_batches}
// CHECK: %[[OLD:.+]] = ds.read @step : tensor<i64>
// CHECK: %[[NEW:.+]] = ds.add %[[OLD]]
// CHECK: %[[NORM:.+]] = ds.grad_norm %[[SUMS]]#1, %[[SUMS]]#2
// CHECK: %[[ONE:.+]] = ds.constant dense<1.000000e+00> : tensor<f64>
// CHECK: ds.constant dense<{{9.99.+E-7}}> : tensor<f64>
// CHECK: %[[SCALE:.+]] = ds.min %{{.+}}, %[[ONE]]
// CHECK: %[[LR:.+]] = ds.schedule_value %[[OLD]] <after 0 : 0.5> : tensor<i64>
// CHECK: %[[P:.+]] = ds.read @u
// CHECK: ds.adamw %[[P]], %{{.+}}, %{{.+}}, %[[SUMS]]#1 scale %[[SCALE]] lr %[[LR]] step
// CHECK: ds.write %{{.+}}, @u : tensor<1024xf32>
// CHECK: ds.write %{{.+}}, @u.exp_avg : tensor<1024xf32>
// CHECK: ds.write %{{.+}}, @u.exp_avg_sq : tensor<1024xf32>
// CHECK: ds.write %[[NEW]], @step : tensor<i64>
// CHECK: return %[[SUMS]]#0, %[[NORM]], %[[LR]]

// Without a bound gradients are not scaled.
// FREE-LABEL: func @train(
// FREE: %[[ONE:.+]] = ds.constant dense<1.000000e+00> : tensor<f64>
// FREE-NOT: ds.min
// FREE: ds.adamw {{.+}} scale %[[ONE]]

// CHECK-LABEL: func @evaluate(
// CHECK-SAME: -> tensor<f64>
// CHECK: scf.for
// CHECK-NOT: ds.backward
// CHECK: } {ds.micro_batches}
// CHECK-NEXT: return
// CHECK-NOT: @loss
func.func @loss(%x: tensor<3xf32> {ds.name = "x"}) -> tensor<f32> attributes {ds.loss} {
  %v = ds.read @v : tensor<1024xf32>
  %u = ds.read @u : tensor<1024xf32>
  %w = ds.unflatten %u at [0] : (tensor<1024xf32>) -> tensor<3xf32>
  %0 = ds.mul %x, %w : tensor<3xf32>, tensor<3xf32>
  %1 = ds.sum %0 : tensor<3xf32> -> tensor<f32>
  return %1 : tensor<f32>
}
