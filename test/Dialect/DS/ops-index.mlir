// RUN: ds-opt %s | ds-opt | FileCheck %s
//
// Moves of elements print what they parse.

// CHECK-LABEL: func @transpose
func.func @transpose(%x: tensor<2x3x5xf32>) -> tensor<5x2x3xf32> {
  // CHECK: ds.transpose %{{.+}} dims [2, 0, 1] : tensor<2x3x5xf32> -> tensor<5x2x3xf32>
  %0 = ds.transpose %x dims [2, 0, 1] : tensor<2x3x5xf32> -> tensor<5x2x3xf32>
  return %0 : tensor<5x2x3xf32>
}

// CHECK-LABEL: func @broadcast
func.func @broadcast(%x: tensor<3xf32>, %y: tensor<2x1xf32>) -> (tensor<2x3xf32>, tensor<2x7x5xf32>) {
  // CHECK: ds.broadcast %{{.+}} : tensor<3xf32> -> tensor<2x3xf32>
  %0 = ds.broadcast %x : tensor<3xf32> -> tensor<2x3xf32>
  // CHECK: ds.broadcast %{{.+}} dims [0, 2] : tensor<2x1xf32> -> tensor<2x7x5xf32>
  %1 = ds.broadcast %y dims [0, 2] : tensor<2x1xf32> -> tensor<2x7x5xf32>
  return %0, %1 : tensor<2x3xf32>, tensor<2x7x5xf32>
}

// CHECK-LABEL: func @slice
func.func @slice(%x: tensor<4x8xf32>) -> (tensor<4x3xf32>, tensor<1x6xf32>) {
  // CHECK: ds.slice %{{.+}} at [0, 2] by [1, 2] : tensor<4x8xf32> -> tensor<4x3xf32>
  %0 = ds.slice %x at [0, 2] by [1, 2] : tensor<4x8xf32> -> tensor<4x3xf32>
  // CHECK: ds.slice %{{.+}} at [3, 2] : tensor<4x8xf32> -> tensor<1x6xf32>
  %1 = ds.slice %x at [3, 2] : tensor<4x8xf32> -> tensor<1x6xf32>
  return %0, %1 : tensor<4x3xf32>, tensor<1x6xf32>
}

// CHECK-LABEL: func @pad
func.func @pad(%x: tensor<4x3xf32>, %n: tensor<?x3xf32, #ds.dims<seq, _>>) {
  // CHECK: ds.pad %{{.+}} : tensor<4x3xf32> -> tensor<5x3xf32>
  %0 = ds.pad %x : tensor<4x3xf32> -> tensor<5x3xf32>
  // CHECK: ds.pad %{{.+}} low [0, -1] interior [0, 2] value 1.000000e+00 : tensor<4x3xf32> -> tensor<5x10xf32>
  %1 = ds.pad %x low [0, -1] interior [0, 2] value 1.0 : tensor<4x3xf32> -> tensor<5x10xf32>
  // CHECK: ds.pad %{{.+}} value 0xFFF0000000000000 : tensor<4x3xf32> -> tensor<5x3xf32>
  %2 = ds.pad %x value 0xFFF0000000000000 : tensor<4x3xf32> -> tensor<5x3xf32>
  // CHECK: ds.pad %{{.+}} : tensor<?x3xf32, #ds.dims<seq, _>> -> tensor<9x3xf32>
  %3 = ds.pad %n : tensor<?x3xf32, #ds.dims<seq, _>> -> tensor<9x3xf32>
  return
}

// CHECK-LABEL: func @reverse
func.func @reverse(%x: tensor<4x3xi32>) -> tensor<4x3xi32> {
  // CHECK: ds.reverse %{{.+}} dims [1] : tensor<4x3xi32>
  %0 = ds.reverse %x dims [1] : tensor<4x3xi32>
  return %0 : tensor<4x3xi32>
}

// CHECK-LABEL: func @iota
func.func @iota() -> tensor<4x3xi64> {
  // CHECK: ds.iota dim 1 : tensor<4x3xi64>
  %0 = ds.iota dim 1 : tensor<4x3xi64>
  return %0 : tensor<4x3xi64>
}

// CHECK-LABEL: func @dynamic
func.func @dynamic(%x: tensor<4x8xf32>, %i: tensor<i32>, %j: tensor<i32>) -> tensor<4x8xf32> {
  // CHECK: ds.dynamic_slice %{{.+}} at(%{{.+}}, %{{.+}}) : tensor<4x8xf32>, tensor<i32>, tensor<i32> -> tensor<1x5xf32>
  %0 = ds.dynamic_slice %x at (%i, %j) : tensor<4x8xf32>, tensor<i32>, tensor<i32> -> tensor<1x5xf32>
  // CHECK: ds.dynamic_update %{{.+}}, %{{.+}} at(%{{.+}}, %{{.+}}) : tensor<4x8xf32>, tensor<1x5xf32>, tensor<i32>, tensor<i32>
  %1 = ds.dynamic_update %x, %0 at (%j, %i) : tensor<4x8xf32>, tensor<1x5xf32>, tensor<i32>, tensor<i32>
  return %1 : tensor<4x8xf32>
}

// CHECK-LABEL: func @gather_and_scatter
func.func @gather_and_scatter(%x: tensor<5x8xf32>, %ids: tensor<3x1xi32>) -> tensor<5x8xf32> {
  // CHECK: ds.gather %{{.+}}, %{{.+}} offset [1] collapsed [0] map [0] vector 1 sizes [1, 8] : (tensor<5x8xf32>, tensor<3x1xi32>) -> tensor<3x8xf32>
  %0 = ds.gather %x, %ids offset [1] collapsed [0] map [0] vector 1 sizes [1, 8]
    : (tensor<5x8xf32>, tensor<3x1xi32>) -> tensor<3x8xf32>
  // CHECK: ds.scatter "add" %{{.+}}, %{{.+}}, %{{.+}} window [1] inserted [0] map [0] vector 1 : (tensor<5x8xf32>, tensor<3x1xi32>, tensor<3x8xf32>) -> tensor<5x8xf32>
  %1 = ds.scatter "add" %x, %ids, %0 window [1] inserted [0] map [0] vector 1
    : (tensor<5x8xf32>, tensor<3x1xi32>, tensor<3x8xf32>) -> tensor<5x8xf32>
  return %1 : tensor<5x8xf32>
}

// CHECK-LABEL: func @batches
func.func @batches(%x: tensor<2x5x8xf32>, %ids: tensor<3x2xi64>) -> tensor<2x5x8xf32> {
  // CHECK: ds.gather %{{.+}}, %{{.+}} offset [1] collapsed [1] batch [0] of [1] map [1] vector 2 sizes [1, 1, 8] {drops}
  %0 = ds.gather %x, %ids offset [1] collapsed [1] batch [0] of [1] map [1] vector 2 sizes [1, 1, 8] {drops}
    : (tensor<2x5x8xf32>, tensor<3x2xi64>) -> tensor<3x8x2xf32>
  // CHECK: ds.scatter "max" %{{.+}}, %{{.+}}, %{{.+}} window [1] inserted [1] batch [0] of [1] map [1] vector 2 {clamps}
  %1 = ds.scatter "max" %x, %ids, %0 window [1] inserted [1] batch [0] of [1] map [1] vector 2 {clamps}
    : (tensor<2x5x8xf32>, tensor<3x2xi64>, tensor<3x8x2xf32>) -> tensor<2x5x8xf32>
  return %1 : tensor<2x5x8xf32>
}

// CHECK-LABEL: func @copy
func.func @copy(%x: tensor<4x3xf32>) -> tensor<4x2xf32> {
  %0 = ds.window %x dim 1 at 1 : tensor<4x3xf32> -> tensor<4x2xf32>
  // CHECK: ds.copy %{{.+}} : tensor<4x2xf32>
  %1 = ds.copy %0 : tensor<4x2xf32>
  return %1 : tensor<4x2xf32>
}

// CHECK-LABEL: func @broadcast_named
func.func @broadcast_named(%x: tensor<?x4xf32, #ds.dims<batch, _>>) -> tensor<?x2x4xf32, #ds.dims<batch, _, _>> {
  // CHECK: ds.broadcast %{{.+}} dims [0, 2]
  %y = ds.broadcast %x dims [0, 2]
      : tensor<?x4xf32, #ds.dims<batch, _>> -> tensor<?x2x4xf32, #ds.dims<batch, _, _>>
  return %y : tensor<?x2x4xf32, #ds.dims<batch, _, _>>
}

// CHECK-LABEL: func @strided_copy
func.func @strided_copy(%x: tensor<12xbf16>, %t: tensor<16xbf16>) -> tensor<16xbf16> {
  // CHECK: ds.strided_copy %{{.+}} into %{{.+}} sizes [4, 3] from [1, 4] to [4, 1] : tensor<12xbf16>, tensor<16xbf16>
  %0 = ds.strided_copy %x into %t sizes [4, 3] from [1, 4] to [4, 1] : tensor<12xbf16>, tensor<16xbf16>
  // CHECK: ds.strided_copy %{{.+}} into %{{.+}} sizes [] from [] to [] : tensor<12xbf16>, tensor<16xbf16>
  %1 = ds.strided_copy %x into %0 sizes [] from [] to [] : tensor<12xbf16>, tensor<16xbf16>
  return %1 : tensor<16xbf16>
}
