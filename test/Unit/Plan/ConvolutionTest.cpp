//===- ConvolutionTest.cpp - Is the scratch that a plan states enough? --===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The compiler states the scratch by a rule, without the library.  For the
// windows that models have, in both layouts, for each of the three tensors and
// several numbers of threads, oneDNN must find a way within it.
//===--------------------------------------------------------------------===//

#include "Convolution.h"
#include "Check.h"
#include "backends/cpu/Convolution.h"
#include "backends/cpu/Threads.h"

using namespace ds;

namespace {

struct Window {
  const char *name;
  uint64_t batch, groups, inputs, outputs, size, kernel, stride, pad;
};

constexpr Window kWindows[] = {
    {"stem 7x7", 8, 1, 3, 64, 224, 7, 2, 3},
    {"3x3", 8, 1, 64, 64, 56, 3, 1, 1},
    {"3x3 odd", 4, 1, 20, 24, 9, 3, 1, 1},
    {"3x3 down", 8, 1, 128, 256, 28, 3, 2, 1},
    {"1x1 down", 8, 1, 256, 512, 28, 1, 2, 0},
    {"4x4 down", 2, 1, 16, 32, 16, 4, 2, 1},
    {"depthwise", 8, 96, 1, 1, 28, 3, 1, 1},
    {"depthwise 7x7", 4, 96, 1, 1, 28, 7, 1, 3},
    {"groups", 4, 32, 16, 16, 14, 3, 1, 1},
    {"wide", 1, 1, 512, 512, 7, 3, 1, 1},
    {"last", 4, 1, 64, 3, 32, 3, 1, 1},
};

plan::ConvolutionT instruction(const Window &w, plan::ConvolutionKind kind,
                               bool featuresLast) {
  plan::ConvolutionT op;
  op.kind = kind;
  op.batch = w.batch;
  op.groups = w.groups;
  op.inputs = w.inputs;
  op.outputs = w.outputs;
  const uint64_t in = w.groups * w.inputs, out = w.groups * w.outputs;
  const uint64_t made = (w.size + 2 * w.pad - w.kernel) / w.stride + 1;
  op.input_batch_step = in * w.size * w.size;
  op.output_batch_step = out * made * made;
  op.input_feature_step = featuresLast ? 1 : w.size * w.size;
  op.output_feature_step = featuresLast ? 1 : made * made;
  op.kernel_output_step = featuresLast ? 1 : w.inputs * w.kernel * w.kernel;
  op.kernel_input_step = featuresLast ? out : w.kernel * w.kernel;
  for (uint64_t inner : {uint64_t{0}, uint64_t{1}})
    op.dims.emplace_back(w.size, w.kernel, made, w.stride, 1, w.pad,
                         (featuresLast ? in : 1) * (inner ? 1 : w.size),
                         (featuresLast ? w.inputs * out : 1) *
                             (inner ? 1 : w.kernel),
                         (featuresLast ? out : 1) * (inner ? 1 : made));
  return op;
}

rt::ConvolutionShape shapeOf(const plan::ConvolutionT &op) {
  rt::ConvolutionShape shape{};
  auto set = [](int64_t &to, uint64_t from) { to = int64_t(from); };
  shape.kind = op.kind;
  shape.rank = int(op.dims.size());
  set(shape.batch, op.batch);
  set(shape.groups, op.groups);
  set(shape.inputs, op.inputs);
  set(shape.outputs, op.outputs);
  set(shape.inputBatch, op.input_batch_step);
  set(shape.inputFeature, op.input_feature_step);
  set(shape.kernelInput, op.kernel_input_step);
  set(shape.kernelOutput, op.kernel_output_step);
  set(shape.outputBatch, op.output_batch_step);
  set(shape.outputFeature, op.output_feature_step);
  for (size_t d = 0; d < op.dims.size(); ++d) {
    const plan::ConvolutionDim &from = op.dims[d];
    shape.dims[d] = {int64_t(from.input()),      int64_t(from.kernel()),
                     int64_t(from.output()),     int64_t(from.stride()),
                     int64_t(from.dilation()),   int64_t(from.pad()),
                     int64_t(from.input_step()), int64_t(from.kernel_step()),
                     int64_t(from.output_step())};
  }
  return shape;
}

/// Nothing is there: what is made at load touches no memory.
std::byte *nowhere(uint64_t at) {
  return reinterpret_cast<std::byte *>(uintptr_t{1} << 40) + at;
}

void libraryFinds(const Window &window, plan::ConvolutionKind kind,
                  bool featuresLast, int threads) {
  const plan::ConvolutionT op = instruction(window, kind, featuresLast);
  constexpr uint64_t kApart = uint64_t{1} << 36;
  const rt::ConvolutionPlaces places{nowhere(0), nowhere(kApart),
                                     nowhere(2 * kApart), nowhere(3 * kApart),
                                     scratchBytes(op, threads)};
  test::check(rt::makeDnnlConvolution(shapeOf(op), places) != nullptr,
              "a way within the scratch", __FILE__, __LINE__,
              std::string(window.name) + " to " +
                  plan::EnumNameConvolutionKind(kind) +
                  (featuresLast ? ", features last, " : ", features first, ") +
                  std::to_string(threads) + " threads");
}

/// Images that lie as the library wants them are not counted, others are.
void copiesAreCounted() {
  const Window &w = kWindows[1];
  const uint64_t image = w.batch * w.inputs * w.size * w.size * 4;
  using Kind = plan::ConvolutionKind;
  CHECK(scratchBytes(instruction(w, Kind::output, false), 2) -
            scratchBytes(instruction(w, Kind::output, true), 2) ==
        2 * image);
  plan::ConvolutionT gaps = instruction(w, Kind::output, true);
  gaps.output_batch_step += 16;
  CHECK(scratchBytes(gaps, 2) ==
        scratchBytes(instruction(w, Kind::output, true), 2) + image);
  plan::ConvolutionT wide = instruction(w, Kind::output, false);
  wide.dtype = plan::DType::f64;
  CHECK(scratchBytes(wide, 2) == 0);
}

} // namespace

/// Nobody asks for the gradient to the pictures themselves.
int main() {
  for (int threads : {1, 2, 16}) {
    rt::setThreads(threads);
    for (const Window &window : kWindows)
      for (plan::ConvolutionKind kind : plan::EnumValuesConvolutionKind())
        for (bool featuresLast : {true, false})
          if (kind != plan::ConvolutionKind::input || window.inputs != 3)
            libraryFinds(window, kind, featuresLast, threads);
  }
  copiesAreCounted();
  return test::finish("convolution scratch");
}
