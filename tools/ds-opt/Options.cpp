//===- Options.cpp - The compile driver's flags -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Options.h"
#include "../CommandLine.h"

#include "llvm/ADT/STLExtras.h"

#include <cmath>

namespace ds {

static int fail(const std::string &message) {
  std::fprintf(stderr, "ds-opt: error: %s\n", message.c_str());
  return 2;
}

/// Flags of the command line's full surface that no code reads yet.
static const std::vector<std::string> &laterFlags() {
  static const std::vector<std::string> flags = {
      "--hostfile", "--mesh",   "--host-memory-limit", "--offload",
      "--nvme",     "--strict", "--deterministic",     "--explain-config"};
  return flags;
}

const std::vector<std::string> &driverFlags() {
  static const std::vector<std::string> flags = [] {
    std::vector<std::string> all = {
        "--zero",    "--world",        "--micro-batch",  "--global-batch",
        "--seq-len", "--precision",    "--remat",        "--memory-limit",
        "--machine", "--target-cpu",   "--tune-seconds", "--lr",
        "--json",    "--stop-after",   "--dump-phases",  "--config",
        "--min-lr",  "--warmup-steps", "--decay-steps",  "--signature"};
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

static void addFlags(CLI::App &app, DriverOptions &o) {
  app.add_option("model", o.input, "Model in the ds dialect");
  app.add_option("-o,--output", o.output,
                 "Plan to write; default: the input's name");
  app.add_option("--zero", o.zero, "ZeRO stage 0, 1, 2 or 3, or auto");
  app.add_option("--world", o.world, "Ranks");
  app.add_option("--micro-batch", o.microBatch,
                 "Samples per rank at a time, or auto");
  app.add_option("--global-batch", o.globalBatch,
                 "Samples per step over all ranks");
  app.add_option("--seq-len", o.seqLen,
                 "Positions per sample; default: the model's");
  app.add_option("--precision", o.precision, "f32");
  app.add_option("--remat", o.remat, "none, blocks or auto");
  app.add_option(
      "--memory-limit", o.memoryLimit,
      "Bytes per rank, or with KiB, MiB, GiB; default: what is free");
  app.add_option("--machine", o.machine, "host or a profile (JSON)");
  app.add_option("--target-cpu", o.targetCpu, "host or a CPU: x86-64-v3, ...");
  app.add_option(
      "--tune-seconds", o.tuneSeconds,
      "Most seconds for trials of the best candidates (60); 0: none");
  app.add_option("--config", o.config, "DeepSpeed's file; flags override it");
  app.add_option("--lr", o.lr, "Learning rate of AdamW");
  app.add_option("--warmup-steps", o.warmupSteps,
                 "Steps in which the learning rate rises to --lr");
  app.add_option("--decay-steps", o.decaySteps,
                 "Step at which its cosine ends, counted from step 0");
  app.add_option("--min-lr", o.minLr, "Learning rate from then on");
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
  if (llvm::is_contained({"bf16", "fp16", "auto"}, o.precision))
    return fail("'--precision=" + o.precision + "' is not built yet; use f32");
  const Words flags[] = {
      {"--zero", o.zero, {"auto", "0", "1", "2", "3"}},
      {"--remat", o.remat, {"auto", "none", "blocks"}},
      {"--precision", o.precision, {"f32"}},
      {"--stop-after",
       o.stopAfter,
       {"import", "differentiate", "parallel", "memory", "schedule", "lower"}}};
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
  if (o.lr && (!(*o.lr > 0) || !std::isfinite(*o.lr)))
    return fail("expects --lr to be a positive number, but got " +
                app.get_option("--lr")->as<std::string>());
  if (!o.memoryLimit.empty() && !parseBytes(o.memoryLimit))
    return fail("expects --memory-limit in bytes, KiB, MiB or GiB, but got '" +
                o.memoryLimit + "'");
  return std::nullopt;
}

std::optional<int> parseOptions(int argc, char **argv, DriverOptions &o) {
  if (std::optional<int> code = refuseLaterFlags(argc, argv))
    return code;
  CLI::App app("Compiles a model into a plan", "ds-opt");
  addFlags(app, o);
  if (std::optional<int> code = tools::parse(app, argc, argv))
    return code;
  if (o.input.empty())
    return fail("expects a model: ds-opt MODEL --zero=auto [-o X.dsplan]");
  if (o.input.ends_with(".dsplan"))
    for (const std::string &flag : driverFlags())
      if (const CLI::Option *option = app.get_option_no_throw(flag))
        if (option->count() > 0 && flag != "--target-cpu")
          return fail("'" + flag + "' needs a model, but got the plan '" +
                      o.input +
                      "'; of a plan only --target-cpu can be changed");
  if (std::optional<int> code = checkWords(o))
    return code;
  if (std::optional<int> code = checkNumbers(app, o))
    return code;
  return settle(o);
}

} // namespace ds
