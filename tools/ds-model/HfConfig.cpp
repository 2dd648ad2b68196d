//===- HfConfig.cpp - A config.json, asked by key -----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "HfConfig.h"
#include "base/JsonText.h"

#include <cmath>

using Json = nlohmann::ordered_json;

namespace ds {
namespace {

/// For "but got ...": a scalar as JSON, cut when long.
std::string shownValue(const Json &value) {
  if (value.is_object())
    return "an object";
  if (value.is_array())
    return "a list";
  if (value.is_string())
    return rt::quotedName(value.get<std::string>());
  return value.dump();
}

/// "a", "a or b", "a, b or c".
std::string oneOf(const std::vector<std::string> &words) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i)
    text += (i == 0 ? "" : i + 1 == words.size() ? " or " : ", ") + words[i];
  return text;
}

/// "a|b|c" as its parts.
std::vector<std::string> split(const std::string &text, char at) {
  std::vector<std::string> parts;
  size_t begin = 0;
  for (size_t end; (end = text.find(at, begin)) != std::string::npos;
       begin = end + 1)
    parts.push_back(text.substr(begin, end - begin));
  parts.push_back(text.substr(begin));
  return parts;
}

std::string plain(double value) {
  std::string text = Json(value).dump();
  return text.ends_with(".0") ? text.substr(0, text.size() - 2) : text;
}

} // namespace

HfConfig::HfConfig(const std::string &text, std::string file)
    : file_(std::move(file)) {
  const rt::ParsedJson parsed = rt::parseJsonObject(text);
  if (!parsed.error.empty())
    refuse(parsed.error);
  else // again, for the order of the keys
    object_ = Json::parse(text, nullptr, /*allow_exceptions=*/false);
}

void HfConfig::refuse(const std::string &text) {
  if (error_.empty())
    error_ = file_.empty() ? text : "'" + file_ + "': " + text;
}

const Json *HfConfig::find(const std::string &key) {
  for (const std::string &name : split(key, '|')) {
    const std::vector<std::string> path = split(name, '.');
    asked_.insert(path.front());
    const Json *at = &object_;
    for (const std::string &part : path) {
      if (!at->is_object() || !at->contains(part)) {
        at = nullptr;
        break;
      }
      at = &(*at)[part];
    }
    if (at && !at->is_null())
      return at;
  }
  return nullptr;
}

std::string HfConfig::shown(const std::string &key) const {
  for (const std::string &name : split(key, '|'))
    if (auto flag = flags_.find(name); flag != flags_.end())
      return flag->second;
  for (const std::string &name : split(key, '|'))
    if (object_.contains(name))
      return "'" + name + "'";
  return "'" + split(key, '|').front() + "'";
}

void HfConfig::expect(const std::string &key, const std::string &what,
                      const Json &got) {
  refuse("expects " + shown(key) + " to be " + what + ", but got " +
         shownValue(got));
}

bool HfConfig::has(const std::string &key) { return find(key); }

bool HfConfig::isNull(const std::string &key) const {
  return object_.contains(key) && object_[key].is_null();
}

void HfConfig::demandObject(const std::string &key) {
  const Json *value = find(key);
  if (value && !value->is_object())
    expect(key, "an object", *value);
}

int64_t HfConfig::whole(const std::string &key, int64_t missing, int64_t least,
                        int64_t most) {
  const Json *value = find(key);
  if (!value)
    return missing;
  // A double may be whole, too, but not one beyond what is exact.
  if (value->is_number_integer()) {
    const bool big = value->is_number_unsigned() &&
                     value->get<uint64_t>() > uint64_t(INT64_MAX);
    if (!big && value->get<int64_t>() >= least && value->get<int64_t>() <= most)
      return value->get<int64_t>();
  }
  expect(key,
         "a whole number from " + std::to_string(least) + " to " +
             std::to_string(most),
         *value);
  return missing;
}

double HfConfig::number(const std::string &key, double missing, double least,
                        double most) {
  const Json *value = find(key);
  if (!value)
    return missing;
  if (value->is_number() && value->get<double>() >= least &&
      value->get<double>() <= most)
    return value->get<double>();
  expect(key, "a number from " + plain(least) + " to " + plain(most), *value);
  return missing;
}

double HfConfig::positive(const std::string &key, double missing) {
  const Json *value = find(key);
  if (!value)
    return missing;
  constexpr double kLeast = 1e-30, kMost = 1e30; // float32 has them
  if (value->is_number() && value->get<double>() >= kLeast &&
      value->get<double>() <= kMost)
    return value->get<double>();
  expect(key, "a positive number", *value);
  return missing;
}

double HfConfig::dropout(const std::string &key, double missing) {
  const Json *value = find(key);
  if (!value)
    return missing;
  if (value->is_number() && value->get<double>() >= 0 &&
      value->get<double>() < 1)
    return value->get<double>();
  expect(key, "at least 0 and below 1", *value);
  return missing;
}

bool HfConfig::flag(const std::string &key, bool missing) {
  const Json *value = find(key);
  if (!value)
    return missing;
  if (value->is_boolean())
    return value->get<bool>();
  expect(key, "true or false", *value);
  return missing;
}

std::string HfConfig::word(const std::string &key, const std::string &missing,
                           const std::vector<std::string> &words) {
  const Json *value = find(key);
  if (!value)
    return missing;
  if (!value->is_string()) {
    expect(key, "a string", *value);
    return missing;
  }
  const auto word = value->get<std::string>();
  if (words.empty() || std::ranges::find(words, word) != words.end())
    return word;
  expect(key, oneOf(words), *value);
  return missing;
}

std::vector<std::string> HfConfig::words(const std::string &key) {
  std::vector<std::string> words;
  const Json *value = find(key);
  if (!value)
    return words;
  if (!value->is_array()) {
    expect(key, "a list of strings", *value);
    return words;
  }
  for (const Json &word : *value) {
    if (!word.is_string())
      expect(key, "a list of strings", word);
    else
      words.push_back(word.get<std::string>());
  }
  return words;
}

int64_t HfConfig::entries(const std::string &key, int64_t missing) {
  const Json *value = find(key);
  if (!value)
    return missing;
  if (value->is_object() && !value->empty())
    return static_cast<int64_t>(value->size());
  expect(key, "an object with entries", *value);
  return missing;
}

void HfConfig::demand(const std::string &key, const nlohmann::json &only) {
  const Json *value = find(key);
  if (value && *value != Json(only))
    refuse("expects " + shown(key) + " to be " + shownValue(Json(only)) +
           ", the only value that is built, but got " + shownValue(*value));
}

void HfConfig::ignore(const std::vector<std::string> &keys) {
  asked_.insert(keys.begin(), keys.end());
}

void HfConfig::nameFlag(const std::string &key, const std::string &flag) {
  flags_[key] = flag;
}

void HfConfig::set(const std::string &key, const std::string &flag,
                   Json value) {
  nameFlag(key, flag);
  write(key, std::move(value));
}

void HfConfig::write(const std::string &key, Json value) {
  object_[key] = std::move(value);
}

std::vector<std::string> HfConfig::unasked() const {
  std::vector<std::string> keys;
  for (const auto &[key, value] : object_.items())
    if (!asked_.count(key) && !value.is_null())
      keys.push_back(key);
  return keys;
}

std::string HfConfig::text() const {
  return object_.dump(-1, ' ', /*ensure_ascii=*/true,
                      Json::error_handler_t::replace);
}

} // namespace ds
