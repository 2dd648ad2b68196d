//===- Driver.cpp - From a model to a plan ------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Driver.h"
#include "../Diagnostics.h"
#include "CheckModel.h"
#include "Explain.h"
#include "ImportModel.h"
#include "Options.h"
#include "Report.h"
#include "Targets.h"
#include "base/Nearest.h"
#include "ds-rt/PlanFile.h"
#include "ds/Config/Config.h"
#include "ds/Dialect/DS/DS.h"
#include "ds/Dialect/StableHLO/StableHLO.h"
#include "ds/Tune/Tune.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/ToolOutputFile.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>

using namespace mlir;

namespace ds {
namespace {

/// How many of the candidates are run before the choice.
constexpr size_t kTimedCandidates = 3;

/// One message on standard error.
int fail(int code, const Twine &message) {
  llvm::errs() << "ds-opt: error: " << message << "\n";
  return code;
}

double millisecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(
             std::chrono::steady_clock::now() - start)
      .count();
}

class Driver {
public:
  explicit Driver(const DriverOptions &options)
      : o(options), sources(std::make_shared<llvm::SourceMgr>()),
        handler(*sources, &context) {
    DialectRegistry registry;
    registry.insert<DSDialect, func::FuncDialect, scf::SCFDialect,
                    arith::ArithDialect>();
    registerStableHLO(registry);
    tools::improveDiagnostics(registry);
    context.appendDialectRegistry(registry);
    context.printOpOnDiagnostic(false); // users know their model
    context.getDiagEngine().registerHandler(
        [this](Diagnostic &error) { return tell(error); });
    context.loadAllAvailableDialects();
    registerCodegenDialects(context);
  }

  int run() {
    auto start = std::chrono::steady_clock::now();
    if (TargetProblem problem = checkTargetCpu(o); problem.code)
      return fail(problem.code, problem.message);
    if (StringRef(o.input).ends_with(".dsplan"))
      return reemit();
    if (int code = readModel())
      return code;
    if (int code = readMachineProfile())
      return code;
    if (int code = makeSearch())
      return code;
    if (int code = checkOutputs())
      return code;
    if (!o.stopAfter.empty() || !o.dumpPhases.empty())
      if (int code = showPhases(); code != 0 || !o.stopAfter.empty())
        return code;
    FailureOr<std::vector<int>> finalists =
        search(*model, searchSpace, machine, kTimedCandidates, candidates);
    if (failed(finalists))
      return 1;
    if (finalists->empty())
      return fail(1, explainNothingFits(*model, searchSpace, machine,
                                        !o.memoryLimit.empty(), candidates));
    int best = finalists->front();
    if (int code = timeFinalists(*finalists, best))
      return code;
    Candidate &winner = candidates[best];
    if (failed(writePlan(winner, output())))
      return 1;
    outcome.plan = output();
    outcome.compileMs = millisecondsSince(start) - outcome.tuneMs;
    llvm::raw_ostream &os = o.json == "-" ? llvm::errs() : llvm::outs();
    printOutcome(outcome, winner, os);
    if (!o.explainConfig.empty())
      os << explain(o, found(outcome, winner),
                    winner.draft->plan.facts->hf_config);
    return o.json.empty() ? 0 : writeJson(winner);
  }

private:
  //===------------------------------------------------------------------===//
  // Input
  //===------------------------------------------------------------------===//

  /// Shows an error without a line as the other errors of the driver, and of
  /// the parser's the first: the others follow from it.
  LogicalResult tell(Diagnostic &error) {
    if (error.getSeverity() == DiagnosticSeverity::Remark &&
        isa<UnknownLoc>(error.getLocation())) {
      llvm::errs() << "ds-opt: note: " << error << "\n";
      return success();
    }
    if (error.getSeverity() != DiagnosticSeverity::Error)
      return failure();
    if (parsing && std::exchange(told, true))
      return success();
    auto file = dyn_cast<FileLineColLoc>(error.getLocation());
    if (file && file.getLine() == 0)
      fail(1, "'" + file.getFilename().getValue() + "': " + error.str());
    else if (isa<UnknownLoc>(error.getLocation()))
      fail(1, error.str());
    else
      return failure(); // with its line
    return success();
  }

  int readModel() {
    llvm::sys::fs::file_status status;
    if (llvm::sys::fs::status(o.input, status))
      return fail(1, "cannot read '" + o.input + "': no such file");
    if (llvm::sys::fs::is_directory(status))
      return fail(1, "cannot read '" + o.input + "': it is a folder");
    if (!llvm::sys::fs::is_regular_file(status)) // a pipe may never end
      return fail(1, "cannot read '" + o.input + "': it is not a regular file");
    auto buffer = llvm::MemoryBuffer::getFile(o.input);
    if (!buffer)
      return fail(1, "cannot read '" + o.input +
                         "': " + buffer.getError().message());
    StringRef text = (*buffer)->getBuffer();
    if (text.starts_with(StringRef(plan::kMagic, sizeof(plan::kMagic))))
      return fail(1, "'" + o.input +
                         "' is a plan, not a model; name it .dsplan to emit "
                         "its kernels anew for --target-cpu");
    if (std::string why = whyNoModel(o.input, text); !why.empty())
      return fail(1, "'" + o.input + "' " + why);
    sources->AddNewSourceBuffer(std::move(*buffer), {});
    parsing = true;
    model = parseSourceFile<ModuleOp>(sources, &context);
    parsing = false;
    if (!model)
      return 1;
    if (int code = importModel(*model, o))
      return code;
    if (findLoss(*model))
      return failed(checkModel(*model));
    return fail(1, "'" + o.input +
                       "' has no function marked 'ds.loss'; "
                       "ds-model writes modules that have one");
  }

  /// A plan as input: its kernels for another CPU or GPU.
  int reemit() {
    std::string path = o.output.empty() ? o.input : o.output;
    const bool isForHost = o.machine == "host" && o.targetGpus.empty();
    if (int code = isForHost ? 0 : readMachineProfile())
      return code;
    if (failed(reemitPlan(context, o.input, targetOf(o, machine), path)))
      return 1;
    llvm::outs() << path << ": kernels of " << o.input << " for "
                 << (machine.profile.gpu ? o.machine : o.targetCpu) << "\n";
    return 0;
  }

  int readMachineProfile() {
    std::string error;
    if (o.machine == "host") {
      machine = hostMachine();
      if (!machine.note.empty())
        llvm::errs() << "ds-opt: warning: " << machine.note << "\n";
    } else if (!readMachine(o.machine, machine, error)) {
      std::vector<std::string> known = shippedMachines();
      known.push_back("host");
      return fail(1, error + rt::didYouMean(o.machine, known));
    }
    const TargetProblem problem = checkTargets(o, machine);
    return problem.code ? fail(problem.code, problem.message) : 0;
  }

  /// Batch arithmetic: global batch = world * micro-batch * accumulation.
  int makeSearch() {
    searchSpace.world = o.world;
    searchSpace.seqLen = o.seqLen;
    searchSpace.recipe = o.recipe;
    searchSpace.bf16Products = machine.hasBFloatProducts(o.targetCpu);
    searchSpace.gpu = machine.profile.gpu.has_value();
    searchSpace.geluEpilogues = machine.hasGeluEpilogues();
    searchSpace.precisions = o.precisions;
    if (o.zero != "auto")
      searchSpace.stage = o.zero[0] - '0';
    if (o.remat != "auto")
      searchSpace.rematBlocks = o.remat == "blocks";
    searchSpace.memoryLimit = o.memoryLimit.empty()
                                  ? machine.memoryOf(o.world)
                                  : *parseBytes(o.memoryLimit);
    int64_t micro = 0;
    bool autoMicro =
        o.microBatch == "auto" ||
        (o.microBatch.empty() && o.globalBatch && o.zero == "auto");
    if (!o.microBatch.empty() && !autoMicro) {
      char *end = nullptr;
      micro = std::strtoll(o.microBatch.c_str(), &end, 10);
      if (*end || micro < 1 || micro > (int64_t{1} << 31))
        return fail(
            2,
            "expects --micro-batch to be auto or a positive number, but got '" +
                o.microBatch + "'");
    }
    searchSpace.globalBatch =
        o.globalBatch ? o.globalBatch : o.world * std::max<int64_t>(micro, 1);
    if (searchSpace.globalBatch % o.world != 0)
      return fail(
          2, "expects the world to divide the global batch, but got world " +
                 Twine(o.world) + " and global batch " +
                 Twine(searchSpace.globalBatch) + "; use --global-batch=" +
                 Twine(llvm::alignTo(searchSpace.globalBatch, o.world)));
    int64_t local = searchSpace.globalBatch / o.world;
    if (!micro && !autoMicro)
      micro = local;
    if (micro && local % micro != 0) {
      int64_t divisor = std::min(micro, local);
      while (local % divisor != 0)
        --divisor;
      return fail(
          2, "expects the micro-batch to divide the batch of a rank, but got "
             "micro-batch " +
                 Twine(micro) + " and " + Twine(local) +
                 " samples per rank; use --micro-batch=" + Twine(divisor));
    }
    if (micro)
      searchSpace.microBatch = micro;
    return checkSeqLen();
  }

  int checkSeqLen() {
    auto length = (*model)->getAttrOfType<IntegerAttr>("ds.seq_len");
    if (o.seqLen && !hasSequence(*model))
      return fail(
          2, "--seq-len binds a dimension named 'seq', but the inputs of '" +
                 o.input + "' have none; drop --seq-len");
    if (length && o.seqLen > length.getInt())
      return fail(2, "expects --seq-len of at most the model's " +
                         Twine(length.getInt()) + ", but got " +
                         Twine(o.seqLen));
    return 0;
  }

  //===------------------------------------------------------------------===//
  // Output
  //===------------------------------------------------------------------===//

  std::string output() const {
    if (!o.output.empty())
      return o.output;
    SmallString<256> path(o.input);
    llvm::sys::path::replace_extension(path, "dsplan");
    return path.str().str();
  }

  /// Asked before the work, so that it is not done in vain.
  int checkOutputs() {
    bool plan = o.stopAfter.empty();
    if (plan && o.output == "-")
      return fail(2,
                  "a plan cannot go to standard output; name a file with -o");
    SmallVector<std::string> paths{plan ? output() : o.output, o.json};
    for (const std::string &path : paths)
      if (!path.empty() && llvm::sys::fs::equivalent(path, o.input))
        return fail(2, "'" + path + "' is the model; name another output");
    if (plan && paths[0] == o.json)
      return fail(2, "-o and --json name the same file, '" + o.json + "'");
    for (const std::string &path : paths) {
      if (path.empty() || path == "-")
        continue;
      StringRef folder = llvm::sys::path::parent_path(path);
      std::error_code error =
          llvm::sys::fs::is_directory(path)
              ? std::make_error_code(std::errc::is_a_directory)
              : llvm::sys::fs::access(folder.empty() ? "." : folder,
                                      llvm::sys::fs::AccessMode::Write);
      if (error)
        return fail(1, "cannot write '" + path + "': " + error.message());
    }
    return 0;
  }

  int writeJson(const Candidate &winner) {
    std::string message;
    auto file = openOutputFile(o.json, &message);
    if (!file)
      return fail(1, message);
    file->os() << outcomeJson(outcome, winner) << "\n";
    return keep(*file, o.json);
  }

  static int keep(llvm::ToolOutputFile &file, StringRef path) {
    file.os().flush();
    if (std::error_code error = file.os().error()) {
      file.os().clear_error();
      return fail(1, "cannot write '" + path + "': " + error.message());
    }
    file.keep();
    return 0;
  }

  int writeModule(ModuleOp module, StringRef path) {
    std::string message;
    auto file = openOutputFile(path, &message);
    if (!file)
      return fail(1, message);
    module->print(file->os());
    return keep(*file, path);
  }

  /// --stop-after and --dump-phases, for the first candidate.
  int showPhases() {
    std::vector<Candidate> all = enumerate(searchSpace);
    if (!o.dumpPhases.empty())
      if (std::error_code error =
              llvm::sys::fs::create_directories(o.dumpPhases))
        return fail(1, "cannot make folder '" + o.dumpPhases +
                           "': " + error.message());
    int code = 0, number = 0;
    auto show = [&](Phase phase, ModuleOp module) {
      std::string name =
          std::to_string(number++) + "-" + phaseName(phase).str() + ".mlir";
      if (!o.dumpPhases.empty())
        code |= writeModule(module, o.dumpPhases + "/" + name);
      if (phaseName(phase) != o.stopAfter)
        return code == 0;
      code |= writeModule(module, o.output.empty() ? "-" : o.output);
      return false;
    };
    if (failed(
            draftCandidate(*model, all.front(), machine.rates(o.world), show)))
      return 1;
    return code;
  }

  LogicalResult writePlan(Candidate &candidate, const std::string &path) {
    setFacts(candidate);
    return finishPlan(*candidate.module, *candidate.draft, targetOf(o, machine),
                      path);
  }

  //===------------------------------------------------------------------===//
  // Trials
  //===------------------------------------------------------------------===//

  /// Why the candidates cannot be timed here, or nothing.
  std::string whyNotTimed(const std::string &runner) const {
    if (o.tuneSeconds == 0)
      return "--tune-seconds=0";
    if (o.machine != "host")
      return "--machine names another machine";
    if (o.targetCpu != "host")
      return "--target-cpu names another CPU";
    if (!llvm::sys::fs::can_execute(runner))
      return "there is no ds-run beside ds-opt";
    return "";
  }

  /// Puts the fastest of the finalists, by trial where possible, into `best`;
  /// returns an exit code.
  int timeFinalists(const std::vector<int> &finalists, int &best) {
    if (finalists.size() < 2)
      return 0;
    static int anchor; // lies in this program
    SmallString<256> runner(
        llvm::sys::path::parent_path(llvm::sys::fs::getMainExecutable(
            "ds-opt", reinterpret_cast<void *>(&anchor))));
    llvm::sys::path::append(runner, "ds-run");
    outcome.notTimed = whyNotTimed(runner.str().str());
    if (!outcome.notTimed.empty())
      return 0;
    SmallString<256> path;
    if (std::error_code error =
            llvm::sys::fs::createTemporaryFile("ds-opt-trial", "dsplan", path))
      return fail(1, "cannot make a file for trials: " + error.message());
    llvm::FileRemover remover(path);
    llvm::sys::RemoveFileOnSignal(path);
    auto start = std::chrono::steady_clock::now();
    FailureOr<int> winner = runTrials(
        candidates, finalists, path.str().str(),
        [&](Candidate &candidate, const std::string &path) {
          if (llvm::sys::Process::StandardErrIsDisplayed())
            llvm::errs() << "timing " << candidate.name << " ...\n";
          return writePlan(candidate, path);
        },
        processTrials(runner.str().str()), double(o.tuneSeconds));
    llvm::sys::DontRemoveFileOnSignal(path);
    outcome.tuneMs = millisecondsSince(start);
    if (failed(winner))
      return 1;
    if (*winner < 0)
      return explainNothingRuns(finalists);
    best = *winner;
    if (!candidates[best].measuredMs)
      outcome.notTimed =
          "no trial ran two steps within its share of --tune-seconds";
    return 0;
  }

  int explainNothingRuns(const std::vector<int> &finalists) {
    std::string reasons;
    for (int index : finalists)
      reasons += "\n  " + candidates[index].name + ": " +
                 candidates[index].droppedBecause;
    return fail(1, "expects one of the candidates to run, but got" + reasons +
                       "\nuse --tune-seconds=0 to write the plan that is "
                       "predicted fastest without a trial");
  }

  void setFacts(Candidate &winner) {
    plan::FactsT &facts = *winner.draft->plan.facts;
    const StepOptions &s = winner.options;
    if (auto name = (*model)->getAttrOfType<StringAttr>("ds.model"))
      facts.model = name.str();
    auto length = (*model)->getAttrOfType<IntegerAttr>("ds.seq_len");
    facts.zero_stage = static_cast<uint32_t>(s.stage);
    facts.micro_batch = s.microBatch;
    facts.grad_accum = s.accumulation();
    facts.global_batch = searchSpace.globalBatch;
    facts.seq_len = s.seqLen ? s.seqLen : length ? length.getInt() : 0;
    facts.precision = s.recipe.precision.name();
    facts.remat = s.rematBlocks ? "blocks" : "none";
    facts.memory_limit = o.memoryLimit.empty() ? 0 : searchSpace.memoryLimit;
    setRecipe(facts, *model, s.recipe);
    if (auto config = (*model)->getAttrOfType<StringAttr>("ds.hf_config"))
      facts.hf_config = config.str();
  }

  DriverOptions o;
  MLIRContext context; // outlives every module below
  std::shared_ptr<llvm::SourceMgr> sources;
  SourceMgrDiagnosticHandler handler; // passes' errors, too, show the source
  OwningOpRef<ModuleOp> model;
  Machine machine;
  Search searchSpace;
  Outcome outcome;
  std::vector<Candidate> &candidates = outcome.candidates;
  bool parsing = false, told = false;
};

} // namespace

int runDriver(int argc, char **argv) {
  DriverOptions options;
  if (std::optional<int> code = parseOptions(argc, argv, options))
    return *code;
  return Driver(options).run();
}

} // namespace ds
