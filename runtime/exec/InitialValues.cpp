//===- InitialValues.cpp - Parameters before the first step -------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each rank makes its own elements only, each from its index alone: every
// world size starts from the same bits.
//===--------------------------------------------------------------------===//
#include "backends/cpu/Threads.h"
#include "exec/Philox.h"
#include "exec/Scalars.h"
#include "exec/State.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace ds::rt {
namespace {

constexpr uint64_t kGrain = 16 * kRandomBlock;

/// Values of any type but float32 go through float32, as the contract says.
void storeFloats(plan::DType dtype, std::byte *out, const float *values,
                 uint64_t count) {
  uint64_t size = bytesOf(dtype);
  if (dtype == plan::DType::f32) {
    std::memcpy(out, values, count * size);
    return;
  }
  for (uint64_t i = 0; i < count; ++i)
    storeScalar(dtype, out + i * size, values[i]);
}

void fillNormal(const StatePiece &piece, uint64_t seed) {
  RandomStream stream{piece.tensor->key0(), piece.tensor->key1(), seed};
  const auto &init = *piece.tensor->init();
  uint64_t size = bytesOf(piece.dtype);
  parallelRanges(piece.count, kGrain, [&](uint64_t begin, uint64_t end) {
    double z[kRandomBlock];
    float values[kRandomBlock];
    // Blocks end where counters do, whatever the piece's first element.
    for (uint64_t at = begin; at < end;) {
      uint64_t first = piece.first + at;
      uint64_t count = std::min(end - at, kRandomBlock - first % 4);
      normals(stream, first, count, z);
      scaleNormals(z, count, init.mean(), init.std(), values);
      storeFloats(piece.dtype, piece.data + at * size, values, count);
      at += count;
    }
  });
}

/// The bytes of a constant's element; those behind it are zero.
std::array<std::byte, 8> elementOf(const StatePiece &piece) {
  std::array<std::byte, 8> element{};
  storeScalar(piece.dtype, element.data(), piece.tensor->init()->value());
  return element;
}

/// What an arena begins as: nothing has to be written, nor copied to a GPU.
bool isZero(const StatePiece &piece) {
  return piece.tensor->init()->kind() == plan::InitKind::constant &&
         elementOf(piece) == std::array<std::byte, 8>{};
}

void fillConstant(const StatePiece &piece) {
  uint64_t size = bytesOf(piece.dtype);
  const std::array<std::byte, 8> element = elementOf(piece);
  parallelRanges(piece.count, kGrain, [&](uint64_t begin, uint64_t end) {
    for (uint64_t i = begin; i < end; ++i)
      std::memcpy(piece.data + i * size, element.data(), size);
  });
}

} // namespace

static Status makeInitialValues(const StatePiece &piece, uint64_t seed) {
  switch (piece.tensor->init()->kind()) {
  case plan::InitKind::normal:
    fillNormal(piece, seed);
    break;
  case plan::InitKind::seed:
    std::memcpy(piece.data, &seed, sizeof(seed));
    break;
  case plan::InitKind::constant:
    fillConstant(piece);
    break;
  }
  return {};
}

Status makeInitialValues(const View &view,
                         const std::vector<StatePiece> &pieces, uint64_t seed) {
  for (const StatePiece &piece : pieces)
    if (!isZero(piece))
      DS_RT_RETURN_IF_ERROR(
          eachPart(view, piece, Access::Write, [&](const StatePiece &part) {
            return makeInitialValues(part, seed);
          }));
  return {};
}

} // namespace ds::rt
