//===- Sums.cpp - Importing products and reductions ---------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Importer.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace ds::hlo {
std::optional<Reduction> reductionOf(Block &block, bool truths) {
  Operation *only = &block.front();
  auto end = dyn_cast<stablehlo::ReturnOp>(block.getTerminator());
  if (block.getNumArguments() != 2 || block.getOperations().size() != 2 ||
      only->getNumOperands() != 2 || only->getNumResults() != 1 ||
      only->getOperand(0) == only->getOperand(1) ||
      only->getOperand(0).getParentBlock() != &block ||
      only->getOperand(1).getParentBlock() != &block ||
      end.getResults() != ValueRange(only->getResults()))
    return std::nullopt;
  using Case = std::optional<Reduction>;
  return llvm::StringSwitch<Case>(only->getName().getStringRef())
      .Case("stablehlo.add",
            truths ? Reduction{"or", "ds.or"} : Reduction{"sum", "ds.add"})
      .Case("stablehlo.multiply",
            truths ? Reduction{"and", "ds.and"} : Reduction{"mul", "ds.mul"})
      .Case("stablehlo.maximum",
            truths ? Reduction{"or", "ds.or"} : Reduction{"max", "ds.max"})
      .Case("stablehlo.minimum",
            truths ? Reduction{"and", "ds.and"} : Reduction{"min", "ds.min"})
      .Case("stablehlo.and", Reduction{"and", "ds.and"})
      .Case("stablehlo.or", Reduction{"or", "ds.or"})
      .Default(std::nullopt);
}

bool isNeutral(StringRef kind, DenseElementsAttr init, bool isUnsigned) {
  if (!init)
    return false;
  if (auto type = dyn_cast<FloatType>(init.getElementType())) {
    APFloat value = init.getSplatValue<APFloat>();
    return kind == "sum"   ? value.isZero()
           : kind == "mul" ? value.isExactlyValue(1.0)
           : kind == "max" ? value.isInfinity() && value.isNegative()
                           : value.isInfinity() && !value.isNegative();
  }
  APInt value = init.getSplatValue<APInt>();
  if (kind == "sum" || kind == "or")
    return value.isZero();
  if (kind == "mul")
    return value.isOne();
  if (kind == "and")
    return value.isAllOnes();
  if (kind == "max")
    return isUnsigned ? value.isMinValue() : value.isMinSignedValue();
  return isUnsigned ? value.isMaxValue() : value.isMaxSignedValue();
}

namespace {

//===--------------------------------------------------------------------===//
// Products
//===--------------------------------------------------------------------===//

LogicalResult importDot(Importer &importer, stablehlo::DotGeneralOp op) {
  Value lhs = importer.lookup(op.getLhs()), rhs = importer.lookup(op.getRhs());
  stablehlo::DotAttr dims = op.getDotDimensionNumbers();
  RankedTensorType type = convertType(op.getType());
  if (tensorType(lhs).getElementType() != type.getElementType() ||
      tensorType(rhs).getElementType() != type.getElementType())
    return op.emitOpError("expects operands and result of one element type, "
                          "but got ")
           << op.getLhs().getType() << ", " << op.getRhs().getType() << " and "
           << op.getType() << "; convert the operands first";
  const size_t letters = tensorType(lhs).getRank() + tensorType(rhs).getRank() -
                         dims.getLhsBatch().size() - dims.getLhsSummed().size();
  if (letters > 26)
    return op.emitOpError("expects at most 26 different dimensions, but got ")
           << letters;
  std::string left(tensorType(lhs).getRank(), ' '),
      right(tensorType(rhs).getRank(), ' '), result;
  for (size_t i = 0; i < left.size(); ++i)
    left[i] = static_cast<char>('a' + i);
  for (auto [i, j] : llvm::zip_equal(dims.getLhsBatch(), dims.getRhsBatch())) {
    right[j] = left[i];
    result += left[i];
  }
  for (auto [i, j] : llvm::zip_equal(dims.getLhsSummed(), dims.getRhsSummed()))
    right[j] = left[i];
  for (auto [i, letter] : llvm::enumerate(left))
    if (!llvm::is_contained(right, letter))
      result += letter;
  char next = static_cast<char>('a' + left.size());
  for (char &letter : right)
    if (letter == ' ')
      result += letter = next++;
  SmallVector<int64_t> shape(type.getShape());
  if (Value whole = Importer::beforeMerging(lhs)) {
    // Rows that were numbered for the product have their dimensions.
    ArrayRef<int64_t> from = tensorType(whole).getShape();
    const size_t rows = from.size() - left.size() + 1;
    const size_t at = result.find(left[0]);
    if (letters + rows - 1 <= 26 && !llvm::is_contained(right, left[0])) {
      std::string apart;
      for (size_t i = 0; i < rows; ++i)
        apart += next++;
      left.replace(0, 1, apart);
      result.replace(at, 1, apart);
      shape.erase(shape.begin() + at);
      shape.insert(shape.begin() + at, from.begin(), from.begin() + rows);
      lhs = whole;
    }
  }
  Value made =
      importer.make("ds.dot", type.clone(shape), {lhs, rhs},
                    importer.named("spec", left + "," + right + "->" + result));
  return importer.define(op, importer.reshape(made, type.getShape()));
}

//===--------------------------------------------------------------------===//
// Reductions
//===--------------------------------------------------------------------===//

/// The operand with the dimensions to reduce behind all others.
Value trailing(Importer &importer, Value x, ArrayRef<int64_t> dims) {
  SmallVector<int64_t> order, last;
  for (int64_t i = 0; i < tensorType(x).getRank(); ++i)
    (llvm::is_contained(dims, i) ? last : order).push_back(i);
  order.append(last);
  return importer.transpose(x, order);
}

Value reduce(Importer &importer, const Reduction &reduction, Value x,
             ArrayRef<int64_t> dims, RankedTensorType type, bool isUnsigned) {
  if (dims.empty())
    return x;
  const bool leading = llvm::all_of(dims, [&](int64_t dim) {
    return dim < static_cast<int64_t>(dims.size());
  });
  if (reduction.kind == "sum") {
    if (leading)
      return importer.make("ds.sum", type, x);
    return importer.make("ds.sum", type, trailing(importer, x, dims),
                         importer.flag("trailing"));
  }
  SmallVector<NamedAttribute> attributes{
      importer.named("kind", reduction.kind)};
  if (isUnsigned)
    attributes.push_back(importer.flag("is_unsigned"));
  return importer.make("ds.reduce", type, trailing(importer, x, dims),
                       attributes);
}

/// The comparison of two arguments in this direction, or its mirror image.
bool isComparison(Value value, stablehlo::Direction direction, Value a,
                  Value b) {
  auto op = value.getDefiningOp<stablehlo::CompareOp>();
  return op && op.getComparisonDirection() == direction && op.getLhs() == a &&
         op.getRhs() == b;
}

/// `or` of two values, found by two tests.
template <typename First, typename Second>
bool isEither(Value value, First first, Second second) {
  auto op = value.getDefiningOp<stablehlo::OrOp>();
  return op && ((first(op.getLhs()) && second(op.getRhs())) ||
                (first(op.getRhs()) && second(op.getLhs())));
}

/// Whether a region takes the larger ("max") or smaller element with its
/// position, the first of equal ones, and NaN before all.  Empty: neither.
StringRef argReductionOf(Block &block) {
  using stablehlo::Direction;
  auto end = dyn_cast<stablehlo::ReturnOp>(block.getTerminator());
  if (!end || block.getNumArguments() != 4 || end.getNumOperands() != 2)
    return "";
  Value x = block.getArgument(0), i = block.getArgument(1),
        y = block.getArgument(2), j = block.getArgument(3);
  auto value = end.getOperand(0).getDefiningOp<stablehlo::SelectOp>();
  auto place = end.getOperand(1).getDefiningOp<stablehlo::SelectOp>();
  if (!value || !place || value.getOnTrue() != x || value.getOnFalse() != y ||
      place.getOnTrue() != i || place.getOnFalse() != j)
    return "";
  auto isNan = [&](Value v) { return isComparison(v, Direction::NE, x, x); };
  for (auto [kind, direction] :
       {std::pair("max", Direction::GT), std::pair("min", Direction::LT)}) {
    auto isBefore = [&](Value v) { return isComparison(v, direction, x, y); };
    auto isChosen = [&](Value v) {
      return isBefore(v) || isEither(v, isBefore, isNan);
    };
    auto isTie = [&](Value v) {
      auto op = v.getDefiningOp<stablehlo::AndOp>();
      auto equal = [&](Value w) {
        return isComparison(w, Direction::EQ, x, y);
      };
      auto first = [&](Value w) {
        return isComparison(w, Direction::LT, i, j);
      };
      return op && ((equal(op.getLhs()) && first(op.getRhs())) ||
                    (equal(op.getRhs()) && first(op.getLhs())));
    };
    if (isChosen(value.getPred()) && isEither(place.getPred(), isChosen, isTie))
      return kind;
  }
  return "";
}

LogicalResult importArgReduce(Importer &importer, stablehlo::ReduceOp op) {
  const StringRef kind = argReductionOf(op.getBody().front());
  auto iota = op.getInputs().size() == 2
                  ? op.getInputs()[1].getDefiningOp<stablehlo::IotaOp>()
                  : nullptr;
  const bool fits =
      !kind.empty() && iota && op.getDimensions().size() == 1 &&
      static_cast<int64_t>(iota.getIotaDimension()) == op.getDimensions()[0];
  if (!fits)
    return op.emitOpError("reduces several tensors by a function that cannot "
                          "be imported yet; expects argmax or argmin");
  Value x = importer.lookup(op.getInputs()[0]);
  RankedTensorType places = convertType(op.getResult(1).getType());
  if (!places.getElementType().isInteger(32) &&
      !places.getElementType().isInteger(64))
    return op.emitOpError("expects positions of 32 or 64 bits, but got ")
           << op.getResult(1).getType();
  Value rows = trailing(importer, x, op.getDimensions());
  SmallVector<NamedAttribute> attributes{importer.named("kind", kind)};
  if (isUnsigned(op.getInputs()[0]))
    attributes.push_back(importer.flag("is_unsigned"));
  if (failed(importer.define(
          op.getResult(0),
          importer.make("ds.reduce", convertType(op.getResult(0).getType()),
                        rows, attributes))))
    return failure();
  return importer.define(op.getResult(1), importer.make("ds.arg_reduce", places,
                                                        rows, attributes));
}

LogicalResult importReduce(Importer &importer, stablehlo::ReduceOp op) {
  if (op.getInputs().size() > 1)
    return importArgReduce(importer, op);
  Value x = importer.lookup(op.getInputs()[0]);
  Value init = importer.lookup(op.getInitValues()[0]);
  RankedTensorType type = convertType(op.getResult(0).getType());
  const bool truths = type.getElementType().isInteger(1);
  const bool hasSign = isUnsigned(op.getInputs()[0]);
  std::optional<Reduction> reduction =
      reductionOf(op.getBody().front(), truths);
  if (!reduction)
    return op.emitOpError("reduces by a function that cannot be imported yet; "
                          "expects add, multiply, maximum, minimum, and or or");
  Value reduced =
      reduce(importer, *reduction, x, op.getDimensions(), type, hasSign);
  if (!isNeutral(reduction->kind, Importer::known(init), hasSign)) {
    SmallVector<NamedAttribute> attributes;
    if (hasSign && (reduction->kind == "max" || reduction->kind == "min"))
      attributes.push_back(importer.flag("is_unsigned"));
    reduced = importer.makeBinary(reduction->combine, reduced, init,
                                  /*commutes=*/false, attributes);
  }
  return importer.define(op.getResult(0), reduced);
}

} // namespace

void addSums(Handlers &handlers) {
  add(handlers, importDot);
  add(handlers, importReduce);
}

} // namespace ds::hlo
