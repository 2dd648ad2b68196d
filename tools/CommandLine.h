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

/// Parses; returns the exit code when the program should end now.
inline std::optional<int> parse(CLI::App &app, int argc, char **argv) {
  app.allow_extras();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    if (error.get_exit_code() == 0)
      return app.exit(error); // --help
    std::fprintf(stderr, "%s: error: %s\n", app.get_name().c_str(), error.what());
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
