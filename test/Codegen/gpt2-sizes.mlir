// The kernels of a GPT-2 124M step, 4 x 256 tokens, for `check-kernels --bench`.
func.func private @add_layer_norm(%x: tensor<4x256x768xf32>, %d: tensor<4x256x768xf32>,
    %s: tensor<768xf32>, %b: tensor<768xf32>) -> (tensor<4x256x768xf32>, tensor<4x256x768xf32>) {
  %h = ds.add %x, %d : tensor<4x256x768xf32>, tensor<4x256x768xf32>
  %y = ds.layer_norm %h, %s, %b eps 1.0e-5 : tensor<4x256x768xf32>, tensor<768xf32>, tensor<768xf32>
  return %h, %y : tensor<4x256x768xf32>, tensor<4x256x768xf32>
}
func.func private @bias_gelu(%x: tensor<4x256x3072xf32>, %b: tensor<3072xf32>)
    -> (tensor<4x256x3072xf32>, tensor<4x256x3072xf32>) attributes {in_place = [[0, 0]]} {
  %u = ds.add %x, %b : tensor<4x256x3072xf32>, tensor<3072xf32>
  %y = ds.gelu %u : tensor<4x256x3072xf32>
  return %u, %y : tensor<4x256x3072xf32>, tensor<4x256x3072xf32>
}
func.func private @gelu_grad_bias_grad(%x: tensor<4x256x3072xf32>, %g: tensor<4x256x3072xf32>)
    -> (tensor<4x256x3072xf32>, tensor<3072xf32>) attributes {in_place = [[0, 1]]} {
  %d = ds.gelu_grad %x, %g : tensor<4x256x3072xf32>
  %s = ds.sum %d : tensor<4x256x3072xf32> -> tensor<3072xf32>
  return %d, %s : tensor<4x256x3072xf32>, tensor<3072xf32>
}
func.func private @gelu_grad(%x: tensor<4x256x3072xf32>, %g: tensor<4x256x3072xf32>)
    -> tensor<4x256x3072xf32> attributes {in_place = [[0, 1]]} {
  %d = ds.gelu_grad %x, %g : tensor<4x256x3072xf32>
  return %d : tensor<4x256x3072xf32>
}
func.func private @bias_grad(%g: tensor<4x256x3072xf32>) -> tensor<3072xf32> {
  %s = ds.sum %g : tensor<4x256x3072xf32> -> tensor<3072xf32>
  return %s : tensor<3072xf32>
}
func.func private @norm_backward(%x: tensor<4x256x768xf32>, %s: tensor<768xf32>,
    %g: tensor<4x256x768xf32>, %r: tensor<4x256x768xf32>)
    -> (tensor<4x256xf32>, tensor<4x256xf32>, tensor<4x256x768xf32>) {
  %mean, %rstd = ds.norm_stats %x eps 1.0e-5 : tensor<4x256x768xf32> -> tensor<4x256xf32>, tensor<4x256xf32>
  %dx = ds.norm_input_grad %x, %s, %g, %mean, %rstd
      : tensor<4x256x768xf32>, tensor<768xf32>, tensor<4x256x768xf32>, tensor<4x256xf32>,
      tensor<4x256xf32>
  %d = ds.add %r, %dx : tensor<4x256x768xf32>, tensor<4x256x768xf32>
  return %mean, %rstd, %d : tensor<4x256xf32>, tensor<4x256xf32>, tensor<4x256x768xf32>
}
func.func private @norm_parameter_grads(%x: tensor<4x256x768xf32>, %mean: tensor<4x256xf32>,
    %rstd: tensor<4x256xf32>, %g: tensor<4x256x768xf32>) -> (tensor<768xf32>, tensor<768xf32>) {
  %h = ds.normalize %x, %mean, %rstd : tensor<4x256x768xf32>, tensor<4x256xf32>, tensor<4x256xf32>
  %m = ds.mul %h, %g : tensor<4x256x768xf32>, tensor<4x256x768xf32>
  %dscale = ds.sum %m : tensor<4x256x768xf32> -> tensor<768xf32>
  %dbias = ds.sum %g : tensor<4x256x768xf32> -> tensor<768xf32>
  return %dscale, %dbias : tensor<768xf32>, tensor<768xf32>
}
func.func private @softmax_causal(%x: tensor<4x12x256x256xf32>)
    -> tensor<4x12x256x256xf32> attributes {in_place = [[0, 0]]} {
  %y = ds.softmax %x scale 0.125 {causal} : tensor<4x12x256x256xf32>
  return %y : tensor<4x12x256x256xf32>
}
func.func private @softmax(%x: tensor<4x12x256x256xf32>) -> tensor<4x12x256x256xf32> {
  %y = ds.softmax %x scale 0.125 : tensor<4x12x256x256xf32>
  return %y : tensor<4x12x256x256xf32>
}
func.func private @softmax_grad(%p: tensor<4x12x256x256xf32>, %g: tensor<4x12x256x256xf32>)
    -> tensor<4x12x256x256xf32> attributes {in_place = [[0, 1]]} {
  %y = ds.softmax_grad %p, %g scale 0.125 : tensor<4x12x256x256xf32>
  return %y : tensor<4x12x256x256xf32>
}
func.func private @loss(%x: tensor<256x50257xf32>,
    %t: tensor<256xi32> {test.bound = 50257}) -> tensor<256xf32> {
  %y = ds.cross_entropy_rows %x, %t : (tensor<256x50257xf32>, tensor<256xi32>) -> tensor<256xf32>
  return %y : tensor<256xf32>
}
func.func private @loss_and_grad(%x: tensor<256x50257xf32>,
    %t: tensor<256xi32> {test.bound = 50257}, %g: tensor<f32>)
    -> (tensor<256xf32>, tensor<256x50257xf32>) attributes {in_place = [[1, 0]]} {
  %l = ds.cross_entropy_rows %x, %t : (tensor<256x50257xf32>, tensor<256xi32>) -> tensor<256xf32>
  %y = ds.cross_entropy_grad %x, %t, %g of 1024 rows : tensor<256x50257xf32>, tensor<256xi32>, tensor<f32>
  return %l, %y : tensor<256xf32>, tensor<256x50257xf32>
}
func.func private @embedding(%wte: tensor<50257x768xf32>,
    %ids: tensor<4x256xi32> {test.bound = 50257}, %wpe: tensor<256x768xf32>)
    -> tensor<4x256x768xf32> {
  %e = ds.embedding %wte, %ids : (tensor<50257x768xf32>, tensor<4x256xi32>) -> tensor<4x256x768xf32>
  %h = ds.add %e, %wpe : tensor<4x256x768xf32>, tensor<256x768xf32>
  return %h : tensor<4x256x768xf32>
}
func.func private @embedding_grad(%into: tensor<50257x768xf32>,
    %ids: tensor<4x256xi32> {test.bound = 50257}, %g: tensor<4x256x768xf32>)
    -> tensor<50257x768xf32> attributes {in_place = [[0, 0]]} {
  %r = ds.embedding_grad %into, %ids, %g
      : (tensor<50257x768xf32>, tensor<4x256xi32>, tensor<4x256x768xf32>) -> tensor<50257x768xf32>
  return %r : tensor<50257x768xf32>
}
func.func private @rotary(%x: tensor<4x256x12x64xf32>, %c: tensor<1024x32xf32>,
    %s: tensor<1024x32xf32>) -> tensor<4x256x12x64xf32> {
  %y = ds.rotary %x, %c, %s : tensor<4x256x12x64xf32>, tensor<1024x32xf32>, tensor<1024x32xf32>
  return %y : tensor<4x256x12x64xf32>
}
func.func private @adamw(%p: tensor<16777216xf32>, %m: tensor<16777216xf32>,
    %v: tensor<16777216xf32> {test.positive}, %g: tensor<16777216xf32>, %gs: tensor<f64>,
    %d: tensor<f64>, %st: tensor<f64>, %c: tensor<f64> {test.positive})
    -> (tensor<16777216xf32>, tensor<16777216xf32>, tensor<16777216xf32>)
    attributes {in_place = [[0, 0], [1, 1], [2, 2]]} {
  %a, %b, %e = ds.adamw_update %p, %m, %v, %g
      scale %gs decay %d step_size %st correction %c {beta1 = 0.9, beta2 = 0.95, eps = 1.0e-8}
      : tensor<16777216xf32>
  return %a, %b, %e : tensor<16777216xf32>, tensor<16777216xf32>, tensor<16777216xf32>
}
func.func private @sum_squares(%x: tensor<4096x4096xf32>) -> tensor<f64> {
  %0 = ds.sum %x {trailing, squares} : tensor<4096x4096xf32> -> tensor<f64>
  return %0 : tensor<f64>
}
func.func private @sum_squares_blocks(%x: tensor<4096x4096xf32>) -> tensor<4096xf64> {
  %0 = ds.sum %x {trailing, squares} : tensor<4096x4096xf32> -> tensor<4096xf64>
  return %0 : tensor<4096xf64>
}
func.func private @accumulate(%x: tensor<16777216xf32>, %y: tensor<16777216xf32>)
    -> tensor<16777216xf32> attributes {in_place = [[0, 0]]} {
  %0 = ds.add %x, %y : tensor<16777216xf32>, tensor<16777216xf32>
  return %0 : tensor<16777216xf32>
}
func.func private @swiglu(%a: tensor<2x512x2048xf32>, %b: tensor<2x512x2048xf32>) -> tensor<2x512x2048xf32> {
  %s = ds.silu %a : tensor<2x512x2048xf32>
  %y = ds.mul %s, %b : tensor<2x512x2048xf32>, tensor<2x512x2048xf32>
  return %y : tensor<2x512x2048xf32>
}
