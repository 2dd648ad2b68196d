//===- Machine.cpp - The machine a plan is made for ---------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Tune/Machine.h"

#include "base/Files.h"
#include "base/JsonText.h"
#include "profile/Machine.h"
#include "profile/Products.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace ds {

Rates Machine::rates(int64_t world) const {
  Rates rates;
  int64_t threads = std::max<int64_t>(1, cores / world);
  rates.threads = static_cast<int>(threads);
  rates.products = products;
  double share = world > cores ? double(cores) / double(world) : 1.0;
  double best = 0; // more threads are never slower, but for noise
  for (auto [count, rate] : gflops)
    if (count <= threads)
      best = std::max(best, rate);
  if (best > 0)
    rates.gemmFlops = best * 1e9 * share;
  rates.memoryBytes = memoryGBps * 1e9 / double(world);
  rates.sharedBytes = std::min(sharedGBps * 1e9 * share, rates.memoryBytes);
  rates.rendezvousSeconds = rendezvousUs * 1e-6;
  return rates;
}

/// Returns what is wrong, or nothing.
static std::string take(const nlohmann::json &json, Machine &machine) {
  auto number = [&](const char *key, double &value) {
    if (!json.contains(key) || !json[key].is_number())
      return false;
    value = json[key];
    return value > 0 && value <= 0x1p62; // fits 64-bit integers, too
  };
  double cores = 0, memory = 0, rendezvous = 0;
  for (auto [key, value] : {std::pair<const char *, double *>{"cores", &cores},
                            {"memory_bytes", &memory},
                            {"memory_gbps", &machine.memoryGBps},
                            {"shared_memory_gbps", &machine.sharedGBps}})
    if (!number(key, *value))
      return std::string("expects a positive number '") + key + "', but got " +
             (json.contains(key) ? json[key].dump() : "none");
  if (cores < 1 || cores > 65536 || memory < 1)
    return "expects from 1 to 65536 'cores' and at least 1 byte of "
           "'memory_bytes'";
  if (json.contains("barrier_us") && !number("barrier_us", rendezvous))
    return "expects a positive number 'barrier_us', but got " +
           json["barrier_us"].dump();
  if (rendezvous > 0)
    machine.rendezvousUs = rendezvous;
  machine.cores = static_cast<int64_t>(cores);
  machine.memoryBytes = static_cast<int64_t>(memory);
  if (json.contains("cpu") && json["cpu"].is_string())
    machine.cpu = json["cpu"];
  if (!json.contains("gemm_gflops") || !json["gemm_gflops"].is_array())
    return "expects a list 'gemm_gflops' of {threads, gflops}";
  for (const nlohmann::json &entry : json["gemm_gflops"]) {
    if (!entry.is_object())
      return "expects a list 'gemm_gflops' of {threads, gflops}";
    const nlohmann::json threads = entry.value("threads", nlohmann::json());
    const nlohmann::json rate = entry.value("gflops", nlohmann::json());
    if (!threads.is_number_integer() || threads < 1 || !rate.is_number() ||
        rate <= 0)
      return "expects positive threads and gflops in 'gemm_gflops'";
    machine.gflops[threads] = rate;
  }
  if (machine.gflops.empty())
    return "expects a rate in 'gemm_gflops'";
  return json.contains("products")
             ? rt::readProducts(json["products"], machine.products)
             : "";
}

bool readMachine(const std::string &path, Machine &machine,
                 std::string &error) {
  auto text = rt::readText(path, "machine profile ",
                           "'host' or a file that 'ds-run --profile-machine' "
                           "wrote",
                           1 << 24);
  if (!text.ok()) {
    error = text.status().message();
    return false;
  }
  const rt::ParsedJson parsed = rt::parseJsonObject(*text);
  if (!parsed.error.empty()) {
    error = "machine profile '" + path + "' is not JSON: " + parsed.error +
            "; 'ds-run --profile-machine' writes a profile";
    return false;
  }
  error = take(parsed.value, machine);
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

Machine hostMachine() {
  Machine machine;
  std::string error;
  std::filesystem::path path = cacheFile();
  if (!readMachine(path, machine, error)) {
    std::string text = rt::profileJson(rt::measureMachine());
    machine = {};
    take(nlohmann::json::parse(text), machine);
    // Kept for next time where that is possible; another process may do so,
    // too.
    std::error_code ignored;
    std::filesystem::create_directories(path.parent_path(), ignored);
    std::filesystem::path temporary = path;
    temporary += "." + std::to_string(::getpid());
    if (std::ofstream(temporary) << text)
      std::filesystem::rename(temporary, path, ignored);
  }
  if (int64_t bytes = freeMemory())
    machine.memoryBytes = bytes;
  return machine;
}

} // namespace ds
