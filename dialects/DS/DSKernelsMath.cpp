//===- DSKernelsMath.cpp - What formulas are built with -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The builders of DSKernelBuilder.h, and repetition.
//===--------------------------------------------------------------------===//

#include "DSKernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <cmath>

using namespace mlir;
using namespace ds;

//===--------------------------------------------------------------------===//
// Scalars
//===--------------------------------------------------------------------===//

static constexpr auto kFlags =
    arith::FastMathFlags::nsz | arith::FastMathFlags::arcp |
    arith::FastMathFlags::contract | arith::FastMathFlags::afn;

/// Of what is summed: its vectors are partial sums.  With nsz, too, LLVM takes
/// (x + y) - x for y, which hides a NaN, here and in what is summed.
static constexpr auto kSumFlags = arith::FastMathFlags::reassoc |
                                  arith::FastMathFlags::arcp |
                                  arith::FastMathFlags::contract;

static arith::FastMathFlagsAttr flags(OpBuilder &builder,
                                      arith::FastMathFlags flags = kFlags) {
  return arith::FastMathFlagsAttr::get(builder.getContext(), flags);
}

/// Integers and float64 are computed as they are, all other floats in float32.
Type Formula::computeType(Type element) {
  if (isa<FloatType>(element) && element.getIntOrFloatBitWidth() < 64)
    return Float32Type::get(element.getContext());
  return element;
}

template <typename FloatOp, typename IntOp>
static Scalar combine(Scalar a, Scalar b) {
  Formula &f = *a.formula;
  bool sums = f.folded && (a.value == f.folded || b.value == f.folded);
  if (isa<FloatType>(a.value.getType()))
    return {&f, FloatOp::create(f.builder, f.loc, a.value, b.value,
                                sums ? kSumFlags : kFlags)};
  return {&f, IntOp::create(f.builder, f.loc, a.value, b.value)};
}

namespace ds {
Scalar operator+(Scalar a, Scalar b) {
  return combine<arith::AddFOp, arith::AddIOp>(a, b);
}
Scalar operator-(Scalar a, Scalar b) {
  return combine<arith::SubFOp, arith::SubIOp>(a, b);
}
Scalar operator*(Scalar a, Scalar b) {
  return combine<arith::MulFOp, arith::MulIOp>(a, b);
}
Scalar operator/(Scalar a, Scalar b) {
  return combine<arith::DivFOp, arith::DivSIOp>(a, b);
}
Scalar operator+(double a, Scalar b) { return b.formula->constant(a) + b; }
Scalar operator-(double a, Scalar b) { return b.formula->constant(a) - b; }
Scalar operator*(double a, Scalar b) { return b.formula->constant(a) * b; }
Scalar operator/(double a, Scalar b) { return b.formula->constant(a) / b; }
Scalar operator-(Scalar a) { return -1.0 * a; }
} // namespace ds

Scalar Formula::arg(unsigned i) {
  return {this, convert(args[i], computeType(args[i].getType()))};
}
Scalar Formula::in(unsigned i) { return {this, convert(args[i], type)}; }

TypedAttr Formula::attribute(Type type, double value) {
  auto scalar = RankedTensorType::get({}, type);
  return cast<TypedAttr>(
      ConstantOp::splat(scalar, value).getSplatValue<Attribute>());
}

Scalar Formula::constant(double value) {
  return {this,
          arith::ConstantOp::create(builder, loc, attribute(type, value))};
}

Scalar Formula::exp(Scalar x) {
  return {this, math::ExpOp::create(builder, loc, x.value, flags(builder))};
}
Scalar Formula::log(Scalar x) {
  return {this, math::LogOp::create(builder, loc, x.value, flags(builder))};
}
Scalar Formula::sqrt(Scalar x) {
  return {this, math::SqrtOp::create(builder, loc, x.value, flags(builder))};
}
Scalar Formula::max(Scalar x, Scalar y) {
  return {this, arith::MaxNumFOp::create(builder, loc, x.value, y.value,
                                         flags(builder, kFlags | kSumFlags))};
}
Scalar Formula::extremum(Scalar x, Scalar y, bool isMax, bool isUnsigned) {
  auto make = [&](auto op, auto... flags) -> Scalar {
    return {this,
            decltype(op)::create(builder, loc, x.value, y.value, flags...)};
  };
  if (isa<FloatType>(x.value.getType()))
    return isMax ? make(arith::MaximumFOp(), flags(builder))
                 : make(arith::MinimumFOp(), flags(builder));
  if (isUnsigned)
    return isMax ? make(arith::MaxUIOp()) : make(arith::MinUIOp());
  return isMax ? make(arith::MaxSIOp()) : make(arith::MinSIOp());
}
Scalar Formula::select(Value condition, Scalar yes, Scalar no) {
  return {this, arith::SelectOp::create(builder, loc, condition, yes.value,
                                        no.value)};
}
Scalar Formula::sigmoid(Scalar x) { return 1.0 / (1.0 + exp(-x)); }

Value Formula::index(unsigned dim) {
  return linalg::IndexOp::create(builder, loc, dim);
}
Value Formula::indexIn(unsigned i) {
  return arith::IndexCastOp::create(builder, loc, builder.getIndexType(),
                                    args[i]);
}
Value Formula::constantIndex(int64_t value) {
  return arith::ConstantIndexOp::create(builder, loc, value);
}
Scalar Formula::extract(Value tensor, ValueRange indices) {
  Value element = tensor::ExtractOp::create(builder, loc, tensor, indices);
  return {this, convert(element, type)};
}

/// The nearest integer, rounded towards zero; 0 of NaN.
Value Formula::toInteger(Value value, Type target, bool isUnsigned) {
  const int width = static_cast<int>(target.getIntOrFloatBitWidth());
  auto number = [&](double x) -> Value {
    return arith::ConstantOp::create(builder, loc,
                                     builder.getFloatAttr(value.getType(), x));
  };
  auto integer = [&](const APInt &x) -> Value {
    return arith::ConstantOp::create(builder, loc,
                                     builder.getIntegerAttr(target, x));
  };
  auto choose = [&](arith::CmpFPredicate predicate, double bound,
                    const APInt &then, Value otherwise) -> Value {
    Value is =
        arith::CmpFOp::create(builder, loc, predicate, value, number(bound));
    return arith::SelectOp::create(builder, loc, is, integer(then), otherwise);
  };
  using Predicate = arith::CmpFPredicate;
  if (isUnsigned) {
    Value result = arith::FPToUIOp::create(builder, loc, target, value);
    result = choose(Predicate::OGE, std::ldexp(1.0, width),
                    APInt::getMaxValue(width), result);
    return choose(Predicate::UNO, 0, APInt(width, 0),
                  choose(Predicate::OLE, 0, APInt(width, 0), result));
  }
  const double end = std::ldexp(1.0, width - 1);
  Value result = arith::FPToSIOp::create(builder, loc, target, value);
  result = choose(Predicate::OGE, end, APInt::getSignedMaxValue(width), result);
  result =
      choose(Predicate::OLT, -end, APInt::getSignedMinValue(width), result);
  return choose(Predicate::UNO, 0, APInt(width, 0), result);
}

Value Formula::isNotZero(Value value) {
  Value zero = arith::ConstantOp::create(builder, loc,
                                         builder.getZeroAttr(value.getType()));
  if (isa<FloatType>(value.getType()))
    return arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::UNE, value,
                                 zero);
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, value,
                               zero);
}

Value Formula::convert(Value value, Type target, bool isUnsigned) {
  Type source = value.getType();
  if (source == target)
    return value;
  if (target.isInteger(1))
    return isNotZero(value);
  isUnsigned |= source.isInteger(1);
  if (isa<FloatType>(source) && isa<IntegerType>(target))
    return toInteger(value, target, isUnsigned);
  const bool widens =
      source.getIntOrFloatBitWidth() < target.getIntOrFloatBitWidth();
  if (isa<FloatType>(source))
    return widens
               ? arith::ExtFOp::create(builder, loc, target, value).getResult()
               : arith::TruncFOp::create(builder, loc, target, value);
  // Rounded once: the wider type has every integer, but for those of 64 bits.
  if (isNarrow(target)) {
    Type wide = source.getIntOrFloatBitWidth() < 32 ? Type(builder.getF32Type())
                                                    : builder.getF64Type();
    return convert(convert(value, wide, isUnsigned), target);
  }
  if (isa<FloatType>(target))
    return isUnsigned ? arith::UIToFPOp::create(builder, loc, target, value)
                            .getResult()
                      : arith::SIToFPOp::create(builder, loc, target, value);
  if (!widens)
    return arith::TruncIOp::create(builder, loc, target, value);
  return isUnsigned
             ? arith::ExtUIOp::create(builder, loc, target, value).getResult()
             : arith::ExtSIOp::create(builder, loc, target, value);
}

//===--------------------------------------------------------------------===//
// Loop nests
//===--------------------------------------------------------------------===//

static AffineMap operandMap(MLIRContext *context, int64_t loops, int64_t rank,
                            bool leading) {
  int64_t first = leading ? 0 : loops - rank;
  SmallVector<AffineExpr> dims;
  for (int64_t i = first; i < first + rank; ++i)
    dims.push_back(getAffineDimExpr(i, context));
  return AffineMap::get(loops, 0, dims, context);
}

static Value empty(OpBuilder &builder, Location loc, RankedTensorType type) {
  return tensor::EmptyOp::create(builder, loc, type.getShape(),
                                 type.getElementType());
}

/// The tensors and indexing maps of a generic op's inputs.
static void addInputs(OpBuilder &builder, int64_t loops,
                      ArrayRef<Operand> operands, SmallVector<Value> &inputs,
                      SmallVector<AffineMap> &maps) {
  for (const Operand &operand : operands) {
    inputs.push_back(operand.tensor);
    MLIRContext *context = builder.getContext();
    int64_t rank = tensorType(operand.tensor).getRank();
    if (!operand.dims) {
      maps.push_back(operandMap(context, loops, rank, operand.rows));
      continue;
    }
    SmallVector<AffineExpr> dims;
    for (int64_t dim : *operand.dims)
      dims.push_back(getAffineDimExpr(dim, context));
    maps.push_back(AffineMap::get(loops, 0, dims, context));
  }
}

SmallVector<Value> ds::pointwise(OpBuilder &builder, Location loc,
                                 RankedTensorType type,
                                 ArrayRef<Operand> operands,
                                 function_ref<Results(Formula &)> body,
                                 unsigned results) {
  int64_t loops = type.getRank();
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  addInputs(builder, loops, operands, inputs, maps);
  SmallVector<Value> outs(results, empty(builder, loc, type));
  maps.append(results, builder.getMultiDimIdentityMap(loops));
  SmallVector<utils::IteratorType> iterators(loops,
                                             utils::IteratorType::parallel);
  auto generic = linalg::GenericOp::create(
      builder, loc, SmallVector<Type>(results, type), inputs, outs, maps,
      iterators, [&](OpBuilder &inner, Location, ValueRange args) {
        Formula formula(inner, loc, args,
                        Formula::computeType(type.getElementType()));
        SmallVector<Value> yielded;
        for (Scalar result : body(formula))
          yielded.push_back(
              formula.convert(result.value, type.getElementType()));
        linalg::YieldOp::create(inner, loc, yielded);
      });
  return SmallVector<Value>(generic.getResults());
}

Value ds::reduce(OpBuilder &builder, Location loc, RankedTensorType type,
                 ArrayRef<int64_t> shape, ArrayRef<Operand> operands,
                 double init, function_ref<Scalar(Formula &, Scalar)> body,
                 bool leading) {
  int64_t loops = shape.size(), rank = type.getRank();
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  addInputs(builder, loops, operands, inputs, maps);
  maps.push_back(operandMap(builder.getContext(), loops, rank, !leading));
  SmallVector<utils::IteratorType> iterators(loops,
                                             utils::IteratorType::reduction);
  std::fill_n(iterators.begin() + (leading ? loops - rank : 0), rank,
              utils::IteratorType::parallel);
  Value start = arith::ConstantOp::create(
      builder, loc, Formula::attribute(type.getElementType(), init));
  Value out =
      linalg::FillOp::create(builder, loc, start, empty(builder, loc, type))
          .getResult(0);
  auto generic = linalg::GenericOp::create(
      builder, loc, TypeRange(type), inputs, out, maps, iterators,
      [&](OpBuilder &inner, Location, ValueRange args) {
        Formula formula(inner, loc, args, type.getElementType());
        formula.folded = args.back();
        Scalar sum = body(formula, {&formula, formula.folded});
        linalg::YieldOp::create(inner, loc, sum.value);
      });
  return generic.getResult(0);
}

RankedTensorType ds::wideType(RankedTensorType type) {
  return RankedTensorType::get(type.getShape(),
                               Formula::computeType(type.getElementType()));
}

Value ds::narrowed(OpBuilder &builder, Location loc, RankedTensorType type,
                   Value wide) {
  if (wide.getType() == type)
    return wide;
  return pointwise(builder, loc, type, {wide},
                   [](Formula &f) -> Results { return {f.in(0)}; })[0];
}

RankedTensorType ds::rowType(RankedTensorType type) {
  return RankedTensorType::get(type.getShape().drop_back(),
                               Formula::computeType(type.getElementType()));
}
