//===- Optimizer.h - How parameters are updated -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The optimizer in plain values.  What each value means is said at its op.
//===--------------------------------------------------------------------===//
#ifndef DS_SUPPORT_OPTIMIZER_H
#define DS_SUPPORT_OPTIMIZER_H

namespace ds {

/// AdamW.
struct Optimizer {
  double beta1 = 0.9, beta2 = 0.95, eps = 1e-8, weightDecay = 0.1;
};

} // namespace ds

#endif // DS_SUPPORT_OPTIMIZER_H
