//===- GpuReduce.cpp - Sums over ranks on a GPU -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A thread has one element and adds up the sources one by one.  What that is
// for a type is a few lines of PTX, which keep to Reduce.cpp: numbers of 16
// bits are float32 on the way and rounded once, to the nearest and even one,
// and denormal numbers of float32 are zeros.  What a NaN carries differs, and
// denormal numbers of float64, which are zeros there.
//===--------------------------------------------------------------------===//
#include "comm/local/GpuReduce.h"

namespace ds::rt {

using namespace cuda;

namespace {

constexpr unsigned kThreads = 256;

/// The job's words: target, count, number of sources, sources.
constexpr const char *kHead = R"(.version 7.0
.target sm_80
.address_size 64
.visible .entry ds_rt_reduce(.param .u64 job)
{
  .reg .pred %p<4>;
  .reg .b16 %h<3>;
  .reg .b32 %r<8>;
  .reg .b32 %f<4>;
  .reg .b64 %d<4>;
  .reg .b64 %a<10>;
  mov.u32 %r1, %ctaid.x;
  mov.u32 %r2, %ntid.x;
  mov.u32 %r3, %tid.x;
  mul.wide.u32 %a1, %r1, %r2;
  cvt.u64.u32 %a2, %r3;
  add.u64 %a1, %a1, %a2;
  ld.param.u64 %a2, [job];
  ld.global.u64 %a3, [%a2+8];
  setp.ge.u64 %p1, %a1, %a3;
  @%p1 bra DONE;
  ld.global.u64 %a4, [%a2];
  ld.global.u64 %a5, [%a2+16];
  add.u64 %a6, %a2, 24;
  ld.global.u64 %a7, [%a6];
)";

/// Behind the first source has been loaded from %a7.
constexpr const char *kNext = R"(  sub.u64 %a8, %a5, 1;
NEXT:
  setp.eq.u64 %p1, %a8, 0;
  @%p1 bra STORE;
  sub.u64 %a8, %a8, 1;
  add.u64 %a6, %a6, 8;
  ld.global.u64 %a7, [%a6];
  add.u64 %a7, %a7, %a1;
)";

constexpr const char *kTail = R"(DONE:
  ret;
}
)";

/// How values of a type are read, added and written; # is the number of a
/// register: 1 the sum, 2 the next one.
struct Arithmetic {
  const char *bytes;
  const char *load, *sum, *max, *divide, *store;
};

constexpr const char *kAddSingle = "  add.rn.ftz.f32 %f1, %f1, %f2;\n";
/// A NaN on either side stays.
constexpr const char *kMaxSingle = R"(  setp.gt.ftz.f32 %p2, %f1, %f2;
  setp.nan.f32 %p3, %f1, %f1;
  or.pred %p2, %p2, %p3;
  selp.f32 %f1, %f1, %f2, %p2;
)";
constexpr const char *kDivideSingle = R"(  cvt.rn.f32.u64 %f2, %a5;
  div.rn.ftz.f32 %f1, %f1, %f2;
)";

constexpr Arithmetic kSingle = {"4",           "  ld.global.f32 %f#, [%a7];\n",
                                kAddSingle,    kMaxSingle,
                                kDivideSingle, "  st.global.f32 [%a1], %f1;\n"};
constexpr Arithmetic kDouble = {"8",
                                "  ld.global.f64 %d#, [%a7];\n",
                                "  add.rn.f64 %d1, %d1, %d2;\n",
                                R"(  setp.gt.f64 %p2, %d1, %d2;
  setp.nan.f64 %p3, %d1, %d1;
  or.pred %p2, %p2, %p3;
  selp.f64 %d1, %d1, %d2, %p2;
)",
                                R"(  cvt.rn.f64.u64 %d2, %a5;
  div.rn.f64 %d1, %d1, %d2;
)",
                                "  st.global.f64 [%a1], %d1;\n"};
constexpr Arithmetic kBrain = {"2",
                               R"(  ld.global.u16 %r4, [%a7];
  shl.b32 %r4, %r4, 16;
  mov.b32 %f#, %r4;
)",
                               kAddSingle,
                               kMaxSingle,
                               kDivideSingle,
                               R"(  mov.b32 %r4, %f1;
  shr.u32 %r5, %r4, 16;
  and.b32 %r5, %r5, 1;
  add.u32 %r5, %r5, 0x7fff;
  add.u32 %r5, %r5, %r4;
  or.b32 %r6, %r4, 0x400000;
  setp.nan.f32 %p2, %f1, %f1;
  selp.b32 %r4, %r6, %r5, %p2;
  shr.u32 %r4, %r4, 16;
  st.global.u16 [%a1], %r4;
)"};
constexpr Arithmetic kHalf = {"2",
                              R"(  ld.global.b16 %h1, [%a7];
  cvt.f32.f16 %f#, %h1;
)",
                              kAddSingle,
                              kMaxSingle,
                              kDivideSingle,
                              R"(  cvt.rn.f16.f32 %h1, %f1;
  st.global.b16 [%a1], %h1;
)"};
constexpr Arithmetic kInt32 = {"4",
                               "  ld.global.s32 %r#, [%a7];\n",
                               "  add.s32 %r1, %r1, %r2;\n",
                               "  max.s32 %r1, %r1, %r2;\n",
                               R"(  cvt.u32.u64 %r2, %a5;
  div.s32 %r1, %r1, %r2;
)",
                               "  st.global.s32 [%a1], %r1;\n"};
constexpr Arithmetic kInt64 = {"8",
                               "  ld.global.s64 %d#, [%a7];\n",
                               "  add.s64 %d1, %d1, %d2;\n",
                               "  max.s64 %d1, %d1, %d2;\n",
                               "  div.s64 %d1, %d1, %a5;\n",
                               "  st.global.s64 [%a1], %d1;\n"};

/// Null for a type that no verified plan reduces.
const Arithmetic *arithmeticOf(plan::DType dtype) {
  switch (dtype) {
  case plan::DType::f32:
    return &kSingle;
  case plan::DType::f64:
    return &kDouble;
  case plan::DType::bf16:
    return &kBrain;
  case plan::DType::f16:
    return &kHalf;
  case plan::DType::i32:
    return &kInt32;
  case plan::DType::i64:
    return &kInt64;
  default:
    return nullptr;
  }
}

std::string numbered(std::string text, char number) {
  for (char &c : text)
    c = c == '#' ? number : c;
  return text;
}

} // namespace

std::string reductionPtx(plan::DType dtype, plan::ReduceOp op) {
  const Arithmetic &code = *arithmeticOf(dtype);
  std::string text = kHead;
  text += std::string("  mul.lo.u64 %a1, %a1, ") + code.bytes +
          ";\n  add.u64 %a7, %a7, %a1;\n";
  text += numbered(code.load, '1') + kNext + numbered(code.load, '2');
  text += op == plan::ReduceOp::max ? code.max : code.sum;
  text += "  bra NEXT;\nSTORE:\n";
  if (op == plan::ReduceOp::mean)
    text += code.divide;
  text += "  add.u64 %a1, %a1, %a4;\n";
  return text + code.store + kTail;
}

GpuReduce::~GpuReduce() {
  if (device_.isAbandoned())
    return;
  for (auto &[what, kernel] : kernels_)
    if (kernel.module)
      (void)device_.driver().moduleUnload(kernel.module);
}

Status GpuReduce::open(size_t mostSources) {
  const uint64_t bytes = (3 + mostSources) * sizeof(uint64_t);
  auto host = device_.allocatePinned(bytes);
  if (!host.ok())
    return host.status();
  auto gpu = device_.allocate(bytes);
  if (!gpu.ok())
    return gpu.status();
  job_ = reinterpret_cast<uint64_t *>(*host);
  jobOnGpu_ = addressOf(*gpu);
  return {};
}

Status GpuReduce::load(plan::DType dtype, plan::ReduceOp op) {
  if (kernels_.count({dtype, op}))
    return {};
  Kernel &kernel = kernels_[{dtype, op}];
  const Driver &driver = device_.driver();
  Result result = driver.moduleLoad(
      &kernel.module, reductionPtx(dtype, op).c_str(), 0, nullptr, nullptr);
  if (result == kSuccess)
    result = driver.moduleGetFunction(&kernel.function, kernel.module,
                                      "ds_rt_reduce");
  return result == kSuccess
             ? Status()
             : device_.error(result, format("cannot load the kernel that "
                                            "reduces %s on %s",
                                            plan::EnumNameDType(dtype),
                                            device_.title().c_str()));
}

Result GpuReduce::run(plan::DType dtype, plan::ReduceOp op,
                      std::span<const Address> sources, Address dst,
                      uint64_t count, Stream stream) {
  if (count == 0)
    return kSuccess;
  const Driver &driver = device_.driver();
  job_[0] = dst;
  job_[1] = count;
  job_[2] = sources.size();
  for (size_t i = 0; i < sources.size(); ++i)
    job_[3 + i] = sources[i];
  const Result copied = driver.copyToDevice(
      jobOnGpu_, job_, (3 + sources.size()) * sizeof(uint64_t), stream);
  if (copied != kSuccess)
    return copied;
  void *parameters[] = {&jobOnGpu_};
  return driver.launch(kernels_.at({dtype, op}).function,
                       unsigned((count - 1) / kThreads + 1), 1, 1, kThreads, 1,
                       1, 0, stream, parameters, nullptr);
}

} // namespace ds::rt
