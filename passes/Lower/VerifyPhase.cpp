//===- VerifyPhase.cpp - The gate after each phase ----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Dialect/DS/DS.h"
#include "ds/Passes/Lower.h"

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_VERIFYPHASEPASS
#include "ds/Passes/Lower.h.inc"

namespace {

bool isStatic(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return !tensor || tensor.hasStaticShape();
}

struct VerifyPhase : impl::VerifyPhasePassBase<VerifyPhase> {
  using VerifyPhasePassBase::VerifyPhasePassBase;

  void runOnOperation() override {
    bool bad = false;
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      const bool isForward = phase == "import" || phase == "precision";
      if (!isForward && function->hasAttr(kLossAttr)) {
        function.emitOpError("is still there after phase '") << phase << "'";
        bad = true;
      }
      if (function->hasAttr(kKernelAttr))
        continue;
      function.walk([&](Operation *op) { bad |= failed(check(op)); });
    }
    if (bad)
      signalPassFailure();
    markAllAnalysesPreserved();
  }

  LogicalResult check(Operation *op) {
    if (!llvm::all_of(op->getResultTypes(), isStatic))
      return op->emitOpError("has a dynamic shape after phase '")
             << phase << "'";
    if (isa<func::CallOp>(op))
      return op->emitOpError("is a call after phase '") << phase << "'";
    if (phase != "lower")
      return success();
    if (isa<DecomposableOpInterface>(op) ||
        (isa<KernelOpInterface>(op) && !isScalarInstruction(op)))
      return op->emitOpError("has no instruction after phase '")
             << phase << "'";
    return success();
  }
};

} // namespace
} // namespace ds
