//===- data_test.cpp - Which token a step reads -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Check.h"
#include "data/DataSource.h"
#include "exec/Philox.h"

#include <cstring>
#include <filesystem>
#include <fstream>

using namespace ds::rt;
using ds::plan::DType;
using ds::plan::Role;

namespace {

std::string folder;

std::string writeFile(const std::string &name, const std::string &bytes) {
  std::string path = folder + "/" + name;
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  return path;
}

/// accumulation 2, micro-batch 2, sequence 3
std::vector<InputSpec> tokenInputs(uint64_t bound, DType dtype = DType::i32) {
  return {{"tokens", Role::tokens, dtype, bound, {2, 2, 3}},
          {"targets", Role::targets, dtype, bound, {2, 2, 3}}};
}

std::vector<int32_t> stepOf(DataSource &source, const InputSpec &input,
                            uint64_t step, uint64_t world, uint64_t rank) {
  std::vector<int32_t> out(12, -1);
  Status status = readStep(source, input, step, world, rank,
                           reinterpret_cast<std::byte *>(out.data()));
  ds::test::check(status.ok(), "no error", __FILE__, __LINE__,
                  status.message());
  return out;
}

/// The mapping, written out: entry, sample, position.
std::vector<int32_t> expected(const std::vector<int32_t> &stream, bool wrap,
                              uint64_t step, uint64_t world, uint64_t rank,
                              uint64_t shift) {
  std::vector<int32_t> out;
  uint64_t samples = (stream.size() - 1) / 3;
  for (uint64_t a = 0; a < 2; ++a)
    for (uint64_t b = 0; b < 2; ++b) {
      uint64_t k = ((step * world + rank) * 2 + a) * 2 + b;
      uint64_t start = (wrap ? k % samples : k) * 3;
      for (uint64_t t = 0; t < 3; ++t)
        out.push_back(stream[start + t + shift]);
    }
  return out;
}

void compareAll(DataSource &source, const std::vector<InputSpec> &inputs,
                const std::vector<int32_t> &stream, bool wrap) {
  for (uint64_t world : {1, 2, 3})
    for (uint64_t step = 0; step < 4; ++step)
      for (uint64_t rank = 0; rank < world; ++rank)
        for (size_t i = 0; i < 2; ++i)
          CHECK(stepOf(source, inputs[i], step, world, rank) ==
                expected(stream, wrap, step, world, rank, i));
}

void textWraps() {
  std::string text = "the quick brown fox jumps over";
  auto inputs = tokenInputs(256);
  auto source = openData(writeFile("text.txt", text), inputs);
  if (CHECK(source.ok()))
    compareAll(**source, inputs, {text.begin(), text.end()}, true);
}

void binariesHaveTwoWidths() {
  std::vector<uint32_t> wide = {1, 70000, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  std::string bytes(reinterpret_cast<char *>(wide.data()), wide.size() * 4);
  auto inputs = tokenInputs(80000);
  auto source = openData(writeFile("wide.bin", bytes), inputs);
  if (CHECK(source.ok()))
    compareAll(**source, inputs, {wide.begin(), wide.end()}, true);
  std::vector<uint16_t> narrow = {1, 50000, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  bytes.assign(reinterpret_cast<char *>(narrow.data()), narrow.size() * 2);
  inputs = tokenInputs(65536);
  source = openData(writeFile("narrow.bin", bytes), inputs);
  if (CHECK(source.ok()))
    compareAll(**source, inputs, {narrow.begin(), narrow.end()}, true);
}

void randomIsAStream() {
  RandomStream random = streamOf("data", 9);
  std::vector<double> u(400);
  uniforms(random, 0, u.size(), u.data());
  std::vector<int32_t> stream;
  for (double value : u)
    stream.push_back(int32_t(value * 257));
  auto inputs = tokenInputs(257);
  auto source = openData("random:9", inputs);
  if (CHECK(source.ok()))
    compareAll(**source, inputs, stream, false);
}

void randomNormalsAreNamed() {
  std::vector<InputSpec> inputs = {
      {"image", Role::named, DType::f32, 0, {1, 2, 5}}};
  auto source = openData("random:3", inputs);
  if (!CHECK(source.ok()))
    return;
  double z[20];
  normals(streamOf("data.image", 3), 0, 20, z);
  float out[10];
  Status status = readStep(**source, inputs[0], 1, 1, 0,
                           reinterpret_cast<std::byte *>(out));
  CHECK(status.ok());
  for (int i = 0; i < 10; ++i)
    CHECK(out[i] == float(z[10 + i]));
}

std::string errorOf(const std::string &spec,
                    const std::vector<InputSpec> &inputs) {
  auto source = openData(spec, inputs);
  if (!source.ok())
    return source.status().message();
  std::byte out[1024];
  Status status = readStep(**source, inputs[0], 0, 1, 0, out);
  return status.ok() ? "no error" : status.message();
}

void mistakesAreNamed() {
  auto inputs = tokenInputs(256);
  CHECK_CONTAINS(errorOf(folder + "/none", inputs), "No such file");
  CHECK_CONTAINS(errorOf(folder, inputs), "is a directory");
  CHECK_CONTAINS(errorOf(writeFile("empty", ""), inputs), "is empty");
  CHECK_CONTAINS(errorOf(writeFile("short", "abc"), inputs),
                 "has 3 tokens, but one sequence needs 4");
  CHECK_CONTAINS(errorOf(writeFile("odd.bin", "abc"), inputs),
                 "has 3 bytes, which is no multiple of the 2 bytes");
  CHECK_CONTAINS(errorOf(writeFile("high", "abcd\xffzzz"), tokenInputs(128)),
                 "token 255 at position 4");
  CHECK_CONTAINS(errorOf("random:x", inputs), "expected random:SEED");
  CHECK_CONTAINS(errorOf("random:", inputs), "expected random:SEED");
  CHECK_CONTAINS(errorOf("random:1", tokenInputs(0)), "needs a bound");
  inputs[0].role = Role::named;
  CHECK_CONTAINS(errorOf(writeFile("text.txt", "long enough"), inputs),
                 "is not a sequence of tokens");
}

std::string safetensors(const std::string &header, const std::string &data) {
  uint64_t length = header.size();
  return std::string(reinterpret_cast<char *>(&length), 8) + header + data;
}

void stackedEntriesWrap() {
  // Three entries of two values, as 64-bit integers for 32-bit inputs.
  int64_t values[6] = {0, 1, 2, 3, 4, 5};
  std::string data(reinterpret_cast<char *>(values), sizeof(values));
  std::string path =
      writeFile("stack.safetensors",
                safetensors("{\"x\":{\"dtype\":\"I64\",\"shape\":[3,2],"
                            "\"data_offsets\":[0,48]}}",
                            data));
  std::vector<InputSpec> inputs = {{"x", Role::named, DType::i32, 6, {2, 2}}};
  auto source = openData(path, inputs);
  if (!CHECK(source.ok()))
    return;
  int32_t out[4];
  CHECK(
      readStep(**source, inputs[0], 1, 1, 0, reinterpret_cast<std::byte *>(out))
          .ok());
  CHECK(out[0] == 4 && out[1] == 5 && out[2] == 0 && out[3] == 1);
  inputs[0].bound = 5;
  CHECK_CONTAINS(errorOf(path, inputs), "no error");
  inputs[0].bound = 2;
  CHECK_CONTAINS(errorOf(path, inputs), "beyond the bound of 2");
  inputs[0].shape = {2, 3};
  CHECK_CONTAINS(errorOf(path, inputs), "takes entries of shape (3)");
  inputs[0].name = "y";
  CHECK_CONTAINS(errorOf(path, inputs), "has no tensor 'y'");
  inputs[0] = {"x", Role::named, DType::f32, 0, {2, 2}};
  CHECK_CONTAINS(errorOf(path, inputs), "is of i64, but the plan takes f32");
}

} // namespace

int main() {
  char name[] = "/tmp/data-test-XXXXXX";
  folder = mkdtemp(name);
  textWraps();
  binariesHaveTwoWidths();
  randomIsAStream();
  randomNormalsAreNamed();
  mistakesAreNamed();
  stackedEntriesWrap();
  std::filesystem::remove_all(folder);
  return ds::test::finish("data");
}
