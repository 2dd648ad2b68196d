//===- State.cpp - Parameters and units on virtual ranks ----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Initial values by (name, element), and the way back from shards to logical
// tensors, which is how differently sharded programs are compared.
//===--------------------------------------------------------------------===//

#include "ds/Interpreter/Interpreter.h"

#include "llvm/Support/Format.h"

#include <cmath>

using namespace mlir;
using namespace ds;

namespace {
/// What `#ds.seed` is here: both of its words count.
constexpr double kTestSeed = 5.0 * 0x1p32 + 7.0;

uint64_t splitmix64(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

/// A number in [0, 1) with 53 random bits.
double uniform(StringRef name, uint64_t counter) {
  uint64_t key = 0xcbf29ce484222325; // FNV-1a of the name
  for (unsigned char c : name)
    key = (key ^ c) * 0x100000001b3;
  return (splitmix64(splitmix64(key) + counter) >> 11) * 0x1.0p-53;
}

/// Writes the initial values of one logical tensor of `element`s to
/// [offset, offset + count).
LogicalResult fill(Operation *owner, StringRef name, Attribute init,
                   Type element, HostTensor &into, int64_t offset,
                   int64_t count) {
  if (auto value = dyn_cast<ConstantInitAttr>(init)) {
    std::fill_n(into.data.begin() + offset, count,
                roundedTo(element, value.getValue().getValueAsDouble()));
    return success();
  }
  if (isa<SeedInitAttr>(init)) {
    into.data[offset] = kTestSeed;
    return success();
  }
  auto normal = dyn_cast<NormalAttr>(init);
  if (!normal)
    return owner->emitError() << "the interpreter cannot make initial values "
                              << init << " of '" << name << "'";
  for (int64_t i = 0; i < count; ++i)
    into.data[offset + i] = roundedTo(
        element, normal.getStd().getValueAsDouble() * testNormal(name, i));
  return success();
}

/// Rank `rank`'s window of a sharded tensor.
HostTensor shardOf(const HostTensor &whole, RankedTensorType type,
                   int64_t rank) {
  HostTensor shard(type);
  std::copy_n(whole.data.begin() + rank * shard.size(), shard.size(),
              shard.data.begin());
  return shard;
}

LogicalResult requireStatic(Operation *op, RankedTensorType type) {
  if (type.hasStaticShape())
    return success();
  return op->emitError() << "has dynamic type " << type
                         << "; bind dimensions first";
}
} // namespace

std::string ds::printNumber(double value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.17g", value);
  return text;
}

double ds::testUniform(StringRef name, int64_t index) {
  return uniform(name, index);
}

double ds::testNormal(StringRef name, int64_t index) {
  double radius = std::sqrt(-2.0 * std::log(1.0 - uniform(name, 2 * index)));
  return radius * std::cos(2.0 * M_PI * uniform(name, 2 * index + 1));
}

LogicalResult Interpreter::initialize() {
  states.clear();
  for (auto parameter : module.getOps<ParameterOp>()) {
    auto type = cast<RankedTensorType>(parameter.getType());
    if (failed(requireStatic(parameter, type)))
      return failure();
    HostTensor value(type);
    if (failed(fill(parameter, parameter.getSymName(), parameter.getInit(),
                    type.getElementType(), value, 0, value.size())))
      return failure();
    states[parameter.getSymName().str()] = RankValues(world, value);
  }
  for (auto unit : module.getOps<UnitOp>())
    if (failed(initializeUnit(unit)))
      return failure();
  return success();
}

LogicalResult Interpreter::initializeUnit(UnitOp unit) {
  auto type = cast<RankedTensorType>(unit.getType());
  int64_t shards = unit.getShards();
  if (failed(requireStatic(unit, type)))
    return failure();
  if (shards != 1 && shards != world)
    return unit.emitError()
           << "unit '" << unit.getSymName() << "' is cut into " << shards
           << " shards, but runs on " << world << " ranks";
  HostTensor whole({shards * type.getNumElements()});
  for (auto member : unit.getMembers().getAsRange<MemberAttr>())
    if (failed(fill(unit, member.getName(), member.getInit(),
                    type.getElementType(), whole, member.getOffset(),
                    member.getType().getNumElements())))
      return failure();
  RankValues &values = states[unit.getSymName().str()];
  for (int64_t rank = 0; rank < world; ++rank)
    values.push_back(shardOf(whole, type, shards == 1 ? 0 : rank));
  return success();
}

RankValues *Interpreter::state(StringRef symbol) {
  auto it = states.find(symbol.str());
  return it == states.end() ? nullptr : &it->second;
}

/// The whole of a unit, flat.
FailureOr<HostTensor> Interpreter::assemble(UnitOp unit) {
  const RankValues &values = *state(unit.getSymName());
  int64_t shards = unit.getShards(), size = values[0].size();
  HostTensor whole({shards * size});
  for (int64_t rank = 0; rank < shards; ++rank)
    llvm::copy(values[rank].data, whole.data.begin() + rank * size);
  for (int64_t rank = shards; rank < world; ++rank)
    for (int64_t i = 0; i < size; ++i)
      if (double a = values[0].data[i], b = values[rank].data[i];
          a != b && !(std::isnan(a) && std::isnan(b)))
        return unit.emitError() << "unit '" << unit.getSymName()
                                << "' is replicated, but ranks 0 and " << rank
                                << " differ at element " << i << ": "
                                << printNumber(a) << " and " << printNumber(b);
  return whole;
}

FailureOr<std::map<std::string, HostTensor>> Interpreter::logicalState() {
  std::map<std::string, HostTensor> tensors;
  for (auto parameter : module.getOps<ParameterOp>())
    tensors[parameter.getSymName().str()] =
        state(parameter.getSymName())->front();
  for (auto unit : module.getOps<UnitOp>()) {
    FailureOr<HostTensor> whole = assemble(unit);
    if (failed(whole))
      return failure();
    for (auto member : unit.getMembers().getAsRange<MemberAttr>()) {
      HostTensor tensor(member.getType());
      auto from = whole->data.begin() + member.getOffset();
      std::copy_n(from, tensor.size(), tensor.data.begin());
      std::fill_n(from, tensor.size(), 0.0);
      tensors[member.getName().getValue().str()] = std::move(tensor);
    }
    // What no member took is padding.
    auto dirty = llvm::find_if(whole->data, [](double x) { return x != 0.0; });
    if (dirty != whole->data.end())
      return unit.emitError() << "unit '" << unit.getSymName()
                              << "' has padding that is not zero at element "
                              << dirty - whole->data.begin();
  }
  return tensors;
}
