//===- FakeCudaCopies.cpp - The fake driver's copies and fills ----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// These are done: what comes of them alone, a test can compare.
//===--------------------------------------------------------------------===//
#include "FakeCuda.h"

#include <cstring>
#include <sys/mman.h>

using namespace fake;

static Result submitCopy(const char *function, Address dst, Address src,
                         uint64_t bytes, Stream stream) {
  enter(function);
  if (lostContext() != kSuccess)
    return lostContext();
  auto run = [=] {
    std::byte *to = memory(function, "the target", dst, bytes);
    const std::byte *from = memory(function, "the source", src, bytes);
    if (dst < src + bytes && src < dst + bytes)
      violation("%s: source and target overlap", function);
    std::memcpy(to, from, bytes);
    return kSuccess;
  };
  (void)memory(function, "the target", dst, bytes);
  (void)memory(function, "the source", src, bytes);
  submit(function, stream,
         {{"the source", src, bytes, false}, {"the target", dst, bytes, true}},
         run);
  return kSuccess;
}

FAKE_EXPORT Result cuMemcpyAsync(Address dst, Address src, size_t bytes,
                                 Stream stream) {
  count("copies");
  return submitCopy("cuMemcpyAsync", dst, src, bytes, stream);
}

FAKE_EXPORT Result cuMemcpyHtoDAsync_v2(Address dst, const void *src,
                                        size_t bytes, Stream stream) {
  count("copies to the GPU");
  if (!isPinned(addressOf(src), bytes))
    violation("cuMemcpyHtoDAsync: the source is not pinned");
  return submitCopy("cuMemcpyHtoDAsync", dst, addressOf(src), bytes, stream);
}

FAKE_EXPORT Result cuMemcpyDtoHAsync_v2(void *dst, Address src, size_t bytes,
                                        Stream stream) {
  count("copies to the host");
  if (!isPinned(addressOf(dst), bytes))
    violation("cuMemcpyDtoHAsync: the target is not pinned");
  return submitCopy("cuMemcpyDtoHAsync", addressOf(dst), src, bytes, stream);
}

FAKE_EXPORT Result cuMemcpy2DAsync_v2(const Copy2D *given, Stream stream) {
  enter("cuMemcpy2DAsync");
  if (lostContext() != kSuccess)
    return lostContext();
  const Copy2D copy = *given;
  if (copy.srcType != kMemoryUnified || copy.dstType != kMemoryUnified ||
      copy.srcX || copy.srcY || copy.dstX || copy.dstY)
    violation("cuMemcpy2DAsync: a kind of copy that the fake does not know");
  if (copy.width > copy.srcPitch || copy.width > copy.dstPitch)
    violation("cuMemcpy2DAsync: rows of %zu bytes at pitches of %zu and %zu",
              copy.width, copy.srcPitch, copy.dstPitch);
  const auto span = [&](size_t pitch) {
    return copy.height ? (copy.height - 1) * pitch + copy.width : 0;
  };
  const uint64_t srcBytes = span(copy.srcPitch), dstBytes = span(copy.dstPitch);
  (void)memory("cuMemcpy2DAsync", "the source", copy.src, srcBytes);
  (void)memory("cuMemcpy2DAsync", "the target", copy.dst, dstBytes);
  const std::vector<Range> ranges = {{"the source", copy.src, srcBytes, false},
                                     {"the target", copy.dst, dstBytes, true}};
  submit("cuMemcpy2DAsync", stream, ranges, [=] {
    const std::byte *from =
        memory("cuMemcpy2DAsync", "the source", copy.src, srcBytes);
    std::byte *to = memory("cuMemcpy2DAsync", "the target", copy.dst, dstBytes);
    for (size_t row = 0; row < copy.height; ++row)
      std::memcpy(to + row * copy.dstPitch, from + row * copy.srcPitch,
                  copy.width);
    return kSuccess;
  });
  count("copies of rows");
  return kSuccess;
}

FAKE_EXPORT Result cuMemsetD8Async(Address dst, unsigned char value,
                                   size_t bytes, Stream stream) {
  enter("cuMemsetD8Async");
  if (lostContext() != kSuccess)
    return lostContext();
  const Range target = {"the target", dst, bytes, true};
  submit("cuMemsetD8Async", stream, {target}, [=] {
    std::byte *to = memory("cuMemsetD8Async", "the target", dst, bytes);
    // Zeros of a large arena without making it resident.
    if (value != 0 || madvise(to, bytes, MADV_REMOVE) != 0)
      std::memset(to, value, bytes);
    return kSuccess;
  });
  return kSuccess;
}

/// Fills with numbers of more than a byte.
template <typename Number>
static Result fill(const char *function, Address dst, Number value,
                   size_t numbers, Stream stream) {
  enter(function);
  if (lostContext() != kSuccess)
    return lostContext();
  constexpr size_t size = sizeof(Number);
  if (dst % size)
    violation("%s: 0x%llx is no multiple of %zu", function, dst, size);
  (void)memory(function, "the target", dst, numbers * size);
  const Range target = {"the target", dst, numbers * size, true};
  submit(function, stream, {target}, [=] {
    std::byte *to = memory(function, "the target", dst, numbers * size);
    for (size_t i = 0; i < numbers; ++i)
      std::memcpy(to + size * i, &value, size);
    return kSuccess;
  });
  count("fills");
  return kSuccess;
}

FAKE_EXPORT Result cuMemsetD16Async(Address dst, unsigned short value,
                                    size_t numbers, Stream stream) {
  return fill("cuMemsetD16Async", dst, value, numbers, stream);
}

FAKE_EXPORT Result cuMemsetD32Async(Address dst, unsigned value, size_t words,
                                    Stream stream) {
  return fill("cuMemsetD32Async", dst, value, words, stream);
}

FAKE_EXPORT Result cuStreamWriteValue32_v2(Stream stream, Address at,
                                           uint32_t value, unsigned flags) {
  enter("cuStreamWriteValue32");
  if (lostContext() != kSuccess)
    return lostContext();
  if (option("writes", 0) == 1)
    return kNotSupported;
  if (option("writes", 0) == 2 && spoilCapture(stream))
    return kCaptureUnsupported;
  if (at % 4 || flags != 0)
    violation("cuStreamWriteValue32: 0x%llx, flags %u", at, flags);
  (void)memory("cuStreamWriteValue32", "the word", at, 4);
  const Range word = {"the word", at, 4, true};
  submit("cuStreamWriteValue32", stream, {word}, [=] {
    std::memcpy(memory("cuStreamWriteValue32", "the word", at, 4), &value, 4);
    return kSuccess;
  });
  return kSuccess;
}
