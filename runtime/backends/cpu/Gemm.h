//===- Gemm.h - Matrix products of the CPU backend ----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The door to the vendor libraries: nothing else of the runtime includes their
// headers.  A plan names the library of each product; what a library needs for
// one, code above all, is made at load.  A further library is a further .cpp
// behind this file.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_BACKENDS_CPU_GEMM_H
#define DS_RUNTIME_BACKENDS_CPU_GEMM_H

#include "base/Status.h"
#include "plan_generated.h"

#include <compare>
#include <map>
#include <memory>

namespace ds::rt {

using plan::GemmLibrary;

/// Those of CPUs.
inline constexpr GemmLibrary kCpuLibraries[] = {
    GemmLibrary::onednn_gemm, GemmLibrary::onednn_matmul, GemmLibrary::blis};

/// C = A * B + beta * C, row-major; A is m x k (k x m when transposed).
struct GemmShape {
  int64_t m, n, k;
  int64_t lda, ldb, ldc; ///< Elements.
  bool transposeA, transposeB;
  float beta; ///< 0 or 1.
  /// Of A and B: f32 or bf16, whose sums are float32.
  plan::DType dtype = plan::DType::f32;
  plan::DType result = plan::DType::f32; ///< Of C: `dtype`, or f32.

  auto operator<=>(const GemmShape &) const = default;
};

/// Who takes part in one call of a product.
enum class GemmTeam : uint8_t {
  whole, ///< All threads: called from outside a team.
  caller ///< The calling thread alone; all of a team may call at once.
};

/// One product, ready to run as often as wanted.
class GemmKernel {
public:
  virtual ~GemmKernel() = default;
  /// Elements are of the shape's types.  Same operands, same bits.  False when
  /// the library refuses.
  virtual bool run(const void *a, const void *b, void *c) = 0;
};

/// The products of a program, equal ones once; made for the number of threads
/// that is set at the time.  Not thread-safe.
class GemmKernels {
public:
  /// Returns a kernel that lives as long as this object.  Fails where the
  /// library cannot compute such a product.
  StatusOr<GemmKernel *> get(GemmLibrary library, GemmTeam team,
                             const GemmShape &shape);

private:
  struct Key {
    GemmLibrary library;
    GemmTeam team;
    GemmShape shape;
    auto operator<=>(const Key &) const = default;
  };
  std::map<Key, std::unique_ptr<GemmKernel>> made_;
};

/// Whether bfloat16 is multiplied here as it is, and not by way of float32.
bool hasBFloatProducts();

/// What the libraries offer; null when they cannot compute such a product.
std::unique_ptr<GemmKernel> makeDnnlGemm(const GemmShape &shape);
std::unique_ptr<GemmKernel> makeDnnlMatmul(const GemmShape &shape,
                                           GemmTeam team);
std::unique_ptr<GemmKernel> makeBlisGemm(const GemmShape &shape, GemmTeam team);

/// Plain loops over float64: for hand-written plans and tests, not for speed.
void gemm(const GemmShape &shape, const double *a, const double *b, double *c);

} // namespace ds::rt

#endif // DS_RUNTIME_BACKENDS_CPU_GEMM_H
