//===- StackedData.cpp - Inputs stacked in a .safetensors ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "data/StackedData.h"
#include "checkpoint/Safetensors.h"
#include "data/Integers.h"

#include <algorithm>

namespace ds::rt {
namespace {

class StackedData : public DataSource {
public:
  explicit StackedData(SafetensorsFile file) : file_(std::move(file)) {}
  Status check(const InputSpec &input) const;
  Status read(const InputSpec &input, uint64_t entry, std::byte *out) override;

private:
  Status convert(const InputSpec &input, const SafetensorsEntry &tensor,
                 uint64_t first, std::byte *out) const;
  SafetensorsFile file_;
};

/// The shape of one micro-batch.
std::vector<uint64_t> entryShape(const InputSpec &input) {
  if (input.shape.empty())
    return {};
  return {input.shape.begin() + 1, input.shape.end()};
}

Status StackedData::check(const InputSpec &input) const {
  const SafetensorsEntry *tensor = file_.find(input.name);
  if (!tensor)
    return inputError("data '%s' has no tensor '%s', which the model takes as "
                      "an input",
                      file_.path().c_str(), input.name.c_str());
  bool widens =
      tensor->dtype == plan::DType::i64 && input.dtype == plan::DType::i32;
  if (tensor->dtype != input.dtype && !widens)
    return inputError("tensor '%s' of data '%s' is of %s, but the plan takes "
                      "%s",
                      input.name.c_str(), file_.path().c_str(),
                      plan::EnumNameDType(tensor->dtype),
                      plan::EnumNameDType(input.dtype));
  if (input.shape.empty() || tensor->shape.size() != input.shape.size() ||
      !std::equal(tensor->shape.begin() + 1, tensor->shape.end(),
                  input.shape.begin() + 1))
    return inputError("tensor '%s' of data '%s' has shape %s, but the plan "
                      "takes entries of shape %s",
                      input.name.c_str(), file_.path().c_str(),
                      shapeText(tensor->shape).c_str(),
                      shapeText(entryShape(input)).c_str());
  if (tensor->shape[0] == 0)
    return inputError("tensor '%s' of data '%s' is empty", input.name.c_str(),
                      file_.path().c_str());
  return {};
}

/// Reads in chunks; 64-bit integers may become 32-bit ones.
Status StackedData::convert(const InputSpec &input,
                            const SafetensorsEntry &tensor, uint64_t first,
                            std::byte *out) const {
  constexpr uint64_t kChunk = 2048;
  std::byte chunk[kChunk * 8];
  uint64_t from = elementBytes(tensor.dtype), to = elementBytes(input.dtype);
  uint64_t elements = input.entryElements();
  for (uint64_t at = 0; at < elements; at += kChunk) {
    uint64_t count = std::min(kChunk, elements - at);
    DS_RT_RETURN_IF_ERROR(
        file_.read(tensor, (first + at) * from, count * from, chunk));
    for (uint64_t i = 0; i < count; ++i) {
      int64_t value = 0;
      std::memcpy(&value, chunk + i * from, from);
      if (from == 4 && isInteger(tensor.dtype))
        value = int32_t(value);
      bool bad = input.bound != 0 ? !input.takes(value)
                                  : from > to && value != int32_t(value);
      if (isInteger(input.dtype) && bad)
        return inputError("'%s' of data '%s' has the value %lld at element "
                          "%llu, which is beyond the bound of %llu",
                          input.name.c_str(), file_.path().c_str(),
                          (long long)value,
                          (unsigned long long)(first + at + i),
                          (unsigned long long)input.bound);
      std::memcpy(out + (at + i) * to, &value, to);
    }
  }
  return {};
}

Status StackedData::read(const InputSpec &input, uint64_t entry,
                         std::byte *out) {
  const SafetensorsEntry &tensor = *file_.find(input.name);
  uint64_t first = entry % tensor.shape[0] * input.entryElements();
  if (isInteger(input.dtype))
    return convert(input, tensor, first, out);
  uint64_t size = elementBytes(input.dtype);
  return file_.read(tensor, first * size, input.entryElements() * size, out);
}

} // namespace

StatusOr<std::unique_ptr<DataSource>>
openStackedData(const std::string &path, const std::vector<InputSpec> &inputs) {
  auto file = SafetensorsFile::open(path);
  if (!file.ok())
    return file.status();
  auto source = std::make_unique<StackedData>(std::move(*file));
  for (const InputSpec &input : inputs)
    DS_RT_RETURN_IF_ERROR(source->check(input));
  return std::unique_ptr<DataSource>(std::move(source));
}

} // namespace ds::rt
