//===- Codegen.cpp - Fused kernels as native code -----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The functions of Codegen.h: lower, plan, emit, compile.
//===--------------------------------------------------------------------===//

#include "ds/Codegen/Codegen.h"

#include "AttentionTiles.h"
#include "GpuShape.h"
#include "KernelEmitter.h"
#include "KernelPlan.h"
#include "NativeCode.h"

#include "mlir/IR/Dominance.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/CSE.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace mlir;
using namespace ds;

FailureOr<PreparedKernel>
ds::prepareKernel(func::FuncOp function, const InPlace &inPlace, bool report) {
  FailureOr<KernelShape> shape = analyzeFunction(function);
  if (failed(shape))
    return failure();
  FailureOr<func::FuncOp> lowered = lowerToLoops(function);
  if (failed(lowered))
    return failure();
  PreparedKernel prepared(*lowered);
  // Ops that were lowered apart share their reductions and exponentials.
  IRRewriter rewriter(function.getContext());
  DominanceInfo dominance(*lowered);
  eliminateCommonSubExpressions(rewriter, dominance, *lowered);
  std::string why;
  FailureOr<KernelPlan> plan = planKernel(*lowered, *shape, inPlace, why);
  if (failed(plan)) {
    if (report)
      function.emitError("this kernel cannot be generated: ") << why;
    return failure();
  }
  prepared.plan = std::move(*plan);
  return prepared;
}

KernelInfo ds::describePlan(func::FuncOp function, const KernelPlan &plan) {
  KernelInfo info;
  info.name = function.getName().str();
  info.items = plan.shape.items();
  info.grain = plan.shape.grain();
  info.flops = plan.flops;
  info.bytes = plan.bytes;
  return info;
}

FailureOr<KernelInfo> ds::describeKernel(func::FuncOp function,
                                         const InPlace &inPlace, bool onGpu) {
  registerCodegenDialects(*function.getContext());
  if (findFlashAttention(function)) {
    FailureOr<AttentionKernel> attention = readAttention(function);
    if (failed(attention))
      return failure();
    return describeAttention(function, *attention);
  }
  FailureOr<PreparedKernel> prepared =
      prepareKernel(function, inPlace, /*report=*/true);
  if (failed(prepared))
    return failure();
  KernelInfo info = describePlan(function, prepared->plan);
  info.passes = costKernel(prepared->lowered, prepared->plan, inPlace);
  if (!onGpu)
    return info;
  const GpuShape shape = shapeOnGpu(prepared->lowered, prepared->plan);
  for (KernelPass &pass : info.passes) {
    pass.blocks = std::ceil(static_cast<double>(info.items) /
                            static_cast<double>(shape.items));
    pass.threads = static_cast<double>(shape.threads);
  }
  return info;
}

bool ds::canRunInPlace(func::FuncOp function, const InPlace &inPlace) {
  if (findFlashAttention(function))
    return false; // whose blocks read what others write
  registerCodegenDialects(*function.getContext());
  return succeeded(prepareKernel(function, inPlace, /*report=*/false));
}

FailureOr<KernelImage> ds::compileKernels(ArrayRef<KernelRequest> requests,
                                          const TargetOptions &options) {
  KernelImage image;
  if (requests.empty())
    return image;
  func::FuncOp first = requests.front().function;
  MLIRContext &context = *first.getContext();
  registerCodegenDialects(context);
  FailureOr<Target> target = findTarget(options.cpu, first.getLoc());
  if (failed(target))
    return failure();
  size_t parts = std::clamp<size_t>(options.threads, 1, requests.size());
  SmallVector<OwningOpRef<ModuleOp>> modules;
  for (size_t i = 0; i < parts; ++i)
    modules.emplace_back(ModuleOp::create(first.getLoc()));
  // Names may repeat among requests of different modules.
  auto symbol = [&](size_t i) {
    func::FuncOp function = requests[i].function;
    return function.getName().str() + "." + std::to_string(i);
  };
  for (auto [i, request] : llvm::enumerate(requests)) {
    FailureOr<PreparedKernel> prepared =
        prepareKernel(request.function, request.inPlace, /*report=*/true);
    if (failed(prepared))
      return failure();
    image.kernels.push_back(describePlan(request.function, prepared->plan));
    emitKernel(prepared->lowered, prepared->plan, request.inPlace,
               *modules[i % parts], symbol(i), target->vectorBits);
  }
  FailureOr<LinkedCode> code = compileModules(modules, *target);
  if (failed(code))
    return failure();
  for (auto [i, info] : llvm::enumerate(image.kernels))
    info.codeOffset = code->offsets.at(symbol(i));
  image.code = std::move(code->bytes);
  image.cpu = target->cpu;
  image.features = target->flags;
  image.notes = std::move(code->notes);
  return image;
}
