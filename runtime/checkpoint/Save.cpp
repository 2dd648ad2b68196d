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
#include <string_view>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace ds::rt {
namespace {

constexpr const char *kFiles[] = {"model.safetensors", "optimizer.safetensors"};

int fileIndex(const plan::StateTensor &tensor) {
  return tensor.kind() == plan::BufferClass::parameter ? 0 : 1;
}

/// ".step-12.tmp", of whatever step.
bool isDraft(const std::string &name) {
  constexpr std::string_view kHead = ".step-", kTail = ".tmp";
  size_t digits = name.find_first_not_of("0123456789", kHead.size());
  return name.rfind(kHead, 0) == 0 && digits != std::string::npos &&
         digits > kHead.size() && name.substr(digits) == kTail;
}

/// One save, as one rank sees it.
class Saver {
public:
  Saver(const plan::Plan &plan, LocalComm &comm, const std::string &folder,
        uint64_t step);
  Saver(const Saver &) = delete;
  ~Saver();
  Status prepare();
  Status writePieces(const View &view, const std::vector<StatePiece> &pieces);
  Status commit();
  /// `status` and what is left to load.
  Status explain(const Status &status) const;

private:
  Status lock();
  void removeDrafts() const;
  Status updateManifest() const;
  Status createFile(int index);
  Status writeConfig() const;
  std::string path(int index) const { return draft_ + "/" + kFiles[index]; }

  LocalComm &comm_;
  std::string folder_, name_, draft_;
  std::string config_; ///< Text of config.json; empty: none is written.
  SafetensorsLayout layouts_[2];
  int lock_ = -1; ///< The folder, locked while this process lives at most.
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
  if (const auto *config = plan.facts()->hf_config())
    config_ = config->str();
}

Saver::~Saver() {
  if (lock_ >= 0)
    close(lock_);
}

/// Two runs that save to one folder would remove each other's drafts.
Status Saver::lock() {
  lock_ = open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  // Some file systems cannot lock: then nothing is known, and nothing refused.
  if (lock_ >= 0 && flock(lock_, LOCK_EX | LOCK_NB) != 0 &&
      errno == EWOULDBLOCK)
    return inputError("another run is saving to '%s': give each run a folder "
                      "of its own",
                      folder_.c_str());
  return {};
}

/// What a run left that was killed together with its launcher.
void Saver::removeDrafts() const {
  std::error_code error;
  std::vector<std::filesystem::path> drafts;
  std::filesystem::directory_iterator at(folder_, error), end;
  for (; !error && at != end; at.increment(error))
    if (isDraft(at->path().filename().string()))
      drafts.push_back(at->path());
  drafts.emplace_back(manifestDraft(folder_));
  for (const auto &draft : drafts)
    std::filesystem::remove_all(draft, error);
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

/// With it the folder is one that transformers loads.
Status Saver::writeConfig() const {
  if (config_.empty())
    return {};
  const std::string path = draft_ + "/config.json", text = config_ + "\n";
  int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0)
    return inputError("cannot create '%s': %s", path.c_str(),
                      std::strerror(errno));
  Status status = writeFully(fd, path, text.data(), text.size(), 0);
  if (close(fd) != 0 && status.ok())
    status =
        inputError("cannot write '%s': %s", path.c_str(), std::strerror(errno));
  DS_RT_RETURN_IF_ERROR(status);
  return syncToDisk(path);
}

Status Saver::prepare() {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error)
    return inputError("cannot create the checkpoint folder '%s': %s",
                      folder_.c_str(), error.message().c_str());
  DS_RT_RETURN_IF_ERROR(lock());
  removeDrafts();
  comm_.control().setUnfinished(draft_);
  if (mkdir(draft_.c_str(), 0777) != 0)
    return inputError("cannot create '%s': %s", draft_.c_str(),
                      std::strerror(errno));
  DS_RT_RETURN_IF_ERROR(writeConfig());
  DS_RT_RETURN_IF_ERROR(createFile(0));
  return createFile(1);
}

Status Saver::writePieces(const View &view,
                          const std::vector<StatePiece> &pieces) {
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
    status = eachPart(view, piece, Access::Read, [&](const StatePiece &part) {
      return writeFully(fds[index], path(index), part.data, part.count * size,
                        entry.offset + part.first * size);
    });
  }
  for (int i = 0; i < 2; ++i)
    if (fds[i] >= 0 && close(fds[i]) != 0 && status.ok())
      status = inputError("cannot write '%s': %s", path(i).c_str(),
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
  DS_RT_RETURN_IF_ERROR(updateManifest());
  comm_.control().setUnfinished("");
  return {};
}

Status Saver::updateManifest() const {
  std::error_code error;
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
  return writeManifest(folder_, manifest);
}

Status Saver::explain(const Status &status) const {
  auto manifest = readManifest(folder_);
  if (status.code() != Code::Input || !manifest.ok())
    return status;
  return Status(status.code(), status.message() + "; '" + folder_ + "' keeps " +
                                   manifest->latest);
}

} // namespace

Status checkSaveFolder(const std::string &folder) {
  std::filesystem::path place = std::filesystem::absolute(folder);
  std::error_code error;
  const bool exists = std::filesystem::exists(place, error);
  while (!std::filesystem::exists(place, error) && place != place.root_path())
    place = place.parent_path();
  int code = 0;
  if (!std::filesystem::is_directory(place, error))
    code = ENOTDIR;
  else if (access(place.c_str(), W_OK | X_OK) != 0)
    code = errno;
  if (code == 0)
    return {};
  return inputError(exists && code != ENOTDIR
                        ? "cannot save to '%s': %s"
                        : "cannot create the checkpoint folder '%s': %s",
                    folder.c_str(), std::strerror(code));
}

Status saveCheckpoint(const plan::Plan &plan, const View &view,
                      const std::vector<StatePiece> &pieces, LocalComm &comm,
                      const std::string &folder, uint64_t step) {
  Saver saver(plan, comm, folder, step);
  bool first = comm.rank() == 0;
  Status status = first ? saver.prepare() : Status();
  if (status.ok())
    status = comm.barrier();
  if (status.ok())
    status = saver.writePieces(view, pieces);
  if (status.ok())
    status = comm.barrier();
  if (status.ok() && first)
    status = saver.commit();
  // Others may still write: the launcher removes the draft.
  return status.ok() ? comm.barrier() : saver.explain(status);
}

} // namespace ds::rt
