//===- CostTest.cpp - Predicted times of small programs -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// On a machine of round numbers: every expected time is worked out by hand.
//===--------------------------------------------------------------------===//

#include "ds/Cost/Cost.h"
#include "Check.h"
#include "ds/Cost/Recency.h"

#include <cmath>
#include <random>

using namespace ds;

//===--------------------------------------------------------------------===//
// Recency
//===--------------------------------------------------------------------===//

using Parts = std::vector<std::pair<uint64_t, uint64_t>>; // bytes, distance

static Parts touch(Recency &recency, uint64_t begin, uint64_t end) {
  Parts parts;
  recency.touch(begin, end, [&](uint64_t bytes, uint64_t distance) {
    parts.push_back({bytes, distance});
  });
  return parts;
}

static void testRecency() {
  Recency recency(1000);
  CHECK((touch(recency, 0, 100) == Parts{{100, 1000}})); // never seen
  CHECK((touch(recency, 0, 100) == Parts{{100, 100}}));  // its own bytes
  CHECK((touch(recency, 500, 700) == Parts{{200, 1000}}));
  CHECK((touch(recency, 0, 50) == Parts{{50, 300}})); // the half of a range
  // The other half and new bytes behind it.
  CHECK((touch(recency, 50, 150) == Parts{{50, 300}, {50, 1000}}));
  // A part in the middle, then what was left of both sides.
  CHECK((touch(recency, 550, 600) == Parts{{50, 350}}));
  CHECK((touch(recency, 500, 700) == Parts{{50, 50}, {100, 300}, {50, 350}}));
  CHECK(touch(recency, 5, 5).empty());
  // A range as large as the horizon is remembered, what is behind it is not.
  CHECK((touch(recency, 2000, 3000) == Parts{{1000, 1000}}));
  CHECK((touch(recency, 0, 100) == Parts{{100, 1000}}));
}

/// Against the time of each byte's last touch: bytes of one touch lie in some
/// order, all others in that of time.
static void testRecencyAtRandom() {
  constexpr uint64_t kHorizon = 30, kBytes = 48;
  std::mt19937 random(7);
  Recency recency(kHorizon);
  std::vector<int> touched(kBytes, -1);
  for (int time = 0; time < 3000; ++time) {
    const uint64_t begin = random() % (kBytes - 8), end = begin + random() % 9;
    uint64_t least = 0, most = 0;
    for (uint64_t byte = begin; byte < end; ++byte) {
      uint64_t later = 0, together = 0;
      for (int other : touched) {
        later += other > touched[byte];
        together += other == touched[byte];
      }
      const bool isNew = touched[byte] < 0;
      least += isNew ? kHorizon : std::min(later + 1, kHorizon);
      most += isNew ? kHorizon : std::min(later + together, kHorizon);
    }
    uint64_t covered = 0, sum = 0;
    for (auto [bytes, distance] : touch(recency, begin, end)) {
      covered += bytes;
      sum += bytes * distance;
    }
    CHECK(covered == end - begin);
    CHECK(least <= sum && sum <= most);
    for (uint64_t byte = begin; byte < end; ++byte)
      touched[byte] = time;
  }
}

//===--------------------------------------------------------------------===//
// Rates
//===--------------------------------------------------------------------===//

static bool near(double value, double expected) {
  return std::abs(value - expected) <= 1e-6 * std::abs(expected);
}

/// 1 KB of cache at 10 bytes a second, memory from 100 KB on at 1; written
/// bytes are half as fast.  No overheads.
static Rates rates() {
  Rates rates;
  rates.threads = 2;
  rates.gemmFlops = 100;
  rates.simple = 10, rates.exponentials = 1, rates.divisions = 2;
  rates.team = {{1e3, 10, 5, 8, 2}, {1e5, 1, 0.5, 0.8, 0.2}};
  rates.single = {{1e3, 4, 2, 2, 1}, {1e5, 0.4, 0.2, 0.2, 0.1}};
  rates.launchSeconds = 0, rates.loopSeconds = 2;
  rates.scalarSeconds = 0.25;
  rates.collectives[plan::CollectiveKind::all_gather] = {{100, 1}, {10000, 3}};
  return rates;
}

/// On a GPU of ten multiprocessors a product is rounds of ten tiles of 128 x
/// 128, whether they are full or not.
static void testTiles() {
  Rates gpu = rates();
  gpu.gpu = true, gpu.threads = 10, gpu.narrowFlops = 1000;
  plan::GemmT product;
  product.m = 1280, product.n = 128, product.k = 64;
  CHECK(near(gpu.productFlops(product), 100));
  product.m = 1281; // an eleventh tile, and a second round
  CHECK(near(gpu.productFlops(product), 100 * 1281. / 2560));
  product.m = 64, product.dtype = plan::DType::bf16;
  CHECK(near(gpu.productFlops(product), 1000 * 64. / 1280));
  product.batch.emplace_back(20, 0, 0, 0);
  CHECK(near(gpu.productFlops(product), 1000 * 0.5));
}

/// Where products were measured, one of the nearest shape says how fast, but
/// for what it keeps less busy.
static void testMeasuredProducts() {
  using enum plan::GemmLibrary;
  using plan::DType;
  Rates gpu = rates();
  gpu.gpu = true, gpu.threads = 10, gpu.narrowFlops = gpu.tf32Flops = 1000;
  gpu.products = {
      {cublaslt, 10, 1280, 128, 64, 1, false, false, 7, DType::bf16},
      {cublaslt, 10, 1280, 1280, 64, 1, false, false, 9, DType::bf16},
      {cublaslt, 10, 128, 128, 64, 10, false, false, 5, DType::bf16},
      {cublaslt, 10, 1280, 128, 64, 1, false, false, 3, DType::f32, true}};
  plan::GemmT product;
  product.m = 1280, product.n = 128, product.k = 64;
  product.library = cublaslt, product.dtype = DType::bf16;
  CHECK(near(gpu.productFlops(product), 7e9));
  product.dtype = DType::f16; // as bfloat16
  CHECK(near(gpu.productFlops(product), 7e9));
  product.m = 128; // a tile in place of ten
  CHECK(near(gpu.productFlops(product), 7e8));
  product.m = 1280, product.n = 2560; // more of them: nothing is faster
  CHECK(near(gpu.productFlops(product), 9e9));
  product.m = product.n = 128;
  product.batch.emplace_back(10, 0, 0, 0);
  CHECK(near(gpu.productFlops(product), 5e9));
  product.batch.clear();
  product.m = 1280, product.dtype = DType::f32;
  CHECK(near(gpu.productFlops(product), 100)); // not measured
  product.tf32 = true;
  CHECK(near(gpu.productFlops(product), 3e9));
  product.transpose_a = true; // nor is this
  CHECK(near(gpu.productFlops(product), 1000));
}

static void testRates() {
  using enum MemoryUse;
  const Rates r = rates();
  CHECK(near(r.memorySeconds(20, 1e3, Strided, true), 10));
  CHECK(near(r.memorySeconds(20, 1e3, Read, true), 2));
  CHECK(near(r.memorySeconds(20, 1e3, Write, true), 2.5));
  CHECK(near(r.memorySeconds(20, 1, Update, true), 4));  // below the curve
  CHECK(near(r.memorySeconds(20, 1e9, Read, true), 20)); // above it
  CHECK(near(r.memorySeconds(20, 1e4, Read, true), 20 * 0.55));
  CHECK(near(r.memorySeconds(20, 1e3, Read, false), 5));
  CHECK(r.memorySeconds(0, 1e3, Read, true) == 0);
  using Kind = plan::CollectiveKind;
  CHECK(near(r.collectiveSeconds(Kind::all_gather, 1), 1));
  CHECK(near(r.collectiveSeconds(Kind::all_gather, 1000), 2));
  CHECK(near(r.collectiveSeconds(Kind::all_gather, 40000), 12));
  CHECK(r.collectiveSeconds(Kind::all_reduce, 40000) == 0);
}

//===--------------------------------------------------------------------===//
// Programs
//===--------------------------------------------------------------------===//

/// A program of float buffers, one after the other, with one entry.
struct Program {
  plan::ProgramT program;
  plan::EntryT entry;
  std::vector<std::unique_ptr<plan::KernelT>> kernels;
  std::vector<std::vector<KernelPass>> passes;
  Rates rates = ::rates();
  int64_t world = 1;
  uint64_t end = 0;

  explicit Program(size_t blocks = 1) {
    for (size_t i = 0; i < blocks; ++i)
      program.blocks.push_back(std::make_unique<plan::BlockT>());
  }
  uint32_t buffer(uint64_t bytes) {
    auto made = std::make_unique<plan::BufferT>();
    made->bytes = bytes;
    made->offset = end;
    end += bytes;
    program.buffers.push_back(std::move(made));
    return uint32_t(program.buffers.size() - 1);
  }
  static std::unique_ptr<plan::Ref> ref(uint32_t buffer) {
    return std::make_unique<plan::Ref>(0, buffer);
  }
  template <typename Op> plan::InstrT &add(Op op, size_t block = 0) {
    auto instr = std::make_unique<plan::InstrT>();
    instr->op.Set(std::move(op));
    program.blocks[block]->instrs.push_back(std::move(instr));
    return *program.blocks[block]->instrs.back();
  }
  /// Reads or updates the whole of a buffer in one pass.
  plan::InstrT &launch(uint32_t buffer, KernelPass pass, plan::Access access,
                       uint64_t items = 2, size_t block = 0) {
    auto kernel = std::make_unique<plan::KernelT>();
    kernel->args.push_back(std::make_unique<plan::KernelArgT>());
    kernel->args[0]->access = access;
    kernels.push_back(std::move(kernel));
    pass.touches = {{0, double(program.buffers[buffer]->bytes), false}};
    passes.push_back({pass});
    plan::LaunchT op;
    op.kernel = uint32_t(kernels.size() - 1);
    op.args.push_back(*ref(buffer));
    op.items = items;
    return add(std::move(op), block);
  }
  double predict() {
    return ds::predict(program, entry, {rates, world, kernels, passes});
  }
};

static void testKernels() {
  using plan::Access;
  Program p;
  const uint32_t small = p.buffer(1000), other = p.buffer(99000);
  // Bound by memory, from the far end of it; then by arithmetic, on two
  // threads and on one.
  plan::InstrT &far = p.launch(small, {}, Access::read);
  plan::InstrT &work = p.launch(small, {40000, 0, 0, 0, {}}, Access::read);
  plan::InstrT &one = p.launch(small, {40000, 0, 0, 0, {}}, Access::read, 1);
  plan::InstrT &uneven = p.launch(small, {40000, 0, 0, 0, {}}, Access::read, 3);
  plan::InstrT &costly = p.launch(small, {0, 1000, 500, 0, {}}, Access::read);
  plan::InstrT &near1 = p.launch(small, {}, Access::read);
  plan::InstrT &written = p.launch(small, {}, Access::read_write);
  plan::InstrT &alone = p.launch(small, {}, Access::write, 1);
  plan::InstrT &flood = p.launch(other, {}, Access::read);
  const double seconds = p.predict();
  CHECK(near(far.predicted_us, 1000e6));        // 1000 bytes at 1
  CHECK(near(work.predicted_us, 2000e6));       // 40000 / (2 * 10)
  CHECK(near(one.predicted_us, 4000e6));        // one thread
  CHECK(near(uneven.predicted_us, 8000e6 / 3)); // two pieces of three
  CHECK(near(costly.predicted_us, 625e6));      // (1000 / 1 + 500 / 2) / 2
  CHECK(near(near1.predicted_us, 100e6));       // in the cache
  CHECK(near(written.predicted_us, 200e6));
  CHECK(near(alone.predicted_us, 500e6)); // one thread's rate
  CHECK(near(flood.predicted_us, 99000e6));
  double sum = 0;
  for (const auto &instr : p.program.blocks[0]->instrs)
    sum += double(instr->predicted_us) * 1e-6;
  CHECK(near(seconds, sum));
}

/// On a GPU of ten multiprocessors each has a tenth of the cache's rate at
/// most, when it has 512 threads; what blocks compute, the one with most is
/// waited for.
static void testBlocks() {
  using plan::Access;
  Program p;
  p.rates.gpu = true, p.rates.threads = 10, p.rates.warpFlops = 100;
  const uint32_t data = p.buffer(1000);
  auto launch = [&](double simple, double blocks, double threads,
                    double products = 0) {
    return &p.launch(data, {simple, 0, 0, 0, {}, products, blocks, threads},
                     Access::read, 1 << 20);
  };
  launch(0, 1e6, 256); // from here on the bytes are in the cache
  const plan::InstrT *many = launch(0, 100, 512), *one = launch(0, 1, 512),
                     *two = launch(0, 2, 1024), *narrow = launch(0, 2, 128),
                     *uneven = launch(22000, 11, 512),
                     *products = launch(0, 100, 512, 1e5);
  p.predict();
  CHECK(near(many->predicted_us, 100e6)); // as without blocks: at 10
  CHECK(near(one->predicted_us, 1000e6));
  CHECK(near(two->predicted_us, 500e6));
  CHECK(near(narrow->predicted_us, 2000e6));
  CHECK(near(uneven->predicted_us, 400e6)); // two of eleven blocks, 2000 each
  CHECK(near(products->predicted_us, 1000e6)); // 1e5 at 100 of all
}

/// Passes follow each other: each is as slow as its arithmetic or its memory.
static void testPasses() {
  Program p;
  const uint32_t data = p.buffer(1000);
  plan::InstrT &instr = p.launch(data, {}, plan::Access::read);
  p.passes[0].push_back({2000, 0, 0, 50, {}}); // 50 loops of 2 seconds
  p.predict();
  CHECK(near(instr.predicted_us, 100e6 + 100e6 + 50e6));
}

static void testLoops() {
  Program p(3);
  const uint32_t data = p.buffer(1000), flood = p.buffer(100000);
  plan::LoopT loop;
  loop.count = 4;
  loop.body = 1;
  plan::CallT call;
  call.body = 2;
  p.launch(flood, {}, plan::Access::read);
  plan::InstrT &outer = p.add(loop);
  p.add(call);
  plan::InstrT &inner = p.launch(data, {}, plan::Access::read, 2, /*block=*/1);
  plan::InstrT &called = p.launch(data, {}, plan::Access::read, 2, 2);
  // The first round finds the bytes far away, three others in the cache.
  CHECK(near(p.predict(), 100000 + 1000 + 3 * 100 + 100));
  CHECK(near(inner.predicted_us, 1300e6 / 4));
  CHECK(near(called.predicted_us, 100e6));
  CHECK(outer.predicted_us == 0);
}

/// Streams run side by side between loops, and wait for whom they name.
static void testStreams() {
  using plan::Stream;
  Program p(2);
  const auto take = [&](double seconds, Stream stream,
                        std::vector<uint32_t> waits, size_t block = 0) {
    // Of two threads, each 10 operations a second.
    const KernelPass pass{20 * seconds, 0, 0, 0, {}};
    plan::InstrT &instr =
        p.launch(p.buffer(0), pass, plan::Access::read, 2, block);
    instr.stream = stream;
    instr.waits = std::move(waits);
  };
  take(5, Stream::gather, {});   // #0 ends at 5
  take(3, Stream::compute, {});  // #1 ends at 3
  take(4, Stream::compute, {0}); // #2 begins at 5, ends at 9
  take(20, Stream::reduce, {1}); // #3 begins at 3, ends at 23
  take(1, Stream::gather, {});   // #4 ends at 6
  CHECK(near(p.predict(), 23));
  plan::LoopT loop;
  loop.count = 2;
  loop.body = 1;
  p.add(loop);                     // #5 begins at 23, ends at 23 + 2 * 7
  take(2, Stream::compute, {});    // #6 ends at 39
  take(1, Stream::copy, {6});      // #7 ends at 40
  take(7, Stream::copy, {}, 1);    // #8
  take(6, Stream::compute, {}, 1); // #9
  CHECK(near(p.predict(), 40));
}

static void testProducts() {
  Program p;
  const uint32_t a = p.buffer(400), b = p.buffer(400), c = p.buffer(400);
  auto product = [&](uint64_t size, std::vector<plan::BatchDim> batch) {
    plan::GemmT gemm;
    gemm.m = gemm.n = gemm.k = gemm.lda = gemm.ldb = gemm.ldc = size;
    gemm.a = Program::ref(a), gemm.b = Program::ref(b);
    gemm.c = Program::ref(c);
    gemm.batch = std::move(batch);
    return gemm;
  };
  p.rates.team = {{1e6, 10, 5, 5, 2}};
  plan::InstrT &large = p.add(product(10, {}));
  plan::InstrT &several = p.add(product(5, {{4, 25, 25, 25}}));
  plan::InstrT &skinny = p.add(product(1, {}));
  p.rates.gemmFlops = 1;
  p.predict();
  CHECK(near(large.predicted_us, 2000e6));
  CHECK(near(several.predicted_us, 1000e6));
  p.rates.gemmFlops = 1e9;
  p.predict();
  // A measured rate, shared with another rank, comes before that for all.
  p.rates.products = {
      {plan::GemmLibrary::onednn_gemm, 2, 10, 10, 10, 1, false, false, 1e-9}};
  p.rates.share = 0.5;
  p.predict();
  CHECK(near(large.predicted_us, 4000e6));
  p.rates.products.clear();
  p.predict();
  CHECK(near(skinny.predicted_us, 1.6e6)); // 4 + 4 bytes read, 4 written
  // An epilogue reads a bias and writes, or reads, GELU's argument.
  plan::GemmT &gemm = *skinny.op.AsGemm();
  gemm.bias = Program::ref(p.buffer(4));
  p.predict();
  CHECK(near(skinny.predicted_us, 2.0e6));
  gemm.epilogue = plan::Epilogue::gelu;
  gemm.preactivation = Program::ref(p.buffer(400));
  p.predict();
  CHECK(near(skinny.predicted_us, 2.8e6));
  gemm.epilogue = plan::Epilogue::gelu_grad;
  gemm.bias = nullptr;
  p.predict();
  CHECK(near(skinny.predicted_us, 2.0e6));
}

static void testOthers() {
  Program p;
  p.world = 10;
  const uint32_t shard = p.buffer(100), whole = p.buffer(1000);
  plan::CollectiveT gather;
  gather.kind = plan::CollectiveKind::all_gather;
  gather.count = 25; // floats
  gather.src = Program::ref(shard), gather.dst = Program::ref(whole);
  plan::CopyT copy;
  copy.src = Program::ref(shard), copy.dst = Program::ref(whole);
  copy.bytes = 100;
  plan::FillT fill;
  fill.dst = Program::ref(whole);
  fill.bytes = 1000;
  plan::InstrT &scalar = p.add(plan::ScalarT());
  plan::InstrT &gathered = p.add(std::move(gather));
  plan::InstrT &copied = p.add(std::move(copy));
  plan::InstrT &filled = p.add(std::move(fill));
  p.rates.single = {{1, 10, 5, 5, 2}};
  p.predict();
  CHECK(near(scalar.predicted_us, 0.25e6));
  CHECK(near(gathered.predicted_us, 2e6)); // 1000 bytes
  CHECK(near(copied.predicted_us, 30e6));
  CHECK(near(filled.predicted_us, 200e6));
}

/// The same program is predicted alike, whatever was predicted before.
static void testRepeatable() {
  Program p;
  const uint32_t data = p.buffer(5000), other = p.buffer(7000);
  p.launch(data, {}, plan::Access::read);
  p.launch(other, {}, plan::Access::read_write);
  const double first = p.predict();
  CHECK(first > 0 && p.predict() == first);
}

int main() {
  testRecency();
  testRecencyAtRandom();
  testMeasuredProducts();
  testRates();
  testTiles();
  testKernels();
  testBlocks();
  testPasses();
  testLoops();
  testStreams();
  testProducts();
  testOthers();
  testRepeatable();
  return ds::test::finish("cost");
}
