// A bigram through a layer with a bias and GELU: products with all their epilogues.  Biases are no zeros, and none is
// as long as a batch, so that one that goes along the other dimension shows.
module @epilogue attributes {ds.model = "epilogue", ds.seq_len = 64 : i64} {
  ds.parameter @table : tensor<128x64xf32> = #ds.normal<2.000000e-01 : f64>
  ds.parameter @layer : tensor<64x96xf32> = #ds.normal<2.000000e-01 : f64>
  ds.parameter @layer_bias : tensor<96xf32> = #ds.normal<1.000000e+00 : f64>
  ds.parameter @middle : tensor<80x96xf32> = #ds.normal<2.000000e-01 : f64>
  ds.parameter @middle_bias : tensor<80xf32> = #ds.normal<1.000000e+00 : f64>
  ds.parameter @head : tensor<128x80xf32> = #ds.normal<2.000000e-02 : f64>
  func.func @loss(%tokens: tensor<?x?xi32, #ds.dims<batch, seq>> {ds.bound = 128 : i64, ds.name = "tokens"},
      %targets: tensor<?x?xi32, #ds.dims<batch, seq>> {ds.bound = 128 : i64, ds.name = "targets"})
      -> tensor<f32> attributes {ds.loss} {
    %table = ds.read @table : tensor<128x64xf32>
    %layer = ds.read @layer : tensor<64x96xf32>
    %layer_bias = ds.read @layer_bias : tensor<96xf32>
    %middle = ds.read @middle : tensor<80x96xf32>
    %middle_bias = ds.read @middle_bias : tensor<80xf32>
    %head = ds.read @head : tensor<128x80xf32>
    %x = ds.embedding %table, %tokens
        : (tensor<128x64xf32>, tensor<?x?xi32, #ds.dims<batch, seq>>) -> tensor<?x?x64xf32, #ds.dims<batch, seq, _>>
    %product = ds.dot "bsd,dm->bsm" %x, %layer
        : (tensor<?x?x64xf32, #ds.dims<batch, seq, _>>, tensor<64x96xf32>)
        -> tensor<?x?x96xf32, #ds.dims<batch, seq, _>>
    %sum = ds.add %product, %layer_bias : tensor<?x?x96xf32, #ds.dims<batch, seq, _>>, tensor<96xf32>
    %hidden = ds.gelu %sum : tensor<?x?x96xf32, #ds.dims<batch, seq, _>>
    %narrow = ds.dot "bsm,nm->bsn" %hidden, %middle
        : (tensor<?x?x96xf32, #ds.dims<batch, seq, _>>, tensor<80x96xf32>)
        -> tensor<?x?x80xf32, #ds.dims<batch, seq, _>>
    %biased = ds.add %narrow, %middle_bias : tensor<?x?x80xf32, #ds.dims<batch, seq, _>>, tensor<80xf32>
    %logits = ds.dot "bsn,vn->bsv" %biased, %head
        : (tensor<?x?x80xf32, #ds.dims<batch, seq, _>>, tensor<128x80xf32>)
        -> tensor<?x?x128xf32, #ds.dims<batch, seq, _>>
    %loss = ds.cross_entropy %logits, %targets
        : (tensor<?x?x128xf32, #ds.dims<batch, seq, _>>, tensor<?x?xi32, #ds.dims<batch, seq>>) -> tensor<f32>
    return %loss : tensor<f32>
  }
}
