// RUN: ds-opt %s --ds-build-train="lr=0.5 schedule='#ds.schedule<peak = 0.25, decay = <shape = \"linear\", to = 0.0, begin = 2, steps = 3>>'" | FileCheck %s
// RUN: not ds-opt %s --ds-build-train="schedule=#ds.fill<1.0>" 2>&1 | FileCheck %s --check-prefix=KIND
// RUN: not ds-opt %s --ds-build-train="schedule=#ds.schedule<peak=-1.0>" 2>&1 | FileCheck %s --check-prefix=PEAK
// RUN: not ds-opt %s --ds-build-train="lr=0" 2>&1 | FileCheck %s --check-prefix=RATE
//
// The rate is that of the step before it is counted, and `lr` yields to a
// schedule.

// KIND: error: expects 'schedule' to be a #ds.schedule, but got #ds.fill<1.000000e+00 : f64>
// PEAK: error: expects a positive peak, but got -1
// RATE: error: expects a positive peak, but got 0
ds.unit @u "parameter" : tensor<1024xf32> {members = [
  #ds.member<"w" at 0 : tensor<3xf32> = #ds.fill<1.0>>]}

// CHECK-LABEL: func @train(
// CHECK: %[[OLD:.+]] = ds.read @step : tensor<i64>
// CHECK: %[[LR:.+]] = ds.learning_rate %[[OLD]] <peak = 2.500000e-01 : f64, decay = <shape = "linear", to = 0.000000e+00 : f64, begin = 2, steps = 3>>
// CHECK: ds.adamw {{.+}} lr %[[LR]]
// CHECK: return %{{.+}}, %{{.+}}, %[[LR]]
func.func @loss(%x: tensor<3xf32> {ds.name = "x"}) -> tensor<f32> attributes {ds.loss} {
  %u = ds.read @u : tensor<1024xf32>
  %w = ds.unflatten %u at [0] : (tensor<1024xf32>) -> tensor<3xf32>
  %y = ds.mul %w, %x : tensor<3xf32>, tensor<3xf32>
  %loss = ds.sum %y : tensor<3xf32> -> tensor<f32>
  return %loss : tensor<f32>
}
