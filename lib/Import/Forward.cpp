//===- Forward.cpp - A StableHLO function as it is ----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Without parameters and loss: every argument and result stays.  What a front
// end makes of single ops is checked by it.
//===--------------------------------------------------------------------===//

#include "Importer.h"
#include "ds/Import/Import.h"

using namespace mlir;

namespace ds {
namespace {

/// Types of ds for each of `types`; an error at `loc` for one that has none.
FailureOr<SmallVector<Type>> convertTypes(Location loc, TypeRange types,
                                          StringRef what) {
  SmallVector<Type> made;
  for (auto [i, type] : llvm::enumerate(types)) {
    made.push_back(hlo::convertType(type));
    if (!made.back())
      return mlir::emitError(loc)
             << "expects " << what << "s that are static tensors of f32, f64, "
             << "bf16, f16, i1 or integers, but got " << what << " " << i
             << " of " << type;
  }
  return made;
}

} // namespace

LogicalResult importForward(ModuleOp module) {
  auto main = module.lookupSymbol<func::FuncOp>("main");
  if (!main || !main.getBody().hasOneBlock())
    return module.emitError("expects a function @main of one block");
  auto inputs =
      convertTypes(main.getLoc(), main.getArgumentTypes(), "argument");
  auto results = convertTypes(main.getLoc(), main.getResultTypes(), "result");
  if (failed(inputs) || failed(results))
    return failure();
  OpBuilder builder(main);
  auto function =
      func::FuncOp::create(builder, main.getLoc(), "forward",
                           builder.getFunctionType(*inputs, *results));
  for (unsigned i = 0; i < main.getNumArguments(); ++i)
    function.setArgAttrs(i, main.getArgAttrDict(i));
  Block *block = function.addEntryBlock();
  builder.setInsertionPointToStart(block);
  hlo::Importer importer(module, builder);
  for (auto [old, made] : llvm::zip(main.getArguments(), block->getArguments()))
    if (failed(importer.define(old, made)))
      return failure();
  importer.calls.push_back(main);
  if (failed(importer.walk(main.getBody().front())))
    return failure();
  Operation *end = main.getBody().front().getTerminator();
  func::ReturnOp::create(builder, end->getLoc(),
                         importer.lookup(end->getOperands()));
  for (auto old : llvm::make_early_inc_range(module.getOps<func::FuncOp>()))
    if (old != function)
      old.erase();
  return success();
}

} // namespace ds
