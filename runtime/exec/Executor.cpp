//===- Executor.cpp - The instruction loop ------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "exec/Executor.h"
#include "backends/cpu/Threads.h"
#include "base/Clock.h"
#include "exec/Scalars.h"
#include "exec/Sort.h"
#include "plan/Plan.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace ds::rt {
namespace {

constexpr uint64_t kBytesGrain = 256 << 10; // per thread, at least

void runLaunch(const LaunchOp &op) {
  parallelRanges(op.items, op.grain, [&](uint64_t begin, uint64_t end) {
    op.kernel(op.args, int64_t(begin), int64_t(end));
  });
}

bool runProduct(const GemmOp &op, const GemmProduct &product) {
  if (op.kernel)
    return op.kernel->run(product.a, product.b, product.c);
  gemm(op.shape, reinterpret_cast<const double *>(product.a),
       reinterpret_cast<const double *>(product.b),
       reinterpret_cast<double *>(product.c));
  return true;
}

/// One run after the other, the last dimension fastest.
void copyRuns(const CopyOp &op, const std::byte *src, std::byte *dst) {
  uint64_t runs = 1;
  for (const plan::CopyDim &dim : op.dims)
    runs *= dim.size();
  const uint64_t grain = std::max<uint64_t>(1, kBytesGrain / op.bytes);
  parallelRanges(runs, grain, [&](uint64_t begin, uint64_t end) {
    for (uint64_t run = begin; run < end; ++run) {
      uint64_t from = 0, to = 0, rest = run;
      for (size_t d = op.dims.size(); d-- > 0;) {
        const plan::CopyDim &dim = op.dims[d];
        from += rest % dim.size() * dim.src_stride();
        to += rest % dim.size() * dim.dst_stride();
        rest /= dim.size();
      }
      std::memcpy(dst + to, src + from, op.bytes);
    }
  });
}

void runCopy(const CopyOp &op) {
  int64_t index = 0;
  if (op.index)
    std::memcpy(&index, op.index, sizeof(index));
  const std::byte *src = op.src + uint64_t(index) * op.srcStride;
  std::byte *dst = op.dst + uint64_t(index) * op.dstStride;
  if (!op.dims.empty())
    return copyRuns(op, src, dst);
  parallelRanges(op.bytes, kBytesGrain, [&](uint64_t begin, uint64_t end) {
    std::memmove(dst + begin, src + begin, end - begin);
  });
}

void runFill(const FillOp &op) {
  parallelRanges(op.bytes, kBytesGrain, [&](uint64_t begin, uint64_t end) {
    if (op.pattern == 0) {
      std::memset(op.dst + begin, 0, end - begin);
      return;
    }
    uint64_t at = begin;
    for (; at + 4 <= end; at += 4)
      std::memcpy(op.dst + at, &op.pattern, 4);
    std::memcpy(op.dst + at, &op.pattern, end - at);
  });
}

void runScalar(const ScalarOp &op) {
  if (op.opcode == plan::ScalarOpcode::set)
    return storeScalar(op.dtype, op.dst, op.immediate);
  double a = loadScalar(op.aDtype, op.a);
  double b = operandsOf(op.opcode) > 1 ? loadScalar(op.bDtype, op.b) : 0;
  storeScalar(op.dtype, op.dst, compute(op.opcode, a, b));
}

} // namespace

Executor::Executor(ResolvedProgram program, LocalComm &comm, Recorder &recorder)
    : program_(std::move(program)), comm_(comm),
      slot_(comm.control().slot(comm.rank())), recorder_(recorder) {}

Status Executor::runGemm(const GemmOp &op) {
  std::atomic<bool> good{true};
  auto range = [&](uint64_t begin, uint64_t end) {
    for (uint64_t i = begin; i < end; ++i)
      if (!runProduct(op, op.products[i]))
        good.store(false, std::memory_order_relaxed);
  };
  if (op.batchOverThreads)
    parallelRanges(op.count, 1, range);
  else
    range(0, op.count);
  if (good)
    return {};
  return internalError("the matrix library refused a product of %lld x %lld "
                       "x %lld",
                       (long long)op.shape.m, (long long)op.shape.n,
                       (long long)op.shape.k);
}

Status Executor::runLoop(const LoopOp &op) {
  for (int64_t round = 0; round < op.count; ++round) {
    const int64_t i = op.reversed ? op.count - 1 - round : round;
    if (op.index)
      std::memcpy(op.index, &i, sizeof(i));
    DS_RT_RETURN_IF_ERROR(runBlock(op.block));
  }
  return {};
}

Status Executor::execute(const Instruction &instruction) {
  switch (instruction.kind) {
  case plan::Op::Launch:
    runLaunch(program_.launches[instruction.index]);
    return {};
  case plan::Op::Gemm:
    return runGemm(program_.gemms[instruction.index]);
  case plan::Op::Convolution:
    if (program_.convolutions[instruction.index].kernel->run())
      return {};
    return internalError("the library refused the convolution of instruction "
                         "%u",
                         instruction.number);
  case plan::Op::Collective:
    return comm_.run(program_.collectives[instruction.index]);
  case plan::Op::Send: {
    const TransferOp &op = program_.sends[instruction.index];
    return comm_.send(op.peer, op.data, op.bytes);
  }
  case plan::Op::Recv: {
    const TransferOp &op = program_.receives[instruction.index];
    return comm_.receive(op.peer, op.data, op.bytes);
  }
  case plan::Op::Copy:
    runCopy(program_.copies[instruction.index]);
    return {};
  case plan::Op::Fill:
    runFill(program_.fills[instruction.index]);
    return {};
  case plan::Op::Scalar:
    runScalar(program_.scalars[instruction.index]);
    return {};
  case plan::Op::Sort:
    runSort(program_.sorts[instruction.index]);
    return {};
  case plan::Op::Loop:
    return runLoop(program_.loops[instruction.index]);
  default:
    return runBlock(instruction.index);
  }
}

uint32_t Executor::firstOf(uint32_t block) const {
  BlockRange range = program_.blocks[block];
  return range.begin < range.end ? program_.instructions[range.begin].number
                                 : 0;
}

Status Executor::runBlock(uint32_t block) {
  BlockRange range = program_.blocks[block];
  double before = monotonicSeconds();
  for (uint32_t i = range.begin; i < range.end; ++i) {
    const Instruction &instruction = program_.instructions[i];
    slot_.instruction.store(instruction.number, std::memory_order_relaxed);
    slot_.advance();
    InstrEvent *event = recorder_.begin(instruction.number, before);
    DS_RT_RETURN_IF_ERROR(execute(instruction));
    const double now = monotonicSeconds();
    recorder_.end(event, instruction.kind, instruction.number, before, now);
    before = now;
  }
  return {};
}

} // namespace ds::rt
