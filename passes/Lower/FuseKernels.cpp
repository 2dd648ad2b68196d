//===- FuseKernels.cpp - Chains of ops become one loop nest -------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Greedy, in program order.  A group of ops runs at one place of the program,
// its `position`; an op joins the group of one of its producers when the
// result is one kernel and either everything it needs exists at that place,
// or nothing before the op needs what the group makes, so that the group can
// move down to it.  Column sums go first and take along the elementwise ops
// that feed nothing else: these would otherwise be stored by a row kernel.
// So does an op that has joined: what only it needs comes along.
// Forward and backward ops are never in one group: that would keep
// activations alive which the memory passes let die.
//===--------------------------------------------------------------------===//

#include "ds/Codegen/Attention.h"
#include "ds/Codegen/KernelShape.h"
#include "ds/Dialect/DS/DS.h"
#include "ds/Passes/Lower.h"

#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_FUSEKERNELSPASS
#include "ds/Passes/Lower.h.inc"

namespace {

struct Group {
  SmallVector<Operation *> ops; ///< in program order
  Operation *position;          ///< runs here
};

bool isSplat(Operation *op) {
  auto constant = dyn_cast_or_null<ConstantOp>(op);
  return constant && constant.getSplat();
}

class Fuser {
public:
  /// `scalars`: whether what could be single instructions is put into kernels.
  Fuser(Block &block, bool scalars) : block(block), scalars(scalars) {}

  SmallVector<Group> run() {
    for (Operation &op : block)
      if (auto kernel = dyn_cast<KernelOpInterface>(op);
          kernel && kernel.getKernelKind() == KernelKind::Column &&
          isKernelOp(&op))
        seedColumn(&op);
    for (Operation &op : block)
      if (isKernelOp(&op) && !groupOf.count(&op))
        place(&op);
    SmallVector<Group> result;
    for (Group &group : groups)
      if (!group.ops.empty())
        result.push_back(std::move(group));
    return result;
  }

private:
  bool isKernelOp(Operation *op) const {
    return isa<KernelOpInterface>(op) && (scalars || !isScalarInstruction(op));
  }

  /// Where scalars are kernels, they are kernels of their own: a large one
  /// would compute them again for each of its elements.
  bool isScalar(Operation *op) const {
    return scalars && isElementwise(op) &&
           cast<KernelOpInterface>(op).getIterationShape().empty();
  }

  void seedColumn(Operation *op) {
    SmallVector<Operation *> ops{op};
    absorbProducers(op, ops);
    llvm::sort(
        ops, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
    // Sums over the same rows that stand side by side are one kernel, and so
    // are those that take no longer than a launch.
    if (!groups.empty()) {
      Group &last = groups.back();
      SmallVector<Operation *> both(last.ops);
      both.append(ops);
      if ((sharesOperand(last.ops, ops) ||
           (isShort(op) && before(op) == last.position)) &&
          sameSide(last.ops[0], op) && canMoveTo(last, op, ops) &&
          succeeded(analyzeKernel(both))) {
        last.ops = both;
        last.position = op;
        for (Operation *member : ops)
          groupOf[member] = groups.size() - 1;
        return;
      }
    }
    for (Operation *member : ops)
      groupOf[member] = groups.size();
    groups.push_back({ops, op});
  }

  void absorbProducers(Operation *op, SmallVector<Operation *> &ops) {
    for (Value operand : op->getOperands()) {
      Operation *def = operand.getDefiningOp();
      auto kernel = dyn_cast_or_null<KernelOpInterface>(def);
      if (!kernel || def->getBlock() != &block || groupOf.count(def) ||
          kernel.getKernelKind() != KernelKind::Elementwise ||
          !isKernelOp(def) || isScalar(def) || !sameSide(def, op) ||
          llvm::is_contained(ops, def) ||
          !llvm::all_of(def->getUsers(), [&](Operation *user) {
            return llvm::is_contained(ops, user);
          }))
        continue;
      SmallVector<Operation *> with{def};
      with.append(ops);
      llvm::sort(with, [](Operation *a, Operation *b) {
        return a->isBeforeInBlock(b);
      });
      if (failed(analyzeKernel(with)))
        continue;
      ops.push_back(def);
      absorbProducers(def, ops);
    }
  }

  /// What stands in front of an op, but for views and constants.
  static Operation *before(Operation *op) {
    do
      op = op->getPrevNode();
    while (isa_and_nonnull<ConstantOp, ViewOpInterface>(op));
    return op;
  }

  bool isShort(Operation *op) const {
    constexpr int64_t kShort = 1 << 20; // elements
    auto kernel = cast<KernelOpInterface>(op);
    return scalars && HostTensor::count(kernel.getIterationShape()) <= kShort;
  }

  bool sharesOperand(ArrayRef<Operation *> a, ArrayRef<Operation *> b) {
    for (Operation *x : a)
      for (Value operand : x->getOperands())
        for (Operation *y : b)
          if (llvm::is_contained(y->getOperands(), operand))
            return true;
    return false;
  }

  bool sameSide(Operation *a, Operation *b) {
    return a->hasAttr(kBackwardAttr) == b->hasAttr(kBackwardAttr);
  }

  /// The op at which `op` takes effect.
  Operation *positionOf(Operation *op) {
    auto it = groupOf.find(op);
    return it == groupOf.end() ? op : groups[it->second].position;
  }

  void place(Operation *op) {
    for (Value operand : op->getOperands()) {
      Operation *def = operand.getDefiningOp();
      auto it = groupOf.find(def);
      if (it != groupOf.end() && tryJoin(groups[it->second], it->second, op))
        return absorbGroups(op);
    }
    if (joinNeighbour(op) || joinScalars(op))
      return;
    groupOf[op] = groups.size();
    groups.push_back({{op}, op});
  }

  /// Takes elementwise producers of `op` that nobody else needs into its group,
  /// which runs behind them: both sides of a choice.
  void absorbGroups(Operation *op) {
    const unsigned index = groupOf[op];
    for (Value operand : op->getOperands()) {
      auto it = groupOf.find(operand.getDefiningOp());
      if (it == groupOf.end() || it->second == index)
        continue;
      Group &group = groups[index], &other = groups[it->second];
      SmallVector<Operation *> with(group.ops);
      with.append(other.ops);
      llvm::sort(with, [](Operation *a, Operation *b) {
        return a->isBeforeInBlock(b);
      });
      auto isOnlyHere = [&](Operation *member) {
        return isElementwise(member) && sameSide(member, op) &&
               isScalar(member) == isScalar(op) &&
               llvm::all_of(member->getUsers(), [&](Operation *user) {
                 return llvm::is_contained(with, user);
               });
      };
      if (!llvm::all_of(other.ops, isOnlyHere) || !isKernel(with))
        continue;
      for (Operation *member : other.ops)
        groupOf[member] = index;
      other.ops.clear();
      group.ops = with;
    }
  }

  static bool isElementwise(Operation *op) {
    return cast<KernelOpInterface>(op).getKernelKind() ==
           KernelKind::Elementwise;
  }

  /// Rows that the kernel right before `op` walks anyway are read once: a loss
  /// and its gradient.
  bool joinNeighbour(Operation *op) {
    Operation *neighbour = before(op);
    auto it = groupOf.find(neighbour);
    return it != groupOf.end() && isRow(op) && isRow(neighbour) &&
           sharesOperand(neighbour, op) &&
           tryJoin(groups[it->second], it->second, op);
  }

  /// A launch costs more than all scalars that it could compute.
  bool joinScalars(Operation *op) {
    if (!isScalar(op))
      return false;
    for (unsigned index = groups.size(); index-- > 0;)
      if (!groups[index].ops.empty() && isScalar(groups[index].ops[0]))
        return tryJoin(groups[index], index, op);
    return false;
  }

  static bool isRow(Operation *op) {
    return cast<KernelOpInterface>(op).getKernelKind() == KernelKind::Row;
  }

  bool tryJoin(Group &group, unsigned index, Operation *op) {
    if (!sameSide(group.ops[0], op) || isScalar(group.ops[0]) != isScalar(op))
      return false;
    SmallVector<Operation *> with(group.ops);
    with.push_back(op);
    llvm::sort(
        with, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
    if (!isKernel(with))
      return false;
    if (!operandsExist(group, op)) {
      if (!canMoveTo(group, op, {}))
        return false;
      group.position = op;
    }
    group.ops = with;
    groupOf[op] = index;
    return true;
  }

  /// Of scalars there may be more than a kernel has parameters.
  bool isKernel(ArrayRef<Operation *> ops) const {
    constexpr size_t kMostPointers = 256;
    return succeeded(analyzeKernel(ops)) &&
           (!isScalar(ops[0]) || pointersOf(ops) <= kMostPointers);
  }

  /// Tensors that ops read from outside, or make for others.
  static size_t pointersOf(ArrayRef<Operation *> ops) {
    llvm::SmallPtrSet<Operation *, 32> inside(llvm::from_range, ops);
    DenseSet<Value> outside;
    for (Operation *op : ops) {
      for (Value operand : op->getOperands())
        if (!inside.contains(operand.getDefiningOp()))
          outside.insert(operand);
      for (Value result : op->getResults())
        if (llvm::any_of(result.getUsers(), [&](Operation *user) {
              return !inside.contains(user);
            }))
          outside.insert(result);
    }
    return outside.size();
  }

  /// Whether `op`'s operands exist where `group` runs.
  bool operandsExist(Group &group, Operation *op) {
    for (Value operand : op->getOperands()) {
      Operation *def = operand.getDefiningOp();
      if (!def || def->getBlock() != &block ||
          llvm::is_contained(group.ops, def))
        continue;
      if (isSplat(def))
        continue; // becomes part of the kernel
      if (!positionOf(def)->isBeforeInBlock(group.position))
        return false;
    }
    return true;
  }

  /// Whether nothing before `op` needs the group's results.
  bool canMoveTo(Group &group, Operation *op, ArrayRef<Operation *> joining) {
    if (op->isBeforeInBlock(group.position))
      return false;
    for (Operation *member : group.ops)
      for (Operation *user : member->getUsers()) {
        if (user == op || llvm::is_contained(group.ops, user) ||
            llvm::is_contained(joining, user))
          continue;
        Operation *here = block.findAncestorOpInBlock(*user);
        if (!here || positionOf(here)->isBeforeInBlock(op))
          return false;
      }
    return true;
  }

  Block &block;
  bool scalars;
  SmallVector<Group> groups;
  DenseMap<Operation *, unsigned> groupOf;
};

/// Turns groups into functions and launches.
class Outliner {
public:
  explicit Outliner(ModuleOp module)
      : module(module), builder(OpBuilder::atBlockEnd(module.getBody())) {}

  void outline(const Group &group) {
    llvm::SetVector<Value> inputs;
    SmallVector<Value> outputs;
    llvm::SmallPtrSet<Operation *, 8> inside(llvm::from_range, group.ops);
    for (Operation *op : group.ops) {
      for (Value operand : op->getOperands())
        if (!inside.contains(operand.getDefiningOp()) &&
            !(isSplat(operand.getDefiningOp()) && !isScatter(op)))
          inputs.insert(operand);
      for (Value result : op->getResults())
        if (llvm::any_of(result.getUsers(), [&](Operation *user) {
              return !inside.contains(user);
            }))
          outputs.push_back(result);
    }
    func::FuncOp kernel = build(group, inputs.getArrayRef(), outputs);
    OpBuilder b(group.position);
    auto launch = LaunchOp::create(b, group.ops.back()->getLoc(),
                                   ValueRange(outputs).getTypes(),
                                   kernel.getSymName(), inputs.getArrayRef());
    for (auto [output, result] : llvm::zip_equal(outputs, launch.getOutputs()))
      output.replaceAllUsesWith(result);
    for (Operation *op : llvm::reverse(group.ops))
      dead.push_back(op);
  }

  /// Attention with the views around it.  Those that it reads through others
  /// may need as well.
  void outlineAttention(Operation *attention) {
    const SmallVector<Operation *> ops = attentionGroup(attention);
    const llvm::SmallPtrSet<Operation *, 8> inside(ops.begin(), ops.end());
    const auto first = llvm::find(ops, attention);
    llvm::SetVector<Value> inputs;
    for (Operation *op : ops)
      for (Value operand : op->getOperands())
        if (!inside.contains(operand.getDefiningOp()))
          inputs.insert(operand);
    SmallVector<Value> outputs;
    for (Operation *op : llvm::make_range(first, ops.end()))
      for (Value result : op->getResults())
        if (llvm::any_of(result.getUsers(), [&](Operation *user) {
              return !inside.contains(user);
            }))
          outputs.push_back(result);
    func::FuncOp kernel =
        build({ops, attention}, inputs.getArrayRef(), outputs);
    OpBuilder b(attention);
    auto launch =
        LaunchOp::create(b, attention->getLoc(), ValueRange(outputs).getTypes(),
                         kernel.getSymName(), inputs.getArrayRef());
    for (auto [output, result] : llvm::zip_equal(outputs, launch.getOutputs()))
      output.replaceAllUsesWith(result);
    for (Operation *op : llvm::reverse(ops))
      if (op->use_empty())
        op->erase();
  }

  void finish() {
    for (Operation *op : dead)
      op->dropAllReferences();
    for (Operation *op : dead)
      op->erase();
  }

private:
  static bool isScatter(Operation *op) {
    auto kernel = dyn_cast<KernelOpInterface>(op);
    return kernel && kernel.getKernelKind() == KernelKind::Scatter;
  }

  /// The function of a group, or an equal one made before.
  func::FuncOp build(const Group &group, ArrayRef<Value> inputs,
                     ArrayRef<Value> outputs) {
    OpBuilder::InsertionGuard guard(builder);
    Location loc = UnknownLoc::get(module.getContext());
    auto type = builder.getFunctionType(ValueRange(inputs).getTypes(),
                                        ValueRange(outputs).getTypes());
    auto kernel = func::FuncOp::create(builder, loc, "kernel", type);
    kernel.setPrivate();
    kernel->setAttr(kKernelAttr, builder.getUnitAttr());
    Block *body = kernel.addEntryBlock();
    IRMapping map;
    for (auto [input, argument] : llvm::zip_equal(inputs, body->getArguments()))
      map.map(input, argument);
    builder.setInsertionPointToStart(body);
    std::string name = "k";
    for (Operation *op : group.ops) {
      for (Value operand : op->getOperands())
        if (!map.contains(operand))
          map.map(operand,
                  builder.clone(*operand.getDefiningOp())->getResult(0));
      Operation *copy = builder.clone(*op, map);
      copy->setLoc(loc);
      for (StringRef attr : {kBlockAttr, kBackwardAttr})
        copy->removeAttr(attr);
      if (name.size() < 40 && !isa<ViewOpInterface>(op))
        name += "_" + op->getName().stripDialect().str();
    }
    SmallVector<Value> results;
    for (Value output : outputs)
      results.push_back(map.lookup(output));
    func::ReturnOp::create(builder, loc, results);
    return unique(kernel, name);
  }

  func::FuncOp unique(func::FuncOp kernel, StringRef name) {
    std::string text;
    llvm::raw_string_ostream(text) << kernel;
    auto [it, isNew] = kernels.try_emplace(text, kernel);
    if (!isNew) {
      kernel.erase();
      return it->second;
    }
    unsigned &count = names[name];
    kernel.setSymName(count ? (name + "_" + Twine(count)).str() : name.str());
    ++count;
    return kernel;
  }

  ModuleOp module;
  OpBuilder builder;
  llvm::StringMap<func::FuncOp> kernels;
  llvm::StringMap<unsigned> names;
  SmallVector<Operation *> dead;
};

struct FuseKernels : impl::FuseKernelsPassBase<FuseKernels> {
  using FuseKernelsPassBase::FuseKernelsPassBase;

  void runOnOperation() override {
    Outliner outliner(getOperation());
    SmallVector<Operation *> attention;
    SmallVector<Block *> blocks;
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function->hasAttr(kKernelAttr))
        function.walk([&](Block *block) {
          blocks.push_back(block);
          for (Operation &op : *block)
            if (isa<FlashAttentionOp, FlashAttentionGradOp>(op))
              attention.push_back(&op);
        });
    for (Operation *op : attention)
      outliner.outlineAttention(op);
    for (Block *block : blocks)
      for (const Group &group : Fuser(*block, scalars).run())
        outliner.outline(group);
    outliner.finish();
  }
};

} // namespace
} // namespace ds
