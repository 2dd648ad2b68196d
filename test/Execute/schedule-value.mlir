// RUN: ds-exec %s --print --worlds=1 --entry=single | FileCheck %s --check-prefix=SINGLE
// RUN: ds-exec %s --after='canonicalize,cse,ds-decompose,cse,canonicalize' --worlds=1,2 --steps=2000 --rtol=1e-12 | FileCheck %s
//
// 2,000 steps of each kind of piece: its scalar instructions compute what its
// definition says.

ds.unit @step "scalar" : tensor<i64> {members = [#ds.member<"step" at 0 : tensor<i64> = #ds.fill<0.0>>]}

// CHECK: world 1: equal: 10 results x 2000 steps, 1 tensors
// CHECK: world 2: equal: 10 results x 2000 steps, 1 tensors
func.func @train() -> (
    tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>,
    tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>) {
  %step = ds.read @step : tensor<i64>
  %0 = ds.schedule_value %step <after 0 : 0.001> : tensor<i64>
  %1 = ds.schedule_value %step <after -1 : 0.0,
    after 0 : 0.0001,
    after 1 : log 0.0001 to 0.001 in 900> : tensor<i64>
  %2 = ds.schedule_value %step <after -1 : linear 0.0 to 0.001 in 900> : tensor<i64>
  %3 = ds.schedule_value %step <after 0 : linear 0.001 to 0.0002 in 1500> : tensor<i64>
  %4 = ds.schedule_value %step <after -1 : linear 0.003 to 0.001 in 300,
    after 300 : cosine 0.001 to 1.0e-05 in 1500> : tensor<i64>
  %5 = ds.schedule_value %step <after 1 : log 0.0 to 0.001 in 300,
    after 301 : linear 0.001 to 0.0001 in 1500> : tensor<i64>
  %6 = ds.schedule_value %step <after 100 : power 0.001 to 0.0001 in 1500 by 2.5> : tensor<i64>
  %7 = ds.schedule_value %step <after -1 : linear 0.0 to 0.001 in 100,
    after 1500 : root 0.001 to 1.0e-05 in 400> : tensor<i64>
  %8 = ds.schedule_value %step <after 0 : linear 0.0001 to 0.001 in 700 stairs 6,
    after 700 : linear 0.001 to 0.0001 in 501 stairs 4 early,
    after 1201 : shrink 0.0001 in 30 by 0.5> : tensor<i64>
  %9 = ds.schedule_value %step <after 0 : grow 0.001 in 300 by 0.75 stairs 1> : tensor<i64>
  %one = ds.constant dense<1> : tensor<i64>
  %next = ds.add %step, %one : tensor<i64>, tensor<i64>
  ds.write %next, @step : tensor<i64>
  return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9 :
    tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>,
    tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>
}

// The definition at single steps, worked out by hand.
// SINGLE: result 0: 0{{$}}
// SINGLE-NEXT: result 1: 0.5{{$}}
// SINGLE-NEXT: result 2: 2{{$}}
// SINGLE-NEXT: result 3: 1.25{{$}}
// SINGLE-NEXT: result 4: 0.5{{$}}
// SINGLE-NEXT: result 5: 1.5{{$}}
// SINGLE-NEXT: result 6: 2.5{{$}}
// SINGLE-NEXT: result 7: 3{{$}}
// SINGLE-NEXT: result 8: 2.5{{$}}
// SINGLE-NEXT: result 9: 2.5{{$}}
// SINGLE-NEXT: result 10: 5.25{{$}}
// SINGLE-NEXT: result 11: 5{{$}}
// SINGLE-NEXT: result 12: 0.5{{$}}
func.func @single() -> (
    tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>,
    tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>,
    tensor<f64>, tensor<f64>, tensor<f64>) {
  %s0 = ds.constant dense<0> : tensor<i64>
  %s1 = ds.constant dense<1> : tensor<i64>
  %s3 = ds.constant dense<3> : tensor<i64>
  %s4 = ds.constant dense<4> : tensor<i64>
  %s7 = ds.constant dense<7> : tensor<i64>
  %s8 = ds.constant dense<8> : tensor<i64>
  %s12 = ds.constant dense<12> : tensor<i64>
  %s13 = ds.constant dense<13> : tensor<i64>
  %s99 = ds.constant dense<99> : tensor<i64>
  %0 = ds.schedule_value %s0 <after -1 : 0.0, after 0 : 0.5,
    after 1 : log 0.5 to 2.0 in 8, after 8 : cosine 2.0 to 0.5 in 8> : tensor<i64>
  %1 = ds.schedule_value %s1 <after -1 : 0.0, after 0 : 0.5,
    after 1 : log 0.5 to 2.0 in 8, after 8 : cosine 2.0 to 0.5 in 8> : tensor<i64>
  %2 = ds.schedule_value %s8 <after -1 : 0.0, after 0 : 0.5,
    after 1 : log 0.5 to 2.0 in 8, after 8 : cosine 2.0 to 0.5 in 8> : tensor<i64>
  %3 = ds.schedule_value %s12 <after -1 : 0.0, after 0 : 0.5,
    after 1 : log 0.5 to 2.0 in 8, after 8 : cosine 2.0 to 0.5 in 8> : tensor<i64>
  %4 = ds.schedule_value %s99 <after -1 : 0.0, after 0 : 0.5,
    after 1 : log 0.5 to 2.0 in 8, after 8 : cosine 2.0 to 0.5 in 8> : tensor<i64>
  %5 = ds.schedule_value %s8 <after -1 : linear 1.0 to 2.0 in 18> : tensor<i64>
  %6 = ds.schedule_value %s3 <after 1 : power 4.0 to 2.0 in 4 by 2.0> : tensor<i64>
  %7 = ds.schedule_value %s4 <after 0 : root 4.0 to 2.0 in 16> : tensor<i64>
  %8 = ds.schedule_value %s7 <after 0 : linear 1.0 to 3.0 in 8 stairs 4> : tensor<i64>
  %9 = ds.schedule_value %s7 <after 6 : linear 3.0 to 1.0 in 8 stairs 4 early> : tensor<i64>
  %10 = ds.schedule_value %s13 <after 0 : grow 2.0 in 4 by 0.5> : tensor<i64>
  %11 = ds.schedule_value %s13 <after 0 : grow 2.0 in 4 by 0.5 stairs 1> : tensor<i64>
  %12 = ds.schedule_value %s13 <after 1 : shrink 2.0 in 4 by 1.0> : tensor<i64>
  return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12 :
    tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>,
    tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>,
    tensor<f64>, tensor<f64>, tensor<f64>
}
