//===- Attention.h - Attention as one kernel ----------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A kernel of its own kind: a function with one ds.flash_attention, or its
// gradient, between views.  Operands may be parts of larger tensors, such as a
// projection to queries, keys and values at once, and the results of the
// gradient parts of one.  Only GPUs have code for it.
//===--------------------------------------------------------------------===//
#ifndef DS_CODEGEN_ATTENTION_H
#define DS_CODEGEN_ATTENTION_H

#include "ds/Dialect/DS/DS.h"

namespace ds {

/// Whether a GPU's tensor cores compute this attention: 16-bit elements, heads
/// of 16, 32, ... or 128 elements, static shapes, nothing dropped.
bool hasFlashAttention(AttentionOp op);

/// Where the elements [batch, position, head, :] of a tensor lie, the last ones
/// side by side.
struct HeadsPlace {
  int argument = -1;  ///< Number of the pointer; -1: nobody wants this result.
  int64_t offset = 0; ///< Elements.
  int64_t batch = 0, position = 0, head = 0; ///< Strides, in elements.
};

/// One ds.flash_attention or its gradient with its operands.
struct AttentionKernel {
  mlir::Operation *op;
  bool isGrad, causal;
  double scale;
  int64_t batch, seq, heads, keyHeads, d;
  mlir::Type element;
  llvm::SmallVector<HeadsPlace> operands, results; ///< In the op's order.

  /// Query heads that share a key head.
  int64_t group() const { return heads / keyHeads; }
};

/// The op of an attention kernel; null for all other functions.
mlir::Operation *findFlashAttention(mlir::func::FuncOp function);

/// Reads a function with such an op; fails with a diagnostic where it is no
/// kernel.
llvm::FailureOr<AttentionKernel> readAttention(mlir::func::FuncOp function);

/// Ops of `op`'s block that become part of its kernel, in order, `op` among
/// them: views that it reads through, and what joins its results where nothing
/// else needs these.
llvm::SmallVector<mlir::Operation *> attentionGroup(mlir::Operation *op);

} // namespace ds

#endif // DS_CODEGEN_ATTENTION_H
