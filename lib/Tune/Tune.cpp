//===- Tune.cpp - Choosing among plans ----------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Tune/Tune.h"

#include <chrono>
#include <utility>

using namespace mlir;

namespace ds {

static std::string nameOf(const StepOptions &o) {
  return "z" + std::to_string(o.stage) + "_mb" + std::to_string(o.microBatch) +
         "_ga" + std::to_string(o.accumulation()) +
         (o.keepPointwise ? "_keep" : "") + (o.rematBlocks ? "_remat" : "") +
         (o.overlap ? "_overlap" : "");
}

/// The ways to lay out a step's memory that are tried.  On GPUs those that take
/// more come first: they are the faster ones, if they fit.
static std::vector<StepOptions> layouts(const Search &search) {
  std::vector<StepOptions> all;
  const auto add = [&](bool remat, bool keep) {
    StepOptions o;
    o.rematBlocks = remat;
    o.keepPointwise = keep;
    if (search.gpu && search.world > 1) {
      o.overlap = true;
      all.push_back(o);
      o.overlap = false;
    }
    all.push_back(o);
  };
  if (search.rematBlocks != true) {
    if (search.gpu)
      add(/*remat=*/false, /*keep=*/true);
    add(/*remat=*/false, /*keep=*/false);
  }
  if (search.rematBlocks != false)
    add(/*remat=*/true, /*keep=*/false);
  return all;
}

std::vector<Candidate> enumerate(const Search &search) {
  std::vector<int64_t> stages, batches;
  // One rank has nothing to share: all stages are the same program.
  if (search.stage)
    stages = {*search.stage};
  else
    stages = search.world == 1 ? std::vector<int64_t>{0}
                               : std::vector<int64_t>{0, 1, 2, 3};
  int64_t local = search.globalBatch / search.world;
  if (search.microBatch)
    batches = {*search.microBatch};
  else
    for (int64_t size = local; size >= 1; --size)
      if (local % size == 0)
        batches.push_back(size);
  std::vector<Precision> precisions = search.precisions;
  if (precisions.empty())
    precisions = {search.recipe.precision};
  std::vector<Candidate> candidates;
  for (const Precision &precision : precisions)
    for (int64_t stage : stages)
      for (int64_t batch : batches)
        for (const StepOptions &layout : layouts(search)) {
          Candidate candidate;
          StepOptions &o = candidate.options;
          o = layout;
          o.world = search.world;
          o.stage = stage;
          o.microBatch = batch;
          o.microBatches = search.globalBatch / batch;
          o.seqLen = search.seqLen;
          o.bf16Products = search.bf16Products;
          o.gpu = search.gpu;
          o.geluEpilogues = search.geluEpilogues;
          o.recipe = search.recipe;
          o.recipe.precision = precision;
          candidate.name = nameOf(o);
          if (precisions.size() > 1)
            candidate.name += "_" + precision.compute;
          candidates.push_back(std::move(candidate));
        }
  return candidates;
}

LogicalResult
draftCandidate(ModuleOp model, Candidate &candidate, const Rates &rates,
               const std::function<bool(Phase, ModuleOp)> &afterPhase) {
  candidate.module = model.clone();
  for (Phase phase : kPhases) {
    PassManager pm(model.getContext());
    pm.enableVerifier(phase == Phase::Lower);
    buildPhase(pm, phase, candidate.options);
    if (failed(pm.run(*candidate.module)))
      return failure();
    if (afterPhase && !afterPhase(phase, *candidate.module))
      return success();
  }
  Rates ofPrecision = rates;
  ofPrecision.tf32 = candidate.options.recipe.precision.tf32;
  FailureOr<PlanDraft> draft =
      draftPlan(*candidate.module, ofPrecision, candidate.options.overlap);
  if (failed(draft))
    return failure();
  candidate.draft = std::move(*draft);
  candidate.predictedMs = candidate.draft->predictedSeconds * 1e3;
  candidate.deviceBytes = candidate.draft->deviceBytes;
  return success();
}

namespace {

/// The candidates that may still win, the best first.
class Finalists {
public:
  Finalists(std::vector<Candidate> &candidates, size_t keep)
      : candidates(candidates), keep(keep) {}

  /// Takes a drafted candidate up, or says why not.
  void add(int index) {
    Candidate &candidate = candidates[index];
    noteSmallest(index);
    if (!candidate.fits) {
      candidate.droppedBecause = "needs " +
                                 std::to_string(candidate.deviceBytes) +
                                 " bytes per rank, more than the limit";
      return release(index);
    }
    candidate.identity = identityOf(*candidate.draft);
    for (const Candidate &other : candidates)
      if (&other != &candidate && other.identity == candidate.identity) {
        candidate.droppedBecause = "has the same instructions as " + other.name;
        return release(index);
      }
    auto slower = [&](int other) {
      return candidates[other].predictedMs > candidate.predictedMs;
    };
    best.insert(llvm::find_if(best, slower), index);
    if (best.size() > keep) {
      release(best.back());
      best.pop_back();
    }
  }

  std::vector<int> take() {
    if (best.empty())
      return {};
    const std::string faster = " is predicted faster";
    for (Candidate &candidate : candidates)
      if (candidate.fits && candidate.droppedBecause.empty())
        candidate.droppedBecause = candidates[best.back()].name + faster;
    // Until a trial says otherwise, the first is the winner.
    for (int index : best)
      candidates[index].droppedBecause =
          index == best.front() ? "" : candidates[best.front()].name + faster;
    return best;
  }

private:
  /// Nothing may fit: then the smallest explains why.
  void noteSmallest(int index) {
    if (smallest >= 0 &&
        candidates[index].deviceBytes >= candidates[smallest].deviceBytes)
      return;
    int before = std::exchange(smallest, index);
    if (before >= 0 && !candidates[before].fits)
      release(before);
  }

  void release(int index) {
    if (index == smallest && best.empty())
      return;
    candidates[index].module = {};
    candidates[index].draft.reset();
  }

  std::vector<Candidate> &candidates;
  size_t keep;
  std::vector<int> best;
  int smallest = -1;
};

} // namespace

FailureOr<std::vector<int>> search(ModuleOp model, const Search &search,
                                   const Machine &machine, size_t keep,
                                   std::vector<Candidate> &candidates) {
  candidates = enumerate(search);
  Rates rates = machine.rates(search.world);
  Finalists finalists(candidates, keep);
  for (auto [index, candidate] : llvm::enumerate(candidates)) {
    if (failed(draftCandidate(model, candidate, rates)))
      return failure();
    candidate.fits = candidate.deviceBytes <= search.memoryLimit;
    finalists.add(static_cast<int>(index));
  }
  return finalists.take();
}

FailureOr<int> runTrials(std::vector<Candidate> &candidates,
                         const std::vector<int> &finalists,
                         const std::string &path, const PlanWriter &write,
                         const TrialRunner &run, double seconds) {
  using Clock = std::chrono::steady_clock;
  Clock::time_point start = Clock::now();
  int winner = -1, unhurt = -1;
  for (auto [done, index] : llvm::enumerate(finalists)) {
    Candidate &candidate = candidates[index];
    if (failed(write(candidate, path)))
      return failure();
    std::chrono::duration<double> gone = Clock::now() - start;
    // What one leaves of its share, the next ones have.
    double share = (seconds - gone.count()) / double(finalists.size() - done);
    TrialResult result = run(path, std::max(share, 0.0));
    candidate.measuredMs = result.stepMs;
    candidate.droppedBecause =
        result.failure.empty() ? "" : "its trial failed: " + result.failure;
    if (unhurt < 0 && !result.crashed)
      unhurt = index;
    if (result.stepMs &&
        (winner < 0 || *result.stepMs < *candidates[winner].measuredMs))
      winner = index;
  }
  for (int index : finalists)
    if (winner >= 0 && index != winner && candidates[index].measuredMs)
      candidates[index].droppedBecause =
          candidates[winner].name + " was measured faster";
  if (winner < 0)
    winner = unhurt;
  if (winner >= 0)
    candidates[winner].droppedBecause.clear();
  return winner;
}

} // namespace ds
