//===- FakeCuda.h - What the parts of the fake driver share -------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Our own libcuda.so.1, libcublasLt.so.13, libnccl.so.2 and libnvidia-ml.so.1
// for tests, found by LD_LIBRARY_PATH; never linked to or installed.  Memory of
// the GPU is memory of the host that the program itself cannot touch.  Copies
// and fills are done, when the stream is waited for, and so are the runtime's
// own kernels, whose PTX is interpreted; those of plans, products and NCCL's
// collectives compute nothing.  Every call is checked: handles, addresses and
// sizes, order, what is left at the end.  A mistake is one line and the end of
// the process (exit code 97).
//
//   FAKE_CUDA="name=value name=value@GPU ..."    faults and properties
//
//   devices=1 cc=90 driver=13000 total=BYTES free=BYTES
//   threads=1024 shared=232448 nccl=22703
//   context=BYTES what a context takes; nvml=1: there is no management library
//   offset=N     memory of the GPU begins N bytes behind a page
//   ipc=1        memory cannot be shared between processes; 2: nor be opened
//   alloc=N      the N-th allocation finds no memory
//   pin=N        nor the N-th of pinned memory of the host
//   launch=N     the N-th launch and all that follow are refused
//   illegal=N    the N-th kernel that runs touches what it must not
//   ecc=N        the N-th operation that runs finds memory gone bad
//   late=N       what was enqueued runs when it was asked for N times
//   hang=N       the N-th operation that runs never ends
//   capture=1    steps cannot be captured
//   ptx=1        the driver knows no PTX as new as the image's
//   writes=1     the stream cannot write values; 2: nor be captured then
//   lt=1         there is no algorithm for any product; 2: no cuBLASLt starts;
//                3: there is none for batches
//   slow=N       each product takes N milliseconds to enqueue
//   blas=N       the context is lost when the N-th product is enqueued
//   lost=N       at the N-th collective a peer is lost to NCCL
//   deaf=N       the N-th wait for an event is dropped: its stream goes on
//===--------------------------------------------------------------------===//
#ifndef DS_TEST_LIB_FAKECUDA_H
#define DS_TEST_LIB_FAKECUDA_H

#include "backends/cuda/Driver.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

#define FAKE_EXPORT extern "C" [[gnu::visibility("default")]]

#pragma GCC visibility push(default)
namespace fake {

using namespace ds::rt::cuda;

/// Prints what was wrong and ends the process.
[[noreturn, gnu::format(printf, 1, 2)]] void violation(const char *format, ...);

/// The value of a name in FAKE_CUDA for this process's GPU.
long long option(const char *name, long long otherwise);
/// Whether this is the call that the fault `name=N` strikes: counts them.
bool strikes(const char *name);

/// Called first by every function: there is a context, and no fork since.
void enter(const char *function);

/// There is one more or one less of something that must be given back.
void account(const char *what, int change);
/// Something was done, for the last line: "2 launches".
void count(const char *what);

/// The memory behind [at, at + bytes), all of which one allocation must hold.
std::byte *memory(const char *function, const char *what, Address at,
                  uint64_t bytes);
/// Whether it is pinned memory of the host, which the GPU sees, too.
bool isPinned(Address at, uint64_t bytes);
/// Of the GPU, contexts and all: what cuMemGetInfo says.
uint64_t total();
uint64_t freeBytes();
/// Bytes that a library takes of the GPU besides allocations.
void takeLibraryBytes(long long change);

/// An allocation: of the GPU, of the host's memory, or another process's.
struct Block {
  uint64_t bytes;
  std::byte *alias; ///< Where the fake itself reads and writes.
  enum Kind { Device, Host, Imported, OfNccl } kind;
  int file = -1; ///< Of a device's.
};
std::map<Address, Block> &allocations();
/// Bytes that the GPU gives for so many.
uint64_t rounded(uint64_t bytes);
/// An address for memory of the GPU, which the program cannot touch, and the
/// memory behind it, of a file.
std::pair<Address, Block> mapped(int file, uint64_t bytes, Block::Kind kind);
void unmap(Address at, const Block &block);
/// How many other processes have it open.
int openElsewhere(const Block &block);

/// Memory that an operation touches.
struct Range {
  const char *what;
  Address at;
  uint64_t bytes;
  bool writes;
};

/// What runs later; returns an error or kNotReady to be called again.
using Operation = std::function<Result()>;
/// Puts an operation on a stream, or into the graph that it captures.  Nothing
/// of another stream that is not known to be done may touch the same.  It takes
/// so many milliseconds of the fake's clock.
void submit(const char *function, Stream stream,
            const std::vector<Range> &ranges, Operation operation,
            long long duration = 1);
bool isCapturing(Stream stream);
/// Where it is captured, nothing will come of that.
bool spoilCapture(Stream stream);
/// Whether a stream is still to run something.
bool isPending();
/// The error that lost the context; kSuccess while there is none.
Result lostContext();
/// It is lost.
void loseContext(Result error);

} // namespace fake
#pragma GCC visibility pop

#endif // DS_TEST_LIB_FAKECUDA_H
