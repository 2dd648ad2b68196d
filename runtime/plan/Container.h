//===- Container.h - What reader, writer and tests of the file share ------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Private to runtime/plan: the checksum and the limits of a plan file.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_PLAN_CONTAINER_H
#define DS_RUNTIME_PLAN_CONTAINER_H

#include "base/Status.h"
#include "ds-rt/PlanFile.h"

#include <array>
#include <cstddef>
#include <span>
#include <string>

namespace ds::rt {

/// FlatBuffers address 2 GiB; a plan's metadata is a few MiB.
inline constexpr uint64_t kMaxMetadataBytes = uint64_t(1) << 30;

/// XXH3-128 over the parts of a file in order.
class Checksum {
public:
  Checksum();
  ~Checksum();
  Checksum(const Checksum &) = delete;
  Checksum &operator=(const Checksum &) = delete;
  void update(std::span<const std::byte> bytes);
  std::array<uint64_t, 2> digest() const; ///< {low64, high64}

private:
  struct State;
  State *state_;
};

/// Runs FlatBuffers' own verifier, within a budget of tables that no honest
/// file exceeds.  `path` is for the message.
Status checkMetadata(const std::string &path,
                     std::span<const std::byte> metadata);

} // namespace ds::rt

#endif // DS_RUNTIME_PLAN_CONTAINER_H
