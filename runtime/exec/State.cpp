//===- State.cpp - The logical tensors that a rank holds ----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "exec/State.h"

#include <algorithm>
#include <map>

namespace ds::rt {
namespace {

const plan::Program &programOf(const plan::Plan &plan, int rank) {
  return *plan.programs()->Get(plan.rank_programs()->Get(rank));
}

/// The position of `rank` in a group; the group's size when it is no member.
uint32_t memberIndex(const plan::Plan &plan, uint32_t group, int rank) {
  const auto *ranks = plan.groups()->Get(group)->ranks();
  return uint32_t(std::find(ranks->begin(), ranks->end(), uint32_t(rank)) -
                  ranks->begin());
}

/// For each name the lowest rank that holds the tensor, or a shard of it.
std::map<std::string, int> firstHolders(const plan::Plan &plan) {
  std::map<std::string, int> holders;
  for (int rank = 0; rank < int(plan.world()); ++rank)
    if (const auto *states = programOf(plan, rank).states())
      for (const auto *state : *states)
        for (const auto *tensor : *state->tensors())
          holders.emplace(tensor->name()->str(), rank);
  return holders;
}

/// Whether `rank` answers for its elements, `holder` being the first to hold
/// some: alone if its copy is whole, with its group if that is cut.
bool answers(const plan::Plan &plan, const plan::StateBuffer &state, int rank,
             int holder) {
  if (state.shards() <= 1)
    return rank == holder;
  const auto *ranks = plan.groups()->Get(state.group())->ranks();
  return std::find(ranks->begin(), ranks->end(), uint32_t(holder)) !=
         ranks->end();
}

} // namespace

Status eachPart(const View &view, const StatePiece &piece, Access access,
                const std::function<Status(const StatePiece &part)> &use) {
  const uint64_t size = bytesOf(piece.dtype);
  return view.show(piece.data, piece.count * size, size, access,
                   [&](std::byte *host, uint64_t offset, uint64_t bytes) {
                     StatePiece part = piece;
                     part.data = host;
                     part.first += offset / size;
                     part.count = bytes / size;
                     return use(part);
                   });
}

uint64_t elementsOf(const plan::StateTensor &tensor) {
  uint64_t elements = 1;
  if (tensor.shape())
    for (uint64_t size : *tensor.shape())
      elements *= size;
  return elements;
}

std::vector<StatePiece> statePieces(const plan::Plan &plan, int rank,
                                    const RankMemory &memory) {
  std::vector<StatePiece> pieces;
  const auto *states = memory.program->states();
  if (!states)
    return pieces;
  auto holders = firstHolders(plan);
  for (const auto *state : *states) {
    const auto *buffer = memory.program->buffers()->Get(state->buffer());
    uint64_t shards = std::max<uint64_t>(1, state->shards());
    uint64_t index = shards == 1 ? 0 : memberIndex(plan, state->group(), rank);
    uint64_t begin = index * state->elements() / shards;
    uint64_t end = (index + 1) * state->elements() / shards;
    for (const auto *tensor : *state->tensors()) {
      uint64_t low = std::max(begin, tensor->offset());
      uint64_t high = std::min(end, tensor->offset() + elementsOf(*tensor));
      if (low >= high)
        continue;
      bool owned =
          answers(plan, *state, rank, holders.at(tensor->name()->str()));
      pieces.push_back({tensor, buffer->dtype(),
                        memory.buffer(state->buffer()) +
                            (low - begin) * bytesOf(buffer->dtype()),
                        low - tensor->offset(), high - low, owned});
    }
  }
  return pieces;
}

std::vector<LogicalTensor> logicalTensors(const plan::Plan &plan) {
  std::vector<LogicalTensor> tensors;
  std::map<std::string, size_t> seen;
  for (const auto *program : *plan.programs()) {
    if (!program->states())
      continue;
    for (const auto *state : *program->states())
      for (const auto *tensor : *state->tensors())
        if (seen.emplace(tensor->name()->str(), tensors.size()).second)
          tensors.push_back(
              {tensor, program->buffers()->Get(state->buffer())->dtype()});
  }
  return tensors;
}

} // namespace ds::rt
