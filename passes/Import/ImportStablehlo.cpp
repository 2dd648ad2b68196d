//===- ImportStablehlo.cpp - StableHLO becomes a loss function ----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The work is lib/Import's; the driver does the same without a pass manager.
//===--------------------------------------------------------------------===//

#include "ds/Dialect/DS/DS.h"
#include "ds/Import/Import.h"
#include "ds/Passes/Import.h"

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_IMPORTSTABLEHLOPASS
#include "ds/Passes/Import.h.inc"

namespace {

struct ImportStablehlo : impl::ImportStablehloPassBase<ImportStablehlo> {
  using ImportStablehloPassBase::ImportStablehloPassBase;

  void runOnOperation() override {
    if (failed(forward ? importForward(getOperation())
                       : importStableHLO(getOperation(), signature)))
      signalPassFailure();
  }
};

} // namespace
} // namespace ds
