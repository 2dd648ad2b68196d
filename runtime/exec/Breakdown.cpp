//===- Breakdown.cpp - A run's bytes and time by what they are for ------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "exec/Breakdown.h"

#include <algorithm>
#include <map>

namespace ds::rt {

/// "at the peak: activation 34.50 MiB, gradient 968.00 KiB", of what is not
/// persistent.
static std::string peakNote(const plan::Program &program) {
  LiveBytes peak = peakBytes(program, 0);
  for (const auto *buffer : *program.buffers())
    if (buffer->persistent() && buffer->alias_of() < 0 && buffer->arena() == 0)
      peak.bytes[size_t(buffer->kind())] -= buffer->bytes();
  std::vector<std::pair<uint64_t, const char *>> parts;
  for (size_t kind = 0; kind < peak.bytes.size(); ++kind)
    if (peak.bytes[kind] > 0)
      parts.push_back({peak.bytes[kind],
                       plan::EnumNameBufferClass(plan::BufferClass(kind))});
  std::sort(parts.rbegin(), parts.rend());
  std::string note;
  for (const auto &[bytes, name] : parts)
    note += (note.empty() ? "at the peak: " : ", ") + std::string(name) + " " +
            formatBytes(bytes);
  return note;
}

std::vector<PartReport> memoryParts(const plan::Program &program,
                                    const Backend &backend) {
  std::map<plan::BufferClass, PartReport> parts;
  PartReport rest{"temporary", 0, 0, peakNote(program)};
  for (uint32_t i = 0; i < program.arenas()->size(); ++i) {
    const uint64_t bytes = program.arenas()->Get(i)->bytes();
    rest.planned += double(bytes);
    rest.measured += double(backend.residentBytes(i, 0, bytes));
  }
  for (const auto *buffer : *program.buffers()) {
    if (!buffer->persistent() || buffer->alias_of() >= 0)
      continue;
    PartReport &part =
        parts
            .try_emplace(
                buffer->kind(),
                PartReport{plan::EnumNameBufferClass(buffer->kind()), 0, 0, ""})
            .first->second;
    const double bytes = double(buffer->bytes());
    const double resident = double(backend.residentBytes(
        buffer->arena(), buffer->offset(), buffer->bytes()));
    part.planned += bytes, part.measured += resident;
    rest.planned -= bytes, rest.measured -= resident;
  }
  std::vector<PartReport> all;
  for (auto &[kind, part] : parts)
    all.push_back(std::move(part));
  all.push_back(std::move(rest));
  return all;
}

void StepTimes::add(double ms, const std::array<double, kWorks> &seconds) {
  Step step{ms, {}};
  for (size_t i = 0; i < kWorks; ++i)
    step.workMs[i] = float(seconds[i] * 1e3);
  if (steps_.empty())
    steps_.reserve(kMost);
  if (steps_.size() < kMost)
    steps_.push_back(step);
  else
    steps_[count_ % kMost] = step;
  ++count_;
}

template <typename Value> double StepTimes::median(Value value) const {
  if (steps_.empty())
    return 0;
  std::vector<double> all;
  for (const Step &step : steps_)
    all.push_back(value(step));
  auto middle = all.begin() + std::ptrdiff_t(all.size() - 1) / 2;
  std::nth_element(all.begin(), middle, all.end());
  return *middle;
}

double StepTimes::medianMs() const {
  return median([](const Step &step) { return step.ms; });
}

std::vector<PartReport> StepTimes::parts(const PlannedWork &work) const {
  std::vector<PartReport> all;
  for (size_t i = 0; i < kWorks; ++i) {
    const double measured =
        median([i](const Step &step) { return double(step.workMs[i]); });
    if (work.ms[i] > 0 || measured > 0)
      all.push_back({nameOf(Work(i)), work.ms[i], measured, ""});
  }
  all.push_back({"inputs, outputs", work.otherMs, median([](const Step &step) {
                   double rest = step.ms;
                   for (float part : step.workMs)
                     rest -= double(part);
                   return rest;
                 }),
                 ""});
  return all;
}

} // namespace ds::rt
