//===- GpuShape.cpp - How a kernel lies on a GPU ------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Threads take 16 bytes at once where rows allow it.  A row that divides
// evenly among a warp or a block stays in registers; any other is read again
// in each phase, from the cache.
//===--------------------------------------------------------------------===//

#include "GpuShape.h"

#include "ds/Dialect/DS/DS.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace ds;

using linalg::GenericOp;

/// Elements of one tensor that a thread keeps in registers at most.
static constexpr int64_t kMaxKept = 32;

/// Blocks that keep every processor of a GPU at work.
static constexpr int64_t kManyBlocks = 128;

SmallVector<SmallVector<int64_t>> ds::nestOf(const Phase &phase) {
  SmallVector<SmallVector<int64_t>> nest;
  for (auto [d, size] : llvm::enumerate(phase.inner)) {
    if (d == 0 || phase.cuts[d])
      nest.emplace_back();
    nest.back().push_back(size);
  }
  return nest;
}

int64_t ds::partsOf(const Phase &phase) {
  if (phase.inner.empty())
    return 1;
  bool isEven = HostTensor::count(nestOf(phase).back()) % phase.segments == 0;
  return isEven ? phase.segments : 1;
}

int64_t ds::vectorOf(const Phase &phase, int64_t most) {
  if (phase.inner.empty())
    return 1;
  int64_t last = HostTensor::count(nestOf(phase).back()) / partsOf(phase);
  while (last % most)
    most /= 2;
  return most;
}

int64_t ds::unitsOf(const Phase &phase, int64_t vector) {
  return HostTensor::count(phase.inner) / partsOf(phase) / vector;
}

/// Elements in 16 bytes of the narrowest tensor that has most of the elements;
/// at most 8, so that formulas of bytes stay small.
static int64_t widest(func::FuncOp lowered, int64_t elements) {
  int64_t bytes = 8;
  auto note = [&](Value value) {
    RankedTensorType type = tensorType(value);
    if (type.getNumElements() >= elements)
      bytes = std::min<int64_t>(bytes, (type.getElementTypeBitWidth() + 7) / 8);
  };
  for (Value argument : lowered.getArguments())
    note(argument);
  for (Value result : returnedBy(lowered))
    note(result);
  return 16 / std::max<int64_t>(bytes, 2);
}

//===--------------------------------------------------------------------===//
// Partial results
//===--------------------------------------------------------------------===//

/// Ops of a reduction's body through which the value so far goes, and the one
/// value that joins it there; failure where there are several.
static LogicalResult stepsOf(GenericOp op, SmallVectorImpl<Operation *> &steps,
                             Value &joining) {
  Value sofar = op.getRegionOutputArgs()[0];
  DenseSet<Value> dependent{sofar};
  for (Operation &inner : op.getBody()->without_terminator())
    if (llvm::any_of(inner.getOperands(),
                     [&](Value v) { return dependent.contains(v); })) {
      steps.push_back(&inner);
      dependent.insert(inner.result_begin(), inner.result_end());
    }
  for (Operation *step : steps)
    for (Value operand : step->getOperands()) {
      if (dependent.contains(operand) || operand == joining)
        continue;
      if (joining)
        return failure();
      joining = operand;
    }
  return success();
}

bool ds::hasPartials(GenericOp op) {
  SmallVector<Operation *> steps;
  Value joining;
  return op.getNumResults() == 1 && succeeded(stepsOf(op, steps, joining));
}

Value ds::combinePartials(OpBuilder &b, GenericOp op, Value first,
                          Value second) {
  SmallVector<Operation *> steps;
  Value joining;
  if (failed(stepsOf(op, steps, joining)))
    return {};
  IRMapping map;
  map.map(op.getRegionOutputArgs()[0], first);
  if (joining)
    map.map(joining, second);
  for (Operation *step : steps)
    b.clone(*step, map);
  Value result = op.getBody()->getTerminator()->getOperand(0);
  return map.contains(result) ? map.lookup(result) : first;
}

//===--------------------------------------------------------------------===//
// Shapes
//===--------------------------------------------------------------------===//

/// Of a tensor without elements, too.
static int64_t powerFrom(int64_t n) {
  return static_cast<int64_t>(llvm::PowerOf2Ceil(std::max<int64_t>(n, 1)));
}

static GpuShape flatShape(func::FuncOp lowered, const KernelPlan &plan) {
  GpuShape shape;
  int64_t elements = HostTensor::count(plan.shape.shape);
  shape.vector = std::min(widest(lowered, elements), powerFrom(elements));
  shape.items = shape.threads * shape.vector;
  if (elements == 1)
    shape.threads = shape.items = 1;
  return shape;
}

/// How many units of a row each of `threads` has; 0 where they differ, or are
/// more than registers hold.
static int64_t unitsEach(int64_t units, int64_t threads, int64_t vector) {
  bool fits = units % threads == 0 && units / threads * vector <= kMaxKept;
  return fits ? units / threads : 0;
}

/// Threads for a row of so many units.
static int64_t threadsOfRow(int64_t units, int64_t vector) {
  if (units < kWarp)
    return powerFrom(units);
  for (int64_t threads :
       {int64_t(32), int64_t(128), int64_t(256), int64_t(512), int64_t(1024)})
    if (unitsEach(units, threads, vector))
      return threads;
  constexpr int64_t kShortRow = 128; // units
  return units <= kShortRow
             ? kWarp
             : std::clamp<int64_t>(powerFrom(units / 4), 128, 1024);
}

static GpuShape rowShape(func::FuncOp lowered, const KernelPlan &plan) {
  GpuShape shape;
  int64_t longest = 1;
  for (const Phase &phase : plan.phases)
    longest = std::max(longest, HostTensor::count(phase.inner));
  const int64_t most = widest(lowered, longest);
  int64_t units = 1;
  bool isPartial = true;
  for (const Phase &phase : plan.phases) {
    const int64_t vector = vectorOf(phase, most);
    shape.vector = std::max(shape.vector, vector);
    units = std::max(units, unitsOf(phase, vector));
    isPartial &= llvm::all_of(phase.reductions, hasPartials);
  }
  shape.group = isPartial ? threadsOfRow(units, shape.vector) : 1;
  shape.isUnrolled = llvm::all_of(plan.phases, [&](const Phase &phase) {
    const int64_t vector = vectorOf(phase, most);
    return phase.inner.empty() ||
           unitsEach(unitsOf(phase, vector), shape.group, vector);
  });
  const int64_t rows = HostTensor::count(plan.shape.rows());
  shape.threads = std::max<int64_t>(128, shape.group);
  if (shape.group <= kWarp)
    shape.threads =
        std::clamp(powerFrom(rows) * shape.group, kWarp, shape.threads);
  shape.items = shape.group > kWarp ? 1 : shape.threads / shape.group;
  return shape;
}

/// Few columns are cut narrow, down to the 32 bytes that memory moves at once:
/// more blocks, of more rows each.  Where much is left to few blocks still,
/// ds-split-folds has cut the rows before.
static GpuShape columnShape(func::FuncOp lowered, const KernelPlan &plan) {
  GpuShape shape;
  const Phase &rows = plan.phases[0];
  const int64_t columns = HostTensor::count(rows.inner);
  const int64_t count = HostTensor::count(plan.shape.rows());
  const int64_t most = widest(lowered, columns);
  shape.vector = vectorOf(rows, most);
  shape.group = kWarp;
  auto areFew = [&] {
    return columns / (shape.group * shape.vector) < kManyBlocks;
  };
  while (shape.vector > 1 && areFew())
    shape.vector /= 2;
  constexpr int64_t kSector = 32; // bytes
  while (areFew() && shape.group * shape.vector * (16 / most) > kSector)
    shape.group /= 2;
  shape.group = std::min(shape.group, powerFrom(columns / shape.vector));
  int64_t bytes = 0;
  bool isPartial = true;
  for (GenericOp op : rows.reductions) {
    bytes += (tensorType(op.getResult(0)).getElementTypeBitWidth() + 7) / 8;
    isPartial &= hasPartials(op);
  }
  const int64_t threads = areFew() ? 1024 : 512;
  int64_t others =
      isPartial ? std::min(powerFrom(count), threads / shape.group) : 1;
  auto sharedBytes = [&] {
    return others * shape.group * shape.vector * bytes;
  };
  while (others > 1 && sharedBytes() > kSharedBytes)
    others /= 2;
  // Few rows: blocks of several warps have columns alone.
  while (shape.group * others < 128 && !areFew() &&
         2 * sharedBytes() <= kSharedBytes)
    shape.group *= 2;
  shape.threads = shape.group * others;
  shape.items = shape.group * shape.vector;
  return shape;
}

/// Whether a formula reads a tensor.
static bool reads(Value formula, Value tensor, DenseSet<Value> &seen) {
  if (formula == tensor)
    return true;
  auto op = formula.getDefiningOp<GenericOp>();
  if (!op || !seen.insert(formula).second)
    return false;
  bool found = llvm::any_of(
      op.getInputs(), [&](Value input) { return reads(input, tensor, seen); });
  op.getBody()->walk([&](tensor::ExtractOp extract) {
    found = found || reads(extract.getTensor(), tensor, seen);
  });
  return found;
}

/// Rows that may be combined at once: those of different places, unless rows
/// read what was made of others.
static GpuShape scatterShape(func::FuncOp lowered, const KernelPlan &plan) {
  GpuShape shape;
  Scatter op(lowered);
  const int64_t rows = HostTensor::count(plan.shape.rows());
  const auto columns = static_cast<int64_t>(plan.shape.items());
  DenseSet<Value> seen;
  if (!reads(op.values, op.into, seen) && rows > kWarp) {
    shape.group = std::min(powerFrom(rows / kWarp), kWarp);
    shape.threads = kWarp * shape.group;
    shape.items = kWarp;
    return shape;
  }
  shape.threads = std::clamp(powerFrom(columns), kWarp, int64_t(128));
  shape.items = shape.threads;
  return shape;
}

std::optional<Transposed> ds::transposedBy(StridedCopyOp op) {
  constexpr int64_t kWorth = 8; // elements side by side
  const auto rank = static_cast<unsigned>(op.getSizes().size());
  auto isWorth = [&](unsigned d) { return op.getSizes()[d] >= kWorth; };
  if (rank < 2 || op.getTo()[rank - 1] != 1 || op.getFrom()[rank - 1] < 2 ||
      !isWorth(rank - 1))
    return std::nullopt;
  for (unsigned d = rank - 1; d-- > 0;)
    if (op.getFrom()[d] == 1 && isWorth(d))
      return Transposed{d, rank - 1};
  return std::nullopt;
}

/// Neighbours of a copy that are one access: they lie side by side on both
/// sides, and begin at multiples of their number wherever they begin.
static int64_t neighboursOf(StridedCopyOp op) {
  const int64_t width = tensorType(op.getInto()).getElementTypeBitWidth();
  int64_t most = 16 / ((width + 7) / 8);
  if (op.getSizes().empty() || op.getTo().back() != 1 ||
      op.getFrom().back() != 1)
    return 1;
  auto fits = [&](int64_t number) { return number % most == 0; };
  while (!fits(op.getSizes().back()) ||
         !llvm::all_of(op.getFrom().drop_back(), fits) ||
         !llvm::all_of(op.getTo().drop_back(), fits))
    most /= 2;
  return most;
}

static GpuShape copyShape(func::FuncOp lowered) {
  GpuShape shape;
  StridedCopyOp op = copyIn(lowered);
  if (transposedBy(op)) {
    shape.group = kWarp;
    shape.items = kTile * kTile;
    return shape;
  }
  shape.vector = neighboursOf(op);
  shape.items = shape.threads * shape.vector;
  return shape;
}

GpuShape ds::shapeOnGpu(func::FuncOp lowered, const KernelPlan &plan) {
  switch (plan.shape.walk) {
  case KernelWalk::Flat:
    return flatShape(lowered, plan);
  case KernelWalk::Row:
    return rowShape(lowered, plan);
  case KernelWalk::Column:
    return columnShape(lowered, plan);
  case KernelWalk::Scatter:
    return scatterShape(lowered, plan);
  case KernelWalk::Copy:
    return copyShape(lowered);
  }
  llvm_unreachable("unknown walk");
}
