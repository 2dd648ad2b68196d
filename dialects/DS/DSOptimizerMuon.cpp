//===- DSOptimizerMuon.cpp - Muon ---------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Jordan et al., "Muon: An optimizer for hidden layers in neural networks":
// five steps of a quintic Newton-Schulz iteration take the singular values of
// a matrix near 1.  Of shards the momentum is elementwise; then the direction
// is gathered, every rank makes all of its unit's matrices, and keeps its
// shard of the result.
//===--------------------------------------------------------------------===//

#include "DSOptimizer.h"

using namespace mlir;

namespace ds {
namespace {
constexpr double kA = 3.4445, kB = -4.7750, kC = 2.0315, kEps = 1e-7;
constexpr int kRounds = 5;

/// How much longer a matrix's step is.
double scaleOf(RankedTensorType matrix) {
  return std::sqrt(
      std::max(1.0, static_cast<double>(matrix.getDimSize(0)) /
                        static_cast<double>(matrix.getDimSize(1))));
}

using Matrix = std::vector<double>; // row-major

/// x y, of [n, k] and [k, m].
Matrix product(const Matrix &x, const Matrix &y, int64_t n, int64_t k,
               int64_t m) {
  Matrix z(n * m);
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < k; ++j)
      for (int64_t l = 0; l < m; ++l)
        z[i * m + l] += x[i * k + j] * y[j * m + l];
  return z;
}

Matrix transposed(const Matrix &x, int64_t rows, int64_t columns) {
  Matrix y(x.size());
  for (int64_t i = 0; i < rows; ++i)
    for (int64_t j = 0; j < columns; ++j)
      y[j * rows + i] = x[i * columns + j];
  return y;
}

/// The iteration as it is published: on the side with fewer rows.
Matrix orthogonal(Matrix x, int64_t rows, int64_t columns) {
  if (rows > columns)
    return transposed(orthogonal(transposed(x, rows, columns), columns, rows),
                      columns, rows);
  double norm = 0;
  for (double value : x)
    norm += value * value;
  for (double &value : x)
    value /= std::sqrt(norm) + kEps;
  for (int round = 0; round < kRounds; ++round) {
    Matrix gram = product(x, transposed(x, rows, columns), rows, columns, rows);
    Matrix square = product(gram, gram, rows, rows, rows);
    for (auto [a, b] : llvm::zip_equal(square, gram))
      a = kB * b + kC * a;
    Matrix more = product(square, x, rows, rows, columns);
    for (auto [a, b] : llvm::zip_equal(x, more))
      a = kA * a + b;
  }
  return x;
}
} // namespace

LogicalResult MuonOp::verify() {
  if (failed(verifyUpdate(*this, getTensors(), 3,
                          "parameter, momentum_buffer, gradient")) ||
      failed(verifyPlaces(*this, tensorType(getTensors()[0]), getOffsets(),
                          getTypes(), getShards())))
    return failure();
  for (const TensorPlace &place : placesOf(getOffsets(), getTypes()))
    if (place.type.getRank() != 2)
      return emitOpError("expects matrices, but got ") << place.type;
  return success();
}

LogicalResult MuonDirectionOp::verify() {
  return verifyUpdate(*this, getTensors(), 2, "momentum_buffer, gradient",
                      /*more=*/1);
}

SmallVector<StringRef> MuonOp::stateNames(DictionaryAttr) {
  return {"momentum_buffer"};
}

void MuonOp::setSharded(StringRef axis, int64_t count) {
  setOver(axis);
  setShards(count);
}

void MuonOp::evaluate(Evaluated operands, MutableArrayRef<HostTensor> results) {
  if (skipped(*this, operands, results))
    return;
  StepValues step(*this, operands, getMomentum().convertToDouble());
  const std::vector<double> &p = operands[0]->data;
  const double kept = 1 - step.rate * getWeightDecay().convertToDouble();
  std::vector<double> u(p.size());
  for (size_t i = 0; i < p.size(); ++i) {
    double g = step.grad(i);
    double b = step.momentum * operands[1]->data[i] + (1 - step.momentum) * g;
    results[0].data[i] = kept * p[i];
    results[1].data[i] = b;
    u[i] = getNesterov() ? step.momentum * b + (1 - step.momentum) * g : b;
  }
  for (const TensorPlace &place : placesOf(getOffsets(), getTypes())) {
    auto begin = u.begin() + place.offset;
    Matrix x(begin, begin + place.type.getNumElements());
    x = orthogonal(x, place.type.getDimSize(0), place.type.getDimSize(1));
    for (auto [i, value] : llvm::enumerate(x))
      results[0].data[place.offset + i] -=
          step.rate * scaleOf(place.type) * value;
  }
}

template <typename Numbers>
static NumbersOf<Numbers> direction(Numbers &n, MuonDirectionOp op) {
  auto g = gradientOf(n, op);
  Momentum momentum(n, op, op.getMomentum().convertToDouble());
  auto b = n.in(0) + momentum.rest * (g - n.in(0));
  auto u = op.getNesterov() ? g + momentum.kept * (b - g) : b;
  return unlessSkipped(n, op, {n.in(0), n.constant(0)}, {b, u});
}
DS_UPDATE_KERNEL(MuonDirectionOp, direction)

/// The iteration on one matrix.  With more rows than columns the products are
/// taken from the right, which is what transposing twice gives.
static Value orthogonalize(OpBuilder &b, Location loc, Value x) {
  StepScalars s(b, loc);
  RankedTensorType type = tensorType(x);
  const bool tall = type.getDimSize(0) > type.getDimSize(1);
  const int64_t side = type.getDimSize(tall ? 1 : 0);
  auto square = RankedTensorType::get({side, side}, type.getElementType());
  auto scaled = [&](Value value, double factor) -> Value {
    return MulOp::create(b, loc, value.getType(), value, s.constant(factor));
  };
  Value norm = s.sqrt(sumOfSquares(b, loc, x));
  norm = AddOp::create(b, loc, s.type, norm, s.constant(kEps));
  x = DivOp::create(b, loc, type, x, norm);
  for (int round = 0; round < kRounds; ++round) {
    Value gram =
        DotOp::create(b, loc, square, tall ? "ki,kj->ij" : "ik,jk->ij", x, x);
    Value fourth = DotOp::create(b, loc, square, "ij,jk->ik", gram, gram);
    Value sum =
        AddOp::create(b, loc, square, scaled(gram, kB), scaled(fourth, kC));
    Value more = tall ? DotOp::create(b, loc, type, "ij,jk->ik", x, sum)
                      : DotOp::create(b, loc, type, "ij,jk->ik", sum, x);
    x = AddOp::create(b, loc, type, scaled(x, kA), more);
  }
  return scaled(x, scaleOf(type));
}

SmallVector<Value> MuonOp::decompose(OpBuilder &b) {
  Location loc = getLoc();
  StepScalars s(b, loc);
  Type average = getTensors()[1].getType();
  auto parts = MuonDirectionOp::create(
      b, loc, TypeRange{average, average}, getTensors().drop_front(),
      getGradScale(), getMomentumNow(), getSkip(), getMomentumAttr(),
      getNesterovAttr(), getClipValueAttr());
  Value u = parts.getResult(1);
  RankedTensorType shard = tensorType(u);
  auto whole = RankedTensorType::get(
      {shard.getDimSize(0) * static_cast<int64_t>(getShards())},
      shard.getElementType());
  if (getOver())
    u = AllGatherOp::create(b, loc, whole, u, *getOver());
  SmallVector<Type> types(getTypes().getAsValueRange<TypeAttr>());
  auto matrices = UnflattenOp::create(b, loc, types, u, getOffsets());
  SmallVector<Value> made;
  for (Value matrix : matrices.getTensors())
    made.push_back(orthogonalize(b, loc, matrix));
  Value direction = FlattenOp::create(b, loc, whole, made, getOffsets());
  if (getOver())
    direction = LocalShardOp::create(b, loc, shard, direction, *getOver());
  Value decay = s.decay(getLr(), getWeightDecay().convertToDouble());
  Value parameter = getTensors()[0];
  Value moved = DescendOp::create(b, loc, parameter.getType(), parameter,
                                  direction, getLr(), decay, getSkip());
  return {moved, parts.getResult(0)};
}

} // namespace ds
