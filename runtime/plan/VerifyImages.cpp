//===- VerifyImages.cpp - What a plan for a GPU has -----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The limits are those that every NVIDIA GPU since compute capability 8.0 has;
// what one has less of is found when its driver refuses to load or launch.
//===--------------------------------------------------------------------===//
#include "plan/Verify.h"

#include <cctype>
#include <cstring>

namespace ds::rt {

bool isForGpu(const plan::Plan &plan) {
  return plan.target()->arch()->string_view() == "nvidia";
}

namespace verify {

namespace {

constexpr uint32_t kMaxThreads = 1024;
constexpr uint32_t kMaxSharedBytes = 227 << 10; // compute capability 9.0, 10.0

/// sm_80, sm_90a, compute_100f: `prefix`, digits, and a letter or none.
bool isArch(std::string_view text, std::string_view prefix) {
  if (text.substr(0, prefix.size()) != prefix)
    return false;
  text.remove_prefix(prefix.size());
  if (!text.empty() && (text.back() == 'a' || text.back() == 'f'))
    text.remove_suffix(1);
  if (text.size() < 2 || text.size() > 3)
    return false;
  for (char c : text)
    if (!std::isdigit(static_cast<unsigned char>(c)))
      return false;
  return true;
}

Status verifyImage(const plan::Image &image, uint64_t codeBytes) {
  DS_RT_RETURN_IF_ERROR(checkEnum("kind", image.kind()));
  DS_RT_RETURN_IF_ERROR(checkText("arch", image.arch(), Empty::Refused));
  const bool ptx = image.kind() == plan::ImageKind::ptx;
  if (!isArch(image.arch()->string_view(), ptx ? "compute_" : "sm_"))
    return inputError("expects 'arch' like %s, but got %s",
                      ptx ? "compute_80" : "sm_80",
                      shown(image.arch()).c_str());
  if (image.bytes() == 0)
    return inputError("expects 'bytes' to be at least 1, but got 0");
  return checkRange("image", image.offset(), image.bytes(), "code", codeBytes);
}

} // namespace

Status verifyGpuKernel(const plan::GpuKernel &kernel) {
  if (kernel.threads() == 0 || kernel.threads() > kMaxThreads)
    return inputError("expects 'threads' to be 1 to %u, but got %u",
                      kMaxThreads, kernel.threads());
  if (kernel.items() == 0)
    return inputError("expects 'items' to be at least 1, but got 0");
  if (kernel.shared_bytes() > kMaxSharedBytes)
    return inputError("expects 'shared_bytes' to be at most %u, but got %u",
                      kMaxSharedBytes, kernel.shared_bytes());
  return {};
}

Status verifyImages(const plan::Plan &plan, uint64_t codeBytes) {
  const uint32_t images = sizeOf(plan.images());
  if (!isForGpu(plan)) {
    if (images)
      return inputError("expects 'images' only in plans for GPUs, but got %u",
                        images);
    return {};
  }
  if (images > kMaxImages || (images == 0 && sizeOf(plan.kernels()) > 0))
    return inputError("expects 1 to %u 'images' for %u kernels, but got %u",
                      kMaxImages, sizeOf(plan.kernels()), images);
  for (uint32_t i = 0; i < images; ++i)
    DS_RT_RETURN_IF_ERROR(at(format("image %u", i),
                             verifyImage(*plan.images()->Get(i), codeBytes)));
  return {};
}

} // namespace verify

} // namespace ds::rt
