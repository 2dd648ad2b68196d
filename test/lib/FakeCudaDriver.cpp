//===- FakeCudaDriver.cpp - The fake driver's devices and memory --------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "FakeCuda.h"

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <sys/mman.h>
#include <unistd.h>

namespace fake {
namespace {

constexpr uint64_t kGranularity = 2 << 20, kPage = 4096;

pid_t starter = 0;
int opened = -1; ///< The GPU.
bool retained = false, current = false;
std::map<Address, Block> blocks;
long long libraryBytes = 0;
std::map<std::string, int> accounts, counts;
std::map<std::string, long long> struck;

uint64_t deviceBytes() {
  uint64_t bytes = 0;
  for (auto &[at, block] : blocks)
    bytes += block.kind == Block::Device || block.kind == Block::OfNccl
                 ? rounded(block.bytes)
                 : 0;
  return bytes;
}

const Block *find(Address at, uint64_t bytes, Address *begin) {
  auto after = blocks.upper_bound(at);
  if (after == blocks.begin())
    return nullptr;
  --after;
  if (at - after->first > after->second.bytes ||
      bytes > after->second.bytes - (at - after->first))
    return nullptr;
  *begin = after->first;
  return &after->second;
}

} // namespace

std::map<Address, Block> &allocations() { return blocks; }

uint64_t rounded(uint64_t bytes) {
  return (bytes + kGranularity - 1) / kGranularity * kGranularity;
}

/// A page behind the memory counts who else has it open.
std::pair<Address, Block> mapped(int file, uint64_t bytes, Block::Kind kind) {
  const uint64_t all = rounded(bytes) + kPage;
  void *alias = mmap(nullptr, all, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  // What the program gets is an address and nothing that it could touch.
  void *place = mmap(nullptr, all, PROT_NONE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (alias == MAP_FAILED || place == MAP_FAILED)
    violation("no addresses for the fake itself");
  return {reinterpret_cast<uintptr_t>(place) + Address(option("offset", 0)),
          {bytes, static_cast<std::byte *>(alias), kind, file}};
}

void unmap(Address at, const Block &block) {
  const uint64_t all = rounded(block.bytes) + kPage;
  munmap(reinterpret_cast<void *>(uintptr_t(at / kPage * kPage)), all);
  munmap(block.alias, all);
  close(block.file);
}

void violation(const char *format, ...) {
  char text[1024];
  va_list args;
  va_start(args, format);
  std::vsnprintf(text, sizeof(text), format, args);
  va_end(args);
  std::fprintf(stderr, "fake-cuda: violation: %s\n", text);
  std::fflush(stderr);
  _exit(97);
}

long long option(const char *name, long long otherwise) {
  const char *at = std::getenv("FAKE_CUDA");
  const size_t length = std::strlen(name);
  for (; at && *at; at = std::strchr(at, ' ')) {
    at += *at == ' ';
    if (std::strncmp(at, name, length) != 0 || at[length] != '=')
      continue;
    char *end = nullptr;
    const long long value = std::strtoll(at + length + 1, &end, 10);
    if (*end != '@' || std::atoi(end + 1) == opened)
      return value;
  }
  return otherwise;
}

bool strikes(const char *name) { return ++struck[name] == option(name, 0); }

void enter(const char *function) {
  if (starter == 0)
    violation("%s before cuInit", function);
  if (starter != getpid())
    violation("%s in a child of the process that called cuInit", function);
  if (!current)
    violation("%s without a context", function);
}

void account(const char *what, int change) {
  if ((accounts[what] += change) < 0)
    violation("one %s more is given back than there was", what);
}

void count(const char *what) { ++counts[what]; }

std::byte *memory(const char *function, const char *what, Address at,
                  uint64_t bytes) {
  Address begin = 0;
  const Block *block = find(at, bytes, &begin);
  if (!block)
    violation("%s: %s [0x%llx, +%llu) is in no allocation", function, what, at,
              (unsigned long long)bytes);
  return block->alias + (at - begin);
}

bool isPinned(Address at, uint64_t bytes) {
  Address begin = 0;
  const Block *block = find(at, bytes, &begin);
  return block && block->kind == Block::Host;
}

uint64_t total() { return uint64_t(option("total", 141ll << 30)); }

uint64_t freeBytes() {
  const auto first = uint64_t(option("free", 140ll << 30));
  const uint64_t used = deviceBytes() + uint64_t(libraryBytes);
  return used < first ? first - used : 0;
}

void takeLibraryBytes(long long change) { libraryBytes += change; }

} // namespace fake

using namespace fake;

FAKE_EXPORT Result cuInit(unsigned) {
  if (option("devices", 1) == 0)
    return kNoDevice;
  starter = getpid();
  return kSuccess;
}

FAKE_EXPORT Result cuDriverGetVersion(int *version) {
  *version = int(option("driver", 13000));
  return kSuccess;
}

FAKE_EXPORT Result cuDeviceGetCount(int *count) {
  *count = int(option("devices", 1));
  return kSuccess;
}

FAKE_EXPORT Result cuDeviceGet(Ordinal *device, int ordinal) {
  if (ordinal < 0 || ordinal >= option("devices", 1))
    return kInvalidValue;
  *device = opened = ordinal;
  return kSuccess;
}

FAKE_EXPORT Result cuDeviceGetName(char *name, int bytes, Ordinal) {
  std::snprintf(name, size_t(bytes), "Fake GPU");
  return kSuccess;
}

FAKE_EXPORT Result cuDeviceGetPCIBusId(char *text, int bytes, Ordinal device) {
  std::snprintf(text, size_t(bytes), "0000:%02x:00.0", unsigned(device));
  return kSuccess;
}

FAKE_EXPORT Result cuDeviceGetAttribute(int *value, int attribute, Ordinal) {
  const int capability = int(option("cc", 90));
  switch (attribute) {
  case kMajor:
    *value = capability / 10;
    return kSuccess;
  case kMinor:
    *value = capability % 10;
    return kSuccess;
  case kMaxPitch:
    *value = INT32_MAX;
    return kSuccess;
  case kMultiprocessors:
    *value = 132;
    return kSuccess;
  case kL2Bytes:
    *value = 50 << 20;
    return kSuccess;
  case kMaxSharedBytesOptin:
    *value = int(option("shared", 227 << 10));
    return kSuccess;
  default:
    violation("cuDeviceGetAttribute: attribute %d", attribute);
  }
}

FAKE_EXPORT Result cuDevicePrimaryCtxRetain(Context *context, Ordinal) {
  if (starter != getpid())
    violation("cuDevicePrimaryCtxRetain before cuInit, or behind a fork");
  if (retained)
    violation("the context is retained twice");
  retained = true;
  takeLibraryBytes(option("context", 0));
  *context = reinterpret_cast<Context>(&retained);
  return kSuccess;
}

FAKE_EXPORT Result cuCtxSetCurrent(Context context) {
  if (context != reinterpret_cast<Context>(&retained) || !retained)
    violation("cuCtxSetCurrent: no such context");
  current = true;
  return kSuccess;
}

/// The end: nothing may be left.
FAKE_EXPORT Result cuDevicePrimaryCtxRelease_v2(Ordinal) {
  enter("cuDevicePrimaryCtxRelease");
  for (auto &[what, number] : accounts)
    if (number > 0)
      violation("%d x %s left at the end", number, what.c_str());
  if (!blocks.empty())
    violation("%zu allocations left at the end", blocks.size());
  std::string line;
  for (auto &[what, number] : counts)
    line += (line.empty() ? "" : ", ") + what + " " + std::to_string(number);
  std::fprintf(stderr, "fake-cuda: GPU %d: %s; nothing left\n", opened,
               line.c_str());
  retained = current = false;
  return kSuccess;
}

FAKE_EXPORT Result cuMemGetInfo_v2(size_t *free, size_t *total) {
  enter("cuMemGetInfo");
  *total = fake::total();
  *free = freeBytes();
  return lostContext();
}

FAKE_EXPORT Result cuMemAlloc_v2(Address *at, size_t bytes) {
  enter("cuMemAlloc");
  size_t free = 0, total = 0;
  (void)cuMemGetInfo_v2(&free, &total);
  if (bytes == 0)
    return kInvalidValue;
  if (rounded(bytes) > free || strikes("alloc"))
    return kOutOfMemory;
  const int file = memfd_create("fake-cuda", MFD_CLOEXEC);
  if (file < 0 || ftruncate(file, off_t(rounded(bytes) + kPage)) != 0)
    violation("no memory for the fake itself");
  const auto made = mapped(file, bytes, Block::Device);
  *at = made.first;
  blocks.insert(made);
  count("allocations");
  return kSuccess;
}

FAKE_EXPORT Result cuMemFree_v2(Address at) {
  enter("cuMemFree");
  auto found = blocks.find(at);
  if (found == blocks.end() || found->second.kind != Block::Device)
    violation("cuMemFree: 0x%llx is no allocation of the GPU", at);
  if (isPending())
    violation("cuMemFree while the stream still has work");
  if (const int open = openElsewhere(found->second))
    violation("cuMemFree: %d other processes have 0x%llx open", open, at);
  unmap(at, found->second);
  blocks.erase(found);
  return lostContext();
}

FAKE_EXPORT Result cuMemHostAlloc(void **at, size_t bytes, unsigned) {
  enter("cuMemHostAlloc");
  if (bytes == 0)
    return kInvalidValue;
  if (strikes("pin"))
    return kOutOfMemory;
  *at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (*at == MAP_FAILED)
    return kOutOfMemory;
  std::memset(*at, 0xff, bytes); // what is there is not said to be zero
  blocks[reinterpret_cast<uintptr_t>(*at)] = {
      bytes, static_cast<std::byte *>(*at), Block::Host};
  count("pinned allocations");
  return kSuccess;
}

FAKE_EXPORT Result cuMemFreeHost(void *at) {
  enter("cuMemFreeHost");
  auto found = blocks.find(reinterpret_cast<uintptr_t>(at));
  if (found == blocks.end() || found->second.kind != Block::Host)
    violation("cuMemFreeHost: %p is no pinned allocation", at);
  if (isPending())
    violation("cuMemFreeHost while the stream still has work");
  munmap(at, found->second.bytes);
  blocks.erase(found);
  return lostContext();
}

FAKE_EXPORT Result cuMemHostRegister_v2(void *at, size_t bytes, unsigned) {
  enter("cuMemHostRegister");
  if (bytes == 0 || reinterpret_cast<uintptr_t>(at) % 4096 != 0)
    return kInvalidValue;
  blocks[reinterpret_cast<uintptr_t>(at)] = {
      bytes, static_cast<std::byte *>(at), Block::Host};
  account("registered memory", 1);
  return kSuccess;
}

FAKE_EXPORT Result cuMemHostUnregister(void *at) {
  enter("cuMemHostUnregister");
  if (isPending())
    violation("cuMemHostUnregister while the stream still has work");
  if (!blocks.erase(reinterpret_cast<uintptr_t>(at)))
    violation("cuMemHostUnregister: %p is not registered", at);
  account("registered memory", -1);
  return lostContext();
}

namespace {
struct Name {
  Result error;
  const char *name, *text;
};
constexpr Name kNames[] = {
    {kSuccess, "CUDA_SUCCESS", "no error"},
    {kInvalidValue, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {kOutOfMemory, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {kNoDevice, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"},
    {kInvalidImage, "CUDA_ERROR_INVALID_IMAGE",
     "device kernel image is invalid"},
    {kEccUncorrectable, "CUDA_ERROR_ECC_UNCORRECTABLE",
     "uncorrectable ECC error encountered"},
    {kIllegalAddress, "CUDA_ERROR_ILLEGAL_ADDRESS",
     "an illegal memory access was encountered"},
    {kOutOfResources, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES",
     "too many resources requested for launch"},
    {kLaunchFailed, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
    {500, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {kNotSupported, "CUDA_ERROR_NOT_SUPPORTED", "operation not supported"},
    {904, "CUDA_ERROR_STREAM_CAPTURE_UNJOINED",
     "capturing stream has unjoined work"},
    {901, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED",
     "operation failed due to a previous error during capture"},
};

const Name *nameOf(Result error) {
  for (const Name &name : kNames)
    if (name.error == error)
      return &name;
  return nullptr;
}
} // namespace

FAKE_EXPORT Result cuGetErrorName(Result error, const char **text) {
  const Name *name = nameOf(error);
  *text = name ? name->name : nullptr;
  return name ? kSuccess : kInvalidValue;
}

FAKE_EXPORT Result cuGetErrorString(Result error, const char **text) {
  const Name *name = nameOf(error);
  *text = name ? name->text : nullptr;
  return name ? kSuccess : kInvalidValue;
}
