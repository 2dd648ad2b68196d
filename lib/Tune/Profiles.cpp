//===- Profiles.cpp - Machines that come with the project ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Tune/Machine.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Path.h"

namespace ds {

namespace {
struct ShippedProfile {
  const char *name;
  const char *text;
};
constexpr ShippedProfile kProfiles[] = {
#include "Profiles.inc"
};
} // namespace

std::vector<std::string> shippedMachines() {
  std::vector<std::string> names;
  for (const ShippedProfile &profile : kProfiles)
    names.push_back(profile.name);
  return names;
}

std::string shippedProfile(const std::string &name) {
  llvm::StringRef wanted = llvm::sys::path::filename(name);
  wanted.consume_back(".json");
  for (const ShippedProfile &profile : kProfiles)
    if (wanted == profile.name)
      return profile.text;
  return "";
}

} // namespace ds
