func.func @main(%x: tensor<f32> {ds.kind = "parameter"}) -> tensor<f32> {
  return %x : tensor<f32>
}
%0 = stablehlo.iota dim = 0 : tensor<12xf32>
%1 = stablehlo.add %0, %0 : tensor<12xf32>
