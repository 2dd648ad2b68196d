//===- TokenFile.h - A file that is one sequence of tokens --------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Text (bytes are tokens) and .bin (uint16 for vocabularies up to 65,536, else
// uint32).  Sample k of N tokens starts at (k mod floor((N - 1) / T)) * T;
// targets are the inputs shifted by one.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_DATA_TOKENFILE_H
#define DS_RUNTIME_DATA_TOKENFILE_H

#include "data/DataSource.h"

namespace ds::rt {

StatusOr<std::unique_ptr<DataSource>>
openTokenFile(const std::string &path, bool binary,
              const std::vector<InputSpec> &inputs);

} // namespace ds::rt

#endif // DS_RUNTIME_DATA_TOKENFILE_H
