//===- DSConvolution.cpp - Convolutions and their gradients -------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The three ops are one relation: output, kernel and input positions that
// meet.  The verifier, the definition and the layouts are written once for
// all; a gradient is another of the three.
//===--------------------------------------------------------------------===//

#include "DSShapes.h"

#include "mlir/IR/PatternMatch.h"

using namespace mlir;

namespace ds {
namespace {

/// Sizes, strides and edges below it make sums of products that fit.
constexpr int64_t kLimit = int64_t{1} << 30;

//===--------------------------------------------------------------------===//
// Verifier
//===--------------------------------------------------------------------===//

/// Whether `layout` has both `letters` and the digits below `spatial`.
bool isLayout(StringRef layout, StringRef letters, size_t spatial) {
  if (layout.size() != spatial + 2)
    return false;
  for (char letter : letters)
    if (layout.count(letter) != 1)
      return false;
  for (size_t d = 0; d < spatial; ++d)
    if (layout.count(static_cast<char>('0' + d)) != 1)
      return false;
  return true;
}

template <typename Op> LogicalResult verifyLayouts(Op op, size_t &spatial) {
  ProductSpec spec(op.getSpec());
  spatial = spec.lhs.size() < 2 ? 0 : spec.lhs.size() - 2;
  if (spatial < 1 || spatial > 3 || !isLayout(spec.lhs, "bf", spatial) ||
      !isLayout(spec.rhs, "io", spatial) ||
      !isLayout(spec.result, "bf", spatial))
    return op.emitOpError("expects layouts such as \"b01f,01io->b01f\", of one "
                          "to three spatial dimensions, but got \"")
           << op.getSpec() << "\"";
  const std::pair<StringRef, RankedTensorType> tensors[] = {
      {spec.lhs, op.getInputType()},
      {spec.rhs, op.getKernelType()},
      {spec.result, op.getOutputType()}};
  Type element = op.getInputType().getElementType();
  for (auto [layout, type] : tensors) {
    if (type.getRank() != static_cast<int64_t>(layout.size()))
      return op.emitOpError("expects one letter per dimension, but got \"")
             << layout << "\" for " << type;
    if (type.getElementType() != element)
      return op.emitOpError("expects equal element types, but got ")
             << op.getInputType() << ", " << op.getKernelType() << " and "
             << op.getOutputType();
    for (auto [letter, size] : llvm::zip_equal(layout, type.getShape()))
      if (!(letter == 'b' && ShapedType::isDynamic(size)) &&
          (size < 1 || size >= kLimit))
        return op.emitOpError("expects static sizes from 1 to 2^30 but for the "
                              "batch, but got ")
               << type;
  }
  return success();
}

LogicalResult verifyWindow(Operation *op, size_t spatial, StringRef name,
                           ArrayRef<int64_t> values, int64_t least) {
  if (values.size() != spatial)
    return op->emitOpError("expects one '")
           << name << "' per spatial dimension, but got " << values.size()
           << " for " << spatial;
  for (int64_t value : values)
    if (value < least || value >= kLimit)
      return op->emitOpError("expects '")
             << name << "' to be from " << least << " to below 2^30, but got "
             << value;
  return success();
}

template <typename Op> LogicalResult verifyFeatures(Op op) {
  ProductSpec spec(op.getSpec());
  const int64_t groups = op.getGroups();
  auto size = [](StringRef layout, RankedTensorType type, char letter) {
    return type.getDimSize(layout.find(letter));
  };
  if (groups < 1 || groups >= kLimit)
    return op.emitOpError("expects 'groups' to be from 1 to below 2^30, but "
                          "got ")
           << groups;
  if (!sameDim(op.getInputType(), spec.lhs.find('b'), op.getOutputType(),
               spec.result.find('b')))
    return op.emitOpError("expects one batch, but got ")
           << op.getInputType() << " and " << op.getOutputType();
  const int64_t features = size(spec.lhs, op.getInputType(), 'f'),
                inputs = size(spec.rhs, op.getKernelType(), 'i'),
                made = size(spec.result, op.getOutputType(), 'f'),
                outputs = size(spec.rhs, op.getKernelType(), 'o');
  if (features != groups * inputs)
    return op.emitOpError("expects ")
           << groups << " groups of the kernel's " << inputs
           << " features in the input, but got " << features;
  if (made != outputs || outputs % groups != 0)
    return op.emitOpError("expects the kernel's ")
           << outputs << " features of all groups in the result, in " << groups
           << " equal groups, but got " << made;
  return success();
}

template <typename Op> LogicalResult verifyConvolution(Op op) {
  size_t spatial = 0;
  if (failed(verifyLayouts(op, spatial)) ||
      failed(verifyWindow(op, spatial, "stride", op.getStrides(), 1)) ||
      failed(verifyWindow(op, spatial, "pad", op.getPadding(), -kLimit + 1)) ||
      failed(verifyWindow(op, spatial, "dilate", op.getDilations(), 1)))
    return failure();
  return verifyFeatures(op);
}

//===--------------------------------------------------------------------===//
// Definition
//===--------------------------------------------------------------------===//

/// How far each index moves in the input, the kernel and the output.
struct Index {
  int64_t input = 0, kernel = 0, output = 0;
};

/// Calls `visit(Index)` with the places of every three elements that meet.
template <typename Visit>
void forEachMeeting(const ConvolutionShape &conv, ArrayRef<int64_t> input,
                    ArrayRef<int64_t> kernel, ArrayRef<int64_t> output,
                    size_t dim, Index at, Visit visit) {
  if (dim < conv.dims.size()) {
    const ConvolutionDim &d = conv.dims[dim];
    for (int64_t y = 0; y < d.output; ++y)
      for (int64_t k = 0; k < d.kernel; ++k) {
        const int64_t x = d.stride * y + d.dilation * k - d.pad;
        if (x >= 0 && x < d.input)
          forEachMeeting(conv, input, kernel, output, dim + 1,
                         {at.input + x * input[d.inputAt],
                          at.kernel + k * kernel[d.kernelAt],
                          at.output + y * output[d.outputAt]},
                         visit);
      }
    return;
  }
  for (int64_t b = 0; b < conv.batch; ++b)
    for (int64_t g = 0; g < conv.groups; ++g)
      for (int64_t i = 0; i < conv.inputs; ++i)
        for (int64_t o = 0; o < conv.outputs; ++o)
          visit(Index{at.input + b * input[conv.inputBatch] +
                          (g * conv.inputs + i) * input[conv.inputFeature],
                      at.kernel + i * kernel[conv.kernelInput] +
                          (g * conv.outputs + o) * kernel[conv.kernelOutput],
                      at.output + b * output[conv.outputBatch] +
                          (g * conv.outputs + o) * output[conv.outputFeature]});
}

SmallVector<int64_t> stridesOf(RankedTensorType type) {
  SmallVector<int64_t> strides(type.getRank(), 1);
  for (int64_t i = type.getRank() - 1; i > 0; --i)
    strides[i - 1] = strides[i] * type.getDimSize(i);
  return strides;
}

template <typename Op, typename Visit> void forEachMeeting(Op op, Visit visit) {
  forEachMeeting(op.getConvolution(), stridesOf(op.getInputType()),
                 stridesOf(op.getKernelType()), stridesOf(op.getOutputType()),
                 0, {}, visit);
}

//===--------------------------------------------------------------------===//
// Layouts
//===--------------------------------------------------------------------===//

/// Reads a transposed operand as it lies: the letters move instead.
Value untransposed(Value value, std::string &letters) {
  auto transpose = value.getDefiningOp<TransposeOp>();
  if (!transpose)
    return value;
  std::string before(letters.size(), ' ');
  for (auto [letter, dim] : llvm::zip_equal(letters, transpose.getDims()))
    before[dim] = letter;
  letters = before;
  return transpose.getInput();
}

/// The three layouts in the order: operands, result.
template <typename Op>
std::array<std::string *, 3> inOrder(Op, std::string &input,
                                     std::string &kernel, std::string &output) {
  if constexpr (std::is_same_v<Op, ConvolutionOp>)
    return {&input, &kernel, &output};
  else if constexpr (std::is_same_v<Op, ConvolutionGradInputOp>)
    return {&output, &kernel, &input};
  else
    return {&input, &output, &kernel};
}

/// Operands that are transposed for it, and a transpose that is its only user.
template <typename Op> struct MoveTransposes : OpRewritePattern<Op> {
  using OpRewritePattern<Op>::OpRewritePattern;
  LogicalResult matchAndRewrite(Op op,
                                PatternRewriter &rewriter) const override {
    ProductSpec spec(op.getSpec());
    std::string input = spec.lhs.str(), kernel = spec.rhs.str(),
                output = spec.result.str();
    auto [lhs, rhs, result] = inOrder(op, input, kernel, output);
    Value newLhs = untransposed(op->getOperand(0), *lhs);
    Value newRhs = untransposed(op->getOperand(1), *rhs);
    Operation *replaced = op;
    auto after = op->hasOneUse()
                     ? dyn_cast<TransposeOp>(*op->getUsers().begin())
                     : TransposeOp();
    if (after) {
      std::string turned;
      for (int64_t dim : after.getDims())
        turned.push_back((*result)[dim]);
      *result = turned;
      replaced = after;
    }
    if (!after && newLhs == op->getOperand(0) && newRhs == op->getOperand(1))
      return failure();
    auto made = Op::create(
        rewriter, op.getLoc(), replaced->getResult(0).getType(),
        input + "," + kernel + "->" + output, newLhs, newRhs, op.getStrides(),
        op.getPadding(), op.getDilations(), op.getGroups());
    made->setDiscardableAttrs(op->getDiscardableAttrDictionary());
    rewriter.replaceOp(replaced, made);
    return success();
  }
};

/// Another of the three ops, with the geometry of `op`.
template <typename To, typename Op>
Value another(OpBuilder &b, Op op, Type type, Value lhs, Value rhs) {
  return To::create(b, op.getLoc(), type, op.getSpec(), lhs, rhs,
                    op.getStrides(), op.getPadding(), op.getDilations(),
                    op.getGroups());
}

} // namespace

ConvolutionShape::ConvolutionShape(StringRef text, RankedTensorType input,
                                   RankedTensorType kernel,
                                   RankedTensorType output,
                                   ArrayRef<int64_t> strides,
                                   ArrayRef<int64_t> padding,
                                   ArrayRef<int64_t> dilations, int64_t groups)
    : groups(groups) {
  ProductSpec spec(text);
  auto at = [](StringRef layout, char letter) {
    return static_cast<int>(layout.find(letter));
  };
  inputBatch = at(spec.lhs, 'b');
  inputFeature = at(spec.lhs, 'f');
  kernelInput = at(spec.rhs, 'i');
  kernelOutput = at(spec.rhs, 'o');
  outputBatch = at(spec.result, 'b');
  outputFeature = at(spec.result, 'f');
  batch = input.getDimSize(inputBatch);
  inputs = kernel.getDimSize(kernelInput);
  outputs = kernel.getDimSize(kernelOutput) / groups;
  for (size_t d = 0; d < strides.size(); ++d) {
    const char digit = static_cast<char>('0' + d);
    ConvolutionDim dim{};
    dim.stride = strides[d];
    dim.dilation = dilations[d];
    dim.pad = padding[d];
    dim.inputAt = at(spec.lhs, digit);
    dim.kernelAt = at(spec.rhs, digit);
    dim.outputAt = at(spec.result, digit);
    dim.input = input.getDimSize(dim.inputAt);
    dim.kernel = kernel.getDimSize(dim.kernelAt);
    dim.output = output.getDimSize(dim.outputAt);
    dims.push_back(dim);
  }
}

//===--------------------------------------------------------------------===//
// The three ops
//===--------------------------------------------------------------------===//

using Operands = ArrayRef<const HostTensor *>;
using Results = MutableArrayRef<HostTensor>;

LogicalResult ConvolutionOp::verify() { return verifyConvolution(*this); }
LogicalResult ConvolutionGradInputOp::verify() {
  return verifyConvolution(*this);
}
LogicalResult ConvolutionGradWeightOp::verify() {
  return verifyConvolution(*this);
}

void ConvolutionOp::evaluate(Operands operands, Results results) {
  forEachMeeting(*this, [&](Index at) {
    results[0].data[at.output] +=
        operands[0]->data[at.input] * operands[1]->data[at.kernel];
  });
}
void ConvolutionGradInputOp::evaluate(Operands operands, Results results) {
  forEachMeeting(*this, [&](Index at) {
    results[0].data[at.input] +=
        operands[0]->data[at.output] * operands[1]->data[at.kernel];
  });
}
void ConvolutionGradWeightOp::evaluate(Operands operands, Results results) {
  forEachMeeting(*this, [&](Index at) {
    results[0].data[at.kernel] +=
        operands[0]->data[at.input] * operands[1]->data[at.output];
  });
}

void ConvolutionOp::buildVjp(OpBuilder &b, ValueRange grads,
                             MutableArrayRef<Value> out) {
  out[0] = another<ConvolutionGradInputOp>(b, *this, getInput().getType(),
                                           grads[0], getKernel());
  out[1] = another<ConvolutionGradWeightOp>(b, *this, getKernel().getType(),
                                            getInput(), grads[0]);
}
void ConvolutionGradInputOp::buildVjp(OpBuilder &b, ValueRange grads,
                                      MutableArrayRef<Value> out) {
  out[0] = another<ConvolutionOp>(b, *this, getGrad().getType(), grads[0],
                                  getKernel());
  out[1] = another<ConvolutionGradWeightOp>(b, *this, getKernel().getType(),
                                            grads[0], getGrad());
}
void ConvolutionGradWeightOp::buildVjp(OpBuilder &b, ValueRange grads,
                                       MutableArrayRef<Value> out) {
  out[0] = another<ConvolutionGradInputOp>(b, *this, getInput().getType(),
                                           getGrad(), grads[0]);
  out[1] = another<ConvolutionOp>(b, *this, getGrad().getType(), getInput(),
                                  grads[0]);
}

void ConvolutionOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                                MLIRContext *context) {
  patterns.add<MoveTransposes<ConvolutionOp>>(context);
}
void ConvolutionGradInputOp::getCanonicalizationPatterns(
    RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<MoveTransposes<ConvolutionGradInputOp>>(context);
}
void ConvolutionGradWeightOp::getCanonicalizationPatterns(
    RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<MoveTransposes<ConvolutionGradWeightOp>>(context);
}

} // namespace ds
