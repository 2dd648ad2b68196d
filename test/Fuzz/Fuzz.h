//===- Fuzz.h - What the fuzz targets share -----------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A target is a file with `LLVMFuzzerTestOneInput`.  Linked with libFuzzer it
// is a fuzzer; linked with Replay.cpp it runs the files that it is given.
//===--------------------------------------------------------------------===//
#ifndef DS_TEST_FUZZ_FUZZ_H
#define DS_TEST_FUZZ_FUZZ_H

#include "base/Status.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/// Ends the program: the fuzzer keeps the input as a finding.
#define FUZZ_EXPECT(condition)                                                 \
  do                                                                           \
    if (!(condition)) {                                                        \
      std::fprintf(stderr, "%s:%d: expected %s\n", __FILE__, __LINE__,         \
                   #condition);                                                \
      std::abort();                                                            \
    }                                                                          \
  while (false)

namespace ds::fuzz {

/// A refusal blames the input, in one line.
inline void expectRefusal(const rt::Status &status) {
  FUZZ_EXPECT(!status.ok());
  std::string message = status.message();
  if (status.code() != rt::Code::Input || message.empty() ||
      message.find('\n') != std::string::npos) {
    std::fprintf(stderr, "message: %s\n", message.c_str());
    FUZZ_EXPECT(!"one line that blames the input");
  }
}

} // namespace ds::fuzz

#endif // DS_TEST_FUZZ_FUZZ_H
