//===- GpuRates.cpp - What one GPU can do -------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "exec/Arena.h"
#include "profile/GpuParts.h"

#include <algorithm>

namespace ds::rt {

using namespace cuda;

namespace {

constexpr double kSeconds = 6;  ///< For all rounds.
constexpr int kLaunches = 1000; ///< In a graph.
constexpr uint64_t kPinnedBytes = 64 << 20;
/// With less there is no plan worth making.
constexpr uint64_t kLeastFree = 2ull << 30;

class Measurement {
public:
  explicit Measurement(Device &device)
      : device_(device), kernels_(device), products_(device), graph_(device) {}

  Status prepare();
  Status measure(RankSlot &slot);
  MachineProfile takeProfile() { return std::move(profile_); }

private:
  Status describe();
  Status takeMemory();
  Status captureLaunches();
  void addCopies();
  void addKernels();
  Status settleReserve();
  uint64_t allocatedBytes() const {
    return 3 * blocks_.bytes + GpuBlocks::kWorkspaceBytes;
  }

  Device &device_;
  MachineProfile profile_;
  std::optional<uint64_t> freeBefore_; ///< Before there was a context.
  GpuBlocks blocks_{};
  std::byte *pinned_ = nullptr;
  // Given back in the opposite order.
  GpuKernels kernels_;
  Products products_;
  StepGraph graph_;
  std::vector<GpuTrial> trials_;
};

/// The newest architecture that the compiler knows and whose code runs there.
/// 90: sm_90a, with what only GPUs of 9.0 have; 121: sm_120, as sm_120a would
/// not run.
std::string archOf(int capability) {
  constexpr int kKnown[] = {80, 86, 87, 89, 90, 100, 103, 120}; // GpuCode.cpp
  const int newest = *(std::ranges::upper_bound(kKnown, capability) - 1);
  const bool hasOwn = newest == capability && newest >= 90;
  return format("sm_%d%s", newest, hasOwn ? "a" : "");
}

Status Measurement::describe() {
  constexpr int kOldest = 80; // of the kernels' text, and of plans
  if (device_.capability() < kOldest)
    return inputError("expected a GPU from sm_%d on, as plans are for, but %s "
                      "is sm_%d",
                      kOldest, device_.title().c_str(), device_.capability());
  profile_.cpu = device_.name();
  GpuProfile &gpu = profile_.gpu.emplace();
  gpu.arch = archOf(device_.capability());
  gpu.multiprocessors = device_.multiprocessors();
  gpu.cacheBytes = device_.cacheBytes();
  return {};
}

/// An eighth of what is free at most, so that others are not in want.
Status Measurement::takeMemory() {
  constexpr uint64_t kMost = 1 << 30, kGranularity = 2 << 20;
  auto memory = device_.memory();
  if (!memory.ok())
    return memory.status();
  profile_.memoryBytes = std::min(freeBefore_.value_or(memory->free),
                                  memory->total); // a part of a GPU has less
  if (memory->free < kLeastFree)
    return inputError("expected %s of free memory to measure %s, but %s are "
                      "free: free memory of the GPU",
                      formatBytes(kLeastFree).c_str(), device_.title().c_str(),
                      formatBytes(memory->free).c_str());
  blocks_.bytes =
      std::min(kMost, memory->free / 8 / kGranularity * kGranularity);
  for (std::byte **block : {&blocks_.a, &blocks_.b, &blocks_.c}) {
    auto taken = device_.allocate(blocks_.bytes);
    if (!taken.ok())
      return taken.status();
    *block = *taken;
    DS_RT_RETURN_IF_ERROR(kernels_.random(*block, blocks_.bytes));
  }
  auto workspace = device_.allocate(GpuBlocks::kWorkspaceBytes);
  if (!workspace.ok())
    return workspace.status();
  blocks_.workspace = *workspace;
  auto pinned = device_.allocatePinned(kPinnedBytes);
  if (!pinned.ok())
    return pinned.status();
  pinned_ = *pinned;
  return {};
}

Status Measurement::captureLaunches() {
  return graph_.capture([&]() -> Status {
    for (int i = 0; i < kLaunches; ++i)
      DS_RT_RETURN_IF_ERROR(kernels_.empty());
    return {};
  });
}

Status Measurement::prepare() {
  DS_RT_RETURN_IF_ERROR(describe());
  freeBefore_ = device_.freeBeforeStart();
  DS_RT_RETURN_IF_ERROR(device_.start());
  DS_RT_RETURN_IF_ERROR(kernels_.load());
  DS_RT_RETURN_IF_ERROR(takeMemory());
  DS_RT_RETURN_IF_ERROR(captureLaunches());
  addCopies();
  addKernels();
  return addProductTrials(device_, blocks_, products_, profile_, trials_);
}

void Measurement::addCopies() {
  GpuProfile &gpu = *profile_.gpu;
  auto checked = [this](Result result) {
    return result == kSuccess
               ? Status()
               : device_.error(result, "cannot copy on " + device_.title());
  };
  const Driver &driver = device_.driver();
  const Address from = addressOf(blocks_.a), to = addressOf(blocks_.c);
  trials_.push_back(
      {[=, this, &driver] {
         return checked(driver.copy(to, from, blocks_.bytes, device_.stream()));
       },
       [this, &gpu](double seconds) {
         gpu.memoryGBps = 2e-9 * double(blocks_.bytes) / seconds;
       }});
  // There and back: both are as fast on the bus.
  trials_.push_back({[=, this, &driver] {
                       Result result = driver.copyToDevice(
                           to, pinned_, kPinnedBytes, device_.stream());
                       if (result == kSuccess)
                         result = driver.copyToHost(pinned_, to, kPinnedBytes,
                                                    device_.stream());
                       return checked(result);
                     },
                     [&gpu](double seconds) {
                       gpu.hostGBps = 2e-9 * kPinnedBytes / seconds;
                     }});
}

void Measurement::addKernels() {
  GpuProfile &gpu = *profile_.gpu;
  trials_.push_back({[this] { return kernels_.read(blocks_.a); },
                     [this, &gpu](double time) {
                       gpu.cacheGBps = 1e-9 * kernels_.readBytes() / time;
                     }});
  trials_.push_back({[this] { return kernels_.multiply(blocks_.a); },
                     [this, &gpu](double time) {
                       gpu.vectorTflops =
                           1e-12 * kernels_.multiplyFlops() / time;
                     }});
  trials_.push_back(
      {[this] { return launch(device_, graph_); },
       [&gpu](double time) { gpu.launchUs = 1e6 * time / kLaunches; }});
}

/// What context, libraries and code have taken, and room for the code and the
/// graph of a plan, in steps of that room.
Status Measurement::settleReserve() {
  constexpr uint64_t kRoom = 256 << 20;
  constexpr uint64_t kUnknown = 3ull << 29; // as the shipped profiles state
  GpuProfile &gpu = *profile_.gpu;
  gpu.reserveBytes = kUnknown;
  if (!freeBefore_)
    return {};
  auto memory = device_.memory();
  if (!memory.ok())
    return memory.status();
  const uint64_t left = memory->free + allocatedBytes();
  const uint64_t taken =
      profile_.memoryBytes - std::min(profile_.memoryBytes, left);
  gpu.reserveBytes = (taken + kRoom + kRoom - 1) / kRoom * kRoom;
  return {};
}

Status Measurement::measure(RankSlot &slot) {
  DS_RT_RETURN_IF_ERROR(prepare());
  DS_RT_RETURN_IF_ERROR(runTrials(device_, trials_, kSeconds, slot));
  trials_.clear(); // their graphs are no part of what a plan takes
  return settleReserve();
}

} // namespace

StatusOr<MachineProfile> measureFirstGpu(RankSlot &slot) {
  auto device = Device::find(0);
  if (!device.ok())
    return device.status();
  Measurement measurement(**device);
  const Status measured = measurement.measure(slot);
  if (measured.ok())
    return measurement.takeProfile();
  // Nothing is given back while it may still be in use.
  constexpr double kPatience = 10;
  if (!(*device)->isAbandoned() && (*device)->wait(kPatience) == kNotReady)
    (*device)->abandon();
  return measured;
}

} // namespace ds::rt
