//===- DSOpsConv.td - Convolutions -------------------------*- tablegen -*-===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===----------------------------------------------------------------------===//
#ifndef DS_OPS_CONV_TD
#define DS_OPS_CONV_TD

def DS_ConvDoc : OpDocGroup {
  let summary = "Convolutions";
  let description = "One relation between images, kernels and results, solved for each of the three.";
}
let opDocGroup = DS_ConvDoc in {

/// What the three have in common: layouts and geometry.  `types` are those of the images, the kernel and what
/// ds.convolution makes of them, wherever the op has them.
class DS_Convolution<string mnemonic, dag tensors, list<string> types>
    : DS_Op<mnemonic, [Pure, Casts, DS_LibraryProduct, DeclareOpInterfaceMethods<DS_DifferentiableOpInterface>,
                       DeclareOpInterfaceMethods<DS_EvaluableOpInterface>]> {
  let arguments = !con((ins StrAttr:$spec), tensors, (ins DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$padding,
                        DenseI64ArrayAttr:$dilations, I64Attr:$groups));
  let results = (outs RankedTensorOf<[DS_Float]>:$result);
  let assemblyFormat = "$spec operands `stride` $strides `pad` $padding `dilate` $dilations `groups` $groups "
      "attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
  let extraClassDeclaration = [{
    mlir::RankedTensorType getInputType() {
      return llvm::cast<mlir::RankedTensorType>(}]#types[0]#[{().getType());
    }
    mlir::RankedTensorType getKernelType() {
      return llvm::cast<mlir::RankedTensorType>(}]#types[1]#[{().getType());
    }
    mlir::RankedTensorType getOutputType() {
      return llvm::cast<mlir::RankedTensorType>(}]#types[2]#[{().getType());
    }
    /// Requires static types.
    ::ds::ConvolutionShape getConvolution() {
      return {getSpec(), getInputType(), getKernelType(), getOutputType(), getStrides(), getPadding(),
              getDilations(), static_cast<int64_t>(getGroups())};
    }
  }];
}

def DS_ConvolutionOp : DS_Convolution<"convolution",
    (ins RankedTensorOf<[DS_Float]>:$input, RankedTensorOf<[DS_Float]>:$kernel),
    ["getInput", "getKernel", "getResult"]> {
  let summary = "A convolution of images";
  let description = [{
    `spec` says how input, kernel and result lie: `b` batch, `f` feature, `i` and `o` features in and out,
    digits the one to three spatial dimensions.  Output position y of a spatial dimension is the sum over
    kernel positions k of input `stride y + dilate k - pad` times kernel; places outside the input are 0.
    With `groups` the features are cut into as many groups, each with kernels of its own.

    **Requires:** `groups` times the kernel's `i` features in the input; an `o` of the result's features that
    `groups` divides; static sizes below 2^30 but for the batch.  A negative `pad` leaves out the
    input's first places; how much is padded behind follows from the sizes.
    **Ensures:** images as they lie, channels last or first; no other copy of them than the plan's workspace.
    **Gradient:** `ds.convolution_grad_input` and `ds.convolution_grad_weight`.

    ```mlir
    %y = ds.convolution "b01f,01io->b01f" %x, %w stride [2, 2] pad [1, 1] dilate [1, 1] groups 1
        : (tensor<4x32x32x3xf32>, tensor<3x3x3x16xf32>) -> tensor<4x16x16x16xf32>
    ```
  }];
}

def DS_ConvolutionGradInputOp : DS_Convolution<"convolution_grad_input",
    (ins RankedTensorOf<[DS_Float]>:$grad, RankedTensorOf<[DS_Float]>:$kernel),
    ["getResult", "getKernel", "getGrad"]> {
  let summary = "Gradient to a convolution's input, or a transposed one";
  let description = [{
    What `ds.convolution` with the same attributes passes back to its input, the result here, when `grad` is
    the gradient of its result.  As an op of its own it is the transposed convolution, which makes images
    larger.

    **Requires:** as `ds.convolution`, of the result, the kernel and `grad`.
    **Ensures:** 0 where no result of the convolution depends on the input.
    **Gradient:** `ds.convolution` and `ds.convolution_grad_weight`.

    ```mlir
    %dx = ds.convolution_grad_input "b01f,01io->b01f" %dy, %w stride [2, 2] pad [1, 1] dilate [1, 1] groups 1
        : (tensor<4x16x16x16xf32>, tensor<3x3x3x16xf32>) -> tensor<4x32x32x3xf32>
    ```
  }];
}

def DS_ConvolutionGradWeightOp : DS_Convolution<"convolution_grad_weight",
    (ins RankedTensorOf<[DS_Float]>:$input, RankedTensorOf<[DS_Float]>:$grad),
    ["getInput", "getResult", "getGrad"]> {
  let summary = "Gradient to a convolution's kernel";
  let description = [{
    What `ds.convolution` with the same attributes passes back to its kernel, the result here.

    **Requires:** as `ds.convolution`, of the input, the result and `grad`.
    **Ensures:** the sum over the batch.
    **Gradient:** `ds.convolution_grad_input` and `ds.convolution`.

    ```mlir
    %dw = ds.convolution_grad_weight "b01f,01io->b01f" %x, %dy stride [2, 2] pad [1, 1] dilate [1, 1] groups 1
        : (tensor<4x32x32x3xf32>, tensor<4x16x16x16xf32>) -> tensor<3x3x3x16xf32>
    ```
  }];
}
}

#endif
