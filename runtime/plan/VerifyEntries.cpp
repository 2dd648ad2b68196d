//===- VerifyEntries.cpp - Entries, state tensors and constants -----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where data crosses the border of a plan: inputs and outputs of a call, state
// that is initialized and saved, constants that are filled at load.
//===--------------------------------------------------------------------===//
#include "plan/Verify.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>

namespace ds::rt::verify {

namespace {

Status checkBuffer(const ProgramFacts &facts, uint32_t buffer) {
  if (buffer >= facts.program.buffers()->size())
    return inputError("expects 'buffer' to be less than %u, but got %u",
                      facts.program.buffers()->size(), buffer);
  return {};
}

Status checkInMemory(const ProgramFacts &facts, const plan::Buffer &buffer) {
  if (facts.program.arenas()->Get(buffer.arena())->space() == plan::Space::disk)
    return inputError("expects buffer %s to be in memory, but it is on disk",
                      shown(buffer.name()).c_str());
  return {};
}

/// Fails unless `buffer` is alive at instruction `number`.
Status checkAlive(const plan::Buffer &buffer, uint32_t number,
                  const char *when) {
  if (buffer.first() <= number && number <= buffer.last())
    return {};
  return inputError("expects buffer %s to be alive at instruction %u, %s, but "
                    "it lives over [%u, %u]",
                    shown(buffer.name()).c_str(), number, when, buffer.first(),
                    buffer.last());
}

/// Fails when integers of `dtype` cannot reach `bound`.
Status checkBound(DType dtype, uint64_t bound) {
  if (bound == 0)
    return {};
  if (isFloat(dtype))
    return inputError("expects an integer buffer for 'bound' %llu, but got %s",
                      ull(bound), plan::EnumNameDType(dtype));
  const bool isSigned = dtype == DType::i32 || dtype == DType::i64;
  const unsigned bits = 8 * rt::sizeOf(dtype) - isSigned;
  if (bound - 1 > (UINT64_MAX >> (64 - bits)))
    return inputError("expects 'bound' to be within the range of %s, but got "
                      "%llu",
                      plan::EnumNameDType(dtype), ull(bound));
  return {};
}

Status verifyInput(const ProgramFacts &facts, const plan::Input &input,
                   uint32_t first) {
  DS_RT_RETURN_IF_ERROR(checkText("name", input.name(), Empty::Refused));
  DS_RT_RETURN_IF_ERROR(checkEnum("role", input.role()));
  DS_RT_RETURN_IF_ERROR(checkBuffer(facts, input.buffer()));
  const plan::Buffer &buffer = facts.buffer(input.buffer());
  if (buffer.kind() == plan::BufferClass::constant)
    return inputError("expects a writable buffer, but %s is constant",
                      shown(buffer.name()).c_str());
  if (input.role() != plan::Role::named && isFloat(buffer.dtype()))
    return inputError("expects an integer buffer for %s, but got %s",
                      plan::EnumNameRole(input.role()),
                      plan::EnumNameDType(buffer.dtype()));
  DS_RT_RETURN_IF_ERROR(checkInMemory(facts, buffer));
  DS_RT_RETURN_IF_ERROR(checkBound(buffer.dtype(), input.bound()));
  if (input.ignored() != 0 && input.bound() == 0)
    return inputError("expects 'ignored' with a 'bound' only, but got %lld",
                      (long long)input.ignored());
  return checkAlive(buffer, first, "where the entry begins");
}

Status verifyOutput(const ProgramFacts &facts, const plan::Output &output,
                    uint32_t last) {
  DS_RT_RETURN_IF_ERROR(checkText("name", output.name(), Empty::Refused));
  DS_RT_RETURN_IF_ERROR(checkBuffer(facts, output.buffer()));
  const plan::Buffer &buffer = facts.buffer(output.buffer());
  if (sizeOf(buffer.shape()) != 0)
    return inputError("expects a buffer of rank 0, but %s has %u dimensions",
                      shown(buffer.name()).c_str(), sizeOf(buffer.shape()));
  DS_RT_RETURN_IF_ERROR(checkInMemory(facts, buffer));
  return checkAlive(buffer, last, "where the entry ends");
}

Status verifyEntry(const ProgramFacts &facts, const plan::Entry &entry) {
  DS_RT_RETURN_IF_ERROR(checkText("name", entry.name(), Empty::Refused));
  const uint32_t blocks = facts.program.blocks()->size();
  if (entry.block() >= blocks)
    return inputError("expects 'block' to be less than %u, but got %u", blocks,
                      entry.block());
  if (facts.steps[entry.block()] > kMaxSteps)
    return inputError("expects one call to execute at most 2^40 instructions, "
                      "but got %llu",
                      ull(facts.steps[entry.block()]));
  const uint32_t first = facts.blockFirst[entry.block()];
  const uint32_t end = facts.blockFirst[entry.block() + 1];
  if (first == end)
    return inputError("expects block %u to have instructions, but it is empty",
                      entry.block());
  for (uint32_t i = 0; i < sizeOf(entry.inputs()); ++i) {
    const plan::Input &input = *entry.inputs()->Get(i);
    DS_RT_RETURN_IF_ERROR(
        at("input " + shown(input.name()), verifyInput(facts, input, first)));
  }
  for (uint32_t i = 0; i < sizeOf(entry.outputs()); ++i) {
    const plan::Output &output = *entry.outputs()->Get(i);
    DS_RT_RETURN_IF_ERROR(at("output " + shown(output.name()),
                             verifyOutput(facts, output, end - 1)));
  }
  return {};
}

Status verifyInit(const plan::StateTensor &tensor, DType dtype) {
  const plan::Init &init = *tensor.init();
  DS_RT_RETURN_IF_ERROR(checkEnum("init.kind", init.kind()));
  if (!std::isfinite(init.value()) || !std::isfinite(init.mean()) ||
      !std::isfinite(init.std()) || init.std() < 0)
    return inputError("expects 'init' to be finite with a 'std' of at least 0");
  if (init.kind() == plan::InitKind::normal && !isFloat(dtype))
    return inputError("expects a floating buffer for normal values, but got %s",
                      plan::EnumNameDType(dtype));
  if (init.kind() == plan::InitKind::seed &&
      (dtype != DType::i64 || elementsOf(tensor.shape()) != 1))
    return inputError("expects one i64 for the seed, but got %llu of %s",
                      ull(elementsOf(tensor.shape())),
                      plan::EnumNameDType(dtype));
  return {};
}

Status verifyTensor(const plan::StateBuffer &state,
                    const plan::StateTensor &tensor, DType dtype,
                    std::set<std::string_view> &names) {
  DS_RT_RETURN_IF_ERROR(checkText("name", tensor.name(), Empty::Refused));
  if (!names.insert(tensor.name()->string_view()).second)
    return inputError("expects the name to be used once");
  DS_RT_RETURN_IF_ERROR(checkShape(tensor.shape()));
  DS_RT_RETURN_IF_ERROR(checkEnum("kind", tensor.kind()));
  using plan::BufferClass;
  if (tensor.kind() != BufferClass::parameter &&
      tensor.kind() != BufferClass::optimizer &&
      tensor.kind() != BufferClass::scalar)
    return inputError(
        "expects 'kind' to be parameter, optimizer or scalar, but "
        "got %s",
        plan::EnumNameBufferClass(tensor.kind()));
  const uint64_t elements = elementsOf(tensor.shape());
  if (tensor.offset() > state.elements() ||
      elements > state.elements() - tensor.offset())
    return inputError("expects elements [%llu, +%llu) to be inside the %llu of "
                      "the state buffer",
                      ull(tensor.offset()), ull(elements),
                      ull(state.elements()));
  return verifyInit(tensor, dtype);
}

Status checkDisjoint(const plan::StateBuffer &state) {
  std::vector<const plan::StateTensor *> sorted(state.tensors()->begin(),
                                                state.tensors()->end());
  std::sort(sorted.begin(), sorted.end(),
            [](auto *a, auto *b) { return a->offset() < b->offset(); });
  for (size_t i = 1; i < sorted.size(); ++i) {
    const plan::StateTensor &a = *sorted[i - 1], &b = *sorted[i];
    if (b.offset() < a.offset() + elementsOf(a.shape()))
      return inputError(
          "expects tensors %s and %s not to overlap, but both hold "
          "element %llu",
          shown(a.name()).c_str(), shown(b.name()).c_str(), ull(b.offset()));
  }
  return {};
}

Status checkShards(const ProgramFacts &facts, const plan::StateBuffer &state) {
  if (state.shards() == 0 || state.elements() == 0 ||
      state.elements() % state.shards())
    return inputError("expects 'elements' to be a positive multiple of "
                      "'shards', but got %llu and %u",
                      ull(state.elements()), state.shards());
  if (state.shards() > 1) {
    DS_RT_RETURN_IF_ERROR(checkMembership(facts, state.group()));
    const uint32_t members =
        facts.plan.groups()->Get(state.group())->ranks()->size();
    if (members != state.shards())
      return inputError("expects one shard for each of %u members of group %u, "
                        "but got %u",
                        members, state.group(), state.shards());
  }
  const plan::Buffer &buffer = facts.buffer(state.buffer());
  const uint64_t bytes =
      satMul(state.elements() / state.shards(), rt::sizeOf(buffer.dtype()));
  if (buffer.bytes() != bytes)
    return inputError(
        "expects %llu bytes for %llu elements of %s in %u shards, "
        "but buffer %s has %llu",
        ull(bytes), ull(state.elements()), plan::EnumNameDType(buffer.dtype()),
        state.shards(), shown(buffer.name()).c_str(), ull(buffer.bytes()));
  return {};
}

Status verifyState(const ProgramFacts &facts, const plan::StateBuffer &state,
                   std::set<std::string_view> &names) {
  DS_RT_RETURN_IF_ERROR(checkBuffer(facts, state.buffer()));
  const plan::Buffer &buffer = facts.buffer(state.buffer());
  if (!buffer.persistent() || buffer.kind() == plan::BufferClass::constant)
    return inputError("expects a persistent buffer that is not constant, but "
                      "got %s",
                      shown(buffer.name()).c_str());
  DS_RT_RETURN_IF_ERROR(checkShards(facts, state));
  for (const plan::StateTensor *tensor : *state.tensors())
    DS_RT_RETURN_IF_ERROR(
        at("tensor " + shown(tensor->name()),
           verifyTensor(state, *tensor, buffer.dtype(), names)));
  return checkDisjoint(state);
}

Status verifyConstant(const plan::Plan &plan, const plan::ConstantData &data,
                      uint64_t constantBytes,
                      std::set<std::pair<uint32_t, uint32_t>> &filled) {
  if (data.program() >= plan.programs()->size())
    return inputError("expects 'program' to be less than %u, but got %u",
                      plan.programs()->size(), data.program());
  const auto &buffers = *plan.programs()->Get(data.program())->buffers();
  if (data.buffer() >= buffers.size())
    return inputError("expects 'buffer' to be less than %u, but got %u",
                      buffers.size(), data.buffer());
  const plan::Buffer &buffer = *buffers[data.buffer()];
  const std::string name = shown(buffer.name());
  if (buffer.kind() != plan::BufferClass::constant)
    return inputError("expects a buffer of kind 'constant', but %s is of kind "
                      "'%s'",
                      name.c_str(), plan::EnumNameBufferClass(buffer.kind()));
  if (data.bytes() > buffer.bytes())
    return inputError("expects at most the %llu bytes of buffer %s, but got "
                      "%llu",
                      ull(buffer.bytes()), name.c_str(), ull(data.bytes()));
  if (!filled.insert({data.program(), data.buffer()}).second)
    return inputError("expects buffer %s to be filled once", name.c_str());
  return checkRange("offset", data.offset(), data.bytes(),
                    "the constants section", constantBytes);
}

} // namespace

Status verifyEntries(const ProgramFacts &facts) {
  const uint32_t entries = facts.program.entries()->size();
  if (entries == 0 || entries > kMaxEntries)
    return inputError("expects 1 to %u entries, but got %u", kMaxEntries,
                      entries);
  std::set<std::string_view> names;
  for (const plan::Entry *entry : *facts.program.entries()) {
    const std::string place = "entry " + shown(entry->name());
    DS_RT_RETURN_IF_ERROR(at(place, verifyEntry(facts, *entry)));
    if (!names.insert(entry->name()->string_view()).second)
      return at(place, inputError("expects the name to be used once"));
  }
  return {};
}

Status verifyStates(const ProgramFacts &facts) {
  std::set<std::string_view> names;
  std::set<uint32_t> buffers;
  for (uint32_t i = 0; i < sizeOf(facts.program.states()); ++i) {
    const plan::StateBuffer &state = *facts.program.states()->Get(i);
    const std::string place = format("state %u", i);
    DS_RT_RETURN_IF_ERROR(at(place, verifyState(facts, state, names)));
    if (!buffers.insert(state.buffer()).second)
      return at(place, inputError("expects buffer %u to be described once",
                                  state.buffer()));
  }
  return {};
}

Status verifyConstants(const plan::Plan &plan, uint64_t constantBytes) {
  std::set<std::pair<uint32_t, uint32_t>> filled;
  for (uint32_t i = 0; i < sizeOf(plan.constants()); ++i)
    DS_RT_RETURN_IF_ERROR(at(format("constant %u", i),
                             verifyConstant(plan, *plan.constants()->Get(i),
                                            constantBytes, filled)));
  return {};
}

} // namespace ds::rt::verify
