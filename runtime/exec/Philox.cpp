//===- Philox.cpp - Counter-based random numbers and normal quantiles ---===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Works on blocks of 1024 elements in plain loops that the compiler
// vectorizes; the tails of the normal (15 % of the elements) follow in a
// scalar pass.  Compiled with -ffp-contract=off.
//===--------------------------------------------------------------------===//
#include "exec/Philox.h"
#include "exec/Sha256.h"

#include <cmath>
#include <cstring>

// Wider vectors where the CPU has them; no contraction, so equal bits.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) &&                   \
    !defined(__SANITIZE_THREAD__)
#define DS_RT_VECTOR_CLONES                                                    \
  __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define DS_RT_VECTOR_CLONES
#endif

namespace ds::rt {
namespace {

constexpr int kCounters = kRandomBlock / 4;

/// Horner's rule for AS241's polynomials of degree 7.
inline double polynomial(const double (&c)[8], double r) {
  double sum = c[7];
  for (int i = 6; i >= 0; --i)
    sum = sum * r + c[i];
  return sum;
}

constexpr double kA[8] = {3.3871328727963666080e0,  1.3314166789178437745e+2,
                          1.9715909503065514427e+3, 1.3731693765509461125e+4,
                          4.5921953931549871457e+4, 6.7265770927008700853e+4,
                          3.3430575583588128105e+4, 2.5090809287301226727e+3};
constexpr double kB[8] = {1.0,
                          4.2313330701600911252e+1,
                          6.8718700749205790830e+2,
                          5.3941960214247511077e+3,
                          2.1213794301586595867e+4,
                          3.9307895800092710610e+4,
                          2.8729085735721942674e+4,
                          5.2264952788528545610e+3};
constexpr double kC[8] = {1.42343711074968357734e0,  4.63033784615654529590e0,
                          5.76949722146069140550e0,  3.64784832476320460504e0,
                          1.27045825245236838258e0,  2.41780725177450611770e-1,
                          2.27238449892691845833e-2, 7.74545014278341407640e-4};
constexpr double kD[8] = {1.0,
                          2.05319162663775882187e0,
                          1.67638483018380384940e0,
                          6.89767334985100004550e-1,
                          1.48103976427480074590e-1,
                          1.51986665636164571966e-2,
                          5.47593808499534494600e-4,
                          1.05075007164441684324e-9};
constexpr double kE[8] = {6.65790464350110377720e0,  5.46378491116411436990e0,
                          1.78482653991729133580e0,  2.96560571828504891230e-1,
                          2.65321895265761230930e-2, 1.24266094738807843860e-3,
                          2.71155556874348757815e-5, 2.01033439929228813265e-7};
constexpr double kF[8] = {1.0,
                          5.99832206555887937690e-1,
                          1.36929880922735805310e-1,
                          1.48753612908506148525e-2,
                          7.86869131145613259100e-4,
                          1.84631831751005468180e-5,
                          1.42151175831644588870e-7,
                          2.04426310338993978564e-15};
constexpr double kCentral = 0.425;

double tailQuantile(double u) {
  double q = u - 0.5;
  double r = std::sqrt(-std::log(q < 0 ? u : 1.0 - u));
  double z = r <= 5.0 ? polynomial(kC, r - 1.6) / polynomial(kD, r - 1.6)
                      : polynomial(kE, r - 5.0) / polynomial(kF, r - 5.0);
  return q < 0 ? -z : z;
}

/// The words of kCounters consecutive counters, element order.
DS_RT_VECTOR_CLONES
void philoxBlock(const RandomStream &stream, uint64_t counter,
                 uint32_t *words) {
  uint32_t c0[kCounters], c1[kCounters], c2[kCounters], c3[kCounters];
  for (int i = 0; i < kCounters; ++i) {
    c0[i] = static_cast<uint32_t>(counter + i);
    c1[i] = static_cast<uint32_t>((counter + i) >> 32);
    c2[i] = static_cast<uint32_t>(stream.seed);
    c3[i] = static_cast<uint32_t>(stream.seed >> 32);
  }
  uint32_t k0 = stream.key0, k1 = stream.key1;
  for (int round = 0; round < kPhiloxRounds; ++round) {
    for (int i = 0; i < kCounters; ++i) {
      uint64_t p0 = uint64_t{kPhiloxMul0} * c0[i],
               p1 = uint64_t{kPhiloxMul1} * c2[i];
      c0[i] = static_cast<uint32_t>(p1 >> 32) ^ c1[i] ^ k0;
      c1[i] = static_cast<uint32_t>(p1);
      c2[i] = static_cast<uint32_t>(p0 >> 32) ^ c3[i] ^ k1;
      c3[i] = static_cast<uint32_t>(p0);
    }
    k0 += kPhiloxWeyl0;
    k1 += kPhiloxWeyl1;
  }
  for (int i = 0; i < kCounters; ++i) {
    words[4 * i] = c0[i];
    words[4 * i + 1] = c1[i];
    words[4 * i + 2] = c2[i];
    words[4 * i + 3] = c3[i];
  }
}

DS_RT_VECTOR_CLONES
void toUniforms(const uint32_t *words, uint64_t count, double *out) {
  for (uint64_t i = 0; i < count; ++i)
    out[i] = (static_cast<double>(words[i]) + 0.5) * 0x1p-32;
}

/// The central branch for every element, right or not.
DS_RT_VECTOR_CLONES
void centralQuantiles(const double *u, uint64_t count, double *z) {
  for (uint64_t i = 0; i < count; ++i) {
    double q = u[i] - 0.5;
    double r = kCentral * kCentral - q * q;
    z[i] = q * polynomial(kA, r) / polynomial(kB, r);
  }
}

} // namespace

RandomStream streamOf(const char *name, uint64_t seed) {
  auto digest = sha256(name, std::strlen(name));
  RandomStream stream{0, 0, seed};
  std::memcpy(&stream.key0, digest.data(), 4);
  std::memcpy(&stream.key1, digest.data() + 4, 4);
  return stream;
}

void uniforms(const RandomStream &stream, uint64_t first, uint64_t count,
              double *out) {
  // A block that does not begin at a multiple of four spans one counter more.
  uint32_t words[2 * kRandomBlock];
  uint64_t skip = first % 4;
  philoxBlock(stream, first / 4, words);
  if (skip + count > kRandomBlock)
    philoxBlock(stream, first / 4 + kCounters, words + kRandomBlock);
  toUniforms(words + skip, count, out);
}

void normals(const RandomStream &stream, uint64_t first, uint64_t count,
             double *out) {
  double u[kRandomBlock];
  uniforms(stream, first, count, u);
  centralQuantiles(u, count, out);
  for (uint64_t i = 0; i < count; ++i)
    if (std::fabs(u[i] - 0.5) > kCentral)
      out[i] = tailQuantile(u[i]);
}

double normalQuantile(double u) {
  if (std::fabs(u - 0.5) > kCentral)
    return tailQuantile(u);
  double z;
  centralQuantiles(&u, 1, &z);
  return z;
}

DS_RT_VECTOR_CLONES
void scaleNormals(const double *z, uint64_t count, double mean, double std,
                  float *out) {
  for (uint64_t i = 0; i < count; ++i)
    out[i] = static_cast<float>(mean + std * z[i]);
}

} // namespace ds::rt
