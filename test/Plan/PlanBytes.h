//===- PlanBytes.h - Plan files as bytes, to be damaged -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the test of damaged plans and the plan fuzzer share: a file without a
// folder, and a checksum that is right whatever the bytes are.
//===--------------------------------------------------------------------===//
#ifndef DS_TEST_PLAN_PLANBYTES_H
#define DS_TEST_PLAN_PLANBYTES_H

#include "plan/Container.h"

#include <cstdlib>
#include <cstring>
#include <string>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

namespace ds::test {

using Bytes = std::vector<char>;
inline constexpr size_t kHeader = sizeof(plan::FileHeader);

/// A file in memory, opened by path as any other.
class MemoryFile {
public:
  MemoryFile() : fd_(::memfd_create("plan", MFD_CLOEXEC)) {}
  ~MemoryFile() { ::close(fd_); }
  void write(const char *data, size_t size) {
    if (::ftruncate(fd_, 0) != 0 ||
        ::pwrite(fd_, data, size, 0) != ssize_t(size))
      std::abort();
  }
  void write(const Bytes &bytes) { write(bytes.data(), bytes.size()); }
  std::string path() const { return rt::format("/proc/self/fd/%d", fd_); }

private:
  int fd_;
};

inline plan::FileHeader headerOf(const Bytes &bytes) {
  plan::FileHeader header;
  std::memcpy(&header, bytes.data(), kHeader);
  return header;
}

/// Makes the checksum of a damaged file right again.
inline void reseal(Bytes &bytes) {
  plan::FileHeader header = headerOf(bytes);
  header.checksum[0] = header.checksum[1] = 0;
  std::memcpy(bytes.data(), &header, kHeader);
  rt::Checksum sum;
  sum.update(std::as_bytes(std::span(bytes)));
  header.checksum[0] = sum.digest()[0];
  header.checksum[1] = sum.digest()[1];
  std::memcpy(bytes.data(), &header, kHeader);
}

} // namespace ds::test

#endif // DS_TEST_PLAN_PLANBYTES_H
