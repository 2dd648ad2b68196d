//===- Gpu.cpp - Fused kernels as code of GPUs --------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The GPU's functions of Codegen.h: lower, plan, emit, compile, assemble.
//===--------------------------------------------------------------------===//

#include "AttentionTiles.h"
#include "GpuCode.h"
#include "GpuEmitter.h"

using namespace mlir;
using namespace ds;

/// PTX that drivers compile for what has no cubin: of the oldest architecture
/// with bfloat16.
static constexpr llvm::StringLiteral kOldest = "sm_80";

FailureOr<GpuSource> ds::emitGpuKernels(ArrayRef<KernelRequest> requests) {
  GpuSource source;
  if (requests.empty())
    return source;
  func::FuncOp first = requests.front().function;
  registerCodegenDialects(*first.getContext());
  OwningOpRef<ModuleOp> module = ModuleOp::create(first.getLoc());
  for (auto [i, request] : llvm::enumerate(requests)) {
    const std::string symbol = "ds_k" + std::to_string(i);
    if (findFlashAttention(request.function)) {
      FailureOr<AttentionKernel> attention = readAttention(request.function);
      if (failed(attention))
        return failure();
      FailureOr<GpuKernelInfo> info =
          emitAttention(*attention, request, *module, symbol);
      if (failed(info))
        return failure();
      source.kernels.push_back(*info);
      continue;
    }
    FailureOr<PreparedKernel> prepared =
        prepareKernel(request.function, request.inPlace, /*report=*/true);
    if (failed(prepared))
      return failure();
    GpuKernelInfo info{describePlan(request.function, prepared->plan)};
    GpuShape shape =
        GpuEmitter(prepared->lowered, prepared->plan, request, *module)
            .run(symbol);
    info.threads = static_cast<uint32_t>(shape.threads);
    info.itemsPerBlock = static_cast<uint64_t>(shape.items);
    source.kernels.push_back(info);
  }
  FailureOr<std::string> bitcode = gpuBitcode(*module);
  if (failed(bitcode))
    return failure();
  source.bitcode = std::move(*bitcode);
  return source;
}

static GpuCode codeOf(GpuCodeKind kind, StringRef arch, ArrayRef<char> bytes) {
  return {kind, arch.str(), std::vector<char>(bytes.begin(), bytes.end())};
}

FailureOr<GpuImage> ds::compileGpuKernels(ArrayRef<KernelRequest> requests,
                                          const GpuTargetOptions &options) {
  GpuImage image;
  if (requests.empty())
    return image;
  func::FuncOp first = requests.front().function;
  Location loc = first.getLoc();
  FailureOr<GpuSource> source = emitGpuKernels(requests);
  if (failed(source))
    return failure();
  const std::string ptxas = findPtxas();
  if (ptxas.empty())
    image.notes.push_back(
        "no ptxas in CUDA_HOME, CUDA_PATH, /usr/local/cuda or PATH: kernels "
        "are PTX only, which the driver compiles when a plan is loaded");
  image.kernels = std::move(source->kernels);
  for (const std::string &arch : options.archs) {
    FailureOr<std::string> ptx = makePtx(*source, arch, loc);
    if (failed(ptx))
      return failure();
    if (ptxas.empty())
      continue;
    FailureOr<std::vector<char>> cubin =
        assemble(ptxas, *ptx, arch, image.kernels, image.notes, loc);
    if (failed(cubin))
      return failure();
    if (!cubin->empty())
      image.images.push_back(codeOf(GpuCodeKind::Cubin, arch, *cubin));
  }
  FailureOr<std::string> ptx = makePtx(*source, kOldest, loc);
  if (failed(ptx))
    return failure();
  // Nobody sees what drivers make of it: large blocks have no second one.
  constexpr uint32_t kLarge = 512; // threads
  for (GpuKernelInfo &kernel : image.kernels)
    kernel.isOneBlock |= kernel.threads >= kLarge;
  image.images.push_back(codeOf(GpuCodeKind::Ptx,
                                "compute_" + kOldest.drop_front(3).str(),
                                withOneBlock(*ptx, image.kernels)));
  return image;
}
