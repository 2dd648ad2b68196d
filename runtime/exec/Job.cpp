//===- Job.cpp - All that ranks share before they part ------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "exec/Job.h"
#include "backends/cpu/Threads.h"

#include <algorithm>
#include <cstring>
#include <ctime>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace ds::rt {
namespace {

/// The entry named `name`, or null.
const plan::Entry *findEntry(const plan::Program &program,
                             const std::string &name) {
  for (const auto *entry : *program.entries())
    if (entry->name()->str() == name)
      return entry;
  return nullptr;
}

Status checkEntries(const plan::Plan &plan, const std::string &name) {
  for (const auto *program : *plan.programs()) {
    if (findEntry(*program, name))
      continue;
    std::string known;
    for (const auto *entry : *program->entries())
      known += (known.empty() ? "'" : ", '") + entry->name()->str() + "'";
    return usageError("--entry=%s: program '%s' of the plan has no such entry, "
                      "only %s",
                      name.c_str(), program->name()->c_str(), known.c_str());
  }
  return {};
}

/// What ranks share: those of CPUs.  A GPU's are taken by its rank, after the
/// fork, those in the host's memory too.
StatusOr<std::vector<std::vector<Arena>>> mapArenas(const plan::Plan &plan) {
  const bool gpu = isForGpu(plan);
  uint64_t total = 0;
  for (uint32_t index : *plan.rank_programs()) {
    const auto &arenas = *plan.programs()->Get(index)->arenas();
    if (arenas.size() > kMaxArenas)
      return inputError("a program has %u arenas; at most %d are built",
                        arenas.size(), kMaxArenas);
    for (const auto *arena : arenas) {
      if (arena->space() == plan::Space::disk && arena->bytes() > 0)
        return inputError("arenas on disk are not built yet: compile without "
                          "--nvme");
      if (!gpu || arena->space() == plan::Space::host)
        total += arena->bytes();
    }
  }
  DS_RT_RETURN_IF_ERROR(checkAvailableMemory(total, int(plan.world())));
  std::vector<std::vector<Arena>> ranks(plan.world());
  if (gpu)
    return ranks;
  for (uint32_t rank = 0; rank < plan.world(); ++rank) {
    uint32_t index = plan.rank_programs()->Get(rank);
    for (const auto *arena : *plan.programs()->Get(index)->arenas()) {
      auto mapped = Arena::map(arena->bytes(), plan.world() > 1);
      if (!mapped.ok())
        return mapped.status();
      ranks[rank].push_back(std::move(*mapped));
    }
  }
  return ranks;
}

StatusOr<std::vector<Arena>> mapExchange(const plan::Plan &plan) {
  constexpr uint64_t kBytes = 16 << 20;
  std::vector<Arena> ranks;
  for (uint32_t rank = 0; rank < plan.world(); ++rank) {
    if (!isForGpu(plan) || plan.world() == 1)
      break;
    auto mapped = Arena::map(kBytes, /*shared=*/true);
    if (!mapped.ok())
      return mapped.status();
    ranks.push_back(std::move(*mapped));
  }
  return ranks;
}

StatusOr<Control> makeControl(const plan::Plan &plan) {
  std::vector<std::vector<uint32_t>> groups;
  if (plan.groups())
    for (const auto *group : *plan.groups())
      groups.emplace_back(group->ranks()->begin(), group->ranks()->end());
  return Control::create(std::move(groups), int(plan.world()));
}

StatusOr<TraceBuffer> makeTrace(const plan::Plan &plan,
                                const RunOptions &options) {
  uint64_t most = 0;
  for (const auto *program : *plan.programs())
    most = std::max(
        most,
        instructionsOf(*program, findEntry(*program, options.entry)->block()));
  return TraceBuffer::create(int(plan.world()), most, options.steps);
}

/// The inputs of all programs, each name once.
std::vector<InputSpec> allInputs(const plan::Plan &plan,
                                 const std::string &entry) {
  std::vector<InputSpec> all;
  for (const auto *program : *plan.programs())
    for (InputSpec &input : inputSpecs(*program, *findEntry(*program, entry)))
      all.push_back(std::move(input));
  return all;
}

} // namespace

std::vector<InputSpec> inputSpecs(const plan::Program &program,
                                  const plan::Entry &entry) {
  std::vector<InputSpec> specs;
  if (!entry.inputs())
    return specs;
  for (const auto *input : *entry.inputs()) {
    const auto *buffer = program.buffers()->Get(input->buffer());
    InputSpec spec{input->name()->str(),
                   input->role(),
                   buffer->dtype(),
                   input->bound(),
                   {},
                   input->ignored()};
    if (buffer->shape())
      spec.shape.assign(buffer->shape()->begin(), buffer->shape()->end());
    specs.push_back(std::move(spec));
  }
  return specs;
}

double bootSeconds() {
  timespec time;
  clock_gettime(CLOCK_BOOTTIME, &time);
  return double(time.tv_sec) + double(time.tv_nsec) * 1e-9;
}

double processStartSeconds() {
  std::ifstream file("/proc/self/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  // The name in parentheses may hold anything; start time is the 20th after.
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string field;
  for (int i = 0; i < 20; ++i)
    fields >> field;
  double ticks = std::strtod(field.c_str(), nullptr);
  double start = ticks / double(sysconf(_SC_CLK_TCK));
  double now = bootSeconds();
  return start > 0 && start <= now ? start : now;
}

StatusOr<Job> Job::prepare(LoadedPlan loaded, RunOptions options) {
  const plan::Plan &plan = loaded.plan();
  DS_RT_RETURN_IF_ERROR(checkTarget(*plan.target()));
  DS_RT_RETURN_IF_ERROR(checkEntries(plan, options.entry));
  if (!options.save.empty())
    DS_RT_RETURN_IF_ERROR(checkSaveFolder(options.save));
  StatusOr<Binding> binding = Binding();
  if (options.bindCores)
    binding = bindToCores(int(plan.world()), defaultThreads(int(plan.world())));
  if (!binding.ok())
    return binding.status();
  auto code = KernelCode::map(loaded);
  if (!code.ok())
    return code.status();
  std::unique_ptr<DataSource> data;
  if (options.readsData) {
    auto opened = openData(options.data, allInputs(plan, options.entry));
    if (!opened.ok())
      return opened.status();
    data = std::move(*opened);
  }
  std::optional<Checkpoint> checkpoint;
  if (!options.load.empty()) {
    auto opened = Checkpoint::open(options.load, plan);
    if (!opened.ok())
      return opened.status();
    checkpoint = std::move(*opened);
  }
  auto control = makeControl(plan);
  if (!control.ok())
    return control.status();
  auto arenas = mapArenas(plan);
  if (!arenas.ok())
    return arenas.status();
  auto exchange = mapExchange(plan);
  if (!exchange.ok())
    return exchange.status();
  TraceBuffer trace;
  if (options.trace) {
    auto made = makeTrace(plan, options);
    if (!made.ok())
      return made.status();
    trace = std::move(*made);
  }
  return Job{std::move(loaded),  std::move(options),    std::move(*code),
             std::move(*arenas), std::move(*control),   std::move(*exchange),
             std::move(data),    std::move(checkpoint), std::move(trace),
             std::move(*binding)};
}

const plan::Program &Job::program(int rank) const {
  const plan::Plan &root = plan.plan();
  return *root.programs()->Get(root.rank_programs()->Get(rank));
}

const plan::Entry &Job::entry(int rank) const {
  return *findEntry(program(rank), options.entry);
}

RankMemory Job::memory(int rank) const {
  RankMemory memory{&program(rank), {}, uint32_t(rank)};
  for (const Arena &arena : arenas[rank])
    memory.arenas.push_back(arena.data());
  return memory;
}

std::string Job::whereabouts(int rank) const {
  std::string where = control.whereabouts(rank);
  const RankSlot &slot = control.slot(rank);
  if (!hasInstruction(static_cast<Phase>(slot.phase.load())))
    return where;
  uint32_t left = slot.instruction.load();
  for (const auto *block : *program(rank).blocks()) {
    if (left < block->instrs()->size()) {
      if (const auto *name = block->instrs()->Get(left)->name())
        where += " ('" + name->str() + "')";
      break;
    }
    left -= block->instrs()->size();
  }
  return where;
}

} // namespace ds::rt
