//===- Summary.h - What a run came to, as text --------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_TOOLS_DS_RUN_SUMMARY_H
#define DS_TOOLS_DS_RUN_SUMMARY_H

#include "exec/Report.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ds::rt {

/// One value a step, kept in at most 128 buckets of equally many steps, which
/// grow with the run.
class Curve {
public:
  void add(double value);
  /// A chart of `name` against the step (`first`: number of the first), 64
  /// columns by 10 rows; values that are not finite are left out.  Nothing for
  /// fewer than 10 values.
  std::string draw(const std::string &name, uint64_t first) const;

private:
  static constexpr size_t kMost = 128;
  struct Bucket {
    double sum = 0;
    uint64_t count = 0;
  };
  std::vector<double> columns(size_t width) const;

  std::vector<Bucket> buckets_;
  uint64_t perBucket_ = 1;
};

/// Planned beside measured: time by work, memory by class, every rank.
std::string planBesideRun(const EndReport &report);

/// The longest rows of a profile; empty without one.
std::string profileTable(const EndReport &report);

} // namespace ds::rt

#endif // DS_TOOLS_DS_RUN_SUMMARY_H
