//===- GpuTrials.cpp - Work of a GPU, timed in turns --------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "backends/cuda/StopWatch.h"
#include "base/Clock.h"
#include "profile/GpuParts.h"

#include <algorithm>

namespace ds::rt {

using namespace cuda;

Status notMeasured(Device &device, Result result) {
  if (result != kNotReady)
    return device.error(result, "cannot measure " + device.title());
  device.abandon();
  return Status(Code::RankLost,
                format("%s did not end what was measured for %g s: see what "
                       "'nvidia-smi' says of it",
                       device.title().c_str(), StopWatch::kPatience));
}

Status launch(const Device &device, const StepGraph &graph) {
  const Result result = graph.launch();
  if (result == kSuccess)
    return {};
  return device.error(result, "cannot launch a graph on " + device.title());
}

static Status runOnce(Device &device, StopWatch &watch, GpuTrial &trial) {
  float milliseconds = 0;
  Result result = watch.mark(0);
  if (result == kSuccess)
    DS_RT_RETURN_IF_ERROR(trial.enqueue());
  if (result == kSuccess)
    result = watch.mark(1);
  if (result == kSuccess)
    result = watch.read(milliseconds);
  if (result != kSuccess)
    return notMeasured(device, result);
  trial.seconds.push_back(milliseconds * 1e-3);
  return {};
}

Status runTrials(Device &device, std::vector<GpuTrial> &trials, double seconds,
                 RankSlot &slot) {
  constexpr int kLeast = 3, kMost = 15;
  const double end = monotonicSeconds() + seconds;
  StopWatch watch(device);
  for (int round = 0;
       round < kLeast || (round < kMost && monotonicSeconds() < end); ++round) {
    for (GpuTrial &trial : trials) {
      DS_RT_RETURN_IF_ERROR(runOnce(device, watch, trial));
      slot.advance();
    }
    if (round == 0) // libraries load their code, and clocks rise
      for (GpuTrial &trial : trials)
        trial.seconds.clear();
  }
  for (GpuTrial &trial : trials) {
    const auto middle = trial.seconds.begin() + trial.seconds.size() / 2;
    std::nth_element(trial.seconds.begin(), middle, trial.seconds.end());
    trial.take(*middle);
  }
  return {};
}

} // namespace ds::rt
