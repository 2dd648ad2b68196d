//===- State.h - The logical tensors that a rank holds ------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A plan's state lies in flat buffers, whole or cut into shards.  A piece is
// the part of one logical tensor that lies in one rank's shard; initial
// values, hashes and checkpoints are loops over pieces.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_EXEC_STATE_H
#define DS_RUNTIME_EXEC_STATE_H

#include "exec/Resolve.h"
#include "exec/View.h"

#include <string>

namespace ds::rt {

/// Elements [first, first + count) of `tensor`, row-major, at `data`.
struct StatePiece {
  const plan::StateTensor *tensor;
  plan::DType dtype;
  std::byte *data;
  uint64_t first, count;
  /// Whether this rank answers for these elements: exactly one rank does for
  /// each element of each logical tensor, however many hold a copy.
  bool owned;
};

/// Shows a piece to `use`, one part after the other, each a piece itself whose
/// `data` is the host's.
Status eachPart(const View &view, const StatePiece &piece, Access access,
                const std::function<Status(const StatePiece &part)> &use);

/// The number of elements of a logical tensor.
uint64_t elementsOf(const plan::StateTensor &tensor);

/// All pieces of one rank, empty ones left out.
std::vector<StatePiece> statePieces(const plan::Plan &plan, int rank,
                                    const RankMemory &memory);

/// A logical tensor of the whole plan.
struct LogicalTensor {
  const plan::StateTensor *tensor;
  plan::DType dtype;
};

/// Every logical tensor once, in the order of programs, buffers and tensors.
std::vector<LogicalTensor> logicalTensors(const plan::Plan &plan);

/// Writes the initial values of the pieces, on the whole team, where memory is
/// zero.
Status makeInitialValues(const View &view,
                         const std::vector<StatePiece> &pieces, uint64_t seed);

/// The sum, modulo 2^64, of a hash of (tensor, element, bits) over the owned
/// elements of parameters and optimizer state: ranks' sums add up to a value
/// that does not depend on the sharding.
StatusOr<uint64_t> hashState(const View &view,
                             const std::vector<StatePiece> &pieces);

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_STATE_H
