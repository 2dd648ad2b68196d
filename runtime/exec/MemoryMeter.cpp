//===- MemoryMeter.cpp - What a rank's memory really was ----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "exec/MemoryMeter.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace ds::rt {
namespace {

/// The kB after `key` in `text`, as bytes.
uint64_t fieldBytes(const char *text, const char *key) {
  const char *at = std::strstr(text, key);
  return at ? std::strtoull(at + std::strlen(key), nullptr, 10) * 1024 : 0;
}

} // namespace

void MemoryMeter::sampleArenas() {
  for (uint32_t i = 0; i < arenas(); ++i)
    slot_.measuredBytes[i] =
        std::max(slot_.measuredBytes[i], backend_.residentBytes(i));
}

void MemoryMeter::sampleProcess() {
  char text[4096];
  int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  ssize_t got = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
  if (fd >= 0)
    close(fd);
  text[std::max<ssize_t>(got, 0)] = '\0';
  uint64_t bytes = fieldBytes(text, "RssAnon:") + fieldBytes(text, "RssFile:");
  bytes += sharedBytes_;
  for (uint32_t i = 0; i < arenas(); ++i)
    if (backend_.isShared(i))
      bytes += slot_.measuredBytes[i];
  slot_.peakRss = std::max(slot_.peakRss, bytes);
}

} // namespace ds::rt
