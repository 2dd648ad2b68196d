// RUN: check-gpu-kernels %s --ptx=sm_90a | FileCheck %s
// RUN: check-gpu-kernels %s --ptx=sm_90a | FileCheck %s --check-prefix=ALL
// RUN: check-gpu-kernels %s --ptx=sm_80 | FileCheck %s --check-prefix=OLD
// RUN: not check-gpu-kernels %s --ptx=sm_70 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// Accesses take 16 bytes where rows allow it, read-only data comes through its
// own cache, 16-bit numbers are converted in pairs, exponentials and
// reciprocals are the GPU's, and nothing is called or kept in local memory.

// UNKNOWN: error: unknown GPU architecture 'sm_70'; expects one of sm_80, sm_86, sm_87, sm_89, sm_90, sm_90a, sm_100,
// ALL-NOT: .local
// ALL-NOT: call
// ALL: .target sm_90a
// ALL-NOT: .local
// ALL-NOT: call
// OLD: .version 7.1
// OLD: .target sm_80

// A thread has eight neighbours; one vector load, one store.
// CHECK-LABEL: .entry ds_k0(
// CHECK: .param .u64 .ptr .global .align 16 ds_k0_param_0
// CHECK: .reqntid 256
// CHECK: ld.global.nc.v4.b32
// CHECK-NOT: ld.global
// CHECK-COUNT-8: ex2.approx.ftz.f32
// CHECK-COUNT-4: cvt.rn.bf16x2.f32
// CHECK: st.global.v4.b32
// CHECK-NOT: st.global
func.func private @gelu(%x: tensor<4096x768xbf16>) -> tensor<4096x768xbf16> {
  %y = ds.gelu %x : tensor<4096x768xbf16>
  return %y : tensor<4096x768xbf16>
}

// A warp has a row, which it keeps: one load of it for all three phases, and
// those of scale and bias.
// CHECK-LABEL: .entry ds_k1(
// CHECK: .reqntid 128
// CHECK-COUNT-6: ld.global.nc.v4.b32
// CHECK-NOT: ld.global
// CHECK-COUNT-5: shfl.sync.bfly.b32
// CHECK-NOT: ld.global
// CHECK-COUNT-5: shfl.sync.bfly.b32
// CHECK-NOT: bar.sync
// CHECK: rsqrt.approx.f32
// CHECK-COUNT-6: st.global.v4.b32
// CHECK-NOT: st.global
func.func private @layer_norm(%x: tensor<4096x768xf32>, %s: tensor<768xf32>, %b: tensor<768xf32>)
    -> tensor<4096x768xf32> {
  %y = ds.layer_norm %x, %s, %b eps 1.0e-5 : tensor<4096x768xf32>, tensor<768xf32>, tensor<768xf32>
  return %y : tensor<4096x768xf32>
}

// A block has a long row: what its warps have found meets in shared memory.
// CHECK-LABEL: .entry ds_k2(
// CHECK: .reqntid 1024
// CHECK: ld.global.nc.v4.b32
// CHECK-COUNT-5: shfl.sync.bfly.b32
// CHECK: st.shared
// CHECK: bar.sync 0;
// CHECK: ld.shared
// CHECK-COUNT-5: shfl.sync.bfly.b32
// CHECK: st.global.b32
func.func private @loss(%x: tensor<1024x50304xbf16>, %t: tensor<1024xi32>) -> tensor<1024xf32> {
  %y = ds.cross_entropy_rows %x, %t : (tensor<1024x50304xbf16>, tensor<1024xi32>) -> tensor<1024xf32>
  return %y : tensor<1024xf32>
}

// Rows of an odd length begin anywhere: neighbouring threads have neighbours.
// CHECK-LABEL: .entry ds_k3(
// CHECK-NOT: .v2.
// CHECK-NOT: .v4.
// CHECK: st.global.b32
func.func private @odd_rows(%x: tensor<64x769xf32>) -> tensor<64x769xf32> {
  %y = ds.softmax %x scale 1.0 : tensor<64x769xf32>
  return %y : tensor<64x769xf32>
}

// What is left of a vector is done by one thread.
// CHECK-LABEL: .entry ds_k4(
// CHECK: ld.global.nc.v4.b32
// CHECK: st.global.v4.b32
// CHECK: ld.global.nc.v2.b32
// CHECK: st.global.v2.b32
// CHECK-NOT: .global
// CHECK: ret;
func.func private @tail(%x: tensor<1026xf32>) -> tensor<1026xf32> {
  %y = ds.mul %x, %x : tensor<1026xf32>, tensor<1026xf32>
  return %y : tensor<1026xf32>
}

// Parts of a column sum: 16 bytes of a row at once, several rows in flight.
// CHECK-LABEL: .entry ds_k5(
// CHECK: .reqntid 512
// CHECK-COUNT-4: ld.global.nc.v4.b32
// CHECK: st.shared.v4.b32
// CHECK: bar.sync 0;
// CHECK: st.global.v4.b32
// CHECK-NEXT: st.global.v4.b32
// CHECK-NOT: st.global
func.func private @bias_parts(%x: tensor<128x512x768xbf16>) -> tensor<512x768xf32> {
  %s = ds.sum %x : tensor<128x512x768xbf16> -> tensor<512x768xf32>
  return %s : tensor<512x768xf32>
}

// Parts of a long row: a warp has 1024 elements on their way at once.
// CHECK-LABEL: .entry ds_k6(
// CHECK: .reqntid 128
// CHECK-COUNT-8: ld.global.nc.v4.b32
// CHECK-NOT: ld.global
// CHECK-COUNT-5: shfl.sync.bfly.b32
// CHECK-NOT: bar.sync
// CHECK: st.global.b32
func.func private @norm_parts(%x: tensor<131072x1024xf32>) -> tensor<131072xf32> {
  %s = ds.sum %x {squares, trailing} : tensor<131072x1024xf32> -> tensor<131072xf32>
  return %s : tensor<131072xf32>
}

// A transposing copy: rows of 32 elements on both sides, all loads of a tile
// on their way before the first is stored, and a tile's rows 33 elements apart.
// CHECK-LABEL: .entry ds_k7(
// CHECK: .reqntid 256
// CHECK-COUNT-4: ld.global.nc.b32
// CHECK-COUNT-4: st.shared.b32
// CHECK: bar.sync 0;
// CHECK-COUNT-4: st.global.b32
// CHECK-NOT: bar.sync
// CHECK: ret;
func.func private @turned(%x: tensor<1048576xf32>, %into: tensor<1048576xf32>)
    -> tensor<1048576xf32> attributes {in_place = [[0, 1]]} {
  %0 = ds.strided_copy %x into %into sizes [1024, 1024] from [1, 1024] to [1024, 1]
    : tensor<1048576xf32>, tensor<1048576xf32>
  return %0 : tensor<1048576xf32>
}

// Rows that are copied to others: 16 bytes at once.
// CHECK-LABEL: .entry ds_k8(
// CHECK: ld.global.nc.v4.b32
// CHECK-NOT: ld.global
// CHECK: st.global.v4.b32
// CHECK-NOT: st.global
// CHECK: ret;
func.func private @rows(%x: tensor<1048576xbf16>, %into: tensor<1048576xbf16>)
    -> tensor<1048576xbf16> attributes {in_place = [[0, 1]]} {
  %0 = ds.strided_copy %x into %into sizes [64, 16, 64] from [8192, 256, 1] to [1024, 64, 1]
    : tensor<1048576xbf16>, tensor<1048576xbf16>
  return %0 : tensor<1048576xbf16>
}

// A vocabulary of any size, in padded rows.
// CHECK-LABEL: .entry ds_k9(
// CHECK: ld.global.nc.v4.b32
func.func private @padded_loss(%x: tensor<1024x50304xbf16>, %t: tensor<1024xi32>) -> tensor<1024xf32> {
  %y = ds.cross_entropy_rows %x, %t classes 50257 : (tensor<1024x50304xbf16>, tensor<1024xi32>) -> tensor<1024xf32>
  return %y : tensor<1024xf32>
}
