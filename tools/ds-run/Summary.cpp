//===- Summary.cpp - What a run came to, as text ------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Summary.h"
#include "exec/Arena.h"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <limits>

namespace ds::rt {
namespace {

constexpr size_t kWidth = 64, kHeight = 10;

[[gnu::format(printf, 1, 2)]] std::string text(const char *format, ...) {
  char buffer[256];
  va_list args;
  va_start(args, format);
  std::vsnprintf(buffer, sizeof(buffer), format, args);
  va_end(args);
  return buffer;
}

std::string row(const std::string &name, const std::string &planned,
                const std::string &measured, const std::string &note = "") {
  return text("%-22s %14s %14s%s%s\n", name.c_str(), planned.c_str(),
              measured.c_str(), note.empty() ? "" : "  ", note.c_str());
}

std::string msText(double ms) { return text("%.*f ms", ms < 10 ? 2 : 1, ms); }

std::string timeRows(const EndReport &report) {
  if (report.steps == 0)
    return "";
  std::string note = "median";
  if (report.productFlops > 0)
    note += text(", %.1f GFLOP/s per rank",
                 report.productFlops / report.medianStepMs * 1e-6);
  std::string rows = row("step", msText(report.predictedStepMs),
                         msText(report.medianStepMs), note);
  for (const PartReport &part : report.time)
    rows += row("  " + part.name, msText(part.planned), msText(part.measured));
  return rows;
}

std::string memoryRows(const EndReport &report) {
  std::string rows;
  int rank = -1;
  for (const ArenaReport &arena : report.arenas) {
    // A rank has one arena on a CPU; its others follow it.
    const bool first = arena.rank != rank;
    rank = arena.rank;
    const std::string name = arena.space == plan::Space::device
                                 ? "memory"
                                 : plan::EnumNameSpace(arena.space);
    rows += row(
        text("%s of rank %d", name.c_str(), rank),
        formatBytes(arena.plannedBytes), formatBytes(arena.measuredBytes),
        first ? "peak of the process " + formatBytes(report.peakRssBytes[rank])
              : "");
    if (first && rank == 0)
      for (const PartReport &part : report.memory)
        rows += row("  " + part.name, formatBytes(uint64_t(part.planned)),
                    formatBytes(uint64_t(part.measured)), part.note);
  }
  return rows;
}

} // namespace

void Curve::add(double value) {
  if (buckets_.empty() || buckets_.back().count == perBucket_)
    buckets_.emplace_back();
  buckets_.back().sum += value;
  if (++buckets_.back().count < perBucket_ || buckets_.size() < kMost)
    return;
  for (size_t i = 0; i < kMost / 2; ++i)
    buckets_[i] = {buckets_[2 * i].sum + buckets_[2 * i + 1].sum,
                   2 * perBucket_};
  buckets_.resize(kMost / 2);
  perBucket_ *= 2;
}

std::vector<double> Curve::columns(size_t width) const {
  std::vector<double> means;
  for (size_t i = 0; i < width; ++i) {
    Bucket sum;
    const size_t begin = i * buckets_.size() / width;
    const size_t end = (i + 1) * buckets_.size() / width;
    for (size_t b = begin; b < end; ++b)
      sum = {sum.sum + buckets_[b].sum, sum.count + buckets_[b].count};
    means.push_back(sum.sum / double(sum.count));
  }
  return means;
}

std::string Curve::draw(const std::string &name, uint64_t first) const {
  uint64_t steps = 0;
  for (const Bucket &bucket : buckets_)
    steps += bucket.count;
  if (steps < 10)
    return "";
  const size_t width = std::min(kWidth, buckets_.size());
  const std::vector<double> means = columns(width);
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (double mean : means)
    if (std::isfinite(mean))
      low = std::min(low, mean), high = std::max(high, mean);
  if (!(low <= high))
    return "";
  const double unit = high > low ? (high - low) / (kHeight - 1) : 1;
  std::string chart = text("%10s\n", name.c_str());
  for (size_t line = 0; line < kHeight; ++line) {
    const size_t level = kHeight - 1 - line;
    std::string dots;
    for (double mean : means)
      dots += std::isfinite(mean) &&
                      size_t(std::lround((mean - low) / unit)) == level
                  ? '*'
                  : ' ';
    dots.erase(dots.find_last_not_of(' ') + 1);
    chart += line % 3 == 0 ? text("%10.4g |", low + unit * double(level))
                           : text("%10s |", "");
    chart += dots + "\n";
  }
  chart += text("%10s +%s\n", "", std::string(width, '-').c_str());
  const std::string begin = std::to_string(first),
                    end = std::to_string(first + steps - 1);
  chart +=
      text("%10s  %s%*s step\n", "", begin.c_str(),
           int(std::max(width, begin.size() + 1 + end.size()) - begin.size()),
           end.c_str());
  return chart;
}

std::string profileTable(const EndReport &report) {
  if (report.profile.empty())
    return "";
  constexpr size_t kRows = 20;
  double all = 0;
  for (const ProfileRow &row : report.profile)
    all += row.ms;
  std::string table =
      text("\n%-44s %6s %9s %6s %9s %8s %8s %9s\n", "a mean step of rank 0",
           "calls", "ms", "share", "GFLOP/s", "GB/s", "of limit", "planned");
  ProfileRow rest{.what = "all others"};
  auto add = [&](const ProfileRow &row) {
    const double rate = row.ms > 0 ? 1e-6 / row.ms : 0;
    const std::string limit = row.limitMs > 0 && row.ms > 0
                                  ? text("%.1f%%", 100 * row.limitMs / row.ms)
                                  : "-";
    table +=
        text("%-44.44s %6.4g %9.3f %5.1f%% %9.4g %8.4g %8s %9.3f\n",
             row.what.c_str(), row.calls, row.ms, 100 * row.ms / all,
             row.flops * rate, row.bytes * rate, limit.c_str(), row.plannedMs);
  };
  for (size_t i = 0; i < report.profile.size(); ++i) {
    const ProfileRow &row = report.profile[i];
    if (i < kRows) {
      add(row);
      continue;
    }
    rest.calls += row.calls, rest.ms += row.ms;
    rest.plannedMs += row.plannedMs, rest.limitMs += row.limitMs;
    rest.flops += row.flops, rest.bytes += row.bytes;
  }
  if (rest.calls > 0)
    add(rest);
  const auto known = [](double value, const char *unit) {
    return value > 0 ? text("%.4g %s", value, unit) : "none";
  };
  return table + "limits: products " + known(report.limits.gflops, "GFLOP/s") +
         " (the best above), memory " + known(report.limits.gbps, "GB/s") +
         " (a triad)\n";
}

std::string planBesideRun(const EndReport &report) {
  return row("", "planned", "measured") + timeRows(report) + memoryRows(report);
}

} // namespace ds::rt
