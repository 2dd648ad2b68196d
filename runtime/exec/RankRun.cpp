//===- RankRun.cpp - One rank from load to end --------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "exec/RankRun.h"
#include "backends/cpu/Threads.h"
#include "base/Clock.h"
#include "exec/Breakdown.h"
#include "exec/Limits.h"
#include "exec/MemoryMeter.h"
#include "exec/Outputs.h"
#include "exec/Rank.h"
#include "exec/TunedPlan.h"

#include <algorithm>
#include <ctime>

namespace ds::rt {
namespace {

class RankRun {
public:
  RankRun(const Job &job, int rank, RunObserver *observer)
      : job_(job), index_(rank), observer_(rank == 0 ? observer : nullptr),
        rank_(job, rank), slot_(rank_.slot()),
        meter_(rank_.backend(),
               (rank == 0 ? job.control.bytes() : 0) + job.trace.bytesPerRank(),
               slot_),
        inputs_(inputSpecs(job.program(rank), job.entry(rank))), outputs_(job) {
  }

  Status load();
  Status runSteps();
  Status finish();
  Status tuneProducts();
  void awaitRankZero() const;

private:
  Status makeState();
  Status runStep(uint64_t step);
  Status saveIfDue(uint64_t done, bool last);
  double measureBandwidth();
  void reportStart();
  std::vector<ArenaReport> arenaReports() const;
  uint64_t tokensPerStep() const;
  bool trains() const { return job_.options.entry == "train"; }

  const Job &job_;
  int index_;
  RunObserver *observer_;
  Rank rank_;
  RankSlot &slot_;
  MemoryMeter meter_;
  std::vector<InputSpec> inputs_;
  OutputExchange outputs_;
  StepTimes times_;
  double stateSeconds_ = 0;
  uint64_t firstStep_ = 0;
  uint64_t savedStep_ = UINT64_MAX;
};

Status RankRun::makeState() {
  const Checkpoint *checkpoint = job_.checkpoint ? &*job_.checkpoint : nullptr;
  const double start =
      rank_.enter(checkpoint ? Phase::Restore : Phase::Initialize);
  DS_RT_RETURN_IF_ERROR(rank_.makeState(checkpoint, job_.options.seed));
  stateSeconds_ = monotonicSeconds() - start;
  return {};
}

Status RankRun::load() {
  rank_.enter(Phase::Load);
  firstStep_ = job_.checkpoint ? job_.checkpoint->step() : 0;
  slot_.step.store(firstStep_);
  DS_RT_RETURN_IF_ERROR(rank_.connect());
  DS_RT_RETURN_IF_ERROR(makeState());
  rank_.enter(Phase::Load);
  DS_RT_RETURN_IF_ERROR(rank_.settle(job_.entry(index_)));
  meter_.sampleArenas();
  meter_.sampleProcess();
  slot_.libraryBytes = rank_.backend().libraryBytes();
  DS_RT_RETURN_IF_ERROR(rank_.comm().barrier());
  rank_.recorder().endPhase(monotonicSeconds());
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
  StartReport report{.world = job_.world(),
                     .startupMs = (total - stateSeconds_) * 1e3,
                     .initialValuesMs = stateSeconds_ * 1e3,
                     .firstStep = firstStep_,
                     .arenas = arenaReports(),
                     .binding = job_.binding,
                     .libraryBytes = {},
                     .notes = rank_.backend().notes()};
  if (isForGpu(job_.plan.plan()))
    for (int rank = 0; rank < job_.world(); ++rank)
      report.libraryBytes.push_back(job_.control.slot(rank).libraryBytes);
  observer_->onStart(report);
}

uint64_t RankRun::tokensPerStep() const {
  for (const InputSpec &input : inputs_)
    if (input.role == plan::Role::tokens)
      return input.accumulation() * input.entryElements() * job_.world();
  return 0;
}

Status RankRun::runStep(uint64_t step) {
  const plan::Entry &entry = job_.entry(index_);
  const double start = rank_.begin(entry, step);
  DS_RT_RETURN_IF_ERROR(rank_.readInputs(*job_.data, entry, inputs_, step));
  DS_RT_RETURN_IF_ERROR(rank_.run(entry));
  rank_.enter(Phase::Report);
  outputs_.publish(index_, rank_.backend(), slot_);
  DS_RT_RETURN_IF_ERROR(outputs_.meet(rank_.comm()));
  auto outputs = outputs_.collect(job_.control);
  const double now = monotonicSeconds(), seconds = now - start;
  rank_.recorder().endStep(now);
  times_.add(seconds * 1e3, rank_.recorder().takeSeconds());
  const Status exhausted = checkLossScale(entry, slot_.outputs, step);
  if (observer_)
    observer_->onStep({step, std::move(outputs), seconds * 1e3,
                       double(tokensPerStep()) / seconds});
  // No rank may overwrite its outputs before they are read.
  DS_RT_RETURN_IF_ERROR(outputs_.meet(rank_.comm()));
  return exhausted;
}

Status RankRun::saveIfDue(uint64_t done, bool last) {
  const RunOptions &options = job_.options;
  bool due = options.saveEvery > 0 && done % options.saveEvery == 0;
  if (options.save.empty() || savedStep_ == done || !(due || last))
    return {};
  slot_.step.store(done);
  rank_.enter(Phase::Save);
  DS_RT_RETURN_IF_ERROR(rank_.save(options.save, done));
  rank_.recorder().endPhase(monotonicSeconds());
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
    auto more = rank_.next(*job_.data);
    if (!more.ok())
      return more.status();
    if (!*more) {
      steps = i;
      break;
    }
    DS_RT_RETURN_IF_ERROR(runStep(begin + i));
    if (i == 0 && steps > 1)
      rank_.recorder().resetTimes(); // it warms up
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
  const double bandwidth = rank_.backend().measureBandwidth();
  if (job_.trace)
    job_.trace.rank(index_).bandwidth = bandwidth;
  return bandwidth;
}

Status RankRun::finish() {
  rank_.enter(Phase::End);
  if (job_.options.hashState) {
    auto hash = hashState(rank_.backend(), rank_.pieces());
    if (!hash.ok())
      return hash.status();
    slot_.stateHash = *hash;
  }
  DS_RT_RETURN_IF_ERROR(rank_.comm().barrier());
  const double bandwidth = measureBandwidth();
  DS_RT_RETURN_IF_ERROR(rank_.comm().barrier());
  rank_.backend().close();
  rank_.recorder().endPhase(monotonicSeconds());
  if (!observer_)
    return {};
  const PlannedWork work = workOf(job_.plan.plan(), job_.program(index_),
                                  job_.entry(index_).block());
  EndReport report{.steps = times_.steps(),
                   .medianStepMs = times_.medianMs(),
                   .predictedStepMs = work.predictedMs,
                   .productFlops = work.productFlops,
                   .peakRssBytes = {},
                   .arenas = arenaReports(),
                   .memory = memoryParts(job_.program(index_), rank_.backend()),
                   .time = times_.steps() > 0 && rank_.backend().recordsTimes()
                               ? times_.parts(work)
                               : std::vector<PartReport>(),
                   .profile = {},
                   .limits = {},
                   .stateHash = std::nullopt};
  if (job_.options.profile && times_.steps() > 0 &&
      rank_.backend().recordsTimes())
    report.profile = profileRows(job_.plan.plan(), job_.program(index_),
                                 rank_.recorder().times(),
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

/// As long as rank 0 gets on: it is the launcher who sees when it does not.
void RankRun::awaitRankZero() const {
  slot_.waiting.store(1);
  while (job_.control.slot(0).phase.load() != uint32_t(Phase::End)) {
    timespec nap = {0, 1000000};
    nanosleep(&nap, nullptr);
  }
  slot_.waiting.store(0);
}

/// By rank 0 alone, at its addresses: all have the same products at the same
/// offsets, in arenas that are aligned alike (cuda::Device::kAlignment).  It
/// takes longer than a rank is waited for elsewhere.
Status RankRun::tuneProducts() {
  rank_.enter(Phase::Step);
  if (index_ == 0) {
    auto chosen = rank_.backend().fastestAlgorithms();
    if (!chosen.ok())
      return chosen.status();
    rank_.enter(Phase::Report);
    DS_RT_RETURN_IF_ERROR(
        writeTunedPlan(job_.plan, job_.plan.plan().rank_programs()->Get(0),
                       *chosen, job_.options.tunedPlan));
    rank_.enter(Phase::End);
  }
  awaitRankZero();
  DS_RT_RETURN_IF_ERROR(rank_.comm().barrier());
  rank_.backend().close();
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
  if (!job.options.tunedPlan.empty())
    return run.tuneProducts();
  DS_RT_RETURN_IF_ERROR(run.runSteps());
  return run.finish();
}

} // namespace ds::rt
