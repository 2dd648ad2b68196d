//===- Predict.cpp - The time of a program's instructions ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One instruction after the other, in the order of the plan.  Each stream has a
// clock of its own: an instruction begins when its stream is free and what it
// waits for has ended.  With one stream a step is what its instructions take
// together.
//===--------------------------------------------------------------------===//

#include "ds/Cost/Cost.h"
#include "ds/Cost/Products.h"
#include "ds/Cost/Recency.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace ds {
namespace {

double asDouble(uint64_t value) { return static_cast<double>(value); }

uint64_t countOf(const plan::GemmT &gemm) {
  uint64_t count = 1;
  for (const plan::BatchDim &dim : gemm.batch)
    count *= dim.size();
  return count;
}

double bytesOf(plan::DType dtype) {
  switch (dtype) {
  case plan::DType::f64:
  case plan::DType::i64:
    return 8;
  case plan::DType::bf16:
  case plan::DType::f16:
  case plan::DType::u16:
    return 2;
  case plan::DType::u8:
    return 1;
  default:
    return 4;
  }
}

class Simulation {
public:
  Simulation(plan::ProgramT &program, const CostInputs &inputs)
      : program(program), inputs(inputs), rates(inputs.rates),
        recency(horizonOf(inputs.rates)), totals(program.blocks.size()) {
    uint32_t number = 0;
    for (size_t i = 0; i < totals.size(); ++i) {
      totals[i].resize(program.blocks[i]->instrs.size());
      firsts.push_back(number);
      number += static_cast<uint32_t>(totals[i].size());
    }
  }

  /// Executes a block; what it takes counts `weight` times.  Returns the
  /// seconds of once.
  double run(uint32_t index, double weight) {
    const plan::BlockT &block = *program.blocks[index];
    Clocks clocks{};
    std::vector<double> ends(block.instrs.size());
    for (size_t i = 0; i < block.instrs.size(); ++i) {
      const plan::InstrT &instr = *block.instrs[i];
      if (const auto *loop = instr.op.AsLoop()) {
        clocks.fill(latest(clocks) + runLoop(*loop, weight));
        continue;
      }
      if (const auto *call = instr.op.AsCall()) {
        clocks.fill(latest(clocks) + run(call->body, weight));
        continue;
      }
      const double once = secondsOf(instr.op);
      double &clock = clocks[static_cast<size_t>(instr.stream)];
      for (uint32_t wait : instr.waits)
        clock = std::max(clock, ends[wait - firsts[index]]);
      clock += once;
      ends[i] = clock;
      totals[index][i].seconds += weight * once;
      totals[index][i].times += weight;
    }
    return latest(clocks);
  }

  /// Writes what was found into the instructions.
  void finish() {
    for (size_t b = 0; b < totals.size(); ++b)
      for (size_t i = 0; i < totals[b].size(); ++i)
        if (const Total &total = totals[b][i]; total.times > 0)
          program.blocks[b]->instrs[i]->predicted_us =
              static_cast<float>(total.seconds / total.times * 1e6);
  }

private:
  /// Where no arena is.
  static constexpr uint64_t kScratch = uint64_t{0xff} << 56;

  struct Total {
    double seconds = 0, times = 0;
  };
  /// By stream: when it is free.
  using Clocks = std::array<double, static_cast<size_t>(plan::Stream::MAX) + 1>;

  static double latest(const Clocks &clocks) {
    return *std::max_element(clocks.begin(), clocks.end());
  }

  static uint64_t horizonOf(const Rates &rates) {
    double most = 0;
    for (const std::vector<Bandwidth> *curve : {&rates.team, &rates.single})
      if (!curve->empty())
        most = std::max(most, curve->back().bytes);
    return static_cast<uint64_t>(std::min(most, 0x1p62));
  }

  /// The first round finds the caches as they are, the others as a round has
  /// left them.
  double runLoop(const plan::LoopT &loop, double weight) {
    if (loop.count == 0)
      return 0;
    double seconds = run(loop.body, weight);
    const double others = asDouble(loop.count - 1);
    if (others > 0)
      seconds += others * run(loop.body, weight * others);
    return seconds;
  }

  double secondsOf(const plan::OpUnion &op) {
    if (const auto *launch = op.AsLaunch())
      return launchSeconds(*launch);
    if (const auto *gemm = op.AsGemm())
      return gemmSeconds(*gemm);
    if (const auto *convolution = op.AsConvolution())
      return convolutionSeconds(*convolution);
    if (const auto *collective = op.AsCollective())
      return collectiveSeconds(*collective);
    if (const auto *copy = op.AsCopy())
      return copySeconds(*copy);
    if (const auto *fill = op.AsFill())
      return rates.launchSeconds +
             touch(*fill->dst, asDouble(fill->bytes), asDouble(fill->bytes),
                   MemoryUse::Update, isTeamWork(fill->bytes));
    if (const auto *sort = op.AsSort())
      return sortSeconds(*sort);
    return rates.scalarSeconds;
  }

  /// One comparison and a move of each element for each level of the heap or
  /// the halves; rows run side by side.
  double sortSeconds(const plan::SortT &sort) {
    const double threads =
        std::min(asDouble(sort.rows), static_cast<double>(rates.threads));
    const double levels = std::log2(asDouble(sort.kept) + 1);
    const double elements = asDouble(sort.rows) * asDouble(sort.length);
    constexpr double kStepsPerLevel = 4; // compare, branch, two moves
    const double work =
        kStepsPerLevel * levels * elements / threads / rates.simple;
    const double bytes = elements * bytesOf(sort.dtype),
                 indices = 4 * asDouble(sort.rows) * asDouble(sort.kept);
    const double memory =
        touch(*sort.src, bytes, bytes, MemoryUse::Read, threads > 1) +
        touch(*sort.dst, indices, indices, MemoryUse::Update, threads > 1);
    return rates.launchSeconds + std::max(work, memory);
  }

  /// Touches the `extent` bytes at `ref`, of which `bytes` are worth time.
  double touch(const plan::Ref &ref, double extent, double bytes, MemoryUse use,
               bool wholeTeam) {
    const plan::BufferT &buffer = *program.buffers[ref.buffer()];
    // Arenas are apart: addresses of different ones never meet.
    const uint64_t begin =
        (uint64_t{buffer.arena} << 56) + buffer.offset + ref.offset();
    const double share = extent > 0 ? bytes / extent : 0;
    double seconds = 0;
    recency.touch(begin, begin + static_cast<uint64_t>(extent),
                  [&](uint64_t part, uint64_t distance) {
                    seconds +=
                        rates.memorySeconds(share * asDouble(part),
                                            asDouble(distance), use, wholeTeam);
                  });
    return seconds;
  }

  static MemoryUse useOf(const KernelPass::Touch &part,
                         const plan::KernelArgT &argument) {
    return argument.access == plan::Access::read_write ? MemoryUse::Update
           : argument.access == plan::Access::write    ? MemoryUse::Write
           : part.strided                              ? MemoryUse::Strided
                                                       : MemoryUse::Read;
  }

  /// Of one of the threads with a part of the products inside of a kernel.
  double productSeconds(const KernelPass &pass) const {
    return pass.products > 0 ? pass.products * rates.threads / rates.warpFlops
                             : 0;
  }

  /// The share of a kernel's arithmetic on the processor that has most of it,
  /// which is waited for.
  double longestShare(const plan::LaunchT &launch, const KernelPass &pass) {
    const double pieces =
        pass.blocks > 0
            ? pass.blocks
            : std::ceil(asDouble(launch.items) / asDouble(launch.grain));
    const double most = std::max(pieces, 1.0);
    return std::ceil(most / std::min(most, double(rates.threads))) / most;
  }

  /// How fast a kernel's blocks get at memory at all: each processor has its
  /// part of what all get of the cache, when it has threads enough to ask.
  double reachOf(const KernelPass &pass) {
    constexpr double kBusy = 512; // threads of a processor
    const double processors =
        std::min(pass.blocks, pass.blocks * pass.threads / kBusy);
    return rates.team.front().read *
           std::min(processors / double(rates.threads), 1.0);
  }

  double launchSeconds(const plan::LaunchT &launch) {
    const plan::KernelT &kernel = *inputs.kernels[launch.kernel];
    const bool isTeam = launch.items > launch.grain || rates.threads == 1;
    double seconds = rates.launchSeconds;
    for (const KernelPass &pass : inputs.passes[launch.kernel]) {
      const double work =
          longestShare(launch, pass) *
          (pass.simple / rates.simple + pass.divisions / rates.divisions +
           pass.exponentials / rates.exponentials +
           pass.loops * rates.loopSeconds + productSeconds(pass));
      double memory = 0, bytes = 0;
      for (const KernelPass::Touch &part : pass.touches) {
        memory += touch(launch.args[part.argument], part.bytes, part.bytes,
                        useOf(part, *kernel.args[part.argument]), isTeam);
        bytes += part.bytes;
      }
      if (rates.gpu && pass.blocks > 0 && !rates.team.empty())
        memory = std::max(memory, bytes / reachOf(pass));
      seconds += std::max(work, memory);
    }
    return seconds;
  }

  /// From the first to the last byte of an operand with `rows` rows of
  /// `columns` elements.
  static double extentOf(uint64_t rows, uint64_t columns, uint64_t leading,
                         const std::vector<plan::BatchDim> &batch,
                         uint64_t (plan::BatchDim::*stride)() const,
                         double bytes) {
    double last = (asDouble(rows) - 1) * asDouble(leading) + asDouble(columns);
    for (const plan::BatchDim &dim : batch)
      last += (asDouble(dim.size()) - 1) * asDouble((dim.*stride)());
    return last * bytes;
  }

  double gemmSeconds(const plan::GemmT &gemm) {
    const double count = asDouble(countOf(gemm)), width = bytesOf(gemm.dtype),
                 resultWidth = gemm.f32_result ? 4 : width,
                 m = asDouble(gemm.m), n = asDouble(gemm.n),
                 k = asDouble(gemm.k);
    double memory = 0;
    auto operand = [&](const plan::Ref &ref, uint64_t rows, uint64_t columns,
                       bool transposed, uint64_t leading,
                       uint64_t (plan::BatchDim::*stride)() const,
                       MemoryUse use, double width) {
      if (transposed)
        std::swap(rows, columns);
      const double extent =
          extentOf(rows, columns, leading, gemm.batch, stride, width);
      const double bytes =
          std::min(extent, asDouble(rows) * asDouble(columns) * count * width);
      memory += touch(ref, extent, bytes, use, /*wholeTeam=*/true);
    };
    operand(*gemm.a, gemm.m, gemm.k, gemm.transpose_a, gemm.lda,
            &plan::BatchDim::a_stride, MemoryUse::Read, width);
    operand(*gemm.b, gemm.k, gemm.n, gemm.transpose_b, gemm.ldb,
            &plan::BatchDim::b_stride, MemoryUse::Read, width);
    // Libraries copy what they read into an order of their own.
    const double copies = std::min(count, static_cast<double>(rates.threads));
    const double scratch = (m * k + k * n) * width * copies;
    recency.touch(kScratch, kScratch + static_cast<uint64_t>(scratch),
                  [](uint64_t, uint64_t) {});
    operand(*gemm.c, gemm.m, gemm.n, false, gemm.ldc, &plan::BatchDim::c_stride,
            MemoryUse::Update, resultWidth);
    if (gemm.bias)
      memory += touch(*gemm.bias, n * resultWidth, n * resultWidth,
                      MemoryUse::Read, /*wholeTeam=*/true);
    if (gemm.preactivation)
      operand(*gemm.preactivation, gemm.m, gemm.n, false, gemm.ld_preactivation,
              &plan::BatchDim::c_stride,
              gemm.epilogue == plan::Epilogue::gelu ? MemoryUse::Update
                                                    : MemoryUse::Read,
              resultWidth);
    // A product that does little with much is as slow as memory.
    return rates.launchSeconds +
           std::max(2 * m * n * k * count / rates.productFlops(gemm), memory);
  }

  /// As a product of the same flops, or as slow as the memory it goes through.
  double convolutionSeconds(const plan::ConvolutionT &op) {
    const double width = bytesOf(op.dtype);
    double input = asDouble(op.batch * op.groups * op.inputs) * width,
           kernel = asDouble(op.groups * op.inputs * op.outputs) * width,
           output = asDouble(op.batch * op.groups * op.outputs) * width;
    for (const plan::ConvolutionDim &dim : op.dims) {
      input *= asDouble(dim.input());
      kernel *= asDouble(dim.kernel());
      output *= asDouble(dim.output());
    }
    using Kind = plan::ConvolutionKind;
    auto useIn = [&](Kind kind) {
      return op.kind == kind ? MemoryUse::Update : MemoryUse::Read;
    };
    double memory =
        touch(*op.input, input, input, useIn(Kind::input), true) +
        touch(*op.kernel, kernel, kernel, useIn(Kind::kernel), true) +
        touch(*op.output, output, output, useIn(Kind::output), true);
    if (op.scratch)
      memory += touch(*op.scratch, asDouble(op.scratch_bytes),
                      asDouble(op.scratch_bytes), MemoryUse::Update, true);
    return rates.launchSeconds +
           std::max(flopsOf(op) / rates.gemmFlops, memory);
  }

  double collectiveSeconds(const plan::CollectiveT &collective) {
    using Kind = plan::CollectiveKind;
    const Kind kind = collective.kind;
    const double own = asDouble(collective.count) * bytesOf(collective.dtype);
    const double whole = own * static_cast<double>(inputs.world);
    const double src =
        kind == Kind::reduce_scatter || kind == Kind::all_to_all ? whole : own;
    const double dst =
        kind == Kind::all_gather || kind == Kind::all_to_all ? whole : own;
    touch(*collective.src, src, 0, MemoryUse::Read, /*wholeTeam=*/true);
    touch(*collective.dst, dst, 0, MemoryUse::Update, /*wholeTeam=*/true);
    return rates.collectiveSeconds(kind, std::max(src, dst));
  }

  /// Copies and fills are split over the team in pieces of this at least.
  static bool isTeamWork(uint64_t bytes) { return bytes > 256 << 10; }

  double copySeconds(const plan::CopyT &copy) {
    uint64_t all = copy.bytes;
    for (const plan::CopyDim &dim : copy.dims)
      all *= dim.size();
    const double bytes = asDouble(all);
    const bool team = isTeamWork(all);
    const double read = touch(*copy.src, bytes, bytes, MemoryUse::Read, team);
    return rates.launchSeconds + read +
           touch(*copy.dst, bytes, bytes, MemoryUse::Update, team);
  }

  plan::ProgramT &program;
  const CostInputs &inputs;
  const Rates &rates;
  Recency recency;
  std::vector<std::vector<Total>> totals;
  std::vector<uint32_t> firsts; ///< Number of each block's first instruction.
};

} // namespace

double predict(plan::ProgramT &program, const plan::EntryT &entry,
               const CostInputs &inputs) {
  Simulation simulation(program, inputs);
  simulation.run(entry.block, 0); // the call before
  const double seconds = simulation.run(entry.block, 1);
  simulation.finish();
  return seconds;
}

} // namespace ds
