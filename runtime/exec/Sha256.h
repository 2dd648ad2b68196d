//===- Sha256.h - SHA-256 of names --------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// FIPS 180-4, for short strings: the keys of random streams come from it.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_EXEC_SHA256_H
#define DS_RUNTIME_EXEC_SHA256_H

#include <array>
#include <cstddef>
#include <cstdint>

namespace ds::rt {

std::array<uint8_t, 32> sha256(const void *data, size_t bytes);

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_SHA256_H
