//===- GpuProducts.cpp - How fast cuBLASLt multiplies matrices ----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// By the library's first choice, as plans have it that nobody tuned.
//===--------------------------------------------------------------------===//
#include "profile/GpuParts.h"

#include <algorithm>
#include <cmath>
#include <memory>

namespace ds::rt {
namespace {

using plan::DType;
using plan::ProductRate;

/// What operands are, and how many operations are run to time one product.
struct Type {
  DType dtype;
  bool tf32;
  double flops;
};
constexpr Type kTypes[] = {{DType::bf16, false, 1e12},
                           {DType::f32, true, 5e11},
                           {DType::f32, false, 1e11}};

/// A layer: `rows` tokens of `in` numbers become `out` numbers each.
struct Layer {
  int64_t rows, in, out;
};

// Attention's and the feed-forward layer's of GPT-2 124M, at a large and at a
// small micro-batch, of GPT-2 1.5B and of a Llama of 8 billion; and a tied
// vocabulary, with columns that ds-pad-classes has added and, for what it
// leaves alone, without: rows then begin at any address.
constexpr Layer kLayers[] = {
    {16384, 768, 2304},  {16384, 768, 768},  {16384, 768, 3072},
    {16384, 3072, 768},  {2048, 768, 2304},  {2048, 768, 3072},
    {2048, 3072, 768},   {8192, 1600, 4800}, {8192, 1600, 6400},
    {8192, 6400, 1600},  {4096, 4096, 4096}, {4096, 4096, 14336},
    {4096, 14336, 4096}, {4096, 50304, 768}, {4096, 50257, 768}};

struct Shape {
  int64_t m, n, k, batch;
  bool transposeA, transposeB;

  double flops() const { return 2.0 * m * n * k * batch; }
  uint64_t most() const { // elements of the largest operand
    return uint64_t(batch * std::max({m * k, k * n, m * n}));
  }
};

/// What a step computes of each layer: its result, and the gradients of its
/// input and of its weights; and what attention is without a kernel of its own,
/// of 8 samples with 12 heads: scores, values, the gradient of these.
std::vector<Shape> shapes() {
  std::vector<Shape> list;
  for (auto [rows, in, out] : kLayers) {
    list.push_back({rows, out, in, 1, false, false});
    list.push_back({rows, in, out, 1, false, true});
    list.push_back({in, out, rows, 1, true, false});
  }
  list.push_back({1024, 1024, 64, 96, false, true});
  list.push_back({1024, 64, 1024, 96, false, false});
  list.push_back({1024, 64, 1024, 96, true, false});
  return list;
}

/// The trials of products that share operands.
class ProductTrials {
public:
  ProductTrials(const cuda::Device &device, const GpuBlocks &blocks,
                cuda::Products &products, GpuProfile &gpu,
                std::vector<GpuTrial> &trials)
      : device_(device), blocks_(blocks), products_(products), gpu_(gpu),
        trials_(trials) {}

  Status addPeaks();
  /// One shape of one type; nothing where it does not fit into the blocks or
  /// the library does not compute it.
  Status add(const Shape &shape, const Type &type,
             std::vector<ProductRate> &rates);

private:
  /// `take` is told operations per second.
  Status add(const Shape &shape, const Type &type,
             const std::function<void(double)> &take);
  StatusOr<size_t> prepare(const Shape &shape, const Type &type);

  const cuda::Device &device_;
  const GpuBlocks &blocks_;
  cuda::Products &products_;
  GpuProfile &gpu_;
  std::vector<GpuTrial> &trials_;
};

constexpr const char *kWhat = "a product"; ///< In errors.

StatusOr<size_t> ProductTrials::prepare(const Shape &shape, const Type &type) {
  plan::GemmT gemm;
  gemm.dtype = type.dtype, gemm.tf32 = type.tf32;
  gemm.m = uint64_t(shape.m), gemm.n = uint64_t(shape.n);
  gemm.k = uint64_t(shape.k);
  gemm.transpose_a = shape.transposeA, gemm.transpose_b = shape.transposeB;
  gemm.lda = shape.transposeA ? gemm.m : gemm.k;
  gemm.ldb = shape.transposeB ? gemm.k : gemm.n;
  gemm.ldc = gemm.n;
  gemm.library = plan::GemmLibrary::cublaslt;
  gemm.workspace_bytes = GpuBlocks::kWorkspaceBytes;
  if (shape.batch > 1)
    gemm.batch.emplace_back(uint64_t(shape.batch), gemm.m * gemm.k,
                            gemm.k * gemm.n, gemm.m * gemm.n);
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(plan::Gemm::Pack(builder, &gemm));
  return products_.add(
      *flatbuffers::GetRoot<plan::Gemm>(builder.GetBufferPointer()),
      {blocks_.a, blocks_.b, blocks_.c, blocks_.workspace, nullptr, nullptr},
      kWhat);
}

Status ProductTrials::add(const Shape &shape, const Type &type,
                          const std::function<void(double)> &take) {
  auto product = prepare(shape, type);
  if (!product.ok())
    return product.status();
  constexpr double kMost = 100; // runs
  const double flops = shape.flops();
  const int runs = int(std::clamp(std::ceil(type.flops / flops), 1.0, kMost));
  // A graph: small products end sooner than the host enqueues the next.
  auto graph = std::make_shared<cuda::StepGraph>(device_);
  DS_RT_RETURN_IF_ERROR(graph->capture([&]() -> Status {
    for (int i = 0; i < runs; ++i)
      DS_RT_RETURN_IF_ERROR(products_.run(*product, device_.stream(), kWhat));
    return {};
  }));
  trials_.push_back(
      {[graph, &device = device_] { return launch(device, *graph); },
       [take, runs, flops, &gpu = gpu_](double seconds) {
         // Predictions add the launch.  Half of the time is the product's at
         // least, however the two were disturbed.
         const double once = seconds / runs, launch = gpu.launchUs * 1e-6;
         take(flops / std::max(once - launch, once / 2));
       }});
  return {};
}

Status ProductTrials::addPeaks() {
  int64_t side = 8192; // float32 in a block
  while (uint64_t(side * side) * sizeof(float) > blocks_.bytes)
    side /= 2;
  double *const peaks[std::size(kTypes)] = {&gpu_.narrowTflops,
                                            &gpu_.tf32Tflops, &gpu_.f32Tflops};
  for (size_t i = 0; i < std::size(kTypes); ++i)
    DS_RT_RETURN_IF_ERROR(
        add({side, side, side, 1, false, false}, kTypes[i],
            [peak = peaks[i]](double flops) { *peak = flops * 1e-12; }));
  return {};
}

Status ProductTrials::add(const Shape &shape, const Type &type,
                          std::vector<ProductRate> &rates) {
  const uint64_t size = type.dtype == DType::bf16 ? 2 : sizeof(float);
  if (shape.most() * size > blocks_.bytes)
    return {};
  ProductRate rate{plan::GemmLibrary::cublaslt,
                   device_.multiprocessors(),
                   shape.m,
                   shape.n,
                   shape.k,
                   shape.batch,
                   shape.transposeA,
                   shape.transposeB,
                   0,
                   type.dtype,
                   type.tf32};
  const Status status = add(shape, type, [rate, &rates](double flops) mutable {
    rate.gflops = flops * 1e-9;
    rates.push_back(rate);
  });
  return status.code() == Code::RankLost ? status : Status();
}

} // namespace

Status addProductTrials(const cuda::Device &device, const GpuBlocks &blocks,
                        cuda::Products &products, MachineProfile &profile,
                        std::vector<GpuTrial> &trials) {
  ProductTrials all(device, blocks, products, *profile.gpu, trials);
  DS_RT_RETURN_IF_ERROR(all.addPeaks());
  for (const Shape &shape : shapes())
    for (const Type &type : kTypes)
      DS_RT_RETURN_IF_ERROR(all.add(shape, type, profile.products));
  return {};
}

} // namespace ds::rt
