//===- DSEpilogue.cpp - Products with an epilogue -----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What they require and compute.  Between the product and what is stored
// nothing is rounded: the interpreter's float64 stands for the library's
// float32.
//===--------------------------------------------------------------------===//

#include "DSProducts.h"

#include <cmath>

using namespace mlir;

namespace ds {

//===--------------------------------------------------------------------===//
// GELU
//===--------------------------------------------------------------------===//

/// sqrt(2/pi) (x + 0.044715 x^3): the argument of its tanh.
static double geluInner(double x) {
  return std::sqrt(2.0 / M_PI) * (x + 0.044715 * x * x * x);
}

double gelu(double x) { return 0.5 * x * (1.0 + std::tanh(geluInner(x))); }

double geluSlope(double x) {
  const double t = std::tanh(geluInner(x));
  const double inner = std::sqrt(2.0 / M_PI) * (1.0 + 3.0 * 0.044715 * x * x);
  return 0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * inner;
}

//===--------------------------------------------------------------------===//
// What is well-formed
//===--------------------------------------------------------------------===//

bool isMatrixProduct(const ProductSpec &letters) {
  const size_t rows = letters.result.find_first_of(letters.rhs);
  if (rows == StringRef::npos)
    return false;
  const StringRef m = letters.result.take_front(rows),
                  n = letters.result.drop_front(rows);
  StringRef k = letters.lhs;
  if (!k.consume_front(m) && !k.consume_back(m))
    return false;
  return letters.rhs == (k + n).str() || letters.rhs == (n + k).str();
}

template <typename Op> static LogicalResult verifyEpilogue(Op op) {
  if (failed(verifyProduct(op, op.getSpec(), op.getLhs(), op.getRhs(),
                           op.getResult(), /*adds=*/false)))
    return failure();
  if (!isMatrixProduct(op.getLetters()))
    return op.emitOpError("expects a product of two matrices, such as "
                          "\"bsk,nk->bsn\", but got \"")
           << op.getSpec() << "\"";
  return success();
}

static LogicalResult verifyType(Operation *op, StringRef name, Value value,
                                Type type) {
  if (value.getType() != type)
    return op->emitOpError("expects '")
           << name << "' to be " << type << ", but got " << value.getType();
  return success();
}

LogicalResult DotBiasOp::verify() {
  if (failed(verifyEpilogue(*this)))
    return failure();
  const ProductSpec letters = getLetters();
  RankedTensorType result = tensorType(getResult());
  const size_t rows = letters.result.find_first_of(letters.rhs);
  auto row = RankedTensorType::get(result.getShape().drop_front(rows),
                                   result.getElementType());
  if (failed(verifyType(*this, "bias", getBias(), row)))
    return failure();
  if (!getPreactivation())
    return success();
  if (!getGelu())
    return emitOpError("expects 'preactivation' only with 'gelu'");
  return verifyType(*this, "preactivation", getPreactivation(), result);
}

LogicalResult DotGeluGradOp::verify() {
  if (failed(verifyEpilogue(*this)))
    return failure();
  return verifyType(*this, "preactivation", getPreactivation(),
                    getResult().getType());
}

//===--------------------------------------------------------------------===//
// What they compute
//===--------------------------------------------------------------------===//

void DotBiasOp::evaluate(ArrayRef<const HostTensor *> operands,
                         MutableArrayRef<HostTensor> results) {
  const std::vector<double> &bias = operands[2]->data;
  HostTensor &result = results[0];
  addProduct(getLetters(), *operands[0], *operands[1], result);
  for (auto [i, x] : llvm::enumerate(result.data))
    x += bias[i % bias.size()];
  if (getPreactivation())
    results[1].data = result.data;
  if (getGelu())
    llvm::transform(result.data, result.data.begin(), gelu);
}

void DotGeluGradOp::evaluate(ArrayRef<const HostTensor *> operands,
                             MutableArrayRef<HostTensor> results) {
  addProduct(getLetters(), *operands[0], *operands[1], results[0]);
  for (auto [x, at] : llvm::zip_equal(results[0].data, operands[2]->data))
    x *= geluSlope(at);
}

} // namespace ds
