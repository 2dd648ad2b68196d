//===- Convolution.h - A convolution as an instruction ------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_LIB_PLAN_CONVOLUTION_H
#define DS_LIB_PLAN_CONVOLUTION_H

#include "Storage.h"

namespace ds {

/// The instruction that computes `kind` of tensors that lie so, without
/// scratch.  Parts of the input that nothing meets are left out: of a gradient
/// they are to be zero, which is the caller's.  Nothing where no elements meet.
std::optional<plan::ConvolutionT>
lowerConvolution(const ConvolutionShape &shape, plan::ConvolutionKind kind,
                 const Place &input, const Place &kernel, const Place &output,
                 mlir::Type element);

/// Whether a gradient to the input has elements that `lowerConvolution` leaves
/// out.
bool leavesOut(const ConvolutionShape &shape);

/// Bytes of scratch that let the vendor library take a fast way, on `threads`
/// threads: copies of images that do not have their features last and without
/// gaps, a copy of the kernel with both features padded to 16, partial sums of
/// a kernel's gradient (at most 4 MiB of them, or one), and 16 KiB a thread.
uint64_t scratchBytes(const plan::ConvolutionT &convolution, int threads);

} // namespace ds

#endif // DS_LIB_PLAN_CONVOLUTION_H
