//===- Tune.cpp - Choosing among plans ----------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Tune/Tune.h"

using namespace mlir;

namespace ds {

static std::string nameOf(const StepOptions &o) {
  return "z" + std::to_string(o.stage) + "_mb" + std::to_string(o.microBatch) +
         "_ga" + std::to_string(o.accumulation()) +
         (o.rematBlocks ? "_remat" : "");
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
  std::vector<bool> remats;
  if (search.rematBlocks)
    remats = {*search.rematBlocks};
  else
    remats = {false, true};
  std::vector<Candidate> candidates;
  for (int64_t stage : stages)
    for (int64_t batch : batches)
      for (bool remat : remats) {
        Candidate candidate;
        StepOptions &o = candidate.options;
        o.world = search.world;
        o.stage = stage;
        o.microBatch = batch;
        o.microBatches = search.globalBatch / batch;
        o.seqLen = search.seqLen;
        o.rematBlocks = remat;
        o.lr = search.lr;
        candidate.name = nameOf(o);
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
  FailureOr<PlanDraft> draft = draftPlan(*candidate.module, rates);
  if (failed(draft))
    return failure();
  candidate.draft = std::move(*draft);
  candidate.predictedMs = candidate.draft->predictedSeconds * 1e3;
  candidate.deviceBytes = candidate.draft->deviceBytes;
  return success();
}

FailureOr<int> search(ModuleOp model, const Search &search,
                      const Machine &machine,
                      std::vector<Candidate> &candidates) {
  candidates = enumerate(search);
  Rates rates = machine.rates(search.world);
  int best = -1, smallest = 0;
  auto drop = [&](int index, const std::string &why) {
    candidates[index].droppedBecause = why;
    if (index == smallest && best < 0)
      return; // may be needed to explain why nothing fits
    candidates[index].module = {};
    candidates[index].draft.reset();
  };
  for (int i = 0, e = static_cast<int>(candidates.size()); i < e; ++i) {
    Candidate &candidate = candidates[i];
    if (failed(draftCandidate(model, candidate, rates)))
      return failure();
    int before = smallest;
    if (candidate.deviceBytes < candidates[smallest].deviceBytes)
      smallest = i;
    candidate.fits = candidate.deviceBytes <= search.memoryLimit;
    if (!candidate.fits) {
      drop(i, "needs " + std::to_string(candidate.deviceBytes) + " bytes");
    } else if (best < 0 ||
               candidate.predictedMs < candidates[best].predictedMs) {
      int loser = best;
      best = i;
      if (loser >= 0)
        drop(loser, candidate.name + " is predicted faster");
    } else {
      drop(i, candidates[best].name + " is predicted faster");
    }
    if (before != smallest && before != best)
      drop(before, candidates[before].droppedBecause);
  }
  return best;
}

} // namespace ds
