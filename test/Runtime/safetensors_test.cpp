//===- safetensors_test.cpp - Headers that lie --------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Check.h"
#include "checkpoint/Safetensors.h"

#include <cstring>
#include <filesystem>
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
  CHECK_CONTAINS(
      file.status().message(),
      "hostile.safetensors' is no .safetensors or is damaged: it states a "
      "header of 1152921504606846976 bytes, but 2 follow (at most "
      "104857600 are read)");
  CHECK(!openWith("{}", 0, 3).ok());
  // A file that is that long, though its blocks are not on the disk.
  constexpr uint64_t kHuge = 150 << 20;
  CHECK(!openWith("", 0, kHuge).ok());
  const std::string path = folder + "/hostile.safetensors";
  std::filesystem::resize_file(path, 8 + kHuge);
  CHECK_CONTAINS(SafetensorsFile::open(path).status().message(),
                 "it states a header of 157286400 bytes, but 157286400 follow "
                 "(at most 104857600 are read)");
  std::ofstream(folder + "/short").write("abc", 3);
  auto tiny = SafetensorsFile::open(folder + "/short");
  CHECK_CONTAINS(tiny.status().message(), "has 3 bytes, too few");
  CHECK_CONTAINS(SafetensorsFile::open(folder).status().message(),
                 "is a directory: expected a .safetensors");
  CHECK_CONTAINS(SafetensorsFile::open(folder + "/none").status().message(),
                 "No such file");
}

void jsonIsChecked() {
  CHECK_CONTAINS(errorOf("{\"w\":"),
                 "has a damaged safetensors header: line 1, column 6: syntax "
                 "error while parsing value - unexpected end of input");
  CHECK_CONTAINS(errorOf("[]"), "it is not a JSON object");
  CHECK_CONTAINS(errorOf(std::string(100000, '[')),
                 "line 1, column 100001: syntax error");
  const std::string deep(100000, '['), closed(100000, ']');
  CHECK_CONTAINS(errorOf("{\"w\":" + deep + closed + "}"),
                 "has a damaged safetensors header: it nests more than 8 deep");
  CHECK_CONTAINS(errorOf("{\"\xff\":1}"), "line 1, column 3: syntax error");
  CHECK_CONTAINS(errorOf("{\"w\":NaN}"), "line 1, column 6: syntax error");
  CHECK_CONTAINS(errorOf("{\"w\":1e999}"), "number overflow parsing '1e999'");
  CHECK_CONTAINS(errorOf(""), "line 1, column 1: syntax error");
  std::string good = "\"w\":{\"dtype\":\"F32\",\"shape\":[4],"
                     "\"data_offsets\":[0,16]}";
  CHECK_CONTAINS(errorOf("{" + good + "," + good + "}"), "'w' comes twice");
  CHECK_CONTAINS(errorOf("{\"__metadata__\":3}"), "no object");
  CHECK_CONTAINS(errorOf("{" + good + "}"), "no error");
}

/// What a file says is shown on one line, and not a page of it.
void namesAreShown() {
  CHECK_CONTAINS(errorOf("{\"a\\nb\\u0000\":1}"), "tensor 'a?b?' of '");
  const std::string longName(200, 'x');
  CHECK_CONTAINS(errorOf("{\"" + longName + "\":1}"),
                 "tensor '" + longName.substr(0, 100) + "...' of '");
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
  CHECK_CONTAINS(errorOf(header), "is damaged: tensors 'a' and 'b' overlap");
}

/// Bytes that no tensor has are read by nobody, and hide what is there.
void holesAreFound() {
  auto one = [](const char *range) {
    return tensor("\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":" +
                  std::string(range));
  };
  CHECK_CONTAINS(errorOf(one("[8,16]")),
                 "is damaged: 8 bytes before tensor 'w' belong to none");
  CHECK_CONTAINS(errorOf(one("[0,8]")),
                 "is damaged: its tensors have 8 bytes, but the file has 16 "
                 "for them");
  CHECK_CONTAINS(errorOf("{}"), "its tensors have 0 bytes, but the file has 16 "
                                "for them");
  CHECK_CONTAINS(errorOf(one("[0,8]"), 8), "no error");
}

/// Numbers that do not fit into 64 bits, or are none.
void hugeNumbersAreRefused() {
  auto offsets = [](const char *text) {
    return errorOf(tensor("\"dtype\":\"F32\",\"shape\":[4],"
                          "\"data_offsets\":" +
                          std::string(text)));
  };
  const char *expected = "expected 'data_offsets' to be two unsigned integers";
  CHECK_CONTAINS(offsets("[18446744073709551616,18446744073709551632]"),
                 expected);
  CHECK_CONTAINS(offsets("[-16,0]"), expected);
  CHECK_CONTAINS(offsets("[0,\"16\"]"), expected);
  CHECK_CONTAINS(offsets("{\"0\":16}"), expected);
  CHECK_CONTAINS(offsets("[18446744073709551600,18446744073709551615]"),
                 "has bytes [18446744073709551600, 18446744073709551615) of "
                 "16");
  CHECK_CONTAINS(offsets("[18446744073709551608,8]"),
                 "has bytes [18446744073709551608, 8) of 16");
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
  namesAreShown();
  entriesAreChecked();
  overlapsAreFound();
  holesAreFound();
  hugeNumbersAreRefused();
  layoutReadsBack();
  std::remove((folder + "/short").c_str());
  std::remove((folder + "/hostile.safetensors").c_str());
  std::remove(folder.c_str());
  return ds::test::finish("safetensors");
}
