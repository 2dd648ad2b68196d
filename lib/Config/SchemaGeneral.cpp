//===- SchemaGeneral.cpp - Keys of batches and gradients ----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Schema.h"

namespace ds {

namespace {

using C = Config;
using B = BatchKeys;
using G = GradientKeys;
constexpr auto kBatch = &C::batch;
constexpr auto kGradient = &C::gradient;

constexpr Key kKeys[] = {
    {"train_batch_size", kCount, "", honoured,
     "Samples per step over all ranks", at<kBatch, &B::train>},
    {"train_micro_batch_size_per_gpu", kCount, "", honoured,
     "Samples per rank at a time", at<kBatch, &B::micro>},
    {"gradient_accumulation_steps", kCount, "", honoured,
     "Micro-batches per step", at<kBatch, &B::accumulation>},

    {"gradient_clipping", kRate, "1", honoured,
     "The largest global norm of the gradient; 0: any",
     at<kGradient, &G::clipping>},
    {"gradient_predivide_factor", kPositive, "1", refused("it is not built"),
     "Divide gradients by it before they are added over ranks, and by the "
     "rest of the world behind",
     at<kGradient, &G::predivideFactor>},
    {"prescale_gradients", kBool, "false", refused("it is not built"),
     "Divide gradients by the world before they are added over ranks",
     at<kGradient, &G::prescale>},
    {"gradient_allreduce_op", words("mean", "sum"), "\"mean\"", honoured,
     "How gradients of ranks are joined", at<kGradient, &G::allreduceOp>},
    {"sequence_parallel_size", kCount, "1", refused("it is not built"),
     "Ranks that share a sequence"},
};

} // namespace

std::span<const Key> generalKeys() { return kKeys; }

} // namespace ds
