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
  FUZZ_EXPECT(machine.profile.cores >= 1 && machine.profile.memoryBytes >= 1);
  auto isSound = [](double value) { return std::isfinite(value) && value > 0; };
  for (int64_t world : {1, 2, 3, 1024}) {
    const ds::Rates rates = machine.rates(world);
    ds::plan::GemmT product;
    product.m = product.n = product.k = 64;
    if (rates.gpu)
      product.library = ds::plan::GemmLibrary::cublaslt;
    for (double rate :
         {rates.productFlops(product), rates.simple, rates.exponentials,
          rates.divisions, rates.launchSeconds, rates.loopSeconds})
      FUZZ_EXPECT(isSound(rate));
    for (double bytes : {1.0, 1e6, 1e12})
      for (bool team : {false, true}) {
        FUZZ_EXPECT(isSound(rates.memorySeconds(
            1, bytes, team ? ds::MemoryUse::Strided : ds::MemoryUse::Update,
            team)));
        FUZZ_EXPECT(isSound(rates.collectiveSeconds(
            ds::plan::CollectiveKind::all_reduce, bytes)));
      }
  }
  return 0;
}
