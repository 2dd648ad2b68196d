//===- Attention.cpp - Attention as one kernel --------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which functions are attention kernels, where their operands lie, how the work
// is cut and what it costs.
//===--------------------------------------------------------------------===//

#include "AttentionTiles.h"

#include "ds/Dialect/DS/Strides.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace ds;

bool ds::hasFlashAttention(AttentionOp op) {
  RankedTensorType query = tensorType(op.getQuery()),
                   key = tensorType(op.getKey());
  Type element = query.getElementType();
  return query.hasStaticShape() && key.hasStaticShape() &&
         (element.isBF16() || element.isF16()) && !op.getDropoutAttr() &&
         op.getScale().convertToDouble() > 0 && query.getDimSize(3) % 16 == 0 &&
         query.getDimSize(3) <= 128 && query.getNumElements() > 0;
}

Operation *ds::findFlashAttention(func::FuncOp function) {
  for (Operation &op : function.getBody().front())
    if (isa<FlashAttentionOp, FlashAttentionGradOp>(op))
      return &op;
  return nullptr;
}

//===--------------------------------------------------------------------===//
// Where tensors lie
//===--------------------------------------------------------------------===//

namespace {
/// A tensor of any rank in an argument.
struct Layout {
  int argument;
  int64_t offset;
  SmallVector<int64_t, 5> strides;
};
} // namespace

/// As reshapeStrides; there is nothing to step over in dimensions of size 1.
static std::optional<SmallVector<int64_t, 5>>
stridesAs(ArrayRef<int64_t> from, ArrayRef<int64_t> strides,
          ArrayRef<int64_t> to) {
  auto result = reshapeStrides(from, strides, to);
  if (result)
    for (auto [size, stride] : llvm::zip_equal(to, *result))
      stride = size == 1 ? 0 : stride;
  return result;
}

/// Of what a chain of reshapes and splits makes of `root`, which lies without
/// gaps in argument 0.
static std::optional<Layout> layoutFrom(Value root, Value value) {
  RankedTensorType type = tensorType(value);
  if (value == root)
    return Layout{0, 0, rowMajor(type.getShape())};
  Operation *op = value.getDefiningOp();
  std::optional<Layout> from = layoutFrom(root, op->getOperand(0));
  if (!from)
    return std::nullopt;
  if (auto split = dyn_cast<SplitOp>(op)) {
    for (Value part : split.getParts()) {
      if (part == value)
        break;
      from->offset += tensorType(part).getShape().back();
    }
    return from;
  }
  auto strides = stridesAs(tensorType(op->getOperand(0)).getShape(),
                           from->strides, type.getShape());
  if (!strides)
    return std::nullopt;
  from->strides = *strides;
  return from;
}

/// What `value` is a view of, by reshapes and splits, and so on.
static SmallVector<Value> rootsOf(Value value) {
  SmallVector<Value> roots{value};
  while (isa_and_nonnull<ReshapeOp, SplitOp>(roots.back().getDefiningOp()))
    roots.push_back(roots.back().getDefiningOp()->getOperand(0));
  return roots;
}

static HeadsPlace placeOf(const Layout &layout) {
  return {layout.argument, layout.offset, layout.strides[0], layout.strides[1],
          layout.strides[2]};
}

/// Whether rows of heads can be read as 16 bytes at a time, by where they lie.
static bool isEven(const Layout &layout) {
  return layout.strides.size() == 4 && layout.strides[3] == 1 &&
         layout.offset % 8 == 0 &&
         llvm::all_of(ArrayRef(layout.strides).drop_back(),
                      [](int64_t stride) { return stride % 8 == 0; });
}

/// Notes where the results of `op` go that `value`, which lies at `layout`,
/// consists of.
static bool place(Value value, const Layout &layout, Operation *op,
                  MutableArrayRef<HeadsPlace> results) {
  Operation *def = value.getDefiningOp();
  if (def == op) {
    HeadsPlace &result = results[cast<OpResult>(value).getResultNumber()];
    if (result.argument >= 0)
      return false; // returned twice
    result = placeOf(layout);
    return layout.strides.size() == 3 || isEven(layout);
  }
  if (auto reshape = dyn_cast_or_null<ReshapeOp>(def)) {
    ArrayRef<int64_t> shape = tensorType(reshape.getInput()).getShape();
    auto strides =
        stridesAs(tensorType(value).getShape(), layout.strides, shape);
    return strides &&
           place(reshape.getInput(), {layout.argument, layout.offset, *strides},
                 op, results);
  }
  auto concat = dyn_cast_or_null<ConcatOp>(def);
  if (!concat)
    return false;
  Layout part = layout;
  for (Value input : concat->getOperands()) {
    if (!place(input, part, op, results))
      return false;
    part.offset += tensorType(input).getShape().back();
  }
  return true;
}

FailureOr<AttentionKernel> ds::readAttention(func::FuncOp function) {
  Operation *op = findFlashAttention(function);
  AttentionKernel kernel{};
  kernel.op = op;
  kernel.isGrad = isa<FlashAttentionGradOp>(op);
  kernel.causal = op->hasAttr("causal");
  kernel.scale = op->getAttrOfType<FloatAttr>("scale").getValueAsDouble();
  RankedTensorType query = tensorType(op->getOperand(0)),
                   key = tensorType(op->getOperand(1));
  kernel.batch = query.getDimSize(0);
  kernel.seq = query.getDimSize(1);
  kernel.heads = query.getDimSize(2);
  kernel.keyHeads = key.getDimSize(2);
  kernel.d = query.getDimSize(3);
  kernel.element = query.getElementType();
  auto refuse = [&](const Twine &what) {
    return function.emitError("this attention cannot be one kernel: ") << what;
  };
  if (!query.hasStaticShape() || !key.hasStaticShape() ||
      query.getNumElements() == 0 ||
      !(kernel.element.isBF16() || kernel.element.isF16()) ||
      kernel.d % 16 != 0 || kernel.d > 128 || !(kernel.scale > 0))
    return refuse("expects bf16 or f16 heads of 16, 32, ... or 128 elements, "
                  "and a scale above 0");
  for (Value operand : op->getOperands()) {
    Value root = rootsOf(operand).back();
    auto argument = dyn_cast<BlockArgument>(root);
    std::optional<Layout> layout = layoutFrom(root, operand);
    if (!argument || !layout ||
        (layout->strides.size() == 4 && !isEven(*layout)))
      return refuse("expects operands to be arguments, or even views of some");
    layout->argument = static_cast<int>(argument.getArgNumber());
    kernel.operands.push_back(placeOf(*layout));
  }
  kernel.results.resize(op->getNumResults());
  int next = static_cast<int>(function.getNumArguments());
  for (Value value : function.getBody().front().getTerminator()->getOperands())
    if (!place(value, {next++, 0, rowMajor(tensorType(value).getShape())}, op,
               kernel.results))
      return refuse("expects its results, or joined ones, to be returned once");
  return kernel;
}

//===--------------------------------------------------------------------===//
// What joins it
//===--------------------------------------------------------------------===//

/// Adds the views between `value` and the farthest tensor in which it lies
/// evenly; returns that.
static Value addViews(Value value, llvm::SetVector<Operation *> &ops) {
  SmallVector<Value> roots = rootsOf(value);
  while (true) {
    std::optional<Layout> layout = layoutFrom(roots.back(), value);
    if (layout && isEven(*layout))
      break;
    roots.pop_back(); // `value` itself has no gaps
  }
  for (Value view : llvm::reverse(ArrayRef(roots).drop_back()))
    ops.insert(view.getDefiningOp());
  return roots.back();
}

/// Of a gradient, ops that make one tensor of all its results, which nothing
/// else needs; none where there is no such tensor.
static SmallVector<Operation *> joiningOps(Operation *op) {
  SmallVector<Operation *> ops;
  ConcatOp concat;
  for (Value result : op->getResults()) {
    while (result.hasOneUse() && isa<ReshapeOp>(*result.user_begin())) {
      ops.push_back(*result.user_begin());
      result = ops.back()->getResult(0);
    }
    auto user = result.hasOneUse() ? dyn_cast<ConcatOp>(*result.user_begin())
                                   : ConcatOp();
    if (!user || (concat && user != concat) ||
        user->getNumOperands() != op->getNumResults() ||
        user->getBlock() != op->getBlock())
      return {};
    concat = user;
  }
  ops.push_back(concat);
  Value whole = concat.getResult();
  SmallVector<HeadsPlace> places(op->getNumResults());
  if (!place(whole, {0, 0, rowMajor(tensorType(whole).getShape())}, op, places))
    return {};
  return ops;
}

SmallVector<Operation *> ds::attentionGroup(Operation *op) {
  llvm::SetVector<Operation *> ops;
  SmallVector<Value> roots;
  for (Value operand : op->getOperands())
    if (tensorType(operand).getRank() == 4)
      roots.push_back(addViews(operand, ops));
  // A part that lies unevenly is copied, and so is no view of the whole that
  // others are read from: then all are.
  if (llvm::any_of(roots, [&](Value root) {
        return ops.contains(root.getDefiningOp());
      }))
    ops.clear();
  ops.insert(op);
  if (isa<FlashAttentionGradOp>(op))
    for (Operation *joining : joiningOps(op))
      ops.insert(joining);
  return ops.takeVector();
}

//===--------------------------------------------------------------------===//
// Work
//===--------------------------------------------------------------------===//

SmallVector<AttentionRole> ds::rolesOf(const AttentionKernel &kernel) {
  // Wide heads fill the registers: fewer positions, and one result at a time.
  const bool isWide = kernel.d > 64;
  SmallVector<AttentionRole> roles;
  if (!kernel.isGrad)
    roles = {{.ownsQueries = true, .byWeights = 0}};
  else if (isWide)
    roles = {{.ownsQueries = false, .byScores = 1},
             {.ownsQueries = false, .byWeights = 2},
             {.ownsQueries = true, .byScores = 0}};
  else
    roles = {{.ownsQueries = false, .byScores = 1, .byWeights = 2},
             {.ownsQueries = true, .byScores = 0}};
  if (!kernel.isGrad && !isWide) { // twice the work for what a warp loads
    roles[0].warps = 4;
    roles[0].rowTiles = 2;
  }
  for (AttentionRole &role : roles) {
    role.tile = isWide ? 32 : 64;
    const int64_t heads = role.ownsQueries ? kernel.heads : kernel.keyHeads;
    role.blocks =
        kernel.batch * heads *
        llvm::divideCeil(kernel.seq, static_cast<uint64_t>(role.own()));
  }
  return roles;
}

/// Pairs of positions that blocks of a role compute for one head, those beyond
/// the last position included.
static double pairsOf(const AttentionKernel &kernel,
                      const AttentionRole &role) {
  const auto rounded = [&](int64_t size) {
    return static_cast<double>(
        llvm::alignTo(static_cast<uint64_t>(kernel.seq), uint64_t(size)));
  };
  const double all = rounded(role.own()) * rounded(role.tile);
  if (!kernel.causal)
    return all;
  // Half of them, and of the tiles on the diagonal what is in vain.
  return std::min(
      all, rounded(role.own()) *
               (rounded(role.tile) + static_cast<double>(role.own())) / 2);
}

double ds::productFlops(const AttentionKernel &kernel,
                        const AttentionRole &role) {
  // Scores; their gradients' first product, unless only weights are wanted.
  int products = 1 + (role.byScores >= 0) * 2 + (role.byWeights >= 0);
  return 2.0 * products * static_cast<double>(kernel.d) *
         pairsOf(kernel, role) *
         static_cast<double>(kernel.batch * kernel.heads);
}

KernelInfo ds::describeAttention(func::FuncOp function,
                                 const AttentionKernel &kernel) {
  KernelInfo info;
  info.name = function.getName().str();
  KernelPass pass;
  for (const AttentionRole &role : rolesOf(kernel)) {
    info.items += static_cast<uint64_t>(role.blocks);
    pass.threads = static_cast<double>(role.warps * 32);
    pass.products += productFlops(kernel, role);
    const double weights = pairsOf(kernel, role) *
                           static_cast<double>(kernel.batch * kernel.heads);
    // A score is scaled, compared, added and rounded; ex2 is an instruction.
    pass.simple += 6 * weights;
  }
  pass.blocks = static_cast<double>(info.items);
  info.flops = info.productFlops = pass.products;
  auto touch = [&](unsigned argument, Type type) {
    const double bytes = byteSize(cast<RankedTensorType>(type));
    info.bytes += bytes;
    pass.touches.push_back({argument, bytes});
  };
  unsigned next = 0;
  for (Type type : function.getArgumentTypes())
    touch(next++, type);
  for (Type type : function.getResultTypes())
    touch(next++, type);
  info.passes = {pass};
  return info;
}
