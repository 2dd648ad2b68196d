//===- Precisions.cpp - From fp16, bf16, data_types to a precision ------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Translate.h"

namespace ds {

/// The schema refuses all but float32.
void translatePrecision(const Config &, Recipe &) {}

} // namespace ds
