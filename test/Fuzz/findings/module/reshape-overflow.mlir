func.func @reshape(%x: tensor<2x6xf32>) {
  %0 = ds.reshape %x : tensor<2x6xf32> -> tensor<9223372036854775807x4xf32>
  return
}
