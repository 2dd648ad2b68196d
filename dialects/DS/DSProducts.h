//===- DSProducts.h - What ops with a product share ---------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_DIALECTS_DS_DSPRODUCTS_H
#define DS_DIALECTS_DS_DSPRODUCTS_H

#include "ds/Dialect/DS/DS.h"

namespace ds {

/// Letters and types of a product.  `adds`: it may be shorter than the result.
llvm::LogicalResult verifyProduct(mlir::Operation *op, llvm::StringRef spec,
                                  mlir::Value lhs, mlir::Value rhs,
                                  mlir::Value result, bool adds);

/// Adds the product of `lhs` and `rhs` to the first elements of `result`.
void addProduct(ProductSpec spec, const HostTensor &lhs, const HostTensor &rhs,
                HostTensor &result);

/// `ds.gelu` of a number, and its slope there.
double gelu(double x);
double geluSlope(double x);

} // namespace ds

#endif // DS_DIALECTS_DS_DSPRODUCTS_H
