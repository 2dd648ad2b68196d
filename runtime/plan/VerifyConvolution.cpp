//===- VerifyConvolution.cpp - The operands of convolutions ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#include "plan/Operands.h"

#include "ds-rt/PlanFile.h"

namespace ds::rt::verify {

namespace {

using plan::Access;
using plan::ConvolutionKind;

/// Sizes, strides and edges are below it, so that positions fit 64 bits.
constexpr uint64_t kLimit = uint64_t(1) << 30;

Status inLimits(std::initializer_list<std::pair<const char *, uint64_t>> list) {
  DS_RT_RETURN_IF_ERROR(atLeastOne(list));
  for (auto [what, value] : list)
    if (value >= kLimit)
      return inputError("expects '%s' to be below 2^30, but got %llu", what,
                        ull(value));
  return {};
}

Status checkSizes(const plan::Convolution &op) {
  DS_RT_RETURN_IF_ERROR(checkEnum("kind", op.kind()));
  DS_RT_RETURN_IF_ERROR(checkEnum("dtype", op.dtype()));
  if (!isFloat(op.dtype()))
    return inputError("expects 'dtype' to be floating, but got %s",
                      plan::EnumNameDType(op.dtype()));
  DS_RT_RETURN_IF_ERROR(inLimits({{"batch", op.batch()},
                                  {"groups", op.groups()},
                                  {"inputs", op.inputs()},
                                  {"outputs", op.outputs()}}));
  DS_RT_RETURN_IF_ERROR(
      inLimits({{"groups * inputs", op.groups() * op.inputs()},
                {"groups * outputs", op.groups() * op.outputs()}}));
  if (op.dims()->size() < 1 || op.dims()->size() > 3)
    return inputError("expects one to three 'dims', but got %u",
                      op.dims()->size());
  DS_RT_RETURN_IF_ERROR(checkAligned("dims", op.dims()));
  for (uint32_t i = 0; i < op.dims()->size(); ++i) {
    const plan::ConvolutionDim &dim = *op.dims()->Get(i);
    DS_RT_RETURN_IF_ERROR(inLimits({{"dims.input", dim.input()},
                                    {"dims.kernel", dim.kernel()},
                                    {"dims.output", dim.output()},
                                    {"dims.stride", dim.stride()},
                                    {"dims.dilation", dim.dilation()}}));
    if (dim.pad() >= kLimit)
      return inputError("expects 'dims.pad' to be below 2^30, but got %llu",
                        ull(dim.pad()));
  }
  return {};
}

/// A tensor's dimensions, (step, size) each.
using Dims = std::vector<std::pair<uint64_t, uint64_t>>;

/// Checks one of the three; the one that is computed has elements apart.
Status checkTensor(const Operands &operands, const plan::Convolution &op,
                   const char *what, const plan::Ref *ref, Dims dims,
                   bool isResult) {
  uint64_t elements = 1;
  for (auto [step, size] : dims)
    elements = satAdd(elements, satMul(size - 1, step));
  DS_RT_RETURN_IF_ERROR(
      operands.inMemory(what, ref, satMul(elements, rt::sizeOf(op.dtype())),
                        op.dtype(), isResult ? Access::write : Access::read));
  if (!isResult)
    return {};
  return checkApart(format("elements of '%s' to be apart", what).c_str(),
                    "elements", dims);
}

Status checkScratch(const Operands &operands, const plan::Convolution &op) {
  if (op.scratch_bytes() == 0 && !op.scratch())
    return {};
  DS_RT_RETURN_IF_ERROR(operands.inMemory("scratch", op.scratch(),
                                          op.scratch_bytes(), DType::u8,
                                          Access::read_write));
  if (op.scratch()->offset() % plan::kAlignment)
    return inputError("expects 'scratch' at a multiple of %llu bytes, but got "
                      "offset %llu",
                      ull(plan::kAlignment), ull(op.scratch()->offset()));
  return {};
}

} // namespace

Status checkConvolution(const Operands &operands, const plan::Convolution &op) {
  DS_RT_RETURN_IF_ERROR(checkSizes(op));
  Dims input = {{op.input_batch_step(), op.batch()},
                {op.input_feature_step(), op.groups() * op.inputs()}};
  Dims kernel = {{op.kernel_input_step(), op.inputs()},
                 {op.kernel_output_step(), op.groups() * op.outputs()}};
  Dims output = {{op.output_batch_step(), op.batch()},
                 {op.output_feature_step(), op.groups() * op.outputs()}};
  for (uint32_t i = 0; i < op.dims()->size(); ++i) {
    const plan::ConvolutionDim &dim = *op.dims()->Get(i);
    input.push_back({dim.input_step(), dim.input()});
    kernel.push_back({dim.kernel_step(), dim.kernel()});
    output.push_back({dim.output_step(), dim.output()});
  }
  DS_RT_RETURN_IF_ERROR(checkTensor(operands, op, "input", op.input(), input,
                                    op.kind() == ConvolutionKind::input));
  DS_RT_RETURN_IF_ERROR(checkTensor(operands, op, "kernel", op.kernel(), kernel,
                                    op.kind() == ConvolutionKind::kernel));
  DS_RT_RETURN_IF_ERROR(checkTensor(operands, op, "output", op.output(), output,
                                    op.kind() == ConvolutionKind::output));
  return checkScratch(operands, op);
}

} // namespace ds::rt::verify
