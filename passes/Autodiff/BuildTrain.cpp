//===- BuildTrain.cpp - The training step around a loss -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "BuildUpdate.h"
#include "ds/Passes/Autodiff.h"
#include "ds/Passes/Differentiate.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_BUILDTRAINPASS
#include "ds/Passes/Autodiff.h.inc"

namespace {

//===--------------------------------------------------------------------===//
// What a step makes of buffers
//
// Every micro-batch of a step sees buffers as they were at its start.  What is
// floating becomes the mean of what the micro-batches make of it, summed as
// gradients are; integers become what the first micro-batch makes of them.  So
// nothing depends on the number of ranks.
//===--------------------------------------------------------------------===//

/// The new values of a loss function's buffers.
struct ForwardState {
  explicit ForwardState(func::FuncOp loss) {
    for (auto write : loss.getOps<WriteOp>()) {
      const bool isFloat =
          isa<FloatType>(tensorType(write.getValue()).getElementType());
      (isFloat ? means : firsts).push_back(write);
    }
  }
  SmallVector<WriteOp> means;  ///< Of floating units.
  SmallVector<WriteOp> firsts; ///< Of the others.
};

/// The ops that `writes` need, in program order.
SmallVector<Operation *> neededFor(ArrayRef<WriteOp> writes, Block &block) {
  DenseSet<Value> needed;
  for (WriteOp write : writes)
    needed.insert(write->getOperand(0));
  SmallVector<Operation *> ops;
  for (Operation &op : llvm::reverse(block)) {
    if (llvm::none_of(op.getResults(),
                      [&](Value value) { return needed.contains(value); }))
      continue;
    ops.push_back(&op);
    op.walk([&](Operation *inner) {
      needed.insert(inner->operand_begin(), inner->operand_end());
    });
  }
  std::reverse(ops.begin(), ops.end());
  return ops;
}

/// Builds what `writes` make of a step's first micro-batch, and returns it.
/// `inputs` are the step's, stacked; `counter` is empty or the seed and the
/// step, where masks are counted from.
SmallVector<Value> buildFirsts(OpBuilder &b, func::FuncOp loss,
                               ArrayRef<WriteOp> writes, ValueRange inputs,
                               ValueRange counter) {
  if (writes.empty())
    return {};
  Location loc = loss.getLoc();
  IRMapping map;
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  for (auto [argument, input] : llvm::zip_equal(loss.getArguments(), inputs))
    map.map(argument,
            MicroBatchOp::create(b, loc, argument.getType(), input, zero)
                .getResult());
  SmallVector<Value> place(counter);
  if (!place.empty())
    place.push_back(IndexOp::create(b, loc, zero));
  for (Operation *op : neededFor(writes, loss.getBody().front())) {
    auto random = dyn_cast<RandomOpInterface>(b.clone(*op, map));
    if (random && random.getDropoutAttr())
      random.getCounterMutable().assign(place);
  }
  return llvm::map_to_vector(writes, [&](WriteOp write) {
    return map.lookupOrDefault(write.getValue());
  });
}

/// Writes the mean of `count` micro-batches, whose sum is `sum`.
void writeMean(OpBuilder &b, WriteOp write, Value sum, int64_t count) {
  Location loc = write.getLoc();
  if (count > 1) {
    auto scalar = RankedTensorType::get({}, tensorType(sum).getElementType());
    Value number =
        ConstantOp::create(b, loc, scalar, static_cast<double>(count));
    sum = DivOp::create(b, loc, sum.getType(), sum, number);
  }
  WriteOp::create(b, loc, sum, write.getState());
}

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
    if (failed(readSchedules()) || failed(readOptimizer()))
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
    if (walked.wasInterrupted() || names.empty())
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
    const bool hasMomentum = train && momentumOfStep;
    SmallVector<Type> results(train ? 3 + hasMomentum : 1, f64);
    auto step = func::FuncOp::create(b, loc, train ? "train" : "evaluate",
                                     b.getFunctionType(inputs, results));
    if (ArrayAttr attrs = loss.getAllArgAttrs())
      step.setAllArgAttrs(attrs);
    if (hasMomentum)
      step.setResultAttr(3, "ds.name", b.getStringAttr("momentum"));
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
      inits.push_back(constant(b, unit.getType(), 0.0));
    for (WriteOp write : state.means)
      inits.push_back(constant(b, write.getValue().getType(), 0.0));
    SmallVector<Value> counter; // where masks are counted from
    if (hasSeed)
      for (StringRef name : {"seed", "step"})
        counter.push_back(ReadOp::create(b, loc, i64, name));
    SmallVector<Value> firsts =
        buildFirsts(b, loss, state.firsts, step.getArguments(), counter);
    FailureOr<scf::ForOp> loop =
        buildLoop(b, step, loss, units, inits, counter);
    if (failed(loop))
      return failure();
    ValueRange sums = loop->getResults();
    buildUpdate(b, units, sums.take_front(units.size() + 1));
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
        grads = differentiate(
            b, value, constant(b, value.getType(), share * gradientFactor),
            wrt);
      if (failed(grads))
        return failure();
      for (auto [i, grad] : llvm::enumerate(*grads)) {
        Value acc = loop.getRegionIterArg(i + 1);
        Location name = units[i].getLoc();
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
    Value scale = constant(b, f64, 1.0);
    if (maxNorm > 0 && !grads.empty()) {
      Value bound = AddOp::create(b, loc, f64, norm, constant(b, f64, 1e-6));
      bound = DivOp::create(b, loc, f64, constant(b, f64, maxNorm), bound);
      scale = MinOp::create(b, loc, f64, bound, scale);
    }
    Value rate = ScheduleValueOp::create(b, loc, f64, done, rateOfStep);
    Value momentum;
    if (momentumOfStep)
      momentum = ScheduleValueOp::create(b, loc, f64, done, momentumOfStep);
    const UpdateScalars scalars{scale,       rate,     time,
                                /*skip=*/{}, momentum, clipValue};
    for (auto [unit, grad] : llvm::zip_equal(units, grads))
      ds::buildUpdate(b, optimizerOf(unit, fallback), unit, grad, scalars);
    WriteOp::create(b, loc, step, "step");
    SmallVector<Value> shown{results[0], norm, rate};
    if (momentum)
      shown.push_back(momentum);
    func::ReturnOp::create(b, loc, shown);
  }

  LocationAttr loc; ///< Names the function being built.
  RankedTensorType f64, i64;
  ScheduleAttr rateOfStep;
  ScheduleAttr momentumOfStep; ///< Null: of the optimizer's own.
  OptimizerAttr fallback;      ///< Of units that do not say theirs.
  bool hasSeed = false;        ///< Something is dropped at random.
};

} // namespace
} // namespace ds
