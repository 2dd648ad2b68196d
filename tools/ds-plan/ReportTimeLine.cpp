//===- ReportTimeLine.cpp - When each instruction runs --------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A lane for each stream as predicted, and below it as measured, on one scale.
// What is too narrow to see is drawn together with its neighbours, so the page
// stays small whatever the number of instructions.
//===----------------------------------------------------------------------===//
#include "Report.h"

#include <algorithm>
#include <array>

namespace ds::rt {
namespace {

constexpr double kWidth = 3000, kNarrow = 0.4; // pixels
constexpr int kLane = 34, kLeft = 130;
constexpr size_t kMostInstrs = 100000; ///< Of one lane.

using Line = std::vector<TimedInstr>;

/// The colour of an instruction: the Work's, or that of control.
int colourOf(const plan::Instr &instr) {
  constexpr int colours[kWorks + 1] = {0, 4, 3, 5, 2};
  return colours[size_t(workOf(instr.op_type()).value_or(Work(kWorks)))];
}

/// Each instruction begins once its stream is free and what it waits for has
/// ended; all streams meet around loops and calls.  Bodies as often as they
/// run.
class Prediction {
public:
  explicit Prediction(const ReportSubject &subject) : subject_(subject) {
    uint32_t first = 0;
    for (const plan::Block *block : *subject.program.blocks()) {
      firsts_.push_back(first);
      first += block->instrs()->size();
    }
    run(subject.entry.block());
  }
  const Line &line() const { return line_; }

private:
  void run(uint32_t block) {
    meet();
    const auto &instrs = *subject_.program.blocks()->Get(block)->instrs();
    std::vector<double> ends(instrs.size());
    for (uint32_t i = 0; i < instrs.size() && line_.size() < kMostInstrs; ++i) {
      const plan::Instr &instr = *instrs[i];
      const auto *loop = instr.op_as_Loop();
      const auto *call = instr.op_as_Call();
      if (loop || call)
        meet();
      double &free = free_[size_t(instr.stream())];
      double began = free;
      if (const auto *waits = instr.waits())
        for (uint32_t wait : *waits)
          began = std::max(began, ends[wait - firsts_[block]]);
      const size_t own = line_.size();
      free = ends[i] = began + double(instr.predicted_us());
      line_.push_back({firsts_[block] + i, began, free});
      const uint64_t rounds = loop ? loop->count() : call ? 1 : 0;
      for (uint64_t r = 0; r < rounds && line_.size() < kMostInstrs; ++r) {
        const size_t before = line_.size();
        run(loop ? loop->body() : call->body());
        if (line_.size() == before)
          break; // an empty body, however often
      }
      line_[own].end = free_[size_t(instr.stream())];
    }
    meet();
  }

  void meet() { free_.fill(*std::ranges::max_element(free_)); }

  const ReportSubject &subject_;
  std::vector<uint32_t> firsts_; ///< Number of each block's first instruction.
  /// Microseconds at which a stream is free.
  std::array<double, size_t(plan::Stream::MAX) + 1> free_{};
  Line line_;
};

/// What is drawn as one rectangle.
struct Piece {
  double begin, end; ///< Microseconds.
  uint32_t number;   ///< Of the first instruction.
  size_t count;
};

/// Bodies cover the loops around them, so these are left out.
std::vector<Piece> piecesOf(const ReportSubject &subject, const Line &line,
                            uint8_t stream, double narrow) {
  std::vector<Piece> pieces;
  for (const TimedInstr &instr : line) {
    const plan::Instr &what = *subject.instrs[instr.number];
    if (uint8_t(what.stream()) != stream || !workOf(what.op_type()))
      continue;
    Piece *last = pieces.empty() ? nullptr : &pieces.back();
    const bool small = instr.end - instr.begin < narrow;
    if (last && small && last->end - last->begin < narrow) {
      last->end = std::max(last->end, instr.end);
      ++last->count;
      continue;
    }
    pieces.push_back({instr.begin, instr.end, instr.number, 1});
  }
  return pieces;
}

std::string titleOf(const ReportSubject &subject, const Piece &piece) {
  const plan::Instr &instr = *subject.instrs[piece.number];
  std::string title = format("#%u ", piece.number);
  if (piece.count > 1)
    title += format("and %zu more", piece.count - 1);
  else
    title += (instr.name() ? instr.name()->str() + ": " : "") +
             workOf(subject.loaded.plan(), instr).what;
  return escaped(title + format(", %.4g us", piece.end - piece.begin));
}

void lane(Html &html, const ReportSubject &subject, const Line &line,
          uint8_t stream, double scale, int y) {
  for (const Piece &piece : piecesOf(subject, line, stream, kNarrow / scale))
    html.put("<rect class=k%d x=%.2f y=%d width=%.2f height=%d><title>%s"
             "</title></rect>\n",
             piece.count > 1 ? 2 : colourOf(*subject.instrs[piece.number]),
             kLeft + piece.begin * scale, y,
             std::max(0.2, (piece.end - piece.begin) * scale), kLane - 10,
             titleOf(subject, piece).c_str());
}

/// A step of 1, 2 or 5 times a power of ten that cuts `length` in about 20.
double tickOf(double length) {
  double tick = 1;
  while (tick * 20 < length)
    tick *= tick * 50 < length ? 10 : tick * 40 < length ? 5 : 2;
  return tick;
}

void axis(Html &html, double length, double scale, int y) {
  const double tick = tickOf(length);
  for (double at = 0; at <= length; at += tick)
    html.put("<path class=axis d=\"M%.2f 0V%d\"/><text class=soft x=%.2f "
             "y=%d>%.6g ms</text>\n",
             kLeft + at * scale, y, kLeft + at * scale + 2, y + 12, at * 1e-3);
}

double endOf(const Line &line) {
  double end = 0;
  for (const TimedInstr &instr : line)
    end = std::max(end, instr.end);
  return end;
}

} // namespace

void reportTimeLine(Html &html, const ReportSubject &subject) {
  const Prediction prediction(subject);
  const Line &planned = prediction.line();
  const Measured *measured = subject.measured;
  double length = endOf(planned);
  if (measured)
    length = std::max(length, endOf(measured->line));
  html.put("<h2>Time line</h2>\n");
  if (length <= 0) {
    html.put("<p>The plan predicts no time; --measured=F adds a run's.\n");
    return;
  }
  static constexpr const char *keys[kWorks + 1] = {
      "products", "kernels", "collectives", "copies", "several"};
  for (size_t i = 0; i <= kWorks; ++i)
    html.put("<span class=\"key k%d\"></span>%s\n",
             std::array{0, 4, 3, 5, 2}[i], keys[i]);
  uint8_t streams = 0;
  for (const plan::Instr *instr : subject.instrs)
    streams = std::max(streams, uint8_t(instr->stream()));
  const double scale = (kWidth - kLeft - 60) / length;
  const int lanes = (streams + 1) * (measured ? 2 : 1), height = lanes * kLane;
  html.put("<div class=wide><svg width=%.0f height=%d role=img>\n", kWidth,
           height + 20);
  axis(html, length, scale, height);
  int y = 4;
  auto both = [&](const char *name, const Line &line, uint8_t stream) {
    html.put("<text x=0 y=%d>%s, stream %u</text>\n", y + 16, name, stream);
    lane(html, subject, line, stream, scale, y);
    y += kLane;
  };
  for (uint32_t stream = 0; stream <= streams; ++stream) {
    both("predicted", planned, uint8_t(stream));
    if (measured)
      both("measured", measured->line, uint8_t(stream));
  }
  html.put("</svg></div>\n");
  if (planned.size() >= kMostInstrs)
    html.put("<p class=soft>The first %zu instructions are drawn.\n",
             kMostInstrs);
}

} // namespace ds::rt
