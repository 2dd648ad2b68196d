//===- Streams.cpp - Which instructions run side by side ----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Of each byte it is enough to know who wrote it last, and who has read it
// since: one instruction of each stream, as a stream keeps its own order.  A
// writer comes behind all of these and takes their place.  What an instruction
// must come behind, and does not anyway, it waits for, the latest first, as
// that one has waited for others in its turn.  Placement decides about
// more than values do: bytes that change hands are waited for, too.
//===--------------------------------------------------------------------===//

#include "Streams.h"
#include "Touches.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

namespace ds {
namespace {

using plan::Stream;
constexpr size_t kStreams = static_cast<size_t>(Stream::MAX) + 1;
/// By stream, an instruction's place since all streams met, from 1; 0: none.
using Places = std::array<uint32_t, kStreams>;

bool isControl(const plan::InstrT &instr) {
  return instr.op.type == plan::Op::Loop || instr.op.type == plan::Op::Call;
}

void raise(Places &places, const Places &by) {
  for (size_t s = 0; s < kStreams; ++s)
    places[s] = std::max(places[s], by[s]);
}

/// Who has used the bytes of an arena, in pieces that cover all of it.
class Users {
public:
  struct Piece {
    Places writer{}, readers{};
  };

  Users() { pieces[0] = {}; }

  /// What an instruction that touches [begin, end) must come behind.
  Places touch(uint64_t begin, uint64_t end, bool writes, size_t stream,
               uint32_t place) {
    Places behind{};
    auto first = cut(begin), last = cut(end);
    for (auto it = first; it != last; ++it) {
      Piece &piece = it->second;
      raise(behind, piece.writer);
      if (writes)
        raise(behind, piece.readers);
      else
        piece.readers[stream] = place;
    }
    if (writes) {
      pieces.erase(std::next(first), last);
      first->second = {};
      first->second.writer[stream] = place;
    }
    return behind;
  }

private:
  /// The piece that begins at `at`, made if need be.
  std::map<uint64_t, Piece>::iterator cut(uint64_t at) {
    auto after = pieces.lower_bound(at);
    if (after != pieces.end() && after->first == at)
      return after;
    return pieces.emplace_hint(after, at, std::prev(after)->second);
  }

  std::map<uint64_t, Piece> pieces; ///< By their first byte, up to the next.
};

/// Instructions of a block between two meetings of all streams.
class Stretch {
public:
  Stretch(const plan::PlanT &plan, const plan::ProgramT &program,
          uint32_t number)
      : plan(plan), program(program), number(number),
        users(program.arenas.size()) {}

  void add(plan::InstrT &instr) {
    const auto stream = static_cast<size_t>(instr.stream);
    streams.push_back(stream);
    const auto place = static_cast<uint32_t>(streams.size());
    Places behind{};
    for (const Touch &touch : touchesOf(plan, program, instr))
      if (touch.begin < touch.end)
        raise(behind, users[touch.arena].touch(touch.begin, touch.end,
                                               touch.writes, stream, place));
    Places done = last[stream] ? known[last[stream] - 1] : Places{};
    behind[stream] = 0; // the stream's own order
    for (;;) {
      const uint32_t latest = *std::max_element(behind.begin(), behind.end());
      if (latest == 0)
        break;
      const size_t other = streams[latest - 1];
      behind[other] = 0;
      if (latest <= done[other])
        continue;
      instr.waits.push_back(number + latest - 1);
      raise(done, known[latest - 1]);
    }
    std::sort(instr.waits.begin(), instr.waits.end());
    done[stream] = place;
    known.push_back(done);
    last[stream] = place;
  }

private:
  const plan::PlanT &plan;
  const plan::ProgramT &program;
  const uint32_t number;       ///< Of its first instruction.
  std::vector<Users> users;    ///< By arena.
  std::vector<size_t> streams; ///< Of each instruction.
  std::vector<Places> known;   ///< What has ended when each has ended.
  Places last{};
};

bool hasStreams(const plan::ProgramT &program) {
  for (auto &block : program.blocks)
    for (auto &instr : block->instrs)
      if (instr->stream != Stream::compute)
        return true;
  return false;
}

Stream streamOf(const plan::PlanT &plan, const plan::ProgramT &program,
                const plan::InstrT &instr) {
  using Kind = plan::CollectiveKind;
  if (const auto *op = instr.op.AsCollective()) {
    if (plan.groups[op->group]->ranks.size() < 2)
      return Stream::compute; // a copy
    const bool reduces =
        op->kind == Kind::reduce_scatter || op->kind == Kind::all_reduce;
    return reduces ? Stream::reduce : Stream::gather;
  }
  if (instr.op.AsSend() || instr.op.AsRecv())
    return Stream::copy;
  if (const auto *op = instr.op.AsCopy())
    if (program.buffers[op->src->buffer()]->arena !=
        program.buffers[op->dst->buffer()]->arena)
      return Stream::copy;
  return Stream::compute;
}

} // namespace

void assignStreams(const plan::PlanT &plan, plan::ProgramT &program) {
  for (auto &block : program.blocks)
    for (auto &instr : block->instrs)
      instr->stream = streamOf(plan, program, *instr);
}

void deriveWaits(const plan::PlanT &plan, plan::ProgramT &program) {
  if (!hasStreams(program))
    return;
  uint32_t number = 0;
  for (auto &block : program.blocks) {
    std::optional<Stretch> stretch;
    for (auto &instr : block->instrs) {
      if (isControl(*instr))
        stretch.reset();
      else {
        if (!stretch)
          stretch.emplace(plan, program, number);
        stretch->add(*instr);
      }
      ++number;
    }
  }
}

} // namespace ds
