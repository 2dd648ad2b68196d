//===- gemm_test.cpp - Matrix products against plain loops --------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every library, transposition and way of calling, on awkward sizes; that bits
// are the same from run to run; and what is made while products run: nothing.
//===--------------------------------------------------------------------===//
#include "Check.h"
#include "backends/cpu/Gemm.h"
#include "backends/cpu/Threads.h"
#include "base/Float16.h"

#include <array>
#include <atomic>
#include <cmath>
#include <cstring>
#include <dlfcn.h>
#include <vector>

using namespace ds::rt;

namespace {
std::atomic<int> primitivesMade{0};
}

/// Stands before oneDNN's own, and counts.
extern "C" int dnnl_primitive_create(void **primitive, const void *about) {
  ++primitivesMade;
  auto *next = reinterpret_cast<int (*)(void **, const void *)>(
      dlsym(RTLD_NEXT, "dnnl_primitive_create"));
  return next(primitive, about);
}

namespace {

constexpr int kThreads = 2;
constexpr float kUntouched = 12345.0f;

/// A shape whose rows have `gap` elements between them that are not its own.
GemmShape shapeOf(int64_t m, int64_t n, int64_t k, int64_t gap, bool transposeA,
                  bool transposeB, float beta) {
  return {m,
          n,
          k,
          (transposeA ? m : k) + gap,
          (transposeB ? k : n) + gap,
          n + gap,
          transposeA,
          transposeB,
          beta};
}

/// Small integers: sums are exact in any order.  The gaps hold NaN.
std::vector<float> matrix(int64_t rows, int64_t columns, int64_t leading,
                          int salt) {
  std::vector<float> values(rows * leading, std::nanf(""));
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j)
      values[i * leading + j] =
          float((i * 31 + j * 7 + int64_t(salt) * 17) % 13) - 6;
  return values;
}

std::vector<float> operandA(const GemmShape &s) {
  return s.transposeA ? matrix(s.k, s.m, s.lda, 1) : matrix(s.m, s.k, s.lda, 1);
}
std::vector<float> operandB(const GemmShape &s) {
  return s.transposeB ? matrix(s.n, s.k, s.ldb, 2) : matrix(s.k, s.n, s.ldb, 2);
}

/// What is there before: without `beta` it must not be read.
std::vector<float> resultBefore(const GemmShape &s) {
  std::vector<float> c(s.m * s.ldc, kUntouched);
  for (int64_t i = 0; i < s.m; ++i)
    for (int64_t j = 0; j < s.n; ++j)
      c[i * s.ldc + j] = s.beta != 0 ? float((i + j) % 5) : std::nanf("");
  return c;
}

std::vector<float> expected(const GemmShape &s) {
  std::vector<float> a = operandA(s), b = operandB(s), c = resultBefore(s);
  for (int64_t i = 0; i < s.m; ++i)
    for (int64_t j = 0; j < s.n; ++j) {
      float sum = s.beta != 0 ? c[i * s.ldc + j] : 0;
      for (int64_t p = 0; p < s.k; ++p)
        sum += a[s.transposeA ? p * s.lda + i : i * s.lda + p] *
               b[s.transposeB ? j * s.ldb + p : p * s.ldb + j];
      c[i * s.ldc + j] = sum;
    }
  return c;
}

std::string text(GemmLibrary library, GemmTeam team, const GemmShape &s) {
  char line[160];
  std::snprintf(line, sizeof(line),
                "another by %s, %s: %lld x %lld x %lld, ld %lld %lld %lld, "
                "%c%c, beta %g",
                ds::plan::EnumNameGemmLibrary(library),
                team == GemmTeam::whole ? "whole team" : "in a team",
                (long long)s.m, (long long)s.n, (long long)s.k,
                (long long)s.lda, (long long)s.ldb, (long long)s.ldc,
                s.transposeA ? 'T' : 'N', s.transposeB ? 'T' : 'N',
                double(s.beta));
  return line;
}

/// All threads of a team compute the same product, each for itself, at once.
bool runInTeam(GemmKernel &kernel, const std::vector<float> &a,
               const std::vector<float> &b,
               std::vector<std::vector<float>> &results) {
  std::atomic<bool> good{true};
  parallelRanges(results.size(), 1, [&](uint64_t begin, uint64_t end) {
    for (uint64_t i = begin; i < end; ++i)
      if (!kernel.run(a.data(), b.data(), results[i].data()))
        good = false;
  });
  return good;
}

/// By every library, for each of `teams`.
void productMatches(const GemmShape &shape,
                    std::initializer_list<GemmTeam> teams) {
  const std::vector<float> a = operandA(shape), b = operandB(shape),
                           wanted = expected(shape);
  GemmKernels kernels;
  for (GemmLibrary library : ds::rt::kCpuLibraries)
    for (GemmTeam team : teams) {
      auto kernel = kernels.get(library, team, shape);
      if (!ds::test::check(kernel.ok(), "a kernel", __FILE__, __LINE__,
                           text(library, team, shape)))
        return;
      std::vector<std::vector<float>> results(
          team == GemmTeam::whole ? 1 : 2 * kThreads, resultBefore(shape));
      if (team == GemmTeam::whole)
        CHECK((*kernel)->run(a.data(), b.data(), results[0].data()));
      else
        CHECK(runInTeam(**kernel, a, b, results));
      for (const std::vector<float> &result : results)
        ds::test::check(result == wanted, "the loops' result", __FILE__,
                        __LINE__, text(library, team, shape));
    }
}

std::vector<uint16_t> toBrains(const std::vector<float> &values) {
  std::vector<uint16_t> result;
  for (float value : values)
    result.push_back(toBrain(value));
  return result;
}

/// Equal, NaN to NaN.
bool areSame(const std::vector<float> &a, const std::vector<float> &b) {
  return std::equal(
      a.begin(), a.end(), b.begin(), b.end(),
      [](float x, float y) { return x == y || (x != x && y != y); });
}

/// Of bfloat16 operands, which hold the small integers exactly: sums are those
/// of float32, and with a bfloat16 result rounded at the end.
void brainProductMatches(GemmShape shape, GemmTeam team, bool wideResult) {
  shape.dtype = ds::plan::DType::bf16;
  shape.result = wideResult ? ds::plan::DType::f32 : ds::plan::DType::bf16;
  const std::vector<uint16_t> a = toBrains(operandA(shape)),
                              b = toBrains(operandB(shape));
  std::vector<float> wide = resultBefore(shape), wanted = expected(shape);
  std::vector<uint16_t> narrow = toBrains(wide);
  GemmKernels kernels;
  auto kernel = kernels.get(GemmLibrary::onednn_matmul, team, shape);
  const std::string what = text(GemmLibrary::onednn_matmul, team, shape);
  if (!ds::test::check(kernel.ok(), "a kernel", __FILE__, __LINE__, what))
    return;
  CHECK((*kernel)->run(a.data(), b.data(),
                       wideResult ? static_cast<void *>(wide.data())
                                  : narrow.data()));
  if (!wideResult)
    for (size_t i = 0; i < wide.size(); ++i) {
      wide[i] = fromBrain(narrow[i]);
      wanted[i] = fromBrain(toBrain(wanted[i]));
    }
  ds::test::check(areSame(wide, wanted), "the loops' result", __FILE__,
                  __LINE__, what + (wideResult ? ", to f32" : ", to bf16"));
}

/// The one library that has them, where the machine has them; the others, and
/// other machines, say so.
void brainProducts() {
  GemmShape shape = shapeOf(5, 7, 3, 0, false, false, 0);
  shape.dtype = shape.result = ds::plan::DType::bf16;
  GemmKernels kernels;
  for (GemmLibrary library : ds::rt::kCpuLibraries) {
    if (library == GemmLibrary::onednn_matmul && hasBFloatProducts())
      continue;
    auto kernel = kernels.get(library, GemmTeam::whole, shape);
    CHECK(!kernel.ok());
    CHECK(kernel.status().message() ==
          std::string(ds::plan::EnumNameGemmLibrary(library)) +
              " cannot compute a product of 5 x 7 x 3 of bf16 here: compile "
              "the plan with this machine's profile");
  }
  if (!hasBFloatProducts())
    return;
  for (int bits = 0; bits < 32; ++bits)
    for (auto [m, n, k] : {std::array{1, 1, 1}, std::array{1, 7, 13},
                           std::array{13, 1, 7}, std::array{31, 37, 41},
                           std::array{65, 33, 257}, std::array{193, 261, 385}})
      brainProductMatches(shapeOf(m, n, k, bits & 8 ? 3 : 0, bits & 1, bits & 2,
                                  bits & 4 ? 1 : 0),
                          m < 65 ? GemmTeam::caller : GemmTeam::whole,
                          bits & 16);
}

/// One, primes, odd ends of every block, a long and a short side.
constexpr int64_t kSizes[][3] = {{1, 1, 1},    {1, 7, 13},   {13, 1, 7},
                                 {31, 37, 41}, {97, 101, 5}, {65, 33, 257}};

void awkwardSizesMatch() {
  for (int bits = 0; bits < 16; ++bits)
    for (auto [m, n, k] : kSizes)
      productMatches(shapeOf(m, n, k, bits & 8 ? 3 : 0, bits & 1, bits & 2,
                             bits & 4 ? 1 : 0),
                     {GemmTeam::whole, GemmTeam::caller});
}

/// Where the libraries cut into blocks and share them out; and a power of two
/// from row to row.
void largeOnesMatch() {
  for (int bits = 0; bits < 8; ++bits)
    for (auto [m, n, k] : {std::array{193, 261, 385}, std::array{1024, 64, 80}})
      productMatches(shapeOf(m, n, k, 0, bits & 1, bits & 2, bits & 4 ? 1 : 0),
                     {GemmTeam::whole});
}

void bitsAreTheSame() {
  const GemmShape shape = shapeOf(259, 131, 1031, 0, true, false, 0);
  std::vector<float> a(shape.k * shape.lda), b(shape.k * shape.ldb);
  for (size_t i = 0; i < a.size(); ++i)
    a[i] = std::sin(float(i));
  for (size_t i = 0; i < b.size(); ++i)
    b[i] = std::cos(float(i));
  for (GemmLibrary library : ds::rt::kCpuLibraries) {
    std::vector<float> first(shape.m * shape.ldc), again = first;
    for (int round = 0; round < 8; ++round) {
      GemmKernels kernels; // as another process would make them
      auto kernel = kernels.get(library, GemmTeam::whole, shape);
      if (!CHECK(kernel.ok()))
        return;
      CHECK((*kernel)->run(a.data(), b.data(),
                           (round == 0 ? first : again).data()));
      if (round > 0)
        CHECK(std::memcmp(first.data(), again.data(),
                          first.size() * sizeof(float)) == 0);
    }
  }
}

/// Code is made at load: once for equal products, and not by running them.
void runningMakesNothing() {
  const GemmShape shape = shapeOf(40, 50, 60, 0, false, true, 0);
  const std::vector<float> a = operandA(shape), b = operandB(shape);
  std::vector<float> c = resultBefore(shape);
  GemmKernels kernels;
  const int before = primitivesMade;
  auto one = kernels.get(GemmLibrary::onednn_matmul, GemmTeam::whole, shape);
  auto same = kernels.get(GemmLibrary::onednn_matmul, GemmTeam::whole, shape);
  if (!CHECK(one.ok() && same.ok()))
    return;
  CHECK(*one == *same);
  CHECK(primitivesMade == before + 1);
  for (int i = 0; i < 3; ++i)
    CHECK((*one)->run(a.data(), b.data(), c.data()));
  CHECK(primitivesMade == before + 1);
}

} // namespace

int main() {
  setThreads(kThreads);
  awkwardSizesMatch();
  largeOnesMatch();
  brainProducts();
  bitsAreTheSame();
  runningMakesNothing();
  return ds::test::finish("gemm");
}
