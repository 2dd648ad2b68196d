//===- Emitter.h - Functions become blocks of instructions --------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_LIB_PLAN_EMITTER_H
#define DS_LIB_PLAN_EMITTER_H

#include "Convolution.h"
#include "Gemm.h"
#include "Storage.h"
#include "ds/Plan/Plan.h"

#include "llvm/ADT/MapVector.h"

namespace ds {

/// Emits the entries of one program into `draft.plan`.
class Emitter {
public:
  /// `threads`: of a rank.
  Emitter(mlir::ModuleOp module, PlanDraft &draft, int64_t world, int threads);

  /// Adds `function` as an entry; fails with a diagnostic.
  mlir::LogicalResult emitEntry(mlir::func::FuncOp function);

private:
  using Instr = std::unique_ptr<plan::InstrT>;

  mlir::LogicalResult emitOp(mlir::Operation &op);
  mlir::LogicalResult emitLoop(mlir::scf::ForOp loop, uint32_t control);
  mlir::LogicalResult emitScan(ScanOp scan, uint32_t control);
  /// `first` emits what each round begins with.
  mlir::LogicalResult emitBody(mlir::Block &block,
                               llvm::function_ref<void()> first = nullptr);
  uint32_t addBlock();
  /// Instructions of a loop: `counter` holds its index; body is what is emitted
  /// next.
  void beginLoop(uint32_t control, std::string name, uint64_t count,
                 const Place &counter, bool reversed);
  /// An i64 scalar that only loops write.
  Place addCounter(std::string name, mlir::MLIRContext *context);
  /// Whether a value is a constant that only loops carry, who then fill it in.
  static bool isSetByLoop(mlir::Value value);
  /// Sets what a loop carries to its first value.
  void initialize(mlir::Operation *loop, mlir::Value init, const Place &place);
  void storeEntries(ScanOp scan, const Place &counter, bool first);
  void assignNexts(ScanOp scan);
  mlir::LogicalResult emitLaunch(LaunchOp op);
  mlir::LogicalResult emitDot(DotOp op);
  mlir::LogicalResult emitDotAdd(DotAddOp op);
  mlir::LogicalResult emitDotBias(DotBiasOp op);
  mlir::LogicalResult emitDotGeluGrad(DotGeluGradOp op);
  mlir::LogicalResult emitEpilogue(mlir::Operation *op,
                                   const ProductSpec &letters,
                                   const ProductEpilogue &epilogue);
  mlir::LogicalResult emitProduct(mlir::Operation *op, const Product &product,
                                  mlir::Value lhs, mlir::Value rhs,
                                  const Place &result);
  mlir::LogicalResult emitOnCopies(mlir::Operation *op, const Product &product,
                                   mlir::Value lhs, mlir::Value rhs,
                                   const Place &result);
  mlir::LogicalResult emitConvolution(ConvolutionOp op);
  mlir::LogicalResult emitConvolution(ConvolutionGradInputOp op);
  mlir::LogicalResult emitConvolution(ConvolutionGradWeightOp op);
  mlir::LogicalResult emitConvolution(mlir::Operation *op,
                                      const ConvolutionShape &shape,
                                      plan::ConvolutionKind kind,
                                      std::array<mlir::Value, 3> tensors);
  mlir::LogicalResult emitCollective(mlir::Operation &op,
                                     plan::CollectiveKind kind);
  mlir::LogicalResult emitView(mlir::Operation &op);
  mlir::LogicalResult emitGather(mlir::Operation &op);
  mlir::LogicalResult emitScalar(mlir::Operation &op);
  mlir::LogicalResult emitSort(ArgSortOp op);
  mlir::LogicalResult emitMicroBatch(MicroBatchOp op);
  mlir::LogicalResult emitReturn(mlir::func::ReturnOp op);
  void emitIndex(IndexOp op);
  void emitTable(RotaryTableOp op);
  mlir::LogicalResult emitConstant(ConstantOp op);
  bool isForGpu() const { return draft.plan.target->arch == "nvidia"; }
  mlir::LogicalResult refuseOnGpu(mlir::Operation *op);
  void fillScalar(mlir::RankedTensorType type, double value,
                  const Place &place);
  /// A buffer that holds `bytes` from load on.
  int addConstant(std::string name, mlir::RankedTensorType type,
                  llvm::ArrayRef<char> bytes);
  void fill(mlir::Operation *op, mlir::RankedTensorType type, double value,
            const Place &place);
  /// Copies unless both are the same place.
  void copy(mlir::Value value, const Place &to);
  void copyElements(std::string name, mlir::RankedTensorType type,
                    const Place &from, const Place &to);
  /// On GPUs, whether a copy is a kernel rather than a call of the driver.
  bool isKernelCopy(const plan::CopyT &copy) const;
  mlir::func::FuncOp copyFunction(mlir::Type element, const plan::CopyT &copy);
  void appendCopy(std::string name, mlir::Type element, plan::CopyT copy);
  /// Where `value` lies without gaps: a copy, unless it does anyway.
  Place packed(mlir::Value value);
  /// Where the library can load 16 bytes of `value` at once, without gaps.
  Place forEpilogue(mlir::Value value);

  /// The kernel of `function` with these results in place, made once.
  mlir::FailureOr<uint32_t> kernelIndex(mlir::func::FuncOp function,
                                        const InPlace &inPlace);
  /// Results that are written over operands which die in `op`.
  bool isReadTwice(LaunchOp op, unsigned i);
  InPlace overwrite(LaunchOp op, mlir::func::FuncOp function);

  template <typename T> void append(std::string name, T op) {
    auto instr = std::make_unique<plan::InstrT>();
    instr->name = std::move(name);
    instr->op.Set(std::move(op));
    program.blocks[block]->instrs.push_back(std::move(instr));
  }
  static std::unique_ptr<plan::Ref> refTo(const Place &place) {
    return std::make_unique<plan::Ref>(place.ref());
  }

  mlir::ModuleOp module;
  PlanDraft &draft;
  plan::ProgramT &program;
  Storage storage;
  int threads;
  mlir::SymbolTable symbols;
  using KernelKey =
      std::pair<const void *, std::vector<std::pair<unsigned, unsigned>>>;
  static KernelKey keyOf(mlir::func::FuncOp function, const InPlace &inPlace);
  std::map<KernelKey, uint32_t> kernels;
  std::map<KernelKey, bool> inPlaceAllowed;
  std::vector<KernelInfo> infos; ///< Of each kernel.
  /// Those of copies, by element type, sizes and strides.
  std::map<std::pair<const void *, std::vector<int64_t>>, mlir::func::FuncOp>
      copies;
  std::map<std::tuple<std::string, double, const void *, int64_t, int64_t>, int>
      tables;
  /// Buffers of single numbers, by type and bytes.
  std::map<std::pair<plan::DType, std::string>, int> scalars;
  plan::EntryT *entry = nullptr;
  uint32_t block = 0; ///< Instructions are appended here.
};

} // namespace ds

#endif // DS_LIB_PLAN_EMITTER_H
