//===- Cost.h - How long instructions take ------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A prediction from three measured rates: products, memory, shared memory.
// Good enough to order candidates; the instruction stream is the actual one.
//===--------------------------------------------------------------------===//
#ifndef DS_COST_COST_H
#define DS_COST_COST_H

#include "ds-rt/ProductRate.h"

#include <cstdint>
#include <vector>

namespace ds {

/// What one rank gets of a machine while all ranks run.
struct Rates {
  int threads = 1;
  /// By shape and library; empty: not measured.
  std::vector<plan::ProductRate> products;
  double gemmFlops = 100e9;    ///< Float32 products, flop per second.
  double memoryBytes = 10e9;   ///< Read plus written, bytes per second.
  double sharedBytes = 5e9;    ///< Copied from other ranks, bytes per second.
  double launchSeconds = 3e-6; ///< Per instruction.
  double rendezvousSeconds = 30e-6; ///< Per collective.

  double product(double flops) const {
    return launchSeconds + flops / gemmFlops;
  }
  double kernel(double bytes) const {
    return launchSeconds + bytes / memoryBytes;
  }
  double collective(double bytes) const {
    return rendezvousSeconds + bytes / sharedBytes;
  }
};

} // namespace ds

#endif // DS_COST_COST_H
