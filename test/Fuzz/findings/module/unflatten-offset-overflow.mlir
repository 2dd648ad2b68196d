func.func @flat(%flat: tensor<8xf64>) -> tensor<4x2xf64> {
  %0 = ds.unflatten %flat at [9223372036854775807] : (tensor<8xf64>) -> tensor<4x2xf64>
  return %0 : tensor<4x2xf64>
}
