//===- FakeCudaIpc.cpp - The fake driver's memory of other processes ----===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A handle names the file behind an allocation of a process that lives.  A page
// behind the memory counts who has it open.
//===--------------------------------------------------------------------===//
#include "FakeCuda.h"

#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

using namespace fake;

namespace {

struct Named {
  char mark[16];
  pid_t owner;
  int file;
  uint64_t bytes;
};
static_assert(sizeof(Named) <= sizeof(IpcHandle));
constexpr const char *kMark = "fake-cuda-ipc";

std::atomic<int> &opened(const Block &block) {
  return *reinterpret_cast<std::atomic<int> *>(block.alias +
                                               rounded(block.bytes));
}

} // namespace

int fake::openElsewhere(const Block &block) { return opened(block); }

FAKE_EXPORT Result cuIpcGetMemHandle(IpcHandle *handle, Address at) {
  enter("cuIpcGetMemHandle");
  if (option("ipc", 0) == 1)
    return kNotSupported;
  auto found = allocations().find(at);
  if (found == allocations().end() || found->second.kind != Block::Device)
    violation("cuIpcGetMemHandle: no allocation of the GPU begins at 0x%llx",
              at);
  Named named{{}, getpid(), found->second.file, found->second.bytes};
  std::strcpy(named.mark, kMark);
  *handle = {};
  std::memcpy(handle, &named, sizeof(named));
  return lostContext();
}

FAKE_EXPORT Result cuIpcOpenMemHandle_v2(Address *at, IpcHandle handle,
                                         unsigned flags) {
  enter("cuIpcOpenMemHandle");
  Named named;
  std::memcpy(&named, &handle, sizeof(named));
  if (std::strncmp(named.mark, kMark, sizeof(named.mark)) != 0)
    violation("cuIpcOpenMemHandle: no handle of an allocation");
  if (named.owner == getpid())
    violation("cuIpcOpenMemHandle in the process that owns the memory");
  if (flags != kIpcLazyPeerAccess)
    violation("cuIpcOpenMemHandle: flags %u", flags);
  if (option("ipc", 0) == 2)
    return kNotSupported;
  const std::string path = "/proc/" + std::to_string(named.owner) + "/fd/" +
                           std::to_string(named.file);
  const int file = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0)
    violation("cuIpcOpenMemHandle: the memory is gone: %s",
              std::strerror(errno));
  const auto made = mapped(file, named.bytes, Block::Imported);
  allocations().insert(made);
  ++opened(made.second);
  account("memory of another process", 1);
  count("opened handles");
  *at = made.first;
  return lostContext();
}

FAKE_EXPORT Result cuIpcCloseMemHandle(Address at) {
  enter("cuIpcCloseMemHandle");
  auto found = allocations().find(at);
  if (found == allocations().end() || found->second.kind != Block::Imported)
    violation("cuIpcCloseMemHandle: 0x%llx is no memory of another process",
              at);
  if (isPending())
    violation("cuIpcCloseMemHandle while the stream still has work");
  --opened(found->second);
  unmap(at, found->second);
  allocations().erase(found);
  account("memory of another process", -1);
  return lostContext();
}
