//===- Options.cpp - The compile driver's flags -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Options.h"
#include "../CommandLine.h"

#include "ds/Tune/Machine.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <cmath>

namespace ds {

static int fail(const std::string &message) {
  std::fprintf(stderr, "ds-opt: error: %s\n", message.c_str());
  return 2;
}

/// Flags of the command line's full surface that no code reads yet.
static const std::vector<std::string> &laterFlags() {
  static const std::vector<std::string> flags = {
      "--hostfile", "--mesh", "--host-memory-limit",
      "--offload",  "--nvme", "--deterministic"};
  return flags;
}

const std::vector<std::string> &driverFlags() {
  static const std::vector<std::string> flags = [] {
    std::vector<std::string> all = {"--zero",
                                    "--world",
                                    "--micro-batch",
                                    "--global-batch",
                                    "--seq-len",
                                    "--precision",
                                    "--remat",
                                    "--memory-limit",
                                    "--machine",
                                    "--target-cpu",
                                    "--target-gpu",
                                    "--tune-seconds",
                                    "--lr",
                                    "--json",
                                    "--stop-after",
                                    "--dump-phases",
                                    "--config",
                                    "--min-lr",
                                    "--warmup-steps",
                                    "--decay-steps",
                                    "--signature",
                                    "--strict",
                                    "--explain-config",
                                    "--help-config",
                                    "--print-config-schema",
                                    "--schedule",
                                    "--stable-steps",
                                    "--decay-power",
                                    "--optimizer",
                                    "--weight-decay",
                                    "--no-decay",
                                    "--freeze",
                                    "--clip-value"};
    all.insert(all.end(), laterFlags().begin(), laterFlags().end());
    return all;
  }();
  return flags;
}

std::optional<int64_t> parseBytes(const std::string &text) {
  char *end = nullptr;
  double value = std::strtod(text.c_str(), &end);
  std::string unit = end;
  double scale = unit.empty()    ? 1
                 : unit == "KiB" ? 1024.0
                 : unit == "MiB" ? 1024.0 * 1024
                 : unit == "GiB" ? 1024.0 * 1024 * 1024
                                 : 0;
  if (end == text.c_str() || scale == 0 || !(value > 0) ||
      value * scale > 0x1p60)
    return std::nullopt;
  return static_cast<int64_t>(value * scale);
}

/// The help of a flag that overrides a key.
static std::string overriding(const std::string &flag,
                              const std::string &more = "") {
  return helpOfFlag(flag) + more;
}

/// Of the optimizer and the learning rate.
static void addUpdateFlags(CLI::App &app, DriverOptions &o) {
  app.add_option("--lr", o.lr, overriding("--lr"));
  app.add_option("--optimizer", o.optimizer,
                 "adamw, adam, sgd, adagrad, lamb, lion or muon, with the "
                 "defaults of torch.optim or DeepSpeed");
  app.add_option("--weight-decay", o.weightDecay, overriding("--weight-decay"));
  app.add_option("--no-decay", o.noDecay,
                 "Patterns of parameters without weight decay, or auto: those "
                 "of at most one dimension")
      ->delimiter(',');
  app.add_option("--freeze", o.freeze,
                 "Patterns of parameters that are not trained")
      ->delimiter(',');
  app.add_option("--clip-value", o.clipValue,
                 "Bound of the gradient's elements, in place of its norm's");
  app.add_option("--schedule", o.schedule,
                 "How the learning rate decays: constant, linear, cosine, "
                 "polynomial or wsd; default: cosine with --decay-steps");
  app.add_option("--warmup-steps", o.warmupSteps, overriding("--warmup-steps"));
  app.add_option("--stable-steps", o.stableSteps,
                 "Steps between warm-up and decay");
  app.add_option("--decay-steps", o.decaySteps, overriding("--decay-steps"));
  app.add_option("--min-lr", o.minLr, overriding("--min-lr"));
  app.add_option("--decay-power", o.decayPower, "Of a polynomial (2)");
}

static void addFlags(CLI::App &app, DriverOptions &o) {
  app.add_option("model", o.input, "Model in the ds dialect");
  app.add_option("-o,--output", o.output,
                 "Plan to write; default: the input's name");
  app.add_option("--zero", o.zero, overriding("--zero", ", or auto"));
  app.add_option("--world", o.world, "Ranks");
  app.add_option("--micro-batch", o.microBatch,
                 overriding("--micro-batch", ", or auto"));
  app.add_option("--global-batch", o.globalBatch, overriding("--global-batch"));
  app.add_option("--seq-len", o.seqLen,
                 "Positions per sample; default: the model's");
  app.add_option(
      "--precision", o.precision,
      "f32, bf16, fp16, auto: the faster of f32 and bf16, or tf32: f32 "
      "whose products a GPU rounds");
  app.add_option("--remat", o.remat,
                 "none, blocks or auto: " + overriding("--remat"));
  app.add_option(
      "--memory-limit", o.memoryLimit,
      "Bytes per rank, or with KiB, MiB, GiB; default: what is free");
  app.add_option("--machine", o.machine,
                 "host, a profile (JSON), or a GPU: " +
                     llvm::join(shippedMachines(), ", "));
  app.add_option("--target-cpu", o.targetCpu, "host or a CPU: x86-64-v3, ...");
  app.add_option("--target-gpu", o.targetGpus,
                 "Code for these as well as for the machine's GPU: "
                 "sm_80,sm_100,...; others compile PTX when a plan is loaded")
      ->delimiter(',');
  app.add_option(
      "--tune-seconds", o.tuneSeconds,
      "Most seconds for trials of the best candidates (60); 0: none");
  app.add_option(
      "--config", o.config,
      "DeepSpeed's file, or its text in urlsafe base64; flags override it");
  app.add_flag("--strict", o.strict, "Refuse keys of it that are unknown");
  app.add_flag("--explain-config{given}", o.explainConfig,
               "Print what its keys become, and where values come from; =all: "
               "defaults, too");
  app.add_flag("--help-config{all}", o.helpConfig,
               "Print the reference of its keys; =PREFIX: of some");
  app.add_flag("--print-config-schema", o.printConfigSchema,
               "Print its JSON Schema, for editors");
  addUpdateFlags(app, o);
  app.add_option("--signature", o.signature,
                 "What an imported module's arguments are (JSON)");
  app.add_option("--json", o.json, "File for the result as JSON");
  app.add_option("--stop-after", o.stopAfter,
                 "Print the module after this phase");
  app.add_option("--dump-phases", o.dumpPhases,
                 "Folder for the module after each phase");
}

static std::optional<int> refuseLaterFlags(int argc, char **argv) {
  for (int i = 1; i < argc; ++i) {
    std::string flag = argv[i];
    flag = flag.substr(0, flag.find('='));
    for (const std::string &later : laterFlags())
      if (flag == later)
        return fail("'" + flag + "' is not built yet");
  }
  return std::nullopt;
}

/// Flags whose values are words.
static std::optional<int> checkWords(const DriverOptions &o) {
  struct Words {
    const char *flag;
    const std::string &value;
    std::vector<std::string> all;
  };
  const Words flags[] = {
      {"--zero", o.zero, {"auto", "0", "1", "2", "3"}},
      {"--remat", o.remat, {"auto", "none", "blocks"}},
      {"--precision", o.precision, {"auto", "f32", "tf32", "bf16", "fp16"}},
      {"--schedule",
       o.schedule,
       {"constant", "linear", "cosine", "polynomial", "wsd"}},
      {"--optimizer",
       o.optimizer,
       {"adamw", "adam", "sgd", "adagrad", "lamb", "lion", "muon"}},
      {"--stop-after",
       o.stopAfter,
       {"import", "precision", "differentiate", "parallel", "memory",
        "schedule", "lower"}}};
  for (const auto &[flag, value, all] : flags) {
    if (value.empty() || llvm::is_contained(all, value))
      continue;
    std::string list;
    for (size_t i = 0; i < all.size(); ++i)
      list += (i == 0 ? "" : i + 1 == all.size() ? " or " : ", ") + all[i];
    return fail("expects " + std::string(flag) + " to be " + list +
                ", but got '" + value + "'" + rt::didYouMean(value, all));
  }
  if (!o.stopAfter.empty() && !o.json.empty())
    return fail(
        "--json describes a plan, and --stop-after makes none; drop one");
  return std::nullopt;
}

static std::optional<int> checkNumbers(const CLI::App &app,
                                       const DriverOptions &o) {
  if (o.tuneSeconds < 0 || o.tuneSeconds > 86400)
    return fail("expects --tune-seconds from 0 to 86400, but got " +
                std::to_string(o.tuneSeconds));
  if (o.world < 1 || o.world > 65536)
    return fail("expects --world from 1 to 65536, but got " +
                std::to_string(o.world));
  for (auto [flag, value] : {std::pair("--global-batch", o.globalBatch),
                             std::pair("--seq-len", o.seqLen)})
    if (app.count(flag) && (value < 1 || value > (int64_t{1} << 31)))
      return fail("expects " + std::string(flag) +
                  " to be a positive number, but got " + std::to_string(value));
  for (auto [flag, value] : {std::pair("--weight-decay", o.weightDecay),
                             std::pair("--clip-value", o.clipValue)})
    if (value && (!(*value >= 0) || !std::isfinite(*value)))
      return fail("expects " + std::string(flag) +
                  " to be a number of at least 0, but got " +
                  app.get_option(flag)->as<std::string>());
  if (o.lr && (!(*o.lr > 0) || !std::isfinite(*o.lr)))
    return fail("expects --lr to be a positive number, but got " +
                app.get_option("--lr")->as<std::string>());
  if (!o.memoryLimit.empty() && !parseBytes(o.memoryLimit))
    return fail("expects --memory-limit in bytes, KiB, MiB or GiB, but got '" +
                o.memoryLimit + "'");
  return std::nullopt;
}

/// --help-config and --print-config-schema need neither model nor file.
static std::optional<int> printAboutKeys(const DriverOptions &o) {
  if (o.printConfigSchema) {
    std::fputs(configJsonSchema().c_str(), stdout);
    return 0;
  }
  if (o.helpConfig.empty())
    return std::nullopt;
  const bool all = o.helpConfig == "all";
  const std::string text = configReference(all ? "" : o.helpConfig);
  if (text.empty())
    return fail("no key begins with '" + o.helpConfig + "'");
  std::fputs(text.c_str(), stdout);
  return 0;
}

/// Flags about --config.
static std::optional<int> checkConfigFlags(const DriverOptions &o) {
  const bool asked = !o.explainConfig.empty();
  if (asked && o.explainConfig != "given" && o.explainConfig != "all")
    return fail("expects --explain-config or --explain-config=all, but got '" +
                o.explainConfig + "'");
  if ((asked || o.strict) && o.config.empty())
    return fail(std::string(asked ? "--explain-config" : "--strict") +
                " is about a file; add --config=FILE");
  return std::nullopt;
}

std::optional<int> parseOptions(int argc, char **argv, DriverOptions &o) {
  if (std::optional<int> code = refuseLaterFlags(argc, argv))
    return code;
  CLI::App app("Compiles a model into a plan", "ds-opt");
  addFlags(app, o);
  if (std::optional<int> code = tools::parse(app, argc, argv))
    return code;
  if (std::optional<int> code = printAboutKeys(o))
    return code;
  if (std::optional<int> code = checkConfigFlags(o))
    return code;
  if (o.input.empty() && (o.explainConfig.empty() || o.config.empty()))
    return fail("expects a model: ds-opt MODEL --zero=auto [-o X.dsplan]");
  if (o.input.ends_with(".dsplan"))
    for (const std::string &flag : driverFlags())
      if (const CLI::Option *option = app.get_option_no_throw(flag))
        if (option->count() > 0 && flag != "--target-cpu" &&
            flag != "--target-gpu" && flag != "--machine")
          return fail("'" + flag + "' needs a model, but got the plan '" +
                      o.input +
                      "'; of a plan only --target-cpu can be changed, or "
                      "--machine and --target-gpu where that is for GPUs");
  if (std::optional<int> code = checkWords(o))
    return code;
  if (std::optional<int> code = checkNumbers(app, o))
    return code;
  if (std::optional<int> code = settle(o))
    return code;
  if (!o.input.empty())
    return std::nullopt;
  std::fputs(explain(o, {}, "").c_str(), stdout);
  return 0;
}

bool isDriverCall(int argc, char **argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.ends_with(".dsplan"))
      return true;
    for (const std::string &flag : driverFlags())
      if (word == flag || word.starts_with(flag + "="))
        return true;
  }
  return false;
}

} // namespace ds
