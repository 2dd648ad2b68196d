//===- Elementwise.cpp - Importing elementwise ops ----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Most ops have a counterpart; the few functions that have none are written
// out.
//===--------------------------------------------------------------------===//

#include "Importer.h"

using namespace mlir;

namespace ds::hlo {
namespace {

/// Pairs of names: of an op here and of its counterpart in ds.
constexpr std::pair<StringLiteral, StringLiteral> kUnary[] = {
    {"stablehlo.abs", "ds.abs"},
    {"stablehlo.cbrt", "ds.cbrt"},
    {"stablehlo.ceil", "ds.ceil"},
    {"stablehlo.cosine", "ds.cos"},
    {"stablehlo.count_leading_zeros", "ds.count_leading_zeros"},
    {"stablehlo.exponential", "ds.exp"},
    {"stablehlo.exponential_minus_one", "ds.expm1"},
    {"stablehlo.floor", "ds.floor"},
    {"stablehlo.is_finite", "ds.is_finite"},
    {"stablehlo.log", "ds.log"},
    {"stablehlo.log_plus_one", "ds.log1p"},
    {"stablehlo.logistic", "ds.sigmoid"},
    {"stablehlo.negate", "ds.neg"},
    {"stablehlo.not", "ds.not"},
    {"stablehlo.popcnt", "ds.popcount"},
    {"stablehlo.round_nearest_afz", "ds.round_away"},
    {"stablehlo.round_nearest_even", "ds.round"},
    {"stablehlo.rsqrt", "ds.rsqrt"},
    {"stablehlo.sign", "ds.sign"},
    {"stablehlo.sine", "ds.sin"},
    {"stablehlo.sqrt", "ds.sqrt"},
    {"stablehlo.tan", "ds.tan"},
    {"stablehlo.tanh", "ds.tanh"},
    {"chlo.erf", "ds.erf"},
    {"chlo.erf_inv", "ds.erf_inv"},
    {"chlo.tan", "ds.tan"},
};

struct Binary {
  StringLiteral from, to;
  StringLiteral truth;   ///< The op of truth values, if another.
  bool commutes = false; ///< Operands may be exchanged.
  bool hasSign = false;  ///< Of unsigned integers another function.
};

constexpr Binary kBinary[] = {
    {"stablehlo.add", "ds.add", "ds.or", true},
    {"stablehlo.and", "ds.and", "ds.and", true},
    {"stablehlo.atan2", "ds.atan2", ""},
    {"stablehlo.divide", "ds.div", "", false, true},
    {"stablehlo.maximum", "ds.max", "ds.or", true, true},
    {"stablehlo.minimum", "ds.min", "ds.and", true, true},
    {"stablehlo.multiply", "ds.mul", "ds.and", true},
    {"stablehlo.or", "ds.or", "ds.or", true},
    {"stablehlo.power", "ds.pow", ""},
    {"stablehlo.remainder", "ds.rem", "", false, true},
    {"stablehlo.shift_left", "ds.shift_left", ""},
    {"stablehlo.shift_right_arithmetic", "ds.shift_right", ""},
    {"stablehlo.subtract", "ds.sub", ""},
    {"stablehlo.xor", "ds.xor", "ds.xor", true},
};

LogicalResult importBinary(Importer &importer, Operation *op,
                           const Binary &row) {
  Value lhs = importer.lookup(op->getOperand(0));
  Value rhs = importer.lookup(op->getOperand(1));
  StringRef name = row.to;
  SmallVector<NamedAttribute> attributes;
  if (tensorType(lhs).getElementType().isInteger(1))
    name = row.truth;
  else if (row.hasSign && isUnsigned(op->getOperand(0)))
    attributes.push_back(importer.flag("is_unsigned"));
  if (name.empty())
    return op->emitOpError("expects numbers, but got ") << lhs.getType();
  return importer.define(
      op->getResult(0),
      importer.makeBinary(name, lhs, rhs, row.commutes, attributes));
}

LogicalResult importLogicalShift(Importer &importer, Operation *op) {
  Value made =
      importer.makeBinary("ds.shift_right", importer.lookup(op->getOperand(0)),
                          importer.lookup(op->getOperand(1)),
                          /*commutes=*/false, importer.flag("is_unsigned"));
  return importer.define(op->getResult(0), made);
}

StringRef relationOf(stablehlo::Direction direction) {
  switch (direction) {
  case stablehlo::Direction::EQ:
    return "eq";
  case stablehlo::Direction::NE:
    return "ne";
  case stablehlo::Direction::GE:
    return "ge";
  case stablehlo::Direction::GT:
    return "gt";
  case stablehlo::Direction::LE:
    return "le";
  case stablehlo::Direction::LT:
    return "lt";
  }
  llvm_unreachable("no such direction");
}

LogicalResult importCompare(Importer &importer, stablehlo::CompareOp op) {
  if (op.getCompareType() == stablehlo::CompareType::TOTALORDER)
    return op.emitOpError("compares in total order, which cannot be imported "
                          "yet; compare floating-point numbers as such");
  Value lhs = importer.lookup(op.getLhs()), rhs = importer.lookup(op.getRhs());
  SmallVector<NamedAttribute> attributes{
      importer.named("relation", relationOf(op.getComparisonDirection()))};
  if (isUnsigned(op.getLhs()))
    attributes.push_back(importer.flag("is_unsigned"));
  return importer.define(op, importer.makeBinary("ds.compare", lhs, rhs,
                                                 /*commutes=*/false, attributes,
                                                 convertType(op.getType())));
}

/// Whole again: both values of a select have the result's shape.
LogicalResult importSelect(Importer &importer, stablehlo::SelectOp op) {
  Value pred = importer.lookup(op.getPred());
  Value yes = importer.lookup(op.getOnTrue());
  Value no = importer.lookup(op.getOnFalse());
  if (std::optional<int64_t> chosen = Importer::knownInteger(pred))
    return importer.define(op, *chosen ? yes : no);
  return importer.define(
      op, importer.make("ds.select", yes.getType(), {pred, yes, no}));
}

LogicalResult importClamp(Importer &importer, stablehlo::ClampOp op) {
  Value x = importer.lookup(op.getOperand());
  SmallVector<NamedAttribute> sign;
  if (isUnsigned(op.getOperand()))
    sign.push_back(importer.flag("is_unsigned"));
  Value low = importer.makeBinary("ds.max", x, importer.lookup(op.getMin()),
                                  /*commutes=*/false, sign);
  return importer.define(op, importer.makeBinary("ds.min", low,
                                                 importer.lookup(op.getMax()),
                                                 /*commutes=*/false, sign));
}

LogicalResult importConvert(Importer &importer, stablehlo::ConvertOp op) {
  Value x = importer.lookup(op.getOperand());
  Type type = convertType(op.getType());
  if (x.getType() == type) // ui32 to i32 keeps the bits
    return importer.define(op, x);
  SmallVector<NamedAttribute> attributes;
  // Of two integers the operand decides how it is extended.
  const bool fromFloat = isa<FloatType>(getElementTypeOrSelf(x.getType()));
  if (isUnsigned(fromFloat ? op.getResult() : op.getOperand()))
    attributes.push_back(importer.flag("is_unsigned"));
  return importer.define(op, importer.make("ds.cast", type, x, attributes));
}

/// The integer that a constant repeats.
std::optional<uint64_t> repeatedInteger(Value value) {
  if (auto broadcast = value.getDefiningOp<stablehlo::BroadcastInDimOp>())
    value = broadcast.getOperand();
  auto constant = value.getDefiningOp<stablehlo::ConstantOp>();
  auto dense = constant ? dyn_cast<DenseElementsAttr>(constant.getValue())
                        : DenseElementsAttr();
  if (!dense || !dense.isSplat() || !isa<IntegerType>(dense.getElementType()))
    return std::nullopt;
  return dense.getSplatValue<APInt>().getZExtValue();
}

/// The fraction of which `op` makes a number in [1, 2), as JAX makes uniform
/// ones: `fraction | bits of 1.0` with at most 23 bits from a shift.
Value fractionOf(stablehlo::BitcastOp op) {
  constexpr uint64_t kOne = 0x3F800000, kShift = 9;
  auto merged = op.getOperand().getDefiningOp<stablehlo::OrOp>();
  if (!merged || !getElementTypeOrSelf(op.getType()).isF32() ||
      getElementTypeOrSelf(op.getOperand().getType()).getIntOrFloatBitWidth() !=
          32)
    return nullptr;
  for (int which : {0, 1}) {
    Value fraction = merged->getOperand(which);
    auto shifted = fraction.getDefiningOp<stablehlo::ShiftRightLogicalOp>();
    if (shifted && repeatedInteger(shifted->getOperand(1)) == kShift &&
        repeatedInteger(merged->getOperand(1 - which)) == kOne)
      return fraction;
  }
  return nullptr;
}

LogicalResult importBitcast(Importer &importer, stablehlo::BitcastOp op) {
  if (Value fraction = fractionOf(op)) {
    // Exact: a number of 23 bits, and a sum without rounding.
    RankedTensorType type = convertType(op.getType());
    auto scalar = RankedTensorType::get({}, type.getElementType());
    Value number = importer.make("ds.cast", type, importer.lookup(fraction));
    number = importer.makeBinary("ds.mul", number,
                                 importer.constant(scalar, 0x1p-23),
                                 /*commutes=*/true);
    return importer.define(op,
                           importer.makeBinary("ds.add", number,
                                               importer.constant(scalar, 1.0),
                                               /*commutes=*/true));
  }
  Value x = importer.lookup(op.getOperand());
  RankedTensorType from = tensorType(x), to = convertType(op.getType());
  if (from == to)
    return importer.define(op, x);
  if (from.getShape() == to.getShape())
    return importer.define(op, importer.make("ds.bitcast", to, x));
  if (from.getElementType().isInteger(32) && to.getElementType().isInteger(64))
    return importer.define(op, importer.joinWords(x));
  if (from.getElementType().isInteger(64) && to.getElementType().isInteger(32))
    return importer.define(op, importer.splitWords(x));
  return op.emitOpError("takes bits as a type of another width, which cannot "
                        "be imported yet, but between integers of 32 and 64 "
                        "bits");
}

LogicalResult importReducePrecision(Importer &importer,
                                    stablehlo::ReducePrecisionOp op) {
  Type element = getElementTypeOrSelf(op.getType());
  const bool whole = element.isF32() && op.getExponentBits() == 8 &&
                     op.getMantissaBits() == 23;
  if (!whole)
    return op.emitOpError("rounds to fewer bits, which cannot be imported yet");
  return importer.define(op, importer.lookup(op.getOperand()));
}

//===--------------------------------------------------------------------===//
// Functions that are written out
//===--------------------------------------------------------------------===//

/// Ops on one value, for formulas.
struct Formula {
  Importer &importer;
  Value x = {};

  Value unary(StringRef name, Value value) {
    return importer.make(name, value.getType(), value);
  }
  Value binary(StringRef name, Value lhs, Value rhs) {
    return importer.makeBinary(name, lhs, rhs, /*commutes=*/false);
  }
  Value scalar(double value) {
    Type element = getElementTypeOrSelf(x.getType());
    return importer.constant(RankedTensorType::get({}, element), value);
  }
  Value exp(Value value) { return unary("ds.exp", value); }
  Value neg(Value value) { return unary("ds.neg", value); }
};

using MakeFormula = Value (*)(Formula &f, Value x);

constexpr std::pair<StringLiteral, MakeFormula> kFormulas[] = {
    {"chlo.square",
     [](Formula &f, Value x) { return f.binary("ds.mul", x, x); }},
    {"chlo.erfc",
     [](Formula &f, Value x) {
       return f.binary("ds.add", f.neg(f.unary("ds.erf", x)), f.scalar(1));
     }},
    {"chlo.sinh",
     [](Formula &f, Value x) {
       Value difference = f.binary("ds.sub", f.exp(x), f.exp(f.neg(x)));
       return f.binary("ds.mul", difference, f.scalar(0.5));
     }},
    {"chlo.cosh",
     [](Formula &f, Value x) {
       Value sum = f.binary("ds.add", f.exp(x), f.exp(f.neg(x)));
       return f.binary("ds.mul", sum, f.scalar(0.5));
     }},
    {"chlo.atanh",
     [](Formula &f, Value x) {
       Value difference = f.binary("ds.sub", f.unary("ds.log1p", x),
                                   f.unary("ds.log1p", f.neg(x)));
       return f.binary("ds.mul", difference, f.scalar(0.5));
     }},
};

} // namespace

void addElementwise(Handlers &handlers) {
  for (auto [from, to] : kUnary)
    handlers[from] = [to = to](Importer &importer, Operation *op) {
      return importer.define(
          op->getResult(0),
          importer.make(to, convertType(op->getResult(0).getType()),
                        importer.lookup(op->getOperand(0))));
    };
  for (const Binary &row : kBinary)
    handlers[row.from] = [&row](Importer &importer, Operation *op) {
      return importBinary(importer, op, row);
    };
  for (auto [from, formula] : kFormulas)
    handlers[from] = [formula = formula](Importer &importer, Operation *op) {
      Formula f{importer, importer.lookup(op->getOperand(0))};
      return importer.define(op->getResult(0), formula(f, f.x));
    };
  handlers[stablehlo::ShiftRightLogicalOp::getOperationName()] =
      importLogicalShift;
  add(handlers, importCompare);
  add(handlers, importSelect);
  add(handlers, importClamp);
  add(handlers, importConvert);
  add(handlers, importBitcast);
  add(handlers, importReducePrecision);
}

} // namespace ds::hlo
