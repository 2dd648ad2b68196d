// DEFINE: %{step} = ds-inline-blocks,canonicalize,cse,ds-make-units{shards=$world},ds-build-train{micro-batches=12},cse
// DEFINE: %{rest} = canonicalize,cse,ds-remat-blocks,ds-regather,canonicalize,cse,ds-schedule,ds-decompose,cse,ds-fuse-kernels,ds-verify-phase{phase=lower}
// RUN: ds-exec %s --entry=train --before='%{step}' --after='%{step},ds-zero{world=$world stage=1},%{rest}' | FileCheck %s
// RUN: ds-exec %s --entry=train --before='%{step}' --after='%{step},ds-zero{world=$world stage=3},%{rest}' | FileCheck %s
//
// A step of a small U-Net: a convolution with a stride, one in groups, a transposed one, channels first. It is the
// same on 1 to 4 ranks, sharded and lowered.

// CHECK: world 1: equal: 3 results x 2 steps, 13 tensors
// CHECK: world 2: equal: 3 results x 2 steps, 13 tensors
// CHECK: world 3: equal: 3 results x 2 steps, 13 tensors
// CHECK: world 4: equal: 3 results x 2 steps, 13 tensors

ds.parameter @down : tensor<4x2x3x3xf32> = #ds.normal<0.3>
ds.parameter @bias : tensor<4xf32> = #ds.normal<0.3>
ds.parameter @depthwise : tensor<4x1x3x2xf32> = #ds.normal<0.3>
ds.parameter @up : tensor<4x3x2x2xf32> = #ds.normal<0.3>

func.func @loss(%x: tensor<2x2x4x6xf32>, %y: tensor<2x3x4x6xf32>) -> tensor<f32> attributes {ds.loss} {
  %down = ds.read @down : tensor<4x2x3x3xf32>
  %bias = ds.read @bias : tensor<4xf32>
  %depthwise = ds.read @depthwise : tensor<4x1x3x2xf32>
  %up = ds.read @up : tensor<4x3x2x2xf32>
  %0 = ds.convolution "bf01,oi01->bf01" %x, %down stride [2, 2] pad [1, 1] dilate [1, 1] groups 1
      : (tensor<2x2x4x6xf32>, tensor<4x2x3x3xf32>) -> tensor<2x4x2x3xf32>
  %1 = ds.broadcast %bias dims [1] : tensor<4xf32> -> tensor<2x4x2x3xf32>
  %2 = ds.add %0, %1 : tensor<2x4x2x3xf32>, tensor<2x4x2x3xf32>
  %3 = ds.silu %2 : tensor<2x4x2x3xf32>
  %4 = ds.convolution "bf01,oi01->bf01" %3, %depthwise stride [1, 1] pad [1, 0] dilate [1, 1] groups 4
      : (tensor<2x4x2x3xf32>, tensor<4x1x3x2xf32>) -> tensor<2x4x2x3xf32>
  %5 = ds.gelu %4 : tensor<2x4x2x3xf32>
  %6 = ds.convolution_grad_input "bf01,oi01->bf01" %5, %up stride [2, 2] pad [0, 0] dilate [1, 1] groups 1
      : (tensor<2x4x2x3xf32>, tensor<4x3x2x2xf32>) -> tensor<2x3x4x6xf32>
  %7 = ds.sub %6, %y : tensor<2x3x4x6xf32>, tensor<2x3x4x6xf32>
  %8 = ds.sum %7 {squares} : tensor<2x3x4x6xf32> -> tensor<f32>
  return %8 : tensor<f32>
}
