//===- SharedGpuComm.h - Between ranks that share GPUs ------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the two ways have in common: between ranks it is the hosts that wait for
// each other, once each has seen its GPU done.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_COMM_LOCAL_SHAREDGPUCOMM_H
#define DS_RUNTIME_COMM_LOCAL_SHAREDGPUCOMM_H

#include "backends/cuda/Device.h"
#include "comm/GpuComm.h"

#include <utility>

namespace ds::rt {

class SharedGpuComm : public GpuComm {
public:
  SharedGpuComm(LocalComm &local, cuda::Device &device, double timeoutSeconds)
      : local_(local), device_(device), timeout_(timeoutSeconds) {}
  SharedGpuComm(const SharedGpuComm &) = delete;

protected:
  /// Enqueues something, unless what came before it failed.
  template <typename Enqueue> void then(Enqueue enqueue) {
    if (result_ == cuda::kSuccess)
      result_ = enqueue();
  }

  /// Until all that was enqueued is done, and what was before it.
  Status settle(const std::string &what) {
    then([&] { return device_.wait(timeout_); });
    const cuda::Result result = std::exchange(result_, cuda::kSuccess);
    if (result == cuda::kSuccess) {
      local_.control().slot(local_.rank()).advance();
      return {};
    }
    device_.abandon();
    if (result == cuda::kNotReady)
      return rankLost("rank %d waited %g s for %s at %s: raise --timeout if it "
                      "was only slow",
                      local_.rank(), timeout_, device_.title().c_str(),
                      what.c_str());
    return device_.error(result, format("rank %d: %s failed at %s or before",
                                        local_.rank(), device_.title().c_str(),
                                        what.c_str()));
  }

  /// "2 ranks share 1 GPU".
  std::string shares() const {
    return format("%d ranks share %d GPU%s", local_.control().world(),
                  device_.count(), device_.count() == 1 ? "" : "s");
  }

  LocalComm &local_;
  cuda::Device &device_;
  const double timeout_;

private:
  cuda::Result result_ = cuda::kSuccess; ///< Since it was settled.
};

} // namespace ds::rt

#endif // DS_RUNTIME_COMM_LOCAL_SHAREDGPUCOMM_H
