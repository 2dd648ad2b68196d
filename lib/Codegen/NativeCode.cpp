//===- NativeCode.cpp - From loops to a flat image of machine code ------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// scf to the LLVM dialect to LLVM IR to position-independent objects, and
// those linked in process by lld into `.text` and `.rodata`, back to back.
// Objects may only refer to themselves, relative to the program counter: then
// the image needs no relocation wherever it is mapped.
//===--------------------------------------------------------------------===//

#include "NativeCode.h"
#include "Optimize.h"

#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "mlir/Transforms/DialectConversion.h"

#include "lld/Common/Driver.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/IR/DiagnosticHandler.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Host.h"

#include <mutex>
#include <thread>

LLD_HAS_DRIVER(elf)

using namespace mlir;
using namespace ds;

//===--------------------------------------------------------------------===//
// Targets
//===--------------------------------------------------------------------===//

static const llvm::Triple &triple() {
  static const llvm::Triple value("x86_64-unknown-linux-gnu");
  return value;
}

static const llvm::Target *x86() {
  static const llvm::Target *target = [] {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    std::string error;
    return llvm::TargetRegistry::lookupTarget(triple(), error);
  }();
  return target;
}

/// LLVM's feature names that code may use, and the kernel's names for them.
static constexpr std::pair<llvm::StringLiteral, llvm::StringLiteral>
    kCpuFlags[] = {{"sse4.1", "sse4_1"},
                   {"sse4.2", "sse4_2"},
                   {"popcnt", "popcnt"},
                   {"avx", "avx"},
                   {"avx2", "avx2"},
                   {"fma", "fma"},
                   {"f16c", "f16c"},
                   {"bmi", "bmi1"},
                   {"bmi2", "bmi2"},
                   {"lzcnt", "abm"},
                   {"movbe", "movbe"},
                   {"avx512f", "avx512f"},
                   {"avx512cd", "avx512cd"},
                   {"avx512bw", "avx512bw"},
                   {"avx512dq", "avx512dq"},
                   {"avx512vl", "avx512vl"},
                   {"avx512ifma", "avx512ifma"},
                   {"avx512vbmi", "avx512vbmi"},
                   {"avx512vbmi2", "avx512_vbmi2"},
                   {"avx512vnni", "avx512_vnni"},
                   {"avx512bitalg", "avx512_bitalg"},
                   {"avx512vpopcntdq", "avx512_vpopcntdq"},
                   {"avx512bf16", "avx512_bf16"},
                   {"avx512fp16", "avx512_fp16"},
                   {"gfni", "gfni"},
                   {"vaes", "vaes"},
                   {"vpclmulqdq", "vpclmulqdq"}};

FailureOr<Target> ds::findTarget(StringRef cpu, Location loc) {
  Target result;
  llvm::StringMap<bool> host = llvm::sys::getHostCPUFeatures();
  result.cpu = cpu == "host" ? llvm::sys::getHostCPUName().str() : cpu.str();
  std::unique_ptr<llvm::MCSubtargetInfo> base(
      x86()->createMCSubtargetInfo(triple(), "", ""));
  if (!base->isCPUStringValid(result.cpu))
    return emitError(loc) << "unknown target CPU '" << cpu << "'";
  std::unique_ptr<llvm::MCSubtargetInfo> info(
      x86()->createMCSubtargetInfo(triple(), result.cpu, ""));
  auto has = [&](StringRef feature) {
    return cpu == "host" ? host.lookup(feature)
                         : info->checkFeatures(("+" + feature).str());
  };
  // Only what is listed is switched on, so that the list is all code needs.
  for (auto [feature, flag] : kCpuFlags) {
    bool present = has(feature);
    result.features += (result.features.empty() ? "" : ",");
    result.features += ((present ? "+" : "-") + feature).str();
    if (present)
      result.flags.push_back(flag.str());
  }
  if (!has("avx2") || !has("fma") || !has("f16c"))
    return emitError(loc)
           << "target CPU '" << cpu
           << "' lacks AVX2, FMA or F16C: x86-64-v3 is the least "
              "that kernels are generated for";
  result.vectorBits = has("avx512vl") ? 512 : 256;
  return result;
}

//===--------------------------------------------------------------------===//
// LLVM IR
//===--------------------------------------------------------------------===//

void ds::registerCodegenDialects(MLIRContext &context) {
  DialectRegistry registry;
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  context.appendDialectRegistry(registry);
  context
      .loadDialect<arith::ArithDialect, cf::ControlFlowDialect,
                   func::FuncDialect, linalg::LinalgDialect, LLVM::LLVMDialect,
                   math::MathDialect, scf::SCFDialect, tensor::TensorDialect>();
}

LogicalResult ds::lowerToLLVM(ModuleOp module) {
  MLIRContext *context = module.getContext();
  LLVMTypeConverter types(context);
  RewritePatternSet patterns(context);
  populateSCFToControlFlowConversionPatterns(patterns);
  arith::populateArithToLLVMConversionPatterns(types, patterns);
  populateMathToLLVMConversionPatterns(types, patterns);
  cf::populateControlFlowToLLVMConversionPatterns(types, patterns);
  LLVMConversionTarget target(*context);
  target.addLegalOp<ModuleOp>();
  if (failed(applyFullConversion(module, target, std::move(patterns))))
    return failure();
  // The conversions leave the annotation as an attribute that nobody reads.
  module.walk([](Operation *op) {
    auto note =
        op->getAttrOfType<LLVM::LoopAnnotationAttr>("llvm.loop_annotation");
    if (!note)
      return;
    op->removeAttr("llvm.loop_annotation");
    if (auto branch = dyn_cast<LLVM::BrOp>(op))
      branch.setLoopAnnotationAttr(note);
    else if (auto branch = dyn_cast<LLVM::CondBrOp>(op))
      branch.setLoopAnnotationAttr(note);
  });
  return success();
}

/// What every target has.  All else is switched on by name: a CPU's own name
/// would bring along what `flags` does not ask the machine for, such as FMA4.
static constexpr llvm::StringLiteral kBaseCpu = "x86-64";

static std::unique_ptr<llvm::TargetMachine> makeMachine(const Target &target) {
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Fast;
  return std::unique_ptr<llvm::TargetMachine>(x86()->createTargetMachine(
      triple(), kBaseCpu, target.features, options, llvm::Reloc::PIC_,
      std::nullopt, llvm::CodeGenOptLevel::Aggressive));
}

static void setAttributes(llvm::Module &module, const Target &target) {
  for (llvm::Function &function : module) {
    function.addFnAttr("target-cpu", kBaseCpu);
    function.addFnAttr("tune-cpu", target.cpu);
    function.addFnAttr("target-features", target.features);
    function.addFnAttr("prefer-vector-width",
                       std::to_string(target.vectorBits));
    function.addFnAttr("no-builtins");
    function.addFnAttr("no-jump-tables", "true");
    // Refined estimates turn 1/inf and sqrt(0) into NaN.
    function.addFnAttr("reciprocal-estimates", "none");
    function.addFnAttr(llvm::Attribute::NoUnwind);
  }
}

namespace {
/// One module on its way, used by one thread at a time.
struct Unit {
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> module;
  llvm::SmallString<0> object;
  std::vector<std::string> notes;
};

/// Collects what the back end has to say, such as loops not vectorized.
struct NoteHandler : llvm::DiagnosticHandler {
  explicit NoteHandler(std::vector<std::string> &notes) : notes(notes) {}
  bool handleDiagnostics(const llvm::DiagnosticInfo &info) override {
    if (info.getSeverity() > llvm::DS_Warning)
      return true;
    std::string text;
    llvm::raw_string_ostream stream(text);
    if (auto *placed = dyn_cast<llvm::DiagnosticInfoOptimizationBase>(&info))
      stream << placed->getFunction().getName() << ": ";
    llvm::DiagnosticPrinterRawOStream printer(stream);
    info.print(printer);
    notes.push_back(text);
    return true;
  }
  std::vector<std::string> &notes;
};
} // namespace

static void compileUnit(Unit &unit, const Target &target) {
  std::unique_ptr<llvm::TargetMachine> machine = makeMachine(target);
  unit.context.setDiagnosticHandler(std::make_unique<NoteHandler>(unit.notes));
  unit.module->setTargetTriple(triple());
  unit.module->setDataLayout(machine->createDataLayout());
  setAttributes(*unit.module, target);
  optimize(*unit.module, *machine);
  llvm::raw_svector_ostream stream(unit.object);
  llvm::legacy::PassManager passes;
  machine->addPassesToEmitFile(passes, stream, nullptr,
                               llvm::CodeGenFileType::ObjectFile);
  passes.run(*unit.module);
}

//===--------------------------------------------------------------------===//
// Objects
//===--------------------------------------------------------------------===//

using Object = llvm::object::ELF64LEObjectFile;

/// The function that has the byte `offset` of the code.
static StringRef functionAt(const Object &object, uint64_t offset) {
  for (llvm::object::ELFSymbolRef symbol : object.symbols()) {
    uint64_t begin = llvm::cantFail(symbol.getValue());
    if (symbol.getELFType() == llvm::ELF::STT_FUNC && begin <= offset &&
        offset < begin + symbol.getSize())
      return llvm::cantFail(symbol.getName());
  }
  return "?";
}

/// An object may hold code and constants, and refer to itself relatively.
/// Anything else is a bug of ours, told with the function it is in.
static LogicalResult checkObject(const Object &object, Location loc) {
  for (llvm::object::ELFSectionRef section : object.sections()) {
    StringRef name = llvm::cantFail(section.getName());
    bool isLoaded = section.getFlags() & llvm::ELF::SHF_ALLOC;
    if (isLoaded && section.getSize() && !name.starts_with(".text") &&
        !name.starts_with(".rodata") && !name.starts_with(".eh_frame"))
      return emitError(loc) << "generated code has a section '" << name << "'";
    if (!name.starts_with(".rela.text") && !name.starts_with(".rela.rodata"))
      continue;
    for (llvm::object::ELFRelocationRef relocation : section.relocations()) {
      StringRef function = functionAt(object, relocation.getOffset());
      llvm::object::symbol_iterator symbol = relocation.getSymbol();
      if (symbol != object.symbol_end() &&
          (llvm::cantFail(symbol->getFlags()) &
           llvm::object::SymbolRef::SF_Undefined))
        return emitError(loc)
               << "generated code of '" << function << "' refers to '"
               << llvm::cantFail(symbol->getName()) << "'";
      uint64_t type = relocation.getType();
      if (type != llvm::ELF::R_X86_64_PC32 &&
          type != llvm::ELF::R_X86_64_PLT32 && type != llvm::ELF::R_X86_64_PC64)
        return emitError(loc) << "generated code of '" << function
                              << "' has a relocation of type " << type;
    }
  }
  return success();
}

/// The loaded bytes of a linked file, from address 0, and its symbols.
static LinkedCode readImage(const Object &linked) {
  LinkedCode code;
  for (llvm::object::ELFSectionRef section : linked.sections()) {
    if (!(section.getFlags() & llvm::ELF::SHF_ALLOC))
      continue;
    StringRef bytes = llvm::cantFail(section.getContents());
    uint64_t end = section.getAddress() + bytes.size();
    if (code.bytes.size() < end)
      code.bytes.resize(end);
    llvm::copy(bytes, code.bytes.begin() + section.getAddress());
  }
  for (llvm::object::ELFSymbolRef symbol : linked.symbols())
    code.offsets[llvm::cantFail(symbol.getName())] =
        llvm::cantFail(symbol.getAddress());
  return code;
}

static constexpr llvm::StringLiteral kScript =
    "SECTIONS { .text 0 : { *(.text .text.*) }\n"
    ".rodata : ALIGN(64) { *(.rodata .rodata.*) }\n"
    "/DISCARD/ : { *(.eh_frame) *(.comment) *(.note*) } }\n";

LogicalResult ds::writeFile(StringRef path, StringRef bytes, Location loc) {
  std::error_code error;
  llvm::raw_fd_ostream stream(path, error);
  if (!error) {
    stream << bytes;
    stream.close();
    error = stream.error();
    stream.clear_error();
  }
  if (error)
    return emitError(loc) << "cannot write '" << path
                          << "': " << error.message();
  return success();
}

static FailureOr<LinkedCode> link(ArrayRef<std::unique_ptr<Unit>> units,
                                  Location loc) {
  SmallVector<llvm::SmallString<64>> paths;
  auto removal = llvm::scope_exit([&] {
    for (const auto &path : paths)
      (void)llvm::sys::fs::remove(path);
  });
  auto temporary = [&](StringRef suffix, StringRef bytes) {
    paths.emplace_back();
    if (std::error_code error = llvm::sys::fs::createTemporaryFile(
            "ds-kernels", suffix, paths.back()))
      return LogicalResult(emitError(loc) << "cannot make a temporary file: "
                                          << error.message());
    return writeFile(paths.back(), bytes, loc);
  };
  if (failed(temporary("ld", kScript)) || failed(temporary("elf", "")))
    return failure();
  for (const auto &unit : units)
    if (failed(temporary("o", unit->object)))
      return failure();
  std::vector<const char *> arguments = {"ld.lld", "-e",
                                         "0",      "--build-id=none",
                                         "-T",     paths[0].c_str(),
                                         "-o",     paths[1].c_str()};
  for (auto &path : llvm::drop_begin(paths, 2))
    arguments.push_back(path.c_str());
  std::string errors;
  llvm::raw_string_ostream stream(errors);
  static std::mutex mutex; // lld has global state
  {
    std::lock_guard<std::mutex> lock(mutex);
    lld::Result result =
        lld::lldMain(arguments, stream, stream, {{lld::Gnu, &lld::elf::link}});
    if (result.retCode)
      return emitError(loc) << "kernels do not link: " << errors;
  }
  auto buffer = llvm::MemoryBuffer::getFile(paths[1]);
  if (!buffer)
    return emitError(loc) << "cannot read '" << paths[1] << "'";
  auto linked = Object::create((*buffer)->getMemBufferRef());
  if (!linked)
    return emitError(loc) << llvm::toString(linked.takeError());
  return readImage(*linked);
}

FailureOr<LinkedCode>
ds::compileModules(MutableArrayRef<OwningOpRef<ModuleOp>> modules,
                   const Target &target) {
  Location loc = modules.front()->getLoc();
  std::vector<std::unique_ptr<Unit>> units;
  for (OwningOpRef<ModuleOp> &module : modules) {
    expandMath(*module);
    expandNarrowFloats(*module);
    if (failed(lowerToLLVM(*module)))
      return failure();
    units.push_back(std::make_unique<Unit>());
    units.back()->module =
        translateModuleToLLVMIR(*module, units.back()->context);
    if (!units.back()->module)
      return failure();
  }
  x86();
  std::vector<std::thread> threads;
  for (auto &unit : llvm::drop_begin(units))
    threads.emplace_back([&] { compileUnit(*unit, target); });
  compileUnit(*units.front(), target);
  for (std::thread &thread : threads)
    thread.join();
  for (auto &unit : units) {
    auto object =
        Object::create(llvm::MemoryBufferRef(unit->object, "kernels"));
    if (!object)
      return emitError(loc) << llvm::toString(object.takeError());
    if (failed(checkObject(*object, loc)))
      return failure();
  }
  FailureOr<LinkedCode> code = link(units, loc);
  if (succeeded(code))
    for (auto &unit : units)
      llvm::append_range(code->notes, unit->notes);
  return code;
}
