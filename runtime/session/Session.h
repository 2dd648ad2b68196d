//===- Session.h - A plan of world 1 in the caller's process ------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The one rank of a job, run by a thread of its own: the team of threads, and
// that denormal numbers are zero, belong to the thread that starts the team,
// and a caller's thread keeps what it has.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_SESSION_SESSION_H
#define DS_RUNTIME_SESSION_SESSION_H

#include "exec/Rank.h"
#include "session/Worker.h"

#include <memory>

namespace ds::rt {

/// A tensor where the session has it.
struct TensorView {
  std::string name;
  plan::BufferClass kind; ///< parameter, optimizer, scalar or input.
  plan::DType dtype;
  std::vector<uint64_t> shape;
  std::byte *data;
  uint64_t bytes;
  uint64_t bound = 0; ///< Of an input.
};

/// Calls take turns.  It computes on OMP_NUM_THREADS threads, or as many as the
/// process may use cores.
class Session {
public:
  static StatusOr<std::unique_ptr<Session>> open(const std::string &path);
  ~Session();

  struct EntryView {
    const plan::Entry *entry;
    std::string name;
    std::vector<InputSpec> specs;
    std::vector<TensorView> inputs;
    std::vector<std::string> outputs;
  };
  const std::vector<EntryView> &entries() const { return entries_; }
  const std::vector<TensorView> &states() const { return states_; }
  uint64_t step() const;

  Status reset(uint64_t seed, const std::string &checkpoint);
  Status read(const EntryView &entry, const std::string &data, uint64_t step);
  Status run(const EntryView &entry, double *outputs);
  Status save(const std::string &folder);
  StatusOr<uint64_t> hash();

private:
  explicit Session(Job job) : job_(std::move(job)) {}
  Status load();
  void describe();
  /// Runs `task` on the session's thread, after what other callers gave it.
  Status onWorker(const std::function<Status()> &task);

  Job job_;
  std::optional<Rank> rank_; ///< Made and used by the worker.
  std::vector<EntryView> entries_;
  std::vector<TensorView> states_;
  std::unique_ptr<DataSource> data_;
  std::string dataSpec_;
  const plan::Entry *dataEntry_ = nullptr;
  uint64_t updates_ = 0;
  bool hasState_ = false;
  /// The last member: it ends before what it uses.
  std::unique_ptr<Worker> worker_ = std::make_unique<Worker>();
};

} // namespace ds::rt

#endif // DS_RUNTIME_SESSION_SESSION_H
