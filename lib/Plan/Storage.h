//===- Storage.h - Which bytes hold which value -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_LIB_PLAN_STORAGE_H
#define DS_LIB_PLAN_STORAGE_H

#include "ds/Dialect/DS/DS.h"
#include "ds/Dialect/DS/Strides.h"
#include "plan_generated.h"

#include <map>
#include <optional>

namespace ds {

/// Where a value lies: a strided window of a buffer.
struct Place {
  int buffer = -1;
  int64_t offset = 0;                    ///< Bytes.
  llvm::SmallVector<int64_t, 5> strides; ///< Elements, one per dimension.

  bool operator==(const Place &) const = default;
  plan::Ref ref() const {
    return plan::Ref(offset, static_cast<uint32_t>(buffer));
  }
};

bool isContiguous(const Place &place, mlir::RankedTensorType type);
plan::DType dtypeOf(mlir::Type element);
int64_t elementBytes(mlir::Type element);

/// The order of a function's ops, and until when the storage of a value is
/// needed, views included.
class Liveness {
public:
  explicit Liveness(mlir::func::FuncOp function);

  int order(mlir::Operation *op) const { return order_.lookup(op); }
  /// The last position at which `value`, or a view of it, is used.
  int lastUse(mlir::Value value);
  /// The value whose storage `value` is a window of.
  static mlir::Value root(mlir::Value value);

private:
  int positionOf(mlir::Operation *user, mlir::Block *block) const;

  llvm::DenseMap<mlir::Operation *, int> order_, end_;
  llvm::DenseMap<mlir::Value, int> lastUse_;
};

/// Whether this is an argument of a scan's body that goes into a stack: it does
/// so when the round begins.
bool isStackedFirst(mlir::OpOperand &use);

/// The buffers of a program and the places of values.
class Storage {
public:
  Storage(plan::ProgramT &program, mlir::ModuleOp module, int64_t world);

  /// Starts a function: earlier values are forgotten, states stay.
  void enter(mlir::func::FuncOp function);

  int addBuffer(std::string name, mlir::RankedTensorType type,
                plan::BufferClass kind);
  /// The window of `base` in which the rank's shard lies.
  int shardWindow(int base, int64_t shards);
  int stateBuffer(llvm::StringRef state) const { return states.lookup(state); }
  plan::BufferT &buffer(int index) { return *program.buffers[index]; }

  bool has(mlir::Value value) const { return places.count(value); }
  const Place &get(mlir::Value value) const {
    return places.find(value)->second;
  }
  void set(mlir::Value value, Place place) { places[value] = std::move(place); }

  /// A new buffer for `value`.
  Place allocate(mlir::Value value);
  /// Where a consumer wants `value` to be made, when it says so and the bytes
  /// are free when `op` runs.
  std::optional<Place> wanted(mlir::Value value, mlir::Operation *op);
  /// The wanted place, or a new buffer; remembers it.  Only with `strided` it
  /// may have gaps.  `into` is an operand that `op` adds to or combines into
  /// where it lies: it may be there already, if it dies there.
  const Place &create(mlir::Value value, mlir::Operation *op,
                      bool strided = false, mlir::Value into = {});
  /// Whether `op` may write `result` over `operand`, which dies there.
  bool canOverwrite(mlir::Operation *op, mlir::Value operand,
                    mlir::Value result);
  /// Whether `op` may add to its operand where that lies: a product of the same
  /// block that dies there.
  bool canAddTo(DotAddOp op);

  Liveness &live() { return *liveness; }

private:
  // What one consumer wants, by the kind of the consumer.
  std::optional<Place> wantedBy(mlir::OpOperand &use, mlir::Operation *op);
  std::optional<Place> partOf(mlir::OpOperand &use, mlir::Operation *op);
  std::optional<Place> beforeReshape(ReshapeOp reshape, mlir::Operation *op);
  std::optional<Place> nextRound(mlir::OpOperand &use, mlir::Operation *op);
  std::optional<Place> intoTable(mlir::OpOperand &use, mlir::Operation *op);
  std::optional<Place> ofResult(mlir::Value value, mlir::Operation *op);
  /// Whether `op` reads bytes at `place`, where `value` may be made, other than
  /// those of `into`.
  bool isRead(mlir::Operation *op, mlir::Value value, const Place &place,
              mlir::Value into);
  /// Whether all reads of `state` are over when `op` runs.
  bool stateIsFree(llvm::StringRef state, mlir::Operation *op);

  plan::ProgramT &program;
  int64_t world;
  mlir::func::FuncOp function;
  std::unique_ptr<Liveness> liveness;
  llvm::StringMap<int> states;
  llvm::StringMap<llvm::SmallVector<mlir::Value>> reads; ///< By state.
  llvm::DenseMap<mlir::Value, Place> places;
  std::map<std::pair<int, int64_t>, int> windows;
};

/// The argument of a kernel that it combines rows into, or -1.
int scatteredInto(mlir::func::FuncOp kernel);

/// The class of a value's buffer.
plan::BufferClass classOf(mlir::Value value);
/// A name for a value: its op's location.
std::string nameOf(mlir::Value value);
std::string nameOf(mlir::Operation *op);

} // namespace ds

#endif // DS_LIB_PLAN_STORAGE_H
