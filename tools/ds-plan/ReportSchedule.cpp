//===- ReportSchedule.cpp - The learning rate over the steps --------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Drawn from what the plan's own scalar instructions compute.
//===----------------------------------------------------------------------===//
#include "Report.h"
#include "plan/StepCurve.h"

#include <algorithm>
#include <cmath>

namespace ds::rt {
namespace {

constexpr int kWidth = 1000, kHeight = 160, kTop = 20, kMostPoints = 2000;

/// A line from step to step; each has its value at one place.
struct Curve {
  std::vector<std::pair<uint64_t, double>> points;
  double highest = 0;
  uint64_t last = 0; ///< Step at the right end.

  std::string path() const {
    std::string path;
    for (const auto &[step, value] : points) {
      const double x = kWidth * double(step) / double(last);
      const double y = kTop + kHeight * (1 - value / highest);
      path += format("%c%.6g %.6g", path.empty() ? 'M' : 'L',
                     std::round(x * 10) / 10, std::round(y * 10) / 10);
    }
    return path;
  }
};

/// A quarter more than the plan says is worth seeing.
Curve curveOf(const StepCurve &values, uint64_t steps) {
  Curve curve;
  curve.last = steps + std::max<uint64_t>(1, steps / 4);
  const uint64_t stride = curve.last / kMostPoints + 1;
  for (uint64_t step = 0; step <= curve.last; step += stride)
    curve.points.emplace_back(step, values.at(step));
  for (const auto &[step, value] : curve.points)
    curve.highest = std::max(curve.highest, std::isfinite(value) ? value : 0);
  return curve;
}

void draw(Html &html, const Curve &curve, const char *what) {
  html.put("<h2>%s</h2>\n<svg viewBox=\"0 0 %d %d\" role=img>\n", what, kWidth,
           kHeight + kTop + 20);
  html.put("<path class=axis d=\"M0 %dH%dM0 %dH%d\"/>\n", kTop, kWidth,
           kTop + kHeight, kWidth);
  html.put("<path class=roof d=\"%s\"><title>%s</title></path>\n",
           curve.path().c_str(), what);
  html.put("<text class=soft x=0 y=%d>%.6g</text>", kTop - 6, curve.highest);
  html.put("<text class=soft x=0 y=%d>step 0: %.6g</text>"
           "<text class=soft x=%d y=%d text-anchor=end>step %llu: %.6g</text>"
           "</svg>\n",
           kTop + kHeight + 14, curve.points.front().second, kWidth,
           kTop + kHeight + 14, (unsigned long long)curve.points.back().first,
           curve.points.back().second);
}

} // namespace

void reportSchedule(Html &html, const ReportSubject &subject) {
  const uint64_t steps = subject.loaded.plan().facts()->schedule_steps();
  if (steps == 0)
    return;
  for (const auto &[output, what] :
       {std::pair("lr", "Learning rate"), std::pair("momentum", "Momentum")})
    if (const auto values =
            StepCurve::of(subject.program, subject.entry, output))
      if (const Curve curve = curveOf(*values, steps); curve.highest > 0)
        draw(html, curve, what);
}

} // namespace ds::rt
