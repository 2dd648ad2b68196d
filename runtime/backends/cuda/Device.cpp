//===- Device.cpp - One GPU as one rank uses it -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "backends/cuda/Device.h"
#include "backends/cuda/Nvml.h"
#include "base/Clock.h"

#include <algorithm>
#include <ctime>

namespace ds::rt::cuda {
namespace {

/// What helps a user when memory of the GPU has gone bad, or it fell off.
const char *hintFor(Result error) {
  switch (error) {
  case kEccUncorrectable:
    return ": the GPU's memory has a defect: see 'nvidia-smi -q -d ECC', reset "
           "the GPU or take another one";
  case kNvlinkUncorrectable:
    return ": a link between GPUs has a defect: see 'nvidia-smi nvlink -e', or "
           "take other GPUs";
  case kOutOfMemory:
    return ": free memory of the GPU, or compile with a smaller "
           "--memory-limit";
  default:
    return "";
  }
}

} // namespace

StatusOr<std::unique_ptr<Device>> Device::find(int index) {
  auto driver = Driver::open();
  if (!driver.ok())
    return driver.status();
  std::unique_ptr<Device> device(new Device(**driver));
  DS_RT_RETURN_IF_ERROR(device->describe(index));
  return device;
}

Status Device::describe(int index) {
  Result result = driver_.deviceGetCount(&count_);
  if (result != kSuccess || count_ < 1)
    return error(result, "cannot count the GPUs");
  const int number = index % count_;
  char name[256] = {};
  if ((result = driver_.deviceGet(&ordinal_, number)) != kSuccess ||
      (result = driver_.deviceGetName(name, sizeof(name), ordinal_)) !=
          kSuccess)
    return error(result, format("cannot open GPU %d", number));
  name_ = name;
  title_ = format("GPU %d ('%s')", number, name);
  int major = 0, minor = 0, pitch = 0, cache = 0;
  const std::pair<int *, int> attributes[] = {
      {&major, kMajor},
      {&minor, kMinor},
      {&pitch, kMaxPitch},
      {&cache, kL2Bytes},
      {&multiprocessors_, kMultiprocessors},
      {&maxSharedBytes_, kMaxSharedBytesOptin}};
  for (auto [value, attribute] : attributes)
    if ((result = driver_.deviceGetAttribute(value, attribute, ordinal_)) !=
        kSuccess)
      return error(result, "cannot ask " + title_ + " for its properties");
  capability_ = major * 10 + minor;
  cacheBytes_ = uint64_t(cache);
  maxPitch_ = uint64_t(pitch);
  return {};
}

std::optional<uint64_t> Device::freeBeforeStart() const {
  char busId[32] = {};
  if (driver_.deviceGetBusId(busId, sizeof(busId), ordinal_) != kSuccess)
    return std::nullopt;
  return nvml::freeBytes(busId);
}

Status Device::start() {
  Result result = driver_.primaryContextRetain(&context_, ordinal_);
  if (result != kSuccess) {
    context_ = nullptr;
    return error(result, "cannot make a context on " + title_);
  }
  if ((result = driver_.contextSetCurrent(context_)) != kSuccess)
    return error(result, "cannot use the context on " + title_);
  return addStreams(1);
}

Status Device::addStreams(size_t count) {
  while (streams_.size() < count) {
    Stream stream = nullptr;
    const Result result = driver_.streamCreate(&stream, kStreamNonBlocking);
    if (result != kSuccess)
      return error(result, "cannot make a stream on " + title_);
    streams_.push_back(stream);
  }
  return {};
}

Device::~Device() {
  if (abandoned_)
    return;
  for (auto &[at, allocation] : allocations_)
    allocation.free();
  for (Stream stream : streams_)
    (void)driver_.streamDestroy(stream);
  if (context_)
    (void)driver_.primaryContextRelease(ordinal_);
}

StatusOr<Device::Memory> Device::memory() const {
  size_t free = 0, total = 0;
  const Result result = driver_.memGetInfo(&free, &total);
  if (result != kSuccess)
    return error(result, "cannot ask " + title_ + " for its free memory");
  return Memory{free, total};
}

StatusOr<std::byte *> Device::allocate(uint64_t bytes) {
  Address at = 0;
  const Result result = driver_.memAlloc(&at, bytes);
  if (result != kSuccess)
    return error(result, format("cannot take %llu bytes of %s",
                                (unsigned long long)bytes, title_.c_str()));
  return keep(at, bytes, [this, at] { (void)driver_.memFree(at); });
}

StatusOr<std::byte *> Device::keep(Address at, uint64_t bytes,
                                   std::function<void()> free) {
  auto *begin = reinterpret_cast<std::byte *>(uintptr_t(at));
  allocations_[begin] = {bytes, std::move(free)};
  const Result result = driver_.setBytes(at, 0, bytes, stream());
  if (result != kSuccess)
    return error(result, format("cannot fill %llu bytes of %s",
                                (unsigned long long)bytes, title_.c_str()));
  // Products are chosen for the plan's offsets, on one rank for all.
  if (at % kAlignment != 0)
    return internalError("memory of %s begins at 0x%llx, which is no multiple "
                         "of %llu",
                         title_.c_str(), at, (unsigned long long)kAlignment);
  return begin;
}

StatusOr<std::byte *> Device::allocatePinned(uint64_t bytes) {
  void *at = nullptr;
  const Result result = driver_.hostAlloc(&at, bytes, kHostPortable);
  if (result != kSuccess)
    return Status(Code::Input,
                  format("cannot take %llu bytes of the host's memory for %s: "
                         "%s: free memory of the host",
                         (unsigned long long)bytes, title_.c_str(),
                         driver_.text(result).c_str()));
  auto *begin = static_cast<std::byte *>(at);
  allocations_[begin] = {bytes, [this, at] { (void)driver_.hostFree(at); }};
  std::fill_n(begin, bytes, std::byte(0));
  return begin;
}

Status Device::error(Result result, const std::string &what) const {
  return Status(isFatal(result) ? Code::RankLost : Code::Input,
                what + ": " + driver_.text(result) + hintFor(result));
}

Result Device::query() const {
  for (Stream stream : streams_)
    if (const Result result = driver_.streamQuery(stream); result != kSuccess)
      return result;
  return kSuccess;
}

Result Device::wait(double timeoutSeconds,
                    const std::function<Watch()> &watch) const {
  constexpr double kSpinSeconds = 50e-6;
  const double start = monotonicSeconds();
  double alive = start;
  for (;;) {
    const Result result = query();
    if (result != kNotReady)
      return result;
    const double now = monotonicSeconds();
    if (now - start < kSpinSeconds)
      continue;
    const Watch seen = watch ? watch() : Watch::Idle;
    if (seen == Watch::Alive)
      alive = now;
    if (seen == Watch::GiveUp || now - alive >= timeoutSeconds)
      return kNotReady;
    // A step takes milliseconds; nobody notices this much of it.
    timespec nap = {0, long(std::clamp((now - start) * 1e9 / 64, 5e3, 1e5))};
    nanosleep(&nap, nullptr);
  }
}

} // namespace ds::rt::cuda
