//===- DSIntegers.h - Integers that are held as float64 -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The interpreter holds every element as a double: an integer by its signed
// value, i1 as 0 or 1.  Exact up to 2^53, which 64-bit integers may exceed.
//===--------------------------------------------------------------------===//
#ifndef DS_DIALECTS_DS_DSINTEGERS_H
#define DS_DIALECTS_DS_DSINTEGERS_H

#include "ds/Dialect/DS/DS.h"

namespace ds {

/// The two's complement of an integer, sign-extended.
uint64_t bits(double value);

/// The element that has the last bits of `bits`.
double toInteger(mlir::Type type, uint64_t bits);

/// The value of an element without sign.
double unsignedValue(mlir::Type type, double value);

/// An element as what it is compared by.
inline double ordered(mlir::Type type, bool isUnsigned, double value) {
  return isUnsigned ? unsignedValue(type, value) : value;
}

/// The integer nearest to a number, rounded towards zero; 0 for NaN.
double saturate(mlir::Type type, bool isUnsigned, double value);

/// What folding of a kind of ds.reduce starts from.
double neutralElement(llvm::StringRef kind, mlir::Type type, bool isUnsigned);

} // namespace ds

#endif // DS_DIALECTS_DS_DSINTEGERS_H
