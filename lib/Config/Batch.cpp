//===- Batch.cpp - Batch arithmetic -------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Config/Config.h"

namespace ds {

std::optional<Batch> inferBatch(const Config &c, int64_t world,
                                std::string &error) {
  if (c.batch.accumulation && !c.batch.train && !c.batch.micro) {
    error = "expects train_batch_size or train_micro_batch_size_per_gpu beside "
            "gradient_accumulation_steps";
    return std::nullopt;
  }
  using Wide = __int128; // each factor is at most 2^31
  constexpr Wide kMost = Wide{1} << 31;
  const int64_t train = c.batch.train.value_or(0);
  Batch batch;
  if (c.batch.accumulation)
    batch.accumulation = *c.batch.accumulation;
  else if (train && c.batch.micro)
    batch.accumulation = train / *c.batch.micro / world;
  if (c.batch.micro)
    batch.micro = *c.batch.micro;
  else if (train)
    batch.micro = train / world / batch.accumulation;
  const Wide least = Wide{c.batch.micro.value_or(1)} *
                     c.batch.accumulation.value_or(1) * world;
  const Wide product = Wide{batch.micro} * batch.accumulation * world;
  const Wide total = train ? Wide{train} : product;
  if (!train && product > kMost) {
    error = "expects at most 2147483648 samples per step, but got "
            "train_micro_batch_size_per_gpu " +
            std::to_string(batch.micro) + " x gradient_accumulation_steps " +
            std::to_string(batch.accumulation) + " x world " +
            std::to_string(world);
    return std::nullopt;
  }
  if (product == 0 || product != total) {
    const bool all = c.batch.micro && c.batch.accumulation;
    const Wide next = all ? least : (total + least - 1) / least * least;
    error = "expects train_batch_size to be " +
            std::string(all ? "" : "a multiple of ");
    std::string factors;
    if (c.batch.micro)
      factors += "train_micro_batch_size_per_gpu " +
                 std::to_string(*c.batch.micro) + " x ";
    if (c.batch.accumulation)
      factors += "gradient_accumulation_steps " +
                 std::to_string(*c.batch.accumulation) + " x ";
    error += factors + "world " + std::to_string(world) + ", but got " +
             std::to_string(train);
    if (next <= kMost)
      error += "; use " + std::to_string(static_cast<int64_t>(next));
    return std::nullopt;
  }
  batch.global = static_cast<int64_t>(total);
  return batch;
}

} // namespace ds
