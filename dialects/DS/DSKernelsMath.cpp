//===- DSKernelsMath.cpp - Elementwise ops and sums as loops ------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// KernelOpInterface of DSOpsMath.td, and the builders of DSKernelBuilder.h.
//===--------------------------------------------------------------------===//

#include "DSKernelBuilder.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

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

Scalar Formula::in(unsigned i) { return {this, convert(args[i], type)}; }

Scalar Formula::constant(double value) {
  TypedAttr attr;
  if (isa<FloatType>(type))
    attr = builder.getFloatAttr(type, value);
  else
    attr = builder.getIntegerAttr(type, static_cast<int64_t>(value));
  return {this, arith::ConstantOp::create(builder, loc, attr)};
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
Scalar Formula::erf(Scalar x) {
  return {this, math::ErfOp::create(builder, loc, x.value, flags(builder))};
}
Scalar Formula::max(Scalar x, Scalar y) {
  return {this, arith::MaxNumFOp::create(builder, loc, x.value, y.value,
                                         flags(builder, kFlags | kSumFlags))};
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

Value Formula::convert(Value value, Type target) {
  Type source = value.getType();
  if (source == target)
    return value;
  if (isa<FloatType>(source) && isa<FloatType>(target)) {
    if (source.getIntOrFloatBitWidth() < target.getIntOrFloatBitWidth())
      return arith::ExtFOp::create(builder, loc, target, value);
    return arith::TruncFOp::create(builder, loc, target, value);
  }
  if (isa<FloatType>(target))
    return arith::SIToFPOp::create(builder, loc, target, value);
  if (isa<FloatType>(source))
    return arith::FPToSIOp::create(builder, loc, target, value);
  if (source.getIntOrFloatBitWidth() < target.getIntOrFloatBitWidth())
    return arith::ExtSIOp::create(builder, loc, target, value);
  return arith::TruncIOp::create(builder, loc, target, value);
}

//===--------------------------------------------------------------------===//
// Loop nests
//===--------------------------------------------------------------------===//

/// Integers and float64 are computed as they are, all other floats in float32.
static Type computeType(Type element) {
  if (isa<FloatType>(element) && element.getIntOrFloatBitWidth() < 64)
    return Float32Type::get(element.getContext());
  return element;
}

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
        Formula formula(inner, loc, args, computeType(type.getElementType()));
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
      builder, loc, builder.getFloatAttr(type.getElementType(), init));
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

RankedTensorType ds::rowType(RankedTensorType type) {
  return RankedTensorType::get(type.getShape().drop_back(),
                               computeType(type.getElementType()));
}

//===--------------------------------------------------------------------===//
// Elementwise ops
//===--------------------------------------------------------------------===//

template <typename OpType> static int64_t innerRows(OpType op) {
  return std::max<int64_t>(tensorType(op.getResult()).getRank() - 1, 0);
}

#define DS_POINTWISE(OP, FORMULA)                                              \
  DS_KERNEL_WALK(OP, KernelKind::Elementwise,                                  \
                 tensorType(getResult()).getShape(), innerRows(*this))         \
  LogicalResult ds::OP::lowerToLinalg(OpBuilder &builder, ValueRange operands, \
                                      SmallVectorImpl<Value> &results) {       \
    SmallVector<Operand> inputs(operands.begin(), operands.end());             \
    results = pointwise(builder, getLoc(), tensorType(getResult()), inputs,    \
                        [](Formula &f) -> Results { return {FORMULA}; });      \
    return success();                                                          \
  }

/// The argument of tanh in GELU, doubled: tanh-GELU is x * sigmoid(2u).
static Scalar geluArgument(Scalar x) {
  constexpr double kTwoRootTwoOverPi = 1.5957691216057308;
  return x * (kTwoRootTwoOverPi + kTwoRootTwoOverPi * 0.044715 * (x * x));
}

static Scalar geluGrad(Formula &f, Scalar x, Scalar grad) {
  constexpr double kTwoRootTwoOverPi = 1.5957691216057308;
  Scalar s = f.sigmoid(geluArgument(x));
  Scalar slope = kTwoRootTwoOverPi + kTwoRootTwoOverPi * 3 * 0.044715 * (x * x);
  return grad * (s + x * slope * (s * (1.0 - s)));
}

/// The share of a standard normal below x.
static Scalar normalBelow(Formula &f, Scalar x) {
  constexpr double kRootHalf = 0.7071067811865476;
  return 0.5 + 0.5 * f.erf(kRootHalf * x);
}

static Scalar geluErfGrad(Formula &f, Scalar x, Scalar grad) {
  constexpr double kDensity = 0.3989422804014327; // 1 / sqrt(2 pi)
  Scalar density = kDensity * f.exp(-0.5 * (x * x));
  return grad * (normalBelow(f, x) + x * density);
}

static Scalar siluGrad(Formula &f, Scalar x, Scalar grad) {
  Scalar s = f.sigmoid(x);
  return grad * (s + x * (s * (1.0 - s)));
}

DS_POINTWISE(AddOp, f.in(0) + f.in(1))
DS_POINTWISE(SubOp, f.in(0) - f.in(1))
DS_POINTWISE(MulOp, f.in(0) * f.in(1))
DS_POINTWISE(DivOp, f.in(0) / f.in(1))
DS_POINTWISE(NegOp, -f.in(0))
DS_POINTWISE(GeluOp, f.in(0) * f.sigmoid(geluArgument(f.in(0))))
DS_POINTWISE(SiluOp, f.in(0) * f.sigmoid(f.in(0)))
DS_POINTWISE(GeluGradOp, geluGrad(f, f.in(0), f.in(1)))
DS_POINTWISE(GeluErfGradOp, geluErfGrad(f, f.in(0), f.in(1)))
DS_POINTWISE(SiluGradOp, siluGrad(f, f.in(0), f.in(1)))

//===--------------------------------------------------------------------===//
// Sums
//===--------------------------------------------------------------------===//

static KernelKind sumKind(SumOp op) {
  bool whole = tensorType(op.getResult()).getRank() == 0;
  return op.getTrailing() || whole ? KernelKind::Row : KernelKind::Column;
}

static int64_t sumRows(SumOp op) {
  int64_t kept = tensorType(op.getResult()).getRank();
  if (sumKind(op) == KernelKind::Row)
    return kept;
  return tensorType(op.getInput()).getRank() - kept;
}

DS_KERNEL_WALK(SumOp, sumKind(*this), tensorType(getInput()).getShape(),
               sumRows(*this))

LogicalResult SumOp::lowerToLinalg(OpBuilder &builder, ValueRange operands,
                                   SmallVectorImpl<Value> &results) {
  results.push_back(reduce(
      builder, getLoc(), tensorType(getResult()),
      tensorType(getInput()).getShape(), {operands[0]}, 0.0,
      [&](Formula &f, Scalar sum) {
        Scalar x = f.in(0);
        return sum + (getSquares() ? x * x : x);
      },
      /*leading=*/sumKind(*this) == KernelKind::Column));
  return success();
}
