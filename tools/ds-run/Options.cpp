//===- Options.cpp - The command line of ds-run -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Options.h"
#include "../CommandLine.h"

#include <algorithm>
#include <cmath>
#include <iostream>

namespace ds::rt {
namespace {

Status unknownFlag(const CLI::App &app, const std::string &argument) {
  std::string name = argument.substr(0, argument.find('='));
  if (name.empty() || name[0] != '-')
    return usageError("unexpected argument '%s': one plan is run at a time",
                      argument.c_str());
  std::vector<std::string> known;
  for (const CLI::Option *option : app.get_options())
    for (const std::string &flag : option->get_lnames())
      known.push_back("--" + flag);
  return usageError("unknown flag '%s'%s", name.c_str(),
                    didYouMean(name, known).c_str());
}

/// CLI11 would take -1 for a very large number.
std::string wholeNumber(const std::string &text) {
  bool good = !text.empty() && text.size() < 20 &&
              text.find_first_not_of("0123456789") == std::string::npos;
  return good ? "" : "expected a whole number, but got '" + text + "'";
}

std::string positive(const std::string &text) {
  char *end = nullptr;
  double value = std::strtod(text.c_str(), &end);
  bool good =
      !text.empty() && *end == '\0' && value > 0 && std::isfinite(value);
  return good ? "" : "expected a positive number, but got '" + text + "'";
}

void declare(CLI::App &app, CommandLine &line) {
  RunOptions &run = line.run;
  app.add_option("plan", line.plan, "The plan (.dsplan)");
  app.add_option("--data", run.data,
                 "Text, .bin of tokens, .safetensors of inputs, random:SEED");
  app.add_option("--steps", run.steps, "Steps to run (10)")->check(wholeNumber);
  app.add_option("--np", line.np, "Local ranks; must be the plan's world")
      ->check(wholeNumber)
      ->check(positive);
  app.add_option("--seed", run.seed, "Seed of the initial values (0)")
      ->check(wholeNumber);
  app.add_option("--load", run.load, "Checkpoint folder, step or .safetensors");
  app.add_option("--save", run.save, "Checkpoint folder to write");
  app.add_option("--save-every", run.saveEvery, "Steps between checkpoints")
      ->check(wholeNumber)
      ->check(positive);
  app.add_option("--json", line.json, "File of one JSON object a line; -");
  app.add_option("--entry", run.entry, "Entry to run (train)");
  app.add_flag("--profile", run.profile,
               "At the end, show where the time went, by instruction");
  app.add_option("--trace", line.trace,
                 "File of single events, for ui.perfetto.dev");
  app.add_option("--bind", line.bind,
                 "Threads to cores: none (auto), cores: each to its own");
  app.add_option("--timeout", run.timeoutSeconds,
                 "Seconds without progress until a rank is lost (300)")
      ->check(positive);
  app.add_option("--tune-products", run.tunedPlan,
                 "Instead of steps: time cuBLASLt's algorithms on this GPU and "
                 "write the plan with the fastest");
  app.add_option("--profile-machine", line.profileFile,
                 "Measure this machine and write its profile; gpu: measure its "
                 "GPUs and print theirs")
      ->expected(0, 1);
  app.allow_extras();
}

/// What only means something where steps are run.
Status checkTuning(const CLI::App &app) {
  for (const char *flag : {"--profile-machine", "--save", "--json", "--trace"})
    if (app.count("--tune-products") > 0 && app.count(flag) > 0)
      return usageError("--tune-products runs no steps, so %s would do "
                        "nothing: drop one of them",
                        flag);
  return {};
}

Status check(const CLI::App &app, CommandLine &line) {
  auto extras = app.remaining();
  if (!extras.empty())
    return unknownFlag(app, extras.front());
  DS_RT_RETURN_IF_ERROR(checkTuning(app));
  line.dataGiven = app.count("--data") > 0;
  line.profileMachine = app.count("--profile-machine") > 0;
  if (line.profileMachine && !line.plan.empty())
    return usageError("--profile-machine runs no plan, but got '%s': give it "
                      "alone",
                      line.plan.c_str());
  line.profileGpus = line.profileFile == "gpu";
  if (line.profileMachine)
    return {};
  if (line.plan.empty())
    return usageError("expected a plan: ds-run X.dsplan [--data=D] "
                      "[--steps=n] (--help lists all flags)");
  if (line.run.saveEvery > 0 && line.run.save.empty())
    return usageError("--save-every needs --save=DIR");
  const std::vector<std::string> binds = {"auto", "none", "cores"};
  if (std::ranges::find(binds, line.bind) == binds.end())
    return usageError("--bind=%s: expected auto, none or cores%s",
                      line.bind.c_str(), didYouMean(line.bind, binds).c_str());
  line.run.bindCores = line.bind == "cores";
  if (!line.trace.empty() && line.trace == line.json)
    return usageError("--trace and --json write to the same file '%s': give "
                      "each its own",
                      line.trace.c_str());
  return {};
}

} // namespace

StatusOr<CommandLine> parseCommandLine(int argc, char **argv) {
  CLI::App app("Runs a compiled plan.", "ds-run");
  CommandLine line;
  declare(app, line);
  try { // CLI11 speaks in exceptions
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp &) {
    std::cout << app.help();
    line.helpPrinted = true;
    return line;
  } catch (const CLI::ParseError &error) {
    return usageError("%s", tools::describe(error, app).c_str());
  }
  DS_RT_RETURN_IF_ERROR(check(app, line));
  return line;
}

} // namespace ds::rt
