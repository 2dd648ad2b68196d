//===- IpcComm.h - Between processes that share GPUs --------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// NCCL wants a GPU for each rank.  Where there are fewer, each rank opens the
// others' arenas (CUDA IPC) and copies from them, GPU to GPU; sums are added up
// by a kernel in the order of ranks, as on CPUs.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_COMM_LOCAL_IPCCOMM_H
#define DS_RUNTIME_COMM_LOCAL_IPCCOMM_H

#include "comm/local/GpuReduce.h"
#include "comm/local/SharedGpuComm.h"

#include <set>
#include <span>

namespace ds::rt {

/// What the collectives of a plan reduce.
using Reductions = std::set<std::pair<plan::DType, plan::ReduceOp>>;

class IpcComm final : public SharedGpuComm {
public:
  /// `shared`: memory of each rank that all see at the same address, for
  /// `open`; `arenas`: this rank's on its GPU.
  IpcComm(LocalComm &local, cuda::Device &device, double timeoutSeconds,
          std::vector<std::byte *> shared,
          std::vector<std::span<std::byte>> arenas)
      : SharedGpuComm(local, device, timeoutSeconds),
        shared_(std::move(shared)), own_(std::move(arenas)), reduce_(device) {}
  /// Waits for the others: an arena that is open elsewhere must not go.
  ~IpcComm() override;

  /// Opens the arenas of all ranks.  Collective.  Says why it cannot be, to all
  /// ranks alike; nothing when all is well.
  StatusOr<std::string> open(const Reductions &reductions);

  Status run(const CollectiveOp &op, size_t stream,
             const std::string &what) override;
  Status send(int peer, const std::byte *data, uint64_t bytes, size_t stream,
              const std::string &what) override;
  Status receive(int peer, std::byte *data, uint64_t bytes, size_t stream,
                 const std::string &what) override;
  std::string cannotBeCaptured() const override;
  bool takesLeave() const override { return isOpen_; }

private:
  struct Exports;
  Exports &exports(int rank) const;
  Status refused(cuda::Result result, const std::string &what) const;
  Status offer();
  Status openPeers();
  Status openPeer(int rank);
  void close();

  /// Arenas of a rank: where they begin there, and here.
  struct Imported {
    const std::byte *there;
    uint64_t bytes;
    cuda::Address here;
  };
  StatusOr<cuda::Address> find(int rank, const std::byte *at, uint64_t bytes,
                               const std::string &what) const;
  int rankOf(const CollectiveOp &op, size_t member) const;
  Status copyFrom(int rank, const std::byte *from, std::byte *to,
                  uint64_t bytes, size_t stream, const std::string &what);
  Status reduce(const CollectiveOp &op, uint64_t first, std::byte *to,
                uint64_t count, size_t stream, const std::string &what);
  Status allReduce(const CollectiveOp &op, size_t stream,
                   const std::string &what);
  Status enqueue(const CollectiveOp &op, size_t stream,
                 const std::string &what);

  const std::vector<std::byte *> shared_;
  const std::vector<std::span<std::byte>> own_;
  std::vector<std::vector<Imported>> arenas_; ///< By rank.
  GpuReduce reduce_;
  bool isOpen_ = false;
};

} // namespace ds::rt

#endif // DS_RUNTIME_COMM_LOCAL_IPCCOMM_H
