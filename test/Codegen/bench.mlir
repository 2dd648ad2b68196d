// What `kernel-bench` times beside the loops of test/Benchmark/hand_loops.cpp,
// which have the same names and sizes.  First kernels without exp and tanh, on
// tensors of 96 MiB and more: memory is their limit.
func.func private @residual_add(%x: tensor<32768x768xf32>, %d: tensor<32768x768xf32>)
    -> tensor<32768x768xf32> attributes {in_place = [[0, 0]]} {
  %h = ds.add %x, %d : tensor<32768x768xf32>, tensor<32768x768xf32>
  return %h : tensor<32768x768xf32>
}
func.func private @add_layer_norm(%x: tensor<32768x768xf32>, %d: tensor<32768x768xf32>,
    %s: tensor<768xf32>, %b: tensor<768xf32>)
    -> (tensor<32768x768xf32>, tensor<32768x768xf32>) attributes {in_place = [[0, 0]]} {
  %h = ds.add %x, %d : tensor<32768x768xf32>, tensor<32768x768xf32>
  %y = ds.layer_norm %h, %s, %b eps 1.0e-5 : tensor<32768x768xf32>, tensor<768xf32>, tensor<768xf32>
  return %h, %y : tensor<32768x768xf32>, tensor<32768x768xf32>
}
func.func private @layer_norm_backward(%x: tensor<32768x768xf32>, %s: tensor<768xf32>,
    %g: tensor<32768x768xf32>, %r: tensor<32768x768xf32>)
    -> (tensor<32768xf32>, tensor<32768xf32>, tensor<32768x768xf32>)
    attributes {in_place = [[2, 3]]} {
  %mean, %rstd = ds.norm_stats %x eps 1.0e-5 : tensor<32768x768xf32> -> tensor<32768xf32>, tensor<32768xf32>
  %dx = ds.norm_input_grad %x, %s, %g, %mean, %rstd
      : tensor<32768x768xf32>, tensor<768xf32>, tensor<32768x768xf32>, tensor<32768xf32>, tensor<32768xf32>
  %d = ds.add %r, %dx : tensor<32768x768xf32>, tensor<32768x768xf32>
  return %mean, %rstd, %d : tensor<32768xf32>, tensor<32768xf32>, tensor<32768x768xf32>
}
func.func private @norm_parameter_grads(%x: tensor<32768x768xf32>, %mean: tensor<32768xf32>,
    %rstd: tensor<32768xf32>, %g: tensor<32768x768xf32>) -> (tensor<768xf32>, tensor<768xf32>) {
  %h = ds.normalize %x, %mean, %rstd : tensor<32768x768xf32>, tensor<32768xf32>, tensor<32768xf32>
  %m = ds.mul %h, %g : tensor<32768x768xf32>, tensor<32768x768xf32>
  %dscale = ds.sum %m : tensor<32768x768xf32> -> tensor<768xf32>
  %dbias = ds.sum %g : tensor<32768x768xf32> -> tensor<768xf32>
  return %dscale, %dbias : tensor<768xf32>, tensor<768xf32>
}
func.func private @rms_norm(%x: tensor<32768x768xf32>, %s: tensor<768xf32>) -> tensor<32768x768xf32> {
  %y = ds.rms_norm %x, %s eps 1.0e-5 : tensor<32768x768xf32>, tensor<768xf32>
  return %y : tensor<32768x768xf32>
}
func.func private @rotary(%x: tensor<32x1024x12x64xf32>, %c: tensor<1024x32xf32>,
    %s: tensor<1024x32xf32>) -> tensor<32x1024x12x64xf32> {
  %y = ds.rotary %x, %c, %s : tensor<32x1024x12x64xf32>, tensor<1024x32xf32>, tensor<1024x32xf32>
  return %y : tensor<32x1024x12x64xf32>
}
func.func private @adamw(%p: tensor<25165824xf32>, %m: tensor<25165824xf32>,
    %v: tensor<25165824xf32> {test.positive}, %g: tensor<25165824xf32>, %gs: tensor<f64>,
    %d: tensor<f64>, %st: tensor<f64>, %c: tensor<f64> {test.positive})
    -> (tensor<25165824xf32>, tensor<25165824xf32>, tensor<25165824xf32>)
    attributes {in_place = [[0, 0], [1, 1], [2, 2]]} {
  %a, %b, %e = ds.adamw_update %p, %m, %v, %g
      scale %gs decay %d step_size %st correction %c {beta1 = 0.9, beta2 = 0.95, eps = 1.0e-8}
      : tensor<25165824xf32>
  return %a, %b, %e : tensor<25165824xf32>, tensor<25165824xf32>, tensor<25165824xf32>
}
func.func private @bias_grad(%g: tensor<8192x3072xf32>) -> tensor<3072xf32> {
  %s = ds.sum %g : tensor<8192x3072xf32> -> tensor<3072xf32>
  return %s : tensor<3072xf32>
}
func.func private @sum_squares(%x: tensor<8192x3072xf32>) -> tensor<8192xf64> {
  %0 = ds.sum %x {trailing, squares} : tensor<8192x3072xf32> -> tensor<8192xf64>
  return %0 : tensor<8192xf64>
}

// Kernels with exp or tanh, at sizes of a step: compilers are their measure.
func.func private @softmax(%x: tensor<1024x768xf32>) -> tensor<1024x768xf32> {
  %y = ds.softmax %x scale 0.125 : tensor<1024x768xf32>
  return %y : tensor<1024x768xf32>
}
func.func private @softmax_causal(%x: tensor<4x12x256x256xf32>)
    -> tensor<4x12x256x256xf32> attributes {in_place = [[0, 0]]} {
  %y = ds.softmax %x scale 0.125 {causal} : tensor<4x12x256x256xf32>
  return %y : tensor<4x12x256x256xf32>
}
func.func private @softmax_grad(%p: tensor<1024x768xf32> {test.positive}, %g: tensor<1024x768xf32>)
    -> tensor<1024x768xf32> attributes {in_place = [[0, 1]]} {
  %y = ds.softmax_grad %p, %g scale 0.125 : tensor<1024x768xf32>
  return %y : tensor<1024x768xf32>
}
func.func private @bias_gelu(%x: tensor<1024x768xf32>, %b: tensor<768xf32>) -> tensor<1024x768xf32> {
  %u = ds.add %x, %b : tensor<1024x768xf32>, tensor<768xf32>
  %y = ds.gelu %u : tensor<1024x768xf32>
  return %y : tensor<1024x768xf32>
}
func.func private @gelu_grad(%x: tensor<1024x3072xf32>, %g: tensor<1024x3072xf32>)
    -> tensor<1024x3072xf32> attributes {in_place = [[0, 1]]} {
  %d = ds.gelu_grad %x, %g : tensor<1024x3072xf32>
  return %d : tensor<1024x3072xf32>
}
func.func private @swiglu(%a: tensor<1024x2048xf32>, %b: tensor<1024x2048xf32>) -> tensor<1024x2048xf32> {
  %s = ds.silu %a : tensor<1024x2048xf32>
  %y = ds.mul %s, %b : tensor<1024x2048xf32>, tensor<1024x2048xf32>
  return %y : tensor<1024x2048xf32>
}
func.func private @swiglu_grad(%a: tensor<1024x2048xf32>, %b: tensor<1024x2048xf32>,
    %g: tensor<1024x2048xf32>) -> (tensor<1024x2048xf32>, tensor<1024x2048xf32>) {
  %s = ds.silu %a : tensor<1024x2048xf32>
  %db = ds.mul %g, %s : tensor<1024x2048xf32>, tensor<1024x2048xf32>
  %ds = ds.mul %g, %b : tensor<1024x2048xf32>, tensor<1024x2048xf32>
  %da = ds.silu_grad %a, %ds : tensor<1024x2048xf32>
  return %da, %db : tensor<1024x2048xf32>, tensor<1024x2048xf32>
}
func.func private @cross_entropy_rows(%x: tensor<512x50257xf32>,
    %t: tensor<512xi32> {test.bound = 50257}) -> tensor<512xf32> {
  %y = ds.cross_entropy_rows %x, %t : (tensor<512x50257xf32>, tensor<512xi32>) -> tensor<512xf32>
  return %y : tensor<512xf32>
}
func.func private @cross_entropy_grad(%x: tensor<512x50257xf32>,
    %t: tensor<512xi32> {test.bound = 50257}, %g: tensor<f32> {test.positive})
    -> tensor<512x50257xf32> {
  %y = ds.cross_entropy_grad %x, %t, %g : tensor<512x50257xf32>, tensor<512xi32>, tensor<f32>
  return %y : tensor<512x50257xf32>
}
