//===- LibrariesTest.cpp - Which library a product is given to ----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Nearer shapes have more of a say; what is not like the product has none.
//===--------------------------------------------------------------------===//

#include "Check.h"
#include "Gemm.h"
#include "ds/Cost/Products.h"

#include <algorithm>

using namespace ds;
using plan::GemmLibrary;
using plan::GemmT;
using plan::ProductRate;

namespace {

constexpr auto kGemm = GemmLibrary::onednn_gemm;
constexpr auto kMatmul = GemmLibrary::onednn_matmul;
constexpr auto kBlis = GemmLibrary::blis;

/// Two threads: oneDNN's two ways as a Zen 5 has them, BLIS's for the cliff of
/// a chip without AVX-512; one thread otherwise.
std::vector<ProductRate> table() {
  return {{kGemm, 2, 1024, 2304, 768, 1, false, false, 440},
          {kMatmul, 2, 1024, 2304, 768, 1, false, false, 430},
          {kGemm, 2, 1024, 768, 2304, 1, false, true, 390},
          {kMatmul, 2, 1024, 768, 2304, 1, false, true, 440},
          {kBlis, 2, 1024, 768, 2304, 1, false, true, 400},
          {kGemm, 2, 256, 16421, 768, 1, false, true, 410},
          {kMatmul, 2, 256, 16421, 768, 1, false, true, 380},
          {kBlis, 2, 256, 16421, 768, 1, false, true, 415},
          {kGemm, 2, 768, 2304, 1024, 1, true, false, 170},
          {kBlis, 2, 768, 2304, 1024, 1, true, false, 160},
          {kGemm, 2, 1024, 4096, 256, 1, true, false, 80},
          {kBlis, 2, 1024, 4096, 256, 1, true, false, 165},
          {kGemm, 1, 1024, 768, 2304, 1, false, true, 220},
          {kMatmul, 1, 1024, 768, 2304, 1, false, true, 210},
          {kMatmul, 2, 128, 512, 64, 24, false, true, 300},
          {kGemm, 2, 128, 512, 64, 24, false, true, 320}};
}

GemmT product(uint64_t m, uint64_t n, uint64_t k, bool transposeA,
              bool transposeB) {
  GemmT gemm;
  gemm.m = m;
  gemm.n = n;
  gemm.k = k;
  gemm.lda = transposeA ? m : k;
  gemm.ldb = transposeB ? k : n;
  gemm.ldc = n;
  gemm.transpose_a = transposeA;
  gemm.transpose_b = transposeB;
  return gemm;
}

void picks(const GemmT &gemm, int threads, GemmLibrary library, int line) {
  auto rates = table();
  for (int order = 0; order < 3; ++order) {
    const GemmLibrary picked = pickLibrary(rates, gemm, threads);
    ds::test::check(picked == library, plan::EnumNameGemmLibrary(library),
                    __FILE__, line, plan::EnumNameGemmLibrary(picked));
    std::rotate(rates.begin(), rates.begin() + 5, rates.end());
  }
}
#define PICKS(...) picks(__VA_ARGS__, __LINE__)

void testNearest() {
  PICKS(product(1024, 2304, 768, false, false), 2, kGemm);
  PICKS(product(1024, 768, 2304, false, true), 2, kMatmul);
  PICKS(product(512, 768, 3072, false, true), 2, kMatmul);
  PICKS(product(128, 50257, 768, false, true), 2, kBlis);
  // The nearest number of threads comes before the nearest size.
  PICKS(product(1024, 768, 2304, false, true), 1, kGemm);
  PICKS(product(128, 50257, 768, false, true), 1, kGemm);
  PICKS(product(1024, 768, 2304, false, true), 8, kMatmul);
}

/// One measurement gone wrong is outvoted by its neighbours.
void testNoise() {
  std::vector<ProductRate> rates = {
      {kGemm, 2, 1024, 768, 3072, 1, false, false, 405},
      {kBlis, 2, 1024, 768, 3072, 1, false, false, 412},
      {kGemm, 2, 1024, 2304, 768, 1, false, false, 450},
      {kBlis, 2, 1024, 2304, 768, 1, false, false, 410},
      {kGemm, 2, 1024, 768, 768, 1, false, false, 450},
      {kBlis, 2, 1024, 768, 768, 1, false, false, 430}};
  CHECK(pickLibrary(rates, product(1024, 768, 2048, false, false), 2) == kGemm);
  // A clear difference at the nearest shape is none.
  rates[1].gflops = 460;
  CHECK(pickLibrary(rates, product(1024, 768, 2048, false, false), 2) == kBlis);
}

/// Rows a power of two apart are a kind of their own.
void testAliases() {
  PICKS(product(768, 3072, 1024, true, false), 2, kGemm);
  PICKS(product(1024, 3072, 512, true, false), 2, kBlis);
  PICKS(product(4096, 1024, 512, true, false), 2, kBlis);
  // Smaller ones are not slow; and it is the step that counts.
  PICKS(product(512, 2304, 512, true, false), 2, kGemm);
  GemmT padded = product(1024, 4096, 256, true, false);
  padded.lda = 1040;
  PICKS(padded, 2, kGemm);
}

/// So are rows that begin amid a cache line, in any of the three matrices.
void testUnaligned() {
  PICKS(product(256, 4096, 768, false, true), 2, kMatmul);
  GemmT padded = product(256, 4099, 768, false, true);
  PICKS(padded, 2, kBlis);
  padded.ldc = 4112;
  PICKS(padded, 2, kMatmul);
}

/// On a GPU such as begin amid the 16 bytes that a thread loads at once.
void testUnalignedOnGpu() {
  constexpr auto kLt = GemmLibrary::cublaslt;
  auto nearest = [](plan::DType dtype, uint64_t n) {
    const std::vector<ProductRate> rates = {
        {kLt, 132, 4096, 50304, 768, 1, false, true, 600, dtype},
        {kLt, 132, 4096, 50257, 768, 1, false, true, 300, dtype}};
    GemmT gemm = product(4096, n, 768, false, true);
    gemm.dtype = dtype, gemm.library = kLt;
    return nearestProduct(rates, gemm, 132)->gflops;
  };
  CHECK(nearest(plan::DType::bf16, 50264) == 600); // no cache line
  CHECK(nearest(plan::DType::bf16, 50260) == 300);
  CHECK(nearest(plan::DType::f32, 50260) == 600);
  CHECK(nearest(plan::DType::f32, 50302) == 300);
}

void testBatches() {
  GemmT heads = product(128, 256, 64, false, true);
  heads.batch.emplace_back(12, 64, 64, 32768);
  heads.threading = plan::GemmThreading::batch;
  PICKS(heads, 2, kGemm);
  // One after the other on all threads: as products of their own.
  heads.threading = plan::GemmThreading::library;
  PICKS(heads, 2, kMatmul);
}

void testUnknown() {
  const GemmT transposed = product(64, 64, 64, true, true);
  PICKS(transposed, 2, kGemm);
  CHECK(pickLibrary({}, transposed, 2) == kGemm);
  CHECK(!nearestProduct(table(), transposed, 2));
  GemmT named = product(1024, 768, 2304, false, true);
  CHECK(nearestProduct(table(), named, 2)->gflops == 390);
  named.library = kMatmul;
  CHECK(nearestProduct(table(), named, 2)->gflops == 440);
  named.library = kBlis;
  CHECK(nearestProduct(table(), named, 2)->gflops == 400);
  CHECK(!nearestProduct({}, named, 2));
}

/// A program with one product.
plan::ProgramT program(GemmT gemm) {
  plan::ProgramT program;
  auto instr = std::make_unique<plan::InstrT>();
  instr->op.Set(std::move(gemm));
  program.blocks.push_back(std::make_unique<plan::BlockT>());
  program.blocks[0]->instrs.push_back(std::move(instr));
  return program;
}

void testChoice() {
  auto chosen = [](plan::ProgramT one, const std::vector<ProductRate> &rates) {
    chooseLibraries(one, rates, 2);
    return one.blocks[0]->instrs[0]->op.AsGemm()->library;
  };
  auto gemm = [](plan::DType dtype) {
    GemmT gemm = product(1024, 768, 2304, false, true);
    gemm.dtype = dtype;
    return gemm;
  };
  CHECK(chosen(program(gemm(plan::DType::f32)), table()) == kMatmul);
  CHECK(chosen(program(gemm(plan::DType::f32)), {}) == kGemm);
  CHECK(chosen(program(gemm(plan::DType::f64)), table()) == kGemm);
  // One library has products of bfloat16; their rates say nothing of others.
  CHECK(chosen(program(gemm(plan::DType::bf16)), {}) == kMatmul);
  std::vector<ProductRate> narrow = {
      {kBlis, 2, 1024, 768, 2304, 1, false, true, 390},
      {kMatmul, 2, 1024, 768, 2304, 1, false, true, 900, plan::DType::bf16}};
  CHECK(chosen(program(gemm(plan::DType::f32)), narrow) == kBlis);
  GemmT half = gemm(plan::DType::bf16);
  half.library = kMatmul;
  CHECK(nearestProduct(narrow, half, 2)->gflops == 900);
}

} // namespace

int main() {
  testNearest();
  testNoise();
  testAliases();
  testUnaligned();
  testUnalignedOnGpu();
  testBatches();
  testUnknown();
  testChoice();
  return ds::test::finish("plan libraries");
}
