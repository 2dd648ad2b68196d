//===- SchemaGeneral.cpp - Keys of batches, gradients and the engine ----===//
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
constexpr Fate profile = mapped("ds-run --profile, --trace");
constexpr Fate checkpoints = mapped("ds-run --save, --save-every, --load");
constexpr Fate stages =
    ignored("the key alone cuts no model into stages, in DeepSpeed, too");

constexpr Key kKeys[] = {
    {"train_batch_size", kCount, "", honoured, "Samples per step of all ranks",
     at<kBatch, &B::train>},
    {"train_micro_batch_size_per_gpu", kCount, "", honoured,
     "Samples of a rank at a time", at<kBatch, &B::micro>},
    {"gradient_accumulation_steps", kCount, "", honoured,
     "Micro-batches of a rank per step", at<kBatch, &B::accumulation>},
    {"managed_gradient_accumulation", kBool, "true",
     refused("a plan is a whole step"),
     "Whether the engine knows where a step ends"},
    {"dataloader_drop_last", kBool, "false",
     ignored("ds-run reads samples as an endless stream"),
     "Drop what does not fill a batch"},

    {"gradient_clipping", kRate, "1", honoured,
     "The largest global norm of the gradient; 0: any",
     at<kGradient, &G::clipping>},
    {"gradient_predivide_factor", kPositive, "1",
     ignored("gradients are divided by the whole batch before ranks add them, "
             "so that another factor would only round otherwise"),
     "Divide gradients by it before ranks add them, and by the rest of the "
     "world behind",
     at<kGradient, &G::predivideFactor>},
    {"prescale_gradients", kBool, "false",
     mapped("gradients are always divided before ranks add them"),
     "Divide gradients by the world before ranks add them",
     at<kGradient, &G::prescale>},
    {"gradient_allreduce_op", words("mean|sum"), "\"mean\"", honoured,
     "How gradients of ranks are joined", at<kGradient, &G::allreduceOp>},
    {"sparse_gradients", kBool, "false",
     ignored("gradients of tables travel whole"),
     "Send only the rows of a table that were used"},
    {"disable_allgather", kBool, "false",
     mapped("the planner chooses collectives"),
     "Broadcast parameters instead of gathering them"},

    {"zero_allow_untested_optimizer", kBool, "false", honoured,
     "Allow ZeRO with an optimizer that DeepSpeed has not tested with it",
     at<&C::zero, &ZeroKeys::allowUntested>},
    {"zero_force_ds_cpu_optimizer", kBool, "true",
     ignored("every update is compiled"),
     "Demand DeepSpeedCPUAdam for offloaded states"},
    {"sequence_parallel_size", kCount, "1",
     refused("sequence parallelism is not built"),
     "Ranks that share a sequence"},
    {"use_data_before_expert_parallelism", kBool, "false",
     ignored("there are no groups of experts"), "Which ranks are neighbours"},
    {"graph_harvesting", kBool, "false", mapped("the whole step is a plan"),
     "Record the update as a CUDA graph"},
    {"vocabulary_size", kCount, "", ignored("the model says it"),
     "Warn unless it is a multiple of 8"},

    {"steps_per_print", kCount, "", mapped("ds-run reports every step"),
     "Steps between reports"},
    {"wall_clock_breakdown", kBool, "false", profile, "Time phases"},
    {"memory_breakdown", kBool, "false", mapped("ds-plan report"),
     "Print memory"},
    {"dump_state", kBool, "false", mapped("ds-opt --explain-config"),
     "Print the configuration"},
    {"log_level", kText, "", ignored("there is one level"),
     "Of the engine's messages"},
    {"timers", strict(kSection), "", profile, "Timers of the engine"},
    {"timers.throughput", strict(kSection), "", inherited, "Of samples"},
    {"timers.throughput.enabled", kBool, "true", inherited, "Turn it on"},
    {"timers.throughput.synchronized", kBool, "true", inherited,
     "Wait for the device first"},

    {"nebula", sectionIf("enabled"), "", checkpoints, "Save in the background"},
    {"nebula.enabled", kBool, "false", inherited, "Turn it on"},
    {"nebula.enable_nebula_load", kBool, "true", inherited, "Load, too"},
    {"nebula.persistent_storage_path", kText, "", inherited, "The folder"},
    {"nebula.persistent_time_interval", kCount, "100", inherited,
     "Seconds between saves"},
    {"nebula.num_of_version_in_retention", kCount, "2", inherited,
     "Checkpoints that are kept"},
    {"nebula.nebula_load_path", kText, "", inherited,
     "The folder to load from"},
    {"datastates_ckpt", kSection, "", checkpoints, "Save in the background"},
    {"datastates_ckpt.host_cache_size", kWhole, "", inherited,
     "Host memory for it"},

    {"pipeline", kSection, "", stages, "Stages of a PipelineModule"},
    {"pipeline.stages", kAny, "\"auto\"", inherited, "How many"},
    {"pipeline.partition", kText, "\"best\"", inherited, "How it is cut"},
    {"pipeline.seed_layers", kBool, "false", inherited, "Seed each layer"},
    {"pipeline.activation_checkpoint_interval", kCountOrZero, "0", inherited,
     "Layers between kept activations"},
    {"pipeline.pipe_partitioned", kBool, "true", inherited,
     "Share activations that are sent"},
    {"pipeline.grad_partitioned", kBool, "true", inherited,
     "Share gradients that are sent"},
};

} // namespace

std::span<const Key> generalKeys() { return kKeys; }

} // namespace ds
