// Elementwise ops, sums and their fusions, at sizes that are no multiple of a
// vector; NaN and infinity are seen in results.
func.func private @bias_gelu(%x: tensor<3x7x61xf32>, %b: tensor<61xf32>) -> (tensor<3x7x61xf32>, tensor<3x7x61xf32>) {
  %u = ds.add %x, %b : tensor<3x7x61xf32>, tensor<61xf32>
  %y = ds.gelu %u : tensor<3x7x61xf32>
  return %u, %y : tensor<3x7x61xf32>, tensor<3x7x61xf32>
}
func.func private @bias_gelu_in_place(%x: tensor<21x61xf32>, %b: tensor<61xf32>)
    -> (tensor<21x61xf32>, tensor<21x61xf32>) attributes {in_place = [[0, 0]]} {
  %u = ds.add %x, %b : tensor<21x61xf32>, tensor<61xf32>
  %y = ds.gelu %u : tensor<21x61xf32>
  return %u, %y : tensor<21x61xf32>, tensor<21x61xf32>
}
func.func private @gelu_grad(%x: tensor<1013xf32>, %g: tensor<1013xf32>)
    -> tensor<1013xf32> attributes {in_place = [[0, 1]]} {
  %y = ds.gelu_grad %x, %g : tensor<1013xf32>
  return %y : tensor<1013xf32>
}
func.func private @swiglu(%a: tensor<4x5x23xf32>, %b: tensor<4x5x23xf32>) -> tensor<4x5x23xf32> {
  %s = ds.silu %a : tensor<4x5x23xf32>
  %y = ds.mul %s, %b : tensor<4x5x23xf32>, tensor<4x5x23xf32>
  return %y : tensor<4x5x23xf32>
}
func.func private @swiglu_backward(%a: tensor<4x5x23xf32>, %b: tensor<4x5x23xf32>,
    %g: tensor<4x5x23xf32>) -> (tensor<4x5x23xf32>, tensor<4x5x23xf32>) {
  %s = ds.silu %a : tensor<4x5x23xf32>
  %db = ds.mul %g, %s : tensor<4x5x23xf32>, tensor<4x5x23xf32>
  %ds = ds.mul %g, %b : tensor<4x5x23xf32>, tensor<4x5x23xf32>
  %da = ds.silu_grad %a, %ds : tensor<4x5x23xf32>
  return %da, %db : tensor<4x5x23xf32>, tensor<4x5x23xf32>
}
func.func private @arithmetic(%a: tensor<257xf32>, %b: tensor<257xf32> {test.positive},
    %s: tensor<f64>) -> tensor<257xf32> {
  %0 = ds.sub %a, %b : tensor<257xf32>, tensor<257xf32>
  %1 = ds.div %0, %b : tensor<257xf32>, tensor<257xf32>
  %2 = ds.neg %1 : tensor<257xf32>
  %3 = ds.mul %2, %s : tensor<257xf32>, tensor<f64>
  return %3 : tensor<257xf32>
}
func.func private @constants(%a: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %c = ds.constant dense<2.5> : tensor<f32>
  %d = ds.constant dense<0.5> : tensor<2x3xf32>
  %0 = ds.mul %a, %c : tensor<2x3xf32>, tensor<f32>
  %1 = ds.add %0, %d : tensor<2x3xf32>, tensor<2x3xf32>
  return %1 : tensor<2x3xf32>
}
func.func private @scalars(%a: tensor<f64>, %b: tensor<f64>) -> tensor<f64> {
  %0 = ds.mul %a, %b : tensor<f64>, tensor<f64>
  %1 = ds.add %0, %b : tensor<f64>, tensor<f64>
  return %1 : tensor<f64>
}
func.func private @broadcast(%b: tensor<5x7xf32>) -> tensor<3x5x7xf32> {
  %0 = ds.broadcast %b : tensor<5x7xf32> -> tensor<3x5x7xf32>
  return %0 : tensor<3x5x7xf32>
}
func.func private @broadcast_scalar(%b: tensor<f32>) -> tensor<3x5x7xf32> {
  %0 = ds.broadcast %b : tensor<f32> -> tensor<3x5x7xf32>
  return %0 : tensor<3x5x7xf32>
}
func.func private @sum_columns(%x: tensor<3x5x1031xf32>) -> tensor<1031xf32> {
  %0 = ds.sum %x : tensor<3x5x1031xf32> -> tensor<1031xf32>
  return %0 : tensor<1031xf32>
}
func.func private @sum_batch(%x: tensor<7x5x31xf32>, %g: tensor<5x31xf32>)
    -> tensor<5x31xf32> attributes {in_place = [[0, 1]]} {
  %0 = ds.sum %x : tensor<7x5x31xf32> -> tensor<5x31xf32>
  %1 = ds.add %g, %0 : tensor<5x31xf32>, tensor<5x31xf32>
  return %1 : tensor<5x31xf32>
}
func.func private @gelu_backward_with_bias(%x: tensor<13x41xf32>, %g: tensor<13x41xf32>)
    -> (tensor<13x41xf32>, tensor<41xf32>) attributes {in_place = [[0, 1]]} {
  %d = ds.gelu_grad %x, %g : tensor<13x41xf32>
  %s = ds.sum %d : tensor<13x41xf32> -> tensor<41xf32>
  return %d, %s : tensor<13x41xf32>, tensor<41xf32>
}
func.func private @sum_rows(%x: tensor<3x5x7x11xf32>) -> tensor<3x5xf32> {
  %0 = ds.sum %x {trailing} : tensor<3x5x7x11xf32> -> tensor<3x5xf32>
  return %0 : tensor<3x5xf32>
}
func.func private @sum_product_over_heads(%x: tensor<3x5x7x11xf32>, %y: tensor<11xf32>) -> tensor<3x5xf32> {
  %p = ds.mul %x, %y : tensor<3x5x7x11xf32>, tensor<11xf32>
  %0 = ds.sum %p {trailing} : tensor<3x5x7x11xf32> -> tensor<3x5xf32>
  return %0 : tensor<3x5xf32>
}
func.func private @sum_squares(%x: tensor<3x5x707xf32>) -> tensor<f64> {
  %0 = ds.sum %x {trailing, squares} : tensor<3x5x707xf32> -> tensor<f64>
  return %0 : tensor<f64>
}
func.func private @mean_of_losses(%x: tensor<3x57xf32>, %scale: tensor<f32>) -> tensor<f32> {
  %0 = ds.sum %x : tensor<3x57xf32> -> tensor<f32>
  %1 = ds.mul %0, %scale : tensor<f32>, tensor<f32>
  return %1 : tensor<f32>
}
func.func private @one_element(%x: tensor<1xf32>, %y: tensor<1xf32>) -> tensor<1xf32> {
  %0 = ds.add %x, %y : tensor<1xf32>, tensor<1xf32>
  return %0 : tensor<1xf32>
}
func.func private @sum_one_row(%x: tensor<1x5xf32>) -> tensor<5xf32> {
  %0 = ds.sum %x : tensor<1x5xf32> -> tensor<5xf32>
  return %0 : tensor<5xf32>
}
func.func private @sum_one_column(%x: tensor<7x1xf32>) -> tensor<1xf32> {
  %0 = ds.sum %x : tensor<7x1xf32> -> tensor<1xf32>
  return %0 : tensor<1xf32>
}
func.func private @sum_wide(%x: tensor<6x2049xf32>, %y: tensor<6x2049xf32>) -> tensor<2049xf32> {
  %m = ds.mul %x, %y : tensor<6x2049xf32>, tensor<6x2049xf32>
  %0 = ds.sum %m : tensor<6x2049xf32> -> tensor<2049xf32>
  return %0 : tensor<2049xf32>
}
func.func private @mask_over_batch(%x: tensor<3x5x7xf32>, %m: tensor<5x7xf32>)
    -> tensor<3x5x7xf32> attributes {in_place = [[0, 0]]} {
  %0 = ds.add %x, %m : tensor<3x5x7xf32>, tensor<5x7xf32>
  return %0 : tensor<3x5x7xf32>
}
func.func private @same_result_twice(%x: tensor<5x7xf32>) -> (tensor<5x7xf32>, tensor<5x7xf32>) {
  %0 = ds.neg %x : tensor<5x7xf32>
  return %0, %0 : tensor<5x7xf32>, tensor<5x7xf32>
}
