//===- HfConfig.h - A config.json, asked by key -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Nothing in the file is believed: every value is asked for with the type and
// the range that it must have.  The first fault is kept, and what is returned
// then is the default, so that a reader need not ask after each key.
//===--------------------------------------------------------------------===//
#ifndef DS_TOOLS_DSMODEL_HFCONFIG_H
#define DS_TOOLS_DSMODEL_HFCONFIG_H

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

namespace ds {

/// Most of what a model may have of anything: no product of three overflows.
constexpr int64_t kMostSize = int64_t{1} << 20;
/// Of what is counted once: a vocabulary, positions.
constexpr int64_t kMostRows = int64_t{1} << 24;

/// A key is a path, "rope_parameters.factor"; "n_embd|hidden_size" are two
/// names of one value.  A null is as good as an absent key.
class HfConfig {
public:
  /// Parses `text`; `file` is for messages.  See error().
  HfConfig(const std::string &text, std::string file);

  bool has(const std::string &key);
  /// Given as null, which for some keys is another value than nothing.
  bool isNull(const std::string &key) const;
  int64_t whole(const std::string &key, int64_t missing, int64_t least = 1,
                int64_t most = kMostSize);
  /// Of at least `least` and at most `most`.
  double number(const std::string &key, double missing, double least,
                double most);
  /// Above 0.
  double positive(const std::string &key, double missing);
  /// A probability of dropping.
  double dropout(const std::string &key, double missing);
  bool flag(const std::string &key, bool missing);
  /// One of `words`, unless these are empty.
  std::string word(const std::string &key, const std::string &missing,
                   const std::vector<std::string> &words = {});
  std::vector<std::string> words(const std::string &key);
  /// Refuses a key that is given and no object.
  void demandObject(const std::string &key);
  /// The number of entries of an object, such as 'id2label'.
  int64_t entries(const std::string &key, int64_t missing);

  /// Keeps `text` as the error, if it is the first one.
  void refuse(const std::string &text);
  /// Refuses what is given and is not `only`, which is all that is built.
  void demand(const std::string &key, const nlohmann::json &only);
  /// Keys that are known to change nothing in training.
  void ignore(const std::vector<std::string> &keys);

  /// As a flag has it: messages then name the flag.
  void set(const std::string &key, const std::string &flag,
           nlohmann::ordered_json value);
  /// Messages name this flag, though the value is not the flag's.
  void nameFlag(const std::string &key, const std::string &flag);
  /// What a message calls a key: its flag, or the key in quotes.
  std::string shown(const std::string &key) const;

  /// Changes what will be saved, not what was read.
  void write(const std::string &key, nlohmann::ordered_json value);
  void remove(const std::string &key) { object_.erase(key); }

  /// What is wrong; empty when nothing is.
  const std::string &error() const { return error_; }
  /// Keys of the file that nobody asked for.
  std::vector<std::string> unasked() const;
  /// The object on one line.
  std::string text() const;

private:
  const nlohmann::ordered_json *find(const std::string &key);
  void expect(const std::string &key, const std::string &what,
              const nlohmann::ordered_json &got);
  std::string file_, error_;
  nlohmann::ordered_json object_ = nlohmann::ordered_json::object();
  std::set<std::string> asked_;
  std::map<std::string, std::string> flags_;
};

} // namespace ds

#endif // DS_TOOLS_DSMODEL_HFCONFIG_H
