//===- GpuCopies.cpp - Copies of elements at strides --------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A thread copies as many neighbours as fit into 16 bytes.  Where elements that
// lie side by side come to lie apart, tiles of 32 by 32 go through shared
// memory, so that both sides are accessed in rows; a row of the tile has a
// place more, so that its columns lie in banks of their own.
//===--------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

#include "GpuEmitter.h"

using namespace mlir;
using namespace ds;

void GpuEmitter::emitCopy() {
  StridedCopyOp op = copyIn(lowered);
  if (std::optional<Transposed> dims = transposedBy(op))
    return emitTiles(op, *dims);
  RankedTensorType type = tensorType(op.getInto());
  const int64_t bytes =
      shape.vector * ((type.getElementTypeBitWidth() + 7) / 8);
  const bool isAligned =
      alignments.lookup(memory[op.getInput()].pointer) >= bytes &&
      alignments.lookup(outputs[0]) >= bytes;
  // Neighbouring threads have neighbours, one each, where vectors do not fit.
  const int64_t count = isAligned ? shape.vector : 1;
  Value first = add(multiply(block, shape.items), multiply(thread, count));
  for (int64_t k = 0; k < shape.vector; k += count) {
    Value at = add(first, constant(k * shape.threads));
    onlyIf(isLess(at, constant(HostTensor::count(op.getSizes()))),
           [&] { copyElements(op, outputs[0], at, count); });
  }
}

/// A block has every n-th tile.  Its loads are all on their way before the
/// first one is needed: those beyond the edges are of the last element.
void GpuEmitter::emitTiles(StridedCopyOp op, Transposed dims) {
  SmallVector<int64_t> tiles(op.getSizes()), from(op.getFrom()), to(op.getTo());
  const int64_t across = tiles[dims.across], along = tiles[dims.along];
  const int64_t fromStep = from[dims.along], toStep = to[dims.across];
  for (unsigned d : {dims.across, dims.along}) {
    tiles[d] = llvm::divideCeil(tiles[d], kTile);
    from[d] = to[d] = 0;
  }
  const auto blocks = static_cast<int64_t>(
      llvm::divideCeil(plan.shape.items(), static_cast<uint64_t>(shape.items)));
  const bool isAgain = HostTensor::count(tiles) > blocks;
  Type type = tensorType(op.getInto()).getElementType();
  Value tile = shared(type, kTile * (kTile + 1));
  Value x = remainder(thread, kTile), y = quotient(thread, kTile);
  auto inTile = [&](Value row, Value column) {
    return element(tile, type, add(multiply(row, kTile + 1), column));
  };
  auto inside = [&](Value position, int64_t size) -> Value {
    if (size % kTile == 0)
      return position;
    return arith::MinUIOp::create(b, loc, position, constant(size - 1));
  };
  loop(block, constant(HostTensor::count(tiles)), blocks, {},
       [&](scf::ForOp each, ValueRange) {
         Values at = split(each.getInductionVar(), tiles), loaded;
         Value source =
             element(memory[op.getInput()].pointer, type, offsetOf(at, from));
         Value target = element(outputs[0], type, offsetOf(at, to));
         Value right = multiply(at[dims.across], kTile),
               down = multiply(at[dims.along], kTile);
         SmallVector<Value> rows;
         for (int64_t k = 0; k < kTile; k += shape.threads / kTile)
           rows.push_back(add(y, constant(k)));
         for (Value row : rows) {
           Value line = multiply(inside(add(down, row), along), fromStep);
           Value place = add(line, inside(add(right, x), across));
           loaded.push_back(load(element(source, type, place), type));
         }
         for (auto [row, value] : llvm::zip_equal(rows, loaded))
           store(value, inTile(row, x));
         syncBlock();
         for (Value row : rows) {
           Value line = add(right, row), column = add(down, x);
           Value isInside =
               arith::AndIOp::create(b, loc, isLess(line, constant(across)),
                                     isLess(column, constant(along)));
           onlyIf(isInside, [&] {
             Value place = add(multiply(line, toStep), column);
             store(load(inTile(x, row), type), element(target, type, place));
           });
         }
         if (isAgain)
           syncBlock();
         return Values();
       });
}
