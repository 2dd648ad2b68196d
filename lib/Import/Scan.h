//===- Scan.h - A loop that stays a loop --------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_LIB_IMPORT_SCAN_H
#define DS_LIB_IMPORT_SCAN_H

#include "Importer.h"

namespace ds::hlo {

/// A loop whose value number `value` is start, start + step, ... in its rounds.
struct Counting {
  unsigned value;
  int64_t start, step, rounds;
};

/// Makes a `ds.scan` of a loop: slices at the counter are entries of stacked
/// tensors, updates at it are stacked results.
mlir::LogicalResult importScan(Importer &importer, stablehlo::WhileOp op,
                               const Counting &counting);

} // namespace ds::hlo

#endif // DS_LIB_IMPORT_SCAN_H
