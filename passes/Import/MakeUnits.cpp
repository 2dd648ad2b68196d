//===- MakeUnits.cpp - Flat state ---------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Groups parameters into units and replaces their reads by views of them.
//===--------------------------------------------------------------------===//

#include "ParameterGroups.h"
#include "ds/Passes/Import.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_MAKEUNITSPASS
#include "ds/Passes/Import.h.inc"

namespace {

struct Unit {
  SmallVector<ParameterOp> parameters;
  int64_t block = -1;
  int64_t bytes = 0;
};

/// A parameter, the block that reads it first, or -1, and whether the loss
/// function writes it.
struct Entry {
  ParameterOp parameter;
  int64_t block;
  bool changes;
};

/// What the loss function does with a parameter.
struct Uses {
  SmallVector<ReadOp> reads;
  Value written; ///< What it becomes, or null.
};

RankedTensorType typeOf(ParameterOp parameter) {
  return cast<RankedTensorType>(parameter.getType());
}

/// The first op that uses `read`; null when none does.
Operation *firstUser(ReadOp read) {
  Operation *first = nullptr;
  for (Operation *user : read->getUsers())
    if (!first || user->isBeforeInBlock(first))
      first = user;
  return first;
}

/// The block of that op, or -1.
int64_t blockOf(ReadOp read) {
  Operation *first = firstUser(read);
  if (!first)
    return -1;
  auto attr = first->getAttrOfType<IntegerAttr>(kBlockAttr);
  return attr ? attr.getInt() : -1;
}

/// Cuts `parameters`, in first-use order and of one group, into units.
SmallVector<Unit> cut(ArrayRef<Entry> parameters, int64_t smallBytes,
                      int64_t largeBytes) {
  SmallVector<Unit> units;
  bool open = false;
  for (const Entry &entry : parameters) {
    const int64_t block = entry.block;
    int64_t bytes = byteSize(typeOf(entry.parameter));
    bool large = bytes >= largeBytes;
    if (open) {
      Unit &last = units.back();
      // Without numbered blocks, as imported models are, a unit is full once it
      // is as large as what stands alone.
      bool same =
          block == last.block && (block >= 0 || last.bytes < largeBytes);
      open = !large && (same || last.bytes < smallBytes);
    }
    if (!open)
      units.emplace_back();
    Unit &unit = units.back();
    unit.parameters.push_back(entry.parameter);
    unit.block = block;
    unit.bytes += bytes;
    open = !large;
  }
  // A small rest at the end joins the unit before it.
  if (units.size() > 1 && units.back().bytes < smallBytes) {
    Unit &before = units[units.size() - 2];
    if (before.bytes < largeBytes) {
      before.parameters.append(units.back().parameters);
      units.pop_back();
    }
  }
  return units;
}

/// The optimizer that a parameter has been given, or null.
OptimizerAttr optimizerOf(ParameterOp parameter) {
  return parameter->getAttrOfType<OptimizerAttr>(kOptimizerAttr);
}

/// Trained, frozen and changing state, each type and each optimizer apart: a
/// unit has one optimizer, or none.  Units stand in the order of their first
/// parameter.
SmallVector<Unit> decide(ArrayRef<Entry> parameters, int64_t smallBytes,
                         int64_t largeBytes) {
  using Group = std::tuple<StringRef, int, Type, Attribute>;
  llvm::MapVector<Group, SmallVector<Entry>> groups;
  DenseMap<Operation *, size_t> order;
  for (Entry entry : parameters) {
    order[entry.parameter] = order.size();
    groups[{entry.parameter.getRole(), entry.changes,
            typeOf(entry.parameter).getElementType(),
            optimizerOf(entry.parameter)}]
        .push_back(entry);
  }
  SmallVector<Unit> units;
  for (auto &[group, entries] : groups)
    llvm::append_range(units, cut(entries, smallBytes, largeBytes));
  llvm::stable_sort(units, [&](const Unit &a, const Unit &b) {
    return order.lookup(a.parameters[0]) < order.lookup(b.parameters[0]);
  });
  return units;
}

/// The longest dotted prefix that most of a unit's parameters share:
/// `transformer.h.0` also when a small stranger joined the block.
std::string unitName(const Unit &unit, const llvm::StringSet<> &taken) {
  llvm::StringMap<size_t> counts;
  SmallVector<ParameterOp> parameters(unit.parameters);
  std::string base = "unit";
  size_t longest = 0;
  for (ParameterOp parameter : parameters)
    for (StringRef prefix = parameter.getSymName(); !prefix.empty();
         prefix = prefix.contains('.') ? prefix.rsplit('.').first : "")
      if (++counts[prefix] * 4 >= parameters.size() * 3 &&
          prefix.size() > longest) {
        base = prefix.str();
        longest = prefix.size();
      }
  std::string name = base;
  for (int i = 1; taken.contains(name); ++i)
    name = base + "_" + std::to_string(i);
  return name;
}

struct MakeUnits : impl::MakeUnitsPassBase<MakeUnits> {
  using MakeUnitsPassBase::MakeUnitsPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    func::FuncOp loss = findLoss(module);
    if (!loss) {
      module.emitError("expects a function marked 'ds.loss'");
      return signalPassFailure();
    }
    if (shards < 1) {
      module.emitError("expects at least one shard, but got ")
          << int64_t{shards};
      return signalPassFailure();
    }
    // A function that writes its state itself is a whole training step.
    const bool isStep = !loss.getOps<WriteOp>().empty();
    uses.clear();
    if (failed(assignOptimizers(loss, groups)) || failed(collect(module, loss)))
      return signalPassFailure();
    SmallVector<Entry> parameters = inOrder(loss);
    if (!isStep && llvm::none_of(parameters, [](Entry entry) {
          return entry.parameter.getRole() == "parameter";
        })) {
      loss.emitError(parameters.empty()
                         ? "expects a model with parameters, but the loss "
                           "reads none"
                         : "expects a parameter that is trained, but the loss "
                           "depends on frozen ones and buffers only");
      return signalPassFailure();
    }
    int64_t total = 0;
    for (const Entry &entry : parameters)
      total += byteSize(typeOf(entry.parameter));
    int64_t small =
        smallBytes >= 0 ? smallBytes : std::min<int64_t>(1 << 20, total / 32);
    apply(loss, decide(parameters, small, largeBytes));
  }

  /// Fills `uses`.  A read behind a write is the written value; the writes go.
  LogicalResult collect(ModuleOp module, func::FuncOp loss) {
    SymbolTable symbols(module);
    SmallVector<Operation *> accesses;
    loss.walk([&](Operation *op) {
      if (isa<ReadOp, WriteOp>(op))
        accesses.push_back(op);
    });
    for (Operation *op : accesses) {
      auto read = dyn_cast<ReadOp>(op);
      auto write = dyn_cast<WriteOp>(op);
      auto parameter = symbols.lookup<ParameterOp>(read ? read.getState()
                                                        : write.getState());
      if (!parameter)
        continue;
      if (write && parameter.getRole() != "buffer")
        return write.emitError("expects a forward pass to change buffers only, "
                               "but got '")
               << parameter.getSymName() << "', which is of the role '"
               << parameter.getRole() << "'";
      Uses &use = uses[parameter];
      if (write) {
        use.written = write.getValue();
        write.erase();
      } else if (use.written) {
        read.getValue().replaceAllUsesWith(use.written);
        read.erase();
      } else {
        use.reads.push_back(read);
      }
    }
    // Nobody asks for the gradient of what is not trained: it stays although
    // the loss does not depend on it, so that it is saved and loaded.
    for (auto parameter : module.getOps<ParameterOp>())
      if (parameter.getRole() != "parameter")
        uses.try_emplace(parameter);
    return success();
  }

  /// The parameters in the order of their first use: importers read all of
  /// them first.  What nothing uses comes last.
  SmallVector<Entry> inOrder(func::FuncOp loss) {
    Operation *end = loss.getBody().front().getTerminator();
    SmallVector<std::pair<Operation *, Entry>> entries;
    for (auto &[parameter, use] : uses) {
      Operation *user =
          use.reads.empty() ? nullptr : firstUser(use.reads.front());
      entries.push_back(
          {user ? user : end,
           {parameter, use.reads.empty() ? -1 : blockOf(use.reads.front()),
            static_cast<bool>(use.written)}});
    }
    llvm::stable_sort(entries, [](const auto &a, const auto &b) {
      return a.first != b.first && a.first->isBeforeInBlock(b.first);
    });
    return llvm::map_to_vector(entries,
                               [](const auto &entry) { return entry.second; });
  }

  void apply(func::FuncOp loss, ArrayRef<Unit> units) {
    // Names of what stays, and of what ds-build-train will make.
    llvm::StringSet<> taken{"train", "evaluate", "step"};
    for (Operation &op : *getOperation().getBody()) {
      auto parameter = dyn_cast<ParameterOp>(op);
      if (auto symbol = dyn_cast<SymbolOpInterface>(op);
          symbol && (!parameter || !uses.contains(parameter)))
        taken.insert(symbol.getName());
    }
    OpBuilder state(units.front().parameters.front());
    SmallVector<UnitOp> made;
    for (const Unit &unit : units) {
      std::string name = unitName(unit, taken);
      taken.insert(name);
      made.push_back(declare(state, unit, name));
      if (uses.find(unit.parameters.front())->second.written)
        writeUnit(loss, unit, made.back());
    }
    OpBuilder body = OpBuilder::atBlockBegin(&loss.getBody().front());
    for (auto [unit, op] : llvm::zip_equal(units, made))
      readUnit(body, unit, op);
    for (auto &[parameter, use] : uses)
      for (ReadOp read : use.reads)
        read.erase();
    // Symbols may repeat until here: a unit of one parameter has its name.
    SmallVector<ParameterOp> old(getOperation().getOps<ParameterOp>());
    for (ParameterOp parameter : old)
      if (uses.contains(parameter))
        parameter.erase();
  }

  UnitOp declare(OpBuilder &b, const Unit &unit, StringRef name) {
    SmallVector<Attribute> members;
    int64_t elements = 0;
    OptimizerAttr optimizer = optimizerOf(unit.parameters.front());
    const bool aligned =
        optimizer && layoutOf(optimizer) == UpdateLayout::ScalarPerTensor;
    for (ParameterOp parameter : unit.parameters) {
      RankedTensorType type = typeOf(parameter);
      elements = llvm::alignTo(elements, aligned ? kBlockElements : 1);
      members.push_back(MemberAttr::get(&getContext(),
                                        parameter.getSymNameAttr(), elements,
                                        type, parameter.getInit()));
      elements += type.getNumElements();
    }
    ParameterOp first = unit.parameters.front();
    if (first.getRole() != "buffer") // those are whole on every rank
      elements = llvm::alignTo(elements, shards * kBlockElements);
    Location loc = NameLoc::get(StringAttr::get(&getContext(), name));
    auto type =
        RankedTensorType::get({elements}, typeOf(first).getElementType());
    auto op = UnitOp::create(b, loc, name, first.getRole(), type, 1,
                             b.getArrayAttr(members));
    if (optimizer)
      op->setAttr(kOptimizerAttr, optimizer);
    return op;
  }

  /// Types and offsets of a unit's members.
  static std::pair<SmallVector<Type>, SmallVector<int64_t>>
  placesOf(UnitOp unit) {
    SmallVector<Type> types;
    SmallVector<int64_t> offsets;
    for (auto member : unit.getMembers().getAsRange<MemberAttr>()) {
      types.push_back(member.getType());
      offsets.push_back(member.getOffset());
    }
    return {types, offsets};
  }

  /// At the end of the loss function, where all new values are known.
  void writeUnit(func::FuncOp loss, const Unit &unit, UnitOp op) {
    SmallVector<Value> values;
    for (ParameterOp parameter : unit.parameters)
      values.push_back(uses.find(parameter)->second.written);
    OpBuilder b(loss.getBody().front().getTerminator());
    Value flat = FlattenOp::create(b, op.getLoc(), op.getType(), values,
                                   placesOf(op).second);
    WriteOp::create(b, op.getLoc(), flat, op.getSymName());
  }

  /// Replaces the reads of a unit's members by views of it.
  void readUnit(OpBuilder &b, const Unit &unit, UnitOp op) {
    auto readsOf = [&](ParameterOp parameter) -> ArrayRef<ReadOp> {
      return uses.find(parameter)->second.reads;
    };
    if (llvm::all_of(unit.parameters, [&](ParameterOp parameter) {
          return readsOf(parameter).empty();
        }))
      return;
    auto [types, offsets] = placesOf(op);
    Value flat = ReadOp::create(b, op.getLoc(), op.getType(), op.getSymName());
    auto views = UnflattenOp::create(b, op.getLoc(), types, flat, offsets);
    for (auto [parameter, view] :
         llvm::zip_equal(unit.parameters, views.getTensors()))
      for (ReadOp read : readsOf(parameter))
        read.getValue().replaceAllUsesWith(view);
  }

  llvm::MapVector<ParameterOp, Uses> uses;
};

} // namespace
} // namespace ds
