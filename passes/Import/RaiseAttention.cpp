//===- RaiseAttention.cpp - Two products around a softmax ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Passes/Import.h"
#include "ds/Raise/Raise.h"
#include "ds/Raise/ScorePlane.h"

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_RAISEATTENTIONPASS
#include "ds/Passes/Import.h.inc"

namespace {

/// Attention's parts, and what the letters of its two products stand for.
struct Parts {
  DotOp scores, output;
  SoftmaxOp softmax;
  Value query, key, value;
  std::string queryDims, keyDims, valueDims; ///< Letters of the operands.
  std::string batch; ///< Letters of all three, in the scores' order.
  std::string group; ///< The query's own: heads that share a key.
  char seq, keySeq, size, outSize;
};

/// The letter's size; `dims` are those of `tensor` without size 1.
int64_t sizeOf(Value tensor, StringRef dims, char letter) {
  return withoutOnes(tensorType(tensor).getShape())[dims.find(letter)];
}

/// The tensor with its dimensions in another order.
Value permuted(OpBuilder &builder, Location loc, Value value, StringRef from,
               StringRef to) {
  SmallVector<int64_t> dims, shape;
  for (char letter : to) {
    dims.push_back(from.find(letter));
    shape.push_back(tensorType(value).getDimSize(dims.back()));
  }
  if (llvm::is_sorted(dims))
    return value;
  return TransposeOp::create(builder, loc, tensorType(value).clone(shape),
                             value, builder.getDenseI64ArrayAttr(dims));
}

bool sameButOnes(Value a, Value b) {
  return withoutOnes(tensorType(a).getShape()) ==
         withoutOnes(tensorType(b).getShape());
}

/// Where probabilities come from, behind reshapes of dimensions of size 1.
SoftmaxOp softmaxOf(Value value) {
  if (auto reshape = value.getDefiningOp<ReshapeOp>();
      reshape && sameButOnes(value, reshape.getInput()))
    return softmaxOf(reshape.getInput());
  return value.getDefiningOp<SoftmaxOp>();
}

/// A tensor's letters without those of dimensions of size 1.
std::string lettersOf(StringRef dims, Value tensor) {
  std::string letters;
  for (auto [letter, size] :
       llvm::zip_equal(dims, tensorType(tensor).getShape()))
    if (size != 1)
      letters += letter;
  return letters;
}

/// A tensor without its dimensions of size 1.
Value squeezed(OpBuilder &builder, Location loc, Value value) {
  return reshaped(builder, loc, value,
                  withoutOnes(tensorType(value).getShape()));
}

/// The product whose scores the softmax sees, behind pointwise ops.
DotOp scoresBehind(SoftmaxOp softmax) {
  SmallVector<Value> pending{softmax.getInput()};
  llvm::SmallDenseSet<Value> seen;
  while (!pending.empty() && seen.size() < 32) {
    Value value = pending.pop_back_val();
    Operation *op = value.getDefiningOp();
    if (!op || !seen.insert(value).second ||
        !sameButOnes(value, softmax.getInput()))
      continue;
    if (auto dot = dyn_cast<DotOp>(op))
      return dot;
    if (isPointwise(op) || isa<ReshapeOp>(op))
      llvm::append_range(pending, op->getOperands());
  }
  return nullptr;
}

/// What the letters of the scores and of the size stand for; false when they
/// are not attention's.
bool readLetters(Parts &parts, const std::string &dims) {
  auto has = [](const std::string &dims, char letter) {
    return dims.find(letter) != std::string::npos;
  };
  if (has(parts.queryDims, parts.keySeq) ||
      !has(parts.valueDims, parts.keySeq) ||
      llvm::count(parts.valueDims, '*') != 1)
    return false;
  parts.outSize = '*';
  // The queries stand beside the keys.
  parts.seq = dims[dims.size() - 2];
  if (has(parts.keyDims, parts.seq) || has(parts.valueDims, parts.seq) ||
      sizeOf(parts.query, parts.queryDims, parts.seq) !=
          sizeOf(parts.key, parts.keyDims, parts.keySeq))
    return false;
  for (char letter : dims.substr(0, dims.size() - 2)) {
    if (has(parts.keyDims, letter) != has(parts.valueDims, letter))
      return false;
    (has(parts.keyDims, letter) ? parts.batch : parts.group) += letter;
  }
  parts.size = 0;
  for (char letter : parts.queryDims)
    if (!has(dims, letter))
      parts.size = parts.size ? '*' : letter;
  return true;
}

/// Reads both products; nothing when they are not attention's.
std::optional<Parts> partsOf(DotOp output) {
  Parts parts;
  parts.output = output;
  const bool isLeft = static_cast<bool>(softmaxOf(output.getLhs()));
  parts.softmax = softmaxOf(isLeft ? output.getLhs() : output.getRhs());
  if (!parts.softmax || parts.softmax.getCausal() ||
      !(parts.scores = scoresBehind(parts.softmax)))
    return std::nullopt;
  const ProductSpec s = parts.scores.getLetters(), o = output.getLetters();
  const std::string dims = lettersOf(s.result, parts.scores.getResult());
  const int64_t rank = dims.size();
  if (rank < 2)
    return std::nullopt;
  // The output's letters for the probabilities' dimensions are translated to
  // the scores'; the one that it has more is the value's own.
  const Value left = output.getLhs(), right = output.getRhs();
  const std::string seen =
      isLeft ? lettersOf(o.lhs, left) : lettersOf(o.rhs, right);
  std::string valueDims =
      isLeft ? lettersOf(o.rhs, right) : lettersOf(o.lhs, left);
  if (seen.size() != dims.size())
    return std::nullopt;
  for (char &letter : valueDims) {
    const size_t at = seen.find(letter);
    letter = at == StringRef::npos ? '*' : dims[at];
  }
  parts.keySeq = dims[rank - 1];
  const bool keyIsRight = s.rhs.contains(parts.keySeq);
  parts.query = keyIsRight ? parts.scores.getLhs() : parts.scores.getRhs();
  parts.key = keyIsRight ? parts.scores.getRhs() : parts.scores.getLhs();
  parts.queryDims = lettersOf(keyIsRight ? s.lhs : s.rhs, parts.query);
  parts.keyDims = lettersOf(keyIsRight ? s.rhs : s.lhs, parts.key);
  parts.value = isLeft ? right : left;
  parts.valueDims = valueDims;
  if (!readLetters(parts, dims))
    return std::nullopt;
  if (!parts.size || parts.batch.empty() || parts.size == '*' ||
      parts.batch.size() > 2)
    return std::nullopt;
  return parts;
}

struct RaiseAttention : impl::RaiseAttentionPassBase<RaiseAttention> {
  using RaiseAttentionPassBase::RaiseAttentionPassBase;

  void runOnOperation() override {
    for (func::FuncOp function : lossFunctions(getOperation()))
      raiseBackwards(function, find);
  }

  static std::optional<Raised> find(OpBuilder &builder, Operation *op) {
    auto output = dyn_cast<DotOp>(op);
    auto parts = output ? partsOf(output) : std::nullopt;
    if (!parts)
      return std::nullopt;
    const int64_t keys = sizeOf(parts->key, parts->keyDims, parts->keySeq);
    ScorePlane plane(parts->scores.getResult(), keys, keys);
    std::string why;
    auto mask = plane.read(parts->softmax.getInput(), why);
    if (mask && sizeOf(parts->value, parts->valueDims, '*') !=
                    sizeOf(parts->key, parts->keyDims, parts->size)) {
      why = "keys and values have different sizes";
      mask.reset();
    }
    if (!mask) {
      tellNotRaised(op, "attention", why);
      return std::nullopt;
    }
    return Raised{build(builder, *parts, *mask), "attention", "softmax"};
  }

  /// `value`, its dimensions as [batch, seq, heads, size]; a constant factor
  /// goes to `scale`.
  static Value operand(OpBuilder &builder, Parts &parts, Value value,
                       StringRef dims, StringRef last, double *scale) {
    Location loc = parts.output.getLoc();
    if (scale)
      if (auto scaled = value.getDefiningOp() ? scaledBy(value.getDefiningOp())
                                              : std::nullopt) {
        *scale *= scaled->factor;
        value = scaled->value;
      }
    const bool isQuery = dims.contains(parts.seq);
    const StringRef batch = parts.batch;
    const std::string outer = batch.drop_back().str(),
                      heads = batch.take_back().str() +
                              (isQuery ? parts.group : ""),
                      seq(1, isQuery ? parts.seq : parts.keySeq);
    // `dims` has no letter for what has size 1, such as a batch of one.
    value = permuted(builder, loc, squeezed(builder, loc, value), dims,
                     outer + seq + heads + last.str());
    auto count = [&](StringRef letters) {
      int64_t n = 1;
      for (char letter : letters)
        n *= sizeOf(parts.query, parts.queryDims, letter);
      return n;
    };
    const int64_t width = tensorType(value).getShape().back();
    int64_t length = sizeOf(parts.key, parts.keyDims, parts.keySeq);
    return reshaped(builder, loc, value,
                    {count(outer), length, count(heads), width});
  }

  /// Heads that were repeated for the product: as they were before.
  static Value withoutRepeats(Value value) {
    auto reshape = value.getDefiningOp<ReshapeOp>();
    auto broadcast =
        reshape ? reshape.getInput().getDefiningOp<BroadcastOp>() : nullptr;
    if (!broadcast)
      return value;
    RankedTensorType whole = tensorType(broadcast.getResult());
    RankedTensorType from = tensorType(broadcast.getInput());
    ArrayRef<int64_t> to = tensorType(value).getShape();
    // [batch, seq, kv_heads, repeats, size] of [batch, seq, kv_heads, size].
    SmallVector<int64_t> places = broadcast.getPlaces(), kept;
    for (auto [dim, place] : llvm::enumerate(places))
      if (from.getDimSize(dim) == whole.getDimSize(place))
        kept.push_back(place);
    if (whole.getRank() != 5 || kept != SmallVector<int64_t>{0, 1, 2, 4} ||
        whole.getDimSize(0) != to[0] || whole.getDimSize(1) != to[1] ||
        whole.getDimSize(4) != to[3])
      return value;
    OpBuilder builder(reshape);
    return reshaped(builder, reshape.getLoc(), broadcast.getInput(),
                    {to[0], to[1], whole.getDimSize(2), to[3]});
  }

  static Value build(OpBuilder &builder, Parts &parts,
                     const ScorePlane::Mask &mask) {
    Location loc = parts.output.getLoc();
    double scale = mask.scale * parts.softmax.getScale().convertToDouble();
    const std::string size(1, parts.size);
    Value query =
        operand(builder, parts, parts.query, parts.queryDims, size, &scale);
    Value key = withoutRepeats(
        operand(builder, parts, parts.key, parts.keyDims, size, &scale));
    Value value = withoutRepeats(
        operand(builder, parts, parts.value, parts.valueDims, "*", nullptr));
    if (key.getType() != value.getType()) { // one of them was not repeated
      key = operand(builder, parts, parts.key, parts.keyDims, size, nullptr);
      value =
          operand(builder, parts, parts.value, parts.valueDims, "*", nullptr);
    }
    Value result = AttentionOp::create(
        builder, loc, query.getType(), query, key, value, ValueRange(),
        builder.getF64FloatAttr(scale),
        mask.isCausal ? builder.getUnitAttr() : UnitAttr(), DropoutAttr());
    return asOutput(builder, parts, result);
  }

  /// The result with the dimensions that the second product has.
  static Value asOutput(OpBuilder &builder, Parts &parts, Value result) {
    Location loc = parts.output.getLoc();
    const StringRef batch = parts.batch;
    const std::string heads = batch.take_back().str() + parts.group;
    const std::string dims =
        batch.drop_back().str() + std::string(1, parts.seq) + heads + "*";
    SmallVector<int64_t> shape;
    for (char letter : StringRef(dims).drop_back())
      shape.push_back(sizeOf(parts.query, parts.queryDims, letter));
    shape.push_back(tensorType(result).getShape().back());
    result = reshaped(builder, loc, result, shape);
    const ProductSpec letters = parts.output.getLetters();
    const bool isLeft = static_cast<bool>(softmaxOf(parts.output.getLhs()));
    const std::string seen =
        isLeft ? lettersOf(letters.lhs, parts.output.getLhs())
               : lettersOf(letters.rhs, parts.output.getRhs());
    const std::string scores =
        lettersOf(parts.scores.getLetters().result, parts.scores.getResult());
    Value output = parts.output.getResult();
    std::string to = lettersOf(letters.result, output);
    for (char &letter : to) {
      const size_t at = seen.find(letter);
      letter = at == std::string::npos ? '*' : scores[at];
    }
    return reshaped(builder, loc, permuted(builder, loc, result, dims, to),
                    tensorType(output).getShape());
  }
};
} // namespace
} // namespace ds
