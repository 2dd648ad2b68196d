//===- GpuCode.cpp - From LLVM IR to PTX and cubins ---------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// LLVM's back end writes PTX; ptxas, a program of NVIDIA's toolkit, makes code
// of it.  LLVM ends the process when an architecture is not in the PTX version
// asked for, so only what is in the table below gets there.
//===--------------------------------------------------------------------===//

#include "GpuCode.h"

#include "NativeCode.h"
#include "Optimize.h"

#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace ds;

//===--------------------------------------------------------------------===//
// Architectures
//===--------------------------------------------------------------------===//

/// Architectures with bfloat16, and the version of PTX that has them.  Profiles
/// name those (runtime/profile/GpuRates.cpp).
static constexpr std::pair<llvm::StringLiteral, llvm::StringLiteral> kArchs[] =
    {{"sm_80", "+ptx71"},   {"sm_86", "+ptx71"},   {"sm_87", "+ptx74"},
     {"sm_89", "+ptx78"},   {"sm_90", "+ptx78"},   {"sm_90a", "+ptx80"},
     {"sm_100", "+ptx86"},  {"sm_100a", "+ptx86"}, {"sm_103", "+ptx88"},
     {"sm_103a", "+ptx88"}, {"sm_120", "+ptx87"},  {"sm_120a", "+ptx87"}};

/// PTX's version for an architecture, as LLVM's feature; empty for an unknown
/// one.
static StringRef featuresOf(StringRef arch) {
  for (auto [name, features] : kArchs)
    if (name == arch)
      return features;
  return "";
}

std::string ds::whyNoGpuArch(StringRef arch) {
  if (!featuresOf(arch).empty())
    return "";
  auto names = llvm::map_range(kArchs, [](auto pair) { return pair.first; });
  return ("unknown GPU architecture '" + arch + "'; expects one of ").str() +
         llvm::join(names, ", ");
}

static const llvm::Triple &triple() {
  static const llvm::Triple value("nvptx64-nvidia-cuda");
  return value;
}

static std::unique_ptr<llvm::TargetMachine> makeMachine(StringRef arch,
                                                        StringRef features) {
  static const llvm::Target *target = [] {
    LLVMInitializeNVPTXTargetInfo();
    LLVMInitializeNVPTXTarget();
    LLVMInitializeNVPTXTargetMC();
    LLVMInitializeNVPTXAsmPrinter();
    std::string error;
    return llvm::TargetRegistry::lookupTarget(triple(), error);
  }();
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Fast;
  return std::unique_ptr<llvm::TargetMachine>(target->createTargetMachine(
      triple(), arch, features, options, std::nullopt, std::nullopt,
      llvm::CodeGenOptLevel::Aggressive));
}

//===--------------------------------------------------------------------===//
// LLVM IR
//===--------------------------------------------------------------------===//

FailureOr<std::string> ds::gpuBitcode(ModuleOp module) {
  expandGpuExponentials(module);
  expandMath(module);
  expandGpuDivisions(module);
  expandNarrowFloats(module, /*isNative=*/true);
  if (failed(lowerToLLVM(module)))
    return failure();
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> code =
      translateModuleToLLVMIR(module, context, "kernels");
  if (!code)
    return failure();
  for (llvm::Function &function : *code)
    function.addFnAttr(llvm::Attribute::NoUnwind);
  std::string bitcode;
  llvm::raw_string_ostream stream(bitcode);
  llvm::WriteBitcodeToFile(*code, stream);
  return bitcode;
}

FailureOr<std::string> ds::makePtx(const GpuSource &source, StringRef arch,
                                   Location loc) {
  if (std::string why = whyNoGpuArch(arch); !why.empty())
    return emitError(loc) << why;
  llvm::LLVMContext context;
  auto module = llvm::parseBitcodeFile(
      llvm::MemoryBufferRef(source.bitcode, "kernels"), context);
  if (!module)
    return emitError(loc) << llvm::toString(module.takeError());
  std::unique_ptr<llvm::TargetMachine> machine =
      makeMachine(arch, featuresOf(arch));
  (*module)->setTargetTriple(triple());
  (*module)->setDataLayout(machine->createDataLayout());
  optimize(**module, *machine);
  llvm::SmallString<0> ptx;
  llvm::raw_svector_ostream stream(ptx);
  llvm::legacy::PassManager passes;
  machine->addPassesToEmitFile(passes, stream, nullptr,
                               llvm::CodeGenFileType::AssemblyFile);
  passes.run(**module);
  return ptx.str().str();
}

//===--------------------------------------------------------------------===//
// ptxas
//===--------------------------------------------------------------------===//

std::string ds::findPtxas() {
  SmallVector<std::string> roots;
  for (const char *name : {"CUDA_HOME", "CUDA_PATH"})
    if (const char *root = std::getenv(name); root && *root)
      roots.push_back(root);
  roots.push_back("/usr/local/cuda");
  for (const std::string &root : roots) {
    llvm::SmallString<64> path(root);
    llvm::sys::path::append(path, "bin", "ptxas");
    if (llvm::sys::fs::can_execute(path))
      return path.str().str();
  }
  auto found = llvm::sys::findProgramByName("ptxas");
  return found ? *found : "";
}

namespace {
/// What ptxas says of a kernel.
struct Usage {
  uint32_t registers = 0, spillBytes = 0, stackBytes = 0, staticBytes = 0;
};
} // namespace

/// The number in front of a unit; 0 for none.
static uint32_t numberBefore(StringRef line, StringRef unit) {
  uint32_t value = 0;
  StringRef front = line.substr(0, line.find(unit)).rtrim();
  if (line.contains(unit) &&
      !front.substr(front.find_last_of(" ,") + 1).getAsInteger(10, value))
    return value;
  return 0;
}

/// Takes the numbers of `ptxas -v`, whose lines about a function follow the
/// one that names it.
static std::vector<Usage> readUsage(StringRef report, size_t kernels) {
  std::vector<Usage> result(kernels);
  Usage *kernel = nullptr;
  for (StringRef line : llvm::split(report, '\n')) {
    StringRef name = line;
    if (name.consume_front("ptxas info    : Compiling entry function 'ds_k")) {
      size_t number;
      bool isKnown = !name.consumeInteger(10, number) && number < kernels;
      kernel = isKnown ? &result[number] : nullptr;
    } else if (kernel) {
      kernel->stackBytes += numberBefore(line, " bytes stack frame");
      kernel->spillBytes += numberBefore(line, " bytes spill stores");
      kernel->registers += numberBefore(line, " registers");
      kernel->staticBytes += numberBefore(line, " bytes smem");
    }
  }
  return result;
}

namespace {
/// Files that are removed again.
struct TemporaryFile {
  llvm::SmallString<64> path;
  std::error_code error;
  explicit TemporaryFile(StringRef suffix) {
    error = llvm::sys::fs::createTemporaryFile("ds-kernels", suffix, path);
  }
  ~TemporaryFile() {
    if (!error)
      (void)llvm::sys::fs::remove(path);
  }
  std::string text() const {
    auto buffer = llvm::MemoryBuffer::getFile(path);
    return buffer ? (*buffer)->getBuffer().str() : "";
  }
};
} // namespace

static bool isUnknownArch(StringRef report) {
  return report.contains("is not defined for option 'gpu-name'");
}

namespace {
struct Assembled {
  std::vector<char> cubin;
  std::string report;
};
} // namespace

/// Runs ptxas; no cubin, but a report, where it does not know `arch`.
static FailureOr<Assembled> runPtxas(StringRef ptxas, StringRef ptx,
                                     StringRef arch, Location loc) {
  TemporaryFile source("ptx"), cubin("cubin"), report("txt");
  for (const TemporaryFile *file : {&source, &cubin, &report})
    if (file->error)
      return emitError(loc)
             << "cannot make a temporary file: " << file->error.message();
  if (failed(writeFile(source.path, ptx, loc)))
    return failure();
  std::string option = ("-arch=" + arch).str(), why;
  StringRef arguments[] = {ptxas, option,     "-O3",      "-v",
                           "-o",  cubin.path, source.path};
  std::optional<StringRef> redirects[] = {StringRef(""), report.path.str(),
                                          report.path.str()};
  int code = llvm::sys::ExecuteAndWait(ptxas, arguments, std::nullopt,
                                       redirects, 0, 0, &why);
  Assembled result{{}, report.text()};
  if (isUnknownArch(result.report))
    return result;
  if (code != 0)
    return emitError(loc)
           << "'" << ptxas << "' fails for " << arch << ": "
           << StringRef(why.empty() ? result.report : why).trim();
  std::string bytes = cubin.text();
  if (bytes.empty())
    return emitError(loc) << "'" << ptxas << "' leaves no code for " << arch;
  result.cubin.assign(bytes.begin(), bytes.end());
  return result;
}

std::string ds::withOneBlock(StringRef ptx, ArrayRef<GpuKernelInfo> kernels) {
  std::string result = ptx.str();
  for (auto [i, kernel] : llvm::enumerate(kernels)) {
    if (!kernel.isOneBlock)
      continue;
    size_t entry = result.find(".entry ds_k" + std::to_string(i) + "(");
    size_t body = entry == result.npos ? entry : result.find("\n{", entry);
    if (body != result.npos)
      result.insert(body, "\n.minnctapersm 1");
  }
  return result;
}

FailureOr<std::vector<char>> ds::assemble(StringRef ptxas, StringRef ptx,
                                          StringRef arch,
                                          std::vector<GpuKernelInfo> &kernels,
                                          std::vector<std::string> &notes,
                                          Location loc) {
  FailureOr<Assembled> result = runPtxas(ptxas, ptx, arch, loc);
  if (failed(result))
    return failure();
  if (isUnknownArch(result->report)) {
    notes.push_back(
        (ptxas + " does not know " + arch + ": no cubin for it").str());
    return std::vector<char>();
  }
  std::vector<Usage> usage = readUsage(result->report, kernels.size());
  bool spills = false;
  for (auto [kernel, uses] : llvm::zip_equal(kernels, usage))
    if (uses.spillBytes || uses.stackBytes)
      spills = kernel.isOneBlock = true;
  if (spills) {
    result = runPtxas(ptxas, withOneBlock(ptx, kernels), arch, loc);
    if (failed(result))
      return failure();
    usage = readUsage(result->report, kernels.size());
  }
  for (auto [kernel, uses] : llvm::zip_equal(kernels, usage)) {
    kernel.registers = std::max(kernel.registers, uses.registers);
    kernel.spillBytes = std::max(kernel.spillBytes, uses.spillBytes);
    kernel.stackBytes = std::max(kernel.stackBytes, uses.stackBytes);
    kernel.staticBytes = std::max(kernel.staticBytes, uses.staticBytes);
  }
  return std::move(result->cubin);
}
