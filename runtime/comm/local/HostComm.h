//===- HostComm.h - Between ranks that share a GPU ----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// NCCL wants a GPU for each rank.  Where there are fewer, data goes through
// memory that the ranks' processes share, part by part, and is added up there
// as on CPUs: the same values, in the same order of ranks.  The host waits for
// the GPU in each, so it is for tests and small models.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_COMM_LOCAL_HOSTCOMM_H
#define DS_RUNTIME_COMM_LOCAL_HOSTCOMM_H

#include "backends/cuda/Device.h"
#include "comm/GpuComm.h"

#include <span>

namespace ds::rt {

class HostComm final : public GpuComm {
public:
  /// What a rank brings is in the first half of `shared`, what it gets in the
  /// second; each rank has its own, which all see at the same address.
  HostComm(LocalComm &local, cuda::Device &device, double timeoutSeconds,
           std::span<std::byte> shared)
      : local_(local), device_(device), timeout_(timeoutSeconds),
        half_(shared.size() / 2), brought_(shared.data()),
        got_(shared.data() + half_) {}
  HostComm(const HostComm &) = delete;
  ~HostComm() override;

  /// Lets the GPU use the shared memory.
  Status open();

  Status run(const CollectiveOp &op, size_t stream,
             const std::string &what) override;
  Status send(int peer, const std::byte *data, uint64_t bytes, size_t stream,
              const std::string &what) override;
  Status receive(int peer, std::byte *data, uint64_t bytes, size_t stream,
                 const std::string &what) override;
  std::string cannotBeCaptured() const override;

private:
  /// Copy between the GPU and a place of the shared memory; `settle` waits.
  void bring(const std::byte *data, uint64_t at, uint64_t bytes, size_t stream);
  void take(std::byte *data, uint64_t at, uint64_t bytes, size_t stream);
  Status settle(const std::string &what);
  Status part(const CollectiveOp &op, uint64_t first, uint64_t count,
              size_t stream, const std::string &what);

  LocalComm &local_;
  cuda::Device &device_;
  const double timeout_;
  const uint64_t half_; ///< Bytes.
  std::byte *const brought_, *const got_;
  bool registered_ = false;
  cuda::Result result_ = cuda::kSuccess; ///< Of copies since it was settled.
};

} // namespace ds::rt

#endif // DS_RUNTIME_COMM_LOCAL_HOSTCOMM_H
