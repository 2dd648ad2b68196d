//===- values_test.cpp - Random numbers, hashes of names, scalars -------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Known answers: Random123's kat_vectors for Philox, Wichura's paper for the
// quantiles, FIPS 180-4's examples for SHA-256.
//===--------------------------------------------------------------------===//
#include "Check.h"
#include "exec/Philox.h"
#include "exec/Scalars.h"
#include "exec/Sha256.h"

#include <cmath>
#include <cstring>
#include <limits>

using namespace ds::rt;
using ds::philox;

static void philoxKnownAnswers() {
  using Words = std::array<uint32_t, 4>;
  CHECK((philox({0, 0, 0, 0}, 0, 0) ==
         Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  uint32_t ones = 0xffffffff;
  CHECK((philox({ones, ones, ones, ones}, ones, ones) ==
         Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  CHECK((philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0xa4093822,
                0x299f31d0) ==
         Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

static void sha256KnownAnswers() {
  auto hex = [](const std::string &text) {
    std::string out;
    for (uint8_t byte : sha256(text.data(), text.size())) {
      char digits[3];
      std::snprintf(digits, sizeof(digits), "%02x", byte);
      out += digits;
    }
    return out;
  };
  CHECK(hex("") == "e3b0c44298fc1c149afbf4c8996fb924"
                   "27ae41e4649b934ca495991b7852b855");
  CHECK(hex("abc") == "ba7816bf8f01cfea414140de5dae2223"
                      "b00361a396177a9cb410ff61f20015ad");
  CHECK(hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void quantileKnownAnswers() {
  auto near = [](double a, double b) {
    return std::fabs(a - b) <= 1e-15 * std::fabs(b);
  };
  CHECK(near(normalQuantile(0.25), -0.6744897501960817));
  CHECK(near(normalQuantile(0.001), -3.090232306167814));
  CHECK(near(normalQuantile(1e-20), -9.262340089798408));
  CHECK(normalQuantile(0.5) == 0);
}

/// Blocks of any beginning and length are parts of one sequence.
static void blocksAgree() {
  RandomStream stream = streamOf("a.name", 0x123456789abcdef0);
  double block[kRandomBlock], part[kRandomBlock];
  uint64_t first = (uint64_t{1} << 34) - 512; // counters cross 2^32
  normals(stream, first, kRandomBlock, block);
  for (uint64_t skip : {0, 1, 2, 3, 5, 511, 513, 1023}) {
    uint64_t count = kRandomBlock - skip;
    normals(stream, first + skip, count, part);
    CHECK(std::memcmp(part, block + skip, count * sizeof(double)) == 0);
  }
  for (uint64_t i :
       {uint64_t{0}, uint64_t{511}, uint64_t{512}, uint64_t{1000}}) {
    uint64_t element = first + i, counter = element / 4;
    auto words = philox({uint32_t(counter), uint32_t(counter >> 32),
                         uint32_t(stream.seed), uint32_t(stream.seed >> 32)},
                        stream.key0, stream.key1);
    double u = (double(words[element % 4]) + 0.5) * 0x1p-32;
    CHECK(normalQuantile(u) == block[i]);
  }
}

static double through(ds::plan::DType dtype, double value) {
  std::byte bytes[8] = {};
  storeScalar(dtype, bytes, value);
  return loadScalar(dtype, bytes);
}

static void scalarsRound() {
  using ds::plan::DType;
  CHECK(through(DType::bf16, 1.0 + 1.0 / 256) == 1.0); // tie to even
  CHECK(through(DType::bf16, 1.0 + 3.0 / 256) == 1.0 + 4.0 / 256);
  // Rounding to float32 first would make this a tie.
  CHECK(through(DType::bf16, 1.0 + 1.0 / 256 + 1e-12) == 1.0 + 2.0 / 256);
  CHECK(through(DType::f16, 65504) == 65504);
  CHECK(std::isinf(through(DType::f16, 65520)));
  CHECK(through(DType::f16, 2049) == 2048);
  CHECK(through(DType::f16, 0x1p-24) == 0x1p-24);
  CHECK(through(DType::f16, -0x1.8p-15) == -0x1.8p-15);
  CHECK(through(DType::f16, 0.1) == 0x1.998p-4);
  CHECK(std::isnan(through(DType::f16, NAN)));
  CHECK(through(DType::i32, 2.5) == 2);
  CHECK(through(DType::i32, 1e20) == 2147483647);
  CHECK(through(DType::u8, -4) == 0);
  CHECK(through(DType::i64, -7) == -7);
  CHECK(through(DType::f32, 0.1) == double(0.1f));
}

int main() {
  philoxKnownAnswers();
  sha256KnownAnswers();
  quantileKnownAnswers();
  blocksAgree();
  scalarsRound();
  return ds::test::finish("values");
}
