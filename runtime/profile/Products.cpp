//===- Products.cpp - How fast each library multiplies matrices ---------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "profile/Products.h"
#include "backends/cpu/Gemm.h"
#include "backends/cpu/Threads.h"
#include "base/Clock.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

namespace ds::rt {
namespace {

using plan::DType;
using plan::ProductRate;

/// A layer: `rows` samples of `in` numbers become `out` numbers each.
struct Layer {
  int64_t rows, in, out;
};

// Attention's and the feed-forward layer's of GPT-2 and its like, at a long
// and a short micro-batch; powers of two, where caches alias; and a tied
// vocabulary, as one block of rows meets it, whose rows begin at any address.
constexpr Layer kLayers[] = {
    {1024, 768, 2304}, {1024, 768, 768}, {1024, 768, 3072}, {1024, 3072, 768},
    {256, 768, 2304},  {256, 768, 3072}, {256, 3072, 768},  {512, 2048, 2048},
    {256, 1024, 4096}, {128, 32003, 768}};

struct Shape {
  int64_t m, n, k, batch;
  bool transposeA, transposeB;

  double flops() const { return 2.0 * m * n * k * batch; }
  int64_t sizeA() const { return m * k * batch; }
  int64_t sizeB() const { return k * n * batch; }
  int64_t sizeC() const { return m * n * batch; }
};

/// What a step computes of each layer: its result, and the gradients of its
/// input and of its weights.
std::vector<Shape> shapes() {
  std::vector<Shape> list;
  for (auto [rows, in, out] : kLayers) {
    list.push_back({rows, out, in, 1, false, false});
    list.push_back({rows, in, out, 1, false, true});
    list.push_back({in, out, rows, 1, true, false});
  }
  // A block of queries of all heads: scores, values, and the gradient of the
  // latter; the last at a power of two.
  list.push_back({128, 512, 64, 24, false, true});
  list.push_back({128, 64, 512, 24, false, false});
  list.push_back({512, 64, 128, 24, true, false});
  list.push_back({1024, 64, 128, 12, true, false});
  return list;
}

struct Operands {
  std::vector<float> a, b, c;

  /// Element `i` of a matrix that holds `dtype`.
  static void *at(std::vector<float> &matrix, int64_t i, DType dtype) {
    return dtype == DType::bf16
               ? static_cast<void *>(
                     reinterpret_cast<uint16_t *>(matrix.data()) + i)
               : matrix.data() + i;
  }
};

/// Ordinary numbers, also where two of bfloat16 are read in one's place;
/// nothing overflows and nothing is denormal.
Operands operandsFor(const std::vector<Shape> &shapes) {
  int64_t a = 0, b = 0, c = 0;
  for (const Shape &shape : shapes) {
    a = std::max(a, shape.sizeA());
    b = std::max(b, shape.sizeB());
    c = std::max(c, shape.sizeC());
  }
  const float half = std::bit_cast<float>(0x3f003f00), // two of 0.5,
      quarter = std::bit_cast<float>(0x3e803e80);      // two of 0.25
  return {std::vector<float>(a, half), std::vector<float>(b, quarter),
          std::vector<float>(c)};
}

/// One row of the table under measurement.
struct Trial {
  Shape shape;
  DType dtype;
  GemmLibrary library;
  int threads;
  GemmKernel *kernel;
  std::vector<double> seconds = {}; ///< Of each round.
  bool out = false; ///< Too slow for its shape to be measured on.
};

double medianOf(std::vector<double> values) {
  std::ranges::sort(values);
  const size_t count = values.size();
  return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

double bestOf(const Trial &trial) { return std::ranges::min(trial.seconds); }

/// How much longer than its best a product usually takes: a step's products
/// run in a row, on a machine as it is.  Few rounds tell each trial's best
/// well, but its usual time badly; all trials together tell their ratio.  The
/// first round is left out where there are others: a library gets its memory.
double usualOverBest(const std::vector<Trial> &trials) {
  std::vector<double> ratios;
  for (const Trial &trial : trials)
    for (size_t i = trial.seconds.size() > 1; i < trial.seconds.size(); ++i)
      ratios.push_back(trial.seconds[i] / bestOf(trial));
  return ratios.empty() ? 1.0 : medianOf(std::move(ratios));
}

/// Rounds that every library is in.  After them only those go on that may be
/// the fastest at their shape, so that there are more rounds for these.
constexpr int kRoundsOfAll = 2;
constexpr double kSlow = 1.2; ///< Times the best of the shape's others.

void dropSlow(std::vector<Trial> &trials) {
  auto key = [](const Trial &trial) {
    const Shape &s = trial.shape;
    return std::tuple(trial.dtype, s.m, s.n, s.k, s.transposeA, s.transposeB);
  };
  std::map<decltype(key(trials.front())), double> best;
  for (const Trial &trial : trials) {
    double &least = best.try_emplace(key(trial), HUGE_VAL).first->second;
    least = std::min(least, bestOf(trial));
  }
  for (Trial &trial : trials)
    trial.out = bestOf(trial) > kSlow * best[key(trial)];
}

/// As Executor does it: a batch over the threads, one thread a product.
void run(const Trial &trial, Operands &data) {
  const Shape &shape = trial.shape;
  parallelRanges(shape.batch, 1, [&](uint64_t begin, uint64_t end) {
    for (uint64_t i = begin; i < end; ++i)
      (void)trial.kernel->run(
          data.at(data.a, i * shape.m * shape.k, trial.dtype),
          data.at(data.b, i * shape.k * shape.n, trial.dtype),
          data.at(data.c, i * shape.m * shape.n, trial.dtype));
  });
}

/// A trial of each library that can do it.
void addTrials(const Shape &shape, DType dtype, int threads,
               GemmKernels &kernels, std::vector<Trial> &trials) {
  const GemmShape gemm{shape.m,
                       shape.n,
                       shape.k,
                       shape.transposeA ? shape.m : shape.k,
                       shape.transposeB ? shape.k : shape.n,
                       shape.n,
                       shape.transposeA,
                       shape.transposeB,
                       0,
                       dtype,
                       dtype};
  const GemmTeam team = shape.batch > 1 ? GemmTeam::caller : GemmTeam::whole;
  for (GemmLibrary library : kCpuLibraries)
    if (auto kernel = kernels.get(library, team, gemm); kernel.ok())
      trials.push_back({shape, dtype, library, threads, *kernel});
}

} // namespace

std::vector<ProductRate> measureProducts(double seconds) {
  const std::vector<Shape> list = shapes();
  Operands data = operandsFor(list);
  std::vector<int> counts = {1};
  if (availableCores() > 1)
    counts.push_back(availableCores());
  const double end = monotonicSeconds() + seconds;
  std::vector<std::vector<Trial>> trials(counts.size());
  std::vector<GemmKernels> kernels(counts.size());
  // The first round measures all, however slow the machine is; those after it
  // stop when the time is up.
  for (int round = 0; round == 0 || monotonicSeconds() < end; ++round)
    for (size_t i = 0; i < counts.size(); ++i) {
      setThreads(counts[i]);
      if (round == 0)
        for (const Shape &shape : list)
          for (DType dtype : {DType::f32, DType::bf16})
            addTrials(shape, dtype, counts[i], kernels[i], trials[i]);
      if (round == kRoundsOfAll)
        dropSlow(trials[i]);
      for (Trial &trial : trials[i]) {
        const double before = monotonicSeconds();
        if (round > 0 && before > end)
          break;
        if (trial.out)
          continue;
        run(trial, data);
        trial.seconds.push_back(monotonicSeconds() - before);
      }
    }
  setThreads(defaultThreads(1));
  std::vector<ProductRate> rates;
  for (const std::vector<Trial> &group : trials) {
    const double usual = usualOverBest(group);
    for (const Trial &trial : group) {
      const Shape &shape = trial.shape;
      rates.push_back({trial.library, trial.threads, shape.m, shape.n, shape.k,
                       shape.batch, shape.transposeA, shape.transposeB,
                       shape.flops() / (bestOf(trial) * usual) * 1e-9,
                       trial.dtype});
    }
  }
  return rates;
}

nlohmann::ordered_json productsJson(const std::vector<ProductRate> &rates) {
  auto list = nlohmann::ordered_json::array();
  for (const ProductRate &rate : rates) {
    list.push_back({{"library", plan::EnumNameGemmLibrary(rate.library)},
                    {"threads", rate.threads},
                    {"m", rate.m},
                    {"n", rate.n},
                    {"k", rate.k},
                    {"batch", rate.batch},
                    {"transpose_a", rate.transposeA},
                    {"transpose_b", rate.transposeB},
                    {"gflops", rate.gflops}});
    if (rate.tf32)
      list.back()["dtype"] = "tf32";
    else if (rate.dtype != DType::f32) // those before it was there
      list.back()["dtype"] = plan::EnumNameDType(rate.dtype);
  }
  return list;
}

/// Of a row, if it says one; false when that is none.
static bool readType(const nlohmann::json &row, ProductRate &rate) {
  const nlohmann::json type = row.value("dtype", nlohmann::json("f32"));
  rate.dtype = type == "bf16" ? DType::bf16 : DType::f32;
  rate.tf32 = type == "tf32";
  return type == "f32" || type == "bf16" || type == "tf32";
}

/// A row of the list; false when it is none.
static bool readRow(const nlohmann::json &row, ProductRate &rate) {
  if (!row.is_object())
    return false;
  auto value = [&](const char *key) {
    return row.value(key, nlohmann::json());
  };
  auto number = [&](const char *key, int64_t &to) {
    // Beyond 2^40 nothing is measured, and products of sizes still fit.
    const nlohmann::json from = value(key);
    if (!from.is_number_integer() || from < 1 || from > (int64_t{1} << 40))
      return false;
    to = from;
    return true;
  };
  int64_t threads = 0;
  if (!number("threads", threads) || threads > 65536 || !number("m", rate.m) ||
      !number("n", rate.n) || !number("k", rate.k) ||
      !number("batch", rate.batch) || !value("transpose_a").is_boolean() ||
      !value("transpose_b").is_boolean() || !value("gflops").is_number() ||
      !(value("gflops") > 0) || !value("library").is_string() ||
      !readType(row, rate))
    return false;
  rate.threads = static_cast<int>(threads);
  rate.transposeA = value("transpose_a");
  rate.transposeB = value("transpose_b");
  rate.gflops = value("gflops");
  const std::string name = value("library");
  for (GemmLibrary library : plan::EnumValuesGemmLibrary())
    if (name == plan::EnumNameGemmLibrary(library)) {
      rate.library = library;
      return true;
    }
  return false;
}

std::string readProducts(const nlohmann::json &list,
                         std::vector<ProductRate> &rates) {
  const char *const expects =
      "expects a list 'products' of {library, threads, m, n, k, batch, "
      "transpose_a, transpose_b, gflops} and maybe dtype, f32, tf32 or bf16";
  if (!list.is_array())
    return expects;
  for (const nlohmann::json &row : list) {
    ProductRate rate;
    if (!readRow(row, rate))
      return std::string(expects) + ", but got " + row.dump();
    rates.push_back(rate);
  }
  return "";
}

} // namespace ds::rt
