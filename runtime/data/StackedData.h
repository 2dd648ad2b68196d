//===- StackedData.h - Inputs stacked in a .safetensors -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One tensor per input, under the input's name, with one entry per micro-batch
// along a first axis of its own.  After the last entry comes the first.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_DATA_STACKEDDATA_H
#define DS_RUNTIME_DATA_STACKEDDATA_H

#include "data/DataSource.h"

namespace ds::rt {

StatusOr<std::unique_ptr<DataSource>>
openStackedData(const std::string &path, const std::vector<InputSpec> &inputs);

} // namespace ds::rt

#endif // DS_RUNTIME_DATA_STACKEDDATA_H
