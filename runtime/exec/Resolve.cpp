//===- Resolve.cpp - From a plan's program to addresses -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "exec/Resolve.h"

namespace ds::rt {
namespace {

class Resolver {
public:
  Resolver(const plan::Plan &plan, const RankMemory &memory,
           const std::byte *code)
      : plan_(plan), memory_(memory), code_(code) {}

  StatusOr<ResolvedProgram> run();

private:
  void reserve();
  Status add(const plan::Instr &instr);
  Status addLaunch(const plan::Launch &op);
  Status addGemm(const plan::Gemm &op);
  Status addConvolution(const plan::Convolution &op);
  Status addCollective(const plan::Collective &op, const std::string &name);
  Status addScalar(const plan::Scalar &op);
  void addSend(const plan::Send &op);
  void addRecv(const plan::Recv &op);
  void addFill(const plan::Fill &op);
  void addSort(const plan::Sort &op);
  void addCopy(const plan::Copy &op);
  void addProducts(const plan::Gemm &op);

  const plan::Plan &plan_;
  const RankMemory &memory_;
  const std::byte *code_;
  ResolvedProgram out_;
};

/// The pointers handed out below stay valid: the pools never grow again.
void Resolver::reserve() {
  uint64_t args = 0, products = 0;
  for (const auto *block : *memory_.program->blocks())
    for (const auto *instr : *block->instrs()) {
      if (const auto *launch = instr->op_as_Launch())
        args += launch->args()->size();
      const auto *gemm = instr->op_as_Gemm();
      uint64_t count = gemm ? 1 : 0;
      if (gemm && gemm->batch())
        for (const auto *dim : *gemm->batch())
          count *= dim->size();
      products += count;
    }
  out_.args.reserve(args);
  out_.products.reserve(products);
}

Status Resolver::addLaunch(const plan::Launch &op) {
  const auto *kernel = plan_.kernels()->Get(op.kernel());
  const std::byte *entry = code_ + kernel->code_offset();
  void **args = out_.args.data() + out_.args.size();
  for (const auto *arg : *op.args())
    out_.args.push_back(memory_.at(arg));
  out_.launches.push_back(
      {reinterpret_cast<plan::KernelFn>(const_cast<std::byte *>(entry)), args,
       op.items(), op.grain()});
  return {};
}

/// One product per index of the batch, the last dimension fastest.
void Resolver::addProducts(const plan::Gemm &op) {
  uint64_t size = bytesOf(op.dtype());
  uint64_t resultSize = op.f32_result() ? sizeof(float) : size;
  size_t first = out_.products.size();
  out_.products.push_back(
      {memory_.at(op.a()), memory_.at(op.b()), memory_.at(op.c())});
  if (!op.batch())
    return;
  for (const auto *dim : *op.batch()) {
    std::vector<GemmProduct> outer(out_.products.begin() + first,
                                   out_.products.end());
    out_.products.resize(first);
    for (const GemmProduct &p : outer)
      for (uint64_t i = 0; i < dim->size(); ++i)
        out_.products.push_back({p.a + i * dim->a_stride() * size,
                                 p.b + i * dim->b_stride() * size,
                                 p.c + i * dim->c_stride() * resultSize});
  }
}

Status Resolver::addGemm(const plan::Gemm &op) {
  if (op.dtype() == plan::DType::f16)
    return inputError("expects products of f32, f64 or bf16 on the CPU, but "
                      "got f16: operands are widened to f32 when a plan is "
                      "compiled");
  size_t first = out_.products.size();
  addProducts(op);
  GemmShape shape{int64_t(op.m()),
                  int64_t(op.n()),
                  int64_t(op.k()),
                  int64_t(op.lda()),
                  int64_t(op.ldb()),
                  int64_t(op.ldc()),
                  op.transpose_a(),
                  op.transpose_b(),
                  op.beta(),
                  op.dtype(),
                  op.f32_result() ? plan::DType::f32 : op.dtype()};
  bool batch = op.threading() == plan::GemmThreading::batch;
  GemmKernel *kernel = nullptr;
  if (op.dtype() != plan::DType::f64) {
    auto made = out_.kernels.get(
        op.library(), batch ? GemmTeam::caller : GemmTeam::whole, shape);
    DS_RT_RETURN_IF_ERROR(made.status());
    kernel = *made;
  }
  out_.gemms.push_back({kernel, shape, batch, out_.products.data() + first,
                        out_.products.size() - first});
  return {};
}

static ConvolutionShape shapeOf(const plan::Convolution &op) {
  ConvolutionShape shape{op.kind(),
                         int64_t(op.batch()),
                         int64_t(op.groups()),
                         int64_t(op.inputs()),
                         int64_t(op.outputs()),
                         int64_t(op.input_batch_step()),
                         int64_t(op.input_feature_step()),
                         int64_t(op.kernel_input_step()),
                         int64_t(op.kernel_output_step()),
                         int64_t(op.output_batch_step()),
                         int64_t(op.output_feature_step()),
                         int(op.dims()->size()),
                         {}};
  for (int d = 0; d < shape.rank; ++d) {
    const plan::ConvolutionDim &dim = *op.dims()->Get(uint32_t(d));
    shape.dims[size_t(d)] = {
        int64_t(dim.input()),      int64_t(dim.kernel()),
        int64_t(dim.output()),     int64_t(dim.stride()),
        int64_t(dim.dilation()),   int64_t(dim.pad()),
        int64_t(dim.input_step()), int64_t(dim.kernel_step()),
        int64_t(dim.output_step())};
  }
  return shape;
}

Status Resolver::addConvolution(const plan::Convolution &op) {
  if (op.dtype() != plan::DType::f32 && op.dtype() != plan::DType::f64)
    return inputError("expects convolutions of f32 or f64 on the CPU, but got "
                      "%s: operands are widened to f32 when a plan is compiled",
                      plan::EnumNameDType(op.dtype()));
  const ConvolutionShape shape = shapeOf(op);
  const ConvolutionPlaces places{
      memory_.at(op.input()), memory_.at(op.kernel()), memory_.at(op.output()),
      memory_.at(op.scratch()), op.scratch_bytes()};
  std::unique_ptr<ConvolutionKernel> kernel;
  if (op.dtype() == plan::DType::f32)
    kernel = makeDnnlConvolution(shape, places);
  if (!kernel)
    kernel = makePlainConvolution(op.dtype(), shape, places);
  out_.convolutions.push_back({std::move(kernel), shape, places});
  return {};
}

Status Resolver::addCollective(const plan::Collective &op,
                               const std::string &name) {
  bool reduces = op.kind() == plan::CollectiveKind::all_reduce ||
                 op.kind() == plan::CollectiveKind::reduce_scatter;
  if (reduces && !canReduce(op.dtype()))
    return inputError("%s of %s ('%s') is not built yet on the CPU",
                      plan::EnumNameCollectiveKind(op.kind()),
                      plan::EnumNameDType(op.dtype()), name.c_str());
  out_.collectives.push_back({op.kind(), op.reduce(), op.dtype(), op.count(),
                              memory_.at(op.src()), memory_.at(op.dst()),
                              op.group(), op.root()});
  return {};
}

void Resolver::addCopy(const plan::Copy &op) {
  out_.copies.push_back({memory_.at(op.src()),
                         memory_.at(op.dst()),
                         op.bytes(),
                         op.indexed() ? memory_.at(op.index()) : nullptr,
                         op.src_stride(),
                         op.dst_stride(),
                         {}});
  if (op.dims())
    for (const auto *dim : *op.dims())
      out_.copies.back().dims.push_back(*dim);
}

Status Resolver::addScalar(const plan::Scalar &op) {
  out_.scalars.push_back({op.op(), op.dtype(), op.a_dtype(), op.b_dtype(),
                          memory_.at(op.dst()), memory_.at(op.a()),
                          memory_.at(op.b()), op.immediate()});
  return {};
}

void Resolver::addSend(const plan::Send &op) {
  out_.sends.push_back({int(op.peer()), memory_.at(op.src()), op.bytes()});
}

void Resolver::addRecv(const plan::Recv &op) {
  out_.receives.push_back({int(op.peer()), memory_.at(op.dst()), op.bytes()});
}

void Resolver::addFill(const plan::Fill &op) {
  out_.fills.push_back({memory_.at(op.dst()), op.bytes(), op.pattern()});
}

void Resolver::addSort(const plan::Sort &op) {
  out_.sorts.push_back({op.dtype(), op.rows(), op.length(), op.kept(),
                        memory_.at(op.src()),
                        reinterpret_cast<int32_t *>(memory_.at(op.dst())),
                        op.descending(), op.unsigned_keys(), op.total()});
}

Status Resolver::add(const plan::Instr &instr) {
  auto number = uint32_t(out_.instructions.size());
  auto push = [&](size_t index) {
    out_.instructions.push_back({instr.op_type(), number, uint32_t(index)});
  };
  switch (instr.op_type()) {
  case plan::Op::Launch:
    push(out_.launches.size());
    return addLaunch(*instr.op_as_Launch());
  case plan::Op::Gemm:
    push(out_.gemms.size());
    return addGemm(*instr.op_as_Gemm());
  case plan::Op::Convolution:
    push(out_.convolutions.size());
    return addConvolution(*instr.op_as_Convolution());
  case plan::Op::Collective:
    push(out_.collectives.size());
    return addCollective(*instr.op_as_Collective(),
                         instr.name() ? instr.name()->str() : "");
  case plan::Op::Send:
    push(out_.sends.size());
    addSend(*instr.op_as_Send());
    return {};
  case plan::Op::Recv:
    push(out_.receives.size());
    addRecv(*instr.op_as_Recv());
    return {};
  case plan::Op::Copy:
    push(out_.copies.size());
    addCopy(*instr.op_as_Copy());
    return {};
  case plan::Op::Fill:
    push(out_.fills.size());
    addFill(*instr.op_as_Fill());
    return {};
  case plan::Op::Scalar:
    push(out_.scalars.size());
    return addScalar(*instr.op_as_Scalar());
  case plan::Op::Sort:
    push(out_.sorts.size());
    addSort(*instr.op_as_Sort());
    return {};
  case plan::Op::Loop:
    push(out_.loops.size());
    out_.loops.push_back({int64_t(instr.op_as_Loop()->count()),
                          instr.op_as_Loop()->body(),
                          memory_.at(instr.op_as_Loop()->index()),
                          instr.op_as_Loop()->reversed()});
    return {};
  case plan::Op::Call:
    push(instr.op_as_Call()->body());
    return {};
  default:
    return inputError("instruction %u has a kind this runtime does not know",
                      number);
  }
}

StatusOr<ResolvedProgram> Resolver::run() {
  reserve();
  for (const auto *block : *memory_.program->blocks()) {
    auto begin = uint32_t(out_.instructions.size());
    for (const auto *instr : *block->instrs())
      DS_RT_RETURN_IF_ERROR(add(*instr));
    out_.blocks.push_back({begin, uint32_t(out_.instructions.size())});
  }
  return std::move(out_);
}

} // namespace

StatusOr<ResolvedProgram> resolveProgram(const plan::Plan &plan,
                                         const RankMemory &memory,
                                         const std::byte *code) {
  return Resolver(plan, memory, code).run();
}

} // namespace ds::rt
