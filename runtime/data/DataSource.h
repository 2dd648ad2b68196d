//===- DataSource.h - Where the inputs of a step come from --------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A source fills the input buffers of one step: a text file (bytes are
// tokens), a .bin of little-endian tokens, a .safetensors of stacked inputs,
// random:SEED, an endless stream, or stream:FD,...  Files are read, not mapped,
// and only what the step needs.  Micro-batch a of rank r in step s is entry (s
// * world + r) * accumulation + a; entry e holds samples eB .. eB + B - 1.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_DATA_DATASOURCE_H
#define DS_RUNTIME_DATA_DATASOURCE_H

#include "base/Status.h"
#include "plan_generated.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace ds::rt {

/// One input of an entry: shape [accumulation, micro-batch, ...].
struct InputSpec {
  std::string name;
  plan::Role role;
  plan::DType dtype;
  uint64_t bound; ///< Integers are in [0, bound); 0: any.
  std::vector<uint64_t> shape;
  int64_t ignored = 0; ///< One more integer that is taken; 0: none.

  /// Whether an integer may be an element.
  bool takes(int64_t value) const {
    return bound == 0 || (value >= 0 && uint64_t(value) < bound) ||
           (ignored != 0 && value == ignored);
  }
  uint64_t accumulation() const { return shape.empty() ? 1 : shape[0]; }
  uint64_t microBatch() const { return shape.size() > 1 ? shape[1] : 1; }
  /// Elements of one micro-batch.
  uint64_t entryElements() const;
  /// Tokens of one sample.
  uint64_t sequence() const { return shape.empty() ? 1 : shape.back(); }
};

class DataSource {
public:
  virtual ~DataSource() = default;
  /// Whether `rank` of `world` is to run another step; asked before each, also
  /// waited for: then `alive` is called now and then.
  virtual StatusOr<bool> next(uint64_t world, uint64_t rank,
                              const std::function<void()> &alive) {
    (void)world, (void)rank, (void)alive;
    return true;
  }
  /// Fills `out` with entry `entry` of `input`.  Thread-safe.
  virtual Status read(const InputSpec &input, uint64_t entry,
                      std::byte *out) = 0;
};

/// Kernels index with integers: refuses one of the `elements` at `data` that is
/// out of the input's bound.
Status checkBound(const InputSpec &input, const std::byte *data,
                  uint64_t elements);

/// Opens what `--data` names and checks it against the inputs.
StatusOr<std::unique_ptr<DataSource>>
openData(const std::string &spec, const std::vector<InputSpec> &inputs);

/// Fills all micro-batches of one step of one rank.
Status readStep(DataSource &source, const InputSpec &input, uint64_t step,
                uint64_t world, uint64_t rank, std::byte *out);

} // namespace ds::rt

#endif // DS_RUNTIME_DATA_DATASOURCE_H
