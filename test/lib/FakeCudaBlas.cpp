//===- FakeCudaBlas.cpp - The fake cuBLASLt -----------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Checks that shapes, types, batches, alignments and the epilogue of a product
// fit each other, and that all of its operands lie in memory.  Multiplies
// nothing.
//===--------------------------------------------------------------------===//
#include "FakeCuda.h"
#include "backends/cuda/BlasLt.h"

#include <algorithm>
#include <cstring>
#include <set>
#include <unistd.h>

using namespace fake;

namespace {

constexpr LtStatus kInvalid = 7, kFailed = 13, kUnsupported = 15;
constexpr uint64_t kAlgorithmMark = 0xfa4e;

struct Desc {
  int computeType, scaleType;
  bool transposed[2] = {false, false}; ///< As the library names A and B.
  uint32_t epilogue = 0;
  Address bias = 0, aux = 0;
  int32_t biasType = -1;
  int64_t auxLd = 0;
};

struct Layout {
  int type;
  uint64_t rows, columns;
  int64_t ld;
  int32_t batch = 1;
  int64_t stride = 0;

  uint64_t elementBytes() const {
    return type == kTypeF64 ? 8 : type == kTypeF32 ? 4 : 2;
  }
  /// Bytes from the first element to the end of the last.
  uint64_t span() const {
    const uint64_t matrix = (columns - 1) * uint64_t(ld) + rows;
    return (uint64_t(batch - 1) * uint64_t(stride) + matrix) * elementBytes();
  }
};

struct Preference {
  size_t workspaceBytes = 0;
  uint32_t alignments[4] = {256, 256, 256, 256};
};

std::set<void *> live;

template <typename T> T *made(const char *what, T value) {
  T *object = new T(std::move(value));
  live.insert(object);
  account(what, 1);
  return object;
}

template <typename T> T &get(const char *function, void *object) {
  if (!live.count(object))
    violation("%s: no such object", function);
  return *static_cast<T *>(object);
}

template <typename T> LtStatus destroyed(const char *what, void *object) {
  delete &get<T>(what, object);
  live.erase(object);
  account(what, -1);
  return kLtSuccess;
}

/// A product's operands, as the library names them.
struct Shape {
  const Desc &desc;
  const Layout &a, &b, &c;
};

Shape shapeOf(const char *function, LtDesc desc, LtLayout a, LtLayout b,
              LtLayout c, LtLayout d) {
  if (c != d)
    violation("%s: C and D differ", function);
  return {get<Desc>(function, desc), get<Layout>(function, a),
          get<Layout>(function, b), get<Layout>(function, c)};
}

bool hasBias(const Desc &desc) { return desc.epilogue & kEpilogueBias; }
bool hasAux(const Desc &desc) { return desc.epilogue & kEpilogueAux; }

/// Whether the library has such an epilogue for such a product.
bool isEpilogue(const Shape &shape) {
  constexpr uint32_t known[] = {kEpilogueBias,
                                kEpilogueGelu,
                                kEpilogueGelu | kEpilogueBias,
                                kEpilogueGelu | kEpilogueAux,
                                kEpilogueGelu | kEpilogueAux | kEpilogueBias,
                                kEpilogueGeluGrad};
  const Desc &desc = shape.desc;
  return std::ranges::count(known, desc.epilogue) == 1 &&
         shape.c.type != kTypeF64 && shape.c.batch == 1;
}

/// Attributes that the epilogue does not have, or lacks, are mistakes of ours.
bool checkEpilogue(const char *function, const Shape &shape) {
  const Desc &desc = shape.desc;
  if (hasBias(desc) != (desc.bias != 0) || hasAux(desc) != (desc.aux != 0))
    violation("%s: epilogue %u with bias 0x%llx and aux 0x%llx", function,
              desc.epilogue, desc.bias, desc.aux);
  if (desc.epilogue == 0)
    return true;
  if (desc.bias % 16 != 0 || desc.aux % 16 != 0)
    violation("%s: bias 0x%llx or aux 0x%llx is no multiple of 16", function,
              desc.bias, desc.aux);
  if (hasBias(desc) && desc.biasType != shape.c.type)
    violation("%s: a bias of type %d for a result of %d", function,
              desc.biasType, shape.c.type);
  if (hasAux(desc) &&
      (desc.auxLd % 8 != 0 || desc.auxLd < int64_t(shape.c.rows)))
    violation("%s: rows of aux are %lld apart and have %llu", function,
              (long long)desc.auxLd, (unsigned long long)shape.c.rows);
  return isEpilogue(shape);
}

bool fits(const Shape &shape) {
  const bool ta = shape.desc.transposed[0], tb = shape.desc.transposed[1];
  const uint64_t m = ta ? shape.a.columns : shape.a.rows;
  const uint64_t k = ta ? shape.a.rows : shape.a.columns;
  const uint64_t n = tb ? shape.b.rows : shape.b.columns;
  const uint64_t inner = tb ? shape.b.columns : shape.b.rows;
  if (inner != k || shape.c.rows != m || shape.c.columns != n)
    return false;
  for (const Layout *layout : {&shape.a, &shape.b, &shape.c})
    if (layout->ld < int64_t(layout->rows) || layout->batch != shape.c.batch)
      return false;
  if (shape.a.type != shape.b.type ||
      (shape.c.type != shape.a.type && shape.c.type != kTypeF32))
    return false;
  if (shape.a.type == kTypeF64)
    return shape.desc.computeType == kComputeF64 &&
           shape.desc.scaleType == kTypeF64;
  return shape.desc.scaleType == kTypeF32 &&
         (shape.desc.computeType == kComputeF32 ||
          (shape.desc.computeType == kComputeTf32 && shape.a.type == kTypeF32));
}

/// What it reads and writes besides.
void addEpilogue(const Shape &shape, std::vector<Range> &ranges) {
  const Desc &desc = shape.desc;
  if (hasBias(desc))
    ranges.push_back(
        {"the bias", desc.bias, shape.c.rows * shape.c.elementBytes(), false});
  Layout aux = shape.c;
  aux.ld = desc.auxLd;
  if (hasAux(desc))
    ranges.push_back(
        {"aux", desc.aux, aux.span(), desc.epilogue != kEpilogueGeluGrad});
}

/// The fake's algorithm: a mark, the workspace it needs, its alignments, its
/// place among others, its epilogue.
LtChoice choiceOf(const Preference &preference, const Desc &desc) {
  LtChoice choice{};
  choice.workspaceBytes = preference.workspaceBytes;
  choice.algorithm.data[0] = kAlgorithmMark;
  choice.algorithm.data[1] = preference.workspaceBytes;
  for (int i = 0; i < 4; ++i)
    choice.algorithm.data[2 + i] = preference.alignments[i];
  choice.algorithm.data[7] = desc.epilogue;
  return choice;
}

} // namespace

FAKE_EXPORT size_t cublasLtGetVersion() { return 130000; }

FAKE_EXPORT const char *cublasLtGetStatusName(LtStatus status) {
  return status == kLtSuccess     ? "CUBLAS_STATUS_SUCCESS"
         : status == kInvalid     ? "CUBLAS_STATUS_INVALID_VALUE"
         : status == kUnsupported ? "CUBLAS_STATUS_NOT_SUPPORTED"
                                  : "CUBLAS_STATUS_NOT_INITIALIZED";
}

FAKE_EXPORT LtStatus cublasLtCreate(LtHandle *handle) {
  enter("cublasLtCreate");
  if (option("lt", 0) == 2)
    return 1; // not initialized
  takeLibraryBytes(8 << 20);
  *handle = reinterpret_cast<LtHandle>(made("cuBLASLt handle", int(0)));
  return kLtSuccess;
}

FAKE_EXPORT LtStatus cublasLtDestroy(LtHandle handle) {
  takeLibraryBytes(-(8 << 20));
  return destroyed<int>("cuBLASLt handle", handle);
}

FAKE_EXPORT LtStatus cublasLtMatmulDescCreate(LtDesc *desc, int computeType,
                                              int scaleType) {
  *desc = reinterpret_cast<LtDesc>(
      made("product description", Desc{computeType, scaleType}));
  return kLtSuccess;
}

FAKE_EXPORT LtStatus cublasLtMatmulDescSetAttribute(LtDesc desc, int attribute,
                                                    const void *value,
                                                    size_t bytes) {
  constexpr const char *name = "cublasLtMatmulDescSetAttribute";
  Desc &at = get<Desc>(name, desc);
  auto take = [&](auto &field) {
    if (bytes != sizeof(field))
      violation("%s: attribute %d of %zu bytes", name, attribute, bytes);
    std::memcpy(&field, value, bytes);
  };
  int32_t operation;
  switch (attribute) {
  case kDescTransposeA:
  case kDescTransposeB:
    take(operation);
    at.transposed[attribute - kDescTransposeA] = operation == kTranspose;
    break;
  case kDescEpilogue:
    take(at.epilogue);
    break;
  case kDescBias:
    take(at.bias);
    break;
  case kDescBiasType:
    take(at.biasType);
    break;
  case kDescAux:
    take(at.aux);
    break;
  case kDescAuxLd:
    take(at.auxLd);
    break;
  default:
    violation("%s: attribute %d", name, attribute);
  }
  return kLtSuccess;
}

FAKE_EXPORT LtStatus cublasLtMatmulDescDestroy(LtDesc desc) {
  return destroyed<Desc>("product description", desc);
}

FAKE_EXPORT LtStatus cublasLtMatrixLayoutCreate(LtLayout *layout, int type,
                                                uint64_t rows, uint64_t columns,
                                                int64_t ld) {
  if (rows == 0 || columns == 0 || ld < int64_t(rows))
    return kInvalid;
  *layout = reinterpret_cast<LtLayout>(
      made("matrix layout", Layout{type, rows, columns, ld}));
  return kLtSuccess;
}

FAKE_EXPORT LtStatus cublasLtMatrixLayoutSetAttribute(LtLayout layout,
                                                      int attribute,
                                                      const void *value,
                                                      size_t bytes) {
  Layout &at = get<Layout>("cublasLtMatrixLayoutSetAttribute", layout);
  if (attribute == kLayoutBatchCount && bytes == sizeof(at.batch))
    std::memcpy(&at.batch, value, bytes);
  else if (attribute == kLayoutBatchStride && bytes == sizeof(at.stride))
    std::memcpy(&at.stride, value, bytes);
  else
    violation("cublasLtMatrixLayoutSetAttribute: attribute %d of %zu bytes",
              attribute, bytes);
  return kLtSuccess;
}

FAKE_EXPORT LtStatus cublasLtMatrixLayoutDestroy(LtLayout layout) {
  return destroyed<Layout>("matrix layout", layout);
}

FAKE_EXPORT LtStatus cublasLtMatmulPreferenceCreate(LtPreference *preference) {
  *preference =
      reinterpret_cast<LtPreference>(made("product preference", Preference()));
  return kLtSuccess;
}

FAKE_EXPORT LtStatus cublasLtMatmulPreferenceSetAttribute(
    LtPreference preference, int attribute, const void *value, size_t bytes) {
  auto &at =
      get<Preference>("cublasLtMatmulPreferenceSetAttribute", preference);
  const int operand = attribute - kPreferAlignmentA;
  if (attribute == kPreferWorkspaceBytes && bytes == sizeof(at.workspaceBytes))
    std::memcpy(&at.workspaceBytes, value, bytes);
  else if (operand >= 0 && operand < 4 && bytes == sizeof(uint32_t))
    std::memcpy(&at.alignments[operand], value, bytes);
  else
    violation("cublasLtMatmulPreferenceSetAttribute: attribute %d of %zu "
              "bytes",
              attribute, bytes);
  return kLtSuccess;
}

FAKE_EXPORT LtStatus cublasLtMatmulPreferenceDestroy(LtPreference preference) {
  return destroyed<Preference>("product preference", preference);
}

FAKE_EXPORT LtStatus cublasLtMatmulAlgoGetHeuristic(
    LtHandle, LtDesc desc, LtLayout a, LtLayout b, LtLayout c, LtLayout d,
    LtPreference preference, int wanted, LtChoice *choices, int *found) {
  constexpr const char *name = "cublasLtMatmulAlgoGetHeuristic";
  *found = 0;
  const Shape shape = shapeOf(name, desc, a, b, c, d);
  if (!fits(shape) || !checkEpilogue(name, shape) || wanted < 1)
    return kInvalid;
  const long long lacks = option("lt", 0);
  if (lacks == 1 || (lacks == 3 && shape.c.batch > 1))
    return kUnsupported;
  // "algorithms=3": so many, of which the last one is the fastest.
  *found = std::min(wanted, int(option("algorithms", 1)));
  for (int i = 0; i < *found; ++i) {
    choices[i] = choiceOf(get<Preference>(name, preference), shape.desc);
    choices[i].algorithm.data[6] = uint64_t(*found - 1 - i);
  }
  return kLtSuccess;
}

FAKE_EXPORT LtStatus cublasLtMatmulAlgoCheck(LtHandle, LtDesc desc, LtLayout a,
                                             LtLayout b, LtLayout c, LtLayout d,
                                             const LtAlgorithm *algorithm,
                                             LtChoice *choice) {
  constexpr const char *name = "cublasLtMatmulAlgoCheck";
  const Shape shape = shapeOf(name, desc, a, b, c, d);
  if (!fits(shape) || !checkEpilogue(name, shape))
    return kInvalid;
  if (algorithm->data[0] != kAlgorithmMark ||
      algorithm->data[7] != shape.desc.epilogue)
    return kUnsupported;
  *choice = LtChoice{};
  choice->workspaceBytes = algorithm->data[1];
  return kLtSuccess;
}

FAKE_EXPORT LtStatus cublasLtMatmul(
    LtHandle, LtDesc desc, const void *, const void *a, LtLayout aLayout,
    const void *b, LtLayout bLayout, const void *beta, const void *c,
    LtLayout cLayout, void *d, LtLayout dLayout, const LtAlgorithm *algorithm,
    void *workspace, size_t workspaceBytes, Stream stream) {
  constexpr const char *name = "cublasLtMatmul";
  enter(name);
  usleep(unsigned(option("slow", 0)) * 1000);
  if (strikes("blas"))
    loseContext(kLaunchFailed);
  if (lostContext() != kSuccess)
    return kFailed;
  const Shape shape = shapeOf(name, desc, aLayout, bLayout, cLayout, dLayout);
  if (!fits(shape) || !checkEpilogue(name, shape) ||
      algorithm->data[0] != kAlgorithmMark ||
      algorithm->data[7] != shape.desc.epilogue)
    return kInvalid;
  if (option("unable", -1) == (long long)algorithm->data[6])
    return kUnsupported;
  if (algorithm->data[1] > workspaceBytes)
    violation("%s: the algorithm needs %llu bytes of workspace, but has %zu",
              name, (unsigned long long)algorithm->data[1], workspaceBytes);
  if (c != d)
    violation("%s: C and D lie apart", name);
  const double factor = shape.c.type == kTypeF64
                            ? *static_cast<const double *>(beta)
                            : *static_cast<const float *>(beta);
  if (factor != 0 && (factor != 1 || shape.desc.epilogue != 0))
    violation("%s: beta is %g, the epilogue %u", name, factor,
              shape.desc.epilogue);
  const Address places[] = {addressOf(a), addressOf(b), addressOf(c)};
  for (int i = 0; i < 3; ++i)
    if (algorithm->data[2 + i] != 0 && places[i] % algorithm->data[2 + i] != 0)
      violation("%s: operand %d at 0x%llx is no multiple of %llu", name, i,
                places[i], (unsigned long long)algorithm->data[2 + i]);
  std::vector<Range> ranges = {{"A", places[0], shape.a.span(), false},
                               {"B", places[1], shape.b.span(), false},
                               {"C", places[2], shape.c.span(), true}};
  if (workspaceBytes > 0)
    ranges.push_back(
        {"the workspace", addressOf(workspace), workspaceBytes, true});
  addEpilogue(shape, ranges);
  auto check = [=] {
    for (const Range &range : ranges)
      (void)memory(name, range.what, range.at, range.bytes);
    return kSuccess;
  };
  (void)check();
  submit(name, stream, ranges, check, 1 + (long long)algorithm->data[6]);
  count("products");
  if (shape.desc.epilogue != 0)
    count("epilogues");
  return kLtSuccess;
}
