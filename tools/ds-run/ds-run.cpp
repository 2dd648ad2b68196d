//===- ds-run.cpp - Runs a compiled plan --------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Parses flags, prepares what ranks share, starts the ranks and prints what
// they tell.  Everything else is in runtime/.
//===--------------------------------------------------------------------===//
#include "Observers.h"
#include "Options.h"
#include "TraceFile.h"
#include "backends/cpu/Threads.h"
#include "comm/local/Launcher.h"
#include "exec/RankRun.h"
#include "profile/GpuMachine.h"
#include "profile/Machine.h"

#include <cstdlib>
#include <cstring>
#include <unistd.h>

using namespace ds::rt;

/// Ranks of other launchers are not taken up silently as world 1.
static Status checkForeignLauncher() {
  for (const char *name :
       {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"})
    if (const char *size = std::getenv(name); size && std::atoi(size) > 1)
      return usageError("running under mpirun or srun (%s=%s) is not built "
                        "yet: start ds-run by itself, it starts local ranks",
                        name, size);
  return {};
}

static Status writeProfile(const std::string &path) {
  auto failed = [&] {
    return inputError("cannot write --profile-machine=%s: %s", path.c_str(),
                      std::strerror(errno));
  };
  // Before the seconds that measuring takes; what is there stays until then.
  std::FILE *file = path.empty() ? stdout : std::fopen(path.c_str(), "ae");
  if (!file)
    return failed();
  const MachineProfile profile = measureMachine();
  if (const std::string note = busyNote(profile); !note.empty())
    std::fprintf(stderr, "ds-run: warning: %s\n", note.c_str());
  const std::string text = profileJson(profile);
  if (path.empty()) {
    std::fputs(text.c_str(), file);
    return {};
  }
  (void)!ftruncate(fileno(file), 0); // not for devices
  bool good = std::fputs(text.c_str(), file) >= 0;
  good = std::fclose(file) == 0 && good;
  return good ? Status() : failed();
}

/// What rank 0 told may not have arrived: a full disk, a closed file.
static Status checkWritten(const JsonLog *json, std::FILE *out) {
  if (json)
    DS_RT_RETURN_IF_ERROR(json->status());
  if (std::fflush(out) != 0 || std::ferror(out))
    return inputError("cannot write to standard %s",
                      out == stderr ? "error" : "output");
  return {};
}

static Status printGpuProfile(double timeoutSeconds) {
  auto profile = measureGpus(timeoutSeconds);
  if (!profile.ok())
    return profile.status();
  std::fputs(profileJson(*profile).c_str(), stdout);
  return checkWritten(nullptr, stdout);
}

static Status runPlan(CommandLine &line) {
  DS_RT_RETURN_IF_ERROR(checkForeignLauncher());
  auto plan = LoadedPlan::open(line.plan);
  if (!plan.ok())
    return plan.status();
  int world = int(plan->plan().world());
  if (line.np != 0 && line.np != world)
    return usageError("--np=%d, but the plan is for a world of %d: compile it "
                      "with --world=%d",
                      line.np, world, line.np);
  const bool tunes = !line.run.tunedPlan.empty();
  if (tunes && !isForGpu(plan->plan()))
    return usageError("--tune-products chooses among cuBLASLt's algorithms, "
                      "but '%s' is a plan for CPUs, whose products ds-opt "
                      "has timed",
                      line.plan.c_str());
  line.run.hashState = !line.json.empty();
  line.run.trace = !line.trace.empty();
  std::FILE *out = line.json == "-" ? stderr : stdout;
  if (!line.dataGiven && !tunes)
    std::fprintf(out, "no --data: %llu steps on random:0\n",
                 (unsigned long long)line.run.steps);
  auto job = Job::prepare(std::move(*plan), line.run);
  if (!job.ok())
    return job.status();
  if (job->checkpoint)
    for (const std::string &note : job->checkpoint->notes())
      std::fprintf(stderr, "ds-run: note: %s\n", note.c_str());
  std::unique_ptr<JsonLog> json;
  if (!line.json.empty()) {
    auto log = makeJsonLog(line.json);
    if (!log.ok())
      return log.status();
    json = std::move(*log);
  }
  std::optional<TraceFile> trace;
  if (!line.trace.empty()) {
    auto file = TraceFile::open(line.trace);
    if (!file.ok())
      return file.status();
    trace = std::move(*file);
  }
  auto terminal = makeTerminal(*job, out);
  ObserverPair observers(json.get(), terminal.get());
  const Status ran = runRanks(
      job->control, line.run.timeoutSeconds,
      [&](int rank) {
        DS_RT_RETURN_IF_ERROR(runRank(*job, rank, &observers));
        return rank == 0 ? checkWritten(json.get(), out) : Status();
      },
      [&](int rank) { return job->whereabouts(rank); });
  if (tunes && ran.ok())
    std::fprintf(out, "%s: %s with the fastest products of this GPU\n",
                 line.run.tunedPlan.c_str(), line.plan.c_str());
  // What the ranks did is there whatever became of them.
  const Status written = trace ? trace->write(*job, out) : Status();
  return ran.ok() ? written : ran;
}

static Status run(int argc, char **argv, double start) {
  auto line = parseCommandLine(argc, argv);
  if (!line.ok() || line->helpPrinted)
    return line.status();
  line->run.processStart = start;
  return line->profileGpus      ? printGpuProfile(line->run.timeoutSeconds)
         : line->profileMachine ? writeProfile(line->profileFile)
                                : runPlan(*line);
}

int main(int argc, char **argv) {
  restartWithShortSpin(argv);
  double start = processStartSeconds();
  endOnSignals("ds-run");
  Status status;
  try { // ours throw nothing; the C++ library does when memory runs out
    status = run(argc, argv, start);
  } catch (const std::bad_alloc &) {
    status = inputError("ran out of memory before the ranks were started: "
                        "free memory, or compile with a smaller "
                        "--memory-limit");
  } catch (const std::exception &error) {
    status = internalError("%s", error.what());
  }
  std::fflush(stdout);
  if (!status.ok())
    std::fprintf(stderr, "ds-run: error: %s\n", status.message().c_str());
  return int(status.code());
}
