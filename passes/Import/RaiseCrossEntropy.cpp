//===- RaiseCrossEntropy.cpp - A loss by what it computes ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Passes/Import.h"
#include "ds/Raise/Raise.h"
#include "ds/Raise/RowCone.h"

#include <cmath>

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_RAISECROSSENTROPYPASS
#include "ds/Passes/Import.h.inc"

namespace {

constexpr int64_t kRows = 4;

/// logsumexp(logits) - logits[target] of each row.
std::vector<double> lossesOf(const RowCone::Probe &probe, int64_t width) {
  std::vector<double> losses(kRows);
  for (int64_t row = 0; row < kRows; ++row) {
    const double *x = probe.input.data() + row * width;
    double sum = 0;
    for (int64_t i = 0; i < width; ++i)
      sum += std::exp(x[i]);
    losses[row] =
        std::log(sum) - x[static_cast<int64_t>(probe.rowIndices[row])];
  }
  return losses;
}

/// What each row of the cone's result adds to a sum over all of it.
std::vector<double> rowSums(const RowCone &cone, const RowCone::Probe &probe) {
  const std::vector<double> y = cone.evaluate(probe);
  std::vector<double> sums(kRows);
  for (size_t i = 0; i < y.size(); ++i)
    sums[i / (y.size() / kRows)] += y[i];
  return sums;
}

/// Logits and targets of which `op` computes the loss of each row, times
/// `sign`.
struct Rows {
  Value logits, targets;
  double sign;
  std::optional<int64_t> ignore; ///< A target whose rows are 0.
};

/// The number that is no class, and as a target makes the loss 0: a constant of
/// the cone, or where a comparison with all classes just finds none, the one
/// that PyTorch ignores.
std::optional<int64_t> ignoredBy(const RowCone &cone, RowCone::Probe probe) {
  SmallVector<double> candidates(cone.getConstants());
  candidates.push_back(-100);
  for (double constant : candidates) {
    if (constant != std::floor(constant) || std::abs(constant) > 0x1p31 ||
        (constant >= 0 && constant < static_cast<double>(cone.getWidth())))
      continue;
    probe.rowIndices.assign(kRows, constant);
    if (llvm::all_of(rowSums(cone, probe),
                     [](double loss) { return loss == 0; }))
      return static_cast<int64_t>(constant);
  }
  return std::nullopt;
}

std::optional<Rows> findRows(Operation *op, Value logits) {
  auto cone = RowCone::find(op->getResult(0), logits);
  if (!cone || !cone->getVectors().empty() ||
      cone->getRowIndices().size() != 1 || !cone->uses<ExpOp>() ||
      !cone->uses<SumOp>() || !cone->uses<LogOp>())
    return std::nullopt;
  const int64_t width = cone->getWidth();
  RowCone::Probe probe{probeNumbers(kRows * width, 1), {}, {}};
  probe.rowIndices = {0, double(width - 1), double(width / 2),
                      double(width / 3)};
  const std::vector<double> y = rowSums(*cone, probe);
  std::vector<double> expected = lossesOf(probe, width);
  for (double sign : {1.0, -1.0}) {
    if (agree(y, expected))
      return Rows{logits, cone->getRowIndices()[0], sign,
                  ignoredBy(*cone, probe)};
    for (double &loss : expected)
      loss = -loss;
  }
  return std::nullopt;
}

struct RaiseCrossEntropy : impl::RaiseCrossEntropyPassBase<RaiseCrossEntropy> {
  using RaiseCrossEntropyPassBase::RaiseCrossEntropyPassBase;

  void runOnOperation() override {
    for (func::FuncOp function : lossFunctions(getOperation()))
      raiseBackwards(function, find);
  }

  /// From a scalar back to the rows that it sums.
  static std::optional<Raised> find(OpBuilder &builder, Operation *op) {
    if (tensorType(op->getResult(0)).getRank() != 0)
      return std::nullopt;
    double factor = 1;
    Value value = op->getResult(0);
    bool sums = false;
    while (Operation *source = value.getDefiningOp()) {
      auto sum = dyn_cast<SumOp>(source);
      if (sum && !sum.getSquares()) {
        sums = true;
        value = sum.getInput();
      } else if (isa<ReshapeOp>(source)) {
        value = source->getOperand(0);
      } else if (auto scale = scaledBy(source)) {
        factor *= scale->factor;
        value = scale->value;
      } else {
        return std::nullopt;
      }
      if (auto rows = sums ? rowsOf(value) : std::nullopt)
        return build(builder, op, *rows, factor);
    }
    return std::nullopt;
  }

  /// The rows whose loss `value` is.
  static std::optional<Rows> rowsOf(Value value) {
    Operation *op = value.getDefiningOp();
    if (!op || !isPointwise(op))
      return std::nullopt;
    for (Value logits : logitsBehind(value))
      if (auto rows = findRows(op, logits))
        return rows;
    return std::nullopt;
  }

  /// Tensors of one more dimension than the rows, the furthest first.
  static SmallVector<Value> logitsBehind(Value rows) {
    SmallVector<Value> pending{rows}, found;
    llvm::SmallDenseSet<Value> seen{rows};
    for (size_t next = 0; next < pending.size() && next < 96; ++next) {
      Operation *op = pending[next].getDefiningOp();
      if (!op || op->getNumResults() != 1 || isa<DotOp>(op))
        continue;
      for (Value operand : op->getOperands()) {
        auto type = dyn_cast<RankedTensorType>(operand.getType());
        if (!type || !seen.insert(operand).second)
          continue;
        pending.push_back(operand);
        if (type.getRank() > 1 && isa<FloatType>(type.getElementType()))
          found.push_back(operand);
      }
    }
    std::reverse(found.begin(), found.end());
    return found;
  }

  /// The rows as their product makes them: behind a reshape that only numbers
  /// them otherwise, so that the loss can be taken a few rows at a time.
  static Value unflattened(Value logits) {
    auto reshape = logits.getDefiningOp<ReshapeOp>();
    if (!reshape || tensorType(reshape.getInput()).getRank() < 2 ||
        tensorType(reshape.getInput()).getShape().back() !=
            tensorType(logits).getShape().back())
      return logits;
    return unflattened(reshape.getInput());
  }

  static Raised build(OpBuilder &builder, Operation *op, const Rows &rows,
                      double factor) {
    Location loc = op->getLoc();
    Value logits = unflattened(rows.logits);
    auto shape = tensorType(logits).getShape().drop_back();
    Value targets = reshaped(builder, loc, rows.targets, shape);
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    Value loss = CrossEntropyOp::create(
        builder, loc, type, logits, targets,
        rows.ignore ? builder.getI64IntegerAttr(*rows.ignore) : IntegerAttr(),
        /*classes=*/IntegerAttr());
    // The op is a mean; what is written may be a sum, or a mean over more.
    factor *= rows.sign * static_cast<double>(HostTensor::count(shape));
    if (std::abs(factor - 1) > 1e-6)
      loss = MulOp::create(builder, loc, loss,
                           ConstantOp::create(builder, loc, type, factor));
    return {loss, "cross_entropy"};
  }
};
} // namespace
} // namespace ds
