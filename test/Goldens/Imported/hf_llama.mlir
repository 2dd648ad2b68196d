module @imported {
  func.func public @main(
    %arg0: tensor<31x16xf32> {ds.name = "model.embed_tokens.weight", ds.kind = "parameter", ds.trainable = true},
    %arg1: tensor<16x16xf32> {ds.name = "model.layers.0.self_attn.q_proj.weight", ds.kind = "parameter", ds.trainable = true},
    %arg2: tensor<8x16xf32> {ds.name = "model.layers.0.self_attn.k_proj.weight", ds.kind = "parameter", ds.trainable = true},
    %arg3: tensor<8x16xf32> {ds.name = "model.layers.0.self_attn.v_proj.weight", ds.kind = "parameter", ds.trainable = true},
    %arg4: tensor<16x16xf32> {ds.name = "model.layers.0.self_attn.o_proj.weight", ds.kind = "parameter", ds.trainable = true},
    %arg5: tensor<24x16xf32> {ds.name = "model.layers.0.mlp.gate_proj.weight", ds.kind = "parameter", ds.trainable = true},
    %arg6: tensor<24x16xf32> {ds.name = "model.layers.0.mlp.up_proj.weight", ds.kind = "parameter", ds.trainable = true},
    %arg7: tensor<16x24xf32> {ds.name = "model.layers.0.mlp.down_proj.weight", ds.kind = "parameter", ds.trainable = true},
    %arg8: tensor<16xf32> {ds.name = "model.layers.0.input_layernorm.weight", ds.kind = "parameter", ds.trainable = true},
    %arg9: tensor<16xf32> {ds.name = "model.layers.0.post_attention_layernorm.weight", ds.kind = "parameter", ds.trainable = true},
    %arg10: tensor<16x16xf32> {ds.name = "model.layers.1.self_attn.q_proj.weight", ds.kind = "parameter", ds.trainable = true},
    %arg11: tensor<8x16xf32> {ds.name = "model.layers.1.self_attn.k_proj.weight", ds.kind = "parameter", ds.trainable = true},
    %arg12: tensor<8x16xf32> {ds.name = "model.layers.1.self_attn.v_proj.weight", ds.kind = "parameter", ds.trainable = true},
    %arg13: tensor<16x16xf32> {ds.name = "model.layers.1.self_attn.o_proj.weight", ds.kind = "parameter", ds.trainable = true},
    %arg14: tensor<24x16xf32> {ds.name = "model.layers.1.mlp.gate_proj.weight", ds.kind = "parameter", ds.trainable = true},
    %arg15: tensor<24x16xf32> {ds.name = "model.layers.1.mlp.up_proj.weight", ds.kind = "parameter", ds.trainable = true},
    %arg16: tensor<16x24xf32> {ds.name = "model.layers.1.mlp.down_proj.weight", ds.kind = "parameter", ds.trainable = true},
    %arg17: tensor<16xf32> {ds.name = "model.layers.1.input_layernorm.weight", ds.kind = "parameter", ds.trainable = true},
    %arg18: tensor<16xf32> {ds.name = "model.layers.1.post_attention_layernorm.weight", ds.kind = "parameter", ds.trainable = true},
    %arg19: tensor<16xf32> {ds.name = "model.norm.weight", ds.kind = "parameter", ds.trainable = true},
    %arg20: tensor<31x16xf32> {ds.name = "lm_head.weight", ds.kind = "parameter", ds.trainable = true},
    %arg21: tensor<2x8xi32> {ds.name = "input_ids", ds.kind = "input"},
    %arg22: tensor<2x8xi32> {ds.name = "labels", ds.kind = "input"}
  ) -> (tensor<f32> {ds.name = "loss"}) {
    %0 = stablehlo.reshape %arg21 : (tensor<2x8xi32>) -> tensor<2x8x1xi32>
    %1 = "stablehlo.gather"(%arg0, %0) <{dimension_numbers = #stablehlo.gather<offset_dims = [2], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 2>, indices_are_sorted = false, slice_sizes = array<i64: 1, 16>}> : (tensor<31x16xf32>, tensor<2x8x1xi32>) -> tensor<2x8x16xf32>
    %2 = stablehlo.multiply %1, %1 : tensor<2x8x16xf32>
    %3 = stablehlo.constant dense<0.0> : tensor<f32>
    %4 = stablehlo.reduce(%2 init: %3) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %5 = stablehlo.constant dense<16.0> : tensor<f32>
    %6 = stablehlo.broadcast_in_dim %5, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %7 = stablehlo.divide %4, %6 : tensor<2x8xf32>
    %8 = stablehlo.reshape %7 : (tensor<2x8xf32>) -> tensor<2x8x1xf32>
    %9 = stablehlo.constant dense<9.999999974752427e-07> : tensor<f32>
    %10 = stablehlo.broadcast_in_dim %9, dims = [] : (tensor<f32>) -> tensor<2x8x1xf32>
    %11 = stablehlo.add %8, %10 : tensor<2x8x1xf32>
    %12 = stablehlo.rsqrt %11 : tensor<2x8x1xf32>
    %13 = stablehlo.broadcast_in_dim %12, dims = [0, 1, 2] : (tensor<2x8x1xf32>) -> tensor<2x8x16xf32>
    %14 = stablehlo.multiply %1, %13 : tensor<2x8x16xf32>
    %15 = stablehlo.broadcast_in_dim %arg8, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %16 = stablehlo.multiply %15, %14 : tensor<2x8x16xf32>
    %17 = stablehlo.dot_general %16, %arg1, contracting_dims = [2] x [1] : (tensor<2x8x16xf32>, tensor<16x16xf32>) -> tensor<2x8x16xf32>
    %18 = stablehlo.reshape %17 : (tensor<2x8x16xf32>) -> tensor<2x8x4x4xf32>
    %19 = stablehlo.transpose %18, dims = [0, 2, 1, 3] : (tensor<2x8x4x4xf32>) -> tensor<2x4x8x4xf32>
    %20 = stablehlo.dot_general %16, %arg2, contracting_dims = [2] x [1] : (tensor<2x8x16xf32>, tensor<8x16xf32>) -> tensor<2x8x8xf32>
    %21 = stablehlo.reshape %20 : (tensor<2x8x8xf32>) -> tensor<2x8x2x4xf32>
    %22 = stablehlo.transpose %21, dims = [0, 2, 1, 3] : (tensor<2x8x2x4xf32>) -> tensor<2x2x8x4xf32>
    %23 = stablehlo.dot_general %16, %arg3, contracting_dims = [2] x [1] : (tensor<2x8x16xf32>, tensor<8x16xf32>) -> tensor<2x8x8xf32>
    %24 = stablehlo.reshape %23 : (tensor<2x8x8xf32>) -> tensor<2x8x2x4xf32>
    %25 = stablehlo.transpose %24, dims = [0, 2, 1, 3] : (tensor<2x8x2x4xf32>) -> tensor<2x2x8x4xf32>
    %26 = stablehlo.iota dim = 0 : tensor<8xi32>
    %27 = stablehlo.broadcast_in_dim %26, dims = [1] : (tensor<8xi32>) -> tensor<1x8x1xi32>
    %28 = stablehlo.convert %27 : (tensor<1x8x1xi32>) -> tensor<1x8x1xf32>
    %29 = stablehlo.constant dense<[1.0, 0.009999999776482582]> : tensor<2xf32>
    %30 = stablehlo.broadcast_in_dim %28, dims = [0, 1, 2] : (tensor<1x8x1xf32>) -> tensor<1x8x2xf32>
    %31 = stablehlo.broadcast_in_dim %29, dims = [2] : (tensor<2xf32>) -> tensor<1x8x2xf32>
    %32 = stablehlo.multiply %30, %31 : tensor<1x8x2xf32>
    %33 = stablehlo.concatenate %32, %32, dim = 2 : (tensor<1x8x2xf32>, tensor<1x8x2xf32>) -> tensor<1x8x4xf32>
    %34 = stablehlo.cosine %33 : tensor<1x8x4xf32>
    %35 = stablehlo.constant dense<1.0> : tensor<f32>
    %36 = stablehlo.broadcast_in_dim %35, dims = [] : (tensor<f32>) -> tensor<1x8x4xf32>
    %37 = stablehlo.multiply %34, %36 : tensor<1x8x4xf32>
    %38 = stablehlo.reshape %37 : (tensor<1x8x4xf32>) -> tensor<1x1x8x4xf32>
    %39 = stablehlo.broadcast_in_dim %38, dims = [0, 1, 2, 3] : (tensor<1x1x8x4xf32>) -> tensor<2x4x8x4xf32>
    %40 = stablehlo.multiply %19, %39 : tensor<2x4x8x4xf32>
    %41 = stablehlo.slice %19 [0:2, 0:4, 0:8, 0:2] : (tensor<2x4x8x4xf32>) -> tensor<2x4x8x2xf32>
    %42 = stablehlo.slice %19 [0:2, 0:4, 0:8, 2:4] : (tensor<2x4x8x4xf32>) -> tensor<2x4x8x2xf32>
    %43 = stablehlo.negate %42 : tensor<2x4x8x2xf32>
    %44 = stablehlo.concatenate %43, %41, dim = 3 : (tensor<2x4x8x2xf32>, tensor<2x4x8x2xf32>) -> tensor<2x4x8x4xf32>
    %45 = stablehlo.sine %33 : tensor<1x8x4xf32>
    %46 = stablehlo.broadcast_in_dim %35, dims = [] : (tensor<f32>) -> tensor<1x8x4xf32>
    %47 = stablehlo.multiply %45, %46 : tensor<1x8x4xf32>
    %48 = stablehlo.reshape %47 : (tensor<1x8x4xf32>) -> tensor<1x1x8x4xf32>
    %49 = stablehlo.broadcast_in_dim %48, dims = [0, 1, 2, 3] : (tensor<1x1x8x4xf32>) -> tensor<2x4x8x4xf32>
    %50 = stablehlo.multiply %44, %49 : tensor<2x4x8x4xf32>
    %51 = stablehlo.add %40, %50 : tensor<2x4x8x4xf32>
    %52 = stablehlo.broadcast_in_dim %38, dims = [0, 1, 2, 3] : (tensor<1x1x8x4xf32>) -> tensor<2x2x8x4xf32>
    %53 = stablehlo.multiply %22, %52 : tensor<2x2x8x4xf32>
    %54 = stablehlo.slice %22 [0:2, 0:2, 0:8, 0:2] : (tensor<2x2x8x4xf32>) -> tensor<2x2x8x2xf32>
    %55 = stablehlo.slice %22 [0:2, 0:2, 0:8, 2:4] : (tensor<2x2x8x4xf32>) -> tensor<2x2x8x2xf32>
    %56 = stablehlo.negate %55 : tensor<2x2x8x2xf32>
    %57 = stablehlo.concatenate %56, %54, dim = 3 : (tensor<2x2x8x2xf32>, tensor<2x2x8x2xf32>) -> tensor<2x2x8x4xf32>
    %58 = stablehlo.broadcast_in_dim %48, dims = [0, 1, 2, 3] : (tensor<1x1x8x4xf32>) -> tensor<2x2x8x4xf32>
    %59 = stablehlo.multiply %57, %58 : tensor<2x2x8x4xf32>
    %60 = stablehlo.add %53, %59 : tensor<2x2x8x4xf32>
    %62 = stablehlo.reshape %60 : (tensor<2x2x8x4xf32>) -> tensor<2x2x1x8x4xf32>
    %63 = stablehlo.broadcast_in_dim %62, dims = [0, 1, 2, 3, 4] : (tensor<2x2x1x8x4xf32>) -> tensor<2x2x2x8x4xf32>
    %64 = stablehlo.reshape %63 : (tensor<2x2x2x8x4xf32>) -> tensor<2x4x8x4xf32>
    %65 = stablehlo.reshape %25 : (tensor<2x2x8x4xf32>) -> tensor<2x2x1x8x4xf32>
    %66 = stablehlo.broadcast_in_dim %65, dims = [0, 1, 2, 3, 4] : (tensor<2x2x1x8x4xf32>) -> tensor<2x2x2x8x4xf32>
    %67 = stablehlo.reshape %66 : (tensor<2x2x2x8x4xf32>) -> tensor<2x4x8x4xf32>
    %68 = stablehlo.iota dim = 0 : tensor<8x8xi32>
    %69 = stablehlo.iota dim = 1 : tensor<8x8xi32>
    %70 = stablehlo.compare GE, %68, %69, SIGNED : (tensor<8x8xi32>, tensor<8x8xi32>) -> tensor<8x8xi1>
    %71 = stablehlo.broadcast_in_dim %70, dims = [2, 3] : (tensor<8x8xi1>) -> tensor<2x1x8x8xi1>
    %72 = stablehlo.dot_general %51, %64, batching_dims = [0, 1] x [0, 1], contracting_dims = [3] x [3] : (tensor<2x4x8x4xf32>, tensor<2x4x8x4xf32>) -> tensor<2x4x8x8xf32>
    %73 = stablehlo.constant dense<0.5> : tensor<f32>
    %74 = stablehlo.broadcast_in_dim %73, dims = [] : (tensor<f32>) -> tensor<2x4x8x8xf32>
    %75 = stablehlo.multiply %72, %74 : tensor<2x4x8x8xf32>
    %76 = stablehlo.broadcast_in_dim %71, dims = [0, 1, 2, 3] : (tensor<2x1x8x8xi1>) -> tensor<2x4x8x8xi1>
    %77 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %78 = stablehlo.broadcast_in_dim %77, dims = [] : (tensor<f32>) -> tensor<2x4x8x8xf32>
    %79 = stablehlo.select %76, %75, %78 : tensor<2x4x8x8xi1>, tensor<2x4x8x8xf32>
    %80 = stablehlo.reduce(%79 init: %77) applies stablehlo.maximum across dimensions = [3] : (tensor<2x4x8x8xf32>, tensor<f32>) -> tensor<2x4x8xf32>
    %81 = stablehlo.broadcast_in_dim %80, dims = [0, 1, 2] : (tensor<2x4x8xf32>) -> tensor<2x4x8x8xf32>
    %82 = stablehlo.subtract %79, %81 : tensor<2x4x8x8xf32>
    %83 = stablehlo.exponential %82 : tensor<2x4x8x8xf32>
    %84 = stablehlo.reduce(%83 init: %3) applies stablehlo.add across dimensions = [3] : (tensor<2x4x8x8xf32>, tensor<f32>) -> tensor<2x4x8xf32>
    %85 = stablehlo.broadcast_in_dim %84, dims = [0, 1, 2] : (tensor<2x4x8xf32>) -> tensor<2x4x8x8xf32>
    %86 = stablehlo.divide %83, %85 : tensor<2x4x8x8xf32>
    %87 = stablehlo.dot_general %86, %67, batching_dims = [0, 1] x [0, 1], contracting_dims = [3] x [2] : (tensor<2x4x8x8xf32>, tensor<2x4x8x4xf32>) -> tensor<2x4x8x4xf32>
    %88 = stablehlo.transpose %87, dims = [0, 2, 1, 3] : (tensor<2x4x8x4xf32>) -> tensor<2x8x4x4xf32>
    %89 = stablehlo.reshape %88 : (tensor<2x8x4x4xf32>) -> tensor<2x8x16xf32>
    %90 = stablehlo.dot_general %89, %arg4, contracting_dims = [2] x [1] : (tensor<2x8x16xf32>, tensor<16x16xf32>) -> tensor<2x8x16xf32>
    %91 = stablehlo.add %1, %90 : tensor<2x8x16xf32>
    %92 = stablehlo.multiply %91, %91 : tensor<2x8x16xf32>
    %93 = stablehlo.reduce(%92 init: %3) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %94 = stablehlo.broadcast_in_dim %5, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %95 = stablehlo.divide %93, %94 : tensor<2x8xf32>
    %96 = stablehlo.reshape %95 : (tensor<2x8xf32>) -> tensor<2x8x1xf32>
    %97 = stablehlo.broadcast_in_dim %9, dims = [] : (tensor<f32>) -> tensor<2x8x1xf32>
    %98 = stablehlo.add %96, %97 : tensor<2x8x1xf32>
    %99 = stablehlo.rsqrt %98 : tensor<2x8x1xf32>
    %100 = stablehlo.broadcast_in_dim %99, dims = [0, 1, 2] : (tensor<2x8x1xf32>) -> tensor<2x8x16xf32>
    %101 = stablehlo.multiply %91, %100 : tensor<2x8x16xf32>
    %102 = stablehlo.broadcast_in_dim %arg9, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %103 = stablehlo.multiply %102, %101 : tensor<2x8x16xf32>
    %104 = stablehlo.dot_general %103, %arg5, contracting_dims = [2] x [1] : (tensor<2x8x16xf32>, tensor<24x16xf32>) -> tensor<2x8x24xf32>
    %105 = stablehlo.logistic %104 : tensor<2x8x24xf32>
    %106 = stablehlo.multiply %104, %105 : tensor<2x8x24xf32>
    %107 = stablehlo.dot_general %103, %arg6, contracting_dims = [2] x [1] : (tensor<2x8x16xf32>, tensor<24x16xf32>) -> tensor<2x8x24xf32>
    %108 = stablehlo.multiply %106, %107 : tensor<2x8x24xf32>
    %109 = stablehlo.dot_general %108, %arg7, contracting_dims = [2] x [1] : (tensor<2x8x24xf32>, tensor<16x24xf32>) -> tensor<2x8x16xf32>
    %110 = stablehlo.add %91, %109 : tensor<2x8x16xf32>
    %111 = stablehlo.multiply %110, %110 : tensor<2x8x16xf32>
    %112 = stablehlo.reduce(%111 init: %3) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %113 = stablehlo.broadcast_in_dim %5, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %114 = stablehlo.divide %112, %113 : tensor<2x8xf32>
    %115 = stablehlo.reshape %114 : (tensor<2x8xf32>) -> tensor<2x8x1xf32>
    %116 = stablehlo.broadcast_in_dim %9, dims = [] : (tensor<f32>) -> tensor<2x8x1xf32>
    %117 = stablehlo.add %115, %116 : tensor<2x8x1xf32>
    %118 = stablehlo.rsqrt %117 : tensor<2x8x1xf32>
    %119 = stablehlo.broadcast_in_dim %118, dims = [0, 1, 2] : (tensor<2x8x1xf32>) -> tensor<2x8x16xf32>
    %120 = stablehlo.multiply %110, %119 : tensor<2x8x16xf32>
    %121 = stablehlo.broadcast_in_dim %arg17, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %122 = stablehlo.multiply %121, %120 : tensor<2x8x16xf32>
    %123 = stablehlo.dot_general %122, %arg10, contracting_dims = [2] x [1] : (tensor<2x8x16xf32>, tensor<16x16xf32>) -> tensor<2x8x16xf32>
    %124 = stablehlo.reshape %123 : (tensor<2x8x16xf32>) -> tensor<2x8x4x4xf32>
    %125 = stablehlo.transpose %124, dims = [0, 2, 1, 3] : (tensor<2x8x4x4xf32>) -> tensor<2x4x8x4xf32>
    %126 = stablehlo.dot_general %122, %arg11, contracting_dims = [2] x [1] : (tensor<2x8x16xf32>, tensor<8x16xf32>) -> tensor<2x8x8xf32>
    %127 = stablehlo.reshape %126 : (tensor<2x8x8xf32>) -> tensor<2x8x2x4xf32>
    %128 = stablehlo.transpose %127, dims = [0, 2, 1, 3] : (tensor<2x8x2x4xf32>) -> tensor<2x2x8x4xf32>
    %129 = stablehlo.dot_general %122, %arg12, contracting_dims = [2] x [1] : (tensor<2x8x16xf32>, tensor<8x16xf32>) -> tensor<2x8x8xf32>
    %130 = stablehlo.reshape %129 : (tensor<2x8x8xf32>) -> tensor<2x8x2x4xf32>
    %131 = stablehlo.transpose %130, dims = [0, 2, 1, 3] : (tensor<2x8x2x4xf32>) -> tensor<2x2x8x4xf32>
    %132 = stablehlo.reshape %37 : (tensor<1x8x4xf32>) -> tensor<1x1x8x4xf32>
    %133 = stablehlo.broadcast_in_dim %132, dims = [0, 1, 2, 3] : (tensor<1x1x8x4xf32>) -> tensor<2x4x8x4xf32>
    %134 = stablehlo.multiply %125, %133 : tensor<2x4x8x4xf32>
    %135 = stablehlo.slice %125 [0:2, 0:4, 0:8, 0:2] : (tensor<2x4x8x4xf32>) -> tensor<2x4x8x2xf32>
    %136 = stablehlo.slice %125 [0:2, 0:4, 0:8, 2:4] : (tensor<2x4x8x4xf32>) -> tensor<2x4x8x2xf32>
    %137 = stablehlo.negate %136 : tensor<2x4x8x2xf32>
    %138 = stablehlo.concatenate %137, %135, dim = 3 : (tensor<2x4x8x2xf32>, tensor<2x4x8x2xf32>) -> tensor<2x4x8x4xf32>
    %139 = stablehlo.reshape %47 : (tensor<1x8x4xf32>) -> tensor<1x1x8x4xf32>
    %140 = stablehlo.broadcast_in_dim %139, dims = [0, 1, 2, 3] : (tensor<1x1x8x4xf32>) -> tensor<2x4x8x4xf32>
    %141 = stablehlo.multiply %138, %140 : tensor<2x4x8x4xf32>
    %142 = stablehlo.add %134, %141 : tensor<2x4x8x4xf32>
    %143 = stablehlo.broadcast_in_dim %132, dims = [0, 1, 2, 3] : (tensor<1x1x8x4xf32>) -> tensor<2x2x8x4xf32>
    %144 = stablehlo.multiply %128, %143 : tensor<2x2x8x4xf32>
    %145 = stablehlo.slice %128 [0:2, 0:2, 0:8, 0:2] : (tensor<2x2x8x4xf32>) -> tensor<2x2x8x2xf32>
    %146 = stablehlo.slice %128 [0:2, 0:2, 0:8, 2:4] : (tensor<2x2x8x4xf32>) -> tensor<2x2x8x2xf32>
    %147 = stablehlo.negate %146 : tensor<2x2x8x2xf32>
    %148 = stablehlo.concatenate %147, %145, dim = 3 : (tensor<2x2x8x2xf32>, tensor<2x2x8x2xf32>) -> tensor<2x2x8x4xf32>
    %149 = stablehlo.broadcast_in_dim %139, dims = [0, 1, 2, 3] : (tensor<1x1x8x4xf32>) -> tensor<2x2x8x4xf32>
    %150 = stablehlo.multiply %148, %149 : tensor<2x2x8x4xf32>
    %151 = stablehlo.add %144, %150 : tensor<2x2x8x4xf32>
    %152 = stablehlo.reshape %151 : (tensor<2x2x8x4xf32>) -> tensor<2x2x1x8x4xf32>
    %153 = stablehlo.broadcast_in_dim %152, dims = [0, 1, 2, 3, 4] : (tensor<2x2x1x8x4xf32>) -> tensor<2x2x2x8x4xf32>
    %154 = stablehlo.reshape %153 : (tensor<2x2x2x8x4xf32>) -> tensor<2x4x8x4xf32>
    %155 = stablehlo.reshape %131 : (tensor<2x2x8x4xf32>) -> tensor<2x2x1x8x4xf32>
    %156 = stablehlo.broadcast_in_dim %155, dims = [0, 1, 2, 3, 4] : (tensor<2x2x1x8x4xf32>) -> tensor<2x2x2x8x4xf32>
    %157 = stablehlo.reshape %156 : (tensor<2x2x2x8x4xf32>) -> tensor<2x4x8x4xf32>
    %158 = stablehlo.dot_general %142, %154, batching_dims = [0, 1] x [0, 1], contracting_dims = [3] x [3] : (tensor<2x4x8x4xf32>, tensor<2x4x8x4xf32>) -> tensor<2x4x8x8xf32>
    %159 = stablehlo.broadcast_in_dim %73, dims = [] : (tensor<f32>) -> tensor<2x4x8x8xf32>
    %160 = stablehlo.multiply %158, %159 : tensor<2x4x8x8xf32>
    %161 = stablehlo.broadcast_in_dim %71, dims = [0, 1, 2, 3] : (tensor<2x1x8x8xi1>) -> tensor<2x4x8x8xi1>
    %162 = stablehlo.broadcast_in_dim %77, dims = [] : (tensor<f32>) -> tensor<2x4x8x8xf32>
    %163 = stablehlo.select %161, %160, %162 : tensor<2x4x8x8xi1>, tensor<2x4x8x8xf32>
    %164 = stablehlo.reduce(%163 init: %77) applies stablehlo.maximum across dimensions = [3] : (tensor<2x4x8x8xf32>, tensor<f32>) -> tensor<2x4x8xf32>
    %165 = stablehlo.broadcast_in_dim %164, dims = [0, 1, 2] : (tensor<2x4x8xf32>) -> tensor<2x4x8x8xf32>
    %166 = stablehlo.subtract %163, %165 : tensor<2x4x8x8xf32>
    %167 = stablehlo.exponential %166 : tensor<2x4x8x8xf32>
    %168 = stablehlo.reduce(%167 init: %3) applies stablehlo.add across dimensions = [3] : (tensor<2x4x8x8xf32>, tensor<f32>) -> tensor<2x4x8xf32>
    %169 = stablehlo.broadcast_in_dim %168, dims = [0, 1, 2] : (tensor<2x4x8xf32>) -> tensor<2x4x8x8xf32>
    %170 = stablehlo.divide %167, %169 : tensor<2x4x8x8xf32>
    %171 = stablehlo.dot_general %170, %157, batching_dims = [0, 1] x [0, 1], contracting_dims = [3] x [2] : (tensor<2x4x8x8xf32>, tensor<2x4x8x4xf32>) -> tensor<2x4x8x4xf32>
    %172 = stablehlo.transpose %171, dims = [0, 2, 1, 3] : (tensor<2x4x8x4xf32>) -> tensor<2x8x4x4xf32>
    %173 = stablehlo.reshape %172 : (tensor<2x8x4x4xf32>) -> tensor<2x8x16xf32>
    %174 = stablehlo.dot_general %173, %arg13, contracting_dims = [2] x [1] : (tensor<2x8x16xf32>, tensor<16x16xf32>) -> tensor<2x8x16xf32>
    %175 = stablehlo.add %110, %174 : tensor<2x8x16xf32>
    %176 = stablehlo.multiply %175, %175 : tensor<2x8x16xf32>
    %177 = stablehlo.reduce(%176 init: %3) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %178 = stablehlo.broadcast_in_dim %5, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %179 = stablehlo.divide %177, %178 : tensor<2x8xf32>
    %180 = stablehlo.reshape %179 : (tensor<2x8xf32>) -> tensor<2x8x1xf32>
    %181 = stablehlo.broadcast_in_dim %9, dims = [] : (tensor<f32>) -> tensor<2x8x1xf32>
    %182 = stablehlo.add %180, %181 : tensor<2x8x1xf32>
    %183 = stablehlo.rsqrt %182 : tensor<2x8x1xf32>
    %184 = stablehlo.broadcast_in_dim %183, dims = [0, 1, 2] : (tensor<2x8x1xf32>) -> tensor<2x8x16xf32>
    %185 = stablehlo.multiply %175, %184 : tensor<2x8x16xf32>
    %186 = stablehlo.broadcast_in_dim %arg18, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %187 = stablehlo.multiply %186, %185 : tensor<2x8x16xf32>
    %188 = stablehlo.dot_general %187, %arg14, contracting_dims = [2] x [1] : (tensor<2x8x16xf32>, tensor<24x16xf32>) -> tensor<2x8x24xf32>
    %189 = stablehlo.logistic %188 : tensor<2x8x24xf32>
    %190 = stablehlo.multiply %188, %189 : tensor<2x8x24xf32>
    %191 = stablehlo.dot_general %187, %arg15, contracting_dims = [2] x [1] : (tensor<2x8x16xf32>, tensor<24x16xf32>) -> tensor<2x8x24xf32>
    %192 = stablehlo.multiply %190, %191 : tensor<2x8x24xf32>
    %193 = stablehlo.dot_general %192, %arg16, contracting_dims = [2] x [1] : (tensor<2x8x24xf32>, tensor<16x24xf32>) -> tensor<2x8x16xf32>
    %194 = stablehlo.add %175, %193 : tensor<2x8x16xf32>
    %195 = stablehlo.multiply %194, %194 : tensor<2x8x16xf32>
    %196 = stablehlo.reduce(%195 init: %3) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %197 = stablehlo.broadcast_in_dim %5, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %198 = stablehlo.divide %196, %197 : tensor<2x8xf32>
    %199 = stablehlo.reshape %198 : (tensor<2x8xf32>) -> tensor<2x8x1xf32>
    %200 = stablehlo.broadcast_in_dim %9, dims = [] : (tensor<f32>) -> tensor<2x8x1xf32>
    %201 = stablehlo.add %199, %200 : tensor<2x8x1xf32>
    %202 = stablehlo.rsqrt %201 : tensor<2x8x1xf32>
    %203 = stablehlo.broadcast_in_dim %202, dims = [0, 1, 2] : (tensor<2x8x1xf32>) -> tensor<2x8x16xf32>
    %204 = stablehlo.multiply %194, %203 : tensor<2x8x16xf32>
    %205 = stablehlo.broadcast_in_dim %arg19, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %206 = stablehlo.multiply %205, %204 : tensor<2x8x16xf32>
    %207 = stablehlo.dot_general %206, %arg20, contracting_dims = [2] x [1] : (tensor<2x8x16xf32>, tensor<31x16xf32>) -> tensor<2x8x31xf32>
    %208 = stablehlo.constant dense<-100> : tensor<i32>
    %209 = stablehlo.pad %arg22, %208, low = [0, 0], high = [0, 1], interior = [0, 0] : (tensor<2x8xi32>, tensor<i32>) -> tensor<2x9xi32>
    %210 = stablehlo.slice %209 [0:2, 1:9] : (tensor<2x9xi32>) -> tensor<2x8xi32>
    %211 = stablehlo.reshape %207 : (tensor<2x8x31xf32>) -> tensor<16x31xf32>
    %212 = stablehlo.reshape %210 : (tensor<2x8xi32>) -> tensor<16xi32>
    %213 = stablehlo.reduce(%211 init: %77) applies stablehlo.maximum across dimensions = [1] : (tensor<16x31xf32>, tensor<f32>) -> tensor<16xf32>
    %214 = stablehlo.broadcast_in_dim %213, dims = [0] : (tensor<16xf32>) -> tensor<16x31xf32>
    %215 = stablehlo.subtract %211, %214 : tensor<16x31xf32>
    %216 = stablehlo.exponential %215 : tensor<16x31xf32>
    %217 = stablehlo.reduce(%216 init: %3) applies stablehlo.add across dimensions = [1] : (tensor<16x31xf32>, tensor<f32>) -> tensor<16xf32>
    %218 = stablehlo.log %217 : tensor<16xf32>
    %219 = stablehlo.broadcast_in_dim %218, dims = [0] : (tensor<16xf32>) -> tensor<16x31xf32>
    %220 = stablehlo.subtract %215, %219 : tensor<16x31xf32>
    %221 = stablehlo.broadcast_in_dim %208, dims = [] : (tensor<i32>) -> tensor<16xi32>
    %222 = stablehlo.compare NE, %212, %221, SIGNED : (tensor<16xi32>, tensor<16xi32>) -> tensor<16xi1>
    %223 = stablehlo.constant dense<0> : tensor<i32>
    %224 = stablehlo.broadcast_in_dim %223, dims = [] : (tensor<i32>) -> tensor<16xi32>
    %225 = stablehlo.select %222, %212, %224 : tensor<16xi1>, tensor<16xi32>
    %226 = stablehlo.broadcast_in_dim %3, dims = [] : (tensor<f32>) -> tensor<16xf32>
    %227 = stablehlo.broadcast_in_dim %35, dims = [] : (tensor<f32>) -> tensor<16xf32>
    %228 = stablehlo.iota dim = 1 : tensor<16x31xi32>
    %229 = stablehlo.reshape %225 : (tensor<16xi32>) -> tensor<16x1xi32>
    %230 = stablehlo.broadcast_in_dim %229, dims = [0, 1] : (tensor<16x1xi32>) -> tensor<16x31xi32>
    %231 = stablehlo.compare EQ, %228, %230, SIGNED : (tensor<16x31xi32>, tensor<16x31xi32>) -> tensor<16x31xi1>
    %232 = stablehlo.broadcast_in_dim %3, dims = [] : (tensor<f32>) -> tensor<16x31xf32>
    %233 = stablehlo.select %231, %220, %232 : tensor<16x31xi1>, tensor<16x31xf32>
    %234 = stablehlo.reduce(%233 init: %3) applies stablehlo.add across dimensions = [1] : (tensor<16x31xf32>, tensor<f32>) -> tensor<16xf32>
    %235 = stablehlo.negate %234 : tensor<16xf32>
    %236 = stablehlo.select %222, %235, %226 : tensor<16xi1>, tensor<16xf32>
    %237 = stablehlo.select %222, %227, %226 : tensor<16xi1>, tensor<16xf32>
    %238 = stablehlo.reduce(%236 init: %3) applies stablehlo.add across dimensions = [0] : (tensor<16xf32>, tensor<f32>) -> tensor<f32>
    %239 = stablehlo.reduce(%237 init: %3) applies stablehlo.add across dimensions = [0] : (tensor<16xf32>, tensor<f32>) -> tensor<f32>
    %240 = stablehlo.divide %238, %239 : tensor<f32>
    return %240 : tensor<f32>
  }
}
