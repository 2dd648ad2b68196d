//===- Codegen.h - Fused kernels as native code -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A kernel is a private function of ds ops on static shapes.  It becomes
// `void k(void *const *args, int64_t begin, int64_t end)`: args are all
// function arguments, then the results that are not in place; tensors are
// contiguous and row-major; [begin, end) is a range of work items.  The code
// of all kernels is one flat image without relocations, undefined symbols or
// writable data: it runs wherever it is mapped.  Or it becomes a kernel of a
// GPU, whose blocks of threads have the work items.
//===--------------------------------------------------------------------===//
#ifndef DS_CODEGEN_CODEGEN_H
#define DS_CODEGEN_CODEGEN_H

#include "ds/Codegen/KernelShape.h"
#include "ds/Cost/KernelPass.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <string>
#include <vector>

namespace ds {

/// Pairs (result index, argument index): the result is written into the
/// argument's storage.
using InPlace = llvm::SmallVector<std::pair<unsigned, unsigned>>;

struct KernelRequest {
  mlir::func::FuncOp function;
  InPlace inPlace;
  /// Bytes that each pointer is a multiple of, 16 where nothing is said: on a
  /// GPU, less makes accesses narrow.
  std::vector<uint32_t> alignments = {};
};

struct KernelInfo {
  std::string name;
  uint64_t codeOffset = 0; ///< Entry point, from the start of the image.
  uint64_t items = 0;      ///< Work of one launch ...
  uint64_t grain = 1;      ///< ... split at multiples of this.
  double flops = 0;        ///< Of one launch, estimated.
  double productFlops = 0; ///< Of these, in products of matrices.
  double bytes = 0;        ///< Moved by one launch at least.
  /// What one launch costs; arguments as the code takes them.  Only
  /// describeKernel says.
  std::vector<KernelPass> passes;
};

struct KernelImage {
  std::vector<char> code;
  std::vector<KernelInfo> kernels; ///< In the order of the requests.
  std::string cpu;
  std::vector<std::string> features; ///< Flags of /proc/cpuinfo that it needs.
  /// What the back end could not do as asked, such as vectorize a loop; for
  /// tests and reports.
  std::vector<std::string> notes;
};

struct TargetOptions {
  std::string cpu = "host"; ///< "host" or a CPU name of LLVM.
  unsigned threads = 2;     ///< Used for compiling.
  /// Of a plan for GPUs, instead: those that get a cubin, such as sm_90a.
  std::vector<std::string> gpuArchs = {};
};

/// Makes the dialects known that kernels are lowered through.
void registerCodegenDialects(mlir::MLIRContext &context);

/// Work and cost of a kernel, without compiling it.  Fails with a diagnostic
/// when the function is not one kernel.
llvm::FailureOr<KernelInfo> describeKernel(mlir::func::FuncOp function,
                                           const InPlace &inPlace = {},
                                           bool onGpu = false);

/// Whether results of a kernel may be written into the storage of arguments:
/// every element is read before, and only by, the work that overwrites it.
bool canRunInPlace(mlir::func::FuncOp function, const InPlace &inPlace);

/// Compiles kernels into one image.  Fails with a diagnostic.  Not to be
/// called by two threads at once.
llvm::FailureOr<KernelImage>
compileKernels(llvm::ArrayRef<KernelRequest> requests,
               const TargetOptions &options = {});

//===--------------------------------------------------------------------===//
// GPUs
//===--------------------------------------------------------------------===//

/// A kernel on a GPU: the function `ds_k<i>` for request i.  Its parameters
/// are one pointer to device memory for each of the arguments above.
struct GpuKernelInfo : KernelInfo {
  uint32_t threads = 0;       ///< Of a block, in one dimension.
  uint64_t itemsPerBlock = 0; ///< The last block may have fewer.
  uint32_t sharedBytes = 0;   ///< Dynamic shared memory of a launch.
  /// Told that one block on a processor is enough, since it spilled.
  bool isOneBlock = false;
  /// As ptxas says, the most of all architectures; 0 where it is not found.
  uint32_t registers = 0, spillBytes = 0, stackBytes = 0, staticBytes = 0;
};

/// The kernels' LLVM IR, before any architecture is chosen.
struct GpuSource {
  std::string bitcode;
  std::vector<GpuKernelInfo> kernels; ///< In the order of the requests.
};

enum class GpuCodeKind { Cubin, Ptx };

/// All kernels for one architecture.
struct GpuCode {
  GpuCodeKind kind;
  std::string arch; ///< sm_90a of a cubin, compute_90 of PTX.
  std::vector<char> bytes;
};

struct GpuImage {
  std::vector<GpuCode> images;
  std::vector<GpuKernelInfo> kernels; ///< In the order of the requests.
  /// What could not be made, such as cubins without ptxas.
  std::vector<std::string> notes;
};

struct GpuTargetOptions {
  /// Architectures with a cubin each, such as sm_90a; PTX for the drivers of
  /// others is for compute_80.
  std::vector<std::string> archs = {"sm_80", "sm_90a", "sm_100"};
};

/// Makes LLVM IR of kernels.  Fails with a diagnostic.
llvm::FailureOr<GpuSource>
emitGpuKernels(llvm::ArrayRef<KernelRequest> requests);

/// Why there is no code for an architecture such as sm_90a; empty if there is.
std::string whyNoGpuArch(llvm::StringRef arch);

/// PTX of kernels for one architecture.  Fails with a diagnostic.
llvm::FailureOr<std::string> makePtx(const GpuSource &source,
                                     llvm::StringRef arch, mlir::Location loc);

/// Where ptxas is, by CUDA_HOME, CUDA_PATH, /usr/local/cuda and PATH; empty
/// where it is in none of them.
std::string findPtxas();

/// Compiles kernels for GPUs.  Fails with a diagnostic.
llvm::FailureOr<GpuImage>
compileGpuKernels(llvm::ArrayRef<KernelRequest> requests,
                  const GpuTargetOptions &options = {});

} // namespace ds

#endif // DS_CODEGEN_CODEGEN_H
