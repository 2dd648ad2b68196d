//===- FormulaEmitter.cpp - Elements of tensors as code -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "FormulaEmitter.h"

#include "KernelPlan.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace ds;

using linalg::GenericOp;
using Index = Values;

FormulaEmitter::FormulaEmitter(func::FuncOp lowered, const KernelPlan &plan,
                               const InPlace &inPlace, unsigned vectorBits)
    : lowered(lowered), plan(plan), inPlace(inPlace),
      returned(returnedBy(lowered)), b(lowered.getContext()),
      loc(UnknownLoc::get(lowered.getContext())),
      pointerType(LLVM::LLVMPointerType::get(lowered.getContext())),
      i64(b.getI64Type()), vectorBits(vectorBits) {}

//===--------------------------------------------------------------------===//
// Pointers
//===--------------------------------------------------------------------===//

bool FormulaEmitter::isInPlace(unsigned result) {
  return llvm::any_of(inPlace, [&](auto pair) { return pair.first == result; });
}

unsigned FormulaEmitter::countPointers() {
  unsigned pointers = lowered.getNumArguments();
  for (unsigned i = 0; i < returned.size(); ++i)
    pointers += !isInPlace(i);
  return pointers;
}

void FormulaEmitter::bindPointers(Block *entry) {
  for (BlockArgument argument : lowered.getArguments())
    memory[argument] = {entry->getArgument(argument.getArgNumber()),
                        tensorType(argument)};
  unsigned next = lowered.getNumArguments();
  for (unsigned i = 0; i < returned.size(); ++i)
    outputs.push_back(isInPlace(i) ? Value() : entry->getArgument(next++));
  for (auto [result, argument] : inPlace)
    outputs[result] = entry->getArgument(argument);
}

Memory FormulaEmitter::outputMemory(unsigned result) {
  return {outputs[result], tensorType(returned[result])};
}

//===--------------------------------------------------------------------===//
// Building blocks
//===--------------------------------------------------------------------===//

static constexpr auto kNoWrap =
    arith::IntegerOverflowFlags::nsw | arith::IntegerOverflowFlags::nuw;

Value FormulaEmitter::constant(int64_t value) {
  return arith::ConstantOp::create(b, loc, b.getI64IntegerAttr(value));
}

Value FormulaEmitter::add(Value x, Value y) {
  return arith::AddIOp::create(b, loc, x, y, kNoWrap);
}

Value FormulaEmitter::multiply(Value x, int64_t y) {
  return y == 1 ? x
                : arith::MulIOp::create(b, loc, x, constant(y), kNoWrap)
                      .getResult();
}

Values
FormulaEmitter::loop(Value lower, Value upper, int64_t step, ValueRange carried,
                     llvm::function_ref<Values(scf::ForOp, ValueRange)> body) {
  auto op = scf::ForOp::create(b, loc, lower, upper, constant(step), carried);
  OpBuilder::InsertionGuard guard(b);
  if (carried.empty())
    op.getBody()->getTerminator()->erase();
  b.setInsertionPointToStart(op.getBody());
  Values next = body(op, op.getRegionIterArgs());
  scf::YieldOp::create(b, loc, next);
  keepScalar(op);
  return Values(op.getResults());
}

/// No vectors across iterations, until `annotate` says otherwise: a row's bits
/// must not depend on which rows run in the same call.
void FormulaEmitter::keepScalar(scf::ForOp op) {
  MLIRContext *context = b.getContext();
  auto vectorize = LLVM::LoopVectorizeAttr::get(
      context, /*disable=*/b.getBoolAttr(true), {}, {}, {}, {}, {}, {});
  op->setAttr("llvm.loop_annotation",
              LLVM::LoopAnnotationAttr::get(context, {}, vectorize, {}, {}, {},
                                            {}, {}, {}, {}, {}, {}, {}, {}, {},
                                            {}));
}

Values FormulaEmitter::split(Value counter, ArrayRef<int64_t> sizes) {
  if (sizes.empty())
    return {};
  if (sizes.size() == 1)
    return {counter};
  Joined group;
  group.counter = counter;
  group.sizes.assign(sizes.begin(), sizes.end());
  Value rest = counter;
  for (int64_t size : llvm::reverse(sizes.drop_front())) {
    Value n = constant(size);
    group.parts.push_back(arith::RemUIOp::create(b, loc, rest, n));
    rest = arith::DivUIOp::create(b, loc, rest, n);
  }
  group.parts.push_back(rest);
  std::reverse(group.parts.begin(), group.parts.end());
  joined[group.parts[0]] = group;
  return group.parts;
}

FormulaEmitter::Strides FormulaEmitter::stridesOf(const Memory &place,
                                                  ArrayRef<Value> index) {
  ArrayRef<int64_t> shape = place.type.getShape();
  Strides strides;
  for (int64_t d = place.skip, rank = shape.size(); d < rank;) {
    Value position = index[d];
    int64_t size = shape[d], width = 1;
    auto found = joined.find(position);
    if (found != joined.end()) {
      const Joined &group = found->second;
      int64_t n = group.parts.size();
      if (d + n <= rank && index.slice(d, n) == ArrayRef(group.parts) &&
          shape.slice(d + 1, n - 1) == ArrayRef(group.sizes).drop_front()) {
        position = group.counter;
        size = HostTensor::count(shape.slice(d, n));
        width = n;
      }
    }
    strides.push_back({position, size});
    d += width;
  }
  return strides;
}

Value FormulaEmitter::address(const Memory &place, ArrayRef<Value> index) {
  Value offset;
  for (auto [position, size] : stridesOf(place, index))
    offset = offset ? add(multiply(offset, size), position) : position;
  if (!offset)
    return place.pointer;
  return element(place.pointer, place.type.getElementType(), offset);
}

/// A truth value is a byte of 0 or 1, and bfloat16, of which some back ends
/// know little, an integer of its bits.
Type FormulaEmitter::storedType(Type type) {
  if (type.isInteger(1))
    return b.getI8Type();
  return type.isBF16() && !isGpu ? b.getI16Type() : type;
}

Value FormulaEmitter::toStored(Value value) {
  Type type = storedType(value.getType());
  if (type == value.getType())
    return value;
  if (value.getType().isInteger(1))
    return arith::ExtUIOp::create(b, loc, type, value);
  return arith::BitcastOp::create(b, loc, type, value);
}

Value FormulaEmitter::fromStored(Value value, Type type) {
  if (value.getType() == type)
    return value;
  if (type.isBF16())
    return arith::BitcastOp::create(b, loc, type, value);
  Value zero = arith::ConstantOp::create(b, loc, b.getI8IntegerAttr(0));
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, value, zero);
}

Value FormulaEmitter::element(Value pointer, Type type, Value offset) {
  type = storedType(type);
  return LLVM::GEPOp::create(b, loc, pointer.getType(), type, pointer,
                             ArrayRef<LLVM::GEPArg>{offset},
                             LLVM::GEPNoWrapFlags::inbounds);
}

Value FormulaEmitter::load(Value pointer, Type type) {
  Value value = LLVM::LoadOp::create(b, loc, storedType(type), pointer);
  return fromStored(value, type);
}

void FormulaEmitter::store(Value value, Value pointer) {
  LLVM::StoreOp::create(b, loc, toStored(value), pointer);
}

Value FormulaEmitter::loadFrom(Value tensor, const Memory &place,
                               ArrayRef<Value> index) {
  return load(address(place, index), place.type.getElementType());
}

Value FormulaEmitter::stack(Type type, int64_t elements) {
  return LLVM::AllocaOp::create(b, loc, pointerType, storedType(type),
                                constant(elements), /*alignment=*/64);
}

//===--------------------------------------------------------------------===//
// Formulas
//===--------------------------------------------------------------------===//

/// Whether a value is computed outside of the innermost loops.
bool FormulaEmitter::isOfRow(Value value) {
  for (Block *block = rowBlock; block;
       block = block->getParentOp() ? block->getParentOp()->getBlock()
                                    : nullptr)
    if (value.getParentBlock() == block)
      return true;
  return false;
}

static std::vector<void *> key(Value tensor, ArrayRef<Value> index) {
  std::vector<void *> result{tensor.getAsOpaquePointer()};
  for (Value position : index)
    result.push_back(position.getAsOpaquePointer());
  return result;
}

Value FormulaEmitter::evaluate(Value tensor, ArrayRef<Value> index) {
  if (Value scalar = scalars.lookup(tensor))
    return scalar;
  bool ofRow = llvm::all_of(index, [&](Value v) { return isOfRow(v); });
  Memo &memo = ofRow ? rowMemo : loopMemo;
  auto found = memo.find(key(tensor, index));
  if (found != memo.end())
    return found->second;
  OpBuilder::InsertionGuard guard(b);
  if (ofRow && innerLoop)
    b.setInsertionPoint(innerLoop);
  Value value;
  auto place = memory.find(tensor);
  if (place != memory.end()) {
    value = loadFrom(tensor, place->second, index);
  } else if (auto constant = tensor.getDefiningOp<ConstantOp>()) {
    value = splat(constant);
  } else {
    auto op = tensor.getDefiningOp<GenericOp>();
    Values results = inlineBody(op, index, {});
    for (auto [result, scalar] : llvm::zip(op.getResults(), results))
      memo[key(result, index)] = scalar;
    return memo[key(tensor, index)];
  }
  memo[key(tensor, index)] = value;
  return value;
}

Value FormulaEmitter::splat(ConstantOp op) {
  Type type = tensorType(op.getResult()).getElementType();
  auto scalar = RankedTensorType::get({}, type);
  Attribute attr =
      ConstantOp::splat(scalar, *op.getSplat()).getSplatValue<Attribute>();
  return arith::ConstantOp::create(b, loc, cast<TypedAttr>(attr));
}

/// Whether positions that are compared fit into 32 bits, of which GPUs compare
/// two in one instruction.
static bool areShort(GenericOp op, arith::CmpIOp compare) {
  const auto isShort = [&](Value value) {
    Operation *def = value.getDefiningOp();
    llvm::APInt number;
    if (matchPattern(value, m_ConstantInt(&number)))
      return number.isSignedIntN(32);
    if (auto position = dyn_cast_or_null<linalg::IndexOp>(def))
      return op.getStaticLoopRanges()[position.getDim()] <=
             std::numeric_limits<int32_t>::max();
    auto cast = dyn_cast_or_null<arith::IndexCastOp>(def);
    return cast && cast.getIn().getType().isSignlessInteger() &&
           cast.getIn().getType().getIntOrFloatBitWidth() <= 32;
  };
  return compare.getLhs().getType().isIndex() && isShort(compare.getLhs()) &&
         isShort(compare.getRhs());
}

Value FormulaEmitter::compareShort(arith::CmpIPredicate predicate, Value x,
                                   Value y) {
  // Neighbours, which differ by numbers, have one sum less to find.
  llvm::APInt distance, limit;
  auto sum = x.getDefiningOp<arith::AddIOp>();
  if (sum && matchPattern(sum.getRhs(), m_ConstantInt(&distance)) &&
      matchPattern(y, m_ConstantInt(&limit)) && distance.sle(limit)) {
    x = sum.getLhs();
    y = constant((limit - distance).getSExtValue());
  }
  auto word = [&](Value position) -> Value {
    return arith::TruncIOp::create(b, loc, b.getI32Type(), position);
  };
  return arith::CmpIOp::create(b, loc, predicate, word(x), word(y));
}

Values FormulaEmitter::inlineBody(GenericOp op, ArrayRef<Value> at,
                                  ValueRange carried) {
  IRMapping map;
  for (OpOperand *input : op.getDpsInputOperands()) {
    if (!op.payloadUsesValueFromOperand(input))
      continue;
    Index index;
    for (AffineExpr expr : op.getMatchingIndexingMap(input).getResults())
      index.push_back(at[cast<AffineDimExpr>(expr).getPosition()]);
    map.map(op.getMatchingBlockArgument(input), evaluate(input->get(), index));
  }
  if (!carried.empty())
    map.map(op.getRegionOutputArgs(), carried);
  // Bodies may share constants that lie in front of them.
  auto bringConstants = [&](Operation &inner) {
    for (Value operand : inner.getOperands())
      if (auto constant = operand.getDefiningOp<arith::ConstantOp>())
        if (!map.contains(operand))
          map.map(operand, b.clone(*constant)->getResult(0));
  };
  for (Operation &inner : *op.getBody()) {
    bringConstants(inner);
    if (inner.hasTrait<OpTrait::IsTerminator>())
      break;
    if (auto position = dyn_cast<linalg::IndexOp>(inner)) {
      Value counter = at[position.getDim()];
      Value cast =
          arith::IndexCastOp::create(b, loc, b.getIndexType(), counter);
      counters[cast] = counter;
      map.map(position.getResult(), cast);
    } else if (auto extract = dyn_cast<tensor::ExtractOp>(inner)) {
      Index index;
      for (Value place : extract.getIndices())
        index.push_back(counterOf(map.lookup(place)));
      map.map(extract.getResult(), evaluate(extract.getTensor(), index));
    } else if (auto word = dyn_cast<RandomWordOp>(inner)) {
      Values operands;
      for (Value operand : word->getOperands())
        operands.push_back(map.lookup(operand));
      map.map(word.getWord(), randomWord(operands));
    } else if (isUnseen && inner.hasAttr("ds.causal")) {
      map.map(inner.getResult(0),
              arith::ConstantOp::create(b, loc, b.getBoolAttr(false)));
    } else if (auto compare = dyn_cast<arith::CmpIOp>(inner);
               compare && isGpu && areShort(op, compare)) {
      map.map(compare.getResult(),
              compareShort(compare.getPredicate(),
                           counterOf(map.lookup(compare.getLhs())),
                           counterOf(map.lookup(compare.getRhs()))));
    } else {
      b.clone(inner, map);
    }
  }
  Values results;
  for (Value value : op.getBody()->getTerminator()->getOperands())
    results.push_back(map.lookup(value));
  return results;
}

/// An index as the i64 that loops count in.
Value FormulaEmitter::counterOf(Value index) {
  llvm::APInt number;
  if (matchPattern(index, m_ConstantInt(&number)))
    return constant(number.getSExtValue());
  Value &counter = counters[index];
  if (!counter) {
    OpBuilder::InsertionGuard guard(b);
    if (Operation *op = index.getDefiningOp())
      b.setInsertionPointAfter(op);
    counter = arith::IndexCastOp::create(b, loc, i64, index);
  }
  return counter;
}

Value FormulaEmitter::initial(GenericOp op, unsigned result) {
  auto fill =
      op.getDpsInitOperand(result)->get().getDefiningOp<linalg::FillOp>();
  auto start = fill.getInputs()[0].getDefiningOp<arith::ConstantOp>();
  return b.clone(*start)->getResult(0);
}

Value FormulaEmitter::combine(StringRef kind, Value old, Value value) {
  Type type = old.getType(), wide = wideElement(type);
  if (wide != type) {
    old = arith::ExtFOp::create(b, loc, wide, old);
    value = arith::ExtFOp::create(b, loc, wide, value);
    Value combined = combine(kind, old, value);
    return arith::TruncFOp::create(b, loc, type, combined);
  }
  auto as = [&](auto real, auto whole) -> Value {
    if (isa<FloatType>(old.getType()))
      return decltype(real)::create(b, loc, old, value);
    return decltype(whole)::create(b, loc, old, value);
  };
  if (kind == "add")
    return as(arith::AddFOp(), arith::AddIOp());
  if (kind == "mul")
    return as(arith::MulFOp(), arith::MulIOp());
  return kind == "min" ? as(arith::MinimumFOp(), arith::MinSIOp())
                       : as(arith::MaximumFOp(), arith::MaxSIOp());
}

//===--------------------------------------------------------------------===//
// Vectorization
//===--------------------------------------------------------------------===//

/// LLVM 22 stores 32 bits where fewer are left of a vector's elements and the
/// mask has one of them: loops that do so must end without masks.
static bool storesFewBits(scf::ForOp op) {
  bool few = false;
  op.getBody()->walk([&](LLVM::StoreOp store) {
    few |= store.getValue().getType().getIntOrFloatBitWidth() < 32;
  });
  return few;
}

void FormulaEmitter::annotate(scf::ForOp op, int64_t size) {
  int64_t bits = 32;
  bool costly = false, isOptional = false;
  op.getBody()->walk([&](Operation *inner) {
    isOptional |= inner->hasAttr("ds.optional_vectors");
    for (Type type : inner->getResultTypes())
      if (type.isF64())
        bits = 64;
    costly |= isTranscendental(inner);
  });
  int64_t width = vectorBits / bits;
  const bool unmasked = storesFewBits(op);
  if (unmasked) {
    constexpr int64_t kShort = 16; // for which LLVM prefers masks by itself
    while (size && size < width)
      width /= 2;
    if (width == 1 || (isOptional && size && size < kShort))
      return; // stays scalar
  } else if (isOptional || (size && size < width)) {
    op->removeAttr("llvm.loop_annotation"); // LLVM may choose
    return;
  }
  int64_t interleave = costly ? 2 : 4;
  while (size && interleave > 1 && size < width * interleave)
    interleave /= 2;
  MLIRContext *context = b.getContext();
  BoolAttr no = b.getBoolAttr(false);
  auto vectorize = LLVM::LoopVectorizeAttr::get(
      context, /*disable=*/isOptional ? BoolAttr() : no,
      /*predicateEnable=*/unmasked ? no : BoolAttr(), {},
      isOptional ? IntegerAttr() : b.getI32IntegerAttr(width), {}, {}, {});
  LLVM::LoopInterleaveAttr interleaved;
  if (!isOptional)
    interleaved =
        LLVM::LoopInterleaveAttr::get(context, b.getI32IntegerAttr(interleave));
  op->setAttr("llvm.loop_annotation",
              LLVM::LoopAnnotationAttr::get(context, {}, vectorize, interleaved,
                                            {}, {}, {}, {}, {}, {}, {}, {}, {},
                                            {}, {}, {}));
}
