//===- GpuLink.cpp - How fast GPUs of one machine exchange data ---------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "backends/cuda/StopWatch.h"
#include "comm/nccl/NcclComm.h"
#include "profile/GpuParts.h"

#include <algorithm>

namespace ds::rt {

using namespace cuda;

namespace {

constexpr double kTimeout = 60; ///< For other ranks; NCCL takes seconds.
constexpr uint64_t kWholeBytes = 256 << 20;
constexpr int kRounds = 5, kRuns = 4;

/// Seconds of one round, all ranks at once.
StatusOr<double> timeOf(LocalComm &local, NcclComm &comm, Device &device,
                        StopWatch &watch, const CollectiveOp &op) {
  float milliseconds = 0;
  DS_RT_RETURN_IF_ERROR(local.barrier());
  Result result = watch.mark(0);
  for (int i = 0; i < kRuns && result == kSuccess; ++i)
    DS_RT_RETURN_IF_ERROR(comm.run(op, 0, "measuring the link"));
  if (result == kSuccess)
    result = watch.mark(1);
  if (result == kSuccess)
    result = watch.read(milliseconds, [&] {
      return comm.health().ok() ? Device::Watch::Idle : Device::Watch::GiveUp;
    });
  if (result == kNotReady)
    DS_RT_RETURN_IF_ERROR(comm.health());
  if (result != kSuccess)
    return notMeasured(device, result);
  return milliseconds * 1e-3 / kRuns;
}

/// Each rank has a shard, and all are gathered.
Status measureGathers(LocalComm &local, Device &device, NcclComm &comm,
                      std::byte *data, uint64_t shard, GpuLink &link) {
  const CollectiveOp op{plan::CollectiveKind::all_gather,
                        plan::ReduceOp::sum,
                        plan::DType::u8,
                        shard,
                        data + uint64_t(local.rank()) * shard,
                        data,
                        local.control().everyone(),
                        0};
  StopWatch watch(device);
  std::vector<double> seconds;
  for (int round = 0; round <= kRounds; ++round) {
    auto time = timeOf(local, comm, device, watch, op);
    if (!time.ok())
      return time.status();
    if (round > 0) // the first makes connections
      seconds.push_back(*time);
  }
  std::ranges::sort(seconds);
  const int others = local.control().world() - 1;
  link.gbps = 1e-9 * double(shard) * others / seconds[kRounds / 2];
  return {};
}

Status exchange(LocalComm &local, Device &device, GpuLink &link) {
  const auto ranks = uint64_t(local.control().world());
  const uint64_t shard = kWholeBytes / ranks / 4096 * 4096;
  DS_RT_RETURN_IF_ERROR(device.start());
  auto data = device.allocate(ranks * shard);
  if (!data.ok())
    return data.status();
  auto before = device.memory();
  if (!before.ok())
    return before.status();
  NcclComm comm(local, device, kTimeout);
  Status status = comm.connect({{local.control().everyone(), 0}});
  if (status.ok())
    status = measureGathers(local, device, comm, *data, shard, link);
  if (auto after = device.memory(); status.ok() && after.ok())
    link.libraryBytes = before->free - std::min(before->free, after->free);
  if (!status.ok()) // to take leave of ranks that may not come
    device.abandon();
  return status;
}

} // namespace

Status measureLink(const Control &control, int rank, GpuLink &link) {
  auto device = Device::find(rank);
  if (!device.ok())
    return device.status();
  LocalComm local(control, rank, kTimeout, /*spins=*/0);
  return exchange(local, **device, link);
}

} // namespace ds::rt
