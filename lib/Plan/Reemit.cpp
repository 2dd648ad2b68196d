//===- Reemit.cpp - A plan's kernels for another instruction set --------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A plan carries its kernels' functions as text, so that it can be emitted
// anew without the model: instructions, buffers and constants stay as they
// are, only the code section is made again.
//===--------------------------------------------------------------------===//

#include "Finish.h"

#include "plan/Plan.h"

#include "mlir/Parser/Parser.h"

using namespace mlir;

namespace ds {

/// The kernel function in `text`, moved into `module`.
static FailureOr<KernelRequest> parseKernel(ModuleOp module, StringRef name,
                                            StringRef text) {
  auto parsed = parseSourceString<ModuleOp>(text, module.getContext());
  if (!parsed)
    return failure();
  auto functions = parsed->getOps<func::FuncOp>();
  if (functions.empty() || !(*functions.begin())->hasAttr(kKernelAttr))
    return module.emitError("expects the text of kernel '")
           << name << "' to be one kernel function";
  func::FuncOp function = *functions.begin();
  function->remove();
  module.push_back(function);
  KernelRequest request{function, {}};
  if (auto pairs = function->getAttrOfType<DenseI64ArrayAttr>(kInPlaceAttr)) {
    if (pairs.size() % 2 != 0)
      return module.emitError("expects pairs in '") << kInPlaceAttr << "'";
    for (int64_t i = 0; i + 1 < pairs.size(); i += 2) {
      if (pairs[i] < 0 || pairs[i] >= function.getNumResults() ||
          pairs[i + 1] < 0 || pairs[i + 1] >= function.getNumArguments())
        return module.emitError("expects results and arguments of kernel '")
               << name << "' in '" << kInPlaceAttr << "'";
      request.inPlace.push_back({pairs[i], pairs[i + 1]});
    }
  }
  return request;
}

LogicalResult reemitPlan(MLIRContext &context, StringRef input,
                         const TargetOptions &target, StringRef output) {
  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(&context));
  auto loaded = rt::LoadedPlan::open(input.str());
  if (!loaded.ok())
    return module->emitError(loaded.status().message());
  const bool isForGpu = rt::isForGpu(loaded->plan());
  if (isForGpu != !target.gpuArchs.empty())
    return module->emitError("'")
           << input << "' is for "
           << (isForGpu ? "GPUs; name one with --machine=h200, say"
                        : "CPUs, not GPUs; compile the model anew");
  plan::PlanT plan;
  loaded->plan().UnPackTo(&plan);
  std::vector<KernelRequest> requests;
  for (const auto &kernel : plan.kernels) {
    FailureOr<KernelRequest> request =
        parseKernel(*module, kernel->name, kernel->ir);
    if (failed(request))
      return failure();
    requests.push_back(*request);
  }
  std::span<const std::byte> constants = loaded->constants();
  return finishPlan(*module, plan, requests, constants, target, output);
}

} // namespace ds
