//===- VerifyStreams.cpp - No stream touches what another may -------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Between two points where all streams meet, an instruction knows which others
// have ended: those before it on its stream, those it waits for, and all that
// these knew.  Of the bytes it touches, whoever else touched them last, and
// one of both writes, must be among those.  A write replaces all that was
// before it, as whatever comes behind the write comes behind that, too; so the
// last read and write of each stream is all there is to remember of a byte.
//===--------------------------------------------------------------------===//
#include "plan/Operands.h"

#include <algorithm>
#include <array>

namespace ds::rt::verify {

namespace {

constexpr uint64_t kMaxWork = uint64_t(1) << 26;
constexpr size_t kStreams = size_t(plan::Stream::MAX) + 1;

/// By stream: the number of an instruction and 1, or 0 for none.
using Numbers = std::array<uint32_t, kStreams>;

/// What touched some bytes of an arena last, up to `end`.
struct Piece {
  uint64_t end;
  Numbers readers{}, writers{};
};

/// Absolute bytes that an instruction touches.
struct Span {
  uint32_t arena, buffer;
  uint64_t begin, end;
  bool writes;
};

/// "instruction 4 'gather' (Collective)".
std::string textOf(const plan::Instr &instr, uint32_t number) {
  return format("instruction %u %s (%s)", number, shown(instr.name()).c_str(),
                plan::EnumNameOp(instr.op_type()));
}

/// The instructions of one block from one meeting of all streams to the next.
class StreamCheck {
public:
  StreamCheck(const ProgramFacts &facts, uint32_t block, uint64_t &work)
      : facts_(facts), instrs_(*facts.program.blocks()->Get(block)->instrs()),
        block_(block), number_(facts.blockFirst[block]), met_(number_),
        work_(work) {}

  Status run() {
    for (; number_ < facts_.blockFirst[block_ + 1]; ++number_)
      if (Status s = check(instr(number_)); !s.ok())
        return at(instrPlace(block_, number_, instr(number_)), s);
    return {};
  }

private:
  const plan::Instr &instr(uint32_t number) const {
    return *instrs_[number - facts_.blockFirst[block_]];
  }

  Status check(const plan::Instr &instr) {
    DS_RT_RETURN_IF_ERROR(checkEnum("stream", instr.stream()));
    const bool several =
        instr.stream() != plan::Stream::compute || sizeOf(instr.waits()) > 0;
    if (several && !isForGpu(facts_.plan))
      return inputError("expects 'stream' and 'waits' only in plans for GPUs, "
                        "but got stream %s and %u waits",
                        plan::EnumNameStream(instr.stream()),
                        sizeOf(instr.waits()));
    if (instr.op_type() == plan::Op::Loop ||
        instr.op_type() == plan::Op::Call) {
      if (several)
        return inputError("expects it on stream compute and without 'waits', "
                          "as all streams meet there, but got stream %s and "
                          "%u waits",
                          plan::EnumNameStream(instr.stream()),
                          sizeOf(instr.waits()));
      meet();
      return {};
    }
    if (!hasSeveralStreams())
      return {};
    DS_RT_RETURN_IF_ERROR(checkWaits(instr));
    return checkBytes(instr);
  }

  /// Whatever comes next comes behind all that was.
  void meet() {
    met_ = number_ + 1;
    known_ = 0;
    arenas_.clear();
    ended_.clear();
    last_ = {};
  }

  /// Whether anything up to the next meeting is on another stream: otherwise
  /// there is nothing to check.
  bool hasSeveralStreams() {
    if (known_ == 0) {
      known_ = 1;
      for (uint32_t n = met_; n < facts_.blockFirst[block_ + 1]; ++n) {
        const plan::Op op = instr(n).op_type();
        if (op == plan::Op::Loop || op == plan::Op::Call)
          break;
        if (instr(n).stream() != plan::Stream::compute ||
            sizeOf(instr(n).waits()) > 0) // which are wrong on one stream
          known_ = 2;
      }
    }
    return known_ == 2;
  }

  Status checkWaits(const plan::Instr &instr) {
    const auto stream = size_t(instr.stream());
    Numbers ended{};
    if (last_[stream])
      ended = ended_[last_[stream] - 1 - met_];
    ended[stream] = last_[stream];
    for (uint32_t i = 0; i < sizeOf(instr.waits()); ++i) {
      const uint32_t wait = instr.waits()->Get(i);
      if (wait < met_ || wait >= number_)
        return inputError("expects 'waits' to name earlier instructions since "
                          "all streams met, [%u, %u), but got %u",
                          met_, number_, wait);
      if (i > 0 && wait <= instr.waits()->Get(i - 1))
        return inputError("expects 'waits' in ascending order, but got %u "
                          "after %u",
                          wait, instr.waits()->Get(i - 1));
      const auto other = size_t(this->instr(wait).stream());
      if (other == stream)
        return inputError("expects 'waits' to name instructions of other "
                          "streams, but %u is on stream %s, too",
                          wait, plan::EnumNameStream(instr.stream()));
      for (size_t s = 0; s < kStreams; ++s)
        ended[s] = std::max(ended[s], ended_[wait - met_][s]);
      ended[other] = std::max(ended[other], wait + 1);
    }
    ended_.push_back(ended);
    last_[stream] = number_ + 1;
    return {};
  }

  std::vector<Span> spansOf(const plan::Instr &instr, uint32_t number) const {
    std::vector<Touch> touches;
    // It was checked before.
    (void)checkInstr(Operands(facts_, block_, number, &touches), instr);
    std::vector<Span> spans;
    for (const Touch &touch : touches) {
      const plan::Buffer &buffer = facts_.buffer(touch.buffer);
      // All ranks of the program run the same instructions: their windows as
      // one.
      const uint64_t begin = buffer.offset() + touch.offset;
      spans.push_back(
          {buffer.arena(), touch.buffer,
           begin + buffer.rank_stride() * facts_.ranks.front(),
           begin + buffer.rank_stride() * facts_.ranks.back() + touch.bytes,
           touch.access != plan::Access::read});
    }
    return spans;
  }

  Status checkBytes(const plan::Instr &instr) {
    for (const Span &span : spansOf(instr, number_))
      DS_RT_RETURN_IF_ERROR(checkSpan(instr, span));
    return {};
  }

  Status checkSpan(const plan::Instr &instr, const Span &span) {
    if (span.begin == span.end)
      return {};
    auto &pieces = arenas_[span.arena];
    auto piece = split(pieces, span.begin);
    split(pieces, span.end);
    const auto stream = size_t(instr.stream());
    const auto first = piece;
    for (; piece != pieces.end() && piece->first < span.end; ++piece) {
      if (++work_ > kMaxWork)
        return inputError("expects streams that can be checked in %llu steps",
                          ull(kMaxWork));
      DS_RT_RETURN_IF_ERROR(checkPiece(span, piece->first, piece->second));
      piece->second.readers[stream] = number_ + 1;
    }
    if (span.writes) {
      pieces.erase(first, piece);
      Piece written{span.end};
      written.writers[stream] = number_ + 1;
      pieces.emplace(span.begin, written);
      return {};
    }
    // Bytes that nobody has touched yet.
    Piece read{0};
    read.readers[stream] = number_ + 1;
    uint64_t from = span.begin;
    for (auto next = first; from < span.end;) {
      const bool known = next != pieces.end() && next->first < span.end;
      const uint64_t to = known ? next->first : span.end;
      read.end = to;
      if (from < to)
        pieces.emplace_hint(next, from, read);
      from = known ? (next++)->second.end : span.end;
    }
    return {};
  }

  /// Makes a piece begin at `place` if one lies over it; returns the first
  /// piece from there on.
  std::map<uint64_t, Piece>::iterator split(std::map<uint64_t, Piece> &pieces,
                                            uint64_t place) {
    auto after = pieces.lower_bound(place);
    if (after == pieces.begin() ||
        (after != pieces.end() && after->first == place))
      return after;
    auto before = std::prev(after);
    if (before->second.end <= place)
      return after;
    Piece rest = before->second;
    before->second.end = place;
    return pieces.emplace_hint(after, place, rest);
  }

  Status checkPiece(const Span &span, uint64_t begin, const Piece &piece) {
    const Numbers &ended = ended_.back();
    for (size_t s = 0; s < kStreams; ++s) {
      uint32_t other = piece.writers[s];
      if (span.writes)
        other = std::max(other, piece.readers[s]);
      if (other > ended[s] && other != number_ + 1)
        return conflict(span, begin, piece.end, other - 1);
    }
    return {};
  }

  Status conflict(const Span &span, uint64_t begin, uint64_t end,
                  uint32_t number) {
    const plan::Instr &other = instr(number);
    const Span *theirs = nullptr;
    const std::vector<Span> spans = spansOf(other, number);
    for (const Span &candidate : spans)
      if (candidate.arena == span.arena && candidate.begin <= begin &&
          candidate.end >= end && (!theirs || candidate.writes))
        theirs = &candidate;
    auto verb = [](bool writes) { return writes ? "writes" : "reads"; };
    return inputError(
        "expects to wait for %s of stream %s: it %s %s and this one %s %s, "
        "which share bytes [%llu, +%llu) of arena %u; add %u to 'waits'",
        textOf(other, number).c_str(), plan::EnumNameStream(other.stream()),
        verb(theirs->writes),
        shown(facts_.buffer(theirs->buffer).name()).c_str(), verb(span.writes),
        shown(facts_.buffer(span.buffer).name()).c_str(), ull(begin),
        ull(end - begin), span.arena, number);
  }

  const ProgramFacts &facts_;
  const flatbuffers::Vector<flatbuffers::Offset<plan::Instr>> &instrs_;
  const uint32_t block_;
  uint32_t number_; ///< Of the instruction that is checked.
  uint32_t met_;    ///< The first one since all streams met.
  int known_ = 0;   ///< Of the streams since then: 0 nothing, 1 one, 2 several.
  std::vector<Numbers> ended_; ///< By instruction since then: what has ended.
  Numbers last_{};
  std::map<uint32_t, std::map<uint64_t, Piece>> arenas_; ///< By beginning.
  uint64_t &work_;
};

} // namespace

Status verifyStreams(const ProgramFacts &facts) {
  uint64_t work = 0;
  for (uint32_t b = 0; b < facts.program.blocks()->size(); ++b)
    DS_RT_RETURN_IF_ERROR(StreamCheck(facts, b, work).run());
  return {};
}

} // namespace ds::rt::verify
