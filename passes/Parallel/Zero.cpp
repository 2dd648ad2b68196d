//===- Zero.cpp - ZeRO stages 0 to 3 ------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Micro-batch e of a step belongs to rank e / (micro-batches / world), so the
// loop is cut, not reordered, and the program before runs the same sums as
// the ranks after.  Which of a unit's four tensors are shards follows from the
// stage; the collectives follow from that.
//===--------------------------------------------------------------------===//

#include "ds/Dialect/DS/DS.h"
#include "ds/Passes/Parallel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/TypeSwitch.h"

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
    module->setAttr("ds.world", Builder(module).getI64IntegerAttr(world));
    module->setAttr("ds.zero_stage", Builder(module).getI64IntegerAttr(stage));
    if (world == 1)
      return; // one rank: every shard is the whole
    if (failed(shardUnits(module)))
      return signalPassFailure();
    for (auto function : module.getOps<func::FuncOp>())
      if (failed(transform(function)))
        return signalPassFailure();
  }

  //===------------------------------------------------------------------===//
  // Types
  //===------------------------------------------------------------------===//

  RankedTensorType shardOf(Type type) {
    auto tensor = cast<RankedTensorType>(type);
    return RankedTensorType::get({tensor.getDimSize(0) / world},
                                 tensor.getElementType());
  }

  bool isSharded(UnitOp unit) {
    return (unit.getRole() == "optimizer" && stage >= 1) ||
           (unit.getRole() == "parameter" && stage >= 3) ||
           (unit.getRole() == "frozen" && stage >= 3);
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
    if (failed(cutLoop(function, loop)))
      return failure();
    gatherParameters(function, loop);
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
    Location loc = loop.getLoc();
    Type one = numbers.front().getType();
    auto firsts =
        llvm::map_to_vector(llvm::seq<int64_t>(0, world),
                            [&](int64_t rank) { return rank * mine; });
    auto type = RankedTensorType::get({world}, b.getI64Type());
    Value all = ConstantOp::create(
        b, loc, DenseElementsAttr::get(type, ArrayRef<int64_t>(firsts)));
    Value first = LocalShardOp::create(b, loc, shardOf(type), all, kAxis);
    first = ReshapeOp::create(b, loc, one, first);
    for (IndexOp number : numbers) {
      b.setInsertionPointAfter(number);
      auto sum = AddOp::create(b, number.getLoc(), one, number, first);
      number.getResult().replaceAllUsesExcept(sum, sum);
    }
  }

  /// Stage 3: a parameter unit is gathered where its members are read, in the
  /// loop or, for buffers that change, before it.
  void gatherParameters(func::FuncOp function, scf::ForOp loop) {
    SymbolTable symbols(getOperation());
    SmallVector<ReadOp> reads(loop.getOps<ReadOp>());
    for (auto read : function.getOps<ReadOp>())
      if (llvm::any_of(read->getUsers(), llvm::IsaPred<UnflattenOp>))
        reads.push_back(read);
    for (ReadOp read : reads) {
      auto unit = symbols.lookup<UnitOp>(read.getState());
      if (!unit || !isSharded(unit))
        continue;
      OpBuilder b(read);
      b.setInsertionPointAfter(read);
      Type whole = read.getValue().getType();
      auto gather =
          AllGatherOp::create(b, read.getLoc(), whole, read.getValue(), kAxis);
      read.getValue().setType(shardOf(whole));
      read.getValue().replaceAllUsesExcept(gather, gather);
    }
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

  /// Gives one unit's update the reduced gradient and the right shards.
  void shardUpdate(scf::ForOp loop, OptimizerOpInterface update) {
    Location loc = update.getLoc();
    OpBuilder b(loop);
    b.setInsertionPointAfter(loop);
    Value grad = update.getGradient().get();
    if (stage == 0) {
      sumOverRanks(b, grad, loc);
      return;
    }
    update.setSharded(kAxis, world);
    Type whole = grad.getType();
    RankedTensorType shard = shardOf(whole);
    if (stage == 1) {
      auto reduced = ReduceScatterOp::create(b, loc, shard, grad, kAxis);
      grad.replaceAllUsesExcept(reduced, reduced);
    } else {
      accumulateShard(loop, cast<OpResult>(grad).getResultNumber(), shard);
    }
    for (OpOperand &state : update.getOldStates())
      state.get().setType(shard);
    b.setInsertionPoint(update);
    OpOperand &parameter = update.getOldParameter();
    if (stage == 3)
      parameter.get().setType(shard);
    else
      parameter.set(
          LocalShardOp::create(b, loc, shard, parameter.get(), kAxis));
    for (Value result : update->getResults())
      result.setType(shard);
    if (stage < 3) {
      b.setInsertionPointAfter(update);
      Value updated = update->getResult(0);
      auto gather = AllGatherOp::create(b, loc, whole, updated, kAxis);
      updated.replaceAllUsesExcept(gather, gather);
    }
  }

  /// Stages 2 and 3: the loop carries the shard of a gradient's sum.
  void accumulateShard(scf::ForOp loop, unsigned index,
                       RankedTensorType shard) {
    Location loc = loop.getLoc();
    OpBuilder b(loop);
    loop.getInitArgsMutable()[index].set(
        ConstantOp::create(b, loc, shard, 0.0));
    BlockArgument acc = loop.getRegionIterArg(index);
    Operation *yield = loop.getBody()->getTerminator();
    auto add = yield->getOperand(index).getDefiningOp<AddOp>();
    acc.setType(shard);
    loop.getResult(index).setType(shard);
    if (!add) // a parameter without gradient: the accumulator is passed on
      return;
    b.setInsertionPoint(add);
    Value reduced =
        ReduceScatterOp::create(b, add.getLoc(), shard, add.getRhs(), kAxis);
    add.getRhsMutable().assign(reduced);
    add.getResult().setType(shard);
  }
};

} // namespace
} // namespace ds
