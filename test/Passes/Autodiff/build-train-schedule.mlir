// RUN: ds-opt %s --ds-build-train="lr=0.5 schedule='#ds.schedule<after 2 : linear 0.25 to 0.0 in 3>'" | FileCheck %s
// RUN: ds-opt %s --ds-build-train="momentum='#ds.schedule<after -1 : 0.8, after 0 : linear 0.9 to 0.8 in 7>'" | FileCheck %s --check-prefix=MOMENTUM
// RUN: not ds-opt %s --ds-build-train="momentum=#ds.fill<1.0>" 2>&1 | FileCheck %s --check-prefix=OTHER
// RUN: not ds-opt %s --ds-build-train="schedule=#ds.fill<1.0>" 2>&1 | FileCheck %s --check-prefix=KIND
// RUN: not ds-opt %s --ds-build-train="schedule='#ds.schedule<after 0 : -1.0>'" 2>&1 | FileCheck %s --check-prefix=PEAK
// RUN: not ds-opt %s --ds-build-train="lr=-2" 2>&1 | FileCheck %s --check-prefix=RATE
//
// The rate is that of the step before it is counted, and `lr` yields to a
// schedule.  A momentum takes the place of the optimizer's and is returned.

// OTHER: error: expects 'momentum' to be a #ds.schedule, but got #ds.fill<1.000000e+00 : f64>
// KIND: error: expects 'schedule' to be a #ds.schedule, but got #ds.fill<1.000000e+00 : f64>
// PEAK: error: expects values of at least 0, but got -1
// RATE: error: expects values of at least 0, but got -2
ds.unit @u "parameter" : tensor<1024xf32> {members = [
  #ds.member<"w" at 0 : tensor<3xf32> = #ds.fill<1.0>>]}

// CHECK-LABEL: func @train(
// CHECK: %[[OLD:.+]] = ds.read @step : tensor<i64>
// CHECK: %[[LR:.+]] = ds.schedule_value %[[OLD]] <after 2 : linear 0.25 to 0.0 in 3>
// CHECK: ds.adamw {{.+}} lr %[[LR]]
// CHECK: return %{{.+}}, %{{.+}}, %[[LR]]

// MOMENTUM-LABEL: func @train(
// MOMENTUM-SAME: -> (tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64> {ds.name = "momentum"})
// MOMENTUM: %[[OLD:.+]] = ds.read @step : tensor<i64>
// MOMENTUM: %[[NOW:.+]] = ds.schedule_value %[[OLD]] <after -1 : 0.8, after 0 : linear 0.9 to 0.8 in 7>
// MOMENTUM: ds.adamw {{.+}} momentum %[[NOW]]
// MOMENTUM: return %{{.+}}, %{{.+}}, %{{.+}}, %[[NOW]]
// MOMENTUM-LABEL: func @evaluate(
// MOMENTUM-SAME: -> tensor<f64>
func.func @loss(%x: tensor<3xf32> {ds.name = "x"}) -> tensor<f32> attributes {ds.loss} {
  %u = ds.read @u : tensor<1024xf32>
  %w = ds.unflatten %u at [0] : (tensor<1024xf32>) -> tensor<3xf32>
  %y = ds.mul %w, %x : tensor<3xf32>, tensor<3xf32>
  %loss = ds.sum %y : tensor<3xf32> -> tensor<f32>
  return %loss : tensor<f32>
}
