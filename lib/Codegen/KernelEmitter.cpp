//===- KernelEmitter.cpp - A planned kernel as loops --------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The walks: phases over a row, tiles of columns, rows added into a table.
// Each kernel is two functions: the loops, whose pointers alias nothing, and
// the entry point that unpacks its arguments.
//===--------------------------------------------------------------------===//

#include "KernelEmitter.h"

#include "FormulaEmitter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace ds;

using linalg::GenericOp;
using Index = Values;

namespace {

class Emitter : FormulaEmitter {
public:
  Emitter(func::FuncOp lowered, const KernelPlan &plan, const InPlace &inPlace,
          ModuleOp module, unsigned vectorBits)
      : FormulaEmitter(lowered, plan, inPlace, vectorBits), module(module) {}

  void run(StringRef symbol) {
    LLVM::LLVMFuncOp body = makeBody(symbol);
    makeEntry(symbol, body);
  }

private:
  //===------------------------------------------------------------------===//
  // Functions
  //===------------------------------------------------------------------===//

  /// The loops, over one pointer per tensor that alias nothing else.
  LLVM::LLVMFuncOp makeBody(StringRef symbol) {
    const unsigned pointers = countPointers();
    SmallVector<Type> types(pointers, pointerType);
    types.append(2, i64);
    b.setInsertionPointToEnd(module.getBody());
    auto function = LLVM::LLVMFuncOp::create(
        b, loc, (symbol + ".body").str(),
        LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(b.getContext()),
                                    types),
        LLVM::Linkage::Internal);
    function.setNoInline(true);
    for (unsigned i = 0; i < pointers; ++i)
      function.setArgAttr(i, LLVM::LLVMDialect::getNoAliasAttrName(),
                          b.getUnitAttr());
    Block *entry = function.addEntryBlock(b);
    b.setInsertionPointToStart(entry);
    rowBlock = entry;
    bindPointers(entry);
    emitLoops(entry->getArgument(pointers), entry->getArgument(pointers + 1));
    b.setInsertionPointToEnd(entry);
    LLVM::ReturnOp::create(b, loc, ValueRange());
    return function;
  }

  /// `void k(void *const *args, int64_t begin, int64_t end)`.
  void makeEntry(StringRef symbol, LLVM::LLVMFuncOp body) {
    b.setInsertionPointToEnd(module.getBody());
    auto function = LLVM::LLVMFuncOp::create(
        b, loc, symbol,
        LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(b.getContext()),
                                    {pointerType, i64, i64}));
    Block *entry = function.addEntryBlock(b);
    b.setInsertionPointToStart(entry);
    Values operands;
    for (int32_t i = 0, n = body.getNumArguments() - 2; i < n; ++i) {
      Value slot =
          LLVM::GEPOp::create(b, loc, pointerType, pointerType,
                              entry->getArgument(0), ArrayRef<LLVM::GEPArg>{i});
      operands.push_back(LLVM::LoadOp::create(b, loc, pointerType, slot));
    }
    operands.append({entry->getArgument(1), entry->getArgument(2)});
    LLVM::CallOp::create(b, loc, body, operands);
    LLVM::ReturnOp::create(b, loc, ValueRange());
  }

  void emitLoops(Value begin, Value end) {
    makeStackBuffers();
    switch (plan.shape.walk) {
    case KernelWalk::Flat:
      for (const Phase &phase : plan.phases)
        emitPhase(phase, begin, end);
      return;
    case KernelWalk::Row:
      return emitRows(begin, end);
    case KernelWalk::Column:
      return emitColumns(begin, end);
    case KernelWalk::Scatter:
      return emitScatter(begin, end);
    case KernelWalk::Copy:
      return columnLoop(rowBlock, begin, end, [&](Value item) {
        copyElements(copyIn(lowered), outputs[0], item, 1);
      });
    }
  }

  //===------------------------------------------------------------------===//
  // Phases
  //===------------------------------------------------------------------===//

  /// Storage of values kept between phases, made once per call.
  void makeStackBuffers() {
    for (auto [value, result] : plan.kept) {
      RankedTensorType type = tensorType(value);
      Memory place{result >= 0 ? outputs[result] : Value(), type};
      if (result < 0) {
        place.skip = plan.shape.rowRank;
        int64_t size =
            HostTensor::count(type.getShape().drop_front(place.skip));
        place.pointer =
            stack(type.getElementType(),
                  isRandomWords(value) ? randomWordsRoom(size) : size);
      }
      keptMemory[value] = place;
    }
  }

  void emitRows(Value begin, Value end) {
    loop(begin, end, 1, {}, [&](scf::ForOp op, ValueRange) {
      rowBlock = op.getBody();
      row = split(op.getInductionVar(), plan.shape.rows());
      for (const Phase &phase : plan.phases)
        emitPhase(phase, Value(), Value());
      return Values();
    });
  }

  /// Computes and then writes what a phase stores, at one point.
  void emitStores(const Phase &phase, ArrayRef<Value> at) {
    SmallVector<std::pair<Value, Value>> writes; // value, address
    for (unsigned result : phase.stores) {
      Memory place = outputMemory(result);
      ArrayRef<Value> index = at.take_front(place.type.getRank());
      Value value = evaluate(returned[result], index);
      writes.push_back({value, address(place, index)});
    }
    for (Value kept : phase.kept)
      if (!isRandomWords(kept))
        writes.push_back({evaluate(kept, at), address(keptMemory[kept], at)});
    for (auto [value, pointer] : writes)
      store(value, pointer);
  }

  /// Loops over the inner dimensions, or over [begin, end) of all of them.
  void emitPhase(const Phase &phase, Value begin, Value end) {
    innerLoop = nullptr;
    makeRandomWords(phase);
    SmallVector<SmallVector<int64_t>> nest;
    for (auto [d, size] : llvm::enumerate(phase.inner)) {
      if (d == 0 || (phase.cuts[d] && !begin))
        nest.emplace_back();
      nest.back().push_back(size);
    }
    Values sums;
    for (GenericOp op : phase.reductions)
      for (unsigned i = 0; i < op.getNumResults(); ++i)
        sums.push_back(initial(op, i));
    if (nest.empty()) {
      emitStores(phase, row);
    } else if (phase.causal) {
      sums = emitCausal(phase, nest, sums);
    } else {
      for (int64_t part = 0; part < phase.segments; ++part) {
        innerLoop = nullptr;
        sums = emitNest(phase, nest, part, row, sums, begin, end);
      }
    }
    innerLoop = nullptr;
    auto next = sums.begin();
    for (GenericOp op : phase.reductions)
      for (Value result : op.getResults())
        scalars[result] = *next++;
    for (unsigned result : phase.stores)
      memory.try_emplace(returned[result], outputMemory(result));
    for (Value kept : phase.kept)
      memory[kept] = keptMemory[kept];
  }

  void makeRandomWords(const Phase &phase) {
    for (Value kept : phase.kept) {
      if (!isRandomWords(kept))
        continue;
      Memory &place = keptMemory[kept];
      place.pointer =
          emitRandomWords(kept.getDefiningOp<GenericOp>(), row, place.pointer,
                          constant(place.type.getShape().back()));
      memory[kept] = place;
    }
  }

  /// Runs [0, seen), which has all positions that the row sees, as written,
  /// and the rest only for results and what is not causal.
  Values emitCausal(const Phase &phase, ArrayRef<SmallVector<int64_t>> nest,
                    Values sums) {
    Value size = constant(HostTensor::count(nest[0]));
    Value block = constant(kCausalBlock);
    // The last row sees all of its positions.
    ArrayRef<int64_t> shape = plan.shape.shape;
    Value last =
        add(row.back(), constant(shape.back() - shape[row.size() - 1]));
    Value blocks = arith::DivUIOp::create(b, loc, last, block);
    Value seen = multiply(add(blocks, constant(1)), kCausalBlock);
    seen = arith::MinUIOp::create(b, loc, seen, size);
    sums = emitNest(phase, nest, 0, row, sums, constant(0), seen);
    auto isCausal = [](Operation *op) { return op->hasAttr("ds.causal"); };
    Phase rest = phase;
    llvm::erase_if(rest.reductions, isCausal);
    llvm::erase_if(rest.kept,
                   [&](Value v) { return isCausal(v.getDefiningOp()); });
    if (rest.reductions.empty() && rest.stores.empty() && rest.kept.empty())
      return sums;
    SmallVector<unsigned> places; // of the sums that go on
    unsigned place = 0;
    for (GenericOp op : phase.reductions)
      for (unsigned i = 0; i < op.getNumResults(); ++i, ++place)
        if (!isCausal(op))
          places.push_back(place);
    Values going =
        llvm::map_to_vector(places, [&](unsigned i) { return sums[i]; });
    innerLoop = nullptr;
    isUnseen = true;
    going = emitNest(rest, nest, 0, row, going, seen, size);
    isUnseen = false;
    for (auto [i, value] : llvm::zip(places, going))
      sums[i] = value;
    return sums;
  }

  Values emitNest(const Phase &phase, ArrayRef<SmallVector<int64_t>> nest,
                  int64_t part, Index at, Values sums, Value begin, Value end) {
    if (nest.empty())
      return emitPoint(phase, at, sums);
    int64_t size = HostTensor::count(nest[0]);
    bool innermost = nest.size() == 1;
    int64_t parts = innermost ? phase.segments : 1;
    Value lower = begin ? begin : constant(innermost ? size / parts * part : 0);
    Value upper = end ? end
                      : constant(!innermost || part + 1 == parts
                                     ? size
                                     : size / parts * (part + 1));
    scf::ForOp made;
    Values results =
        loop(lower, upper, 1, sums, [&](scf::ForOp op, ValueRange carried) {
          made = op;
          if (!innerLoop)
            innerLoop = op;
          loopMemo.clear();
          Index inner = at;
          inner.append(split(op.getInductionVar(), nest[0]));
          return emitNest(phase, nest.drop_front(), part, inner,
                          Values(carried), Value(), Value());
        });
    // Of a causal row at least a block is seen.
    const int64_t run =
        isUnseen ? std::max<int64_t>(size - kCausalBlock, 1) : size;
    if (innermost)
      annotate(made, phase.causal ? std::min(kCausalBlock, run)
                     : begin      ? 0
                                  : size / parts);
    return results;
  }

  Values emitPoint(const Phase &phase, ArrayRef<Value> at, Values sums) {
    Values next;
    for (GenericOp op : phase.reductions) {
      ValueRange carried =
          ValueRange(sums).slice(next.size(), op.getNumResults());
      next.append(inlineBody(op, at, carried));
    }
    emitStores(phase, at);
    return next;
  }

  //===------------------------------------------------------------------===//
  // Column kernels
  //===------------------------------------------------------------------===//

  /// Columns in tiles; for each all rows into a buffer, then the results.
  void emitColumns(Value begin, Value end) {
    const Phase &rows = plan.phases[0], &columns = plan.phases[1];
    SmallVector<std::pair<GenericOp, Value>> buffers;
    for (GenericOp op : rows.reductions)
      buffers.push_back({op, stack(tensorType(op.getResult(0)).getElementType(),
                                   kColumnTile)});
    loop(begin, end, kColumnTile, {}, [&](scf::ForOp tile, ValueRange) {
      Value first = tile.getInductionVar();
      Value rest = arith::SubIOp::create(b, loc, end, first);
      Value width = arith::MinSIOp::create(b, loc, rest, constant(kColumnTile));
      tileLoop(tile.getBody(), first, width, [&](Value c, Value) {
        for (auto [op, buffer] : buffers)
          store(initial(op, 0), bufferElement(op, buffer, c));
      });
      int64_t count = HostTensor::count(plan.shape.rows());
      // Results of whole rows are written one row after the other.
      int64_t block = rows.stores.empty() ? kMaxRowBlock : 1;
      int64_t blocked = count / block * block;
      addRows(rows, buffers, 0, blocked, block, first, width);
      addRows(rows, buffers, blocked, count, 1, first, width);
      tileLoop(tile.getBody(), first, width, [&](Value c, Value column) {
        for (auto [op, buffer] : buffers)
          scalars[op.getResult(0)] =
              load(bufferElement(op, buffer, c),
                   tensorType(op.getResult(0)).getElementType());
        emitStores(columns, split(column, rows.inner));
        for (auto [op, buffer] : buffers)
          scalars.erase(op.getResult(0));
      });
      return Values();
    });
  }

  Value bufferElement(GenericOp op, Value buffer, Value c) {
    return element(buffer, tensorType(op.getResult(0)).getElementType(), c);
  }

  /// A loop over [from, to), at row level of `block`.
  void columnLoop(Block *block, Value from, Value to,
                  llvm::function_ref<void(Value)> body) {
    rowBlock = block;
    rowMemo.clear();
    scf::ForOp made;
    loop(from, to, 1, {}, [&](scf::ForOp op, ValueRange) {
      made = op;
      innerLoop = op;
      loopMemo.clear();
      body(op.getInductionVar());
      return Values();
    });
    innerLoop = nullptr;
    annotate(made, 0);
  }

  /// A loop over one tile: the body gets the place in the tile and the column.
  void tileLoop(Block *block, Value first, Value width,
                llvm::function_ref<void(Value, Value)> body) {
    columnLoop(block, constant(0), width,
               [&](Value c) { body(c, add(first, c)); });
  }

  void addRows(const Phase &rows, ArrayRef<std::pair<GenericOp, Value>> buffers,
               int64_t from, int64_t to, int64_t block, Value first,
               Value width) {
    if (from == to)
      return;
    loop(constant(from), constant(to), block, {},
         [&](scf::ForOp op, ValueRange) {
           SmallVector<Index> blockRows;
           for (int64_t i = 0; i < block; ++i)
             blockRows.push_back(split(add(op.getInductionVar(), constant(i)),
                                       plan.shape.rows()));
           tileLoop(op.getBody(), first, width, [&](Value c, Value column) {
             Index inner = split(column, rows.inner);
             SmallVector<Index> points;
             for (Index &at : blockRows) {
               points.push_back(at);
               points.back().append(inner);
             }
             addColumn(rows, buffers, points, c);
           });
           return Values();
         });
  }

  void addColumn(const Phase &rows,
                 ArrayRef<std::pair<GenericOp, Value>> buffers,
                 ArrayRef<Index> points, Value c) {
    SmallVector<std::pair<Value, Value>> sums; // value, address
    for (auto [op, buffer] : buffers) {
      Value place = bufferElement(op, buffer, c);
      Value sum = load(place, tensorType(op.getResult(0)).getElementType());
      for (const Index &at : points)
        sum = inlineBody(op, at, sum)[0];
      sums.push_back({sum, place});
    }
    for (const Index &at : points)
      emitStores(rows, at);
    for (auto [sum, place] : sums)
      store(sum, place);
  }

  //===------------------------------------------------------------------===//
  // Scatter kernels
  //===------------------------------------------------------------------===//

  /// One row after the other, as far as it is inside, into the columns
  /// [begin, end) of its place.
  void emitScatter(Value begin, Value end) {
    Scatter op(lowered);
    Memory table = outputMemory(0);
    Type type = table.type.getElementType();
    ArrayRef<int64_t> rows = plan.shape.rows();
    ArrayRef<int64_t> columns =
        ArrayRef(plan.shape.shape).drop_front(rows.size());
    loop(constant(0), constant(HostTensor::count(rows)), 1, {},
         [&](scf::ForOp each, ValueRange) {
           rowBlock = each.getBody();
           row = split(each.getInductionVar(), rows);
           Value base = evaluate(op.base, row);
           auto branch = scf::IfOp::create(b, loc, evaluate(op.isInside, row),
                                           /*else=*/false);
           OpBuilder::InsertionGuard guard(b);
           b.setInsertionPointToStart(branch.thenBlock());
           columnLoop(branch.thenBlock(), begin, end, [&](Value c) {
             Index at = row;
             at.append(split(c, columns));
             Value value = evaluate(op.values, at);
             Value place = element(table.pointer, type, add(base, c));
             if (op.kind != "set")
               value = combine(op.kind, load(place, type), value);
             store(value, place);
           });
           return Values();
         });
  }

  ModuleOp module;
  Index row; ///< Positions of the current row.
  DenseMap<Value, Memory> keptMemory;
};

} // namespace

void ds::emitKernel(func::FuncOp lowered, const KernelPlan &plan,
                    const InPlace &inPlace, ModuleOp module, StringRef symbol,
                    unsigned vectorBits) {
  Emitter(lowered, plan, inPlace, module, vectorBits).run(symbol);
}
