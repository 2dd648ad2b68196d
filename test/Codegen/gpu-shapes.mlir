// Sizes at which kernels lie on a GPU in each of their ways: rows of a warp, of
// a part of one and of a block, in registers and read again, with values kept
// in shared memory; columns in narrow and wide tiles; rows that are combined by
// all warps of a block.
func.func private @block_in_registers(%x: tensor<5x2048xf32>) -> tensor<5x2048xf32> {
  %y = ds.softmax %x scale 0.125 : tensor<5x2048xf32>
  return %y : tensor<5x2048xf32>
}
func.func private @block_read_again(%x: tensor<3x5000xf32>) -> tensor<3x5000xf32> {
  %y = ds.softmax %x scale 0.125 : tensor<3x5000xf32>
  return %y : tensor<3x5000xf32>
}
func.func private @block_in_place(%x: tensor<3x4099xf32>)
    -> tensor<3x4099xf32> attributes {in_place = [[0, 0]]} {
  %y = ds.softmax %x scale 0.125 : tensor<3x4099xf32>
  return %y : tensor<3x4099xf32>
}
func.func private @warp_in_registers(%x: tensor<7x768xbf16>, %s: tensor<768xbf16>, %b: tensor<768xbf16>)
    -> tensor<7x768xbf16> {
  %y = ds.layer_norm %x, %s, %b eps 1.0e-5 : tensor<7x768xbf16>, tensor<768xbf16>, tensor<768xbf16>
  return %y : tensor<7x768xbf16>
}
func.func private @warp_read_again(%x: tensor<6x404xf32>, %s: tensor<404xf32>, %b: tensor<404xf32>)
    -> tensor<6x404xf32> {
  %y = ds.layer_norm %x, %s, %b eps 1.0e-5 : tensor<6x404xf32>, tensor<404xf32>, tensor<404xf32>
  return %y : tensor<6x404xf32>
}
func.func private @part_of_a_warp(%x: tensor<37x64xbf16>) -> tensor<37x64xbf16> {
  %y = ds.softmax %x scale 0.125 : tensor<37x64xbf16>
  return %y : tensor<37x64xbf16>
}
func.func private @causal_in_registers(%x: tensor<2x128x128xf32>) -> tensor<2x128x128xf32> {
  %y = ds.softmax %x scale 0.125 {causal} : tensor<2x128x128xf32>
  return %y : tensor<2x128x128xf32>
}
func.func private @causal_read_again(%x: tensor<9x520xf32>) -> tensor<9x520xf32> {
  %y = ds.softmax %x scale 0.125 {causal} : tensor<9x520xf32>
  return %y : tensor<9x520xf32>
}
func.func private @causal_in_place(%x: tensor<101x300xbf16>)
    -> tensor<101x300xbf16> attributes {in_place = [[0, 0]]} {
  %y = ds.softmax %x scale 0.125 {causal} : tensor<101x300xbf16>
  return %y : tensor<101x300xbf16>
}
func.func private @loss(%x: tensor<3x3016xbf16>, %t: tensor<3xi32> {test.bound = 3016}) -> tensor<3xf32> {
  %y = ds.cross_entropy_rows %x, %t : (tensor<3x3016xbf16>, tensor<3xi32>) -> tensor<3xf32>
  return %y : tensor<3xf32>
}
func.func private @whole_tensor(%x: tensor<40x1000xf32>) -> tensor<f64> {
  %0 = ds.sum %x {trailing, squares} : tensor<40x1000xf32> -> tensor<f64>
  return %0 : tensor<f64>
}
func.func private @narrow_columns(%x: tensor<1000x70xf32>) -> tensor<70xf32> {
  %0 = ds.sum %x : tensor<1000x70xf32> -> tensor<70xf32>
  return %0 : tensor<70xf32>
}
func.func private @wide_columns(%x: tensor<9x17000xbf16>) -> tensor<17000xbf16> {
  %0 = ds.sum %x : tensor<9x17000xbf16> -> tensor<17000xbf16>
  return %0 : tensor<17000xbf16>
}
func.func private @one_column(%x: tensor<3000x1xf32>) -> tensor<1xf32> {
  %0 = ds.sum %x : tensor<3000x1xf32> -> tensor<1xf32>
  return %0 : tensor<1xf32>
}
func.func private @columns_of_norms(%x: tensor<3x130x68xf32>, %mean: tensor<3x130xf32>,
    %rstd: tensor<3x130xf32> {test.positive}, %g: tensor<3x130x68xf32>) -> (tensor<68xf32>, tensor<68xf32>) {
  %h = ds.normalize %x, %mean, %rstd : tensor<3x130x68xf32>, tensor<3x130xf32>, tensor<3x130xf32>
  %m = ds.mul %h, %g : tensor<3x130x68xf32>, tensor<3x130x68xf32>
  %dscale = ds.sum %m : tensor<3x130x68xf32> -> tensor<68xf32>
  %dbias = ds.sum %g : tensor<3x130x68xf32> -> tensor<68xf32>
  return %dscale, %dbias : tensor<68xf32>, tensor<68xf32>
}
func.func private @rows_of_many_warps(%into: tensor<50x70xf32>, %ids: tensor<3x101xi64> {test.bound = 60},
    %g: tensor<3x101x70xf32> {test.partly}) -> tensor<50x70xf32> attributes {in_place = [[0, 0]]} {
  %r = ds.embedding_grad %into, %ids, %g
    : (tensor<50x70xf32>, tensor<3x101xi64>, tensor<3x101x70xf32>) -> tensor<50x70xf32>
  return %r : tensor<50x70xf32>
}
func.func private @last_of_many_rows(%x: tensor<9x33xf32> {test.partly}, %ids: tensor<1100xi32> {test.bound = 9},
    %u: tensor<1100x33xf32> {test.partly}) -> tensor<9x33xf32> attributes {in_place = [[0, 0]]} {
  %r = ds.scatter "set" %x, %ids, %u window [1] inserted [0] map [0] vector 1
    : (tensor<9x33xf32>, tensor<1100xi32>, tensor<1100x33xf32>) -> tensor<9x33xf32>
  return %r : tensor<9x33xf32>
}
// What has only some of the dimensions that run as one: neighbouring points
// have the same element of it, or begin again at its start.
func.func private @weighted_sum(%x: tensor<4x8x16xf32>, %m: tensor<4x8xf32>) -> tensor<4xf32> {
  %w = ds.broadcast %m dims [0, 1] : tensor<4x8xf32> -> tensor<4x8x16xf32>
  %y = ds.mul %x, %w : tensor<4x8x16xf32>, tensor<4x8x16xf32>
  %s = ds.sum %y {trailing} : tensor<4x8x16xf32> -> tensor<4xf32>
  return %s : tensor<4xf32>
}
func.func private @columns_with_bias(%x: tensor<3x4096x3xf32>, %b: tensor<3xf32>) -> tensor<4096x3xf32> {
  %s = ds.sum %x : tensor<3x4096x3xf32> -> tensor<4096x3xf32>
  %y = ds.add %s, %b : tensor<4096x3xf32>, tensor<3xf32>
  return %y : tensor<4096x3xf32>
}
func.func private @columns_of_heads(%x: tensor<5x8x16xf32>, %m: tensor<5x8xf32>) -> tensor<8x16xf32> {
  %w = ds.broadcast %m dims [0, 1] : tensor<5x8xf32> -> tensor<5x8x16xf32>
  %y = ds.mul %x, %w : tensor<5x8x16xf32>, tensor<5x8x16xf32>
  %s = ds.sum %y : tensor<5x8x16xf32> -> tensor<8x16xf32>
  return %s : tensor<8x16xf32>
}
// Copies: 16 bytes at once, or neighbours one by one; tiles that are turned, whose
// edges some have little, and more of them than blocks; a column repeated.
func.func private @copied_rows(%x: tensor<4096xbf16> {test.partly}, %into: tensor<4096xbf16> {test.partly})
    -> tensor<4096xbf16> attributes {in_place = [[0, 1]]} {
  %0 = ds.strided_copy %x into %into sizes [3, 7, 64] from [1024, 64, 1] to [1032, 128, 1]
    : tensor<4096xbf16>, tensor<4096xbf16>
  return %0 : tensor<4096xbf16>
}
func.func private @copied_odd_rows(%x: tensor<3000xf32> {test.partly}, %into: tensor<3000xf32> {test.partly})
    -> tensor<3000xf32> attributes {in_place = [[0, 1]]} {
  %0 = ds.strided_copy %x into %into sizes [17, 13, 6] from [150, 8, 1] to [170, 12, 1]
    : tensor<3000xf32>, tensor<3000xf32>
  return %0 : tensor<3000xf32>
}
func.func private @turned(%x: tensor<8192xf32> {test.partly}, %into: tensor<8192xf32> {test.partly})
    -> tensor<8192xf32> attributes {in_place = [[0, 1]]} {
  %0 = ds.strided_copy %x into %into sizes [2, 64, 64] from [4096, 1, 64] to [4096, 64, 1]
    : tensor<8192xf32>, tensor<8192xf32>
  return %0 : tensor<8192xf32>
}
func.func private @turned_odd(%x: tensor<9000xbf16> {test.partly}, %into: tensor<9000xbf16> {test.partly})
    -> tensor<9000xbf16> attributes {in_place = [[0, 1]]} {
  %0 = ds.strided_copy %x into %into sizes [33, 3, 65] from [1, 2200, 33] to [200, 65, 1]
    : tensor<9000xbf16>, tensor<9000xbf16>
  return %0 : tensor<9000xbf16>
}
func.func private @turned_narrow(%x: tensor<4000xi1> {test.partly}, %into: tensor<4000xi1> {test.partly})
    -> tensor<4000xi1> attributes {in_place = [[0, 1]]} {
  %0 = ds.strided_copy %x into %into sizes [33, 9, 9] from [81, 1, 9] to [90, 9, 1]
    : tensor<4000xi1>, tensor<4000xi1>
  return %0 : tensor<4000xi1>
}
func.func private @repeated_column(%x: tensor<31xf64> {test.partly}, %into: tensor<700xf64> {test.partly})
    -> tensor<700xf64> attributes {in_place = [[0, 1]]} {
  %0 = ds.strided_copy %x into %into sizes [31, 20] from [1, 0] to [21, 1] : tensor<31xf64>, tensor<700xf64>
  return %0 : tensor<700xf64>
}
func.func private @one_element(%x: tensor<3xi64> {test.bound = 9}, %into: tensor<3xi64> {test.bound = 9})
    -> tensor<3xi64> attributes {in_place = [[0, 1]]} {
  %0 = ds.strided_copy %x into %into sizes [] from [] to [] : tensor<3xi64>, tensor<3xi64>
  return %0 : tensor<3xi64>
}
// Parts of folds, as ds-split-folds makes them.
func.func private @parts_of_columns(%x: tensor<9x5x71xf32>, %mean: tensor<9x5xf32>,
    %rstd: tensor<9x5xf32> {test.positive}, %g: tensor<9x5x71xf32>) -> (tensor<5x71xf32>, tensor<5x71xf32>) {
  %h = ds.normalize %x, %mean, %rstd : tensor<9x5x71xf32>, tensor<9x5xf32>, tensor<9x5xf32>
  %m = ds.mul %h, %g : tensor<9x5x71xf32>, tensor<9x5x71xf32>
  %dscale = ds.sum %m : tensor<9x5x71xf32> -> tensor<5x71xf32>
  %dbias = ds.sum %g : tensor<9x5x71xf32> -> tensor<5x71xf32>
  return %dscale, %dbias : tensor<5x71xf32>, tensor<5x71xf32>
}
func.func private @parts_of_even_columns(%x: tensor<40x16x72xbf16>, %mean: tensor<40x16xf32>,
    %rstd: tensor<40x16xf32> {test.positive}, %g: tensor<40x16x72xbf16>) -> (tensor<16x72xf32>, tensor<16x72xf32>) {
  %x32 = ds.cast %x : tensor<40x16x72xbf16> -> tensor<40x16x72xf32>
  %h = ds.normalize %x32, %mean, %rstd : tensor<40x16x72xf32>, tensor<40x16xf32>, tensor<40x16xf32>
  %g32 = ds.cast %g : tensor<40x16x72xbf16> -> tensor<40x16x72xf32>
  %m = ds.mul %h, %g32 : tensor<40x16x72xf32>, tensor<40x16x72xf32>
  %dscale = ds.sum %m : tensor<40x16x72xf32> -> tensor<16x72xf32>
  %dbias = ds.sum %g : tensor<40x16x72xbf16> -> tensor<16x72xf32>
  return %dscale, %dbias : tensor<16x72xf32>, tensor<16x72xf32>
}
func.func private @part_left_over(%x: tensor<163x1x70xf32>) -> tensor<1x70xf32> {
  %0 = ds.sum %x : tensor<163x1x70xf32> -> tensor<1x70xf32>
  return %0 : tensor<1x70xf32>
}
func.func private @parts_of_a_row(%x: tensor<5x1024xf32>, %s: tensor<f32>) -> tensor<5xf64> {
  %0 = ds.mul %x, %s : tensor<5x1024xf32>, tensor<f32>
  %1 = ds.sum %0 {trailing, squares} : tensor<5x1024xf32> -> tensor<5xf64>
  return %1 : tensor<5xf64>
}
