//===- Schema.h - The keys of ds_config.json ----------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A key is a row of one table: its path, where its value goes, and what it may
// be.  A new key is a field of Config and a row here.
//===--------------------------------------------------------------------===//
#ifndef DS_LIB_CONFIG_SCHEMA_H
#define DS_LIB_CONFIG_SCHEMA_H

#include "ds/Config/Config.h"

#include <nlohmann/json.hpp>
#include <span>
#include <variant>

namespace ds {

/// Numbers that a key may have.
struct Range {
  double least = 0;
  double most = 0;
  bool openLeast = false, openMost = false; ///< The end itself is refused.
  const char *text = "";                    ///< "a positive number"

  bool contains(double value) const {
    return (openLeast ? value > least : value >= least) &&
           (openMost ? value < most : value <= most);
  }
};

using Field =
    std::variant<std::optional<int64_t> Config::*,
                 std::optional<double> Config::*, std::optional<bool> Config::*,
                 std::optional<std::string> Config::*,
                 std::optional<std::array<double, 2>> Config::*>;

/// A key that is read.
struct Key {
  std::string path;
  Field field;
  Range range = {};
  std::vector<std::string> words = {}; ///< That a string may be; empty: any.
  bool anyCase = false;                ///< Of letters, in `words`.
  std::vector<std::string> schedulers = {}; ///< That have it; empty: not one's.
  std::vector<std::string> required = {};   ///< Schedulers that need it.
};

/// A key of something that is not built: any other value would change what is
/// computed.
struct Fixed {
  std::string path;
  nlohmann::json value;
  const char *because;
};

std::span<const Key> configKeys();
std::span<const Fixed> fixedKeys();

} // namespace ds

#endif // DS_LIB_CONFIG_SCHEMA_H
