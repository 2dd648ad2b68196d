//===- DSVerifyLayers.cpp - What well-formed layers are -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "DSShapes.h"

#include <cmath>

using namespace mlir;

namespace ds {
namespace {

LogicalResult verifyNormScale(Operation *op, Value input, Value scale,
                              StringRef name) {
  auto in = tensorType(input), sc = tensorType(scale);
  if (in.getRank() < 1 || sc.getRank() != 1 || !isPart(in, sc, /*suffix=*/true))
    return op->emitOpError("expects '")
           << name << "' to have the input's last dimension, but got " << sc
           << " for input " << in;
  return success();
}

/// What all attention takes.
LogicalResult verifyHeads(Operation *op, Value query, Value key, Value value) {
  auto q = tensorType(query), k = tensorType(key), v = tensorType(value);
  if (q.getRank() != 4 || k.getRank() != 4 || k != v ||
      q.getElementType() != k.getElementType() || !sameDim(q, 0, k, 0) ||
      !sameDim(q, 1, k, 1) || !sameDim(q, 3, k, 3) || k.getDimSize(2) <= 0 ||
      q.getDimSize(2) % k.getDimSize(2) != 0)
    return op->emitOpError(
               "expects query [batch, seq, heads, d] and key and value "
               "[batch, seq, kv_heads, d] with kv_heads dividing heads, "
               "but got ")
           << q << ", " << k << " and " << v;
  return success();
}

} // namespace

LogicalResult EmbeddingOp::verify() {
  auto table = tensorType(getTable()), ids = tensorType(getIds()),
       out = tensorType(getResult());
  if (table.getRank() != 2 || !ids.getElementType().isInteger(32) ||
      table.getElementType() != out.getElementType() ||
      !sameRows(out, ids, 1, 0) || !sameDim(out, out.getRank() - 1, table, 1))
    return emitOpError("expects a table [rows, width], i32 ids [...] and a "
                       "result [..., width], but got ")
           << table << ", " << ids << " and " << out;
  return success();
}

LogicalResult LayerNormOp::verify() {
  if (failed(verifyNormScale(*this, getInput(), getScale(), "scale")))
    return failure();
  return verifyNormScale(*this, getInput(), getBias(), "bias");
}

LogicalResult RmsNormOp::verify() {
  return verifyNormScale(*this, getInput(), getScale(), "scale");
}

LogicalResult RotaryOp::verify() {
  auto in = tensorType(getInput()), cos = tensorType(getCos()),
       sin = tensorType(getSin());
  bool ok = in.getRank() == 4 && cos.getRank() == 2 && cos == sin &&
            !in.isDynamicDim(3) && in.getDimSize(3) == 2 * cos.getDimSize(1);
  if (!ok)
    return emitOpError("expects an input [batch, seq, heads, d] and tables "
                       "[positions, d/2], but got ")
           << in << ", " << cos << " and " << sin;
  if (!in.isDynamicDim(1) && !cos.isDynamicDim(0) &&
      in.getDimSize(1) > cos.getDimSize(0))
    return emitOpError("expects at least ")
           << in.getDimSize(1) << " positions in the tables, but got "
           << cos.getDimSize(0);
  return success();
}

LogicalResult RotaryTableOp::verify() {
  auto type = tensorType(getResult());
  if ((getFunction() != "cos" && getFunction() != "sin") ||
      type.getRank() != 2 || !(getTheta().convertToDouble() > 0))
    return emitOpError(
        "expects function \"cos\" or \"sin\", a positive theta and "
        "a [positions, d/2] result");
  auto frequencies = getFrequencies();
  if (frequencies &&
      (static_cast<int64_t>(frequencies->size()) != type.getDimSize(1) ||
       !llvm::all_of(*frequencies, [](float f) { return std::isfinite(f); })))
    return emitOpError("expects a finite frequency for each of ")
           << type.getDimSize(1) << " pairs, but got " << frequencies->size();
  return success();
}

LogicalResult AttentionOp::verify() {
  if (failed(verifyHeads(*this, getQuery(), getKey(), getValue())))
    return failure();
  auto q = tensorType(getQuery());
  size_t expected = getDropoutAttr() ? 3 : 0;
  if (!getCounter().empty() && getCounter().size() != expected)
    return emitOpError("expects ")
           << expected << " scalars behind 'at' "
           << (expected ? "with" : "without") << " dropout, but got "
           << getCounter().size();
  // The elements of a sample are numbered with 34 bits.
  int64_t seq = q.getDimSize(1), heads = q.getDimSize(2);
  if (expected && !ShapedType::isDynamic(seq) && seq > 0 && heads > 0 &&
      seq > (int64_t{1} << 34) / heads / seq)
    return emitOpError("expects at most 2^34 probabilities per sample to drop "
                       "from, but got ")
           << heads << " heads of " << seq << " x " << seq;
  return success();
}

LogicalResult FlashAttentionOp::verify() {
  return verifyHeads(*this, getQuery(), getKey(), getValue());
}

LogicalResult FlashAttentionGradOp::verify() {
  return verifyHeads(*this, getQuery(), getKey(), getValue());
}

/// What is left without dropout is the op itself.
Value AttentionOp::withoutDropout() {
  removeDropoutAttr();
  getCounterMutable().clear();
  return getResult();
}

LogicalResult SoftmaxOp::verify() {
  auto type = tensorType(getInput());
  int64_t rank = type.getRank();
  if (rank < 1 || (getCausal() && rank < 2))
    return emitOpError("expects rows to sum over, but got ") << type;
  if (getCausal() && !type.isDynamicDim(rank - 1) &&
      !type.isDynamicDim(rank - 2) &&
      type.getDimSize(rank - 1) < type.getDimSize(rank - 2))
    return emitOpError("expects causal rows of at least as many elements as "
                       "there are rows, but got ")
           << type;
  return success();
}

static LogicalResult verifyTargets(Operation *op, Value logits, Value targets,
                                   std::optional<uint64_t> classes) {
  if (!tensorType(targets).getElementType().isInteger(32) ||
      !sameRows(tensorType(logits), tensorType(targets), 1, 0))
    return op->emitOpError(
               "expects logits [..., classes] and i32 targets [...], "
               "but got ")
           << logits.getType() << " and " << targets.getType();
  const int64_t columns = tensorType(logits).getShape().back();
  if (classes && !ShapedType::isDynamic(columns) &&
      (*classes < 1 || *classes > static_cast<uint64_t>(columns)))
    return op->emitOpError("expects from 1 to ")
           << columns << " classes, but got " << static_cast<int64_t>(*classes);
  return success();
}

LogicalResult CrossEntropyOp::verify() {
  auto loss = tensorType(getLoss());
  if (failed(verifyTargets(*this, getLogits(), getTargets(), getClasses())))
    return failure();
  if (loss.getRank() != 0 || !isa<FloatType>(loss.getElementType()))
    return emitOpError("expects a scalar loss, but got ") << loss;
  return success();
}

LogicalResult CrossEntropyRowsOp::verify() {
  return verifyTargets(*this, getLogits(), getTargets(), getClasses());
}

LogicalResult CrossEntropyGradOp::verify() {
  if (failed(verifyTargets(*this, getLogits(), getTargets(), getClasses())))
    return failure();
  auto targets = tensorType(getTargets());
  if (std::optional<uint64_t> rows = getRows();
      rows && targets.hasStaticShape() &&
      static_cast<int64_t>(*rows) < targets.getNumElements())
    return emitOpError("expects at least the logits' ")
           << targets.getNumElements() << " rows, but got "
           << static_cast<int64_t>(*rows);
  return success();
}

} // namespace ds
