//===- RandomData.cpp - An endless stream of made-up inputs -------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "data/RandomData.h"
#include "data/Integers.h"
#include "exec/Philox.h"
#include "exec/Scalars.h"

#include <algorithm>

namespace ds::rt {
namespace {

class RandomData : public DataSource {
public:
  explicit RandomData(uint64_t seed) : seed_(seed) {}
  Status read(const InputSpec &input, uint64_t entry, std::byte *out) override;

private:
  void fill(const InputSpec &input, const RandomStream &stream, uint64_t first,
            uint64_t count, std::byte *out) const;
  uint64_t seed_;
};

/// Elements [first, first + count) of the input's stream.
void RandomData::fill(const InputSpec &input, const RandomStream &stream,
                      uint64_t first, uint64_t count, std::byte *out) const {
  double values[kRandomBlock];
  uint64_t size = elementBytes(input.dtype);
  for (uint64_t at = 0; at < count;) {
    uint64_t block = std::min(count - at, kRandomBlock - (first + at) % 4);
    bool integers = isInteger(input.dtype);
    (integers ? uniforms : normals)(stream, first + at, block, values);
    for (uint64_t i = 0; i < block; ++i) {
      std::byte *to = out + (at + i) * size;
      if (integers)
        storeInteger(input.dtype, to,
                     static_cast<uint64_t>(values[i] * double(input.bound)));
      else
        storeScalar(input.dtype, to, static_cast<float>(values[i]));
    }
    at += block;
  }
}

Status RandomData::read(const InputSpec &input, uint64_t entry,
                        std::byte *out) {
  bool named = input.role == plan::Role::named;
  std::string name = named ? "data." + input.name : "data";
  uint64_t shift = input.role == plan::Role::targets ? 1 : 0;
  uint64_t elements = input.entryElements();
  RandomStream stream = streamOf(name.c_str(), seed_);
  fill(input, stream, entry * elements + shift, elements, out);
  return {};
}

} // namespace

StatusOr<std::unique_ptr<DataSource>>
openRandomData(uint64_t seed, const std::vector<InputSpec> &inputs) {
  for (const InputSpec &input : inputs) {
    if (isInteger(input.dtype) && input.bound == 0)
      return inputError("random data needs a bound for the integers of input "
                        "'%s', and the plan states none: give --data=FILE",
                        input.name.c_str());
    if (!isInteger(input.dtype) && input.role != plan::Role::named)
      return inputError("input '%s' is of %s, but tokens are integers",
                        input.name.c_str(), plan::EnumNameDType(input.dtype));
  }
  return std::unique_ptr<DataSource>(std::make_unique<RandomData>(seed));
}

} // namespace ds::rt
