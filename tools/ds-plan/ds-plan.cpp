//===- ds-plan.cpp - Looks into plan files --------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// print, stats, verify, diff, report and assemble, over runtime/plan.  Exit
// codes: 0 done, 1 the input is at fault, 2 wrong usage, 70 our own bug.
//===--------------------------------------------------------------------===//
#include "../CommandLine.h"
#include "Diff.h"
#include "Report.h"
#include "base/Files.h"

using namespace ds::rt;

namespace {

struct Options {
  std::vector<std::string> inputs;
  std::string output, code;
  bool json = false;
  std::string measured;
  uint32_t rank = 0;
};

void put(const std::string &text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

Status print(const Options &options) {
  auto loaded = LoadedPlan::open(options.inputs[0]);
  DS_RT_RETURN_IF_ERROR(loaded.status());
  if (!options.json) {
    put(printPlan(*loaded));
    return {};
  }
  auto json = printPlanJson(*loaded);
  DS_RT_RETURN_IF_ERROR(json.status());
  put(*json);
  return {};
}

Status stats(const Options &options) {
  auto loaded = LoadedPlan::open(options.inputs[0]);
  DS_RT_RETURN_IF_ERROR(loaded.status());
  put(printPlanStats(*loaded));
  return {};
}

Status verify(const Options &options) {
  for (const std::string &path : options.inputs) {
    auto loaded = LoadedPlan::open(path);
    DS_RT_RETURN_IF_ERROR(loaded.status());
    put(path + ": valid\n");
  }
  return {};
}

Status diff(const Options &options) {
  auto a = LoadedPlan::open(options.inputs[0]);
  DS_RT_RETURN_IF_ERROR(a.status());
  auto b = LoadedPlan::open(options.inputs[1]);
  DS_RT_RETURN_IF_ERROR(b.status());
  if (a->hash() == b->hash()) {
    put("equal\n");
    return {};
  }
  put(diffLines(printPlan(*a), printPlan(*b)));
  return {};
}

Status assemble(const Options &options) {
  ds::plan::PlanT plan;
  DS_RT_RETURN_IF_ERROR(assemblePlan(options.inputs[0], plan));
  std::string code;
  if (!options.code.empty()) {
    auto read = readText(options.code, "", "a file of code");
    DS_RT_RETURN_IF_ERROR(read.status());
    code = std::move(*read);
  }
  Status status =
      writePlan(plan, std::as_bytes(std::span(code)), {}, options.output);
  if (status.ok() || status.message().starts_with("cannot write"))
    return status;
  return Status(status.code(), "'" + options.inputs[0] +
                                   "' is malformed: " + status.message());
}

Status writeText(const std::string &path, const std::string &text) {
  std::FILE *file = std::fopen(path.c_str(), "we");
  if (!file)
    return inputError("cannot write '%s': %s", path.c_str(),
                      std::strerror(errno));
  errno = 0;
  const bool whole =
      std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const bool closed = std::fclose(file) == 0;
  return whole && closed ? Status()
                         : inputError("cannot write '%s': %s", path.c_str(),
                                      std::strerror(errno));
}

/// X.dsplan becomes X.html, beside it.
std::string pageOf(const std::string &plan) {
  const std::string ending = ".dsplan";
  return (plan.ends_with(ending) ? plan.substr(0, plan.size() - ending.size())
                                 : plan) +
         ".html";
}

Status report(const Options &options) {
  auto loaded = LoadedPlan::open(options.inputs[0]);
  DS_RT_RETURN_IF_ERROR(loaded.status());
  const uint32_t world = loaded->plan().world();
  if (options.rank >= world)
    return usageError("--rank=%u, but the plan is for a world of %u",
                      options.rank, world);
  std::optional<Measured> measured;
  if (!options.measured.empty()) {
    auto read = readTrace(options.measured, *loaded, options.rank);
    DS_RT_RETURN_IF_ERROR(read.status());
    measured = std::move(*read);
  }
  const std::string path =
      options.output.empty() ? pageOf(options.inputs[0]) : options.output;
  DS_RT_RETURN_IF_ERROR(
      writeText(path, reportPage(*loaded, options.rank,
                                 measured ? &*measured : nullptr)));
  put(path + "\n");
  return {};
}

Status notBuiltYet(const char *command) {
  return usageError("'ds-plan %s' is not built yet", command);
}

/// Which files a known command lacks, or has too many of.
Status explainFiles(const CLI::App &command) {
  const char *name = command.get_name().c_str();
  const CLI::Option *files = command.get_option("files");
  const CLI::Option *output = command.get_option_no_throw("--output");
  const int least = files->get_expected_min();
  if (output && output->get_required() && files->count() > 0 &&
      output->count() == 0)
    return usageError("expects the file to write for '%s': -o FILE", name);
  return usageError("expects %s%d file%s for '%s'",
                    files->get_expected_max() > least ? "at least " : "", least,
                    least == 1 ? "" : "s", name);
}

/// What the user typed and nobody knows, with the nearest known name.
Status explain(CLI::App &app, const CLI::ParseError &error) {
  const std::vector<std::string> unknown = app.remaining(/*recurse=*/true);
  const std::vector<CLI::App *> parsed = app.get_subcommands();
  if (unknown.empty() && parsed.empty())
    return usageError("expects a command: print, stats, verify, diff, report "
                      "or assemble");
  // A flag's value, not the files.
  const std::string_view text = error.what();
  const bool value =
      text.starts_with("Could not convert") ||
      (text.starts_with("-") && text.find(" required ") != text.npos);
  if (unknown.empty() && value)
    return usageError("%s", ds::tools::describe(error, *parsed[0]).c_str());
  if (unknown.empty() && !parsed.empty())
    return explainFiles(*parsed[0]);
  if (unknown.empty())
    return usageError("%s", error.what());
  std::vector<std::string> names;
  const bool flag = unknown[0].starts_with("-");
  if (!flag && !parsed.empty())
    return usageError("unexpected argument '%s'", unknown[0].c_str());
  if (!flag)
    for (const CLI::App *command : app.get_subcommands(nullptr))
      names.push_back(command->get_name());
  for (const CLI::App *command : parsed)
    for (const CLI::Option *option : command->get_options())
      names.push_back(option->get_name());
  return usageError("unknown %s '%s'%s", flag ? "flag" : "command",
                    unknown[0].c_str(), didYouMean(unknown[0], names).c_str());
}

int finish(Status status) {
  if (status.ok() && (std::fflush(stdout) != 0 || std::ferror(stdout)))
    status = inputError("cannot write to standard output");
  if (!status.ok())
    std::fprintf(stderr, "ds-plan: error: %s\n", status.message().c_str());
  return int(status.code());
}

using Command = Status (*)(const Options &);

CLI::App *addCommand(CLI::App &app, const char *name, const char *help,
                     Options &options, int inputs) {
  CLI::App *command = app.add_subcommand(name, help);
  command->add_option("files", options.inputs, "Files to read")
      ->required()
      ->expected(inputs);
  return command;
}

/// The commands in the order of the help text.
std::vector<std::pair<CLI::App *, Command>> addCommands(CLI::App &app,
                                                        Options &options) {
  std::vector<std::pair<CLI::App *, Command>> commands;
  auto add = [&](const char *name, const char *help, int inputs, Command run) {
    commands.emplace_back(addCommand(app, name, help, options, inputs), run);
    return commands.back().first;
  };
  add("print", "Prints everything the plan says", 1, print)
      ->add_flag("--json", options.json, "As JSON, which 'assemble' reads");
  add("stats", "Prints bytes by class and predicted time by operation", 1,
      stats);
  add("verify", "Checks files and says why one is malformed", -1, verify);
  add("diff", "Prints the lines in which two plans differ", 2, diff);
  CLI::App *maker = add("assemble", "Makes a plan from JSON", 1, assemble);
  maker->add_option("-o,--output", options.output, "Plan file to write")
      ->required();
  maker->add_option("--code", options.code,
                    "What the code section holds, such as PTX");
  CLI::App *page =
      add("report", "Writes a page: memory, time line, roofline", 1, report);
  page->add_option("-o,--output", options.output, "Page to write (X.html)");
  page->add_option("--measured", options.measured,
                   "What ds-run --trace=F wrote of this plan");
  page->add_option("--rank", options.rank, "Whose program (0)");
  add("place", "Not built yet", -1, [](const Options &) {
    return notBuiltYet("place");
  })->add_option("-o,--output", options.output, "CSV file to write");
  return commands;
}

} // namespace

int main(int argc, char **argv) {
  CLI::App app("Looks into plan files", "ds-plan");
  app.require_subcommand(1);
  Options options;
  const auto commands = addCommands(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError &error) {
    if (error.get_exit_code() == 0)
      return app.exit(error); // --help
    return finish(explain(app, error));
  }
  for (auto [command, run] : commands)
    if (command->parsed())
      return finish(run(options));
  return finish(internalError("no command was parsed"));
}
