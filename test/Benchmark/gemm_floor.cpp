//===- gemm_floor.cpp - How fast the libraries' products are ------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   gemm-floor < PRODUCTS
//
// Reads one product a line, `m n k ta tb lda ldb ldc batch`, up to an empty
// line, and says which ways there are to compute them: a library, and for a
// batch either all threads in one product or one thread in each.  For every
// further line it times all of them in all ways, and prints the seconds as a
// JSON array of arrays, null where a way does not apply.  Operands are warm and
// packed: no step can have its products faster from the same libraries.
//===--------------------------------------------------------------------===//
#include "backends/cpu/Gemm.h"
#include "backends/cpu/Threads.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

using namespace ds;
using namespace ds::rt;

namespace {

constexpr int kRepetitions = 3; ///< Of a round; the best counts.

struct Product {
  GemmShape shape{};
  int64_t batch = 1;
  int64_t aSize, bSize, cSize; ///< Elements of one product's matrices.
};

/// All threads in one product after the other, or one thread in each.
struct Way {
  GemmLibrary library;
  GemmTeam team;

  std::string name() const {
    std::string library = plan::EnumNameGemmLibrary(this->library);
    return team == GemmTeam::whole ? library : library + ", a thread each";
  }
};

std::vector<Way> allWays() {
  std::vector<Way> ways;
  for (GemmLibrary library : rt::kCpuLibraries)
    for (GemmTeam team : {GemmTeam::whole, GemmTeam::caller})
      ways.push_back({library, team});
  return ways;
}

std::optional<Product> parse(const std::string &line) {
  Product product;
  GemmShape &s = product.shape;
  std::istringstream text(line);
  if (!(text >> s.m >> s.n >> s.k >> s.transposeA >> s.transposeB >> s.lda >>
        s.ldb >> s.ldc >> product.batch) ||
      std::min({s.m, s.n, s.k, product.batch}) < 1 ||
      s.lda < (s.transposeA ? s.m : s.k) ||
      s.ldb < (s.transposeB ? s.k : s.n) || s.ldc < s.n)
    return std::nullopt;
  auto aligned = [](int64_t elements) { return (elements + 15) / 16 * 16; };
  product.aSize = aligned((s.transposeA ? s.k : s.m) * s.lda);
  product.bSize = aligned((s.transposeB ? s.n : s.k) * s.ldb);
  product.cSize = aligned(s.m * s.ldc);
  return product;
}

/// The operands of the largest product; all take their place in them.
struct Operands {
  std::vector<float> a, b, c;

  explicit Operands(const std::vector<Product> &products) {
    int64_t most[3] = {0, 0, 0};
    for (const Product &p : products) {
      most[0] = std::max(most[0], p.batch * p.aSize);
      most[1] = std::max(most[1], p.batch * p.bSize);
      most[2] = std::max(most[2], p.batch * p.cSize);
    }
    a.resize(most[0]);
    b.resize(most[1]);
    c.resize(most[2]);
    uint32_t state = 1;
    for (std::vector<float> *values : {&a, &b})
      for (float &value : *values) {
        state = state * 1664525 + 1013904223;
        value = float(state) * 0x1p-32f - 0.5f;
      }
  }
};

/// The best of some repetitions; nothing where the way does not apply.
std::optional<double> seconds(const Product &product, const Way &way,
                              GemmKernels &kernels, Operands &operands) {
  using Clock = std::chrono::steady_clock;
  bool threadEach = way.team == GemmTeam::caller;
  if (threadEach && product.batch == 1)
    return std::nullopt;
  auto kernel = kernels.get(way.library, way.team, product.shape);
  if (!kernel.ok())
    return std::nullopt;
  std::atomic<bool> good = true;
  auto some = [&](uint64_t begin, uint64_t end) {
    for (uint64_t i = begin; i < end; ++i)
      if (!(*kernel)->run(operands.a.data() + i * product.aSize,
                          operands.b.data() + i * product.bSize,
                          operands.c.data() + i * product.cSize))
        good = false;
  };
  double best = 0;
  for (int i = 0; i < kRepetitions; ++i) {
    auto begin = Clock::now();
    threadEach ? parallelRanges(product.batch, 1, some)
               : some(0, product.batch);
    double time = std::chrono::duration<double>(Clock::now() - begin).count();
    best = i == 0 ? time : std::min(best, time);
  }
  return good ? std::optional(best) : std::nullopt;
}

std::string round(const std::vector<Product> &products,
                  const std::vector<Way> &ways, GemmKernels &kernels,
                  Operands &operands) {
  std::ostringstream line;
  for (const Product &product : products) {
    line << (&product == products.data() ? "[[" : "], [");
    for (const Way &way : ways) {
      line << (&way == ways.data() ? "" : ", ");
      if (auto time = seconds(product, way, kernels, operands))
        line << *time;
      else
        line << "null";
    }
  }
  return line.str() + "]]";
}

} // namespace

int main() {
  setThreads(defaultThreads(1));
  flushDenormals();
  std::vector<Product> products;
  std::string line;
  while (std::getline(std::cin, line) && !line.empty()) {
    auto product = parse(line);
    if (!product) {
      std::cerr << "gemm-floor: error: expected 'm n k ta tb lda ldb ldc "
                   "batch', but got '"
                << line << "'\n";
      return 1;
    }
    products.push_back(*product);
  }
  if (products.empty()) {
    std::cerr << "gemm-floor: error: expected products on standard input\n";
    return 1;
  }
  Operands operands(products);
  GemmKernels kernels;
  std::vector<Way> ways = allWays();
  std::cout << "[";
  for (const Way &way : ways)
    std::cout << (&way == ways.data() ? "\"" : ", \"") << way.name() << "\"";
  std::cout << "]" << std::endl;
  while (std::getline(std::cin, line))
    std::cout << round(products, ways, kernels, operands) << std::endl;
  return 0;
}
