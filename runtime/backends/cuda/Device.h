//===- Device.h - One GPU as one rank uses it ---------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The GPU's primary context, streams, and memory that is taken at load and
// given back at the end.  What belongs to no instruction goes to the first
// stream.  Not thread-safe.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_BACKENDS_CUDA_DEVICE_H
#define DS_RUNTIME_BACKENDS_CUDA_DEVICE_H

#include "backends/cuda/Driver.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace ds::rt::cuda {

class Device {
public:
  /// The GPU number `index` modulo their count, before it has a context: it is
  /// to be started.
  static StatusOr<std::unique_ptr<Device>> find(int index);
  /// Makes its context and the first stream.
  Status start();
  Device(const Device &) = delete;
  /// Gives everything back, unless it was abandoned.
  ~Device();

  /// The GPU does not answer any more, and whoever gave something back would
  /// wait for it: nobody does, the end of the process will.
  void abandon() { abandoned_ = true; }
  bool isAbandoned() const { return abandoned_; }

  const Driver &driver() const { return driver_; }
  Stream stream(size_t index = 0) const { return streams_[index]; }
  /// Sees to it that there are `count` streams.
  Status addStreams(size_t count);
  int count() const { return count_; }           ///< GPUs of this machine.
  int capability() const { return capability_; } ///< 90: sm_90.
  int multiprocessors() const { return multiprocessors_; }
  uint64_t cacheBytes() const { return cacheBytes_; } ///< The second level.
  uint64_t maxPitch() const { return maxPitch_; }
  int maxSharedBytes() const { return maxSharedBytes_; }
  const std::string &name() const { return name_; } ///< "NVIDIA H200"
  /// "GPU 0 ('NVIDIA H200')".
  const std::string &title() const { return title_; }

  /// Free bytes before it is started, if that can be known.
  std::optional<uint64_t> freeBeforeStart() const;
  struct Memory {
    uint64_t free, total;
  };
  StatusOr<Memory> memory() const;
  /// What every allocation of a GPU is aligned to.
  static constexpr uint64_t kAlignment = 256;
  /// Zeroed memory of the GPU, an address of which the host must not use.
  StatusOr<std::byte *> allocate(uint64_t bytes);
  /// The same of memory that a library took, who gives it back with `free`.
  StatusOr<std::byte *> keep(Address at, uint64_t bytes,
                             std::function<void()> free);
  /// Zeroed memory of the host that both can use.
  StatusOr<std::byte *> allocatePinned(uint64_t bytes);
  /// What was taken with the allocation that begins at `at`.
  uint64_t allocatedBytes(const std::byte *at) const {
    return allocations_.at(at).bytes;
  }

  /// `what` failed: "cannot load ...".  RankLost when the GPU's context is lost
  /// with it, else Input.
  Status error(Result result, const std::string &what) const;

  enum class Watch { Idle, Alive, GiveUp };
  /// Waits until all streams have done all there is.  `watch` is called now and
  /// then; after `timeoutSeconds` of Idle, or at once after GiveUp, returns
  /// kNotReady.  Else kSuccess or what went wrong.
  Result wait(double timeoutSeconds,
              const std::function<Watch()> &watch = nullptr) const;

private:
  explicit Device(const Driver &driver) : driver_(driver) {}
  Status describe(int index);
  Result query() const;

  const Driver &driver_;
  Ordinal ordinal_ = -1;
  int count_ = 0, capability_ = 0, multiprocessors_ = 0, maxSharedBytes_ = 0;
  uint64_t cacheBytes_ = 0, maxPitch_ = 0;
  std::string name_, title_;
  Context context_ = nullptr;
  std::vector<Stream> streams_;
  bool abandoned_ = false;
  struct Allocation {
    uint64_t bytes;
    std::function<void()> free;
  };
  std::map<const std::byte *, Allocation> allocations_;
};

} // namespace ds::rt::cuda

#endif // DS_RUNTIME_BACKENDS_CUDA_DEVICE_H
