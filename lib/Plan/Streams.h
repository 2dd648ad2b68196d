//===- Streams.h - Which instructions run side by side ------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_LIB_PLAN_STREAMS_H
#define DS_LIB_PLAN_STREAMS_H

#include "plan_generated.h"

namespace ds {

/// Puts what only moves data between ranks, or between the host's memory and a
/// GPU's, on streams of its own, by its kind.  Needs no offsets.
void assignStreams(const plan::PlanT &plan, plan::ProgramT &program);

/// Derives from the bytes that instructions touch the fewest waits that keep
/// each in the order of the plan with whom it shares bytes.  Buffers have their
/// offsets.
void deriveWaits(const plan::PlanT &plan, plan::ProgramT &program);

} // namespace ds

#endif // DS_LIB_PLAN_STREAMS_H
