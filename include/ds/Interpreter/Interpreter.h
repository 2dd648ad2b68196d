//===- Interpreter.h - Runs ds modules on virtual ranks -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The reference that every transformation of ds modules is compared with:
// slow, obvious, in float64.
//===--------------------------------------------------------------------===//
#ifndef DS_INTERPRETER_INTERPRETER_H
#define DS_INTERPRETER_INTERPRETER_H

#include "ds/Dialect/DS/DS.h"

#include <map>
#include <string>

namespace ds {

/// A value of the program: one tensor per virtual rank.  Index values are
/// tensors of rank 0.
using RankValues = std::vector<HostTensor>;

/// Executes the functions of one module on `world` virtual ranks in lockstep:
/// every op is executed for all ranks before the next one, so that collectives
/// need no waiting.
///
/// State lives from `initialize` on and over calls of `run`.  Initial values
/// are test values, not those of the runtime: element i of a logical tensor is
/// a function of the tensor's name and i, whatever the sharding.  Errors are
/// diagnostics at the op.  Not thread-safe; the module must outlive this.
///
/// ```c++
/// Interpreter interpreter(module, /*world=*/2);
/// if (failed(interpreter.initialize())) return failure();
/// auto results = interpreter.run("train", arguments);
/// auto state = interpreter.logicalState();
/// ```
class Interpreter {
public:
  Interpreter(mlir::ModuleOp module, int64_t world)
      : module(module), symbols(module), world(world) {}

  /// Gives every parameter and unit its initial value on every rank.
  mlir::LogicalResult initialize();

  /// Runs a function; `arguments` has one entry per argument of it.
  mlir::FailureOr<std::vector<RankValues>>
  run(llvm::StringRef function, llvm::ArrayRef<RankValues> arguments);

  /// What the ranks hold of a parameter or unit; null when there is none.
  RankValues *state(llvm::StringRef symbol);

  /// Every logical tensor by name, assembled from the shards.  Fails when
  /// ranks disagree on a replicated unit, or when padding is not zero.
  mlir::FailureOr<std::map<std::string, HostTensor>> logicalState();

  int64_t getWorld() const { return world; }

private:
  using Environment = llvm::DenseMap<mlir::Value, RankValues>;

  mlir::LogicalResult initializeUnit(UnitOp unit);
  mlir::FailureOr<HostTensor> assemble(UnitOp unit);

  mlir::FailureOr<std::vector<RankValues>>
  call(mlir::Operation *caller, llvm::StringRef function,
       llvm::ArrayRef<const RankValues *> arguments);
  mlir::FailureOr<std::vector<RankValues>> runBlock(mlir::Block &block,
                                                    Environment &environment);
  mlir::LogicalResult runOp(mlir::Operation &op, Environment &environment);
  mlir::FailureOr<std::vector<RankValues>> runLoop(mlir::scf::ForOp loop,
                                                   Environment &environment);
  mlir::FailureOr<std::vector<RankValues>>
  runScan(ScanOp scan, llvm::ArrayRef<const RankValues *> operands);
  mlir::FailureOr<std::vector<RankValues>>
  evaluate(mlir::Operation &op, llvm::ArrayRef<const RankValues *> operands);

  mlir::ModuleOp module;
  mlir::SymbolTable symbols;
  int64_t world;
  std::map<std::string, RankValues> states;
};

/// Standard normal number `index` of the stream `name`: splitmix64 and
/// Box-Muller.  For tests; the runtime's initial values are another function.
double testNormal(llvm::StringRef name, int64_t index);

/// Uniform number in [0, 1) of the same kind.
double testUniform(llvm::StringRef name, int64_t index);

/// A number with all its digits, for messages.
std::string printNumber(double value);

} // namespace ds

#endif // DS_INTERPRETER_INTERPRETER_H
