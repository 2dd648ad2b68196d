//===- Outputs.h - The numbers a step reports ---------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each output of the entry is told by the lowest rank whose program has it.
// Only if that is not rank 0 for all of them do the ranks meet after a step.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_EXEC_OUTPUTS_H
#define DS_RUNTIME_EXEC_OUTPUTS_H

#include "exec/Backend.h"

namespace ds::rt {

class OutputExchange {
public:
  explicit OutputExchange(const Job &job);
  /// Copies this rank's outputs to where rank 0 sees them.
  void publish(int rank, const Backend &backend, RankSlot &slot) const;
  /// Waits for the ranks that rank 0 needs, if there are any.
  Status meet(LocalComm &comm) const;
  std::vector<std::pair<std::string, double>>
  collect(const Control &control) const;

private:
  struct Source {
    std::string name;
    int rank;
    size_t index;
  };
  const Job &job_;
  std::vector<Source> sources_;
  bool remote_ = false;
};

/// An error that ends the run when a step's `values`, one for each
/// output, say that gradients
/// overflowed and the loss scale cannot become smaller.
Status checkLossScale(const plan::Entry &entry, const double *values,
                      uint64_t step);

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_OUTPUTS_H
