//===- SchemaOther.cpp - Keys of what is beside training ----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Schema.h"

namespace ds {

namespace {

constexpr const char *later = "it is not built";
constexpr Kind kGroups = sectionIf("shared_parameters.enabled");

constexpr Key kKeys[] = {
    {"progressive_layer_drop", sectionIf("enabled"), "", refused(later),
     "Drop layers more and more often"},
    {"progressive_layer_drop.enabled", kBool, "false", inherited, "Whether"},
    {"curriculum_learning", sectionIf("enabled"), "", refused(later),
     "Sequences that grow, by the older key"},
    {"curriculum_learning.enabled", kBool, "false", inherited, "Whether"},
    {"data_efficiency", sectionIf("enabled"), "", refused(later),
     "Curricula and token dropping"},
    {"data_efficiency.enabled", kBool, "false", inherited, "Whether"},
    {"elasticity", sectionIf("enabled"), "", refused(later),
     "A batch that many worlds divide"},
    {"elasticity.enabled", kBool, "false", inherited, "Whether"},
    {"compression_training", kSection, "", refused(later),
     "Quantization, pruning, distillation"},
    {"compression_training.layer_reduction", sectionIf("enabled"), "",
     inherited, "A student with fewer layers"},
    {"compression_training.layer_reduction.enabled", kBool, "false", inherited,
     "Whether"},
    {"compression_training.*", kGroups, "", inherited, "One method"},
    {"compression_training.*.shared_parameters", kSection, "", inherited,
     "Of all groups"},
    {"compression_training.*.shared_parameters.enabled", kBool, "false",
     inherited, "Whether"},
    {"compression_training.*.shared_parameters.*", kAny, "", inherited,
     "Of the method"},
    {"compression_training.*.different_groups", kAny, "", inherited,
     "Modules and their numbers"},
};

} // namespace

std::span<const Key> otherKeys() { return kKeys; }

} // namespace ds
