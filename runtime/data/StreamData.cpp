//===- StreamData.cpp - Inputs that another process sends ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "data/StreamData.h"
#include "data/Integers.h"

#include <cerrno>
#include <charconv>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace ds::rt {
namespace {

constexpr int kAliveMs = 500;

class StreamData : public DataSource {
public:
  explicit StreamData(std::vector<int> fds) : fds_(std::move(fds)) {}
  StatusOr<bool> next(uint64_t world, uint64_t rank,
                      const std::function<void()> &alive) override;
  Status read(const InputSpec &input, uint64_t entry, std::byte *out) override;

private:
  std::vector<int> fds_;
};

Status receive(int fd, uint64_t rank, std::byte *out, uint64_t bytes) {
  while (bytes > 0) {
    const ssize_t got = ::read(fd, out, bytes);
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return inputError("cannot read the data stream of rank %llu: %s",
                        (unsigned long long)rank, std::strerror(errno));
    if (got == 0)
      return inputError("the data stream of rank %llu ended in the middle: "
                        "whoever sent it has gone",
                        (unsigned long long)rank);
    out += got;
    bytes -= uint64_t(got);
  }
  return {};
}

StatusOr<bool> StreamData::next(uint64_t world, uint64_t rank,
                                const std::function<void()> &alive) {
  if (fds_.size() != world)
    return usageError("--data=stream: has %zu descriptors, but the plan is "
                      "for a world of %llu",
                      fds_.size(), (unsigned long long)world);
  pollfd waiting{fds_[rank], POLLIN, 0};
  while (poll(&waiting, 1, kAliveMs) == 0)
    alive();
  std::byte mark;
  DS_RT_RETURN_IF_ERROR(receive(fds_[rank], rank, &mark, 1));
  if (mark > std::byte{1})
    return inputError("the data stream of rank %llu expects 0 or 1 before a "
                      "step, but got %d",
                      (unsigned long long)rank, int(mark));
  return mark == std::byte{1};
}

Status StreamData::read(const InputSpec &input, uint64_t entry,
                        std::byte *out) {
  const uint64_t rank = entry / input.accumulation() % fds_.size();
  const uint64_t elements = input.entryElements();
  DS_RT_RETURN_IF_ERROR(
      receive(fds_[rank], rank, out, elements * elementBytes(input.dtype)));
  return checkBound(input, out, elements);
}

} // namespace

StatusOr<std::unique_ptr<DataSource>> openStreamData(const std::string &list) {
  std::vector<int> fds;
  const char *at = list.data(), *end = at + list.size();
  while (true) {
    int fd = -1;
    auto [stop, error] = std::from_chars(at, end, fd);
    if (error != std::errc() || fd < 0 || fcntl(fd, F_GETFD) < 0 ||
        (stop != end && *stop != ','))
      return usageError("--data=stream:%s: expected open file descriptors, one "
                        "for each rank, but got '%s'",
                        list.c_str(), at);
    fds.push_back(fd);
    if (stop == end)
      break;
    at = stop + 1;
  }
  return std::unique_ptr<DataSource>(
      std::make_unique<StreamData>(std::move(fds)));
}

} // namespace ds::rt
