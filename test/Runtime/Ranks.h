//===- Ranks.h - Ranks without a plan -----------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_TEST_RUNTIME_RANKS_H
#define DS_TEST_RUNTIME_RANKS_H

#include "comm/local/Control.h"
#include "exec/Arena.h"

namespace ds::rt {

/// The memory of some ranks and what they share.
struct Ranks {
  int world;
  std::vector<Arena> arenas;
  Control control;

  static Ranks make(int world, uint64_t bytes,
                    std::vector<std::vector<uint32_t>> groups = {}) {
    Ranks ranks{world, {}, std::move(*Control::create(groups, world))};
    for (int rank = 0; rank < world; ++rank)
      ranks.arenas.push_back(std::move(*Arena::map(bytes, world > 1)));
    return ranks;
  }
  template <typename T> T *at(int rank, uint64_t offset) const {
    return reinterpret_cast<T *>(arenas[rank].data() + offset);
  }
};

} // namespace ds::rt

#endif // DS_TEST_RUNTIME_RANKS_H
