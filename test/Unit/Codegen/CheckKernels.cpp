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

#include "Patterns.h"
#include "ds-rt/PlanFile.h"
#include "ds/Codegen/Codegen.h"
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

constexpr int kSkipped = 77;  ///< Exit code that ctest takes for a skip.
constexpr size_t kGuard = 64; ///< Bytes behind each tensor that must survive.
constexpr char kGuardByte = 0x5a;

/// A tensor's bytes as the kernel sees them.
struct Buffer {
  RankedTensorType type;
  std::vector<char> storage;
  char *bytes = nullptr;

  explicit Buffer(RankedTensorType type)
      : type(type), storage(byteSize(type) + kGuard + 64, kGuardByte) {
    auto address = reinterpret_cast<uintptr_t>(storage.data());
    bytes = storage.data() + (-address & 63);
  }
  template <typename T> T *as() { return reinterpret_cast<T *>(bytes); }

  /// Calls `move` with the element type's elements; truth values are bytes.
  template <typename Move> void withElements(Move move) {
    Type element = type.getElementType();
    if (element.isF32())
      move(as<float>());
    else if (element.isF64())
      move(as<double>());
    else if (element.isInteger(64))
      move(as<int64_t>());
    else if (element.isInteger(32))
      move(as<int32_t>());
    else
      move(as<int8_t>());
  }
  void write(const HostTensor &tensor) {
    if (Type element = type.getElementType(); isNarrow(element)) {
      llvm::transform(tensor.data, as<uint16_t>(),
                      [&](double x) { return toBits(element, x); });
      return;
    }
    withElements([&](auto *elements) {
      using Element = std::remove_pointer_t<decltype(elements)>;
      for (int64_t i = 0; i < tensor.size(); ++i)
        elements[i] = static_cast<Element>(tensor.data[i]);
    });
  }
  HostTensor read() {
    HostTensor tensor(type);
    if (Type element = type.getElementType(); isNarrow(element)) {
      std::transform(as<uint16_t>(), as<uint16_t>() + tensor.size(),
                     tensor.data.begin(),
                     [&](uint16_t bits) { return fromBits(element, bits); });
      return tensor;
    }
    withElements([&](auto *elements) {
      for (int64_t i = 0; i < tensor.size(); ++i)
        tensor.data[i] = static_cast<double>(elements[i]);
    });
    return tensor;
  }
  bool isGuardIntact() {
    return std::all_of(bytes + byteSize(type), bytes + byteSize(type) + kGuard,
                       [](char c) { return c == kGuardByte; });
  }
};

bool hasPatterns(func::FuncOp function) {
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    if (function.getArgAttr(i, "test.patterns"))
      return true;
  return false;
}

HostTensor randomInput(func::FuncOp function, unsigned number,
                       std::mt19937 &random) {
  auto type = cast<RankedTensorType>(function.getArgumentTypes()[number]);
  if (function.getArgAttr(number, "test.patterns"))
    return patterns(type);
  HostTensor tensor(type);
  auto bound = function.getArgAttrOfType<IntegerAttr>(number, "test.bound");
  bool positive = !!function.getArgAttr(number, "test.positive");
  bool isTruth = type.getElementType().isInteger(1);
  for (double &x : tensor.data) {
    if (isTruth)
      x = random() % 2;
    else if (bound)
      x = static_cast<double>(random() % bound.getInt());
    else if (positive)
      x = 0.1 + 1.9 * (random() / 4294967296.0);
    else
      x = static_cast<float>(std::normal_distribution<double>()(random));
  }
  tensor.roundTo(type);
  return tensor;
}

/// What the ops of the function say it computes.
std::vector<HostTensor> evaluate(func::FuncOp function,
                                 ArrayRef<HostTensor> inputs) {
  DenseMap<Value, HostTensor> values;
  for (auto [argument, input] : llvm::zip(function.getArguments(), inputs))
    values[argument] = input;
  for (Operation &op : function.getBody().front().without_terminator()) {
    SmallVector<const HostTensor *> operands;
    for (Value operand : op.getOperands())
      operands.push_back(&values[operand]);
    std::vector<HostTensor> results;
    for (Type type : op.getResultTypes())
      results.emplace_back(type);
    if (auto constant = dyn_cast<ConstantOp>(op))
      std::fill(results[0].data.begin(), results[0].data.end(),
                *constant.getSplat());
    else
      cast<EvaluableOpInterface>(op).evaluate(operands, results);
    for (auto [result, tensor] : llvm::zip(op.getResults(), results)) {
      tensor.roundTo(result.getType());
      values[result] = tensor;
    }
  }
  std::vector<HostTensor> results;
  for (Value value : function.getBody().front().getTerminator()->getOperands())
    results.push_back(values[value]);
  return results;
}

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

/// The arguments of one launch.
struct Launch {
  std::vector<Buffer> buffers;
  std::vector<unsigned> resultBuffers;
  std::vector<void *> pointers;

  Launch(const KernelRequest &request, ArrayRef<HostTensor> inputs) {
    func::FuncOp function = request.function;
    for (auto [type, input] : llvm::zip(function.getArgumentTypes(), inputs)) {
      buffers.emplace_back(cast<RankedTensorType>(type));
      buffers.back().write(input);
    }
    for (auto [i, type] : llvm::enumerate(function.getResultTypes())) {
      const auto *pair = llvm::find_if(
          request.inPlace, [&](auto pair) { return pair.first == i; });
      resultBuffers.push_back(pair == request.inPlace.end() ? buffers.size()
                                                            : pair->second);
      if (pair == request.inPlace.end())
        buffers.emplace_back(cast<RankedTensorType>(type));
    }
    for (Buffer &buffer : buffers)
      pointers.push_back(buffer.bytes);
  }
};

/// What arithmetic may leave: of float32, or of one step of 16 bits, which a
/// difference of float32 may turn into the next one.
double toleranceOf(Type element) {
  return element.isBF16() ? 0x1p-7 : element.isF16() ? 0x1p-10 : 1e-5;
}

/// Of a kernel's results: the greatest of any type in it, since an operand that
/// was rounded to fewer bits makes all that is computed of it differ.
double toleranceOf(func::FuncOp function) {
  double most = 0;
  if (!hasPatterns(function))
    function.walk([&](Operation *op) {
      for (Type type : llvm::concat<const Type>(op->getOperandTypes(),
                                                op->getResultTypes()))
        most = std::max(most, toleranceOf(getElementTypeOrSelf(type)));
    });
  return most;
}

/// Whether `actual` is what arithmetic may make of `expected`; integers are
/// exact, and all with a tolerance of 0.
bool isClose(const HostTensor &expected, const HostTensor &actual, bool isFloat,
             double tolerance, std::string &why) {
  double squares = 0, finite = 0;
  for (double x : expected.data)
    if (std::isfinite(x)) {
      squares += x * x;
      ++finite;
    }
  double scale = std::sqrt(squares / std::max(finite, 1.0));
  for (int64_t i = 0; i < expected.size(); ++i) {
    double x = expected.data[i], y = actual.data[i];
    bool same = !isFloat         ? x == y
                : tolerance == 0 ? x == y || (std::isnan(x) && std::isnan(y))
                : std::isfinite(x)
                    ? std::abs(x - y) <= tolerance * (std::abs(x) + scale)
                    : !std::isfinite(y);
    if (same)
      continue;
    llvm::raw_string_ostream(why)
        << "element " << i << " is " << llvm::format("%.9g", y) << ", not "
        << llvm::format("%.9g", x);
    return false;
  }
  return true;
}

/// Runs a kernel with its work cut in `pieces`, and compares with the
/// definition, and bit for bit with `first`, the results of an earlier cut.
bool check(const KernelRequest &request, const KernelInfo &info,
           plan::KernelFn kernel, ArrayRef<HostTensor> inputs,
           ArrayRef<HostTensor> expected, uint64_t pieces,
           std::vector<std::vector<char>> &first) {
  Launch launch(request, inputs);
  for (uint64_t i = 0; i < pieces; ++i)
    kernel(launch.pointers.data(), info.items * i / pieces,
           info.items * (i + 1) / pieces);
  for (auto [i, tensor] : llvm::enumerate(expected)) {
    std::string why;
    Buffer &buffer = launch.buffers[launch.resultBuffers[i]];
    bool isFloat = isa<FloatType>(buffer.type.getElementType());
    if (isClose(tensor, buffer.read(), isFloat, toleranceOf(request.function),
                why))
      continue;
    llvm::errs() << info.name << ", " << pieces << " pieces, result " << i
                 << ": " << why << "\n";
    return false;
  }
  std::vector<std::vector<char>> bits;
  for (unsigned i : launch.resultBuffers) {
    Buffer &buffer = launch.buffers[i];
    bits.emplace_back(buffer.bytes, buffer.bytes + byteSize(buffer.type));
  }
  if (first.empty())
    first = bits;
  if (first != bits) {
    llvm::errs() << info.name << ": " << pieces << " pieces, other bits\n";
    return false;
  }
  for (Buffer &buffer : launch.buffers)
    if (!buffer.isGuardIntact()) {
      llvm::errs() << info.name << " writes past a tensor's end\n";
      return false;
    }
  return true;
}

/// A kernel with NaN or an infinity in the first, a middle and the last element
/// of each argument in turn; the last one lies in what is left of a vector.
bool checkPoison(const KernelRequest &request, const KernelInfo &info,
                 plan::KernelFn kernel, ArrayRef<HostTensor> inputs) {
  func::FuncOp function = request.function;
  auto isFinite = [](const HostTensor &tensor) {
    return llvm::all_of(tensor.data, [](double x) { return std::isfinite(x); });
  };
  for (auto [number, type] : llvm::enumerate(function.getArgumentTypes())) {
    if (!isa<FloatType>(cast<RankedTensorType>(type).getElementType()))
      continue;
    std::vector<HostTensor> poisoned(inputs.begin(), inputs.end());
    std::vector<double> &data = poisoned[number].data;
    bool isSeen = !!function.getArgAttr(number, "test.partly");
    for (size_t place : {size_t(0), data.size() / 2, data.size() - 1})
      for (double poison : {double(NAN), double(INFINITY), double(-INFINITY)}) {
        double healthy = std::exchange(data[place], poison);
        std::vector<HostTensor> expected = evaluate(function, poisoned);
        std::vector<std::vector<char>> first;
        if (!check(request, info, kernel, poisoned, expected, 2, first)) {
          llvm::errs() << "with " << poison << " in element " << place
                       << " of argument " << number << "\n";
          return false;
        }
        isSeen |= std::isnan(poison) && !llvm::all_of(expected, isFinite);
        data[place] = healthy;
      }
    if (!isSeen) {
      llvm::errs() << info.name << " shows no NaN of argument " << number
                   << "\n";
      return false;
    }
  }
  return true;
}

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

InPlace inPlaceOf(func::FuncOp function) {
  InPlace result;
  if (auto pairs = function->getAttrOfType<ArrayAttr>("in_place"))
    for (auto pair : pairs.getAsRange<ArrayAttr>())
      result.push_back({cast<IntegerAttr>(pair[0]).getInt(),
                        cast<IntegerAttr>(pair[1]).getInt()});
  return result;
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
  for (auto [request, info] : llvm::zip(requests, image->kernels)) {
    std::mt19937 random(7);
    std::vector<HostTensor> inputs;
    for (unsigned i = 0; i < request.function.getNumArguments(); ++i)
      inputs.push_back(randomInput(request.function, i, random));
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
    std::vector<HostTensor> expected = evaluate(request.function, inputs);
    std::vector<std::vector<char>> first;
    for (uint64_t pieces : {1, 1, 2, 3, 7})
      good &= check(request, info, kernel, inputs, expected, pieces, first);
    if (!hasPatterns(request.function))
      good &= checkPoison(request, info, kernel, inputs);
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
