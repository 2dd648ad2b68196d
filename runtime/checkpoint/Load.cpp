//===- Load.cpp - Reading checkpoints -----------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "base/JsonText.h"
#include "checkpoint/Checkpoint.h"
#include "checkpoint/Manifest.h"
#include "exec/Scalars.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

namespace ds::rt {
namespace {

std::vector<uint64_t> shapeOf(const plan::StateTensor &tensor) {
  if (!tensor.shape())
    return {};
  return {tensor.shape()->begin(), tensor.shape()->end()};
}

bool isFloat(plan::DType dtype) { return dtype <= plan::DType::f16; }

/// The integers of a type; every double between them is one.
std::pair<double, double> rangeOf(plan::DType dtype) {
  switch (dtype) {
  case plan::DType::u8:
    return {0, 0xff};
  case plan::DType::u16:
    return {0, 0xffff};
  case plan::DType::u32:
    return {0, 0xffffffffp0};
  case plan::DType::i32:
    return {-0x1p31, 0x1p31 - 1};
  default:
    return {-0x1p63, 0x1p63 - 1024};
  }
}

const char *plural(size_t count) { return count == 1 ? "" : "s"; }

/// How a tensor of a file differs from the plan's; empty when it does not.
std::string misfit(const SafetensorsEntry &entry,
                   const LogicalTensor &logical) {
  std::vector<uint64_t> shape = shapeOf(*logical.tensor);
  if (entry.shape != shape)
    return "has shape " + shapeText(entry.shape) + ", but the plan needs " +
           shapeText(shape);
  if (isFloat(entry.dtype) != isFloat(logical.dtype))
    return std::string("is of ") + plan::EnumNameDType(entry.dtype) +
           ", but the plan needs " + plan::EnumNameDType(logical.dtype);
  return "";
}

bool exists(const std::string &path) {
  std::error_code error;
  return std::filesystem::exists(path, error);
}

/// The parameters of a folder: in one file, or behind an index; empty when it
/// has neither.
std::string weightsOf(const std::string &folder) {
  for (const char *name : {"/model.safetensors", "/model.safetensors.index."
                                                 "json"})
    if (exists(folder + name))
      return folder + name;
  return "";
}

/// The folder of one step: `path` itself, or the latest that its manifest
/// names.
StatusOr<std::string> stepFolder(const std::string &path) {
  if (!weightsOf(path).empty())
    return path;
  if (!exists(path + "/manifest.json"))
    return inputError("'%s' is no checkpoint: expected a folder with "
                      "manifest.json, one step-<n> of it, one with "
                      "model.safetensors or its index, or a .safetensors",
                      path.c_str());
  auto manifest = readManifest(path);
  if (!manifest.ok())
    return manifest.status();
  const std::string latest = path + "/" + manifest->latest;
  if (!exists(latest + "/model.safetensors"))
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
  const bool isFolder = std::filesystem::is_directory(path, error);
  if (isFolder) {
    auto folder = stepFolder(path);
    if (!folder.ok())
      return folder.status();
    checkpoint.path_ = *folder;
    model = weightsOf(*folder);
  } else {
    checkpoint.path_ = path;
  }
  auto weights = Weights::open(model);
  if (!weights.ok())
    return weights.status();
  checkpoint.model_ = std::move(*weights);
  // What we saved says its step, and has optimizer state beside it; others'
  // weights have neither.
  const std::string state = checkpoint.path_ + "/optimizer.safetensors";
  if (isFolder &&
      (exists(state) || !checkpoint.model_->metadata("step").empty())) {
    auto optimizer = SafetensorsFile::open(state);
    if (!optimizer.ok())
      return optimizer.status();
    checkpoint.optimizer_ = std::move(*optimizer);
    auto step = stepOf(*checkpoint.optimizer_);
    if (!step.ok())
      return step.status();
    checkpoint.step_ = *step;
  }
  DS_RT_RETURN_IF_ERROR(checkpoint.check(plan));
  return checkpoint;
}

bool Checkpoint::isInModel(const plan::StateTensor &tensor) const {
  return tensor.kind() == plan::BufferClass::parameter || !optimizer_;
}

Weights::Tensor Checkpoint::find(const plan::StateTensor &tensor) const {
  const std::string name = tensor.name()->str();
  if (!isInModel(tensor))
    return {&*optimizer_, optimizer_->find(name)};
  const Weights::Tensor *found = model_->find(prefix_.fileName(name));
  return found ? *found : Weights::Tensor{nullptr, nullptr};
}

bool Checkpoint::holds(const plan::StateTensor &tensor) const {
  return find(tensor).entry != nullptr;
}

/// Superfluous tensors; those that are known to be are said and passed over.
Status Checkpoint::findExtra(const plan::Plan &plan, Names &extra) {
  std::set<std::string> inModel = optionalScalars(),
                        inOptimizer = optionalScalars();
  for (const LogicalTensor &logical : logicalTensors(plan)) {
    const std::string name = logical.tensor->name()->str();
    if (isInModel(*logical.tensor))
      inModel.insert(prefix_.fileName(name));
    else
      inOptimizer.insert(name);
  }
  Names passed;
  for (const auto &[name, tensor] : model_->tensors()) {
    if (inModel.count(name))
      continue;
    bool isTwin = false;
    for (const std::string &other : tiedTo(name)) {
      const Weights::Tensor *twin = model_->find(other);
      if (!twin || !inModel.count(other))
        continue;
      auto same = sameTensor(tensor, *twin);
      if (!same.ok())
        return same.status();
      if (!*same)
        return inputError("checkpoint '%s' has values of their own for %s, "
                          "but the plan ties it to %s; set "
                          "'tie_word_embeddings' to false in the config",
                          path_.c_str(), quotedName(name).c_str(),
                          quotedName(other).c_str());
      isTwin = true;
    }
    (isTwin || isKnownBuffer(name) ? passed : extra).add(name);
  }
  if (optimizer_)
    for (const auto &[name, entry] : optimizer_->entries())
      if (!inOptimizer.count(name))
        extra.add(name);
  if (passed.size() > 0)
    notes_.push_back("passed over of '" + path_ + "': " + passed.text());
  return {};
}

Status Checkpoint::check(const plan::Plan &plan) {
  std::set<std::string> needed;
  for (const LogicalTensor &logical : logicalTensors(plan))
    if (isInModel(*logical.tensor))
      needed.insert(logical.tensor->name()->str());
  prefix_ = findPrefix(needed, *model_);
  if (!prefix_.text.empty())
    notes_.push_back("names of '" + path_ + "' are taken " +
                     (prefix_.inPlan ? "with '" : "without '") + prefix_.text +
                     "' in front");
  Names missing, misfits, extra;
  for (const LogicalTensor &logical : logicalTensors(plan)) {
    const SafetensorsEntry *entry = find(*logical.tensor).entry;
    // A bare file need not hold more than parameters.
    const bool isOptional =
        optionalScalars().contains(logical.tensor->name()->str());
    if (!entry && !isOptional &&
        (optimizer_ || logical.tensor->kind() == plan::BufferClass::parameter))
      missing.add(logical.tensor->name()->str());
    std::string wrong = entry ? misfit(*entry, logical) : "";
    if (!wrong.empty())
      misfits.add(logical.tensor->name()->str(), wrong);
  }
  DS_RT_RETURN_IF_ERROR(findExtra(plan, extra));
  return report(missing, misfits, extra);
}

/// All of it in one error.
Status Checkpoint::report(const Names &missing, const Names &misfits,
                          const Names &extra) const {
  std::string text;
  auto add = [&](const std::string &part) {
    text += (text.empty() ? "" : ", and ") + part;
  };
  auto count = [](const Names &names) {
    return std::to_string(names.size()) + " tensor" + plural(names.size());
  };
  if (missing.size() > 0)
    add("lacks " + count(missing) +
        " that the plan needs: " + missing.text(extra.all()));
  if (misfits.size() > 0)
    add("has " + count(misfits) + " that " +
        (misfits.size() == 1 ? "does" : "do") +
        " not fit the plan: " + misfits.text());
  if (extra.size() > 0)
    add("has " + count(extra) +
        " that the plan does not know: " + extra.text());
  if (text.empty())
    return {};
  const bool isOther = missing.size() + extra.size() > 0;
  return inputError("checkpoint '%s' %s%s", path_.c_str(), text.c_str(),
                    isOther ? "; is it of another model?" : "");
}

Status Checkpoint::read(const StatePiece &piece) const {
  const Weights::Tensor found = find(*piece.tensor);
  const SafetensorsFile &file = *found.file;
  const SafetensorsEntry &entry = *found.entry;
  uint64_t from = bytesOf(entry.dtype), to = bytesOf(piece.dtype);
  // Whether integers have a sign is the model's affair.
  if (entry.dtype == piece.dtype || (from == to && !isFloat(entry.dtype)))
    return file.read(entry, piece.first * from, piece.count * from, piece.data);
  const auto [low, high] = rangeOf(piece.dtype);
  constexpr uint64_t kChunk = 4096;
  std::byte chunk[kChunk * 8];
  for (uint64_t at = 0; at < piece.count; at += kChunk) {
    uint64_t count = std::min(kChunk, piece.count - at);
    DS_RT_RETURN_IF_ERROR(
        file.read(entry, (piece.first + at) * from, count * from, chunk));
    for (uint64_t i = 0; i < count; ++i) {
      const double value = loadScalar(entry.dtype, chunk + i * from);
      if (!isFloat(piece.dtype) && (value < low || value > high))
        return inputError("checkpoint '%s': %s has %.0f, but the plan holds "
                          "integers from %.0f to %.0f",
                          file.path().c_str(),
                          quotedName(piece.tensor->name()->str()).c_str(),
                          value, low, high);
      storeScalar(piece.dtype, piece.data + (at + i) * to, value);
    }
  }
  return {};
}

} // namespace ds::rt
