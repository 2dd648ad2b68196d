module @imported {
  func.func public @main(
    %arg0: tensor<1x1x16xf32> {ds.name = "vit.embeddings.cls_token", ds.kind = "parameter", ds.trainable = true},
    %arg1: tensor<1x5x16xf32> {ds.name = "vit.embeddings.position_embeddings", ds.kind = "parameter", ds.trainable = true},
    %arg2: tensor<16x3x4x4xf32> {ds.name = "vit.embeddings.patch_embeddings.projection.weight", ds.kind = "parameter", ds.trainable = true},
    %arg3: tensor<16xf32> {ds.name = "vit.embeddings.patch_embeddings.projection.bias", ds.kind = "parameter", ds.trainable = true},
    %arg4: tensor<16x16xf32> {ds.name = "vit.layers.0.attention.q_proj.weight", ds.kind = "parameter", ds.trainable = true},
    %arg5: tensor<16xf32> {ds.name = "vit.layers.0.attention.q_proj.bias", ds.kind = "parameter", ds.trainable = true},
    %arg6: tensor<16x16xf32> {ds.name = "vit.layers.0.attention.k_proj.weight", ds.kind = "parameter", ds.trainable = true},
    %arg7: tensor<16xf32> {ds.name = "vit.layers.0.attention.k_proj.bias", ds.kind = "parameter", ds.trainable = true},
    %arg8: tensor<16x16xf32> {ds.name = "vit.layers.0.attention.v_proj.weight", ds.kind = "parameter", ds.trainable = true},
    %arg9: tensor<16xf32> {ds.name = "vit.layers.0.attention.v_proj.bias", ds.kind = "parameter", ds.trainable = true},
    %arg10: tensor<16x16xf32> {ds.name = "vit.layers.0.attention.o_proj.weight", ds.kind = "parameter", ds.trainable = true},
    %arg11: tensor<16xf32> {ds.name = "vit.layers.0.attention.o_proj.bias", ds.kind = "parameter", ds.trainable = true},
    %arg12: tensor<16xf32> {ds.name = "vit.layers.0.layernorm_before.weight", ds.kind = "parameter", ds.trainable = true},
    %arg13: tensor<16xf32> {ds.name = "vit.layers.0.layernorm_before.bias", ds.kind = "parameter", ds.trainable = true},
    %arg14: tensor<16xf32> {ds.name = "vit.layers.0.layernorm_after.weight", ds.kind = "parameter", ds.trainable = true},
    %arg15: tensor<16xf32> {ds.name = "vit.layers.0.layernorm_after.bias", ds.kind = "parameter", ds.trainable = true},
    %arg16: tensor<24x16xf32> {ds.name = "vit.layers.0.mlp.fc1.weight", ds.kind = "parameter", ds.trainable = true},
    %arg17: tensor<24xf32> {ds.name = "vit.layers.0.mlp.fc1.bias", ds.kind = "parameter", ds.trainable = true},
    %arg18: tensor<16x24xf32> {ds.name = "vit.layers.0.mlp.fc2.weight", ds.kind = "parameter", ds.trainable = true},
    %arg19: tensor<16xf32> {ds.name = "vit.layers.0.mlp.fc2.bias", ds.kind = "parameter", ds.trainable = true},
    %arg20: tensor<16x16xf32> {ds.name = "vit.layers.1.attention.q_proj.weight", ds.kind = "parameter", ds.trainable = true},
    %arg21: tensor<16xf32> {ds.name = "vit.layers.1.attention.q_proj.bias", ds.kind = "parameter", ds.trainable = true},
    %arg22: tensor<16x16xf32> {ds.name = "vit.layers.1.attention.k_proj.weight", ds.kind = "parameter", ds.trainable = true},
    %arg23: tensor<16xf32> {ds.name = "vit.layers.1.attention.k_proj.bias", ds.kind = "parameter", ds.trainable = true},
    %arg24: tensor<16x16xf32> {ds.name = "vit.layers.1.attention.v_proj.weight", ds.kind = "parameter", ds.trainable = true},
    %arg25: tensor<16xf32> {ds.name = "vit.layers.1.attention.v_proj.bias", ds.kind = "parameter", ds.trainable = true},
    %arg26: tensor<16x16xf32> {ds.name = "vit.layers.1.attention.o_proj.weight", ds.kind = "parameter", ds.trainable = true},
    %arg27: tensor<16xf32> {ds.name = "vit.layers.1.attention.o_proj.bias", ds.kind = "parameter", ds.trainable = true},
    %arg28: tensor<16xf32> {ds.name = "vit.layers.1.layernorm_before.weight", ds.kind = "parameter", ds.trainable = true},
    %arg29: tensor<16xf32> {ds.name = "vit.layers.1.layernorm_before.bias", ds.kind = "parameter", ds.trainable = true},
    %arg30: tensor<16xf32> {ds.name = "vit.layers.1.layernorm_after.weight", ds.kind = "parameter", ds.trainable = true},
    %arg31: tensor<16xf32> {ds.name = "vit.layers.1.layernorm_after.bias", ds.kind = "parameter", ds.trainable = true},
    %arg32: tensor<24x16xf32> {ds.name = "vit.layers.1.mlp.fc1.weight", ds.kind = "parameter", ds.trainable = true},
    %arg33: tensor<24xf32> {ds.name = "vit.layers.1.mlp.fc1.bias", ds.kind = "parameter", ds.trainable = true},
    %arg34: tensor<16x24xf32> {ds.name = "vit.layers.1.mlp.fc2.weight", ds.kind = "parameter", ds.trainable = true},
    %arg35: tensor<16xf32> {ds.name = "vit.layers.1.mlp.fc2.bias", ds.kind = "parameter", ds.trainable = true},
    %arg36: tensor<16xf32> {ds.name = "vit.layernorm.weight", ds.kind = "parameter", ds.trainable = true},
    %arg37: tensor<16xf32> {ds.name = "vit.layernorm.bias", ds.kind = "parameter", ds.trainable = true},
    %arg38: tensor<3x16xf32> {ds.name = "classifier.weight", ds.kind = "parameter", ds.trainable = true},
    %arg39: tensor<3xf32> {ds.name = "classifier.bias", ds.kind = "parameter", ds.trainable = true},
    %arg40: tensor<2x3x8x8xf32> {ds.name = "pixel_values", ds.kind = "input"},
    %arg41: tensor<2xi32> {ds.name = "labels", ds.kind = "input"}
  ) -> (tensor<f32> {ds.name = "loss"}) {
    %0 = stablehlo.convolution(%arg40, %arg2) dim_numbers = [b, f, 0, 1]x[o, i, 0, 1]->[b, f, 0, 1], window = {stride = [4, 4], pad = [[0, 0], [0, 0]], lhs_dilate = [1, 1], rhs_dilate = [1, 1]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<2x3x8x8xf32>, tensor<16x3x4x4xf32>) -> tensor<2x16x2x2xf32>
    %1 = stablehlo.broadcast_in_dim %arg3, dims = [1] : (tensor<16xf32>) -> tensor<2x16x2x2xf32>
    %2 = stablehlo.add %0, %1 : tensor<2x16x2x2xf32>
    %3 = stablehlo.reshape %2 : (tensor<2x16x2x2xf32>) -> tensor<2x16x4xf32>
    %4 = stablehlo.transpose %3, dims = [0, 2, 1] : (tensor<2x16x4xf32>) -> tensor<2x4x16xf32>
    %5 = stablehlo.broadcast_in_dim %arg0, dims = [0, 1, 2] : (tensor<1x1x16xf32>) -> tensor<2x1x16xf32>
    %6 = stablehlo.concatenate %5, %4, dim = 1 : (tensor<2x1x16xf32>, tensor<2x4x16xf32>) -> tensor<2x5x16xf32>
    %7 = stablehlo.broadcast_in_dim %arg1, dims = [0, 1, 2] : (tensor<1x5x16xf32>) -> tensor<2x5x16xf32>
    %8 = stablehlo.add %6, %7 : tensor<2x5x16xf32>
    %9 = stablehlo.constant dense<0.0> : tensor<f32>
    %10 = stablehlo.reduce(%8 init: %9) applies stablehlo.add across dimensions = [2] : (tensor<2x5x16xf32>, tensor<f32>) -> tensor<2x5xf32>
    %11 = stablehlo.constant dense<16.0> : tensor<f32>
    %12 = stablehlo.broadcast_in_dim %11, dims = [] : (tensor<f32>) -> tensor<2x5xf32>
    %13 = stablehlo.divide %10, %12 : tensor<2x5xf32>
    %14 = stablehlo.broadcast_in_dim %13, dims = [0, 1] : (tensor<2x5xf32>) -> tensor<2x5x16xf32>
    %15 = stablehlo.subtract %8, %14 : tensor<2x5x16xf32>
    %16 = stablehlo.multiply %15, %15 : tensor<2x5x16xf32>
    %17 = stablehlo.reduce(%16 init: %9) applies stablehlo.add across dimensions = [2] : (tensor<2x5x16xf32>, tensor<f32>) -> tensor<2x5xf32>
    %18 = stablehlo.broadcast_in_dim %11, dims = [] : (tensor<f32>) -> tensor<2x5xf32>
    %19 = stablehlo.divide %17, %18 : tensor<2x5xf32>
    %20 = stablehlo.constant dense<9.999999960041972e-13> : tensor<f32>
    %21 = stablehlo.broadcast_in_dim %20, dims = [] : (tensor<f32>) -> tensor<2x5xf32>
    %22 = stablehlo.add %19, %21 : tensor<2x5xf32>
    %23 = stablehlo.rsqrt %22 : tensor<2x5xf32>
    %24 = stablehlo.broadcast_in_dim %23, dims = [0, 1] : (tensor<2x5xf32>) -> tensor<2x5x16xf32>
    %25 = stablehlo.multiply %15, %24 : tensor<2x5x16xf32>
    %28 = stablehlo.broadcast_in_dim %arg12, dims = [2] : (tensor<16xf32>) -> tensor<2x5x16xf32>
    %29 = stablehlo.multiply %25, %28 : tensor<2x5x16xf32>
    %30 = stablehlo.broadcast_in_dim %arg13, dims = [2] : (tensor<16xf32>) -> tensor<2x5x16xf32>
    %31 = stablehlo.add %29, %30 : tensor<2x5x16xf32>
    %32 = stablehlo.dot_general %31, %arg4, contracting_dims = [2] x [1] : (tensor<2x5x16xf32>, tensor<16x16xf32>) -> tensor<2x5x16xf32>
    %33 = stablehlo.broadcast_in_dim %arg5, dims = [2] : (tensor<16xf32>) -> tensor<2x5x16xf32>
    %34 = stablehlo.add %32, %33 : tensor<2x5x16xf32>
    %35 = stablehlo.reshape %34 : (tensor<2x5x16xf32>) -> tensor<2x5x4x4xf32>
    %36 = stablehlo.transpose %35, dims = [0, 2, 1, 3] : (tensor<2x5x4x4xf32>) -> tensor<2x4x5x4xf32>
    %37 = stablehlo.dot_general %31, %arg6, contracting_dims = [2] x [1] : (tensor<2x5x16xf32>, tensor<16x16xf32>) -> tensor<2x5x16xf32>
    %38 = stablehlo.broadcast_in_dim %arg7, dims = [2] : (tensor<16xf32>) -> tensor<2x5x16xf32>
    %39 = stablehlo.add %37, %38 : tensor<2x5x16xf32>
    %40 = stablehlo.reshape %39 : (tensor<2x5x16xf32>) -> tensor<2x5x4x4xf32>
    %41 = stablehlo.transpose %40, dims = [0, 2, 1, 3] : (tensor<2x5x4x4xf32>) -> tensor<2x4x5x4xf32>
    %42 = stablehlo.dot_general %31, %arg8, contracting_dims = [2] x [1] : (tensor<2x5x16xf32>, tensor<16x16xf32>) -> tensor<2x5x16xf32>
    %43 = stablehlo.broadcast_in_dim %arg9, dims = [2] : (tensor<16xf32>) -> tensor<2x5x16xf32>
    %44 = stablehlo.add %42, %43 : tensor<2x5x16xf32>
    %45 = stablehlo.reshape %44 : (tensor<2x5x16xf32>) -> tensor<2x5x4x4xf32>
    %46 = stablehlo.transpose %45, dims = [0, 2, 1, 3] : (tensor<2x5x4x4xf32>) -> tensor<2x4x5x4xf32>
    %49 = stablehlo.dot_general %36, %41, batching_dims = [0, 1] x [0, 1], contracting_dims = [3] x [3] : (tensor<2x4x5x4xf32>, tensor<2x4x5x4xf32>) -> tensor<2x4x5x5xf32>
    %50 = stablehlo.constant dense<0.5> : tensor<f32>
    %51 = stablehlo.broadcast_in_dim %50, dims = [] : (tensor<f32>) -> tensor<2x4x5x5xf32>
    %52 = stablehlo.multiply %49, %51 : tensor<2x4x5x5xf32>
    %53 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %54 = stablehlo.reduce(%52 init: %53) applies stablehlo.maximum across dimensions = [3] : (tensor<2x4x5x5xf32>, tensor<f32>) -> tensor<2x4x5xf32>
    %55 = stablehlo.broadcast_in_dim %54, dims = [0, 1, 2] : (tensor<2x4x5xf32>) -> tensor<2x4x5x5xf32>
    %56 = stablehlo.subtract %52, %55 : tensor<2x4x5x5xf32>
    %57 = stablehlo.exponential %56 : tensor<2x4x5x5xf32>
    %58 = stablehlo.reduce(%57 init: %9) applies stablehlo.add across dimensions = [3] : (tensor<2x4x5x5xf32>, tensor<f32>) -> tensor<2x4x5xf32>
    %59 = stablehlo.broadcast_in_dim %58, dims = [0, 1, 2] : (tensor<2x4x5xf32>) -> tensor<2x4x5x5xf32>
    %60 = stablehlo.divide %57, %59 : tensor<2x4x5x5xf32>
    %61 = stablehlo.dot_general %60, %46, batching_dims = [0, 1] x [0, 1], contracting_dims = [3] x [2] : (tensor<2x4x5x5xf32>, tensor<2x4x5x4xf32>) -> tensor<2x4x5x4xf32>
    %62 = stablehlo.transpose %61, dims = [0, 2, 1, 3] : (tensor<2x4x5x4xf32>) -> tensor<2x5x4x4xf32>
    %63 = stablehlo.reshape %62 : (tensor<2x5x4x4xf32>) -> tensor<2x5x16xf32>
    %64 = stablehlo.dot_general %63, %arg10, contracting_dims = [2] x [1] : (tensor<2x5x16xf32>, tensor<16x16xf32>) -> tensor<2x5x16xf32>
    %65 = stablehlo.broadcast_in_dim %arg11, dims = [2] : (tensor<16xf32>) -> tensor<2x5x16xf32>
    %66 = stablehlo.add %64, %65 : tensor<2x5x16xf32>
    %67 = stablehlo.add %66, %8 : tensor<2x5x16xf32>
    %68 = stablehlo.reduce(%67 init: %9) applies stablehlo.add across dimensions = [2] : (tensor<2x5x16xf32>, tensor<f32>) -> tensor<2x5xf32>
    %69 = stablehlo.broadcast_in_dim %11, dims = [] : (tensor<f32>) -> tensor<2x5xf32>
    %70 = stablehlo.divide %68, %69 : tensor<2x5xf32>
    %71 = stablehlo.broadcast_in_dim %70, dims = [0, 1] : (tensor<2x5xf32>) -> tensor<2x5x16xf32>
    %72 = stablehlo.subtract %67, %71 : tensor<2x5x16xf32>
    %73 = stablehlo.multiply %72, %72 : tensor<2x5x16xf32>
    %74 = stablehlo.reduce(%73 init: %9) applies stablehlo.add across dimensions = [2] : (tensor<2x5x16xf32>, tensor<f32>) -> tensor<2x5xf32>
    %75 = stablehlo.broadcast_in_dim %11, dims = [] : (tensor<f32>) -> tensor<2x5xf32>
    %76 = stablehlo.divide %74, %75 : tensor<2x5xf32>
    %77 = stablehlo.broadcast_in_dim %20, dims = [] : (tensor<f32>) -> tensor<2x5xf32>
    %78 = stablehlo.add %76, %77 : tensor<2x5xf32>
    %79 = stablehlo.rsqrt %78 : tensor<2x5xf32>
    %80 = stablehlo.broadcast_in_dim %79, dims = [0, 1] : (tensor<2x5xf32>) -> tensor<2x5x16xf32>
    %81 = stablehlo.multiply %72, %80 : tensor<2x5x16xf32>
    %84 = stablehlo.broadcast_in_dim %arg14, dims = [2] : (tensor<16xf32>) -> tensor<2x5x16xf32>
    %85 = stablehlo.multiply %81, %84 : tensor<2x5x16xf32>
    %86 = stablehlo.broadcast_in_dim %arg15, dims = [2] : (tensor<16xf32>) -> tensor<2x5x16xf32>
    %87 = stablehlo.add %85, %86 : tensor<2x5x16xf32>
    %88 = stablehlo.dot_general %87, %arg16, contracting_dims = [2] x [1] : (tensor<2x5x16xf32>, tensor<24x16xf32>) -> tensor<2x5x24xf32>
    %89 = stablehlo.broadcast_in_dim %arg17, dims = [2] : (tensor<24xf32>) -> tensor<2x5x24xf32>
    %90 = stablehlo.add %88, %89 : tensor<2x5x24xf32>
    %91 = stablehlo.broadcast_in_dim %50, dims = [] : (tensor<f32>) -> tensor<2x5x24xf32>
    %92 = stablehlo.constant dense<1.0> : tensor<f32>
    %93 = stablehlo.broadcast_in_dim %92, dims = [] : (tensor<f32>) -> tensor<2x5x24xf32>
    %94 = stablehlo.constant dense<0.7071067690849304> : tensor<f32>
    %95 = stablehlo.broadcast_in_dim %94, dims = [] : (tensor<f32>) -> tensor<2x5x24xf32>
    %96 = stablehlo.multiply %90, %95 : tensor<2x5x24xf32>
    %97 = chlo.erf %96 : tensor<2x5x24xf32> -> tensor<2x5x24xf32>
    %98 = stablehlo.multiply %90, %91 : tensor<2x5x24xf32>
    %99 = stablehlo.add %97, %93 : tensor<2x5x24xf32>
    %100 = stablehlo.multiply %98, %99 : tensor<2x5x24xf32>
    %101 = stablehlo.dot_general %100, %arg18, contracting_dims = [2] x [1] : (tensor<2x5x24xf32>, tensor<16x24xf32>) -> tensor<2x5x16xf32>
    %102 = stablehlo.broadcast_in_dim %arg19, dims = [2] : (tensor<16xf32>) -> tensor<2x5x16xf32>
    %103 = stablehlo.add %101, %102 : tensor<2x5x16xf32>
    %104 = stablehlo.add %103, %67 : tensor<2x5x16xf32>
    %105 = stablehlo.reduce(%104 init: %9) applies stablehlo.add across dimensions = [2] : (tensor<2x5x16xf32>, tensor<f32>) -> tensor<2x5xf32>
    %106 = stablehlo.broadcast_in_dim %11, dims = [] : (tensor<f32>) -> tensor<2x5xf32>
    %107 = stablehlo.divide %105, %106 : tensor<2x5xf32>
    %108 = stablehlo.broadcast_in_dim %107, dims = [0, 1] : (tensor<2x5xf32>) -> tensor<2x5x16xf32>
    %109 = stablehlo.subtract %104, %108 : tensor<2x5x16xf32>
    %110 = stablehlo.multiply %109, %109 : tensor<2x5x16xf32>
    %111 = stablehlo.reduce(%110 init: %9) applies stablehlo.add across dimensions = [2] : (tensor<2x5x16xf32>, tensor<f32>) -> tensor<2x5xf32>
    %112 = stablehlo.broadcast_in_dim %11, dims = [] : (tensor<f32>) -> tensor<2x5xf32>
    %113 = stablehlo.divide %111, %112 : tensor<2x5xf32>
    %114 = stablehlo.broadcast_in_dim %20, dims = [] : (tensor<f32>) -> tensor<2x5xf32>
    %115 = stablehlo.add %113, %114 : tensor<2x5xf32>
    %116 = stablehlo.rsqrt %115 : tensor<2x5xf32>
    %117 = stablehlo.broadcast_in_dim %116, dims = [0, 1] : (tensor<2x5xf32>) -> tensor<2x5x16xf32>
    %118 = stablehlo.multiply %109, %117 : tensor<2x5x16xf32>
    %121 = stablehlo.broadcast_in_dim %arg28, dims = [2] : (tensor<16xf32>) -> tensor<2x5x16xf32>
    %122 = stablehlo.multiply %118, %121 : tensor<2x5x16xf32>
    %123 = stablehlo.broadcast_in_dim %arg29, dims = [2] : (tensor<16xf32>) -> tensor<2x5x16xf32>
    %124 = stablehlo.add %122, %123 : tensor<2x5x16xf32>
    %125 = stablehlo.dot_general %124, %arg20, contracting_dims = [2] x [1] : (tensor<2x5x16xf32>, tensor<16x16xf32>) -> tensor<2x5x16xf32>
    %126 = stablehlo.broadcast_in_dim %arg21, dims = [2] : (tensor<16xf32>) -> tensor<2x5x16xf32>
    %127 = stablehlo.add %125, %126 : tensor<2x5x16xf32>
    %128 = stablehlo.reshape %127 : (tensor<2x5x16xf32>) -> tensor<2x5x4x4xf32>
    %129 = stablehlo.transpose %128, dims = [0, 2, 1, 3] : (tensor<2x5x4x4xf32>) -> tensor<2x4x5x4xf32>
    %130 = stablehlo.dot_general %124, %arg22, contracting_dims = [2] x [1] : (tensor<2x5x16xf32>, tensor<16x16xf32>) -> tensor<2x5x16xf32>
    %131 = stablehlo.broadcast_in_dim %arg23, dims = [2] : (tensor<16xf32>) -> tensor<2x5x16xf32>
    %132 = stablehlo.add %130, %131 : tensor<2x5x16xf32>
    %133 = stablehlo.reshape %132 : (tensor<2x5x16xf32>) -> tensor<2x5x4x4xf32>
    %134 = stablehlo.transpose %133, dims = [0, 2, 1, 3] : (tensor<2x5x4x4xf32>) -> tensor<2x4x5x4xf32>
    %135 = stablehlo.dot_general %124, %arg24, contracting_dims = [2] x [1] : (tensor<2x5x16xf32>, tensor<16x16xf32>) -> tensor<2x5x16xf32>
    %136 = stablehlo.broadcast_in_dim %arg25, dims = [2] : (tensor<16xf32>) -> tensor<2x5x16xf32>
    %137 = stablehlo.add %135, %136 : tensor<2x5x16xf32>
    %138 = stablehlo.reshape %137 : (tensor<2x5x16xf32>) -> tensor<2x5x4x4xf32>
    %139 = stablehlo.transpose %138, dims = [0, 2, 1, 3] : (tensor<2x5x4x4xf32>) -> tensor<2x4x5x4xf32>
    %140 = stablehlo.dot_general %129, %134, batching_dims = [0, 1] x [0, 1], contracting_dims = [3] x [3] : (tensor<2x4x5x4xf32>, tensor<2x4x5x4xf32>) -> tensor<2x4x5x5xf32>
    %141 = stablehlo.broadcast_in_dim %50, dims = [] : (tensor<f32>) -> tensor<2x4x5x5xf32>
    %142 = stablehlo.multiply %140, %141 : tensor<2x4x5x5xf32>
    %143 = stablehlo.reduce(%142 init: %53) applies stablehlo.maximum across dimensions = [3] : (tensor<2x4x5x5xf32>, tensor<f32>) -> tensor<2x4x5xf32>
    %144 = stablehlo.broadcast_in_dim %143, dims = [0, 1, 2] : (tensor<2x4x5xf32>) -> tensor<2x4x5x5xf32>
    %145 = stablehlo.subtract %142, %144 : tensor<2x4x5x5xf32>
    %146 = stablehlo.exponential %145 : tensor<2x4x5x5xf32>
    %147 = stablehlo.reduce(%146 init: %9) applies stablehlo.add across dimensions = [3] : (tensor<2x4x5x5xf32>, tensor<f32>) -> tensor<2x4x5xf32>
    %148 = stablehlo.broadcast_in_dim %147, dims = [0, 1, 2] : (tensor<2x4x5xf32>) -> tensor<2x4x5x5xf32>
    %149 = stablehlo.divide %146, %148 : tensor<2x4x5x5xf32>
    %150 = stablehlo.dot_general %149, %139, batching_dims = [0, 1] x [0, 1], contracting_dims = [3] x [2] : (tensor<2x4x5x5xf32>, tensor<2x4x5x4xf32>) -> tensor<2x4x5x4xf32>
    %151 = stablehlo.transpose %150, dims = [0, 2, 1, 3] : (tensor<2x4x5x4xf32>) -> tensor<2x5x4x4xf32>
    %152 = stablehlo.reshape %151 : (tensor<2x5x4x4xf32>) -> tensor<2x5x16xf32>
    %153 = stablehlo.dot_general %152, %arg26, contracting_dims = [2] x [1] : (tensor<2x5x16xf32>, tensor<16x16xf32>) -> tensor<2x5x16xf32>
    %154 = stablehlo.broadcast_in_dim %arg27, dims = [2] : (tensor<16xf32>) -> tensor<2x5x16xf32>
    %155 = stablehlo.add %153, %154 : tensor<2x5x16xf32>
    %156 = stablehlo.add %155, %104 : tensor<2x5x16xf32>
    %157 = stablehlo.reduce(%156 init: %9) applies stablehlo.add across dimensions = [2] : (tensor<2x5x16xf32>, tensor<f32>) -> tensor<2x5xf32>
    %158 = stablehlo.broadcast_in_dim %11, dims = [] : (tensor<f32>) -> tensor<2x5xf32>
    %159 = stablehlo.divide %157, %158 : tensor<2x5xf32>
    %160 = stablehlo.broadcast_in_dim %159, dims = [0, 1] : (tensor<2x5xf32>) -> tensor<2x5x16xf32>
    %161 = stablehlo.subtract %156, %160 : tensor<2x5x16xf32>
    %162 = stablehlo.multiply %161, %161 : tensor<2x5x16xf32>
    %163 = stablehlo.reduce(%162 init: %9) applies stablehlo.add across dimensions = [2] : (tensor<2x5x16xf32>, tensor<f32>) -> tensor<2x5xf32>
    %164 = stablehlo.broadcast_in_dim %11, dims = [] : (tensor<f32>) -> tensor<2x5xf32>
    %165 = stablehlo.divide %163, %164 : tensor<2x5xf32>
    %166 = stablehlo.broadcast_in_dim %20, dims = [] : (tensor<f32>) -> tensor<2x5xf32>
    %167 = stablehlo.add %165, %166 : tensor<2x5xf32>
    %168 = stablehlo.rsqrt %167 : tensor<2x5xf32>
    %169 = stablehlo.broadcast_in_dim %168, dims = [0, 1] : (tensor<2x5xf32>) -> tensor<2x5x16xf32>
    %170 = stablehlo.multiply %161, %169 : tensor<2x5x16xf32>
    %173 = stablehlo.broadcast_in_dim %arg30, dims = [2] : (tensor<16xf32>) -> tensor<2x5x16xf32>
    %174 = stablehlo.multiply %170, %173 : tensor<2x5x16xf32>
    %175 = stablehlo.broadcast_in_dim %arg31, dims = [2] : (tensor<16xf32>) -> tensor<2x5x16xf32>
    %176 = stablehlo.add %174, %175 : tensor<2x5x16xf32>
    %177 = stablehlo.dot_general %176, %arg32, contracting_dims = [2] x [1] : (tensor<2x5x16xf32>, tensor<24x16xf32>) -> tensor<2x5x24xf32>
    %178 = stablehlo.broadcast_in_dim %arg33, dims = [2] : (tensor<24xf32>) -> tensor<2x5x24xf32>
    %179 = stablehlo.add %177, %178 : tensor<2x5x24xf32>
    %180 = stablehlo.broadcast_in_dim %50, dims = [] : (tensor<f32>) -> tensor<2x5x24xf32>
    %181 = stablehlo.broadcast_in_dim %92, dims = [] : (tensor<f32>) -> tensor<2x5x24xf32>
    %182 = stablehlo.broadcast_in_dim %94, dims = [] : (tensor<f32>) -> tensor<2x5x24xf32>
    %183 = stablehlo.multiply %179, %182 : tensor<2x5x24xf32>
    %184 = chlo.erf %183 : tensor<2x5x24xf32> -> tensor<2x5x24xf32>
    %185 = stablehlo.multiply %179, %180 : tensor<2x5x24xf32>
    %186 = stablehlo.add %184, %181 : tensor<2x5x24xf32>
    %187 = stablehlo.multiply %185, %186 : tensor<2x5x24xf32>
    %188 = stablehlo.dot_general %187, %arg34, contracting_dims = [2] x [1] : (tensor<2x5x24xf32>, tensor<16x24xf32>) -> tensor<2x5x16xf32>
    %189 = stablehlo.broadcast_in_dim %arg35, dims = [2] : (tensor<16xf32>) -> tensor<2x5x16xf32>
    %190 = stablehlo.add %188, %189 : tensor<2x5x16xf32>
    %191 = stablehlo.add %190, %156 : tensor<2x5x16xf32>
    %192 = stablehlo.reduce(%191 init: %9) applies stablehlo.add across dimensions = [2] : (tensor<2x5x16xf32>, tensor<f32>) -> tensor<2x5xf32>
    %193 = stablehlo.broadcast_in_dim %11, dims = [] : (tensor<f32>) -> tensor<2x5xf32>
    %194 = stablehlo.divide %192, %193 : tensor<2x5xf32>
    %195 = stablehlo.broadcast_in_dim %194, dims = [0, 1] : (tensor<2x5xf32>) -> tensor<2x5x16xf32>
    %196 = stablehlo.subtract %191, %195 : tensor<2x5x16xf32>
    %197 = stablehlo.multiply %196, %196 : tensor<2x5x16xf32>
    %198 = stablehlo.reduce(%197 init: %9) applies stablehlo.add across dimensions = [2] : (tensor<2x5x16xf32>, tensor<f32>) -> tensor<2x5xf32>
    %199 = stablehlo.broadcast_in_dim %11, dims = [] : (tensor<f32>) -> tensor<2x5xf32>
    %200 = stablehlo.divide %198, %199 : tensor<2x5xf32>
    %201 = stablehlo.broadcast_in_dim %20, dims = [] : (tensor<f32>) -> tensor<2x5xf32>
    %202 = stablehlo.add %200, %201 : tensor<2x5xf32>
    %203 = stablehlo.rsqrt %202 : tensor<2x5xf32>
    %204 = stablehlo.broadcast_in_dim %203, dims = [0, 1] : (tensor<2x5xf32>) -> tensor<2x5x16xf32>
    %205 = stablehlo.multiply %196, %204 : tensor<2x5x16xf32>
    %208 = stablehlo.broadcast_in_dim %arg36, dims = [2] : (tensor<16xf32>) -> tensor<2x5x16xf32>
    %209 = stablehlo.multiply %205, %208 : tensor<2x5x16xf32>
    %210 = stablehlo.broadcast_in_dim %arg37, dims = [2] : (tensor<16xf32>) -> tensor<2x5x16xf32>
    %211 = stablehlo.add %209, %210 : tensor<2x5x16xf32>
    %212 = stablehlo.slice %211 [0:2, 0:1, 0:16] : (tensor<2x5x16xf32>) -> tensor<2x1x16xf32>
    %213 = stablehlo.reshape %212 : (tensor<2x1x16xf32>) -> tensor<2x16xf32>
    %214 = stablehlo.dot_general %213, %arg38, contracting_dims = [1] x [1] : (tensor<2x16xf32>, tensor<3x16xf32>) -> tensor<2x3xf32>
    %215 = stablehlo.broadcast_in_dim %arg39, dims = [1] : (tensor<3xf32>) -> tensor<2x3xf32>
    %216 = stablehlo.add %214, %215 : tensor<2x3xf32>
    %217 = stablehlo.reduce(%216 init: %53) applies stablehlo.maximum across dimensions = [1] : (tensor<2x3xf32>, tensor<f32>) -> tensor<2xf32>
    %218 = stablehlo.broadcast_in_dim %217, dims = [0] : (tensor<2xf32>) -> tensor<2x3xf32>
    %219 = stablehlo.subtract %216, %218 : tensor<2x3xf32>
    %220 = stablehlo.exponential %219 : tensor<2x3xf32>
    %221 = stablehlo.reduce(%220 init: %9) applies stablehlo.add across dimensions = [1] : (tensor<2x3xf32>, tensor<f32>) -> tensor<2xf32>
    %222 = stablehlo.log %221 : tensor<2xf32>
    %223 = stablehlo.broadcast_in_dim %222, dims = [0] : (tensor<2xf32>) -> tensor<2x3xf32>
    %224 = stablehlo.subtract %219, %223 : tensor<2x3xf32>
    %225 = stablehlo.constant dense<-100> : tensor<i32>
    %226 = stablehlo.broadcast_in_dim %225, dims = [] : (tensor<i32>) -> tensor<2xi32>
    %227 = stablehlo.compare NE, %arg41, %226, SIGNED : (tensor<2xi32>, tensor<2xi32>) -> tensor<2xi1>
    %228 = stablehlo.constant dense<0> : tensor<i32>
    %229 = stablehlo.broadcast_in_dim %228, dims = [] : (tensor<i32>) -> tensor<2xi32>
    %230 = stablehlo.select %227, %arg41, %229 : tensor<2xi1>, tensor<2xi32>
    %231 = stablehlo.broadcast_in_dim %9, dims = [] : (tensor<f32>) -> tensor<2xf32>
    %232 = stablehlo.broadcast_in_dim %92, dims = [] : (tensor<f32>) -> tensor<2xf32>
    %233 = stablehlo.iota dim = 1 : tensor<2x3xi32>
    %234 = stablehlo.reshape %230 : (tensor<2xi32>) -> tensor<2x1xi32>
    %235 = stablehlo.broadcast_in_dim %234, dims = [0, 1] : (tensor<2x1xi32>) -> tensor<2x3xi32>
    %236 = stablehlo.compare EQ, %233, %235, SIGNED : (tensor<2x3xi32>, tensor<2x3xi32>) -> tensor<2x3xi1>
    %237 = stablehlo.broadcast_in_dim %9, dims = [] : (tensor<f32>) -> tensor<2x3xf32>
    %238 = stablehlo.select %236, %224, %237 : tensor<2x3xi1>, tensor<2x3xf32>
    %239 = stablehlo.reduce(%238 init: %9) applies stablehlo.add across dimensions = [1] : (tensor<2x3xf32>, tensor<f32>) -> tensor<2xf32>
    %240 = stablehlo.negate %239 : tensor<2xf32>
    %241 = stablehlo.select %227, %240, %231 : tensor<2xi1>, tensor<2xf32>
    %242 = stablehlo.select %227, %232, %231 : tensor<2xi1>, tensor<2xf32>
    %243 = stablehlo.reduce(%241 init: %9) applies stablehlo.add across dimensions = [0] : (tensor<2xf32>, tensor<f32>) -> tensor<f32>
    %244 = stablehlo.reduce(%242 init: %9) applies stablehlo.add across dimensions = [0] : (tensor<2xf32>, tensor<f32>) -> tensor<f32>
    %245 = stablehlo.divide %243, %244 : tensor<f32>
    return %245 : tensor<f32>
  }
}
