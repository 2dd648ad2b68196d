// RUN: ds-opt %s | ds-opt | FileCheck %s
// RUN: ds-opt %s -canonicalize -cse | FileCheck %s --check-prefix=FOLD
//
// Schedules print what they parse; a constant one is a constant, and two reads
// of one schedule at one step are one.

// CHECK-LABEL: func @rates
// FOLD-LABEL: func @rates
func.func @rates(%step: tensor<i64>) -> (tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>) {
  // CHECK: ds.learning_rate %{{.+}} <peak = 1.000000e-03 : f64> : tensor<i64>
  // FOLD-DAG: %[[C:.+]] = ds.constant dense<1.000000e-03> : tensor<f64>
  %0 = ds.learning_rate %step <peak = 0.001> : tensor<i64>
  // CHECK: ds.learning_rate %{{.+}} <peak = 1.000000e-03 : f64, warmup = <shape = "log", from = 1.000000e-04 : f64, steps = 9, shift = -1, zero_first = true>> : tensor<i64>
  // FOLD-DAG: %[[W:.+]] = ds.learning_rate {{.+}}zero_first
  %1 = ds.learning_rate %step <peak = 0.001,
    warmup = <shape = "log", from = 0.0001, steps = 9, shift = -1, zero_first = true>> : tensor<i64>
  // CHECK: ds.learning_rate %{{.+}} <peak = 1.000000e-03 : f64, decay = <shape = "linear", to = 0.000000e+00 : f64, begin = 0, steps = 9>> : tensor<i64>
  // FOLD-DAG: %[[D:.+]] = ds.learning_rate {{.+}}decay
  %2 = ds.learning_rate %step <peak = 0.001, decay = <shape = "linear", to = 0.0, begin = 0, steps = 9>> : tensor<i64>
  // CHECK: ds.learning_rate %{{.+}} <peak = 1.000000e-03 : f64, warmup = <shape = "linear", from = 0.000000e+00 : f64, steps = 9, shift = 1>, decay = <shape = "cosine", to = 1.000000e-05 : f64, begin = 9, steps = 91>> : tensor<i64>
  // FOLD-DAG: %[[B:.+]] = ds.learning_rate {{.+}}warmup{{.+}}decay
  // FOLD-NOT: ds.learning_rate
  %3 = ds.learning_rate %step <peak = 0.001,
    warmup = <shape = "linear", from = 0.0, steps = 9, shift = 1>,
    decay = <shape = "cosine", to = 0.00001, begin = 9, steps = 91>> : tensor<i64>
  %4 = ds.learning_rate %step <peak = 0.001,
    warmup = <shape = "linear", from = 0.0, steps = 9, shift = 1>,
    decay = <shape = "cosine", to = 0.00001, begin = 9, steps = 91>> : tensor<i64>
  // FOLD: return %[[C]], %[[W]], %[[D]], %[[B]], %[[B]]
  return %0, %1, %2, %3, %4 : tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>
}
