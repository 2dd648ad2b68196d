//===- Match.h - A file's tensors for a plan's --------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#ifndef DS_RUNTIME_CHECKPOINT_MATCH_H
#define DS_RUNTIME_CHECKPOINT_MATCH_H

#include "checkpoint/Weights.h"

#include <set>

namespace ds::rt {

/// Loop state that a plan may have and another one not: the seed of what is
/// random, and what 16-bit numbers need.  Where a file lacks it, it begins;
/// where the plan does, it is left.
const std::set<std::string> &optionalScalars();

/// What does not fit, to be counted and shown in part.
class Names {
public:
  /// `what` is said behind the name.
  void add(const std::string &name, const std::string &what = "") {
    names_.push_back(name);
    words_.push_back(what);
  }
  size_t size() const { return names_.size(); }
  const std::vector<std::string> &all() const { return names_; }
  /// The first few; with `near` each with the nearest name of these.
  std::string text(const std::vector<std::string> &near = {}) const;

private:
  std::vector<std::string> names_, words_;
};

/// The part of a name that all of a model's names begin with, and that its
/// files may lack, or have beside the plan's: "transformer.".
struct Prefix {
  std::string text;
  bool inPlan = false; ///< The plan's names have it; else the file's.

  /// The file's name for a plan's.
  std::string fileName(const std::string &name) const;
};

/// The prefix that makes `names` tensors of the file; empty when they are as
/// they stand, or with none.
Prefix findPrefix(const std::set<std::string> &names, const Weights &weights);

/// Whether models of Hugging Face save a tensor that nothing is computed from,
/// or nothing of a pre-training task: a mask, positions, a pooler.
bool isKnownBuffer(const std::string &name);

/// The parameters that `name` is tied to in some model, where it is saved
/// twice: lm_head.weight is a table of tokens.
std::vector<std::string> tiedTo(const std::string &name);

/// Whether two tensors have the same bytes.
StatusOr<bool> sameTensor(const Weights::Tensor &a, const Weights::Tensor &b);

} // namespace ds::rt

#endif // DS_RUNTIME_CHECKPOINT_MATCH_H
