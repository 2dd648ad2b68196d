//===- Convolution.h - What the convolutions of a module relate ---------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_DIALECT_DS_CONVOLUTION_H
#define DS_DIALECT_DS_CONVOLUTION_H

#include "mlir/IR/BuiltinTypes.h"

namespace ds {

/// One spatial dimension: output position y, kernel position k and input
/// position `stride y + dilation k - pad` meet.
struct ConvolutionDim {
  int64_t input, kernel, output; ///< Sizes.
  int64_t stride, dilation, pad;
  int inputAt, kernelAt, outputAt; ///< The dimension of each tensor.

  /// How much of the input lies behind the last position that is read; below
  /// zero: what is padded there.
  int64_t unread() const {
    return input - ((output - 1) * stride + (kernel - 1) * dilation + 1 - pad);
  }
};

/// The relation that ds.convolution and its gradients solve for one of three
/// tensors.
struct ConvolutionShape {
  /// Of well-formed arguments: what a verified op has, and static types.
  ConvolutionShape(llvm::StringRef spec, mlir::RankedTensorType input,
                   mlir::RankedTensorType kernel, mlir::RankedTensorType output,
                   llvm::ArrayRef<int64_t> strides,
                   llvm::ArrayRef<int64_t> padding,
                   llvm::ArrayRef<int64_t> dilations, int64_t groups);

  int64_t batch, groups;
  int64_t inputs, outputs; ///< Features of one group.
  int inputBatch, inputFeature, kernelInput, kernelOutput, outputBatch,
      outputFeature; ///< The dimension of each tensor.
  llvm::SmallVector<ConvolutionDim, 3> dims;
};

} // namespace ds

#endif // DS_DIALECT_DS_CONVOLUTION_H
