//===- DataSource.cpp - Where the inputs of a step come from ------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "data/DataSource.h"
#include "comm/local/LocalComm.h"
#include "data/Integers.h"
#include "data/RandomData.h"
#include "data/StackedData.h"
#include "data/StreamData.h"
#include "data/TokenFile.h"

#include <charconv>

namespace ds::rt {

uint64_t InputSpec::entryElements() const {
  uint64_t elements = 1;
  for (size_t i = 1; i < shape.size(); ++i)
    elements *= shape[i];
  return elements;
}

static bool endsWith(const std::string &text, const std::string &end) {
  return text.size() >= end.size() &&
         text.compare(text.size() - end.size(), end.size(), end) == 0;
}

Status checkBound(const InputSpec &input, const std::byte *data,
                  uint64_t elements) {
  if (input.bound == 0 || !isInteger(input.dtype))
    return {};
  const uint64_t size = elementBytes(input.dtype);
  for (uint64_t i = 0; i < elements; ++i) {
    int64_t value = 0;
    std::memcpy(&value, data + i * size, size);
    if (input.dtype == plan::DType::i32)
      value = int32_t(value);
    if (!input.takes(value))
      return inputError("input '%s' has the value %lld at element %llu, but "
                        "the plan takes 0 to %llu",
                        input.name.c_str(), (long long)value,
                        (unsigned long long)i,
                        (unsigned long long)(input.bound - 1));
  }
  return {};
}

StatusOr<std::unique_ptr<DataSource>>
openData(const std::string &spec, const std::vector<InputSpec> &inputs) {
  const std::string prefix = "random:";
  if (spec.rfind(prefix, 0) == 0) {
    uint64_t seed = 0;
    const char *begin = spec.data() + prefix.size();
    const char *end = spec.data() + spec.size();
    auto [stop, error] = std::from_chars(begin, end, seed);
    if (error != std::errc() || stop != end)
      return usageError("--data=%s: expected random:SEED with an unsigned "
                        "64-bit integer, but got '%s'",
                        spec.c_str(), begin);
    return openRandomData(seed, inputs);
  }
  if (spec.rfind("stream:", 0) == 0)
    return openStreamData(spec.substr(sizeof("stream:") - 1));
  if (endsWith(spec, ".safetensors"))
    return openStackedData(spec, inputs);
  return openTokenFile(spec, endsWith(spec, ".bin"), inputs);
}

Status readStep(DataSource &source, const InputSpec &input, uint64_t step,
                uint64_t world, uint64_t rank, std::byte *out) {
  uint64_t accumulation = input.accumulation();
  uint64_t bytes = input.entryElements() * bytesOf(input.dtype);
  for (uint64_t a = 0; a < accumulation; ++a) {
    uint64_t entry = (step * world + rank) * accumulation + a;
    DS_RT_RETURN_IF_ERROR(source.read(input, entry, out + a * bytes));
  }
  return {};
}

} // namespace ds::rt
