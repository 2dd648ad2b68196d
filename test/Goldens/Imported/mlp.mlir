module @imported {
  func.func public @main(
    %arg0: tensor<13x6xf32> {ds.name = "body.0.weight", ds.kind = "parameter", ds.trainable = true},
    %arg1: tensor<13xf32> {ds.name = "body.0.bias", ds.kind = "parameter", ds.trainable = true},
    %arg2: tensor<13xf32> {ds.name = "body.2.weight", ds.kind = "parameter", ds.trainable = true},
    %arg3: tensor<13xf32> {ds.name = "body.2.bias", ds.kind = "parameter", ds.trainable = true},
    %arg4: tensor<5x13xf32> {ds.name = "body.3.weight", ds.kind = "parameter", ds.trainable = true},
    %arg5: tensor<5xf32> {ds.name = "body.3.bias", ds.kind = "parameter", ds.trainable = true},
    %arg6: tensor<3x5xf32> {ds.name = "head.weight", ds.kind = "parameter", ds.trainable = true},
    %arg7: tensor<3xf32> {ds.name = "head.bias", ds.kind = "parameter", ds.trainable = true},
    %arg8: tensor<4x6xf32> {ds.name = "x", ds.kind = "input"},
    %arg9: tensor<4xi32> {ds.name = "targets", ds.kind = "input"}
  ) -> (tensor<f32> {ds.name = "loss"}) {
    %0 = stablehlo.dot_general %arg8, %arg0, contracting_dims = [1] x [1] : (tensor<4x6xf32>, tensor<13x6xf32>) -> tensor<4x13xf32>
    %1 = stablehlo.broadcast_in_dim %arg1, dims = [1] : (tensor<13xf32>) -> tensor<4x13xf32>
    %2 = stablehlo.add %0, %1 : tensor<4x13xf32>
    %3 = stablehlo.constant dense<0.5> : tensor<f32>
    %4 = stablehlo.broadcast_in_dim %3, dims = [] : (tensor<f32>) -> tensor<4x13xf32>
    %5 = stablehlo.constant dense<1.0> : tensor<f32>
    %6 = stablehlo.broadcast_in_dim %5, dims = [] : (tensor<f32>) -> tensor<4x13xf32>
    %7 = stablehlo.constant dense<0.7071067690849304> : tensor<f32>
    %8 = stablehlo.broadcast_in_dim %7, dims = [] : (tensor<f32>) -> tensor<4x13xf32>
    %9 = stablehlo.multiply %2, %8 : tensor<4x13xf32>
    %10 = chlo.erf %9 : tensor<4x13xf32> -> tensor<4x13xf32>
    %11 = stablehlo.multiply %2, %4 : tensor<4x13xf32>
    %12 = stablehlo.add %10, %6 : tensor<4x13xf32>
    %13 = stablehlo.multiply %11, %12 : tensor<4x13xf32>
    %14 = stablehlo.constant dense<0.0> : tensor<f32>
    %15 = stablehlo.reduce(%13 init: %14) applies stablehlo.add across dimensions = [1] : (tensor<4x13xf32>, tensor<f32>) -> tensor<4xf32>
    %16 = stablehlo.constant dense<13.0> : tensor<f32>
    %17 = stablehlo.broadcast_in_dim %16, dims = [] : (tensor<f32>) -> tensor<4xf32>
    %18 = stablehlo.divide %15, %17 : tensor<4xf32>
    %19 = stablehlo.broadcast_in_dim %18, dims = [0] : (tensor<4xf32>) -> tensor<4x13xf32>
    %20 = stablehlo.subtract %13, %19 : tensor<4x13xf32>
    %21 = stablehlo.multiply %20, %20 : tensor<4x13xf32>
    %22 = stablehlo.reduce(%21 init: %14) applies stablehlo.add across dimensions = [1] : (tensor<4x13xf32>, tensor<f32>) -> tensor<4xf32>
    %23 = stablehlo.broadcast_in_dim %16, dims = [] : (tensor<f32>) -> tensor<4xf32>
    %24 = stablehlo.divide %22, %23 : tensor<4xf32>
    %25 = stablehlo.constant dense<9.999999747378752e-06> : tensor<f32>
    %26 = stablehlo.broadcast_in_dim %25, dims = [] : (tensor<f32>) -> tensor<4xf32>
    %27 = stablehlo.add %24, %26 : tensor<4xf32>
    %28 = stablehlo.rsqrt %27 : tensor<4xf32>
    %29 = stablehlo.broadcast_in_dim %28, dims = [0] : (tensor<4xf32>) -> tensor<4x13xf32>
    %30 = stablehlo.multiply %20, %29 : tensor<4x13xf32>
    %33 = stablehlo.broadcast_in_dim %arg2, dims = [1] : (tensor<13xf32>) -> tensor<4x13xf32>
    %34 = stablehlo.multiply %30, %33 : tensor<4x13xf32>
    %35 = stablehlo.broadcast_in_dim %arg3, dims = [1] : (tensor<13xf32>) -> tensor<4x13xf32>
    %36 = stablehlo.add %34, %35 : tensor<4x13xf32>
    %37 = stablehlo.dot_general %36, %arg4, contracting_dims = [1] x [1] : (tensor<4x13xf32>, tensor<5x13xf32>) -> tensor<4x5xf32>
    %38 = stablehlo.broadcast_in_dim %arg5, dims = [1] : (tensor<5xf32>) -> tensor<4x5xf32>
    %39 = stablehlo.add %37, %38 : tensor<4x5xf32>
    %40 = stablehlo.broadcast_in_dim %14, dims = [] : (tensor<f32>) -> tensor<4x5xf32>
    %41 = stablehlo.maximum %39, %40 : tensor<4x5xf32>
    %42 = stablehlo.dot_general %41, %arg6, contracting_dims = [1] x [1] : (tensor<4x5xf32>, tensor<3x5xf32>) -> tensor<4x3xf32>
    %43 = stablehlo.broadcast_in_dim %arg7, dims = [1] : (tensor<3xf32>) -> tensor<4x3xf32>
    %44 = stablehlo.add %42, %43 : tensor<4x3xf32>
    %45 = stablehlo.constant dense<0xFF800000> : tensor<f32>
    %46 = stablehlo.reduce(%44 init: %45) applies stablehlo.maximum across dimensions = [1] : (tensor<4x3xf32>, tensor<f32>) -> tensor<4xf32>
    %47 = stablehlo.broadcast_in_dim %46, dims = [0] : (tensor<4xf32>) -> tensor<4x3xf32>
    %48 = stablehlo.subtract %44, %47 : tensor<4x3xf32>
    %49 = stablehlo.exponential %48 : tensor<4x3xf32>
    %50 = stablehlo.reduce(%49 init: %14) applies stablehlo.add across dimensions = [1] : (tensor<4x3xf32>, tensor<f32>) -> tensor<4xf32>
    %51 = stablehlo.log %50 : tensor<4xf32>
    %52 = stablehlo.broadcast_in_dim %51, dims = [0] : (tensor<4xf32>) -> tensor<4x3xf32>
    %53 = stablehlo.subtract %48, %52 : tensor<4x3xf32>
    %54 = stablehlo.constant dense<-100> : tensor<i32>
    %55 = stablehlo.broadcast_in_dim %54, dims = [] : (tensor<i32>) -> tensor<4xi32>
    %56 = stablehlo.compare NE, %arg9, %55, SIGNED : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi1>
    %57 = stablehlo.constant dense<0> : tensor<i32>
    %58 = stablehlo.broadcast_in_dim %57, dims = [] : (tensor<i32>) -> tensor<4xi32>
    %59 = stablehlo.select %56, %arg9, %58 : tensor<4xi1>, tensor<4xi32>
    %60 = stablehlo.broadcast_in_dim %14, dims = [] : (tensor<f32>) -> tensor<4xf32>
    %61 = stablehlo.broadcast_in_dim %5, dims = [] : (tensor<f32>) -> tensor<4xf32>
    %62 = stablehlo.iota dim = 1 : tensor<4x3xi32>
    %63 = stablehlo.reshape %59 : (tensor<4xi32>) -> tensor<4x1xi32>
    %64 = stablehlo.broadcast_in_dim %63, dims = [0, 1] : (tensor<4x1xi32>) -> tensor<4x3xi32>
    %65 = stablehlo.compare EQ, %62, %64, SIGNED : (tensor<4x3xi32>, tensor<4x3xi32>) -> tensor<4x3xi1>
    %66 = stablehlo.broadcast_in_dim %14, dims = [] : (tensor<f32>) -> tensor<4x3xf32>
    %67 = stablehlo.select %65, %53, %66 : tensor<4x3xi1>, tensor<4x3xf32>
    %68 = stablehlo.reduce(%67 init: %14) applies stablehlo.add across dimensions = [1] : (tensor<4x3xf32>, tensor<f32>) -> tensor<4xf32>
    %69 = stablehlo.negate %68 : tensor<4xf32>
    %70 = stablehlo.select %56, %69, %60 : tensor<4xi1>, tensor<4xf32>
    %71 = stablehlo.select %56, %61, %60 : tensor<4xi1>, tensor<4xf32>
    %72 = stablehlo.reduce(%70 init: %14) applies stablehlo.add across dimensions = [0] : (tensor<4xf32>, tensor<f32>) -> tensor<f32>
    %73 = stablehlo.reduce(%71 init: %14) applies stablehlo.add across dimensions = [0] : (tensor<4xf32>, tensor<f32>) -> tensor<f32>
    %74 = stablehlo.divide %72, %73 : tensor<f32>
    return %74 : tensor<f32>
  }
}
