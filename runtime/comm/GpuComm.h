//===- GpuComm.h - How ranks on GPUs exchange data ----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The one place where it matters whether each rank has a GPU of its own.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_COMM_GPUCOMM_H
#define DS_RUNTIME_COMM_GPUCOMM_H

#include "comm/local/LocalComm.h"

#include <string>

namespace ds::rt {

/// Operands are addresses of the GPU; `stream` is the number of the device's
/// stream that they belong to, `what` names the instruction in errors.  Not
/// thread-safe.
class GpuComm {
public:
  virtual ~GpuComm() = default;

  virtual Status run(const CollectiveOp &op, size_t stream,
                     const std::string &what) = 0;
  virtual Status send(int peer, const std::byte *data, uint64_t bytes,
                      size_t stream, const std::string &what) = 0;
  virtual Status receive(int peer, std::byte *data, uint64_t bytes,
                         size_t stream, const std::string &what) = 0;

  /// Why what is called cannot be part of a graph; empty when it can.
  virtual std::string cannotBeCaptured() const { return ""; }
  /// Whether to give it back is to wait for other ranks.
  virtual bool takesLeave() const { return false; }
  /// An error that was not there before: a peer is lost.
  virtual Status health() { return {}; }
};

} // namespace ds::rt

#endif // DS_RUNTIME_COMM_GPUCOMM_H
