//===- VerifyExchanges.cpp - Every send meets its receive -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Counts what each entry sends, receives and contributes to collectives on each
// stream, loops multiplied out, and compares the two ends.  Equal totals do not
// prove that the order is free of deadlock; unequal ones prove that a rank
// would wait for ever.
//===--------------------------------------------------------------------===//
#include "plan/Verify.h"

namespace ds::rt::verify {

namespace {

constexpr uint64_t kMaxWork = uint64_t(1) << 24;

enum class Kind { Send, Recv, Collective };
/// With whom: a rank, or a group for collectives.  What two streams do does not
/// meet.
struct Channel {
  Kind kind;
  uint32_t with;
  plan::Stream stream;
  auto operator<=>(const Channel &) const = default;

  Channel to(Kind otherKind, uint32_t other) const {
    return {otherKind, other, stream};
  }
  /// " on stream gather"; nothing on CPUs.
  std::string place() const {
    return stream == plan::Stream::compute
               ? ""
               : format(" on stream %s", plan::EnumNameStream(stream));
  }
};

struct Tally {
  uint64_t count = 0;
  uint64_t bytes = 0;
  bool operator==(const Tally &) const = default;
};
using Tallies = std::map<Channel, Tally>;

void add(Tallies &into, Channel channel, uint64_t count, uint64_t bytes) {
  Tally &tally = into[channel];
  tally.count = satAdd(tally.count, count);
  tally.bytes = satAdd(tally.bytes, bytes);
}

void addInstr(const plan::Instr &instr, const std::vector<Tallies> &blocks,
              Tallies &into, uint64_t &work) {
  if (const auto *send = instr.op_as_Send())
    return add(into, {Kind::Send, send->peer(), instr.stream()}, 1,
               send->bytes());
  if (const auto *recv = instr.op_as_Recv())
    return add(into, {Kind::Recv, recv->peer(), instr.stream()}, 1,
               recv->bytes());
  if (const auto *op = instr.op_as_Collective())
    return add(into, {Kind::Collective, op->group(), instr.stream()}, 1,
               satMul(op->count(), rt::sizeOf(op->dtype())));
  const auto *loop = instr.op_as_Loop();
  const auto *call = instr.op_as_Call();
  if (!loop && !call)
    return;
  const uint64_t times = loop ? loop->count() : 1;
  for (const auto &[channel, tally] :
       blocks[loop ? loop->body() : call->body()]) {
    add(into, channel, satMul(times, tally.count), satMul(times, tally.bytes));
    ++work;
  }
}

/// One Tallies per block, bodies included; empty when it would take too long.
std::vector<Tallies> tallyBlocks(const ProgramFacts &facts, uint64_t &work) {
  const auto &blocks = *facts.program.blocks();
  std::vector<Tallies> tallies(blocks.size());
  for (uint32_t b = blocks.size(); b-- > 0;)
    for (const plan::Instr *instr : *blocks[b]->instrs()) {
      addInstr(*instr, tallies, tallies[b], work);
      if (work > kMaxWork)
        return {};
    }
  return tallies;
}

const plan::Entry *findEntry(const plan::Program &program,
                             const plan::Entry &wanted) {
  for (const plan::Entry *entry : *program.entries())
    if (entry->name()->string_view() == wanted.name()->string_view())
      return entry;
  return nullptr;
}

/// The programs' tallies of one entry, and who runs which.
struct EntryTallies {
  const plan::Plan &plan;
  std::vector<const Tallies *> programs;

  Tally of(uint32_t rank, Channel channel) const {
    const Tallies &tallies = *programs[plan.rank_programs()->Get(rank)];
    auto it = tallies.find(channel);
    return it == tallies.end() ? Tally() : it->second;
  }
};

Status checkPair(const EntryTallies &entry, const Channel &channel,
                 uint32_t from, uint32_t to) {
  const Tally sent = entry.of(from, channel.to(Kind::Send, to));
  const Tally received = entry.of(to, channel.to(Kind::Recv, from));
  if (sent == received)
    return {};
  return inputError("expects rank %u to receive what rank %u sends it%s, %llu "
                    "messages with %llu bytes, but it receives %llu with %llu",
                    to, from, channel.place().c_str(), ull(sent.count),
                    ull(sent.bytes), ull(received.count), ull(received.bytes));
}

Status checkGroup(const EntryTallies &entry, uint32_t rank,
                  const Channel &channel) {
  const uint32_t group = channel.with;
  const Tally mine = entry.of(rank, channel);
  for (uint32_t other : *entry.plan.groups()->Get(group)->ranks()) {
    const Tally theirs = entry.of(other, channel);
    if (theirs == mine)
      continue;
    return inputError("expects ranks %u and %u to take part in the same "
                      "collectives of group %u%s, but got %llu with %llu bytes "
                      "and %llu with %llu",
                      rank, other, group, channel.place().c_str(),
                      ull(mine.count), ull(mine.bytes), ull(theirs.count),
                      ull(theirs.bytes));
  }
  return {};
}

Status checkEntry(const EntryTallies &entry,
                  const std::vector<ProgramFacts> &programs, uint64_t &work) {
  for (size_t p = 0; p < programs.size(); ++p)
    for (const auto &[channel, tally] : *entry.programs[p]) {
      const auto [kind, with, stream] = channel;
      if (kind == Kind::Collective) {
        DS_RT_RETURN_IF_ERROR(
            checkGroup(entry, programs[p].ranks.front(), channel));
        work += entry.plan.groups()->Get(with)->ranks()->size();
      }
      for (uint32_t rank : programs[p].ranks) {
        if (kind == Kind::Send)
          DS_RT_RETURN_IF_ERROR(checkPair(entry, channel, rank, with));
        if (kind == Kind::Recv)
          DS_RT_RETURN_IF_ERROR(checkPair(entry, channel, with, rank));
        if (++work > kMaxWork)
          return {};
      }
    }
  return {};
}

/// Every program must have the entries of every other.
Status checkEntryNames(const std::vector<ProgramFacts> &programs) {
  for (const ProgramFacts &facts : programs)
    for (const ProgramFacts *other : {&programs.front(), &facts})
      for (const plan::Entry *entry : *other->program.entries()) {
        const ProgramFacts &lacking =
            other == &facts ? programs.front() : facts;
        if (!findEntry(lacking.program, *entry))
          return inputError("expects every program to have entry %s, but %s "
                            "does not",
                            shown(entry->name()).c_str(),
                            shown(lacking.program.name()).c_str());
      }
  return {};
}

} // namespace

Status verifyExchanges(const std::vector<ProgramFacts> &programs) {
  if (programs.size() < 2)
    return programs.empty() ? inputError("expects at least one program")
                            : Status(); // no peer but itself
  DS_RT_RETURN_IF_ERROR(checkEntryNames(programs));
  uint64_t work = 0;
  std::vector<std::vector<Tallies>> tallies;
  for (const ProgramFacts &facts : programs) {
    tallies.push_back(tallyBlocks(facts, work));
    if (tallies.back().empty())
      return {};
  }
  for (const plan::Entry *entry : *programs.front().program.entries()) {
    EntryTallies ends{programs.front().plan, {}};
    for (size_t p = 0; p < programs.size(); ++p)
      ends.programs.push_back(
          &tallies[p][findEntry(programs[p].program, *entry)->block()]);
    DS_RT_RETURN_IF_ERROR(
        at("entry " + shown(entry->name()), checkEntry(ends, programs, work)));
  }
  return {};
}

} // namespace ds::rt::verify
