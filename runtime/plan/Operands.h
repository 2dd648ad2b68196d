//===- Operands.h - What an instruction may touch -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Private to runtime/plan: how the checks of instructions ask whether bytes are
// there, alive, aligned and writable.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_PLAN_OPERANDS_H
#define DS_RUNTIME_PLAN_OPERANDS_H

#include "plan/Verify.h"

#include <initializer_list>
#include <utility>

namespace ds::rt::verify {

/// How a message calls an operand: "src", "args[2]".
struct What {
  const char *field;
  int index = -1;
  What(const char *field, int index = -1) : field(field), index(index) {}
  std::string text() const {
    return index < 0 ? field : format("%s[%d]", field, index);
  }
};

/// Bytes of a buffer that an instruction touches.
struct Touch {
  uint32_t buffer;
  uint64_t offset, bytes;
  plan::Access access;
};

/// Checks the operands of the instruction `number` of `block`, and puts them
/// into `touches` when that is given.
class Operands {
public:
  Operands(const ProgramFacts &facts, uint32_t block, uint32_t number,
           std::vector<Touch> *touches = nullptr)
      : facts_(facts), block_(block), number_(number), touches_(touches) {}

  const ProgramFacts &facts() const { return facts_; }

  /// Fails unless the instruction may touch [ref, ref + bytes).
  Status check(What what, const plan::Ref *ref, uint64_t bytes, DType dtype,
               plan::Access access) const {
    if (!ref)
      return inputError("expects '%s' to be given", what.text().c_str());
    const auto &buffers = *facts_.program.buffers();
    if (ref->buffer() >= buffers.size())
      return inputError("expects '%s' to name a buffer below %u, but got %u",
                        what.text().c_str(), buffers.size(), ref->buffer());
    const plan::Buffer &buffer = *buffers[ref->buffer()];
    if (ref->offset() > buffer.bytes() ||
        bytes > buffer.bytes() - ref->offset())
      return checkRange(what.text().c_str(), ref->offset(), bytes,
                        ("buffer " + shown(buffer.name())).c_str(),
                        buffer.bytes());
    if (ref->offset() % rt::sizeOf(dtype))
      return inputError(
          "expects '%s' at a multiple of %u bytes for %s, but got "
          "offset %llu",
          what.text().c_str(), rt::sizeOf(dtype), plan::EnumNameDType(dtype),
          ull(ref->offset()));
    if (number_ < buffer.first() || number_ > buffer.last())
      return inputError("expects '%s' to be alive, but buffer %s lives over "
                        "[%u, %u]",
                        what.text().c_str(), shown(buffer.name()).c_str(),
                        buffer.first(), buffer.last());
    if (touches_)
      touches_->push_back({ref->buffer(), ref->offset(), bytes, access});
    return access == plan::Access::read ? Status() : checkWritable(what, *ref);
  }

  /// Like check, for what the disk cannot hold: all but copies.
  Status inMemory(What what, const plan::Ref *ref, uint64_t bytes, DType dtype,
                  plan::Access access) const {
    DS_RT_RETURN_IF_ERROR(check(what, ref, bytes, dtype, access));
    const plan::Buffer &buffer = facts_.buffer(ref->buffer());
    if (facts_.program.arenas()->Get(buffer.arena())->space() ==
        plan::Space::disk)
      return inputError(
          "expects '%s' to be in memory, but buffer %s is on disk",
          what.text().c_str(), shown(buffer.name()).c_str());
    return {};
  }

  /// The count of the loop around this instruction whose index is `ref`; 0 when
  /// there is none.
  uint64_t loopCount(const plan::Ref &ref) const {
    const LoopSet &loops = facts_.loops[block_];
    auto it = loops.find({ref.buffer(), ref.offset()});
    return it == loops.end() ? 0 : it->second;
  }

private:
  Status checkWritable(What what, const plan::Ref &ref) const {
    const plan::Buffer &buffer = facts_.buffer(ref.buffer());
    if (buffer.kind() == plan::BufferClass::constant)
      return inputError(
          "expects '%s' to be writable, but buffer %s is constant",
          what.text().c_str(), shown(buffer.name()).c_str());
    if (facts_.isIndex[ref.buffer()])
      return inputError("expects '%s' to be writable, but buffer %s holds a "
                        "loop's index",
                        what.text().c_str(), shown(buffer.name()).c_str());
    return {};
  }

  const ProgramFacts &facts_;
  uint32_t block_;
  uint32_t number_;
  std::vector<Touch> *touches_;
};

/// All of an instruction's operands.
Status checkInstr(const Operands &operands, const plan::Instr &instr);

/// Fails with the name of the first that is 0.
Status
atLeastOne(std::initializer_list<std::pair<const char *, uint64_t>> list);

/// That positions of dimensions, (stride, size) each, differ: holds when, by
/// ascending stride, each steps over all that smaller ones reach.  Sorts them.
Status checkApart(const char *expected, const char *unit,
                  std::vector<std::pair<uint64_t, uint64_t>> &dims);

/// Whether two ranges of bytes of one buffer share some.
bool intersect(const plan::Ref &a, uint64_t aBytes, const plan::Ref &b,
               uint64_t bBytes);

Status checkGemm(const Operands &operands, const plan::Gemm &gemm);
Status checkConvolution(const Operands &operands, const plan::Convolution &op);

} // namespace ds::rt::verify

#endif // DS_RUNTIME_PLAN_OPERANDS_H
