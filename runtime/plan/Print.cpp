//===- Print.cpp - A plan as text -----------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Everything the runtime will do, in the order it will do it.  Buffers are
// written %3'wte' (index and name) and byte ranges [offset, +bytes), so that
// lines say what they mean alone and two plans can be compared with diff.
//===--------------------------------------------------------------------===//
#include "plan/PrintParts.h"

namespace ds::rt {

namespace {

using verify::sizeOf;
using ull = unsigned long long;

/// Prints one program; blocks appear where they are first referred to.
class ProgramPrinter {
public:
  ProgramPrinter(TextOut &out, const plan::Plan &plan, uint32_t index)
      : out_(out), plan_(plan), index_(index),
        program_(*plan.programs()->Get(index)),
        printed_(program_.blocks()->size()) {
    for (uint32_t b = 0; b < program_.blocks()->size(); ++b) {
      first_.push_back(total_);
      total_ += program_.blocks()->Get(b)->instrs()->size();
    }
  }

  void print() {
    std::vector<uint32_t> ranks;
    for (uint32_t r = 0; r < plan_.world(); ++r)
      if (plan_.rank_programs()->Get(r) == index_)
        ranks.push_back(r);
    out_.line("program %u %s on ranks %s: %u instructions in %u blocks", index_,
              quoted(program_.name()).c_str(), ranksText(ranks).c_str(), total_,
              program_.blocks()->size());
    auto scope = out_.indent();
    printArenas();
    printStates();
    printBuffers();
    for (const plan::Entry *entry : *program_.entries())
      printEntry(*entry);
    for (uint32_t b = 0; b < program_.blocks()->size(); ++b)
      if (!printed_[b]) {
        out_.line("block %u, which no entry runs", b);
        printBlock(b);
      }
  }

private:
  void printArenas() {
    for (uint32_t a = 0; a < program_.arenas()->size(); ++a) {
      const plan::Arena &arena = *program_.arenas()->Get(a);
      out_.line("arena %u %s: %s, lower bound %s", a,
                plan::EnumNameSpace(arena.space()),
                bytesText(arena.bytes()).c_str(),
                bytesText(arena.lower_bound_bytes()).c_str());
    }
  }

  void printStates() {
    for (uint32_t s = 0; s < sizeOf(program_.states()); ++s) {
      const plan::StateBuffer &state = *program_.states()->Get(s);
      const std::string shards =
          state.shards() > 1
              ? format("%u shards over group %u", state.shards(), state.group())
              : "one piece";
      out_.line("state %u in %s: %llu elements in %s", s,
                bufferText(state.buffer()).c_str(), ull(state.elements()),
                shards.c_str());
      auto scope = out_.indent();
      for (const plan::StateTensor *tensor : *state.tensors())
        printTensor(state, *tensor);
    }
  }

  void printTensor(const plan::StateBuffer &state,
                   const plan::StateTensor &tensor) {
    const plan::Init &init = *tensor.init();
    const std::string values =
        init.kind() == plan::InitKind::constant
            ? format("constant %.9g", init.value())
        : init.kind() == plan::InitKind::seed
            ? "the run's seed"
            : format("normal mean %.9g std %.9g key %08x:%08x", init.mean(),
                     init.std(), tensor.key0(), tensor.key1());
    const plan::DType dtype = program_.buffers()->Get(state.buffer())->dtype();
    out_.line("%s %s: %s, elements [%llu, +%llu), init %s",
              plan::EnumNameBufferClass(tensor.kind()),
              quoted(tensor.name()).c_str(),
              typeText(dtype, tensor.shape()).c_str(), ull(tensor.offset()),
              ull(verify::elementsOf(tensor.shape())), values.c_str());
  }

  void printBuffers() {
    for (uint32_t b = 0; b < program_.buffers()->size(); ++b) {
      const plan::Buffer &buffer = *program_.buffers()->Get(b);
      std::string life =
          buffer.persistent()
              ? "persistent"
              : format("live [%u, %u]", buffer.first(), buffer.last());
      if (buffer.alias_of() >= 0)
        life += format(", window of %s at rank * %llu",
                       bufferText(buffer.alias_of()).c_str(),
                       ull(buffer.rank_stride()));
      out_.line("buffer %s: %s %s, arena %u [%llu, +%llu), %s",
                bufferText(b).c_str(), plan::EnumNameBufferClass(buffer.kind()),
                typeText(buffer.dtype(), buffer.shape()).c_str(),
                buffer.arena(), ull(buffer.offset()), ull(buffer.bytes()),
                life.c_str());
    }
  }

  void printEntry(const plan::Entry &entry) {
    out_.line("entry %s runs block %u", quoted(entry.name()).c_str(),
              entry.block());
    auto scope = out_.indent();
    for (uint32_t i = 0; i < sizeOf(entry.inputs()); ++i) {
      const plan::Input &input = *entry.inputs()->Get(i);
      const std::string bound =
          (input.bound() ? format(" below %llu", ull(input.bound())) : "") +
          (input.ignored() ? format(" or %lld", (long long)input.ignored())
                           : "");
      out_.line("input %s: %s%s into %s", quoted(input.name()).c_str(),
                plan::EnumNameRole(input.role()), bound.c_str(),
                bufferText(input.buffer()).c_str());
    }
    for (uint32_t i = 0; i < sizeOf(entry.outputs()); ++i) {
      const plan::Output &output = *entry.outputs()->Get(i);
      out_.line("output %s from %s", quoted(output.name()).c_str(),
                bufferText(output.buffer()).c_str());
    }
    printBlock(entry.block());
  }

  /// "@gather after 12, 17".
  static std::string streamText(const plan::Instr &instr) {
    std::string text = "@";
    text += plan::EnumNameStream(instr.stream());
    for (uint32_t i = 0; i < sizeOf(instr.waits()); ++i)
      text += format("%s %u", i ? "," : " after", instr.waits()->Get(i));
    return text;
  }

  void printBlock(uint32_t block) {
    if (printed_[block]) {
      out_.line("(block %u is printed above)", block);
      return;
    }
    printed_[block] = true;
    const auto &instrs = *program_.blocks()->Get(block)->instrs();
    for (uint32_t i = 0; i < instrs.size(); ++i) {
      const plan::Instr &instr = *instrs[i];
      std::string line = format("#%u ", first_[block] + i) + opText(instr);
      if (instr.name())
        line += "  ; " + instr.name()->str();
      if (instr.predicted_us() != 0)
        line += format("  ; %.1f us", double(instr.predicted_us()));
      if (instr.stream() != plan::Stream::compute || sizeOf(instr.waits()))
        line += "  ; " + streamText(instr);
      out_.text(line);
      auto scope = out_.indent();
      if (const auto *loop = instr.op_as_Loop())
        printBlock(loop->body());
      if (const auto *call = instr.op_as_Call())
        printBlock(call->body());
    }
  }

  std::string bufferText(uint32_t buffer) const {
    return format("%%%u", buffer) +
           quoted(program_.buffers()->Get(buffer)->name());
  }

  std::string refText(const plan::Ref *ref) const {
    std::string result = bufferText(ref->buffer());
    return ref->offset() ? result + format("+%llu", ull(ref->offset()))
                         : result;
  }

  std::string rangeText(const plan::Ref *ref, uint64_t bytes) const {
    return bufferText(ref->buffer()) +
           format("[%llu, +%llu)", ull(ref->offset()), ull(bytes));
  }

  std::string opText(const plan::Instr &instr) const;
  std::string describe(const plan::Launch &launch) const;
  std::string describe(const plan::Gemm &gemm) const;
  std::string productText(const plan::Gemm &gemm) const;
  std::string describe(const plan::Convolution &convolution) const;
  std::string describe(const plan::Collective &collective) const;
  std::string describe(const plan::Copy &copy) const;
  std::string describe(const plan::Scalar &scalar) const;
  std::string describe(const plan::Sort &sort) const;

  TextOut &out_;
  const plan::Plan &plan_;
  uint32_t index_;
  const plan::Program &program_;
  std::vector<bool> printed_;
  std::vector<uint32_t> first_;
  uint32_t total_ = 0;
};

std::string ProgramPrinter::describe(const plan::Launch &launch) const {
  const plan::Kernel &kernel = *plan_.kernels()->Get(launch.kernel());
  std::string args;
  for (uint32_t i = 0; i < launch.args()->size(); ++i) {
    const plan::KernelArg &arg = *kernel.args()->Get(i);
    args += format("%s%s ", i ? ", " : "", plan::EnumNameAccess(arg.access())) +
            rangeText(launch.args()->Get(i), arg.bytes());
  }
  return "launch " + quoted(kernel.name()) + "(" + args + ")" +
         format(" over %llu items by %llu", ull(launch.items()),
                ull(launch.grain()));
}

/// "%2'c'[2x3] = gelu(%0'a'[2x4] * %1'b'[4x3] + %3'bias'), keeping %4'x'".
std::string ProgramPrinter::productText(const plan::Gemm &gemm) const {
  auto matrix = [&](const plan::Ref *ref, uint64_t rows, uint64_t columns,
                    uint64_t ld, bool transposed) {
    return refText(ref) + format("[%llux%llu", ull(rows), ull(columns)) +
           (ld == (transposed ? rows : columns)
                ? ""
                : format(", ld %llu", ull(ld))) +
           (transposed ? ", transposed]" : "]");
  };
  std::string sum =
      matrix(gemm.a(), gemm.m(), gemm.k(), gemm.lda(), gemm.transpose_a()) +
      " * " +
      matrix(gemm.b(), gemm.k(), gemm.n(), gemm.ldb(), gemm.transpose_b());
  if (gemm.bias())
    sum += " + " + refText(gemm.bias());
  std::string at;
  if (gemm.preactivation())
    at = matrix(gemm.preactivation(), gemm.m(), gemm.n(),
                gemm.ld_preactivation(), false);
  if (gemm.epilogue() == plan::Epilogue::gelu)
    sum = "gelu(" + sum + ")" + (at.empty() ? "" : ", its argument in " + at);
  else if (gemm.epilogue() == plan::Epilogue::gelu_grad)
    sum = "(" + sum + ") * slope of gelu at " + at;
  return matrix(gemm.c(), gemm.m(), gemm.n(), gemm.ldc(), false) +
         (gemm.beta() != 0 ? " += " : " = ") + sum;
}

std::string ProgramPrinter::describe(const plan::Gemm &gemm) const {
  std::string result = format("gemm %s%s ", plan::EnumNameDType(gemm.dtype()),
                              gemm.f32_result() ? " to f32" : "") +
                       productText(gemm);
  for (uint32_t i = 0; i < sizeOf(gemm.batch()); ++i) {
    const plan::BatchDim &dim = *gemm.batch()->Get(i);
    result +=
        format(" batch %llu (strides %llu, %llu, %llu)", ull(dim.size()),
               ull(dim.a_stride()), ull(dim.b_stride()), ull(dim.c_stride()));
  }
  const bool gpu = gemm.library() == plan::GemmLibrary::cublaslt;
  if (sizeOf(gemm.batch()) && !gpu)
    result += gemm.threading() == plan::GemmThreading::batch
                  ? ", one thread a product"
                  : ", all threads a product";
  if (gemm.tf32())
    result += " in tf32";
  if (gemm.library() != plan::GemmLibrary::onednn_gemm)
    result += format(", by %s", plan::EnumNameGemmLibrary(gemm.library()));
  if (sizeOf(gemm.algorithm()))
    result += ", algorithm chosen";
  if (gemm.workspace_bytes())
    result +=
        ", scratch " + rangeText(gemm.workspace(), gemm.workspace_bytes());
  return result;
}

/// "input %1'x'[2x3x8x8] (steps 192, 64, 8, 1)": batch or features first.
std::string ProgramPrinter::describe(const plan::Convolution &op) const {
  std::string input =
      format("[%llux%llu", ull(op.batch()), ull(op.groups() * op.inputs()));
  std::string kernel =
      format("[%llux%llu", ull(op.groups() * op.outputs()), ull(op.inputs()));
  std::string output =
      format("[%llux%llu", ull(op.batch()), ull(op.groups() * op.outputs()));
  std::string inputSteps =
      format("] (steps %llu, %llu", ull(op.input_batch_step()),
             ull(op.input_feature_step()));
  std::string kernelSteps =
      format("] (steps %llu, %llu", ull(op.kernel_output_step()),
             ull(op.kernel_input_step()));
  std::string outputSteps =
      format("] (steps %llu, %llu", ull(op.output_batch_step()),
             ull(op.output_feature_step()));
  std::string window;
  for (uint32_t i = 0; i < op.dims()->size(); ++i) {
    const plan::ConvolutionDim &dim = *op.dims()->Get(i);
    input += format("x%llu", ull(dim.input()));
    kernel += format("x%llu", ull(dim.kernel()));
    output += format("x%llu", ull(dim.output()));
    inputSteps += format(", %llu", ull(dim.input_step()));
    kernelSteps += format(", %llu", ull(dim.kernel_step()));
    outputSteps += format(", %llu", ull(dim.output_step()));
    window += format("%sstride %llu dilation %llu pad %llu", i ? ", " : "",
                     ull(dim.stride()), ull(dim.dilation()), ull(dim.pad()));
  }
  std::string result =
      format("convolution %s to %s: input ", plan::EnumNameDType(op.dtype()),
             plan::EnumNameConvolutionKind(op.kind())) +
      refText(op.input()) + input + inputSteps + "), kernel " +
      refText(op.kernel()) + kernel + kernelSteps + "), output " +
      refText(op.output()) + output + outputSteps + "), " +
      format("groups %llu, ", ull(op.groups())) + window;
  if (op.scratch())
    result += ", scratch " + rangeText(op.scratch(), op.scratch_bytes());
  return result;
}

std::string ProgramPrinter::describe(const plan::Collective &op) const {
  std::string result = plan::EnumNameCollectiveKind(op.kind());
  if (op.kind() == plan::CollectiveKind::all_reduce ||
      op.kind() == plan::CollectiveKind::reduce_scatter)
    result += format(" %s", plan::EnumNameReduceOp(op.reduce()));
  result += format(" of %llu %s over group %u: ", ull(op.count()),
                   plan::EnumNameDType(op.dtype()), op.group());
  result += refText(op.dst()) + " <- " + refText(op.src());
  if (op.kind() == plan::CollectiveKind::broadcast)
    result += format(" from member %u", op.root());
  return result;
}

std::string ProgramPrinter::describe(const plan::Copy &copy) const {
  auto side = [&](const plan::Ref *ref, uint64_t stride) {
    if (!copy.indexed() || stride == 0)
      return refText(ref);
    return refText(ref) +
           format("+%llu*%%%u", ull(stride), copy.index()->buffer());
  };
  std::string result = format("copy %llu bytes: ", ull(copy.bytes())) +
                       side(copy.dst(), copy.dst_stride()) + " <- " +
                       side(copy.src(), copy.src_stride());
  for (uint32_t i = 0; i < sizeOf(copy.dims()); ++i) {
    const plan::CopyDim &dim = *copy.dims()->Get(i);
    result += format(" x %llu (strides %llu, %llu)", ull(dim.size()),
                     ull(dim.dst_stride()), ull(dim.src_stride()));
  }
  return result;
}

std::string ProgramPrinter::describe(const plan::Scalar &scalar) const {
  const uint32_t operands = operandsOf(scalar.op());
  std::string result = "scalar " + refText(scalar.dst()) + " = ";
  if (operands == 0)
    return result + format("%.17g : %s", scalar.immediate(),
                           plan::EnumNameDType(scalar.dtype()));
  result += plan::EnumNameScalarOpcode(scalar.op());
  result += "(" + refText(scalar.a());
  result += format(": %s", plan::EnumNameDType(scalar.a_dtype()));
  if (operands > 1)
    result += ", " + refText(scalar.b()) +
              format(": %s", plan::EnumNameDType(scalar.b_dtype()));
  return result + format(") : %s", plan::EnumNameDType(scalar.dtype()));
}

std::string ProgramPrinter::describe(const plan::Sort &sort) const {
  const uint64_t size = rt::sizeOf(sort.dtype());
  std::string result =
      "sort " + rangeText(sort.dst(), sort.rows() * sort.kept() * 4) + " = " +
      rangeText(sort.src(), sort.rows() * sort.length() * size);
  result += format(": %llu of %llu %s in %llu rows", ull(sort.kept()),
                   ull(sort.length()), plan::EnumNameDType(sort.dtype()),
                   ull(sort.rows()));
  if (sort.descending())
    result += ", descending";
  if (sort.unsigned_keys())
    result += ", unsigned";
  if (sort.total())
    result += ", total";
  return result;
}

std::string ProgramPrinter::opText(const plan::Instr &instr) const {
  switch (instr.op_type()) {
  case plan::Op::Launch:
    return describe(*instr.op_as_Launch());
  case plan::Op::Gemm:
    return describe(*instr.op_as_Gemm());
  case plan::Op::Convolution:
    return describe(*instr.op_as_Convolution());
  case plan::Op::Collective:
    return describe(*instr.op_as_Collective());
  case plan::Op::Copy:
    return describe(*instr.op_as_Copy());
  case plan::Op::Scalar:
    return describe(*instr.op_as_Scalar());
  case plan::Op::Sort:
    return describe(*instr.op_as_Sort());
  case plan::Op::Send: {
    const auto &send = *instr.op_as_Send();
    return "send " + rangeText(send.src(), send.bytes()) +
           format(" to rank %u", send.peer());
  }
  case plan::Op::Recv: {
    const auto &recv = *instr.op_as_Recv();
    return "recv " + rangeText(recv.dst(), recv.bytes()) +
           format(" from rank %u", recv.peer());
  }
  case plan::Op::Fill: {
    const auto &fill = *instr.op_as_Fill();
    return "fill " + rangeText(fill.dst(), fill.bytes()) +
           format(" with 0x%08x", fill.pattern());
  }
  case plan::Op::Loop: {
    const auto &loop = *instr.op_as_Loop();
    return format("loop %llu times over block %u, index ", ull(loop.count()),
                  loop.body()) +
           refText(loop.index()) + (loop.reversed() ? ", last one first" : "");
  }
  case plan::Op::Call:
    return format("call block %u", instr.op_as_Call()->body());
  case plan::Op::NONE:
    break;
  }
  return "none";
}

} // namespace

std::string printPlan(const LoadedPlan &loaded) {
  TextOut out;
  printHeader(out, loaded);
  for (uint32_t p = 0; p < loaded.plan().programs()->size(); ++p)
    ProgramPrinter(out, loaded.plan(), p).print();
  return out.take();
}

} // namespace ds::rt
