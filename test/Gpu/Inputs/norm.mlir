// A bigram through a norm, whose parameters' gradients are sums of columns.
module @norm attributes {ds.model = "norm", ds.seq_len = 64 : i64} {
  ds.parameter @table : tensor<128x128xf32> = #ds.normal<2.000000e-02 : f64>
  ds.parameter @scale : tensor<128xf32> = #ds.fill<1.000000e+00 : f64>
  ds.parameter @shift : tensor<128xf32> = #ds.fill<0.000000e+00 : f64>
  func.func @loss(%tokens: tensor<?x?xi32, #ds.dims<batch, seq>> {ds.bound = 128 : i64, ds.name = "tokens"},
      %targets: tensor<?x?xi32, #ds.dims<batch, seq>> {ds.bound = 128 : i64, ds.name = "targets"})
      -> tensor<f32> attributes {ds.loss} {
    %table = ds.read @table : tensor<128x128xf32>
    %scale = ds.read @scale : tensor<128xf32>
    %shift = ds.read @shift : tensor<128xf32>
    %x = ds.embedding %table, %tokens
        : (tensor<128x128xf32>, tensor<?x?xi32, #ds.dims<batch, seq>>) -> tensor<?x?x128xf32, #ds.dims<batch, seq, _>>
    %logits = ds.layer_norm %x, %scale, %shift eps 1.000000e-05
        : tensor<?x?x128xf32, #ds.dims<batch, seq, _>>, tensor<128xf32>, tensor<128xf32>
    %loss = ds.cross_entropy %logits, %targets
        : (tensor<?x?x128xf32, #ds.dims<batch, seq, _>>, tensor<?x?xi32, #ds.dims<batch, seq>>) -> tensor<f32>
    return %loss : tensor<f32>
  }
}
