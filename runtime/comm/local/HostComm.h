//===- HostComm.h - Between GPUs through the host's memory --------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where processes cannot share a GPU's memory, data goes through memory of the
// host that they share, part by part, and is added up there as on CPUs: the
// same values, in the same order of ranks.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_COMM_LOCAL_HOSTCOMM_H
#define DS_RUNTIME_COMM_LOCAL_HOSTCOMM_H

#include "comm/local/SharedGpuComm.h"

#include <span>

namespace ds::rt {

class HostComm final : public SharedGpuComm {
public:
  /// What a rank brings is in the first half of `shared`, what it gets in the
  /// second; each rank has its own, which all see at the same address.  `why`:
  /// why it has to be this way.
  HostComm(LocalComm &local, cuda::Device &device, double timeoutSeconds,
           std::span<std::byte> shared, std::string why)
      : SharedGpuComm(local, device, timeoutSeconds), half_(shared.size() / 2),
        brought_(shared.data()), got_(shared.data() + half_),
        why_(std::move(why)) {}
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
  /// Copy between the GPU and a place of the shared memory.
  void bring(const std::byte *data, uint64_t at, uint64_t bytes, size_t stream);
  void take(std::byte *data, uint64_t at, uint64_t bytes, size_t stream);
  Status part(const CollectiveOp &op, uint64_t first, uint64_t count,
              size_t stream, const std::string &what);

  const uint64_t half_; ///< Bytes.
  std::byte *const brought_, *const got_;
  const std::string why_;
  bool registered_ = false;
};

} // namespace ds::rt

#endif // DS_RUNTIME_COMM_LOCAL_HOSTCOMM_H
