module @imported {
  func.func public @main(
    %arg0: tensor<31x16xf32> {ds.name = "wte.weight", ds.kind = "parameter", ds.trainable = true, ds.aliases = ["lm_head.weight"]},
    %arg1: tensor<8x16xf32> {ds.name = "wpe.weight", ds.kind = "parameter", ds.trainable = true},
    %arg2: tensor<16xf32> {ds.name = "h.0.ln_1.weight", ds.kind = "parameter", ds.trainable = true},
    %arg3: tensor<16xf32> {ds.name = "h.0.ln_1.bias", ds.kind = "parameter", ds.trainable = true},
    %arg4: tensor<16xf32> {ds.name = "h.0.ln_2.weight", ds.kind = "parameter", ds.trainable = true},
    %arg5: tensor<16xf32> {ds.name = "h.0.ln_2.bias", ds.kind = "parameter", ds.trainable = true},
    %arg6: tensor<48x16xf32> {ds.name = "h.0.c_attn.weight", ds.kind = "parameter", ds.trainable = true},
    %arg7: tensor<48xf32> {ds.name = "h.0.c_attn.bias", ds.kind = "parameter", ds.trainable = true},
    %arg8: tensor<16x16xf32> {ds.name = "h.0.c_proj.weight", ds.kind = "parameter", ds.trainable = true},
    %arg9: tensor<16xf32> {ds.name = "h.0.c_proj.bias", ds.kind = "parameter", ds.trainable = true},
    %arg10: tensor<64x16xf32> {ds.name = "h.0.mlp.0.weight", ds.kind = "parameter", ds.trainable = true},
    %arg11: tensor<64xf32> {ds.name = "h.0.mlp.0.bias", ds.kind = "parameter", ds.trainable = true},
    %arg12: tensor<16x64xf32> {ds.name = "h.0.mlp.2.weight", ds.kind = "parameter", ds.trainable = true},
    %arg13: tensor<16xf32> {ds.name = "h.0.mlp.2.bias", ds.kind = "parameter", ds.trainable = true},
    %arg14: tensor<16xf32> {ds.name = "h.1.ln_1.weight", ds.kind = "parameter", ds.trainable = true},
    %arg15: tensor<16xf32> {ds.name = "h.1.ln_1.bias", ds.kind = "parameter", ds.trainable = true},
    %arg16: tensor<16xf32> {ds.name = "h.1.ln_2.weight", ds.kind = "parameter", ds.trainable = true},
    %arg17: tensor<16xf32> {ds.name = "h.1.ln_2.bias", ds.kind = "parameter", ds.trainable = true},
    %arg18: tensor<48x16xf32> {ds.name = "h.1.c_attn.weight", ds.kind = "parameter", ds.trainable = true},
    %arg19: tensor<48xf32> {ds.name = "h.1.c_attn.bias", ds.kind = "parameter", ds.trainable = true},
    %arg20: tensor<16x16xf32> {ds.name = "h.1.c_proj.weight", ds.kind = "parameter", ds.trainable = true},
    %arg21: tensor<16xf32> {ds.name = "h.1.c_proj.bias", ds.kind = "parameter", ds.trainable = true},
    %arg22: tensor<64x16xf32> {ds.name = "h.1.mlp.0.weight", ds.kind = "parameter", ds.trainable = true},
    %arg23: tensor<64xf32> {ds.name = "h.1.mlp.0.bias", ds.kind = "parameter", ds.trainable = true},
    %arg24: tensor<16x64xf32> {ds.name = "h.1.mlp.2.weight", ds.kind = "parameter", ds.trainable = true},
    %arg25: tensor<16xf32> {ds.name = "h.1.mlp.2.bias", ds.kind = "parameter", ds.trainable = true},
    %arg26: tensor<16xf32> {ds.name = "ln_f.weight", ds.kind = "parameter", ds.trainable = true},
    %arg27: tensor<16xf32> {ds.name = "ln_f.bias", ds.kind = "parameter", ds.trainable = true},
    %arg28: tensor<2x8xi32> {ds.name = "tokens", ds.kind = "input"},
    %arg29: tensor<2x8xi32> {ds.name = "targets", ds.kind = "input"}
  ) -> (tensor<f32> {ds.name = "loss"}) {
    %0 = stablehlo.reshape %arg28 : (tensor<2x8xi32>) -> tensor<2x8x1xi32>
    %1 = "stablehlo.gather"(%arg0, %0) <{dimension_numbers = #stablehlo.gather<offset_dims = [2], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 2>, indices_are_sorted = false, slice_sizes = array<i64: 1, 16>}> : (tensor<31x16xf32>, tensor<2x8x1xi32>) -> tensor<2x8x16xf32>
    %3 = stablehlo.broadcast_in_dim %arg1, dims = [1, 2] : (tensor<8x16xf32>) -> tensor<2x8x16xf32>
    %4 = stablehlo.add %1, %3 : tensor<2x8x16xf32>
    %5 = stablehlo.constant dense<0.0> : tensor<f32>
    %6 = stablehlo.reduce(%4 init: %5) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %7 = stablehlo.constant dense<16.0> : tensor<f32>
    %8 = stablehlo.broadcast_in_dim %7, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %9 = stablehlo.divide %6, %8 : tensor<2x8xf32>
    %10 = stablehlo.broadcast_in_dim %9, dims = [0, 1] : (tensor<2x8xf32>) -> tensor<2x8x16xf32>
    %11 = stablehlo.subtract %4, %10 : tensor<2x8x16xf32>
    %12 = stablehlo.multiply %11, %11 : tensor<2x8x16xf32>
    %13 = stablehlo.reduce(%12 init: %5) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %14 = stablehlo.broadcast_in_dim %7, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %15 = stablehlo.divide %13, %14 : tensor<2x8xf32>
    %16 = stablehlo.constant dense<9.999999747378752e-06> : tensor<f32>
    %17 = stablehlo.broadcast_in_dim %16, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %18 = stablehlo.add %15, %17 : tensor<2x8xf32>
    %19 = stablehlo.rsqrt %18 : tensor<2x8xf32>
    %20 = stablehlo.broadcast_in_dim %19, dims = [0, 1] : (tensor<2x8xf32>) -> tensor<2x8x16xf32>
    %21 = stablehlo.multiply %11, %20 : tensor<2x8x16xf32>
    %24 = stablehlo.broadcast_in_dim %arg2, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %25 = stablehlo.multiply %21, %24 : tensor<2x8x16xf32>
    %26 = stablehlo.broadcast_in_dim %arg3, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %27 = stablehlo.add %25, %26 : tensor<2x8x16xf32>
    %28 = stablehlo.dot_general %27, %arg6, contracting_dims = [2] x [1] : (tensor<2x8x16xf32>, tensor<48x16xf32>) -> tensor<2x8x48xf32>
    %29 = stablehlo.broadcast_in_dim %arg7, dims = [2] : (tensor<48xf32>) -> tensor<2x8x48xf32>
    %30 = stablehlo.add %28, %29 : tensor<2x8x48xf32>
    %31 = stablehlo.slice %30 [0:2, 0:8, 0:16] : (tensor<2x8x48xf32>) -> tensor<2x8x16xf32>
    %32 = stablehlo.slice %30 [0:2, 0:8, 16:32] : (tensor<2x8x48xf32>) -> tensor<2x8x16xf32>
    %33 = stablehlo.slice %30 [0:2, 0:8, 32:48] : (tensor<2x8x48xf32>) -> tensor<2x8x16xf32>
    %34 = stablehlo.reshape %31 : (tensor<2x8x16xf32>) -> tensor<2x8x2x8xf32>
    %35 = stablehlo.transpose %34, dims = [0, 2, 1, 3] : (tensor<2x8x2x8xf32>) -> tensor<2x2x8x8xf32>
    %36 = stablehlo.reshape %32 : (tensor<2x8x16xf32>) -> tensor<2x8x2x8xf32>
    %37 = stablehlo.transpose %36, dims = [0, 2, 1, 3] : (tensor<2x8x2x8xf32>) -> tensor<2x2x8x8xf32>
    %38 = stablehlo.reshape %33 : (tensor<2x8x16xf32>) -> tensor<2x8x2x8xf32>
    %39 = stablehlo.transpose %38, dims = [0, 2, 1, 3] : (tensor<2x8x2x8xf32>) -> tensor<2x2x8x8xf32>
    %40 = stablehlo.dot_general %35, %37, batching_dims = [0, 1] x [0, 1], contracting_dims = [3] x [3] : (tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
    %41 = stablehlo.constant dense<0.3535533845424652> : tensor<f32>
    %42 = stablehlo.broadcast_in_dim %41, dims = [] : (tensor<f32>) -> tensor<2x2x8x8xf32>
    %43 = stablehlo.multiply %40, %42 : tensor<2x2x8x8xf32>
    %44 = stablehlo.iota dim = 2 : tensor<2x2x8x8xi32>
    %45 = stablehlo.iota dim = 3 : tensor<2x2x8x8xi32>
    %46 = stablehlo.compare GE, %44, %45, SIGNED : (tensor<2x2x8x8xi32>, tensor<2x2x8x8xi32>) -> tensor<2x2x8x8xi1>
    %47 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %48 = stablehlo.broadcast_in_dim %47, dims = [] : (tensor<f32>) -> tensor<2x2x8x8xf32>
    %49 = stablehlo.select %46, %43, %48 : tensor<2x2x8x8xi1>, tensor<2x2x8x8xf32>
    %50 = stablehlo.reduce(%49 init: %47) applies stablehlo.maximum across dimensions = [3] : (tensor<2x2x8x8xf32>, tensor<f32>) -> tensor<2x2x8xf32>
    %51 = stablehlo.broadcast_in_dim %50, dims = [0, 1, 2] : (tensor<2x2x8xf32>) -> tensor<2x2x8x8xf32>
    %52 = stablehlo.subtract %49, %51 : tensor<2x2x8x8xf32>
    %53 = stablehlo.exponential %52 : tensor<2x2x8x8xf32>
    %54 = stablehlo.reduce(%53 init: %5) applies stablehlo.add across dimensions = [3] : (tensor<2x2x8x8xf32>, tensor<f32>) -> tensor<2x2x8xf32>
    %55 = stablehlo.broadcast_in_dim %54, dims = [0, 1, 2] : (tensor<2x2x8xf32>) -> tensor<2x2x8x8xf32>
    %56 = stablehlo.divide %53, %55 : tensor<2x2x8x8xf32>
    %57 = stablehlo.dot_general %56, %39, batching_dims = [0, 1] x [0, 1], contracting_dims = [3] x [2] : (tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
    %58 = stablehlo.transpose %57, dims = [0, 2, 1, 3] : (tensor<2x2x8x8xf32>) -> tensor<2x8x2x8xf32>
    %59 = stablehlo.reshape %58 : (tensor<2x8x2x8xf32>) -> tensor<2x8x16xf32>
    %60 = stablehlo.dot_general %59, %arg8, contracting_dims = [2] x [1] : (tensor<2x8x16xf32>, tensor<16x16xf32>) -> tensor<2x8x16xf32>
    %61 = stablehlo.broadcast_in_dim %arg9, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %62 = stablehlo.add %60, %61 : tensor<2x8x16xf32>
    %63 = stablehlo.add %4, %62 : tensor<2x8x16xf32>
    %64 = stablehlo.reduce(%63 init: %5) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %65 = stablehlo.broadcast_in_dim %7, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %66 = stablehlo.divide %64, %65 : tensor<2x8xf32>
    %67 = stablehlo.broadcast_in_dim %66, dims = [0, 1] : (tensor<2x8xf32>) -> tensor<2x8x16xf32>
    %68 = stablehlo.subtract %63, %67 : tensor<2x8x16xf32>
    %69 = stablehlo.multiply %68, %68 : tensor<2x8x16xf32>
    %70 = stablehlo.reduce(%69 init: %5) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %71 = stablehlo.broadcast_in_dim %7, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %72 = stablehlo.divide %70, %71 : tensor<2x8xf32>
    %73 = stablehlo.broadcast_in_dim %16, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %74 = stablehlo.add %72, %73 : tensor<2x8xf32>
    %75 = stablehlo.rsqrt %74 : tensor<2x8xf32>
    %76 = stablehlo.broadcast_in_dim %75, dims = [0, 1] : (tensor<2x8xf32>) -> tensor<2x8x16xf32>
    %77 = stablehlo.multiply %68, %76 : tensor<2x8x16xf32>
    %80 = stablehlo.broadcast_in_dim %arg4, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %81 = stablehlo.multiply %77, %80 : tensor<2x8x16xf32>
    %82 = stablehlo.broadcast_in_dim %arg5, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %83 = stablehlo.add %81, %82 : tensor<2x8x16xf32>
    %84 = stablehlo.dot_general %83, %arg10, contracting_dims = [2] x [1] : (tensor<2x8x16xf32>, tensor<64x16xf32>) -> tensor<2x8x64xf32>
    %85 = stablehlo.broadcast_in_dim %arg11, dims = [2] : (tensor<64xf32>) -> tensor<2x8x64xf32>
    %86 = stablehlo.add %84, %85 : tensor<2x8x64xf32>
    %87 = stablehlo.constant dense<0.5> : tensor<f32>
    %88 = stablehlo.broadcast_in_dim %87, dims = [] : (tensor<f32>) -> tensor<2x8x64xf32>
    %89 = stablehlo.constant dense<1.0> : tensor<f32>
    %90 = stablehlo.broadcast_in_dim %89, dims = [] : (tensor<f32>) -> tensor<2x8x64xf32>
    %91 = stablehlo.multiply %86, %86 : tensor<2x8x64xf32>
    %92 = stablehlo.multiply %91, %86 : tensor<2x8x64xf32>
    %93 = stablehlo.constant dense<0.044714998453855515> : tensor<f32>
    %94 = stablehlo.broadcast_in_dim %93, dims = [] : (tensor<f32>) -> tensor<2x8x64xf32>
    %95 = stablehlo.multiply %92, %94 : tensor<2x8x64xf32>
    %96 = stablehlo.add %86, %95 : tensor<2x8x64xf32>
    %97 = stablehlo.constant dense<0.7978845834732056> : tensor<f32>
    %98 = stablehlo.broadcast_in_dim %97, dims = [] : (tensor<f32>) -> tensor<2x8x64xf32>
    %99 = stablehlo.multiply %96, %98 : tensor<2x8x64xf32>
    %100 = stablehlo.tanh %99 : tensor<2x8x64xf32>
    %101 = stablehlo.multiply %86, %88 : tensor<2x8x64xf32>
    %102 = stablehlo.add %100, %90 : tensor<2x8x64xf32>
    %103 = stablehlo.multiply %101, %102 : tensor<2x8x64xf32>
    %104 = stablehlo.dot_general %103, %arg12, contracting_dims = [2] x [1] : (tensor<2x8x64xf32>, tensor<16x64xf32>) -> tensor<2x8x16xf32>
    %105 = stablehlo.broadcast_in_dim %arg13, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %106 = stablehlo.add %104, %105 : tensor<2x8x16xf32>
    %107 = stablehlo.add %63, %106 : tensor<2x8x16xf32>
    %108 = stablehlo.reduce(%107 init: %5) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %109 = stablehlo.broadcast_in_dim %7, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %110 = stablehlo.divide %108, %109 : tensor<2x8xf32>
    %111 = stablehlo.broadcast_in_dim %110, dims = [0, 1] : (tensor<2x8xf32>) -> tensor<2x8x16xf32>
    %112 = stablehlo.subtract %107, %111 : tensor<2x8x16xf32>
    %113 = stablehlo.multiply %112, %112 : tensor<2x8x16xf32>
    %114 = stablehlo.reduce(%113 init: %5) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %115 = stablehlo.broadcast_in_dim %7, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %116 = stablehlo.divide %114, %115 : tensor<2x8xf32>
    %117 = stablehlo.broadcast_in_dim %16, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %118 = stablehlo.add %116, %117 : tensor<2x8xf32>
    %119 = stablehlo.rsqrt %118 : tensor<2x8xf32>
    %120 = stablehlo.broadcast_in_dim %119, dims = [0, 1] : (tensor<2x8xf32>) -> tensor<2x8x16xf32>
    %121 = stablehlo.multiply %112, %120 : tensor<2x8x16xf32>
    %124 = stablehlo.broadcast_in_dim %arg14, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %125 = stablehlo.multiply %121, %124 : tensor<2x8x16xf32>
    %126 = stablehlo.broadcast_in_dim %arg15, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %127 = stablehlo.add %125, %126 : tensor<2x8x16xf32>
    %128 = stablehlo.dot_general %127, %arg18, contracting_dims = [2] x [1] : (tensor<2x8x16xf32>, tensor<48x16xf32>) -> tensor<2x8x48xf32>
    %129 = stablehlo.broadcast_in_dim %arg19, dims = [2] : (tensor<48xf32>) -> tensor<2x8x48xf32>
    %130 = stablehlo.add %128, %129 : tensor<2x8x48xf32>
    %131 = stablehlo.slice %130 [0:2, 0:8, 0:16] : (tensor<2x8x48xf32>) -> tensor<2x8x16xf32>
    %132 = stablehlo.slice %130 [0:2, 0:8, 16:32] : (tensor<2x8x48xf32>) -> tensor<2x8x16xf32>
    %133 = stablehlo.slice %130 [0:2, 0:8, 32:48] : (tensor<2x8x48xf32>) -> tensor<2x8x16xf32>
    %134 = stablehlo.reshape %131 : (tensor<2x8x16xf32>) -> tensor<2x8x2x8xf32>
    %135 = stablehlo.transpose %134, dims = [0, 2, 1, 3] : (tensor<2x8x2x8xf32>) -> tensor<2x2x8x8xf32>
    %136 = stablehlo.reshape %132 : (tensor<2x8x16xf32>) -> tensor<2x8x2x8xf32>
    %137 = stablehlo.transpose %136, dims = [0, 2, 1, 3] : (tensor<2x8x2x8xf32>) -> tensor<2x2x8x8xf32>
    %138 = stablehlo.reshape %133 : (tensor<2x8x16xf32>) -> tensor<2x8x2x8xf32>
    %139 = stablehlo.transpose %138, dims = [0, 2, 1, 3] : (tensor<2x8x2x8xf32>) -> tensor<2x2x8x8xf32>
    %140 = stablehlo.dot_general %135, %137, batching_dims = [0, 1] x [0, 1], contracting_dims = [3] x [3] : (tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
    %141 = stablehlo.broadcast_in_dim %41, dims = [] : (tensor<f32>) -> tensor<2x2x8x8xf32>
    %142 = stablehlo.multiply %140, %141 : tensor<2x2x8x8xf32>
    %143 = stablehlo.iota dim = 2 : tensor<2x2x8x8xi32>
    %144 = stablehlo.iota dim = 3 : tensor<2x2x8x8xi32>
    %145 = stablehlo.compare GE, %143, %144, SIGNED : (tensor<2x2x8x8xi32>, tensor<2x2x8x8xi32>) -> tensor<2x2x8x8xi1>
    %146 = stablehlo.broadcast_in_dim %47, dims = [] : (tensor<f32>) -> tensor<2x2x8x8xf32>
    %147 = stablehlo.select %145, %142, %146 : tensor<2x2x8x8xi1>, tensor<2x2x8x8xf32>
    %148 = stablehlo.reduce(%147 init: %47) applies stablehlo.maximum across dimensions = [3] : (tensor<2x2x8x8xf32>, tensor<f32>) -> tensor<2x2x8xf32>
    %149 = stablehlo.broadcast_in_dim %148, dims = [0, 1, 2] : (tensor<2x2x8xf32>) -> tensor<2x2x8x8xf32>
    %150 = stablehlo.subtract %147, %149 : tensor<2x2x8x8xf32>
    %151 = stablehlo.exponential %150 : tensor<2x2x8x8xf32>
    %152 = stablehlo.reduce(%151 init: %5) applies stablehlo.add across dimensions = [3] : (tensor<2x2x8x8xf32>, tensor<f32>) -> tensor<2x2x8xf32>
    %153 = stablehlo.broadcast_in_dim %152, dims = [0, 1, 2] : (tensor<2x2x8xf32>) -> tensor<2x2x8x8xf32>
    %154 = stablehlo.divide %151, %153 : tensor<2x2x8x8xf32>
    %155 = stablehlo.dot_general %154, %139, batching_dims = [0, 1] x [0, 1], contracting_dims = [3] x [2] : (tensor<2x2x8x8xf32>, tensor<2x2x8x8xf32>) -> tensor<2x2x8x8xf32>
    %156 = stablehlo.transpose %155, dims = [0, 2, 1, 3] : (tensor<2x2x8x8xf32>) -> tensor<2x8x2x8xf32>
    %157 = stablehlo.reshape %156 : (tensor<2x8x2x8xf32>) -> tensor<2x8x16xf32>
    %158 = stablehlo.dot_general %157, %arg20, contracting_dims = [2] x [1] : (tensor<2x8x16xf32>, tensor<16x16xf32>) -> tensor<2x8x16xf32>
    %159 = stablehlo.broadcast_in_dim %arg21, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %160 = stablehlo.add %158, %159 : tensor<2x8x16xf32>
    %161 = stablehlo.add %107, %160 : tensor<2x8x16xf32>
    %162 = stablehlo.reduce(%161 init: %5) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %163 = stablehlo.broadcast_in_dim %7, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %164 = stablehlo.divide %162, %163 : tensor<2x8xf32>
    %165 = stablehlo.broadcast_in_dim %164, dims = [0, 1] : (tensor<2x8xf32>) -> tensor<2x8x16xf32>
    %166 = stablehlo.subtract %161, %165 : tensor<2x8x16xf32>
    %167 = stablehlo.multiply %166, %166 : tensor<2x8x16xf32>
    %168 = stablehlo.reduce(%167 init: %5) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %169 = stablehlo.broadcast_in_dim %7, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %170 = stablehlo.divide %168, %169 : tensor<2x8xf32>
    %171 = stablehlo.broadcast_in_dim %16, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %172 = stablehlo.add %170, %171 : tensor<2x8xf32>
    %173 = stablehlo.rsqrt %172 : tensor<2x8xf32>
    %174 = stablehlo.broadcast_in_dim %173, dims = [0, 1] : (tensor<2x8xf32>) -> tensor<2x8x16xf32>
    %175 = stablehlo.multiply %166, %174 : tensor<2x8x16xf32>
    %178 = stablehlo.broadcast_in_dim %arg16, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %179 = stablehlo.multiply %175, %178 : tensor<2x8x16xf32>
    %180 = stablehlo.broadcast_in_dim %arg17, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %181 = stablehlo.add %179, %180 : tensor<2x8x16xf32>
    %182 = stablehlo.dot_general %181, %arg22, contracting_dims = [2] x [1] : (tensor<2x8x16xf32>, tensor<64x16xf32>) -> tensor<2x8x64xf32>
    %183 = stablehlo.broadcast_in_dim %arg23, dims = [2] : (tensor<64xf32>) -> tensor<2x8x64xf32>
    %184 = stablehlo.add %182, %183 : tensor<2x8x64xf32>
    %185 = stablehlo.broadcast_in_dim %87, dims = [] : (tensor<f32>) -> tensor<2x8x64xf32>
    %186 = stablehlo.broadcast_in_dim %89, dims = [] : (tensor<f32>) -> tensor<2x8x64xf32>
    %187 = stablehlo.multiply %184, %184 : tensor<2x8x64xf32>
    %188 = stablehlo.multiply %187, %184 : tensor<2x8x64xf32>
    %189 = stablehlo.broadcast_in_dim %93, dims = [] : (tensor<f32>) -> tensor<2x8x64xf32>
    %190 = stablehlo.multiply %188, %189 : tensor<2x8x64xf32>
    %191 = stablehlo.add %184, %190 : tensor<2x8x64xf32>
    %192 = stablehlo.broadcast_in_dim %97, dims = [] : (tensor<f32>) -> tensor<2x8x64xf32>
    %193 = stablehlo.multiply %191, %192 : tensor<2x8x64xf32>
    %194 = stablehlo.tanh %193 : tensor<2x8x64xf32>
    %195 = stablehlo.multiply %184, %185 : tensor<2x8x64xf32>
    %196 = stablehlo.add %194, %186 : tensor<2x8x64xf32>
    %197 = stablehlo.multiply %195, %196 : tensor<2x8x64xf32>
    %198 = stablehlo.dot_general %197, %arg24, contracting_dims = [2] x [1] : (tensor<2x8x64xf32>, tensor<16x64xf32>) -> tensor<2x8x16xf32>
    %199 = stablehlo.broadcast_in_dim %arg25, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %200 = stablehlo.add %198, %199 : tensor<2x8x16xf32>
    %201 = stablehlo.add %161, %200 : tensor<2x8x16xf32>
    %202 = stablehlo.reduce(%201 init: %5) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %203 = stablehlo.broadcast_in_dim %7, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %204 = stablehlo.divide %202, %203 : tensor<2x8xf32>
    %205 = stablehlo.broadcast_in_dim %204, dims = [0, 1] : (tensor<2x8xf32>) -> tensor<2x8x16xf32>
    %206 = stablehlo.subtract %201, %205 : tensor<2x8x16xf32>
    %207 = stablehlo.multiply %206, %206 : tensor<2x8x16xf32>
    %208 = stablehlo.reduce(%207 init: %5) applies stablehlo.add across dimensions = [2] : (tensor<2x8x16xf32>, tensor<f32>) -> tensor<2x8xf32>
    %209 = stablehlo.broadcast_in_dim %7, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %210 = stablehlo.divide %208, %209 : tensor<2x8xf32>
    %211 = stablehlo.broadcast_in_dim %16, dims = [] : (tensor<f32>) -> tensor<2x8xf32>
    %212 = stablehlo.add %210, %211 : tensor<2x8xf32>
    %213 = stablehlo.rsqrt %212 : tensor<2x8xf32>
    %214 = stablehlo.broadcast_in_dim %213, dims = [0, 1] : (tensor<2x8xf32>) -> tensor<2x8x16xf32>
    %215 = stablehlo.multiply %206, %214 : tensor<2x8x16xf32>
    %218 = stablehlo.broadcast_in_dim %arg26, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %219 = stablehlo.multiply %215, %218 : tensor<2x8x16xf32>
    %220 = stablehlo.broadcast_in_dim %arg27, dims = [2] : (tensor<16xf32>) -> tensor<2x8x16xf32>
    %221 = stablehlo.add %219, %220 : tensor<2x8x16xf32>
    %222 = stablehlo.dot_general %221, %arg0, contracting_dims = [2] x [1] : (tensor<2x8x16xf32>, tensor<31x16xf32>) -> tensor<2x8x31xf32>
    %223 = stablehlo.reshape %222 : (tensor<2x8x31xf32>) -> tensor<16x31xf32>
    %224 = stablehlo.reshape %arg29 : (tensor<2x8xi32>) -> tensor<16xi32>
    %225 = stablehlo.reduce(%223 init: %47) applies stablehlo.maximum across dimensions = [1] : (tensor<16x31xf32>, tensor<f32>) -> tensor<16xf32>
    %226 = stablehlo.broadcast_in_dim %225, dims = [0] : (tensor<16xf32>) -> tensor<16x31xf32>
    %227 = stablehlo.subtract %223, %226 : tensor<16x31xf32>
    %228 = stablehlo.exponential %227 : tensor<16x31xf32>
    %229 = stablehlo.reduce(%228 init: %5) applies stablehlo.add across dimensions = [1] : (tensor<16x31xf32>, tensor<f32>) -> tensor<16xf32>
    %230 = stablehlo.log %229 : tensor<16xf32>
    %231 = stablehlo.broadcast_in_dim %230, dims = [0] : (tensor<16xf32>) -> tensor<16x31xf32>
    %232 = stablehlo.subtract %227, %231 : tensor<16x31xf32>
    %233 = stablehlo.constant dense<-100> : tensor<i32>
    %234 = stablehlo.broadcast_in_dim %233, dims = [] : (tensor<i32>) -> tensor<16xi32>
    %235 = stablehlo.compare NE, %224, %234, SIGNED : (tensor<16xi32>, tensor<16xi32>) -> tensor<16xi1>
    %236 = stablehlo.constant dense<0> : tensor<i32>
    %237 = stablehlo.broadcast_in_dim %236, dims = [] : (tensor<i32>) -> tensor<16xi32>
    %238 = stablehlo.select %235, %224, %237 : tensor<16xi1>, tensor<16xi32>
    %239 = stablehlo.broadcast_in_dim %5, dims = [] : (tensor<f32>) -> tensor<16xf32>
    %240 = stablehlo.broadcast_in_dim %89, dims = [] : (tensor<f32>) -> tensor<16xf32>
    %241 = stablehlo.iota dim = 1 : tensor<16x31xi32>
    %242 = stablehlo.reshape %238 : (tensor<16xi32>) -> tensor<16x1xi32>
    %243 = stablehlo.broadcast_in_dim %242, dims = [0, 1] : (tensor<16x1xi32>) -> tensor<16x31xi32>
    %244 = stablehlo.compare EQ, %241, %243, SIGNED : (tensor<16x31xi32>, tensor<16x31xi32>) -> tensor<16x31xi1>
    %245 = stablehlo.broadcast_in_dim %5, dims = [] : (tensor<f32>) -> tensor<16x31xf32>
    %246 = stablehlo.select %244, %232, %245 : tensor<16x31xi1>, tensor<16x31xf32>
    %247 = stablehlo.reduce(%246 init: %5) applies stablehlo.add across dimensions = [1] : (tensor<16x31xf32>, tensor<f32>) -> tensor<16xf32>
    %248 = stablehlo.negate %247 : tensor<16xf32>
    %249 = stablehlo.select %235, %248, %239 : tensor<16xi1>, tensor<16xf32>
    %250 = stablehlo.select %235, %240, %239 : tensor<16xi1>, tensor<16xf32>
    %251 = stablehlo.reduce(%249 init: %5) applies stablehlo.add across dimensions = [0] : (tensor<16xf32>, tensor<f32>) -> tensor<f32>
    %252 = stablehlo.reduce(%250 init: %5) applies stablehlo.add across dimensions = [0] : (tensor<16xf32>, tensor<f32>) -> tensor<f32>
    %253 = stablehlo.divide %251, %252 : tensor<f32>
    return %253 : tensor<f32>
  }
}
