//===- Import.cpp - A StableHLO module becomes a loss function ----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Import/Import.h"
#include "Arguments.h"
#include "Importer.h"

#include "mlir/IR/Verifier.h"
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
    eraseStrayOps();
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
    freezeUnused();
    return verify(module); // what no verifier of StableHLO saw
  }

private:
  /// What stands beside the functions is in none of them.
  void eraseStrayOps() {
    for (Operation &op :
         llvm::make_early_inc_range(llvm::reverse(*module.getBody())))
      if (llvm::is_contained({"stablehlo", "chlo"},
                             op.getName().getDialectNamespace()))
        op.erase();
  }

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
      if (argument.kind == Kind::Parameter && argument.trainable &&
          !isa<FloatType>(element))
        return mlir::emitError(value.getLoc())
               << "expects trained parameters of floating point, but got '"
               << argument.name << "' of " << value.getType()
               << "; say that it is a buffer, or not trainable";
      if (argument.kind == Kind::State && failed(checkState(argument, value)))
        return failure();
    }
    return success();
  }

  /// A state and the result that is its new value.
  LogicalResult checkState(const Argument &state, BlockArgument value) {
    const int64_t results = main.getNumResults();
    if (state.result < 0 || state.result >= results)
      return mlir::emitError(value.getLoc())
             << "expects the new value of '" << state.name
             << "' among the results of @main, 0 to " << results - 1
             << ", but got result " << state.result;
    if (main.getResultTypes()[state.result] != value.getType())
      return mlir::emitError(value.getLoc())
             << "expects the new value of '" << state.name << "', result "
             << state.result << ", to be of " << value.getType()
             << " as the state is, but got "
             << main.getResultTypes()[state.result];
    if (!newValues.insert(state.result).second)
      return mlir::emitError(value.getLoc())
             << "expects one state for result " << state.result << ", but got '"
             << state.name << "' for it, too";
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
                "training step; lower the loss function alone, and ds-opt adds "
                "gradient, optimizer and ranks, or say with --signature which "
                "arguments are of the kind 'state', to run it as it is on one "
                "rank";
    lossResult = -1;
    for (auto [i, type] : llvm::enumerate(main.getResultTypes())) {
      auto tensor = dyn_cast<RankedTensorType>(type);
      if (lossResult < 0 && !newValues.contains(i) && tensor &&
          tensor.getRank() == 0 && isa<FloatType>(tensor.getElementType()))
        lossResult = static_cast<int>(i);
    }
    if (lossResult < 0)
      return mlir::emitError(main.getLoc())
             << "expects @main to return the loss, a floating-point scalar, "
                "but got "
             << main.getFunctionType().getResults();
    const size_t others = main.getNumResults() - 1 - newValues.size();
    if (others > 0)
      mlir::emitRemark(main.getLoc())
          << "result " << lossResult << " of @main is the loss; the other "
          << others << " are dropped";
    return success();
  }

  void buildParameters() {
    builder.setInsertionPointToStart(module.getBody());
    for (auto [i, argument] : llvm::enumerate(arguments)) {
      if (argument.kind == Kind::Input)
        continue;
      BlockArgument value = main.getArgument(i);
      RankedTensorType type = convertType(value.getType());
      const bool isParameter = argument.kind == Kind::Parameter;
      Attribute init = argument.init;
      if (!init && isParameter && isa<FloatType>(type.getElementType()))
        init = NormalAttr::get(builder.getContext(), kDefaultStd);
      else if (!init)
        init = ConstantInitAttr::get(builder.getContext(), 0.0);
      ParameterOp::create(builder, value.getLoc(), argument.name, type, init,
                          !isParameter         ? "buffer"
                          : argument.trainable ? "parameter"
                                               : "frozen");
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
    for (auto [i, argument] : llvm::enumerate(arguments))
      if (argument.kind == Kind::State)
        WriteOp::create(builder, main.getArgument(i).getLoc(),
                        importer.lookup(end->getOperand(argument.result)),
                        argument.name);
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

  /// Parameters that the loss would have a gradient in.
  llvm::StringSet<> trainedByLoss() {
    llvm::StringSet<> names;
    DenseSet<Value> seen;
    SmallVector<Value> waiting{block->getTerminator()->getOperand(0)};
    while (!waiting.empty()) {
      Value value = waiting.pop_back_val();
      Operation *op = value.getDefiningOp();
      if (!op || isa<StopGradientOp>(op) || !seen.insert(value).second ||
          !isa<FloatType>(getElementTypeOrSelf(value.getType())))
        continue;
      if (auto read = dyn_cast<ReadOp>(op))
        names.insert(read.getState());
      op->walk([&](Operation *inner) {
        llvm::append_range(waiting, inner->getOperands());
      });
    }
    return names;
  }

  /// What has no gradient is left as it is, as in PyTorch: no decay, either.
  void freezeUnused() {
    const llvm::StringSet<> trained = trainedByLoss();
    std::string unused;
    for (auto parameter : module.getOps<ParameterOp>()) {
      if (parameter.getRole() != "parameter" ||
          trained.contains(parameter.getSymName()))
        continue;
      parameter.setRole("frozen");
      unused += (unused.empty() ? "" : ", ") + parameter.getSymName().str();
    }
    if (!unused.empty())
      mlir::emitWarning(module.getLoc())
          << "the loss does not depend on " << unused
          << ": kept as loaded, not trained";
  }

  ModuleOp module;
  OpBuilder builder;
  func::FuncOp main;
  std::vector<Argument> arguments;
  int lossResult = -1;
  llvm::SmallDenseSet<int64_t> newValues; ///< Results that are of states.
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
