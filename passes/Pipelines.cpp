//===- Pipelines.cpp - The order of passes ------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The only file that knows it.  Canonicalization and CSE run after each phase
// that makes ops; not after scheduling, which they would undo by hoisting
// constants.
//===--------------------------------------------------------------------===//

#include "ds/Passes/Pipelines.h"
#include "ds/Passes/Autodiff.h"
#include "ds/Passes/Import.h"
#include "ds/Passes/Lower.h"
#include "ds/Passes/Memory.h"
#include "ds/Passes/Parallel.h"
#include "ds/Passes/Passes.h"
#include "ds/Passes/Precision.h"
#include "ds/Passes/Schedule.h"

#include "mlir/Transforms/Passes.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"

using namespace mlir;

namespace ds {

void registerAllPasses() {
  registerDSImportPasses();
  registerDSPrecisionPasses();
  registerDSAutodiffPasses();
  registerDSParallelPasses();
  registerDSMemoryPasses();
  registerDSSchedulePasses();
  registerDSLowerPasses();
}

StringRef phaseName(Phase phase) {
  static constexpr StringLiteral names[] = {
      "import", "precision", "differentiate", "parallel",
      "memory", "schedule",  "lower"};
  return names[static_cast<int>(phase)];
}

static void simplify(OpPassManager &pm) {
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

/// For the text of attributes: every bit is kept.
static llvm::format_object<double> number(double value) {
  return llvm::format("%.17e", value);
}

/// As the text of a #ds.optimizer.
static std::string asAttribute(const Optimizer &optimizer) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "#ds.optimizer<\"" << optimizer.name << "\" {";
  StringRef comma = "";
  for (const OptimizerValue &value :
       findOptimizerKind(optimizer.name)->values) {
    const bool isFlag = value.flag;
    if (isFlag && optimizer.*value.flag == Optimizer().*value.flag)
      continue;
    os << std::exchange(comma, ", ") << value.name;
    if (!isFlag)
      os << " = " << number(optimizer.*value.number);
    else if (!(optimizer.*value.flag))
      os << " = false";
  }
  os << "}";
  if (optimizer.rateScale != 1)
    os << " lr_scale " << number(optimizer.rateScale) << " : f64";
  os << ">";
  return text;
}

static std::string asAttribute(const Schedule &schedule) {
  return "#ds.schedule<" + asText(schedule) + ">";
}

/// As the text of a #ds.group.
static std::string asAttribute(const ParameterGroup &group,
                               const Recipe &recipe) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "#ds.group<[";
  llvm::interleaveComma(group.patterns, os, [&](const std::string &pattern) {
    os << '"';
    llvm::printEscapedString(pattern, os);
    os << '"';
  });
  os << "]";
  if (!group.frozen) {
    Optimizer optimizer = recipe.optimizer;
    double scale = 1;
    if (const double peak = recipe.rate.peak(); group.rate && peak > 0)
      scale = *group.rate / peak;
    optimizer.rateScale *= scale;
    optimizer.othersScale *= scale;
    if (group.weightDecay)
      optimizer.weightDecay = *group.weightDecay;
    os << ", " << asAttribute(optimizer);
    if (optimizer.name == "muon")
      os << " others " << asAttribute(othersOf(optimizer));
  }
  os << ">";
  return text;
}

/// All groups of parameters, the last one of those that are in no other.
static std::string groupsOf(const Recipe &recipe) {
  std::string text = "[";
  for (const ParameterGroup &group : recipe.groups)
    text += asAttribute(group, recipe) + ", ";
  return text + asAttribute(ParameterGroup{.patterns = {"*"}}, recipe) + "]";
}

static void buildImport(OpPassManager &pm, const StepOptions &options) {
  pm.addPass(createInlineBlocksPass());
  pm.addPass(createBindDimsPass({options.microBatch, options.seqLen}));
  simplify(pm);
  // Flat units before differentiation: gradients are born flat, too.
  MakeUnitsPassOptions units;
  units.shards = options.world;
  units.groups = groupsOf(options.recipe);
  pm.addPass(createMakeUnitsPass(units));
}

static void buildPrecision(OpPassManager &pm, const StepOptions &options) {
  const Precision &precision = options.recipe.precision;
  if (precision.isNarrow()) {
    pm.addPass(createCastPrecisionPass({precision.compute, precision.master}));
    // Constants are cast once, and two casts that undo each other not at all.
    simplify(pm);
  }
  // Behind it: where there are working copies, those are padded.
  if (options.gpu)
    pm.addPass(createPadClassesPass());
}

/// As the text of a #ds.loss_scale.
static std::string asAttribute(const LossScale &scale) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "#ds.loss_scale<initial = " << llvm::format("%.17e", scale.initial)
     << ", window = " << (scale.isDynamic ? scale.window : 0)
     << ", hysteresis = " << scale.hysteresis
     << ", consecutive = " << (scale.consecutiveHysteresis ? "true" : "false")
     << ", smallest = " << llvm::format("%.17e", scale.smallest) << ">";
  return text;
}

static void buildDifferentiate(OpPassManager &pm, const StepOptions &options) {
  BuildTrainPassOptions train;
  train.microBatches = options.microBatches;
  const Recipe &recipe = options.recipe;
  train.schedule = asAttribute(recipe.rate);
  if (recipe.momentum)
    train.momentum = asAttribute(*recipe.momentum);
  train.optimizer = asAttribute(recipe.optimizer);
  train.maxNorm = recipe.clipValue > 0 ? 0 : recipe.maxNorm;
  train.clipValue = recipe.clipValue;
  if (recipe.sumGradients)
    train.gradientFactor = static_cast<double>(options.world);

  const Precision &precision = recipe.precision;
  if (precision.isNarrow() || precision.accumulation != "f32")
    train.accumulation = precision.accumulation;
  if (precision.isNarrow()) {
    train.states = precision.states;
    train.stochasticRounding = precision.stochasticRounding;
  }
  train.checkOverflow = precision.checkOverflow;
  if (precision.lossScale)
    train.lossScale = asAttribute(*precision.lossScale);
  pm.addPass(createBuildTrainPass(train));
  // Removes gradients that nobody asked for (of token ids, say).
  pm.addPass(createCSEPass());
}

static void buildParallel(OpPassManager &pm, const StepOptions &options) {
  pm.addPass(createZeroPass(
      {options.world, options.stage, options.recipe.precision.communication}));
  // A loop of one round, with accumulation onto zero, folds away here.
  simplify(pm);
}

static void buildMemory(OpPassManager &pm, const StepOptions &options) {
  if (options.gpu)
    pm.addPass(createFlashAttentionPass());
  if (options.rematBlocks)
    pm.addPass(createRematBlocksPass());
  // Before what would make copies of the loss head's operands.
  pm.addPass(createBlockLossPass());
  if (!options.keepPointwise)
    pm.addPass(createRematPointwisePass());
  // After rematerialization: recomputed ops need parameters again, too.
  if (options.stage == 3)
    pm.addPass(createRegatherPass());
  simplify(pm);
}

static void buildLower(OpPassManager &pm, const StepOptions &options) {
  pm.addPass(createDecomposePass());
  // Equal scalar arithmetic of all units' optimizers becomes one.
  pm.addPass(createCSEPass());
  // Behind it: a cast that is shared by all who need it lives for long.
  pm.addPass(createWidenProductsPass({options.bf16Products, options.gpu}));
  pm.addPass(createWidenKernelsPass());
  if (options.gpu)
    pm.addPass(createSplitFoldsPass());
  pm.addPass(createFuseKernelsPass({options.gpu}));
  if (options.gpu)
    pm.addPass(createFuseEpiloguesPass({options.geluEpilogues}));
  // Now it is known who reads views.
  pm.addPass(createInsertCopiesPass());
}

void buildRaising(OpPassManager &pm) {
  simplify(pm);
  pm.addPass(createRaiseEmbeddingPass());
  pm.addPass(createRaiseActivationsPass());
  pm.addPass(createRaiseNormsPass());
  pm.addPass(createRaiseCrossEntropyPass());
  // Attention is two products around a softmax.
  pm.addPass(createRaiseSoftmaxPass());
  // A product may take the transpose that only the softmax's shift was in the
  // way of.
  simplify(pm);
  pm.addPass(createRaiseAttentionPass());
  pm.addPass(createRaiseSplitsPass());
  simplify(pm);
  // Last: one fused op a layer is easier to compare, and nothing may come
  // between ops that are counted.
  pm.addPass(createMarkBlocksPass());
}

void buildPhase(OpPassManager &pm, Phase phase, const StepOptions &options) {
  switch (phase) {
  case Phase::Import:
    buildImport(pm, options);
    break;
  case Phase::Precision:
    buildPrecision(pm, options);
    break;
  case Phase::Differentiate:
    buildDifferentiate(pm, options);
    break;
  case Phase::Parallel:
    buildParallel(pm, options);
    break;
  case Phase::Memory:
    buildMemory(pm, options);
    break;
  case Phase::Schedule:
    pm.addPass(createSchedulePass({options.overlap ? 1 : 0}));
    break;
  case Phase::Lower:
    buildLower(pm, options);
    break;
  }
  pm.addPass(createVerifyPhasePass({phaseName(phase).str()}));
}

} // namespace ds
