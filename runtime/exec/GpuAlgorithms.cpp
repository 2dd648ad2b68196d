//===- GpuAlgorithms.cpp - The fastest products, into a plan ------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "exec/GpuProgram.h"

#include <cerrno>
#include <cstring>
#include <unistd.h>

namespace ds::rt {

using namespace cuda;

namespace {

/// Products with equal keys have one algorithm.
using Key = std::vector<uint64_t>;

Key keyOf(const plan::Gemm &gemm, std::initializer_list<Address> places) {
  Key key{uint64_t(gemm.dtype()),
          gemm.m(),
          gemm.n(),
          gemm.k(),
          gemm.lda(),
          gemm.ldb(),
          gemm.ldc(),
          gemm.transpose_a(),
          gemm.transpose_b(),
          gemm.f32_result(),
          gemm.tf32(),
          gemm.beta() != 0,
          gemm.workspace_bytes(),
          gemm.bias() != nullptr,
          uint64_t(gemm.epilogue()),
          gemm.preactivation() != nullptr,
          gemm.ld_preactivation()};
  if (gemm.batch())
    for (const plan::BatchDim *dim : *gemm.batch())
      key.insert(key.end(), {dim->size(), dim->a_stride(), dim->b_stride(),
                             dim->c_stride()});
  for (Address place : places) // which decides what an algorithm may load
    key.push_back(place & -place & 511);
  return key;
}

} // namespace

StatusOr<FastestAlgorithms> GpuProgram::fastestAlgorithms(
    const std::function<void(uint32_t number)> &begins) const {
  FastestAlgorithms chosen;
  std::map<Key, std::vector<uint8_t>> known;
  for (auto [number, product] : productOf_) {
    const plan::Gemm &gemm = *instrOf(number).op_as_Gemm();
    auto [entry, isNew] = known.try_emplace(
        keyOf(gemm, {at(gemm.a()), at(gemm.b()), at(gemm.c()),
                     gemm.bias() ? at(gemm.bias()) : 0,
                     gemm.preactivation() ? at(gemm.preactivation()) : 0}));
    if (isNew) {
      begins(number);
      auto fastest = products_.fastest(product, gemm, nameOf(number));
      if (!fastest.ok())
        return fastest.status();
      entry->second.resize(sizeof(LtAlgorithm));
      std::memcpy(entry->second.data(), &*fastest, sizeof(LtAlgorithm));
    }
    chosen[number] = entry->second;
  }
  return chosen;
}

Status writeTunedPlan(const LoadedPlan &loaded, uint32_t program,
                      const FastestAlgorithms &chosen,
                      const std::string &path) {
  plan::PlanT plan;
  loaded.plan().UnPackTo(&plan);
  uint32_t number = 0;
  for (const auto &block : plan.programs[program]->blocks)
    for (const auto &instr : block->instrs)
      if (auto found = chosen.find(number++); found != chosen.end())
        instr->op.AsGemm()->algorithm = found->second;
  const plan::Section section = loaded.code();
  std::vector<std::byte> code(section.bytes);
  for (size_t done = 0; done < code.size();) {
    const ssize_t count = pread(loaded.fd(), code.data() + done,
                                code.size() - done, section.offset + done);
    if (count <= 0)
      return inputError("cannot read the code of the plan: %s",
                        count < 0 ? std::strerror(errno) : "it is cut off");
    done += size_t(count);
  }
  return writePlan(plan, code, loaded.constants(), path);
}

} // namespace ds::rt
