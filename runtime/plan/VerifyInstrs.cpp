//===- VerifyInstrs.cpp - The operands of every instruction ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One overload of `check` per operation: which bytes it touches, how, and what
// its sizes must be.  `Operands` knows the buffers and says whether those bytes
// are there, alive, aligned and writable.
//===--------------------------------------------------------------------===//
#include "plan/Operands.h"

#include <algorithm>

namespace ds::rt::verify {

namespace {

using plan::Access;
using plan::Ref;

Status check(const Operands &operands, const plan::Launch &launch) {
  const plan::Plan &plan = operands.facts().plan;
  const uint32_t kernels = sizeOf(plan.kernels());
  if (launch.kernel() >= kernels)
    return inputError("expects 'kernel' to be less than %u, but got %u",
                      kernels, launch.kernel());
  const plan::Kernel &kernel = *plan.kernels()->Get(launch.kernel());
  if (launch.args()->size() != kernel.args()->size())
    return inputError("expects %u arguments for kernel %s, but got %u",
                      kernel.args()->size(), shown(kernel.name()).c_str(),
                      launch.args()->size());
  DS_RT_RETURN_IF_ERROR(checkAligned("args", launch.args()));
  DS_RT_RETURN_IF_ERROR(
      atLeastOne({{"items", launch.items()}, {"grain", launch.grain()}}));
  if (launch.items() > INT64_MAX || launch.grain() > INT64_MAX)
    return inputError("expects 'items' and 'grain' to be below 2^63, but got "
                      "%llu and %llu",
                      ull(launch.items()), ull(launch.grain()));
  if (kernel.gpu() && (launch.items() - 1) / kernel.gpu()->items() >= INT32_MAX)
    return inputError("expects 'items' to be at most 2^31 - 1 blocks of %llu, "
                      "but got %llu",
                      ull(kernel.gpu()->items()), ull(launch.items()));
  for (uint32_t i = 0; i < launch.args()->size(); ++i) {
    const plan::KernelArg &arg = *kernel.args()->Get(i);
    DS_RT_RETURN_IF_ERROR(operands.inMemory(What("args", i),
                                            launch.args()->Get(i), arg.bytes(),
                                            arg.dtype(), arg.access()));
  }
  return {};
}

Status checkCollectiveTypes(const plan::Collective &op) {
  DS_RT_RETURN_IF_ERROR(checkEnum("kind", op.kind()));
  DS_RT_RETURN_IF_ERROR(checkEnum("reduce", op.reduce()));
  DS_RT_RETURN_IF_ERROR(checkEnum("dtype", op.dtype()));
  const bool reduces = op.kind() == plan::CollectiveKind::all_reduce ||
                       op.kind() == plan::CollectiveKind::reduce_scatter;
  if (!reduces || isFloat(op.dtype()))
    return {};
  if (op.dtype() != DType::i32 && op.dtype() != DType::i64)
    return inputError("expects a reduction of f32, f64, bf16, f16, i32 or i64, "
                      "but got %s",
                      plan::EnumNameDType(op.dtype()));
  if (op.reduce() == plan::ReduceOp::mean)
    return inputError("expects a floating 'dtype' for the mean, but got %s",
                      plan::EnumNameDType(op.dtype()));
  return {};
}

/// What may overlap: all_reduce and broadcast in place, and a shard at its own
/// place inside the whole.
Status checkInPlace(const ProgramFacts &facts, const plan::Collective &op,
                    uint64_t srcBytes, uint64_t dstBytes) {
  if (!intersect(*op.src(), srcBytes, *op.dst(), dstBytes))
    return {};
  using plan::CollectiveKind;
  const auto &members = *facts.plan.groups()->Get(op.group())->ranks();
  bool allowed = op.kind() != CollectiveKind::all_to_all;
  if (srcBytes == dstBytes)
    allowed = allowed && op.src()->offset() == op.dst()->offset();
  else {
    const uint64_t member =
        std::lower_bound(members.begin(), members.end(), facts.ranks.front()) -
        members.begin();
    const bool gather = op.kind() == CollectiveKind::all_gather;
    const Ref &part = gather ? *op.src() : *op.dst();
    const Ref &whole = gather ? *op.dst() : *op.src();
    // Ranks of one program share its offsets, but not their place.
    allowed =
        allowed && facts.ranks.size() == 1 &&
        part.offset() == whole.offset() + member * std::min(srcBytes, dstBytes);
  }
  if (!allowed)
    return inputError("expects 'src' and 'dst' not to overlap, or a rank's "
                      "shard to be at its own place in the whole");
  return {};
}

Status check(const Operands &operands, const plan::Collective &op) {
  DS_RT_RETURN_IF_ERROR(checkCollectiveTypes(op));
  DS_RT_RETURN_IF_ERROR(atLeastOne({{"count", op.count()}}));
  const ProgramFacts &facts = operands.facts();
  DS_RT_RETURN_IF_ERROR(checkMembership(facts, op.group()));
  const uint64_t ranks = facts.plan.groups()->Get(op.group())->ranks()->size();
  if (op.root() >= ranks)
    return inputError("expects 'root' to be a member below %llu, but got %u",
                      ull(ranks), op.root());
  const uint64_t part = satMul(op.count(), rt::sizeOf(op.dtype()));
  const uint64_t whole = satMul(part, ranks);
  using plan::CollectiveKind;
  const bool wholeSrc = op.kind() == CollectiveKind::reduce_scatter ||
                        op.kind() == CollectiveKind::all_to_all;
  const bool wholeDst = op.kind() == CollectiveKind::all_gather ||
                        op.kind() == CollectiveKind::all_to_all;
  const uint64_t srcBytes = wholeSrc ? whole : part;
  const uint64_t dstBytes = wholeDst ? whole : part;
  DS_RT_RETURN_IF_ERROR(
      operands.inMemory("src", op.src(), srcBytes, op.dtype(), Access::read));
  DS_RT_RETURN_IF_ERROR(
      operands.inMemory("dst", op.dst(), dstBytes, op.dtype(), Access::write));
  return checkInPlace(facts, op, srcBytes, dstBytes);
}

Status checkPeer(const ProgramFacts &facts, uint32_t peer) {
  if (peer >= facts.plan.world())
    return inputError("expects 'peer' to be below the world of %u, but got %u",
                      facts.plan.world(), peer);
  if (std::binary_search(facts.ranks.begin(), facts.ranks.end(), peer))
    return inputError(
        "expects 'peer' to be another rank, but rank %u runs this "
        "program itself",
        peer);
  return {};
}

Status check(const Operands &operands, const plan::Send &send) {
  DS_RT_RETURN_IF_ERROR(checkPeer(operands.facts(), send.peer()));
  DS_RT_RETURN_IF_ERROR(atLeastOne({{"bytes", send.bytes()}}));
  return operands.inMemory("src", send.src(), send.bytes(), DType::u8,
                           Access::read);
}

Status check(const Operands &operands, const plan::Recv &recv) {
  DS_RT_RETURN_IF_ERROR(checkPeer(operands.facts(), recv.peer()));
  DS_RT_RETURN_IF_ERROR(atLeastOne({{"bytes", recv.bytes()}}));
  return operands.inMemory("dst", recv.dst(), recv.bytes(), DType::u8,
                           Access::write);
}

/// Runs are copied in any order: each byte of `dst` belongs to one.
Status checkRuns(const plan::Copy &copy) {
  if (sizeOf(copy.dims()) > kMaxRank)
    return inputError("expects at most %u dimensions, but got %u", kMaxRank,
                      sizeOf(copy.dims()));
  DS_RT_RETURN_IF_ERROR(checkAligned("dims", copy.dims()));
  std::vector<std::pair<uint64_t, uint64_t>> dims = {{1, copy.bytes()}};
  for (uint32_t i = 0; i < sizeOf(copy.dims()); ++i) {
    const plan::CopyDim &dim = *copy.dims()->Get(i);
    DS_RT_RETURN_IF_ERROR(atLeastOne({{"dims.size", dim.size()}}));
    dims.push_back({dim.dst_stride(), dim.size()});
  }
  return checkApart("runs to share no byte of 'dst'", "bytes", dims);
}

/// Bytes from the first to the last of all runs.
uint64_t runBytes(const plan::Copy &copy,
                  uint64_t (plan::CopyDim::*stride)() const) {
  uint64_t bytes = copy.bytes();
  for (uint32_t i = 0; i < sizeOf(copy.dims()); ++i) {
    const plan::CopyDim &dim = *copy.dims()->Get(i);
    bytes = satAdd(bytes, satMul(dim.size() - 1, (dim.*stride)()));
  }
  return bytes;
}

/// A GPU's driver copies rows of one dimension in one call.
Status checkCalls(const plan::Copy &copy) {
  constexpr uint64_t maxCalls = 4096, maxPitch = INT32_MAX;
  uint64_t runs = 1, rows = 1;
  for (uint32_t i = 0; i < sizeOf(copy.dims()); ++i) {
    const plan::CopyDim &dim = *copy.dims()->Get(i);
    const auto [low, high] = std::minmax(dim.src_stride(), dim.dst_stride());
    if (low >= copy.bytes() && high <= maxPitch)
      rows = std::max(rows, dim.size());
    runs = satMul(runs, dim.size());
  }
  if (runs / rows > maxCalls)
    return inputError("expects a copy of at most %llu calls on a GPU, but got "
                      "%llu; a kernel copies more",
                      ull(maxCalls), ull(runs / rows));
  return {};
}

Status check(const Operands &operands, const plan::Copy &copy) {
  DS_RT_RETURN_IF_ERROR(atLeastOne({{"bytes", copy.bytes()}}));
  DS_RT_RETURN_IF_ERROR(checkRuns(copy));
  if (isForGpu(operands.facts().plan))
    DS_RT_RETURN_IF_ERROR(checkCalls(copy));
  uint64_t steps = 0; // the largest index
  if (copy.indexed()) {
    DS_RT_RETURN_IF_ERROR(
        operands.inMemory("index", copy.index(), 8, DType::i64, Access::read));
    const uint64_t count = operands.loopCount(*copy.index());
    if (count == 0)
      return inputError("expects 'index' to be the index of a loop around this "
                        "instruction");
    steps = count - 1;
  }
  const uint64_t srcBytes = satAdd(satMul(steps, copy.src_stride()),
                                   runBytes(copy, &plan::CopyDim::src_stride));
  const uint64_t dstBytes = satAdd(satMul(steps, copy.dst_stride()),
                                   runBytes(copy, &plan::CopyDim::dst_stride));
  DS_RT_RETURN_IF_ERROR(
      operands.check("src", copy.src(), srcBytes, DType::u8, Access::read));
  DS_RT_RETURN_IF_ERROR(
      operands.check("dst", copy.dst(), dstBytes, DType::u8, Access::write));
  if (!copy.indexed() &&
      intersect(*copy.src(), srcBytes, *copy.dst(), dstBytes))
    return inputError("expects 'src' and 'dst' not to overlap");
  return {};
}

Status check(const Operands &operands, const plan::Fill &fill) {
  const uint32_t period = periodOf(fill);
  if (fill.bytes() == 0 || fill.bytes() % period)
    return inputError("expects 'bytes' to be a positive multiple of the "
                      "%u-byte pattern, but got %llu",
                      period, ull(fill.bytes()));
  return operands.inMemory("dst", fill.dst(), fill.bytes(),
                           period == 4   ? DType::u32
                           : period == 2 ? DType::u16
                                         : DType::u8,
                           Access::write);
}

Status check(const Operands &operands, const plan::Scalar &scalar) {
  DS_RT_RETURN_IF_ERROR(checkEnum("op", scalar.op()));
  DS_RT_RETURN_IF_ERROR(checkEnum("dtype", scalar.dtype()));
  DS_RT_RETURN_IF_ERROR(checkEnum("a_dtype", scalar.a_dtype()));
  DS_RT_RETURN_IF_ERROR(checkEnum("b_dtype", scalar.b_dtype()));
  const uint32_t reads = operandsOf(scalar.op());
  // Used or not: the executor computes the address of what is given.
  if (reads > 0 || scalar.a())
    DS_RT_RETURN_IF_ERROR(operands.inMemory("a", scalar.a(),
                                            rt::sizeOf(scalar.a_dtype()),
                                            scalar.a_dtype(), Access::read));
  if (reads > 1 || scalar.b())
    DS_RT_RETURN_IF_ERROR(operands.inMemory("b", scalar.b(),
                                            rt::sizeOf(scalar.b_dtype()),
                                            scalar.b_dtype(), Access::read));
  return operands.inMemory("dst", scalar.dst(), rt::sizeOf(scalar.dtype()),
                           scalar.dtype(), Access::write);
}

Status check(const Operands &operands, const plan::Sort &sort) {
  DS_RT_RETURN_IF_ERROR(checkEnum("dtype", sort.dtype()));
  const DType dtype = sort.dtype();
  const bool isInteger = dtype == DType::i32 || dtype == DType::i64;
  if (!isInteger && !isFloat(dtype))
    return inputError("expects keys of f32, f64, bf16, f16, i32 or i64, but "
                      "got %s",
                      plan::EnumNameDType(dtype));
  if (isInteger ? sort.total() : sort.unsigned_keys())
    return inputError("expects '%s' for %s keys only, but got %s",
                      isInteger ? "total" : "unsigned_keys",
                      isInteger ? "floating-point" : "integer",
                      plan::EnumNameDType(dtype));
  if (sort.rows() == 0 || sort.kept() == 0 || sort.kept() > sort.length() ||
      sort.length() > INT32_MAX)
    return inputError("expects rows of 1 to 2147483647 elements of which at "
                      "least one is kept, but got %llu rows of %llu, %llu kept",
                      ull(sort.rows()), ull(sort.length()), ull(sort.kept()));
  const uint64_t srcBytes =
      satMul(satMul(sort.rows(), sort.length()), rt::sizeOf(dtype));
  const uint64_t dstBytes = satMul(satMul(sort.rows(), sort.kept()), 4);
  DS_RT_RETURN_IF_ERROR(
      operands.inMemory("src", sort.src(), srcBytes, dtype, Access::read));
  DS_RT_RETURN_IF_ERROR(operands.inMemory("dst", sort.dst(), dstBytes,
                                          DType::i32, Access::write));
  if (intersect(*sort.src(), srcBytes, *sort.dst(), dstBytes))
    return inputError("expects 'src' and 'dst' not to overlap");
  return {};
}

/// The loop itself was checked with the blocks; here its index like any
/// operand.
Status check(const Operands &operands, const plan::Loop &loop) {
  const Ref &index = *loop.index();
  return operands.inMemory("index", &index, 8, DType::i64, Access::read);
}

} // namespace

Status checkInstr(const Operands &operands, const plan::Instr &instr) {
  switch (instr.op_type()) {
  case plan::Op::Launch:
    return check(operands, *instr.op_as_Launch());
  case plan::Op::Gemm:
    return checkGemm(operands, *instr.op_as_Gemm());
  case plan::Op::Collective:
    return check(operands, *instr.op_as_Collective());
  case plan::Op::Send:
    return check(operands, *instr.op_as_Send());
  case plan::Op::Recv:
    return check(operands, *instr.op_as_Recv());
  case plan::Op::Copy:
    return check(operands, *instr.op_as_Copy());
  case plan::Op::Fill:
    return check(operands, *instr.op_as_Fill());
  case plan::Op::Scalar:
    return check(operands, *instr.op_as_Scalar());
  case plan::Op::Sort:
    return check(operands, *instr.op_as_Sort());
  case plan::Op::Loop:
    return check(operands, *instr.op_as_Loop());
  case plan::Op::Convolution:
    return checkConvolution(operands, *instr.op_as_Convolution());
  case plan::Op::Call:
  case plan::Op::NONE:
    return {};
  }
  return {};
}

Status verifyInstrs(const ProgramFacts &facts) {
  const auto &blocks = *facts.program.blocks();
  for (uint32_t b = 0; b < blocks.size(); ++b)
    for (uint32_t i = 0; i < blocks[b]->instrs()->size(); ++i) {
      const plan::Instr &instr = *blocks[b]->instrs()->Get(i);
      const uint32_t number = facts.blockFirst[b] + i;
      if (Status s = checkInstr(Operands(facts, b, number), instr); !s.ok())
        return at(instrPlace(b, number, instr), s);
    }
  return {};
}

} // namespace ds::rt::verify
