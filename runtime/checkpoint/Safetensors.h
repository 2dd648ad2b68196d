//===- Safetensors.h - Tensors by name in a file ------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The format: eight bytes of header length, a JSON header with each tensor's
// type, shape and byte range, then the bytes.  Reading runs no code, and
// nothing of a header is believed before it is checked.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_CHECKPOINT_SAFETENSORS_H
#define DS_RUNTIME_CHECKPOINT_SAFETENSORS_H

#include "base/Status.h"
#include "plan_generated.h"

#include <cstddef>
#include <map>
#include <vector>

namespace ds::rt {

struct SafetensorsEntry {
  plan::DType dtype;
  std::vector<uint64_t> shape;
  uint64_t offset; ///< In the file.
  uint64_t bytes;
};

/// An open file with a verified header.  Owns the descriptor.
class SafetensorsFile {
public:
  static StatusOr<SafetensorsFile> open(const std::string &path);
  SafetensorsFile(SafetensorsFile &&other) noexcept;
  SafetensorsFile &operator=(SafetensorsFile &&other) noexcept;
  ~SafetensorsFile();

  const std::string &path() const { return path_; }
  const std::map<std::string, SafetensorsEntry> &entries() const {
    return entries_;
  }
  const SafetensorsEntry *find(const std::string &name) const;
  /// A value of `__metadata__`; empty when absent.
  std::string metadata(const std::string &key) const;

  /// Reads `bytes` at `offset` bytes into a tensor.
  Status read(const SafetensorsEntry &entry, uint64_t offset, uint64_t bytes,
              void *out) const;

private:
  SafetensorsFile() = default;
  Status parse(const std::string &header, uint64_t dataBegin,
               uint64_t dataBytes);
  std::string path_;
  int fd_ = -1;
  std::map<std::string, SafetensorsEntry> entries_;
  std::map<std::string, std::string> metadata_;
};

/// The layout of a file that is about to be written.
struct SafetensorsLayout {
  std::string header; ///< Length and JSON, padded: the file's first bytes.
  std::map<std::string, SafetensorsEntry> entries;
  uint64_t fileBytes = 0;
};

struct TensorDescription {
  std::string name;
  plan::DType dtype;
  std::vector<uint64_t> shape;
};

/// Tensors follow each other in the order given.
SafetensorsLayout
layoutSafetensors(const std::vector<TensorDescription> &tensors,
                  const std::map<std::string, std::string> &metadata);

/// "(2x3)".
std::string shapeText(const std::vector<uint64_t> &shape);

} // namespace ds::rt

#endif // DS_RUNTIME_CHECKPOINT_SAFETENSORS_H
