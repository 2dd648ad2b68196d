//===- Explain.cpp - The effective configuration ------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Config/Explain.h"
#include "Schema.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

using nlohmann::json;

namespace ds {
namespace {

struct Line {
  std::string key, value, from, effect;
};

std::string describe(const Fate &fate) {
  switch (fate.effect) {
  case Effect::Mapped:
    return std::string("mapped: ") + fate.why;
  case Effect::Ignored:
    return std::string("ignored: ") + fate.why;
  case Effect::Refused:
    return std::string("refused: ") + fate.why;
  default:
    return "honoured";
  }
}

/// What Hugging Face makes of "auto", by the model's width.
std::string automatic(const std::string &path, const ConfigFacts &facts) {
  if (!facts.hiddenSize)
    return "";
  const double h = double(*facts.hiddenSize);
  const std::string zero = "zero_optimization.";
  const double value =
      path == zero + "reduce_bucket_size"                   ? h * h
      : path == zero + "stage3_prefetch_bucket_size"        ? 0.9 * h * h
      : path == zero + "stage3_param_persistence_threshold" ? 10 * h
                                                            : 0;
  return value > 0 ? json(static_cast<int64_t>(value)).dump() : "";
}

class Explanation {
public:
  Explanation(const Config &config, const std::string &file,
              const std::vector<ConfigOrigin> &origins,
              const ConfigFacts &facts, bool all)
      : config(config), file(file), origins(origins), facts(facts), all(all) {}

  std::string print() {
    for (const Key &key : configKeys())
      addKey(key);
    std::string text = table();
    if (hidden > 0)
      text += std::to_string(hidden) +
              " keys that are not given have no effect; "
              "--explain-config=all shows them\n";
    return text;
  }

private:
  bool isPattern(const Key &key) const {
    return std::string_view(key.path).find_first_of("*[") !=
           std::string_view::npos;
  }

  void addKey(const Key &key) {
    if (key.kind.type == Type::Alias)
      return;
    if (isPattern(key)) {
      for (const ConfigEntry &entry : config.entries)
        if (entry.pattern == key.path && entry.value != "{...}")
          addEntry(key, entry);
      return;
    }
    const ConfigEntry *entry = config.find(key.path);
    if (const ConfigOrigin *origin = originOf(key.path))
      return addOrigin(key, *origin, entry);
    if (key.kind.type == Type::Section && !(entry && entry->automatic))
      return addSummary(key);
    if (entry)
      return addEntry(key, *entry);
    addDefault(key);
  }

  const ConfigOrigin *originOf(const std::string &path) const {
    auto at = std::ranges::find(origins.rbegin(), origins.rend(), path,
                                &ConfigOrigin::path);
    return at == origins.rend() ? nullptr : &*at;
  }

  std::string placeOf(const ConfigEntry &entry) const {
    return file + ":" + std::to_string(entry.line);
  }

  void addOrigin(const Key &key, const ConfigOrigin &origin,
                 const ConfigEntry *entry) {
    std::string from = origin.from;
    if (entry)
      from += (entry->automatic ? " for " : " over ") + entry->value + " of " +
              placeOf(*entry);
    lines.push_back({key.path, origin.value, from, describe(fateOf(key))});
  }

  void addEntry(const Key &key, const ConfigEntry &entry) {
    const Fate fate = fateOf(key);
    std::string effect =
        entry.off ? "none: its section is off"
        : fate.effect == Effect::Refused
            ? std::string("none; other values are refused: ") + fate.why
            : describe(fate);
    if (!entry.automatic)
      return lines.push_back({entry.path, entry.value, placeOf(entry), effect});
    std::string value = automatic(key.path, facts);
    std::string from = entry.value + " of " + placeOf(entry);
    if (value.empty()) {
      value = *key.standard ? key.standard : "-";
      from = "default for " + from;
    } else {
      from = "model's width for " + from;
    }
    lines.push_back({entry.path, value, from, effect});
  }

  /// Optimizer and schedule in one line each, where no key says so.
  void addSummary(const Key &key) {
    if (config.find(key.path))
      return;
    const Recipe recipe = config.recipe();
    const std::string path = key.path;
    if (path == "optimizer")
      lines.push_back({path, describeOptimizer(recipe), "default", "honoured"});
    if (path == "scheduler")
      lines.push_back({path, describeSchedules(recipe), "default", "honoured"});
  }

  void addDefault(const Key &key) {
    const bool works =
        *key.standard && fateOf(key).effect == Effect::Honoured && isPart(key);
    if (works || all)
      lines.push_back({key.path, *key.standard ? key.standard : "-", "default",
                       works ? "honoured" : describe(fateOf(key))});
    else
      ++hidden;
  }

  /// Whether a key that is not given belongs to what is on.
  bool isPart(const Key &key) const {
    const std::string path = key.path;
    const std::string section = path.substr(0, path.find('.'));
    if (section == path)
      return true;
    const auto &type = section == "optimizer"   ? config.optimizer.type
                       : section == "scheduler" ? config.scheduler.type
                                                : std::nullopt;
    if (section == "optimizer" || section == "scheduler") {
      const auto types = split(key.types);
      return type && (types.empty() || std::ranges::count(types, *type) > 0);
    }
    const Key *row = findKey(section);
    const ConfigEntry *gate = row && *row->kind.gate
                                  ? config.find(section + "." + row->kind.gate)
                                  : nullptr;
    return !row || !*row->kind.gate || (gate && gate->value == "true");
  }

  std::string table() const {
    const size_t value = width(&Line::key, 72) + 2;
    const size_t from = value + width(&Line::value, 24) + 2;
    const size_t effect = from + width(&Line::from, 40) + 2;
    std::string text;
    for (const Line &line : lines) {
      std::string row = line.key;
      for (auto [column, word] :
           {std::pair(value, line.value), std::pair(from, line.from),
            std::pair(effect, line.effect)})
        row += std::string(row.size() + 2 < column ? column - row.size() : 2,
                           ' ') +
               word;
      text += row + "\n";
    }
    return text;
  }

  /// The widest of a column; longer ones than `most` do not count.
  size_t width(std::string Line::*column, size_t most) const {
    size_t widest = 0;
    for (const Line &line : lines)
      if ((line.*column).size() <= most)
        widest = std::max(widest, (line.*column).size());
    return widest;
  }

  const Config &config;
  const std::string &file;
  const std::vector<ConfigOrigin> &origins;
  const ConfigFacts &facts;
  const bool all;
  std::vector<Line> lines;
  size_t hidden = 0;
};

} // namespace

std::optional<int64_t> hiddenSizeOf(const std::string &hfConfig) {
  const json config = json::parse(hfConfig, nullptr, false);
  for (const char *name : {"hidden_size", "n_embd", "d_model"})
    if (config.is_object() && config.contains(name) &&
        config[name].is_number_integer())
      return config[name].get<int64_t>();
  return std::nullopt;
}

std::string explainConfig(const Config &config, const std::string &file,
                          const std::vector<ConfigOrigin> &origins,
                          const ConfigFacts &facts, bool all) {
  return Explanation(config, file, origins, facts, all).print();
}

} // namespace ds
