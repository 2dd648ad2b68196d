//===- Machine.cpp - The machine a plan is made for ---------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Tune/Machine.h"

#include "base/Files.h"
#include "base/JsonText.h"
#include "profile/Machine.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/TargetParser/X86TargetParser.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace ds {

bool readMachine(const std::string &path, Machine &machine,
                 std::string &error) {
  auto text = rt::readText(path, "machine profile ",
                           "'host' or a file that 'ds-run --profile-machine' "
                           "wrote",
                           1 << 24);
  std::error_code ignored;
  const bool isMissing = !std::filesystem::exists(path, ignored);
  const std::string shipped = isMissing ? shippedProfile(path) : "";
  if (!text.ok() && shipped.empty()) {
    error = text.status().message();
    return false;
  }
  const rt::ParsedJson parsed =
      rt::parseJsonObject(text.ok() ? *text : shipped);
  if (!parsed.error.empty()) {
    error = "machine profile '" + path + "' is not JSON: " + parsed.error +
            "; 'ds-run --profile-machine' writes a profile";
    return false;
  }
  error = rt::readProfile(parsed.value, machine.profile);
  if (!error.empty())
    error = "machine profile '" + path + "': " + error +
            ", as 'ds-run --profile-machine' writes it";
  return error.empty();
}

static std::filesystem::path cacheFile() {
  const char *cache = std::getenv("XDG_CACHE_HOME"),
             *home = std::getenv("HOME");
  std::filesystem::path folder =
      cache && *cache ? std::filesystem::path(cache)
                      : std::filesystem::path(home ? home : "/tmp") / ".cache";
  return folder / "ds-mlir" / "machine.json";
}

static int64_t freeMemory() {
  std::ifstream info("/proc/meminfo");
  std::string key;
  for (int64_t kib = 0; info >> key;) {
    if (key == "MemAvailable:" && info >> kib)
      return kib * 1024;
    info.ignore(256, '\n');
  }
  return 0;
}

int64_t Machine::memoryOf(int64_t world) const {
  const auto bytes = static_cast<int64_t>(profile.memoryBytes);
  return profile.gpu ? bytes - static_cast<int64_t>(profile.gpu->reserveBytes)
                     : bytes / world;
}

bool Machine::hasBFloatProducts(const std::string &targetCpu) const {
  if (profile.gpu)
    return true;
  auto has = [](const auto &names, llvm::StringRef amx, llvm::StringRef avx) {
    return llvm::is_contained(names, amx) || llvm::is_contained(names, avx);
  };
  if (targetCpu == "host")
    return has(profile.flags, "amx_bf16", "avx512_bf16");
  llvm::SmallVector<llvm::StringRef> features;
  llvm::X86::getFeaturesForCPU(targetCpu, features);
  return has(features, "amx-bf16", "avx512bf16");
}

// Older ones compute it behind the product, and write each element twice.
bool Machine::hasGeluEpilogues() const {
  unsigned capability = 0;
  return profile.gpu &&
         !llvm::StringRef(profile.gpu->arch)
              .drop_front(3)
              .consumeInteger(10, capability) &&
         capability >= 90;
}

Machine hostMachine() {
  Machine machine;
  std::string error;
  std::filesystem::path path = cacheFile();
  if (!readMachine(path, machine, error)) {
    machine.profile = rt::measureMachine();
    machine.note = rt::busyNote(machine.profile);
    if (!machine.note.empty())
      machine.note += "; remove '" + path.string() + "' to measure it again";
    // Kept for next time where that is possible; another process may do so,
    // too.
    std::error_code ignored;
    std::filesystem::create_directories(path.parent_path(), ignored);
    std::filesystem::path temporary = path;
    temporary += "." + std::to_string(::getpid());
    if (std::ofstream(temporary) << rt::profileJson(machine.profile))
      std::filesystem::rename(temporary, path, ignored);
  }
  if (int64_t bytes = freeMemory())
    machine.profile.memoryBytes = static_cast<uint64_t>(bytes);
  return machine;
}

} // namespace ds
