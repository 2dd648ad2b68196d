// The smallest step: rows are gathered, their gradients scattered; no product.
module @bigram attributes {ds.model = "bigram", ds.seq_len = 64 : i64} {
  ds.parameter @table : tensor<128x128xf32> = #ds.normal<2.000000e-02 : f64>
  func.func @loss(%tokens: tensor<?x?xi32, #ds.dims<batch, seq>> {ds.bound = 128 : i64, ds.name = "tokens"},
      %targets: tensor<?x?xi32, #ds.dims<batch, seq>> {ds.bound = 128 : i64, ds.name = "targets"})
      -> tensor<f32> attributes {ds.loss} {
    %table = ds.read @table : tensor<128x128xf32>
    %logits = ds.embedding %table, %tokens
        : (tensor<128x128xf32>, tensor<?x?xi32, #ds.dims<batch, seq>>) -> tensor<?x?x128xf32, #ds.dims<batch, seq, _>>
    %loss = ds.cross_entropy %logits, %targets
        : (tensor<?x?x128xf32, #ds.dims<batch, seq, _>>, tensor<?x?xi32, #ds.dims<batch, seq>>) -> tensor<f32>
    return %loss : tensor<f32>
  }
}
