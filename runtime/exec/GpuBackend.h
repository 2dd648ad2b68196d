//===- GpuBackend.h - A rank on an NVIDIA GPU ---------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_RUNTIME_EXEC_GPUBACKEND_H
#define DS_RUNTIME_EXEC_GPUBACKEND_H

#include "backends/cuda/StepGraph.h"
#include "exec/Backend.h"
#include "exec/GpuClock.h"
#include "exec/GpuProgram.h"
#include "exec/GpuTrail.h"

namespace ds::rt {

/// All memory is taken at `open` and given back at the end.  A step is one
/// graph: its inputs, its instructions, its outputs.
class GpuBackend final : public Backend {
public:
  GpuBackend(const Job &job, int rank, LocalComm &comm, Recorder &recorder);
  ~GpuBackend() override;

  Status open() override;
  Status settleState() override { return {}; }
  Status settle(const plan::Entry &entry) override;
  std::byte *input(uint32_t buffer) override;
  const std::byte *output(uint32_t buffer) const override;
  Status run(const plan::Entry &entry) override;
  void close() override { closed_ = true; }
  uint32_t firstOf(uint32_t block) const override;
  /// With a trace or profile: then a step is no graph.
  bool recordsTimes() const override {
    return job_.options.profile || job_.options.trace;
  }
  uint64_t residentBytes(uint32_t arena) const override;
  uint64_t residentBytes(uint32_t arena, uint64_t offset,
                         uint64_t bytes) const override;
  bool isShared(uint32_t) const override { return false; }
  uint64_t libraryBytes() const override { return libraryBytes_; }
  StatusOr<FastestAlgorithms> fastestAlgorithms() override {
    return program_->fastestAlgorithms([this](uint32_t number) {
      slot_.instruction.store(number, std::memory_order_relaxed);
      slot_.advance();
    });
  }
  std::vector<std::string> notes() const override { return notes_; }
  Status show(std::byte *at, uint64_t bytes, uint64_t unit, Access access,
              const Use &use) const override;

private:
  /// A buffer of the GPU that the host reads or writes each step, and its place
  /// in the host's memory.
  struct Mirror {
    uint32_t buffer;
    uint64_t bytes;
    std::byte *host;
  };
  Status checkFree(uint64_t free, uint64_t reserve) const;
  Status start();
  bool exchangesInPlace() const;
  Status takeArenas();
  Status takeStaging();
  Status connect();
  Status connectShared();
  bool isOnDevice(const std::byte *at) const;
  std::vector<Mirror> mirrors(const plan::Entry &entry, bool inputs) const;
  Status makeGraph(const plan::Entry &entry);
  Status capture(const plan::Entry &entry);
  Status agree(const Status &captured);
  Status enqueue(const plan::Entry &entry, uint32_t every);
  Status wait(const std::string &phase) const;
  Status finish();
  Status recordTimes(double end);
  Status explain(const Status &status);
  Status lost(const std::string &message) const;
  std::string othersWhereabouts() const;
  std::string suspects() const;

  const Job &job_;
  const int rank_;
  LocalComm &local_;
  RankSlot &slot_;
  Recorder &recorder_;
  std::unique_ptr<cuda::Device> device_;
  std::unique_ptr<GpuComm> comm_;
  std::unique_ptr<GpuProgram> program_;
  std::unique_ptr<GpuTrail> trail_;
  std::unique_ptr<GpuClock> clock_; ///< Null unless it records times.
  std::unique_ptr<cuda::StepGraph> graph_;

  std::byte *staging_ = nullptr;            ///< Of `show`: kStagingBytes.
  std::map<uint32_t, std::byte *> mirrors_; ///< By buffer.
  uint64_t freeAtFirst_ = 0, libraryBytes_ = 0;
  bool closed_ = false;
  std::vector<std::string> notes_;
};

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_GPUBACKEND_H
