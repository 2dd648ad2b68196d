//===- DSWindow.h - Which elements lie in which windows -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The windows of ds.reduce_window and its relatives, which verifier,
// interpreter, gradients and kernels read in the same way.
//===--------------------------------------------------------------------===//
#ifndef DS_DIALECTS_DS_DSWINDOW_H
#define DS_DIALECTS_DS_DSWINDOW_H

#include "ds/Dialect/DS/DS.h"

namespace ds {

/// One dimension of windows: for position i of one tensor and place k of a
/// window, position p of the other one, where `p * divisor` is
/// `i * factor + k * apart + begin`.
struct WindowDim {
  int64_t factor, apart, begin, divisor;
  int64_t taps;  ///< Places of a window.
  int64_t count; ///< Positions i.
  int64_t size;  ///< Positions p.

  /// Position p, or -1 where there is none.
  int64_t partner(int64_t i, int64_t k) const {
    const int64_t at = i * factor + k * apart + begin;
    return at >= 0 && at % divisor == 0 && at / divisor < size ? at / divisor
                                                               : -1;
  }
};

/// The windows of an op that has them.
struct WindowWalk {
  explicit WindowWalk(ReduceWindowOp op);
  explicit WindowWalk(ArgReduceWindowOp op);
  explicit WindowWalk(ReduceWindowGradOp op);

  mlir::RankedTensorType whole; ///< What windows are taken of.
  mlir::RankedTensorType parts; ///< One element per window.
  llvm::SmallVector<int64_t> sizes, by, low, interior, apart;

  int64_t taps() const { return HostTensor::count(sizes); }
  /// From windows to elements of the whole.
  WindowDim into(int64_t dim) const;
  /// From elements of the whole to windows.
  WindowDim outOf(int64_t dim) const;
};

} // namespace ds

#endif // DS_DIALECTS_DS_DSWINDOW_H
