//===- Rank.cpp - One rank with its memory ------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "exec/Rank.h"
#include "backends/cpu/Threads.h"
#include "base/Clock.h"

#include <cstring>

namespace ds::rt {

Rank::Rank(const Job &job, int rank)
    : job_(job), rank_(rank), slot_(job.control.slot(rank)),
      memory_(job.memory(rank)),
      comm_(job.control, rank, job.options.timeoutSeconds,
            LocalComm::spinRounds(job.world(), threads())),
      recorder_(instructionCount(job.program(rank)), &job.trace, rank),
      pieces_(statePieces(job.plan.plan(), rank, memory_)) {}

double Rank::enter(Phase phase) {
  slot_.enter(phase);
  const double now = monotonicSeconds();
  recorder_.enter(phase, slot_.step.load(std::memory_order_relaxed), now);
  return now;
}

Status Rank::comparePlans() {
  slot_.planHash.store(job_.plan.hash());
  DS_RT_RETURN_IF_ERROR(comm_.barrier());
  for (int other = 0; other < job_.world(); ++other)
    if (job_.control.slot(other).planHash.load() != job_.plan.hash())
      return inputError("ranks %d and %d have different plans: give every rank "
                        "the same file",
                        rank_, other);
  return {};
}

void Rank::copyConstants() {
  const auto *constants = job_.plan.plan().constants();
  uint32_t program = job_.plan.plan().rank_programs()->Get(rank_);
  if (!constants)
    return;
  for (const auto *constant : *constants)
    if (constant->program() == program)
      std::memcpy(memory_.buffer(constant->buffer()),
                  job_.plan.constants().data() + constant->offset(),
                  constant->bytes());
}

Status Rank::prefault(const Arena &arena, uint64_t offset,
                      uint64_t bytes) const {
  Status status = arena.prefault(offset, bytes);
  if (status.ok())
    return status;
  return rankLost("rank %d ran out of memory %s: it %s", rank_,
                  job_.whereabouts(rank_).c_str(), status.message().c_str());
}

/// The pages that the state lies in, before the rest: they belong to the time
/// that making the state takes.
Status Rank::prefaultState() {
  const auto *states = memory_.program->states();
  if (!states)
    return {};
  for (const auto *state : *states) {
    const auto *buffer = memory_.program->buffers()->Get(state->buffer());
    DS_RT_RETURN_IF_ERROR(prefault(job_.arenas[rank_][buffer->arena()],
                                   buffer->offset(), buffer->bytes()));
  }
  return {};
}

Status Rank::connect() {
  DS_RT_RETURN_IF_ERROR(comparePlans());
  auto program = resolveProgram(job_.plan.plan(), memory_, job_.code.data());
  if (!program.ok())
    return program.status();
  executor_.emplace(std::move(*program), comm_, recorder_);
  return {};
}

Status Rank::makeState(const Checkpoint *checkpoint, uint64_t seed) {
  DS_RT_RETURN_IF_ERROR(prefaultState());
  std::vector<StatePiece> made;
  for (const StatePiece &piece : pieces_) {
    if (checkpoint && checkpoint->holds(*piece.tensor))
      DS_RT_RETURN_IF_ERROR(checkpoint->read(piece));
    else
      made.push_back(piece);
  }
  if (!made.empty() && checkpoint)
    enter(Phase::Initialize);
  makeInitialValues(made, seed);
  return {};
}

Status Rank::settle() {
  for (const Arena &arena : job_.arenas[rank_])
    DS_RT_RETURN_IF_ERROR(prefault(arena, 0, arena.bytes()));
  copyConstants();
  return {};
}

StatusOr<bool> Rank::next(DataSource &source) const {
  return source.next(job_.world(), rank_, [&] { slot_.advance(); });
}

double Rank::begin(const plan::Entry &entry, uint64_t step) {
  slot_.step.store(step);
  slot_.instruction.store(executor_->firstOf(entry.block()));
  return enter(Phase::Inputs);
}

Status Rank::readInputs(DataSource &source, const plan::Entry &entry,
                        const std::vector<InputSpec> &specs,
                        uint64_t step) const {
  for (size_t i = 0; i < specs.size(); ++i)
    DS_RT_RETURN_IF_ERROR(
        readStep(source, specs[i], step, job_.world(), rank_,
                 memory_.buffer(entry.inputs()->Get(i)->buffer())));
  return {};
}

Status Rank::run(const plan::Entry &entry) {
  enter(Phase::Step);
  return executor_->runBlock(entry.block());
}

Status Rank::save(const std::string &folder, uint64_t done) {
  return saveCheckpoint(job_.plan.plan(), pieces_, comm_, folder, done);
}

} // namespace ds::rt
