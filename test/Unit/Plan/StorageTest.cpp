//===- StorageTest.cpp - Strides under another shape --------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Storage.h"
#include "Check.h"

#include <algorithm>
#include <random>

using namespace ds;
using Dims = llvm::SmallVector<int64_t, 5>;

/// The addresses of all elements in row-major order.
static std::vector<int64_t> addresses(const Dims &shape, const Dims &strides) {
  std::vector<int64_t> result{0};
  for (size_t d = 0; d < shape.size(); ++d) {
    std::vector<int64_t> next;
    for (int64_t base : result)
      for (int64_t i = 0; i < shape[d]; ++i)
        next.push_back(base + i * strides[d]);
    result = next;
  }
  return result;
}

static void same(const Dims &from, const Dims &strides, const Dims &to,
                 int line) {
  auto result = reshapeStrides(from, strides, to);
  if (ds::test::check(result.has_value(), "strides", __FILE__, line))
    ds::test::check(addresses(from, strides) == addresses(to, *result),
                    "the same elements in the same order", __FILE__, line);
}
#define SAME(...) same(__VA_ARGS__, __LINE__)

static void testContiguous() {
  SAME({2, 6}, {6, 1}, {12});
  SAME({12}, {1}, {2, 3, 2});
  SAME({2, 6}, {6, 1}, {4, 3});
  SAME({4, 3}, {3, 1}, {2, 6});
  SAME({6, 4}, {4, 1}, {8, 3});
  SAME({}, {}, {1, 1});
  SAME({1, 1}, {7, 9}, {});
}

static void testStrided() {
  // A part of a wider tensor splits and joins inside its last dimension ...
  SAME({2, 5, 6}, {90, 18, 1}, {2, 5, 2, 3});
  SAME({2, 5, 2, 3}, {90, 18, 3, 1}, {2, 5, 6});
  SAME({2, 5, 6}, {90, 18, 1}, {10, 6});
  SAME({2, 5, 6}, {90, 18, 1}, {10, 3, 2});
  // ... but not across it.
  CHECK(!reshapeStrides({2, 5, 6}, {90, 18, 1}, {2, 30}));
  CHECK(!reshapeStrides({2, 5, 6}, {90, 18, 1}, {60}));
  CHECK(!reshapeStrides({2, 6}, {18, 1}, {4, 3}));
  CHECK(!reshapeStrides({2, 6}, {18, 1}, {3, 4}));
  // A transposed one splits, too, and does not join.
  SAME({6, 4}, {1, 6}, {2, 3, 4});
  SAME({6, 4}, {1, 6}, {6, 2, 2});
  CHECK(!reshapeStrides({6, 4}, {1, 6}, {24}));
}

static void testOnes() {
  // Dimensions of size 1 lie anywhere.
  SAME({1, 4, 1, 3}, {999, 3, 77, 1}, {12});
  SAME({4, 3}, {3, 1}, {1, 4, 1, 3, 1});
  SAME({2, 1, 6}, {18, 5, 1}, {2, 6});
  SAME({2, 6}, {18, 1}, {2, 1, 6});
}

/// Either the right strides or none, and always strides where the tensor is
/// contiguous.
static void testRandom() {
  std::mt19937_64 random(7);
  const Dims shapes[] = {{24},      {2, 12},      {4, 6},    {3, 8},
                         {2, 3, 4}, {2, 2, 2, 3}, {6, 1, 4}, {1, 24, 1, 1},
                         {4, 3, 2}, {12, 2}};
  int found = 0;
  for (const Dims &from : shapes)
    for (const Dims &to : shapes) {
      SAME(from, Dims(rowMajor(from)), to);
      for (int round = 0; round < 50; ++round) {
        // Dimensions in a random order, some with a gap behind them.
        std::vector<size_t> order(from.size());
        for (size_t i = 0; i < order.size(); ++i)
          order[i] = i;
        std::shuffle(order.begin(), order.end(), random);
        Dims strides(from.size(), 1);
        int64_t next = 1;
        for (size_t dim : order) {
          strides[dim] = next;
          next *= from[dim] + static_cast<int64_t>(random() % 3 == 0);
        }
        auto result = reshapeStrides(from, strides, to);
        if (!result)
          continue;
        ++found;
        CHECK(addresses(from, strides) == addresses(to, *result));
      }
    }
  CHECK(found > 500);
}

int main() {
  testContiguous();
  testStrided();
  testOnes();
  testRandom();
  return ds::test::finish("plan storage");
}
