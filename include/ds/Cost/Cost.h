//===- Cost.h - How long instructions take ------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Predicts a program by going through its instructions in the order of their
// execution, each stream with a clock, and with what was measured of a machine:
// products by their shape, kernels by their arithmetic and by where their
// operands lie, collectives by their size.  Deterministic; a thousand
// instructions take a millisecond.
//===--------------------------------------------------------------------===//
#ifndef DS_COST_COST_H
#define DS_COST_COST_H

#include "ds-rt/ProductRate.h"
#include "ds/Cost/KernelPass.h"

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

namespace ds {

/// How fast a team gets at bytes that were last touched `bytes` bytes ago.
struct Bandwidth {
  double bytes;   ///< Distinct bytes touched since then, these ones included.
  double read;    ///< Bytes per second.
  double update;  ///< Those read and written: counted once.
  double write;   ///< Those only written.
  double strided; ///< Read in runs of two kilobytes.
};

/// How bytes are gone through.
enum class MemoryUse { Read, Update, Write, Strided };

/// Time of one collective; `bytes` as in Rates::collectiveSeconds.
struct CollectiveTime {
  double bytes, seconds;
};

/// What one rank gets of a machine while all ranks run.
struct Rates {
  int threads = 1;
  /// Products by shape and library; empty: not measured.
  std::vector<plan::ProductRate> products;
  double gemmFlops = 100e9; ///< Of products that are not among these.
  double narrowFlops = 0;   ///< And of 16-bit operands; 0: twice as many.
  double tf32Flops = 0;     ///< And of operands rounded to tf32, on GPUs ...
  bool tf32 = false;        ///< ... which those of float32 are.
  /// A GPU, whose multiprocessors are its threads: products by cuBLASLt,
  /// scalars as kernels.
  bool gpu = false;
  uint64_t reserveBytes = 0; ///< Of its memory, for libraries.
  double share = 1;          ///< Of its threads' cores, when ranks share them.
  double warpFlops = 0; ///< Of products inside of a GPU's kernels; 0: none.
  /// Operations per second and thread.
  double simple = 30e9, exponentials = 1.5e9, divisions = 2e9;
  /// By growing bytes; of the whole team, and of one thread alone.
  std::vector<Bandwidth> team, single;
  double loopSeconds = 1e-8;   ///< Starting and ending a loop, on a thread.
  double launchSeconds = 3e-6; ///< Starting and ending a team's work.
  double scalarSeconds = 1e-7; ///< Scalar arithmetic.
  /// By kind, by growing bytes.
  std::map<plan::CollectiveKind, std::vector<CollectiveTime>> collectives;

  /// Flop per second of a product by the library that it names.
  double productFlops(const plan::GemmT &gemm) const;
  /// Seconds for `bytes` that were last touched `distance` bytes ago, by one
  /// thread or by the team.
  double memorySeconds(double bytes, double distance, MemoryUse use,
                       bool wholeTeam) const;
  /// Seconds of a collective; `bytes`: of the whole, all ranks' shards.
  double collectiveSeconds(plan::CollectiveKind kind, double bytes) const;
};

/// What a prediction knows of a program beyond its instructions.
struct CostInputs {
  const Rates &rates;
  int64_t world;
  const std::vector<std::unique_ptr<plan::KernelT>> &kernels;
  const std::vector<std::vector<KernelPass>> &passes; ///< Of each kernel.
};

/// Sets `predicted_us` of every instruction that `entry` executes: the mean
/// over its executions in one call, the caches as a call before has left them.
/// Loops and calls themselves cost nothing.  Buffers have their offsets.
/// Returns the seconds of one call.
double predict(plan::ProgramT &program, const plan::EntryT &entry,
               const CostInputs &inputs);

} // namespace ds

#endif // DS_COST_COST_H
