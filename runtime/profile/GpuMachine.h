//===- GpuMachine.h - What the GPUs of this machine can do --------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_RUNTIME_PROFILE_GPUMACHINE_H
#define DS_RUNTIME_PROFILE_GPUMACHINE_H

#include "base/Status.h"
#include "profile/Machine.h"

namespace ds::rt {

/// Measures the first GPU, and between all of them, within about ten seconds.
/// Each number is the median of rounds in which all that is measured takes its
/// turn.  In processes of its own: the calling one stays without a driver.  One
/// that gets nothing done for `timeoutSeconds` is lost.
StatusOr<MachineProfile> measureGpus(double timeoutSeconds);

} // namespace ds::rt

#endif // DS_RUNTIME_PROFILE_GPUMACHINE_H
