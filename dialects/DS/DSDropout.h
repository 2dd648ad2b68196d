//===- DSDropout.h - What dropout keeps ---------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_DIALECTS_DS_DSDROPOUT_H
#define DS_DIALECTS_DS_DSDROPOUT_H

#include "ds/Dialect/DS/DS.h"

namespace ds {

/// The factors of one micro-batch's elements: 0 or 1 / (1 - p).
class DropoutMask {
public:
  /// `counter` has seed, step and micro-batch, or nothing: zeros.  A null
  /// `dropout` keeps all.
  DropoutMask(DropoutAttr dropout, llvm::ArrayRef<const HostTensor *> counter,
              int64_t samples);
  DropoutMask(std::array<uint32_t, 2> key, double p,
              llvm::ArrayRef<const HostTensor *> counter, int64_t samples);

  /// Of one element of the micro-batch's n-th sample.
  double factor(int64_t n, int64_t element) const;

private:
  std::array<uint32_t, 2> key = {0, 0};
  double p = 0;
  uint64_t step = 0, first = 0; ///< `first`: of the micro-batch's samples.
};

/// `input` after the part of a dropout that lies in a window of the sample:
/// `sample` is the whole one's shape, `first` the window's first element.
/// Without `dropout` it is the input.
mlir::Value dropRows(mlir::OpBuilder &builder, mlir::Location loc,
                     mlir::Value input, DropoutAttr dropout,
                     mlir::ValueRange counter, llvm::ArrayRef<int64_t> sample,
                     int64_t first);

} // namespace ds

#endif // DS_DIALECTS_DS_DSDROPOUT_H
