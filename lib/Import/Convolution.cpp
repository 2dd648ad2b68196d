//===- Convolution.cpp - Importing convolutions -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One StableHLO op is four things: a product, when each place is used once or
// kernels are single positions; a transposed convolution, when the input is
// dilated; the gradient to a kernel, when batches are grouped or the kernel is
// larger than the result, as in gradients that JAX wrote; or a convolution.
//===--------------------------------------------------------------------===//

#include "Importer.h"

using namespace mlir;

namespace ds::hlo {
namespace {

using Dims = SmallVector<int64_t>;

/// Input position `input dilation * x` is read by result position r and kernel
/// position k where it is `stride r + kernel dilation k - low`.
struct Window {
  Dims strides, low, inputDilation, kernelDilation;
  SmallVector<bool> reversed;

  explicit Window(stablehlo::ConvolutionOp op) {
    const size_t rank = tensorType(op.getLhs()).getRank() - 2;
    auto values = [&](std::optional<ArrayRef<int64_t>> list) {
      return list ? Dims(*list) : Dims(rank, 1);
    };
    strides = values(op.getWindowStrides());
    inputDilation = values(op.getLhsDilation());
    kernelDilation = values(op.getRhsDilation());
    low.assign(rank, 0);
    if (DenseIntElementsAttr padding = op.getPaddingAttr())
      for (auto [i, value] : llvm::enumerate(padding.getValues<int64_t>()))
        if (i % 2 == 0)
          low[i / 2] = value;
    reversed.assign(rank, false);
    if (std::optional<ArrayRef<bool>> list = op.getWindowReversal())
      reversed.assign(list->begin(), list->end());
  }
};

bool allOne(ArrayRef<int64_t> list) {
  return llvm::all_of(list, [](int64_t n) { return n == 1; });
}

/// How the tensors lie, in ds's letters.
struct Layouts {
  std::string input, kernel, result;

  explicit Layouts(stablehlo::ConvDimsAttr dims)
      : input(letters(dims.getInput(), 'b', 'f')),
        kernel(letters(dims.getKernel(), 'o', 'i')),
        result(letters(dims.getOutput(), 'b', 'f')) {}

  std::string spec() const { return input + "," + kernel + "->" + result; }

  static std::string letters(ArrayRef<int64_t> dims, char first, char second) {
    std::string text;
    for (int64_t dim : dims)
      text.push_back(dim == -1   ? first
                     : dim == -2 ? second
                                 : static_cast<char>('0' + dim));
    return text;
  }
};

int64_t at(StringRef layout, char letter) {
  return static_cast<int64_t>(layout.find(letter));
}

void swapLetters(std::string &layout, char a, char b) {
  for (char &letter : layout)
    letter = letter == a ? b : letter == b ? a : letter;
}

/// One convolution on its way.
class Convolution {
public:
  Convolution(Importer &importer, stablehlo::ConvolutionOp op)
      : importer(importer), op(op), window(op),
        layouts(op.getDimensionNumbers()), x(importer.lookup(op.getLhs())),
        kernel(importer.lookup(op.getRhs())), type(convertType(op.getType())),
        groups(static_cast<int64_t>(op.getFeatureGroupCount())),
        batchGroups(static_cast<int64_t>(op.getBatchGroupCount())) {}

  Value build() {
    if (std::optional<Value> product = asProduct())
      return *product;
    const bool toKernel =
        batchGroups > 1 ||
        (groups == 1 && volume(kernelSizes()) > volume(resultSizes()));
    const bool fromTheEnd =
        llvm::all_of(window.reversed, [](bool is) { return is; });
    if ((fromTheEnd || !allOne(window.inputDilation)) &&
        allOne(window.strides) && !toKernel)
      return transposed();
    dilateInput();
    reverseKernel(window.reversed);
    return toKernel ? gradWeight() : plain();
  }

private:
  Dims sizes(StringRef layout, Value value) const {
    Dims list;
    for (size_t d = 0; d < window.strides.size(); ++d)
      list.push_back(
          tensorType(value).getDimSize(at(layout, static_cast<char>('0' + d))));
    return list;
  }
  Dims kernelSizes() const { return sizes(layouts.kernel, kernel); }
  Dims resultSizes() const {
    Dims list;
    for (size_t d = 0; d < window.strides.size(); ++d)
      list.push_back(
          type.getDimSize(at(layouts.result, static_cast<char>('0' + d))));
    return list;
  }
  static int64_t volume(ArrayRef<int64_t> sizes) {
    int64_t product = 1;
    for (int64_t size : sizes)
      product = static_cast<int64_t>(
          llvm::SaturatingMultiply<uint64_t>(product, size));
    return product;
  }

  Value make(StringRef name, Value lhs, Value rhs, ArrayRef<int64_t> strides,
             ArrayRef<int64_t> pad, ArrayRef<int64_t> dilations,
             int64_t count) {
    return importer.make(name, type, {lhs, rhs},
                         {importer.named("spec", layouts.spec()),
                          importer.named("strides", strides),
                          importer.named("padding", pad),
                          importer.named("dilations", dilations),
                          importer.named("groups", count)});
  }

  Value plain() {
    return make("ds.convolution", x, kernel, window.strides, window.low,
                window.kernelDilation, groups);
  }

  /// The kernel is what ds.convolution calls the output's gradient, and its
  /// input features are the batch that is summed over.
  Value gradWeight() {
    swapLetters(layouts.input, 'b', 'f');
    for (char &letter : layouts.kernel)
      letter = letter == 'i' ? 'b' : letter == 'o' ? 'f' : letter;
    for (char &letter : layouts.result)
      letter = letter == 'b' ? 'i' : letter == 'f' ? 'o' : letter;
    std::swap(layouts.kernel, layouts.result);
    return make("ds.convolution_grad_weight", x, kernel, window.kernelDilation,
                window.low, window.strides, batchGroups);
  }

  /// result = input dilation * x + kernel dilation * (size - 1 - k) + low - ...
  Value transposed() {
    SmallVector<bool> turned;
    for (bool reversed : window.reversed)
      turned.push_back(!reversed);
    reverseKernel(turned);
    Dims pad;
    for (auto [size, dilation, low] :
         llvm::zip_equal(kernelSizes(), window.kernelDilation, window.low))
      pad.push_back(dilation * (size - 1) - low);
    if (groups > 1)
      swapGroups();
    swapLetters(layouts.kernel, 'i', 'o');
    std::swap(layouts.input, layouts.result);
    return make("ds.convolution_grad_input", x, kernel, window.inputDilation,
                pad, window.kernelDilation, groups);
  }

  /// A kernel of i features into groups * o, as one of groups * i into o.
  void swapGroups() {
    const int64_t i = at(layouts.kernel, 'i'), o = at(layouts.kernel, 'o');
    Dims shape(tensorType(kernel).getShape()), split(shape), order;
    split[o] /= groups;
    split.insert(split.begin() + o, groups);
    const int64_t from = i + (i > o);
    for (int64_t d = 0; d < static_cast<int64_t>(split.size()); ++d) {
      if (d == from)
        order.push_back(o);
      if (d != o)
        order.push_back(d);
    }
    shape[i] *= groups;
    shape[o] /= groups;
    kernel = importer.reshape(
        importer.transpose(importer.reshape(kernel, split), order), shape);
  }

  void reverseKernel(ArrayRef<bool> reversed) {
    Dims dims;
    for (auto [d, is] : llvm::enumerate(reversed))
      if (int64_t dim = at(layouts.kernel, static_cast<char>('0' + d));
          is && tensorType(kernel).getDimSize(dim) != 1)
        dims.push_back(dim);
    llvm::sort(dims);
    if (!dims.empty())
      kernel = importer.make("ds.reverse", kernel.getType(), kernel,
                             importer.named("dims", dims));
  }

  /// Zeros between the places of the input, for strides and dilation at once.
  void dilateInput() {
    if (allOne(window.inputDilation))
      return;
    RankedTensorType before = tensorType(x);
    Dims shape(before.getShape()), low(shape.size(), 0),
        interior(shape.size(), 0);
    for (auto [d, dilation] : llvm::enumerate(window.inputDilation)) {
      const int64_t dim = at(layouts.input, static_cast<char>('0' + d));
      interior[dim] = dilation - 1;
      shape[dim] = (shape[dim] - 1) * dilation + 1;
    }
    x = importer.make(
        "ds.pad", RankedTensorType::get(shape, before.getElementType()), x,
        {importer.named("low", low), importer.named("interior", interior)});
  }

  /// Kernels of one position, or side by side.
  std::optional<Value> asProduct() {
    const Dims kernels = kernelSizes(), results = resultSizes();
    Dims edges(kernels.size(), 0);
    if (groups != 1 || batchGroups != 1 || window.low != edges ||
        !allOne(window.inputDilation) || window.strides != kernels ||
        (!allOne(window.kernelDilation) && !allOne(kernels)))
      return std::nullopt;
    Dims starts(layouts.input.size(), 0), kept(tensorType(x).getShape());
    for (auto [d, size] : llvm::enumerate(kernels)) {
      int64_t &whole = kept[at(layouts.input, static_cast<char>('0' + d))];
      if (size * results[d] > whole)
        return std::nullopt; // padded behind
      whole = size * results[d];
    }
    reverseKernel(window.reversed);
    x = importer.slice(x, starts, kept, Dims(kept.size(), 1));
    return allOne(kernels) ? pointwise() : patches(kernels, results);
  }

  /// "b01f,01io->b01f" with kernels of one position: "bcdf,fo->bcdo".
  Value pointwise() {
    auto letters = [](StringRef layout, StringRef of, StringRef to) {
      std::string text;
      for (char letter : layout)
        text.push_back(llvm::isDigit(letter) ? letter - '0' + 'p'
                                             : to[of.find(letter)]);
      return text;
    };
    const std::string of = layouts.kernel;
    Dims shape;
    std::string flat;
    for (auto [letter, size] :
         llvm::zip_equal(of, tensorType(kernel).getShape()))
      if (!llvm::isDigit(letter)) {
        shape.push_back(size);
        flat.push_back(letter);
      }
    return importer.make(
        "ds.dot", type, {x, importer.reshape(kernel, shape)},
        importer.named("spec", letters(layouts.input, "bf", "bi") + "," + flat +
                                   "->" + letters(layouts.result, "bf", "bo")));
  }

  /// Each patch becomes a row, its elements in the kernel's order.
  Value patches(ArrayRef<int64_t> kernels, ArrayRef<int64_t> results) {
    // Every spatial dimension as two: which patch ('p'...), and where in it.
    Dims split;
    std::string letters;
    for (auto [letter, size] :
         llvm::zip_equal(layouts.input, tensorType(x).getShape())) {
      if (llvm::isDigit(letter)) {
        split.push_back(results[letter - '0']);
        letters.push_back(letter - '0' + 'p');
        split.push_back(kernels[letter - '0']);
      } else {
        split.push_back(size);
      }
      letters.push_back(letter);
    }
    std::string rows = "b", row;
    for (size_t d = 0; d < kernels.size(); ++d)
      rows.push_back(static_cast<char>('p' + d));
    for (char letter : layouts.kernel)
      if (letter != 'o')
        row.push_back(letter == 'i' ? 'f' : letter);
    Dims order, shape;
    for (char letter : rows) {
      order.push_back(at(letters, letter));
      shape.push_back(split[order.back()]);
    }
    for (char letter : row)
      order.push_back(at(letters, letter));
    const int64_t o = at(layouts.kernel, 'o');
    const int64_t outputs = tensorType(kernel).getDimSize(o);
    const int64_t width = tensorType(kernel).getNumElements() / outputs;
    shape.push_back(width);
    Value flat = importer.reshape(
        importer.transpose(importer.reshape(x, split), order), shape);
    return importer.make("ds.dot", type, {flat, flatKernel(o, outputs, width)},
                         importer.named("spec", rows + "r," +
                                                    (o == 0 ? "or" : "ro") +
                                                    "->" + resultLetters()));
  }

  /// (o, width) when it lies so, else (width, o).
  Value flatKernel(int64_t o, int64_t outputs, int64_t width) {
    if (o == 0)
      return importer.reshape(kernel, {outputs, width});
    Dims order;
    for (int64_t d = 0; d < static_cast<int64_t>(layouts.kernel.size()); ++d)
      if (d != o)
        order.push_back(d);
    order.push_back(o);
    return importer.reshape(importer.transpose(kernel, order),
                            {width, outputs});
  }

  std::string resultLetters() const {
    std::string text;
    for (char letter : layouts.result)
      text.push_back(llvm::isDigit(letter) ? letter - '0' + 'p'
                     : letter == 'f'       ? 'o'
                                           : 'b');
    return text;
  }

  Importer &importer;
  stablehlo::ConvolutionOp op;
  Window window;
  Layouts layouts;
  Value x, kernel;
  RankedTensorType type;
  int64_t groups, batchGroups;
};

LogicalResult importConvolution(Importer &importer,
                                stablehlo::ConvolutionOp op) {
  RankedTensorType x = convertType(op.getLhs().getType()),
                   kernel = convertType(op.getRhs().getType()),
                   result = convertType(op.getType());
  if (!x || !kernel || !result ||
      x.getElementType() != result.getElementType() ||
      kernel.getElementType() != result.getElementType() ||
      !isa<FloatType>(result.getElementType()))
    return op.emitOpError("expects operands and result of one floating-point "
                          "type, but got ")
           << op.getLhs().getType() << ", " << op.getRhs().getType() << " and "
           << op.getType() << "; convert the operands first";
  if (x.getRank() < 3 || x.getRank() > 5)
    return op.emitOpError("expects one to three spatial dimensions, but got ")
           << x.getRank() - 2 << "; reshape, or write it as products";
  constexpr int64_t limit = int64_t{1} << 30;
  for (RankedTensorType type : {x, kernel, result})
    for (int64_t size : type.getShape())
      if (size < 1 || size >= limit)
        return op.emitOpError("expects sizes from 1 to below 2^30, but got ")
               << type;
  return importer.define(op, Convolution(importer, op).build());
}

} // namespace

void addConvolutions(Handlers &handlers) { add(handlers, importConvolution); }

} // namespace ds::hlo
