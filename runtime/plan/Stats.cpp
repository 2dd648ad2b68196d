//===- Stats.cpp - A plan in a few tables ---------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where the bytes are, by class, when each arena is fullest; how often which
// operation runs; and where the predicted time goes.
//===--------------------------------------------------------------------===//
#include "plan/Text.h"
#include "plan/Verify.h"

#include <algorithm>
#include <array>

namespace ds::rt {

namespace {

using ull = unsigned long long;
constexpr size_t kOps = size_t(plan::Op::MAX) + 1;

void printArena(TextOut &out, const plan::Program &program, uint32_t index) {
  const plan::Arena &arena = *program.arenas()->Get(index);
  const LiveBytes peak = peakBytes(program, index);
  out.line("arena %u %s: %s, %s live at instruction %u", index,
           plan::EnumNameSpace(arena.space()), bytesText(arena.bytes()).c_str(),
           bytesText(peak.total).c_str(), peak.number);
  auto scope = out.indent();
  for (size_t c = 0; c < peak.bytes.size(); ++c)
    if (peak.bytes[c])
      out.line("%-10s %s", plan::EnumNameBufferClass(plan::BufferClass(c)),
               bytesText(peak.bytes[c]).c_str());
  if (arena.bytes() > peak.total)
    out.line("%-10s %s", "unused",
             bytesText(arena.bytes() - peak.total).c_str());
}

/// What one run of a block executes, bodies included.
struct BlockWork {
  std::array<uint64_t, kOps> counts{};
  std::array<double, kOps> microseconds{};

  void add(const BlockWork &other, uint64_t times) {
    for (size_t op = 0; op < kOps; ++op) {
      counts[op] =
          verify::satAdd(counts[op], verify::satMul(times, other.counts[op]));
      microseconds[op] += double(times) * other.microseconds[op];
    }
  }
};

/// From the last block to the first: bodies have higher indices.
std::vector<BlockWork> sumUpBlocks(const plan::Program &program) {
  const auto &blocks = *program.blocks();
  std::vector<BlockWork> work(blocks.size());
  for (uint32_t b = blocks.size(); b-- > 0;)
    for (const plan::Instr *instr : *blocks[b]->instrs()) {
      work[b].counts[size_t(instr->op_type())] += 1;
      if (const auto *loop = instr->op_as_Loop())
        work[b].add(work[loop->body()], loop->count());
      else if (const auto *call = instr->op_as_Call())
        work[b].add(work[call->body()], 1);
      else // a body's time is that of its instructions
        work[b].microseconds[size_t(instr->op_type())] +=
            double(instr->predicted_us());
    }
  return work;
}

void printEntry(TextOut &out, const plan::Entry &entry, const BlockWork &work) {
  out.line("entry '%s' executes, and is predicted to take",
           entry.name()->c_str());
  auto scope = out.indent();
  uint64_t count = 0;
  double microseconds = 0;
  for (size_t op = 1; op < kOps; ++op) {
    if (work.counts[op])
      out.line("%-10s %8llu  %12.1f us", plan::EnumNameOp(plan::Op(op)),
               ull(work.counts[op]), work.microseconds[op]);
    count = verify::satAdd(count, work.counts[op]);
    microseconds += work.microseconds[op];
  }
  out.line("%-10s %8llu  %12.1f us", "all", ull(count), microseconds);
}

} // namespace

std::vector<LiveBytes> liveBytes(const plan::Program &program, uint32_t arena) {
  struct Change {
    uint32_t number;
    bool begins;
    const plan::Buffer *buffer;
  };
  std::vector<Change> changes;
  const uint32_t count = instructionCount(program);
  for (const plan::Buffer *buffer : *program.buffers())
    if (buffer->arena() == arena && buffer->alias_of() < 0) {
      changes.push_back({buffer->first(), true, buffer});
      if (buffer->last() + 1 < count)
        changes.push_back({buffer->last() + 1, false, buffer});
    }
  std::ranges::sort(changes, {}, &Change::number);
  std::vector<LiveBytes> all;
  LiveBytes now;
  for (const Change &change : changes) {
    if (all.empty() || change.number != all.back().number)
      all.emplace_back();
    const uint64_t bytes = change.buffer->bytes();
    now.bytes[size_t(change.buffer->kind())] += change.begins ? bytes : -bytes;
    now.total += change.begins ? bytes : -bytes;
    now.number = change.number;
    all.back() = now;
  }
  return all;
}

LiveBytes peakBytes(const plan::Program &program, uint32_t arena) {
  const std::vector<LiveBytes> all = liveBytes(program, arena);
  const auto peak = std::ranges::max_element(all, {}, &LiveBytes::total);
  return peak == all.end() ? LiveBytes() : *peak;
}

std::string printPlanStats(const LoadedPlan &loaded) {
  TextOut out;
  for (const plan::Program *program : *loaded.plan().programs()) {
    out.line("program '%s': %u buffers, %u blocks", program->name()->c_str(),
             program->buffers()->size(), program->blocks()->size());
    auto scope = out.indent();
    for (uint32_t a = 0; a < program->arenas()->size(); ++a)
      printArena(out, *program, a);
    const std::vector<BlockWork> work = sumUpBlocks(*program);
    for (const plan::Entry *entry : *program->entries())
      printEntry(out, *entry, work[entry->block()]);
  }
  return out.take();
}

} // namespace ds::rt
