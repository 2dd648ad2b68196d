//===- KernelCode.h - The plan's code in memory -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The code section is mapped from the file, readable and executable and never
// writable; it holds no relocations, so there is nothing to link.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_EXEC_KERNELCODE_H
#define DS_RUNTIME_EXEC_KERNELCODE_H

#include "plan/Plan.h"

namespace ds::rt {

/// Owns the mapping.
class KernelCode {
public:
  static StatusOr<KernelCode> map(const LoadedPlan &plan);
  KernelCode(KernelCode &&other) noexcept;
  KernelCode &operator=(KernelCode &&other) noexcept;
  ~KernelCode();
  const std::byte *data() const { return data_; }

private:
  KernelCode() = default;
  const std::byte *data_ = nullptr;
  uint64_t bytes_ = 0;
};

/// Refuses a plan made for another CPU, naming what this one lacks.
Status checkTarget(const plan::Target &target);

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_KERNELCODE_H
