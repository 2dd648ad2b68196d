//===- DSEvalMath.cpp - What state, views and products compute ----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The definitions of the ops that only move or combine elements: one plain
// loop each, float64 throughout.  Tensors are dense and row-major, so a tensor
// that is broadcast over leading dimensions is read at `i % its size`, and one
// that is broadcast over trailing dimensions at `i / elements per entry`.
//===--------------------------------------------------------------------===//

#include "DSIntegers.h"
#include "DSProducts.h"

#include <cmath>

using namespace mlir;
using namespace ds;

namespace {
using Operands = ArrayRef<const HostTensor *>;
using Results = MutableArrayRef<HostTensor>;

/// Copies elements [from, from + count) of `source` to `target` at `to`.
void copyRange(const HostTensor &source, int64_t from, int64_t count,
               HostTensor &target, int64_t to) {
  std::copy_n(source.data.begin() + from, count, target.data.begin() + to);
}

/// Elements of the last dimension.
int64_t lastDim(const HostTensor &tensor) {
  return tensor.shape.empty() ? 1 : tensor.shape.back();
}

/// One index of a product and how far each tensor moves with it.
struct Letter {
  char name;
  int64_t extent = 0, lhs = 0, rhs = 0, result = 0;
};

/// Adds lhs * rhs to result over all values of all letters.
void addProducts(ArrayRef<Letter> letters, const double *lhs, const double *rhs,
                 double *result) {
  if (letters.empty()) {
    *result += *lhs * *rhs;
    return;
  }
  Letter letter = letters.front();
  for (int64_t i = 0; i < letter.extent; ++i)
    addProducts(letters.drop_front(), lhs + i * letter.lhs,
                rhs + i * letter.rhs, result + i * letter.result);
}

/// Enters the strides of one tensor, whose dimensions are `dims`.
void addStrides(SmallVectorImpl<Letter> &letters, StringRef dims,
                const HostTensor &tensor, int64_t Letter::*stride) {
  int64_t step = 1;
  for (int64_t d = tensor.rank() - 1; d >= 0; --d) {
    auto *letter =
        llvm::find_if(letters, [&](Letter &l) { return l.name == dims[d]; });
    if (letter == letters.end())
      letter = letters.insert(letters.end(), Letter{dims[d]});
    letter->extent = tensor.shape[d];
    letter->*stride += step;
    step *= tensor.shape[d];
  }
}

/// The sum of one operand over all ranks.
HostTensor sumOverRanks(Operands operands) {
  HostTensor sum = *operands[0];
  for (const HostTensor *operand : operands.drop_front())
    for (int64_t i = 0, e = sum.size(); i < e; ++i)
      sum.data[i] += operand->data[i];
  return sum;
}
} // namespace

//===--------------------------------------------------------------------===//
// State
//===--------------------------------------------------------------------===//

void UnflattenOp::evaluate(Operands operands, Results results) {
  for (auto [offset, tensor] : llvm::zip_equal(getOffsets(), results))
    copyRange(*operands[0], offset, tensor.size(), tensor, 0);
}

void FlattenOp::evaluate(Operands operands, Results results) {
  for (auto [offset, tensor] : llvm::zip_equal(getOffsets(), operands))
    copyRange(*tensor, 0, tensor->size(), results[0], offset);
}

void BarrierOp::evaluate(Operands operands, Results results) {
  results[0].data = operands[0]->data;
}

void StopGradientOp::evaluate(Operands operands, Results results) {
  results[0].data = operands[0]->data;
}

void IndexOp::evaluate(Operands operands, Results results) {
  results[0].data = operands[0]->data;
}

void MicroBatchOp::evaluate(Operands operands, Results results) {
  int64_t index = static_cast<int64_t>(operands[1]->data[0]);
  copyRange(*operands[0], index * results[0].size(), results[0].size(),
            results[0], 0);
}

//===--------------------------------------------------------------------===//
// Views
//===--------------------------------------------------------------------===//

void ReshapeOp::evaluate(Operands operands, Results results) {
  results[0].data = operands[0]->data;
}

void SplitOp::evaluate(Operands operands, Results results) {
  int64_t width = lastDim(*operands[0]), from = 0;
  for (HostTensor &part : results) {
    int64_t partWidth = lastDim(part);
    for (int64_t row = 0; row * width < operands[0]->size(); ++row)
      copyRange(*operands[0], row * width + from, partWidth, part,
                row * partWidth);
    from += partWidth;
  }
}

/// Copies `part` to, or from a constant `whole` from, [at, at + its size) of
/// dimension `dim` of `whole`.
template <typename Whole, typename Part>
static void moveRange(Whole &whole, Part &part, int64_t dim, int64_t at) {
  int64_t inner = 1, outer = 1;
  for (int64_t d = 0; d < whole.rank(); ++d)
    (d < dim ? outer : inner) *= d == dim ? 1 : whole.shape[d];
  int64_t run = part.shape[dim] * inner;
  for (int64_t i = 0; i < outer; ++i) {
    int64_t begin = (i * whole.shape[dim] + at) * inner;
    if constexpr (std::is_const_v<Whole>)
      copyRange(whole, begin, run, part, i * run);
    else
      copyRange(part, i * run, run, whole, begin);
  }
}

void WindowOp::evaluate(Operands operands, Results results) {
  moveRange(*operands[0], results[0], getDim(), getAt());
}

void StackOp::evaluate(Operands operands, Results results) {
  int64_t at = 0;
  for (const HostTensor *part : operands) {
    moveRange(results[0], *part, getDim(), at);
    at += part->shape[getDim()];
  }
}

void ConcatOp::evaluate(Operands operands, Results results) {
  int64_t width = lastDim(results[0]), to = 0;
  for (const HostTensor *part : operands) {
    int64_t partWidth = lastDim(*part);
    for (int64_t row = 0; row * width < results[0].size(); ++row)
      copyRange(*part, row * partWidth, partWidth, results[0],
                row * width + to);
    to += partWidth;
  }
}

void TakeOp::evaluate(Operands operands, Results results) {
  copyRange(*operands[0], 0, results[0].size(), results[0], 0);
}

//===--------------------------------------------------------------------===//
// Arithmetic
//===--------------------------------------------------------------------===//

void ds::addProduct(ProductSpec spec, const HostTensor &lhs,
                    const HostTensor &rhs, HostTensor &result) {
  SmallVector<Letter> letters;
  addStrides(letters, spec.result, result, &Letter::result);
  // The operands say how far each letter goes.
  addStrides(letters, spec.lhs, lhs, &Letter::lhs);
  addStrides(letters, spec.rhs, rhs, &Letter::rhs);
  addProducts(letters, lhs.data.data(), rhs.data.data(), result.data.data());
}

void DotOp::evaluate(Operands operands, Results results) {
  addProduct(getLetters(), *operands[0], *operands[1], results[0]);
}

void DotAddOp::evaluate(Operands operands, Results results) {
  results[0].data = operands[0]->data;
  addProduct(getLetters(), *operands[1], *operands[2], results[0]);
}

void SumOp::evaluate(Operands operands, Results results) {
  HostTensor &sum = results[0];
  int64_t entry = operands[0]->size() / std::max<int64_t>(sum.size(), 1);
  for (auto [i, x] : llvm::enumerate(operands[0]->data)) {
    int64_t to = getTrailing() ? i / entry : i % sum.size();
    sum.data[to] += getSquares() ? x * x : x;
  }
}

/// Of what is behind the first element of a row; false for the kind's own
/// comparison with NaN, which stays.
static bool isBetter(StringRef kind, double x, double best) {
  return !std::isnan(best) &&
         (std::isnan(x) || (kind == "max" ? x > best : x < best));
}

void ReduceOp::evaluate(Operands operands, Results results) {
  Type type = getElementTypeOrSelf(getResult());
  const bool isUnsigned = getIsUnsigned();
  auto fold = [&](double a, double b) {
    StringRef kind = getKind();
    if (kind == "mul")
      return isa<FloatType>(type) ? a * b : toInteger(type, bits(a) * bits(b));
    if (kind == "and")
      return toInteger(type, bits(a) & bits(b));
    if (kind == "or")
      return toInteger(type, bits(a) | bits(b));
    return isBetter(kind, ordered(type, isUnsigned, b),
                    ordered(type, isUnsigned, a))
               ? b
               : a;
  };
  const int64_t entry =
      results[0].size() ? operands[0]->size() / results[0].size() : 0;
  for (int64_t row = 0; row < results[0].size(); ++row) {
    double value = neutralElement(getKind(), type, isUnsigned);
    for (int64_t i = 0; i < entry; ++i)
      value = fold(value, operands[0]->data[row * entry + i]);
    results[0].data[row] = value;
  }
}

/// grad times how the fold of `row` moves with its element `at`.
static double shareOf(StringRef kind, ArrayRef<double> row, size_t at,
                      double grad) {
  if (kind == "mul") {
    double product = grad;
    for (double x : row)
      product *= x != 0 ? x : 1;
    const auto zeros = llvm::count(row, 0.0);
    if (row[at] == 0)
      return zeros == 1 ? product : 0;
    return zeros == 0 ? product / row[at] : 0;
  }
  double best = row[0];
  for (double x : row)
    best = isBetter(kind, x, best) ? x : best;
  auto isIt = [&](double x) { return x == best || std::isnan(x); };
  return isIt(row[at]) ? grad / static_cast<double>(llvm::count_if(row, isIt))
                       : 0;
}

void ReduceGradOp::evaluate(Operands operands, Results results) {
  const std::vector<double> &x = operands[0]->data, &grad = operands[1]->data;
  const size_t entry = x.size() / std::max<size_t>(grad.size(), 1);
  for (size_t i = 0; i < x.size(); ++i) {
    size_t row = i / entry;
    results[0].data[i] = shareOf(
        getKind(), ArrayRef(x).slice(row * entry, entry), i % entry, grad[row]);
  }
}

void ArgReduceOp::evaluate(Operands operands, Results results) {
  Type type = getElementTypeOrSelf(getInput());
  const int64_t entry = lastDim(*operands[0]);
  auto at = [&](int64_t i) {
    return ordered(type, getIsUnsigned(), operands[0]->data[i]);
  };
  for (int64_t row = 0; row < results[0].size(); ++row) {
    int64_t best = 0;
    for (int64_t i = 1; i < entry; ++i)
      if (isBetter(getKind(), at(row * entry + i), at(row * entry + best)))
        best = i;
    results[0].data[row] = static_cast<double>(best);
  }
}

//===--------------------------------------------------------------------===//
// Collectives: operand and result of every rank
//===--------------------------------------------------------------------===//

void AllGatherOp::evaluateRanks(Operands operands, Results results) {
  for (HostTensor &result : results)
    for (auto [rank, shard] : llvm::enumerate(operands))
      copyRange(*shard, 0, shard->size(), result, rank * shard->size());
}

void ReduceScatterOp::evaluateRanks(Operands operands, Results results) {
  HostTensor sum = sumOverRanks(operands);
  for (auto [rank, shard] : llvm::enumerate(results))
    copyRange(sum, rank * shard.size(), shard.size(), shard, 0);
}

void AllReduceOp::evaluateRanks(Operands operands, Results results) {
  HostTensor sum = sumOverRanks(operands);
  for (HostTensor &result : results)
    result.data = sum.data;
}

void LocalShardOp::evaluateRanks(Operands operands, Results results) {
  for (auto [rank, shard] : llvm::enumerate(results))
    copyRange(*operands[rank], rank * shard.size(), shard.size(), shard, 0);
}
