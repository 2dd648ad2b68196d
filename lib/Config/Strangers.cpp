//===- Strangers.cpp - Keys that the schema does not know ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Strangers.h"
#include "Schema.h"
#include "base/Nearest.h"

namespace ds {
namespace {

struct Spelling {
  std::string section, name;
};

Spelling spelling(std::string_view path) {
  const size_t dot = path.rfind('.');
  if (dot == std::string_view::npos)
    return {"", std::string(path)};
  return {std::string(path.substr(0, dot)), std::string(path.substr(dot + 1))};
}

/// Whether a user would write the path as it is.
bool isPlain(const Key &key) {
  return std::string_view(key.path).find_first_of("*[") ==
         std::string_view::npos;
}

/// The sections that have the very name, none when they are too many to say.
std::vector<std::string> homes(const std::string &name) {
  constexpr size_t kMost = 3;
  std::vector<std::string> all;
  for (const Key &key : configKeys()) {
    const auto [section, word] = spelling(key.path);
    if (word == name && isPlain(key))
      all.push_back(section.empty() ? "at the top level"
                                    : "in '" + section + "'");
  }
  return all.size() <= kMost ? all : std::vector<std::string>();
}

/// The path whose name a slip of the fingers makes `name`; one of the same
/// section is nearer than all others.
std::string nearest(const std::string &name, const std::string &section) {
  std::string best;
  size_t least = 2 * (name.size() / 3 + 1);
  for (const Key &key : configKeys()) {
    const auto [home, word] = spelling(key.path);
    if (word == "*" || word.ends_with("]") ||
        (home != section && !isPlain(key)))
      continue;
    const size_t distance =
        2 * rt::editDistance(name, word) + (home != section);
    if (distance < least) {
      least = distance;
      best = key.path;
    }
  }
  return best;
}

} // namespace

bool isComment(const std::string &name) {
  return name.starts_with("_") || name.starts_with("//") ||
         name.starts_with("#") || name == "comment";
}

std::string whatIsMeant(const std::string &name, const std::string &section) {
  if (const auto known = homes(name); !known.empty())
    return "; '" + name + "' belongs " + either(known);
  if (name.size() > 64 || isComment(name)) // no slip of the fingers
    return "";
  const std::string best = nearest(name, section);
  return best.empty() ? "" : "; did you mean '" + best + "'?";
}

} // namespace ds
