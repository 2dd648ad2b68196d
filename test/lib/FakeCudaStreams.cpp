//===- FakeCudaStreams.cpp - The fake driver's streams and graphs -------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What is put on a stream runs when somebody asks whether it is done, and then
// not at the first time: so a copy from memory that was changed meanwhile shows
// in what a test reads.
//===--------------------------------------------------------------------===//
#include "FakeCudaOrder.h"

#include <deque>
#include <memory>
#include <set>
#include <utility>

namespace fake {
namespace {

/// What is captured from when a stream begins to until it ends.
struct Capture {
  void *origin;
  std::vector<Operation> operations;
  bool open = true;
  bool spoiled = false; ///< By a call that cannot be captured.
};

struct FakeStream {
  int index = 0;
  Clock clock{};
  std::deque<Operation> pending;
  std::shared_ptr<Capture> capture; ///< Null unless it is captured.
  long long asked = 0; ///< How often, since something was put on it.
};

constexpr long long kGraphBytes = 1 << 20;

struct FakeGraph {
  std::vector<Operation> operations;
  bool uploaded = false;
};

std::set<void *> streams, graphs, executables;
std::vector<FakeStream *> all; ///< Streams, in the order they were made.
Result lost = kSuccess;
bool hangs = false;
Order order;
long long milliseconds = 0; ///< Of the fake's clock.

FakeStream &streamOf(const char *function, Stream stream) {
  if (!streams.count(stream))
    violation("%s: no such stream", function);
  return *reinterpret_cast<FakeStream *>(stream);
}

FakeGraph &graphOf(const char *function, const std::set<void *> &all,
                   void *graph) {
  if (!all.count(graph))
    violation("%s: no such graph", function);
  return *static_cast<FakeGraph *>(graph);
}

} // namespace

Result lostContext() { return lost; }

void loseContext(Result error) { lost = error; }

bool isPending() {
  for (void *stream : streams)
    if (!static_cast<FakeStream *>(stream)->pending.empty())
      return true;
  return false;
}

bool isCapturing(Stream stream) {
  return streamOf("a call", stream).capture != nullptr;
}

bool spoilCapture(Stream stream) {
  FakeStream &at = streamOf("a call", stream);
  if (at.capture)
    at.capture->spoiled = true;
  return at.capture != nullptr;
}

/// Puts what is no work on a stream, or into the graph.
static void put(FakeStream &at, Operation operation) {
  if (at.capture)
    at.capture->operations.push_back(std::move(operation));
  else
    at.pending.push_back(std::move(operation));
  at.asked = 0;
}

void submit(const char *function, Stream stream,
            const std::vector<Range> &ranges, Operation operation,
            long long duration) {
  FakeStream &at = streamOf(function, stream);
  order.add(function, at.index, at.clock, ranges);
  // What the hardware may find whenever something runs.
  put(at,
      [run = std::move(operation), duration,
       begun = false]() mutable -> Result {
        const bool first = !std::exchange(begun, true);
        if (hangs || (first && strikes("hang"))) {
          hangs = true;
          return kNotReady;
        }
        if (first && strikes("ecc"))
          return kEccUncorrectable;
        milliseconds += first ? duration : 0;
        return run();
      });
}

/// Runs what can run on all streams, the last stream first: what an operation
/// does not wait for is late.
static void runAll() {
  for (bool again = true; again && lost == kSuccess;) {
    again = false;
    for (auto it = all.rbegin(); it != all.rend(); ++it)
      while (!(*it)->pending.empty()) {
        const Result result = (*it)->pending.front()();
        if (result == kNotReady)
          break;
        (*it)->pending.pop_front();
        again = true;
        if (result != kSuccess)
          lost = result;
        if (lost != kSuccess)
          return;
      }
  }
}

} // namespace fake

using namespace fake;

FAKE_EXPORT Result cuStreamCreate(Stream *stream, unsigned flags) {
  enter("cuStreamCreate");
  if (flags != kStreamNonBlocking)
    violation("cuStreamCreate: a stream that waits for the default one");
  static int number = 0;
  auto *made = new FakeStream;
  made->index = number++;
  streams.insert(made);
  all.push_back(made);
  account("stream", 1);
  *stream = reinterpret_cast<Stream>(made);
  return kSuccess;
}

FAKE_EXPORT Result cuStreamDestroy_v2(Stream stream) {
  enter("cuStreamDestroy");
  FakeStream &at = streamOf("cuStreamDestroy", stream);
  if (at.capture || !at.pending.empty())
    violation("cuStreamDestroy of a stream that still has work");
  streams.erase(&at);
  std::erase(all, &at);
  delete &at;
  account("stream", -1);
  return lost;
}

FAKE_EXPORT Result cuStreamQuery(Stream stream) {
  enter("cuStreamQuery");
  FakeStream &at = streamOf("cuStreamQuery", stream);
  if (at.capture)
    violation("cuStreamQuery of a stream that is captured");
  if (lost != kSuccess)
    return lost;
  if (!at.pending.empty() && at.asked++ < option("late", 1))
    return kNotReady;
  runAll();
  if (lost != kSuccess) {
    for (FakeStream *stream : all)
      stream->pending.clear();
    return lost;
  }
  if (!at.pending.empty())
    return kNotReady;
  order.seen(at.clock);
  return kSuccess;
}

FAKE_EXPORT Result cuStreamBeginCapture_v2(Stream stream, int mode) {
  enter("cuStreamBeginCapture");
  FakeStream &at = streamOf("cuStreamBeginCapture", stream);
  if (at.capture)
    violation("cuStreamBeginCapture of a stream that is captured already");
  if (mode < 0 || mode > kCaptureRelaxed)
    violation("cuStreamBeginCapture: mode %d", mode);
  at.capture = std::make_shared<Capture>(Capture{&at, {}});
  return kSuccess;
}

FAKE_EXPORT Result cuStreamEndCapture(Stream stream, Graph *graph) {
  enter("cuStreamEndCapture");
  FakeStream &at = streamOf("cuStreamEndCapture", stream);
  if (!at.capture || at.capture->origin != &at)
    violation("cuStreamEndCapture of a stream that is not captured");
  const std::shared_ptr<Capture> capture = at.capture;
  capture->open = false;
  bool joined = true;
  for (FakeStream *other : all)
    if (other->capture == capture) {
      // The host's own work behind it is ordered by the graph's.
      joined &=
          at.clock.numbers[other->index] == other->clock.numbers[other->index];
      other->capture = nullptr;
    }
  for (FakeStream *other : all)
    order.seen(other->clock); // nothing of it has run
  if (!joined)
    return 904;
  if (option("capture", 0) || capture->spoiled)
    return 901;
  auto *made = new FakeGraph{std::move(capture->operations), false};
  graphs.insert(made);
  account("graph", 1);
  *graph = reinterpret_cast<Graph>(made);
  return kSuccess;
}

FAKE_EXPORT Result cuGraphInstantiateWithFlags(GraphExec *exec, Graph graph,
                                               unsigned long long flags) {
  enter("cuGraphInstantiateWithFlags");
  if (flags != 0)
    violation("cuGraphInstantiateWithFlags: flags %llu", flags);
  auto *made =
      new FakeGraph(graphOf("cuGraphInstantiateWithFlags", graphs, graph));
  executables.insert(made);
  account("executable graph", 1);
  *exec = reinterpret_cast<GraphExec>(made);
  return kSuccess;
}

/// Where it runs first, it would take its memory then.
FAKE_EXPORT Result cuGraphUpload(GraphExec exec, Stream stream) {
  enter("cuGraphUpload");
  if (lost != kSuccess)
    return lost;
  FakeGraph &graph = graphOf("cuGraphUpload", executables, exec);
  (void)streamOf("cuGraphUpload", stream);
  if (!std::exchange(graph.uploaded, true))
    takeLibraryBytes(kGraphBytes);
  return kSuccess;
}

FAKE_EXPORT Result cuGraphLaunch(GraphExec exec, Stream stream) {
  enter("cuGraphLaunch");
  if (lost != kSuccess)
    return lost;
  if (isCapturing(stream))
    violation("cuGraphLaunch on a stream that is captured");
  FakeGraph &graph = graphOf("cuGraphLaunch", executables, exec);
  FakeStream &at = streamOf("cuGraphLaunch", stream);
  if (!std::exchange(graph.uploaded, true))
    takeLibraryBytes(kGraphBytes);
  for (const Operation &operation : graph.operations)
    at.pending.push_back(operation);
  at.asked = 0;
  count("graph launches");
  return kSuccess;
}

FAKE_EXPORT Result cuGraphExecDestroy(GraphExec exec) {
  enter("cuGraphExecDestroy");
  if (isPending())
    violation("cuGraphExecDestroy while the stream still has work");
  FakeGraph *graph = &graphOf("cuGraphExecDestroy", executables, exec);
  if (graph->uploaded)
    takeLibraryBytes(-kGraphBytes);
  executables.erase(graph);
  delete graph;
  account("executable graph", -1);
  return lost;
}

FAKE_EXPORT Result cuGraphDestroy(Graph graph) {
  enter("cuGraphDestroy");
  FakeGraph *at = &graphOf("cuGraphDestroy", graphs, graph);
  graphs.erase(at);
  delete at;
  account("graph", -1);
  return lost;
}

//===----------------------------------------------------------------------===//
// Events: each operation that runs takes a millisecond of the fake's clock
//===----------------------------------------------------------------------===//

namespace {
struct FakeEvent {
  bool timed = true;
  uint64_t records = 0, came = 0; ///< Records so far, and the last that ran.
  Clock clock;                    ///< Of its stream when it was recorded.
  std::shared_ptr<Capture> capture;
  double at = 0;
};
std::set<void *> events;

FakeEvent &eventOf(const char *function, Event event) {
  enter(function);
  if (!events.count(event))
    violation("%s: no such event", function);
  return *reinterpret_cast<FakeEvent *>(event);
}
} // namespace

FAKE_EXPORT Result cuEventCreate(Event *event, unsigned flags) {
  enter("cuEventCreate");
  if (flags != 0 && flags != kEventNoTiming)
    violation("cuEventCreate: flags %u", flags);
  auto *made = new FakeEvent;
  made->timed = flags == 0;
  events.insert(made);
  account("event", 1);
  *event = reinterpret_cast<Event>(made);
  return kSuccess;
}

FAKE_EXPORT Result cuEventDestroy_v2(Event event) {
  FakeEvent *at = &eventOf("cuEventDestroy", event);
  if (isPending())
    violation("cuEventDestroy while the stream still has work");
  events.erase(at);
  delete at;
  account("event", -1);
  return lost;
}

FAKE_EXPORT Result cuEventRecord(Event event, Stream stream) {
  FakeEvent &at = eventOf("cuEventRecord", event);
  if (lost != kSuccess)
    return lost;
  FakeStream &on = streamOf("cuEventRecord", stream);
  at.clock = on.clock;
  at.capture = on.capture;
  put(on, [&at, number = ++at.records] {
    at.came = number;
    at.at = double(milliseconds);
    return kSuccess;
  });
  return kSuccess;
}

FAKE_EXPORT Result cuStreamWaitEvent(Stream stream, Event event,
                                     unsigned flags) {
  FakeEvent &at = eventOf("cuStreamWaitEvent", event);
  if (lost != kSuccess)
    return lost;
  FakeStream &on = streamOf("cuStreamWaitEvent", stream);
  if (flags != 0)
    violation("cuStreamWaitEvent: flags %u", flags);
  if (at.records == 0)
    violation("cuStreamWaitEvent: stream %d waits for an event that was not "
              "recorded",
              on.index);
  if (at.capture && at.capture->open && !on.capture)
    on.capture = at.capture; // drawn into it
  if (at.capture != on.capture)
    violation("cuStreamWaitEvent: stream %d and the event are not captured "
              "together",
              on.index);
  if (strikes("deaf"))
    return kSuccess;
  on.clock.raise(at.clock);
  put(on, [&at, number = at.records] {
    return at.came >= number ? kSuccess : kNotReady;
  });
  count("waits");
  return kSuccess;
}

FAKE_EXPORT Result cuEventElapsedTime(float *between, Event start, Event end) {
  const FakeEvent &from = eventOf("cuEventElapsedTime", start);
  const FakeEvent &to = eventOf("cuEventElapsedTime", end);
  if (!from.timed || !to.timed)
    violation("cuEventElapsedTime of an event without a time");
  if (from.records == 0 || from.came < from.records || to.came < to.records ||
      to.records == 0)
    violation("cuEventElapsedTime of an event that has not come");
  *between = float(to.at - from.at);
  return kSuccess;
}
