//===- NcclComm.h - Collectives between GPUs ----------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A communicator for each group of ranks that talks and each stream that it
// does so on, made at load: what one communicator does, all members do in the
// same order, and streams have none between them.  The ranks find each other
// through what they share on this machine (Control).
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_COMM_NCCL_NCCLCOMM_H
#define DS_RUNTIME_COMM_NCCL_NCCLCOMM_H

#include "backends/cuda/Device.h"
#include "comm/GpuComm.h"
#include "comm/nccl/Nccl.h"

#include <map>
#include <set>

namespace ds::rt {

class NcclComm final : public GpuComm {
public:
  NcclComm(LocalComm &local, cuda::Device &device, double timeoutSeconds)
      : local_(local), device_(device), timeout_(timeoutSeconds) {}
  NcclComm(const NcclComm &) = delete;
  /// Waits for the others; if something went wrong, leaves all to the end of
  /// the process.
  ~NcclComm() override;

  /// Memory of the GPU that NCCL can use in place, without copies of its own,
  /// in collectives of a graph: where all ranks have theirs at the same offset
  /// of such memory, and only there.  Else it is the device's.
  static StatusOr<std::byte *> allocate(cuda::Device &device, uint64_t bytes);

  /// A group, and a stream of the device by its number.
  using Channel = std::pair<uint32_t, size_t>;
  /// Makes communicators of those whose group has more than one member and this
  /// rank among them.  Collective.  Opens the library if there are any.
  Status connect(const std::set<Channel> &channels);

  // Each enqueues on the stream.
  Status run(const CollectiveOp &op, size_t stream,
             const std::string &what) override;
  Status send(int peer, const std::byte *data, uint64_t bytes, size_t stream,
              const std::string &what) override;
  Status receive(int peer, std::byte *data, uint64_t bytes, size_t stream,
                 const std::string &what) override;

  bool takesLeave() const override { return !comms_.empty(); }
  Status health() override;

private:
  Status connect(const Channel &channel);
  Status settle(nccl::Handle comm, nccl::Status status,
                const std::string &what);
  Status error(nccl::Handle comm, nccl::Status status, const std::string &what);
  nccl::Status allToAll(const CollectiveOp &op, nccl::Handle comm,
                        cuda::Stream stream);
  nccl::Handle world(size_t stream) const;

  LocalComm &local_;
  cuda::Device &device_;
  double timeout_;
  const nccl::Library *library_ = nullptr;
  std::map<Channel, nccl::Handle> comms_;
};

} // namespace ds::rt

#endif // DS_RUNTIME_COMM_NCCL_NCCLCOMM_H
