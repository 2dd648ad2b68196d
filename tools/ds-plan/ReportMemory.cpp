//===- ReportMemory.cpp - What lives when, by tensor class ----------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Areas over the instructions' numbers, in which lifetimes count.  Each class
// is drawn from the ground up to its top, the highest first, so that the next
// one covers what is not its own.
//===----------------------------------------------------------------------===//
#include "Report.h"
#include "plan/Text.h"

#include <algorithm>
#include <cmath>

namespace ds::rt {
namespace {

constexpr int kWidth = 1000, kHeight = 260, kTop = 20;

using Live = std::vector<LiveBytes>;
using ull = unsigned long long;

struct Chart {
  double count;    ///< Instructions.
  double capacity; ///< Bytes at the top.
  double x(uint32_t number) const { return kWidth * double(number) / count; }
  double y(uint64_t bytes) const {
    return kTop + kHeight * (1 - double(bytes) / capacity);
  }
};

/// The outline of all classes up to `kind`.
void area(Html &html, const Live &live, const Chart &chart, size_t kind) {
  std::string path;
  double last = -1;
  for (const LiveBytes &from : live) {
    uint64_t sum = 0;
    for (size_t below = 0; below <= kind; ++below)
      sum += from.bytes[below];
    const double y = std::round(chart.y(sum) * 10) / 10;
    if (y == last)
      continue;
    path += format("H%.6gV%.6g", std::round(chart.x(from.number) * 10) / 10, y);
    last = y;
  }
  html.put("<path class=k%zu d=\"M0 %d%sH%dV%dZ\"><title>%s</title></path>\n",
           kind, kTop + kHeight, path.c_str(), kWidth, kTop + kHeight,
           plan::EnumNameBufferClass(plan::BufferClass(kind)));
}

void draw(Html &html, const Live &live, const LiveBytes &peak,
          const Chart &chart) {
  html.put("<svg viewBox=\"0 0 %d %d\" role=img>\n", kWidth,
           kHeight + kTop + 20);
  for (size_t kind = peak.bytes.size(); kind-- > 0;)
    if (std::ranges::any_of(live, [&](auto &at) { return at.bytes[kind] > 0; }))
      area(html, live, chart, kind);
  const double x = chart.x(peak.number);
  const bool left = x > kWidth / 2.0;
  html.put("<path class=mark d=\"M%.6g %dV%d\"/>"
           "<text x=%.6g y=14 text-anchor=%s>peak at #%u: %s</text>\n",
           x, kTop - 2, kTop + kHeight, left ? x - 4 : x + 4,
           left ? "end" : "start", peak.number, bytesText(peak.total).c_str());
  html.put("<text class=soft x=0 y=%d>#0</text>"
           "<text class=soft x=%d y=%d text-anchor=end>#%.0f</text></svg>\n",
           kTop + kHeight + 14, kWidth, kTop + kHeight + 14, chart.count - 1);
}

/// What `ds-plan stats` prints, too.
void classes(Html &html, const plan::Arena &arena, const LiveBytes &peak,
             uint32_t index) {
  html.put("<table id=peak%u><tr><th>class<th class=n>bytes at the peak"
           "<th class=n>share of the arena\n",
           index);
  auto row = [&](const std::string &key, const char *name, uint64_t bytes) {
    html.put("<tr><td>%s%s<td class=n>%llu<td class=n>%.1f %%\n", key.c_str(),
             name, ull(bytes), 100 * double(bytes) / double(arena.bytes()));
  };
  for (size_t kind = 0; kind < peak.bytes.size(); ++kind)
    if (peak.bytes[kind] > 0)
      row(format("<span class=\"key k%zu\"></span>", kind),
          plan::EnumNameBufferClass(plan::BufferClass(kind)), peak.bytes[kind]);
  if (arena.bytes() > peak.total)
    row("", "unused", arena.bytes() - peak.total);
  row("", "arena", arena.bytes());
  html.put("</table>\n");
}

void largest(Html &html, const plan::Program &program, const LiveBytes &peak,
             uint32_t arena) {
  constexpr size_t kMost = 10;
  std::vector<const plan::Buffer *> live;
  for (const plan::Buffer *buffer : *program.buffers())
    if (buffer->arena() == arena && buffer->alias_of() < 0 &&
        buffer->first() <= peak.number && peak.number <= buffer->last())
      live.push_back(buffer);
  std::ranges::sort(live, {}, [](const plan::Buffer *buffer) {
    return std::pair(~buffer->bytes(), buffer->offset());
  });
  html.put("<h3>The largest of %zu buffers that live at #%u</h3>\n<table "
           "id=largest%u><tr><th>buffer<th>class<th class=n>bytes<th "
           "class=n>offset<th class=n>lives from<th class=n>to\n",
           live.size(), peak.number, arena);
  for (size_t i = 0; i < std::min(live.size(), kMost); ++i)
    html.put("<tr><td>%s<td>%s<td class=n>%llu<td class=n>%llu<td "
             "class=n>#%u<td class=n>#%u\n",
             escaped(live[i]->name()->str()).c_str(),
             plan::EnumNameBufferClass(live[i]->kind()), ull(live[i]->bytes()),
             ull(live[i]->offset()), live[i]->first(), live[i]->last());
  html.put("</table>\n");
}

} // namespace

void reportMemory(Html &html, const ReportSubject &subject) {
  const plan::Program &program = subject.program;
  for (uint32_t i = 0; i < program.arenas()->size(); ++i) {
    const plan::Arena &arena = *program.arenas()->Get(i);
    const Live live = liveBytes(program, i);
    const LiveBytes peak = peakBytes(program, i);
    html.put("<h2>Memory: arena %u, %s, %s</h2>\n", i,
             plan::EnumNameSpace(arena.space()),
             bytesText(arena.bytes()).c_str());
    draw(html, live, peak,
         {double(subject.instrs.size()), double(arena.bytes())});
    classes(html, arena, peak, i);
    largest(html, program, peak, i);
  }
}

} // namespace ds::rt
