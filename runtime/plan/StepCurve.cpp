//===- StepCurve.cpp - A scalar of a plan as a function of the step -------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The entry's block, and the blocks that it calls, are walked once, as they
// would run, with what is known of each place that holds a scalar: which value
// it is.  A value that does not come from the step and numbers alone is
// unknown, and so is what depends on it.
//===----------------------------------------------------------------------===//
#include "plan/StepCurve.h"

#include <map>
#include <set>

namespace ds::rt {

/// Calls `visit` with every place that `instr` itself writes.
template <typename Visit>
static void forWrites(const plan::Instr &instr, Visit visit) {
  auto any = [&](const plan::Ref *ref) {
    if (ref)
      visit(*ref);
  };
  if (const auto *launch = instr.op_as_Launch())
    for (const plan::Ref *ref : *launch->args()) // what is only read, too
      any(ref);
  else if (const auto *gemm = instr.op_as_Gemm())
    any(gemm->c());
  else if (const auto *collective = instr.op_as_Collective())
    any(collective->dst());
  else if (const auto *recv = instr.op_as_Recv())
    any(recv->dst());
  else if (const auto *copy = instr.op_as_Copy())
    any(copy->dst());
  else if (const auto *fill = instr.op_as_Fill())
    any(fill->dst());
  else if (const auto *scalar = instr.op_as_Scalar())
    any(scalar->dst());
  else if (const auto *loop = instr.op_as_Loop())
    any(loop->index());
  else if (const auto *sort = instr.op_as_Sort())
    any(sort->dst());
  else if (const auto *convolution = instr.op_as_Convolution())
    for (const plan::Ref *ref :
         {convolution->input(), convolution->kernel(), convolution->output()})
      any(ref);
}

class StepCurveBuilder {
public:
  StepCurveBuilder(const plan::Program &program, const plan::Entry &entry)
      : program(program), entry(entry) {}

  std::optional<StepCurve> build(std::string_view output) {
    const plan::Block &block = *program.blocks()->Get(entry.block());
    const std::vector<uint32_t> uses = usesOfBlocks();
    std::vector<bool> walked(uses.size());
    walked[entry.block()] = true;
    for (const plan::Instr *instr : *block.instrs())
      if (const auto *call = instr->op_as_Call())
        walked[call->body()] = uses[call->body()] == 1;
    for (uint32_t b = 0; b < walked.size(); ++b)
      if (!walked[b])
        forget(*program.blocks()->Get(b));
    if (!startWithStep())
      return std::nullopt;
    for (const plan::Instr *instr : *block.instrs()) {
      compute(*instr);
      if (const auto *call = instr->op_as_Call(); call && walked[call->body()])
        for (const plan::Instr *inner :
             *program.blocks()->Get(call->body())->instrs())
          compute(*inner);
    }
    for (const plan::Output *out : *entry.outputs())
      if (out->name()->string_view() == output)
        if (auto at = known.find({out->buffer(), 0}); at != known.end())
          return curveOf(at->second);
    return std::nullopt;
  }

private:
  using Place = std::pair<uint32_t, uint64_t>; ///< Buffer and offset.
  using Value = StepCurve::Value;

  static Place placeOf(const plan::Ref &ref) {
    return {ref.buffer(), ref.offset()};
  }

  /// How many instructions run each block.
  std::vector<uint32_t> usesOfBlocks() const {
    std::vector<uint32_t> uses(program.blocks()->size());
    for (const plan::Block *block : *program.blocks())
      for (const plan::Instr *instr : *block->instrs()) {
        if (const auto *call = instr->op_as_Call())
          ++uses[call->body()];
        if (const auto *loop = instr->op_as_Loop())
          uses[loop->body()] += 2; // round after round
      }
    return uses;
  }

  /// What is written in a block that is not walked is never known.
  void forget(const plan::Block &block) {
    for (const plan::Instr *instr : *block.instrs())
      forWrites(*instr,
                [&](const plan::Ref &r) { unknown.insert(placeOf(r)); });
  }

  bool startWithStep() {
    if (!program.states())
      return false;
    for (const plan::StateBuffer *state : *program.states())
      for (const plan::StateTensor *tensor : *state->tensors())
        if (tensor->name()->string_view() == "step") {
          values.push_back({nullptr});
          set({state->buffer(), 0}, 0);
          return true;
        }
    return false;
  }

  void set(const Place &place, uint32_t value) {
    if (!unknown.contains(place))
      known[place] = value;
  }

  void compute(const plan::Instr &instr) {
    if (const auto *scalar = instr.op_as_Scalar())
      return compute(*scalar);
    forWrites(instr, [&](const plan::Ref &r) { known.erase(placeOf(r)); });
  }

  void compute(const plan::Scalar &scalar) {
    Value value{&scalar};
    // Other types round; no schedule is computed in them.
    bool isKnown = scalar.dtype() == plan::DType::f64 ||
                   scalar.dtype() == plan::DType::i64;
    const plan::Ref *refs[] = {scalar.a(), scalar.b()};
    uint32_t *operands[] = {&value.a, &value.b};
    for (uint32_t i = 0; i < operandsOf(scalar.op()); ++i) {
      auto at = known.find(placeOf(*refs[i]));
      isKnown &= at != known.end();
      if (at != known.end())
        *operands[i] = at->second;
    }
    const Place place = placeOf(*scalar.dst());
    if (!isKnown) {
      known.erase(place);
      return;
    }
    set(place, static_cast<uint32_t>(values.size()));
    values.push_back(value);
  }

  /// The values that `last` needs, in their order.
  StepCurve curveOf(uint32_t last) const {
    std::vector<bool> needed(last + 1);
    needed[last] = true;
    for (uint32_t i = last + 1; i-- > 0;)
      if (needed[i] && values[i].scalar) {
        const uint32_t count = operandsOf(values[i].scalar->op());
        if (count > 0)
          needed[values[i].a] = true;
        if (count > 1)
          needed[values[i].b] = true;
      }
    StepCurve curve;
    std::vector<uint32_t> number(last + 1);
    for (uint32_t i = 0; i <= last; ++i) {
      if (!needed[i])
        continue;
      number[i] = static_cast<uint32_t>(curve.values_.size());
      curve.values_.push_back(
          {values[i].scalar, number[values[i].a], number[values[i].b]});
    }
    return curve;
  }

  const plan::Program &program;
  const plan::Entry &entry;
  std::vector<Value> values;
  std::map<Place, uint32_t> known; ///< Which value a place holds.
  std::set<Place> unknown;
};

std::optional<StepCurve> StepCurve::of(const plan::Program &program,
                                       const plan::Entry &entry,
                                       std::string_view output) {
  return StepCurveBuilder(program, entry).build(output);
}

double StepCurve::at(uint64_t step) const {
  std::vector<double> results;
  for (const Value &value : values_)
    results.push_back(!value.scalar ? static_cast<double>(step)
                      : value.scalar->op() == plan::ScalarOpcode::set
                          ? value.scalar->immediate()
                          : rt::compute(value.scalar->op(), results[value.a],
                                        results[value.b]));
  return results.back();
}

} // namespace ds::rt
