//===- PrecisionTest.cpp - Every op has a precision class ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// An op without one would be passed over when a model is computed in 16 bits,
// and fail to verify.  Those that take no tensor of floats are named here.
//===--------------------------------------------------------------------===//

#include "Check.h"
#include "ds/Dialect/DS/DS.h"

#include "llvm/ADT/StringSet.h"

using namespace mlir;

int main() {
  const llvm::StringSet<> without = {
      // State and constants.
      "ds.parameter", "ds.unit", "ds.read", "ds.constant", "ds.index",
      "ds.rotary_table", "ds.random_word",
      // Integers and truth values.
      "ds.and", "ds.or", "ds.xor", "ds.not", "ds.shift_left", "ds.shift_right",
      "ds.popcount", "ds.count_leading_zeros",
      // Scalars of a step.
      "ds.schedule_value", "ds.next_loss_scale",
      // Their bodies say it, and passes that know them.
      "ds.scan", "ds.yield", "ds.launch",
      // Made of others, behind that phase.
      "ds.flash_attention", "ds.flash_attention_grad"};
  MLIRContext context;
  context.loadDialect<ds::DSDialect>();
  size_t named = 0;
  for (RegisteredOperationName op :
       context.getRegisteredOperationsByDialect("ds")) {
    const bool isNamed = without.contains(op.getStringRef());
    named += isNamed;
    if (op.hasInterface<ds::PrecisionOpInterface>() == isNamed)
      std::fprintf(stderr, "%s\n", op.getStringRef().str().c_str());
    CHECK(op.hasInterface<ds::PrecisionOpInterface>() != isNamed);
  }
  CHECK(named == without.size());
  return ds::test::finish("precision classes");
}
