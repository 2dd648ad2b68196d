//===- MakePlanSeed.cpp - A plan file from JSON, with code and constants --===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//   make-plan-seed OUT-FOLDER A.json B.json ...
//
// Like `ds-plan assemble`, but the files have sections of code and constants,
// so that kernels and constant data of the JSON are inside something.
//===--------------------------------------------------------------------===//
#include "plan/Plan.h"

#include <cstdio>
#include <filesystem>

using namespace ds::rt;

int main(int argc, char **argv) {
  const std::vector<std::byte> section(5000, std::byte(1));
  for (int i = 2; i < argc; ++i) {
    ds::plan::PlanT plan;
    Status status = assemblePlan(argv[i], plan);
    auto out = std::filesystem::path(argv[1]) /
               std::filesystem::path(argv[i]).stem().concat(".dsplan");
    if (status.ok())
      status = writePlan(plan, section, section, out);
    if (!status.ok()) {
      std::fprintf(stderr, "%s: %s\n", argv[i], status.message().c_str());
      return 1;
    }
  }
}
