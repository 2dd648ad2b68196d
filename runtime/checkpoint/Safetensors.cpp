//===- Safetensors.cpp - Tensors by name in a file ----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "checkpoint/Safetensors.h"
#include "base/Files.h"
#include "base/JsonText.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace ds::rt {
namespace {

using nlohmann::json;

constexpr uint64_t kMaxHeader = 100u << 20;

struct TypeName {
  const char *name;
  plan::DType dtype;
  uint64_t bytes;
};
constexpr TypeName kTypes[] = {
    {"F32", plan::DType::f32, 4},   {"F64", plan::DType::f64, 8},
    {"BF16", plan::DType::bf16, 2}, {"F16", plan::DType::f16, 2},
    {"I32", plan::DType::i32, 4},   {"I64", plan::DType::i64, 8},
    {"U8", plan::DType::u8, 1},     {"U16", plan::DType::u16, 2},
    {"U32", plan::DType::u32, 4},   {"BOOL", plan::DType::u8, 1}};

const TypeName *typeNamed(const std::string &name) {
  for (const TypeName &type : kTypes)
    if (name == type.name)
      return &type;
  return nullptr;
}

bool isIndex(const json &value) { return value.is_number_unsigned(); }

/// Reads one tensor's description; returns what is wrong, or nothing.
std::string takeEntry(const json &value, uint64_t dataBegin, uint64_t dataBytes,
                      SafetensorsEntry &entry) {
  if (!value.is_object() || !value.contains("dtype") ||
      !value.contains("shape") || !value.contains("data_offsets"))
    return "expected an object with dtype, shape and data_offsets";
  const json &dtype = value["dtype"], &shape = value["shape"];
  const json &offsets = value["data_offsets"];
  const TypeName *type =
      dtype.is_string() ? typeNamed(dtype.get<std::string>()) : nullptr;
  if (!type)
    return "has a dtype that is not read: " +
           dtype.dump(-1, ' ', true, json::error_handler_t::replace);
  if (!shape.is_array() || !std::all_of(shape.begin(), shape.end(), isIndex))
    return "expected 'shape' to be a list of unsigned integers";
  if (!offsets.is_array() || offsets.size() != 2 || !isIndex(offsets[0]) ||
      !isIndex(offsets[1]))
    return "expected 'data_offsets' to be two unsigned integers";
  uint64_t begin = offsets[0], end = offsets[1], bytes = type->bytes;
  for (const json &size : shape)
    if (__builtin_mul_overflow(bytes, size.get<uint64_t>(), &bytes))
      return "has a shape that overflows";
  if (begin > end || end > dataBytes)
    return "has bytes [" + std::to_string(begin) + ", " + std::to_string(end) +
           ") of " + std::to_string(dataBytes);
  if (end - begin != bytes)
    return "has " + std::to_string(end - begin) +
           " bytes, but its shape needs " + std::to_string(bytes);
  entry = {type->dtype, shape.get<std::vector<uint64_t>>(), dataBegin + begin,
           bytes};
  return "";
}

/// Tensors follow each other without holes, as the format says: what is between
/// them would be read by nobody.  Returns what is wrong, or nothing.
std::string checkLayout(const std::map<std::string, SafetensorsEntry> &entries,
                        uint64_t dataBegin, uint64_t dataBytes) {
  std::vector<std::pair<uint64_t, const std::string *>> order;
  for (const auto &[name, entry] : entries)
    if (entry.bytes > 0)
      order.push_back({entry.offset, &name});
  std::sort(order.begin(), order.end());
  uint64_t end = dataBegin;
  std::string last;
  for (auto [offset, name] : order) {
    const std::string shown = quotedName(*name);
    if (offset < end)
      return "tensors " + last + " and " + shown + " overlap";
    if (offset > end)
      return std::to_string(offset - end) + " bytes before tensor " + shown +
             " belong to none";
    end = offset + entries.at(*name).bytes;
    last = shown;
  }
  if (end - dataBegin != dataBytes)
    return "its tensors have " + std::to_string(end - dataBegin) +
           " bytes, but the file has " + std::to_string(dataBytes) +
           " for them";
  return "";
}

Status readFully(int fd, const std::string &path, void *out, uint64_t bytes,
                 uint64_t offset) {
  auto *to = static_cast<char *>(out);
  while (bytes > 0) {
    ssize_t got = pread(fd, to, bytes, off_t(offset));
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return inputError("cannot read '%s' at byte %llu: %s", path.c_str(),
                        (unsigned long long)offset,
                        got < 0 ? std::strerror(errno) : "the file ends");
    to += got;
    offset += uint64_t(got);
    bytes -= uint64_t(got);
  }
  return {};
}

} // namespace

Status SafetensorsFile::parse(const std::string &header, uint64_t dataBegin,
                              uint64_t dataBytes) {
  const ParsedJson parsed = parseJsonObject(header);
  if (!parsed.error.empty())
    return inputError("'%s' has a damaged safetensors header: %s",
                      path_.c_str(), parsed.error.c_str());
  for (const auto &[name, value] : parsed.value.items()) {
    if (name == "__metadata__") {
      if (!value.is_object())
        return inputError("'%s' has a __metadata__ that is no object",
                          path_.c_str());
      for (const auto &[key, text] : value.items())
        if (text.is_string())
          metadata_[key] = text.get<std::string>();
      continue;
    }
    std::string wrong = takeEntry(value, dataBegin, dataBytes, entries_[name]);
    if (!wrong.empty())
      return inputError("tensor %s of '%s' %s", quotedName(name).c_str(),
                        path_.c_str(), wrong.c_str());
  }
  std::string wrong = checkLayout(entries_, dataBegin, dataBytes);
  if (!wrong.empty())
    return inputError("'%s' is damaged: %s", path_.c_str(), wrong.c_str());
  return {};
}

StatusOr<SafetensorsFile> SafetensorsFile::open(const std::string &path) {
  SafetensorsFile file;
  file.path_ = path;
  auto fd = openRegular(path, "", "a .safetensors");
  if (!fd.ok())
    return fd.status();
  file.fd_ = *fd;
  struct stat info{};
  if (fstat(file.fd_, &info) != 0)
    return inputError("cannot read '%s': %s", path.c_str(),
                      std::strerror(errno));
  uint64_t size = uint64_t(info.st_size), length = 0;
  if (size < 8)
    return inputError("'%s' has %llu bytes, too few for a safetensors header",
                      path.c_str(), (unsigned long long)size);
  DS_RT_RETURN_IF_ERROR(readFully(file.fd_, path, &length, 8, 0));
  if (length > size - 8 || length > kMaxHeader)
    return inputError("'%s' is no .safetensors or is damaged: it states a "
                      "header of %llu bytes, but %llu follow (at most %llu "
                      "are read)",
                      path.c_str(), (unsigned long long)length,
                      (unsigned long long)(size - 8),
                      (unsigned long long)kMaxHeader);
  std::string header(length, '\0');
  DS_RT_RETURN_IF_ERROR(readFully(file.fd_, path, header.data(), length, 8));
  DS_RT_RETURN_IF_ERROR(file.parse(header, 8 + length, size - 8 - length));
  return file;
}

SafetensorsFile::SafetensorsFile(SafetensorsFile &&other) noexcept {
  *this = std::move(other);
}

SafetensorsFile &SafetensorsFile::operator=(SafetensorsFile &&other) noexcept {
  std::swap(path_, other.path_);
  std::swap(fd_, other.fd_);
  std::swap(entries_, other.entries_);
  std::swap(metadata_, other.metadata_);
  return *this;
}

SafetensorsFile::~SafetensorsFile() {
  if (fd_ >= 0)
    close(fd_);
}

const SafetensorsEntry *SafetensorsFile::find(const std::string &name) const {
  auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : &found->second;
}

std::string SafetensorsFile::metadata(const std::string &key) const {
  auto found = metadata_.find(key);
  return found == metadata_.end() ? "" : found->second;
}

Status SafetensorsFile::read(const SafetensorsEntry &entry, uint64_t offset,
                             uint64_t bytes, void *out) const {
  return readFully(fd_, path_, out, bytes, entry.offset + offset);
}

std::string shapeText(const std::vector<uint64_t> &shape) {
  std::string text = "(";
  for (size_t i = 0; i < shape.size(); ++i) {
    if (i > 0)
      text += 'x';
    text += std::to_string(shape[i]);
  }
  text += ')';
  return text;
}

SafetensorsLayout
layoutSafetensors(const std::vector<TensorDescription> &tensors,
                  const std::map<std::string, std::string> &metadata) {
  nlohmann::ordered_json header;
  if (!metadata.empty())
    header["__metadata__"] = metadata;
  SafetensorsLayout layout;
  uint64_t at = 0;
  for (const TensorDescription &tensor : tensors) {
    const TypeName &type = kTypes[static_cast<size_t>(tensor.dtype)];
    uint64_t bytes = type.bytes;
    for (uint64_t size : tensor.shape)
      bytes *= size;
    header[tensor.name] = {{"dtype", type.name},
                           {"shape", tensor.shape},
                           {"data_offsets", {at, at + bytes}}};
    layout.entries[tensor.name] = {tensor.dtype, tensor.shape, at, bytes};
    at += bytes;
  }
  std::string text =
      header.is_null()
          ? "{}"
          : header.dump(-1, ' ', false, json::error_handler_t::replace);
  text.resize((text.size() + 8 + 63) / 64 * 64 - 8, ' ');
  uint64_t length = text.size();
  layout.header.assign(reinterpret_cast<const char *>(&length), 8);
  layout.header += text;
  for (auto &[name, entry] : layout.entries)
    entry.offset += layout.header.size();
  layout.fileBytes = layout.header.size() + at;
  return layout;
}

} // namespace ds::rt
