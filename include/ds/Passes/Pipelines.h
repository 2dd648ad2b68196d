//===- Pipelines.h - The phases of compiling a training step ------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_PASSES_PIPELINES_H
#define DS_PASSES_PIPELINES_H

#include "ds/Support/Recipe.h"

#include "mlir/Pass/PassManager.h"

#include <string>

namespace ds {

/// One choice of everything that a training step depends on.
struct StepOptions {
  int64_t world = 1;        ///< Ranks.
  int64_t stage = 0;        ///< ZeRO stage.
  int64_t microBatch = 1;   ///< Samples per micro-batch and rank.
  int64_t microBatches = 1; ///< Per step, over all ranks; `world` divides it.
  int64_t seqLen = 0;       ///< Positions per sample; 0: the module's.
  bool rematBlocks = false; ///< Recompute the activations of every block.
  /// Keep what one pass over other activations would make again.
  bool keepPointwise = false;
  bool bf16Products = false;  ///< The machine multiplies bfloat16.
  bool gpu = false;           ///< The plan is for a GPU ...
  bool geluEpilogues = false; ///< ... whose products take GELU along.
  /// What moves between ranks has memory of its own while kernels run: gathers
  /// begin a unit early, gradients wait until the next ones are added up.
  bool overlap = false;
  Recipe recipe; ///< Optimizer and learning rate.

  int64_t accumulation() const { return microBatches / world; }
};

enum class Phase {
  Import,
  Precision,
  Differentiate,
  Parallel,
  Memory,
  Schedule,
  Lower
};
inline constexpr Phase kPhases[] = {
    Phase::Import, Phase::Precision, Phase::Differentiate, Phase::Parallel,
    Phase::Memory, Phase::Schedule,  Phase::Lower};

/// The name for --stop-after and dumps: import, precision, ...
llvm::StringRef phaseName(Phase phase);

/// Adds the passes that find fused ops in what importers write out; for
/// imported modules, before the phases.
void buildRaising(mlir::OpPassManager &pm);

/// Adds the passes of one phase, its gate included.
void buildPhase(mlir::OpPassManager &pm, Phase phase,
                const StepOptions &options);

} // namespace ds

#endif // DS_PASSES_PIPELINES_H
