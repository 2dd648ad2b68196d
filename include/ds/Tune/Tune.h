//===- Tune.h - Choosing among plans ------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Candidates are drafted (every byte and instruction, no code) and ranked by
// predicted time; the best few that fit the budget run, and the fastest wins.
//===--------------------------------------------------------------------===//
#ifndef DS_TUNE_TUNE_H
#define DS_TUNE_TUNE_H

#include "ds/Passes/Pipelines.h"
#include "ds/Plan/Plan.h"
#include "ds/Tune/Machine.h"
#include "ds/Tune/Trial.h"

#include "mlir/IR/OwningOpRef.h"

#include <functional>
#include <optional>

namespace ds {

/// One candidate and what became of it.
struct Candidate {
  StepOptions options;
  std::string name; ///< z2_mb4_ga2_keep_overlap: unique within a search.
  bool fits = false;
  double predictedMs = 0;
  std::optional<double> measuredMs;         ///< Of a trial.
  int64_t deviceBytes = 0;                  ///< Planned, per rank.
  std::string droppedBecause;               ///< Empty for the winner.
  mlir::OwningOpRef<mlir::ModuleOp> module; ///< After `lower`.
  std::optional<PlanDraft> draft;
  std::string identity; ///< Equal for candidates that run alike.
};

/// What is fixed and what is searched.
struct Search {
  int64_t world = 1;
  int64_t globalBatch = 1;           ///< Samples per step, all ranks.
  std::optional<int64_t> stage;      ///< Nothing: 0 to 3.
  std::optional<int64_t> microBatch; ///< Nothing: every divisor.
  std::optional<bool> rematBlocks;   ///< Nothing: both.
  int64_t seqLen = 0;
  bool bf16Products = false;  ///< The target has them.
  bool gpu = false;           ///< The target is one ...
  bool geluEpilogues = false; ///< ... whose products take GELU along.
  Recipe recipe;
  std::vector<Precision> precisions; ///< In place of the recipe's; or none.
  int64_t memoryLimit = 0;           ///< Bytes per rank.
};

/// Enumerates the candidates in a fixed order.
std::vector<Candidate> enumerate(const Search &search);

/// Compiles `candidate` from `model` up to its draft.  Fails with a diagnostic.
/// `afterPhase` sees the module after each phase and may stop the work by
/// returning false (then there is no draft).
mlir::LogicalResult draftCandidate(
    mlir::ModuleOp model, Candidate &candidate, const Rates &rates,
    const std::function<bool(Phase, mlir::ModuleOp)> &afterPhase = {});

/// Drafts all candidates and returns the indices of the `keep` that fit, differ
/// and are predicted fastest, the best first; none when nothing fits.  Only
/// those (or, when none fits, the smallest) keep module and draft; every other
/// one says why it was dropped, and so do all but the first.
mlir::FailureOr<std::vector<int>> search(mlir::ModuleOp model,
                                         const Search &search,
                                         const Machine &machine, size_t keep,
                                         std::vector<Candidate> &candidates);

/// Makes the plan file of a candidate; fails with a diagnostic.
using PlanWriter = std::function<mlir::LogicalResult(Candidate &candidate,
                                                     const std::string &path)>;

/// Runs the finalists one after another, within `seconds` in all, each from a
/// file at `path`; returns the index of the fastest.  When none could be timed,
/// that is the one predicted fastest of those that did not crash, or -1.  Fails
/// when a plan cannot be written.
mlir::FailureOr<int> runTrials(std::vector<Candidate> &candidates,
                               const std::vector<int> &finalists,
                               const std::string &path, const PlanWriter &write,
                               const TrialRunner &run, double seconds);

} // namespace ds

#endif // DS_TUNE_TUNE_H
