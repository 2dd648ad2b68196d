//===- Load.cpp - Reading checkpoints -----------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "base/JsonText.h"
#include "checkpoint/Checkpoint.h"
#include "checkpoint/Manifest.h"
#include "exec/Scalars.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>

namespace ds::rt {
namespace {

std::vector<uint64_t> shapeOf(const plan::StateTensor &tensor) {
  if (!tensor.shape())
    return {};
  return {tensor.shape()->begin(), tensor.shape()->end()};
}

bool isFloat(plan::DType dtype) { return dtype <= plan::DType::f16; }

/// Names that do not fit, to be counted and shown in part.
class Names {
public:
  void add(const std::string &name) { names_.push_back(name); }
  size_t size() const { return names_.size(); }
  /// The first few.
  std::string text() const {
    constexpr size_t kShown = 5;
    std::string text;
    for (size_t i = 0; i < std::min(names_.size(), kShown); ++i)
      text += (i > 0 ? ", " : "") + names_[i];
    return text + (names_.size() > kShown ? ", ..." : "");
  }

private:
  std::vector<std::string> names_;
};

const char *plural(size_t count) { return count == 1 ? "" : "s"; }

/// How a tensor of a file differs from the plan's; empty when it does not.
std::string misfit(const SafetensorsEntry &entry,
                   const LogicalTensor &logical) {
  std::vector<uint64_t> shape = shapeOf(*logical.tensor);
  if (entry.shape != shape)
    return "has shape " + shapeText(entry.shape) + ", but the plan needs " +
           shapeText(shape);
  if (entry.dtype != logical.dtype &&
      !(isFloat(entry.dtype) && isFloat(logical.dtype)))
    return std::string("is of ") + plan::EnumNameDType(entry.dtype) +
           ", but the plan needs " + plan::EnumNameDType(logical.dtype);
  return "";
}

/// The folder of one step: `path` itself, or the latest that its manifest
/// names.
StatusOr<std::string> stepFolder(const std::string &path) {
  std::error_code error;
  if (std::filesystem::exists(path + "/model.safetensors", error))
    return path;
  if (!std::filesystem::exists(path + "/manifest.json", error))
    return inputError("'%s' is no checkpoint: expected a folder with "
                      "manifest.json, one step-<n> of it, or a .safetensors",
                      path.c_str());
  auto manifest = readManifest(path);
  if (!manifest.ok())
    return manifest.status();
  const std::string latest = path + "/" + manifest->latest;
  if (!std::filesystem::exists(latest + "/model.safetensors", error))
    return inputError("'%s/manifest.json' names %s, but '%s' is not there; "
                      "--load=%s/step-<n> takes a step directly",
                      path.c_str(), manifest->latest.c_str(), latest.c_str(),
                      path.c_str());
  return latest;
}

StatusOr<uint64_t> stepOf(const SafetensorsFile &file) {
  std::string text = file.metadata("step");
  uint64_t step = 0;
  auto [stop, error] =
      std::from_chars(text.data(), text.data() + text.size(), step);
  if (error != std::errc() || stop != text.data() + text.size())
    return inputError("'%s' does not say which step it is: expected an "
                      "unsigned integer as 'step' in __metadata__, but got %s",
                      file.path().c_str(), quotedName(text).c_str());
  return step;
}

} // namespace

StatusOr<Checkpoint> Checkpoint::open(const std::string &path,
                                      const plan::Plan &plan) {
  Checkpoint checkpoint;
  std::error_code error;
  std::string model = path;
  if (std::filesystem::is_directory(path, error)) {
    auto folder = stepFolder(path);
    if (!folder.ok())
      return folder.status();
    model = *folder + "/model.safetensors";
    auto optimizer = SafetensorsFile::open(*folder + "/optimizer.safetensors");
    if (!optimizer.ok())
      return optimizer.status();
    checkpoint.optimizer_ = std::move(*optimizer);
    auto step = stepOf(*checkpoint.optimizer_);
    if (!step.ok())
      return step.status();
    checkpoint.step_ = *step;
  }
  auto file = SafetensorsFile::open(model);
  if (!file.ok())
    return file.status();
  checkpoint.model_ = std::move(*file);
  DS_RT_RETURN_IF_ERROR(checkpoint.check(plan));
  return checkpoint;
}

const SafetensorsFile *
Checkpoint::fileOf(const plan::StateTensor &tensor) const {
  if (tensor.kind() == plan::BufferClass::parameter || !optimizer_)
    return &*model_;
  return &*optimizer_;
}

bool Checkpoint::holds(const plan::StateTensor &tensor) const {
  return fileOf(tensor)->find(tensor.name()->str()) != nullptr;
}

Status Checkpoint::checkExtra(const SafetensorsFile &file,
                              const plan::Plan &plan) const {
  std::set<std::string> known = {"seed"}; // of a run that dropped elements
  for (const LogicalTensor &logical : logicalTensors(plan))
    if (fileOf(*logical.tensor) == &file)
      known.insert(logical.tensor->name()->str());
  Names extra;
  for (const auto &[name, entry] : file.entries())
    if (!known.count(name))
      extra.add(quotedName(name));
  if (extra.size() == 0)
    return {};
  return inputError("checkpoint '%s' has %zu tensor%s that the plan does not "
                    "know: %s; is it of another model?",
                    file.path().c_str(), extra.size(), plural(extra.size()),
                    extra.text().c_str());
}

Status Checkpoint::check(const plan::Plan &plan) const {
  Names missing, misfits;
  for (const LogicalTensor &logical : logicalTensors(plan)) {
    const std::string name = logical.tensor->name()->str();
    const SafetensorsEntry *entry = fileOf(*logical.tensor)->find(name);
    // A bare file need not hold more than parameters, and a run that dropped
    // nothing had no seed: it is made now.
    bool isSeed = logical.tensor->init()->kind() == plan::InitKind::seed;
    if (!entry && !isSeed &&
        (optimizer_ || logical.tensor->kind() == plan::BufferClass::parameter))
      missing.add(quotedName(name));
    std::string wrong = entry ? misfit(*entry, logical) : "";
    if (!wrong.empty())
      misfits.add(quotedName(name) + " " + wrong);
  }
  // A step's tensors are in two files.
  const std::filesystem::path file = model_->path();
  const std::string path = optimizer_ ? file.parent_path() : file;
  if (missing.size() > 0)
    return inputError("checkpoint '%s' lacks %zu tensor%s that the plan needs: "
                      "%s; is it of another model?",
                      path.c_str(), missing.size(), plural(missing.size()),
                      missing.text().c_str());
  if (misfits.size() > 0)
    return inputError("checkpoint '%s' has %zu tensor%s that %s not fit the "
                      "plan: %s",
                      path.c_str(), misfits.size(), plural(misfits.size()),
                      misfits.size() == 1 ? "does" : "do",
                      misfits.text().c_str());
  DS_RT_RETURN_IF_ERROR(checkExtra(*model_, plan));
  return optimizer_ ? checkExtra(*optimizer_, plan) : Status();
}

Status Checkpoint::read(const StatePiece &piece) const {
  const SafetensorsFile &file = *fileOf(*piece.tensor);
  const SafetensorsEntry &entry = *file.find(piece.tensor->name()->str());
  uint64_t from = bytesOf(entry.dtype), to = bytesOf(piece.dtype);
  if (entry.dtype == piece.dtype)
    return file.read(entry, piece.first * from, piece.count * from, piece.data);
  constexpr uint64_t kChunk = 4096;
  std::byte chunk[kChunk * 8];
  for (uint64_t at = 0; at < piece.count; at += kChunk) {
    uint64_t count = std::min(kChunk, piece.count - at);
    DS_RT_RETURN_IF_ERROR(
        file.read(entry, (piece.first + at) * from, count * from, chunk));
    for (uint64_t i = 0; i < count; ++i)
      storeScalar(piece.dtype, piece.data + (at + i) * to,
                  loadScalar(entry.dtype, chunk + i * from));
  }
  return {};
}

} // namespace ds::rt
