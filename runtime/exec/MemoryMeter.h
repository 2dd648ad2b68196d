//===- MemoryMeter.h - What a rank's memory really was ------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Two numbers for the memory contract: the most that was resident of each
// arena, and the peak of the process (RssAnon + RssFile, and the resident
// shared memory that it owns), both sampled.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_EXEC_MEMORYMETER_H
#define DS_RUNTIME_EXEC_MEMORYMETER_H

#include "comm/local/Control.h"
#include "exec/Backend.h"

namespace ds::rt {

class MemoryMeter {
public:
  /// `sharedBytes`: resident shared memory of this rank besides arenas.
  MemoryMeter(const Backend &backend, uint64_t sharedBytes, RankSlot &slot)
      : backend_(backend), sharedBytes_(sharedBytes), slot_(slot) {}

  /// Cheap, but grows with the arena: at load and at some steps.
  void sampleArenas();
  /// A few microseconds.
  void sampleProcess();

private:
  uint32_t arenas() const {
    return backend_.memory().program->arenas()->size();
  }

  const Backend &backend_;
  uint64_t sharedBytes_;
  RankSlot &slot_;
};

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_MEMORYMETER_H
