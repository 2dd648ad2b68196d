//===- Rank.cpp - One rank with its memory ------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "exec/Rank.h"
#include "backends/cpu/Threads.h"
#include "base/Clock.h"
#include "exec/CpuBackend.h"
#include "exec/GpuBackend.h"

#include <cstring>

namespace ds::rt {

std::unique_ptr<Backend> makeBackend(const Job &job, int rank, LocalComm &comm,
                                     Recorder &recorder) {
  if (isForGpu(job.plan.plan()))
    return std::make_unique<GpuBackend>(job, rank, comm, recorder);
  return std::make_unique<CpuBackend>(job, rank, comm, recorder);
}

Rank::Rank(const Job &job, int rank)
    : job_(job), rank_(rank), slot_(job.control.slot(rank)),
      comm_(job.control, rank, job.options.timeoutSeconds,
            LocalComm::spinRounds(job.world(), threads())),
      recorder_(instructionCount(job.program(rank)), &job.trace, rank),
      backend_(makeBackend(job, rank, comm_, recorder_)) {}

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

Status Rank::copyConstants() {
  const auto *constants = job_.plan.plan().constants();
  uint32_t program = job_.plan.plan().rank_programs()->Get(rank_);
  if (!constants)
    return {};
  for (const auto *constant : *constants) {
    const std::byte *from = job_.plan.constants().data() + constant->offset();
    auto copy = [&](std::byte *host, uint64_t offset, uint64_t bytes) {
      std::memcpy(host, from + offset, bytes);
      return Status();
    };
    if (constant->program() == program)
      DS_RT_RETURN_IF_ERROR(backend_->show(memory().buffer(constant->buffer()),
                                           constant->bytes(), 1, Access::Write,
                                           copy));
  }
  return {};
}

Status Rank::connect() {
  DS_RT_RETURN_IF_ERROR(comparePlans());
  DS_RT_RETURN_IF_ERROR(backend_->open());
  pieces_ = statePieces(job_.plan.plan(), rank_, memory());
  return {};
}

Status Rank::makeState(const Checkpoint *checkpoint, uint64_t seed) {
  DS_RT_RETURN_IF_ERROR(backend_->settleState());
  std::vector<StatePiece> made;
  for (const StatePiece &piece : pieces_) {
    if (checkpoint && checkpoint->holds(*piece.tensor))
      DS_RT_RETURN_IF_ERROR(eachPart(
          *backend_, piece, Access::Write,
          [&](const StatePiece &part) { return checkpoint->read(part); }));
    else
      made.push_back(piece);
  }
  if (!made.empty() && checkpoint)
    enter(Phase::Initialize);
  return makeInitialValues(*backend_, made, seed);
}

Status Rank::settle(const plan::Entry &entry) {
  DS_RT_RETURN_IF_ERROR(backend_->settle(entry));
  return copyConstants();
}

StatusOr<bool> Rank::next(DataSource &source) const {
  return source.next(job_.world(), rank_, [&] { slot_.advance(); });
}

double Rank::begin(const plan::Entry &entry, uint64_t step) {
  slot_.step.store(step);
  slot_.instruction.store(backend_->firstOf(entry.block()));
  return enter(Phase::Inputs);
}

Status Rank::readInputs(DataSource &source, const plan::Entry &entry,
                        const std::vector<InputSpec> &specs,
                        uint64_t step) const {
  for (size_t i = 0; i < specs.size(); ++i)
    DS_RT_RETURN_IF_ERROR(
        readStep(source, specs[i], step, job_.world(), rank_,
                 backend_->input(entry.inputs()->Get(i)->buffer())));
  return {};
}

Status Rank::run(const plan::Entry &entry) {
  enter(Phase::Step);
  return backend_->run(entry);
}

Status Rank::save(const std::string &folder, uint64_t done) {
  return saveCheckpoint(job_.plan.plan(), *backend_, pieces_, comm_, folder,
                        done);
}

} // namespace ds::rt
