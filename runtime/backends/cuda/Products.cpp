//===- Products.cpp - Matrix products on a GPU --------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The library's matrices are column-major.  What is row-major is the transpose
// of that, and C = A B is the same as C' = B' A': so its first operand is our
// second one, and nothing is copied.
//===--------------------------------------------------------------------===//
#include "backends/cuda/Products.h"
#include "backends/cuda/Library.h"

#include <algorithm>
#include <cstring>

namespace ds::rt::cuda {
namespace {

constexpr const char *kRemedy =
    "install CUDA's libraries (pip install nvidia-cublas) and name their "
    "folder in LD_LIBRARY_PATH";

StatusOr<BlasLt> openBlasLt() {
  BlasLt library;
#define DS_CUDA_SYMBOL(name, symbol, parameters)                               \
  {#symbol, reinterpret_cast<void **>(&library.name)},
  DS_RT_RETURN_IF_ERROR(openLibrary(
      {"cuBLASLt", {"libcublasLt.so.13", "libcublasLt.so.12"}, kRemedy},
      {DS_CUDA_BLASLT(DS_CUDA_SYMBOL){
           "cublasLtGetStatusName",
           reinterpret_cast<void **>(&library.statusName)},
       {"cublasLtGetVersion", reinterpret_cast<void **>(&library.version)}}));
#undef DS_CUDA_SYMBOL
  return library;
}

int typeOf(plan::DType dtype) {
  switch (dtype) {
  case plan::DType::f64:
    return kTypeF64;
  case plan::DType::f16:
    return kTypeF16;
  case plan::DType::bf16:
    return kTypeBf16;
  default:
    return kTypeF32;
  }
}

int computeTypeOf(const plan::Gemm &gemm) {
  if (gemm.dtype() == plan::DType::f64)
    return kComputeF64;
  return gemm.tf32() ? kComputeTf32 : kComputeF32;
}

uint64_t sizeOf(plan::DType dtype) {
  return dtype == plan::DType::f64 ? 8 : dtype == plan::DType::f32 ? 4 : 2;
}

uint64_t resultSize(const plan::Gemm &gemm) {
  return gemm.f32_result() ? 4 : sizeOf(gemm.dtype());
}

int resultTypeOf(const plan::Gemm &gemm) {
  return gemm.f32_result() ? kTypeF32 : typeOf(gemm.dtype());
}

uint32_t epilogueOf(const plan::Gemm &gemm) {
  uint32_t bits = gemm.bias() ? kEpilogueBias : 0;
  if (gemm.epilogue() == plan::Epilogue::gelu)
    bits |= kEpilogueGelu | (gemm.preactivation() ? kEpilogueAux : 0);
  else if (gemm.epilogue() == plan::Epilogue::gelu_grad)
    bits |= kEpilogueGeluGrad;
  return bits;
}

/// ", bias, gelu", or nothing.
std::string epilogueText(const plan::Gemm &gemm) {
  std::string text = gemm.bias() ? ", bias" : "";
  if (gemm.epilogue() != plan::Epilogue::none)
    text += std::string(", ") + plan::EnumNameEpilogue(gemm.epilogue());
  return text;
}

/// The power of two, at most 256, that all places of an operand are at.
uint32_t alignmentOf(const std::byte *at, uint64_t strides) {
  const uint64_t bits = addressOf(at) | strides | 256;
  return uint32_t(bits & -bits);
}

} // namespace

StatusOr<const BlasLt *> BlasLt::open() {
  static const StatusOr<BlasLt> library = openBlasLt();
  if (!library.ok())
    return library.status();
  return &*library;
}

std::vector<plan::BatchDim> mergedBatch(const plan::Gemm &gemm) {
  std::vector<plan::BatchDim> dims;
  if (!gemm.batch())
    return dims;
  for (const plan::BatchDim *dim : *gemm.batch()) {
    if (dim->size() == 1)
      continue;
    if (!dims.empty()) {
      plan::BatchDim &outer = dims.back();
      if (outer.a_stride() == dim->size() * dim->a_stride() &&
          outer.b_stride() == dim->size() * dim->b_stride() &&
          outer.c_stride() == dim->size() * dim->c_stride()) {
        outer = plan::BatchDim(outer.size() * dim->size(), dim->a_stride(),
                               dim->b_stride(), dim->c_stride());
        continue;
      }
    }
    dims.push_back(*dim);
  }
  return dims;
}

Products::~Products() {
  if (device_.isAbandoned())
    return;
  for (const Product &product : products_) {
    for (LtLayout layout : {product.a, product.b, product.c})
      if (layout)
        (void)library_->layoutDestroy(layout);
    if (product.desc)
      (void)library_->descDestroy(product.desc);
  }
  if (handle_)
    (void)library_->destroy(handle_);
}

Status Products::open() {
  if (handle_)
    return {};
  auto library = BlasLt::open();
  if (!library.ok())
    return library.status();
  library_ = *library;
  const LtStatus status = library_->create(&handle_);
  if (status == kLtSuccess)
    return {};
  handle_ = nullptr;
  return inputError("cannot start cuBLASLt %zu on %s: %s: it must be made for "
                    "CUDA %s or older, as the driver is",
                    library_->version(), device_.title().c_str(),
                    library_->statusName(status),
                    versionText(device_.driver().version).c_str());
}

LtStatus Products::setBatch(const plan::BatchDim &dim, Product &product) const {
  const int32_t count = int32_t(dim.size());
  const std::pair<LtLayout, uint64_t> operands[] = {
      {product.a, dim.a_stride()},
      {product.b, dim.b_stride()},
      {product.c, dim.c_stride()}};
  for (auto [layout, elements] : operands) {
    const int64_t stride = int64_t(elements);
    LtStatus status =
        library_->layoutSet(layout, kLayoutBatchCount, &count, sizeof(count));
    if (status == kLtSuccess)
      status = library_->layoutSet(layout, kLayoutBatchStride, &stride,
                                   sizeof(stride));
    if (status != kLtSuccess)
      return status;
  }
  return kLtSuccess;
}

/// The library adds a bias along the rows of its result, which are our columns:
/// each row of ours gets all of it.  From the addresses, which are known by
/// now, it also takes which alignment an algorithm may count on.
LtStatus Products::setEpilogue(const plan::Gemm &gemm, Product &product) const {
  const uint32_t epilogue = epilogueOf(gemm);
  const int32_t type = resultTypeOf(gemm);
  const int64_t ld = int64_t(gemm.ld_preactivation());
  const ProductPlaces &places = product.places;
  LtStatus status = kLtSuccess;
  auto set = [&](int attribute, const void *value, size_t bytes) {
    if (status == kLtSuccess)
      status = library_->descSet(product.desc, attribute, value, bytes);
  };
  if (epilogue != 0)
    set(kDescEpilogue, &epilogue, sizeof(epilogue));
  if (places.bias) {
    set(kDescBias, &places.bias, sizeof(places.bias));
    set(kDescBiasType, &type, sizeof(type));
  }
  if (places.preactivation) {
    set(kDescAux, &places.preactivation, sizeof(places.preactivation));
    set(kDescAuxLd, &ld, sizeof(ld));
  }
  return status;
}

Status Products::describe(const plan::Gemm &gemm, Product &product) {
  const bool ta = gemm.transpose_a(), tb = gemm.transpose_b();
  const int type = typeOf(gemm.dtype());
  const int scaleType = gemm.dtype() == plan::DType::f64 ? kTypeF64 : kTypeF32;
  const int32_t transpose = kTranspose;
  auto layout = [&](LtLayout &made, int of, uint64_t rows, uint64_t columns,
                    uint64_t ld) {
    return library_->layoutCreate(&made, of, rows, columns, int64_t(ld));
  };
  LtStatus status =
      library_->descCreate(&product.desc, computeTypeOf(gemm), scaleType);
  // Its first operand is our second one.
  if (status == kLtSuccess && tb)
    status = library_->descSet(product.desc, kDescTransposeA, &transpose,
                               sizeof(transpose));
  if (status == kLtSuccess && ta)
    status = library_->descSet(product.desc, kDescTransposeB, &transpose,
                               sizeof(transpose));
  if (status == kLtSuccess)
    status = setEpilogue(gemm, product);
  if (status == kLtSuccess)
    status = layout(product.b, type, tb ? gemm.k() : gemm.n(),
                    tb ? gemm.n() : gemm.k(), gemm.ldb());
  if (status == kLtSuccess)
    status = layout(product.a, type, ta ? gemm.m() : gemm.k(),
                    ta ? gemm.k() : gemm.m(), gemm.lda());
  if (status == kLtSuccess)
    status =
        layout(product.c, resultTypeOf(gemm), gemm.n(), gemm.m(), gemm.ldc());
  std::vector<plan::BatchDim> batch = mergedBatch(gemm);
  if (status == kLtSuccess && !batch.empty()) {
    // The library takes one dimension; each index of the others is a call.
    const auto most = std::ranges::max_element(
        batch, {}, [](const plan::BatchDim &dim) { return dim.size(); });
    status = setBatch(*most, product);
    batch.erase(most);
  }
  if (status != kLtSuccess)
    return internalError("cuBLASLt refuses a description: %s",
                         library_->statusName(status));
  product.calls = {{0, 0, 0}};
  const uint64_t size = sizeOf(gemm.dtype());
  for (const plan::BatchDim &dim : batch) {
    std::vector<Offsets> calls;
    for (const Offsets &at : product.calls)
      for (uint64_t i = 0; i < dim.size(); ++i)
        calls.push_back({at.a + i * dim.a_stride() * size,
                         at.b + i * dim.b_stride() * size,
                         at.c + i * dim.c_stride() * resultSize(gemm)});
    product.calls = std::move(calls);
  }
  return {};
}

/// The library takes addresses for multiples of 256 unless it is told.
LtStatus Products::setAlignments(LtPreference preference,
                                 const plan::Gemm &gemm,
                                 const Product &product) const {
  uint64_t a = 0, b = 0, c = 0;
  if (gemm.batch())
    for (const plan::BatchDim *dim : *gemm.batch()) {
      a |= dim->a_stride() * sizeOf(gemm.dtype());
      b |= dim->b_stride() * sizeOf(gemm.dtype());
      c |= dim->c_stride() * resultSize(gemm);
    }
  const uint32_t result = alignmentOf(product.places.c, c);
  const uint32_t alignments[] = {alignmentOf(product.places.b, b),
                                 alignmentOf(product.places.a, a), result,
                                 result};
  for (int i = 0; i < 4; ++i) {
    const LtStatus status =
        library_->preferenceSet(preference, kPreferAlignmentA + i,
                                &alignments[i], sizeof(alignments[i]));
    if (status != kLtSuccess)
      return status;
  }
  return kLtSuccess;
}

/// "cuBLASLt 130000 refuses ...", unless the GPU is lost, which the library
/// only calls a failure.
Status Products::refused(const std::string &sentence, LtStatus status) const {
  const std::string text =
      format("cuBLASLt %zu %s on %s: %s", library_->version(), sentence.c_str(),
             device_.title().c_str(), library_->statusName(status));
  const auto memory = device_.memory();
  if (!memory.ok() && memory.status().code() == Code::RankLost)
    return Status(Code::RankLost, text + ": " + memory.status().message());
  return inputError("%s", text.c_str());
}

Status Products::take(const LtChoice &choice, Product &product,
                      const std::string &what) {
  if (choice.workspaceBytes > product.workspaceBytes)
    return inputError("the algorithm of %s needs %zu bytes of workspace, but "
                      "the plan has %llu: compile the model anew",
                      what.c_str(), choice.workspaceBytes,
                      (unsigned long long)product.workspaceBytes);
  product.algorithm = choice.algorithm;
  return {};
}

StatusOr<std::vector<LtChoice>> Products::offers(const plan::Gemm &gemm,
                                                 const Product &product,
                                                 const std::string &what,
                                                 int most) const {
  LtPreference preference = nullptr;
  LtStatus status = library_->preferenceCreate(&preference);
  const size_t bytes = gemm.workspace_bytes();
  if (status == kLtSuccess)
    status = library_->preferenceSet(preference, kPreferWorkspaceBytes, &bytes,
                                     sizeof(bytes));
  if (status == kLtSuccess)
    status = setAlignments(preference, gemm, product);
  int found = 0;
  std::vector<LtChoice> choices(static_cast<size_t>(most));
  if (status == kLtSuccess)
    status = library_->heuristic(handle_, product.desc, product.b, product.a,
                                 product.c, product.c, preference, most,
                                 choices.data(), &found);
  if (preference)
    (void)library_->preferenceDestroy(preference);
  choices.resize(size_t(std::clamp(found, 0, most)));
  std::erase_if(choices, [&](const LtChoice &choice) {
    return choice.state != kLtSuccess ||
           choice.workspaceBytes > product.workspaceBytes;
  });
  if (status == kLtSuccess && !choices.empty())
    return choices;
  const std::string reason =
      status == kLtSuccess ? "" : format(": %s", library_->statusName(status));
  return inputError(
      "cuBLASLt %zu has no algorithm for %s, %llu x %llu x %llu "
      "of %s%s with %zu bytes of workspace, on %s%s",
      library_->version(), what.c_str(), (unsigned long long)gemm.m(),
      (unsigned long long)gemm.n(), (unsigned long long)gemm.k(),
      plan::EnumNameDType(gemm.dtype()), epilogueText(gemm).c_str(), bytes,
      device_.title().c_str(), reason.c_str());
}

Status Products::choose(const plan::Gemm &gemm, Product &product,
                        const std::string &what) {
  LtChoice choice{};
  if (const auto *stated = gemm.algorithm(); stated && stated->size() > 0) {
    LtAlgorithm algorithm;
    std::memcpy(&algorithm, stated->data(), sizeof(algorithm));
    const LtStatus status =
        library_->check(handle_, product.desc, product.b, product.a, product.c,
                        product.c, &algorithm, &choice);
    if (status != kLtSuccess)
      return inputError("cuBLASLt %zu does not know the algorithm of %s on %s: "
                        "%s: compile the model anew on this machine",
                        library_->version(), what.c_str(),
                        device_.title().c_str(), library_->statusName(status));
    choice.algorithm = algorithm;
    return take(choice, product, what);
  }
  auto offered = offers(gemm, product, what, 1);
  if (!offered.ok())
    return offered.status();
  return take(offered->front(), product, what);
}

StatusOr<size_t> Products::add(const plan::Gemm &gemm,
                               const ProductPlaces &places,
                               const std::string &what) {
  DS_RT_RETURN_IF_ERROR(open());
  Product &product = products_.emplace_back();
  product.places = places;
  product.workspaceBytes = gemm.workspace_bytes();
  product.isDouble = gemm.dtype() == plan::DType::f64;
  product.beta = gemm.beta();
  DS_RT_RETURN_IF_ERROR(describe(gemm, product));
  DS_RT_RETURN_IF_ERROR(choose(gemm, product, what));
  return products_.size() - 1;
}

Status Products::run(size_t index, Stream stream,
                     const std::string &what) const {
  return run(products_[index], stream, what);
}

Status Products::run(const Product &product, Stream stream,
                     const std::string &what) const {
  const float one = 1, beta = product.beta;
  const double doubleOne = 1, doubleBeta = product.beta;
  const void *alphaAt = product.isDouble ? static_cast<const void *>(&doubleOne)
                                         : static_cast<const void *>(&one);
  const void *betaAt = product.isDouble ? static_cast<const void *>(&doubleBeta)
                                        : static_cast<const void *>(&beta);
  for (const Offsets &at : product.calls) {
    std::byte *c = product.places.c + at.c;
    const LtStatus status = library_->multiply(
        handle_, product.desc, alphaAt, product.places.b + at.b, product.b,
        product.places.a + at.a, product.a, betaAt, c, product.c, c, product.c,
        &product.algorithm, product.places.workspace, product.workspaceBytes,
        stream);
    if (status != kLtSuccess)
      return refused("refuses " + what, status);
  }
  return {};
}

} // namespace ds::rt::cuda
