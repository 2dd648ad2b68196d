//===- Status.h - Error values of the runtime ---------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The runtime reports what a user can cause as values, never by exceptions,
// aborts or asserts.  A message says what was expected, what was got, where,
// and how to mend it; lower case, no full stop.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_BASE_STATUS_H
#define DS_RUNTIME_BASE_STATUS_H

#include <cstdarg>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>

namespace ds::rt {

/// Which exit code the tools end with.
enum class Code {
  Ok = 0,
  Input = 1,    ///< The input or the machine is at fault.
  Usage = 2,    ///< Wrong flags.
  RankLost = 3, ///< A rank died or stopped answering.
  Internal = 70 ///< Our own bug.
};

class [[nodiscard]] Status {
public:
  Status() = default;
  Status(Code code, std::string message)
      : code_(code), message_(std::move(message)) {}
  bool ok() const { return code_ == Code::Ok; }
  Code code() const { return code_; }
  const std::string &message() const { return message_; }

private:
  Code code_ = Code::Ok;
  std::string message_;
};

/// printf into a std::string.
[[gnu::format(printf, 1, 0)]] inline std::string vformat(const char *format,
                                                         va_list args) {
  va_list copy;
  va_copy(copy, args);
  int n = std::vsnprintf(nullptr, 0, format, copy);
  va_end(copy);
  std::string text(n > 0 ? n : 0, '\0');
  if (n > 0)
    std::vsnprintf(text.data(), text.size() + 1, format, args);
  return text;
}

/// The same with its arguments in place.
[[gnu::format(printf, 1, 2)]] inline std::string format(const char *format,
                                                        ...) {
  va_list args;
  va_start(args, format);
  std::string text = vformat(format, args);
  va_end(args);
  return text;
}

/// printf-style constructors: inputError("..."), usageError, internalError.
#define DS_RT_DEFINE_ERROR(function, code)                                     \
  [[gnu::format(printf, 1, 2)]] inline Status function(const char *format,     \
                                                       ...) {                  \
    va_list args;                                                              \
    va_start(args, format);                                                    \
    Status status(code, vformat(format, args));                                \
    va_end(args);                                                              \
    return status;                                                             \
  }
DS_RT_DEFINE_ERROR(inputError, Code::Input)
DS_RT_DEFINE_ERROR(usageError, Code::Usage)
DS_RT_DEFINE_ERROR(internalError, Code::Internal)
#undef DS_RT_DEFINE_ERROR

/// A value or the reason there is none.
template <typename T> class [[nodiscard]] StatusOr {
public:
  StatusOr(Status status) : status_(std::move(status)) {}
  StatusOr(T value) : value_(std::move(value)) {}
  bool ok() const { return value_.has_value(); }
  const Status &status() const { return status_; }
  T &operator*() { return *value_; }
  const T &operator*() const { return *value_; }
  T *operator->() { return &*value_; }
  const T *operator->() const { return &*value_; }

private:
  Status status_;
  std::optional<T> value_;
};

#define DS_RT_RETURN_IF_ERROR(expression)                                      \
  do {                                                                         \
    if (::ds::rt::Status status_ = (expression); !status_.ok())                \
      return status_;                                                          \
  } while (false)

} // namespace ds::rt

#endif // DS_RUNTIME_BASE_STATUS_H
