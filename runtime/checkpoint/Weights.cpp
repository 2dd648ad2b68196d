//===- Weights.cpp - Tensors by name in one file or several -------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "checkpoint/Weights.h"
#include "base/Files.h"
#include "base/JsonText.h"

#include <filesystem>
#include <set>

namespace ds::rt {
namespace {

/// As many as there may be open files, by far.
constexpr size_t kMostShards = 512;

/// A file beside the index: no path, so that a checkpoint reads only itself.
bool isPlainName(const std::string &name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find('/') == std::string::npos &&
         name.find('\0') == std::string::npos;
}

} // namespace

StatusOr<std::map<std::string, std::string>>
readWeightMap(const std::string &path, const std::string &text) {
  const ParsedJson parsed = parseJsonObject(text);
  if (!parsed.error.empty())
    return inputError("'%s' is damaged: %s", path.c_str(),
                      parsed.error.c_str());
  const auto found = parsed.value.find("weight_map");
  if (found == parsed.value.end() || !found->is_object())
    return inputError("'%s' is no index of a checkpoint: expected an object "
                      "'weight_map' of file names by tensor",
                      path.c_str());
  std::map<std::string, std::string> map;
  std::set<std::string> files;
  for (const auto &[name, file] : found->items()) {
    if (!file.is_string() || !isPlainName(file.get<std::string>()))
      return inputError(
          "'%s' is damaged: expected the name of a file beside it for tensor "
          "%s, but got %s",
          path.c_str(), quotedName(name).c_str(),
          file.is_string()
              ? quotedName(file.get<std::string>()).c_str()
              : quotedName(file.dump(-1, ' ', true,
                                     nlohmann::json::error_handler_t::replace))
                    .c_str());
    map[name] = file.get<std::string>();
    files.insert(map[name]);
  }
  if (files.empty() || files.size() > kMostShards)
    return inputError("'%s' names %zu files: expected 1 to %zu", path.c_str(),
                      files.size(), kMostShards);
  return map;
}

StatusOr<Weights> Weights::open(const std::string &path) {
  Weights weights;
  weights.path_ = path;
  if (!path.ends_with(".index.json")) {
    DS_RT_RETURN_IF_ERROR(weights.add(path));
    return weights;
  }
  auto text = readText(path, "", "an index of a checkpoint", 1 << 26);
  if (!text.ok())
    return text.status();
  DS_RT_RETURN_IF_ERROR(weights.openShards(*text));
  return weights;
}

Status Weights::openShards(const std::string &text) {
  auto map = readWeightMap(path_, text);
  if (!map.ok())
    return map.status();
  const auto folder = std::filesystem::path(path_).parent_path();
  std::set<std::string> names;
  for (const auto &[tensor, file] : *map)
    names.insert(file);
  for (const std::string &name : names)
    DS_RT_RETURN_IF_ERROR(add((folder / name).string()));
  for (const auto &[tensor, file] : *map) {
    const Tensor *found = find(tensor);
    if (!found || found->file->path() != (folder / file).string())
      return inputError("'%s' says that tensor %s is in '%s', which has none "
                        "of that name",
                        path_.c_str(), quotedName(tensor).c_str(),
                        file.c_str());
  }
  return {};
}

Status Weights::add(const std::string &path) {
  auto file = SafetensorsFile::open(path);
  if (!file.ok())
    return file.status();
  files_.push_back(std::make_unique<SafetensorsFile>(std::move(*file)));
  for (const auto &[name, entry] : files_.back()->entries()) {
    auto [at, isNew] =
        tensors_.try_emplace(name, Tensor{files_.back().get(), &entry});
    if (!isNew)
      return inputError("tensor %s is both in '%s' and in '%s'",
                        quotedName(name).c_str(),
                        at->second.file->path().c_str(), path.c_str());
  }
  return {};
}

const Weights::Tensor *Weights::find(const std::string &name) const {
  auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

} // namespace ds::rt
