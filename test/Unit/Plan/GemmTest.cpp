//===- GemmTest.cpp - Products as library calls -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runs the calls of lowerDot() in plain loops, as the schema defines them, and
// compares with the sum that the product's letters say.
//===--------------------------------------------------------------------===//

#include "Gemm.h"
#include "Check.h"

#include <map>

using namespace ds;
using namespace mlir;
using Shape = llvm::SmallVector<int64_t, 5>;

namespace {

/// One operand: its shape and strides, and the elements in front of it.
struct Tensor {
  Shape shape, strides;
  int64_t offset = 0;
};

Tensor dense(const Shape &shape) { return {shape, rowMajor(shape), 0}; }

/// The element of `tensor` that the letters' values name.
int64_t address(const Tensor &tensor, llvm::StringRef letters,
                const std::map<char, int64_t> &at) {
  int64_t result = tensor.offset;
  for (size_t i = 0; i < letters.size(); ++i)
    result += at.at(letters[i]) * tensor.strides[i];
  return result;
}

struct Product {
  std::string spec;
  Tensor a, b, c;
};

constexpr int64_t kElements = 4096; // of each buffer

void einsum(const Product &p, DotOp dot,
            std::vector<std::vector<float>> &memory) {
  std::map<char, int64_t> sizes;
  const std::pair<llvm::StringRef, const Tensor *> all[] = {
      {dot.getLetters().lhs, &p.a},
      {dot.getLetters().rhs, &p.b},
      {dot.getLetters().result, &p.c}};
  for (auto [letters, tensor] : all)
    for (size_t i = 0; i < letters.size(); ++i)
      sizes[letters[i]] = tensor->shape[i];
  int64_t total = 1;
  for (auto [letter, size] : sizes)
    total *= size;
  std::map<int64_t, float> sums;
  for (int64_t index = 0; index < total; ++index) {
    std::map<char, int64_t> at;
    int64_t rest = index;
    for (auto [letter, size] : sizes) {
      at[letter] = rest % size;
      rest /= size;
    }
    sums[address(p.c, all[2].first, at)] +=
        memory[0][address(p.a, all[0].first, at)] *
        memory[1][address(p.b, all[1].first, at)];
  }
  for (auto [where, sum] : sums)
    memory[2][where] = sum;
}

/// One call at batch offsets (a, b, c), in elements.
void callOnce(const plan::GemmT &g, std::vector<std::vector<float>> &memory,
              int64_t a, int64_t b, int64_t c) {
  const auto &A = memory[g.a->buffer()], &B = memory[g.b->buffer()];
  auto &C = memory[g.c->buffer()];
  a += static_cast<int64_t>(g.a->offset() / 4);
  b += static_cast<int64_t>(g.b->offset() / 4);
  c += static_cast<int64_t>(g.c->offset() / 4);
  // What the library demands of leading dimensions.
  CHECK(g.lda >= (g.transpose_a ? g.m : g.k));
  CHECK(g.ldb >= (g.transpose_b ? g.k : g.n));
  CHECK(g.ldc >= g.n);
  for (uint64_t i = 0; i < g.m; ++i)
    for (uint64_t j = 0; j < g.n; ++j) {
      float sum = 0;
      for (uint64_t k = 0; k < g.k; ++k)
        sum += A[a + (g.transpose_a ? k * g.lda + i : i * g.lda + k)] *
               B[b + (g.transpose_b ? j * g.ldb + k : k * g.ldb + j)];
      float &out = C[c + i * g.ldc + j];
      out = sum + (g.beta == 0 ? 0 : out);
    }
}

void call(const plan::GemmT &g, std::vector<std::vector<float>> &memory,
          size_t dim = 0, int64_t a = 0, int64_t b = 0, int64_t c = 0) {
  if (dim == g.batch.size())
    return callOnce(g, memory, a, b, c);
  const plan::BatchDim &d = g.batch[dim];
  for (uint64_t i = 0; i < d.size(); ++i)
    call(g, memory, dim + 1, a + i * d.a_stride(), b + i * d.b_stride(),
         c + i * d.c_stride());
}

/// Small whole numbers: sums are exact in every order.
std::vector<std::vector<float>> makeMemory() {
  std::vector<std::vector<float>> memory(3, std::vector<float>(kElements));
  for (size_t t = 0; t < 3; ++t)
    for (int64_t i = 0; i < kElements; ++i)
      memory[t][i] =
          static_cast<float>((i * 7 + static_cast<int64_t>(t) * 3) % 11) - 5;
  return memory;
}

class Tester {
public:
  Tester() { context.loadDialect<DSDialect>(); }

  /// The calls of one product; empty when it cannot be lowered.
  std::vector<plan::GemmT> lower(const Product &p,
                                 std::vector<std::vector<float>> *expected) {
    OpBuilder builder(&context);
    Location loc = builder.getUnknownLoc();
    OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
    builder.setInsertionPointToStart(module->getBody());
    auto typeOf = [&](const Tensor &t) {
      return RankedTensorType::get(t.shape, builder.getF32Type());
    };
    auto x = ConstantOp::create(builder, loc, typeOf(p.a), 0.0);
    auto y = ConstantOp::create(builder, loc, typeOf(p.b), 0.0);
    auto dot = DotOp::create(builder, loc, typeOf(p.c), p.spec, x, y);
    if (!ds::test::check(succeeded(dot.verify()), p.spec.c_str(), __FILE__,
                         __LINE__))
      return {};
    if (expected)
      einsum(p, dot, *expected);
    return lowerProduct(
        {dot.getLetters(), tensorType(dot.getLhs()), tensorType(dot.getRhs())},
        placeOf(p.a, 0), placeOf(p.b, 1), placeOf(p.c, 2));
  }

  void run(const Product &p, size_t calls, int line) {
    auto expected = makeMemory(), memory = makeMemory();
    std::vector<plan::GemmT> gemms = lower(p, &expected);
    ds::test::check(gemms.size() == calls,
                    (p.spec + " in " + std::to_string(calls)).c_str(), __FILE__,
                    line, std::to_string(gemms.size()) + " calls");
    for (const plan::GemmT &gemm : gemms)
      call(gemm, memory);
    // The whole buffer: nothing else is touched.
    ds::test::check(memory == expected, p.spec.c_str(), __FILE__, line,
                    "another result");
  }

private:
  static Place placeOf(const Tensor &t, int buffer) {
    return {buffer, t.offset * 4, t.strides};
  }

  MLIRContext context;
};

Tester *tester;
void run(const Product &product, size_t calls, int line) {
  tester->run(product, calls, line);
}
#define RUN(calls, ...) run(Product{__VA_ARGS__}, calls, __LINE__)

void testDense() {
  RUN(1, "ik,kj->ij", dense({3, 5}), dense({5, 4}), dense({3, 4}));
  RUN(1, "ki,kj->ij", dense({5, 3}), dense({5, 4}), dense({3, 4}));
  RUN(1, "ik,jk->ij", dense({3, 5}), dense({4, 5}), dense({3, 4}));
  RUN(1, "ki,jk->ij", dense({5, 3}), dense({4, 5}), dense({3, 4}));
  // The result the other way round: the operands change places.
  RUN(1, "ik,kj->ji", dense({3, 5}), dense({5, 4}), dense({4, 3}));
  RUN(1, "ki,jk->ji", dense({5, 3}), dense({4, 5}), dense({4, 3}));
}

void testLayers() {
  RUN(1, "bsk,kn->bsn", dense({2, 3, 5}), dense({5, 4}), dense({2, 3, 4}));
  RUN(1, "bsn,kn->bsk", dense({2, 3, 4}), dense({5, 4}), dense({2, 3, 5}));
  RUN(1, "bsk,bsn->kn", dense({2, 3, 5}), dense({2, 3, 4}), dense({5, 4}));
  RUN(1, "bsk,bsn->nk", dense({2, 3, 5}), dense({2, 3, 4}), dense({4, 5}));
  // Batches that both operands have.
  RUN(1, "bik,bkj->bij", dense({2, 3, 5}), dense({2, 5, 4}), dense({2, 3, 4}));
}

/// Attention over grouped heads, on parts of one wide tensor as they lie.
void testHeads() {
  const Tensor wide = {{2, 3, 2, 2, 5}, {3 * 60, 60, 10, 5, 1}, 0};
  const Tensor key = {{2, 3, 2, 5}, {3 * 60, 60, 5, 1}, 20};
  RUN(1, "bsgrd,btgd->bgrst", wide, key, dense({2, 2, 2, 3, 3}));
  RUN(1, "bgrst,btgd->bsgrd", dense({2, 2, 2, 3, 3}), key,
      dense({2, 3, 2, 2, 5}));
  // Heads times rows do not lie evenly: one call for each head of a group.
  RUN(2, "bgrst,bsgrd->btgd", dense({2, 2, 2, 3, 3}), wide, key);
  // One head per group: even again.
  const Tensor single = {{2, 3, 2, 1, 5}, {3 * 60, 60, 5, 5, 1}, 0};
  RUN(1, "bgrst,bsgrd->btgd", dense({2, 2, 1, 3, 3}), single, key);
}

void testStrided() {
  const Tensor part = {{3, 5}, {12, 1}, 7};
  RUN(1, "ik,kj->ij", part, dense({5, 4}), dense({3, 4}));
  RUN(1, "ik,jk->ij", part, {{4, 5}, {9, 1}, 2}, {{3, 4}, {10, 1}, 100});
  // A result inside a transposed place.
  RUN(1, "ik,kj->ij", part, dense({5, 4}), {{3, 4}, {1, 6}, 3});
  // Rows of two dimensions that do not join: one of them is a batch.
  RUN(1, "bsk,kn->bsn", {{2, 3, 5}, {100, 12, 1}, 0}, dense({5, 4}),
      dense({2, 3, 4}));
  RUN(1, "bsk,kn->bsn", dense({2, 3, 5}), dense({5, 4}),
      {{2, 3, 4}, {100, 12, 1}, 5});
  // Summed dimensions that do not join: the calls add up.
  RUN(2, "bsk,bsn->kn", {{2, 3, 5}, {100, 12, 1}, 0}, dense({2, 3, 4}),
      dense({5, 4}));
}

void testOnes() {
  RUN(1, "ik,kj->ij", dense({1, 5}), dense({5, 4}), dense({1, 4}));
  RUN(1, "ik,kj->ij", dense({3, 1}), dense({1, 4}), dense({3, 4}));
  RUN(1, "ik,kj->ij", dense({3, 5}), dense({5, 1}), dense({3, 1}));
  RUN(1, "ik,kj->ij", dense({1, 1}), dense({1, 1}), dense({1, 1}));
  RUN(1, "ik,kj->ij", {{3, 1}, {7, 1}, 0}, dense({1, 4}), {{3, 4}, {1, 3}, 0});
  RUN(1, "k,k->", dense({5}), dense({5}), dense({}));
  RUN(1, "ik,k->i", dense({3, 5}), dense({5}), dense({3}));
  RUN(1, "i,j->ij", dense({3}), dense({4}), dense({3, 4}));
}

/// No order of the operands has unit stride: the caller reports.
void testRefused() {
  const Tensor sparse = {{3, 5}, {20, 2}, 0};
  CHECK(
      tester
          ->lower({"ik,kj->ij", sparse, dense({5, 4}), dense({3, 4})}, nullptr)
          .empty());
  CHECK(
      tester
          ->lower(
              {"ik,kj->ij", dense({3, 5}), dense({5, 4}), {{3, 4}, {20, 2}, 0}},
              nullptr)
          .empty());
}

/// Two numbers of 16 bits may add up to a float32.
void testTypes() {
  MLIRContext context;
  context.loadDialect<DSDialect>();
  Builder b(&context);
  auto matrix = RankedTensorType::get({4, 4}, b.getBF16Type());
  const Place x{0, 32, {4, 1}}, y{1, 0, {4, 1}}, z{2, 64, {4, 1}};
  const ProductSpec spec("mk,kn->mn");
  auto typed = [&](Type sum) {
    std::vector<plan::GemmT> calls =
        lowerProduct({spec, matrix, matrix, false, sum}, x, y, z);
    CHECK(calls.size() == 1 && calls[0].dtype == plan::DType::bf16);
    CHECK(calls[0].a->offset() == 32 && calls[0].c->offset() == 64);
    return calls[0].f32_result;
  };
  CHECK(!typed(b.getBF16Type()));
  CHECK(typed(b.getF32Type()));
}

/// An epilogue goes with one call that writes rows.
void testEpilogues() {
  MLIRContext context;
  context.loadDialect<DSDialect>();
  Builder b(&context);
  ProductEpilogue epilogue{plan::Epilogue::gelu, Place{3, 16, {1}},
                           Place{4, 0, {24, 8, 1}}};
  auto lower = [&](llvm::StringRef spec, const Tensor &x, const Tensor &w,
                   const Tensor &y) {
    auto typeOf = [&](const Tensor &t) {
      return RankedTensorType::get(t.shape, b.getBF16Type());
    };
    return lowerProduct({ProductSpec(spec), typeOf(x), typeOf(w), false,
                         b.getBF16Type(), &epilogue},
                        {0, 0, x.strides}, {1, 0, w.strides},
                        {2, 0, y.strides});
  };
  const Tensor x = dense({2, 3, 5}), w = dense({5, 8}), y = dense({2, 3, 8});
  std::vector<plan::GemmT> calls = lower("bsk,kn->bsn", x, w, y);
  CHECK(calls.size() == 1);
  const plan::GemmT &gemm = calls.front();
  CHECK(gemm.m == 6 && gemm.n == 8 && gemm.beta == 0 && gemm.batch.empty());
  CHECK(gemm.epilogue == plan::Epilogue::gelu);
  CHECK(gemm.bias->buffer() == 3 && gemm.bias->offset() == 16);
  CHECK(gemm.preactivation->buffer() == 4 && gemm.ld_preactivation == 8);
  // A wider place of the result is none of the argument's.
  calls = lower("bsk,kn->bsn", x, w, {{2, 3, 8}, {30, 10, 1}});
  CHECK(calls.size() == 1 && calls[0].ldc == 10 &&
        calls[0].ld_preactivation == 8);
  // Batches, results by columns, and sums in several calls.
  CHECK(lower("bsk,kn->bsn", {{2, 3, 5}, {100, 5, 1}}, w, y).empty());
  CHECK(lower("mk,kn->mn", dense({3, 5}), w, {{3, 8}, {1, 3}, 0}).empty());
  CHECK(lower("mjk,jkn->mn", {{3, 2, 5}, {20, 10, 1}}, dense({2, 5, 8}),
              dense({3, 8}))
            .empty());
}

} // namespace

int main() {
  Tester here;
  tester = &here;
  testDense();
  testLayers();
  testHeads();
  testStrided();
  testOnes();
  testRefused();
  testTypes();
  testEpilogues();
  return ds::test::finish("plan gemm");
}
