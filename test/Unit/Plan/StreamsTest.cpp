//===- StreamsTest.cpp - The waits of streams ---------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Random programs: the runtime's own check finds that the waits are enough, and
// that without any of them they are not.
//===--------------------------------------------------------------------===//

#include "Streams.h"
#include "Check.h"
#include "plan/Plan.h"

#include <random>

using namespace ds;
using plan::Stream;

namespace {

constexpr uint64_t kBytes = 1024, kUnit = 64;

/// Two ranks on GPUs, one buffer that is always there, and nothing to do.
plan::PlanT emptyPlan() {
  plan::PlanT plan;
  plan.world = 2;
  plan.rank_programs = {0, 0};
  plan.target = std::make_unique<plan::TargetT>();
  plan.target->arch = "nvidia";
  plan.facts = std::make_unique<plan::FactsT>();
  plan.groups.push_back(std::make_unique<plan::GroupT>());
  plan.groups[0]->ranks = {0, 1};
  plan.programs.push_back(std::make_unique<plan::ProgramT>());
  plan::ProgramT &program = *plan.programs[0];
  program.name = "random";
  program.arenas.push_back(std::make_unique<plan::ArenaT>());
  program.arenas[0]->bytes = 4096;
  program.buffers.push_back(std::make_unique<plan::BufferT>());
  program.buffers[0]->name = "all";
  program.buffers[0]->bytes = kBytes;
  program.buffers[0]->dtype = plan::DType::u8;
  program.buffers[0]->shape = {kBytes};
  program.buffers[0]->persistent = true;
  program.blocks.push_back(std::make_unique<plan::BlockT>());
  program.entries.push_back(std::make_unique<plan::EntryT>());
  program.entries[0]->name = "train";
  return plan;
}

class Random {
public:
  explicit Random(unsigned seed) : random(seed) {}
  uint64_t below(uint64_t end) { return random() % end; }

  /// An instruction that touches some bytes.
  std::unique_ptr<plan::InstrT> instr() {
    auto made = std::make_unique<plan::InstrT>();
    made->name = "some";
    made->stream = static_cast<Stream>(below(4));
    // Two ranges apart: [a, a + bytes) and [b, b + 2 * bytes).
    const uint64_t bytes = kUnit * (1 + below(2));
    const uint64_t units = kBytes / kUnit, width = bytes / kUnit;
    const uint64_t a = kUnit * below(units - 3 * width + 1);
    const uint64_t b =
        a + bytes + kUnit * below(units - a / kUnit - 3 * width + 1);
    const auto at = [](uint64_t offset) {
      return std::make_unique<plan::Ref>(offset, 0);
    };
    switch (below(4)) {
    case 0: {
      plan::FillT fill;
      fill.dst = at(a);
      fill.bytes = bytes;
      made->op.Set(std::move(fill));
      break;
    }
    case 1: {
      plan::CopyT copy;
      copy.src = at(b);
      copy.dst = at(a);
      copy.bytes = bytes;
      if (below(2)) // two runs, and a gap that is not read
        copy.dims = {{2, bytes / 2, bytes / 2}}, copy.bytes = bytes / 2;
      made->op.Set(std::move(copy));
      break;
    }
    case 2: { // its epilogue writes what it keeps, or reads it
      plan::GemmT gemm;
      gemm.library = plan::GemmLibrary::cublaslt;
      gemm.m = gemm.k = gemm.lda = 1;
      gemm.n = gemm.ldb = gemm.ldc = gemm.ld_preactivation = bytes / 4;
      gemm.a = at(b + bytes), gemm.b = at(b + bytes), gemm.c = at(a);
      gemm.preactivation = at(b);
      gemm.epilogue = plan::Epilogue::gelu_grad;
      if (below(2)) {
        gemm.epilogue = plan::Epilogue::gelu;
        gemm.bias = at(b + bytes);
      }
      made->op.Set(std::move(gemm));
      break;
    }
    default: {
      plan::CollectiveT gather;
      gather.kind = plan::CollectiveKind::all_gather;
      gather.dtype = plan::DType::u8;
      gather.count = bytes;
      gather.src = at(a);
      gather.dst = at(b);
      made->op.Set(std::move(gather));
    }
    }
    return made;
  }

private:
  std::mt19937 random;
};

std::string verified(plan::PlanT &plan) {
  plan::ProgramT &program = *plan.programs[0];
  uint32_t count = 0;
  for (const auto &block : program.blocks)
    count += static_cast<uint32_t>(block->instrs.size());
  program.buffers[0]->last = count - 1;
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(plan::Plan::Pack(builder, &plan));
  const rt::Status status =
      rt::verifyPlan(*plan::GetPlan(builder.GetBufferPointer()), 0, 0);
  return status.ok() ? "" : status.message();
}

void waitsAreEnoughAndNeeded() {
  for (unsigned seed = 0; seed < 200; ++seed) {
    Random random(seed);
    plan::PlanT plan = emptyPlan();
    plan::ProgramT &program = *plan.programs[0];
    program.blocks.push_back(std::make_unique<plan::BlockT>());
    auto &instrs = program.blocks[0]->instrs;
    for (int i = 0; i < 24; ++i) {
      instrs.push_back(random.instr());
      program.blocks[1]->instrs.push_back(random.instr());
      if (random.below(12) == 0) { // where all streams meet
        instrs.push_back(std::make_unique<plan::InstrT>());
        plan::CallT call;
        call.body = 1;
        instrs.back()->op.Set(call);
      }
    }
    deriveWaits(plan, program);
    CHECK(verified(plan) == "");
    for (auto &block : program.blocks)
      for (auto &instr : block->instrs)
        for (size_t i = 0; i < instr->waits.size(); ++i) {
          const std::vector<uint32_t> waits = instr->waits;
          instr->waits.erase(instr->waits.begin() + std::ptrdiff_t(i));
          CHECK_CONTAINS(verified(plan), std::string("expects to wait for "));
          instr->waits = waits;
        }
  }
}

/// What one rank does is on one stream, and waits for nothing.
void oneRankHasOneStream() {
  plan::PlanT plan = emptyPlan();
  plan.groups[0]->ranks = {0};
  plan::ProgramT &program = *plan.programs[0];
  Random random(1);
  for (int i = 0; i < 50; ++i)
    program.blocks[0]->instrs.push_back(random.instr());
  assignStreams(plan, program);
  deriveWaits(plan, program);
  for (const auto &instr : program.blocks[0]->instrs)
    CHECK(instr->stream == Stream::compute && instr->waits.empty());
}

/// By what they do; the arena is the host's or the GPU's.
void streamsAreChosen() {
  plan::PlanT plan = emptyPlan();
  plan::ProgramT &program = *plan.programs[0];
  auto &instrs = program.blocks[0]->instrs;
  program.arenas.push_back(std::make_unique<plan::ArenaT>());
  program.buffers.push_back(
      std::make_unique<plan::BufferT>(*program.buffers[0]));
  program.buffers[1]->arena = 1;
  const auto add = [&](auto op) {
    instrs.push_back(std::make_unique<plan::InstrT>());
    instrs.back()->op.Set(std::move(op));
  };
  using Kind = plan::CollectiveKind;
  for (Kind kind : {Kind::all_gather, Kind::reduce_scatter, Kind::all_reduce,
                    Kind::broadcast, Kind::all_to_all}) {
    plan::CollectiveT op;
    op.kind = kind;
    add(std::move(op));
  }
  add(plan::SendT());
  add(plan::RecvT());
  for (uint32_t from : {0, 1}) {
    plan::CopyT copy;
    copy.src = std::make_unique<plan::Ref>(0, from);
    copy.dst = std::make_unique<plan::Ref>(512, 0);
    add(std::move(copy));
  }
  add(plan::FillT());
  assignStreams(plan, program);
  std::vector<Stream> streams;
  for (const auto &instr : instrs)
    streams.push_back(instr->stream);
  CHECK((streams == std::vector<Stream>{Stream::gather, Stream::reduce,
                                        Stream::reduce, Stream::gather,
                                        Stream::gather, Stream::copy,
                                        Stream::copy, Stream::compute,
                                        Stream::copy, Stream::compute}));
}

} // namespace

int main() {
  waitsAreEnoughAndNeeded();
  oneRankHasOneStream();
  streamsAreChosen();
  return ds::test::finish("streams");
}
