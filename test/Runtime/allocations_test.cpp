//===- allocations_test.cpp - The step loop allocates nothing -----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Counts what `operator new` is asked for while instructions of every kind run,
// on the whole team, from our own code: what a library packs for itself is its
// own affair.
//===--------------------------------------------------------------------===//
#include "Check.h"
#include "backends/cpu/Threads.h"
#include "exec/Executor.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <new>

namespace {
std::atomic<bool> counting{false};
std::atomic<uint64_t> ours{0};

bool isLibrary(const void *caller) {
  Dl_info info;
  if (!dladdr(caller, &info) || !info.dli_fname)
    return false;
  for (const char *name : {"libdnnl", "libblis", "libgomp"})
    if (std::strstr(info.dli_fname, name))
      return true;
  return false;
}
} // namespace

void *operator new(size_t bytes) {
  if (counting && !isLibrary(__builtin_return_address(0)))
    ++ours;
  if (void *memory = std::malloc(bytes ? bytes : 1))
    return memory;
  std::abort();
}
void operator delete(void *memory) noexcept { std::free(memory); }
void operator delete(void *memory, size_t) noexcept { std::free(memory); }

using namespace ds::rt;
using ds::plan::Op;

namespace {

std::byte *bytesOf(std::vector<float> &values) {
  return reinterpret_cast<std::byte *>(values.data());
}

void addOne(void *const *args, int64_t begin, int64_t end) {
  for (int64_t i = begin; i < end; ++i)
    static_cast<float *>(args[0])[i] += 1;
}

/// Each kind of instruction once, then a loop over the same.
struct Everything {
  static constexpr int64_t n = 96;
  std::vector<float> a = std::vector<float>(n * n, 1);
  std::vector<float> b = std::vector<float>(n * n, 2);
  std::vector<float> c = std::vector<float>(n * n);
  std::vector<int32_t> order = std::vector<int32_t>(n * n);
  std::vector<GemmProduct> products;
  void *args[1] = {c.data()};
  int64_t index = 0;
  double scalar = 0;

  ResolvedProgram make() {
    ResolvedProgram program;
    products.push_back({bytesOf(a), bytesOf(b), bytesOf(c)});
    for (GemmLibrary library : {GemmLibrary::onednn_gemm,
                                GemmLibrary::onednn_matmul, GemmLibrary::blis})
      for (bool alone : {false, true}) {
        const GemmShape shape{n, n, n, n, n, n, false, false, 0};
        auto *kernel = *program.kernels.get(
            library, alone ? GemmTeam::caller : GemmTeam::whole, shape);
        add(program, Op::Gemm, program.gemms.size());
        program.gemms.push_back({kernel, shape, alone, products.data(), 1});
      }
    add(program, Op::Launch, 0);
    program.launches.push_back({addOne, args, uint64_t(n * n), 16});
    add(program, Op::Copy, 0);
    program.copies.push_back(
        {bytesOf(c), bytesOf(a), 4 * n * n, nullptr, 0, 0, {}});
    add(program, Op::Fill, 0);
    program.fills.push_back({bytesOf(b), 4 * n * n, 0x3f800000});
    for (bool few : {false, true}) {
      add(program, Op::Sort, program.sorts.size());
      program.sorts.push_back({ds::plan::DType::f32, n, n,
                               few ? uint64_t(3) : uint64_t(n), bytesOf(a),
                               order.data(), few, false, false});
    }
    add(program, Op::Scalar, 0);
    program.scalars.push_back(
        {ds::plan::ScalarOpcode::set, ds::plan::DType::f64,
         ds::plan::DType::f64, ds::plan::DType::f64,
         reinterpret_cast<std::byte *>(&scalar), nullptr, nullptr, 1});
    const auto body = uint32_t(program.instructions.size());
    add(program, Op::Loop, 0);
    program.loops.push_back(
        {3, 0, reinterpret_cast<std::byte *>(&index), false});
    program.blocks = {{0, body}, {body, body + 1}};
    return program;
  }

  static void add(ResolvedProgram &program, Op op, size_t index) {
    program.instructions.push_back(
        {op, uint32_t(program.instructions.size()), uint32_t(index)});
  }
};

void stepLoopAllocatesNothing() {
  Everything everything;
  ResolvedProgram program = everything.make();
  auto control = Control::create({}, 1);
  LocalComm comm(*control, 0, 1, 0);
  Recorder recorder(program.instructions.size());
  Executor executor(std::move(program), comm, recorder);
  CHECK(executor.runBlock(1).ok()); // starts the team
  counting = true;
  for (int step = 0; step < 3; ++step)
    CHECK(executor.runBlock(1).ok());
  CHECK(ours == 0);
  std::vector<float> seen(1); // that this counts is part of the test
  CHECK(ours == 1);
  counting = false;
}

} // namespace

int main() {
  setThreads(2);
  stepLoopAllocatesNothing();
  return ds::test::finish("allocations");
}
