//===- GpuReduce.h - Sums over ranks on a GPU ---------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_RUNTIME_COMM_LOCAL_GPUREDUCE_H
#define DS_RUNTIME_COMM_LOCAL_GPUREDUCE_H

#include "backends/cuda/Device.h"
#include "plan_generated.h"

#include <map>
#include <span>

namespace ds::rt {

/// What `reduceArrays` does, with the same bits, for arrays of a GPU.  Gives
/// back what it took at the end, before its device.
class GpuReduce {
public:
  explicit GpuReduce(cuda::Device &device) : device_(device) {}
  GpuReduce(const GpuReduce &) = delete;
  ~GpuReduce();

  /// Takes memory for so many sources.
  Status open(size_t mostSources);
  /// Loads the kernel of a type and an operation.
  Status load(plan::DType dtype, plan::ReduceOp op);
  /// Enqueues dst[i] = reduction over `sources` of source[i], in their order.
  /// `dst` may be one of the sources.  Not again before the stream is idle.
  cuda::Result run(plan::DType dtype, plan::ReduceOp op,
                   std::span<const cuda::Address> sources, cuda::Address dst,
                   uint64_t count, cuda::Stream stream);

private:
  struct Kernel {
    cuda::Module module = nullptr;
    cuda::Function function = nullptr;
  };
  cuda::Device &device_;
  std::map<std::pair<plan::DType, plan::ReduceOp>, Kernel> kernels_;
  /// What the kernel reads: target, count, number of sources, sources.
  uint64_t *job_ = nullptr;
  cuda::Address jobOnGpu_ = 0;
};

/// The kernel as PTX; its entry is "ds_rt_reduce".
std::string reductionPtx(plan::DType dtype, plan::ReduceOp op);

} // namespace ds::rt

#endif // DS_RUNTIME_COMM_LOCAL_GPUREDUCE_H
