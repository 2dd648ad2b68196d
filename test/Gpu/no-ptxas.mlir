// Without ptxas there is PTX alone, and a note says so.
// UNSUPPORTED: ptxas
// RUN: not check-gpu-kernels %s --report=sm_90a 2>&1 | FileCheck %s
// CHECK: no ptxas in CUDA_HOME, CUDA_PATH, /usr/local/cuda or PATH: kernels are PTX only, which the driver compiles
// CHECK: ptx compute_80:
func.func private @add(%x: tensor<4096xf32>) -> tensor<4096xf32> {
  %y = ds.add %x, %x : tensor<4096xf32>, tensor<4096xf32>
  return %y : tensor<4096xf32>
}
