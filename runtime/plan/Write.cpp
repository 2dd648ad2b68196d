//===- Write.cpp - Writing a plan file, whole or not at all ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The file is written beside its destination, synced, and renamed over it, so
// that a reader finds the old plan or the new one and never a part.
//===--------------------------------------------------------------------===//
#include "plan/Container.h"
#include "plan/Plan.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ds::rt {

namespace {

using Bytes = std::span<const std::byte>;

/// The pieces of a file in order; gaps are written as zeros.
struct Layout {
  plan::FileHeader header{};
  Bytes parts[3];   ///< metadata, code, constants
  uint64_t gaps[3]; ///< zeros before each
};

uint64_t alignUp(uint64_t value, uint64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

const std::byte kZeros[plan::kPage] = {};

void seal(Layout &layout) {
  Checksum sum;
  sum.update(std::as_bytes(std::span(&layout.header, 1)));
  for (int i = 0; i < 3; ++i) {
    sum.update(Bytes(kZeros, layout.gaps[i]));
    sum.update(layout.parts[i]);
  }
  const auto digest = sum.digest();
  layout.header.checksum[0] = digest[0];
  layout.header.checksum[1] = digest[1];
}

Layout makeLayout(Bytes metadata, Bytes code, Bytes constants) {
  Layout layout{{}, {metadata, code, constants}, {0, 0, 0}};
  plan::FileHeader &header = layout.header;
  std::memcpy(header.magic, plan::kMagic, sizeof header.magic);
  header.versionMajor = plan::kVersionMajor;
  header.versionMinor = plan::kVersionMinor;
  header.endianMark = plan::kEndianMark;
  header.headerBytes = sizeof header;
  plan::Section *sections[3] = {&header.metadata, &header.code,
                                &header.constants};
  uint64_t end = sizeof header;
  for (int i = 0; i < 3; ++i) {
    const uint64_t offset = i == 0 ? end : alignUp(end, plan::kPage);
    layout.gaps[i] = offset - end;
    *sections[i] = {offset, layout.parts[i].size()};
    end = offset + layout.parts[i].size();
  }
  header.fileBytes = end;
  seal(layout);
  return layout;
}

bool writeAll(int fd, Bytes bytes) {
  while (!bytes.empty()) {
    ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return false;
    bytes = bytes.subspan(n);
  }
  return true;
}

bool writeLayout(int fd, const Layout &layout) {
  bool ok = writeAll(fd, std::as_bytes(std::span(&layout.header, 1)));
  for (int i = 0; ok && i < 3; ++i)
    ok = writeAll(fd, Bytes(kZeros, layout.gaps[i])) &&
         writeAll(fd, layout.parts[i]);
  return ok && ::fsync(fd) == 0;
}

/// Makes the rename itself durable; a failure here loses nothing written.
void syncFolder(const std::string &path) {
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "."
                             : slash == 0               ? "/"
                                                        : path.substr(0, slash);
  int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return;
  ::fsync(fd);
  ::close(fd);
}

Status writeAtomically(const Layout &layout, const std::string &path) {
  // The rename would put a file in the place of a device or pipe.
  struct stat info;
  if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode))
    return inputError("cannot write '%s': it is not a regular file",
                      path.c_str());
  std::string temporary = path + ".XXXXXX";
  int fd = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0)
    return inputError("cannot write '%s': %s", path.c_str(), strerror(errno));
  const mode_t mask = ::umask(0);
  ::umask(mask);
  bool ok = ::fchmod(fd, 0666 & ~mask) == 0 && writeLayout(fd, layout);
  int error = ok ? 0 : errno;
  if (::close(fd) != 0 && ok)
    ok = false, error = errno;
  if (ok && ::rename(temporary.c_str(), path.c_str()) != 0)
    ok = false, error = errno;
  if (!ok) {
    ::unlink(temporary.c_str());
    return inputError("cannot write '%s': %s", path.c_str(), strerror(error));
  }
  syncFolder(path);
  return {};
}

} // namespace

Status writePlan(const plan::PlanT &plan, Bytes code, Bytes constants,
                 const std::string &path) {
  flatbuffers::FlatBufferBuilder builder(1 << 16);
  plan::FinishPlanBuffer(builder, plan::Plan::Pack(builder, &plan));
  const Bytes metadata =
      std::as_bytes(std::span(builder.GetBufferPointer(), builder.GetSize()));
  DS_RT_RETURN_IF_ERROR(checkMetadata(path, metadata));
  DS_RT_RETURN_IF_ERROR(verifyPlan(*plan::GetPlan(metadata.data()), code.size(),
                                   constants.size()));
  return writeAtomically(makeLayout(metadata, code, constants), path);
}

} // namespace ds::rt
