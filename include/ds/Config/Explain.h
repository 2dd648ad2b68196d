//===- Explain.h - What is known about keys, for users ------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Texts that follow from the schema and, with a Config, from a file.
// LLVM-free.
//===--------------------------------------------------------------------===//
#ifndef DS_CONFIG_EXPLAIN_H
#define DS_CONFIG_EXPLAIN_H

#include "ds/Config/Config.h"

namespace ds {

/// A key's value that is not the file's.
struct ConfigOrigin {
  std::string path, value; ///< "zero_optimization.stage", "3"
  std::string from;        ///< "--zero=3", "tuner", "inferred"
};

/// What Hugging Face's trainer makes "auto" of, as far as it is known.
struct ConfigFacts {
  std::optional<int64_t> hiddenSize;
};

/// The width of a model, by the text of its config.json.
std::optional<int64_t> hiddenSizeOf(const std::string &hfConfig);

/// The effective configuration, a line per key: key, value, where it comes
/// from, what becomes of it.  `origins` override the file's keys, the last
/// first.  Without `all`, defaults that do nothing are only counted.
std::string explainConfig(const Config &config, const std::string &file,
                          const std::vector<ConfigOrigin> &origins,
                          const ConfigFacts &facts, bool all);

/// The reference of all keys whose path begins with `prefix`, in Markdown;
/// empty when there is none.
std::string configReference(const std::string &prefix = "");

/// The schema as JSON Schema, draft 2020-12.
std::string configJsonSchema();

/// What a flag that overrides a key does: the key's own sentence, and its
/// name.
std::string helpOfFlag(const std::string &flag);

} // namespace ds

#endif // DS_CONFIG_EXPLAIN_H
