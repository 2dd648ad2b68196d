//===- GemmDnnl.cpp - Matrix products by oneDNN -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// oneDNN has two ways.  dnnl_sgemm is BLAS's, for any shape; it is sequential
// inside an OpenMP team.  The matmul primitive is code made for one shape,
// faster for some of them on chips with AVX-512; it is made for a number of
// threads, and each call of it that runs beside others has memory objects and
// scratch of its own.
//===--------------------------------------------------------------------===//
#include "backends/cpu/Dnnl.h"
#include "backends/cpu/Gemm.h"
#include "backends/cpu/Threads.h"

#include <vector>

namespace ds::rt {
namespace {

using namespace dnnl;

class DnnlGemm final : public GemmKernel {
public:
  explicit DnnlGemm(const GemmShape &shape) : shape_(shape) {}

  bool run(const void *a, const void *b, void *c) override {
    return succeeded(dnnl_sgemm(
        shape_.transposeA ? 'T' : 'N', shape_.transposeB ? 'T' : 'N', shape_.m,
        shape_.n, shape_.k, 1.0f, static_cast<const float *>(a), shape_.lda,
        static_cast<const float *>(b), shape_.ldb, shape_.beta,
        static_cast<float *>(c), shape_.ldc));
  }

private:
  GemmShape shape_;
};

class DnnlMatmul final : public GemmKernel {
public:
  /// False when oneDNN cannot compute such a product.
  bool make(const GemmShape &shape, GemmTeam team);
  bool run(const void *a, const void *b, void *c) override;

private:
  /// What one thread needs to call the primitive.
  struct Caller {
    Memory a, b, c, scratch;
    Stream stream;
    std::unique_ptr<std::byte[]> bytes;
  };

  bool describe(const GemmShape &shape, Description &description);
  bool addCaller(const dnnl_memory_desc_t &scratch);

  Engine engine_;
  Primitive primitive_;
  dnnl_memory_desc_t a_, b_, c_;
  std::vector<Caller> callers_; ///< By teamIndex().
};

bool setMatrix(dnnl_memory_desc_t &matrix, plan::DType dtype, int64_t rows,
               int64_t columns, int64_t leading, bool transposed) {
  dnnl_dims_t sizes = {rows, columns};
  dnnl_dims_t strides = {transposed ? 1 : leading, transposed ? leading : 1};
  return succeeded(dnnl_memory_desc_init_by_strides(
      &matrix, 2, sizes, dtype == plan::DType::bf16 ? dnnl_bf16 : dnnl_f32,
      strides));
}

bool DnnlMatmul::describe(const GemmShape &shape, Description &description) {
  dnnl_matmul_desc_t matmul;
  if (!setMatrix(a_, shape.dtype, shape.m, shape.k, shape.lda,
                 shape.transposeA) ||
      !setMatrix(b_, shape.dtype, shape.k, shape.n, shape.ldb,
                 shape.transposeB) ||
      !setMatrix(c_, shape.result, shape.m, shape.n, shape.ldc, false) ||
      !succeeded(dnnl_matmul_desc_init(&matmul, &a_, &b_, nullptr, &c_)))
    return false;
  Attributes attributes;
  PostOps adds;
  if (!succeeded(dnnl_primitive_attr_create(attributes.put())) ||
      !succeeded(dnnl_primitive_attr_set_scratchpad_mode(
          attributes, dnnl_scratchpad_mode_user)) ||
      !succeeded(dnnl_post_ops_create(adds.put())))
    return false;
  if (shape.beta != 0 &&
      (!succeeded(dnnl_post_ops_append_sum(adds, shape.beta)) ||
       !succeeded(dnnl_primitive_attr_set_post_ops(attributes, adds))))
    return false;
  return succeeded(dnnl_primitive_desc_create(description.put(), &matmul,
                                              attributes, engine_, nullptr));
}

bool DnnlMatmul::addCaller(const dnnl_memory_desc_t &scratch) {
  Caller caller;
  size_t bytes = dnnl_memory_desc_get_size(&scratch);
  caller.bytes = std::make_unique<std::byte[]>(bytes);
  bool made =
      succeeded(dnnl_memory_create(caller.a.put(), &a_, engine_, nullptr)) &&
      succeeded(dnnl_memory_create(caller.b.put(), &b_, engine_, nullptr)) &&
      succeeded(dnnl_memory_create(caller.c.put(), &c_, engine_, nullptr)) &&
      succeeded(dnnl_memory_create(caller.scratch.put(), &scratch, engine_,
                                   caller.bytes.get())) &&
      succeeded(dnnl_stream_create(caller.stream.put(), engine_,
                                   dnnl_stream_default_flags));
  callers_.push_back(std::move(caller));
  return made;
}

bool DnnlMatmul::make(const GemmShape &shape, GemmTeam team) {
  if (!succeeded(dnnl_engine_create(engine_.put(), dnnl_cpu, 0)))
    return false;
  // The primitive is made for the number of threads of this moment.
  int all = threads();
  int callers = team == GemmTeam::whole ? 1 : all;
  if (team == GemmTeam::caller)
    setThreads(1);
  Description description;
  bool made = describe(shape, description) &&
              succeeded(dnnl_primitive_create(primitive_.put(), description));
  setThreads(all);
  if (!made)
    return false;
  const dnnl_memory_desc_t *scratch =
      dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0);
  for (int i = 0; i < callers; ++i)
    if (!addCaller(*scratch))
      return false;
  return true;
}

bool DnnlMatmul::run(const void *a, const void *b, void *c) {
  Caller &caller = callers_[callers_.size() > 1 ? teamIndex() : 0];
  auto place = [](dnnl_memory_t memory, const void *data) {
    return dnnl_memory_set_data_handle(memory, const_cast<void *>(data)) ==
           dnnl_success;
  };
  if (!place(caller.a, a) || !place(caller.b, b) || !place(caller.c, c))
    return false;
  const dnnl_exec_arg_t operands[] = {{DNNL_ARG_SRC, caller.a},
                                      {DNNL_ARG_WEIGHTS, caller.b},
                                      {DNNL_ARG_DST, caller.c},
                                      {DNNL_ARG_SCRATCHPAD, caller.scratch}};
  return succeeded(
      dnnl_primitive_execute(primitive_, caller.stream, 4, operands));
}

} // namespace

/// oneDNN would emulate them on any machine with AVX-512, slower than float32.
bool hasBFloatProducts() {
  const int isa = dnnl_get_effective_cpu_isa();
  return (isa & dnnl_cpu_isa_avx512_core_bf16) == dnnl_cpu_isa_avx512_core_bf16;
}

std::unique_ptr<GemmKernel> makeDnnlGemm(const GemmShape &shape) {
  if (shape.dtype != plan::DType::f32)
    return nullptr;
  return std::make_unique<DnnlGemm>(shape);
}

std::unique_ptr<GemmKernel> makeDnnlMatmul(const GemmShape &shape,
                                           GemmTeam team) {
  if (shape.dtype != plan::DType::f32 && !hasBFloatProducts())
    return nullptr;
  auto matmul = std::make_unique<DnnlMatmul>();
  if (!matmul->make(shape, team))
    return nullptr;
  return matmul;
}

} // namespace ds::rt
