//===- CpuBackend.cpp - A rank on CPUs ----------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "exec/CpuBackend.h"
#include "exec/Limits.h"

namespace ds::rt {

CpuBackend::CpuBackend(const Job &job, int rank, LocalComm &comm,
                       Recorder &recorder)
    : job_(job), rank_(rank), comm_(comm), recorder_(recorder) {
  memory_ = job.memory(rank);
}

Status CpuBackend::open() {
  auto program = resolveProgram(job_.plan.plan(), memory_, job_.code.data());
  if (!program.ok())
    return program.status();
  executor_.emplace(std::move(*program), comm_, recorder_);
  return {};
}

Status CpuBackend::prefault(const Arena &arena, uint64_t offset,
                            uint64_t bytes) const {
  Status status = arena.prefault(offset, bytes);
  if (status.ok())
    return status;
  return rankLost("rank %d ran out of memory %s: it %s", rank_,
                  job_.whereabouts(rank_).c_str(), status.message().c_str());
}

/// The pages that the state lies in, before the rest: they belong to the time
/// that making the state takes.
Status CpuBackend::settleState() {
  const auto *states = memory_.program->states();
  if (!states)
    return {};
  for (const auto *state : *states) {
    const auto *buffer = memory_.program->buffers()->Get(state->buffer());
    DS_RT_RETURN_IF_ERROR(
        prefault(arenas()[buffer->arena()], buffer->offset(), buffer->bytes()));
  }
  return {};
}

Status CpuBackend::settle(const plan::Entry &) {
  for (const Arena &arena : arenas())
    DS_RT_RETURN_IF_ERROR(prefault(arena, 0, arena.bytes()));
  return {};
}

Status CpuBackend::run(const plan::Entry &entry) {
  return executor_->runBlock(entry.block());
}

uint32_t CpuBackend::firstOf(uint32_t block) const {
  return executor_->firstOf(block);
}

uint64_t CpuBackend::residentBytes(uint32_t arena) const {
  return arenas()[arena].residentBytes();
}

uint64_t CpuBackend::residentBytes(uint32_t arena, uint64_t offset,
                                   uint64_t bytes) const {
  return arenas()[arena].residentBytes(offset, bytes);
}

bool CpuBackend::isShared(uint32_t arena) const {
  return arenas()[arena].shared();
}

double CpuBackend::measureBandwidth() { return triadBandwidth(arenas()[0]); }

} // namespace ds::rt
