//===- StableHLORegions.cpp - The spelling of reduce and while ----------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "StableHLOAssembly.h"

using namespace mlir;

namespace ds::stablehlo {

using Operands = SmallVector<OpAsmParser::UnresolvedOperand>;

//===--------------------------------------------------------------------===//
// reduce
//===--------------------------------------------------------------------===//

/// The one op that a reduction applies, when that can be said by its name.
static Operation *onlyOp(ReduceOp reduce) {
  Region &region = reduce.getBody();
  if (reduce.getInputs().size() != 1 || !region.hasOneBlock())
    return nullptr;
  Block &block = region.front();
  if (block.getNumArguments() != 2 || block.getOperations().size() != 2)
    return nullptr;
  Operation &op = block.front();
  auto end = dyn_cast<ReturnOp>(block.back());
  bool plain = end && op.getNumOperands() == 2 && op.getNumResults() == 1 &&
               op.getNumRegions() == 0 && op.isRegistered() &&
               op.getDialect() == reduce->getDialect() &&
               op.getAttrs().empty() && end->getAttrs().empty() &&
               op.hasTrait<OpTrait::SameOperandsAndResultElementType>() &&
               op.getOperand(0) == block.getArgument(0) &&
               op.getOperand(1) == block.getArgument(1) &&
               end.getResults() == ValueRange(op.getResults());
  return plain ? &op : nullptr;
}

/// Types of what the function combines: scalars of the inputs' elements.
static SmallVector<Type> scalarTypes(ValueRange inputs) {
  SmallVector<Type> types;
  for (Value input : inputs)
    types.push_back(
        RankedTensorType::get({}, getElementTypeOrSelf(input.getType())));
  return types;
}

/// (%x init: %zero), ...
static ParseResult parseInputs(OpAsmParser &parser, Operands &inputs,
                               Operands &inits) {
  do {
    if (parser.parseLParen() || parser.parseOperand(inputs.emplace_back()) ||
        parser.parseKeyword("init") || parser.parseColon() ||
        parser.parseOperand(inits.emplace_back()) || parser.parseRParen())
      return failure();
  } while (succeeded(parser.parseOptionalComma()));
  return success();
}

/// Makes the region of `applies stablehlo.add`.
static ParseResult buildRegion(OpAsmParser &parser, SMLoc place, StringRef name,
                               OperationState &reduce) {
  OpBuilder builder(parser.getContext());
  std::optional<RegisteredOperationName> known =
      RegisteredOperationName::lookup(name, parser.getContext());
  if (!known || known->getDialectNamespace() != "stablehlo" ||
      !known->hasTrait<OpTrait::SameOperandsAndResultElementType>() ||
      !known->hasTrait<OpTrait::NOperands<2>::Impl>() ||
      !known->hasTrait<OpTrait::OneResult>())
    return parser.emitError(place,
                            "expects a binary op of StableHLO, but got '")
           << name << "'";
  if (reduce.operands.size() != 2)
    return parser.emitError(place, "expects one input for 'applies'");
  Type type = scalarTypes(reduce.operands[0]).front();
  Region *region = reduce.addRegion();
  Block &block = region->emplaceBlock();
  Location loc = reduce.location;
  block.addArguments({type, type}, {loc, loc});
  builder.setInsertionPointToStart(&block);
  OperationState op(loc, *known, block.getArguments(), type);
  ReturnOp::create(builder, loc, builder.create(op)->getResults());
  return success();
}

/// reducer(%a: t, %b: t) (%c: u, %d: u) { ... }
static ParseResult parseReducer(OpAsmParser &parser, OperationState &reduce) {
  SmallVector<OpAsmParser::Argument> lhs, rhs;
  if (parser.parseKeyword("reducer"))
    return failure();
  while (succeeded(parser.parseOptionalLParen())) {
    if (parser.parseArgument(lhs.emplace_back(), /*allowType=*/true) ||
        parser.parseComma() ||
        parser.parseArgument(rhs.emplace_back(), /*allowType=*/true) ||
        parser.parseRParen())
      return failure();
  }
  lhs.append(rhs);
  return parser.parseRegion(*reduce.addRegion(), lhs);
}

ParseResult ReduceOp::parse(OpAsmParser &parser, OperationState &result) {
  Operands operands, inits;
  SMLoc place = parser.getCurrentLocation(), applied;
  StringRef name;
  if (parseInputs(parser, operands, inits))
    return failure();
  if (succeeded(parser.parseOptionalKeyword("applies"))) {
    applied = parser.getCurrentLocation();
    if (parser.parseKeyword(&name))
      return failure();
  }
  SmallVector<int64_t> dimensions;
  FunctionType type;
  if (parser.parseKeyword("across") || parser.parseKeyword("dimensions") ||
      parser.parseEqual() || parseList(parser, dimensions) ||
      parser.parseOptionalAttrDict(result.attributes) ||
      parser.parseColonType(type))
    return failure();
  operands.append(inits);
  if (parser.resolveOperands(operands, type.getInputs(), place,
                             result.operands))
    return failure();
  result.addTypes(type.getResults());
  result.getOrAddProperties<Properties>().dimensions =
      parser.getBuilder().getDenseI64ArrayAttr(dimensions);
  if (name.empty())
    return parseReducer(parser, result);
  return buildRegion(parser, applied, name, result);
}

void ReduceOp::print(OpAsmPrinter &printer) {
  llvm::ListSeparator comma;
  for (auto [input, init] : llvm::zip_equal(getInputs(), getInitValues()))
    printer << StringRef(comma) << "(" << input << " init: " << init << ")";
  Operation *only = onlyOp(*this);
  if (only)
    printer << " applies " << only->getName();
  printList(printer << " across dimensions = ", getDimensions());
  printer.printOptionalAttrDict((*this)->getAttrs(), {"dimensions"});
  printer << " : ";
  printer.printFunctionalType(*this);
  if (only)
    return;
  printer.printNewline();
  printer << " reducer";
  Block &block = getBody().front();
  for (size_t i = 0, n = getInputs().size(); i < n; ++i) {
    printer << "(";
    printer.printRegionArgument(block.getArgument(i));
    printer << ", ";
    printer.printRegionArgument(block.getArgument(n + i));
    printer << ") ";
  }
  printer << ' ';
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false);
}

//===--------------------------------------------------------------------===//
// while
//===--------------------------------------------------------------------===//

ParseResult WhileOp::parse(OpAsmParser &parser, OperationState &result) {
  SmallVector<OpAsmParser::Argument> arguments;
  Operands operands;
  SMLoc place = parser.getCurrentLocation();
  auto pair = [&]() -> ParseResult {
    return failure(parser.parseArgument(arguments.emplace_back()) ||
                   parser.parseEqual() ||
                   parser.parseOperand(operands.emplace_back()));
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren, pair))
    return failure();
  if (!arguments.empty())
    if (parser.parseColon() || parser.parseTypeList(result.types))
      return failure();
  if (parser.resolveOperands(operands, result.types, place, result.operands))
    return failure();
  for (auto [argument, type] : llvm::zip_equal(arguments, result.types))
    argument.type = type;
  if (parser.parseOptionalAttrDictWithKeyword(result.attributes) ||
      parser.parseKeyword("cond") ||
      parser.parseRegion(*result.addRegion(), arguments) ||
      parser.parseKeyword("do") ||
      parser.parseRegion(*result.addRegion(), arguments))
    return failure();
  return success();
}

void WhileOp::print(OpAsmPrinter &printer) {
  // Both regions show the body's names: the condition's must be the same.
  printer.shadowRegionArgs(getCond(), getBody().getArguments());
  llvm::ListSeparator comma;
  printer << "(";
  for (auto [argument, operand] :
       llvm::zip_equal(getBody().getArguments(), getOperands())) {
    printer << StringRef(comma);
    printer.printRegionArgument(argument, {}, /*omitType=*/true);
    printer << " = " << operand;
  }
  printer << ")";
  if (getNumOperands() > 0)
    printer << " : " << getOperandTypes();
  printer.printOptionalAttrDictWithKeyword((*this)->getAttrs());
  printer.printNewline();
  printer << " cond ";
  printer.printRegion(getCond(), /*printEntryBlockArgs=*/false);
  printer << " do ";
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false);
}

} // namespace ds::stablehlo
