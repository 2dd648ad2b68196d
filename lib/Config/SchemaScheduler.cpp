//===- SchemaScheduler.cpp - Keys of the learning rate's schedule -------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Schema.h"

namespace ds {

namespace {

using C = Config;
using S = SchedulerKeys;
constexpr auto kScheduler = &C::scheduler;
constexpr const char *warmups =
    "WarmupLR|WarmupDecayLR|WarmupCosineLR|Constant|Linear|"
    "Cosine|Polynomial|WSD";
constexpr const char *linear = "WarmupLR|WarmupDecayLR|Constant|Linear|Cosine|"
                               "Polynomial|WSD";
constexpr const char *ends =
    "WarmupDecayLR|WarmupCosineLR|Linear|Cosine|Polynomial|"
    "WSD";
constexpr const char *ours = "Linear|Cosine|Polynomial|WSD";
constexpr Kind kMomentum{
    Type::Number, "a number in [0, 1)", {0, 1, false, true}};
constexpr const char *cycle = "OneCycle", *range = "LRRangeTest";

constexpr Key kKeys[] = {
    {"scheduler", kSection, "", honoured,
     "The learning rate as a function of the step"},
    {"scheduler.type",
     words("WarmupLR|WarmupDecayLR|WarmupCosineLR|LRRangeTest|OneCycle|"
           "Constant|Linear|Cosine|Polynomial|WSD"),
     "", honoured,
     "The curve; Constant, Linear, Cosine, Polynomial and WSD are extensions",
     at<kScheduler, &S::type>},
    {"scheduler.params", kSection, "", honoured, "The curve's numbers"},
    {"scheduler.params.last_batch_iteration", kInt, "-1",
     refused("the step is in the checkpoint"), "The step to go on from"},

    {"scheduler.params.warmup_min_lr", kRate, "0", honoured,
     "Where the warm-up begins", at<kScheduler, &S::warmupMinLr>, linear},
    {"scheduler.params.warmup_max_lr", kPositive, "", honoured,
     "Where it ends; default: optimizer.params.lr, WarmupDecayLR 0.001",
     at<kScheduler, &S::warmupMaxLr>, "WarmupLR|WarmupDecayLR"},
    {"scheduler.params.warmup_num_steps", kCount, "", honoured,
     "Steps of the warm-up; default: 1000, of an extension none",
     at<kScheduler, &S::warmupSteps>, warmups},
    {"scheduler.params.warmup_type", words("log|linear"), "", honoured,
     "Its shape; default: log, of an extension linear",
     at<kScheduler, &S::warmupType>, warmups},
    {"scheduler.params.total_num_steps", kCount, "", honoured,
     "The step at which the decay ends", at<kScheduler, &S::totalSteps>, ends,
     ends},
    {"scheduler.params.warmup_min_ratio", kRate, "0", honoured,
     "Where the warm-up begins, relative to the peak",
     at<kScheduler, &S::warmupMinRatio>, "WarmupCosineLR"},
    {"scheduler.params.cos_min_ratio", kRate, "0.0001", honoured,
     "Where the decay ends, relative to the peak",
     at<kScheduler, &S::cosMinRatio>, "WarmupCosineLR"},

    {"scheduler.params.min_lr", kRate, "0", honoured, "Where the decay ends",
     at<kScheduler, &S::minLr>, ours},
    {"scheduler.params.power", kPositive, "1", honoured, "Of the polynomial",
     at<kScheduler, &S::power>, "Polynomial"},
    {"scheduler.params.decay_num_steps", kCount, "", honoured,
     "Steps of the decay, the last ones of all", at<kScheduler, &S::decaySteps>,
     "WSD", "WSD"},
    {"scheduler.params.decay_type", words("linear|cosine|1-sqrt"), "\"linear\"",
     honoured, "Its shape", at<kScheduler, &S::decayType>, "WSD"},

    {"scheduler.params.lr_range_test_min_lr", kPositive, "0.001", honoured,
     "The first rate", at<kScheduler, &S::rangeMinLr>, range},
    {"scheduler.params.lr_range_test_step_size", kCount, "2000", honoured,
     "Steps in which the rate grows by step_rate times the first",
     at<kScheduler, &S::rangeStepSize>, range},
    {"scheduler.params.lr_range_test_step_rate", kRate, "1", honoured,
     "How fast the rate grows", at<kScheduler, &S::rangeStepRate>, range},
    {"scheduler.params.lr_range_test_staircase", kBool, "false", honoured,
     "Grow once per step_size, not with each step",
     at<kScheduler, &S::rangeStaircase>, range},

    {"scheduler.params.cycle_min_lr", kRate, "", honoured,
     "Where the cycle begins and ends", at<kScheduler, &S::cycleMinLr>, cycle,
     cycle},
    {"scheduler.params.cycle_max_lr", kPositive, "", honoured, "Its top",
     at<kScheduler, &S::cycleMaxLr>, cycle, cycle},
    {"scheduler.params.decay_lr_rate", kRate, "0", honoured,
     "How fast the rate falls behind the cycle",
     at<kScheduler, &S::decayLrRate>, cycle},
    {"scheduler.params.cycle_first_step_size", kCount, "2000", honoured,
     "Steps up", at<kScheduler, &S::cycleFirstSteps>, cycle},
    {"scheduler.params.cycle_second_step_size", kCountOrZero, "", honoured,
     "Steps down; default: as up", at<kScheduler, &S::cycleSecondSteps>, cycle},
    {"scheduler.params.cycle_first_stair_count", kCountOrZero, "0", honoured,
     "Stairs up; 0: a ramp", at<kScheduler, &S::cycleFirstStairs>, cycle},
    {"scheduler.params.cycle_second_stair_count", kCountOrZero, "", honoured,
     "Stairs down; default: as up", at<kScheduler, &S::cycleSecondStairs>,
     cycle},
    {"scheduler.params.decay_step_size", kCountOrZero, "0", honoured,
     "Steps of one decay behind the cycle; 0: none",
     at<kScheduler, &S::cycleDecaySteps>, cycle},
    {"scheduler.params.cycle_momentum", kBool, "true", honoured,
     "Cycle the momentum the other way round",
     at<kScheduler, &S::cycleMomentum>, cycle},
    {"scheduler.params.cycle_min_mom", kMomentum, "0.8", honoured,
     "The least momentum", at<kScheduler, &S::cycleMinMomentum>, cycle},
    {"scheduler.params.cycle_max_mom", kMomentum, "0.9", honoured,
     "The most momentum", at<kScheduler, &S::cycleMaxMomentum>, cycle},
    {"scheduler.params.decay_mom_rate", kRate, "0", honoured,
     "How fast the momentum changes behind the cycle",
     at<kScheduler, &S::decayMomentumRate>, cycle},
};

} // namespace

std::span<const Key> schedulerKeys() { return kKeys; }

} // namespace ds
