//===- EmitScan.cpp - Loops of the model --------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a scan carries has one place, which every round reads and writes; its
// stacked tensors are read and written an entry at a time, by copies with the
// loop's index.
//===--------------------------------------------------------------------===//

#include "Emitter.h"

using namespace mlir;

namespace ds {

LogicalResult Emitter::emitScan(ScanOp scan, uint32_t control) {
  for (auto [init, argument, last] :
       llvm::zip_equal(scan.getCarry(), scan.getCarryArgs(), scan.getLasts())) {
    const Place place = storage.create(last, scan);
    storage.set(argument, place);
    initialize(scan, init, place);
  }
  SmallVector<Place> each;
  for (Value stack : scan.getEach())
    each.push_back(packed(stack));
  for (auto [argument, value] :
       llvm::zip_equal(scan.getSharedArgs(), scan.getShared()))
    storage.set(argument, storage.get(value));
  for (Value stack : scan.getStacks())
    storage.create(stack, scan);
  const Place counter = addCounter("entry", scan.getContext());
  storage.set(scan.getEntryNumber(), counter);
  beginLoop(control, nameOf(scan.getOperation()), scan.getRounds(), counter,
            scan.getReversed());
  auto takeEntries = [&] {
    for (auto [argument, stack] : llvm::zip_equal(scan.getEachArgs(), each)) {
      const Place place = storage.allocate(argument);
      storage.set(argument, place);
      const auto bytes = static_cast<uint64_t>(byteSize(tensorType(argument)));
      plan::CopyT copy;
      copy.src = refTo(stack);
      copy.dst = refTo(place);
      copy.bytes = bytes;
      copy.index = refTo(counter);
      copy.indexed = true;
      copy.src_stride = bytes;
      append(nameOf(argument) + ".entry", std::move(copy));
    }
    storeEntries(scan, counter, /*first=*/true);
  };
  if (failed(emitBody(scan.getBody().front(), takeEntries)))
    return failure();
  storeEntries(scan, counter, /*first=*/false);
  assignNexts(scan);
  return success();
}

/// Puts a round's entries into their stacks; those that exist when it begins
/// `first`, so that they need not be kept.
void Emitter::storeEntries(ScanOp scan, const Place &counter, bool first) {
  const unsigned carries = scan.getCarry().size();
  Operation *yield = scan.getBody().front().getTerminator();
  for (auto [i, stack] : llvm::enumerate(scan.getStacks())) {
    OpOperand &entry = yield->getOpOperand(carries + i);
    if (isStackedFirst(entry) != first)
      continue;
    const auto bytes = static_cast<uint64_t>(byteSize(tensorType(entry.get())));
    plan::CopyT copy;
    copy.src = refTo(packed(entry.get()));
    copy.dst = refTo(storage.get(stack));
    copy.bytes = bytes;
    copy.index = refTo(counter);
    copy.indexed = true;
    copy.dst_stride = bytes;
    append(nameOf(entry.get()) + ".stack", std::move(copy));
  }
}

/// Gives every carried value its next one, as if all at once: what lies in the
/// place of another one is saved first.
void Emitter::assignNexts(ScanOp scan) {
  SmallVector<Place> nexts;
  llvm::SmallDenseSet<int> carried;
  for (Value argument : scan.getCarryArgs())
    carried.insert(storage.get(argument).buffer);
  for (auto [next, argument] :
       llvm::zip_equal(scan.getNexts(), scan.getCarryArgs())) {
    Place from = storage.get(next);
    const Place &to = storage.get(argument);
    if (from != to && carried.contains(from.buffer)) {
      const Place saved = storage.allocate(next);
      copy(next, saved);
      from = saved;
    }
    nexts.push_back(from);
  }
  for (auto [from, argument] : llvm::zip_equal(nexts, scan.getCarryArgs()))
    if (const Place &to = storage.get(argument); from != to)
      copyElements(nameOf(argument), tensorType(argument), from, to);
}

} // namespace ds
