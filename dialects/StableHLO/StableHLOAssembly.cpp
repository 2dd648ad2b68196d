//===- StableHLOAssembly.cpp - The spelling of StableHLO's ops ----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the ops' assembly formats call `custom`, and the two ops that are
// spelled as nothing else is: reduce and while.
//===--------------------------------------------------------------------===//

#include "StableHLOAssembly.h"

using namespace mlir;

namespace ds::stablehlo {

using Operands = SmallVector<OpAsmParser::UnresolvedOperand>;

ParseResult parseList(AsmParser &parser, SmallVectorImpl<int64_t> &list) {
  return parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&] {
    return parser.parseInteger(list.emplace_back());
  });
}

void printList(AsmPrinter &printer, ArrayRef<int64_t> list) {
  printer << "[";
  llvm::interleaveComma(list, printer);
  printer << "]";
}

//===--------------------------------------------------------------------===//
// Types
//===--------------------------------------------------------------------===//

/// One type for all, or a function type.
static ParseResult parseTypes(OpAsmParser &parser, ArrayRef<Type *> operands,
                              Type &result) {
  Type type;
  SMLoc place = parser.getCurrentLocation();
  if (parser.parseType(type))
    return failure();
  auto function = dyn_cast<FunctionType>(type);
  if (!function) {
    for (Type *operand : operands)
      *operand = type;
    result = type;
    return success();
  }
  if (function.getNumInputs() != operands.size() ||
      function.getNumResults() != 1)
    return parser.emitError(place, "expects ")
           << operands.size() << " operand types and 1 result type, but got "
           << function;
  for (auto [operand, input] : llvm::zip_equal(operands, function.getInputs()))
    *operand = input;
  result = function.getResult(0);
  return success();
}

static void printTypes(OpAsmPrinter &printer, ArrayRef<Type> operands,
                       Type result) {
  if (llvm::all_of(operands, [&](Type type) { return type == result; })) {
    printer << result;
    return;
  }
  printer << "(";
  llvm::interleaveComma(operands, printer);
  printer << ") -> " << result;
}

static ParseResult parseSameTypes(OpAsmParser &parser, Type &a, Type &result) {
  return parseTypes(parser, {&a}, result);
}
static ParseResult parseSameTypes(OpAsmParser &parser, Type &a, Type &b,
                                  Type &result) {
  return parseTypes(parser, {&a, &b}, result);
}
static ParseResult parseSameTypes(OpAsmParser &parser, Type &a, Type &b,
                                  Type &c, Type &result) {
  return parseTypes(parser, {&a, &b, &c}, result);
}
static void printSameTypes(OpAsmPrinter &printer, Operation *, Type a,
                           Type result) {
  printTypes(printer, {a}, result);
}
static void printSameTypes(OpAsmPrinter &printer, Operation *, Type a, Type b,
                           Type result) {
  printTypes(printer, {a, b}, result);
}
static void printSameTypes(OpAsmPrinter &printer, Operation *, Type a, Type b,
                           Type c, Type result) {
  printTypes(printer, {a, b, c}, result);
}

/// The condition's type and the values', or a function type.
static ParseResult parseSelectTypes(OpAsmParser &parser, Type &pred,
                                    Type &onTrue, Type &onFalse, Type &result) {
  Type first;
  SMLoc place = parser.getCurrentLocation();
  if (parser.parseType(first))
    return failure();
  if (auto function = dyn_cast<FunctionType>(first)) {
    if (function.getNumInputs() != 3 || function.getNumResults() != 1)
      return parser.emitError(place, "expects 3 operand types and 1 result "
                                     "type, but got ")
             << function;
    pred = function.getInput(0);
    onTrue = function.getInput(1);
    onFalse = function.getInput(2);
    result = function.getResult(0);
    return success();
  }
  pred = first;
  if (parser.parseComma() || parser.parseType(result))
    return failure();
  onTrue = onFalse = result;
  return success();
}

static void printSelectTypes(OpAsmPrinter &printer, Operation *, Type pred,
                             Type, Type, Type result) {
  printer << pred << ", " << result;
}

/// The result's complex type; the operands are its parts.
static ParseResult parseComplexTypes(OpAsmParser &parser, Type &lhs, Type &rhs,
                                     Type &result) {
  SMLoc place = parser.getCurrentLocation();
  if (parseTypes(parser, {&lhs, &rhs}, result))
    return failure();
  if (lhs != result)
    return success();
  auto tensor = dyn_cast<RankedTensorType>(result);
  auto number =
      tensor ? dyn_cast<ComplexType>(tensor.getElementType()) : nullptr;
  if (!number)
    return parser.emitError(place, "expects a tensor of complex numbers, but "
                                   "got ")
           << result;
  lhs = rhs = tensor.clone(number.getElementType());
  return success();
}

static void printComplexTypes(OpAsmPrinter &printer, Operation *, Type lhs,
                              Type rhs, Type result) {
  auto number = dyn_cast<ComplexType>(getElementTypeOrSelf(result));
  if (lhs == rhs && number &&
      getElementTypeOrSelf(lhs) == number.getElementType())
    printer << result;
  else
    printTypes(printer, {lhs, rhs}, result);
}

static ParseResult parsePairwise(OpAsmParser &parser,
                                 SmallVectorImpl<Type> &operands,
                                 SmallVectorImpl<Type> &results) {
  if (parser.parseTypeList(operands))
    return failure();
  results = operands;
  return success();
}
static void printPairwise(OpAsmPrinter &printer, Operation *,
                          TypeRange operands, TypeRange) {
  llvm::interleaveComma(operands, printer);
}

//===--------------------------------------------------------------------===//
// Operands and attributes
//===--------------------------------------------------------------------===//

/// Operands, each with a comma behind it.
static ParseResult
parseOperandsThen(OpAsmParser &parser,
                  SmallVectorImpl<OpAsmParser::UnresolvedOperand> &operands) {
  for (;;) {
    OpAsmParser::UnresolvedOperand operand;
    OptionalParseResult found = parser.parseOptionalOperand(operand);
    if (!found.has_value())
      return success();
    if (failed(*found) || parser.parseComma())
      return failure();
    operands.push_back(operand);
  }
}
static void printOperandsThen(OpAsmPrinter &printer, Operation *,
                              OperandRange operands) {
  for (Value operand : operands)
    printer << operand << ", ";
}

/// [0:4, 0:8:2]
static ParseResult parseRanges(OpAsmParser &parser, DenseI64ArrayAttr &starts,
                               DenseI64ArrayAttr &limits,
                               DenseI64ArrayAttr &strides) {
  SmallVector<int64_t> start, limit, stride;
  auto range = [&]() -> ParseResult {
    if (parser.parseInteger(start.emplace_back()) || parser.parseColon() ||
        parser.parseInteger(limit.emplace_back()))
      return failure();
    stride.push_back(1);
    if (succeeded(parser.parseOptionalColon()))
      return parser.parseInteger(stride.back());
    return success();
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, range))
    return failure();
  Builder &builder = parser.getBuilder();
  starts = builder.getDenseI64ArrayAttr(start);
  limits = builder.getDenseI64ArrayAttr(limit);
  strides = builder.getDenseI64ArrayAttr(stride);
  return success();
}
static void printRanges(OpAsmPrinter &printer, Operation *,
                        DenseI64ArrayAttr starts, DenseI64ArrayAttr limits,
                        DenseI64ArrayAttr strides) {
  llvm::ListSeparator comma;
  printer << "[";
  for (auto [start, limit, stride] : llvm::zip_equal(
           starts.asArrayRef(), limits.asArrayRef(), strides.asArrayRef())) {
    printer << StringRef(comma) << start << ":" << limit;
    if (stride != 1)
      printer << ":" << stride;
  }
  printer << "]";
}

/// e8m7
static ParseResult parseFormat(OpAsmParser &parser, IntegerAttr &exponent,
                               IntegerAttr &mantissa) {
  StringRef word;
  SMLoc place = parser.getCurrentLocation();
  if (parser.parseKeyword(&word))
    return failure();
  uint32_t e = 0, m = 0;
  StringRef rest = word;
  if (!rest.consume_front("e") || rest.consumeInteger(10, e) ||
      !rest.consume_front("m") || rest.consumeInteger(10, m) || !rest.empty() ||
      e > 64 || m > 64)
    return parser.emitError(place, "expects a format like e8m7, but got '")
           << word << "'";
  exponent = parser.getBuilder().getI32IntegerAttr(e);
  mantissa = parser.getBuilder().getI32IntegerAttr(m);
  return success();
}
static void printFormat(OpAsmPrinter &printer, Operation *,
                        IntegerAttr exponent, IntegerAttr mantissa) {
  printer << "e" << exponent.getInt() << "m" << mantissa.getInt();
}

/// A list of words: [DEFAULT, HIGH]
static ParseResult parsePrecision(OpAsmParser &parser, ArrayAttr &precision) {
  SmallVector<Attribute> words;
  auto word = [&]() -> ParseResult {
    StringRef text;
    SMLoc place = parser.getCurrentLocation();
    if (parser.parseKeyword(&text))
      return failure();
    std::optional<Precision> value = symbolizePrecision(text);
    if (!value)
      return parser.emitError(place, "unknown precision '") << text << "'";
    words.push_back(PrecisionAttr::get(parser.getContext(), *value));
    return success();
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, word))
    return failure();
  precision = parser.getBuilder().getArrayAttr(words);
  return success();
}

/// `batching_dims = [0] x [0], contracting_dims = [2] x [1], precision = ...,
/// algorithm = ...`; only the contracted dimensions are always there.
static ParseResult parseProduct(OpAsmParser &parser, DotAttr &dims,
                                ArrayAttr &precision,
                                DotAlgorithmAttr &algorithm) {
  SmallVector<int64_t> lhsBatch, rhsBatch, lhsSummed, rhsSummed;
  auto pair = [&](auto &lhs, auto &rhs) -> ParseResult {
    return failure(parser.parseEqual() || parseList(parser, lhs) ||
                   parser.parseKeyword("x") || parseList(parser, rhs));
  };
  if (succeeded(parser.parseOptionalKeyword("batching_dims")))
    if (pair(lhsBatch, rhsBatch) || parser.parseComma())
      return failure();
  if (parser.parseKeyword("contracting_dims") || pair(lhsSummed, rhsSummed))
    return failure();
  dims = DotAttr::get(parser.getContext(), lhsBatch, rhsBatch, lhsSummed,
                      rhsSummed);
  while (succeeded(parser.parseOptionalComma())) {
    if (succeeded(parser.parseOptionalKeyword("precision"))) {
      if (parser.parseEqual() || parsePrecision(parser, precision))
        return failure();
      continue;
    }
    if (parser.parseKeyword("algorithm") || parser.parseEqual())
      return failure();
    algorithm = dyn_cast_or_null<DotAlgorithmAttr>(
        DotAlgorithmAttr::parse(parser, Type()));
    if (!algorithm)
      return failure();
  }
  return success();
}
static void printProduct(OpAsmPrinter &printer, Operation *, DotAttr dims,
                         ArrayAttr precision, DotAlgorithmAttr algorithm) {
  if (!dims.getLhsBatch().empty() || !dims.getRhsBatch().empty()) {
    printList(printer << "batching_dims = ", dims.getLhsBatch());
    printList(printer << " x ", dims.getRhsBatch());
    printer << ", ";
  }
  printList(printer << "contracting_dims = ", dims.getLhsSummed());
  printList(printer << " x ", dims.getRhsSummed());
  if (precision) {
    printer << ", precision = [";
    llvm::interleaveComma(precision, printer, [&](Attribute word) {
      printer << stringifyPrecision(cast<PrecisionAttr>(word).getValue());
    });
    printer << "]";
  }
  if (algorithm) {
    printer << ", algorithm = ";
    printer.printStrippedAttrOrType(algorithm);
  }
}

static ParseResult parseTarget(OpAsmParser &parser, StringAttr &name) {
  return parser.parseSymbolName(name);
}
static void printTarget(OpAsmPrinter &printer, Operation *, StringAttr name) {
  printer.printSymbolName(name.getValue());
}

//===--------------------------------------------------------------------===//
// Convolution
//===--------------------------------------------------------------------===//

/// [b, 0, 1, f], with `first` for -1 and `second` for -2.
static ParseResult parseLayout(AsmParser &parser, StringRef first,
                               StringRef second,
                               SmallVectorImpl<int64_t> &layout) {
  auto dim = [&]() -> ParseResult {
    if (succeeded(parser.parseOptionalKeyword(first)))
      layout.push_back(-1);
    else if (succeeded(parser.parseOptionalKeyword(second)))
      layout.push_back(-2);
    else {
      SMLoc place = parser.getCurrentLocation();
      if (parser.parseInteger(layout.emplace_back()))
        return failure();
      if (layout.back() < 0)
        return parser.emitError(place, "expects a spatial dimension from 0 on");
    }
    return success();
  };
  return parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, dim);
}

static void printLayout(AsmPrinter &printer, StringRef first, StringRef second,
                        ArrayRef<int64_t> layout) {
  printer << "[";
  llvm::interleaveComma(layout, printer, [&](int64_t dim) {
    if (dim < 0)
      printer << (dim == -1 ? first : second);
    else
      printer << dim;
  });
  printer << "]";
}

ParseResult parseConvLayouts(AsmParser &parser, ConvDimsAttr &layouts) {
  SmallVector<int64_t> input, kernel, output;
  if (parseLayout(parser, "b", "f", input) || parser.parseKeyword("x") ||
      parseLayout(parser, "o", "i", kernel) || parser.parseArrow() ||
      parseLayout(parser, "b", "f", output))
    return failure();
  layouts = ConvDimsAttr::get(parser.getContext(), input, kernel, output);
  return success();
}

void printConvLayouts(AsmPrinter &printer, ConvDimsAttr layouts) {
  printLayout(printer, "b", "f", layouts.getInput());
  printLayout(printer << "x", "o", "i", layouts.getKernel());
  printLayout(printer << "->", "b", "f", layouts.getOutput());
}
static void printConvLayouts(OpAsmPrinter &printer, Operation *,
                             ConvDimsAttr layouts) {
  printConvLayouts(printer, layouts);
}

/// [[1, 1], [0, 2]]
static ParseResult parsePadding(OpAsmParser &parser,
                                DenseIntElementsAttr &padding) {
  SmallVector<int64_t> values;
  auto pair = [&]() -> ParseResult {
    return failure(
        parser.parseLSquare() || parser.parseInteger(values.emplace_back()) ||
        parser.parseComma() || parser.parseInteger(values.emplace_back()) ||
        parser.parseRSquare());
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, pair))
    return failure();
  auto type =
      RankedTensorType::get({static_cast<int64_t>(values.size() / 2), 2},
                            parser.getBuilder().getI64Type());
  padding = DenseIntElementsAttr::get(type, values);
  return success();
}

/// {stride = [1], pad = [[1, 1]], lhs_dilate = [1], rhs_dilate = [1],
/// reverse = [false]}, of which any may be missing.
static ParseResult parseWindow(OpAsmParser &parser, DenseI64ArrayAttr &strides,
                               DenseIntElementsAttr &padding,
                               DenseI64ArrayAttr &lhsDilation,
                               DenseI64ArrayAttr &rhsDilation,
                               DenseBoolArrayAttr &reversal) {
  auto list = [&](DenseI64ArrayAttr &attribute) -> ParseResult {
    SmallVector<int64_t> values;
    if (parseList(parser, values))
      return failure();
    attribute = parser.getBuilder().getDenseI64ArrayAttr(values);
    return success();
  };
  auto field = [&]() -> ParseResult {
    StringRef name;
    SMLoc place = parser.getCurrentLocation();
    if (parser.parseKeyword(&name) || parser.parseEqual())
      return failure();
    if (name == "stride")
      return list(strides);
    if (name == "pad")
      return parsePadding(parser, padding);
    if (name == "lhs_dilate")
      return list(lhsDilation);
    if (name == "rhs_dilate")
      return list(rhsDilation);
    if (name != "reverse")
      return parser.emitError(place, "unknown part '")
             << name << "' of a window";
    reversal = dyn_cast_or_null<DenseBoolArrayAttr>(
        DenseBoolArrayAttr::parse(parser, Type()));
    return success(reversal != nullptr);
  };
  return parser.parseCommaSeparatedList(AsmParser::Delimiter::Braces, field);
}

static void printWindow(OpAsmPrinter &printer, Operation *,
                        DenseI64ArrayAttr strides, DenseIntElementsAttr padding,
                        DenseI64ArrayAttr lhsDilation,
                        DenseI64ArrayAttr rhsDilation,
                        DenseBoolArrayAttr reversal) {
  llvm::ListSeparator comma;
  printer << "{";
  auto list = [&](StringRef name, DenseI64ArrayAttr attribute) {
    if (attribute)
      printList(printer << StringRef(comma) << name << " = ", attribute);
  };
  list("stride", strides);
  if (padding) {
    SmallVector<int64_t> values(padding.getValues<int64_t>());
    printer << StringRef(comma) << "pad = [";
    for (size_t i = 0; i + 1 < values.size(); i += 2)
      printer << (i ? ", [" : "[") << values[i] << ", " << values[i + 1] << "]";
    printer << "]";
  }
  list("lhs_dilate", lhsDilation);
  list("rhs_dilate", rhsDilation);
  if (reversal) {
    printer << StringRef(comma) << "reverse = ";
    reversal.print(printer);
  }
  printer << "}";
}

} // namespace ds::stablehlo

#define GET_OP_CLASSES
#include "ds/Dialect/StableHLO/StableHLOOps.cpp.inc"
