module @imported {
  func.func public @main(
    %arg0: tensor<31x16xf32> {ds.name = "bert.embeddings.word_embeddings.weight", ds.kind = "parameter", ds.trainable = true, ds.aliases = ["cls.predictions.decoder.weight"]},
    %arg1: tensor<16x16xf32> {ds.name = "bert.embeddings.position_embeddings.weight", ds.kind = "parameter", ds.trainable = true},
    %arg2: tensor<2x16xf32> {ds.name = "bert.embeddings.token_type_embeddings.weight", ds.kind = "parameter", ds.trainable = true},
    %arg3: tensor<16xf32> {ds.name = "bert.embeddings.LayerNorm.weight", ds.kind = "parameter", ds.trainable = true},
    %arg4: tensor<16xf32> {ds.name = "bert.embeddings.LayerNorm.bias", ds.kind = "parameter", ds.trainable = true},
    %arg5: tensor<16x16xf32> {ds.name = "bert.encoder.layer.0.attention.self.query.weight", ds.kind = "parameter", ds.trainable = true},
    %arg6: tensor<16xf32> {ds.name = "bert.encoder.layer.0.attention.self.query.bias", ds.kind = "parameter", ds.trainable = true},
    %arg7: tensor<16x16xf32> {ds.name = "bert.encoder.layer.0.attention.self.key.weight", ds.kind = "parameter", ds.trainable = true},
    %arg8: tensor<16xf32> {ds.name = "bert.encoder.layer.0.attention.self.key.bias", ds.kind = "parameter", ds.trainable = true},
    %arg9: tensor<16x16xf32> {ds.name = "bert.encoder.layer.0.attention.self.value.weight", ds.kind = "parameter", ds.trainable = true},
    %arg10: tensor<16xf32> {ds.name = "bert.encoder.layer.0.attention.self.value.bias", ds.kind = "parameter", ds.trainable = true},
    %arg11: tensor<16x16xf32> {ds.name = "bert.encoder.layer.0.attention.output.dense.weight", ds.kind = "parameter", ds.trainable = true},
    %arg12: tensor<16xf32> {ds.name = "bert.encoder.layer.0.attention.output.dense.bias", ds.kind = "parameter", ds.trainable = true},
    %arg13: tensor<16xf32> {ds.name = "bert.encoder.layer.0.attention.output.LayerNorm.weight", ds.kind = "parameter", ds.trainable = true},
    %arg14: tensor<16xf32> {ds.name = "bert.encoder.layer.0.attention.output.LayerNorm.bias", ds.kind = "parameter", ds.trainable = true},
    %arg15: tensor<24x16xf32> {ds.name = "bert.encoder.layer.0.intermediate.dense.weight", ds.kind = "parameter", ds.trainable = true},
    %arg16: tensor<24xf32> {ds.name = "bert.encoder.layer.0.intermediate.dense.bias", ds.kind = "parameter", ds.trainable = true},
    %arg17: tensor<16x24xf32> {ds.name = "bert.encoder.layer.0.output.dense.weight", ds.kind = "parameter", ds.trainable = true},
    %arg18: tensor<16xf32> {ds.name = "bert.encoder.layer.0.output.dense.bias", ds.kind = "parameter", ds.trainable = true},
    %arg19: tensor<16xf32> {ds.name = "bert.encoder.layer.0.output.LayerNorm.weight", ds.kind = "parameter", ds.trainable = true},
    %arg20: tensor<16xf32> {ds.name = "bert.encoder.layer.0.output.LayerNorm.bias", ds.kind = "parameter", ds.trainable = true},
    %arg21: tensor<16x16xf32> {ds.name = "bert.encoder.layer.1.attention.self.query.weight", ds.kind = "parameter", ds.trainable = true},
    %arg22: tensor<16xf32> {ds.name = "bert.encoder.layer.1.attention.self.query.bias", ds.kind = "parameter", ds.trainable = true},
    %arg23: tensor<16x16xf32> {ds.name = "bert.encoder.layer.1.attention.self.key.weight", ds.kind = "parameter", ds.trainable = true},
    %arg24: tensor<16xf32> {ds.name = "bert.encoder.layer.1.attention.self.key.bias", ds.kind = "parameter", ds.trainable = true},
    %arg25: tensor<16x16xf32> {ds.name = "bert.encoder.layer.1.attention.self.value.weight", ds.kind = "parameter", ds.trainable = true},
    %arg26: tensor<16xf32> {ds.name = "bert.encoder.layer.1.attention.self.value.bias", ds.kind = "parameter", ds.trainable = true},
    %arg27: tensor<16x16xf32> {ds.name = "bert.encoder.layer.1.attention.output.dense.weight", ds.kind = "parameter", ds.trainable = true},
    %arg28: tensor<16xf32> {ds.name = "bert.encoder.layer.1.attention.output.dense.bias", ds.kind = "parameter", ds.trainable = true},
    %arg29: tensor<16xf32> {ds.name = "bert.encoder.layer.1.attention.output.LayerNorm.weight", ds.kind = "parameter", ds.trainable = true},
    %arg30: tensor<16xf32> {ds.name = "bert.encoder.layer.1.attention.output.LayerNorm.bias", ds.kind = "parameter", ds.trainable = true},
    %arg31: tensor<24x16xf32> {ds.name = "bert.encoder.layer.1.intermediate.dense.weight", ds.kind = "parameter", ds.trainable = true},
    %arg32: tensor<24xf32> {ds.name = "bert.encoder.layer.1.intermediate.dense.bias", ds.kind = "parameter", ds.trainable = true},
    %arg33: tensor<16x24xf32> {ds.name = "bert.encoder.layer.1.output.dense.weight", ds.kind = "parameter", ds.trainable = true},
    %arg34: tensor<16xf32> {ds.name = "bert.encoder.layer.1.output.dense.bias", ds.kind = "parameter", ds.trainable = true},
    %arg35: tensor<16xf32> {ds.name = "bert.encoder.layer.1.output.LayerNorm.weight", ds.kind = "parameter", ds.trainable = true},
    %arg36: tensor<16xf32> {ds.name = "bert.encoder.layer.1.output.LayerNorm.bias", ds.kind = "parameter", ds.trainable = true},
    %arg37: tensor<31xf32> {ds.name = "cls.predictions.bias", ds.kind = "parameter", ds.trainable = true, ds.aliases = ["cls.predictions.decoder.bias"]},
    %arg38: tensor<16x16xf32> {ds.name = "cls.predictions.transform.dense.weight", ds.kind = "parameter", ds.trainable = true},
    %arg39: tensor<16xf32> {ds.name = "cls.predictions.transform.dense.bias", ds.kind = "parameter", ds.trainable = true},
    %arg40: tensor<16xf32> {ds.name = "cls.predictions.transform.LayerNorm.weight", ds.kind = "parameter", ds.trainable = true},
    %arg41: tensor<16xf32> {ds.name = "cls.predictions.transform.LayerNorm.bias", ds.kind = "parameter", ds.trainable = true},
    %arg42: tensor<2x8xi32> {ds.name = "input_ids", ds.kind = "input"},
    %arg43: tensor<2x8xi32> {ds.name = "labels", ds.kind = "input"},
    %arg44: tensor<2x8xi32> {ds.name = "attention_mask", ds.kind = "input"}
  ) -> (tensor<f32> {ds.name = "loss"}) {
    %0 = stablehlo.reshape %arg42 : (tensor<2x8xi32>) -> tensor<2x8x1xi32>
    %1 = "stablehlo.gather"(%arg0, %0) <{dimension_numbers = #stablehlo.gather<offset_dims = [2], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 2>, indices_are_sorted = false, slice_sizes = array<i64: 1, 16>}> : (tensor<31x16xf32>, tensor<2x8x1xi32>) -> tensor<2x8x16xf32>
    %2 = stablehlo.constant dense<0> : tensor<i32>
    %3 = stablehlo.broadcast_in_dim %2, dims = [] : (tensor<i32>) -> tensor<2x8xi32>
    %4 = stablehlo.compare EQ, %arg42, %3, SIGNED : (tensor<2x8xi32>, tensor<2x8xi32>) -> tensor<2x8xi1>
    %5 = stablehlo.broadcast_in_dim %4, dims = [0, 1] : (tensor<2x8xi1>) -> tensor<2x8x16xi1>
    %6 = stablehlo.custom_call @ds.stop_gradient(%1) : (tensor<2x8x16xf32>) -> tensor<2x8x16xf32>
    %7 = stablehlo.select %5, %6, %1 : tensor<2x8x16xi1>, tensor<2x8x16xf32>
    %9 = stablehlo.slice %arg2 [0:1, 0:16] : (tensor<2x16xf32>) -> tensor<1x16xf32>
    %10 = stablehlo.reshape %9 : (tensor<1x16xf32>) -> tensor<16xf32>
    %11 = stablehlo.broadcast_in_dim %10, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %12 = stablehlo.add %7, %11 : tensor<2x8x16xf32>
    %15 = stablehlo.slice %arg1 [0:8, 0:16] : (tensor<16x16xf32>) -> tensor<8x16xf32>
    %16 = stablehlo.broadcast_in_dim %15, dims = [1, 2] : (tensor<8x16xf32>) -> tensor<1x8x16xf32>
    %17 = stablehlo.broadcast_in_dim %16, dims = [0, 1, 2] : (tensor<1x8x16xf32>) -> tensor<2x8x16xf32>
    %18 = stablehlo.add %12, %17 : tensor<2x8x16xf32>
    %19 = stablehlo.constant dense<0.0> : tensor<f32>
    %20 = stablehlo.reduce(%18 init: %19) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %21 = stablehlo.constant dense<16.0> : tensor<f32>
    %22 = stablehlo.broadcast_in_dim %21, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %23 = stablehlo.divide %20, %22 : tensor<2x8xf32>
    %24 = stablehlo.broadcast_in_dim %23, dims = [0, 1] : (tensor<2x8xf32>) -> tensor<2x8x16xf32>
    %25 = stablehlo.subtract %18, %24 : tensor<2x8x16xf32>
    %26 = stablehlo.multiply %25, %25 : tensor<2x8x16xf32>
    %27 = stablehlo.reduce(%26 init: %19) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %28 = stablehlo.broadcast_in_dim %21, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %29 = stablehlo.divide %27, %28 : tensor<2x8xf32>
    %30 = stablehlo.constant dense<9.999999960041972e-13> : tensor<f32>
    %31 = stablehlo.broadcast_in_dim %30, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %32 = stablehlo.add %29, %31 : tensor<2x8xf32>
    %33 = stablehlo.rsqrt %32 : tensor<2x8xf32>
    %34 = stablehlo.broadcast_in_dim %33, dims = [0, 1] : (tensor<2x8xf32>) -> tensor<2x8x16xf32>
    %35 = stablehlo.multiply %25, %34 : tensor<2x8x16xf32>
    %38 = stablehlo.broadcast_in_dim %arg3, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %39 = stablehlo.multiply %35, %38 : tensor<2x8x16xf32>
    %40 = stablehlo.broadcast_in_dim %arg4, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %41 = stablehlo.add %39, %40 : tensor<2x8x16xf32>
    %42 = stablehlo.broadcast_in_dim %2, dims = [] : (tensor<i32>) -> tensor<2x8xi32>
    %43 = stablehlo.compare NE, %arg44, %42, SIGNED : (tensor<2x8xi32>, tensor<2x8xi32>) -> tensor<2x8xi1>
    %48 = stablehlo.broadcast_in_dim %43, dims = [0, 3] : (tensor<2x8xi1>) -> tensor<2x1x1x8xi1>
    %51 = stablehlo.broadcast_in_dim %48, dims = [0, 1, 2, 3] : (tensor<2x1x1x8xi1>) -> tensor<2x1x8x8xi1>
    %52 = stablehlo.dot_general %41, %arg5, contracting_dims = [2] x [1] : (tensor<2x8x16xf32>, tensor<16x16xf32>) -> tensor<2x8x16xf32>
    %53 = stablehlo.broadcast_in_dim %arg6, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %54 = stablehlo.add %52, %53 : tensor<2x8x16xf32>
    %55 = stablehlo.reshape %54 : (tensor<2x8x16xf32>) -> tensor<2x8x4x4xf32>
    %56 = stablehlo.transpose %55, dims = [0, 2, 1, 3] : (tensor<2x8x4x4xf32>) -> tensor<2x4x8x4xf32>
    %57 = stablehlo.dot_general %41, %arg7, contracting_dims = [2] x [1] : (tensor<2x8x16xf32>, tensor<16x16xf32>) -> tensor<2x8x16xf32>
    %58 = stablehlo.broadcast_in_dim %arg8, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %59 = stablehlo.add %57, %58 : tensor<2x8x16xf32>
    %60 = stablehlo.reshape %59 : (tensor<2x8x16xf32>) -> tensor<2x8x4x4xf32>
    %61 = stablehlo.transpose %60, dims = [0, 2, 1, 3] : (tensor<2x8x4x4xf32>) -> tensor<2x4x8x4xf32>
    %62 = stablehlo.dot_general %41, %arg9, contracting_dims = [2] x [1] : (tensor<2x8x16xf32>, tensor<16x16xf32>) -> tensor<2x8x16xf32>
    %63 = stablehlo.broadcast_in_dim %arg10, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %64 = stablehlo.add %62, %63 : tensor<2x8x16xf32>
    %65 = stablehlo.reshape %64 : (tensor<2x8x16xf32>) -> tensor<2x8x4x4xf32>
    %66 = stablehlo.transpose %65, dims = [0, 2, 1, 3] : (tensor<2x8x4x4xf32>) -> tensor<2x4x8x4xf32>
    %67 = stablehlo.dot_general %56, %61, batching_dims = [0, 1] x [0, 1], contracting_dims = [3] x [3] : (tensor<2x4x8x4xf32>, tensor<2x4x8x4xf32>) -> tensor<2x4x8x8xf32>
    %68 = stablehlo.constant dense<0.5> : tensor<f32>
    %69 = stablehlo.broadcast_in_dim %68, dims = [] : (tensor<f32>) -> tensor<2x4x8x8xf32>
    %70 = stablehlo.multiply %67, %69 : tensor<2x4x8x8xf32>
    %71 = stablehlo.broadcast_in_dim %51, dims = [0, 1, 2, 3] : (tensor<2x1x8x8xi1>) -> tensor<2x4x8x8xi1>
    %72 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %73 = stablehlo.broadcast_in_dim %72, dims = [] : (tensor<f32>) -> tensor<2x4x8x8xf32>
    %74 = stablehlo.select %71, %70, %73 : tensor<2x4x8x8xi1>, tensor<2x4x8x8xf32>
    %75 = stablehlo.reduce(%74 init: %72) applies stablehlo.maximum across dimensions = [3] : (tensor<2x4x8x8xf32>, tensor<f32>) -> tensor<2x4x8xf32>
    %76 = stablehlo.broadcast_in_dim %75, dims = [0, 1, 2] : (tensor<2x4x8xf32>) -> tensor<2x4x8x8xf32>
    %77 = stablehlo.subtract %74, %76 : tensor<2x4x8x8xf32>
    %78 = stablehlo.exponential %77 : tensor<2x4x8x8xf32>
    %79 = stablehlo.reduce(%78 init: %19) applies stablehlo.add across dimensions = [3] : (tensor<2x4x8x8xf32>, tensor<f32>) -> tensor<2x4x8xf32>
    %80 = stablehlo.broadcast_in_dim %79, dims = [0, 1, 2] : (tensor<2x4x8xf32>) -> tensor<2x4x8x8xf32>
    %81 = stablehlo.divide %78, %80 : tensor<2x4x8x8xf32>
    %82 = stablehlo.dot_general %81, %66, batching_dims = [0, 1] x [0, 1], contracting_dims = [3] x [2] : (tensor<2x4x8x8xf32>, tensor<2x4x8x4xf32>) -> tensor<2x4x8x4xf32>
    %83 = stablehlo.transpose %82, dims = [0, 2, 1, 3] : (tensor<2x4x8x4xf32>) -> tensor<2x8x4x4xf32>
    %84 = stablehlo.reshape %83 : (tensor<2x8x4x4xf32>) -> tensor<2x8x16xf32>
    %85 = stablehlo.dot_general %84, %arg11, contracting_dims = [2] x [1] : (tensor<2x8x16xf32>, tensor<16x16xf32>) -> tensor<2x8x16xf32>
    %86 = stablehlo.broadcast_in_dim %arg12, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %87 = stablehlo.add %85, %86 : tensor<2x8x16xf32>
    %88 = stablehlo.add %87, %41 : tensor<2x8x16xf32>
    %89 = stablehlo.reduce(%88 init: %19) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %90 = stablehlo.broadcast_in_dim %21, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %91 = stablehlo.divide %89, %90 : tensor<2x8xf32>
    %92 = stablehlo.broadcast_in_dim %91, dims = [0, 1] : (tensor<2x8xf32>) -> tensor<2x8x16xf32>
    %93 = stablehlo.subtract %88, %92 : tensor<2x8x16xf32>
    %94 = stablehlo.multiply %93, %93 : tensor<2x8x16xf32>
    %95 = stablehlo.reduce(%94 init: %19) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %96 = stablehlo.broadcast_in_dim %21, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %97 = stablehlo.divide %95, %96 : tensor<2x8xf32>
    %98 = stablehlo.broadcast_in_dim %30, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %99 = stablehlo.add %97, %98 : tensor<2x8xf32>
    %100 = stablehlo.rsqrt %99 : tensor<2x8xf32>
    %101 = stablehlo.broadcast_in_dim %100, dims = [0, 1] : (tensor<2x8xf32>) -> tensor<2x8x16xf32>
    %102 = stablehlo.multiply %93, %101 : tensor<2x8x16xf32>
    %105 = stablehlo.broadcast_in_dim %arg13, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %106 = stablehlo.multiply %102, %105 : tensor<2x8x16xf32>
    %107 = stablehlo.broadcast_in_dim %arg14, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %108 = stablehlo.add %106, %107 : tensor<2x8x16xf32>
    %109 = stablehlo.dot_general %108, %arg15, contracting_dims = [2] x [1] : (tensor<2x8x16xf32>, tensor<24x16xf32>) -> tensor<2x8x24xf32>
    %110 = stablehlo.broadcast_in_dim %arg16, dims = [2] : (tensor<24xf32>) -> tensor<2x8x24xf32>
    %111 = stablehlo.add %109, %110 : tensor<2x8x24xf32>
    %112 = stablehlo.broadcast_in_dim %68, dims = [] : (tensor<f32>) -> tensor<2x8x24xf32>
    %113 = stablehlo.constant dense<1.0> : tensor<f32>
    %114 = stablehlo.broadcast_in_dim %113, dims = [] : (tensor<f32>) -> tensor<2x8x24xf32>
    %115 = stablehlo.constant dense<0.7071067690849304> : tensor<f32>
    %116 = stablehlo.broadcast_in_dim %115, dims = [] : (tensor<f32>) -> tensor<2x8x24xf32>
    %117 = stablehlo.multiply %111, %116 : tensor<2x8x24xf32>
    %118 = chlo.erf %117 : tensor<2x8x24xf32> -> tensor<2x8x24xf32>
    %119 = stablehlo.multiply %111, %112 : tensor<2x8x24xf32>
    %120 = stablehlo.add %118, %114 : tensor<2x8x24xf32>
    %121 = stablehlo.multiply %119, %120 : tensor<2x8x24xf32>
    %122 = stablehlo.dot_general %121, %arg17, contracting_dims = [2] x [1] : (tensor<2x8x24xf32>, tensor<16x24xf32>) -> tensor<2x8x16xf32>
    %123 = stablehlo.broadcast_in_dim %arg18, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %124 = stablehlo.add %122, %123 : tensor<2x8x16xf32>
    %125 = stablehlo.add %124, %108 : tensor<2x8x16xf32>
    %126 = stablehlo.reduce(%125 init: %19) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %127 = stablehlo.broadcast_in_dim %21, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %128 = stablehlo.divide %126, %127 : tensor<2x8xf32>
    %129 = stablehlo.broadcast_in_dim %128, dims = [0, 1] : (tensor<2x8xf32>) -> tensor<2x8x16xf32>
    %130 = stablehlo.subtract %125, %129 : tensor<2x8x16xf32>
    %131 = stablehlo.multiply %130, %130 : tensor<2x8x16xf32>
    %132 = stablehlo.reduce(%131 init: %19) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %133 = stablehlo.broadcast_in_dim %21, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %134 = stablehlo.divide %132, %133 : tensor<2x8xf32>
    %135 = stablehlo.broadcast_in_dim %30, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %136 = stablehlo.add %134, %135 : tensor<2x8xf32>
    %137 = stablehlo.rsqrt %136 : tensor<2x8xf32>
    %138 = stablehlo.broadcast_in_dim %137, dims = [0, 1] : (tensor<2x8xf32>) -> tensor<2x8x16xf32>
    %139 = stablehlo.multiply %130, %138 : tensor<2x8x16xf32>
    %142 = stablehlo.broadcast_in_dim %arg19, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %143 = stablehlo.multiply %139, %142 : tensor<2x8x16xf32>
    %144 = stablehlo.broadcast_in_dim %arg20, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %145 = stablehlo.add %143, %144 : tensor<2x8x16xf32>
    %146 = stablehlo.dot_general %145, %arg21, contracting_dims = [2] x [1] : (tensor<2x8x16xf32>, tensor<16x16xf32>) -> tensor<2x8x16xf32>
    %147 = stablehlo.broadcast_in_dim %arg22, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %148 = stablehlo.add %146, %147 : tensor<2x8x16xf32>
    %149 = stablehlo.reshape %148 : (tensor<2x8x16xf32>) -> tensor<2x8x4x4xf32>
    %150 = stablehlo.transpose %149, dims = [0, 2, 1, 3] : (tensor<2x8x4x4xf32>) -> tensor<2x4x8x4xf32>
    %151 = stablehlo.dot_general %145, %arg23, contracting_dims = [2] x [1] : (tensor<2x8x16xf32>, tensor<16x16xf32>) -> tensor<2x8x16xf32>
    %152 = stablehlo.broadcast_in_dim %arg24, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %153 = stablehlo.add %151, %152 : tensor<2x8x16xf32>
    %154 = stablehlo.reshape %153 : (tensor<2x8x16xf32>) -> tensor<2x8x4x4xf32>
    %155 = stablehlo.transpose %154, dims = [0, 2, 1, 3] : (tensor<2x8x4x4xf32>) -> tensor<2x4x8x4xf32>
    %156 = stablehlo.dot_general %145, %arg25, contracting_dims = [2] x [1] : (tensor<2x8x16xf32>, tensor<16x16xf32>) -> tensor<2x8x16xf32>
    %157 = stablehlo.broadcast_in_dim %arg26, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %158 = stablehlo.add %156, %157 : tensor<2x8x16xf32>
    %159 = stablehlo.reshape %158 : (tensor<2x8x16xf32>) -> tensor<2x8x4x4xf32>
    %160 = stablehlo.transpose %159, dims = [0, 2, 1, 3] : (tensor<2x8x4x4xf32>) -> tensor<2x4x8x4xf32>
    %161 = stablehlo.dot_general %150, %155, batching_dims = [0, 1] x [0, 1], contracting_dims = [3] x [3] : (tensor<2x4x8x4xf32>, tensor<2x4x8x4xf32>) -> tensor<2x4x8x8xf32>
    %162 = stablehlo.broadcast_in_dim %68, dims = [] : (tensor<f32>) -> tensor<2x4x8x8xf32>
    %163 = stablehlo.multiply %161, %162 : tensor<2x4x8x8xf32>
    %164 = stablehlo.broadcast_in_dim %51, dims = [0, 1, 2, 3] : (tensor<2x1x8x8xi1>) -> tensor<2x4x8x8xi1>
    %165 = stablehlo.broadcast_in_dim %72, dims = [] : (tensor<f32>) -> tensor<2x4x8x8xf32>
    %166 = stablehlo.select %164, %163, %165 : tensor<2x4x8x8xi1>, tensor<2x4x8x8xf32>
    %167 = stablehlo.reduce(%166 init: %72) applies stablehlo.maximum across dimensions = [3] : (tensor<2x4x8x8xf32>, tensor<f32>) -> tensor<2x4x8xf32>
    %168 = stablehlo.broadcast_in_dim %167, dims = [0, 1, 2] : (tensor<2x4x8xf32>) -> tensor<2x4x8x8xf32>
    %169 = stablehlo.subtract %166, %168 : tensor<2x4x8x8xf32>
    %170 = stablehlo.exponential %169 : tensor<2x4x8x8xf32>
    %171 = stablehlo.reduce(%170 init: %19) applies stablehlo.add across dimensions = [3] : (tensor<2x4x8x8xf32>, tensor<f32>) -> tensor<2x4x8xf32>
    %172 = stablehlo.broadcast_in_dim %171, dims = [0, 1, 2] : (tensor<2x4x8xf32>) -> tensor<2x4x8x8xf32>
    %173 = stablehlo.divide %170, %172 : tensor<2x4x8x8xf32>
    %174 = stablehlo.dot_general %173, %160, batching_dims = [0, 1] x [0, 1], contracting_dims = [3] x [2] : (tensor<2x4x8x8xf32>, tensor<2x4x8x4xf32>) -> tensor<2x4x8x4xf32>
    %175 = stablehlo.transpose %174, dims = [0, 2, 1, 3] : (tensor<2x4x8x4xf32>) -> tensor<2x8x4x4xf32>
    %176 = stablehlo.reshape %175 : (tensor<2x8x4x4xf32>) -> tensor<2x8x16xf32>
    %177 = stablehlo.dot_general %176, %arg27, contracting_dims = [2] x [1] : (tensor<2x8x16xf32>, tensor<16x16xf32>) -> tensor<2x8x16xf32>
    %178 = stablehlo.broadcast_in_dim %arg28, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %179 = stablehlo.add %177, %178 : tensor<2x8x16xf32>
    %180 = stablehlo.add %179, %145 : tensor<2x8x16xf32>
    %181 = stablehlo.reduce(%180 init: %19) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %182 = stablehlo.broadcast_in_dim %21, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %183 = stablehlo.divide %181, %182 : tensor<2x8xf32>
    %184 = stablehlo.broadcast_in_dim %183, dims = [0, 1] : (tensor<2x8xf32>) -> tensor<2x8x16xf32>
    %185 = stablehlo.subtract %180, %184 : tensor<2x8x16xf32>
    %186 = stablehlo.multiply %185, %185 : tensor<2x8x16xf32>
    %187 = stablehlo.reduce(%186 init: %19) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %188 = stablehlo.broadcast_in_dim %21, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %189 = stablehlo.divide %187, %188 : tensor<2x8xf32>
    %190 = stablehlo.broadcast_in_dim %30, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %191 = stablehlo.add %189, %190 : tensor<2x8xf32>
    %192 = stablehlo.rsqrt %191 : tensor<2x8xf32>
    %193 = stablehlo.broadcast_in_dim %192, dims = [0, 1] : (tensor<2x8xf32>) -> tensor<2x8x16xf32>
    %194 = stablehlo.multiply %185, %193 : tensor<2x8x16xf32>
    %197 = stablehlo.broadcast_in_dim %arg29, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %198 = stablehlo.multiply %194, %197 : tensor<2x8x16xf32>
    %199 = stablehlo.broadcast_in_dim %arg30, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %200 = stablehlo.add %198, %199 : tensor<2x8x16xf32>
    %201 = stablehlo.dot_general %200, %arg31, contracting_dims = [2] x [1] : (tensor<2x8x16xf32>, tensor<24x16xf32>) -> tensor<2x8x24xf32>
    %202 = stablehlo.broadcast_in_dim %arg32, dims = [2] : (tensor<24xf32>) -> tensor<2x8x24xf32>
    %203 = stablehlo.add %201, %202 : tensor<2x8x24xf32>
    %204 = stablehlo.broadcast_in_dim %68, dims = [] : (tensor<f32>) -> tensor<2x8x24xf32>
    %205 = stablehlo.broadcast_in_dim %113, dims = [] : (tensor<f32>) -> tensor<2x8x24xf32>
    %206 = stablehlo.broadcast_in_dim %115, dims = [] : (tensor<f32>) -> tensor<2x8x24xf32>
    %207 = stablehlo.multiply %203, %206 : tensor<2x8x24xf32>
    %208 = chlo.erf %207 : tensor<2x8x24xf32> -> tensor<2x8x24xf32>
    %209 = stablehlo.multiply %203, %204 : tensor<2x8x24xf32>
    %210 = stablehlo.add %208, %205 : tensor<2x8x24xf32>
    %211 = stablehlo.multiply %209, %210 : tensor<2x8x24xf32>
    %212 = stablehlo.dot_general %211, %arg33, contracting_dims = [2] x [1] : (tensor<2x8x24xf32>, tensor<16x24xf32>) -> tensor<2x8x16xf32>
    %213 = stablehlo.broadcast_in_dim %arg34, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %214 = stablehlo.add %212, %213 : tensor<2x8x16xf32>
    %215 = stablehlo.add %214, %200 : tensor<2x8x16xf32>
    %216 = stablehlo.reduce(%215 init: %19) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %217 = stablehlo.broadcast_in_dim %21, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %218 = stablehlo.divide %216, %217 : tensor<2x8xf32>
    %219 = stablehlo.broadcast_in_dim %218, dims = [0, 1] : (tensor<2x8xf32>) -> tensor<2x8x16xf32>
    %220 = stablehlo.subtract %215, %219 : tensor<2x8x16xf32>
    %221 = stablehlo.multiply %220, %220 : tensor<2x8x16xf32>
    %222 = stablehlo.reduce(%221 init: %19) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %223 = stablehlo.broadcast_in_dim %21, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %224 = stablehlo.divide %222, %223 : tensor<2x8xf32>
    %225 = stablehlo.broadcast_in_dim %30, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %226 = stablehlo.add %224, %225 : tensor<2x8xf32>
    %227 = stablehlo.rsqrt %226 : tensor<2x8xf32>
    %228 = stablehlo.broadcast_in_dim %227, dims = [0, 1] : (tensor<2x8xf32>) -> tensor<2x8x16xf32>
    %229 = stablehlo.multiply %220, %228 : tensor<2x8x16xf32>
    %232 = stablehlo.broadcast_in_dim %arg35, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %233 = stablehlo.multiply %229, %232 : tensor<2x8x16xf32>
    %234 = stablehlo.broadcast_in_dim %arg36, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %235 = stablehlo.add %233, %234 : tensor<2x8x16xf32>
    %236 = stablehlo.dot_general %235, %arg38, contracting_dims = [2] x [1] : (tensor<2x8x16xf32>, tensor<16x16xf32>) -> tensor<2x8x16xf32>
    %237 = stablehlo.broadcast_in_dim %arg39, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %238 = stablehlo.add %236, %237 : tensor<2x8x16xf32>
    %239 = stablehlo.broadcast_in_dim %68, dims = [] : (tensor<f32>) -> tensor<2x8x16xf32>
    %240 = stablehlo.broadcast_in_dim %113, dims = [] : (tensor<f32>) -> tensor<2x8x16xf32>
    %241 = stablehlo.broadcast_in_dim %115, dims = [] : (tensor<f32>) -> tensor<2x8x16xf32>
    %242 = stablehlo.multiply %238, %241 : tensor<2x8x16xf32>
    %243 = chlo.erf %242 : tensor<2x8x16xf32> -> tensor<2x8x16xf32>
    %244 = stablehlo.multiply %238, %239 : tensor<2x8x16xf32>
    %245 = stablehlo.add %243, %240 : tensor<2x8x16xf32>
    %246 = stablehlo.multiply %244, %245 : tensor<2x8x16xf32>
    %247 = stablehlo.reduce(%246 init: %19) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %248 = stablehlo.broadcast_in_dim %21, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %249 = stablehlo.divide %247, %248 : tensor<2x8xf32>
    %250 = stablehlo.broadcast_in_dim %249, dims = [0, 1] : (tensor<2x8xf32>) -> tensor<2x8x16xf32>
    %251 = stablehlo.subtract %246, %250 : tensor<2x8x16xf32>
    %252 = stablehlo.multiply %251, %251 : tensor<2x8x16xf32>
    %253 = stablehlo.reduce(%252 init: %19) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %254 = stablehlo.broadcast_in_dim %21, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %255 = stablehlo.divide %253, %254 : tensor<2x8xf32>
    %256 = stablehlo.broadcast_in_dim %30, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %257 = stablehlo.add %255, %256 : tensor<2x8xf32>
    %258 = stablehlo.rsqrt %257 : tensor<2x8xf32>
    %259 = stablehlo.broadcast_in_dim %258, dims = [0, 1] : (tensor<2x8xf32>) -> tensor<2x8x16xf32>
    %260 = stablehlo.multiply %251, %259 : tensor<2x8x16xf32>
    %263 = stablehlo.broadcast_in_dim %arg40, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %264 = stablehlo.multiply %260, %263 : tensor<2x8x16xf32>
    %265 = stablehlo.broadcast_in_dim %arg41, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %266 = stablehlo.add %264, %265 : tensor<2x8x16xf32>
    %267 = stablehlo.dot_general %266, %arg0, contracting_dims = [2] x [1] : (tensor<2x8x16xf32>, tensor<31x16xf32>) -> tensor<2x8x31xf32>
    %268 = stablehlo.broadcast_in_dim %arg37, dims = [2] : (tensor<31xf32>) -> tensor<2x8x31xf32>
    %269 = stablehlo.add %267, %268 : tensor<2x8x31xf32>
    %270 = stablehlo.reshape %269 : (tensor<2x8x31xf32>) -> tensor<16x31xf32>
    %271 = stablehlo.reshape %arg43 : (tensor<2x8xi32>) -> tensor<16xi32>
    %272 = stablehlo.reduce(%270 init: %72) applies stablehlo.maximum across dimensions = [1] : (tensor<16x31xf32>, tensor<f32>) -> tensor<16xf32>
    %273 = stablehlo.broadcast_in_dim %272, dims = [0] : (tensor<16xf32>) -> tensor<16x31xf32>
    %274 = stablehlo.subtract %270, %273 : tensor<16x31xf32>
    %275 = stablehlo.exponential %274 : tensor<16x31xf32>
    %276 = stablehlo.reduce(%275 init: %19) applies stablehlo.add across dimensions = [1] : (tensor<16x31xf32>, tensor<f32>) -> tensor<16xf32>
    %277 = stablehlo.log %276 : tensor<16xf32>
    %278 = stablehlo.broadcast_in_dim %277, dims = [0] : (tensor<16xf32>) -> tensor<16x31xf32>
    %279 = stablehlo.subtract %274, %278 : tensor<16x31xf32>
    %280 = stablehlo.constant dense<-100> : tensor<i32>
    %281 = stablehlo.broadcast_in_dim %280, dims = [] : (tensor<i32>) -> tensor<16xi32>
    %282 = stablehlo.compare NE, %271, %281, SIGNED : (tensor<16xi32>, tensor<16xi32>) -> tensor<16xi1>
    %283 = stablehlo.broadcast_in_dim %2, dims = [] : (tensor<i32>) -> tensor<16xi32>
    %284 = stablehlo.select %282, %271, %283 : tensor<16xi1>, tensor<16xi32>
    %285 = stablehlo.broadcast_in_dim %19, dims = [] : (tensor<f32>) -> tensor<16xf32>
    %286 = stablehlo.broadcast_in_dim %113, dims = [] : (tensor<f32>) -> tensor<16xf32>
    %287 = stablehlo.iota dim = 1 : tensor<16x31xi32>
    %288 = stablehlo.reshape %284 : (tensor<16xi32>) -> tensor<16x1xi32>
    %289 = stablehlo.broadcast_in_dim %288, dims = [0, 1] : (tensor<16x1xi32>) -> tensor<16x31xi32>
    %290 = stablehlo.compare EQ, %287, %289, SIGNED : (tensor<16x31xi32>, tensor<16x31xi32>) -> tensor<16x31xi1>
    %291 = stablehlo.broadcast_in_dim %19, dims = [] : (tensor<f32>) -> tensor<16x31xf32>
    %292 = stablehlo.select %290, %279, %291 : tensor<16x31xi1>, tensor<16x31xf32>
    %293 = stablehlo.reduce(%292 init: %19) applies stablehlo.add across dimensions = [1] : (tensor<16x31xf32>, tensor<f32>) -> tensor<16xf32>
    %294 = stablehlo.negate %293 : tensor<16xf32>
    %295 = stablehlo.select %282, %294, %285 : tensor<16xi1>, tensor<16xf32>
    %296 = stablehlo.select %282, %286, %285 : tensor<16xi1>, tensor<16xf32>
    %297 = stablehlo.reduce(%295 init: %19) applies stablehlo.add across dimensions = [0] : (tensor<16xf32>, tensor<f32>) -> tensor<f32>
    %298 = stablehlo.reduce(%296 init: %19) applies stablehlo.add across dimensions = [0] : (tensor<16xf32>, tensor<f32>) -> tensor<f32>
    %299 = stablehlo.divide %297, %298 : tensor<f32>
    return %299 : tensor<f32>
  }
}
