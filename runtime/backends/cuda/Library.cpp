//===- Library.cpp - A vendor's library, opened when it is needed -------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "backends/cuda/Library.h"

#include <dlfcn.h>

namespace ds::rt::cuda {

/// What dlopen says of a file that is not there at all.
static bool isAbsent(const std::string &error, const char *name) {
  return error.find(std::string(name) + ": cannot open shared object file: "
                                        "No such file") == 0;
}

Status openLibrary(const LibraryInfo &info,
                   const std::vector<Symbol> &symbols) {
  std::string tried;
  for (const char *name : info.names) {
    void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
      const char *error = dlerror();
      // One that is there and cannot be loaded is the one to mend.
      if (error && !isAbsent(error, name))
        return inputError("cannot load %s: %s: %s", info.title, error,
                          info.remedy);
      tried += (tried.empty() ? "" : " or ") + std::string(name);
      continue;
    }
    for (const Symbol &symbol : symbols) {
      *symbol.address = dlsym(library, symbol.name);
      if (!*symbol.address && !symbol.optional)
        return inputError("%s is too old: '%s' has no '%s': %s", info.title,
                          name, symbol.name, info.remedy);
    }
    return {};
  }
  return inputError("expected %s, but there is no %s: %s", info.title,
                    tried.c_str(), info.remedy);
}

} // namespace ds::rt::cuda
