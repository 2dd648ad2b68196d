// RUN: ds-exec %s --print --entry=transpose,broadcast,slice,pad,reverse,iota,dynamic_slice,dynamic_update,copy | FileCheck %s
// RUN: ds-exec %s --print --entry=rows,windows,drops,points,batches,add,set,most,clamps | FileCheck %s --check-prefix=PLACE
//
// Which elements move where.

// CHECK-LABEL: @transpose
// CHECK-NEXT: result 0: {{\[\[\[}}1, 3], [5, 7]], {{\[\[}}2, 4], [6, 8]]]
func.func @transpose() -> tensor<2x2x2xf64> {
  %a = ds.constant dense<[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]> : tensor<2x2x2xf64>
  %0 = ds.transpose %a dims [2, 0, 1] : tensor<2x2x2xf64> -> tensor<2x2x2xf64>
  return %0 : tensor<2x2x2xf64>
}

// CHECK-LABEL: @broadcast
// CHECK-NEXT: result 0: {{\[\[}}1, 1, 1], [2, 2, 2]]
// CHECK-NEXT: result 1: {{\[\[}}1, 2], [1, 2]]
// CHECK-NEXT: result 2: {{\[\[\[}}1, 2]], {{\[\[}}1, 2]]]
// CHECK-NEXT: result 3: {{\[\[}}1, 3], [2, 4]]
func.func @broadcast() -> (tensor<2x3xf64>, tensor<2x2xf64>, tensor<2x1x2xf64>, tensor<2x2xf64>) {
  %a = ds.constant dense<[1.0, 2.0]> : tensor<2xf64>
  %b = ds.constant dense<[[1.0, 2.0]]> : tensor<1x2xf64>
  %c = ds.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf64>
  %0 = ds.broadcast %a dims [0] : tensor<2xf64> -> tensor<2x3xf64>
  %1 = ds.broadcast %a : tensor<2xf64> -> tensor<2x2xf64>
  %2 = ds.broadcast %b dims [0, 2] : tensor<1x2xf64> -> tensor<2x1x2xf64>
  %3 = ds.broadcast %c dims [1, 0] : tensor<2x2xf64> -> tensor<2x2xf64>
  return %0, %1, %2, %3 : tensor<2x3xf64>, tensor<2x2xf64>, tensor<2x1x2xf64>, tensor<2x2xf64>
}

// CHECK-LABEL: @slice
// CHECK-NEXT: result 0: {{\[\[}}5, 7]]
func.func @slice() -> tensor<1x2xf64> {
  %a = ds.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]> : tensor<2x4xf64>
  %0 = ds.slice %a at [1, 0] by [1, 2] : tensor<2x4xf64> -> tensor<1x2xf64>
  return %0 : tensor<1x2xf64>
}

// Rows behind; in front, between and behind; some dropped at both ends.
// CHECK-LABEL: @pad
// CHECK-NEXT: result 0: {{\[\[}}1, 2, 3], [0, 0, 0]]
// CHECK-NEXT: result 1: {{\[\[}}9, 1, 9, 2, 9, 3, 9, 9]]
// CHECK-NEXT: result 2: {{\[\[}}0, 2, 0]]
func.func @pad() -> (tensor<2x3xf64>, tensor<1x8xf64>, tensor<1x3xf64>) {
  %a = ds.constant dense<[[1.0, 2.0, 3.0]]> : tensor<1x3xf64>
  %0 = ds.pad %a : tensor<1x3xf64> -> tensor<2x3xf64>
  %1 = ds.pad %a low [0, 1] interior [0, 1] value 9.0 : tensor<1x3xf64> -> tensor<1x8xf64>
  %2 = ds.pad %a low [0, -1] interior [0, 1] : tensor<1x3xf64> -> tensor<1x3xf64>
  return %0, %1, %2 : tensor<2x3xf64>, tensor<1x8xf64>, tensor<1x3xf64>
}

// CHECK-LABEL: @reverse
// CHECK-NEXT: result 0: {{\[\[}}4, 3], [2, 1]]
func.func @reverse() -> tensor<2x2xf64> {
  %a = ds.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf64>
  %0 = ds.reverse %a dims [0, 1] : tensor<2x2xf64>
  return %0 : tensor<2x2xf64>
}

// CHECK-LABEL: @iota
// CHECK-NEXT: result 0: {{\[\[}}0, 0, 0], [1, 1, 1]]
func.func @iota() -> tensor<2x3xi32> {
  %0 = ds.iota dim 0 : tensor<2x3xi32>
  return %0 : tensor<2x3xi32>
}

// Starts beyond the ends count as the nearest that fit.
// CHECK-LABEL: @dynamic_slice
// CHECK-NEXT: result 0: {{\[\[}}5, 6]]
func.func @dynamic_slice() -> tensor<1x2xf64> {
  %a = ds.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]> : tensor<2x4xf64>
  %i = ds.constant dense<7> : tensor<i32>
  %j = ds.constant dense<-7> : tensor<i32>
  %0 = ds.dynamic_slice %a at (%i, %j) : tensor<2x4xf64>, tensor<i32>, tensor<i32> -> tensor<1x2xf64>
  return %0 : tensor<1x2xf64>
}

// CHECK-LABEL: @dynamic_update
// CHECK-NEXT: result 0: {{\[\[}}1, 2, 3, 4], [5, 6, -1, -2]]
func.func @dynamic_update() -> tensor<2x4xf64> {
  %a = ds.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]> : tensor<2x4xf64>
  %p = ds.constant dense<[[-1.0, -2.0]]> : tensor<1x2xf64>
  %i = ds.constant dense<1> : tensor<i64>
  %j = ds.constant dense<3> : tensor<i64>
  %0 = ds.dynamic_update %a, %p at (%i, %j) : tensor<2x4xf64>, tensor<1x2xf64>, tensor<i64>, tensor<i64>
  return %0 : tensor<2x4xf64>
}

// CHECK-LABEL: @copy
// CHECK-NEXT: result 0: [1, 2]
func.func @copy() -> tensor<2xf64> {
  %a = ds.constant dense<[1.0, 2.0]> : tensor<2xf64>
  %0 = ds.copy %a : tensor<2xf64>
  return %0 : tensor<2xf64>
}

// PLACE-LABEL: @rows
// PLACE-NEXT: result 0: {{\[\[}}5, 6], [1, 2], [5, 6]]
func.func @rows() -> tensor<3x2xf64> {
  %a = ds.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf64>
  %i = ds.constant dense<[2, -1, 9]> : tensor<3xi32>
  %0 = ds.gather %a, %i offset [1] collapsed [0] map [0] vector 1 sizes [1, 2]
    : (tensor<3x2xf64>, tensor<3xi32>) -> tensor<3x2xf64>
  return %0 : tensor<3x2xf64>
}

// The windows' columns come first in the result.
// PLACE-LABEL: @windows
// PLACE-NEXT: result 0: {{\[\[}}2, 3], [3, 4]]
func.func @windows() -> tensor<2x2xf64> {
  %a = ds.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf64>
  %i = ds.constant dense<[[1], [5]]> : tensor<2x1xi32>
  %0 = ds.gather %a, %i offset [0] collapsed [] map [0] vector 1 sizes [2]
    : (tensor<4xf64>, tensor<2x1xi32>) -> tensor<2x2xf64>
  return %0 : tensor<2x2xf64>
}

// PLACE-LABEL: @drops
// PLACE-NEXT: result 0: {{\[\[}}0, 0], [5, 6]]
func.func @drops() -> tensor<2x2xf64> {
  %a = ds.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf64>
  %i = ds.constant dense<[3, 2]> : tensor<2xi32>
  %0 = ds.gather %a, %i offset [1] collapsed [0] map [0] vector 1 sizes [1, 2] {drops}
    : (tensor<3x2xf64>, tensor<2xi32>) -> tensor<2x2xf64>
  return %0 : tensor<2x2xf64>
}

// Pairs that lie along dimension 0 of the indices: column, then row.
// PLACE-LABEL: @points
// PLACE-NEXT: result 0: [3, 6]
func.func @points() -> tensor<2xf64> {
  %a = ds.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf64>
  %i = ds.constant dense<[[0, 1], [1, 2]]> : tensor<2x2xi32>
  %0 = ds.gather %a, %i offset [] collapsed [0, 1] map [1, 0] vector 0 sizes [1, 1]
    : (tensor<3x2xf64>, tensor<2x2xi32>) -> tensor<2xf64>
  return %0 : tensor<2xf64>
}

// PLACE-LABEL: @batches
// PLACE-NEXT: result 0: [2, 3, 5]
func.func @batches() -> tensor<3xf64> {
  %a = ds.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf64>
  %i = ds.constant dense<[1, 0, 0]> : tensor<3xi32>
  %0 = ds.gather %a, %i offset [] collapsed [1] batch [0] of [0] map [1] vector 1 sizes [1, 1]
    : (tensor<3x2xf64>, tensor<3xi32>) -> tensor<3xf64>
  return %0 : tensor<3xf64>
}

// PLACE-LABEL: @add
// PLACE-NEXT: result 0: {{\[\[}}1, 1], [111, 221]]
func.func @add() -> tensor<2x2xf64> {
  %a = ds.constant dense<1.0> : tensor<2x2xf64>
  %i = ds.constant dense<[1, 2, 1]> : tensor<3xi32>
  %u = ds.constant dense<[[10.0, 20.0], [7.0, 7.0], [100.0, 200.0]]> : tensor<3x2xf64>
  %0 = ds.scatter "add" %a, %i, %u window [1] inserted [0] map [0] vector 1
    : (tensor<2x2xf64>, tensor<3xi32>, tensor<3x2xf64>) -> tensor<2x2xf64>
  return %0 : tensor<2x2xf64>
}

// Windows that meet: the later one is later.
// PLACE-LABEL: @set
// PLACE-NEXT: result 0: [3, 4, 2, 1]
func.func @set() -> tensor<4xf64> {
  %a = ds.constant dense<1.0> : tensor<4xf64>
  %i = ds.constant dense<[[1], [0]]> : tensor<2x1xi32>
  %u = ds.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf64>
  %0 = ds.scatter "set" %a, %i, %u window [1] inserted [] map [0] vector 1
    : (tensor<4xf64>, tensor<2x1xi32>, tensor<2x2xf64>) -> tensor<4xf64>
  return %0 : tensor<4xf64>
}

// PLACE-LABEL: @most
// PLACE-NEXT: result 0: [5, 3, nan]
// PLACE-NEXT: result 1: [1, -2, nan]
// PLACE-NEXT: result 2: [5, -6, nan]
func.func @most() -> (tensor<3xf64>, tensor<3xf64>, tensor<3xf64>) {
  %a = ds.constant dense<[1.0, 3.0, 1.0]> : tensor<3xf64>
  %i = ds.constant dense<[0, 1, 2]> : tensor<3xi32>
  %u = ds.constant dense<[5.0, -2.0, 0x7FF8000000000000]> : tensor<3xf64>
  %0 = ds.scatter "max" %a, %i, %u window [] inserted [0] map [0] vector 1
    : (tensor<3xf64>, tensor<3xi32>, tensor<3xf64>) -> tensor<3xf64>
  %1 = ds.scatter "min" %a, %i, %u window [] inserted [0] map [0] vector 1
    : (tensor<3xf64>, tensor<3xi32>, tensor<3xf64>) -> tensor<3xf64>
  %2 = ds.scatter "mul" %a, %i, %u window [] inserted [0] map [0] vector 1
    : (tensor<3xf64>, tensor<3xi32>, tensor<3xf64>) -> tensor<3xf64>
  return %0, %1, %2 : tensor<3xf64>, tensor<3xf64>, tensor<3xf64>
}

// PLACE-LABEL: @clamps
// PLACE-NEXT: result 0: [1, 1, 11]
func.func @clamps() -> tensor<3xf64> {
  %a = ds.constant dense<1.0> : tensor<3xf64>
  %i = ds.constant dense<[7]> : tensor<1xi32>
  %u = ds.constant dense<[10.0]> : tensor<1xf64>
  %0 = ds.scatter "add" %a, %i, %u window [] inserted [0] map [0] vector 1 {clamps}
    : (tensor<3xf64>, tensor<1xi32>, tensor<1xf64>) -> tensor<3xf64>
  return %0 : tensor<3xf64>
}
