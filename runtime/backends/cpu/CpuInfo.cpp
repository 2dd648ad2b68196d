//===- CpuInfo.cpp - What this CPU is and can do ------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "backends/cpu/CpuInfo.h"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace ds::rt {

bool CpuInfo::has(const std::string &flag) const {
  return std::find(flags.begin(), flags.end(), flag) != flags.end();
}

/// The value of `line` ("key : value") if its key is `key`.
static bool takeField(const std::string &line, const char *key,
                      std::string &value) {
  size_t colon = line.find(':');
  if (colon == std::string::npos || line.rfind(key, 0) != 0)
    return false;
  size_t start = line.find_first_not_of(" \t", colon + 1);
  value = start == std::string::npos ? "" : line.substr(start);
  return true;
}

CpuInfo readCpuInfo() {
  CpuInfo info;
  std::ifstream file("/proc/cpuinfo");
  std::string line, value;
  while (std::getline(file, line)) {
    if (takeField(line, "model name", value))
      info.name = value;
    if (!takeField(line, "flags", value))
      continue;
    std::istringstream words(value);
    for (std::string word; words >> word;)
      info.flags.push_back(word);
    break;
  }
  return info;
}

} // namespace ds::rt
