//===- DSKernelsIndex.cpp - Moves of elements as loops ------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// KernelOpInterface of DSOpsIndex.td.  The loops run over the result; where
// its element comes from is an indexing map if that can say it, or a computed
// place in the operand.
//===--------------------------------------------------------------------===//

#include "DSIndex.h"
#include "DSPositions.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace ds;

namespace {

using Places = SmallVector<Value>;

/// result[at] = tensor[place(at)], `scalars` being the body's operands.
SmallVector<Value> takeFrom(OpBuilder &builder, Location loc,
                            RankedTensorType type, Value tensor,
                            ValueRange scalars,
                            llvm::function_ref<Places(Positions &)> place) {
  SmallVector<Operand> operands(scalars.begin(), scalars.end());
  return pointwise(builder, loc, type, operands, [&](Formula &f) -> Results {
    Positions positions(f);
    return {f.extract(tensor, place(positions))};
  });
}

int64_t innerRows(Value result) {
  return std::max<int64_t>(tensorType(result).getRank() - 1, 0);
}

} // namespace

#define DS_MOVE_WALK(OP)                                                       \
  DS_KERNEL_WALK(OP, KernelKind::Move, tensorType(getResult()).getShape(),     \
                 innerRows(getResult()))

//===--------------------------------------------------------------------===//
// Places that are known
//===--------------------------------------------------------------------===//

DS_MOVE_WALK(TransposeOp)

LogicalResult TransposeOp::lowerToLinalg(OpBuilder &builder,
                                         ValueRange operands,
                                         SmallVectorImpl<Value> &results) {
  SmallVector<int64_t> places(getDims().size());
  for (auto [i, dim] : llvm::enumerate(getDims()))
    places[dim] = static_cast<int64_t>(i);
  results = pointwise(builder, getLoc(), tensorType(getResult()),
                      {Operand::along(operands[0], places)},
                      [](Formula &f) -> Results { return {f.in(0)}; });
  return success();
}

/// Rows, or a row for all rows, are what any elementwise op may have.
static KernelKind kindOf(BroadcastOp op) {
  if (!op.getDims())
    return KernelKind::Elementwise;
  auto in = tensorType(op.getInput()), out = tensorType(op.getResult());
  for (auto [i, dim] : llvm::enumerate(*op.getDims()))
    if (dim != static_cast<int64_t>(i) ||
        in.getDimSize(i) != out.getDimSize(dim))
      return KernelKind::Move;
  return KernelKind::Elementwise;
}

DS_KERNEL_WALK(BroadcastOp, kindOf(*this), tensorType(getResult()).getShape(),
               innerRows(getResult()))

/// `dims` are positions among the result's own dimensions.
FailureOr<SmallVector<unsigned>> BroadcastOp::getRowOperands() {
  if (getDims())
    return failure();
  return SmallVector<unsigned>();
}

LogicalResult BroadcastOp::lowerToLinalg(OpBuilder &builder,
                                         ValueRange operands,
                                         SmallVectorImpl<Value> &results) {
  auto in = tensorType(getInput()), out = tensorType(getResult());
  SmallVector<int64_t> places = getPlaces();
  bool repeats = llvm::any_of(llvm::seq<size_t>(0, places.size()), [&](auto d) {
    return in.getDimSize(d) != out.getDimSize(places[d]);
  });
  if (!repeats) {
    results =
        pointwise(builder, getLoc(), out, {Operand::along(operands[0], places)},
                  [](Formula &f) -> Results { return {f.in(0)}; });
    return success();
  }
  results = takeFrom(
      builder, getLoc(), out, operands[0], {}, [&](Positions &p) -> Places {
        Places at;
        for (auto [size, dim] : llvm::zip_equal(in.getShape(), places))
          at.push_back(size == 1 ? p.number(0) : p.f.index(dim));
        return at;
      });
  return success();
}

DS_MOVE_WALK(SliceOp)

LogicalResult SliceOp::lowerToLinalg(OpBuilder &builder, ValueRange operands,
                                     SmallVectorImpl<Value> &results) {
  results = takeFrom(
      builder, getLoc(), tensorType(getResult()), operands[0], {},
      [&](Positions &p) -> Places {
        Places at;
        for (auto [d, begin] : llvm::enumerate(getAt()))
          at.push_back(p.add(p.multiply(p.f.index(d), getStride(d)), begin));
        return at;
      });
  return success();
}

DS_MOVE_WALK(PadOp)

LogicalResult PadOp::lowerToLinalg(OpBuilder &builder, ValueRange operands,
                                   SmallVectorImpl<Value> &results) {
  using Compare = arith::CmpIPredicate;
  auto in = tensorType(getInput()), out = tensorType(getResult());
  results = pointwise(builder, getLoc(), out, {}, [&](Formula &f) -> Results {
    Positions p(f);
    Value inside;
    Places at;
    for (int64_t d = 0; d < in.getRank(); ++d) {
      int64_t low = getLowOf(d), step = getStep(d), size = in.getDimSize(d);
      Value i = p.add(f.index(d), -low);
      if (low != 0 || step != 1 || out.getDimSize(d) > size) {
        int64_t end = size == 0 ? 0 : (size - 1) * step + 1;
        // Those in front are large when they have no sign.
        Value here = p.compare(Compare::ult, i, end);
        i = p.select(here, i, p.number(0));
        if (step != 1) {
          Value n = p.number(step);
          Value rest = arith::RemUIOp::create(builder, getLoc(), i, n);
          here = p.both(here, p.compare(Compare::eq, rest, 0));
          i = arith::DivUIOp::create(builder, getLoc(), i, n);
        }
        inside = p.both(inside, here);
      }
      at.push_back(i);
    }
    Scalar filling = f.constant(getFilling());
    if (in.getNumElements() == 0)
      return {filling};
    Scalar element = f.extract(operands[0], at);
    return {inside ? f.select(inside, element, filling) : element};
  });
  return success();
}

DS_MOVE_WALK(ReverseOp)

LogicalResult ReverseOp::lowerToLinalg(OpBuilder &builder, ValueRange operands,
                                       SmallVectorImpl<Value> &results) {
  RankedTensorType type = tensorType(getResult());
  results = takeFrom(
      builder, getLoc(), type, operands[0], {}, [&](Positions &p) -> Places {
        Places at;
        for (int64_t d = 0; d < type.getRank(); ++d)
          at.push_back(
              llvm::is_contained(getDims(), d)
                  ? p.subtract(p.number(type.getDimSize(d) - 1), p.f.index(d))
                  : p.f.index(d));
        return at;
      });
  return success();
}

DS_MOVE_WALK(IotaOp)

LogicalResult IotaOp::lowerToLinalg(OpBuilder &builder, ValueRange,
                                    SmallVectorImpl<Value> &results) {
  results = pointwise(builder, getLoc(), tensorType(getResult()), {},
                      [&](Formula &f) -> Results {
                        Value position = arith::IndexCastOp::create(
                            f.builder, f.loc, f.builder.getI64Type(),
                            f.index(getDim()));
                        return {{&f, f.convert(position, f.type)}};
                      });
  return success();
}

//===--------------------------------------------------------------------===//
// Places that are computed
//===--------------------------------------------------------------------===//

DS_MOVE_WALK(DynamicSliceOp)

LogicalResult DynamicSliceOp::lowerToLinalg(OpBuilder &builder,
                                            ValueRange operands,
                                            SmallVectorImpl<Value> &results) {
  auto in = tensorType(getInput()), out = tensorType(getResult());
  results = takeFrom(
      builder, getLoc(), out, operands[0], operands.drop_front(),
      [&](Positions &p) -> Places {
        Places at;
        for (int64_t d = 0; d < in.getRank(); ++d) {
          int64_t last = in.getDimSize(d) - out.getDimSize(d);
          Value i = p.f.index(d);
          at.push_back(last == 0 ? i : p.add(p.clamp(p.f.indexIn(d), last), i));
        }
        return at;
      });
  return success();
}

DS_MOVE_WALK(GatherOp)

/// The place in the whole of element `at` of the parts, and whether its window
/// is inside: null where that is sure.  Windows are taken as a whole in the
/// dimensions of the parts that `at` lacks.
static Value placeOf(Positions &p, const Windows &w, Value indices,
                     ArrayRef<Value> at, SmallVectorImpl<Value> &place) {
  Formula &f = p.f;
  Places vector, start(w.whole.getRank());
  for (int64_t part : w.partOfIndices())
    vector.push_back(part < 0 ? Value() : at[part]);
  Value inside;
  for (auto [k, dim] : llvm::enumerate(w.map)) {
    if (w.vector < w.indices.getRank())
      vector[w.vector] = p.number(static_cast<int64_t>(k));
    Value element =
        tensor::ExtractOp::create(f.builder, f.loc, indices, vector);
    Value wanted = arith::IndexCastOp::create(
        f.builder, f.loc, f.builder.getIndexType(), element);
    start[dim] = p.clamp(wanted, w.whole.getDimSize(dim) - w.sizes[dim]);
    if (!w.clamps)
      inside = p.both(inside, arith::CmpIOp::create(f.builder, f.loc,
                                                    arith::CmpIPredicate::eq,
                                                    start[dim], wanted));
  }
  for (auto [batch, of] : llvm::zip_equal(w.batch, w.of))
    start[batch] = vector[of];
  for (auto [d, part] : llvm::enumerate(w.partOfWhole())) {
    Value i = part < 0 ? Value() : at[part];
    place.push_back(start[d] && i ? p.add(start[d], i)
                    : start[d]    ? start[d]
                    : i           ? i
                                  : p.number(0));
  }
  return inside;
}

LogicalResult GatherOp::lowerToLinalg(OpBuilder &builder, ValueRange operands,
                                      SmallVectorImpl<Value> &results) {
  Windows w(*this);
  results =
      pointwise(builder, getLoc(), w.parts, {}, [&](Formula &f) -> Results {
        Positions p(f);
        Places at, place;
        for (int64_t d = 0; d < w.parts.getRank(); ++d)
          at.push_back(f.index(d));
        Value inside = placeOf(p, w, operands[1], at, place);
        Scalar element = f.extract(operands[0], place);
        return {inside ? f.select(inside, element, f.constant(0.0)) : element};
      });
  return success();
}

//===--------------------------------------------------------------------===//
// Windows that are written
//===--------------------------------------------------------------------===//

namespace {

/// How updates are walked: dimensions whose places follow from indices or that
/// lie apart are rows; the last ones, whole in every window, lie there like
/// here and are columns.
struct UpdateWalk {
  SmallVector<int64_t> dims, shape; ///< Of the updates.
  int64_t rows = 0;

  void add(RankedTensorType updates, int64_t dim) {
    dims.push_back(dim);
    shape.push_back(updates.getDimSize(dim));
  }
  /// For each dimension of the updates its loop.
  SmallVector<int64_t> loops() const {
    SmallVector<int64_t> result(dims.size());
    for (auto [loop, dim] : llvm::enumerate(dims))
      result[dim] = static_cast<int64_t>(loop);
    return result;
  }
};

/// The parts of a lowered scatter.
class Rows {
public:
  Rows(OpBuilder &builder, Location loc, RankedTensorType whole,
       const UpdateWalk &walk)
      : builder(builder), loc(loc), whole(whole), walk(walk) {}

  /// One value of a type for each row.
  Value perRow(Type type, ArrayRef<Operand> operands,
               llvm::function_ref<Value(Positions &)> body) {
    auto rows =
        RankedTensorType::get(ArrayRef(walk.shape).take_front(walk.rows), type);
    return pointwise(builder, loc, rows, operands, [&](Formula &f) -> Results {
      Positions p(f);
      return {{&f, body(p)}};
    })[0];
  }
  /// The number of an element of the whole.
  Value number(Positions &p, ArrayRef<Value> place) {
    Value result = place.empty() ? p.number(0) : place.front();
    for (size_t d = 1; d < place.size(); ++d)
      result = p.add(p.multiply(result, whole.getDimSize(d)), place[d]);
    return arith::IndexCastOp::create(p.f.builder, p.f.loc,
                                      p.f.builder.getI64Type(), result);
  }
  Value values(Value updates, StringRef kind) {
    auto type = RankedTensorType::get(walk.shape, whole.getElementType());
    Value result =
        pointwise(builder, loc, type, {Operand::along(updates, walk.loops())},
                  [](Formula &f) -> Results { return {f.in(0)}; })[0];
    result.getDefiningOp()->setAttr("ds.combine", builder.getStringAttr(kind));
    return result;
  }

private:
  OpBuilder &builder;
  Location loc;
  RankedTensorType whole;
  const UpdateWalk &walk;
};

/// Rows end in front of the first dimension behind which all are whole.
UpdateWalk walkOf(DynamicUpdateOp op) {
  auto whole = tensorType(op.getInput()), part = tensorType(op.getPart());
  UpdateWalk walk;
  walk.rows = whole.getRank() - 1;
  while (walk.rows > 0 &&
         whole.getDimSize(walk.rows) == part.getDimSize(walk.rows))
    --walk.rows;
  for (int64_t d = 0; d < whole.getRank(); ++d)
    walk.add(part, d);
  return walk;
}

/// The indices' dimensions, then the window's, so that rows are in the order of
/// the indices.
UpdateWalk walkOf(ScatterOp op) {
  Windows w(op);
  int64_t columns = w.whole.getRank();
  while (columns > 0 && w.isOffset(columns - 1) &&
         !llvm::is_contained(w.map, columns - 1) &&
         w.sizes[columns - 1] == w.whole.getDimSize(columns - 1))
    --columns;
  UpdateWalk walk;
  for (int64_t d = 0; d < w.parts.getRank(); ++d)
    if (!llvm::is_contained(w.offset, d))
      walk.add(w.parts, d);
  for (auto [d, part] : llvm::enumerate(w.partOfWhole())) {
    if (static_cast<int64_t>(d) == columns)
      walk.rows = walk.dims.size();
    if (part >= 0)
      walk.add(w.parts, part);
  }
  if (columns == w.whole.getRank())
    walk.rows = walk.dims.size();
  return walk;
}

} // namespace

DS_KERNEL_WALK(DynamicUpdateOp, KernelKind::Scatter, walkOf(*this).shape,
               walkOf(*this).rows)

LogicalResult DynamicUpdateOp::lowerToLinalg(OpBuilder &builder,
                                             ValueRange operands,
                                             SmallVectorImpl<Value> &results) {
  auto whole = tensorType(getInput()), part = tensorType(getPart());
  UpdateWalk walk = walkOf(*this);
  Rows rows(builder, getLoc(), whole, walk);
  SmallVector<Operand> starts;
  for (Value start : operands.drop_front(2))
    starts.push_back(start);
  Value isInside = rows.perRow(builder.getI1Type(), {}, [](Positions &p) {
    return p.compare(arith::CmpIPredicate::eq, p.number(0), 0);
  });
  Value base =
      rows.perRow(builder.getI64Type(), starts, [&](Positions &p) -> Value {
        Places place;
        for (int64_t d = 0; d < whole.getRank(); ++d) {
          int64_t last = whole.getDimSize(d) - part.getDimSize(d);
          Value start = last == 0 ? p.number(0) : p.clamp(p.f.indexIn(d), last);
          place.push_back(d < walk.rows ? p.add(start, p.f.index(d)) : start);
        }
        return rows.number(p, place);
      });
  results.assign({isInside, base, rows.values(operands[1], "set")});
  return success();
}

DS_KERNEL_WALK(ScatterOp, KernelKind::Scatter, walkOf(*this).shape,
               walkOf(*this).rows)

SmallVector<unsigned> ScatterOp::getSummedOperands() {
  if (getKind() == "add" || getKind() == "mul")
    return {0, 2};
  return {};
}

LogicalResult ScatterOp::lowerToLinalg(OpBuilder &builder, ValueRange operands,
                                       SmallVectorImpl<Value> &results) {
  Windows w(*this);
  UpdateWalk walk = walkOf(*this);
  Rows rows(builder, getLoc(), w.whole, walk);
  auto placed = [&](Positions &p, Places &place) {
    Places at(w.parts.getRank());
    for (int64_t loop = 0; loop < walk.rows; ++loop)
      at[walk.dims[loop]] = p.f.index(loop);
    return placeOf(p, w, operands[1], at, place);
  };
  Value isInside = rows.perRow(builder.getI1Type(), {}, [&](Positions &p) {
    Places place;
    Value inside = placed(p, place);
    return inside ? inside
                  : p.compare(arith::CmpIPredicate::eq, p.number(0), 0);
  });
  Value base =
      rows.perRow(builder.getI64Type(), {}, [&](Positions &p) -> Value {
        Places place;
        placed(p, place);
        return rows.number(p, place);
      });
  results.assign({isInside, base, rows.values(operands[2], getKind())});
  return success();
}

//===--------------------------------------------------------------------===//
// Copies
//===--------------------------------------------------------------------===//

DS_KERNEL_WALK(StridedCopyOp, KernelKind::Copy, getSizes(), 0)

/// Codegen writes its loops from what it says.
LogicalResult StridedCopyOp::lowerToLinalg(OpBuilder &, ValueRange,
                                           SmallVectorImpl<Value> &) {
  return success();
}
