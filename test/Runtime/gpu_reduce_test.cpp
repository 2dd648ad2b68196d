//===- gpu_reduce_test.cpp - Sums over ranks on a GPU -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The kernels have the bits of what CPUs compute, for every type and operation:
// on a GPU where there is one, else as the fake driver interprets their PTX.
// With a folder, writes the PTX of all of them there and does nothing else.
//===--------------------------------------------------------------------===//
#include "Check.h"
#include "backends/cpu/Threads.h"
#include "comm/local/GpuReduce.h"
#include "comm/local/LocalComm.h"
#include "comm/local/Reduce.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>
#include <random>

using namespace ds::rt;
namespace plan = ds::plan;

namespace {

constexpr plan::DType kTypes[] = {plan::DType::f32,  plan::DType::f64,
                                  plan::DType::bf16, plan::DType::f16,
                                  plan::DType::i32,  plan::DType::i64};
constexpr plan::ReduceOp kOps[] = {plan::ReduceOp::sum, plan::ReduceOp::mean,
                                   plan::ReduceOp::max};
constexpr uint64_t kCount = 1000; // no multiple of a block

std::string nameOf(plan::DType dtype, plan::ReduceOp op) {
  return std::string(plan::EnumNameReduceOp(op)) + "_" +
         plan::EnumNameDType(dtype);
}

using Array = std::vector<std::byte>;

/// Bits of all kinds: for 16 bits every other number is a multiple of few
/// units, so that sums are often just between two numbers.
Array randomArray(plan::DType dtype, uint64_t seed) {
  std::mt19937_64 random(seed);
  Array array(kCount * bytesOf(dtype));
  auto put = [&](uint64_t i, auto value) {
    std::memcpy(&array[i * sizeof(value)], &value, sizeof(value));
  };
  for (uint64_t i = 0; i < kCount; ++i) {
    const uint64_t bits = random();
    const bool tame = i % 2;
    if (dtype == plan::DType::bf16)
      put(i, uint16_t(tame ? 0x3f80 + bits % 512 : bits));
    else if (dtype == plan::DType::f16)
      put(i, uint16_t(tame ? 0x3c00 + bits % 4096 : bits));
    else if (dtype == plan::DType::f64) // the CPU's denormals are zeros, too
      put(i, std::ldexp(double(int64_t(bits)), int(bits % 200) - 100));
    else if (bytesOf(dtype) == 4)
      put(i, tame && dtype == plan::DType::f32
                 ? std::bit_cast<uint32_t>(float(int32_t(bits)))
                 : uint32_t(bits));
    else
      put(i, bits);
  }
  return array;
}

/// Equal bits, or no number on both sides.
bool isSame(plan::DType dtype, const std::byte *a, const std::byte *b) {
  const size_t bytes = bytesOf(dtype);
  if (std::memcmp(a, b, bytes) == 0)
    return true;
  auto isNan = [&](const std::byte *at) {
    uint64_t bits = 0;
    std::memcpy(&bits, at, bytes);
    switch (dtype) {
    case plan::DType::f32:
      return (bits & 0x7fffffff) > 0x7f800000;
    case plan::DType::bf16:
      return (bits & 0x7fff) > 0x7f80;
    case plan::DType::f16:
      return (bits & 0x7fff) > 0x7c00;
    default:
      return false;
    }
  };
  return isNan(a) && isNan(b);
}

/// An array of the GPU, through pinned memory.
class Transfer {
public:
  explicit Transfer(cuda::Device &device) : device_(device) {
    auto host = device.allocatePinned(kCount * 8);
    CHECK(host.ok());
    host_ = *host;
  }
  void write(std::byte *at, const Array &array) {
    std::memcpy(host_, array.data(), array.size());
    CHECK(device_.driver().copyToDevice(cuda::addressOf(at), host_,
                                        array.size(), device_.stream()) == 0);
    CHECK(device_.wait(10) == cuda::kSuccess);
  }
  Array read(const std::byte *at, size_t bytes) {
    CHECK(device_.driver().copyToHost(host_, cuda::addressOf(at), bytes,
                                      device_.stream()) == 0);
    CHECK(device_.wait(10) == cuda::kSuccess);
    return Array(host_, host_ + bytes);
  }

private:
  cuda::Device &device_;
  std::byte *host_ = nullptr;
};

void compare(cuda::Device &device, GpuReduce &reduce, Transfer &transfer,
             std::byte *memory, plan::DType dtype, plan::ReduceOp op,
             size_t members, bool inPlace) {
  std::vector<Array> arrays;
  std::vector<const std::byte *> sources;
  std::vector<cuda::Address> places;
  for (size_t m = 0; m < members; ++m) {
    arrays.push_back(randomArray(dtype, m + 100 * members));
    std::byte *at = memory + m * kCount * 8;
    transfer.write(at, arrays.back());
    places.push_back(cuda::addressOf(at));
  }
  for (const Array &array : arrays)
    sources.push_back(array.data());
  Array expected(kCount * bytesOf(dtype));
  reduceArrays(dtype, op, sources, expected.data(), kCount);
  std::byte *to = memory + (inPlace ? members - 1 : members) * kCount * 8;
  transfer.write(to, inPlace ? arrays.back() : Array(expected.size()));
  CHECK(reduce.load(dtype, op).ok());
  CHECK(reduce.run(dtype, op, places, cuda::addressOf(to), kCount,
                   device.stream()) == cuda::kSuccess);
  CHECK(device.wait(10) == cuda::kSuccess);
  const Array got = transfer.read(to, expected.size());
  uint64_t wrong = 0;
  for (uint64_t i = 0; i < kCount; ++i)
    wrong +=
        !isSame(dtype, &got[i * bytesOf(dtype)], &expected[i * bytesOf(dtype)]);
  if (wrong > 0)
    std::fprintf(stderr, "%s of %zu: %llu of %llu differ\n",
                 nameOf(dtype, op).c_str(), members, (unsigned long long)wrong,
                 (unsigned long long)kCount);
  CHECK(wrong == 0);
}

void bitsAreThoseOfCpus() {
  auto found = cuda::Device::find(0);
  CHECK(found.ok() && (*found)->start().ok());
  cuda::Device &device = **found;
  constexpr size_t kMost = 5;
  auto memory = device.allocate((kMost + 1) * kCount * 8);
  CHECK(memory.ok());
  Transfer transfer(device);
  GpuReduce reduce(device);
  CHECK(reduce.open(kMost).ok());
  for (plan::DType dtype : kTypes)
    for (plan::ReduceOp op : kOps)
      for (size_t members = 2; members <= kMost; ++members)
        compare(device, reduce, transfer, *memory, dtype, op, members,
                members % 2);
}

} // namespace

int main(int argc, char **argv) {
  if (argc > 1) {
    for (plan::DType dtype : kTypes)
      for (plan::ReduceOp op : kOps)
        std::ofstream(std::string(argv[1]) + "/" + nameOf(dtype, op) + ".ptx")
            << reductionPtx(dtype, op);
    return 0;
  }
  flushDenormals(); // as ranks do
  bitsAreThoseOfCpus();
  return ds::test::finish("gpu-reduce");
}
