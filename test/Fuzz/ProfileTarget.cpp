//===- ProfileTarget.cpp - Fuzzes the reader of machine profiles ----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The input is the JSON text.  What is accepted must give rates that are
// positive numbers for any world, or the search would divide by them.
//===--------------------------------------------------------------------===//
#include "../Plan/PlanBytes.h"
#include "Fuzz.h"
#include "ds/Tune/Machine.h"

#include <cmath>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static ds::test::MemoryFile file;
  file.write(reinterpret_cast<const char *>(data), size);
  ds::Machine machine;
  std::string error;
  if (!ds::readMachine(file.path(), machine, error)) {
    FUZZ_EXPECT(!error.empty() && error.find('\n') == std::string::npos);
    return 0;
  }
  FUZZ_EXPECT(machine.cores >= 1 && machine.memoryBytes >= 1);
  for (int64_t world : {1, 2, 3, 1024}) {
    const ds::Rates rates = machine.rates(world);
    for (double rate : {rates.gemmFlops, rates.memoryBytes, rates.sharedBytes})
      FUZZ_EXPECT(std::isfinite(rate) && rate > 0);
    FUZZ_EXPECT(std::isfinite(rates.rendezvousSeconds) &&
                rates.rendezvousSeconds >= 0);
  }
  return 0;
}
