//===- ProfileJson.cpp - Machine profiles as files ----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Profiles may come from anywhere: what is read is checked, key by key.
//===--------------------------------------------------------------------===//
#include "profile/Machine.h"
#include "profile/Products.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace ds::rt {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr double kMost = 0x1p62; ///< Fits 64-bit integers, too.

/// Reads the keys of one object; keeps the first thing that is wrong.
class Keys {
public:
  Keys(const json &object, std::string where, std::string &error)
      : object(object), where(std::move(where)), error(error) {}

  /// A number in (0, 2^62], or zero, too.
  double number(const char *key, bool orZero = false) {
    const bool good =
        object.is_object() && object.contains(key) && object[key].is_number();
    const double value = good ? double(object[key]) : 0;
    if (good && (value > 0 || (orZero && value == 0)) && value <= kMost)
      return value;
    complain("a positive number", key);
    return 1;
  }
  /// A whole number in [1, most].
  uint64_t whole(const char *key, uint64_t most) {
    const double value = number(key);
    if (error.empty() && (value < 1 || value > double(most)))
      complain("a number from 1 to " + std::to_string(most), key);
    return error.empty() ? uint64_t(value) : 1;
  }
  std::string text(const char *key) {
    if (object.is_object() && object.contains(key) && object[key].is_string())
      return object[key];
    complain("a text", key);
    return "";
  }
  const json &list(const char *key) {
    static const json none = json::array();
    if (object.is_object() && object.contains(key) && object[key].is_array())
      return object[key];
    complain("a list", key);
    return none;
  }
  void complain(const std::string &what, const char *key) {
    if (!error.empty())
      return;
    const bool present = object.is_object() && object.contains(key);
    error = "expects " + what + " '" + key + "'" + where + ", but got " +
            (present ? object[key].dump(-1, ' ', /*ensure_ascii=*/true,
                                        json::error_handler_t::replace)
                     : "none");
  }

private:
  const json &object;
  std::string where;
  std::string &error;
};

std::string entryOf(const char *list, size_t index) {
  return " in entry " + std::to_string(index) + " of '" + list + "'";
}

void readBandwidth(Keys &keys, MachineProfile &profile, std::string &error) {
  size_t index = 0;
  for (const json &object : keys.list("bandwidth")) {
    Keys entry(object, entryOf("bandwidth", index++), error);
    profile.bandwidth.push_back(
        {int(entry.whole("threads", 65536)), entry.whole("bytes", 1ull << 50),
         entry.number("read_gbps"), entry.number("update_gbps"),
         entry.number("strided_gbps")});
  }
  std::ranges::sort(profile.bandwidth, {}, &BandwidthRate::bytes);
  if (error.empty() && profile.bandwidth.empty())
    error = "expects a rate in 'bandwidth'";
  for (size_t i = 1; i < profile.bandwidth.size(); ++i)
    for (size_t j = 0; j < i && error.empty(); ++j)
      if (profile.bandwidth[i].bytes == profile.bandwidth[j].bytes &&
          profile.bandwidth[i].threads == profile.bandwidth[j].threads)
        error = "expects one rate for " +
                std::to_string(profile.bandwidth[i].bytes) + " bytes and " +
                std::to_string(profile.bandwidth[i].threads) +
                " threads in 'bandwidth', but got two";
}

void readCollectives(Keys &keys, MachineProfile &profile, std::string &error) {
  size_t index = 0;
  for (const json &object : keys.list("collectives")) {
    Keys entry(object, entryOf("collectives", index++), error);
    profile.collectives.push_back(
        {entry.text("kind"), int(entry.whole("ranks", 65536)),
         entry.whole("bytes", 1ull << 50), entry.number("us")});
  }
  std::ranges::sort(profile.collectives, {}, &CollectiveRate::bytes);
}

void readGemm(Keys &keys, MachineProfile &profile, std::string &error) {
  size_t index = 0;
  for (const json &object : keys.list("gemm_gflops")) {
    Keys entry(object, entryOf("gemm_gflops", index++), error);
    profile.gemm.push_back(
        {int(entry.whole("threads", 65536)), entry.number("gflops")});
  }
  if (error.empty() && profile.gemm.empty())
    error = "expects a rate in 'gemm_gflops'";
}

bool isArch(const std::string &text) {
  return text.size() >= 5 && text.size() <= 7 && text.starts_with("sm_") &&
         std::all_of(text.begin() + 3, text.end() - 1,
                     [](char c) { return c >= '0' && c <= '9'; });
}

GpuProfile readGpu(const json &object, std::string &error) {
  Keys keys(object, " in 'gpu'", error);
  GpuProfile gpu;
  gpu.arch = keys.text("arch");
  if (error.empty() && !isArch(gpu.arch))
    keys.complain("a name like sm_90a as", "arch");
  gpu.multiprocessors = int(keys.whole("multiprocessors", 65536));
  gpu.cacheBytes = keys.whole("cache_bytes", uint64_t(kMost));
  gpu.reserveBytes = keys.whole("reserve_bytes", uint64_t(kMost));
  gpu.memoryGBps = keys.number("memory_gbps");
  gpu.cacheGBps = keys.number("cache_gbps");
  gpu.f32Tflops = keys.number("f32_tflops");
  gpu.tf32Tflops = keys.number("tf32_tflops");
  gpu.narrowTflops = keys.number("bf16_tflops");
  gpu.vectorTflops = keys.number("vector_tflops");
  gpu.launchUs = keys.number("launch_us");
  gpu.hostGBps = keys.number("host_gbps");
  if (object.contains("link_gbps"))
    gpu.linkGBps = keys.number("link_gbps");
  return gpu;
}

/// The products of a GPU are cuBLASLt's, and nobody else's are.
std::string readProductsOf(const json &list, MachineProfile &profile) {
  std::string error = readProducts(list, profile.products);
  for (const plan::ProductRate &rate : profile.products)
    if (error.empty() && (rate.library == plan::GemmLibrary::cublaslt) !=
                             profile.gpu.has_value())
      error = std::string("expects ") +
              (profile.gpu ? "cublaslt" : "a library for CPUs") +
              " as 'library' in 'products', but got '" +
              plan::EnumNameGemmLibrary(rate.library) + "'";
  return error;
}

void readGpuProfile(const json &object, MachineProfile &profile,
                    std::string &error) {
  profile.gpu = readGpu(object["gpu"], error);
  if (error.empty() && profile.gpu->reserveBytes >= profile.memoryBytes)
    error = "expects 'reserve_bytes' in 'gpu' to be less than "
            "'memory_bytes', but got " +
            std::to_string(profile.gpu->reserveBytes) + " of " +
            std::to_string(profile.memoryBytes);
  if (error.empty() && object.contains("products"))
    error = readProductsOf(object["products"], profile);
}

void readFlags(Keys &keys, MachineProfile &profile) {
  for (const json &flag : keys.list("features"))
    if (flag.is_string())
      profile.flags.push_back(flag);
    else
      keys.complain("a list of texts", "features");
}

} // namespace

static ordered_json gpuJson(const GpuProfile &gpu) {
  ordered_json json = {{"arch", gpu.arch},
                       {"multiprocessors", gpu.multiprocessors},
                       {"cache_bytes", gpu.cacheBytes},
                       {"reserve_bytes", gpu.reserveBytes},
                       {"memory_gbps", gpu.memoryGBps},
                       {"cache_gbps", gpu.cacheGBps},
                       {"f32_tflops", gpu.f32Tflops},
                       {"tf32_tflops", gpu.tf32Tflops},
                       {"bf16_tflops", gpu.narrowTflops},
                       {"vector_tflops", gpu.vectorTflops},
                       {"launch_us", gpu.launchUs},
                       {"host_gbps", gpu.hostGBps}};
  if (gpu.linkGBps > 0)
    json["link_gbps"] = gpu.linkGBps;
  return json;
}

static ordered_json gpuProfileJson(const MachineProfile &profile) {
  ordered_json json = {{"version", kProfileVersion},
                       {"cpu", profile.cpu},
                       {"memory_bytes", profile.memoryBytes},
                       {"gpu", gpuJson(*profile.gpu)}};
  if (!profile.products.empty())
    json["products"] = productsJson(profile.products);
  return json;
}

std::string profileJson(const MachineProfile &profile) {
  if (profile.gpu)
    return gpuProfileJson(profile).dump(2) + "\n";
  ordered_json json = {
      {"version", kProfileVersion},
      {"cpu", profile.cpu},
      {"cores", profile.cores},
      {"memory_bytes", profile.memoryBytes},
      {"busy", profile.busy},
      {"gemm_gflops", ordered_json::array()},
      {"bandwidth", ordered_json::array()},
      {"arithmetic",
       {{"simple_gops", profile.arithmetic.simpleGops},
        {"exponential_gops", profile.arithmetic.exponentialGops},
        {"division_gops", profile.arithmetic.divisionGops},
        {"loop_ns", profile.arithmetic.loopNs}}},
      {"team_us", profile.teamUs},
      {"collectives", ordered_json::array()},
      {"features", profile.flags}};
  for (const GemmRate &rate : profile.gemm)
    json["gemm_gflops"].push_back(
        {{"threads", rate.threads}, {"gflops", rate.gflops}});
  json["products"] = productsJson(profile.products);
  for (const BandwidthRate &rate : profile.bandwidth)
    json["bandwidth"].push_back({{"threads", rate.threads},
                                 {"bytes", rate.bytes},
                                 {"read_gbps", rate.readGBps},
                                 {"update_gbps", rate.updateGBps},
                                 {"strided_gbps", rate.stridedGBps}});
  for (const CollectiveRate &rate : profile.collectives)
    json["collectives"].push_back({{"kind", rate.kind},
                                   {"ranks", rate.ranks},
                                   {"bytes", rate.bytes},
                                   {"us", rate.us}});
  return json.dump(2) + "\n";
}

std::string readProfile(const json &object, MachineProfile &profile) {
  std::string error;
  Keys keys(object, "", error);
  if (!object.contains("version") || object["version"] != kProfileVersion) {
    keys.complain("the number " + std::to_string(kProfileVersion) + " as",
                  "version");
    return error;
  }
  profile = {};
  profile.memoryBytes = keys.whole("memory_bytes", uint64_t(kMost));
  if (object.contains("cpu"))
    profile.cpu = keys.text("cpu");
  if (object.contains("gpu")) {
    readGpuProfile(object, profile, error);
    return error;
  }
  profile.cores = int(keys.whole("cores", 65536));
  if (object.contains("busy"))
    profile.busy = keys.number("busy", /*orZero=*/true);
  if (object.contains("features"))
    readFlags(keys, profile);
  profile.teamUs = keys.number("team_us", /*orZero=*/true);
  readGemm(keys, profile, error);
  if (error.empty() && object.contains("products"))
    error = readProductsOf(object["products"], profile);
  readBandwidth(keys, profile, error);
  static const json none;
  Keys arithmetic(object.contains("arithmetic") ? object["arithmetic"] : none,
                  " in 'arithmetic'", error);
  profile.arithmetic = {
      arithmetic.number("simple_gops"), arithmetic.number("exponential_gops"),
      arithmetic.number("division_gops"), arithmetic.number("loop_ns")};
  readCollectives(keys, profile, error);
  return error;
}

} // namespace ds::rt
