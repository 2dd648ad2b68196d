//===- Assemble.cpp - A plan from JSON ------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Hand-written plans, for tests and for trying what the format can say.  The
// schema's text is compiled in, so that fields and enumerators are known by
// name and a mistake is reported with its line and column.
//===--------------------------------------------------------------------===//
#include "base/Files.h"
#include "plan/Container.h"
#include "plan/Plan.h"

#include <flatbuffers/idl.h>

namespace ds::rt {

namespace {

const char kSchema[] =
#include "PlanSchema.inc"
    ;

/// "12: 5: error: unknown field: x" becomes "F.json:12:5: unknown field: x".
std::string locate(const std::string &path, const std::string &error) {
  unsigned line = 0, column = 0;
  int message = 0;
  if (std::sscanf(error.c_str(), "%u: %u: error: %n", &line, &column,
                  &message) != 2 ||
      message == 0)
    return path + ": " + error;
  return format("%s:%u:%u: ", path.c_str(), line, column) +
         error.substr(message);
}

} // namespace

Status assemblePlan(const std::string &jsonPath, plan::PlanT &plan) {
  auto text = readText(jsonPath, "", "a plan in JSON");
  if (!text.ok())
    return text.status();
  flatbuffers::Parser parser;
  if (!parser.Parse(kSchema))
    return internalError("the embedded schema does not parse: %s",
                         parser.error_.c_str());
  if (text->find('\0') != std::string::npos || !parser.ParseJson(text->c_str()))
    return Status(Code::Input,
                  locate(jsonPath, parser.error_.empty() ? "expects text"
                                                         : parser.error_));
  const std::span<const uint8_t> bytes(parser.builder_.GetBufferPointer(),
                                       parser.builder_.GetSize());
  DS_RT_RETURN_IF_ERROR(checkMetadata(jsonPath, std::as_bytes(bytes)));
  plan::GetPlan(bytes.data())->UnPackTo(&plan);
  return {};
}

} // namespace ds::rt
