//===- Plan.h - Reading, verifying and writing plan files ----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The only door between a plan file and the rest of the runtime: whatever
// comes out of `LoadedPlan::open` has been verified wholly, so the executor
// may index with what it says.  Also used by ds-plan and by the compiler
// (writePlan); free of LLVM.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_PLAN_PLAN_H
#define DS_RUNTIME_PLAN_PLAN_H

#include "base/Status.h"
#include "ds-rt/PlanFile.h"
#include "plan_generated.h" // generated from include/ds-rt/plan.fbs

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ds::rt {

/// A verified plan.  Owns its metadata and constants (read, not mapped) and the
/// file's descriptor; the code stays in the file.  Movable: `plan()` and
/// `constants()` stay where they are.
class LoadedPlan {
public:
  /// Reads and verifies `path`: container, checksum, FlatBuffer, then every
  /// index, range, lifetime and overlap (see verifyPlan).
  static StatusOr<LoadedPlan> open(const std::string &path);

  LoadedPlan(LoadedPlan &&other) noexcept;
  LoadedPlan &operator=(LoadedPlan &&other) noexcept;
  ~LoadedPlan();

  const plan::Plan &plan() const { return *plan_; }
  std::span<const std::byte> constants() const { return constants_; }
  /// Where the code section lies in the file: mapped by the executor with
  /// mmap(PROT_READ | PROT_EXEC, MAP_PRIVATE, fd(), code().offset).
  plan::Section code() const { return code_; }
  int fd() const { return fd_; }
  const std::string &path() const { return path_; }
  /// The low half of the file's checksum; ranks compare it before the first
  /// step.
  uint64_t hash() const { return hash_; }

private:
  LoadedPlan() = default;
  std::string path_;
  std::vector<std::byte> metadata_;
  std::vector<std::byte> constantBytes_;
  std::span<const std::byte> constants_;
  plan::Section code_{};
  const plan::Plan *plan_ = nullptr;
  uint64_t hash_ = 0;
  int fd_ = -1;
};

/// Checks that executing `plan` can touch nothing outside its arenas and code:
/// indices, buffer bounds, byte ranges of every operand of every instruction,
/// lifetimes (an instruction only touches live buffers; live buffers do not
/// overlap), loop nesting, collective groups, state tensors, inputs.
/// Whether a plan is for a GPU, not a CPU.
bool isForGpu(const plan::Plan &plan);

/// `codeBytes`, `constantBytes`: sizes of the file's other sections.
/// Relies on the FlatBuffer being well-formed (open and writePlan see to it).
/// Says what it expected, what it got and where, on one line.  Near-linear: 20
/// thousand buffers and 60 thousand instructions take 10 ms.
Status verifyPlan(const plan::Plan &plan, uint64_t codeBytes,
                  uint64_t constantBytes);

/// Bytes of one element.
uint32_t sizeOf(plan::DType dtype);

/// Of how many bytes a fill repeats itself: 1, 2 or 4.
inline uint32_t periodOf(const plan::Fill &fill) {
  const uint32_t pattern = fill.pattern();
  return pattern == pattern % 256 * 0x1010101u   ? 1
         : pattern == pattern % 65536 * 0x10001u ? 2
                                                 : 4;
}

/// Writes a plan file atomically (temporary file beside it, then rename).
/// The plan is verified first: an invalid one is our bug or the JSON's, and is
/// reported without the path; nothing is written then.
Status writePlan(const plan::PlanT &plan, std::span<const std::byte> code,
                 std::span<const std::byte> constants, const std::string &path);

/// How many of `a` and `b` a scalar instruction reads.
constexpr uint32_t operandsOf(plan::ScalarOpcode opcode) {
  switch (opcode) {
  case plan::ScalarOpcode::set:
    return 0;
  case plan::ScalarOpcode::sqrt:
  case plan::ScalarOpcode::cast:
  case plan::ScalarOpcode::log:
  case plan::ScalarOpcode::cos:
  case plan::ScalarOpcode::floor:
    return 1;
  default:
    return 2;
  }
}

/// What a scalar instruction other than `set` computes, in float64.
double compute(plan::ScalarOpcode opcode, double a, double b);

/// What an instruction's time is spent on: `products` (Gemm), `kernels`
/// (Launch), `collectives` (Send and Recv, too), `copies` (Copy, Fill, Scalar).
enum class Work : uint8_t { products, kernels, collectives, copies };
inline constexpr size_t kWorks = 4;
const char *nameOf(Work work);

/// The work of an operation; nothing for Loop and Call, whose bodies have it.
std::optional<Work> workOf(plan::Op op);

/// What one call of an instruction is, and is worth.
struct InstrWork {
  std::string what;  ///< "gemm 1024x2304x768 NN", "kernel add_gelu", ...
  std::string shape; ///< Of the result, if it is a tensor: "f32[8x128]".
  double flops = 0;
  double bytes = 0; ///< Moved at least.
};
InstrWork workOf(const plan::Plan &plan, const plan::Instr &instr);

/// Instructions of a program: their numbers are less.
uint32_t instructionCount(const plan::Program &program);
/// How many instructions one run of a block executes, bodies included.
uint64_t instructionsOf(const plan::Program &program, uint32_t block);

/// What one run of a block, and of those it refers to, is planned to cost.
struct PlannedWork {
  std::array<double, kWorks> ms{}; ///< By Work.
  double otherMs = 0;              ///< Of Loop and Call themselves.
  double productFlops = 0;         ///< Of matrix products.
  /// From the beginning to the end, streams side by side.
  double predictedMs = 0;
};
PlannedWork workOf(const plan::Plan &plan, const plan::Program &program,
                   uint32_t block);

/// Live bytes of an arena by class, from an instruction on.
struct LiveBytes {
  std::array<uint64_t, size_t(plan::BufferClass::MAX) + 1> bytes{};
  uint64_t total = 0;
  uint32_t number = 0; ///< Of that instruction.
};
/// All changes, by ascending number, each as long as the next has not come.
std::vector<LiveBytes> liveBytes(const plan::Program &program, uint32_t arena);
/// The one with the greatest sum, the first of equals.
LiveBytes peakBytes(const plan::Program &program, uint32_t arena);

/// The whole plan as text, for `ds-plan print`: every arena, state tensor,
/// buffer (offset, bytes, lifetime), kernel, instruction and collective.
std::string printPlan(const LoadedPlan &plan);
/// The same as JSON (FlatBuffers' own JSON form; `assemblePlan` reads it).
/// Numbers keep every bit: what has no code or constants assembles to the same
/// bytes again.
StatusOr<std::string> printPlanJson(const LoadedPlan &plan);
/// Bytes by buffer class (state classes: bytes; others: live at the peak),
/// instruction counts, predicted time by kind.
std::string printPlanStats(const LoadedPlan &plan);

/// Reads a hand-written plan (JSON of the schema, plus `code`/`constants` as
/// nothing: such plans launch no generated kernels) into `plan`.
/// Errors are Input and begin with "path:line:column: ".
Status assemblePlan(const std::string &jsonPath, plan::PlanT &plan);

} // namespace ds::rt

#endif // DS_RUNTIME_PLAN_PLAN_H
