//===- FakeCudaPtx.cpp - Kernels that the fake driver runs --------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What of PTX is known is one table; its functions take and give bits, those of
// a narrow type in the low ones.
//===--------------------------------------------------------------------===//
#include "FakeCudaPtx.h"
#include "base/Float16.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>

namespace fake {
namespace {

using Bits = uint64_t;

/// Denormal numbers are zeros of their sign, in and out.
float flushed(float x) {
  const auto bits = std::bit_cast<uint32_t>(x);
  return bits & 0x7f800000 ? x : std::bit_cast<float>(bits & 0x80000000);
}
float single(Bits bits) { return std::bit_cast<float>(uint32_t(bits)); }
float input(Bits bits) { return flushed(single(bits)); }
Bits bitsOf(float x) { return std::bit_cast<uint32_t>(x); }
double twice(Bits bits) { return std::bit_cast<double>(bits); }
Bits bitsOf(double x) { return std::bit_cast<uint64_t>(x); }

#define DS_OP(name, value)                                                     \
  {name, [](Bits a, Bits b, Bits c) -> Bits {                                  \
     (void)a, (void)b, (void)c;                                                \
     return value;                                                             \
   }}

const std::map<std::string, Bits (*)(Bits, Bits, Bits)> kCalculations = {
    DS_OP("mov.u32", uint32_t(a)),
    DS_OP("mov.b32", uint32_t(a)),
    DS_OP("mul.wide.u32", Bits(uint32_t(a)) * uint32_t(b)),
    DS_OP("mul.lo.u64", a *b),
    DS_OP("add.u32", uint32_t(a + b)),
    DS_OP("add.s32", uint32_t(a + b)),
    DS_OP("add.u64", a + b),
    DS_OP("add.s64", a + b),
    DS_OP("sub.u64", a - b),
    DS_OP("div.s32", uint32_t(int32_t(a) / int32_t(b))),
    DS_OP("div.s64", Bits(int64_t(a) / int64_t(b))),
    DS_OP("max.s32", uint32_t(std::max(int32_t(a), int32_t(b)))),
    DS_OP("max.s64", Bits(std::max(int64_t(a), int64_t(b)))),
    DS_OP("shl.b32", uint32_t(uint32_t(a) << b)),
    DS_OP("shr.u32", uint32_t(a) >> b),
    DS_OP("and.b32", uint32_t(a &b)),
    DS_OP("or.b32", uint32_t(a | b)),
    DS_OP("or.pred", a | b),
    DS_OP("add.rn.ftz.f32", bitsOf(flushed(input(a) + input(b)))),
    DS_OP("div.rn.ftz.f32", bitsOf(flushed(input(a) / input(b)))),
    DS_OP("add.rn.f64", bitsOf(twice(a) + twice(b))),
    DS_OP("div.rn.f64", bitsOf(twice(a) / twice(b))),
    DS_OP("setp.ge.u64", a >= b),
    DS_OP("setp.eq.u64", a == b),
    DS_OP("setp.gt.ftz.f32", input(a) > input(b)),
    DS_OP("setp.nan.f32", std::isnan(single(a)) || std::isnan(single(b))),
    DS_OP("setp.gt.f64", twice(a) > twice(b)),
    DS_OP("setp.nan.f64", std::isnan(twice(a)) || std::isnan(twice(b))),
    DS_OP("selp.b32", c ? a : b),
    DS_OP("selp.f32", c ? a : b),
    DS_OP("selp.f64", c ? a : b),
    DS_OP("cvt.u64.u32", uint32_t(a)),
    DS_OP("cvt.u32.u64", uint32_t(a)),
    DS_OP("cvt.rn.f32.u64", bitsOf(float(a))),
    DS_OP("cvt.rn.f64.u64", bitsOf(double(a))),
    DS_OP("mov.u64", a),
    DS_OP("cvt.f32.f16", bitsOf(float(ds::rt::fromHalf(uint16_t(a))))),
    DS_OP("cvt.rn.f16.f32", ds::rt::toHalf(single(a))),
};

std::string trimmed(const std::string &text) {
  const size_t first = text.find_first_not_of(" \t\n");
  const size_t last = text.find_last_not_of(" \t\n");
  return first == std::string::npos ? "" : text.substr(first, last + 1 - first);
}

std::vector<std::string> split(const std::string &text, char by) {
  std::vector<std::string> parts;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(by, at), text.size());
    parts.push_back(trimmed(text.substr(at, end - at)));
    at = end + 1;
  }
  return parts;
}

std::string withoutComments(const char *text) {
  std::string rest;
  for (const std::string &line : split(text, '\n'))
    rest += line.substr(0, line.find("//")) + "\n";
  return rest;
}

/// Of ".f32", the last part of an opcode.
unsigned bytesOf(const std::string &opcode) {
  return unsigned(std::atoi(opcode.c_str() + opcode.rfind('.') + 2)) / 8;
}

constexpr const char *kBlock = "%ctaid.x", *kThreads = "%ntid.x",
                     *kThread = "%tid.x";

} // namespace

PtxKernel::PtxKernel(const char *text) {
  const std::string all = withoutComments(text);
  const size_t close = all.find(')'), open = all.find('{');
  const size_t end = all.find("\n}", open);
  for (const std::string &parameter : split(all.substr(1, close - 1), ','))
    parameters_.emplace(parameter.substr(parameter.rfind(' ') + 1),
                        int(parameters_.size()));
  for (const char *name : {kBlock, kThreads, kThread})
    (void)registerOf(name);
  for (const std::string &statement :
       split(all.substr(open + 1, end - open - 1), ';'))
    add(statement);
  resolve();
}

int PtxKernel::registerOf(const std::string &name) {
  return registers_.emplace(name, int(registers_.size())).first->second;
}

/// "%a1", "7", "[%a1+8]" or "[parameter]".
PtxKernel::Operand PtxKernel::operand(const std::string &text) {
  if (text[0] == '[') {
    const auto parts = split(text.substr(1, text.size() - 2), '+');
    Operand at = operand(parts[0]);
    if (parts.size() > 1)
      at.number = operand(parts[1]).number;
    return at;
  }
  if (text[0] == '%')
    return {registerOf(text), 0};
  if (auto found = parameters_.find(text); found != parameters_.end())
    return {-1, Bits(found->second)};
  return {-1, std::strtoull(text.c_str(), nullptr, 0)};
}

/// Loads, stores and branches.
void PtxKernel::addMove(Instruction &made, const std::string &opcode,
                        const std::vector<std::string> &operands) {
  const std::string what = opcode.substr(0, opcode.rfind('.'));
  if (opcode == "ret") {
    made.kind = Instruction::Return;
  } else if (opcode == "bra") {
    made.kind = Instruction::Branch;
    made.label = operands[0];
  } else if (what == "ld.param" || what == "ld.global" || what == "st.global") {
    made.kind = what == "ld.param"    ? Instruction::LoadParameter
                : what == "ld.global" ? Instruction::Load
                                      : Instruction::Store;
    made.bytes = bytesOf(opcode);
    made.to = operand(operands[0]);
    made.from[0] = operand(operands[1]);
  } else {
    violation("the fake knows no PTX instruction '%s'", opcode.c_str());
  }
}

void PtxKernel::add(std::string statement) {
  for (size_t colon; (colon = statement.find(':')) != std::string::npos;) {
    labels_[statement.substr(0, colon)] = instructions_.size();
    statement = trimmed(statement.substr(colon + 1));
  }
  if (statement.empty() || statement[0] == '.')
    return;
  Instruction made{};
  if (statement[0] == '@') {
    made.unless = statement[1] == '!';
    const size_t first = made.unless ? 2 : 1, space = statement.find(' ');
    made.guard = operand(statement.substr(first, space - first));
    statement = trimmed(statement.substr(space));
  }
  const size_t space = std::min(statement.find(' '), statement.size());
  const std::string opcode = statement.substr(0, space);
  const auto operands = split(statement.substr(space), ',');
  if (auto found = kCalculations.find(opcode); found != kCalculations.end()) {
    made.kind = Instruction::Calculate;
    made.compute = found->second;
    made.to = operand(operands[0]);
    for (size_t i = 1; i < operands.size() && i < 4; ++i)
      made.from[i - 1] = operand(operands[i]);
  } else {
    addMove(made, opcode, operands);
  }
  instructions_.push_back(made);
}

void PtxKernel::resolve() {
  for (Instruction &instruction : instructions_)
    if (instruction.kind == Instruction::Branch) {
      if (!labels_.count(instruction.label))
        violation("PTX branches to no label '%s'", instruction.label.c_str());
      instruction.target = labels_[instruction.label];
    }
}

/// Whether a branch is taken.
bool PtxKernel::step(const Instruction &at, std::vector<uint64_t> &values,
                     const std::vector<Address> &parameters) {
  auto value = [&](const Operand &operand) {
    return (operand.index < 0 ? 0 : values[size_t(operand.index)]) +
           operand.number;
  };
  if (at.guard.index >= 0 && (value(at.guard) != 0) == at.unless)
    return false;
  switch (at.kind) {
  case Instruction::Calculate:
    values[size_t(at.to.index)] =
        at.compute(value(at.from[0]), value(at.from[1]), value(at.from[2]));
    return false;
  case Instruction::LoadParameter:
    values[size_t(at.to.index)] = parameters[at.from[0].number];
    return false;
  case Instruction::Load: {
    uint64_t loaded = 0;
    const Address from = value(at.from[0]);
    std::memcpy(&loaded, memory("a load", "what is read", from, at.bytes),
                at.bytes);
    values[size_t(at.to.index)] = loaded;
    return false;
  }
  case Instruction::Store: {
    const uint64_t stored = value(at.from[0]);
    std::memcpy(memory("a store", "what is written", value(at.to), at.bytes),
                &stored, at.bytes);
    return false;
  }
  default:
    return true;
  }
}

void PtxKernel::runThread(std::vector<uint64_t> &values,
                          const std::vector<Address> &parameters) const {
  for (size_t next = 0; next < instructions_.size();) {
    const Instruction &at = instructions_[next++];
    if (!step(at, values, parameters))
      continue;
    if (at.kind == Instruction::Return)
      return;
    next = at.target;
  }
}

void PtxKernel::run(unsigned blocks, unsigned threads,
                    const std::vector<Address> &parameters) const {
  std::vector<uint64_t> values(registers_.size());
  values[size_t(registers_.at(kThreads))] = threads;
  for (unsigned block = 0; block < blocks; ++block)
    for (unsigned thread = 0; thread < threads; ++thread) {
      values[size_t(registers_.at(kBlock))] = block;
      values[size_t(registers_.at(kThread))] = thread;
      runThread(values, parameters);
    }
}

} // namespace fake
