//===- Observers.h - What ds-run prints ---------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_TOOLS_DS_RUN_OBSERVERS_H
#define DS_TOOLS_DS_RUN_OBSERVERS_H

#include "exec/Job.h"

#include <memory>

namespace ds::rt {

/// One JSON object a line, each written out at once.
class JsonLog : public RunObserver {
public:
  /// Whether all lines so far could be written.
  virtual Status status() const = 0;
};

/// Opens `path` now.
StatusOr<std::unique_ptr<JsonLog>> makeJsonLog(const std::string &path);

/// Text for people: lines on `out`, or a bar when standard error is a
/// terminal.  `job` outlives it.
std::unique_ptr<RunObserver> makeTerminal(const Job &job, std::FILE *out);

/// Tells both.
class ObserverPair : public RunObserver {
public:
  ObserverPair(RunObserver *first, RunObserver *second)
      : observers_{first, second} {}
  void onStart(const StartReport &report) override {
    each([&](RunObserver &o) { o.onStart(report); });
  }
  void onStep(const StepReport &report) override {
    each([&](RunObserver &o) { o.onStep(report); });
  }
  void onSaved(const std::string &folder, uint64_t step) override {
    each([&](RunObserver &o) { o.onSaved(folder, step); });
  }
  void onEnd(const EndReport &report) override {
    each([&](RunObserver &o) { o.onEnd(report); });
  }

private:
  template <typename Call> void each(const Call &call) {
    for (RunObserver *observer : observers_)
      if (observer)
        call(*observer);
  }
  RunObserver *observers_[2];
};

} // namespace ds::rt

#endif // DS_TOOLS_DS_RUN_OBSERVERS_H
