//===- RaiseEmbedding.cpp - Lookups of whole rows -----------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "ds/Passes/Import.h"
#include "ds/Raise/Raise.h"

using namespace mlir;

namespace ds {
#define GEN_PASS_DEF_RAISEEMBEDDINGPASS
#include "ds/Passes/Import.h.inc"

namespace {
struct RaiseEmbedding : impl::RaiseEmbeddingPassBase<RaiseEmbedding> {
  using RaiseEmbeddingPassBase::RaiseEmbeddingPassBase;

  void runOnOperation() override {
    for (func::FuncOp function : lossFunctions(getOperation()))
      raiseBackwards(function, find);
  }

  static std::optional<Raised> find(OpBuilder &builder, Operation *op) {
    auto gather = dyn_cast<GatherOp>(op);
    if (!gather)
      return std::nullopt;
    RankedTensorType table = tensorType(gather.getInput()),
                     ids = tensorType(gather.getIndices()),
                     rows = tensorType(gather.getResult());
    const int64_t last = ids.getRank() - 1;
    if (table.getRank() != 2 || !isa<FloatType>(table.getElementType()) ||
        !ids.getElementType().isInteger(32) || last < 0 ||
        gather.getVector() != static_cast<uint64_t>(last) ||
        ids.getShape().back() != 1 ||
        gather.getCollapsed() != ArrayRef<int64_t>{0} ||
        gather.getMap() != ArrayRef<int64_t>{0} || !gather.getBatch().empty() ||
        gather.getSizes() != ArrayRef<int64_t>{1, table.getDimSize(1)} ||
        gather.getOffset() != ArrayRef<int64_t>{rows.getRank() - 1})
      return std::nullopt;
    Value flat = reshaped(builder, op->getLoc(), gather.getIndices(),
                          ids.getShape().drop_back());
    return Raised{EmbeddingOp::create(builder, op->getLoc(), rows,
                                      gather.getInput(), flat),
                  "embedding"};
  }
};
} // namespace
} // namespace ds
