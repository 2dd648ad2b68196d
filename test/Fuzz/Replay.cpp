//===- Replay.cpp - Runs a fuzz target on files ---------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The main of a fuzz target without libFuzzer: each argument is a file, or a
// folder whose files are run in order.  Findings stay found in the normal
// build, which needs no sanitizer's runtime.
//===--------------------------------------------------------------------===//
#include "Fuzz.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <vector>

namespace fs = std::filesystem;

static std::vector<fs::path> filesOf(const fs::path &path) {
  if (!fs::is_directory(path))
    return {path};
  std::vector<fs::path> files;
  for (const auto &entry : fs::recursive_directory_iterator(path))
    if (entry.is_regular_file())
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

int main(int argc, char **argv) {
  size_t count = 0;
  for (int i = 1; i < argc; ++i)
    for (const fs::path &path : filesOf(argv[i])) {
      std::ifstream in(path, std::ios::binary);
      std::vector<char> bytes((std::istreambuf_iterator<char>(in)), {});
      if (!in.good() && !in.eof()) {
        std::fprintf(stderr, "cannot read '%s'\n", path.c_str());
        return 1;
      }
      std::printf("%s: %zu bytes\n", path.c_str(), bytes.size());
      std::fflush(stdout); // names the file if the next line ends us
      LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t *>(bytes.data()),
                             bytes.size());
      ++count;
    }
  std::printf("%zu files\n", count);
  return count == 0; // nothing run is nothing shown
}
