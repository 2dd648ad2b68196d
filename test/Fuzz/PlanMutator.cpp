//===- PlanMutator.cpp - Mutates plans as plans ---------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Random bytes hardly pass the FlatBuffers verifier.  So most mutations work
// on a plan that does: list elements are copied, removed and swapped through
// the object API, and numbers and names, found by the schema's reflection, are
// overwritten with values that hurt or with another place's value.
//===--------------------------------------------------------------------===//
#include "../Plan/PlanBytes.h"
#include "plan/Plan.h"

#include <algorithm>
#include <flatbuffers/idl.h>
#include <flatbuffers/reflection.h>
#include <random>

extern "C" size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

namespace {

using namespace ds::plan;
using ds::test::Bytes;
using Random = std::minstd_rand;

const char kSchema[] =
#include "PlanSchema.inc"
    ;

const reflection::Schema &schema() {
  static const flatbuffers::Parser &parser = []() -> auto & {
    auto *made = new flatbuffers::Parser;
    if (!made->Parse(kSchema))
      std::abort();
    made->Serialize();
    return *made;
  }();
  return *reflection::GetSchema(parser.builder_.GetBufferPointer());
}

//===----------------------------------------------------------------------===//
// Numbers and names, where they lie in the metadata
//===----------------------------------------------------------------------===//

struct Slot {
  uint8_t *data;
  size_t bytes;
  const void *kind; ///< Slots of one field can trade values.
};

class Collector {
public:
  std::vector<Slot> slots;

  void table(flatbuffers::Table &table, const reflection::Object &object) {
    for (const reflection::Field *field : *object.fields())
      if (uint8_t *at = table.GetAddressOf(field->offset()))
        this->field(table, object, *field, at);
  }

private:
  using Base = reflection::BaseType;

  void field(flatbuffers::Table &parent, const reflection::Object &object,
             const reflection::Field &field, uint8_t *at) {
    const reflection::Type &type = *field.type();
    switch (type.base_type()) {
    case Base::String:
      return text(field, at);
    case Base::Vector:
      return vector(field, at);
    case Base::Obj:
      return element(type, field, at);
    case Base::Union: {
      // The type beside it was verified.
      const auto &of =
          flatbuffers::GetUnionType(schema(), object, field, parent);
      return table(follow(at), of);
    }
    default:
      slots.push_back({at, flatbuffers::GetTypeSize(type.base_type()), &field});
    }
  }

  static flatbuffers::Table &follow(uint8_t *at) {
    return *reinterpret_cast<flatbuffers::Table *>(
        at + flatbuffers::ReadScalar<flatbuffers::uoffset_t>(at));
  }

  void text(const reflection::Field &field, uint8_t *at) {
    auto *string = reinterpret_cast<flatbuffers::String *>(
        at + flatbuffers::ReadScalar<flatbuffers::uoffset_t>(at));
    if (string->size() > 0)
      slots.push_back({string->Data(), string->size(), &field});
  }

  void vector(const reflection::Field &field, uint8_t *at) {
    const reflection::Type &type = *field.type();
    auto *list = reinterpret_cast<flatbuffers::VectorOfAny *>(
        at + flatbuffers::ReadScalar<flatbuffers::uoffset_t>(at));
    const Base base = type.element();
    const size_t size =
        flatbuffers::GetTypeSizeInline(base, type.index(), schema());
    for (uint32_t i = 0; i < list->size(); ++i) {
      uint8_t *item = list->Data() + i * size;
      if (base == Base::Obj)
        element(type, field, item);
      else if (base == Base::String)
        text(field, item);
      else
        slots.push_back({item, size, &field});
    }
  }

  /// A struct in place, or a table behind an offset.
  void element(const reflection::Type &type, const reflection::Field &,
               uint8_t *at) {
    const reflection::Object &object =
        *schema().objects()->Get(uint32_t(type.index()));
    if (!object.is_struct())
      return table(follow(at), object);
    for (const reflection::Field *field : *object.fields())
      slots.push_back({at + field->offset(),
                       flatbuffers::GetTypeSize(field->type()->base_type()),
                       field});
  }
};

void overwrite(const std::vector<Slot> &slots, Random &random) {
  const Slot &slot = slots[random() % slots.size()];
  const uint64_t values[] = {
      0,     1,          2,          7,          63,         64,
      4096,  UINT8_MAX,  INT32_MAX,  INT64_MAX,  UINT32_MAX, UINT64_MAX,
      65536, 1ull << 31, 1ull << 32, 1ull << 40, 1ull << 62, 1ull << 63};
  uint64_t value = 0;
  const size_t bytes = std::min<size_t>(slot.bytes, 8);
  std::memcpy(&value, slot.data, bytes);
  switch (random() % 5) {
  case 0:
    value = values[random() % std::size(values)];
    break;
  case 1:
    value += random() % 17 - 8;
    break;
  case 2:
    value = random() % 2 ? value * 2 : value / 2;
    break;
  case 3:
    value ^= uint64_t(1) << random() % 64;
    break;
  default: { // the value of another slot, best of the same field
    std::vector<const Slot *> same;
    for (const Slot &other : slots)
      if (other.kind == slot.kind)
        same.push_back(&other);
    const Slot &from = random() % 4 ? *same[random() % same.size()]
                                    : slots[random() % slots.size()];
    std::memcpy(&value, from.data, std::min(bytes, from.bytes));
  }
  }
  std::memcpy(slot.data, &value, bytes);
}

//===----------------------------------------------------------------------===//
// Lists, through the object API
//===----------------------------------------------------------------------===//

template <typename T> T copyOf(const T &value) { return value; }
template <typename T>
std::unique_ptr<T> copyOf(const std::unique_ptr<T> &value) {
  return std::make_unique<T>(*value);
}

template <typename T> void edit(std::vector<T> &list, Random &random) {
  if (list.empty())
    return;
  const size_t at = random() % list.size(), to = random() % list.size();
  switch (random() % 3) {
  case 0:
    std::swap(list[at], list[to]);
    break;
  case 1:
    list.insert(list.begin() + to, copyOf(list[at]));
    break;
  default:
    list.erase(list.begin() + at);
  }
}

template <typename T> T *any(std::vector<T> &list, Random &random) {
  return list.empty() ? nullptr : &list[random() % list.size()];
}

void editOperation(OpUnion &op, Random &random) {
  if (GemmT *gemm = op.AsGemm())
    edit(gemm->batch, random);
  if (ConvolutionT *convolution = op.AsConvolution())
    edit(convolution->dims, random);
  if (LaunchT *launch = op.AsLaunch())
    edit(launch->args, random);
}

void editBlocks(ProgramT &program, Random &random) {
  if (random() % 4 == 0)
    return edit(program.blocks, random);
  if (auto *block = any(program.blocks, random)) {
    auto *instr = any((*block)->instrs, random);
    if (instr && random() % 3 == 0)
      return editOperation((*instr)->op, random);
    edit((*block)->instrs, random);
  }
}

void editEntries(ProgramT &program, Random &random) {
  auto *entry = any(program.entries, random);
  if (!entry || random() % 3 == 0)
    return edit(program.entries, random);
  if (random() % 2)
    edit((*entry)->inputs, random);
  else
    edit((*entry)->outputs, random);
}

void editStates(ProgramT &program, Random &random) {
  auto *state = any(program.states, random);
  auto *tensor = state ? any((*state)->tensors, random) : nullptr;
  if (tensor && random() % 3 == 0)
    return edit((*tensor)->shape, random);
  if (state && random() % 2)
    return edit((*state)->tensors, random);
  edit(program.states, random);
}

void editProgram(ProgramT &program, Random &random) {
  switch (random() % 6) {
  case 0:
    return edit(program.arenas, random);
  case 1:
    return edit(program.buffers, random);
  case 2:
    if (auto *buffer = any(program.buffers, random))
      edit((*buffer)->shape, random);
    return;
  case 3:
    return editEntries(program, random);
  case 4:
    return editStates(program, random);
  default:
    return editBlocks(program, random);
  }
}

void editPlan(PlanT &plan, Random &random) {
  switch (random() % 10) {
  case 0:
    return edit(plan.programs, random);
  case 1:
    return edit(plan.rank_programs, random);
  case 2:
    if (auto *group = any(plan.groups, random); group && random() % 2)
      return edit((*group)->ranks, random);
    return edit(plan.groups, random);
  case 3:
    if (auto *kernel = any(plan.kernels, random); kernel && random() % 2)
      return edit((*kernel)->args, random);
    return edit(plan.kernels, random);
  case 4:
    return edit(plan.constants, random);
  default:
    if (auto *program = any(plan.programs, random))
      editProgram(**program, random);
  }
}

//===----------------------------------------------------------------------===//
// The file around it
//===----------------------------------------------------------------------===//

bool inside(const Section &section, size_t size) {
  return section.offset <= size && section.bytes <= size - section.offset;
}

/// A file of `metadata` and as much code and constants as `old` says.
Bytes rebuilt(FileHeader header, const uint8_t *metadata, size_t bytes) {
  header.metadata = {sizeof header, bytes};
  uint64_t end = sizeof header + bytes;
  for (Section *section : {&header.code, &header.constants}) {
    section->offset = (end + kPage - 1) / kPage * kPage;
    section->bytes = std::min<uint64_t>(section->bytes, 2 * kPage);
    end = section->offset + section->bytes;
  }
  header.fileBytes = end;
  Bytes file(end);
  std::memcpy(file.data(), &header, sizeof header);
  std::memcpy(file.data() + sizeof header, metadata, bytes);
  return file;
}

Bytes mutated(const FileHeader &header, const uint8_t *metadata, size_t bytes,
              Random &random) {
  PlanT plan;
  GetPlan(metadata)->UnPackTo(&plan);
  if (random() % 2)
    editPlan(plan, random);
  flatbuffers::FlatBufferBuilder builder(1 << 16);
  builder.ForceDefaults(true); // every number has its place
  FinishPlanBuffer(builder, Plan::Pack(builder, &plan));
  Collector collector;
  collector.table(*flatbuffers::GetMutableRoot<flatbuffers::Table>(
                      builder.GetBufferPointer()),
                  *schema().root_table());
  if (!collector.slots.empty())
    for (unsigned n = random() % 3 + 1; n > 0; --n)
      overwrite(collector.slots, random);
  return rebuilt(header, builder.GetBufferPointer(), builder.GetSize());
}

} // namespace

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size,
                                          size_t most, unsigned seed) {
  Random random(seed);
  FileHeader header;
  if (size < sizeof header)
    return LLVMFuzzerMutate(data, size, most);
  std::memcpy(&header, data, sizeof header);
  if (!inside(header.metadata, size) || header.metadata.bytes == 0 ||
      random() % 16 == 0)
    return LLVMFuzzerMutate(data, size, most);
  // Aligned as in the reader's memory.
  std::vector<std::byte> metadata(header.metadata.bytes);
  std::memcpy(metadata.data(), data + header.metadata.offset, metadata.size());
  if (random() % 8 == 0 || !ds::rt::checkMetadata("", metadata).ok()) {
    LLVMFuzzerMutate(data + header.metadata.offset, header.metadata.bytes,
                     header.metadata.bytes);
    return size;
  }
  const Bytes file =
      mutated(header, reinterpret_cast<const uint8_t *>(metadata.data()),
              metadata.size(), random);
  if (file.size() > most)
    return LLVMFuzzerMutate(data, size, most);
  std::memcpy(data, file.data(), file.size());
  return file.size();
}
