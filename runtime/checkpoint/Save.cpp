//===- Save.cpp - Writing checkpoints -----------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Rank 0 makes the files at their full size in a hidden folder, each rank
// writes what it answers for, rank 0 renames the folder and then the manifest.
// Until that last rename the older checkpoint is the one that counts.
//===--------------------------------------------------------------------===//
#include "checkpoint/Checkpoint.h"
#include "checkpoint/Manifest.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace ds::rt {
namespace {

constexpr const char *kFiles[] = {"model.safetensors", "optimizer.safetensors"};

int fileIndex(const plan::StateTensor &tensor) {
  return tensor.kind() == plan::BufferClass::parameter ? 0 : 1;
}

Status writeFully(int fd, const std::string &path, const void *data,
                  uint64_t bytes, uint64_t offset) {
  const auto *from = static_cast<const char *>(data);
  while (bytes > 0) {
    ssize_t put = pwrite(fd, from, bytes, off_t(offset));
    if (put < 0 && errno == EINTR)
      continue;
    if (put <= 0)
      return inputError("cannot write '%s': %s", path.c_str(),
                        std::strerror(errno));
    from += put;
    offset += uint64_t(put);
    bytes -= uint64_t(put);
  }
  return {};
}

/// One save, as one rank sees it.
class Saver {
public:
  Saver(const plan::Plan &plan, LocalComm &comm, const std::string &folder,
        uint64_t step);
  Status prepare();
  Status writePieces(const std::vector<StatePiece> &pieces);
  Status commit();
  /// Removes what was written so far.
  void abandon();

private:
  Status createFile(int index);
  std::string path(int index) const { return draft_ + "/" + kFiles[index]; }

  LocalComm &comm_;
  std::string folder_, name_, draft_;
  SafetensorsLayout layouts_[2];
};

Saver::Saver(const plan::Plan &plan, LocalComm &comm, const std::string &folder,
             uint64_t step)
    : comm_(comm), folder_(folder), name_("step-" + std::to_string(step)),
      draft_(folder + "/." + name_ + ".tmp") {
  std::vector<TensorDescription> tensors[2];
  for (const LogicalTensor &logical : logicalTensors(plan)) {
    std::vector<uint64_t> shape;
    if (const auto *sizes = logical.tensor->shape())
      shape.assign(sizes->begin(), sizes->end());
    tensors[fileIndex(*logical.tensor)].push_back(
        {logical.tensor->name()->str(), logical.dtype, shape});
  }
  for (int i = 0; i < 2; ++i)
    layouts_[i] = layoutSafetensors(
        tensors[i], {{"format", "pt"}, {"step", std::to_string(step)}});
}

Status Saver::createFile(int index) {
  int fd =
      open(path(index).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0)
    return inputError("cannot create '%s': %s", path(index).c_str(),
                      std::strerror(errno));
  const SafetensorsLayout &layout = layouts_[index];
  // Takes the space now, so that a full disk is found before anything else.
  int full = posix_fallocate(fd, 0, off_t(layout.fileBytes));
  Status status;
  if (full == ENOSPC || full == EDQUOT || full == EFBIG)
    status = inputError("cannot write '%s': %s (%llu bytes are needed)",
                        path(index).c_str(), std::strerror(full),
                        (unsigned long long)layout.fileBytes);
  else
    status = writeFully(fd, path(index), layout.header.data(),
                        layout.header.size(), 0);
  close(fd);
  return status;
}

Status Saver::prepare() {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (!error)
    std::filesystem::remove_all(draft_, error);
  comm_.control().setUnfinished(draft_);
  if (error || mkdir(draft_.c_str(), 0777) != 0)
    return inputError("cannot create the checkpoint folder '%s': %s",
                      folder_.c_str(),
                      error ? error.message().c_str() : std::strerror(errno));
  DS_RT_RETURN_IF_ERROR(createFile(0));
  return createFile(1);
}

Status Saver::writePieces(const std::vector<StatePiece> &pieces) {
  int fds[2] = {-1, -1};
  Status status;
  for (int i = 0; i < 2 && status.ok(); ++i) {
    fds[i] = open(path(i).c_str(), O_WRONLY | O_CLOEXEC);
    if (fds[i] < 0)
      status = inputError("cannot write '%s': %s", path(i).c_str(),
                          std::strerror(errno));
  }
  for (const StatePiece &piece : pieces) {
    if (!piece.owned || !status.ok())
      continue;
    int index = fileIndex(*piece.tensor);
    uint64_t size = bytesOf(piece.dtype);
    const auto &entry = layouts_[index].entries.at(piece.tensor->name()->str());
    status = writeFully(fds[index], path(index), piece.data, piece.count * size,
                        entry.offset + piece.first * size);
  }
  for (int fd : fds)
    if (fd >= 0 && close(fd) != 0 && status.ok())
      status = inputError("cannot write '%s': %s", draft_.c_str(),
                          std::strerror(errno));
  return status;
}

Status Saver::commit() {
  for (int i = 0; i < 2; ++i)
    DS_RT_RETURN_IF_ERROR(syncToDisk(path(i)));
  DS_RT_RETURN_IF_ERROR(syncToDisk(draft_));
  std::string target = folder_ + "/" + name_;
  // An older folder of the same name is exchanged in one step.
  int failed = renameat2(AT_FDCWD, draft_.c_str(), AT_FDCWD, target.c_str(),
                         RENAME_EXCHANGE);
  if (failed && errno == ENOENT)
    failed = rename(draft_.c_str(), target.c_str());
  if (failed)
    return inputError("cannot commit '%s': %s", target.c_str(),
                      std::strerror(errno));
  std::error_code error;
  std::filesystem::remove_all(draft_, error);
  comm_.control().setUnfinished(manifestDraft(folder_));
  Manifest manifest;
  if (std::filesystem::exists(folder_ + "/manifest.json", error)) {
    auto older = readManifest(folder_);
    if (older.ok())
      manifest = std::move(*older);
  }
  std::erase_if(manifest.steps, [&](const std::string &step) {
    std::error_code ignored;
    return step == name_ ||
           !std::filesystem::exists(folder_ + "/" + step, ignored);
  });
  manifest.steps.push_back(name_);
  manifest.latest = name_;
  Status status = writeManifest(folder_, manifest);
  comm_.control().setUnfinished("");
  return status;
}

void Saver::abandon() {
  std::error_code error;
  std::filesystem::remove_all(draft_, error);
  comm_.control().setUnfinished("");
}

} // namespace

Status saveCheckpoint(const plan::Plan &plan,
                      const std::vector<StatePiece> &pieces, LocalComm &comm,
                      const std::string &folder, uint64_t step) {
  Saver saver(plan, comm, folder, step);
  bool first = comm.rank() == 0;
  Status status = first ? saver.prepare() : Status();
  if (status.ok())
    status = comm.barrier();
  if (status.ok())
    status = saver.writePieces(pieces);
  if (status.ok())
    status = comm.barrier();
  if (status.ok() && first)
    status = saver.commit();
  if (!status.ok()) {
    // With more ranks, others may still write: the launcher removes it.
    if (comm.control().world() == 1)
      saver.abandon();
    return status;
  }
  return comm.barrier();
}

} // namespace ds::rt
