//===- KernelCheck.cpp - Kernels against their definition ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "KernelCheck.h"

#include "ds/Dialect/DS/DS.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace mlir;
using namespace ds;
using namespace ds::test;

Launch::Launch(const KernelRequest &request, ArrayRef<HostTensor> inputs) {
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

bool test::hasPatterns(func::FuncOp function) {
  for (unsigned i = 0; i < function.getNumArguments(); ++i)
    if (function.getArgAttr(i, "test.patterns"))
      return true;
  return false;
}

HostTensor test::randomInput(func::FuncOp function, unsigned number,
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

std::vector<HostTensor> test::evaluate(func::FuncOp function,
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

InPlace test::inPlaceOf(func::FuncOp function) {
  InPlace result;
  if (auto pairs = function->getAttrOfType<ArrayAttr>("in_place"))
    for (auto pair : pairs.getAsRange<ArrayAttr>())
      result.push_back({cast<IntegerAttr>(pair[0]).getInt(),
                        cast<IntegerAttr>(pair[1]).getInt()});
  return result;
}

/// What arithmetic may leave: of float32, or of one step of 16 bits, which a
/// difference of float32 may turn into the next one.
static double toleranceOf(Type element) {
  return element.isBF16() ? 0x1p-7 : element.isF16() ? 0x1p-10 : 1e-5;
}

/// Of a kernel's results: the greatest of any type in it, since an operand that
/// was rounded to fewer bits makes all that is computed of it differ.
static double toleranceOf(func::FuncOp function) {
  double most = 0;
  if (!hasPatterns(function))
    function.walk([&](Operation *op) {
      for (Type type : llvm::concat<const Type>(op->getOperandTypes(),
                                                op->getResultTypes()))
        most = std::max(most, toleranceOf(getElementTypeOrSelf(type)));
    });
  if (auto times = function->getAttrOfType<FloatAttr>("test.tolerance"))
    most *= times.getValueAsDouble();
  return most;
}

/// Whether `actual` is what arithmetic may make of `expected`; integers are
/// exact, and all with a tolerance of 0.
static bool isClose(const HostTensor &expected, const HostTensor &actual,
                    bool isFloat, double tolerance, std::string &why) {
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

bool test::check(const KernelRequest &request, const Way &way,
                 ArrayRef<HostTensor> inputs, ArrayRef<HostTensor> expected,
                 std::vector<std::vector<char>> &first) {
  Launch launch(request, inputs);
  func::FuncOp function = request.function;
  way.run(launch);
  for (auto [i, tensor] : llvm::enumerate(expected)) {
    std::string why;
    Buffer &buffer = launch.buffers[launch.resultBuffers[i]];
    bool isFloat = isa<FloatType>(buffer.type.getElementType());
    if (isClose(tensor, buffer.read(), isFloat, toleranceOf(function), why))
      continue;
    llvm::errs() << function.getName() << ", " << way.name << ", result " << i
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
    llvm::errs() << function.getName() << ", " << way.name << ": other bits\n";
    return false;
  }
  for (Buffer &buffer : launch.buffers)
    if (!buffer.isGuardIntact()) {
      llvm::errs() << function.getName() << " writes past a tensor's end\n";
      return false;
    }
  return true;
}

bool test::checkPoison(const KernelRequest &request, const Way &way,
                       ArrayRef<HostTensor> inputs, bool isBrief) {
  func::FuncOp function = request.function;
  auto isFinite = [](const HostTensor &tensor) {
    return llvm::all_of(tensor.data, [](double x) { return std::isfinite(x); });
  };
  const double poisons[] = {NAN, INFINITY, -INFINITY};
  for (auto [number, type] : llvm::enumerate(function.getArgumentTypes())) {
    if (!isa<FloatType>(cast<RankedTensorType>(type).getElementType()))
      continue;
    std::vector<HostTensor> poisoned(inputs.begin(), inputs.end());
    std::vector<double> &data = poisoned[number].data;
    bool isSeen = !!function.getArgAttr(number, "test.partly");
    for (size_t place : {size_t(0), data.size() / 2, data.size() - 1})
      for (double poison : ArrayRef(poisons).take_front(isBrief ? 1 : 3)) {
        double healthy = std::exchange(data[place], poison);
        std::vector<HostTensor> expected = evaluate(function, poisoned);
        std::vector<std::vector<char>> first;
        if (!check(request, way, poisoned, expected, first)) {
          llvm::errs() << "with " << poison << " in element " << place
                       << " of argument " << number << "\n";
          return false;
        }
        isSeen |= std::isnan(poison) && !llvm::all_of(expected, isFinite);
        data[place] = healthy;
      }
    if (!isSeen) {
      llvm::errs() << function.getName() << " shows no NaN of argument "
                   << number << "\n";
      return false;
    }
  }
  return true;
}
