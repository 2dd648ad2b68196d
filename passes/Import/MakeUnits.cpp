//===- MakeUnits.cpp - Flat state ---------------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Groups parameters into units and replaces their reads by views of them.
//===--------------------------------------------------------------------===//

#include "ds/Dialect/DS/DS.h"
#include "ds/Passes/Import.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_MAKEUNITSPASS
#include "ds/Passes/Import.h.inc"

namespace {

/// Elements per block of a shard; sums of squares run over such blocks.
constexpr int64_t kBlockElements = 1024;

struct Unit {
  SmallVector<ParameterOp> parameters;
  int64_t block = -1;
  int64_t bytes = 0;
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

/// Cuts `parameters`, in first-use order, into units.
SmallVector<Unit> decide(ArrayRef<std::pair<ParameterOp, int64_t>> parameters,
                         int64_t smallBytes, int64_t largeBytes) {
  SmallVector<Unit> units;
  bool open = false;
  for (auto [parameter, block] : parameters) {
    int64_t bytes = byteSize(typeOf(parameter));
    bool large = bytes >= largeBytes;
    if (open) {
      Unit &last = units.back();
      bool fits = typeOf(last.parameters[0]).getElementType() ==
                  typeOf(parameter).getElementType();
      // Without numbered blocks, as imported models are, a unit is full once it
      // is as large as what stands alone.
      bool same =
          block == last.block && (block >= 0 || last.bytes < largeBytes);
      open = fits && !large && (same || last.bytes < smallBytes);
    }
    if (!open)
      units.emplace_back();
    Unit &unit = units.back();
    unit.parameters.push_back(parameter);
    unit.block = block;
    unit.bytes += bytes;
    open = !large;
  }
  // A small rest at the end joins the unit before it.
  if (units.size() > 1 && units.back().bytes < smallBytes) {
    Unit &before = units[units.size() - 2];
    if (before.bytes < largeBytes &&
        typeOf(before.parameters[0]).getElementType() ==
            typeOf(units.back().parameters[0]).getElementType()) {
      before.parameters.append(units.back().parameters);
      units.pop_back();
    }
  }
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
    llvm::MapVector<ParameterOp, SmallVector<ReadOp>> reads;
    SmallVector<std::pair<ParameterOp, int64_t>> parameters;
    collect(module, loss, reads, parameters);
    if (parameters.empty()) {
      loss.emitError(
          "expects a model with parameters, but the loss reads none");
      return signalPassFailure();
    }
    int64_t total = 0;
    for (auto &[parameter, block] : parameters)
      total += byteSize(typeOf(parameter));
    int64_t small =
        smallBytes >= 0 ? smallBytes : std::min<int64_t>(1 << 20, total / 32);
    apply(loss, decide(parameters, small, largeBytes), reads);
  }

  void collect(ModuleOp module, func::FuncOp loss,
               llvm::MapVector<ParameterOp, SmallVector<ReadOp>> &reads,
               SmallVector<std::pair<ParameterOp, int64_t>> &parameters) {
    SymbolTable symbols(module);
    loss.walk([&](ReadOp read) {
      auto parameter = symbols.lookup<ParameterOp>(read.getState());
      if (!parameter)
        return;
      if (!reads.contains(parameter))
        parameters.push_back({parameter, blockOf(read)});
      reads[parameter].push_back(read);
    });
    // Importers read all parameters first.
    auto position = [&](const std::pair<ParameterOp, int64_t> &entry) {
      Operation *user = firstUser(reads.find(entry.first)->second.front());
      return user ? user : loss.getBody().front().getTerminator();
    };
    llvm::stable_sort(parameters, [&](const auto &a, const auto &b) {
      Operation *first = position(a), *second = position(b);
      return first != second && first->isBeforeInBlock(second);
    });
  }

  void apply(func::FuncOp loss, ArrayRef<Unit> units,
             llvm::MapVector<ParameterOp, SmallVector<ReadOp>> &reads) {
    // Names of what stays, and of what ds-build-train will make.
    llvm::StringSet<> taken{"train", "evaluate", "step"};
    for (Operation &op : *getOperation().getBody()) {
      auto parameter = dyn_cast<ParameterOp>(op);
      if (auto symbol = dyn_cast<SymbolOpInterface>(op);
          symbol && (!parameter || !reads.contains(parameter)))
        taken.insert(symbol.getName());
    }
    OpBuilder state(units.front().parameters.front());
    OpBuilder body = OpBuilder::atBlockBegin(&loss.getBody().front());
    for (const Unit &unit : units) {
      std::string name = unitName(unit, taken);
      taken.insert(name);
      SmallVector<Attribute> members;
      SmallVector<int64_t> offsets;
      SmallVector<Type> types;
      int64_t elements = 0;
      for (ParameterOp parameter : unit.parameters) {
        members.push_back(
            MemberAttr::get(&getContext(), parameter.getSymNameAttr(), elements,
                            typeOf(parameter), parameter.getInit()));
        offsets.push_back(elements);
        types.push_back(parameter.getType());
        elements += typeOf(parameter).getNumElements();
      }
      elements = llvm::alignTo(elements, shards * kBlockElements);
      auto type = RankedTensorType::get(
          {elements}, typeOf(unit.parameters[0]).getElementType());
      Location loc = NameLoc::get(StringAttr::get(&getContext(), name));
      UnitOp::create(state, loc, name, "parameter", type, 1,
                     state.getArrayAttr(members));
      Value flat = ReadOp::create(body, loc, type, name);
      auto views = UnflattenOp::create(body, loc, types, flat, offsets);
      for (auto [parameter, view] :
           llvm::zip_equal(unit.parameters, views.getTensors()))
        for (ReadOp read : reads[parameter])
          read.getValue().replaceAllUsesWith(view);
    }
    for (auto &[parameter, ops] : reads)
      for (ReadOp read : ops)
        read.erase();
    // Symbols may repeat until here: a unit of one parameter has its name.
    SmallVector<ParameterOp> old(getOperation().getOps<ParameterOp>());
    for (ParameterOp parameter : old)
      if (reads.contains(parameter))
        parameter.erase();
  }
};

} // namespace
} // namespace ds
