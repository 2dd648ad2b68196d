//===- TokenFile.cpp - A file that is one sequence of tokens ------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "data/TokenFile.h"
#include "base/Files.h"
#include "data/Integers.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/stat.h>
#include <unistd.h>

namespace ds::rt {
namespace {

class TokenFile : public DataSource {
public:
  TokenFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  ~TokenFile() override { close(fd_); }

  Status measure(bool binary, const std::vector<InputSpec> &inputs);
  Status read(const InputSpec &input, uint64_t entry, std::byte *out) override;

private:
  Status checkInput(const InputSpec &input) const;
  Status readSample(const InputSpec &input, uint64_t first,
                    std::byte *out) const;

  std::string path_;
  int fd_;
  uint64_t tokenBytes_ = 1;
  uint64_t tokens_ = 0;
};

Status TokenFile::checkInput(const InputSpec &input) const {
  if (input.role == plan::Role::named)
    return inputError("input '%s' is not a sequence of tokens: expected "
                      "--data=FILE.safetensors with a tensor of that name, "
                      "but got '%s'",
                      input.name.c_str(), path_.c_str());
  if (!isInteger(input.dtype))
    return inputError("input '%s' is of %s, but tokens are integers",
                      input.name.c_str(), plan::EnumNameDType(input.dtype));
  if (tokens_ < input.sequence() + 1)
    return inputError("data '%s' has %llu tokens, but one sequence needs %llu "
                      "(%llu and the token after them)",
                      path_.c_str(), (unsigned long long)tokens_,
                      (unsigned long long)input.sequence() + 1,
                      (unsigned long long)input.sequence());
  return {};
}

Status TokenFile::measure(bool binary, const std::vector<InputSpec> &inputs) {
  struct stat info;
  if (fstat(fd_, &info) != 0)
    return inputError("cannot read data '%s': %s", path_.c_str(),
                      std::strerror(errno));
  if (info.st_size == 0)
    return inputError("data '%s' is empty", path_.c_str());
  uint64_t vocabulary = 0;
  for (const InputSpec &input : inputs)
    vocabulary = std::max(vocabulary, input.bound);
  tokenBytes_ = !binary ? 1 : vocabulary <= 65536 ? 2 : 4;
  if (info.st_size % tokenBytes_ != 0)
    return inputError("data '%s' has %lld bytes, which is no multiple of the "
                      "%llu bytes of a token for a vocabulary of %llu",
                      path_.c_str(), (long long)info.st_size,
                      (unsigned long long)tokenBytes_,
                      (unsigned long long)vocabulary);
  tokens_ = uint64_t(info.st_size) / tokenBytes_;
  for (const InputSpec &input : inputs)
    DS_RT_RETURN_IF_ERROR(checkInput(input));
  return {};
}

Status TokenFile::readSample(const InputSpec &input, uint64_t first,
                             std::byte *out) const {
  uint8_t chunk[16384];
  uint64_t size = elementBytes(input.dtype);
  uint64_t length = input.sequence(), perChunk = sizeof(chunk) / tokenBytes_;
  for (uint64_t at = 0; at < length; at += perChunk) {
    uint64_t count = std::min(perChunk, length - at);
    uint64_t bytes = count * tokenBytes_;
    ssize_t got = pread(fd_, chunk, bytes, off_t((first + at) * tokenBytes_));
    if (got < 0 || uint64_t(got) != bytes)
      return inputError("cannot read data '%s' at token %llu: %s",
                        path_.c_str(), (unsigned long long)(first + at),
                        got < 0 ? std::strerror(errno)
                                : "the file has become shorter");
    for (uint64_t i = 0; i < count; ++i) {
      uint32_t token = 0; // little-endian, like this machine
      std::memcpy(&token, chunk + i * tokenBytes_, tokenBytes_);
      if (input.bound != 0 && token >= input.bound)
        return inputError("token %u at position %llu of data '%s' is beyond "
                          "the vocabulary of %llu",
                          token, (unsigned long long)(first + at + i),
                          path_.c_str(), (unsigned long long)input.bound);
      storeInteger(input.dtype, out + (at + i) * size, token);
    }
  }
  return {};
}

Status TokenFile::read(const InputSpec &input, uint64_t entry, std::byte *out) {
  uint64_t length = input.sequence();
  uint64_t perEntry = input.entryElements() / std::max<uint64_t>(length, 1);
  uint64_t samples = (tokens_ - 1) / length;
  for (uint64_t b = 0; b < perEntry; ++b) {
    uint64_t sample = (entry * perEntry + b) % samples;
    uint64_t shift = input.role == plan::Role::targets ? 1 : 0;
    DS_RT_RETURN_IF_ERROR(
        readSample(input, sample * length + shift,
                   out + b * length * elementBytes(input.dtype)));
  }
  return {};
}

} // namespace

StatusOr<std::unique_ptr<DataSource>>
openTokenFile(const std::string &path, bool binary,
              const std::vector<InputSpec> &inputs) {
  auto fd = openRegular(path, "data ",
                        "a text file, a .bin of tokens, a .safetensors or "
                        "random:SEED");
  if (!fd.ok())
    return fd.status();
  auto file = std::make_unique<TokenFile>(path, *fd);
  DS_RT_RETURN_IF_ERROR(file->measure(binary, inputs));
  return std::unique_ptr<DataSource>(std::move(file));
}

} // namespace ds::rt
