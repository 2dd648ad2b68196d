//===- DSDecompose.cpp - Ops as simpler ops -----------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// decompose() of the ops that need several instructions.  What comes out is
// products, kernels over rows or columns, and scalar arithmetic.
//===--------------------------------------------------------------------===//

#include "DSDropout.h"

using namespace mlir;

namespace ds {
namespace {

/// `value` with another type of elements; itself if it has them.
Value asElement(OpBuilder &b, Location loc, Value value, Type element) {
  RankedTensorType type = tensorType(value);
  if (type.getElementType() == element)
    return value;
  return CastOp::create(b, loc, RankedTensorType::get(type.getShape(), element),
                        value);
}

/// A number for each row of `type`: what is summed over it.
RankedTensorType rowsOf(RankedTensorType type) {
  return RankedTensorType::get(type.getShape().drop_back(),
                               wideElement(type.getElementType()));
}

/// Attention over [batch, seq, kv_heads, group, d] queries: heads that share a
/// key head stand together, so that no key or value is ever repeated.
struct GroupedHeads {
  RankedTensorType query;  // [b, s, g, r, d]
  RankedTensorType key;    // [b, t, g, d]
  RankedTensorType scores; // [b, g, r, s, t], float32 if those have 16 bits

  GroupedHeads(RankedTensorType q, RankedTensorType k) : key(k) {
    int64_t batch = q.getDimSize(0), seq = q.getDimSize(1),
            groups = k.getDimSize(2), d = q.getDimSize(3);
    int64_t per = q.getDimSize(2) / groups;
    query =
        RankedTensorType::get({batch, seq, groups, per, d}, q.getElementType());
    scores = RankedTensorType::get({batch, groups, per, seq, k.getDimSize(1)},
                                   wideElement(q.getElementType()));
  }
};

/// Queries are taken in blocks of this many positions, so that scores exist for
/// one block at a time, and with `causal` only for the keys that it sees.
constexpr int64_t kQueryBlock = 128;

/// One block of queries with the keys that it sees.
struct QueryBlock {
  int64_t begin, rows, keys;
};

SmallVector<QueryBlock> queryBlocks(const GroupedHeads &heads, bool causal) {
  SmallVector<QueryBlock> blocks;
  int64_t seq = heads.query.getDimSize(1), keys = heads.key.getDimSize(1);
  for (int64_t begin = 0; begin < seq; begin += kQueryBlock) {
    int64_t rows = std::min(kQueryBlock, seq - begin);
    blocks.push_back({begin, rows, causal ? begin + rows : keys});
  }
  return blocks;
}

/// Positions [begin, begin + size) of a tensor [batch, position, ...].
Value positions(OpBuilder &b, Location loc, Value tensor, int64_t begin,
                int64_t size) {
  RankedTensorType type = tensorType(tensor);
  SmallVector<int64_t> shape(type.getShape());
  if (shape[1] == size)
    return tensor;
  shape[1] = size;
  return WindowOp::create(b, loc,
                          RankedTensorType::get(shape, type.getElementType()),
                          tensor, 1, begin);
}

RankedTensorType scoresOf(const GroupedHeads &heads, const QueryBlock &block) {
  SmallVector<int64_t> shape(heads.scores.getShape());
  shape[3] = block.rows;
  shape[4] = block.keys;
  return RankedTensorType::get(shape, heads.scores.getElementType());
}

Value stack(OpBuilder &b, Location loc, RankedTensorType type,
            ArrayRef<Value> parts) {
  if (parts.size() == 1)
    return parts.front();
  return StackOp::create(b, loc, type, parts, 1);
}

Value probabilities(OpBuilder &b, Location loc, RankedTensorType scores,
                    Value query, Value key, FloatAttr scale, UnitAttr causal) {
  Value products =
      DotOp::create(b, loc, scores, "bsgrd,btgd->bgrst", query, key);
  return SoftmaxOp::create(b, loc, scores, products, scale, causal);
}

/// Dropout of one block's probabilities, or of their gradient: elements are
/// those of the whole matrix, whatever the blocks.
Value dropped(OpBuilder &b, Location loc, Value scores,
              const GroupedHeads &heads, const QueryBlock &block,
              DropoutAttr dropout, ValueRange counter) {
  return dropRows(b, loc, scores, dropout, counter,
                  heads.scores.getShape().drop_front(),
                  block.begin * heads.scores.getShape().back());
}

/// Gradients of a norm: in the input, and rows that add up to the scale's.
struct NormGrad {
  Value dinput, scaleRows;
};

NormGrad normGrad(OpBuilder &b, Location loc, Value input, Value scale,
                  Value grad, FloatAttr eps, bool rms) {
  RankedTensorType type = tensorType(input);
  UnitAttr isRms = rms ? b.getUnitAttr() : UnitAttr();
  auto stats = NormStatsOp::create(b, loc, rowsOf(type), rowsOf(type), input,
                                   eps, isRms);
  Value dinput = NormInputGradOp::create(b, loc, type, input, scale, grad,
                                         stats.getMean(), stats.getRstd(), rms);
  Type element = wideElement(type.getElementType());
  Value x = asElement(b, loc, input, element),
        g = asElement(b, loc, grad, element);
  Value normalized = NormalizeOp::create(b, loc, x.getType(), x,
                                         stats.getMean(), stats.getRstd());
  return {dinput, MulOp::create(b, loc, x.getType(), normalized, g)};
}

/// A single row, of rank 1, is its own sum.
Value columnSum(OpBuilder &b, Location loc, Value rows, RankedTensorType type) {
  if (tensorType(rows).getShape() == type.getShape())
    return asElement(b, loc, rows, type.getElementType());
  return SumOp::create(b, loc, type, rows, /*trailing=*/false,
                       /*squares=*/false);
}

} // namespace

SmallVector<Value> AttentionOp::decompose(OpBuilder &b) {
  Location loc = getLoc();
  GroupedHeads heads(tensorType(getQuery()), tensorType(getKey()));
  Value query = ReshapeOp::create(b, loc, heads.query, getQuery());
  SmallVector<Value> parts;
  for (const QueryBlock &block : queryBlocks(heads, getCausal())) {
    Value q = positions(b, loc, query, block.begin, block.rows);
    Value k = positions(b, loc, getKey(), 0, block.keys);
    Value v = positions(b, loc, getValue(), 0, block.keys);
    Value p = probabilities(b, loc, scoresOf(heads, block), q, k,
                            getScaleAttr(), getCausalAttr());
    p = dropped(b, loc, p, heads, block, getDropoutAttr(), getCounter());
    p = asElement(b, loc, p, heads.key.getElementType());
    parts.push_back(
        DotOp::create(b, loc, q.getType(), "bgrst,btgd->bsgrd", p, v));
  }
  return {ReshapeOp::create(b, loc, getResult().getType(),
                            stack(b, loc, heads.query, parts))};
}

/// From the last block, which sees all keys, to the first: each adds to the
/// gradients of the keys that it sees.
SmallVector<Value> AttentionGradOp::decompose(OpBuilder &b) {
  Location loc = getLoc();
  GroupedHeads heads(tensorType(getQuery()), tensorType(getKey()));
  Value query = ReshapeOp::create(b, loc, heads.query, getQuery());
  Value grad = ReshapeOp::create(b, loc, heads.query, getGrad());
  Value dkey, dvalue;
  Type element = heads.key.getElementType();
  auto sums = RankedTensorType::get(heads.key.getShape(), wideElement(element));
  auto add = [&](Value &sum, Value lhs, Value rhs) {
    constexpr const char *spec = "bgrst,bsgrd->btgd";
    sum = sum ? DotAddOp::create(b, loc, sums, sum, spec, lhs, rhs).getResult()
              : DotOp::create(b, loc, sums, spec, lhs, rhs).getResult();
  };
  SmallVector<Value> parts;
  SmallVector<QueryBlock> blocks = queryBlocks(heads, getCausal());
  for (const QueryBlock &block : llvm::reverse(blocks)) {
    Value q = positions(b, loc, query, block.begin, block.rows);
    Value g = positions(b, loc, grad, block.begin, block.rows);
    Value k = positions(b, loc, getKey(), 0, block.keys);
    Value v = positions(b, loc, getValue(), 0, block.keys);
    RankedTensorType scores = scoresOf(heads, block);
    Value p =
        probabilities(b, loc, scores, q, k, getScaleAttr(), getCausalAttr());
    auto drop = [&](Value x) {
      return dropped(b, loc, x, heads, block, getDropoutAttr(), getCounter());
    };
    add(dvalue, asElement(b, loc, drop(p), element), g);
    Value dp = DotOp::create(b, loc, scores, "bsgrd,btgd->bgrst", g, v);
    dp = drop(dp);
    Value ds = SoftmaxGradOp::create(b, loc, scores, p, dp, getScaleAttr());
    ds = asElement(b, loc, ds, element);
    parts.push_back(
        DotOp::create(b, loc, q.getType(), "bgrst,btgd->bsgrd", ds, k));
    add(dkey, ds, q);
  }
  std::reverse(parts.begin(), parts.end());
  Value dquery = ReshapeOp::create(b, loc, getDquery().getType(),
                                   stack(b, loc, heads.query, parts));
  return {dquery, asElement(b, loc, dkey, element),
          asElement(b, loc, dvalue, element)};
}

SmallVector<Value> LayerNormGradOp::decompose(OpBuilder &b) {
  Location loc = getLoc();
  auto [dinput, scaleRows] =
      normGrad(b, loc, getInput(), getScale(), getGrad(), getEpsAttr(), false);
  return {dinput, columnSum(b, loc, scaleRows, tensorType(getDscale())),
          columnSum(b, loc, getGrad(), tensorType(getDbias()))};
}

SmallVector<Value> RmsNormGradOp::decompose(OpBuilder &b) {
  Location loc = getLoc();
  auto [dinput, scaleRows] =
      normGrad(b, loc, getInput(), getScale(), getGrad(), getEpsAttr(), true);
  return {dinput, columnSum(b, loc, scaleRows, tensorType(getDscale()))};
}

SmallVector<Value> CrossEntropyOp::decompose(OpBuilder &b) {
  Value rows = CrossEntropyRowsOp::create(
      b, getLoc(), rowsOf(tensorType(getLogits())), getLogits(), getTargets(),
      getIgnoreAttr(), getClassesAttr());
  return {finishRows(b, rows)};
}

} // namespace ds
