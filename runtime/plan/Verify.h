//===- Verify.h - What the parts of the plan verifier share ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Private to runtime/plan.  A check returns a message without a place ("expects
// X, but got Y"); the caller that knows the place puts it in front.  Sizes are
// computed with saturating arithmetic: an overflow is larger than any limit,
// so that a range check refuses it like any other size that does not fit.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_PLAN_VERIFY_H
#define DS_RUNTIME_PLAN_VERIFY_H

#include "plan/Plan.h"

#include <map>
#include <vector>

namespace ds::rt::verify {

using plan::DType;
using ull = unsigned long long; // for printf

inline constexpr uint64_t kMaxArenaBytes = uint64_t(1) << 46;
inline constexpr uint64_t kMaxSteps = uint64_t(1) << 40; ///< Per entry call.
inline constexpr uint32_t kMaxInstrs = 1u << 24;         ///< Per program.
inline constexpr uint32_t kMaxDepth = 64; ///< Of blocks in blocks.
inline constexpr uint32_t kMaxWorld = 1u << 16;
inline constexpr uint64_t kMaxMembers = uint64_t(1) << 24; ///< Of all groups.
inline constexpr uint32_t kMaxRank = 8; ///< Dimensions of a shape.
inline constexpr uint32_t kMaxArgs = 256;
inline constexpr uint32_t kMaxProducts = 1 << 24; ///< Of one batch.
inline constexpr uint32_t kMaxEntries = 64;
inline constexpr uint32_t kMaxName = 1024;
inline constexpr uint32_t kMaxImages = 64;
inline constexpr uint32_t kMaxConfig = 1 << 20; // bytes of a config.json

inline uint64_t satAdd(uint64_t a, uint64_t b) {
  uint64_t sum;
  return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}
inline uint64_t satMul(uint64_t a, uint64_t b) {
  uint64_t product;
  return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

/// Sizes of FlatBuffers vectors, where absent means empty.
template <typename V> uint32_t sizeOf(const V *vector) {
  return vector ? vector->size() : 0;
}

/// Fails when `vector` is not aligned for elements of 8 bytes, which the
/// FlatBuffers verifier does not look at.
template <typename V> Status checkAligned(const char *what, const V *vector) {
  if (vector && reinterpret_cast<uintptr_t>(vector->Data()) % 8 != 0)
    return inputError("expects '%s' to be aligned in the metadata", what);
  return {};
}

bool isFloat(DType dtype);

/// Fails with "<what> ..." for an enumerator that the schema does not have.
template <typename E> Status checkEnum(const char *what, E value) {
  if (value < E::MIN || value > E::MAX)
    return inputError("expects '%s' to be at most %u, but got %u", what,
                      unsigned(E::MAX), unsigned(value));
  return {};
}

/// Names are printable UTF-8 of at most `most` bytes.
enum class Empty { Allowed, Refused };
Status checkText(const char *what, const flatbuffers::String *text,
                 Empty empty = Empty::Allowed, uint32_t most = kMaxName);
Status checkShape(const flatbuffers::Vector<uint64_t> *shape);
uint64_t elementsOf(const flatbuffers::Vector<uint64_t> *shape);
/// Fails unless [offset, offset + bytes) is inside [0, limit).
Status checkRange(const char *what, uint64_t offset, uint64_t bytes,
                  const char *limitName, uint64_t limit);
/// Puts the place of a failure in front of its message.
Status at(const std::string &place, Status status);

/// The loops around a block on every path to it: index -> largest count.
using RefKey = std::pair<uint32_t, uint64_t>; ///< {buffer, offset}
using LoopSet = std::map<RefKey, uint64_t>;

/// What the checks of one program know.
struct ProgramFacts {
  ProgramFacts(const plan::Plan &plan, const plan::Program &program)
      : plan(plan), program(program), isMember(verify::sizeOf(plan.groups())) {}

  const plan::Plan &plan;
  const plan::Program &program;
  std::vector<uint32_t> ranks; ///< That run this program.
  /// Number of the first instruction of each block, and of all at the end.
  std::vector<uint32_t> blockFirst;
  /// [least, greatest] number of the instructions that a block runs,
  /// blocks it refers to included; least > greatest: none.
  std::vector<std::pair<uint32_t, uint32_t>> reach;
  std::vector<uint64_t>
      steps; ///< Instructions that one run of a block executes.
  std::vector<LoopSet> loops;
  std::vector<bool> isIndex;          ///< Buffers that hold a loop's index.
  mutable std::vector<bool> isMember; ///< Groups known to have all `ranks`.

  uint32_t instrCount() const { return blockFirst.back(); }
  const plan::Buffer &buffer(uint32_t i) const {
    return *program.buffers()->Get(i);
  }
};

/// Whether every rank of `facts` is a member of group `group`.
Status checkMembership(const ProgramFacts &facts, uint32_t group);

// One topic each, in the order they run; later ones rely on earlier ones.
Status verifyKernels(const plan::Plan &plan, uint64_t codeBytes);
Status verifyGpuKernel(const plan::GpuKernel &kernel);
Status verifyImages(const plan::Plan &plan, uint64_t codeBytes);
Status verifyGroups(const plan::Plan &plan);
Status verifyArenas(const plan::Program &program);
Status verifyBlocks(ProgramFacts &facts);
Status verifyBuffers(const ProgramFacts &facts);
Status verifyLoops(ProgramFacts &facts);
Status verifyInstrs(const ProgramFacts &facts);
Status verifyStreams(const ProgramFacts &facts);
Status verifyEntries(const ProgramFacts &facts);
Status verifyStates(const ProgramFacts &facts);
Status verifyPlacement(const ProgramFacts &facts);
Status verifyConstants(const plan::Plan &plan, uint64_t constantBytes);
Status verifyExchanges(const std::vector<ProgramFacts> &programs);

} // namespace ds::rt::verify

namespace ds::rt {

/// A name in quotes, shortened and printable whatever the file says.
std::string shown(const flatbuffers::String *name);

/// "f32[4x8]", "f32" for rank 0.
std::string typeText(plan::DType dtype,
                     const flatbuffers::Vector<uint64_t> *shape);

/// "block 1, instruction 7 'scale' (Gemm)".
std::string instrPlace(uint32_t block, uint32_t number,
                       const plan::Instr &instr);

} // namespace ds::rt

#endif // DS_RUNTIME_PLAN_VERIFY_H
