//===- Profile.cpp - Where the time of steps goes, by instruction -------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "exec/Profile.h"

#include <algorithm>
#include <map>

namespace ds::rt {
std::vector<ProfileRow> profileRows(const plan::Plan &plan,
                                    const plan::Program &program,
                                    const std::vector<InstrTime> &times,
                                    uint64_t steps) {
  std::map<std::string, ProfileRow> rows;
  size_t number = 0;
  for (const plan::Block *block : *program.blocks())
    for (const plan::Instr *instr : *block->instrs()) {
      const InstrTime &time = times[number++];
      if (time.calls == 0 || !workOf(instr->op_type()))
        continue;
      const InstrWork work = workOf(plan, *instr);
      ProfileRow &row = rows[work.what];
      const double calls = double(time.calls) / double(steps);
      row.what = work.what;
      row.product = workOf(instr->op_type()) == Work::products;
      row.calls += calls;
      row.ms += time.seconds * 1e3 / double(steps);
      row.plannedMs += double(instr->predicted_us()) * 1e-3 * calls;
      row.flops += work.flops * calls;
      row.bytes += work.bytes * calls;
    }
  std::vector<ProfileRow> all;
  for (auto &[name, row] : rows)
    all.push_back(std::move(row));
  std::ranges::sort(all, std::ranges::greater(), &ProfileRow::ms);
  return all;
}

} // namespace ds::rt
