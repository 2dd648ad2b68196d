//===- Interpreter.cpp - Runs ds modules on virtual ranks ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Control flow, calls and state are handled here; what an op computes it says
// itself through `EvaluableOpInterface` or `CollectiveOpInterface`.
//===--------------------------------------------------------------------===//

#include "ds/Interpreter/Interpreter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <cmath>

using namespace mlir;
using namespace ds;

using Values = std::vector<RankValues>;

namespace {
/// The same scalar on all ranks.
RankValues scalar(int64_t world, double value) {
  return RankValues(world, HostTensor(ArrayRef<int64_t>(), value));
}

/// i1 is 0 or 1.
double toDouble(const APInt &value) {
  return value.getBitWidth() == 1 ? static_cast<double>(value.getZExtValue())
                                  : static_cast<double>(value.getSExtValue());
}
double toDouble(const APFloat &value) {
  APFloat copy = value;
  bool losesInfo;
  copy.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &losesInfo);
  return copy.convertToDouble();
}

/// A number or a tensor that an attribute states.
FailureOr<HostTensor> constantValue(Operation &op, Attribute attribute) {
  HostTensor value{ArrayRef<int64_t>()};
  if (auto integer = dyn_cast<IntegerAttr>(attribute)) {
    value.data[0] = toDouble(integer.getValue());
    return value;
  }
  if (auto real = dyn_cast<FloatAttr>(attribute)) {
    value.data[0] = toDouble(real.getValue());
    return value;
  }
  auto elements = dyn_cast<DenseElementsAttr>(attribute);
  if (!elements)
    return op.emitError() << "the interpreter cannot read " << attribute;
  value = HostTensor(elements.getType());
  if (isa<FloatType>(elements.getElementType()))
    llvm::transform(elements.getValues<APFloat>(), value.data.begin(),
                    [](const APFloat &x) { return toDouble(x); });
  else
    llvm::transform(elements.getValues<APInt>(), value.data.begin(),
                    [](const APInt &x) { return toDouble(x); });
  return value;
}

/// The operands of one rank.
SmallVector<const HostTensor *> ofRank(ArrayRef<const RankValues *> values,
                                       int64_t rank) {
  return llvm::map_to_vector(
      values, [&](const RankValues *value) { return &(*value)[rank]; });
}

/// The norm over all operands of all ranks.
double normOverRanks(ArrayRef<const RankValues *> operands) {
  double squares = 0.0;
  for (const RankValues *operand : operands)
    for (const HostTensor &shard : *operand)
      for (double x : shard.data)
        squares += x * x;
  return std::sqrt(squares);
}

/// The results of an op that each rank computes alone.
Values evaluateEachRank(Operation &op, int64_t world,
                        ArrayRef<const RankValues *> operands) {
  Values values(op.getNumResults());
  for (int64_t rank = 0; rank < world; ++rank) {
    std::vector<HostTensor> results;
    for (Type type : op.getResultTypes())
      results.emplace_back(type);
    cast<EvaluableOpInterface>(op).evaluate(ofRank(operands, rank), results);
    for (auto [value, result, type] :
         llvm::zip_equal(values, results, op.getResultTypes())) {
      result.roundTo(type);
      value.push_back(std::move(result));
    }
  }
  return values;
}

/// The results of an optimizer whose tensors are shards: what it computes of
/// the wholes, cut again.
Values evaluateSharded(OptimizerOpInterface op, int64_t world,
                       ArrayRef<const RankValues *> operands) {
  SmallVector<HostTensor> wholes;
  for (const RankValues *operand : operands) {
    const HostTensor &mine = operand->front();
    if (mine.shape.empty()) {
      wholes.push_back(mine);
      continue;
    }
    HostTensor whole(ArrayRef<int64_t>{mine.size() * world});
    for (auto [rank, shard] : llvm::enumerate(*operand))
      llvm::copy(shard.data, whole.data.begin() + rank * shard.size());
    wholes.push_back(std::move(whole));
  }
  std::vector<HostTensor> results(wholes.begin(),
                                  wholes.begin() + op->getNumResults());
  SmallVector<const HostTensor *> inputs;
  for (const HostTensor &whole : wholes)
    inputs.push_back(&whole);
  cast<EvaluableOpInterface>(op.getOperation()).evaluate(inputs, results);
  Values values;
  for (const HostTensor &result : results) {
    RankValues shards;
    const int64_t size = result.size() / world;
    for (int64_t rank = 0; rank < world; ++rank) {
      HostTensor shard(ArrayRef<int64_t>{size});
      std::copy_n(result.data.begin() + rank * size, size, shard.data.begin());
      shards.push_back(std::move(shard));
    }
    values.push_back(std::move(shards));
  }
  return values;
}

/// The results of an op that needs every rank's operand.
Values evaluateCollective(Operation &op, const RankValues &operand) {
  SmallVector<const HostTensor *> inputs;
  for (const HostTensor &input : operand)
    inputs.push_back(&input);
  RankValues results(operand.size(), HostTensor(op.getResult(0).getType()));
  cast<CollectiveOpInterface>(op).evaluateRanks(inputs, results);
  for (HostTensor &result : results)
    result.roundTo(op.getResult(0).getType());
  return {std::move(results)};
}

/// Entry `i` of stacked tensors.
HostTensor entryOf(const HostTensor &stack, Type type, int64_t i) {
  HostTensor entry(type);
  std::copy_n(stack.data.begin() + i * entry.size(), entry.size(),
              entry.data.begin());
  return entry;
}

bool hasShape(const RankValues &values, Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return llvm::all_of(values, [&](const HostTensor &value) {
    return tensor ? tensor.getShape() == ArrayRef(value.shape)
                  : value.shape.empty();
  });
}
} // namespace

FailureOr<Values> Interpreter::run(StringRef function,
                                   ArrayRef<RankValues> arguments) {
  return call(module, function,
              llvm::map_to_vector(arguments, [](const RankValues &argument) {
                return &argument;
              }));
}

FailureOr<Values> Interpreter::call(Operation *caller, StringRef function,
                                    ArrayRef<const RankValues *> arguments) {
  auto callee = symbols.lookup<func::FuncOp>(function);
  if (!callee || callee.isExternal())
    return caller->emitError() << "function '" << function << "' has no body";
  if (arguments.size() != callee.getNumArguments())
    return callee.emitError() << "takes " << callee.getNumArguments()
                              << " arguments, but got " << arguments.size();
  Environment environment;
  for (auto [formal, actual] :
       llvm::zip_equal(callee.getArguments(), arguments)) {
    auto type = dyn_cast<RankedTensorType>(formal.getType());
    if (type && !type.hasStaticShape())
      return callee.emitError() << "has an argument of dynamic type " << type
                                << "; bind dimensions first";
    if (!hasShape(*actual, formal.getType()))
      return callee.emitError()
             << "got another shape for argument " << formal.getArgNumber()
             << " of type " << formal.getType();
    environment[formal] = *actual;
  }
  return runBlock(callee.getBody().front(), environment);
}

/// Runs a block and returns the operands of its terminator.
FailureOr<Values> Interpreter::runBlock(Block &block,
                                        Environment &environment) {
  for (Operation &op : block.without_terminator())
    if (failed(runOp(op, environment)))
      return failure();
  Operation *terminator = block.getTerminator();
  if (!isa<func::ReturnOp, scf::YieldOp, YieldOp>(terminator))
    return terminator->emitError()
           << "the interpreter does not know '" << terminator->getName() << "'";
  Values results;
  for (Value operand : terminator->getOperands())
    results.push_back(environment.at(operand));
  return results;
}

LogicalResult Interpreter::runOp(Operation &op, Environment &environment) {
  auto run = [&]() -> FailureOr<Values> {
    if (auto loop = dyn_cast<scf::ForOp>(op))
      return runLoop(loop, environment);
    auto operands = llvm::map_to_vector(op.getOperands(),
                                        [&](Value v) -> const RankValues * {
                                          return &environment.find(v)->second;
                                        });
    if (auto scan = dyn_cast<ScanOp>(op))
      return runScan(scan, operands);
    if (auto callOp = dyn_cast<func::CallOp>(op))
      return call(&op, callOp.getCallee(), operands);
    if (auto launch = dyn_cast<LaunchOp>(op))
      return call(&op, launch.getKernel(), operands);
    return evaluate(op, operands);
  };
  FailureOr<Values> results = run();
  if (failed(results))
    return failure();
  for (auto [result, value] : llvm::zip_equal(op.getResults(), *results))
    environment[result] = std::move(value);
  return success();
}

FailureOr<Values> Interpreter::runLoop(scf::ForOp loop,
                                       Environment &environment) {
  auto bound = [&](Value value) {
    return static_cast<int64_t>(environment.at(value)[0].data[0]);
  };
  int64_t upper = bound(loop.getUpperBound()), step = bound(loop.getStep());
  if (step <= 0)
    return loop.emitError() << "expects a positive step, but got " << step;
  Values carried;
  for (Value init : loop.getInitArgs())
    carried.push_back(environment.at(init));
  for (int64_t i = bound(loop.getLowerBound()); i < upper; i += step) {
    environment[loop.getInductionVar()] = scalar(world, i);
    for (auto [argument, value] :
         llvm::zip_equal(loop.getRegionIterArgs(), carried))
      environment[argument] = std::move(value);
    FailureOr<Values> next = runBlock(*loop.getBody(), environment);
    if (failed(next))
      return failure();
    carried = std::move(*next);
  }
  return carried;
}

FailureOr<Values> Interpreter::runScan(ScanOp scan,
                                       ArrayRef<const RankValues *> operands) {
  const auto rounds = static_cast<int64_t>(scan.getRounds());
  const size_t carries = scan.getCarry().size();
  Environment environment; // the body sees nothing else
  Values carried, stacks;
  for (const RankValues *init : operands.take_front(carries))
    carried.push_back(*init);
  for (Value stack : scan.getStacks())
    stacks.emplace_back(world, HostTensor(stack.getType()));
  for (auto [argument, value] :
       llvm::zip_equal(scan.getSharedArgs(),
                       operands.drop_front(carries + scan.getEach().size())))
    environment[argument] = *value;
  for (int64_t round = 0; round < rounds; ++round) {
    const int64_t i = scan.getReversed() ? rounds - 1 - round : round;
    environment[scan.getEntryNumber()] = scalar(world, static_cast<double>(i));
    for (auto [argument, value] : llvm::zip_equal(scan.getCarryArgs(), carried))
      environment[argument] = std::move(value);
    for (auto [n, argument] : llvm::enumerate(scan.getEachArgs())) {
      RankValues &entry = environment[argument];
      entry.clear();
      for (const HostTensor &stack : *operands[carries + n])
        entry.push_back(entryOf(stack, argument.getType(), i));
    }
    FailureOr<Values> results = runBlock(scan.getBody().front(), environment);
    if (failed(results))
      return failure();
    for (auto [stack, entry] :
         llvm::zip_equal(stacks, ArrayRef(*results).drop_front(carries)))
      for (auto [into, value] : llvm::zip_equal(stack, entry))
        llvm::copy(value.data, into.data.begin() + i * value.size());
    results->resize(carries);
    carried = std::move(*results);
  }
  llvm::move(stacks, std::back_inserter(carried));
  return carried;
}

/// Runs constants and accesses of state; other ops say what they compute.
FailureOr<Values> Interpreter::evaluate(Operation &op,
                                        ArrayRef<const RankValues *> operands) {
  if (isa<arith::ConstantOp, ds::ConstantOp>(op)) {
    FailureOr<HostTensor> value = constantValue(op, op.getAttr("value"));
    if (failed(value))
      return failure();
    return Values{RankValues(world, *value)};
  }
  if (auto read = dyn_cast<ReadOp>(op)) {
    RankValues *value = state(read.getState());
    if (!value)
      return op.emitError()
             << "reads '" << read.getState() << "', which has no value yet";
    return Values{*value};
  }
  if (auto write = dyn_cast<WriteOp>(op)) {
    states[write.getState().str()] = *operands[0];
    return Values();
  }
  for (Type type : op.getResultTypes())
    if (auto tensor = dyn_cast<RankedTensorType>(type);
        tensor && !tensor.hasStaticShape())
      return op.emitError()
             << "has dynamic type " << type << "; bind dimensions first";
  if (auto norm = dyn_cast<GradNormOp>(op); norm && norm.getOver())
    return Values{scalar(world, normOverRanks(operands))};
  if (auto optimizer = dyn_cast<OptimizerOpInterface>(op);
      optimizer && op.hasAttr("over"))
    return evaluateSharded(optimizer, world, operands);
  if (isa<CollectiveOpInterface>(op))
    return evaluateCollective(op, *operands[0]);
  if (isa<EvaluableOpInterface>(op))
    return evaluateEachRank(op, world, operands);
  return op.emitError() << "the interpreter does not know '" << op.getName()
                        << "'";
}
