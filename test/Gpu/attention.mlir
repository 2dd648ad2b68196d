// RUN: split-file %s %t
// RUN: check-gpu-kernels %t/whole.mlir --ptx=sm_90a | FileCheck %s
// RUN: check-gpu-kernels %t/whole.mlir --ptx=sm_80 | FileCheck %s --check-prefix=ALL
// RUN: not check-gpu-kernels %t/float.mlir --ptx=sm_90a 2>&1 | FileCheck %s --check-prefix=FLOAT
// RUN: not check-gpu-kernels %t/computed.mlir --ptx=sm_90a 2>&1 | FileCheck %s --check-prefix=COMPUTED
// RUN: not check-gpu-kernels %t/twice.mlir --ptx=sm_90a 2>&1 | FileCheck %s --check-prefix=TWICE
// RUN: not check-gpu-kernels %t/narrow.mlir --narrow --ptx=sm_90a 2>&1 | FileCheck %s --check-prefix=NARROW
//
// Attention multiplies on tensor cores, tiles come by copies of 16 bytes that nobody waits for while one is multiplied,
// and nothing is called or in local memory.

// ALL-NOT: .local
// ALL-NOT: call
// ALL: .target sm_80
// ALL-NOT: .local
// ALL-NOT: call

//--- whole.mlir
// A tile of 64 keys: 32 products for the scores of 32 queries of a warp, and 32 with the values of 32.
// CHECK-LABEL: .entry ds_k0(
// CHECK: .reqntid 128
// CHECK-COUNT-8: cp.async.cg.shared.global
// CHECK: cp.async.commit_group
// CHECK-DAG: cp.async.wait_group 0
// CHECK-DAG: bar{{.*}}.sync
// CHECK-DAG: ldmatrix.sync.aligned.m8n8.x4.shared.b16
// CHECK-DAG: mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32
// CHECK-DAG: ex2.approx.ftz.f32
// CHECK-DAG: ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16
// CHECK-NOT: cp.async.ca
!r = tensor<2x256x128xbf16>
func.func private @forward(%a: tensor<2x256x384xbf16>) -> (tensor<2x256x2x64xbf16>, tensor<2x256x2xf32>) {
  %0:3 = ds.split %a : (tensor<2x256x384xbf16>) -> (!r, !r, !r)
  %q = ds.reshape %0#0 : tensor<2x256x128xbf16> -> tensor<2x256x2x64xbf16>
  %k = ds.reshape %0#1 : tensor<2x256x128xbf16> -> tensor<2x256x2x64xbf16>
  %v = ds.reshape %0#2 : tensor<2x256x128xbf16> -> tensor<2x256x2x64xbf16>
  %y, %l = ds.flash_attention %q, %k, %v scale 0.125 {causal} : tensor<2x256x2x64xbf16>, tensor<2x256x2x64xbf16>
  return %y, %l : tensor<2x256x2x64xbf16>, tensor<2x256x2xf32>
}

// The statistics of queries come beside their tiles, number by number.
// CHECK-LABEL: .entry ds_k1(
// CHECK: .reqntid 256
// CHECK: cp.async.ca.shared.global
// CHECK: mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32
!q = tensor<1x128x4x128xf16>
!k = tensor<1x128x2x128xf16>
!l = tensor<1x128x4xf32>
func.func private @gradient(%q: !q, %k: !k, %v: !k, %g: !q, %l: !l, %d: !l) -> (!q, !k, !k) {
  %0:3 = ds.flash_attention_grad %q, %k, %v, %g, %l, %d scale 0.0625 : !q, !k
  return %0#0, %0#1, %0#2 : !q, !k, !k
}

//--- float.mlir
// FLOAT: error: this attention cannot be one kernel: expects bf16 or f16 heads of 16, 32, ... or 128 elements, and a scale above 0
func.func private @float(%q: tensor<1x4x2x16xf32>) -> tensor<1x4x2x16xf32> {
  %y, %l = ds.flash_attention %q, %q, %q scale 0.25 : tensor<1x4x2x16xf32>, tensor<1x4x2x16xf32>
  return %y : tensor<1x4x2x16xf32>
}

//--- computed.mlir
// COMPUTED: error: this attention cannot be one kernel: expects operands to be arguments, or even views of some
func.func private @computed(%q: tensor<1x4x2x16xf16>) -> tensor<1x4x2x16xf16> {
  %0 = ds.gelu %q : tensor<1x4x2x16xf16>
  %y, %l = ds.flash_attention %0, %q, %q scale 0.25 : tensor<1x4x2x16xf16>, tensor<1x4x2x16xf16>
  return %y : tensor<1x4x2x16xf16>
}

//--- twice.mlir
// TWICE: error: this attention cannot be one kernel: expects its results, or joined ones, to be returned once
func.func private @twice(%q: tensor<1x4x2x16xf16>) -> (tensor<1x4x2x16xf16>, tensor<1x4x2x16xf16>) {
  %y, %l = ds.flash_attention %q, %q, %q scale 0.25 : tensor<1x4x2x16xf16>, tensor<1x4x2x16xf16>
  return %y, %y : tensor<1x4x2x16xf16>, tensor<1x4x2x16xf16>
}

//--- narrow.mlir
// NARROW: error: expects attention's tensors at multiples of 4 bytes
func.func private @narrow(%q: tensor<1x4x2x16xf16>) -> tensor<1x4x2x16xf16> {
  %y, %l = ds.flash_attention %q, %q, %q scale 0.25 : tensor<1x4x2x16xf16>, tensor<1x4x2x16xf16>
  return %y : tensor<1x4x2x16xf16>
}
