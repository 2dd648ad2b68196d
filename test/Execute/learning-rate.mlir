// RUN: ds-exec %s --print --worlds=1 --entry=first | FileCheck %s --check-prefix=FIRST
// RUN: ds-exec %s --after='canonicalize,cse,ds-decompose,cse,canonicalize' --worlds=1,2 --steps=2000 --rtol=1e-12 | FileCheck %s
//
// 2,000 steps of each kind of schedule: its scalar instructions compute what
// its definition says.

ds.unit @step "scalar" : tensor<i64> {members = [#ds.member<"step" at 0 : tensor<i64> = #ds.fill<0.0>>]}

// CHECK: world 1: equal: 6 results x 2000 steps, 1 tensors
// CHECK: world 2: equal: 6 results x 2000 steps, 1 tensors
func.func @train() -> (tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>) {
  %step = ds.read @step : tensor<i64>
  %0 = ds.learning_rate %step <peak = 0.001> : tensor<i64>
  %1 = ds.learning_rate %step <peak = 0.001,
    warmup = <shape = "log", from = 0.0001, steps = 900, shift = -1, zero_first = true>> : tensor<i64>
  %2 = ds.learning_rate %step <peak = 0.001,
    warmup = <shape = "linear", from = 0.0, steps = 900, shift = 1>> : tensor<i64>
  %3 = ds.learning_rate %step <peak = 0.001,
    decay = <shape = "linear", to = 0.0002, begin = 0, steps = 1500>> : tensor<i64>
  %4 = ds.learning_rate %step <peak = 0.001,
    warmup = <shape = "linear", from = 0.003, steps = 300, shift = 1>,
    decay = <shape = "cosine", to = 0.00001, begin = 300, steps = 1500>> : tensor<i64>
  %5 = ds.learning_rate %step <peak = 0.001,
    warmup = <shape = "log", from = 0.0, steps = 300, shift = -1>,
    decay = <shape = "linear", to = 0.0001, begin = 301, steps = 1500>> : tensor<i64>
  %one = ds.constant dense<1> : tensor<i64>
  %next = ds.add %step, %one : tensor<i64>, tensor<i64>
  ds.write %next, @step : tensor<i64>
  return %0, %1, %2, %3, %4, %5 : tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>
}

// The definition at single steps, worked out by hand.
// FIRST: result 0: 0
// FIRST-NEXT: result 1: 0.5
// FIRST-NEXT: result 2: 2
// FIRST-NEXT: result 3: 1.25
// FIRST-NEXT: result 4: 0.5
// FIRST-NEXT: result 5: 1.5
func.func @first() -> (tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>) {
  %0 = ds.constant dense<0> : tensor<i64>
  %1 = ds.constant dense<1> : tensor<i64>
  %8 = ds.constant dense<8> : tensor<i64>
  %12 = ds.constant dense<12> : tensor<i64>
  %99 = ds.constant dense<99> : tensor<i64>
  %r0 = ds.learning_rate %0 <peak = 2.0,
    warmup = <shape = "log", from = 0.5, steps = 8, shift = -1, zero_first = true>,
    decay = <shape = "cosine", to = 0.5, begin = 8, steps = 8>> : tensor<i64>
  %r1 = ds.learning_rate %1 <peak = 2.0,
    warmup = <shape = "log", from = 0.5, steps = 8, shift = -1, zero_first = true>,
    decay = <shape = "cosine", to = 0.5, begin = 8, steps = 8>> : tensor<i64>
  %r2 = ds.learning_rate %8 <peak = 2.0,
    warmup = <shape = "log", from = 0.5, steps = 8, shift = -1, zero_first = true>,
    decay = <shape = "cosine", to = 0.5, begin = 8, steps = 8>> : tensor<i64>
  %r3 = ds.learning_rate %12 <peak = 2.0,
    warmup = <shape = "log", from = 0.5, steps = 8, shift = -1, zero_first = true>,
    decay = <shape = "cosine", to = 0.5, begin = 8, steps = 8>> : tensor<i64>
  %r4 = ds.learning_rate %99 <peak = 2.0,
    warmup = <shape = "log", from = 0.5, steps = 8, shift = -1, zero_first = true>,
    decay = <shape = "cosine", to = 0.5, begin = 8, steps = 8>> : tensor<i64>
  %r5 = ds.learning_rate %8 <peak = 2.0, warmup = <shape = "linear", from = 1.0, steps = 18, shift = 1>> : tensor<i64>
  return %r0, %r1, %r2, %r3, %r4, %r5 : tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>
}
