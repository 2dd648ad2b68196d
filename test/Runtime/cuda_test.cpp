//===- cuda_test.cpp - What of the CUDA backend needs no GPU ------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which image a GPU runs, which dimensions of a batch are one, and which errors
// lose a context.
//===--------------------------------------------------------------------===//
#include "Check.h"
#include "backends/cuda/Images.h"
#include "backends/cuda/Products.h"

using namespace ds::rt;
using namespace ds::rt::cuda;
namespace plan = ds::plan;

namespace {

/// The architecture that a GPU of `capability` takes of these, or the error.
std::string chosen(int capability, const std::vector<std::string> &archs,
                   const char *least = nullptr) {
  plan::PlanT plan;
  plan.target = std::make_unique<plan::TargetT>();
  plan.target->arch = "nvidia";
  if (least)
    plan.target->cpu = least;
  plan.facts = std::make_unique<plan::FactsT>();
  for (const std::string &arch : archs) {
    auto image = std::make_unique<plan::ImageT>();
    image->arch = arch;
    image->kind =
        arch.starts_with("sm_") ? plan::ImageKind::cubin : plan::ImageKind::ptx;
    plan.images.push_back(std::move(image));
  }
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(plan::Plan::Pack(builder, &plan));
  auto image =
      chooseImage(*plan::GetPlan(builder.GetBufferPointer()), capability, "it");
  return image.ok() ? (*image)->arch()->str() : image.status().message();
}

void imagesAreChosen() {
  const std::vector<std::string> all = {"compute_80", "sm_80",   "sm_90",
                                        "sm_90a",     "sm_100f", "sm_100a"};
  CHECK(chosen(80, all) == "sm_80");
  CHECK(chosen(86, all) == "sm_80"); // code for 8.0 runs on all of 8
  CHECK(chosen(89, all) == "sm_80");
  CHECK(chosen(90, all) == "sm_90a");
  CHECK(chosen(100, all) == "sm_100a");
  CHECK(chosen(103, all) == "sm_100f"); // of the family; not that of 10.0 alone
  CHECK(chosen(120, all) == "compute_80");
  CHECK(chosen(90, {"sm_90", "sm_80", "compute_90"}) == "sm_90");
  CHECK(chosen(120, {"compute_80", "compute_100", "compute_90"}) ==
        "compute_100");
  CHECK(chosen(100, {"compute_90a", "compute_80"}) == "compute_80");
  CHECK(chosen(75, {"compute_70", "sm_80"}) == "compute_70");
  CHECK(chosen(75, all) ==
        "the plan has kernels for compute_80, sm_80, sm_90, sm_90a, sm_100f, "
        "sm_100a, but it is sm_75, which runs none of them: compile the model "
        "for it with --machine");
  CHECK(chosen(80, all, "sm_90") ==
        "the plan is for GPUs from sm_90 on, but it is sm_80: compile the "
        "model for it with --machine");
}

/// A batch of "size: a, b, c" strides, merged.
std::vector<std::vector<uint64_t>>
merged(const std::vector<plan::BatchDim> &dims) {
  plan::GemmT gemm;
  gemm.batch = dims;
  gemm.a = std::make_unique<plan::Ref>();
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(plan::Gemm::Pack(builder, &gemm));
  std::vector<std::vector<uint64_t>> result;
  for (const plan::BatchDim &dim : mergedBatch(
           *flatbuffers::GetRoot<plan::Gemm>(builder.GetBufferPointer())))
    result.push_back(
        {dim.size(), dim.a_stride(), dim.b_stride(), dim.c_stride()});
  return result;
}

void batchesAreMerged() {
  using Dims = std::vector<std::vector<uint64_t>>;
  CHECK(merged({}) == Dims{});
  CHECK(merged({{1, 7, 7, 7}}) == Dims{});
  CHECK(merged({{3, 8, 8, 8}, {2, 4, 4, 4}}) == (Dims{{6, 4, 4, 4}}));
  // Of one operand they are apart, or it is the same for all.
  CHECK(merged({{3, 8, 8, 9}, {2, 4, 4, 4}}) ==
        (Dims{{3, 8, 8, 9}, {2, 4, 4, 4}}));
  CHECK(merged({{3, 8, 0, 8}, {2, 4, 0, 4}}) == (Dims{{6, 4, 0, 4}}));
  CHECK(
      merged({{5, 30, 30, 30}, {1, 1, 2, 3}, {3, 10, 10, 10}, {2, 5, 5, 5}}) ==
      (Dims{{30, 5, 5, 5}}));
}

void errorsAreTold() {
  CHECK(isFatal(kEccUncorrectable));
  CHECK(isFatal(kIllegalAddress));
  CHECK(isFatal(716)); // misaligned address
  CHECK(isFatal(kLaunchFailed));
  CHECK(!isFatal(kOutOfMemory));
  CHECK(!isFatal(kOutOfResources));
  CHECK(!isFatal(kNotReady));
  CHECK(!isFatal(720)); // too large a cooperative launch
  CHECK(versionText(12040) == "12.4");
  CHECK(versionText(13000) == "13.0");
}

} // namespace

int main() {
  imagesAreChosen();
  batchesAreMerged();
  errorsAreTold();
  return ds::test::finish("cuda");
}
