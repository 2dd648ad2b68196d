//===- GpuPoints.cpp - Neighbouring points and their accesses -----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

#include "GpuEmitter.h"

using namespace mlir;
using namespace ds;

GpuEmitter::Points GpuEmitter::neighbours(ArrayRef<Value> front, Value counter,
                                          ArrayRef<int64_t> sizes,
                                          int64_t count) {
  // Of one row, neighbours have all but the last part in common: what has only
  // those is loaded once.
  const bool isOneRow = sizes.size() > 1 && sizes.back() % count == 0;
  Points points;
  for (int64_t k = 0; k < count; ++k) {
    Value at = k == 0 ? counter : add(counter, constant(k));
    points.emplace_back(front.begin(), front.end());
    Index &point = points.back();
    if (k > 0 && isOneRow) {
      point = points.front();
      point.back() = add(point.back(), constant(k));
    } else {
      point.append(split(at, sizes));
    }
    if (count == 1)
      break;
    // The last part goes up from lane to lane, until it begins again; those
    // before it mostly stay.
    const size_t last = point.size() - 1;
    for (size_t d = isOneRow ? last : front.size(); d <= last; ++d)
      laneOf[point[d]] = {points.front()[d], k, count,
                          d < last ? Step::Outer : Step::Inner};
    laneOf[at] = {counter, k, count, Step::Counter};
  }
  return points;
}

std::optional<GpuEmitter::Wide> GpuEmitter::wideAt(const Memory &place,
                                                   ArrayRef<Value> index) {
  Strides strides = stridesOf(place, index);
  if (strides.empty())
    return {};
  auto [last, size] = strides.pop_back_val();
  auto found = laneOf.find(last);
  if (found == laneOf.end())
    return {};
  auto [base, lane, lanes, step] = found->second;
  const int64_t bytes = lanes * ((place.type.getElementTypeBitWidth() + 7) / 8);
  if (alignments.lookup(place.pointer) < std::min<int64_t>(bytes, 16) ||
      step == Step::Outer ||
      ((!strides.empty() || step == Step::Inner) && size % lanes))
    return {};
  for (auto [position, size] : strides)
    if (laneOf.contains(position))
      return {};
  Wide wide{{}, lane, lanes};
  for (Value position : index) {
    auto other = laneOf.find(position);
    wide.base.push_back(other == laneOf.end() ? position : other->second.base);
  }
  return wide;
}

static unsigned alignmentOf(VectorType type) {
  return static_cast<unsigned>(std::min<int64_t>(
      type.getNumElements() * ((type.getElementTypeBitWidth() + 7) / 8), 16));
}

Value GpuEmitter::loadFrom(Value tensor, const Memory &place,
                           ArrayRef<Value> index) {
  std::optional<Wide> wide = wideAt(place, index);
  if (!wide)
    return FormulaEmitter::loadFrom(tensor, place, index);
  std::vector<void *> key{tensor.getAsOpaquePointer()};
  for (Value position : wide->base)
    key.push_back(position.getAsOpaquePointer());
  Value &vector = vectors[key];
  Type element = place.type.getElementType();
  if (!vector) {
    auto type = VectorType::get({wide->lanes}, storedType(element));
    vector = LLVM::LoadOp::create(b, loc, type, address(place, wide->base),
                                  alignmentOf(type));
  }
  Value lane = constant(wide->lane);
  return fromStored(LLVM::ExtractElementOp::create(b, loc, vector, lane),
                    element);
}

GpuEmitter::Write GpuEmitter::computed(Value tensor, const Memory &place,
                                       ArrayRef<Index> points) {
  Write write{place, {}, {}};
  for (const Index &point : points) {
    ArrayRef<Value> at = ArrayRef(point).take_front(place.type.getRank());
    write.at.emplace_back(at.begin(), at.end());
    write.values.push_back(evaluate(tensor, at));
  }
  return write;
}

void GpuEmitter::write(const Write &write) {
  std::optional<Wide> wide = wideAt(write.place, write.at.front());
  if (!wide) {
    for (auto [at, value] : llvm::zip(write.at, write.values))
      store(value, address(write.place, at));
    return;
  }
  Type element = write.place.type.getElementType();
  auto type = VectorType::get({wide->lanes}, storedType(element));
  Value vector = LLVM::PoisonOp::create(b, loc, type);
  for (auto [k, value] : llvm::enumerate(write.values))
    vector = LLVM::InsertElementOp::create(b, loc, vector, toStored(value),
                                           constant(k));
  LLVM::StoreOp::create(b, loc, vector, address(write.place, write.at.front()),
                        alignmentOf(type));
}

void GpuEmitter::emitStores(const Phase &phase, ArrayRef<Index> points) {
  SmallVector<Write> writes;
  for (unsigned result : phase.stores)
    writes.push_back(computed(returned[result], outputMemory(result), points));
  for (Value kept : phase.kept)
    if (keptMemory.contains(kept))
      writes.push_back(computed(kept, keptMemory[kept], points));
  for (const Write &each : writes)
    write(each);
}
