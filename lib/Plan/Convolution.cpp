//===- Convolution.cpp - A convolution as an instruction ----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Layouts are steps, so no tensor is turned for the instruction.  What the
// library may copy into an order of its own is stated here, by a rule: a plan
// is made without the library.
//===--------------------------------------------------------------------===//

#include "Convolution.h"

#include "Emitter.h"

#include "ds-rt/PlanFile.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace ds {
namespace {

uint64_t unsignedOf(int64_t value) { return static_cast<uint64_t>(value); }

std::unique_ptr<plan::Ref> at(const Place &place, int64_t elements,
                              Type element) {
  return std::make_unique<plan::Ref>(place.offset +
                                         elements * elementBytes(element),
                                     static_cast<uint32_t>(place.buffer));
}

/// The part of a dimension that meets something, from `skipped` on.
struct Part {
  ConvolutionDim dim;
  int64_t skipped = 0;
};

Part meetingPart(ConvolutionDim dim) {
  Part part{dim};
  if (dim.pad < 0) {
    part.skipped = -dim.pad;
    part.dim.input += dim.pad;
    part.dim.pad = 0;
  }
  // The library reads on to less than a stride before the end.
  if (int64_t unread = part.dim.unread(); unread >= dim.stride)
    part.dim.input -= unread;
  return part;
}

/// Elements of an image, and whether its features are last, without gaps.
struct Image {
  uint64_t elements = 1;
  bool featuresLast = true;

  /// From the innermost dimension on.
  void add(uint64_t size, uint64_t step) {
    featuresLast &= size == 1 || step == elements;
    elements *= size;
  }
  uint64_t copyBytes() const {
    return featuresLast ? 0 : llvm::alignTo(elements * 4, plan::kAlignment);
  }
};

/// Elements of a kernel in the library's order.
uint64_t packedElements(const plan::ConvolutionT &op) {
  uint64_t positions = 1;
  for (const plan::ConvolutionDim &dim : op.dims)
    positions *= dim.kernel();
  // The library has code of its own for small depthwise kernels; wide ones it
  // takes like any other group.
  constexpr uint64_t kSmall = 25;
  if (op.groups > 1 && op.inputs == 1 && op.outputs == 1 && positions <= kSmall)
    return llvm::alignTo(op.groups, 16) * positions;
  return op.groups * llvm::alignTo(op.inputs, 16) *
         llvm::alignTo(op.outputs, 16) * positions;
}

} // namespace

std::optional<plan::ConvolutionT>
lowerConvolution(const ConvolutionShape &shape, plan::ConvolutionKind kind,
                 const Place &input, const Place &kernel, const Place &output,
                 Type element) {
  plan::ConvolutionT op;
  op.kind = kind;
  op.dtype = dtypeOf(element);
  op.batch = unsignedOf(shape.batch);
  op.groups = unsignedOf(shape.groups);
  op.inputs = unsignedOf(shape.inputs);
  op.outputs = unsignedOf(shape.outputs);
  op.input_batch_step = unsignedOf(input.strides[shape.inputBatch]);
  op.input_feature_step = unsignedOf(input.strides[shape.inputFeature]);
  op.kernel_input_step = unsignedOf(kernel.strides[shape.kernelInput]);
  op.kernel_output_step = unsignedOf(kernel.strides[shape.kernelOutput]);
  op.output_batch_step = unsignedOf(output.strides[shape.outputBatch]);
  op.output_feature_step = unsignedOf(output.strides[shape.outputFeature]);
  int64_t skipped = 0;
  for (const ConvolutionDim &whole : shape.dims) {
    const Part part = meetingPart(whole);
    if (part.dim.input <= 0)
      return std::nullopt;
    const int64_t step = input.strides[whole.inputAt];
    skipped += part.skipped * step;
    op.dims.emplace_back(
        unsignedOf(part.dim.input), unsignedOf(part.dim.kernel),
        unsignedOf(part.dim.output), unsignedOf(part.dim.stride),
        unsignedOf(part.dim.dilation), unsignedOf(part.dim.pad),
        unsignedOf(step), unsignedOf(kernel.strides[whole.kernelAt]),
        unsignedOf(output.strides[whole.outputAt]));
  }
  op.input = at(input, skipped, element);
  op.kernel = at(kernel, 0, element);
  op.output = at(output, 0, element);
  return op;
}

bool leavesOut(const ConvolutionShape &shape) {
  return llvm::any_of(shape.dims, [](const ConvolutionDim &dim) {
    return meetingPart(dim).dim.input != dim.input;
  });
}

uint64_t scratchBytes(const plan::ConvolutionT &op, int threads) {
  if (op.dtype != plan::DType::f32)
    return 0;
  Image input, output;
  input.add(op.groups * op.inputs, op.input_feature_step);
  output.add(op.groups * op.outputs, op.output_feature_step);
  for (const plan::ConvolutionDim &dim : llvm::reverse(op.dims)) {
    input.add(dim.input(), dim.input_step());
    output.add(dim.output(), dim.output_step());
  }
  input.add(op.batch, op.input_batch_step);
  output.add(op.batch, op.output_batch_step);
  const uint64_t kernel =
      llvm::alignTo(packedElements(op) * 4, plan::kAlignment);
  uint64_t sums = 0;
  if (op.kind == plan::ConvolutionKind::kernel)
    sums = std::max(kernel, std::min<uint64_t>(kernel * threads, 4 << 20));
  return input.copyBytes() + output.copyBytes() + kernel + sums + (64 << 10) +
         (uint64_t{16} << 10) * threads;
}

LogicalResult Emitter::emitConvolution(ConvolutionOp op) {
  return emitConvolution(op, op.getConvolution(), plan::ConvolutionKind::output,
                         {op.getInput(), op.getKernel(), op.getResult()});
}
LogicalResult Emitter::emitConvolution(ConvolutionGradInputOp op) {
  return emitConvolution(op, op.getConvolution(), plan::ConvolutionKind::input,
                         {op.getResult(), op.getKernel(), op.getGrad()});
}
LogicalResult Emitter::emitConvolution(ConvolutionGradWeightOp op) {
  return emitConvolution(op, op.getConvolution(), plan::ConvolutionKind::kernel,
                         {op.getInput(), op.getResult(), op.getGrad()});
}

/// `tensors`: input, kernel and output, one of which is the result.
LogicalResult Emitter::emitConvolution(Operation *op,
                                       const ConvolutionShape &shape,
                                       plan::ConvolutionKind kind,
                                       std::array<Value, 3> tensors) {
  if (failed(refuseOnGpu(op)))
    return failure();
  Value made = op->getResult(0);
  const Place result = storage.create(made, op);
  RankedTensorType type = tensorType(made);
  std::optional<plan::ConvolutionT> convolution = lowerConvolution(
      shape, kind, storage.get(tensors[0]), storage.get(tensors[1]),
      storage.get(tensors[2]), type.getElementType());
  if (!convolution ||
      (kind == plan::ConvolutionKind::input && leavesOut(shape)))
    fill(op, type, 0, result);
  if (!convolution)
    return success();
  convolution->scratch_bytes = scratchBytes(*convolution, threads);
  if (convolution->scratch_bytes > 0) {
    auto bytes = RankedTensorType::get(
        {static_cast<int64_t>(convolution->scratch_bytes)},
        IntegerType::get(op->getContext(), 8));
    const int scratch = storage.addBuffer(nameOf(op) + ".scratch", bytes,
                                          plan::BufferClass::workspace);
    convolution->scratch = refTo({scratch, 0, {1}});
  }
  append(nameOf(op), std::move(*convolution));
  return success();
}

} // namespace ds
