//===- Emitter.cpp - Functions become blocks of instructions ------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One op after the other, in the order that the schedule left.  A function
// with a loop becomes an entry block of `call before; loop body; call after`,
// so that blocks in order are instructions in the order of execution.
//===--------------------------------------------------------------------===//

#include "Emitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace ds {

Emitter::Emitter(ModuleOp module, PlanDraft &draft, int64_t world, int threads)
    : module(module), draft(draft), program(*draft.plan.programs.front()),
      storage(program, module, world), threads(threads), symbols(module) {}

//===--------------------------------------------------------------------===//
// Structure
//===--------------------------------------------------------------------===//

LogicalResult Emitter::emitEntry(func::FuncOp function) {
  storage.enter(function);
  auto newEntry = std::make_unique<plan::EntryT>();
  entry = newEntry.get();
  entry->name = function.getSymName().str();
  program.entries.push_back(std::move(newEntry));
  entry->block = static_cast<uint32_t>(program.blocks.size());
  for (BlockArgument argument : function.getArguments()) {
    auto input = std::make_unique<plan::InputT>();
    auto named = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(),
                                                       "ds.name");
    auto bound = function.getArgAttrOfType<IntegerAttr>(argument.getArgNumber(),
                                                        "ds.bound");
    input->name =
        named ? named.str() : "input" + std::to_string(argument.getArgNumber());
    input->bound = bound ? static_cast<uint64_t>(bound.getInt()) : 0;
    auto ignored = function.getArgAttrOfType<IntegerAttr>(
        argument.getArgNumber(), "ds.ignored");
    input->ignored = bound && ignored ? ignored.getInt() : 0;
    RankedTensorType type = tensorType(argument);
    if (type.getElementType().isInteger()) // what a text can give
      input->role = input->name == "tokens"    ? plan::Role::tokens
                    : input->name == "targets" ? plan::Role::targets
                                               : plan::Role::named;
    else
      input->role = plan::Role::named;
    int buffer = storage.addBuffer(entry->name + "." + input->name, type,
                                   plan::BufferClass::input);
    storage.set(argument, {buffer, 0, rowMajor(type.getShape())});
    input->buffer = static_cast<uint32_t>(buffer);
    entry->inputs.push_back(std::move(input));
  }
  return emitBody(function.getBody().front());
}

uint32_t Emitter::addBlock() {
  program.blocks.push_back(std::make_unique<plan::BlockT>());
  return static_cast<uint32_t>(program.blocks.size()) - 1;
}

/// A block with loops becomes calls of what lies between them.
LogicalResult Emitter::emitBody(Block &body, llvm::function_ref<void()> first) {
  const uint32_t control = addBlock();
  const bool hasLoops = llvm::any_of(body, llvm::IsaPred<scf::ForOp, ScanOp>);
  bool open = !hasLoops, before = true;
  auto ensureOpen = [&] {
    if (std::exchange(open, true))
      return;
    const uint32_t part = addBlock();
    block = control;
    plan::CallT call;
    call.body = part;
    append(before ? "before the loop" : "after the loop", call);
    block = part;
  };
  block = control;
  if (first) {
    ensureOpen();
    first();
  }
  for (Operation &op : body) {
    // A loop's first values are set in the block before it.
    ensureOpen();
    if (auto loop = dyn_cast<scf::ForOp>(op)) {
      if (failed(emitLoop(loop, control)))
        return failure();
    } else if (auto scan = dyn_cast<ScanOp>(op)) {
      if (failed(emitScan(scan, control)))
        return failure();
    } else {
      if (failed(emitOp(op)))
        return failure();
      continue;
    }
    open = before = false;
  }
  return success();
}

Place Emitter::addCounter(std::string name, MLIRContext *context) {
  auto type = RankedTensorType::get({}, IntegerType::get(context, 64));
  return {storage.addBuffer(std::move(name), type, plan::BufferClass::scalar),
          0,
          {}};
}

void Emitter::beginLoop(uint32_t control, std::string name, uint64_t count,
                        const Place &counter, bool reversed) {
  block = control;
  plan::LoopT loop;
  loop.count = count;
  loop.body = static_cast<uint32_t>(program.blocks.size());
  loop.index = refTo(counter);
  loop.reversed = reversed;
  append(std::move(name), std::move(loop));
}

void Emitter::initialize(Operation *loop, Value init, const Place &place) {
  if (isSetByLoop(init))
    fill(loop, tensorType(init), *init.getDefiningOp<ConstantOp>().getSplat(),
         place);
  else
    copy(init, place);
}

LogicalResult Emitter::emitLoop(scf::ForOp loop, uint32_t control) {
  APInt lower, upper, step;
  if (!matchPattern(loop.getLowerBound(), m_ConstantInt(&lower)) ||
      !matchPattern(loop.getUpperBound(), m_ConstantInt(&upper)) ||
      !matchPattern(loop.getStep(), m_ConstantInt(&step)) || !lower.isZero() ||
      !step.isOne())
    return loop.emitError("expects a loop from 0 in steps of 1 to a constant");
  // Carried values and index live outside.
  for (auto [init, argument] :
       llvm::zip_equal(loop.getInits(), loop.getRegionIterArgs())) {
    Place place = storage.allocate(argument);
    storage.set(argument, place);
    initialize(loop, init, place);
  }
  const Place counter = addCounter("micro-batch", loop.getContext());
  beginLoop(control, "micro-batches", upper.getZExtValue(), counter,
            /*reversed=*/false);
  storage.set(loop.getInductionVar(), counter);
  if (failed(emitBody(*loop.getBody())))
    return failure();
  auto yield = cast<scf::YieldOp>(loop.getBody()->getTerminator());
  for (auto [value, argument, result] : llvm::zip_equal(
           yield.getOperands(), loop.getRegionIterArgs(), loop.getResults())) {
    Place place = storage.get(argument);
    copy(value, place);
    storage.set(result, place);
  }
  return success();
}

LogicalResult Emitter::emitOp(Operation &op) {
  using Kind = plan::CollectiveKind;
  return llvm::TypeSwitch<Operation *, LogicalResult>(&op)
      .Case([&](LaunchOp o) { return emitLaunch(o); })
      .Case([&](DotOp o) { return emitDot(o); })
      .Case([&](DotAddOp o) { return emitDotAdd(o); })
      .Case([&](DotBiasOp o) { return emitDotBias(o); })
      .Case([&](DotGeluGradOp o) { return emitDotGeluGrad(o); })
      .Case([&](ConvolutionOp o) { return emitConvolution(o); })
      .Case([&](ConvolutionGradInputOp o) { return emitConvolution(o); })
      .Case([&](ConvolutionGradWeightOp o) { return emitConvolution(o); })
      .Case([&](AllGatherOp o) { return emitCollective(op, Kind::all_gather); })
      .Case([&](ReduceScatterOp o) {
        return emitCollective(op, Kind::reduce_scatter);
      })
      .Case([&](AllReduceOp o) { return emitCollective(op, Kind::all_reduce); })
      .Case([&](ReadOp o) {
        storage.set(o.getValue(),
                    {storage.stateBuffer(o.getState()), 0,
                     rowMajor(tensorType(o.getValue()).getShape())});
        return success();
      })
      .Case([&](WriteOp o) {
        copy(o.getValue(), {storage.stateBuffer(o.getState()), 0,
                            rowMajor(tensorType(o.getValue()).getShape())});
        return success();
      })
      .Case([&](CopyOp o) {
        copy(o.getInput(), storage.create(o.getResult(), o));
        return success();
      })
      .Case<ConcatOp, FlattenOp, StackOp>([&](auto) { return emitGather(op); })
      .Case<ReshapeOp, SplitOp, TakeOp, UnflattenOp, BarrierOp, LocalShardOp,
            WindowOp>([&](auto) { return emitView(op); })
      .Case([&](MicroBatchOp o) { return emitMicroBatch(o); })
      .Case([&](ArgSortOp o) { return emitSort(o); })
      .Case([&](IndexOp o) { return emitIndex(o), success(); })
      .Case([&](RotaryTableOp o) { return emitTable(o), success(); })
      .Case([&](ConstantOp o) { return emitConstant(o); })
      .Case([&](func::ReturnOp o) { return emitReturn(o); })
      .Case<scf::YieldOp, YieldOp, arith::ConstantOp>(
          [&](auto) { return success(); })
      .Default([&](Operation *) { return emitScalar(op); });
}

LogicalResult Emitter::refuseOnGpu(Operation *op) {
  if (!isForGpu())
    return success();
  return op->emitOpError("has no instruction on GPUs yet; compile it for a CPU "
                         "with --machine=host");
}

LogicalResult Emitter::emitReturn(func::ReturnOp op) {
  static constexpr const char *names[] = {"loss", "grad_norm", "lr"};
  auto function = op->getParentOfType<func::FuncOp>();
  for (auto [i, value] : llvm::enumerate(op.getOperands())) {
    auto named = function.getResultAttrOfType<StringAttr>(i, "ds.name");
    if ((i >= 3 && !named) || tensorType(value).getRank() != 0)
      return op.emitError("expects scalar results: loss, grad_norm, lr, and "
                          "others with 'ds.name'");
    auto output = std::make_unique<plan::OutputT>();
    output->name = named ? named.str() : names[i];
    output->buffer = static_cast<uint32_t>(storage.get(value).buffer);
    entry->outputs.push_back(std::move(output));
  }
  return success();
}

//===--------------------------------------------------------------------===//
// Work
//===--------------------------------------------------------------------===//

Emitter::KernelKey Emitter::keyOf(func::FuncOp function,
                                  const InPlace &inPlace) {
  return {function.getAsOpaquePointer(), {inPlace.begin(), inPlace.end()}};
}

FailureOr<uint32_t> Emitter::kernelIndex(func::FuncOp function,
                                         const InPlace &inPlace) {
  auto [it, isNew] =
      kernels.try_emplace(keyOf(function, inPlace), draft.kernels.size());
  if (!isNew)
    return it->second;
  FailureOr<KernelInfo> info = describeKernel(function, inPlace, isForGpu());
  if (failed(info))
    return failure();
  infos.push_back(*info);
  draft.passes.push_back(info->passes);
  draft.kernels.push_back({function, inPlace});
  auto kernel = std::make_unique<plan::KernelT>();
  kernel->name = function.getSymName().drop_front(2).str();
  if (!inPlace.empty())
    kernel->name += ".in_place";
  auto addArg = [&](Type type, plan::Access access) {
    auto tensor = cast<RankedTensorType>(type);
    auto arg = std::make_unique<plan::KernelArgT>();
    arg->access = access;
    arg->dtype = dtypeOf(tensor.getElementType());
    arg->bytes = static_cast<uint64_t>(byteSize(tensor));
    arg->shape.assign(tensor.getShape().begin(), tensor.getShape().end());
    kernel->args.push_back(std::move(arg));
  };
  for (auto [i, type] : llvm::enumerate(function.getArgumentTypes())) {
    bool over =
        llvm::any_of(inPlace, [&](auto pair) { return pair.second == i; });
    addArg(type, over ? plan::Access::read_write : plan::Access::read);
  }
  for (auto [i, type] : llvm::enumerate(function.getResultTypes()))
    if (llvm::none_of(inPlace, [&](auto pair) { return pair.first == i; }))
      addArg(type, plan::Access::write);
  kernel->flops = info->flops;
  kernel->product_flops = info->productFlops;
  kernel->bytes = info->bytes;
  draft.plan.kernels.push_back(std::move(kernel));
  return it->second;
}

/// Whether bytes of operand i are read under another name, too: behind a
/// barrier, say.  The kernel does not know that the two are one.
bool Emitter::isReadTwice(LaunchOp op, unsigned i) {
  auto bytes = [&](Value value) {
    const Place &place = storage.get(value);
    RankedTensorType type = tensorType(value);
    const int64_t size =
        type.getNumElements() * elementBytes(type.getElementType());
    return std::tuple(place.buffer, place.offset, place.offset + size);
  };
  const auto [buffer, begin, end] = bytes(op.getInputs()[i]);
  for (auto [j, other] : llvm::enumerate(op.getInputs())) {
    const auto [otherBuffer, otherBegin, otherEnd] = bytes(other);
    if (j != i && otherBuffer == buffer && otherBegin < end && begin < otherEnd)
      return true;
  }
  return false;
}

InPlace Emitter::overwrite(LaunchOp op, func::FuncOp function) {
  const int into = scatteredInto(function);
  InPlace inPlace;
  llvm::SmallDenseSet<unsigned> taken;
  for (auto [r, result] : llvm::enumerate(op.getOutputs()))
    for (auto [i, operand] : llvm::enumerate(op.getInputs())) {
      if (taken.contains(i) || operand.getType() != result.getType() ||
          (into >= 0 && static_cast<int>(i) != into) || isReadTwice(op, i) ||
          !storage.canOverwrite(op, operand, result))
        continue;
      InPlace with(inPlace);
      with.push_back({r, i});
      auto [allowed, isNew] =
          inPlaceAllowed.try_emplace(keyOf(function, with), false);
      if (isNew)
        allowed->second = canRunInPlace(function, with);
      std::optional<Place> wanted = storage.wanted(result, op);
      if (!allowed->second || (wanted && !(*wanted == storage.get(operand))))
        continue;
      storage.set(result, storage.get(operand));
      inPlace = with;
      taken.insert(i);
      break;
    }
  return inPlace;
}

LogicalResult Emitter::emitLaunch(LaunchOp op) {
  auto function = symbols.lookup<func::FuncOp>(op.getKernel());
  const int into = scatteredInto(function);
  InPlace inPlace = overwrite(op, function);
  SmallVector<Place> args;
  for (Value operand : op.getInputs())
    args.push_back(packed(operand));
  for (auto [r, result] : llvm::enumerate(op.getOutputs())) {
    if (storage.has(result))
      continue;
    const Place place =
        storage.create(result, op, /*strided=*/false,
                       into >= 0 ? op.getInputs()[into] : Value());
    if (into >= 0) { // rows are combined into a copy
      copy(op.getInputs()[into], place);
      inPlace.push_back({r, static_cast<unsigned>(into)});
      args[into] = place;
    } else {
      args.push_back(place);
    }
  }
  FailureOr<uint32_t> index = kernelIndex(function, inPlace);
  if (failed(index))
    return failure();
  const KernelInfo &info = infos[*index];
  plan::LaunchT launch;
  launch.kernel = *index;
  for (const Place &place : args)
    launch.args.push_back(place.ref());
  launch.items = info.items;
  launch.grain = info.grain;
  append(nameOf(op.getOperation()), std::move(launch));
  return success();
}

LogicalResult Emitter::emitCollective(Operation &op,
                                      plan::CollectiveKind kind) {
  Value input = op.getOperand(0), result = op.getResult(0);
  bool all = kind == plan::CollectiveKind::all_reduce;
  if (all && storage.canOverwrite(&op, input, result))
    storage.set(result, storage.get(input));
  else
    storage.create(result, &op);
  RankedTensorType shard =
      tensorType(kind == plan::CollectiveKind::reduce_scatter ? result : input);
  plan::CollectiveT collective;
  collective.kind = kind;
  collective.reduce = plan::ReduceOp::sum;
  collective.dtype = dtypeOf(shard.getElementType());
  collective.count = static_cast<uint64_t>(shard.getNumElements());
  collective.src = refTo(packed(input));
  collective.dst = refTo(storage.get(result));
  append(nameOf(&op), std::move(collective));
  return success();
}

LogicalResult Emitter::emitScalar(Operation &op) {
  using Code = plan::ScalarOpcode;
  auto code = llvm::TypeSwitch<Operation *, std::optional<Code>>(&op)
                  .Case([](AddOp) { return Code::add; })
                  .Case([](SubOp) { return Code::sub; })
                  .Case([](MulOp) { return Code::mul; })
                  .Case([](DivOp) { return Code::div; })
                  .Case([](MinOp) { return Code::min; })
                  .Case([](MaxOp) { return Code::max; })
                  .Case([](LogOp) { return Code::log; })
                  .Case([](CosOp) { return Code::cos; })
                  .Case([](FloorOp) { return Code::floor; })
                  .Case([](PowOp) { return Code::pow; })
                  .Case([](SqrtOp) { return Code::sqrt; })
                  .Case([](CastOp) { return Code::cast; })
                  .Default(std::nullopt);
  if (!code || !isScalarInstruction(&op))
    return op.emitOpError("has no instruction at this point");
  Value result = op.getResult(0);
  const Place place = storage.create(result, &op);
  plan::ScalarT scalar;
  scalar.op = *code;
  scalar.dtype = dtypeOf(tensorType(result).getElementType());
  scalar.dst = refTo(place);
  auto setOperand = [&](unsigned i, plan::DType &dtype,
                        std::unique_ptr<plan::Ref> &ref) {
    Value operand = op.getOperand(std::min(i, op.getNumOperands() - 1));
    dtype = dtypeOf(tensorType(operand).getElementType());
    ref = refTo(storage.get(operand));
  };
  setOperand(0, scalar.a_dtype, scalar.a);
  setOperand(1, scalar.b_dtype, scalar.b);
  append(op.getName().stripDialect().str(), std::move(scalar));
  return success();
}

} // namespace ds
