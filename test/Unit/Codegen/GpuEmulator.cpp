//===- GpuEmulator.cpp - Kernels of a GPU without one -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "GpuEmulator.h"

#include "GpuFibers.h"

#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/TargetSelect.h"

#include <cmath>
#include <cstring>

using namespace ds;
using namespace ds::test;

//===--------------------------------------------------------------------===//
// What code calls
//===--------------------------------------------------------------------===//

namespace {
float exponential(float x) { return std::exp2(x); }
float quotient(float x, float y) { return x / y; }
/// As the compiler's own library has them, of which not all systems' do.
uint16_t rounded(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  if (std::isnan(x))
    return static_cast<uint16_t>(bits >> 16 | 0x40);
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}
/// In a vector register, where code looks for it.
__bf16 toBFloat(float x) {
  uint16_t bits = rounded(x);
  __bf16 result;
  std::memcpy(&result, &bits, sizeof bits);
  return result;
}

const std::pair<const char *, void *> kFunctions[] = {
    {"llvm.nvvm.read.ptx.sreg.tid.x", reinterpret_cast<void *>(&threadNumber)},
    {"llvm.nvvm.read.ptx.sreg.ctaid.x", reinterpret_cast<void *>(&blockNumber)},
    {"llvm.nvvm.barrier.cta.sync.aligned.all",
     reinterpret_cast<void *>(&meetBlock)},
    {"llvm.nvvm.bar.warp.sync", reinterpret_cast<void *>(&meetWarp)},
    {"llvm.nvvm.shfl.sync.bfly.i32", reinterpret_cast<void *>(&exchange)},
    {"llvm.nvvm.vote.ballot.sync", reinterpret_cast<void *>(&ballot)},
    {"llvm.nvvm.ex2.approx.ftz.f32", reinterpret_cast<void *>(&exponential)},
    {"llvm.nvvm.div.full", reinterpret_cast<void *>(&quotient)}};

std::string plainName(llvm::StringRef name) {
  std::string result = name.str();
  std::replace(result.begin(), result.end(), '.', '_');
  return result;
}

/// Calls of instructions become calls of functions, kernels functions, and
/// shared memory what others may write.
void makePlain(llvm::Module &module) {
  for (llvm::Function &function :
       llvm::make_early_inc_range(module.functions())) {
    function.setCallingConv(llvm::CallingConv::C);
    // Refined estimates turn 1/inf and sqrt(0) into NaN.
    function.addFnAttr("reciprocal-estimates", "none");
    if (!function.getName().starts_with("llvm.nvvm."))
      continue;
    llvm::Function *plain = llvm::Function::Create(
        function.getFunctionType(), llvm::GlobalValue::ExternalLinkage,
        plainName(function.getName()), module);
    function.replaceAllUsesWith(plain);
    function.eraseFromParent();
  }
  for (llvm::GlobalVariable &global : module.globals())
    if (global.getAddressSpace() == 3) {
      global.setLinkage(llvm::GlobalValue::ExternalLinkage);
      global.setInitializer(
          llvm::Constant::getNullValue(global.getValueType()));
    }
}

void optimize(llvm::Module &module, llvm::TargetMachine &machine) {
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager components;
  llvm::ModuleAnalysisManager modules;
  llvm::PassBuilder builder(&machine);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O1)
      .run(module, modules);
}
} // namespace

//===--------------------------------------------------------------------===//
// Compilation
//===--------------------------------------------------------------------===//

struct GpuEmulator::Code {
  std::unique_ptr<llvm::orc::LLJIT> jit;
  std::vector<void *> kernels;
  /// Shared memory of each kernel.
  std::vector<std::vector<std::pair<char *, size_t>>> shared;

  void *find(llvm::StringRef name) {
    return llvm::cantFail(jit->lookup(name)).toPtr<void *>();
  }
};

GpuEmulator::GpuEmulator(const GpuSource &source)
    : code(std::make_unique<Code>()), source(source) {
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
  auto context = std::make_unique<llvm::LLVMContext>();
  auto module = llvm::cantFail(llvm::parseBitcodeFile(
      llvm::MemoryBufferRef(source.bitcode, "kernels"), *context));
  llvm::orc::JITTargetMachineBuilder builder(
      llvm::Triple("x86_64-unknown-linux-gnu"));
  builder.setCPU("x86-64-v3");
  builder.getOptions().AllowFPOpFusion = llvm::FPOpFusion::Fast;
  auto machine = llvm::cantFail(builder.createTargetMachine());
  module->setTargetTriple(builder.getTargetTriple());
  module->setDataLayout(machine->createDataLayout());
  makePlain(*module);
  std::vector<std::tuple<size_t, std::string, size_t>> shared;
  for (llvm::GlobalVariable &global : module->globals()) {
    size_t kernel;
    if (global.getAddressSpace() == 3 &&
        !global.getName().drop_front(4).consumeInteger(10, kernel))
      shared.emplace_back(kernel, global.getName().str(),
                          global.getValueType()->getArrayNumElements());
  }
  optimize(*module, *machine);
  code->jit = llvm::cantFail(
      llvm::orc::LLJITBuilder().setJITTargetMachineBuilder(builder).create());
  llvm::orc::SymbolMap symbols;
  auto define = [&](const std::string &name, void *address) {
    symbols[code->jit->mangleAndIntern(name)] = {
        llvm::orc::ExecutorAddr::fromPtr(address),
        llvm::JITSymbolFlags::Exported};
  };
  for (auto [name, address] : kFunctions)
    define(plainName(name), address);
  define("__truncsfbf2", reinterpret_cast<void *>(&toBFloat));
  llvm::cantFail(
      code->jit->getMainJITDylib().define(llvm::orc::absoluteSymbols(symbols)));
  llvm::cantFail(code->jit->addIRModule(
      llvm::orc::ThreadSafeModule(std::move(module), std::move(context))));
  for (size_t i = 0; i < source.kernels.size(); ++i)
    code->kernels.push_back(code->find("ds_k" + std::to_string(i)));
  code->shared.resize(source.kernels.size());
  for (auto &[kernel, name, bytes] : shared)
    code->shared[kernel].emplace_back(static_cast<char *>(code->find(name)),
                                      bytes);
}

GpuEmulator::~GpuEmulator() = default;

//===--------------------------------------------------------------------===//
// Launches
//===--------------------------------------------------------------------===//

namespace {
template <size_t... I>
void callWith(void *kernel, void *const *pointers, std::index_sequence<I...>) {
  using Function = void (*)(decltype((void)I, (void *)nullptr)...);
  reinterpret_cast<Function>(kernel)(pointers[I]...);
}

/// More arguments than a function takes are not seen by it.
constexpr size_t kMaxArguments = 64;
} // namespace

void GpuEmulator::launch(size_t number, const std::vector<void *> &pointers,
                         Order order) {
  const GpuKernelInfo &info = source.kernels[number];
  std::vector<void *> padded(kMaxArguments, nullptr);
  std::copy(pointers.begin(), pointers.end(), padded.begin());
  const uint64_t blocks =
      (info.items + info.itemsPerBlock - 1) / info.itemsPerBlock;
  for (uint64_t i = 0; i < blocks; ++i) {
    for (auto [bytes, size] : code->shared[number])
      std::memset(bytes, 0xff, size); // no number, and no truth value
    const bool isDescending = order == Order::Descending;
    runBlock(static_cast<uint32_t>(isDescending ? blocks - 1 - i : i),
             info.threads, isDescending, [&] {
               callWith(code->kernels[number], padded.data(),
                        std::make_index_sequence<kMaxArguments>());
             });
  }
}
