//===- Convolution.cpp - Convolutions as plain loops --------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// For float64, and where the library has no way that fits.  Each element of
// the result is summed by one thread, in one order.
//===--------------------------------------------------------------------===//
#include "backends/cpu/Convolution.h"
#include "backends/cpu/Threads.h"

#include <algorithm>

namespace ds::rt {
namespace {

/// The positions of one dimension that meet: [begin, end) in steps, each
/// moving two tensors.
struct Meetings {
  int64_t count = 0;
  int64_t first = 0, firstStep = 0;   ///< Elements into the first tensor.
  int64_t second = 0, secondStep = 0; ///< And into the second.
};

int64_t ceilDiv(int64_t a, int64_t b) {
  return a >= 0 ? (a + b - 1) / b : -(-a / b);
}
int64_t floorDiv(int64_t a, int64_t b) {
  return a >= 0 ? a / b : -((-a + b - 1) / b);
}

/// Kernel (first) and input (second) positions that meet output `y`.
Meetings meetOutput(const ConvolutionDim &d, int64_t y) {
  const int64_t start = y * d.stride - d.pad;
  const int64_t begin = std::max<int64_t>(0, ceilDiv(-start, d.dilation));
  const int64_t end =
      std::min(d.kernel, floorDiv(d.input - 1 - start, d.dilation) + 1);
  return {std::max<int64_t>(0, end - begin), begin * d.kernelStep, d.kernelStep,
          (start + begin * d.dilation) * d.inputStep, d.dilation * d.inputStep};
}

/// Output (first) and input (second) positions that meet kernel `k`.
Meetings meetKernel(const ConvolutionDim &d, int64_t k) {
  const int64_t start = k * d.dilation - d.pad;
  const int64_t begin = std::max<int64_t>(0, ceilDiv(-start, d.stride));
  const int64_t end =
      std::min(d.output, floorDiv(d.input - 1 - start, d.stride) + 1);
  return {std::max<int64_t>(0, end - begin), begin * d.outputStep, d.outputStep,
          (start + begin * d.stride) * d.inputStep, d.stride * d.inputStep};
}

/// Kernel (first) and output (second) positions that meet input `x`: every
/// `stride / gcd`-th of the kernel.
Meetings meetInput(const ConvolutionDim &d, int64_t x) {
  const int64_t place = x + d.pad;
  Meetings found;
  int64_t previousKernel = 0, previousOutput = 0;
  for (int64_t k = 0; k < d.kernel; ++k) {
    const int64_t rest = place - k * d.dilation;
    if (rest < 0)
      break;
    if (rest % d.stride != 0 || rest / d.stride >= d.output)
      continue;
    const int64_t y = rest / d.stride;
    if (found.count == 0) {
      found.first = k * d.kernelStep;
      found.second = y * d.outputStep;
    } else if (found.count == 1) {
      found.firstStep = (k - previousKernel) * d.kernelStep;
      found.secondStep = (y - previousOutput) * d.outputStep;
    }
    previousKernel = k;
    previousOutput = y;
    ++found.count;
  }
  return found;
}

/// The innermost sum: over a pair of features or batches, and positions.
template <typename T>
T sumOf(const T *first, const T *second, int64_t inner, int64_t firstStep,
        int64_t secondStep, const Meetings (&at)[3]) {
  T sum = 0;
  for (int64_t a = 0; a < at[0].count; ++a)
    for (int64_t b = 0; b < at[1].count; ++b)
      for (int64_t c = 0; c < at[2].count; ++c) {
        int64_t i = 0, j = 0;
        const int64_t places[] = {a, b, c};
        for (int d = 0; d < 3; ++d) {
          i += at[d].first + places[d] * at[d].firstStep;
          j += at[d].second + places[d] * at[d].secondStep;
        }
        for (int64_t n = 0; n < inner; ++n)
          sum += first[i + n * firstStep] * second[j + n * secondStep];
      }
  return sum;
}

template <typename T> class PlainConvolution final : public ConvolutionKernel {
public:
  PlainConvolution(const ConvolutionShape &shape,
                   const ConvolutionPlaces &places)
      : s_(shape), input_(reinterpret_cast<T *>(places.input)),
        kernel_(reinterpret_cast<T *>(places.kernel)),
        output_(reinterpret_cast<T *>(places.output)) {}

  bool run() override {
    switch (s_.kind) {
    case ConvolutionKind::output:
      toOutput();
      break;
    case ConvolutionKind::input:
      toInput();
      break;
    case ConvolutionKind::kernel:
      toKernel();
      break;
    }
    return true;
  }

private:
  /// Calls `body(outer, positions)` for all positions of one tensor.
  template <typename Body>
  void forAll(int64_t outer, int64_t ConvolutionDim::*size, const Body &body) {
    const int64_t n1 = s_.dims[1].*size, n2 = s_.dims[2].*size;
    const int64_t positions = s_.dims[0].*size * n1 * n2;
    parallelRanges(uint64_t(outer * positions), 1,
                   [&](uint64_t begin, uint64_t end) {
                     for (auto i = int64_t(begin); i < int64_t(end); ++i) {
                       const int64_t p = i % positions;
                       const int64_t at[3] = {p / n2 / n1, p / n2 % n1, p % n2};
                       body(i / positions, at);
                     }
                   });
  }

  void toOutput() {
    const int64_t features = s_.groups * s_.outputs;
    forAll(s_.batch * features, &ConvolutionDim::output,
           [&](int64_t outer, const int64_t (&y)[3]) {
             const int64_t b = outer / features, o = outer % features;
             T *to = output_ + b * s_.outputBatch + o * s_.outputFeature;
             Meetings at[3];
             for (int d = 0; d < 3; ++d) {
               at[d] = meetOutput(s_.dims[d], y[d]);
               to += y[d] * s_.dims[d].outputStep;
             }
             const int64_t from = o / s_.outputs * s_.inputs;
             *to = sumOf<T>(kernel_ + o * s_.kernelOutput,
                            input_ + b * s_.inputBatch + from * s_.inputFeature,
                            s_.inputs, s_.kernelInput, s_.inputFeature, at);
           });
  }

  void toInput() {
    const int64_t features = s_.groups * s_.inputs;
    forAll(s_.batch * features, &ConvolutionDim::input,
           [&](int64_t outer, const int64_t (&x)[3]) {
             const int64_t b = outer / features, i = outer % features;
             T *to = input_ + b * s_.inputBatch + i * s_.inputFeature;
             Meetings at[3];
             for (int d = 0; d < 3; ++d) {
               at[d] = meetInput(s_.dims[d], x[d]);
               to += x[d] * s_.dims[d].inputStep;
             }
             const int64_t from = i / s_.inputs * s_.outputs;
             *to = sumOf<T>(kernel_ + i % s_.inputs * s_.kernelInput +
                                from * s_.kernelOutput,
                            output_ + b * s_.outputBatch +
                                from * s_.outputFeature,
                            s_.outputs, s_.kernelOutput, s_.outputFeature, at);
           });
  }

  void toKernel() {
    const int64_t features = s_.groups * s_.outputs;
    forAll(features * s_.inputs, &ConvolutionDim::kernel,
           [&](int64_t outer, const int64_t (&k)[3]) {
             const int64_t o = outer / s_.inputs, i = outer % s_.inputs;
             T *to = kernel_ + o * s_.kernelOutput + i * s_.kernelInput;
             Meetings at[3];
             for (int d = 0; d < 3; ++d) {
               at[d] = meetKernel(s_.dims[d], k[d]);
               to += k[d] * s_.dims[d].kernelStep;
             }
             const int64_t from = o / s_.outputs * s_.inputs + i;
             *to = sumOf<T>(output_ + o * s_.outputFeature,
                            input_ + from * s_.inputFeature, s_.batch,
                            s_.outputBatch, s_.inputBatch, at);
           });
  }

  ConvolutionShape s_;
  T *input_, *kernel_, *output_;
};

} // namespace

std::unique_ptr<ConvolutionKernel>
makePlainConvolution(plan::DType dtype, const ConvolutionShape &shape,
                     const ConvolutionPlaces &places) {
  if (dtype == plan::DType::f64)
    return std::make_unique<PlainConvolution<double>>(shape, places);
  return std::make_unique<PlainConvolution<float>>(shape, places);
}

} // namespace ds::rt
