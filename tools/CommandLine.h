//===- CommandLine.h - Parsing flags, with the nearest name on a slip ---===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What ds-model and ds-opt share on top of CLI11.
//===--------------------------------------------------------------------===//
#ifndef DS_TOOLS_COMMANDLINE_H
#define DS_TOOLS_COMMANDLINE_H

#include "base/Nearest.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <optional>

namespace ds::tools {

/// CLI11's "Could not convert: --world = x" and the like in words.
inline std::string describe(const CLI::ParseError &error, const CLI::App &app) {
  const std::string text = error.what(), before = "Could not convert: ";
  if (text.find(" required ") != std::string::npos && text.starts_with("-"))
    return "expects " + text.substr(0, text.find(':')) +
           " once and with a value";
  const size_t equals = text.find(" = ");
  if (!text.starts_with(before) || equals == std::string::npos)
    return text;
  const std::string name = text.substr(before.size(), equals - before.size());
  const CLI::Option *option = app.get_option_no_throw(name);
  const bool whole = option && option->get_type_name() != "FLOAT";
  return "expects " + name +
         (whole ? " to be a whole number" : " to be a number") + ", but got '" +
         text.substr(equals + 3) + "'";
}

/// Parses; returns the exit code when the program should end now.
inline std::optional<int> parse(CLI::App &app, int argc, char **argv) {
  app.allow_extras();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    if (error.get_exit_code() == 0)
      return app.exit(error); // --help
    std::fprintf(stderr, "%s: error: %s\n", app.get_name().c_str(),
                 describe(error, app).c_str());
    return 2;
  }
  const std::vector<std::string> unknown = app.remaining();
  if (unknown.empty())
    return std::nullopt;
  std::vector<std::string> names;
  for (const CLI::Option *option : app.get_options())
    names.push_back(option->get_name());
  const std::string word = unknown[0].substr(0, unknown[0].find('='));
  std::fprintf(stderr, "%s: error: %s '%s'%s\n", app.get_name().c_str(),
               word.starts_with("-") ? "unknown flag" : "unexpected argument",
               word.c_str(), ds::rt::didYouMean(word, names).c_str());
  return 2;
}

} // namespace ds::tools

#endif // DS_TOOLS_COMMANDLINE_H
