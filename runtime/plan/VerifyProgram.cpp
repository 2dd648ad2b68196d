//===- VerifyProgram.cpp - Arenas, buffers, blocks and loops of a program
//--===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What holds before any instruction's operands are looked at.  A block may
// only refer to blocks with a higher index, so control flow ends by
// construction and one pass from the last block to the first sums it up.
//===--------------------------------------------------------------------===//
#include "plan/Verify.h"

#include <algorithm>

namespace ds::rt::verify {

namespace {

Status verifyArena(const plan::Arena &arena) {
  DS_RT_RETURN_IF_ERROR(checkEnum("space", arena.space()));
  if (arena.bytes() == 0 || arena.bytes() % plan::kPage ||
      arena.bytes() > kMaxArenaBytes)
    return inputError("expects 'bytes' to be a positive multiple of %llu up to "
                      "%llu, but got %llu",
                      ull(plan::kPage), ull(kMaxArenaBytes),
                      ull(arena.bytes()));
  if (arena.lower_bound_bytes() > arena.bytes())
    return inputError("expects 'lower_bound_bytes' to be at most the arena's "
                      "%llu, but got %llu",
                      ull(arena.bytes()), ull(arena.lower_bound_bytes()));
  return {};
}

bool mustPersist(plan::BufferClass kind) {
  return kind == plan::BufferClass::parameter ||
         kind == plan::BufferClass::optimizer ||
         kind == plan::BufferClass::frozen ||
         kind == plan::BufferClass::buffer ||
         kind == plan::BufferClass::constant;
}

Status verifyLifetime(const plan::Buffer &buffer, uint32_t instrs) {
  const uint32_t last = instrs ? instrs - 1 : 0;
  if (buffer.first() > buffer.last() || buffer.last() > last)
    return inputError("expects a lifetime inside [0, %u], but got [%u, %u]",
                      last, buffer.first(), buffer.last());
  if (buffer.persistent() && (buffer.first() != 0 || buffer.last() != last))
    return inputError("expects a persistent buffer to live over [0, %u], but "
                      "got [%u, %u]",
                      last, buffer.first(), buffer.last());
  if (mustPersist(buffer.kind()) && !buffer.persistent())
    return inputError("expects a buffer of kind '%s' to be persistent",
                      plan::EnumNameBufferClass(buffer.kind()));
  return {};
}

/// A window lies inside its base on every rank and lives no longer.
Status verifyWindow(const ProgramFacts &facts, const plan::Buffer &buffer) {
  if (buffer.alias_of() < 0) {
    if (buffer.rank_stride() != 0)
      return inputError("expects 'rank_stride' 0 without 'alias_of', but got "
                        "%llu",
                        ull(buffer.rank_stride()));
    return {};
  }
  const auto &buffers = *facts.program.buffers();
  if (uint32_t(buffer.alias_of()) >= buffers.size())
    return inputError("expects 'alias_of' to name a buffer below %u, but got "
                      "%d",
                      buffers.size(), buffer.alias_of());
  const plan::Buffer &base = *buffers[buffer.alias_of()];
  if (base.alias_of() >= 0 || base.arena() != buffer.arena() ||
      base.kind() != buffer.kind() || base.dtype() != buffer.dtype() ||
      buffer.kind() == plan::BufferClass::scalar)
    return inputError("expects 'alias_of' to name a buffer of the same arena, "
                      "kind and dtype that is no window itself, and no scalar");
  if (buffer.rank_stride() % rt::sizeOf(buffer.dtype()))
    return inputError("expects 'rank_stride' to be a multiple of %u, but got "
                      "%llu",
                      rt::sizeOf(buffer.dtype()), ull(buffer.rank_stride()));
  if (buffer.first() < base.first() || buffer.last() > base.last())
    return inputError("expects a window to live within its base's [%u, %u], "
                      "but got [%u, %u]",
                      base.first(), base.last(), buffer.first(), buffer.last());
  const uint64_t end =
      satAdd(satMul(buffer.rank_stride(), facts.plan.world() - 1),
             satAdd(buffer.offset(), buffer.bytes()));
  if (buffer.offset() < base.offset() || end > base.offset() + base.bytes())
    return inputError("expects the window of every rank inside [%llu, %llu), "
                      "but got [%llu, %llu)",
                      ull(base.offset()), ull(base.offset() + base.bytes()),
                      ull(buffer.offset()), ull(end));
  return {};
}

Status verifyBuffer(const ProgramFacts &facts, const plan::Buffer &buffer) {
  DS_RT_RETURN_IF_ERROR(checkText("name", buffer.name(), Empty::Refused));
  DS_RT_RETURN_IF_ERROR(checkEnum("dtype", buffer.dtype()));
  DS_RT_RETURN_IF_ERROR(checkEnum("kind", buffer.kind()));
  DS_RT_RETURN_IF_ERROR(checkShape(buffer.shape()));
  const auto &arenas = *facts.program.arenas();
  if (buffer.arena() >= arenas.size())
    return inputError("expects 'arena' to be less than %u, but got %u",
                      arenas.size(), buffer.arena());
  if (buffer.offset() % plan::kAlignment)
    return inputError("expects 'offset' to be a multiple of %llu, but got %llu",
                      ull(plan::kAlignment), ull(buffer.offset()));
  const uint64_t needed =
      satMul(elementsOf(buffer.shape()), rt::sizeOf(buffer.dtype()));
  if (buffer.bytes() == 0 || needed > buffer.bytes())
    return inputError("expects 'bytes' to hold the shape's %llu, but got %llu",
                      ull(needed), ull(buffer.bytes()));
  DS_RT_RETURN_IF_ERROR(checkRange("offset", buffer.offset(), buffer.bytes(),
                                   "its arena",
                                   arenas[buffer.arena()]->bytes()));
  DS_RT_RETURN_IF_ERROR(verifyLifetime(buffer, facts.instrCount()));
  return verifyWindow(facts, buffer);
}

/// The block that an instruction runs, or -1.
int64_t bodyOf(const plan::Instr &instr) {
  if (const auto *loop = instr.op_as_Loop())
    return loop->body();
  if (const auto *call = instr.op_as_Call())
    return call->body();
  return -1;
}

Status verifyShapeOfInstr(const plan::Program &program, uint32_t block,
                          const plan::Instr &instr) {
  if (instr.op_type() <= plan::Op::NONE || instr.op_type() > plan::Op::MAX)
    return inputError("expects 'op_type' to be 1 to %u, but got %u",
                      unsigned(plan::Op::MAX), unsigned(instr.op_type()));
  DS_RT_RETURN_IF_ERROR(checkText("name", instr.name()));
  const int64_t body = bodyOf(instr);
  if (body >= 0 && (body <= block || body >= program.blocks()->size()))
    return inputError("expects 'body' to be a block after block %u and below "
                      "%u, but got %lld",
                      block, program.blocks()->size(), (long long)body);
  if (const auto *loop = instr.op_as_Loop(); loop && loop->count() == 0)
    return inputError("expects 'count' to be at least 1, but got 0");
  return {};
}

/// Numbers the instructions of all blocks in order.
Status numberInstrs(ProgramFacts &facts) {
  const auto &blocks = *facts.program.blocks();
  uint64_t total = 0;
  for (uint32_t b = 0; b < blocks.size(); ++b) {
    facts.blockFirst.push_back(total);
    total += blocks[b]->instrs()->size();
    if (total > kMaxInstrs)
      return inputError("expects at most %u instructions", kMaxInstrs);
  }
  facts.blockFirst.push_back(total);
  return {};
}

/// From the last block to the first: how much each runs, how deep, and what.
Status sumUpBlocks(ProgramFacts &facts) {
  const auto &blocks = *facts.program.blocks();
  std::vector<uint32_t> depth(blocks.size(), 1);
  facts.steps.assign(blocks.size(), 0);
  facts.reach.assign(blocks.size(), {UINT32_MAX, 0});
  for (uint32_t b = blocks.size(); b-- > 0;) {
    const auto &instrs = *blocks[b]->instrs();
    auto &reach = facts.reach[b];
    if (instrs.size())
      reach = {facts.blockFirst[b], facts.blockFirst[b + 1] - 1};
    for (const plan::Instr *instr : instrs) {
      facts.steps[b] = satAdd(facts.steps[b], 1);
      const int64_t body = bodyOf(*instr);
      if (body < 0)
        continue;
      const auto *loop = instr->op_as_Loop();
      facts.steps[b] = satAdd(
          facts.steps[b], satMul(loop ? loop->count() : 1, facts.steps[body]));
      depth[b] = std::max(depth[b], depth[body] + 1);
      reach = {std::min(reach.first, facts.reach[body].first),
               std::max(reach.second, facts.reach[body].second)};
    }
    if (depth[b] > kMaxDepth)
      return inputError("expects blocks to nest at most %u deep, but block %u "
                        "nests deeper",
                        kMaxDepth, b);
  }
  return {};
}

/// Keeps of `into` what `other` has as well: the loops on every path.
void meet(LoopSet &into, const LoopSet &other) {
  for (auto it = into.begin(); it != into.end();) {
    auto found = other.find(it->first);
    if (found == other.end()) {
      it = into.erase(it);
      continue;
    }
    it->second = std::max(it->second, found->second);
    ++it;
  }
}

Status verifyLoop(ProgramFacts &facts, uint32_t block, uint32_t number,
                  const plan::Loop &loop) {
  if (!loop.index())
    return inputError("expects 'index' to be given");
  const uint32_t b = loop.index()->buffer();
  if (b >= facts.program.buffers()->size())
    return inputError("expects 'index' to name a buffer below %u, but got %u",
                      facts.program.buffers()->size(), b);
  const plan::Buffer &buffer = facts.buffer(b);
  if (buffer.dtype() != DType::i64)
    return inputError("expects 'index' to be in an i64 buffer, but '%s' is %s",
                      buffer.name()->c_str(),
                      plan::EnumNameDType(buffer.dtype()));
  const uint32_t end = std::max(number, facts.reach[loop.body()].second);
  if (buffer.first() > number || buffer.last() < end)
    return inputError("expects the index buffer '%s' to live over the loop's "
                      "instructions [%u, %u], but it lives over [%u, %u]",
                      buffer.name()->c_str(), number, end, buffer.first(),
                      buffer.last());
  if (facts.loops[block].count({b, loop.index()->offset()}))
    return inputError("expects an index of its own, but a loop around it uses "
                      "the same bytes of '%s'",
                      buffer.name()->c_str());
  facts.isIndex[b] = true;
  return {};
}

} // namespace

Status verifyArenas(const plan::Program &program) {
  for (uint32_t i = 0; i < program.arenas()->size(); ++i)
    DS_RT_RETURN_IF_ERROR(
        at(format("arena %u", i), verifyArena(*program.arenas()->Get(i))));
  return {};
}

Status verifyBlocks(ProgramFacts &facts) {
  DS_RT_RETURN_IF_ERROR(numberInstrs(facts));
  const auto &blocks = *facts.program.blocks();
  for (uint32_t b = 0; b < blocks.size(); ++b)
    for (uint32_t i = 0; i < blocks[b]->instrs()->size(); ++i) {
      const plan::Instr &instr = *blocks[b]->instrs()->Get(i);
      if (Status s = verifyShapeOfInstr(facts.program, b, instr); !s.ok())
        return at(instrPlace(b, facts.blockFirst[b] + i, instr), s);
    }
  return sumUpBlocks(facts);
}

Status verifyBuffers(const ProgramFacts &facts) {
  const auto &buffers = *facts.program.buffers();
  for (uint32_t i = 0; i < buffers.size(); ++i)
    if (Status s = verifyBuffer(facts, *buffers[i]); !s.ok())
      return at(format("buffer %u %s", i, shown(buffers[i]->name()).c_str()),
                s);
  return {};
}

Status verifyLoops(ProgramFacts &facts) {
  const auto &blocks = *facts.program.blocks();
  facts.loops.assign(blocks.size(), {});
  facts.isIndex.assign(facts.program.buffers()->size(), false);
  std::vector<bool> seen(blocks.size()); // has a caller or is an entry
  for (const plan::Entry *entry : *facts.program.entries())
    if (entry->block() < blocks.size())
      seen[entry->block()] = true;
  for (uint32_t b = 0; b < blocks.size(); ++b)
    for (uint32_t i = 0; i < blocks[b]->instrs()->size(); ++i) {
      const plan::Instr &instr = *blocks[b]->instrs()->Get(i);
      const int64_t body = bodyOf(instr);
      if (body < 0)
        continue;
      LoopSet around = facts.loops[b];
      if (const auto *loop = instr.op_as_Loop()) {
        const uint32_t number = facts.blockFirst[b] + i;
        if (Status s = verifyLoop(facts, b, number, *loop); !s.ok())
          return at(instrPlace(b, number, instr), s);
        around[{loop->index()->buffer(), loop->index()->offset()}] =
            loop->count();
      }
      if (seen[body])
        meet(facts.loops[body], around);
      else
        facts.loops[body] = std::move(around), seen[body] = true;
    }
  return {};
}

} // namespace ds::rt::verify
