//===- TraceFile.cpp - ds-run --trace -----------------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Times in the file are microseconds since the first event of any rank, whole
// nanoseconds, so that what is inside something stays inside.  An event that
// had not ended when its rank did lasts until the last one of all.
//===--------------------------------------------------------------------===//
#include "TraceFile.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>

namespace ds::rt {
namespace {

using Json = nlohmann::ordered_json;

/// What is said of an instruction each time it runs.
struct InstrText {
  std::string name;
  const char *category;
  uint8_t stream;
  Json args;
  InstrWork work;
};

const char *categoryOf(plan::Op op) {
  switch (op) {
  case plan::Op::Launch:
  case plan::Op::Sort:
    return "kernel";
  case plan::Op::Gemm:
    return "gemm";
  case plan::Op::Convolution:
    return "convolution";
  case plan::Op::Collective:
  case plan::Op::Send:
  case plan::Op::Recv:
    return "collective";
  case plan::Op::Copy:
  case plan::Op::Fill:
    return "copy";
  case plan::Op::Scalar:
    return "scalar";
  default:
    return "control"; // Loop and Call, around their bodies
  }
}

const char *nameOf(Phase phase) {
  switch (phase) {
  case Phase::Load:
    return "load";
  case Phase::Initialize:
    return "initial values";
  case Phase::Restore:
    return "read checkpoint";
  case Phase::Save:
    return "save";
  default:
    return "end";
  }
}

std::vector<InstrText> textsOf(const plan::Plan &plan,
                               const plan::Program &program) {
  std::vector<InstrText> texts;
  for (const plan::Block *block : *program.blocks())
    for (const plan::Instr *instr : *block->instrs()) {
      InstrText text{"", categoryOf(instr->op_type()), uint8_t(instr->stream()),
                     Json::object(), workOf(plan, *instr)};
      text.name = instr->name() && instr->name()->size() > 0
                      ? instr->name()->str()
                      : text.work.what;
      text.args = {{"instruction", texts.size()}, {"what", text.work.what}};
      if (!text.work.shape.empty())
        text.args["shape"] = text.work.shape;
      if (text.work.bytes > 0)
        text.args["bytes"] = text.work.bytes;
      text.args["predicted_us"] = instr->predicted_us();
      texts.push_back(std::move(text));
    }
  return texts;
}

/// The first and the last second that any rank left.
struct Span {
  double first = 1e300, last = 0;
  void add(double begin, double end) {
    first = std::min(first, begin);
    last = std::max({last, begin, end});
  }
};

std::vector<uint64_t> keptSteps(const TraceBuffer &trace, int rank) {
  return trace.keptSteps().numbers(trace.rank(rank).stepCount);
}

/// The rank that came to the most steps.
int furthest(const TraceBuffer &trace, int world) {
  int best = 0;
  for (int rank = 1; rank < world; ++rank)
    if (trace.rank(rank).stepCount > trace.rank(best).stepCount)
      best = rank;
  return best;
}

Span spanOf(const TraceBuffer &trace, int world) {
  Span span;
  for (int rank = 0; rank < world; ++rank) {
    const RankTrace &own = trace.rank(rank);
    for (uint64_t i : RankTrace::kPhases.numbers(own.phaseCount)) {
      const PhaseEvent &phase = own.phases[RankTrace::kPhases.place(i)];
      span.add(phase.begin, phase.end);
    }
    for (uint64_t i : keptSteps(trace, rank)) {
      const uint64_t place = trace.keptSteps().place(i);
      span.add(own.steps[place].begin, own.steps[place].end);
      for (const InstrEvent &event :
           trace.events(rank, place).first(own.steps[place].events))
        span.add(event.begin, event.end);
    }
  }
  return span;
}

class Writer {
public:
  Writer(const Job &job, std::FILE *file)
      : job_(job), file_(file), span_(spanOf(job.trace, job.world())) {}

  void run();

private:
  // Perfetto has a meaning of its own for process and thread 0.
  static constexpr int kRank = 1, kStream = 1;

  void header();
  void put(const Json &event);
  void metadata(int rank, int thread, const char *what,
                const std::string &name);
  void event(int rank, int thread, const std::string &name,
             const char *category, double begin, double end, Json args);
  void rank(int rank);
  void step(int rank, const StepEvents &step, uint64_t place);
  void instruction(int rank, const InstrEvent &event);
  void counters(int rank, const InstrEvent &event);
  double micros(double seconds) const {
    return std::round((seconds - span_.first) * 1e9) / 1e3;
  }

  const Job &job_;
  std::FILE *file_;
  Span span_;
  bool first_ = true;
  std::vector<InstrText> texts_;             ///< Of the rank's program.
  std::vector<std::vector<LiveBytes>> live_; ///< By arena.
  std::vector<const LiveBytes *> shown_;     ///< By arena: the last counter.
};

void Writer::put(const Json &event) {
  const std::string text =
      event.dump(-1, ' ', false, Json::error_handler_t::replace);
  std::fprintf(file_, "%s\n%s", first_ ? "" : ",", text.c_str());
  first_ = false;
}

void Writer::metadata(int rank, int thread, const char *what,
                      const std::string &name) {
  put({{"ph", "M"},
       {"pid", kRank + rank},
       {"tid", thread},
       {"name", what},
       {"args", {{"name", name}}}});
}

void Writer::event(int rank, int thread, const std::string &name,
                   const char *category, double begin, double end, Json args) {
  if (end == 0) {
    end = span_.last;
    args["unfinished"] = true;
  }
  Json event = {{"ph", "X"},
                {"pid", kRank + rank},
                {"tid", thread},
                {"name", name},
                {"cat", category},
                {"ts", micros(begin)},
                {"dur", std::round((micros(end) - micros(begin)) * 1e3) / 1e3}};
  if (!args.empty())
    event["args"] = std::move(args);
  put(event);
}

void Writer::counters(int rank, const InstrEvent &event) {
  for (size_t arena = 0; arena < live_.size(); ++arena) {
    auto next = std::ranges::upper_bound(live_[arena], event.number, {},
                                         &LiveBytes::number);
    if (next == live_[arena].begin() || &*(next - 1) == shown_[arena])
      continue;
    shown_[arena] = &*(next - 1);
    Json bytes = Json::object();
    for (size_t kind = 0; kind < shown_[arena]->bytes.size(); ++kind)
      bytes[plan::EnumNameBufferClass(plan::BufferClass(kind))] =
          shown_[arena]->bytes[kind];
    put({{"ph", "C"},
         {"pid", kRank + rank},
         {"name", "live bytes of arena " + std::to_string(arena)},
         {"ts", micros(event.begin)},
         {"args", std::move(bytes)}});
  }
}

void Writer::instruction(int rank, const InstrEvent &event) {
  counters(rank, event);
  const InstrText &text = texts_[event.number];
  Json args = text.args;
  if (const double ns = (event.end - event.begin) * 1e9; ns > 0) {
    if (text.work.flops > 0)
      args["GFLOP/s"] = text.work.flops / ns;
    if (text.work.bytes > 0)
      args["GB/s"] = text.work.bytes / ns;
  }
  this->event(rank, kStream + text.stream, text.name, text.category,
              event.begin, event.end, std::move(args));
}

void Writer::step(int rank, const StepEvents &step, uint64_t place) {
  Json args = {{"step", step.step}};
  if (step.lost > 0)
    args["instructions_without_room"] = step.lost;
  event(rank, kStream, "step " + std::to_string(step.step), "step", step.begin,
        step.end, std::move(args));
  event(rank, kStream, "inputs", "input", step.begin, step.ran, {});
  for (const InstrEvent &event :
       job_.trace.events(rank, place).first(step.events))
    instruction(rank, event);
  if (step.outputs > 0)
    event(rank, kStream, "outputs", "output", step.outputs, step.end, {});
}

void Writer::rank(int rank) {
  const plan::Program &program = job_.program(rank);
  const RankTrace &own = job_.trace.rank(rank);
  texts_ = textsOf(job_.plan.plan(), program);
  live_.clear();
  for (uint32_t arena = 0; arena < program.arenas()->size(); ++arena)
    live_.push_back(liveBytes(program, arena));
  shown_.assign(live_.size(), nullptr);
  metadata(rank, kStream, "process_name", "rank " + std::to_string(rank));
  uint8_t streams = 0;
  for (const InstrText &text : texts_)
    streams = std::max(streams, text.stream);
  for (int stream = 0; stream <= streams; ++stream)
    metadata(rank, kStream + stream, "thread_name",
             "stream " + std::to_string(stream) + " (" +
                 plan::EnumNameStream(plan::Stream(stream)) + ")");
  for (uint64_t i : RankTrace::kPhases.numbers(own.phaseCount)) {
    const PhaseEvent &phase = own.phases[RankTrace::kPhases.place(i)];
    Json args = Json::object();
    if (phase.phase == Phase::Save)
      args["step"] = phase.step;
    event(rank, kStream, nameOf(phase.phase), "phase", phase.begin, phase.end,
          std::move(args));
  }
  for (uint64_t i : keptSteps(job_.trace, rank)) {
    const uint64_t place = job_.trace.keptSteps().place(i);
    step(rank, own.steps[place], place);
  }
}

void Writer::header() {
  const plan::Plan &plan = job_.plan.plan();
  const int most = furthest(job_.trace, job_.world());
  Json kept = Json::array();
  for (uint64_t i : keptSteps(job_.trace, most))
    kept.push_back(
        job_.trace.rank(most).steps[job_.trace.keptSteps().place(i)].step);
  Json gbps = Json::array();
  for (int rank = 0; rank < job_.world(); ++rank)
    gbps.push_back(job_.trace.rank(rank).bandwidth * 1e-9);
  const Json about = {
      {"written_by", "ds-run --trace"},
      {"plan", job_.plan.path()},
      {"plan_hash", format("%016llx", (unsigned long long)job_.plan.hash())},
      {"model", plan.facts()->model() ? plan.facts()->model()->str() : ""},
      {"entry", job_.options.entry},
      {"world", job_.world()},
      {"steps_run", job_.trace.rank(most).stepCount},
      {"steps_kept", std::move(kept)},
      {"gbps", std::move(gbps)}};
  std::fprintf(
      file_, "{\"displayTimeUnit\":\"ms\",\"otherData\":%s,\n",
      about.dump(-1, ' ', false, Json::error_handler_t::replace).c_str());
}

void Writer::run() {
  header();
  std::fprintf(file_, "\"traceEvents\":[");
  for (int rank = 0; rank < job_.world(); ++rank)
    this->rank(rank);
  std::fprintf(file_, "\n]}\n");
}

/// "all 8 steps", "8 of 100 steps: the first 2 and the last 6".
std::string keptText(const TraceBuffer &trace, int world) {
  const uint64_t count = trace.rank(furthest(trace, world)).stepCount;
  const Kept &kept = trace.keptSteps();
  if (count <= kept.size())
    return format("all %llu steps", (unsigned long long)count);
  std::string text =
      format("%llu of %llu steps: ", (unsigned long long)kept.size(),
             (unsigned long long)count);
  if (kept.first > 0)
    text += format("the first %llu and ", (unsigned long long)kept.first);
  return text + format("the last %llu", (unsigned long long)kept.last);
}

} // namespace

StatusOr<TraceFile> TraceFile::open(const std::string &path) {
  TraceFile trace;
  trace.file_.reset(std::fopen(path.c_str(), "we"));
  trace.path_ = path;
  if (!trace.file_)
    return inputError("cannot write --trace=%s: %s", path.c_str(),
                      std::strerror(errno));
  return trace;
}

Status TraceFile::write(const Job &job, std::FILE *out) {
  errno = 0;
  Writer(job, file_.get()).run();
  if (std::fflush(file_.get()) != 0 || std::ferror(file_.get()))
    return inputError("cannot write --trace=%s: %s", path_.c_str(),
                      std::strerror(errno ? errno : EIO));
  std::fprintf(out, "trace: %s, %s; ui.perfetto.dev opens it\n", path_.c_str(),
               keptText(job.trace, job.world()).c_str());
  return {};
}

} // namespace ds::rt
