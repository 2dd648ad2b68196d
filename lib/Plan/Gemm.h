//===- Gemm.h - A product as library calls ------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_LIB_PLAN_GEMM_H
#define DS_LIB_PLAN_GEMM_H

#include "Storage.h"
#include "ds-rt/ProductRate.h"

namespace ds {

/// What the library adds to an element and computes of it before it stores it.
struct ProductEpilogue {
  plan::Epilogue kind = plan::Epilogue::none;
  std::optional<Place> bias, preactivation; ///< Without gaps.
};

/// A product of two tensors.
struct Product {
  ProductSpec letters;
  mlir::RankedTensorType lhs, rhs;
  bool adds = false;   ///< Onto what is there.
  mlir::Type sum = {}; ///< Elements of the result; null: those of `lhs`.
  const ProductEpilogue *epilogue = nullptr;
};

/// The library calls that compute `product` on operands as they lie,
/// transposes and batch strides included: several only when the summed indices
/// do not lie evenly (then all but the first add up).  Nothing when no operand
/// order has unit stride, or an epilogue needs one call without a batch that
/// writes rows; the caller reports.
std::vector<plan::GemmT> lowerProduct(const Product &product, const Place &a,
                                      const Place &b, const Place &c);

/// Names the library of every product: of float32 the fastest by the rates
/// measured, oneDNN's BLAS where there are none; of bfloat16 the one that has
/// them.
void chooseLibraries(plan::ProgramT &program,
                     const std::vector<plan::ProductRate> &rates, int threads);

/// Gives all products to cuBLASLt, with one scratch buffer for all of them:
/// they run one after the other.  With `tf32` those of float32 may round.
void shareWorkspace(plan::ProgramT &program, bool tf32);

} // namespace ds

#endif // DS_LIB_PLAN_GEMM_H
