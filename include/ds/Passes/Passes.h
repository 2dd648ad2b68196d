//===- Passes.h - All passes --------------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_PASSES_PASSES_H
#define DS_PASSES_PASSES_H

namespace ds {

/// Registers every pass of ours, by its flag.
void registerAllPasses();

} // namespace ds

#endif // DS_PASSES_PASSES_H
