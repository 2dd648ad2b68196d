//===- Text.h - Indented lines --------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Private to runtime/plan: what the printers write with.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_PLAN_TEXT_H
#define DS_RUNTIME_PLAN_TEXT_H

#include "base/Status.h"

#include <cstdint>
#include <string>

namespace ds::rt {

class TextOut {
public:
  /// Indents the lines that are written while it lives.
  class Scope {
  public:
    explicit Scope(TextOut &out) : out_(out) { out_.depth_ += 2; }
    ~Scope() { out_.depth_ -= 2; }
    Scope(const Scope &) = delete;
    Scope &operator=(const Scope &) = delete;

  private:
    TextOut &out_;
  };

  [[nodiscard]] Scope indent() { return Scope(*this); }

  [[gnu::format(printf, 2, 3)]] void line(const char *format, ...) {
    va_list args;
    va_start(args, format);
    text(vformat(format, args));
    va_end(args);
  }
  void text(const std::string &line) {
    text_.append(depth_, ' ');
    text_ += line;
    text_ += '\n';
  }
  std::string take() { return std::move(text_); }

private:
  std::string text_;
  unsigned depth_ = 0;
};

/// "1536 bytes", "3145728 bytes (3.00 MiB)".
inline std::string bytesText(uint64_t bytes) {
  static constexpr const char *kUnits[] = {"KiB", "MiB", "GiB", "TiB"};
  std::string result = format("%llu bytes", (unsigned long long)bytes);
  double value = double(bytes) / 1024;
  unsigned unit = 0;
  while (value >= 1024 && unit < 3)
    value /= 1024, ++unit;
  return value < 1 ? result
                   : result + format(" (%.2f %s)", value, kUnits[unit]);
}

} // namespace ds::rt

#endif // DS_RUNTIME_PLAN_TEXT_H
