//===- FakeCudaPtx.h - Kernels that the fake driver runs ----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_TEST_LIB_FAKECUDAPTX_H
#define DS_TEST_LIB_FAKECUDAPTX_H

#include "FakeCuda.h"

#include <cstdint>

namespace fake {

/// A kernel of PTX whose threads know nothing of each other, of the few
/// instructions that the runtime's own kernels have.
class PtxKernel {
public:
  /// From the bracket of the parameters on.  What is not known is a violation.
  explicit PtxKernel(const char *text);
  /// Runs all threads, one after the other.
  void run(unsigned blocks, unsigned threads,
           const std::vector<Address> &parameters) const;

private:
  using Compute = uint64_t (*)(uint64_t a, uint64_t b, uint64_t c);
  /// A register, a number, or both: an address.
  struct Operand {
    int index = -1;
    uint64_t number = 0;
  };
  struct Instruction {
    enum Kind { Calculate, Load, LoadParameter, Store, Branch, Return } kind;
    Operand guard; ///< A predicate, or none.
    bool unless;   ///< Where it does not hold.
    Operand to, from[3];
    Compute compute;
    unsigned bytes;
    std::string label;
    size_t target;
  };

  int registerOf(const std::string &name);
  Operand operand(const std::string &text);
  void add(std::string statement);
  void addMove(Instruction &made, const std::string &opcode,
               const std::vector<std::string> &operands);
  void resolve();
  void runThread(std::vector<uint64_t> &values,
                 const std::vector<Address> &parameters) const;
  static bool step(const Instruction &at, std::vector<uint64_t> &values,
                   const std::vector<Address> &parameters);

  std::map<std::string, int> registers_, parameters_;
  std::map<std::string, size_t> labels_;
  std::vector<Instruction> instructions_;
};

} // namespace fake

#endif // DS_TEST_LIB_FAKECUDAPTX_H
