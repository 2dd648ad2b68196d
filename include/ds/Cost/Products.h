//===- Products.h - Which library computes a product --------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_COST_PRODUCTS_H
#define DS_COST_PRODUCTS_H

#include "ds-rt/ProductRate.h"

#include <vector>

namespace ds {

/// A product's library and its rate there.
struct ProductChoice {
  plan::GemmLibrary library = plan::GemmLibrary::onednn_gemm;
  double gflops = 0; ///< Of all threads; 0: nothing is known of such products.
};

/// The fastest library at the measured shape that is nearest to `gemm`: by the
/// logarithms of m, n and k, among the rows with its transposes, with a batch
/// or without, and of the nearest number of threads.  Only `gemm`'s sizes,
/// transposes, batch and threading count.  A pure function; the order of
/// `rates` does not matter.
ProductChoice pickProduct(const std::vector<plan::ProductRate> &rates,
                          const plan::GemmT &gemm, int threads);

/// The rate of the library that `gemm` names, at that shape; 0 when unknown.
double productRate(const std::vector<plan::ProductRate> &rates,
                   const plan::GemmT &gemm, int threads);

} // namespace ds

#endif // DS_COST_PRODUCTS_H
