//===- VerifyPlacement.cpp - No two live buffers share a byte -------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A sweep over instruction numbers with the live buffers ordered by offset.
// What is live is disjoint, so a newcomer can only hit its two neighbours:
// O(n log n) for n buffers.
//
// Numbers count through the blocks in order, so the body of a loop comes after
// everything else of the block that holds the loop.  A buffer that is used
// before and after a loop or call is alive in its body too, and one that a
// loop reads again in its next round is alive to the end of the body; both are
// added here, but for scratch (`workspace`), which carries nothing.
//===--------------------------------------------------------------------===//
#include "plan/Verify.h"

#include <algorithm>
#include <queue>
#include <tuple>

namespace ds::rt::verify {

namespace {

constexpr uint64_t kMaxWork = uint64_t(1) << 26;

/// A loop or call: its number and the numbers of its body.
struct Site {
  uint32_t number, first, last;
  bool repeats;
};

/// A buffer is alive over [first, last].
struct Piece {
  uint32_t first, last, buffer;
};

std::vector<Site> collectSites(const ProgramFacts &facts) {
  std::vector<Site> sites;
  const auto &blocks = *facts.program.blocks();
  for (uint32_t b = 0; b < blocks.size(); ++b)
    for (uint32_t i = 0; i < blocks[b]->instrs()->size(); ++i) {
      const plan::Instr &instr = *blocks[b]->instrs()->Get(i);
      const auto *loop = instr.op_as_Loop();
      const auto *call = instr.op_as_Call();
      if (!loop && !call)
        continue;
      const uint32_t body = loop ? loop->body() : call->body();
      if (facts.blockFirst[body] < facts.blockFirst[body + 1])
        sites.push_back({facts.blockFirst[b] + i, facts.blockFirst[body],
                         facts.blockFirst[body + 1] - 1,
                         loop && loop->count() > 1});
    }
  return sites;
}

bool overlapsAny(const std::vector<Piece> &pieces, size_t begin, uint32_t first,
                 uint32_t last) {
  return std::any_of(pieces.begin() + begin, pieces.end(), [&](const Piece &p) {
    return p.first <= last && first <= p.last;
  });
}

/// Adds the bodies in which buffer `b` is alive by being alive around them.
Status addPieces(const std::vector<Site> &sites, const plan::Buffer &buffer,
                 uint32_t b, std::vector<Piece> &pieces, uint64_t &work) {
  const size_t begin = pieces.size();
  pieces.push_back({buffer.first(), buffer.last(), b});
  if (buffer.persistent() || buffer.kind() == plan::BufferClass::workspace)
    return {};
  for (size_t next = begin; next < pieces.size(); ++next) {
    const Piece piece = pieces[next];
    const uint32_t from = piece.first + (next == begin); // produced before it
    auto site = std::lower_bound(
        sites.begin(), sites.end(), from,
        [](const Site &s, uint32_t number) { return s.number < number; });
    for (; site != sites.end() && site->number <= piece.last; ++site) {
      work += pieces.size() - begin;
      if (work > kMaxWork)
        return inputError("expects a placement that can be checked in %llu "
                          "steps",
                          ull(kMaxWork));
      uint32_t first = site->first;
      if (site->repeats && buffer.last() >= first)
        first = buffer.last() + 1;
      if (first <= site->last && !overlapsAny(pieces, begin, first, site->last))
        pieces.push_back({first, site->last, b});
    }
  }
  return {};
}

Status conflict(const ProgramFacts &facts, uint32_t a, uint32_t b,
                uint32_t number) {
  const plan::Buffer &x = facts.buffer(a), &y = facts.buffer(b);
  return inputError("expects live buffers not to overlap, but %s [%llu, +%llu) "
                    "over [%u, %u] and %s [%llu, +%llu) over [%u, %u] share "
                    "bytes of arena %u at instruction %u",
                    shown(x.name()).c_str(), ull(x.offset()), ull(x.bytes()),
                    x.first(), x.last(), shown(y.name()).c_str(),
                    ull(y.offset()), ull(y.bytes()), y.first(), y.last(),
                    x.arena(), number);
}

/// Inserts pieces by their first instruction and drops those that ended.
Status sweep(const ProgramFacts &facts, std::vector<Piece> &pieces) {
  std::sort(pieces.begin(), pieces.end(), [](auto &a, auto &b) {
    return std::tie(a.first, a.buffer) < std::tie(b.first, b.buffer);
  });
  using Key = std::pair<uint32_t, uint64_t>; // {arena, offset}
  std::map<Key, uint32_t> live;
  using End = std::pair<uint32_t, Key>;
  std::priority_queue<End, std::vector<End>, std::greater<>> ends;
  for (const Piece &piece : pieces) {
    while (!ends.empty() && ends.top().first < piece.first) {
      live.erase(ends.top().second);
      ends.pop();
    }
    const plan::Buffer &buffer = facts.buffer(piece.buffer);
    const Key key{buffer.arena(), buffer.offset()};
    auto after = live.lower_bound(key);
    if (after != live.end() && after->first.first == key.first &&
        after->first.second < key.second + buffer.bytes())
      return conflict(facts, after->second, piece.buffer, piece.first);
    if (after != live.begin()) {
      auto [otherKey, other] = *std::prev(after);
      if (otherKey.first == key.first &&
          key.second < otherKey.second + facts.buffer(other).bytes())
        return conflict(facts, other, piece.buffer, piece.first);
    }
    live.emplace_hint(after, key, piece.buffer);
    ends.push({piece.last, key});
  }
  return {};
}

} // namespace

Status verifyPlacement(const ProgramFacts &facts) {
  const std::vector<Site> sites = collectSites(facts);
  std::vector<Piece> pieces;
  uint64_t work = 0;
  for (uint32_t b = 0; b < facts.program.buffers()->size(); ++b)
    if (facts.buffer(b).alias_of() < 0) // a window shares its base's bytes
      DS_RT_RETURN_IF_ERROR(addPieces(sites, facts.buffer(b), b, pieces, work));
  return sweep(facts, pieces);
}

} // namespace ds::rt::verify
