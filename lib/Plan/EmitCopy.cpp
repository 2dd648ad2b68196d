//===- EmitCopy.cpp - Copies on GPUs that are kernels -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A GPU's driver copies bytes, and rows of bytes.  Runs that lie in more
// dimensions would be a call for each of the others, and short rows are slow:
// these become kernels of one `ds.strided_copy`, which travels in the plan as
// any kernel does.
//===--------------------------------------------------------------------===//

#include "Emitter.h"

using namespace mlir;

namespace ds {

bool Emitter::isKernelCopy(const plan::CopyT &copy) const {
  constexpr uint64_t kShortRow = 512, kMaxPitch = INT32_MAX;
  auto isPitch = [&](uint64_t stride) {
    return stride >= copy.bytes && stride <= kMaxPitch;
  };
  // Within a buffer, the plan's verifier sees to it that nothing overlaps.
  if (!isForGpu() || copy.dims.empty() ||
      copy.src->buffer() == copy.dst->buffer())
    return false;
  const plan::CopyDim &rows = copy.dims[0];
  return copy.dims.size() > 1 || copy.bytes < kShortRow ||
         !isPitch(rows.src_stride()) || !isPitch(rows.dst_stride());
}

/// The kernel function of a copy of `element`s, made once for each shape.
func::FuncOp Emitter::copyFunction(Type element, const plan::CopyT &copy) {
  const auto width = static_cast<uint64_t>(elementBytes(element));
  SmallVector<int64_t> sizes, from, to;
  int64_t fromEnd = 1, toEnd = 1;
  auto add = [&](uint64_t size, uint64_t src, uint64_t dst) {
    sizes.push_back(static_cast<int64_t>(size));
    from.push_back(static_cast<int64_t>(src / width));
    to.push_back(static_cast<int64_t>(dst / width));
    fromEnd += (sizes.back() - 1) * from.back();
    toEnd += (sizes.back() - 1) * to.back();
  };
  for (const plan::CopyDim &dim : copy.dims)
    add(dim.size(), dim.src_stride(), dim.dst_stride());
  if (copy.bytes > width)
    add(copy.bytes / width, width, width);
  auto source = RankedTensorType::get({fromEnd}, element),
       target = RankedTensorType::get({toEnd}, element);
  std::vector<int64_t> key(sizes.begin(), sizes.end());
  llvm::append_range(key, from);
  llvm::append_range(key, to);
  func::FuncOp &function = copies[{element.getAsOpaquePointer(), key}];
  if (function)
    return function;
  Location loc = UnknownLoc::get(module.getContext());
  OpBuilder b(module.getContext());
  function = func::FuncOp::create(loc, "k_copy",
                                  b.getFunctionType({source, target}, target));
  function.setPrivate();
  function->setAttr(kKernelAttr, b.getUnitAttr());
  Block *body = function.addEntryBlock();
  b.setInsertionPointToStart(body);
  Value copied = StridedCopyOp::create(b, loc, target, body->getArgument(0),
                                       body->getArgument(1), sizes, from, to);
  func::ReturnOp::create(b, loc, copied);
  symbols.insert(function);
  return function;
}

void Emitter::appendCopy(std::string name, Type element, plan::CopyT copy) {
  if (!isKernelCopy(copy))
    return append(std::move(name), std::move(copy));
  FailureOr<uint32_t> index =
      kernelIndex(copyFunction(element, copy), {{0, 1}});
  if (failed(index)) // which says why
    return append(std::move(name), std::move(copy));
  // Which writes some elements, and reads none of the others.
  draft.plan.kernels[*index]->args[1]->access = plan::Access::write;
  plan::LaunchT launch;
  launch.kernel = *index;
  launch.args = {*copy.src, *copy.dst};
  launch.items = infos[*index].items;
  launch.grain = infos[*index].grain;
  append(std::move(name), std::move(launch));
}

} // namespace ds
