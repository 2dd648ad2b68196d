//===- DSAttrs.cpp - Attributes of the ds dialect -----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Dialect/DS/DS.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

#define GET_ATTRDEF_CLASSES
#include "ds/Dialect/DS/DSAttrs.cpp.inc"

namespace ds {

void DSDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "ds/Dialect/DS/DSAttrs.cpp.inc"
      >();
}

LogicalResult NormalAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                 FloatAttr std) {
  if (std.getValue().isFinite() && !std.getValue().isNegative())
    return success();
  return emitError() << "expects a finite standard deviation of at least 0, "
                        "but got "
                     << std;
}

LogicalResult
ConstantInitAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                         FloatAttr value) {
  if (value.getValue().isFinite())
    return success();
  return emitError() << "expects a finite initial value, but got " << value;
}

Attribute DimsAttr::parse(AsmParser &parser, Type) {
  SmallVector<StringAttr> names;
  auto parseName = [&]() -> ParseResult {
    StringRef name;
    if (parser.parseKeyword(&name))
      return failure();
    names.push_back(parser.getBuilder().getStringAttr(name));
    return success();
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::LessGreater,
                                     parseName))
    return {};
  return DimsAttr::get(parser.getContext(), names);
}

void DimsAttr::print(AsmPrinter &printer) const {
  printer << "<";
  llvm::interleaveComma(getNames(), printer,
                        [&](StringAttr name) { printer << name.getValue(); });
  printer << ">";
}

LogicalResult
DimsAttr::verifyEncoding(ArrayRef<int64_t> shape, Type,
                         function_ref<InFlightDiagnostic()> emitError) const {
  if (shape.size() != getNames().size())
    return emitError() << "expects one name per dimension, but got "
                       << getNames().size() << " names for rank "
                       << shape.size();
  for (auto [index, name] : llvm::enumerate(getNames()))
    if (ShapedType::isDynamic(shape[index]) != (name.getValue() != "_"))
      return emitError() << "expects '_' for static dimensions and a name for "
                            "dynamic ones, but got '"
                         << name.getValue() << "' for dimension " << index;
  return success();
}

} // namespace ds
