// A NaN or an infinity must not cancel: x - x is NaN where x is, and so is what
// LLVM would take for y in (x + y) - x, x + -x + y and (x - mean of one x) * y.
func.func private @minus_itself(%x: tensor<97xf32>) -> tensor<97xf32> {
  %0 = ds.sub %x, %x : tensor<97xf32>, tensor<97xf32>
  return %0 : tensor<97xf32>
}
func.func private @added_and_taken_away(%x: tensor<97xf32>, %y: tensor<97xf32>) -> tensor<97xf32> {
  %0 = ds.add %x, %y : tensor<97xf32>, tensor<97xf32>
  %1 = ds.sub %0, %x : tensor<97xf32>, tensor<97xf32>
  return %1 : tensor<97xf32>
}
func.func private @plus_its_negative(%x: tensor<97xf32>, %y: tensor<97xf32>) -> tensor<97xf32> {
  %0 = ds.neg %x : tensor<97xf32>
  %1 = ds.add %0, %y : tensor<97xf32>, tensor<97xf32>
  %2 = ds.add %1, %x : tensor<97xf32>, tensor<97xf32>
  return %2 : tensor<97xf32>
}
func.func private @difference_of_products(%x: tensor<97xf32>, %y: tensor<97xf32>) -> tensor<97xf32> {
  %0 = ds.mul %x, %y : tensor<97xf32>, tensor<97xf32>
  %1 = ds.mul %y, %x : tensor<97xf32>, tensor<97xf32>
  %2 = ds.sub %0, %1 : tensor<97xf32>, tensor<97xf32>
  return %2 : tensor<97xf32>
}
func.func private @quotient_of_itself(%x: tensor<97xf32>) -> tensor<97xf32> {
  %0 = ds.div %x, %x : tensor<97xf32>, tensor<97xf32>
  return %0 : tensor<97xf32>
}
func.func private @times_zero(%x: tensor<97xf32>) -> tensor<97xf32> {
  %c = ds.constant dense<0.0> : tensor<f32>
  %0 = ds.mul %x, %c : tensor<97xf32>, tensor<f32>
  return %0 : tensor<97xf32>
}
func.func private @sum_of_differences(%x: tensor<3x97xf32>) -> tensor<3xf32> {
  %0 = ds.sub %x, %x : tensor<3x97xf32>, tensor<3x97xf32>
  %1 = ds.sum %0 {trailing} : tensor<3x97xf32> -> tensor<3xf32>
  return %1 : tensor<3xf32>
}
func.func private @columns_of_differences(%x: tensor<3x97xf32>, %y: tensor<3x97xf32>) -> tensor<97xf32> {
  %0 = ds.add %x, %y : tensor<3x97xf32>, tensor<3x97xf32>
  %1 = ds.sub %0, %x : tensor<3x97xf32>, tensor<3x97xf32>
  %2 = ds.sum %1 : tensor<3x97xf32> -> tensor<97xf32>
  return %2 : tensor<97xf32>
}
func.func private @rows_of_one(%x: tensor<5x1xf32>, %s: tensor<1xf32>, %b: tensor<1xf32>) -> tensor<5x1xf32> {
  %0 = ds.layer_norm %x, %s, %b eps 1.0e-5 : tensor<5x1xf32>, tensor<1xf32>, tensor<1xf32>
  return %0 : tensor<5x1xf32>
}
