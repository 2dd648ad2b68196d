//===- FuseEpilogues.cpp - The library does what kernels did ------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Behind fusion, when it is known what a kernel does besides.  What both
// compute is computed where the product was, or, if something that the kernel
// needs is not there yet, where the kernel was.
//===--------------------------------------------------------------------===//

#include "Gaps.h"

#include "ds/Dialect/DS/DS.h"
#include "ds/Passes/Lower.h"

#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_FUSEEPILOGUESPASS
#include "ds/Passes/Lower.h.inc"

namespace {

/// A product, a kernel that reads it, and what the kernel computes of it.
struct Epilogue {
  LaunchOp launch;
  DotOp dot;
  AddOp add;       ///< Of a bias; or null, and there is ...
  GeluOp gelu;     ///< ... the GELU of that, or null.
  GeluGradOp grad; ///< Or only this.
  Value other;     ///< The bias, or where the slope is taken.
  Operation *position;
};

/// The letters of a product as rows by columns, its operands exchanged if need
/// be; empty when it is no product of matrices.
struct Matrices {
  explicit Matrices(DotOp dot) : lhs(dot.getLhs()), rhs(dot.getRhs()) {
    const ProductSpec letters = dot.getLetters();
    if (isMatrixProduct(letters)) {
      spec = dot.getSpec().str();
      return;
    }
    std::string swapped =
        (letters.rhs + "," + letters.lhs + "->" + letters.result).str();
    if (!isMatrixProduct(ProductSpec(swapped)))
      return;
    spec = std::move(swapped);
    std::swap(lhs, rhs);
  }
  /// Dimensions of a row of the result.
  ArrayRef<int64_t> row(RankedTensorType result) const {
    const ProductSpec letters(spec);
    return result.getShape().drop_front(
        letters.result.find_first_of(letters.rhs));
  }

  std::string spec;
  Value lhs, rhs;
};

class Matcher {
public:
  Matcher(LaunchOp launch, func::FuncOp kernel, bool gelu)
      : launch(launch), kernel(kernel), gelu(gelu) {}

  std::optional<Epilogue> match() {
    Epilogue found;
    found.launch = launch;
    if (!matchKernel(found))
      return std::nullopt;
    Value product =
        outside(found.add ? found.add.getLhs() : found.grad.getGrad());
    found.other =
        outside(found.add ? found.add.getRhs() : found.grad.getInput());
    found.dot = product.getDefiningOp<DotOp>();
    if (!found.dot || product == found.other ||
        found.dot->getBlock() != launch->getBlock() || !findPosition(found) ||
        hasGaps(found.dot.getLhs()) || hasGaps(found.dot.getRhs()) ||
        !isComputed(found))
      return std::nullopt;
    return found;
  }

private:
  /// What an argument of the kernel is.
  Value outside(Value argument) {
    return launch.getInputs()[cast<BlockArgument>(argument).getArgNumber()];
  }

  /// All of the kernel, but not yet what its arguments are.
  bool matchKernel(Epilogue &found) {
    Block &body = kernel.getBody().front();
    for (Operation &op : body.without_terminator()) {
      if (auto add = dyn_cast<AddOp>(op); add && !found.add)
        found.add = add;
      else if (auto of = dyn_cast<GeluOp>(op); of && !found.gelu)
        found.gelu = of;
      else if (auto grad = dyn_cast<GeluGradOp>(op); grad && !found.grad)
        found.grad = grad;
      else
        return false;
    }
    auto isArgument = [](Value value) { return isa<BlockArgument>(value); };
    if (found.grad)
      return !found.add && !found.gelu &&
             llvm::all_of(found.grad->getOperands(), isArgument);
    return found.add && llvm::all_of(found.add->getOperands(), isArgument) &&
           (!found.gelu || found.gelu.getInput() == found.add.getResult());
  }

  /// Besides the kernel only the order of others may depend on the product.
  bool findPosition(Epilogue &found) {
    Operation *def = found.other.getDefiningOp();
    const bool isEarly = !def || def->getBlock() != found.dot->getBlock() ||
                         def->isBeforeInBlock(found.dot);
    found.position = isEarly ? found.dot.getOperation() : launch.getOperation();
    return llvm::all_of(found.dot->getUses(), [&](OpOperand &use) {
      return use.getOwner() == launch ||
             (isEarly && isa<BarrierOp>(use.getOwner()) &&
              use.getOperandNumber() == 1);
    });
  }

  /// Whether the library does that to such a product.
  bool isComputed(Epilogue &found) {
    RankedTensorType result = tensorType(found.dot.getResult());
    const Matrices matrices(found.dot);
    if (matrices.spec.empty() || result.getElementType().isF64())
      return false;
    // Libraries' epilogues are for products of matrices, not of vectors.
    ArrayRef<int64_t> row = matrices.row(result);
    const int64_t columns = HostTensor::count(row);
    if (columns <= 1 || tensorType(matrices.lhs).getNumElements() * columns <=
                            result.getNumElements())
      return false;
    if (found.add && tensorType(found.other) !=
                         RankedTensorType::get(row, result.getElementType()))
      return false;
    if (!found.gelu && !found.grad)
      return true;
    // The argument of GELU is a matrix with such rows; nor do libraries promise
    // code for operands whose rows begin anywhere.
    constexpr int64_t kRowElements = 8;
    const int64_t summed = tensorType(matrices.lhs).getNumElements() * columns /
                           result.getNumElements();
    return gelu && ::ds::isNarrow(result.getElementType()) &&
           columns % kRowElements == 0 && summed % kRowElements == 0;
  }

  LaunchOp launch;
  func::FuncOp kernel;
  bool gelu;
};

struct FuseEpilogues : impl::FuseEpiloguesPassBase<FuseEpilogues> {
  using FuseEpiloguesPassBase::FuseEpiloguesPassBase;

  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    SmallVector<LaunchOp> launches;
    getOperation().walk([&](LaunchOp launch) { launches.push_back(launch); });
    for (LaunchOp launch : launches) {
      auto kernel = symbols.lookup<func::FuncOp>(launch.getKernel());
      if (std::optional<Epilogue> found = Matcher(launch, kernel, gelu).match())
        replace(*found);
    }
    eraseUnused();
  }

  static void replace(Epilogue &found) {
    OpBuilder b(found.position);
    const Matrices matrices(found.dot);
    Type type = found.dot.getType();
    if (found.grad) {
      auto op =
          DotGeluGradOp::create(b, found.dot.getLoc(), type, matrices.spec,
                                matrices.lhs, matrices.rhs, found.other);
      finish(found, op, {{found.grad.getResult(), op.getResult()}});
      return;
    }
    // The sum is only a result of the kernel when somebody else wants it.
    auto returned = found.add->getBlock()->getTerminator()->getOperands();
    const bool keeps =
        found.gelu && llvm::is_contained(returned, found.add.getResult());
    auto op = DotBiasOp::create(
        b, found.dot.getLoc(), type, keeps ? type : Type(), matrices.spec,
        matrices.lhs, matrices.rhs, found.other, static_cast<bool>(found.gelu));
    SmallVector<std::pair<Value, Value>, 2> results{
        {found.gelu ? found.gelu.getResult() : found.add.getResult(),
         op.getResult()}};
    if (keeps)
      results.push_back({found.add.getResult(), op.getPreactivation()});
    finish(found, op, results);
  }

  /// `results`: of values of the kernel what `op` computes in their place.
  static void finish(Epilogue &found, Operation *op,
                     ArrayRef<std::pair<Value, Value>> results) {
    op->setDiscardableAttrs(found.dot->getDiscardableAttrDictionary());
    Operation *inside =
        found.grad ? found.grad.getOperation() : found.add.getOperation();
    auto returned = inside->getBlock()->getTerminator()->getOperands();
    for (auto [value, output] :
         llvm::zip_equal(returned, found.launch.getOutputs()))
      for (auto [computed, result] : results)
        if (value == computed)
          output.replaceAllUsesWith(result);
    found.launch.erase();
    found.dot->replaceAllUsesWith(ValueRange(results.front().second));
    found.dot.erase();
  }

  /// Kernels that nobody launches any more.
  void eraseUnused() {
    llvm::StringSet<> launched;
    getOperation().walk(
        [&](LaunchOp launch) { launched.insert(launch.getKernel()); });
    for (auto function :
         llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>()))
      if (function->hasAttr(kKernelAttr) &&
          !launched.contains(function.getSymName()))
        function.erase();
  }
};

} // namespace
} // namespace ds
