//===- corruption_test.cpp - Damaged plans are refused, never run ---------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Takes JSON plans, writes each as a plan file and damages it: cut short,
// bits flipped, and, behind a checksum made right again, bytes of the metadata
// overwritten.  Every damaged file must be refused with one line, or, where the
// change happens to make another valid plan, print without a fault.  Worth
// most under -fsanitize=address,undefined.
//===--------------------------------------------------------------------===//
#include "PlanBytes.h"
#include "plan/Plan.h"

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <random>
#include <sys/mman.h>
#include <unistd.h>

using namespace ds::rt;
using ds::test::Bytes;
using ds::test::headerOf;
using ds::test::kHeader;
using ds::test::MemoryFile;
using ds::test::reseal;

namespace {

int failures = 0;

void fail(const std::string &what) {
  std::printf("FAILED: %s\n", what.c_str());
  ++failures;
}

/// Opens `bytes`; a refusal must be one line that blames the input.
bool opens(MemoryFile &file, const Bytes &bytes, const std::string &what) {
  file.write(bytes);
  auto loaded = LoadedPlan::open(file.path());
  if (loaded.ok()) {
    if (printPlan(*loaded).empty() || printPlanStats(*loaded).empty() ||
        !printPlanJson(*loaded).ok())
      fail(what + ": valid, but does not print");
    return true;
  }
  const Status &status = loaded.status();
  if (status.code() != Code::Input || status.message().empty() ||
      status.message().find('\n') != std::string::npos)
    fail(what +
         ": expects one line of input error, but got: " + status.message());
  return false;
}

/// A file that was changed on its way is refused as such, with what to do.
void mustRefuse(MemoryFile &file, const Bytes &bytes, const std::string &what) {
  file.write(bytes);
  auto loaded = LoadedPlan::open(file.path());
  if (loaded.ok())
    return fail(what + ": was accepted");
  const std::string &message = loaded.status().message();
  auto says = [&](const char *part) {
    return message.find(part) != std::string::npos;
  };
  const bool mends = says("; copy it again, or compile the model anew") ||
                     says("expected a plan that ds-opt wrote") ||
                     says("; compile the model anew") ||
                     says("compile it for this one");
  const bool blames = says("is damaged") || says("has a damaged header") ||
                      says("is truncated") || says("is too long") ||
                      says("is empty") || says("is not a plan file") ||
                      says("has format version") || says("other byte order");
  if (loaded.status().code() != Code::Input || !mends || !blames ||
      message.find('\n') != std::string::npos)
    fail(what + ": expects one line that says what to do, but got: " + message);
}

/// At every length, and one byte too long.
void truncate(MemoryFile &file, const Bytes &good) {
  for (size_t size = 0; size < good.size(); ++size)
    mustRefuse(file, Bytes(good.begin(), good.begin() + size),
               format("truncated to %zu bytes", size));
  Bytes longer = good;
  longer.push_back(0);
  mustRefuse(file, longer, "one byte too long");
}

void flipBit(MemoryFile &file, Bytes &bytes, size_t bit) {
  bytes[bit / 8] ^= 1 << bit % 8;
  mustRefuse(file, bytes, format("bit %zu flipped", bit));
  bytes[bit / 8] ^= 1 << bit % 8;
}

/// Every bit of a small file, 2000 of a large one.
void flipBits(MemoryFile &file, Bytes good, std::mt19937_64 &random) {
  constexpr size_t kSmall = 1 << 13;
  const size_t bits = good.size() * 8;
  for (size_t i = 0; i < (good.size() <= kSmall ? bits : 2000); ++i)
    flipBit(file, good, good.size() <= kSmall ? i : random() % bits);
}

/// Overwrites 1 to 8 bytes of the metadata with values that hurt.
void damageMetadata(Bytes &bytes, std::mt19937_64 &random) {
  const ds::plan::Section metadata = headerOf(bytes).metadata;
  const uint64_t values[] = {0,          1,          0x7f,          0xff,
                             0x7fffffff, 0xffffffff, INT64_MAX,     UINT64_MAX,
                             4096,       random(),   random() % 64, 64};
  const size_t width = size_t(1) << random() % 4;
  const size_t at = random() % (metadata.bytes / width) * width;
  const uint64_t value = values[random() % std::size(values)];
  if (at + width <= metadata.bytes)
    std::memcpy(bytes.data() + metadata.offset + at, &value, width);
}

void resealed(MemoryFile &file, const Bytes &good, std::mt19937_64 &random) {
  int accepted = 0;
  constexpr int kRounds = 40000;
  for (int i = 0; i < kRounds; ++i) {
    Bytes bad = good;
    for (uint64_t n = random() % 3; n-- > 0;)
      damageMetadata(bad, random);
    damageMetadata(bad, random);
    reseal(bad);
    accepted += opens(file, bad, format("resealed round %d", i));
  }
  std::printf("  %d of %d resealed files were valid plans\n", accepted,
              kRounds);
}

void expectMessage(const Bytes &bytes, const std::string &part) {
  MemoryFile file;
  file.write(bytes);
  auto loaded = LoadedPlan::open(file.path());
  if (loaded.ok() || loaded.status().message().find(part) == std::string::npos)
    fail("expects '" + part + "', but got '" +
         (loaded.ok() ? "a valid plan" : loaded.status().message()) + "'");
}

/// Every older minor version is read.
void readOlder(const Bytes &good) {
  for (uint32_t minor = 0; minor <= ds::plan::kVersionMinor; ++minor) {
    Bytes older = good;
    ds::plan::FileHeader header = headerOf(older);
    header.versionMinor = minor;
    std::memcpy(older.data(), &header, kHeader);
    reseal(older);
    MemoryFile file;
    file.write(older);
    if (auto loaded = LoadedPlan::open(file.path()); !loaded.ok())
      fail("expects version 1." + std::to_string(minor) + " to be read, but " +
           loaded.status().message());
  }
}

/// One field of the header after the other, each with its own message.
void damageHeader(const Bytes &good) {
  auto edit = [&](const char *message,
                  const std::function<void(ds::plan::FileHeader &)> &change) {
    Bytes bad = good;
    ds::plan::FileHeader header = headerOf(bad);
    change(header);
    std::memcpy(bad.data(), &header, kHeader);
    reseal(bad);
    expectMessage(bad, message);
  };
  edit("is not a plan file", [](auto &h) { h.magic[6] = '\n'; });
  edit("the other byte order",
       [](auto &h) { h.endianMark = __builtin_bswap32(h.endianMark); });
  edit("expected the byte order mark", [](auto &h) { h.endianMark = 7; });
  edit("has format version 2.7, but this runtime reads 1.0 to 1.7; compile the "
       "model anew, or run the plan with the newer ds-run",
       [](auto &h) { h.versionMajor = 2; });
  edit("has format version 1.9, but this runtime reads 1.0 to 1.7; compile the "
       "model anew, or run the plan with the newer ds-run",
       [](auto &h) { h.versionMinor = 9; });
  edit("has format version 0.7, but this runtime reads 1.0 to 1.7; compile the "
       "model anew",
       [](auto &h) { h.versionMajor = 0; });
  edit("expected 96 header bytes", [](auto &h) { h.headerBytes = 95; });
  edit("is truncated: expected", [](auto &h) { h.fileBytes += 1; });
  edit("the metadata section [", [](auto &h) { h.metadata.bytes = ~0ull; });
  edit("the metadata section [", [](auto &h) { h.metadata.offset = 8; });
  edit("the code section [", [](auto &h) { h.code.offset = 96; });
  edit("the code section at a multiple of 4096", [](auto &h) {
    h.code.offset = h.metadata.offset + h.metadata.bytes;
    h.code.offset += h.code.offset % 4096 == 0;
  });
  edit("the constants section [", [](auto &h) { h.constants.bytes = 1 << 30; });
  edit("does not carry the identifier", [](auto &h) { h.metadata.bytes = 4; });
  edit("is not a well-formed FlatBuffer",
       [](auto &h) { h.metadata.bytes -= h.metadata.bytes / 2; });
  Bytes bad = good;
  bad[kHeader + 40] ^= 1;
  expectMessage(bad, "is damaged: expected the checksum");
  expectMessage(Bytes(good.begin(), good.begin() + 20), "is truncated");
  expectMessage({}, "is empty: expected a plan that ds-opt wrote");
}

/// JSON carries no code, so that launches are printed nowhere else.
void checkLaunchText(MemoryFile &file, const std::string &json) {
  auto loaded = LoadedPlan::open(file.path());
  const std::string text = loaded.ok() ? printPlan(*loaded) : "";
  if (json.ends_with("kernels.json") &&
      text.find("#0 launch 'scale'(read %0'x'[0, +64), write %1'y'[0, +64)) "
                "over 16 items by 8  ; scale\n") == std::string::npos)
    fail("expects the launch to be printed, but got:\n" + text);
}

Bytes bytesOf(const std::string &path) {
  std::ifstream in(path, std::ios::binary);
  return Bytes((std::istreambuf_iterator<char>(in)), {});
}

/// Assembles `json` into a temporary file and returns its bytes.  With a page
/// of constants every section is there to be damaged.
Bytes assembled(const std::string &json, size_t section) {
  char folder[] = "/tmp/plan-corruption-XXXXXX";
  ds::plan::PlanT plan;
  Status status = assemblePlan(json, plan);
  if (!status.ok() || !::mkdtemp(folder)) {
    fail(json + ": " + status.message());
    return {};
  }
  const std::string path = std::string(folder) + "/good.dsplan";
  const std::vector<std::byte> constants(section, std::byte(1));
  status = writePlan(plan, constants, constants, path);
  if (!status.ok())
    fail(json + ": " + status.message());
  const Bytes bytes = bytesOf(path);
  ::unlink(path.c_str());
  ::rmdir(folder);
  return bytes;
}

void damage(const std::string &name, const Bytes &good, bool reseals) {
  constexpr uint64_t kSeed = 3;
  std::mt19937_64 random(kSeed);
  std::printf("%s: %zu bytes, seed %llu\n", name.c_str(), good.size(),
              (unsigned long long)kSeed);
  MemoryFile file;
  if (good.empty() || !opens(file, good, "the undamaged plan"))
    return fail("the undamaged plan is refused");
  checkLaunchText(file, name);
  truncate(file, good);
  flipBits(file, good, random);
  readOlder(good);
  damageHeader(good);
  if (reseals)
    resealed(file, good, random);
}

} // namespace

/// Takes JSON plans, and plan files, which are only cut and flipped.
int main(int argc, char **argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name.ends_with(".dsplan"))
      damage(name, bytesOf(name), /*reseals=*/false);
    else
      damage(name, assembled(name, 5000), /*reseals=*/true);
    // As small as plans are: every bit of it.
    if (name.ends_with("arith.json"))
      damage(name, assembled(name, 0), /*reseals=*/false);
  }
  std::printf("%d failures\n", failures);
  return failures != 0;
}
