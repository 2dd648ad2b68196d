//===- Machine.h - What this machine can do -----------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The numbers that predictions rest on, measured within ten seconds.  Each is
// the best of many short runs that take turns, so that what else runs for a
// moment disturbs none of them; of products it is the median.  Linked by the
// compiler too (dsrt_profile).
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_PROFILE_MACHINE_H
#define DS_RUNTIME_PROFILE_MACHINE_H

#include "ds-rt/ProductRate.h"

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace ds::rt {

/// Grows when a reader would not understand what is written.
constexpr int kProfileVersion = 2;

struct GemmRate {
  int threads;
  double gflops; ///< Float32 products of the size of a model's layers.
};

/// Going again and again through `bytes` bytes, a part for each thread.
struct BandwidthRate {
  int threads;
  uint64_t bytes;
  double readGBps;
  double updateGBps;  ///< Read and written; bytes counted once.
  double stridedGBps; ///< Read in runs of 2 KiB, 8 KiB apart.
};

/// Vectors of float32 in the first-level cache, on one core.
struct ArithmeticRate {
  double simpleGops = 0;      ///< Sums, products, comparisons, loads, stores.
  double exponentialGops = 0; ///< exp, as generated code computes it.
  double divisionGops = 0;    ///< Quotients and square roots.
  double loopNs = 0;          ///< A short loop's start and end, with a sum.
};

/// One collective of `ranks` processes that share the cores.
struct CollectiveRate {
  std::string kind; ///< all_gather, reduce_scatter, all_reduce.
  int ranks;
  uint64_t bytes; ///< Of the whole: all shards together.
  double us;
};

/// Of the GPUs of a machine: one for each rank.
struct GpuProfile {
  std::string arch;          ///< For which kernels are compiled: sm_90a.
  int multiprocessors = 1;   ///< Of each GPU, as all that follows.
  uint64_t cacheBytes = 0;   ///< The second level, which all share.
  uint64_t reserveBytes = 0; ///< Context, libraries and code take up to this.
  double memoryGBps = 0;     ///< Of a copy, bytes read and bytes written.
  double cacheGBps = 0;
  /// 1e12 floating-point operations per second: of large products, ...
  double f32Tflops = 0, tf32Tflops = 0, narrowTflops = 0;
  double vectorTflops = 0; ///< ... and of float32 outside of products.
  double launchUs = 0;     ///< Of a kernel that does nothing, in a graph.
  double hostGBps = 0;     ///< From pinned memory and back to it.
  /// To the other GPUs, each way, in a collective; 0: there are none.
  double linkGBps = 0;
};

struct MachineProfile {
  std::string cpu;                ///< As the maker names it; or the GPU.
  std::vector<std::string> flags; ///< As /proc/cpuinfo names them.
  int cores = 1;
  uint64_t memoryBytes = 0; ///< Free for processes now.
  /// Of these cores' time, what other processes had meanwhile: 0 to 1.
  double busy = 0;
  std::vector<GemmRate> gemm; ///< 1, 2, 4, ... cores threads; oneDNN's BLAS.
  /// By shape and library; at 1 and all threads, or of a GPU; may be empty.
  std::vector<plan::ProductRate> products;
  std::vector<BandwidthRate> bandwidth; ///< 1 and all threads, growing bytes.
  ArithmeticRate arithmetic;
  double teamUs = 0; ///< Starting and ending a team's work.
  std::vector<CollectiveRate> collectives;
  std::optional<GpuProfile> gpu; ///< Then nothing is said of the CPU.
};

/// Call from a process that has not used the thread pool otherwise; leaves the
/// pool at its default size.
MachineProfile measureMachine();

/// The profile as JSON text, newline at the end.
std::string profileJson(const MachineProfile &profile);

/// Reads that object; returns what is wrong with it, or nothing.  What is
/// accepted is sound: positive rates, sizes that grow.
std::string readProfile(const nlohmann::json &json, MachineProfile &profile);

/// What to tell the user when the machine was too busy to be measured, or
/// nothing.
std::string busyNote(const MachineProfile &profile);

} // namespace ds::rt

#endif // DS_RUNTIME_PROFILE_MACHINE_H
