//===- Files.h - Opening what a user names ------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A name on the command line may be a folder, a pipe that nobody writes to, or
// a device without end.  Only regular files are read, and opening never waits.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_BASE_FILES_H
#define DS_RUNTIME_BASE_FILES_H

#include "base/Status.h"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ds::rt {

/// Opens a regular file for reading; the caller closes the descriptor.
/// `what` goes before the name in messages ("data "), `expected` says what
/// the file should have been.
inline StatusOr<int> openRegular(const std::string &path, const char *what,
                                 const char *expected) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  struct stat info{};
  if (fd < 0 || ::fstat(fd, &info) != 0) {
    const int error = errno;
    if (fd >= 0)
      ::close(fd);
    return inputError("cannot read %s'%s': %s; expected %s", what, path.c_str(),
                      std::strerror(error), expected);
  }
  if (S_ISREG(info.st_mode))
    return fd;
  ::close(fd);
  return inputError(
      "%s'%s' is %s: expected %s", what, path.c_str(),
      S_ISDIR(info.st_mode) ? "a directory" : "not a regular file", expected);
}

/// The whole text of a regular file of at most `most` bytes.
inline StatusOr<std::string> readText(const std::string &path, const char *what,
                                      const char *expected,
                                      uint64_t most = uint64_t(1) << 28) {
  auto fd = openRegular(path, what, expected);
  if (!fd.ok())
    return fd.status();
  std::string text;
  ssize_t got = 0;
  char chunk[1 << 14];
  while (text.size() <= most && (got = ::read(*fd, chunk, sizeof chunk)) > 0)
    text.append(chunk, size_t(got));
  const int error = errno;
  ::close(*fd);
  if (got < 0)
    return inputError("cannot read %s'%s': %s", what, path.c_str(),
                      std::strerror(error));
  if (text.size() > most)
    return inputError("%s'%s' is larger than %llu bytes: expected %s", what,
                      path.c_str(), (unsigned long long)most, expected);
  return text;
}

} // namespace ds::rt

#endif // DS_RUNTIME_BASE_FILES_H
