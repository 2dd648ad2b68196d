//===- Measured.cpp - What a traced run measured --------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Measured.h"
#include "base/Files.h"
#include "base/JsonText.h"

#include <algorithm>

namespace ds::rt {
namespace {

using Json = nlohmann::json;
constexpr const char *kExpected = "a trace that ds-run --trace wrote";

/// A step of the trace, with its instructions.
struct Step {
  uint64_t number;
  double begin, length;
  std::vector<TimedInstr> line;
};

/// The whole steps of a rank; `instructions`: of its program.
StatusOr<std::vector<Step>> stepsOf(const Json &events, uint32_t rank,
                                    uint32_t instructions) {
  std::vector<Step> steps;
  bool whole = false;
  for (const Json &event : events) {
    if (event.at("ph") != "X" || event.at("pid") != rank + 1)
      continue;
    const Json args = event.value("args", Json::object());
    const double begin = event.at("ts"), length = event.at("dur");
    if (event.at("cat") == "step") {
      whole = !args.contains("unfinished") &&
              !args.contains("instructions_without_room");
      if (whole)
        steps.push_back({args.at("step"), begin, length, {}});
    } else if (whole && args.contains("instruction")) {
      const uint64_t number = args.at("instruction");
      if (number >= instructions)
        return inputError("instruction %llu is not one of the plan's %u",
                          (unsigned long long)number, instructions);
      const double start = begin - steps.back().begin;
      steps.back().line.push_back({uint32_t(number), start, start + length});
    }
  }
  return steps;
}

StatusOr<Measured> read(const Json &trace, const LoadedPlan &plan,
                        uint32_t rank) {
  const Json &about = trace.at("otherData");
  const std::string hash = format("%016llx", (unsigned long long)plan.hash());
  if (about.at("plan_hash") != hash)
    return inputError("it is of another plan, whose hash is %s and not %s: run "
                      "this one with --trace",
                      quotedName(about.at("plan_hash")).c_str(), hash.c_str());
  const auto &program =
      *plan.plan().programs()->Get(plan.plan().rank_programs()->Get(rank));
  const uint32_t count = instructionCount(program);
  auto steps = stepsOf(trace.at("traceEvents"), rank, count);
  if (!steps.ok())
    return steps.status();
  if (steps->size() > 1)
    steps->erase(steps->begin());
  if (steps->empty())
    return inputError("it has no whole step of rank %u: run more steps", rank);
  Measured measured{.entry = about.at("entry"),
                    .steps = steps->size(),
                    .micros = std::vector<double>(count),
                    .line = {},
                    .gbps = about.at("gbps").at(rank)};
  for (const Step &step : *steps)
    for (const TimedInstr &instr : step.line)
      measured.micros[instr.number] +=
          (instr.end - instr.begin) / double(steps->size());
  auto median = steps->begin() + std::ptrdiff_t(steps->size() - 1) / 2;
  std::ranges::nth_element(*steps, median, {}, &Step::length);
  measured.shown = median->number;
  measured.stepMicros = median->length;
  measured.line = std::move(median->line);
  return measured;
}

} // namespace

StatusOr<Measured> readTrace(const std::string &path, const LoadedPlan &plan,
                             uint32_t rank) {
  auto text = readText(path, "", kExpected);
  if (!text.ok())
    return text.status();
  const ParsedJson parsed = parseJsonObject(*text);
  if (!parsed.error.empty())
    return inputError("'%s' is malformed: %s; expected %s", path.c_str(),
                      parsed.error.c_str(), kExpected);
  StatusOr<Measured> measured = internalError("unread");
  try { // it speaks in exceptions
    measured = read(parsed.value, plan, rank);
  } catch (const Json::exception &error) {
    return inputError("'%s' is not %s: %s", path.c_str(), kExpected,
                      wordsOfJsonError(error.what()).c_str());
  }
  if (!measured.ok())
    return Status(measured.status().code(),
                  "'" + path + "': " + measured.status().message());
  return measured;
}

} // namespace ds::rt
