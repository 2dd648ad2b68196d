//===- EmitProduct.cpp - Products become library calls ------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//

#include "Emitter.h"
#include "Gemm.h"

using namespace mlir;

namespace ds {

LogicalResult Emitter::emitDot(DotOp op) {
  const Place result = storage.create(op.getResult(), op, /*strided=*/true);
  return emitProduct(op,
                     {op.getLetters(), tensorType(op.getLhs()),
                      tensorType(op.getRhs()), /*adds=*/false,
                      tensorType(op.getResult()).getElementType()},
                     op.getLhs(), op.getRhs(), result);
}

LogicalResult Emitter::emitDotAdd(DotAddOp op) {
  if (storage.canAddTo(op)) {
    storage.set(op.getResult(), storage.get(op.getInto()));
  } else {
    const Place place =
        storage.create(op.getResult(), op, /*strided=*/true, op.getInto());
    copy(op.getInto(), place);
  }
  return emitProduct(op,
                     {op.getLetters(), tensorType(op.getLhs()),
                      tensorType(op.getRhs()), /*adds=*/true,
                      tensorType(op.getResult()).getElementType()},
                     op.getLhs(), op.getRhs(), storage.get(op.getResult()));
}

/// Where the library can load 16 bytes of `value` at once, without gaps.
Place Emitter::forEpilogue(Value value) {
  constexpr int64_t alignment = 16;
  const Place from = packed(value);
  const uint64_t windows = program.buffers[from.buffer]->rank_stride;
  if (from.offset % alignment == 0 && windows % alignment == 0)
    return from;
  const Place to = storage.allocate(value);
  copyElements(nameOf(value), tensorType(value), from, to);
  return to;
}

LogicalResult Emitter::emitDotBias(DotBiasOp op) {
  ProductEpilogue epilogue;
  if (op.getGelu())
    epilogue.kind = plan::Epilogue::gelu;
  epilogue.bias = forEpilogue(op.getBias());
  if (Value kept = op.getPreactivation()) {
    // In a buffer of its own: at an offset that the library takes.
    epilogue.preactivation = storage.allocate(kept);
    storage.set(kept, *epilogue.preactivation);
  }
  return emitEpilogue(op, op.getLetters(), epilogue);
}

LogicalResult Emitter::emitDotGeluGrad(DotGeluGradOp op) {
  ProductEpilogue epilogue;
  epilogue.kind = plan::Epilogue::gelu_grad;
  epilogue.preactivation = forEpilogue(op.getPreactivation());
  return emitEpilogue(op, op.getLetters(), epilogue);
}

LogicalResult Emitter::emitEpilogue(Operation *op, const ProductSpec &letters,
                                    const ProductEpilogue &epilogue) {
  if (!isForGpu())
    return op->emitOpError("has no instruction on CPUs; compile it for a GPU, "
                           "such as --machine=h200");
  Value lhs = op->getOperand(0), rhs = op->getOperand(1);
  const Place result = storage.create(op->getResult(0), op, /*strided=*/true);
  return emitProduct(op,
                     {letters, tensorType(lhs), tensorType(rhs), /*adds=*/false,
                      tensorType(op->getResult(0)).getElementType(), &epilogue},
                     lhs, rhs, result);
}

LogicalResult Emitter::emitProduct(Operation *op, const Product &product,
                                   Value lhs, Value rhs, const Place &result) {
  std::vector<plan::GemmT> calls =
      lowerProduct(product, storage.get(lhs), storage.get(rhs), result);
  // What several calls add up would be rounded by each.
  if (calls.empty() || (calls.size() > 1 && isNarrow(product.sum)))
    return emitOnCopies(op, product, lhs, rhs, result);
  for (plan::GemmT &call : calls)
    append(nameOf(op), std::move(call));
  return success();
}

/// On operands without unit stride in the dimensions that the library wants
/// it in: copies have their batches first, and then the rows of a matrix.
LogicalResult Emitter::emitOnCopies(Operation *op, const Product &product,
                                    Value lhs, Value rhs, const Place &result) {
  const ProductSpec &letters = product.letters;
  std::string batch, rows, columns, summed;
  for (char letter : letters.result)
    (!letters.rhs.contains(letter)   ? rows
     : !letters.lhs.contains(letter) ? columns
                                     : batch)
        .push_back(letter);
  for (char letter : letters.lhs)
    if (!letters.result.contains(letter))
      summed.push_back(letter);
  auto allocate = [&](Value value, StringRef dims, const std::string &order) {
    Place place = storage.allocate(value);
    int64_t stride = 1;
    for (char letter : llvm::reverse(order)) {
      place.strides[dims.find(letter)] = stride;
      stride *= tensorType(value).getDimSize(dims.find(letter));
    }
    return place;
  };
  Value sum = op->getResult(0);
  const Place a = allocate(lhs, letters.lhs, batch + rows + summed);
  const Place b = allocate(rhs, letters.rhs, batch + summed + columns);
  const Place c = allocate(sum, letters.result, batch + rows + columns);
  copy(lhs, a);
  copy(rhs, b);
  if (product.adds)
    copyElements(nameOf(op), tensorType(sum), result, c);
  std::vector<plan::GemmT> calls = lowerProduct(product, a, b, c);
  if (calls.empty())
    return op->emitOpError("has no product of matrices");
  for (plan::GemmT &call : calls)
    append(nameOf(op), std::move(call));
  copyElements(nameOf(op), tensorType(sum), c, result);
  return success();
}

} // namespace ds
