//===- convolution_test.cpp - Convolutions against their definition -----===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// oneDNN's ways and the loops, for each of the three tensors, on random shapes
// of one to three dimensions and both layouts; that scratch is kept to; that
// bits are the same from run to run; and that running makes nothing.
//===--------------------------------------------------------------------===//
#include "Check.h"
#include "backends/cpu/Convolution.h"
#include "backends/cpu/Threads.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

using namespace ds::rt;
using ds::plan::DType;

namespace {

constexpr uint64_t kScratch = 4 << 20;

/// The tensors of a convolution; `T` values, `steps` as the shape says.
template <typename T> struct Tensors {
  std::vector<T> input, kernel, output;
  std::vector<T> &result(ConvolutionKind kind) {
    return kind == ConvolutionKind::input    ? input
           : kind == ConvolutionKind::kernel ? kernel
                                             : output;
  }
};

/// Dense steps in an order: `featuresLast` or first, for kernels o last.
void setSteps(ConvolutionShape &s, bool featuresLast, int64_t (&elements)[3]) {
  int64_t input = 1, kernel = 1, output = 1;
  auto features = [&] {
    s.inputFeature = input;
    s.outputFeature = output;
    input *= s.groups * s.inputs;
    output *= s.groups * s.outputs;
  };
  auto kernelFeatures = [&] {
    s.kernelOutput = kernel;
    s.kernelInput = kernel * s.groups * s.outputs;
    kernel *= s.groups * s.outputs * s.inputs;
  };
  if (featuresLast) {
    features();
    kernelFeatures();
  }
  for (int d = s.rank; d-- > 0;) {
    ConvolutionDim &dim = s.dims[size_t(d)];
    dim.inputStep = input;
    dim.kernelStep = kernel;
    dim.outputStep = output;
    input *= dim.input;
    kernel *= dim.kernel;
    output *= dim.output;
  }
  if (!featuresLast) {
    features();
    kernelFeatures();
  }
  s.inputBatch = input;
  s.outputBatch = output;
  elements[0] = input * s.batch;
  elements[1] = kernel;
  elements[2] = output * s.batch;
}

class Shapes {
public:
  /// A window that a model may have, groups and all.
  ConvolutionShape next() {
    ConvolutionShape s{};
    s.rank = int(upTo(3));
    s.batch = upTo(3);
    s.groups = upTo(4) == 4 ? upTo(3) : 1;
    s.inputs = upTo(3) == 1 ? upTo(20) : upTo(4);
    s.outputs = upTo(3) == 1 ? upTo(20) : upTo(4);
    if (upTo(6) == 1) { // depthwise
      s.groups = upTo(20);
      s.inputs = s.outputs = 1;
    }
    for (int d = 0; d < s.rank; ++d) {
      ConvolutionDim &dim = s.dims[size_t(d)];
      dim = ConvolutionDim();
      dim.kernel = upTo(4);
      dim.stride = upTo(3);
      dim.dilation = upTo(2);
      dim.pad = upTo(3) - 1;
      dim.output = upTo(6);
      const int64_t reach =
          (dim.output - 1) * dim.stride + (dim.kernel - 1) * dim.dilation + 1;
      // Some of the input unread, or padding behind.
      dim.input =
          std::max<int64_t>(1, reach - dim.pad + upTo(dim.stride + 2) - 3);
    }
    return s;
  }
  int64_t upTo(int64_t most) {
    return std::uniform_int_distribution<int64_t>(1, most)(random_);
  }

private:
  std::mt19937_64 random_{7};
};

/// The definition, written as a scatter over all pairs.
void define(const ConvolutionShape &s, Tensors<double> &t) {
  std::vector<double> &result = t.result(s.kind);
  std::fill(result.begin(), result.end(), 0.0);
  const ConvolutionDim &p = s.dims[0], &q = s.dims[1], &r = s.dims[2];
  auto meet = [](const ConvolutionDim &d, int64_t y, int64_t k, int64_t &x) {
    x = d.stride * y + d.dilation * k - d.pad;
    return x >= 0 && x < d.input;
  };
  int64_t x0, x1, x2;
  for (int64_t y0 = 0; y0 < p.output; ++y0)
    for (int64_t k0 = 0; k0 < p.kernel; ++k0)
      for (int64_t y1 = 0; meet(p, y0, k0, x0) && y1 < q.output; ++y1)
        for (int64_t k1 = 0; k1 < q.kernel; ++k1)
          for (int64_t y2 = 0; meet(q, y1, k1, x1) && y2 < r.output; ++y2)
            for (int64_t k2 = 0; k2 < r.kernel; ++k2)
              for (int64_t b = 0; meet(r, y2, k2, x2) && b < s.batch; ++b)
                for (int64_t o = 0; o < s.groups * s.outputs; ++o)
                  for (int64_t i = 0; i < s.inputs; ++i) {
                    const int64_t from = o / s.outputs * s.inputs + i;
                    double &in = t.input[size_t(
                        b * s.inputBatch + from * s.inputFeature +
                        x0 * p.inputStep + x1 * q.inputStep +
                        x2 * r.inputStep)];
                    double &w =
                        t.kernel[size_t(o * s.kernelOutput + i * s.kernelInput +
                                        k0 * p.kernelStep + k1 * q.kernelStep +
                                        k2 * r.kernelStep)];
                    double &out = t.output[size_t(
                        b * s.outputBatch + o * s.outputFeature +
                        y0 * p.outputStep + y1 * q.outputStep +
                        y2 * r.outputStep)];
                    if (s.kind == ConvolutionKind::output)
                      out += in * w;
                    else if (s.kind == ConvolutionKind::input)
                      in += out * w;
                    else
                      w += in * out;
                  }
}

std::string text(const ConvolutionShape &s) {
  std::string line = ds::plan::EnumNameConvolutionKind(s.kind);
  for (int64_t value : {s.batch, s.groups, s.inputs, s.outputs})
    line += " " + std::to_string(value);
  for (int d = 0; d < s.rank; ++d) {
    const ConvolutionDim &dim = s.dims[size_t(d)];
    line += ";";
    for (int64_t value :
         {dim.input, dim.kernel, dim.output, dim.stride, dim.dilation, dim.pad})
      line += " " + std::to_string(value);
  }
  return line;
}

/// Small integers, whose sums are exact in any order; NaN where the result is.
template <typename T>
Tensors<T> tensorsOf(const ConvolutionShape &s, const int64_t (&elements)[3]) {
  Tensors<T> t;
  int salt = 0;
  for (std::vector<T> *values : {&t.input, &t.kernel, &t.output}) {
    values->resize(size_t(elements[salt]));
    for (size_t i = 0; i < values->size(); ++i)
      (*values)[i] = T(int64_t(i * 7 + size_t(salt) * 5) % 11) - 5;
    ++salt;
  }
  for (T &value : t.result(s.kind))
    value = T(std::nan(""));
  return t;
}

template <typename T>
ConvolutionPlaces placesOf(Tensors<T> &t, std::vector<std::byte> &scratch) {
  auto bytes = [](auto &values) {
    return reinterpret_cast<std::byte *>(values.data());
  };
  auto at = (reinterpret_cast<uintptr_t>(scratch.data()) + 63) / 64 * 64;
  return {bytes(t.input), bytes(t.kernel), bytes(t.output),
          reinterpret_cast<std::byte *>(at),
          scratch.size() > 64 ? scratch.size() - 64 : 0};
}

bool equals(const std::vector<float> &got, const std::vector<double> &wanted) {
  for (size_t i = 0; i < got.size(); ++i)
    if (double(got[i]) != wanted[i])
      return false;
  return got.size() == wanted.size();
}

/// How often oneDNN had a way.
int byLibrary = 0;

void matches(ConvolutionShape s, bool featuresLast) {
  int64_t elements[3];
  setSteps(s, featuresLast, elements);
  auto wanted = tensorsOf<double>(s, elements);
  define(s, wanted);
  std::vector<std::byte> scratch(kScratch);
  auto exact = tensorsOf<double>(s, elements);
  auto single = tensorsOf<float>(s, elements), fast = single;
  CHECK(makePlainConvolution(DType::f64, s, placesOf(exact, scratch))->run());
  CHECK(makePlainConvolution(DType::f32, s, placesOf(single, scratch))->run());
  ds::test::check(exact.result(s.kind) == wanted.result(s.kind),
                  "the definition's result of float64", __FILE__, __LINE__,
                  text(s));
  ds::test::check(equals(single.result(s.kind), wanted.result(s.kind)),
                  "the definition's result of float32", __FILE__, __LINE__,
                  text(s));
  auto kernel = makeDnnlConvolution(s, placesOf(fast, scratch));
  if (!kernel)
    return;
  ++byLibrary;
  for (int round = 0; round < 2; ++round) {
    // Others use the scratch between two runs: NaN, or any number.
    std::fill(scratch.begin(), scratch.end(), std::byte(round ? 0x41 : 0xff));
    CHECK(kernel->run());
    ds::test::check(equals(fast.result(s.kind), wanted.result(s.kind)),
                    "the definition's result by oneDNN", __FILE__, __LINE__,
                    text(s));
  }
}

void randomShapesMatch() {
  constexpr int kShapes = 120;
  Shapes shapes;
  for (int i = 0; i < kShapes; ++i) {
    ConvolutionShape s = shapes.next();
    for (ConvolutionKind kind : ds::plan::EnumValuesConvolutionKind()) {
      s.kind = kind;
      matches(s, i % 2 == 0);
    }
  }
  // What it refuses: windows that read nothing of the input's end, mostly.
  ds::test::check(byLibrary > 3 * kShapes / 2, "oneDNN to compute most",
                  __FILE__, __LINE__, std::to_string(byLibrary));
}

/// A skip connection's kernels of one position, with a stride: a gradient that
/// oneDNN's code for such kernels gets wrong.
void stridedPointsMatch() {
  for (ConvolutionKind kind : ds::plan::EnumValuesConvolutionKind())
    for (bool featuresLast : {true, false})
      for (int64_t inputs : {8, 12, 16, 24})
        for (int64_t outputs : {12, 16, 40}) {
          ConvolutionShape s{};
          s.kind = kind;
          s.rank = 2;
          s.batch = 3;
          s.groups = 1;
          s.inputs = inputs;
          s.outputs = outputs;
          s.dims[0] = {8, 1, 4, 2, 1, 0, 0, 0, 0};
          s.dims[1] = {12, 1, 6, 2, 1, 0, 0, 0, 0};
          matches(s, featuresLast);
        }
}

/// 2 images of 9 x 8 with 20 features into 24, kernels of 3 x 3.
ConvolutionShape usual(ConvolutionKind kind, bool featuresLast,
                       int64_t (&elements)[3]) {
  ConvolutionShape s{};
  s.kind = kind;
  s.rank = 2;
  s.batch = 2;
  s.groups = 1;
  s.inputs = 20;
  s.outputs = 24;
  s.dims[0] = {9, 3, 9, 1, 1, 1, 0, 0, 0};
  s.dims[1] = {8, 3, 8, 1, 1, 1, 0, 0, 0};
  setSteps(s, featuresLast, elements);
  return s;
}

/// The library gets as much as it is given, and touches no more.
void scratchIsKeptTo() {
  for (ConvolutionKind kind : ds::plan::EnumValuesConvolutionKind())
    for (bool featuresLast : {true, false}) {
      int64_t elements[3];
      const ConvolutionShape s = usual(kind, featuresLast, elements);
      auto tensors = tensorsOf<float>(s, elements);
      auto wanted = tensorsOf<double>(s, elements);
      define(s, wanted);
      std::vector<std::byte> none;
      if (!featuresLast)
        CHECK(!makeDnnlConvolution(s, placesOf(tensors, none)));
      constexpr std::byte kMark{0x5a};
      int ways = 0;
      for (uint64_t bytes = 64; bytes <= kScratch; bytes *= 2) {
        std::vector<std::byte> scratch(kScratch + 256, kMark);
        ConvolutionPlaces places = placesOf(tensors, scratch);
        places.scratchBytes = bytes;
        auto kernel = makeDnnlConvolution(s, places);
        if (!kernel)
          continue;
        ++ways;
        CHECK(kernel->run());
        CHECK(equals(tensors.result(kind), wanted.result(kind)));
        for (auto *at = places.scratch + bytes;
             at < scratch.data() + scratch.size(); ++at)
          if (!CHECK(*at == kMark))
            return;
      }
      CHECK(ways > 0);
    }
}

void bitsAreTheSame() {
  for (ConvolutionKind kind : ds::plan::EnumValuesConvolutionKind()) {
    int64_t elements[3];
    const ConvolutionShape s = usual(kind, /*featuresLast=*/false, elements);
    std::vector<float> first;
    for (int round = 0; round < 6; ++round) {
      auto tensors = tensorsOf<float>(s, elements);
      for (std::vector<float> *values :
           {&tensors.input, &tensors.kernel, &tensors.output})
        for (size_t i = 0; i < values->size(); ++i)
          (*values)[i] = std::sin(float(i));
      std::vector<std::byte> scratch(kScratch);
      auto kernel = makeDnnlConvolution(s, placesOf(tensors, scratch));
      if (!CHECK(kernel && kernel->run()))
        return;
      if (round == 0)
        first = tensors.result(kind);
      CHECK(std::memcmp(first.data(), tensors.result(kind).data(),
                        first.size() * sizeof(float)) == 0);
    }
  }
}

} // namespace

int main() {
  setThreads(2);
  randomShapesMatch();
  stridedPointsMatch();
  scratchIsKeptTo();
  bitsAreTheSame();
  return ds::test::finish("convolution");
}
