//===- InlineBlocks.cpp - One function, with the layers remembered ------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Dialect/DS/DS.h"
#include "ds/Passes/Import.h"

#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_INLINEBLOCKSPASS
#include "ds/Passes/Import.h.inc"

namespace {

/// The parameter's name without its last part: `h.0.attn.c_attn.weight` is
/// used by `h.0.attn.c_attn`.
StringRef layerName(StringRef parameter) { return parameter.rsplit('.').first; }

struct InlineBlocks : impl::InlineBlocksPassBase<InlineBlocks> {
  using InlineBlocksPassBase::InlineBlocksPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    for (auto function :
         llvm::make_early_inc_range(module.getOps<func::FuncOp>()))
      if (function->hasAttr(kLossAttr)) {
        if (failed(inlineCalls(function)))
          return signalPassFailure();
        nameOps(function);
      }
    removeUnusedFunctions(module);
  }

  /// Inlines all calls; the n-th call of `function` itself marks block n.
  LogicalResult inlineCalls(func::FuncOp function) {
    SymbolTable symbols(getOperation());
    int64_t block = 0;
    SmallVector<func::CallOp> calls(function.getOps<func::CallOp>());
    for (func::CallOp call : calls) {
      if (failed(inlineCall(call, symbols, block, /*depth=*/0)))
        return failure();
      ++block;
    }
    return success();
  }

  LogicalResult inlineCall(func::CallOp call, SymbolTable &symbols,
                           int64_t block, int depth) {
    auto callee = symbols.lookup<func::FuncOp>(call.getCallee());
    if (!callee || !callee.getBody().hasOneBlock())
      return call.emitOpError("expects a function with one block named '@")
             << call.getCallee() << "'";
    if (depth > 64 || callee == call->getParentOfType<func::FuncOp>())
      return call.emitOpError("expects calls without recursion");
    OpBuilder builder(call);
    IRMapping map;
    map.map(callee.getArguments(), call.getOperands());
    SmallVector<func::CallOp> nested;
    for (Operation &op : callee.getBody().front().without_terminator()) {
      Operation *copy = builder.clone(op, map);
      copy->setAttr(kBlockAttr, builder.getI64IntegerAttr(block));
      if (auto random = dyn_cast<RandomOpInterface>(copy))
        nameDropout(random, block);
      if (auto inner = dyn_cast<func::CallOp>(copy))
        nested.push_back(inner);
    }
    Operation *end = callee.getBody().front().getTerminator();
    for (auto [result, value] :
         llvm::zip_equal(call.getResults(), end->getOperands()))
      result.replaceAllUsesWith(map.lookupOrDefault(value));
    call.erase();
    for (func::CallOp inner : nested)
      if (failed(inlineCall(inner, symbols, block, depth + 1)))
        return failure();
    return success();
  }

  /// Equal blocks have masks of their own: `h.*.drop` becomes `h.3.drop`.
  void nameDropout(RandomOpInterface op, int64_t block) {
    DropoutAttr dropout = op.getDropoutAttr();
    if (!dropout || !dropout.getName().getValue().contains('*'))
      return;
    auto [before, after] = dropout.getName().getValue().split('*');
    auto name = StringAttr::get(&getContext(), before + Twine(block) + after);
    op.setDropoutAttr(
        DropoutAttr::get(&getContext(), name, dropout.getProbability()));
  }

  /// Gives every op the name of the layer whose parameter it uses.
  void nameOps(func::FuncOp function) {
    for (Operation &op : function.getBody().front()) {
      std::string name;
      if (auto read = dyn_cast<ReadOp>(op))
        name = read.getState().str();
      for (Value operand : op.getOperands())
        if (auto read = operand.getDefiningOp<ReadOp>(); read && name.empty())
          name = layerName(read.getState()).str();
      if (name.empty()) {
        if (auto block = op.getAttrOfType<IntegerAttr>(kBlockAttr))
          name = "block" + std::to_string(block.getInt()) + ".";
        name += op.getName().stripDialect();
      }
      op.setLoc(
          NameLoc::get(StringAttr::get(&getContext(), name), op.getLoc()));
    }
  }

  void removeUnusedFunctions(ModuleOp module) {
    for (auto function :
         llvm::make_early_inc_range(module.getOps<func::FuncOp>()))
      if (function.isPrivate() &&
          SymbolTable::symbolKnownUseEmpty(function, module))
        function.erase();
  }
};

} // namespace
} // namespace ds
