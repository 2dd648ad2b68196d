// RUN: ds-exec %s --worlds=1,2,4 --steps=3 --before='ds-make-units{shards=$world},ds-cast-precision{master=bf16},ds-build-train{micro-batches=4 lr=1e-3 max-norm=0 accumulation=bf16 states=bf16 stochastic-rounding}' --after='ds-make-units{shards=$world},ds-cast-precision{master=bf16},ds-build-train{micro-batches=4 lr=1e-3 max-norm=0 accumulation=bf16 states=bf16 stochastic-rounding},ds-zero{world=$world stage=0},cse,canonicalize,ds-decompose' | FileCheck %s
// RUN: ds-exec %s --worlds=1,2,4 --steps=3 --before='ds-make-units{shards=$world},ds-cast-precision{master=bf16},ds-build-train{micro-batches=4 lr=1e-3 max-norm=0 accumulation=bf16 states=bf16 stochastic-rounding}' --after='ds-make-units{shards=$world},ds-cast-precision{master=bf16},ds-build-train{micro-batches=4 lr=1e-3 max-norm=0 accumulation=bf16 states=bf16 stochastic-rounding},ds-zero{world=$world stage=1},cse,canonicalize,ds-decompose' | FileCheck %s
// RUN: ds-exec %s --worlds=1,2,4 --steps=3 --before='ds-make-units{shards=$world},ds-cast-precision{master=bf16},ds-build-train{micro-batches=4 lr=1e-3 max-norm=0 accumulation=bf16 states=bf16 stochastic-rounding}' --after='ds-make-units{shards=$world},ds-cast-precision{master=bf16},ds-build-train{micro-batches=4 lr=1e-3 max-norm=0 accumulation=bf16 states=bf16 stochastic-rounding},ds-zero{world=$world stage=2},cse,canonicalize,ds-decompose' | FileCheck %s
// RUN: ds-exec %s --worlds=1,2,4 --steps=3 --before='ds-make-units{shards=$world},ds-cast-precision{master=bf16},ds-build-train{micro-batches=4 lr=1e-3 max-norm=0 accumulation=bf16 states=bf16 stochastic-rounding}' --after='ds-make-units{shards=$world},ds-cast-precision{master=bf16},ds-build-train{micro-batches=4 lr=1e-3 max-norm=0 accumulation=bf16 states=bf16 stochastic-rounding},ds-zero{world=$world stage=3},cse,canonicalize,ds-decompose' | FileCheck %s
//
// How bfloat16 state is rounded at random depends neither on ranks nor on stages: where gradients
// are the same bits, so is all that follows.  (All micro-batches have the gradient 1.)

// CHECK: world 1: equal: 3 results x 3 steps, 5 tensors, worst difference 0.0e+00 (none)
// CHECK: world 2: equal: 3 results x 3 steps, 5 tensors, worst difference 0.0e+00 (none)
// CHECK: world 4: equal: 3 results x 3 steps, 5 tensors, worst difference 0.0e+00 (none)

ds.parameter @w : tensor<5000xf32> = #ds.normal<0.5>
func.func @loss(%x: tensor<2xi32> {ds.bound = 11 : i64}) -> tensor<f32> attributes {ds.loss} {
  %w = ds.read @w : tensor<5000xf32>
  %s = ds.sum %w : tensor<5000xf32> -> tensor<f32>
  return %s : tensor<f32>
}
