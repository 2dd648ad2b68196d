//===- StepGraph.h - A step captured once, replayed ever after ----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_RUNTIME_BACKENDS_CUDA_STEPGRAPH_H
#define DS_RUNTIME_BACKENDS_CUDA_STEPGRAPH_H

#include "backends/cuda/Device.h"

namespace ds::rt::cuda {

/// Gives itself back at the end, before its device and all that it refers to.
class StepGraph {
public:
  explicit StepGraph(const Device &device) : device_(device) {}
  StepGraph(const StepGraph &) = delete;
  ~StepGraph();

  /// Captures what `enqueue` puts on the device's stream; nothing of it runs.
  /// On an error there is no graph, and the stream is as it was.
  Status capture(const std::function<Status()> &enqueue);
  explicit operator bool() const { return exec_ != nullptr; }
  /// Enqueues the whole step.
  Result launch() const;

private:
  const Device &device_;
  Graph graph_ = nullptr;
  GraphExec exec_ = nullptr;
};

} // namespace ds::rt::cuda

#endif // DS_RUNTIME_BACKENDS_CUDA_STEPGRAPH_H
