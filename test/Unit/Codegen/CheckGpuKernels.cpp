//===- CheckGpuKernels.cpp - Kernels of GPUs against their definition ---===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   check-gpu-kernels FILE.mlir [--every=N] [--narrow]
//   check-gpu-kernels FILE.mlir --ptx=ARCH | --report=ARCH,..
//
// Every function of the file, or each N-th one, is compiled as a kernel of a
// GPU and run by GpuEmulator, its threads in two orders, on what CheckKernels
// would run it; with --narrow no pointer is aligned to more than an element.
// --ptx prints the PTX instead, and --report what ptxas says of each kernel;
// that fails where one spills registers or has a stack.  FILE may be `-`.
//===--------------------------------------------------------------------===//

#include "GpuEmulator.h"
#include "KernelCheck.h"
#include "ds/Codegen/Attention.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <cstring>

using namespace mlir;
using namespace ds;
using namespace ds::test;

namespace {

constexpr int64_t kManyElements = 4096;

struct Options {
  std::string ptx, report;
  size_t every = 1;
  bool isNarrow = false;
};

uint32_t elementBytes(Type type) {
  return (cast<RankedTensorType>(type).getElementTypeBitWidth() + 7) / 8;
}

/// Pointers that are aligned to an element and no more.
std::vector<uint32_t> leastAlignments(func::FuncOp function,
                                      const InPlace &inPlace) {
  std::vector<uint32_t> result;
  for (Type type : function.getArgumentTypes())
    result.push_back(elementBytes(type));
  for (auto [i, type] : llvm::enumerate(function.getResultTypes()))
    if (llvm::none_of(inPlace, [&](auto pair) { return pair.first == i; }))
      result.push_back(elementBytes(type));
  return result;
}

std::vector<KernelRequest> requestsOf(ModuleOp module, const Options &options) {
  std::vector<KernelRequest> requests;
  for (auto [i, function] : llvm::enumerate(module.getOps<func::FuncOp>())) {
    if (i % options.every)
      continue;
    requests.push_back({function, inPlaceOf(function)});
    if (options.isNarrow)
      requests.back().alignments =
          leastAlignments(function, requests.back().inPlace);
  }
  return requests;
}

int printPtx(ModuleOp module, ArrayRef<KernelRequest> requests,
             StringRef arch) {
  FailureOr<GpuSource> source = emitGpuKernels(requests);
  if (failed(source))
    return 1;
  FailureOr<std::string> ptx = makePtx(*source, arch, module.getLoc());
  if (failed(ptx))
    return 1;
  llvm::outs() << *ptx;
  return 0;
}

int report(ArrayRef<KernelRequest> requests, StringRef archs) {
  GpuTargetOptions options;
  options.archs.clear();
  for (StringRef arch : llvm::split(archs, ','))
    options.archs.push_back(arch.str());
  FailureOr<GpuImage> image = compileGpuKernels(requests, options);
  if (failed(image))
    return 1;
  bool good = image->notes.empty();
  for (const std::string &note : image->notes)
    llvm::errs() << note << "\n";
  for (const GpuCode &code : image->images)
    llvm::outs() << (code.kind == GpuCodeKind::Cubin ? "cubin" : "ptx") << " "
                 << code.arch << ": " << code.bytes.size() << " bytes\n";
  for (const GpuKernelInfo &info : image->kernels) {
    llvm::outs() << llvm::format(
        "%-40s %4u threads %7llu items %3u registers %5u shared\n",
        info.name.c_str(), info.threads,
        static_cast<unsigned long long>(info.itemsPerBlock), info.registers,
        info.staticBytes);
    if (info.registers && !info.spillBytes && !info.stackBytes)
      continue;
    llvm::errs() << info.name << ": " << info.registers << " registers, "
                 << info.spillBytes << " bytes spilled, " << info.stackBytes
                 << " bytes of stack\n";
    good = false;
  }
  llvm::outs() << (good ? "nothing spills\n" : "not as it should be\n");
  return !good;
}

/// Runs a kernel on copies that begin one element behind a multiple of 64.
void launchUnaligned(GpuEmulator &emulator, size_t number, Launch &launch,
                     GpuEmulator::Order order) {
  std::vector<Buffer> copies;
  std::vector<void *> pointers;
  auto bytesOf = [](const Buffer &buffer) {
    return byteSize(buffer.type) + kGuard;
  };
  copies.reserve(launch.buffers.size());
  for (const Buffer &buffer : launch.buffers) {
    Buffer &copy = copies.emplace_back(buffer.type);
    copy.storage.resize(bytesOf(buffer) + 128);
    auto address = reinterpret_cast<uintptr_t>(copy.storage.data());
    copy.bytes =
        copy.storage.data() + (-address & 63) + elementBytes(buffer.type);
    std::memcpy(copy.bytes, buffer.bytes, bytesOf(buffer));
    pointers.push_back(copy.bytes);
  }
  emulator.launch(number, pointers, order);
  for (auto [buffer, copy] : llvm::zip(launch.buffers, copies))
    std::memcpy(buffer.bytes, copy.bytes, bytesOf(buffer));
}

/// The gradient of attention needs statistics that belong to its operands:
/// `test.forward` names the function that has them, with the first operands,
/// and results that are the output and the logsumexp.  The gradient's operands
/// behind those are the output's gradient, the logsumexp and the delta.
void fillStatistics(func::FuncOp function, std::vector<HostTensor> &inputs) {
  auto name = function->getAttrOfType<FlatSymbolRefAttr>("test.forward");
  if (!name)
    return;
  auto forward = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
      function, name.getAttr());
  const size_t operands = forward.getNumArguments();
  std::vector<HostTensor> results =
      evaluate(forward, ArrayRef(inputs).take_front(operands));
  HostTensor &delta = inputs[operands + 2];
  inputs[operands + 1].data = results[1].data;
  const int64_t width = results[0].size() / delta.size();
  for (int64_t i = 0; i < delta.size(); ++i) {
    double sum = 0;
    for (int64_t k = i * width; k < (i + 1) * width; ++k)
      sum += results[0].data[k] * inputs[operands].data[k];
    delta.data[i] = sum;
  }
  delta.roundTo(function.getArgumentTypes()[operands + 2]);
}

/// What a position does not see is multiplied by zero, of which NaN makes more.
bool hidesPositions(func::FuncOp function) {
  Operation *op = findFlashAttention(function);
  return op && (op->hasAttr("causal") || isa<FlashAttentionGradOp>(op));
}

int run(ArrayRef<KernelRequest> requests, bool isNarrow) {
  FailureOr<GpuSource> source = emitGpuKernels(requests);
  if (failed(source))
    return 1;
  GpuEmulator emulator(*source);
  bool good = true;
  for (size_t i = 0; i < requests.size(); ++i) {
    const KernelRequest &request = requests[i];
    func::FuncOp function = request.function;
    std::mt19937 random(7);
    std::vector<HostTensor> inputs;
    for (unsigned number = 0; number < function.getNumArguments(); ++number)
      inputs.push_back(randomInput(function, number, random));
    fillStatistics(function, inputs);
    auto way = [&](std::string name, GpuEmulator::Order order) -> Way {
      return {std::move(name), [&, i, order](Launch &launch) {
                if (isNarrow)
                  launchUnaligned(emulator, i, launch, order);
                else
                  emulator.launch(i, launch.pointers, order);
              }};
    };
    Way up = way("first thread first", GpuEmulator::Order::Ascending);
    Way down = way("last thread first", GpuEmulator::Order::Descending);
    std::vector<HostTensor> expected = evaluate(function, inputs);
    std::vector<std::vector<char>> first;
    good &= check(request, up, inputs, expected, first);
    good &= check(request, down, inputs, expected, first);
    // Large kernels take their time.
    int64_t elements = 0;
    for (const HostTensor &tensor : inputs)
      elements += tensor.size();
    if (!hasPatterns(function) && !hidesPositions(function))
      good &= checkPoison(request, down, inputs, elements > kManyElements);
  }
  llvm::outs() << requests.size() << " kernels "
               << (good ? "agree\n" : "checked, some differ\n");
  return !good;
}

} // namespace

int main(int argc, char **argv) {
  Options options;
  StringRef path;
  for (StringRef argument : llvm::ArrayRef(argv, argc).drop_front()) {
    if (argument.consume_front("--ptx="))
      options.ptx = argument.str();
    else if (argument.consume_front("--report="))
      options.report = argument.str();
    else if (argument.consume_front("--every="))
      argument.getAsInteger(10, options.every);
    else if (argument == "--narrow")
      options.isNarrow = true;
    else
      path = argument;
  }
  MLIRContext context;
  context.loadDialect<DSDialect, func::FuncDialect>();
  context.allowUnregisteredDialects();
  auto module = parseSourceFile<ModuleOp>(path, &context);
  if (!module)
    return 1;
  std::vector<KernelRequest> requests = requestsOf(*module, options);
  if (!options.ptx.empty())
    return printPtx(*module, requests, options.ptx);
  if (!options.report.empty())
    return report(requests, options.report);
  return run(requests, options.isNarrow);
}
