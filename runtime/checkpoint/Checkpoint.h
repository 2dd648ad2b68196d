//===- Checkpoint.h - State in a folder ---------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   DIR/manifest.json                    which steps are whole; renamed last
//   DIR/step-<n>/model.safetensors       parameters, under the model's names
//   DIR/step-<n>/optimizer.safetensors   <parameter>.exp_avg, ..., scalars
//   DIR/step-<n>/config.json             of a model of Hugging Face's families
//
// n updates are done.  Ranks write their own ranges of the logical tensors, so
// a checkpoint does not know how many there were.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_CHECKPOINT_CHECKPOINT_H
#define DS_RUNTIME_CHECKPOINT_CHECKPOINT_H

#include "checkpoint/Match.h"
#include "exec/State.h"

#include <optional>

namespace ds::rt {

/// A checkpoint whose tensors were found to fit a plan.
class Checkpoint {
public:
  /// `path`: a folder, one step of it, or a .safetensors of parameters; or a
  /// folder of Hugging Face, whose parameters may be cut into several files,
  /// have names with another prefix, and be of other floating-point types.
  static StatusOr<Checkpoint> open(const std::string &path,
                                   const plan::Plan &plan);

  uint64_t step() const { return step_; }
  bool holds(const plan::StateTensor &tensor) const;
  /// Reads the elements of one piece, whose data is the host's.
  Status read(const StatePiece &piece) const;

  /// What was passed over or taken otherwise, for people.
  const std::vector<std::string> &notes() const { return notes_; }

private:
  Status check(const plan::Plan &plan);
  Status findExtra(const plan::Plan &plan, Names &extra);
  Status report(const Names &missing, const Names &misfits,
                const Names &extra) const;
  bool isInModel(const plan::StateTensor &tensor) const;
  /// Its entry is null when there is none.
  Weights::Tensor find(const plan::StateTensor &tensor) const;
  std::string path_;
  std::optional<Weights> model_;
  std::optional<SafetensorsFile> optimizer_;
  Prefix prefix_;
  std::vector<std::string> notes_;
  uint64_t step_ = 0;
};

/// Refuses a folder that cannot be written to, or made, before any work is
/// done.  Makes nothing.
Status checkSaveFolder(const std::string &folder);

/// Writes DIR/step-<step> and commits it.  Collective: every rank calls it
/// with its own pieces, which `view` shows.  An older checkpoint of the same
/// name stays whole until the new one is.
Status saveCheckpoint(const plan::Plan &plan, const View &view,
                      const std::vector<StatePiece> &pieces, LocalComm &comm,
                      const std::string &folder, uint64_t step);

} // namespace ds::rt

#endif // DS_RUNTIME_CHECKPOINT_CHECKPOINT_H
