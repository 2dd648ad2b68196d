//===- Resolve.h - From a plan's program to addresses -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Relies on a verified plan; refuses by name what this backend cannot run.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_EXEC_RESOLVE_H
#define DS_RUNTIME_EXEC_RESOLVE_H

#include "exec/Instructions.h"

namespace ds::rt {

/// Where the memory of one rank begins.
struct RankMemory {
  const plan::Program *program;
  std::vector<std::byte *> arenas;
  uint32_t rank = 0;

  std::byte *buffer(uint32_t index) const {
    const auto *buffer = program->buffers()->Get(index);
    return arenas[buffer->arena()] + buffer->offset() +
           rank * buffer->rank_stride();
  }
  std::byte *at(const plan::Ref *ref) const {
    return ref ? buffer(ref->buffer()) + ref->offset() : nullptr;
  }
};

/// `code`: where the code section is mapped.
StatusOr<ResolvedProgram> resolveProgram(const plan::Plan &plan,
                                         const RankMemory &memory,
                                         const std::byte *code);

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_RESOLVE_H
