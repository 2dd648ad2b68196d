//===- Session.cpp - A plan of world 1 in the caller's process ----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "session/Session.h"
#include "backends/cpu/Threads.h"
#include "data/Integers.h"
#include "exec/Outputs.h"
#include "exec/Scalars.h"

#include <cstring>

namespace ds::rt {
namespace {

template <typename Shape> std::vector<uint64_t> shapeOf(const Shape *shape) {
  if (!shape)
    return {};
  return {shape->begin(), shape->end()};
}

} // namespace

StatusOr<std::unique_ptr<Session>> Session::open(const std::string &path) {
  auto plan = LoadedPlan::open(path);
  if (!plan.ok())
    return plan.status();
  if (const uint32_t world = plan->plan().world(); world != 1)
    return usageError("'%s' is for a world of %u, and a process can run one "
                      "rank: start it with ds-run, or compile with --world=1",
                      path.c_str(), world);
  if (isForGpu(plan->plan()))
    return inputError("'%s' is for NVIDIA GPUs, and a session runs on CPUs so "
                      "far: run it with ds-run, or compile with --machine=host",
                      path.c_str());
  const auto &entries = *plan->plan().programs()->Get(0)->entries();
  if (entries.size() == 0)
    return inputError("'%s' has no entry that could run", path.c_str());
  RunOptions options;
  options.readsData = false;
  options.entry = entries.Get(0)->name()->str();
  auto job = Job::prepare(std::move(*plan), std::move(options));
  if (!job.ok())
    return job.status();
  std::unique_ptr<Session> session(new Session(std::move(*job)));
  const Status loaded =
      session->onWorker([&raw = *session] { return raw.load(); });
  if (!loaded.ok())
    return loaded;
  return session;
}

Session::~Session() {
  // In a child of fork() the worker is waited for in vain.
  if (worker_->lost())
    (void)worker_.release();
}

Status Session::onWorker(const std::function<Status()> &task) {
  if (worker_->lost())
    return usageError("the session was opened by the parent of this process: "
                      "open the plan in the process that runs it");
  Status status;
  worker_->run([&] {
    try { // ours throw nothing; the C++ library does when memory runs out
      status = task();
    } catch (const std::bad_alloc &) {
      status =
          Status(Code::RankLost, "ran out of memory " + job_.whereabouts(0));
    } catch (const std::exception &error) {
      status = internalError("%s", error.what());
    }
  });
  return status;
}

Status Session::load() {
  setThreads(defaultThreads(/*localRanks=*/1));
  flushDenormals();
  rank_.emplace(job_, 0);
  rank_->enter(Phase::Load);
  DS_RT_RETURN_IF_ERROR(rank_->connect());
  DS_RT_RETURN_IF_ERROR(rank_->settle(*job_.program(0).entries()->Get(0)));
  describe();
  return {};
}

void Session::describe() {
  const plan::Program &program = job_.program(0);
  for (const auto *entry : *program.entries()) {
    EntryView view{
        entry, entry->name()->str(), inputSpecs(program, *entry), {}, {}};
    for (size_t i = 0; i < view.specs.size(); ++i) {
      const uint32_t index = entry->inputs()->Get(i)->buffer();
      const InputSpec &spec = view.specs[i];
      view.inputs.push_back({spec.name, plan::BufferClass::input, spec.dtype,
                             spec.shape, rank_->memory().buffer(index),
                             program.buffers()->Get(index)->bytes(),
                             isInteger(spec.dtype) ? spec.bound : 0});
    }
    if (entry->outputs())
      for (const auto *output : *entry->outputs())
        view.outputs.push_back(output->name()->str());
    entries_.push_back(std::move(view));
  }
  for (const StatePiece &piece : rank_->pieces())
    states_.push_back({piece.tensor->name()->str(), piece.tensor->kind(),
                       piece.dtype, shapeOf(piece.tensor->shape()), piece.data,
                       piece.count * bytesOf(piece.dtype)});
}

uint64_t Session::step() const {
  // A user may have written it.
  std::optional<uint64_t> updates;
  uint64_t skipped = 0;
  for (const TensorView &state : states_) {
    if (state.kind != plan::BufferClass::scalar)
      continue;
    if (state.name == "step")
      updates = uint64_t(loadScalar(state.dtype, state.data));
    if (state.name == "skipped_steps")
      skipped = uint64_t(loadScalar(state.dtype, state.data));
  }
  return updates ? *updates + skipped : updates_;
}

Status Session::reset(uint64_t seed, const std::string &path) {
  return onWorker([&]() -> Status {
    std::optional<Checkpoint> checkpoint;
    if (!path.empty()) {
      auto opened = Checkpoint::open(path, job_.plan.plan());
      if (!opened.ok())
        return opened.status();
      checkpoint = std::move(*opened);
    }
    hasState_ = false;
    for (const TensorView &state : states_)
      std::memset(state.data, 0, state.bytes);
    rank_->enter(checkpoint ? Phase::Restore : Phase::Initialize);
    DS_RT_RETURN_IF_ERROR(
        rank_->makeState(checkpoint ? &*checkpoint : nullptr, seed));
    updates_ = checkpoint ? checkpoint->step() : 0;
    hasState_ = true;
    return {};
  });
}

Status Session::read(const EntryView &entry, const std::string &data,
                     uint64_t step) {
  return onWorker([&]() -> Status {
    if (!data_ || dataSpec_ != data || dataEntry_ != entry.entry) {
      auto opened = openData(data, entry.specs);
      if (!opened.ok())
        return opened.status();
      data_ = std::move(*opened);
      dataSpec_ = data;
      dataEntry_ = entry.entry;
    }
    return rank_->readInputs(*data_, *entry.entry, entry.specs, step);
  });
}

Status Session::run(const EntryView &entry, double *outputs) {
  return onWorker([&]() -> Status {
    if (!hasState_)
      return usageError("the session has no state yet: reset it first");
    for (size_t i = 0; i < entry.specs.size(); ++i) {
      const InputSpec &spec = entry.specs[i];
      DS_RT_RETURN_IF_ERROR(
          checkBound(spec, entry.inputs[i].data,
                     spec.accumulation() * spec.entryElements()));
    }
    rank_->begin(*entry.entry, step());
    DS_RT_RETURN_IF_ERROR(rank_->run(*entry.entry));
    rank_->enter(Phase::Report);
    std::vector<double> values;
    for (size_t i = 0; i < entry.outputs.size(); ++i) {
      const uint32_t index = entry.entry->outputs()->Get(i)->buffer();
      values.push_back(
          loadScalar(job_.program(0).buffers()->Get(index)->dtype(),
                     rank_->memory().buffer(index)));
      if (outputs)
        outputs[i] = values[i];
    }
    updates_ += entry.name == "train";
    return checkLossScale(*entry.entry, values.data(), step() - 1);
  });
}

Status Session::save(const std::string &folder) {
  return onWorker([&]() -> Status {
    if (!hasState_)
      return usageError("the session has no state yet: reset it first");
    DS_RT_RETURN_IF_ERROR(checkSaveFolder(folder));
    rank_->enter(Phase::Save);
    return rank_->save(folder, step());
  });
}

StatusOr<uint64_t> Session::hash() {
  uint64_t hash = 0;
  const Status status = onWorker([&]() -> Status {
    auto made = hashState(rank_->backend(), rank_->pieces());
    if (made.ok())
      hash = *made;
    return made.status();
  });
  if (!status.ok())
    return status;
  return hash;
}

} // namespace ds::rt
