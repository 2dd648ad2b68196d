// RUN: ds-opt %s --ds-import-stablehlo --split-input-file 2>/dev/null | FileCheck %s
//
// A module of JAX becomes a loss function: parameters are state, calls are
// inlined, constants and repeated operands take the shortest form that there is.

// A layer with a bias: the repeated bias needs no broadcast, and the letters of a
// product are its dimensions.

// CHECK-LABEL: module @layer attributes {ds.batch = 5 : i64
// CHECK-NEXT: ds.parameter @w : tensor<4x3xf32> = #ds.normal<2.000000e-02 : f64>
// CHECK-NEXT: ds.parameter @b : tensor<3xf32> = #ds.fill<0.000000e+00 : f64>
// CHECK-NEXT: func.func @loss(%[[X:.+]]: tensor<5x4xf32> {ds.name = "x"}, %[[Y:.+]]: tensor<5x3xf32> {ds.name = "y"})
// CHECK-SAME: -> tensor<f32> attributes {ds.loss}
// CHECK-NEXT: %[[W:.+]] = ds.read @w
// CHECK-NEXT: %[[B:.+]] = ds.read @b
// CHECK-NEXT: %[[P:.+]] = ds.dot "ab,bc->ac" %[[X]], %[[W]]
// CHECK-NEXT: %[[H:.+]] = ds.add %[[P]], %[[B]] : tensor<5x3xf32>, tensor<3xf32>
// CHECK-NEXT: %[[D:.+]] = ds.sub %[[H]], %[[Y]]
// CHECK-NEXT: %[[Q:.+]] = ds.mul %[[D]], %[[D]]
// CHECK-NEXT: %[[S:.+]] = ds.sum %[[Q]] : tensor<5x3xf32> -> tensor<f32>
// CHECK-NEXT: %[[N:.+]] = ds.constant dense<1.500000e+01> : tensor<f32>
// CHECK-NEXT: %[[L:.+]] = ds.div %[[S]], %[[N]]
// CHECK-NEXT: return %[[L]]
module @layer attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  func.func public @main(%w: tensor<4x3xf32> {ds.kind = "parameter", ds.name = "w"},
                         %b: tensor<3xf32> {ds.kind = "parameter", ds.name = "b", ds.init = #ds.fill<0.0>},
                         %x: tensor<5x4xf32> {ds.kind = "input", ds.name = "x"},
                         %y: tensor<5x3xf32> {ds.kind = "input", ds.name = "y"})
      -> (tensor<f32> {jax.result_info = "result[0]"}, tensor<5x3xf32> {jax.result_info = "result[1]"}) {
    %0 = stablehlo.dot_general %x, %w, contracting_dims = [1] x [0], precision = [DEFAULT, DEFAULT]
        : (tensor<5x4xf32>, tensor<4x3xf32>) -> tensor<5x3xf32>
    %1 = stablehlo.broadcast_in_dim %b, dims = [1] : (tensor<3xf32>) -> tensor<1x3xf32>
    %2 = stablehlo.broadcast_in_dim %1, dims = [0, 1] : (tensor<1x3xf32>) -> tensor<5x3xf32>
    %3 = stablehlo.add %0, %2 : tensor<5x3xf32>
    %4 = call @error(%3, %y) : (tensor<5x3xf32>, tensor<5x3xf32>) -> tensor<f32>
    return %4, %3 : tensor<f32>, tensor<5x3xf32>
  }
  func.func private @error(%h: tensor<5x3xf32>, %y: tensor<5x3xf32>) -> tensor<f32> {
    %0 = stablehlo.subtract %h, %y : tensor<5x3xf32>
    %1 = chlo.square %0 : tensor<5x3xf32> -> tensor<5x3xf32>
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    %2 = stablehlo.reduce(%1 init: %zero) applies stablehlo.add across dimensions = [0, 1]
        : (tensor<5x3xf32>, tensor<f32>) -> tensor<f32>
    %n = stablehlo.constant dense<15.0> : tensor<f32>
    %3 = stablehlo.divide %2, %n : tensor<f32>
    return %3 : tensor<f32>
  }
}

// -----

// Batches come first in a product's result, then what is free on either side.
// What is an identity leaves nothing behind.

// CHECK-LABEL: module @products
// CHECK: %[[A:.+]] = ds.stop_gradient %{{.+}} : tensor<2x3x4x5xf32>
// CHECK-NEXT: %[[P:.+]] = ds.dot "abcd,aebd->abce" %[[A]], %{{.+}} : (tensor<2x3x4x5xf32>, tensor<2x6x3x5xf32>) -> tensor<2x3x4x6xf32>
// CHECK-NEXT: %[[S:.+]] = ds.sum %[[P]] : tensor<2x3x4x6xf32> -> tensor<f32>
// CHECK-NEXT: return %[[S]]
module @products {
  func.func @main(%a: tensor<2x3x4x5xf32> {ds.kind = "parameter", ds.name = "a"},
                  %b: tensor<2x6x3x5xf32> {ds.kind = "input", ds.name = "b"}) -> tensor<f32> {
    %k = stablehlo.custom_call @Sharding(%a) : (tensor<2x3x4x5xf32>) -> tensor<2x3x4x5xf32>
    %0 = stablehlo.custom_call @ds.stop_gradient(%k) : (tensor<2x3x4x5xf32>) -> tensor<2x3x4x5xf32>
    %1:2 = stablehlo.optimization_barrier %0, %b : tensor<2x3x4x5xf32>, tensor<2x6x3x5xf32>
    %2 = stablehlo.dot_general %1#0, %1#1, batching_dims = [0, 1] x [0, 2], contracting_dims = [3] x [3]
        : (tensor<2x3x4x5xf32>, tensor<2x6x3x5xf32>) -> tensor<2x3x4x6xf32>
    %3 = stablehlo.convert %2 : tensor<2x3x4x6xf32>
    %4 = stablehlo.reduce_precision %3, format = e8m23 : tensor<2x3x4x6xf32>
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    %5 = stablehlo.reduce(%4 init: %zero) applies stablehlo.add across dimensions = [0, 1, 2, 3]
        : (tensor<2x3x4x6xf32>, tensor<f32>) -> tensor<f32>
    return %5 : tensor<f32>
  }
}

// -----

// A branch that a constant chooses, and a composite.

// CHECK-LABEL: module @branches
// CHECK: %[[W:.+]] = ds.read @w
// CHECK-NEXT: %[[A:.+]] = ds.add %[[W]], %{{.+}} : tensor<f32>, tensor<f32>
// CHECK-NEXT: return %[[A]]
module @branches {
  func.func @main(%w: tensor<f32> {ds.kind = "parameter", ds.name = "w"},
                  %x: tensor<f32> {ds.kind = "input", ds.name = "x"}) -> tensor<f32> {
    %one = stablehlo.constant dense<1> : tensor<i32>
    %yes = stablehlo.constant dense<true> : tensor<i1>
    %0 = "stablehlo.case"(%one) ({
      stablehlo.return %x : tensor<f32>
    }, {
      stablehlo.return %w : tensor<f32>
    }) : (tensor<i32>) -> tensor<f32>
    %1 = "stablehlo.if"(%yes) ({
      %2 = stablehlo.composite "my.sum" %0, %x {decomposition = @sum} : (tensor<f32>, tensor<f32>) -> tensor<f32>
      stablehlo.return %2 : tensor<f32>
    }, {
      stablehlo.return %x : tensor<f32>
    }) : (tensor<i1>) -> tensor<f32>
    return %1 : tensor<f32>
  }
  func.func private @sum(%a: tensor<f32>, %b: tensor<f32>) -> tensor<f32> {
    %0 = stablehlo.add %a, %b : tensor<f32>
    return %0 : tensor<f32>
  }
}

// -----

// Constants keep their bits: lists, hexadecimal strings, resources; unsigned
// integers become integers without sign.

// CHECK-LABEL: module @constants
// CHECK-DAG: ds.constant dense<[1.000000e+00, 0x7FC00000]> : tensor<2xf32>
// CHECK-DAG: ds.constant dense<[3.000000e+00, 4.000000e+00]> : tensor<2xf32>
// CHECK-DAG: ds.constant dense<[5.000000e+00, 6.000000e+00]> : tensor<2xf32>
// CHECK: return
module @constants {
  func.func @main(%w: tensor<2xf32> {ds.kind = "parameter", ds.name = "w"}) -> tensor<f32> {
    %a = stablehlo.constant dense<[1.0, 0x7FC00000]> : tensor<2xf32>
    %b = stablehlo.constant dense<"0x0000404000008040"> : tensor<2xf32>
    %c = stablehlo.constant dense_resource<five> : tensor<2xf32>
    %0 = stablehlo.add %w, %a : tensor<2xf32>
    %1 = stablehlo.add %0, %b : tensor<2xf32>
    %2 = stablehlo.add %1, %c : tensor<2xf32>
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    %3 = stablehlo.reduce(%2 init: %zero) applies stablehlo.add across dimensions = [0]
        : (tensor<2xf32>, tensor<f32>) -> tensor<f32>
    return %3 : tensor<f32>
  }
}
{-#
  dialect_resources: {
    builtin: {
      five: "0x040000000000A0400000C040"
    }
  }
#-}

// -----

// A gather whose only slice begins at a known place, or can only begin at 0, is a window.

// CHECK-LABEL: module @known_gather
// CHECK: %[[X:.+]] = ds.read @x
// CHECK: %[[A:.+]] = ds.window %[[X]] dim 1 at 2 : tensor<4x3xf32> -> tensor<4x1xf32>
// CHECK: ds.reshape %[[A]] : tensor<4x1xf32> -> tensor<4xf32>
// CHECK-NOT: ds.gather
// CHECK: return
module @known_gather {
  func.func public @main(%x: tensor<4x3xf32> {ds.kind = "parameter", ds.name = "x"},
                         %i: tensor<1xi32> {ds.kind = "input", ds.name = "i"}) -> tensor<f32> {
    %c = stablehlo.constant dense<7> : tensor<1xi32>
    %0 = "stablehlo.gather"(%x, %c)
        <{dimension_numbers = #stablehlo.gather<offset_dims = [0], collapsed_slice_dims = [1], start_index_map = [1]>,
        indices_are_sorted = false, slice_sizes = array<i64: 4, 1>}>
        : (tensor<4x3xf32>, tensor<1xi32>) -> tensor<4xf32>
    %1 = "stablehlo.gather"(%x, %i)
        <{dimension_numbers = #stablehlo.gather<offset_dims = [0, 1], collapsed_slice_dims = [], start_index_map = [1]>,
        indices_are_sorted = false, slice_sizes = array<i64: 4, 3>}>
        : (tensor<4x3xf32>, tensor<1xi32>) -> tensor<4x3xf32>
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    %2 = stablehlo.reduce(%0 init: %zero) applies stablehlo.add across dimensions = [0]
        : (tensor<4xf32>, tensor<f32>) -> tensor<f32>
    %3 = stablehlo.reduce(%1 init: %zero) applies stablehlo.add across dimensions = [0, 1]
        : (tensor<4x3xf32>, tensor<f32>) -> tensor<f32>
    %4 = stablehlo.multiply %2, %3 : tensor<f32>
    return %4 : tensor<f32>
  }
}

// -----

// Random bits as the fraction of a number in [1, 2), as jax.random.uniform makes it: arithmetic, and exact.

// CHECK-LABEL: module @uniform
// CHECK: func.func @loss(%[[BITS:.+]]: tensor<5xi32>
// CHECK: %[[F:.+]] = ds.shift_right %[[BITS]], %{{.+}} unsigned
// CHECK: %[[N:.+]] = ds.cast %[[F]] : tensor<5xi32> -> tensor<5xf32>
// CHECK: %[[STEP:.+]] = ds.constant dense<1.1920929E-7>
// CHECK: %[[M:.+]] = ds.mul %[[N]], %[[STEP]]
// CHECK: %[[ONE:.+]] = ds.constant dense<1.000000e+00>
// CHECK: ds.add %[[M]], %[[ONE]]
module @uniform {
  func.func public @main(%w: tensor<5xf32> {ds.kind = "parameter", ds.name = "w"},
                         %bits: tensor<5xui32> {ds.kind = "input", ds.name = "bits"}) -> tensor<f32> {
    %c = stablehlo.constant dense<9> : tensor<ui32>
    %0 = stablehlo.broadcast_in_dim %c, dims = [] : (tensor<ui32>) -> tensor<5xui32>
    %1 = stablehlo.shift_right_logical %bits, %0 : tensor<5xui32>
    %one = stablehlo.constant dense<1065353216> : tensor<5xui32>
    %2 = stablehlo.or %1, %one : tensor<5xui32>
    %3 = stablehlo.bitcast_convert %2 : (tensor<5xui32>) -> tensor<5xf32>
    %4 = stablehlo.multiply %3, %w : tensor<5xf32>
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    %5 = stablehlo.reduce(%4 init: %zero) applies stablehlo.add across dimensions = [0]
        : (tensor<5xf32>, tensor<f32>) -> tensor<f32>
    return %5 : tensor<f32>
  }
}

// -----

// Rows that are numbered for a product and its bias, as transformers' Conv1D does, keep their dimensions.

// CHECK-LABEL: module @numbered_rows
// CHECK: func.func @loss(%[[X:.+]]: tensor<2x5x4xf32>
// CHECK-NEXT: %[[W:.+]] = ds.read @w
// CHECK-NEXT: %[[B:.+]] = ds.read @b
// CHECK-NOT: ds.reshape %[[X]]
// CHECK: %[[P:.+]] = ds.dot "deb,bc->dec" %[[X]], %[[W]] : (tensor<2x5x4xf32>, tensor<4x3xf32>) -> tensor<2x5x3xf32>
// CHECK: %[[H:.+]] = ds.add %[[P]], %[[B]] : tensor<2x5x3xf32>, tensor<3xf32>
module @numbered_rows {
  func.func public @main(%w: tensor<4x3xf32> {ds.kind = "parameter", ds.name = "w"},
                         %b: tensor<3xf32> {ds.kind = "parameter", ds.name = "b"},
                         %x: tensor<2x5x4xf32> {ds.kind = "input", ds.name = "x"}) -> tensor<f32> {
    %0 = stablehlo.reshape %x : (tensor<2x5x4xf32>) -> tensor<10x4xf32>
    %1 = stablehlo.dot_general %0, %w, contracting_dims = [1] x [0]
        : (tensor<10x4xf32>, tensor<4x3xf32>) -> tensor<10x3xf32>
    %2 = stablehlo.broadcast_in_dim %b, dims = [1] : (tensor<3xf32>) -> tensor<10x3xf32>
    %3 = stablehlo.add %1, %2 : tensor<10x3xf32>
    %4 = stablehlo.reshape %3 : (tensor<10x3xf32>) -> tensor<2x5x3xf32>
    %zero = stablehlo.constant dense<0.0> : tensor<f32>
    %5 = stablehlo.reduce(%4 init: %zero) applies stablehlo.add across dimensions = [0, 1, 2]
        : (tensor<2x5x3xf32>, tensor<f32>) -> tensor<f32>
    return %5 : tensor<f32>
  }
}
