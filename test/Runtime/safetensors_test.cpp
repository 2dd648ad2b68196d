//===- safetensors_test.cpp - Headers that lie --------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Check.h"
#include "checkpoint/Safetensors.h"

#include <cstring>
#include <fstream>

using namespace ds::rt;

namespace {

std::string folder;

/// Writes a file of `header` and `bytes` zeros, and reads it back.
StatusOr<SafetensorsFile> openWith(const std::string &header, size_t bytes,
                                   uint64_t length) {
  std::string path = folder + "/hostile.safetensors";
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char *>(&length), 8);
  file << header << std::string(bytes, '\0');
  file.close();
  return SafetensorsFile::open(path);
}

std::string errorOf(const std::string &header, size_t bytes = 16) {
  auto file = openWith(header, bytes, header.size());
  return file.ok() ? "no error" : file.status().message();
}

std::string tensor(const std::string &body) { return "{\"w\":{" + body + "}}"; }

void lengthsAreChecked() {
  auto file = openWith("{}", 0, uint64_t(1) << 60);
  CHECK(!file.ok());
  CHECK_CONTAINS(file.status().message(),
                 "states a safetensors header of 1152921504606846976 bytes");
  CHECK(!openWith("{}", 0, 3).ok());
  std::ofstream(folder + "/short").write("abc", 3);
  auto tiny = SafetensorsFile::open(folder + "/short");
  CHECK_CONTAINS(tiny.status().message(), "has 3 bytes, too few");
  CHECK_CONTAINS(SafetensorsFile::open(folder).status().message(),
                 "is not a file");
  CHECK_CONTAINS(SafetensorsFile::open(folder + "/none").status().message(),
                 "No such file");
}

void jsonIsChecked() {
  CHECK_CONTAINS(errorOf("{\"w\":"), "it is not a JSON object");
  CHECK_CONTAINS(errorOf("[]"), "it is not a JSON object");
  CHECK_CONTAINS(errorOf(std::string(100000, '[')), "it is not a JSON object");
  std::string good = "\"w\":{\"dtype\":\"F32\",\"shape\":[4],"
                     "\"data_offsets\":[0,16]}";
  CHECK_CONTAINS(errorOf("{" + good + "," + good + "}"), "'w' comes twice");
  CHECK_CONTAINS(errorOf("{\"__metadata__\":3}"), "no object");
  CHECK_CONTAINS(errorOf("{" + good + "}"), "no error");
}

void entriesAreChecked() {
  CHECK_CONTAINS(errorOf("{\"w\":1}"), "expected an object with dtype");
  CHECK_CONTAINS(
      errorOf(tensor("\"dtype\":\"X9\",\"shape\":[4],\"data_offsets\":[0,16]")),
      "has a dtype that is not read: \"X9\"");
  CHECK_CONTAINS(
      errorOf(tensor("\"dtype\":7,\"shape\":[4],\"data_offsets\":[0,16]")),
      "has a dtype that is not read: 7");
  CHECK_CONTAINS(errorOf(tensor("\"dtype\":\"F32\",\"shape\":[-4],"
                                "\"data_offsets\":[0,16]")),
                 "expected 'shape' to be a list of unsigned integers");
  CHECK_CONTAINS(errorOf(tensor("\"dtype\":\"F32\",\"shape\":[4.5],"
                                "\"data_offsets\":[0,16]")),
                 "expected 'shape' to be a list of unsigned integers");
  CHECK_CONTAINS(errorOf(tensor("\"dtype\":\"F32\",\"shape\":[4],"
                                "\"data_offsets\":[0,16,32]")),
                 "expected 'data_offsets' to be two unsigned integers");
  CHECK_CONTAINS(errorOf(tensor("\"dtype\":\"F32\",\"shape\":[4],"
                                "\"data_offsets\":[0,20]")),
                 "has bytes [0, 20) of 16");
  CHECK_CONTAINS(errorOf(tensor("\"dtype\":\"F32\",\"shape\":[4],"
                                "\"data_offsets\":[8,4]")),
                 "has bytes [8, 4) of 16");
  CHECK_CONTAINS(errorOf(tensor("\"dtype\":\"F32\",\"shape\":[3],"
                                "\"data_offsets\":[0,16]")),
                 "has 16 bytes, but its shape needs 12");
  CHECK_CONTAINS(errorOf(tensor("\"dtype\":\"F32\",\"shape\":[4294967296,"
                                "4294967296],\"data_offsets\":[0,16]")),
                 "has a shape that overflows");
}

void overlapsAreFound() {
  std::string header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],"
                       "\"data_offsets\":[0,12]},\"b\":{\"dtype\":\"F32\","
                       "\"shape\":[2],\"data_offsets\":[8,16]}}";
  CHECK_CONTAINS(errorOf(header), "tensors 'a' and 'b'");
  CHECK_CONTAINS(errorOf(header), "overlap");
}

void layoutReadsBack() {
  auto layout = layoutSafetensors(
      {{"x", ds::plan::DType::f32, {2, 3}}, {"s", ds::plan::DType::i64, {}}},
      {{"step", "7"}});
  CHECK(layout.header.size() % 64 == 0);
  CHECK(layout.fileBytes == layout.header.size() + 32);
  auto file = openWith(layout.header.substr(8), 32, layout.header.size() - 8);
  if (!CHECK(file.ok()))
    return;
  CHECK(file->metadata("step") == "7");
  CHECK(file->find("x")->offset == layout.entries.at("x").offset);
  CHECK(file->find("s")->bytes == 8);
  CHECK(file->find("y") == nullptr);
}

} // namespace

int main() {
  char name[] = "/tmp/safetensors-test-XXXXXX";
  folder = mkdtemp(name);
  lengthsAreChecked();
  jsonIsChecked();
  entriesAreChecked();
  overlapsAreFound();
  layoutReadsBack();
  std::remove((folder + "/short").c_str());
  std::remove((folder + "/hostile.safetensors").c_str());
  std::remove(folder.c_str());
  return ds::test::finish("safetensors");
}
