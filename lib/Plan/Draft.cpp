//===- Draft.cpp - A lowered module as a plan without code --------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Emits the entries, then derives what follows from the instructions alone:
// numbers, lifetimes, offsets, and the predicted time.
//===--------------------------------------------------------------------===//

#include "Emitter.h"
#include "Refs.h"
#include "Streams.h"
#include "ds-rt/PlanFile.h"
#include "ds/Cost/Products.h"
#include "ds/Planner/Placement.h"

#include "llvm/Support/Endian.h"
#include "llvm/Support/SHA256.h"

using namespace mlir;

namespace ds {
namespace {

//===--------------------------------------------------------------------===//
// State
//===--------------------------------------------------------------------===//

std::unique_ptr<plan::StateTensorT> stateTensor(MemberAttr member,
                                                plan::BufferClass kind) {
  auto tensor = std::make_unique<plan::StateTensorT>();
  tensor->name = member.getName().getValue().str();
  ArrayRef<int64_t> shape = member.getType().getShape();
  tensor->shape.assign(shape.begin(), shape.end());
  tensor->offset = static_cast<uint64_t>(member.getOffset());
  // One file has all that the model names.
  tensor->kind =
      kind == plan::BufferClass::frozen || kind == plan::BufferClass::buffer
          ? plan::BufferClass::parameter
          : kind;
  tensor->init = std::make_unique<plan::InitT>();
  if (auto normal = dyn_cast<NormalAttr>(member.getInit())) {
    tensor->init->kind = plan::InitKind::normal;
    tensor->init->std = normal.getStd().getValueAsDouble();
  } else if (isa<SeedInitAttr>(member.getInit())) {
    tensor->init->kind = plan::InitKind::seed;
  } else {
    tensor->init->value =
        cast<ConstantInitAttr>(member.getInit()).getValue().getValueAsDouble();
  }
  auto digest = llvm::SHA256::hash(llvm::arrayRefFromStringRef(tensor->name));
  tensor->key0 = llvm::support::endian::read32le(digest.data());
  tensor->key1 = llvm::support::endian::read32le(digest.data() + 4);
  return tensor;
}

void addStates(ModuleOp module, plan::ProgramT &program) {
  uint32_t index = 0; // units are the first buffers, in order
  for (auto unit : module.getOps<UnitOp>()) {
    auto state = std::make_unique<plan::StateBufferT>();
    state->buffer = index;
    state->shards = static_cast<uint32_t>(unit.getShards());
    state->elements = static_cast<uint64_t>(
        cast<RankedTensorType>(unit.getType()).getNumElements() *
        unit.getShards());
    for (auto member : unit.getMembers().getAsRange<MemberAttr>())
      state->tensors.push_back(
          stateTensor(member, program.buffers[index]->kind));
    program.states.push_back(std::move(state));
    ++index;
  }
}

//===--------------------------------------------------------------------===//
// Lifetimes and offsets
//===--------------------------------------------------------------------===//

struct Range {
  uint32_t first = UINT32_MAX, last = 0;
  bool used() const { return first != UINT32_MAX; }
  void add(uint32_t number) {
    first = std::min(first, number);
    last = std::max(last, number);
  }
};

/// Numbers of the first instruction of each block, and of all at the end.
std::vector<uint32_t> numberBlocks(const plan::ProgramT &program) {
  std::vector<uint32_t> first{0};
  for (const auto &block : program.blocks)
    first.push_back(first.back() + static_cast<uint32_t>(block->instrs.size()));
  return first;
}

class Lifetimes {
public:
  explicit Lifetimes(plan::ProgramT &program)
      : program(program), first(numberBlocks(program)),
        ranges(program.buffers.size()) {}

  /// `overlap`: what another stream touches is alive until its next
  /// instruction.
  void assign(bool overlap) {
    uint32_t number = 0;
    for (auto &block : program.blocks)
      for (auto &instr : block->instrs) {
        forEachRef(*instr,
                   [&](plan::Ref &ref) { touch(ref.buffer(), number); });
        ++number;
      }
    if (overlap)
      extendOverStreams();
    extendEntries();
    extendOverLoops();
    uint32_t last = number ? number - 1 : 0;
    for (auto [i, buffer] : llvm::enumerate(program.buffers)) {
      bool whole = buffer->persistent || !ranges[i].used();
      buffer->first = whole ? 0 : ranges[i].first;
      buffer->last = whole ? last : ranges[i].last;
    }
    // A window lives as long as what it is a window of.
    for (auto &buffer : program.buffers)
      if (buffer->alias_of >= 0) {
        buffer->first = program.buffers[buffer->alias_of]->first;
        buffer->last = program.buffers[buffer->alias_of]->last;
      }
  }

private:
  void touch(uint32_t index, uint32_t number) {
    ranges[index].add(number);
    if (int base = program.buffers[index]->alias_of; base >= 0)
      ranges[base].add(number);
  }

  void extendOverStreams() {
    uint32_t number = 0;
    for (auto &block : program.blocks) {
      std::map<plan::Stream, plan::InstrT *> last;
      for (auto &instr : block->instrs) {
        if (instr->op.AsLoop() || instr->op.AsCall())
          last.clear(); // all streams meet
        else if (instr->stream != plan::Stream::compute) {
          if (plan::InstrT *before =
                  std::exchange(last[instr->stream], instr.get()))
            forEachRef(*before, [&](plan::Ref &ref) {
              touch(ref.buffer(), number - 1);
            });
        }
        ++number;
      }
    }
  }

  /// What enters a loop from outside is needed in every round, and what is
  /// alive around a call or loop is alive in its body.
  void extendOverLoops() {
    uint32_t number = 0;
    for (auto &block : program.blocks)
      for (auto &instr : block->instrs) {
        auto *loop = instr->op.AsLoop();
        auto *call = instr->op.AsCall();
        if (loop) // also when no round asks for its number
          ranges[loop->index->buffer()].add(lastOf(loop->body));
        if (loop || call)
          extendOver(number, loop ? loop->body : call->body, loop != nullptr);
        ++number;
      }
  }

  void extendOver(uint32_t site, uint32_t body, bool repeats) {
    uint32_t begin = first[body], end = lastOf(body);
    for (Range &range : ranges) {
      bool around = range.first < site && range.last >= site;
      bool enters = repeats && range.first < begin && range.last >= begin;
      // Entries that rounds write one by one, for what comes later.
      if (repeats && range.first >= begin && range.first <= end &&
          range.last > end)
        range.first = begin;
      if (range.used() && (around || enters))
        range.last = std::max(range.last, end);
    }
  }

  /// The last number of a block and of those it calls.
  uint32_t lastOf(uint32_t index) {
    uint32_t last = first[index + 1] - 1;
    for (auto &instr : program.blocks[index]->instrs) {
      if (auto *loop = instr->op.AsLoop())
        last = std::max(last, lastOf(loop->body));
      if (auto *call = instr->op.AsCall())
        last = std::max(last, lastOf(call->body));
    }
    return last;
  }

  /// Inputs are there before an entry starts, outputs when it has ended.
  void extendEntries() {
    for (auto &entry : program.entries) {
      for (auto &input : entry->inputs)
        touch(input->buffer, first[entry->block]);
      for (auto &output : entry->outputs) {
        touch(output->buffer, first[entry->block + 1] - 1);
        touch(output->buffer, lastOf(entry->block));
      }
    }
  }

  plan::ProgramT &program;
  std::vector<uint32_t> first;
  std::vector<Range> ranges;
};

/// Gives every buffer its offset and the program its arena.
LogicalResult placeBuffers(ModuleOp module, plan::ProgramT &program, bool gpu) {
  std::vector<PlacedBuffer> problem;
  std::vector<plan::BufferT *> placed;
  for (auto &buffer : program.buffers)
    if (buffer->alias_of < 0) {
      problem.push_back({buffer->first, int64_t{buffer->last} + 1,
                         static_cast<int64_t>(buffer->bytes)});
      placed.push_back(buffer.get());
    }
  const int64_t alignment = gpu ? plan::kGpuAlignment : plan::kAlignment;
  Placement placement = place(problem, alignment);
  if (std::string why = validate(problem, placement, alignment); !why.empty())
    return module.emitError("placed buffers wrongly: ") << why;
  for (auto [buffer, offset] : llvm::zip_equal(placed, placement.offsets))
    buffer->offset = static_cast<uint64_t>(offset);
  for (auto &buffer : program.buffers)
    if (buffer->alias_of >= 0)
      buffer->offset = program.buffers[buffer->alias_of]->offset;
  auto arena = std::make_unique<plan::ArenaT>();
  arena->space = plan::Space::device;
  arena->bytes =
      llvm::alignTo(static_cast<uint64_t>(placement.height), plan::kPage);
  arena->lower_bound_bytes = static_cast<uint64_t>(placement.lowerBound);
  program.arenas.push_back(std::move(arena));
  return success();
}

double flopsOf(const plan::PlanT &plan, uint32_t index) {
  const plan::ProgramT &program = *plan.programs.front();
  double flops = 0;
  for (const auto &instr : program.blocks[index]->instrs) {
    if (const auto *launch = instr->op.AsLaunch())
      flops += plan.kernels[launch->kernel]->product_flops;
    if (const auto *gemm = instr->op.AsGemm()) {
      double count = 2.0 * static_cast<double>(gemm->m) *
                     static_cast<double>(gemm->n) *
                     static_cast<double>(gemm->k);
      for (const plan::BatchDim &dim : gemm->batch)
        count *= static_cast<double>(dim.size());
      flops += count;
    }
    if (const auto *convolution = instr->op.AsConvolution())
      flops += ds::flopsOf(*convolution);
    if (const auto *loop = instr->op.AsLoop())
      flops += static_cast<double>(loop->count) * flopsOf(plan, loop->body);
    if (const auto *call = instr->op.AsCall())
      flops += flopsOf(plan, call->body);
  }
  return flops;
}

} // namespace

FailureOr<PlanDraft> draftPlan(ModuleOp module, const Rates &rates,
                               bool overlap) {
  auto worldAttr = module->getAttrOfType<IntegerAttr>("ds.world");
  int64_t world = worldAttr ? worldAttr.getInt() : 1;
  PlanDraft draft;
  plan::PlanT &plan = draft.plan;
  plan.world = static_cast<uint32_t>(world);
  plan.target = std::make_unique<plan::TargetT>();
  plan.target->arch = rates.gpu ? "nvidia" : "x86-64";
  plan.target->reserve_bytes = rates.reserveBytes;
  plan.facts = std::make_unique<plan::FactsT>();
  plan.rank_programs.assign(world, 0);
  plan.groups.push_back(std::make_unique<plan::GroupT>());
  for (int64_t rank = 0; rank < world; ++rank)
    plan.groups[0]->ranks.push_back(static_cast<uint32_t>(rank));
  plan.programs.push_back(std::make_unique<plan::ProgramT>());
  plan::ProgramT &program = *plan.programs[0];
  program.name = "step";
  Emitter emitter(module, draft, world, rates.threads);
  for (auto function : module.getOps<func::FuncOp>())
    if (!function.isPrivate() && failed(emitter.emitEntry(function)))
      return failure();
  if (program.entries.empty())
    return module.emitError("expects functions to make entries of");
  if (rates.gpu)
    shareWorkspace(program, rates.tf32);
  else
    chooseLibraries(program, rates.products, rates.threads);
  addStates(module, program);
  if (rates.gpu)
    assignStreams(plan, program);
  Lifetimes(program).assign(overlap);
  if (failed(placeBuffers(module, program, rates.gpu)))
    return failure();
  deriveWaits(plan, program);
  uint32_t train = program.entries.front()->block;
  const CostInputs costs{rates, world, plan.kernels, draft.passes};
  for (auto &entry : llvm::reverse(program.entries)) // the first is `train`
    draft.predictedSeconds = predict(program, *entry, costs);
  draft.deviceBytes = static_cast<int64_t>(program.arenas.front()->bytes);
  plan.facts->predicted_step_ms = draft.predictedSeconds * 1e3;
  plan.facts->flops_per_step = flopsOf(plan, train);
  return draft;
}

std::string describePeak(const PlanDraft &draft) {
  const plan::ProgramT &program = draft.program();
  std::map<uint32_t, int64_t> changes;
  for (const auto &buffer : program.buffers)
    if (buffer->alias_of < 0) {
      changes[buffer->first] += static_cast<int64_t>(buffer->bytes);
      changes[buffer->last + 1] -= static_cast<int64_t>(buffer->bytes);
    }
  int64_t live = 0, most = -1;
  uint32_t peak = 0;
  for (auto [number, change] : changes)
    if ((live += change) > most) {
      most = live;
      peak = number;
    }
  std::vector<const plan::BufferT *> alive;
  for (const auto &buffer : program.buffers)
    if (buffer->alias_of < 0 && buffer->first <= peak && peak <= buffer->last)
      alive.push_back(buffer.get());
  llvm::stable_sort(alive,
                    [](auto *a, auto *b) { return a->bytes > b->bytes; });
  std::string name = "?";
  uint32_t number = 0;
  for (const auto &block : program.blocks)
    for (const auto &instr : block->instrs)
      if (number++ == peak)
        name = instr->name;
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "the peak is at instruction " << peak << " (" << name << ") with "
     << most << " bytes alive; the largest are:";
  for (const plan::BufferT *buffer : ArrayRef(alive).take_front(10))
    os << "\n  " << buffer->bytes << "  " << buffer->name << " ("
       << plan::EnumNameBufferClass(buffer->kind) << ")";
  return text;
}

} // namespace ds
