//===- ImportModel.cpp - Models that are not written in ds --------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An imported module was traced for one batch: the micro-batch is not ours to
// choose.
//===--------------------------------------------------------------------===//

#include "ImportModel.h"
#include "ds/Config/Config.h"
#include "ds/Dialect/DS/DS.h"
#include "ds/Import/Import.h"
#include "ds/Passes/Pipelines.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace ds {

static int fail(int code, const Twine &message) {
  llvm::errs() << "ds-opt: error: " << message << "\n";
  return code;
}

/// The module's batch is the micro-batch, unless the flags say otherwise.
static int takeBatch(int64_t batch, DriverOptions &o) {
  const std::string samples = std::to_string(batch);
  if (!o.microBatch.empty() && o.microBatch != "auto" &&
      o.microBatch != samples)
    return fail(2, "the module was lowered for a batch of " + samples +
                       ", but got --micro-batch=" + o.microBatch +
                       "; drop it, or lower the function for that batch");
  const int64_t round = batch * o.world;
  if (o.globalBatch % round != 0)
    return fail(2, "expects --global-batch to be a multiple of " +
                       Twine(round) +
                       ", the module's batch times the world, but got " +
                       Twine(o.globalBatch));
  o.microBatch = samples;
  return 0;
}

/// Finds fused ops and says which: 12 attention, 1 cross_entropy, ...
static LogicalResult raiseModel(ModuleOp model) {
  PassManager pm(model.getContext());
  buildRaising(pm);
  if (failed(pm.run(model)))
    return failure();
  llvm::outs() << "found ";
  auto raised = model->getAttrOfType<DictionaryAttr>(kRaisedAttr);
  if (!raised)
    llvm::outs() << "no layer that has an op of its own";
  else
    llvm::interleaveComma(raised, llvm::outs(), [](NamedAttribute entry) {
      llvm::outs() << cast<IntegerAttr>(entry.getValue()).getInt() << " "
                   << entry.getName().getValue();
    });
  if (auto blocks = model->getAttrOfType<IntegerAttr>(kBlocksAttr))
    llvm::outs() << "; " << blocks.getInt() << " repeated blocks";
  llvm::outs() << "\n";
  return success();
}

int importModel(ModuleOp model, DriverOptions &o) {
  if (!isStableHLO(model)) {
    if (o.signature.empty())
      return 0;
    return fail(2, "--signature says what the arguments of an imported module "
                   "are, but '" +
                       o.input + "' is a module of ds; drop --signature");
  }
  if (failed(importStableHLO(model, o.signature)) || failed(raiseModel(model)))
    return 1;
  boundInputs(model);
  return takeBatch(model->getAttrOfType<IntegerAttr>(kBatchAttr).getInt(), o);
}

std::string describeUpdate(ModuleOp model, const Recipe &recipe) {
  const bool trains =
      llvm::any_of(model.getOps<ParameterOp>(), [](ParameterOp parameter) {
        return parameter.getRole() == "parameter";
      });
  return trains ? describeOptimizer(recipe) : "the module's own update";
}

} // namespace ds
