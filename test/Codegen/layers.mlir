// Layers by themselves and in the fusions that training makes of them, at
// sizes that are no multiple of a vector.
func.func private @layer_norm(%x: tensor<5x7x37xf32>, %s: tensor<37xf32>, %b: tensor<37xf32>) -> tensor<5x7x37xf32> {
  %y = ds.layer_norm %x, %s, %b eps 1.0e-5 : tensor<5x7x37xf32>, tensor<37xf32>, tensor<37xf32>
  return %y : tensor<5x7x37xf32>
}
func.func private @layer_norm_in_place(%x: tensor<35x131xf32>, %s: tensor<131xf32>,
    %b: tensor<131xf32>) -> tensor<35x131xf32> attributes {in_place = [[0, 0]]} {
  %y = ds.layer_norm %x, %s, %b eps 1.0e-5 : tensor<35x131xf32>, tensor<131xf32>, tensor<131xf32>
  return %y : tensor<35x131xf32>
}
func.func private @residual_layer_norm(%x: tensor<2x3x64xf32>, %d: tensor<2x3x64xf32>,
    %s: tensor<64xf32>, %b: tensor<64xf32>) -> (tensor<2x3x64xf32>, tensor<2x3x64xf32>) {
  %h = ds.add %x, %d : tensor<2x3x64xf32>, tensor<2x3x64xf32>
  %y = ds.layer_norm %h, %s, %b eps 1.0e-5 : tensor<2x3x64xf32>, tensor<64xf32>, tensor<64xf32>
  return %h, %y : tensor<2x3x64xf32>, tensor<2x3x64xf32>
}
func.func private @residual_layer_norm_in_place(%x: tensor<2x3x97xf32>, %d: tensor<2x3x97xf32>,
    %s: tensor<97xf32>, %b: tensor<97xf32>)
    -> (tensor<2x3x97xf32>, tensor<2x3x97xf32>) attributes {in_place = [[0, 0], [1, 1]]} {
  %h = ds.add %x, %d : tensor<2x3x97xf32>, tensor<2x3x97xf32>
  %y = ds.layer_norm %h, %s, %b eps 1.0e-5 : tensor<2x3x97xf32>, tensor<97xf32>, tensor<97xf32>
  return %h, %y : tensor<2x3x97xf32>, tensor<2x3x97xf32>
}
func.func private @rms_norm(%x: tensor<11x128xf32>, %s: tensor<128xf32>) -> tensor<11x128xf32> {
  %y = ds.rms_norm %x, %s eps 1.0e-5 : tensor<11x128xf32>, tensor<128xf32>
  return %y : tensor<11x128xf32>
}
func.func private @one_element_rows(%x: tensor<11x1xf32>, %s: tensor<1xf32>) -> tensor<11x1xf32> {
  %y = ds.rms_norm %x, %s eps 1.0e-5 : tensor<11x1xf32>, tensor<1xf32>
  return %y : tensor<11x1xf32>
}
func.func private @norm_backward(%x: tensor<3x5x67xf32>, %s: tensor<67xf32>,
    %g: tensor<3x5x67xf32>, %r: tensor<3x5x67xf32>)
    -> (tensor<3x5xf32>, tensor<3x5xf32>, tensor<3x5x67xf32>) {
  %mean, %rstd = ds.norm_stats %x eps 1.0e-5 : tensor<3x5x67xf32> -> tensor<3x5xf32>, tensor<3x5xf32>
  %dx = ds.norm_input_grad %x, %s, %g, %mean, %rstd
      : tensor<3x5x67xf32>, tensor<67xf32>, tensor<3x5x67xf32>, tensor<3x5xf32>, tensor<3x5xf32>
  %d = ds.add %r, %dx : tensor<3x5x67xf32>, tensor<3x5x67xf32>
  return %mean, %rstd, %d : tensor<3x5xf32>, tensor<3x5xf32>, tensor<3x5x67xf32>
}
func.func private @rms_backward(%x: tensor<13x67xf32>, %s: tensor<67xf32>, %g: tensor<13x67xf32>)
    -> (tensor<13xf32>, tensor<13xf32>, tensor<13x67xf32>) {
  %mean, %rstd = ds.norm_stats %x eps 1.0e-5 {rms} : tensor<13x67xf32> -> tensor<13xf32>, tensor<13xf32>
  %dx = ds.norm_input_grad %x, %s, %g, %mean, %rstd {rms}
      : tensor<13x67xf32>, tensor<67xf32>, tensor<13x67xf32>, tensor<13xf32>, tensor<13xf32>
  return %mean, %rstd, %dx : tensor<13xf32>, tensor<13xf32>, tensor<13x67xf32>
}
func.func private @norm_parameter_grads(%x: tensor<3x7x83xf32>, %mean: tensor<3x7xf32>,
    %rstd: tensor<3x7xf32> {test.positive}, %g: tensor<3x7x83xf32>)
    -> (tensor<83xf32>, tensor<83xf32>) {
  %h = ds.normalize %x, %mean, %rstd : tensor<3x7x83xf32>, tensor<3x7xf32>, tensor<3x7xf32>
  %m = ds.mul %h, %g : tensor<3x7x83xf32>, tensor<3x7x83xf32>
  %dscale = ds.sum %m : tensor<3x7x83xf32> -> tensor<83xf32>
  %dbias = ds.sum %g : tensor<3x7x83xf32> -> tensor<83xf32>
  return %dscale, %dbias : tensor<83xf32>, tensor<83xf32>
}
func.func private @softmax(%x: tensor<2x3x5x19xf32>) -> tensor<2x3x5x19xf32> {
  %y = ds.softmax %x scale 0.125 : tensor<2x3x5x19xf32>
  return %y : tensor<2x3x5x19xf32>
}
func.func private @softmax_causal(%x: tensor<2x3x33x33xf32>) -> tensor<2x3x33x33xf32> {
  %y = ds.softmax %x scale 0.125 {causal} : tensor<2x3x33x33xf32>
  return %y : tensor<2x3x33x33xf32>
}
func.func private @softmax_causal_in_place(%x: tensor<2x3x67x67xf32>)
    -> tensor<2x3x67x67xf32> attributes {in_place = [[0, 0]]} {
  %y = ds.softmax %x scale 0.125 {causal} : tensor<2x3x67x67xf32>
  return %y : tensor<2x3x67x67xf32>
}
func.func private @softmax_grad_in_place(%p: tensor<6x31x31xf32> {test.positive},
    %g: tensor<6x31x31xf32>) -> tensor<6x31x31xf32> attributes {in_place = [[0, 1]]} {
  %y = ds.softmax_grad %p, %g scale 0.125 : tensor<6x31x31xf32>
  return %y : tensor<6x31x31xf32>
}
func.func private @cross_entropy_rows(%x: tensor<3x5x257xf32>,
    %t: tensor<3x5xi32> {test.bound = 300}) -> tensor<3x5xf32> {
  %y = ds.cross_entropy_rows %x, %t : (tensor<3x5x257xf32>, tensor<3x5xi32>) -> tensor<3x5xf32>
  return %y : tensor<3x5xf32>
}
func.func private @cross_entropy_grad(%x: tensor<3x5x257xf32>,
    %t: tensor<3x5xi32> {test.bound = 257}, %g: tensor<f32>) -> tensor<3x5x257xf32> {
  %y = ds.cross_entropy_grad %x, %t, %g : tensor<3x5x257xf32>, tensor<3x5xi32>, tensor<f32>
  return %y : tensor<3x5x257xf32>
}
func.func private @cross_entropy_grad_in_place(%x: tensor<15x50257xf32>,
    %t: tensor<15xi32> {test.bound = 50257}, %g: tensor<f32>)
    -> tensor<15x50257xf32> attributes {in_place = [[0, 0]]} {
  %y = ds.cross_entropy_grad %x, %t, %g : tensor<15x50257xf32>, tensor<15xi32>, tensor<f32>
  return %y : tensor<15x50257xf32>
}
func.func private @loss_and_grad_of_block(%x: tensor<15x50257xf32>,
    %t: tensor<15xi32> {test.bound = 60000}, %g: tensor<f32>)
    -> (tensor<15xf32>, tensor<15x50257xf32>) attributes {in_place = [[1, 0]]} {
  %l = ds.cross_entropy_rows %x, %t : (tensor<15x50257xf32>, tensor<15xi32>) -> tensor<15xf32>
  %y = ds.cross_entropy_grad %x, %t, %g of 60 rows : tensor<15x50257xf32>, tensor<15xi32>, tensor<f32>
  return %l, %y : tensor<15xf32>, tensor<15x50257xf32>
}
func.func private @loss_and_grad_of_one_class(%x: tensor<7x1xf32>,
    %t: tensor<7xi32> {test.bound = 1}, %g: tensor<f32>)
    -> (tensor<7xf32>, tensor<7x1xf32>) attributes {in_place = [[1, 0]]} {
  %l = ds.cross_entropy_rows %x, %t : (tensor<7x1xf32>, tensor<7xi32>) -> tensor<7xf32>
  %y = ds.cross_entropy_grad %x, %t, %g : tensor<7x1xf32>, tensor<7xi32>, tensor<f32>
  return %l, %y : tensor<7xf32>, tensor<7x1xf32>
}
func.func private @loss_and_grad_poisoned(%x: tensor<17x19xf32>,
    %t: tensor<17xi32> {test.bound = 19}, %g: tensor<f32>)
    -> (tensor<17xf32>, tensor<17x19xf32>) attributes {in_place = [[1, 0]], poison} {
  %l = ds.cross_entropy_rows %x, %t : (tensor<17x19xf32>, tensor<17xi32>) -> tensor<17xf32>
  %y = ds.cross_entropy_grad %x, %t, %g : tensor<17x19xf32>, tensor<17xi32>, tensor<f32>
  return %l, %y : tensor<17xf32>, tensor<17x19xf32>
}
func.func private @embedding(%wte: tensor<100x77xf32>, %ids: tensor<2x5xi32> {test.bound = 120},
    %wpe: tensor<5x77xf32>) -> tensor<2x5x77xf32> {
  %e = ds.embedding %wte, %ids : (tensor<100x77xf32>, tensor<2x5xi32>) -> tensor<2x5x77xf32>
  %h = ds.add %e, %wpe : tensor<2x5x77xf32>, tensor<5x77xf32>
  return %h : tensor<2x5x77xf32>
}
func.func private @embedding_grad_in_place(%into: tensor<10x77xf32>,
    %ids: tensor<2x5xi64> {test.bound = 14}, %g: tensor<2x5x77xf32>)
    -> tensor<10x77xf32> attributes {in_place = [[0, 0]]} {
  %r = ds.embedding_grad %into, %ids, %g : (tensor<10x77xf32>, tensor<2x5xi64>, tensor<2x5x77xf32>) -> tensor<10x77xf32>
  return %r : tensor<10x77xf32>
}
func.func private @rotary(%x: tensor<2x5x3x64xf32>, %c: tensor<9x32xf32>, %s: tensor<9x32xf32>)
    -> tensor<2x5x3x64xf32> {
  %y = ds.rotary %x, %c, %s : tensor<2x5x3x64xf32>, tensor<9x32xf32>, tensor<9x32xf32>
  return %y : tensor<2x5x3x64xf32>
}
func.func private @rotary_inverse(%x: tensor<2x5x3x6xf32>, %c: tensor<9x3xf32>,
    %s: tensor<9x3xf32>) -> tensor<2x5x3x6xf32> {
  %y = ds.rotary %x, %c, %s {inverse} : tensor<2x5x3x6xf32>, tensor<9x3xf32>, tensor<9x3xf32>
  return %y : tensor<2x5x3x6xf32>
}
func.func private @adamw(%p: tensor<1001xf32>, %m: tensor<1001xf32>,
    %v: tensor<1001xf32> {test.positive}, %g: tensor<1001xf32>, %gs: tensor<f64>, %d: tensor<f64>,
    %st: tensor<f64>, %c: tensor<f64> {test.positive})
    -> (tensor<1001xf32>, tensor<1001xf32>, tensor<1001xf32>)
    attributes {in_place = [[0, 0], [1, 1], [2, 2]]} {
  %a, %b, %e = ds.adamw_update %p, %m, %v, %g
      scale %gs decay %d step_size %st correction %c {beta1 = 0.9, beta2 = 0.95, eps = 1.0e-8}
      : tensor<1001xf32>
  return %a, %b, %e : tensor<1001xf32>, tensor<1001xf32>, tensor<1001xf32>
}
func.func private @loss_and_grad(%x: tensor<3x5x257xf32>, %t: tensor<3x5xi32> {test.bound = 257},
    %g: tensor<f32>) -> (tensor<3x5xf32>, tensor<3x5x257xf32>) {
  %l = ds.cross_entropy_rows %x, %t : (tensor<3x5x257xf32>, tensor<3x5xi32>) -> tensor<3x5xf32>
  %y = ds.cross_entropy_grad %x, %t, %g : tensor<3x5x257xf32>, tensor<3x5xi32>, tensor<f32>
  return %l, %y : tensor<3x5xf32>, tensor<3x5x257xf32>
}
func.func private @embedding_norm(%wte: tensor<100x77xf32>,
    %ids: tensor<2x5xi32> {test.bound = 100}, %s: tensor<77xf32>)
    -> (tensor<2x5x77xf32>, tensor<2x5x77xf32>) {
  %e = ds.embedding %wte, %ids : (tensor<100x77xf32>, tensor<2x5xi32>) -> tensor<2x5x77xf32>
  %y = ds.rms_norm %e, %s eps 1.0e-5 : tensor<2x5x77xf32>, tensor<77xf32>
  return %e, %y : tensor<2x5x77xf32>, tensor<2x5x77xf32>
}
func.func private @softmax_and_masked_grad(%x: tensor<2x67x67xf32>, %g: tensor<2x67x67xf32>) -> tensor<2x67x67xf32> {
  %p = ds.softmax %x scale 0.125 {causal} : tensor<2x67x67xf32>
  %y = ds.softmax_grad %p, %g scale 0.125 : tensor<2x67x67xf32>
  return %y : tensor<2x67x67xf32>
}
func.func private @softmax_of_large(%x: tensor<7x129xf32>) -> tensor<7x129xf32> {
  %c = ds.constant dense<1.0e4> : tensor<f32>
  %s = ds.mul %x, %c : tensor<7x129xf32>, tensor<f32>
  %y = ds.softmax %s scale 1.0 : tensor<7x129xf32>
  return %y : tensor<7x129xf32>
}
func.func private @loss_and_grad_in_place(%x: tensor<3x5x257xf32>,
    %t: tensor<3x5xi32> {test.bound = 257}, %g: tensor<f32>)
    -> (tensor<3x5xf32>, tensor<3x5x257xf32>) attributes {in_place = [[1, 0]]} {
  %l = ds.cross_entropy_rows %x, %t : (tensor<3x5x257xf32>, tensor<3x5xi32>) -> tensor<3x5xf32>
  %y = ds.cross_entropy_grad %x, %t, %g : tensor<3x5x257xf32>, tensor<3x5xi32>, tensor<f32>
  return %l, %y : tensor<3x5xf32>, tensor<3x5x257xf32>
}
func.func private @norm_then_rotary(%x: tensor<2x3x5x16xf32>, %s: tensor<16xf32>,
    %c: tensor<9x8xf32>, %d: tensor<9x8xf32>) -> tensor<2x3x5x16xf32> {
  %h = ds.mul %x, %s : tensor<2x3x5x16xf32>, tensor<16xf32>
  %y = ds.rotary %h, %c, %d : tensor<2x3x5x16xf32>, tensor<9x8xf32>, tensor<9x8xf32>
  return %y : tensor<2x3x5x16xf32>
}
func.func private @one_row(%x: tensor<1x131xf32>, %s: tensor<131xf32>, %b: tensor<131xf32>) -> tensor<1x131xf32> {
  %y = ds.layer_norm %x, %s, %b eps 1.0e-5 : tensor<1x131xf32>, tensor<131xf32>, tensor<131xf32>
  return %y : tensor<1x131xf32>
}
func.func private @vector_as_row(%x: tensor<131xf32>, %s: tensor<131xf32>) -> tensor<131xf32> {
  %y = ds.rms_norm %x, %s eps 1.0e-5 : tensor<131xf32>, tensor<131xf32>
  return %y : tensor<131xf32>
}
func.func private @one_position(%x: tensor<3x1x1xf32>) -> tensor<3x1x1xf32> {
  %y = ds.softmax %x scale 0.125 {causal} : tensor<3x1x1xf32>
  return %y : tensor<3x1x1xf32>
}
func.func private @one_token(%x: tensor<1x257xf32>, %t: tensor<1xi32> {test.bound = 257},
    %g: tensor<f32>) -> tensor<1x257xf32> {
  %y = ds.cross_entropy_grad %x, %t, %g : tensor<1x257xf32>, tensor<1xi32>, tensor<f32>
  return %y : tensor<1x257xf32>
}
