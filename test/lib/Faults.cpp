//===- Faults.cpp - Calls that fail when a test wants them to -----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Preloaded into ds-run by tests (LD_PRELOAD), never linked to or installed.
//
//   DS_FAULT="WHO LOOK CALL N ACTION; ..."
//
// In the process WHO (a rank's number, or `launcher`), once it has looked LOOK
// times at its own memory (/proc/self/status: at the end of loading, then
// after each step), the N-th CALL from there on does ACTION: fails with that
// errno (ENOMEM, ENOSPC, EROFS, EIO), raises that signal (SIGKILL, SIGSEGV,
// SIGSTOP), or
//   crash   writes through a null pointer
//   orphan  kills the launcher
//   ctrl-c  interrupts the process group, twice
//   hang    never returns
//   nap     takes 0.3 s longer
//   await   returns once another process has struck
//   short   claims success without doing anything
//
// Before it strikes it writes the time to the file DS_FAULT_TIME.
//===--------------------------------------------------------------------===//
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

namespace {

constexpr int kLauncher = -1;
constexpr int kProceed = 0, kShort = -1; // else an errno

struct Fault {
  int who = kLauncher;
  int look = 0;
  char call[32] = {};
  int count = 0;
  char action[16] = {};
  std::atomic<int> seen{0};
};

constexpr int kMost = 4;
Fault faults[kMost];
int known = 0;
int self = kLauncher, forks = 0;
std::atomic<int> looks{0};

struct Name {
  const char *name;
  int value;
};
constexpr Name kErrors[] = {
    {"ENOMEM", ENOMEM}, {"ENOSPC", ENOSPC}, {"EROFS", EROFS}, {"EIO", EIO}};
constexpr Name kSignals[] = {{"SIGKILL", SIGKILL},
                             {"SIGSEGV", SIGSEGV},
                             {"SIGSTOP", SIGSTOP},
                             {"SIGINT", SIGINT}};

/// A test that asks for what is not there must not pass.
[[noreturn]] void refuse(const char *why) {
  static const char head[] = "DS_FAULT: ";
  (void)!write(2, head, sizeof(head) - 1);
  (void)!write(2, why, std::strlen(why));
  (void)!write(2, "\n", 1);
  syscall(SYS_exit_group, 99);
  __builtin_unreachable();
}

bool parse(char *text, Fault &fault) {
  char *at = nullptr;
  const char *who = strtok_r(text, " ", &at);
  const char *look = strtok_r(nullptr, " ", &at);
  const char *call = strtok_r(nullptr, " ", &at);
  const char *count = strtok_r(nullptr, " ", &at);
  const char *action = strtok_r(nullptr, " ", &at);
  if (!action || strlen(call) >= sizeof(fault.call) ||
      strlen(action) >= sizeof(fault.action))
    return false;
  fault.who = std::strcmp(who, "launcher") == 0 ? kLauncher : std::atoi(who);
  fault.look = std::atoi(look);
  fault.count = std::atoi(count);
  std::strcpy(fault.call, call);
  std::strcpy(fault.action, action);
  return true;
}

[[gnu::constructor]] void parseAll() {
  const char *text = std::getenv("DS_FAULT");
  if (!text)
    return;
  char copy[512] = {};
  std::strncpy(copy, text, sizeof(copy) - 1);
  char *at = nullptr;
  for (char *one = strtok_r(copy, ";", &at); one;
       one = strtok_r(nullptr, ";", &at))
    if (known == kMost || !parse(one, faults[known++]))
      refuse("expected WHO LOOK CALL N ACTION");
}

void nap(long milliseconds) {
  timespec time = {0, milliseconds * 1000 * 1000};
  nanosleep(&time, nullptr);
}

/// Before another process may see that this one has struck.
void writeTime() {
  const char *path = std::getenv("DS_FAULT_TIME");
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  char text[32];
  int length = std::snprintf(text, sizeof(text), "%ld.%09ld", long(now.tv_sec),
                             now.tv_nsec);
  int fd = int(syscall(SYS_open, path, O_WRONLY | O_CREAT | O_TRUNC, 0666));
  if (!path || fd < 0 || write(fd, text, size_t(length)) != length)
    refuse("cannot write DS_FAULT_TIME");
  syscall(SYS_close, fd);
}

/// Slow, but no more than that.
bool delays(const char *action) {
  bool awaits = std::strcmp(action, "await") == 0;
  while (awaits && access(std::getenv("DS_FAULT_TIME"), F_OK) != 0)
    nap(5);
  bool naps = std::strcmp(action, "nap") == 0;
  if (naps)
    nap(300);
  return awaits || naps;
}

int act(const char *action) {
  if (delays(action))
    return kProceed;
  writeTime();
  for (const Name &error : kErrors)
    if (std::strcmp(action, error.name) == 0)
      return error.value;
  for (const Name &signal : kSignals)
    if (std::strcmp(action, signal.name) == 0) {
      // To the process: the whole of it stops, and a handler may run.
      kill(getpid(), signal.value);
      return kProceed;
    }
  if (std::strcmp(action, "crash") == 0)
    *reinterpret_cast<volatile int *>(uintptr_t(0)) = 1;
  if (std::strcmp(action, "short") == 0)
    return kShort;
  if (std::strcmp(action, "orphan") == 0)
    kill(getppid(), SIGKILL);
  else if (std::strcmp(action, "ctrl-c") == 0)
    kill(0, SIGINT), kill(0, SIGINT);
  else if (std::strcmp(action, "hang") != 0)
    refuse("unknown action");
  for (;;) // until somebody ends this
    nap(300);
}

/// What this call is to do: kProceed, kShort or the errno to fail with.
int strike(const char *call) {
  int result = kProceed;
  for (int i = 0; i < known; ++i) {
    Fault &fault = faults[i];
    if (fault.who == self && looks >= fault.look &&
        std::strcmp(fault.call, call) == 0 && ++fault.seen == fault.count)
      result = act(fault.action);
  }
  return result;
}

template <typename Function> Function *next(const char *name) {
  return reinterpret_cast<Function *>(dlsym(RTLD_NEXT, name));
}

/// Runs the real call unless a fault takes its place.
template <typename Function, typename... Args>
auto pass(const char *name, Args... args) {
  using Result = decltype(std::declval<Function *>()(args...));
  switch (int code = strike(name)) {
  case kShort:
    return Result(0);
  case kProceed:
    return next<Function>(name)(args...);
  default:
    errno = code;
    return Result(-1);
  }
}

} // namespace

extern "C" {

pid_t fork() {
  int rank = forks++;
  pid_t pid = next<pid_t()>("fork")();
  if (pid == 0) {
    self = rank;
    looks = 0;
    for (Fault &fault : faults)
      fault.seen = 0;
  }
  return pid;
}

void *__libc_malloc(size_t bytes);
void *malloc(size_t bytes) {
  if (known > 0 && strike("malloc") != kProceed) {
    errno = ENOMEM;
    return nullptr;
  }
  return __libc_malloc(bytes);
}

int open(const char *path, int flags, ...) {
  va_list args;
  va_start(args, flags);
  mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
  va_end(args);
  if (std::strcmp(path, "/proc/self/status") == 0)
    ++looks;
  return pass<int(const char *, int, mode_t)>("open", path, flags, mode);
}

void *mmap(void *at, size_t bytes, int protection, int flags, int fd,
           off_t offset) noexcept {
  return pass<void *(void *, size_t, int, int, int, off_t)>(
      "mmap", at, bytes, protection, flags, fd, offset);
}
int madvise(void *at, size_t bytes, int advice) noexcept {
  return pass<int(void *, size_t, int)>("madvise", at, bytes, advice);
}
int ftruncate(int fd, off_t bytes) noexcept {
  return pass<int(int, off_t)>("ftruncate", fd, bytes);
}
int mkdir(const char *path, mode_t mode) noexcept {
  return pass<int(const char *, mode_t)>("mkdir", path, mode);
}
ssize_t pread(int fd, void *data, size_t bytes, off_t offset) {
  return pass<ssize_t(int, void *, size_t, off_t)>("pread", fd, data, bytes,
                                                   offset);
}
ssize_t pwrite(int fd, const void *data, size_t bytes, off_t offset) {
  return pass<ssize_t(int, const void *, size_t, off_t)>("pwrite", fd, data,
                                                         bytes, offset);
}
int fsync(int fd) { return pass<int(int)>("fsync", fd); }
int close(int fd) { return pass<int(int)>("close", fd); }
int rename(const char *from, const char *to) noexcept {
  return pass<int(const char *, const char *)>("rename", from, to);
}
int renameat2(int fromFolder, const char *from, int toFolder, const char *to,
              unsigned flags) noexcept {
  return pass<int(int, const char *, int, const char *, unsigned)>(
      "renameat2", fromFolder, from, toFolder, to, flags);
}
/// Tells its error by its result.
int posix_fallocate(int fd, off_t offset, off_t bytes) {
  int code = strike("posix_fallocate");
  return code > 0 ? code
                  : next<int(int, off_t, off_t)>("posix_fallocate")(fd, offset,
                                                                    bytes);
}

/// The runtime comes here to sleep until another rank arrives.
long syscall(long number, ...) noexcept {
  va_list args;
  va_start(args, number);
  long values[6];
  for (long &value : values)
    value = va_arg(args, long);
  va_end(args);
  if (number == SYS_futex && values[1] == FUTEX_WAIT)
    (void)strike("futex");
  return next<long(long, ...)>("syscall")(
      number, values[0], values[1], values[2], values[3], values[4], values[5]);
}

/// oneDNN's product; its second status is "out of memory".
int dnnl_sgemm(char transposeA, char transposeB, int64_t m, int64_t n,
               int64_t k, float alpha, const float *a, int64_t lda,
               const float *b, int64_t ldb, float beta, float *c, int64_t ldc) {
  if (strike("dnnl_sgemm") != kProceed)
    return 1;
  return next<decltype(dnnl_sgemm)>("dnnl_sgemm")(
      transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

void _exit(int code) {
  (void)strike("_exit");
  next<void(int)>("_exit")(code);
  __builtin_unreachable();
}

} // extern "C"
