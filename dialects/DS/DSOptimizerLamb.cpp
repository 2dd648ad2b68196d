//===- DSOptimizerLamb.cpp - Lamb ---------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// You et al., "Large Batch Optimization for Deep Learning", with DeepSpeed's
// limits of the trust ratio.  A tensor's norms are sums over blocks of
// elements, each of which belongs to one tensor; which one is a constant table
// of the whole unit, of which a rank takes its shard.
//===--------------------------------------------------------------------===//

#include "DSOptimizer.h"

using namespace mlir;

namespace ds {

LogicalResult LambOp::verify() {
  if (failed(verifyUpdate(*this, getTensors(), 4,
                          "parameter, exp_avg, exp_avg_sq, gradient")))
    return failure();
  RankedTensorType type = tensorType(getTensors()[0]);
  if (failed(verifyPlaces(*this, type, getOffsets(), getTypes(), getShards())))
    return failure();
  if (getOffsets().empty())
    return emitOpError("expects a tensor in its unit");
  if (type.getDimSize(0) % kBlockElements != 0 ||
      llvm::any_of(getOffsets(),
                   [](int64_t at) { return at % kBlockElements != 0; }))
    return emitOpError("expects a parameter of whole blocks of ")
           << kBlockElements
           << " elements, at which its tensors begin, but got " << type
           << " with tensors at " << getOffsetsAttr();
  return success();
}

LogicalResult LambDirectionOp::verify() {
  return verifyUpdate(*this, getTensors(), 4,
                      "parameter, exp_avg, exp_avg_sq, gradient", /*more=*/0,
                      /*inOrder=*/false);
}

SmallVector<StringRef> LambOp::stateNames(DictionaryAttr) {
  return {"exp_avg", "exp_avg_sq"};
}

void LambOp::setSharded(StringRef axis, int64_t count) {
  setOver(axis);
  setShards(count);
}

/// r of one tensor, from sums of squares.
static double trustRatio(double weights, double updates, double most,
                         double least) {
  if (weights == 0 || updates == 0)
    return 1;
  return std::max(std::min(std::sqrt(weights / updates), most), least);
}

void LambOp::evaluate(Evaluated operands, MutableArrayRef<HostTensor> results) {
  if (skipped(*this, operands, results))
    return;
  StepValues step(*this, operands, getBeta1().convertToDouble());
  double beta1 = step.momentum, beta2 = getBeta2().convertToDouble();
  double eps = getEps().convertToDouble();
  double decay = getWeightDecay().convertToDouble();
  const std::vector<double> &p = operands[0]->data;
  results[0].data = p; // padding stays
  std::vector<double> u(p.size());
  for (size_t i = 0; i < p.size(); ++i) {
    double g = step.grad(i);
    double m = beta1 * operands[1]->data[i] + (1 - beta1) * g;
    double v = beta2 * operands[2]->data[i] + (1 - beta2) * g * g;
    results[1].data[i] = m;
    results[2].data[i] = v;
    if (getBiasCorrection()) {
      m /= 1 - std::pow(beta1, step.step);
      v /= 1 - std::pow(beta2, step.step);
    }
    u[i] = m / (std::sqrt(v) + eps) + decay * p[i];
  }
  for (const TensorPlace &place : placesOf(getOffsets(), getTypes())) {
    const int64_t end = place.offset + place.type.getNumElements();
    double weights = 0, updates = 0;
    for (int64_t i = place.offset; i < end; ++i) {
      weights += p[i] * p[i];
      updates += u[i] * u[i];
    }
    double ratio = trustRatio(weights, updates, getMaxCoeff().convertToDouble(),
                              getMinCoeff().convertToDouble());
    for (int64_t i = place.offset; i < end; ++i)
      results[0].data[i] = p[i] - step.rate * ratio * u[i];
  }
}

template <typename Numbers>
static NumbersOf<Numbers> direction(Numbers &n, LambDirectionOp op) {
  const double beta2 = op.getBeta2().convertToDouble();
  auto g = gradientOf(n, op);
  Momentum momentum(n, op, op.getBeta1().convertToDouble());
  auto m = n.in(1) + momentum.rest * (g - n.in(1));
  auto v = beta2 * n.in(2) + (1 - beta2) * (g * g);
  auto root = n.sqrt(v) / n.in(placeOf(op, op.getCorrection2())) +
              n.constant(op.getEps().convertToDouble());
  auto u = m / n.in(placeOf(op, op.getCorrection1())) / root +
           op.getWeightDecay().convertToDouble() * n.in(0);
  return unlessSkipped(n, op, {n.in(1), n.in(2), n.constant(0)}, {m, v, u});
}
DS_UPDATE_KERNEL(LambDirectionOp, direction)

//===--------------------------------------------------------------------===//
// The parts of a step
//===--------------------------------------------------------------------===//

void TrustRatioOp::evaluate(Evaluated operands,
                            MutableArrayRef<HostTensor> results) {
  for (int64_t i = 0, e = results[0].size(); i < e; ++i)
    results[0].data[i] = trustRatio(operands[0]->data[i], operands[1]->data[i],
                                    getMaxCoeff().convertToDouble(),
                                    getMinCoeff().convertToDouble());
}

DS_KERNEL_WALK(TrustRatioOp, KernelKind::Elementwise,
               tensorType(getResult()).getShape(),
               std::max<int64_t>(tensorType(getResult()).getRank() - 1, 0))

LogicalResult TrustRatioOp::lowerToLinalg(OpBuilder &builder,
                                          ValueRange operands,
                                          SmallVectorImpl<Value> &results) {
  SmallVector<Operand> inputs(operands.begin(), operands.end());
  results = pointwise(
      builder, getLoc(), tensorType(getResult()), inputs,
      [&](Formula &f) -> Results {
        CodeNumbers n(f);
        Scalar one = f.constant(1), most = f.constant(1), least = most;
        most = f.constant(getMaxCoeff().convertToDouble());
        least = f.constant(getMinCoeff().convertToDouble());
        Scalar ratio = f.sqrt(f.in(0) / f.in(1));
        ratio = f.extremum(ratio, most, /*isMax=*/false, /*isUnsigned=*/false);
        ratio = f.extremum(ratio, least, /*isMax=*/true, /*isUnsigned=*/false);
        ratio = n.choose(f.in(1), ratio, one);
        return {n.choose(f.in(0), ratio, one)};
      });
  return success();
}

namespace {
/// Sums over a unit's blocks by tensor, and back.
struct Blocks {
  Blocks(OpBuilder &b, LambOp op) : b(b), loc(op.getLoc()), op(op) {
    blocks = tensorType(op.getTensors()[0]).getDimSize(0) / kBlockElements;
    tensors = static_cast<int64_t>(op.getOffsets().size());
    // Blocks of padding count as the tensor's before, with zeros.
    const int64_t all = blocks * static_cast<int64_t>(op.getShards());
    SmallVector<int32_t> owners(all, 0);
    for (auto [i, offset] : llvm::enumerate(op.getOffsets()))
      std::fill(owners.begin() + offset / kBlockElements, owners.end(),
                static_cast<int32_t>(i));
    auto type = RankedTensorType::get({all}, b.getI32Type());
    owner = ConstantOp::create(
        b, loc, DenseElementsAttr::get(type, ArrayRef<int32_t>(owners)));
    if (op.getOver())
      owner = LocalShardOp::create(
          b, loc, RankedTensorType::get({blocks}, b.getI32Type()), owner,
          *op.getOver());
  }

  /// One row for each block.
  Value rows(Value flat) {
    Type element = tensorType(flat).getElementType();
    return ReshapeOp::create(
        b, loc, RankedTensorType::get({blocks, kBlockElements}, element), flat);
  }

  /// The sum of squares of each tensor, over all ranks.
  Value squares(Value flat) {
    Type f64 = b.getF64Type();
    Value sums =
        SumOp::create(b, loc, RankedTensorType::get({blocks}, f64), rows(flat),
                      /*trailing=*/true, /*squares=*/true);
    sums = ReshapeOp::create(b, loc, RankedTensorType::get({blocks, 1}, f64),
                             sums);
    auto table = RankedTensorType::get({tensors, 1}, f64);
    Value zeros = ConstantOp::create(b, loc, table, 0.0);
    Value total = EmbeddingGradOp::create(b, loc, table, zeros, owner, sums);
    if (op.getOver())
      total = AllReduceOp::create(b, loc, table, total, *op.getOver());
    return total;
  }

  /// Each block's entry of a column with one for each tensor.
  Value perBlock(Value column) {
    Type f64 = b.getF64Type();
    Value rows = EmbeddingOp::create(
        b, loc, RankedTensorType::get({blocks, 1}, f64), column, owner);
    return ReshapeOp::create(b, loc, RankedTensorType::get({blocks}, f64),
                             rows);
  }

  OpBuilder &b;
  Location loc;
  LambOp op;
  int64_t blocks, tensors;
  Value owner;
};
} // namespace

SmallVector<Value> LambOp::decompose(OpBuilder &b) {
  Location loc = getLoc();
  StepScalars s(b, loc);
  Value correction1 = s.constant(1), correction2 = correction1;
  if (getBiasCorrection()) {
    Value beta1 = getMomentumNow() ? getMomentumNow()
                                   : s.constant(getBeta1().convertToDouble());
    Value beta2 = s.constant(getBeta2().convertToDouble());
    correction1 = s.restOfPower(beta1, getStep());
    correction2 = s.sqrt(s.restOfPower(beta2, getStep()));
  }
  Value parameter = getTensors()[0];
  Type average = getTensors()[1].getType();
  auto parts = LambDirectionOp::create(
      b, loc, TypeRange{average, getTensors()[2].getType(), average},
      getTensors(), getGradScale(), correction1, correction2, getMomentumNow(),
      getSkip(), getBeta1Attr(), getBeta2Attr(), getEpsAttr(),
      getWeightDecayAttr(), getClipValueAttr());
  Value u = parts.getResult(2);
  Blocks blocks(b, *this);
  Value weights = blocks.squares(parameter), updates = blocks.squares(u);
  Value ratio = TrustRatioOp::create(b, loc, weights.getType(), weights,
                                     updates, getMaxCoeff(), getMinCoeff());
  ratio = MulOp::create(b, loc, ratio.getType(), ratio, getLr());
  // A skipped step has a direction of zeros.
  Value rows = blocks.rows(parameter);
  Value moved = DescendOp::create(b, loc, rows.getType(), rows, blocks.rows(u),
                                  blocks.perBlock(ratio), Value(), Value());
  moved = ReshapeOp::create(b, loc, parameter.getType(), moved);
  return {moved, parts.getResult(0), parts.getResult(1)};
}

//===--------------------------------------------------------------------===//
// The last part, of Muon too
//===--------------------------------------------------------------------===//

LogicalResult DescendOp::verify() {
  auto type = tensorType(getParameter()), size = tensorType(getSize());
  if (tensorType(getDirection()).getShape() != type.getShape() ||
      size.getRank() > type.getRank() ||
      size.getShape() != type.getShape().take_front(size.getRank()))
    return emitOpError("expects a direction of the parameter's shape and a "
                       "size of its leading dimensions, but got ")
           << type << ", " << getDirection().getType() << " and " << size;
  return success();
}

void DescendOp::evaluate(Evaluated operands,
                         MutableArrayRef<HostTensor> results) {
  const bool skips = getSkip() && operands.back()->data[0] != 0;
  const double decay = getDecay() ? operands[3]->data[0] : 1;
  const int64_t elements = results[0].size();
  const int64_t row = elements / std::max<int64_t>(operands[2]->size(), 1);
  for (int64_t i = 0; i < elements; ++i) {
    double p = operands[0]->data[i];
    results[0].data[i] =
        skips ? p
              : p * decay - operands[2]->data[i / row] * operands[1]->data[i];
  }
}

DS_KERNEL_WALK(DescendOp, KernelKind::Elementwise,
               tensorType(getResult()).getShape(),
               std::max<int64_t>(tensorType(getResult()).getRank() - 1, 0))

FailureOr<SmallVector<unsigned>> DescendOp::getRowOperands() {
  return SmallVector<unsigned>{2};
}

LogicalResult DescendOp::lowerToLinalg(OpBuilder &builder, ValueRange operands,
                                       SmallVectorImpl<Value> &results) {
  SmallVector<Operand> inputs(operands.begin(), operands.end());
  inputs[2].rows = tensorType(getSize()).getRank() > 0;
  results =
      pointwise(builder, getLoc(), tensorType(getResult()), inputs,
                [&](Formula &f) -> Results {
                  CodeNumbers n(f);
                  Scalar p = getDecay() ? f.in(0) * f.in(3) : f.in(0);
                  Scalar moved = p - f.in(2) * f.in(1);
                  if (getSkip())
                    moved = n.choose(f.in(operands.size() - 1), f.in(0), moved);
                  return {moved};
                });
  return success();
}

} // namespace ds
