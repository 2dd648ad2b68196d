//===- JsonLog.cpp - ds-run --json --------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Observers.h"

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

namespace ds::rt {
namespace {

using Json = nlohmann::ordered_json;

Json arenasJson(const std::vector<ArenaReport> &arenas) {
  Json list = Json::array();
  for (const ArenaReport &arena : arenas)
    list.push_back({{"rank", arena.rank},
                    {"space", plan::EnumNameSpace(arena.space)},
                    {"planned_bytes", arena.plannedBytes},
                    {"measured_bytes", arena.measuredBytes}});
  return list;
}

/// {"products": {"planned_ms": .., "measured_ms": ..}, ...}
template <typename Number>
Json partsJson(const std::vector<PartReport> &parts, const std::string &unit) {
  Json object = Json::object();
  for (const PartReport &part : parts)
    object[part.name] = {{"planned_" + unit, Number(part.planned)},
                         {"measured_" + unit, Number(part.measured)}};
  return object;
}

class JsonLogFile : public JsonLog {
public:
  JsonLogFile(std::FILE *file, std::string path)
      : file_(file), path_(std::move(path)) {}
  ~JsonLogFile() override {
    if (file_ != stdout)
      std::fclose(file_);
  }

  void onStart(const StartReport &report) override {
    Json line = {{"event", "start"},
                 {"world", report.world},
                 {"startup_ms", report.startupMs},
                 {"initial_values_ms", report.initialValuesMs},
                 {"first_step", report.firstStep},
                 {"arenas", arenasJson(report.arenas)}};
    if (!report.libraryBytes.empty())
      line["library_bytes"] = report.libraryBytes;
    if (!report.binding.empty())
      line["bound_to"] = report.binding;
    write(line);
  }

  void onStep(const StepReport &report) override {
    Json line = {{"event", "step"}, {"step", report.step}};
    for (const auto &[name, value] : report.outputs)
      if (name == "skipped")
        line[name] = value != 0;
      else if (name != "loss_scale_exhausted") // ends the run, with an error
        line[name] = value;
    line["step_ms"] = report.stepMs;
    line["tokens_per_s"] = report.tokensPerSecond;
    write(line);
  }

  void onSaved(const std::string &folder, uint64_t step) override {
    write({{"event", "save"}, {"folder", folder}, {"step", step}});
  }

  void onEnd(const EndReport &report) override {
    Json line = {{"event", "end"},
                 {"steps", report.steps},
                 {"median_step_ms", report.medianStepMs},
                 {"predicted_step_ms", report.predictedStepMs},
                 {"peak_rss_bytes", report.peakRssBytes},
                 {"arenas", arenasJson(report.arenas)},
                 {"memory", partsJson<uint64_t>(report.memory, "bytes")},
                 {"time", partsJson<double>(report.time, "ms")}};
    for (const ProfileRow &row : report.profile)
      line["profile"].push_back({{"what", row.what},
                                 {"calls", row.calls},
                                 {"ms", row.ms},
                                 {"planned_ms", row.plannedMs},
                                 {"limit_ms", row.limitMs},
                                 {"flops", row.flops},
                                 {"bytes", row.bytes}});
    if (!report.profile.empty())
      line["limits"] = {{"gflops", report.limits.gflops},
                        {"gbps", report.limits.gbps}};
    char hash[17];
    std::snprintf(hash, sizeof(hash), "%016llx",
                  (unsigned long long)report.stateHash.value_or(0));
    line["state_hash"] = hash;
    write(line);
  }

  Status status() const override {
    return error_ == 0 ? Status()
                       : inputError("cannot write --json=%s: %s", path_.c_str(),
                                    std::strerror(error_));
  }

private:
  void write(const Json &line) {
    std::string text =
        line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    errno = 0;
    if (std::fwrite(text.data(), 1, text.size(), file_) != text.size() ||
        std::fflush(file_) != 0)
      error_ = error_ ? error_ : errno;
  }
  std::FILE *file_;
  std::string path_;
  int error_ = 0; ///< Of the first line that was lost.
};

} // namespace

StatusOr<std::unique_ptr<JsonLog>> makeJsonLog(const std::string &path) {
  std::FILE *file = path == "-" ? stdout : std::fopen(path.c_str(), "we");
  if (!file)
    return inputError("cannot write --json=%s: %s", path.c_str(),
                      std::strerror(errno));
  return std::unique_ptr<JsonLog>(std::make_unique<JsonLogFile>(file, path));
}

} // namespace ds::rt
