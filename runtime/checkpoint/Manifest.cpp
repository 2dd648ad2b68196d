//===- Manifest.cpp - Which steps of a checkpoint are whole -------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "checkpoint/Manifest.h"
#include "base/Files.h"
#include "base/JsonText.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <unistd.h>

namespace ds::rt {
namespace {

using nlohmann::json;

/// A manifest names folders beside it, nothing else.
bool isStepName(const json &value) {
  if (!value.is_string())
    return false;
  const auto &name = value.get_ref<const std::string &>();
  return name.rfind("step-", 0) == 0 && name.size() > 5 &&
         name.find_first_not_of("0123456789", 5) == std::string::npos;
}

} // namespace

StatusOr<Manifest> readManifest(const std::string &folder) {
  std::string path = folder + "/manifest.json";
  auto text = readText(path, "", "the manifest of a checkpoint", 1 << 24);
  if (!text.ok())
    return text.status();
  const ParsedJson read = parseJsonObject(*text);
  const json &parsed = read.value;
  const std::string mend =
      "; --load=" + folder + "/step-<n> takes a step directly";
  if (!read.error.empty())
    return inputError("'%s' is damaged: %s%s", path.c_str(), read.error.c_str(),
                      mend.c_str());
  if (!parsed.contains("latest") || !isStepName(parsed["latest"]))
    return inputError("'%s' is damaged: expected a JSON object whose 'latest' "
                      "is step-<n>%s",
                      path.c_str(), mend.c_str());
  Manifest manifest{parsed["latest"].get<std::string>(), {}};
  if (parsed.contains("steps") && parsed["steps"].is_array())
    for (const json &step : parsed["steps"])
      if (isStepName(step))
        manifest.steps.push_back(step.get<std::string>());
  return manifest;
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

Status syncToDisk(const std::string &path) {
  int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  bool good = fd >= 0 && fsync(fd) == 0;
  int code = errno;
  if (fd >= 0)
    close(fd);
  if (good || code == EINVAL) // some file systems cannot sync a folder
    return {};
  return inputError("cannot write '%s' to the disk: %s", path.c_str(),
                    std::strerror(code));
}

std::string manifestDraft(const std::string &folder) {
  return folder + "/manifest.json.tmp";
}

Status writeManifest(const std::string &folder, const Manifest &manifest) {
  nlohmann::ordered_json object = {{"format", "ds-mlir checkpoint"},
                                   {"version", 1},
                                   {"latest", manifest.latest},
                                   {"steps", manifest.steps}};
  std::string path = folder + "/manifest.json";
  std::string draft = manifestDraft(folder);
  std::string text = object.dump(2) + "\n";
  int fd = open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0)
    return inputError("cannot create '%s': %s", draft.c_str(),
                      std::strerror(errno));
  Status status = writeFully(fd, draft, text.data(), text.size(), 0);
  if (close(fd) != 0 && status.ok())
    status = inputError("cannot write '%s': %s", draft.c_str(),
                        std::strerror(errno));
  DS_RT_RETURN_IF_ERROR(status);
  DS_RT_RETURN_IF_ERROR(syncToDisk(draft));
  if (rename(draft.c_str(), path.c_str()) != 0)
    return inputError("cannot commit '%s': %s", path.c_str(),
                      std::strerror(errno));
  return syncToDisk(folder);
}

} // namespace ds::rt
