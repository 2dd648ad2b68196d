//===- DSOptimizer.cpp - What all optimizers share ----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How they are written and verified, the attributes that hold them before
// there is an op, and the norm that gradients are clipped by.
//===--------------------------------------------------------------------===//

#include "DSOptimizer.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <cmath>

using namespace mlir;

namespace ds {

//===--------------------------------------------------------------------===//
// Attributes
//===--------------------------------------------------------------------===//

using EmitError = function_ref<InFlightDiagnostic()>;

/// The interface of the op ds.`name`, or null.
static OptimizerOpInterface::Concept *findOptimizer(StringRef name,
                                                    MLIRContext *context) {
  auto op = RegisteredOperationName::lookup(("ds." + name).str(), context);
  return op ? op->getInterface<OptimizerOpInterface>() : nullptr;
}

LogicalResult OptimizerAttr::verify(EmitError emitError, StringRef name,
                                    DictionaryAttr values, FloatAttr lrScale) {
  if (!findOptimizer(name, values.getContext()))
    return emitError() << "expects the name of an optimizer's op, but got \""
                       << name << "\"";
  if (lrScale &&
      (!lrScale.getValue().isFinite() || lrScale.getValue().isNegative()))
    return emitError() << "expects a finite lr_scale of at least 0, but got "
                       << lrScale.getValueAsDouble();
  return success();
}

LogicalResult GroupAttr::verify(EmitError emitError, ArrayAttr patterns,
                                OptimizerAttr, OptimizerAttr) {
  if (patterns.empty() || !llvm::all_of(patterns, llvm::IsaPred<StringAttr>))
    return emitError() << "expects one pattern or more, but got " << patterns;
  return success();
}

SmallVector<StringRef> stateNames(OptimizerAttr optimizer) {
  return findOptimizer(optimizer.getName(), optimizer.getContext())
      ->stateNames(optimizer.getValues());
}
double initialState(OptimizerAttr optimizer) {
  return findOptimizer(optimizer.getName(), optimizer.getContext())
      ->initialState(optimizer.getValues());
}
UpdateLayout layoutOf(OptimizerAttr optimizer) {
  return findOptimizer(optimizer.getName(), optimizer.getContext())->layout();
}

//===--------------------------------------------------------------------===//
// Types: one when all are equal, else those of operands and results
//===--------------------------------------------------------------------===//

ParseResult parseUpdateTypes(
    OpAsmParser &parser, SmallVectorImpl<Type> &tensors,
    SmallVectorImpl<Type> &updated,
    const SmallVectorImpl<OpAsmParser::UnresolvedOperand> &operands,
    unsigned more) {
  SmallVector<Type> types;
  if (parser.parseTypeList(types))
    return failure();
  const size_t count = operands.size(), results = count - 1 + more;
  if (types.size() == 1)
    types.resize(count + results, types.front());
  if (types.size() != count + results)
    return parser.emitError(parser.getNameLoc(),
                            "expects one type, or those of ")
           << count << " tensors and " << results << " results, but got "
           << types.size();
  tensors.append(types.begin(), types.begin() + count);
  updated.append(types.begin() + count, types.end());
  return success();
}

void printUpdateTypes(OpAsmPrinter &printer, Operation *, TypeRange tensors,
                      TypeRange updated, OperandRange, unsigned) {
  SmallVector<Type> types(tensors);
  llvm::append_range(types, updated);
  if (llvm::all_equal(types))
    types.resize(1);
  llvm::interleaveComma(types, printer);
}

//===--------------------------------------------------------------------===//
// Verifiers
//===--------------------------------------------------------------------===//

LogicalResult verifyUpdate(Operation *op, ValueRange tensors, unsigned count,
                           StringRef names, unsigned more, bool inOrder) {
  if (tensors.size() != count)
    return op->emitOpError("expects ")
           << count << " tensors (" << names << "), but got " << tensors.size();
  if (op->getNumResults() != count - 1 + more)
    return op->emitOpError("expects ")
           << count - 1 + more << " results, but got " << op->getNumResults();
  SmallVector<Type> types(tensors.getTypes());
  llvm::append_range(types, op->getResultTypes());
  auto first = cast<RankedTensorType>(types.front());
  for (Type type : types) {
    auto tensor = cast<RankedTensorType>(type);
    if (tensor.getShape() != first.getShape() ||
        !isa<FloatType>(tensor.getElementType()))
      return op->emitOpError("expects floating-point tensors of one shape, but "
                             "got ")
             << first << " and " << type;
  }
  if (inOrder)
    for (unsigned i = 0; i + more < op->getNumResults(); ++i)
      if (types[count + i] != types[i])
        return op->emitOpError("expects result ")
               << i << " to have its operand's type " << types[i]
               << ", but got " << types[count + i];
  return success();
}

SmallVector<TensorPlace> placesOf(ArrayRef<int64_t> offsets, ArrayAttr types) {
  SmallVector<TensorPlace> places;
  for (auto [offset, type] :
       llvm::zip_equal(offsets, types.getAsValueRange<TypeAttr>()))
    places.push_back({offset, cast<RankedTensorType>(type)});
  return places;
}

LogicalResult verifyPlaces(Operation *op, RankedTensorType parameter,
                           ArrayRef<int64_t> offsets, ArrayAttr types,
                           int64_t shards) {
  if (parameter.getRank() != 1 || !parameter.hasStaticShape() || shards < 1)
    return op->emitOpError("expects a static flat parameter and at least one "
                           "shard, but got ")
           << parameter << " and " << shards << " shards";
  if (offsets.size() != types.size())
    return op->emitOpError("expects an offset for each type, but got ")
           << offsets.size() << " offsets and " << types.size() << " types";
  int64_t end = 0, elements = parameter.getDimSize(0) * shards;
  for (auto [offset, attr] : llvm::zip_equal(offsets, types)) {
    auto type = dyn_cast<RankedTensorType>(cast<TypeAttr>(attr).getValue());
    if (!type || !type.hasStaticShape() || offset < end ||
        offset > elements - type.getNumElements())
      return op->emitOpError("expects ascending, disjoint tensors within ")
             << elements << " elements, but got " << attr << " at " << offset;
    end = offset + type.getNumElements();
  }
  return success();
}

//===--------------------------------------------------------------------===//
// Numbers
//===--------------------------------------------------------------------===//

static Value compare(Scalar x, Scalar y, arith::CmpFPredicate predicate) {
  return arith::CmpFOp::create(x.formula->builder, x.formula->loc, predicate,
                               x.value, y.value);
}

Scalar CodeNumbers::sign(Scalar x) {
  Scalar zero = f.constant(0);
  Scalar negative =
      f.select(compare(x, zero, arith::CmpFPredicate::OLT), f.constant(-1), x);
  return f.select(compare(x, zero, arith::CmpFPredicate::OGT), f.constant(1),
                  negative);
}

Scalar CodeNumbers::clamp(Scalar x, double bound) {
  Scalar most = f.constant(bound), least = f.constant(-bound);
  x = f.select(compare(x, most, arith::CmpFPredicate::OGT), most, x);
  return f.select(compare(x, least, arith::CmpFPredicate::OLT), least, x);
}

Scalar CodeNumbers::choose(Scalar flag, Scalar yes, Scalar no) {
  return f.select(compare(flag, f.constant(0), arith::CmpFPredicate::UNE), yes,
                  no);
}

Value StepScalars::constant(double value) {
  return ConstantOp::create(builder, loc, type, value);
}
Value StepScalars::mul(Value x, Value y) {
  return MulOp::create(builder, loc, type, x, y);
}
Value StepScalars::div(Value x, Value y) {
  return DivOp::create(builder, loc, type, x, y);
}
Value StepScalars::sqrt(Value x) {
  return SqrtOp::create(builder, loc, type, x);
}
Value StepScalars::rest(Value x) {
  return SubOp::create(builder, loc, type, constant(1), x);
}
Value StepScalars::restOfPower(Value beta, Value step) {
  return rest(PowOp::create(builder, loc, type, beta, step));
}
Value StepScalars::decay(Value rate, double decay) {
  return rest(mul(rate, constant(decay)));
}

//===--------------------------------------------------------------------===//
// Gradient norm
//===--------------------------------------------------------------------===//

Value sumOfSquares(OpBuilder &b, Location loc, Value value) {
  auto f64 = RankedTensorType::get({}, b.getF64Type());
  RankedTensorType type = tensorType(value);
  const int64_t n = type.getNumElements();
  const bool blocks = n % kBlockElements == 0 && n > kBlockElements;
  if (blocks) {
    Type element = type.getElementType();
    auto rows =
        RankedTensorType::get({n / kBlockElements}, wideElement(element));
    auto blocked =
        RankedTensorType::get({n / kBlockElements, kBlockElements}, element);
    value = ReshapeOp::create(b, loc, blocked, value);
    value = SumOp::create(b, loc, rows, value, /*trailing=*/true,
                          /*squares=*/true);
  }
  return SumOp::create(b, loc, f64, value, /*trailing=*/true,
                       /*squares=*/!blocks);
}

// With `over` this is the norm of one rank's shards: the interpreter adds the
// squares of the others.
void GradNormOp::evaluate(Evaluated operands,
                          MutableArrayRef<HostTensor> results) {
  double squares = 0.0;
  for (const HostTensor *grad : operands)
    for (double x : grad->data)
      squares += x * x;
  results[0].data[0] = std::sqrt(squares);
}

SmallVector<Value> GradNormOp::decompose(OpBuilder &b) {
  Location loc = getLoc();
  auto f64 = RankedTensorType::get({}, b.getF64Type());
  Value total;
  for (Value grad : getGrads()) {
    Value sum = sumOfSquares(b, loc, grad);
    total = total ? AddOp::create(b, loc, f64, total, sum).getResult() : sum;
  }
  if (!total)
    total = ConstantOp::create(b, loc, f64, 0.0);
  if (getOver())
    total = AllReduceOp::create(b, loc, f64, total, *getOver());
  return {SqrtOp::create(b, loc, f64, total)};
}

} // namespace ds
