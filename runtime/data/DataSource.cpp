//===- DataSource.cpp - Where the inputs of a step come from ------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "data/DataSource.h"
#include "comm/local/LocalComm.h"
#include "data/RandomData.h"
#include "data/StackedData.h"
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
