// RUN: ds-opt %s | ds-opt | FileCheck %s
// RUN: ds-opt %s -canonicalize -cse | FileCheck %s --check-prefix=FOLD
//
// Schedules print what they parse; a constant one is a constant, and two reads
// of one schedule at one step are one.

// CHECK-LABEL: func @values
// FOLD-LABEL: func @values
func.func @values(%step: tensor<i64>) -> (tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>) {
  // CHECK: ds.schedule_value %{{.+}} <after 0 : 0.001> : tensor<i64>
  // FOLD-DAG: %[[C:.+]] = ds.constant dense<1.000000e-03> : tensor<f64>
  %0 = ds.schedule_value %step <after 0 : 0.001> : tensor<i64>
  // CHECK: ds.schedule_value %{{.+}} <after -1 : 0.0, after 0 : log 1.0e-04 to 0.001 in 9> : tensor<i64>
  // FOLD-DAG: %[[W:.+]] = ds.schedule_value {{.+}}log
  %1 = ds.schedule_value %step <after -1 : 0.0, after 0 : log 1.0e-4 to 0.001 in 9> : tensor<i64>
  // CHECK: ds.schedule_value %{{.+}} <after 0 : power 0.1 to 0.0 in 9 by 2.5> : tensor<i64>
  // FOLD-DAG: %[[D:.+]] = ds.schedule_value {{.+}}power
  %2 = ds.schedule_value %step <after 0 : power 0.1 to 0.0 in 9 by 2.5> : tensor<i64>
  // CHECK: ds.schedule_value %{{.+}} <after -1 : linear 0.0 to 0.001 in 8 stairs 2, after 9 : linear 0.001 to 1.0e-05 in 91 stairs 7 early, after 100 : shrink 1.0e-05 in 10 by 0.5>
  // FOLD-DAG: %[[B:.+]] = ds.schedule_value {{.+}}shrink
  // FOLD-NOT: ds.schedule_value
  %3 = ds.schedule_value %step <after -1 : linear 0.0 to 0.001 in 8 stairs 2,
    after 9 : linear 0.001 to 0.00001 in 91 stairs 7 early, after 100 : shrink 1.0e-5 in 10 by 0.5> : tensor<i64>
  %4 = ds.schedule_value %step <after -1 : linear 0.0 to 0.001 in 8 stairs 2,
    after 9 : linear 0.001 to 0.00001 in 91 stairs 7 early, after 100 : shrink 1.0e-5 in 10 by 0.5> : tensor<i64>
  // FOLD: return %[[C]], %[[W]], %[[D]], %[[B]], %[[B]]
  return %0, %1, %2, %3, %4 : tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>
}

// CHECK-LABEL: func private @others
// CHECK-SAME: a = #ds.schedule<after 0 : grow 0.001 in 2000 by 1.0 stairs 1>
// CHECK-SAME: b = #ds.schedule<after 0 : cosine 0.3333333333333333 to 1.0e+22 in 4503599627370496>
// CHECK-SAME: c = #ds.schedule<after 0 : root 0.001 to 0.0 in 10>
func.func private @others() attributes {
  a = #ds.schedule<after 0 : grow 0.001 in 2000 by 1.0 stairs 1>,
  b = #ds.schedule<after 0 : cosine 0.33333333333333331 to 1.0e22 in 4503599627370496>,
  c = #ds.schedule<after 0 : root 0.001 to 0.0 in 10>}
