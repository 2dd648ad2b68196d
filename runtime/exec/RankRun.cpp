//===- RankRun.cpp - One rank from load to end --------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "exec/RankRun.h"
#include "backends/cpu/Threads.h"
#include "base/Clock.h"
#include "exec/Breakdown.h"
#include "exec/Executor.h"
#include "exec/Limits.h"
#include "exec/MemoryMeter.h"
#include "exec/Outputs.h"

#include <algorithm>
#include <cstring>

namespace ds::rt {
namespace {

class RankRun {
public:
  RankRun(const Job &job, int rank, RunObserver *observer)
      : job_(job), rank_(rank), observer_(rank == 0 ? observer : nullptr),
        slot_(job.control.slot(rank)), memory_(job.memory(rank)),
        comm_(job.control, rank, job.options.timeoutSeconds,
              LocalComm::spinRounds(job.world(), threads())),
        meter_(job.arenas[rank],
               (rank == 0 ? job.control.bytes() : 0) + job.trace.bytesPerRank(),
               slot_),
        inputs_(inputSpecs(job.program(rank), job.entry(rank))), outputs_(job),
        recorder_(instructionCount(job.program(rank)), &job.trace, rank) {}

  Status load();
  Status runSteps();
  Status finish();

private:
  double enter(Phase phase);
  Status comparePlans();
  void copyConstants();
  Status prefault(const Arena &arena, uint64_t offset, uint64_t bytes) const;
  Status prefaultState();
  Status makeState();
  Status readInputs(uint64_t step);
  Status runStep(uint64_t step);
  Status saveIfDue(uint64_t done, bool last);
  double measureBandwidth();
  void reportStart();
  std::vector<ArenaReport> arenaReports() const;
  uint64_t tokensPerStep() const;
  bool trains() const { return job_.options.entry == "train"; }

  const Job &job_;
  int rank_;
  RunObserver *observer_;
  RankSlot &slot_;
  RankMemory memory_;
  LocalComm comm_;
  MemoryMeter meter_;
  std::vector<InputSpec> inputs_;
  OutputExchange outputs_;
  Recorder recorder_;
  std::optional<Executor> executor_;
  std::vector<StatePiece> pieces_;
  StepTimes times_;
  double stateSeconds_ = 0;
  uint64_t firstStep_ = 0;
  uint64_t savedStep_ = UINT64_MAX;
};

/// Returns the time of it.
double RankRun::enter(Phase phase) {
  slot_.enter(phase);
  const double now = monotonicSeconds();
  recorder_.enter(phase, slot_.step.load(std::memory_order_relaxed), now);
  return now;
}

Status RankRun::comparePlans() {
  slot_.planHash.store(job_.plan.hash());
  DS_RT_RETURN_IF_ERROR(comm_.barrier());
  for (int other = 0; other < job_.world(); ++other)
    if (job_.control.slot(other).planHash.load() != job_.plan.hash())
      return inputError("ranks %d and %d have different plans: give every rank "
                        "the same file",
                        rank_, other);
  return {};
}

void RankRun::copyConstants() {
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

Status RankRun::prefault(const Arena &arena, uint64_t offset,
                         uint64_t bytes) const {
  Status status = arena.prefault(offset, bytes);
  if (status.ok())
    return status;
  return rankLost("rank %d ran out of memory %s: it %s", rank_,
                  job_.whereabouts(rank_).c_str(), status.message().c_str());
}

/// The pages that the state lies in, before the rest: they belong to the time
/// that making the state takes.
Status RankRun::prefaultState() {
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

Status RankRun::makeState() {
  const double start =
      enter(job_.checkpoint ? Phase::Restore : Phase::Initialize);
  DS_RT_RETURN_IF_ERROR(prefaultState());
  pieces_ = statePieces(job_.plan.plan(), rank_, memory_);
  std::vector<StatePiece> made;
  for (const StatePiece &piece : pieces_) {
    if (job_.checkpoint && job_.checkpoint->holds(*piece.tensor))
      DS_RT_RETURN_IF_ERROR(job_.checkpoint->read(piece));
    else
      made.push_back(piece);
  }
  if (!made.empty() && job_.checkpoint)
    enter(Phase::Initialize);
  makeInitialValues(made, job_.options.seed);
  if (job_.checkpoint)
    firstStep_ = job_.checkpoint->step();
  stateSeconds_ = monotonicSeconds() - start;
  return {};
}

Status RankRun::load() {
  enter(Phase::Load);
  slot_.step.store(job_.checkpoint ? job_.checkpoint->step() : 0);
  DS_RT_RETURN_IF_ERROR(comparePlans());
  auto program = resolveProgram(job_.plan.plan(), memory_, job_.code.data());
  if (!program.ok())
    return program.status();
  executor_.emplace(std::move(*program), comm_, recorder_);
  DS_RT_RETURN_IF_ERROR(makeState());
  enter(Phase::Load);
  for (const Arena &arena : job_.arenas[rank_])
    DS_RT_RETURN_IF_ERROR(prefault(arena, 0, arena.bytes()));
  copyConstants();
  meter_.sampleArenas();
  meter_.sampleProcess();
  DS_RT_RETURN_IF_ERROR(comm_.barrier());
  recorder_.endPhase(monotonicSeconds());
  reportStart();
  return {};
}

std::vector<ArenaReport> RankRun::arenaReports() const {
  std::vector<ArenaReport> reports;
  for (int rank = 0; rank < job_.world(); ++rank) {
    const auto &arenas = *job_.program(rank).arenas();
    for (uint32_t i = 0; i < arenas.size(); ++i)
      reports.push_back({rank, arenas[i]->space(), arenas[i]->bytes(),
                         job_.control.slot(rank).measuredBytes[i]});
  }
  return reports;
}

void RankRun::reportStart() {
  if (!observer_)
    return;
  double total = bootSeconds() - job_.options.processStart;
  observer_->onStart({job_.world(), (total - stateSeconds_) * 1e3,
                      stateSeconds_ * 1e3, firstStep_, arenaReports(),
                      job_.binding});
}

Status RankRun::readInputs(uint64_t step) {
  const auto *inputs = job_.entry(rank_).inputs();
  for (size_t i = 0; i < inputs_.size(); ++i)
    DS_RT_RETURN_IF_ERROR(readStep(*job_.data, inputs_[i], step, job_.world(),
                                   rank_,
                                   memory_.buffer(inputs->Get(i)->buffer())));
  return {};
}

uint64_t RankRun::tokensPerStep() const {
  for (const InputSpec &input : inputs_)
    if (input.role == plan::Role::tokens)
      return input.accumulation() * input.entryElements() * job_.world();
  return 0;
}

Status RankRun::runStep(uint64_t step) {
  slot_.step.store(step);
  slot_.instruction.store(executor_->firstOf(job_.entry(rank_).block()));
  const double start = enter(Phase::Inputs);
  DS_RT_RETURN_IF_ERROR(readInputs(step));
  enter(Phase::Step);
  DS_RT_RETURN_IF_ERROR(executor_->runBlock(job_.entry(rank_).block()));
  enter(Phase::Report);
  outputs_.publish(rank_, memory_, slot_);
  DS_RT_RETURN_IF_ERROR(outputs_.meet(comm_));
  auto outputs = outputs_.collect(job_.control);
  const double now = monotonicSeconds(), seconds = now - start;
  recorder_.endStep(now);
  times_.add(seconds * 1e3, recorder_.takeSeconds());
  if (observer_)
    observer_->onStep({step, std::move(outputs), seconds * 1e3,
                       double(tokensPerStep()) / seconds});
  // No rank may overwrite its outputs before they are read.
  return outputs_.meet(comm_);
}

Status RankRun::saveIfDue(uint64_t done, bool last) {
  const RunOptions &options = job_.options;
  bool due = options.saveEvery > 0 && done % options.saveEvery == 0;
  if (options.save.empty() || savedStep_ == done || !(due || last))
    return {};
  slot_.step.store(done);
  enter(Phase::Save);
  DS_RT_RETURN_IF_ERROR(
      saveCheckpoint(job_.plan.plan(), pieces_, comm_, options.save, done));
  recorder_.endPhase(monotonicSeconds());
  savedStep_ = done;
  if (observer_)
    observer_->onSaved(options.save, done);
  return {};
}

Status RankRun::runSteps() {
  uint64_t steps = job_.options.steps;
  // Evaluation begins at the beginning of its data and updates nothing.
  uint64_t begin = trains() ? firstStep_ : 0;
  for (uint64_t i = 0; i < steps; ++i) {
    DS_RT_RETURN_IF_ERROR(runStep(begin + i));
    if (i == 0 && steps > 1)
      recorder_.resetTimes(); // it warms up
    if (i == 0 || i + 1 == steps || i % 16 == 0)
      meter_.sampleArenas();
    meter_.sampleProcess();
    if (trains())
      DS_RT_RETURN_IF_ERROR(saveIfDue(begin + i + 1, false));
  }
  return saveIfDue(firstStep_ + (trains() ? steps : 0), true);
}

/// All ranks at once, as in a step.  Nobody needs what is in arenas now.
double RankRun::measureBandwidth() {
  if (!job_.trace && !job_.options.profile)
    return 0;
  const double bandwidth = triadBandwidth(job_.arenas[rank_][0]);
  if (job_.trace)
    job_.trace.rank(rank_).bandwidth = bandwidth;
  return bandwidth;
}

Status RankRun::finish() {
  enter(Phase::End);
  if (job_.options.hashState)
    slot_.stateHash = hashState(pieces_);
  DS_RT_RETURN_IF_ERROR(comm_.barrier());
  const double bandwidth = measureBandwidth();
  DS_RT_RETURN_IF_ERROR(comm_.barrier());
  recorder_.endPhase(monotonicSeconds());
  if (!observer_)
    return {};
  const PlannedWork work =
      workOf(job_.program(rank_), job_.entry(rank_).block());
  EndReport report{.steps = times_.steps(),
                   .medianStepMs = times_.medianMs(),
                   .predictedStepMs = work.predictedMs(),
                   .productFlops = work.productFlops,
                   .peakRssBytes = {},
                   .arenas = arenaReports(),
                   .memory =
                       memoryParts(job_.program(rank_), job_.arenas[rank_]),
                   .time = times_.steps() > 0 ? times_.parts(work)
                                              : std::vector<PartReport>(),
                   .profile = {},
                   .limits = {},
                   .stateHash = std::nullopt};
  if (job_.options.profile && times_.steps() > 0)
    report.profile =
        profileRows(job_.plan.plan(), job_.program(rank_), recorder_.times(),
                    std::max<uint64_t>(1, times_.steps() - 1));
  report.limits = setLimits(report.profile, bandwidth);
  uint64_t hash = 0;
  for (int rank = 0; rank < job_.world(); ++rank) {
    report.peakRssBytes.push_back(job_.control.slot(rank).peakRss);
    hash += job_.control.slot(rank).stateHash;
  }
  if (job_.options.hashState)
    report.stateHash = hash;
  observer_->onEnd(report);
  return {};
}

} // namespace

Status runRank(const Job &job, int rank, RunObserver *observer) {
  setThreads(defaultThreads(job.world()));
  flushDenormals();
  RankRun run(job, rank, observer);
  // Before memory is touched, which is then near to who touches it.
  if (!job.binding.empty())
    DS_RT_RETURN_IF_ERROR(bindTeam(job.binding[size_t(rank)]));
  DS_RT_RETURN_IF_ERROR(run.load());
  DS_RT_RETURN_IF_ERROR(run.runSteps());
  return run.finish();
}

} // namespace ds::rt
