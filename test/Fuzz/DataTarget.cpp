//===- DataTarget.cpp - Fuzzes the readers of training data ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The first byte chooses what the plan takes and how the file is named (text,
// .bin, .safetensors); the rest is the file.  Every entry that is read must
// hold integers below the bound.
//===--------------------------------------------------------------------===//
#include "../Plan/PlanBytes.h"
#include "Fuzz.h"
#include "comm/local/LocalComm.h"
#include "data/DataSource.h"

#include <cstring>
#include <unistd.h>

using namespace ds::rt;
using ds::plan::DType;
using ds::plan::Role;

namespace {

/// One file in memory under a name for each ending.
class Folder {
public:
  Folder() {
    char name[] = "/tmp/fuzz-data-XXXXXX";
    if (!::mkdtemp(name))
      std::abort();
    path_ = name;
    for (const char *ending : kEndings)
      if (::symlink(file.path().c_str(), path(ending).c_str()) != 0)
        std::abort();
  }
  ~Folder() {
    for (const char *ending : kEndings)
      ::unlink(path(ending).c_str());
    ::rmdir(path_.c_str());
  }
  std::string path(const std::string &ending) const {
    return path_ + "/data" + ending;
  }
  static constexpr const char *kEndings[] = {".txt", ".bin", ".safetensors"};
  ds::test::MemoryFile file;

private:
  std::string path_;
};

/// [accumulation, micro-batch, sequence]
std::vector<InputSpec> inputsFor(uint8_t choice) {
  uint64_t bound = choice & 4 ? 70000 : 50;
  DType dtype = choice & 8 ? DType::i64 : DType::i32;
  if (choice & 16)
    return {{"x", Role::named, DType::f32, 0, {2, 2, 3}},
            {"y", Role::named, dtype, bound, {2, 2}}};
  return {{"tokens", Role::tokens, dtype, bound, {2, 2, 5}},
          {"targets", Role::targets, dtype, bound, {2, 2, 5}}};
}

int64_t integerAt(const std::vector<std::byte> &bytes, DType dtype,
                  uint64_t i) {
  int64_t value = 0;
  std::memcpy(&value, bytes.data() + i * bytesOf(dtype), bytesOf(dtype));
  return value;
}

void readSteps(DataSource &source, const InputSpec &input) {
  const uint64_t elements = input.entryElements() * input.accumulation();
  std::vector<std::byte> bytes(elements * bytesOf(input.dtype));
  for (uint64_t step : {uint64_t(0), uint64_t(1), uint64_t(1) << 40})
    for (uint64_t rank : {0, 2}) {
      Status status = readStep(source, input, step, 3, rank, bytes.data());
      if (!status.ok())
        return ds::fuzz::expectRefusal(status);
      for (uint64_t i = 0; input.dtype != DType::f32 && i < elements; ++i)
        FUZZ_EXPECT(uint64_t(integerAt(bytes, input.dtype, i)) < input.bound);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static Folder folder;
  if (size == 0)
    return 0;
  const std::string path = folder.path(Folder::kEndings[data[0] % 4 % 3]);
  folder.file.write(reinterpret_cast<const char *>(data) + 1, size - 1);
  const std::vector<InputSpec> inputs = inputsFor(data[0]);
  auto source = openData(path, inputs);
  if (!source.ok()) {
    ds::fuzz::expectRefusal(source.status());
    return 0;
  }
  for (const InputSpec &input : inputs)
    readSteps(**source, input);
  return 0;
}
