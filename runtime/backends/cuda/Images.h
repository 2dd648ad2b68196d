//===- Images.h - Which of a plan's images a GPU runs -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_RUNTIME_BACKENDS_CUDA_IMAGES_H
#define DS_RUNTIME_BACKENDS_CUDA_IMAGES_H

#include "backends/cuda/Device.h"
#include "plan/Plan.h"

namespace ds::rt::cuda {

/// The image that runs the best on compute capability `capability` (90: 9.0):
/// machine code for exactly that, for its family, for an older one of the same
/// major number, else PTX.  Input when there is none.
StatusOr<const plan::Image *>
chooseImage(const plan::Plan &plan, int capability, const std::string &gpu);

/// A loaded image.  Gives it back at the end, before its device.
class Kernels {
public:
  /// Empty; launches nothing.
  explicit Kernels(const Device &device) : device_(device) {}
  Kernels(const Kernels &) = delete;
  ~Kernels();

  /// Loads the image of the plan that this GPU runs, and from it the kernels
  /// that `used` names.
  Status load(const LoadedPlan &plan, const std::vector<bool> &used);
  /// Of a kernel that was used.
  Function function(uint32_t kernel) const { return functions_[kernel]; }

private:
  Status loadModule(const LoadedPlan &plan, const plan::Image &image);
  Status loadKernel(const plan::Plan &plan, uint32_t kernel);

  const Device &device_;
  Module module_ = nullptr;
  std::vector<Function> functions_;
};

} // namespace ds::rt::cuda

#endif // DS_RUNTIME_BACKENDS_CUDA_IMAGES_H
