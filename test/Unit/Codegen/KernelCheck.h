//===- KernelCheck.h - Kernels against their definition -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Random inputs of a kernel, what its ops say it computes, and how close to
// that its results must be: the same for every machine.
//===--------------------------------------------------------------------===//
#ifndef DS_TEST_UNIT_CODEGEN_KERNELCHECK_H
#define DS_TEST_UNIT_CODEGEN_KERNELCHECK_H

#include "Patterns.h"
#include "ds/Codegen/Codegen.h"
#include "ds/Dialect/DS/DS.h"

#include <functional>
#include <random>

namespace ds::test {

inline constexpr size_t kGuard =
    64; ///< Bytes behind each tensor that must survive.
inline constexpr char kGuardByte = 0x5a;

/// A tensor's bytes as the kernel sees them.
struct Buffer {
  mlir::RankedTensorType type;
  std::vector<char> storage;
  char *bytes = nullptr;

  explicit Buffer(mlir::RankedTensorType type)
      : type(type), storage(byteSize(type) + kGuard + 64, kGuardByte) {
    auto address = reinterpret_cast<uintptr_t>(storage.data());
    bytes = storage.data() + (-address & 63);
  }
  template <typename T> T *as() { return reinterpret_cast<T *>(bytes); }

  /// Calls `move` with the element type's elements; truth values are bytes.
  template <typename Move> void withElements(Move move) {
    mlir::Type element = type.getElementType();
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
    if (mlir::Type element = type.getElementType(); isNarrow(element)) {
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
    if (mlir::Type element = type.getElementType(); isNarrow(element)) {
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

/// The arguments of one launch.
struct Launch {
  std::vector<Buffer> buffers;
  std::vector<unsigned> resultBuffers;
  std::vector<void *> pointers;

  Launch(const KernelRequest &request, llvm::ArrayRef<HostTensor> inputs);
};

/// Whether an argument goes through all patterns of 16 bits.
bool hasPatterns(mlir::func::FuncOp function);

/// What the function's attributes say of its results' places.
InPlace inPlaceOf(mlir::func::FuncOp function);

/// As the argument's attributes say; see CheckKernels.cpp.
HostTensor randomInput(mlir::func::FuncOp function, unsigned number,
                       std::mt19937 &random);

/// What the ops of the function say it computes.
std::vector<HostTensor> evaluate(mlir::func::FuncOp function,
                                 llvm::ArrayRef<HostTensor> inputs);

/// A way to run a kernel, by which its results must have the same bits as by
/// any other.
struct Way {
  std::string name;
  std::function<void(Launch &)> run;
};

/// Runs a kernel and compares with the definition, and bit for bit with
/// `first`, the results of an earlier way.
bool check(const KernelRequest &request, const Way &way,
           llvm::ArrayRef<HostTensor> inputs,
           llvm::ArrayRef<HostTensor> expected,
           std::vector<std::vector<char>> &first);

/// A kernel with NaN or an infinity in the first, a middle and the last element
/// of each argument in turn; the last one lies in what is left of a vector.
/// With `isBrief` with NaN alone.
bool checkPoison(const KernelRequest &request, const Way &way,
                 llvm::ArrayRef<HostTensor> inputs, bool isBrief = false);

} // namespace ds::test

#endif // DS_TEST_UNIT_CODEGEN_KERNELCHECK_H
