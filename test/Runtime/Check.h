//===- Check.h - The few lines a C++ test needs -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_TEST_RUNTIME_CHECK_H
#define DS_TEST_RUNTIME_CHECK_H

#include <cstdio>
#include <string>

namespace ds::test {

inline int failures = 0;

inline bool check(bool good, const char *text, const char *file, int line,
                  const std::string &got = "") {
  if (good)
    return true;
  ++failures;
  std::fprintf(stderr, "%s:%d: expected %s%s%s\n", file, line, text,
               got.empty() ? "" : ", but got ", got.c_str());
  return false;
}

/// The exit code of a test's main.
inline int finish(const char *name) {
  std::printf("%s: %s\n", name, failures == 0 ? "passed" : "FAILED");
  return failures == 0 ? 0 : 1;
}

} // namespace ds::test

#define CHECK(condition)                                                       \
  ds::test::check((condition), #condition, __FILE__, __LINE__)
/// That `text` contains `part`.
#define CHECK_CONTAINS(text, part)                                             \
  ds::test::check((text).find(part) != std::string::npos,                      \
                  ("'" + std::string(part) + "'").c_str(), __FILE__, __LINE__, \
                  "'" + (text) + "'")

#endif // DS_TEST_RUNTIME_CHECK_H
