//===- GpuKernels.cpp - What a GPU runs while it is measured ------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "profile/GpuParts.h"

namespace ds::rt {

using namespace cuda;

namespace {

constexpr const char *kText =
#include "GpuKernels.inc"
    ;

constexpr unsigned kThreads = 256; ///< Of each block.
/// Together they have all threads that a multiprocessor runs at once.
constexpr uint64_t kBlocksOfProcessor = 8;
// As GpuKernels.ptx counts.
constexpr double kFlopsOfThread = 2.0 * 16 * 8192;
constexpr double kBytesOfThread = 16.0 * 1024;

} // namespace

GpuKernels::~GpuKernels() {
  if (module_ && !device_.isAbandoned())
    (void)device_.driver().moduleUnload(module_);
}

Status GpuKernels::load() {
  const Driver &driver = device_.driver();
  Result result = driver.moduleLoad(&module_, kText, 0, nullptr, nullptr);
  if (result != kSuccess)
    module_ = nullptr;
  const std::pair<const char *, Function *> functions[] = {
      {"ds_empty", &empty_},
      {"ds_random", &random_},
      {"ds_multiply", &multiply_},
      {"ds_read", &read_}};
  for (auto [name, function] : functions)
    if (result == kSuccess)
      result = driver.moduleGetFunction(function, module_, name);
  if (result == kSuccess)
    return {};
  return device_.error(
      result,
      format("cannot load the kernels that measure %s with a driver of CUDA %s",
             device_.title().c_str(), versionText(driver.version).c_str()));
}

Status GpuKernels::launch(Function function, uint64_t blocks,
                          std::byte *at) const {
  Address address = addressOf(at);
  void *parameters[] = {&address};
  const Result result = device_.driver().launch(
      function, unsigned(blocks), 1, 1, kThreads, 1, 1, 0, device_.stream(),
      at ? parameters : nullptr, nullptr);
  if (result == kSuccess)
    return {};
  return device_.error(result, "cannot launch a kernel on " + device_.title());
}

uint64_t GpuKernels::fullGrid() const {
  return kBlocksOfProcessor * uint64_t(device_.multiprocessors());
}

Status GpuKernels::empty() const { return launch(empty_, 1, nullptr); }

Status GpuKernels::random(std::byte *at, uint64_t bytes) const {
  return launch(random_, bytes / sizeof(uint32_t) / kThreads, at);
}

Status GpuKernels::multiply(std::byte *at) const {
  return launch(multiply_, fullGrid(), at);
}

Status GpuKernels::read(std::byte *at) const {
  return launch(read_, fullGrid(), at);
}

double GpuKernels::multiplyFlops() const {
  return double(fullGrid()) * kThreads * kFlopsOfThread;
}

double GpuKernels::readBytes() const {
  return double(fullGrid()) * kThreads * kBytesOfThread;
}

} // namespace ds::rt
