//===- fake_cuda_test.cpp - What the fake driver must catch -------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each mistake in a process of its own, which the fake has to end, and say why:
// a check that cannot fail checks nothing.
//===--------------------------------------------------------------------===//
#include "Check.h"
#include "backends/cuda/Device.h"
#include "backends/cuda/StepGraph.h"

#include <atomic>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace ds::rt;
using namespace ds::rt::cuda;

namespace {

struct Ended {
  int code;
  std::string said;
};

using Body = std::function<void(Device &, const Driver &)>;

/// A process that opens the GPU and then does this.
pid_t start(const Body &body, int errors) {
  const pid_t child = fork();
  if (child == 0) {
    dup2(errors, STDERR_FILENO);
    {
      auto device = Device::find(0);
      if (!device.ok() || !(*device)->start().ok())
        _exit(1);
      body(**device, (*device)->driver());
    }
    _exit(0);
  }
  return child;
}

/// What becomes of such a process.
Ended run(const Body &body) {
  int ends[2];
  if (pipe(ends) != 0)
    return {-1, "no pipe"};
  const pid_t child = start(body, ends[1]);
  close(ends[1]);
  Ended ended{0, ""};
  char text[4096];
  for (ssize_t got; (got = read(ends[0], text, sizeof(text))) > 0;)
    ended.said.append(text, size_t(got));
  close(ends[0]);
  int state = 0;
  waitpid(child, &state, 0);
  ended.code = WIFEXITED(state) ? WEXITSTATUS(state) : -WTERMSIG(state);
  return ended;
}

void isCaught(const char *message, const Body &body) {
  const Ended ended = run(body);
  CHECK(ended.code == 97);
  CHECK_CONTAINS(ended.said, std::string("fake-cuda: violation: ") + message);
}

std::byte *taken(Device &device, uint64_t bytes) {
  auto at = device.allocate(bytes);
  if (!at.ok())
    _exit(2);
  return *at;
}

void rightUseEnds() {
  const Ended ended = run([](Device &device, const Driver &driver) {
    std::byte *at = taken(device, 4096);
    auto host = device.allocatePinned(8192);
    (void)driver.copyToDevice(addressOf(at), *host, 4096, device.stream());
    const bool measured = device.allocatedBytes(at) == 4096 &&
                          device.allocatedBytes(*host) == 8192;
    if (device.wait(1) != kSuccess || !measured)
      _exit(3);
  });
  CHECK(ended.code == 0);
  CHECK_CONTAINS(ended.said, std::string("; nothing left"));
}

void memoryIsWatched() {
  isCaught("cuMemsetD32Async: the target [0x",
           [](Device &device, const Driver &driver) {
             const Address at = addressOf(taken(device, 4096));
             (void)driver.setWords(at, 0, 1025, device.stream());
           });
  isCaught("cuMemFree: 0x", [](Device &device, const Driver &driver) {
    const Address at = addressOf(taken(device, 4096));
    (void)device.wait(1);
    (void)driver.memFree(at);
    (void)driver.memFree(at);
  });
  isCaught("cuMemFree while the stream still has work",
           [](Device &device, const Driver &driver) {
             (void)driver.memFree(addressOf(taken(device, 4096)));
           });
  isCaught("cuMemcpyHtoDAsync: the source is not pinned",
           [](Device &device, const Driver &driver) {
             char text[16] = {};
             (void)driver.copyToDevice(addressOf(taken(device, 4096)), text,
                                       sizeof(text), device.stream());
           });
  isCaught("cuMemcpyAsync: source and target overlap",
           [](Device &device, const Driver &driver) {
             const Address at = addressOf(taken(device, 4096));
             (void)driver.copy(at, at + 8, 16, device.stream());
             (void)device.wait(1);
           });
  isCaught("1 allocations left at the end", [](Device &, const Driver &driver) {
    Address at = 0;
    (void)driver.memAlloc(&at, 4096);
  });
  // The host cannot touch what is the GPU's.
  const Ended ended = run([](Device &device, const Driver &) {
    *reinterpret_cast<volatile char *>(taken(device, 4096)) = 1;
  });
  CHECK(ended.code != 0 && ended.code != 97); // -SIGSEGV, or a sanitizer's
}

void streamsAreWatched() {
  isCaught("cuStreamQuery of a stream that is captured",
           [](Device &device, const Driver &driver) {
             (void)driver.beginCapture(device.stream(), kCaptureRelaxed);
             (void)device.wait(1);
           });
  isCaught("cuStreamDestroy of a stream that still has work",
           [](Device &device, const Driver &driver) {
             (void)taken(device, 4096);
             (void)driver.streamDestroy(device.stream());
           });
  isCaught("cuEventElapsedTime of an event that has not come",
           [](Device &device, const Driver &driver) {
             Event events[2];
             float between;
             (void)driver.eventCreate(&events[0], 0);
             (void)driver.eventCreate(&events[1], 0);
             (void)driver.eventRecord(events[0], device.stream());
             (void)driver.eventElapsedTime(&between, events[0], events[1]);
           });
  isCaught("1 x graph left at the end",
           [](Device &device, const Driver &driver) {
             Graph graph;
             (void)driver.beginCapture(device.stream(), kCaptureRelaxed);
             (void)driver.endCapture(device.stream(), &graph);
           });
  isCaught("cuGraphLaunch: no such graph",
           [](Device &device, const Driver &driver) {
             (void)driver.graphLaunch(nullptr, device.stream());
           });
  // A graph outlives the memory that it uses.
  isCaught("cuMemsetD32Async: the target [0x",
           [](Device &device, const Driver &driver) {
             Address at = 0;
             (void)driver.memAlloc(&at, 4096);
             StepGraph graph(device);
             (void)graph.capture([&] {
               (void)driver.setWords(at, 7, 4, device.stream());
               return Status();
             });
             (void)driver.memFree(at);
             (void)graph.launch();
             (void)device.wait(1);
           });
}

constexpr const char *kPtx =
    ".version 8.0\n.target sm_80\n"
    ".visible .entry one(.param .u64 a)\n{\n  ret;\n}\n";

/// Launches `one` in blocks of `threads` on an argument.
void launch(Device &device, const Driver &driver, unsigned blocks,
            unsigned threads, unsigned shared, Address argument) {
  Module module;
  Function function;
  (void)driver.moduleLoad(&module, kPtx, 0, nullptr, nullptr);
  (void)driver.moduleGetFunction(&function, module, "one");
  void *arguments[] = {&argument};
  (void)driver.launch(function, blocks, 1, 1, threads, 1, 1, shared,
                      device.stream(), arguments, nullptr);
  (void)device.wait(1);
}

void launchesAreWatched() {
  isCaught("cuLaunchKernel: one in blocks of 2048 x 1 x 1",
           [](Device &device, const Driver &driver) {
             launch(device, driver, 1, 2048, 0, addressOf(taken(device, 64)));
           });
  isCaught("cuLaunchKernel: one on a grid of 0 x 1 x 1",
           [](Device &device, const Driver &driver) {
             launch(device, driver, 0, 32, 0, addressOf(taken(device, 64)));
           });
  isCaught("cuLaunchKernel: one with 65536 shared bytes, but 49152 are allowed",
           [](Device &device, const Driver &driver) {
             launch(device, driver, 1, 32, 65536, addressOf(taken(device, 64)));
           });
  isCaught("cuLaunchKernel: one's argument 0 [0x40, +1) is in no allocation",
           [](Device &device, const Driver &driver) {
             launch(device, driver, 1, 32, 0, 64);
           });
  isCaught("1 x module left at the end",
           [](Device &device, const Driver &driver) {
             launch(device, driver, 1, 32, 0, addressOf(taken(device, 64)));
           });
}

/// What two processes know of each other, and how far they have come.
struct Meeting {
  IpcHandle handle;
  std::atomic<int> stage;

  static Meeting &make() {
    void *at = mmap(nullptr, sizeof(Meeting), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return *new (at) Meeting();
  }
  void wait(int wanted) const {
    for (int i = 0; i < 10000 && stage < wanted; ++i)
      usleep(1000);
  }
  /// A process shares memory that is full of sevens until the other has been.
  void share(Device &device, const Driver &driver) {
    const Address at = addressOf(taken(device, 4096));
    (void)driver.setBytes(at, 7, 4096, device.stream());
    (void)device.wait(1);
    (void)driver.ipcGetHandle(&handle, at);
    stage = 1;
    wait(2);
  }
  Address open(const Driver &driver) {
    wait(1);
    Address at = 0;
    (void)driver.ipcOpen(&at, handle, kIpcLazyPeerAccess);
    return at;
  }
};

/// What becomes of a process that uses another's memory, and of the other.
std::pair<Ended, int>
use(const std::function<void(Device &, const Driver &, Meeting &)> &body) {
  Meeting &meeting = Meeting::make();
  const int nowhere = ::open("/dev/null", O_WRONLY); // its user is at fault
  const pid_t owner =
      start([&](Device &device,
                const Driver &driver) { meeting.share(device, driver); },
            nowhere);
  close(nowhere);
  const Ended user = run([&](Device &device, const Driver &driver) {
    body(device, driver, meeting);
  });
  meeting.stage = 2;
  int state = 0;
  waitpid(owner, &state, 0);
  return {user, WEXITSTATUS(state)};
}

void sharedMemoryIsWatched() {
  auto [good, owner] =
      use([](Device &device, const Driver &driver, Meeting &meeting) {
        const Address at = meeting.open(driver);
        auto host = device.allocatePinned(4096);
        (void)driver.copyToHost(*host, at, 4096, device.stream());
        CHECK(device.wait(1) == kSuccess);
        CHECK(int((*host)[4095]) == 7);
        (void)driver.ipcClose(at);
        _exit(ds::test::failures);
      });
  CHECK(good.code == 0 && owner == 0);
  auto isCaughtAt = [](const char *message, auto body) {
    const Ended ended = use(body).first;
    CHECK(ended.code == 97);
    CHECK_CONTAINS(ended.said, std::string(message));
  };
  isCaughtAt("1 x memory of another process left at the end",
             [](Device &, const Driver &driver, Meeting &meeting) {
               (void)meeting.open(driver);
             });
  isCaughtAt("is in no allocation",
             [](Device &device, const Driver &driver, Meeting &meeting) {
               const Address at = meeting.open(driver);
               (void)driver.ipcClose(at);
               (void)driver.setBytes(at, 0, 1, device.stream());
               (void)device.wait(1);
             });
  isCaughtAt("is no allocation of the GPU",
             [](Device &, const Driver &driver, Meeting &meeting) {
               (void)driver.memFree(meeting.open(driver));
             });
  isCaughtAt("cuIpcOpenMemHandle: the memory is gone",
             [](Device &, const Driver &driver, Meeting &meeting) {
               meeting.wait(1);
               meeting.stage = 2;
               usleep(500000); // until its owner has ended
               (void)meeting.open(driver);
             });
}

void exportsAreWatched() {
  isCaught("cuIpcGetMemHandle: no allocation of the GPU begins at 0x",
           [](Device &device, const Driver &driver) {
             IpcHandle handle;
             (void)driver.ipcGetHandle(&handle,
                                       addressOf(taken(device, 4096)) + 64);
           });
  isCaught("cuIpcOpenMemHandle in the process that owns the memory",
           [](Device &device, const Driver &driver) {
             IpcHandle handle;
             (void)driver.ipcGetHandle(&handle, addressOf(taken(device, 4096)));
             Address at = 0;
             (void)driver.ipcOpen(&at, handle, kIpcLazyPeerAccess);
           });
  // What is open elsewhere must not go.
  Meeting &meeting = Meeting::make();
  const pid_t user = start(
      [&](Device &, const Driver &driver) {
        (void)meeting.open(driver);
        meeting.stage = 2;
        meeting.wait(3);
        _exit(0);
      },
      STDERR_FILENO);
  isCaught("cuMemFree: 1 other processes have 0x",
           [&](Device &device, const Driver &driver) {
             meeting.share(device, driver);
           });
  meeting.stage = 3;
  waitpid(user, nullptr, 0);
}

/// A child of a process that started the driver cannot use it.
void forksAreWatched() {
  isCaught("cuMemGetInfo in a child of the process that called cuInit",
           [](Device &device, const Driver &) {
             const pid_t child = fork();
             if (child == 0) {
               (void)device.memory();
               _exit(0);
             }
             int state = 0;
             waitpid(child, &state, 0);
             _exit(WEXITSTATUS(state));
           });
}

} // namespace

int main() {
  rightUseEnds();
  memoryIsWatched();
  streamsAreWatched();
  launchesAreWatched();
  sharedMemoryIsWatched();
  exportsAreWatched();
  forksAreWatched();
  return ds::test::finish("fake-cuda");
}
