//===- ReportTimes.cpp - Predicted beside measured, and the roofline ------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Rows are instructions that do the same, in one run of the entry.
//===----------------------------------------------------------------------===//
#include "Report.h"

#include <algorithm>
#include <cmath>

namespace ds::rt {
namespace {

constexpr int kWidth = 1000, kHeight = 420, kLeft = 60, kBottom = 30;

std::string ms(double value) { return format("%.4f", value); }
std::string rate(double amount, double milliseconds) {
  return milliseconds > 0 && amount > 0
             ? format("%.4g", amount / milliseconds * 1e-6)
             : "-";
}
/// "1.08"; "-" where one of both is nothing.
std::string ratio(double measured, double planned) {
  return measured > 0 && planned > 0 ? format("%.2f", measured / planned) : "-";
}

void heading(Html &html, const char *id, bool measured, bool rates) {
  html.put("<table id=%s><tr><th>what<th class=n>calls<th class=n>predicted ms",
           id);
  if (measured)
    html.put("<th class=n>measured ms<th class=n>measured / predicted");
  html.put("%s\n", rates ? "<th class=n>GFLOP/s<th class=n>GB/s" : "");
}

void row(Html &html, const ReportSubject &subject, const ReportRow &row,
         bool rates) {
  html.put("<tr><td>%s<td class=n>%.6g<td class=n>%s",
           escaped(row.what).c_str(), row.calls, ms(row.plannedMs).c_str());
  if (subject.measured)
    html.put("<td class=n>%s<td class=n>%s", ms(row.measuredMs).c_str(),
             ratio(row.measuredMs, row.plannedMs).c_str());
  const double time = row.ms(subject.measured);
  if (rates)
    html.put("<td class=n>%s<td class=n>%s", rate(row.flops, time).c_str(),
             rate(row.bytes, time).c_str());
  html.put("\n");
}

/// The sums by work, as at the end of a run.
void works(Html &html, const ReportSubject &subject,
           const std::vector<ReportRow> &rows) {
  std::array<ReportRow, kWorks> sums;
  ReportRow all{.what = "all", .work = {}};
  for (const ReportRow &row : rows) {
    if (!row.work)
      continue;
    for (ReportRow *sum : {&sums[size_t(*row.work)], &all}) {
      sum->calls += row.calls, sum->plannedMs += row.plannedMs;
      sum->measuredMs += row.measuredMs;
      sum->flops += row.flops, sum->bytes += row.bytes;
    }
  }
  heading(html, "works", subject.measured, true);
  for (size_t i = 0; i < kWorks; ++i) {
    sums[i].what = nameOf(Work(i));
    if (sums[i].calls > 0)
      row(html, subject, sums[i], true);
  }
  row(html, subject, all, true);
  html.put("</table>\n");
}

/// The rows that differ most from their prediction, or the longest.
void worst(Html &html, const ReportSubject &subject,
           std::vector<ReportRow> rows) {
  if (subject.measured)
    std::ranges::sort(rows, {}, [](const ReportRow &row) {
      return std::pair(-std::abs(row.measuredMs - row.plannedMs), row.what);
    });
  std::erase_if(rows, [](auto &row) { return !row.work; });
  html.put("<h2>%s</h2>\n", subject.measured
                                ? "The ten that miss their prediction by most"
                                : "The ten predicted longest");
  heading(html, "worst", subject.measured, false);
  for (size_t i = 0; i < std::min<size_t>(rows.size(), 10); ++i)
    row(html, subject, rows[i], false);
  html.put("</table>\n");
}

/// A logarithmic scale from a power of ten to another.
struct Scale {
  double low = 1e300, high = 0;
  void add(double value) {
    low = std::min(low, value), high = std::max(high, value);
  }
  void round() {
    low = std::pow(10, std::floor(std::log10(low)));
    high = std::pow(10, std::ceil(std::log10(high) + 1e-9));
  }
  /// Where a value lies, in [0, 1].
  double at(double value) const {
    return std::log(value / low) / std::log(high / low);
  }
};

struct Roofline {
  double gflops = 0, gbps = 0; ///< The roofs; 0: none is known.
  Scale intensity, speed;
  double x(double value) const {
    return kLeft + (kWidth - kLeft) * intensity.at(value);
  }
  double y(double value) const { return kHeight * (1 - speed.at(value)); }
};

/// Kernels and products that compute: the others have no intensity.
bool isPoint(const ReportRow &row) { return row.flops > 0 && row.bytes > 0; }

Roofline rooflineOf(const ReportSubject &subject,
                    const std::vector<ReportRow> &rows) {
  Roofline roof;
  roof.gbps = subject.measured ? subject.measured->gbps : 0;
  for (const ReportRow &row : rows) {
    const double time = row.ms(subject.measured);
    if (time > 0 && row.work == Work::products)
      roof.gflops = std::max(roof.gflops, row.flops / time * 1e-6);
    if (time > 0 && row.work == Work::kernels && !subject.measured)
      roof.gbps = std::max(roof.gbps, row.bytes / time * 1e-6);
    if (!isPoint(row))
      continue;
    roof.intensity.add(row.flops / row.bytes);
    for (double t : {row.plannedMs, row.measuredMs})
      if (t > 0)
        roof.speed.add(row.flops / t * 1e-6);
  }
  if (roof.gflops > 0 && roof.gbps > 0)
    roof.intensity.add(roof.gflops / roof.gbps);
  if (roof.gflops > 0)
    roof.speed.add(roof.gflops);
  return roof;
}

void grid(Html &html, const Roofline &roof) {
  for (double at = roof.intensity.low; at <= roof.intensity.high * 1.01;
       at *= 10)
    html.put("<path class=axis d=\"M%.1f 0V%d\"/><text class=soft x=%.1f y=%d "
             "text-anchor=middle>%.6g</text>\n",
             roof.x(at), kHeight, roof.x(at), kHeight + 14, at);
  for (double at = roof.speed.low; at <= roof.speed.high * 1.01; at *= 10)
    html.put("<path class=axis d=\"M%d %.1fH%d\"/><text class=soft x=%d "
             "y=%.1f text-anchor=end>%.6g</text>\n",
             kLeft, roof.y(at), kWidth, kLeft - 6, roof.y(at) + 4, at);
}

/// Up to the ridge the bandwidth, from there on the products.
void roofs(Html &html, const Roofline &roof) {
  if (roof.gflops <= 0 || roof.gbps <= 0)
    return;
  const double ridge = roof.gflops / roof.gbps;
  const double low = std::max(roof.intensity.low, roof.speed.low / roof.gbps);
  html.put("<path class=roof d=\"M%.1f %.1fL%.1f %.1fH%d\"/>\n", roof.x(low),
           roof.y(low * roof.gbps), roof.x(ridge), roof.y(roof.gflops), kWidth);
}

void point(Html &html, const Roofline &roof, const ReportRow &row, double time,
           bool predicted) {
  if (time <= 0)
    return;
  const double gflops = row.flops / time * 1e-6;
  html.put("<circle class=%s cx=%.1f cy=%.1f r=4><title>%s, %s: %.4g flop a "
           "byte, %.4g GFLOP/s, %.4g GB/s, %.4g ms</title></circle>\n",
           predicted                    ? "hollow"
           : row.work == Work::products ? "k0"
                                        : "k4",
           roof.x(row.flops / row.bytes), roof.y(gflops),
           escaped(row.what).c_str(), predicted ? "predicted" : "measured",
           row.flops / row.bytes, gflops, row.bytes / time * 1e-6, time);
}

} // namespace

void reportTimes(Html &html, const ReportSubject &subject,
                 const std::vector<ReportRow> &rows) {
  html.put("<h2>%s</h2>\n",
           subject.measured ? "Predicted beside measured" : "Predicted time");
  if (subject.measured)
    html.put("<p class=soft>Measured: the mean of %llu steps of rank %u.\n",
             (unsigned long long)subject.measured->steps, subject.rank);
  works(html, subject, rows);
  worst(html, subject, rows);
  html.put("<h2>All instructions that do the same</h2>\n");
  heading(html, "rows", subject.measured, true);
  for (const ReportRow &each : rows)
    if (each.work)
      row(html, subject, each, true);
  html.put("</table>\n");
}

void reportRoofline(Html &html, const ReportSubject &subject,
                    const std::vector<ReportRow> &rows) {
  Roofline roof = rooflineOf(subject, rows);
  html.put("<h2>Roofline</h2>\n");
  if (roof.speed.high <= 0 || roof.intensity.high <= 0) {
    html.put("<p>Nothing that computes has a time.\n");
    return;
  }
  roof.intensity.round(), roof.speed.round();
  auto known = [](double value, const char *unit) {
    return value > 0 ? format("%.4g %s", value, unit) : "none";
  };
  html.put("<p class=soft>GFLOP/s over flop a byte moved at least; %s. The "
           "roofs: %s, the best product %s; %s, %s.\n",
           subject.measured
               ? "solid is measured (blue products, green kernels), hollow "
                 "predicted"
               : "hollow is predicted",
           known(roof.gflops, "GFLOP/s").c_str(),
           subject.measured ? "of the run" : "as predicted",
           known(roof.gbps, "GB/s").c_str(),
           subject.measured ? "a triad at the end of the run"
                            : "the best kernel as predicted");
  html.put("<svg viewBox=\"0 -10 %d %d\" role=img>\n", kWidth + 10,
           kHeight + kBottom);
  grid(html, roof);
  roofs(html, roof);
  for (const ReportRow &row : rows)
    if (isPoint(row)) {
      point(html, roof, row, row.plannedMs, true);
      point(html, roof, row, subject.measured ? row.measuredMs : 0, false);
    }
  html.put("</svg>\n");
}

} // namespace ds::rt
