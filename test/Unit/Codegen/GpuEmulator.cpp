//===- GpuEmulator.cpp - Kernels of a GPU without one -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "GpuEmulator.h"

#include "GpuFibers.h"
#include "Optimize.h"

#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
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
    {"llvm.nvvm.div.full", reinterpret_cast<void *>(&quotient)},
    {"llvm.nvvm.cp.async.commit.group", reinterpret_cast<void *>(&closeCopies)},
    {"llvm.nvvm.cp.async.wait.group", reinterpret_cast<void *>(&awaitCopies)}};

//===--------------------------------------------------------------------===//
// What passes its operands and results in memory
//===--------------------------------------------------------------------===//

float fromHalf(uint16_t bits) {
  _Float16 value;
  std::memcpy(&value, &bits, sizeof value);
  return static_cast<float>(value);
}
float fromBFloat(uint16_t bits) {
  const uint32_t wide = static_cast<uint32_t>(bits) << 16;
  float value;
  std::memcpy(&value, &wide, sizeof value);
  return value;
}

/// A thread's part of a product, as mma.m16n8k16 in the PTX ISA has it.
struct Part {
  uint16_t left[4][2], right[2][2];
  float sum[4];
};

template <float (*toFloat)(uint16_t)>
void multiplyAdd(const void *operands, void *result) {
  Part parts[32];
  allOfWarp(operands, sizeof(Part), parts);
  const uint32_t lane = threadNumber() % 32;
  for (uint32_t e = 0; e < 4; ++e) {
    const uint32_t row = lane / 4 + e / 2 * 8, column = lane % 4 * 2 + e % 2;
    double sum = parts[lane].sum[e];
    for (uint32_t k = 0; k < 16; ++k) {
      const Part &left = parts[row % 8 * 4 + k % 8 / 2],
                 &right = parts[column * 4 + k % 8 / 2];
      sum +=
          static_cast<double>(toFloat(left.left[row / 8 + k / 8 * 2][k % 2])) *
          toFloat(right.right[k / 8][k % 2]);
    }
    static_cast<float *>(result)[e] = static_cast<float>(sum);
  }
}

/// Four matrices of 8 x 8, as ldmatrix has them.
template <bool transposed>
void loadMatrices(const void *operands, void *result) {
  const uint16_t *rows[32];
  allOfWarp(operands, sizeof(void *), rows);
  const uint32_t lane = threadNumber() % 32;
  for (uint32_t i = 0; i < 4; ++i)
    for (uint32_t k = 0; k < 2; ++k) {
      const uint32_t across = lane % 4 * 2 + k, down = lane / 4;
      static_cast<uint16_t *>(result)[2 * i + k] =
          transposed ? rows[8 * i + across][down] : rows[8 * i + down][across];
    }
}

struct CopyOperands {
  void *to;
  const void *from;
  uint32_t present;
};
template <uint32_t bytes, bool isPartly>
void copy(const void *operands, void *) {
  const auto &copy = *static_cast<const CopyOperands *>(operands);
  copyLater(copy.to, copy.from, bytes, isPartly ? copy.present : bytes);
}

using InMemory = void (*)(const void *operands, void *result);
const std::pair<const char *, InMemory> kInMemory[] = {
    {"llvm.nvvm.mma.m16n8k16.row.col.bf16", &multiplyAdd<fromBFloat>},
    {"llvm.nvvm.mma.m16n8k16.row.col.f32.f32", &multiplyAdd<fromHalf>},
    {"llvm.nvvm.ldmatrix.sync.aligned.m8n8.x4.b16.p3", &loadMatrices<false>},
    {"llvm.nvvm.ldmatrix.sync.aligned.m8n8.x4.trans.b16.p3",
     &loadMatrices<true>},
    {"llvm.nvvm.cp.async.ca.shared.global.4", &copy<4, false>},
    {"llvm.nvvm.cp.async.ca.shared.global.4.s", &copy<4, true>},
    {"llvm.nvvm.cp.async.ca.shared.global.8", &copy<8, false>},
    {"llvm.nvvm.cp.async.ca.shared.global.8.s", &copy<8, true>},
    {"llvm.nvvm.cp.async.cg.shared.global.16", &copy<16, false>},
    {"llvm.nvvm.cp.async.cg.shared.global.16.s", &copy<16, true>}};

std::string plainName(llvm::StringRef name) {
  std::string result = name.str();
  std::replace(result.begin(), result.end(), '.', '_');
  return result;
}

/// Gives `function` a body that calls `name` with its operands in memory, the
/// result, too: no calling convention has to be known.
void callInMemory(llvm::Function &function, const std::string &name) {
  llvm::LLVMContext &context = function.getContext();
  llvm::IRBuilder<> b(llvm::BasicBlock::Create(context, "", &function));
  llvm::SmallVector<llvm::Type *> types;
  for (llvm::Argument &argument : function.args())
    types.push_back(argument.getType());
  llvm::StructType *type = llvm::StructType::get(context, types);
  llvm::Value *operands = b.CreateAlloca(type);
  for (llvm::Argument &argument : function.args())
    b.CreateStore(&argument,
                  b.CreateStructGEP(type, operands, argument.getArgNo()));
  llvm::Type *returned = function.getReturnType();
  llvm::Value *result =
      b.CreateAlloca(returned->isVoidTy() ? b.getInt8Ty() : returned);
  llvm::FunctionCallee callee = function.getParent()->getOrInsertFunction(
      name, b.getVoidTy(), b.getPtrTy(), b.getPtrTy());
  b.CreateCall(callee, {operands, result});
  if (returned->isVoidTy())
    b.CreateRetVoid();
  else
    b.CreateRet(b.CreateLoad(returned, result));
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
    const std::string name = plainName(function.getName());
    const bool isInMemory = llvm::any_of(kInMemory, [&](const auto &known) {
      return function.getName() == known.first;
    });
    llvm::Function *plain =
        llvm::Function::Create(function.getFunctionType(),
                               isInMemory ? llvm::GlobalValue::InternalLinkage
                                          : llvm::GlobalValue::ExternalLinkage,
                               isInMemory ? "in_memory" : name, module);
    if (isInMemory)
      callInMemory(*plain, name);
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
  ds::optimize(*module, *machine, llvm::OptimizationLevel::O1);
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
  for (auto [name, address] : kInMemory)
    define(plainName(name), reinterpret_cast<void *>(address));
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
