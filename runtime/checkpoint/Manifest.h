//===- Manifest.h - Which steps of a checkpoint are whole ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_RUNTIME_CHECKPOINT_MANIFEST_H
#define DS_RUNTIME_CHECKPOINT_MANIFEST_H

#include "base/Status.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ds::rt {

struct Manifest {
  std::string latest;             ///< step-<n>
  std::vector<std::string> steps; ///< In the order they were written.
};

/// Reads and checks `folder`/manifest.json.
StatusOr<Manifest> readManifest(const std::string &folder);
/// The file that is renamed to `folder`/manifest.json.
std::string manifestDraft(const std::string &folder);
/// Replaces `folder`/manifest.json by rename.
Status writeManifest(const std::string &folder, const Manifest &manifest);

/// Writes all of `data` at `offset`; `path` is for the message.
Status writeFully(int fd, const std::string &path, const void *data,
                  uint64_t bytes, uint64_t offset);
/// Writes what the kernel still holds of a file or folder to the disk.
Status syncToDisk(const std::string &path);

} // namespace ds::rt

#endif // DS_RUNTIME_CHECKPOINT_MANIFEST_H
