//===- products_test.cpp - Rates of products, measured, written, read ---===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every library at every shape, one thread and all; the table as JSON and
// back; what is refused.  No number is judged.
//===--------------------------------------------------------------------===//
#include "Check.h"
#include "backends/cpu/Gemm.h"
#include "backends/cpu/Threads.h"
#include "profile/Products.h"

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <tuple>

using namespace ds::rt;
using ds::plan::ProductRate;

namespace {

void allIsMeasured() {
  const std::vector<ProductRate> rates = measureProducts(0);
  using Shape = std::tuple<int, int64_t, int64_t, int64_t, int64_t, bool, bool>;
  std::map<Shape, std::set<GemmLibrary>> libraries;
  std::set<int> threads;
  bool aliased = false;
  size_t narrow = 0;
  for (const ProductRate &r : rates) {
    CHECK(r.gflops > 0);
    narrow += r.dtype == ds::plan::DType::bf16;
    if (r.dtype == ds::plan::DType::bf16) {
      CHECK(r.library == GemmLibrary::onednn_matmul);
      continue;
    }
    libraries[{r.threads, r.m, r.n, r.k, r.batch, r.transposeA, r.transposeB}]
        .insert(r.library);
    threads.insert(r.threads);
    aliased |= r.batch == 1 && r.transposeA && r.m == 1024;
  }
  for (const auto &[shape, measured] : libraries)
    CHECK(measured.size() == std::size(ds::rt::kCpuLibraries));
  CHECK(threads == (std::set{1, availableCores()}));
  CHECK(aliased);
  CHECK(narrow == (hasBFloatProducts() ? libraries.size() : 0));
}

void textComesBack() {
  const std::vector<ProductRate> rates = {
      {GemmLibrary::blis, 2, 1024, 768, 2304, 1, true, false, 123.25},
      {GemmLibrary::onednn_matmul, 1, 128, 64, 512, 24, false, true, 0.5,
       ds::plan::DType::bf16},
      {GemmLibrary::cublaslt, 132, 128, 64, 512, 24, false, true, 5e5,
       ds::plan::DType::f32, true}};
  const std::string text = productsJson(rates).dump();
  std::vector<ProductRate> back;
  CHECK(readProducts(nlohmann::json::parse(text), back) == "");
  CHECK(back.size() == 3 && productsJson(back).dump() == text);
  CHECK(back[0].dtype == ds::plan::DType::f32 &&
        back[1].dtype == ds::plan::DType::bf16 && !back[1].tf32);
  CHECK(back[2].dtype == ds::plan::DType::f32 && back[2].tf32);
}

void damageIsRefused() {
  const std::string good =
      R"({"library":"blis","threads":2,"m":8,"n":8,"k":8,"batch":1,)"
      R"("transpose_a":true,"transpose_b":false,"gflops":1.5})";
  const std::string expects =
      "expects a list 'products' of {library, threads, m, n, k, batch, "
      "transpose_a, transpose_b, gflops} and maybe dtype, f32, tf32 or bf16";
  std::vector<ProductRate> rates;
  CHECK(readProducts(nlohmann::json::parse("[" + good + "]"), rates) == "");
  CHECK(readProducts(nlohmann::json::parse(good), rates) == expects);
  CHECK(readProducts(nlohmann::json::parse("[7]"), rates) ==
        expects + ", but got 7");
  for (const char *patch :
       {R"({"library":"mkl"})", R"({"library":3})", R"({"threads":0})",
        R"({"threads":1e9})", R"({"m":-1})", R"({"n":2.5})",
        R"({"k":2199023255552})", R"({"batch":null})", R"({"transpose_a":1})",
        R"({"transpose_b":"no"})", R"({"gflops":0})", R"({"gflops":"x"})",
        R"({"dtype":"f64"})", R"({"dtype":2})"}) {
    nlohmann::json row = nlohmann::json::parse(good);
    row.merge_patch(nlohmann::json::parse(patch));
    CHECK(readProducts(nlohmann::json::array({row}), rates) ==
          expects + ", but got " + row.dump());
  }
}

} // namespace

int main() {
  allIsMeasured();
  textComesBack();
  damageIsRefused();
  return ds::test::finish("products");
}
