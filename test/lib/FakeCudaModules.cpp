//===- FakeCudaModules.cpp - The fake driver's images and kernels -------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Of an image only the names of its kernels and how many parameters each has
// are read: from PTX as text, from a cubin as an ELF file.  Only kernels of the
// runtime's own are run.
//===--------------------------------------------------------------------===//
#include "FakeCudaPtx.h"

#include <cstring>
#include <elf.h>
#include <memory>
#include <set>

namespace fake {
namespace {

struct FakeFunction {
  std::string name;
  int parameters;
  int sharedBytes = 48 << 10;
  std::shared_ptr<const PtxKernel> code = nullptr; ///< Of what is run.
};

struct FakeModule {
  std::map<std::string, FakeFunction> functions;
};

std::set<void *> modules, functions;

/// ".visible .entry ds_k0(.param .u64 a, .param .u64 b)": the parameters are
/// what is between the brackets.
void readPtx(const char *text, FakeModule &module) {
  const char *at = text;
  while ((at = std::strstr(at, ".entry "))) {
    at += std::strlen(".entry ");
    const size_t length = std::strcspn(at, " \t\n(");
    FakeFunction function{std::string(at, length), 0};
    const char *end = std::strchr(at, ')');
    const char *open = std::strchr(at, '(');
    if (open && end && open < end)
      for (const char *p = open; (p = std::strstr(p, ".param")) && p < end; ++p)
        ++function.parameters;
    // The runtime's own, not those of plans.
    if (open && function.name.starts_with("ds_rt_"))
      function.code = std::make_shared<const PtxKernel>(open);
    module.functions[function.name] = function;
  }
}

/// EIATTR_KPARAM_INFO, once for each parameter, in .nv.info.<kernel>.
int parametersIn(const unsigned char *info, uint64_t bytes) {
  int parameters = 0;
  for (uint64_t at = 0; at + 4 <= bytes;) {
    const unsigned format = info[at], attribute = info[at + 1];
    uint16_t size;
    std::memcpy(&size, info + at + 2, 2);
    parameters += attribute == 0x17;
    at += 4 + (format == 4 ? size : 0); // a value of its own size
  }
  return parameters;
}

void readCubin(const char *image, FakeModule &module) {
  Elf64_Ehdr header;
  std::memcpy(&header, image, sizeof(header));
  auto section = [&](unsigned i) {
    Elf64_Shdr found;
    std::memcpy(&found, image + header.e_shoff + i * header.e_shentsize,
                sizeof(found));
    return found;
  };
  const Elf64_Shdr names = section(header.e_shstrndx);
  for (unsigned i = 0; i < header.e_shnum; ++i) {
    const Elf64_Shdr at = section(i);
    const std::string name = image + names.sh_offset + at.sh_name;
    const std::string prefix = ".nv.info.";
    if (name.rfind(prefix, 0) != 0)
      continue;
    const std::string kernel = name.substr(prefix.size());
    const auto *info =
        reinterpret_cast<const unsigned char *>(image + at.sh_offset);
    module.functions[kernel] = {kernel, parametersIn(info, at.sh_size)};
  }
}

} // namespace
} // namespace fake

using namespace fake;

FAKE_EXPORT Result cuModuleLoadDataEx(Module *module, const void *image,
                                      unsigned count, int *options,
                                      void **values) {
  enter("cuModuleLoadDataEx");
  const auto *bytes = static_cast<const char *>(image);
  if (option("ptx", 0))
    return kUnsupportedPtx;
  FakeModule read;
  if (std::memcmp(bytes, ELFMAG, SELFMAG) == 0)
    readCubin(bytes, read);
  else
    readPtx(bytes, read);
  if (read.functions.empty()) {
    for (unsigned i = 0; i < count; ++i)
      if (options[i] == kJitErrorLog)
        std::strcpy(static_cast<char *>(values[i]), "no kernel\nin it");
    return kInvalidImage;
  }
  auto *made = new FakeModule(std::move(read));
  modules.insert(made);
  for (auto &[name, function] : made->functions)
    functions.insert(&function);
  account("module", 1);
  takeLibraryBytes(2 << 20);
  *module = reinterpret_cast<Module>(made);
  return kSuccess;
}

FAKE_EXPORT Result cuModuleUnload(Module module) {
  enter("cuModuleUnload");
  if (!modules.erase(module))
    violation("cuModuleUnload: no such module");
  if (isPending())
    violation("cuModuleUnload while the stream still has work");
  auto *made = reinterpret_cast<FakeModule *>(module);
  for (auto &[name, function] : made->functions)
    functions.erase(&function);
  delete made;
  account("module", -1);
  takeLibraryBytes(-(2 << 20));
  return lostContext();
}

FAKE_EXPORT Result cuModuleGetFunction(Function *function, Module module,
                                       const char *name) {
  enter("cuModuleGetFunction");
  if (!modules.count(module))
    violation("cuModuleGetFunction: no such module");
  auto &all = reinterpret_cast<FakeModule *>(module)->functions;
  auto found = all.find(name);
  if (found == all.end())
    return 500;
  *function = reinterpret_cast<Function>(&found->second);
  return kSuccess;
}

static FakeFunction &functionOf(const char *caller, Function function) {
  enter(caller);
  if (!functions.count(function))
    violation("%s: no such kernel", caller);
  return *reinterpret_cast<FakeFunction *>(function);
}

FAKE_EXPORT Result cuFuncGetAttribute(int *value, int attribute,
                                      Function function) {
  (void)functionOf("cuFuncGetAttribute", function);
  if (attribute != kFunctionMaxThreads)
    violation("cuFuncGetAttribute: attribute %d", attribute);
  *value = int(option("threads", 1024));
  return kSuccess;
}

FAKE_EXPORT Result cuFuncSetAttribute(Function function, int attribute,
                                      int value) {
  FakeFunction &at = functionOf("cuFuncSetAttribute", function);
  if (attribute != kFunctionMaxSharedBytes || value > (227 << 10))
    violation("cuFuncSetAttribute: attribute %d = %d", attribute, value);
  at.sharedBytes = std::max(at.sharedBytes, value);
  return kSuccess;
}

FAKE_EXPORT Result cuLaunchKernel(Function function, unsigned gridX,
                                  unsigned gridY, unsigned gridZ,
                                  unsigned blockX, unsigned blockY,
                                  unsigned blockZ, unsigned sharedBytes,
                                  Stream stream, void **parameters,
                                  void **extra) {
  const FakeFunction &at = functionOf("cuLaunchKernel", function);
  if (lostContext() != kSuccess)
    return lostContext();
  const char *name = at.name.c_str();
  if (gridX == 0 || gridX > INT32_MAX || gridY != 1 || gridZ != 1)
    violation("cuLaunchKernel: %s on a grid of %u x %u x %u", name, gridX,
              gridY, gridZ);
  if (blockX == 0 || blockX > 1024 || blockY != 1 || blockZ != 1)
    violation("cuLaunchKernel: %s in blocks of %u x %u x %u", name, blockX,
              blockY, blockZ);
  if (sharedBytes > unsigned(at.sharedBytes))
    violation("cuLaunchKernel: %s with %u shared bytes, but %d are allowed",
              name, sharedBytes, at.sharedBytes);
  if (extra)
    violation("cuLaunchKernel: %s with extra arguments", name);
  static long long launches = 0;
  if (const long long last = option("launch", 0);
      last > 0 && ++launches >= last)
    return kOutOfResources;
  std::vector<Address> places;
  for (int i = 0; i < at.parameters; ++i)
    places.push_back(*static_cast<const Address *>(parameters[i]));
  const std::shared_ptr<const PtxKernel> code = at.code;
  auto check = [places, kernel = at.name] {
    for (size_t i = 0; i < places.size(); ++i)
      (void)memory("cuLaunchKernel",
                   (kernel + "'s argument " + std::to_string(i)).c_str(),
                   places[i], 1);
  };
  check();
  // What of an argument it touches, and how, nobody says: at least the first
  // byte is read.
  std::vector<Range> ranges;
  for (Address place : places)
    ranges.push_back({"an argument", place, 1, false});
  submit("cuLaunchKernel", stream, ranges, [=] {
    check();
    if (strikes("illegal"))
      return kIllegalAddress;
    if (code)
      code->run(gridX, blockX, places);
    return kSuccess;
  });
  count("launches");
  return kSuccess;
}
