//===- Storage.cpp - Which bytes hold which value -----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A value is made where its consumer wants it: a gradient inside its unit, a
// part inside its concatenation, new state over the old, a loop's next value
// over the last.  Views take their operand's bytes.  So no value is copied
// that need not be.
//===--------------------------------------------------------------------===//

#include "Storage.h"

#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace ds {

bool isContiguous(const Place &place, RankedTensorType type) {
  SmallVector<int64_t, 5> dense = rowMajor(type.getShape());
  for (auto [stride, want, size] :
       llvm::zip_equal(place.strides, dense, type.getShape()))
    if (stride != want && size != 1)
      return false;
  return true;
}

plan::DType dtypeOf(Type element) {
  if (element.isF64())
    return plan::DType::f64;
  if (element.isBF16())
    return plan::DType::bf16;
  if (element.isF16())
    return plan::DType::f16;
  if (element.isInteger(32))
    return plan::DType::i32;
  if (element.isInteger(64))
    return plan::DType::i64;
  if (element.isInteger(16))
    return plan::DType::u16;
  if (element.isInteger()) // of 8 bits, or a truth value
    return plan::DType::u8;
  return plan::DType::f32;
}

int64_t elementBytes(Type element) {
  return (element.getIntOrFloatBitWidth() + 7) / 8;
}

//===--------------------------------------------------------------------===//
// Liveness
//===--------------------------------------------------------------------===//

Liveness::Liveness(func::FuncOp function) {
  int next = 0;
  function.walk<WalkOrder::PreOrder>(
      [&](Operation *op) { order_[op] = next++; });
  function.walk([&](Operation *op) {
    if (isa<scf::ForOp, ScanOp>(op))
      end_[op] = order_[op->getRegion(0).front().getTerminator()];
  });
}

int Liveness::positionOf(Operation *user, Block *block) const {
  Operation *here = block->findAncestorOpInBlock(*user);
  // Inside a loop, or what each of its rounds reads: needed until its end.
  if (here && (here != user || isa<ScanOp>(user)))
    return end_.lookup(here);
  return order_.lookup(user);
}

/// Ops whose results lie in their operand's bytes, or the other way round.
static bool isWindow(Operation *op) {
  return isa<ViewOpInterface, LocalShardOp>(op);
}

bool isStackedFirst(OpOperand &use) {
  auto yield = dyn_cast<YieldOp>(use.getOwner());
  return yield && isa<BlockArgument>(use.get()) &&
         use.getOperandNumber() >=
             cast<ScanOp>(yield->getParentOp()).getCarry().size();
}

int Liveness::lastUse(Value value) {
  auto it = lastUse_.find(value);
  if (it != lastUse_.end())
    return it->second;
  int last = value.getDefiningOp() ? order_.lookup(value.getDefiningOp()) : 0;
  for (OpOperand &use : value.getUses()) {
    Operation *user = use.getOwner();
    if (isStackedFirst(use))
      continue;
    last = std::max(last, positionOf(user, value.getParentBlock()));
    bool onlyOrder = isa<BarrierOp>(user) && use.getOperandNumber() == 1;
    if (!isWindow(user) || onlyOrder)
      continue;
    for (Value result : user->getResults())
      last = std::max(last, lastUse(result));
  }
  return lastUse_[value] = last;
}

Value Liveness::root(Value value) {
  while (Operation *def = value.getDefiningOp()) {
    if (!isWindow(def) || isa<ConcatOp, FlattenOp, StackOp>(def))
      break;
    value = def->getOperand(0);
  }
  return value;
}

//===--------------------------------------------------------------------===//
// Names and classes
//===--------------------------------------------------------------------===//

std::string nameOf(Operation *op) {
  if (auto name = dyn_cast<NameLoc>(op->getLoc()))
    return name.getName().str();
  return op->getName().stripDialect().str();
}

std::string nameOf(Value value) {
  if (Operation *def = value.getDefiningOp())
    return nameOf(def);
  return nameOf(value.getParentBlock()->getParentOp());
}

/// Whether a kernel only casts state to 16 bits, which is to steps what a
/// gathered parameter is.
static bool isCopyOfState(Value value) {
  auto launch = value.getDefiningOp<LaunchOp>();
  RankedTensorType type = tensorType(value);
  if (!launch || type.getRank() != 1 || elementBytes(type.getElementType()) > 2)
    return false;
  auto kernel = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
      launch, launch.getKernelAttr());
  Operation *end = kernel.getBody().front().getTerminator();
  const unsigned number = llvm::cast<OpResult>(value).getResultNumber();
  auto cast = end->getOperand(number).getDefiningOp<CastOp>();
  auto argument =
      cast ? dyn_cast<BlockArgument>(cast->getOperand(0)) : BlockArgument();
  return argument &&
         launch.getInputs()[argument.getArgNumber()].getDefiningOp<ReadOp>();
}

plan::BufferClass classOf(Value value) {
  if (tensorType(value).getRank() == 0)
    return plan::BufferClass::scalar;
  Operation *def = value.getDefiningOp();
  if (!def && isa<ScanOp>(value.getParentBlock()->getParentOp()))
    return plan::BufferClass::activation; // an entry
  if (!def || isa<FlattenOp, ReduceScatterOp>(def) ||
      (isa<ScanOp>(def) && def->hasAttr(kBackwardAttr)))
    return plan::BufferClass::gradient; // a loop's sums
  if (isa<AllGatherOp>(def) || isCopyOfState(value))
    return plan::BufferClass::gathered;
  if (isa<MicroBatchOp>(def))
    return plan::BufferClass::input;
  return plan::BufferClass::activation;
}

//===--------------------------------------------------------------------===//
// Storage
//===--------------------------------------------------------------------===//

Storage::Storage(plan::ProgramT &program, ModuleOp module, int64_t world)
    : program(program), world(world) {
  for (auto unit : module.getOps<UnitOp>()) {
    auto kind = llvm::StringSwitch<plan::BufferClass>(unit.getRole())
                    .Case("parameter", plan::BufferClass::parameter)
                    .Case("frozen", plan::BufferClass::frozen)
                    .Case("buffer", plan::BufferClass::buffer)
                    .Case("optimizer", plan::BufferClass::optimizer)
                    .Default(plan::BufferClass::scalar);
    int index = addBuffer(unit.getSymName().str(),
                          cast<RankedTensorType>(unit.getType()), kind);
    buffer(index).persistent = true;
    states[unit.getSymName()] = index;
  }
}

void Storage::enter(func::FuncOp f) {
  function = f;
  liveness = std::make_unique<Liveness>(f);
  places.clear();
  reads.clear();
  f.walk(
      [&](ReadOp read) { reads[read.getState()].push_back(read.getValue()); });
}

int Storage::addBuffer(std::string name, RankedTensorType type,
                       plan::BufferClass kind) {
  auto buffer = std::make_unique<plan::BufferT>();
  buffer->name = std::move(name);
  buffer->dtype = dtypeOf(type.getElementType());
  buffer->bytes = static_cast<uint64_t>(type.getNumElements() *
                                        elementBytes(type.getElementType()));
  buffer->shape.assign(type.getShape().begin(), type.getShape().end());
  buffer->kind = kind;
  program.buffers.push_back(std::move(buffer));
  return static_cast<int>(program.buffers.size()) - 1;
}

int Storage::shardWindow(int base, int64_t shards) {
  auto [it, isNew] = windows.try_emplace({base, shards}, 0);
  if (!isNew)
    return it->second;
  auto window = std::make_unique<plan::BufferT>(buffer(base));
  window->name += ".shard";
  window->bytes /= shards;
  window->shape = {window->shape[0] / static_cast<uint64_t>(shards)};
  window->alias_of = base;
  window->rank_stride = window->bytes;
  program.buffers.push_back(std::move(window));
  return it->second = static_cast<int>(program.buffers.size()) - 1;
}

Place Storage::allocate(Value value) {
  RankedTensorType type = tensorType(value);
  int index = addBuffer(nameOf(value), type, classOf(value));
  return {index, 0, rowMajor(type.getShape())};
}

std::optional<Place> Storage::ofResult(Value value, Operation *op) {
  if (has(value))
    return get(value);
  return create(value, op,
                /*strided=*/!isa<FlattenOp>(value.getDefiningOp()));
}

bool Storage::stateIsFree(StringRef state, Operation *op) {
  return llvm::all_of(reads.lookup(state), [&](Value read) {
    return liveness->lastUse(read) <= liveness->order(op);
  });
}

/// The part of a unit or concatenation that operand `use` becomes.
std::optional<Place> Storage::partOf(OpOperand &use, Operation *op) {
  RankedTensorType type = tensorType(use.get());
  int64_t bytes = elementBytes(type.getElementType());
  Place place = *ofResult(use.getOwner()->getResult(0), op);
  if (auto flatten = dyn_cast<FlattenOp>(use.getOwner())) {
    place.offset += flatten.getOffsets()[use.getOperandNumber()] * bytes;
    place.strides = rowMajor(type.getShape());
  } else if (auto concat = dyn_cast<ConcatOp>(use.getOwner())) {
    for (Value part : concat.getParts().take_front(use.getOperandNumber()))
      place.offset +=
          tensorType(part).getShape().back() * place.strides.back() * bytes;
  }
  if (auto stack = dyn_cast<StackOp>(use.getOwner()))
    for (Value part : stack.getParts().take_front(use.getOperandNumber()))
      place.offset += tensorType(part).getDimSize(stack.getDim()) *
                      place.strides[stack.getDim()] * bytes;
  return place;
}

std::optional<Place> Storage::beforeReshape(ReshapeOp reshape, Operation *op) {
  std::optional<Place> place = wanted(reshape.getResult(), op);
  if (!place)
    return std::nullopt;
  auto strides =
      reshapeStrides(tensorType(reshape.getResult()).getShape(), place->strides,
                     tensorType(reshape.getInput()).getShape());
  if (!strides)
    return std::nullopt;
  place->strides = *strides;
  return place;
}

std::optional<Place> Storage::nextRound(OpOperand &use, Operation *op) {
  Operation *loop = use.getOwner()->getParentOp();
  Value argument;
  if (auto scan = dyn_cast<ScanOp>(loop)) {
    if (use.getOperandNumber() >= scan.getCarry().size())
      return std::nullopt; // an entry of a stack
    argument = scan.getCarryArgs()[use.getOperandNumber()];
  } else {
    argument = cast<scf::ForOp>(loop).getRegionIterArg(use.getOperandNumber());
  }
  if (op->getBlock() != argument.getParentBlock() ||
      liveness->lastUse(argument) > liveness->order(op))
    return std::nullopt;
  return get(argument);
}

int scatteredInto(func::FuncOp kernel) {
  Operation &first = kernel.getBody().front().front();
  auto op = dyn_cast<KernelOpInterface>(first);
  if (!op || op.getKernelKind() != KernelKind::Scatter)
    return -1;
  return static_cast<int>(
      cast<BlockArgument>(first.getOperand(0)).getArgNumber());
}

/// A table that rows are combined into is made where the sum is wanted.
std::optional<Place> Storage::intoTable(OpOperand &use, Operation *op) {
  auto launch = cast<LaunchOp>(use.getOwner());
  auto kernel = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
      launch, launch.getKernelAttr());
  if (scatteredInto(kernel) != static_cast<int>(use.getOperandNumber()))
    return std::nullopt;
  return wanted(launch.getResult(0), op);
}

std::optional<Place> Storage::wantedBy(OpOperand &use, Operation *op) {
  Operation *user = use.getOwner();
  if (isa<FlattenOp, ConcatOp, StackOp>(user))
    return partOf(use, op);
  if (auto reshape = dyn_cast<ReshapeOp>(user))
    return beforeReshape(reshape, op);
  if (auto write = dyn_cast<WriteOp>(user)) {
    if (!stateIsFree(write.getState(), op))
      return std::nullopt;
    return Place{stateBuffer(write.getState()), 0,
                 rowMajor(tensorType(use.get()).getShape())};
  }
  if (isa<scf::YieldOp, YieldOp>(user))
    return nextRound(use, op);
  if (auto gather = dyn_cast<AllGatherOp>(user)) {
    std::optional<Place> whole = wanted(gather.getResult(), op);
    if (!whole || whole->offset != 0)
      return std::nullopt;
    return Place{shardWindow(whole->buffer, world), 0, {1}};
  }
  // A sum is made where its last round is wanted.
  if (auto add = dyn_cast<DotAddOp>(user); add && use.getOperandNumber() == 0)
    return wanted(add.getResult(), op);
  if (isa<LaunchOp>(user))
    return intoTable(use, op);
  return std::nullopt;
}

std::optional<Place> Storage::wanted(Value value, Operation *op) {
  for (OpOperand &use : value.getUses()) {
    if (use.getOwner()->getBlock() != value.getParentBlock())
      continue;
    if (std::optional<Place> place = wantedBy(use, op))
      return place;
  }
  return std::nullopt;
}

/// The bytes between the first and the last element, as offsets.
static std::pair<int64_t, int64_t> extent(const Place &place, Value value) {
  RankedTensorType type = tensorType(value);
  int64_t last = 0;
  for (auto [size, stride] : llvm::zip_equal(type.getShape(), place.strides))
    last += (size - 1) * stride;
  return {place.offset,
          place.offset + (last + 1) * elementBytes(type.getElementType())};
}

bool Storage::isRead(Operation *op, Value value, const Place &place,
                     Value into) {
  if (isScalarInstruction(op)) // reads before it writes
    return false;
  auto [begin, end] = extent(place, value);
  return llvm::any_of(op->getOperands(), [&](Value operand) {
    if (!has(operand) || get(operand).buffer != place.buffer)
      return false;
    if (operand == into && get(operand) == place &&
        liveness->lastUse(operand) <= liveness->order(op))
      return false;
    auto [first, behind] = extent(get(operand), operand);
    return first < end && begin < behind;
  });
}

const Place &Storage::create(Value value, Operation *op, bool strided,
                             Value into) {
  std::optional<Place> place = wanted(value, op);
  if (place && !strided && !isContiguous(*place, tensorType(value)))
    place.reset();
  if (place && isRead(op, value, *place, into))
    place.reset();
  set(value, place ? *place : allocate(value));
  return get(value);
}

bool Storage::canOverwrite(Operation *op, Value operand, Value result) {
  RankedTensorType from = tensorType(operand), to = tensorType(result);
  const Place &place = get(operand);
  if (from != to || !isContiguous(place, from))
    return false;
  Value root = Liveness::root(operand);
  if (liveness->lastUse(root) > liveness->order(op))
    return false;
  if (auto read = root.getDefiningOp<ReadOp>()) {
    std::optional<Place> place = wanted(result, op);
    return place && *place == get(operand);
  }
  if (auto argument = dyn_cast<BlockArgument>(root)) {
    if (!isa<scf::ForOp, ScanOp>(argument.getOwner()->getParentOp()))
      return false; // staged inputs are the data's
    std::optional<Place> place = wanted(result, op);
    return place && *place == get(operand);
  }
  if (root.getParentBlock() != op->getBlock() ||
      isa<RotaryTableOp, MicroBatchOp>(root.getDefiningOp()))
    return false;
  // Storage that lies in a larger value is not only this value's.
  return buffer(place.buffer).bytes == static_cast<uint64_t>(byteSize(from)) &&
         !buffer(place.buffer).persistent;
}

bool Storage::canAddTo(DotAddOp op) {
  Operation *def = op.getInto().getDefiningOp();
  if (liveness->lastUse(op.getInto()) > liveness->order(op))
    return false;
  std::optional<Place> place = wanted(op.getResult(), op);
  if (isa<BlockArgument>(op.getInto())) // a sum that a loop carries
    return place && *place == get(op.getInto());
  if (!isa<DotOp, DotAddOp>(def) || def->getBlock() != op->getBlock())
    return false;
  return !place || *place == get(op.getInto());
}

} // namespace ds
