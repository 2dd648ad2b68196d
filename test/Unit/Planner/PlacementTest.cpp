//===- PlacementTest.cpp - Buffers share no byte, and lie low -----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Planner/Placement.h"
#include "Check.h"

#include <algorithm>
#include <random>

using namespace ds;

static constexpr int64_t kAlignment = 64;

/// Random lifetimes and sizes, short ones more often than long ones.
static std::vector<PlacedBuffer> randomBuffers(std::mt19937_64 &random,
                                               int count) {
  auto upTo = [&](int64_t bound) {
    return static_cast<int64_t>(random() % static_cast<uint64_t>(bound));
  };
  std::vector<PlacedBuffer> buffers;
  for (int i = 0; i < count; ++i) {
    const int64_t lower = upTo(100), longest = upTo(4) == 0 ? 60 : 8;
    buffers.push_back({lower, lower + 1 + upTo(longest), 1 + upTo(1000)});
  }
  return buffers;
}

/// The most aligned bytes alive at one time, counted at every time.
static int64_t mostAlive(const std::vector<PlacedBuffer> &buffers) {
  int64_t most = 0;
  for (int64_t time = 0; time < 200; ++time) {
    int64_t alive = 0;
    for (const PlacedBuffer &buffer : buffers)
      if (buffer.lower <= time && time < buffer.upper)
        alive += (buffer.size + kAlignment - 1) / kAlignment * kAlignment;
    most = std::max(most, alive);
  }
  return most;
}

static void testRandom() {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    std::mt19937_64 random(seed);
    const auto buffers = randomBuffers(random, 1 + static_cast<int>(seed % 60));
    const Placement placement = place(buffers, kAlignment);
    const std::string error = validate(buffers, placement, kAlignment);
    if (!ds::test::check(error.empty(), "a valid placement", __FILE__, __LINE__,
                         error + " with seed " + std::to_string(seed)))
      return;
    CHECK(placement.offsets.size() == buffers.size());
    CHECK(placement.lowerBound == mostAlive(buffers));
    CHECK(placement.height >= placement.lowerBound);
    CHECK(place(buffers, kAlignment).offsets == placement.offsets);
  }
}

/// The validator says no: every move onto a neighbour is found.
static void testCorrupted() {
  int corrupted = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    std::mt19937_64 random(seed);
    const auto buffers = randomBuffers(random, 20);
    const Placement good = place(buffers, kAlignment);
    for (size_t i = 0; i < buffers.size(); ++i)
      for (size_t j = 0; j < i; ++j) {
        if (buffers[i].lower >= buffers[j].upper ||
            buffers[j].lower >= buffers[i].upper)
          continue;
        Placement bad = good;
        bad.offsets[i] = good.offsets[j];
        CHECK(!validate(buffers, bad, kAlignment).empty());
        ++corrupted;
      }
  }
  CHECK(corrupted > 1000);
}

static void testMessages() {
  const std::vector<PlacedBuffer> buffers = {{0, 2, 100}, {1, 3, 100}};
  CHECK(validate(buffers, {{0, 128}, 256, 0}, kAlignment).empty());
  CHECK(validate(buffers, {{128, 0}, 256, 0}, kAlignment).empty());
  CHECK_CONTAINS(validate(buffers, {{0, 64}, 256, 0}, kAlignment),
                 "buffers 0 and 1 overlap");
  CHECK_CONTAINS(validate(buffers, {{0, 100}, 256, 0}, kAlignment),
                 "buffer 1 lies outside or is not aligned");
  CHECK_CONTAINS(validate(buffers, {{0, 128}, 192, 0}, kAlignment),
                 "buffer 1 lies outside or is not aligned");
  CHECK_CONTAINS(validate(buffers, {{-64, 128}, 256, 0}, kAlignment),
                 "buffer 0 lies outside or is not aligned");
  // One ends when the other begins.
  CHECK(validate({{0, 2, 100}, {2, 3, 100}}, {{0, 0}, 128, 0}, kAlignment)
            .empty());
}

/// A gap below everything that is placed is used, and so is one in between.
static void testGaps() {
  // The long one lies above the large short one; the third fits below it.
  const std::vector<PlacedBuffer> leading = {
      {0, 2, 1024}, {1, 9, 512}, {3, 5, 1024}};
  const Placement first = place(leading, kAlignment);
  CHECK(first.height == 1536);
  CHECK(first.offsets[2] + 1024 <= first.offsets[1] || first.offsets[2] >= 512);
  // Three that live together, then one that fits where the middle one was.
  const std::vector<PlacedBuffer> middle = {
      {0, 9, 512}, {0, 2, 256}, {0, 9, 512}, {3, 5, 256}};
  const Placement second = place(middle, kAlignment);
  CHECK(second.height == 1280);
  CHECK(second.height == second.lowerBound);
  CHECK(validate(middle, second, kAlignment).empty());
}

/// What lives all the time comes first: the other orders leave gaps here.
static void testPersistent() {
  const std::vector<PlacedBuffer> buffers = {
      {0, 10, 5 * 64}, {0, 10, 7 * 64}, {4, 6, 7 * 64}, {0, 7, 1 * 64},
      {0, 8, 7 * 64},  {7, 10, 5 * 64}, {8, 10, 9 * 64}};
  const Placement placement = place(buffers, kAlignment);
  CHECK(placement.lowerBound == 1728);
  CHECK(placement.height == placement.lowerBound);
  CHECK(validate(buffers, placement, kAlignment).empty());
}

static void testSmall() {
  const Placement none = place({}, kAlignment);
  CHECK(none.offsets.empty() && none.height == 0 && none.lowerBound == 0);
  CHECK(validate({}, none, kAlignment).empty());
  const std::vector<PlacedBuffer> empty = {{0, 5, 0}, {0, 5, 100}, {2, 3, 0}};
  const Placement placed = place(empty, kAlignment);
  CHECK(placed.height == 128);
  CHECK(validate(empty, placed, kAlignment).empty());
}

int main() {
  testRandom();
  testCorrupted();
  testMessages();
  testGaps();
  testPersistent();
  testSmall();
  return ds::test::finish("planner");
}
