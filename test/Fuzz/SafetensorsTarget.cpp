//===- SafetensorsTarget.cpp - Fuzzes the reader of safetensors -----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The input is a whole file.  What is accepted must be readable to the last
// byte, in one piece and in small ones.  Text is an index of several files,
// too: what that names must lie beside it.
//===--------------------------------------------------------------------===//
#include "../Plan/PlanBytes.h"
#include "Fuzz.h"
#include "checkpoint/Weights.h"

#include <algorithm>

using namespace ds::rt;

static void readAll(const SafetensorsFile &file, const uint8_t *data) {
  for (const auto &[name, entry] : file.entries()) {
    FUZZ_EXPECT(file.find(name) == &entry);
    FUZZ_EXPECT(!shapeText(entry.shape).empty());
    std::vector<uint8_t> whole(entry.bytes);
    FUZZ_EXPECT(file.read(entry, 0, entry.bytes, whole.data()).ok());
    FUZZ_EXPECT(std::equal(whole.begin(), whole.end(), data + entry.offset));
    for (uint64_t at = 0; at < entry.bytes; at += 7) {
      uint8_t piece[7];
      uint64_t bytes = std::min<uint64_t>(7, entry.bytes - at);
      FUZZ_EXPECT(file.read(entry, at, bytes, piece).ok());
      FUZZ_EXPECT(std::equal(piece, piece + bytes, whole.begin() + at));
    }
  }
}

static void readIndex(const std::string &text) {
  auto map = readWeightMap("index.json", text);
  if (!map.ok())
    return ds::fuzz::expectRefusal(map.status());
  FUZZ_EXPECT(!map->empty());
  for (const auto &[tensor, file] : *map)
    FUZZ_EXPECT(!file.empty() && file != ".." &&
                file.find('/') == std::string::npos);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size > 0 && data[0] == '{')
    readIndex(std::string(reinterpret_cast<const char *>(data), size));
  static ds::test::MemoryFile memory;
  memory.write(reinterpret_cast<const char *>(data), size);
  auto file = SafetensorsFile::open(memory.path());
  if (!file.ok()) {
    ds::fuzz::expectRefusal(file.status());
    return 0;
  }
  readAll(*file, data);
  file->metadata("step");
  return 0;
}
