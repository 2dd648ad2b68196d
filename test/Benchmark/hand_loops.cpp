//===- hand_loops.cpp - Kernels as one would write them by hand ---------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What generated kernels are compared with: plain loops, which kernels.py
// gives to every compiler that is there, with -O3 -march=native -ffast-math.
// Names, sizes and arguments are those of test/Codegen/bench.mlir; kernel-bench
// checks that both compute the same.  An item is a row, a block of columns or
// of elements: what one would hand to a thread.
//===--------------------------------------------------------------------===//
#include <cmath>
#include <cstdint>

#define KERNEL(name, items)                                                    \
  extern "C" {                                                                 \
  extern const int64_t name##_items;                                           \
  const int64_t name##_items = items;                                          \
  void name(void *const *args, int64_t begin, int64_t end);                    \
  }                                                                            \
  void name(void *const *args, int64_t begin, int64_t end)

namespace {

constexpr int64_t kRows = 32768, kWidth = 768, kBlock = 4096, kColumns = 64;
constexpr int64_t kStepRows = 1024, kMlp = 3072, kGated = 2048;
constexpr int64_t kClasses = 50257, kTokens = 512;
constexpr float kEpsilon = 1e-5f;

template <typename T = float> T *as(void *const *args, int i) {
  return static_cast<T *>(args[i]);
}
float *row(void *const *args, int i, int64_t row, int64_t width) {
  return as(args, i) + row * width;
}

struct Stats {
  float mean, rstd;
};

/// Two passes over a row that the first leaves in the cache.
inline Stats statsOf(const float *x) {
  float sum = 0, squares = 0;
  for (int64_t i = 0; i < kWidth; ++i)
    sum += x[i];
  float mean = sum / kWidth;
  for (int64_t i = 0; i < kWidth; ++i)
    squares += (x[i] - mean) * (x[i] - mean);
  return {mean, 1 / std::sqrt(squares / kWidth + kEpsilon)};
}

inline float largest(const float *x, int64_t count) {
  float most = x[0];
  for (int64_t i = 1; i < count; ++i)
    most = x[i] > most ? x[i] : most;
  return most;
}

inline void softmaxRow(const float *x, float *y, int64_t count) {
  constexpr float kScale = 0.125f;
  float most = largest(x, count), sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    float e = std::exp(kScale * (x[i] - most));
    y[i] = e;
    sum += e;
  }
  float inverse = 1 / sum;
  for (int64_t i = 0; i < count; ++i)
    y[i] *= inverse;
}

constexpr float kSqrt2OverPi = 0.7978845608f, kCubic = 0.044715f;

inline float gelu(float x) {
  return 0.5f * x * (1 + std::tanh(kSqrt2OverPi * (x + kCubic * x * x * x)));
}

inline float geluSlope(float x) {
  float t = std::tanh(kSqrt2OverPi * (x + kCubic * x * x * x));
  float inner = kSqrt2OverPi * (1 + 3 * kCubic * x * x);
  return 0.5f * (1 + t) + 0.5f * x * (1 - t * t) * inner;
}

inline float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

} // namespace

/// STREAM's: a = b + s c.
KERNEL(triad, kRows *kWidth / kBlock) {
  float *__restrict a = as(args, 0);
  const float *b = as(args, 1), *c = as(args, 2);
  for (int64_t i = begin * kBlock; i < end * kBlock; ++i)
    a[i] = b[i] + 3.0f * c[i];
}

KERNEL(residual_add, kRows *kWidth / kBlock) {
  float *__restrict x = as(args, 0);
  const float *d = as(args, 1);
  for (int64_t i = begin * kBlock; i < end * kBlock; ++i)
    x[i] += d[i];
}

KERNEL(add_layer_norm, kRows) {
  const float *scale = as(args, 2), *bias = as(args, 3);
  for (int64_t r = begin; r < end; ++r) {
    float *__restrict x = row(args, 0, r, kWidth);
    float *__restrict y = row(args, 4, r, kWidth);
    const float *d = row(args, 1, r, kWidth);
    for (int64_t i = 0; i < kWidth; ++i)
      x[i] += d[i];
    Stats s = statsOf(x);
    for (int64_t i = 0; i < kWidth; ++i)
      y[i] = (x[i] - s.mean) * s.rstd * scale[i] + bias[i];
  }
}

KERNEL(layer_norm_backward, kRows) {
  const float *scale = as(args, 1);
  for (int64_t r = begin; r < end; ++r) {
    const float *x = row(args, 0, r, kWidth), *g = row(args, 2, r, kWidth);
    float *__restrict d = row(args, 3, r, kWidth);
    Stats s = statsOf(x);
    float sum = 0, product = 0;
    for (int64_t i = 0; i < kWidth; ++i) {
      float h = (x[i] - s.mean) * s.rstd, u = g[i] * scale[i];
      sum += u;
      product += u * h;
    }
    sum /= kWidth;
    product /= kWidth;
    for (int64_t i = 0; i < kWidth; ++i) {
      float h = (x[i] - s.mean) * s.rstd;
      d[i] += s.rstd * (g[i] * scale[i] - sum - h * product);
    }
    as(args, 4)[r] = s.mean;
    as(args, 5)[r] = s.rstd;
  }
}

KERNEL(norm_parameter_grads, kWidth / kColumns) {
  int64_t first = begin * kColumns, last = end * kColumns;
  const float *mean = as(args, 1), *rstd = as(args, 2);
  float *__restrict scale = as(args, 4), *__restrict bias = as(args, 5);
  for (int64_t i = first; i < last; ++i)
    scale[i] = bias[i] = 0;
  for (int64_t r = 0; r < kRows; ++r) {
    const float *x = row(args, 0, r, kWidth), *g = row(args, 3, r, kWidth);
    for (int64_t i = first; i < last; ++i) {
      scale[i] += (x[i] - mean[r]) * rstd[r] * g[i];
      bias[i] += g[i];
    }
  }
}

KERNEL(rms_norm, kRows) {
  const float *scale = as(args, 1);
  for (int64_t r = begin; r < end; ++r) {
    const float *x = row(args, 0, r, kWidth);
    float *__restrict y = row(args, 2, r, kWidth);
    float squares = 0;
    for (int64_t i = 0; i < kWidth; ++i)
      squares += x[i] * x[i];
    float rstd = 1 / std::sqrt(squares / kWidth + kEpsilon);
    for (int64_t i = 0; i < kWidth; ++i)
      y[i] = x[i] * rstd * scale[i];
  }
}

/// An item is one position of one sample: 12 heads of 64.
KERNEL(rotary, kRows) {
  constexpr int64_t kHeads = 12, kHalf = 32, kPositions = 1024;
  for (int64_t r = begin; r < end; ++r) {
    const float *cosine = row(args, 1, r % kPositions, kHalf);
    const float *sine = row(args, 2, r % kPositions, kHalf);
    for (int64_t h = 0; h < kHeads; ++h) {
      const float *x = row(args, 0, r, kWidth) + h * 2 * kHalf;
      float *__restrict y = row(args, 3, r, kWidth) + h * 2 * kHalf;
      for (int64_t i = 0; i < kHalf; ++i) {
        y[i] = x[i] * cosine[i] - x[i + kHalf] * sine[i];
        y[i + kHalf] = x[i + kHalf] * cosine[i] + x[i] * sine[i];
      }
    }
  }
}

KERNEL(adamw, kRows *kWidth / kBlock) {
  float *__restrict p = as(args, 0), *__restrict m = as(args, 1);
  float *__restrict v = as(args, 2);
  const float *grad = as(args, 3);
  float scale = float(*as<double>(args, 4)),
        decay = float(*as<double>(args, 5));
  float step = float(*as<double>(args, 6));
  float correction = float(1 / *as<double>(args, 7));
  for (int64_t i = begin * kBlock; i < end * kBlock; ++i) {
    float g = grad[i] * scale;
    m[i] += 0.1f * (g - m[i]);
    v[i] = 0.95f * v[i] + 0.05f * g * g;
    p[i] = p[i] * decay - step * m[i] / (std::sqrt(v[i]) * correction + 1e-8f);
  }
}

KERNEL(bias_grad, kMlp / kColumns) {
  constexpr int64_t kGradRows = 8192;
  float *__restrict sum = as(args, 1);
  for (int64_t i = begin * kColumns; i < end * kColumns; ++i)
    sum[i] = 0;
  for (int64_t r = 0; r < kGradRows; ++r) {
    const float *g = row(args, 0, r, kMlp);
    for (int64_t i = begin * kColumns; i < end * kColumns; ++i)
      sum[i] += g[i];
  }
}

KERNEL(sum_squares, 8192) {
  for (int64_t r = begin; r < end; ++r) {
    const float *x = row(args, 0, r, kMlp);
    double sum = 0;
    for (int64_t i = 0; i < kMlp; ++i)
      sum += double(x[i]) * x[i];
    as<double>(args, 1)[r] = sum;
  }
}

KERNEL(softmax, kStepRows) {
  for (int64_t r = begin; r < end; ++r)
    softmaxRow(row(args, 0, r, kWidth), row(args, 1, r, kWidth), kWidth);
}

KERNEL(softmax_causal, 4 * 12 * 256) {
  constexpr int64_t kLength = 256;
  for (int64_t r = begin; r < end; ++r) {
    float *x = row(args, 0, r, kLength);
    int64_t seen = r % kLength + 1;
    softmaxRow(x, x, seen);
    for (int64_t i = seen; i < kLength; ++i)
      x[i] = 0;
  }
}

KERNEL(softmax_grad, kStepRows) {
  for (int64_t r = begin; r < end; ++r) {
    const float *p = row(args, 0, r, kWidth);
    float *__restrict g = row(args, 1, r, kWidth);
    float sum = 0;
    for (int64_t i = 0; i < kWidth; ++i)
      sum += p[i] * g[i];
    for (int64_t i = 0; i < kWidth; ++i)
      g[i] = 0.125f * p[i] * (g[i] - sum);
  }
}

KERNEL(bias_gelu, kStepRows) {
  const float *bias = as(args, 1);
  for (int64_t r = begin; r < end; ++r) {
    const float *x = row(args, 0, r, kWidth);
    float *__restrict y = row(args, 2, r, kWidth);
    for (int64_t i = 0; i < kWidth; ++i)
      y[i] = gelu(x[i] + bias[i]);
  }
}

KERNEL(gelu_grad, kStepRows *kMlp / kBlock) {
  const float *x = as(args, 0);
  float *__restrict g = as(args, 1);
  for (int64_t i = begin * kBlock; i < end * kBlock; ++i)
    g[i] *= geluSlope(x[i]);
}

KERNEL(swiglu, kStepRows *kGated / kBlock) {
  const float *a = as(args, 0), *b = as(args, 1);
  float *__restrict y = as(args, 2);
  for (int64_t i = begin * kBlock; i < end * kBlock; ++i)
    y[i] = a[i] * sigmoid(a[i]) * b[i];
}

KERNEL(swiglu_grad, kStepRows *kGated / kBlock) {
  const float *a = as(args, 0), *b = as(args, 1), *g = as(args, 2);
  float *__restrict da = as(args, 3), *__restrict db = as(args, 4);
  for (int64_t i = begin * kBlock; i < end * kBlock; ++i) {
    float s = sigmoid(a[i]);
    db[i] = g[i] * a[i] * s;
    da[i] = g[i] * b[i] * s * (1 + a[i] * (1 - s));
  }
}

KERNEL(cross_entropy_rows, kTokens) {
  for (int64_t r = begin; r < end; ++r) {
    const float *x = row(args, 0, r, kClasses);
    float most = largest(x, kClasses), sum = 0;
    for (int64_t i = 0; i < kClasses; ++i)
      sum += std::exp(x[i] - most);
    as(args, 2)[r] = std::log(sum) + most - x[as<int32_t>(args, 1)[r]];
  }
}

KERNEL(cross_entropy_grad, kTokens) {
  float factor = *as(args, 2) / kTokens;
  for (int64_t r = begin; r < end; ++r) {
    const float *x = row(args, 0, r, kClasses);
    float *__restrict y = row(args, 3, r, kClasses);
    float most = largest(x, kClasses), sum = 0;
    for (int64_t i = 0; i < kClasses; ++i) {
      float e = std::exp(x[i] - most);
      y[i] = e;
      sum += e;
    }
    float scale = factor / sum;
    for (int64_t i = 0; i < kClasses; ++i)
      y[i] *= scale;
    y[as<int32_t>(args, 1)[r]] -= factor;
  }
}
