//===- DSSchedule.cpp - A number as a function of the step --------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Schedule::at() is the definition.  decompose() reads the same formulas as
// scalar instructions, which have no branch: each piece is computed, and the
// one that is in force is taken by factors that are 0 or 1.
//===--------------------------------------------------------------------===//

#include "ds/Dialect/DS/DS.h"

using namespace mlir;

namespace ds {
namespace {

/// A float64 scalar under construction.
struct Scalar {
  OpBuilder *b;
  Value value;

  template <typename Op> Scalar apply() const {
    return {b, Op::create(*b, value.getLoc(), value.getType(), value)};
  }
  template <typename Op> Scalar apply(Value other) const {
    return {b, Op::create(*b, value.getLoc(), value.getType(), value, other)};
  }
  Scalar number(double number) const {
    auto type = cast<RankedTensorType>(value.getType());
    return {b, ConstantOp::create(*b, value.getLoc(), type, number)};
  }
};

Scalar operator+(Scalar x, Scalar y) { return x.apply<AddOp>(y.value); }
Scalar operator-(Scalar x, Scalar y) { return x.apply<SubOp>(y.value); }
Scalar operator*(Scalar x, Scalar y) { return x.apply<MulOp>(y.value); }
Scalar operator/(Scalar x, Scalar y) { return x.apply<DivOp>(y.value); }
Scalar operator+(Scalar x, double y) { return x + x.number(y); }
Scalar operator-(Scalar x, double y) { return x - x.number(y); }
Scalar operator*(Scalar x, double y) { return x * x.number(y); }
Scalar operator/(Scalar x, double y) { return x / x.number(y); }
Scalar operator-(double x, Scalar y) { return y.number(x) - y; }
Scalar operator/(double x, Scalar y) { return y.number(x) / y; }
Scalar max(Scalar x, double y) { return x.apply<MaxOp>(x.number(y).value); }
Scalar min(Scalar x, double y) { return x.apply<MinOp>(x.number(y).value); }
Scalar pow(Scalar x, double y) { return x.apply<PowOp>(x.number(y).value); }
Scalar floor(Scalar x) { return x.apply<FloorOp>(); }
Scalar log(Scalar x) { return x.apply<LogOp>(); }
Scalar cos(Scalar x) { return x.apply<CosOp>(); }
Scalar sqrt(Scalar x) { return x.apply<SqrtOp>(); }

/// 1 after step `begin`, else 0.
Scalar hasBegun(Scalar step, int64_t begin) {
  return min(max(step - static_cast<double>(begin), 0.0), 1.0);
}

} // namespace

//===--------------------------------------------------------------------===//
// The attribute
//===--------------------------------------------------------------------===//

LogicalResult ScheduleAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   ArrayRef<Piece> pieces) {
  const std::string why = whyInvalid({{pieces.begin(), pieces.end()}});
  return why.empty() ? success() : LogicalResult(emitError() << why);
}

void ScheduleAttr::print(AsmPrinter &printer) const {
  printer << "<" << asText(getSchedule()) << ">";
}

/// after 9 : linear 0.0 to 1.0 in 90 by 2.0 stairs 3 early
static ParseResult parsePiece(AsmParser &parser, Piece &piece) {
  if (parser.parseKeyword("after") || parser.parseInteger(piece.begin) ||
      parser.parseColon())
    return failure();
  StringRef name;
  const SMLoc place = parser.getCurrentLocation();
  if (failed(parser.parseOptionalKeyword(&name)))
    return parser.parseFloat(piece.from);
  while (name != nameOf(piece.curve) || !piece.moves()) {
    if (piece.curve == Curve::shrink)
      return parser.emitError(place) << "expects linear, log, cosine, power, "
                                        "root, grow or shrink, but got "
                                     << name;
    piece.curve = static_cast<Curve>(static_cast<int>(piece.curve) + 1);
  }
  if (parser.parseFloat(piece.from))
    return failure();
  if (!piece.isEndless() &&
      (parser.parseKeyword("to") || parser.parseFloat(piece.to)))
    return failure();
  if (parser.parseKeyword("in") || parser.parseInteger(piece.steps))
    return failure();
  if ((piece.isEndless() || piece.curve == Curve::power) &&
      (parser.parseKeyword("by") || parser.parseFloat(piece.factor)))
    return failure();
  if (failed(parser.parseOptionalKeyword("stairs")))
    return success();
  if (parser.parseInteger(piece.stairs))
    return failure();
  piece.early = succeeded(parser.parseOptionalKeyword("early"));
  return success();
}

Attribute ScheduleAttr::parse(AsmParser &parser, Type) {
  SmallVector<Piece> pieces;
  const SMLoc place = parser.getCurrentLocation();
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::LessGreater, [&] {
        return parsePiece(parser, pieces.emplace_back());
      }))
    return {};
  return getChecked([&] { return parser.emitError(place); },
                    parser.getContext(), ArrayRef<Piece>(pieces));
}

//===--------------------------------------------------------------------===//
// The op
//===--------------------------------------------------------------------===//

void ScheduleValueOp::evaluate(ArrayRef<const HostTensor *> operands,
                               MutableArrayRef<HostTensor> results) {
  const auto step = static_cast<int64_t>(operands[0]->data[0]);
  results[0].data[0] = getSchedule().getSchedule().at(step);
}

OpFoldResult ScheduleValueOp::fold(FoldAdaptor) {
  ArrayRef<Piece> pieces = getSchedule().getPieces();
  if (pieces.size() > 1 || pieces[0].moves())
    return {};
  return DenseElementsAttr::get(cast<ShapedType>(getValue().getType()),
                                pieces[0].from);
}

SmallVector<Value> ScheduleValueOp::decompose(OpBuilder &b) {
  auto f64 = RankedTensorType::get({}, b.getF64Type());
  const Scalar step{&b, CastOp::create(b, getLoc(), f64, getStep())};
  auto compute = [&](const Piece &piece) {
    return piece.moves() ? valueOf(piece, step) : step.number(piece.from);
  };
  ArrayRef<Piece> pieces = getSchedule().getPieces();
  Scalar value = compute(pieces[0]);
  for (const Piece &piece : pieces.drop_front()) {
    const Scalar now = hasBegun(step, piece.begin);
    value = value * (1.0 - now) + compute(piece) * now;
  }
  return {value.value};
}

} // namespace ds
