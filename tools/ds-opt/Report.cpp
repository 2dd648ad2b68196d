//===- Report.cpp - What the driver tells of its choice -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Report.h"
#include "ImportModel.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"

#include <nlohmann/json.hpp>

using Json = nlohmann::ordered_json;

namespace ds {

static std::string mib(uint64_t bytes) {
  std::string text;
  llvm::raw_string_ostream(text)
      << llvm::format("%.1f MiB", static_cast<double>(bytes) / (1 << 20));
  return text;
}

static std::string ms(std::optional<double> value) {
  std::string text;
  if (value)
    llvm::raw_string_ostream(text) << llvm::format("%.1f ms", *value);
  return text;
}

static void printTable(const Outcome &outcome, llvm::raw_ostream &os) {
  size_t width = 18;
  for (const Candidate &c : outcome.candidates)
    width = std::max(width, c.name.size());
  auto row = [&](llvm::StringRef name, llvm::StringRef planned,
                 llvm::StringRef predicted, llvm::StringRef measured,
                 llvm::StringRef fate) {
    os << llvm::left_justify(name, unsigned(width + 2))
       << llvm::right_justify(planned, 14) << llvm::right_justify(predicted, 14)
       << llvm::right_justify(measured, 14) << (fate.empty() ? "" : "  ")
       << fate << "\n";
  };
  row("candidate", "planned", "predicted", "measured", "");
  for (const Candidate &c : outcome.candidates)
    row(c.name, mib(c.deviceBytes), ms(c.predictedMs), ms(c.measuredMs),
        c.droppedBecause.empty() ? "chosen" : c.droppedBecause);
}

void setRecipe(plan::FactsT &facts, mlir::ModuleOp model,
               const Recipe &recipe) {
  facts.optimizer = describeUpdate(model, recipe);
  facts.schedule = describeSchedules(recipe);
  int64_t steps = recipe.rate.end();
  if (recipe.momentum)
    steps = std::max(steps, recipe.momentum->end());
  facts.schedule_steps = static_cast<uint64_t>(steps);
}

/// Why the search took the winner's precision, where there was a choice.
static void printPrecision(const Outcome &outcome, const Candidate &winner,
                           llvm::raw_ostream &os) {
  auto precisionOf = [](const Candidate &c) -> const std::string & {
    return c.options.recipe.precision.compute;
  };
  const Candidate *other = nullptr; // the best of the other precision
  for (const Candidate &c : outcome.candidates) {
    if (precisionOf(c) == precisionOf(winner))
      continue;
    if (!other || std::pair(!c.fits, c.predictedMs) <
                      std::pair(!other->fits, other->predictedMs))
      other = &c;
  }
  if (!other)
    return;
  os << "precision " << precisionOf(winner) << ": " << precisionOf(*other);
  if (!other->fits)
    os << " needs " << mib(other->deviceBytes)
       << " per rank, more than the limit\n";
  else if (winner.measuredMs && other->measuredMs)
    os << " was measured at " << ms(other->measuredMs) << " per step ("
       << other->name << ")\n";
  else
    os << " is predicted to take " << ms(other->predictedMs) << " per step ("
       << other->name << ")\n";
}

void printOutcome(const Outcome &outcome, const Candidate &winner,
                  llvm::raw_ostream &os) {
  const plan::PlanT &plan = winner.draft->plan;
  const plan::FactsT &facts = *plan.facts;
  const plan::ArenaT &arena = *winner.draft->program().arenas.front();
  if (outcome.candidates.size() > 1)
    printTable(outcome, os);
  printPrecision(outcome, winner, os);
  if (!outcome.notTimed.empty())
    os << "not timed, but predicted: " << outcome.notTimed << "\n";
  os << outcome.plan << ": ZeRO-" << facts.zero_stage << ", world "
     << plan.world << ", micro-batch " << facts.micro_batch << ", accumulation "
     << facts.grad_accum
     << (facts.precision == "f32" ? "" : ", " + facts.precision) << ", remat "
     << facts.remat << "; " << facts.optimizer
     << (facts.schedule == "constant" ? "" : ", " + facts.schedule) << "\n"
     << "planned " << mib(arena.bytes) << " per rank (lower bound "
     << mib(arena.lower_bound_bytes) << "), predicted "
     << ms(winner.predictedMs) << " per step";
  if (winner.measuredMs)
    os << ", measured " << ms(winner.measuredMs);
  os << llvm::format("; compiled in %.2f s", outcome.compileMs / 1e3);
  if (outcome.tuneMs > 0)
    os << llvm::format(", timed in %.1f s", outcome.tuneMs / 1e3);
  os << "\n";
}

std::vector<ConfigOrigin> found(const Outcome &outcome,
                                const Candidate &winner) {
  const plan::FactsT &facts = *winner.draft->plan.facts;
  const std::string from = outcome.candidates.size() > 1 ? "tuner" : "default";
  auto text = [](uint64_t value) { return std::to_string(value); };
  return {
      {"train_batch_size", text(facts.global_batch), from},
      {"train_micro_batch_size_per_gpu", text(facts.micro_batch), from},
      {"gradient_accumulation_steps", text(facts.grad_accum), from},
      {"zero_optimization.stage", text(facts.zero_stage), from},
      {"activation_checkpointing", "--remat=" + facts.remat, from},
  };
}

static Json arenasOf(const PlanDraft &draft) {
  Json arenas = Json::array();
  for (uint32_t rank = 0; rank < draft.plan.world; ++rank)
    for (const auto &arena : draft.program().arenas)
      arenas.push_back({{"rank", rank},
                        {"space", plan::EnumNameSpace(arena->space)},
                        {"bytes", arena->bytes},
                        {"lower_bound_bytes", arena->lower_bound_bytes}});
  return arenas;
}

std::string outcomeJson(const Outcome &outcome, const Candidate &winner) {
  const plan::PlanT &plan = winner.draft->plan;
  const plan::FactsT &facts = *plan.facts;
  Json json = {{"zero_stage", facts.zero_stage},
               {"world", plan.world},
               {"micro_batch", facts.micro_batch},
               {"grad_accum", facts.grad_accum},
               {"precision", facts.precision},
               {"remat", facts.remat},
               {"optimizer", facts.optimizer},
               {"schedule", facts.schedule},
               {"predicted_step_ms", winner.predictedMs},
               {"compile_ms", outcome.compileMs},
               {"tune_ms", outcome.tuneMs},
               {"arenas", arenasOf(*winner.draft)}};
  json["candidates"] = Json::array();
  for (const Candidate &c : outcome.candidates) {
    Json row = {{"name", c.name},         {"fits", c.fits},
                {"bytes", c.deviceBytes}, {"predicted_ms", c.predictedMs},
                {"measured_ms", nullptr}, {"dropped_because", nullptr}};
    if (c.measuredMs)
      row["measured_ms"] = *c.measuredMs;
    if (!c.droppedBecause.empty())
      row["dropped_because"] = c.droppedBecause;
    json["candidates"].push_back(row);
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

} // namespace ds
