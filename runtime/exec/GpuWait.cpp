//===- GpuWait.cpp - A rank that waits for its GPU ----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where it is meanwhile, and who is at fault when it does not come back.
//===--------------------------------------------------------------------===//
#include "exec/GpuBackend.h"

namespace ds::rt {

using namespace cuda;

/// "instruction 4 ('scale', kernel 'scale')", or the first and the last of
/// those of which one is at fault, for each stream that is not done.
std::string GpuBackend::suspects() const {
  std::string all;
  const auto runs = trail_->running();
  for (size_t stream = 0; stream < kStreams; ++stream) {
    const std::vector<uint32_t> &running = runs[stream];
    if (running.empty())
      continue;
    std::string text = program_->nameOf(running.front());
    if (running.size() > 1)
      text = "one of " + std::to_string(running.size()) +
             " instructions from " + text + " to " +
             program_->nameOf(running.back());
    all += (all.empty() ? "" : ", or ") + text;
    if (stream > 0)
      all +=
          format(" on stream %s", plan::EnumNameStream(plan::Stream(stream)));
  }
  return all.empty() ? "behind the last instruction" : all;
}

/// Nothing is given back: that would wait for a GPU that does not answer, or
/// for ranks that are gone.
Status GpuBackend::lost(const std::string &message) const {
  device_->abandon();
  return Status(Code::RankLost, message);
}

/// ", while rank 1 was at step 3, instruction 17".
std::string GpuBackend::othersWhereabouts() const {
  constexpr int kMost = 8;
  std::string text;
  for (int rank = 0, told = 0; rank < job_.world() && told < kMost; ++rank)
    if (rank != rank_) {
      text += format("%s rank %d was %s", told++ ? "," : ", while", rank,
                     job_.control.whereabouts(rank).c_str());
    }
  return text;
}

Status GpuBackend::wait(const std::string &phase) const {
  const Result result = device_->wait(job_.options.timeoutSeconds);
  if (result == kSuccess)
    return {};
  device_->abandon();
  if (result == kNotReady)
    return rankLost("rank %d waited %g s for %s, %s: raise --timeout if it was "
                    "only slow",
                    rank_, job_.options.timeoutSeconds,
                    device_->title().c_str(), phase.c_str());
  return device_->error(result,
                        format("rank %d: %s failed, %s", rank_,
                               device_->title().c_str(), phase.c_str()));
}

/// Until the step is done; who watches sees where the GPU is.
Status GpuBackend::finish() {
  uint32_t seen = UINT32_MAX;
  Status health;
  auto watch = [&] {
    health = comm_->health();
    if (!health.ok())
      return Device::Watch::GiveUp;
    const uint32_t done = trail_->done();
    if (done == seen)
      return Device::Watch::Idle;
    seen = done;
    const auto running = trail_->running();
    for (size_t stream = kStreams; stream-- > 0;)
      if (!running[stream].empty())
        slot_.instruction.store(running[stream].front(),
                                std::memory_order_relaxed);
    // Who waits for others is not at fault.
    slot_.waiting.store(trail_->isExchanging());
    slot_.advance();
    return Device::Watch::Alive;
  };
  const Result result = device_->wait(job_.options.timeoutSeconds, watch);
  if (result == kSuccess) {
    slot_.waiting.store(0);
    return {};
  }
  const std::string where =
      format("at step %llu, %s", (unsigned long long)slot_.step.load(),
             suspects().c_str());
  if (!health.ok())
    return lost(health.message() + ", " + where);
  const double seconds = job_.options.timeoutSeconds;
  if (result == kNotReady && slot_.waiting.load())
    return lost(format("rank %d waited %g s for other ranks %s%s: raise "
                       "--timeout if they were only slow",
                       rank_, seconds, where.c_str(),
                       othersWhereabouts().c_str()));
  if (result == kNotReady)
    return lost(format("rank %d: %s got nothing done for %g s %s: raise "
                       "--timeout if it was only slow",
                       rank_, device_->title().c_str(), seconds,
                       where.c_str()));
  const Status error =
      device_->error(result, format("rank %d: %s failed %s", rank_,
                                    device_->title().c_str(), where.c_str()));
  return lost(error.message());
}

/// An error that lost the context is told to whoever calls next: where it came
/// from, the trail knows.
Status GpuBackend::explain(const Status &status) {
  if (status.code() != Code::RankLost)
    return status;
  const Status better = finish();
  return better.ok() ? status : better;
}

} // namespace ds::rt
