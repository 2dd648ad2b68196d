//===- Touches.h - Which bytes an instruction reads and writes ----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_LIB_PLAN_TOUCHES_H
#define DS_LIB_PLAN_TOUCHES_H

#include "plan_generated.h"

#include <vector>

namespace ds {

/// Bytes of an arena, on whichever ranks run the program.
struct Touch {
  uint32_t arena;
  uint64_t begin, end;
  bool writes;
};

/// All that `instr` touches, from the first byte of each operand to its last.
/// Buffers have their offsets.  Of what GPUs do not run, the rest of each
/// buffer is taken to be written.
std::vector<Touch> touchesOf(const plan::PlanT &plan,
                             const plan::ProgramT &program,
                             plan::InstrT &instr);

} // namespace ds

#endif // DS_LIB_PLAN_TOUCHES_H
