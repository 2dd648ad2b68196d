//===- DSEvalLayers.cpp - What layers and optimizers compute ------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The mathematical definition of each layer, row by row, in float64.  Nothing
// here follows `decompose`, so that the two can be compared.
//===--------------------------------------------------------------------===//

#include "DSDropout.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace ds;

namespace {
using Operands = ArrayRef<const HostTensor *>;
using Results = MutableArrayRef<HostTensor>;
using Row = ArrayRef<double>;
using MutableRow = MutableArrayRef<double>;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// Row i of a tensor cut into rows of its last dimension.
Row rowOf(const HostTensor &tensor, int64_t i) {
  int64_t width = tensor.shape.back();
  return Row(tensor.data).slice(i * width, width);
}
MutableRow rowOf(HostTensor &tensor, int64_t i) {
  int64_t width = tensor.shape.back();
  return MutableRow(tensor.data).slice(i * width, width);
}
int64_t numRows(const HostTensor &tensor) {
  return HostTensor::count(ArrayRef(tensor.shape).drop_back());
}

double dot(Row a, Row b) {
  double sum = 0.0;
  for (auto [x, y] : llvm::zip_equal(a, b))
    sum += x * y;
  return sum;
}
double mean(Row row) {
  double sum = 0.0;
  for (double x : row)
    sum += x;
  return sum / row.size();
}
void addScaled(MutableRow into, double factor, Row row) {
  for (auto [x, y] : llvm::zip_equal(into, row))
    x += factor * y;
}

/// The integer that a tensor of ids holds at i, or -1 outside [0, bound).
int64_t idAt(const HostTensor &ids, int64_t i, int64_t bound) {
  double id = ids.data[i];
  return id >= 0 && id < bound ? static_cast<int64_t>(id) : -1;
}

/// Mean and 1/sqrt(variance + eps) of a row, or 0 and 1/sqrt(mean(x^2) + eps).
struct Stats {
  double mean, rstd;
};
Stats statsOf(Row row, double eps, bool rms) {
  double center = rms ? 0.0 : mean(row), squares = 0.0;
  for (double x : row)
    squares += (x - center) * (x - center);
  return {center, 1.0 / std::sqrt(squares / row.size() + eps)};
}

/// The softmax of scale * row over its first `visible` elements, 0 elsewhere.
std::vector<double> softmaxOf(Row row, double scale, int64_t visible) {
  std::vector<double> result(row.size(), 0.0);
  double largest = -std::numeric_limits<double>::infinity(), sum = 0.0;
  for (int64_t t = 0; t < visible; ++t)
    largest = std::max(largest, scale * row[t]);
  for (int64_t t = 0; t < visible; ++t)
    sum += result[t] = std::exp(scale * row[t] - largest);
  for (int64_t t = 0; t < visible; ++t) // a NaN stays among what is seen
    result[t] /= sum;
  return result;
}

double logSumExp(Row row) {
  double largest = *std::max_element(row.begin(), row.end()), sum = 0.0;
  for (double x : row)
    sum += std::exp(x - largest);
  return largest + std::log(sum);
}

/// The gradient of one normalized row in its input, from the definition:
/// with h = (x - mean) * rstd, dy_j/dx_i = scale_j rstd ([i = j] - 1/n - h_i
/// h_j / n), without the 1/n when the mean is not subtracted.
void addNormInputGrad(Row x, Row scale, Row grad, Stats stats, bool rms,
                      MutableRow result) {
  double n = x.size(), sumG = 0.0, sumGH = 0.0;
  for (size_t j = 0; j < x.size(); ++j) {
    double g = grad[j] * scale[j], h = (x[j] - stats.mean) * stats.rstd;
    sumG += g;
    sumGH += g * h;
  }
  for (size_t i = 0; i < x.size(); ++i) {
    double h = (x[i] - stats.mean) * stats.rstd;
    double centered = grad[i] * scale[i] - (rms ? 0.0 : sumG / n);
    result[i] += stats.rstd * (centered - h * sumGH / n);
  }
}

/// Gradients of a norm in input, scale and, unless `rms`, bias.
void normGrad(Operands operands, Results results, double eps, bool rms) {
  const HostTensor &input = *operands[0], &grad = *operands[2];
  for (int64_t i = 0, e = numRows(input); i < e; ++i) {
    Row x = rowOf(input, i), g = rowOf(grad, i);
    Stats stats = statsOf(x, eps, rms);
    addNormInputGrad(x, operands[1]->data, g, stats, rms, rowOf(results[0], i));
    for (size_t j = 0; j < x.size(); ++j)
      results[1].data[j] += g[j] * (x[j] - stats.mean) * stats.rstd;
    if (!rms)
      addScaled(results[2].data, 1.0, g);
  }
}

/// One row of attention: where it reads and writes, and how far it sees.
struct AttentionRow {
  int64_t query, sample, first; ///< `first`: of its elements in the sample.
  std::vector<int64_t> keys;
};

/// Calls `visit` for each query row of [batch, seq, heads, d] with the rows of
/// `key` that it may see.
template <typename Visit>
void forEachQuery(const HostTensor &query, const HostTensor &key, bool causal,
                  Visit visit) {
  int64_t seq = query.shape[1], heads = query.shape[2];
  int64_t keySeq = key.shape[1], keyHeads = key.shape[2];
  for (int64_t i = 0, e = numRows(query); i < e; ++i) {
    int64_t head = i % heads, s = i / heads % seq, batch = i / heads / seq;
    AttentionRow row{i, batch, (head * seq + s) * keySeq, {}};
    for (int64_t t = 0; t < (causal ? s + 1 : keySeq); ++t)
      row.keys.push_back((batch * keySeq + t) * keyHeads +
                         head / (heads / keyHeads));
    visit(row);
  }
}

/// The attention weights of one query row.
std::vector<double> weightsOf(const AttentionRow &row, const HostTensor &query,
                              const HostTensor &key, double scale) {
  std::vector<double> scores;
  for (int64_t k : row.keys)
    scores.push_back(dot(rowOf(query, row.query), rowOf(key, k)));
  return softmaxOf(scores, scale, scores.size());
}
} // namespace

//===--------------------------------------------------------------------===//
// Embeddings
//===--------------------------------------------------------------------===//

void EmbeddingOp::evaluate(Operands operands, Results results) {
  for (int64_t i = 0, e = operands[1]->size(); i < e; ++i) {
    int64_t id = idAt(*operands[1], i, operands[0]->shape[0]);
    MutableRow row = rowOf(results[0], i);
    if (id < 0)
      llvm::fill(row, kNaN);
    else
      llvm::copy(rowOf(*operands[0], id), row.begin());
  }
}

void EmbeddingGradOp::evaluate(Operands operands, Results results) {
  results[0].data = operands[0]->data;
  for (int64_t i = 0, e = operands[1]->size(); i < e; ++i) {
    int64_t id = idAt(*operands[1], i, results[0].shape[0]);
    if (id >= 0)
      addScaled(rowOf(results[0], id), 1.0, rowOf(*operands[2], i));
  }
}

//===--------------------------------------------------------------------===//
// Norms
//===--------------------------------------------------------------------===//

void LayerNormOp::evaluate(Operands operands, Results results) {
  for (int64_t i = 0, e = numRows(*operands[0]); i < e; ++i) {
    Row x = rowOf(*operands[0], i);
    Stats stats = statsOf(x, getEps().convertToDouble(), /*rms=*/false);
    for (size_t j = 0; j < x.size(); ++j)
      rowOf(results[0], i)[j] =
          (x[j] - stats.mean) * stats.rstd * operands[1]->data[j] +
          operands[2]->data[j];
  }
}

void LayerNormGradOp::evaluate(Operands operands, Results results) {
  normGrad(operands, results, getEps().convertToDouble(), /*rms=*/false);
}

void RmsNormOp::evaluate(Operands operands, Results results) {
  for (int64_t i = 0, e = numRows(*operands[0]); i < e; ++i) {
    Row x = rowOf(*operands[0], i);
    Stats stats = statsOf(x, getEps().convertToDouble(), /*rms=*/true);
    for (size_t j = 0; j < x.size(); ++j)
      rowOf(results[0], i)[j] = x[j] * stats.rstd * operands[1]->data[j];
  }
}

void RmsNormGradOp::evaluate(Operands operands, Results results) {
  normGrad(operands, results, getEps().convertToDouble(), /*rms=*/true);
}

void NormStatsOp::evaluate(Operands operands, Results results) {
  for (int64_t i = 0, e = numRows(*operands[0]); i < e; ++i) {
    Stats stats =
        statsOf(rowOf(*operands[0], i), getEps().convertToDouble(), getRms());
    results[0].data[i] = stats.mean;
    results[1].data[i] = stats.rstd;
  }
}

void NormInputGradOp::evaluate(Operands operands, Results results) {
  for (int64_t i = 0, e = numRows(*operands[0]); i < e; ++i)
    addNormInputGrad(rowOf(*operands[0], i), operands[1]->data,
                     rowOf(*operands[2], i),
                     {operands[3]->data[i], operands[4]->data[i]}, getRms(),
                     rowOf(results[0], i));
}

void NormalizeOp::evaluate(Operands operands, Results results) {
  for (int64_t i = 0, e = results[0].size(); i < e; ++i) {
    int64_t row = i / results[0].shape.back();
    results[0].data[i] = (operands[0]->data[i] - operands[1]->data[row]) *
                         operands[2]->data[row];
  }
}

//===--------------------------------------------------------------------===//
// Rotary positions
//===--------------------------------------------------------------------===//

void RotaryOp::evaluate(Operands operands, Results results) {
  int64_t seq = operands[0]->shape[1], heads = operands[0]->shape[2];
  for (int64_t i = 0, e = numRows(*operands[0]); i < e; ++i) {
    Row x = rowOf(*operands[0], i);
    MutableRow y = rowOf(results[0], i);
    int64_t position = i / heads % seq, half = x.size() / 2;
    for (int64_t j = 0; j < half; ++j) {
      double c = rowOf(*operands[1], position)[j];
      double s = rowOf(*operands[2], position)[j];
      if (getInverse())
        s = -s;
      y[j] = x[j] * c - x[j + half] * s;
      y[j + half] = x[j + half] * c + x[j] * s;
    }
  }
}

void RotaryTableOp::evaluate(Operands, Results results) {
  llvm::copy(getValues(), results[0].data.begin());
}

//===--------------------------------------------------------------------===//
// Attention
//===--------------------------------------------------------------------===//

void AttentionOp::evaluate(Operands operands, Results results) {
  const HostTensor &query = *operands[0], &key = *operands[1];
  double scale = getScale().convertToDouble();
  DropoutMask mask(getDropoutAttr(), operands.drop_front(3), query.shape[0]);
  forEachQuery(query, key, getCausal(), [&](const AttentionRow &row) {
    std::vector<double> weights = weightsOf(row, query, key, scale);
    for (auto [t, k] : llvm::enumerate(row.keys))
      addScaled(rowOf(results[0], row.query),
                weights[t] * mask.factor(row.sample, row.first + t),
                rowOf(*operands[2], k));
  });
}

void AttentionGradOp::evaluate(Operands operands, Results results) {
  const HostTensor &query = *operands[0], &key = *operands[1];
  const HostTensor &value = *operands[2], &grad = *operands[3];
  double scale = getScale().convertToDouble();
  DropoutMask mask(getDropoutAttr(), operands.drop_front(4), query.shape[0]);
  forEachQuery(query, key, getCausal(), [&](const AttentionRow &row) {
    std::vector<double> weights = weightsOf(row, query, key, scale);
    std::vector<double> dweights;
    Row dresult = rowOf(grad, row.query);
    for (auto [t, k] : llvm::enumerate(row.keys)) {
      double factor = mask.factor(row.sample, row.first + t);
      addScaled(rowOf(results[2], k), factor * weights[t], dresult);
      dweights.push_back(factor * dot(dresult, rowOf(value, k)));
    }
    double expected = dot(weights, dweights);
    for (auto [weight, dweight, k] :
         llvm::zip_equal(weights, dweights, row.keys)) {
      double dscore = scale * weight * (dweight - expected);
      addScaled(rowOf(results[0], row.query), dscore, rowOf(key, k));
      addScaled(rowOf(results[1], k), dscore, rowOf(query, row.query));
    }
  });
}

void FlashAttentionOp::evaluate(Operands operands, Results results) {
  const HostTensor &query = *operands[0], &key = *operands[1];
  const double scale = getScale().convertToDouble();
  forEachQuery(query, key, getCausal(), [&](const AttentionRow &row) {
    std::vector<double> scores;
    for (int64_t k : row.keys)
      scores.push_back(scale * dot(rowOf(query, row.query), rowOf(key, k)));
    std::vector<double> weights = softmaxOf(scores, 1.0, scores.size());
    for (auto [weight, k] : llvm::zip_equal(weights, row.keys))
      addScaled(rowOf(results[0], row.query), weight, rowOf(*operands[2], k));
    results[1].data[row.query] = logSumExp(scores);
  });
}

void FlashAttentionGradOp::evaluate(Operands operands, Results results) {
  const HostTensor &query = *operands[0], &key = *operands[1];
  const HostTensor &value = *operands[2], &grad = *operands[3];
  const double scale = getScale().convertToDouble();
  forEachQuery(query, key, getCausal(), [&](const AttentionRow &row) {
    const double logSum = operands[4]->data[row.query];
    const double delta = operands[5]->data[row.query];
    Row q = rowOf(query, row.query), g = rowOf(grad, row.query);
    for (int64_t k : row.keys) {
      const double weight = std::exp(scale * dot(q, rowOf(key, k)) - logSum);
      const double dscore = scale * weight * (dot(g, rowOf(value, k)) - delta);
      addScaled(rowOf(results[0], row.query), dscore, rowOf(key, k));
      addScaled(rowOf(results[1], k), dscore, q);
      addScaled(rowOf(results[2], k), weight, g);
    }
  });
}

void SoftmaxOp::evaluate(Operands operands, Results results) {
  int64_t width = operands[0]->shape.back();
  for (int64_t i = 0, e = numRows(*operands[0]); i < e; ++i) {
    int64_t visible = width;
    if (getCausal()) {
      int64_t rows = operands[0]->shape[operands[0]->rank() - 2];
      visible = i % rows + 1 + width - rows;
    }
    llvm::copy(softmaxOf(rowOf(*operands[0], i), getScale().convertToDouble(),
                         visible),
               rowOf(results[0], i).begin());
  }
}

void SoftmaxGradOp::evaluate(Operands operands, Results results) {
  double scale = getScale().convertToDouble();
  for (int64_t i = 0, e = numRows(*operands[0]); i < e; ++i) {
    Row p = rowOf(*operands[0], i), g = rowOf(*operands[1], i);
    double expected = dot(p, g);
    for (size_t j = 0; j < p.size(); ++j)
      rowOf(results[0], i)[j] = scale * p[j] * (g[j] - expected);
  }
}

//===--------------------------------------------------------------------===//
// Cross entropy
//===--------------------------------------------------------------------===//

/// Whether the target of row i is the one that does not count.
static bool isIgnored(const HostTensor &targets, int64_t i,
                      std::optional<uint64_t> ignore) {
  return ignore &&
         targets.data[i] == static_cast<double>(static_cast<int64_t>(*ignore));
}

/// Row i of the logits, without columns that are padding.
static Row classesOf(Operands operands, int64_t i,
                     std::optional<uint64_t> classes) {
  Row row = rowOf(*operands[0], i);
  return row.take_front(classes.value_or(row.size()));
}

static double lossOf(Operands operands, int64_t i,
                     std::optional<uint64_t> ignore,
                     std::optional<uint64_t> classes) {
  if (isIgnored(*operands[1], i, ignore))
    return 0;
  Row logits = classesOf(operands, i, classes);
  int64_t target = idAt(*operands[1], i, logits.size());
  return target < 0 ? kNaN : logSumExp(logits) - logits[target];
}

void CrossEntropyRowsOp::evaluate(Operands operands, Results results) {
  for (int64_t i = 0, e = numRows(*operands[0]); i < e; ++i)
    results[0].data[i] = lossOf(operands, i, getIgnore(), getClasses());
}

void CrossEntropyOp::evaluate(Operands operands, Results results) {
  int64_t rows = numRows(*operands[0]);
  for (int64_t i = 0; i < rows; ++i)
    results[0].data[0] += lossOf(operands, i, getIgnore(), getClasses()) / rows;
}

void CrossEntropyGradOp::evaluate(Operands operands, Results results) {
  double rows = static_cast<double>(getAllRows());
  for (int64_t i = 0, e = numRows(*operands[0]); i < e; ++i) {
    Row logits = classesOf(operands, i, getClasses());
    if (isIgnored(*operands[1], i, getIgnore()))
      continue;
    int64_t target = idAt(*operands[1], i, logits.size());
    double lse = logSumExp(logits), factor = operands[2]->data[0] / rows;
    for (int64_t j = 0; j < static_cast<int64_t>(logits.size()); ++j)
      rowOf(results[0], i)[j] =
          (std::exp(logits[j] - lse) - (j == target)) * factor;
  }
}
