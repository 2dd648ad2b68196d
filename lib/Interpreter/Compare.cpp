//===- Compare.cpp - Is a program the same before and after passes? -----===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Interpreter/Compare.h"

#include "llvm/Support/Format.h"

#include <cmath>

using namespace mlir;
using namespace ds;

using Values = std::vector<RankValues>;

namespace {
/// What rounding leaves of a value that is mathematically zero.
constexpr double kTiny = 1e-14;

/// The greatest difference seen, and how much was compared.
struct Tally {
  double worst = 0.0;
  std::string where = "none";
  int64_t results = 0, tensors = 0;

  void add(double difference, const Twine &name) {
    if (difference <= worst)
      return;
    worst = difference;
    where = name.str();
  }
};

double largest(const HostTensor &tensor) {
  double result = 0.0;
  for (double x : tensor.data)
    result = std::max(result, std::abs(x));
  return result;
}

std::string printShape(ArrayRef<int64_t> shape) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "[";
  llvm::interleaveComma(shape, os);
  os << "]";
  return text;
}

/// Compares two tensors; `where` says which ones they are.
LogicalResult compareTensors(Operation *owner, const HostTensor &before,
                             const HostTensor &after, double rtol,
                             const Twine &where, Tally &tally) {
  if (before.shape != after.shape)
    return owner->emitError()
           << where << " has shape " << printShape(after.shape) << ", but had "
           << printShape(before.shape) << " before";
  double scale = largest(before);
  for (int64_t i = 0, e = before.size(); i < e; ++i) {
    double a = before.data[i], b = after.data[i];
    if (a == b)
      continue;
    if (!(std::abs(a - b) <= rtol * scale + kTiny))
      return owner->emitError()
             << where << ", element " << i << ": " << printNumber(b)
             << ", but was " << printNumber(a) << " before";
    tally.add(scale > 0 ? std::abs(a - b) / scale : 0.0, where);
  }
  return success();
}

func::FuncOp lookup(ModuleOp module, StringRef name) {
  auto function = module.lookupSymbol<func::FuncOp>(name);
  if (!function)
    module.emitError() << "has no function '" << name << "'";
  return function;
}

/// What each rank gets of an argument: its window of the first dimension where
/// the ranks' dimensions add up to the whole's, otherwise all of it.
FailureOr<RankValues> distribute(func::FuncOp function, unsigned argument,
                                 const HostTensor &whole, int64_t world) {
  auto shape =
      cast<RankedTensorType>(function.getArgumentTypes()[argument]).getShape();
  if (ArrayRef(whole.shape) == shape)
    return RankValues(world, whole);
  SmallVector<int64_t> expected(shape);
  if (!expected.empty())
    expected[0] *= world;
  if (ArrayRef(whole.shape) != ArrayRef<int64_t>(expected))
    return function.emitError()
           << "argument " << argument << " has shape " << printShape(shape)
           << ", which is neither the whole nor one of " << world
           << " equal parts of " << printShape(whole.shape);
  RankValues windows(world, HostTensor(shape));
  for (int64_t rank = 0; rank < world; ++rank)
    std::copy_n(whole.data.begin() + rank * windows[rank].size(),
                windows[rank].size(), windows[rank].data.begin());
  return windows;
}

/// Both programs, step by step.
struct Comparison {
  func::FuncOp before, after;
  Interpreter beforeRanks, afterRanks;
  const CompareOptions &options;
  Tally tally = {};

  LogicalResult run();
  LogicalResult runStep(int64_t step);
  LogicalResult compareState();
};

LogicalResult Comparison::run() {
  if (before.getNumArguments() != after.getNumArguments() ||
      before.getNumResults() != after.getNumResults())
    return after.emitError()
           << "has type " << after.getFunctionType() << ", but had "
           << before.getFunctionType() << " before";
  if (failed(beforeRanks.initialize()) || failed(afterRanks.initialize()))
    return failure();
  for (int64_t step = 0; step < options.steps; ++step)
    if (failed(runStep(step)))
      return failure();
  return compareState();
}

LogicalResult Comparison::runStep(int64_t step) {
  Values wholeArguments, windows;
  for (unsigned i = 0; i < before.getNumArguments(); ++i) {
    FailureOr<HostTensor> whole = testArgument(before, i, step);
    if (failed(whole))
      return failure();
    auto window = distribute(after, i, *whole, afterRanks.getWorld());
    if (failed(window))
      return failure();
    wholeArguments.push_back({std::move(*whole)});
    windows.push_back(std::move(*window));
  }
  auto expected = beforeRanks.run(before.getSymName(), wholeArguments);
  if (failed(expected))
    return failure();
  auto results = afterRanks.run(after.getSymName(), windows);
  if (failed(results))
    return failure();
  for (auto [i, result] : llvm::enumerate(*results))
    for (auto [rank, value] : llvm::enumerate(result))
      if (failed(compareTensors(after, (*expected)[i][0], value, options.rtol,
                                "step " + Twine(step) + ", result " + Twine(i) +
                                    ", rank " + Twine(rank),
                                tally)))
        return failure();
  tally.results = results->size();
  return success();
}

LogicalResult Comparison::compareState() {
  auto expected = beforeRanks.logicalState();
  if (failed(expected))
    return failure();
  auto state = afterRanks.logicalState();
  if (failed(state))
    return failure();
  for (auto &[name, value] : *state)
    if (!expected->count(name))
      return after.emitError() << "state '" << name << "' did not exist before";
  for (auto &[name, value] : *expected) {
    auto it = state->find(name);
    if (it == state->end())
      return after.emitError() << "state '" << name << "' is missing";
    if (failed(compareTensors(after, value, it->second, options.rtol,
                              "state '" + name + "'", tally)))
      return failure();
  }
  tally.tensors = state->size();
  return success();
}

/// Runs a function with a scalar result and returns that.
FailureOr<double> runScalar(Interpreter &interpreter, func::FuncOp function,
                            ArrayRef<RankValues> arguments) {
  auto results = interpreter.run(function.getSymName(), arguments);
  if (failed(results))
    return failure();
  if (results->size() != 1 || (*results)[0][0].size() != 1)
    return function.emitError() << "expects one scalar result to differentiate";
  return (*results)[0][0].data[0];
}

/// Compares up to 64 elements of one gradient with central differences.
LogicalResult checkGradient(Interpreter &interpreter, func::FuncOp function,
                            Values &arguments, unsigned argument,
                            const HostTensor &gradient, Tally &tally) {
  HostTensor &x = arguments[argument][0];
  if (x.shape != gradient.shape)
    return function.emitError()
           << "gradient of argument " << argument << " has shape "
           << printShape(gradient.shape) << ", but the argument has "
           << printShape(x.shape);
  FailureOr<double> value = runScalar(interpreter, function, arguments);
  if (failed(value))
    return failure();
  double scale = largest(gradient);
  int64_t samples = std::min<int64_t>(64, x.size());
  for (int64_t sample = 0; sample < samples; ++sample) {
    int64_t i = sample * x.size() / samples;
    double center = x.data[i], h = 1e-5 * (1.0 + std::abs(center));
    x.data[i] = center + h;
    FailureOr<double> above = runScalar(interpreter, function, arguments);
    x.data[i] = center - h;
    FailureOr<double> below = runScalar(interpreter, function, arguments);
    x.data[i] = center;
    if (failed(above) || failed(below))
      return failure();
    double expected = (*above - *below) / (2.0 * h);
    double difference = std::abs(expected - gradient.data[i]);
    // The second term is the rounding of the difference quotient.
    if (!(difference <= 1e-6 * scale + 1e-9 * (1.0 + std::abs(*value))))
      return function.emitError()
             << "gradient of argument " << argument << ", element " << i << ": "
             << printNumber(gradient.data[i])
             << ", but finite differences give " << printNumber(expected);
    tally.add(scale > 0 ? difference / scale : 0.0,
              "argument " + Twine(argument));
  }
  return success();
}

/// Prints nested lists of the elements from `next` on.
void printElements(const HostTensor &tensor, bool whole, size_t dim,
                   int64_t &next, llvm::raw_ostream &os) {
  if (dim == tensor.shape.size()) {
    // Adding zero turns -0 into 0; NaN has no sign either.
    double x = tensor.data[next++] + 0.0;
    os << llvm::format(whole ? "%.0f" : "%.6g", std::isnan(x) ? NAN : x);
    return;
  }
  os << "[";
  for (int64_t i = 0; i < tensor.shape[dim]; ++i) {
    if (i != 0)
      os << ", ";
    printElements(tensor, whole, dim + 1, next, os);
  }
  os << "]";
}

/// The elements of an argument's `ds.value`.
FailureOr<HostTensor> readValue(func::FuncOp function, unsigned argument,
                                DenseElementsAttr given, HostTensor value) {
  if (given.getType() != function.getArgumentTypes()[argument])
    return function.emitError() << "argument " << argument << " has type "
                                << function.getArgumentTypes()[argument]
                                << ", but its ds.value " << given.getType();
  if (isa<FloatType>(given.getElementType()))
    for (auto [i, x] : llvm::enumerate(given.getValues<APFloat>())) {
      bool losesInfo;
      x.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven,
                &losesInfo);
      value.data[i] = x.convertToDouble();
    }
  else
    for (auto [i, x] : llvm::enumerate(given.getValues<APInt>()))
      // A truth value has no sign.
      value.data[i] = x.getBitWidth() == 1
                          ? static_cast<double>(x.getZExtValue())
                          : static_cast<double>(x.getSExtValue());
  return value;
}
} // namespace

FailureOr<HostTensor> ds::testArgument(func::FuncOp function, unsigned argument,
                                       int64_t step) {
  auto type = dyn_cast<RankedTensorType>(function.getArgumentTypes()[argument]);
  if (!type || !type.hasStaticShape())
    return function.emitError()
           << "argument " << argument << " has type "
           << function.getArgumentTypes()[argument]
           << (type ? "; bind dimensions first" : ", expects a tensor");
  HostTensor value(type);
  if (auto given =
          function.getArgAttrOfType<DenseElementsAttr>(argument, "ds.value"))
    return readValue(function, argument, given, std::move(value));
  std::string name =
      ("argument " + Twine(argument) + " step " + Twine(step)).str();
  bool isFloat = isa<FloatType>(type.getElementType());
  int64_t bound = type.getElementType().isInteger(1) ? 2 : 8;
  if (auto attr = function.getArgAttrOfType<IntegerAttr>(argument, "ds.bound"))
    bound = attr.getInt();
  for (int64_t i = 0, e = value.size(); i < e; ++i)
    value.data[i] = isFloat ? testNormal(name, i)
                            : std::floor(bound * testUniform(name, i));
  value.roundTo(type);
  return value;
}

LogicalResult ds::compare(ModuleOp before, ModuleOp after, int64_t world,
                          const CompareOptions &options,
                          llvm::raw_ostream &os) {
  func::FuncOp beforeEntry = lookup(before, options.entry);
  if (!beforeEntry)
    return failure();
  func::FuncOp afterEntry = lookup(after, options.entry);
  if (!afterEntry)
    return failure();
  Comparison comparison{beforeEntry, afterEntry, Interpreter(before, 1),
                        Interpreter(after, world), options};
  if (failed(comparison.run()))
    return failure();
  const Tally &tally = comparison.tally;
  os << "world " << world << ": equal: " << tally.results << " results x "
     << options.steps << " steps, " << tally.tensors
     << " tensors, worst difference " << llvm::format("%.1e", tally.worst)
     << " (" << tally.where << ")\n";
  return success();
}

LogicalResult ds::checkGradients(ModuleOp module, StringRef name,
                                 llvm::raw_ostream &os) {
  func::FuncOp function = lookup(module, name);
  func::FuncOp gradient = lookup(module, (name + "_grad").str());
  if (!function || !gradient)
    return failure();
  Interpreter interpreter(module, /*world=*/1);
  if (failed(interpreter.initialize()))
    return failure();
  Values arguments;
  SmallVector<unsigned> floats;
  for (unsigned i = 0; i < function.getNumArguments(); ++i) {
    FailureOr<HostTensor> value = testArgument(function, i, /*step=*/0);
    if (failed(value))
      return failure();
    arguments.push_back({std::move(*value)});
    if (isa<FloatType>(getElementTypeOrSelf(function.getArgumentTypes()[i])))
      floats.push_back(i);
  }
  auto results = interpreter.run(gradient.getSymName(), arguments);
  if (failed(results))
    return failure();
  if (results->size() != 1 + floats.size())
    return gradient.emitError()
           << "expects the scalar and " << floats.size()
           << " gradients as results, but got " << results->size();
  FailureOr<double> value = runScalar(interpreter, function, arguments);
  Tally tally;
  if (failed(value) || failed(compareTensors(
                           gradient, HostTensor((*results)[0][0].shape, *value),
                           (*results)[0][0], 1e-12, "the scalar", tally)))
    return failure();
  for (auto [i, argument] : llvm::enumerate(floats))
    if (failed(checkGradient(interpreter, function, arguments, argument,
                             (*results)[i + 1][0], tally)))
      return failure();
  os << "gradients of @" << name << ": " << floats.size()
     << " arguments, worst difference " << llvm::format("%.1e", tally.worst)
     << " (" << tally.where << ")\n";
  return success();
}

LogicalResult ds::printResults(ModuleOp module, StringRef entry, int64_t world,
                               llvm::raw_ostream &os) {
  func::FuncOp function = lookup(module, entry);
  if (!function)
    return failure();
  Interpreter interpreter(module, world);
  if (failed(interpreter.initialize()))
    return failure();
  Values arguments;
  for (unsigned i = 0; i < function.getNumArguments(); ++i) {
    FailureOr<HostTensor> value = testArgument(function, i, /*step=*/0);
    if (failed(value))
      return failure();
    arguments.push_back(RankValues(world, *value));
  }
  auto results = interpreter.run(entry, arguments);
  if (failed(results))
    return failure();
  for (auto [i, result] : llvm::enumerate(*results)) {
    const bool whole =
        !isa<FloatType>(getElementTypeOrSelf(function.getResultTypes()[i]));
    for (auto [rank, value] : llvm::enumerate(result)) {
      if (world > 1)
        os << "rank " << rank << " ";
      os << "result " << i << ": ";
      int64_t next = 0;
      printElements(value, whole, 0, next, os);
      os << "\n";
    }
  }
  return success();
}
