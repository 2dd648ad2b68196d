//===- StepGraph.cpp - A step captured once, replayed ever after --------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "backends/cuda/StepGraph.h"

namespace ds::rt::cuda {

StepGraph::~StepGraph() {
  if (device_.isAbandoned())
    return;
  if (exec_)
    (void)device_.driver().graphExecDestroy(exec_);
  if (graph_)
    (void)device_.driver().graphDestroy(graph_);
}

Status StepGraph::capture(const std::function<Status()> &enqueue) {
  const Driver &driver = device_.driver();
  // Relaxed: libraries may load their code at the first call, which is one of
  // these; nothing else uses the context meanwhile.
  Result result = driver.beginCapture(device_.stream(), kCaptureRelaxed);
  if (result != kSuccess)
    return device_.error(result, "cannot capture a step as a graph");
  const Status enqueued = enqueue();
  result = driver.endCapture(device_.stream(), &graph_);
  if (result != kSuccess)
    graph_ = nullptr;
  DS_RT_RETURN_IF_ERROR(enqueued);
  if (result == kSuccess)
    result = driver.graphInstantiate(&exec_, graph_, 0);
  if (result != kSuccess)
    exec_ = nullptr;
  // Now, and not in the first step, it takes what it needs of memory.
  else
    result = driver.graphUpload(exec_, device_.stream());
  if (result == kSuccess)
    return {};
  return device_.error(result, "cannot capture a step as a graph");
}

Result StepGraph::launch() const {
  return device_.driver().graphLaunch(exec_, device_.stream());
}

} // namespace ds::rt::cuda
