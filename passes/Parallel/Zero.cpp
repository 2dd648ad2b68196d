//===- Zero.cpp - ZeRO stages 0 to 3 ------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Micro-batch e of a step belongs to rank e / (micro-batches / world), so the
// loop is cut, not reordered, and the program before runs the same sums as
// the ranks after.  Which of a unit's four tensors are shards follows from the
// stage; the collectives follow from that.  Where the loss reads 16-bit copies
// of float32 units, copies are what is gathered.
//===--------------------------------------------------------------------===//

#include "ds/Dialect/DS/DS.h"
#include "ds/Passes/Parallel.h"
#include "ds/Passes/Precision.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_ZEROPASS
#include "ds/Passes/Parallel.h.inc"

namespace {

constexpr llvm::StringLiteral kAxis = "dp";

struct Zero : impl::ZeroPassBase<Zero> {
  using ZeroPassBase::ZeroPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (stage < 0 || stage > 3 || world < 1) {
      module.emitError("expects a stage from 0 to 3 and at least one rank, but "
                       "got stage ")
          << int64_t{stage} << " and world " << int64_t{world};
      return signalPassFailure();
    }
    module.walk([&](ReadOp read) {
      if (narrowCopy(read))
        copied.insert(read.getState());
    });
    module->setAttr("ds.world", Builder(module).getI64IntegerAttr(world));
    module->setAttr("ds.zero_stage", Builder(module).getI64IntegerAttr(stage));
    if (failed(readCommunication()) || failed(shardUnits(module)))
      return signalPassFailure();
    for (auto function : module.getOps<func::FuncOp>())
      if (failed(transform(function)))
        return signalPassFailure();
  }

  LogicalResult readCommunication() {
    travels = floatType(&getContext(), communication);
    if (travels || communication.empty())
      return success();
    return getOperation().emitError("expects gradients to travel as f32, bf16 "
                                    "or fp16, but got '")
           << communication << "'";
  }

  //===------------------------------------------------------------------===//
  // Types
  //===------------------------------------------------------------------===//

  RankedTensorType shardOf(Type type) {
    auto tensor = cast<RankedTensorType>(type);
    return RankedTensorType::get({tensor.getDimSize(0) / world},
                                 tensor.getElementType());
  }

  /// One rank has the whole of every shard.
  bool isSharded(UnitOp unit) {
    const bool isParameter =
        unit.getRole() == "parameter" || unit.getRole() == "frozen";
    const bool isMaster = copied.contains(unit.getSymName());
    return world > 1 && ((unit.getRole() == "optimizer" && stage >= 1) ||
                         (isParameter && stage >= (isMaster ? 1 : 3)));
  }

  /// The 16-bit copy that `read` is for; null if it is for something else.
  static CastOp narrowCopy(ReadOp read) {
    auto copy =
        read->hasOneUse() ? dyn_cast<CastOp>(*read->user_begin()) : CastOp();
    auto bits = [](Value value) {
      Type element = tensorType(value).getElementType();
      return isa<FloatType>(element) ? element.getIntOrFloatBitWidth() : 0;
    };
    return copy && bits(copy.getResult()) < bits(copy.getInput()) ? copy
                                                                  : CastOp();
  }

  LogicalResult shardUnits(ModuleOp module) {
    for (auto unit : module.getOps<UnitOp>()) {
      auto type = cast<RankedTensorType>(unit.getType());
      if (type.getRank() == 0 || unit.getRole() == "buffer")
        continue; // whole on every rank
      if (type.getDimSize(0) % world != 0)
        return unit.emitOpError("expects elements that divide by the world, ")
               << int64_t{world} << ", but got " << type.getDimSize(0)
               << " (use ds-make-units{shards=" << int64_t{world} << "})";
      if (!isSharded(unit))
        continue;
      unit.setType(shardOf(type));
      unit.setShards(world);
    }
    return success();
  }

  //===------------------------------------------------------------------===//
  // Functions
  //===------------------------------------------------------------------===//

  LogicalResult transform(func::FuncOp function) {
    scf::ForOp loop;
    function.walk([&](scf::ForOp op) {
      if (op->hasAttr(kMicroBatchesAttr))
        loop = op;
    });
    if (!loop)
      return success();
    if (world > 1 && failed(cutLoop(function, loop)))
      return failure();
    gatherParameters(function, loop);
    if (world == 1)
      return success();
    OpBuilder b(loop);
    b.setInsertionPointAfter(loop);
    sumOverRanks(b, loop.getResult(0), loop.getLoc());
    SmallVector<OptimizerOpInterface> updates(
        function.getOps<OptimizerOpInterface>());
    for (OptimizerOpInterface update : updates)
      shardUpdate(loop, update);
    for (auto norm : function.getOps<GradNormOp>())
      if (stage >= 1)
        norm.setOver(kAxis);
    SymbolTable symbols(getOperation());
    for (auto write : function.getOps<WriteOp>())
      if (auto unit = symbols.lookup<UnitOp>(write.getState());
          unit && unit.getRole() == "buffer")
        agreeOn(loop, write);
    return success();
  }

  /// Leaves this rank its part of the micro-batches.
  LogicalResult cutLoop(func::FuncOp function, scf::ForOp loop) {
    auto bound = loop.getUpperBound().getDefiningOp<arith::ConstantIndexOp>();
    if (!bound || bound.value() % world != 0)
      return loop.emitError(
                 "expects the world to divide the micro-batches of a "
                 "step, but got world ")
             << int64_t{world} << " and " << (bound ? bound.value() : 0)
             << " micro-batches";
    int64_t mine = bound.value() / world;
    OpBuilder b(loop);
    loop.setUpperBound(arith::ConstantIndexOp::create(b, loop.getLoc(), mine));
    countOverRanks(loop, mine);
    SmallVector<Type> inputs;
    for (BlockArgument argument : function.getArguments()) {
      auto type = cast<RankedTensorType>(argument.getType());
      SmallVector<int64_t> shape(type.getShape());
      shape[0] = mine;
      argument.setType(RankedTensorType::get(shape, type.getElementType()));
      inputs.push_back(argument.getType());
    }
    function.setType(b.getFunctionType(inputs, function.getResultTypes()));
    return success();
  }

  /// Where code asks for a micro-batch's number it is that of all ranks: rank
  /// r's first one is r * mine.
  void countOverRanks(scf::ForOp loop, int64_t mine) {
    SmallVector<IndexOp> numbers;
    for (Operation *user : loop.getInductionVar().getUsers())
      if (auto number = dyn_cast<IndexOp>(user))
        numbers.push_back(number);
    if (numbers.empty())
      return;
    OpBuilder b(loop);
    Value first = ofRank(b, loop.getLoc(), mine);
    for (IndexOp number : numbers) {
      b.setInsertionPointAfter(number);
      auto sum =
          AddOp::create(b, number.getLoc(), number.getType(), number, first);
      number.getResult().replaceAllUsesExcept(sum, sum);
    }
  }

  /// This rank's number times `count`, an int64 scalar.
  Value ofRank(OpBuilder &b, Location loc, int64_t count) {
    auto multiples =
        llvm::map_to_vector(llvm::seq<int64_t>(0, world),
                            [&](int64_t rank) { return rank * count; });
    auto type = RankedTensorType::get({world}, b.getI64Type());
    Value all = ConstantOp::create(
        b, loc, DenseElementsAttr::get(type, ArrayRef<int64_t>(multiples)));
    Value mine = LocalShardOp::create(b, loc, shardOf(type), all, kAxis);
    return ReshapeOp::create(b, loc, RankedTensorType::get({}, b.getI64Type()),
                             mine);
  }

  /// A sharded parameter unit is gathered where its members are read; its
  /// 16-bit copy, if that is what is read, before the loop in stages below 3.
  void gatherParameters(func::FuncOp function, scf::ForOp loop) {
    SmallVector<ReadOp> reads(loop.getOps<ReadOp>());
    for (auto read : function.getOps<ReadOp>())
      if (narrowCopy(read) ||
          llvm::any_of(read->getUsers(), llvm::IsaPred<UnflattenOp>))
        reads.push_back(read);
    SymbolTable symbols(getOperation());
    for (ReadOp read : reads) {
      SmallVector<Operation *> made{read};
      if (CastOp copy = narrowCopy(read))
        made.push_back(copy);
      auto unit = symbols.lookup<UnitOp>(read.getState());
      if (unit && isSharded(unit))
        made.push_back(gather(made));
      if (stage < 3 && narrowCopy(read))
        for (Operation *op : made)
          if (op->getParentOp() == loop)
            op->moveBefore(loop);
    }
  }

  /// Makes what a chain of ops computes a shard, and gathers it.
  Operation *gather(ArrayRef<Operation *> chain) {
    Value local = chain.back()->getResult(0);
    OpBuilder b(chain.back());
    b.setInsertionPointAfter(chain.back());
    auto whole =
        AllGatherOp::create(b, local.getLoc(), local.getType(), local, kAxis);
    local.replaceAllUsesExcept(whole, whole);
    for (Operation *op : chain)
      op->getResult(0).setType(shardOf(op->getResult(0).getType()));
    return whole;
  }

  /// Gives every rank the same new value of a buffer: the sum over all ranks of
  /// what the loop added up, or what the first rank's first micro-batch makes
  /// of integers, where that depends on data.
  void agreeOn(scf::ForOp loop, WriteOp write) {
    Value value = write.getValue();
    auto mean = value.getDefiningOp<DivOp>();
    Value sum = mean ? mean.getLhs() : value;
    OpBuilder b(loop);
    if (sum.getDefiningOp() == loop) {
      b.setInsertionPointAfter(loop);
      sumOverRanks(b, sum, write.getLoc());
      return;
    }
    if (!dependsOnRank(value))
      return;
    auto type = tensorType(value);
    auto all = RankedTensorType::get({type.getDimSize(0) * world},
                                     type.getElementType());
    Location loc = write.getLoc();
    b.setInsertionPoint(write);
    Value gathered = AllGatherOp::create(b, loc, all, value, kAxis);
    auto first = UnflattenOp::create(b, loc, TypeRange(type), gathered,
                                     ArrayRef<int64_t>{0});
    write.getValueMutable().assign(first.getResult(0));
  }

  /// Whether a value is made of a micro-batch, or dropped at random.
  static bool dependsOnRank(Value value) {
    SmallVector<Value> waiting{value};
    DenseSet<Value> seen;
    while (!waiting.empty()) {
      Operation *op = waiting.pop_back_val().getDefiningOp();
      if (!op)
        continue;
      if (isa<MicroBatchOp, RandomOpInterface>(op))
        return true;
      for (Value operand : op->getOperands())
        if (seen.insert(operand).second)
          waiting.push_back(operand);
    }
    return false;
  }

  Value sumOverRanks(OpBuilder &b, Value value, Location loc) {
    auto sum = AllReduceOp::create(b, loc, value.getType(), value, kAxis);
    value.replaceAllUsesExcept(sum, sum);
    return sum;
  }

  //===------------------------------------------------------------------===//
  // Updates
  //===------------------------------------------------------------------===//

  /// What a value is cast from, at the beginning.
  static Value origin(Value value) {
    while (auto cast = value.getDefiningOp<CastOp>())
      value = cast.getInput();
    return value;
  }

  /// Makes a value a shard, and all that it is cast to.
  void makeShard(Value value) {
    value.setType(shardOf(value.getType()));
    for (Operation *user : value.getUsers())
      if (isa<CastOp>(user))
        makeShard(user->getResult(0));
  }

  /// Gives one unit's update the reduced gradient and the right shards.
  void shardUpdate(scf::ForOp loop, OptimizerOpInterface update) {
    SymbolTable symbols(getOperation());
    OpOperand &parameter = update.getOldParameter();
    auto read = origin(parameter.get()).getDefiningOp<ReadOp>();
    const bool isPart = isSharded(symbols.lookup<UnitOp>(read.getState()));
    auto sum = cast<OpResult>(origin(update.getGradient().get()));
    reduceGradient(loop, sum.getResultNumber(), update.getLoc());
    if (stage == 0)
      return;
    update.setSharded(kAxis, world);
    for (OpOperand &state : update.getOldStates())
      makeShard(origin(state.get()));
    if (isPart)
      makeShard(read.getValue());
    else
      takeShard(read);
    for (Value result : update->getResults())
      shardNew(result);
    if (!isPart)
      gatherNew(update->getResult(0));
  }

  /// Leaves an update this rank's shard of a whole unit.
  void takeShard(ReadOp read) {
    OpBuilder b(*read->user_begin());
    Value whole = read.getValue();
    auto shard =
        LocalShardOp::create(b, read.getLoc(), whole.getType(), whole, kAxis);
    whole.replaceAllUsesExcept(shard, shard);
    makeShard(shard);
  }

  /// Makes a new value a shard, with what it is rounded to.
  void shardNew(Value value) {
    value.setType(shardOf(value.getType()));
    for (Operation *user : value.getUsers()) {
      if (auto round = dyn_cast<StochasticRoundOp>(user))
        round.getFirstMutable().assign(firstElement(round));
      if (isa<CastOp, StochasticRoundOp>(user))
        shardNew(user->getResult(0));
    }
  }

  /// The number of the first element of this rank's shard.
  Value firstElement(StochasticRoundOp round) {
    OpBuilder b(round);
    return ofRank(b, round.getLoc(),
                  tensorType(round.getInput()).getDimSize(0));
  }

  /// Gathers what is written of a new parameter.
  void gatherNew(Value value) {
    while (isa<CastOp, StochasticRoundOp>(*value.user_begin()))
      value = value.user_begin()->getResult(0);
    OpBuilder b(value.getContext());
    b.setInsertionPointAfterValue(value);
    auto shard = tensorType(value);
    auto whole = RankedTensorType::get({shard.getDimSize(0) * world},
                                       shard.getElementType());
    auto gather = AllGatherOp::create(b, value.getLoc(), whole, value, kAxis);
    value.replaceAllUsesExcept(gather, gather);
  }

  //===------------------------------------------------------------------===//
  // Gradients
  //===------------------------------------------------------------------===//

  /// Reduces what the loop makes of a unit's gradient: each micro-batch's in
  /// the loop, or their sum behind it.
  void reduceGradient(scf::ForOp loop, unsigned index, Location loc) {
    Operation *yield = loop.getBody()->getTerminator();
    auto add = yield->getOperand(index).getDefiningOp<AddOp>();
    if (stage >= 2 || (add && isOnlyOne(loop, add)))
      return reduceInLoop(loop, index, add);
    OpBuilder b(loop);
    b.setInsertionPointAfter(loop);
    Value sum = loop.getResult(index);
    SmallVector<OpOperand *> uses;
    for (OpOperand &use : sum.getUses())
      uses.push_back(&use);
    Value reduced = reduce(b, loc, sum);
    for (OpOperand *use : uses)
      use->set(reduced);
    if (stage > 0)
      for (Operation *user : reduced.getUsers())
        if (isa<CastOp>(user))
          makeShard(user->getResult(0));
  }

  /// Whether a rank has a single micro-batch, whose 16-bit gradient can travel
  /// as it is.
  static bool isOnlyOne(scf::ForOp loop, AddOp add) {
    auto rounds = loop.getUpperBound().getDefiningOp<arith::ConstantIndexOp>();
    return rounds && rounds.value() == 1 &&
           add.getRhs().getDefiningOp<CastOp>();
  }

  /// The loop carries the sum of reduced gradients, or of their shards.
  void reduceInLoop(scf::ForOp loop, unsigned index, AddOp add) {
    OpBuilder b(loop);
    if (stage > 0) {
      Value init = loop.getInitArgs()[index];
      loop.getInitArgsMutable()[index].set(
          ConstantOp::create(b, loop.getLoc(), shardOf(init.getType()), 0.0));
      BlockArgument acc = loop.getRegionIterArg(index);
      acc.setType(shardOf(acc.getType()));
      makeShard(loop.getResult(index));
    }
    if (!add) // a parameter without gradient: the accumulator is passed on
      return;
    if (stage > 0)
      add.getResult().setType(shardOf(add.getType()));
    b.setInsertionPoint(add);
    Value reduced = reduce(b, add.getLoc(), origin(add.getRhs()));
    add.getRhsMutable().assign(
        inElements(b, reduced, tensorType(add.getResult()).getElementType()));
  }

  /// The sum over ranks, or this rank's shard of it, of a gradient that travels
  /// in the type that it should.
  Value reduce(OpBuilder &b, Location loc, Value grad) {
    Type element = tensorType(grad).getElementType();
    Value sent = travels ? inElements(b, grad, travels) : grad;
    Value sum = stage == 0
                    ? AllReduceOp::create(b, loc, sent.getType(), sent, kAxis)
                          .getResult()
                    : ReduceScatterOp::create(b, loc, shardOf(sent.getType()),
                                              sent, kAxis)
                          .getResult();
    return inElements(b, sum, element);
  }

  static Value inElements(OpBuilder &b, Value value, Type element) {
    if (tensorType(value).getElementType() == element)
      return value;
    return CastOp::create(b, value.getLoc(),
                          withElement(value.getType(), element), value);
  }

  llvm::StringSet<> copied; ///< Units that the loss reads 16-bit copies of.
  FloatType travels; ///< What gradients are reduced in; null: as they are.
};

} // namespace
} // namespace ds
