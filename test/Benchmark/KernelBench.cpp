//===- KernelBench.cpp - Generated kernels beside hand-written loops ----===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   kernel-bench FILE.mlir --rounds=N LIBRARY.so ... [--only=KERNEL]
//
// Compiles every function of the file for this machine, finds the function of
// the same name in each library, checks that all compute the same, and times
// them in turns on OMP_NUM_THREADS threads, together with the first library's
// `triad`.  Prints one JSON object a kernel: its bytes, and for each
// implementation the seconds of each round, the best of a few launches.
//===--------------------------------------------------------------------===//
#include "backends/cpu/Threads.h"
#include "ds-rt/PlanFile.h"
#include "ds/Codegen/Codegen.h"
#include "ds/Dialect/DS/DS.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>
#include <cmath>
#include <cstring>
#include <dlfcn.h>
#include <sys/mman.h>

using namespace mlir;
using namespace ds;

namespace {

constexpr int kLaunches = 3; ///< Of a round; the best counts.
constexpr uint64_t kTriadElements = 32768 * 768;
constexpr double kTolerance = 1e-3; ///< What -ffast-math may make of float32.

using Tensor = std::vector<char>;

/// One way to compute a kernel.
struct Implementation {
  std::string name;
  plan::KernelFn function;
  uint64_t items, grain;

  void launch(ArrayRef<void *> arguments) const {
    rt::parallelRanges(items, grain, [&](uint64_t begin, uint64_t end) {
      function(arguments.data(), begin, end);
    });
  }
  double seconds(ArrayRef<void *> arguments) const {
    using Clock = std::chrono::steady_clock;
    double best = INFINITY;
    for (int i = 0; i < kLaunches; ++i) {
      auto begin = Clock::now();
      launch(arguments);
      std::chrono::duration<double> time = Clock::now() - begin;
      best = std::min(best, time.count());
    }
    return best;
  }
};

/// What all implementations of one kernel work on.
class Operands {
public:
  explicit Operands(const KernelRequest &request) : request_(request) {
    func::FuncOp function = request.function;
    for (Type type : function.getArgumentTypes())
      add(type);
    for (auto [i, type] : llvm::enumerate(function.getResultTypes())) {
      const auto *pair = llvm::find_if(
          request.inPlace, [&](auto pair) { return pair.first == i; });
      results_.push_back(pair == request.inPlace.end() ? tensors_.size()
                                                       : pair->second);
      if (pair == request.inPlace.end())
        add(type);
    }
    for (Tensor &tensor : tensors_)
      pointers_.push_back(tensor.data());
  }
  ArrayRef<void *> pointers() const { return pointers_; }

  /// The same values whenever called.
  void fill() {
    for (unsigned i = 0; i < request_.function.getNumArguments(); ++i)
      fillArgument(i);
  }
  /// The results, in float64.
  std::vector<std::vector<double>> results() const {
    std::vector<std::vector<double>> all;
    for (unsigned i : results_)
      all.push_back(elementType(i).isF64() ? widen<double>(i)
                                           : widen<float>(i));
    return all;
  }

private:
  void add(Type type) {
    types_.push_back(cast<RankedTensorType>(type));
    tensors_.emplace_back(byteSize(types_.back()));
  }
  Type elementType(unsigned i) const { return types_[i].getElementType(); }

  template <typename T> std::vector<double> widen(unsigned i) const {
    const T *values = reinterpret_cast<const T *>(tensors_[i].data());
    return {values, values + tensors_[i].size() / sizeof(T)};
  }
  template <typename T, typename Make> void set(unsigned i, Make make) {
    T *values = reinterpret_cast<T *>(tensors_[i].data());
    for (size_t k = 0; k < tensors_[i].size() / sizeof(T); ++k)
      values[k] = make();
  }
  void fillArgument(unsigned i) {
    uint32_t state = i + 1;
    auto uniform = [&] {
      state = state * 1664525 + 1013904223;
      return state * 0x1p-32;
    };
    func::FuncOp function = request_.function;
    bool positive = !!function.getArgAttr(i, "test.positive");
    auto value = [&] { return positive ? 0.1 + uniform() : 4 * uniform() - 2; };
    if (auto bound = function.getArgAttrOfType<IntegerAttr>(i, "test.bound"))
      return set<int32_t>(i, [&] { return int(uniform() * bound.getInt()); });
    elementType(i).isF64() ? set<double>(i, value) : set<float>(i, value);
  }

  KernelRequest request_;
  std::vector<RankedTensorType> types_;
  std::vector<Tensor> tensors_;
  std::vector<void *> pointers_;
  std::vector<unsigned> results_; ///< The tensor of each result.
};

/// The code of an image, executable, for as long as the process lives.
char *mapCode(const KernelImage &image) {
  size_t size = image.code.size();
  void *base = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  std::memcpy(base, image.code.data(), size);
  mprotect(base, size, PROT_READ | PROT_EXEC);
  return static_cast<char *>(base);
}

std::optional<Implementation> find(void *library, StringRef path,
                                   const std::string &kernel) {
  void *function = dlsym(library, kernel.c_str());
  auto *items =
      static_cast<const int64_t *>(dlsym(library, (kernel + "_items").c_str()));
  if (!function || !items)
    return std::nullopt;
  StringRef name = path.substr(path.rfind('/') + 1).split('.').first;
  return Implementation{name.str(), reinterpret_cast<plan::KernelFn>(function),
                        uint64_t(*items), 1};
}

bool complain(const Twine &what) {
  llvm::errs() << "kernel-bench: error: " << what << "\n";
  return false;
}

/// Whether all implementations make the first one's results.
bool agree(ArrayRef<Implementation> all, Operands &operands, StringRef name) {
  std::vector<std::vector<double>> first;
  for (const Implementation &one : all) {
    operands.fill();
    one.launch(operands.pointers());
    auto results = operands.results();
    if (first.empty()) {
      first = std::move(results);
      continue;
    }
    for (auto [x, y] : llvm::zip(first, results)) {
      double squares = 0;
      for (double value : x)
        squares += value * value;
      double scale = std::sqrt(squares / x.size());
      for (size_t i = 0; i < x.size(); ++i)
        if (!(std::abs(x[i] - y[i]) <= kTolerance * (std::abs(x[i]) + scale)))
          return complain(name + " of " + one.name + " has " +
                          std::to_string(y[i]) + " where " + all[0].name +
                          " has " + std::to_string(x[i]) + ", at element " +
                          std::to_string(i));
    }
  }
  return true;
}

/// STREAM's triad on arrays of its own.
class Triad {
public:
  explicit Triad(Implementation triad) : triad_(std::move(triad)) {
    for (std::vector<float> &array : arrays_)
      array.assign(kTriadElements, 1);
  }
  double bytesPerSecond() {
    void *pointers[] = {arrays_[0].data(), arrays_[1].data(),
                        arrays_[2].data()};
    return 3 * kTriadElements * sizeof(float) / triad_.seconds(pointers);
  }

private:
  Implementation triad_;
  std::vector<float> arrays_[3];
};

llvm::json::Object measure(const KernelInfo &info, ArrayRef<Implementation> all,
                           Operands &operands, Triad *triad, int rounds) {
  std::vector<llvm::json::Array> seconds(all.size());
  llvm::json::Array stream;
  for (int round = 0; round < rounds; ++round) {
    if (triad)
      stream.push_back(triad->bytesPerSecond());
    for (size_t i = 0; i < all.size(); ++i) {
      size_t turn = round % 2 ? all.size() - 1 - i : i;
      seconds[turn].push_back(all[turn].seconds(operands.pointers()));
    }
  }
  llvm::json::Object times;
  for (size_t i = 0; i < all.size(); ++i)
    times[all[i].name] = std::move(seconds[i]);
  return llvm::json::Object{{"kernel", info.name},
                            {"bytes", info.bytes},
                            {"flops", info.flops},
                            {"stream_bytes_per_s", std::move(stream)},
                            {"seconds", std::move(times)}};
}

struct Options {
  StringRef file, only;
  int rounds = 5;
  std::vector<std::pair<std::string, void *>> libraries;
};

bool parse(ArrayRef<char *> arguments, Options &options) {
  for (StringRef argument : arguments) {
    if (argument.consume_front("--rounds=")) {
      if (argument.getAsInteger(10, options.rounds) || options.rounds < 1) {
        return complain("expected --rounds=N from 1, but got '" + argument +
                        "'");
      }
    } else if (argument.consume_front("--only=")) {
      options.only = argument;
    } else if (argument.ends_with(".so")) {
      void *library = dlopen(argument.str().c_str(), RTLD_NOW | RTLD_LOCAL);
      if (!library) {
        return complain(dlerror());
      }
      options.libraries.push_back({argument.str(), library});
    } else {
      options.file = argument;
    }
  }
  return !options.file.empty() || complain("expected a file of kernels");
}

int run(ModuleOp module, const Options &options) {
  std::vector<KernelRequest> requests;
  for (auto function : module.getOps<func::FuncOp>()) {
    InPlace pairs;
    if (auto attribute = function->getAttrOfType<ArrayAttr>("in_place"))
      for (auto pair : attribute.getAsRange<ArrayAttr>())
        pairs.push_back({cast<IntegerAttr>(pair[0]).getInt(),
                         cast<IntegerAttr>(pair[1]).getInt()});
    if (options.only.empty() || function.getName() == options.only)
      requests.push_back({function, pairs});
  }
  if (requests.empty())
    return !complain("no kernel '" + options.only + "' in '" + options.file +
                     "'");
  auto image = compileKernels(requests);
  if (failed(image))
    return 1;
  char *code = mapCode(*image);
  std::optional<Triad> triad;
  if (!options.libraries.empty())
    if (auto one = find(options.libraries[0].second, "", "triad"))
      triad.emplace(*one);
  for (auto [request, info] : llvm::zip(requests, image->kernels)) {
    std::vector<Implementation> all = {
        {"ds-mlir", reinterpret_cast<plan::KernelFn>(code + info.codeOffset),
         info.items, info.grain}};
    for (const auto &[path, library] : options.libraries)
      if (auto one = find(library, path, info.name))
        all.push_back(*one);
    Operands operands(request);
    if (!agree(all, operands, info.name))
      return 1;
    operands.fill();
    llvm::outs() << llvm::json::Value(measure(info, all, operands,
                                              triad ? &*triad : nullptr,
                                              options.rounds))
                 << "\n";
    llvm::outs().flush();
  }
  return 0;
}

} // namespace

int main(int argc, char **argv) {
  rt::setThreads(rt::defaultThreads(1));
  rt::flushDenormals();
  Options options;
  if (!parse(ArrayRef(argv, argc).drop_front(), options))
    return 2;
  MLIRContext context;
  context.loadDialect<DSDialect, func::FuncDialect>();
  context.allowUnregisteredDialects();
  auto module = parseSourceFile<ModuleOp>(options.file, &context);
  return module ? run(*module, options) : 1;
}
