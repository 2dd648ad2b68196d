//===- executor_test.cpp - Instructions against the obvious way ---------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Products in every transposition and both ways of threading; a plan with
// native code, written, read, mapped and launched over the team.
//===--------------------------------------------------------------------===//
#include "Check.h"
#include "backends/cpu/Threads.h"
#include "comm/local/Launcher.h"
#include "exec/Executor.h"
#include "exec/RankRun.h"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <numeric>
#include <sys/resource.h>
#include <unistd.h>

using namespace ds::rt;
using ds::plan::DType;

namespace {

/// Runs the instructions of one resolved block.
Status runAlone(ResolvedProgram program) {
  auto control = Control::create({}, 1);
  LocalComm comm(*control, 0, 1, 0);
  program.blocks.push_back({0, uint32_t(program.instructions.size())});
  Recorder recorder(program.instructions.size());
  return Executor(std::move(program), comm, recorder).runBlock(0);
}

/// Small integers: sums are exact in any order.
template <typename T> std::vector<T> matrix(size_t count, int salt) {
  std::vector<T> values(count);
  for (size_t i = 0; i < count; ++i)
    values[i] = T(int((i * 31 + size_t(salt) * 17) % 13) - 6);
  return values;
}

template <typename T>
void productMatches(bool transposeA, bool transposeB, float beta,
                    bool batchOverThreads) {
  constexpr int64_t m = 37, n = 29, k = 41, batch = 7;
  auto a = matrix<T>(m * k * batch, 1), b = matrix<T>(k * n * batch, 2);
  auto c = matrix<T>(m * n * batch, 3), expected = c;
  std::vector<GemmProduct> products;
  for (int64_t p = 0; p < batch; ++p)
    products.push_back({reinterpret_cast<std::byte *>(&a[p * m * k]),
                        reinterpret_cast<std::byte *>(&b[p * k * n]),
                        reinterpret_cast<std::byte *>(&c[p * m * n])});
  ResolvedProgram program;
  const GemmShape shape{
      m,          n,          k,   transposeA ? m : k, transposeB ? k : n, n,
      transposeA, transposeB, beta};
  GemmKernel *kernel = nullptr;
  if (sizeof(T) == 4)
    kernel = *program.kernels.get(
        GemmLibrary::onednn_matmul,
        batchOverThreads ? GemmTeam::caller : GemmTeam::whole, shape);
  program.gemms.push_back(
      {kernel, shape, batchOverThreads, products.data(), products.size()});
  program.instructions.push_back({ds::plan::Op::Gemm, 0, 0});
  CHECK(runAlone(std::move(program)).ok());
  for (int64_t p = 0; p < batch; ++p)
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < n; ++j) {
        T sum = 0;
        for (int64_t q = 0; q < k; ++q)
          sum += a[p * m * k + (transposeA ? q * m + i : i * k + q)] *
                 b[p * k * n + (transposeB ? j * k + q : q * n + j)];
        T &out = expected[p * m * n + i * n + j];
        out = sum + (beta != 0 ? out : 0);
      }
  CHECK(c == expected);
}

void productsMatch() {
  for (int bits = 0; bits < 16; ++bits) {
    productMatches<float>(bits & 1, bits & 2, bits & 4 ? 1 : 0, bits & 8);
    productMatches<double>(bits & 1, bits & 2, bits & 4 ? 1 : 0, bits & 8);
  }
}

/// Sorts rows of keys, whole and the first few of them, and compares with a
/// stable sort by `isBefore`.
template <typename Key, typename IsBefore>
void rowsAreSorted(DType dtype, const std::vector<Key> &keys, SortOp options,
                   IsBefore isBefore) {
  constexpr uint64_t rows = 6;
  const uint64_t length = keys.size() / rows;
  for (uint64_t kept : {length, length - 1, uint64_t(5), uint64_t(1)}) {
    std::vector<int32_t> order(rows * kept, -1);
    SortOp op = options;
    op.dtype = dtype;
    op.rows = rows;
    op.length = length;
    op.kept = kept;
    op.src = reinterpret_cast<const std::byte *>(keys.data());
    op.dst = order.data();
    ResolvedProgram program;
    program.sorts.push_back(op);
    program.instructions.push_back({ds::plan::Op::Sort, 0, 0});
    CHECK(runAlone(std::move(program)).ok());
    for (uint64_t row = 0; row < rows; ++row) {
      std::vector<int32_t> expected(length);
      std::iota(expected.begin(), expected.end(), 0);
      const Key *key = keys.data() + row * length;
      std::stable_sort(expected.begin(), expected.end(), [&](int i, int j) {
        return options.descending ? isBefore(key[j], key[i])
                                  : isBefore(key[i], key[j]);
      });
      CHECK(std::equal(order.begin() + row * kept,
                       order.begin() + (row + 1) * kept, expected.begin()));
    }
  }
}

/// NaN behind all numbers; with `total` zeros and NaN by their signs.
template <typename Real> auto realOrder(bool total) {
  return [=](Real x, Real y) {
    auto rank = [&](Real v) {
      return v == v ? 0 : total && std::signbit(v) ? -1 : 1;
    };
    if (rank(x) != rank(y) || x != x)
      return rank(x) < rank(y);
    if (total && x == 0 && y == 0)
      return std::signbit(x) && !std::signbit(y);
    return x < y;
  };
}

template <typename Real> void realsAreSorted(DType dtype) {
  auto keys = matrix<Real>(6 * 701, 5);
  const Real special[] = {Real(-0.0),     Real(NAN),       -Real(NAN),
                          Real(INFINITY), -Real(INFINITY), Real(0)};
  for (size_t i = 0; i < keys.size(); i += 7)
    keys[i] = special[i / 7 % 6];
  for (bool descending : {false, true})
    for (bool total : {false, true}) {
      SortOp options{};
      options.descending = descending;
      options.total = total;
      rowsAreSorted(dtype, keys, options, realOrder<Real>(total));
    }
}

template <typename Whole, typename Natural> void wholesAreSorted(DType dtype) {
  auto keys = matrix<Whole>(6 * 701, 9);
  keys[3] = std::numeric_limits<Whole>::min();
  keys[4] = std::numeric_limits<Whole>::max();
  for (bool descending : {false, true}) {
    SortOp options{};
    options.descending = descending;
    rowsAreSorted(dtype, keys, options, [](Whole x, Whole y) { return x < y; });
    options.isUnsigned = true;
    rowsAreSorted(dtype, keys, options,
                  [](Whole x, Whole y) { return Natural(x) < Natural(y); });
  }
}

/// The upper halves of float32: what bfloat16 is.
void halvesAreSorted() {
  std::vector<uint16_t> keys(6 * 97);
  for (size_t i = 0; i < keys.size(); ++i)
    keys[i] = uint16_t(i * 40503u + 11);
  auto wide = [](uint16_t half) {
    const uint32_t bits = uint32_t(half) << 16;
    float value;
    std::memcpy(&value, &bits, sizeof(value));
    return value;
  };
  for (bool total : {false, true}) {
    SortOp options{};
    options.total = total;
    auto isBefore = realOrder<float>(total);
    rowsAreSorted(DType::bf16, keys, options, [&](uint16_t x, uint16_t y) {
      return isBefore(wide(x), wide(y));
    });
  }
}

void sortsMatch() {
  realsAreSorted<float>(DType::f32);
  realsAreSorted<double>(DType::f64);
  wholesAreSorted<int32_t, uint32_t>(DType::i32);
  wholesAreSorted<int64_t, uint64_t>(DType::i64);
  halvesAreSorted();
}

void fillsHaveOddEnds() {
  std::byte bytes[11] = {};
  ResolvedProgram program;
  program.fills.push_back({bytes, 10, 0x04030201});
  program.instructions.push_back({ds::plan::Op::Fill, 0, 0});
  CHECK(runAlone(std::move(program)).ok());
  for (int i = 0; i < 10; ++i)
    CHECK(bytes[i] == std::byte(i % 4 + 1));
  CHECK(bytes[10] == std::byte(0));
}

// void k(int *const *a, long b, long e) {
//   for (long i = b; i < e; i++) a[1][i] = a[0][i] * 2 + (int)i;
// }
constexpr unsigned char kCode[] = {
    0x48, 0x39, 0xd6, 0x7d, 0x19, 0x48, 0x8b, 0x47, 0x08, 0x48, 0x8b,
    0x0f, 0x8b, 0x0c, 0xb1, 0x8d, 0x0c, 0x4e, 0x89, 0x0c, 0xb0, 0x48,
    0x83, 0xc6, 0x01, 0x48, 0x39, 0xf2, 0x75, 0xe7, 0xc3};
constexpr uint64_t kItems = 10007, kBytes = kItems * 4;

std::unique_ptr<ds::plan::BufferT> buffer(const char *name, uint64_t offset,
                                          ds::plan::BufferClass kind) {
  auto buffer = std::make_unique<ds::plan::BufferT>();
  buffer->name = name;
  buffer->offset = offset;
  buffer->bytes = kBytes;
  buffer->dtype = DType::i32;
  buffer->shape = {kItems};
  buffer->kind = kind;
  buffer->persistent = kind == ds::plan::BufferClass::constant;
  return buffer;
}

std::unique_ptr<ds::plan::ProgramT> kernelProgram() {
  auto program = std::make_unique<ds::plan::ProgramT>();
  program->name = "kernel";
  auto arena = std::make_unique<ds::plan::ArenaT>();
  arena->bytes = 20 * 4096;
  arena->lower_bound_bytes = 2 * kBytes;
  program->arenas.push_back(std::move(arena));
  program->buffers.push_back(
      buffer("from", 0, ds::plan::BufferClass::constant));
  program->buffers.push_back(
      buffer("to", 40064, ds::plan::BufferClass::activation));
  ds::plan::LaunchT launch;
  launch.args = {ds::plan::Ref(0, 0), ds::plan::Ref(0, 1)};
  launch.items = kItems;
  launch.grain = 64;
  auto instr = std::make_unique<ds::plan::InstrT>();
  instr->name = "twice";
  instr->op.Set(std::move(launch));
  auto block = std::make_unique<ds::plan::BlockT>();
  block->instrs.push_back(std::move(instr));
  program->blocks.push_back(std::move(block));
  auto entry = std::make_unique<ds::plan::EntryT>();
  entry->name = "train";
  program->entries.push_back(std::move(entry));
  return program;
}

ds::plan::PlanT kernelPlan() {
  ds::plan::PlanT plan;
  plan.target = std::make_unique<ds::plan::TargetT>();
  plan.target->arch = "x86-64";
  plan.target->features = {"sse2"};
  plan.facts = std::make_unique<ds::plan::FactsT>();
  plan.rank_programs = {0};
  plan.groups.push_back(std::make_unique<ds::plan::GroupT>());
  plan.groups[0]->ranks = {0};
  auto kernel = std::make_unique<ds::plan::KernelT>();
  kernel->name = "twice";
  for (auto access : {ds::plan::Access::read, ds::plan::Access::write}) {
    auto arg = std::make_unique<ds::plan::KernelArgT>();
    arg->access = access;
    arg->dtype = DType::i32;
    arg->bytes = kBytes;
    kernel->args.push_back(std::move(arg));
  }
  plan.kernels.push_back(std::move(kernel));
  auto constant = std::make_unique<ds::plan::ConstantDataT>();
  constant->bytes = kBytes;
  plan.constants.push_back(std::move(constant));
  plan.programs.push_back(kernelProgram());
  return plan;
}

void kernelsRun(const std::string &path) {
  std::vector<int32_t> from(kItems);
  for (size_t i = 0; i < kItems; ++i)
    from[i] = int32_t(i * i % 1000);
  Status written = writePlan(kernelPlan(), std::as_bytes(std::span(kCode)),
                             std::as_bytes(std::span(from)), path);
  ds::test::check(written.ok(), "a valid plan", __FILE__, __LINE__,
                  written.message());
  auto plan = LoadedPlan::open(path);
  if (!ds::test::check(plan.ok(), "a valid plan", __FILE__, __LINE__,
                       plan.status().message()))
    return;
  auto job = Job::prepare(std::move(*plan), {});
  if (!ds::test::check(job.ok(), "a job", __FILE__, __LINE__,
                       job.status().message()))
    return;
  RankMemory memory = job->memory(0);
  std::copy(from.begin(), from.end(),
            reinterpret_cast<int32_t *>(memory.buffer(0)));
  auto program = resolveProgram(job->plan.plan(), memory, job->code.data());
  LocalComm comm(job->control, 0, 1, 0);
  Recorder recorder(program->instructions.size());
  CHECK(Executor(std::move(*program), comm, recorder).runBlock(0).ok());
  const auto *to = reinterpret_cast<const int32_t *>(memory.buffer(1));
  for (size_t i = 0; i < kItems; ++i)
    if (!CHECK(to[i] == from[i] * 2 + int32_t(i)))
      return;
}

void foreignTargetsAreRefused(const std::string &path) {
  auto plan = kernelPlan();
  plan.target->cpu = "from-the-future";
  plan.target->features = {"sse2", "avx1024", "time_travel"};
  std::vector<int32_t> from(kItems);
  CHECK(writePlan(plan, std::as_bytes(std::span(kCode)),
                  std::as_bytes(std::span(from)), path)
            .ok());
  auto loaded = LoadedPlan::open(path);
  if (!CHECK(loaded.ok()))
    return;
  auto job = Job::prepare(std::move(*loaded), {});
  CHECK(!job.ok());
  CHECK_CONTAINS(job.status().message(), "the plan is for 'from-the-future' "
                                         "and needs avx1024, time_travel");
}

/// A fault inside generated code, which has no name of its own.
void crashesAreNamed(const std::string &path) {
  // xor eax, eax; mov [rax], eax
  const unsigned char code[] = {0x31, 0xc0, 0x89, 0x00};
  std::vector<int32_t> from(kItems);
  CHECK(writePlan(kernelPlan(), std::as_bytes(std::span(code)),
                  std::as_bytes(std::span(from)), path)
            .ok());
  auto plan = LoadedPlan::open(path);
  if (!CHECK(plan.ok()))
    return;
  auto job = Job::prepare(std::move(*plan), {});
  if (!CHECK(job.ok()))
    return;
  Status status = runRanks(
      job->control, 60,
      [&](int rank) {
        // A sanitizer has a handler of its own.
        std::signal(SIGSEGV, SIG_DFL);
        rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        return runRank(*job, rank, nullptr);
      },
      [&](int rank) { return job->whereabouts(rank); });
  CHECK(status.code() == Code::RankLost);
  CHECK_CONTAINS(status.message(),
                 "rank 0 was ended by signal 11 (Segmentation fault) at step "
                 "0, instruction 0 ('twice')");
}

} // namespace

int main() {
  char path[] = "/tmp/executor-test-XXXXXX";
  close(mkstemp(path));
  crashesAreNamed(path); // forks, so before there are threads
  setThreads(3);
  productsMatch();
  fillsHaveOddEnds();
  sortsMatch();
  kernelsRun(path);
  foreignTargetsAreRefused(path);
  unlink(path);
  return ds::test::finish("executor");
}
