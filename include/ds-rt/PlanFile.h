//===- PlanFile.h - The container of a compiled plan --------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The bytes around the FlatBuffer of plan.fbs.  Written by lib/Plan, read by
// runtime/plan; this header is all they share besides the schema.
//
//   FileHeader | metadata (FlatBuffer) | code (page-aligned) | constants
//
// Little-endian.  One XXH3-128 checksum covers the whole file, computed with
// the `checksum` field zero, so any flipped bit is seen before a byte runs.
//===--------------------------------------------------------------------===//
#ifndef DS_RT_PLANFILE_H
#define DS_RT_PLANFILE_H

#include <cstdint>

namespace ds::plan {

inline constexpr char kMagic[8] = {'D', 'S', 'P', 'L', 'A', 'N', '\r', '\n'};
inline constexpr uint32_t kVersionMajor = 1; ///< Readers refuse another one.
inline constexpr uint32_t kVersionMinor = 7; ///< Readers refuse a newer one.
inline constexpr uint32_t kEndianMark = 0x01020304;
inline constexpr uint64_t kPage = 4096;
inline constexpr uint64_t kAlignment = 64; ///< Of every buffer's offset.
/// Of cuBLASLt's workspace, which NVIDIA wants so; compilers place all buffers
/// of a GPU like this.
inline constexpr uint64_t kGpuAlignment = 256;

/// A byte range of the file.
struct Section {
  uint64_t offset;
  uint64_t bytes;
};

struct FileHeader {
  char magic[8];
  uint32_t versionMajor;
  uint32_t versionMinor;
  uint32_t endianMark;
  uint32_t headerBytes; ///< sizeof(FileHeader)
  uint64_t fileBytes;   ///< Of the whole file.
  Section metadata;
  Section code;         ///< Offset is a multiple of kPage; may be empty.
  Section constants;    ///< Offset is a multiple of kPage; may be empty.
  uint64_t checksum[2]; ///< XXH3-128 {low64, high64}.
};
static_assert(sizeof(FileHeader) == 96);

/// The entry point of a generated kernel: runs the work items [begin, end).
using KernelFn = void (*)(void *const *args, int64_t begin, int64_t end);

} // namespace ds::plan

#endif // DS_RT_PLANFILE_H
