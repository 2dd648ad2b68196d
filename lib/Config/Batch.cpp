//===- Batch.cpp - Batch arithmetic -------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// DeepSpeed's rule: train_batch_size = train_micro_batch_size_per_gpu x
// gradient_accumulation_steps x world.  What is left out follows.
//===--------------------------------------------------------------------===//

#include "ds/Config/Config.h"

#include <algorithm>

namespace ds {
namespace {

using Wide = __int128; // each factor is at most 2^31
constexpr Wide kMost = Wide{1} << 31;

std::string print(Wide value) {
  return std::to_string(static_cast<int64_t>(value));
}

/// The given factors of the train batch, and their product.
struct Factors {
  std::string text;
  Wide product = 1;

  void add(const char *name, std::optional<int64_t> value) {
    if (!value)
      return;
    text += (text.empty() ? "" : " x ") + std::string(name) + " " +
            std::to_string(*value);
    product *= *value;
  }
};

Factors factorsOf(const BatchKeys &keys, int64_t world) {
  Factors factors;
  factors.add("train_micro_batch_size_per_gpu", keys.micro);
  factors.add("gradient_accumulation_steps", keys.accumulation);
  factors.add("world", world);
  return factors;
}

/// The other ways to mend it: the given factors, changed one at a time.
std::string otherRemedies(const BatchKeys &keys, int64_t world) {
  std::string text;
  auto offer = [&](const char *name, std::optional<int64_t> given,
                   std::optional<int64_t> other) {
    const Wide rest = Wide{other.value_or(1)} * world;
    if (!given || *keys.train % rest != 0)
      return;
    int64_t value = static_cast<int64_t>(*keys.train / rest);
    if (!other) { // the other follows: a divisor is enough
      const int64_t whole = value;
      value = std::min(whole, *given);
      while (value > 1 && whole % value != 0)
        --value;
    }
    if (value > 0)
      text += ", or " + std::string(name) + " to " + std::to_string(value);
  };
  offer("train_micro_batch_size_per_gpu", keys.micro, keys.accumulation);
  offer("gradient_accumulation_steps", keys.accumulation, keys.micro);
  return text;
}

std::string mismatch(const BatchKeys &keys, int64_t world) {
  const Factors factors = factorsOf(keys, world);
  const bool all = keys.micro && keys.accumulation;
  const Wide train = *keys.train;
  const Wide next =
      all ? factors.product
          : (train + factors.product - 1) / factors.product * factors.product;
  std::string text = "expects train_batch_size to be " +
                     std::string(all ? "" : "a multiple of ") + factors.text;
  if (keys.micro || keys.accumulation)
    text += factors.product <= kMost * kMost ? " = " + print(factors.product)
                                             : " > 4611686018427387904";
  text += ", but got " + print(train);
  if (next <= kMost)
    text +=
        "; set train_batch_size to " + print(next) + otherRemedies(keys, world);
  return text;
}

} // namespace

std::optional<Batch> inferBatch(const Config &config, int64_t world,
                                std::string &error) {
  const BatchKeys &keys = config.batch;
  if (keys.accumulation && !keys.train && !keys.micro) {
    error = "expects train_batch_size or train_micro_batch_size_per_gpu beside "
            "gradient_accumulation_steps";
    return std::nullopt;
  }
  const int64_t train = keys.train.value_or(0);
  Batch batch;
  if (keys.accumulation)
    batch.accumulation = *keys.accumulation;
  else if (train && keys.micro)
    batch.accumulation = train / *keys.micro / world;
  if (keys.micro)
    batch.micro = *keys.micro;
  else if (train)
    batch.micro = train / world / batch.accumulation;
  const Wide product = Wide{batch.micro} * batch.accumulation * world;
  if (!train && product > kMost) {
    error = "expects at most 2147483648 samples per step, but got " +
            factorsOf({{}, batch.micro, batch.accumulation}, world).text;
    return std::nullopt;
  }
  if (train && product != train) {
    error = mismatch(keys, world);
    return std::nullopt;
  }
  batch.global = static_cast<int64_t>(product);
  return batch;
}

} // namespace ds
