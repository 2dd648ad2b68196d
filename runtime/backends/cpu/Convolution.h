//===- Convolution.h - Convolutions of the CPU backend ------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The other door to the vendor library.  Code for one shape is made at load,
// and takes no more memory than the plan says.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_BACKENDS_CPU_CONVOLUTION_H
#define DS_RUNTIME_BACKENDS_CPU_CONVOLUTION_H

#include "base/Status.h"
#include "plan_generated.h"

#include <array>
#include <memory>

namespace ds::rt {

using plan::ConvolutionKind;

/// A spatial dimension, as the plan has it; sizes and steps in elements.
struct ConvolutionDim {
  int64_t input = 1, kernel = 1, output = 1;
  int64_t stride = 1, dilation = 1, pad = 0;
  int64_t inputStep = 0, kernelStep = 0, outputStep = 0;
};

/// A plan's Convolution.
struct ConvolutionShape {
  ConvolutionKind kind;
  int64_t batch, groups, inputs, outputs; ///< Features of one group.
  int64_t inputBatch, inputFeature;       ///< Steps in elements.
  int64_t kernelInput, kernelOutput;
  int64_t outputBatch, outputFeature;
  int rank;                           ///< Spatial dimensions.
  std::array<ConvolutionDim, 3> dims; ///< Outermost first; the others are 1.
};

/// Where the operands of a convolution lie.
struct ConvolutionPlaces {
  std::byte *input, *kernel, *output;
  std::byte *scratch; ///< Null: none.
  uint64_t scratchBytes;
};

/// One convolution, ready to run as often as wanted.
class ConvolutionKernel {
public:
  virtual ~ConvolutionKernel() = default;
  /// Same operands, same bits.  False when the library refuses.
  virtual bool run() = 0;
};

/// oneDNN's fastest way that needs no more scratch than there is, made for the
/// number of threads that is set; null when it has none.  Touches no memory of
/// `places`.
std::unique_ptr<ConvolutionKernel>
makeDnnlConvolution(const ConvolutionShape &shape,
                    const ConvolutionPlaces &places);

/// Plain loops, for whatever shape; results do not depend on the number of
/// threads.
std::unique_ptr<ConvolutionKernel>
makePlainConvolution(plan::DType dtype, const ConvolutionShape &shape,
                     const ConvolutionPlaces &places);

} // namespace ds::rt

#endif // DS_RUNTIME_BACKENDS_CPU_CONVOLUTION_H
