//===- Findings.h - What is wrong with a file ---------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_LIB_CONFIG_FINDINGS_H
#define DS_LIB_CONFIG_FINDINGS_H

#include "ds/Config/Config.h"

namespace ds {

/// Messages about one file.
class Findings {
public:
  Findings(const std::string &file, std::vector<ConfigMessage> &messages)
      : file(file), messages(messages) {}

  void error(int line, const std::string &text, int column = 0) {
    say(line, true, text, column);
  }
  void warning(int line, const std::string &text) { say(line, false, text, 0); }

  /// Takes back what was said of an ignored key: it is refused.
  void withdraw(int line, const std::string &key) {
    const std::string said = "warning: '" + key + "' is ignored";
    std::erase_if(messages, [&](const ConfigMessage &message) {
      return message.line == line &&
             message.text.find(said) != std::string::npos;
    });
  }

private:
  void say(int line, bool error, const std::string &text, int column) {
    std::string place = file + ":" + std::to_string(line);
    if (column > 0)
      place += ":" + std::to_string(column);
    messages.push_back(
        {line, error, place + (error ? ": error: " : ": warning: ") + text});
  }

  const std::string &file;
  std::vector<ConfigMessage> &messages;
};

} // namespace ds

#endif // DS_LIB_CONFIG_FINDINGS_H
