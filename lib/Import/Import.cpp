//===- Import.cpp - A StableHLO module becomes a loss function ----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Import/Import.h"
#include "Arguments.h"
#include "Importer.h"

#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace ds {
namespace hlo {
namespace {

/// Initial values where nothing says others: `ds-run --load` has the real ones.
constexpr double kDefaultStd = 0.02;

class ModuleImporter {
public:
  explicit ModuleImporter(ModuleOp module)
      : module(module), builder(module.getContext()) {}

  LogicalResult run(StringRef signature) {
    main = module.lookupSymbol<func::FuncOp>("main");
    if (!main || !main.getBody().hasOneBlock())
      return module.emitError("expects a function @main of one block, as "
                              "jax.jit(f).lower(...).as_text() prints it");
    if (failed(checkArguments()))
      return failure();
    FailureOr<std::vector<Argument>> read = readArguments(main, signature);
    if (failed(read))
      return failure();
    arguments = std::move(*read);
    if (failed(checkKinds()) || failed(findLossResult()))
      return failure();
    buildParameters();
    if (failed(buildLoss()))
      return failure();
    removeDead();
    warnOfUnused();
    return success();
  }

private:
  LogicalResult checkArguments() {
    for (BlockArgument argument : main.getArguments()) {
      auto type = dyn_cast<RankedTensorType>(argument.getType());
      if (type && !type.hasStaticShape())
        return mlir::emitError(argument.getLoc())
               << "expects arguments of static shapes, but got argument "
               << argument.getArgNumber() << " of " << type
               << "; lower the function for one batch size";
      if (!convertType(argument.getType()))
        return mlir::emitError(argument.getLoc())
               << "expects arguments that are tensors of f32, f64, bf16, f16, "
                  "i1 or integers, but got argument "
               << argument.getArgNumber() << " of " << argument.getType();
    }
    return success();
  }

  LogicalResult checkKinds() {
    for (auto [i, argument] : llvm::enumerate(arguments)) {
      BlockArgument value = main.getArgument(i);
      Type element = getElementTypeOrSelf(value.getType());
      if (argument.kind == Kind::Parameter && !isa<FloatType>(element))
        return mlir::emitError(value.getLoc())
               << "expects parameters of floating point, but got '"
               << argument.name << "' of " << value.getType()
               << "; integers are inputs, or constants that the function "
                  "closes over";
      if (argument.kind == Kind::Buffer ||
          (argument.kind == Kind::Parameter && !argument.trainable))
        return mlir::emitError(value.getLoc())
               << "'" << argument.name << "' is "
               << (argument.kind == Kind::Buffer ? "a buffer"
                                                 : "a parameter that is not "
                                                   "trained")
               << ", which cannot be imported yet; close over its value, so "
                  "that it is a constant of the module";
    }
    return success();
  }

  /// A module that returns a new value for every parameter is a whole step.
  bool isTrainStep() {
    SmallVector<Type> results(main.getResultTypes());
    bool some = false;
    for (auto [i, argument] : llvm::enumerate(arguments)) {
      if (argument.kind != Kind::Parameter)
        continue;
      auto found = llvm::find(results, main.getArgumentTypes()[i]);
      if (found == results.end())
        return false;
      results.erase(found);
      some = true;
    }
    return some;
  }

  LogicalResult findLossResult() {
    if (isTrainStep() && main.getNumResults() > 1)
      return mlir::emitError(main.getLoc())
             << "@main returns a new value for each parameter: it is a whole "
                "training step, which cannot be imported yet; lower the loss "
                "function alone, and ds-opt adds gradient and optimizer";
    lossResult = -1;
    for (auto [i, type] : llvm::enumerate(main.getResultTypes())) {
      auto tensor = dyn_cast<RankedTensorType>(type);
      if (lossResult < 0 && tensor && tensor.getRank() == 0 &&
          isa<FloatType>(tensor.getElementType()))
        lossResult = static_cast<int>(i);
    }
    if (lossResult < 0)
      return mlir::emitError(main.getLoc())
             << "expects @main to return the loss, a floating-point scalar, "
                "but got "
             << main.getFunctionType().getResults();
    if (main.getNumResults() > 1)
      mlir::emitRemark(main.getLoc())
          << "result " << lossResult << " of @main is the loss; the other "
          << main.getNumResults() - 1 << " are dropped";
    return success();
  }

  void buildParameters() {
    builder.setInsertionPointToStart(module.getBody());
    for (auto [i, argument] : llvm::enumerate(arguments)) {
      if (argument.kind != Kind::Parameter)
        continue;
      BlockArgument value = main.getArgument(i);
      Attribute init = argument.init
                           ? argument.init
                           : NormalAttr::get(builder.getContext(), kDefaultStd);
      ParameterOp::create(builder, value.getLoc(), argument.name,
                          convertType(value.getType()), init);
    }
  }

  LogicalResult buildLoss() {
    SmallVector<Type> inputs;
    SmallVector<DictionaryAttr> attributes;
    int64_t batch = 1;
    for (auto [i, argument] : llvm::enumerate(arguments)) {
      if (argument.kind != Kind::Input)
        continue;
      RankedTensorType type = convertType(main.getArgumentTypes()[i]);
      if (inputs.empty() && type.getRank() > 0)
        batch = type.getDimSize(0);
      inputs.push_back(type);
      attributes.push_back(builder.getDictionaryAttr(builder.getNamedAttr(
          "ds.name", builder.getStringAttr(argument.name))));
    }
    Type loss = convertType(main.getResultTypes()[lossResult]);
    builder.setInsertionPoint(main);
    auto function = func::FuncOp::create(
        builder, main.getLoc(), "loss", builder.getFunctionType(inputs, loss),
        ArrayRef<NamedAttribute>(
            builder.getNamedAttr(kLossAttr, builder.getUnitAttr())),
        attributes);
    block = function.addEntryBlock();
    builder.setInsertionPointToStart(block);
    if (failed(importBody()))
      return failure();
    for (auto old : llvm::make_early_inc_range(module.getOps<func::FuncOp>()))
      if (old != function)
        old.erase();
    module->setAttr(kBatchAttr, builder.getI64IntegerAttr(batch));
    return success();
  }

  LogicalResult importBody() {
    Importer importer(module, builder);
    int input = 0;
    for (auto [i, argument] : llvm::enumerate(arguments)) {
      BlockArgument value = main.getArgument(i);
      Value made;
      if (argument.kind == Kind::Input) {
        made = block->getArgument(input++);
        made.setLoc(value.getLoc());
      } else {
        made = ReadOp::create(builder, value.getLoc(),
                              convertType(value.getType()), argument.name);
      }
      if (failed(importer.define(value, made)))
        return failure();
    }
    importer.calls.push_back(main);
    if (failed(importer.walk(main.getBody().front())))
      return failure();
    Operation *end = main.getBody().front().getTerminator();
    func::ReturnOp::create(builder, end->getLoc(),
                           importer.lookup(end->getOperand(lossResult)));
    return success();
  }

  /// What only dropped results needed, and what folding left behind.
  void removeDead() {
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(*block)))
      if (isOpTriviallyDead(&op) || (isa<ReadOp>(op) && op.use_empty()))
        op.erase();
  }

  void warnOfUnused() {
    llvm::StringSet<> read;
    for (auto op : block->getOps<ReadOp>())
      read.insert(op.getState());
    std::string unused;
    for (const Argument &argument : arguments)
      if (argument.kind == Kind::Parameter && !read.contains(argument.name))
        unused += (unused.empty() ? "" : ", ") + argument.name;
    if (!unused.empty())
      mlir::emitWarning(module.getLoc())
          << "the loss does not depend on " << unused;
  }

  ModuleOp module;
  OpBuilder builder;
  func::FuncOp main;
  std::vector<Argument> arguments;
  int lossResult = -1;
  Block *block = nullptr;
};

} // namespace
} // namespace hlo

bool isStableHLO(ModuleOp module) {
  if (findLoss(module))
    return false;
  if (module.lookupSymbol<func::FuncOp>("main"))
    return true;
  return module
      .walk([](Operation *op) {
        const StringRef dialect = op->getName().getDialectNamespace();
        return dialect == "stablehlo" || dialect == "chlo"
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

LogicalResult importStableHLO(ModuleOp module, StringRef signature) {
  return hlo::ModuleImporter(module).run(signature);
}

} // namespace ds
