//===- DSSort.cpp - Orders: checks and what they are --------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "DSIntegers.h"
#include "DSShapes.h"

#include <cmath>
#include <numeric>

using namespace mlir;

namespace ds {

LogicalResult ArgSortOp::verify() {
  auto in = tensorType(getInput()), out = tensorType(getResult());
  for (RankedTensorType type : {in, out})
    if (!type.hasStaticShape())
      return emitOpError("expects static shapes, but got ") << type;
  if (in.getRank() == 0 || in.getRank() != out.getRank() ||
      !sameRows(in, out, 1, 1) || out.getShape().back() > in.getShape().back())
    return emitOpError("expects a result of the input's dimensions, the last "
                       "one of at most the input's, but got ")
           << out << " from " << in;
  if (in.getShape().back() > std::numeric_limits<int32_t>::max())
    return emitOpError("expects rows whose positions have 32 bits, but got ")
           << in;
  if (getTotal() && !isa<FloatType>(in.getElementType()))
    return emitOpError("expects floating-point numbers where 'total' is, but "
                       "got ")
           << in.getElementType();
  return verifySign(*this, getIsUnsigned(), in.getElementType());
}

/// Whether `x` comes in front of `y` in ascending order.
static bool isBefore(double x, double y, bool total) {
  auto rank = [&](double v) { // of numbers 0
    return !std::isnan(v) ? 0 : total && std::signbit(v) ? -1 : 1;
  };
  if (rank(x) != rank(y) || std::isnan(x))
    return rank(x) < rank(y);
  if (total && x == 0 && y == 0)
    return std::signbit(x) && !std::signbit(y);
  return x < y;
}

void ArgSortOp::evaluate(ArrayRef<const HostTensor *> operands,
                         MutableArrayRef<HostTensor> results) {
  Type type = getElementTypeOrSelf(getInput());
  const int64_t length = operands[0]->shape.back();
  const int64_t kept = results[0].shape.back();
  if (results[0].data.empty())
    return;
  const int64_t rows = results[0].size() / kept;
  std::vector<int64_t> order(length);
  for (int64_t row = 0; row < rows; ++row) {
    std::iota(order.begin(), order.end(), 0);
    auto at = [&](int64_t i) {
      return ordered(type, getIsUnsigned(),
                     operands[0]->data[row * length + i]);
    };
    std::stable_sort(order.begin(), order.end(), [&](int64_t i, int64_t j) {
      return getDescending() ? isBefore(at(j), at(i), getTotal())
                             : isBefore(at(i), at(j), getTotal());
    });
    llvm::copy(ArrayRef(order).take_front(kept),
               results[0].data.begin() + row * kept);
  }
}

} // namespace ds
