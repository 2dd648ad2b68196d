//===- DSEvalIndex.cpp - Which elements moves of elements take ----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The definitions of DSOpsIndex.td: for each element of one tensor, in
// row-major order, the place of its partner in another.
//===--------------------------------------------------------------------===//

#include "DSIndex.h"

#include <cmath>

using namespace mlir;
using namespace ds;

namespace {
using Operands = ArrayRef<const HostTensor *>;
using Results = MutableArrayRef<HostTensor>;
using Position = SmallVector<int64_t>;

/// The number of a position; -1 outside of the tensor.
int64_t numberOf(const HostTensor &tensor, ArrayRef<int64_t> at) {
  int64_t number = 0;
  for (auto [i, size] : llvm::zip_equal(at, tensor.shape)) {
    if (i < 0 || i >= size)
      return -1;
    number = number * size + i;
  }
  return number;
}

/// result[at] = input[place(at)].
template <typename Place>
void take(const HostTensor &input, HostTensor &result, Place place) {
  forEach(result.shape, [&](ArrayRef<int64_t> at, int64_t i) {
    result.data[i] = input.data[numberOf(input, place(at))];
  });
}

/// The start nearest to `start` of a window of `size` in `length`.
int64_t clamped(double start, int64_t size, int64_t length) {
  double last = static_cast<double>(length - size);
  return start > 0 ? static_cast<int64_t>(std::min(start, last)) : 0;
}

Position startsOf(Operands starts, const HostTensor &whole,
                  const HostTensor &part) {
  Position result;
  for (auto [start, size, length] :
       llvm::zip_equal(starts, part.shape, whole.shape))
    result.push_back(clamped(start->data[0], size, length));
  return result;
}

Position sum(ArrayRef<int64_t> a, ArrayRef<int64_t> b) {
  return llvm::map_to_vector(llvm::zip_equal(a, b), [](auto pair) {
    return std::get<0>(pair) + std::get<1>(pair);
  });
}

/// The place in the whole of position `at` of the parts; none where its window
/// is left out.
std::optional<Position> placeOf(const Windows &w, const HostTensor &indices,
                                ArrayRef<int64_t> at) {
  Position start(w.whole.getRank(), 0), vector(w.indices.getRank(), 0);
  for (auto [d, part] : llvm::enumerate(w.partOfIndices()))
    vector[d] = part < 0 ? 0 : at[part];
  for (auto [batch, of] : llvm::zip_equal(w.batch, w.of))
    start[batch] = vector[of];
  for (auto [k, dim] : llvm::enumerate(w.map)) {
    if (w.vector < w.indices.getRank())
      vector[w.vector] = k;
    double wanted = indices.data[numberOf(indices, vector)];
    start[dim] = clamped(wanted, w.sizes[dim], w.whole.getDimSize(dim));
    if (!w.clamps && static_cast<double>(start[dim]) != wanted)
      return std::nullopt;
  }
  for (auto [d, part] : llvm::enumerate(w.partOfWhole()))
    start[d] += part < 0 ? 0 : at[part];
  return start;
}

double combine(StringRef kind, double old, double update) {
  if (kind == "set" || std::isnan(update))
    return update;
  if (kind == "add")
    return old + update;
  if (kind == "mul")
    return old * update;
  bool keeps = std::isnan(old) || (kind == "min" ? old < update : old > update);
  return keeps ? old : update;
}
} // namespace

//===--------------------------------------------------------------------===//
// Places that are known
//===--------------------------------------------------------------------===//

void TransposeOp::evaluate(Operands operands, Results results) {
  take(*operands[0], results[0], [&](ArrayRef<int64_t> at) {
    Position place(at.size());
    for (auto [i, dim] : llvm::enumerate(getDims()))
      place[dim] = at[i];
    return place;
  });
}

void BroadcastOp::evaluate(Operands operands, Results results) {
  SmallVector<int64_t> places = getPlaces();
  take(*operands[0], results[0], [&](ArrayRef<int64_t> at) {
    Position place;
    for (auto [size, dim] : llvm::zip_equal(operands[0]->shape, places))
      place.push_back(size == 1 ? 0 : at[dim]);
    return place;
  });
}

void SliceOp::evaluate(Operands operands, Results results) {
  take(*operands[0], results[0], [&](ArrayRef<int64_t> at) {
    Position place;
    for (auto [d, i] : llvm::enumerate(at))
      place.push_back(getAt()[d] + i * getStride(d));
    return place;
  });
}

void PadOp::evaluate(Operands operands, Results results) {
  llvm::fill(results[0].data, getFilling());
  forEach(operands[0]->shape, [&](ArrayRef<int64_t> at, int64_t i) {
    Position place;
    for (auto [d, n] : llvm::enumerate(at))
      place.push_back(getLowOf(d) + n * getStep(d));
    if (int64_t to = numberOf(results[0], place); to >= 0)
      results[0].data[to] = operands[0]->data[i];
  });
}

void ReverseOp::evaluate(Operands operands, Results results) {
  take(*operands[0], results[0], [&](ArrayRef<int64_t> at) {
    Position place(at);
    for (int64_t dim : getDims())
      place[dim] = operands[0]->shape[dim] - 1 - at[dim];
    return place;
  });
}

void IotaOp::evaluate(Operands, Results results) {
  forEach(results[0].shape, [&](ArrayRef<int64_t> at, int64_t i) {
    results[0].data[i] = static_cast<double>(at[getDim()]);
  });
}

void CopyOp::evaluate(Operands operands, Results results) {
  results[0].data = operands[0]->data;
}

void StridedCopyOp::evaluate(Operands operands, Results results) {
  results[0].data = operands[1]->data;
  forEach(Position(getSizes()), [&](ArrayRef<int64_t> at, int64_t) {
    int64_t from = 0, to = 0;
    for (auto [i, in, out] : llvm::zip_equal(at, getFrom(), getTo())) {
      from += i * in;
      to += i * out;
    }
    results[0].data[to] = operands[0]->data[from];
  });
}

//===--------------------------------------------------------------------===//
// Places that are computed
//===--------------------------------------------------------------------===//

void DynamicSliceOp::evaluate(Operands operands, Results results) {
  Position starts = startsOf(operands.drop_front(), *operands[0], results[0]);
  take(*operands[0], results[0],
       [&](ArrayRef<int64_t> at) { return sum(starts, at); });
}

void DynamicUpdateOp::evaluate(Operands operands, Results results) {
  const HostTensor &part = *operands[1];
  Position starts = startsOf(operands.drop_front(2), results[0], part);
  results[0].data = operands[0]->data;
  forEach(part.shape, [&](ArrayRef<int64_t> at, int64_t i) {
    results[0].data[numberOf(results[0], sum(starts, at))] = part.data[i];
  });
}

void GatherOp::evaluate(Operands operands, Results results) {
  Windows windows(*this);
  forEach(results[0].shape, [&](ArrayRef<int64_t> at, int64_t i) {
    if (auto place = placeOf(windows, *operands[1], at))
      results[0].data[i] = operands[0]->data[numberOf(*operands[0], *place)];
  });
}

/// The windows one after the other, whatever dimensions of the updates they
/// are; what lies in one window is in no order.
void ScatterOp::evaluate(Operands operands, Results results) {
  Windows windows(*this);
  const HostTensor &updates = *operands[2];
  results[0].data = operands[0]->data;
  SmallVector<int64_t> dims, shape; // the indices' first, then the window's
  for (int64_t d = 0; d < updates.rank(); ++d)
    if (!llvm::is_contained(windows.offset, d))
      dims.push_back(d);
  llvm::append_range(dims, windows.offset);
  for (int64_t d : dims)
    shape.push_back(updates.shape[d]);
  Position from(dims.size());
  forEach(shape, [&](ArrayRef<int64_t> at, int64_t) {
    for (auto [d, i] : llvm::zip_equal(dims, at))
      from[d] = i;
    auto place = placeOf(windows, *operands[1], from);
    if (!place)
      return;
    double &element = results[0].data[numberOf(results[0], *place)];
    element =
        combine(getKind(), element, updates.data[numberOf(updates, from)]);
  });
}
