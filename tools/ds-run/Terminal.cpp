//===- Terminal.cpp - What ds-run shows to people -----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Observers.h"
#include "Summary.h"

#include <algorithm>
#include <cmath>
#include <unistd.h>

namespace ds::rt {
namespace {

std::string durationText(double seconds) {
  auto whole = static_cast<unsigned long long>(std::max(0.0, seconds) + 0.5);
  char text[64];
  if (whole >= 3600)
    std::snprintf(text, sizeof(text), "%llu:%02llu:%02llu", whole / 3600,
                  whole / 60 % 60, whole % 60);
  else
    std::snprintf(text, sizeof(text), "%llu:%02llu", whole / 60, whole % 60);
  return text;
}

/// "loss 4.1234  grad_norm 1.0203  lr 0.0003"
std::string outputsText(const StepReport &report) {
  std::string text;
  for (const auto &[name, value] : report.outputs) {
    if (name == "skipped" || name == "loss_scale_exhausted")
      continue;
    char number[64];
    std::snprintf(number, sizeof(number),
                  name == "loss" ? "  %s %.5f" : "  %s %.4g", name.c_str(),
                  value);
    text += number;
  }
  return text;
}

class Terminal : public RunObserver {
public:
  Terminal(const Job &job, std::FILE *out)
      : job_(job), out_(out), bar_(isatty(STDERR_FILENO)),
        every_(std::max<uint64_t>(1, job.options.steps / 50)) {}

  void onStart(const StartReport &report) override;
  void onStep(const StepReport &report) override;
  void onSaved(const std::string &folder, uint64_t step) override;
  void onEnd(const EndReport &report) override;

private:
  void drawBar(const StepReport &report, double eta);
  void clearBar();

  const Job &job_;
  std::FILE *out_;
  bool bar_;
  uint64_t every_;
  uint64_t done_ = 0;
  uint64_t skipped_ = 0;
  uint64_t firstStep_ = 0;
  double seconds_ = 0;
  Curve losses_;
};

void Terminal::onStart(const StartReport &report) {
  const plan::Facts &facts = *job_.plan.plan().facts();
  uint64_t most = 0;
  std::vector<uint64_t> perRank(report.world);
  for (const ArenaReport &arena : report.arenas)
    most = std::max(most, perRank[arena.rank] += arena.plannedBytes);
  std::fprintf(out_, "%s: ", job_.plan.path().c_str());
  if (facts.model() && facts.model()->size() > 0)
    std::fprintf(out_, "%s, ZeRO stage %u, ", facts.model()->c_str(),
                 facts.zero_stage());
  std::fprintf(out_, "world %d, arenas %s per rank\n", report.world,
               formatBytes(most).c_str());
  std::fprintf(out_, "ready in %.0f ms, and %.0f ms for the state\n",
               report.startupMs, report.initialValuesMs);
  for (size_t rank = 0; rank < report.libraryBytes.size(); ++rank)
    std::fprintf(out_, "libraries of rank %zu took %s of its GPU\n", rank,
                 formatBytes(report.libraryBytes[rank]).c_str());
  for (const std::string &note : report.notes)
    std::fprintf(stderr, "ds-run: note: %s\n", note.c_str());
  for (size_t rank = 0; rank < report.binding.size(); ++rank)
    std::fprintf(out_, "rank %zu is bound to core%s %s\n", rank,
                 report.binding[rank].size() == 1 ? "" : "s",
                 cpuList(report.binding[rank]).c_str());
  std::fflush(out_);
}

void Terminal::drawBar(const StepReport &report, double eta) {
  constexpr int kWidth = 24;
  int filled = int(done_ * kWidth / std::max<uint64_t>(1, job_.options.steps));
  std::string bar(filled, '#');
  bar.resize(kWidth, '.');
  std::fprintf(stderr, "\r\033[K%llu/%llu [%s]%s  %.0f tokens/s  ETA %s",
               (unsigned long long)done_,
               (unsigned long long)job_.options.steps, bar.c_str(),
               outputsText(report).c_str(), report.tokensPerSecond,
               durationText(eta).c_str());
  std::fflush(stderr);
}

void Terminal::clearBar() {
  if (bar_)
    std::fprintf(stderr, "\r\033[K");
}

void Terminal::onStep(const StepReport &report) {
  if (done_++ == 0)
    firstStep_ = report.step;
  for (const auto &[name, value] : report.outputs) {
    if (name == "loss")
      losses_.add(value);
    skipped_ += name == "skipped" && value != 0;
  }
  seconds_ += report.stepMs * 1e-3;
  double eta = seconds_ / double(done_) * double(job_.options.steps - done_);
  if (bar_)
    drawBar(report, eta);
  bool last = done_ == job_.options.steps;
  if (last && bar_) {
    std::fprintf(stderr, "\n");
    return;
  }
  if (bar_ || !(last || done_ == 1 || done_ % every_ == 0))
    return;
  std::fprintf(out_, "step %llu%s  %.1f ms", (unsigned long long)report.step,
               outputsText(report).c_str(), report.stepMs);
  if (report.tokensPerSecond > 0)
    std::fprintf(out_, "  %.0f tokens/s", report.tokensPerSecond);
  std::fprintf(out_, last ? "\n" : "  ETA %s\n", durationText(eta).c_str());
  std::fflush(out_);
}

void Terminal::onSaved(const std::string &folder, uint64_t step) {
  clearBar();
  std::fprintf(out_, "saved %s/step-%llu\n", folder.c_str(),
               (unsigned long long)step);
  std::fflush(out_);
}

void Terminal::onEnd(const EndReport &report) {
  const std::string chart = losses_.draw("loss", firstStep_);
  if (skipped_ > 0)
    std::fprintf(out_,
                 "%llu of %llu steps changed nothing, for their gradients "
                 "were not finite\n",
                 (unsigned long long)skipped_, (unsigned long long)done_);
  std::fprintf(out_, "\n%s%s%s%s", chart.c_str(), chart.empty() ? "" : "\n",
               planBesideRun(report).c_str(), profileTable(report).c_str());
  std::fflush(out_);
}

} // namespace

std::unique_ptr<RunObserver> makeTerminal(const Job &job, std::FILE *out) {
  return std::make_unique<Terminal>(job, out);
}

} // namespace ds::rt
