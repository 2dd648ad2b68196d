//===- Schema.cpp - The keys of ds_config.json --------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Schema.h"

#include <map>

namespace ds {

const std::vector<Key> &configKeys() {
  static const std::vector<Key> all = [] {
    std::vector<Key> keys;
    for (auto topic : {generalKeys, optimizerKeys, schedulerKeys, precisionKeys,
                       zeroKeys, otherKeys, methodKeys}) {
      std::span<const Key> part = topic();
      keys.insert(keys.end(), part.begin(), part.end());
    }
    return keys;
  }();
  return all;
}

const Key *findKey(std::string_view path) {
  static const auto index = [] {
    std::map<std::string_view, const Key *> rows;
    for (const Key &key : configKeys())
      rows.emplace(key.path, &key);
    return rows;
  }();
  auto at = index.find(path);
  return at == index.end() ? nullptr : at->second;
}

Fate fateOf(const Key &key) {
  std::string_view path = key.path;
  const Key *row = &key;
  while (!row || row->fate.effect == Effect::Inherited) {
    const size_t end = path.find_last_of(".[");
    if (end == std::string_view::npos)
      return {};
    path = path.substr(0, end);
    row = findKey(path);
  }
  return row->fate;
}

std::vector<std::string> split(const char *words) {
  std::vector<std::string> all;
  for (std::string_view rest = words; !rest.empty();) {
    const size_t end = std::min(rest.find('|'), rest.size());
    all.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return all;
}

std::string either(const std::vector<std::string> &words) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i)
    text += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  return text;
}

std::string expected(const Kind &kind) {
  return kind.type == Type::Word ? either(split(kind.words)) : kind.text;
}

} // namespace ds
