//===- Gemm.cpp - A product as library calls ----------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every letter of the product is a dimension with one stride per tensor (0
// where it is absent).  Letters of one kind that lie evenly are merged; of
// what is left the largest free ones become rows and columns, the rest batch.
//===--------------------------------------------------------------------===//

#include "Gemm.h"

#include "ds/Cost/Products.h"

using namespace mlir;

namespace ds {
namespace {

/// One index of a product; strides in elements, in A, B and C.
struct Dim {
  int64_t size = 1, a = 0, b = 0, c = 0;
};

struct Dims {
  SmallVector<Dim> batch, rows, columns, summed;

  std::array<SmallVector<Dim> *, 4> all() {
    return {&batch, &rows, &columns, &summed};
  }
};

int64_t strideOf(StringRef dims, const Place &place, char letter) {
  size_t at = dims.find(letter);
  return at == StringRef::npos ? 0 : place.strides[at];
}

Dims classify(const Product &product, const Place &a, const Place &b,
              const Place &c) {
  const auto [lhs, rhs, out] = product.letters;
  Dims dims;
  auto add = [&](char letter, int64_t size) {
    if (size == 1)
      return;
    Dim dim{size, strideOf(lhs, a, letter), strideOf(rhs, b, letter),
            strideOf(out, c, letter)};
    bool inA = lhs.contains(letter), inB = rhs.contains(letter),
         inC = out.contains(letter);
    (!inC         ? dims.summed
     : inA && inB ? dims.batch
     : inA        ? dims.rows
                  : dims.columns)
        .push_back(dim);
  };
  for (char letter : out) {
    size_t at = lhs.find(letter);
    add(letter, at != StringRef::npos
                    ? product.lhs.getDimSize(at)
                    : product.rhs.getDimSize(rhs.find(letter)));
  }
  for (auto [letter, size] : llvm::zip(lhs, product.lhs.getShape()))
    if (!out.contains(letter))
      add(letter, size);
  return dims;
}

/// Merges neighbours of which the outer continues the inner in all tensors.
void merge(SmallVector<Dim> &dims) {
  // Outer before inner, by the tensors that have them.
  llvm::stable_sort(dims, [](const Dim &x, const Dim &y) {
    return std::max({x.a, x.b, x.c}) > std::max({y.a, y.b, y.c});
  });
  for (size_t i = 0; i + 1 < dims.size();) {
    Dim &outer = dims[i], &inner = dims[i + 1];
    if (outer.a == inner.a * inner.size && outer.b == inner.b * inner.size &&
        outer.c == inner.c * inner.size) {
      inner.size *= outer.size;
      dims.erase(dims.begin() + i);
      i = 0;
    } else {
      ++i;
    }
  }
}

/// Takes the largest dimension out of `dims`, or a dimension of size 1.
Dim takeLargest(SmallVector<Dim> &dims) {
  if (dims.empty())
    return {};
  auto it = llvm::max_element(
      dims, [](const Dim &x, const Dim &y) { return x.size < y.size; });
  Dim dim = *it;
  dims.erase(it);
  return dim;
}

/// Sets the leading dimension of an operand with the given row and column
/// strides; says whether it is transposed, or nothing without unit stride.
std::optional<bool> layout(int64_t rows, int64_t rowStride, int64_t columns,
                           int64_t columnStride, uint64_t &leading) {
  auto fits = [&](int64_t outer, int64_t outerSize, int64_t inner,
                  int64_t innerSize) {
    if (inner != 1 && innerSize != 1)
      return false;
    if (outerSize != 1 && outer < innerSize)
      return false;
    leading = static_cast<uint64_t>(outerSize == 1 ? std::max(innerSize, outer)
                                                   : outer);
    return true;
  };
  if (fits(rowStride, rows, columnStride, columns))
    return false;
  if (fits(columnStride, columns, rowStride, rows))
    return true;
  return std::nullopt;
}

/// Sizes, leading dimensions and transposes; false when an operand has no
/// unit stride.
bool setMatrices(plan::GemmT &gemm, const Dim &m, const Dim &n, const Dim &k) {
  gemm.m = m.size;
  gemm.n = n.size;
  gemm.k = k.size;
  auto transposeA = layout(m.size, m.a, k.size, k.a, gemm.lda);
  auto transposeB = layout(k.size, k.b, n.size, n.b, gemm.ldb);
  auto transposeC = layout(m.size, m.c, n.size, n.c, gemm.ldc);
  if (!transposeA || !transposeB || !transposeC || *transposeC)
    return false;
  gemm.transpose_a = *transposeA;
  gemm.transpose_b = *transposeB;
  return true;
}

plan::GemmThreading threading(const plan::GemmT &gemm) {
  double count = 1;
  for (const plan::BatchDim &dim : gemm.batch)
    count *= static_cast<double>(dim.size());
  double flops =
      2.0 * static_cast<double>(gemm.m * gemm.n) * static_cast<double>(gemm.k);
  // Small products are not worth a team each; several of them are.
  return count >= 2 && flops < 5e8 ? plan::GemmThreading::batch
                                   : plan::GemmThreading::library;
}

plan::Ref at(const Place &place, int64_t elements, Type element) {
  return plan::Ref(place.offset + elements * elementBytes(element),
                   static_cast<uint32_t>(place.buffer));
}

/// A call like `gemm`, without its operands.
plan::GemmT sameShape(const plan::GemmT &gemm) {
  plan::GemmT call;
  call.dtype = gemm.dtype;
  call.m = gemm.m;
  call.n = gemm.n;
  call.k = gemm.k;
  call.lda = gemm.lda;
  call.ldb = gemm.ldb;
  call.ldc = gemm.ldc;
  call.transpose_a = gemm.transpose_a;
  call.transpose_b = gemm.transpose_b;
  call.batch = gemm.batch;
  call.threading = gemm.threading;
  call.f32_result = gemm.f32_result;
  return call;
}

void setEpilogue(const ProductEpilogue &epilogue, plan::GemmT &gemm) {
  gemm.epilogue = epilogue.kind;
  if (epilogue.bias)
    gemm.bias = std::make_unique<plan::Ref>(epilogue.bias->ref());
  if (epilogue.preactivation) {
    gemm.preactivation =
        std::make_unique<plan::Ref>(epilogue.preactivation->ref());
    gemm.ld_preactivation = gemm.n;
  }
}

/// The offsets, in A and B, of every combination of outer summed indices.
SmallVector<std::pair<int64_t, int64_t>> offsetsOf(ArrayRef<Dim> outer) {
  SmallVector<std::pair<int64_t, int64_t>> offsets{{0, 0}};
  for (const Dim &dim : outer) {
    SmallVector<std::pair<int64_t, int64_t>> next;
    for (auto [a, b] : offsets)
      for (int64_t i = 0; i < dim.size; ++i)
        next.push_back({a + i * dim.a, b + i * dim.b});
    offsets = next;
  }
  return offsets;
}

} // namespace

std::vector<plan::GemmT> lowerProduct(const Product &product, const Place &a,
                                      const Place &b, const Place &c) {
  Dims dims = classify(product, a, b, c);
  for (SmallVector<Dim> *group : dims.all())
    merge(*group);
  Dim m = takeLargest(dims.rows), n = takeLargest(dims.columns),
      k = takeLargest(dims.summed);
  const Place *first = &a, *second = &b;
  // The library writes rows: a result with unit stride along its rows is
  // computed transposed, C^T = B^T A^T.
  const bool isTransposed = n.size > 1 && n.c != 1 && (m.c == 1 || m.size == 1);
  if (isTransposed) {
    std::swap(m, n);
    std::swap(first, second);
    for (SmallVector<Dim> *group : dims.all())
      for (Dim &dim : *group)
        std::swap(dim.a, dim.b);
    for (Dim *dim : {&m, &n, &k})
      std::swap(dim->a, dim->b);
  }
  plan::GemmT gemm;
  if (!setMatrices(gemm, m, n, k))
    return {};
  for (const SmallVector<Dim> *group : {&dims.batch, &dims.rows, &dims.columns})
    for (const Dim &dim : *group)
      gemm.batch.emplace_back(dim.size, dim.a, dim.b, dim.c);
  // A bias goes with the columns, and is added once.
  if (product.epilogue &&
      (isTransposed || !gemm.batch.empty() || !dims.summed.empty()))
    return {};
  gemm.threading = threading(gemm);
  Type element = product.lhs.getElementType();
  gemm.dtype = dtypeOf(element);
  gemm.f32_result = product.sum && product.sum != element;
  std::vector<plan::GemmT> calls;
  for (auto [offsetA, offsetB] : offsetsOf(dims.summed)) {
    plan::GemmT call = sameShape(gemm);
    call.a = std::make_unique<plan::Ref>(at(*first, offsetA, element));
    call.b = std::make_unique<plan::Ref>(at(*second, offsetB, element));
    call.c = std::make_unique<plan::Ref>(at(c, 0, element));
    call.beta = calls.empty() && !product.adds ? 0.0f : 1.0f;
    if (product.epilogue)
      setEpilogue(*product.epilogue, call);
    calls.push_back(std::move(call));
  }
  return calls;
}

void chooseLibraries(plan::ProgramT &program,
                     const std::vector<plan::ProductRate> &rates, int threads) {
  for (auto &block : program.blocks)
    for (auto &instr : block->instrs)
      if (plan::GemmT *gemm = instr->op.AsGemm(); !gemm)
        continue;
      else if (gemm->dtype == plan::DType::f32)
        gemm->library = pickLibrary(rates, *gemm, threads);
      else if (gemm->dtype == plan::DType::bf16)
        gemm->library = plan::GemmLibrary::onednn_matmul;
}

void shareWorkspace(plan::ProgramT &program, bool tf32) {
  // What NVIDIA recommends for Hopper; older GPUs need less.
  constexpr uint64_t kBytes = 32 << 20;
  const auto index = static_cast<uint32_t>(program.buffers.size());
  bool used = false;
  for (auto &block : program.blocks)
    for (auto &instr : block->instrs)
      if (plan::GemmT *gemm = instr->op.AsGemm()) {
        gemm->library = plan::GemmLibrary::cublaslt;
        gemm->tf32 = tf32 && gemm->dtype == plan::DType::f32;
        gemm->workspace = std::make_unique<plan::Ref>(0, index);
        gemm->workspace_bytes = kBytes;
        used = true;
      }
  if (!used)
    return;
  auto buffer = std::make_unique<plan::BufferT>();
  buffer->name = "products.scratch";
  buffer->bytes = kBytes;
  buffer->dtype = plan::DType::u8;
  buffer->shape = {kBytes};
  buffer->kind = plan::BufferClass::workspace;
  program.buffers.push_back(std::move(buffer));
}

} // namespace ds
