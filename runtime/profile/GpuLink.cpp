//===- GpuLink.cpp - How fast GPUs of one machine exchange data ---------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "backends/cuda/StepGraph.h"
#include "backends/cuda/StopWatch.h"
#include "comm/nccl/NcclComm.h"
#include "profile/GpuParts.h"

#include <algorithm>

namespace ds::rt {

using namespace cuda;

namespace {

constexpr uint64_t kWholeBytes = 256 << 20;
constexpr int kRounds = 5, kRuns = 4;

/// Seconds of one round, all ranks at once.
StatusOr<double> timeOf(LocalComm &local, NcclComm &comm, Device &device,
                        StopWatch &watch, const StepGraph &graph) {
  float milliseconds = 0;
  DS_RT_RETURN_IF_ERROR(local.barrier());
  Result result = watch.mark(0);
  if (result == kSuccess)
    result = graph.launch();
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

/// Each rank has a shard, and all are gathered: in a graph, as steps do.
Status measureGathers(LocalComm &local, Device &device, NcclComm &comm,
                      StepGraph &graph, std::byte *data, uint64_t shard,
                      GpuLink &link) {
  const CollectiveOp op{plan::CollectiveKind::all_gather,
                        plan::ReduceOp::sum,
                        plan::DType::u8,
                        shard,
                        data + uint64_t(local.rank()) * shard,
                        data,
                        local.control().everyone(),
                        0};
  DS_RT_RETURN_IF_ERROR(graph.capture([&]() -> Status {
    for (int i = 0; i < kRuns; ++i)
      DS_RT_RETURN_IF_ERROR(comm.run(op, 0, "measuring the link"));
    return {};
  }));
  StopWatch watch(device);
  std::vector<double> seconds;
  for (int round = 0; round <= kRounds; ++round) {
    auto time = timeOf(local, comm, device, watch, graph);
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

Status exchange(LocalComm &local, Device &device, double timeoutSeconds,
                GpuLink &link) {
  const auto ranks = uint64_t(local.control().world());
  const uint64_t shard = kWholeBytes / ranks / 4096 * 4096;
  DS_RT_RETURN_IF_ERROR(device.start());
  auto data = NcclComm::allocate(device, ranks * shard); // as arenas are
  if (!data.ok())
    return data.status();
  auto before = device.memory();
  if (!before.ok())
    return before.status();
  NcclComm comm(local, device, timeoutSeconds);
  Status status = comm.connect({{local.control().everyone(), 0}});
  {
    StepGraph graph(device);
    if (status.ok())
      status = measureGathers(local, device, comm, graph, *data, shard, link);
    if (!status.ok()) // to take leave of ranks that may not come
      device.abandon();
  }
  DS_RT_RETURN_IF_ERROR(status);
  auto after = device.memory();
  if (!after.ok())
    return after.status();
  link.libraryBytes = before->free - std::min(before->free, after->free);
  return {};
}

} // namespace

Status measureLink(const Control &control, int rank, double timeoutSeconds,
                   GpuLink &link) {
  auto device = Device::find(rank);
  if (!device.ok())
    return device.status();
  LocalComm local(control, rank, timeoutSeconds, /*spins=*/0);
  return exchange(local, **device, timeoutSeconds, link);
}

} // namespace ds::rt
