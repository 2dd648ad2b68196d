//===- Outputs.cpp - The numbers a step reports -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "exec/Outputs.h"
#include "exec/Scalars.h"

#include <algorithm>

namespace ds::rt {

OutputExchange::OutputExchange(const Job &job) : job_(job) {
  for (int rank = 0; rank < job.world(); ++rank) {
    const auto *outputs = job.entry(rank).outputs();
    size_t count = outputs ? std::min<size_t>(outputs->size(), kMaxOutputs) : 0;
    for (size_t i = 0; i < count; ++i) {
      std::string name = outputs->Get(i)->name()->str();
      bool known = std::any_of(sources_.begin(), sources_.end(),
                               [&](auto &s) { return s.name == name; });
      if (known)
        continue;
      sources_.push_back({name, rank, i});
      remote_ = remote_ || rank != 0;
    }
  }
}

void OutputExchange::publish(int rank, const Backend &backend,
                             RankSlot &slot) const {
  const auto *outputs = job_.entry(rank).outputs();
  size_t count = outputs ? std::min<size_t>(outputs->size(), kMaxOutputs) : 0;
  for (size_t i = 0; i < count; ++i) {
    uint32_t index = outputs->Get(i)->buffer();
    const auto *buffer = backend.memory().program->buffers()->Get(index);
    slot.outputs[i] = loadScalar(buffer->dtype(), backend.output(index));
  }
}

Status OutputExchange::meet(LocalComm &comm) const {
  return remote_ ? comm.barrier() : Status();
}

std::vector<std::pair<std::string, double>>
OutputExchange::collect(const Control &control) const {
  std::vector<std::pair<std::string, double>> values;
  for (const Source &source : sources_)
    values.emplace_back(source.name,
                        control.slot(source.rank).outputs[source.index]);
  return values;
}

Status checkLossScale(const plan::Entry &entry, const double *values,
                      uint64_t step) {
  const auto *outputs = entry.outputs();
  const size_t count = outputs ? outputs->size() : 0;
  auto valueOf = [&](std::string_view name) {
    for (size_t i = 0; i < std::min<size_t>(count, kMaxOutputs); ++i)
      if (outputs->Get(i)->name()->string_view() == name)
        return values[i];
    return 0.0;
  };
  if (valueOf("loss_scale_exhausted") == 0)
    return {};
  return inputError(
      "gradients overflow in step %llu at the smallest loss scale, %g, where "
      "the loss is %g; lower the learning rate or the smallest scale, or "
      "compile with --precision=bf16",
      (unsigned long long)step, valueOf("loss_scale"), valueOf("loss"));
}

} // namespace ds::rt
