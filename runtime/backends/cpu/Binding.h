//===- Binding.h - Which core each thread of a rank runs on -------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_BACKENDS_CPU_BINDING_H
#define DS_RUNTIME_BACKENDS_CPU_BINDING_H

#include "base/Status.h"

#include <string>
#include <vector>

namespace ds::rt {

/// One processor as the system counts them; `package` and `core` name the
/// physical core, which hyperthreads share.
struct Cpu {
  int number, package, core;
};

/// Those this process may run on (its affinity mask, within its cpuset).
std::vector<Cpu> allowedCpus();

/// One processor for each of the `threads` of local rank `rank` of `ranks`.  No
/// two threads share one, and none shares a physical core while others have no
/// thread of that rank; the ranks' shares are neighbours.  Empty when there are
/// fewer processors than threads of all ranks.
std::vector<int> chooseCpus(const std::vector<Cpu> &cpus, int rank, int ranks,
                            int threads);

/// By rank and thread; empty: unbound.
using Binding = std::vector<std::vector<int>>;

/// For `ranks` local ranks of `threads` threads.  An error when there are too
/// few processors, or when the user has bound OpenMP's threads.
StatusOr<Binding> bindToCores(int ranks, int threads);

/// Binds the threads of this process's team: the pool that the libraries use,
/// too.  Call once the team has its size and before memory is touched.
Status bindTeam(const std::vector<int> &cpus);

/// "0-3,8" of 3, 0, 1, 2, 8.
std::string cpuList(std::vector<int> cpus);

} // namespace ds::rt

#endif // DS_RUNTIME_BACKENDS_CPU_BINDING_H
