//===- GpuAttention.cpp - Attention on tensor cores ---------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions, shared memory and how tiles come there.
//===--------------------------------------------------------------------===//

#include "GpuAttention.h"

using namespace mlir;
using namespace ds;

enum AddressSpace : unsigned { kGlobal = 1, kShared = 3 };

FailureOr<GpuKernelInfo> AttentionEmitter::run(StringRef symbol) {
  GpuKernelInfo info{describeAttention(request.function, kernel)};
  SmallVector<AttentionRole> roles = rolesOf(kernel);
  info.threads = static_cast<uint32_t>(roles[0].warps * 32);
  info.itemsPerBlock = 1;
  if (failed(findChunk()))
    return failure();
  makeFunction(symbol, info.threads);
  makeShared(roles);
  thread = c.special("tid");
  lane = c.remainder(thread, 32);
  pairOfLane = c.multiply(c.remainder(lane, 4), c.number(2));
  Value block = c.special("ctaid");
  int64_t first = 0;
  for (const AttentionRole &each : roles) {
    role = &each;
    Value number = arith::SubIOp::create(b, c.loc, block, c.number(first));
    first += each.blocks;
    if (roles.size() == 1)
      emitRole(number);
    else // below the first one numbers are very large
      c.onlyIf(c.isLess(number, c.number(each.blocks)),
               [&] { emitRole(number); });
  }
  LLVM::ReturnOp::create(b, c.loc, ValueRange());
  return info;
}

//===--------------------------------------------------------------------===//
// Function and memory
//===--------------------------------------------------------------------===//

int64_t AttentionEmitter::alignmentOf(int argument) {
  const size_t i = static_cast<size_t>(argument);
  return i < request.alignments.size() ? request.alignments[i] : 16;
}

LogicalResult AttentionEmitter::findChunk() {
  for (const auto &places : {kernel.operands, kernel.results})
    for (const HeadsPlace &place : places)
      if (place.argument >= 0)
        chunk = std::min(chunk, alignmentOf(place.argument));
  if (chunk < 4)
    return request.function.emitError(
        "expects attention's tensors at multiples of 4 bytes");
  return success();
}

void AttentionEmitter::makeFunction(StringRef symbol, uint32_t threads) {
  MLIRContext *context = module.getContext();
  b.setInsertionPointToEnd(module.getBody());
  Type pointer = LLVM::LLVMPointerType::get(context, kGlobal);
  const unsigned pointers =
      request.function.getNumArguments() + request.function.getNumResults();
  function = LLVM::LLVMFuncOp::create(
      b, c.loc, symbol,
      LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(context),
                                  SmallVector<Type>(pointers, pointer)));
  function.setCConv(LLVM::CConv::PTX_Kernel);
  function.setPassthroughAttr(b.getArrayAttr(
      {b.getStrArrayAttr({"nvvm.reqntid", std::to_string(threads)})}));
  for (unsigned i = 0; i < pointers; ++i) {
    function.setArgAttr(i, LLVM::LLVMDialect::getAlignAttrName(),
                        b.getI64IntegerAttr(alignmentOf(int(i))));
    function.setArgAttr(i, LLVM::LLVMDialect::getNoAliasAttrName(),
                        b.getUnitAttr());
  }
  b.setInsertionPointToStart(function.addEntryBlock(b));
}

void AttentionEmitter::makeShared(ArrayRef<AttentionRole> roles) {
  for (const AttentionRole &each : roles) {
    role = &each;
    stageBytes = std::max(stageBytes,
                          2 * tileBytes() + hasStatistics() * 8 * role->tile);
  }
  auto type = LLVM::LLVMArrayType::get(b.getI8Type(), 2 * stageBytes);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(function);
  auto global = LLVM::GlobalOp::create(b, c.loc, type, /*isConstant=*/false,
                                       LLVM::Linkage::Internal,
                                       (function.getName() + "_shared0").str(),
                                       Attribute(), /*alignment=*/16, kShared);
  b.setInsertionPointToStart(&function.getBody().front());
  shared = LLVM::AddressOfOp::create(b, c.loc, global);
}

AttentionEmitter::Rows AttentionEmitter::rowsOf(const HeadsPlace &place,
                                                Value head, int64_t bytes) {
  Value offset =
      c.add(c.multiply(c.widened(batch), c.wide(place.batch * bytes)),
            c.multiply(c.widened(head), c.wide(place.head * bytes)));
  Value pointer = function.getArgument(unsigned(place.argument));
  return {c.at(c.at(pointer, place.offset * bytes), offset),
          place.position * bytes};
}

Value AttentionEmitter::rowOf(const Rows &rows, Value position) {
  return c.at(rows.first, c.multiply(c.widened(position), c.wide(rows.bytes)));
}

Value AttentionEmitter::inside(Value position) {
  return c.least(position, c.number(kernel.seq - 1));
}

//===--------------------------------------------------------------------===//
// Tiles
//===--------------------------------------------------------------------===//

std::pair<Value, Value> AttentionEmitter::tileAt(Value i) {
  if (role->ownsQueries)
    return {c.multiply(i, c.number(role->tile)),
            c.quotient(head, kernel.group())};
  // All queries that see these keys, of one head after the other.
  Value which = kernel.group() == 1 ? c.number(0) : c.quotient(i, perHead);
  Value tile = arith::SubIOp::create(b, c.loc, i, c.multiply(which, perHead));
  return {c.multiply(c.add(tile, firstTile), c.number(role->tile)),
          c.add(c.multiply(head, c.number(kernel.group())), which)};
}

void AttentionEmitter::fetch(Value i) {
  auto [begin, streamed] = tileAt(i);
  const bool isForward = !kernel.isGrad, queries = role->ownsQueries;
  Value stage = stageOf(i);
  const HeadsPlace &first = kernel.operands[queries ? 1 : 0],
                   &second = kernel.operands[isForward || queries ? 2 : 3];
  fetchTile(rowsOf(first, streamed, 2), begin, stage);
  fetchTile(rowsOf(second, streamed, 2), begin, c.at(stage, tileBytes()));
  if (hasStatistics())
    fetchStatistics(begin, streamed, c.at(stage, 2 * tileBytes()));
  c.closeGroup();
}

void AttentionEmitter::fetchTile(const Rows &rows, Value begin, Value stage) {
  const int64_t perRow = 2 * kernel.d / chunk, count = perRow * role->tile,
                threads = role->warps * 32;
  for (int64_t k = 0; k < count; k += threads) {
    Value number = c.add(thread, c.number(k));
    auto copy = [&] {
      Value row = c.quotient(number, perRow);
      Value column = c.multiply(c.remainder(number, perRow), c.number(chunk));
      Value position = c.add(begin, row), isThere;
      if (isRagged()) {
        isThere = c.isLess(position, c.number(kernel.seq));
        position = inside(position);
      }
      Value to = c.add(c.multiply(row, c.number(pitch)), column);
      c.copyLater(c.at(stage, c.widened(to)),
                  c.at(rowOf(rows, position), c.widened(column)), chunk,
                  isThere);
    };
    if (k + threads <= count)
      copy();
    else
      c.onlyIf(c.isLess(number, c.number(count)), copy);
  }
}

void AttentionEmitter::fetchStatistics(Value begin, Value head, Value stage) {
  const int64_t tile = role->tile;
  auto copy = [&](int64_t operand, int64_t first) {
    Value which = arith::SubIOp::create(b, c.loc, thread, c.number(first));
    c.onlyIf(c.isLess(which, c.number(tile)), [&] {
      Value position = inside(c.add(begin, which));
      Value to = c.at(stage, c.widened(c.multiply(thread, c.number(4))));
      c.copyLater(to,
                  rowOf(rowsOf(kernel.operands[operand], head, 4), position), 4,
                  Value());
    });
  };
  copy(4, 0);
  copy(5, tile);
}

Value AttentionEmitter::stageOf(Value i) {
  Value odd = c.remainder(i, 2);
  return c.at(shared, c.widened(c.multiply(odd, c.number(stageBytes))));
}

//===--------------------------------------------------------------------===//
// A block
//===--------------------------------------------------------------------===//

void AttentionEmitter::emitRole(Value number) {
  const int64_t blocks = llvm::divideCeil(kernel.seq, uint64_t(role->own()));
  Value tile = c.remainder(number, blocks), rest = c.quotient(number, blocks);
  // What takes longest begins first.
  if (kernel.causal && role->ownsQueries)
    tile = arith::SubIOp::create(b, c.loc, c.number(blocks - 1), tile);
  const int64_t heads = role->ownsQueries ? kernel.heads : kernel.keyHeads;
  head = c.remainder(rest, heads);
  batch = c.quotient(rest, heads);
  Value begin = c.multiply(tile, c.number(role->own()));
  ownWarp =
      c.add(begin, c.multiply(c.quotient(thread, 32), c.number(rowsOfWarp())));
  ownRow = c.add(ownWarp, c.quotient(lane, 4));
  placeLanes();
  countTiles(begin);
  fetch(c.number(0));
  if (kernel.isGrad)
    emitGradients();
  else
    emitForward();
}

void AttentionEmitter::placeLanes() {
  Value row = c.remainder(lane, 8), upper = c.quotient(lane, 16),
        odd = c.remainder(c.quotient(lane, 8), 2);
  auto offset = [&](Value rows, Value columns) {
    Value at = c.add(row, c.multiply(rows, c.number(8)));
    return c.widened(c.add(c.multiply(at, c.number(pitch)),
                           c.multiply(columns, c.number(16))));
  };
  alongRow = offset(upper, odd);
  downColumn = offset(odd, upper);
}

void AttentionEmitter::countTiles(Value begin) {
  const int64_t all = llvm::divideCeil(kernel.seq, uint64_t(role->tile));
  count = c.number(all);
  if (role->ownsQueries) {
    if (kernel.causal) {
      Value end =
          c.least(c.add(begin, c.number(role->own())), c.number(kernel.seq));
      count = c.quotient(c.add(end, c.number(role->tile - 1)), role->tile);
    }
    return;
  }
  firstTile = kernel.causal ? c.quotient(begin, role->tile) : c.number(0);
  perHead = arith::SubIOp::create(b, c.loc, c.number(all), firstTile);
  count = c.multiply(perHead, c.number(kernel.group()));
}

AttentionEmitter::Values AttentionEmitter::forEachTile(
    const Values &values,
    llvm::function_ref<Values(Value, Value, ValueRange)> code) {
  return c.loop(count, values, [&](Value i, ValueRange carried) {
    c.awaitGroups();
    c.syncBlock(); // all copies are there, and nobody reads the other stage
    Value next = c.add(i, c.number(1));
    c.onlyIf(c.isLess(next, count), [&] { fetch(next); });
    return code(stageOf(i), tileAt(i).first, carried);
  });
}

FailureOr<GpuKernelInfo> ds::emitAttention(const AttentionKernel &kernel,
                                           const KernelRequest &request,
                                           ModuleOp module, StringRef symbol) {
  return AttentionEmitter(kernel, request, module).run(symbol);
}
