//===- CheckKernels.cpp - Generated kernels against their definition ----===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   check-kernels FILE.mlir [--cpu=NAME] [--bench | --refuse]
//
// Every function of the file is compiled and run in this process on random
// inputs, its work cut in several ways, and compared with what its ops say
// they compute; then again with a NaN or an infinity in one element of one
// argument, which results must show where the definition does.  Function
// attribute: `in_place = [[result, argument], ..]`.  Argument attributes:
// `test.bound` for ids in [0, bound), `test.positive` for values in [0.1, 2),
// `test.partly` for a tensor of which only some elements are read, and
// `test.patterns` for one that goes through all patterns of the upper 16 bits,
// several times where there are lower ones: then no poison is tried, and
// results must have the very values that the ops say.  FILE may
// be `-`.  Exits with 77 when the machine lacks what the code needs.  --bench
// prints the rate of each kernel on one and two threads; with --refuse every
// function must be refused.
//===--------------------------------------------------------------------===//

#include "KernelCheck.h"
#include "ds-rt/PlanFile.h"
#include "ds/Dialect/DS/DS.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstring>
#include <immintrin.h>
#include <random>
#include <sys/mman.h>
#include <thread>

using namespace mlir;
using namespace ds;
using namespace ds::test;

namespace {

constexpr int kSkipped = 77; ///< Exit code that ctest takes for a skip.
/// The code of an image, executable.
class MappedCode {
public:
  explicit MappedCode(const KernelImage &image) : size(image.code.size()) {
    base = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    std::memcpy(base, image.code.data(), size);
    mprotect(base, size, PROT_READ | PROT_EXEC);
  }
  ~MappedCode() { munmap(base, size); }
  plan::KernelFn at(uint64_t offset) const {
    return reinterpret_cast<plan::KernelFn>(static_cast<char *>(base) + offset);
  }

private:
  void *base;
  size_t size;
};

/// Seconds of one launch on `threads` threads: the best of several rounds.
double measure(const KernelInfo &info, plan::KernelFn kernel, Launch &launch,
               unsigned threads) {
  using Clock = std::chrono::steady_clock;
  double best = 1e30;
  auto begin = Clock::now();
  for (int round = 0; round < 200; ++round) {
    std::atomic<unsigned> arrived = 0;
    std::vector<double> seconds(threads);
    auto work = [&](unsigned i) {
      uint64_t grains = (info.items + info.grain - 1) / info.grain;
      auto cut = [&](uint64_t n) {
        return std::min(info.items, grains * n / threads * info.grain);
      };
      _mm_setcsr(_mm_getcsr() | 0x8040);    // denormals are zero: runs in place
      for (++arrived; arrived < threads;) { // would go there
      }
      auto start = Clock::now();
      kernel(launch.pointers.data(), cut(i), cut(i + 1));
      seconds[i] = std::chrono::duration<double>(Clock::now() - start).count();
    };
    std::vector<std::thread> others;
    for (unsigned i = 1; i < threads; ++i)
      others.emplace_back(work, i);
    work(0);
    for (std::thread &other : others)
      other.join();
    best = std::min(best, *std::max_element(seconds.begin(), seconds.end()));
    if (std::chrono::duration<double>(Clock::now() - begin).count() > 0.6)
      break;
  }
  return best;
}

/// What the code needs and this machine lacks.
std::string missingFeatures(const KernelImage &image) {
  auto file = llvm::MemoryBuffer::getFileAsStream("/proc/cpuinfo");
  StringRef text = file ? (*file)->getBuffer() : StringRef();
  StringRef line = text.substr(text.find("flags")).split('\n').first;
  SmallVector<StringRef> flags;
  line.split(flags, ' ');
  std::string missing;
  for (const std::string &feature : image.features)
    if (!llvm::is_contained(flags, feature))
      missing += " " + feature;
  return missing;
}

/// Every function must be refused.
int refuse(ModuleOp module) {
  bool good = true;
  ScopedDiagnosticHandler quiet(module.getContext(), [](Diagnostic &) {});
  for (auto function : module.getOps<func::FuncOp>())
    if (succeeded(describeKernel(function, inPlaceOf(function)))) {
      llvm::errs() << function.getName() << " is taken for a kernel\n";
      good = false;
    }
  return !good;
}

int run(ModuleOp module, const TargetOptions &options, bool bench) {
  std::vector<KernelRequest> requests;
  for (auto function : module.getOps<func::FuncOp>())
    requests.push_back({function, inPlaceOf(function)});
  auto start = std::chrono::steady_clock::now();
  FailureOr<KernelImage> image = compileKernels(requests, options);
  if (failed(image))
    return 1;
  double ms = std::chrono::duration<double, std::milli>(
                  std::chrono::steady_clock::now() - start)
                  .count();
  llvm::outs() << llvm::format("%zu kernels for %s: %zu bytes, %.0f ms\n",
                               requests.size(), image->cpu.c_str(),
                               image->code.size(), ms);
  if (std::string missing = missingFeatures(*image); !missing.empty()) {
    llvm::outs() << "not on this machine:" << missing << "\n";
    return kSkipped;
  }
  MappedCode code(*image);
  bool good = image->notes.empty();
  for (const std::string &note : image->notes)
    llvm::errs() << note << "\n";
  for (size_t i = 0; i < requests.size(); ++i) {
    const KernelRequest &request = requests[i];
    const KernelInfo &info = image->kernels[i];
    func::FuncOp function = request.function;
    std::mt19937 random(7);
    std::vector<HostTensor> inputs;
    for (unsigned i = 0; i < function.getNumArguments(); ++i)
      inputs.push_back(randomInput(function, i, random));
    plan::KernelFn kernel = code.at(info.codeOffset);
    if (bench) {
      Launch launch(request, inputs);
      double one = measure(info, kernel, launch, 1);
      double two = measure(info, kernel, launch, 2);
      llvm::outs() << llvm::format(
          "%-28s %8.1f us %7.1f us  %6.1f GB/s %6.1f GB/s  %6.2f GFLOP/s\n",
          info.name.c_str(), one * 1e6, two * 1e6, info.bytes / one * 1e-9,
          info.bytes / two * 1e-9, info.flops / one * 1e-9);
      continue;
    }
    std::vector<HostTensor> expected = evaluate(function, inputs);
    std::vector<std::vector<char>> first;
    auto way = [&](uint64_t pieces) -> Way {
      return {std::to_string(pieces) + " pieces", [&, pieces](Launch &launch) {
                for (uint64_t i = 0; i < pieces; ++i)
                  kernel(launch.pointers.data(), info.items * i / pieces,
                         info.items * (i + 1) / pieces);
              }};
    };
    for (uint64_t pieces : {1, 1, 2, 3, 7})
      good &= check(request, way(pieces), inputs, expected, first);
    if (!hasPatterns(function))
      good &= checkPoison(request, way(2), inputs);
  }
  llvm::outs() << (good ? "all agree\n" : "some differ\n");
  return !good;
}

} // namespace

int main(int argc, char **argv) {
  TargetOptions options;
  bool bench = false, refusal = false;
  StringRef path;
  for (StringRef argument : llvm::ArrayRef(argv, argc).drop_front()) {
    if (argument.consume_front("--cpu="))
      options.cpu = argument.str();
    else if (argument == "--bench")
      bench = true;
    else if (argument == "--refuse")
      refusal = true;
    else
      path = argument;
  }
  MLIRContext context;
  context.loadDialect<DSDialect, func::FuncDialect>();
  context.allowUnregisteredDialects();
  auto module = parseSourceFile<ModuleOp>(path, &context);
  if (!module)
    return 1;
  return refusal ? refuse(*module) : run(*module, options, bench);
}
