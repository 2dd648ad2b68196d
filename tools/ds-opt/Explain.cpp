//===- Explain.cpp - Why no plan fits, and what would -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Explain.h"

#include <numeric>

using namespace mlir;

namespace ds {
namespace {

/// Other flags, and the candidate that they give.
struct Change {
  std::string flags;
  StepOptions options;
};

/// Cheapest first: time, then smaller batches, then traffic, then machines.
std::vector<Change> changes(const Search &search, StepOptions smallest) {
  smallest.keepPointwise = false; // as the search has it where memory is short
  std::vector<Change> all;
  Change together{"", smallest};
  auto add = [&](const std::string &flags, auto &&change) {
    Change one{flags, smallest};
    change(one.options);
    change(together.options);
    together.flags += (together.flags.empty() ? "" : " ") + flags;
    all.push_back(one);
  };
  if (search.rematBlocks == false)
    add("--remat=blocks", [](StepOptions &o) { o.rematBlocks = true; });
  if (search.microBatch.value_or(1) > 1)
    add("--micro-batch=1 --global-batch=" + std::to_string(search.globalBatch),
        [&](StepOptions &o) {
          o.microBatch = 1;
          o.microBatches = search.globalBatch;
        });
  if (search.world > 1 && search.stage.value_or(3) < 3)
    add("--zero=3", [](StepOptions &o) { o.stage = 3; });
  if (all.size() > 1)
    all.push_back(together);
  // The batch of a step stays; a rank has its part of it.
  for (int64_t world = 2 * search.world;
       world <= 64 && search.globalBatch % world == 0; world *= 2) {
    Change more = together;
    more.options.world = world;
    more.options.stage = 3;
    more.options.microBatch =
        std::gcd(more.options.microBatch, search.globalBatch / world);
    more.options.microBatches = search.globalBatch / more.options.microBatch;
    more.flags = "--zero=3 --world=" + std::to_string(world) +
                 " --micro-batch=" + std::to_string(more.options.microBatch) +
                 " --global-batch=" + std::to_string(search.globalBatch) +
                 " --remat=" + (more.options.rematBlocks ? "blocks" : "none");
    all.push_back(more);
  }
  return all;
}

/// The line about the first change that fits, or about the smallest.
std::string describeChange(ModuleOp model, const Search &search,
                           const Machine &machine, bool ownLimit,
                           const StepOptions &smallest) {
  ScopedDiagnosticHandler silent(model.getContext(),
                                 [](Diagnostic &) { return success(); });
  std::string best;
  int64_t least = 0;
  for (const Change &change : changes(search, smallest)) {
    const int64_t world = change.options.world;
    const int64_t limit =
        ownLimit ? search.memoryLimit : machine.memoryOf(world);
    Candidate candidate;
    candidate.options = change.options;
    if (failed(draftCandidate(model, candidate, machine.rates(world))))
      continue;
    const std::string needs = change.flags + ", which needs " +
                              std::to_string(candidate.deviceBytes) +
                              " bytes per rank";
    if (candidate.deviceBytes <= limit)
      return "\nthe cheapest change that fits is " + needs;
    if (best.empty() || candidate.deviceBytes < least) {
      best = needs;
      least = candidate.deviceBytes;
    }
  }
  return best.empty() ? ""
                      : "\nno change of flags fits; the closest is " + best;
}

} // namespace

std::string explainNothingFits(ModuleOp model, const Search &search,
                               const Machine &machine, bool ownLimit,
                               const std::vector<Candidate> &candidates) {
  const Candidate *smallest = &candidates.front();
  for (const Candidate &candidate : candidates)
    if (candidate.deviceBytes < smallest->deviceBytes)
      smallest = &candidate;
  const std::string needed = std::to_string(smallest->deviceBytes);
  std::string text = "expects a plan within " +
                     std::to_string(search.memoryLimit) + " bytes per rank" +
                     (ownLimit ? "" : " (what is free on the machine)") +
                     ", but the smallest (" + smallest->name + ") needs " +
                     needed + "; use --memory-limit=" + needed +
                     " or more, more ranks, or a smaller batch";
  if (smallest->draft)
    text += "\n" + describePeak(*smallest->draft);
  return text +
         describeChange(model, search, machine, ownLimit, smallest->options);
}

} // namespace ds
