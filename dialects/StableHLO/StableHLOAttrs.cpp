//===- StableHLOAttrs.cpp - Attributes of StableHLO ---------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Records are written <name = value, ...> in any order; what has the default
// is left out.
//===--------------------------------------------------------------------===//

#include "StableHLOAssembly.h"
#include "ds/Dialect/StableHLO/StableHLO.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

#include "ds/Dialect/StableHLO/StableHLOEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "ds/Dialect/StableHLO/StableHLOAttrs.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "ds/Dialect/StableHLO/StableHLOTypes.cpp.inc"

namespace ds::stablehlo {

using Ints = SmallVector<int64_t>;

void StableHLODialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "ds/Dialect/StableHLO/StableHLOAttrs.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "ds/Dialect/StableHLO/StableHLOTypes.cpp.inc"
      >();
}

Attribute StableHLODialect::parseAttribute(DialectAsmParser &parser,
                                           Type type) const {
  StringRef mnemonic;
  Attribute attribute;
  OptionalParseResult known =
      generatedAttributeParser(parser, &mnemonic, type, attribute);
  if (known.has_value())
    return attribute;
  // Facts for other compilers (aliases, channels) are kept as text.
  return OpaqueAttr::getChecked(
      [&] { return parser.emitError(parser.getNameLoc()); },
      StringAttr::get(getContext(), getNamespace()), parser.getFullSymbolSpec(),
      type ? type : NoneType::get(getContext()));
}

void StableHLODialect::printAttribute(Attribute attribute,
                                      DialectAsmPrinter &printer) const {
  (void)generatedAttributePrinter(attribute, printer);
}

Type StableHLODialect::parseType(DialectAsmParser &parser) const {
  StringRef mnemonic;
  Type type;
  if (generatedTypeParser(parser, &mnemonic, type).has_value())
    return type;
  parser.emitError(parser.getNameLoc(), "unknown type '")
      << mnemonic << "' of StableHLO";
  return {};
}

void StableHLODialect::printType(Type type, DialectAsmPrinter &printer) const {
  (void)generatedTypePrinter(type, printer);
}

//===--------------------------------------------------------------------===//
// Records
//===--------------------------------------------------------------------===//

namespace {

/// The fields of a record, for both directions.
struct Record {
  std::vector<std::pair<StringRef, Ints *>> lists;
  std::vector<std::pair<StringRef, int64_t *>> numbers;

  ParseResult parseField(AsmParser &parser) {
    StringRef name;
    SMLoc place = parser.getCurrentLocation();
    if (parser.parseKeyword(&name) || parser.parseEqual())
      return failure();
    for (auto &[key, list] : lists)
      if (key == name)
        return list->clear(), parseList(parser, *list);
    for (auto &[key, number] : numbers)
      if (key == name)
        return parser.parseInteger(*number);
    return parser.emitError(place, "unknown field '") << name << "'";
  }

  ParseResult parse(AsmParser &parser) {
    return parser.parseCommaSeparatedList(AsmParser::Delimiter::LessGreater,
                                          [&] { return parseField(parser); });
  }

  void print(AsmPrinter &printer) const {
    llvm::ListSeparator comma;
    printer << "<";
    for (auto &[key, list] : lists)
      if (!list->empty())
        printList(printer << StringRef(comma) << key << " = ", *list);
    for (auto &[key, number] : numbers)
      printer << StringRef(comma) << key << " = " << *number;
    printer << ">";
  }
};

struct DotFields {
  Ints lhsBatch, rhsBatch, lhsSummed, rhsSummed;
  Record record() {
    return {{{"lhs_batching_dimensions", &lhsBatch},
             {"rhs_batching_dimensions", &rhsBatch},
             {"lhs_contracting_dimensions", &lhsSummed},
             {"rhs_contracting_dimensions", &rhsSummed}},
            {}};
  }
};

struct GatherFields {
  Ints offset, collapsed, operandBatch, indicesBatch, startMap;
  int64_t indexVector = 0;
  Record record() {
    return {{{"offset_dims", &offset},
             {"collapsed_slice_dims", &collapsed},
             {"operand_batching_dims", &operandBatch},
             {"start_indices_batching_dims", &indicesBatch},
             {"start_index_map", &startMap}},
            {{"index_vector_dim", &indexVector}}};
  }
};

struct ScatterFields {
  Ints window, inserted, operandBatch, indicesBatch, scatterMap;
  int64_t indexVector = 0;
  Record record() {
    return {{{"update_window_dims", &window},
             {"inserted_window_dims", &inserted},
             {"input_batching_dims", &operandBatch},
             {"scatter_indices_batching_dims", &indicesBatch},
             {"scatter_dims_to_operand_dims", &scatterMap}},
            {{"index_vector_dim", &indexVector}}};
  }
};

} // namespace

Attribute DotAttr::parse(AsmParser &parser, Type) {
  DotFields f;
  if (f.record().parse(parser))
    return {};
  return get(parser.getContext(), f.lhsBatch, f.rhsBatch, f.lhsSummed,
             f.rhsSummed);
}

void DotAttr::print(AsmPrinter &printer) const {
  DotFields f{Ints(getLhsBatch()), Ints(getRhsBatch()), Ints(getLhsSummed()),
              Ints(getRhsSummed())};
  f.record().print(printer);
}

Attribute GatherDimsAttr::parse(AsmParser &parser, Type) {
  GatherFields f;
  if (f.record().parse(parser))
    return {};
  return get(parser.getContext(), f.offset, f.collapsed, f.operandBatch,
             f.indicesBatch, f.startMap, f.indexVector);
}

void GatherDimsAttr::print(AsmPrinter &printer) const {
  GatherFields f{Ints(getOffset()),       Ints(getCollapsed()),
                 Ints(getOperandBatch()), Ints(getIndicesBatch()),
                 Ints(getStartMap()),     getIndexVector()};
  f.record().print(printer);
}

Attribute ScatterDimsAttr::parse(AsmParser &parser, Type) {
  ScatterFields f;
  if (f.record().parse(parser))
    return {};
  return get(parser.getContext(), f.window, f.inserted, f.operandBatch,
             f.indicesBatch, f.scatterMap, f.indexVector);
}

void ScatterDimsAttr::print(AsmPrinter &printer) const {
  ScatterFields f{Ints(getWindow()),       Ints(getInserted()),
                  Ints(getOperandBatch()), Ints(getIndicesBatch()),
                  Ints(getScatterMap()),   getIndexVector()};
  f.record().print(printer);
}

//===--------------------------------------------------------------------===//
// Others
//===--------------------------------------------------------------------===//

Attribute DotAlgorithmAttr::parse(AsmParser &parser, Type) {
  Type lhs, rhs, sum;
  int64_t lhsParts = 1, rhsParts = 1, operations = 1;
  bool imprecise = false;
  auto field = [&]() -> ParseResult {
    StringRef name;
    SMLoc place = parser.getCurrentLocation();
    if (parser.parseKeyword(&name) || parser.parseEqual())
      return failure();
    for (auto [key, type] : {std::pair("lhs_precision_type", &lhs),
                             std::pair("rhs_precision_type", &rhs),
                             std::pair("accumulation_type", &sum)})
      if (name == key)
        return parser.parseType(*type);
    for (auto [key, number] :
         {std::pair("lhs_component_count", &lhsParts),
          std::pair("rhs_component_count", &rhsParts),
          std::pair("num_primitive_operations", &operations)})
      if (name == key)
        return parser.parseInteger(*number);
    if (name != "allow_imprecise_accumulation")
      return parser.emitError(place, "unknown field '") << name << "'";
    StringRef word;
    if (parser.parseKeyword(&word))
      return failure();
    imprecise = word == "true";
    return success();
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::LessGreater, field))
    return {};
  if (!lhs || !rhs || !sum) {
    parser.emitError(parser.getNameLoc(), "expects the types of both operands "
                                          "and of the sum");
    return {};
  }
  return get(parser.getContext(), lhs, rhs, sum, lhsParts, rhsParts, operations,
             imprecise);
}

void DotAlgorithmAttr::print(AsmPrinter &printer) const {
  printer << "<lhs_precision_type = " << getLhs()
          << ", rhs_precision_type = " << getRhs()
          << ", accumulation_type = " << getAccumulation()
          << ", lhs_component_count = " << getLhsComponents()
          << ", rhs_component_count = " << getRhsComponents()
          << ", num_primitive_operations = " << getOperations()
          << ", allow_imprecise_accumulation = "
          << (getImprecise() ? "true" : "false") << ">";
}

Attribute ConvDimsAttr::parse(AsmParser &parser, Type) {
  ConvDimsAttr layouts;
  if (parser.parseLess() || parseConvLayouts(parser, layouts) ||
      parser.parseGreater())
    return {};
  return layouts;
}

void ConvDimsAttr::print(AsmPrinter &printer) const {
  printer << "<";
  printConvLayouts(printer, *this);
  printer << ">";
}

Attribute AccuracyAttr::parse(AsmParser &parser, Type) {
  Builder builder(parser.getContext());
  double atol = 0, rtol = 0;
  int64_t ulps = 0;
  auto mode = AccuracyModeAttr::get(parser.getContext(), AccuracyMode::DEFAULT);
  auto field = [&]() -> ParseResult {
    StringRef name;
    SMLoc place = parser.getCurrentLocation();
    if (parser.parseKeyword(&name) || parser.parseEqual())
      return failure();
    if (name == "atol" || name == "rtol")
      return parser.parseFloat(name == "atol" ? atol : rtol);
    if (name == "ulps")
      return parser.parseInteger(ulps);
    if (name == "mode")
      return parser.parseAttribute(mode);
    return parser.emitError(place, "unknown field '") << name << "'";
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::LessGreater, field))
    return {};
  return get(parser.getContext(), builder.getF64FloatAttr(atol),
             builder.getF64FloatAttr(rtol), ulps, mode);
}

void AccuracyAttr::print(AsmPrinter &printer) const {
  printer << "<";
  for (auto [name, value] :
       {std::pair("atol", getAtol()), std::pair("rtol", getRtol())})
    if (!value.getValue().isZero()) {
      printer << name << " = ";
      printer.printAttributeWithoutType(value);
      printer << ", ";
    }
  if (getUlps() != 0)
    printer << "ulps = " << getUlps() << ", ";
  printer << "mode = " << getMode() << ">";
}

} // namespace ds::stablehlo
