//===- TraceFile.h - ds-run --trace -------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_TOOLS_DS_RUN_TRACEFILE_H
#define DS_TOOLS_DS_RUN_TRACEFILE_H

#include "exec/Job.h"

#include <memory>

namespace ds::rt {

/// Trace Event JSON, which Perfetto and chrome://tracing open: a process of
/// each rank; a thread of each stream, with phases and steps around its
/// instructions; the arenas' live bytes by class as counters.
class TraceFile {
public:
  /// Opens `path` now, so that what cannot be written is known before the run.
  static StatusOr<TraceFile> open(const std::string &path);

  /// Writes what the ranks left in `job.trace`, once they have all ended, and
  /// says on `out` which steps that are.
  Status write(const Job &job, std::FILE *out);

private:
  struct Close {
    void operator()(std::FILE *file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, Close> file_;
  std::string path_;
};

} // namespace ds::rt

#endif // DS_TOOLS_DS_RUN_TRACEFILE_H
