//===- Container.cpp - The file around a plan: header, sections, checksum -===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reads a plan file front to back once: the metadata and the constants are
// kept, the code only takes part in the checksum.  Nothing in the file is
// believed before the header's ranges fit the file's true size, and nothing
// of the FlatBuffer is followed before the checksum and its own verifier agree.
//===--------------------------------------------------------------------===//
#include "plan/Container.h"
#include "base/Files.h"
#include "plan/Plan.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>
#include <sys/stat.h>
#include <unistd.h>

namespace ds::rt {

namespace {

using plan::FileHeader;
using plan::Section;

/// What to do about a damaged file.
constexpr char kMend[] = "copy it again, or compile the model anew";

/// A file read at explicit offsets; `bytes` is its true size.
struct File {
  const char *path;
  int fd;
  uint64_t bytes;
};

Status readAt(const File &file, uint64_t offset, std::span<std::byte> into) {
  while (!into.empty()) {
    ssize_t n = ::pread(file.fd, into.data(), into.size(), offset);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return inputError("cannot read '%s': %s", file.path, strerror(errno));
    if (n == 0)
      return inputError("'%s' is truncated: it ended at byte %llu while it was "
                        "read; %s",
                        file.path, (unsigned long long)offset, kMend);
    offset += n;
    into = into.subspan(n);
  }
  return {};
}

Status checkIdentity(const File &file, const FileHeader &header) {
  if (header.endianMark == __builtin_bswap32(plan::kEndianMark))
    return inputError("'%s' was written on a machine of the other byte order; "
                      "compile it for this one",
                      file.path);
  if (header.endianMark != plan::kEndianMark)
    return inputError("'%s' has a damaged header: expected the byte order mark "
                      "0x%08x, but got 0x%08x; %s",
                      file.path, plan::kEndianMark, header.endianMark, kMend);
  if (header.versionMajor != plan::kVersionMajor ||
      header.versionMinor > plan::kVersionMinor)
    return inputError("'%s' has format version %u.%u, but this runtime reads "
                      "%u.0 to %u.%u; compile the model anew%s",
                      file.path, header.versionMajor, header.versionMinor,
                      plan::kVersionMajor, plan::kVersionMajor,
                      plan::kVersionMinor,
                      header.versionMajor < plan::kVersionMajor
                          ? ""
                          : ", or run the plan with the newer ds-run");
  return {};
}

/// A section must lie behind `begin` and inside the file.
Status checkSection(const File &file, const char *name, Section section,
                    uint64_t begin, uint64_t alignment) {
  if (section.offset < begin || section.offset > file.bytes ||
      section.bytes > file.bytes - section.offset)
    return inputError("'%s' has a damaged header: the %s section [%llu, +%llu) "
                      "is not inside [%llu, %llu); %s",
                      file.path, name, (unsigned long long)section.offset,
                      (unsigned long long)section.bytes,
                      (unsigned long long)begin, (unsigned long long)file.bytes,
                      kMend);
  if (section.offset % alignment)
    return inputError("'%s' has a damaged header: expected the %s section at a "
                      "multiple of %llu, but got %llu; %s",
                      file.path, name, (unsigned long long)alignment,
                      (unsigned long long)section.offset, kMend);
  return {};
}

Status checkHeader(const File &file, const FileHeader &header) {
  DS_RT_RETURN_IF_ERROR(checkIdentity(file, header));
  if (header.headerBytes != sizeof(FileHeader))
    return inputError("'%s' has a damaged header: expected %zu header bytes, "
                      "but got %u; %s",
                      file.path, sizeof(FileHeader), header.headerBytes, kMend);
  if (file.bytes != header.fileBytes)
    return inputError("'%s' is %s: expected %llu bytes, but got %llu; %s",
                      file.path,
                      file.bytes < header.fileBytes ? "truncated" : "too long",
                      (unsigned long long)header.fileBytes,
                      (unsigned long long)file.bytes, kMend);
  const Section &metadata = header.metadata, &code = header.code;
  DS_RT_RETURN_IF_ERROR(checkSection(file, "metadata", metadata,
                                     sizeof(FileHeader), alignof(uint64_t)));
  if (metadata.bytes > kMaxMetadataBytes)
    return inputError("'%s' has %llu bytes of metadata, but at most %llu are "
                      "supported",
                      file.path, (unsigned long long)metadata.bytes,
                      (unsigned long long)kMaxMetadataBytes);
  DS_RT_RETURN_IF_ERROR(checkSection(
      file, "code", code, metadata.offset + metadata.bytes, plan::kPage));
  return checkSection(file, "constants", header.constants,
                      code.offset + code.bytes, plan::kPage);
}

/// Hashes [from, to) of the file through a small buffer.
Status hashRange(const File &file, Checksum &sum, uint64_t from, uint64_t to) {
  std::vector<std::byte> buffer(std::min<uint64_t>(to - from, 1 << 20));
  while (from < to) {
    std::span<std::byte> part(buffer.data(),
                              std::min<uint64_t>(to - from, buffer.size()));
    DS_RT_RETURN_IF_ERROR(readAt(file, from, part));
    sum.update(part);
    from += part.size();
  }
  return {};
}

/// Reads `section` into `into` and hashes it, after the bytes between.
Status readSection(const File &file, Checksum &sum, uint64_t &position,
                   Section section, std::vector<std::byte> &into) {
  DS_RT_RETURN_IF_ERROR(hashRange(file, sum, position, section.offset));
  try {
    into.resize(section.bytes);
  } catch (const std::bad_alloc &) {
    return inputError("'%s' has a section of %llu bytes, more than there is "
                      "memory for",
                      file.path, (unsigned long long)section.bytes);
  }
  DS_RT_RETURN_IF_ERROR(readAt(file, section.offset, into));
  sum.update(into);
  position = section.offset + section.bytes;
  return {};
}

/// Reads everything behind the header and compares the checksum.
Status readBody(const File &file, FileHeader header,
                std::vector<std::byte> &metadata,
                std::vector<std::byte> &constants) {
  const uint64_t want[2] = {header.checksum[0], header.checksum[1]};
  header.checksum[0] = header.checksum[1] = 0;
  Checksum sum;
  sum.update(std::as_bytes(std::span(&header, 1)));
  uint64_t position = sizeof header;
  DS_RT_RETURN_IF_ERROR(
      readSection(file, sum, position, header.metadata, metadata));
  DS_RT_RETURN_IF_ERROR(
      readSection(file, sum, position, header.constants, constants));
  DS_RT_RETURN_IF_ERROR(hashRange(file, sum, position, file.bytes));
  const auto got = sum.digest();
  if (got[0] != want[0] || got[1] != want[1])
    return inputError("'%s' is damaged: expected the checksum %016llx%016llx, "
                      "but got %016llx%016llx; %s",
                      file.path, (unsigned long long)want[1],
                      (unsigned long long)want[0], (unsigned long long)got[1],
                      (unsigned long long)got[0], kMend);
  return {};
}

Status openRegularFile(const std::string &path, int &fd, File &file) {
  auto opened = openRegular(path, "", "a plan that ds-opt wrote");
  if (!opened.ok())
    return opened.status();
  fd = *opened;
  struct stat info{};
  if (::fstat(fd, &info) != 0)
    return inputError("cannot read '%s': %s", path.c_str(), strerror(errno));
  file = {path.c_str(), fd, uint64_t(info.st_size)};
  return {};
}

Status readHeader(const File &file, FileHeader &header) {
  const size_t bytes = std::min<uint64_t>(file.bytes, sizeof header);
  auto raw = std::as_writable_bytes(std::span(&header, 1));
  DS_RT_RETURN_IF_ERROR(readAt(file, 0, raw.first(bytes)));
  const size_t known = std::min(bytes, sizeof header.magic);
  if (bytes == 0)
    return inputError("'%s' is empty: expected a plan that ds-opt wrote",
                      file.path);
  if (std::memcmp(header.magic, plan::kMagic, known) != 0)
    return inputError("'%s' is not a plan file: it does not begin with "
                      "'DSPLAN'; expected a plan that ds-opt wrote",
                      file.path);
  if (bytes < sizeof header)
    return inputError("'%s' is truncated: expected at least %zu bytes, but got "
                      "%zu; %s",
                      file.path, sizeof header, bytes, kMend);
  return checkHeader(file, header);
}

} // namespace

Status checkMetadata(const std::string &path,
                     std::span<const std::byte> metadata) {
  const auto *bytes = reinterpret_cast<const uint8_t *>(metadata.data());
  if (metadata.size() < 2 * sizeof(uint32_t) ||
      !plan::PlanBufferHasIdentifier(bytes))
    return inputError("'%s' is malformed: the metadata does not carry the "
                      "identifier '%s'",
                      path.c_str(), plan::PlanIdentifier());
  // Every table takes 8 bytes of its own at least; more visits than that mean
  // that parts are shared to make a small file expensive to walk.
  const size_t maxTables = metadata.size() / 8;
  flatbuffers::Verifier verifier(bytes, metadata.size(), /*max_depth=*/16,
                                 maxTables);
  if (!plan::VerifyPlanBuffer(verifier))
    return inputError("'%s' is malformed: the metadata is not a well-formed "
                      "FlatBuffer of the plan schema",
                      path.c_str());
  return {};
}

StatusOr<LoadedPlan> LoadedPlan::open(const std::string &path) {
  LoadedPlan loaded;
  loaded.path_ = path;
  File file{};
  DS_RT_RETURN_IF_ERROR(openRegularFile(path, loaded.fd_, file));
  FileHeader header{};
  DS_RT_RETURN_IF_ERROR(readHeader(file, header));
  DS_RT_RETURN_IF_ERROR(
      readBody(file, header, loaded.metadata_, loaded.constantBytes_));
  DS_RT_RETURN_IF_ERROR(checkMetadata(path, loaded.metadata_));
  loaded.plan_ = plan::GetPlan(loaded.metadata_.data());
  loaded.constants_ = loaded.constantBytes_;
  loaded.code_ = header.code;
  loaded.hash_ = header.checksum[0];
  if (Status status =
          verifyPlan(*loaded.plan_, header.code.bytes, header.constants.bytes);
      !status.ok())
    return Status(status.code(),
                  "'" + path + "' is malformed: " + status.message());
  return loaded;
}

LoadedPlan::LoadedPlan(LoadedPlan &&other) noexcept {
  *this = std::move(other);
}

LoadedPlan &LoadedPlan::operator=(LoadedPlan &&other) noexcept {
  if (this == &other)
    return *this;
  if (fd_ >= 0)
    ::close(fd_);
  path_ = std::move(other.path_);
  metadata_ = std::move(other.metadata_);
  constantBytes_ = std::move(other.constantBytes_);
  constants_ = constantBytes_;
  code_ = other.code_;
  plan_ = std::exchange(other.plan_, nullptr);
  hash_ = other.hash_;
  fd_ = std::exchange(other.fd_, -1);
  return *this;
}

LoadedPlan::~LoadedPlan() {
  if (fd_ >= 0)
    ::close(fd_);
}

} // namespace ds::rt
