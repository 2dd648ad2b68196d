//===- GpuMachine.cpp - What the GPUs of this machine can do ------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A process that has used the driver cannot fork one that does.  So the first
// GPU is measured in a child, which sends its profile's text; and where there
// are more, one child for each measures the link.
//===--------------------------------------------------------------------===//
#include "profile/GpuMachine.h"
#include "comm/local/Launcher.h"
#include "exec/Arena.h"
#include "profile/GpuParts.h"

#include <cstring>
#include <new>
#include <nlohmann/json.hpp>

namespace ds::rt {
namespace {

/// What children share with the process that asks.
struct Board {
  int gpus = 0;
  bool isReserveMeasured = false;
  GpuLink link;
  char profile[1 << 20] = ""; ///< As JSON, with a zero at the end.
};

Status runChildren(int count, double timeoutSeconds,
                   const std::function<Status(const Control &, int)> &body) {
  auto control = Control::create({}, count);
  if (!control.ok())
    return control.status();
  return runRanks(
      *control, timeoutSeconds,
      [&](int rank) {
        control->slot(rank).enter(Phase::Step); // of which progress is expected
        return body(*control, rank);
      },
      [](int rank) { return format("while measuring GPU %d", rank); });
}

Status fillBoard(RankSlot &slot, Board &board) {
  auto device = cuda::Device::find(0);
  if (!device.ok())
    return device.status();
  board.gpus = (*device)->count();
  board.isReserveMeasured = (*device)->freeBeforeStart().has_value();
  auto profile = measureFirstGpu(slot);
  if (!profile.ok())
    return profile.status();
  const std::string text = profileJson(*profile);
  if (text.size() >= sizeof(board.profile))
    return internalError("a profile of %zu bytes", text.size());
  std::memcpy(board.profile, text.c_str(), text.size() + 1);
  return {};
}

} // namespace

StatusOr<MachineProfile> measureGpus(double timeoutSeconds) {
  auto memory = Arena::map(sizeof(Board), /*shared=*/true);
  if (!memory.ok())
    return memory.status();
  Board &board = *new (memory->data()) Board;
  DS_RT_RETURN_IF_ERROR(
      runChildren(1, timeoutSeconds, [&](const Control &control, int rank) {
        return fillBoard(control.slot(rank), board);
      }));
  if (board.gpus > 1)
    DS_RT_RETURN_IF_ERROR(runChildren(
        board.gpus, timeoutSeconds, [&](const Control &control, int rank) {
          GpuLink own;
          return measureLink(control, rank, timeoutSeconds,
                             rank == 0 ? board.link : own);
        }));
  MachineProfile profile;
  const std::string error =
      readProfile(nlohmann::json::parse(board.profile), profile);
  if (!error.empty())
    return internalError("what was measured is no profile: %s", error.c_str());
  profile.gpu->linkGBps = board.link.gbps;
  // Gathers and reductions each have a communicator, for which what is stated
  // has room.
  if (board.isReserveMeasured)
    profile.gpu->reserveBytes += 2 * board.link.libraryBytes;
  return profile;
}

} // namespace ds::rt
