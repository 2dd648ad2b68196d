//===- ConvolutionDnnl.cpp - Convolutions by oneDNN ---------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// oneDNN's fast ways read images with the features last, and kernels in an
// order of their own.  Images that lie otherwise are copied into scratch, and
// so are kernels; what computes the convolution by products of matrices wants
// scratch that grows with the image and the threads, so it is taken only
// where that fits, and what oneDNN calls `ref` never: it is slower than loops.
//===--------------------------------------------------------------------===//
#include "backends/cpu/Convolution.h"
#include "backends/cpu/Dnnl.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace ds::rt {
namespace {

using namespace dnnl;

constexpr uint64_t kAlign = 64;

uint64_t aligned(uint64_t bytes) {
  return (bytes + kAlign - 1) / kAlign * kAlign;
}

/// A tensor as the plan has it, and as the library gets it.
struct Operand {
  dnnl_memory_desc_t plan, library;
  Memory planMemory, libraryMemory;
  std::byte *planData = nullptr, *libraryData = nullptr;
  Primitive reorder; ///< Between the two; none: they are the same.
};

class DnnlConvolution final : public ConvolutionKernel {
public:
  /// False when there is no way that fits.
  bool make(const ConvolutionShape &shape, const ConvolutionPlaces &places);
  bool run() override;

private:
  bool describeOperands(const ConvolutionShape &shape);
  bool describe(const ConvolutionShape &shape, Descriptions &ways);
  bool take(const_dnnl_primitive_desc_t way, const ConvolutionPlaces &places);
  bool place(Operand &operand, const dnnl_memory_desc_t &wanted, bool isResult,
             std::byte *data);
  bool scratch(const dnnl_memory_desc_t &description, std::byte *&data);
  bool setData();
  bool execute(dnnl_primitive_t primitive, int fromArgument, dnnl_memory_t from,
               int toArgument, dnnl_memory_t to);

  ConvolutionKind kind_ = {};
  dnnl_convolution_desc_t operation_; ///< What its ways point to.
  Engine engine_;
  Stream stream_;
  Attributes attributes_;
  Description forward_; ///< What the gradients are given as a hint.
  Primitive primitive_;
  Operand input_, kernel_, output_;
  Memory scratch_;
  std::byte *scratchData_ = nullptr;
  ConvolutionPlaces places_ = {};
  uint64_t used_ = 0; ///< Of the scratch.
  bool hasStrides_ = false;
  bool hasData_ = false; ///< The memory objects know their addresses.
};

/// Sizes and strides of a tensor, outermost first.
struct Layout {
  std::vector<int64_t> sizes, strides;
  void add(int64_t size, int64_t stride) {
    sizes.push_back(size);
    strides.push_back(stride);
  }
  bool describe(dnnl_memory_desc_t &description) const {
    return succeeded(dnnl_memory_desc_init_by_strides(
        &description, int(sizes.size()), sizes.data(), dnnl_f32,
        strides.data()));
  }
};

/// The same image with the features last and no gaps.
bool describeFeaturesLast(const dnnl_memory_desc_t &image,
                          dnnl_memory_desc_t &last) {
  static constexpr dnnl_format_tag_t tags[] = {dnnl_nwc, dnnl_nhwc, dnnl_ndhwc};
  return succeeded(dnnl_memory_desc_init_by_tag(
      &last, image.ndims, image.dims, dnnl_f32, tags[image.ndims - 3]));
}

/// Whether both place every element at the same byte; where there is one
/// position only, its step does not matter.
bool liesAlike(const dnnl_memory_desc_t &a, const dnnl_memory_desc_t &b) {
  for (int d = 0; d < a.ndims; ++d)
    if (a.dims[d] != 1 &&
        a.format_desc.blocking.strides[d] != b.format_desc.blocking.strides[d])
      return false;
  return true;
}

bool DnnlConvolution::describeOperands(const ConvolutionShape &shape) {
  Layout input, kernel, output;
  input.add(shape.batch, shape.inputBatch);
  input.add(shape.groups * shape.inputs, shape.inputFeature);
  output.add(shape.batch, shape.outputBatch);
  output.add(shape.groups * shape.outputs, shape.outputFeature);
  if (shape.groups > 1)
    kernel.add(shape.groups, shape.outputs * shape.kernelOutput);
  kernel.add(shape.outputs, shape.kernelOutput);
  kernel.add(shape.inputs, shape.kernelInput);
  for (int d = 0; d < shape.rank; ++d) {
    input.add(shape.dims[d].input, shape.dims[d].inputStep);
    kernel.add(shape.dims[d].kernel, shape.dims[d].kernelStep);
    output.add(shape.dims[d].output, shape.dims[d].outputStep);
  }
  if (!input.describe(input_.plan) || !kernel.describe(kernel_.plan) ||
      !output.describe(output_.plan))
    return false;
  for (Operand *image : {&input_, &output_}) {
    if (!describeFeaturesLast(image->plan, image->library))
      return false;
    if (liesAlike(image->plan, image->library))
      image->plan = image->library;
  }
  return succeeded(dnnl_memory_desc_init_by_tag(
      &kernel_.library, kernel_.plan.ndims, kernel_.plan.dims, dnnl_f32,
      dnnl_format_tag_any));
}

/// All ways of computing the convolution, the fastest first.
bool DnnlConvolution::describe(const ConvolutionShape &shape,
                               Descriptions &ways) {
  dnnl_dims_t strides, dilations, before, behind;
  for (int d = 0; d < shape.rank; ++d) {
    const ConvolutionDim &dim = shape.dims[d];
    const int64_t last =
        (dim.output - 1) * dim.stride + (dim.kernel - 1) * dim.dilation;
    strides[d] = dim.stride;
    dilations[d] = dim.dilation - 1;
    before[d] = dim.pad;
    behind[d] = std::max<int64_t>(0, last + 1 - dim.pad - dim.input);
    // The library reads to the input's end, or less than a stride before it.
    if (dim.input + dim.pad - last - 1 >= dim.stride)
      return false;
  }
  if (!succeeded(dnnl_dilated_convolution_forward_desc_init(
          &operation_, dnnl_forward_training, dnnl_convolution_direct,
          &input_.library, &kernel_.library, nullptr, &output_.library, strides,
          dilations, before, behind)))
    return false;
  if (shape.kind != ConvolutionKind::output) {
    if (!succeeded(dnnl_primitive_desc_create(forward_.put(), &operation_,
                                              attributes_, engine_, nullptr)))
      return false;
    const bool toInput = shape.kind == ConvolutionKind::input;
    const dnnl_status_t status =
        toInput ? dnnl_dilated_convolution_backward_data_desc_init(
                      &operation_, dnnl_convolution_direct, &input_.library,
                      &kernel_.library, &output_.library, strides, dilations,
                      before, behind)
                : dnnl_dilated_convolution_backward_weights_desc_init(
                      &operation_, dnnl_convolution_direct, &input_.library,
                      &kernel_.library, nullptr, &output_.library, strides,
                      dilations, before, behind);
    if (!succeeded(status))
      return false;
  }
  return succeeded(dnnl_primitive_desc_iterator_create(
      ways.put(), &operation_, attributes_, engine_, forward_));
}

/// The next bytes of the scratch; false when they are not there.
bool DnnlConvolution::scratch(const dnnl_memory_desc_t &description,
                              std::byte *&data) {
  data = places_.scratch + used_;
  used_ += aligned(dnnl_memory_desc_get_size(&description));
  return used_ <= places_.scratchBytes;
}

/// Gives the library `operand` at `data`, or a copy of it in scratch.
bool DnnlConvolution::place(Operand &operand, const dnnl_memory_desc_t &wanted,
                            bool isResult, std::byte *data) {
  operand.planData = operand.libraryData = data;
  operand.reorder = Primitive();
  auto make = [&](Memory &memory, const dnnl_memory_desc_t &description) {
    memory = Memory();
    return succeeded(dnnl_memory_create(memory.put(), &description, engine_,
                                        DNNL_MEMORY_NONE));
  };
  if (!make(operand.planMemory, operand.plan) ||
      !make(operand.libraryMemory, wanted))
    return false;
  if (dnnl_memory_desc_equal(&operand.plan, &wanted))
    return true;
  const dnnl_memory_desc_t &from = isResult ? wanted : operand.plan;
  const dnnl_memory_desc_t &to = isResult ? operand.plan : wanted;
  Description reorder;
  // A reorder with memory of its own is not taken: none wants some that only
  // changes the order of float32.
  return scratch(wanted, operand.libraryData) &&
         succeeded(dnnl_reorder_primitive_desc_create(
             reorder.put(), &from, engine_, &to, engine_, attributes_)) &&
         dnnl_memory_desc_get_size(dnnl_primitive_desc_query_md(
             reorder, dnnl_query_scratchpad_md, 0)) == 0 &&
         succeeded(dnnl_primitive_create(operand.reorder.put(), reorder));
}

/// Gradients to kernels of one position by oneDNN 2.6 are wrong where inputs
/// are strided and features no multiple of a vector.
bool failsWithStrides(const char *way) {
  return std::strncmp(way, "jit_1x1", 7) == 0;
}

bool DnnlConvolution::take(const_dnnl_primitive_desc_t way,
                           const ConvolutionPlaces &places) {
  const char *name = "";
  if (dnnl_primitive_desc_query(way, dnnl_query_impl_info_str, 0, &name) !=
          dnnl_success ||
      std::strncmp(name, "ref", 3) == 0 ||
      (failsWithStrides(name) && hasStrides_))
    return false;
  used_ = 0;
  const bool toInput = kind_ == ConvolutionKind::input,
             toKernel = kind_ == ConvolutionKind::kernel,
             toOutput = kind_ == ConvolutionKind::output;
  const dnnl_memory_desc_t &kernel = *dnnl_primitive_desc_query_md(
      way, toKernel ? dnnl_query_diff_weights_md : dnnl_query_weights_md, 0);
  const dnnl_memory_desc_t &own =
      *dnnl_primitive_desc_query_md(way, dnnl_query_scratchpad_md, 0);
  scratch_ = Memory();
  return scratch(own, scratchData_) &&
         place(input_, input_.library, toInput, places.input) &&
         place(kernel_, kernel, toKernel, places.kernel) &&
         place(output_, output_.library, toOutput, places.output) &&
         succeeded(dnnl_memory_create(scratch_.put(), &own, engine_,
                                      DNNL_MEMORY_NONE)) &&
         succeeded(dnnl_primitive_create(primitive_.put(), way));
}

/// Not at load: oneDNN clears what it pads when it is told an address.
bool DnnlConvolution::setData() {
  auto set = [](dnnl_memory_t memory, std::byte *data) {
    return succeeded(dnnl_memory_set_data_handle(memory, data));
  };
  hasData_ = set(scratch_, scratchData_);
  for (Operand *operand : {&input_, &kernel_, &output_})
    hasData_ = hasData_ && set(operand->planMemory, operand->planData) &&
               set(operand->libraryMemory, operand->libraryData);
  return hasData_;
}

/// Whether oneDNN is to be asked: it counts in 32 bits, and writes code for
/// every position of a kernel.
bool isOrdinary(const ConvolutionShape &shape) {
  double input = double(shape.batch * shape.groups) * double(shape.inputs),
         output = double(shape.batch * shape.groups) * double(shape.outputs),
         kernel = double(shape.groups * shape.inputs) * double(shape.outputs);
  for (const ConvolutionDim &dim : shape.dims) {
    if (dim.kernel > 1024 || dim.stride > 4096 || dim.dilation > 4096 ||
        dim.pad > 4096)
      return false;
    input *= double(dim.input);
    output *= double(dim.output);
    kernel *= double(dim.kernel);
  }
  return std::max({input, output, kernel}) < 0x1p31;
}

bool DnnlConvolution::make(const ConvolutionShape &shape,
                           const ConvolutionPlaces &places) {
  kind_ = shape.kind;
  hasStrides_ =
      std::any_of(shape.dims.begin(), shape.dims.end(),
                  [](const ConvolutionDim &d) { return d.stride > 1; });
  places_ = places;
  Descriptions ways;
  if (!isOrdinary(shape) ||
      !succeeded(dnnl_engine_create(engine_.put(), dnnl_cpu, 0)) ||
      !succeeded(dnnl_stream_create(stream_.put(), engine_,
                                    dnnl_stream_default_flags)) ||
      !succeeded(dnnl_primitive_attr_create(attributes_.put())) ||
      !succeeded(dnnl_primitive_attr_set_scratchpad_mode(
          attributes_, dnnl_scratchpad_mode_user)) ||
      !describeOperands(shape) || !describe(shape, ways))
    return false;
  do {
    Description way;
    *way.put() = dnnl_primitive_desc_iterator_fetch(ways);
    if (way && take(way, places))
      return true;
  } while (dnnl_primitive_desc_iterator_next(ways) == dnnl_success);
  return false;
}

bool DnnlConvolution::execute(dnnl_primitive_t primitive, int fromArgument,
                              dnnl_memory_t from, int toArgument,
                              dnnl_memory_t to) {
  if (!primitive)
    return true;
  const dnnl_exec_arg_t operands[] = {{fromArgument, from}, {toArgument, to}};
  return succeeded(dnnl_primitive_execute(primitive, stream_, 2, operands));
}

bool DnnlConvolution::run() {
  if (!hasData_ && !setData())
    return false;
  const bool toInput = kind_ == ConvolutionKind::input,
             toKernel = kind_ == ConvolutionKind::kernel,
             toOutput = kind_ == ConvolutionKind::output;
  auto bring = [&](Operand &operand) {
    return execute(operand.reorder, DNNL_ARG_FROM, operand.planMemory,
                   DNNL_ARG_TO, operand.libraryMemory);
  };
  Operand &result = toInput ? input_ : toKernel ? kernel_ : output_;
  for (Operand *operand : {&input_, &kernel_, &output_})
    if (operand != &result && !bring(*operand))
      return false;
  const dnnl_exec_arg_t operands[] = {
      {toInput ? DNNL_ARG_DIFF_SRC : DNNL_ARG_SRC, input_.libraryMemory},
      {toKernel ? DNNL_ARG_DIFF_WEIGHTS : DNNL_ARG_WEIGHTS,
       kernel_.libraryMemory},
      {toOutput ? DNNL_ARG_DST : DNNL_ARG_DIFF_DST, output_.libraryMemory},
      {DNNL_ARG_SCRATCHPAD, scratch_}};
  return succeeded(dnnl_primitive_execute(primitive_, stream_, 4, operands)) &&
         execute(result.reorder, DNNL_ARG_FROM, result.libraryMemory,
                 DNNL_ARG_TO, result.planMemory);
}

} // namespace

std::unique_ptr<ConvolutionKernel>
makeDnnlConvolution(const ConvolutionShape &shape,
                    const ConvolutionPlaces &places) {
  auto convolution = std::make_unique<DnnlConvolution>();
  if (!convolution->make(shape, places))
    return nullptr;
  return convolution;
}

} // namespace ds::rt
