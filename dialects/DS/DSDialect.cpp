//===- DSDialect.cpp - The ds dialect -----------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Registration, and what lets functions of ds ops be inlined.
//===--------------------------------------------------------------------===//

#include "DSOptimizer.h"

#include "mlir/Transforms/InliningUtils.h"

using namespace mlir;

#include "ds/Dialect/DS/DSDialect.cpp.inc"
#include "ds/Dialect/DS/DSInterfaces.cpp.inc"

#define GET_OP_CLASSES
#include "ds/Dialect/DS/DSOps.cpp.inc"

namespace {
/// Every ds op may be moved into another function.
struct Inliner : DialectInlinerInterface {
  using DialectInlinerInterface::DialectInlinerInterface;
  bool isLegalToInline(Operation *, Operation *, bool) const final {
    return true;
  }
  bool isLegalToInline(Operation *, Region *, bool, IRMapping &) const final {
    return true;
  }
};
} // namespace

namespace ds {

void DSDialect::initialize() {
  registerAttributes();
  addOperations<
#define GET_OP_LIST
#include "ds/Dialect/DS/DSOps.cpp.inc"
      >();
  addInterfaces<Inliner>();
}

} // namespace ds
