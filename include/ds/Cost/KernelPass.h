//===- KernelPass.h - What a kernel does, for predictions ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//===--------------------------------------------------------------------===//
#ifndef DS_COST_KERNELPASS_H
#define DS_COST_KERNELPASS_H

#include <vector>

namespace ds {

/// What one pass over its items costs a kernel, all items together.
struct KernelPass {
  /// Bytes of an argument that no earlier pass has touched.
  struct Touch {
    unsigned argument;
    double bytes;
    bool strided = false; ///< In short runs, as a tile of columns lies.
  };

  double simple = 0;       ///< Sums, products, comparisons, loads and stores.
  double exponentials = 0; ///< And logarithms.
  double divisions = 0;    ///< And square roots.
  double loops = 0;        ///< Runs of the innermost loops.
  std::vector<Touch> touches;
  double products = 0; ///< Flops on a GPU's tensor cores, of 16-bit operands.
  double blocks = 0, threads = 0; ///< On a GPU, and the threads of each.
};

} // namespace ds

#endif // DS_COST_KERNELPASS_H
