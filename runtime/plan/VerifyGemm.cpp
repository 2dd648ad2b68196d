//===- VerifyGemm.cpp - The operands of matrix products -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#include "plan/Operands.h"

namespace ds::rt::verify {

namespace {

using plan::Access;

/// Bytes from the first to the last element of a batch of matrices.
uint64_t matrixBytes(const plan::Gemm &gemm, DType dtype, uint64_t rows,
                     uint64_t columns, uint64_t ld,
                     uint64_t (plan::BatchDim::*stride)() const) {
  uint64_t elements = satAdd(satMul(rows - 1, ld), columns);
  for (uint32_t i = 0; i < sizeOf(gemm.batch()); ++i) {
    const plan::BatchDim &dim = *gemm.batch()->Get(i);
    elements = satAdd(elements, satMul(dim.size() - 1, (dim.*stride)()));
  }
  return satMul(elements, rt::sizeOf(dtype));
}

/// Products run in any order: each element of `c` belongs to one.
Status checkOwnElements(const plan::Gemm &gemm) {
  std::vector<std::pair<uint64_t, uint64_t>> dims = {{1, gemm.n()},
                                                     {gemm.ldc(), gemm.m()}};
  for (uint32_t i = 0; i < sizeOf(gemm.batch()); ++i)
    dims.push_back(
        {gemm.batch()->Get(i)->c_stride(), gemm.batch()->Get(i)->size()});
  return checkApart("products to share no element of 'c'", "elements", dims);
}

Status checkGemmSizes(const plan::Gemm &gemm) {
  DS_RT_RETURN_IF_ERROR(checkEnum("dtype", gemm.dtype()));
  DS_RT_RETURN_IF_ERROR(checkEnum("threading", gemm.threading()));
  DS_RT_RETURN_IF_ERROR(checkEnum("library", gemm.library()));
  if (!isFloat(gemm.dtype()))
    return inputError("expects 'dtype' to be floating, but got %s",
                      plan::EnumNameDType(gemm.dtype()));
  if (gemm.f32_result() && rt::sizeOf(gemm.dtype()) != 2)
    return inputError("expects 'f32_result' with operands of bf16 or f16, but "
                      "got it with %s",
                      plan::EnumNameDType(gemm.dtype()));
  DS_RT_RETURN_IF_ERROR(
      atLeastOne({{"m", gemm.m()}, {"n", gemm.n()}, {"k", gemm.k()}}));
  if (!(gemm.beta() == 0.0f || gemm.beta() == 1.0f))
    return inputError("expects 'beta' to be 0 or 1, but got %g",
                      double(gemm.beta()));
  if (sizeOf(gemm.batch()) > kMaxRank)
    return inputError("expects at most %u batch dimensions, but got %u",
                      kMaxRank, sizeOf(gemm.batch()));
  DS_RT_RETURN_IF_ERROR(checkAligned("batch", gemm.batch()));
  uint64_t products = 1;
  for (uint32_t i = 0; i < sizeOf(gemm.batch()); ++i) {
    const plan::BatchDim &dim = *gemm.batch()->Get(i);
    DS_RT_RETURN_IF_ERROR(atLeastOne({{"batch.size", dim.size()}}));
    products = satMul(products, dim.size());
    if (dim.size() > 1 && dim.c_stride() == 0)
      return inputError("expects 'batch.c_stride' to be at least 1, but got 0: "
                        "products would overwrite each other");
  }
  if (products > kMaxProducts)
    return inputError("expects at most %u products in a batch, but got %llu",
                      kMaxProducts, ull(products));
  return checkOwnElements(gemm);
}

Status checkLeadingDimension(const char *what, uint64_t ld, uint64_t columns) {
  if (ld < columns)
    return inputError("expects '%s' to be at least %llu, but got %llu", what,
                      ull(columns), ull(ld));
  return {};
}

uint64_t resultBytes(const plan::Gemm &gemm, DType result) {
  return matrixBytes(gemm, result, gemm.m(), gemm.n(), gemm.ldc(),
                     &plan::BatchDim::c_stride);
}

/// That an operand, of whichever rank, lies at such a multiple.
Status checkPlace(const Operands &operands, const char *what,
                  const plan::Ref &ref, uint64_t alignment) {
  const plan::Buffer &buffer = operands.facts().buffer(ref.buffer());
  if ((buffer.offset() | buffer.rank_stride() | ref.offset()) % alignment != 0)
    return inputError("expects '%s' at a multiple of %llu bytes of the arena, "
                      "but got %llu",
                      what, ull(alignment),
                      ull(buffer.offset() + ref.offset()));
  return {};
}

/// That the library does not write a result where it reads or writes this.
Status checkApartFromC(const plan::Gemm &gemm, DType result, const char *what,
                       const plan::Ref *ref, uint64_t bytes) {
  if (gemm.c() && intersect(*ref, bytes, *gemm.c(), resultBytes(gemm, result)))
    return inputError("expects '%s' and 'c' to share no bytes", what);
  return {};
}

/// What only products on GPUs have.
Status checkGpuGemm(const Operands &operands, const plan::Gemm &gemm) {
  constexpr uint32_t algorithmBytes = 64;
  const bool gpu = gemm.library() == plan::GemmLibrary::cublaslt;
  if (gpu != isForGpu(operands.facts().plan))
    return inputError("expects 'library' to be cublaslt on GPUs and only "
                      "there, but got %s",
                      plan::EnumNameGemmLibrary(gemm.library()));
  const uint32_t bytes = sizeOf(gemm.algorithm());
  if (!gpu && (gemm.tf32() || bytes || gemm.workspace_bytes()))
    return inputError("expects 'tf32', 'algorithm' and 'workspace' only with "
                      "cublaslt");
  if (gemm.tf32() && gemm.dtype() != DType::f32)
    return inputError("expects 'tf32' with operands of f32, but got %s",
                      plan::EnumNameDType(gemm.dtype()));
  if (bytes && bytes != algorithmBytes)
    return inputError("expects 'algorithm' to have %u bytes or none, but got "
                      "%u",
                      algorithmBytes, bytes);
  if (gemm.workspace_bytes() == 0)
    return {};
  DS_RT_RETURN_IF_ERROR(operands.inMemory("workspace", gemm.workspace(),
                                          gemm.workspace_bytes(), DType::u8,
                                          Access::write));
  return checkPlace(operands, "workspace", *gemm.workspace(),
                    plan::kGpuAlignment);
}

/// What the library adds to an element and computes of it before it is stored.
Status checkEpilogueKind(const plan::Gemm &gemm, DType result) {
  DS_RT_RETURN_IF_ERROR(checkEnum("epilogue", gemm.epilogue()));
  if (gemm.library() != plan::GemmLibrary::cublaslt || result == DType::f64)
    return inputError("expects 'bias', 'epilogue' and 'preactivation' only "
                      "with cublaslt and not with f64");
  if (gemm.beta() != 0 || sizeOf(gemm.batch()))
    return inputError("expects a product with 'bias' or 'epilogue' to have no "
                      "'batch' and 'beta' 0, but got %u batch dimensions and "
                      "%g",
                      sizeOf(gemm.batch()), double(gemm.beta()));
  if (gemm.bias() && gemm.epilogue() == plan::Epilogue::gelu_grad)
    return inputError("expects no 'bias' with epilogue gelu_grad, but got it");
  if (gemm.preactivation() && gemm.epilogue() == plan::Epilogue::none)
    return inputError("expects 'preactivation' only with epilogue gelu or "
                      "gelu_grad, but got it with none");
  return {};
}

/// Its operands lie where the library can load 16 bytes at once.
Status checkEpilogue(const Operands &operands, const plan::Gemm &gemm,
                     DType result) {
  constexpr uint64_t alignment = 16, rowElements = 8;
  const bool isGrad = gemm.epilogue() == plan::Epilogue::gelu_grad;
  if (!gemm.bias() && !gemm.preactivation() &&
      gemm.epilogue() == plan::Epilogue::none)
    return {};
  DS_RT_RETURN_IF_ERROR(checkEpilogueKind(gemm, result));
  if (gemm.bias()) {
    const uint64_t bytes = satMul(gemm.n(), rt::sizeOf(result));
    DS_RT_RETURN_IF_ERROR(
        operands.inMemory("bias", gemm.bias(), bytes, result, Access::read));
    DS_RT_RETURN_IF_ERROR(
        checkPlace(operands, "bias", *gemm.bias(), alignment));
    DS_RT_RETURN_IF_ERROR(
        checkApartFromC(gemm, result, "bias", gemm.bias(), bytes));
  }
  if (!gemm.preactivation() && !isGrad)
    return {};
  const uint64_t ld = gemm.ld_preactivation();
  DS_RT_RETURN_IF_ERROR(
      checkLeadingDimension("ld_preactivation", ld, gemm.n()));
  if (ld % rowElements != 0)
    return inputError("expects 'ld_preactivation' to be a multiple of %llu, "
                      "but got %llu",
                      ull(rowElements), ull(ld));
  const uint64_t bytes =
      satMul(satAdd(satMul(gemm.m() - 1, ld), gemm.n()), rt::sizeOf(result));
  DS_RT_RETURN_IF_ERROR(
      operands.inMemory("preactivation", gemm.preactivation(), bytes, result,
                        isGrad ? Access::read : Access::write));
  DS_RT_RETURN_IF_ERROR(
      checkPlace(operands, "preactivation", *gemm.preactivation(), alignment));
  return checkApartFromC(gemm, result, "preactivation", gemm.preactivation(),
                         bytes);
}

} // namespace

Status checkGemm(const Operands &operands, const plan::Gemm &gemm) {
  DS_RT_RETURN_IF_ERROR(checkGemmSizes(gemm));
  DS_RT_RETURN_IF_ERROR(checkGpuGemm(operands, gemm));
  uint64_t aRows = gemm.m(), aColumns = gemm.k();
  uint64_t bRows = gemm.k(), bColumns = gemm.n();
  if (gemm.transpose_a())
    std::swap(aRows, aColumns);
  if (gemm.transpose_b())
    std::swap(bRows, bColumns);
  DS_RT_RETURN_IF_ERROR(checkLeadingDimension("lda", gemm.lda(), aColumns));
  DS_RT_RETURN_IF_ERROR(checkLeadingDimension("ldb", gemm.ldb(), bColumns));
  DS_RT_RETURN_IF_ERROR(checkLeadingDimension("ldc", gemm.ldc(), gemm.n()));
  using plan::BatchDim;
  const DType of = gemm.dtype(), result = gemm.f32_result() ? DType::f32 : of;
  DS_RT_RETURN_IF_ERROR(operands.inMemory(
      "a", gemm.a(),
      matrixBytes(gemm, of, aRows, aColumns, gemm.lda(), &BatchDim::a_stride),
      of, Access::read));
  DS_RT_RETURN_IF_ERROR(operands.inMemory(
      "b", gemm.b(),
      matrixBytes(gemm, of, bRows, bColumns, gemm.ldb(), &BatchDim::b_stride),
      of, Access::read));
  DS_RT_RETURN_IF_ERROR(checkEpilogue(operands, gemm, result));
  return operands.inMemory("c", gemm.c(), resultBytes(gemm, result), result,
                           gemm.beta() != 0 ? Access::read_write
                                            : Access::write);
}

} // namespace ds::rt::verify
