//===- CpuBackend.h - A rank on CPUs ------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_RUNTIME_EXEC_CPUBACKEND_H
#define DS_RUNTIME_EXEC_CPUBACKEND_H

#include "exec/Backend.h"
#include "exec/Executor.h"

namespace ds::rt {

/// The arenas are the job's, mapped before the fork.
class CpuBackend final : public Backend {
public:
  CpuBackend(const Job &job, int rank, LocalComm &comm, Recorder &recorder);

  Status open() override;
  Status settleState() override;
  Status settle(const plan::Entry &entry) override;
  std::byte *input(uint32_t buffer) override { return memory_.buffer(buffer); }
  const std::byte *output(uint32_t buffer) const override {
    return memory_.buffer(buffer);
  }
  Status run(const plan::Entry &entry) override;
  uint32_t firstOf(uint32_t block) const override;
  uint64_t residentBytes(uint32_t arena) const override;
  uint64_t residentBytes(uint32_t arena, uint64_t offset,
                         uint64_t bytes) const override;
  bool isShared(uint32_t arena) const override;
  double measureBandwidth() override;
  Status show(std::byte *at, uint64_t bytes, uint64_t unit, Access access,
              const Use &use) const override {
    return HostView().show(at, bytes, unit, access, use);
  }

private:
  Status prefault(const Arena &arena, uint64_t offset, uint64_t bytes) const;
  const std::vector<Arena> &arenas() const { return job_.arenas[rank_]; }

  const Job &job_;
  int rank_;
  LocalComm &comm_;
  Recorder &recorder_;
  std::optional<Executor> executor_;
};

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_CPUBACKEND_H
