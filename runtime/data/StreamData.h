//===- StreamData.h - Inputs that another process sends -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `stream:FD,FD,...`: one open descriptor for each rank, on which whoever
// started the run says before each step whether it comes: a byte 1, then the
// bytes of each input, row-major, in the order of the entry's inputs; or a
// byte 0, and the run ends as if --steps had been reached.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_DATA_STREAMDATA_H
#define DS_RUNTIME_DATA_STREAMDATA_H

#include "data/DataSource.h"

namespace ds::rt {

/// `list`: the descriptors, by rank.  They stay the caller's.
StatusOr<std::unique_ptr<DataSource>> openStreamData(const std::string &list);

} // namespace ds::rt

#endif // DS_RUNTIME_DATA_STREAMDATA_H
