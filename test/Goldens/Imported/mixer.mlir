module @imported {
  func.func public @main(
    %arg0: tensor<10xf32> {ds.name = "norms.0.weight", ds.kind = "parameter", ds.trainable = true},
    %arg1: tensor<10xf32> {ds.name = "norms.0.bias", ds.kind = "parameter", ds.trainable = true},
    %arg2: tensor<10xf32> {ds.name = "norms.1.weight", ds.kind = "parameter", ds.trainable = true},
    %arg3: tensor<10xf32> {ds.name = "norms.1.bias", ds.kind = "parameter", ds.trainable = true},
    %arg4: tensor<10xf32> {ds.name = "norms.2.weight", ds.kind = "parameter", ds.trainable = true},
    %arg5: tensor<10xf32> {ds.name = "norms.2.bias", ds.kind = "parameter", ds.trainable = true},
    %arg6: tensor<10xf32> {ds.name = "norms.3.weight", ds.kind = "parameter", ds.trainable = true},
    %arg7: tensor<10xf32> {ds.name = "norms.3.bias", ds.kind = "parameter", ds.trainable = true},
    %arg8: tensor<7x6xf32> {ds.name = "token_mixers.0.0.weight", ds.kind = "parameter", ds.trainable = true},
    %arg9: tensor<7xf32> {ds.name = "token_mixers.0.0.bias", ds.kind = "parameter", ds.trainable = true},
    %arg10: tensor<6x7xf32> {ds.name = "token_mixers.0.2.weight", ds.kind = "parameter", ds.trainable = true},
    %arg11: tensor<6xf32> {ds.name = "token_mixers.0.2.bias", ds.kind = "parameter", ds.trainable = true},
    %arg12: tensor<7x6xf32> {ds.name = "token_mixers.1.0.weight", ds.kind = "parameter", ds.trainable = true},
    %arg13: tensor<7xf32> {ds.name = "token_mixers.1.0.bias", ds.kind = "parameter", ds.trainable = true},
    %arg14: tensor<6x7xf32> {ds.name = "token_mixers.1.2.weight", ds.kind = "parameter", ds.trainable = true},
    %arg15: tensor<6xf32> {ds.name = "token_mixers.1.2.bias", ds.kind = "parameter", ds.trainable = true},
    %arg16: tensor<14x10xf32> {ds.name = "channel_mixers.0.0.weight", ds.kind = "parameter", ds.trainable = true},
    %arg17: tensor<14xf32> {ds.name = "channel_mixers.0.0.bias", ds.kind = "parameter", ds.trainable = true},
    %arg18: tensor<10x14xf32> {ds.name = "channel_mixers.0.2.weight", ds.kind = "parameter", ds.trainable = true},
    %arg19: tensor<10xf32> {ds.name = "channel_mixers.0.2.bias", ds.kind = "parameter", ds.trainable = true},
    %arg20: tensor<14x10xf32> {ds.name = "channel_mixers.1.0.weight", ds.kind = "parameter", ds.trainable = true},
    %arg21: tensor<14xf32> {ds.name = "channel_mixers.1.0.bias", ds.kind = "parameter", ds.trainable = true},
    %arg22: tensor<10x14xf32> {ds.name = "channel_mixers.1.2.weight", ds.kind = "parameter", ds.trainable = true},
    %arg23: tensor<10xf32> {ds.name = "channel_mixers.1.2.bias", ds.kind = "parameter", ds.trainable = true},
    %arg24: tensor<3x6x10xf32> {ds.name = "x", ds.kind = "input"},
    %arg25: tensor<3x10xf32> {ds.name = "targets", ds.kind = "input"}
  ) -> (tensor<f32> {ds.name = "loss"}) {
    %0 = stablehlo.constant dense<0.0> : tensor<f32>
    %1 = stablehlo.reduce(%arg24 init: %0) applies stablehlo.add across dimensions = [2] : (tensor<3x6x10xf32>, tensor<f32>) -> tensor<3x6xf32>
    %2 = stablehlo.constant dense<10.0> : tensor<f32>
    %3 = stablehlo.broadcast_in_dim %2, dims = [] : (tensor<f32>) -> tensor<3x6xf32>
    %4 = stablehlo.divide %1, %3 : tensor<3x6xf32>
    %5 = stablehlo.broadcast_in_dim %4, dims = [0, 1] : (tensor<3x6xf32>) -> tensor<3x6x10xf32>
    %6 = stablehlo.subtract %arg24, %5 : tensor<3x6x10xf32>
    %7 = stablehlo.multiply %6, %6 : tensor<3x6x10xf32>
    %8 = stablehlo.reduce(%7 init: %0) applies stablehlo.add across dimensions = [2] : (tensor<3x6x10xf32>, tensor<f32>) -> tensor<3x6xf32>
    %9 = stablehlo.broadcast_in_dim %2, dims = [] : (tensor<f32>) -> tensor<3x6xf32>
    %10 = stablehlo.divide %8, %9 : tensor<3x6xf32>
    %11 = stablehlo.constant dense<9.999999747378752e-06> : tensor<f32>
    %12 = stablehlo.broadcast_in_dim %11, dims = [] : (tensor<f32>) -> tensor<3x6xf32>
    %13 = stablehlo.add %10, %12 : tensor<3x6xf32>
    %14 = stablehlo.rsqrt %13 : tensor<3x6xf32>
    %15 = stablehlo.broadcast_in_dim %14, dims = [0, 1] : (tensor<3x6xf32>) -> tensor<3x6x10xf32>
    %16 = stablehlo.multiply %6, %15 : tensor<3x6x10xf32>
    %19 = stablehlo.broadcast_in_dim %arg0, dims = [2] : (tensor<10xf32>) -> tensor<3x6x10xf32>
    %20 = stablehlo.multiply %16, %19 : tensor<3x6x10xf32>
    %21 = stablehlo.broadcast_in_dim %arg1, dims = [2] : (tensor<10xf32>) -> tensor<3x6x10xf32>
    %22 = stablehlo.add %20, %21 : tensor<3x6x10xf32>
    %23 = stablehlo.transpose %22, dims = [0, 2, 1] : (tensor<3x6x10xf32>) -> tensor<3x10x6xf32>
    %24 = stablehlo.dot_general %23, %arg8, contracting_dims = [2] x [1] : (tensor<3x10x6xf32>, tensor<7x6xf32>) -> tensor<3x10x7xf32>
    %25 = stablehlo.broadcast_in_dim %arg9, dims = [2] : (tensor<7xf32>) -> tensor<3x10x7xf32>
    %26 = stablehlo.add %24, %25 : tensor<3x10x7xf32>
    %27 = stablehlo.constant dense<0.5> : tensor<f32>
    %28 = stablehlo.broadcast_in_dim %27, dims = [] : (tensor<f32>) -> tensor<3x10x7xf32>
    %29 = stablehlo.constant dense<1.0> : tensor<f32>
    %30 = stablehlo.broadcast_in_dim %29, dims = [] : (tensor<f32>) -> tensor<3x10x7xf32>
    %31 = stablehlo.constant dense<0.7071067690849304> : tensor<f32>
    %32 = stablehlo.broadcast_in_dim %31, dims = [] : (tensor<f32>) -> tensor<3x10x7xf32>
    %33 = stablehlo.multiply %26, %32 : tensor<3x10x7xf32>
    %34 = chlo.erf %33 : tensor<3x10x7xf32> -> tensor<3x10x7xf32>
    %35 = stablehlo.multiply %26, %28 : tensor<3x10x7xf32>
    %36 = stablehlo.add %34, %30 : tensor<3x10x7xf32>
    %37 = stablehlo.multiply %35, %36 : tensor<3x10x7xf32>
    %38 = stablehlo.dot_general %37, %arg10, contracting_dims = [2] x [1] : (tensor<3x10x7xf32>, tensor<6x7xf32>) -> tensor<3x10x6xf32>
    %39 = stablehlo.broadcast_in_dim %arg11, dims = [2] : (tensor<6xf32>) -> tensor<3x10x6xf32>
    %40 = stablehlo.add %38, %39 : tensor<3x10x6xf32>
    %41 = stablehlo.transpose %40, dims = [0, 2, 1] : (tensor<3x10x6xf32>) -> tensor<3x6x10xf32>
    %42 = stablehlo.add %arg24, %41 : tensor<3x6x10xf32>
    %43 = stablehlo.reduce(%42 init: %0) applies stablehlo.add across dimensions = [2] : (tensor<3x6x10xf32>, tensor<f32>) -> tensor<3x6xf32>
    %44 = stablehlo.broadcast_in_dim %2, dims = [] : (tensor<f32>) -> tensor<3x6xf32>
    %45 = stablehlo.divide %43, %44 : tensor<3x6xf32>
    %46 = stablehlo.broadcast_in_dim %45, dims = [0, 1] : (tensor<3x6xf32>) -> tensor<3x6x10xf32>
    %47 = stablehlo.subtract %42, %46 : tensor<3x6x10xf32>
    %48 = stablehlo.multiply %47, %47 : tensor<3x6x10xf32>
    %49 = stablehlo.reduce(%48 init: %0) applies stablehlo.add across dimensions = [2] : (tensor<3x6x10xf32>, tensor<f32>) -> tensor<3x6xf32>
    %50 = stablehlo.broadcast_in_dim %2, dims = [] : (tensor<f32>) -> tensor<3x6xf32>
    %51 = stablehlo.divide %49, %50 : tensor<3x6xf32>
    %52 = stablehlo.broadcast_in_dim %11, dims = [] : (tensor<f32>) -> tensor<3x6xf32>
    %53 = stablehlo.add %51, %52 : tensor<3x6xf32>
    %54 = stablehlo.rsqrt %53 : tensor<3x6xf32>
    %55 = stablehlo.broadcast_in_dim %54, dims = [0, 1] : (tensor<3x6xf32>) -> tensor<3x6x10xf32>
    %56 = stablehlo.multiply %47, %55 : tensor<3x6x10xf32>
    %59 = stablehlo.broadcast_in_dim %arg2, dims = [2] : (tensor<10xf32>) -> tensor<3x6x10xf32>
    %60 = stablehlo.multiply %56, %59 : tensor<3x6x10xf32>
    %61 = stablehlo.broadcast_in_dim %arg3, dims = [2] : (tensor<10xf32>) -> tensor<3x6x10xf32>
    %62 = stablehlo.add %60, %61 : tensor<3x6x10xf32>
    %63 = stablehlo.dot_general %62, %arg16, contracting_dims = [2] x [1] : (tensor<3x6x10xf32>, tensor<14x10xf32>) -> tensor<3x6x14xf32>
    %64 = stablehlo.broadcast_in_dim %arg17, dims = [2] : (tensor<14xf32>) -> tensor<3x6x14xf32>
    %65 = stablehlo.add %63, %64 : tensor<3x6x14xf32>
    %66 = stablehlo.broadcast_in_dim %27, dims = [] : (tensor<f32>) -> tensor<3x6x14xf32>
    %67 = stablehlo.broadcast_in_dim %29, dims = [] : (tensor<f32>) -> tensor<3x6x14xf32>
    %68 = stablehlo.broadcast_in_dim %31, dims = [] : (tensor<f32>) -> tensor<3x6x14xf32>
    %69 = stablehlo.multiply %65, %68 : tensor<3x6x14xf32>
    %70 = chlo.erf %69 : tensor<3x6x14xf32> -> tensor<3x6x14xf32>
    %71 = stablehlo.multiply %65, %66 : tensor<3x6x14xf32>
    %72 = stablehlo.add %70, %67 : tensor<3x6x14xf32>
    %73 = stablehlo.multiply %71, %72 : tensor<3x6x14xf32>
    %74 = stablehlo.dot_general %73, %arg18, contracting_dims = [2] x [1] : (tensor<3x6x14xf32>, tensor<10x14xf32>) -> tensor<3x6x10xf32>
    %75 = stablehlo.broadcast_in_dim %arg19, dims = [2] : (tensor<10xf32>) -> tensor<3x6x10xf32>
    %76 = stablehlo.add %74, %75 : tensor<3x6x10xf32>
    %77 = stablehlo.add %42, %76 : tensor<3x6x10xf32>
    %78 = stablehlo.reduce(%77 init: %0) applies stablehlo.add across dimensions = [2] : (tensor<3x6x10xf32>, tensor<f32>) -> tensor<3x6xf32>
    %79 = stablehlo.broadcast_in_dim %2, dims = [] : (tensor<f32>) -> tensor<3x6xf32>
    %80 = stablehlo.divide %78, %79 : tensor<3x6xf32>
    %81 = stablehlo.broadcast_in_dim %80, dims = [0, 1] : (tensor<3x6xf32>) -> tensor<3x6x10xf32>
    %82 = stablehlo.subtract %77, %81 : tensor<3x6x10xf32>
    %83 = stablehlo.multiply %82, %82 : tensor<3x6x10xf32>
    %84 = stablehlo.reduce(%83 init: %0) applies stablehlo.add across dimensions = [2] : (tensor<3x6x10xf32>, tensor<f32>) -> tensor<3x6xf32>
    %85 = stablehlo.broadcast_in_dim %2, dims = [] : (tensor<f32>) -> tensor<3x6xf32>
    %86 = stablehlo.divide %84, %85 : tensor<3x6xf32>
    %87 = stablehlo.broadcast_in_dim %11, dims = [] : (tensor<f32>) -> tensor<3x6xf32>
    %88 = stablehlo.add %86, %87 : tensor<3x6xf32>
    %89 = stablehlo.rsqrt %88 : tensor<3x6xf32>
    %90 = stablehlo.broadcast_in_dim %89, dims = [0, 1] : (tensor<3x6xf32>) -> tensor<3x6x10xf32>
    %91 = stablehlo.multiply %82, %90 : tensor<3x6x10xf32>
    %94 = stablehlo.broadcast_in_dim %arg4, dims = [2] : (tensor<10xf32>) -> tensor<3x6x10xf32>
    %95 = stablehlo.multiply %91, %94 : tensor<3x6x10xf32>
    %96 = stablehlo.broadcast_in_dim %arg5, dims = [2] : (tensor<10xf32>) -> tensor<3x6x10xf32>
    %97 = stablehlo.add %95, %96 : tensor<3x6x10xf32>
    %98 = stablehlo.transpose %97, dims = [0, 2, 1] : (tensor<3x6x10xf32>) -> tensor<3x10x6xf32>
    %99 = stablehlo.dot_general %98, %arg12, contracting_dims = [2] x [1] : (tensor<3x10x6xf32>, tensor<7x6xf32>) -> tensor<3x10x7xf32>
    %100 = stablehlo.broadcast_in_dim %arg13, dims = [2] : (tensor<7xf32>) -> tensor<3x10x7xf32>
    %101 = stablehlo.add %99, %100 : tensor<3x10x7xf32>
    %102 = stablehlo.broadcast_in_dim %27, dims = [] : (tensor<f32>) -> tensor<3x10x7xf32>
    %103 = stablehlo.broadcast_in_dim %29, dims = [] : (tensor<f32>) -> tensor<3x10x7xf32>
    %104 = stablehlo.broadcast_in_dim %31, dims = [] : (tensor<f32>) -> tensor<3x10x7xf32>
    %105 = stablehlo.multiply %101, %104 : tensor<3x10x7xf32>
    %106 = chlo.erf %105 : tensor<3x10x7xf32> -> tensor<3x10x7xf32>
    %107 = stablehlo.multiply %101, %102 : tensor<3x10x7xf32>
    %108 = stablehlo.add %106, %103 : tensor<3x10x7xf32>
    %109 = stablehlo.multiply %107, %108 : tensor<3x10x7xf32>
    %110 = stablehlo.dot_general %109, %arg14, contracting_dims = [2] x [1] : (tensor<3x10x7xf32>, tensor<6x7xf32>) -> tensor<3x10x6xf32>
    %111 = stablehlo.broadcast_in_dim %arg15, dims = [2] : (tensor<6xf32>) -> tensor<3x10x6xf32>
    %112 = stablehlo.add %110, %111 : tensor<3x10x6xf32>
    %113 = stablehlo.transpose %112, dims = [0, 2, 1] : (tensor<3x10x6xf32>) -> tensor<3x6x10xf32>
    %114 = stablehlo.add %77, %113 : tensor<3x6x10xf32>
    %115 = stablehlo.reduce(%114 init: %0) applies stablehlo.add across dimensions = [2] : (tensor<3x6x10xf32>, tensor<f32>) -> tensor<3x6xf32>
    %116 = stablehlo.broadcast_in_dim %2, dims = [] : (tensor<f32>) -> tensor<3x6xf32>
    %117 = stablehlo.divide %115, %116 : tensor<3x6xf32>
    %118 = stablehlo.broadcast_in_dim %117, dims = [0, 1] : (tensor<3x6xf32>) -> tensor<3x6x10xf32>
    %119 = stablehlo.subtract %114, %118 : tensor<3x6x10xf32>
    %120 = stablehlo.multiply %119, %119 : tensor<3x6x10xf32>
    %121 = stablehlo.reduce(%120 init: %0) applies stablehlo.add across dimensions = [2] : (tensor<3x6x10xf32>, tensor<f32>) -> tensor<3x6xf32>
    %122 = stablehlo.broadcast_in_dim %2, dims = [] : (tensor<f32>) -> tensor<3x6xf32>
    %123 = stablehlo.divide %121, %122 : tensor<3x6xf32>
    %124 = stablehlo.broadcast_in_dim %11, dims = [] : (tensor<f32>) -> tensor<3x6xf32>
    %125 = stablehlo.add %123, %124 : tensor<3x6xf32>
    %126 = stablehlo.rsqrt %125 : tensor<3x6xf32>
    %127 = stablehlo.broadcast_in_dim %126, dims = [0, 1] : (tensor<3x6xf32>) -> tensor<3x6x10xf32>
    %128 = stablehlo.multiply %119, %127 : tensor<3x6x10xf32>
    %131 = stablehlo.broadcast_in_dim %arg6, dims = [2] : (tensor<10xf32>) -> tensor<3x6x10xf32>
    %132 = stablehlo.multiply %128, %131 : tensor<3x6x10xf32>
    %133 = stablehlo.broadcast_in_dim %arg7, dims = [2] : (tensor<10xf32>) -> tensor<3x6x10xf32>
    %134 = stablehlo.add %132, %133 : tensor<3x6x10xf32>
    %135 = stablehlo.dot_general %134, %arg20, contracting_dims = [2] x [1] : (tensor<3x6x10xf32>, tensor<14x10xf32>) -> tensor<3x6x14xf32>
    %136 = stablehlo.broadcast_in_dim %arg21, dims = [2] : (tensor<14xf32>) -> tensor<3x6x14xf32>
    %137 = stablehlo.add %135, %136 : tensor<3x6x14xf32>
    %138 = stablehlo.broadcast_in_dim %27, dims = [] : (tensor<f32>) -> tensor<3x6x14xf32>
    %139 = stablehlo.broadcast_in_dim %29, dims = [] : (tensor<f32>) -> tensor<3x6x14xf32>
    %140 = stablehlo.broadcast_in_dim %31, dims = [] : (tensor<f32>) -> tensor<3x6x14xf32>
    %141 = stablehlo.multiply %137, %140 : tensor<3x6x14xf32>
    %142 = chlo.erf %141 : tensor<3x6x14xf32> -> tensor<3x6x14xf32>
    %143 = stablehlo.multiply %137, %138 : tensor<3x6x14xf32>
    %144 = stablehlo.add %142, %139 : tensor<3x6x14xf32>
    %145 = stablehlo.multiply %143, %144 : tensor<3x6x14xf32>
    %146 = stablehlo.dot_general %145, %arg22, contracting_dims = [2] x [1] : (tensor<3x6x14xf32>, tensor<10x14xf32>) -> tensor<3x6x10xf32>
    %147 = stablehlo.broadcast_in_dim %arg23, dims = [2] : (tensor<10xf32>) -> tensor<3x6x10xf32>
    %148 = stablehlo.add %146, %147 : tensor<3x6x10xf32>
    %149 = stablehlo.add %114, %148 : tensor<3x6x10xf32>
    %150 = stablehlo.reduce(%149 init: %0) applies stablehlo.add across dimensions = [1] : (tensor<3x6x10xf32>, tensor<f32>) -> tensor<3x10xf32>
    %151 = stablehlo.constant dense<6.0> : tensor<f32>
    %152 = stablehlo.broadcast_in_dim %151, dims = [] : (tensor<f32>) -> tensor<3x10xf32>
    %153 = stablehlo.divide %150, %152 : tensor<3x10xf32>
    %154 = stablehlo.subtract %153, %arg25 : tensor<3x10xf32>
    %155 = stablehlo.multiply %154, %154 : tensor<3x10xf32>
    %156 = stablehlo.reduce(%155 init: %0) applies stablehlo.add across dimensions = [0, 1] : (tensor<3x10xf32>, tensor<f32>) -> tensor<f32>
    %157 = stablehlo.constant dense<30.0> : tensor<f32>
    %158 = stablehlo.divide %156, %157 : tensor<f32>
    return %158 : tensor<f32>
  }
}
