//===- BuildTrain.cpp - The training step around a loss -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "BuildUpdate.h"
#include "ForwardState.h"
#include "NarrowState.h"
#include "Overflow.h"
#include "ds/Passes/Autodiff.h"
#include "ds/Passes/Differentiate.h"
#include "ds/Passes/Precision.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_BUILDTRAINPASS
#include "ds/Passes/Autodiff.h.inc"

namespace {

//===--------------------------------------------------------------------===//
// The pass
//===--------------------------------------------------------------------===//

struct BuildTrain : impl::BuildTrainPassBase<BuildTrain> {
  using BuildTrainPassBase::BuildTrainPassBase;

  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, DSDialect>();
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    func::FuncOp loss = findLoss(module);
    if (failed(readSchedules()) || failed(readOptimizer()) ||
        failed(readPrecision()))
      return signalPassFailure();
    if (!loss || failed(checkLoss(loss)))
      return loss ? signalPassFailure()
                  : (module.emitError("expects a function marked 'ds.loss'"),
                     signalPassFailure());
    f64 = RankedTensorType::get({}, Float64Type::get(&getContext()));
    i64 = RankedTensorType::get({}, IntegerType::get(&getContext(), 64));
    SmallVector<UnitOp> units = addState();
    if (failed(addSeed(loss)))
      return signalPassFailure();
    // Each goes right behind the loss: the last one built comes first.
    if (failed(buildStep(loss, units, /*train=*/false)) ||
        failed(buildStep(loss, units, /*train=*/true)))
      return signalPassFailure();
    loss.erase();
    // What stops gradients has done its work.
    module.walk([](StopGradientOp op) {
      op.getResult().replaceAllUsesWith(op.getValue());
      op.erase();
    });
    module.walk([](GuardOp guard) {
      guard.replaceAllUsesWith(guard.getInput());
      guard.erase();
    });
  }

  /// An attribute that is given as text; null after an error.
  template <typename Attr> Attr parseOption(StringRef name, StringRef text) {
    Attribute parsed = parseAttribute(text, &getContext());
    auto attr = dyn_cast_or_null<Attr>(parsed);
    if (parsed && !attr)
      getOperation().emitError()
          << "expects '" << name << "' to be a #ds." << Attr::getMnemonic()
          << ", but got " << parsed;
    return attr;
  }

  LogicalResult readSchedules() {
    auto emitError = [&] { return getOperation().emitError(); };
    rateOfStep =
        schedule.empty()
            ? ScheduleAttr::getChecked(emitError, &getContext(),
                                       ArrayRef<Piece>(Piece{.from = lr}))
            : parseOption<ScheduleAttr>("schedule", schedule);
    if (!rateOfStep || momentum.empty())
      return success(static_cast<bool>(rateOfStep));
    momentumOfStep = parseOption<ScheduleAttr>("momentum", momentum);
    return success(static_cast<bool>(momentumOfStep));
  }

  LogicalResult readOptimizer() {
    fallback = parseOption<OptimizerAttr>("optimizer", optimizer);
    return success(static_cast<bool>(fallback));
  }

  LogicalResult readPrecision() {
    for (auto [name, type] :
         {std::pair(&accumulation, &sumType), std::pair(&states, &stateType)}) {
      *type = floatType(&getContext(), *name);
      if (!name->empty() && !*type)
        return getOperation().emitError("expects a type f32, bf16 or fp16, "
                                        "but got '")
               << *name << "'";
    }
    overflowRule.check = checkOverflow || !lossScale.empty();
    if (lossScale.empty())
      return success();
    Attribute parsed = parseAttribute(lossScale, &getContext());
    overflowRule.scale = dyn_cast_or_null<LossScaleAttr>(parsed);
    if (parsed && !overflowRule.scale)
      getOperation().emitError()
          << "expects 'loss-scale' to be a #ds.loss_scale, but got " << parsed;
    return success(static_cast<bool>(overflowRule.scale));
  }

  LogicalResult checkLoss(func::FuncOp loss) {
    if (loss.getNumResults() != 1 || !loss.getBody().hasOneBlock())
      return loss.emitError("expects the loss function to have one block and "
                            "one result");
    auto type = dyn_cast<RankedTensorType>(loss.getResultTypes()[0]);
    if (!type || type.getRank() != 0 || !isa<FloatType>(type.getElementType()))
      return loss.emitError("expects the loss to be a floating-point scalar, "
                            "but got ")
             << loss.getResultTypes()[0];
    for (Type argument : loss.getArgumentTypes()) {
      auto tensor = dyn_cast<RankedTensorType>(argument);
      if (!tensor || !tensor.hasStaticShape())
        return loss.emitError(
                   "expects tensors of static shapes (run ds-bind-dims "
                   "first), but got ")
               << argument;
    }
    if (microBatches < 1)
      return loss.emitError("expects at least one micro-batch, but got ")
             << int64_t{microBatches};
    auto module = loss->getParentOfType<ModuleOp>();
    if (llvm::any_of(module.getOps<UnitOp>(),
                     [](UnitOp unit) { return unit.getRole() == "parameter"; }))
      return success();
    if (module.getOps<UnitOp>().empty() || loss.getOps<WriteOp>().empty())
      return loss.emitError("expects units (run ds-make-units first)");
    // Its update is not linear in the batch, so it cannot be cut.
    if (microBatches > 1)
      return loss.emitError("trains no parameter and holds its own update: a "
                            "whole training step is one micro-batch on one "
                            "rank, but this plan has ")
             << int64_t{microBatches}
             << "; lower the loss function alone, and ds-opt adds gradient, "
                "optimizer and ranks";
    return success();
  }

  //===------------------------------------------------------------------===//
  // State
  //===------------------------------------------------------------------===//

  /// Returns the units that are trained.
  SmallVector<UnitOp> addState() {
    SmallVector<UnitOp> units(getOperation().getOps<UnitOp>());
    OpBuilder builder(&getContext());
    builder.setInsertionPointAfter(units.back());
    llvm::erase_if(units,
                   [](UnitOp unit) { return unit.getRole() != "parameter"; });
    Attribute zero = ConstantInitAttr::get(&getContext(), 0.0);
    for (UnitOp unit : units)
      ds::addOptimizerState(builder, optimizerOf(unit, fallback), unit);
    Attribute step = MemberAttr::get(
        &getContext(), builder.getStringAttr("step"), 0, i64, zero);
    UnitOp::create(builder, builder.getUnknownLoc(), "step", "scalar", i64, 1,
                   builder.getArrayAttr({step}));
    addOverflowState(builder, overflowRule);
    for (auto unit : getOperation().getOps<UnitOp>())
      if (stateType && unit.getRole() == "optimizer" && !isF64(unit))
        setElements(unit, stateType);
    return units;
  }

  /// Adds @seed when something is dropped at random.
  LogicalResult addSeed(func::FuncOp loss) {
    llvm::StringMap<Operation *> names;
    WalkResult walked = loss.walk([&](RandomOpInterface op) {
      DropoutAttr dropout = op.getDropoutAttr();
      if (!dropout ||
          names.try_emplace(dropout.getName().getValue(), op).second)
        return WalkResult::advance();
      op->emitOpError("expects a dropout name of its own, for equal names have "
                      "equal masks, but got ")
          << dropout.getName() << " again";
      return WalkResult::interrupt();
    });
    if (walked.wasInterrupted() || (names.empty() && !stochasticRounding))
      return failure(walked.wasInterrupted());
    SmallVector<UnitOp> units(getOperation().getOps<UnitOp>());
    OpBuilder builder(&getContext());
    builder.setInsertionPointAfter(units.back());
    Attribute member =
        MemberAttr::get(&getContext(), builder.getStringAttr("seed"), 0, i64,
                        SeedInitAttr::get(&getContext()));
    UnitOp::create(builder, builder.getUnknownLoc(), "seed", "scalar", i64, 1,
                   builder.getArrayAttr(member));
    hasSeed = true;
    return success();
  }

  //===------------------------------------------------------------------===//
  // Functions
  //===------------------------------------------------------------------===//

  Value constant(OpBuilder &b, Type type, double value) {
    return ConstantOp::create(b, loc, cast<RankedTensorType>(type), value);
  }

  /// What no option is about.
  static bool isF64(UnitOp unit) {
    return getElementTypeOrSelf(unit.getType()).isF64();
  }

  /// What gradients of a unit are summed in.
  RankedTensorType sumTypeOf(UnitOp unit) {
    auto type = cast<RankedTensorType>(unit.getType());
    return sumType && !isF64(unit) ? withElement(type, sumType) : type;
  }

  /// The loss's gradient of itself: a micro-batch's share of the step, scaled.
  Value buildSeed(OpBuilder &b, Type type) {
    const double share = gradientFactor / static_cast<double>(microBatches);
    if (!scale)
      return constant(b, type, share);
    Value seed = MulOp::create(b, loc, f64, scale, constant(b, f64, share));
    return CastOp::create(b, loc, type, seed);
  }

  /// What a step returns beside loss, norm and learning rate.
  SmallVector<StringRef> moreOutputs() const {
    SmallVector<StringRef> names;
    if (momentumOfStep)
      names.push_back("momentum");
    if (overflowRule.check)
      names.push_back("skipped");
    if (overflowRule.scale)
      names.push_back("loss_scale");
    if (overflowRule.scale && overflowRule.scale.isDynamic())
      names.push_back("loss_scale_exhausted");
    return names;
  }

  /// Adds @train or @evaluate.
  LogicalResult buildStep(func::FuncOp loss, MutableArrayRef<UnitOp> units,
                          bool train) {
    OpBuilder b(&getContext());
    b.setInsertionPointAfter(loss);
    loc = NameLoc::get(b.getStringAttr(train ? "train" : "evaluate"));
    SmallVector<Type> inputs;
    for (Type type : loss.getArgumentTypes()) {
      auto tensor = cast<RankedTensorType>(type);
      SmallVector<int64_t> shape{microBatches};
      llvm::append_range(shape, tensor.getShape());
      inputs.push_back(RankedTensorType::get(shape, tensor.getElementType()));
    }
    const SmallVector<StringRef> more =
        train ? moreOutputs() : SmallVector<StringRef>();
    SmallVector<Type> results(train ? 3 + more.size() : 1, f64);
    auto step = func::FuncOp::create(b, loc, train ? "train" : "evaluate",
                                     b.getFunctionType(inputs, results));
    if (ArrayAttr attrs = loss.getAllArgAttrs())
      step.setAllArgAttrs(attrs);
    for (auto [i, name] : llvm::enumerate(more))
      step.setResultAttr(3 + i, "ds.name", b.getStringAttr(name));
    Block *body = step.addEntryBlock();
    b.setInsertionPointToStart(body);
    SmallVector<Value> inits{constant(b, f64, 0.0)};
    if (!train) {
      FailureOr<scf::ForOp> loop = buildLoop(b, step, loss, units, inits, {});
      if (failed(loop))
        return failure();
      func::ReturnOp::create(b, loc, loop->getResult(0));
      return success();
    }
    ForwardState state(loss);
    for (UnitOp unit : units)
      inits.push_back(constant(b, sumTypeOf(unit), 0.0));
    for (WriteOp write : state.means)
      inits.push_back(constant(b, write.getValue().getType(), 0.0));
    SmallVector<Value> counter; // where masks are counted from
    if (hasSeed)
      counter = {ReadOp::create(b, loc, i64, "seed"),
                 readSteps(b, loc, overflowRule)};
    scale = readLossScale(b, loc, overflowRule);
    SmallVector<Value> firsts =
        buildFirsts(b, loss, state.firsts, step.getArguments(), counter);
    FailureOr<scf::ForOp> loop =
        buildLoop(b, step, loss, units, inits, counter);
    if (failed(loop))
      return failure();
    ValueRange sums = loop->getResults();
    buildUpdate(b, units, sums.take_front(units.size() + 1));
    ValueRange rounding =
        stochasticRounding ? ValueRange(counter) : ValueRange();
    widenUpdates(step, rounding);
    b.setInsertionPoint(body->getTerminator());
    for (auto [write, sum] :
         llvm::zip_equal(state.means, sums.drop_front(units.size() + 1)))
      writeMean(b, write, sum, microBatches);
    for (auto [write, value] : llvm::zip_equal(state.firsts, firsts))
      WriteOp::create(b, write.getLoc(), value, write.getState());
    return success();
  }

  /// The loop over micro-batches; `inits` are the loss and, when training,
  /// one gradient per unit and one sum per buffer that changes.
  FailureOr<scf::ForOp> buildLoop(OpBuilder &b, func::FuncOp step,
                                  func::FuncOp loss,
                                  MutableArrayRef<UnitOp> units,
                                  ValueRange inits,
                                  SmallVector<Value> counter) {
    Value zero = arith::ConstantIndexOp::create(b, loc, 0);
    Value count = arith::ConstantIndexOp::create(b, loc, microBatches);
    Value one = arith::ConstantIndexOp::create(b, loc, 1);
    auto loop = scf::ForOp::create(b, loc, zero, count, one, inits);
    loop->setAttr(kMicroBatchesAttr, b.getUnitAttr());
    OpBuilder::InsertionGuard guard(b);
    Block *body = loop.getBody();
    if (!body->empty())
      body->getTerminator()->erase();
    b.setInsertionPointToEnd(body);
    IRMapping map;
    for (auto [argument, input] :
         llvm::zip_equal(loss.getArguments(), step.getArguments()))
      map.map(argument, MicroBatchOp::create(b, loc, argument.getType(), input,
                                             loop.getInductionVar())
                            .getResult());
    if (!counter.empty())
      counter.push_back(IndexOp::create(b, loc, loop.getInductionVar()));
    llvm::StringMap<Value> reads = cloneLoss(b, loss, map, counter);
    Value value = map.lookupOrDefault(
        loss.getBody().front().getTerminator()->getOperand(0));
    double share = 1.0 / static_cast<double>(microBatches);
    SmallVector<Value> yields;
    if (inits.size() > 1) {
      SmallVector<Value> wrt;
      for (UnitOp unit : units)
        wrt.push_back(reads.lookup(unit.getSymName()));
      FailureOr<SmallVector<Value>> grads = SmallVector<Value>();
      if (!wrt.empty())
        grads = differentiate(b, value, buildSeed(b, value.getType()), wrt);
      if (failed(grads))
        return failure();
      for (auto [i, grad] : llvm::enumerate(*grads)) {
        Value acc = loop.getRegionIterArg(i + 1);
        Location name = units[i].getLoc();
        if (grad)
          grad = withElements(b, grad, tensorType(acc).getElementType());
        yields.push_back(
            grad ? AddOp::create(b, name, acc.getType(), acc, grad).getResult()
                 : acc);
      }
      for (WriteOp write : ForwardState(loss).means) {
        Value acc = loop.getRegionIterArg(yields.size() + 1);
        yields.push_back(AddOp::create(b, write.getLoc(), acc.getType(), acc,
                                       map.lookup(write.getValue())));
      }
    }
    Value wide = CastOp::create(b, loc, f64, value);
    wide = MulOp::create(b, loc, f64, wide, constant(b, f64, share));
    yields.insert(yields.begin(),
                  AddOp::create(b, loc, f64, loop.getRegionIterArg(0), wide));
    scf::YieldOp::create(b, loc, yields);
    return loop;
  }

  /// Copies the loss and returns the units that it reads.  Without `counter`
  /// nothing is dropped.  Writes are no part of it: buffers keep their values
  /// until all micro-batches are done.
  llvm::StringMap<Value> cloneLoss(OpBuilder &b, func::FuncOp loss,
                                   IRMapping &map, ValueRange counter) {
    llvm::StringMap<Value> reads;
    for (Operation &op : loss.getBody().front().without_terminator()) {
      if (isa<WriteOp>(op))
        continue;
      Operation *copy = b.clone(op, map);
      if (auto read = dyn_cast<ReadOp>(copy))
        reads.try_emplace(read.getState(), read.getValue());
      auto random = dyn_cast<RandomOpInterface>(copy);
      if (!random || !random.getDropoutAttr())
        continue;
      if (!counter.empty()) {
        random.getCounterMutable().assign(counter);
        continue;
      }
      Value kept = random.withoutDropout();
      map.map(op.getResult(0), kept);
      if (kept.getDefiningOp() != copy)
        copy->erase();
    }
    return reads;
  }

  /// Norm, clipping and optimizer, from the loop's results.
  void buildUpdate(OpBuilder &b, MutableArrayRef<UnitOp> units,
                   ValueRange results) {
    Value done = ReadOp::create(b, loc, i64, "step");
    Value step = AddOp::create(b, loc, i64, done, constant(b, i64, 1));
    Value time = CastOp::create(b, loc, f64, step);
    ValueRange grads = results.drop_front();
    Value norm = grads.empty()
                     ? constant(b, f64, 0.0)
                     : GradNormOp::create(b, loc, f64, grads, StringAttr());
    if (scale)
      norm = DivOp::create(b, loc, f64, norm, scale);
    Value factor = constant(b, f64, 1.0);
    if (maxNorm > 0 && !grads.empty()) {
      Value bound = AddOp::create(b, loc, f64, norm, constant(b, f64, 1e-6));
      bound = DivOp::create(b, loc, f64, constant(b, f64, maxNorm), bound);
      factor = MinOp::create(b, loc, f64, bound, factor);
    }
    if (scale)
      factor = DivOp::create(b, loc, f64, factor, scale);
    Value rate = ScheduleValueOp::create(b, loc, f64, done, rateOfStep);
    Value momentum;
    if (momentumOfStep)
      momentum = ScheduleValueOp::create(b, loc, f64, done, momentumOfStep);
    Overflow overflow;
    if (overflowRule.check)
      overflow = findOverflow(b, loc, norm);
    const UpdateScalars scalars{factor,        rate,     time,
                                overflow.skip, momentum, clipValue};
    for (auto [unit, grad] : llvm::zip_equal(units, grads))
      ds::buildUpdate(b, optimizerOf(unit, fallback), unit, grad, scalars);
    SmallVector<Value> report{results[0], norm, rate};
    if (momentum)
      report.push_back(momentum);
    if (overflowRule.check) {
      step = AddOp::create(b, loc, i64, done, overflow.done);
      llvm::append_range(
          report, writeOverflowState(b, loc, overflowRule, overflow, scale));
    }
    WriteOp::create(b, loc, step, "step");
    func::ReturnOp::create(b, loc, report);
  }

  LocationAttr loc; ///< Names the function being built.
  RankedTensorType f64, i64;
  ScheduleAttr rateOfStep;
  ScheduleAttr momentumOfStep; ///< Null: of the optimizer's own.
  OptimizerAttr fallback;      ///< Of units that do not say theirs.
  bool hasSeed = false;        ///< Something is random.
  OverflowRule overflowRule;
  FloatType sumType, stateType; ///< Null: as parameters are.
  Value scale;                  ///< Of the loss, or null.
};

} // namespace
} // namespace ds
