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
