//===- GpuProgram.cpp - A plan's program on streams ---------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "exec/GpuProgram.h"

#include <algorithm>

namespace ds::rt {

using namespace cuda;

GpuProgram::GpuProgram(const LoadedPlan &plan, const RankMemory &memory,
                       Device &device, GpuComm &comm)
    : plan_(plan), memory_(memory), device_(device), comm_(comm),
      streams_(device), kernels_(device), products_(device) {
  uint32_t number = 0;
  for (const auto *block : *memory.program->blocks()) {
    first_.push_back(number);
    number += block->instrs()->size();
  }
}

const plan::Instr &GpuProgram::instrOf(uint32_t number) const {
  const auto after = std::upper_bound(first_.begin(), first_.end(), number);
  const auto block = uint32_t(after - first_.begin()) - 1;
  return *memory_.program->blocks()->Get(block)->instrs()->Get(number -
                                                               first_[block]);
}

std::string GpuProgram::nameOf(uint32_t number) const {
  const plan::Instr &instr = instrOf(number);
  std::string names;
  if (instr.name())
    names = "'" + instr.name()->str() + "'";
  if (const auto *launch = instr.op_as_Launch())
    names += (names.empty() ? "kernel '" : ", kernel '") +
             plan_.plan().kernels()->Get(launch->kernel())->name()->str() + "'";
  return format("instruction %u%s%s%s", number, names.empty() ? "" : " (",
                names.c_str(), names.empty() ? "" : ")");
}

bool GpuProgram::isExchange(uint32_t number) const {
  const plan::Instr &instr = instrOf(number);
  if (const auto *op = instr.op_as_Collective())
    return plan_.plan().groups()->Get(op->group())->ranks()->size() > 1;
  return instr.op_type() == plan::Op::Send || instr.op_type() == plan::Op::Recv;
}

Status GpuProgram::checked(Result result, const char *verb,
                           uint32_t number) const {
  if (result == kSuccess)
    return {};
  return device_.error(result,
                       format("cannot %s %s on %s", verb,
                              nameOf(number).c_str(), device_.title().c_str()));
}

Status GpuProgram::prepare(const plan::Instr &instr, uint32_t number,
                           std::vector<bool> &kernels) {
  switch (instr.op_type()) {
  case plan::Op::Launch:
    kernels[instr.op_as_Launch()->kernel()] = true;
    return {};
  case plan::Op::Gemm: {
    const plan::Gemm &gemm = *instr.op_as_Gemm();
    auto given = [&](const plan::Ref *ref) {
      return ref ? memory_.at(ref) : nullptr;
    };
    const bool scratch = gemm.workspace_bytes() > 0;
    auto product = products_.add(
        gemm,
        {memory_.at(gemm.a()), memory_.at(gemm.b()), memory_.at(gemm.c()),
         scratch ? memory_.at(gemm.workspace()) : nullptr, given(gemm.bias()),
         given(gemm.preactivation())},
        nameOf(number));
    if (!product.ok())
      return product.status();
    productOf_[number] = *product;
    return {};
  }
  case plan::Op::Scalar:
  case plan::Op::Convolution:
  case plan::Op::Sort:
    return inputError("%s is a %s, which GPUs do not run yet: compile the "
                      "model for the CPU with --machine=host",
                      nameOf(number).c_str(),
                      plan::EnumNameOp(instr.op_type()));
  default:
    return {};
  }
}

Status GpuProgram::prepare() {
  const auto *all = plan_.plan().kernels();
  std::vector<bool> kernels(all ? all->size() : 0);
  uint32_t number = 0;
  for (const auto *block : *memory_.program->blocks())
    for (const auto *instr : *block->instrs())
      DS_RT_RETURN_IF_ERROR(prepare(*instr, number++, kernels));
  DS_RT_RETURN_IF_ERROR(streams_.prepare(*memory_.program));
  return kernels_.load(plan_, kernels);
}

Status GpuProgram::launch(const plan::Launch &op, uint32_t number) {
  const plan::Kernel &kernel = *plan_.plan().kernels()->Get(op.kernel());
  const plan::GpuKernel &gpu = *kernel.gpu();
  std::vector<Address> places;
  for (const plan::Ref *arg : *op.args())
    places.push_back(at(arg));
  std::vector<void *> parameters;
  for (Address &place : places)
    parameters.push_back(&place);
  // A verified plan has at least one item, and a number of blocks that fits.
  const auto blocks = unsigned((op.items() - 1) / gpu.items() + 1);
  return checked(device_.driver().launch(kernels_.function(op.kernel()), blocks,
                                         1, 1, gpu.threads(), 1, 1,
                                         gpu.shared_bytes(), stream_,
                                         parameters.data(), nullptr),
                 "launch", number);
}

Result GpuProgram::copyBytes(Address dst, Address src, uint64_t bytes) {
  if (dst == src || bytes == 0)
    return kSuccess;
  return device_.driver().copy(dst, src, bytes, stream_);
}

/// Runs at even distances are one call: those of the longest dimension whose
/// strides a copy of rows can have.
Result GpuProgram::copyRuns(const plan::Copy &op, Address src, Address dst) {
  const auto &dims = *op.dims();
  auto isPitch = [&](uint64_t stride) {
    return stride >= op.bytes() && stride <= device_.maxPitch();
  };
  int rows = -1;
  for (int d = 0; d < int(dims.size()); ++d) {
    const plan::CopyDim &dim = *dims[uint32_t(d)];
    if (isPitch(dim.src_stride()) && isPitch(dim.dst_stride()) &&
        (rows < 0 || dim.size() >= dims[uint32_t(rows)]->size()))
      rows = d;
  }
  uint64_t calls = 1;
  for (int d = 0; d < int(dims.size()); ++d)
    calls *= d == rows ? 1 : dims[uint32_t(d)]->size();
  for (uint64_t call = 0; call < calls; ++call) {
    uint64_t from = 0, to = 0, rest = call;
    for (int d = int(dims.size()) - 1; d >= 0; --d) {
      if (d == rows)
        continue;
      const plan::CopyDim &dim = *dims[uint32_t(d)];
      from += rest % dim.size() * dim.src_stride();
      to += rest % dim.size() * dim.dst_stride();
      rest /= dim.size();
    }
    Result result;
    if (rows < 0) {
      result = copyBytes(dst + to, src + from, op.bytes());
    } else {
      const plan::CopyDim &dim = *dims[uint32_t(rows)];
      Copy2D copy;
      copy.src = src + from, copy.srcPitch = dim.src_stride();
      copy.dst = dst + to, copy.dstPitch = dim.dst_stride();
      copy.width = op.bytes(), copy.height = dim.size();
      result = device_.driver().copy2D(&copy, stream_);
    }
    if (result != kSuccess)
      return result;
  }
  return kSuccess;
}

Status GpuProgram::copy(const plan::Copy &op, uint32_t number) {
  Address src = at(op.src()), dst = at(op.dst());
  if (op.indexed()) {
    const uint64_t index = uint64_t(loopIndex_.at(at(op.index())));
    src += index * op.src_stride();
    dst += index * op.dst_stride();
  }
  return checked(op.dims() && op.dims()->size() > 0
                     ? copyRuns(op, src, dst)
                     : copyBytes(dst, src, op.bytes()),
                 "copy in", number);
}

Status GpuProgram::collective(const plan::Collective &op, uint32_t number) {
  const CollectiveOp resolved{op.kind(),
                              op.reduce(),
                              op.dtype(),
                              op.count(),
                              memory_.at(op.src()),
                              memory_.at(op.dst()),
                              op.group(),
                              op.root()};
  if (plan_.plan().groups()->Get(op.group())->ranks()->size() > 1)
    return comm_.run(resolved, index_, nameOf(number));
  // Of one rank: whatever it is, what comes out is what went in.
  return checked(copyBytes(addressOf(resolved.dst), addressOf(resolved.src),
                           op.count() * bytesOf(op.dtype())),
                 "copy in", number);
}

/// In the largest pieces that the place and the number of bytes allow.
Result GpuProgram::fill(const plan::Fill &op) {
  const Driver &driver = device_.driver();
  const Address place = at(op.dst());
  const uint32_t pattern = op.pattern();
  const uint64_t both = place | op.bytes();
  if (both % 4 == 0)
    return driver.setWords(place, pattern, op.bytes() / 4, stream_);
  return both % 2 == 0 ? driver.setHalves(place, static_cast<uint16_t>(pattern),
                                          op.bytes() / 2, stream_)
                       : driver.setBytes(place, static_cast<uint8_t>(pattern),
                                         op.bytes(), stream_);
}

Status GpuProgram::loop(const plan::Loop &op, uint32_t number,
                        Follower &follower) {
  const Address place = at(op.index());
  const Driver &driver = device_.driver();
  for (uint64_t round = 0; round < op.count(); ++round) {
    const uint64_t i = op.reversed() ? op.count() - 1 - round : round;
    loopIndex_[place] = int64_t(i);
    // Kernels may read it, too.
    Result result = driver.setWords(place, unsigned(i), 1, device_.stream());
    if (result == kSuccess)
      result =
          driver.setWords(place + 4, unsigned(i >> 32), 1, device_.stream());
    DS_RT_RETURN_IF_ERROR(checked(result, "set the index of", number));
    DS_RT_RETURN_IF_ERROR(enqueueBlock(op.body(), follower));
  }
  return {};
}

Status GpuProgram::enqueueWork(const plan::Instr &instr, uint32_t number) {
  switch (instr.op_type()) {
  case plan::Op::Launch:
    return launch(*instr.op_as_Launch(), number);
  case plan::Op::Gemm:
    return products_.run(productOf_.at(number), stream_, nameOf(number));
  case plan::Op::Collective:
    return collective(*instr.op_as_Collective(), number);
  case plan::Op::Send: {
    const plan::Send &op = *instr.op_as_Send();
    return comm_.send(int(op.peer()), memory_.at(op.src()), op.bytes(), index_,
                      nameOf(number));
  }
  case plan::Op::Recv: {
    const plan::Recv &op = *instr.op_as_Recv();
    return comm_.receive(int(op.peer()), memory_.at(op.dst()), op.bytes(),
                         index_, nameOf(number));
  }
  case plan::Op::Copy:
    return copy(*instr.op_as_Copy(), number);
  case plan::Op::Fill: {
    return checked(fill(*instr.op_as_Fill()), "fill in", number);
  }
  default:
    return internalError("%s was not refused", nameOf(number).c_str());
  }
}

Status GpuProgram::enqueue(const plan::Instr &instr, uint32_t number,
                           Follower &follower) {
  // What a loop or a call does tells of itself.
  if (const auto *op = instr.op_as_Loop())
    return loop(*op, number, follower);
  if (const auto *op = instr.op_as_Call())
    return enqueueBlock(op->body(), follower);
  index_ = GpuStreams::indexOf(instr);
  stream_ = streams_.of(instr);
  Result result = streams_.begin(number, instr);
  if (result == kSuccess)
    result = follower.begins(
        {number, streams_.waited(), isExchange(number), streams_.needs(instr)},
        index_);
  DS_RT_RETURN_IF_ERROR(checked(result, "wait before", number));
  DS_RT_RETURN_IF_ERROR(enqueueWork(instr, number));
  result = follower.ends(number, index_);
  if (result == kSuccess)
    result = streams_.end(number, instr);
  return checked(result, "follow", number);
}

Status GpuProgram::enqueueBlock(uint32_t block, Follower &follower) {
  uint32_t number = first_[block];
  for (const auto *instr : *memory_.program->blocks()->Get(block)->instrs())
    DS_RT_RETURN_IF_ERROR(enqueue(*instr, number++, follower));
  return {};
}

} // namespace ds::rt
