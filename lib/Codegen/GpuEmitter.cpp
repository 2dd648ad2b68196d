//===- GpuEmitter.cpp - A planned kernel as code of one thread ----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions, and the walks without reductions.  A kernel's parameters are one
// pointer to global memory for each tensor.
//===--------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include "GpuCode.h"
#include "GpuEmitter.h"

using namespace mlir;
using namespace ds;

/// What pointers are said to be aligned to when nobody says so.
static constexpr int64_t kAlignment = 16;

/// Numbers of LLVM's back end.
enum AddressSpace : unsigned { kGlobal = 1, kShared = 3 };

GpuEmitter::GpuEmitter(func::FuncOp lowered, const KernelPlan &plan,
                       const KernelRequest &request, ModuleOp module)
    : FormulaEmitter(lowered, plan, request.inPlace, /*vectorBits=*/0),
      request(request), module(module), shape(shapeOnGpu(lowered, plan)),
      i32(b.getI32Type()), sharedPointerType(LLVM::LLVMPointerType::get(
                               module.getContext(), kShared)) {
  pointerType = LLVM::LLVMPointerType::get(module.getContext(), kGlobal);
  isGpu = true;
}

GpuShape GpuEmitter::run(StringRef symbol) {
  makeFunction(symbol);
  thread = special("tid");
  block = special("ctaid");
  switch (plan.shape.walk) {
  case KernelWalk::Flat:
    emitFlat();
    break;
  case KernelWalk::Row:
    emitRows();
    break;
  case KernelWalk::Column:
    emitColumns();
    break;
  case KernelWalk::Scatter:
    emitScatter();
    break;
  case KernelWalk::Copy:
    emitCopy();
    break;
  }
  b.setInsertionPointToEnd(&function.getBody().front());
  LLVM::ReturnOp::create(b, loc, ValueRange());
  return shape;
}

//===--------------------------------------------------------------------===//
// Functions
//===--------------------------------------------------------------------===//

/// Of 16-bit numbers.
static bool hasNarrowElements(Type type) {
  Type element = cast<RankedTensorType>(type).getElementType();
  return element.isBF16() || element.isF16();
}

void GpuEmitter::makeFunction(StringRef symbol) {
  MLIRContext *context = b.getContext();
  b.setInsertionPointToEnd(module.getBody());
  function = LLVM::LLVMFuncOp::create(
      b, loc, symbol,
      LLVM::LLVMFunctionType::get(
          LLVM::LLVMVoidType::get(context),
          SmallVector<Type>(countPointers(), pointerType)));
  function.setCConv(LLVM::CConv::PTX_Kernel);
  std::string threads = std::to_string(shape.threads);
  function.setPassthroughAttr(
      b.getArrayAttr({b.getStrArrayAttr({"nvvm.reqntid", threads})}));
  FunctionType signature = lowered.getFunctionType();
  if (llvm::any_of(signature.getInputs(), hasNarrowElements) ||
      llvm::any_of(signature.getResults(), hasNarrowElements))
    function->setAttr(kNarrowAttr, b.getUnitAttr());
  Block *entry = function.addEntryBlock(b);
  b.setInsertionPointToStart(entry);
  rowBlock = entry;
  addArguments(entry);
}

/// Where other threads may see what a thread writes, a pointer must not be
/// `noalias`: that would say that no barrier orders its accesses.
void GpuEmitter::addArguments(Block *entry) {
  bindPointers(entry);
  for (BlockArgument pointer : entry->getArguments()) {
    const unsigned i = pointer.getArgNumber();
    const int64_t alignment =
        i < request.alignments.size() ? request.alignments[i] : kAlignment;
    alignments[pointer] = alignment;
    function.setArgAttr(i, LLVM::LLVMDialect::getAlignAttrName(),
                        b.getI64IntegerAttr(alignment));
    const bool isSeen =
        plan.phases.size() > 1 && llvm::is_contained(outputs, pointer);
    if (!isSeen)
      function.setArgAttr(i, LLVM::LLVMDialect::getNoAliasAttrName(),
                          b.getUnitAttr());
  }
}

//===--------------------------------------------------------------------===//
// Building blocks
//===--------------------------------------------------------------------===//

Value GpuEmitter::intrinsic(Type type, StringRef name, ValueRange operands) {
  auto full = b.getStringAttr("llvm.nvvm." + name);
  if (!type) {
    LLVM::CallIntrinsicOp::create(b, loc, full, operands);
    return {};
  }
  return LLVM::CallIntrinsicOp::create(b, loc, type, full, operands)
      .getResult(0);
}

Value GpuEmitter::special(StringRef name) {
  Value number =
      intrinsic(i32, ("read.ptx.sreg." + name + ".x").str(), ValueRange());
  return arith::ExtUIOp::create(b, loc, i64, number);
}

Value GpuEmitter::isLess(Value x, Value y) {
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, x, y);
}

Value GpuEmitter::remainder(Value x, int64_t y) {
  return arith::RemUIOp::create(b, loc, x, constant(y));
}

Value GpuEmitter::quotient(Value x, int64_t y) {
  return arith::DivUIOp::create(b, loc, x, constant(y));
}

void GpuEmitter::unroll(scf::ForOp op, int64_t points) {
  constexpr int64_t kInFlight = 16, kMost = 8;
  MLIRContext *context = b.getContext();
  auto vectorize = LLVM::LoopVectorizeAttr::get(
      context, /*disable=*/b.getBoolAttr(true), {}, {}, {}, {}, {}, {});
  const int64_t count = points ? std::min(kInFlight / points, kMost) : 1;
  const bool isSingle = count <= 1;
  auto unrolled = LLVM::LoopUnrollAttr::get(
      context, /*disable=*/isSingle ? b.getBoolAttr(true) : BoolAttr(),
      isSingle ? IntegerAttr() : b.getI32IntegerAttr(static_cast<int>(count)),
      {}, {}, {}, {}, {});
  op->setAttr("llvm.loop_annotation",
              LLVM::LoopAnnotationAttr::get(context, {}, vectorize, {},
                                            unrolled, {}, {}, {}, {}, {}, {},
                                            {}, {}, {}, {}, {}));
}

void GpuEmitter::onlyIf(Value condition, Row code) {
  auto branch = scf::IfOp::create(b, loc, condition, /*else=*/false);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  Block *outer = std::exchange(rowBlock, branch.thenBlock());
  Memo known = rowMemo;
  code();
  rowBlock = outer;
  rowMemo = std::move(known);
}

Value GpuEmitter::shared(Type type, int64_t elements) {
  const int64_t bytes =
      elements * ((storedType(type).getIntOrFloatBitWidth() + 7) / 8);
  auto bytesType = LLVM::LLVMArrayType::get(b.getI8Type(), bytes);
  OpBuilder::InsertionGuard guard(b);
  std::string name =
      (function.getName() + "_shared").str() + std::to_string(sharedBytes);
  b.setInsertionPoint(function);
  auto global = LLVM::GlobalOp::create(b, loc, bytesType, /*isConstant=*/false,
                                       LLVM::Linkage::Internal, name,
                                       Attribute(), /*alignment=*/16, kShared);
  sharedBytes += llvm::alignTo(bytes, 16);
  b.setInsertionPointToStart(&function.getBody().front());
  Value pointer = LLVM::AddressOfOp::create(b, loc, global);
  alignments[pointer] = 16;
  return pointer;
}

void GpuEmitter::syncBlock() {
  Value all = arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(0));
  intrinsic(Type(), "barrier.cta.sync.aligned.all", all);
}

//===--------------------------------------------------------------------===//
// Elements
//===--------------------------------------------------------------------===//

/// Each thread has a few neighbours, the last one with work maybe fewer.
void GpuEmitter::emitFlat() {
  ArrayRef<int64_t> sizes = plan.shape.shape;
  const int64_t count = HostTensor::count(sizes), vector = shape.vector;
  Value number = add(multiply(block, shape.threads), thread);
  Value first = multiply(number, vector), end = constant(count);
  auto emitAll = [&](Value from, int64_t points) {
    for (const Phase &phase : plan.phases)
      emitStores(phase, neighbours({}, from, sizes, points));
  };
  if (count == 1)
    return emitAll(constant(0), 1);
  Value last = add(first, constant(vector - 1));
  onlyIf(isLess(last, end), [&] { emitAll(first, vector); });
  if (count % vector == 0)
    return;
  Value isTail = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, first,
                                       constant(count / vector * vector));
  onlyIf(isTail, [&] {
    for (int64_t k = count / vector * vector; k < count; ++k) {
      rowMemo.clear();
      emitAll(constant(k), 1);
    }
  });
}
