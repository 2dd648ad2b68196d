// RUN: ds-opt %s -split-input-file -verify-diagnostics
//
// Each check of moves of elements says what it expects and what it got.

func.func @transpose_twice(%x: tensor<2x3xf32>) {
  // expected-error @below {{'ds.transpose' op expects every dimension of 'tensor<2x3xf32>' once in 'dims', but got [0, 0]}}
  %0 = ds.transpose %x dims [0, 0] : tensor<2x3xf32> -> tensor<2x2xf32>
  return
}

// -----

func.func @transpose_outside(%x: tensor<2x3xf32>) {
  // expected-error @below {{'ds.transpose' op expects every dimension of 'tensor<2x3xf32>' once in 'dims', but got [0, -1]}}
  %0 = ds.transpose %x dims [0, -1] : tensor<2x3xf32> -> tensor<2x3xf32>
  return
}

// -----

func.func @transpose_fewer(%x: tensor<2x3xf32>) {
  // expected-error @below {{'ds.transpose' op expects every dimension of 'tensor<2x3xf32>' once in 'dims', but got [0]}}
  %0 = ds.transpose %x dims [0] : tensor<2x3xf32> -> tensor<2xf32>
  return
}

// -----

func.func @transpose_shape(%x: tensor<2x3xf32>) {
  // expected-error @below {{'ds.transpose' op expects a result of shape [3, 2], but got 'tensor<2x3xf32>'}}
  %0 = ds.transpose %x dims [1, 0] : tensor<2x3xf32> -> tensor<2x3xf32>
  return
}

// -----

func.func @transpose_dynamic(%x: tensor<?x3xf32, #ds.dims<seq, _>>) {
  // expected-error @below {{'ds.transpose' op expects static shapes, but got 'tensor<?x3xf32, #ds.dims<seq, _>>'}}
  %0 = ds.transpose %x dims [1, 0] : tensor<?x3xf32, #ds.dims<seq, _>> -> tensor<3x?xf32, #ds.dims<_, seq>>
  return
}

// -----

func.func @transpose_type(%x: tensor<2x3xf32>) {
  // expected-error @below {{'ds.transpose' op expects equal element types, but got 'tensor<2x3xf32>' and 'tensor<3x2xf64>'}}
  %0 = ds.transpose %x dims [1, 0] : tensor<2x3xf32> -> tensor<3x2xf64>
  return
}

// -----

func.func @broadcast_dims(%x: tensor<2x3xf32>) {
  // expected-error @below {{'ds.broadcast' op expects 'dims' to have another dimension of 'tensor<2x3x5xf32>' for each of 'tensor<2x3xf32>', but got [0, 3]}}
  %0 = ds.broadcast %x dims [0, 3] : tensor<2x3xf32> -> tensor<2x3x5xf32>
  return
}

// -----

func.func @broadcast_sizes(%x: tensor<2x3xf32>) {
  // expected-error @below {{'ds.broadcast' op expects sizes that are equal or 1, but got 3 for 5 in dimension 2 of 'tensor<2x3x5xf32>'}}
  %0 = ds.broadcast %x dims [0, 2] : tensor<2x3xf32> -> tensor<2x3x5xf32>
  return
}

// -----

func.func @slice_rank(%x: tensor<4x8xf32>) {
  // expected-error @below {{'ds.slice' op expects a result of the input's rank, but got 'tensor<4xf32>' from 'tensor<4x8xf32>'}}
  %0 = ds.slice %x at [0, 0] : tensor<4x8xf32> -> tensor<4xf32>
  return
}

// -----

func.func @slice_numbers(%x: tensor<4x8xf32>) {
  // expected-error @below {{'ds.slice' op expects 'at' to have a number for each dimension of 'tensor<4x8xf32>', but got 1}}
  %0 = ds.slice %x at [0] : tensor<4x8xf32> -> tensor<4x8xf32>
  return
}

// -----

func.func @slice_offset(%x: tensor<4x8xf32>) {
  // expected-error @below {{'ds.slice' op expects 'at' of at least 0, but got -1}}
  %0 = ds.slice %x at [0, -1] : tensor<4x8xf32> -> tensor<4x8xf32>
  return
}

// -----

func.func @slice_stride(%x: tensor<4x8xf32>) {
  // expected-error @below {{'ds.slice' op expects 'by' of at least 1, but got 0}}
  %0 = ds.slice %x at [0, 0] by [1, 0] : tensor<4x8xf32> -> tensor<4x8xf32>
  return
}

// -----

func.func @slice_behind(%x: tensor<4x8xf32>) {
  // expected-error @below {{'ds.slice' op expects 4 elements inside dimension 1 of 'tensor<4x8xf32>', but got offset 2 and stride 2}}
  %0 = ds.slice %x at [0, 2] by [1, 2] : tensor<4x8xf32> -> tensor<4x4xf32>
  return
}

// -----

func.func @slice_overflow(%x: tensor<4x8xf32>) {
  // expected-error @below {{'ds.slice' op expects 3 elements inside dimension 1 of 'tensor<4x8xf32>', but got offset 0 and stride 9223372036854775807}}
  %0 = ds.slice %x at [0, 0] by [1, 9223372036854775807] : tensor<4x8xf32> -> tensor<4x3xf32>
  return
}

// -----

func.func @pad_rank(%x: tensor<4x8xf32>) {
  // expected-error @below {{'ds.pad' op expects a result of the input's rank and element type, but got 'tensor<9xf32>' from 'tensor<4x8xf32>'}}
  %0 = ds.pad %x : tensor<4x8xf32> -> tensor<9xf32>
  return
}

// -----

func.func @pad_numbers(%x: tensor<4x8xf32>) {
  // expected-error @below {{'ds.pad' op expects 'low' to have a number for each dimension of 'tensor<4x8xf32>', but got 3}}
  %0 = ds.pad %x low [1, 1, 1] : tensor<4x8xf32> -> tensor<9x9xf32>
  return
}

// -----

func.func @pad_interior(%x: tensor<4x8xf32>) {
  // expected-error @below {{'ds.pad' op expects 'interior' of at least 0, but got -1}}
  %0 = ds.pad %x interior [0, -1] : tensor<4x8xf32> -> tensor<4x8xf32>
  return
}

// -----

func.func @pad_overflow(%x: tensor<4x8xf32>) {
  // expected-error @below {{'ds.pad' op expects sizes below 2^63, but got 'tensor<4x8xf32>' to 'tensor<4x8xf32>'}}
  %0 = ds.pad %x interior [0, 9223372036854775807] : tensor<4x8xf32> -> tensor<4x8xf32>
  return
}

// -----

func.func @pad_dynamic(%x: tensor<?x8xf32, #ds.dims<seq, _>>) {
  // expected-error @below {{'ds.pad' op expects static sizes where it adds elements, but got 'tensor<?x8xf32, #ds.dims<seq, _>>' to 'tensor<9x8xf32>'}}
  %0 = ds.pad %x low [1, 0] : tensor<?x8xf32, #ds.dims<seq, _>> -> tensor<9x8xf32>
  return
}

// -----

func.func @pad_value(%x: tensor<4x8xi32>) {
  // expected-error @below {{'ds.pad' op expects a whole 'value' for 'tensor<4x9xi32>', but got 5.000000e-01}}
  %0 = ds.pad %x value 0.5 : tensor<4x8xi32> -> tensor<4x9xi32>
  return
}

// -----

func.func @reverse_twice(%x: tensor<4x8xf32>) {
  // expected-error @below {{'ds.reverse' op expects distinct dimensions of 'tensor<4x8xf32>', but got [1, 1]}}
  %0 = ds.reverse %x dims [1, 1] : tensor<4x8xf32>
  return
}

// -----

func.func @iota_dim() {
  // expected-error @below {{'ds.iota' op expects a dimension of 'tensor<4x8xi32>', but got 2}}
  %0 = ds.iota dim 2 : tensor<4x8xi32>
  return
}

// -----

func.func @iota_type() {
  // expected-error @below {{'ds.iota' op expects elements that count, but got 'tensor<4x8xi1>'}}
  %0 = ds.iota dim 1 : tensor<4x8xi1>
  return
}

// -----

func.func @dynamic_slice_starts(%x: tensor<4x8xf32>, %i: tensor<i32>) {
  // expected-error @below {{'ds.dynamic_slice' op expects a start for each dimension of 'tensor<4x8xf32>', but got 1}}
  %0 = ds.dynamic_slice %x at (%i) : tensor<4x8xf32>, tensor<i32> -> tensor<1x8xf32>
  return
}

// -----

func.func @dynamic_slice_types(%x: tensor<4x8xf32>, %i: tensor<i32>, %j: tensor<i64>) {
  // expected-error @below {{'ds.dynamic_slice' op expects starts of one type, but got 'tensor<i32>' and 'tensor<i64>'}}
  %0 = ds.dynamic_slice %x at (%i, %j) : tensor<4x8xf32>, tensor<i32>, tensor<i64> -> tensor<1x8xf32>
  return
}

// -----

func.func @dynamic_slice_size(%x: tensor<4x8xf32>, %i: tensor<i32>) {
  // expected-error @below {{'ds.dynamic_slice' op expects a window inside 'tensor<4x8xf32>', but got 'tensor<5x8xf32>'}}
  %0 = ds.dynamic_slice %x at (%i, %i) : tensor<4x8xf32>, tensor<i32>, tensor<i32> -> tensor<5x8xf32>
  return
}

// -----

func.func @dynamic_slice_scalar(%x: tensor<f32>, %i: tensor<i32>) {
  // expected-error @below {{'ds.dynamic_slice' op expects dimensions to begin in, but got 'tensor<f32>'}}
  %0 = ds.dynamic_slice %x at (%i) : tensor<f32>, tensor<i32> -> tensor<f32>
  return
}

// -----

func.func @dynamic_update_rank(%x: tensor<4x8xf32>, %p: tensor<8xf32>, %i: tensor<i32>) {
  // expected-error @below {{'ds.dynamic_update' op expects a window of the input's rank, but got 'tensor<8xf32>' of 'tensor<4x8xf32>'}}
  %0 = ds.dynamic_update %x, %p at (%i, %i) : tensor<4x8xf32>, tensor<8xf32>, tensor<i32>, tensor<i32>
  return
}

// -----

func.func @gather_indices(%x: tensor<5x8xf32>, %ids: tensor<3xi8>) {
  // expected-error @below {{'ds.gather' op expects i32 or i64 indices, but got 'tensor<3xi8>'}}
  %0 = ds.gather %x, %ids offset [1] collapsed [0] map [0] vector 1 sizes [1, 8]
    : (tensor<5x8xf32>, tensor<3xi8>) -> tensor<3x8xf32>
  return
}

// -----

func.func @gather_offset(%x: tensor<5x8xf32>, %ids: tensor<3xi32>) {
  // expected-error @below {{'ds.gather' op expects 'offset' to be ascending dimensions of 'tensor<3x8xf32>', but got [2]}}
  %0 = ds.gather %x, %ids offset [2] collapsed [0] map [0] vector 1 sizes [1, 8]
    : (tensor<5x8xf32>, tensor<3xi32>) -> tensor<3x8xf32>
  return
}

// -----

func.func @gather_collapsed(%x: tensor<5x8xf32>, %ids: tensor<3xi32>) {
  // expected-error @below {{'ds.gather' op expects 'collapsed' to be ascending dimensions of 'tensor<5x8xf32>', but got [1, 0]}}
  %0 = ds.gather %x, %ids offset [] collapsed [1, 0] map [0] vector 1 sizes [1, 8]
    : (tensor<5x8xf32>, tensor<3xi32>) -> tensor<3x8xf32>
  return
}

// -----

func.func @gather_batch(%x: tensor<5x8xf32>, %ids: tensor<5xi32>) {
  // expected-error @below {{'ds.gather' op expects 'batch' to be ascending and not collapsed dimensions of 'tensor<5x8xf32>', but got [0]}}
  %0 = ds.gather %x, %ids offset [1] collapsed [0] batch [0] of [0] map [1] vector 1 sizes [1, 8]
    : (tensor<5x8xf32>, tensor<5xi32>) -> tensor<5x8xf32>
  return
}

// -----

func.func @gather_map(%x: tensor<5x8xf32>, %ids: tensor<3x2xi32>) {
  // expected-error @below {{'ds.gather' op expects 'map' to be distinct and not batch dimensions of 'tensor<5x8xf32>', but got [0, 0]}}
  %0 = ds.gather %x, %ids offset [1] collapsed [0] map [0, 0] vector 1 sizes [1, 8]
    : (tensor<5x8xf32>, tensor<3x2xi32>) -> tensor<3x8xf32>
  return
}

// -----

func.func @gather_map_length(%x: tensor<5x8xf32>, %ids: tensor<3x2xi32>) {
  // expected-error @below {{'ds.gather' op expects 'map' to have a dimension for each of 2 elements of a start, but got 1}}
  %0 = ds.gather %x, %ids offset [1] collapsed [0] map [0] vector 1 sizes [1, 8]
    : (tensor<5x8xf32>, tensor<3x2xi32>) -> tensor<3x8xf32>
  return
}

// -----

func.func @gather_vector(%x: tensor<5x8xf32>, %ids: tensor<3xi32>) {
  // expected-error @below {{'ds.gather' op expects 'vector' to be a dimension of 'tensor<3xi32>' or its rank, but got 2}}
  %0 = ds.gather %x, %ids offset [1] collapsed [0] map [0] vector 2 sizes [1, 8]
    : (tensor<5x8xf32>, tensor<3xi32>) -> tensor<3x8xf32>
  return
}

// -----

func.func @gather_of(%x: tensor<5x8xf32>, %ids: tensor<5x1xi32>) {
  // expected-error @below {{'ds.gather' op expects 'of' to be distinct and not vector dimensions of 'tensor<5x1xi32>', but got [1]}}
  %0 = ds.gather %x, %ids offset [1] collapsed [] batch [0] of [1] map [1] vector 1 sizes [1, 8]
    : (tensor<5x8xf32>, tensor<5x1xi32>) -> tensor<5x8xf32>
  return
}

// -----

func.func @gather_pairs(%x: tensor<5x8xf32>, %ids: tensor<5x1xi32>) {
  // expected-error @below {{'ds.gather' op expects as many dimensions in 'batch' as in 'of', but got 1 and 0}}
  %0 = ds.gather %x, %ids offset [1] collapsed [] batch [0] of [] map [1] vector 1 sizes [1, 8]
    : (tensor<5x8xf32>, tensor<5x1xi32>) -> tensor<5x8xf32>
  return
}

// -----

func.func @gather_count(%x: tensor<5x8xf32>, %ids: tensor<3xi32>) {
  // expected-error @below {{'ds.gather' op expects 'offset', 'collapsed' and 'batch' to count all dimensions of 'tensor<5x8xf32>', but got 1, 0 and 0}}
  %0 = ds.gather %x, %ids offset [1] collapsed [] map [0] vector 1 sizes [1, 8]
    : (tensor<5x8xf32>, tensor<3xi32>) -> tensor<3x8xf32>
  return
}

// -----

func.func @gather_sizes(%x: tensor<5x8xf32>, %ids: tensor<3xi32>) {
  // expected-error @below {{'ds.gather' op expects a window of at most 1 in dimension 0 of 'tensor<5x8xf32>', but got 2}}
  %0 = ds.gather %x, %ids offset [1] collapsed [0] map [0] vector 1 sizes [2, 8]
    : (tensor<5x8xf32>, tensor<3xi32>) -> tensor<3x8xf32>
  return
}

// -----

func.func @gather_batch_sizes(%x: tensor<5x8xf32>, %ids: tensor<3xi32>) {
  // expected-error @below {{'ds.gather' op expects dimensions that are walked together to be one size, but got 0 of 'tensor<5x8xf32>' and 0 of 'tensor<3xi32>'}}
  %0 = ds.gather %x, %ids offset [1] collapsed [] batch [0] of [0] map [1] vector 1 sizes [1, 8]
    : (tensor<5x8xf32>, tensor<3xi32>) -> tensor<3x8xf32>
  return
}

// -----

func.func @gather_result(%x: tensor<5x8xf32>, %ids: tensor<3xi32>) {
  // expected-error @below {{'ds.gather' op expects a result of the windows' and the indices' dimensions (1 and 1), but got 'tensor<4x8xf32>' for windows of [1, 8] and indices 'tensor<3xi32>'}}
  %0 = ds.gather %x, %ids offset [1] collapsed [0] map [0] vector 1 sizes [1, 8]
    : (tensor<5x8xf32>, tensor<3xi32>) -> tensor<4x8xf32>
  return
}

// -----

func.func @scatter_kind(%x: tensor<5x8xf32>, %ids: tensor<3xi32>, %u: tensor<3x8xf32>) {
  // expected-error @below {{'ds.scatter' op expects kind "add", "mul", "min", "max" or "set", but got "sub"}}
  %0 = ds.scatter "sub" %x, %ids, %u window [1] inserted [0] map [0] vector 1
    : (tensor<5x8xf32>, tensor<3xi32>, tensor<3x8xf32>) -> tensor<5x8xf32>
  return
}

// -----

func.func @scatter_window(%x: tensor<5x8xf32>, %ids: tensor<3xi32>, %u: tensor<3x8xf32>) {
  // expected-error @below {{'ds.scatter' op expects 'window' to be ascending dimensions of 'tensor<3x8xf32>', but got [5]}}
  %0 = ds.scatter "add" %x, %ids, %u window [5] inserted [0] map [0] vector 1
    : (tensor<5x8xf32>, tensor<3xi32>, tensor<3x8xf32>) -> tensor<5x8xf32>
  return
}

// -----

func.func @scatter_updates(%x: tensor<5x8xf32>, %ids: tensor<3xi32>, %u: tensor<3x9xf32>) {
  // expected-error @below {{'ds.scatter' op expects a window of at most 8 in dimension 1 of 'tensor<5x8xf32>', but got 9}}
  %0 = ds.scatter "add" %x, %ids, %u window [1] inserted [0] map [0] vector 1
    : (tensor<5x8xf32>, tensor<3xi32>, tensor<3x9xf32>) -> tensor<5x8xf32>
  return
}

// -----

func.func @scatter_rows(%x: tensor<5x8xf32>, %ids: tensor<3xi32>, %u: tensor<4x8xf32>) {
  // expected-error @below {{'ds.scatter' op expects updates of the windows' and the indices' dimensions (1 and 1), but got 'tensor<4x8xf32>' for windows of [1, 8] and indices 'tensor<3xi32>'}}
  %0 = ds.scatter "add" %x, %ids, %u window [1] inserted [0] map [0] vector 1
    : (tensor<5x8xf32>, tensor<3xi32>, tensor<4x8xf32>) -> tensor<5x8xf32>
  return
}

// -----

func.func @strided_copy_types(%x: tensor<12xf32>, %t: tensor<16xbf16>) {
  // expected-error @below {{'ds.strided_copy' op expects equal element types, but got 'tensor<12xf32>' and 'tensor<16xbf16>'}}
  %0 = ds.strided_copy %x into %t sizes [4] from [1] to [1] : tensor<12xf32>, tensor<16xbf16>
  return
}

// -----

func.func @strided_copy_rank(%x: tensor<3x4xf32>, %t: tensor<16xf32>) {
  // expected-error @below {{'ds.strided_copy' op expects tensors of rank 1, but got 'tensor<3x4xf32>' and 'tensor<16xf32>'}}
  %0 = ds.strided_copy %x into %t sizes [4] from [1] to [1] : tensor<3x4xf32>, tensor<16xf32>
  return
}

// -----

func.func @strided_copy_strides(%x: tensor<12xf32>, %t: tensor<16xf32>) {
  // expected-error @below {{'ds.strided_copy' op expects as many strides as sizes, 2, but got 1 and 2}}
  %0 = ds.strided_copy %x into %t sizes [4, 3] from [1] to [3, 1] : tensor<12xf32>, tensor<16xf32>
  return
}

// -----

func.func @strided_copy_negative(%x: tensor<12xf32>, %t: tensor<16xf32>) {
  // expected-error @below {{'ds.strided_copy' op expects sizes of at least 1 and strides of at least 0, but got size 4 and strides -1 and 1}}
  %0 = ds.strided_copy %x into %t sizes [4] from [-1] to [1] : tensor<12xf32>, tensor<16xf32>
  return
}

// -----

func.func @strided_copy_meets(%x: tensor<12xf32>, %t: tensor<16xf32>) {
  // expected-error @below {{'ds.strided_copy' op expects 'to' to go over the 3 elements of its inner dimensions, but got 2}}
  %0 = ds.strided_copy %x into %t sizes [4, 3] from [1, 4] to [2, 1] : tensor<12xf32>, tensor<16xf32>
  return
}

// -----

func.func @strided_copy_source(%x: tensor<12xf32>, %t: tensor<16xf32>) {
  // expected-error @below {{'ds.strided_copy' op expects every place to be inside of 'tensor<12xf32>' and 'tensor<16xf32>', but got 4 elements at strides 1 and 3}}
  %0 = ds.strided_copy %x into %t sizes [4, 3] from [1, 5] to [3, 1] : tensor<12xf32>, tensor<16xf32>
  return
}

// -----

func.func @strided_copy_target(%x: tensor<12xf32>, %t: tensor<16xf32>) {
  // expected-error @below {{'ds.strided_copy' op expects every place to be inside of 'tensor<12xf32>' and 'tensor<16xf32>', but got 9223372036854775807 elements at strides 0 and 9223372036854775807}}
  %0 = ds.strided_copy %x into %t sizes [9223372036854775807] from [0] to [9223372036854775807]
    : tensor<12xf32>, tensor<16xf32>
  return
}
