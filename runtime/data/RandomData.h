//===- RandomData.h - An endless stream of made-up inputs ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Token k = floor(u_k * vocabulary) of the stream `data`; sample k starts at
// k * T.  Other inputs are streams of their own, `data.<input>`: standard
// normals, or integers below the input's bound.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_DATA_RANDOMDATA_H
#define DS_RUNTIME_DATA_RANDOMDATA_H

#include "data/DataSource.h"

namespace ds::rt {

StatusOr<std::unique_ptr<DataSource>>
openRandomData(uint64_t seed, const std::vector<InputSpec> &inputs);

} // namespace ds::rt

#endif // DS_RUNTIME_DATA_RANDOMDATA_H
