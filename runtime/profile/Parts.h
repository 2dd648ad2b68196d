//===- Parts.h - The parts of a machine profile -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each takes about the seconds it is given, whatever the machine; a part that
// cannot be measured (no memory, no processes) is left empty.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_PROFILE_PARTS_H
#define DS_RUNTIME_PROFILE_PARTS_H

#include "profile/Machine.h"

namespace ds::rt {

/// Forks: to be called before the pool has threads.
std::vector<CollectiveRate> measureCollectives(int cores, double seconds);

/// Sets the pool's size.
std::vector<BandwidthRate> measureBandwidth(int cores, double seconds);
double measureTeam(int cores);

ArithmeticRate measureArithmetic(double seconds);

/// How much of some cores' time other processes have.
class OtherWork {
public:
  OtherWork();
  /// Since the construction, from 0 to 1.
  double share() const;

private:
  /// Of the cores this process may use.
  struct Times {
    double busy = 0, all = 0, own = 0;
  };
  static Times now();
  Times start;
};

} // namespace ds::rt

#endif // DS_RUNTIME_PROFILE_PARTS_H
