//===- GpuBackend.cpp - A rank on an NVIDIA GPU -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "exec/GpuBackend.h"
#include "base/Clock.h"
#include "comm/local/HostComm.h"
#include "comm/local/IpcComm.h"
#include "comm/nccl/NcclComm.h"

#include <algorithm>
#include <cstring>
#include <set>

namespace ds::rt {

using namespace cuda;

namespace {

constexpr uint64_t kStagingBytes = 8 << 20;
/// Of a graph; larger ones take long to make, and memory.
constexpr uint64_t kMostCaptured = 100000;
/// How often a graph says where the GPU is: each time costs it about a
/// microsecond.
constexpr uint64_t kWordsOfGraph = 64;

uint64_t aligned(uint64_t bytes) { return (bytes + 63) / 64 * 64; }

/// The groups whose members exchange data on GPUs, and on which streams, in any
/// program: all ranks have to agree on these.
std::set<NcclComm::Channel> talkingGroups(const plan::Plan &plan,
                                          uint32_t everyone) {
  std::set<NcclComm::Channel> channels;
  for (const auto *program : *plan.programs())
    for (const auto *block : *program->blocks())
      for (const auto *instr : *block->instrs()) {
        if (const auto *op = instr->op_as_Collective())
          if (plan.groups()->Get(op->group())->ranks()->size() > 1)
            channels.insert({op->group(), GpuStreams::indexOf(*instr)});
        if (instr->op_type() == plan::Op::Send ||
            instr->op_type() == plan::Op::Recv)
          channels.insert({everyone, GpuStreams::indexOf(*instr)});
      }
  return channels;
}

/// What the collectives of all programs reduce.
Reductions reductionsOf(const plan::Plan &plan) {
  using Kind = plan::CollectiveKind;
  Reductions all;
  for (const auto *program : *plan.programs())
    for (const auto *block : *program->blocks())
      for (const auto *instr : *block->instrs())
        if (const auto *op = instr->op_as_Collective();
            op && (op->kind() == Kind::all_reduce ||
                   op->kind() == Kind::reduce_scatter))
          all.insert({op->dtype(), op->reduce()});
  return all;
}

/// Leaves a trail, and times with a clock.  In an exchange the host may wait.
class Follower final : public GpuProgram::Follower {
public:
  Follower(GpuTrail &trail, GpuClock *clock, RankSlot &slot)
      : trail_(trail), clock_(clock), slot_(slot) {}
  Result begins(const Next &next, size_t stream) override {
    if (next.isExchange)
      slot_.instruction.store(next.number, std::memory_order_relaxed);
    const Result result =
        trail_.begins(next.number, stream, next.isExchange, next.needs);
    return result == kSuccess && clock_ && next.waited ? clock_->begins(stream)
                                                       : result;
  }
  Result ends(uint32_t number, size_t stream) override {
    const Result result = trail_.ends(stream);
    return result == kSuccess && clock_ ? clock_->ends(number, stream) : result;
  }

private:
  GpuTrail &trail_;
  GpuClock *clock_;
  RankSlot &slot_;
};

} // namespace

GpuBackend::GpuBackend(const Job &job, int rank, LocalComm &comm,
                       Recorder &recorder)
    : job_(job), rank_(rank), local_(comm), slot_(job.control.slot(rank)),
      recorder_(recorder) {
  memory_.program = &job.program(rank);
  memory_.rank = uint32_t(rank);
}

/// To give something back is to wait for the stream, for ever if it hangs, and
/// in NCCL for ranks that may know of no end.
GpuBackend::~GpuBackend() {
  if (device_ && !closed_ && comm_ && comm_->takesLeave())
    device_->abandon();
  constexpr double kPatience = 10;
  if (device_ && !device_->isAbandoned() &&
      device_->wait(kPatience) == kNotReady)
    device_->abandon();
}

/// `reserve`: what libraries are still to take.
Status GpuBackend::checkFree(uint64_t free, uint64_t reserve) const {
  uint64_t arenas = 0;
  for (const auto *arena : *memory_.program->arenas())
    if (arena->space() == plan::Space::device)
      arenas += arena->bytes();
  if (arenas + reserve <= free)
    return {};
  return inputError(
      "rank %d needs %s of %s, %s for its arenas and %s that are "
      "reserved for libraries, but %s are free: compile with a smaller "
      "--memory-limit, or free memory of the GPU",
      rank_, formatBytes(arenas + reserve).c_str(), device_->title().c_str(),
      formatBytes(arenas).c_str(), formatBytes(reserve).c_str(),
      formatBytes(free).c_str());
}

/// Before any memory is taken, that of the context included where that can be
/// known.
Status GpuBackend::start() {
  const uint64_t reserve = job_.plan.plan().target()->reserve_bytes();
  const std::optional<uint64_t> before = device_->freeBeforeStart();
  if (before)
    DS_RT_RETURN_IF_ERROR(checkFree(*before, reserve));
  DS_RT_RETURN_IF_ERROR(device_->start());
  auto memory = device_->memory();
  if (!memory.ok())
    return memory.status();
  freeAtFirst_ = before.value_or(memory->free);
  // A part of a GPU has less than all of it.
  freeAtFirst_ = std::min(freeAtFirst_, memory->total);
  const uint64_t context = freeAtFirst_ - std::min(freeAtFirst_, memory->free);
  return checkFree(memory->free, reserve - std::min(reserve, context));
}

/// Whether NCCL may use the arenas in place: of ranks with one program, what
/// they exchange lies at the same offset.
bool GpuBackend::exchangesInPlace() const {
  const plan::Plan &plan = job_.plan.plan();
  return job_.world() > 1 && device_->count() >= job_.world() &&
         plan.programs()->size() == 1 &&
         !talkingGroups(plan, job_.control.everyone()).empty();
}

Status GpuBackend::takeArenas() {
  for (const auto *arena : *memory_.program->arenas()) {
    auto taken = arena->space() != plan::Space::device
                     ? device_->allocatePinned(arena->bytes())
                 : exchangesInPlace()
                     ? NcclComm::allocate(*device_, arena->bytes())
                     : device_->allocate(arena->bytes());
    if (!taken.ok())
      return taken.status();
    memory_.arenas.push_back(*taken);
  }
  return {};
}

bool GpuBackend::isOnDevice(const std::byte *at) const {
  for (uint32_t i = 0; i < memory_.arenas.size(); ++i) {
    const auto *arena = memory_.program->arenas()->Get(i);
    if (at >= memory_.arenas[i] && at < memory_.arenas[i] + arena->bytes())
      return arena->space() == plan::Space::device;
  }
  return false;
}

/// A place in the host's memory for each input and output of each entry, and
/// for what is read and written otherwise.
Status GpuBackend::takeStaging() {
  std::map<uint32_t, uint64_t> sizes;
  for (const auto *entry : *memory_.program->entries()) {
    const auto size = [&](uint32_t buffer) {
      if (isOnDevice(memory_.buffer(buffer)))
        sizes[buffer] = memory_.program->buffers()->Get(buffer)->bytes();
    };
    if (entry->inputs())
      for (const auto *input : *entry->inputs())
        size(input->buffer());
    if (entry->outputs())
      for (const auto *output : *entry->outputs())
        size(output->buffer());
  }
  uint64_t total = 64; // the trail's words
  for (auto [buffer, bytes] : sizes)
    total += aligned(bytes);
  auto taken = device_->allocatePinned(kStagingBytes + total);
  if (!taken.ok())
    return taken.status();
  staging_ = *taken;
  std::byte *at = staging_ + kStagingBytes;
  trail_ = std::make_unique<GpuTrail>(*device_, at);
  at += 64;
  for (auto [buffer, bytes] : sizes) {
    mirrors_[buffer] = at;
    at += aligned(bytes);
  }
  return {};
}

Status GpuBackend::connect() {
  const std::set<NcclComm::Channel> channels =
      talkingGroups(job_.plan.plan(), job_.control.everyone());
  const double timeout = job_.options.timeoutSeconds;
  if (!channels.empty() && device_->count() < job_.world())
    return connectShared();
  auto comm = std::make_unique<NcclComm>(local_, *device_, timeout);
  NcclComm &connected = *comm;
  comm_ = std::move(comm);
  return connected.connect(channels);
}

/// There are fewer GPUs than ranks.
Status GpuBackend::connectShared() {
  const double timeout = job_.options.timeoutSeconds;
  std::vector<std::byte *> shared;
  for (const Arena &exchange : job_.exchange)
    shared.push_back(exchange.data());
  std::vector<std::span<std::byte>> arenas;
  for (uint32_t i = 0; i < memory_.arenas.size(); ++i)
    if (isOnDevice(memory_.arenas[i]))
      arenas.emplace_back(memory_.arenas[i],
                          memory_.program->arenas()->Get(i)->bytes());
  auto ipc = std::make_unique<IpcComm>(local_, *device_, timeout, shared,
                                       std::move(arenas));
  auto why = ipc->open(reductionsOf(job_.plan.plan()));
  if (!why.ok())
    return why.status();
  if (why->empty()) {
    comm_ = std::move(ipc);
    return {};
  }
  const Arena &own = job_.exchange[size_t(rank_)];
  auto host = std::make_unique<HostComm>(
      local_, *device_, timeout, std::span(own.data(), own.bytes()), *why);
  DS_RT_RETURN_IF_ERROR(host->open());
  comm_ = std::move(host);
  return {};
}

Status GpuBackend::open() {
  auto device = Device::find(rank_);
  if (!device.ok())
    return device.status();
  device_ = std::move(*device);
  DS_RT_RETURN_IF_ERROR(start());
  DS_RT_RETURN_IF_ERROR(takeArenas());
  DS_RT_RETURN_IF_ERROR(takeStaging());
  DS_RT_RETURN_IF_ERROR(wait("making its memory zero"));
  DS_RT_RETURN_IF_ERROR(connect());
  program_ = std::make_unique<GpuProgram>(job_.plan, memory_, *device_, *comm_);
  return program_->prepare();
}

/// What a buffer of the GPU has at the host, for those of `entry`.
std::vector<GpuBackend::Mirror> GpuBackend::mirrors(const plan::Entry &entry,
                                                    bool inputs) const {
  std::vector<Mirror> all;
  auto add = [&](uint32_t buffer) {
    if (auto found = mirrors_.find(buffer); found != mirrors_.end())
      all.push_back({buffer, memory_.program->buffers()->Get(buffer)->bytes(),
                     found->second});
  };
  if (inputs && entry.inputs())
    for (const auto *input : *entry.inputs())
      add(input->buffer());
  if (!inputs && entry.outputs())
    for (const auto *output : *entry.outputs())
      add(output->buffer());
  return all;
}

Status GpuBackend::enqueue(const plan::Entry &entry, uint32_t every) {
  const Driver &driver = device_->driver();
  trail_->begin(every);
  for (const Mirror &mirror : mirrors(entry, /*inputs=*/true)) {
    const Result result =
        driver.copyToDevice(addressOf(memory_.buffer(mirror.buffer)),
                            mirror.host, mirror.bytes, device_->stream());
    if (result != kSuccess)
      return device_->error(result,
                            "cannot copy the inputs to " + device_->title());
  }
  if (const Result result = clock_ ? clock_->begin() : kSuccess;
      result != kSuccess)
    return device_->error(result, "cannot time " + device_->title());
  Follower follower(*trail_, clock_.get(), slot_);
  DS_RT_RETURN_IF_ERROR(program_->enqueue(entry.block(), follower));
  for (const Mirror &mirror : mirrors(entry, /*inputs=*/false)) {
    const Result result =
        driver.copyToHost(mirror.host, addressOf(memory_.buffer(mirror.buffer)),
                          mirror.bytes, device_->stream());
    if (result != kSuccess)
      return device_->error(result,
                            "cannot copy the outputs from " + device_->title());
  }
  return {};
}

/// A graph on all ranks or on none: NCCL does not mix its calls.
Status GpuBackend::agree(const Status &captured) {
  slot_.captured = captured.ok();
  DS_RT_RETURN_IF_ERROR(local_.barrier());
  std::string why = captured.ok() ? "" : captured.message();
  for (int rank = job_.world(); rank-- > 0 && captured.ok();)
    if (!job_.control.slot(rank).captured)
      why = format("rank %d cannot capture them as a graph", rank);
  if (!why.empty()) {
    graph_.reset();
    notes_.push_back("steps run without a graph, launch by launch: " + why);
  }
  return wait("taking up a step's graph");
}

/// Makes `graph_` of a step, or says why there is none.
Status GpuBackend::makeGraph(const plan::Entry &entry) {
  const uint64_t count = instructionsOf(*memory_.program, entry.block());
  if (!comm_->cannotBeCaptured().empty())
    return inputError("%s", comm_->cannotBeCaptured().c_str());
  if (count > kMostCaptured)
    return inputError("a step has %llu instructions, and a graph at most %llu",
                      (unsigned long long)count,
                      (unsigned long long)kMostCaptured);
  const auto attempt = [&] {
    graph_ = std::make_unique<StepGraph>(*device_);
    return graph_->capture(
        [&] { return enqueue(entry, uint32_t(1 + count / kWordsOfGraph)); });
  };
  const bool hadTrail = trail_->works();
  Status captured = attempt();
  // A write that cannot be captured ends the capture: without any, once more.
  if (!captured.ok() && hadTrail && !trail_->works())
    captured = attempt();
  return captured;
}

/// A step as a graph; without one, says why.
Status GpuBackend::capture(const plan::Entry &entry) {
  const Status captured = makeGraph(entry);
  return captured.code() == Code::RankLost ? captured : agree(captured);
}

Status GpuBackend::settle(const plan::Entry &entry) {
  if (recordsTimes())
    clock_ = std::make_unique<GpuClock>(*device_);
  else
    DS_RT_RETURN_IF_ERROR(capture(entry));
  auto memory = device_->memory();
  if (!memory.ok())
    return memory.status();
  uint64_t used = freeAtFirst_ - std::min(freeAtFirst_, memory->free);
  for (uint32_t i = 0; i < memory_.arenas.size(); ++i)
    if (isOnDevice(memory_.arenas[i]))
      used -= std::min(used, memory_.program->arenas()->Get(i)->bytes());
  libraryBytes_ = used;
  const uint64_t reserve = job_.plan.plan().target()->reserve_bytes();
  // What other ranks take of the same GPU cannot be told apart from it.
  if (libraryBytes_ > reserve && device_->count() >= job_.world())
    notes_.push_back(format("libraries took %s of %s, but the plan reserves %s",
                            formatBytes(libraryBytes_).c_str(),
                            device_->title().c_str(),
                            formatBytes(reserve).c_str()));
  return {};
}

std::byte *GpuBackend::input(uint32_t buffer) {
  auto found = mirrors_.find(buffer);
  return found == mirrors_.end() ? memory_.buffer(buffer) : found->second;
}

const std::byte *GpuBackend::output(uint32_t buffer) const {
  auto found = mirrors_.find(buffer);
  return found == mirrors_.end() ? memory_.buffer(buffer) : found->second;
}

uint32_t GpuBackend::firstOf(uint32_t block) const {
  return program_->firstOf(block);
}

uint64_t GpuBackend::residentBytes(uint32_t arena) const {
  return device_->allocatedBytes(memory_.arenas[arena]);
}

/// Memory of a GPU, and what it may use of the host's, is there from the first
/// byte to the last.
uint64_t GpuBackend::residentBytes(uint32_t arena, uint64_t offset,
                                   uint64_t bytes) const {
  const uint64_t all = residentBytes(arena);
  return std::min(bytes, all - std::min(all, offset));
}

/// The GPU's clock and ours meet where the step ended.
Status GpuBackend::recordTimes(double end) {
  auto times = clock_->read();
  if (!times.ok())
    return times.status();
  const double begin = end - times->end;
  for (const GpuClock::Time &time : times->instructions) {
    const double began = begin + time.begin;
    recorder_.end(recorder_.begin(time.number, began),
                  program_->opOf(time.number), time.number, began,
                  begin + time.end);
  }
  return {};
}

Status GpuBackend::run(const plan::Entry &entry) {
  trail_->start();
  if (!graph_) {
    const Status enqueued = enqueue(entry, /*every=*/1);
    if (!enqueued.ok())
      return explain(enqueued);
    DS_RT_RETURN_IF_ERROR(finish());
    return clock_ ? recordTimes(monotonicSeconds()) : Status();
  }
  const Result result = graph_->launch();
  if (result == kSuccess)
    return finish();
  return explain(device_->error(
      result,
      format("rank %d: cannot launch step %llu on %s", rank_,
             (unsigned long long)slot_.step.load(), device_->title().c_str())));
}

Status GpuBackend::show(std::byte *at, uint64_t bytes, uint64_t unit,
                        Access access, const Use &use) const {
  if (!isOnDevice(at))
    return use(at, 0, bytes);
  const Driver &driver = device_->driver();
  const uint64_t most = kStagingBytes / unit * unit;
  for (uint64_t offset = 0; offset < bytes; offset += most) {
    const uint64_t count = std::min(most, bytes - offset);
    const Address place = addressOf(at + offset);
    Result result = kSuccess;
    if (access == Access::Read) {
      result = driver.copyToHost(staging_, place, count, device_->stream());
      if (result == kSuccess)
        DS_RT_RETURN_IF_ERROR(wait("reading its memory"));
    } else {
      std::memset(staging_, 0, count);
    }
    if (result == kSuccess)
      DS_RT_RETURN_IF_ERROR(use(staging_, offset, count));
    if (result == kSuccess && access == Access::Write) {
      result = driver.copyToDevice(place, staging_, count, device_->stream());
      if (result == kSuccess)
        DS_RT_RETURN_IF_ERROR(wait("writing its memory"));
    }
    if (result != kSuccess)
      return device_->error(result,
                            "cannot copy memory of " + device_->title());
  }
  return {};
}

} // namespace ds::rt
