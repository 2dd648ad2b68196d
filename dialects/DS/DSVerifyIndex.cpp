//===- DSVerifyIndex.cpp - What well-formed moves of elements are -------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "DSIndex.h"
#include "DSShapes.h"

#include <cmath>

using namespace mlir;

namespace ds {
namespace {

/// Whether `dims` are distinct dimensions of a tensor of `rank`.
bool areDims(ArrayRef<int64_t> dims, int64_t rank) {
  llvm::SmallDenseSet<int64_t> seen;
  return llvm::all_of(dims, [&](int64_t dim) {
    return dim >= 0 && dim < rank && seen.insert(dim).second;
  });
}

bool areAscending(ArrayRef<int64_t> dims, int64_t rank) {
  return areDims(dims, rank) && llvm::is_sorted(dims);
}

/// Static shapes and one element type.
LogicalResult verifyMove(Operation *op, ArrayRef<Value> tensors) {
  for (Value value : tensors) {
    RankedTensorType type = tensorType(value);
    if (!type.hasStaticShape())
      return op->emitOpError("expects static shapes, but got ") << type;
    if (type.getElementType() != tensorType(tensors[0]).getElementType())
      return op->emitOpError("expects equal element types, but got ")
             << tensorType(tensors[0]) << " and " << type;
  }
  return success();
}

/// One number for each dimension, at least `least`.
LogicalResult verifyPerDim(Operation *op, StringRef name,
                           ArrayRef<int64_t> numbers, RankedTensorType type,
                           int64_t least) {
  if (static_cast<int64_t>(numbers.size()) != type.getRank())
    return op->emitOpError("expects '")
           << name << "' to have a number for each dimension of " << type
           << ", but got " << numbers.size();
  for (int64_t number : numbers)
    if (number < least)
      return op->emitOpError("expects '")
             << name << "' of at least " << least << ", but got " << number;
  return success();
}

/// The starts of a window of type `part` in `whole`.
LogicalResult verifyStarts(Operation *op, RankedTensorType whole,
                           RankedTensorType part, ValueRange starts) {
  if (whole.getRank() == 0)
    return op->emitOpError("expects dimensions to begin in, but got ") << whole;
  if (whole.getRank() != part.getRank())
    return op->emitOpError("expects a window of the input's rank, but got ")
           << part << " of " << whole;
  for (auto [size, length] : llvm::zip_equal(part.getShape(), whole.getShape()))
    if (size > length)
      return op->emitOpError("expects a window inside ")
             << whole << ", but got " << part;
  if (static_cast<int64_t>(starts.size()) != whole.getRank())
    return op->emitOpError("expects a start for each dimension of ")
           << whole << ", but got " << starts.size();
  for (Value start : starts)
    if (start.getType() != starts[0].getType())
      return op->emitOpError("expects starts of one type, but got ")
             << starts[0].getType() << " and " << start.getType();
  return success();
}

} // namespace

//===--------------------------------------------------------------------===//
// Places that are known
//===--------------------------------------------------------------------===//

LogicalResult TransposeOp::verify() {
  auto in = tensorType(getInput()), out = tensorType(getResult());
  if (failed(verifyMove(*this, {getInput(), getResult()})))
    return failure();
  if (static_cast<int64_t>(getDims().size()) != in.getRank() ||
      !areDims(getDims(), in.getRank()))
    return emitOpError("expects every dimension of ")
           << in << " once in 'dims', but got [" << getDims() << "]";
  SmallVector<int64_t> shape;
  for (int64_t dim : getDims())
    shape.push_back(in.getDimSize(dim));
  if (out.getShape() != ArrayRef(shape))
    return emitOpError("expects a result of shape [")
           << shape << "], but got " << out;
  return success();
}

SmallVector<int64_t> BroadcastOp::getPlaces() {
  if (getDims())
    return SmallVector<int64_t>(*getDims());
  int64_t rank = tensorType(getInput()).getRank();
  int64_t skip = tensorType(getResult()).getRank() - rank;
  return llvm::to_vector(llvm::seq(skip, skip + rank));
}

LogicalResult BroadcastOp::verify() {
  auto in = tensorType(getInput()), out = tensorType(getResult());
  if (!getDims()) {
    if (isPart(out, in, /*suffix=*/true) &&
        in.getElementType() == out.getElementType())
      return success();
    return emitOpError("expects the input's shape to be a suffix of the "
                       "result's, but got ")
           << in << " to " << out;
  }
  if (in.getElementType() != out.getElementType())
    return emitOpError("expects equal element types, but got ")
           << in << " and " << out;
  ArrayRef<int64_t> dims = *getDims();
  if (static_cast<int64_t>(dims.size()) != in.getRank() ||
      !areDims(dims, out.getRank()))
    return emitOpError("expects 'dims' to have another dimension of ")
           << out << " for each of " << in << ", but got [" << dims << "]";
  for (auto [i, dim] : llvm::enumerate(dims))
    if (in.getDimSize(i) != 1 && !sameDim(in, i, out, dim))
      return emitOpError("expects sizes that are equal or 1, but got ")
             << in.getDimSize(i) << " for " << out.getDimSize(dim)
             << " in dimension " << dim << " of " << out;
  return success();
}

LogicalResult SliceOp::verify() {
  auto in = tensorType(getInput()), out = tensorType(getResult());
  if (failed(verifyMove(*this, {getInput(), getResult()})) ||
      failed(verifyPerDim(*this, "at", getAt(), in, 0)) ||
      (getBy() && failed(verifyPerDim(*this, "by", *getBy(), in, 1))))
    return failure();
  if (in.getRank() != out.getRank())
    return emitOpError("expects a result of the input's rank, but got ")
           << out << " from " << in;
  for (int64_t d = 0; d < in.getRank(); ++d) {
    int64_t last = 0, size = out.getDimSize(d);
    if (size == 0 && getAt()[d] <= in.getDimSize(d))
      continue;
    if (__builtin_mul_overflow(size - 1, getStride(d), &last) ||
        __builtin_add_overflow(last, getAt()[d], &last) ||
        last >= in.getDimSize(d))
      return emitOpError("expects ")
             << size << " elements inside dimension " << d << " of " << in
             << ", but got offset " << getAt()[d] << " and stride "
             << getStride(d);
  }
  return success();
}

LogicalResult PadOp::verify() {
  auto in = tensorType(getInput()), out = tensorType(getResult());
  if (in.getRank() != out.getRank() ||
      in.getElementType() != out.getElementType())
    return emitOpError("expects a result of the input's rank and element type, "
                       "but got ")
           << out << " from " << in;
  if (!isa<FloatType, IntegerType>(in.getElementType()))
    return emitOpError("expects elements that are numbers, but got ") << in;
  double value = getFilling();
  if (isa<IntegerType>(in.getElementType()) &&
      !(std::trunc(value) == value && std::abs(value) < 0x1p63))
    return emitOpError("expects a whole 'value' for ")
           << out << ", but got " << value;
  constexpr int64_t kAny = std::numeric_limits<int64_t>::min();
  if ((getLow() && failed(verifyPerDim(*this, "low", *getLow(), in, kAny))) ||
      (getInterior() &&
       failed(verifyPerDim(*this, "interior", *getInterior(), in, 0))))
    return failure();
  for (int64_t d = 0; d < in.getRank(); ++d) {
    if (in.isDynamicDim(d) || out.isDynamicDim(d)) {
      if (sameDim(in, d, out, d) && getLowOf(d) == 0 && getStep(d) == 1)
        continue;
      if (d == 0 && !getLow() && !getInterior())
        continue; // bound later
      return emitOpError(
                 "expects static sizes where it adds elements, but got ")
             << in << " to " << out;
    }
    int64_t length = 0;
    if (getStep(d) < 1 || // overflown
        __builtin_mul_overflow(in.getDimSize(d), getStep(d), &length) ||
        __builtin_add_overflow(length, getLowOf(d), &length) ||
        __builtin_sub_overflow(out.getDimSize(d), length, &length))
      return emitOpError("expects sizes below 2^63, but got ")
             << in << " to " << out;
  }
  return success();
}

LogicalResult ReverseOp::verify() {
  auto type = tensorType(getInput());
  if (failed(verifyMove(*this, {getInput()})))
    return failure();
  if (!areDims(getDims(), type.getRank()))
    return emitOpError("expects distinct dimensions of ")
           << type << ", but got [" << getDims() << "]";
  return success();
}

LogicalResult IotaOp::verify() {
  auto type = tensorType(getResult());
  if (failed(verifyMove(*this, {getResult()})))
    return failure();
  int64_t dim = getDim();
  if (dim < 0 || dim >= type.getRank())
    return emitOpError("expects a dimension of ")
           << type << ", but got " << dim;
  if (!isa<FloatType, IntegerType>(type.getElementType()) ||
      type.getElementType().isInteger(1))
    return emitOpError("expects elements that count, but got ") << type;
  return success();
}

//===--------------------------------------------------------------------===//
// Places that are computed
//===--------------------------------------------------------------------===//

LogicalResult DynamicSliceOp::verify() {
  if (failed(verifyMove(*this, {getInput(), getResult()})))
    return failure();
  return verifyStarts(*this, tensorType(getInput()), tensorType(getResult()),
                      getStarts());
}

LogicalResult DynamicUpdateOp::verify() {
  if (failed(verifyMove(*this, {getInput(), getPart()})))
    return failure();
  return verifyStarts(*this, tensorType(getInput()), tensorType(getPart()),
                      getStarts());
}

/// The names that an op has for its dimension numbers.
namespace {
struct WindowNames {
  StringRef parts, offset, collapsed;
};
} // namespace

/// Which dimensions `numbers` are; their sizes come after this.
static LogicalResult verifyNumbers(Operation *op, const Windows &w,
                                   const WindowNames &names) {
  int64_t rank = w.whole.getRank(), starts = w.indices.getRank();
  auto refuse = [&](StringRef name, ArrayRef<int64_t> dims,
                    const Twine &expected, Type of) {
    return op->emitOpError("expects '")
           << name << "' to be " << expected << " dimensions of " << of
           << ", but got [" << dims << "]";
  };
  if (!areAscending(w.offset, w.parts.getRank()))
    return refuse(names.offset, w.offset, "ascending", w.parts);
  if (!areAscending(w.collapsed, rank))
    return refuse(names.collapsed, w.collapsed, "ascending", w.whole);
  if (!areAscending(w.batch, rank) || llvm::any_of(w.batch, [&](int64_t d) {
        return llvm::is_contained(w.collapsed, d);
      }))
    return refuse("batch", w.batch, "ascending and not " + names.collapsed,
                  w.whole);
  if (!areDims(w.map, rank) || llvm::any_of(w.map, [&](int64_t d) {
        return llvm::is_contained(w.batch, d);
      }))
    return refuse("map", w.map, "distinct and not batch", w.whole);
  if (w.vector < 0 || w.vector > starts)
    return op->emitOpError("expects 'vector' to be a dimension of ")
           << w.indices << " or its rank, but got " << w.vector;
  if (!areDims(w.of, starts) || llvm::is_contained(w.of, w.vector))
    return refuse("of", w.of, "distinct and not vector", w.indices);
  if (w.of.size() != w.batch.size())
    return op->emitOpError("expects as many dimensions in 'batch' as in 'of', "
                           "but got ")
           << w.batch.size() << " and " << w.of.size();
  if (static_cast<int64_t>(w.offset.size() + w.collapsed.size() +
                           w.batch.size()) != rank)
    return op->emitOpError("expects '")
           << names.offset << "', '" << names.collapsed
           << "' and 'batch' to count all dimensions of " << w.whole
           << ", but got " << w.offset.size() << ", " << w.collapsed.size()
           << " and " << w.batch.size();
  int64_t length = w.vector == starts ? 1 : w.indices.getDimSize(w.vector);
  if (static_cast<int64_t>(w.map.size()) != length)
    return op->emitOpError("expects 'map' to have a dimension for each of ")
           << length << " elements of a start, but got " << w.map.size();
  return success();
}

/// That windows fit into the whole, and are what `parts` has.
static LogicalResult verifySizes(Operation *op, const Windows &w,
                                 const WindowNames &names) {
  if (static_cast<int64_t>(w.sizes.size()) != w.whole.getRank())
    return op->emitOpError("expects 'sizes' to have a number for each "
                           "dimension of ")
           << w.whole << ", but got " << w.sizes.size();
  for (int64_t d = 0; d < w.whole.getRank(); ++d) {
    int64_t most = w.isOffset(d) ? w.whole.getDimSize(d)
                                 : std::min<int64_t>(1, w.whole.getDimSize(d));
    if (w.sizes[d] < 0 || w.sizes[d] > most)
      return op->emitOpError("expects a window of at most ")
             << most << " in dimension " << d << " of " << w.whole
             << ", but got " << w.sizes[d];
  }
  for (auto [batch, of] : llvm::zip_equal(w.batch, w.of))
    if (w.whole.getDimSize(batch) != w.indices.getDimSize(of))
      return op->emitOpError("expects dimensions that are walked together to "
                             "be one size, but got ")
             << batch << " of " << w.whole << " and " << of << " of "
             << w.indices;
  SmallVector<int64_t> shape(w.parts.getRank(), -1);
  auto next = w.offset.begin();
  for (int64_t d = 0; d < w.whole.getRank(); ++d)
    if (w.isOffset(d))
      shape[*next++] = w.sizes[d];
  auto *place = shape.begin();
  for (int64_t d = 0; d < w.indices.getRank(); ++d) {
    if (d == w.vector)
      continue;
    place = std::find(place, shape.end(), -1);
    if (place == shape.end())
      break;
    *place = w.indices.getDimSize(d);
  }
  int64_t starts =
      w.indices.getRank() - (w.vector < w.indices.getRank() ? 1 : 0);
  if (w.parts.getRank() != static_cast<int64_t>(w.offset.size()) + starts ||
      w.parts.getShape() != ArrayRef(shape))
    return op->emitOpError("expects ")
           << names.parts << " of the windows' and the indices' dimensions ("
           << w.offset.size() << " and " << starts << "), but got " << w.parts
           << " for windows of [" << w.sizes << "] and indices " << w.indices;
  return success();
}

static LogicalResult verifyWindows(Operation *op, const Windows &w,
                                   const WindowNames &names) {
  if (!w.indices.hasStaticShape())
    return op->emitOpError("expects static shapes, but got ") << w.indices;
  if (!w.indices.getElementType().isInteger(32) &&
      !w.indices.getElementType().isInteger(64))
    return op->emitOpError("expects i32 or i64 indices, but got ") << w.indices;
  if (failed(verifyNumbers(op, w, names)))
    return failure();
  return verifySizes(op, w, names);
}

LogicalResult GatherOp::verify() {
  if (failed(verifyMove(*this, {getInput(), getResult()})))
    return failure();
  return verifyWindows(*this, Windows(*this),
                       {"a result", "offset", "collapsed"});
}

LogicalResult ScatterOp::verify() {
  if (failed(verifyMove(*this, {getInput(), getUpdates()})))
    return failure();
  if (!llvm::is_contained({"add", "mul", "min", "max", "set"}, getKind()))
    return emitOpError("expects kind \"add\", \"mul\", \"min\", \"max\" or "
                       "\"set\", but got \"")
           << getKind() << "\"";
  Type element = tensorType(getInput()).getElementType();
  if ((!isa<FloatType, IntegerType>(element) || element.isInteger(1)) &&
      getKind() != "set")
    return emitOpError("expects elements that are numbers, but got ")
           << getInput().getType();
  return verifyWindows(*this, Windows(*this),
                       {"updates", "window", "inserted"});
}

//===--------------------------------------------------------------------===//
// Windows
//===--------------------------------------------------------------------===//

Windows::Windows(GatherOp op)
    : whole(tensorType(op.getInput())), indices(tensorType(op.getIndices())),
      parts(tensorType(op.getResult())), offset(op.getOffset()),
      collapsed(op.getCollapsed()), batch(op.getBatch()), of(op.getOf()),
      map(op.getMap()), vector(static_cast<int64_t>(op.getVector())),
      sizes(op.getSizes()), clamps(!op.getDrops()) {}

Windows::Windows(ScatterOp op)
    : whole(tensorType(op.getInput())), indices(tensorType(op.getIndices())),
      parts(tensorType(op.getUpdates())), offset(op.getWindow()),
      collapsed(op.getInserted()), batch(op.getBatch()), of(op.getOf()),
      map(op.getMap()), vector(static_cast<int64_t>(op.getVector())),
      clamps(op.getClamps()) {
  // As far as `window` says; the verifier says when that is wrong.
  const auto *next = offset.begin();
  for (int64_t d = 0; d < whole.getRank(); ++d) {
    bool has = isOffset(d) && next != offset.end() && *next >= 0 &&
               *next < parts.getRank();
    sizes.push_back(has ? parts.getDimSize(*next)
                        : std::min<int64_t>(1, whole.getDimSize(d)));
    next += isOffset(d) && next != offset.end();
  }
}

bool Windows::isOffset(int64_t dim) const {
  return !llvm::is_contained(collapsed, dim) && !llvm::is_contained(batch, dim);
}

SmallVector<int64_t> Windows::partOfWhole() const {
  SmallVector<int64_t> result(whole.getRank(), -1);
  const auto *next = offset.begin();
  for (int64_t d = 0; d < whole.getRank(); ++d)
    if (isOffset(d))
      result[d] = *next++;
  return result;
}

SmallVector<int64_t> Windows::partOfIndices() const {
  SmallVector<int64_t> result(indices.getRank(), -1);
  int64_t next = 0;
  for (int64_t d = 0; d < indices.getRank(); ++d) {
    if (d == vector)
      continue;
    while (llvm::is_contained(offset, next))
      ++next;
    result[d] = next++;
  }
  return result;
}

LogicalResult StridedCopyOp::verify() {
  auto in = tensorType(getInput()), into = tensorType(getInto());
  if (failed(verifyMove(*this, {getInput(), getInto()})))
    return failure();
  if (in.getRank() != 1 || into.getRank() != 1)
    return emitOpError("expects tensors of rank 1, but got ")
           << in << " and " << into;
  ArrayRef<int64_t> sizes = getSizes();
  if (getFrom().size() != sizes.size() || getTo().size() != sizes.size())
    return emitOpError("expects as many strides as sizes, ")
           << sizes.size() << ", but got " << getFrom().size() << " and "
           << getTo().size();
  int64_t fromEnd = 1, toEnd = 1; // behind the last element, from inside out
  auto grow = [](int64_t &end, int64_t size, int64_t stride, int64_t most) {
    const bool fits = end <= most && (size == 1 || stride == 0 ||
                                      size - 1 <= (most - end) / stride);
    end += fits ? (size - 1) * stride : 0;
    return fits;
  };
  for (size_t d = sizes.size(); d-- > 0;) {
    const int64_t size = sizes[d], from = getFrom()[d], to = getTo()[d];
    if (size < 1 || from < 0 || to < 0)
      return emitOpError("expects sizes of at least 1 and strides of at least "
                         "0, but got size ")
             << size << " and strides " << from << " and " << to;
    if (size > 1 && to < toEnd)
      return emitOpError("expects 'to' to go over the ")
             << toEnd << " elements of its inner dimensions, but got " << to;
    if (!grow(fromEnd, size, from, in.getDimSize(0)) ||
        !grow(toEnd, size, to, into.getDimSize(0)))
      return emitOpError("expects every place to be inside of ")
             << in << " and " << into << ", but got " << size
             << " elements at strides " << from << " and " << to;
  }
  return success();
}

} // namespace ds
