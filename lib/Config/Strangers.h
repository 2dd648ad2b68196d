//===- Strangers.h - Keys that the schema does not know -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_LIB_CONFIG_STRANGERS_H
#define DS_LIB_CONFIG_STRANGERS_H

#include <string>

namespace ds {

/// Whether a key is meant for readers: "_comment", "//", ...
bool isComment(const std::string &name);

/// What may be meant by `name` in the section of pattern `section` (empty: the
/// top level): "; 'aio' belongs at the top level", "; did you mean 'x'?" or
/// nothing.
std::string whatIsMeant(const std::string &name, const std::string &section);

} // namespace ds

#endif // DS_LIB_CONFIG_STRANGERS_H
