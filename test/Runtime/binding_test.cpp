//===- binding_test.cpp - Which core each thread gets -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Machines that this one need not be: hyperthreads, packages, odd numbers.
//===--------------------------------------------------------------------===//
#include "Check.h"
#include "backends/cpu/Binding.h"

#include <set>

using namespace ds::rt;

namespace {

using Cpus = std::vector<int>;

/// Hyperthreads are numbered after all cores, as Linux often does.
std::vector<Cpu> machine(int packages, int cores, int siblings) {
  std::vector<Cpu> cpus;
  for (int s = 0; s < siblings; ++s)
    for (int p = 0; p < packages; ++p)
      for (int c = 0; c < cores; ++c)
        cpus.push_back({int(cpus.size()), p, c});
  return cpus;
}

void coresComeBeforeHyperthreads() {
  const auto cpus = machine(1, 4, 2); // 0-3, and 4-7 beside them
  CHECK(chooseCpus(cpus, 0, 1, 2) == (Cpus{0, 1}));
  CHECK(chooseCpus(cpus, 0, 1, 4) == (Cpus{0, 1, 2, 3}));
  CHECK(chooseCpus(cpus, 0, 1, 6) == (Cpus{0, 1, 2, 3, 4, 5}));
  CHECK(chooseCpus(cpus, 0, 2, 2) == (Cpus{0, 1}));
  CHECK(chooseCpus(cpus, 1, 2, 2) == (Cpus{2, 3}));
  // Four threads of two ranks each: a rank has both halves of its cores.
  CHECK(chooseCpus(cpus, 0, 2, 4) == (Cpus{0, 1, 4, 5}));
  CHECK(chooseCpus(cpus, 1, 2, 4) == (Cpus{2, 3, 6, 7}));
}

void ranksStayInTheirPackage() {
  const auto cpus = machine(2, 3, 1);
  CHECK(chooseCpus(cpus, 0, 2, 3) == (Cpus{0, 1, 2}));
  CHECK(chooseCpus(cpus, 1, 2, 3) == (Cpus{3, 4, 5}));
  CHECK(chooseCpus(cpus, 1, 2, 1) == (Cpus{3}));
}

void tooFewAreNone() {
  CHECK(chooseCpus(machine(1, 2, 1), 0, 1, 3).empty());
  CHECK(chooseCpus(machine(1, 2, 1), 0, 3, 1).empty());
  CHECK(chooseCpus({}, 0, 1, 1).empty());
  // Five processors, two ranks of three: one of them has only two.
  CHECK(chooseCpus(machine(1, 5, 1), 0, 2, 3).empty());
}

void noTwoThreadsShareOne() {
  for (int ranks = 1; ranks <= 7; ++ranks)
    for (int threads = 1; ranks * threads <= 24; ++threads) {
      std::set<int> seen;
      size_t bound = 0;
      for (int rank = 0; rank < ranks; ++rank)
        for (int cpu : chooseCpus(machine(2, 6, 2), rank, ranks, threads))
          seen.insert(cpu), ++bound;
      CHECK(seen.size() == bound);
    }
}

void listsAreRanges() {
  CHECK(cpuList({3, 0, 1, 8, 2}) == "0-3,8");
  CHECK(cpuList({5}) == "5");
  CHECK(cpuList({}) == "");
}

} // namespace

int main() {
  coresComeBeforeHyperthreads();
  ranksStayInTheirPackage();
  tooFewAreNone();
  noTwoThreadsShareOne();
  listsAreRanges();
  return ds::test::finish("binding");
}
