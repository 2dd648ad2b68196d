//===- Checkpoint.h - State in a folder ---------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   DIR/manifest.json                    which steps are whole; renamed last
//   DIR/step-<n>/model.safetensors       parameters, under the model's names
//   DIR/step-<n>/optimizer.safetensors   <parameter>.exp_avg, ..., scalars
//
// n updates are done.  Ranks write their own ranges of the logical tensors, so
// a checkpoint does not know how many there were.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_CHECKPOINT_CHECKPOINT_H
#define DS_RUNTIME_CHECKPOINT_CHECKPOINT_H

#include "checkpoint/Safetensors.h"
#include "exec/State.h"

#include <optional>

namespace ds::rt {

/// A checkpoint whose tensors were found to fit a plan.
class Checkpoint {
public:
  /// `path`: a folder, one step of it, or a .safetensors of parameters.
  static StatusOr<Checkpoint> open(const std::string &path,
                                   const plan::Plan &plan);

  uint64_t step() const { return step_; }
  bool holds(const plan::StateTensor &tensor) const;
  /// Reads the elements of one piece.
  Status read(const StatePiece &piece) const;

private:
  Status check(const plan::Plan &plan) const;
  Status checkExtra(const SafetensorsFile &file, const plan::Plan &plan) const;
  const SafetensorsFile *fileOf(const plan::StateTensor &tensor) const;
  std::optional<SafetensorsFile> model_, optimizer_;
  uint64_t step_ = 0;
};

/// Refuses a folder that cannot be written to, or made, before any work is
/// done.  Makes nothing.
Status checkSaveFolder(const std::string &folder);

/// Writes DIR/step-<step> and commits it.  Collective: every rank calls it
/// with its own pieces.  An older checkpoint of the same name stays whole
/// until the new one is.
Status saveCheckpoint(const plan::Plan &plan,
                      const std::vector<StatePiece> &pieces, LocalComm &comm,
                      const std::string &folder, uint64_t step);

} // namespace ds::rt

#endif // DS_RUNTIME_CHECKPOINT_CHECKPOINT_H
