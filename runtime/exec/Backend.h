//===- Backend.h - What holds a rank's memory and runs its program ------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The one place where CPUs and GPUs differ to the rest of the runtime.  It is
// called a few times a step; whatever happens for each instruction, item or
// byte is inside.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_EXEC_BACKEND_H
#define DS_RUNTIME_EXEC_BACKEND_H

#include "exec/Job.h"
#include "exec/Recorder.h"
#include "exec/TunedPlan.h"
#include "exec/View.h"

#include <memory>

namespace ds::rt {

/// Not thread-safe: one thread calls it, in the order of the methods.
class Backend : public View {
public:
  /// Takes the memory and prepares the program.  Before the fork nothing of a
  /// GPU may be touched, so it is the rank that opens.
  virtual Status open() = 0;
  /// Where the arenas begin; once it is open.
  const RankMemory &memory() const { return memory_; }
  /// The pages that the state lies in, before it is made.
  virtual Status settleState() = 0;
  /// All of the memory, and whatever else can be prepared for `entry`.
  virtual Status settle(const plan::Entry &entry) = 0;

  /// Where the host puts the value of an input of an entry, before it runs.
  virtual std::byte *input(uint32_t buffer) = 0;
  /// Where the host finds the value of an output, when it has run.
  virtual const std::byte *output(uint32_t buffer) const = 0;
  virtual Status run(const plan::Entry &entry) = 0;
  /// All ranks have come to their end, and well: whoever gives back what they
  /// share waits for nobody in vain.
  virtual void close() {}
  /// The number of the first instruction of a block; 0 when it is empty.
  virtual uint32_t firstOf(uint32_t block) const = 0;
  /// Whether each instruction's time is taken down by the recorder.
  virtual bool recordsTimes() const { return true; }

  /// Bytes of an arena that are really there, wholly and of a part.
  virtual uint64_t residentBytes(uint32_t arena) const = 0;
  virtual uint64_t residentBytes(uint32_t arena, uint64_t offset,
                                 uint64_t bytes) const = 0;
  /// Whether an arena is memory that processes share, which does not count as
  /// this one's own to the system.
  virtual bool isShared(uint32_t arena) const = 0;
  /// What libraries took of a GPU's memory besides the arenas; 0 on CPUs.
  virtual uint64_t libraryBytes() const { return 0; }
  /// Bytes a second that memory moves, or 0 when it was not measured.
  virtual double measureBandwidth() { return 0; }
  /// Times the algorithms of products, and says at which it is as if it ran
  /// them; overwrites what arenas hold.
  virtual StatusOr<FastestAlgorithms> fastestAlgorithms() {
    return internalError("only GPUs choose algorithms of products");
  }
  /// What a user should know, though the run goes on.
  virtual std::vector<std::string> notes() const { return {}; }

protected:
  RankMemory memory_{};
};

/// The one that the plan's target needs.  What it is given outlives it.
std::unique_ptr<Backend> makeBackend(const Job &job, int rank, LocalComm &comm,
                                     Recorder &recorder);

} // namespace ds::rt

#endif // DS_RUNTIME_EXEC_BACKEND_H
