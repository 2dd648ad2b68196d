//===- Gemm.h - A product as library calls ------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_LIB_PLAN_GEMM_H
#define DS_LIB_PLAN_GEMM_H

#include "Storage.h"
#include "ds-rt/ProductRate.h"

namespace ds {

/// A product of two tensors.
struct Product {
  ProductSpec letters;
  mlir::RankedTensorType lhs, rhs;
  bool adds = false;   ///< Onto what is there.
  mlir::Type sum = {}; ///< Elements of the result; null: those of `lhs`.
};

/// The library calls that compute `product` on operands as they lie,
/// transposes and batch strides included: several only when the summed indices
/// do not lie evenly (then all but the first add up).  Nothing when no operand
/// order has unit stride; the caller reports.
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
