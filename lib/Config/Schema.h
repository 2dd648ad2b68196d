//===- Schema.h - The keys of ds_config.json ----------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each key of DeepSpeed's file, and of ours, is a row: its path, what its value
// may be, DeepSpeed's default, what becomes of it here and why, what it is, and
// where in Config it goes.  All else that is said about keys (reading,
// defaults, help, the reference page, the JSON schema) follows from the rows.
//
// To honour a key that is refused: change its row's effect, give it a field.
//===--------------------------------------------------------------------===//
#ifndef DS_LIB_CONFIG_SCHEMA_H
#define DS_LIB_CONFIG_SCHEMA_H

#include "ds/Config/Config.h"

#include <limits>
#include <span>
#include <string_view>
#include <variant>

namespace ds {

//===--------------------------------------------------------------------===//
// What a value may be
//===--------------------------------------------------------------------===//

struct Range {
  double least = 0, most = 0;
  bool openLeast = false, openMost = false; ///< The end itself is refused.

  constexpr bool contains(double value) const {
    return (openLeast ? value > least : value >= least) &&
           (openMost ? value < most : value <= most);
  }
};

enum class Type {
  Bool,
  Int, ///< 5e8 is one, too.
  Number,
  Word, ///< One of some words.
  Text,
  Pair, ///< A list of two numbers.
  List,
  Section,
  Alias, ///< Of another key.
  Any,
};

struct Kind {
  Type type = Type::Any;
  const char *text = ""; ///< "expects ... to be <text>"; empty: the words.
  Range range = {};
  const char *words = ""; ///< "a|b"; of an alias, the key that it is.
  const char *later = ""; ///< Words that DeepSpeed has and we have not yet.
  bool anyCase = false;   ///< Of letters, in `words`.
  const char *gate = "";  ///< The member that turns a section on.
  bool strict = false;    ///< A section in which DeepSpeed refuses strangers.
};

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kMostCount = 2147483648.0;
constexpr double kMostInt = 9007199254740992.0; // 2^53, exact in a double

constexpr Kind kBool{Type::Bool, "true or false"};
constexpr Kind kCount{
    Type::Int, "a whole number from 1 to 2147483648", {1, kMostCount}};
constexpr Kind kCountOrZero{
    Type::Int, "a whole number from 0 to 2147483648", {0, kMostCount}};
constexpr Kind kWhole{Type::Int, "a whole number of at least 0", {0, 1.0e19}};
constexpr Kind kInt{Type::Int, "a whole number", {-kMostInt, kMostInt}};
constexpr Kind kRate{
    Type::Number, "a number of at least 0", {0, kInfinity, false, true}};
constexpr Kind kPositive{
    Type::Number, "a positive number", {0, kInfinity, true, true}};
constexpr Kind kNumber{
    Type::Number, "a number", {-kInfinity, kInfinity, true, true}};
constexpr Kind kBetas{
    Type::Pair, "a list of two numbers in [0, 1)", {0, 1, false, true}};
constexpr Kind kText{Type::Text, "a string"};
constexpr Kind kList{Type::List, "a list [...]"};
constexpr Kind kAny{};
constexpr Kind kSection{Type::Section, "an object {...}"};

/// One of "a|b".
constexpr Kind words(const char *all, const char *later = "",
                     bool anyCase = false) {
  return {Type::Word, "", {}, all, later, anyCase};
}
/// A section that does nothing unless `gate` is true in it.
constexpr Kind sectionIf(const char *gate) {
  Kind kind = kSection;
  kind.gate = gate;
  return kind;
}
constexpr Kind strict(Kind section) {
  section.strict = true;
  return section;
}
constexpr Kind aliasOf(const char *path) { return {Type::Alias, "", {}, path}; }

//===--------------------------------------------------------------------===//
// What becomes of it
//===--------------------------------------------------------------------===//

enum class Effect {
  Inherited, ///< What becomes of the section.
  Honoured,
  Mapped,  ///< Something of ours does it.
  Ignored, ///< Computes the same without it.
  Refused, ///< Any value but the default would change what is computed.
};

struct Fate {
  Effect effect = Effect::Inherited;
  const char *why = ""; ///< "because ..."; empty for honoured ones.
};

constexpr Fate inherited{};
constexpr Fate honoured{Effect::Honoured};
constexpr Fate mapped(const char *what) { return {Effect::Mapped, what}; }
constexpr Fate ignored(const char *why) { return {Effect::Ignored, why}; }
constexpr Fate refused(const char *why) { return {Effect::Refused, why}; }

//===--------------------------------------------------------------------===//
// Where it goes
//===--------------------------------------------------------------------===//

template <typename Value> using Slot = std::optional<Value> &(*)(Config &);

using Field =
    std::variant<std::monostate, Slot<bool>, Slot<int64_t>, Slot<double>,
                 Slot<std::string>, Slot<std::array<double, 2>>>;

/// The field that is reached by `members` from a Config.
template <auto... Members>
constexpr auto at = +[](Config &c) -> auto & { return (c.*....*Members); };

/// The same in the last parameter group.
template <auto Member>
constexpr auto inGroup =
    +[](Config &c) -> auto & { return c.groups.back().*Member; };

//===--------------------------------------------------------------------===//
// The rows
//===--------------------------------------------------------------------===//

struct Key {
  const char *path; ///< "a.b"; "*" is any name, "[]" each element of a list.
  Kind kind;
  const char *standard = ""; ///< DeepSpeed's default as JSON; empty: none.
  Fate fate = {};
  const char *doc = ""; ///< One sentence, without a full stop.
  Field field = {};
  const char *types = "";    ///< "a|b" of the section's `type` that have it.
  const char *required = ""; ///< Those that need it.
};

/// All keys, a section before what is in it.
const std::vector<Key> &configKeys();
/// The row of a path in which members that may have any name are "*".
const Key *findKey(std::string_view path);
/// What becomes of a key: its own fate, or the nearest section's.
Fate fateOf(const Key &key);

/// "a|b" as a list.
std::vector<std::string> split(const char *words);
/// "a", "a or b", "a, b or c"
std::string either(const std::vector<std::string> &words);
/// What `kind` expects, in words.
std::string expected(const Kind &kind);

// One list per topic, each in a file of its name.
std::span<const Key> generalKeys();
std::span<const Key> optimizerKeys();
std::span<const Key> schedulerKeys();
std::span<const Key> precisionKeys();
std::span<const Key> zeroKeys();
std::span<const Key> otherKeys();
std::span<const Key> methodKeys();

} // namespace ds

#endif // DS_LIB_CONFIG_SCHEMA_H
