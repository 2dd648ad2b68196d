//===- GpuParts.h - The parts of a GPU's profile ------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each gives back what it took at the end, before its device.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_PROFILE_GPUPARTS_H
#define DS_RUNTIME_PROFILE_GPUPARTS_H

#include "backends/cuda/Device.h"
#include "backends/cuda/Products.h"
#include "backends/cuda/StepGraph.h"
#include "comm/local/Control.h"
#include "profile/Machine.h"

namespace ds::rt {

/// What takes its turn in each round: puts work on the device's first stream,
/// and in the end is told how many seconds that usually took.
struct GpuTrial {
  std::function<Status()> enqueue;
  std::function<void(double seconds)> take;
  std::vector<double> seconds = {}; ///< Of each round.
};

/// A measurement failed.  A GPU that does not end it is abandoned, for what is
/// on its streams cannot be given back.
Status notMeasured(cuda::Device &device, cuda::Result result);

/// Enqueues a graph, for a trial.
Status launch(const cuda::Device &device, const cuda::StepGraph &graph);

/// Rounds of all trials, as many as are done in `seconds`, but at least three.
/// Each work done is progress in `slot`.
Status runTrials(cuda::Device &device, std::vector<GpuTrial> &trials,
                 double seconds, RankSlot &slot);

/// The kernels of GpuKernels.ptx.
class GpuKernels {
public:
  explicit GpuKernels(const cuda::Device &device) : device_(device) {}
  GpuKernels(const GpuKernels &) = delete;
  ~GpuKernels();
  Status load();

  // Each enqueues one launch.
  Status empty() const;
  /// Random numbers, of whatever type; `bytes` a multiple of 1024.
  Status random(std::byte *at, uint64_t bytes) const;
  Status multiply(std::byte *at) const;
  /// Reads kReadBytes from `at` on, many times.
  Status read(std::byte *at) const;
  static constexpr uint64_t kReadBytes = 4 << 20;

  double multiplyFlops() const; ///< Of one launch.
  double readBytes() const;     ///< The same, over and over counted.

private:
  Status launch(cuda::Function function, uint64_t blocks, std::byte *at) const;
  uint64_t fullGrid() const;

  const cuda::Device &device_;
  cuda::Module module_ = nullptr;
  cuda::Function empty_ = nullptr, random_ = nullptr, multiply_ = nullptr,
                 read_ = nullptr;
};

/// Memory of the GPU that what is measured shares: three blocks of random
/// numbers, and what products need besides.
struct GpuBlocks {
  uint64_t bytes; ///< Of each block.
  std::byte *a, *b, *c, *workspace;
  static constexpr uint64_t kWorkspaceBytes = 32 << 20; ///< As plans have it.
};

/// Trials of products: of a large square, which are the profile's peaks, and of
/// shapes that a transformer's step has, as far as they fit into the blocks and
/// the library has an algorithm.  Rates are without what a launch costs, which
/// an earlier trial has to tell `profile`.
Status addProductTrials(const cuda::Device &device, const GpuBlocks &blocks,
                        cuda::Products &products, MachineProfile &profile,
                        std::vector<GpuTrial> &trials);

/// All of the profile that one GPU says: the first.
StatusOr<MachineProfile> measureFirstGpu(RankSlot &slot);

/// What the first rank found; lies in memory that ranks share.
struct GpuLink {
  double gbps = 0;
  uint64_t libraryBytes = 0; ///< What NCCL took for a communicator.
};

/// A collective of all ranks, each of which has a GPU of its own.
Status measureLink(const Control &control, int rank, double timeoutSeconds,
                   GpuLink &link);

} // namespace ds::rt

#endif // DS_RUNTIME_PROFILE_GPUPARTS_H
