//===- Library.h - A vendor's library, opened when it is needed ---------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Nothing of NVIDIA's is linked: one binary starts everywhere, and what a plan
// for a GPU needs is looked for when such a plan runs.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_BACKENDS_CUDA_LIBRARY_H
#define DS_RUNTIME_BACKENDS_CUDA_LIBRARY_H

#include "base/Status.h"

#include <vector>

namespace ds::rt::cuda {

/// What a library is to a user who has to find or mend it.
struct LibraryInfo {
  const char *title;               ///< "the driver of NVIDIA GPUs"
  std::vector<const char *> names; ///< Of the file, the best first.
  const char *remedy;              ///< "install ...", behind a colon.
};

/// One function of a table: its name in the library, where its address goes.
struct Symbol {
  const char *name;
  void **address;
  bool optional = false; ///< Null where the library is too old for it.
};

/// Opens the first of the names that is there and looks up all symbols.  Input
/// when there is none, or when it lacks one: it is too old.  The library stays
/// open until the process ends.
Status openLibrary(const LibraryInfo &info, const std::vector<Symbol> &symbols);

} // namespace ds::rt::cuda

#endif // DS_RUNTIME_BACKENDS_CUDA_LIBRARY_H
