//===- View.h - How host code gets at an arena's bytes ------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Initial values, checkpoints and hashes are computed by the host.  Where a
// plan's memory is the host's, they work in place, all of a tensor at once;
// where it is a GPU's, on a copy of one part after the other.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_EXEC_VIEW_H
#define DS_RUNTIME_EXEC_VIEW_H

#include "base/Status.h"

#include <cstddef>
#include <cstdint>
#include <functional>

namespace ds::rt {

enum class Access { Read, Write };

class View {
public:
  virtual ~View() = default;
  /// `host` shows the bytes [offset, offset + bytes) of what was asked for.
  using Use =
      std::function<Status(std::byte *host, uint64_t offset, uint64_t bytes)>;
  /// Calls `use` for one part of [at, at + bytes) after the other, each a
  /// multiple of `unit` bytes.  What is to be written is shown as it is, or as
  /// zeros: all of it must be written, unless it was zero.
  virtual Status show(std::byte *at, uint64_t bytes, uint64_t unit,
                      Access access, const Use &use) const = 0;
};

/// Memory of the host: one part, in place.
class HostView : public View {
public:
  Status show(std::byte *at, uint64_t bytes, uint64_t, Access,
              const Use &use) const override {
    return use(at, 0, bytes);
  }
};

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_VIEW_H
