//===- Copies.cpp - Elements at even distances copied to others ---------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A copy's elements are moved as they are stored, whatever they mean.
//===--------------------------------------------------------------------===//

#include "FormulaEmitter.h"
#include "KernelPlan.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace ds;

StridedCopyOp ds::copyIn(func::FuncOp lowered) {
  return returnedBy(lowered)[0].getDefiningOp<StridedCopyOp>();
}

int64_t ds::copiedBytes(func::FuncOp lowered) {
  StridedCopyOp op = copyIn(lowered);
  const int64_t width = tensorType(op.getInto()).getElementTypeBitWidth();
  return HostTensor::count(op.getSizes()) * ((width + 7) / 8);
}

Value FormulaEmitter::offsetOf(ArrayRef<Value> at, ArrayRef<int64_t> strides) {
  Value offset;
  for (auto [position, stride] : llvm::zip_equal(at, strides)) {
    if (stride == 0)
      continue;
    Value part = multiply(position, stride);
    offset = offset ? add(offset, part) : part;
  }
  return offset ? offset : constant(0);
}

void FormulaEmitter::copyElements(StridedCopyOp op, Value output, Value first,
                                  int64_t count) {
  Type element = tensorType(op.getInto()).getElementType();
  Values at = split(first, op.getSizes());
  Value input = memory[op.getInput()].pointer;
  Value from = this->element(input, element, offsetOf(at, op.getFrom()));
  Value to = this->element(output, element, offsetOf(at, op.getTo()));
  Type type = storedType(element);
  unsigned alignment = (type.getIntOrFloatBitWidth() + 7) / 8;
  if (count > 1) {
    type = VectorType::get({count}, type);
    alignment *= static_cast<unsigned>(count);
  }
  Value moved = LLVM::LoadOp::create(b, loc, type, from, alignment);
  LLVM::StoreOp::create(b, loc, moved, to, alignment);
}
