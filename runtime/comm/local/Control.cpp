//===- Control.cpp - What the ranks of one machine share ----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "comm/local/Control.h"

#include <cerrno>
#include <cstring>
#include <new>
#include <numeric>
#include <sys/mman.h>
#include <utility>

namespace ds::rt {

/// Takes `count` objects of T from the mapping at `at`.
template <typename T> static T *place(std::byte *&at, size_t count) {
  auto address = (reinterpret_cast<uintptr_t>(at) + 63) / 64 * 64;
  T *objects = reinterpret_cast<T *>(address);
  for (size_t i = 0; i < count; ++i)
    new (objects + i) T();
  at = reinterpret_cast<std::byte *>(objects + count);
  return objects;
}

StatusOr<Control> Control::create(std::vector<std::vector<uint32_t>> groups,
                                  int world) {
  Control control;
  control.world_ = world;
  control.groups_ = std::move(groups);
  auto &everyone = control.groups_.emplace_back(world);
  std::iota(everyone.begin(), everyone.end(), 0);
  size_t ranks = world, groupCount = control.groups_.size();
  control.bytes_ = ranks * sizeof(RankSlot) +
                   groupCount * sizeof(GroupBarrier) +
                   ranks * ranks * sizeof(Channel) +
                   groupCount * ranks * sizeof(std::atomic<uint32_t>) +
                   groupCount * kGroupIdBytes + kPathBytes + 6 * 64;
  void *mapping = mmap(nullptr, control.bytes_, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED)
    return inputError("cannot map %zu bytes shared by the ranks: %s",
                      size_t(control.bytes_), std::strerror(errno));
  control.mapping_ = mapping;
  auto *at = static_cast<std::byte *>(mapping);
  control.slots_ = place<RankSlot>(at, ranks);
  control.barriers_ = place<GroupBarrier>(at, groupCount);
  control.channels_ = place<Channel>(at, ranks * ranks);
  control.arrivals_ = place<std::atomic<uint32_t>>(at, groupCount * ranks);
  control.groupIds_ = place<char>(at, groupCount * kGroupIdBytes);
  control.unfinished_ = place<char>(at, kPathBytes);
  return control;
}

Control::Control(Control &&other) noexcept { *this = std::move(other); }

Control &Control::operator=(Control &&other) noexcept {
  std::swap(groups_, other.groups_);
  std::swap(world_, other.world_);
  std::swap(bytes_, other.bytes_);
  std::swap(mapping_, other.mapping_);
  std::swap(slots_, other.slots_);
  std::swap(barriers_, other.barriers_);
  std::swap(channels_, other.channels_);
  std::swap(arrivals_, other.arrivals_);
  std::swap(groupIds_, other.groupIds_);
  std::swap(unfinished_, other.unfinished_);
  return *this;
}

void Control::setUnfinished(const std::string &path) const {
  // The new name counts once it is whole: its first byte comes last.
  unfinished_[0] = '\0';
  if (path.empty() || path.size() >= kPathBytes)
    return;
  std::memcpy(unfinished_ + 1, path.c_str() + 1, path.size());
  std::atomic_signal_fence(std::memory_order_seq_cst);
  unfinished_[0] = path[0];
}

std::string Control::whereabouts(int rank) const {
  const RankSlot &at = slot(rank);
  std::string step = std::to_string(at.step.load());
  std::string instruction = std::to_string(at.instruction.load());
  switch (static_cast<Phase>(at.phase.load())) {
  case Phase::Load:
    return "while loading the plan";
  case Phase::Initialize:
    return "while making initial values";
  case Phase::Restore:
    return "while reading the checkpoint";
  case Phase::Inputs:
    return "at step " + step + ", before instruction " + instruction;
  case Phase::Step:
    return "at step " + step + ", instruction " + instruction;
  case Phase::Report:
    return "at step " + step + ", after instruction " + instruction;
  case Phase::Save:
    return "while saving step-" + step;
  case Phase::End:
    break;
  }
  return "at the end";
}

Status rankLost(const char *format, ...) {
  va_list args;
  va_start(args, format);
  Status status(Code::RankLost, vformat(format, args));
  va_end(args);
  return status;
}

Control::~Control() {
  if (mapping_)
    munmap(mapping_, bytes_);
}

} // namespace ds::rt
