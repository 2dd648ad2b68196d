// RUN: ds-exec %s --before=ds-fuse-kernels --after='ds-fuse-kernels,ds-fuse-epilogues{gelu}' --worlds=1 --steps=1 \
// RUN:   --rtol=1e-12 --entry=bias | FileCheck %s
// RUN: ds-exec %s --before=ds-fuse-kernels --after='ds-fuse-kernels,ds-fuse-epilogues{gelu}' --worlds=1 --steps=1 \
// RUN:   --rtol=8e-3 --entry=narrow | FileCheck %s --check-prefix=NARROW
// RUN: not ds-exec %s --before=ds-fuse-kernels --after='ds-fuse-kernels,ds-fuse-epilogues{gelu}' --worlds=1 --steps=1 \
// RUN:   --rtol=1e-12 --entry=narrow 2>&1 | FileCheck %s --check-prefix=ROUNDED
//
// A bias in float32 is added as before.  In bfloat16 the product is no longer rounded in front of it, nor the sum in
// front of GELU: results differ by two of the roundings of before, 2^-8 of the largest number each, and by more than
// nothing.

// CHECK: world 1: equal: 2 results
func.func @bias(%x: tensor<2x5x3xf32>, %w: tensor<3x8xf32>, %v: tensor<8x3xf32>, %b: tensor<8xf32>)
    -> (tensor<2x5x8xf32>, tensor<2x5x8xf32>) {
  %0 = ds.dot "bsk,kn->bsn" %x, %w : (tensor<2x5x3xf32>, tensor<3x8xf32>) -> tensor<2x5x8xf32>
  %1 = ds.add %0, %b : tensor<2x5x8xf32>, tensor<8xf32>
  %2 = ds.dot "nk,bsk->bsn" %v, %x : (tensor<8x3xf32>, tensor<2x5x3xf32>) -> tensor<2x5x8xf32>
  %3 = ds.add %2, %b : tensor<2x5x8xf32>, tensor<8xf32>
  return %1, %3 : tensor<2x5x8xf32>, tensor<2x5x8xf32>
}

// NARROW: world 1: equal: 4 results
// ROUNDED: error: step 0, result {{[0-3]}}, rank 0, element {{.*}} before
func.func @narrow(%x: tensor<2x5x16xbf16>, %w: tensor<16x8xbf16>, %b: tensor<8xbf16>, %g: tensor<2x5x8xbf16>,
    %u: tensor<8x8xbf16>) -> (tensor<2x5x8xbf16>, tensor<2x5x8xbf16>, tensor<2x5x8xbf16>, tensor<2x5x8xbf16>) {
  %0 = ds.dot "bsk,kn->bsn" %x, %w : (tensor<2x5x16xbf16>, tensor<16x8xbf16>) -> tensor<2x5x8xbf16>
  %1 = ds.add %0, %b : tensor<2x5x8xbf16>, tensor<8xbf16>
  %2 = ds.gelu %1 : tensor<2x5x8xbf16>
  %3 = ds.dot "bsk,nk->bsn" %g, %u {ds.backward} : (tensor<2x5x8xbf16>, tensor<8x8xbf16>) -> tensor<2x5x8xbf16>
  %4 = ds.gelu_grad %1, %3 {ds.backward} : tensor<2x5x8xbf16>
  %5 = ds.dot "bsk,nk->bsn" %g, %u : (tensor<2x5x8xbf16>, tensor<8x8xbf16>) -> tensor<2x5x8xbf16>
  %6 = ds.add %5, %b : tensor<2x5x8xbf16>, tensor<8xbf16>
  return %1, %2, %4, %6 : tensor<2x5x8xbf16>, tensor<2x5x8xbf16>, tensor<2x5x8xbf16>, tensor<2x5x8xbf16>
}
