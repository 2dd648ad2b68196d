//===- BindDims.cpp - Static sizes for named dimensions -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Named dimensions stand in types, and nothing else depends on them, so that
// binding is one replacement of types.
//===--------------------------------------------------------------------===//

#include "ds/Dialect/DS/DS.h"
#include "ds/Passes/Import.h"

#include "mlir/IR/AttrTypeSubElements.h"

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_BINDDIMSPASS
#include "ds/Passes/Import.h.inc"

namespace {

struct BindDims : impl::BindDimsPassBase<BindDims> {
  using BindDimsPassBase::BindDimsPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    int64_t length = seq;
    if (length == 0)
      if (auto attr = module->getAttrOfType<IntegerAttr>("ds.seq_len"))
        length = attr.getInt();
    std::string unknown;
    AttrTypeReplacer replacer;
    replacer.addReplacement([&](RankedTensorType type) -> std::optional<Type> {
      auto dims = dyn_cast_or_null<DimsAttr>(type.getEncoding());
      if (!dims)
        return std::nullopt;
      SmallVector<int64_t> shape(type.getShape());
      for (auto [size, name] : llvm::zip_equal(shape, dims.getNames())) {
        if (!ShapedType::isDynamic(size))
          continue;
        bool isSeq = name.getValue() == "seq";
        int64_t bound = isSeq ? length : batch;
        if ((!isSeq && name.getValue() != "batch") || bound < 1)
          unknown = name.getValue().str();
        else
          size = bound;
      }
      return RankedTensorType::get(shape, type.getElementType());
    });
    replacer.recursivelyReplaceElementsIn(module, /*replaceAttrs=*/true,
                                          /*replaceLocs=*/false,
                                          /*replaceTypes=*/true);
    if (!unknown.empty()) {
      module.emitError() << "expects named dimensions 'batch' and 'seq' with "
                            "sizes, but got '"
                         << unknown << "' without one";
      return signalPassFailure();
    }
    if (module.walk(isTooLarge).wasInterrupted())
      signalPassFailure();
  }

  /// Later phases add up sizes in bytes and rely on no overflow.
  static WalkResult isTooLarge(Operation *op) {
    for (Value value : op->getResults()) {
      auto type = dyn_cast<RankedTensorType>(value.getType());
      if (!type || !type.hasStaticShape())
        continue;
      int64_t room = (int64_t{1} << 48) - 1;
      for (int64_t size : type.getShape())
        room /= std::max<int64_t>(size, 1);
      if (room > 0)
        continue;
      op->emitOpError("expects fewer than 2^48 elements in a tensor, but got ")
          << type;
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  }
};

} // namespace
} // namespace ds
