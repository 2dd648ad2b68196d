//===- Arena.h - The memory of a plan -----------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One mapping per arena, made once before the ranks are forked and never
// again.  World 1: private anonymous memory.  More ranks: one memfd per arena,
// mapped shared at the same address by every rank, so that a rank reads its
// peers' arenas directly.  Each rank makes its own pages resident.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_EXEC_ARENA_H
#define DS_RUNTIME_EXEC_ARENA_H

#include "base/Status.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ds::rt {

/// One mapped arena.  Owns the mapping and the memfd (-1 when private).
class Arena {
public:
  static StatusOr<Arena> map(uint64_t bytes, bool shared);
  Arena(Arena &&other) noexcept;
  Arena &operator=(Arena &&other) noexcept;
  ~Arena();

  std::byte *data() const { return data_; }
  uint64_t bytes() const { return bytes_; }
  bool shared() const { return fd_ >= 0; }

  /// Makes the pages of [offset, offset + bytes) resident, on the whole team.
  /// Contents stay as they are.  RankLost when the machine has no memory left.
  Status prefault(uint64_t offset, uint64_t bytes) const;
  /// Bytes of the mapping that are resident now, swapped ones excluded.
  uint64_t residentBytes() const;
  /// Those of [offset, offset + bytes), page by page.
  uint64_t residentBytes(uint64_t offset, uint64_t bytes) const;

private:
  Arena() = default;
  std::byte *data_ = nullptr;
  uint64_t bytes_ = 0;
  int fd_ = -1;
};

/// Memory that a process could still take, by /proc/meminfo and the limits of
/// its control groups.
uint64_t availableMemory();

/// Refuses when the machine cannot hold `needed` bytes for `ranks` ranks.
Status checkAvailableMemory(uint64_t needed, int ranks);

/// 1234567890 -> "1.15 GiB".
std::string formatBytes(uint64_t bytes);

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_ARENA_H
