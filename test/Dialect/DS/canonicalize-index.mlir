// RUN: ds-opt %s -canonicalize -cse | FileCheck %s
//
// Moves of elements that need none, each with a twin that does.

// CHECK-LABEL: func @transpose_back(
// CHECK-SAME: %[[X:.+]]: tensor<2x3x5xf32>)
// CHECK-NEXT: return %[[X]]
func.func @transpose_back(%x: tensor<2x3x5xf32>) -> tensor<2x3x5xf32> {
  %0 = ds.transpose %x dims [2, 0, 1] : tensor<2x3x5xf32> -> tensor<5x2x3xf32>
  %1 = ds.transpose %0 dims [1, 2, 0] : tensor<5x2x3xf32> -> tensor<2x3x5xf32>
  return %1 : tensor<2x3x5xf32>
}

// CHECK-LABEL: func @transposes_join
// CHECK-NEXT: ds.transpose %{{.+}} dims [1, 2, 0] : tensor<2x3x5xf32> -> tensor<3x5x2xf32>
func.func @transposes_join(%x: tensor<2x3x5xf32>) -> tensor<3x5x2xf32> {
  %0 = ds.transpose %x dims [2, 0, 1] : tensor<2x3x5xf32> -> tensor<5x2x3xf32>
  %1 = ds.transpose %0 dims [2, 0, 1] : tensor<5x2x3xf32> -> tensor<3x5x2xf32>
  return %1 : tensor<3x5x2xf32>
}

// CHECK-LABEL: func @transpose_that_reshapes
// CHECK-NEXT: ds.reshape %{{.+}} : tensor<2x1x5xf32> -> tensor<2x5x1xf32>
func.func @transpose_that_reshapes(%x: tensor<2x1x5xf32>) -> tensor<2x5x1xf32> {
  %0 = ds.transpose %x dims [0, 2, 1] : tensor<2x1x5xf32> -> tensor<2x5x1xf32>
  return %0 : tensor<2x5x1xf32>
}

// CHECK-LABEL: func @product_of_transposed
// CHECK-NEXT: ds.dot "kbm,nk->bmn" %{{.+}}, %{{.+}} {ds.backward}
// CHECK-NEXT: return
func.func @product_of_transposed(%x: tensor<5x2x3xf32>, %y: tensor<7x5xf32>) -> tensor<2x3x7xf32> {
  %0 = ds.transpose %x dims [1, 2, 0] : tensor<5x2x3xf32> -> tensor<2x3x5xf32>
  %1 = ds.transpose %y dims [1, 0] : tensor<7x5xf32> -> tensor<5x7xf32>
  %2 = ds.dot "bmk,kn->bmn" %0, %1 {ds.backward} : (tensor<2x3x5xf32>, tensor<5x7xf32>) -> tensor<2x3x7xf32>
  return %2 : tensor<2x3x7xf32>
}

// CHECK-LABEL: func @transposed_product
// CHECK-NEXT: ds.dot "mk,kn->nm"
// CHECK-NEXT: return
func.func @transposed_product(%x: tensor<2x3xf32>, %y: tensor<3x5xf32>) -> tensor<5x2xf32> {
  %0 = ds.dot "mk,kn->mn" %x, %y : (tensor<2x3xf32>, tensor<3x5xf32>) -> tensor<2x5xf32>
  %1 = ds.transpose %0 dims [1, 0] : tensor<2x5xf32> -> tensor<5x2xf32>
  return %1 : tensor<5x2xf32>
}

// CHECK-LABEL: func @product_needed_twice
// CHECK: ds.dot "mk,kn->mn"
// CHECK: ds.transpose
func.func @product_needed_twice(%x: tensor<2x3xf32>, %y: tensor<3x5xf32>) -> (tensor<2x5xf32>, tensor<5x2xf32>) {
  %0 = ds.dot "mk,kn->mn" %x, %y : (tensor<2x3xf32>, tensor<3x5xf32>) -> tensor<2x5xf32>
  %1 = ds.transpose %0 dims [1, 0] : tensor<2x5xf32> -> tensor<5x2xf32>
  return %0, %1 : tensor<2x5xf32>, tensor<5x2xf32>
}

// One value for all elements stays one.
// CHECK-LABEL: func @splats
// CHECK-DAG: ds.constant dense<2.000000e+00> : tensor<3x5xf32>
// CHECK-DAG: ds.constant dense<2.000000e+00> : tensor<5x3xf32>
// CHECK-DAG: ds.constant dense<0> : tensor<5x1xi32>
// CHECK-NEXT: return
func.func @splats() -> (tensor<3x5xf32>, tensor<5x3xf32>, tensor<5x1xi32>) {
  %c = ds.constant dense<2.0> : tensor<3xf32>
  %0 = ds.broadcast %c dims [0] : tensor<3xf32> -> tensor<3x5xf32>
  %1 = ds.transpose %0 dims [1, 0] : tensor<3x5xf32> -> tensor<5x3xf32>
  %2 = ds.iota dim 1 : tensor<5x1xi32>
  return %0, %1, %2 : tensor<3x5xf32>, tensor<5x3xf32>, tensor<5x1xi32>
}

// CHECK-LABEL: func @broadcast_of_one
// CHECK-NEXT: %[[R:.+]] = ds.reshape %{{.+}} : tensor<3x1xf32> -> tensor<3xf32>
// CHECK-NEXT: ds.broadcast %[[R]] dims [0] : tensor<3xf32> -> tensor<3x5xf32>
func.func @broadcast_of_one(%x: tensor<3x1xf32>) -> tensor<3x5xf32> {
  %0 = ds.broadcast %x dims [0, 1] : tensor<3x1xf32> -> tensor<3x5xf32>
  return %0 : tensor<3x5xf32>
}

// CHECK-LABEL: func @broadcast_that_reshapes
// CHECK-NEXT: ds.reshape %{{.+}} : tensor<3x5xf32> -> tensor<3x1x5xf32>
func.func @broadcast_that_reshapes(%x: tensor<3x5xf32>) -> tensor<3x1x5xf32> {
  %0 = ds.broadcast %x dims [0, 2] : tensor<3x5xf32> -> tensor<3x1x5xf32>
  return %0 : tensor<3x1x5xf32>
}

// CHECK-LABEL: func @broadcast_into_add(
// CHECK-SAME: %[[X:.+]]: tensor<3x5xf32>, %[[Y:.+]]: tensor<5xf32>)
// CHECK-NEXT: %[[A:.+]] = ds.add %[[X]], %[[Y]] : tensor<3x5xf32>, tensor<5xf32>
// CHECK-NEXT: ds.div %[[A]], %[[Y]] : tensor<3x5xf32>, tensor<5xf32>
// CHECK-NEXT: return
func.func @broadcast_into_add(%x: tensor<3x5xf32>, %y: tensor<5xf32>) -> tensor<3x5xf32> {
  %0 = ds.broadcast %y dims [1] : tensor<5xf32> -> tensor<3x5xf32>
  %1 = ds.add %0, %x : tensor<3x5xf32>, tensor<3x5xf32>
  %2 = ds.div %1, %0 : tensor<3x5xf32>, tensor<3x5xf32>
  return %2 : tensor<3x5xf32>
}

// CHECK-LABEL: func @broadcast_on_the_left
// CHECK-NEXT: %[[B:.+]] = ds.broadcast
// CHECK-NEXT: ds.sub %[[B]]
func.func @broadcast_on_the_left(%x: tensor<3x5xf32>, %y: tensor<5xf32>) -> tensor<3x5xf32> {
  %0 = ds.broadcast %y : tensor<5xf32> -> tensor<3x5xf32>
  %1 = ds.sub %0, %x : tensor<3x5xf32>, tensor<3x5xf32>
  return %1 : tensor<3x5xf32>
}

// CHECK-LABEL: func @rows_are_a_view
// CHECK-NEXT: ds.window %{{.+}} dim 0 at 2 : tensor<4x8xf32> -> tensor<1x8xf32>
func.func @rows_are_a_view(%x: tensor<4x8xf32>) -> tensor<1x8xf32> {
  %0 = ds.slice %x at [2, 0] : tensor<4x8xf32> -> tensor<1x8xf32>
  return %0 : tensor<1x8xf32>
}

// CHECK-LABEL: func @columns_for_products
// CHECK: ds.window %{{.+}} dim 1 at 2 : tensor<4x8xf32> -> tensor<4x3xf32>
func.func @columns_for_products(%x: tensor<4x8xf32>, %y: tensor<3x5xf32>) -> tensor<4x5xf32> {
  %0 = ds.slice %x at [0, 2] : tensor<4x8xf32> -> tensor<4x3xf32>
  %1 = ds.dot "mk,kn->mn" %0, %y : (tensor<4x3xf32>, tensor<3x5xf32>) -> tensor<4x5xf32>
  return %1 : tensor<4x5xf32>
}

// CHECK-LABEL: func @columns_for_others
// CHECK: ds.slice
func.func @columns_for_others(%x: tensor<4x8xf32>) -> tensor<4x3xf32> {
  %0 = ds.slice %x at [0, 2] : tensor<4x8xf32> -> tensor<4x3xf32>
  return %0 : tensor<4x3xf32>
}

// A start beyond the end, and one that has no choice.
// CHECK-LABEL: func @known_starts
// CHECK-NEXT: ds.window %{{.+}} dim 0 at 3 : tensor<4x8xf32> -> tensor<1x8xf32>
func.func @known_starts(%x: tensor<4x8xf32>, %j: tensor<i32>) -> tensor<1x8xf32> {
  %i = ds.constant dense<9> : tensor<i32>
  %0 = ds.dynamic_slice %x at (%i, %j) : tensor<4x8xf32>, tensor<i32>, tensor<i32> -> tensor<1x8xf32>
  return %0 : tensor<1x8xf32>
}

// CHECK-LABEL: func @unknown_start
// CHECK-NEXT: ds.dynamic_slice
func.func @unknown_start(%x: tensor<4x8xf32>, %j: tensor<i32>) -> tensor<1x8xf32> {
  %0 = ds.dynamic_slice %x at (%j, %j) : tensor<4x8xf32>, tensor<i32>, tensor<i32> -> tensor<1x8xf32>
  return %0 : tensor<1x8xf32>
}

// CHECK-LABEL: func @update_of_all(
// CHECK-SAME: %[[X:.+]]: tensor<4xf32>, %[[Y:.+]]: tensor<4xf32>
// CHECK-NEXT: return %[[Y]]
func.func @update_of_all(%x: tensor<4xf32>, %y: tensor<4xf32>, %j: tensor<i32>) -> tensor<4xf32> {
  %0 = ds.dynamic_update %x, %y at (%j) : tensor<4xf32>, tensor<4xf32>, tensor<i32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: func @reverse_back(
// CHECK-SAME: %[[X:.+]]: tensor<4x1xf32>)
// CHECK-NEXT: return %[[X]]
func.func @reverse_back(%x: tensor<4x1xf32>) -> tensor<4x1xf32> {
  %0 = ds.reverse %x dims [0] : tensor<4x1xf32>
  %1 = ds.reverse %0 dims [1] : tensor<4x1xf32>
  %2 = ds.reverse %1 dims [0] : tensor<4x1xf32>
  return %2 : tensor<4x1xf32>
}

// What a unit does not hold is zero; other values are not.
// CHECK-LABEL: func @rows_of_zeros
// CHECK-NEXT: ds.flatten %{{.+}} at [0] : (tensor<2x3xf32>) -> tensor<16xf32>
// CHECK-NEXT: ds.pad
func.func @rows_of_zeros(%x: tensor<2x3xf32>) -> (tensor<16xf32>, tensor<16xf32>) {
  %0 = ds.pad %x : tensor<2x3xf32> -> tensor<4x3xf32>
  %1 = ds.flatten %0 at [0] : (tensor<4x3xf32>) -> tensor<16xf32>
  %2 = ds.pad %x value 1.0 : tensor<2x3xf32> -> tensor<4x3xf32>
  %3 = ds.flatten %2 at [0] : (tensor<4x3xf32>) -> tensor<16xf32>
  return %1, %3 : tensor<16xf32>, tensor<16xf32>
}

// CHECK-LABEL: func @add_into_table(
// CHECK-SAME: %[[T:[a-z0-9]+]]: tensor<5x4xf32>
// CHECK-NEXT: ds.scatter "add" %[[T]],
// CHECK-NEXT: return
func.func @add_into_table(%t: tensor<5x4xf32>, %i: tensor<3xi32>, %g: tensor<3x4xf32>) -> tensor<5x4xf32> {
  %zero = ds.constant dense<0.0> : tensor<5x4xf32>
  %0 = ds.scatter "add" %zero, %i, %g window [1] inserted [0] map [0] vector 1
    : (tensor<5x4xf32>, tensor<3xi32>, tensor<3x4xf32>) -> tensor<5x4xf32>
  %1 = ds.add %0, %t : tensor<5x4xf32>, tensor<5x4xf32>
  return %1 : tensor<5x4xf32>
}

// CHECK-LABEL: func @set_is_no_sum
// CHECK: ds.scatter "set"
// CHECK: ds.add
func.func @set_is_no_sum(%t: tensor<5x4xf32>, %i: tensor<3xi32>, %g: tensor<3x4xf32>) -> tensor<5x4xf32> {
  %zero = ds.constant dense<0.0> : tensor<5x4xf32>
  %0 = ds.scatter "set" %zero, %i, %g window [1] inserted [0] map [0] vector 1
    : (tensor<5x4xf32>, tensor<3xi32>, tensor<3x4xf32>) -> tensor<5x4xf32>
  %1 = ds.add %0, %t : tensor<5x4xf32>, tensor<5x4xf32>
  return %1 : tensor<5x4xf32>
}

// A product that is scaled and then transposed has other letters, unless something else reads it.
// CHECK-LABEL: func @product_scaled_and_transposed
// CHECK-NEXT: %[[S:.+]] = ds.constant
// CHECK-NEXT: %[[P:.+]] = ds.dot "mk,kn->nm"
// CHECK-NEXT: ds.mul %[[P]], %[[S]] : tensor<7x2xf32>, tensor<f32>
// CHECK-NEXT: return
func.func @product_scaled_and_transposed(%x: tensor<2x5xf32>, %y: tensor<5x7xf32>) -> tensor<7x2xf32> {
  %s = ds.constant dense<0.5> : tensor<f32>
  %0 = ds.dot "mk,kn->mn" %x, %y : (tensor<2x5xf32>, tensor<5x7xf32>) -> tensor<2x7xf32>
  %1 = ds.mul %0, %s : tensor<2x7xf32>, tensor<f32>
  %2 = ds.transpose %1 dims [1, 0] : tensor<2x7xf32> -> tensor<7x2xf32>
  return %2 : tensor<7x2xf32>
}

// CHECK-LABEL: func @product_scaled_and_read_twice
// CHECK: ds.dot "mk,kn->mn"
// CHECK: ds.transpose
func.func @product_scaled_and_read_twice(%x: tensor<2x5xf32>, %y: tensor<5x7xf32>)
    -> (tensor<7x2xf32>, tensor<2x7xf32>) {
  %s = ds.constant dense<0.5> : tensor<f32>
  %0 = ds.dot "mk,kn->mn" %x, %y : (tensor<2x5xf32>, tensor<5x7xf32>) -> tensor<2x7xf32>
  %1 = ds.mul %0, %s : tensor<2x7xf32>, tensor<f32>
  %2 = ds.transpose %1 dims [1, 0] : tensor<2x7xf32> -> tensor<7x2xf32>
  return %2, %1 : tensor<7x2xf32>, tensor<2x7xf32>
}
