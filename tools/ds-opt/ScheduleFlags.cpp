//===- ScheduleFlags.cpp - A learning-rate schedule by flags --------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A line up to --lr, --lr itself, and a decay to --min-lr: each part may be
// left out.
//===----------------------------------------------------------------------===//

#include "Options.h"

#include <cmath>
#include <cstdio>

namespace ds {
namespace {

constexpr int64_t kMost = int64_t{1} << 31;

int fail(const std::string &message) {
  std::fprintf(stderr, "ds-opt: error: %s\n", message.c_str());
  return 2;
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%g", value);
  return text;
}

/// How --schedule decays; hold: it does not.
Curve curveOf(const DriverOptions &o) {
  if (o.schedule.empty())
    return o.decaySteps ? Curve::cosine : Curve::hold;
  return o.schedule == "linear"       ? Curve::linear
         : o.schedule == "cosine"     ? Curve::cosine
         : o.schedule == "polynomial" ? Curve::power
         : o.schedule == "wsd"        ? Curve::root
                                      : Curve::hold;
}

/// That the flags go together.
std::optional<int> checkFlags(const DriverOptions &o, Curve curve) {
  if (curve != Curve::hold && !o.decaySteps)
    return fail("--schedule=" + o.schedule + " decays; add --decay-steps");
  if (o.schedule == "wsd" && !o.stableSteps)
    return fail("--schedule=wsd stays at --lr for a while; add --stable-steps");
  if (curve == Curve::hold && !o.schedule.empty() && o.decaySteps)
    return fail("--schedule=constant does not decay; drop --decay-steps, or "
                "use --schedule=cosine");
  if (o.minLr && curve == Curve::hold)
    return fail("--min-lr is where the decay ends; add --decay-steps");
  if (o.stableSteps && curve == Curve::hold)
    return fail("--stable-steps come before the decay; add --decay-steps");
  if (o.decayPower && curve != Curve::power)
    return fail("--decay-power is of a polynomial; add --schedule=polynomial");
  return std::nullopt;
}

std::optional<int> checkNumbers(const DriverOptions &o, double peak) {
  const int64_t warmup = o.warmupSteps.value_or(0),
                stable = o.stableSteps.value_or(0);
  for (auto [flag, value] : {std::pair("--warmup-steps", warmup),
                             std::pair("--stable-steps", stable)})
    if (value < 0 || value > kMost)
      return fail("expects " + std::string(flag) + " from 0 to " +
                  std::to_string(kMost) + ", but got " + std::to_string(value));
  if (o.decaySteps &&
      (*o.decaySteps <= warmup + stable || *o.decaySteps > kMost))
    return fail(
        "expects --decay-steps above the " + std::to_string(warmup) +
        " steps of the warm-up" +
        (stable ? " and the " + std::to_string(stable) + " stable ones" : "") +
        " and at most " + std::to_string(kMost) + ", but got " +
        std::to_string(*o.decaySteps));
  if (o.minLr && !(*o.minLr >= 0 && *o.minLr <= peak))
    return fail("expects --min-lr from 0 to the learning rate " + number(peak) +
                ", but got " + number(*o.minLr));
  if (o.decayPower && !(*o.decayPower > 0 && std::isfinite(*o.decayPower)))
    return fail("expects --decay-power to be a positive number, but got " +
                number(*o.decayPower));
  return std::nullopt;
}

} // namespace

std::optional<int> settleSchedule(const DriverOptions &o, Schedule &schedule) {
  const Curve curve = curveOf(o);
  const double peak = schedule.peak();
  if (std::optional<int> code = checkFlags(o, curve))
    return code;
  if (std::optional<int> code = checkNumbers(o, peak))
    return code;
  const int64_t warmup = o.warmupSteps.value_or(0);
  const int64_t begin = warmup + o.stableSteps.value_or(0);
  schedule.pieces.clear();
  if (warmup > 0)
    schedule.pieces.push_back(
        {.begin = -1, .curve = Curve::linear, .to = peak, .steps = warmup});
  if (curve != Curve::hold)
    schedule.pieces.push_back({.begin = begin,
                               .curve = curve,
                               .from = peak,
                               .to = o.minLr.value_or(0),
                               .steps = *o.decaySteps - begin,
                               .factor = o.decayPower.value_or(2)});
  if (schedule.pieces.empty())
    schedule = Schedule::constant(peak);
  return std::nullopt;
}

} // namespace ds
