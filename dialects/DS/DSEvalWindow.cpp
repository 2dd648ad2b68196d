//===- DSEvalWindow.cpp - What folds of windows and prefixes are --------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "DSIndex.h"
#include "DSIntegers.h"
#include "DSWindow.h"

#include <cmath>

using namespace mlir;
using namespace ds;

namespace {
using Operands = ArrayRef<const HostTensor *>;
using Results = MutableArrayRef<HostTensor>;

/// The elements of one tensor that a position of another one is paired with.
class Partners {
public:
  Partners(const WindowWalk &w, bool into) : w(w) {
    RankedTensorType other = into ? w.whole : w.parts;
    for (int64_t d = 0; d < other.getRank(); ++d)
      dims.push_back(into ? w.into(d) : w.outOf(d));
    strides.assign(dims.size(), 1);
    for (int64_t d = static_cast<int64_t>(dims.size()) - 2; d >= 0; --d)
      strides[d] = strides[d + 1] * other.getDimSize(d + 1);
  }
  /// Calls `body` with the number of each partner and its place in the window.
  template <typename Body> void each(ArrayRef<int64_t> at, Body body) const {
    forEach(w.sizes, [&](ArrayRef<int64_t> tap, int64_t place) {
      int64_t number = 0;
      for (auto [d, dim] : llvm::enumerate(dims)) {
        const int64_t i = dim.partner(at[d], tap[d]);
        if (i < 0)
          return;
        number += i * strides[d];
      }
      body(number, place);
    });
  }

private:
  const WindowWalk &w;
  SmallVector<WindowDim> dims;
  SmallVector<int64_t> strides;
};

/// Of `x` behind `best`: NaN stays, and so does the first of equals.
bool isBetter(bool isMax, double x, double best) {
  return !std::isnan(best) && (std::isnan(x) || (isMax ? x > best : x < best));
}

/// Two numbers as one, by a kind.
double combine(StringRef kind, Type type, bool isUnsigned, double a, double b) {
  if (kind == "sum" || kind == "mul") {
    if (isa<FloatType>(type))
      return kind == "sum" ? a + b : a * b;
    return toInteger(type,
                     kind == "sum" ? bits(a) + bits(b) : bits(a) * bits(b));
  }
  if (kind == "logsumexp") {
    const double difference = a - b;
    return std::isnan(difference)
               ? a + b
               : std::max(a, b) + std::log1p(std::exp(-std::abs(difference)));
  }
  return isBetter(kind == "max", ordered(type, isUnsigned, b),
                  ordered(type, isUnsigned, a))
             ? b
             : a;
}

} // namespace

void ReduceWindowOp::evaluate(Operands operands, Results results) {
  Type type = getElementTypeOrSelf(getResult());
  WindowWalk w(*this);
  Partners partners(w, /*into=*/true);
  forEach(results[0].shape, [&](ArrayRef<int64_t> at, int64_t to) {
    double value = getKind() == "sum"
                       ? 0
                       : neutralElement(getKind(), type, getIsUnsigned());
    partners.each(at, [&](int64_t from, int64_t) {
      value = combine(getKind(), type, getIsUnsigned(), value,
                      operands[0]->data[from]);
    });
    results[0].data[to] = value;
  });
}

void ArgReduceWindowOp::evaluate(Operands operands, Results results) {
  Type type = getElementTypeOrSelf(getInput());
  WindowWalk w(*this);
  Partners partners(w, /*into=*/true);
  forEach(results[0].shape, [&](ArrayRef<int64_t> at, int64_t to) {
    double best = 0;
    int64_t found = -1;
    partners.each(at, [&](int64_t from, int64_t place) {
      const double x = ordered(type, getIsUnsigned(), operands[0]->data[from]);
      if (found >= 0 && !isBetter(getKind() == "max", x, best))
        return;
      best = x;
      found = place;
    });
    results[0].data[to] = static_cast<double>(found);
  });
}

void ReduceWindowGradOp::evaluate(Operands operands, Results results) {
  Type type = getElementTypeOrSelf(getResult());
  WindowWalk w(*this);
  Partners partners(w, /*into=*/false);
  forEach(results[0].shape, [&](ArrayRef<int64_t> at, int64_t to) {
    double &sum = results[0].data[to];
    partners.each(at, [&](int64_t window, int64_t place) {
      if (operands[1]->data[window] == static_cast<double>(place))
        sum = combine("sum", type, false, sum, operands[0]->data[window]);
    });
  });
}

void CumulativeOp::evaluate(Operands operands, Results results) {
  Type type = getElementTypeOrSelf(getResult());
  ArrayRef<int64_t> shape = results[0].shape;
  const int64_t dim = getDim(), length = shape[dim];
  const int64_t inner = HostTensor::count(shape.drop_front(dim + 1));
  std::vector<double> &y = results[0].data;
  y = operands[0]->data;
  for (int64_t i = 0, e = y.size(); i < e; ++i) {
    // In the order of the walk.
    const int64_t at = getReverse() ? e - 1 - i : i;
    const int64_t t = at / inner % length;
    if (t == (getReverse() ? length - 1 : 0))
      continue;
    double before = y[getReverse() ? at + inner : at - inner];
    if (getFactors())
      before = combine("mul", type, false, before, operands[1]->data[at]);
    y[at] = combine(getKind(), type, false, before, y[at]);
  }
}
