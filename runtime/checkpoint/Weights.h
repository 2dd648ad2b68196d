//===- Weights.h - Tensors by name in one file or several ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One .safetensors, or the shards that an index names, as Hugging Face writes
// large models: {"weight_map": {"lm_head.weight": "model-00002-of-00002.
// safetensors"}}.  Shards lie beside their index.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_CHECKPOINT_WEIGHTS_H
#define DS_RUNTIME_CHECKPOINT_WEIGHTS_H

#include "checkpoint/Safetensors.h"

#include <memory>

namespace ds::rt {

class Weights {
public:
  /// `path`: a .safetensors or an index, which ends with .index.json.
  static StatusOr<Weights> open(const std::string &path);

  const std::string &path() const { return path_; }
  /// A value of the first file's `__metadata__`; empty when absent.
  std::string metadata(const std::string &key) const {
    return files_.empty() ? "" : files_.front()->metadata(key);
  }
  struct Tensor {
    const SafetensorsFile *file;
    const SafetensorsEntry *entry;
  };
  const std::map<std::string, Tensor> &tensors() const { return tensors_; }
  /// Null when there is none.
  const Tensor *find(const std::string &name) const;

private:
  Status openShards(const std::string &text);
  Status add(const std::string &path);
  std::string path_;
  std::vector<std::unique_ptr<SafetensorsFile>> files_;
  std::map<std::string, Tensor> tensors_;
};

/// The file names of an index by tensor.  Refuses what is no index, and names
/// that lead out of its folder.
StatusOr<std::map<std::string, std::string>>
readWeightMap(const std::string &path, const std::string &text);

} // namespace ds::rt

#endif // DS_RUNTIME_CHECKPOINT_WEIGHTS_H
