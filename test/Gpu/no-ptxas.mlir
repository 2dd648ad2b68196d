// Without ptxas there is PTX alone, and a note says so.
// UNSUPPORTED: ptxas
// RUN: not check-gpu-kernels %s --report=sm_90a 2>&1 | FileCheck %s
// CHECK: no ptxas in CUDA_HOME, CUDA_PATH, /usr/local/cuda or PATH: kernels are PTX only, which the driver compiles
// CHECK: ptx compute_80:
// RUN: ds-model gpt2-124m --layers=1 --width=8 --heads=2 --vocab=16 --seq-len=8 -o %t.gpt.mlir
// RUN: ds-opt %t.gpt.mlir --zero=0 --machine=h200 --tune-seconds=0 -o %t.dsplan 2>&1 | FileCheck %s --check-prefix=NOTE
// NOTE: ds-opt: note: no ptxas in CUDA_HOME, CUDA_PATH, /usr/local/cuda or PATH: kernels are PTX only, which the driver compiles when a plan is loaded
func.func private @add(%x: tensor<4096xf32>) -> tensor<4096xf32> {
  %y = ds.add %x, %x : tensor<4096xf32>, tensor<4096xf32>
  return %y : tensor<4096xf32>
}
