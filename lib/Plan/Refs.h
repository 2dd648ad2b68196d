//===- Refs.h - Every byte range an instruction touches -----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_LIB_PLAN_REFS_H
#define DS_LIB_PLAN_REFS_H

#include "plan_generated.h"

namespace ds {

/// Calls `visit(plan::Ref &)` for each operand of `instr`.
template <typename Visit> void forEachRef(plan::InstrT &instr, Visit visit) {
  auto all = [&](auto &...refs) { ((refs ? visit(*refs) : void()), ...); };
  plan::OpUnion &op = instr.op;
  if (auto *launch = op.AsLaunch())
    for (plan::Ref &ref : launch->args)
      visit(ref);
  if (auto *gemm = op.AsGemm())
    all(gemm->a, gemm->b, gemm->c, gemm->workspace, gemm->bias,
        gemm->preactivation);
  if (auto *convolution = op.AsConvolution())
    all(convolution->input, convolution->kernel, convolution->output,
        convolution->scratch);
  if (auto *collective = op.AsCollective())
    all(collective->src, collective->dst);
  if (auto *copy = op.AsCopy()) {
    all(copy->src, copy->dst);
    if (copy->indexed)
      all(copy->index);
  }
  if (auto *fill = op.AsFill())
    all(fill->dst);
  if (auto *scalar = op.AsScalar())
    all(scalar->dst, scalar->a, scalar->b);
  if (auto *sort = op.AsSort())
    all(sort->src, sort->dst);
  if (auto *loop = op.AsLoop())
    all(loop->index);
  if (auto *send = op.AsSend())
    all(send->src);
  if (auto *recv = op.AsRecv())
    all(recv->dst);
}

} // namespace ds

#endif // DS_LIB_PLAN_REFS_H
