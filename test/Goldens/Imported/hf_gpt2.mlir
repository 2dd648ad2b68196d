module @imported {
  func.func public @main(
    %arg0: tensor<31x16xf32> {ds.name = "transformer.wte.weight", ds.kind = "parameter", ds.trainable = true, ds.aliases = ["lm_head.weight"]},
    %arg1: tensor<8x16xf32> {ds.name = "transformer.wpe.weight", ds.kind = "parameter", ds.trainable = true},
    %arg2: tensor<16xf32> {ds.name = "transformer.h.0.ln_1.weight", ds.kind = "parameter", ds.trainable = true},
    %arg3: tensor<16xf32> {ds.name = "transformer.h.0.ln_1.bias", ds.kind = "parameter", ds.trainable = true},
    %arg4: tensor<16x48xf32> {ds.name = "transformer.h.0.attn.c_attn.weight", ds.kind = "parameter", ds.trainable = true},
    %arg5: tensor<48xf32> {ds.name = "transformer.h.0.attn.c_attn.bias", ds.kind = "parameter", ds.trainable = true},
    %arg6: tensor<16x16xf32> {ds.name = "transformer.h.0.attn.c_proj.weight", ds.kind = "parameter", ds.trainable = true},
    %arg7: tensor<16xf32> {ds.name = "transformer.h.0.attn.c_proj.bias", ds.kind = "parameter", ds.trainable = true},
    %arg8: tensor<16xf32> {ds.name = "transformer.h.0.ln_2.weight", ds.kind = "parameter", ds.trainable = true},
    %arg9: tensor<16xf32> {ds.name = "transformer.h.0.ln_2.bias", ds.kind = "parameter", ds.trainable = true},
    %arg10: tensor<16x64xf32> {ds.name = "transformer.h.0.mlp.c_fc.weight", ds.kind = "parameter", ds.trainable = true},
    %arg11: tensor<64xf32> {ds.name = "transformer.h.0.mlp.c_fc.bias", ds.kind = "parameter", ds.trainable = true},
    %arg12: tensor<64x16xf32> {ds.name = "transformer.h.0.mlp.c_proj.weight", ds.kind = "parameter", ds.trainable = true},
    %arg13: tensor<16xf32> {ds.name = "transformer.h.0.mlp.c_proj.bias", ds.kind = "parameter", ds.trainable = true},
    %arg14: tensor<16xf32> {ds.name = "transformer.h.1.ln_1.weight", ds.kind = "parameter", ds.trainable = true},
    %arg15: tensor<16xf32> {ds.name = "transformer.h.1.ln_1.bias", ds.kind = "parameter", ds.trainable = true},
    %arg16: tensor<16x48xf32> {ds.name = "transformer.h.1.attn.c_attn.weight", ds.kind = "parameter", ds.trainable = true},
    %arg17: tensor<48xf32> {ds.name = "transformer.h.1.attn.c_attn.bias", ds.kind = "parameter", ds.trainable = true},
    %arg18: tensor<16x16xf32> {ds.name = "transformer.h.1.attn.c_proj.weight", ds.kind = "parameter", ds.trainable = true},
    %arg19: tensor<16xf32> {ds.name = "transformer.h.1.attn.c_proj.bias", ds.kind = "parameter", ds.trainable = true},
    %arg20: tensor<16xf32> {ds.name = "transformer.h.1.ln_2.weight", ds.kind = "parameter", ds.trainable = true},
    %arg21: tensor<16xf32> {ds.name = "transformer.h.1.ln_2.bias", ds.kind = "parameter", ds.trainable = true},
    %arg22: tensor<16x64xf32> {ds.name = "transformer.h.1.mlp.c_fc.weight", ds.kind = "parameter", ds.trainable = true},
    %arg23: tensor<64xf32> {ds.name = "transformer.h.1.mlp.c_fc.bias", ds.kind = "parameter", ds.trainable = true},
    %arg24: tensor<64x16xf32> {ds.name = "transformer.h.1.mlp.c_proj.weight", ds.kind = "parameter", ds.trainable = true},
    %arg25: tensor<16xf32> {ds.name = "transformer.h.1.mlp.c_proj.bias", ds.kind = "parameter", ds.trainable = true},
    %arg26: tensor<16xf32> {ds.name = "transformer.ln_f.weight", ds.kind = "parameter", ds.trainable = true},
    %arg27: tensor<16xf32> {ds.name = "transformer.ln_f.bias", ds.kind = "parameter", ds.trainable = true},
    %arg28: tensor<2x8xi32> {ds.name = "input_ids", ds.kind = "input"},
    %arg29: tensor<2x8xi32> {ds.name = "labels", ds.kind = "input"}
  ) -> (tensor<f32> {ds.name = "loss"}) {
    %0 = stablehlo.reshape %arg28 : (tensor<2x8xi32>) -> tensor<2x8x1xi32>
    %1 = "stablehlo.gather"(%arg0, %0) <{dimension_numbers = #stablehlo.gather<offset_dims = [2], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 2>, indices_are_sorted = false, slice_sizes = array<i64: 1, 16>}> : (tensor<31x16xf32>, tensor<2x8x1xi32>) -> tensor<2x8x16xf32>
    %4 = stablehlo.broadcast_in_dim %arg1, dims = [1, 2] : (tensor<8x16xf32>) -> tensor<1x8x16xf32>
    %5 = stablehlo.broadcast_in_dim %4, dims = [0, 1, 2] : (tensor<1x8x16xf32>) -> tensor<2x8x16xf32>
    %6 = stablehlo.add %1, %5 : tensor<2x8x16xf32>
    %7 = stablehlo.constant dense<0.0> : tensor<f32>
    %8 = stablehlo.reduce(%6 init: %7) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %9 = stablehlo.constant dense<16.0> : tensor<f32>
    %10 = stablehlo.broadcast_in_dim %9, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %11 = stablehlo.divide %8, %10 : tensor<2x8xf32>
    %12 = stablehlo.broadcast_in_dim %11, dims = [0, 1] : (tensor<2x8xf32>) -> tensor<2x8x16xf32>
    %13 = stablehlo.subtract %6, %12 : tensor<2x8x16xf32>
    %14 = stablehlo.multiply %13, %13 : tensor<2x8x16xf32>
    %15 = stablehlo.reduce(%14 init: %7) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %16 = stablehlo.broadcast_in_dim %9, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %17 = stablehlo.divide %15, %16 : tensor<2x8xf32>
    %18 = stablehlo.constant dense<9.999999747378752e-06> : tensor<f32>
    %19 = stablehlo.broadcast_in_dim %18, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %20 = stablehlo.add %17, %19 : tensor<2x8xf32>
    %21 = stablehlo.rsqrt %20 : tensor<2x8xf32>
    %22 = stablehlo.broadcast_in_dim %21, dims = [0, 1] : (tensor<2x8xf32>) -> tensor<2x8x16xf32>
    %23 = stablehlo.multiply %13, %22 : tensor<2x8x16xf32>
    %26 = stablehlo.broadcast_in_dim %arg2, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %27 = stablehlo.multiply %23, %26 : tensor<2x8x16xf32>
    %28 = stablehlo.broadcast_in_dim %arg3, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %29 = stablehlo.add %27, %28 : tensor<2x8x16xf32>
    %30 = stablehlo.reshape %29 : (tensor<2x8x16xf32>) -> tensor<16x16xf32>
    %31 = stablehlo.dot_general %30, %arg4, contracting_dims = [1] x [0] : (tensor<16x16xf32>, tensor<16x48xf32>) -> tensor<16x48xf32>
    %32 = stablehlo.broadcast_in_dim %arg5, dims = [1] : (tensor<48xf32>) -> tensor<16x48xf32>
    %33 = stablehlo.add %31, %32 : tensor<16x48xf32>
    %34 = stablehlo.reshape %33 : (tensor<16x48xf32>) -> tensor<2x8x48xf32>
    %35 = stablehlo.slice %34 [0:2, 0:8, 0:16] : (tensor<2x8x48xf32>) -> tensor<2x8x16xf32>
    %36 = stablehlo.slice %34 [0:2, 0:8, 16:32] : (tensor<2x8x48xf32>) -> tensor<2x8x16xf32>
    %37 = stablehlo.slice %34 [0:2, 0:8, 32:48] : (tensor<2x8x48xf32>) -> tensor<2x8x16xf32>
    %38 = stablehlo.reshape %36 : (tensor<2x8x16xf32>) -> tensor<2x8x2x8xf32>
    %39 = stablehlo.transpose %38, dims = [0, 2, 1, 3] : (tensor<2x8x2x8xf32>) -> tensor<2x2x8x8xf32>
    %40 = stablehlo.reshape %37 : (tensor<2x8x16xf32>) -> tensor<2x8x2x8xf32>
    %41 = stablehlo.transpose %40, dims = [0, 2, 1, 3] : (tensor<2x8x2x8xf32>) -> tensor<2x2x8x8xf32>
    %42 = stablehlo.reshape %35 : (tensor<2x8x16xf32>) -> tensor<2x8x2x8xf32>
    %43 = stablehlo.transpose %42, dims = [0, 2, 1, 3] : (tensor<2x8x2x8xf32>) -> tensor<2x2x8x8xf32>
    %45 = stablehlo.iota dim = 0 : tensor<8x8xi32>
    %46 = stablehlo.iota dim = 1 : tensor<8x8xi32>
    %47 = stablehlo.compare GE, %45, %46, SIGNED : (tensor<8x8xi32>, tensor<8x8xi32>) -> tensor<8x8xi1>
    %48 = stablehlo.broadcast_in_dim %47, dims = [2, 3] : (tensor<8x8xi1>) -> tensor<2x1x8x8xi1>
    %49 = stablehlo.dot_general %43, %39, batching_dims = [0, 1] x [0, 1], contracting_dims = [3] x [3] : (tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
    %50 = stablehlo.constant dense<0.3535533845424652> : tensor<f32>
    %51 = stablehlo.broadcast_in_dim %50, dims = [] : (tensor<f32>) -> tensor<2x2x8x8xf32>
    %52 = stablehlo.multiply %49, %51 : tensor<2x2x8x8xf32>
    %53 = stablehlo.broadcast_in_dim %48, dims = [0, 1, 2, 3] : (tensor<2x1x8x8xi1>) -> tensor<2x2x8x8xi1>
    %54 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %55 = stablehlo.broadcast_in_dim %54, dims = [] : (tensor<f32>) -> tensor<2x2x8x8xf32>
    %56 = stablehlo.select %53, %52, %55 : tensor<2x2x8x8xi1>, tensor<2x2x8x8xf32>
    %57 = stablehlo.reduce(%56 init: %54) applies stablehlo.maximum across dimensions = [3] : (tensor<2x2x8x8xf32>, tensor<f32>) -> tensor<2x2x8xf32>
    %58 = stablehlo.broadcast_in_dim %57, dims = [0, 1, 2] : (tensor<2x2x8xf32>) -> tensor<2x2x8x8xf32>
    %59 = stablehlo.subtract %56, %58 : tensor<2x2x8x8xf32>
    %60 = stablehlo.exponential %59 : tensor<2x2x8x8xf32>
    %61 = stablehlo.reduce(%60 init: %7) applies stablehlo.add across dimensions = [3] : (tensor<2x2x8x8xf32>, tensor<f32>) -> tensor<2x2x8xf32>
    %62 = stablehlo.broadcast_in_dim %61, dims = [0, 1, 2] : (tensor<2x2x8xf32>) -> tensor<2x2x8x8xf32>
    %63 = stablehlo.divide %60, %62 : tensor<2x2x8x8xf32>
    %64 = stablehlo.dot_general %63, %41, batching_dims = [0, 1] x [0, 1], contracting_dims = [3] x [2] : (tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
    %65 = stablehlo.transpose %64, dims = [0, 2, 1, 3] : (tensor<2x2x8x8xf32>) -> tensor<2x8x2x8xf32>
    %66 = stablehlo.reshape %65 : (tensor<2x8x2x8xf32>) -> tensor<2x8x16xf32>
    %67 = stablehlo.reshape %66 : (tensor<2x8x16xf32>) -> tensor<16x16xf32>
    %68 = stablehlo.dot_general %67, %arg6, contracting_dims = [1] x [0] : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
    %69 = stablehlo.broadcast_in_dim %arg7, dims = [1] : (tensor<16xf32>) -> tensor<16x16xf32>
    %70 = stablehlo.add %68, %69 : tensor<16x16xf32>
    %71 = stablehlo.reshape %70 : (tensor<16x16xf32>) -> tensor<2x8x16xf32>
    %72 = stablehlo.add %71, %6 : tensor<2x8x16xf32>
    %73 = stablehlo.reduce(%72 init: %7) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %74 = stablehlo.broadcast_in_dim %9, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %75 = stablehlo.divide %73, %74 : tensor<2x8xf32>
    %76 = stablehlo.broadcast_in_dim %75, dims = [0, 1] : (tensor<2x8xf32>) -> tensor<2x8x16xf32>
    %77 = stablehlo.subtract %72, %76 : tensor<2x8x16xf32>
    %78 = stablehlo.multiply %77, %77 : tensor<2x8x16xf32>
    %79 = stablehlo.reduce(%78 init: %7) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %80 = stablehlo.broadcast_in_dim %9, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %81 = stablehlo.divide %79, %80 : tensor<2x8xf32>
    %82 = stablehlo.broadcast_in_dim %18, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %83 = stablehlo.add %81, %82 : tensor<2x8xf32>
    %84 = stablehlo.rsqrt %83 : tensor<2x8xf32>
    %85 = stablehlo.broadcast_in_dim %84, dims = [0, 1] : (tensor<2x8xf32>) -> tensor<2x8x16xf32>
    %86 = stablehlo.multiply %77, %85 : tensor<2x8x16xf32>
    %89 = stablehlo.broadcast_in_dim %arg8, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %90 = stablehlo.multiply %86, %89 : tensor<2x8x16xf32>
    %91 = stablehlo.broadcast_in_dim %arg9, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %92 = stablehlo.add %90, %91 : tensor<2x8x16xf32>
    %93 = stablehlo.reshape %92 : (tensor<2x8x16xf32>) -> tensor<16x16xf32>
    %94 = stablehlo.dot_general %93, %arg10, contracting_dims = [1] x [0] : (tensor<16x16xf32>, tensor<16x64xf32>) -> tensor<16x64xf32>
    %95 = stablehlo.broadcast_in_dim %arg11, dims = [1] : (tensor<64xf32>) -> tensor<16x64xf32>
    %96 = stablehlo.add %94, %95 : tensor<16x64xf32>
    %97 = stablehlo.reshape %96 : (tensor<16x64xf32>) -> tensor<2x8x64xf32>
    %98 = stablehlo.constant dense<0.5> : tensor<f32>
    %99 = stablehlo.broadcast_in_dim %98, dims = [] : (tensor<f32>) -> tensor<2x8x64xf32>
    %100 = stablehlo.multiply %97, %99 : tensor<2x8x64xf32>
    %101 = stablehlo.multiply %97, %97 : tensor<2x8x64xf32>
    %102 = stablehlo.multiply %101, %97 : tensor<2x8x64xf32>
    %103 = stablehlo.constant dense<0.044714998453855515> : tensor<f32>
    %104 = stablehlo.broadcast_in_dim %103, dims = [] : (tensor<f32>) -> tensor<2x8x64xf32>
    %105 = stablehlo.multiply %102, %104 : tensor<2x8x64xf32>
    %106 = stablehlo.add %97, %105 : tensor<2x8x64xf32>
    %107 = stablehlo.constant dense<0.7978845834732056> : tensor<f32>
    %108 = stablehlo.broadcast_in_dim %107, dims = [] : (tensor<f32>) -> tensor<2x8x64xf32>
    %109 = stablehlo.multiply %106, %108 : tensor<2x8x64xf32>
    %110 = stablehlo.tanh %109 : tensor<2x8x64xf32>
    %111 = stablehlo.constant dense<1.0> : tensor<f32>
    %112 = stablehlo.broadcast_in_dim %111, dims = [] : (tensor<f32>) -> tensor<2x8x64xf32>
    %113 = stablehlo.add %110, %112 : tensor<2x8x64xf32>
    %114 = stablehlo.multiply %100, %113 : tensor<2x8x64xf32>
    %115 = stablehlo.reshape %114 : (tensor<2x8x64xf32>) -> tensor<16x64xf32>
    %116 = stablehlo.dot_general %115, %arg12, contracting_dims = [1] x [0] : (tensor<16x64xf32>, tensor<64x16xf32>) -> tensor<16x16xf32>
    %117 = stablehlo.broadcast_in_dim %arg13, dims = [1] : (tensor<16xf32>) -> tensor<16x16xf32>
    %118 = stablehlo.add %116, %117 : tensor<16x16xf32>
    %119 = stablehlo.reshape %118 : (tensor<16x16xf32>) -> tensor<2x8x16xf32>
    %120 = stablehlo.add %72, %119 : tensor<2x8x16xf32>
    %121 = stablehlo.reduce(%120 init: %7) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %122 = stablehlo.broadcast_in_dim %9, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %123 = stablehlo.divide %121, %122 : tensor<2x8xf32>
    %124 = stablehlo.broadcast_in_dim %123, dims = [0, 1] : (tensor<2x8xf32>) -> tensor<2x8x16xf32>
    %125 = stablehlo.subtract %120, %124 : tensor<2x8x16xf32>
    %126 = stablehlo.multiply %125, %125 : tensor<2x8x16xf32>
    %127 = stablehlo.reduce(%126 init: %7) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %128 = stablehlo.broadcast_in_dim %9, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %129 = stablehlo.divide %127, %128 : tensor<2x8xf32>
    %130 = stablehlo.broadcast_in_dim %18, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %131 = stablehlo.add %129, %130 : tensor<2x8xf32>
    %132 = stablehlo.rsqrt %131 : tensor<2x8xf32>
    %133 = stablehlo.broadcast_in_dim %132, dims = [0, 1] : (tensor<2x8xf32>) -> tensor<2x8x16xf32>
    %134 = stablehlo.multiply %125, %133 : tensor<2x8x16xf32>
    %137 = stablehlo.broadcast_in_dim %arg14, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %138 = stablehlo.multiply %134, %137 : tensor<2x8x16xf32>
    %139 = stablehlo.broadcast_in_dim %arg15, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %140 = stablehlo.add %138, %139 : tensor<2x8x16xf32>
    %141 = stablehlo.reshape %140 : (tensor<2x8x16xf32>) -> tensor<16x16xf32>
    %142 = stablehlo.dot_general %141, %arg16, contracting_dims = [1] x [0] : (tensor<16x16xf32>, tensor<16x48xf32>) -> tensor<16x48xf32>
    %143 = stablehlo.broadcast_in_dim %arg17, dims = [1] : (tensor<48xf32>) -> tensor<16x48xf32>
    %144 = stablehlo.add %142, %143 : tensor<16x48xf32>
    %145 = stablehlo.reshape %144 : (tensor<16x48xf32>) -> tensor<2x8x48xf32>
    %146 = stablehlo.slice %145 [0:2, 0:8, 0:16] : (tensor<2x8x48xf32>) -> tensor<2x8x16xf32>
    %147 = stablehlo.slice %145 [0:2, 0:8, 16:32] : (tensor<2x8x48xf32>) -> tensor<2x8x16xf32>
    %148 = stablehlo.slice %145 [0:2, 0:8, 32:48] : (tensor<2x8x48xf32>) -> tensor<2x8x16xf32>
    %149 = stablehlo.reshape %147 : (tensor<2x8x16xf32>) -> tensor<2x8x2x8xf32>
    %150 = stablehlo.transpose %149, dims = [0, 2, 1, 3] : (tensor<2x8x2x8xf32>) -> tensor<2x2x8x8xf32>
    %151 = stablehlo.reshape %148 : (tensor<2x8x16xf32>) -> tensor<2x8x2x8xf32>
    %152 = stablehlo.transpose %151, dims = [0, 2, 1, 3] : (tensor<2x8x2x8xf32>) -> tensor<2x2x8x8xf32>
    %153 = stablehlo.reshape %146 : (tensor<2x8x16xf32>) -> tensor<2x8x2x8xf32>
    %154 = stablehlo.transpose %153, dims = [0, 2, 1, 3] : (tensor<2x8x2x8xf32>) -> tensor<2x2x8x8xf32>
    %155 = stablehlo.dot_general %154, %150, batching_dims = [0, 1] x [0, 1], contracting_dims = [3] x [3] : (tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
    %156 = stablehlo.broadcast_in_dim %50, dims = [] : (tensor<f32>) -> tensor<2x2x8x8xf32>
    %157 = stablehlo.multiply %155, %156 : tensor<2x2x8x8xf32>
    %158 = stablehlo.broadcast_in_dim %48, dims = [0, 1, 2, 3] : (tensor<2x1x8x8xi1>) -> tensor<2x2x8x8xi1>
    %159 = stablehlo.broadcast_in_dim %54, dims = [] : (tensor<f32>) -> tensor<2x2x8x8xf32>
    %160 = stablehlo.select %158, %157, %159 : tensor<2x2x8x8xi1>, tensor<2x2x8x8xf32>
    %161 = stablehlo.reduce(%160 init: %54) applies stablehlo.maximum across dimensions = [3] : (tensor<2x2x8x8xf32>, tensor<f32>) -> tensor<2x2x8xf32>
    %162 = stablehlo.broadcast_in_dim %161, dims = [0, 1, 2] : (tensor<2x2x8xf32>) -> tensor<2x2x8x8xf32>
    %163 = stablehlo.subtract %160, %162 : tensor<2x2x8x8xf32>
    %164 = stablehlo.exponential %163 : tensor<2x2x8x8xf32>
    %165 = stablehlo.reduce(%164 init: %7) applies stablehlo.add across dimensions = [3] : (tensor<2x2x8x8xf32>, tensor<f32>) -> tensor<2x2x8xf32>
    %166 = stablehlo.broadcast_in_dim %165, dims = [0, 1, 2] : (tensor<2x2x8xf32>) -> tensor<2x2x8x8xf32>
    %167 = stablehlo.divide %164, %166 : tensor<2x2x8x8xf32>
    %168 = stablehlo.dot_general %167, %152, batching_dims = [0, 1] x [0, 1], contracting_dims = [3] x [2] : (tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
    %169 = stablehlo.transpose %168, dims = [0, 2, 1, 3] : (tensor<2x2x8x8xf32>) -> tensor<2x8x2x8xf32>
    %170 = stablehlo.reshape %169 : (tensor<2x8x2x8xf32>) -> tensor<2x8x16xf32>
    %171 = stablehlo.reshape %170 : (tensor<2x8x16xf32>) -> tensor<16x16xf32>
    %172 = stablehlo.dot_general %171, %arg18, contracting_dims = [1] x [0] : (tensor<16x16xf32>, tensor<16x16xf32>) -> tensor<16x16xf32>
    %173 = stablehlo.broadcast_in_dim %arg19, dims = [1] : (tensor<16xf32>) -> tensor<16x16xf32>
    %174 = stablehlo.add %172, %173 : tensor<16x16xf32>
    %175 = stablehlo.reshape %174 : (tensor<16x16xf32>) -> tensor<2x8x16xf32>
    %176 = stablehlo.add %175, %120 : tensor<2x8x16xf32>
    %177 = stablehlo.reduce(%176 init: %7) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %178 = stablehlo.broadcast_in_dim %9, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %179 = stablehlo.divide %177, %178 : tensor<2x8xf32>
    %180 = stablehlo.broadcast_in_dim %179, dims = [0, 1] : (tensor<2x8xf32>) -> tensor<2x8x16xf32>
    %181 = stablehlo.subtract %176, %180 : tensor<2x8x16xf32>
    %182 = stablehlo.multiply %181, %181 : tensor<2x8x16xf32>
    %183 = stablehlo.reduce(%182 init: %7) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %184 = stablehlo.broadcast_in_dim %9, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %185 = stablehlo.divide %183, %184 : tensor<2x8xf32>
    %186 = stablehlo.broadcast_in_dim %18, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %187 = stablehlo.add %185, %186 : tensor<2x8xf32>
    %188 = stablehlo.rsqrt %187 : tensor<2x8xf32>
    %189 = stablehlo.broadcast_in_dim %188, dims = [0, 1] : (tensor<2x8xf32>) -> tensor<2x8x16xf32>
    %190 = stablehlo.multiply %181, %189 : tensor<2x8x16xf32>
    %193 = stablehlo.broadcast_in_dim %arg20, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %194 = stablehlo.multiply %190, %193 : tensor<2x8x16xf32>
    %195 = stablehlo.broadcast_in_dim %arg21, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %196 = stablehlo.add %194, %195 : tensor<2x8x16xf32>
    %197 = stablehlo.reshape %196 : (tensor<2x8x16xf32>) -> tensor<16x16xf32>
    %198 = stablehlo.dot_general %197, %arg22, contracting_dims = [1] x [0] : (tensor<16x16xf32>, tensor<16x64xf32>) -> tensor<16x64xf32>
    %199 = stablehlo.broadcast_in_dim %arg23, dims = [1] : (tensor<64xf32>) -> tensor<16x64xf32>
    %200 = stablehlo.add %198, %199 : tensor<16x64xf32>
    %201 = stablehlo.reshape %200 : (tensor<16x64xf32>) -> tensor<2x8x64xf32>
    %202 = stablehlo.broadcast_in_dim %98, dims = [] : (tensor<f32>) -> tensor<2x8x64xf32>
    %203 = stablehlo.multiply %201, %202 : tensor<2x8x64xf32>
    %204 = stablehlo.multiply %201, %201 : tensor<2x8x64xf32>
    %205 = stablehlo.multiply %204, %201 : tensor<2x8x64xf32>
    %206 = stablehlo.broadcast_in_dim %103, dims = [] : (tensor<f32>) -> tensor<2x8x64xf32>
    %207 = stablehlo.multiply %205, %206 : tensor<2x8x64xf32>
    %208 = stablehlo.add %201, %207 : tensor<2x8x64xf32>
    %209 = stablehlo.broadcast_in_dim %107, dims = [] : (tensor<f32>) -> tensor<2x8x64xf32>
    %210 = stablehlo.multiply %208, %209 : tensor<2x8x64xf32>
    %211 = stablehlo.tanh %210 : tensor<2x8x64xf32>
    %212 = stablehlo.broadcast_in_dim %111, dims = [] : (tensor<f32>) -> tensor<2x8x64xf32>
    %213 = stablehlo.add %211, %212 : tensor<2x8x64xf32>
    %214 = stablehlo.multiply %203, %213 : tensor<2x8x64xf32>
    %215 = stablehlo.reshape %214 : (tensor<2x8x64xf32>) -> tensor<16x64xf32>
    %216 = stablehlo.dot_general %215, %arg24, contracting_dims = [1] x [0] : (tensor<16x64xf32>, tensor<64x16xf32>) -> tensor<16x16xf32>
    %217 = stablehlo.broadcast_in_dim %arg25, dims = [1] : (tensor<16xf32>) -> tensor<16x16xf32>
    %218 = stablehlo.add %216, %217 : tensor<16x16xf32>
    %219 = stablehlo.reshape %218 : (tensor<16x16xf32>) -> tensor<2x8x16xf32>
    %220 = stablehlo.add %176, %219 : tensor<2x8x16xf32>
    %221 = stablehlo.reduce(%220 init: %7) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %222 = stablehlo.broadcast_in_dim %9, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %223 = stablehlo.divide %221, %222 : tensor<2x8xf32>
    %224 = stablehlo.broadcast_in_dim %223, dims = [0, 1] : (tensor<2x8xf32>) -> tensor<2x8x16xf32>
    %225 = stablehlo.subtract %220, %224 : tensor<2x8x16xf32>
    %226 = stablehlo.multiply %225, %225 : tensor<2x8x16xf32>
    %227 = stablehlo.reduce(%226 init: %7) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %228 = stablehlo.broadcast_in_dim %9, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %229 = stablehlo.divide %227, %228 : tensor<2x8xf32>
    %230 = stablehlo.broadcast_in_dim %18, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %231 = stablehlo.add %229, %230 : tensor<2x8xf32>
    %232 = stablehlo.rsqrt %231 : tensor<2x8xf32>
    %233 = stablehlo.broadcast_in_dim %232, dims = [0, 1] : (tensor<2x8xf32>) -> tensor<2x8x16xf32>
    %234 = stablehlo.multiply %225, %233 : tensor<2x8x16xf32>
    %237 = stablehlo.broadcast_in_dim %arg26, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %238 = stablehlo.multiply %234, %237 : tensor<2x8x16xf32>
    %239 = stablehlo.broadcast_in_dim %arg27, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %240 = stablehlo.add %238, %239 : tensor<2x8x16xf32>
    %241 = stablehlo.dot_general %240, %arg0, contracting_dims = [2] x [1] : (tensor<2x8x16xf32>, tensor<31x16xf32>) -> tensor<2x8x31xf32>
    %242 = stablehlo.constant dense<-100> : tensor<i32>
    %243 = stablehlo.pad %arg29, %242, low = [0, 0], high = [0, 1], interior = [0, 0] : (tensor<2x8xi32>, tensor<i32>) -> tensor<2x9xi32>
    %244 = stablehlo.slice %243 [0:2, 1:9] : (tensor<2x9xi32>) -> tensor<2x8xi32>
    %245 = stablehlo.reshape %241 : (tensor<2x8x31xf32>) -> tensor<16x31xf32>
    %246 = stablehlo.reshape %244 : (tensor<2x8xi32>) -> tensor<16xi32>
    %247 = stablehlo.reduce(%245 init: %54) applies stablehlo.maximum across dimensions = [1] : (tensor<16x31xf32>, tensor<f32>) -> tensor<16xf32>
    %248 = stablehlo.broadcast_in_dim %247, dims = [0] : (tensor<16xf32>) -> tensor<16x31xf32>
    %249 = stablehlo.subtract %245, %248 : tensor<16x31xf32>
    %250 = stablehlo.exponential %249 : tensor<16x31xf32>
    %251 = stablehlo.reduce(%250 init: %7) applies stablehlo.add across dimensions = [1] : (tensor<16x31xf32>, tensor<f32>) -> tensor<16xf32>
    %252 = stablehlo.log %251 : tensor<16xf32>
    %253 = stablehlo.broadcast_in_dim %252, dims = [0] : (tensor<16xf32>) -> tensor<16x31xf32>
    %254 = stablehlo.subtract %249, %253 : tensor<16x31xf32>
    %255 = stablehlo.broadcast_in_dim %242, dims = [] : (tensor<i32>) -> tensor<16xi32>
    %256 = stablehlo.compare NE, %246, %255, SIGNED : (tensor<16xi32>, tensor<16xi32>) -> tensor<16xi1>
    %257 = stablehlo.constant dense<0> : tensor<i32>
    %258 = stablehlo.broadcast_in_dim %257, dims = [] : (tensor<i32>) -> tensor<16xi32>
    %259 = stablehlo.select %256, %246, %258 : tensor<16xi1>, tensor<16xi32>
    %260 = stablehlo.broadcast_in_dim %7, dims = [] : (tensor<f32>) -> tensor<16xf32>
    %261 = stablehlo.broadcast_in_dim %111, dims = [] : (tensor<f32>) -> tensor<16xf32>
    %262 = stablehlo.iota dim = 1 : tensor<16x31xi32>
    %263 = stablehlo.reshape %259 : (tensor<16xi32>) -> tensor<16x1xi32>
    %264 = stablehlo.broadcast_in_dim %263, dims = [0, 1] : (tensor<16x1xi32>) -> tensor<16x31xi32>
    %265 = stablehlo.compare EQ, %262, %264, SIGNED : (tensor<16x31xi32>, tensor<16x31xi32>) -> tensor<16x31xi1>
    %266 = stablehlo.broadcast_in_dim %7, dims = [] : (tensor<f32>) -> tensor<16x31xf32>
    %267 = stablehlo.select %265, %254, %266 : tensor<16x31xi1>, tensor<16x31xf32>
    %268 = stablehlo.reduce(%267 init: %7) applies stablehlo.add across dimensions = [1] : (tensor<16x31xf32>, tensor<f32>) -> tensor<16xf32>
    %269 = stablehlo.negate %268 : tensor<16xf32>
    %270 = stablehlo.select %256, %269, %260 : tensor<16xi1>, tensor<16xf32>
    %271 = stablehlo.select %256, %261, %260 : tensor<16xi1>, tensor<16xf32>
    %272 = stablehlo.reduce(%270 init: %7) applies stablehlo.add across dimensions = [0] : (tensor<16xf32>, tensor<f32>) -> tensor<f32>
    %273 = stablehlo.reduce(%271 init: %7) applies stablehlo.add across dimensions = [0] : (tensor<16xf32>, tensor<f32>) -> tensor<f32>
    %274 = stablehlo.divide %272, %273 : tensor<f32>
    return %274 : tensor<f32>
  }
}
